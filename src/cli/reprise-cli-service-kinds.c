/* reprise-cli-service-kinds.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "reprise-cli-commands.h"
#include "reprise-cli-describe.h"
#include "reprise-cli-options.h"

static const struct
{
  RepriseCapabilities capability;
  const char *name;
} CAPABILITIES[] = {
  { REPRISE_CAN_CHOOSE_GROUPS, "choose-groups" },
  { REPRISE_CAN_LIST_ON_SERVICE, "list-on-service" },
  { REPRISE_CAN_KEEP_ON_SERVICE, "keep-on-service" },
  { REPRISE_CAN_UPLOAD, "upload" },
  { REPRISE_CAN_RESTORE_GROUPS, "restore-groups" },
  { REPRISE_CAN_RESTORE_ELSEWHERE, "restore-elsewhere" },
  { REPRISE_CAN_UNDO, "undo" },
  { REPRISE_CAN_REHEARSE, "rehearse" },
  { REPRISE_CAN_SIGN_IN, "sign-in" },
  { REPRISE_HAS_RULES, "rules" },
  { REPRISE_HAS_SCHEDULE, "schedule" },
  { REPRISE_HAS_HISTORY, "history" },
  { REPRISE_CAN_IMPORT, "import" },
  { REPRISE_CAN_EXPORT, "export" },
  { REPRISE_HAS_DETAILS, "details" },
  { REPRISE_CAN_RENEW, "renew" },
  { REPRISE_HAS_SECRETS, "secrets" },
  { REPRISE_HAS_REPORTS, "reports" },
};

static const char *const TYPES[] = {
  [REPRISE_SETTING_TEXT] = "text",       [REPRISE_SETTING_ADDRESS] = "address",
  [REPRISE_SETTING_PATH] = "path",       [REPRISE_SETTING_BOOLEAN] = "boolean",
  [REPRISE_SETTING_INTEGER] = "integer", [REPRISE_SETTING_CHOICE] = "choice",
  [REPRISE_SETTING_TIME] = "time",       [REPRISE_SETTING_SECRET] = "secret",
};

/* (transfer full) (nullable): what another setting must be for this one to mean anything, as it is typed */
static char *
dup_condition (const RepriseSetting *setting)
{
  return setting->shown_if_key != NULL
           ? g_strdup_printf ("%s=%s", setting->shown_if_key, setting->shown_if_value)
           : NULL;
}

static void
json_settings (JsonBuilder *json, const char *member, const RepriseSetting *settings)
{
  json_builder_set_member_name (json, member);
  json_builder_begin_array (json);
  for (; settings != NULL && settings->key != NULL; settings++)
    {
      g_autofree char *condition = dup_condition (settings);

      json_builder_begin_object (json);
      reprise_cli_json_string (json, "key", settings->key);
      reprise_cli_json_string (json, "type", TYPES[settings->type]);
      reprise_cli_json_string (json, "label", settings->label != NULL ? _ (settings->label) : NULL);
      reprise_cli_json_string (json, "help", settings->help != NULL ? _ (settings->help) : NULL);
      reprise_cli_json_string (json, "default", settings->default_value);
      reprise_cli_json_boolean (json, "listed", settings->listed);
      reprise_cli_json_boolean (json, "required", settings->required);
      reprise_cli_json_string (json, "shown_if", condition);
      reprise_cli_json_strings (json, "choices", settings->choices);
      json_builder_end_object (json);
    }
  json_builder_end_array (json);
}

static void
json_kind (JsonBuilder *json, RepriseKind *kind)
{
  json_builder_begin_object (json);
  reprise_cli_json_string (json, "kind", reprise_kind_get_id (kind));
  reprise_cli_json_string (json, "title", reprise_kind_get_title (kind));
  reprise_cli_json_string (json, "description", reprise_kind_get_description (kind));
  reprise_cli_json_string (json, "limits", reprise_kind_explain_limits (kind));
  json_builder_set_member_name (json, "capabilities");
  json_builder_begin_array (json);
  for (guint i = 0; i < G_N_ELEMENTS (CAPABILITIES); i++)
    if (reprise_kind_can (kind, CAPABILITIES[i].capability))
      json_builder_add_string_value (json, CAPABILITIES[i].name);
  json_builder_end_array (json);
  json_settings (json, "settings", reprise_kind_get_settings (kind));
  json_settings (json, "restore_settings", reprise_kind_get_restore_settings (kind));
  json_settings (json, "schedule_settings", reprise_kind_get_schedule_settings (kind));
  json_builder_end_object (json);
}

static void
print_setting (const RepriseSetting *setting, const char *option)
{
  gboolean secret = setting->type == REPRISE_SETTING_SECRET;
  g_autofree char *choices =
    setting->choices != NULL ? g_strjoinv ("|", (char **) setting->choices) : g_strdup ("…");
  g_autofree char *used = secret ? g_strdup_printf ("--secret %s", setting->key)
                                 : g_strdup_printf ("%s %s=%s", option, setting->key, choices);
  g_autofree char *styled = reprise_cli_style (REPRISE_CLI_BOLD, used);
  g_autofree char *condition = dup_condition (setting);

  g_print ("  %s", styled);
  if (setting->required && condition != NULL)
    {
      g_print ("  ");
      /* Translators: behind a setting that a service cannot be without while another one has a value: “sign-in=password” */
      g_print (_ ("(needed with %s)"), condition);
    }
  else if (setting->required)
    /* Translators: behind a setting that a service cannot be without */
    g_print ("  %s", _ ("(needed)"));
  else if (condition != NULL)
    {
      g_print ("  ");
      /* Translators: behind a setting that means something only while another one has a value: “server-side=true” */
      g_print (_ ("(only with %s)"), condition);
    }
  if (setting->default_value != NULL && *setting->default_value != '\0')
    /* Translators: behind a setting: what it is where it is not set */
    g_print (_ ("  (unless told otherwise: %s)"), setting->default_value);
  g_print ("\n");
  if (setting->label != NULL)
    g_print ("      %s%s%s\n", _ (setting->label), setting->help != NULL ? ". " : "",
             setting->help != NULL ? _ (setting->help) : "");
}

static void
print_kind (RepriseKind *kind)
{
  g_autofree char *id = reprise_cli_style (REPRISE_CLI_BOLD, reprise_kind_get_id (kind));
  const char *limits = reprise_kind_explain_limits (kind);
  const RepriseSetting *setting;

  g_print ("%s – %s\n%s\n", id, reprise_kind_get_title (kind), reprise_kind_get_description (kind));
  if (limits != NULL)
    g_print ("%s\n", limits);
  for (setting = reprise_kind_get_settings (kind); setting != NULL && setting->key != NULL;
       setting++)
    print_setting (setting, "--set");
  for (setting = reprise_kind_get_restore_settings (kind); setting != NULL && setting->key != NULL;
       setting++)
    print_setting (setting, "restore --to");
  for (setting = reprise_kind_get_schedule_settings (kind); setting != NULL && setting->key != NULL;
       setting++)
    print_setting (setting, "schedule --on-service --set");
}

static RepriseExit
run (RepriseCli *cli, char **args, GError **error)
{
  GListModel *kinds = G_LIST_MODEL (reprise_context_get_registry (cli->context));
  g_autoptr (JsonBuilder) json = json_builder_new ();
  gboolean first = TRUE;

  if (args[0] != NULL && reprise_cli_take_kind (cli, args[0], error) == NULL)
    return REPRISE_EXIT_DONE;
  json_builder_begin_array (json);
  for (guint i = 0; i < g_list_model_get_n_items (kinds); i++)
    {
      g_autoptr (RepriseKind) kind = g_list_model_get_item (kinds, i);

      if (args[0] != NULL && !g_str_equal (args[0], reprise_kind_get_id (kind)))
        continue;
      if (!cli->json && !first)
        g_print ("\n");
      first = FALSE;
      if (cli->json)
        json_kind (json, kind);
      else
        print_kind (kind);
    }
  json_builder_end_array (json);
  if (cli->json)
    reprise_cli_json_print (json);
  return REPRISE_EXIT_DONE;
}

const RepriseCliCommand reprise_cli_service_kinds = {
  .name = "service kinds",
  .arguments = N_ ("[KIND]"),
  .summary = N_ ("List the kinds of service, with their settings"),
  .flags = REPRISE_CLI_JSON,
  .n_max = 1,
  .run = run,
};
