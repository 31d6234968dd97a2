/* reprise-cli-versions.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "base/reprise-time.h"
#include "reprise-cli-commands.h"
#include "reprise-cli-documents.h"
#include "reprise-cli-output.h"

static char *collection;

static const GOptionEntry entries[] = {
  { "collection", 'c', 0, G_OPTION_ARG_STRING, &collection, N_ ("The database of the document"),
    N_ ("NAME") },
  { NULL },
};

static GPtrArray *
work (RepriseCliDocuments *self, GCancellable *cancellable, GError **error)
{
  return reprise_provider_list_versions (self->provider, self->vault, self->collection,
                                         self->args[1], &self->warning, cancellable, error);
}

static void
json_version (JsonBuilder *json, const RepriseVersion *version)
{
  json_builder_begin_object (json);
  reprise_cli_json_string (json, "version", version->version);
  reprise_cli_json_time (json, "created_at", version->at);
  reprise_cli_json_string (json, "backup_id", version->backup_id);
  reprise_cli_json_string (json, "tier", version->tier);
  reprise_cli_json_time (json, "deleted_at", version->leaving_at);
  reprise_cli_json_string (json, "origin", version->origin);
  reprise_cli_json_boolean (json, "deleted", version->deleted);
  reprise_cli_json_boolean (json, "conflict", version->conflict);
  reprise_cli_json_count (json, "size_bytes", version->size_bytes);
  json_builder_end_object (json);
}

/* “Daily delta: rolled up, deleted on 28 Nov 2026, 02:00” */
static char *
dup_tier (const RepriseVersion *version)
{
  RepriseTier tier = REPRISE_TIER_NONE;
  const char *text;
  g_autofree char *date =
    version->leaving_at != NULL ? reprise_time_to_text (version->leaving_at) : NULL;

  reprise_tier_from_string (version->tier, &tier);
  text = reprise_tier_get_text (tier);
  if (text == NULL)
    return g_strdup ("–");
  /* Translators: “Daily delta”, and a date */
  return date != NULL ? g_strdup_printf (_ ("%s: rolled up, deleted on %s"), text, date)
                      : g_strdup (text);
}

static void
add_version (RepriseCliTable *table, const RepriseVersion *version)
{
  g_autofree char *time =
    version->at != NULL ? reprise_time_to_text (version->at) : g_strdup (_ ("Now"));
  g_autofree char *size = reprise_cli_size (version->size_bytes);
  const char *note = version->deleted          ? _ ("deleted")
                     : version->conflict       ? _ ("in conflict")
                     : version->origin != NULL ? _ ("by the service itself")
                                               : "";
  g_autofree char *tier = dup_tier (version);

  reprise_cli_table_add (table, time, version->version,
                         version->backup_id != NULL ? version->backup_id : "–", tier, size, note,
                         NULL);
}

static RepriseExit
run (RepriseCli *cli, char **args, GError **error)
{
  gboolean warned = FALSE;
  g_autoptr (GPtrArray) versions =
    reprise_cli_run_documents (cli, args, collection, &warned, work, error);
  const char *head[] = {
    _ ("Date"), _ ("Version"), _ ("Backup"), _ ("Tier"), _ ("Size"), "", NULL
  };
  g_autoptr (RepriseCliTable) table = reprise_cli_table_new (head);
  g_autoptr (JsonBuilder) json = json_builder_new ();

  if (versions == NULL)
    return REPRISE_EXIT_DONE;
  reprise_cli_table_align_end (table, 4);
  json_builder_begin_array (json);
  for (guint i = 0; i < versions->len; i++)
    {
      json_version (json, versions->pdata[i]);
      add_version (table, versions->pdata[i]);
    }
  json_builder_end_array (json);
  if (cli->json)
    reprise_cli_json_print (json);
  else
    reprise_cli_table_print (table);
  return warned ? REPRISE_EXIT_WARNINGS : REPRISE_EXIT_DONE;
}

const RepriseCliCommand reprise_cli_versions = {
  .name = "versions",
  .arguments = N_ ("NAME DOCUMENT"),
  .summary = N_ ("List the versions of a document, on the service and in all backups"),
  .flags = REPRISE_CLI_JSON | REPRISE_CLI_SECRET_FD,
  .entries = entries,
  .n_min = 2,
  .n_max = 2,
  .run = run,
};
