/* reprise-couch-ledger.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "providers/couchdb/store/reprise-couch-id-set.h"

G_BEGIN_DECLS

/**
 * RepriseCouchLedger:
 * @overtaken: (element-type utf8): ids of documents that the server has changed since they were looked at: it refused the edit for that
 *
 * What a server said of each new edit: its name, or that it was refused. It takes few bytes for each, and is what tells our edits from
 * those of others afterwards. For one thread at a time.
 */
typedef struct
{
  RepriseCouchIdSet *written;
  RepriseCouchIdSet *refused;
  GPtrArray *overtaken;
} RepriseCouchLedger;

RepriseCouchLedger *reprise_couch_ledger_new (void);
void reprise_couch_ledger_free (RepriseCouchLedger *self);
void reprise_couch_ledger_add_written (RepriseCouchLedger *self, const char *id, const char *rev);
void reprise_couch_ledger_add_refused (RepriseCouchLedger *self, const char *id);
void reprise_couch_ledger_add_overtaken (RepriseCouchLedger *self, const char *id);
GPtrArray *reprise_couch_ledger_take_overtaken (RepriseCouchLedger *self);
gboolean reprise_couch_ledger_is_foreign (RepriseCouchLedger *self,
                                          const char *id,
                                          const char *rev);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RepriseCouchLedger, reprise_couch_ledger_free)

G_END_DECLS
