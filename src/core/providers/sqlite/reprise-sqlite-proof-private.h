/* reprise-sqlite-proof-private.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "base/reprise-progress.h"
#include "providers/sqlite/reprise-sqlite-target-private.h"

G_BEGIN_DECLS

/**
 * RepriseSqliteProof:
 * @tables: (element-type RepriseSqliteSavedTable): what is to be hashed, by group; of the manifest
 * @hashes: (element-type utf8 utf8): of the tables in the archive, by name
 *
 * What is found out of an archive's files alone, in a thread of its own while they are being restored: whether each is sound, holds what
 * the manifest says, and the hash of each table, with which the restored one is compared.
 */
typedef struct
{
  RepriseSqliteTarget *target;
  const char *scratch;
  GCancellable *cancellable;
  GPtrArray *tables[REPRISE_N_GROUPS];
  GHashTable *hashes;
  GError *error;
  GThread *thread;
} RepriseSqliteProof;

void reprise_sqlite_proof_start (RepriseSqliteProof *self,
                                 RepriseSqliteTarget *target,
                                 const char *scratch,
                                 GCancellable *cancellable);
gboolean reprise_sqlite_proof_finish (RepriseSqliteProof *self, GError **error);
gboolean reprise_sqlite_proof_compare (const RepriseSqliteProof *self,
                                       RepriseSqliteDb *db,
                                       RepriseProgress *progress,
                                       GError **error);
void reprise_sqlite_proof_clear (RepriseSqliteProof *self);

gboolean reprise_sqlite_proof_is_copied (const RepriseSqliteChange *change);
gboolean reprise_sqlite_proof_fail_rows (const RepriseSqliteSavedTable *saved,
                                         gint64 rows,
                                         GError **error);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (RepriseSqliteProof, reprise_sqlite_proof_clear)

G_END_DECLS
