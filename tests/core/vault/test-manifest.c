/* test-manifest.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "base/reprise-error.h"
#include "base/reprise-file.h"
#include "base/reprise-ulid.h"
#include "reprise-test.h"
#include "vault/reprise-manifest.h"

#define SHA256 "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

static RepriseManifest *
make_manifest (void)
{
  static const char *const files[] = { "data/1.sqlite", NULL };
  g_autoptr (RepriseService) service = reprise_service_new (NULL, "sqlite", "Orders “été”");
  g_autofree char *id = reprise_ulid_new ();
  g_autoptr (RepriseContents) contents = reprise_contents_new ();
  g_autoptr (RepriseCollection) orders =
    reprise_collection_new ("orders", G_MAXINT64, REPRISE_NOT_REPORTED);
  g_autoptr (RepriseCollection) cache = reprise_collection_new ("cache", 5, 5);
  RepriseManifest *manifest = reprise_manifest_new (service, id, REPRISE_ORIGIN_MANUAL);

  reprise_collection_set_title (orders, "All orders\n\x01");
  reprise_collection_set_files (orders, files);
  reprise_collection_set_own_group (orders, "business");
  reprise_collection_set_reason (cache, "It can be made again.");
  reprise_contents_add (contents, REPRISE_GROUP_CUSTOM, orders);
  reprise_contents_add (contents, REPRISE_GROUP_SKIPPED, cache);
  reprise_manifest_set_contents (manifest, contents);
  reprise_manifest_set_proof (manifest, "backup-api", "SQLITE_DONE");
  reprise_manifest_add_file (manifest, "orders.zip", 1234567890123456789, SHA256);
  return manifest;
}

static void
test_round_trip (void)
{
  g_autoptr (RepriseManifest) manifest = make_manifest ();
  g_autoptr (RepriseManifest) back = NULL;
  g_autoptr (RepriseBackup) backup = NULL;
  g_autoptr (GError) error = NULL;
  gsize size;
  g_autofree char *json = reprise_manifest_to_json (manifest, &size);
  g_autofree char *again = NULL;
  RepriseCollection *collection;
  RepriseGroup group;
  gint64 size_bytes;
  const char *sha256;

  back = reprise_manifest_parse (json, size, &error);
  g_assert_no_error (error);
  again = reprise_manifest_to_json (back, NULL);
  g_assert_cmpstr (again, ==, json);
  g_assert_cmpstr (reprise_manifest_get_service_name (back), ==, "Orders “été”");
  g_assert_cmpint (reprise_manifest_get_format (back), ==, 1);
  g_assert_false (reprise_manifest_is_read_only (back));
  g_assert_null (reprise_manifest_get_parent (back));
  g_assert_null (reprise_manifest_get_identity (back));
  g_assert_cmpstr (reprise_manifest_get_proof_method (back), ==, "backup-api");
  collection = reprise_contents_find (reprise_manifest_get_contents (back), "orders", &group);
  g_assert_cmpint (group, ==, REPRISE_GROUP_CUSTOM);
  g_assert_cmpint (reprise_collection_get_rows (collection), ==, G_MAXINT64);
  g_assert_cmpint (reprise_collection_get_size_bytes (collection), ==, REPRISE_NOT_REPORTED);
  g_assert_cmpstr (reprise_collection_get_title (collection), ==, "All orders\n\x01");
  g_assert_cmpstr (reprise_collection_get_own_group (collection), ==, "business");
  g_assert_cmpstr (reprise_collection_get_files (collection)[0], ==, "data/1.sqlite");
  collection = reprise_contents_find (reprise_manifest_get_contents (back), "cache", &group);
  g_assert_cmpint (group, ==, REPRISE_GROUP_SKIPPED);
  g_assert_cmpstr (reprise_collection_get_reason (collection), ==, "It can be made again.");
  g_assert_cmpuint (reprise_manifest_get_n_files (back), ==, 1);
  g_assert_cmpstr (reprise_manifest_get_file (back, 0, &size_bytes, &sha256), ==, "orders.zip");
  g_assert_cmpint (size_bytes, ==, 1234567890123456789);
  g_assert_cmpstr (sha256, ==, SHA256);
  backup = reprise_manifest_to_backup (back);
  g_assert_cmpint (reprise_backup_get_size_bytes (backup), ==, 1234567890123456789);
  g_assert_cmpuint (reprise_backup_get_groups (backup), ==,
                    REPRISE_GROUP_BIT (REPRISE_GROUP_CUSTOM));
  g_assert_true (reprise_backup_get_in_vault (backup));
}

static void
test_unknown_members (void)
{
  g_autoptr (RepriseManifest) manifest = make_manifest ();
  g_autoptr (RepriseManifest) back = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *json = NULL;
  g_autofree char *again = NULL;
  g_autoptr (GString) text = NULL;

  json_object_set_int_member (reprise_manifest_get_provider (manifest), "since", 12);
  json = reprise_manifest_to_json (manifest, NULL);
  text = g_string_new (json);
  g_string_replace (text, "\"size_bytes\" : 1234567890123456789",
                    "\"size_bytes\" : 1234567890123456789, \"crc\" : [ 7 ]", 1);
  g_string_replace (text, "\"format\" : 1", "\"format\" : 1, \"colour\" : { \"of\" : \"the sky\" }",
                    1);
  back = reprise_manifest_parse (text->str, text->len, &error);
  g_assert_no_error (error);
  reprise_manifest_set_note (back, "kept");
  again = reprise_manifest_to_json (back, NULL);
  g_assert_nonnull (strstr (again, "the sky"));
  g_assert_nonnull (strstr (again, "\"crc\""));
  g_assert_nonnull (strstr (again, "\"since\" : 12"));
}

static void
test_newer_format (void)
{
  g_autoptr (RepriseManifest) manifest = make_manifest ();
  g_autoptr (RepriseManifest) back = NULL;
  g_autofree char *json = reprise_manifest_to_json (manifest, NULL);
  g_autoptr (GString) text = g_string_new (json);
  g_autoptr (GError) error = NULL;

  g_string_replace (text, "\"format\" : 1", "\"format\" : 2", 1);
  g_string_replace (text, "\"custom\"", "\"eighth\"", 1);
  back = reprise_manifest_parse (text->str, text->len, &error);
  g_assert_no_error (error);
  g_assert_true (reprise_manifest_is_read_only (back));
  g_assert_cmpuint (reprise_manifest_get_n_files (back), ==, 1);
}

/* Every member taken away or made something else, one after the other, is found. */
static void
test_damaged (void)
{
  static const char *const required[] = { "format", "id",     "service", "created_at", "interval",
                                          "origin", "parent", "groups",  "skipped",    "files",
                                          "proof",  "tool",   "copies",  "encryption", "provider" };
  g_autoptr (RepriseManifest) manifest = make_manifest ();
  g_autofree char *json = reprise_manifest_to_json (manifest, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (required); i++)
    for (guint wrong = 0; wrong < 2; wrong++)
      {
        g_autoptr (JsonNode) node = json_from_string (json, NULL);
        g_autofree char *text = NULL;
        g_autoptr (GError) error = NULL;

        if (wrong == 1 && g_str_equal (required[i], "encryption"))
          continue; /* reserved: whatever it may come to say */
        json_object_remove_member (json_node_get_object (node), required[i]);
        if (wrong == 1)
          json_object_set_double_member (json_node_get_object (node), required[i], 0.5);
        text = json_to_string (node, FALSE);
        g_assert_null (reprise_manifest_parse (text, strlen (text), &error));
        g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_DAMAGED);
      }
}

/* Cut at every byte, and every byte changed: never a crash, and never a manifest out of a part. */
static void
test_truncated (void)
{
  g_autoptr (RepriseManifest) manifest = make_manifest ();
  gsize size;
  g_autofree char *json = reprise_manifest_to_json (manifest, &size);

  for (gsize n = 0; n + 2 < size; n++)
    {
      g_autofree char *part = g_memdup2 (json, n + 1);
      g_autoptr (GError) error = NULL;

      g_assert_null (reprise_manifest_parse (part, n, &error));
      g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_DAMAGED);
    }
  for (gsize n = 0; n < size; n++)
    {
      g_autofree char *part = g_memdup2 (json, size);
      g_autoptr (RepriseManifest) back = NULL;

      part[n] ^= 0x15;
      back = reprise_manifest_parse (part, size, NULL);
    }
}

static void
test_paths (void)
{
  static const char *const good[] = { "a", "data/1/user.sqlite", "été.zip", "a b",
                                      "x/manifest.json" };
  static const char *const bad[] = { "",       "/a",         "a/",    "../a",
                                     "a/../b", "./a",        "a//b",  "a:b",
                                     "a\\b",   "a\nb",       ".hide", "a/.hide",
                                     "\xff",   "SHA256SUMS", "..",    "manifest.json" };
  g_autofree char *deep = g_strnfill (300, 'a');

  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    g_assert_true (reprise_manifest_path_is_safe (good[i]));
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    g_assert_false (reprise_manifest_path_is_safe (bad[i]));
  g_assert_false (reprise_manifest_path_is_safe (deep));
}

static void
test_schema (void)
{
  g_autoptr (RepriseManifest) manifest = make_manifest ();
  char *folder = reprise_test_make_folder ();
  g_autofree char *path = g_build_filename (folder, "manifest.json", NULL);
  g_autofree char *json = reprise_manifest_to_json (manifest, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseManifest) back = NULL;

  reprise_file_write_durable (path, json, -1, &error);
  g_assert_no_error (error);
  g_assert_true (reprise_test_check_manifest (path));
  back = reprise_manifest_read (folder, &error);
  g_assert_no_error (error);
  json_object_remove_member (reprise_manifest_get_provider (back), "version");
  g_clear_pointer (&json, g_free);
  json = reprise_manifest_to_json (back, NULL);
  reprise_file_write_durable (path, json, -1, &error);
  g_assert_false (reprise_test_check_manifest (path)); /* the control */
  reprise_test_remove_folder (folder);
}

static void
test_backup_properties (void)
{
  g_autoptr (RepriseBackup) backup = reprise_backup_new ("own", "uuid", "nocobase");
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autoptr (GDateTime) then = NULL;
  g_autofree char *note = NULL;
  int state;
  RepriseOrigin origin;

  g_object_set (backup, "created-at", now, "size-bytes", (gint64) 7, "state",
                REPRISE_BACKUP_VERIFIED, "kept", TRUE, "note", "before the move", "groups",
                REPRISE_GROUPS_ALL, NULL);
  g_object_get (backup, "created-at", &then, "note", &note, "state", &state, NULL);
  g_assert_true (g_date_time_equal (now, then));
  g_assert_cmpstr (note, ==, "before the move");
  g_assert_cmpint (state, ==, REPRISE_BACKUP_VERIFIED);
  g_assert_cmpint (reprise_backup_get_size_bytes (backup), ==, 7);
  g_assert_true (reprise_backup_get_kept (backup));
  g_assert_cmpstr (reprise_backup_state_to_string (reprise_backup_get_state (backup)), ==,
                   "verified");
  g_assert_true (reprise_origin_from_string ("safety", &origin));
  g_assert_cmpint (origin, ==, REPRISE_ORIGIN_SAFETY);
  g_assert_false (reprise_origin_from_string ("unsafe", &origin));
}

/* Whatever is set by a property comes out of it again. */
static void
test_all_properties (void)
{
  g_autoptr (RepriseBackup) backup = reprise_backup_new ("id", "uuid", "sqlite");
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autoptr (RepriseContents) contents = reprise_contents_new ();
  guint n;
  g_autofree GParamSpec **specs = g_object_class_list_properties (G_OBJECT_GET_CLASS (backup), &n);

  g_assert_cmpuint (n, >, 20);
  for (guint i = 0; i < n; i++)
    {
      g_auto (GValue) in = G_VALUE_INIT, out = G_VALUE_INIT;

      g_value_init (&in, specs[i]->value_type);
      g_value_init (&out, specs[i]->value_type);
      if (G_VALUE_HOLDS_STRING (&in))
        g_value_set_string (&in, specs[i]->name);
      else if (G_VALUE_HOLDS_BOOLEAN (&in))
        g_value_set_boolean (&in, TRUE);
      else if (G_VALUE_HOLDS_INT (&in))
        g_value_set_int (&in, 2);
      else if (G_VALUE_HOLDS_UINT (&in))
        g_value_set_uint (&in, 5);
      else if (G_VALUE_HOLDS_INT64 (&in))
        g_value_set_int64 (&in, G_MAXINT64);
      else if (G_VALUE_HOLDS_OBJECT (&in))
        g_value_set_object (&in, contents);
      else
        g_value_set_boxed (&in, now);
      g_object_set_property (G_OBJECT (backup), specs[i]->name, &in);
      g_object_get_property (G_OBJECT (backup), specs[i]->name, &out);
      if (G_VALUE_HOLDS_STRING (&in))
        g_assert_cmpstr (g_value_get_string (&out), ==, specs[i]->name);
      else if (G_VALUE_HOLDS_BOXED (&in))
        g_assert_true (g_date_time_equal (g_value_get_boxed (&out), now));
      else
        g_assert_cmpmem (&in.data, sizeof in.data, &out.data, sizeof out.data);
    }
  g_assert_cmpstr (reprise_backup_get_id (backup), ==, "id");
  g_assert_cmpstr (reprise_backup_get_own_state (backup), ==, "own-state");
  g_assert_true (reprise_backup_get_stale (backup));
}

int
main (int argc, char *argv[])
{
  reprise_test_init (&argc, &argv);
  g_test_add_func ("/manifest/round-trip", test_round_trip);
  g_test_add_func ("/manifest/unknown-members", test_unknown_members);
  g_test_add_func ("/manifest/newer-format", test_newer_format);
  g_test_add_func ("/manifest/damaged", test_damaged);
  g_test_add_func ("/manifest/truncated", test_truncated);
  g_test_add_func ("/manifest/paths", test_paths);
  g_test_add_func ("/manifest/schema", test_schema);
  g_test_add_func ("/backup/properties", test_backup_properties);
  g_test_add_func ("/backup/all-properties", test_all_properties);
  return g_test_run ();
}
