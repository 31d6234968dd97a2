/* test-zip-writer.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <archive.h>
#include <archive_entry.h>

#include "archive/reprise-archive-reader.h"
#include "archive/reprise-zip-writer.h"
#include "base/reprise-error.h"
#include "base/reprise-file.h"
#include "base/reprise-hash.h"
#include "reprise-test.h"

typedef struct
{
  char *folder;
  char *path; /* of the archive */
  GOutputStream *out;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GFile) file = NULL;

  fixture->folder = reprise_test_make_folder ();
  fixture->path = g_build_filename (fixture->folder, "archive.zip", NULL);
  file = g_file_new_for_path (fixture->path);
  fixture->out = G_OUTPUT_STREAM (g_file_create (file, G_FILE_CREATE_PRIVATE, NULL, &error));
  g_assert_no_error (error);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_clear_object (&fixture->out);
  g_free (fixture->path);
  reprise_test_remove_folder (fixture->folder);
}

/* What another program thinks of it. */
static void
assert_unzip_accepts (const char *path)
{
  const char *argv[] = { "unzip", "-tqq", path, NULL };
  g_autoptr (GError) error = NULL;
  g_autofree char *output = NULL;
  int status = -1;

  g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_SEARCH_PATH | G_SPAWN_STDERR_TO_DEV_NULL, NULL,
                NULL, &output, NULL, &status, &error);
  g_assert_no_error (error);
  g_assert_cmpint (status, ==, 0);
}

static void
assert_entry (struct archive *archive, const char *name, gconstpointer data, gsize size)
{
  struct archive_entry *entry = NULL;
  g_autofree char *buffer = g_malloc (size + 1);

  g_assert_cmpint (archive_read_next_header (archive, &entry), ==, ARCHIVE_OK);
  g_assert_cmpstr (archive_entry_pathname (entry), ==, name);
  g_assert_cmpint (archive_entry_mode (entry), ==, AE_IFREG | 0600);
  g_assert_cmpint (archive_entry_size (entry), ==, size);
  g_assert_cmpint (archive_read_data (archive, buffer, size + 1), ==, size);
  g_assert_cmpmem (buffer, size, data, size);
}

static char *
make_text (gsize size)
{
  GString *text = g_string_sized_new (size + 64);

  for (guint i = 0; text->len < size; i++)
    g_string_append_printf (text, "[%u,\"row %u\",%u]\r\n", i, i * 7919, i * i);
  g_string_truncate (text, size);
  return g_string_free (text, FALSE);
}

/* Known and unknown sizes, empty files, each level; read back by unzip and by libarchive. */
static void
test_round_trip (Fixture *fixture, gconstpointer data)
{
  const gsize big = 700007;
  g_autofree char *text = make_text (big);
  g_autofree char *expected = reprise_hash_bytes (text, big);
  g_autofree char *sha256 = NULL;
  g_autoptr (GDateTime) time = g_date_time_new_utc (2026, 11, 21, 10, 28, 4);
  g_autoptr (RepriseZipWriter) writer =
    reprise_zip_writer_new (fixture->out, GPOINTER_TO_INT (data));
  g_autoptr (GError) error = NULL;
  struct archive *archive = archive_read_new ();
  struct archive_entry *entry = NULL;
  guint64 size = 0;

  reprise_zip_writer_begin (writer, "data/1/custom.sqlite", -1, time, &error);
  g_assert_no_error (error);
  for (gsize done = 0; done < big; done += 70001)
    reprise_zip_writer_write (writer, text + done, MIN (70001, big - done), NULL, &error);
  reprise_zip_writer_end (writer, &size, &sha256, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (size, ==, big);
  g_assert_cmpstr (sha256, ==, expected);
  reprise_zip_writer_begin (writer, "data/2/custom.sqlite", (gint64) big, NULL, &error);
  reprise_zip_writer_write (writer, text, big, NULL, &error);
  reprise_zip_writer_end (writer, NULL, NULL, &error);
  reprise_zip_writer_add_bytes (writer, "empty", "", 0, &size, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (size, ==, 0);
  reprise_zip_writer_add_bytes (writer, "manifest.json", "{}", 2, NULL, NULL, &error);
  reprise_zip_writer_finish (writer, &error);
  g_assert_no_error (error);
  g_output_stream_close (fixture->out, NULL, &error);
  g_assert_no_error (error);

  assert_unzip_accepts (fixture->path);
  archive_read_support_format_zip (archive);
  g_assert_cmpint (archive_read_open_filename (archive, fixture->path, 65536), ==, ARCHIVE_OK);
  assert_entry (archive, "data/1/custom.sqlite", text, big);
  assert_entry (archive, "data/2/custom.sqlite", text, big);
  assert_entry (archive, "empty", "", 0);
  assert_entry (archive, "manifest.json", "{}", 2);
  g_assert_cmpint (archive_read_next_header (archive, &entry), ==, ARCHIVE_EOF);
  archive_read_free (archive);
}

/* What takes part in packing in several threads: a stream ends in, at, and after each block; the next one begins anew. */
static void
test_blocks (Fixture *fixture, gconstpointer data)
{
  static const gsize sizes[] = { 0,      1,       262143,  262144,  262145, 524288, 1,
                                 524289, 2621440, 2621441, 3000000, 262144, 0,      100 };
  g_autofree char *text = make_text (3000000);
  g_autoptr (RepriseZipWriter) writer =
    reprise_zip_writer_new (fixture->out, GPOINTER_TO_INT (data));
  g_autoptr (RepriseArchiveReader) reader = NULL;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autofree char *name = g_strdup_printf ("%u", i);

      g_assert_true (reprise_zip_writer_add_bytes (
        writer, name, text + i, sizes[i] - MIN (i, sizes[i]), NULL, NULL, &error));
    }
  g_assert_true (reprise_zip_writer_finish (writer, &error));
  assert_unzip_accepts (fixture->path);
  reader = reprise_archive_reader_open (fixture->path, NULL, NULL, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      const RepriseArchiveEntry *entry = NULL;
      g_autoptr (GBytes) bytes = NULL;

      g_assert_true (reprise_archive_reader_next (reader, &entry, NULL, &error));
      bytes = reprise_archive_reader_read_all (reader, 3000000, NULL, &error);
      g_assert_no_error (error);
      g_assert_cmpmem (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), text + i,
                       sizes[i] - MIN (i, sizes[i]));
    }
}

/* As many entries as 16 bits cannot count any more. */
static void
test_many (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseZipWriter) writer = reprise_zip_writer_new (fixture->out, 0);
  g_autoptr (RepriseArchiveReader) reader = NULL;
  g_autoptr (GError) error = NULL;
  const RepriseArchiveEntry *entry = NULL;
  const guint n = 65535;

  for (guint i = 0; i < n; i++)
    {
      char name[16];

      g_snprintf (name, sizeof name, "%u", i);
      g_assert_true (reprise_zip_writer_add_bytes (writer, name, "x", 1, NULL, NULL, &error));
    }
  g_assert_true (reprise_zip_writer_finish (writer, &error));
  assert_unzip_accepts (fixture->path);
  reader = reprise_archive_reader_open (fixture->path, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (reprise_archive_reader_get_n_entries (reader), ==, n);
  g_assert_true (reprise_archive_reader_find (reader, "65533", &entry, NULL, &error));
  g_assert_cmpuint (entry->index, ==, 65533);
  g_assert_true (reprise_archive_reader_each (reader, NULL, NULL, NULL, NULL, &error));
}

/* A writer that is given up while its threads are at work. */
static void
test_give_up (Fixture *fixture, gconstpointer data)
{
  g_autofree char *text = make_text (3000000);

  for (int i = 0; i < 6; i++)
    {
      g_autoptr (RepriseZipWriter) writer = reprise_zip_writer_new (fixture->out, 9);

      g_assert_true (reprise_zip_writer_begin (writer, "a", -1, NULL, NULL));
      g_assert_true (
        reprise_zip_writer_write (writer, text, 3000000 / 6 * (gsize) (i + 1), NULL, NULL));
    }
}

static void
test_add_file (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = g_build_filename (fixture->folder, "plain", NULL);
  g_autofree char *text = make_text (700000);
  g_autofree char *expected = reprise_hash_bytes (text, 700000);
  g_autofree char *sha256 = NULL;
  g_autoptr (RepriseZipWriter) writer = reprise_zip_writer_new (fixture->out, 1);
  g_autoptr (RepriseProgress) progress = reprise_progress_new ();
  g_autoptr (GError) error = NULL;
  g_auto (RepriseProgressSnapshot) snapshot = { 0 };
  guint64 size = 0;

  reprise_file_write_durable (path, text, 700000, &error);
  reprise_zip_writer_add_file (writer, "plain", path, progress, NULL, &size, &sha256, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (size, ==, 700000);
  g_assert_cmpstr (sha256, ==, expected);
  reprise_progress_get_snapshot (progress, &snapshot);
  g_assert_cmpint (snapshot.bytes_done, ==, 700000);
  g_assert_false (reprise_zip_writer_add_file (writer, "folder", fixture->folder, NULL, NULL, NULL,
                                               NULL, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_INVALID);
}

static void
assert_refused (RepriseZipWriter *writer, const char *name, int code)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (reprise_zip_writer_begin (writer, name, 1, NULL, &error));
  g_assert_error (error, REPRISE_ERROR, code);
}

static void
test_names (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseZipWriter) writer = reprise_zip_writer_new (fixture->out, 1);
  g_autofree char *long_name = g_strnfill (256, 'x');

  g_assert_true (reprise_zip_writer_add_bytes (writer, "Données/é", "x", 1, NULL, NULL, NULL));
  assert_refused (writer, "Données/é", REPRISE_ERROR_EXISTS);
  assert_refused (writer, "", REPRISE_ERROR_DAMAGED);
  assert_refused (writer, "/etc/passwd", REPRISE_ERROR_DAMAGED);
  assert_refused (writer, "a/../b", REPRISE_ERROR_DAMAGED);
  assert_refused (writer, "a\\b", REPRISE_ERROR_DAMAGED);
  assert_refused (writer, "a\nb", REPRISE_ERROR_DAMAGED);
  assert_refused (writer, "a\xff", REPRISE_ERROR_DAMAGED);
  assert_refused (writer, "C:b", REPRISE_ERROR_DAMAGED);
  assert_refused (writer, "a//b", REPRISE_ERROR_DAMAGED);
  assert_refused (writer, long_name, REPRISE_ERROR_LIMIT);
}

/* A file that grew or shrank must not end up in an archive as if it were whole. */
static void
test_size_changes (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseZipWriter) writer = reprise_zip_writer_new (fixture->out, 1);
  g_autoptr (GError) error = NULL;

  g_assert_true (reprise_zip_writer_begin (writer, "a", 3, NULL, NULL));
  g_assert_false (reprise_zip_writer_write (writer, "1234", 4, NULL, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_FAILED);
  g_clear_error (&error);
  g_assert_true (reprise_zip_writer_write (writer, "12", 2, NULL, NULL));
  g_assert_false (reprise_zip_writer_end (writer, NULL, NULL, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_FAILED);
}

/* The stream's own error comes through, and a writer that is given up writes no directory. */
static void
test_stream_fails (Fixture *fixture, gconstpointer data)
{
  static char buffer[64 * 1024];
  g_autofree char *text = make_text (4 * 1024 * 1024);
  g_autoptr (GOutputStream) full = g_memory_output_stream_new (buffer, sizeof buffer, NULL, NULL);
  g_autoptr (RepriseZipWriter) writer = reprise_zip_writer_new (full, 0);
  g_autoptr (GError) error = NULL;

  g_assert_true (reprise_zip_writer_begin (writer, "a", -1, NULL, NULL));
  while (reprise_zip_writer_write (writer, text, 4 * 1024 * 1024, NULL, &error))
    ;
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE);
}

static void
test_cancel (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseZipWriter) writer = reprise_zip_writer_new (fixture->out, 1);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  g_autofree char *left = NULL;
  gsize size = 1;

  g_assert_true (reprise_zip_writer_begin (writer, "a", -1, NULL, NULL));
  g_assert_true (reprise_zip_writer_write (writer, "1", 1, cancellable, NULL));
  g_cancellable_cancel (cancellable);
  g_assert_false (reprise_zip_writer_write (writer, "1", 1, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_pointer (&writer, reprise_zip_writer_free);
  left = reprise_test_read (fixture->path, &size);
  g_assert_cmpuint (size, ==, 0);
}

int
main (int argc, char **argv)
{
  reprise_test_init (&argc, &argv);
#define ADD(path, data, func) g_test_add (path, Fixture, data, set_up, func, tear_down)
  ADD ("/zip-writer/stored", GINT_TO_POINTER (0), test_round_trip);
  ADD ("/zip-writer/fast", GINT_TO_POINTER (1), test_round_trip);
  ADD ("/zip-writer/best", GINT_TO_POINTER (9), test_round_trip);
  ADD ("/zip-writer/blocks/stored", GINT_TO_POINTER (0), test_blocks);
  ADD ("/zip-writer/blocks/fast", GINT_TO_POINTER (1), test_blocks);
  ADD ("/zip-writer/many", NULL, test_many);
  ADD ("/zip-writer/give-up", NULL, test_give_up);
  ADD ("/zip-writer/add-file", NULL, test_add_file);
  ADD ("/zip-writer/names", NULL, test_names);
  ADD ("/zip-writer/size-changes", NULL, test_size_changes);
  ADD ("/zip-writer/stream-fails", NULL, test_stream_fails);
  ADD ("/zip-writer/cancel", NULL, test_cancel);
  return g_test_run ();
}
