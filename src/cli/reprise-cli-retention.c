/* reprise-cli-retention.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "reprise-cli-commands.h"
#include "reprise-cli-options.h"
#include "reprise-cli-output.h"
#include "reprise-cli-retention.h"
#include "reprise-cli-tiers.h"
#include "schedule/reprise-retention.h"

#define KEEP_ALL       "all"
#define MAX_TIER_RULES 8

static char *database;
static gboolean reset, automatic, manual;

static const GOptionEntry entries[] = {
  { "database", 'd', 0, G_OPTION_ARG_STRING, &database,
    N_ ("Of a service with databases: the one, or those, that the rules are of"), N_ ("PATTERN") },
  { "reset", 0, 0, G_OPTION_ARG_NONE, &reset,
    N_ ("Go back to what is offered first, or to the rules of the service"), NULL },
  { "automatic", 0, 0, G_OPTION_ARG_NONE, &automatic,
    N_ ("After each backup, delete what the rules do not keep"), NULL },
  { "manual", 0, 0, G_OPTION_ARG_NONE, &manual, N_ ("Delete nothing but by “prune”"), NULL },
  { NULL },
};

static gboolean
is_automatic (RepriseService *service)
{
  return g_strcmp0 (reprise_service_get_setting (service, REPRISE_RETENTION_SETTING_AUTOMATIC),
                    "true") == 0;
}

static RepriseExit
print (RepriseCli *cli, RepriseService *service, const char *rules)
{
  g_autoptr (JsonBuilder) json = json_builder_new ();
  const char *name = reprise_service_get_name (service);

  if (!cli->json && *rules == '\0')
    /* Translators: the name of a service */
    g_print (_ ("All backups of “%s” are kept.\n"), name);
  else if (!cli->json)
    /* Translators: the name of a service; rules: “daily=7 weekly=4” */
    g_print (_ ("Of “%s” is kept: %s\n"), name, rules);
  if (!cli->json && *rules != '\0' && is_automatic (service))
    g_print ("%s\n", _ ("The rest is deleted after each backup."));
  if (!cli->json)
    return REPRISE_EXIT_DONE;
  json_builder_begin_object (json);
  reprise_cli_json_string (json, "id", reprise_service_get_uuid (service));
  reprise_cli_json_string (json, "name", name);
  reprise_cli_json_string (json, "retention", *rules != '\0' ? rules : NULL);
  reprise_cli_json_boolean (json, "automatic", is_automatic (service));
  json_builder_end_object (json);
  reprise_cli_json_print (json);
  return REPRISE_EXIT_DONE;
}

/* (transfer full): the rules as they are kept from now on, “” for all, or %NULL with @error. As for tiers, a rule that is not named
 * stays as it was: nothing is deleted because somebody spoke of something else. @set: the rules until now */
static char *
read_rules (const char *set, char **words, GError **error)
{
  g_autofree char *text = g_strjoinv (" ", words);
  g_autofree char *all = g_strjoin (" ", set, text, NULL);
  g_autoptr (GError) local_error = NULL;
  RepriseRetention retention;

  if (g_str_equal (text, KEEP_ALL))
    return g_strdup ("");
  if (reprise_retention_read (all, &retention, &local_error))
    return reprise_retention_to_string (&retention);
  reprise_cli_set_usage_error (error, "%s.", local_error->message);
  return NULL;
}

/**
 * reprise_cli_check_retention:
 *
 * Whether retention has a say in the backups of a service: increments go on from each other and are rolled up instead.
 */
gboolean
reprise_cli_check_retention (RepriseCli *cli, RepriseService *service, GError **error)
{
  RepriseKind *kind = reprise_cli_find_kind (cli, service, error);

  if (kind == NULL)
    return FALSE;
  if (!reprise_kind_can (kind, REPRISE_HAS_HISTORY))
    return TRUE;
  reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_REFUSED,
                     /* Translators: the name of a service */
                     _ ("The backups of “%s” are increments, which go on from each other: “reprise "
                        "rollup” makes weeks, months and years of them and cleans up."),
                     reprise_service_get_name (service));
  return FALSE;
}

/**
 * reprise_cli_check_roll_up:
 *
 * Whether backups of a service can be rolled up, be it increments or reports.
 */
gboolean
reprise_cli_check_roll_up (RepriseKind *kind, RepriseService *service, GError **error)
{
  if (reprise_kind_can (kind, REPRISE_HAS_HISTORY) || reprise_kind_can (kind, REPRISE_HAS_REPORTS))
    return TRUE;
  reprise_error_set (
    error, REPRISE_ERROR, REPRISE_ERROR_NOT_SUPPORTED,
    /* Translators: the name of a service */
    _ ("Each backup of “%s” is whole by itself, so there is nothing to roll up: “reprise "
       "prune” deletes those that are not kept."),
    reprise_service_get_name (service));
  return FALSE;
}

static RepriseExit
run (RepriseCli *cli, char **args, GError **error)
{
  RepriseService *service = reprise_cli_find_service (cli, args[0], error);
  g_autoptr (RepriseService) changed = NULL;
  RepriseKind *kind = service != NULL ? reprise_cli_find_kind (cli, service, error) : NULL;
  g_autofree char *rules = NULL;
  const char *set;

  if (kind == NULL)
    return REPRISE_EXIT_DONE;
  if (reprise_kind_can (kind, REPRISE_HAS_HISTORY))
    return reprise_cli_run_tiers (cli, service, args + 1, database, reset, error);
  if (database != NULL)
    {
      reprise_cli_set_usage_error (
        error, _ ("--database is for services whose backups are increments of databases."));
      return REPRISE_EXIT_DONE;
    }
  if (reset && args[1] != NULL)
    {
      reprise_cli_set_usage_error (error, _ ("--reset takes no rules."));
      return REPRISE_EXIT_DONE;
    }
  if (automatic && manual)
    {
      reprise_cli_set_usage_error (error, _ ("Only one of --automatic and --manual can be given."));
      return REPRISE_EXIT_DONE;
    }
  set = reprise_service_get_setting (service, REPRISE_RETENTION_SETTING);
  if (args[1] == NULL && !reset && !automatic && !manual)
    return print (cli, service, set != NULL ? set : "");
  rules = reset             ? g_strdup ("")
          : args[1] == NULL ? g_strdup (set != NULL ? set : "")
                            : read_rules (set != NULL ? set : "", args + 1, error);
  if (rules == NULL)
    return REPRISE_EXIT_DONE;
  changed = reprise_service_copy (service);
  reprise_service_set_setting (changed, REPRISE_RETENTION_SETTING, *rules != '\0' ? rules : NULL);
  if (automatic || manual || reset)
    reprise_service_set_setting (changed, REPRISE_RETENTION_SETTING_AUTOMATIC,
                                 automatic ? "true" : NULL);
  if (!reprise_services_save (reprise_context_get_services (cli->context), changed, error))
    return REPRISE_EXIT_DONE;
  return print (cli, changed, rules);
}

const RepriseCliCommand reprise_cli_retention = {
  .name = "retention",
  .arguments = N_ ("NAME [RULE=NUMBER…]"),
  .summary =
    N_ ("Show or set how many backups “prune” keeps: last, hourly, daily, weekly, monthly, "
        "yearly; “all” keeps all"),
  .flags = REPRISE_CLI_JSON,
  .entries = entries,
  .n_min = 1,
  .n_max = 1 + MAX_TIER_RULES,
  .run = run,
};
