/* reprise-couch-census.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "providers/couchdb/store/reprise-couch-segment-private.h"

/**
 * reprise_couch_writer_count_live:
 * @readers: (element-type RepriseCouchReader): what it goes on from, the newest first; none of a baseline
 * @n: (out): how many more live documents there are than at the point that it goes on from; of a baseline, how many there are
 */
gboolean
reprise_couch_writer_count_live (RepriseCouchWriter *self,
                                 GPtrArray *readers,
                                 gint64 *n,
                                 GError **error)
{
  static const char sql[] =
    "SELECT id, max (rev <> '' AND leaf = 1 AND deleted = 0) FROM revision GROUP BY id";
  const char *path = reprise_couch_writer_get_path (self);
  g_autoptr (RepriseCouchStmt) statement =
    reprise_couch_prepare (reprise_couch_writer_get_db (self), path, sql, error);
  gboolean more = TRUE;

  *n = 0;
  if (statement == NULL)
    return FALSE;
  while (more)
    {
      gboolean known, has_rev, before;

      if (!reprise_couch_step (statement, path, &more, error))
        return FALSE;
      if (!more)
        break;
      if (!reprise_couch_readers_look_up (readers,
                                          (const char *) sqlite3_column_text (statement, 0), NULL,
                                          &known, &has_rev, &before, error))
        return FALSE;
      *n += sqlite3_column_int (statement, 1) - (before ? 1 : 0);
    }
  return TRUE;
}
