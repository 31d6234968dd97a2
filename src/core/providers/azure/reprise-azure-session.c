/* reprise-azure-session.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <stdlib.h>
#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "providers/azure/reprise-azure-cloud.h"
#include "providers/azure/reprise-azure-session.h"
#include "providers/azure/reprise-azure-settings.h"

#define DEFAULT_SIGNED_DAYS 365

struct _RepriseAzureSession
{
  RepriseProviderBase *provider; /* not owned: it owns us */
  RepriseEntra *account;         /* (owned) */
  RepriseArm *arm;               /* (owned) */
  char *blob_suffix;             /* (owned) (nullable) */
  GHashTable *overrides; /* (owned) (element-type utf8 utf8): what is taken in place of a setting */
};

void
reprise_azure_session_free (RepriseAzureSession *self)
{
  g_clear_object (&self->account);
  g_clear_object (&self->arm);
  g_free (self->blob_suffix);
  g_clear_pointer (&self->overrides, g_hash_table_unref);
  g_free (self);
}

static const char *
get (RepriseAzureSession *self, const char *key)
{
  const char *value = g_hash_table_lookup (self->overrides, key);

  return value != NULL ? value : reprise_provider_base_get_setting (self->provider, key);
}

/* What is set, or taken in its place; never %NULL */
const char *
reprise_azure_session_get_setting (RepriseAzureSession *self, const char *key)
{
  return get (self, key);
}

/* Of where the storage is: from now on @value counts in place of the setting. */
void
reprise_azure_session_override (RepriseAzureSession *self, const char *key, const char *value)
{
  g_hash_table_replace (self->overrides, g_strdup (key), g_strdup (value));
}

static RepriseEntraMethod
get_method (RepriseAzureSession *self)
{
  const char *how = get (self, REPRISE_AZURE_SETTING_SIGN_IN);

  if (strcmp (how, REPRISE_AZURE_SIGN_IN_SECRET) == 0)
    return REPRISE_ENTRA_SECRET;
  if (strcmp (how, REPRISE_AZURE_SIGN_IN_CERTIFICATE) == 0)
    return REPRISE_ENTRA_CERTIFICATE;
  return strcmp (how, REPRISE_AZURE_SIGN_IN_AZ) == 0 ? REPRISE_ENTRA_AZ : REPRISE_ENTRA_PERSON;
}

static gboolean
connect (RepriseAzureSession *self, GError **error)
{
  const RepriseAzureCloud *cloud =
    reprise_azure_cloud_find (get (self, REPRISE_AZURE_SETTING_CLOUD));
  const char *arm = get (self, REPRISE_AZURE_SETTING_ARM);
  const char *authority = get (self, REPRISE_AZURE_SETTING_AUTHORITY);
  const char *audience = get (self, REPRISE_AZURE_SETTING_AUDIENCE);
  RepriseEntraConfig config = {
    .method = get_method (self),
    .authority = cloud != NULL ? cloud->authority : authority,
    .tenant = get (self, REPRISE_AZURE_SETTING_TENANT),
    .client_id = get (self, REPRISE_AZURE_SETTING_CLIENT_ID),
    .resource = cloud != NULL       ? cloud->arm
                : *audience != '\0' ? audience
                                    : arm,
  };
  g_autoptr (RepriseHttpAuth) auth = NULL;

  self->account =
    reprise_entra_open (&config, reprise_provider_base_get_secrets (self->provider), error);
  if (self->account == NULL)
    return FALSE;
  self->blob_suffix = g_strdup (cloud != NULL ? cloud->blob_suffix : NULL);
  auth = reprise_entra_dup_auth (self->account);
  self->arm = reprise_arm_new (cloud != NULL ? cloud->arm : arm, auth, error);
  return self->arm != NULL;
}

/* (transfer full): or %NULL with %REPRISE_ERROR_INVALID for settings that cannot be */
RepriseAzureSession *
reprise_azure_session_new (RepriseProviderBase *provider, GError **error)
{
  g_autoptr (RepriseAzureSession) self = g_new0 (RepriseAzureSession, 1);

  self->provider = provider;
  self->overrides = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  return connect (self, error) ? g_steal_pointer (&self) : NULL;
}

/* (transfer none) */
RepriseEntra *
reprise_azure_session_get_account (RepriseAzureSession *self)
{
  return self->account;
}

/* (transfer none) */
RepriseArm *
reprise_azure_session_get_arm (RepriseAzureSession *self)
{
  return self->arm;
}

/* --- storage --- */

/* (transfer full) (nullable): where the blobs of an account usually are in this cloud */
char *
reprise_azure_session_make_blob_address (RepriseAzureSession *self, const char *account)
{
  return self->blob_suffix != NULL ? g_strdup_printf ("https://%s.%s/", account, self->blob_suffix)
                                   : NULL;
}

/* (transfer full) (nullable): where the blobs of the service's account are */
static char *
make_endpoint (RepriseAzureSession *self, GError **error)
{
  const char *typed = get (self, REPRISE_AZURE_SETTING_ENDPOINT);
  const char *account = get (self, REPRISE_AZURE_SETTING_ACCOUNT);

  if (*account == '\0' || *get (self, REPRISE_AZURE_SETTING_CONTAINER) == '\0')
    reprise_error_set_literal (error, REPRISE_ERROR, REPRISE_ERROR_INVALID,
                               _ ("Name the storage account and the container."));
  else if (*typed != '\0')
    return g_strconcat (typed, g_str_has_suffix (typed, "/") ? "" : "/", NULL);
  else if (self->blob_suffix == NULL)
    reprise_error_set_literal (error, REPRISE_ERROR, REPRISE_ERROR_INVALID,
                               _ ("Give the address of the storage account’s blobs."));
  else
    return reprise_azure_session_make_blob_address (self, account);
  return NULL;
}

static GDateTime *
make_end (RepriseAzureSession *self)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  int days = atoi (get (self, REPRISE_AZURE_SETTING_SIGNED_DAYS));

  return g_date_time_add_days (now, days > 0 ? days : DEFAULT_SIGNED_DAYS);
}

static RepriseSas *
open_given (RepriseAzureSession *self, GCancellable *cancellable, GError **error)
{
  g_autoptr (RepriseSecretValue) given =
    reprise_secrets_lookup (reprise_provider_base_get_secrets (self->provider),
                            REPRISE_AZURE_SECRET_SAS, cancellable, error);

  return given != NULL ? reprise_sas_parse (reprise_secret_value_get_text (given), error) : NULL;
}

static RepriseSas *
sign_by_key (RepriseAzureSession *self, GCancellable *cancellable, GError **error)
{
  g_autofree char *endpoint = make_endpoint (self, error);
  g_autoptr (GDateTime) end = make_end (self);
  g_autoptr (RepriseSecretValue) key = NULL;

  if (endpoint == NULL)
    return NULL;
  key = reprise_secrets_lookup (reprise_provider_base_get_secrets (self->provider),
                                REPRISE_AZURE_SECRET_KEY, cancellable, error);
  return key != NULL ? reprise_sas_make (endpoint, get (self, REPRISE_AZURE_SETTING_ACCOUNT),
                                         get (self, REPRISE_AZURE_SETTING_CONTAINER), key,
                                         REPRISE_SAS_FOR_BACKUPS, end, error)
                     : NULL;
}

/* (transfer full): the account's resource ID; its group is that of the service unless another is named */
char *
reprise_azure_session_make_account_id (RepriseAzureSession *self)
{
  const char *group = get (self, REPRISE_AZURE_SETTING_ACCOUNT_GROUP);

  if (*group == '\0')
    group = get (self, REPRISE_AZURE_SETTING_GROUP);
  return reprise_arm_path ("subscriptions", get (self, REPRISE_AZURE_SETTING_SUBSCRIPTION),
                           "resourceGroups", group, "providers", "Microsoft.Storage",
                           "storageAccounts", get (self, REPRISE_AZURE_SETTING_ACCOUNT), NULL);
}

static RepriseSas *
sign_by_azure (RepriseAzureSession *self, GCancellable *cancellable, GError **error)
{
  g_autofree char *endpoint = make_endpoint (self, error);
  g_autofree char *id = reprise_azure_session_make_account_id (self);
  g_autoptr (GDateTime) end = make_end (self);
  g_autoptr (RepriseSecretValue) token = NULL;
  g_autoptr (RepriseSecretValue) whole = NULL;
  char *address;

  if (endpoint == NULL)
    return NULL;
  token = reprise_arm_make_sas (self->arm, id, get (self, REPRISE_AZURE_SETTING_CONTAINER),
                                REPRISE_SAS_FOR_BACKUPS, end, cancellable, error);
  if (token == NULL)
    return NULL;
  address = g_strconcat (endpoint, get (self, REPRISE_AZURE_SETTING_CONTAINER), "?",
                         reprise_secret_value_get_text (token), NULL);
  whole = reprise_secret_value_new_take (address, strlen (address));
  return reprise_sas_parse (reprise_secret_value_get_text (whole), error);
}

/**
 * reprise_azure_session_open_storage:
 *
 * Returns: (transfer full): a signature for the container of the service: the one that was given, or a new one; or %NULL with
 *   %REPRISE_ERROR_NEEDS_SIGN_IN, %REPRISE_ERROR_INVALID and others
 */
RepriseSas *
reprise_azure_session_open_storage (RepriseAzureSession *self,
                                    GCancellable *cancellable,
                                    GError **error)
{
  const char *how = get (self, REPRISE_AZURE_SETTING_STORAGE);

  if (strcmp (how, REPRISE_AZURE_STORAGE_KEY) == 0)
    return sign_by_key (self, cancellable, error);
  if (strcmp (how, REPRISE_AZURE_STORAGE_AZURE) == 0)
    return sign_by_azure (self, cancellable, error);
  return open_given (self, cancellable, error);
}

/**
 * reprise_azure_session_open_key:
 *
 * Returns: (transfer full): the access key of the storage account: the one in the keyring, or the one that Azure gives whoever is
 *   signed in; or %NULL with %REPRISE_ERROR_INVALID where there is only a signature, and others
 */
RepriseSecretValue *
reprise_azure_session_open_key (RepriseAzureSession *self,
                                GCancellable *cancellable,
                                GError **error)
{
  const char *how = get (self, REPRISE_AZURE_SETTING_STORAGE);
  g_autofree char *id = NULL;

  if (strcmp (how, REPRISE_AZURE_STORAGE_KEY) == 0)
    return reprise_secrets_lookup (reprise_provider_base_get_secrets (self->provider),
                                   REPRISE_AZURE_SECRET_KEY, cancellable, error);
  if (strcmp (how, REPRISE_AZURE_STORAGE_AZURE) == 0)
    {
      id = reprise_azure_session_make_account_id (self);
      return reprise_arm_get_storage_key (self->arm, id, cancellable, error);
    }
  reprise_error_set_literal (
    error, REPRISE_ERROR, REPRISE_ERROR_INVALID,
    _ ("A shared access signature is not an access key: choose another access "
       "to the storage, or a managed identity."));
  return NULL;
}

/* One that is there already stays as it is. A signature alone cannot make one. */
gboolean
reprise_azure_session_make_container (RepriseAzureSession *self,
                                      GCancellable *cancellable,
                                      GError **error)
{
  const char *container = get (self, REPRISE_AZURE_SETTING_CONTAINER);
  g_autofree char *id = NULL;
  g_autofree char *endpoint = NULL;
  g_autoptr (RepriseSecretValue) key = NULL;
  g_autoptr (RepriseBlob) blob = NULL;

  if (strcmp (get (self, REPRISE_AZURE_SETTING_STORAGE), REPRISE_AZURE_STORAGE_AZURE) == 0)
    {
      id = reprise_azure_session_make_account_id (self);
      return reprise_arm_make_container (self->arm, id, container, cancellable, error);
    }
  endpoint = make_endpoint (self, error);
  key = endpoint != NULL ? reprise_azure_session_open_key (self, cancellable, error) : NULL;
  if (key == NULL)
    return FALSE;
  blob = reprise_blob_new_for_key (endpoint, get (self, REPRISE_AZURE_SETTING_ACCOUNT), container,
                                   key, error);
  return blob != NULL && reprise_blob_make_container (blob, cancellable, error);
}

/* (transfer full): the container of the service */
RepriseBlob *
reprise_azure_session_open_container (RepriseAzureSession *self,
                                      GCancellable *cancellable,
                                      GError **error)
{
  g_autoptr (RepriseSas) sas = reprise_azure_session_open_storage (self, cancellable, error);

  return sas != NULL ? reprise_blob_new_for_sas (sas, error) : NULL;
}

static gboolean
offer_container (RepriseAzureSession *self,
                 RepriseBlob *blob,
                 RepriseProgress *progress,
                 GCancellable *cancellable,
                 GError **error)
{
  static const char *const RESPONSES[] = { "cancel", "create", NULL };
  const char *const labels[] = { _ ("Cancel"), _ ("Create"), NULL };
  const char *account = reprise_blob_get_account (blob);
  const char *container = reprise_blob_get_container (blob);
  g_autofree char *body =
    g_strdup_printf (_ ("There is no container “%s” in the storage account “%s”, and Azure makes "
                        "none by itself."),
                     container, account);
  g_autoptr (RepriseQuestion) question = reprise_question_new (
    "create-container", _ ("Create the container?"), body, RESPONSES, labels, NULL, "cancel");
  g_autofree char *answer = reprise_progress_ask (progress, question, cancellable, error);

  if (answer == NULL)
    return FALSE;
  if (strcmp (answer, "create") == 0)
    return reprise_azure_session_make_container (self, cancellable, error);
  reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_REFUSED,
                     _ ("There is no container “%s” in the storage account “%s”. Create it first."),
                     container, account);
  return FALSE;
}

/**
 * reprise_azure_session_prepare_container:
 * @blob: the container of the service
 *
 * Before a backup: Azure would accept it without a container too, and fail minutes later. Where it is not there, the person is asked
 * whether it is to be made.
 */
gboolean
reprise_azure_session_prepare_container (RepriseAzureSession *self,
                                         RepriseBlob *blob,
                                         RepriseProgress *progress,
                                         GCancellable *cancellable,
                                         GError **error)
{
  g_autoptr (GError) local = NULL;

  if (reprise_blob_check_container (blob, cancellable, &local))
    return TRUE;
  if (g_error_matches (local, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND))
    return offer_container (self, blob, progress, cancellable, error);
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}
