/* reprise-vault.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "base/reprise-progress.h"
#include "vault/reprise-vault-writer.h"

G_BEGIN_DECLS

typedef enum
{
  REPRISE_DEPTH_QUICK, /* names and sizes */
  REPRISE_DEPTH_FULL,  /* every hash and CRC */
  REPRISE_DEPTH_DEEP,  /* also counts and the format's own check, by the kind */
} RepriseDepth;

const char *reprise_depth_to_string (RepriseDepth depth);
gboolean reprise_depth_from_string (const char *id, RepriseDepth *depth);

/**
 * RepriseStorageFacts:
 * @locks: whether open-file-description locks hold there
 * @exclusive_rename: whether a rename can refuse to replace
 * @syncs: whether a file can be made to survive a power cut
 * @network: whether it is a network mount
 * @free_bytes: or -1
 * @total_bytes: or -1
 *
 * What the place of a vault can do.
 */
typedef struct
{
  gboolean locks;
  gboolean exclusive_rename;
  gboolean syncs;
  gboolean network;
  gint64 free_bytes;
  gint64 total_bytes;
} RepriseStorageFacts;

/**
 * RepriseVault:
 *
 * The folder where archives are kept, format 1 (`README.txt` in it tells the layout). All calls block: they are for
 * workers, and may be made from several at a time.
 *
 * What becomes true of a backup after its commit is an event. Their types, and the members of each:
 *
 * - `verified` {`depth`: “quick”, “full” or “deep”}: full and deep make the backup verified and take a damage back
 * - `damaged` {`text`: a sentence for people}
 * - `kept`, `unkept` {}: whether retention leaves it alone
 * - `note` {`text`}: takes the place of the manifest's note; without a text it takes it away
 * - `rehearsed` {`text`: how it ended, `depth`: (optional)}
 * - `undone` {`text`: (optional)}: of a safety copy: the restore before which it was made was taken back
 * - `superseded` {`by`: a ULID (optional), `deleted_at`: a time (optional)}: another backup holds all of it: it may be deleted though
 *   others go on from it, and is then; the latest such event counts
 */
#define REPRISE_TYPE_VAULT (reprise_vault_get_type ())

G_DECLARE_FINAL_TYPE (RepriseVault, reprise_vault, REPRISE, VAULT, GObject)

RepriseVault *reprise_vault_new (const char *path);
char *reprise_vault_dup_default_path (void);
const char *reprise_vault_get_path (RepriseVault *self);
gboolean reprise_vault_open (RepriseVault *self,
                             gboolean create,
                             GCancellable *cancellable,
                             GError **error);
void reprise_vault_forget_disk (RepriseVault *self);
char *reprise_vault_dup_place_note (RepriseVault *self);
gboolean reprise_vault_get_facts (RepriseVault *self, RepriseStorageFacts *facts, GError **error);

gboolean reprise_vault_is_read_only (RepriseVault *self, GCancellable *cancellable);

/* services, for another computer that takes the vault over */
gboolean reprise_vault_save_service (RepriseVault *self, RepriseService *service, GError **error);
GPtrArray *reprise_vault_list_services (RepriseVault *self,
                                        GCancellable *cancellable,
                                        GError **error);

/* backups */
GPtrArray *reprise_vault_list (RepriseVault *self,
                               const char *service_uuid,
                               GCancellable *cancellable,
                               GError **error);
RepriseBackup *reprise_vault_find (RepriseVault *self,
                                   const char *id_start,
                                   GCancellable *cancellable,
                                   GError **error);
RepriseManifest *reprise_vault_read_manifest (RepriseVault *self,
                                              RepriseBackup *backup,
                                              GError **error);
RepriseVaultWriter *reprise_vault_begin (RepriseVault *self,
                                         RepriseService *service,
                                         RepriseOrigin origin,
                                         const char *parent,
                                         GError **error);
GPtrArray *reprise_vault_list_resumable_ids (RepriseVault *self,
                                             const char *service_uuid,
                                             GError **error);
RepriseVaultWriter *reprise_vault_resume (RepriseVault *self,
                                          RepriseService *service,
                                          const char *id,
                                          GError **error);
gboolean reprise_vault_delete (RepriseVault *self,
                               RepriseBackup *backup,
                               GCancellable *cancellable,
                               GError **error);
gboolean reprise_vault_add_event (RepriseVault *self,
                                  const char *backup_id,
                                  const char *type,
                                  JsonObject *members,
                                  GError **error);
GPtrArray *reprise_vault_list_events (RepriseVault *self, const char *backup_id, GError **error);
gboolean reprise_vault_verify (RepriseVault *self,
                               RepriseBackup *backup,
                               RepriseDepth depth,
                               RepriseProgress *progress,
                               GCancellable *cancellable,
                               GError **error);
gboolean reprise_vault_clean_up (RepriseVault *self, const char *service_uuid, GError **error);
gboolean reprise_vault_rebuild (RepriseVault *self,
                                RepriseProgress *progress,
                                GCancellable *cancellable,
                                GError **error);

G_END_DECLS
