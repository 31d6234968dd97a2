/* reprise-periods.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "base/reprise-time.h"
#include "schedule/reprise-periods.h"

/* Until, but not with, the last microsecond. */
typedef struct
{
  gint64 from_us;
  gint64 to_us;
} Span;

struct _ReprisePeriods
{
  GHashTable *spans; /* (owned) (element-type utf8 GArray): by name; in order, apart from each other */
};

ReprisePeriods *
reprise_periods_new (void)
{
  ReprisePeriods *self = g_new0 (ReprisePeriods, 1);

  self->spans =
    g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_array_unref);
  return self;
}

void
reprise_periods_free (ReprisePeriods *self)
{
  g_hash_table_unref (self->spans);
  g_free (self);
}

static gboolean
read_time (const char *text, gint64 *us)
{
  g_autoptr (GDateTime) time = reprise_time_from_string (text);

  if (time != NULL)
    *us = g_date_time_to_unix (time) * G_USEC_PER_SEC + g_date_time_get_microsecond (time);
  return time != NULL;
}

/* (transfer full) (nullable): the name on a line “NAME FROM TO” */
static char *
read_line (const char *line, Span *span)
{
  g_auto (GStrv) parts = g_strsplit (line, " ", 3);

  return g_strv_length (parts) == 3 && read_time (parts[1], &span->from_us) &&
             read_time (parts[2], &span->to_us) && span->from_us < span->to_us
           ? g_strdup (parts[0])
           : NULL;
}

/* The first one that does not end before @us */
static guint
find (GArray *spans, gint64 us)
{
  guint low = 0, high = spans->len;

  while (low < high)
    {
      guint middle = low + (high - low) / 2;

      if (g_array_index (spans, Span, middle).to_us < us)
        low = middle + 1;
      else
        high = middle;
    }
  return low;
}

static void
add (GArray *spans, Span span)
{
  guint at = find (spans, span.from_us);
  guint end = at;

  for (; end < spans->len && g_array_index (spans, Span, end).from_us <= span.to_us; end++)
    {
      span.from_us = MIN (span.from_us, g_array_index (spans, Span, end).from_us);
      span.to_us = MAX (span.to_us, g_array_index (spans, Span, end).to_us);
    }
  if (end > at)
    g_array_remove_range (spans, at, end - at);
  g_array_insert_val (spans, at, span);
}

static gboolean
has (GArray *spans, Span span)
{
  guint at = find (spans, span.to_us);

  return at < spans->len && g_array_index (spans, Span, at).from_us <= span.from_us;
}

/* @lines: (nullable): as a backup has them; what cannot be read counts for nothing */
void
reprise_periods_add (ReprisePeriods *self, const char *lines)
{
  g_auto (GStrv) all = g_strsplit (lines != NULL ? lines : "", "\n", -1);

  for (guint i = 0; all[i] != NULL; i++)
    {
      Span span;
      g_autofree char *name = read_line (all[i], &span);
      GArray *spans = name != NULL ? g_hash_table_lookup (self->spans, name) : NULL;

      if (name == NULL)
        continue;
      if (spans == NULL)
        {
          spans = g_array_new (FALSE, FALSE, sizeof (Span));
          g_hash_table_insert (self->spans, g_steal_pointer (&name), spans);
        }
      add (spans, span);
    }
}

/* Whether all that they say was added before. @lines: (nullable) */
gboolean
reprise_periods_have (ReprisePeriods *self, const char *lines)
{
  g_auto (GStrv) all = g_strsplit (lines != NULL ? lines : "", "\n", -1);

  for (guint i = 0; all[i] != NULL; i++)
    {
      Span span;
      g_autofree char *name = read_line (all[i], &span);
      GArray *spans = name != NULL ? g_hash_table_lookup (self->spans, name) : NULL;

      if (name != NULL && (spans == NULL || !has (spans, span)))
        return FALSE;
    }
  return TRUE;
}
