/* reprise-progress.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "base/reprise-progress.h"
#include "base/reprise-saying.h"
#include "base/reprise-scrub.h"
#include "base/reprise-strv.h"

#define MAX_LOG_LINES 2000
#define MAX_PLAN      (3 * REPRISE_N_PHASES)
#define RATE_SECONDS  5 /* the window over which a rate is taken */
#define RATE_SLOTS    16

static const char *const PHASES[REPRISE_N_PHASES] = {
  [REPRISE_PHASE_WAITING] = "waiting",         [REPRISE_PHASE_CONNECTING] = "connecting",
  [REPRISE_PHASE_CHECKING] = "checking",       [REPRISE_PHASE_SAFETY_COPY] = "safety-copy",
  [REPRISE_PHASE_CREATING] = "creating",       [REPRISE_PHASE_READING] = "reading",
  [REPRISE_PHASE_DOWNLOADING] = "downloading", [REPRISE_PHASE_UPLOADING] = "uploading",
  [REPRISE_PHASE_WRITING] = "writing",         [REPRISE_PHASE_APPLYING] = "applying",
  [REPRISE_PHASE_RESTARTING] = "restarting",   [REPRISE_PHASE_COMPARING] = "comparing",
  [REPRISE_PHASE_VERIFYING] = "verifying",     [REPRISE_PHASE_DELETING] = "deleting",
  [REPRISE_PHASE_FINISHING] = "finishing",
};

/* One point of the rate's window. */
typedef struct
{
  gint64 time_us;
  gint64 bytes;
} Mark;

struct _RepriseProgress
{
  GObject parent_instance;

  RepriseProgress *parent; /* (owned) (nullable); never changes */

  GMutex mutex; /* guards all that follows; a parent's is taken before its part's */
  GCond answered;
  RepriseProgress *part; /* (nullable); what stands for the current phase: its figures are shown */
  ReprisePhaseShare plan[MAX_PLAN];
  guint n_plan;
  ReprisePhaseShare before[REPRISE_N_PHASES];
  ReprisePhaseShare after[REPRISE_N_PHASES];
  guint n_before, n_after;
  ReprisePhase phase;
  gint64 bytes_done, bytes_total;
  gint64 items_done, items_total;
  double part_fraction; /* of the part that stands for this phase, or -1 */
  gint64 moved_us;      /* monotonic time of the last change */
  gint64 phase_us;      /* when the phase began */
  gint64 started_us;
  double highest; /* the fraction shown so far: a bar never goes back */
  Mark marks[RATE_SLOTS];
  guint n_marks;
  char *message;       /* (owned) (nullable) */
  char *stop_text;     /* (owned) (nullable) */
  GPtrArray *warnings; /* (owned) (element-type utf8); as texts */
  GPtrArray *said;     /* (owned) (element-type utf8); the same as base/reprise-saying.h has them */
  GPtrArray *log;      /* (owned) (element-type utf8) */
  guint n_log_taken;
  RepriseQuestion *question; /* (owned) (nullable) */
  char *response;            /* (owned) (nullable) */
  gboolean uninterruptible;
  gboolean stop_requested;
};

G_DEFINE_FINAL_TYPE (RepriseProgress, reprise_progress, G_TYPE_OBJECT)

/* “downloading”, as in --progress=json and on the bus */
const char *
reprise_phase_to_string (ReprisePhase phase)
{
  g_return_val_if_fail (phase < REPRISE_N_PHASES, NULL);

  return PHASES[phase];
}

gboolean
reprise_phase_from_string (const char *id, ReprisePhase *phase)
{
  for (guint i = 0; i < REPRISE_N_PHASES; i++)
    if (g_strcmp0 (id, PHASES[i]) == 0)
      {
        *phase = (ReprisePhase) i;
        return TRUE;
      }
  return FALSE;
}

void
reprise_progress_snapshot_clear (RepriseProgressSnapshot *snapshot)
{
  g_clear_pointer (&snapshot->message, g_free);
  g_clear_pointer (&snapshot->stop_text, g_free);
}

static void
reprise_progress_finalize (GObject *object)
{
  RepriseProgress *self = REPRISE_PROGRESS (object);

  if (self->parent != NULL)
    {
      g_mutex_lock (&self->parent->mutex);
      if (self->parent->part == self)
        self->parent->part = NULL;
      g_mutex_unlock (&self->parent->mutex);
    }
  g_clear_object (&self->parent);
  g_clear_pointer (&self->message, g_free);
  g_clear_pointer (&self->stop_text, g_free);
  g_clear_pointer (&self->warnings, g_ptr_array_unref);
  g_clear_pointer (&self->said, g_ptr_array_unref);
  g_clear_pointer (&self->log, g_ptr_array_unref);
  g_clear_pointer (&self->question, reprise_question_free);
  g_clear_pointer (&self->response, g_free);
  g_mutex_clear (&self->mutex);
  g_cond_clear (&self->answered);
  G_OBJECT_CLASS (reprise_progress_parent_class)->finalize (object);
}

static void
reprise_progress_class_init (RepriseProgressClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = reprise_progress_finalize;
}

static void
reprise_progress_init (RepriseProgress *self)
{
  g_mutex_init (&self->mutex);
  g_cond_init (&self->answered);
  self->bytes_total = self->items_total = -1;
  self->part_fraction = -1;
  self->warnings = g_ptr_array_new_with_free_func (g_free);
  self->said = g_ptr_array_new_with_free_func (g_free);
  self->log = g_ptr_array_new_with_free_func (g_free);
  self->started_us = self->moved_us = self->phase_us = g_get_monotonic_time ();
}

RepriseProgress *
reprise_progress_new (void)
{
  return g_object_new (REPRISE_TYPE_PROGRESS, NULL);
}

/**
 * reprise_progress_new_part:
 * @parent: (nullable): the progress of the whole
 *
 * The progress of work that is one phase of a larger one, as a safety copy is of a restore: its whole is the
 * current phase of @parent. What it logs, warns and asks goes to @parent.
 *
 * Returns: (transfer full) (nullable): the part, or %NULL for a @parent of %NULL
 */
RepriseProgress *
reprise_progress_new_part (RepriseProgress *parent)
{
  RepriseProgress *self;

  if (parent == NULL)
    return NULL;
  self = reprise_progress_new ();
  self->parent = g_object_ref (parent);
  g_mutex_lock (&parent->mutex);
  parent->part = self;
  g_mutex_unlock (&parent->mutex);
  return self;
}

/* With the mutex held: of this phase alone, or -1 */
static double
phase_fraction (RepriseProgress *self)
{
  if (self->part_fraction >= 0)
    return self->part_fraction;
  if (self->bytes_total > 0)
    return CLAMP ((double) self->bytes_done / (double) self->bytes_total, 0, 1);
  if (self->items_total > 0)
    return CLAMP ((double) self->items_done / (double) self->items_total, 0, 1);
  return -1;
}

/* With the mutex held: of the whole, or -1 where too little is known: a phase that says nothing of itself, and is more than all that was
 * done before it, would let the figure stand still at next to nothing */
static double
whole_fraction (RepriseProgress *self)
{
  double of_phase = phase_fraction (self);
  double before = 0, sum = 0;
  guint share = 0;
  gboolean seen = FALSE;

  if (self->n_plan == 0)
    return of_phase;
  for (guint i = 0; i < self->n_plan; i++)
    {
      sum += self->plan[i].share;
      if (self->plan[i].phase == self->phase)
        {
          seen = TRUE;
          share = self->plan[i].share;
        }
      else if (!seen)
        before += self->plan[i].share;
    }
  if (!seen || sum <= 0)
    return self->highest > 0 ? self->highest : -1;
  if (of_phase < 0 && (before <= 0 || share > before))
    return -1;
  return (before + MAX (of_phase, 0) * share) / sum;
}

/* With the mutex held: something moved */
static void
mark (RepriseProgress *self)
{
  gint64 now = g_get_monotonic_time ();
  Mark *last = self->n_marks > 0 ? &self->marks[self->n_marks - 1] : NULL;

  self->moved_us = now;
  if (last != NULL && now - last->time_us < RATE_SECONDS * G_USEC_PER_SEC / (RATE_SLOTS - 2))
    return;
  if (self->n_marks == RATE_SLOTS)
    {
      memmove (self->marks, self->marks + 1, sizeof (Mark) * (RATE_SLOTS - 1));
      self->n_marks--;
    }
  self->marks[self->n_marks++] = (Mark){ now, self->bytes_done };
}

/* Tells the whole how far this part is. Without the mutex. */
static void
tell_parent (RepriseProgress *self)
{
  double fraction;

  if (self->parent == NULL)
    return;
  g_mutex_lock (&self->mutex);
  fraction = whole_fraction (self);
  g_mutex_unlock (&self->mutex);
  g_mutex_lock (&self->parent->mutex);
  self->parent->part_fraction = fraction;
  self->parent->moved_us = g_get_monotonic_time ();
  g_mutex_unlock (&self->parent->mutex);
  tell_parent (self->parent);
}

/* With the mutex held: adds phases to the plan, their shares multiplied by @factor. */
static void
extend_plan (RepriseProgress *self, const ReprisePhaseShare *phases, guint n, double factor)
{
  for (guint i = 0; i < n && self->n_plan < MAX_PLAN; i++)
    self->plan[self->n_plan++] =
      (ReprisePhaseShare){ phases[i].phase, (guint) (phases[i].share * factor + 0.5) };
}

static guint
sum_shares (const ReprisePhaseShare *phases, guint n)
{
  guint sum = 0;

  for (guint i = 0; i < n; i++)
    sum += phases[i].share;
  return sum;
}

/**
 * reprise_progress_set_frame:
 * @before: (array length=n_before): the phases before the provider's own, each with its share in percent of the whole
 * @after: (array length=n_after): those after them, likewise
 *
 * What the job does around the provider's work. The plan that the provider sets fills the percents left.
 */
void
reprise_progress_set_frame (RepriseProgress *self,
                            const ReprisePhaseShare *before,
                            guint n_before,
                            const ReprisePhaseShare *after,
                            guint n_after)
{
  if (self == NULL)
    return;
  g_mutex_lock (&self->mutex);
  self->n_before = MIN (n_before, REPRISE_N_PHASES);
  self->n_after = MIN (n_after, REPRISE_N_PHASES);
  for (guint i = 0; i < self->n_before; i++)
    self->before[i] = before[i];
  for (guint i = 0; i < self->n_after; i++)
    self->after[i] = after[i];
  g_mutex_unlock (&self->mutex);
  reprise_progress_set_plan (self, NULL, 0);
}

/**
 * reprise_progress_set_plan:
 * @plan: (array length=n_phases) (nullable): the phases in their order, with the share of each
 *
 * Says beforehand what will be done. Without a plan the percentage is that of the current phase.
 */
void
reprise_progress_set_plan (RepriseProgress *self, const ReprisePhaseShare *plan, guint n_phases)
{
  guint frame, own;

  if (self == NULL)
    return;
  g_mutex_lock (&self->mutex);
  frame =
    MIN (sum_shares (self->before, self->n_before) + sum_shares (self->after, self->n_after), 100);
  own = MAX (sum_shares (plan, n_phases), 1);
  self->n_plan = 0;
  extend_plan (self, self->before, self->n_before, 100);
  extend_plan (self, plan, n_phases, (100 - frame) * 100.0 / own);
  extend_plan (self, self->after, self->n_after, 100);
  g_mutex_unlock (&self->mutex);
}

/* Begins a phase: its counts start at nothing done, totals unknown. */
void
reprise_progress_set_phase (RepriseProgress *self, ReprisePhase phase)
{
  if (self == NULL)
    return;
  g_mutex_lock (&self->mutex);
  self->phase = phase;
  self->bytes_done = self->items_done = 0;
  self->bytes_total = self->items_total = -1;
  self->part_fraction = -1;
  self->part = NULL;
  self->n_marks = 0;
  self->phase_us = g_get_monotonic_time ();
  g_clear_pointer (&self->message, g_free);
  mark (self);
  g_mutex_unlock (&self->mutex);
  tell_parent (self);
}

/* -1 where a total is not known. */
void
reprise_progress_set_totals (RepriseProgress *self, gint64 bytes_total, gint64 items_total)
{
  if (self == NULL)
    return;
  g_mutex_lock (&self->mutex);
  self->bytes_total = bytes_total;
  self->items_total = items_total;
  g_mutex_unlock (&self->mutex);
}

void
reprise_progress_set_done (RepriseProgress *self, gint64 bytes_done, gint64 items_done)
{
  if (self == NULL)
    return;
  g_mutex_lock (&self->mutex);
  if (bytes_done != self->bytes_done || items_done != self->items_done)
    {
      self->bytes_done = bytes_done;
      self->items_done = items_done;
      mark (self);
    }
  g_mutex_unlock (&self->mutex);
  tell_parent (self);
}

void
reprise_progress_add_bytes (RepriseProgress *self, gint64 bytes)
{
  if (self == NULL || bytes == 0)
    return;
  g_mutex_lock (&self->mutex);
  self->bytes_done += bytes;
  mark (self);
  g_mutex_unlock (&self->mutex);
  tell_parent (self);
}

void
reprise_progress_add_items (RepriseProgress *self, gint64 items)
{
  if (self == NULL || items == 0)
    return;
  g_mutex_lock (&self->mutex);
  self->items_done += items;
  mark (self);
  g_mutex_unlock (&self->mutex);
  tell_parent (self);
}

/* What the service says of its work, or the name of what is being worked on. For people. */
void
reprise_progress_set_message (RepriseProgress *self, const char *message)
{
  g_autofree char *clean = NULL;

  if (self == NULL)
    return;
  clean = message != NULL ? reprise_scrub (message) : NULL;
  g_mutex_lock (&self->mutex);
  if (g_strcmp0 (clean, self->message) != 0)
    {
      g_free (self->message);
      self->message = g_strdup (clean);
      self->moved_us = g_get_monotonic_time ();
    }
  g_mutex_unlock (&self->mutex);
  if (self->parent != NULL)
    reprise_progress_set_message (self->parent, message);
}

/* The service has answered that it is still at work, and tells no more: nothing can be counted, and nothing stands still. */
void
reprise_progress_touch (RepriseProgress *self)
{
  if (self == NULL)
    return;
  g_mutex_lock (&self->mutex);
  self->moved_us = g_get_monotonic_time ();
  g_mutex_unlock (&self->mutex);
  reprise_progress_touch (self->parent);
}

/* One or two sentences: what is done, what is not, and what is kept if the job is stopped now. */
void
reprise_progress_set_stop_text (RepriseProgress *self, const char *text)
{
  if (self == NULL || self->parent != NULL)
    return;
  g_mutex_lock (&self->mutex);
  g_free (self->stop_text);
  self->stop_text = g_strdup (text);
  g_mutex_unlock (&self->mutex);
}

/* @said: (nullable): of a warning, as base/reprise-saying.h has it; a secret in it leaves the text alone, without what it is of */
static void
add_line (RepriseProgress *self, const char *text, const char *said)
{
  g_autoptr (GDateTime) now = NULL;
  g_autofree char *time = NULL;
  g_autofree char *clean = NULL;

  if (self->parent != NULL)
    {
      add_line (self->parent, text, said);
      return;
    }
  clean = reprise_scrub (text);
  now = g_date_time_new_now_local ();
  time = g_date_time_format (now, "%H:%M:%S");
  g_mutex_lock (&self->mutex);
  if (said != NULL && self->warnings->len < MAX_LOG_LINES)
    {
      g_ptr_array_add (self->warnings, g_strdup (clean));
      g_ptr_array_add (self->said, g_strdup (g_str_equal (clean, text) ? said : clean));
    }
  if (self->log->len < MAX_LOG_LINES)
    g_ptr_array_add (self->log, g_strdup_printf ("%s  %s", time, clean));
  g_mutex_unlock (&self->mutex);
}

/* A sentence for people, as a saying or as any text: the job will end as “done, with warnings”. */
void
reprise_progress_warn_saying (RepriseProgress *self, const char *saying)
{
  g_autofree char *text = reprise_saying_to_text (saying);

  if (self != NULL)
    add_line (self, text, saying);
}

/* The same, of a text that is not translated: base/reprise-saying.h */
void
reprise_progress_warn (RepriseProgress *self, const char *text, ...)
{
  g_autofree char *said = NULL;
  va_list args;

  va_start (args, text);
  said = reprise_say_valist (text, args);
  va_end (args);
  reprise_progress_warn_saying (self, said);
}

/* The same in one of two forms, by @n, which is not an argument by itself */
void
reprise_progress_warn_n (RepriseProgress *self,
                         const char *singular,
                         const char *plural,
                         guint64 n,
                         ...)
{
  g_autofree char *said = NULL;
  va_list args;

  va_start (args, n);
  said = reprise_say_n_valist (singular, plural, n, args);
  va_end (args);
  reprise_progress_warn_saying (self, said);
}

/* A line of the job's log, in English. Secrets are taken out of it, here as in warnings and messages. */
void
reprise_progress_log (RepriseProgress *self, const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list args;

  if (self == NULL)
    return;
  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  add_line (self, text, NULL);
}

/**
 * reprise_progress_set_uninterruptible:
 * @uninterruptible: whether work has begun that must not be cut off in the middle
 *
 * While it is, the first Stop waits for the next reprise_progress_check_stop(); only the second one cancels at once.
 */
void
reprise_progress_set_uninterruptible (RepriseProgress *self, gboolean uninterruptible)
{
  if (self == NULL)
    return;
  if (self->parent != NULL)
    {
      reprise_progress_set_uninterruptible (self->parent, uninterruptible);
      return;
    }
  g_mutex_lock (&self->mutex);
  self->uninterruptible = uninterruptible;
  g_mutex_unlock (&self->mutex);
}

/* At a safe point: %FALSE with %G_IO_ERROR_CANCELLED when somebody asked to stop. */
gboolean
reprise_progress_check_stop (RepriseProgress *self, GError **error)
{
  gboolean stop;

  if (self == NULL)
    return TRUE;
  if (self->parent != NULL)
    return reprise_progress_check_stop (self->parent, error);
  g_mutex_lock (&self->mutex);
  stop = self->stop_requested;
  g_mutex_unlock (&self->mutex);
  if (stop)
    reprise_error_set_literal (error, G_IO_ERROR, G_IO_ERROR_CANCELLED, _ ("Stopped"));
  return !stop;
}

/* Whether the work may be cancelled at once; else it will stop at its next safe point. */
gboolean
reprise_progress_request_stop (RepriseProgress *self)
{
  gboolean at_once;

  g_mutex_lock (&self->mutex);
  self->stop_requested = TRUE;
  at_once = !self->uninterruptible;
  g_mutex_unlock (&self->mutex);
  return at_once;
}

static void
cancelled_cb (GCancellable *cancellable, RepriseProgress *self)
{
  g_mutex_lock (&self->mutex);
  g_cond_broadcast (&self->answered);
  g_mutex_unlock (&self->mutex);
}

/**
 * reprise_progress_ask:
 *
 * Asks the person, or the policy, in front of the job and waits for the answer. In a worker only. With a @self of
 * %NULL nobody is there: the answer is the question's `unattended` response.
 *
 * Returns: (transfer full): the chosen response, or %NULL with %G_IO_ERROR_CANCELLED
 */
char *
reprise_progress_ask (RepriseProgress *self,
                      const RepriseQuestion *question,
                      GCancellable *cancellable,
                      GError **error)
{
  char *response;
  gulong handler = 0;

  if (self == NULL)
    return g_strdup (question->unattended);
  if (self->parent != NULL)
    return reprise_progress_ask (self->parent, question, cancellable, error);
  if (cancellable != NULL)
    handler = g_cancellable_connect (cancellable, G_CALLBACK (cancelled_cb), self, NULL);
  g_mutex_lock (&self->mutex);
  g_clear_pointer (&self->response, g_free);
  g_clear_pointer (&self->question, reprise_question_free);
  self->question = reprise_question_copy (question);
  while (self->response == NULL && !g_cancellable_is_cancelled (cancellable))
    g_cond_wait (&self->answered, &self->mutex);
  g_clear_pointer (&self->question, reprise_question_free);
  response = g_steal_pointer (&self->response);
  g_mutex_unlock (&self->mutex);
  g_cancellable_disconnect (cancellable, handler);
  if (response == NULL)
    g_cancellable_set_error_if_cancelled (cancellable, error);
  return response;
}

/* With the mutex held: bytes a second over the last seconds */
static gint64
rate (RepriseProgress *self, gint64 now)
{
  const Mark *from = NULL;

  for (guint i = 0; i < self->n_marks && from == NULL; i++)
    if (now - self->marks[i].time_us <= RATE_SECONDS * G_USEC_PER_SEC)
      from = &self->marks[i];
  if (from == NULL || now - from->time_us < G_USEC_PER_SEC / 5)
    return 0;
  return (gint64) ((double) (self->bytes_done - from->bytes) * G_USEC_PER_SEC /
                   (double) (now - from->time_us));
}

/* With the mutex held: by the fraction so far, once there is enough to go by */
static gint64
seconds_left (RepriseProgress *self, double fraction, gint64 now)
{
  double elapsed = (double) (now - self->started_us) / G_USEC_PER_SEC;

  if (fraction < 0.02 || elapsed < 2)
    return -1;
  return (gint64) (elapsed * (1 - fraction) / fraction + 0.5);
}

/* With the mutex held: the phase and its counts, those of the part where one is at work. */
static void
get_figures (RepriseProgress *self, gint64 now, RepriseProgressSnapshot *snapshot)
{
  if (self->part != NULL)
    {
      g_mutex_lock (&self->part->mutex);
      get_figures (self->part, now, snapshot);
      g_mutex_unlock (&self->part->mutex);
    }
  else
    {
      snapshot->bytes_done = self->bytes_done;
      snapshot->bytes_total = self->bytes_total;
      snapshot->items_done = self->items_done;
      snapshot->items_total = self->items_total;
      snapshot->bytes_per_second = rate (self, now);
    }
  snapshot->phase = self->phase;
}

/**
 * reprise_progress_get_snapshot:
 * @snapshot: (out caller-allocates): clear it with reprise_progress_snapshot_clear()
 *
 * The fraction never goes back and stays below 1: only the end of the job is the whole.
 */
void
reprise_progress_get_snapshot (RepriseProgress *self, RepriseProgressSnapshot *snapshot)
{
  gint64 now = g_get_monotonic_time ();
  double fraction;

  g_mutex_lock (&self->mutex);
  fraction = whole_fraction (self);
  if (fraction >= 0)
    {
      fraction = MIN (fraction, 0.99);
      if (self->n_plan > 0)
        fraction = self->highest = MAX (self->highest, fraction);
    }
  *snapshot = (RepriseProgressSnapshot){
    .fraction = fraction,
    .seconds_left = seconds_left (self, fraction, now),
    .idle_seconds = (now - self->moved_us) / G_USEC_PER_SEC,
    .message = g_strdup (self->message),
    .stop_text = g_strdup (self->stop_text),
  };
  get_figures (self, now, snapshot);
  g_mutex_unlock (&self->mutex);
}

/* How many planned phases there are, each with its state; @plan and @states have room for @max. */
guint
reprise_progress_get_plan (RepriseProgress *self,
                           ReprisePhaseShare *plan,
                           ReprisePhaseState *states,
                           guint max)
{
  ReprisePhaseState state = REPRISE_PHASE_STATE_DONE;
  gboolean planned = FALSE;
  guint n;

  g_mutex_lock (&self->mutex);
  n = MIN (self->n_plan, max);
  for (guint i = 0; i < n; i++)
    planned |= self->plan[i].phase == self->phase;
  for (guint i = 0; i < n; i++)
    {
      plan[i] = self->plan[i];
      if (!planned)
        state = REPRISE_PHASE_STATE_TO_DO;
      else if (plan[i].phase == self->phase)
        state = REPRISE_PHASE_STATE_RUNNING;
      else if (state == REPRISE_PHASE_STATE_RUNNING)
        state = REPRISE_PHASE_STATE_TO_DO;
      states[i] = state;
    }
  g_mutex_unlock (&self->mutex);
  return n;
}

char **
reprise_progress_dup_warnings (RepriseProgress *self)
{
  char **lines;

  g_mutex_lock (&self->mutex);
  lines = reprise_strv_from_array (self->warnings, 0);
  g_mutex_unlock (&self->mutex);
  return lines;
}

/* (transfer full): the same as base/reprise-saying.h has them, to be kept or told to others */
char **
reprise_progress_dup_said_warnings (RepriseProgress *self)
{
  char **lines;

  g_mutex_lock (&self->mutex);
  lines = reprise_strv_from_array (self->said, 0);
  g_mutex_unlock (&self->mutex);
  return lines;
}

/* (transfer full): the lines logged since the last call */
char **
reprise_progress_take_log (RepriseProgress *self)
{
  char **lines;

  g_mutex_lock (&self->mutex);
  lines = reprise_strv_from_array (self->log, self->n_log_taken);
  self->n_log_taken = self->log->len;
  g_mutex_unlock (&self->mutex);
  return lines;
}

/* (transfer full): the whole log so far, a line each */
char *
reprise_progress_dup_log_text (RepriseProgress *self)
{
  g_auto (GStrv) lines = NULL;

  g_mutex_lock (&self->mutex);
  lines = reprise_strv_from_array (self->log, 0);
  g_mutex_unlock (&self->mutex);
  return g_strjoinv ("\n", lines);
}

/* (transfer full) (nullable): the question that waits for an answer */
RepriseQuestion *
reprise_progress_dup_question (RepriseProgress *self)
{
  RepriseQuestion *question;

  g_mutex_lock (&self->mutex);
  question = self->question == NULL || self->response != NULL
               ? NULL
               : reprise_question_copy (self->question);
  g_mutex_unlock (&self->mutex);
  return question;
}

/* Whether that question was waiting and @response is one of its responses. */
gboolean
reprise_progress_answer (RepriseProgress *self, const char *question_id, const char *response)
{
  gboolean fits;

  g_mutex_lock (&self->mutex);
  fits = self->question != NULL && self->response == NULL &&
         g_strcmp0 (self->question->id, question_id) == 0 &&
         g_strv_contains ((const char *const *) self->question->responses, response);
  if (fits)
    {
      self->response = g_strdup (response);
      g_cond_broadcast (&self->answered);
    }
  g_mutex_unlock (&self->mutex);
  return fits;
}
