/* reprise-sqlite-archive.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "reprise-sqlite-archive"

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "base/reprise-fd.h"
#include "base/reprise-file.h"
#include "base/reprise-hash.h"
#include "base/reprise-strv.h"
#include "providers/sqlite/reprise-sqlite-archive-private.h"
#include "providers/sqlite/reprise-sqlite-source-private.h"

#define MANIFEST_MAX_BYTES (256 * 1024 * 1024)
#define CHUNK_BYTES        (256 * 1024)
#define MAX_RATIO          1100 /* deflate cannot do more than 1032; an empty page packs as well as that */

struct _RepriseSqliteArchive
{
  char *path;                      /* (owned) */
  RepriseSqliteManifest *manifest; /* (owned) */
  GPtrArray *damage;               /* (owned) (element-type utf8): what the list of files tells */
};

/* The guard is the space that is free, not the ratio: databases have empty pages. */
RepriseArchiveReader *
reprise_sqlite_archive_open_reader (const char *path, GCancellable *cancellable, GError **error)
{
  const RepriseArchiveLimits limits = { REPRISE_SQLITE_MAX_FILES + 10000, 0, MAX_RATIO };

  return reprise_archive_reader_open (path, &limits, cancellable, error);
}

static RepriseSqliteManifest *
read_manifest (RepriseArchiveReader *reader, GCancellable *cancellable, GError **error)
{
  const RepriseArchiveEntry *entry;
  g_autoptr (GBytes) bytes = NULL;

  if (!reprise_archive_reader_find (reader, REPRISE_SQLITE_MANIFEST, &entry, cancellable, error))
    return NULL;
  bytes = reprise_archive_reader_read_all (reader, MANIFEST_MAX_BYTES, cancellable, error);
  if (bytes == NULL)
    return NULL;
  return reprise_sqlite_manifest_parse (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes),
                                        error);
}

/**
 * reprise_sqlite_archive_recognise:
 * @head: the first bytes of the file
 *
 * Blocks: for workers.
 *
 * Returns: whether @path is an archive of this kind, whole or not
 */
gboolean
reprise_sqlite_archive_recognise (const char *path, const guchar *head, gsize head_size)
{
  g_autoptr (RepriseArchiveReader) reader = NULL;
  g_autoptr (RepriseSqliteManifest) manifest = NULL;

  /* The name of the first entry stands 30 bytes from the start: so one that was cut off is recognised too */
  if (head_size < 46 || memcmp (head, "PK\3\4", 4) != 0)
    return FALSE;
  if (memcmp (head + 30, "schema/", 7) == 0)
    return TRUE;
  if (memcmp (head + 30, "files/", 6) != 0 && memcmp (head + 30, "manifest.json", 13) != 0 &&
      memcmp (head + 30, "data/", 5) != 0)
    return FALSE;
  reader = reprise_sqlite_archive_open_reader (path, NULL, NULL);
  manifest = reader != NULL ? read_manifest (reader, NULL, NULL) : NULL;
  return manifest != NULL;
}

/* Compares one expected file with the directory of the zip file. */
static void
look_for (RepriseSqliteArchive *self, RepriseArchiveReader *reader, const RepriseSqliteFile *file)
{
  const RepriseArchiveEntry *entry;

  if (!reprise_archive_reader_find (reader, file->path, &entry, NULL, NULL))
    g_ptr_array_add (self->damage, g_strdup_printf (_ ("The archive lacks “%s”"), file->path));
  else if (entry->size_bytes != (guint64) file->size_bytes)
    g_ptr_array_add (
      self->damage,
      g_strdup_printf (_ ("“%s” has another size than the manifest says"), file->path));
}

static void
look_for_all (RepriseSqliteArchive *self, RepriseArchiveReader *reader)
{
  for (guint i = 0; i < self->manifest->databases->len; i++)
    look_for (self, reader,
              ((RepriseSqliteSavedDatabase *) g_ptr_array_index (self->manifest->databases, i))
                ->schema_file);
  for (guint group = 0; group < REPRISE_N_GROUPS; group++)
    for (guint i = 0; i < self->manifest->files[group]->len; i++)
      look_for (self, reader, g_ptr_array_index (self->manifest->files[group], i));
}

/**
 * reprise_sqlite_archive_open:
 *
 * Reads the manifest and compares the archive's list of files with it. That a file is missing is no error of the call:
 * reprise_sqlite_archive_dup_damage() tells.
 *
 * Returns: (transfer full): the archive, or %NULL: %REPRISE_ERROR_DAMAGED where it has no end or no manifest that can be read,
 *   %REPRISE_ERROR_NOT_SUPPORTED for a newer format, %REPRISE_ERROR_LIMIT, and what the system reports
 */
RepriseSqliteArchive *
reprise_sqlite_archive_open (const char *path, GCancellable *cancellable, GError **error)
{
  g_autoptr (RepriseArchiveReader) reader =
    reprise_sqlite_archive_open_reader (path, cancellable, error);
  RepriseSqliteManifest *manifest =
    reader != NULL ? read_manifest (reader, cancellable, error) : NULL;
  RepriseSqliteArchive *self;

  if (manifest == NULL)
    {
      if (error != NULL && g_error_matches (*error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND))
        (*error)->code = REPRISE_ERROR_DAMAGED;
      return NULL;
    }
  self = g_new0 (RepriseSqliteArchive, 1);
  self->path = g_strdup (path);
  self->manifest = manifest;
  self->damage = g_ptr_array_new_with_free_func (g_free);
  look_for_all (self, reader);
  return self;
}

void
reprise_sqlite_archive_free (RepriseSqliteArchive *self)
{
  g_free (self->path);
  reprise_sqlite_manifest_free (self->manifest);
  g_ptr_array_unref (self->damage);
  g_free (self);
}

const char *
reprise_sqlite_archive_get_path (const RepriseSqliteArchive *self)
{
  return self->path;
}

/* (transfer none) */
const RepriseSqliteManifest *
reprise_sqlite_archive_get_manifest (const RepriseSqliteArchive *self)
{
  return self->manifest;
}

GDateTime *
reprise_sqlite_archive_get_created_at (const RepriseSqliteArchive *self)
{
  return self->manifest->created_at;
}

/* (transfer full) */
RepriseContents *
reprise_sqlite_archive_dup_contents (const RepriseSqliteArchive *self)
{
  return reprise_sqlite_manifest_to_contents (self->manifest);
}

guint
reprise_sqlite_archive_get_n_databases (const RepriseSqliteArchive *self)
{
  return self->manifest->databases->len;
}

/* The name of a database, relative to the application's folder. */
const char *
reprise_sqlite_archive_get_database (const RepriseSqliteArchive *self, guint index)
{
  return ((RepriseSqliteSavedDatabase *) g_ptr_array_index (self->manifest->databases, index))
    ->name;
}

/* Of what the groups hold, unpacked. */
gint64
reprise_sqlite_archive_get_size_bytes (const RepriseSqliteArchive *self, RepriseGroups groups)
{
  gint64 total = 0;

  for (guint group = 0; group < REPRISE_N_GROUPS; group++)
    {
      if (!REPRISE_GROUPS_HAS (groups, group))
        continue;
      for (guint i = 0; i < self->manifest->files[group]->len; i++)
        total +=
          ((RepriseSqliteFile *) g_ptr_array_index (self->manifest->files[group], i))->size_bytes;
      for (guint i = 0; i < self->manifest->collections[group]->len; i++)
        {
          const RepriseSqliteSaved *saved =
            g_ptr_array_index (self->manifest->collections[group], i);

          total += saved->database < 0 ? MAX (saved->size_bytes, 0) : 0;
        }
    }
  return total;
}

/* (transfer full): what is wrong with the archive, as far as its list of files tells; whole sentences */
char **
reprise_sqlite_archive_dup_damage (const RepriseSqliteArchive *self)
{
  return reprise_strv_from_array (self->damage, 0);
}

/* Reads the entry at which the reader stands, to its end, or until it is more than it should be. Gives its hash. */
static char *
read_entry (RepriseArchiveReader *reader,
            int fd,
            gint64 expected_size,
            guint64 *size_bytes,
            RepriseProgress *progress,
            GCancellable *cancellable,
            GError **error)
{
  g_autoptr (RepriseHash) hash = reprise_hash_new ();
  g_autofree guint8 *buffer = g_malloc (CHUNK_BYTES);
  gssize n;

  *size_bytes = 0;
  while (*size_bytes <= (guint64) MAX (expected_size, 0) &&
         (n = reprise_archive_reader_read (reader, buffer, CHUNK_BYTES, cancellable, error)) != 0)
    {
      if (n < 0)
        return NULL;
      if (fd >= 0 && !reprise_fd_write (fd, buffer, (gsize) n))
        {
          reprise_set_error_errno (error, errno, _ ("Could not write what was in the archive"));
          return NULL;
        }
      reprise_hash_update (hash, buffer, (gsize) n);
      *size_bytes += (guint64) n;
      reprise_progress_add_bytes (progress, n);
    }
  return reprise_hash_finish (hash);
}

static gboolean
check_hash (const char *name,
            guint64 size,
            const char *hash,
            gint64 expected_size,
            const char *expected,
            GError **error)
{
  if (size == (guint64) expected_size && g_str_equal (hash, expected))
    return TRUE;
  reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_DAMAGED,
                     _ ("“%s” in the archive is not what the manifest says"), name);
  return FALSE;
}

/**
 * reprise_sqlite_archive_extract:
 * @entry: its name in the archive
 * @fd: gains its bytes; stays the caller's
 *
 * Returns: whether it is what the manifest says; else %REPRISE_ERROR_DAMAGED, and what was written is of no use
 */
gboolean
reprise_sqlite_archive_extract (RepriseArchiveReader *reader,
                                const char *entry,
                                gint64 size_bytes,
                                const char *sha256,
                                int fd,
                                RepriseProgress *progress,
                                GCancellable *cancellable,
                                GError **error)
{
  const RepriseArchiveEntry *found;
  g_autofree char *hash = NULL;
  guint64 size;

  if (!reprise_archive_reader_find (reader, entry, &found, cancellable, error))
    {
      if (error != NULL && g_error_matches (*error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND))
        (*error)->code = REPRISE_ERROR_DAMAGED;
      return FALSE;
    }
  hash = read_entry (reader, fd, size_bytes, &size, progress, cancellable, error);
  return hash != NULL && check_hash (entry, size, hash, size_bytes, sha256, error);
}

/* The same into a new file of ours, 0600. */
gboolean
reprise_sqlite_archive_extract_file (RepriseArchiveReader *reader,
                                     const RepriseSqliteFile *file,
                                     const char *path,
                                     RepriseProgress *progress,
                                     GCancellable *cancellable,
                                     GError **error)
{
  int fd = open (path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
  gboolean ok;

  if (fd < 0)
    return reprise_set_error_errno (error, errno, _ ("Could not write “%s”"), path);
  ok = reprise_sqlite_archive_extract (reader, file->path, file->size_bytes, file->sha256, fd,
                                       progress, cancellable, error);
  if (close (fd) == 0 || !ok)
    return ok;
  return reprise_set_error_errno (error, errno, _ ("Could not write “%s”"), path);
}

static gboolean
refuse_table (const RepriseSqliteTable *table, GError **error)
{
  reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_DAMAGED,
                     _ ("Table “%s” in the archive is not what the manifest says"), table->name);
  return FALSE;
}

/* Names, order and key: what copying by name relies on. A view or a virtual table in its place would be a trap. */
static gboolean
check_table (const RepriseSqliteSchema *schema, const RepriseSqliteTable *table, GError **error)
{
  const RepriseSqliteTable *found = reprise_sqlite_schema_find (schema, table->name);
  guint at = 0;

  if (found == NULL || found->kind == REPRISE_SQLITE_VIRTUAL || found->has_generated ||
      found->without_rowid != table->without_rowid)
    return refuse_table (table, error);
  for (guint i = 0; i < table->columns->len; i++)
    {
      const RepriseSqliteColumn *column = g_ptr_array_index (table->columns, i);
      const RepriseSqliteColumn *other;

      if (column->generated)
        continue;
      other = at < found->columns->len ? g_ptr_array_index (found->columns, at) : NULL;
      at++;
      if (other == NULL || g_ascii_strcasecmp (column->name, other->name) != 0)
        return refuse_table (table, error);
    }
  return at == found->columns->len || refuse_table (table, error);
}

/**
 * reprise_sqlite_archive_check_group:
 * @db: the file of one group and database, its main one
 *
 * Whether the file holds the tables of the manifest, with their columns, and no program: no view, no trigger, no virtual table.
 */
gboolean
reprise_sqlite_archive_check_group (const RepriseSqliteManifest *manifest,
                                    RepriseGroup group,
                                    int database,
                                    RepriseSqliteDb *db,
                                    GError **error)
{
  g_autoptr (RepriseSqliteSchema) schema = reprise_sqlite_schema_load (db, "main", error);

  if (schema == NULL)
    return FALSE;
  if (schema->objects->len > 0)
    {
      reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_DAMAGED,
                         _ ("A file of the archive holds more than tables: “%s”"),
                         ((RepriseSqliteObject *) g_ptr_array_index (schema->objects, 0))->name);
      return FALSE;
    }
  for (guint i = 0; i < manifest->collections[group]->len; i++)
    {
      const RepriseSqliteSaved *saved = g_ptr_array_index (manifest->collections[group], i);

      for (guint j = 0; saved->database == database && j < saved->tables->len; j++)
        {
          const RepriseSqliteSavedTable *table = g_ptr_array_index (saved->tables, j);

          if (table->table->kind != REPRISE_SQLITE_VIRTUAL &&
              !check_table (schema, table->table, error))
            return FALSE;
        }
    }
  return TRUE;
}

/* A verification. The entries are read by two threads. */
typedef struct
{
  RepriseSqliteArchive *archive;
  gboolean deep;
  const char *scratch;
  RepriseProgress *progress;

  GHashTable *files; /* (owned) (element-type utf8 RepriseSqliteFile): those of the manifest */

  GMutex mutex; /* guards what follows */
  GHashTable *
    indexes; /* (owned) (element-type utf8 RepriseSqliteDb): of files, by the start of their names */
  GPtrArray *index_paths; /* (owned) (element-type utf8) */
  guint n_seen;
} Verification;

static void
verification_clear (Verification *self)
{
  g_clear_pointer (&self->indexes, g_hash_table_unref);
  for (guint i = 0; i < self->index_paths->len; i++)
    unlink (g_ptr_array_index (self->index_paths, i));
  g_clear_pointer (&self->index_paths, g_ptr_array_unref);
  g_clear_pointer (&self->files, g_hash_table_unref);
  g_mutex_clear (&self->mutex);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Verification, verification_clear)

static gboolean
check_rows (const RepriseSqliteManifest *manifest,
            RepriseGroup group,
            int database,
            RepriseSqliteDb *db,
            GError **error)
{
  g_autoptr (RepriseSqliteSchema) schema = reprise_sqlite_schema_load (db, "main", error);
  g_autoptr (GHashTable) measures =
    schema != NULL ? reprise_sqlite_measure (db, "main", schema, error) : NULL;

  if (measures == NULL)
    return FALSE;
  for (guint i = 0; i < manifest->collections[group]->len; i++)
    {
      const RepriseSqliteSaved *saved = g_ptr_array_index (manifest->collections[group], i);

      for (guint j = 0; saved->database == database && j < saved->tables->len; j++)
        {
          const RepriseSqliteSavedTable *table = g_ptr_array_index (saved->tables, j);
          const RepriseSqliteTable *found = reprise_sqlite_schema_find (schema, table->table->name);
          RepriseSqliteMeasure measure;

          if (table->table->kind == REPRISE_SQLITE_VIRTUAL)
            continue;
          reprise_sqlite_measure_get (measures, schema, found, &measure);
          if (measure.rows != table->rows)
            return refuse_table (table->table, error);
        }
    }
  return TRUE;
}

/* The format's own check of one group file. */
static gboolean
check_deep (Verification *self,
            RepriseGroup group,
            const RepriseSqliteFile *file,
            const char *path,
            GCancellable *cancellable,
            GError **error)
{
  g_autoptr (RepriseSqliteDb) db =
    reprise_sqlite_db_open (path, file->path, REPRISE_SQLITE_READ, cancellable, error);
  g_autofree char *finding = NULL;

  if (db == NULL || !reprise_sqlite_db_check_integrity (db, "main", &finding, error))
    return FALSE;
  if (finding != NULL)
    {
      reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_DAMAGED,
                         _ ("“%s” in the archive is damaged: %s"), file->path, finding);
      return FALSE;
    }
  return reprise_sqlite_archive_check_group (self->archive->manifest, group, file->database, db,
                                             error) &&
         check_rows (self->archive->manifest, group, file->database, db, error);
}

static RepriseGroup
find_group (const RepriseSqliteManifest *manifest, const RepriseSqliteFile *file)
{
  for (guint group = 0; group < REPRISE_N_GROUPS; group++)
    if (g_ptr_array_find (manifest->files[group], file, NULL))
      return (RepriseGroup) group;
  return REPRISE_GROUP_SKIPPED;
}

static gboolean
read_deep (Verification *self,
           RepriseArchiveReader *reader,
           const RepriseSqliteFile *file,
           guint64 *size,
           char **hash,
           GCancellable *cancellable,
           GError **error)
{
  g_autofree char *path =
    g_strdup_printf ("%s/verify-%p.sqlite", self->scratch, (gconstpointer) file);
  int fd = open (path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
  gboolean ok;

  if (fd < 0)
    return reprise_set_error_errno (error, errno, _ ("Could not write “%s”"), path);
  *hash = read_entry (reader, fd, file->size_bytes, size, self->progress, cancellable, error);
  close (fd);
  ok =
    *hash != NULL && check_hash (file->path, *size, *hash, file->size_bytes, file->sha256, error) &&
    check_deep (self, find_group (self->archive->manifest, file), file, path, cancellable, error);
  unlink (path);
  return ok;
}

/* What the index of files says of one. */
static gboolean
find_in_index (Verification *self, const char *name, gint64 *size, char **sha256)
{
  const char *slash = strrchr (name, '/');
  g_autofree char *start = slash != NULL ? g_strndup (name, (gsize) (slash - name)) : g_strdup ("");
  RepriseSqliteDb *db;

  g_mutex_lock (&self->mutex);
  db = g_hash_table_lookup (self->indexes, start);
  *size = -1;
  if (db != NULL && reprise_sqlite_db_get_int (
                      db, size, NULL, "SELECT size_bytes FROM files WHERE path = %Q", name))
    *sha256 =
      reprise_sqlite_db_get_text (db, NULL, "SELECT sha256 FROM files WHERE path = %Q", name);
  g_mutex_unlock (&self->mutex);
  return *sha256 != NULL && (*sha256)[0] != '\0';
}

static gboolean
verify_other (Verification *self,
              RepriseArchiveReader *reader,
              const char *name,
              GCancellable *cancellable,
              GError **error)
{
  g_autofree char *expected = NULL, *hash = NULL;
  gint64 expected_size = -1;
  guint64 size;

  if (!find_in_index (self, name, &expected_size, &expected))
    {
      reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_DAMAGED,
                         _ ("The archive holds “%s”, which its manifest does not know"), name);
      return FALSE;
    }
  hash = read_entry (reader, -1, expected_size, &size, self->progress, cancellable, error);
  return hash != NULL && check_hash (name, size, hash, expected_size, expected, error);
}

static gboolean
verify_cb (RepriseArchiveReader *reader,
           const RepriseArchiveEntry *entry,
           gpointer user_data,
           GCancellable *cancellable,
           GError **error)
{
  Verification *self = user_data;
  g_autofree char *name = g_strdup (entry->name);
  const RepriseSqliteFile *file = g_hash_table_lookup (self->files, name);
  g_autofree char *hash = NULL;
  guint64 size;
  gboolean ok;

  if (g_str_equal (name, REPRISE_SQLITE_MANIFEST))
    return TRUE; /* read and proven when the archive was opened, and once more after this */
  if (file == NULL)
    ok = verify_other (self, reader, name, cancellable, error);
  else if (self->deep && file->database >= 0)
    ok = read_deep (self, reader, file, &size, &hash, cancellable, error);
  else
    {
      hash = read_entry (reader, -1, file->size_bytes, &size, self->progress, cancellable, error);
      ok = hash != NULL && check_hash (name, size, hash, file->size_bytes, file->sha256, error);
    }
  g_mutex_lock (&self->mutex);
  self->n_seen += ok ? 1 : 0;
  g_mutex_unlock (&self->mutex);
  return ok;
}

/**
 * reprise_sqlite_archive_open_index:
 * @path: where the index was unpacked
 *
 * Returns: (transfer full): the index of a group's files, a table `files` and nothing else; or %NULL with %REPRISE_ERROR_DAMAGED
 */
RepriseSqliteDb *
reprise_sqlite_archive_open_index (const char *path,
                                   const char *name,
                                   GCancellable *cancellable,
                                   GError **error)
{
  static const char *const columns[] = { "path",   "collection", "name",       "size_bytes",
                                         "sha256", "mode",       "modified_at" };
  g_autoptr (RepriseSqliteDb) db =
    reprise_sqlite_db_open (path, name, REPRISE_SQLITE_READ, cancellable, error);
  g_autoptr (RepriseSqliteSchema) schema =
    db != NULL ? reprise_sqlite_schema_load (db, "main", error) : NULL;
  const RepriseSqliteTable *table;
  gboolean ok;

  if (schema == NULL)
    return NULL;
  table = reprise_sqlite_schema_find (schema, "files");
  ok = schema->objects->len == 0 && table != NULL && table->columns->len == G_N_ELEMENTS (columns);
  for (guint i = 0; ok && i < G_N_ELEMENTS (columns); i++)
    ok = g_str_equal (((RepriseSqliteColumn *) g_ptr_array_index (table->columns, i))->name,
                      columns[i]);
  if (ok && !table->has_generated)
    return g_steal_pointer (&db);
  reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_DAMAGED,
                     _ ("“%s” in the archive is no list of files"), name);
  return NULL;
}

/* Opens the index of the files of a group, for looking up. Gives how many there are, or -1. */
static gint64
open_index (Verification *self,
            RepriseArchiveReader *reader,
            const RepriseSqliteFile *file,
            GCancellable *cancellable,
            GError **error)
{
  char *path = g_strdup_printf ("%s/index-%p.sqlite", self->scratch, (gconstpointer) file);
  RepriseSqliteDb *db;
  gint64 n = -1;

  g_ptr_array_add (self->index_paths, path);
  if (!reprise_sqlite_archive_extract_file (reader, file, path, NULL, cancellable, error))
    return -1;
  db = reprise_sqlite_archive_open_index (path, file->path, cancellable, error);
  if (db == NULL)
    return -1;
  g_hash_table_insert (
    self->indexes,
    g_strndup (file->path, strlen (file->path) - MIN (strlen (file->path), strlen (".sqlite"))),
    db);
  return reprise_sqlite_db_get_int (db, &n, error, "SELECT count(*) FROM files") ? n : -1;
}

static gboolean
note_files (Verification *self,
            RepriseArchiveReader *reader,
            guint *n,
            GCancellable *cancellable,
            GError **error)
{
  const RepriseSqliteManifest *manifest = self->archive->manifest;

  for (guint i = 0; i < manifest->databases->len; i++)
    {
      RepriseSqliteFile *file =
        ((RepriseSqliteSavedDatabase *) g_ptr_array_index (manifest->databases, i))->schema_file;

      g_hash_table_insert (self->files, file->path, file);
    }
  for (guint group = 0; group < REPRISE_N_GROUPS; group++)
    for (guint i = 0; i < manifest->files[group]->len; i++)
      {
        RepriseSqliteFile *file = g_ptr_array_index (manifest->files[group], i);
        gint64 n_files = 0;

        g_hash_table_insert (self->files, file->path, file);
        if (file->database < 0 &&
            (n_files = open_index (self, reader, file, cancellable, error)) < 0)
          return FALSE;
        *n += (guint) n_files;
      }
  *n += g_hash_table_size (self->files);
  return TRUE;
}

/**
 * reprise_sqlite_archive_verify:
 * @deep: whether each database is unpacked too, checked by SQLite, and its rows counted
 * @scratch: a folder that exists, for files that are removed again; with @deep as large as the two largest groups
 * @progress: (nullable): gains unpacked bytes
 *
 * Reads every byte, compares every checksum and every hash, and finds what is missing and what is too much.
 *
 * Returns: whether all is well; else %REPRISE_ERROR_DAMAGED names what is not, or what the system reports
 */
gboolean
reprise_sqlite_archive_verify (RepriseSqliteArchive *self,
                               gboolean deep,
                               const char *scratch,
                               RepriseProgress *progress,
                               GCancellable *cancellable,
                               GError **error)
{
  g_auto (Verification) verification = { self, deep, scratch, progress };
  g_autoptr (RepriseArchiveReader) reader =
    reprise_sqlite_archive_open_reader (self->path, cancellable, error);
  guint n_expected = 0;

  g_mutex_init (&verification.mutex);
  verification.files = g_hash_table_new (g_str_hash, g_str_equal);
  verification.indexes = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                                (GDestroyNotify) reprise_sqlite_db_free);
  verification.index_paths = g_ptr_array_new_with_free_func (g_free);
  if (reader == NULL || !note_files (&verification, reader, &n_expected, cancellable, error))
    return FALSE;
  reprise_progress_set_totals (progress, reprise_archive_reader_get_total_bytes (reader), -1);
  if (!reprise_archive_reader_each (reader, verify_cb, &verification, NULL, cancellable, error))
    return FALSE;
  if (verification.n_seen == n_expected)
    return TRUE;
  reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_DAMAGED, "%s",
                     self->damage->len > 0 ? (const char *) g_ptr_array_index (self->damage, 0)
                                           : _ ("The archive lacks files that its manifest names"));
  return FALSE;
}
