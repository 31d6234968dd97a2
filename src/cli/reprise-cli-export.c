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

static char *collection, *as_of;
static gboolean without_attachments;

static const GOptionEntry entries[] = {
  { "collection", 'c', 0, G_OPTION_ARG_STRING, &collection, N_ ("Only this database of the backup"),
    N_ ("NAME") },
  { "as-of", 0, 0, G_OPTION_ARG_STRING, &as_of,
    N_ ("As of a date or a time that a backup holds; else that of the backup"), N_ ("DATE") },
  { "without-attachments", 0, 0, G_OPTION_ARG_NONE, &without_attachments,
    N_ ("Leave out the data of attachments"), NULL },
  { NULL },
};

typedef struct
{
  RepriseKind *kind;
  RepriseBackup *backup;
  const char *target;
  GHashTable *options;
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

  if (!reprise_sandbox_check (self->target, REPRISE_SANDBOX_BESIDE, error))
    return FALSE;
  manifest = reprise_vault_read_manifest (vault, self->backup, error);
  if (manifest == NULL)
    return FALSE;
  archive = reprise_archive_new_for_backup (self->backup, manifest);
  self->outcome = reprise_kind_export (self->kind, archive, self->options, self->target, cli->yes,
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
  reprise_cli_json_string (json, "file", self->target);
  reprise_cli_json_count (json, "written", self->outcome->written);
  reprise_cli_json_strings (json, "warnings", (const char *const *) warnings);
  json_builder_end_object (json);
  reprise_cli_json_print (json);
}

static GHashTable *
make_options (void)
{
  GHashTable *options = g_hash_table_new (g_str_hash, g_str_equal);

  if (collection != NULL)
    g_hash_table_insert (options, (char *) REPRISE_OPTION_COLLECTION, collection);
  if (as_of != NULL)
    g_hash_table_insert (options, (char *) REPRISE_OPTION_AS_OF, as_of);
  if (without_attachments)
    g_hash_table_insert (options, (char *) REPRISE_OPTION_ATTACHMENTS, (char *) "false");
  return options;
}

static RepriseExit
run (RepriseCli *cli, char **args, GError **error)
{
  g_autoptr (RepriseBackup) backup = reprise_cli_find_backup (cli, args[0], NULL, error);
  g_autofree char *target = g_canonicalize_filename (args[1], NULL);
  g_autoptr (RepriseProgress) progress = reprise_progress_new ();
  g_autoptr (GHashTable) options = make_options ();
  g_autoptr (RepriseCliProgress) shown = NULL;
  Export self = { .backup = backup, .target = target, .options = options, .progress = progress };
  g_auto (GStrv) warnings = NULL;
  gboolean done;

  self.kind = backup != NULL ? reprise_registry_find (reprise_context_get_registry (cli->context),
                                                      reprise_backup_get_kind (backup), error)
                             : NULL;
  if (self.kind == NULL)
    return REPRISE_EXIT_DONE;
  shown = reprise_cli_progress_new_for_work (cli, REPRISE_JOB_VERIFY, progress);
  done = reprise_cli_run_in_thread (cli, export_func, &self, error);
  reprise_cli_progress_end (shown);
  if (!done)
    return REPRISE_EXIT_DONE;
  print (cli, &self);
  reprise_outcome_free (self.outcome);
  warnings = reprise_progress_dup_warnings (progress);
  return warnings[0] != NULL ? REPRISE_EXIT_WARNINGS : REPRISE_EXIT_DONE;
}

const RepriseCliCommand reprise_cli_export = {
  .name = "export",
  .arguments = N_ ("ID FILE|FOLDER"),
  .summary = N_ ("Write a backup in the format of another program, where its kind has one"),
  .flags = REPRISE_CLI_JSON | REPRISE_CLI_PROGRESS | REPRISE_CLI_YES | REPRISE_CLI_SECRET_FD,
  .entries = entries,
  .n_min = 2,
  .n_max = 2,
  .run = run,
};
