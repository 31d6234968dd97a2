/* reprise-couch-delivery.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "providers/couchdb/restore/reprise-couch-goal.h"
#include "providers/couchdb/restore/reprise-couch-sender.h"

G_BEGIN_DECLS

/* Gives saved documents to a sender, with what they have attached. */

RepriseCouchSpan reprise_couch_item_get_body (const RepriseCouchItem *item);
gboolean reprise_couch_deliver (RepriseCouchGoal *goal,
                                RepriseCouchSender *sender,
                                const RepriseCouchItem *item,
                                GError **error);
gboolean reprise_couch_deliver_edit (RepriseCouchGoal *goal,
                                     RepriseCouchSender *sender,
                                     const RepriseCouchItem *item,
                                     const char *on,
                                     GError **error);
gboolean reprise_couch_deliver_branch (RepriseCouchGoal *goal,
                                       RepriseCouchSender *sender,
                                       const RepriseCouchItem *item,
                                       const char *rev,
                                       const char *revisions,
                                       GError **error);

G_END_DECLS
