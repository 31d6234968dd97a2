/* nocobase-recordings.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "archive/reprise-archive-reader.h"
#include "archive/reprise-zip-writer.h"
#include "net/reprise-json.h"
#include "providers/nocobase/nocobase-fake-private.h"
#include "reprise-test.h"

/* Of the collections of the recording, so that a test under sanitizers need not ask for the rows of a hundred. */
static gboolean
is_kept (const char *collection)
{
  static const char *const KEPT[] = { "applicationPlugins",
                                      "applicationVersion",
                                      "authenticators",
                                      "collections",
                                      "executions",
                                      "fields",
                                      "issuedTokens",
                                      "peerCustomers",
                                      "peerOrders",
                                      "rolesUsers",
                                      "users",
                                      NULL };

  return g_strv_contains (KEPT, collection);
}

/* (transfer full): the same with those collections only */
static JsonNode *
trim_groups (JsonObject *groups)
{
  g_autoptr (GList) names = json_object_get_members (groups);
  g_autoptr (JsonObject) trimmed = json_object_new ();
  JsonNode *node = json_node_alloc ();

  for (GList *name = names; name != NULL; name = name->next)
    {
      JsonArray *all = json_object_get_array_member (groups, name->data);
      g_autoptr (JsonArray) kept = json_array_new ();

      for (guint i = 0; i < json_array_get_length (all); i++)
        if (is_kept (reprise_json_get_string (json_array_get_object_element (all, i), "name", "")))
          json_array_add_element (kept, json_node_copy (json_array_get_element (all, i)));
      json_object_set_array_member (trimmed, name->data, g_steal_pointer (&kept));
    }
  return json_node_init_object (node, trimmed);
}

static GBytes *
trim_meta (NocobaseRecordings *self, GBytes *bytes)
{
  g_autoptr (JsonObject) root = reprise_json_parse_object (g_bytes_get_data (bytes, NULL),
                                                           g_bytes_get_size (bytes), NULL, NULL);
  JsonNode *groups =
    trim_groups (json_object_get_object_member (root, "dumpableCollectionsGroupByGroup"));
  g_autoptr (JsonNode) node = json_node_init_object (json_node_alloc (), root);

  self->groups = json_to_string (groups, FALSE);
  json_object_set_member (root, "dumpableCollectionsGroupByGroup", groups);
  self->meta = json_to_string (node, FALSE);
  return g_bytes_new (self->meta, strlen (self->meta));
}

static void
note_count (NocobaseRecordings *self, const char *collection, GBytes *bytes)
{
  g_autoptr (JsonObject) root = reprise_json_parse_object (g_bytes_get_data (bytes, NULL),
                                                           g_bytes_get_size (bytes), NULL, NULL);

  g_hash_table_insert (self->counts, g_strdup (collection),
                       GINT_TO_POINTER ((int) reprise_json_get_int (root, "count", 0)));
}

/* {"data":[{"packageName":…},…]}, of the plugins that the recording has */
static void
note_packages (NocobaseRecordings *self, GBytes *bytes)
{
  g_autofree char *text = g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  g_autoptr (GRegex) regex = g_regex_new ("\"(@nocobase/[a-z0-9-]+)\"", 0, 0, NULL);
  g_autoptr (GMatchInfo) match = NULL;

  for (g_regex_match (regex, text, 0, &match); g_match_info_matches (match);
       g_match_info_next (match, NULL))
    g_ptr_array_add (self->packages, g_match_info_fetch (match, 1));
}

/* Fills the recordings, and makes of the archive one that is quick to look into. */
static void
trim (NocobaseRecordings *self, RepriseArchiveReader *reader)
{
  const RepriseArchiveEntry *entry = NULL;
  g_autoptr (GOutputStream) out = g_memory_output_stream_new_resizable ();
  g_autoptr (RepriseZipWriter) writer = reprise_zip_writer_new (out, REPRISE_ZIP_LEVEL_FAST);
  g_autoptr (GError) error = NULL;

  while (reprise_archive_reader_next (reader, &entry, NULL, &error) && entry != NULL)
    {
      g_autofree char *name = g_strdup (entry->name);
      g_auto (GStrv) parts = g_strsplit (name, "/", -1);
      gboolean of_collection = g_strv_length (parts) == 3;
      g_autoptr (GBytes) bytes = NULL, made = NULL;

      if (entry->is_folder || (of_collection && !is_kept (parts[1])))
        continue;
      bytes = reprise_archive_reader_read_all (reader, 4 * 1024 * 1024, NULL, &error);
      g_assert_no_error (error);
      if (of_collection && strcmp (parts[2], "meta") == 0)
        note_count (self, parts[1], bytes);
      if (strcmp (name, "collections/applicationPlugins/data") == 0)
        note_packages (self, bytes);
      made = strcmp (name, "meta") == 0 ? trim_meta (self, bytes) : g_bytes_ref (bytes);
      reprise_zip_writer_add_bytes (writer, name, g_bytes_get_data (made, NULL),
                                    g_bytes_get_size (made), NULL, NULL, &error);
      g_assert_no_error (error);
    }
  g_assert_no_error (error);
  reprise_zip_writer_finish (writer, &error);
  g_assert_no_error (error);
  g_output_stream_close (out, NULL, &error);
  self->dump = g_memory_output_stream_steal_as_bytes (G_MEMORY_OUTPUT_STREAM (out));
}

static GBytes *
read_sample (const char *name)
{
  g_autofree char *path = reprise_test_data (name);
  gsize size = 0;
  char *text = reprise_test_read (path, &size);

  return g_bytes_new_take (text, size);
}

const NocobaseRecordings *
nocobase_recordings_get (void)
{
  static NocobaseRecordings self;
  g_autofree char *path = reprise_test_data ("nocobase/all-groups.nbdump");
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseArchiveReader) reader = NULL;

  if (self.counts != NULL)
    return &self;
  reader = reprise_archive_reader_open (path, NULL, NULL, &error);
  g_assert_no_error (error);
  self.data = read_sample ("nocobase/manager-plain.nbdata");
  self.counts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self.packages = g_ptr_array_new_with_free_func (g_free);
  trim (&self, reader);
  return &self;
}
