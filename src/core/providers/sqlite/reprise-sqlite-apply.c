/* reprise-sqlite-apply.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "reprise-sqlite-apply"

#include "config.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>

#include "base/reprise-error.h"
#include "base/reprise-file.h"
#include "base/reprise-saying.h"
#include "providers/sqlite/reprise-sqlite-apply-private.h"
#include "providers/sqlite/reprise-sqlite-copy-private.h"
#include "providers/sqlite/reprise-sqlite-foreign-private.h"
#include "providers/sqlite/reprise-sqlite-proof-private.h"

#define CACHE_KIB      65536
#define FLUSH_SLEEP_US 20000

/*
 *   open, no foreign keys, no triggers ─► attach the group files ─► BEGIN IMMEDIATE ─► look again
 *     ─► drop what an undo removes ─► make missing tables ─► delete and insert rows ─► views, triggers ─► rebuild search indexes
 *     ─► foreign keys as good as before? ─► read again and compare ─► COMMIT
 *
 *   in a thread beside it: is each group file sound, does it hold what the manifest says, and the hash of each table
 */
struct _RepriseSqliteApply
{
  RepriseSqliteTarget *target;           /* (not owned) */
  const RepriseSqliteManifest *manifest; /* (not owned) */
  RepriseGroups groups;
  const char *scratch; /* (not owned) */
  char *new_path;      /* (owned) (nullable): where a database is made that does not exist yet */
  GCancellable *cancellable; /* (owned) (nullable) */
  RepriseSqliteDb *db;       /* (owned) */
  gboolean committed;
  guint number; /* the caller's */
};

/* (transfer full): where the file of a group was unpacked */
char *
reprise_sqlite_apply_make_scratch_path (const char *scratch, guint n, RepriseGroup group)
{
  g_autofree char *name =
    g_strdup_printf ("restore-%u-%s.sqlite", n, reprise_group_to_string (group));

  return g_build_filename (scratch, name, NULL);
}

static gboolean
open_existing (RepriseSqliteApply *self, GError **error)
{
  self->db = reprise_sqlite_db_open (self->target->path, self->target->saved->name,
                                     REPRISE_SQLITE_RESTORE, self->cancellable, error);
  /* deleted rows are overwritten where that costs nothing: nearly all their pages are used again at once */
  return self->db != NULL &&
         reprise_sqlite_db_exec (self->db, error,
                                 "PRAGMA secure_delete = FAST; PRAGMA cache_size = -%d", CACHE_KIB);
}

static gboolean
open_new (RepriseSqliteApply *self, GError **error)
{
  const RepriseSqliteSchema *facts = self->target->saved->facts;

  self->db = reprise_sqlite_db_open (self->new_path, self->target->saved->name,
                                     REPRISE_SQLITE_SCRATCH, self->cancellable, error);
  return self->db != NULL &&
         reprise_sqlite_db_exec (
           self->db, error,
           "PRAGMA journal_mode = MEMORY; PRAGMA encoding = %Q; PRAGMA page_size = %lld; PRAGMA "
           "auto_vacuum = %lld;"
           "PRAGMA application_id = %lld; PRAGMA user_version = %lld; PRAGMA cache_size = -%d",
           facts->encoding, (long long) facts->page_size, (long long) facts->auto_vacuum,
           (long long) facts->application_id, (long long) facts->user_version, CACHE_KIB);
}

static gboolean
attach_groups (RepriseSqliteApply *self, GError **error)
{
  for (guint group = 0; group < REPRISE_N_GROUPS; group++)
    {
      g_autofree char *path = NULL;

      if (!REPRISE_GROUPS_HAS (self->target->groups, group))
        continue;
      path = reprise_sqlite_apply_make_scratch_path (self->scratch, self->target->n,
                                                     (RepriseGroup) group);
      if (!reprise_sqlite_db_attach (self->db, reprise_group_to_string ((RepriseGroup) group), path,
                                     REPRISE_SQLITE_READ, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
look (RepriseSqliteApply *self, GError **error)
{
  const char *refusal;

  if (!reprise_sqlite_target_look (self->target, self->manifest, self->groups, self->db, error))
    return FALSE;
  reprise_sqlite_target_try_statements (self->target, self->db);
  refusal = reprise_sqlite_target_get_refusal (self->target);
  if (refusal != NULL)
    reprise_error_set_literal (error, REPRISE_ERROR, REPRISE_ERROR_REFUSED, refusal);
  return refusal == NULL;
}

/**
 * reprise_sqlite_apply_begin:
 * @target: looked into before, so that it is known which group files are needed
 * @scratch: where reprise_sqlite_apply_make_scratch_path() has them
 * @new_path: where the database is made if it does not exist
 *
 * Takes the lock, and looks into the database once more under it.
 *
 * Returns: (transfer full): the transaction, or %NULL: %REPRISE_ERROR_BUSY after 5 seconds of somebody else's lock,
 *   %REPRISE_ERROR_REFUSED where the tables have become others
 */
RepriseSqliteApply *
reprise_sqlite_apply_begin (RepriseSqliteTarget *target,
                            const RepriseSqliteManifest *manifest,
                            RepriseGroups groups,
                            const char *scratch,
                            const char *new_path,
                            GCancellable *cancellable,
                            GError **error)
{
  g_autoptr (RepriseSqliteApply) self = g_new0 (RepriseSqliteApply, 1);

  self->target = target;
  self->manifest = manifest;
  self->groups = groups;
  self->scratch = scratch;
  self->new_path = g_strdup (new_path);
  g_set_object (&self->cancellable, cancellable);
  if (!(target->exists ? open_existing (self, error) : open_new (self, error)) ||
      !attach_groups (self, error) ||
      !reprise_sqlite_db_exec (self->db, error, "BEGIN IMMEDIATE") || !look (self, error))
    return NULL;
  return g_steal_pointer (&self);
}

void
reprise_sqlite_apply_free (RepriseSqliteApply *self)
{
  if (self->db != NULL && !self->committed)
    reprise_sqlite_db_exec (self->db, NULL, "ROLLBACK");
  g_clear_pointer (&self->db, reprise_sqlite_db_free);
  g_clear_object (&self->cancellable);
  g_free (self->new_path);
  g_free (self);
}

/* What a definition from an archive may do: make one thing of that kind and name, and what belongs to it. */
typedef struct
{
  const char *name;
  const char *table; /* (nullable): that an index must be of */
  int action;        /* SQLITE_CREATE_TABLE, _INDEX, _VIEW, _TRIGGER or _VTABLE */
} Permission;

static gboolean
is_virtual (const Permission *permission)
{
  return permission->action == SQLITE_CREATE_VTABLE;
}

static gboolean
is_own (const Permission *permission, const char *name)
{
  gsize length = strlen (permission->name);

  if (name == NULL)
    return FALSE;
  if (g_ascii_strcasecmp (name, permission->name) == 0)
    return TRUE;
  return is_virtual (permission) && g_ascii_strncasecmp (name, permission->name, length) == 0 &&
         name[length] == '_';
}

static gboolean
is_schema (const char *name)
{
  return name != NULL &&
         (g_str_equal (name, "sqlite_master") || g_str_equal (name, "sqlite_schema") ||
          g_str_equal (name, "sqlite_sequence"));
}

/* The one thing itself; of a table, the indexes of its keys and SQLite's own table of sequences; of a virtual table, whatever its name
 * begins. */
static gboolean
may_create (const Permission *permission, int action, const char *name, const char *table)
{
  if (action == SQLITE_CREATE_INDEX && name != NULL && g_str_has_prefix (name, "sqlite_autoindex_"))
    return is_own (permission, table);
  if (action == SQLITE_CREATE_TABLE && is_schema (name))
    return TRUE;
  if (is_virtual (permission))
    return (action == SQLITE_CREATE_VTABLE || action == SQLITE_CREATE_TABLE ||
            action == SQLITE_CREATE_INDEX) &&
           is_own (permission, name);
  return action == permission->action && is_own (permission, name) &&
         (permission->table == NULL || g_strcmp0 (table, permission->table) == 0);
}

static int
authorize_cb (void *user_data,
              int action,
              const char *first,
              const char *second,
              const char *database,
              const char *inner)
{
  const Permission *permission = user_data;
  gboolean allowed;

  switch (action)
    {
    case SQLITE_CREATE_TABLE:
    case SQLITE_CREATE_INDEX:
    case SQLITE_CREATE_VIEW:
    case SQLITE_CREATE_TRIGGER:
    case SQLITE_CREATE_VTABLE:
      allowed = may_create (permission, action, first, second);
      break;
    case SQLITE_INSERT:
    case SQLITE_UPDATE:
    case SQLITE_DELETE:
      allowed = is_schema (first) || (is_virtual (permission) && is_own (permission, first));
      break;
    case SQLITE_READ:
    case SQLITE_FUNCTION:
    case SQLITE_REINDEX:
      allowed = TRUE;
      break;
    case SQLITE_SELECT:
      /* “CREATE TABLE … AS SELECT” may run for ever, and no definition that SQLite keeps is one */
      allowed = permission->action != SQLITE_CREATE_TABLE;
      break;
    case SQLITE_PRAGMA:
      allowed = is_virtual (permission) && second == NULL;
      break;
    default:
      allowed = FALSE;
    }
  return allowed ? SQLITE_OK : SQLITE_DENY;
}

/* One statement, and nothing after it. */
static gboolean
run_definition (RepriseSqliteApply *self,
                const char *name,
                const char *table,
                int action,
                const char *sql,
                GError **error)
{
  Permission permission = { name, table, action };
  g_autoptr (RepriseSqliteStmt) statement = NULL;
  const char *tail = "";
  gboolean ok;

  sqlite3_set_authorizer (self->db->handle, authorize_cb, &permission);
  ok = sqlite3_prepare_v2 (self->db->handle, sql, -1, &statement, &tail) == SQLITE_OK ||
       reprise_sqlite_db_fail (self->db, error);
  if (ok && (statement == NULL || tail[strspn (tail, " \t\r\n;")] != '\0'))
    {
      reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_DAMAGED,
                         _ ("The definition of “%s” in the archive is more than that"), name);
      ok = FALSE;
    }
  ok = ok && reprise_sqlite_db_run (self->db, statement, error);
  sqlite3_set_authorizer (self->db->handle, NULL, NULL);
  return ok;
}

/* As `sqlite3 .dump` does: a definition can stand in the schema without its module. Others notice by the schema's version. */
static gboolean
write_schema (RepriseSqliteApply *self, char *statement, GError **error)
{
  gint64 version;
  gboolean ok;

  sqlite3_db_config (self->db->handle, SQLITE_DBCONFIG_DEFENSIVE, 0, NULL);
  ok = reprise_sqlite_db_get_int (self->db, &version, error, "PRAGMA main.schema_version") &&
       reprise_sqlite_db_exec (self->db, error,
                               "PRAGMA writable_schema = ON; %s; PRAGMA writable_schema = RESET;"
                               "PRAGMA main.schema_version = %lld",
                               statement, (long long) (version + 1) & G_MAXINT32);
  sqlite3_db_config (self->db->handle, SQLITE_DBCONFIG_DEFENSIVE, self->target->exists ? 1 : 0,
                     NULL);
  sqlite3_free (statement);
  return ok;
}

static gboolean
write_definition (RepriseSqliteApply *self, const RepriseSqliteTable *table, GError **error)
{
  if (g_ascii_strncasecmp (table->sql, "CREATE VIRTUAL TABLE ", 21) == 0)
    return write_schema (
      self,
      sqlite3_mprintf ("INSERT INTO main.sqlite_schema VALUES ('table', %Q, %Q, 0, %Q)",
                       table->name, table->name, table->sql),
      error);
  reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_DAMAGED,
                     _ ("The definition of “%s” in the archive is more than that"), table->name);
  return FALSE;
}

static gboolean
make_virtual (RepriseSqliteApply *self, RepriseSqliteChange *change, GError **error)
{
  const RepriseSqliteTable *table = change->saved->table;

  if (reprise_sqlite_module_is_known (table->module) &&
      run_definition (self, table->name, NULL, SQLITE_CREATE_VTABLE, table->sql, NULL))
    return TRUE;
  change->way = REPRISE_SQLITE_WAY_KEEP;
  return write_definition (self, table, error);
}

static gboolean
make_table (RepriseSqliteApply *self, const RepriseSqliteTable *table, GError **error)
{
  gboolean ok;

  /* the inner table of a virtual one may be made by it, or, if nobody here can, must be made by us */
  sqlite3_db_config (self->db->handle, SQLITE_DBCONFIG_DEFENSIVE, 0, NULL);
  ok = run_definition (self, table->name, NULL, SQLITE_CREATE_TABLE, table->sql, error);
  for (guint i = 0; ok && i < table->indexes->len; i++)
    {
      const RepriseSqliteObject *index = g_ptr_array_index (table->indexes, i);

      ok = run_definition (self, index->name, table->name, SQLITE_CREATE_INDEX, index->sql, error);
    }
  sqlite3_db_config (self->db->handle, SQLITE_DBCONFIG_DEFENSIVE, self->target->exists ? 1 : 0,
                     NULL);
  if (!ok)
    reprise_error_prefix (error, _ ("Table “%s” cannot be made: "), table->name);
  return ok;
}

/* A definition may say another thing than the manifest beside it. */
static gboolean
check_made (RepriseSqliteApply *self, GError **error)
{
  for (guint i = 0; i < self->target->changes->len; i++)
    {
      const RepriseSqliteChange *change = g_ptr_array_index (self->target->changes, i);

      if (change->now != NULL || change->way == REPRISE_SQLITE_WAY_DERIVED)
        continue;
      reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_DAMAGED,
                         _ ("Table “%s” in the archive is not what the manifest says"),
                         change->saved->table->name);
      return FALSE;
    }
  return TRUE;
}

/* The tables that are there, with the definitions that they have. Looks up anew what the changes refer to. */
static gboolean
reload (RepriseSqliteApply *self, GError **error)
{
  RepriseSqliteSchema *schema = reprise_sqlite_schema_load (self->db, "main", error);

  if (schema == NULL)
    return FALSE;
  for (guint i = 0; i < self->target->changes->len; i++)
    {
      RepriseSqliteChange *change = g_ptr_array_index (self->target->changes, i);

      change->now = reprise_sqlite_schema_find (schema, change->saved->table->name);
    }
  g_clear_pointer (&self->target->schema, reprise_sqlite_schema_free);
  self->target->schema = schema;
  return check_made (self, error);
}

static gboolean
exists_now (RepriseSqliteApply *self, const char *name)
{
  gint64 n = 0;

  return reprise_sqlite_db_get_int (self->db, &n, NULL,
                                    "SELECT count(*) FROM main.sqlite_schema WHERE type = 'table' "
                                    "AND lower (name) = lower (%Q)",
                                    name) &&
         n > 0;
}

static gboolean
make_missing (RepriseSqliteApply *self, GError **error)
{
  RepriseSqliteChange *owner = NULL;

  for (guint i = 0; i < self->target->changes->len; i++)
    {
      RepriseSqliteChange *change = g_ptr_array_index (self->target->changes, i);
      gboolean is_virtual = change->saved->table->kind == REPRISE_SQLITE_VIRTUAL;

      if (is_virtual)
        owner = change;
      if (change->now == NULL && !exists_now (self, change->saved->table->name) &&
          !(is_virtual ? make_virtual (self, change, error)
                       : make_table (self, change->saved->table, error)))
        return FALSE;
      /* what could not be made here cannot be rebuilt either: its tables are copied as they are */
      if (owner != NULL && owner->way == REPRISE_SQLITE_WAY_KEEP &&
          change->way == REPRISE_SQLITE_WAY_DERIVED)
        change->way = REPRISE_SQLITE_WAY_COPY;
    }
  return reload (self, error);
}

static gboolean
restore_sequence (RepriseSqliteApply *self, const RepriseSqliteChange *change, GError **error)
{
  if (!exists_now (self, "sqlite_sequence"))
    return TRUE;
  return reprise_sqlite_db_exec (self->db, error,
                                 "DELETE FROM main.sqlite_sequence WHERE name = %Q",
                                 change->now->name) &&
         (change->saved->sequence < 0 ||
          reprise_sqlite_db_exec (self->db, error,
                                  "INSERT INTO main.sqlite_sequence VALUES (%Q, %lld)",
                                  change->now->name, (long long) change->saved->sequence));
}

static gboolean
replace_rows (RepriseSqliteApply *self, const RepriseSqliteChange *change, GError **error)
{
  gboolean shadow = change->now->kind == REPRISE_SQLITE_SHADOW;
  gint64 rows = 0;
  gboolean ok;

  if (shadow)
    sqlite3_db_config (self->db->handle, SQLITE_DBCONFIG_DEFENSIVE, 0, NULL);
  ok = reprise_sqlite_db_exec (self->db, error, "DELETE FROM main.\"%w\"", change->now->name) &&
       reprise_sqlite_copy_rows (self->db, reprise_group_to_string (change->group),
                                 change->saved->table, "main", change->now, &rows, error) &&
       restore_sequence (self, change, error);
  if (shadow && self->target->exists)
    sqlite3_db_config (self->db->handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
  if (ok && rows != change->saved->rows)
    return reprise_sqlite_proof_fail_rows (change->saved, rows, error);
  if (!ok && (sqlite3_errcode (self->db->handle) & 0xff) == SQLITE_CONSTRAINT && error != NULL &&
      *error != NULL)
    (*error)->code = REPRISE_ERROR_REFUSED;
  if (!ok)
    reprise_error_prefix (error, _ ("Table “%s”: "), change->saved->table->name);
  return ok;
}

static gboolean
replace_tables (RepriseSqliteApply *self, RepriseProgress *progress, GError **error)
{
  for (guint i = 0; i < self->target->changes->len; i++)
    {
      const RepriseSqliteChange *change = g_ptr_array_index (self->target->changes, i);

      reprise_progress_set_message (progress, change->collection->name);
      if (reprise_sqlite_proof_is_copied (change) && !replace_rows (self, change, error))
        return FALSE;
      reprise_progress_add_items (progress, 1);
    }
  return TRUE;
}

static gboolean
rebuild (RepriseSqliteApply *self, GError **error)
{
  for (guint i = 0; i < self->target->rebuilds->len; i++)
    {
      const char *name = g_ptr_array_index (self->target->rebuilds, i);

      if (!reprise_sqlite_db_exec (
            self->db, error, "INSERT INTO main.\"%w\" (\"%w\") VALUES ('rebuild')", name, name))
        {
          reprise_error_prefix (error, _ ("Search index “%s”: "), name);
          return FALSE;
        }
    }
  return TRUE;
}

/* A view or a trigger may need a table that is in no chosen group and not here: then it is left out, and said. */
static gboolean
make_objects (RepriseSqliteApply *self, GPtrArray *warnings, GError **error)
{
  for (guint i = 0; i < self->target->objects->len; i++)
    {
      const RepriseSqliteObject *object = g_ptr_array_index (self->target->objects, i);
      gboolean view = g_str_equal (object->type, "view");
      g_autoptr (GError) failure = NULL;

      if (!reprise_sqlite_db_exec (self->db, error,
                                   "SAVEPOINT object; DROP %s IF EXISTS main.\"%w\"",
                                   view ? "VIEW" : "TRIGGER", object->name))
        return FALSE;
      if (run_definition (self, object->name, NULL,
                          view ? SQLITE_CREATE_VIEW : SQLITE_CREATE_TRIGGER, object->sql, &failure))
        {
          if (!reprise_sqlite_db_exec (self->db, error, "RELEASE object"))
            return FALSE;
          continue;
        }
      if (!reprise_sqlite_db_exec (self->db, error, "ROLLBACK TO object; RELEASE object"))
        return FALSE;
      if (warnings != NULL)
        g_ptr_array_add (warnings, reprise_say ("“%s” was left as it is: %s", object->name,
                                                reprise_error_get_saying (failure)));
    }
  return TRUE;
}

static gboolean
drop_item (RepriseSqliteApply *self, const RepriseSqliteDrop *item, GError **error)
{
  const RepriseSqliteTable *table = reprise_sqlite_schema_find (self->target->schema, item->name);
  g_autofree char *type = g_ascii_strup (item->type, -1);

  if (table != NULL && table->kind == REPRISE_SQLITE_VIRTUAL &&
      !reprise_sqlite_module_is_known (table->module))
    return write_schema (
      self,
      sqlite3_mprintf (
        "DELETE FROM main.sqlite_schema WHERE type = 'table' AND rootpage = 0 AND name = %Q",
        table->name),
      error);
  if (reprise_sqlite_db_exec (self->db, error, "DROP %s IF EXISTS main.\"%w\"", type, item->name))
    return TRUE;
  reprise_error_prefix (error, _ ("“%s” cannot be removed: "), item->name);
  return FALSE;
}

/* Each thing that an earlier restore made. */
static gboolean
drop (RepriseSqliteApply *self, GError **error)
{
  for (guint i = 0; self->target->exists && i < self->target->drops->len; i++)
    if (!drop_item (self, g_ptr_array_index (self->target->drops, i), error))
      return FALSE;
  return !self->target->exists || self->target->drops->len == 0 || look (self, error);
}

static gboolean
restore_version (RepriseSqliteApply *self, GError **error)
{
  return !REPRISE_GROUPS_HAS (self->groups, REPRISE_GROUP_REQUIRED) ||
         reprise_sqlite_db_exec (self->db, error, "PRAGMA main.user_version = %lld",
                                 (long long) self->target->saved->facts->user_version);
}

static gboolean
write_all (RepriseSqliteApply *self, RepriseProgress *progress, GPtrArray *warnings, GError **error)
{
  return drop (self, error) && make_missing (self, error) &&
         replace_tables (self, progress, error) && make_objects (self, warnings, error) &&
         rebuild (self, error) && restore_version (self, error);
}

/* What broken keys there were matters only if there are some now: then all is done once more, with a look beforehand. */
static gboolean
check_keys (RepriseSqliteApply *self, GPtrArray *warnings, GError **error)
{
  gint64 n;

  if (!reprise_sqlite_foreign_note (self->db, self->target, NULL, &n, error))
    return FALSE;
  if (n == 0)
    return TRUE;
  if (!self->target->exists)
    {
      g_ptr_array_add (warnings,
                       reprise_say_n ("In “%s” %" PRId64 " row points to a row that is not there",
                                      "In “%s” %" PRId64 " rows point to rows that are not there",
                                      (guint64) n, self->db->name, n));
      return TRUE;
    }
  return reprise_sqlite_db_exec (self->db, error, "ROLLBACK; BEGIN IMMEDIATE") &&
         look (self, error) &&
         reprise_sqlite_foreign_note (self->db, self->target, "reprise_before", &n, error) &&
         write_all (self, NULL, NULL, error) &&
         reprise_sqlite_foreign_note (self->db, self->target, "reprise_after", &n, error) &&
         (self->target->undo ||
          reprise_sqlite_foreign_compare (self->db, self->target, self->manifest, error));
}

/**
 * reprise_sqlite_apply_run:
 * @progress: (nullable): gains an item for each table
 * @warnings: (element-type utf8): gains what a person should look at, as base/reprise-saying.h has it
 *
 * Does everything but the commit, and compares what was written.
 *
 * Returns: whether the transaction may be committed; else %REPRISE_ERROR_REFUSED where foreign keys or constraints say no,
 *   %REPRISE_ERROR_DAMAGED where the archive is not what it should be, and what SQLite reports
 */
gboolean
reprise_sqlite_apply_run (RepriseSqliteApply *self,
                          RepriseProgress *progress,
                          GPtrArray *warnings,
                          GError **error)
{
  g_auto (RepriseSqliteProof) proof = { 0 };

  reprise_sqlite_proof_start (&proof, self->target, self->scratch, self->cancellable);
  for (guint i = 0; i < self->target->stale->len; i++)
    g_ptr_array_add (
      warnings, reprise_say (
                  "The search index “%s” can be made again by its application alone: until then it "
                  "finds what was there before",
                  (const char *) g_ptr_array_index (self->target->stale, i)));
  return write_all (self, progress, warnings, error) && check_keys (self, warnings, error) &&
         reprise_sqlite_proof_finish (&proof, error) &&
         reprise_sqlite_proof_compare (&proof, self->db, progress, error);
}

/**
 * reprise_sqlite_apply_flush:
 *
 * Writes everything that is still in memory, behind the journal: what does not fit on the disk, and readers that do not go away
 * for 5 seconds, are known before anything is committed.
 */
gboolean
reprise_sqlite_apply_flush (RepriseSqliteApply *self, GError **error)
{
  gint64 end = g_get_monotonic_time () + reprise_sqlite_busy_ms * (gint64) 1000;
  int result = SQLITE_OK;

  if (!self->target->exists)
    return TRUE;
  errno = 0;
  while ((result = sqlite3_db_cacheflush (self->db->handle)) == SQLITE_BUSY &&
         g_get_monotonic_time () < end && !g_cancellable_is_cancelled (self->cancellable))
    g_usleep (FLUSH_SLEEP_US);
  /* of this call alone SQLite does not keep what the system said */
  if ((result & 0xff) == SQLITE_IOERR && errno != 0)
    return reprise_set_error_errno (error, errno, _ ("Could not write “%s”"), self->db->name);
  return result == SQLITE_OK ||
         reprise_sqlite_db_fail_with (self->db, result, sqlite3_errstr (result), error);
}

void
reprise_sqlite_apply_set_number (RepriseSqliteApply *self, guint number)
{
  self->number = number;
}

guint
reprise_sqlite_apply_get_number (const RepriseSqliteApply *self)
{
  return self->number;
}

/* What is open is made true. A database that is new is closed, and saved to the disk. */
gboolean
reprise_sqlite_apply_commit (RepriseSqliteApply *self, GError **error)
{
  gboolean wal = g_str_equal (self->target->saved->facts->journal_mode, "wal");

  if (!reprise_sqlite_db_exec (self->db, error, "COMMIT"))
    return FALSE;
  self->committed = TRUE;
  if (self->target->exists)
    {
      sqlite3_wal_checkpoint_v2 (self->db->handle, "main", SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
      return TRUE;
    }
  if (wal && !reprise_sqlite_db_exec (self->db, error, "PRAGMA main.journal_mode = WAL"))
    return FALSE;
  g_clear_pointer (&self->db, reprise_sqlite_db_free);
  if (g_chmod (self->new_path, 0600) != 0)
    return reprise_set_error_errno (error, errno, _ ("Could not save “%s”"), self->new_path);
  return reprise_file_sync (self->new_path, error);
}
