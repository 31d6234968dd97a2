/* reprise-sqlite-proof.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <inttypes.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "providers/sqlite/reprise-sqlite-apply-private.h"
#include "providers/sqlite/reprise-sqlite-content-private.h"
#include "providers/sqlite/reprise-sqlite-proof-private.h"

/* Whether its rows are those of the archive, one by one. */
gboolean
reprise_sqlite_proof_is_copied (const RepriseSqliteChange *change)
{
  return change->way == REPRISE_SQLITE_WAY_COPY &&
         change->saved->table->kind != REPRISE_SQLITE_VIRTUAL;
}

gboolean
reprise_sqlite_proof_fail_rows (const RepriseSqliteSavedTable *saved, gint64 rows, GError **error)
{
  reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_DAMAGED,
                     _ ("Table “%s” should have %" PRId64 " rows, and the archive holds %" PRId64),
                     saved->table->name, saved->rows, rows);
  return FALSE;
}

static gboolean
hash_table (RepriseSqliteProof *self,
            RepriseSqliteDb *db,
            const RepriseSqliteSavedTable *saved,
            GError **error)
{
  gint64 rows = 0;
  char *hash =
    reprise_sqlite_content_hash (db, "main", saved->table, saved->table->rowid, &rows, error);

  if (hash == NULL)
    return FALSE;
  g_hash_table_insert (self->hashes, g_strdup (saved->table->name), hash);
  return rows == saved->rows || reprise_sqlite_proof_fail_rows (saved, rows, error);
}

static gboolean
check_group_file (RepriseSqliteProof *self, RepriseGroup group, GError **error)
{
  g_autofree char *path =
    reprise_sqlite_apply_make_scratch_path (self->scratch, self->target->n, group);
  g_autofree char *finding = NULL;
  g_autoptr (RepriseSqliteDb) db = reprise_sqlite_db_open (
    path, self->target->saved->name, REPRISE_SQLITE_READ, self->cancellable, error);

  if (db == NULL || !reprise_sqlite_db_check_integrity (db, "main", &finding, error))
    return FALSE;
  if (finding != NULL)
    {
      reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_DAMAGED,
                         _ ("The archive is damaged: %s"), finding);
      return FALSE;
    }
  for (guint i = 0; i < self->tables[group]->len; i++)
    if (!hash_table (self, db, g_ptr_array_index (self->tables[group], i), error))
      return FALSE;
  return TRUE;
}

static gpointer
check_thread (gpointer data)
{
  RepriseSqliteProof *self = data;

  for (guint group = 0; group < REPRISE_N_GROUPS; group++)
    if (REPRISE_GROUPS_HAS (self->target->groups, group) &&
        !check_group_file (self, (RepriseGroup) group, &self->error))
      break;
  return NULL;
}

/* @target, @scratch, @cancellable: (transfer none): for as long as it is there */
void
reprise_sqlite_proof_start (RepriseSqliteProof *self,
                            RepriseSqliteTarget *target,
                            const char *scratch,
                            GCancellable *cancellable)
{
  self->target = target;
  self->scratch = scratch;
  self->cancellable = cancellable;
  self->hashes = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  for (guint group = 0; group < REPRISE_N_GROUPS; group++)
    self->tables[group] = g_ptr_array_new ();
  for (guint i = 0; i < target->changes->len; i++)
    {
      const RepriseSqliteChange *change = g_ptr_array_index (target->changes, i);

      if (reprise_sqlite_proof_is_copied (change))
        g_ptr_array_add (self->tables[change->group], (gpointer) change->saved);
    }
  self->thread = g_thread_new ("sqlite-check", check_thread, self);
}

/* Waits for what is found out of the files. */
gboolean
reprise_sqlite_proof_finish (RepriseSqliteProof *self, GError **error)
{
  if (self->thread != NULL)
    g_thread_join (g_steal_pointer (&self->thread));
  if (self->error == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&self->error));
  return FALSE;
}

void
reprise_sqlite_proof_clear (RepriseSqliteProof *self)
{
  reprise_sqlite_proof_finish (self, NULL);
  for (guint group = 0; group < REPRISE_N_GROUPS; group++)
    g_clear_pointer (&self->tables[group], g_ptr_array_unref);
  g_clear_pointer (&self->hashes, g_hash_table_unref);
}

/* Reads a table of the target again, row for row, and compares it with that of the archive. */
static gboolean
compare_table (RepriseSqliteDb *db,
               RepriseSqliteChange *change,
               const char *expected,
               GError **error)
{
  g_autofree char *hash = NULL;
  gint64 rows;

  /* a table whose columns have taken all names for the rowid, or an inner table that was to be rebuilt: counted alone */
  if (expected == NULL || (change->saved->table->rowid != NULL && change->now->rowid == NULL))
    return reprise_sqlite_db_get_int (db, &rows, error, "SELECT count(*) FROM main.\"%w\"",
                                      change->now->name) &&
           (rows == change->saved->rows ||
            reprise_sqlite_proof_fail_rows (change->saved, rows, error));
  hash = reprise_sqlite_content_hash (db, "main", change->saved->table, change->now->rowid, &rows,
                                      error);
  if (hash == NULL)
    return FALSE;
  g_free (change->expected);
  change->expected = g_strdup (expected);
  if (g_str_equal (hash, expected))
    return TRUE;
  reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_FAILED,
                     _ ("Table “%s” was written and read again, and is not what the archive holds"),
                     change->now->name);
  return FALSE;
}

/* Reads every table of @db again that was copied, and compares it with that of the archive. */
gboolean
reprise_sqlite_proof_compare (const RepriseSqliteProof *self,
                              RepriseSqliteDb *db,
                              RepriseProgress *progress,
                              GError **error)
{
  for (guint i = 0; i < self->target->changes->len; i++)
    {
      RepriseSqliteChange *change = g_ptr_array_index (self->target->changes, i);

      reprise_progress_set_message (progress, change->collection->name);
      if (reprise_sqlite_proof_is_copied (change) &&
          !compare_table (db, change,
                          g_hash_table_lookup (self->hashes, change->saved->table->name), error))
        return FALSE;
    }
  return TRUE;
}
