/* replay.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Gives a fuzz target every file of a folder: what was found once stays found.
 */

#include "config.h"

#include <locale.h>
#include <stdio.h>

#include "fuzz.h"

static guint
replay (const char *folder)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GDir) dir = g_dir_open (folder, 0, &error);
  const char *name;
  guint n = 0;

  g_assert_no_error (error);
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      g_autofree char *data = NULL;
      gsize size = 0;

      g_file_get_contents (path, &data, &size, &error);
      g_assert_no_error (error);
      printf ("# %s\n", name);
      fflush (stdout);
      LLVMFuzzerTestOneInput ((const guint8 *) data, size);
      n++;
    }
  return n;
}

int
main (int argc, char **argv)
{
  guint n;

  setlocale (LC_ALL, "");
  g_assert_cmpint (argc, ==, 2);
  n = replay (argv[1]);
  printf ("%s 1 %u inputs\n1..1\n", n > 0 ? "ok" : "not ok", n);
  return 0;
}
