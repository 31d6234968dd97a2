/* reprise-api-place.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "providers/azure/apim/reprise-api.h"
#include "providers/azure/reprise-azure-session.h"

G_BEGIN_DECLS

/**
 * RepriseApiPlace:
 * @session: whose storage it is; not owned
 * @blob: how we get at it
 * @storage: how API Management gets at it
 *
 * The container in which backups lie. For one worker at a time.
 */
typedef struct
{
  RepriseAzureSession *session;
  RepriseBlob *blob;
  RepriseApiStorage storage;

  RepriseAzureSession *own; /* (nullable): where it is not somebody else's */
  char *client_id;          /* what @storage lends */
  RepriseSecretValue *key;
} RepriseApiPlace;

void reprise_api_place_free (RepriseApiPlace *self);

/* blocking: for workers */
RepriseApiPlace *reprise_api_place_open (RepriseAzureSession *session,
                                         GCancellable *cancellable,
                                         GError **error);
gboolean reprise_api_place_prepare (RepriseApiPlace *self,
                                    RepriseProgress *progress,
                                    GCancellable *cancellable,
                                    GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RepriseApiPlace, reprise_api_place_free)

G_END_DECLS
