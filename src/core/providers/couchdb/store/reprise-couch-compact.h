/* reprise-couch-compact.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "providers/couchdb/store/reprise-couch-tiers.h"
#include "vault/reprise-vault.h"

G_BEGIN_DECLS

/* Member of the provider's part of the manifest of a run: {"databases":[{"name","file","tier","from","to"}]} */
#define REPRISE_COUCH_MANIFEST_DATABASES "databases"

/* After the name of a database, the collection with its design documents and security object: a colon cannot stand in such a name */
#define REPRISE_COUCH_DESIGN_SUFFIX ":_design"

/**
 * RepriseCouchRetentionFunc:
 * @retention: the defaults, to be changed
 */
typedef void (*RepriseCouchRetentionFunc) (const char *database,
                                           RepriseCouchRetention *retention,
                                           gpointer user_data);

/**
 * RepriseCouchLeaving:
 * @backup: (owned): what is not needed any more
 * @at: when it is to be deleted, milliseconds since 1970
 * @needed: a backup that is kept, or a safety copy, needs it still
 * @rolled_up: all that is in it is in other backups; else it is of a chain that is over
 *
 * “Rolled up, deleted on DATE”
 */
typedef struct
{
  RepriseBackup *backup;
  gint64 at;
  gboolean needed;
  gboolean rolled_up;
} RepriseCouchLeaving;

/**
 * RepriseCouchCompaction:
 *
 * What rolling up and cleaning up a service would do: looked at, it changes nothing. The caller of what changes holds the lock of the
 * service. For workers.
 */
typedef struct _RepriseCouchCompaction RepriseCouchCompaction;

RepriseCouchCompaction *reprise_couch_compaction_new (RepriseVault *vault,
                                                      RepriseService *service,
                                                      RepriseCouchRetentionFunc func,
                                                      gpointer user_data,
                                                      GCancellable *cancellable,
                                                      GError **error);
void reprise_couch_compaction_free (RepriseCouchCompaction *self);
char **reprise_couch_compaction_list_databases (RepriseCouchCompaction *self);
GPtrArray *reprise_couch_compaction_get_segments (RepriseCouchCompaction *self,
                                                  const char *database);
void reprise_couch_compaction_get_retention (RepriseCouchCompaction *self,
                                             const char *database,
                                             RepriseCouchRetention *retention);
GPtrArray *reprise_couch_compaction_list_roll_ups (RepriseCouchCompaction *self);
GPtrArray *reprise_couch_compaction_list_leaving (RepriseCouchCompaction *self);

gboolean reprise_couch_compaction_roll_up (RepriseCouchCompaction *self,
                                           gint64 now,
                                           guint *n_made,
                                           RepriseProgress *progress,
                                           GCancellable *cancellable,
                                           GError **error);
gboolean reprise_couch_compaction_clean_up (RepriseCouchCompaction *self,
                                            gint64 now,
                                            guint *n_deleted,
                                            gint64 *size_bytes,
                                            RepriseProgress *progress,
                                            GCancellable *cancellable,
                                            GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RepriseCouchCompaction, reprise_couch_compaction_free)

G_END_DECLS
