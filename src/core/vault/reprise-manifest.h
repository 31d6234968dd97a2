/* reprise-manifest.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <json-glib/json-glib.h>

#include "service/reprise-service.h"
#include "vault/reprise-backup.h"

G_BEGIN_DECLS

/**
 * RepriseManifest:
 *
 * manifest.json of one backup, format 1. A provider fills one through a #RepriseVaultWriter, or reads one of a
 * backup in the vault. Members that this version does not know are kept.
 */
/* Member of the provider's part: the tier of the backup, for kinds that have tiers */
#define REPRISE_MANIFEST_TIER "tier"

/* Member of the provider's part: names of collections that were found since the backup before, and are in this one */
#define REPRISE_MANIFEST_NEW "new"

/* Member of the provider's part: the tier, plan or size of the service, where a backup goes only into one of the same */
#define REPRISE_MANIFEST_EDITION "edition"

/* Member of the provider's part: of what happened over time, by its name: { from, to, … }, until but not with the last */
#define REPRISE_MANIFEST_PERIODS "periods"

/* Member of the provider's part of a roll-up: the ids of all backups that are in it */
#define REPRISE_MANIFEST_SUPERSEDES "supersedes"

#define REPRISE_TYPE_MANIFEST (reprise_manifest_get_type ())

G_DECLARE_FINAL_TYPE (RepriseManifest, reprise_manifest, REPRISE, MANIFEST, GObject)

RepriseManifest *reprise_manifest_new (RepriseService *service,
                                       const char *id,
                                       RepriseOrigin origin);
RepriseManifest *reprise_manifest_parse (const char *data, gsize size, GError **error);
RepriseManifest *reprise_manifest_read (const char *folder, GError **error);
char *reprise_manifest_to_json (RepriseManifest *self, gsize *size);

const char *reprise_manifest_get_id (RepriseManifest *self);
const char *reprise_manifest_get_service_uuid (RepriseManifest *self);
const char *reprise_manifest_get_service_name (RepriseManifest *self);
const char *reprise_manifest_get_kind (RepriseManifest *self);
gint64 reprise_manifest_get_format (RepriseManifest *self);
gboolean reprise_manifest_is_read_only (RepriseManifest *self);
RepriseOrigin reprise_manifest_get_origin (RepriseManifest *self);
void reprise_manifest_set_origin (RepriseManifest *self, RepriseOrigin origin);
const char *reprise_manifest_get_parent (RepriseManifest *self);
void reprise_manifest_set_parent (RepriseManifest *self, const char *parent);
GDateTime *reprise_manifest_get_created_at (RepriseManifest *self);

/* what the provider says */
void reprise_manifest_set_identity (RepriseManifest *self, const char *identity);
const char *reprise_manifest_get_identity (RepriseManifest *self);
void reprise_manifest_set_created_at (RepriseManifest *self, GDateTime *created_at);
void reprise_manifest_set_interval (RepriseManifest *self, GDateTime *from, GDateTime *to);
GDateTime *reprise_manifest_dup_interval_from (RepriseManifest *self);
GDateTime *reprise_manifest_dup_interval_to (RepriseManifest *self);
void reprise_manifest_set_contents (RepriseManifest *self, RepriseContents *contents);
RepriseContents *reprise_manifest_get_contents (RepriseManifest *self);
#define REPRISE_MANIFEST_PROOF_SERVICE \
  "service" /* the data stays on the service, which says that it is complete */
void reprise_manifest_set_proof (RepriseManifest *self, const char *method, const char *evidence);
const char *reprise_manifest_get_proof_method (RepriseManifest *self);
void reprise_manifest_set_note (RepriseManifest *self, const char *note);
const char *reprise_manifest_get_note (RepriseManifest *self);

/* optional: the service's own name of the backup, its version, and whether the payload needs a password to be read */
void reprise_manifest_set_own_name (RepriseManifest *self, const char *own_name);
const char *reprise_manifest_get_own_name (RepriseManifest *self);
void reprise_manifest_set_service_version (RepriseManifest *self, const char *version);
const char *reprise_manifest_get_service_version (RepriseManifest *self);
void reprise_manifest_set_encrypted (RepriseManifest *self, gboolean encrypted);
gboolean reprise_manifest_get_encrypted (RepriseManifest *self);
const char *reprise_manifest_get_tool_version (RepriseManifest *self);

/* the kind's own members; the object is the manifest's own and may be written until the commit */
JsonObject *reprise_manifest_get_provider (RepriseManifest *self);
gboolean reprise_manifest_supersedes (RepriseManifest *self, const char *id);

/* the payload files, set by the writer as they are closed */
void reprise_manifest_add_file (RepriseManifest *self,
                                const char *path,
                                gint64 size_bytes,
                                const char *sha256);
gboolean reprise_manifest_remove_file (RepriseManifest *self, const char *path);
guint reprise_manifest_get_n_files (RepriseManifest *self);
const char *reprise_manifest_get_file (RepriseManifest *self,
                                       guint index,
                                       gint64 *size_bytes,
                                       const char **sha256);
gint64 reprise_manifest_get_size_bytes (RepriseManifest *self);
char *reprise_manifest_print_sums (RepriseManifest *self, const char *own_sha256);
gboolean reprise_manifest_path_is_safe (const char *path);
RepriseBackup *reprise_manifest_to_backup (RepriseManifest *self);

G_END_DECLS
