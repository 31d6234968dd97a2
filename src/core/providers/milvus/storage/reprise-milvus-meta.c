/* reprise-milvus-meta.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "providers/milvus/storage/reprise-milvus-reader.h"

#define LATEST_SECONDS \
  G_GINT64_CONSTANT (100000000000) /* larger than that is no count of seconds */

void
reprise_milvus_meta_free (RepriseMilvusMeta *self)
{
  g_free (self->id);
  g_free (self->name);
  g_free (self->milvus_version);
  g_free (self->format);
  g_clear_pointer (&self->created_at, g_date_time_unref);
  g_clear_pointer (&self->started_at, g_date_time_unref);
  g_clear_pointer (&self->ended_at, g_date_time_unref);
  g_ptr_array_unref (self->databases);
  g_ptr_array_unref (self->collections);
  g_free (self);
}

/**
 * reprise_milvus_meta_parse:
 *
 * Reads a whole tree in memory: a full_meta.json, or the `data` of the backup server's answer about one backup.
 *
 * Returns: (transfer full): it, or %NULL with %REPRISE_ERROR_DAMAGED or %REPRISE_ERROR_LIMIT
 */
RepriseMilvusMeta *
reprise_milvus_meta_parse (const char *json, gsize size, GError **error)
{
  g_autoptr (RepriseMilvusReader) reader = reprise_milvus_reader_new (NULL, NULL);

  reprise_milvus_reader_begin (reader, REPRISE_MILVUS_WHOLE);
  if (!reprise_milvus_reader_push (reader, json, size, error) ||
      !reprise_milvus_reader_end (reader, error))
    return NULL;
  return reprise_milvus_reader_finish (reader, error);
}

/* (transfer none) (nullable): by names; an empty @database is “default” */
RepriseMilvusCollection *
reprise_milvus_meta_find (RepriseMilvusMeta *self, const char *database, const char *name)
{
  const char *wanted = database != NULL && *database != '\0' ? database : "default";

  for (guint i = 0; i < self->collections->len; i++)
    {
      RepriseMilvusCollection *collection = self->collections->pdata[i];

      if (strcmp (collection->database, wanted) == 0 && strcmp (collection->name, name) == 0)
        return collection;
    }
  return NULL;
}

/* (transfer full) (nullable): a time that the servers write as seconds or as milliseconds; zero, and what lies before 1970, is none */
GDateTime *
reprise_milvus_meta_read_timestamp (gint64 value)
{
  if (value <= 0)
    return NULL;
  return g_date_time_new_from_unix_utc (value > LATEST_SECONDS ? value / 1000 : value);
}

static void
add_access (RepriseMilvusMeta *self, RepriseContents *contents)
{
  g_autoptr (RepriseCollection) collection = NULL;

  if (!self->rbac)
    return;
  collection = reprise_collection_new ("roles", (gint64) self->n_users + self->n_roles, -1);
  reprise_collection_set_title (collection, _ ("Users, roles and grants"));
  reprise_contents_add (contents, REPRISE_GROUP_USER, collection);
}

/* (transfer full): the collections in the custom group, users and roles in the user group */
RepriseContents *
reprise_milvus_meta_make_contents (RepriseMilvusMeta *self)
{
  RepriseContents *contents = reprise_contents_new ();

  add_access (self, contents);
  for (guint i = 0; i < self->collections->len; i++)
    {
      RepriseMilvusCollection *from = self->collections->pdata[i];
      g_autoptr (RepriseCollection) collection =
        reprise_collection_new (from->title, from->rows, from->size_bytes);

      if (reprise_contents_find (contents, from->title, NULL) == NULL)
        reprise_contents_add (contents, REPRISE_GROUP_CUSTOM, collection);
    }
  return contents;
}

/* One file of metadata, from its beginning. */
static gboolean
read_level (RepriseMilvusReader *reader,
            RepriseMilvusLevel level,
            RepriseMilvusSource source,
            gpointer source_data,
            GCancellable *cancellable,
            GError **error)
{
  const char *name = reprise_milvus_level_get_name (level);

  reprise_milvus_reader_begin (reader, level);
  if (source (name, reader, source_data, cancellable, error) &&
      reprise_milvus_reader_end (reader, error))
    return TRUE;
  reprise_error_prefix (error, "%s: ", name);
  return FALSE;
}

/**
 * reprise_milvus_read_meta:
 * @each: (nullable): is told of every file that the metadata names
 *
 * Reads the metadata of a backup, from the whole tree or, where there is none, from its levels.
 *
 * Returns: (transfer full): it, or %NULL with %REPRISE_ERROR_NOT_FOUND where there is none, %REPRISE_ERROR_DAMAGED, %REPRISE_ERROR_LIMIT, or
 *   what @source and @each say
 */
RepriseMilvusMeta *
reprise_milvus_read_meta (RepriseMilvusSource source,
                          gpointer source_data,
                          RepriseMilvusEachLog each,
                          gpointer each_data,
                          GCancellable *cancellable,
                          GError **error)
{
  g_autoptr (RepriseMilvusReader) reader = reprise_milvus_reader_new (each, each_data);
  g_autoptr (GError) local = NULL;

  if (read_level (reader, REPRISE_MILVUS_WHOLE, source, source_data, cancellable, &local))
    return reprise_milvus_reader_finish (reader, error);
  if (!g_error_matches (local, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return NULL;
    }
  for (guint i = REPRISE_MILVUS_TOP; i < REPRISE_MILVUS_N_LEVELS; i++)
    {
      g_clear_error (&local);
      if (read_level (reader, (RepriseMilvusLevel) i, source, source_data, cancellable, &local))
        continue;
      /* The snapshot format has neither partitions nor segments. */
      if (i >= REPRISE_MILVUS_PARTITIONS &&
          g_error_matches (local, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND))
        continue;
      g_propagate_error (error, g_steal_pointer (&local));
      return NULL;
    }
  return reprise_milvus_reader_finish (reader, error);
}
