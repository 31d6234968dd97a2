/* reprise-nocobase-rules.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <stdio.h>
#include <string.h>

#include "providers/nocobase/reprise-nocobase-rules.h"

/*
 * Which group NocoBase 2.2 puts its own collections into, for servers and archives of the Backup manager, which do not say.
 * With the old plugin the server's own word counts.
 */
static const char *const REQUIRED[] = {
  "applicationPlugins",
  "applicationVersion",
  "asyncTasks",
  "backupSettings",
  "blockTemplateLinks",
  "blockTemplates",
  "collectionCategories",
  "collectionCategory",
  "collections",
  "customRequests",
  "customRequestsRoles",
  "dataSources",
  "dataSourcesCollections",
  "dataSourcesFields",
  "dataSourcesRoles",
  "dataSourcesRolesResources",
  "dataSourcesRolesResourcesActions",
  "dataSourcesRolesResourcesScopes",
  "desktopRoutes",
  "desktopRoutesUiLayouts",
  "fields",
  "flowModelTemplateUsages",
  "flowModelTemplates",
  "flowModelTreePath",
  "flowModels",
  "flow_nodes",
  "iframeHtml",
  "localizationTexts",
  "localizationTranslations",
  "migrations",
  "mobileRoutes",
  "oidcStates",
  "roles",
  "rolesDesktopRoutes",
  "rolesMobileRoutes",
  "rolesResources",
  "rolesResourcesActions",
  "rolesResourcesScopes",
  "rolesUischemas",
  "sequences",
  "storages",
  "systemSettings",
  "themeConfig",
  "uiButtonSchemasRoles",
  "uiLayouts",
  "uiSchemaServerHooks",
  "uiSchemaTemplates",
  "uiSchemaTreePath",
  "uiSchemas",
  "workflowCategories",
  "workflowCategoryRelations",
  "workflowTasks",
  "workflows",
  NULL,
};
static const char *const USER[] = {
  "apiKeys", "attachments", "rolesUsers", "users", "usersAuthenticators", NULL,
};
static const char *const LOG[] = {
  "auditChanges",
  "auditLogs",
  "executions",
  "jobs",
  "otpRecords",
  "tokenBlacklist",
  "userWorkflowTaskStats",
  "userWorkflowTasks",
  "verifications",
  "workflowCcTasks",
  "workflowManualTasks",
  "workflowStats",
  "workflowVersionStats",
  NULL,
};
static const char *const THIRD_PARTY[] = {
  "applications",        "authenticators",    "mapConfiguration",        "userDataSyncRecords",
  "userDataSyncSources", "userDataSyncTasks", "verifications_providers", NULL,
};
static const char *const UNKNOWN[] = {
  "aiContextDatasources",
  "aiConversations",
  "aiEmployees",
  "aiFiles",
  "aiMcpClients",
  "aiMessages",
  "aiSettings",
  "aiSkills",
  "aiToolMessages",
  "aiUsageEvents",
  "aiWorkflowTasks",
  "environmentVariables",
  "flowSql",
  "issuedTokens",
  "lcCheckpointBlobs",
  "lcCheckpointWrites",
  "lcCheckpoints",
  "llmServices",
  "main_desktopRoutes_path",
  "main_mobileRoutes_path",
  "notificationChannels",
  "notificationInAppMessages",
  "notificationSendLogs",
  "rolesAiEmployees",
  "tokenControlConfig",
  "userDataSyncRecordsResources",
  "usersAiEmployees",
  "usersAiWorkflowTasks",
  "usersVerificators",
  "usersVerifiers",
  "verificators",
  "verifiers",
  NULL,
};
static const char *const SKIPPED[] = { "chinaRegions", NULL };
static const char *const NOTHING[] = { NULL };

static const char *const *const RULES[REPRISE_N_GROUPS] = {
  [REPRISE_GROUP_REQUIRED] = REQUIRED, [REPRISE_GROUP_USER] = USER,
  [REPRISE_GROUP_LOG] = LOG,           [REPRISE_GROUP_THIRD_PARTY] = THIRD_PARTY,
  [REPRISE_GROUP_CUSTOM] = NOTHING,    [REPRISE_GROUP_UNKNOWN] = UNKNOWN,
  [REPRISE_GROUP_SKIPPED] = SKIPPED,
};

/* Whether it is one of NocoBase's own collections, and of which group. */
gboolean
reprise_nocobase_rules_find (const char *collection, RepriseGroup *group)
{
  for (guint i = 0; i < REPRISE_N_GROUPS; i++)
    if (g_strv_contains (RULES[i], collection))
      {
        *group = (RepriseGroup) i;
        return TRUE;
      }
  return FALSE;
}

/* NocoBase's own collections of a group. */
const char *const *
reprise_nocobase_rules_list (RepriseGroup group)
{
  g_return_val_if_fail (group < REPRISE_N_GROUPS, NOTHING);

  return RULES[group];
}

/* Types of fields that every server of NocoBase knows. */
static const char *const CORE_TYPES[] = {
  "array",  "belongsTo",  "belongsToMany", "bigInt",        "blob",       "boolean",     "context",
  "date",   "dateOnly",   "datetime",      "datetimeNoTz",  "datetimeTz", "decimal",     "double",
  "float",  "hasInverse", "hasMany",       "hasOne",        "integer",    "json",        "jsonb",
  "nanoid", "password",   "radio",         "real",          "set",        "snowflakeId", "string",
  "text",   "time",       "uid",           "unixTimestamp", "uuid",       "virtual",     NULL,
};

static const struct
{
  const char *type;
  const char *package;
} PLUGIN_TYPES[] = {
  { "circle", "@nocobase/plugin-map" },      { "formula", "@nocobase/plugin-field-formula" },
  { "lineString", "@nocobase/plugin-map" },  { "point", "@nocobase/plugin-map" },
  { "polygon", "@nocobase/plugin-map" },     { "sequence", "@nocobase/plugin-field-sequence" },
  { "sort", "@nocobase/plugin-field-sort" },
};

gboolean
reprise_nocobase_rules_is_core_type (const char *type)
{
  return g_strv_contains (CORE_TYPES, type);
}

/* (nullable): the package of the plugin that brings a type of field */
const char *
reprise_nocobase_rules_find_package (const char *type)
{
  for (guint i = 0; i < G_N_ELEMENTS (PLUGIN_TYPES); i++)
    if (strcmp (type, PLUGIN_TYPES[i].type) == 0)
      return PLUGIN_TYPES[i].package;
  return NULL;
}

/* A plugin may make up groups: those are shown in the unknown one, with their own name. */
RepriseGroup
reprise_nocobase_rules_map (const char *own_group)
{
  RepriseGroup group;

  return own_group != NULL && reprise_group_from_string (own_group, &group) ? group
                                                                            : REPRISE_GROUP_UNKNOWN;
}

/**
 * reprise_nocobase_rules_dup_title:
 * @title: (nullable): as the server tells it, may be a template: {{t("Users")}} or {{t("x", {"ns": "…"})}}
 * @name: of the collection
 *
 * Returns: (transfer full) (nullable): the title for people, or %NULL where it says no more than the name
 */
char *
reprise_nocobase_rules_dup_title (const char *title, const char *name)
{
  const char *start, *end;
  char quote;

  if (title == NULL || *title == '\0' || g_strcmp0 (title, name) == 0)
    return NULL;
  if (!g_str_has_prefix (title, "{{"))
    return g_strdup (title);
  start = strpbrk (title, "\"'`");
  if (start == NULL)
    return NULL;
  quote = *start++;
  end = strchr (start, quote);
  return end == NULL || end == start ? NULL : g_strndup (start, (gsize) (end - start));
}

/**
 * reprise_nocobase_name_is_safe:
 * @extension: “.nbdump” or “.nbdata”
 *
 * The server takes names of backups as they are, also ../x: only plain ones are ever sent to it.
 */
gboolean
reprise_nocobase_name_is_safe (const char *name, const char *extension)
{
  gsize length = name != NULL ? strlen (name) : 0;

  if (length <= strlen (extension) || length > 255 || strstr (name, "..") != NULL || *name == '.' ||
      !g_str_has_suffix (name, extension))
    return FALSE;
  return strspn (name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-") ==
         length;
}

/**
 * reprise_nocobase_name_get_local_time:
 * @name: “backup_YYYYMMDD_HHmmss_RRRR…”
 *
 * Returns: (transfer full) (nullable): the time in it, which is local time of the server, as if it were UTC
 */
GDateTime *
reprise_nocobase_name_get_local_time (const char *name)
{
  int year, month, day, hour, minute, second;

  if (name == NULL || sscanf (name, "backup_%4d%2d%2d_%2d%2d%2d_", &year, &month, &day, &hour,
                              &minute, &second) != 6)
    return NULL;
  return g_date_time_new_utc (year, month, day, hour, minute, second);
}

static gboolean
take_number (const char **text, guint64 *number)
{
  char *end = NULL;

  if (!g_ascii_isdigit (**text))
    return FALSE;
  *number = g_ascii_strtoull (*text, &end, 10);
  *text = end;
  return TRUE;
}

/* What comes after “-”: parts between dots, numbers below words. */
static int
compare_suffix (const char *a, const char *b)
{
  g_auto (GStrv) left = g_strsplit (a, ".", -1), right = g_strsplit (b, ".", -1);

  for (guint i = 0; left[i] != NULL || right[i] != NULL; i++)
    {
      guint64 x, y;
      int order;

      if (left[i] == NULL || right[i] == NULL)
        return left[i] == NULL ? -1 : 1;
      if (g_ascii_string_to_unsigned (left[i], 10, 0, G_MAXUINT64, &x, NULL) &&
          g_ascii_string_to_unsigned (right[i], 10, 0, G_MAXUINT64, &y, NULL))
        order = x < y ? -1 : x > y;
      else
        order = strcmp (left[i], right[i]);
      if (order != 0)
        return order;
    }
  return 0;
}

/**
 * reprise_nocobase_version_compare:
 *
 * The order of semantic versions: 2.2.9 < 2.2.15-beta.1 < 2.2.15.
 *
 * Returns: less than, equal to, or greater than 0
 */
int
reprise_nocobase_version_compare (const char *a, const char *b)
{
  for (guint i = 0; i < 3; i++)
    {
      guint64 x = 0, y = 0;

      take_number (&a, &x);
      take_number (&b, &y);
      if (x != y)
        return x < y ? -1 : 1;
      if (*a == '.' && i < 2)
        a++;
      if (*b == '.' && i < 2)
        b++;
    }
  if (*a == '-' && *b == '-')
    return compare_suffix (a + 1, b + 1);
  return *a == '-' ? -1 : *b == '-';
}

/* 0 where it is not known */
guint
reprise_nocobase_version_get_major (const char *version)
{
  guint64 major = 0;

  return version != NULL && take_number (&version, &major) ? (guint) major : 0;
}
