/* fuzz-archive-reader.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Any bytes as an archive: whatever comes out has a good name, and what is verified can be read again and is found by its name.
 */

#include "config.h"

#include <sys/mman.h>
#include <unistd.h>

#include "archive/reprise-archive-name.h"
#include "archive/reprise-archive-reader.h"
#include "fuzz.h"

static void
walk (RepriseArchiveReader *reader)
{
  const RepriseArchiveEntry *entry = NULL;
  guint8 buffer[1000];
  gssize n;

  while (reprise_archive_reader_next (reader, &entry, NULL, NULL) && entry != NULL)
    {
      guint64 total = 0;

      g_assert_true (reprise_archive_check_name (entry->name, strlen (entry->name), NULL));
      while ((n = reprise_archive_reader_read (reader, buffer, sizeof buffer, NULL, NULL)) > 0)
        total += (guint64) n;
      g_assert_true (n < 0 || total == entry->size_bytes);
    }
}

static void
find_again (RepriseArchiveReader *reader)
{
  const RepriseArchiveEntry *entry = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *name = NULL;

  g_assert_true (reprise_archive_reader_next (reader, &entry, NULL, NULL));
  if (entry == NULL)
    return;
  name = g_strdup (entry->name);
  g_assert_true (reprise_archive_reader_find (reader, name, &entry, NULL, &error));
  g_assert_cmpuint (entry->index, ==, 0);
}

static void
try_all (const char *path)
{
  const RepriseArchiveLimits limits = { .max_entries = 1000, .max_total_bytes = 8 * 1024 * 1024 };
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseArchiveReader) reader =
    reprise_archive_reader_open (path, &limits, NULL, &error);

  g_assert_true ((reader == NULL) == (error != NULL));
  if (reader == NULL)
    return;
  walk (reader);
  if (!reprise_archive_reader_rewind (reader, NULL) ||
      !reprise_archive_reader_each (reader, NULL, NULL, NULL, NULL, &error))
    return;
  find_again (reader);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  int fd = memfd_create ("archive", MFD_CLOEXEC);
  g_autofree char *path = g_strdup_printf ("/proc/self/fd/%d", fd);

  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (write (fd, data, size), ==, size);
  try_all (path);
  close (fd);
  return 0;
}
