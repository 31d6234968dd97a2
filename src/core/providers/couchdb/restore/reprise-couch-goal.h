/* reprise-couch-goal.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "provider/reprise-plan.h"
#include "providers/couchdb/client/reprise-couch-client.h"
#include "providers/couchdb/restore/reprise-couch-drawn.h"
#include "providers/couchdb/reprise-couch-shelf.h"

G_BEGIN_DECLS

/**
 * RepriseCouchGoal:
 * @database: of the backup
 * @target: on the server
 * @group: of @database when it was backed up
 * @data: whether its documents are restored
 * @design: whether its design documents and security object are
 * @info: (nullable): of @target, where it is there
 * @keeps_tree: whether revisions keep their names: into what is new or empty; else a document that differs gets a new revision
 * @mark: (nullable): what a new database is marked with until all of it is there
 * @document: (nullable): the only one that is restored
 * @state: what is restored
 *
 * One database of a restore.
 */
typedef struct
{
  char *database;
  char *target;
  RepriseGroup group;
  gboolean data;
  gboolean design;
  RepriseCouchInfo *info;
  gboolean keeps_tree;
  char *mark;
  char *document;
  GPtrArray *segments;
  gint64 at;
  RepriseCouchState *state;
} RepriseCouchGoal;

void reprise_couch_goal_free (RepriseCouchGoal *self);
GPtrArray *reprise_couch_goals_new (RepriseCouchClient *client,
                                    RepriseArchive *archive,
                                    const RepriseCouchDrawn *drawn,
                                    RepriseGroups groups,
                                    GHashTable *options,
                                    GCancellable *cancellable,
                                    GError **error);
gboolean reprise_couch_goal_choose_target (RepriseCouchGoal *self,
                                           RepriseCouchClient *client,
                                           GHashTable *options,
                                           GCancellable *cancellable,
                                           GError **error);
gboolean reprise_couch_goal_parse_as_of (const char *text,
                                         gint64 *first,
                                         gint64 *last,
                                         GError **error);
gboolean reprise_couch_goal_wants (const RepriseCouchGoal *self, const char *id);

/**
 * RepriseCouchItem:
 * @body: (nullable)
 * @links: (nullable) (element-type RepriseCouchLink)
 * @now: (nullable): the winning revision on the server
 * @now_deleted: whether that is a tombstone
 *
 * One leaf that is restored.
 */
typedef struct
{
  char *id;
  char *rev;
  gboolean deleted;
  GBytes *body;
  GArray *links;
  char *now;
  gboolean now_deleted;
} RepriseCouchItem;

void reprise_couch_item_free (RepriseCouchItem *self);

/**
 * RepriseCouchItems:
 * @REPRISE_COUCH_ITEMS_DESIGN: design documents, and nothing else; without it everything else
 * @REPRISE_COUCH_ITEMS_BODIES: with their bodies and attachments
 */
typedef enum
{
  REPRISE_COUCH_ITEMS_NONE = 0,
  REPRISE_COUCH_ITEMS_DESIGN = 1 << 0,
  REPRISE_COUCH_ITEMS_BODIES = 1 << 1,
} RepriseCouchItems;

GPtrArray *reprise_couch_goal_read_window (RepriseCouchGoal *self,
                                           guint n,
                                           gsize max_bytes,
                                           RepriseCouchItems which,
                                           GError **error);
gboolean reprise_couch_goal_is_fresh (const RepriseCouchGoal *self);
gboolean reprise_couch_goal_look_up (RepriseCouchGoal *self,
                                     RepriseCouchClient *client,
                                     GPtrArray *items,
                                     GCancellable *cancellable,
                                     GError **error);
gboolean reprise_couch_goal_is_winner (RepriseCouchGoal *self,
                                       const RepriseCouchItem *item,
                                       gboolean *is_winner,
                                       GError **error);
GPtrArray *reprise_couch_goal_read_document (RepriseCouchGoal *self,
                                             const char *id,
                                             GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RepriseCouchGoal, reprise_couch_goal_free)

G_END_DECLS
