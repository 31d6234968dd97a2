/* test-archive-reader.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <locale.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "archive/reprise-archive-reader.h"
#include "archive/reprise-zip-writer.h"
#include "base/reprise-error.h"
#include "reprise-test.h"

static RepriseArchiveReader *
open_sample (const char *name)
{
  g_autofree char *data = reprise_test_data ("nocobase");
  g_autofree char *path = g_build_filename (data, name, NULL);
  g_autoptr (GError) error = NULL;
  RepriseArchiveReader *reader = reprise_archive_reader_open (path, NULL, NULL, &error);

  g_assert_no_error (error);
  return reader;
}

static void
test_samples (void)
{
  static const char *const names[] = { "all-groups.nbdump", "custom-with-view-and-inherits.nbdump",
                                       "required-only.nbdump", "manager-plain.nbdata" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (RepriseArchiveReader) reader = open_sample (names[i]);
      g_autoptr (GError) error = NULL;

      g_assert_true (reprise_archive_reader_each (reader, NULL, NULL, NULL, NULL, &error));
      g_assert_no_error (error);
    }
}

static void
test_find (void)
{
  g_autoptr (RepriseArchiveReader) reader = open_sample ("all-groups.nbdump");
  const RepriseArchiveEntry *entry = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (reprise_archive_reader_get_n_entries (reader), ==, 323);
  g_assert_cmpint (reprise_archive_reader_get_total_bytes (reader), ==, 423010);
  g_assert_true (reprise_archive_reader_find (reader, "meta", &entry, NULL, &error));
  g_assert_cmpuint (entry->size_bytes, ==, 13544);
  bytes = reprise_archive_reader_read_all (reader, 65536, NULL, &error);
  g_assert_cmpuint (g_bytes_get_size (bytes), ==, 13544);
  g_assert_false (reprise_archive_reader_find (reader, "nothing", &entry, NULL, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND);
}

/* Archives of other programs, which the fuzzers start from. */
static RepriseArchiveReader *
open_foreign (const char *name)
{
  g_autofree char *path =
    g_test_build_filename (G_TEST_DIST, "fuzz", "corpus", "archive-reader", name, NULL);
  g_autoptr (GError) error = NULL;
  RepriseArchiveReader *reader = reprise_archive_reader_open (path, NULL, NULL, &error);

  g_assert_no_error (error);
  return reader;
}

static void
test_foreign (void)
{
  static const struct
  {
    const char *name;
    guint n_entries;
  } files[] = {
    { "plain.zip", 3 },  { "stored.zip", 1 },  { "streamed.zip", 2 },
    { "empty.zip", 0 },  { "pax.tar", 4 },     { "gnu.tar", 4 },
    { "gnu.tar.gz", 4 }, { "pax.tar.zst", 4 }, { "sparse.tar", 1 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autoptr (RepriseArchiveReader) reader = open_foreign (files[i].name);
      g_autoptr (RepriseProgress) progress = reprise_progress_new ();
      g_auto (RepriseProgressSnapshot) snapshot = { 0 };
      g_autoptr (GError) error = NULL;

      g_assert_true (reprise_archive_reader_each (reader, NULL, NULL, progress, NULL, &error));
      g_assert_no_error (error);
      reprise_progress_get_snapshot (progress, &snapshot);
      g_assert_cmpint (snapshot.items_done, ==, files[i].n_entries);
      if (g_str_has_suffix (files[i].name, ".zip"))
        g_assert_cmpint (reprise_archive_reader_get_n_entries (reader), ==, files[i].n_entries);
      else
        g_assert_cmpint (reprise_archive_reader_get_n_entries (reader), ==, -1);
    }
}

/* One after the other, some read in full, some in part, some not at all; then back. */
static void
test_next (void)
{
  static const char *const names[] = { "pax.tar", "gnu.tar.gz", "pax.tar.zst" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (RepriseArchiveReader) reader = open_foreign (names[i]);
      const RepriseArchiveEntry *entry = NULL;
      g_autoptr (GError) error = NULL;
      char buffer[800];

      g_assert_true (reprise_archive_reader_next (reader, &entry, NULL, &error));
      g_assert_cmpstr (entry->name, ==, "folder/a");
      g_assert_cmpuint (entry->size_bytes, ==, 700);
      g_assert_cmpint (reprise_archive_reader_read (reader, buffer, 100, NULL, &error), ==, 100);
      g_assert_true (reprise_archive_reader_next (reader, &entry, NULL, &error));
      g_assert_cmpuint (strlen (entry->name), ==, 120);
      g_assert_true (reprise_archive_reader_next (reader, &entry, NULL, &error));
      g_assert_cmpstr (entry->name, ==, "é");
      g_assert_cmpint (reprise_archive_reader_read (reader, buffer, 100, NULL, &error), ==, 0);
      g_assert_true (reprise_archive_reader_next (reader, &entry, NULL, &error));
      g_assert_cmpstr (entry->name, ==, "folder2");
      g_assert_true (entry->is_folder);
      g_assert_cmpuint (entry->index, ==, 3);
      g_assert_true (reprise_archive_reader_next (reader, &entry, NULL, &error));
      g_assert_null (entry);
      g_assert_true (reprise_archive_reader_rewind (reader, &error));
      g_assert_true (reprise_archive_reader_next (reader, &entry, NULL, &error));
      g_assert_cmpint (reprise_archive_reader_read (reader, buffer, sizeof buffer, NULL, &error),
                       ==, 700);
      g_assert_cmpint (reprise_archive_reader_read (reader, buffer, sizeof buffer, NULL, &error),
                       ==, 0);
      g_assert_no_error (error);
    }
}

static void
test_find_in_tar (void)
{
  g_autoptr (RepriseArchiveReader) reader = open_foreign ("gnu.tar.gz");
  const RepriseArchiveEntry *entry = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (reprise_archive_reader_find (reader, "folder2", &entry, NULL, &error));
  g_assert_true (reprise_archive_reader_find (reader, "folder/a", &entry, NULL, &error));
  g_assert_cmpuint (entry->index, ==, 0);
  g_assert_false (reprise_archive_reader_find (reader, "folder/b", &entry, NULL, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND);
}

/* TRAPS A3: in the C locale libarchive cannot say the name, and goes on. */
static void
test_name_unreadable (void)
{
  g_autofree char *before = g_strdup (setlocale (LC_ALL, NULL));
  g_autoptr (RepriseArchiveReader) reader = NULL;
  g_autoptr (GError) error = NULL;

  setlocale (LC_ALL, "C");
  reader = open_foreign ("pax.tar");
  g_assert_false (reprise_archive_reader_each (reader, NULL, NULL, NULL, NULL, &error));
  setlocale (LC_ALL, before);
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_DAMAGED);
  g_assert_nonnull (strstr (error->message, "Entry 3"));
}

typedef struct
{
  guint n_entries; /* (atomic) */
  guint n_bytes;   /* (atomic) */
  guint fail_at;   /* the index of an entry, or more */
  GCancellable *cancel_at_first;
} Seen;

static gboolean
see_cb (RepriseArchiveReader *reader,
        const RepriseArchiveEntry *entry,
        gpointer user_data,
        GCancellable *cancellable,
        GError **error)
{
  Seen *seen = user_data;
  char buffer[1000];
  gssize n = 0;

  g_atomic_int_inc (&seen->n_entries);
  if (entry->index >= seen->fail_at)
    {
      g_set_error (error, REPRISE_ERROR, REPRISE_ERROR_REFUSED, "%u", entry->index);
      return FALSE;
    }
  if (seen->cancel_at_first != NULL)
    g_cancellable_cancel (seen->cancel_at_first);
  if (entry->index % 2 == 0) /* the others are read after us */
    while ((n = reprise_archive_reader_read (reader, buffer, sizeof buffer, cancellable, error)) >
           0)
      g_atomic_int_add (&seen->n_bytes, (guint) n);
  return n == 0;
}

static void
test_each (void)
{
  g_autoptr (RepriseArchiveReader) reader = open_sample ("all-groups.nbdump");
  g_autoptr (GError) error = NULL;
  const RepriseArchiveEntry *entry = NULL;
  Seen seen = { .fail_at = G_MAXUINT };

  g_assert_true (reprise_archive_reader_each (reader, see_cb, &seen, NULL, NULL, &error));
  g_assert_cmpuint (seen.n_entries, ==, 323);
  g_assert_cmpuint (seen.n_bytes, >, 100000);
  g_assert_true (reprise_archive_reader_next (reader, &entry, NULL, &error));
  g_assert_cmpuint (entry->index, ==, 0);
}

/* (transfer full): a zip file large enough for two threads */
static char *
make_large (const char *folder, guint n_entries)
{
  char *path = g_build_filename (folder, "large.zip", NULL);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GFileOutputStream) out = g_file_replace (file, NULL, FALSE, 0, NULL, NULL);
  g_autoptr (RepriseZipWriter) writer = reprise_zip_writer_new (G_OUTPUT_STREAM (out), 1);
  g_autofree char *text = g_malloc (300000);

  for (gsize i = 0; i < 300000; i++)
    text[i] = (char) (i * i >> 7);
  for (guint i = 0; i < n_entries; i++)
    {
      g_autofree char *name = g_strdup_printf ("entry %u", i);

      g_assert_true (
        reprise_zip_writer_add_bytes (writer, name, text, 300000 - i, NULL, NULL, NULL));
    }
  g_assert_true (reprise_zip_writer_finish (writer, NULL));
  return path;
}

static void
test_each_in_threads (void)
{
  char *folder = reprise_test_make_folder ();
  g_autofree char *path = make_large (folder, 50);
  g_autoptr (RepriseArchiveReader) reader = reprise_archive_reader_open (path, NULL, NULL, NULL);
  g_autoptr (RepriseProgress) progress = reprise_progress_new ();
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_auto (RepriseProgressSnapshot) snapshot = { 0 };
  g_autoptr (GError) error = NULL;
  Seen seen = { .fail_at = G_MAXUINT };
  Seen failing = { .fail_at = 20 };
  Seen cancelling = { .fail_at = G_MAXUINT, .cancel_at_first = cancellable };

  g_assert_true (reprise_archive_reader_each (reader, see_cb, &seen, progress, NULL, &error));
  g_assert_cmpuint (seen.n_entries, ==, 50);
  reprise_progress_get_snapshot (progress, &snapshot);
  g_assert_cmpint (snapshot.items_done, ==, 50);
  g_assert_cmpint (snapshot.bytes_done, ==, reprise_archive_reader_get_total_bytes (reader));
  g_assert_cmpint (snapshot.bytes_total, ==, snapshot.bytes_done);

  g_assert_false (reprise_archive_reader_each (reader, see_cb, &failing, NULL, NULL, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_REFUSED);
  g_assert_cmpuint (failing.n_entries, <, 50);
  g_clear_error (&error);

  g_assert_false (
    reprise_archive_reader_each (reader, see_cb, &cancelling, NULL, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpuint (cancelling.n_entries, <, 50);
  reprise_test_remove_folder (folder);
}

static void
test_cancel_before (void)
{
  g_autoptr (RepriseArchiveReader) reader = open_foreign ("pax.tar");
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  const RepriseArchiveEntry *entry = NULL;
  g_autoptr (GError) error = NULL;
  char byte;

  g_assert_true (reprise_archive_reader_next (reader, &entry, cancellable, &error));
  g_cancellable_cancel (cancellable);
  g_assert_cmpint (reprise_archive_reader_read (reader, &byte, 1, cancellable, &error), ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  g_assert_false (reprise_archive_reader_next (reader, &entry, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  g_assert_false (reprise_archive_reader_each (reader, NULL, NULL, NULL, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

/* What the archive leaves out of a file is read as zeros. */
static void
test_sparse (void)
{
  g_autofree char *expected = g_malloc0 (70001);
  g_autoptr (RepriseArchiveReader) reader = open_foreign ("sparse.tar");
  const RepriseArchiveEntry *entry = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GError) error = NULL;

  expected[0] = 'x';
  expected[70000] = 'y';
  g_assert_true (reprise_archive_reader_find (reader, "sp", &entry, NULL, &error));
  bytes = reprise_archive_reader_read_all (reader, 100000, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), expected, 70001);
}

static void
test_read_all (void)
{
  g_autoptr (RepriseArchiveReader) reader = open_foreign ("pax.tar");
  const RepriseArchiveEntry *entry = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (reprise_archive_reader_next (reader, &entry, NULL, &error));
  g_assert_null (reprise_archive_reader_read_all (reader, 699, NULL, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_LIMIT);
  g_clear_error (&error);
  bytes = reprise_archive_reader_read_all (reader, 700, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_bytes_get_size (bytes), ==, 700);
}

static void
test_open (void)
{
  char *folder = reprise_test_make_folder ();
  g_autofree char *fifo = g_build_filename (folder, "fifo", NULL);
  g_autofree char *none = g_build_filename (folder, "none", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (mkfifo (fifo, 0600), ==, 0);
  g_assert_null (reprise_archive_reader_open (none, NULL, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_null (reprise_archive_reader_open (folder, NULL, NULL, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_INVALID);
  g_clear_error (&error);
  g_assert_null (reprise_archive_reader_open (fifo, NULL, NULL, &error)); /* and it does not wait */
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_INVALID);
  reprise_test_remove_folder (folder);
}

/* The file is replaced by another while it is read: an error, not a wrong answer. */
static void
test_changes (void)
{
  char *folder = reprise_test_make_folder ();
  g_autofree char *path = make_large (folder, 20);
  g_autoptr (RepriseArchiveReader) reader = reprise_archive_reader_open (path, NULL, NULL, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (truncate (path, 5000), ==, 0);
  g_assert_false (reprise_archive_reader_each (reader, NULL, NULL, NULL, NULL, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_DAMAGED);
  reprise_test_remove_folder (folder);
}

int
main (int argc, char **argv)
{
  reprise_test_init (&argc, &argv);
  g_test_add_func ("/archive-reader/samples", test_samples);
  g_test_add_func ("/archive-reader/find", test_find);
  g_test_add_func ("/archive-reader/foreign", test_foreign);
  g_test_add_func ("/archive-reader/next", test_next);
  g_test_add_func ("/archive-reader/find-in-tar", test_find_in_tar);
  g_test_add_func ("/archive-reader/name-unreadable", test_name_unreadable);
  g_test_add_func ("/archive-reader/each", test_each);
  g_test_add_func ("/archive-reader/each-in-threads", test_each_in_threads);
  g_test_add_func ("/archive-reader/cancel", test_cancel_before);
  g_test_add_func ("/archive-reader/sparse", test_sparse);
  g_test_add_func ("/archive-reader/read-all", test_read_all);
  g_test_add_func ("/archive-reader/open", test_open);
  g_test_add_func ("/archive-reader/changes", test_changes);
  return g_test_run ();
}
