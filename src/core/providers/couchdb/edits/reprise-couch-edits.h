/* reprise-couch-edits.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "base/reprise-hash.h"
#include "providers/couchdb/edits/reprise-couch-ledger.h"
#include "providers/couchdb/restore/reprise-couch-goal.h"
#include "providers/couchdb/restore/reprise-couch-sender.h"

G_BEGIN_DECLS

/**
 * RepriseCouchConflicts:
 * @REPRISE_COUCH_CONFLICTS_LEAVE: only what is shown of each document is restored
 * @REPRISE_COUCH_CONFLICTS_KEEP: the versions beside it too
 * @REPRISE_COUCH_CONFLICTS_EXACT: and those that the backup does not have are deleted
 *
 * What a restore into a database that is there does with versions that are in conflict.
 */
typedef enum
{
  REPRISE_COUCH_CONFLICTS_LEAVE,
  REPRISE_COUCH_CONFLICTS_KEEP,
  REPRISE_COUCH_CONFLICTS_EXACT,
} RepriseCouchConflicts;

RepriseCouchConflicts reprise_couch_conflicts_from_string (const char *text);

/**
 * RepriseCouchEdits:
 * @safe: (nullable): the target as it is in the safety copy: a version that is not in it was written meanwhile
 * @deletions: whether what is deleted in the backup is deleted
 * @replaces_newer: whether saved versions win over what was written meanwhile, too
 * @ledger: what the server said of each edit
 * @newer: (element-type utf8): ids of documents that were changed meanwhile, and are left alone
 * @gone: (element-type utf8): ids of documents that were deleted, and may have other versions beneath
 * @first_newer: (nullable): one that was changed meanwhile
 * @n_overwritten: versions that were written meanwhile and were replaced
 * @n_unsettled: versions in conflict that did not become as they should
 *
 * A restore into a database that is there: saved versions become new edits of what is there. For one worker.
 *
 * look up → edits; what the server changed meanwhile again, or not at all → documents that are in conflict, leaf by leaf
 *   → compared, and what was changed meanwhile again
 */
typedef struct
{
  RepriseCouchClient *client;
  RepriseCouchGoal *goal;
  RepriseCouchState *safe;
  RepriseCouchConflicts conflicts;
  gboolean deletions;
  gboolean replaces_newer;
  guint connections;
  RepriseProgress *progress;
  GCancellable *cancellable;
  RepriseCouchSender *sender; /* (nullable) */
  RepriseHash *hash;
  RepriseCouchLedger *ledger;
  GHashTable *newer;
  GPtrArray *gone;
  char *first_newer;
  char *refusal;
  guint64 n_written;
  guint64 n_refused;
  guint64 n_kept; /* that were to be deleted, and the server did not */
  guint64 n_skipped;
  guint64 n_overwritten;
  guint64 n_unsettled;
  guint64 n_differing;
} RepriseCouchEdits;

RepriseCouchEdits *reprise_couch_edits_new (RepriseCouchClient *client,
                                            RepriseCouchGoal *goal,
                                            GHashTable *options,
                                            guint connections,
                                            RepriseProgress *progress,
                                            GCancellable *cancellable);
void reprise_couch_edits_free (RepriseCouchEdits *self);
gboolean reprise_couch_edits_set_safety_copy (RepriseCouchEdits *self,
                                              const char *service_folder,
                                              const char *id,
                                              GError **error);
gboolean reprise_couch_edits_send (RepriseCouchEdits *self,
                                   RepriseCouchItems which,
                                   GError **error);
gboolean reprise_couch_edits_remove_others (RepriseCouchEdits *self, GError **error);
gboolean reprise_couch_edits_compare (RepriseCouchEdits *self,
                                      RepriseCouchItems which,
                                      GError **error);
guint64 reprise_couch_edits_get_n_newer (RepriseCouchEdits *self);

/* for the files of this folder */
RepriseCouchSender *reprise_couch_edits_new_sender (RepriseCouchEdits *self, gboolean new_edits);
gboolean reprise_couch_edits_finish (RepriseCouchEdits *self,
                                     RepriseCouchSender *sender,
                                     GError **error);
gboolean reprise_couch_edits_may_replace (RepriseCouchEdits *self,
                                          const char *id,
                                          const char *rev,
                                          gboolean *may,
                                          GError **error);
gboolean reprise_couch_edits_settle (RepriseCouchEdits *self,
                                     RepriseCouchItems which,
                                     GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RepriseCouchEdits, reprise_couch_edits_free)

G_END_DECLS
