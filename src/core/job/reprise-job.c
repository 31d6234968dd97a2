/* reprise-job.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "base/reprise-saying.h"
#include "job/reprise-job.h"

/**
 * RepriseJobPrivate:
 *
 * The state is kept in the one form that also crosses the bus; what is asked for often is taken out of it at each update.
 */
typedef struct
{
  GVariant *variant; /* (owned) (nullable); a{sv} */
  char *id;
  RepriseJobKind kind;
  char *service_uuid;
  char *service_name;
  char *title;
  RepriseJobState state;
  RepriseProgressSnapshot snapshot;
  char *status;
  GDateTime *started_at;  /* (owned) (nullable) */
  GDateTime *finished_at; /* (owned) (nullable) */
  char *error;            /* (owned) (nullable) */
  int exit;
  RepriseOutcome *outcome;   /* (owned) (nullable) */
  char **warnings;           /* (owned) */
  char **log;                /* (owned) */
  RepriseQuestion *question; /* (owned) (nullable) */
} RepriseJobPrivate;

G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE (RepriseJob, reprise_job, G_TYPE_OBJECT)

typedef enum
{
  PROP_ID = 1,
  PROP_KIND,
  PROP_SERVICE_UUID,
  PROP_SERVICE_NAME,
  PROP_TITLE,
  PROP_STATE,
  PROP_PHASE,
  PROP_STATUS,
  PROP_FRACTION,
  PROP_ACTIVE,
  PROP_ERROR,
  PROP_SUMMARY,
  PROP_QUESTION,
} RepriseJobProperty;

static GParamSpec *properties[PROP_QUESTION + 1];

static const char *const KINDS[REPRISE_N_JOB_KINDS] = {
  [REPRISE_JOB_BACK_UP] = "backup",    [REPRISE_JOB_VERIFY] = "verify",
  [REPRISE_JOB_DOWNLOAD] = "download", [REPRISE_JOB_UPLOAD] = "upload",
  [REPRISE_JOB_RESTORE] = "restore",   [REPRISE_JOB_UNDO] = "undo",
  [REPRISE_JOB_DELETE] = "delete",     [REPRISE_JOB_REHEARSE] = "rehearse",
  [REPRISE_JOB_COMPACT] = "rollup",    [REPRISE_JOB_IMPORT] = "import",
  [REPRISE_JOB_FOLLOW] = "follow",
  [REPRISE_JOB_REPORTS] = "reports",
};

static const char *const STATES[REPRISE_N_JOB_STATES] = {
  [REPRISE_JOB_QUEUED] = "queued", [REPRISE_JOB_RUNNING] = "running",
  [REPRISE_JOB_ASKING] = "asking", [REPRISE_JOB_STOPPING] = "stopping",
  [REPRISE_JOB_DONE] = "done",     [REPRISE_JOB_WARNINGS] = "warnings",
  [REPRISE_JOB_FAILED] = "failed", [REPRISE_JOB_STOPPED] = "stopped",
};

const char *
reprise_job_kind_to_string (RepriseJobKind kind)
{
  g_return_val_if_fail (kind < REPRISE_N_JOB_KINDS, NULL);

  return KINDS[kind];
}

gboolean
reprise_job_kind_from_string (const char *id, RepriseJobKind *kind)
{
  for (guint i = 0; i < REPRISE_N_JOB_KINDS; i++)
    if (g_strcmp0 (id, KINDS[i]) == 0)
      {
        *kind = (RepriseJobKind) i;
        return TRUE;
      }
  return FALSE;
}

const char *
reprise_job_state_to_string (RepriseJobState state)
{
  g_return_val_if_fail (state < REPRISE_N_JOB_STATES, NULL);

  return STATES[state];
}

gboolean
reprise_job_state_from_string (const char *id, RepriseJobState *state)
{
  for (guint i = 0; i < REPRISE_N_JOB_STATES; i++)
    if (g_strcmp0 (id, STATES[i]) == 0)
      {
        *state = (RepriseJobState) i;
        return TRUE;
      }
  return FALSE;
}

/* Whether such a job may change what the service holds, so that a person must have agreed to it. */
gboolean
reprise_job_kind_writes_service (RepriseJobKind kind)
{
  return kind == REPRISE_JOB_RESTORE || kind == REPRISE_JOB_UNDO;
}

static void
reprise_job_finalize (GObject *object)
{
  RepriseJobPrivate *priv = reprise_job_get_instance_private (REPRISE_JOB (object));

  g_clear_pointer (&priv->variant, g_variant_unref);
  g_clear_pointer (&priv->id, g_free);
  g_clear_pointer (&priv->service_uuid, g_free);
  g_clear_pointer (&priv->service_name, g_free);
  g_clear_pointer (&priv->title, g_free);
  reprise_progress_snapshot_clear (&priv->snapshot);
  g_clear_pointer (&priv->status, g_free);
  g_clear_pointer (&priv->started_at, g_date_time_unref);
  g_clear_pointer (&priv->finished_at, g_date_time_unref);
  g_clear_pointer (&priv->error, g_free);
  g_clear_pointer (&priv->outcome, reprise_outcome_free);
  g_clear_pointer (&priv->warnings, g_strfreev);
  g_clear_pointer (&priv->log, g_strfreev);
  g_clear_pointer (&priv->question, reprise_question_free);
  G_OBJECT_CLASS (reprise_job_parent_class)->finalize (object);
}

static void
reprise_job_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  RepriseJob *self = REPRISE_JOB (object);
  RepriseJobPrivate *priv = reprise_job_get_instance_private (self);

  switch ((RepriseJobProperty) id)
    {
    case PROP_ID:
      g_value_set_string (value, priv->id);
      break;
    case PROP_KIND:
      g_value_set_uint (value, priv->kind);
      break;
    case PROP_SERVICE_UUID:
      g_value_set_string (value, priv->service_uuid);
      break;
    case PROP_SERVICE_NAME:
      g_value_set_string (value, priv->service_name);
      break;
    case PROP_TITLE:
      g_value_set_string (value, priv->title);
      break;
    case PROP_STATE:
      g_value_set_uint (value, priv->state);
      break;
    case PROP_PHASE:
      g_value_set_uint (value, priv->snapshot.phase);
      break;
    case PROP_STATUS:
      g_value_set_string (value, priv->status);
      break;
    case PROP_FRACTION:
      g_value_set_double (value, priv->snapshot.fraction);
      break;
    case PROP_ACTIVE:
      g_value_set_boolean (value, reprise_job_is_active (self));
      break;
    case PROP_ERROR:
      g_value_set_string (value, priv->error);
      break;
    case PROP_SUMMARY:
      g_value_set_string (value, reprise_job_get_summary (self));
      break;
    case PROP_QUESTION:
      g_value_set_boxed (value, priv->question);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
reprise_job_class_init (RepriseJobClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->finalize = reprise_job_finalize;
  object_class->get_property = reprise_job_get_property;
  properties[PROP_ID] = g_param_spec_string ("id", NULL, NULL, NULL, flags);
  properties[PROP_KIND] =
    g_param_spec_uint ("kind", NULL, NULL, 0, REPRISE_N_JOB_KINDS - 1, 0, flags);
  properties[PROP_SERVICE_UUID] = g_param_spec_string ("service-uuid", NULL, NULL, NULL, flags);
  properties[PROP_SERVICE_NAME] = g_param_spec_string ("service-name", NULL, NULL, NULL, flags);
  properties[PROP_TITLE] = g_param_spec_string ("title", NULL, NULL, NULL, flags);
  properties[PROP_STATE] =
    g_param_spec_uint ("state", NULL, NULL, 0, REPRISE_N_JOB_STATES - 1, 0, flags);
  properties[PROP_PHASE] =
    g_param_spec_uint ("phase", NULL, NULL, 0, REPRISE_N_PHASES - 1, 0, flags);
  properties[PROP_STATUS] = g_param_spec_string ("status", NULL, NULL, NULL, flags);
  properties[PROP_FRACTION] = g_param_spec_double ("fraction", NULL, NULL, -1, 1, -1, flags);
  properties[PROP_ACTIVE] = g_param_spec_boolean ("active", NULL, NULL, TRUE, flags);
  properties[PROP_ERROR] = g_param_spec_string ("error", NULL, NULL, NULL, flags);
  properties[PROP_SUMMARY] = g_param_spec_string ("summary", NULL, NULL, NULL, flags);
  properties[PROP_QUESTION] =
    g_param_spec_boxed ("question", NULL, NULL, REPRISE_TYPE_QUESTION, flags);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
}

static void
reprise_job_init (RepriseJob *self)
{
  RepriseJobPrivate *priv = reprise_job_get_instance_private (self);

  priv->snapshot.fraction = -1;
  priv->snapshot.bytes_total = priv->snapshot.items_total = priv->snapshot.seconds_left = -1;
  priv->warnings = g_new0 (char *, 1);
  priv->log = g_new0 (char *, 1);
  priv->status = g_strdup ("");
}

/* Called by the queue, once. */
void
reprise_job_start (RepriseJob *self)
{
  g_return_if_fail (REPRISE_IS_JOB (self));

  if (REPRISE_JOB_GET_CLASS (self)->start != NULL)
    REPRISE_JOB_GET_CLASS (self)->start (self);
}

void
reprise_job_stop (RepriseJob *self, RepriseStop how)
{
  g_return_if_fail (REPRISE_IS_JOB (self));

  if (reprise_job_is_active (self))
    REPRISE_JOB_GET_CLASS (self)->stop (self, how);
}

void
reprise_job_answer (RepriseJob *self, const char *question_id, const char *response)
{
  g_return_if_fail (REPRISE_IS_JOB (self));

  REPRISE_JOB_GET_CLASS (self)->answer (self, question_id, response);
}

/* (transfer floating) or an unowned reference that the caller sinks: a{sv} */
GVariant *
reprise_job_to_variant (RepriseJob *self)
{
  RepriseJobPrivate *priv = reprise_job_get_instance_private (self);

  return priv->variant;
}

/* Takes a text member; says whether it is another one than before. */
static gboolean
take_text (GVariantDict *dict, const char *key, char **value)
{
  const char *text = NULL;

  g_variant_dict_lookup (dict, key, "&s", &text);
  if (g_strcmp0 (text, *value) == 0)
    return FALSE;
  g_free (*value);
  *value = g_strdup (text);
  return TRUE;
}

/* What another process calls it may be in another language. */
static gboolean
take_title (GVariantDict *dict, RepriseJobPrivate *priv)
{
  g_autofree char *title = NULL;

  if (priv->service_name == NULL)
    return take_text (dict, "title", &priv->title);
  title = reprise_job_text_title (priv->kind, priv->service_name);
  if (g_strcmp0 (title, priv->title) == 0)
    return FALSE;
  g_free (priv->title);
  priv->title = g_steal_pointer (&title);
  return TRUE;
}

static gboolean
take_error (GVariantDict *dict, char **value)
{
  const char *text = NULL, *saying = NULL, *code = NULL, *language = NULL;
  g_autofree char *said = NULL;

  g_variant_dict_lookup (dict, "error", "&s", &text);
  g_variant_dict_lookup (dict, "error-said", "&s", &saying);
  g_variant_dict_lookup (dict, "error-code", "&s", &code);
  g_variant_dict_lookup (dict, "language", "&s", &language);
  said = reprise_job_text_error (text, saying, code, language);
  if (g_strcmp0 (said, *value) == 0)
    return FALSE;
  g_free (*value);
  *value = g_steal_pointer (&said);
  return TRUE;
}

static gboolean
take_time (GVariantDict *dict, const char *key, GDateTime **value)
{
  gint64 time_us = 0;
  g_autoptr (GDateTime) seconds = NULL;

  if (*value != NULL || !g_variant_dict_lookup (dict, key, "x", &time_us) || time_us == 0)
    return FALSE;
  seconds = g_date_time_new_from_unix_utc (time_us / G_USEC_PER_SEC);
  *value = g_date_time_add (seconds, time_us % G_USEC_PER_SEC);
  return TRUE;
}

static void
take_strv (GVariantDict *dict, const char *key, char ***value)
{
  char **lines;

  if (!g_variant_dict_lookup (dict, key, "^as", &lines))
    return;
  g_strfreev (*value);
  *value = lines;
}

/* Those of a process that speaks another language than this one are said anew. */
static void
take_warnings (GVariantDict *dict, char ***warnings)
{
  const char *language = NULL;

  take_strv (dict, "warnings", warnings);
  if (!g_variant_dict_lookup (dict, "language", "&s", &language) ||
      g_str_equal (language, reprise_saying_get_language ()))
    return;
  take_strv (dict, "warnings-said", warnings);
  for (guint i = 0; *warnings != NULL && (*warnings)[i] != NULL; i++)
    {
      char *text = reprise_saying_to_text ((*warnings)[i]);

      g_free ((*warnings)[i]);
      (*warnings)[i] = text;
    }
}

static void
take_snapshot (GVariantDict *dict, RepriseProgressSnapshot *snapshot)
{
  const char *phase = NULL;

  reprise_progress_snapshot_clear (snapshot);
  if (g_variant_dict_lookup (dict, "phase", "&s", &phase))
    reprise_phase_from_string (phase, &snapshot->phase);
  g_variant_dict_lookup (dict, "fraction", "d", &snapshot->fraction);
  g_variant_dict_lookup (dict, "bytes-done", "x", &snapshot->bytes_done);
  g_variant_dict_lookup (dict, "bytes-total", "x", &snapshot->bytes_total);
  g_variant_dict_lookup (dict, "items-done", "x", &snapshot->items_done);
  g_variant_dict_lookup (dict, "items-total", "x", &snapshot->items_total);
  g_variant_dict_lookup (dict, "bytes-per-second", "x", &snapshot->bytes_per_second);
  g_variant_dict_lookup (dict, "seconds-left", "x", &snapshot->seconds_left);
  g_variant_dict_lookup (dict, "idle-seconds", "x", &snapshot->idle_seconds);
  g_variant_dict_lookup (dict, "message", "s", &snapshot->message);
  g_variant_dict_lookup (dict, "stop-text", "s", &snapshot->stop_text);
}

static void
take_outcome (GVariantDict *dict, RepriseOutcome **outcome)
{
  g_autoptr (GVariant) variant =
    g_variant_dict_lookup_value (dict, "outcome", G_VARIANT_TYPE_VARDICT);
  g_auto (GVariantDict) members = { 0 };
  const char *summary = "";
  char *said;

  if (variant == NULL || *outcome != NULL)
    return;
  g_variant_dict_init (&members, variant);
  g_variant_dict_lookup (&members, "summary", "&s", &summary);
  *outcome = reprise_outcome_new ("%s", summary);
  if (g_variant_dict_lookup (&members, "said", "s", &said))
    reprise_outcome_take_saying (*outcome, said);
  g_variant_dict_lookup (&members, "backup-id", "s", &(*outcome)->backup_id);
  g_variant_dict_lookup (&members, "safety-id", "s", &(*outcome)->safety_id);
  g_variant_dict_lookup (&members, "written", "x", &(*outcome)->written);
  g_variant_dict_lookup (&members, "failed", "x", &(*outcome)->failed);
  g_variant_dict_lookup (&members, "skipped", "x", &(*outcome)->skipped);
}

static gboolean
take_question (GVariantDict *dict, RepriseQuestion **question)
{
  g_autoptr (GVariant) variant =
    g_variant_dict_lookup_value (dict, "question", G_VARIANT_TYPE_VARDICT);
  g_autoptr (RepriseQuestion) asked =
    variant != NULL ? reprise_question_from_variant (variant) : NULL;
  gboolean same = (asked == NULL) == (*question == NULL) &&
                  (asked == NULL || (g_str_equal (asked->id, (*question)->id) &&
                                     g_str_equal (asked->body, (*question)->body)));

  if (same)
    return FALSE;
  g_clear_pointer (question, reprise_question_free);
  *question = g_steal_pointer (&asked);
  return TRUE;
}

/* One line for lists: the phase with its figures while it runs, else how it ended. */
static char *
make_status (RepriseJob *self)
{
  RepriseJobPrivate *priv = reprise_job_get_instance_private (self);
  g_autofree char *figures = NULL;
  const char *phase;

  if (!reprise_job_is_active (self))
    return g_strdup (reprise_job_text_result (priv->kind, priv->state));
  phase = reprise_job_text_phase (priv->kind, priv->snapshot.phase);
  figures = reprise_job_text_progress (&priv->snapshot);
  return *figures == '\0' ? g_strdup (phase) : g_strdup_printf ("%s · %s", phase, figures);
}

static void
notify_if (RepriseJob *self, gboolean changed, RepriseJobProperty property)
{
  if (changed)
    g_object_notify_by_pspec (G_OBJECT (self), properties[property]);
}

/**
 * reprise_job_update:
 * @state: a{sv}: `id`, `kind`, `service-uuid`, `service-name`, `title`, `state`, `phase`, `fraction`, `bytes-done`, `bytes-total`,
 *   `items-done`, `items-total`, `bytes-per-second`, `seconds-left`, `idle-seconds`, `message`, `stop-text`, `created-at`,
 *   `started-at`, `finished-at` (microseconds since 1970), `error`, `error-code`, `language`, `exit`, `outcome`, `warnings`, `log`, `question`,
 *   `phases` (a(sus): phase, share, state), `error-said`, `warnings-said` (as base/reprise-saying.h has them)
 *
 * Takes a new state over: for the classes below this one.
 */
void
reprise_job_update (RepriseJob *self, GVariant *state)
{
  RepriseJobPrivate *priv = reprise_job_get_instance_private (self);
  g_auto (GVariantDict) dict = G_VARIANT_DICT_INIT (state);
  ReprisePhase old_phase = priv->snapshot.phase;
  double old_fraction = priv->snapshot.fraction;
  RepriseJobState old_state = priv->state;
  gboolean was_active = reprise_job_is_active (self);
  gboolean new_title, new_error, new_question, had_outcome = priv->outcome != NULL;
  g_autofree char *status = NULL;
  const char *text = NULL;

  g_variant_ref_sink (state);
  g_clear_pointer (&priv->variant, g_variant_unref);
  priv->variant = state;
  if (g_variant_dict_lookup (&dict, "kind", "&s", &text))
    reprise_job_kind_from_string (text, &priv->kind);
  if (g_variant_dict_lookup (&dict, "state", "&s", &text))
    reprise_job_state_from_string (text, &priv->state);
  notify_if (self, take_text (&dict, "id", &priv->id), PROP_ID);
  notify_if (self, take_text (&dict, "service-uuid", &priv->service_uuid), PROP_SERVICE_UUID);
  notify_if (self, take_text (&dict, "service-name", &priv->service_name), PROP_SERVICE_NAME);
  new_title = take_title (&dict, priv);
  take_snapshot (&dict, &priv->snapshot);
  take_time (&dict, "started-at", &priv->started_at);
  take_time (&dict, "finished-at", &priv->finished_at);
  new_error = take_error (&dict, &priv->error);
  g_variant_dict_lookup (&dict, "exit", "i", &priv->exit);
  take_outcome (&dict, &priv->outcome);
  take_warnings (&dict, &priv->warnings);
  take_strv (&dict, "log", &priv->log);
  new_question = take_question (&dict, &priv->question);
  status = make_status (self);
  notify_if (self, new_title, PROP_TITLE);
  notify_if (self, new_error, PROP_ERROR);
  notify_if (self, !had_outcome && priv->outcome != NULL, PROP_SUMMARY);
  if (g_strcmp0 (status, priv->status) != 0)
    {
      g_free (priv->status);
      priv->status = g_steal_pointer (&status);
      notify_if (self, TRUE, PROP_STATUS);
    }
  notify_if (self, old_phase != priv->snapshot.phase, PROP_PHASE);
  notify_if (self, old_fraction != priv->snapshot.fraction, PROP_FRACTION);
  notify_if (self, old_state != priv->state, PROP_STATE);
  notify_if (self, new_question, PROP_QUESTION);
  notify_if (self, was_active != reprise_job_is_active (self), PROP_ACTIVE);
}

const char *
reprise_job_get_id (RepriseJob *self)
{
  RepriseJobPrivate *priv = reprise_job_get_instance_private (self);

  return priv->id;
}

RepriseJobKind
reprise_job_get_kind (RepriseJob *self)
{
  RepriseJobPrivate *priv = reprise_job_get_instance_private (self);

  return priv->kind;
}

/* (nullable): the service that it works for; one at a time runs of each */
const char *
reprise_job_get_service_uuid (RepriseJob *self)
{
  RepriseJobPrivate *priv = reprise_job_get_instance_private (self);

  return priv->service_uuid;
}

const char *
reprise_job_get_service_name (RepriseJob *self)
{
  RepriseJobPrivate *priv = reprise_job_get_instance_private (self);

  return priv->service_name;
}

const char *
reprise_job_get_title (RepriseJob *self)
{
  RepriseJobPrivate *priv = reprise_job_get_instance_private (self);

  return priv->title;
}

RepriseJobState
reprise_job_get_state (RepriseJob *self)
{
  RepriseJobPrivate *priv = reprise_job_get_instance_private (self);

  return priv->state;
}

gboolean
reprise_job_is_active (RepriseJob *self)
{
  RepriseJobPrivate *priv = reprise_job_get_instance_private (self);

  return priv->state < REPRISE_JOB_DONE;
}

const char *
reprise_job_get_status (RepriseJob *self)
{
  RepriseJobPrivate *priv = reprise_job_get_instance_private (self);

  return priv->status;
}

double
reprise_job_get_fraction (RepriseJob *self)
{
  RepriseJobPrivate *priv = reprise_job_get_instance_private (self);

  return priv->snapshot.fraction;
}

/* @snapshot: (out caller-allocates): the latest figures; to be cleared */
void
reprise_job_get_snapshot (RepriseJob *self, RepriseProgressSnapshot *snapshot)
{
  RepriseJobPrivate *priv = reprise_job_get_instance_private (self);

  *snapshot = priv->snapshot;
  snapshot->message = g_strdup (priv->snapshot.message);
  snapshot->stop_text = g_strdup (priv->snapshot.stop_text);
}

/* How many planned phases there are, each with its state; room for @max. */
guint
reprise_job_get_phases (RepriseJob *self,
                        ReprisePhaseShare *plan,
                        ReprisePhaseState *states,
                        guint max)
{
  RepriseJobPrivate *priv = reprise_job_get_instance_private (self);
  g_autoptr (GVariant) phases =
    priv->variant == NULL
      ? NULL
      : g_variant_lookup_value (priv->variant, "phases", G_VARIANT_TYPE ("a(suu)"));
  guint n = 0;

  for (gsize i = 0; phases != NULL && i < g_variant_n_children (phases) && n < max; i++)
    {
      const char *id;
      guint share, state;

      g_variant_get_child (phases, i, "(&suu)", &id, &share, &state);
      if (!reprise_phase_from_string (id, &plan[n].phase) || state > REPRISE_PHASE_STATE_DONE)
        continue;
      plan[n].share = share;
      states[n++] = (ReprisePhaseState) state;
    }
  return n;
}

GDateTime *
reprise_job_get_started_at (RepriseJob *self)
{
  RepriseJobPrivate *priv = reprise_job_get_instance_private (self);

  return priv->started_at;
}

GDateTime *
reprise_job_get_finished_at (RepriseJob *self)
{
  RepriseJobPrivate *priv = reprise_job_get_instance_private (self);

  return priv->finished_at;
}

/* (nullable): why it failed */
const char *
reprise_job_get_error (RepriseJob *self)
{
  RepriseJobPrivate *priv = reprise_job_get_instance_private (self);

  return priv->error;
}

/* A RepriseExit, once it has ended. */
int
reprise_job_get_exit (RepriseJob *self)
{
  RepriseJobPrivate *priv = reprise_job_get_instance_private (self);

  return priv->exit;
}

/* (nullable): the sentence of its outcome */
const char *
reprise_job_get_summary (RepriseJob *self)
{
  RepriseJobPrivate *priv = reprise_job_get_instance_private (self);

  return priv->outcome != NULL ? priv->outcome->summary : NULL;
}

/* (nullable) */
const RepriseOutcome *
reprise_job_get_outcome (RepriseJob *self)
{
  RepriseJobPrivate *priv = reprise_job_get_instance_private (self);

  return priv->outcome;
}

const char *const *
reprise_job_get_warnings (RepriseJob *self)
{
  RepriseJobPrivate *priv = reprise_job_get_instance_private (self);

  return (const char *const *) priv->warnings;
}

const char *const *
reprise_job_get_log (RepriseJob *self)
{
  RepriseJobPrivate *priv = reprise_job_get_instance_private (self);

  return (const char *const *) priv->log;
}

/* (nullable): what it waits for an answer to */
const RepriseQuestion *
reprise_job_get_question (RepriseJob *self)
{
  RepriseJobPrivate *priv = reprise_job_get_instance_private (self);

  return priv->question;
}
