/* reprise-periods.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <glib/gi18n-lib.h>

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
  GHashTable
    *spans; /* (owned) (element-type utf8 GArray): by name; in order, apart from each other */
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

static void
widen (Span *whole, GArray *spans)
{
  const Span *first = &g_array_index (spans, Span, 0);
  const Span *last = &g_array_index (spans, Span, spans->len - 1);

  whole->from_us = MIN (whole->from_us, first->from_us);
  whole->to_us = MAX (whole->to_us, last->to_us);
}

static GDateTime *
make_time (gint64 us)
{
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_utc (us / G_USEC_PER_SEC);

  return g_date_time_add (time, us % G_USEC_PER_SEC);
}

/**
 * reprise_periods_get_span:
 * @name: (nullable): of one of the things; %NULL for all of them together
 * @from: (out) (transfer full): where the first part begins
 * @to: (out) (transfer full): where the last one ends; there may be gaps between
 *
 * Returns: %FALSE where there is no record
 */
gboolean
reprise_periods_get_span (ReprisePeriods *self, const char *name, GDateTime **from, GDateTime **to)
{
  Span whole = { G_MAXINT64, G_MININT64 };
  GHashTableIter iter;
  gpointer key, spans;

  g_hash_table_iter_init (&iter, self->spans);
  while (g_hash_table_iter_next (&iter, &key, &spans))
    if (name == NULL || g_str_equal (key, name))
      widen (&whole, spans);
  if (whole.from_us > whole.to_us)
    return FALSE;
  *from = make_time (whole.from_us);
  *to = make_time (whole.to_us);
  return TRUE;
}

/* (transfer full) (nullable): the same for people: “20 Nov 2026, 02:00 to 21 Nov 2026, 02:00” */
char *
reprise_periods_dup_text (ReprisePeriods *self, const char *name)
{
  g_autoptr (GDateTime) from = NULL;
  g_autoptr (GDateTime) to = NULL;
  g_autofree char *from_text = NULL;
  g_autofree char *to_text = NULL;

  if (!reprise_periods_get_span (self, name, &from, &to))
    return NULL;
  from_text = reprise_time_to_text (from);
  to_text = reprise_time_to_text (to);
  /* Translators: two points in time: a period */
  return g_strdup_printf (_ ("%s to %s"), from_text, to_text);
}
