/* fake-milvus.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include "reprise-fake-milvus.h"

/*
 * fake-milvus GENERATION REST [FOLDER]
 *
 * Milvus and its backup server for tests in other languages: prints its address, then does what each line of standard input says, and
 * prints “ok”.
 *
 * make NAME ROWS | drop NAME | rows NAME (prints their number instead) | load NAME | trap NUMBER | restart
 */
static void
obey (RepriseFakeMilvus *server, char *line)
{
  g_auto (GStrv) words = g_strsplit (g_strchomp (line), " ", 3);
  guint n = g_strv_length (words);

  if (n == 3 && g_str_equal (words[0], "make"))
    reprise_fake_milvus_make (server, words[1], atoi (words[2]));
  else if (n == 2 && g_str_equal (words[0], "drop"))
    reprise_fake_milvus_drop (server, words[1]);
  else if (n == 2 && g_str_equal (words[0], "load"))
    reprise_fake_milvus_set_loaded (server, words[1], TRUE);
  else if (n == 2 && g_str_equal (words[0], "trap"))
    reprise_fake_milvus_set_trap (server, (RepriseFakeMilvusTrap) atoi (words[1]));
  else if (n == 1 && g_str_equal (words[0], "restart"))
    reprise_fake_milvus_restart (server);
  else if (n == 2 && g_str_equal (words[0], "rows"))
    {
      printf ("%d\n", (int) reprise_fake_milvus_get_rows (server, words[1]));
      return;
    }
  else
    g_error ("No such command: %s", words[0]);
  printf ("ok\n");
}

int
main (int argc, char **argv)
{
  g_autoptr (RepriseFakeMilvus) server =
    reprise_fake_milvus_new (argc > 1 ? *argv[1] : 'B', argc > 2 ? (guint) atoi (argv[2]) : 2);
  g_autofree char *address = reprise_fake_milvus_dup_address (server);
  char line[4096];

  if (argc > 3)
    reprise_fake_milvus_set_folder (server, argv[3]);
  printf ("%s\n", address);
  fflush (stdout);
  while (fgets (line, sizeof line, stdin) != NULL)
    {
      obey (server, line);
      fflush (stdout);
    }
  return 0;
}
