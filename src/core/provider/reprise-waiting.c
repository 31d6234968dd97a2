/* reprise-waiting.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "base/reprise-time.h"
#include "provider/reprise-waiting.h"

void
reprise_waiting_free (RepriseWaiting *self)
{
  g_clear_pointer (&self->since, g_date_time_unref);
  g_clear_pointer (&self->until, g_date_time_unref);
  g_free (self);
}

static char *
dup_key (const char *service_uuid)
{
  return g_strconcat ("wait:", service_uuid, NULL);
}

/* Keeps what the service waits for, so that others than the background service can tell it. */
gboolean
reprise_waiting_note (RepriseHistory *history,
                      const char *service_uuid,
                      RepriseWait wait,
                      GError **error)
{
  g_autofree char *key = dup_key (service_uuid);

  return reprise_history_set_note (
    history, key, wait != REPRISE_WAIT_NOTHING ? reprise_wait_to_string (wait) : NULL, error);
}

static RepriseWait
wait_from_string (const char *id)
{
  for (guint i = 0; i < REPRISE_N_WAITS; i++)
    if (g_strcmp0 (id, reprise_wait_to_string ((RepriseWait) i)) == 0)
      return (RepriseWait) i;
  return REPRISE_WAIT_NOTHING;
}

/**
 * reprise_waiting_read:
 *
 * Returns: (transfer full) (nullable): what the backup of the service that is due waits for; %NULL without @error: none is due, or
 *   nothing is in its way
 */
RepriseWaiting *
reprise_waiting_read (RepriseHistory *history,
                      RepriseService *service,
                      GDateTime *now,
                      GTimeZone *zone,
                      GError **error)
{
  g_autofree char *key = dup_key (reprise_service_get_uuid (service));
  g_autoptr (RepriseWaiting) self = g_new0 (RepriseWaiting, 1);
  g_autoptr (RepriseDue) due = NULL;
  g_autofree char *text = NULL;

  if (!reprise_scheduler_peek (history, service, REPRISE_ROUTINE_BACK_UP, now, zone, &due, error) ||
      due == NULL || !reprise_history_get_note (history, key, &text, error) ||
      !reprise_scheduler_get_hold (history, due, now, &self->until, error))
    return NULL;
  self->since = g_date_time_ref (due->at);
  self->wait = wait_from_string (text);
  return self->wait != REPRISE_WAIT_NOTHING || self->until != NULL ? g_steal_pointer (&self) : NULL;
}

/* (transfer full): “Waits for a network (due since 22 Nov 2026, 02:00)” */
char *
reprise_waiting_to_text (const RepriseWaiting *self)
{
  g_autofree char *since = reprise_time_to_text (self->since);
  g_autofree char *until = self->until != NULL ? reprise_time_to_text (self->until) : NULL;

  if (self->wait != REPRISE_WAIT_NOTHING)
    /* Translators: “Waits for a network”, and a date with time */
    return g_strdup_printf (_ ("%s (due since %s)"), reprise_wait_get_text (self->wait), since);
  /* Translators: two dates with time */
  return g_strdup_printf (_ ("It did not work, and is tried again on %s (due since %s)"), until,
                          since);
}
