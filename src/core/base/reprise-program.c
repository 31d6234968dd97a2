/* reprise-program.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <langinfo.h>
#include <libintl.h>
#include <locale.h>
#include <malloc.h>
#include <string.h>

#include "base/reprise-program.h"

/* The program in that folder, or in the folder of a build that is named after it: “agent/reprise-agent”. */
static char *
find_in (const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autofree char *built = NULL;

  if (g_file_test (path, G_FILE_TEST_IS_EXECUTABLE))
    return g_steal_pointer (&path);
  built = g_build_filename (folder, strchr (name, '-') + 1, name, NULL);
  return g_file_test (built, G_FILE_TEST_IS_EXECUTABLE) ? g_steal_pointer (&built) : NULL;
}

/* (transfer full) (nullable): the folder of all programs of the build that this one was started from */
static char *
dup_build_folder (void)
{
  g_autofree char *self = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *folder = self != NULL ? g_path_get_dirname (self) : NULL;

  if (folder == NULL || g_str_equal (folder, REPRISE_BINDIR) ||
      g_str_equal (folder, REPRISE_LIBEXECDIR))
    return NULL;
  return g_path_get_dirname (folder);
}

/**
 * reprise_program_find:
 * @name: “reprise-agent”, “reprise-secret”
 *
 * Finds one of our helper programs: in `REPRISE_LIBEXEC_DIR`, else in the build that this program was started from, else
 * where they are installed. Takes a few calls of stat(), no more.
 *
 * Returns: (transfer full): a path, which exists unless nothing is installed
 */
char *
reprise_program_find (const char *name)
{
  const char *set = g_getenv ("REPRISE_LIBEXEC_DIR");
  g_autofree char *build = NULL;
  char *found = NULL;

  if (set != NULL)
    found = find_in (set, name);
  if (found == NULL && set == NULL && (build = dup_build_folder ()) != NULL)
    found = find_in (build, name);
  return found != NULL ? found
                       : g_build_filename (set != NULL ? set : REPRISE_LIBEXECDIR, name, NULL);
}

/* (transfer full): where the translations lie */
static char *
dup_locale_folder (void)
{
  g_autofree char *build = dup_build_folder ();
  g_autofree char *built = NULL;

  if (build == NULL)
    return g_strdup (LOCALEDIR);
  built = g_build_filename (build, "..", "po", NULL);
  return g_file_test (built, G_FILE_TEST_IS_DIR) ? g_steal_pointer (&built) : g_strdup (LOCALEDIR);
}

static gboolean
asks_for_c (void)
{
  static const char *const names[] = { "LC_ALL", "LC_MESSAGES", "LANG" };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      const char *value = g_getenv (names[i]);

      if (value != NULL && *value != '\0')
        return g_str_equal (value, "C") || g_str_equal (value, "POSIX");
    }
  return FALSE;
}

/* On a bare system there is no locale, or not the one that is asked for, and gettext passes LANGUAGE over in the C locale. Who
 * asks for C by name gets it. */
static void
heed_language (void)
{
  const char *language = g_getenv ("LANGUAGE");

  if (language != NULL && *language != '\0' && !asks_for_c () &&
      g_str_equal (setlocale (LC_MESSAGES, NULL), "C"))
    setlocale (LC_MESSAGES, "C.UTF-8");
}

/**
 * reprise_program_set_up_locale:
 *
 * The first thing in main(). Where the locale has another encoding than UTF-8 (a cron job in the C locale), names of files and
 * collections are UTF-8 all the same: libarchive and others would lose them.
 *
 * Returns: whether the terminal shows UTF-8
 */
gboolean
reprise_program_set_up_locale (void)
{
  g_autofree char *folder = NULL;
  gboolean is_utf8;

  setlocale (LC_ALL, "");
  is_utf8 = g_str_equal (nl_langinfo (CODESET), "UTF-8");
  if (!is_utf8)
    setlocale (LC_CTYPE, "C.UTF-8");
  heed_language ();
  folder = dup_locale_folder ();
  bindtextdomain (GETTEXT_PACKAGE, folder);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);
  return is_utf8;
}

/* Each thread would get a heap of its own, and each keep what its largest work took; two are enough for what is done at a time. Before the
 * first thread. */
void
reprise_program_set_up_memory (void)
{
#ifdef M_ARENA_MAX
  mallopt (M_ARENA_MAX, 2);
#endif
}
