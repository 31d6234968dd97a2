/* reprise-couch-restore.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <inttypes.h>
#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "base/reprise-saying.h"
#include "providers/couchdb/edits/reprise-couch-edits.h"
#include "providers/couchdb/restore/reprise-couch-compare.h"
#include "providers/couchdb/restore/reprise-couch-delivery.h"
#include "providers/couchdb/reprise-couch-mark.h"
#include "providers/couchdb/restore/reprise-couch-rest.h"
#include "providers/couchdb/restore/reprise-couch-restore.h"
#include "providers/couchdb/restore/reprise-couch-sender.h"
#include "providers/couchdb/reprise-couch-settings.h"
#include "providers/couchdb/restore/reprise-couch-tally.h"

#define WINDOW       1000
#define WINDOW_BYTES (4 * 1024 * 1024)
#define FRESH_WINDOW \
  20000 /* into a database that is new, sorted: neighbours cost the server less */
#define FRESH_BYTES (16 * 1024 * 1024)

/*
 * For each database: made, where it is not there → documents that the server does not have as they are → what the backup does not have
 *   → security object, local documents → all of it read again and compared, where the database is new
 *   → design documents, last, for they refuse documents and build indexes → what was not yet is read again and compared
 */
typedef struct
{
  RepriseCouchClient *client;
  ReprisePlan *plan;
  guint connections;
  const RepriseCouchSafety *safety;
  RepriseJournal *journal;
  RepriseProgress *progress;
  GCancellable *cancellable;
  RepriseCouchGoal *goal;
  RepriseCouchEdits *edits;   /* (nullable): where the database is there */
  RepriseCouchSender *sender; /* (nullable) */
  gboolean deletions;
  gboolean others;
  gboolean local;
  guint64 n_written;
  guint64 n_refused;
  guint64 n_kept; /* that were to be deleted, and the server did not */
  guint64 n_skipped;
  guint64 n_differing;
  guint64 n_newer;          /* changed meanwhile, and left alone */
  guint64 n_overwritten;    /* changed meanwhile, and replaced */
  const char *first_newer;  /* (nullable): its id */
  char *refusal;            /* (owned) (nullable) */
  RepriseHash *hash;        /* (owned) */
  RepriseCouchTally *tally; /* of what was written into a fresh database */
  gboolean is_fresh;        /* the database */
} Restore;

static const char *
get_option (Restore *self, const char *key)
{
  const char *value = reprise_plan_get_option (self->plan, key);

  return value != NULL ? value : "";
}

/* ---- what is sent ---- */

/* Which of the items the server lacks: {"ID":{"missing":[…]},…} of _revs_diff. Takes the others out. */
static gboolean
drop_present (Restore *self, GPtrArray *items, GError **error)
{
  g_autofree char *path = reprise_couch_client_dup_path (self->goal->target, NULL, "_revs_diff");
  g_autoptr (GHashTable) revs =
    g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify) g_ptr_array_unref);
  g_autoptr (GHashTable) missing = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  GString *json = g_string_new ("{");
  g_autoptr (GBytes) body = NULL;
  g_autoptr (GBytes) answer = NULL;
  RepriseCouchSpan span = { NULL, 0 }, key, value, rev;
  RepriseCouchWalk walk;
  GHashTableIter iter;
  gpointer id, list;

  for (guint i = 0; i < items->len; i++)
    {
      RepriseCouchItem *item = items->pdata[i];
      GPtrArray *of_id = g_hash_table_lookup (revs, item->id);

      if (of_id == NULL)
        {
          of_id = g_ptr_array_new ();
          g_hash_table_insert (revs, item->id, of_id);
        }
      g_ptr_array_add (of_id, item->rev);
    }
  g_hash_table_iter_init (&iter, revs);
  while (g_hash_table_iter_next (&iter, &id, &list))
    {
      if (json->len > 1)
        g_string_append_c (json, ',');
      reprise_couch_append_string (json, id);
      g_string_append (json, ":[");
      for (guint i = 0; i < ((GPtrArray *) list)->len; i++)
        {
          if (i > 0)
            g_string_append_c (json, ',');
          reprise_couch_append_string (json, ((GPtrArray *) list)->pdata[i]);
        }
      g_string_append_c (json, ']');
    }
  g_string_append_c (json, '}');
  body = g_string_free_to_bytes (json);
  answer = reprise_couch_client_post (self->client, path, body, self->cancellable, error);
  if (answer == NULL)
    return FALSE;
  span.data = g_bytes_get_data (answer, &span.size);
  walk = reprise_couch_walk (span);
  while (reprise_couch_walk_next_member (&walk, &key, &value))
    {
      g_autofree char *name = reprise_couch_span_dup_string (key);
      RepriseCouchWalk lacking = reprise_couch_walk (reprise_couch_span_get (value, "missing"));

      while (reprise_couch_walk_next_element (&lacking, &rev))
        {
          g_autofree char *text = reprise_couch_span_dup_string (rev);

          g_hash_table_add (missing, g_strconcat (name, "\n", text, NULL));
        }
    }
  g_hash_table_remove_all (revs);
  for (guint i = items->len; i > 0; i--)
    {
      RepriseCouchItem *item = items->pdata[i - 1];
      g_autofree char *both = g_strconcat (item->id, "\n", item->rev, NULL);

      if (g_hash_table_contains (missing, both))
        continue;
      g_ptr_array_remove_index (items, i - 1);
      self->n_skipped++;
    }
  return TRUE;
}

static int
compare_ids_cb (gconstpointer a, gconstpointer b)
{
  return strcmp ((*(const RepriseCouchItem *const *) a)->id,
                 (*(const RepriseCouchItem *const *) b)->id);
}

/* Revisions as they are. */
static gboolean
send_window (Restore *self, GPtrArray *items, GError **error)
{
  if (self->is_fresh)
    g_ptr_array_sort (items, compare_ids_cb);
  else if (!drop_present (self, items, error))
    return FALSE;
  for (guint i = 0; i < items->len; i++)
    {
      RepriseCouchItem *item = items->pdata[i];

      if (item->deleted && !self->deletions)
        {
          self->n_skipped++;
          continue;
        }
      if (!reprise_couch_deliver (self->goal, self->sender, item, error))
        return FALSE;
      if (self->is_fresh)
        reprise_couch_tally_add (self->tally, item->id, item->rev,
                                 reprise_couch_item_get_body (item), item->links, self->hash);
    }
  return TRUE;
}

static gboolean
finish_sender (Restore *self, RepriseCouchSender *sender, GError **error)
{
  if (!reprise_couch_sender_finish (sender, error))
    return FALSE;
  self->n_written +=
    reprise_couch_sender_get_n_sent (sender) - reprise_couch_sender_get_n_refused (sender);
  self->n_refused += reprise_couch_sender_get_n_refused (sender);
  if (self->refusal == NULL)
    self->refusal = g_strdup (reprise_couch_sender_get_first_refusal (sender));
  return TRUE;
}

static gboolean
send_trees (Restore *self, RepriseCouchItems which, GError **error)
{
  g_autoptr (RepriseCouchSender) sender = reprise_couch_sender_new (
    self->client, self->goal->target, FALSE, self->connections, self->progress, self->cancellable);

  self->sender = sender;
  reprise_couch_state_rewind (self->goal->state);
  for (;;)
    {
      g_autoptr (GPtrArray) items = reprise_couch_goal_read_window (
        self->goal, self->is_fresh ? FRESH_WINDOW : WINDOW,
        self->is_fresh ? FRESH_BYTES : WINDOW_BYTES, which | REPRISE_COUCH_ITEMS_BODIES, error);

      if (items == NULL)
        return FALSE;
      if (items->len == 0)
        return finish_sender (self, sender, error);
      if (!reprise_progress_check_stop (self->progress, error) || !send_window (self, items, error))
        return FALSE;
    }
}

static gboolean
send_documents (Restore *self, RepriseCouchItems which, GError **error)
{
  return self->edits == NULL ? send_trees (self, which, error)
                             : reprise_couch_edits_send (self->edits, which, error);
}

static gboolean
remove_others (Restore *self, GError **error)
{
  return !self->others || self->edits == NULL ||
         reprise_couch_edits_remove_others (self->edits, error);
}

/* ---- beside the documents ---- */

static gboolean
put_security (Restore *self, GError **error)
{
  g_autofree char *path =
    reprise_couch_client_dup_path (self->goal->target, NULL, REPRISE_COUCH_EXTRA_SECURITY);
  g_autoptr (GError) local = NULL;
  g_autoptr (GBytes) bytes = NULL;

  if (!self->goal->design || self->goal->document != NULL)
    return TRUE;
  bytes = reprise_couch_state_read_extra (self->goal->state, REPRISE_COUCH_EXTRA_SECURITY, &local);
  if (g_error_matches (local, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND))
    return TRUE;
  if (bytes == NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  return g_bytes_get_size (bytes) <= 2 || /* {}: a server without one */
         reprise_couch_client_put (self->client, path, bytes, self->cancellable, error);
}

/* A checkpoint would make a client believe that the server has what it lost. */
static gboolean
is_checkpoint (GBytes *bytes)
{
  RepriseCouchSpan span;

  span.data = g_bytes_get_data (bytes, &span.size);
  return reprise_couch_span_get (span, "history").data != NULL ||
         reprise_couch_span_get (span, "session_id").data != NULL ||
         reprise_couch_span_get (span, "last_seq").data != NULL;
}

static gboolean
put_locals (Restore *self, GError **error)
{
  g_auto (GStrv) names = NULL;

  if (!self->local || self->goal->document != NULL)
    return TRUE;
  names = reprise_couch_state_list_extras (self->goal->state, error);
  if (names == NULL)
    return FALSE;
  for (guint i = 0; names[i] != NULL; i++)
    {
      g_autofree char *path = reprise_couch_client_dup_path (self->goal->target, names[i], NULL);
      g_autoptr (GBytes) bytes = NULL;

      if (!g_str_has_prefix (names[i], "_local/"))
        continue;
      bytes = reprise_couch_state_read_extra (self->goal->state, names[i], NULL);
      if (bytes != NULL && !is_checkpoint (bytes) &&
          !reprise_couch_client_put (self->client, path, bytes, self->cancellable, error))
        return FALSE;
    }
  return TRUE;
}

/* ---- one database after the other ---- */

/* As it was made there: ids of a partitioned database fit nowhere else. */
static gboolean
make_database (Restore *self, GError **error)
{
  RepriseCouchGoal *goal = self->goal;
  g_autoptr (GPtrArray) path = reprise_couch_path_find (goal->segments, goal->at);
  RepriseCouchSegment *last = path != NULL && path->len > 0 ? path->pdata[path->len - 1] : NULL;
  g_autoptr (RepriseCouchReader) reader =
    last != NULL ? reprise_couch_reader_new (last->path, NULL) : NULL;
  g_autofree char *partitioned =
    reader != NULL ? reprise_couch_reader_dup (reader, REPRISE_COUCH_META_PARTITIONED) : NULL;
  g_autofree char *shards =
    reader != NULL ? reprise_couch_reader_dup (reader, REPRISE_COUCH_META_SHARDS) : NULL;
  gint64 q = shards != NULL ? g_ascii_strtoll (shards, NULL, 10) : 0;

  if (goal->info != NULL)
    return TRUE;
  return reprise_couch_client_create_database (
    self->client, goal->target, g_strcmp0 (partitioned, "true") == 0, q, self->cancellable, error);
}

/* A single document is only replaced while nobody is at work on it. */
static gboolean
check_at_rest (Restore *self, GError **error)
{
  return self->goal->document == NULL || self->goal->info == NULL ||
         reprise_couch_rest_check (self->client, self->goal->target, self->goal->document,
                                   self->cancellable, error);
}

static gboolean
mark_database (Restore *self, gboolean is_over, GError **error)
{
  const RepriseCouchGoal *goal = self->goal;
  gboolean is_marked = goal->mark != NULL && goal->keeps_tree;

  if (is_over && (is_marked || self->is_fresh))
    return reprise_couch_mark_end (self->client, goal->target, self->cancellable, error);
  return is_over || !is_marked ||
         reprise_couch_mark_put (self->client, goal->target, goal->mark, self->cancellable, error);
}

static gboolean
write_designs (Restore *self, GError **error)
{
  return (!self->goal->design || send_documents (self, REPRISE_COUCH_ITEMS_DESIGN, error)) &&
         mark_database (self, TRUE, error);
}

static char *
dup_step (Restore *self)
{
  return g_strconcat ("database ", self->goal->target, NULL);
}

static gboolean
write_database (Restore *self, GError **error)
{
  return check_at_rest (self, error) && make_database (self, error) &&
         mark_database (self, FALSE, error) &&
         (!self->goal->data || send_documents (self, REPRISE_COUCH_ITEMS_NONE, error)) &&
         remove_others (self, error) && put_security (self, error) && put_locals (self, error) &&
         (self->is_fresh || write_designs (self, error));
}

/* Of one that is fresh the design documents are written once all else is compared. */
static gboolean
end_database (Restore *self, GError **error)
{
  g_autofree char *step = dup_step (self);

  return reprise_journal_end (self->journal, step, error);
}

static gboolean
restore_database (Restore *self, GError **error)
{
  g_autofree char *step = dup_step (self);
  g_autofree char *text =
    /* Translators: follows “Begun and not finished: ” */
    g_strdup_printf (_ ("The database “%s” was being written"), self->goal->target);

  reprise_progress_set_message (self->progress, self->goal->target);
  if (!reprise_journal_begin (self->journal, step, text, error))
    return FALSE;
  if (!write_database (self, error))
    {
      reprise_error_prefix (error, "%s: ", self->goal->target);
      return FALSE;
    }
  return self->is_fresh || end_database (self, error);
}

/* (transfer full) (nullable) without an error: into where revisions are kept nothing is edited */
static RepriseCouchEdits *
make_edits (Restore *self, RepriseCouchGoal *goal, GError **error)
{
  RepriseCouchEdits *edits;

  if (goal->keeps_tree)
    return NULL;
  edits = reprise_couch_edits_new (self->client, goal, reprise_plan_get_options (self->plan),
                                   self->connections, self->progress, self->cancellable);
  if (self->safety->id == NULL ||
      reprise_couch_edits_set_safety_copy (edits, self->safety->folder, self->safety->id, error))
    return edits;
  reprise_couch_edits_free (edits);
  return NULL;
}

static void
clear_edits (gpointer data)
{
  g_clear_pointer ((RepriseCouchEdits **) &data, reprise_couch_edits_free);
}

/* What a stop leaves, from now on. */
static void
tell_what_stays (Restore *self)
{
  g_autofree char *text = NULL;

  if (self->goal->info == NULL)
    /* Translators: %s is a database */
    text = g_strdup_printf (_ ("The new database “%s” is there, half restored: the same restore "
                               "goes on with it, or delete it."),
                            self->goal->target);
  else
    /* Translators: %s is a database */
    text = g_strdup_printf (_ ("“%s” is half restored: the same restore goes on with it, and what "
                               "was there is in the safety copy."),
                            self->goal->target);
  reprise_progress_set_stop_text (self->progress, text);
}

/* Each revision by its name. */
static gboolean
compare_some (Restore *self, RepriseCouchItems which, GError **error)
{
  gboolean design = (which & REPRISE_COUCH_ITEMS_DESIGN) != 0;
  RepriseCouchComparison comparison = { self->client,    self->goal,     self->connections,
                                        self->deletions, self->progress, self->cancellable };
  gboolean ok = !(design ? self->goal->design : self->goal->data) ||
                reprise_couch_compare (&comparison, which, error);

  self->n_differing += comparison.n_differing;
  return ok;
}

/* What is shown of each document; its versions in conflict were looked at when they were written. */
static gboolean
compare_edits (Restore *self, GError **error)
{
  RepriseCouchEdits *edits = self->edits;

  if ((self->goal->data && !reprise_couch_edits_compare (edits, REPRISE_COUCH_ITEMS_NONE, error)) ||
      (self->goal->design &&
       !reprise_couch_edits_compare (edits, REPRISE_COUCH_ITEMS_DESIGN, error)))
    return FALSE;
  self->n_written += edits->n_written;
  self->n_refused += edits->n_refused;
  self->n_kept += edits->n_kept;
  self->n_skipped += edits->n_skipped;
  self->n_differing += edits->n_differing + edits->n_unsettled;
  self->n_newer += reprise_couch_edits_get_n_newer (edits);
  self->n_overwritten += edits->n_overwritten;
  if (self->refusal == NULL)
    self->refusal = g_strdup (edits->refusal);
  if (self->first_newer == NULL)
    self->first_newer = edits->first_newer;
  return TRUE;
}

/* All that is there comes to what was sent, or it is looked into: before the design documents, as the server begins to build indexes
 * when it gets them. @tally: what was sent */
static gboolean
compare_fresh (Restore *self, const RepriseCouchTally *tally, GError **error)
{
  RepriseCouchTally found = { { 0 } };

  if (!reprise_couch_tally_read (&found, self->client, self->goal->target, self->connections,
                                 self->progress, self->cancellable, error) ||
      !(reprise_couch_tally_is_equal (&found, tally) ||
        compare_some (self, REPRISE_COUCH_ITEMS_NONE, error)))
    return FALSE;
  self->is_fresh = FALSE;
  return write_designs (self, error) && compare_some (self, REPRISE_COUCH_ITEMS_DESIGN, error) &&
         end_database (self, error);
}

static gboolean
compare_database (Restore *self, const RepriseCouchTally *tally, GError **error)
{
  reprise_progress_set_message (self->progress, self->goal->target);
  self->is_fresh = self->edits == NULL && reprise_couch_goal_is_fresh (self->goal);
  if (self->is_fresh)
    {
      tell_what_stays (self);
      return compare_fresh (self, tally, error);
    }
  reprise_progress_set_stop_text (self->progress,
                                  _ ("All is written, and not yet compared with the backup."));
  if (self->edits != NULL)
    return compare_edits (self, error);
  return compare_some (self, REPRISE_COUCH_ITEMS_NONE, error) &&
         compare_some (self, REPRISE_COUCH_ITEMS_DESIGN, error);
}

static void
warn_of_newer (Restore *self)
{
  if (self->n_newer > 0)
    reprise_progress_warn_n (
      self->progress,
      "%" PRIu64 " document was changed while it was restored, and stays as it is: %s",
      "%" PRIu64 " documents were changed while they were restored, and stay as they are, the "
      "first: %s",
      self->n_newer, self->n_newer, self->first_newer);
  if (self->n_overwritten > 0)
    reprise_progress_warn_n (
      self->progress,
      "%" PRIu64 " version that was written during the restore was replaced, and is not "
      "in the safety copy: %s",
      "%" PRIu64 " versions that were written during the restore were replaced, and are "
      "not in the safety copy, the first: %s",
      self->n_overwritten, self->n_overwritten, self->first_newer);
}

static RepriseOutcome *
conclude (Restore *self, GPtrArray *goals, GError **error)
{
  const RepriseCouchGoal *first = goals->pdata[0];
  g_autofree char *written = NULL;
  RepriseOutcome *outcome;

  /* Where an answer was lost, the repetition is refused as a conflict: but all of it is there. */
  if (self->n_differing == 0)
    {
      self->n_written += self->n_refused;
      self->n_refused = 0;
    }
  self->n_refused += self->n_kept;
  if (self->n_refused > 0)
    reprise_progress_warn_n (self->progress, "The server refused %" PRIu64 " document: %s",
                             "The server refused %" PRIu64 " documents, the first: %s",
                             self->n_refused, self->n_refused,
                             self->refusal != NULL ? self->refusal : "");
  warn_of_newer (self);
  if (self->n_differing > 0 && self->n_refused == 0)
    {
      reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_FAILED,
                         ngettext ("%" PRIu64 " document on the server is not as in the backup",
                                   "%" PRIu64 " documents on the server are not as in the backup",
                                   (gulong) self->n_differing),
                         self->n_differing);
      return NULL;
    }
  if (self->n_written == 0 && self->n_refused > 0)
    {
      reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_FAILED,
                         _ ("The server refused all documents. It says: %s"), self->refusal);
      return NULL;
    }
  written = reprise_say_n ("%" PRIu64 " revision written", "%" PRIu64 " revisions written",
                           self->n_written, self->n_written);
  if (goals->len == 1)
    /* Translators: “3 revisions written”, a database, and how many were there */
    outcome =
      reprise_outcome_say ("%s into “%s”; there already: %" PRIu64 "; read again and compared",
                           written, first->target, self->n_skipped);
  else
    /* Translators: “3 revisions written”, how many databases, and how many were there */
    outcome = reprise_outcome_say_n (
      "%s into %u database; there already: %" PRIu64 "; read again and compared",
      "%s into %u databases; there already: %" PRIu64 "; read again and compared", goals->len,
      written, goals->len, self->n_skipped);
  outcome->written = (gint64) self->n_written;
  outcome->failed = (gint64) (self->n_refused + self->n_newer);
  outcome->skipped = (gint64) self->n_skipped;
  return outcome;
}

static gint64
count_leaves (GPtrArray *goals)
{
  gint64 n = 0;

  for (guint i = 0; i < goals->len; i++)
    n += (gint64) reprise_couch_state_get_n_leaves (((RepriseCouchGoal *) goals->pdata[i])->state);
  return n;
}

/**
 * reprise_couch_restore_run:
 * @drawn: (nullable): what was read of a backup on the server, in place of one in the vault
 * @safety: what was saved before
 *
 * Carries @plan out. What the server has already is not sent again, so that a restore that was broken off can be repeated.
 *
 * Returns: (transfer full): how it ended, or %NULL with @error
 */
RepriseOutcome *
reprise_couch_restore_run (RepriseCouchClient *client,
                           ReprisePlan *plan,
                           const RepriseCouchDrawn *drawn,
                           guint connections,
                           const RepriseCouchSafety *safety,
                           RepriseJournal *journal,
                           RepriseProgress *progress,
                           GCancellable *cancellable,
                           GError **error)
{
  static const ReprisePhaseShare PHASES[] = { { REPRISE_PHASE_CHECKING, 5 },
                                              { REPRISE_PHASE_APPLYING, 60 },
                                              { REPRISE_PHASE_COMPARING, 35 } };
  g_autofree char *refusal = NULL;
  g_autoptr (RepriseHash) hash = reprise_hash_new ();
  g_autofree RepriseCouchTally *tallies = NULL;
  Restore self = { .client = client,
                   .plan = plan,
                   .connections = connections,
                   .safety = safety,
                   .journal = journal,
                   .progress = progress,
                   .cancellable = cancellable,
                   .hash = hash };
  g_autoptr (GPtrArray) goals = NULL;
  g_autoptr (GPtrArray) edits = g_ptr_array_new_with_free_func (clear_edits);
  RepriseOutcome *outcome = NULL;
  gboolean ok = TRUE;

  self.deletions = strcmp (get_option (&self, REPRISE_COUCH_OPTION_DELETIONS), "false") != 0;
  self.local = strcmp (get_option (&self, REPRISE_COUCH_OPTION_LOCAL), "true") == 0;
  self.others =
    strcmp (get_option (&self, REPRISE_COUCH_OPTION_OTHERS), REPRISE_COUCH_OTHERS_REMOVE) == 0;
  reprise_progress_set_plan (progress, PHASES, G_N_ELEMENTS (PHASES));
  reprise_progress_set_phase (progress, REPRISE_PHASE_CHECKING);
  goals = reprise_couch_goals_new (client, reprise_plan_get_archive (plan), drawn,
                                   reprise_plan_get_groups (plan), reprise_plan_get_options (plan),
                                   cancellable, error);
  if (goals == NULL)
    return NULL;
  reprise_progress_set_phase (progress, REPRISE_PHASE_APPLYING);
  reprise_progress_set_totals (progress, -1, count_leaves (goals));
  tallies = g_new0 (RepriseCouchTally, goals->len);
  for (guint i = 0; ok && i < goals->len; i++)
    {
      g_autoptr (GError) local = NULL;

      self.goal = goals->pdata[i];
      self.edits = make_edits (&self, self.goal, &local);
      g_ptr_array_add (edits, self.edits);
      if (local != NULL)
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return NULL;
        }
      self.tally = &tallies[i];
      self.is_fresh = reprise_couch_goal_is_fresh (self.goal);
      tell_what_stays (&self);
      ok = restore_database (&self, error);
    }
  reprise_progress_set_phase (progress, REPRISE_PHASE_COMPARING);
  reprise_progress_set_totals (progress, -1, count_leaves (goals));
  for (guint i = 0; ok && i < goals->len; i++)
    {
      self.goal = goals->pdata[i];
      self.edits = edits->pdata[i];
      ok = compare_database (&self, &tallies[i], error);
    }
  if (ok)
    outcome = conclude (&self, goals, error);
  refusal = self.refusal;
  return outcome;
}
