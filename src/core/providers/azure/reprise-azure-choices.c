/* reprise-azure-choices.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "providers/azure/reprise-azure-choices.h"
#include "providers/azure/reprise-azure-settings.h"

/* What is asked for, and the setting that has to be there first. */
typedef struct
{
  const char *key;
  RepriseArmList list;
  const char *first;
  const char *missing; /* (nullable): the sentence where @first is empty */
} Source;

static const Source SOURCES[] = {
  { REPRISE_AZURE_SETTING_TENANT, REPRISE_ARM_TENANTS, NULL, NULL },
  { REPRISE_AZURE_SETTING_SUBSCRIPTION, REPRISE_ARM_SUBSCRIPTIONS, NULL, NULL },
  { REPRISE_AZURE_SETTING_GROUP, REPRISE_ARM_GROUPS, REPRISE_AZURE_SETTING_SUBSCRIPTION,
    N_ ("Choose the subscription first.") },
  { REPRISE_AZURE_SETTING_APPLICATION, REPRISE_ARM_SITES, REPRISE_AZURE_SETTING_SUBSCRIPTION,
    N_ ("Choose the subscription first.") },
  { REPRISE_AZURE_SETTING_SLOT, REPRISE_ARM_SLOTS, REPRISE_AZURE_SETTING_APPLICATION,
    N_ ("Choose the application first.") },
  { REPRISE_AZURE_SETTING_SERVICE, REPRISE_ARM_APIS, REPRISE_AZURE_SETTING_SUBSCRIPTION,
    N_ ("Choose the subscription first.") },
  { REPRISE_AZURE_SETTING_ACCOUNT, REPRISE_ARM_STORAGES, REPRISE_AZURE_SETTING_SUBSCRIPTION,
    N_ ("Choose the subscription first.") },
  { REPRISE_AZURE_SETTING_ACCOUNT_GROUP, REPRISE_ARM_GROUPS, REPRISE_AZURE_SETTING_SUBSCRIPTION,
    N_ ("Choose the subscription first.") },
  { REPRISE_AZURE_SETTING_CONTAINER, REPRISE_ARM_CONTAINERS, REPRISE_AZURE_SETTING_ACCOUNT,
    N_ ("Choose the storage account first.") },
};

typedef struct
{
  RepriseProviderBase *provider;
  RepriseAzureSession *session;
  const Source *source;
} Asking;

static const char *
get (Asking *asking, const char *key)
{
  return reprise_provider_base_get_setting (asking->provider, key);
}

/* Of the resource group where one is chosen, else of the whole subscription. */
static char *
make_group_scope (Asking *asking)
{
  const char *group = get (asking, REPRISE_AZURE_SETTING_GROUP);
  const char *subscription = get (asking, REPRISE_AZURE_SETTING_SUBSCRIPTION);

  return *group != '\0'
           ? reprise_arm_path ("subscriptions", subscription, "resourceGroups", group, NULL)
           : reprise_arm_path ("subscriptions", subscription, NULL);
}

static char *
make_site_scope (Asking *asking)
{
  g_autofree char *group = make_group_scope (asking);

  return reprise_arm_path (group, "providers", "Microsoft.Web", "sites",
                           get (asking, REPRISE_AZURE_SETTING_APPLICATION), NULL);
}

/* (transfer full) (nullable) */
static char *
make_scope (Asking *asking)
{
  switch (asking->source->list)
    {
    case REPRISE_ARM_SITES:
    case REPRISE_ARM_APIS:
      return make_group_scope (asking);
    case REPRISE_ARM_SLOTS:
      return make_site_scope (asking);
    case REPRISE_ARM_CONTAINERS:
      return reprise_azure_session_make_account_id (asking->session);
    case REPRISE_ARM_GROUPS:
    case REPRISE_ARM_STORAGES:
    case REPRISE_ARM_DELETED_SITES:
      return reprise_arm_path ("subscriptions", get (asking, REPRISE_AZURE_SETTING_SUBSCRIPTION),
                               NULL);
    case REPRISE_ARM_TENANTS:
    case REPRISE_ARM_SUBSCRIPTIONS:
    default:
      return NULL;
    }
}

static void
append_detail (GString *detail, const char *text)
{
  if (text == NULL || *text == '\0')
    return;
  g_string_append_printf (detail, "%s%s", detail->len > 0 ? " · " : "", text);
}

/* Where it is, in which tier and state; of what has a better title than its value, the value. */
static char *
make_detail (const RepriseArmItem *item)
{
  GString *detail = g_string_new (NULL);

  if (strcmp (item->title, item->name) != 0)
    append_detail (detail, item->name);
  if (item->group != NULL && g_ascii_strcasecmp (item->group, item->name) != 0)
    append_detail (detail, item->group);
  append_detail (detail, item->location);
  append_detail (detail, item->tier);
  if (g_strcmp0 (item->state, "Succeeded") != 0)
    append_detail (detail, item->state);
  return g_string_free (detail, FALSE);
}

/* A storage account lies in a group of its own, and may have an address of its own. */
static void
add_account_settings (Asking *asking, const RepriseArmItem *item, RepriseChoice *choice)
{
  const char *group = get (asking, REPRISE_AZURE_SETTING_GROUP);
  gboolean same = item->group == NULL || g_ascii_strcasecmp (group, item->group) == 0;
  g_autofree char *usual = reprise_azure_session_make_blob_address (asking->session, item->name);

  reprise_choice_add_other (choice, REPRISE_AZURE_SETTING_ACCOUNT_GROUP, same ? "" : item->group);
  if (item->address != NULL)
    reprise_choice_add_other (choice, REPRISE_AZURE_SETTING_ENDPOINT,
                              g_strcmp0 (usual, item->address) == 0 ? "" : item->address);
}

static RepriseChoice *
make_choice (Asking *asking, const RepriseArmItem *item)
{
  g_autofree char *detail = make_detail (item);
  RepriseChoice *choice =
    reprise_choice_new (item->name, item->title, *detail != '\0' ? detail : NULL);

  if (asking->source->list == REPRISE_ARM_STORAGES)
    add_account_settings (asking, item, choice);
  else if (item->group != NULL &&
           (asking->source->list == REPRISE_ARM_SITES || asking->source->list == REPRISE_ARM_APIS))
    reprise_choice_add_other (choice, REPRISE_AZURE_SETTING_GROUP, item->group);
  return choice;
}

/* Slots and containers are asked for by a whole resource ID, in which there is a resource group. */
static gboolean
check_group (Asking *asking, GError **error)
{
  RepriseArmList list = asking->source->list;
  gboolean of_account = list == REPRISE_ARM_CONTAINERS;

  if ((!of_account && list != REPRISE_ARM_SLOTS) ||
      *get (asking, REPRISE_AZURE_SETTING_GROUP) != '\0' ||
      (of_account && *get (asking, REPRISE_AZURE_SETTING_ACCOUNT_GROUP) != '\0'))
    return TRUE;
  reprise_error_set_literal (error, REPRISE_ERROR, REPRISE_ERROR_INVALID,
                             of_account
                               ? _ ("Choose the resource group of the storage account first.")
                               : _ ("Choose the resource group first."));
  return FALSE;
}

static const Source *
find_source (Asking *asking, const char *key, GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (SOURCES); i++)
    if (strcmp (SOURCES[i].key, key) == 0)
      {
        if (SOURCES[i].first == NULL || *get (asking, SOURCES[i].first) != '\0')
          return &SOURCES[i];
        reprise_error_set_literal (error, REPRISE_ERROR, REPRISE_ERROR_INVALID,
                                   _ (SOURCES[i].missing));
        return NULL;
      }
  reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_NOT_SUPPORTED,
                     _ ("Azure has no list of what the setting “%s” may be."), key);
  return NULL;
}

/* (transfer full) (element-type RepriseChoice): what the setting may be, as Azure lists it for whoever is signed in */
GPtrArray *
reprise_azure_list_choices (RepriseProviderBase *provider,
                            RepriseAzureSession *session,
                            const char *key,
                            GCancellable *cancellable,
                            GError **error)
{
  Asking asking = { provider, session, NULL };
  g_autoptr (GPtrArray) items = NULL;
  g_autofree char *scope = NULL;
  GPtrArray *choices;

  asking.source = find_source (&asking, key, error);
  if (asking.source == NULL || !check_group (&asking, error))
    return NULL;
  scope = make_scope (&asking);
  items = reprise_arm_list (reprise_azure_session_get_arm (session), asking.source->list, scope,
                            cancellable, error);
  if (items == NULL)
    return NULL;
  choices = g_ptr_array_new_with_free_func ((GDestroyNotify) reprise_choice_free);
  for (guint i = 0; i < items->len; i++)
    g_ptr_array_add (choices, make_choice (&asking, items->pdata[i]));
  return choices;
}
