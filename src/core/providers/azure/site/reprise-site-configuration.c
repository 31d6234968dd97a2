/* reprise-site-configuration.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "providers/azure/site/reprise-site-private.h"

/*
 * What can be compared of how an application is set up. Of settings and connection strings that is their names: their values, which
 * Azure sends along, are secret and looked at by nobody.
 */

static const struct
{
  const char *method;
  const char *below;
} PARTS[] = {
  [REPRISE_SITE_PART_GENERAL] = { "GET", "/config/web" },
  [REPRISE_SITE_PART_SETTINGS] = { "POST", "/config/appsettings/list" },
  [REPRISE_SITE_PART_CONNECTIONS] = { "POST", "/config/connectionstrings/list" },
};

/* Of the general part: what a backup brings along, and nobody hides. */
static const char *const GENERAL[] = {
  "alwaysOn",
  "autoHealEnabled",
  "defaultDocuments",
  "detailedErrorLoggingEnabled",
  "http20Enabled",
  "httpLoggingEnabled",
  "javaContainer",
  "javaContainerVersion",
  "javaVersion",
  "linuxFxVersion",
  "localMySqlEnabled",
  "managedPipelineMode",
  "netFrameworkVersion",
  "nodeVersion",
  "phpVersion",
  "powerShellVersion",
  "pythonVersion",
  "requestTracingEnabled",
  "use32BitWorkerProcess",
  "virtualApplications",
  "webSocketsEnabled",
  "windowsFxVersion",
};

static void
take_general (JsonObject *properties, GHashTable *found)
{
  for (guint i = 0; i < G_N_ELEMENTS (GENERAL); i++)
    {
      JsonNode *node = json_object_get_member (properties, GENERAL[i]);

      if (node != NULL && !JSON_NODE_HOLDS_NULL (node))
        g_hash_table_insert (found, g_strdup (GENERAL[i]), json_to_string (node, FALSE));
    }
}

/* A connection string has a type beside its value, which is not secret. */
static void
take_names (JsonObject *properties, GHashTable *found)
{
  g_autoptr (GList) names = json_object_get_members (properties);

  for (GList *each = names; each != NULL; each = each->next)
    {
      JsonObject *value =
        reprise_json_node_get_object (json_object_get_member (properties, each->data));

      g_hash_table_insert (found, g_strdup (each->data),
                           g_strdup (reprise_json_get_string (value, "type", "")));
    }
}

/**
 * reprise_site_read_part:
 *
 * Returns: (transfer full) (element-type utf8 utf8): name → what it is, which is empty where that is secret; %NULL as reprise_arm_send()
 */
GHashTable *
reprise_site_read_part (RepriseSite *self,
                        RepriseSitePart part,
                        GCancellable *cancellable,
                        GError **error)
{
  g_autofree char *path = g_strconcat (self->id, PARTS[part].below, NULL);
  g_autoptr (JsonObject) root =
    reprise_arm_send (self->arm, PARTS[part].method, path, REPRISE_ARM_VERSION_WEB, NULL,
                      REPRISE_HTTP_READ, NULL, cancellable, error);
  JsonObject *properties =
    root != NULL ? reprise_json_need_object (root, "properties", error) : NULL;
  GHashTable *found;

  if (properties == NULL)
    return NULL;
  found = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  if (part == REPRISE_SITE_PART_GENERAL)
    take_general (properties, found);
  else
    take_names (properties, found);
  return found;
}
