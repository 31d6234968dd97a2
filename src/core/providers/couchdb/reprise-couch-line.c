/* reprise-couch-line.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "providers/couchdb/reprise-couch-line.h"
#include "providers/couchdb/store/reprise-couch-compact.h"

/* @id, or what it was rolled up into. @next: gets those that were not on the line before */
static void
add_to_line (GHashTable *line, RepriseCouchShelf *shelf, const char *id, GPtrArray *next)
{
  for (guint i = 0; id != NULL && i < reprise_couch_shelf_get_n_runs (shelf); i++)
    {
      RepriseCouchRun *run = reprise_couch_shelf_get_run (shelf, i);

      if (!run->is_aside &&
          (strcmp (run->id, id) == 0 || reprise_manifest_supersedes (run->manifest, id)) &&
          g_hash_table_add (line, run->id))
        g_ptr_array_add (next, run);
    }
}

/**
 * reprise_couch_line_new:
 * @head: (out) (transfer none) (nullable): the newest run
 *
 * A run has one parent, which protects what it needs from being deleted: so all that a new one goes on from must lie on one line.
 *
 * Returns: (transfer full) (element-type utf8): the newest run, its parents, and what they were rolled up into; the names are of @shelf
 */
GHashTable *
reprise_couch_line_new (RepriseCouchShelf *shelf, const char **head)
{
  GHashTable *line = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GPtrArray) next = g_ptr_array_new ();
  RepriseCouchRun *newest = NULL;

  for (guint i = 0; i < reprise_couch_shelf_get_n_runs (shelf); i++)
    {
      RepriseCouchRun *run = reprise_couch_shelf_get_run (shelf, i);

      if (!run->is_aside && (newest == NULL || reprise_couch_run_get_point (run) >
                                                 reprise_couch_run_get_point (newest)))
        newest = run;
    }
  *head = newest != NULL ? newest->id : NULL;
  add_to_line (line, shelf, *head, next);
  for (guint i = 0; i < next->len; i++)
    {
      RepriseCouchRun *run = next->pdata[i];

      add_to_line (line, shelf, reprise_manifest_get_parent (run->manifest), next);
    }
  return line;
}
