/* reprise-arm-list.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "providers/azure/reprise-arm.h"

#define SIGNED_PROTOCOL "https"

void
reprise_arm_item_free (RepriseArmItem *self)
{
  g_free (self->id);
  g_free (self->name);
  g_free (self->title);
  g_free (self->group);
  g_free (self->location);
  g_free (self->state);
  g_free (self->address);
  g_free (self->tier);
  g_free (self);
}

/* Where each list is, and which member of an item says what; by RepriseArmList. */
static const struct
{
  const char *path; /* behind the scope */
  const char *version;
  const char *id, *name, *title, *state, *address, *tier;
} LISTS[] = {
  [REPRISE_ARM_TENANTS] = { "/tenants", REPRISE_ARM_VERSION_SUBSCRIPTIONS, "tenantId", "tenantId",
                            "displayName", "defaultDomain", NULL, NULL },
  [REPRISE_ARM_SUBSCRIPTIONS] = { "/subscriptions", REPRISE_ARM_VERSION_SUBSCRIPTIONS, "id",
                                  "subscriptionId", "displayName", "state", NULL, NULL },
  [REPRISE_ARM_GROUPS] = { "/resourcegroups", REPRISE_ARM_VERSION_GROUPS, "id", "name", "name",
                           "properties.provisioningState", NULL, NULL },
  [REPRISE_ARM_SITES] = { "/providers/Microsoft.Web/sites", REPRISE_ARM_VERSION_WEB, "id", "name",
                          "name", "properties.state", "properties.defaultHostName", NULL },
  [REPRISE_ARM_SLOTS] = { "/slots", REPRISE_ARM_VERSION_WEB, "id", "name", "name",
                          "properties.state", "properties.defaultHostName", NULL },
  [REPRISE_ARM_DELETED_SITES] = { "/providers/Microsoft.Web/deletedSites",
                                  REPRISE_ARM_VERSION_WEB_DELETED, "id",
                                  "properties.deletedSiteName", "properties.deletedSiteName",
                                  "properties.deletedTimestamp", NULL, NULL },
  [REPRISE_ARM_APIS] = { "/providers/Microsoft.ApiManagement/service", REPRISE_ARM_VERSION_API,
                         "id", "name", "name", "properties.provisioningState",
                         "properties.gatewayUrl", "sku.name" },
  [REPRISE_ARM_STORAGES] = { "/providers/Microsoft.Storage/storageAccounts",
                             REPRISE_ARM_VERSION_STORAGE, "id", "name", "name",
                             "properties.provisioningState", "properties.primaryEndpoints.blob",
                             "sku.name" },
  [REPRISE_ARM_CONTAINERS] = { "/blobServices/default/containers", REPRISE_ARM_VERSION_STORAGE,
                               "id", "name", "name", NULL, NULL, NULL },
};

typedef struct
{
  RepriseArmList what;
  GPtrArray *items;
} Walk;

static char *
dup_member (JsonObject *item, const char *path)
{
  return path != NULL ? g_strdup (reprise_json_get_string (item, path, NULL)) : NULL;
}

/* The name of a slot in an answer is “site/slot”. */
static void
shorten_slot (RepriseArmItem *item)
{
  char *slash = strrchr (item->name, '/');

  if (slash == NULL)
    return;
  memmove (item->name, slash + 1, strlen (slash));
  g_free (item->title);
  item->title = g_strdup (item->name);
}

static gboolean
take_item (JsonObject *object, gpointer data, GError **error)
{
  Walk *walk = data;
  RepriseArmItem *item = g_new0 (RepriseArmItem, 1);

  item->id = dup_member (object, LISTS[walk->what].id);
  item->name = dup_member (object, LISTS[walk->what].name);
  item->title = dup_member (object, LISTS[walk->what].title);
  item->state = dup_member (object, LISTS[walk->what].state);
  item->address = dup_member (object, LISTS[walk->what].address);
  item->tier = dup_member (object, LISTS[walk->what].tier);
  item->location = dup_member (
    object, walk->what == REPRISE_ARM_DELETED_SITES ? "properties.geoRegionName" : "location");
  item->group = walk->what == REPRISE_ARM_DELETED_SITES
                  ? dup_member (object, "properties.resourceGroup")
                  : reprise_arm_id_get (item->id, "resourceGroups");
  if (item->name == NULL || item->id == NULL)
    {
      reprise_arm_item_free (item); /* without a name it cannot be asked for */
      return TRUE;
    }
  if (item->title == NULL)
    item->title = g_strdup (item->name);
  if (walk->what == REPRISE_ARM_SLOTS)
    shorten_slot (item);
  g_ptr_array_add (walk->items, item);
  return TRUE;
}

static int
compare_items (gconstpointer a, gconstpointer b)
{
  const RepriseArmItem *one = *(RepriseArmItem *const *) a, *other = *(RepriseArmItem *const *) b;

  return g_utf8_collate (one->title, other->title);
}

/**
 * reprise_arm_list:
 * @scope: (nullable): a resource ID, as @what asks for
 *
 * Returns: (transfer full) (element-type RepriseArmItem): by title; or %NULL as reprise_arm_send()
 */
GPtrArray *
reprise_arm_list (RepriseArm *self,
                  RepriseArmList what,
                  const char *scope,
                  GCancellable *cancellable,
                  GError **error)
{
  g_autofree char *path = g_strconcat (scope != NULL ? scope : "", LISTS[what].path, NULL);
  g_autoptr (GPtrArray) items =
    g_ptr_array_new_with_free_func ((GDestroyNotify) reprise_arm_item_free);
  Walk walk = { what, items };

  if (!reprise_arm_walk (self, path, LISTS[what].version, NULL, take_item, &walk, cancellable,
                         error))
    return NULL;
  g_ptr_array_sort (items, compare_items);
  return g_steal_pointer (&items);
}

/* --- storage accounts --- */

/**
 * reprise_arm_get_storage_key:
 * @account: the resource ID of a storage account
 *
 * Returns: (transfer full): a key that may write; or %NULL with %REPRISE_ERROR_NOT_FOUND and as reprise_arm_send()
 */
RepriseSecretValue *
reprise_arm_get_storage_key (RepriseArm *self,
                             const char *account,
                             GCancellable *cancellable,
                             GError **error)
{
  g_autofree char *path = reprise_arm_path (account, "listKeys", NULL);
  g_autoptr (JsonObject) root =
    reprise_arm_send (self, "POST", path, REPRISE_ARM_VERSION_STORAGE, NULL, REPRISE_HTTP_READ,
                      NULL, cancellable, error);
  JsonArray *keys = reprise_json_get_array (root, "keys");

  if (root == NULL)
    return NULL;
  for (guint i = 0; i < reprise_json_array_get_length (keys); i++)
    {
      JsonObject *key = reprise_json_array_get_object (keys, i);
      const char *value = reprise_json_get_string (key, "value", NULL);

      if (value != NULL &&
          g_ascii_strcasecmp (reprise_json_get_string (key, "permissions", "FULL"), "FULL") == 0)
        return reprise_secret_value_new_text (value);
    }
  reprise_error_set_literal (error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND,
                             _ ("The storage account has no key that may write."));
  return NULL;
}

static GBytes *
make_sas_body (const char *account, const char *container, const char *permissions, GDateTime *end)
{
  g_autofree char *resource = g_strdup_printf ("/blob/%s/%s", account, container);
  g_autoptr (GDateTime) utc = g_date_time_to_utc (end);
  g_autofree char *expiry = g_date_time_format (utc, "%Y-%m-%dT%H:%M:%SZ");
  GString *body = reprise_arm_body_new ();

  reprise_arm_body_add (body, "canonicalizedResource", resource);
  reprise_arm_body_add (body, "signedResource", "c");
  reprise_arm_body_add (body, "signedPermission", permissions);
  reprise_arm_body_add (body, "signedProtocol", SIGNED_PROTOCOL);
  reprise_arm_body_add (body, "signedExpiry", expiry);
  reprise_arm_body_add (body, "keyToSign", "key1");
  return reprise_arm_body_finish (body);
}

/**
 * reprise_arm_make_sas:
 * @account: the resource ID of a storage account
 * @permissions: “rwdl”
 *
 * Returns: (transfer full): a shared access signature for a container, “sv=…&sig=…”, so that nobody has to paste one; or
 *   %NULL as reprise_arm_send()
 */
RepriseSecretValue *
reprise_arm_make_sas (RepriseArm *self,
                      const char *account,
                      const char *container,
                      const char *permissions,
                      GDateTime *end,
                      GCancellable *cancellable,
                      GError **error)
{
  g_autofree char *path = reprise_arm_path (account, "ListServiceSas", NULL);
  g_autofree char *name = reprise_arm_id_get (account, "storageAccounts");
  g_autoptr (GBytes) body = make_sas_body (name, container, permissions, end);
  g_autoptr (JsonObject) root =
    reprise_arm_send (self, "POST", path, REPRISE_ARM_VERSION_STORAGE, body, REPRISE_HTTP_READ,
                      NULL, cancellable, error);
  const char *token =
    root != NULL ? reprise_json_need_string (root, "serviceSasToken", error) : NULL;

  if (token == NULL)
    return NULL;
  return reprise_secret_value_new_text (*token == '?' ? token + 1 : token);
}

/* A container that is there already stays as it is. */
gboolean
reprise_arm_make_container (RepriseArm *self,
                            const char *account,
                            const char *container,
                            GCancellable *cancellable,
                            GError **error)
{
  g_autofree char *path =
    reprise_arm_path (account, "blobServices", "default", "containers", container, NULL);
  g_autoptr (GBytes) body = reprise_arm_body_finish (reprise_arm_body_new ());
  g_autoptr (JsonObject) root =
    reprise_arm_send (self, "PUT", path, REPRISE_ARM_VERSION_STORAGE, body, REPRISE_HTTP_WRITE,
                      NULL, cancellable, error);

  return root != NULL;
}
