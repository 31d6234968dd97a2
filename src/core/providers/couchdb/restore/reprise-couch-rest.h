/* reprise-couch-rest.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "providers/couchdb/client/reprise-couch-client.h"

G_BEGIN_DECLS

gboolean reprise_couch_rest_check (RepriseCouchClient *client,
                                   const char *database,
                                   const char *document,
                                   GCancellable *cancellable,
                                   GError **error);

G_END_DECLS
