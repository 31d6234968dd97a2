/* reprise-sample.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include <sqlite3.h>

#include "base/reprise-file.h"
#include "reprise-sample.h"

#define N_WORDS       2048
#define MAX_WORD      12
#define SMALLEST      (256 * 1024)
#define NOTE_BYTES    1980 /* of a row with its indexes, on average */
#define EPOCH_SECONDS 1735689600

/* What the words of a seed are made of: a generator of its own, the same on every machine. */
typedef struct
{
  guint64 state;
  char words[N_WORDS][MAX_WORD + 1];
  guint8 lengths[N_WORDS];
} Writer;

static guint32
next (Writer *self)
{
  /* splitmix64 */
  guint64 z = (self->state += G_GUINT64_CONSTANT (0x9e3779b97f4a7c15));

  z = (z ^ (z >> 30)) * G_GUINT64_CONSTANT (0xbf58476d1ce4e5b9);
  z = (z ^ (z >> 27)) * G_GUINT64_CONSTANT (0x94d049bb133111eb);
  return (guint32) ((z ^ (z >> 31)) >> 16);
}

static guint32
below (Writer *self, guint32 end)
{
  return (guint32) (((guint64) next (self) * end) >> 32);
}

static Writer *
writer_new (guint32 seed)
{
  static const char *const syllables[] = { "ba", "ré", "to", "mi", "sen", "lo", "ka",  "pu",
                                           "vi", "an", "du", "or", "es",  "ul", "fen", "gri" };
  Writer *self = g_new0 (Writer, 1);

  self->state = seed;
  for (guint i = 0; i < N_WORDS; i++)
    {
      g_autoptr (GString) word = g_string_new (NULL);
      guint n = 1 + below (self, 4);

      while (n-- > 0)
        {
          const char *part = syllables[below (self, G_N_ELEMENTS (syllables))];

          if (word->len + strlen (part) <= MAX_WORD)
            g_string_append (word, part);
        }
      memcpy (self->words[i], word->str, word->len + 1);
      self->lengths[i] = (guint8) word->len;
    }
  return self;
}

/* Few words are common and many are rare, so that it packs about as well as prose does. */
static const char *
write_text (Writer *self, GString *text, gsize length)
{
  g_string_truncate (text, 0);
  while (text->len < length)
    {
      guint32 i = below (self, 1 + below (self, N_WORDS));

      g_string_append_len (text, self->words[i], self->lengths[i]);
      g_string_append_c (text, below (self, 12) == 0 ? '.' : ' ');
    }
  return text->str;
}

/* A connection that stops at its first error. */
typedef struct
{
  sqlite3 *db;
  GError *error;
} Maker;

static void
note_error (Maker *self, const char *what)
{
  if (self->error == NULL)
    g_set_error (&self->error, G_IO_ERROR, G_IO_ERROR_FAILED, "%s: %s", sqlite3_errmsg (self->db),
                 what);
}

static void
run (Maker *self, const char *sql)
{
  if (self->error == NULL && sqlite3_exec (self->db, sql, NULL, NULL, NULL) != SQLITE_OK)
    note_error (self, sql);
}

static sqlite3_stmt *
prepare (Maker *self, const char *sql)
{
  sqlite3_stmt *statement = NULL;

  if (self->error == NULL && sqlite3_prepare_v2 (self->db, sql, -1, &statement, NULL) != SQLITE_OK)
    note_error (self, sql);
  return statement;
}

/* One row: a format of i (gint64), d (double), t (text), b (bytes and their number), n (NULL). */
static void
put (Maker *self, sqlite3_stmt *statement, const char *format, ...)
{
  va_list values;
  int at = 0;

  if (self->error != NULL)
    return;
  va_start (values, format);
  for (const char *type = format; *type != '\0'; type++)
    {
      at++;
      if (*type == 'i')
        sqlite3_bind_int64 (statement, at, va_arg (values, gint64));
      else if (*type == 'd')
        sqlite3_bind_double (statement, at, va_arg (values, double));
      else if (*type == 't')
        sqlite3_bind_text (statement, at, va_arg (values, const char *), -1, SQLITE_TRANSIENT);
      else if (*type == 'b')
        {
          const void *bytes = va_arg (values, const void *);

          sqlite3_bind_blob (statement, at, bytes, va_arg (values, int), SQLITE_TRANSIENT);
        }
      else
        sqlite3_bind_null (statement, at);
    }
  va_end (values);
  if (sqlite3_step (statement) != SQLITE_DONE)
    note_error (self, sqlite3_sql (statement));
  sqlite3_reset (statement);
}

static void
open_new (Maker *self, const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);

  self->db = NULL;
  if (self->error == NULL &&
      sqlite3_open_v2 (path, &self->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL) !=
        SQLITE_OK)
    note_error (self, path);
  run (self, "PRAGMA journal_mode = OFF");
  run (self, "PRAGMA synchronous = OFF");
  run (self, "PRAGMA cache_size = -65536");
}

static const char NOTES_SCHEMA[] =
  "CREATE TABLE schema_migrations (version TEXT PRIMARY KEY, applied_at INTEGER NOT NULL);"
  "CREATE TABLE settings (key TEXT PRIMARY KEY, value ANY) WITHOUT ROWID;"
  "CREATE TABLE users (id INTEGER PRIMARY KEY AUTOINCREMENT, email TEXT NOT NULL UNIQUE COLLATE "
  "NOCASE,"
  "  name TEXT NOT NULL, created_at INTEGER NOT NULL, active INTEGER NOT NULL DEFAULT 1 CHECK "
  "(active IN (0, 1)));"
  "CREATE TABLE roles (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);"
  "CREATE TABLE user_roles (user_id INTEGER NOT NULL REFERENCES users ON DELETE CASCADE,"
  "  role_id INTEGER NOT NULL REFERENCES roles ON DELETE CASCADE, PRIMARY KEY (user_id, role_id)) "
  "WITHOUT ROWID;"
  "CREATE TABLE sessions (id TEXT PRIMARY KEY, user_id INTEGER NOT NULL REFERENCES users ON DELETE "
  "CASCADE,"
  "  expires_at INTEGER NOT NULL);"
  "CREATE TABLE api_tokens (id INTEGER PRIMARY KEY, name TEXT NOT NULL, hash BLOB NOT NULL UNIQUE);"
  "CREATE TABLE storage_providers (id INTEGER PRIMARY KEY, kind TEXT NOT NULL, options TEXT NOT "
  "NULL DEFAULT '{}');"
  "CREATE TABLE projects (id INTEGER PRIMARY KEY, name TEXT NOT NULL, owner_id INTEGER REFERENCES "
  "users ON DELETE SET NULL,"
  "  latitude REAL, longitude REAL,"
  "  slug TEXT GENERATED ALWAYS AS (lower (replace (name, ' ', '-'))) STORED,"
  "  north INTEGER GENERATED ALWAYS AS (latitude > 0) VIRTUAL);"
  "CREATE INDEX projects_by_slug ON projects (slug);"
  "CREATE TABLE notes (id INTEGER PRIMARY KEY, project_id INTEGER NOT NULL REFERENCES projects ON "
  "DELETE CASCADE,"
  "  author_id INTEGER NOT NULL REFERENCES users, title TEXT NOT NULL, body TEXT NOT NULL, "
  "created_at INTEGER NOT NULL,"
  "  archived INTEGER NOT NULL DEFAULT 0);"
  "CREATE INDEX notes_by_project ON notes (project_id, created_at DESC);"
  "CREATE INDEX notes_open ON notes (created_at) WHERE archived = 0;"
  "CREATE TABLE tags (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE COLLATE NOCASE);"
  "CREATE TABLE note_tags (note_id INTEGER NOT NULL REFERENCES notes ON DELETE CASCADE,"
  "  tag_id INTEGER NOT NULL REFERENCES tags ON DELETE CASCADE, PRIMARY KEY (note_id, tag_id)) "
  "WITHOUT ROWID;"
  "CREATE INDEX note_tags_by_tag ON note_tags (tag_id);"
  "CREATE TABLE attachments (id INTEGER PRIMARY KEY, note_id INTEGER NOT NULL REFERENCES notes ON "
  "DELETE CASCADE,"
  "  file TEXT NOT NULL, thumbnail BLOB);"
  "CREATE INDEX attachments_by_note ON attachments (note_id);"
  "CREATE TABLE scratchpad (text TEXT, edited_at INTEGER);"
  "CREATE TABLE page_cache (url TEXT PRIMARY KEY, html TEXT);"
  "CREATE VIRTUAL TABLE notes_fts USING fts5 (title, content='notes', content_rowid='id');";

/* Made last, so that what is put in does not set them off. */
static const char NOTES_CODE[] =
  "INSERT INTO notes_fts (notes_fts) VALUES ('rebuild');"
  "CREATE TRIGGER notes_ai AFTER INSERT ON notes BEGIN"
  "  INSERT INTO notes_fts (rowid, title) VALUES (new.id, new.title); END;"
  "CREATE TRIGGER notes_ad AFTER DELETE ON notes BEGIN"
  "  INSERT INTO notes_fts (notes_fts, rowid, title) VALUES ('delete', old.id, old.title); END;"
  "CREATE TRIGGER notes_au AFTER UPDATE ON notes BEGIN"
  "  INSERT INTO notes_fts (notes_fts, rowid, title) VALUES ('delete', old.id, old.title);"
  "  INSERT INTO notes_fts (rowid, title) VALUES (new.id, new.title); END;"
  "CREATE VIEW active_users AS SELECT id, email, name FROM users WHERE active;"
  "CREATE VIEW note_overview AS SELECT n.id, n.title, p.name AS project, u.name AS author"
  "  FROM notes n JOIN projects p ON p.id = n.project_id JOIN users u ON u.id = n.author_id;"
  "CREATE TRIGGER note_overview_rename INSTEAD OF UPDATE OF title ON note_overview BEGIN"
  "  UPDATE notes SET title = new.title WHERE id = old.id; END;"
  "PRAGMA user_version = 7;"
  "PRAGMA application_id = 1179537988;";

static const char TELEMETRY_SCHEMA[] =
  "CREATE TABLE event_log (at INTEGER, level TEXT, message TEXT);"
  "CREATE TABLE audits (id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, user_id "
  "INTEGER, action TEXT NOT NULL, detail TEXT);"
  "CREATE INDEX audits_by_user ON audits (user_id, at);"
  "CREATE TABLE readings (station TEXT NOT NULL, at INTEGER NOT NULL, value REAL, quality INTEGER,"
  "  PRIMARY KEY (station, at)) WITHOUT ROWID;"
  "CREATE VIRTUAL TABLE places USING rtree (id, west, east, south, north);";

static void
fill_people (Maker *self, Writer *writer, guint n_users)
{
  static const char *const roles[] = { "administrator", "editor", "reader" };
  g_autoptr (GString) text = g_string_new (NULL);
  sqlite3_stmt *statement = prepare (self, "INSERT INTO schema_migrations VALUES (?, ?)");

  for (guint i = 1; i <= 7; i++)
    {
      g_autofree char *version = g_strdup_printf ("2026%04u", i * 101);

      put (self, statement, "ti", version, (gint64) EPOCH_SECONDS + i);
    }
  sqlite3_finalize (statement);
  run (self, "INSERT INTO settings VALUES ('title', 'Field Notes'), ('language', 'fr'), "
             "('page-size', 50), ('logo', x'89504e47');"
             "INSERT INTO storage_providers VALUES (1, 'local', '{\"folder\":\"uploads\"}'), (2, "
             "'s3', '{\"bucket\":\"notes\"}');"
             "INSERT INTO scratchpad VALUES ('Water the moss', 1735689601), (NULL, NULL), ('Call "
             "Ana', 1735689602)");
  statement = prepare (self, "INSERT INTO roles VALUES (?, ?)");
  for (guint i = 0; i < G_N_ELEMENTS (roles); i++)
    put (self, statement, "it", (gint64) i + 1, roles[i]);
  sqlite3_finalize (statement);
  statement =
    prepare (self, "INSERT INTO users (email, name, created_at, active) VALUES (?, ?, ?, ?)");
  for (guint i = 0; i < n_users; i++)
    {
      g_autofree char *email = g_strdup_printf ("person%u@example.org", i + 1);

      put (self, statement, "ttii", email, write_text (writer, text, 12),
           (gint64) EPOCH_SECONDS + i, (gint64) (below (writer, 20) != 0));
    }
  sqlite3_finalize (statement);
  run (self, "INSERT INTO user_roles SELECT id, 1 + id % 3 FROM users;"
             "INSERT INTO sessions SELECT printf ('%08x', id * 2654435761 % 4294967296), id, "
             "created_at + 86400 FROM users WHERE id % 2;"
             "INSERT INTO tags SELECT id, 'tag' || id FROM users WHERE id <= 60");
  statement = prepare (self, "INSERT INTO api_tokens VALUES (?, ?, ?)");
  for (guint i = 1; i <= 5; i++)
    {
      guint32 hash[8];

      for (guint j = 0; j < G_N_ELEMENTS (hash); j++)
        hash[j] = next (writer);
      put (self, statement, "itb", (gint64) i, "token", hash, (int) sizeof hash);
    }
  sqlite3_finalize (statement);
}

static void
fill_projects (Maker *self, Writer *writer, guint n_projects, guint n_users)
{
  g_autoptr (GString) text = g_string_new (NULL);
  sqlite3_stmt *statement = prepare (
    self, "INSERT INTO projects (name, owner_id, latitude, longitude) VALUES (?, ?, ?, ?)");

  for (guint i = 0; i < n_projects; i++)
    put (self, statement, "tidd", write_text (writer, text, 20),
         (gint64) below (writer, n_users) + 1, below (writer, 180000) / 1000.0 - 90,
         below (writer, 360000) / 1000.0 - 180);
  sqlite3_finalize (statement);
}

static void
fill_notes (Maker *self, Writer *writer, guint n_notes, guint n_projects, guint n_users)
{
  g_autoptr (GString) title = g_string_new (NULL);
  g_autoptr (GString) body = g_string_new (NULL);
  sqlite3_stmt *statement =
    prepare (self, "INSERT INTO notes (id, project_id, author_id, title, body, created_at, "
                   "archived) VALUES (?, ?, ?, ?, ?, ?, ?)");
  sqlite3_stmt *tag = prepare (self, "INSERT INTO note_tags VALUES (?, ?)");

  for (guint i = 0; i < n_notes && self->error == NULL; i++)
    {
      gint64 id = (gint64) i * 3 + 1; /* with gaps, as after years of use */
      gsize length = below (writer, 100) == 0 ? 12000 : 400 + below (writer, 2000);

      put (self, statement, "iiittii", id, (gint64) below (writer, n_projects) + 1,
           (gint64) below (writer, n_users) + 1, write_text (writer, title, 30),
           write_text (writer, body, length), (gint64) EPOCH_SECONDS + i * 60,
           (gint64) (below (writer, 5) == 0));
      put (self, tag, "ii", id, (gint64) 1 + i % MIN (60, n_users));
    }
  sqlite3_finalize (statement);
  sqlite3_finalize (tag);
}

static void
fill_attachments (Maker *self, Writer *writer, guint64 bytes, guint n_notes)
{
  g_autofree guint32 *thumbnail = g_malloc (16384);
  sqlite3_stmt *statement =
    prepare (self, "INSERT INTO attachments (note_id, file, thumbnail) VALUES (?, ?, ?)");

  for (guint64 done = 0; done <= bytes && self->error == NULL;)
    {
      int size = 1024 + (int) below (writer, 15000);
      g_autofree char *file = g_strdup_printf ("uploads/%u.jpg", below (writer, 1000));

      for (guint i = 0; i < 16384 / sizeof *thumbnail; i++)
        thumbnail[i] = next (writer);
      put (self, statement, "itb", (gint64) below (writer, n_notes) * 3 + 1, file, thumbnail, size);
      done += (guint) size;
    }
  sqlite3_finalize (statement);
}

static void
fill_cache (Maker *self, Writer *writer, guint64 bytes)
{
  g_autoptr (GString) html = g_string_new (NULL);
  sqlite3_stmt *statement = prepare (self, "INSERT INTO page_cache VALUES (?, ?)");

  for (guint i = 0; (guint64) i * 4000 <= bytes && self->error == NULL; i++)
    {
      g_autofree char *url = g_strdup_printf ("https://example.org/%u", i);

      put (self, statement, "tt", url, write_text (writer, html, 4000));
    }
  sqlite3_finalize (statement);
}

static void
make_notes (Maker *self, Writer *writer, const char *folder, guint64 size)
{
  guint n_notes = (guint) (size * 60 / 100 / NOTE_BYTES) + 10;
  guint n_users = 20 + n_notes / 100;
  guint n_projects = 10 + n_notes / 50;

  open_new (self, folder, "fieldnotes.db");
  run (self, NOTES_SCHEMA);
  run (self, "BEGIN");
  fill_people (self, writer, n_users);
  fill_projects (self, writer, n_projects, n_users);
  fill_notes (self, writer, n_notes, n_projects, n_users);
  fill_attachments (self, writer, size * 8 / 100, n_notes);
  fill_cache (self, writer, size * 4 / 100);
  run (self, "COMMIT");
  run (self, NOTES_CODE);
  run (self, "ANALYZE");
  sqlite3_close (self->db);
}

static void
fill_logs (Maker *self, Writer *writer, guint64 bytes)
{
  static const char *const levels[] = { "info", "info", "info", "notice", "warning", "error" };
  static const char *const actions[] = { "note.create", "note.update", "note.delete",
                                         "user.sign-in" };
  g_autoptr (GString) text = g_string_new (NULL);
  sqlite3_stmt *event = prepare (self, "INSERT INTO event_log VALUES (?, ?, ?)");
  sqlite3_stmt *audit =
    prepare (self, "INSERT INTO audits (at, user_id, action, detail) VALUES (?, ?, ?, ?)");

  for (guint i = 0; (guint64) i * 300 <= bytes && self->error == NULL; i++)
    {
      put (self, event, "itt", (gint64) EPOCH_SECONDS + i,
           levels[below (writer, G_N_ELEMENTS (levels))], write_text (writer, text, 80));
      put (self, audit, "iitt", (gint64) EPOCH_SECONDS + i, (gint64) below (writer, 200) + 1,
           actions[below (writer, G_N_ELEMENTS (actions))], write_text (writer, text, 120));
    }
  sqlite3_finalize (event);
  sqlite3_finalize (audit);
}

static void
fill_readings (Maker *self, Writer *writer, guint64 bytes)
{
  sqlite3_stmt *reading = prepare (self, "INSERT INTO readings VALUES (?, ?, ?, ?)");
  sqlite3_stmt *place = prepare (self, "INSERT INTO places VALUES (?, ?, ?, ?, ?)");
  guint n = (guint) (bytes / 40) + 20;

  for (guint i = 0; i < n && self->error == NULL; i++)
    {
      g_autofree char *station = g_strdup_printf ("station-%03u", i * 50 / n);

      if (below (writer, 30) == 0)
        put (self, reading, "tini", station, (gint64) EPOCH_SECONDS + i, (gint64) 9);
      else
        put (self, reading, "tidi", station, (gint64) EPOCH_SECONDS + i,
             below (writer, 100000) / 64.0, (gint64) 1);
    }
  for (guint i = 1; i <= 40; i++)
    {
      double west = below (writer, 300) - 180.0, south = below (writer, 150) - 90.0;

      put (self, place, "idddd", (gint64) i, west, west + 1, south, south + 1);
    }
  sqlite3_finalize (reading);
  sqlite3_finalize (place);
}

static void
make_telemetry (Maker *self, Writer *writer, const char *folder, guint64 size)
{
  open_new (self, folder, "telemetry.db");
  run (self, TELEMETRY_SCHEMA);
  run (self, "BEGIN");
  fill_logs (self, writer, size * 18 / 100);
  fill_readings (self, writer, size * 8 / 100);
  run (self, "COMMIT");
  run (self, "PRAGMA journal_mode = WAL");
  sqlite3_close (self->db);
}

static void
make_uploads (Maker *self, Writer *writer, const char *folder, guint n_files, guint64 bytes)
{
  g_autoptr (GByteArray) data = g_byte_array_new ();

  for (guint i = 0; i < n_files && self->error == NULL; i++)
    {
      g_autofree char *name = g_strdup_printf (i % 4 == 3 ? "photo %u – é.jpg" : "%u.jpg", i);
      g_autofree char *year = g_strdup_printf ("%u", 2024 + i % 3);
      g_autofree char *path = g_build_filename (folder, "uploads", year, name, NULL);
      g_autofree char *above = g_path_get_dirname (path);
      gsize size = i == 0 ? 0 : (gsize) (bytes / n_files) + below (writer, 2000);

      g_byte_array_set_size (data, (guint) size);
      for (gsize j = 0; j + 4 <= size; j += 4)
        {
          guint32 value = next (writer);

          memcpy (data->data + j, &value, 4);
        }
      if (reprise_file_make_folder (above, &self->error))
        g_file_set_contents (path, (const char *) data->data, (gssize) size, &self->error);
    }
}

/**
 * reprise_sample_make:
 * @folder: made where it is missing; the databases in it must not exist
 *
 * Blocks.
 */
gboolean
reprise_sample_make (const char *folder, const RepriseSample *sample, GError **error)
{
  g_autofree Writer *writer = writer_new (sample->seed);
  guint64 size = MAX (sample->size_bytes, SMALLEST);
  guint n_uploads = sample->n_uploads != 0 ? sample->n_uploads : 12;
  Maker maker = { NULL, NULL };

  if (!reprise_file_make_folder (folder, error))
    return FALSE;
  make_notes (&maker, writer, folder, size);
  make_telemetry (&maker, writer, folder, size);
  make_uploads (&maker, writer, folder, n_uploads, size / 50);
  if (maker.error == NULL)
    return TRUE;
  g_propagate_error (error, maker.error);
  return FALSE;
}

/* (transfer none): what a user of the sample would have set: COLLECTION=GROUP */
const char *const *
reprise_sample_get_rules (void)
{
  static const char *const rules[] = {
    "projects=custom",    "notes=custom",    "tags=custom", "note_tags=custom",
    "attachments=custom", "uploads/=custom", NULL
  };

  return rules;
}
