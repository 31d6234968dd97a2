/* reprise-couch-provider.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "provider/reprise-provider-base.h"
#include "providers/couchdb/client/reprise-couch-client.h"
#include "providers/couchdb/server/reprise-couch-server.h"

G_BEGIN_DECLS

#define REPRISE_TYPE_COUCH_PROVIDER (reprise_couch_provider_get_type ())

G_DECLARE_FINAL_TYPE (RepriseCouchProvider,
                      reprise_couch_provider,
                      REPRISE,
                      COUCH_PROVIDER,
                      RepriseProviderBase)

RepriseCouchClient *reprise_couch_provider_get_client (RepriseCouchProvider *self, GError **error);
gboolean reprise_couch_provider_is_cloudant (RepriseCouchProvider *self);
gboolean reprise_couch_provider_has_server (RepriseCouchProvider *self);
RepriseCouchServer *reprise_couch_provider_make_server (RepriseCouchProvider *self, GError **error);
guint reprise_couch_provider_get_connections (RepriseCouchProvider *self);

G_END_DECLS
