/* reprise-cli-show.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "base/reprise-time.h"
#include "provider/reprise-interval.h"
#include "reprise-cli-commands.h"
#include "reprise-cli-describe.h"
#include "reprise-cli-find.h"
#include "reprise-cli-options.h"

static gboolean reveal;

static const GOptionEntry entries[] = {
  { "reveal", 0, 0, G_OPTION_ARG_NONE, &reveal,
    N_ ("Also what is secret of a backup on its service: addresses with signatures, connection "
        "strings"),
    NULL },
  { NULL },
};

/* What the vault, or the service, knows beyond the backup itself. */
typedef struct
{
  RepriseBackup *backup;
  RepriseService *service;   /* (nullable) */
  RepriseKind *kind;         /* (nullable) */
  RepriseSecrets *secrets;   /* (owned) (nullable) */
  RepriseManifest *manifest; /* (owned) (nullable) */
  GPtrArray *events;         /* (owned) (nullable) (element-type JsonObject) */
  RepriseArchive *archive;   /* (owned) (nullable): of one that is on its service alone */
  GPtrArray *revealed;       /* (owned) (nullable) (element-type RepriseReveal) */
} Details;

/* A service that keeps backups tells more of each than its list does. */
static gboolean
ask_func (RepriseCli *cli, gpointer data, GCancellable *cancellable, GError **error)
{
  Details *details = data;
  g_autoptr (RepriseProvider) provider = NULL;

  details->archive = reprise_context_open_backup (cli->context, details->service, details->backup,
                                                  NULL, details->secrets, NULL, cancellable, error);
  if (details->archive == NULL || !reveal)
    return details->archive != NULL;
  provider = reprise_kind_create_provider (details->kind, details->service, details->secrets);
  details->revealed = reprise_provider_reveal (provider, details->backup, cancellable, error);
  return details->revealed != NULL;
}

static gboolean
read_func (RepriseCli *cli, gpointer data, GCancellable *cancellable, GError **error)
{
  Details *details = data;
  g_autoptr (RepriseVault) vault = reprise_context_dup_vault (cli->context);

  details->manifest = reprise_vault_read_manifest (vault, details->backup, error);
  if (details->manifest == NULL)
    return FALSE;
  details->events =
    reprise_vault_list_events (vault, reprise_backup_get_id (details->backup), NULL);
  return TRUE;
}

/* (transfer full) (nullable): until when the service takes it back */
static GDateTime *
dup_end (const Details *details)
{
  return details->kind != NULL
           ? reprise_kind_get_backup_end (details->kind, details->service, details->backup)
           : NULL;
}

static void
json_files (JsonBuilder *json, RepriseManifest *manifest)
{
  json_builder_set_member_name (json, "files");
  json_builder_begin_array (json);
  for (guint i = 0; manifest != NULL && i < reprise_manifest_get_n_files (manifest); i++)
    {
      const char *sha256 = NULL;
      gint64 size = -1;
      const char *path = reprise_manifest_get_file (manifest, i, &size, &sha256);

      json_builder_begin_object (json);
      reprise_cli_json_string (json, "path", path);
      reprise_cli_json_count (json, "size_bytes", size);
      reprise_cli_json_string (json, "sha256", sha256);
      json_builder_end_object (json);
    }
  json_builder_end_array (json);
}

static void
json_events (JsonBuilder *json, GPtrArray *events)
{
  json_builder_set_member_name (json, "events");
  json_builder_begin_array (json);
  for (guint i = 0; events != NULL && i < events->len; i++)
    {
      JsonNode *node = json_node_init_object (json_node_alloc (), events->pdata[i]);

      json_builder_add_value (json, node);
    }
  json_builder_end_array (json);
}

static RepriseContents *
get_contents (Details *details)
{
  if (details->archive != NULL)
    return reprise_archive_get_contents (details->archive);
  return details->manifest != NULL ? reprise_manifest_get_contents (details->manifest)
                                   : reprise_backup_get_contents (details->backup);
}

static void
json_revealed (JsonBuilder *json, GPtrArray *revealed)
{
  json_builder_set_member_name (json, "revealed");
  json_builder_begin_array (json);
  for (guint i = 0; i < revealed->len; i++)
    {
      const RepriseReveal *each = revealed->pdata[i];

      json_builder_begin_object (json);
      reprise_cli_json_string (json, "label", each->label);
      reprise_cli_json_string (json, "value", reprise_secret_value_get_text (each->value));
      json_builder_end_object (json);
    }
  json_builder_end_array (json);
}

static void
print_json (Details *details, const char *service_name)
{
  g_autoptr (JsonBuilder) json = json_builder_new ();
  RepriseManifest *manifest = details->manifest;
  g_autoptr (GDateTime) end = dup_end (details);
  g_autoptr (GDateTime) from =
    manifest != NULL ? reprise_manifest_dup_interval_from (manifest) : NULL;
  g_autoptr (GDateTime) to = manifest != NULL ? reprise_manifest_dup_interval_to (manifest) : NULL;

  json_builder_begin_object (json);
  reprise_cli_json_backup (json, details->backup, service_name);
  reprise_cli_json_time (json, "read_from", from);
  reprise_cli_json_time (json, "read_to", to);
  reprise_cli_json_time (json, "restorable_until", end);
  reprise_cli_json_contents (json, "contents", get_contents (details));
  reprise_cli_json_string (json, "proof",
                           manifest != NULL ? reprise_manifest_get_proof_method (manifest) : NULL);
  json_files (json, manifest);
  json_events (json, details->events);
  if (details->archive != NULL)
    reprise_cli_json_facts (json, details->archive);
  if (details->revealed != NULL)
    json_revealed (json, details->revealed);
  json_builder_end_object (json);
  reprise_cli_json_print (json);
}

static void
add_line (RepriseCliTable *table, const char *label, const char *value)
{
  if (value != NULL && *value != '\0')
    reprise_cli_table_add (table, label, value, NULL);
}

static void
add_time (RepriseCliTable *table, const char *label, GDateTime *time)
{
  g_autofree char *text = time != NULL ? reprise_time_to_text (time) : NULL;

  add_line (table, label, text);
}

static void
print_text (Details *details, const char *service_name)
{
  const char *head[] = { "", "", NULL };
  g_autoptr (RepriseCliTable) table = reprise_cli_table_new (head);
  RepriseBackup *backup = details->backup;
  RepriseContents *contents = get_contents (details);
  g_autofree char *size = reprise_cli_size (reprise_backup_get_size_bytes (backup));
  g_autofree char *groups = reprise_groups_to_text (reprise_backup_get_groups (backup));
  g_autofree char *tier = reprise_backup_dup_tier_text (backup);
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autoptr (GDateTime) end = details->archive == NULL ? dup_end (details) : NULL;
  g_autofree char *reading = reprise_interval_dup_text (details->manifest);
  g_autofree char *end_text = end != NULL ? reprise_kind_describe_backup_end (end, now) : NULL;
  RepriseCliStyle style;

  add_line (table, _ ("ID"), reprise_backup_get_id (backup));
  add_line (table, _ ("Service"),
            service_name != NULL ? service_name : reprise_backup_get_service_uuid (backup));
  add_line (table, _ ("Name on the service"), reprise_backup_get_own_name (backup));
  add_time (table, _ ("Made"), reprise_backup_get_created_at (backup));
  add_line (table, _ ("Data read"), reading);
  add_line (table, _ ("Size"), size);
  add_line (table, _ ("State"), reprise_cli_state_text (backup, &style));
  add_line (table, _ ("State on the service"), reprise_backup_get_own_state (backup));
  add_line (table, _ ("Tier"), tier);
  add_line (table, _ ("Tier of the service"), reprise_backup_get_edition (backup));
  add_line (table, _ ("Can be restored"), end_text);
  add_time (table, _ ("Verified"), reprise_backup_get_verified_at (backup));
  add_line (table, _ ("Damage"), reprise_backup_get_damage (backup));
  add_line (table, _ ("Where"), reprise_cli_place_text (backup));
  add_line (table, _ ("Groups"), groups);
  add_line (table, _ ("Note"), reprise_backup_get_note (backup));
  add_line (table, _ ("Kept"), reprise_backup_get_kept (backup) ? _ ("yes") : NULL);
  add_line (table, _ ("Encrypted"), reprise_backup_get_encrypted (backup) ? _ ("yes") : NULL);
  add_line (table, _ ("Version of the service"), reprise_backup_get_service_version (backup));
  add_line (table, _ ("Folder"), reprise_backup_get_folder (backup));
  for (guint i = 0; details->archive != NULL && i < reprise_archive_get_n_facts (details->archive);
       i++)
    add_line (table, reprise_archive_get_fact (details->archive, i)->label,
              reprise_archive_get_fact (details->archive, i)->value);
  for (guint i = 0; details->revealed != NULL && i < details->revealed->len; i++)
    {
      const RepriseReveal *each = details->revealed->pdata[i];

      add_line (table, each->label, reprise_secret_value_get_text (each->value));
    }
  reprise_cli_table_print (table);
  if (contents == NULL)
    return;
  g_print ("\n");
  reprise_cli_print_contents (contents);
}

static void
details_clear (Details *details)
{
  g_clear_object (&details->secrets);
  g_clear_object (&details->manifest);
  g_clear_pointer (&details->events, g_ptr_array_unref);
  g_clear_object (&details->archive);
  g_clear_pointer (&details->revealed, g_ptr_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Details, details_clear)

/* What can be said beyond the list. One that is on its service alone is asked for there, where that costs little. */
static gboolean
read_more (RepriseCli *cli, Details *details, GError **error)
{
  details->kind =
    details->service != NULL ? reprise_cli_find_kind (cli, details->service, NULL) : NULL;
  if (reprise_backup_get_in_vault (details->backup) && !reveal)
    return reprise_cli_run_in_thread (cli, read_func, details, error);
  if (reveal && (reprise_backup_get_in_vault (details->backup) || details->kind == NULL ||
                 !reprise_kind_can (details->kind, REPRISE_HAS_SECRETS)))
    {
      reprise_error_set_literal (
        error, REPRISE_ERROR, REPRISE_ERROR_NOT_SUPPORTED,
        _ ("There is nothing secret of this backup that a service keeps."));
      return FALSE;
    }
  if (details->kind == NULL || !reprise_kind_can (details->kind, REPRISE_HAS_DETAILS))
    return TRUE;
  details->secrets = reprise_cli_new_secrets (cli, details->service, error);
  return details->secrets != NULL && reprise_cli_run_in_thread (cli, ask_func, details, error);
}

static RepriseExit
run (RepriseCli *cli, char **args, GError **error)
{
  RepriseService *service = NULL;
  g_autoptr (RepriseBackup) backup = reprise_cli_find_backup (cli, args[0], &service, error);
  g_auto (Details) details = { .backup = backup, .service = service };
  const char *name = service != NULL ? reprise_service_get_name (service) : NULL;

  if (backup == NULL || !read_more (cli, &details, error))
    return REPRISE_EXIT_DONE;
  if (cli->json)
    print_json (&details, name);
  else
    print_text (&details, name);
  return REPRISE_EXIT_DONE;
}

const RepriseCliCommand reprise_cli_show = {
  .name = "show",
  .arguments = N_ ("ID"),
  .summary = N_ ("Show a backup: what is in it, and whether it was proven readable"),
  .flags = REPRISE_CLI_JSON | REPRISE_CLI_SECRET_FD | REPRISE_CLI_SERVICE,
  .entries = entries,
  .n_min = 1,
  .n_max = 1,
  .run = run,
};
