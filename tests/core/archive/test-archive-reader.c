/* test-archive-reader.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

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

      g_assert_true (reprise_archive_reader_verify (reader, NULL, NULL, &error));
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

int
main (int argc, char **argv)
{
  reprise_test_init (&argc, &argv);
  g_test_add_func ("/archive-reader/samples", test_samples);
  g_test_add_func ("/archive-reader/find", test_find);
  return g_test_run ();
}
