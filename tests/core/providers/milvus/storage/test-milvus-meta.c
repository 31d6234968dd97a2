/* test-milvus-meta.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "base/reprise-error.h"
#include "providers/milvus/storage/milvus-layout.h"
#include "providers/milvus/storage/reprise-milvus-reader.h"
#include "reprise-test.h"

static void
assert_text (GDateTime *time, const char *expected)
{
  g_autofree char *text = time != NULL ? g_date_time_format_iso8601 (time) : NULL;

  g_assert_cmpstr (text, ==, expected);
}

static void
assert_field (const RepriseMilvusCollection *collection,
              guint index,
              const char *name,
              const char *type)
{
  const RepriseMilvusField *field = collection->fields->pdata[index];

  g_assert_cmpstr (field->name, ==, name);
  g_assert_cmpstr (field->type, ==, type);
  g_assert_cmpint (field->primary_key, ==, index == 0);
}

static void
assert_films (const RepriseMilvusCollection *films)
{
  const RepriseMilvusIndex *index;
  const RepriseMilvusPartition *partition;

  g_assert_cmpint (films->id, ==, 470617309752216107);
  g_assert_cmpstr (films->title, ==, "films");
  g_assert_cmpstr (films->description, ==, "Films, the éàü of them");
  g_assert_cmpint (films->rows, ==, 2000);
  g_assert_true (films->has_deletes);
  g_assert_cmpint (films->size_bytes, ==, 170397);
  g_assert_cmpint (films->reported_bytes, ==, 170397);
  g_assert_cmpint (films->shards, ==, 2);
  g_assert_cmpstr (films->load_state, ==, "Loaded");
  g_assert_cmpuint (films->n_segments, ==, 4);
  g_assert_cmpuint (films->n_l0_segments, ==, 0);
  g_assert_cmpuint (films->n_files, ==, 34);
  g_assert_cmpuint (films->fields->len, ==, 6);
  assert_field (films, 0, "id", "Int64");
  assert_field (films, 1, "title", "VarChar (200)");
  assert_field (films, 5, "vec", "FloatVector (16)");
  g_assert_cmpuint (films->indexes->len, ==, 2);
  index = films->indexes->pdata[0];
  if (g_str_equal (index->field, "title")) /* in either order */
    {
      g_assert_null (index->metric);
      index = films->indexes->pdata[1];
    }
  g_assert_cmpstr (index->field, ==, "vec");
  g_assert_cmpstr (index->type, ==, "IVF_FLAT");
  g_assert_cmpstr (index->metric, ==, "L2");
  g_assert_cmpstr (index->params, ==, "{\"nlist\":16}");
  g_assert_cmpuint (films->partitions->len, ==, 3);
  partition = films->partitions->pdata[1];
  g_assert_cmpstr (partition->name, ==, "classic");
  g_assert_cmpint (partition->rows, ==, 1000);
  g_assert_cmpint (partition->size_bytes, ==, 86198);
  g_assert_cmpuint (partition->n_segments, ==, 2);
}

static void
assert_recorded (RepriseMilvusMeta *meta, const char *name, const char *date)
{
  RepriseMilvusCollection *empty;

  g_assert_cmpstr (meta->name, ==, name);
  g_assert_cmpstr (meta->format, ==, "binlog");
  g_assert_cmpstr (meta->milvus_version, ==, "v2.3.5-lite");
  assert_text (meta->created_at, date);
  g_assert_cmpint (meta->size_bytes, ==, 170397);
  g_assert_cmpint (meta->rows, ==, 2000);
  g_assert_cmpuint (meta->n_files, ==, 34);
  g_assert_cmpint (meta->files_bytes, ==, 170397);
  g_assert_cmpuint (meta->collections->len, ==, 2);
  g_assert_cmpuint (meta->databases->len, ==, 1);
  g_assert_cmpstr (meta->databases->pdata[0], ==, "default");
  g_assert_false (meta->rbac);
  assert_films (reprise_milvus_meta_find (meta, NULL, "films"));
  empty = reprise_milvus_meta_find (meta, "default", "empty");
  g_assert_cmpint (empty->rows, ==, 0);
  g_assert_cmpint (empty->size_bytes, ==, 0);
  g_assert_false (empty->has_deletes);
  g_assert_null (reprise_milvus_meta_find (meta, "shop", "films"));
}

/* --- what the recorded backups say, whole and in levels, in pieces of any size --- */

typedef struct
{
  const char *layout;
  gboolean without_whole;
  gsize piece;
  GHashTable *files; /* name → size */
  guint n_seen;
} Recorded;

static gboolean
source_cb (const char *name,
           RepriseMilvusReader *reader,
           gpointer user_data,
           GCancellable *cancellable,
           GError **error)
{
  Recorded *recorded = user_data;
  g_autofree char *text = NULL;
  gsize size = 0;

  if (recorded->without_whole && g_str_has_suffix (name, "full_meta.json"))
    {
      g_set_error_literal (error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND, "none");
      return FALSE;
    }
  text = milvus_layout_read (recorded->layout, name + strlen ("meta/"), &size);
  for (gsize at = 0; at < size; at += recorded->piece)
    if (!reprise_milvus_reader_push (reader, text + at, MIN (recorded->piece, size - at), error))
      return FALSE;
  return TRUE;
}

/* Each log that is named lies where the server put it, and is as long. */
static gboolean
each_cb (const RepriseMilvusLog *log, gpointer user_data, GError **error)
{
  Recorded *recorded = user_data;

  g_assert_cmpint (log->collection_id, ==, 470617309752216107);
  g_assert_nonnull (log->name);
  g_assert_true (g_hash_table_contains (recorded->files, log->name));
  g_assert_cmpuint (GPOINTER_TO_SIZE (g_hash_table_lookup (recorded->files, log->name)), ==,
                    log->size_bytes);
  g_assert_cmpint (log->is_delete, ==, g_str_has_prefix (log->name, "binlogs/delta_log/"));
  g_hash_table_remove (recorded->files, log->name);
  recorded->n_seen++;
  return TRUE;
}

static void
remember_cb (const char *name, gconstpointer data, gsize size, gpointer user_data)
{
  if (g_str_has_prefix (name, "binlogs/"))
    g_hash_table_insert (user_data, g_strdup (name), GSIZE_TO_POINTER (size));
}

static void
test_recorded (gconstpointer data)
{
  static const gsize pieces[] = { 100000, 4096, 7, 1 };
  gboolean is_a = g_str_equal (data, MILVUS_LAYOUT_A);

  for (guint i = 0; i < 2 * G_N_ELEMENTS (pieces); i++)
    {
      g_autoptr (GHashTable) files = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
      Recorded recorded = { data, i % 2 == 1, pieces[i / 2], files, 0 };
      g_autoptr (GError) error = NULL;
      g_autoptr (RepriseMilvusMeta) meta = NULL;

      milvus_layout_each (data, remember_cb, files);
      meta = reprise_milvus_read_meta (source_cb, &recorded, each_cb, &recorded, NULL, &error);
      g_assert_no_error (error);
      assert_recorded (meta, is_a ? "small_A" : "small_B",
                       is_a ? "2026-11-21T12:32:23Z" : "2026-11-21T12:32:33Z");
      g_assert_cmpint (meta->pieced, ==, i % 2);
      if (is_a)
        assert_text (meta->ended_at, "2026-11-21T12:32:26Z");
      else
        g_assert_null (meta->ended_at);
      g_assert_cmpuint (recorded.n_seen, ==, 34);
      g_assert_cmpuint (g_hash_table_size (files), ==, 0);
    }
}

/* --- what the contract says of others --- */

static RepriseMilvusMeta *
parse (const char *json)
{
  g_autoptr (GError) error = NULL;
  RepriseMilvusMeta *meta = reprise_milvus_meta_parse (json, strlen (json), &error);

  g_assert_no_error (error);
  return meta;
}

static void
test_variants (void)
{
  g_autoptr (RepriseMilvusMeta) meta = parse (
    "{\"name\":\"b\\u00e9\\\"\",\"format\":\"\",\"backup_timestamp\":470617770198564906,\"size\":5,"
    "\"rbac_meta\":{\"users\":[{\"user\":\"root\",\"password\":\"hash\"}],\"roles\":[{},{}],"
    "\"grants\":[]},\"collection_backups\":[{\"collection_id\":7,\"db_name\":\"\","
    "\"collection_name\":\"c\",\"size\":3,\"schema\":{\"fields\":[{\"name\":\"a\",\"data_type\":22,"
    "\"element_type\":21,\"type_params\":[{\"key\":\"max_length\",\"value\":\"9\"}]},"
    "{\"name\":\"n\",\"data_type\":777}]},\"partition_backups\":[{\"partition_id\":1,"
    "\"segment_backups\":[{\"partition_id\":1,\"num_of_rows\":5,\"binlogs\":[{\"binlogs\":"
    "[{\"log_path\":\"x/insert_log/7/1/2/0/3\",\"log_size\":2}]}],\"deltalogs\":[{}]}]}],"
    "\"l0_segments\":[{\"partition_id\":-1,\"num_of_rows\":9,\"is_l0\":true,\"group_id\":4,"
    "\"deltalogs\":[{\"binlogs\":[{\"log_path\":\"x/delta_log/7/-1/5/6\",\"log_size\":1}]}]}]},"
    "{\"collection_id\":8,\"db_name\":\"shop\",\"collection_name\":\"d\",\"size\":11}]}");
  const RepriseMilvusCollection *one = meta->collections->pdata[0];
  const RepriseMilvusCollection *other = meta->collections->pdata[1];
  g_autoptr (RepriseContents) contents = reprise_milvus_meta_make_contents (meta);
  RepriseGroup group;

  g_assert_cmpstr (meta->name, ==, "bé\"");
  g_assert_cmpstr (meta->format, ==, "binlog");
  assert_text (meta->created_at, "2026-11-21T12:32:01Z");
  g_assert_true (meta->rbac);
  g_assert_cmpuint (meta->n_users, ==, 1);
  g_assert_cmpuint (meta->n_roles, ==, 2);
  g_assert_cmpstr (one->database, ==, "default");
  g_assert_cmpint (one->rows, ==, 5);
  g_assert_cmpuint (one->n_l0_segments, ==, 1);
  g_assert_cmpint (one->size_bytes, ==, 3);
  g_assert_cmpstr (((RepriseMilvusField *) one->fields->pdata[0])->type, ==, "Array (VarChar)");
  g_assert_cmpstr (((RepriseMilvusField *) one->fields->pdata[1])->type, ==, "777");
  g_assert_cmpstr (other->title, ==, "shop.d");
  g_assert_cmpint (other->rows, ==,
                   REPRISE_NOT_REPORTED); /* no partitions: nothing is said of rows */
  g_assert_cmpint (other->size_bytes, ==, 11);
  g_assert_cmpint (meta->rows, ==, REPRISE_NOT_REPORTED);
  g_assert_nonnull (reprise_contents_find (contents, "c", &group));
  g_assert_cmpint (group, ==, REPRISE_GROUP_CUSTOM);
  g_assert_nonnull (reprise_contents_find (contents, "roles", &group));
  g_assert_cmpint (group, ==, REPRISE_GROUP_USER);
}

static void
assert_map (const char *log_path, gint64 group, const char *expected)
{
  g_autofree char *name = reprise_milvus_map_log (log_path, group);

  g_assert_cmpstr (name, ==, expected);
}

static void
test_map (void)
{
  assert_map ("files/insert_log/1/2/3/100/4", 0, "binlogs/insert_log/1/2/3/100/4");
  assert_map ("files/insert_log/1/2/3/100/4", 3, "binlogs/insert_log/1/2/3/3/100/4");
  assert_map ("insert_log/1/2/3/100/4", 9, "binlogs/insert_log/1/2/9/3/100/4");
  assert_map ("a/b/insert_log/c/delta_log/1/2/3/4", 9, "binlogs/delta_log/1/2/9/3/4");
  assert_map ("file/delta_log/1/-1/3/4", 3, "binlogs/delta_log/1/-1/3/4");
  assert_map ("files/index_files/1/2/3/4", 0, NULL);
  assert_map ("files/insert_log/1/2", 0, NULL);
  assert_map ("files/insert_log/../../../etc/passwd", 0, NULL);
  assert_map ("files/insert_log/1/2/3/.hidden/4", 0, NULL);
  assert_map ("files/insert_log/1//3/4", 0, NULL);
  assert_map ("files/insert_log/1/2/3/4\\5", 0, NULL);
  assert_map ("", 0, NULL);
}

static void
test_times (void)
{
  static const struct
  {
    gint64 value;
    const char *expected;
  } TIMES[] = {
    { 0, NULL },
    { -62135596800, NULL },
    { 1795264353, "2026-11-21T12:32:33Z" },
    { 1795264353446, "2026-11-21T12:32:33Z" },
    { G_MAXINT64, NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (TIMES); i++)
    {
      g_autoptr (GDateTime) time = reprise_milvus_meta_read_timestamp (TIMES[i].value);
      g_autoptr (GDateTime) whole =
        time != NULL ? g_date_time_new_from_unix_utc (g_date_time_to_unix (time)) : NULL;

      assert_text (whole, TIMES[i].expected);
    }
}

/* --- what is none --- */

static void
assert_wrong (const char *json, gssize size, RepriseError code)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseMilvusMeta) meta =
    reprise_milvus_meta_parse (json, size >= 0 ? (gsize) size : strlen (json), &error);

  g_assert_null (meta);
  g_assert_error (error, REPRISE_ERROR, (int) code);
}

static void
test_hostile (void)
{
  static const char *const texts[] = {
    "",
    "null",
    "[]",
    "7",
    "\"name\"",
    "{}",
    "{\"name\":\"\"}",
    "{\"name\":7}",
    "{\"name\":\"b\",\"collection_backups\":{}}",
    "{\"name\":\"b\",\"collection_backups\":[[]]}",
    "{\"name\":\"b\",\"collection_backups\":[{}]}",
    "{\"name\":\"b\",\"collection_backups\":[{\"collection_name\":\"\"}]}",
    "{\"name\":\"b\",\"collection_backups\":[{\"collection_name\":\"c\",\"schema\":[]}]}",
    ("{\"name\":\"b\",\"collection_backups\":[{\"collection_name\":\"c\",\"l0_segments\":[{"
     "\"deltalogs\":[{\"binlogs\":[{\"log_path\":\"a\",\"log_size\":-5}]}]}]}]}"),
    "{\"name\":\"b\"} {}",
    "{\"name\":\"b\"",
    "{\"name\":\"b\\u0000\"}",
    "{\"name\":\"\xff\"}",
  };
  g_autoptr (GString) deep = g_string_new ("{\"name\":\"b\",\"x\":");
  g_autoptr (GString) long_text = g_string_new ("{\"name\":\"");

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    assert_wrong (texts[i], -1, REPRISE_ERROR_DAMAGED);
  for (guint i = 0; i < 100000; i++)
    {
      g_string_append_c (deep, '[');
      g_string_append_c (long_text, 'n');
    }
  assert_wrong (deep->str, -1, REPRISE_ERROR_LIMIT);
  assert_wrong (long_text->str, -1, REPRISE_ERROR_LIMIT);
}

/* A recorded one, cut anywhere, is none; sums of absurd numbers stay in their bounds. */
static void
test_cut (void)
{
  gsize size = 0;
  g_autofree char *text = milvus_layout_read (MILVUS_LAYOUT_B, "full_meta.json", &size);
  g_autoptr (RepriseMilvusMeta) meta = NULL;

  while (g_ascii_isspace (text[size - 1]))
    size--;
  for (gsize at = 0; at < size; at += 97)
    assert_wrong (text, (gssize) at, REPRISE_ERROR_DAMAGED);
  meta =
    parse ("{\"name\":\"b\",\"collection_backups\":[{\"collection_name\":\"c\","
           "\"partition_backups\":[{\"segment_backups\":[{\"num_of_rows\":9223372036854775807},"
           "{\"num_of_rows\":9223372036854775807},{\"num_of_rows\":1e999},"
           "{\"num_of_rows\":99999999999999999999},{\"num_of_rows\":-4}]}]}]}");
  g_assert_cmpint (meta->rows, ==, G_MAXINT64);
}

/* Nobody's collection. */
static gboolean
stray_cb (const char *name,
          RepriseMilvusReader *reader,
          gpointer user_data,
          GCancellable *cancellable,
          GError **error)
{
  const char *text = "{\"infos\":[{\"collection_id\":7,\"partition_id\":1}]}";

  if (g_str_has_suffix (name, "full_meta.json"))
    {
      g_set_error_literal (error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND, "none");
      return FALSE;
    }
  if (g_str_has_suffix (name, "backup_meta.json"))
    text = "{\"name\":\"b\"}";
  if (g_str_has_suffix (name, "collection_meta.json"))
    text = "{\"infos\":[]}";
  return reprise_milvus_reader_push (reader, text, strlen (text), error);
}

static void
test_stray (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (reprise_milvus_read_meta (stray_cb, NULL, NULL, NULL, NULL, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_DAMAGED);
  g_assert_nonnull (strstr (error->message, "partition_meta.json"));
}

int
main (int argc, char **argv)
{
  reprise_test_init (&argc, &argv);
  g_test_add_data_func ("/milvus-meta/recorded/a", MILVUS_LAYOUT_A, test_recorded);
  g_test_add_data_func ("/milvus-meta/recorded/b", MILVUS_LAYOUT_B, test_recorded);
  g_test_add_func ("/milvus-meta/variants", test_variants);
  g_test_add_func ("/milvus-meta/map", test_map);
  g_test_add_func ("/milvus-meta/times", test_times);
  g_test_add_func ("/milvus-meta/hostile", test_hostile);
  g_test_add_func ("/milvus-meta/cut", test_cut);
  g_test_add_func ("/milvus-meta/stray", test_stray);
  return g_test_run ();
}
