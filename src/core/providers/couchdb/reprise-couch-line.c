/* reprise-couch-line.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "net/reprise-json.h"
#include "providers/couchdb/reprise-couch-line.h"
#include "providers/couchdb/store/reprise-couch-compact.h"

/* Whether @id was rolled up into that run. */
static gboolean
took_in (RepriseCouchRun *run, const char *id)
{
  JsonArray *ids = reprise_json_get_array (reprise_manifest_get_provider (run->manifest),
                                           REPRISE_COUCH_MANIFEST_SUPERSEDES);

  for (guint i = 0; i < reprise_json_array_get_length (ids); i++)
    if (g_strcmp0 (reprise_json_array_get_string (ids, i, NULL), id) == 0)
      return TRUE;
  return FALSE;
}

/* @id, or what it was rolled up into. @next: gets those that were not on the line before */
static void
add_to_line (GHashTable *line, RepriseCouchShelf *shelf, const char *id, GPtrArray *next)
{
  for (guint i = 0; id != NULL && i < reprise_couch_shelf_get_n_runs (shelf); i++)
    {
      RepriseCouchRun *run = reprise_couch_shelf_get_run (shelf, i);

      if (!run->is_aside && (strcmp (run->id, id) == 0 || took_in (run, id)) &&
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
