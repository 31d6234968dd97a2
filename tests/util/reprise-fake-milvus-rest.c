/* reprise-fake-milvus-rest.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <stdio.h>
#include <string.h>

#include "reprise-fake-milvus-private.h"

/* --- Milvus itself --- */

static char *
get_table_name (RepriseFaultCall *call, JsonObject *body)
{
  g_autofree char *database = reprise_fake_milvus_get_query (call, "dbName");
  g_autofree char *collection = reprise_fake_milvus_get_query (call, "collectionName");

  if (body != NULL)
    return g_strdup_printf ("%s.%s", reprise_json_get_string (body, "dbName", "default"),
                            reprise_json_get_string (body, "collectionName", ""));
  return g_strdup_printf ("%s.%s", database != NULL ? database : "default",
                          collection != NULL ? collection : "");
}

static int
get_ok (RepriseFakeMilvus *self)
{
  return self->rest_version == 1 ? 200 : 0;
}

static void
rest_list (RepriseFakeMilvus *self, RepriseFaultCall *call, const char *name)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree char *prefix = g_strndup (name, strcspn (name, ".") + 1);
  g_autoptr (GList) names =
    g_list_sort (g_hash_table_get_keys (self->tables), (GCompareFunc) strcmp);

  for (GList *each = names; each != NULL; each = each->next)
    if (g_str_has_prefix (each->data, prefix))
      g_string_append_printf (text, "%s\"%s\"", text->len > 0 ? "," : "",
                              (char *) each->data + strlen (prefix));
  reprise_fake_milvus_answer (call, 200, "{\"code\":%d,\"data\":[%s]}", get_ok (self), text->str);
}

static void
rest_describe (RepriseFakeMilvus *self, RepriseFaultCall *call, const RepriseFakeTable *table)
{
  reprise_fake_milvus_answer (
    call, 200,
    "{\"code\":%d,\"data\":{\"fields\":[{\"name\":\"id\",\"primaryKey\":true,\"type\":\"Int64\"},"
    "{\"name\":\"vec\",\"primaryKey\":false,\"type\":\"FloatVector(4)\"}],\"indexes\":[%s],"
    "\"load\":\"%s\"}}",
    get_ok (self),
    table->indexed ? "{\"fieldName\":\"vec\",\"indexName\":\"vec\",\"metricType\":\"L2\"}" : "",
    table->loaded ? "LoadStateLoaded" : "LoadStateNotLoad");
}

/* The rows of a collection are numbered; each has its number in all that it has. */
static void
append_row (GString *rows, gint64 number)
{
  g_string_append_printf (rows, "%s{\"id\":\"%d\",\"n\":%d,\"title\":\"Row %d\"}",
                          rows->len > 0 ? "," : "", (int) number, (int) number, (int) number);
}

static void
rest_query (RepriseFakeMilvus *self,
            RepriseFaultCall *call,
            JsonObject *body,
            const RepriseFakeTable *table)
{
  JsonArray *fields = reprise_json_get_array (body, "outputFields");
  gint64 limit = reprise_json_get_int (body, "limit", -1);
  g_autoptr (GString) rows = g_string_new (NULL);
  int first = 0, end = (int) table->rows;

  if (!table->loaded)
    reprise_fake_milvus_answer (call, 200, "{\"code\":101,\"message\":\"collection not loaded\"}");
  else if (g_strcmp0 (reprise_json_array_get_string (fields, 0, NULL), "count(*)") == 0)
    reprise_fake_milvus_answer (call, 200,
                                self->rest_version == 1
                                  ? "{\"code\":%d,\"data\":[{\"count(*)\":\"%d\"}]}"
                                  : "{\"code\":%d,\"data\":[{\"count(*)\":%d}]}",
                                get_ok (self), (int) table->rows);
  else
    {
      if (sscanf (reprise_json_get_string (body, "filter", ""), "n >= %d && n < %d", &first,
                  &end) == 2)
        end = MIN (end, (int) table->rows);
      for (gint64 i = first; i < end && i < first + limit; i++)
        append_row (rows, i);
      reprise_fake_milvus_answer (call, 200, "{\"code\":%d,\"data\":[%s]}", get_ok (self),
                                  rows->str);
    }
}

/* As the suite against real servers makes the first element of a vector. */
static double
get_element (gint64 number)
{
  return (double) (number * 3 % 997) / 997 + (double) number / 10000;
}

static void
rest_search (RepriseFakeMilvus *self,
             RepriseFaultCall *call,
             JsonObject *body,
             const RepriseFakeTable *table)
{
  JsonArray *vector = self->rest_version == 1
                        ? reprise_json_get_array (body, "vector")
                        : json_array_get_array_element (reprise_json_get_array (body, "data"), 0);
  double wanted = json_array_get_double_element (vector, 0);
  g_autoptr (GString) rows = g_string_new (NULL);
  gint64 best = 0;

  for (gint64 i = 0; i < table->rows; i++)
    if (ABS (get_element (i) - wanted) < ABS (get_element (best) - wanted))
      best = i;
  append_row (rows, best);
  if (table->loaded)
    reprise_fake_milvus_answer (call, 200, "{\"code\":%d,\"data\":[%s]}", get_ok (self), rows->str);
  else
    reprise_fake_milvus_answer (call, 200, "{\"code\":101,\"message\":\"collection not loaded\"}");
}

static void
rest_create (RepriseFakeMilvus *self, RepriseFaultCall *call, const char *name)
{
  reprise_fake_milvus_put_table (self->tables, name, 0, TRUE, TRUE);
  reprise_fake_milvus_answer (call, 200, "{\"code\":%d,\"data\":{}}", get_ok (self));
}

static void
rest_insert (RepriseFakeMilvus *self,
             RepriseFaultCall *call,
             JsonObject *body,
             RepriseFakeTable *table)
{
  table->rows += reprise_json_array_get_length (reprise_json_get_array (body, "data"));
  reprise_fake_milvus_answer (call, 200, "{\"code\":%d,\"data\":{}}", get_ok (self));
}

static void
rest_change (RepriseFakeMilvus *self,
             RepriseFaultCall *call,
             const char *what,
             const char *name,
             RepriseFakeTable *table)
{
  self->n_writes++;
  if (g_str_equal (what, "drop"))
    g_hash_table_remove (self->tables, name);
  else if (g_str_equal (what, "create"))
    table->indexed = TRUE;
  else
    table->loaded = g_str_equal (what, "load");
  reprise_fake_milvus_answer (call, 200, "{\"code\":%d,\"data\":{}}", get_ok (self));
}

void
reprise_fake_milvus_call_milvus (RepriseFakeMilvus *self, RepriseFaultCall *call)
{
  g_autoptr (JsonObject) body = reprise_fake_milvus_get_body (call);
  g_autofree char *name = get_table_name (call, body);
  g_autofree char *what = g_path_get_basename (call->path);
  RepriseFakeTable *table = g_hash_table_lookup (self->tables, name);

  if (call->path[2] != (char) ('0' + self->rest_version))
    reprise_fault_answer (call, 404, "text/plain", "404 page not found");
  else if (g_str_has_suffix (call->path, "databases/list"))
    reprise_fake_milvus_answer (call, 200, "{\"code\":0,\"data\":[\"default\",\"shop\"]}");
  else if (g_str_equal (what, "list") || g_str_equal (what, "collections"))
    rest_list (self, call, name);
  else if (g_str_has_suffix (call->path, "collections/create"))
    rest_create (self, call, name);
  else if (table == NULL)
    reprise_fake_milvus_answer (call, 200, "{\"code\":100,\"message\":\"can't find collection\"}");
  else if (g_str_equal (what, "describe"))
    rest_describe (self, call, table);
  else if (g_str_equal (what, "query"))
    rest_query (self, call, body, table);
  else if (g_str_equal (what, "search"))
    rest_search (self, call, body, table);
  else if (g_str_equal (what, "insert"))
    rest_insert (self, call, body, table);
  else if (g_str_equal (what, "get_stats"))
    reprise_fake_milvus_answer (call, 200, "{\"code\":0,\"data\":{\"rowCount\":%d}}",
                                (int) table->rows);
  else if (g_str_equal (what, "get_load_state"))
    reprise_fake_milvus_answer (call, 200,
                                "{\"code\":0,\"data\":{\"loadState\":\"%s\",\"loadProgress\":50}}",
                                table->loaded ? "LoadStateLoaded" : "LoadStateLoading");
  else
    rest_change (self, call, what, name, table);
}
