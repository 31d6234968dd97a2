/* reprise-vault-writer.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "base/reprise-progress.h"
#include "vault/reprise-manifest.h"

G_BEGIN_DECLS

/**
 * RepriseVaultWriter:
 *
 * A backup that is being written: a `.partial-<ulid>` folder of the vault. What is written through
 * reprise_vault_writer_open() is hashed as it flows; the manifest is written last, and one rename commits it all.
 * Dropped without a commit, it removes what it wrote. For one worker at a time; only files
 * may be opened, written and closed by several, each its own.
 */
#define REPRISE_TYPE_VAULT_WRITER (reprise_vault_writer_get_type ())

G_DECLARE_FINAL_TYPE (RepriseVaultWriter, reprise_vault_writer, REPRISE, VAULT_WRITER, GObject)

const char *reprise_vault_writer_get_id (RepriseVaultWriter *self);
const char *reprise_vault_writer_get_folder (RepriseVaultWriter *self);
RepriseManifest *reprise_vault_writer_get_manifest (RepriseVaultWriter *self);
char *reprise_vault_writer_make_scratch (RepriseVaultWriter *self, GError **error);
GOutputStream *reprise_vault_writer_open (RepriseVaultWriter *self,
                                          const char *name,
                                          GError **error);
GOutputStream *reprise_vault_writer_open_sized (RepriseVaultWriter *self,
                                                const char *name,
                                                gint64 size_bytes,
                                                GError **error);
gboolean reprise_vault_writer_add_file (RepriseVaultWriter *self,
                                        const char *name,
                                        const char *path,
                                        GCancellable *cancellable,
                                        GError **error);
gboolean reprise_vault_writer_has_file (RepriseVaultWriter *self, const char *name);
gboolean reprise_vault_writer_discard (RepriseVaultWriter *self, const char *name, GError **error);
RepriseBackup *reprise_vault_writer_commit (RepriseVaultWriter *self,
                                            GCancellable *cancellable,
                                            GError **error);
void reprise_vault_writer_set_resumable (RepriseVaultWriter *self, gboolean resumable);
void reprise_vault_writer_abort (RepriseVaultWriter *self);

G_END_DECLS
