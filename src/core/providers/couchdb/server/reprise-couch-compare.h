/* reprise-couch-compare.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "providers/couchdb/client/reprise-couch-client.h"

G_BEGIN_DECLS

gboolean reprise_couch_compare_databases (RepriseCouchClient *from,
                                          const char *source,
                                          RepriseCouchClient *to,
                                          const char *target,
                                          guint64 *n_documents,
                                          RepriseProgress *progress,
                                          GCancellable *cancellable,
                                          GError **error);

G_END_DECLS
