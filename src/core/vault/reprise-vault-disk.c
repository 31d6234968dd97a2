/* reprise-vault-disk.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "base/reprise-file.h"
#include "base/reprise-hash.h"
#include "vault/reprise-vault-disk.h"

#define PATH_DIGITS 16

/* A small file in the state folder that holds the path. */
static char *
mark_path (const char *vault_path)
{
  g_autofree char *hash = reprise_hash_bytes (vault_path, strlen (vault_path));
  g_autofree char *name = g_strdup_printf ("vault-%.*s.path", PATH_DIGITS, hash);

  return g_build_filename (g_get_user_state_dir (), "reprise", name, NULL);
}

/* Of the path, or of the nearest folder above it that exists */
static dev_t
device_of (const char *path)
{
  g_autofree char *at = g_strdup (path);
  struct stat info = { 0 };

  while (stat (at, &info) != 0 && !g_str_equal (at, "/"))
    {
      char *above = g_path_get_dirname (at);

      g_free (at);
      at = above;
    }
  return info.st_dev;
}

gboolean
reprise_vault_disk_is_other (const char *vault_path)
{
  return device_of (vault_path) != device_of (g_get_home_dir ());
}

/* Once there is a vault. A mark that cannot be made is no reason to fail. */
void
reprise_vault_disk_remember (const char *vault_path)
{
  g_autofree char *mark = mark_path (vault_path);
  g_autofree char *folder = g_path_get_dirname (mark);

  if (g_file_test (mark, G_FILE_TEST_EXISTS))
    return;
  if (reprise_file_make_folder (folder, NULL))
    reprise_file_write_durable (mark, vault_path, -1, NULL);
}

void
reprise_vault_disk_forget (const char *vault_path)
{
  g_autofree char *mark = mark_path (vault_path);

  unlink (mark);
}

/* Whether it is a link to where nothing is now. */
static gboolean
is_dangling (const char *path)
{
  return g_file_test (path, G_FILE_TEST_IS_SYMLINK) && !g_file_test (path, G_FILE_TEST_EXISTS);
}

/* Where there is no vault: whether none was ever there; else %REPRISE_ERROR_NOT_FOUND. */
gboolean
reprise_vault_disk_check (const char *vault_path, GError **error)
{
  g_autofree char *mark = mark_path (vault_path);

  if (!is_dangling (vault_path) && !g_file_test (mark, G_FILE_TEST_EXISTS))
    return TRUE;
  reprise_error_set (
    error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND,
    /* Translators: the path of a folder */
    _ ("The vault “%s” is not there. Connect or mount its disk, or choose its folder "
       "anew: reprise vault set FOLDER"),
    vault_path);
  return FALSE;
}
