/* reprise-cli-databases.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "base/reprise-time.h"
#include "provider/reprise-context-tiers.h"
#include "reprise-cli-commands.h"
#include "reprise-cli-options.h"
#include "reprise-cli-output.h"

static GPtrArray *
list (RepriseCli *cli, RepriseService *service, GError **error)
{
  g_autoptr (RepriseSecrets) secrets = reprise_cli_new_secrets (cli, service, error);
  g_autoptr (GAsyncResult) result = NULL;

  if (secrets == NULL)
    return NULL;
  reprise_context_list_collections_async (cli->context, service, secrets, cli->cancellable,
                                          reprise_cli_ready_cb, cli);
  result = reprise_cli_wait (cli);
  return reprise_context_list_collections_finish (cli->context, result, error);
}

static void
json_tiers (JsonBuilder *json, const RepriseCoverage *coverage)
{
  json_builder_set_member_name (json, "tiers");
  json_builder_begin_object (json);
  for (guint i = REPRISE_TIER_DAILY; i < REPRISE_N_TIERS; i++)
    reprise_cli_json_count (json, reprise_tier_to_string ((RepriseTier) i), coverage->tiers[i]);
  json_builder_end_object (json);
}

static void
json_coverage (JsonBuilder *json, const RepriseCoverage *coverage)
{
  json_builder_begin_object (json);
  reprise_cli_json_string (json, "collection", coverage->name);
  reprise_cli_json_string (json, "group", reprise_group_to_string (coverage->group));
  reprise_cli_json_string (json, "state", reprise_coverage_state_to_string (coverage->state));
  reprise_cli_json_string (json, "reason", coverage->reason);
  reprise_cli_json_boolean (json, "new", coverage->is_new);
  reprise_cli_json_string (json, "last", reprise_coverage_last_to_string (coverage->last));
  reprise_cli_json_time (json, "last_at", coverage->last_at);
  reprise_cli_json_string (json, "backup_id", coverage->backup_id);
  reprise_cli_json_string (json, "tier", reprise_tier_to_string (coverage->backup_tier));
  reprise_cli_json_string (json, "problem", coverage->problem);
  json_tiers (json, coverage);
  reprise_cli_json_count (json, "rolled_up", coverage->n_rolled_up);
  reprise_cli_json_string (json, "own_state", coverage->own_state);
  reprise_cli_json_time (json, "own_at", coverage->own_at);
  reprise_cli_json_count (json, "rows", coverage->rows);
  reprise_cli_json_count (json, "size_bytes", coverage->size_bytes);
  json_builder_end_object (json);
}

static RepriseCliStyle
get_style (RepriseCoverageLast last)
{
  switch (last)
    {
    case REPRISE_COVERAGE_VERIFIED:
      return REPRISE_CLI_GOOD;
    case REPRISE_COVERAGE_DAMAGED:
    case REPRISE_COVERAGE_FAILED:
      return REPRISE_CLI_BAD;
    case REPRISE_COVERAGE_PARTIAL:
      return REPRISE_CLI_WARNING;
    case REPRISE_COVERAGE_NEVER:
    case REPRISE_COVERAGE_UNVERIFIED:
    default:
      return REPRISE_CLI_PLAIN;
    }
}

static void
add_coverage (RepriseCliTable *table, const RepriseCoverage *coverage)
{
  g_autofree char *rows = reprise_cli_count (coverage->rows);
  g_autofree char *size = reprise_cli_size (coverage->size_bytes);
  g_autofree char *tiers = reprise_coverage_dup_tiers_text (coverage);
  g_autofree char *time =
    coverage->last_at != NULL ? reprise_time_to_text (coverage->last_at) : g_strdup ("–");
  const char *note = coverage->problem != NULL  ? coverage->problem
                     : coverage->reason != NULL ? coverage->reason
                                                : "";

  reprise_cli_table_add (table, coverage->name, reprise_group_get_title (coverage->group),
                         reprise_coverage_state_get_text (coverage->state), rows, size, time,
                         reprise_coverage_last_get_text (coverage->last), tiers, note,
                         coverage->own_state, NULL);
  reprise_cli_table_set_style (table, 6, get_style (coverage->last));
  reprise_cli_table_set_style (table, 8, REPRISE_CLI_DIM);
}

static void
print (GPtrArray *all)
{
  gboolean has_own = all->len > 0 && ((RepriseCoverage *) all->pdata[0])->own_state != NULL;
  const char *head[] = { _ ("Database"),
                         _ ("Group"),
                         _ ("Included"),
                         _ ("Records"),
                         _ ("Size"),
                         _ ("Last Backup"),
                         _ ("State"),
                         _ ("Tiers"),
                         "",
                         has_own ? _ ("Its Own Backup") : NULL,
                         NULL };
  g_autoptr (RepriseCliTable) table = reprise_cli_table_new (head);

  reprise_cli_table_align_end (table, 3);
  reprise_cli_table_align_end (table, 4);
  for (guint i = 0; i < all->len; i++)
    add_coverage (table, all->pdata[i]);
  if (all->len > 0)
    reprise_cli_table_print (table);
  else
    g_print ("%s\n", _ ("There are no databases."));
}

/* (nullable): why the service could not be asked */
static const char *
get_unanswered (GPtrArray *all)
{
  const RepriseCoverage *last = all->len > 0 ? all->pdata[all->len - 1] : NULL;

  return last != NULL ? last->unanswered : NULL;
}

static gboolean
check_databases (RepriseCli *cli, RepriseService *service, GError **error)
{
  RepriseKind *kind = reprise_cli_find_kind (cli, service, error);

  if (kind == NULL || reprise_kind_can (kind, REPRISE_HAS_HISTORY))
    return kind != NULL;
  reprise_error_set (
    error, REPRISE_ERROR, REPRISE_ERROR_NOT_SUPPORTED,
    /* Translators: the name of a service */
    _ ("“%s” is not backed up database by database: “reprise groups” shows what it holds."),
    reprise_service_get_name (service));
  return FALSE;
}

static RepriseExit
run (RepriseCli *cli, char **args, GError **error)
{
  RepriseService *service = reprise_cli_find_service (cli, args[0], error);
  g_autoptr (GPtrArray) all =
    service != NULL && check_databases (cli, service, error) ? list (cli, service, error) : NULL;
  g_autoptr (JsonBuilder) json = json_builder_new ();
  const char *unanswered;
  RepriseExit code;

  if (all == NULL)
    return REPRISE_EXIT_DONE;
  unanswered = get_unanswered (all);
  if (unanswered != NULL)
    /* Translators: the name of a service, and why it could not be asked */
    reprise_cli_warn (_ ("This is what backups of “%s” have: %s"),
                      reprise_service_get_name (service), unanswered);
  code = unanswered != NULL ? REPRISE_EXIT_WARNINGS : REPRISE_EXIT_DONE;
  if (!cli->json)
    {
      print (all);
      return code;
    }
  json_builder_begin_array (json);
  for (guint i = 0; i < all->len; i++)
    json_coverage (json, all->pdata[i]);
  json_builder_end_array (json);
  reprise_cli_json_print (json);
  return code;
}

const RepriseCliCommand reprise_cli_databases = {
  .name = "databases",
  .arguments = N_ ("NAME"),
  .summary = N_ ("List databases: whether each is backed up, when it last was, and its tiers"),
  .flags = REPRISE_CLI_JSON | REPRISE_CLI_SECRET_FD,
  .n_min = 1,
  .n_max = 1,
  .run = run,
};
