/* reprise-couch-shelf.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>
#include <sys/stat.h>

#include "base/reprise-time.h"
#include "net/reprise-json.h"
#include "providers/couchdb/reprise-couch-shelf.h"
#include "vault/reprise-vault-layout.h"

struct _RepriseCouchShelf
{
  GPtrArray *runs; /* (owned) (element-type RepriseCouchRun): the oldest first */
};

static void
run_free (gpointer data)
{
  RepriseCouchRun *self = data;

  g_free (self->id);
  g_free (self->folder);
  g_clear_object (&self->manifest);
  g_free (self);
}

static int
compare_runs_cb (gconstpointer a, gconstpointer b)
{
  const RepriseCouchRun *left = *(const RepriseCouchRun *const *) a;
  const RepriseCouchRun *right = *(const RepriseCouchRun *const *) b;

  return strcmp (left->id, right->id);
}

/* A folder whose manifest cannot be read is none of ours to judge: verifying says so. */
static void
add_run (RepriseCouchShelf *self, const char *folder)
{
  g_autoptr (RepriseManifest) manifest = reprise_manifest_read (folder, NULL);
  RepriseCouchRun *run;

  if (manifest == NULL || reprise_json_get_array (reprise_manifest_get_provider (manifest),
                                                  REPRISE_COUCH_MEMBER_DATABASES) == NULL)
    return;
  run = g_new0 (RepriseCouchRun, 1);
  run->id = g_strdup (reprise_manifest_get_id (manifest));
  run->folder = g_strdup (folder);
  run->is_aside = reprise_manifest_get_origin (manifest) == REPRISE_ORIGIN_SAFETY ||
                  reprise_manifest_get_origin (manifest) == REPRISE_ORIGIN_UPLOAD;
  run->manifest = g_steal_pointer (&manifest);
  g_ptr_array_add (self->runs, run);
}

/**
 * reprise_couch_shelf_new:
 * @service_folder: of the vault
 *
 * Returns: (transfer full): what is there, perhaps nothing; or %NULL with an error of the system
 */
RepriseCouchShelf *
reprise_couch_shelf_new (const char *service_folder, GError **error)
{
  g_autoptr (RepriseCouchShelf) self = g_new0 (RepriseCouchShelf, 1);
  g_autoptr (GError) local = NULL;
  g_autoptr (GDir) dir = g_dir_open (service_folder, 0, &local);
  const char *name;

  self->runs = g_ptr_array_new_with_free_func (run_free);
  if (dir == NULL && !g_error_matches (local, G_FILE_ERROR, G_FILE_ERROR_NOENT))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return NULL;
    }
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *folder = g_build_filename (service_folder, name, NULL);

      if (*name != '.' && !g_str_has_suffix (name, REPRISE_VAULT_EVENTS))
        add_run (self, folder);
    }
  g_ptr_array_sort (self->runs, compare_runs_cb);
  return g_steal_pointer (&self);
}

/* @folder: of one of the backups, also of one that is being written */
RepriseCouchShelf *
reprise_couch_shelf_new_for_backup (const char *folder, GError **error)
{
  g_autofree char *above = g_path_get_dirname (folder);

  return reprise_couch_shelf_new (above, error);
}

void
reprise_couch_shelf_free (RepriseCouchShelf *self)
{
  g_ptr_array_unref (self->runs);
  g_free (self);
}

guint
reprise_couch_shelf_get_n_runs (RepriseCouchShelf *self)
{
  return self->runs->len;
}

/* (transfer none): in the order of their ids, the oldest first */
RepriseCouchRun *
reprise_couch_shelf_get_run (RepriseCouchShelf *self, guint index)
{
  return self->runs->pdata[index];
}

/* (transfer none) (nullable) */
RepriseCouchRun *
reprise_couch_shelf_find_run (RepriseCouchShelf *self, const char *id)
{
  for (guint i = 0; i < self->runs->len; i++)
    if (g_strcmp0 (((RepriseCouchRun *) self->runs->pdata[i])->id, id) == 0)
      return self->runs->pdata[i];
  return NULL;
}

static JsonArray *
get_databases (RepriseCouchRun *run)
{
  return reprise_json_get_array (reprise_manifest_get_provider (run->manifest),
                                 REPRISE_COUCH_MEMBER_DATABASES);
}

/* (transfer full): the databases that a backup holds, in its order */
char **
reprise_couch_run_list_databases (RepriseCouchRun *run)
{
  JsonArray *databases = get_databases (run);
  g_autoptr (GPtrArray) names = g_ptr_array_new ();

  for (guint i = 0; i < reprise_json_array_get_length (databases); i++)
    {
      const char *name =
        reprise_json_get_string (reprise_json_array_get_object (databases, i), "name", NULL);

      if (name != NULL)
        g_ptr_array_add (names, g_strdup (name));
    }
  g_ptr_array_add (names, NULL);
  return (char **) g_ptr_array_free (g_steal_pointer (&names), FALSE);
}

static JsonObject *
find_entry (RepriseCouchRun *run, const char *database)
{
  JsonArray *databases = get_databases (run);

  for (guint i = 0; i < reprise_json_array_get_length (databases); i++)
    {
      JsonObject *entry = reprise_json_array_get_object (databases, i);

      if (g_strcmp0 (reprise_json_get_string (entry, "name", NULL), database) == 0)
        return entry;
    }
  return NULL;
}

/* (transfer full) (nullable): the path of a database's segment in a backup */
char *
reprise_couch_run_find_file (RepriseCouchRun *run, const char *database)
{
  const char *file = reprise_json_get_string (find_entry (run, database), "file", NULL);

  return reprise_manifest_path_is_safe (file) ? g_build_filename (run->folder, file, NULL) : NULL;
}

/* (nullable): the tier of a database's segment in a backup */
const char *
reprise_couch_run_get_tier (RepriseCouchRun *run, const char *database)
{
  return reprise_json_get_string (find_entry (run, database), REPRISE_COUCH_TIER, NULL);
}

/* The point in time that a backup is of: milliseconds since 1970, UTC. */
gint64
reprise_couch_run_get_point (RepriseCouchRun *run)
{
  GDateTime *time = reprise_manifest_get_created_at (run->manifest);

  return g_date_time_to_unix (time) * 1000 + g_date_time_get_microsecond (time) / 1000;
}

/* (transfer full): all databases of which there is a backup */
char **
reprise_couch_shelf_list_databases (RepriseCouchShelf *self)
{
  g_autoptr (GHashTable) names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  char **all;

  for (guint i = 0; i < self->runs->len; i++)
    {
      g_auto (GStrv) some = reprise_couch_run_list_databases (self->runs->pdata[i]);

      for (guint j = 0; some[j] != NULL; j++)
        g_hash_table_add (names, g_strdup (some[j]));
    }
  all = (char **) g_hash_table_get_keys_as_array (names, NULL);
  for (guint i = 0; all[i] != NULL; i++)
    all[i] = g_strdup (all[i]);
  return all;
}

gboolean
reprise_couch_shelf_knows (RepriseCouchShelf *self, const char *database)
{
  for (guint i = 0; i < self->runs->len; i++)
    {
      RepriseCouchRun *run = self->runs->pdata[i];
      g_autofree char *file = run->is_aside ? NULL : reprise_couch_run_find_file (run, database);

      if (file != NULL)
        return TRUE;
    }
  return FALSE;
}

/* (transfer full) (element-type RepriseCouchSegment): of one database; @with_aside: also those that no run goes on from */
GPtrArray *
reprise_couch_shelf_list_segments (RepriseCouchShelf *self,
                                   const char *database,
                                   gboolean with_aside,
                                   GError **error)
{
  g_autoptr (GPtrArray) segments =
    g_ptr_array_new_with_free_func ((GDestroyNotify) reprise_couch_segment_unref);

  for (guint i = 0; i < self->runs->len; i++)
    {
      RepriseCouchRun *run = self->runs->pdata[i];
      g_autofree char *file = NULL;
      RepriseCouchSegment *segment;

      if (run->is_aside && !with_aside)
        continue;
      file = reprise_couch_run_find_file (run, database);
      if (file == NULL)
        continue;
      segment = reprise_couch_segment_read (file, error);
      if (segment == NULL)
        return NULL;
      g_ptr_array_add (segments, segment);
    }
  return g_steal_pointer (&segments);
}

/* Where the manifest does not say enough, the segment does. */
static RepriseCouchSegment *
describe_segment (RepriseCouchRun *run, const char *database, const char *file, GError **error)
{
  JsonObject *entry = find_entry (run, database);
  const char *tier_text = reprise_json_get_string (entry, REPRISE_COUCH_TIER, NULL);
  g_autoptr (GDateTime) to =
    reprise_time_from_string (reprise_json_get_string (entry, REPRISE_COUCH_TO, NULL));
  RepriseCouchTier tier;
  struct stat info;

  if (to == NULL || !reprise_couch_tier_from_string (tier_text, &tier) || stat (file, &info) != 0)
    return reprise_couch_segment_read (file, error);
  return reprise_couch_segment_new (
    file, run->id, database, tier,
    g_date_time_to_unix (to) * 1000 + g_date_time_get_microsecond (to) / 1000, info.st_size);
}

/**
 * reprise_couch_shelf_list_described:
 *
 * Returns: (transfer full) (element-type RepriseCouchSegment): all segments of a database as the manifests describe them, none of them opened;
 *   for looking documents up in them
 */
GPtrArray *
reprise_couch_shelf_list_described (RepriseCouchShelf *self, const char *database, GError **error)
{
  g_autoptr (GPtrArray) segments =
    g_ptr_array_new_with_free_func ((GDestroyNotify) reprise_couch_segment_unref);

  for (guint i = 0; i < self->runs->len; i++)
    {
      g_autofree char *file = reprise_couch_run_find_file (self->runs->pdata[i], database);
      RepriseCouchSegment *segment;

      if (file == NULL)
        continue;
      segment = describe_segment (self->runs->pdata[i], database, file, error);
      if (segment == NULL)
        return NULL;
      g_ptr_array_add (segments, segment);
    }
  return g_steal_pointer (&segments);
}
