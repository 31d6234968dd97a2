/* reprise-cli-service-remove.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "vault/reprise-lock.h"
#include "provider/reprise-webhook.h"
#include "reprise-cli-commands.h"
#include "reprise-cli-describe.h"
#include "reprise-cli-job.h"
#include "reprise-cli-options.h"
#include "reprise-cli-secrets.h"
#include "reprise-cli-terminal.h"

static gboolean delete_backups;

static const GOptionEntry entries[] = {
  { "delete-backups", 0, 0, G_OPTION_ARG_NONE, &delete_backups,
    N_ ("Delete its backups in the vault as well"), NULL },
  { NULL },
};

typedef struct
{
  RepriseService *service;
  GPtrArray *backups; /* (owned) (element-type RepriseBackup): in the vault */
} Removal;

static gboolean
look_func (RepriseCli *cli, gpointer data, GCancellable *cancellable, GError **error)
{
  Removal *removal = data;
  const char *uuid = reprise_service_get_uuid (removal->service);
  g_autoptr (RepriseVault) vault = reprise_context_dup_vault (cli->context);
  g_autofree char *holder = NULL;
  g_autofree char *title = NULL;

  if (reprise_lock_get_holder (uuid, &holder, NULL, &title, NULL))
    {
      /* Translators: the title of a job, and who runs it */
      reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_BUSY,
                         _ ("A job of this service runs: %s (%s). Stop it first."), title, holder);
      return FALSE;
    }
  removal->backups = reprise_vault_list (vault, uuid, cancellable, error);
  return removal->backups != NULL;
}

/* The plan: what goes, and what stays. */
static void
print_plan (Removal *removal)
{
  gint64 total = 0;
  g_autofree char *size = NULL;
  guint n = removal->backups->len;

  for (guint i = 0; i < n; i++)
    total += MAX (reprise_backup_get_size_bytes (removal->backups->pdata[i]), 0);
  size = g_format_size ((guint64) total);
  g_printerr ("%s\n", _ ("Its settings, and its secrets in the keyring, are deleted."));
  if (n == 0)
    return;
  if (delete_backups)
    g_printerr (ngettext ("%u backup in the vault (%s) is deleted.\n",
                          "%u backups in the vault (%s) are deleted.\n", n),
                n, size);
  else
    g_printerr (ngettext ("%u backup in the vault (%s) stays; --delete-backups deletes it too.\n",
                          "%u backups in the vault (%s) stay; --delete-backups deletes them too.\n",
                          n),
                n, size);
}

static gboolean
confirm (RepriseCli *cli, Removal *removal, GError **error)
{
  const char *name = reprise_service_get_name (removal->service);
  /* Translators: the name of a service */
  g_autofree char *prompt = g_strdup_printf (_ ("Remove “%s”?"), name);

  if (cli->yes)
    return TRUE;
  print_plan (removal);
  if (delete_backups && removal->backups->len > 0)
    return reprise_cli_confirm_name (cli, prompt, name, error);
  return reprise_cli_confirm (cli, prompt, error);
}

/* As a job, under the lock. %TRUE where all are gone. */
static gboolean
delete_all (RepriseCli *cli, Removal *removal, GError **error)
{
  g_autoptr (RepriseRequest) request =
    reprise_request_new (REPRISE_JOB_DELETE, reprise_service_get_uuid (removal->service));
  g_autoptr (RepriseJob) job = NULL;

  if (!delete_backups || removal->backups->len == 0)
    return TRUE;
  request->backup_ids = g_new0 (char *, removal->backups->len + 1);
  for (guint i = 0; i < removal->backups->len; i++)
    request->backup_ids[i] = g_strdup (reprise_backup_get_id (removal->backups->pdata[i]));
  request->consent = request->force = TRUE; /* all go, also those that are marked as kept */
  job = reprise_cli_run_job (cli, request, NULL, error);
  if (job == NULL)
    return FALSE;
  reprise_cli_end_job (cli, job, error);
  return reprise_job_get_state (job) == REPRISE_JOB_DONE ||
         reprise_job_get_state (job) == REPRISE_JOB_WARNINGS;
}

/* Without the secret that it uses, a warning; one of another time may have been left, but most often there is none. */
static gboolean
forget (RepriseCli *cli, RepriseService *service)
{
  RepriseKind *kind = reprise_cli_find_kind (cli, service, NULL);
  g_autoptr (GError) error = NULL;
  g_autofree char *why = NULL;

  if ((!reprise_cli_has_secrets (kind) &&
       reprise_service_get_setting (service, REPRISE_WEBHOOK_SETTING) == NULL) ||
      reprise_cli_forget_secrets (cli, service, &error) ||
      (kind != NULL && !reprise_webhook_is_kept (service) &&
       !reprise_cli_lacks_secret (cli, kind, reprise_service_get_settings (service))))
    return TRUE;
  why = reprise_error_get_sentence (error);
  /* Translators: why, as a whole sentence */
  reprise_cli_warn (_ ("Its secrets could not be deleted from the keyring. %s"), why);
  return FALSE;
}

static RepriseExit
finish (RepriseCli *cli, RepriseService *service, guint n_backups, GError **error)
{
  g_autoptr (RepriseService) kept = reprise_service_copy (service);
  g_autoptr (JsonBuilder) json = json_builder_new ();
  gboolean forgotten = forget (cli, kept);

  if (!reprise_services_remove (reprise_context_get_services (cli->context),
                                reprise_service_get_uuid (kept), error))
    return REPRISE_EXIT_DONE;
  if (!cli->json)
    /* Translators: the name of a service */
    g_print (_ ("“%s” was removed.\n"), reprise_service_get_name (kept));
  else
    {
      json_builder_begin_object (json);
      reprise_cli_json_service (json, kept);
      reprise_cli_json_boolean (json, "removed", TRUE);
      reprise_cli_json_count (json, "deleted_backups", delete_backups ? n_backups : 0);
      reprise_cli_json_count (json, "kept_backups", delete_backups ? 0 : n_backups);
      json_builder_end_object (json);
      reprise_cli_json_print (json);
    }
  return forgotten ? REPRISE_EXIT_DONE : REPRISE_EXIT_WARNINGS;
}

static RepriseExit
run (RepriseCli *cli, char **args, GError **error)
{
  RepriseService *service = reprise_cli_find_service (cli, args[0], error);
  g_autoptr (GPtrArray) backups = NULL;
  Removal removal = { service, NULL };

  if (service == NULL || !reprise_cli_run_in_thread (cli, look_func, &removal, error))
    return REPRISE_EXIT_DONE;
  backups = removal.backups;
  if (!confirm (cli, &removal, error) || !delete_all (cli, &removal, error))
    return REPRISE_EXIT_DONE;
  return finish (cli, service, backups->len, error);
}

const RepriseCliCommand reprise_cli_service_remove = {
  .name = "service remove",
  .arguments = N_ ("NAME"),
  .summary = N_ ("Remove a service; its backups stay unless told otherwise"),
  .flags = REPRISE_CLI_JSON | REPRISE_CLI_PROGRESS | REPRISE_CLI_YES,
  .entries = entries,
  .n_min = 1,
  .n_max = 1,
  .run = run,
};
