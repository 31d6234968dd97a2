/* reprise-couch-server-restore.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <inttypes.h>
#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "base/reprise-saying.h"
#include "providers/couchdb/restore/reprise-couch-goal.h"
#include "providers/couchdb/reprise-couch-mark.h"
#include "providers/couchdb/reprise-couch-rules.h"
#include "providers/couchdb/reprise-couch-settings.h"
#include "providers/couchdb/server/reprise-couch-aside.h"
#include "providers/couchdb/server/reprise-couch-compare.h"
#include "providers/couchdb/server/reprise-couch-merge.h"
#include "providers/couchdb/server/reprise-couch-server-restore-private.h"

static void
goal_free (gpointer data)
{
  RepriseCouchServerGoal *self = data;

  g_clear_pointer (&self->target, reprise_couch_goal_free);
  g_clear_pointer (&self->path, g_ptr_array_unref);
  g_clear_pointer (&self->aside, reprise_couch_aside_free);
  g_free (self);
}

void
reprise_couch_server_work_clear (RepriseCouchServerWork *self)
{
  g_clear_pointer (&self->goals, g_ptr_array_unref);
  g_clear_pointer (&self->deltas, g_ptr_array_unref);
}

/* ---- the archive ---- */

/* (transfer full): as a backup that was looked into */
RepriseArchive *
reprise_couch_server_open (RepriseCouchServer *self,
                           RepriseBackup *backup,
                           GCancellable *cancellable,
                           GError **error)
{
  g_autoptr (GPtrArray) backups = reprise_couch_server_list (self, cancellable, error);

  for (guint i = 0; backups != NULL && i < backups->len; i++)
    {
      g_autofree char *tier = reprise_backup_dup_tier_text (backups->pdata[i]);
      RepriseArchive *archive;

      if (strcmp (reprise_backup_get_id (backups->pdata[i]), reprise_backup_get_id (backup)) != 0)
        continue;
      archive = reprise_archive_new_for_backup (backup, NULL);
      reprise_archive_set_format (archive, _ ("CouchDB databases on the server"));
      reprise_archive_set_created_at (archive, reprise_backup_get_created_at (backups->pdata[i]));
      reprise_archive_set_size_bytes (archive, reprise_backup_get_size_bytes (backups->pdata[i]));
      reprise_archive_set_contents (archive, reprise_backup_get_contents (backups->pdata[i]));
      if (tier != NULL)
        reprise_archive_add_fact (archive, _ ("Tier"), tier);
      reprise_archive_add_fact (archive, _ ("Kept by"), reprise_couch_client_get_name (self->away));
      return archive;
    }
  if (backups != NULL)
    reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND,
                       _ ("The backup “%s” is not on its service."),
                       reprise_backup_get_id (backup));
  return NULL;
}

/* Whether a restore of it is the server's work: a backup there, or what of one lies in the vault. */
gboolean
reprise_couch_server_owns (RepriseArchive *archive)
{
  RepriseBackup *backup = reprise_archive_get_backup (archive);

  return backup != NULL &&
         (!reprise_backup_get_in_vault (backup) ||
          reprise_couch_aside_get_backup (reprise_archive_get_manifest (archive)) != NULL);
}

static gboolean
get_point (RepriseArchive *archive, gint64 *at, GError **error)
{
  const char *stamp = reprise_couch_aside_get_backup (reprise_archive_get_manifest (archive));
  const char *id =
    stamp != NULL ? stamp : reprise_backup_get_id (reprise_archive_get_backup (archive));

  if (reprise_couch_delta_parse_stamp (id, at))
    return TRUE;
  reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND,
                     _ ("The backup “%s” is not on its service."), id);
  return FALSE;
}

/* (transfer full) (nullable): the service's folder of the vault */
static char *
get_vault_folder (RepriseCouchServer *self, RepriseArchive *archive)
{
  const char *folder = reprise_backup_get_folder (reprise_archive_get_backup (archive));
  const char *vault = reprise_archive_get_data (archive, REPRISE_ARCHIVE_DATA_VAULT);

  if (folder != NULL)
    return g_path_get_dirname (folder);
  return vault != NULL ? g_build_filename (vault, reprise_couch_server_get_uuid (self), NULL)
                       : NULL;
}

/* ---- what is restored ---- */

static const char *
get_option (GHashTable *options, const char *key)
{
  const char *value = options != NULL ? g_hash_table_lookup (options, key) : NULL;

  return value != NULL ? value : "";
}

/* The way to the point, in words where there is none. */
static gboolean
find_path (RepriseCouchServerGoal *goal,
           RepriseCouchServerWork *work,
           const char *source,
           gint64 first,
           gint64 last,
           GError **error)
{
  g_autoptr (GPtrArray) segments = reprise_couch_deltas_get_segments (work->deltas, source);

  if (!reprise_couch_points_find (segments, first, last, &goal->at, error))
    {
      reprise_error_prefix (error, "%s: ", source);
      return FALSE;
    }
  goal->path = reprise_couch_deltas_find_path (work->deltas, source, goal->at);
  if (goal->path != NULL)
    return TRUE;
  reprise_error_set (
    error, REPRISE_ERROR, REPRISE_ERROR_REFUSED,
    _ ("%s: the backup is being rolled up. Roll up again, which finishes that, and then "
       "choose a point"),
    source);
  return FALSE;
}

static gboolean
add_goal (RepriseCouchServer *self,
          RepriseCouchServerWork *work,
          const char *source,
          gint64 first,
          gint64 last,
          RepriseGroups groups,
          GHashTable *options,
          const char *vault_folder,
          GCancellable *cancellable,
          GError **error)
{
  RepriseCouchServerGoal *goal = g_new0 (RepriseCouchServerGoal, 1);
  RepriseGroup design = reprise_couch_rules_get_design_group (self->service, source);

  g_ptr_array_add (work->goals, goal);
  goal->group = reprise_couch_rules_get_group (self->service, source, NULL);
  goal->data = work->deltas != NULL &&
               (groups == REPRISE_GROUPS_NONE || REPRISE_GROUPS_HAS (groups, goal->group));
  goal->design = groups == REPRISE_GROUPS_NONE || REPRISE_GROUPS_HAS (groups, design);
  if (!goal->data && !goal->design)
    {
      g_ptr_array_remove (work->goals, goal);
      return TRUE;
    }
  goal->target = g_new0 (RepriseCouchGoal, 1);
  goal->target->database = g_strdup (source);
  goal->at = last;
  if ((goal->data && !find_path (goal, work, source, first, last, error)) ||
      !reprise_couch_goal_choose_target (goal->target, self->home, options, cancellable, error))
    return FALSE;
  if (goal->design && vault_folder != NULL)
    goal->aside = reprise_couch_aside_find (vault_folder, source, goal->at);
  return TRUE;
}

static gboolean
check_options (RepriseCouchServerWork *work, GHashTable *options, GError **error)
{
  if (work->goals->len == 0)
    reprise_error_set_literal (error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND,
                               _ ("The backup holds no database of that name or group"));
  else if (work->goals->len > 1 && *get_option (options, REPRISE_COUCH_OPTION_TARGET) != '\0')
    reprise_error_set_literal (
      error, REPRISE_ERROR, REPRISE_ERROR_INVALID,
      _ ("Several databases cannot be restored into one: name the database"));
  else
    return TRUE;
  return FALSE;
}

static gboolean
is_in (const RepriseCouchServerWork *work, const char *source, gint64 at)
{
  for (guint i = 0; i < work->deltas->len; i++)
    {
      const RepriseCouchDelta *delta = work->deltas->pdata[i];

      if (delta->to == at && strcmp (delta->source, source) == 0)
        return TRUE;
    }
  return FALSE;
}

/* (transfer full) (nullable): the databases of a backup on the server, or of what lies in the vault */
static char **
list_sources (RepriseCouchServer *self,
              RepriseCouchServerWork *work,
              RepriseArchive *archive,
              gint64 at,
              GCancellable *cancellable,
              GError **error)
{
  RepriseManifest *manifest = reprise_archive_get_manifest (archive);
  g_auto (GStrv) all = NULL;
  g_autoptr (GPtrArray) sources = NULL;

  if (reprise_couch_aside_get_backup (manifest) != NULL)
    return reprise_couch_aside_list_databases (manifest);
  work->deltas = reprise_couch_server_list_deltas (self, cancellable, error);
  if (work->deltas == NULL)
    return NULL;
  all = reprise_couch_deltas_list_sources (work->deltas);
  sources = g_ptr_array_new ();
  for (guint i = 0; all[i] != NULL; i++)
    if (is_in (work, all[i], at))
      g_ptr_array_add (sources, g_strdup (all[i]));
  g_ptr_array_add (sources, NULL);
  return (char **) g_ptr_array_free (g_steal_pointer (&sources), FALSE);
}

gboolean
reprise_couch_server_find_work (RepriseCouchServer *self,
                                RepriseCouchServerWork *work,
                                RepriseArchive *archive,
                                RepriseGroups groups,
                                GHashTable *options,
                                GCancellable *cancellable,
                                GError **error)
{
  const char *patterns = get_option (options, REPRISE_COUCH_OPTION_DATABASES);
  const char *as_of = get_option (options, REPRISE_COUCH_OPTION_AS_OF);
  g_autofree char *folder = get_vault_folder (self, archive);
  g_auto (GStrv) sources = NULL;
  gint64 at, first, last;

  work->goals = g_ptr_array_new_with_free_func (goal_free);
  if (!get_point (archive, &at, error))
    return FALSE;
  first = last = at;
  if (*as_of != '\0' && !reprise_couch_goal_parse_as_of (as_of, &first, &last, error))
    return FALSE;
  sources = list_sources (self, work, archive, at, cancellable, error);
  for (guint i = 0; sources != NULL && sources[i] != NULL; i++)
    if ((*patterns == '\0' || reprise_couch_rules_match (patterns, sources[i])) &&
        !add_goal (self, work, sources[i], first, last, groups, options, folder, cancellable,
                   error))
      return FALSE;
  return sources != NULL && check_options (work, options, error);
}

/* ---- the plan ---- */

static void
refuse (ReprisePlan *plan, const RepriseCouchServerGoal *goal)
{
  g_autofree char *text =
    g_strdup_printf (_ ("The database “%s” is there already."), goal->target->target);

  reprise_plan_add_check (
    plan, "target", REPRISE_CHECK_REFUSED, text,
    _ ("The server restores its backups into new databases: it was made in the meantime. Try "
       "again, and the documents are restored one by one."));
}

static void
add_design_row (ReprisePlan *plan, const RepriseCouchServerGoal *goal)
{
  g_autofree char *design = reprise_couch_rules_dup_design_name (goal->target->database);
  g_autofree char *text = NULL;

  if (goal->aside != NULL)
    {
      reprise_plan_add_row (plan, REPRISE_GROUP_REQUIRED, design, REPRISE_NOT_REPORTED,
                            REPRISE_NOT_REPORTED, REPRISE_PLAN_CREATED, NULL);
      return;
    }
  text = g_strdup_printf (
    _ ("The vault has no design documents and no security object of “%s” from that time."),
    goal->target->database);
  reprise_plan_add_check (plan, "design", REPRISE_CHECK_WARNING, text,
                          _ ("The new database gets none: only administrators can use it."));
}

static void
add_data_row (ReprisePlan *plan, const RepriseCouchServerGoal *goal)
{
  gint64 size_bytes = 0;
  g_autofree char *size = NULL, *text = NULL;

  for (guint i = 0; i < goal->path->len; i++)
    {
      const RepriseCouchDelta *delta = goal->path->pdata[i];
      g_autofree char *step =
        g_strdup_printf ("PUT _replicator (%s -> %s)", delta->name, goal->target->target);

      size_bytes += MAX (delta->size_bytes, 0);
      reprise_plan_add_step (plan, step);
    }
  size = g_format_size ((guint64) size_bytes);
  text = g_strdup_printf (
    ngettext ("Into the new database “%s”, from %u database on the server; it needs at most %s",
              "Into the new database “%s”, from %u databases on the server; it needs at most %s",
              goal->path->len),
    goal->target->target, goal->path->len, size);
  reprise_plan_add_row (plan, goal->group, goal->target->database, REPRISE_NOT_REPORTED,
                        REPRISE_NOT_REPORTED, REPRISE_PLAN_CREATED, text);
}

static void
add_rows (ReprisePlan *plan, const RepriseCouchServerGoal *goal)
{
  g_autofree char *create = g_strdup_printf ("PUT %s", goal->target->target), *step = NULL;

  if (goal->data)
    add_data_row (plan, goal);
  else
    reprise_plan_add_step (plan, create);
  if (!goal->design)
    return;
  add_design_row (plan, goal);
  step = g_strdup_printf ("PUT %s/_security, POST %s/_bulk_docs (_design)", goal->target->target,
                          goal->target->target);
  reprise_plan_add_step (plan, step);
}

/**
 * reprise_couch_server_plan:
 *
 * What a restore of a backup on the server would do. It only reads.
 */
ReprisePlan *
reprise_couch_server_plan (RepriseCouchServer *self,
                           RepriseArchive *archive,
                           RepriseGroups groups,
                           GHashTable *options,
                           RepriseProgress *progress,
                           GCancellable *cancellable,
                           GError **error)
{
  g_autoptr (ReprisePlan) plan = reprise_plan_new (archive, groups, options);
  g_auto (RepriseCouchServerWork) work = { NULL };

  if (!reprise_couch_server_find_work (self, &work, archive, groups, options, cancellable, error))
    return NULL;
  reprise_plan_set_target (plan, reprise_couch_client_get_name (self->home));
  for (guint i = 0; i < work.goals->len; i++)
    {
      const RepriseCouchServerGoal *goal = work.goals->pdata[i];

      if (goal->target->info != NULL)
        refuse (plan, goal);
      add_rows (plan, goal);
    }
  reprise_plan_add_group_rows (plan);
  return g_steal_pointer (&plan);
}

/* ---- the restore ---- */

typedef struct
{
  RepriseCouchServer *server;
  RepriseJournal *journal;
  RepriseProgress *progress;
  GCancellable *cancellable;
  guint64 n_documents;
  guint64 n_deleted;
} Restore;

static gboolean
copy_data (Restore *self, const RepriseCouchServerGoal *goal, GError **error)
{
  for (guint i = 0; i < goal->path->len; i++)
    {
      const RepriseCouchDelta *delta = goal->path->pdata[i];
      g_autoptr (RepriseCouchInfo) info =
        i == 0 ? reprise_couch_client_get_info (self->server->away, delta->name, self->cancellable,
                                                error)
               : NULL;

      const RepriseCouchEnd source = { self->server->away, self->server->away_address,
                                       delta->name };
      const RepriseCouchEnd target = { self->server->home, self->server->home_address,
                                       goal->target->target };

      if ((i == 0 && info == NULL) ||
          !reprise_couch_merge (self->server->home, &source, &target, info, self->journal,
                                self->progress, self->cancellable, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
compare_data (Restore *self, const RepriseCouchServerGoal *goal, GError **error)
{
  g_autoptr (RepriseCouchInfo) info = NULL;
  const RepriseCouchDelta *last = goal->path->pdata[goal->path->len - 1];
  guint64 n = 0;

  for (guint i = 0; i < goal->path->len; i++)
    if (!reprise_couch_compare_databases (
          self->server->away, ((RepriseCouchDelta *) goal->path->pdata[i])->name,
          self->server->home, goal->target->target, &n, self->progress, self->cancellable, error))
      return FALSE;
  info = reprise_couch_client_get_info (self->server->home, goal->target->target, self->cancellable,
                                        error);
  if (info == NULL)
    return FALSE;
  if (goal->path->len == 1 && info->doc_count != last->doc_count)
    {
      reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_DAMAGED,
                         _ ("“%s” has %" PRId64 " documents, and its backup %" PRId64),
                         goal->target->target, info->doc_count, last->doc_count);
      return FALSE;
    }
  self->n_documents += (guint64) MAX (info->doc_count, 0);
  self->n_deleted += (guint64) MAX (info->doc_del_count, 0);
  reprise_progress_log (self->progress,
                        "%s: %" PRId64 " documents, %" PRId64 " deletions; every revision of %u "
                        "databases is there",
                        goal->target->target, info->doc_count, info->doc_del_count,
                        goal->path->len);
  return TRUE;
}

static gboolean
restore_goal (Restore *self, const RepriseCouchServerGoal *goal, GError **error)
{
  if (goal->data)
    {
      reprise_progress_set_phase (self->progress, REPRISE_PHASE_APPLYING);
      if (!copy_data (self, goal, error))
        return FALSE;
      reprise_progress_set_phase (self->progress, REPRISE_PHASE_COMPARING);
      if (!compare_data (self, goal, error))
        return FALSE;
    }
  else if (!reprise_couch_client_create_database (self->server->home, goal->target->target, FALSE,
                                                  0, self->cancellable, error))
    return FALSE;
  return (goal->aside == NULL ||
          reprise_couch_aside_restore (goal->aside, self->server->home, goal->target->target,
                                       self->progress, self->cancellable, error)) &&
         reprise_couch_mark_end (self->server->home, goal->target->target, self->cancellable,
                                 error);
}

/* A database that is half there is of no use, and was not there before. */
static void
drop_target (Restore *self, const RepriseCouchServerGoal *goal)
{
  g_autoptr (GError) error = NULL;

  if (!reprise_couch_client_delete_database (self->server->home, goal->target->target, NULL,
                                             &error))
    reprise_progress_warn (self->progress,
                           "“%s” is only half restored and could not be removed: %s",
                           goal->target->target, reprise_error_get_saying (error));
}

static gboolean
restore_journalled (Restore *self, const RepriseCouchServerGoal *goal, GError **error)
{
  g_autofree char *text = g_strdup_printf (_ ("restore “%s” into the new database “%s”"),
                                           goal->target->database, goal->target->target);
  gboolean ok;

  if (!reprise_journal_begin (self->journal, goal->target->target, text, error))
    return FALSE;
  ok = restore_goal (self, goal, error);
  if (!ok)
    drop_target (self, goal);
  return reprise_journal_end (self->journal, goal->target->target, ok ? error : NULL) && ok;
}

static RepriseOutcome *
describe (const Restore *self, const RepriseCouchServerWork *work)
{
  const RepriseCouchServerGoal *first = work->goals->pdata[0];
  g_autofree char *documents = reprise_say_n ("%" PRIu64 " document", "%" PRIu64 " documents",
                                              self->n_documents, self->n_documents);
  RepriseOutcome *outcome =
    work->goals->len == 1
      /* Translators: two databases, and “12 documents” */
      ? reprise_outcome_say ("“%s” restored into the new database “%s” by the server: %s",
                             first->target->database, first->target->target, documents)
      : reprise_outcome_say_n ("%u database restored by the server: %s",
                               "%u databases restored by the server: %s", work->goals->len,
                               work->goals->len, documents);

  outcome->written = (gint64) self->n_documents;
  return outcome;
}

/**
 * reprise_couch_server_restore:
 *
 * The server replicates the baseline and the deltas up to the point into a new database → ids, revisions and counts are compared →
 *   who may use it, and the design documents last
 */
RepriseOutcome *
reprise_couch_server_restore (RepriseCouchServer *server,
                              ReprisePlan *plan,
                              RepriseJournal *journal,
                              RepriseProgress *progress,
                              GCancellable *cancellable,
                              GError **error)
{
  Restore self = { server, journal, progress, cancellable, 0, 0 };
  g_auto (RepriseCouchServerWork) work = { NULL };

  if (!reprise_couch_server_find_work (server, &work, reprise_plan_get_archive (plan),
                                       reprise_plan_get_groups (plan),
                                       reprise_plan_get_options (plan), cancellable, error))
    return NULL;
  reprise_progress_set_stop_text (
    progress, _ ("The new database is removed. Nothing else has been changed."));
  for (guint i = 0; i < work.goals->len; i++)
    if (!restore_journalled (&self, work.goals->pdata[i], error))
      return NULL;
  return describe (&self, &work);
}
