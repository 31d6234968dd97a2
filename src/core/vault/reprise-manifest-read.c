/* reprise-manifest-read.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "base/reprise-file.h"
#include "base/reprise-hash.h"
#include "base/reprise-time.h"
#include "base/reprise-ulid.h"
#include "vault/reprise-manifest-private.h"
#include "vault/reprise-vault-json.h"

#define MAX_BYTES      (64 * 1024 * 1024)
#define MAX_PATH_BYTES 4096
#define MAX_NAME_BYTES 255
#define MAX_DEPTH      64

static gboolean
set_wrong (GError **error, const char *member)
{
  reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_DAMAGED,
                     _ ("The manifest is damaged: “%s” is missing, or is not what it should be"),
                     member);
  return FALSE;
}

/* Whether @member is an integer of 64 bits, not below 0, or null. */
static gboolean
read_count (JsonObject *object, const char *member, gint64 *value)
{
  JsonNode *node = json_object_get_member (object, member);

  *value = REPRISE_NOT_REPORTED;
  if (node == NULL)
    return FALSE;
  if (JSON_NODE_HOLDS_NULL (node))
    return TRUE;
  *value = reprise_vault_json_get_int (object, member);
  return *value >= 0;
}

static gboolean
is_string_or_null (JsonObject *object, const char *member)
{
  return reprise_vault_json_get_string (object, member) != NULL ||
         (json_object_has_member (object, member) && json_object_get_null_member (object, member));
}

static char **
read_strings (JsonArray *array)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      JsonNode *node = json_array_get_element (array, i);

      if (!JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_STRING)
        return NULL;
      g_strv_builder_add (builder, json_node_get_string (node));
    }
  return g_strv_builder_end (builder);
}

static gboolean
read_collection (RepriseManifest *self, RepriseGroup group, JsonObject *object, GError **error)
{
  const char *name = reprise_vault_json_get_string (object, "name");
  JsonArray *array = reprise_vault_json_get_array (object, "files");
  g_autoptr (RepriseCollection) collection = NULL;
  g_auto (GStrv) files = NULL;
  gint64 rows = REPRISE_NOT_REPORTED, size_bytes = REPRISE_NOT_REPORTED;

  if (name == NULL)
    return set_wrong (error, "name");
  if (group != REPRISE_GROUP_SKIPPED)
    {
      if (!read_count (object, "rows", &rows) || !read_count (object, "size_bytes", &size_bytes))
        return set_wrong (error, name);
      if (array == NULL || (files = read_strings (array)) == NULL)
        return set_wrong (error, name);
    }
  collection = reprise_collection_new (name, rows, size_bytes);
  reprise_collection_set_title (collection, reprise_vault_json_get_string (object, "title"));
  reprise_collection_set_reason (collection, reprise_vault_json_get_string (object, "reason"));
  reprise_collection_set_own_group (collection,
                                    reprise_vault_json_get_string (object, "own_group"));
  if (files != NULL && files[0] != NULL)
    reprise_collection_set_files (collection, (const char *const *) files);
  reprise_contents_add (self->contents, group, collection);
  return TRUE;
}

static gboolean
read_collections (RepriseManifest *self, RepriseGroup group, JsonArray *array, GError **error)
{
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      JsonObject *object = reprise_vault_json_get_element (array, i);

      if (object == NULL)
        return set_wrong (error, reprise_group_to_string (group));
      if (!read_collection (self, group, object, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
read_contents (RepriseManifest *self, GError **error)
{
  JsonArray *groups = reprise_vault_json_get_array (self->root, "groups");
  JsonArray *skipped = reprise_vault_json_get_array (self->root, "skipped");

  if (groups == NULL || skipped == NULL)
    return set_wrong (error, groups == NULL ? "groups" : "skipped");
  for (guint i = 0; i < json_array_get_length (groups); i++)
    {
      JsonObject *object = reprise_vault_json_get_element (groups, i);
      JsonArray *collections = reprise_vault_json_get_array (object, "collections");
      RepriseGroup group;

      if (!reprise_group_from_string (reprise_vault_json_get_string (object, "id"), &group) ||
          group == REPRISE_GROUP_SKIPPED || collections == NULL)
        return set_wrong (error, "groups");
      if (!read_collections (self, group, collections, error))
        return FALSE;
    }
  return read_collections (self, REPRISE_GROUP_SKIPPED, skipped, error);
}

/**
 * reprise_manifest_path_is_safe:
 *
 * Returns: whether @path is the path of a payload file within its backup: relative, in parts that are names everywhere (no
 *   colon, no backslash, no control character), and not one of the vault's own files
 */
gboolean
reprise_manifest_path_is_safe (const char *path)
{
  g_auto (GStrv) parts = NULL;

  if (path == NULL || path[0] == '\0' || strlen (path) > MAX_PATH_BYTES ||
      !g_utf8_validate (path, -1, NULL) || g_str_equal (path, "manifest.json") ||
      g_str_equal (path, "SHA256SUMS"))
    return FALSE;
  for (const char *at = path; *at != '\0'; at++)
    if (g_ascii_iscntrl (*at) || *at == ':' || *at == '\\')
      return FALSE;
  parts = g_strsplit (path, "/", -1);
  if (g_strv_length (parts) > MAX_DEPTH)
    return FALSE;
  for (guint i = 0; parts[i] != NULL; i++)
    if (parts[i][0] == '\0' || parts[i][0] == '.' || strlen (parts[i]) > MAX_NAME_BYTES)
      return FALSE;
  return TRUE;
}

gboolean
reprise_manifest_is_sha256 (const char *text)
{
  return text != NULL && strlen (text) == REPRISE_HASH_HEX_LENGTH &&
         strspn (text, "0123456789abcdef") == REPRISE_HASH_HEX_LENGTH;
}

static gboolean
check_files (RepriseManifest *self, GError **error)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  gint64 total = 0;

  self->files = reprise_vault_json_get_array (self->root, "files");
  if (self->files == NULL)
    return set_wrong (error, "files");
  for (guint i = 0; i < json_array_get_length (self->files); i++)
    {
      JsonObject *object = reprise_vault_json_get_element (self->files, i);
      const char *path = reprise_vault_json_get_string (object, "path");
      gint64 size_bytes = reprise_vault_json_get_int (object, "size_bytes");

      if (!reprise_manifest_path_is_safe (path) || size_bytes < 0 ||
          size_bytes > G_MAXINT64 - total ||
          !reprise_manifest_is_sha256 (reprise_vault_json_get_string (object, "sha256")))
        return set_wrong (error, "files");
      if (!g_hash_table_add (seen, (gpointer) path))
        return set_wrong (error, path);
      total += size_bytes;
    }
  return TRUE;
}

static gboolean
check_identity (RepriseManifest *self, GError **error)
{
  JsonObject *service = reprise_vault_json_get_object (self->root, "service");
  RepriseOrigin origin;

  if (!reprise_ulid_is_valid (reprise_vault_json_get_string (self->root, "id")))
    return set_wrong (error, "id");
  if (!g_uuid_string_is_valid (reprise_vault_json_get_string (service, "uuid") ?: ""))
    return set_wrong (error, "service");
  if (reprise_vault_json_get_string (service, "kind") == NULL ||
      reprise_vault_json_get_string (service, "name") == NULL ||
      !is_string_or_null (service, "identity"))
    return set_wrong (error, "service");
  self->created_at =
    reprise_time_from_string (reprise_vault_json_get_string (self->root, "created_at"));
  if (self->created_at == NULL)
    return set_wrong (error, "created_at");
  if (!reprise_origin_from_string (reprise_vault_json_get_string (self->root, "origin"), &origin))
    return set_wrong (error, "origin");
  if (!is_string_or_null (self->root, "parent") ||
      (reprise_manifest_get_parent (self) != NULL &&
       !reprise_ulid_is_valid (reprise_manifest_get_parent (self))))
    return set_wrong (error, "parent");
  return TRUE;
}

static gboolean
check_rest (RepriseManifest *self, GError **error)
{
  JsonObject *proof = reprise_vault_json_get_object (self->root, "proof");
  JsonObject *tool = reprise_vault_json_get_object (self->root, "tool");
  JsonObject *provider = reprise_vault_json_get_object (self->root, "provider");
  g_autoptr (GDateTime) from = reprise_manifest_dup_interval_from (self);
  g_autoptr (GDateTime) to = reprise_manifest_dup_interval_to (self);

  if (from == NULL || to == NULL)
    return set_wrong (error, "interval");
  if (reprise_vault_json_get_string (proof, "method") == NULL ||
      reprise_vault_json_get_string (proof, "evidence") == NULL)
    return set_wrong (error, "proof");
  if (reprise_vault_json_get_string (tool, "name") == NULL ||
      reprise_vault_json_get_string (tool, "version") == NULL)
    return set_wrong (error, "tool");
  if (provider == NULL || reprise_vault_json_get_int (provider, "version") < 0)
    return set_wrong (error, "provider");
  if (!json_object_has_member (self->root, "encryption"))
    return set_wrong (error, "encryption");
  if (reprise_vault_json_get_array (self->root, "copies") == NULL)
    return set_wrong (error, "copies");
  return TRUE;
}

/* A format of the future: what can be read of it is, what cannot is left out. */
static void
read_newer (RepriseManifest *self)
{
  if (!read_contents (self, NULL))
    {
      g_clear_object (&self->contents);
      self->contents = reprise_contents_new ();
    }
}

/**
 * reprise_manifest_parse:
 *
 * A manifest of a higher format is parsed as far as it is understood: see reprise_manifest_is_read_only().
 *
 * Returns: (transfer full): the manifest, or %NULL with %REPRISE_ERROR_DAMAGED
 */
RepriseManifest *
reprise_manifest_parse (const char *data, gsize size, GError **error)
{
  g_autoptr (RepriseManifest) self = g_object_new (REPRISE_TYPE_MANIFEST, NULL);

  self->root = reprise_vault_json_parse (data, size, error);
  if (self->root == NULL)
    {
      reprise_error_prefix (error, _ ("The manifest is damaged: "));
      return NULL;
    }
  self->contents = reprise_contents_new ();
  if (reprise_manifest_get_format (self) < 1)
    {
      set_wrong (error, "format");
      return NULL;
    }
  if (!check_identity (self, error) || !check_files (self, error))
    return NULL;
  if (reprise_manifest_is_read_only (self))
    read_newer (self);
  else if (!read_contents (self, error) || !check_rest (self, error))
    return NULL;
  return g_steal_pointer (&self);
}

/**
 * reprise_manifest_read:
 * @folder: of a backup
 *
 * Blocks: for workers.
 *
 * Returns: (transfer full): the manifest that lies in @folder, or %NULL with %REPRISE_ERROR_DAMAGED, %REPRISE_ERROR_LIMIT
 *   or an error of the system
 */
RepriseManifest *
reprise_manifest_read (const char *folder, GError **error)
{
  g_autofree char *path = g_build_filename (folder, "manifest.json", NULL);
  g_autoptr (GBytes) bytes = reprise_file_read_small (path, MAX_BYTES, error);

  if (bytes == NULL)
    return NULL;
  return reprise_manifest_parse (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), error);
}
