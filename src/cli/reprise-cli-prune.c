/* reprise-cli-prune.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "base/reprise-time.h"
#include "reprise-cli-commands.h"
#include "reprise-cli-describe.h"
#include "reprise-cli-job.h"
#include "reprise-cli-options.h"
#include "reprise-cli-retention.h"
#include "reprise-cli-terminal.h"
#include "schedule/reprise-retention.h"

static gboolean dry_run, on_service;

static const GOptionEntry entries[] = {
  { "dry-run", 'n', 0, G_OPTION_ARG_NONE, &dry_run, N_ ("Only show what would be deleted"), NULL },
  { "on-service", 0, 0, G_OPTION_ARG_NONE, &on_service,
    N_ ("The backups that only the service keeps, instead of those in the vault"), NULL },
  { NULL },
};

/* (transfer full) (element-type RepriseBackup): those of the place that is meant */
static GPtrArray *
list_backups (RepriseCli *cli, RepriseService *service, RepriseSecrets *secrets, GError **error)
{
  g_autoptr (GPtrArray) there = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GPtrArray) all = NULL;
  g_autofree char *warning = NULL;

  reprise_context_list_backups_async (cli->context, service, on_service, secrets, cli->cancellable,
                                      reprise_cli_ready_cb, cli);
  result = reprise_cli_wait (cli);
  all = reprise_context_list_backups_finish (cli->context, result, &warning, error);
  if (all == NULL)
    return NULL;
  if (warning != NULL)
    {
      reprise_error_set_literal (error, REPRISE_ERROR, REPRISE_ERROR_FAILED, warning);
      return NULL;
    }
  for (guint i = 0; i < all->len; i++)
    if (on_service != reprise_backup_get_in_vault (all->pdata[i]))
      g_ptr_array_add (there, g_object_ref (all->pdata[i]));
  return g_steal_pointer (&there);
}

/* (transfer full) (element-type RepriseRetentionEntry) */
static GPtrArray *
plan (RepriseService *service, GPtrArray *backups, GError **error)
{
  const char *rules = reprise_service_get_setting (service, REPRISE_RETENTION_SETTING);
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autoptr (GTimeZone) zone = g_time_zone_new_local ();
  RepriseRetention retention;

  return reprise_retention_read (rules, &retention, error)
           ? reprise_retention_plan (&retention, backups, now, zone, error)
           : NULL;
}

static gboolean
goes (const RepriseRetentionEntry *entry)
{
  return entry->reasons == REPRISE_RETENTION_NOT_KEPT;
}

/* (transfer full): the identifiers of what goes, the oldest first; how much it is in @size_bytes */
static char **
list_going (GPtrArray *planned, gint64 *size_bytes)
{
  g_autoptr (GStrvBuilder) ids = g_strv_builder_new ();

  *size_bytes = 0;
  for (guint i = planned->len; i-- > 0;)
    if (goes (planned->pdata[i]))
      {
        const RepriseRetentionEntry *entry = planned->pdata[i];

        g_strv_builder_add (ids, reprise_backup_get_id (entry->backup));
        *size_bytes += MAX (reprise_backup_get_size_bytes (entry->backup), 0);
      }
  return g_strv_builder_end (ids);
}

static void
print_table (GPtrArray *planned)
{
  const char *head[] = { _ ("Date"), _ ("Backup"), _ ("Size"), _ ("What Becomes of It"), NULL };
  g_autoptr (RepriseCliTable) table = reprise_cli_table_new (head);

  reprise_cli_table_align_end (table, 2);
  for (guint i = 0; i < planned->len; i++)
    {
      const RepriseRetentionEntry *entry = planned->pdata[i];
      GDateTime *at = reprise_backup_get_created_at (entry->backup);
      g_autofree char *time = at != NULL ? reprise_time_to_text (at) : g_strdup ("–");
      g_autofree char *size = reprise_cli_size (reprise_backup_get_size_bytes (entry->backup));
      g_autofree char *why = reprise_retention_entry_to_text (entry);

      reprise_cli_table_add (table, time, reprise_backup_get_id (entry->backup), size, why, NULL);
      if (goes (entry))
        reprise_cli_table_set_style (table, 3, REPRISE_CLI_BAD);
    }
  reprise_cli_table_print (table);
}

static void
json_entries (JsonBuilder *json, GPtrArray *planned)
{
  json_builder_set_member_name (json, "backups");
  json_builder_begin_array (json);
  for (guint i = 0; i < planned->len; i++)
    {
      const RepriseRetentionEntry *entry = planned->pdata[i];
      g_auto (GStrv) reasons = reprise_retention_entry_list_reasons (entry);

      json_builder_begin_object (json);
      reprise_cli_json_string (json, "id", reprise_backup_get_id (entry->backup));
      reprise_cli_json_time (json, "created_at", reprise_backup_get_created_at (entry->backup));
      reprise_cli_json_count (json, "size_bytes", reprise_backup_get_size_bytes (entry->backup));
      reprise_cli_json_boolean (json, "kept", !goes (entry));
      reprise_cli_json_strings (json, "reasons", (const char *const *) reasons);
      json_builder_end_object (json);
    }
  json_builder_end_array (json);
}

static void
print_json (RepriseService *service, GPtrArray *planned, gint64 size_bytes, RepriseJob *job)
{
  g_autoptr (JsonBuilder) json = json_builder_new ();

  json_builder_begin_object (json);
  reprise_cli_json_string (json, "name", reprise_service_get_name (service));
  reprise_cli_json_string (json, "service", reprise_service_get_uuid (service));
  reprise_cli_json_count (json, "size_bytes", size_bytes);
  json_entries (json, planned);
  json_builder_set_member_name (json, "job");
  if (job != NULL)
    {
      json_builder_begin_object (json);
      reprise_cli_json_job (json, job);
      json_builder_end_object (json);
    }
  else
    json_builder_add_null_value (json);
  json_builder_end_object (json);
  reprise_cli_json_print (json);
}

static gboolean
confirm (RepriseCli *cli, RepriseService *service, guint n, gint64 size_bytes, GError **error)
{
  g_autofree char *size = g_format_size ((guint64) size_bytes);
  g_autofree char *prompt = g_strdup_printf (
    /* Translators: how many, the name of a service, and how much: “3.5 MB” */
    ngettext ("Delete %u backup of “%s” (%s)?", "Delete %u backups of “%s” (%s)?", n), n,
    reprise_service_get_name (service), size);

  return reprise_cli_confirm (cli, prompt, error);
}

static RepriseJob *
run_job (RepriseCli *cli,
         RepriseService *service,
         char **ids,
         RepriseSecrets *secrets,
         GError **error)
{
  g_autoptr (RepriseRequest) request =
    reprise_request_new (REPRISE_JOB_DELETE, reprise_service_get_uuid (service));

  request->backup_ids = g_strdupv (ids);
  request->consent = TRUE;
  reprise_request_set_option (request, "where", on_service ? "service" : "vault");
  return reprise_cli_run_job (cli, request, secrets, error);
}

static RepriseExit
run (RepriseCli *cli, char **args, GError **error)
{
  RepriseService *service = reprise_cli_find_service (cli, args[0], error);
  g_autoptr (RepriseSecrets) secrets =
    service != NULL && reprise_cli_check_retention (cli, service, error)
      ? reprise_cli_new_secrets (cli, service, error)
      : NULL;
  g_autoptr (GPtrArray) backups =
    secrets != NULL ? list_backups (cli, service, secrets, error) : NULL;
  g_autoptr (GPtrArray) planned = backups != NULL ? plan (service, backups, error) : NULL;
  g_autoptr (RepriseJob) job = NULL;
  g_auto (GStrv) ids = NULL;
  gint64 size_bytes;

  if (planned == NULL)
    return REPRISE_EXIT_DONE;
  ids = list_going (planned, &size_bytes);
  if (!cli->json && planned->len > 0)
    print_table (planned);
  if (!dry_run && ids[0] != NULL)
    {
      if (!confirm (cli, service, g_strv_length (ids), size_bytes, error))
        return REPRISE_EXIT_DONE;
      job = run_job (cli, service, ids, secrets, error);
      if (job == NULL)
        return REPRISE_EXIT_DONE;
    }
  else if (!cli->json && ids[0] == NULL)
    g_print ("%s\n", _ ("There is nothing to delete."));
  if (cli->json)
    print_json (service, planned, size_bytes, job);
  return job != NULL ? reprise_cli_end_job (cli, job, error) : REPRISE_EXIT_DONE;
}

const RepriseCliCommand reprise_cli_prune = {
  .name = "prune",
  .arguments = N_ ("NAME"),
  .summary = N_ ("Delete the backups that “retention” does not keep"),
  .flags = REPRISE_CLI_JOB,
  .entries = entries,
  .n_min = 1,
  .n_max = 1,
  .run = run,
};
