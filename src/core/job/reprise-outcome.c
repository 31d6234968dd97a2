/* reprise-outcome.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "job/reprise-outcome.h"

G_DEFINE_BOXED_TYPE (RepriseOutcome, reprise_outcome, reprise_outcome_copy, reprise_outcome_free)

/* (transfer full): an outcome with that sentence and nothing else known */
RepriseOutcome *
reprise_outcome_new (const char *format, ...)
{
  RepriseOutcome *self = g_new0 (RepriseOutcome, 1);
  va_list args;

  va_start (args, format);
  self->summary = g_strdup_vprintf (format, args);
  va_end (args);
  self->written = -1;
  return self;
}

RepriseOutcome *
reprise_outcome_copy (const RepriseOutcome *self)
{
  RepriseOutcome *copy = g_memdup2 (self, sizeof *self);

  copy->summary = g_strdup (self->summary);
  copy->backup_id = g_strdup (self->backup_id);
  copy->safety_id = g_strdup (self->safety_id);
  return copy;
}

void
reprise_outcome_free (RepriseOutcome *self)
{
  g_free (self->summary);
  g_free (self->backup_id);
  g_free (self->safety_id);
  g_free (self);
}
