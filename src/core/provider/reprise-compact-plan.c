/* reprise-compact-plan.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "base/reprise-time.h"
#include "provider/reprise-compact-plan.h"

/* “roll-up”, as in --json */
const char *
reprise_compact_action_to_string (RepriseCompactAction action)
{
  return action == REPRISE_COMPACT_ROLL_UP ? "roll-up" : "delete";
}

/* For people */
const char *
reprise_compact_action_get_text (RepriseCompactAction action)
{
  return action == REPRISE_COMPACT_ROLL_UP ? _ ("Roll up") : _ ("Delete");
}

static void
free_source (gpointer data)
{
  RepriseCompactSource *source = data;

  g_free (source->backup_id);
  g_clear_pointer (&source->created_at, g_date_time_unref);
  g_free (source);
}

RepriseCompactStep *
reprise_compact_step_new (RepriseCompactAction action, RepriseTier tier)
{
  RepriseCompactStep *self = g_new0 (RepriseCompactStep, 1);

  self->action = action;
  self->tier = tier;
  self->collections = g_new0 (char *, 1);
  self->sources = g_ptr_array_new_with_free_func (free_source);
  self->lost = g_ptr_array_new_with_free_func ((GDestroyNotify) g_date_time_unref);
  return self;
}

void
reprise_compact_step_free (RepriseCompactStep *self)
{
  g_strfreev (self->collections);
  g_ptr_array_unref (self->sources);
  g_ptr_array_unref (self->lost);
  g_clear_pointer (&self->deleted_at, g_date_time_unref);
  g_free (self);
}

void
reprise_compact_step_add_source (RepriseCompactStep *self,
                                 const char *backup_id,
                                 GDateTime *created_at,
                                 RepriseTier tier,
                                 gint64 size_bytes,
                                 gboolean kept)
{
  RepriseCompactSource *source = g_new0 (RepriseCompactSource, 1);

  source->backup_id = g_strdup (backup_id);
  source->created_at = g_date_time_ref (created_at);
  source->tier = tier;
  source->size_bytes = size_bytes;
  source->kept = kept;
  self->size_bytes += MAX (size_bytes, 0);
  g_ptr_array_add (self->sources, source);
}

void
reprise_compact_step_add_lost (RepriseCompactStep *self, GDateTime *point)
{
  for (guint i = 0; i < self->lost->len; i++)
    if (g_date_time_equal (self->lost->pdata[i], point))
      return;
  g_ptr_array_add (self->lost, g_date_time_ref (point));
}

/* (transfer full): what becomes of the sources: “Rolled up, deleted on 28 Nov 2026, 02:00” */
char *
reprise_compact_step_dup_text (const RepriseCompactStep *self)
{
  g_autofree char *date =
    self->deleted_at != NULL ? reprise_time_to_text (self->deleted_at) : g_strdup ("–");

  if (self->kept)
    return g_strdup (_ ("Kept: it stays"));
  if (self->needed)
    return g_strdup (_ ("Stays: a backup that is kept, or a safety copy, needs it"));
  if (self->action == REPRISE_COMPACT_ROLL_UP)
    /* Translators: %s is a date; of the backups that a new one is made from */
    return g_strdup_printf (_ ("Deleted on %s, once rolled up"), date);
  if (self->due)
    return self->rolled_up ? g_strdup (_ ("Rolled up, deleted now"))
                           : g_strdup (_ ("Older than every tier, deleted now"));
  if (self->rolled_up)
    /* Translators: %s is a date */
    return g_strdup_printf (_ ("Rolled up, deleted on %s"), date);
  /* Translators: %s is a date */
  return g_strdup_printf (_ ("Older than every tier, deleted on %s"), date);
}

RepriseCompactPlan *
reprise_compact_plan_new (void)
{
  RepriseCompactPlan *self = g_new0 (RepriseCompactPlan, 1);

  self->steps = g_ptr_array_new_with_free_func ((GDestroyNotify) reprise_compact_step_free);
  return self;
}

void
reprise_compact_plan_free (RepriseCompactPlan *self)
{
  g_ptr_array_unref (self->steps);
  g_free (self);
}

/* @step: (transfer full): counted, too */
void
reprise_compact_plan_take (RepriseCompactPlan *self, RepriseCompactStep *step)
{
  g_ptr_array_add (self->steps, step);
  self->n_roll_ups += step->action == REPRISE_COMPACT_ROLL_UP;
  for (guint i = 0; !step->kept && !step->needed && i < step->sources->len; i++)
    {
      const RepriseCompactSource *source = step->sources->pdata[i];
      gint64 *bytes = step->due ? &self->freed_bytes : &self->later_bytes;

      if (!source->kept)
        *bytes += MAX (source->size_bytes, 0);
    }
}
