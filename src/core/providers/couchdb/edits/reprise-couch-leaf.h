/* reprise-couch-leaf.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "base/reprise-hash.h"
#include "providers/couchdb/restore/reprise-couch-goal.h"

G_BEGIN_DECLS

/**
 * RepriseCouchLeafThere:
 * @digest: of what the user sees of it, see reprise_couch_compose_digest(): whatever its revision is called
 * @ids: (element-type utf8): the hashes of it and its ancestors, the newest first
 *
 * One leaf of a document on the server.
 */
typedef struct
{
  char *rev;
  gboolean deleted;
  guint8 digest[REPRISE_HASH_RAW_LENGTH];
  GPtrArray *ids;
} RepriseCouchLeafThere;

GHashTable *reprise_couch_leaves_read (RepriseCouchClient *client,
                                       const char *database,
                                       GPtrArray *items,
                                       guint connections,
                                       GCancellable *cancellable,
                                       GError **error);
void reprise_couch_leaf_digest (const RepriseCouchItem *item,
                                RepriseHash *hash,
                                guint8 digest[REPRISE_HASH_RAW_LENGTH]);
char *reprise_couch_leaf_print_path (guint64 generation, GPtrArray *ids);

G_END_DECLS
