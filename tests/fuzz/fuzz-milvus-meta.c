/* fuzz-milvus-meta.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What comes as the metadata of a Milvus backup is read, the same in one piece and byte by byte, or refused.
 */

#include "config.h"

#include <string.h>

#include "base/reprise-error.h"
#include "fuzz.h"
#include "providers/milvus/storage/reprise-milvus-reader.h"

static gboolean
each_cb (const RepriseMilvusLog *log, gpointer user_data, GError **error)
{
  g_assert_nonnull (log->log_path);
  g_assert_true (log->size_bytes >= -1);
  g_assert_true (log->name == NULL || reprise_milvus_name_is_safe (log->name));
  (*(guint *) user_data)++;
  return TRUE;
}

/* The first byte says which file it is; a file of a single level comes after the one that it belongs to. */
static RepriseMilvusMeta *
read_all (const guint8 *data, gsize size, gsize piece, guint *n_logs, GError **error)
{
  static const char collections[] = "{\"infos\":[{\"collection_id\":7,\"collection_name\":\"c\"}]}";
  g_autoptr (RepriseMilvusReader) reader = reprise_milvus_reader_new (each_cb, n_logs);
  RepriseMilvusLevel level = (RepriseMilvusLevel) (data[0] % REPRISE_MILVUS_N_LEVELS);

  if (level > REPRISE_MILVUS_COLLECTIONS)
    {
      reprise_milvus_reader_begin (reader, REPRISE_MILVUS_COLLECTIONS);
      reprise_milvus_reader_push (reader, collections, strlen (collections), NULL);
      reprise_milvus_reader_end (reader, NULL);
    }
  reprise_milvus_reader_begin (reader, level);
  for (gsize at = 1; at < size; at += piece)
    if (!reprise_milvus_reader_push (reader, (const char *) data + at, MIN (piece, size - at),
                                     error))
      return NULL;
  return reprise_milvus_reader_end (reader, error) ? reprise_milvus_reader_finish (reader, error)
                                                   : NULL;
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) error_of_pieces = NULL;
  g_autoptr (RepriseMilvusMeta) meta = NULL;
  g_autoptr (RepriseMilvusMeta) of_pieces = NULL;
  guint n_logs = 0, n_of_pieces = 0;

  if (size == 0)
    return 0;
  meta = read_all (data, size, size, &n_logs, &error);
  of_pieces = read_all (data, size, 1, &n_of_pieces, &error_of_pieces);
  g_assert_true ((meta == NULL) == (of_pieces == NULL));
  g_assert_true ((meta == NULL) == (error != NULL));
  g_assert_cmpuint (n_logs, ==, n_of_pieces);
  if (meta == NULL)
    {
      g_assert_true (error->domain == REPRISE_ERROR);
      return 0;
    }
  g_assert_cmpuint (meta->collections->len, ==, of_pieces->collections->len);
  g_assert_cmpint (meta->rows, ==, of_pieces->rows);
  g_assert_cmpuint (meta->n_files, ==, n_logs);
  g_object_unref (reprise_milvus_meta_make_contents (meta));
  return 0;
}
