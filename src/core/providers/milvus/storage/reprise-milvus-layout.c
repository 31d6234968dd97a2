/* reprise-milvus-layout.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "providers/milvus/storage/reprise-milvus-reader.h"
#include "vault/reprise-manifest.h"

#define MAX_PARTS 32

static const char *const LEVELS[REPRISE_MILVUS_N_LEVELS] = {
  "meta/full_meta.json",      "meta/backup_meta.json",  "meta/collection_meta.json",
  "meta/partition_meta.json", "meta/segment_meta.json",
};

/* The name of a file of metadata in a backup. */
const char *
reprise_milvus_level_get_name (RepriseMilvusLevel level)
{
  return LEVELS[level];
}

/* Whether a file may have that name in a folder of ours: no way out of it, nothing hidden, no link to elsewhere by its letters. */
gboolean
reprise_milvus_name_is_safe (const char *name)
{
  return reprise_manifest_path_is_safe (name) && strlen (name) <= 1024;
}

/* (nullable): where in @log_path the part “insert_log/…” or “delta_log/…” begins: behind any root, so at its last such folder */
static const char *
find_kind (const char *log_path, gboolean *is_delete)
{
  const char *found = NULL;

  for (const char *at = log_path; at != NULL;)
    {
      if (g_str_has_prefix (at, "insert_log/") || g_str_has_prefix (at, "delta_log/"))
        {
          found = at;
          *is_delete = *at == 'd';
        }
      at = strchr (at, '/');
      at = at != NULL ? at + 1 : NULL;
    }
  return found;
}

/**
 * reprise_milvus_map_log:
 * @log_path: in Milvus's own storage: “files/insert_log/COLLECTION/PARTITION/SEGMENT/FIELD/LOG”
 * @group_id: of the segment, or 0
 *
 * Returns: (transfer full) (nullable): the name of its copy in a backup, “binlogs/insert_log/COLLECTION/PARTITION/GROUP/SEGMENT/…”, or %NULL
 *   where @log_path is no such path. Deletes of all partitions (-1) have no group
 */
char *
reprise_milvus_map_log (const char *log_path, gint64 group_id)
{
  gboolean is_delete = FALSE;
  const char *from = find_kind (log_path, &is_delete);
  g_auto (GStrv) parts = NULL;
  g_autoptr (GString) name = NULL;
  guint n;

  if (from == NULL)
    return NULL;
  parts = g_strsplit (from, "/", MAX_PARTS + 1);
  n = g_strv_length (parts);
  if (n < 4 || n > MAX_PARTS)
    return NULL;
  name = g_string_new ("binlogs");
  for (guint i = 0; i < n; i++)
    {
      g_string_append_printf (name, "/%s", parts[i]);
      if (i == 2 && group_id != 0 && strcmp (parts[i], "-1") != 0)
        g_string_append_printf (name, "/%" G_GINT64_FORMAT, group_id);
    }
  return reprise_milvus_name_is_safe (name->str) ? g_string_free (g_steal_pointer (&name), FALSE)
                                                 : NULL;
}
