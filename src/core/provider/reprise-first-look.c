/* reprise-first-look.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <errno.h>
#include <inttypes.h>
#include <sys/stat.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "provider/reprise-first-look.h"
#include "vault/reprise-vault-layout.h"

#define N_NAMED 5 /* how many files are told */

/* Whether the file is there and as long as was written; else that is damage. What we may not look at, whoever reads it tells of. */
static gboolean
look_at_file (RepriseArchive *archive, const char *folder, const char *name, gint64 size_bytes)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  struct stat info = { 0 };
  int failed = lstat (path, &info) == 0 ? 0 : errno;

  if (failed == ENOENT || failed == ENOTDIR)
    /* Translators: the name of a file */
    reprise_archive_add_damage (archive, _ ("“%s” is missing."), name);
  else if (failed != 0)
    return TRUE;
  else if (!S_ISREG (info.st_mode))
    /* Translators: the name of a file */
    reprise_archive_add_damage (archive, _ ("“%s” is not a file any more."), name);
  else if (info.st_size != size_bytes)
    /* Translators: the name of a file, and two numbers */
    reprise_archive_add_damage (archive, _ ("“%s” has %" PRId64 " bytes instead of %" PRId64 "."),
                                name, (gint64) info.st_size, size_bytes);
  return failed == 0 && S_ISREG (info.st_mode) && info.st_size == size_bytes;
}

static void
look_at_files (RepriseArchive *archive, RepriseManifest *manifest, const char *folder)
{
  guint n_wrong = 0;

  for (guint i = 0; i < reprise_manifest_get_n_files (manifest) && n_wrong < N_NAMED; i++)
    {
      gint64 size_bytes;
      const char *name = reprise_manifest_get_file (manifest, i, &size_bytes, NULL);

      n_wrong += look_at_file (archive, folder, name, size_bytes) ? 0 : 1;
    }
}

/* @archive: of a backup of the vault: gains as damage which of its files are missing, or not as long as they were */
void
reprise_first_look_at_backup (RepriseArchive *archive)
{
  RepriseManifest *manifest = reprise_archive_get_manifest (archive);
  const char *folder = reprise_backup_get_folder (reprise_archive_get_backup (archive));

  if (manifest != NULL && folder != NULL)
    look_at_files (archive, manifest, folder);
}

/* The same of a file, or a folder, that lies in a vault, wherever that is. */
void
reprise_first_look_at_file (RepriseArchive *archive)
{
  const char *path = reprise_archive_get_path (archive);
  g_autofree char *folder =
    g_file_test (path, G_FILE_TEST_IS_DIR) ? g_strdup (path) : g_path_get_dirname (path);
  g_autofree char *name = g_path_get_basename (folder);
  RepriseVaultName parsed;
  g_autoptr (RepriseManifest) manifest =
    reprise_vault_name_parse (name, &parsed) ? reprise_manifest_read (folder, NULL) : NULL;

  if (manifest != NULL)
    look_at_files (archive, manifest, folder);
}

/* Whether it is known to be damaged: that it cannot be looked into is no more than follows from that. @inspecting: (inout): why it could
 * not be */
gboolean
reprise_first_look_suffices (RepriseArchive *archive, GError **inspecting)
{
  if (!reprise_archive_is_damaged (archive) || reprise_error_is_stop (*inspecting))
    return FALSE;
  g_clear_error (inspecting);
  return TRUE;
}

/**
 * reprise_first_look_refuse:
 * @plan: (nullable) (transfer full): as the provider made it of that archive
 * @error: (inout): why it could not
 *
 * A restore from an archive that is known to be damaged is refused in its plan, whether or not one could be made of it.
 *
 * Returns: (transfer full) (nullable): the plan; %NULL with @error as it was
 */
ReprisePlan *
reprise_first_look_refuse (RepriseArchive *archive,
                           RepriseGroups groups,
                           GHashTable *options,
                           ReprisePlan *plan,
                           GError **error)
{
  g_auto (GStrv) damage = reprise_archive_dup_damage (archive);
  g_autofree char *text = NULL;

  if (damage[0] == NULL || (plan == NULL && reprise_error_is_stop (*error)))
    return plan;
  g_clear_error (error);
  if (plan == NULL)
    plan = reprise_plan_new (archive, groups, options);
  else if (reprise_plan_is_refused (plan)) /* its provider has looked at that too */
    return plan;
  /* Translators: what is wrong with it, as a whole sentence */
  text = g_strdup_printf (_ ("The backup is damaged: %s"), damage[0]);
  reprise_plan_add_check (plan, REPRISE_CHECK_DAMAGE, REPRISE_CHECK_REFUSED, text,
                          _ ("Choose another one."));
  return plan;
}
