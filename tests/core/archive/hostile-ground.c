/* hostile-ground.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <ftw.h>
#include <string.h>
#include <sys/stat.h>

#include <glib/gstdio.h>

#include "archive/hostile-ground.h"
#include "archive/reprise-archive-beneath.h"
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
  ground->outside = g_build_filename (ground->folder, "outside", NULL);
  ground->out = g_build_filename (ground->folder, "out", NULL);
  g_assert_true (g_file_set_contents (ground->outside, "untouched", -1, NULL));
}

void
hostile_ground_tear_down (HostileGround *ground, gconstpointer data)
{
  g_test_message ("%u archives", ground->n_tried);
  reprise_beneath_set_openat2 (TRUE);
  reprise_test_remove_folder (ground->folder);
  g_free (ground->archive);
  g_free (ground->outside);
  g_free (ground->out);
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

static int
look_cb (const char *path, const struct stat *info, int what, struct FTW *walk)
{
  if (S_ISDIR (info->st_mode))
    g_assert_cmpint (info->st_mode & 07777, ==, 0700);
  else
    {
      g_assert_true (S_ISREG (info->st_mode));
      g_assert_cmpint (info->st_mode & 07777, ==, 0600);
      g_assert_cmpint (info->st_nlink, ==, 1);
    }
  return 0;
}

/* Only what may be is where it may be. */
void
hostile_ground_assert_harmless (HostileGround *ground)
{
  g_autoptr (GDir) folder = g_dir_open (ground->folder, 0, NULL);
  g_autofree char *outside = reprise_test_read (ground->outside, NULL);
  guint n = 0;

  while (g_dir_read_name (folder) != NULL)
    n++;
  g_assert_cmpuint (n, ==, 3);
  g_assert_cmpstr (outside, ==, "untouched");
  g_assert_false (g_file_test (EVIL, G_FILE_TEST_EXISTS));
  g_assert_cmpint (nftw (ground->out, look_cb, 16, FTW_PHYS), ==, 0);
}

/* Everything that can be done with an archive; gives the first error. */
static gboolean
try_all (HostileGround *ground, GError **error)
{
  g_autoptr (RepriseArchiveReader) reader =
    reprise_archive_reader_open (ground->archive, NULL, NULL, error);
  const RepriseArchiveEntry *entry = NULL;

  if (reader == NULL)
    return FALSE;
  if (!reprise_archive_reader_verify (reader, NULL, NULL, error))
    {
      reprise_archive_reader_extract (reader, ground->out, NULL, NULL, NULL);
      return FALSE;
    }
  return reprise_archive_reader_extract (reader, ground->out, NULL, NULL, error) &&
         (reprise_archive_reader_find (reader, "nothing", &entry, NULL, NULL) || TRUE);
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
  g_assert_cmpint (g_mkdir (ground->out, 0700), ==, 0);
  reset_peak ();
  used_kib = read_status ("VmRSS:");
  ok = try_all (ground, &error);
  if (!REPRISE_TEST_WITH_SANITIZER)
    g_assert_cmpint (read_status ("VmHWM:") - used_kib, <, MAX_GROWTH_KIB);
  hostile_ground_assert_harmless (ground);
  reprise_test_remove_folder (g_strdup (ground->out));
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
