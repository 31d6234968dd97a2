/* reprise-service-item.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "reprise-ui"

#include "config.h"

#include "base/reprise-time.h"
#include "provider/reprise-rehearsal.h"
#include "provider/reprise-standing.h"
#include "reprise-service-item-private.h"

G_DEFINE_FINAL_TYPE (RepriseServiceItem, reprise_service_item, G_TYPE_OBJECT)

typedef enum
{
  PROP_SERVICE = 1,
  PROP_NAME,
  PROP_KIND_TITLE,
  PROP_ICON_NAME,
  PROP_STATUS,
  PROP_LINE,
  PROP_NEEDS_ATTENTION,
  PROP_JOB,
  PROP_READING,
} RepriseServiceItemProperty;

static GParamSpec *properties[PROP_READING + 1];

enum
{
  CHANGED,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

/* (transfer container) (element-type RepriseRun): from which the status follows: where nothing can be rehearsed any more, that the last
 * rehearsal failed is nothing that anybody could mend */
static GPtrArray *
list_telling_runs (RepriseServiceItem *self)
{
  g_autofree char *obstacle = reprise_service_item_explain_no_rehearsal (self);
  GPtrArray *runs = g_ptr_array_new ();

  for (guint i = 0; i < self->runs->len; i++)
    if (obstacle == NULL || reprise_run_get_kind (self->runs->pdata[i]) != REPRISE_JOB_REHEARSE)
      g_ptr_array_add (runs, self->runs->pdata[i]);
  return runs;
}

/* (transfer none) (nullable): the newest of those that are dated ahead, or that are not; the list has the former before the latter */
static RepriseBackup *
find_last (RepriseServiceItem *self, gboolean ahead, GDateTime *now)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->backups));

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (RepriseBackup) backup = g_list_model_get_item (G_LIST_MODEL (self->backups), i);
      GDateTime *made = reprise_backup_get_created_at (backup);

      gboolean is_ahead = made != NULL && reprise_time_is_ahead (made, now);

      if (reprise_seen_counts (backup, FALSE) && is_ahead == ahead)
        return backup; /* the store holds it */
      if (ahead && !is_ahead && !reprise_backup_get_in_progress (backup))
        return NULL;
    }
  return NULL;
}

/* Makes the status anew: something happened, or time went by. */
void
reprise_service_item_update_status (RepriseServiceItem *self)
{
  RepriseBackup *last = reprise_service_item_get_last_backup (self);
  RepriseStatus *old = self->status;
  g_autoptr (GPtrArray) runs = list_telling_runs (self);
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autoptr (GTimeZone) zone = g_time_zone_new_local ();
  RepriseStatusFacts facts = {
    .now = now,
    .known = self->known && (!reprise_service_item_is_unsure (self) ||
                             (self->asked_at != 0 && self->n_reading == 0)),
    .job = self->job,
    .runs = (RepriseRun *const *) runs->pdata,
    .n_runs = runs->len,
    .reach = self->error,
    .access_end = self->access_end,
    .overdue_days = reprise_standing_get_overdue_days (
      self->service, reprise_context_get_preferences (self->context), now, zone),
    .paused = reprise_standing_is_paused (self->service),
  };

  reprise_standing_tell_last (&facts, last, find_last (self, TRUE, now), self->seen);
  self->status = reprise_status_new (&facts);
  if (old != NULL && g_str_equal (old->title, self->status->title) &&
      g_str_equal (old->line, self->status->line) &&
      g_str_equal (old->subtitle, self->status->subtitle) && old->state == self->status->state)
    {
      reprise_status_free (old);
      return;
    }
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_STATUS]);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_LINE]);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ICON_NAME]);
  if (old == NULL || old->needs_attention != self->status->needs_attention)
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_NEEDS_ATTENTION]);
  g_clear_pointer (&old, reprise_status_free);
}

void
reprise_service_item_emit_changed (RepriseServiceItem *self)
{
  reprise_service_item_update_status (self);
  g_signal_emit (self, signals[CHANGED], 0);
}

void
reprise_service_item_add_reading (RepriseServiceItem *self, int n)
{
  gboolean was = self->n_reading > 0;

  self->n_reading = (guint) ((int) self->n_reading + n);
  if (was != (self->n_reading > 0))
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_READING]);
}

/* Lets go of what is being read; the item is on its way out. */
void
reprise_service_item_cancel (RepriseServiceItem *self)
{
  g_cancellable_cancel (self->cancellable);
}

static void
service_changed_cb (RepriseServiceItem *self)
{
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_NAME]);
  reprise_service_item_emit_changed (self);
}

static void
reprise_service_item_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  RepriseServiceItem *self = REPRISE_SERVICE_ITEM (object);

  switch ((RepriseServiceItemProperty) id)
    {
    case PROP_SERVICE:
      g_value_set_object (value, self->service);
      break;
    case PROP_NAME:
      g_value_set_string (value, reprise_service_item_get_name (self));
      break;
    case PROP_KIND_TITLE:
      g_value_set_string (value, self->kind != NULL ? reprise_kind_get_title (self->kind)
                                                    : reprise_service_get_kind (self->service));
      break;
    case PROP_ICON_NAME:
      g_value_set_string (value, self->status->needs_attention || self->kind == NULL
                                   ? self->status->icon_name
                                   : reprise_kind_get_icon_name (self->kind));
      break;
    case PROP_STATUS:
      g_value_set_boxed (value, self->status);
      break;
    case PROP_LINE:
      g_value_set_string (value, self->status->line);
      break;
    case PROP_NEEDS_ATTENTION:
      g_value_set_boolean (value, self->status->needs_attention);
      break;
    case PROP_JOB:
      g_value_set_object (value, self->job);
      break;
    case PROP_READING:
      g_value_set_boolean (value, self->n_reading > 0);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
reprise_service_item_dispose (GObject *object)
{
  RepriseServiceItem *self = REPRISE_SERVICE_ITEM (object);

  if (self->job != NULL)
    g_signal_handlers_disconnect_by_data (self->job, self);
  g_clear_object (&self->job);
  G_OBJECT_CLASS (reprise_service_item_parent_class)->dispose (object);
}

static void
reprise_service_item_finalize (GObject *object)
{
  RepriseServiceItem *self = REPRISE_SERVICE_ITEM (object);

  g_clear_object (&self->context);
  g_clear_object (&self->service);
  g_clear_object (&self->kind);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->backups);
  g_clear_pointer (&self->runs, g_ptr_array_unref);
  g_clear_pointer (&self->seen, reprise_seen_free);
  g_clear_pointer (&self->access_end, g_date_time_unref);
  g_clear_pointer (&self->waiting, reprise_waiting_free);
  g_clear_object (&self->contents);
  g_clear_pointer (&self->probe, reprise_probe_free);
  g_clear_error (&self->error);
  g_clear_pointer (&self->warning, g_free);
  g_clear_pointer (&self->status, reprise_status_free);
  G_OBJECT_CLASS (reprise_service_item_parent_class)->finalize (object);
}

static void
reprise_service_item_class_init (RepriseServiceItemClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->dispose = reprise_service_item_dispose;
  object_class->finalize = reprise_service_item_finalize;
  object_class->get_property = reprise_service_item_get_property;
  properties[PROP_SERVICE] =
    g_param_spec_object ("service", NULL, NULL, REPRISE_TYPE_SERVICE, flags);
  properties[PROP_NAME] = g_param_spec_string ("name", NULL, NULL, NULL, flags);
  properties[PROP_KIND_TITLE] = g_param_spec_string ("kind-title", NULL, NULL, NULL, flags);
  properties[PROP_ICON_NAME] = g_param_spec_string ("icon-name", NULL, NULL, NULL, flags);
  properties[PROP_STATUS] = g_param_spec_boxed ("status", NULL, NULL, REPRISE_TYPE_STATUS, flags);
  properties[PROP_LINE] = g_param_spec_string ("line", NULL, NULL, NULL, flags);
  properties[PROP_NEEDS_ATTENTION] =
    g_param_spec_boolean ("needs-attention", NULL, NULL, FALSE, flags);
  properties[PROP_JOB] = g_param_spec_object ("job", NULL, NULL, REPRISE_TYPE_JOB, flags);
  properties[PROP_READING] = g_param_spec_boolean ("reading", NULL, NULL, FALSE, flags);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
  signals[CHANGED] = g_signal_new ("changed", REPRISE_TYPE_SERVICE_ITEM, G_SIGNAL_RUN_LAST, 0, NULL,
                                   NULL, NULL, G_TYPE_NONE, 0);
}

static void
reprise_service_item_init (RepriseServiceItem *self)
{
  self->cancellable = g_cancellable_new ();
  self->backups = g_list_store_new (REPRISE_TYPE_BACKUP);
  self->runs = g_ptr_array_new_with_free_func (g_object_unref);
}

RepriseServiceItem *
reprise_service_item_new (RepriseContext *context, RepriseService *service)
{
  RepriseServiceItem *self = g_object_new (REPRISE_TYPE_SERVICE_ITEM, NULL);

  self->context = g_object_ref (context);
  self->service = g_object_ref (service);
  g_set_object (&self->kind, reprise_registry_get (reprise_context_get_registry (context),
                                                   reprise_service_get_kind (service)));
  g_signal_connect_object (service, "changed", G_CALLBACK (service_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (service, "notify", G_CALLBACK (service_changed_cb), self,
                           G_CONNECT_SWAPPED);
  reprise_service_item_update_status (self);
  return self;
}

/**
 * reprise_service_item_set_job:
 * @job: (nullable): the job of the service that is active
 */
void
reprise_service_item_set_job (RepriseServiceItem *self, RepriseJob *job)
{
  if (self->job == job)
    return;
  if (self->job != NULL)
    g_signal_handlers_disconnect_by_data (self->job, self);
  g_set_object (&self->job, job);
  if (job != NULL)
    {
      g_signal_connect_object (job, "notify::status",
                               G_CALLBACK (reprise_service_item_update_status), self,
                               G_CONNECT_SWAPPED);
      g_signal_connect_object (job, "notify::question",
                               G_CALLBACK (reprise_service_item_update_status), self,
                               G_CONNECT_SWAPPED);
    }
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_JOB]);
  reprise_service_item_update_status (self);
}

RepriseContext *
reprise_service_item_get_context (RepriseServiceItem *self)
{
  return self->context;
}

RepriseService *
reprise_service_item_get_service (RepriseServiceItem *self)
{
  return self->service;
}

const char *
reprise_service_item_get_uuid (RepriseServiceItem *self)
{
  return reprise_service_get_uuid (self->service);
}

const char *
reprise_service_item_get_name (RepriseServiceItem *self)
{
  return reprise_service_get_name (self->service);
}

/* (transfer none) (nullable): %NULL where this version does not know the kind */
RepriseKind *
reprise_service_item_get_kind (RepriseServiceItem *self)
{
  return self->kind;
}

gboolean
reprise_service_item_can (RepriseServiceItem *self, RepriseCapabilities capability)
{
  return self->kind != NULL && reprise_kind_can (self->kind, capability);
}

/* Whether somebody signs in to it, beside the secrets of its settings. */
gboolean
reprise_service_item_needs_person (RepriseServiceItem *self)
{
  return self->kind != NULL &&
         reprise_kind_get_sign_in_ways (self->kind, reprise_service_get_settings (self->service)) !=
           REPRISE_SIGN_IN_NO_WAY;
}

const RepriseStatus *
reprise_service_item_get_status (RepriseServiceItem *self)
{
  return self->status;
}

gboolean
reprise_service_item_get_needs_attention (RepriseServiceItem *self)
{
  return self->status->needs_attention;
}

gboolean
reprise_service_item_get_reading (RepriseServiceItem *self)
{
  return self->n_reading > 0;
}

RepriseJob *
reprise_service_item_get_job (RepriseServiceItem *self)
{
  return self->job;
}

/* (transfer none) (element-type RepriseBackup): newest first */
GListModel *
reprise_service_item_get_backups (RepriseServiceItem *self)
{
  return G_LIST_MODEL (self->backups);
}

/* (transfer none) (nullable): the newest that counts, as reprise_seen_counts() has it. One that is dated ahead only where there is no
 * other */
RepriseBackup *
reprise_service_item_get_last_backup (RepriseServiceItem *self)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  RepriseBackup *last = find_last (self, FALSE, now);

  return last != NULL ? last : find_last (self, TRUE, now);
}

/* Whether it may have backups of its own that nobody has seen, and none that somebody has: it was not asked yet, or did not answer. */
gboolean
reprise_service_item_is_unsure (RepriseServiceItem *self)
{
  return self->seen == NULL && !self->answered &&
         reprise_service_item_get_last_backup (self) == NULL &&
         reprise_service_item_can (self, REPRISE_CAN_LIST_ON_SERVICE);
}

/* (nullable): what was last known of the backups on the service, where one of them is newer than the last that is listed */
const RepriseSeen *
reprise_service_item_get_newer_seen (RepriseServiceItem *self)
{
  RepriseBackup *last = reprise_service_item_get_last_backup (self);
  GDateTime *made = last != NULL ? reprise_backup_get_created_at (last) : NULL;
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();

  return reprise_seen_is_newer (self->seen, made, now) ? self->seen : NULL;
}

/* (nullable): what a backup that is due waits for */
const RepriseWaiting *
reprise_service_item_get_waiting (RepriseServiceItem *self)
{
  return self->waiting;
}

/* (transfer none) (nullable): the last restore, or what undid it */
RepriseRun *
reprise_service_item_get_last_restore (RepriseServiceItem *self)
{
  for (guint i = 0; i < self->runs->len; i++)
    if (reprise_run_get_kind (self->runs->pdata[i]) == REPRISE_JOB_RESTORE ||
        reprise_run_get_kind (self->runs->pdata[i]) == REPRISE_JOB_UNDO)
      return self->runs->pdata[i];
  return NULL;
}

/* (transfer none) (nullable): the restore that can still be undone: the last one, with a safety copy, and not undone yet */
RepriseRun *
reprise_service_item_get_undoable_run (RepriseServiceItem *self)
{
  if (!reprise_service_item_can (self, REPRISE_CAN_UNDO))
    return NULL;
  for (guint i = 0; i < self->runs->len; i++)
    {
      RepriseRun *run = self->runs->pdata[i];
      RepriseJobState state = reprise_run_get_state (run);

      if (reprise_run_get_kind (run) == REPRISE_JOB_UNDO &&
          (state == REPRISE_JOB_DONE || state == REPRISE_JOB_WARNINGS))
        return NULL;
      if (reprise_run_get_kind (run) == REPRISE_JOB_RESTORE &&
          reprise_run_get_safety_id (run) != NULL)
        return run;
    }
  return NULL;
}

/* (transfer none) (nullable): the latest rehearsal that ended */
RepriseRun *
reprise_service_item_get_rehearsal (RepriseServiceItem *self)
{
  for (guint i = 0; i < self->runs->len; i++)
    if (reprise_run_get_kind (self->runs->pdata[i]) == REPRISE_JOB_REHEARSE &&
        reprise_run_get_state (self->runs->pdata[i]) != REPRISE_JOB_STOPPED &&
        reprise_run_get_finished_at (self->runs->pdata[i]) != NULL)
      return self->runs->pdata[i];
  return NULL;
}

/* (transfer full) (nullable): why a restore of it cannot be rehearsed, a whole sentence */
char *
reprise_service_item_explain_no_rehearsal (RepriseServiceItem *self)
{
  return reprise_rehearsal_explain_missing (self->context, self->service);
}

/* (transfer none) (nullable): what the service holds, as far as it has been asked */
RepriseContents *
reprise_service_item_get_contents (RepriseServiceItem *self)
{
  return self->contents;
}

const RepriseProbe *
reprise_service_item_get_probe (RepriseServiceItem *self)
{
  return self->probe;
}

/* (nullable): why the service could not be asked */
const GError *
reprise_service_item_get_error (RepriseServiceItem *self)
{
  return self->error;
}

/* (nullable): why the list of backups is not whole */
const char *
reprise_service_item_get_warning (RepriseServiceItem *self)
{
  return self->warning;
}
