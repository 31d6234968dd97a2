/* reprise-outcome.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "base/reprise-saying.h"
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

/* (transfer full): an outcome with that sentence, which is not translated yet, and nothing else known */
RepriseOutcome *
reprise_outcome_say (const char *text, ...)
{
  RepriseOutcome *self = reprise_outcome_new ("%s", "");
  va_list args;

  va_start (args, text);
  reprise_outcome_take_saying (self, reprise_say_valist (text, args));
  va_end (args);
  return self;
}

/* (transfer full): the same in one of two forms, by @n */
RepriseOutcome *
reprise_outcome_say_n (const char *singular, const char *plural, guint64 n, ...)
{
  RepriseOutcome *self = reprise_outcome_new ("%s", "");
  va_list args;

  va_start (args, n);
  reprise_outcome_take_saying (self, reprise_say_n_valist (singular, plural, n, args));
  va_end (args);
  return self;
}

/* @saying: (transfer full): in the place of what was said before */
void
reprise_outcome_take_saying (RepriseOutcome *self, char *saying)
{
  g_free (self->said);
  self->said = saying;
  g_free (self->summary);
  self->summary = reprise_saying_to_text (saying);
}

/* (transfer none): its sentence, as an argument of another: in the form that can be said in any language, where there is one */
const char *
reprise_outcome_get_saying (const RepriseOutcome *self)
{
  return self->said != NULL ? self->said : self->summary;
}

RepriseOutcome *
reprise_outcome_copy (const RepriseOutcome *self)
{
  RepriseOutcome *copy = g_memdup2 (self, sizeof *self);

  copy->summary = g_strdup (self->summary);
  copy->said = g_strdup (self->said);
  copy->backup_id = g_strdup (self->backup_id);
  copy->safety_id = g_strdup (self->safety_id);
  return copy;
}

void
reprise_outcome_free (RepriseOutcome *self)
{
  g_free (self->summary);
  g_free (self->said);
  g_free (self->backup_id);
  g_free (self->safety_id);
  g_free (self);
}
