/* reprise-couch-databases.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "net/reprise-json.h"
#include "providers/couchdb/client/reprise-couch-client-private.h"
#include "providers/couchdb/client/reprise-couch-json.h"

/**
 * reprise_couch_client_get_server:
 * @version: (out) (optional)
 * @uuid: (out) (optional): (nullable): of the installation, where the server has one
 */
gboolean
reprise_couch_client_get_server (RepriseCouchClient *self,
                                 char **version,
                                 char **uuid,
                                 GCancellable *cancellable,
                                 GError **error)
{
  g_autoptr (JsonObject) root = reprise_couch_client_get_object (self, "", cancellable, error);

  if (root == NULL)
    return FALSE;
  if (reprise_json_get_string (root, "couchdb", NULL) == NULL &&
      reprise_json_get_string (root, "express-pouchdb", NULL) == NULL)
    {
      reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_PROTOCOL,
                         _ ("What answers at %s is no CouchDB: check the address"),
                         reprise_http_get_name (self->http));
      return FALSE;
    }
  if (version != NULL)
    *version = g_strdup (reprise_json_get_string (root, "version", NULL));
  if (uuid != NULL)
    *uuid = g_strdup (reprise_json_get_string (root, "uuid", NULL));
  return TRUE;
}

/* (transfer full): who is signed in: “userCtx.name”, “userCtx.roles” */
JsonObject *
reprise_couch_client_get_session (RepriseCouchClient *self,
                                  GCancellable *cancellable,
                                  GError **error)
{
  return reprise_couch_client_get_object (self, "_session", cancellable, error);
}

/* A server answers 401 also to somebody who is signed in and may not list all databases. */
static void
explain_refused_list (RepriseCouchClient *self, GCancellable *cancellable, GError **error)
{
  g_autoptr (JsonObject) session = NULL;

  if (!g_error_matches (*error, REPRISE_ERROR, REPRISE_ERROR_NEEDS_SIGN_IN) &&
      !g_error_matches (*error, REPRISE_ERROR, REPRISE_ERROR_DENIED))
    return;
  session = reprise_couch_client_get_session (self, cancellable, NULL);
  if (reprise_json_get_string (session, "userCtx.name", NULL) == NULL)
    return;
  g_clear_error (error);
  reprise_error_set_literal (
    error, REPRISE_ERROR, REPRISE_ERROR_DENIED,
    _ ("The account may not list the databases: name them one by one in the "
       "service’s settings, without patterns"));
}

/* (transfer full) (element-type utf8): all databases, also those of the system */
GPtrArray *
reprise_couch_client_list_databases (RepriseCouchClient *self,
                                     GCancellable *cancellable,
                                     GError **error)
{
  static const RepriseJsonLimits LIMITS = { .error_code = REPRISE_ERROR_PROTOCOL };
  g_autoptr (GError) local = NULL;
  g_autoptr (GBytes) bytes = reprise_couch_client_get_bytes (self, "_all_dbs", cancellable, &local);
  g_autoptr (GPtrArray) names = NULL;
  g_autoptr (JsonNode) node = NULL;
  JsonArray *array;

  if (bytes == NULL)
    {
      explain_refused_list (self, cancellable, &local);
      g_propagate_error (error, g_steal_pointer (&local));
      return NULL;
    }
  node =
    reprise_json_parse (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), &LIMITS, error);
  if (node == NULL)
    return NULL;
  array = reprise_json_node_get_array (node);
  if (array == NULL)
    {
      reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_PROTOCOL,
                         _ ("What %s says of its databases is not a list"),
                         reprise_http_get_name (self->http));
      return NULL;
    }
  names = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < reprise_json_array_get_length (array); i++)
    if (reprise_json_array_get_string (array, i, NULL) != NULL)
      g_ptr_array_add (names, g_strdup (reprise_json_array_get_string (array, i, NULL)));
  return g_steal_pointer (&names);
}

static char *
dup_member (const char *data, gsize size, const char *name)
{
  return reprise_couch_span_dup_text (
    reprise_couch_span_get ((RepriseCouchSpan){ data, size }, name));
}

/* Old servers say "0" for every database, and some have numbers. */
static char *
read_created (JsonObject *root)
{
  const char *text = reprise_json_get_string (root, "instance_start_time", NULL);

  return text != NULL && strcmp (text, "0") != 0 ? g_strdup (text) : NULL;
}

RepriseCouchInfo *
reprise_couch_client_get_info (RepriseCouchClient *self,
                               const char *database,
                               GCancellable *cancellable,
                               GError **error)
{
  g_autofree char *path = reprise_couch_client_dup_path (database, NULL, NULL);
  g_autoptr (GBytes) bytes = reprise_couch_client_get_bytes (self, path, cancellable, error);
  g_autoptr (RepriseCouchInfo) info = NULL;
  g_autoptr (JsonObject) root = NULL;
  const char *data;
  gsize size = 0;

  if (bytes == NULL)
    return NULL;
  data = g_bytes_get_data (bytes, &size);
  root = reprise_json_parse_object (data != NULL ? data : "", size, NULL, error);
  if (root == NULL)
    return NULL;
  info = g_new0 (RepriseCouchInfo, 1);
  info->name = g_strdup (database);
  info->doc_count = reprise_json_get_int (root, "doc_count", -1);
  info->doc_del_count = reprise_json_get_int (root, "doc_del_count", -1);
  info->size_bytes = reprise_json_get_int (root, "sizes.external", -1);
  info->update_seq = dup_member (data, size, "update_seq");
  info->purge_seq = dup_member (data, size, "purge_seq");
  info->created = read_created (root);
  info->partitioned = reprise_json_get_boolean (root, "props.partitioned", FALSE);
  info->q = reprise_json_get_int (root, "cluster.q", 0);
  info->n = reprise_json_get_int (root, "cluster.n", 0);
  return g_steal_pointer (&info);
}

/* “[a-z][a-z0-9_$()+/-]*”; those of the system begin with an underscore */
gboolean
reprise_couch_name_is_valid (const char *database)
{
  const char *from = *database == '_' ? database + 1 : database;

  return *from >= 'a' && *from <= 'z' &&
         strspn (from, "abcdefghijklmnopqrstuvwxyz0123456789_$()+/-") == strlen (from);
}

/* @q: shards, or 0 for as many as the server makes by itself. One that is there already is an error. */
gboolean
reprise_couch_client_create_database (RepriseCouchClient *self,
                                      const char *database,
                                      gboolean partitioned,
                                      gint64 q,
                                      GCancellable *cancellable,
                                      GError **error)
{
  g_autofree char *path = reprise_couch_client_dup_path (database, NULL, NULL);
  g_autofree char *shards = g_strdup_printf ("%" G_GINT64_FORMAT, q);
  g_autoptr (RepriseHttpRequest) request =
    reprise_couch_client_new_request (self, "PUT", path, REPRISE_HTTP_START);
  g_autoptr (RepriseHttpResponse) response = NULL;

  if (partitioned)
    reprise_http_request_add_query (request, "partitioned", "true");
  if (q > 0)
    reprise_http_request_add_query (request, "q", shards);
  response = reprise_http_send (self->http, request, NULL, cancellable, error);
  if (response == NULL)
    reprise_error_prefix (error, _ ("The database “%s” could not be made: "), database);
  return response != NULL;
}

gboolean
reprise_couch_client_delete_database (RepriseCouchClient *self,
                                      const char *database,
                                      GCancellable *cancellable,
                                      GError **error)
{
  g_autofree char *path = reprise_couch_client_dup_path (database, NULL, NULL);
  g_autoptr (RepriseHttpRequest) request =
    reprise_couch_client_new_request (self, "DELETE", path, REPRISE_HTTP_WRITE);
  g_autoptr (RepriseHttpResponse) response = NULL;

  reprise_http_request_allow_status (request, 404); /* of a repetition */
  response = reprise_http_send (self->http, request, NULL, cancellable, error);
  return response != NULL;
}
