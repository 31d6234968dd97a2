/* reprise-cli-schedule-own.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "net/reprise-json.h"
#include "provider/reprise-context-access.h"
#include "reprise-cli-describe.h"
#include "reprise-cli-options.h"
#include "reprise-cli-schedule.h"

/* The schedule that a service keeps itself: its members are the schedule settings of its kind. */

typedef struct
{
  RepriseService *service;
  RepriseKind *kind;
  RepriseSecrets *secrets; /* (owned) */
} Own;

static void
own_clear (Own *own)
{
  g_clear_object (&own->secrets);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Own, own_clear)

/* (transfer full) (nullable): %NULL without an error where there is none */
static JsonNode *
get (RepriseCli *cli, Own *own, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  reprise_context_get_schedule_async (cli->context, own->service, own->secrets, cli->cancellable,
                                      reprise_cli_ready_cb, cli);
  result = reprise_cli_wait (cli);
  return reprise_context_get_schedule_finish (cli->context, result, error);
}

static gboolean
set (RepriseCli *cli, Own *own, JsonNode *schedule, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  reprise_context_set_schedule_async (cli->context, own->service, own->secrets, schedule,
                                      cli->cancellable, reprise_cli_ready_cb, cli);
  result = reprise_cli_wait (cli);
  return reprise_context_set_schedule_finish (cli->context, result, error);
}

/* --- changing it --- */

/* (transfer full): what it is now, else what it is at first, with what was given */
static JsonNode *
merge (Own *own, JsonNode *present, GHashTable *given, const char *enabled)
{
  const RepriseSetting *setting = reprise_kind_get_schedule_settings (own->kind);
  JsonObject *before = reprise_json_node_get_object (present);
  g_autoptr (JsonBuilder) json = json_builder_new ();

  json_builder_begin_object (json);
  for (; setting != NULL && setting->key != NULL; setting++)
    {
      const char *value = g_hash_table_lookup (given, setting->key);

      if (enabled != NULL && g_str_equal (setting->key, REPRISE_SCHEDULE_ENABLED))
        value = enabled;
      if (value == NULL)
        value = reprise_json_get_string (before, setting->key, setting->default_value);
      reprise_cli_json_string (json, setting->key, value != NULL ? value : "");
    }
  json_builder_end_object (json);
  return json_builder_get_root (json);
}

static gboolean
change (RepriseCli *cli,
        Own *own,
        char **pairs,
        RepriseCliScheduleChange what,
        JsonNode **schedule,
        GError **error)
{
  g_autoptr (GHashTable) given =
    reprise_cli_take_settings (reprise_kind_get_schedule_settings (own->kind), "set", pairs, error);
  g_autoptr (JsonNode) wish = NULL;
  const char *enabled = what == REPRISE_CLI_SCHEDULE_PAUSE    ? "false"
                        : what == REPRISE_CLI_SCHEDULE_RESUME ? "true"
                                                              : NULL;

  if (given == NULL)
    return FALSE;
  if (enabled != NULL && *schedule == NULL)
    {
      reprise_cli_set_usage_error (error,
                                   _ ("“%s” has no schedule of its own: give one with --set."),
                                   reprise_service_get_name (own->service));
      return FALSE;
    }
  if (what != REPRISE_CLI_SCHEDULE_OFF)
    wish = merge (own, *schedule, given, enabled);
  if (!set (cli, own, wish, error))
    return FALSE;
  g_clear_pointer (schedule, json_node_unref);
  if (wish == NULL)
    return TRUE;
  *schedule = get (cli, own, error);
  return *schedule != NULL || error == NULL || *error == NULL;
}

/* --- showing it --- */

static void
add_settings (RepriseCliTable *table, Own *own, JsonObject *values)
{
  const RepriseSetting *setting = reprise_kind_get_schedule_settings (own->kind);

  for (; setting != NULL && setting->key != NULL; setting++)
    {
      const char *value = reprise_json_get_string (values, setting->key, "");

      if (*value != '\0')
        reprise_cli_table_add (table, setting->key, value, _ (setting->label), NULL);
    }
}

static void
add_facts (RepriseCliTable *table, JsonObject *values)
{
  JsonArray *facts = reprise_json_get_array (values, REPRISE_SCHEDULE_FACTS);

  for (guint i = 0; i < reprise_json_array_get_length (facts); i++)
    {
      JsonObject *fact = reprise_json_array_get_object (facts, i);

      reprise_cli_table_add (table, reprise_json_get_string (fact, "label", ""),
                             reprise_json_get_string (fact, "value", ""), "", NULL);
    }
}

static RepriseExit
print_text (Own *own, JsonNode *schedule)
{
  const char *head[] = { "", "", "", NULL };
  g_autoptr (RepriseCliTable) table = reprise_cli_table_new (head);
  JsonObject *values = reprise_json_node_get_object (schedule);
  JsonArray *warnings = reprise_json_get_array (values, REPRISE_SCHEDULE_WARNINGS);

  if (schedule == NULL)
    {
      /* Translators: the name of a service */
      g_print (_ ("“%s” has no schedule of its own.\n"), reprise_service_get_name (own->service));
      return REPRISE_EXIT_DONE;
    }
  if (g_str_equal (reprise_json_get_string (values, REPRISE_SCHEDULE_ENABLED, "true"), "false"))
    /* Translators: the name of a service */
    g_print (_ ("“%s” keeps a schedule itself, which is paused:\n"),
             reprise_service_get_name (own->service));
  else
    /* Translators: the name of a service */
    g_print (_ ("“%s” keeps a schedule itself:\n"), reprise_service_get_name (own->service));
  add_settings (table, own, values);
  add_facts (table, values);
  reprise_cli_table_print (table);
  for (guint i = 0; i < reprise_json_array_get_length (warnings); i++)
    reprise_cli_warn ("%s", reprise_json_array_get_string (warnings, i, ""));
  return reprise_json_array_get_length (warnings) > 0 ? REPRISE_EXIT_WARNINGS : REPRISE_EXIT_DONE;
}

static void
print_json (Own *own, JsonNode *schedule)
{
  g_autoptr (JsonBuilder) json = json_builder_new ();

  json_builder_begin_object (json);
  reprise_cli_json_string (json, "id", reprise_service_get_uuid (own->service));
  reprise_cli_json_string (json, "name", reprise_service_get_name (own->service));
  json_builder_set_member_name (json, "own_schedule");
  json_builder_add_value (json, schedule != NULL ? json_node_copy (schedule)
                                                 : json_node_new (JSON_NODE_NULL));
  json_builder_end_object (json);
  reprise_cli_json_print (json);
}

/**
 * reprise_cli_own_schedule:
 * @pairs: (nullable): KEY=VALUE, which are set; they make a schedule where there is none
 *
 * Shows or changes the schedule that a service keeps itself.
 */
RepriseExit
reprise_cli_own_schedule (RepriseCli *cli,
                          RepriseService *service,
                          char **pairs,
                          RepriseCliScheduleChange what,
                          GError **error)
{
  g_auto (Own) own = { service, reprise_cli_find_kind (cli, service, error), NULL };
  g_autoptr (JsonNode) schedule = NULL;
  GError *local = NULL;

  if (own.kind == NULL || !reprise_kind_check_can (own.kind, REPRISE_HAS_SCHEDULE, error))
    return REPRISE_EXIT_DONE;
  own.secrets = reprise_cli_new_secrets (cli, service, error);
  if (own.secrets == NULL)
    return REPRISE_EXIT_DONE;
  schedule = get (cli, &own, &local);
  if (local == NULL && (pairs != NULL || what != REPRISE_CLI_SCHEDULE_SET))
    change (cli, &own, pairs, what, &schedule, &local);
  if (local != NULL)
    {
      g_propagate_error (error, local);
      return REPRISE_EXIT_DONE;
    }
  if (!cli->json)
    return print_text (&own, schedule);
  print_json (&own, schedule);
  return REPRISE_EXIT_DONE;
}
