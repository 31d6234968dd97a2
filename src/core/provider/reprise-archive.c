/* reprise-archive.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "base/reprise-error.h"
#include "base/reprise-strv.h"
#include "provider/reprise-archive.h"

struct _RepriseArchive
{
  GObject parent_instance;

  char *kind;                /* (owned) */
  char *path;                /* (owned) (nullable): the file, or the folder of the backup */
  RepriseBackup *backup;     /* (owned) (nullable) */
  RepriseManifest *manifest; /* (owned) (nullable) */
  RepriseService *service;   /* (owned) (nullable) */
  char *format;              /* (owned) (nullable) */
  GDateTime *created_at;     /* (owned) (nullable) */
  gint64 size_bytes;
  char *service_version;     /* (owned) (nullable) */
  char *engine;              /* (owned) (nullable) */
  RepriseContents *contents; /* (owned) (nullable) */
  gboolean whole;
  gboolean encrypted;
  gboolean locked;
  GArray *facts;       /* (owned) (element-type RepriseFact) */
  GPtrArray *damage;   /* (owned) (element-type utf8) */
  GPtrArray *warnings; /* (owned) (element-type utf8) */
  GHashTable *data;    /* (owned) (element-type utf8 utf8) */
};

G_DEFINE_FINAL_TYPE (RepriseArchive, reprise_archive, G_TYPE_OBJECT)

static void
clear_fact (gpointer data)
{
  RepriseFact *fact = data;

  g_free (fact->label);
  g_free (fact->value);
}

static void
reprise_archive_finalize (GObject *object)
{
  RepriseArchive *self = REPRISE_ARCHIVE (object);

  g_clear_pointer (&self->kind, g_free);
  g_clear_pointer (&self->path, g_free);
  g_clear_object (&self->backup);
  g_clear_object (&self->manifest);
  g_clear_object (&self->service);
  g_clear_pointer (&self->format, g_free);
  g_clear_pointer (&self->created_at, g_date_time_unref);
  g_clear_pointer (&self->service_version, g_free);
  g_clear_pointer (&self->engine, g_free);
  g_clear_object (&self->contents);
  g_clear_pointer (&self->facts, g_array_unref);
  g_clear_pointer (&self->damage, g_ptr_array_unref);
  g_clear_pointer (&self->warnings, g_ptr_array_unref);
  g_clear_pointer (&self->data, g_hash_table_unref);
  G_OBJECT_CLASS (reprise_archive_parent_class)->finalize (object);
}

static void
reprise_archive_class_init (RepriseArchiveClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = reprise_archive_finalize;
}

static void
reprise_archive_init (RepriseArchive *self)
{
  self->size_bytes = REPRISE_NOT_REPORTED;
  self->facts = g_array_new (FALSE, TRUE, sizeof (RepriseFact));
  g_array_set_clear_func (self->facts, clear_fact);
  self->damage = g_ptr_array_new_with_free_func (g_free);
  self->warnings = g_ptr_array_new_with_free_func (g_free);
  self->data = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
}

/* For a local file: the kind is the one that recognised it. */
RepriseArchive *
reprise_archive_new_for_file (const char *kind, const char *path)
{
  RepriseArchive *self = g_object_new (REPRISE_TYPE_ARCHIVE, NULL);

  self->kind = g_strdup (kind);
  self->path = g_strdup (path);
  return self;
}

/**
 * reprise_archive_new_for_backup:
 * @manifest: (nullable): of a backup in the vault; %NULL for one that is only on the service
 *
 * The path is that of the only payload file of a backup in the vault, or its folder where there are several.
 */
RepriseArchive *
reprise_archive_new_for_backup (RepriseBackup *backup, RepriseManifest *manifest)
{
  RepriseArchive *self = g_object_new (REPRISE_TYPE_ARCHIVE, NULL);
  const char *folder = reprise_backup_get_folder (backup);

  self->kind = g_strdup (reprise_backup_get_kind (backup));
  self->backup = g_object_ref (backup);
  g_set_object (&self->manifest, manifest);
  if (manifest != NULL && folder != NULL && reprise_manifest_get_n_files (manifest) == 1)
    self->path =
      g_build_filename (folder, reprise_manifest_get_file (manifest, 0, NULL, NULL), NULL);
  else
    self->path = g_strdup (folder);
  reprise_archive_set_created_at (self, reprise_backup_get_created_at (backup));
  self->size_bytes = reprise_backup_get_size_bytes (backup);
  return self;
}

const char *
reprise_archive_get_kind (RepriseArchive *self)
{
  return self->kind;
}

/* (nullable): the archive's file or folder; %NULL for one that is only on the service */
const char *
reprise_archive_get_path (RepriseArchive *self)
{
  return self->path;
}

void
reprise_archive_set_path (RepriseArchive *self, const char *path)
{
  g_free (self->path);
  self->path = g_strdup (path);
}

/* (nullable): the backup that it was opened from; %NULL for a local file */
RepriseBackup *
reprise_archive_get_backup (RepriseArchive *self)
{
  return self->backup;
}

/* (nullable) */
RepriseManifest *
reprise_archive_get_manifest (RepriseArchive *self)
{
  return self->manifest;
}

/* (nullable): whose backup it is, as far as that is known; nobody else writes it */
RepriseService *
reprise_archive_get_service (RepriseArchive *self)
{
  return self->service;
}

void
reprise_archive_set_service (RepriseArchive *self, RepriseService *service)
{
  g_set_object (&self->service, service);
}

/* (transfer full): the name of the file, or the service's own name of the backup, or its id */
char *
reprise_archive_dup_display_name (RepriseArchive *self)
{
  if (self->backup != NULL && reprise_backup_get_own_name (self->backup) != NULL)
    return g_strdup (reprise_backup_get_own_name (self->backup));
  if (self->backup != NULL)
    return g_strdup (reprise_backup_get_id (self->backup));
  return g_filename_display_basename (self->path);
}

/* (nullable): the name of the format, for people: “NocoBase dump (.nbdump)” */
const char *
reprise_archive_get_format (RepriseArchive *self)
{
  return self->format;
}

void
reprise_archive_set_format (RepriseArchive *self, const char *format)
{
  g_free (self->format);
  self->format = g_strdup (format);
}

/* (nullable) */
GDateTime *
reprise_archive_get_created_at (RepriseArchive *self)
{
  return self->created_at;
}

void
reprise_archive_set_created_at (RepriseArchive *self, GDateTime *created_at)
{
  if (created_at != NULL)
    g_date_time_ref (created_at);
  g_clear_pointer (&self->created_at, g_date_time_unref);
  self->created_at = created_at;
}

gint64
reprise_archive_get_size_bytes (RepriseArchive *self)
{
  return self->size_bytes;
}

void
reprise_archive_set_size_bytes (RepriseArchive *self, gint64 size_bytes)
{
  self->size_bytes = size_bytes;
}

/* (nullable): the version of the service that made it */
const char *
reprise_archive_get_service_version (RepriseArchive *self)
{
  return self->service_version;
}

void
reprise_archive_set_service_version (RepriseArchive *self, const char *version)
{
  g_free (self->service_version);
  self->service_version = g_strdup (version);
}

/* (nullable): the database engine or dialect that it comes from */
const char *
reprise_archive_get_engine (RepriseArchive *self)
{
  return self->engine;
}

void
reprise_archive_set_engine (RepriseArchive *self, const char *engine)
{
  g_free (self->engine);
  self->engine = g_strdup (engine);
}

/* (nullable): what is in it; %NULL while it is locked by a password, or where its format does not say */
RepriseContents *
reprise_archive_get_contents (RepriseArchive *self)
{
  return self->contents;
}

void
reprise_archive_set_contents (RepriseArchive *self, RepriseContents *contents)
{
  g_set_object (&self->contents, contents);
}

/* Whether it can only be restored as a whole: its groups are shown, and locked. */
gboolean
reprise_archive_get_whole (RepriseArchive *self)
{
  return self->whole;
}

void
reprise_archive_set_whole (RepriseArchive *self, gboolean whole)
{
  self->whole = whole;
}

gboolean
reprise_archive_get_encrypted (RepriseArchive *self)
{
  return self->encrypted;
}

void
reprise_archive_set_encrypted (RepriseArchive *self, gboolean encrypted)
{
  self->encrypted = encrypted;
}

/* Whether it is encrypted and no password was given to look into it. */
gboolean
reprise_archive_get_locked (RepriseArchive *self)
{
  return self->locked;
}

void
reprise_archive_set_locked (RepriseArchive *self, gboolean locked)
{
  self->locked = locked;
}

/* One more thing known of it, for people: label and value. */
void
reprise_archive_add_fact (RepriseArchive *self, const char *label, const char *value)
{
  RepriseFact fact = { g_strdup (label), g_strdup (value) };

  g_array_append_val (self->facts, fact);
}

guint
reprise_archive_get_n_facts (RepriseArchive *self)
{
  return self->facts->len;
}

const RepriseFact *
reprise_archive_get_fact (RepriseArchive *self, guint index)
{
  return &g_array_index (self->facts, RepriseFact, index);
}

/* A sentence about what is not as it should be: such an archive is not sent anywhere. */
void
reprise_archive_add_damage (RepriseArchive *self, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  g_ptr_array_add (self->damage, g_strdup_vprintf (format, args));
  va_end (args);
}

char **
reprise_archive_dup_damage (RepriseArchive *self)
{
  return reprise_strv_from_array (self->damage, 0);
}

gboolean
reprise_archive_is_damaged (RepriseArchive *self)
{
  return self->damage->len > 0;
}

/* Whether nothing was found that is not as it should be; else %REPRISE_ERROR_DAMAGED with the first sentence. */
gboolean
reprise_archive_check_damage (RepriseArchive *self, GError **error)
{
  if (self->damage->len == 0)
    return TRUE;
  reprise_error_set_literal (error, REPRISE_ERROR, REPRISE_ERROR_DAMAGED, self->damage->pdata[0]);
  return FALSE;
}

/* A sentence about something worth knowing that is no damage. */
void
reprise_archive_add_warning (RepriseArchive *self, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  g_ptr_array_add (self->warnings, g_strdup_vprintf (format, args));
  va_end (args);
}

char **
reprise_archive_dup_warnings (RepriseArchive *self)
{
  return reprise_strv_from_array (self->warnings, 0);
}

/* What the kind wants to remember for itself: never a secret. */
void
reprise_archive_set_data (RepriseArchive *self, const char *key, const char *value)
{
  g_hash_table_insert (self->data, g_strdup (key), g_strdup (value));
}

const char *
reprise_archive_get_data (RepriseArchive *self, const char *key)
{
  return g_hash_table_lookup (self->data, key);
}
