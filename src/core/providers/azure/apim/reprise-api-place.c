/* reprise-api-place.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "providers/azure/apim/reprise-api-place.h"
#include "providers/azure/apim/reprise-api-settings.h"
#include "providers/azure/reprise-azure-settings.h"

void
reprise_api_place_free (RepriseApiPlace *self)
{
  g_clear_object (&self->blob);
  g_clear_pointer (&self->own, reprise_azure_session_free);
  g_free (self->client_id);
  g_clear_pointer (&self->key, reprise_secret_value_unref);
  g_free (self);
}

static RepriseApiAccess
get_access (RepriseAzureSession *session)
{
  const char *access = reprise_azure_session_get_setting (session, REPRISE_AZURE_SETTING_ACCESS);

  if (strcmp (access, REPRISE_API_ACCESS_SYSTEM) == 0)
    return REPRISE_API_BY_SYSTEM_IDENTITY;
  return strcmp (access, REPRISE_API_ACCESS_USER) == 0 ? REPRISE_API_BY_USER_IDENTITY
                                                       : REPRISE_API_BY_KEY;
}

/**
 * reprise_api_place_open:
 * @session: not owned; its overrides count
 *
 * Returns: (transfer full): the container of the settings; or %NULL with %REPRISE_ERROR_INVALID, %REPRISE_ERROR_NEEDS_SIGN_IN and
 *   others. Whether it is there is not looked at
 */
RepriseApiPlace *
reprise_api_place_open (RepriseAzureSession *session, GCancellable *cancellable, GError **error)
{
  g_autoptr (RepriseApiPlace) self = g_new0 (RepriseApiPlace, 1);

  self->session = session;
  self->blob = reprise_azure_session_open_container (session, cancellable, error);
  if (self->blob == NULL)
    return NULL;
  self->storage.account = reprise_blob_get_account (self->blob);
  self->storage.container = reprise_blob_get_container (self->blob);
  self->storage.access = get_access (session);
  self->client_id =
    g_strdup (reprise_azure_session_get_setting (session, REPRISE_AZURE_SETTING_IDENTITY));
  self->storage.client_id = self->client_id;
  if (self->storage.access != REPRISE_API_BY_KEY)
    return g_steal_pointer (&self);
  self->key = reprise_azure_session_open_key (session, cancellable, error);
  self->storage.key = self->key;
  return self->key != NULL ? g_steal_pointer (&self) : NULL;
}

/* Before a backup: API Management would accept it without a container too, and fail minutes later. */
gboolean
reprise_api_place_prepare (RepriseApiPlace *self,
                           RepriseProgress *progress,
                           GCancellable *cancellable,
                           GError **error)
{
  return reprise_azure_session_prepare_container (self->session, self->blob, progress, cancellable,
                                                  error);
}
