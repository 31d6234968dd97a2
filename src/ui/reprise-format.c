/* reprise-format.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "reprise-ui"

#include "config.h"

#include <string.h>

#include <glib/gi18n.h>

#include "reprise-format.h"

#define INTERFACE_SCHEMA "org.gnome.desktop.interface"

/* Whether hours are shown as 1 to 12: the desktop's setting, read once; without one, 24. */
static gboolean
uses_12_hours (void)
{
  static gsize state = 0; /* 1: 24 hours, 2: 12 hours */

  if (g_once_init_enter (&state))
    {
      GSettingsSchemaSource *source = g_settings_schema_source_get_default ();
      g_autoptr (GSettingsSchema) schema =
        source != NULL ? g_settings_schema_source_lookup (source, INTERFACE_SCHEMA, TRUE) : NULL;
      gsize found = 1;

      if (schema != NULL && g_settings_schema_has_key (schema, "clock-format"))
        {
          g_autoptr (GSettings) settings = g_settings_new_full (schema, NULL, NULL);
          g_autofree char *format = g_settings_get_string (settings, "clock-format");

          found = g_str_equal (format, "12h") ? 2 : 1;
        }
      g_once_init_leave (&state, found);
    }
  return state == 2;
}

/* “184.2 MB”, or a dash where nobody says. */
char *
reprise_format_size (gint64 size_bytes)
{
  /* Translators: stands where a size or a count is not reported */
  return size_bytes < 0 ? g_strdup (_ ("–")) : g_format_size ((guint64) size_bytes);
}

/* With the separators of the locale: “1,204”. */
char *
reprise_format_count (gint64 count)
{
  return count < 0 ? g_strdup (_ ("–")) : g_strdup_printf ("%'" G_GINT64_FORMAT, count);
}

/* “1,204 records” */
char *
reprise_format_records (gint64 rows)
{
  g_autofree char *count = reprise_format_count (rows);

  if (rows < 0)
    return g_strdup (_ ("number of records not reported"));
  /* Translators: %s is a number with separators, such as 1,204 */
  return g_strdup_printf (ngettext ("%s record", "%s records", (gulong) rows), count);
}

char *
reprise_format_collections (gint64 n)
{
  g_autofree char *count = reprise_format_count (n);

  if (n < 0)
    return g_strdup (_ ("number of collections not reported"));
  /* Translators: a collection is the smallest thing in a data group: a table, a database; %s is a number with separators */
  return g_strdup_printf (ngettext ("%s collection", "%s collections", (gulong) n), count);
}

/* “14:05”, or “2:05 PM” where the desktop says so. */
char *
reprise_format_time (GDateTime *time)
{
  g_autoptr (GDateTime) local = g_date_time_to_local (time);

  /* Translators: a time of 12 hours, see g_date_time_format(): 2:05 PM */
  return uses_12_hours () ? g_date_time_format (local, _ ("%-l:%M %p"))
                          /* Translators: a time of 24 hours, see g_date_time_format(): 14:05 */
                          : g_date_time_format (local, _ ("%H:%M"));
}

/* (transfer full): @format with the time in place of %s */
static char *
with_time (GDateTime *date, const char *format, const char *time)
{
  g_autofree char *day = g_date_time_format (date, format);

  /* Translators: a day and a time: “20 Nov 2026, 02:00” */
  return g_strdup_printf (_ ("%s, %s"), day, time);
}

/* “20 Nov 2026, 02:00”: in a sentence; what stands by itself is written by reprise_format_when() */
char *
reprise_format_date_time (GDateTime *time)
{
  g_autoptr (GDateTime) local = g_date_time_to_local (time);
  g_autofree char *clock = reprise_format_time (time);

  /* Translators: a date with its year, see g_date_time_format(): 20 Nov 2026 */
  return with_time (local, _ ("%-e %b %Y"), clock);
}

static gboolean
is_same_day (GDateTime *a, GDateTime *b)
{
  return g_date_time_get_year (a) == g_date_time_get_year (b) &&
         g_date_time_get_day_of_year (a) == g_date_time_get_day_of_year (b);
}

/* “Today, 02:00”, “Yesterday, 02:00”, “20 Nov, 02:00”, “20 Nov 2025, 02:00” */
char *
reprise_format_day_time (GDateTime *time, GDateTime *now)
{
  g_autoptr (GDateTime) local = g_date_time_to_local (time);
  g_autoptr (GDateTime) local_now = g_date_time_to_local (now);
  g_autoptr (GDateTime) yesterday = g_date_time_add_days (local_now, -1);
  g_autofree char *clock = reprise_format_time (time);

  if (is_same_day (local, local_now))
    /* Translators: a time of today, see g_strdup_printf(): Today, 02:00 */
    return g_strdup_printf (_ ("Today, %s"), clock);
  if (is_same_day (local, yesterday))
    /* Translators: a time of yesterday: Yesterday, 02:00 */
    return g_strdup_printf (_ ("Yesterday, %s"), clock);
  if (g_date_time_get_year (local) == g_date_time_get_year (local_now))
    /* Translators: a date of this year, see g_date_time_format(): 20 Nov */
    return with_time (local, _ ("%-e %b"), clock);
  return with_time (local, _ ("%-e %b %Y"), clock);
}

/* As reprise_format_day_time(), as of now: in every list, title and field, so that the same backup is called the same everywhere. */
char *
reprise_format_when (GDateTime *time)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();

  return reprise_format_day_time (time, now);
}

/**
 * reprise_format_groups_short:
 * @max: how many groups are named
 *
 * Returns: (transfer full): “Users, Custom Collections +2”
 */
char *
reprise_format_groups_short (RepriseGroups groups, guint max)
{
  RepriseGroups named = REPRISE_GROUPS_NONE;
  guint n = 0;
  g_autofree char *names = NULL;

  for (guint i = 0; i < REPRISE_N_GROUPS; i++)
    if (REPRISE_GROUPS_HAS (groups, i) && n++ < max)
      named |= REPRISE_GROUP_BIT (i);
  names = reprise_groups_to_text (named);
  if (n <= max)
    return g_steal_pointer (&names);
  /* Translators: names of data groups, and how many more there are: “Users, Logs +2” */
  return g_strdup_printf (_ ("%s +%u"), names, n - max);
}

/* (transfer none): the words for a tier as versions name it: “daily” */
const char *
reprise_format_tier (const char *id)
{
  RepriseTier tier;

  return reprise_tier_from_string (id, &tier) ? reprise_tier_get_text (tier) : _ ("Backup");
}

#define MAX_JSON_CHARS 4000 /* of a value that is shown */

/* A new line, as far in as it lies deep. */
static void
break_line (GString *text, guint depth)
{
  g_string_append_c (text, '\n');
  for (guint i = 0; i < depth; i++)
    g_string_append (text, "  ");
}

/* Whether the next character that is no white space closes what was just opened. */
static gboolean
is_empty_inside (const char *c)
{
  while (g_ascii_isspace (*c))
    c++;
  return *c == '}' || *c == ']';
}

/* One character outside of a string. */
static void
append_json (GString *text, const char *c, guint *depth)
{
  if (*c == '{' || *c == '[')
    {
      g_string_append_c (text, *c);
      *depth += 1;
      if (!is_empty_inside (c + 1))
        break_line (text, *depth);
    }
  else if (*c == '}' || *c == ']')
    {
      *depth -= *depth > 0;
      if (text->len > 0 && strchr ("{[", text->str[text->len - 1]) == NULL)
        break_line (text, *depth);
      g_string_append_c (text, *c);
    }
  else if (*c == ',')
    {
      g_string_append_c (text, ',');
      break_line (text, *depth);
    }
  else if (*c == ':')
    g_string_append (text, ": ");
  else if (!g_ascii_isspace (*c))
    g_string_append_c (text, *c);
}

/**
 * reprise_format_json:
 * @json: a value, as it was received
 *
 * Returns: (transfer full): the same with one member on a line; nothing but white space differs, and what is long is cut
 */
char *
reprise_format_json (const char *json)
{
  g_autoptr (GString) text = g_string_new (NULL);
  gboolean in_string = FALSE;
  guint depth = 0;

  for (const char *c = json; *c != '\0' && text->len < 4 * MAX_JSON_CHARS; c++)
    {
      if (!in_string && *c != '"')
        {
          append_json (text, c, &depth);
          continue;
        }
      g_string_append_c (text, *c);
      if (*c == '\\' && c[1] != '\0')
        g_string_append_c (text, *++c);
      else if (*c == '"')
        in_string = !in_string;
    }
  if (g_utf8_strlen (text->str, -1) <= MAX_JSON_CHARS)
    return g_utf8_make_valid (text->str, -1);
  g_string_truncate (text,
                     (gsize) (g_utf8_offset_to_pointer (text->str, MAX_JSON_CHARS) - text->str));
  g_string_append (text, "…");
  return g_utf8_make_valid (text->str, -1);
}

/* Puts a dot between it and what is there already: “184 MB · verified”. @part: (nullable): nothing is added then, as of an empty one */
void
reprise_format_add_part (GString *text, const char *part)
{
  if (part != NULL && *part != '\0')
    g_string_append_printf (text, "%s%s", text->len > 0 ? " · " : "", part);
}
