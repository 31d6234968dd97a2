/* reprise-couch-sender.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "providers/couchdb/edits/reprise-couch-ledger.h"
#include "providers/couchdb/restore/reprise-couch-related.h"

G_BEGIN_DECLS

/**
 * RepriseCouchSender:
 *
 * Writes documents into a database, in batches over several connections, and counts what the server says of each. For one worker.
 */
typedef struct _RepriseCouchSender RepriseCouchSender;

RepriseCouchSender *reprise_couch_sender_new (RepriseCouchClient *client,
                                              const char *database,
                                              gboolean new_edits,
                                              guint connections,
                                              RepriseProgress *progress,
                                              GCancellable *cancellable);
void reprise_couch_sender_free (RepriseCouchSender *self);
void reprise_couch_sender_set_ledger (RepriseCouchSender *self, RepriseCouchLedger *ledger);
gboolean reprise_couch_sender_add (RepriseCouchSender *self,
                                   const char *document,
                                   gsize size,
                                   GError **error);
gboolean reprise_couch_sender_add_related (RepriseCouchSender *self,
                                           RepriseCouchRelated *related,
                                           GError **error);
gboolean reprise_couch_sender_finish (RepriseCouchSender *self, GError **error);
guint64 reprise_couch_sender_get_n_sent (RepriseCouchSender *self);
guint64 reprise_couch_sender_get_n_refused (RepriseCouchSender *self);
guint64 reprise_couch_sender_get_n_overtaken (RepriseCouchSender *self);
const char *reprise_couch_sender_get_first_refusal (RepriseCouchSender *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RepriseCouchSender, reprise_couch_sender_free)

G_END_DECLS
