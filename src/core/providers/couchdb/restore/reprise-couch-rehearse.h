/* reprise-couch-rehearse.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "providers/couchdb/restore/reprise-couch-restore.h"

G_BEGIN_DECLS

/* How the databases that a rehearsal restores into begin. They are deleted at its end. */
#define REPRISE_COUCH_SCRATCH_PREFIX "reprise-rehearsal-"

RepriseOutcome *reprise_couch_rehearse (RepriseCouchClient *client,
                                        RepriseArchive *archive,
                                        RepriseJournal *record,
                                        guint connections,
                                        RepriseProgress *progress,
                                        GCancellable *cancellable,
                                        GError **error);
gboolean reprise_couch_rehearse_clean_up (RepriseCouchClient *client,
                                          RepriseJournal *record,
                                          GCancellable *cancellable,
                                          GError **error);

G_END_DECLS
