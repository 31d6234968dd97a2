/* reprise-strv.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-strv.h"

/**
 * reprise_strv_from_array:
 * @lines: (element-type utf8): texts
 * @from: the first one that is wanted
 *
 * Returns: (transfer full): copies of them
 */
char **
reprise_strv_from_array (GPtrArray *lines, guint from)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  for (guint i = from; i < lines->len; i++)
    g_strv_builder_add (builder, lines->pdata[i]);
  return g_strv_builder_end (builder);
}

/**
 * reprise_strv_join_some:
 * @names: (element-type utf8)
 * @max: how many of them a sentence has room for
 *
 * Returns: (transfer full): “a, b, c and 5 more”
 */
char *
reprise_strv_join_some (GPtrArray *names, guint max)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < MIN (names->len, max); i++)
    g_string_append_printf (text, "%s%s", i > 0 ? C_ ("list", ", ") : "",
                            (const char *) names->pdata[i]);
  if (names->len > max)
    /* Translators: follows a list of names */
    g_string_append_printf (text, _ (" and %u more"), names->len - max);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* A #GCompareFunc for g_ptr_array_sort() and qsort(): of texts, by their bytes */
int
reprise_strv_compare (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}
