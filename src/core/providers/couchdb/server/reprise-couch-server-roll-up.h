/* reprise-couch-server-roll-up.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "providers/couchdb/backup/reprise-couch-roll-up.h"
#include "providers/couchdb/server/reprise-couch-server.h"

G_BEGIN_DECLS

gboolean reprise_couch_server_plan_roll_up (RepriseCouchServer *self,
                                            RepriseVault *vault,
                                            RepriseCompactPlan *plan,
                                            gint64 now,
                                            GCancellable *cancellable,
                                            GError **error);
gboolean reprise_couch_server_roll_up (RepriseCouchServer *self,
                                       RepriseVault *vault,
                                       gint64 now,
                                       guint *n_made,
                                       guint *n_deleted,
                                       gint64 *size_bytes,
                                       RepriseProgress *progress,
                                       GCancellable *cancellable,
                                       GError **error);

G_END_DECLS
