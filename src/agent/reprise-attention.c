/* reprise-attention.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "reprise-agent"

#include "config.h"

#include <glib/gi18n.h>

#include "base/reprise-error.h"
#include "base/reprise-thread.h"
#include "reprise-attention.h"

/* How long what a service said of its own backups is good enough. */
#define ASK_AGAIN_US G_TIME_SPAN_HOUR
#define FOLLOWED     "followed-"

struct _RepriseAttention
{
  GObject parent_instance;

  RepriseContext *context;   /* (owned) */
  RepriseQueue *queue;       /* (owned) */
  RepriseNotifier *notifier; /* (owned) (nullable): no bus */
  GCancellable *cancellable; /* (owned) */
  gboolean looking;
  gboolean again;
};

G_DEFINE_FINAL_TYPE (RepriseAttention, reprise_attention, G_TYPE_OBJECT)

typedef enum
{
  PROP_BUSY = 1,
} RepriseAttentionProperty;

static GParamSpec *properties[PROP_BUSY + 1];

static void
reprise_attention_dispose (GObject *object)
{
  g_cancellable_cancel (REPRISE_ATTENTION (object)->cancellable);
  G_OBJECT_CLASS (reprise_attention_parent_class)->dispose (object);
}

static void
reprise_attention_finalize (GObject *object)
{
  RepriseAttention *self = REPRISE_ATTENTION (object);

  g_clear_object (&self->context);
  g_clear_object (&self->queue);
  g_clear_object (&self->notifier);
  g_clear_object (&self->cancellable);
  G_OBJECT_CLASS (reprise_attention_parent_class)->finalize (object);
}

static void
reprise_attention_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  switch ((RepriseAttentionProperty) id)
    {
    case PROP_BUSY:
      g_value_set_boolean (value, REPRISE_ATTENTION (object)->looking);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
reprise_attention_class_init (RepriseAttentionClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = reprise_attention_dispose;
  object_class->finalize = reprise_attention_finalize;
  object_class->get_property = reprise_attention_get_property;
  properties[PROP_BUSY] = g_param_spec_boolean (
    "busy", NULL, NULL, FALSE, G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
}

static void
reprise_attention_init (RepriseAttention *self)
{
  self->cancellable = g_cancellable_new ();
}

/* (nullable): the run that the statuses “failed” and “needs-sign-in” are about */
static RepriseRun *
find_failed (const RepriseStanding *standing)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  const RepriseStatusFacts facts = { .now = now,
                                     .runs = (RepriseRun *const *) standing->runs->pdata,
                                     .n_runs = standing->runs->len };

  return reprise_status_find_failure (&facts);
}

/* (nullable): the run that has just followed an interrupted job to its end, with nobody in front of it; that scratch things were removed is
 * nothing to tell */
static RepriseRun *
find_followed (const RepriseStanding *standing)
{
  RepriseRun *newest = standing->runs->len > 0 ? standing->runs->pdata[0] : NULL;

  return newest != NULL && reprise_run_get_kind (newest) == REPRISE_JOB_FOLLOW &&
             g_strcmp0 (reprise_run_get_origin (newest), "schedule") == 0 &&
             reprise_run_get_summary (newest) != NULL &&
             !reprise_status_is_of_cleaning (reprise_run_get_said (newest))
           ? newest
           : NULL;
}

/**
 * reprise_attention_get_matter:
 *
 * Returns: (transfer full) (nullable): what it is that should be told, the same for as long as nothing new happens; %NULL where there is
 *   nothing to tell
 */
char *
reprise_attention_get_matter (const RepriseStanding *standing, const RepriseStatus *status)
{
  RepriseRun *failed = find_failed (standing);
  RepriseRun *followed = find_followed (standing);

  if (standing->vault_error != NULL)
    return g_strdup ("vault");
  if (status->state == REPRISE_STATUS_OVERDUE)
    return g_strdup (reprise_status_state_to_string (status->state));
  if ((status->state == REPRISE_STATUS_FAILED || status->state == REPRISE_STATUS_SIGN_IN) &&
      failed != NULL && g_strcmp0 (reprise_run_get_origin (failed), "schedule") == 0)
    return g_strdup_printf ("%s-%s", reprise_status_state_to_string (status->state),
                            reprise_job_kind_to_string (reprise_run_get_kind (failed)));
  if (followed != NULL)
    return g_strdup_printf (FOLLOWED "%s", reprise_run_get_id (followed));
  return NULL;
}

/* --- looking, on a worker --- */

/* One service, and what is to be told of it. */
typedef struct
{
  RepriseService *service; /* (owned) */
  gboolean at_work;        /* then nothing changes */
  gboolean changed;        /* what was told before is not what is now */
  char *title;             /* (owned) (nullable): nothing to tell any more */
  char *body;              /* (owned) (nullable) */
} Look;

static void
look_free (gpointer data)
{
  Look *look = data;

  g_object_unref (look->service);
  g_free (look->title);
  g_free (look->body);
  g_free (look);
}

/* Before somebody is told that there is no backup for days: the service may have made one by itself since it was asked last. */
static gboolean
should_ask (const RepriseStanding *standing, const RepriseStatus *status, GDateTime *now)
{
  if (status->state != REPRISE_STATUS_OVERDUE)
    return FALSE;
  return standing->seen == NULL ||
         ABS (g_date_time_difference (now, standing->seen->asked_at)) > ASK_AGAIN_US;
}

/* Remembers what lies on the service, where its kind can tell; nobody is asked for anything. */
static gboolean
ask_service (RepriseAttention *self, RepriseService *service, GCancellable *cancellable)
{
  RepriseKind *kind = reprise_registry_get (reprise_context_get_registry (self->context),
                                            reprise_service_get_kind (service));
  g_autoptr (RepriseSecrets) secrets = NULL;
  g_autoptr (GPtrArray) backups = NULL;
  g_autofree char *warning = NULL;

  if (kind == NULL || !reprise_kind_can (kind, REPRISE_CAN_LIST_ON_SERVICE))
    return FALSE;
  secrets = reprise_secrets_new (reprise_service_get_uuid (service), REPRISE_KEYRING_UNATTENDED);
  backups = reprise_context_list_backups (self->context, service, TRUE, secrets, &warning,
                                          cancellable, NULL);
  return backups != NULL && warning == NULL;
}

static void
set_text (Look *look, const char *title, const char *body)
{
  /* Translators: the name of a service, and its state: “Orders: Last Backup Failed” */
  look->title = g_strdup_printf (_ ("%s: %s"), reprise_service_get_name (look->service), title);
  look->body = g_strdup (body);
}

static gboolean
look_at (RepriseAttention *self, Look *look, GCancellable *cancellable, GError **error)
{
  RepriseHistory *history = reprise_context_get_history (self->context);
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autoptr (GTimeZone) zone = g_time_zone_new_local ();
  g_autoptr (RepriseStanding) standing =
    reprise_standing_read (self->context, look->service, now, zone, cancellable, error);
  g_autoptr (RepriseStatus) status =
    standing != NULL ? reprise_standing_make_status (standing, NULL, now) : NULL;
  g_autofree char *key = g_strconcat ("told:", reprise_service_get_uuid (look->service), NULL);
  g_autofree char *matter = NULL;
  g_autofree char *told = NULL;

  if (standing != NULL && should_ask (standing, status, now) &&
      ask_service (self, look->service, cancellable))
    {
      g_clear_pointer (&standing, reprise_standing_free);
      g_clear_pointer (&status, reprise_status_free);
      standing =
        reprise_standing_read (self->context, look->service, now, zone, cancellable, error);
      status = standing != NULL ? reprise_standing_make_status (standing, NULL, now) : NULL;
    }
  if (standing == NULL || !reprise_history_get_note (history, key, &told, error))
    return FALSE;
  matter = reprise_attention_get_matter (standing, status);
  look->changed = g_strcmp0 (matter, told) != 0;
  if (matter != NULL && g_str_has_prefix (matter, FOLLOWED))
    set_text (look,
              reprise_job_text_result (REPRISE_JOB_FOLLOW,
                                       reprise_run_get_state (find_followed (standing))),
              reprise_run_get_summary (find_followed (standing)));
  else if (matter != NULL)
    set_text (look, status->title, status->subtitle);
  return !look->changed || reprise_history_set_note (history, key, matter, error);
}

static void
look_worker (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  GPtrArray *looks = data;

  for (guint i = 0; i < looks->len && !g_cancellable_is_cancelled (cancellable); i++)
    {
      Look *look = looks->pdata[i];
      g_autoptr (GError) error = NULL;

      if (!look->at_work && !look_at (source, look, cancellable, &error))
        g_debug ("%s: %s", reprise_service_get_name (look->service), error->message);
    }
  g_task_return_boolean (task, TRUE);
}

static void
looked_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  RepriseAttention *self = REPRISE_ATTENTION (source);
  GPtrArray *looks = g_task_get_task_data (G_TASK (result));

  for (guint i = 0; i < looks->len; i++)
    {
      const Look *look = looks->pdata[i];
      const char *uuid = reprise_service_get_uuid (look->service);

      if (look->changed && look->title != NULL)
        reprise_notifier_send (self->notifier, uuid, look->title, look->body);
      else if (look->changed)
        reprise_notifier_withdraw (self->notifier, uuid);
    }
  self->looking = FALSE;
  if (self->again)
    reprise_attention_look (self);
  if (!self->looking) /* also where nobody wants to be told any more */
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_BUSY]);
}

/* Looks at all services, now; where it is looking already, once more after that. */
void
reprise_attention_look (RepriseAttention *self)
{
  GListModel *services = G_LIST_MODEL (reprise_context_get_services (self->context));
  ReprisePreferences *preferences = reprise_context_get_preferences (self->context);
  g_autofree char *wanted =
    reprise_preferences_dup_string (preferences, REPRISE_ATTENTION_PREFERENCE);
  g_autoptr (GTask) task = NULL;
  GPtrArray *looks;

  self->again = self->looking;
  if (self->looking || self->notifier == NULL || g_strcmp0 (wanted, "false") == 0)
    return;
  looks = g_ptr_array_new_with_free_func (look_free);
  for (guint i = 0; i < g_list_model_get_n_items (services); i++)
    {
      g_autoptr (RepriseService) service = g_list_model_get_item (services, i);
      Look *look = g_new0 (Look, 1);

      look->service = reprise_service_copy (service);
      look->at_work = reprise_job_list_find_active (REPRISE_JOB_LIST (self->queue),
                                                    reprise_service_get_uuid (service)) != NULL;
      g_ptr_array_add (looks, look);
    }
  self->looking = TRUE;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_BUSY]);
  task = g_task_new (self, self->cancellable, looked_cb, NULL);
  g_task_set_check_cancellable (task, FALSE);
  g_task_set_task_data (task, looks, (GDestroyNotify) g_ptr_array_unref);
  reprise_task_run_in_own_thread (task, look_worker);
}

RepriseAttention *
reprise_attention_new (RepriseContext *context, RepriseQueue *queue)
{
  RepriseAttention *self = g_object_new (REPRISE_TYPE_ATTENTION, NULL);

  self->context = g_object_ref (context);
  self->queue = g_object_ref (queue);
  return self;
}

/* @notifier: (nullable): who shows it; without one nothing is told */
void
reprise_attention_set_notifier (RepriseAttention *self, RepriseNotifier *notifier)
{
  g_set_object (&self->notifier, notifier);
}

gboolean
reprise_attention_is_busy (RepriseAttention *self)
{
  return self->looking;
}
