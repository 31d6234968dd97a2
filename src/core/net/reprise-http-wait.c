/* reprise-http-wait.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "net/reprise-http-exchange-private.h"
#include "net/reprise-http-teller.h"
#include "net/reprise-net-thread.h"

#define NOTICE_MS  5000   /* without anything moving, until it is said aloud */
#define PATIENT_MS 120000 /* a wait that may be longer than that is meant to be long */
#define WAIT_MS    250    /* how often a waiting worker looks at the progress */

static void
cancelled_cb (GCancellable *cancellable, gpointer data)
{
  reprise_exchange_stop (data);
}

/* Says aloud that nothing moves, before that is an error. */
static void
give_notice (RepriseExchange *self, RepriseProgress *progress, gint64 idle_ms)
{
  gulong seconds = MAX (1, (gulong) (idle_ms / 1000));
  g_autofree char *notice =
    g_strdup_printf (ngettext ("%s has not responded for %lu second.",
                               "%s has not responded for %lu seconds.", seconds),
                     self->name, seconds);

  reprise_progress_set_message (progress, notice);
  self->noticed = TRUE;
}

/* Without the mutex, in the worker: tells the progress what was sent, and that nothing moves. */
static void
report (RepriseExchange *self,
        RepriseProgress *progress,
        guint64 sent,
        gint64 moved_us,
        RepriseExchangeStage stage)
{
  gint64 idle_ms = moved_us > 0 ? (g_get_monotonic_time () - moved_us) / 1000 : 0;
  RepriseProgress *teller = progress != NULL ? progress : reprise_http_get_teller ();
  gboolean patient = stage == REPRISE_EXCHANGE_STAGE_WAITING && self->plan.header_ms > PATIENT_MS;

  if (teller == NULL)
    return;
  if (progress != NULL && self->upload != NULL && sent > self->reported)
    {
      reprise_progress_add_bytes (progress, (gint64) (sent - self->reported));
      self->reported = sent;
    }
  if (idle_ms >= MIN (NOTICE_MS, (gint64) self->plan.stall_ms / 3) && !patient)
    give_notice (self, teller, idle_ms);
  else if (self->noticed)
    {
      reprise_progress_set_message (teller, NULL);
      self->noticed = FALSE;
    }
}

typedef gboolean (*Condition) (RepriseExchange *self);

static gboolean
has_headers (RepriseExchange *self)
{
  return self->answered;
}

static gboolean
has_ended (RepriseExchange *self)
{
  return FALSE;
}

static gboolean
has_block (RepriseExchange *self)
{
  return self->full.length > 0;
}

/* Waits until @condition, or the end. */
static gboolean
wait_for (RepriseExchange *self,
          Condition condition,
          RepriseProgress *progress,
          GCancellable *cancellable)
{
  gulong handler = 0;
  guint64 sent;
  gboolean holds;

  if (cancellable != NULL)
    handler = g_cancellable_connect (cancellable, G_CALLBACK (cancelled_cb), self, NULL);
  g_mutex_lock (&self->mutex);
  while (!condition (self) && !self->over)
    {
      gint64 moved_us = self->moved_us;
      RepriseExchangeStage stage = self->stage;

      sent = self->sent;
      g_mutex_unlock (&self->mutex);
      report (self, progress, sent, moved_us, stage);
      g_mutex_lock (&self->mutex);
      if (!condition (self) && !self->over)
        g_cond_wait_until (&self->changed, &self->mutex, g_get_monotonic_time () + WAIT_MS * 1000);
    }
  holds = condition (self);
  sent = self->sent;
  g_mutex_unlock (&self->mutex);
  report (self, progress, sent, 0, REPRISE_EXCHANGE_STAGE_QUEUED);
  g_cancellable_disconnect (cancellable, handler);
  return holds;
}

gboolean
reprise_exchange_wait_headers (RepriseExchange *self,
                               RepriseProgress *progress,
                               GCancellable *cancellable)
{
  return wait_for (self, has_headers, progress, cancellable);
}

/* Waits for the whole collected body. */
gboolean
reprise_exchange_wait_body (RepriseExchange *self,
                            RepriseProgress *progress,
                            GCancellable *cancellable)
{
  wait_for (self, has_ended, progress, cancellable);
  return self->end == REPRISE_EXCHANGE_OK;
}

/**
 * reprise_exchange_take:
 *
 * Waits for the next bytes of a streaming answer. They are valid until the next call.
 *
 * Returns: (nullable): the bytes, or %NULL at the end
 */
gconstpointer
reprise_exchange_take (RepriseExchange *self,
                       gsize *size_bytes,
                       RepriseProgress *progress,
                       GCancellable *cancellable)
{
  gboolean resume;

  g_mutex_lock (&self->mutex);
  if (self->lent != NULL)
    g_queue_push_tail (&self->empty, g_steal_pointer (&self->lent));
  resume = self->paused;
  g_mutex_unlock (&self->mutex);
  if (resume)
    reprise_net_invoke (reprise_exchange_resume_cb, reprise_exchange_ref (self));
  if (!wait_for (self, has_block, progress, cancellable))
    return NULL;
  g_mutex_lock (&self->mutex);
  self->lent = g_queue_pop_head (&self->full);
  g_mutex_unlock (&self->mutex);
  *size_bytes = self->lent->size_bytes;
  return self->lent->data;
}
