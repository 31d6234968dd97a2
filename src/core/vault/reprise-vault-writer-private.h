/* reprise-vault-writer-private.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "vault/reprise-vault-partial.h"
#include "vault/reprise-vault-private.h"
#include "vault/reprise-vault-writer.h"

G_BEGIN_DECLS

typedef enum
{
  REPRISE_WRITER_WRITING,
  REPRISE_WRITER_COMMITTED,
  REPRISE_WRITER_GONE,
} RepriseWriterState;

struct _RepriseVaultWriter
{
  GObject parent_instance;

  RepriseVault *vault;       /* (owned) */
  char *service_folder;      /* (owned) */
  char *folder;              /* (owned); .partial-<ulid> */
  ReprisePartial *partial;   /* (owned); its journal, and the lock on it */
  RepriseManifest *manifest; /* (owned) */
  RepriseWriterState state;
  gboolean resumable;
  guint n_scratch;

  GMutex
    mutex; /* guards the rest, and the files in the manifest while they are opened and closed */
  GCond synced;         /* a file less waits for its sync */
  GHashTable *folders;  /* (owned) (element-type filename): made for files, to be synced */
  GThreadPool *syncers; /* (owned) (nullable) */
  GHashTable *
    open; /* (owned) (element-type utf8 int): names of files being written, and their descriptors */
  guint n_unsynced;
  GError *failed; /* (owned) (nullable): of a sync */
};

void reprise_vault_writer_wait_for_syncs (RepriseVaultWriter *self, guint n_left);
void reprise_vault_writer_stop_syncers (RepriseVaultWriter *self);
gboolean reprise_vault_writer_check_usable (RepriseVaultWriter *self,
                                            const char *name,
                                            GError **error);
gboolean reprise_vault_writer_take_sync_failure (RepriseVaultWriter *self, GError **error);

G_END_DECLS
