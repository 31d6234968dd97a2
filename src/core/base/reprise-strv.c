/* reprise-strv.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

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

/* A #GCompareFunc for g_ptr_array_sort() and qsort(): of texts, by their bytes */
int
reprise_strv_compare (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}
