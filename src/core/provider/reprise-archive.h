/* reprise-archive.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "vault/reprise-vault.h"

G_BEGIN_DECLS

/**
 * RepriseFact:
 * @label: what it is, translated
 * @value: for people
 */
typedef struct
{
  char *label;
  char *value;
} RepriseFact;

/**
 * RepriseArchive:
 *
 * A backup that has been looked into: a local file, a backup in the vault, or one that lies on the service. Its kind makes
 * it (`inspect`), or the provider (`open_backup`); afterwards it is only read.
 */
#define REPRISE_TYPE_ARCHIVE (reprise_archive_get_type ())

G_DECLARE_FINAL_TYPE (RepriseArchive, reprise_archive, REPRISE, ARCHIVE, GObject)

RepriseArchive *reprise_archive_new_for_file (const char *kind, const char *path);
RepriseArchive *reprise_archive_new_for_backup (RepriseBackup *backup, RepriseManifest *manifest);

const char *reprise_archive_get_kind (RepriseArchive *self);
const char *reprise_archive_get_path (RepriseArchive *self);
void reprise_archive_set_path (RepriseArchive *self, const char *path);
RepriseBackup *reprise_archive_get_backup (RepriseArchive *self);
RepriseManifest *reprise_archive_get_manifest (RepriseArchive *self);
RepriseService *reprise_archive_get_service (RepriseArchive *self);
void reprise_archive_set_service (RepriseArchive *self, RepriseService *service);
char *reprise_archive_dup_display_name (RepriseArchive *self);

/* what the kind found out */
const char *reprise_archive_get_format (RepriseArchive *self);
void reprise_archive_set_format (RepriseArchive *self, const char *format);
GDateTime *reprise_archive_get_created_at (RepriseArchive *self);
void reprise_archive_set_created_at (RepriseArchive *self, GDateTime *created_at);
gint64 reprise_archive_get_size_bytes (RepriseArchive *self);
void reprise_archive_set_size_bytes (RepriseArchive *self, gint64 size_bytes);
const char *reprise_archive_get_service_version (RepriseArchive *self);
void reprise_archive_set_service_version (RepriseArchive *self, const char *version);
const char *reprise_archive_get_engine (RepriseArchive *self);
void reprise_archive_set_engine (RepriseArchive *self, const char *engine);
RepriseContents *reprise_archive_get_contents (RepriseArchive *self);
void reprise_archive_set_contents (RepriseArchive *self, RepriseContents *contents);
gboolean reprise_archive_get_whole (RepriseArchive *self);
void reprise_archive_set_whole (RepriseArchive *self, gboolean whole);
gboolean reprise_archive_get_encrypted (RepriseArchive *self);
void reprise_archive_set_encrypted (RepriseArchive *self, gboolean encrypted);
gboolean reprise_archive_get_locked (RepriseArchive *self);
void reprise_archive_set_locked (RepriseArchive *self, gboolean locked);
void reprise_archive_add_fact (RepriseArchive *self, const char *label, const char *value);
guint reprise_archive_get_n_facts (RepriseArchive *self);
const RepriseFact *reprise_archive_get_fact (RepriseArchive *self, guint index);
void reprise_archive_add_damage (RepriseArchive *self, const char *format, ...)
  G_GNUC_PRINTF (2, 3);
char **reprise_archive_dup_damage (RepriseArchive *self);
gboolean reprise_archive_is_damaged (RepriseArchive *self);
gboolean reprise_archive_check_damage (RepriseArchive *self, GError **error);
void reprise_archive_add_warning (RepriseArchive *self, const char *format, ...)
  G_GNUC_PRINTF (2, 3);
char **reprise_archive_dup_warnings (RepriseArchive *self);

/* Of a backup that is not in the vault: the vault's path, where the provider may keep what belongs to it */
#define REPRISE_ARCHIVE_DATA_VAULT "vault"

/* Set by an upload that found the same on the service: then nothing was sent. */
#define REPRISE_ARCHIVE_DATA_THERE "there"

void reprise_archive_set_data (RepriseArchive *self, const char *key, const char *value);
const char *reprise_archive_get_data (RepriseArchive *self, const char *key);

G_END_DECLS
