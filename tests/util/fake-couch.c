/* fake-couch.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <stdio.h>
#include <string.h>

#include "reprise-fake-couch.h"

/*
 * A CouchDB server for tests in other languages: prints its address, then does what each line of standard input says, and prints “ok”.
 *
 * make DATABASE | drop DATABASE | put DATABASE ID MEMBERS | delete DATABASE ID | local DATABASE ID BODY | attach DATABASE ID NAME TYPE TEXT |
 * security DATABASE JSON
 */
static void
obey (RepriseFakeCouch *server, char *line)
{
  g_auto (GStrv) words = g_strsplit (g_strchomp (line), " ", 4);
  guint n = g_strv_length (words);

  if (n == 2 && g_str_equal (words[0], "make"))
    reprise_fake_couch_make (server, words[1]);
  else if (n == 2 && g_str_equal (words[0], "drop"))
    reprise_fake_couch_drop (server, words[1]);
  else if (n == 4 && g_str_equal (words[0], "put"))
    g_free (reprise_fake_couch_put (server, words[1], words[2], words[3]));
  else if (n == 3 && g_str_equal (words[0], "delete"))
    reprise_fake_couch_delete (server, words[1], words[2]);
  else if (n == 4 && g_str_equal (words[0], "local"))
    reprise_fake_couch_put_local (server, words[1], words[2], words[3]);
  else if (n >= 3 && g_str_equal (words[0], "security"))
    reprise_fake_couch_set_security (server, words[1], words[2]);
  else if (n == 4 && g_str_equal (words[0], "attach"))
    {
      g_auto (GStrv) rest = g_strsplit (words[3], " ", 3);

      g_assert_cmpuint (g_strv_length (rest), ==, 3);
      reprise_fake_couch_attach (server, words[1], words[2], rest[0], rest[1], rest[2],
                                 strlen (rest[2]));
    }
  else
    g_error ("No such command: %s", words[0]);
}

int
main (int argc, char **argv)
{
  g_autoptr (RepriseFakeCouch) server = reprise_fake_couch_new (NULL, NULL);
  g_autofree char *address = reprise_fake_couch_dup_address (server);
  char line[65536];

  printf ("%s\n", address);
  fflush (stdout);
  while (fgets (line, sizeof line, stdin) != NULL)
    {
      obey (server, line);
      printf ("ok\n");
      fflush (stdout);
    }
  return 0;
}
