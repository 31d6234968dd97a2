/* reprise-interval.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "base/reprise-time.h"
#include "provider/reprise-interval.h"

/**
 * reprise_interval_dup_text:
 * @manifest: (nullable): of a backup
 *
 * Returns: (transfer full) (nullable): from when to when its data was read, for people: what was written in between may or may not be in
 *   it; %NULL where both are the same minute
 */
char *
reprise_interval_dup_text (RepriseManifest *manifest)
{
  g_autoptr (GDateTime) from =
    manifest != NULL ? reprise_manifest_dup_interval_from (manifest) : NULL;
  g_autoptr (GDateTime) to = manifest != NULL ? reprise_manifest_dup_interval_to (manifest) : NULL;
  g_autofree char *first = from != NULL ? reprise_time_to_text (from) : NULL;
  g_autofree char *end = to != NULL ? reprise_time_to_text (to) : NULL;

  if (first == NULL || end == NULL || g_str_equal (first, end))
    return NULL;
  /* Translators: two points in time: a period */
  return g_strdup_printf (_ ("%s to %s"), first, end);
}
