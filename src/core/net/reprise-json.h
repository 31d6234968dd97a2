/* reprise-json.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>
#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/**
 * RepriseJsonLimits:
 * @max_bytes: 0 for 16 MiB
 * @max_depth: of arrays and objects in each other; 0 for 128
 * @max_values: in all, because each takes some 80 bytes of memory; 0 for 500,000
 * @max_members: of one object, because names can be made to collide; 0 for 20,000
 * @error_code: of #RepriseError, for what is no JSON or JSON that would change; 0 for %REPRISE_ERROR_DAMAGED
 *
 * What a control message may be. More is %REPRISE_ERROR_LIMIT.
 */
typedef struct
{
  gsize max_bytes;
  guint max_depth;
  guint64 max_values;
  guint64 max_members;
  int error_code;
} RepriseJsonLimits;

JsonNode *reprise_json_parse (const char *data,
                              gsize size,
                              const RepriseJsonLimits *limits,
                              GError **error);
JsonObject *reprise_json_parse_object (const char *data,
                                       gsize size,
                                       const RepriseJsonLimits *limits,
                                       GError **error);

/* From an object by the name of a member, or by the names on the way to it with dots between them. What is missing or of another
 * kind is the fallback; a %NULL object has nothing. All that is lent lives as long as @object. */

JsonNode *reprise_json_get_node (JsonObject *object, const char *path);
const char *reprise_json_get_string (JsonObject *object, const char *path, const char *fallback);
gint64 reprise_json_get_int (JsonObject *object, const char *path, gint64 fallback);
double reprise_json_get_double (JsonObject *object, const char *path, double fallback);
gboolean reprise_json_get_boolean (JsonObject *object, const char *path, gboolean fallback);
JsonObject *reprise_json_get_object (JsonObject *object, const char *path);
JsonArray *reprise_json_get_array (JsonObject *object, const char *path);

/* The same of one value. */

const char *reprise_json_node_get_string (JsonNode *node, const char *fallback);
gint64 reprise_json_node_get_int (JsonNode *node, gint64 fallback);
JsonObject *reprise_json_node_get_object (JsonNode *node);
JsonArray *reprise_json_node_get_array (JsonNode *node);

/* The same from an array, which may be %NULL and then has no elements. */

guint reprise_json_array_get_length (JsonArray *array);
JsonNode *reprise_json_array_get_node (JsonArray *array, guint index);
const char *reprise_json_array_get_string (JsonArray *array, guint index, const char *fallback);
gint64 reprise_json_array_get_int (JsonArray *array, guint index, gint64 fallback);
JsonObject *reprise_json_array_get_object (JsonArray *array, guint index);
char **reprise_json_array_dup_strv (JsonArray *array);

/* What must be there: else %NULL with %REPRISE_ERROR_PROTOCOL, naming the member. */

const char *reprise_json_need_string (JsonObject *object, const char *path, GError **error);
JsonObject *reprise_json_need_object (JsonObject *object, const char *path, GError **error);

G_END_DECLS
