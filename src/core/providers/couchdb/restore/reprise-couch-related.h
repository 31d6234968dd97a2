/* reprise-couch-related.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "providers/couchdb/client/reprise-couch-client.h"
#include "providers/couchdb/restore/reprise-couch-compose.h"

G_BEGIN_DECLS

/**
 * RepriseCouchRelated:
 *
 * A document that is sent alone, with its attachments after it as they are read from the segments: they may be of any size. Once made,
 * it is for any one thread.
 */
typedef struct _RepriseCouchRelated RepriseCouchRelated;

RepriseCouchRelated *reprise_couch_related_new (const char *id, GString *json, GPtrArray *parts);
void reprise_couch_related_free (RepriseCouchRelated *self);
const char *reprise_couch_related_get_id (RepriseCouchRelated *self);
gboolean reprise_couch_related_send (RepriseCouchRelated *self,
                                     RepriseCouchClient *client,
                                     const char *database,
                                     gboolean new_edits,
                                     char **rev,
                                     char **refusal,
                                     gboolean *is_overtaken,
                                     GCancellable *cancellable,
                                     GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RepriseCouchRelated, reprise_couch_related_free)

G_END_DECLS
