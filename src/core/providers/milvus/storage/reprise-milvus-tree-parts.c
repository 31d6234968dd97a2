/* reprise-milvus-tree-parts.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "providers/milvus/storage/reprise-milvus-tree.h"

static const char *
type_name (gint64 type)
{
  static const struct
  {
    gint64 type;
    const char *name;
  } TYPES[] = {
    { 1, "Bool" },
    { 2, "Int8" },
    { 3, "Int16" },
    { 4, "Int32" },
    { 5, "Int64" },
    { 10, "Float" },
    { 11, "Double" },
    { 20, "String" },
    { 21, "VarChar" },
    { 22, "Array" },
    { 23, "JSON" },
    { 24, "Geometry" },
    { 25, "Text" },
    { 26, "Timestamptz" },
    { 100, "BinaryVector" },
    { 101, "FloatVector" },
    { 102, "Float16Vector" },
    { 103, "BFloat16Vector" },
    { 104, "SparseFloatVector" },
    { 105, "Int8Vector" },
    { 106, "ArrayOfVector" },
    { 201, "Struct" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (TYPES); i++)
    if (TYPES[i].type == type)
      return TYPES[i].name;
  return NULL;
}

static void
free_field (gpointer data)
{
  RepriseMilvusField *field = data;

  g_free (field->name);
  g_free (field->type);
  g_free (field);
}

static void
free_index (gpointer data)
{
  RepriseMilvusIndex *index = data;

  g_free (index->field);
  g_free (index->name);
  g_free (index->type);
  g_free (index->metric);
  g_free (index->params);
  g_free (index);
}

void
reprise_milvus_partition_free (gpointer data)
{
  RepriseMilvusPartition *partition = data;

  g_free (partition->name);
  g_free (partition->load_state);
  g_free (partition);
}

void
reprise_milvus_collection_free (gpointer data)
{
  RepriseMilvusCollection *collection = data;

  g_free (collection->database);
  g_free (collection->name);
  g_free (collection->title);
  g_free (collection->description);
  g_free (collection->load_state);
  g_free (collection->consistency);
  g_clear_pointer (&collection->made_at, g_date_time_unref);
  g_ptr_array_unref (collection->fields);
  g_ptr_array_unref (collection->indexes);
  g_ptr_array_unref (collection->partitions);
  g_free (collection);
}

RepriseMilvusCollection *
reprise_milvus_collection_new (void)
{
  RepriseMilvusCollection *collection = g_new0 (RepriseMilvusCollection, 1);

  collection->reported_bytes = REPRISE_NOT_REPORTED;
  collection->fields = g_ptr_array_new_with_free_func (free_field);
  collection->indexes = g_ptr_array_new_with_free_func (free_index);
  collection->partitions = g_ptr_array_new_with_free_func (reprise_milvus_partition_free);
  return collection;
}

void
reprise_milvus_log_note_clear (gpointer data)
{
  RepriseMilvusLogNote *log = data;

  g_clear_pointer (&log->path, g_free);
  log->size_bytes = -1;
}

void
reprise_milvus_field_note_clear (RepriseMilvusFieldNote *note)
{
  g_free (note->dim);
  g_free (note->max_length);
  g_free (note->key);
  g_free (note->value);
  *note = (RepriseMilvusFieldNote){ 0 };
}

/* (transfer full): the type of a field, for people */
char *
reprise_milvus_field_note_describe (const RepriseMilvusFieldNote *note)
{
  const char *name = type_name (note->data_type), *element = type_name (note->element_type);
  const char *more = note->dim != NULL ? note->dim : note->max_length;
  g_autofree char *unknown = NULL;

  if (name == NULL)
    name = unknown = g_strdup_printf ("%" G_GINT64_FORMAT, note->data_type);
  if (element != NULL)
    return g_strdup_printf ("%s (%s)", name, element);
  return more != NULL ? g_strdup_printf ("%s (%s)", name, more) : g_strdup (name);
}
