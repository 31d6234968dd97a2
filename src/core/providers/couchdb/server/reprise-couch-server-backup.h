/* reprise-couch-server-backup.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "provider/reprise-journal.h"
#include "providers/couchdb/server/reprise-couch-server.h"

G_BEGIN_DECLS

RepriseBackup *reprise_couch_server_back_up (RepriseCouchServer *self,
                                             RepriseGroups groups,
                                             RepriseProgress *progress,
                                             GCancellable *cancellable,
                                             GError **error);
gboolean reprise_couch_server_settle (RepriseCouchServer *self,
                                      RepriseProgress *progress,
                                      GCancellable *cancellable,
                                      GError **error);
gboolean reprise_couch_server_can_resume (RepriseJournal *journal);
gboolean reprise_couch_server_resume (RepriseCouchServer *self,
                                      RepriseJournal *journal,
                                      guint *n_finished,
                                      RepriseProgress *progress,
                                      GCancellable *cancellable,
                                      GError **error);

G_END_DECLS
