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
#define REPRISE_TYPE_MANIFEST (reprise_manifest_get_type ())

G_DECLARE_FINAL_TYPE (RepriseManifest, reprise_manifest, REPRISE, MANIFEST, GObject)

RepriseManifest *reprise_manifest_new (RepriseService *service, const char *id, RepriseOrigin origin);
RepriseManifest *reprise_manifest_parse (const char *data, gsize size, GError **error);
char *reprise_manifest_to_json (RepriseManifest *self, gsize *size);

const char *reprise_manifest_get_id (RepriseManifest *self);
const char *reprise_manifest_get_service_uuid (RepriseManifest *self);
const char *reprise_manifest_get_service_name (RepriseManifest *self);
const char *reprise_manifest_get_kind (RepriseManifest *self);
gint64 reprise_manifest_get_format (RepriseManifest *self);
RepriseOrigin reprise_manifest_get_origin (RepriseManifest *self);
const char *reprise_manifest_get_parent (RepriseManifest *self);
GDateTime *reprise_manifest_get_created_at (RepriseManifest *self);

/* what the provider says */
void reprise_manifest_set_identity (RepriseManifest *self, const char *identity);
const char *reprise_manifest_get_identity (RepriseManifest *self);
void reprise_manifest_set_interval (RepriseManifest *self, GDateTime *from, GDateTime *to);
void reprise_manifest_set_contents (RepriseManifest *self, RepriseContents *contents);
RepriseContents *reprise_manifest_get_contents (RepriseManifest *self);
void reprise_manifest_set_proof (RepriseManifest *self, const char *method, const char *evidence);
const char *reprise_manifest_get_proof_method (RepriseManifest *self);
void reprise_manifest_set_note (RepriseManifest *self, const char *note);

/* the kind's own members; the object is the manifest's own and may be written until the commit */
JsonObject *reprise_manifest_get_provider (RepriseManifest *self);

/* the payload files, set by the writer as they are closed */
void reprise_manifest_add_file (RepriseManifest *self, const char *path, gint64 size_bytes, const char *sha256);
guint reprise_manifest_get_n_files (RepriseManifest *self);
const char *reprise_manifest_get_file (RepriseManifest *self, guint index, gint64 *size_bytes, const char **sha256);

G_END_DECLS
