/* reprise-cli-save.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "base/reprise-sandbox.h"
#include "vault/reprise-vault-copy.h"
#include "reprise-cli-commands.h"
#include "reprise-cli-describe.h"
#include "reprise-cli-find.h"

typedef struct
{
  RepriseBackup *backup;
  const char *target;
  gboolean replace;
  gint64 size_bytes; /* a result */
} Save;

/* The only file of the backup; several files are no one file, and the folder is named in place of it. */
static gboolean
find_payload (RepriseCli *cli, Save *save, char **path, char **sha256, GError **error)
{
  g_autoptr (RepriseVault) vault = reprise_context_dup_vault (cli->context);
  g_autoptr (RepriseManifest) manifest = reprise_vault_read_manifest (vault, save->backup, error);
  const char *hash = NULL;
  const char *name;

  if (manifest == NULL)
    return FALSE;
  if (reprise_manifest_get_n_files (manifest) != 1)
    {
      reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_NOT_SUPPORTED,
                         ngettext ("This backup is not one file but %u: copy its folder, %s.",
                                   "This backup is not one file but %u: copy its folder, %s.",
                                   reprise_manifest_get_n_files (manifest)),
                         reprise_manifest_get_n_files (manifest),
                         reprise_backup_get_folder (save->backup));
      return FALSE;
    }
  name = reprise_manifest_get_file (manifest, 0, &save->size_bytes, &hash);
  *path = g_build_filename (reprise_backup_get_folder (save->backup), name, NULL);
  *sha256 = g_strdup (hash);
  return TRUE;
}

static gboolean
save_func (RepriseCli *cli, gpointer data, GCancellable *cancellable, GError **error)
{
  Save *save = data;
  g_autofree char *source = NULL;
  g_autofree char *sha256 = NULL;

  if (!reprise_sandbox_check (save->target, REPRISE_SANDBOX_BESIDE, error))
    return FALSE;
  if (g_file_test (save->target, G_FILE_TEST_IS_DIR))
    {
      reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_EXISTS,
                         /* Translators: the path of a folder */
                         _ ("“%s” is a folder: name the file that is to be made in it."),
                         save->target);
      return FALSE;
    }
  if (!save->replace && g_file_test (save->target, G_FILE_TEST_EXISTS))
    {
      reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_EXISTS,
                         _ ("“%s” is there already: it is replaced only with --yes."),
                         save->target);
      return FALSE;
    }
  return find_payload (cli, save, &source, &sha256, error) &&
         reprise_vault_copy_file (source, save->target, sha256, save->replace, NULL, cancellable,
                                  error);
}

static RepriseExit
run (RepriseCli *cli, char **args, GError **error)
{
  g_autoptr (RepriseBackup) backup = reprise_cli_find_backup (cli, args[0], NULL, error);
  g_autofree char *target = g_canonicalize_filename (args[1], NULL);
  Save save = { backup, target, cli->yes, -1 };
  g_autoptr (JsonBuilder) json = NULL;

  if (backup == NULL)
    return REPRISE_EXIT_DONE;
  if (!reprise_backup_get_in_vault (backup))
    {
      reprise_error_set (
        error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND,
        _ (
          "“%s” lies only on its service: bring it into the vault first, with “reprise download”."),
        args[0]);
      return REPRISE_EXIT_DONE;
    }
  if (!reprise_cli_run_in_thread (cli, save_func, &save, error))
    return REPRISE_EXIT_DONE;
  if (!cli->json)
    {
      /* Translators: the name of a file */
      g_print (_ ("Saved as %s\n"), target);
      return REPRISE_EXIT_DONE;
    }
  json = json_builder_new ();
  json_builder_begin_object (json);
  reprise_cli_json_string (json, "id", reprise_backup_get_id (backup));
  reprise_cli_json_string (json, "file", target);
  reprise_cli_json_count (json, "size_bytes", save.size_bytes);
  json_builder_end_object (json);
  reprise_cli_json_print (json);
  return REPRISE_EXIT_DONE;
}

const RepriseCliCommand reprise_cli_save = {
  .name = "save",
  .arguments = N_ ("ID FILE"),
  .summary = N_ ("Save a backup of the vault as a file"),
  .flags = REPRISE_CLI_JSON | REPRISE_CLI_YES | REPRISE_CLI_SECRET_FD | REPRISE_CLI_SERVICE,
  .n_min = 2,
  .n_max = 2,
  .run = run,
};
