/* reprise-cli-tiers.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "provider/reprise-tier-policy.h"
#include "reprise-cli-options.h"
#include "reprise-cli-output.h"
#include "reprise-cli-tiers.h"

static char *
print_keep (guint keep)
{
  return keep == REPRISE_TIER_KEEP_ALL ? g_strdup (_ ("all")) : g_strdup_printf ("%u", keep);
}

static void
add_row (RepriseCliTable *table, const char *name, const RepriseTierPolicy *policy)
{
  g_autofree char *daily = print_keep (policy->keep[REPRISE_TIER_DAILY]);
  g_autofree char *weekly = print_keep (policy->keep[REPRISE_TIER_WEEKLY]);
  g_autofree char *monthly = print_keep (policy->keep[REPRISE_TIER_MONTHLY]);
  g_autofree char *yearly = print_keep (policy->keep[REPRISE_TIER_YEARLY]);
  g_autofree char *days =
    g_strdup_printf (ngettext ("%u day", "%u days", policy->every[REPRISE_TIER_WEEKLY]),
                     policy->every[REPRISE_TIER_WEEKLY]);
  g_autofree char *months =
    g_strdup_printf (ngettext ("%u month", "%u months", policy->every[REPRISE_TIER_MONTHLY]),
                     policy->every[REPRISE_TIER_MONTHLY]);
  g_autofree char *years =
    g_strdup_printf (ngettext ("%u year", "%u years", policy->every[REPRISE_TIER_YEARLY]),
                     policy->every[REPRISE_TIER_YEARLY]);
  g_autofree char *delay = g_strdup_printf (
    ngettext ("after %u day", "after %u days", policy->delay_days), policy->delay_days);
  /* Translators: how much a weekly, a monthly and a yearly roll-up take in: “7 days, 1 month, 1 year” */
  g_autofree char *every = g_strdup_printf (_ ("%s, %s, %s"), days, months, years);

  reprise_cli_table_add (table, name, daily, weekly, monthly, yearly, every, delay, NULL);
}

static void
print_text (RepriseService *service, const char *database)
{
  const char *head[] = { _ ("Database"), _ ("Daily"),    _ ("Weekly"),   _ ("Monthly"),
                         _ ("Yearly"),   _ ("Roll-Ups"), _ ("Clean-Up"), NULL };
  g_autoptr (RepriseCliTable) table = reprise_cli_table_new (head);
  g_auto (GStrv) patterns = reprise_tier_policy_list_rules (service);
  RepriseTierPolicy policy;

  for (guint i = 1; i < 5; i++)
    reprise_cli_table_align_end (table, i);
  reprise_tier_policy_read (service, database, &policy);
  if (database == NULL)
    /* Translators: the policy of all databases that have none of their own */
    database = patterns[0] != NULL ? _ ("All others") : _ ("All databases");
  else
    g_clear_pointer (&patterns, g_strfreev);
  add_row (table, database, &policy);
  for (guint i = 0; patterns != NULL && patterns[i] != NULL; i++)
    {
      reprise_tier_policy_read (service, patterns[i], &policy);
      add_row (table, patterns[i], &policy);
    }
  reprise_cli_table_print (table);
}

static void
json_policy (JsonBuilder *json, RepriseService *service, const char *database)
{
  g_autofree char *text = NULL;
  RepriseTierPolicy policy;

  reprise_tier_policy_read (service, database, &policy);
  text = reprise_tier_policy_to_string (&policy);
  reprise_cli_json_string (json, "retention", text);
}

static void
print_json (RepriseService *service, const char *database)
{
  g_autoptr (JsonBuilder) json = json_builder_new ();
  g_auto (GStrv) patterns = reprise_tier_policy_list_rules (service);

  json_builder_begin_object (json);
  reprise_cli_json_string (json, "id", reprise_service_get_uuid (service));
  reprise_cli_json_string (json, "name", reprise_service_get_name (service));
  reprise_cli_json_string (json, "database", database);
  json_policy (json, service, database);
  json_builder_set_member_name (json, "databases");
  json_builder_begin_array (json);
  for (guint i = 0; patterns[i] != NULL; i++)
    {
      json_builder_begin_object (json);
      reprise_cli_json_string (json, "database", patterns[i]);
      json_policy (json, service, patterns[i]);
      json_builder_end_object (json);
    }
  json_builder_end_array (json);
  json_builder_end_object (json);
  reprise_cli_json_print (json);
}

static gboolean
change (RepriseService *service, char **words, const char *database, gboolean reset, GError **error)
{
  g_autofree char *text = g_strjoinv (" ", words);
  g_autoptr (GError) local_error = NULL;
  RepriseTierPolicy policy;

  if (reset)
    return reprise_tier_policy_set (service, database, NULL, error);
  reprise_tier_policy_read (service, database, &policy);
  if (database != NULL ? reprise_tier_policy_change (service, database, text, &local_error)
                       : reprise_tier_policy_parse (&policy, text, &local_error) &&
                           reprise_tier_policy_set (service, NULL, &policy, &local_error))
    return TRUE;
  reprise_cli_set_usage_error (error, "%s.", local_error->message);
  return FALSE;
}

/**
 * reprise_cli_run_tiers:
 * @words: rules to set, perhaps none
 * @database: (nullable): a name or a pattern, which they are of
 * @reset: whether to go back to what is offered first, or to what the service says of all
 *
 * Shows or sets how long the points in time of a service last whose backups are increments.
 */
RepriseExit
reprise_cli_run_tiers (RepriseCli *cli,
                       RepriseService *service,
                       char **words,
                       const char *database,
                       gboolean reset,
                       GError **error)
{
  g_autoptr (RepriseService) changed = reprise_service_copy (service);

  if (reset && words[0] != NULL)
    {
      reprise_cli_set_usage_error (error, _ ("--reset takes no rules."));
      return REPRISE_EXIT_DONE;
    }
  if ((reset || words[0] != NULL) &&
      (!change (changed, words, database, reset, error) ||
       !reprise_services_save (reprise_context_get_services (cli->context), changed, error)))
    return REPRISE_EXIT_DONE;
  if (cli->json)
    print_json (changed, database);
  else
    print_text (changed, database);
  return REPRISE_EXIT_DONE;
}
