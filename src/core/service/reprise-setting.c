/* reprise-setting.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <inttypes.h>
#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "service/reprise-setting.h"

/* (nullable): the setting of that key in a list that ends with a key of %NULL */
const RepriseSetting *
reprise_setting_find (const RepriseSetting *settings, const char *key)
{
  for (; settings != NULL && settings->key != NULL; settings++)
    if (g_strcmp0 (settings->key, key) == 0)
      return settings;
  return NULL;
}

static gboolean
refuse (const RepriseSetting *setting, const char *value, const char *reason, GError **error)
{
  reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_INVALID,
                     /* Translators: the name of a setting, its value, and what is wrong with it */
                     _ ("“%s” cannot be “%s”: %s"),
                     setting->label != NULL ? _ (setting->label) : setting->key, value, reason);
  return FALSE;
}

static gboolean
refuse_empty (const RepriseSetting *setting, GError **error)
{
  /* Translators: the name of a setting */
  reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_INVALID, _ ("“%s” must not be empty"),
                     setting->label != NULL ? _ (setting->label) : setting->key);
  return FALSE;
}

static gboolean
check_address (const RepriseSetting *setting, const char *value, GError **error)
{
  g_autoptr (GUri) uri = g_uri_parse (value, G_URI_FLAGS_HAS_PASSWORD, NULL);

  if (uri == NULL || g_uri_get_host (uri) == NULL || *g_uri_get_host (uri) == '\0' ||
      (g_strcmp0 (g_uri_get_scheme (uri), "https") != 0 &&
       g_strcmp0 (g_uri_get_scheme (uri), "http") != 0))
    return refuse (setting, value, _ ("it is not an address like https://host:port/"), error);
  if (g_uri_get_userinfo (uri) != NULL)
    {
      /* Not shown: it may hold a password. */
      reprise_error_set_literal (
        error, REPRISE_ERROR, REPRISE_ERROR_INVALID,
        _ (
          "The address must not hold a user name or password: give them as settings of their own"));
      return FALSE;
    }
  return TRUE;
}

static gboolean
check_integer (const RepriseSetting *setting, const char *value, GError **error)
{
  gint64 maximum = setting->maximum > 0 ? setting->maximum : G_MAXINT32;
  g_autofree char *reason = NULL;

  if (g_strcmp0 (setting->word, value) == 0 ||
      g_ascii_string_to_signed (value, 10, setting->minimum, maximum, NULL, NULL))
    return TRUE;
  if (setting->maximum == 0)
    return refuse (setting, value, _ ("it is a whole number"), error);
  reason = setting->word != NULL
             /* Translators: two numbers, and a word that stands for all of them: “all” */
             ? g_strdup_printf (_ ("it is a whole number from %" PRId64 " to %" PRId64 ", or “%s”"),
                                setting->minimum, maximum, setting->word)
             : g_strdup_printf (_ ("it is a whole number from %" PRId64 " to %" PRId64),
                                setting->minimum, maximum);
  return refuse (setting, value, reason, error);
}

#define LENGTH_OF_DAY     10 /* of “2026-11-21” */
#define LENGTH_OF_MINUTES 16 /* of “2026-11-21T02:00” */

/* (transfer full): with hours, minutes and seconds, as ISO 8601 is read; the zone, if any, stays behind them */
static char *
make_whole (const char *text)
{
  gsize length = strlen (text);

  if (length == LENGTH_OF_DAY)
    return g_strconcat (text, "T00:00:00", NULL);
  if (length >= LENGTH_OF_MINUTES && text[LENGTH_OF_MINUTES] != ':')
    return g_strdup_printf ("%.*s:00%s", LENGTH_OF_MINUTES, text, text + LENGTH_OF_MINUTES);
  return g_strdup (text);
}

/**
 * reprise_setting_read_time:
 * @value: a day, or a day and a time with “T” or a blank between them: ISO 8601, seconds may be missing
 *
 * Returns: (transfer full) (nullable): what it stands for, by the clock of this computer where it names no zone; %NULL for anything else
 */
GDateTime *
reprise_setting_read_time (const char *value)
{
  g_autoptr (GTimeZone) zone = g_time_zone_new_local ();
  g_autofree char *stripped = g_strstrip (g_strdup (value));
  g_autofree char *whole = make_whole (stripped);

  return g_date_time_new_from_iso8601 (whole, zone);
}

static gboolean
check_time (const RepriseSetting *setting, const char *value, GError **error)
{
  g_autoptr (GDateTime) time = reprise_setting_read_time (value);

  return time != NULL ||
         refuse (setting, value, _ ("it is no time such as 2026-11-21 02:00"), error);
}

static gboolean
refuse_choice (const char *why, GError **error)
{
  reprise_error_set_literal (error, REPRISE_ERROR, REPRISE_ERROR_INVALID, why);
  return FALSE;
}

/* (nullable): why that choice cannot be taken on this computer, a whole sentence */
const char *
reprise_setting_explain_choice (const RepriseSetting *setting, const char *value)
{
  return setting->explain_choice != NULL ? setting->explain_choice (value) : NULL;
}

/**
 * reprise_setting_check:
 * @value: the value that somebody typed; not for a secret
 *
 * Returns: whether it fits the type; else %REPRISE_ERROR_INVALID with a whole sentence
 */
gboolean
reprise_setting_check (const RepriseSetting *setting, const char *value, GError **error)
{
  if (!g_utf8_validate (value, -1, NULL))
    {
      reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_INVALID,
                         _ ("The value of “%s” is not valid text"), setting->key);
      return FALSE;
    }
  if (*value == '\0')
    return !setting->required || refuse_empty (setting, error);
  switch (setting->type)
    {
    case REPRISE_SETTING_ADDRESS:
      return check_address (setting, value, error) &&
             (setting->check == NULL || setting->check (value, error));
    case REPRISE_SETTING_BOOLEAN:
      return g_str_equal (value, "true") || g_str_equal (value, "false") ||
             refuse (setting, value, _ ("it is true or false"), error);
    case REPRISE_SETTING_INTEGER:
      return check_integer (setting, value, error);
    case REPRISE_SETTING_TIME:
      return check_time (setting, value, error);
    case REPRISE_SETTING_CHOICE:
      {
        g_autofree char *choices = g_strjoinv (", ", (char **) setting->choices);
        g_autofree char *reason = g_strdup_printf (_ ("it is one of %s"), choices);
        const char *why = reprise_setting_explain_choice (setting, value);

        if (!g_strv_contains (setting->choices, value))
          return refuse (setting, value, reason, error);
        return why == NULL || refuse_choice (why, error);
      }
    case REPRISE_SETTING_TEXT:
    case REPRISE_SETTING_PATH:
    case REPRISE_SETTING_SECRET:
    default:
      return setting->check == NULL || setting->check (value, error);
    }
}

/**
 * reprise_setting_normalise:
 * @folder: the folder that a relative path starts from
 *
 * Returns: (transfer full): the value as it is kept: a path made absolute, blanks at the ends cut
 */
char *
reprise_setting_normalise (const RepriseSetting *setting, const char *value, const char *folder)
{
  if (setting->type == REPRISE_SETTING_PATH && *value != '\0')
    return g_canonicalize_filename (value, folder);
  if (setting->type == REPRISE_SETTING_SECRET)
    return g_strdup (value);
  return g_strstrip (g_strdup (value));
}

/* (transfer none): what people read for a value of a choice; the value itself where there is nothing else */
const char *
reprise_setting_get_choice_label (const RepriseSetting *setting, const char *value)
{
  for (guint i = 0; setting->choice_labels != NULL && setting->choices[i] != NULL; i++)
    if (g_strcmp0 (setting->choices[i], value) == 0)
      return _ (setting->choice_labels[i]);
  return value;
}

/* Whether its value lies in that of another setting, however many are between them. */
gboolean
reprise_setting_lies_in (const RepriseSetting *setting,
                         const RepriseSetting *settings,
                         const char *key)
{
  while (setting != NULL && setting->depends_on != NULL)
    {
      if (g_str_equal (setting->depends_on, key))
        return TRUE;
      setting = reprise_setting_find (settings, setting->depends_on);
    }
  return FALSE;
}

/* @values: “sas”, or several with bars between them */
static gboolean
is_among (const char *value, const char *values)
{
  g_auto (GStrv) all = g_strsplit (values, "|", -1);

  return value != NULL && g_strv_contains ((const char *const *) all, value);
}

/* Whether the setting has a meaning beside those @values (key → value; what is missing is at its default). */
gboolean
reprise_setting_is_shown (const RepriseSetting *setting,
                          const RepriseSetting *settings,
                          GHashTable *values)
{
  const RepriseSetting *other;
  const char *value;

  if (setting->shown_if_key == NULL)
    return TRUE;
  value = g_hash_table_lookup (values, setting->shown_if_key);
  other = reprise_setting_find (settings, setting->shown_if_key);
  if (value == NULL && other != NULL)
    value = other->default_value;
  return is_among (value, setting->shown_if_value);
}
