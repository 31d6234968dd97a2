/* reprise-couch-server-backup.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "net/reprise-json.h"
#include "providers/couchdb/reprise-couch-choice.h"
#include "providers/couchdb/client/reprise-couch-json.h"
#include "providers/couchdb/reprise-couch-mark.h"
#include "providers/couchdb/reprise-couch-rules.h"
#include "providers/couchdb/reprise-couch-settings.h"
#include "providers/couchdb/server/reprise-couch-copy.h"
#include "providers/couchdb/server/reprise-couch-merge.h"
#include "providers/couchdb/server/reprise-couch-server-backup.h"

#define AT_A_TIME 4

#define KEY_COPIES "server-copies" /* JSON: the records of all copies of the run */
#define DONE       "done/"

/*
 * What a restart cut off is finished first → which databases, each from where → journal → the server replicates, some at a time
 *   → each says in itself what it is → the replications, with the credentials in them, are taken away
 */
typedef struct
{
  RepriseCouchServer *server;
  RepriseProgress *progress;
  GCancellable *cancellable;
  GPtrArray *deltas;       /* (owned) (element-type RepriseCouchDelta) */
  GPtrArray *copies;       /* (owned) (element-type RepriseCouchCopy) */
  RepriseJournal *journal; /* (owned) (nullable) */
  gint64 to;
  guint n_started;
} Run;

static void
run_clear (Run *self)
{
  g_clear_pointer (&self->deltas, g_ptr_array_unref);
  g_clear_pointer (&self->copies, g_ptr_array_unref);
  g_clear_object (&self->journal);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Run, run_clear)

/* ---- which databases ---- */

static gboolean
is_known (Run *self, const char *source)
{
  for (guint i = 0; i < self->deltas->len; i++)
    if (strcmp (((RepriseCouchDelta *) self->deltas->pdata[i])->source, source) == 0)
      return TRUE;
  return FALSE;
}

static gboolean
is_wanted (Run *self, RepriseGroups groups, const char *name)
{
  RepriseGroup group = reprise_couch_rules_get_group (self->server->service, name, NULL);
  const char *include_new = reprise_kind_get_value (self->server->kind, self->server->service,
                                                    REPRISE_COUCH_SETTING_INCLUDE_NEW);
  gboolean is_new = self->deltas->len > 0 && !is_known (self, name);

  if (group == REPRISE_GROUP_SKIPPED || !REPRISE_GROUPS_HAS (groups, group))
    return FALSE;
  if (strcmp (name, "_replicator") == 0)
    {
      reprise_progress_log (self->progress,
                            "_replicator is left out: it holds credentials, those of this backup "
                            "among them. Backups in the vault have it");
      return FALSE;
    }
  if (!is_new)
    return TRUE;
  if (reprise_couch_mark_is_restored (self->server->home, name, self->cancellable))
    {
      reprise_progress_log (self->progress, "%s was made by a restore", name);
      return g_strcmp0 (include_new, "true") == 0;
    }
  reprise_progress_log (self->progress, "%s is a new database", name);
  if (g_strcmp0 (include_new, "true") == 0)
    return TRUE;
  reprise_progress_warn (
    self->progress, "“%s” is a new database, and is left out: new ones are not included.", name);
  return FALSE;
}

/* One that is gone, or may not be read, does not stop the others. */
static gboolean
add_copy (Run *self, const char *name, const char *uuid, GError **error)
{
  g_autoptr (GError) local = NULL;
  RepriseCouchCopy *copy = reprise_couch_copy_new (self->server, self->deltas, name, uuid, self->to,
                                                   self->progress, self->cancellable, &local);

  if (copy != NULL)
    g_ptr_array_add (self->copies, copy);
  else if (g_error_matches (local, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND) ||
           g_error_matches (local, REPRISE_ERROR, REPRISE_ERROR_DENIED))
    reprise_progress_warn (self->progress, "“%s” is left out: %s", name,
                           reprise_error_get_saying (local));
  else
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  return TRUE;
}

/* Of whole seconds, and later than any backup that there is and any name, whatever the clock says */
static void
take_time (Run *self)
{
  self->to = g_get_real_time () / G_USEC_PER_SEC * 1000;
  for (guint i = 0; i < self->deltas->len; i++)
    {
      const RepriseCouchDelta *delta = self->deltas->pdata[i];
      const char *stamp = strrchr (delta->name, '-') + 1;
      gint64 named;

      self->to = MAX (self->to, delta->to + 1000);
      if (reprise_couch_delta_parse_stamp (stamp, &named))
        self->to = MAX (self->to, named + 1000);
    }
}

static void
log_space (Run *self)
{
  gint64 total = 0;
  g_autofree char *size = NULL;

  for (guint i = 0; i < self->copies->len; i++)
    total += MAX (((RepriseCouchCopy *) self->copies->pdata[i])->expected_bytes, 0);
  size = g_format_size ((guint64) total);
  reprise_progress_log (self->progress, "all together need about %s on %s", size,
                        reprise_couch_client_get_name (self->server->away));
}

static gboolean
prepare (Run *self, RepriseGroups groups, GError **error)
{
  g_autofree char *uuid = NULL;
  g_autoptr (GPtrArray) names = NULL;

  self->deltas = reprise_couch_server_list_deltas (self->server, self->cancellable, error);
  if (self->deltas == NULL ||
      !reprise_couch_client_get_server (self->server->home, NULL, &uuid, self->cancellable, error))
    return FALSE;
  names = reprise_couch_choices_list_chosen (self->server->home, self->server->kind,
                                             self->server->service, self->cancellable, error);
  if (names == NULL)
    return FALSE;
  take_time (self);
  for (guint i = 0; i < names->len; i++)
    if (is_wanted (self, groups, names->pdata[i]) && !add_copy (self, names->pdata[i], uuid, error))
      return FALSE;
  log_space (self);
  if (self->copies->len > 0)
    return TRUE;
  reprise_error_set_literal (
    error, REPRISE_ERROR, REPRISE_ERROR_REFUSED,
    _ ("There is no database to back up: look at the service’s settings and "
       "the chosen groups"));
  return FALSE;
}

/* ---- the journal ---- */

static char *
print_copies (Run *self)
{
  GString *json = g_string_new ("[");

  for (guint i = 0; i < self->copies->len; i++)
    {
      g_autofree char *record =
        reprise_couch_delta_print (((RepriseCouchCopy *) self->copies->pdata[i])->delta);

      g_string_append_printf (json, "%s%s", i > 0 ? "," : "", record);
    }
  g_string_append_c (json, ']');
  return g_string_free (json, FALSE);
}

/* So that a restart finds what the server goes on with. Without one it is still made. */
static gboolean
open_journal (Run *self, GError **error)
{
  g_autofree char *stamp = reprise_couch_delta_dup_stamp (self->to);
  g_autofree char *copies = print_copies (self);
  g_autoptr (GError) local = NULL;

  self->journal =
    reprise_journal_create (reprise_couch_server_get_uuid (self->server), stamp, &local);
  if (g_error_matches (local, G_IO_ERROR, G_IO_ERROR_EXISTS))
    {
      reprise_progress_log (self->progress,
                            "without a journal: there is one of a restore that was cut off");
      return TRUE;
    }
  if (self->journal == NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  return reprise_journal_set (self->journal, KEY_COPIES, copies, error);
}

static gboolean
note_started (Run *self, const RepriseCouchCopy *copy, GError **error)
{
  g_autofree char *text = NULL;

  if (self->journal == NULL)
    return TRUE;
  text = g_strdup_printf (_ ("back “%s” up into “%s” on the server"), copy->delta->source,
                          copy->delta->name);
  return reprise_journal_begin (self->journal, copy->delta->name, text, error);
}

static gboolean
note_finished (Run *self, const RepriseCouchCopy *copy, GError **error)
{
  g_autofree char *key = g_strconcat (DONE, copy->delta->name, NULL);

  return self->journal == NULL || (reprise_journal_set (self->journal, key, "true", error) &&
                                   reprise_journal_end (self->journal, copy->delta->name, error));
}

static void
close_journal (Run *self)
{
  if (self->journal != NULL && !reprise_journal_close (self->journal, NULL))
    reprise_progress_log (self->progress, "the journal of the backup could not be removed");
}

/* ---- the run ---- */

static gboolean
start_some (Run *self, guint n_finished, GError **error)
{
  while (self->n_started < MIN (self->copies->len, n_finished + AT_A_TIME))
    {
      RepriseCouchCopy *copy = self->copies->pdata[self->n_started];

      if (!note_started (self, copy, error))
        return FALSE;
      self->n_started++;
      if (!reprise_couch_copy_start (copy, self->server, self->cancellable, error))
        return FALSE;
    }
  return TRUE;
}

/* What was stopped does not go on by itself; what the server could not be asked about does. */
static void
give_up (Run *self, guint n_finished, const GError *error)
{
  if (!reprise_error_is_stop (error) && reprise_error_get_exit (error) == REPRISE_EXIT_FAILED &&
      self->journal != NULL &&
      (g_error_matches (error, REPRISE_ERROR, REPRISE_ERROR_UNREACHABLE) ||
       g_error_matches (error, REPRISE_ERROR, REPRISE_ERROR_STALLED)))
    {
      reprise_progress_log (self->progress,
                            "the server goes on by itself; the next backup there takes it up");
      return;
    }
  for (guint i = n_finished; i < self->n_started; i++)
    reprise_couch_copy_drop (self->copies->pdata[i], self->server, self->progress);
  close_journal (self);
}

static gboolean
carry_out (Run *self, GError **error)
{
  g_autoptr (GError) local = NULL;

  for (guint i = 0; i < self->copies->len; i++)
    {
      RepriseCouchCopy *copy = self->copies->pdata[i];

      if (!start_some (self, i, &local) ||
          !reprise_couch_copy_finish (copy, self->server, self->progress, self->cancellable,
                                      &local) ||
          !note_finished (self, copy, &local))
        {
          give_up (self, i, local);
          g_propagate_error (error, g_steal_pointer (&local));
          return FALSE;
        }
    }
  close_journal (self);
  return TRUE;
}

/* %REPRISE_ERROR_FAILED where nothing of it is a backup */
static gboolean
check_any (Run *self, GError **error)
{
  const RepriseCouchDelta *first = ((RepriseCouchCopy *) self->copies->pdata[0])->delta;

  for (guint i = 0; i < self->copies->len; i++)
    if (((RepriseCouchCopy *) self->copies->pdata[i])->delta->reason == NULL)
      return TRUE;
  reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_FAILED,
                     _ ("Nothing was backed up. “%s”: %s"), first->source, first->reason);
  return FALSE;
}

static RepriseBackup *
make_backup (Run *self)
{
  g_autoptr (GPtrArray) deltas = g_ptr_array_new ();

  for (guint i = 0; i < self->copies->len; i++)
    g_ptr_array_add (deltas, ((RepriseCouchCopy *) self->copies->pdata[i])->delta);
  return reprise_couch_server_make_backup (self->server, deltas, self->to);
}

/* ---- what a restart cut off ---- */

/* Whether the journal is of a backup on the server. */
gboolean
reprise_couch_server_can_resume (RepriseJournal *journal)
{
  return reprise_journal_get (journal, KEY_COPIES) != NULL;
}

/* (transfer full) (element-type RepriseCouchCopy): what the journal does not call finished */
static GPtrArray *
read_copies (RepriseJournal *journal)
{
  const char *text = reprise_journal_get (journal, KEY_COPIES);
  g_autoptr (JsonNode) checked = reprise_json_parse (text, strlen (text), NULL, NULL);
  GPtrArray *copies = g_ptr_array_new_with_free_func ((GDestroyNotify) reprise_couch_copy_free);
  RepriseCouchWalk walk = reprise_couch_walk ((RepriseCouchSpan){ text, strlen (text) });
  RepriseCouchSpan record;

  while (checked != NULL && reprise_couch_walk_next_element (&walk, &record))
    {
      g_autoptr (GBytes) bytes = g_bytes_new (record.data, record.size);
      RepriseCouchDelta *delta = reprise_couch_delta_parse ("", bytes, NULL);
      g_autoptr (RepriseCouchDelta) named = NULL;
      g_autofree char *key = NULL;

      if (delta == NULL)
        continue;
      named = reprise_couch_delta_new (delta->service, delta->source, delta->tier, delta->from,
                                       delta->to);
      g_free (delta->name);
      delta->name = g_strdup (named->name);
      key = g_strconcat (DONE, delta->name, NULL);
      if (reprise_journal_get (journal, key) == NULL)
        g_ptr_array_add (copies, reprise_couch_copy_new_resumed (delta));
      else
        reprise_couch_delta_free (delta);
    }
  return copies;
}

/* What was never started, or was not said to be finished, is not there. */
static gboolean
resume_copy (Run *self, RepriseCouchCopy *copy, guint *n_finished, GError **error)
{
  g_auto (RepriseCouchProgress) now = { 0 };
  g_autoptr (GError) local = NULL;

  if (!reprise_couch_replication_look (self->server->home, copy->delta->name, &now,
                                       self->cancellable, &local))
    {
      if (!g_error_matches (local, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND))
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return FALSE;
        }
      return TRUE;
    }
  reprise_progress_log (self->progress, "going on with %s, which a restart cut off",
                        copy->delta->name);
  if (!reprise_couch_copy_finish (copy, self->server, self->progress, self->cancellable, error))
    return FALSE;
  (*n_finished)++;
  return note_finished (self, copy, error);
}

/**
 * reprise_couch_server_resume:
 * @n_finished: (out): how many databases
 *
 * Finishes what a restart of ours cut off and the server went on with.
 */
gboolean
reprise_couch_server_resume (RepriseCouchServer *server,
                             RepriseJournal *journal,
                             guint *n_finished,
                             RepriseProgress *progress,
                             GCancellable *cancellable,
                             GError **error)
{
  g_auto (Run) self = { .server = server,
                        .progress = progress,
                        .cancellable = cancellable,
                        .copies = read_copies (journal),
                        .journal = g_object_ref (journal) };

  *n_finished = 0;
  for (guint i = 0; i < self.copies->len; i++)
    if (!resume_copy (&self, self.copies->pdata[i], n_finished, error))
      return FALSE;
  return TRUE;
}

/* What a restart cut off: a backup is finished; of a roll-up, which is begun anew, the replication is taken away. */
gboolean
reprise_couch_server_settle (RepriseCouchServer *server,
                             RepriseProgress *progress,
                             GCancellable *cancellable,
                             GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (RepriseJournal) left =
    reprise_journal_open_left (reprise_couch_server_get_uuid (server), &local);
  guint n = 0;

  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  if (left != NULL && reprise_journal_get (left, REPRISE_COUCH_KEY_ROLL_UP) != NULL)
    {
      reprise_couch_server_forget_replication (server, left, progress, cancellable);
      return reprise_journal_close (left, error);
    }
  if (left == NULL || !reprise_couch_server_can_resume (left))
    return TRUE;
  return reprise_couch_server_resume (server, left, &n, progress, cancellable, error) &&
         reprise_journal_close (left, error);
}

/**
 * reprise_couch_server_back_up:
 *
 * Has the server make a backup of each chosen database into one of its own.
 *
 * Returns: (transfer full): what it is called there
 */
RepriseBackup *
reprise_couch_server_back_up (RepriseCouchServer *server,
                              RepriseGroups groups,
                              RepriseProgress *progress,
                              GCancellable *cancellable,
                              GError **error)
{
  static const ReprisePhaseShare PHASES[] = { { REPRISE_PHASE_CONNECTING, 1 },
                                              { REPRISE_PHASE_CHECKING, 2 },
                                              { REPRISE_PHASE_CREATING, 80 } };
  g_auto (Run) self = {
    .server = server,
    .progress = progress,
    .cancellable = cancellable,
    .copies = g_ptr_array_new_with_free_func ((GDestroyNotify) reprise_couch_copy_free),
  };

  reprise_progress_set_plan (progress, PHASES, G_N_ELEMENTS (PHASES));
  reprise_progress_set_phase (progress, REPRISE_PHASE_CONNECTING);
  if (!reprise_couch_server_settle (server, progress, cancellable, error))
    return NULL;
  reprise_progress_set_phase (progress, REPRISE_PHASE_CHECKING);
  if (!prepare (&self, groups, error) || !open_journal (&self, error))
    return NULL;
  reprise_progress_set_stop_text (
    progress, _ ("What the server has finished is kept; what it is copying now is removed."));
  reprise_progress_set_phase (progress, REPRISE_PHASE_CREATING);
  if (!carry_out (&self, error) || !check_any (&self, error))
    return NULL;
  return make_backup (&self);
}
