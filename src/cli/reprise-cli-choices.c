/* reprise-cli-choices.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "provider/reprise-context-access.h"
#include "reprise-cli-choices.h"
#include "reprise-cli-describe.h"
#include "reprise-cli-options.h"
#include "reprise-cli-terminal.h"

static const RepriseSetting *
find_listed (RepriseKind *kind, const char *key, GError **error)
{
  const RepriseSetting *setting = reprise_setting_find (reprise_kind_get_settings (kind), key);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) keys = NULL;
  g_autofree char *all = NULL;

  if (setting != NULL && setting->listed)
    return setting;
  for (setting = reprise_kind_get_settings (kind); setting != NULL && setting->key != NULL;
       setting++)
    if (setting->listed)
      g_strv_builder_add (builder, setting->key);
  keys = g_strv_builder_end (builder);
  all = g_strjoinv (", ", keys);
  if (keys[0] != NULL)
    /* Translators: a kind of service, the key of a setting, and keys of settings */
    reprise_cli_set_usage_error (error, _ ("%s does not list what “%s” may be, but: %s."),
                                 reprise_kind_get_title (kind), key, all);
  else
    reprise_cli_set_usage_error (error, _ ("%s lists no values of its settings."),
                                 reprise_kind_get_title (kind));
  return NULL;
}

static GPtrArray *
list (RepriseCli *cli,
      RepriseService *service,
      RepriseSecrets *secrets,
      const char *key,
      GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  reprise_context_list_values_async (cli->context, service, secrets, key, cli->cancellable,
                                     reprise_cli_ready_cb, cli);
  result = reprise_cli_wait (cli);
  return reprise_context_list_values_finish (cli->context, result, error);
}

static void
json_choice (JsonBuilder *json, const RepriseChoice *choice)
{
  GHashTableIter iter;
  gpointer key, value;

  json_builder_begin_object (json);
  reprise_cli_json_string (json, "value", choice->value);
  reprise_cli_json_string (json, "title", choice->title);
  reprise_cli_json_string (json, "detail", choice->detail);
  json_builder_set_member_name (json, "settings");
  json_builder_begin_object (json);
  g_hash_table_iter_init (&iter, choice->others);
  while (g_hash_table_iter_next (&iter, &key, &value))
    reprise_cli_json_string (json, key, value);
  json_builder_end_object (json);
  json_builder_end_object (json);
}

static void
print_json (GPtrArray *choices)
{
  g_autoptr (JsonBuilder) json = json_builder_new ();

  json_builder_begin_array (json);
  for (guint i = 0; i < choices->len; i++)
    json_choice (json, choices->pdata[i]);
  json_builder_end_array (json);
  reprise_cli_json_print (json);
}

static void
print_table (GPtrArray *choices)
{
  const char *head[] = { _ ("Value"), _ ("Name"), _ ("Details"), NULL };
  g_autoptr (RepriseCliTable) table = reprise_cli_table_new (head);

  for (guint i = 0; i < choices->len; i++)
    {
      const RepriseChoice *choice = choices->pdata[i];

      reprise_cli_table_add (table, choice->value, choice->title,
                             choice->detail != NULL ? choice->detail : "", NULL);
    }
  reprise_cli_table_print (table);
}

/* Prints what the setting may be, as the service lists it. */
gboolean
reprise_cli_print_choices (RepriseCli *cli,
                           RepriseService *service,
                           RepriseSecrets *secrets,
                           const char *key,
                           GError **error)
{
  RepriseKind *kind = reprise_cli_find_kind (cli, service, error);
  g_autoptr (GPtrArray) choices = NULL;

  if (kind == NULL || find_listed (kind, key, error) == NULL)
    return FALSE;
  choices = list (cli, service, secrets, key, error);
  if (choices == NULL)
    return FALSE;
  if (cli->json)
    print_json (choices);
  else
    print_table (choices);
  return TRUE;
}

/* --- choosing what is missing --- */

static gboolean
is_missing (const RepriseSetting *setting, const RepriseSetting *all, RepriseService *service)
{
  const char *value = reprise_service_get_setting (service, setting->key);

  return setting->listed && setting->required && (value == NULL || *value == '\0') &&
         reprise_setting_is_shown (setting, all, reprise_service_get_settings (service));
}

/* Whether a setting is missing that can be chosen. */
gboolean
reprise_cli_lacks_choice (RepriseKind *kind, RepriseService *service)
{
  const RepriseSetting *all = reprise_kind_get_settings (kind);

  for (const RepriseSetting *setting = all; setting != NULL && setting->key != NULL; setting++)
    if (is_missing (setting, all, service))
      return TRUE;
  return FALSE;
}

static void
take (RepriseService *service, const RepriseSetting *setting, const RepriseChoice *choice)
{
  GHashTableIter iter;
  gpointer key, value;

  reprise_service_set_setting (service, setting->key, choice->value);
  g_hash_table_iter_init (&iter, choice->others);
  while (g_hash_table_iter_next (&iter, &key, &value))
    reprise_service_set_setting (service, key, *(const char *) value != '\0' ? value : NULL);
}

/* By its number or its value; what is in no list is taken as it was typed. */
static gboolean
match (RepriseService *service,
       const RepriseSetting *setting,
       GPtrArray *choices,
       const char *answer)
{
  guint64 number = 0;

  if (*answer == '\0')
    return FALSE;
  if (g_ascii_string_to_unsigned (answer, 10, 1, choices->len, &number, NULL))
    {
      take (service, setting, choices->pdata[number - 1]);
      return TRUE;
    }
  for (guint i = 0; i < choices->len; i++)
    if (g_str_equal (((RepriseChoice *) choices->pdata[i])->value, answer))
      {
        take (service, setting, choices->pdata[i]);
        return TRUE;
      }
  reprise_service_set_setting (service, setting->key, answer);
  return TRUE;
}

static void
print_numbered (const RepriseSetting *setting, GPtrArray *choices)
{
  g_autofree char *title = reprise_cli_style (REPRISE_CLI_BOLD, _ (setting->label));

  g_printerr ("\n%s\n", title);
  for (guint i = 0; i < choices->len; i++)
    {
      const RepriseChoice *choice = choices->pdata[i];
      g_autofree char *name = reprise_cli_escape (choice->title);
      g_autofree char *detail = choice->detail != NULL ? reprise_cli_escape (choice->detail) : NULL;

      g_printerr ("  %u) %s%s%s\n", i + 1, name, detail != NULL ? "  " : "",
                  detail != NULL ? detail : "");
    }
  if (choices->len == 0)
    g_printerr ("  %s\n", _ ("(the service lists none)"));
}

static gboolean
choose (RepriseCli *cli,
        RepriseService *service,
        const RepriseSetting *setting,
        GPtrArray *choices,
        GError **error)
{
  gboolean done = FALSE;

  print_numbered (setting, choices);
  while (!done)
    {
      g_autofree char *answer =
        reprise_cli_ask_line (cli, _ ("Your choice, or another value:"), error);

      if (answer == NULL)
        return FALSE;
      done = match (service, setting, choices, g_strstrip (answer));
    }
  return TRUE;
}

/* On a terminal: asks for what is missing, from the lists of the service. */
gboolean
reprise_cli_choose_missing (RepriseCli *cli,
                            RepriseKind *kind,
                            RepriseService *service,
                            RepriseSecrets *secrets,
                            GError **error)
{
  const RepriseSetting *all = reprise_kind_get_settings (kind);

  for (const RepriseSetting *setting = all; setting != NULL && setting->key != NULL; setting++)
    {
      g_autoptr (GPtrArray) choices = NULL;

      if (!is_missing (setting, all, service))
        continue;
      choices = list (cli, service, secrets, setting->key, error);
      if (choices == NULL || !choose (cli, service, setting, choices, error))
        return FALSE;
    }
  return TRUE;
}
