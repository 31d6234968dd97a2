/* reprise-time.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "base/reprise-time.h"

/**
 * reprise_time_to_string:
 *
 * Returns: (transfer full): RFC 3339 in UTC with milliseconds, as in manifests: 2026-11-21T10:13:17.968Z
 */
char *
reprise_time_to_string (GDateTime *time)
{
  g_autoptr (GDateTime) utc = g_date_time_to_utc (time);
  g_autofree char *seconds = g_date_time_format (utc, "%Y-%m-%dT%H:%M:%S");

  return g_strdup_printf ("%s.%03dZ", seconds, g_date_time_get_microsecond (utc) / 1000);
}

/**
 * reprise_time_from_string:
 * @text: (nullable): RFC 3339; a time without a zone is taken as UTC
 *
 * Returns: (transfer full) (nullable): the time in UTC, or %NULL if it is none
 */
GDateTime *
reprise_time_from_string (const char *text)
{
  g_autoptr (GTimeZone) zone = g_time_zone_new_utc ();
  g_autoptr (GDateTime) time = NULL;

  if (text == NULL)
    return NULL;
  time = g_date_time_new_from_iso8601 (text, zone);
  return time == NULL ? NULL : g_date_time_to_utc (time);
}

/* (transfer full): UTC without colons, as in the names of folders: 20261121T101317Z */
char *
reprise_time_to_stamp (GDateTime *time)
{
  g_autoptr (GDateTime) utc = g_date_time_to_utc (time);

  return g_date_time_format (utc, "%Y%m%dT%H%M%SZ");
}

/* (transfer full): date and time for people, in their zone: “20 Nov 2026, 02:00” */
char *
reprise_time_to_text (GDateTime *time)
{
  g_autoptr (GDateTime) local = g_date_time_to_local (time);

  /* Translators: a date with time, see g_date_time_format(): 20 Nov 2026, 02:00 */
  return g_date_time_format (local, _ ("%-e %b %Y, %H:%M"));
}

#define MAX_AHEAD G_TIME_SPAN_HOUR /* of a clock that is right, as clocks are */

/* Whether it is of a clock that was ahead, or of one that is behind now: what is dated so proves nothing. */
gboolean
reprise_time_is_ahead (GDateTime *time, GDateTime *now)
{
  return g_date_time_difference (time, now) > MAX_AHEAD;
}

/* (transfer full): how long ago, for people: “2 hours ago”; the date of what is long ago, or dated ahead */
char *
reprise_time_to_ago (GDateTime *time, GDateTime *now)
{
  gint64 seconds = g_date_time_difference (now, time) / G_TIME_SPAN_SECOND;
  gulong n;

  if (reprise_time_is_ahead (time, now))
    return reprise_time_to_text (time);
  if (seconds < 60)
    return g_strdup (_ ("just now"));
  if (seconds < 3600)
    {
      n = (gulong) seconds / 60;
      return g_strdup_printf (ngettext ("%lu minute ago", "%lu minutes ago", n), n);
    }
  if (seconds < 86400)
    {
      n = (gulong) seconds / 3600;
      return g_strdup_printf (ngettext ("%lu hour ago", "%lu hours ago", n), n);
    }
  n = (gulong) seconds / 86400;
  if (n < 60)
    return g_strdup_printf (ngettext ("%lu day ago", "%lu days ago", n), n);
  return reprise_time_to_text (time);
}

/* (transfer full): a time span for people: “about 20 seconds”, “1 min 40 s”, “2 h 5 min” */
char *
reprise_duration_to_text (gint64 seconds)
{
  if (seconds < 60)
    /* Translators: a time span in seconds */
    return g_strdup_printf (_ ("%d s"), (int) MAX (seconds, 0));
  if (seconds < 3600)
    /* Translators: a time span in minutes and seconds */
    return g_strdup_printf (_ ("%d min %d s"), (int) (seconds / 60), (int) (seconds % 60));
  /* Translators: a time span in hours and minutes */
  return g_strdup_printf (_ ("%d h %d min"), (int) (seconds / 3600), (int) (seconds % 3600 / 60));
}
