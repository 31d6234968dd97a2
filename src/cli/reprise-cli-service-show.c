/* reprise-cli-service-show.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "provider/reprise-rehearsal.h"
#include "reprise-cli-commands.h"
#include "reprise-cli-describe.h"
#include "reprise-cli-options.h"
#include "reprise-cli-secrets.h"

static void
json_secrets (RepriseCli *cli, JsonBuilder *json, RepriseKind *kind, RepriseService *service)
{
  const RepriseSetting *all = reprise_kind_get_settings (kind);

  json_builder_set_member_name (json, "secrets");
  json_builder_begin_object (json);
  for (const RepriseSetting *setting = all; setting != NULL && setting->key != NULL; setting++)
    {
      g_autofree char *text = NULL;
      const char *id;

      if (setting->type != REPRISE_SETTING_SECRET ||
          !reprise_setting_is_shown (setting, all, reprise_service_get_settings (service)))
        continue;
      text = reprise_cli_secret_state (cli, service, setting, &id);
      reprise_cli_json_string (json, setting->key, id);
    }
  json_builder_end_object (json);
}

typedef struct
{
  RepriseService *service;
  RepriseStanding *standing;
} Reading;

static gboolean
read_func (RepriseCli *cli, gpointer data, GCancellable *cancellable, GError **error)
{
  Reading *reading = data;
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autoptr (GTimeZone) zone = g_time_zone_new_local ();

  reading->standing =
    reprise_standing_read (cli->context, reading->service, now, zone, cancellable, error);
  return reading->standing != NULL;
}

/* (transfer full) (nullable): how well it is backed up; where the vault or the history cannot be read, its settings are shown all the
 * same */
static RepriseStanding *
read_standing (RepriseCli *cli, RepriseService *service)
{
  Reading reading = { service, NULL };
  g_autoptr (GError) error = NULL;

  if (!reprise_cli_run_in_thread (cli, read_func, &reading, &error))
    reprise_cli_warn ("%s", error->message);
  return reading.standing;
}

static void
print_json (RepriseCli *cli, RepriseKind *kind, RepriseService *service)
{
  g_autoptr (RepriseStanding) standing = read_standing (cli, service);
  g_autoptr (JsonBuilder) json = json_builder_new ();
  g_autoptr (GList) rules = g_list_sort (
    g_hash_table_get_keys (reprise_service_get_rules (service)), (GCompareFunc) g_strcmp0);

  json_builder_begin_object (json);
  reprise_cli_json_service (json, service);
  json_secrets (cli, json, kind, service);
  json_builder_set_member_name (json, "rules");
  json_builder_begin_object (json);
  for (GList *rule = rules; rule != NULL; rule = rule->next)
    reprise_cli_json_string (json, rule->data, reprise_service_get_rule (service, rule->data));
  json_builder_end_object (json);
  if (standing != NULL)
    reprise_cli_json_outlook (json, standing);
  json_builder_end_object (json);
  reprise_cli_json_print (json);
}

/* (transfer full): how the last rehearsal ended, or why there is none */
static char *
describe_rehearsal (RepriseCli *cli, const RepriseStanding *standing, GDateTime *now)
{
  char *reason;

  if (standing->rehearsal != NULL)
    return reprise_standing_describe_rehearsal (standing->rehearsal, now);
  reason = reprise_rehearsal_explain_missing (cli->context, standing->service);
  return reason != NULL ? reason
                        : g_strdup (_ ("A restore into a scratch place has not been tried yet"));
}

static void
add_outlook (RepriseCli *cli,
             RepriseCliTable *table,
             RepriseKind *kind,
             const RepriseStanding *standing)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autoptr (GTimeZone) zone = g_time_zone_new_local ();
  g_autofree char *next = reprise_standing_describe_next (standing, NULL, now, zone);
  g_autofree char *recovery = reprise_standing_dup_recovery (standing, now);
  g_autofree char *advised =
    g_strdup_printf ("%s %s", recovery, _ ("Back up before important changes."));
  g_autofree char *rehearsal = describe_rehearsal (cli, standing, now);

  reprise_cli_table_add (table, _ ("Next Backup"), next, NULL);
  reprise_cli_table_add (table, _ ("If Lost Now"), advised, NULL);
  if (standing->rehearsal != NULL || standing->newest != NULL)
    reprise_cli_table_add (table, reprise_kind_get_rehearsal_title (kind), rehearsal, NULL);
}

static void
add_setting (RepriseCli *cli,
             RepriseCliTable *table,
             RepriseKind *kind,
             RepriseService *service,
             const RepriseSetting *setting)
{
  g_autofree char *text = NULL;
  const char *id;

  if (setting->type == REPRISE_SETTING_SECRET)
    text = reprise_cli_secret_state (cli, service, setting, &id);
  else
    text = g_strdup (g_str_equal (setting->key, REPRISE_KIND_SETTING_REHEARSE_ON)
                       ? reprise_rehearsal_get_stage_name (cli->context, service)
                       : reprise_kind_get_value (kind, service, setting->key));
  if (text != NULL && *text != '\0')
    reprise_cli_table_add (table, setting->label != NULL ? _ (setting->label) : setting->key, text,
                           setting->key, NULL);
  else
    return;
  reprise_cli_table_set_style (table, 2, REPRISE_CLI_DIM);
}

static void
print_text (RepriseCli *cli, RepriseKind *kind, RepriseService *service)
{
  const char *head[] = { "", "", "", NULL };
  g_autoptr (RepriseCliTable) table = reprise_cli_table_new (head);
  const RepriseSetting *all = reprise_kind_get_settings (kind);
  g_autoptr (RepriseStanding) standing = read_standing (cli, service);

  reprise_cli_table_add (table, _ ("Name"), reprise_service_get_name (service), NULL);
  reprise_cli_table_add (table, _ ("Kind"), reprise_kind_get_title (kind), NULL);
  reprise_cli_table_add (table, _ ("UUID"), reprise_service_get_uuid (service), NULL);
  reprise_cli_table_add (table, _ ("Production"),
                         reprise_service_get_production (service) ? _ ("yes") : _ ("no"), NULL);
  for (const RepriseSetting *setting = all; setting != NULL && setting->key != NULL; setting++)
    if (reprise_setting_is_shown (setting, all, reprise_service_get_settings (service)))
      add_setting (cli, table, kind, service, setting);
  if (standing != NULL)
    add_outlook (cli, table, kind, standing);
  reprise_cli_table_print (table);
}

static RepriseExit
run (RepriseCli *cli, char **args, GError **error)
{
  RepriseService *service = reprise_cli_find_service (cli, args[0], error);
  RepriseKind *kind = service != NULL ? reprise_cli_find_kind (cli, service, error) : NULL;

  if (kind == NULL)
    return REPRISE_EXIT_DONE;
  if (cli->json)
    print_json (cli, kind, service);
  else
    print_text (cli, kind, service);
  return REPRISE_EXIT_DONE;
}

const RepriseCliCommand reprise_cli_service_show = {
  .name = "service show",
  .arguments = N_ ("NAME"),
  .summary =
    N_ ("Show the settings of a service, whether its secrets are in the keyring, and how much "
        "would be lost with it"),
  .flags = REPRISE_CLI_JSON,
  .n_min = 1,
  .n_max = 1,
  .run = run,
};
