/* reprise-cli-show.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "base/reprise-time.h"
#include "reprise-cli-commands.h"
#include "reprise-cli-describe.h"
#include "reprise-cli-find.h"

/* What the vault knows beyond the backup itself. */
typedef struct
{
  RepriseBackup *backup;
  RepriseManifest *manifest; /* (owned) */
  GPtrArray *events;         /* (owned) (nullable) (element-type JsonObject) */
} Details;

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
get_contents (RepriseBackup *backup, RepriseManifest *manifest)
{
  return manifest != NULL ? reprise_manifest_get_contents (manifest)
                          : reprise_backup_get_contents (backup);
}

static void
print_json (Details *details, const char *service_name)
{
  g_autoptr (JsonBuilder) json = json_builder_new ();
  RepriseManifest *manifest = details->manifest;

  json_builder_begin_object (json);
  reprise_cli_json_backup (json, details->backup, service_name);
  reprise_cli_json_contents (json, "contents", get_contents (details->backup, manifest));
  reprise_cli_json_string (json, "proof",
                           manifest != NULL ? reprise_manifest_get_proof_method (manifest) : NULL);
  json_files (json, manifest);
  json_events (json, details->events);
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
  RepriseContents *contents = get_contents (backup, details->manifest);
  g_autofree char *size = reprise_cli_size (reprise_backup_get_size_bytes (backup));
  g_autofree char *groups = reprise_groups_to_text (reprise_backup_get_groups (backup));
  g_autofree char *tier = reprise_backup_dup_tier_text (backup);
  RepriseCliStyle style;

  add_line (table, _ ("ID"), reprise_backup_get_id (backup));
  add_line (table, _ ("Service"),
            service_name != NULL ? service_name : reprise_backup_get_service_uuid (backup));
  add_line (table, _ ("Name on the service"), reprise_backup_get_own_name (backup));
  add_time (table, _ ("Made"), reprise_backup_get_created_at (backup));
  add_line (table, _ ("Size"), size);
  add_line (table, _ ("State"), reprise_cli_state_text (backup, &style));
  add_line (table, _ ("State on the service"), reprise_backup_get_own_state (backup));
  add_line (table, _ ("Tier"), tier);
  add_time (table, _ ("Verified"), reprise_backup_get_verified_at (backup));
  add_line (table, _ ("Damage"), reprise_backup_get_damage (backup));
  add_line (table, _ ("Where"), reprise_cli_place_text (backup));
  add_line (table, _ ("Groups"), groups);
  add_line (table, _ ("Note"), reprise_backup_get_note (backup));
  add_line (table, _ ("Kept"), reprise_backup_get_kept (backup) ? _ ("yes") : NULL);
  add_line (table, _ ("Encrypted"), reprise_backup_get_encrypted (backup) ? _ ("yes") : NULL);
  add_line (table, _ ("Version of the service"), reprise_backup_get_service_version (backup));
  add_line (table, _ ("Folder"), reprise_backup_get_folder (backup));
  reprise_cli_table_print (table);
  if (contents == NULL)
    return;
  g_print ("\n");
  reprise_cli_print_contents (contents);
}

static RepriseExit
run (RepriseCli *cli, char **args, GError **error)
{
  RepriseService *service = NULL;
  g_autoptr (RepriseBackup) backup = reprise_cli_find_backup (cli, args[0], &service, error);
  Details details = { .backup = backup };
  const char *name = service != NULL ? reprise_service_get_name (service) : NULL;

  if (backup == NULL)
    return REPRISE_EXIT_DONE;
  if (reprise_backup_get_in_vault (backup) &&
      !reprise_cli_run_in_thread (cli, read_func, &details, error))
    return REPRISE_EXIT_DONE;
  if (cli->json)
    print_json (&details, name);
  else
    print_text (&details, name);
  g_clear_object (&details.manifest);
  g_clear_pointer (&details.events, g_ptr_array_unref);
  return REPRISE_EXIT_DONE;
}

const RepriseCliCommand reprise_cli_show = {
  .name = "show",
  .arguments = N_ ("ID"),
  .summary = N_ ("Show a backup: what is in it, and whether it was proven readable"),
  .flags = REPRISE_CLI_JSON | REPRISE_CLI_SECRET_FD,
  .n_min = 1,
  .n_max = 1,
  .run = run,
};
