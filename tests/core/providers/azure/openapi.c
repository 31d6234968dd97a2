/* openapi.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "providers/azure/openapi.h"
#include "reprise-test.h"

/* (transfer full) */
JsonObject *
openapi_read (const char *name)
{
  g_autofree char *file = g_strdup_printf ("azure-openapi/%s.json", name);
  g_autofree char *path = reprise_test_data (file);
  g_autofree char *text = reprise_test_read (path, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = json_from_string (text, &error);

  g_assert_no_error (error);
  return json_node_dup_object (node);
}

/* (transfer full) (nullable): @path with @values; %NULL where it has other names than those */
char *
openapi_dup_path (const char *path, const char *const *values)
{
  g_autoptr (GString) filled = g_string_new (path);

  for (guint i = 0; values[i] != NULL; i += 2)
    {
      g_autofree char *braced = g_strdup_printf ("{%s}", values[i]);

      if (g_string_replace (filled, braced, values[i + 1], 0) == 0)
        return NULL;
    }
  return strchr (filled->str, '{') == NULL ? g_strdup (filled->str) : NULL;
}

static JsonObject *
get_answer (JsonObject *operation)
{
  JsonObject *responses = json_object_get_object_member (operation, "responses");
  JsonObject *good = json_object_get_object_member (responses, "200");

  return json_object_get_object_member (json_object_get_object_member (good, "examples"),
                                        "application/json");
}

typedef void (*Each) (const char *method, const char *path, JsonObject *operation, gpointer data);

static void
walk (JsonObject *document, Each each, gpointer data)
{
  JsonObject *paths = json_object_get_object_member (document, "paths");
  JsonObjectIter by_path;
  const char *path;
  JsonNode *item;

  json_object_iter_init (&by_path, paths);
  while (json_object_iter_next (&by_path, &path, &item))
    {
      JsonObjectIter by_method;
      const char *method;
      JsonNode *operation;

      json_object_iter_init (&by_method, json_node_get_object (item));
      while (json_object_iter_next (&by_method, &method, &operation))
        each (method, path, json_node_get_object (operation), data);
    }
}

typedef struct
{
  const char *id;
  JsonObject *operation; /* (nullable) */
} Search;

static void
search_cb (const char *method, const char *path, JsonObject *operation, gpointer data)
{
  Search *search = data;

  if (strcmp (json_object_get_string_member (operation, "operationId"), search->id) == 0)
    search->operation = operation;
}

/* (transfer none) */
JsonObject *
openapi_get_example (JsonObject *document, const char *operation)
{
  Search search = { operation, NULL };

  walk (document, search_cb, &search);
  g_assert_nonnull (search.operation);
  return get_answer (search.operation);
}

typedef struct
{
  JsonObject *document;
  const char *const *values;
  FakeArm *server;
  GHashTable *operations; /* (element-type utf8 JsonObject): “GET /path” */
} Run;

static void
answer_cb (const char *method, const char *path, JsonObject *operation, gpointer data)
{
  Run *run = data;
  g_autofree char *filled = openapi_dup_path (path, run->values);
  g_autofree char *upper = g_ascii_strup (method, -1);
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  g_autofree char *text = NULL;

  if (filled == NULL)
    return;
  json_node_set_object (node, get_answer (operation));
  text = json_to_string (node, FALSE);
  fake_arm_answer (run->server, upper, filled, 200, NULL, text);
}

/* Each request gets the answer of the example. */
void
openapi_answer (JsonObject *document, const char *const *values, FakeArm *server)
{
  Run run = { document, values, server, NULL };

  walk (document, answer_cb, &run);
}

static void
collect_cb (const char *method, const char *path, JsonObject *operation, gpointer data)
{
  Run *run = data;
  g_autofree char *filled = openapi_dup_path (path, run->values);
  g_autofree char *upper = g_ascii_strup (method, -1);

  if (filled != NULL)
    g_hash_table_insert (run->operations, g_strdup_printf ("%s %s", upper, filled), operation);
}

/* One that lies under “parameters” of the document is meant by where it lies. */
static JsonObject *
get_parameter (JsonObject *document, JsonObject *operation, guint index)
{
  JsonArray *parameters = json_object_get_array_member (operation, "parameters");
  JsonObject *parameter = json_array_get_object_element (parameters, index);
  const char *place = json_object_get_string_member_with_default (parameter, "$ref", NULL);

  return place != NULL
           ? json_object_get_object_member (json_object_get_object_member (document, "parameters"),
                                            place + strlen ("#/parameters/"))
           : parameter;
}

/* Each name of the query is known, and each one that must be there is. */
static void
assert_query (Run *run, JsonObject *operation, const char *line, const char *query)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GHashTable) sent = g_uri_parse_params (query, -1, "&", G_URI_PARAMS_NONE, &error);
  JsonArray *parameters = json_object_get_array_member (operation, "parameters");
  JsonObject *info = json_object_get_object_member (run->document, "info");

  g_assert_no_error (error);
  g_assert_cmpstr (g_hash_table_lookup (sent, "api-version"), ==,
                   json_object_get_string_member (info, "version"));
  for (guint i = 0; i < json_array_get_length (parameters); i++)
    {
      JsonObject *parameter = get_parameter (run->document, operation, i);
      const char *name = json_object_get_string_member (parameter, "name");
      gboolean there;

      if (strcmp (json_object_get_string_member (parameter, "in"), "query") != 0)
        continue;
      there = g_hash_table_remove (sent, name);
      if (!there && json_object_get_boolean_member_with_default (parameter, "required", FALSE))
        g_error ("%s has no “%s”", line, name);
    }
  if (g_hash_table_size (sent) > 0)
    g_error ("%s has what Azure does not know", line);
}

static void
assert_call (Run *run, guint index, GHashTable *missing)
{
  g_autofree char *line = fake_arm_dup_call (run->server, index);
  g_autofree char *body = fake_arm_dup_body (run->server, index);
  g_auto (GStrv) parts = g_strsplit (line, "?", 2);
  JsonObject *operation = g_hash_table_lookup (run->operations, parts[0]);

  if (operation == NULL)
    return;
  assert_query (run, operation, line, parts[1] != NULL ? parts[1] : "");
  g_assert_cmpstr (body, ==, ""); /* none of them has one */
  g_hash_table_remove (missing, parts[0]);
}

/* Each of the requests was sent, and as it is described. What went elsewhere is not judged. */
void
openapi_assert_sent (JsonObject *document, const char *const *values, FakeArm *server)
{
  g_autoptr (GHashTable) operations = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GHashTable) missing = g_hash_table_new (g_str_hash, g_str_equal);
  Run run = { document, values, server, operations };
  GHashTableIter iter;
  gpointer key;

  walk (document, collect_cb, &run);
  g_assert_cmpuint (g_hash_table_size (operations), >, 0);
  g_hash_table_iter_init (&iter, operations);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    g_hash_table_add (missing, key);
  for (guint i = 0; i < fake_arm_get_n_calls (server); i++)
    assert_call (&run, i, missing);
  g_hash_table_iter_init (&iter, missing);
  if (g_hash_table_iter_next (&iter, &key, NULL))
    g_error ("never sent: %s", (const char *) key);
}
