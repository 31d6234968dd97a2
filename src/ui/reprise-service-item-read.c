/* reprise-service-item-read.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "reprise-ui"

#include "config.h"

#include "base/reprise-error.h"
#include "provider/reprise-standing.h"
#include "reprise-service-item-private.h"

#define MAX_RUNS 50 /* that the status is made from */
#define OLD_AGE_US \
  (5 * 60 * G_USEC_PER_SEC) /* after which what a service said is asked for again */

static gboolean
same_time (GDateTime *a, GDateTime *b)
{
  return a == b || (a != NULL && b != NULL && g_date_time_equal (a, b));
}

/* Whether the two are the same backup in the same state, so that its row can stay as it is. */
static gboolean
same_backup (RepriseBackup *a, RepriseBackup *b)
{
  return g_strcmp0 (reprise_backup_get_id (a), reprise_backup_get_id (b)) == 0 &&
         reprise_backup_get_state (a) == reprise_backup_get_state (b) &&
         reprise_backup_get_size_bytes (a) == reprise_backup_get_size_bytes (b) &&
         reprise_backup_get_kept (a) == reprise_backup_get_kept (b) &&
         reprise_backup_get_tier (a) == reprise_backup_get_tier (b) &&
         same_time (reprise_backup_get_leaving_at (a), reprise_backup_get_leaving_at (b)) &&
         reprise_backup_get_on_service (a) == reprise_backup_get_on_service (b) &&
         reprise_backup_get_in_vault (a) == reprise_backup_get_in_vault (b) &&
         reprise_backup_get_groups (a) == reprise_backup_get_groups (b) &&
         reprise_backup_get_in_progress (a) == reprise_backup_get_in_progress (b) &&
         g_strcmp0 (reprise_backup_get_note (a), reprise_backup_get_note (b)) == 0 &&
         g_strcmp0 (reprise_backup_get_damage (a), reprise_backup_get_damage (b)) == 0 &&
         same_time (reprise_backup_get_verified_at (a), reprise_backup_get_verified_at (b));
}

static gboolean
same_at (RepriseServiceItem *self, guint position, RepriseBackup *backup)
{
  g_autoptr (RepriseBackup) old = g_list_model_get_item (G_LIST_MODEL (self->backups), position);

  return same_backup (old, backup);
}

/* Takes the new list over by changing only what differs, so that a list that is being looked at stays where it is. */
static void
take_backups (RepriseServiceItem *self, GPtrArray *backups)
{
  guint n_old = g_list_model_get_n_items (G_LIST_MODEL (self->backups));
  guint head = 0, tail = 0;

  while (head < n_old && head < backups->len && same_at (self, head, backups->pdata[head]))
    head++;
  while (tail < n_old - head && tail < backups->len - head &&
         same_at (self, n_old - tail - 1, backups->pdata[backups->len - tail - 1]))
    tail++;
  if (backups->len == 0) /* and then no address either */
    g_list_store_remove_all (self->backups);
  else if (head + tail < n_old || head + tail < backups->len)
    g_list_store_splice (self->backups, head, n_old - head - tail, backups->pdata + head,
                         backups->len - head - tail);
}

/* What the history says of a service. */
typedef struct
{
  GPtrArray *runs;         /* (owned) (nullable) */
  RepriseSeen *seen;       /* (owned) (nullable) */
  RepriseWaiting *waiting; /* (owned) (nullable) */
  GDateTime *access_end;   /* (owned) (nullable) */
} News;

/* Whose news are read, by a worker. */
typedef struct
{
  RepriseContext *context; /* (owned) */
  RepriseService *service; /* (owned): a copy */
} Of;

static void
of_free (gpointer data)
{
  Of *of = data;

  g_object_unref (of->context);
  g_object_unref (of->service);
  g_free (of);
}

static void
news_free (gpointer data)
{
  News *news = data;

  g_clear_pointer (&news->runs, g_ptr_array_unref);
  g_clear_pointer (&news->seen, reprise_seen_free);
  g_clear_pointer (&news->waiting, reprise_waiting_free);
  g_clear_pointer (&news->access_end, g_date_time_unref);
  g_free (news);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (News, news_free)

static void
runs_worker (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Of *of = data;
  RepriseService *service = of->service;
  const char *uuid = reprise_service_get_uuid (service);
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autoptr (GTimeZone) zone = g_time_zone_new_local ();
  g_autoptr (News) news = g_new0 (News, 1);
  GError *error = NULL;
  RepriseRun *rehearsal;

  news->runs = reprise_history_list (source, uuid, NULL, 0, MAX_RUNS, &error);
  if (news->runs == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  /* it may lie further back than the latest ones */
  rehearsal = reprise_history_find_last (source, uuid, REPRISE_JOB_REHEARSE, NULL);
  if (rehearsal != NULL)
    g_ptr_array_add (news->runs, rehearsal);
  reprise_seen_read (source, uuid, &news->seen, NULL);
  news->waiting = reprise_waiting_read (source, service, now, zone, NULL);
  news->access_end = reprise_standing_read_access_end (of->context, service, cancellable);
  g_task_return_pointer (task, g_steal_pointer (&news), news_free);
}

/* (nullable): of the latest run, in the newest first */
static const char *
get_latest_id (GPtrArray *runs)
{
  return runs->len > 0 ? reprise_run_get_id (runs->pdata[0]) : NULL;
}

/* Returns: whether a run came that was not there before */
static gboolean
take_runs (RepriseServiceItem *self, GAsyncResult *result)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (News) news = g_task_propagate_pointer (G_TASK (result), &error);
  gboolean is_new;

  if (error != NULL && !reprise_error_is_stop (error))
    g_warning ("The history could not be read: %s", error->message);
  if (news == NULL)
    return FALSE;
  self->runs_known = TRUE;
  is_new = g_strcmp0 (get_latest_id (news->runs), get_latest_id (self->runs)) != 0;
  g_ptr_array_unref (self->runs);
  self->runs = g_steal_pointer (&news->runs);
  g_clear_pointer (&self->seen, reprise_seen_free);
  self->seen = g_steal_pointer (&news->seen);
  g_clear_pointer (&self->waiting, reprise_waiting_free);
  self->waiting = g_steal_pointer (&news->waiting);
  g_clear_pointer (&self->access_end, g_date_time_unref);
  self->access_end = g_steal_pointer (&news->access_end);
  return is_new;
}

static void read_backups (RepriseServiceItem *self, gboolean ask_service);

/* What nobody has ever asked for its own backups is asked once, before it is called never backed up. */
static void
ask_if_unknown (RepriseServiceItem *self)
{
  if (!self->known || !self->runs_known || self->was_asked || self->asked_at != 0 ||
      !reprise_service_item_is_unsure (self))
    return;
  self->was_asked = TRUE;
  read_backups (self, TRUE);
}

static void
runs_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (RepriseServiceItem) self = data;

  reprise_service_item_add_reading (self, -1);
  take_runs (self, result);
  if (g_cancellable_is_cancelled (self->cancellable))
    return;
  ask_if_unknown (self);
  reprise_service_item_emit_changed (self);
}

static void
read_runs (RepriseServiceItem *self, GAsyncReadyCallback callback)
{
  RepriseHistory *history = reprise_context_get_history (self->context);
  g_autoptr (GTask) task = g_task_new (history, self->cancellable, callback, g_object_ref (self));
  Of *of = g_new0 (Of, 1);

  of->context = g_object_ref (self->context);
  of->service = reprise_service_copy (self->service);
  g_task_set_task_data (task, of, of_free);
  g_task_run_in_thread (task, runs_worker);
}

static gboolean
has_backup (GPtrArray *backups, RepriseBackup *wanted)
{
  for (guint i = 0; i < backups->len; i++)
    {
      const char *own_name = reprise_backup_get_own_name (backups->pdata[i]);

      if (g_strcmp0 (reprise_backup_get_id (backups->pdata[i]), reprise_backup_get_id (wanted)) ==
            0 ||
          (own_name != NULL && g_strcmp0 (own_name, reprise_backup_get_own_name (wanted)) == 0))
        return TRUE;
    }
  return FALSE;
}

/* The service was not asked this time, or did not answer: what it said last still holds. */
static void
add_known_on_service (RepriseServiceItem *self, GPtrArray *backups)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->backups)), n_before = backups->len;

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (RepriseBackup) backup = g_list_model_get_item (G_LIST_MODEL (self->backups), i);

      if (reprise_backup_get_on_service (backup) && !reprise_backup_get_in_vault (backup) &&
          !has_backup (backups, backup))
        g_ptr_array_add (backups, g_steal_pointer (&backup));
    }
  if (backups->len > n_before)
    g_ptr_array_sort (backups, reprise_backup_compare_newest);
}

static void
take_list (RepriseServiceItem *self, GAsyncResult *result, gboolean asked)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *warning = NULL;
  g_autoptr (GPtrArray) backups =
    reprise_context_list_backups_finish (self->context, result, &warning, &error);

  reprise_service_item_add_reading (self, -1);
  if (error != NULL && reprise_error_is_stop (error))
    return;
  g_free (self->warning);
  self->warning = g_strdup (error != NULL ? error->message : warning);
  if (backups != NULL)
    {
      if (!asked || warning != NULL)
        add_known_on_service (self, backups);
      take_backups (self, backups);
    }
  self->known = TRUE;
  if (asked && self->warning == NULL)
    self->answered = TRUE;
  ask_if_unknown (self);
  reprise_service_item_emit_changed (self);
}

static void
local_backups_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (RepriseServiceItem) self = data;

  take_list (self, result, FALSE);
}

static void
all_backups_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (RepriseServiceItem) self = data;

  take_list (self, result, TRUE);
}

static void
read_backups (RepriseServiceItem *self, gboolean ask_service)
{
  gboolean ask = ask_service && reprise_service_item_can (self, REPRISE_CAN_LIST_ON_SERVICE);

  reprise_service_item_add_reading (self, 1);
  reprise_context_list_backups_async (self->context, self->service, ask, NULL, self->cancellable,
                                      ask ? all_backups_cb : local_backups_cb, g_object_ref (self));
}

static void
groups_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (RepriseServiceItem) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseContents) contents =
    reprise_context_list_groups_finish (self->context, result, &error);

  reprise_service_item_add_reading (self, -1);
  if (error != NULL && reprise_error_is_stop (error))
    return;
  if (contents != NULL)
    g_set_object (&self->contents, contents);
  g_clear_error (&self->error);
  self->error = g_steal_pointer (&error);
  reprise_service_item_emit_changed (self);
}

/* That what is backed up is not there is an answer too: there may be backups of it. */
static gboolean
is_missing (RepriseServiceItem *self)
{
  return g_error_matches (self->error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND);
}

/* Only a service that answers is asked for more. */
static void
probed_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (RepriseServiceItem) self = data;
  g_autoptr (GError) error = NULL;
  RepriseProbe *probe = reprise_context_probe_finish (self->context, result, &error);

  reprise_service_item_add_reading (self, -1);
  if (error != NULL && reprise_error_is_stop (error))
    return;
  g_clear_error (&self->error);
  if (probe != NULL)
    {
      g_clear_pointer (&self->probe, reprise_probe_free);
      self->probe = probe;
      reprise_service_item_add_reading (self, 1);
      reprise_context_list_groups_async (self->context, self->service, NULL, self->cancellable,
                                         groups_cb, g_object_ref (self));
    }
  self->error = g_steal_pointer (&error);
  if (probe != NULL || is_missing (self))
    read_backups (self, TRUE);
  reprise_service_item_emit_changed (self);
}

/**
 * reprise_service_item_read:
 * @ask_service: also ask the service itself: version, groups, backups that lie there
 *
 * Reads everything again.
 */
void
reprise_service_item_read (RepriseServiceItem *self, gboolean ask_service)
{
  reprise_service_item_add_reading (self, 1);
  read_runs (self, runs_cb);
  read_backups (self, FALSE);
  if (!ask_service || self->kind == NULL)
    return;
  self->asked_at = g_get_monotonic_time ();
  reprise_service_item_add_reading (self, 1);
  reprise_context_probe_async (self->context, self->service, NULL, self->cancellable, probed_cb,
                               g_object_ref (self));
}

/* Somebody looks at the service: what it said some minutes ago is good enough. */
void
reprise_service_item_read_if_old (RepriseServiceItem *self)
{
  if (self->asked_at == 0 || g_get_monotonic_time () - self->asked_at > OLD_AGE_US)
    reprise_service_item_read (self, TRUE);
}

/* (transfer full): what is shown of both, to see whether it is another */
static char *
describe_outlook (RepriseServiceItem *self)
{
  g_autofree char *waiting = self->waiting != NULL ? reprise_waiting_to_text (self->waiting) : NULL;
  g_autofree char *newest = self->seen != NULL && self->seen->newest_at != NULL
                              ? g_date_time_format_iso8601 (self->seen->newest_at)
                              : NULL;

  return g_strconcat (waiting != NULL ? waiting : "", "\n", newest, NULL);
}

static void
news_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (RepriseServiceItem) self = data;
  g_autofree char *before = describe_outlook (self);
  gboolean is_new = take_runs (self, result);
  g_autofree char *after = describe_outlook (self);

  if (g_cancellable_is_cancelled (self->cancellable))
    return;
  if (is_new)
    reprise_service_item_read (self, self->probe != NULL || is_missing (self));
  else if (!g_str_equal (before, after))
    reprise_service_item_emit_changed (self);
}

/* The history was written by somebody: reads everything again where a job of this service ended. */
void
reprise_service_item_read_if_new (RepriseServiceItem *self)
{
  read_runs (self, news_cb);
}
