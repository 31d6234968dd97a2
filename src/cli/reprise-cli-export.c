/* reprise-cli-export.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "base/reprise-sandbox.h"
#include "reprise-cli-commands.h"
#include "reprise-cli-describe.h"
#include "reprise-cli-find.h"
#include "reprise-cli-options.h"
#include "reprise-cli-progress.h"
#include "reprise-cli-secrets.h"

static char *collection, *as_of;
static char **to, **asked;
static gboolean without_attachments;

static const GOptionEntry entries[] = {
  { "collection", 'c', 0, G_OPTION_ARG_STRING, &collection, N_ ("Only this database of the backup"),
    N_ ("NAME") },
  { "as-of", 0, 0, G_OPTION_ARG_STRING, &as_of,
    N_ ("As of a date or a time that a backup holds; else that of the backup"), N_ ("DATE") },
  { "without-attachments", 0, 0, G_OPTION_ARG_NONE, &without_attachments,
    N_ ("Leave out the data of attachments"), NULL },
  { "to", 't', 0, G_OPTION_ARG_FILENAME_ARRAY, &to,
    N_ ("Where else than into a file or a folder, where the kind knows more; may be repeated"),
    N_ ("KEY=VALUE") },
  { "secret", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &asked,
    N_ ("Ask for a secret that is needed there"), N_ ("KEY") },
  { NULL },
};

/**
 * Export:
 * @target: (nullable): %NULL where the options name the place
 * @secrets: (nullable): for that place
 */
typedef struct
{
  RepriseKind *kind;
  RepriseBackup *backup;
  const char *target;
  GHashTable *options;
  RepriseSecrets *secrets;
  RepriseProgress *progress;
  RepriseOutcome *outcome; /* (owned): a result */
} Export;

/* In a worker */
static gboolean
export_func (RepriseCli *cli, gpointer data, GCancellable *cancellable, GError **error)
{
  Export *self = data;
  g_autoptr (RepriseVault) vault = reprise_context_dup_vault (cli->context);
  g_autoptr (RepriseManifest) manifest = NULL;
  g_autoptr (RepriseArchive) archive = NULL;

  if (self->target != NULL && !reprise_sandbox_check (self->target, REPRISE_SANDBOX_BESIDE, error))
    return FALSE;
  manifest = reprise_vault_read_manifest (vault, self->backup, error);
  if (manifest == NULL)
    return FALSE;
  archive = reprise_archive_new_for_backup (self->backup, manifest);
  self->outcome = self->target != NULL
                    ? reprise_kind_export (self->kind, archive, self->options, self->target,
                                           cli->yes, self->progress, cancellable, error)
                    : reprise_kind_export_away (self->kind, archive, self->options, self->secrets,
                                                self->progress, cancellable, error);
  return self->outcome != NULL;
}

static void
print (RepriseCli *cli, Export *self)
{
  g_auto (GStrv) warnings = reprise_progress_dup_warnings (self->progress);
  g_autoptr (JsonBuilder) json = NULL;

  for (guint i = 0; warnings[i] != NULL; i++)
    reprise_cli_warn ("%s", warnings[i]);
  if (!cli->json)
    {
      g_print ("%s\n", self->outcome->summary);
      return;
    }
  json = json_builder_new ();
  json_builder_begin_object (json);
  reprise_cli_json_string (json, "id", reprise_backup_get_id (self->backup));
  if (self->target != NULL)
    reprise_cli_json_string (json, "file", self->target);
  reprise_cli_json_count (json, "written", self->outcome->written);
  reprise_cli_json_strings (json, "warnings", (const char *const *) warnings);
  json_builder_end_object (json);
  reprise_cli_json_print (json);
}

static void
add_option (GHashTable *options, const char *key, const char *value)
{
  if (value != NULL)
    g_hash_table_insert (options, g_strdup (key), g_strdup (value));
}

static GHashTable *
make_options (RepriseKind *kind, GError **error)
{
  GHashTable *options =
    reprise_cli_take_settings (reprise_kind_get_export_settings (kind), "to", to, error);

  if (options == NULL)
    return NULL;
  add_option (options, REPRISE_OPTION_COLLECTION, collection);
  add_option (options, REPRISE_OPTION_AS_OF, as_of);
  add_option (options, REPRISE_OPTION_ATTACHMENTS, without_attachments ? "false" : NULL);
  return options;
}

/* What is needed there and was neither asked for nor given; the keyring has nothing for it. */
static gboolean
check_secrets (RepriseCli *cli, const RepriseSetting *all, GHashTable *options, GError **error)
{
  for (const RepriseSetting *setting = all; setting != NULL && setting->key != NULL; setting++)
    if (setting->type == REPRISE_SETTING_SECRET && setting->required &&
        reprise_setting_is_shown (setting, all, options) &&
        !g_hash_table_contains (cli->given, setting->key))
      {
        reprise_cli_set_usage_error (
          error, _ ("“%s” is needed: --secret %s asks for it, --secret-fd %s=FD reads it."),
          _ (setting->label), setting->key, setting->key);
        return FALSE;
      }
  return TRUE;
}

/* What a place takes that is no service of ours: its secrets are of no keyring. */
static gboolean
prepare_away (RepriseCli *cli, Export *self, GError **error)
{
  const RepriseSetting *settings = reprise_kind_get_export_settings (self->kind);
  g_autoptr (RepriseService) nobody =
    reprise_service_new (NULL, reprise_kind_get_id (self->kind), "");

  if (!reprise_cli_check_required (settings, "to", self->options, error) ||
      !reprise_cli_ask_secrets (cli, self->kind, asked, error) ||
      !reprise_cli_ask_missing (cli, settings, self->options, error) ||
      !check_secrets (cli, settings, self->options, error))
    return FALSE;
  self->secrets = reprise_cli_new_secrets (cli, nobody, error);
  return self->secrets != NULL;
}

static gboolean
prepare (RepriseCli *cli, Export *self, GError **error)
{
  gboolean away;

  self->options = make_options (self->kind, error);
  if (self->options == NULL)
    return FALSE;
  away = reprise_kind_exports_away (self->kind, self->options);
  if (away && self->target == NULL)
    return prepare_away (cli, self, error);
  if (!away && self->target != NULL)
    return TRUE;
  if (away)
    reprise_cli_set_usage_error (
      error, _ ("It goes either into “%s” or where --to says, not into both."), self->target);
  else
    reprise_cli_set_usage_error (error, _ ("Say into which file or folder."));
  return FALSE;
}

static void
export_clear (Export *self)
{
  g_clear_pointer (&self->options, g_hash_table_unref);
  g_clear_object (&self->secrets);
  g_clear_pointer (&self->outcome, reprise_outcome_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Export, export_clear)

static RepriseExit
run (RepriseCli *cli, char **args, GError **error)
{
  g_autoptr (RepriseBackup) backup = reprise_cli_find_backup (cli, args[0], NULL, error);
  g_autofree char *target = args[1] != NULL ? g_canonicalize_filename (args[1], NULL) : NULL;
  g_autoptr (RepriseProgress) progress = reprise_progress_new ();
  g_autoptr (RepriseCliProgress) shown = NULL;
  g_auto (Export) self = { .backup = backup, .target = target, .progress = progress };
  g_auto (GStrv) warnings = NULL;
  gboolean done;

  self.kind = backup != NULL ? reprise_registry_find (reprise_context_get_registry (cli->context),
                                                      reprise_backup_get_kind (backup), error)
                             : NULL;
  if (self.kind == NULL || !prepare (cli, &self, error))
    return REPRISE_EXIT_DONE;
  shown = reprise_cli_progress_new_for_work (cli, REPRISE_JOB_VERIFY, progress);
  done = reprise_cli_run_in_thread (cli, export_func, &self, error);
  reprise_cli_progress_end (shown);
  if (!done)
    return REPRISE_EXIT_DONE;
  print (cli, &self);
  warnings = reprise_progress_dup_warnings (progress);
  return warnings[0] != NULL ? REPRISE_EXIT_WARNINGS : REPRISE_EXIT_DONE;
}

const RepriseCliCommand reprise_cli_export = {
  .name = "export",
  .arguments = N_ ("ID [FILE|FOLDER]"),
  .summary = N_ ("Write a backup in the format of another program, where its kind has one"),
  .flags = REPRISE_CLI_JSON | REPRISE_CLI_PROGRESS | REPRISE_CLI_YES | REPRISE_CLI_SECRET_FD |
           REPRISE_CLI_SERVICE,
  .entries = entries,
  .n_min = 1,
  .n_max = 2,
  .run = run,
};
