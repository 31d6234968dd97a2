/* hostile-ground.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include <glib/gstdio.h>

#include "archive/hostile-ground.h"
#include "archive/reprise-archive-reader.h"
#include "base/reprise-error.h"
#include "reprise-test.h"

#define MAX_GROWTH_KIB (16 * 1024) /* of the 150 MiB that the whole program may take */
#define MAX_SECONDS    10

void
hostile_ground_set_up (HostileGround *ground, gconstpointer data)
{
  ground->folder = reprise_test_make_folder ();
  ground->archive = g_build_filename (ground->folder, "archive", NULL);
}

void
hostile_ground_tear_down (HostileGround *ground, gconstpointer data)
{
  g_test_message ("%u archives", ground->n_tried);
  reprise_test_remove_folder (ground->folder);
  g_free (ground->archive);
}

/* Without g_file_set_contents(), which waits for the disk. */
void
hostile_ground_write (HostileGround *ground, const GByteArray *bytes)
{
  FILE *file = g_fopen (ground->archive, "w");

  g_assert_nonnull (file);
  g_assert_cmpuint (fwrite (bytes->data, 1, bytes->len, file), ==, bytes->len);
  g_assert_cmpint (fclose (file), ==, 0);
}

/* Reads everything; gives the first error. */
static gboolean
try_all (HostileGround *ground, GError **error)
{
  g_autoptr (RepriseArchiveReader) reader =
    reprise_archive_reader_open (ground->archive, NULL, NULL, error);
  const RepriseArchiveEntry *entry = NULL;

  if (reader == NULL || !reprise_archive_reader_each (reader, NULL, NULL, NULL, NULL, error))
    return FALSE;
  g_assert_false (reprise_archive_reader_find (reader, "nothing", &entry, NULL, NULL));
  return TRUE;
}

/* proc(5): a number of KiB from our own status, or 0. */
static gint64
read_status (const char *key)
{
  g_autofree char *text = NULL;
  const char *at;

  if (!g_file_get_contents ("/proc/self/status", &text, NULL, NULL) ||
      (at = strstr (text, key)) == NULL)
    return 0;
  return g_ascii_strtoll (at + strlen (key), NULL, 10);
}

/* Makes the peak of memory start again from what is used now, where the kernel lets us. */
static void
reset_peak (void)
{
  FILE *file = g_fopen ("/proc/self/clear_refs", "w");

  if (file != NULL)
    {
      fputs ("5", file);
      fclose (file);
    }
}

void
hostile_ground_try (HostileGround *ground, const GByteArray *bytes, int expected, const char *label)
{
  gint64 began = g_get_monotonic_time (), used_kib;
  g_autoptr (GError) error = NULL;
  gboolean ok;

  g_test_message ("%s", label);
  hostile_ground_write (ground, bytes);
  reset_peak ();
  used_kib = read_status ("VmRSS:");
  ok = try_all (ground, &error);
  if (!REPRISE_TEST_WITH_SANITIZER)
    g_assert_cmpint (read_status ("VmHWM:") - used_kib, <, MAX_GROWTH_KIB);
  if (expected == FINE)
    g_assert_no_error (error);
  else if (expected == REFUSED)
    g_assert_nonnull (error);
  else if (expected >= 0)
    g_assert_error (error, REPRISE_ERROR, expected);
  g_assert_true (ok == (error == NULL));
  g_assert_cmpint (g_get_monotonic_time () - began, <, MAX_SECONDS * G_USEC_PER_SEC);
  ground->n_tried++;
}
