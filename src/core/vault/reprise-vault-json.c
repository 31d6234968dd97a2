/* reprise-vault-json.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "base/reprise-file.h"
#include "net/reprise-json.h"
#include "vault/reprise-vault-json.h"

#define MAX_BYTES  (64 * 1024 * 1024)
#define MAX_VALUES 4000000 /* of a manifest with half a million files */

/**
 * reprise_vault_json_parse:
 *
 * Returns: (transfer full): the object, or %NULL with %REPRISE_ERROR_DAMAGED
 */
JsonObject *
reprise_vault_json_parse (const char *data, gsize size, GError **error)
{
  static const RepriseJsonLimits limits = { .max_bytes = MAX_BYTES,
                                            .max_values = MAX_VALUES,
                                            .max_members = MAX_VALUES };

  return reprise_json_parse_object (size == 0 ? "" : data, size, &limits, error);
}

/**
 * reprise_vault_json_read:
 *
 * Blocks: for workers.
 *
 * Returns: (transfer full): the object, or %NULL with %REPRISE_ERROR_DAMAGED, %REPRISE_ERROR_LIMIT or an error of the
 *   system that names the file
 */
JsonObject *
reprise_vault_json_read (const char *path, gsize max_bytes, GError **error)
{
  g_autoptr (GBytes) bytes = reprise_file_read_small (path, max_bytes, error);
  JsonObject *object;

  if (bytes == NULL)
    return NULL;
  object =
    reprise_vault_json_parse (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), error);
  if (object == NULL)
    reprise_error_prefix (error, _ ("“%s” is damaged: "), path);
  return object;
}

/* (transfer full): indented, with a newline at the end */
char *
reprise_vault_json_print (JsonObject *object, gsize *size)
{
  g_autoptr (JsonNode) node = json_node_init_object (json_node_alloc (), object);
  g_autofree char *text = json_to_string (node, TRUE);
  char *line = g_strconcat (text, "\n", NULL);

  if (size != NULL)
    *size = strlen (line);
  return line;
}

static JsonNode *
get_value (JsonObject *object, const char *member, GType type)
{
  JsonNode *node = object == NULL ? NULL : json_object_get_member (object, member);

  return node != NULL && JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == type
           ? node
           : NULL;
}

const char *
reprise_vault_json_get_string (JsonObject *object, const char *member)
{
  JsonNode *node = get_value (object, member, G_TYPE_STRING);

  return node == NULL ? NULL : json_node_get_string (node);
}

gint64
reprise_vault_json_get_int (JsonObject *object, const char *member)
{
  JsonNode *node = get_value (object, member, G_TYPE_INT64);

  return node == NULL ? -1 : json_node_get_int (node);
}

gboolean
reprise_vault_json_get_boolean (JsonObject *object, const char *member)
{
  JsonNode *node = get_value (object, member, G_TYPE_BOOLEAN);

  return node != NULL && json_node_get_boolean (node);
}

/* (transfer none) (nullable) */
JsonObject *
reprise_vault_json_get_object (JsonObject *object, const char *member)
{
  JsonNode *node = object == NULL ? NULL : json_object_get_member (object, member);

  return node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
}

/* (transfer none) (nullable) */
JsonArray *
reprise_vault_json_get_array (JsonObject *object, const char *member)
{
  JsonNode *node = object == NULL ? NULL : json_object_get_member (object, member);

  return node != NULL && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
}

/* (transfer none) (nullable): the element, if it is an object */
JsonObject *
reprise_vault_json_get_element (JsonArray *array, guint index)
{
  JsonNode *node = json_array_get_element (array, index);

  return JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
}

/* What is not UTF-8 is made so: a manifest that nobody can read would be worse than a replaced character. */
void
reprise_vault_json_set_string (JsonObject *object, const char *member, const char *text)
{
  g_autofree char *valid = text == NULL ? NULL : g_utf8_make_valid (text, -1);

  if (valid == NULL)
    json_object_set_null_member (object, member);
  else
    json_object_set_string_member (object, member, valid);
}

/* A count or size; null where it is not reported. */
void
reprise_vault_json_set_count (JsonObject *object, const char *member, gint64 value)
{
  if (value < 0)
    json_object_set_null_member (object, member);
  else
    json_object_set_int_member (object, member, value);
}
