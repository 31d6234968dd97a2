/* reprise-couch-backup.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <stdlib.h>
#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "base/reprise-time.h"
#include "providers/couchdb/backup/reprise-couch-backup-private.h"
#include "providers/couchdb/backup/reprise-couch-reading.h"
#include "providers/couchdb/reprise-couch-line.h"
#include "providers/couchdb/reprise-couch-rules.h"
#include "providers/couchdb/reprise-couch-settings.h"
#include "vault/reprise-vault-layout.h"

static void
run_clear (RepriseCouchBackupRun *self)
{
  g_clear_pointer (&self->shelf, reprise_couch_shelf_free);
  g_clear_pointer (&self->known, reprise_couch_choices_free);
  g_clear_pointer (&self->names, g_ptr_array_unref);
  g_clear_pointer (&self->choices, g_ptr_array_unref);
  g_clear_pointer (&self->scratch, g_free);
  g_clear_pointer (&self->version, g_free);
  g_clear_pointer (&self->server, g_free);
  g_clear_pointer (&self->to, g_free);
  g_clear_pointer (&self->started, g_date_time_unref);
  g_clear_pointer (&self->line, g_hash_table_unref);
  g_clear_pointer (&self->parents, g_hash_table_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (RepriseCouchBackupRun, run_clear)

static const char *
get_setting (RepriseKind *kind, RepriseService *service, const char *key)
{
  const char *value = reprise_kind_get_value (kind, service, key);

  return value != NULL ? value : "";
}

static gboolean
is_set (RepriseKind *kind, RepriseService *service, const char *key)
{
  return strcmp (get_setting (kind, service, key), "true") == 0;
}

static GPtrArray *
choose (RepriseCouchBackupRun *self, RepriseGroups groups, GError **error)
{
  self->known = reprise_couch_choices_new (self->kind, self->service, self->shelf);
  self->names =
    reprise_couch_choices_list_names (self->known, self->client, self->cancellable, error);
  return self->names == NULL
           ? NULL
           : reprise_couch_choices_select (self->known, self->names, groups, self->progress, error);
}

/* ---- one database after the other ---- */

/* (transfer none) (nullable): the run whose point in time that is */
static RepriseCouchRun *
find_run (RepriseCouchBackupRun *self, gint64 at)
{
  for (guint i = 0; i < reprise_couch_shelf_get_n_runs (self->shelf); i++)
    {
      RepriseCouchRun *run = reprise_couch_shelf_get_run (self->shelf, i);

      if (!run->is_aside && reprise_couch_run_get_point (run) == at)
        return run;
    }
  return NULL;
}

/* The latest point that a delta can go on from. @path: (out) (nullable): what leads to it */
static gboolean
find_latest (RepriseCouchBackupRun *self,
             const RepriseCouchChoice *choice,
             GPtrArray **path,
             gint64 *at,
             GError **error)
{
  g_autoptr (GPtrArray) segments =
    reprise_couch_shelf_list_segments (self->shelf, choice->name, FALSE, error);
  g_autoptr (GArray) points = NULL;
  RepriseCouchRun *run;

  *path = NULL;
  if (segments == NULL)
    return FALSE;
  points = reprise_couch_points_list (segments);
  if (points->len == 0)
    return TRUE;
  *at = g_array_index (points, RepriseCouchPoint, points->len - 1).at;
  run = find_run (self, *at);
  if (run == NULL || g_hash_table_contains (self->line, run->id))
    *path = reprise_couch_path_find (segments, *at);
  else
    reprise_progress_log (self->progress,
                          "%s: a new baseline: the newest backup does not go on from its last one",
                          choice->name);
  return TRUE;
}

char *
reprise_couch_backup_print_point (gint64 at)
{
  g_autoptr (GDateTime) seconds = g_date_time_new_from_unix_utc (at / 1000);
  g_autoptr (GDateTime) time = g_date_time_add (seconds, (at % 1000) * 1000);

  return reprise_time_to_string (time);
}

gboolean
reprise_couch_backup_has_word (const char *text, const char *word)
{
  g_auto (GStrv) words = g_strsplit (text != NULL ? text : "", " ", -1);

  return g_strv_contains ((const char *const *) words, word);
}

/* What a chain has is read on, and design documents are read with the others, whatever the groups: a chain with gaps could not be gone on
 * with. @earlier: (nullable): what leads to where it goes on from */
static gboolean
widen (RepriseCouchBackupRun *self,
       const RepriseCouchChoice *choice,
       GPtrArray *earlier,
       RepriseCouchReading *reading,
       GError **error)
{
  g_autoptr (RepriseCouchReader) last = NULL;
  g_autofree char *covered = NULL;

  if (earlier != NULL && self->names != NULL)
    {
      RepriseCouchSegment *segment = earlier->pdata[earlier->len - 1];

      last = reprise_couch_reader_new (segment->path, error);
      if (last == NULL)
        return FALSE;
      covered = reprise_couch_reader_dup (last, REPRISE_COUCH_COVERS);
    }
  reading->data =
    choice->data ||
    (reprise_couch_backup_has_word (covered, REPRISE_COUCH_COVERS_DATA) &&
     reprise_couch_rules_get_group (self->service, choice->name, NULL) != REPRISE_GROUP_SKIPPED);
  reading->design =
    choice->design || (reading->data && reprise_couch_rules_get_design_group (
                                          self->service, choice->name) != REPRISE_GROUP_SKIPPED);
  reading->local = reading->data && is_set (self->kind, self->service, REPRISE_COUCH_SETTING_LOCAL);
  return TRUE;
}

static gboolean
read_database (RepriseCouchBackupRun *self, guint n, const char *path, GError **error)
{
  const RepriseCouchChoice *choice = self->choices->pdata[n];
  g_autoptr (GPtrArray) earlier = NULL;
  g_autofree char *from = NULL;
  g_autoptr (GError) local = NULL;
  RepriseCouchReading reading = {
    .database = choice->name,
    .path = path,
    .run = reprise_vault_writer_get_id (self->writer),
    .to = self->to,
    .server = self->server,
    .connections = (guint) CLAMP (
      atoi (get_setting (self->kind, self->service, REPRISE_COUCH_SETTING_CONNECTIONS)), 1, 16),
  };
  gint64 at = 0;

  /* A chain that is damaged is no reason to have no backup: it begins anew. */
  if (!find_latest (self, choice, &earlier, &at, &local))
    {
      if (!g_error_matches (local, REPRISE_ERROR, REPRISE_ERROR_DAMAGED))
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return FALSE;
        }
      reprise_progress_warn (self->progress, "“%s” is saved in full: %s", choice->name,
                             reprise_error_get_saying (local));
    }
  if (earlier != NULL)
    {
      from = reprise_couch_backup_print_point (at);
      reading.from = from;
      reading.earlier = earlier;
    }
  return widen (self, choice, earlier, &reading, error) &&
         reprise_couch_reading_run (&reading, self->client, self->progress, self->cancellable,
                                    error);
}

/* One that was deleted a moment ago, is named wrongly, or may not be read does not stop the others. */
static gboolean
is_out_of_reach (RepriseCouchBackupRun *self, RepriseCouchChoice *choice)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (RepriseCouchInfo) info =
    reprise_couch_client_get_info (self->client, choice->name, self->cancellable, &local);

  if (!g_error_matches (local, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND) &&
      !g_error_matches (local, REPRISE_ERROR, REPRISE_ERROR_DENIED))
    return FALSE;
  reprise_progress_warn (self->progress, "“%s” is left out: %s", choice->name,
                         reprise_error_get_saying (local));
  choice->problem = g_strdup (local->message);
  return TRUE;
}

/* What was read of it is of no use. */
static gboolean
drop_database (RepriseCouchBackupRun *self, const char *name, const char *path, GError **error)
{
  return (!reprise_vault_writer_has_file (self->writer, name) ||
          reprise_vault_writer_discard (self->writer, name, error)) &&
         reprise_couch_writer_discard (path, error);
}

static gboolean
back_up_database (RepriseCouchBackupRun *self, guint n, GError **error)
{
  RepriseCouchChoice *choice = self->choices->pdata[n];
  g_autofree char *name = g_strdup_printf ("%u.sqlite", n + 1);
  g_autofree char *path = reprise_couch_backup_make_path (self, n + 1);

  reprise_progress_set_message (self->progress, choice->name);
  if (choice->problem != NULL)
    return drop_database (self, name, path, error);
  if (reprise_vault_writer_has_file (self->writer, name))
    return TRUE;
  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    {
      g_autoptr (GError) local = NULL;

      if (!read_database (self, n, path, &local))
        {
          if (is_out_of_reach (self, choice))
            return reprise_couch_writer_discard (path, error);
          g_propagate_error (error, g_steal_pointer (&local));
          return FALSE;
        }
    }
  return reprise_vault_writer_add_file (self->writer, name, path, self->cancellable, error);
}

static gint64
count_documents (RepriseCouchBackupRun *self)
{
  gint64 n = 0;

  for (guint i = 0; i < self->choices->len; i++)
    {
      const RepriseCouchChoice *choice = self->choices->pdata[i];
      g_autoptr (RepriseCouchInfo) info = NULL;

      /* of a database that has a backup nobody knows how many changes there are */
      if (reprise_couch_shelf_knows (self->shelf, choice->name))
        return -1;
      info = reprise_couch_client_get_info (self->client, choice->name, self->cancellable, NULL);
      if (info == NULL)
        return -1;
      n += info->doc_count + MAX (info->doc_del_count, 0);
    }
  return n;
}

static gboolean
prepare (RepriseCouchBackupRun *self, RepriseGroups groups, GPtrArray *choices, GError **error)
{
  gboolean found = FALSE;

  self->shelf =
    reprise_couch_shelf_new_for_backup (reprise_vault_writer_get_folder (self->writer), error);
  if (self->shelf == NULL ||
      !reprise_couch_client_get_server (self->client, &self->version, &self->server,
                                        self->cancellable, error))
    return FALSE;
  self->choices = choices != NULL ? g_ptr_array_ref (choices) : choose (self, groups, error);
  if (self->choices == NULL)
    return FALSE;
  self->scratch = g_build_filename (reprise_vault_writer_get_folder (self->writer),
                                    REPRISE_VAULT_SCRATCH, "couch", NULL);
  self->parents = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->line = reprise_couch_line_new (self->shelf, &self->head);
  if (!reprise_couch_backup_read_state (self, &found, error))
    return FALSE;
  if (found)
    {
      reprise_progress_log (self->progress, "going on with the backup that was begun at %s",
                            self->to);
      return TRUE;
    }
  return reprise_couch_backup_begin_anew (self, error);
}

/**
 * reprise_couch_backup_run:
 * @choices: (nullable) (element-type RepriseCouchChoice): which databases, in place of those that the settings and @groups choose
 * @writer: without @choices resumable from now on: a later call with the same backup goes on from the last checkpoint
 *
 * Backs databases up: what has no backup in the vault in full, and of the others what has changed.
 */
gboolean
reprise_couch_backup_run (RepriseCouchClient *client,
                          RepriseKind *kind,
                          RepriseService *service,
                          RepriseGroups groups,
                          GPtrArray *choices,
                          RepriseVaultWriter *writer,
                          RepriseProgress *progress,
                          GCancellable *cancellable,
                          GError **error)
{
  g_auto (RepriseCouchBackupRun) self = { .client = client,
                                          .kind = kind,
                                          .service = service,
                                          .writer = writer,
                                          .progress = progress,
                                          .cancellable = cancellable };

  reprise_progress_set_phase (progress, REPRISE_PHASE_CONNECTING);
  if (!prepare (&self, groups, choices, error))
    return FALSE;
  if (choices == NULL) /* a safety copy belongs to its restore */
    {
      reprise_vault_writer_set_resumable (writer, TRUE);
      reprise_progress_set_stop_text (
        progress, _ ("What was read so far is kept, and the next backup goes on from there."));
    }
  reprise_progress_set_phase (progress, REPRISE_PHASE_READING);
  reprise_progress_set_totals (progress, -1, count_documents (&self));
  for (guint i = 0; i < self.choices->len; i++)
    if (!back_up_database (&self, i, error))
      return FALSE;
  reprise_progress_set_phase (progress, REPRISE_PHASE_WRITING);
  return reprise_couch_backup_describe (&self, error);
}
