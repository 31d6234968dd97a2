/* reprise-agent-schedule.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "reprise-agent"

#include "config.h"

#include "base/reprise-error.h"
#include "base/reprise-thread.h"
#include "job/reprise-local-job.h"
#include "provider/reprise-runner.h"
#include "provider/reprise-waiting.h"
#include "reprise-agent-schedule.h"

#define LOOK_SECONDS     30
#define MAX_SIDE_BY_SIDE 2

/* A routine of a service whose time has come. */
typedef struct
{
  RepriseDue *due; /* (owned) */
  gboolean needs_network;
  RepriseWait wait;  /* what is in the way on this computer */
  gboolean gave_way; /* stopped because things changed: it stays due */
  gboolean ended;    /* and that is being written down */
} Turn;

struct _RepriseAgentSchedule
{
  GObject parent_instance;

  RepriseContext *context;           /* (owned) */
  RepriseQueue *queue;               /* (owned) */
  RepriseSurroundings *surroundings; /* (owned) */
  GHashTable *running;               /* (owned) (element-type RepriseJob Turn) */
  GHashTable *waiting;               /* (owned) (element-type utf8 RepriseWait): by UUID */
  GHashTable *noted;                 /* (owned) (element-type utf8 RepriseWait): as it is kept */
  GCancellable *cancellable;         /* (owned) */
  RepriseClockFunc clock;            /* (nullable) */
  gpointer clock_data;
  GTimeZone *zone; /* (owned) (nullable): for tests */
  guint timer;
  guint n_writing; /* ends that are being written down */
  gboolean looking;
  gboolean again;  /* something happened while it looked */
  gboolean ending; /* nothing more is begun */
  gboolean busy;   /* as it was told */
};

G_DEFINE_FINAL_TYPE (RepriseAgentSchedule, reprise_agent_schedule, G_TYPE_OBJECT)

typedef enum
{
  PROP_BUSY = 1,
} RepriseAgentScheduleProperty;

static GParamSpec *properties[PROP_BUSY + 1];
static guint looked_signal;

static void
turn_free (gpointer data)
{
  Turn *turn = data;

  g_clear_pointer (&turn->due, reprise_due_free);
  g_free (turn);
}

static void
reprise_agent_schedule_dispose (GObject *object)
{
  RepriseAgentSchedule *self = REPRISE_AGENT_SCHEDULE (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_handle_id (&self->timer, g_source_remove);
  G_OBJECT_CLASS (reprise_agent_schedule_parent_class)->dispose (object);
}

static void
reprise_agent_schedule_finalize (GObject *object)
{
  RepriseAgentSchedule *self = REPRISE_AGENT_SCHEDULE (object);

  g_clear_pointer (&self->running, g_hash_table_unref);
  g_clear_pointer (&self->waiting, g_hash_table_unref);
  g_clear_pointer (&self->noted, g_hash_table_unref);
  g_clear_object (&self->context);
  g_clear_object (&self->queue);
  g_clear_object (&self->surroundings);
  g_clear_object (&self->cancellable);
  g_clear_pointer (&self->zone, g_time_zone_unref);
  G_OBJECT_CLASS (reprise_agent_schedule_parent_class)->finalize (object);
}

static void
reprise_agent_schedule_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  switch ((RepriseAgentScheduleProperty) id)
    {
    case PROP_BUSY:
      g_value_set_boolean (value, REPRISE_AGENT_SCHEDULE (object)->busy);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
reprise_agent_schedule_class_init (RepriseAgentScheduleClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = reprise_agent_schedule_dispose;
  object_class->finalize = reprise_agent_schedule_finalize;
  object_class->get_property = reprise_agent_schedule_get_property;
  properties[PROP_BUSY] = g_param_spec_boolean (
    "busy", NULL, NULL, FALSE, G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
  looked_signal = g_signal_new ("looked", REPRISE_TYPE_AGENT_SCHEDULE, G_SIGNAL_RUN_LAST, 0, NULL,
                                NULL, NULL, G_TYPE_NONE, 1, G_TYPE_UINT);
}

static void
reprise_agent_schedule_init (RepriseAgentSchedule *self)
{
  self->cancellable = g_cancellable_new ();
  self->running = g_hash_table_new_full (NULL, NULL, g_object_unref, turn_free);
  self->waiting = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->noted = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
}

static void
update_busy (RepriseAgentSchedule *self)
{
  gboolean busy = self->looking || self->n_writing > 0;

  if (busy == self->busy)
    return;
  self->busy = busy;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_BUSY]);
}

static GDateTime *
get_now (RepriseAgentSchedule *self)
{
  return self->clock != NULL ? self->clock (self->clock_data) : g_date_time_new_now_utc ();
}

static GTimeZone *
get_zone (RepriseAgentSchedule *self)
{
  return self->zone != NULL ? g_time_zone_ref (self->zone) : g_time_zone_new_local ();
}

/* --- things change --- */

static RepriseWait
check_gate (RepriseAgentSchedule *self, gboolean needs_network)
{
  ReprisePreferences *preferences = reprise_context_get_preferences (self->context);
  g_autofree char *metered =
    reprise_preferences_dup_string (preferences, REPRISE_GATE_PREFERENCE_METERED);
  g_autofree char *saver =
    reprise_preferences_dup_string (preferences, REPRISE_GATE_PREFERENCE_POWER_SAVER);
  RepriseConditions conditions;

  reprise_surroundings_get (self->surroundings, &conditions);
  return reprise_gate_check (&conditions, needs_network, g_strcmp0 (metered, "true") == 0,
                             g_strcmp0 (saver, "true") == 0);
}

/* What runs by itself and may not any more is stopped at its next safe point; what a person has started goes on. */
static void
surroundings_changed_cb (RepriseAgentSchedule *self)
{
  GHashTableIter iter;
  gpointer job, value;

  g_hash_table_iter_init (&iter, self->running);
  while (g_hash_table_iter_next (&iter, &job, &value))
    {
      Turn *turn = value;
      RepriseWait wait = check_gate (self, turn->needs_network);

      /* Without a network the job itself knows best how long it can wait. */
      if (turn->gave_way || turn->ended || wait == REPRISE_WAIT_NOTHING ||
          wait == REPRISE_WAIT_NETWORK)
        continue;
      turn->gave_way = TRUE;
      reprise_job_stop (job, REPRISE_STOP_SOFT);
    }
  reprise_agent_schedule_look (self);
}

/* --- looking --- */

/* What one look is about: services and kinds as they were when it began. */
typedef struct
{
  RepriseAgentSchedule *self; /* (owned) */
  GPtrArray *services;        /* (owned) (element-type RepriseService): copies */
  GPtrArray *kinds;           /* (owned) (element-type RepriseKind): in the same order */
  guint spread_seconds;
  GDateTime *now;   /* (owned) */
  GTimeZone *zone;  /* (owned) */
  GPtrArray *turns; /* (owned) (element-type Turn) */
} Look;

static void
look_free (gpointer data)
{
  Look *look = data;

  g_object_unref (look->self);
  g_ptr_array_unref (look->services);
  g_ptr_array_unref (look->kinds);
  g_clear_pointer (&look->now, g_date_time_unref);
  g_time_zone_unref (look->zone);
  g_ptr_array_unref (look->turns);
  g_free (look);
}

/* Not all services begin at the very moment; a mark that a wrong clock has left is due now, whenever that is. */
static gboolean
has_come (Look *look, const RepriseDue *due)
{
  guint offset = reprise_scheduler_get_offset_seconds (due->service, look->spread_seconds);
  GTimeSpan since = g_date_time_difference (look->now, due->at);

  return since == 0 || since >= offset * G_TIME_SPAN_SECOND;
}

static gboolean
check (Look *look, guint index, RepriseRoutine routine, RepriseDue **due, GError **error)
{
  RepriseHistory *history = reprise_context_get_history (look->self->context);
  RepriseService *service = look->services->pdata[index];

  return routine == REPRISE_ROUTINE_FOLLOW
           ? reprise_scheduler_check_left (history, service, look->kinds->pdata[index], due, error)
           : reprise_scheduler_check (history, service, routine, look->now, look->zone, due, error);
}

static void
look_at (Look *look, guint index, RepriseRoutine routine)
{
  RepriseHistory *history = reprise_context_get_history (look->self->context);
  RepriseService *service = look->services->pdata[index];
  RepriseKind *kind = look->kinds->pdata[index];
  g_autoptr (RepriseSecrets) secrets = NULL;
  g_autoptr (RepriseDue) due = NULL;
  g_autoptr (GError) error = NULL;
  gboolean held = FALSE;
  Turn *turn;

  if (!check (look, index, routine, &due, &error) ||
      (due != NULL && !reprise_scheduler_is_held (history, due, look->now, &held, &error)))
    g_message ("%s: %s", reprise_service_get_name (service), error->message);
  if (error != NULL || due == NULL || held || !has_come (look, due))
    return;
  secrets = reprise_secrets_new (reprise_service_get_uuid (service), REPRISE_KEYRING_UNATTENDED);
  turn = g_new0 (Turn, 1);
  turn->due = g_steal_pointer (&due);
  turn->needs_network = routine != REPRISE_ROUTINE_ROLL_UP &&
                        routine != REPRISE_ROUTINE_REHEARSE &&
                        reprise_gate_needs_network (kind, service);
  turn->wait = reprise_gate_check_ready (kind, service, secrets, look->self->cancellable);
  g_ptr_array_add (look->turns, turn);
}

static void
look_worker (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Look *look = data;

  look->now = get_now (look->self);
  for (guint i = 0; i < look->services->len; i++)
    for (guint k = 0; k <= REPRISE_ROUTINE_FOLLOW && !g_cancellable_is_cancelled (cancellable); k++)
      look_at (look, i, (RepriseRoutine) k);
  g_task_return_boolean (task, TRUE);
}

/* Whether this very routine is at work, or about to be. */
static gboolean
is_running (RepriseAgentSchedule *self, const RepriseDue *due)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->running);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      const Turn *other = value;

      if (other->due->routine == due->routine &&
          g_str_equal (reprise_service_get_uuid (other->due->service),
                       reprise_service_get_uuid (due->service)))
        return TRUE;
    }
  return FALSE;
}

/* Takes @turn. Returns: whether its job is in the queue now */
static gboolean
start (RepriseAgentSchedule *self, Turn *turn)
{
  g_autoptr (GError) error = NULL;
  RepriseJob *job = reprise_runner_create_job (self->context, turn->due->request, NULL, &error);

  if (job == NULL)
    {
      g_message ("%s: %s", reprise_service_get_name (turn->due->service), error->message);
      turn_free (turn);
      return FALSE;
    }
  g_hash_table_insert (self->running, job, turn);
  reprise_queue_submit (self->queue, job);
  return TRUE;
}

/* Those of one service come one after the other, by the queue. */
static guint
start_turns (RepriseAgentSchedule *self, GPtrArray *turns)
{
  guint n_started = 0;

  g_hash_table_remove_all (self->waiting);
  while (turns->len > 0)
    {
      Turn *turn = g_ptr_array_steal_index (turns, 0);
      const char *uuid = reprise_service_get_uuid (turn->due->service);
      RepriseWait wait = check_gate (self, turn->needs_network);
      gboolean running = is_running (self, turn->due);

      if (wait == REPRISE_WAIT_NOTHING)
        wait = turn->wait;
      if (!running && wait != REPRISE_WAIT_NOTHING)
        g_hash_table_insert (self->waiting, g_strdup (uuid), GUINT_TO_POINTER (wait));
      if (running || wait != REPRISE_WAIT_NOTHING ||
          g_hash_table_size (self->running) >= MAX_SIDE_BY_SIDE)
        turn_free (turn);
      else if (start (self, turn))
        n_started++;
    }
  return n_started;
}

/* --- what waits is kept for others --- */

typedef struct
{
  RepriseAgentSchedule *self; /* (owned) */
  GHashTable *waits;          /* (owned) (element-type utf8 RepriseWait): those that changed */
} Noting;

static void
noting_free (gpointer data)
{
  Noting *noting = data;

  g_object_unref (noting->self);
  g_hash_table_unref (noting->waits);
  g_free (noting);
}

static void
note_worker (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Noting *noting = data;
  RepriseHistory *history = reprise_context_get_history (noting->self->context);
  GHashTableIter iter;
  gpointer uuid, wait;

  g_hash_table_iter_init (&iter, noting->waits);
  while (g_hash_table_iter_next (&iter, &uuid, &wait))
    {
      g_autoptr (GError) error = NULL;

      if (!reprise_waiting_note (history, uuid, (RepriseWait) GPOINTER_TO_UINT (wait), &error))
        g_message ("%s", error->message);
    }
  g_task_return_boolean (task, TRUE);
}

static void
noted_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  Noting *noting = g_task_get_task_data (G_TASK (result));

  noting->self->n_writing--;
  update_busy (noting->self);
}

/* What was kept by one that ran before may be out of date: the first time all is written. */
static GHashTable *
find_changed (RepriseAgentSchedule *self, GPtrArray *services)
{
  GHashTable *changed = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < services->len; i++)
    {
      const char *uuid = reprise_service_get_uuid (services->pdata[i]);
      gpointer wait = g_hash_table_lookup (self->waiting, uuid);
      gpointer noted = NULL;

      if (g_hash_table_lookup_extended (self->noted, uuid, NULL, &noted) && noted == wait)
        continue;
      g_hash_table_insert (self->noted, g_strdup (uuid), wait);
      g_hash_table_insert (changed, g_strdup (uuid), wait);
    }
  return changed;
}

static void
note_waits (RepriseAgentSchedule *self, GPtrArray *services)
{
  g_autoptr (GHashTable) changed = find_changed (self, services);
  g_autoptr (GTask) task = NULL;
  Noting *noting;

  if (g_hash_table_size (changed) == 0)
    return;
  noting = g_new0 (Noting, 1);
  noting->self = g_object_ref (self);
  noting->waits = g_steal_pointer (&changed);
  self->n_writing++;
  task = g_task_new (NULL, NULL, noted_cb, NULL);
  g_task_set_task_data (task, noting, noting_free);
  reprise_task_run_in_own_thread (task, note_worker);
}

/* What was found is out of date where something happened meanwhile: a run whose end was just written would be begun once more. Then it
 * looks again, and only that counts. @look: (nullable) */
static void
end_look (RepriseAgentSchedule *self, Look *look)
{
  gboolean outdated = self->again && !self->ending;
  guint n_started = 0;

  self->again = FALSE;
  if (!outdated && !self->ending && look != NULL)
    {
      n_started = start_turns (self, look->turns);
      note_waits (self, look->services);
    }
  self->looking = FALSE;
  if (!outdated)
    g_signal_emit (self, looked_signal, 0, n_started);
  if (outdated || self->again)
    {
      self->again = FALSE;
      reprise_agent_schedule_look (self);
    }
  update_busy (self);
}

static void
looked_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  Look *look = g_task_get_task_data (G_TASK (result));

  end_look (look->self, look);
}

/* (transfer full): by a copy of each service whose kind this version knows */
static Look *
look_new (RepriseAgentSchedule *self)
{
  GListModel *services = G_LIST_MODEL (reprise_context_get_services (self->context));
  Look *look = g_new0 (Look, 1);

  look->self = g_object_ref (self);
  look->services = g_ptr_array_new_with_free_func (g_object_unref);
  look->kinds = g_ptr_array_new_with_free_func (g_object_unref);
  look->turns = g_ptr_array_new_with_free_func (turn_free);
  look->zone = get_zone (self);
  look->spread_seconds =
    (guint) CLAMP (reprise_preferences_get_integer (reprise_context_get_preferences (self->context),
                                                    REPRISE_SCHEDULE_PREFERENCE_SPREAD,
                                                    REPRISE_SCHEDULE_SPREAD_SECONDS),
                   0, 3600);
  for (guint i = 0; i < g_list_model_get_n_items (services); i++)
    {
      g_autoptr (RepriseService) service = g_list_model_get_item (services, i);
      RepriseKind *kind = reprise_registry_get (reprise_context_get_registry (self->context),
                                                reprise_service_get_kind (service));

      if (kind == NULL)
        continue;
      g_ptr_array_add (look->services, reprise_service_copy (service));
      g_ptr_array_add (look->kinds, g_object_ref (kind));
    }
  return look;
}

static void
loaded_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (RepriseAgentSchedule) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GTask) task = NULL;

  if (!reprise_context_load_finish (self->context, result, &error) || self->ending)
    {
      if (error != NULL && !reprise_error_is_stop (error))
        g_message ("The schedules could not be read: %s", error->message);
      end_look (self, NULL);
      return;
    }
  task = g_task_new (NULL, self->cancellable, looked_cb, NULL);
  g_task_set_check_cancellable (task, FALSE);
  g_task_set_task_data (task, look_new (self), look_free);
  g_task_run_in_thread (task, look_worker);
}

/* Looks for what is due, now; where it is looking already, once more after that. */
void
reprise_agent_schedule_look (RepriseAgentSchedule *self)
{
  if (self->ending)
    return;
  if (self->looking)
    {
      self->again = TRUE;
      return;
    }
  self->looking = TRUE;
  update_busy (self);
  reprise_context_load_async (self->context, self->cancellable, loaded_cb, g_object_ref (self));
}

static gboolean
timer_cb (gpointer data)
{
  reprise_agent_schedule_look (data);
  return G_SOURCE_CONTINUE;
}

/* --- ends --- */

typedef struct
{
  RepriseAgentSchedule *self; /* (owned) */
  Turn *turn;                 /* (owned) */
  GError *failure;            /* (owned) (nullable) */
} Ending;

static void
ending_free (gpointer data)
{
  Ending *ending = data;

  g_object_unref (ending->self);
  turn_free (ending->turn);
  g_clear_error (&ending->failure);
  g_free (ending);
}

static void
end_worker (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Ending *ending = data;
  g_autoptr (GDateTime) now = get_now (ending->self);
  g_autoptr (GError) error = NULL;

  if (!reprise_scheduler_end (reprise_context_get_history (ending->self->context),
                              ending->turn->due, now, ending->failure, &error))
    g_message ("%s: %s", reprise_service_get_name (ending->turn->due->service), error->message);
  g_task_return_boolean (task, TRUE);
}

static void
written_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  Ending *ending = g_task_get_task_data (G_TASK (result));
  RepriseAgentSchedule *self = ending->self;

  self->n_writing--;
  g_hash_table_remove (self->running, data);
  reprise_agent_schedule_look (self);
  update_busy (self);
}

/* A stop that a person wanted deals with what was due; one by which it gave way, or because all ends, does not. */
static void
ended_cb (RepriseAgentSchedule *self, RepriseJob *job)
{
  Turn *turn = g_hash_table_lookup (self->running, job);
  const GError *failure;
  g_autoptr (GTask) task = NULL;
  Ending *ending;

  if (turn == NULL)
    return;
  failure = reprise_local_job_get_error (REPRISE_LOCAL_JOB (job));
  if ((turn->gave_way || self->ending) && failure != NULL && reprise_error_is_stop (failure))
    {
      g_hash_table_remove (self->running, job);
      reprise_agent_schedule_look (self);
      return;
    }
  ending = g_new0 (Ending, 1);
  ending->self = g_object_ref (self);
  ending->turn = g_new0 (Turn, 1);
  ending->turn->due = g_steal_pointer (&turn->due);
  ending->failure = failure != NULL ? g_error_copy (failure) : NULL;
  /* Until that is written, it is still due by what is written: it counts as running. */
  turn->due = g_new0 (RepriseDue, 1);
  turn->due->service = g_object_ref (ending->turn->due->service);
  turn->due->routine = ending->turn->due->routine;
  turn->ended = TRUE;
  self->n_writing++;
  update_busy (self);
  task = g_task_new (NULL, NULL, written_cb, job);
  g_task_set_task_data (task, ending, ending_free);
  reprise_task_run_in_own_thread (task, end_worker);
}

RepriseAgentSchedule *
reprise_agent_schedule_new (RepriseContext *context,
                            RepriseQueue *queue,
                            RepriseSurroundings *surroundings)
{
  RepriseAgentSchedule *self = g_object_new (REPRISE_TYPE_AGENT_SCHEDULE, NULL);

  self->context = g_object_ref (context);
  self->queue = g_object_ref (queue);
  self->surroundings = g_object_ref (surroundings);
  g_signal_connect_object (queue, "ended", G_CALLBACK (ended_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (surroundings, "changed", G_CALLBACK (surroundings_changed_cb), self,
                           G_CONNECT_SWAPPED);
  self->timer = g_timeout_add_seconds (LOOK_SECONDS, timer_cb, self);
  return self;
}

/* Nothing more is begun, and what is stopped from now on stays due. */
void
reprise_agent_schedule_end (RepriseAgentSchedule *self)
{
  self->ending = TRUE;
  g_clear_handle_id (&self->timer, g_source_remove);
}

gboolean
reprise_agent_schedule_is_busy (RepriseAgentSchedule *self)
{
  return self->busy;
}

/* What that service waited for when it was last looked at. */
RepriseWait
reprise_agent_schedule_get_wait (RepriseAgentSchedule *self, const char *service_uuid)
{
  return (RepriseWait) GPOINTER_TO_UINT (g_hash_table_lookup (self->waiting, service_uuid));
}

/* Another clock than the computer's; before the first look. */
void
reprise_agent_schedule_set_clock (RepriseAgentSchedule *self,
                                  RepriseClockFunc clock,
                                  gpointer data,
                                  GTimeZone *zone)
{
  self->clock = clock;
  self->clock_data = data;
  g_clear_pointer (&self->zone, g_time_zone_unref);
  self->zone = g_time_zone_ref (zone);
}
