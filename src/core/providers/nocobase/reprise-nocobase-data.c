/* reprise-nocobase-data.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gi18n-lib.h>

#include "archive/reprise-archive-reader.h"
#include "base/reprise-error.h"
#include "base/reprise-file.h"
#include "net/reprise-json.h"
#include "providers/nocobase/reprise-nocobase-cipher.h"
#include "providers/nocobase/reprise-nocobase-data.h"
#include "providers/nocobase/reprise-nocobase-dump.h"
#include "providers/nocobase/reprise-nocobase-pgdump.h"
#include "providers/nocobase/reprise-nocobase-rules.h"

/*
 * An archive of the Backup manager: a zip file, encrypted or not, with
 *
 *   _metadata.json   the server's version, its database, its plugins
 *   data             the database's own dump: of pg_dump in its custom format, or SQL text of mysqldump
 *   uploads/…        files of the local storage, if that is set
 *   aes_key.dat      the key with which the application encrypts fields
 */
#define METADATA           "_metadata.json"
#define MAX_METADATA_BYTES (16 * 1024 * 1024)
#define AES_KEY_BYTES      32
#define HEAD_BYTES         512
#define CHUNK_BYTES        (128 * 1024)
#define MYSQL_TABLE        "CREATE TABLE `"
#define MYSQL_END          "-- Dump completed"

typedef struct
{
  RepriseArchive *archive;
  gboolean counts; /* read the dump too, not only its checksum */
  gboolean underscored;
  char *prefix; /* (owned): of the names of tables */

  GMutex mutex;           /* guards what follows while two threads read */
  GPtrArray *tables;      /* (owned) (nullable) (element-type RepriseNocobaseTable) */
  char *database_version; /* (owned) (nullable) */
  char *dump_damage;      /* (owned) (nullable) */
  gboolean has_dump, opaque;
  gint64 dump_bytes;
  gint64 n_uploads, upload_bytes;
  gint64 key_bytes; /* of the application's key, or -1 */
} Data;

static void
data_clear (Data *self)
{
  g_mutex_clear (&self->mutex);
  g_free (self->prefix);
  g_clear_pointer (&self->tables, g_ptr_array_unref);
  g_free (self->database_version);
  g_free (self->dump_damage);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Data, data_clear)

static void
read_plugins (RepriseArchive *archive, JsonArray *plugins)
{
  g_autoptr (GString) packages = g_string_new (NULL);
  guint n = reprise_json_array_get_length (plugins);
  g_autofree char *number = g_strdup_printf ("%u", n);

  for (guint i = 0; i < n; i++)
    {
      const char *package =
        reprise_json_get_string (reprise_json_array_get_object (plugins, i), "packageName", NULL);

      if (package != NULL && strchr (package, '\n') == NULL)
        g_string_append_printf (packages, "%s\n", package);
    }
  reprise_archive_set_data (archive, REPRISE_NOCOBASE_DATA_PLUGINS, packages->str);
  reprise_archive_add_fact (archive, _ ("Plugins that were on"), number);
}

/* What the target must have as well. */
static void
read_environment (Data *self, JsonObject *database)
{
  g_autoptr (GString) environment = g_string_new (NULL);
  const char *prefix = reprise_json_get_string (database, "tablePrefix", NULL);
  const char *schema = reprise_json_get_string (database, "schema", NULL);

  self->underscored = reprise_json_get_boolean (database, "underscored", FALSE);
  self->prefix = g_strdup (prefix != NULL ? prefix : "");
  g_string_append_printf (environment, "DB_UNDERSCORED=%s\n", self->underscored ? "true" : "false");
  if (*self->prefix != '\0' && strchr (self->prefix, '\n') == NULL)
    g_string_append_printf (environment, "DB_TABLE_PREFIX=%s\n", self->prefix);
  if (schema != NULL && *schema != '\0' && strchr (schema, '\n') == NULL)
    g_string_append_printf (environment, "DB_SCHEMA=%s\n", schema);
  reprise_archive_set_data (self->archive, REPRISE_NOCOBASE_DATA_ENVIRONMENT, environment->str);
}

static gboolean
apply_metadata (Data *self, JsonObject *metadata, GError **error)
{
  RepriseArchive *archive = self->archive;
  JsonObject *database = reprise_json_get_object (metadata, "database");
  const char *version = reprise_json_get_string (metadata, "version", NULL);
  const char *dialect = reprise_json_get_string (database, "dialect", NULL);
  const char *server = reprise_json_get_string (database, "version", NULL);
  const char *description = reprise_json_get_string (metadata, "description", NULL);

  if (version == NULL || dialect == NULL)
    {
      reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_DAMAGED,
                         _ ("“%s” in it does not say of which version and database it is"),
                         METADATA);
      return FALSE;
    }
  reprise_archive_set_service_version (archive, version);
  reprise_archive_set_engine (archive, dialect);
  if (server != NULL)
    reprise_archive_add_fact (archive, _ ("Database server"), server);
  if (description != NULL && *description != '\0')
    reprise_archive_add_fact (archive, _ ("Description"), description);
  read_environment (self, database);
  read_plugins (archive, reprise_json_get_array (metadata, "plugins"));
  if (!reprise_json_get_boolean (metadata, "enableFilesBackup", FALSE))
    reprise_archive_add_warning (
      archive, "%s", _ ("Uploaded files are not in it: the server was set to leave them out"));
  return TRUE;
}

static gboolean
read_metadata (Data *self, RepriseArchiveReader *reader, GCancellable *cancellable, GError **error)
{
  const RepriseArchiveEntry *entry = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (JsonObject) metadata = NULL;

  if (!reprise_archive_reader_find (reader, METADATA, &entry, cancellable, error))
    {
      if (error == NULL || !g_error_matches (*error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND))
        return FALSE;
      g_clear_error (error);
      reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_DAMAGED,
                         _ ("It is no backup of NocoBase’s Backup manager: “%s” is missing in it"),
                         METADATA);
      return FALSE;
    }
  bytes = reprise_archive_reader_read_all (reader, MAX_METADATA_BYTES, cancellable, error);
  if (bytes == NULL)
    return FALSE;
  metadata = reprise_json_parse_object (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes),
                                        NULL, error);
  if (metadata == NULL)
    {
      reprise_error_prefix (error, _ ("“%s” cannot be read: "), METADATA);
      return FALSE;
    }
  return apply_metadata (self, metadata, error);
}

/* The dump as a stream, with what was already read of it in front. */
typedef struct
{
  RepriseArchiveReader *reader;
  guint8 head[HEAD_BYTES];
  gsize head_size, head_done;
  GError *error; /* (owned) (nullable): what the reader said */
} DumpStream;

static gssize
pull_cb (gpointer user_data, gpointer buffer, gsize size, GCancellable *cancellable, GError **error)
{
  DumpStream *self = user_data;
  gsize part = MIN (size, self->head_size - self->head_done);
  gssize got;

  if (part > 0)
    {
      memcpy (buffer, self->head + self->head_done, part);
      self->head_done += part;
      return (gssize) part;
    }
  got = reprise_archive_reader_read (self->reader, buffer, size, cancellable, &self->error);
  if (got < 0 && error != NULL)
    *error = g_error_copy (self->error);
  return got;
}

static gboolean
fill_head (DumpStream *self, GCancellable *cancellable, GError **error)
{
  while (self->head_size < HEAD_BYTES)
    {
      gssize got = reprise_archive_reader_read (self->reader, self->head + self->head_size,
                                                HEAD_BYTES - self->head_size, cancellable, error);

      if (got < 0)
        return FALSE;
      if (got == 0)
        break;
      self->head_size += (gsize) got;
    }
  return TRUE;
}

static void
table_free (RepriseNocobaseTable *table)
{
  g_free (table->name);
  g_free (table);
}

/* One line of SQL text: the tables that it makes, and whether it is the end. */
static void
take_line (GPtrArray *tables, const char *line, gsize size, gboolean *ended)
{
  const char *start = line + strlen (MYSQL_TABLE), *end;
  RepriseNocobaseTable *table;

  if (size > strlen (MYSQL_END) && memcmp (line, MYSQL_END, strlen (MYSQL_END)) == 0)
    *ended = TRUE;
  if (size <= strlen (MYSQL_TABLE) || memcmp (line, MYSQL_TABLE, strlen (MYSQL_TABLE)) != 0)
    return;
  end = memchr (start, '`', (gsize) (line + size - start));
  if (end == NULL)
    return;
  table = g_new0 (RepriseNocobaseTable, 1);
  table->name = g_utf8_make_valid (start, end - start);
  table->rows = table->size_bytes = REPRISE_NOT_REPORTED;
  g_ptr_array_add (tables, table);
}

/* SQL text, of any size. Only the beginning of each line is looked at. */
static GPtrArray *
read_sql (DumpStream *stream, char **damage, GCancellable *cancellable, GError **error)
{
  g_autoptr (GPtrArray) tables = g_ptr_array_new_with_free_func ((GDestroyNotify) table_free);
  g_autofree char *buffer = g_malloc (CHUNK_BYTES);
  g_autoptr (GString) line = g_string_new (NULL);
  gboolean ended = FALSE;
  gssize got;

  while ((got = pull_cb (stream, buffer, CHUNK_BYTES, cancellable, error)) > 0)
    for (const char *at = buffer, *end = buffer + got; at < end;)
      {
        const char *feed = memchr (at, '\n', (gsize) (end - at));
        gsize size = (gsize) ((feed != NULL ? feed : end) - at);

        if (line->len < HEAD_BYTES)
          g_string_append_len (line, at, (gssize) MIN (size, HEAD_BYTES));
        if (feed == NULL)
          break;
        take_line (tables, line->str, line->len, &ended);
        g_string_truncate (line, 0);
        at = feed + 1;
      }
  if (got < 0)
    return NULL;
  take_line (tables, line->str, line->len, &ended);
  if (!ended)
    *damage = g_strdup (_ ("The MySQL dump in the archive is cut off"));
  return g_steal_pointer (&tables);
}

/* The database's dump: what can be said of it depends on who wrote it. */
static gboolean
read_dump (Data *self, RepriseArchiveReader *reader, GCancellable *cancellable, GError **error)
{
  const char *dialect = reprise_archive_get_engine (self->archive);
  DumpStream stream = { .reader = reader };
  g_autoptr (GError) local = NULL;
  gboolean is_postgres;

  if (!fill_head (&stream, cancellable, error))
    return FALSE;
  is_postgres = reprise_nocobase_pgdump_is_magic (stream.head, stream.head_size);
  if (is_postgres)
    self->tables =
      reprise_nocobase_pgdump_read (pull_cb, &stream, &self->database_version, cancellable, &local);
  else if (g_strcmp0 (dialect, "mysql") == 0 || g_strcmp0 (dialect, "mariadb") == 0)
    self->tables = read_sql (&stream, &self->dump_damage, cancellable, &local);
  else if (g_strcmp0 (dialect, "postgres") == 0)
    self->dump_damage =
      g_strdup (_ ("The database’s dump in the archive does not begin as one of PostgreSQL"));
  if (stream.error != NULL) /* of the zip file itself */
    {
      g_propagate_error (error, stream.error);
      return FALSE;
    }
  self->opaque = self->tables == NULL && self->dump_damage == NULL;
  if (local != NULL && g_error_matches (local, REPRISE_ERROR, REPRISE_ERROR_DAMAGED))
    self->dump_damage = g_strdup (local->message);
  else if (local != NULL && !g_error_matches (local, REPRISE_ERROR, REPRISE_ERROR_NOT_SUPPORTED))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  return TRUE;
}

/* In two threads; there is one entry for the dump, and nothing else writes its fields. */
static gboolean
entry_cb (RepriseArchiveReader *reader,
          const RepriseArchiveEntry *entry,
          gpointer user_data,
          GCancellable *cancellable,
          GError **error)
{
  Data *self = user_data;

  if (entry->is_folder)
    return TRUE;
  if (strcmp (entry->name, "data") == 0)
    {
      self->has_dump = TRUE;
      self->dump_bytes = (gint64) entry->size_bytes;
      return !self->counts || read_dump (self, reader, cancellable, error);
    }
  g_mutex_lock (&self->mutex);
  if (strcmp (entry->name, "aes_key.dat") == 0)
    self->key_bytes = (gint64) entry->size_bytes;
  else if (g_str_has_prefix (entry->name, "uploads/"))
    {
      self->n_uploads++;
      self->upload_bytes += (gint64) entry->size_bytes;
    }
  g_mutex_unlock (&self->mutex);
  return TRUE;
}

/* “users_authenticators” → “usersAuthenticators” */
static char *
camelise (const char *name)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (; *name != '\0'; name++)
    if (*name == '_' && g_ascii_isalpha (name[1]) && text->len > 0)
      g_string_append_c (text, g_ascii_toupper (*++name));
    else
      g_string_append_c (text, *name);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* What the collection of a table is called, and its group: NocoBase's own by its rules, all others are users' data. */
static char *
find_collection (Data *self, const char *table, RepriseGroup *group)
{
  const char *name = g_str_has_prefix (table, self->prefix) ? table + strlen (self->prefix) : table;
  g_autofree char *camel = camelise (name);

  if (!reprise_nocobase_rules_find (name, group))
    {
      if (self->underscored && reprise_nocobase_rules_find (camel, group))
        return g_steal_pointer (&camel);
      *group = REPRISE_GROUP_CUSTOM;
    }
  return g_strdup (name);
}

static void
add_tables (Data *self, RepriseContents *contents)
{
  for (guint i = 0; self->tables != NULL && i < self->tables->len; i++)
    {
      const RepriseNocobaseTable *table = g_ptr_array_index (self->tables, i);
      RepriseGroup group;
      g_autofree char *name = find_collection (self, table->name, &group);
      g_autoptr (RepriseCollection) collection =
        reprise_collection_new (name, table->rows, table->size_bytes);

      if (reprise_contents_find (contents, name, NULL) == NULL)
        reprise_contents_add (contents, group, collection);
    }
}

static void
add_special (RepriseContents *contents,
             RepriseGroup group,
             const char *name,
             const char *title,
             gint64 n,
             gint64 size)
{
  g_autoptr (RepriseCollection) collection = reprise_collection_new (name, n, size);

  reprise_collection_set_title (collection, title);
  reprise_contents_add (contents, group, collection);
}

static void
add_contents (Data *self)
{
  g_autoptr (RepriseContents) contents = reprise_contents_new ();

  if (self->tables != NULL)
    add_tables (self, contents);
  else if (self->has_dump)
    add_special (contents, REPRISE_GROUP_REQUIRED, "data", _ ("The whole database"),
                 REPRISE_NOT_REPORTED, self->dump_bytes);
  if (self->n_uploads > 0)
    add_special (contents, REPRISE_GROUP_USER, "uploads/", _ ("Uploaded files"), self->n_uploads,
                 self->upload_bytes);
  if (self->key_bytes >= 0)
    add_special (contents, REPRISE_GROUP_REQUIRED, "aes_key.dat", _ ("The application’s key"),
                 REPRISE_NOT_REPORTED, self->key_bytes);
  reprise_archive_set_contents (self->archive, contents);
}

static void
check_contents (Data *self)
{
  if (!self->has_dump)
    reprise_archive_add_damage (self->archive, "%s", _ ("The database’s dump is missing in it"));
  else if (self->dump_damage != NULL)
    reprise_archive_add_damage (self->archive, "%s", self->dump_damage);
  else if (self->opaque)
    reprise_archive_add_warning (self->archive,
                                 _ ("What is in a dump of the database “%s” cannot be looked into"),
                                 reprise_archive_get_engine (self->archive));
  if (self->key_bytes >= 0 && self->key_bytes != AES_KEY_BYTES)
    reprise_archive_add_damage (self->archive, "%s",
                                _ ("The application’s key in it is not as long as it should be"));
}

/* Only the names and sizes. */
static gboolean
list_entries (Data *self, RepriseArchiveReader *reader, GCancellable *cancellable, GError **error)
{
  const RepriseArchiveEntry *entry = NULL;

  if (!reprise_archive_reader_rewind (reader, error))
    return FALSE;
  while (reprise_archive_reader_next (reader, &entry, cancellable, error))
    {
      if (entry == NULL)
        return TRUE;
      if (!entry_cb (reader, entry, self, cancellable, error))
        return FALSE;
    }
  return FALSE;
}

static gboolean
read_entries (Data *self,
              RepriseArchiveReader *reader,
              RepriseDepth depth,
              RepriseProgress *progress,
              GCancellable *cancellable,
              GError **error)
{
  g_autoptr (GError) local = NULL;

  self->counts = depth != REPRISE_DEPTH_QUICK;
  if (depth == REPRISE_DEPTH_QUICK)
    return list_entries (self, reader, cancellable, error);
  reprise_progress_set_totals (progress, reprise_archive_reader_get_total_bytes (reader),
                               reprise_archive_reader_get_n_entries (reader));
  if (reprise_archive_reader_each (reader, entry_cb, self, progress, cancellable, &local))
    return TRUE;
  if (!g_error_matches (local, REPRISE_ERROR, REPRISE_ERROR_DAMAGED))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  reprise_archive_add_damage (self->archive, "%s", local->message);
  self->has_dump = TRUE; /* nobody knows what is missing */
  return TRUE;
}

static gboolean
inspect_zip (RepriseArchive *archive,
             const char *path,
             RepriseDepth depth,
             RepriseProgress *progress,
             GCancellable *cancellable,
             GError **error)
{
  g_auto (Data) self = { .archive = archive, .key_bytes = -1 };
  g_autoptr (RepriseArchiveReader) reader = NULL;

  g_mutex_init (&self.mutex);
  reader = reprise_archive_reader_open (path, NULL, cancellable, error);
  if (reader == NULL || !read_metadata (&self, reader, cancellable, error) ||
      !read_entries (&self, reader, depth, progress, cancellable, error))
    return FALSE;
  add_contents (&self);
  check_contents (&self);
  return TRUE;
}

static gboolean
read_head (const char *path, guint8 head[4], gint64 *size, GError **error)
{
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  struct stat info;
  gboolean ok = fd >= 0 && fstat (fd, &info) == 0 && pread (fd, head, 4, 0) >= 0;
  int saved_errno = errno;

  if (fd >= 0)
    close (fd);
  if (!ok)
    return reprise_set_error_errno (error, saved_errno, _ ("Could not open “%s”"), path);
  *size = info.st_size;
  return TRUE;
}

static gboolean
inspect_encrypted (RepriseArchive *archive,
                   const char *path,
                   RepriseSecretValue *password,
                   RepriseDepth depth,
                   RepriseProgress *progress,
                   GCancellable *cancellable,
                   GError **error)
{
  g_autoptr (RepriseNocobaseScratch) scratch = NULL;

  reprise_archive_set_encrypted (archive, TRUE);
  reprise_archive_set_locked (archive, password == NULL);
  if (password == NULL)
    return TRUE;
  scratch = reprise_nocobase_cipher_decrypt (path, password, progress, cancellable, error);
  return scratch != NULL &&
         inspect_zip (archive, scratch->path, depth, progress, cancellable, error);
}

/**
 * reprise_nocobase_data_inspect:
 * @path: of the file
 * @password: (nullable): of an encrypted one
 * @depth: %REPRISE_DEPTH_QUICK: only what it says of itself; else every checksum, and the database's dump too
 *
 * Looks into an archive of the Backup manager and fills @archive. Of an encrypted one without its password only that is said. A
 * worker's call.
 *
 * Returns: whether it is one; damage in it is noted in @archive. %REPRISE_ERROR_NEEDS_PASSWORD for a wrong password,
 *   %REPRISE_ERROR_DAMAGED where it cannot be read as one at all, %REPRISE_ERROR_LIMIT for what is made to harm
 */
gboolean
reprise_nocobase_data_inspect (RepriseArchive *archive,
                               const char *path,
                               RepriseSecretValue *password,
                               RepriseDepth depth,
                               RepriseProgress *progress,
                               GCancellable *cancellable,
                               GError **error)
{
  guint8 head[4] = { 0 };
  gint64 size = 0;

  if (!read_head (path, head, &size, error))
    return FALSE;
  reprise_archive_set_format (archive, _ ("NocoBase Backup manager archive (.nbdata)"));
  reprise_archive_set_whole (archive, TRUE);
  reprise_archive_set_data (archive, REPRISE_NOCOBASE_DATA_PLUGIN, REPRISE_NOCOBASE_PLUGIN_NEW);
  reprise_archive_add_fact (archive, _ ("Made by"), _ ("Backup manager plugin"));
  if (reprise_nocobase_cipher_may_be (head, sizeof head, size))
    {
      if (!inspect_encrypted (archive, path, password, depth, progress, cancellable, error))
        return FALSE;
    }
  else if (!inspect_zip (archive, path, depth, progress, cancellable, error))
    return FALSE;
  if (depth != REPRISE_DEPTH_QUICK && !reprise_archive_get_locked (archive))
    reprise_archive_set_data (archive, REPRISE_NOCOBASE_DATA_TOP, reprise_depth_to_string (depth));
  return TRUE;
}
