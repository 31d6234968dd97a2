/* reprise-cli-rollup.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "base/reprise-time.h"
#include "provider/reprise-context-tiers.h"
#include "reprise-cli-commands.h"
#include "reprise-cli-describe.h"
#include "reprise-cli-job.h"
#include "reprise-cli-options.h"
#include "reprise-cli-retention.h"

static gboolean dry_run;

static const GOptionEntry entries[] = {
  { "dry-run", 0, 0, G_OPTION_ARG_NONE, &dry_run, N_ ("Only show what would be done"), NULL },
  { NULL },
};

/* --- what would be done --- */

static void
json_source (JsonBuilder *json, const RepriseCompactSource *source)
{
  json_builder_begin_object (json);
  reprise_cli_json_string (json, "backup_id", source->backup_id);
  reprise_cli_json_time (json, "created_at", source->created_at);
  reprise_cli_json_string (json, "tier", reprise_tier_to_string (source->tier));
  reprise_cli_json_count (json, "size_bytes", source->size_bytes);
  reprise_cli_json_boolean (json, "kept", source->kept);
  json_builder_end_object (json);
}

static void
json_lost (JsonBuilder *json, GPtrArray *lost)
{
  json_builder_set_member_name (json, "lost");
  json_builder_begin_array (json);
  for (guint i = 0; i < lost->len; i++)
    {
      g_autofree char *time = reprise_time_to_string (lost->pdata[i]);

      json_builder_add_string_value (json, time);
    }
  json_builder_end_array (json);
}

static void
json_step (JsonBuilder *json, const RepriseCompactStep *step)
{
  json_builder_begin_object (json);
  reprise_cli_json_string (json, "action", reprise_compact_action_to_string (step->action));
  reprise_cli_json_strings (json, "collections", (const char *const *) step->collections);
  reprise_cli_json_string (json, "tier", reprise_tier_to_string (step->tier));
  json_builder_set_member_name (json, "sources");
  json_builder_begin_array (json);
  for (guint i = 0; i < step->sources->len; i++)
    json_source (json, step->sources->pdata[i]);
  json_builder_end_array (json);
  json_lost (json, step->lost);
  reprise_cli_json_count (json, "size_bytes", step->size_bytes);
  reprise_cli_json_boolean (json, "rolled_up", step->rolled_up);
  reprise_cli_json_time (json, "deleted_at", step->deleted_at);
  reprise_cli_json_boolean (json, "kept", step->kept);
  reprise_cli_json_boolean (json, "needed", step->needed);
  reprise_cli_json_boolean (json, "due", step->due);
  json_builder_end_object (json);
}

static void
json_plan (const RepriseCompactPlan *plan)
{
  g_autoptr (JsonBuilder) json = json_builder_new ();

  json_builder_begin_object (json);
  json_builder_set_member_name (json, "steps");
  json_builder_begin_array (json);
  for (guint i = 0; i < plan->steps->len; i++)
    json_step (json, plan->steps->pdata[i]);
  json_builder_end_array (json);
  reprise_cli_json_count (json, "freed_bytes", plan->freed_bytes);
  reprise_cli_json_count (json, "later_bytes", plan->later_bytes);
  json_builder_end_object (json);
  reprise_cli_json_print (json);
}

/* A line for what is done, and one for each backup that it is done to */
static void
add_step (RepriseCliTable *table, const RepriseCompactStep *step)
{
  g_autofree char *names = g_strjoinv (", ", step->collections);
  g_autofree char *size = reprise_cli_size (step->size_bytes);
  g_autofree char *text = reprise_compact_step_dup_text (step);
  const char *tier = reprise_tier_get_text (step->tier);

  reprise_cli_table_add (table, reprise_compact_action_get_text (step->action), names,
                         tier != NULL ? tier : "–", size, text, NULL);
  reprise_cli_table_set_style (table, 0, REPRISE_CLI_BOLD);
  for (guint i = 0; i < step->sources->len; i++)
    {
      const RepriseCompactSource *source = step->sources->pdata[i];
      g_autofree char *time = reprise_time_to_text (source->created_at);
      g_autofree char *line = g_strdup_printf ("%s (%s)", source->backup_id, time);
      g_autofree char *own = reprise_cli_size (source->size_bytes);
      const char *own_tier = reprise_tier_get_text (source->tier);

      reprise_cli_table_add (table, "", line, own_tier != NULL ? own_tier : "–", own,
                             source->kept && !step->kept ? _ ("kept") : "", NULL);
      reprise_cli_table_set_style (table, 1, REPRISE_CLI_DIM);
    }
}

static void
print_lost (const RepriseCompactPlan *plan)
{
  g_autoptr (GStrvBuilder) lines = g_strv_builder_new ();
  g_auto (GStrv) all = NULL;

  for (guint i = 0; i < plan->steps->len; i++)
    {
      const RepriseCompactStep *step = plan->steps->pdata[i];
      g_autofree char *names = g_strjoinv (", ", step->collections);

      for (guint j = 0; !step->kept && !step->needed && j < step->lost->len; j++)
        {
          g_autofree char *time = reprise_time_to_text (step->lost->pdata[j]);
          g_autofree char *line = g_strdup_printf ("%s: %s", names, time);

          g_strv_builder_add (lines, line);
        }
    }
  all = g_strv_builder_end (lines);
  reprise_cli_print_lines (_ ("Points in time that end with it"), all);
}

static void
print_plan (const RepriseCompactPlan *plan)
{
  const char *head[] = { _ ("What"), _ ("Of"), _ ("Tier"), _ ("Size"), _ ("Then"), NULL };
  g_autoptr (RepriseCliTable) table = reprise_cli_table_new (head);
  g_autofree char *freed = reprise_cli_size (plan->freed_bytes);
  g_autofree char *later = reprise_cli_size (plan->later_bytes);

  if (plan->steps->len == 0)
    {
      g_print ("%s\n", _ ("Every backup is in its tier: nothing to roll up"));
      return;
    }
  reprise_cli_table_align_end (table, 3);
  for (guint i = 0; i < plan->steps->len; i++)
    add_step (table, plan->steps->pdata[i]);
  reprise_cli_table_print (table);
  print_lost (plan);
  /* Translators: two sizes */
  g_print (_ ("\nFreed now: %s. Freed later, at most: %s.\n"), freed, later);
}

static RepriseExit
preview (RepriseCli *cli, RepriseService *service, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (RepriseCompactPlan) plan = NULL;

  reprise_context_plan_compact_async (cli->context, service, cli->cancellable, reprise_cli_ready_cb,
                                      cli);
  result = reprise_cli_wait (cli);
  plan = reprise_context_plan_compact_finish (cli->context, result, error);
  if (plan != NULL && cli->json)
    json_plan (plan);
  else if (plan != NULL)
    print_plan (plan);
  return REPRISE_EXIT_DONE;
}

/* --- doing it --- */

static RepriseExit
run (RepriseCli *cli, char **args, GError **error)
{
  RepriseService *service = reprise_cli_find_service (cli, args[0], error);
  RepriseKind *kind = service != NULL ? reprise_cli_find_kind (cli, service, error) : NULL;
  g_autoptr (RepriseSecrets) secrets = NULL;
  g_autoptr (RepriseRequest) request = NULL;
  g_autoptr (RepriseJob) job = NULL;

  if (kind == NULL || !reprise_cli_check_roll_up (kind, service, error))
    return REPRISE_EXIT_DONE;
  /* of services that are asked: what they keep themselves is rolled up there */
  secrets = reprise_cli_new_secrets (cli, service, error);
  if (secrets == NULL)
    return REPRISE_EXIT_DONE;
  if (dry_run)
    return preview (cli, service, error);
  request = reprise_request_new (REPRISE_JOB_COMPACT, reprise_service_get_uuid (service));
  job = reprise_cli_run_job (cli, request, secrets, error);
  return job != NULL ? reprise_cli_end_work (cli, job, error) : REPRISE_EXIT_DONE;
}

const RepriseCliCommand reprise_cli_rollup = {
  .name = "rollup",
  .arguments = N_ ("NAME"),
  .summary = N_ ("Roll daily backups up into weeks, months and years, and clean up"),
  .flags = REPRISE_CLI_JOB,
  .entries = entries,
  .n_min = 1,
  .n_max = 1,
  .run = run,
};
