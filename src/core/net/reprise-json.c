/* reprise-json.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "net/reprise-json.h"
#include "net/reprise-json-scanner.h"

#define MAX_BYTES        (16 * 1024 * 1024)
#define MAX_DEPTH        128
#define MAX_VALUES       500000
#define MAX_MEMBERS      20000
#define MAX_EXACT_DOUBLE 9007199254740992.0 /* 2^53: whole numbers up to it are exact (IEEE 754) */
#define LONGEST_INT      20                 /* characters: a minus sign and 19 digits */

/* What the scan before json-glib looks at. */
typedef struct
{
  const char *data;
  RepriseJsonLimits limits;
  guint64 n_values;
  guint64 number; /* offset of the number being scanned */
} Scan;

static void
set_limits (RepriseJsonLimits *to, const RepriseJsonLimits *from)
{
  *to = from != NULL ? *from : (RepriseJsonLimits){ 0 };
  if (to->max_bytes == 0)
    to->max_bytes = MAX_BYTES;
  if (to->max_depth == 0)
    to->max_depth = MAX_DEPTH;
  if (to->max_values == 0)
    to->max_values = MAX_VALUES;
  if (to->max_members == 0)
    to->max_members = MAX_MEMBERS;
  if (to->error_code == 0)
    to->error_code = REPRISE_ERROR_DAMAGED;
}

/* json-glib makes -1 of an integer beyond 64 bits, and infinity of a number beyond a double. */
static gboolean
check_number (const Scan *scan, guint64 end, GError **error)
{
  gsize length = (gsize) (end - scan->number);
  g_autofree char *text = g_strndup (scan->data + scan->number, length);
  gboolean ok;

  errno = 0;
  if (strpbrk (text, ".eE") != NULL)
    ok = isfinite (g_ascii_strtod (text, NULL));
  else
    ok = length <= LONGEST_INT && (g_ascii_strtoll (text, NULL, 10), errno == 0);
  if (!ok)
    reprise_error_set_literal (error, REPRISE_ERROR, scan->limits.error_code,
                               _ ("The JSON holds a number that is too large to be kept exactly"));
  return ok;
}

static gboolean
scan_cb (const RepriseJsonEvent *event, gpointer user_data, GError **error)
{
  Scan *scan = user_data;

  if (event->type == REPRISE_JSON_BEGIN)
    {
      scan->number = event->offset;
      if (++scan->n_values <= scan->limits.max_values)
        return TRUE;
      reprise_error_set_literal (error, REPRISE_ERROR, REPRISE_ERROR_LIMIT,
                                 _ ("The JSON holds too many values"));
      return FALSE;
    }
  if (event->type == REPRISE_JSON_END && event->kind == REPRISE_JSON_NUMBER)
    return check_number (scan, event->offset, error);
  if (event->type == REPRISE_JSON_END && event->kind == REPRISE_JSON_OBJECT &&
      event->n_children > scan->limits.max_members)
    {
      reprise_error_set_literal (error, REPRISE_ERROR, REPRISE_ERROR_LIMIT,
                                 _ ("An object of the JSON holds too many members"));
      return FALSE;
    }
  return TRUE;
}

/* json-glib ends a string at a NUL, and makes of half a pair of surrogates what is no UTF-8. */
static gboolean
check_strings (RepriseJsonScanner *scanner, const RepriseJsonLimits *limits, GError **error)
{
  if (!reprise_json_scanner_has_nul (scanner) && !reprise_json_scanner_has_lone_surrogate (scanner))
    return TRUE;
  reprise_error_set_literal (error, REPRISE_ERROR, limits->error_code,
                             _ ("The JSON holds a character that cannot be kept"));
  return FALSE;
}

/* Gives the number of members, or fails. */
static gboolean
scan_all (const char *data,
          gsize size,
          const RepriseJsonLimits *limits,
          guint64 *n_members,
          GError **error)
{
  Scan scan = { .data = data, .limits = *limits };
  RepriseJsonScannerOptions options = { .max_depth = limits->max_depth,
                                        .event_depth = limits->max_depth,
                                        .func = scan_cb,
                                        .user_data = &scan };
  g_autoptr (RepriseJsonScanner) scanner = reprise_json_scanner_new (&options);

  if (!reprise_json_scanner_push (scanner, data, size, error) ||
      !reprise_json_scanner_finish (scanner, error))
    {
      if (error != NULL && g_error_matches (*error, REPRISE_ERROR, REPRISE_ERROR_DAMAGED))
        (*error)->code = limits->error_code;
      return FALSE;
    }
  *n_members = reprise_json_scanner_get_n_members (scanner);
  return check_strings (scanner, limits, error);
}

static guint64 count_members (JsonNode *node);

static void
count_member_cb (JsonObject *object, const char *name, JsonNode *node, gpointer user_data)
{
  guint64 *count = user_data;

  *count += 1 + count_members (node);
}

static void
count_element_cb (JsonArray *array, guint index, JsonNode *node, gpointer user_data)
{
  guint64 *count = user_data;

  *count += count_members (node);
}

static guint64
count_members (JsonNode *node)
{
  guint64 count = 0;

  if (JSON_NODE_HOLDS_OBJECT (node))
    json_object_foreach_member (json_node_get_object (node), count_member_cb, &count);
  else if (JSON_NODE_HOLDS_ARRAY (node))
    json_array_foreach_element (json_node_get_array (node), count_element_cb, &count);
  return count;
}

/**
 * reprise_json_parse:
 * @size: of @data; it need not end in NUL
 * @limits: (nullable): other than the defaults
 *
 * The guard before json-glib, which would crash on deep nesting and silently change numbers, NULs and names that come twice: such a
 * text is refused. For control messages; payload goes through #RepriseJsonScanner and is kept as it is.
 *
 * Returns: (transfer full): the one value, immutable; or %NULL with %REPRISE_ERROR_LIMIT or the code that @limits name
 */
JsonNode *
reprise_json_parse (const char *data, gsize size, const RepriseJsonLimits *limits, GError **error)
{
  g_autoptr (JsonParser) parser = NULL;
  g_autoptr (JsonNode) root = NULL;
  g_autoptr (GError) local_error = NULL;
  RepriseJsonLimits all;
  guint64 n_members = 0;

  set_limits (&all, limits);
  if (size > all.max_bytes)
    {
      reprise_error_set_literal (error, REPRISE_ERROR, REPRISE_ERROR_LIMIT,
                                 _ ("The JSON is too large"));
      return NULL;
    }
  if (!scan_all (data, size, &all, &n_members, &local_error))
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return NULL;
    }
  parser = json_parser_new_immutable ();
  if (json_parser_load_from_data (parser, data, (gssize) size, &local_error))
    root = json_parser_steal_root (parser);
  if (root != NULL && count_members (root) == n_members)
    return g_steal_pointer (&root);
  if (root != NULL)
    reprise_error_set_literal (error, REPRISE_ERROR, all.error_code,
                               _ ("An object of the JSON holds a name twice"));
  else
    reprise_error_set (error, REPRISE_ERROR, all.error_code, _ ("The JSON cannot be read: %s"),
                       local_error != NULL ? local_error->message : "");
  return NULL;
}

/* The same where it must be an object. */
JsonObject *
reprise_json_parse_object (const char *data,
                           gsize size,
                           const RepriseJsonLimits *limits,
                           GError **error)
{
  g_autoptr (JsonNode) root = reprise_json_parse (data, size, limits, error);
  RepriseJsonLimits all;

  if (root == NULL)
    return NULL;
  if (JSON_NODE_HOLDS_OBJECT (root))
    return json_node_dup_object (root);
  set_limits (&all, limits);
  reprise_error_set_literal (error, REPRISE_ERROR, all.error_code, _ ("The JSON is not an object"));
  return NULL;
}

/* (nullable) (transfer none) */
JsonNode *
reprise_json_get_node (JsonObject *object, const char *path)
{
  g_autofree char *name = NULL;
  const char *dot;
  JsonNode *node;

  if (object == NULL)
    return NULL;
  node = json_object_get_member (object, path);
  dot = strchr (path, '.');
  if (node != NULL || dot == NULL)
    return node;
  name = g_strndup (path, (gsize) (dot - path));
  return reprise_json_get_node (
    reprise_json_node_get_object (json_object_get_member (object, name)), dot + 1);
}

const char *
reprise_json_node_get_string (JsonNode *node, const char *fallback)
{
  if (node != NULL && JSON_NODE_HOLDS_VALUE (node) &&
      json_node_get_value_type (node) == G_TYPE_STRING)
    return json_node_get_string (node);
  return fallback;
}

/* Only a whole number that is exact, whichever way it is written. */
gint64
reprise_json_node_get_int (JsonNode *node, gint64 fallback)
{
  double value;

  if (node == NULL || !JSON_NODE_HOLDS_VALUE (node))
    return fallback;
  if (json_node_get_value_type (node) == G_TYPE_INT64)
    return json_node_get_int (node);
  if (json_node_get_value_type (node) != G_TYPE_DOUBLE)
    return fallback;
  value = json_node_get_double (node);
  return fabs (value) <= MAX_EXACT_DOUBLE && trunc (value) == value ? (gint64) value : fallback;
}

JsonObject *
reprise_json_node_get_object (JsonNode *node)
{
  return node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
}

JsonArray *
reprise_json_node_get_array (JsonNode *node)
{
  return node != NULL && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
}

const char *
reprise_json_get_string (JsonObject *object, const char *path, const char *fallback)
{
  return reprise_json_node_get_string (reprise_json_get_node (object, path), fallback);
}

gint64
reprise_json_get_int (JsonObject *object, const char *path, gint64 fallback)
{
  return reprise_json_node_get_int (reprise_json_get_node (object, path), fallback);
}

double
reprise_json_get_double (JsonObject *object, const char *path, double fallback)
{
  JsonNode *node = reprise_json_get_node (object, path);

  if (node == NULL || !JSON_NODE_HOLDS_VALUE (node))
    return fallback;
  if (json_node_get_value_type (node) == G_TYPE_DOUBLE)
    return json_node_get_double (node);
  return json_node_get_value_type (node) == G_TYPE_INT64 ? (double) json_node_get_int (node)
                                                         : fallback;
}

gboolean
reprise_json_get_boolean (JsonObject *object, const char *path, gboolean fallback)
{
  JsonNode *node = reprise_json_get_node (object, path);

  if (node != NULL && JSON_NODE_HOLDS_VALUE (node) &&
      json_node_get_value_type (node) == G_TYPE_BOOLEAN)
    return json_node_get_boolean (node);
  return fallback;
}

JsonObject *
reprise_json_get_object (JsonObject *object, const char *path)
{
  return reprise_json_node_get_object (reprise_json_get_node (object, path));
}

JsonArray *
reprise_json_get_array (JsonObject *object, const char *path)
{
  return reprise_json_node_get_array (reprise_json_get_node (object, path));
}

guint
reprise_json_array_get_length (JsonArray *array)
{
  return array != NULL ? json_array_get_length (array) : 0;
}

/* (nullable) (transfer none) */
JsonNode *
reprise_json_array_get_node (JsonArray *array, guint index)
{
  return index < reprise_json_array_get_length (array) ? json_array_get_element (array, index)
                                                       : NULL;
}

const char *
reprise_json_array_get_string (JsonArray *array, guint index, const char *fallback)
{
  return reprise_json_node_get_string (reprise_json_array_get_node (array, index), fallback);
}

gint64
reprise_json_array_get_int (JsonArray *array, guint index, gint64 fallback)
{
  return reprise_json_node_get_int (reprise_json_array_get_node (array, index), fallback);
}

JsonObject *
reprise_json_array_get_object (JsonArray *array, guint index)
{
  return reprise_json_node_get_object (reprise_json_array_get_node (array, index));
}

/* (transfer full): its strings; what is none is left out */
char **
reprise_json_array_dup_strv (JsonArray *array)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  for (guint i = 0; i < reprise_json_array_get_length (array); i++)
    {
      const char *text = reprise_json_array_get_string (array, i, NULL);

      if (text != NULL)
        g_strv_builder_add (builder, text);
    }
  return g_strv_builder_end (builder);
}

static void
set_missing (const char *path, GError **error)
{
  reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_PROTOCOL,
                     _ ("“%s” is missing or not what it should be"), path);
}

const char *
reprise_json_need_string (JsonObject *object, const char *path, GError **error)
{
  const char *value = reprise_json_get_string (object, path, NULL);

  if (value == NULL)
    set_missing (path, error);
  return value;
}

JsonObject *
reprise_json_need_object (JsonObject *object, const char *path, GError **error)
{
  JsonObject *value = reprise_json_get_object (object, path);

  if (value == NULL)
    set_missing (path, error);
  return value;
}
