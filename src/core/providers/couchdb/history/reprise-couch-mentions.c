/* reprise-couch-mentions.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "reprise-couch-mentions"

#include "config.h"

#include "base/reprise-file.h"
#include "base/reprise-hash.h"
#include "providers/couchdb/history/reprise-couch-mentions.h"
#include "providers/couchdb/store/reprise-couch-index.h"

#define MAX_UPDATE_BYTES \
  (64 * 1024 *           \
   1024) /* of segments that somebody who looks up a document waits for: a second or so */

/* (transfer full): where the index of a database lies */
char *
reprise_couch_mentions_dup_path (const char *service_folder, const char *database)
{
  g_autofree char *both = g_strconcat (service_folder, "\n", database, NULL);
  g_autofree char *hash = reprise_hash_bytes (both, strlen (both));
  g_autofree char *name = g_strdup_printf ("%.32s.sqlite", hash);

  return g_build_filename (g_get_user_cache_dir (), "reprise", "couch", name, NULL);
}

static RepriseCouchIndex *
open_index (const char *service_folder, const char *database, GError **error)
{
  g_autofree char *path = reprise_couch_mentions_dup_path (service_folder, database);
  g_autofree char *folder = g_path_get_dirname (path);

  return reprise_file_make_folder (folder, error) ? reprise_couch_index_open (path, error) : NULL;
}

/* (transfer full) (element-type RepriseCouchSegment): what the index is of */
static GPtrArray *
choose (GPtrArray *segments, gint64 *size_bytes)
{
  GPtrArray *chosen = g_ptr_array_new_with_free_func ((GDestroyNotify) reprise_couch_segment_unref);

  *size_bytes = 0;
  for (guint i = 0; i < segments->len; i++)
    {
      RepriseCouchSegment *segment = segments->pdata[i];

      if (segment->tier == REPRISE_COUCH_BASELINE)
        continue;
      g_ptr_array_add (chosen, reprise_couch_segment_ref (segment));
      *size_bytes += segment->size_bytes;
    }
  return chosen;
}

/**
 * reprise_couch_mentions_update:
 * @segments: (element-type RepriseCouchSegment): all of the database that there are now
 *
 * Takes in what is new, and forgets what is gone.
 */
void
reprise_couch_mentions_update (const char *service_folder,
                               const char *database,
                               GPtrArray *segments,
                               GCancellable *cancellable)
{
  g_autoptr (GError) error = NULL;
  gint64 size_bytes;
  g_autoptr (GPtrArray) chosen = choose (segments, &size_bytes);
  RepriseCouchIndex *index;

  if (chosen->len == 0)
    return;
  index = open_index (service_folder, database, &error);
  if (index == NULL || !reprise_couch_index_update (index, chosen, NULL, cancellable, &error))
    g_debug ("%s: no index: %s", database, error->message);
  g_clear_pointer (&index, reprise_couch_index_free);
}

/**
 * reprise_couch_mentions_find:
 * @segments: (element-type RepriseCouchSegment): all of the database that there are now
 *
 * Returns: (transfer full) (element-type RepriseCouchSegment): those that mention the document @id, and perhaps others
 */
GPtrArray *
reprise_couch_mentions_find (const char *service_folder,
                             const char *database,
                             GPtrArray *segments,
                             const char *id,
                             GCancellable *cancellable)
{
  g_autoptr (GError) error = NULL;
  gint64 size_bytes;
  g_autoptr (GPtrArray) chosen = choose (segments, &size_bytes);
  GPtrArray *found = NULL;
  RepriseCouchIndex *index;

  if (chosen->len == 0)
    return g_ptr_array_ref (segments);
  index = open_index (service_folder, database, &error);
  if (index != NULL && (size_bytes > MAX_UPDATE_BYTES ||
                        reprise_couch_index_update (index, chosen, NULL, cancellable, &error)))
    found = reprise_couch_index_find (index, segments, id, &error);
  g_clear_pointer (&index, reprise_couch_index_free);
  if (found == NULL)
    g_debug ("%s: no index: %s", database, error->message);
  return found != NULL ? found : g_ptr_array_ref (segments);
}
