/* reprise-cli-rules.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "reprise-cli-commands.h"
#include "reprise-cli-describe.h"
#include "reprise-cli-groups.h"
#include "reprise-cli-options.h"

static char **pairs;
static gboolean reset;

static const GOptionEntry entries[] = {
  { "set", 's', 0, G_OPTION_ARG_FILENAME_ARRAY, &pairs,
    N_ ("Put a collection into a group; may be repeated"), N_ ("COLLECTION=GROUP") },
  { "reset", 0, 0, G_OPTION_ARG_NONE, &reset, N_ ("Drop all rules that were made"), NULL },
  { NULL },
};

static gboolean
check_kind (RepriseCli *cli, RepriseService *service, GError **error)
{
  RepriseKind *kind = reprise_cli_find_kind (cli, service, error);
  g_autofree char *text = NULL;

  if (kind == NULL || reprise_kind_can (kind, REPRISE_HAS_RULES))
    return kind != NULL;
  text = reprise_kind_explain_missing (kind, REPRISE_HAS_RULES);
  reprise_error_set_literal (error, REPRISE_ERROR, REPRISE_ERROR_NOT_SUPPORTED, text);
  return FALSE;
}

/* A kind may take the last part of a name, and patterns, for the whole: “users” and “user*” for “app.db/users”. */
static gboolean
names (const char *rule, const char *collection)
{
  const char *slash = strrchr (collection, '/');

  return g_pattern_match_simple (rule, collection) ||
         (slash != NULL && slash[1] != '\0' && g_pattern_match_simple (rule, slash + 1));
}

static gboolean
names_any (const char *rule, RepriseContents *contents)
{
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (contents)); i++)
    {
      g_autoptr (GListModel) group = g_list_model_get_item (G_LIST_MODEL (contents), i);

      for (guint j = 0; j < g_list_model_get_n_items (group); j++)
        {
          g_autoptr (RepriseCollection) collection = g_list_model_get_item (group, j);

          if (names (rule, reprise_collection_get_name (collection)))
            return TRUE;
        }
    }
  return FALSE;
}

/* Cut at the last “=”: the name of a collection may hold one. A rule for what is not there yet is kept, and said. */
static gboolean
set_rule (RepriseService *service,
          RepriseContents *contents,
          const char *text,
          gboolean *warned,
          GError **error)
{
  const char *equals = strrchr (text, '=');
  g_autofree char *collection = NULL;
  RepriseGroup group;

  if (equals == NULL || equals == text)
    {
      reprise_cli_set_usage_error (error, _ ("“--set” takes COLLECTION=GROUP, not “%s”."), text);
      return FALSE;
    }
  collection = g_strndup (text, (gsize) (equals - text));
  if (!reprise_group_from_string (equals + 1, &group))
    {
      reprise_cli_set_usage_error (
        error,
        _ ("There is no data group “%s”: the groups are required, user, log, third-party, "
           "custom, unknown and skipped."),
        equals + 1);
      return FALSE;
    }
  if (!names_any (collection, contents))
    {
      *warned = TRUE;
      /* Translators: the name of a service, and of a collection that it does not have */
      reprise_cli_warn (
        _ ("“%s” has no collection “%s” now. “reprise groups” lists those that it has."),
        reprise_service_get_name (service), collection);
    }
  reprise_service_set_rule (service, collection, equals + 1);
  return TRUE;
}

/* On a copy, so that a rule that is wrong changes nothing. */
static gboolean
change (RepriseCli *cli, RepriseService *service, gboolean *warned, GError **error)
{
  g_autoptr (RepriseService) changed = reprise_service_copy (service);
  g_autoptr (RepriseContents) contents = NULL;

  if (reset)
    reprise_service_reset_rules (changed);
  if (pairs != NULL)
    contents = reprise_cli_list_groups (cli, service, error);
  if (pairs != NULL && contents == NULL)
    return FALSE;
  for (guint i = 0; pairs != NULL && pairs[i] != NULL; i++)
    if (!reprise_cli_check_text (pairs[i], error) ||
        !set_rule (changed, contents, pairs[i], warned, error))
      return FALSE;
  return reprise_services_save (reprise_context_get_services (cli->context), changed, error);
}

static void
print (RepriseCli *cli, RepriseService *service)
{
  g_autoptr (GList) names = g_list_sort (
    g_hash_table_get_keys (reprise_service_get_rules (service)), (GCompareFunc) g_strcmp0);
  const char *head[] = { _ ("Collection"), _ ("Group"), NULL };
  g_autoptr (RepriseCliTable) table = reprise_cli_table_new (head);
  g_autoptr (JsonBuilder) json = json_builder_new ();

  json_builder_begin_array (json);
  for (GList *name = names; name != NULL; name = name->next)
    {
      const char *group = reprise_service_get_rule (service, name->data);

      reprise_cli_table_add (table, name->data, group, NULL);
      json_builder_begin_object (json);
      reprise_cli_json_string (json, "collection", name->data);
      reprise_cli_json_string (json, "group", group);
      json_builder_end_object (json);
    }
  json_builder_end_array (json);
  if (cli->json)
    reprise_cli_json_print (json);
  else if (names == NULL)
    g_print ("%s\n",
             _ ("No rules were made: each collection is in the group that its kind puts it in."));
  else
    reprise_cli_table_print (table);
}

static RepriseExit
run (RepriseCli *cli, char **args, GError **error)
{
  RepriseService *service = reprise_cli_find_service (cli, args[0], error);
  gboolean warned = FALSE;

  if (service == NULL || !check_kind (cli, service, error) ||
      ((reset || pairs != NULL) && !change (cli, service, &warned, error)))
    return REPRISE_EXIT_DONE;
  print (cli, reprise_cli_find_service (cli, args[0], NULL));
  return warned ? REPRISE_EXIT_WARNINGS : REPRISE_EXIT_DONE;
}

const RepriseCliCommand reprise_cli_rules = {
  .name = "rules",
  .arguments = N_ ("NAME"),
  .summary = N_ ("Show or change which collection is in which data group"),
  .flags = REPRISE_CLI_JSON | REPRISE_CLI_SECRET_FD,
  .entries = entries,
  .n_min = 1,
  .n_max = 1,
  .run = run,
};
