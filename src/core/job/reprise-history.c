/* reprise-history.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <sqlite3.h>

#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>

#include "base/reprise-error.h"
#include "base/reprise-file.h"
#include "base/reprise-saying.h"
#include "base/reprise-time.h"
#include "job/reprise-history.h"

#define MAX_RUNS        5000
#define BUSY_TIMEOUT_MS 5000

#define READ_NOTE "SELECT text FROM note WHERE key = ?"

/* A little memory is enough for it, however long it gets: the background service has it open for days. */
#define CONNECTION \
  "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -256;"

/* Migrations, in their order: PRAGMA user_version says how many have been made. */
static const char *const MIGRATIONS[] = {
  "CREATE TABLE run (id TEXT PRIMARY KEY, kind TEXT NOT NULL, state TEXT NOT NULL, service_uuid "
  "TEXT,"
  " service_name TEXT, origin TEXT, started_at TEXT, finished_at TEXT, summary TEXT, error TEXT, "
  "warnings TEXT,"
  " log TEXT, backup_id TEXT, safety_id TEXT);"
  "CREATE INDEX run_by_service ON run (service_uuid, id);",
  "CREATE TABLE mark (service_uuid TEXT PRIMARY KEY, at TEXT NOT NULL) WITHOUT ROWID;",
  "CREATE TABLE note (key TEXT PRIMARY KEY, text TEXT NOT NULL) WITHOUT ROWID;",
  "ALTER TABLE run ADD needs_person INTEGER NOT NULL DEFAULT 0;",
  "ALTER TABLE run ADD COLUMN said TEXT;",
  "ALTER TABLE run ADD COLUMN error_code TEXT;",
  "ALTER TABLE run ADD COLUMN language TEXT;",
  "ALTER TABLE run ADD COLUMN error_said TEXT;",
  "ALTER TABLE run ADD COLUMN warnings_said TEXT;",
};

struct _RepriseHistory
{
  GObject parent_instance;

  char *path;        /* (owned); never changes */
  GMutex mutex;      /* guards the connection */
  sqlite3 *database; /* (owned) (nullable); opened at the first call */
};

G_DEFINE_FINAL_TYPE (RepriseHistory, reprise_history, G_TYPE_OBJECT)

static void
reprise_history_finalize (GObject *object)
{
  RepriseHistory *self = REPRISE_HISTORY (object);

  sqlite3_close_v2 (self->database);
  g_clear_pointer (&self->path, g_free);
  g_mutex_clear (&self->mutex);
  G_OBJECT_CLASS (reprise_history_parent_class)->finalize (object);
}

static void
reprise_history_class_init (RepriseHistoryClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = reprise_history_finalize;
}

static void
reprise_history_init (RepriseHistory *self)
{
  g_mutex_init (&self->mutex);
}

RepriseHistory *
reprise_history_new (const char *path)
{
  RepriseHistory *self = g_object_new (REPRISE_TYPE_HISTORY, NULL);

  self->path = g_strdup (path);
  return self;
}

/* (transfer full): in the user's state folder */
char *
reprise_history_dup_default_path (void)
{
  return g_build_filename (g_get_user_state_dir (), "reprise", "history.db", NULL);
}

/* The database. Beside it lies a write-ahead log, which is written to whenever a run is added. */
const char *
reprise_history_get_path (RepriseHistory *self)
{
  return self->path;
}

static gboolean
fail (RepriseHistory *self, GError **error)
{
  reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_FAILED,
                     _ ("Could not use the history “%s”: %s"), self->path,
                     sqlite3_errmsg (self->database));
  return FALSE;
}

static gboolean
execute (RepriseHistory *self, const char *sql, GError **error)
{
  return sqlite3_exec (self->database, sql, NULL, NULL, NULL) == SQLITE_OK || fail (self, error);
}

static int
get_version (RepriseHistory *self)
{
  sqlite3_stmt *statement = NULL;
  int version = 0;

  if (sqlite3_prepare_v2 (self->database, "PRAGMA user_version", -1, &statement, NULL) ==
        SQLITE_OK &&
      sqlite3_step (statement) == SQLITE_ROW)
    version = sqlite3_column_int (statement, 0);
  sqlite3_finalize (statement);
  return version;
}

static gboolean
migrate (RepriseHistory *self, GError **error)
{
  if (!execute (self, "BEGIN IMMEDIATE", error))
    return FALSE;
  for (int i = MAX (0, get_version (self)); i < (int) G_N_ELEMENTS (MIGRATIONS); i++)
    {
      g_autofree char *version = g_strdup_printf ("PRAGMA user_version = %d", i + 1);

      if (!execute (self, MIGRATIONS[i], error) || !execute (self, version, error))
        {
          execute (self, "ROLLBACK", NULL);
          return FALSE;
        }
    }
  return execute (self, "COMMIT", error);
}

/* With the mutex held. */
static gboolean
try_to_open (RepriseHistory *self, gboolean *damaged, GError **error)
{
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
  int code;

  if (!reprise_file_make_private (self->path, error))
    return FALSE;
  if (sqlite3_open_v2 (self->path, &self->database, flags, NULL) == SQLITE_OK)
    {
      sqlite3_busy_timeout (self->database, BUSY_TIMEOUT_MS);
      if (execute (self, CONNECTION, error) && migrate (self, error))
        return TRUE;
    }
  else
    fail (self, error);
  code = sqlite3_errcode (self->database);
  *damaged = code == SQLITE_NOTADB || code == SQLITE_CORRUPT;
  sqlite3_close_v2 (self->database);
  self->database = NULL;
  return FALSE;
}

/* Keeps a history that cannot be read for whoever can, so that a new one is begun in its place. */
static gboolean
set_aside (RepriseHistory *self)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autofree char *stamp = g_date_time_format (now, "%Y%m%dT%H%M%SZ");
  g_autofree char *aside = g_strdup_printf ("%s.damaged-%s", self->path, stamp);
  g_autofree char *log = g_strconcat (self->path, "-wal", NULL);
  g_autofree char *index = g_strconcat (self->path, "-shm", NULL);

  if (g_rename (self->path, aside) != 0)
    return FALSE;
  g_unlink (log);
  g_unlink (index);
  g_message ("The history was damaged, and is “%s” now; a new one is begun", aside);
  return TRUE;
}

/* With the mutex held. */
static gboolean
open_database (RepriseHistory *self, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (self->path);
  g_autoptr (GError) local_error = NULL;
  gboolean damaged = FALSE;

  if (self->database != NULL)
    return TRUE;
  if (!reprise_file_make_folder (folder, error))
    return FALSE;
  if (try_to_open (self, &damaged, &local_error))
    return TRUE;
  if (damaged && set_aside (self))
    return try_to_open (self, &damaged, error);
  g_propagate_error (error, g_steal_pointer (&local_error));
  return FALSE;
}

static void
bind_text (sqlite3_stmt *statement, int index, const char *text)
{
  sqlite3_bind_text (statement, index, text, -1, SQLITE_TRANSIENT);
}

static void
bind_time (sqlite3_stmt *statement, int index, GDateTime *time)
{
  g_autofree char *text = time != NULL ? reprise_time_to_string (time) : NULL;

  bind_text (statement, index, text);
}

/* With the mutex held. */
static gboolean
insert (RepriseHistory *self, RepriseRun *run, GError **error)
{
  static const char sql[] =
    "INSERT OR REPLACE INTO run VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
    "?)";
  sqlite3_stmt *statement = NULL;
  gboolean ok;

  if (sqlite3_prepare_v2 (self->database, sql, -1, &statement, NULL) != SQLITE_OK)
    return fail (self, error);
  bind_text (statement, 1, reprise_run_get_id (run));
  bind_text (statement, 2, reprise_job_kind_to_string (reprise_run_get_kind (run)));
  bind_text (statement, 3, reprise_job_state_to_string (reprise_run_get_state (run)));
  bind_text (statement, 4, reprise_run_get_service_uuid (run));
  bind_text (statement, 5, reprise_run_get_service_name (run));
  bind_text (statement, 6, reprise_run_get_origin (run));
  bind_time (statement, 7, reprise_run_get_started_at (run));
  bind_time (statement, 8, reprise_run_get_finished_at (run));
  bind_text (statement, 9, reprise_run_get_summary (run));
  bind_text (statement, 10, reprise_run_get_error (run));
  bind_text (statement, 11, reprise_run_get_warnings (run));
  bind_text (statement, 12, reprise_run_get_log (run));
  bind_text (statement, 13, reprise_run_get_backup_id (run));
  bind_text (statement, 14, reprise_run_get_safety_id (run));
  sqlite3_bind_int (statement, 15, reprise_run_get_needs_person (run));
  bind_text (statement, 16, reprise_run_get_said (run));
  bind_text (statement, 17, reprise_run_get_error_code (run));
  bind_text (statement, 18, reprise_run_get_language (run));
  bind_text (statement, 19, reprise_run_get_error_said (run));
  bind_text (statement, 20, reprise_run_get_warnings_said (run));
  ok = sqlite3_step (statement) == SQLITE_DONE || fail (self, error);
  sqlite3_finalize (statement);
  return ok;
}

/* Adds a run, and forgets the oldest of more than five thousand. */
gboolean
reprise_history_add (RepriseHistory *self, RepriseRun *run, GError **error)
{
  const char *forget =
    "DELETE FROM run WHERE id <= (SELECT id FROM run ORDER BY id DESC LIMIT 1 OFFSET " G_STRINGIFY (
      MAX_RUNS) ")";
  gboolean ok;

  g_mutex_lock (&self->mutex);
  ok = open_database (self, error) && insert (self, run, error) && execute (self, forget, error);
  g_mutex_unlock (&self->mutex);
  return ok;
}

static const char *
column_text (sqlite3_stmt *statement, int index)
{
  return (const char *) sqlite3_column_text (statement, index);
}

static GDateTime *
column_time (sqlite3_stmt *statement, int index)
{
  return reprise_time_from_string (column_text (statement, index));
}

/* Makes of a row what the caller owns. */
typedef gpointer (*ReadFunc) (sqlite3_stmt *statement);

static gpointer
read_text (sqlite3_stmt *statement)
{
  return g_strdup (column_text (statement, 0));
}

static gpointer
read_time (sqlite3_stmt *statement)
{
  return column_time (statement, 0);
}

/* Of an earlier version only texts were kept, in the language of their time. */
static gpointer
read_run (sqlite3_stmt *statement)
{
  const char *said = column_text (statement, 15), *said_warnings = column_text (statement, 19);
  g_autofree char *summary =
    reprise_saying_to_text (said != NULL ? said : column_text (statement, 8));
  g_autofree char *error =
    reprise_job_text_error (column_text (statement, 9), column_text (statement, 18),
                            column_text (statement, 16), column_text (statement, 17));
  g_autofree char *warnings = reprise_saying_lines_to_text (
    said_warnings != NULL ? said_warnings : column_text (statement, 10));
  g_autoptr (GDateTime) started_at = column_time (statement, 6);
  g_autoptr (GDateTime) finished_at = column_time (statement, 7);
  RepriseJobKind kind = REPRISE_JOB_BACK_UP;
  RepriseJobState state = REPRISE_JOB_FAILED;

  reprise_job_kind_from_string (column_text (statement, 1), &kind);
  reprise_job_state_from_string (column_text (statement, 2), &state);
  return g_object_new (
    REPRISE_TYPE_RUN, "id", column_text (statement, 0), "kind", kind, "state", state,
    "service-uuid", column_text (statement, 3), "service-name", column_text (statement, 4),
    "origin", column_text (statement, 5), "started-at", started_at, "finished-at", finished_at,
    "summary", summary, "error", error, "warnings", warnings, "log", column_text (statement, 11),
    "backup-id", column_text (statement, 12), "safety-id", column_text (statement, 13),
    "needs-person", sqlite3_column_int (statement, 14) != 0, "said", said, "error-code",
    column_text (statement, 16), "language", column_text (statement, 17), "error-said",
    column_text (statement, 18), "warnings-said", said_warnings, NULL);
}

/* With the mutex held. */
static GPtrArray *
list (RepriseHistory *self,
      const char *service_uuid,
      const char *search,
      guint offset,
      guint limit,
      GError **error)
{
  static const char sql[] = "SELECT * FROM run WHERE (?1 IS NULL OR service_uuid = ?1) AND (?2 IS "
                            "NULL OR instr(lower(ifnull(service_name, '') ||"
                            " ' ' || kind || ' ' || state || ' ' || ifnull(summary, '') || ' ' || "
                            "ifnull(error, '') || ' ' ||"
                            " ifnull(warnings, '') || ' ' || ifnull(log, '')), lower(?2)) > 0) "
                            "ORDER BY id DESC LIMIT ?3 OFFSET ?4";
  g_autoptr (GPtrArray) runs = g_ptr_array_new_with_free_func (g_object_unref);
  sqlite3_stmt *statement = NULL;
  int result;

  if (sqlite3_prepare_v2 (self->database, sql, -1, &statement, NULL) != SQLITE_OK)
    {
      fail (self, error);
      return NULL;
    }
  bind_text (statement, 1, service_uuid);
  bind_text (statement, 2, search);
  sqlite3_bind_int64 (statement, 3, limit);
  sqlite3_bind_int64 (statement, 4, offset);
  while ((result = sqlite3_step (statement)) == SQLITE_ROW)
    g_ptr_array_add (runs, read_run (statement));
  if (result != SQLITE_DONE)
    fail (self, error);
  sqlite3_finalize (statement);
  return result == SQLITE_DONE ? g_steal_pointer (&runs) : NULL;
}

/**
 * reprise_history_list:
 * @service_uuid: (nullable): only of that service
 * @search: (nullable): only those in which this text occurs, whatever the case
 *
 * Returns: (transfer full) (element-type RepriseRun): newest first
 */
GPtrArray *
reprise_history_list (RepriseHistory *self,
                      const char *service_uuid,
                      const char *search,
                      guint offset,
                      guint limit,
                      GError **error)
{
  GPtrArray *runs = NULL;

  g_mutex_lock (&self->mutex);
  if (open_database (self, error))
    runs = list (self, service_uuid, search, offset, limit, error);
  g_mutex_unlock (&self->mutex);
  return runs;
}

/* With the mutex held. @texts: (array zero-terminated=1): what stands for the question marks */
static sqlite3_stmt *
prepare (RepriseHistory *self, const char *sql, const char *const *texts, GError **error)
{
  sqlite3_stmt *statement = NULL;

  if (sqlite3_prepare_v2 (self->database, sql, -1, &statement, NULL) != SQLITE_OK)
    fail (self, error);
  for (int i = 0; statement != NULL && texts[i] != NULL; i++)
    bind_text (statement, i + 1, texts[i]);
  return statement;
}

/* With the mutex held. @found: (out) (nullable): what @read makes of the first row */
static gboolean
find_row (RepriseHistory *self,
          const char *sql,
          const char *const *texts,
          ReadFunc read,
          gpointer *found,
          GError **error)
{
  sqlite3_stmt *statement = prepare (self, sql, texts, error);
  int result;

  if (statement == NULL)
    return FALSE;
  result = sqlite3_step (statement);
  if (result == SQLITE_ROW)
    *found = read (statement);
  else if (result != SQLITE_DONE)
    fail (self, error);
  sqlite3_finalize (statement);
  return result == SQLITE_ROW || result == SQLITE_DONE;
}

static gboolean
find_one (RepriseHistory *self,
          const char *sql,
          const char *const *texts,
          ReadFunc read,
          gpointer *found,
          GError **error)
{
  gboolean ok;

  *found = NULL;
  g_mutex_lock (&self->mutex);
  ok = open_database (self, error) && find_row (self, sql, texts, read, found, error);
  g_mutex_unlock (&self->mutex);
  return ok;
}

/* With the mutex held. */
static gboolean
change (RepriseHistory *self, const char *sql, const char *const *texts, GError **error)
{
  sqlite3_stmt *statement = prepare (self, sql, texts, error);
  gboolean ok;

  if (statement == NULL)
    return FALSE;
  ok = sqlite3_step (statement) == SQLITE_DONE || fail (self, error);
  sqlite3_finalize (statement);
  return ok;
}

/**
 * reprise_history_find_last:
 *
 * Returns: (transfer full) (nullable): the latest run of that kind that ended well or failed; %NULL without @error: there is none
 */
RepriseRun *
reprise_history_find_last (RepriseHistory *self,
                           const char *service_uuid,
                           RepriseJobKind kind,
                           GError **error)
{
  const char *const texts[] = { service_uuid, reprise_job_kind_to_string (kind), NULL };
  gpointer run;

  find_one (self,
            "SELECT * FROM run WHERE service_uuid = ? AND kind = ? AND state IN "
            "('done', 'warnings', 'failed') ORDER BY id DESC LIMIT 1",
            texts, read_run, &run, error);
  return run;
}

/**
 * reprise_history_find_backup:
 * @run: (out) (nullable) (transfer full): the run that made the backup of that ID, as far as is known
 *
 * Returns: whether that could be read
 */
gboolean
reprise_history_find_backup (RepriseHistory *self,
                             const char *service_uuid,
                             const char *backup_id,
                             RepriseRun **run,
                             GError **error)
{
  const char *const texts[] = { service_uuid, reprise_job_kind_to_string (REPRISE_JOB_BACK_UP),
                                backup_id, NULL };
  gpointer found;
  gboolean ok = find_one (self,
                          "SELECT * FROM run WHERE service_uuid = ? AND kind = ? AND backup_id = ? "
                          "ORDER BY id DESC LIMIT 1",
                          texts, read_run, &found, error);

  *run = found;
  return ok;
}

/**
 * reprise_history_find:
 * @run: (out) (nullable) (transfer full): the run of that ID
 *
 * Returns: whether that could be read
 */
gboolean
reprise_history_find (RepriseHistory *self, const char *id, RepriseRun **run, GError **error)
{
  const char *const texts[] = { id, NULL };
  gpointer found;
  gboolean ok = find_one (self, "SELECT * FROM run WHERE id = ?", texts, read_run, &found, error);

  *run = found;
  return ok;
}

/**
 * reprise_history_get_mark:
 * @at: (out) (nullable) (transfer full): up to when the schedule of the service is dealt with, or %NULL where nobody has said so yet
 *
 * Returns: whether it could be read
 */
gboolean
reprise_history_get_mark (RepriseHistory *self,
                          const char *service_uuid,
                          GDateTime **at,
                          GError **error)
{
  const char *const texts[] = { service_uuid, NULL };
  gpointer found;
  gboolean ok =
    find_one (self, "SELECT at FROM mark WHERE service_uuid = ?", texts, read_time, &found, error);

  *at = found;
  return ok;
}

/* Says that the schedule of the service is dealt with up to a moment. */
gboolean
reprise_history_set_mark (RepriseHistory *self,
                          const char *service_uuid,
                          GDateTime *at,
                          GError **error)
{
  g_autofree char *time = reprise_time_to_string (at);
  const char *const texts[] = { service_uuid, time, NULL };
  gboolean ok;

  g_mutex_lock (&self->mutex);
  ok = open_database (self, error) &&
       change (self, "INSERT OR REPLACE INTO mark VALUES (?, ?)", texts, error);
  g_mutex_unlock (&self->mutex);
  return ok;
}

/**
 * reprise_history_get_note:
 * @text: (out) (nullable) (transfer full): what was noted under @key, or %NULL
 *
 * Returns: whether it could be read
 */
gboolean
reprise_history_get_note (RepriseHistory *self, const char *key, char **text, GError **error)
{
  const char *const texts[] = { key, NULL };
  gpointer found;
  gboolean ok = find_one (self, READ_NOTE, texts, read_text, &found, error);

  *text = found;
  return ok;
}

/* With the mutex held. What is as it was is not written: somebody may watch the file. */
static gboolean
write_note (RepriseHistory *self, const char *key, const char *text, GError **error)
{
  const char *const texts[] = { key, text, NULL };
  gpointer old = NULL;
  gboolean is_same;

  if (!find_row (self, READ_NOTE, (const char *[]){ key, NULL }, read_text, &old, error))
    return FALSE;
  is_same = g_strcmp0 (old, text) == 0;
  g_free (old);
  return is_same || change (self,
                            text != NULL ? "INSERT OR REPLACE INTO note VALUES (?, ?)"
                                         : "DELETE FROM note WHERE key = ?",
                            texts, error);
}

/* Notes a text under a key; %NULL takes it away. */
gboolean
reprise_history_set_note (RepriseHistory *self, const char *key, const char *text, GError **error)
{
  gboolean ok;

  g_mutex_lock (&self->mutex);
  ok = open_database (self, error) && write_note (self, key, text, error);
  g_mutex_unlock (&self->mutex);
  return ok;
}
