/* reprise-waiting.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "provider/reprise-gate.h"

G_BEGIN_DECLS

/**
 * RepriseWaiting:
 * @since: (owned): when it was due
 * @wait: what it waits for, as the background service saw it last
 * @until: (owned) (nullable): when it is tried again, after a failure that may pass by itself
 *
 * A backup that is due, and has not begun.
 */
typedef struct
{
  GDateTime *since;
  RepriseWait wait;
  GDateTime *until;
} RepriseWaiting;

void reprise_waiting_free (RepriseWaiting *self);

/* blocking: for workers */
gboolean reprise_waiting_note (RepriseHistory *history,
                               const char *service_uuid,
                               RepriseWait wait,
                               GError **error);
RepriseWaiting *reprise_waiting_read (RepriseHistory *history,
                                      RepriseService *service,
                                      GDateTime *now,
                                      GTimeZone *zone,
                                      GError **error);

char *reprise_waiting_to_text (const RepriseWaiting *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RepriseWaiting, reprise_waiting_free)

G_END_DECLS
