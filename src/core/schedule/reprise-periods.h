/* reprise-periods.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * ReprisePeriods:
 *
 * Of several things that happened over time, for which parts of it there is a record. Parts that touch each other are one. For one
 * thread.
 */
typedef struct _ReprisePeriods ReprisePeriods;

ReprisePeriods *reprise_periods_new (void);
void reprise_periods_free (ReprisePeriods *self);
void reprise_periods_add (ReprisePeriods *self, const char *lines);
gboolean reprise_periods_have (ReprisePeriods *self, const char *lines);
gboolean reprise_periods_get_span (ReprisePeriods *self,
                                   const char *name,
                                   GDateTime **from,
                                   GDateTime **to);
char *reprise_periods_dup_text (ReprisePeriods *self, const char *name);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ReprisePeriods, reprise_periods_free)

G_END_DECLS
