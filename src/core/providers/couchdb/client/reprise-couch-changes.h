/* reprise-couch-changes.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "providers/couchdb/client/reprise-couch-client.h"

G_BEGIN_DECLS

/**
 * RepriseCouchChange:
 * @deleted: whether the winner is a tombstone
 * @seq: (nullable): of its row, as it was received
 * @revs: (array zero-terminated=1): every leaf, the winner first; later those of them that are to be fetched
 * @held: (nullable) (array zero-terminated=1): leaves that need not be fetched
 *
 * One document of a feed.
 */
typedef struct
{
  char *id;
  char *seq;
  gboolean deleted;
  char **revs;
  char **held;
} RepriseCouchChange;

/**
 * RepriseCouchPage:
 * @changes: (element-type RepriseCouchChange)
 * @last_seq: where the next page begins, as it was received
 * @pending: how many rows follow, or -1 where the server does not say
 * @n_unreadable: rows whose id no text can hold
 *
 * A part of a feed that came to its end.
 */
typedef struct
{
  GPtrArray *changes;
  char *last_seq;
  gint64 pending;
  guint n_unreadable;
} RepriseCouchPage;

void reprise_couch_changes_add_since (RepriseHttpRequest *request, const char *since);
RepriseCouchPage *reprise_couch_changes_read (RepriseCouchClient *client,
                                              const char *database,
                                              const char *since,
                                              guint limit,
                                              GCancellable *cancellable,
                                              GError **error);
RepriseCouchPage *reprise_couch_changes_read_bare (RepriseCouchClient *client,
                                                   const char *database,
                                                   const char *since,
                                                   guint limit,
                                                   GCancellable *cancellable,
                                                   GError **error);
void reprise_couch_page_free (RepriseCouchPage *self);
RepriseCouchChange *reprise_couch_change_new (const char *id, const char *const *revs);
void reprise_couch_change_free (RepriseCouchChange *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RepriseCouchPage, reprise_couch_page_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RepriseCouchChange, reprise_couch_change_free)

G_END_DECLS
