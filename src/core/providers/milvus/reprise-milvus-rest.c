/* reprise-milvus-rest.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "net/reprise-json.h"
#include "providers/milvus/reprise-milvus-name.h"
#include "providers/milvus/reprise-milvus-rest.h"

#define CALL_MS         30000
#define DROP_MS         120000
#define MAX_TRIES       3
#define OK_FIRST        200 /* the code of a success in the first interface */
#define OK_SECOND       0
#define NO_COLLECTION   100 /* codes of Milvus */
#define NOT_LOADED      101
#define NO_DATABASE     800
#define UNAUTHENTICATED 1800
#define NO_PRIVILEGE    1401

struct _RepriseMilvusRest
{
  RepriseHttp *http; /* (owned) */
  guint version;     /* 0 while it is not known */
};

void
reprise_milvus_table_free (RepriseMilvusTable *self)
{
  g_free (self->database);
  g_free (self->name);
  g_free (self->primary_key);
  g_clear_pointer (&self->vector_fields, g_ptr_array_unref);
  g_clear_pointer (&self->indexed_fields, g_ptr_array_unref);
  g_free (self);
}

/* (transfer full) (nullable): a vector field without an index, which keeps the collection from being loaded */
char *
reprise_milvus_table_find_unindexed (const RepriseMilvusTable *self)
{
  for (guint i = 0; i < self->vector_fields->len; i++)
    if (!g_ptr_array_find_with_equal_func (self->indexed_fields, self->vector_fields->pdata[i],
                                           g_str_equal, NULL))
      return g_strdup (self->vector_fields->pdata[i]);
  return NULL;
}

RepriseMilvusRest *
reprise_milvus_rest_new (RepriseHttp *http)
{
  RepriseMilvusRest *self = g_new0 (RepriseMilvusRest, 1);

  self->http = g_object_ref (http);
  return self;
}

void
reprise_milvus_rest_free (RepriseMilvusRest *self)
{
  g_object_unref (self->http);
  g_free (self);
}

/* --- sending --- */

static RepriseHttpRequest *
make_request (const char *method, const char *path, RepriseHttpEffect effect)
{
  RepriseHttpRequest *request = reprise_http_request_new (method, path, effect);

  reprise_http_request_set_header (request, "Accept", "application/json");
  reprise_http_request_set_header_timeout (request,
                                           effect == REPRISE_HTTP_READ ? CALL_MS : DROP_MS);
  reprise_http_request_set_max_tries (request, MAX_TRIES);
  reprise_http_request_allow_status (request, 404);
  reprise_http_request_allow_status (request, 405);
  return request;
}

/* Milvus's own refusals come with HTTP 200. @code (out): %NULL with it set, and no error, is such a refusal; else %NULL has @error */
static JsonObject *
send_raw (RepriseMilvusRest *self,
          RepriseHttpRequest *request,
          gint64 *code,
          GCancellable *cancellable,
          GError **error)
{
  g_autoptr (RepriseHttpResponse) response =
    reprise_http_send (self->http, request, NULL, cancellable, error);
  JsonObject *root;
  const char *text;

  *code = -1;
  if (response == NULL)
    return NULL;
  if (reprise_http_response_get_status (response) !=
      200) /* a path that is not there, or takes no such request */
    {
      *code = 404;
      return NULL;
    }
  text = reprise_http_response_get_text (response);
  root = reprise_json_parse_object (text, strlen (text), NULL, error);
  if (root != NULL)
    *code = reprise_json_get_int (root, "code", -1);
  return root;
}

static void
set_refusal (RepriseMilvusRest *self, JsonObject *root, gint64 code, GError **error)
{
  const char *said = reprise_json_get_string (root, "message", _ ("an error without a text"));

  if (code == UNAUTHENTICATED)
    reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_NEEDS_SIGN_IN,
                       _ ("Milvus at %s asks for its user and password."),
                       reprise_http_get_name (self->http));
  else if (code == NOT_LOADED)
    reprise_error_set_literal (error, REPRISE_ERROR, REPRISE_ERROR_REFUSED,
                               _ ("The collection is not loaded."));
  else
    reprise_error_set (error, REPRISE_ERROR,
                       code == NO_COLLECTION || code == NO_DATABASE ? REPRISE_ERROR_NOT_FOUND
                       : code == NO_PRIVILEGE                       ? REPRISE_ERROR_DENIED
                                                                    : REPRISE_ERROR_FAILED,
                       _ ("Milvus says: %s"), said);
}

/* (transfer full): the answer to a success */
static JsonObject *
ask (RepriseMilvusRest *self,
     RepriseHttpRequest *request,
     GCancellable *cancellable,
     GError **error)
{
  GError *local = NULL;
  gint64 code;
  g_autoptr (JsonObject) root = send_raw (self, request, &code, cancellable, &local);

  if (local != NULL)
    g_propagate_error (error, local);
  else if (root == NULL)
    reprise_error_set (
      error, REPRISE_ERROR, REPRISE_ERROR_PROTOCOL,
      _ ("What answers at %s is not the REST interface of Milvus. It is on the port of "
         "Milvus itself, mostly 19530."),
      reprise_http_get_name (self->http));
  else if (code == (self->version == 1 ? OK_FIRST : OK_SECOND))
    return g_steal_pointer (&root);
  else
    set_refusal (self, root, code, error);
  return NULL;
}

static JsonBuilder *
begin_body (const char *database, const char *collection)
{
  JsonBuilder *json = json_builder_new ();

  json_builder_begin_object (json);
  if (database != NULL)
    {
      json_builder_set_member_name (json, "dbName");
      json_builder_add_string_value (json, database);
    }
  if (collection != NULL)
    {
      json_builder_set_member_name (json, "collectionName");
      json_builder_add_string_value (json, collection);
    }
  return json;
}

/* @json: (transfer full) */
static JsonObject *
post (RepriseMilvusRest *self,
      const char *path,
      RepriseHttpEffect effect,
      JsonBuilder *json,
      GCancellable *cancellable,
      GError **error)
{
  g_autoptr (RepriseHttpRequest) request = make_request ("POST", path, effect);
  g_autoptr (JsonBuilder) owned = json;
  g_autoptr (JsonNode) root = NULL;
  g_autofree char *body = NULL;

  json_builder_end_object (json);
  root = json_builder_get_root (json);
  body = json_to_string (root, FALSE);
  reprise_http_request_set_body_text (request, "application/json", body);
  return ask (self, request, cancellable, error);
}

static gboolean
carry_out (RepriseMilvusRest *self,
           const char *path,
           const RepriseMilvusTable *table,
           GCancellable *cancellable,
           GError **error)
{
  g_autoptr (JsonObject) root = post (
    self, path, REPRISE_HTTP_WRITE, begin_body (table->database, table->name), cancellable, error);

  return root != NULL;
}

/* 2 since Milvus 2.4, 1 before; 0 with @error set. */
guint
reprise_milvus_rest_get_version (RepriseMilvusRest *self, GCancellable *cancellable, GError **error)
{
  g_autoptr (RepriseHttpRequest) second = NULL;
  g_autoptr (RepriseHttpRequest) first = NULL;
  g_autoptr (JsonObject) root = NULL;
  g_autoptr (JsonObject) answer = NULL;
  GError *local = NULL;
  gint64 code;

  if (self->version != 0)
    return self->version;
  second = make_request ("POST", "v2/vectordb/collections/list", REPRISE_HTTP_READ);
  reprise_http_request_set_body_text (second, "application/json", "{\"dbName\":\"default\"}");
  root = send_raw (self, second, &code, cancellable, &local);
  if (local != NULL)
    {
      g_propagate_error (error, local);
      return 0;
    }
  if (code == OK_SECOND)
    return self->version = 2;
  if (code != 404)
    {
      set_refusal (self, root, code, error);
      return 0;
    }
  self->version = 1;
  first = make_request ("GET", "v1/vector/collections", REPRISE_HTTP_READ);
  reprise_http_request_allow_status (first, 400); /* of a storage of the S3 protocol */
  reprise_http_request_allow_status (first, 403);
  answer = ask (self, first, cancellable, error);
  if (answer == NULL)
    self->version = 0;
  return self->version;
}

/* (transfer full) (nullable): %NULL without an error where this Milvus cannot say them */
char **
reprise_milvus_rest_list_databases (RepriseMilvusRest *self,
                                    GCancellable *cancellable,
                                    GError **error)
{
  guint version = reprise_milvus_rest_get_version (self, cancellable, error);
  g_autoptr (JsonObject) root = NULL;
  g_autoptr (GError) local = NULL;

  if (version != 2)
    return NULL;
  root = post (self, "v2/vectordb/databases/list", REPRISE_HTTP_READ, begin_body (NULL, NULL),
               cancellable, &local);
  if (root != NULL)
    return reprise_json_array_dup_strv (reprise_json_get_array (root, "data"));
  if (!g_error_matches (local, REPRISE_ERROR, REPRISE_ERROR_PROTOCOL) &&
      !g_error_matches (local, REPRISE_ERROR, REPRISE_ERROR_DENIED))
    g_propagate_error (error, g_steal_pointer (&local));
  return NULL;
}

/* (transfer full): names without the database */
char **
reprise_milvus_rest_list_collections (RepriseMilvusRest *self,
                                      const char *database,
                                      GCancellable *cancellable,
                                      GError **error)
{
  guint version = reprise_milvus_rest_get_version (self, cancellable, error);
  g_autoptr (RepriseHttpRequest) request = NULL;
  g_autoptr (JsonObject) root = NULL;

  if (version == 0)
    return NULL;
  if (version == 2)
    root = post (self, "v2/vectordb/collections/list", REPRISE_HTTP_READ,
                 begin_body (database, NULL), cancellable, error);
  else
    {
      request = make_request ("GET", "v1/vector/collections", REPRISE_HTTP_READ);
      reprise_http_request_add_query (request, "dbName", database);
      root = ask (self, request, cancellable, error);
    }
  return root != NULL ? reprise_json_array_dup_strv (reprise_json_get_array (root, "data")) : NULL;
}

/* --- one collection --- */

static void
read_fields (RepriseMilvusTable *self, JsonObject *data)
{
  JsonArray *fields = reprise_json_get_array (data, "fields");
  JsonArray *indexes = reprise_json_get_array (data, "indexes");

  for (guint i = 0; i < reprise_json_array_get_length (fields); i++)
    {
      JsonObject *field = reprise_json_array_get_object (fields, i);
      const char *name = reprise_json_get_string (field, "name", "");
      const char *type = reprise_json_get_string (field, "type", "");

      if (reprise_json_get_boolean (field, "primaryKey", FALSE))
        {
          self->primary_key = g_strdup (name);
          self->key_is_text = g_ascii_strncasecmp (type, "VarChar", 7) == 0;
        }
      if (strstr (type, "Vector") != NULL)
        g_ptr_array_add (self->vector_fields, g_strdup (name));
    }
  for (guint i = 0; i < reprise_json_array_get_length (indexes); i++)
    g_ptr_array_add (self->indexed_fields,
                     g_strdup (reprise_json_get_string (reprise_json_array_get_object (indexes, i),
                                                        "fieldName", "")));
}

static RepriseMilvusTable *
read_table (const char *full_name, JsonObject *root)
{
  JsonObject *data = reprise_json_get_object (root, "data");
  RepriseMilvusTable *self = g_new0 (RepriseMilvusTable, 1);

  reprise_milvus_name_split (full_name, &self->database, &self->name);
  self->vector_fields = g_ptr_array_new_with_free_func (g_free);
  self->indexed_fields = g_ptr_array_new_with_free_func (g_free);
  self->loaded = g_strcmp0 (reprise_json_get_string (data, "load", NULL), "LoadStateLoaded") == 0;
  if (data != NULL)
    read_fields (self, data);
  return self;
}

static JsonObject *
describe (RepriseMilvusRest *self,
          const char *database,
          const char *collection,
          GCancellable *cancellable,
          GError **error)
{
  g_autoptr (RepriseHttpRequest) request = NULL;

  if (self->version == 2)
    return post (self, "v2/vectordb/collections/describe", REPRISE_HTTP_READ,
                 begin_body (database, collection), cancellable, error);
  request = make_request ("GET", "v1/vector/collections/describe", REPRISE_HTTP_READ);
  reprise_http_request_add_query (request, "dbName", database);
  reprise_http_request_add_query (request, "collectionName", collection);
  return ask (self, request, cancellable, error);
}

/* Milvus's codes for “no such collection” differ, so its list decides. */
static gboolean
is_missing (RepriseMilvusRest *self,
            const char *database,
            const char *collection,
            GCancellable *cancellable)
{
  g_autoptr (GError) local = NULL;
  g_auto (GStrv) names = reprise_milvus_rest_list_collections (self, database, cancellable, &local);

  if (names == NULL)
    return g_error_matches (local, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND);
  return !g_strv_contains ((const char *const *) names, collection);
}

/* (transfer full) (nullable): %NULL without an error where there is none of that name */
RepriseMilvusTable *
reprise_milvus_rest_describe (RepriseMilvusRest *self,
                              const char *full_name,
                              GCancellable *cancellable,
                              GError **error)
{
  g_autofree char *database = NULL;
  g_autofree char *collection = NULL;
  g_autoptr (JsonObject) root = NULL;
  g_autoptr (GError) local = NULL;

  if (reprise_milvus_rest_get_version (self, cancellable, error) == 0)
    return NULL;
  reprise_milvus_name_split (full_name, &database, &collection);
  root = describe (self, database, collection, cancellable, &local);
  if (root != NULL)
    return read_table (full_name, root);
  if (!g_error_matches (local, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND) &&
      !(g_error_matches (local, REPRISE_ERROR, REPRISE_ERROR_FAILED) &&
        is_missing (self, database, collection, cancellable)))
    g_propagate_error (error, g_steal_pointer (&local));
  return NULL;
}

/* (transfer full): true of every row; an empty one is refused */
static char *
make_filter (const RepriseMilvusTable *table)
{
  if (table->key_is_text)
    return g_strdup_printf ("%s >= \"\"", table->primary_key);
  return g_strdup_printf ("%s > -9223372036854775807", table->primary_key);
}

/* (transfer full): the rows of the answer. @limit: or -1 for none */
static JsonObject *
query (RepriseMilvusRest *self,
       const RepriseMilvusTable *table,
       const char *field,
       int limit,
       GCancellable *cancellable,
       GError **error)
{
  g_autofree char *filter = NULL;
  JsonBuilder *json;

  if (table->primary_key == NULL)
    {
      reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_PROTOCOL,
                         _ ("Milvus does not say which field of “%s” is its key."), table->name);
      return NULL;
    }
  filter = make_filter (table);
  json = begin_body (table->database, table->name);
  json_builder_set_member_name (json, "filter");
  json_builder_add_string_value (json, filter);
  json_builder_set_member_name (json, "outputFields");
  json_builder_begin_array (json);
  json_builder_add_string_value (json, field);
  json_builder_end_array (json);
  if (limit >= 0)
    {
      json_builder_set_member_name (json, "limit");
      json_builder_add_int_value (json, limit);
    }
  return post (self, self->version == 2 ? "v2/vectordb/entities/query" : "v1/vector/query",
               REPRISE_HTTP_READ, json, cancellable, error);
}

/* A count is a number, or a string of digits. */
static gint64
read_number (JsonObject *object, const char *key)
{
  const char *text = reprise_json_get_string (object, key, NULL);

  return text != NULL ? g_ascii_strtoll (text, NULL, 10) : reprise_json_get_int (object, key, -1);
}

/* The rows that are there, deleted ones not counted; -1 with @error: %REPRISE_ERROR_REFUSED where the collection is not loaded. */
gint64
reprise_milvus_rest_count (RepriseMilvusRest *self,
                           const RepriseMilvusTable *table,
                           GCancellable *cancellable,
                           GError **error)
{
  g_autoptr (JsonObject) root =
    query (self, table, "count(*)", self->version == 2 ? -1 : 0, cancellable, error);
  JsonObject *row =
    root != NULL ? reprise_json_array_get_object (reprise_json_get_array (root, "data"), 0) : NULL;
  gint64 count;

  if (root == NULL)
    return -1;
  count = row != NULL ? read_number (row, "count(*)") : -1;
  if (count < 0)
    reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_PROTOCOL,
                       _ ("Milvus did not say how many rows “%s” has."), table->name);
  return count;
}

/* What Milvus's statistics say: deleted rows may be counted too. -1 without an error where there are none. */
gint64
reprise_milvus_rest_estimate (RepriseMilvusRest *self,
                              const RepriseMilvusTable *table,
                              GCancellable *cancellable,
                              GError **error)
{
  g_autoptr (JsonObject) root = NULL;
  JsonObject *data;

  if (self->version != 2)
    return -1;
  root = post (self, "v2/vectordb/collections/get_stats", REPRISE_HTTP_READ,
               begin_body (table->database, table->name), cancellable, error);
  data = root != NULL ? reprise_json_get_object (root, "data") : NULL;
  return data != NULL ? read_number (data, "rowCount") : -1;
}

/* How many rows a query for @limit of them brings, each with its key; -1 with @error set. */
gint64
reprise_milvus_rest_sample (RepriseMilvusRest *self,
                            const RepriseMilvusTable *table,
                            guint limit,
                            GCancellable *cancellable,
                            GError **error)
{
  g_autoptr (JsonObject) root =
    query (self, table, table->primary_key, (int) limit, cancellable, error);
  JsonArray *rows = root != NULL ? reprise_json_get_array (root, "data") : NULL;
  gint64 n = 0;

  if (root == NULL)
    return -1;
  for (guint i = 0; i < reprise_json_array_get_length (rows); i++)
    {
      JsonObject *row = reprise_json_array_get_object (rows, i);

      n += row != NULL && json_object_has_member (row, table->primary_key);
    }
  return n;
}

static gboolean
need_second (RepriseMilvusRest *self, GError **error)
{
  if (self->version == 2)
    return TRUE;
  reprise_error_set_literal (
    error, REPRISE_ERROR, REPRISE_ERROR_NOT_SUPPORTED,
    _ ("This Milvus is older than 2.4 and can be told to load a collection only "
       "by its own programs."));
  return FALSE;
}

/* One that Milvus chooses. @metric (nullable): “L2” */
gboolean
reprise_milvus_rest_create_index (RepriseMilvusRest *self,
                                  const RepriseMilvusTable *table,
                                  const char *field,
                                  const char *metric,
                                  GCancellable *cancellable,
                                  GError **error)
{
  g_autoptr (JsonObject) root = NULL;
  JsonBuilder *json;

  if (!need_second (self, error))
    return FALSE;
  json = begin_body (table->database, table->name);
  json_builder_set_member_name (json, "indexParams");
  json_builder_begin_array (json);
  json_builder_begin_object (json);
  json_builder_set_member_name (json, "fieldName");
  json_builder_add_string_value (json, field);
  json_builder_set_member_name (json, "indexName");
  json_builder_add_string_value (json, field);
  json_builder_set_member_name (json, "indexType");
  json_builder_add_string_value (json, "AUTOINDEX");
  if (metric != NULL)
    {
      json_builder_set_member_name (json, "metricType");
      json_builder_add_string_value (json, metric);
    }
  json_builder_end_object (json);
  json_builder_end_array (json);
  root = post (self, "v2/vectordb/indexes/create", REPRISE_HTTP_WRITE, json, cancellable, error);
  return root != NULL;
}

/* Asks for it; reprise_milvus_rest_is_loaded() tells when it is done. */
gboolean
reprise_milvus_rest_load (RepriseMilvusRest *self,
                          const RepriseMilvusTable *table,
                          GCancellable *cancellable,
                          GError **error)
{
  return need_second (self, error) &&
         carry_out (self, "v2/vectordb/collections/load", table, cancellable, error);
}

/* %FALSE with @error, or while it is not. @percent: (out): of the way */
gboolean
reprise_milvus_rest_is_loaded (RepriseMilvusRest *self,
                               const RepriseMilvusTable *table,
                               int *percent,
                               GCancellable *cancellable,
                               GError **error)
{
  g_autoptr (JsonObject) root = NULL;
  JsonObject *data;

  *percent = 0;
  if (!need_second (self, error))
    return FALSE;
  root = post (self, "v2/vectordb/collections/get_load_state", REPRISE_HTTP_READ,
               begin_body (table->database, table->name), cancellable, error);
  data = root != NULL ? reprise_json_get_object (root, "data") : NULL;
  if (data == NULL)
    return FALSE;
  *percent = (int) CLAMP (reprise_json_get_int (data, "loadProgress", 0), 0, 100);
  return g_strcmp0 (reprise_json_get_string (data, "loadState", NULL), "LoadStateLoaded") == 0;
}

gboolean
reprise_milvus_rest_release (RepriseMilvusRest *self,
                             const RepriseMilvusTable *table,
                             GCancellable *cancellable,
                             GError **error)
{
  return need_second (self, error) &&
         carry_out (self, "v2/vectordb/collections/release", table, cancellable, error);
}

/* That it is not there is as good. */
gboolean
reprise_milvus_rest_drop (RepriseMilvusRest *self,
                          const char *full_name,
                          GCancellable *cancellable,
                          GError **error)
{
  g_autofree char *database = NULL;
  g_autofree char *collection = NULL;
  g_autoptr (JsonObject) root = NULL;
  g_autoptr (GError) local = NULL;

  if (reprise_milvus_rest_get_version (self, cancellable, error) == 0)
    return FALSE;
  reprise_milvus_name_split (full_name, &database, &collection);
  root =
    post (self, self->version == 2 ? "v2/vectordb/collections/drop" : "v1/vector/collections/drop",
          REPRISE_HTTP_WRITE, begin_body (database, collection), cancellable, &local);
  if (root != NULL || g_error_matches (local, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}
