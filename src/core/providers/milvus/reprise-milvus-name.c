/* reprise-milvus-name.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <stdlib.h>
#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "providers/milvus/reprise-milvus-name.h"

#define MAX_NAME_BYTES 128
#define STAMP_FORMAT   "%Y_%m_%d_%H_%M_%S"
#define STAMP_BYTES    19

static gboolean
has_only_word_characters (const char *text)
{
  for (; *text != '\0'; text++)
    if (!g_ascii_isalnum (*text) && *text != '_')
      return FALSE;
  return TRUE;
}

static gboolean
begins_well (const char *text)
{
  return g_ascii_isalpha (*text) || *text == '_';
}

/* The rule of every version; the newer ones crash where there is no name at all. */
gboolean
reprise_milvus_name_check_backup (const char *name, GError **error)
{
  if (name == NULL || *name == '\0')
    reprise_error_set_literal (error, REPRISE_ERROR, REPRISE_ERROR_INVALID,
                               _ ("The backup needs a name."));
  else if (!begins_well (name))
    reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_INVALID,
                       _ ("The name “%s” must begin with a letter from A to Z or an underscore."),
                       name);
  else if (!has_only_word_characters (name))
    reprise_error_set (
      error, REPRISE_ERROR, REPRISE_ERROR_INVALID,
      _ ("The name “%s” may hold letters from A to Z, digits and underscores only."), name);
  else if (strlen (name) > MAX_NAME_BYTES)
    reprise_error_set_literal (error, REPRISE_ERROR, REPRISE_ERROR_INVALID,
                               _ ("The name of a backup may have 128 characters."));
  else
    return TRUE;
  return FALSE;
}

/* Older servers also ask for a letter or an underscore at its beginning; so does Reprise, of all. */
gboolean
reprise_milvus_name_check_suffix (const char *suffix, GError **error)
{
  if (suffix == NULL || *suffix == '\0' ||
      (begins_well (suffix) && has_only_word_characters (suffix)))
    return TRUE;
  reprise_error_set (
    error, REPRISE_ERROR, REPRISE_ERROR_INVALID,
    _ ("The suffix “%s” must begin with a letter or an underscore, and may hold letters "
       "from A to Z, digits and underscores only: “_recover”."),
    suffix);
  return FALSE;
}

/* Of a collection, or of a database. */
gboolean
reprise_milvus_name_check_collection (const char *name, GError **error)
{
  if (begins_well (name) && has_only_word_characters (name) && strlen (name) <= 255)
    return TRUE;
  reprise_error_set (
    error, REPRISE_ERROR, REPRISE_ERROR_INVALID,
    _ ("“%s” is no name for a collection or a database: letters from A to Z, digits and "
       "underscores, and no digit at its beginning."),
    name);
  return FALSE;
}

/* (transfer full): “reprise_2026_11_21_20_22_57_123”, new at every call: a name is never free again on some servers */
char *
reprise_milvus_name_make (const char *prefix, gint64 unix_us)
{
  g_autoptr (GDateTime) now = g_date_time_new_from_unix_utc (unix_us / G_USEC_PER_SEC);
  g_autofree char *stamp = g_date_time_format (now, STAMP_FORMAT);

  return g_strdup_printf ("%s_%s_%03d", prefix, stamp, (int) (unix_us / 1000 % 1000));
}

static gboolean
is_stamp (const char *text)
{
  for (guint i = 0; i < STAMP_BYTES; i++)
    if (i == 4 || i == 7 || i == 10 || i == 13 || i == 16 ? text[i] != '_'
                                                          : !g_ascii_isdigit (text[i]))
      return FALSE;
  return TRUE;
}

/* (transfer full) (nullable): when it was made, of a name that Reprise or the server made out of the time */
GDateTime *
reprise_milvus_name_read_time (const char *name)
{
  gsize length = strlen (name);

  for (gsize at = 0; at + STAMP_BYTES <= length; at++)
    {
      const char *text = name + at;

      if ((at == 0 || name[at - 1] == '_') && is_stamp (text))
        return g_date_time_new_utc (atoi (text), atoi (text + 5), atoi (text + 8), atoi (text + 11),
                                    atoi (text + 14), atoi (text + 17));
    }
  return NULL;
}

/* (transfer full): “shop.items”. @database may be empty for the one that is always there */
char *
reprise_milvus_name_join (const char *database, const char *collection)
{
  return g_strdup_printf (
    "%s.%s", database != NULL && *database != '\0' ? database : REPRISE_MILVUS_DEFAULT_DATABASE,
    collection);
}

/* (transfer full): as people write it: without the database that is always there */
char *
reprise_milvus_name_show (const char *full)
{
  return g_str_has_prefix (full, REPRISE_MILVUS_DEFAULT_DATABASE ".")
           ? g_strdup (full + strlen (REPRISE_MILVUS_DEFAULT_DATABASE "."))
           : g_strdup (full);
}

/* @database, @collection: (out) (transfer full) (optional) */
void
reprise_milvus_name_split (const char *full, char **database, char **collection)
{
  const char *dot = strchr (full, '.');

  if (database != NULL)
    *database = dot != NULL && dot > full ? g_strndup (full, (gsize) (dot - full))
                                          : g_strdup (REPRISE_MILVUS_DEFAULT_DATABASE);
  if (collection != NULL)
    *collection = g_strdup (dot != NULL ? dot + 1 : full);
}

/* (transfer full): with its database, whether it was written or not */
char *
reprise_milvus_name_complete (const char *name)
{
  g_autofree char *database = NULL;
  g_autofree char *collection = NULL;

  reprise_milvus_name_split (name, &database, &collection);
  return reprise_milvus_name_join (database, collection);
}

/* (transfer full) (element-type utf8): “films, shop.items” as complete names */
GPtrArray *
reprise_milvus_name_read_list (const char *text)
{
  g_auto (GStrv) words = g_strsplit_set (text != NULL ? text : "", ", \t\n", -1);
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; words[i] != NULL; i++)
    if (*words[i] != '\0')
      g_ptr_array_add (names, reprise_milvus_name_complete (words[i]));
  return names;
}
