/* reprise-couch-server-roll-up.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "providers/couchdb/server/reprise-couch-aside.h"
#include "providers/couchdb/server/reprise-couch-compare.h"
#include "providers/couchdb/server/reprise-couch-merge.h"
#include "providers/couchdb/server/reprise-couch-server-backup.h"
#include "providers/couchdb/server/reprise-couch-server-roll-up.h"

#define DAY_MS (24 * 60 * 60 * G_GINT64_CONSTANT (1000))

/*
 * What a restart cut off → by database, what the tiers want → each delta is marked in the database that takes it in, replicated there,
 *   compared by ids and revisions, and only then called rolled up → what was rolled up, and whose time has come, is compared
 *   again and deleted
 */
typedef struct
{
  RepriseCouchServer *server;
  RepriseVault *vault;
  RepriseProgress *progress;
  GCancellable *cancellable;
  RepriseJournal *journal; /* (owned) (nullable) */
  GPtrArray *deltas;       /* (owned) (element-type RepriseCouchDelta) */
  gint64 now;
  guint n_made;
  guint n_deleted;
  gint64 size_bytes;
} Run;

static void
run_clear (Run *self)
{
  g_clear_object (&self->journal);
  g_clear_pointer (&self->deltas, g_ptr_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Run, run_clear)

static gboolean
load (Run *self, GError **error)
{
  g_clear_pointer (&self->deltas, g_ptr_array_unref);
  self->deltas = reprise_couch_server_list_deltas (self->server, self->cancellable, error);
  return self->deltas != NULL;
}

/* ---- what is deleted when ---- */

static gboolean
has_later (GPtrArray *deltas, const RepriseCouchDelta *delta)
{
  for (guint i = 0; i < deltas->len; i++)
    {
      const RepriseCouchDelta *other = deltas->pdata[i];

      if (other->reason == NULL && other->to > delta->to &&
          strcmp (other->source, delta->source) == 0)
        return TRUE;
    }
  return FALSE;
}

/* A baseline that another took the place of, and that is older than every tier reaches. */
static gint64
find_end (Run *self, const RepriseCouchDelta *delta, const RepriseCouchRetention *retention)
{
  g_autoptr (GPtrArray) segments = reprise_couch_deltas_get_segments (self->deltas, delta->source);
  g_autoptr (GPtrArray) removals = reprise_couch_tiers_list_removals (segments, retention);

  for (guint i = 0; i < removals->len; i++)
    {
      const RepriseCouchRemoval *removal = removals->pdata[i];

      if (removal->by == NULL && !removal->needed &&
          strcmp (removal->segment->run, delta->name) == 0)
        return removal->at;
    }
  return 0;
}

/* When a delta is deleted, or 0. What is not whole goes when there is a later one that is. */
static gint64
get_removal (Run *self, const RepriseCouchDelta *delta)
{
  RepriseCouchRetention retention;
  gint64 delay;

  reprise_couch_read_retention (self->server->service, delta->source, &retention);
  delay = retention.delay_days * DAY_MS;
  if (reprise_couch_deltas_find_roll_up (self->deltas, delta) != NULL)
    return (delta->rolled_at > 0 ? delta->rolled_at : self->now) + delay;
  if (delta->reason != NULL)
    return has_later (self->deltas, delta) ? delta->made + delay : 0;
  return find_end (self, delta, &retention);
}

/* ---- the preview ---- */

static GDateTime *
make_time (gint64 ms)
{
  return g_date_time_new_from_unix_utc (ms / 1000);
}

static RepriseCompactStep *
describe_deletion (Run *self, const RepriseCouchDelta *delta, gint64 at)
{
  RepriseTier tier = reprise_couch_tier_to_tier (delta->tier);
  RepriseCompactStep *step = reprise_compact_step_new (REPRISE_COMPACT_DELETE, tier);
  g_autoptr (GDateTime) point = make_time (delta->to);

  g_strfreev (step->collections);
  step->collections = g_new0 (char *, 2);
  step->collections[0] = g_strdup (delta->source);
  step->rolled_up = reprise_couch_deltas_find_roll_up (self->deltas, delta) != NULL;
  step->due = at <= self->now;
  step->deleted_at = make_time (at);
  if (!step->rolled_up && delta->reason == NULL)
    reprise_compact_step_add_lost (step, point);
  reprise_compact_step_add_source (step, delta->name, point, tier, delta->size_bytes, FALSE);
  return step;
}

/* (transfer full) (element-type RepriseCouchRollUp): what the tiers want of one database */
static GPtrArray *
list_roll_ups (Run *self, const char *source, RepriseCouchRetention *retention)
{
  g_autoptr (GPtrArray) segments = reprise_couch_deltas_get_segments (self->deltas, source);

  reprise_couch_read_retention (self->server->service, source, retention);
  return reprise_couch_tiers_plan (segments, retention);
}

/* ---- what belongs to them in the vault ---- */

/* Whether a point that there still is would be restored with it. */
static gboolean
is_aside_needed (Run *self, const char *service_folder, char **databases, gint64 at)
{
  for (guint i = 0; databases[i] != NULL; i++)
    for (guint j = 0; j < self->deltas->len; j++)
      {
        const RepriseCouchDelta *delta = self->deltas->pdata[j];
        g_autoptr (RepriseCouchAside) aside = NULL;

        if (delta->to < at || strcmp (delta->source, databases[i]) != 0)
          continue;
        aside = reprise_couch_aside_find (service_folder, databases[i], delta->to);
        if (aside != NULL && aside->at == at)
          return TRUE;
      }
  return FALSE;
}

/* (transfer full) (element-type RepriseBackup): what no backup on the server needs any more */
static GPtrArray *
list_stale_asides (Run *self, GError **error)
{
  const char *uuid = reprise_couch_server_get_uuid (self->server);
  g_autofree char *folder = g_build_filename (reprise_vault_get_path (self->vault), uuid, NULL);
  g_autoptr (GPtrArray) backups = reprise_vault_list (self->vault, uuid, self->cancellable, error);
  g_autoptr (GPtrArray) stale = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; backups != NULL && i < backups->len; i++)
    {
      g_autoptr (RepriseManifest) manifest =
        reprise_vault_read_manifest (self->vault, backups->pdata[i], NULL);
      const char *stamp = reprise_couch_aside_get_backup (manifest);
      g_auto (GStrv) databases = NULL;
      gint64 at;

      if (stamp == NULL || reprise_backup_get_kept (backups->pdata[i]) ||
          !reprise_couch_delta_parse_stamp (stamp, &at))
        continue;
      databases = reprise_couch_aside_list_databases (manifest);
      if (!is_aside_needed (self, folder, databases, at))
        g_ptr_array_add (stale, g_object_ref (backups->pdata[i]));
    }
  return backups != NULL ? g_steal_pointer (&stale) : NULL;
}

static gboolean
plan_asides (Run *self, RepriseCompactPlan *plan, GError **error)
{
  g_autoptr (GPtrArray) stale = list_stale_asides (self, error);

  for (guint i = 0; stale != NULL && i < stale->len; i++)
    {
      RepriseBackup *backup = stale->pdata[i];
      RepriseCompactStep *step =
        reprise_compact_step_new (REPRISE_COMPACT_DELETE, REPRISE_TIER_NONE);
      g_autoptr (RepriseManifest) manifest =
        reprise_vault_read_manifest (self->vault, backup, error);

      if (manifest == NULL)
        {
          reprise_compact_step_free (step);
          return FALSE;
        }
      g_strfreev (step->collections);
      step->collections = reprise_couch_aside_list_databases (manifest);
      step->rolled_up = TRUE;
      step->due = TRUE;
      step->deleted_at = make_time (self->now);
      reprise_compact_step_add_source (step, reprise_backup_get_id (backup),
                                       reprise_backup_get_created_at (backup), REPRISE_TIER_NONE,
                                       reprise_backup_get_size_bytes (backup), FALSE);
      reprise_compact_plan_take (plan, step);
    }
  return stale != NULL;
}

static gboolean
delete_asides (Run *self, GError **error)
{
  g_autoptr (GPtrArray) stale = list_stale_asides (self, error);

  for (guint i = 0; stale != NULL && i < stale->len; i++)
    {
      RepriseBackup *backup = stale->pdata[i];

      reprise_progress_log (self->progress, "%s: no backup on the server needs it",
                            reprise_backup_get_id (backup));
      if (!reprise_vault_delete (self->vault, backup, self->cancellable, error))
        return FALSE;
      self->n_deleted++;
      self->size_bytes += MAX (reprise_backup_get_size_bytes (backup), 0);
    }
  return stale != NULL;
}

/* Adds what reprise_couch_server_roll_up() would do. */
gboolean
reprise_couch_server_plan_roll_up (RepriseCouchServer *server,
                                   RepriseVault *vault,
                                   RepriseCompactPlan *plan,
                                   gint64 now,
                                   GCancellable *cancellable,
                                   GError **error)
{
  g_auto (Run) self = { .server = server, .vault = vault, .cancellable = cancellable, .now = now };
  g_auto (GStrv) sources = NULL;

  if (!load (&self, error))
    return FALSE;
  sources = reprise_couch_deltas_list_sources (self.deltas);
  for (guint i = 0; sources[i] != NULL; i++)
    {
      RepriseCouchRetention retention;
      g_autoptr (GPtrArray) roll_ups = list_roll_ups (&self, sources[i], &retention);

      for (guint j = 0; j < roll_ups->len; j++)
        reprise_compact_plan_take (
          plan, reprise_couch_roll_up_describe (roll_ups->pdata[j], &retention, now));
    }
  for (guint i = 0; i < self.deltas->len; i++)
    {
      gint64 at = get_removal (&self, self.deltas->pdata[i]);

      if (at > 0)
        reprise_compact_plan_take (plan, describe_deletion (&self, self.deltas->pdata[i], at));
    }
  return plan_asides (&self, plan, error);
}

/* ---- rolling up ---- */

static gboolean
write_record (Run *self, const RepriseCouchDelta *delta, GError **error)
{
  return reprise_couch_delta_write (delta, self->server->away, self->cancellable, error);
}

/* All that @delta holds is in @target. */
static gboolean
compare (Run *self, const RepriseCouchDelta *delta, const RepriseCouchDelta *target, GError **error)
{
  guint64 n = 0;

  if (!reprise_couch_compare_databases (self->server->away, delta->name, self->server->away,
                                        target->name, &n, self->progress, self->cancellable, error))
    return FALSE;
  reprise_progress_log (self->progress,
                        "%s: %" G_GUINT64_FORMAT " documents, each with its revisions in %s",
                        delta->name, n, target->name);
  return TRUE;
}

static void
take_names (RepriseCouchDelta *target, const RepriseCouchDelta *delta)
{
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();

  g_strv_builder_addv (names, (const char **) target->rolled);
  g_strv_builder_add (names, delta->name);
  g_strv_builder_addv (names, (const char **) delta->rolled);
  g_strfreev (target->rolled);
  target->rolled = g_strv_builder_end (names);
}

static void
set_text (char **to, const char *text)
{
  g_free (*to);
  *to = g_strdup (text);
}

/* @target is at the point of @delta now, and the next increment would begin where that one ended. */
static gboolean
take_point (Run *self, RepriseCouchDelta *target, const RepriseCouchDelta *delta, GError **error)
{
  g_autoptr (RepriseCouchInfo) info =
    reprise_couch_client_get_info (self->server->away, target->name, self->cancellable, error);

  if (info == NULL)
    return FALSE;
  target->to = delta->to;
  target->made = self->now;
  target->doc_count = info->doc_count;
  target->doc_del_count = info->doc_del_count;
  target->size_bytes = info->size_bytes;
  set_text (&target->server, delta->server);
  set_text (&target->created, delta->created);
  set_text (&target->purge_seq, delta->purge_seq);
  set_text (&target->sequence, delta->sequence);
  set_text (&target->sequence_origin, delta->sequence_origin);
  g_clear_pointer (&target->rolling, g_free);
  take_names (target, delta);
  return write_record (self, target, error);
}

/* A target that is there is marked first: until the end, its own point cannot be restored. */
static gboolean
roll_in (Run *self,
         RepriseCouchDelta *target,
         gboolean is_new,
         RepriseCouchDelta *delta,
         GError **error)
{
  const RepriseCouchEnd from = { self->server->away, self->server->away_address, delta->name };
  const RepriseCouchEnd to = { self->server->away, self->server->away_address, target->name };
  g_autoptr (RepriseCouchInfo) info = NULL;

  if (is_new)
    {
      g_autoptr (RepriseCouchInfo) left =
        reprise_couch_client_get_info (self->server->away, target->name, self->cancellable, NULL);

      /* one that is there without saying what it is was begun before a restart */
      info = left == NULL ? reprise_couch_client_get_info (self->server->away, delta->name,
                                                           self->cancellable, error)
                          : NULL;
      if (left == NULL && info == NULL)
        return FALSE;
    }
  else
    {
      set_text (&target->rolling, delta->name);
      if (!write_record (self, target, error))
        return FALSE;
    }
  if (!reprise_couch_merge (self->server->away, &from, &to, info, self->journal, self->progress,
                            self->cancellable, error) ||
      !compare (self, delta, target, error) || !take_point (self, target, delta, error))
    return FALSE;
  delta->rolled_at = self->now;
  return write_record (self, delta, error);
}

/* Into the one that is of that tier already, else into a new one. */
static gboolean
roll_up (Run *self, const RepriseCouchRollUp *plan, GError **error)
{
  const RepriseCouchSegment *first = plan->sources->pdata[0];
  const RepriseCouchSegment *last = plan->sources->pdata[plan->sources->len - 1];
  gboolean in_place = first->tier == plan->tier;
  g_autoptr (RepriseCouchDelta) made =
    reprise_couch_delta_new (reprise_couch_server_get_uuid (self->server), plan->database,
                             plan->tier, first->from, last->to);
  RepriseCouchDelta *target =
    in_place ? reprise_couch_deltas_find (self->deltas, first->run) : made;

  for (guint i = in_place ? 1 : 0; i < plan->sources->len; i++)
    {
      const RepriseCouchSegment *source = plan->sources->pdata[i];
      RepriseCouchDelta *delta = reprise_couch_deltas_find (self->deltas, source->run);

      reprise_progress_set_message (self->progress, delta->name);
      if (!roll_in (self, target, !in_place && i == 0, delta, error))
        {
          reprise_error_prefix (error, "%s: ", delta->name);
          return FALSE;
        }
    }
  self->n_made++;
  return TRUE;
}

static gboolean
roll_up_all (Run *self, GError **error)
{
  g_auto (GStrv) sources = reprise_couch_deltas_list_sources (self->deltas);

  for (guint i = 0; sources[i] != NULL; i++)
    {
      RepriseCouchRetention retention;
      g_autoptr (GPtrArray) plans = list_roll_ups (self, sources[i], &retention);

      for (guint j = 0; j < plans->len; j++)
        if (!roll_up (self, plans->pdata[j], error))
          return FALSE;
    }
  return TRUE;
}

/* A roll-up that was cut off: what it began with is the oldest delta still, so it is done again from there. */
static gboolean
finish_begun (Run *self, GError **error)
{
  for (guint i = 0; i < self->deltas->len; i++)
    {
      RepriseCouchDelta *target = self->deltas->pdata[i];
      RepriseCouchDelta *delta =
        target->rolling != NULL ? reprise_couch_deltas_find (self->deltas, target->rolling) : NULL;

      if (delta == NULL)
        continue;
      if (!roll_in (self, target, FALSE, delta, error))
        return FALSE;
      self->n_made++;
    }
  return TRUE;
}

/* ---- cleaning up ---- */

/* Nothing is deleted before it was seen once more to be elsewhere. */
static gboolean
delete_delta (Run *self, const RepriseCouchDelta *delta, GError **error)
{
  RepriseCouchDelta *holder = reprise_couch_deltas_find_roll_up (self->deltas, delta);
  RepriseCouchDelta *next = holder;

  while (next != NULL)
    {
      holder = next;
      next = reprise_couch_deltas_find_roll_up (self->deltas, holder);
    }
  if (holder != NULL && !compare (self, delta, holder, error))
    return FALSE;
  if (!reprise_couch_client_delete_database (self->server->away, delta->name, self->cancellable,
                                             error))
    return FALSE;
  reprise_progress_log (self->progress, "%s deleted", delta->name);
  self->n_deleted++;
  self->size_bytes += MAX (delta->size_bytes, 0);
  return TRUE;
}

static gboolean
clean_up (Run *self, GError **error)
{
  reprise_progress_set_phase (self->progress, REPRISE_PHASE_DELETING);
  for (guint i = 0; i < self->deltas->len; i++)
    {
      RepriseCouchDelta *delta = self->deltas->pdata[i];
      gint64 at = get_removal (self, delta);

      if (at == 0)
        continue;
      if (delta->rolled_at == 0 && reprise_couch_deltas_find_roll_up (self->deltas, delta) != NULL)
        {
          delta->rolled_at = self->now; /* a restart came between */
          if (!write_record (self, delta, error))
            return FALSE;
        }
      if (at <= self->now && !delete_delta (self, delta, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
open_journal (Run *self, GError **error)
{
  g_autoptr (GError) local = NULL;

  self->journal =
    reprise_journal_create (reprise_couch_server_get_uuid (self->server), "roll-up", &local);
  if (self->journal == NULL && !g_error_matches (local, G_IO_ERROR, G_IO_ERROR_EXISTS))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  return self->journal == NULL ||
         reprise_journal_set (self->journal, REPRISE_COUCH_KEY_ROLL_UP, "true", error);
}

/**
 * reprise_couch_server_roll_up:
 * @now: milliseconds since 1970
 * @n_made, @n_deleted, @size_bytes: (inout): counted up
 *
 * Rolls up on the server by the service's settings, and deletes what was rolled up and whose date has come.
 */
gboolean
reprise_couch_server_roll_up (RepriseCouchServer *server,
                              RepriseVault *vault,
                              gint64 now,
                              guint *n_made,
                              guint *n_deleted,
                              gint64 *size_bytes,
                              RepriseProgress *progress,
                              GCancellable *cancellable,
                              GError **error)
{
  g_auto (Run) self = {
    .server = server, .vault = vault, .progress = progress, .cancellable = cancellable, .now = now
  };
  gboolean ok;

  reprise_progress_set_phase (progress, REPRISE_PHASE_WRITING);
  reprise_progress_set_stop_text (
    progress, _ ("Backups on the server stay; what was begun is finished by the next roll-up."));
  if (!reprise_couch_server_settle (server, progress, cancellable, error) || !load (&self, error) ||
      !open_journal (&self, error))
    return FALSE;
  ok = finish_begun (&self, error) && roll_up_all (&self, error) && load (&self, error) &&
       clean_up (&self, error) && load (&self, error) && delete_asides (&self, error);
  if (self.journal != NULL && !reprise_journal_close (self.journal, NULL))
    reprise_progress_log (progress, "the journal of the roll-up could not be removed");
  *n_made += self.n_made;
  *n_deleted += self.n_deleted;
  *size_bytes += self.size_bytes;
  return ok;
}
