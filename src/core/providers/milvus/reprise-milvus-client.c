/* reprise-milvus-client.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "providers/milvus/reprise-milvus-client.h"
#include "providers/milvus/reprise-milvus-name.h"

#define CALL_MS     30000  /* the slowest of its own failures takes 22 s */
#define LIST_MS     120000 /* it reads the metadata of every backup */
#define HELLO_MS    5000
#define DOCUMENT_MS 10000
#define MAX_BYTES   (64 * 1024 * 1024)
#define MAX_TRIES   2
#define JSON_TYPE   "application/json"

struct _RepriseMilvusClient
{
  RepriseHttp *http; /* (owned) */
  guint timeout_ms;
  RepriseMilvusGeneration generation; /* 0 while it is not known */
};

RepriseMilvusClient *
reprise_milvus_client_new (RepriseHttp *http)
{
  RepriseMilvusClient *self = g_new0 (RepriseMilvusClient, 1);

  self->http = g_object_ref (http);
  self->timeout_ms = CALL_MS;
  return self;
}

void
reprise_milvus_client_free (RepriseMilvusClient *self)
{
  g_object_unref (self->http);
  g_free (self);
}

/* (transfer none) */
RepriseHttp *
reprise_milvus_client_get_http (RepriseMilvusClient *self)
{
  return self->http;
}

/* Of one call; that of a list is four times as long. */
void
reprise_milvus_client_set_timeout (RepriseMilvusClient *self, guint timeout_ms)
{
  self->timeout_ms = timeout_ms;
}

const char *
reprise_milvus_generation_get_text (RepriseMilvusGeneration generation)
{
  switch (generation)
    {
    case REPRISE_MILVUS_A:
      return _ ("0.3.0 to 0.5.9");
    case REPRISE_MILVUS_B:
      return _ ("0.5.10 to 0.5.16");
    case REPRISE_MILVUS_C:
      return _ ("0.6.0 or newer");
    default:
      return _ ("not reported");
    }
}

RepriseMilvusRename *
reprise_milvus_rename_new (const char *from, const char *to)
{
  RepriseMilvusRename *self = g_new0 (RepriseMilvusRename, 1);

  self->from = g_strdup (from);
  self->to = g_strdup (to);
  return self;
}

void
reprise_milvus_rename_free (RepriseMilvusRename *self)
{
  g_free (self->from);
  g_free (self->to);
  g_free (self);
}

/* --- sending --- */

static RepriseHttpRequest *
make_request (RepriseMilvusClient *self,
              const char *method,
              const char *path,
              RepriseHttpEffect effect,
              guint timeout_ms)
{
  RepriseHttpRequest *request = reprise_http_request_new (method, path, effect);

  reprise_http_request_set_header (request, "Accept", JSON_TYPE);
  reprise_http_request_set_header_timeout (request, timeout_ms);
  reprise_http_request_set_deadline (request, (guint64) timeout_ms * 2);
  reprise_http_request_set_max_tries (request, MAX_TRIES);
  reprise_http_request_set_max_bytes (request, MAX_BYTES);
  reprise_http_request_allow_status (request, 400);
  reprise_http_request_allow_status (request, 404);
  reprise_http_request_allow_status (request, 500);
  return request;
}

/* Whether the server answers at all; it needs neither Milvus nor the storage for that. */
gboolean
reprise_milvus_client_hello (RepriseMilvusClient *self, GCancellable *cancellable, GError **error)
{
  g_autoptr (RepriseHttpRequest) request =
    make_request (self, "GET", "hello", REPRISE_HTTP_READ, HELLO_MS);
  g_autoptr (RepriseHttpResponse) response = NULL;

  reprise_http_request_set_max_tries (request, 1);
  response = reprise_http_send (self->http, request, NULL, cancellable, error);
  if (response == NULL)
    return FALSE;
  if (strstr (reprise_http_response_get_text (response), "backup service") != NULL)
    return TRUE;
  reprise_error_set (
    error, REPRISE_ERROR, REPRISE_ERROR_PROTOCOL,
    _ ("What answers at %s is not Milvus Backup. Check the address and the path prefix."),
    reprise_http_get_name (self->http));
  return FALSE;
}

/* No answer came. Who answers to a greeting, and not to this, waits for Milvus or for the storage. */
static void
explain_silence (RepriseMilvusClient *self,
                 RepriseHttpRequest *request,
                 GCancellable *cancellable,
                 GError **error)
{
  g_autoptr (GError) silence = *error;
  g_autoptr (GError) local = NULL;
  gboolean sent = reprise_http_request_get_outcome (request) != REPRISE_HTTP_NOT_SENT;

  *error = NULL;
  if (!sent || (!g_error_matches (silence, REPRISE_ERROR, REPRISE_ERROR_STALLED) &&
                !g_error_matches (silence, REPRISE_ERROR, REPRISE_ERROR_UNREACHABLE)))
    *error = g_steal_pointer (&silence);
  else if (reprise_milvus_client_hello (self, cancellable, &local))
    reprise_error_set (
      error, REPRISE_ERROR, REPRISE_ERROR_STALLED,
      _ ("Milvus Backup at %s is there, but does not answer: it waits for Milvus or for "
         "the object storage. Look whether both run, and whether their addresses and "
         "keys in backup.yaml are right."),
      reprise_http_get_name (self->http));
  else if (reprise_http_request_get_effect (request) == REPRISE_HTTP_START &&
           g_error_matches (local, REPRISE_ERROR, REPRISE_ERROR_UNREACHABLE))
    reprise_error_set (
      error, REPRISE_ERROR, REPRISE_ERROR_UNREACHABLE,
      _ ("Milvus Backup at %s ended while it was asked. Version 0.5.9 does that where it "
         "cannot reach the object storage: look whether that runs, and start the server "
         "again."),
      reprise_http_get_name (self->http));
  else
    *error = g_steal_pointer (&silence);
}

static RepriseHttpResponse *
send_request (RepriseMilvusClient *self,
              RepriseHttpRequest *request,
              GCancellable *cancellable,
              GError **error)
{
  GError *local = NULL;
  RepriseHttpResponse *response =
    reprise_http_send (self->http, request, NULL, cancellable, &local);

  if (response != NULL)
    return response;
  if (!g_error_matches (local, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    explain_silence (self, request, cancellable, &local);
  g_propagate_error (error, local);
  return NULL;
}

static void
set_no_server (RepriseMilvusClient *self, GError **error)
{
  reprise_error_set (
    error, REPRISE_ERROR, REPRISE_ERROR_PROTOCOL,
    _ ("What answers at %s is not Milvus Backup. Check the address and the path prefix."),
    reprise_http_get_name (self->http));
}

/* What is no envelope: a refused request, a crash inside of the server, a page of a proxy. */
static gboolean
check_form (RepriseMilvusClient *self, RepriseHttpResponse *response, GError **error)
{
  guint status = reprise_http_response_get_status (response);
  const char *text = reprise_http_response_get_text (response);
  g_autofree char *said = reprise_milvus_reply_read_error (text);

  if (said != NULL)
    reprise_error_set (error, REPRISE_ERROR,
                       status == 400 ? REPRISE_ERROR_INVALID : REPRISE_ERROR_FAILED,
                       _ ("Milvus Backup says: %s"), said);
  else if (status == 500)
    reprise_error_set (
      error, REPRISE_ERROR, REPRISE_ERROR_FAILED,
      _ ("Milvus Backup at %s failed and does not say why. Mostly it cannot reach Milvus "
         "or the object storage, or the name is taken: look into its log."),
      reprise_http_get_name (self->http));
  else if (status == 200 && *text == '{')
    return TRUE;
  else
    set_no_server (self, error);
  return FALSE;
}

static RepriseMilvusReply *
ask (RepriseMilvusClient *self,
     RepriseHttpRequest *request,
     GCancellable *cancellable,
     GError **error)
{
  g_autoptr (RepriseHttpResponse) response = send_request (self, request, cancellable, error);
  GBytes *body;
  gsize size = 0;
  const char *data;

  if (response == NULL || !check_form (self, response, error))
    return NULL;
  body = reprise_http_response_get_body (response);
  data = g_bytes_get_data (body, &size);
  return reprise_milvus_reply_parse (data, size, error);
}

/* --- which generation --- */

/* (transfer full) (nullable): the description of the API, where it is served */
static JsonObject *
read_document (RepriseMilvusClient *self, GCancellable *cancellable, GError **error)
{
  g_autoptr (RepriseHttpRequest) request =
    make_request (self, "GET", "docs/doc.json", REPRISE_HTTP_READ, DOCUMENT_MS);
  g_autoptr (RepriseHttpResponse) response =
    reprise_http_send (self->http, request, NULL, cancellable, error);
  const char *text;

  if (response == NULL)
    return NULL;
  text = reprise_http_response_get_text (response);
  return reprise_http_response_get_status (response) == 200
           ? reprise_json_parse_object (text, strlen (text), NULL, NULL)
           : NULL;
}

static gboolean
has_path (JsonObject *paths, const char *path)
{
  g_autoptr (GList) names = paths != NULL ? json_object_get_members (paths) : NULL;

  for (GList *each = names; each != NULL; each = each->next)
    if (g_str_has_suffix (each->data, path))
      return TRUE;
  return FALSE;
}

/* Of the definitions' names only the ends are sure: they carry the name of a package. */
static gboolean
brief_has_format (JsonObject *definitions)
{
  g_autoptr (GList) names = definitions != NULL ? json_object_get_members (definitions) : NULL;

  for (GList *each = names; each != NULL; each = each->next)
    if (g_str_has_suffix (each->data, "BackupInfoBrief"))
      {
        JsonObject *definition = json_object_get_object_member (definitions, each->data);
        JsonObject *properties = reprise_json_get_object (definition, "properties");

        if (properties != NULL && json_object_has_member (properties, "format"))
          return TRUE;
      }
  return FALSE;
}

static RepriseMilvusGeneration
read_generation (JsonObject *document)
{
  JsonObject *paths = reprise_json_get_object (document, "paths");

  if (!has_path (paths, "/create") || !has_path (paths, "/get_restore"))
    return 0;
  if (brief_has_format (reprise_json_get_object (document, "definitions")))
    return REPRISE_MILVUS_C;
  return has_path (paths, "/restore_secondary") ? REPRISE_MILVUS_B : REPRISE_MILVUS_A;
}

/* Where the description is not served, the form of the check tells. */
static RepriseMilvusGeneration
guess_by_check (RepriseMilvusClient *self, GCancellable *cancellable, GError **error)
{
  g_autoptr (RepriseHttpRequest) request =
    make_request (self, "GET", "check", REPRISE_HTTP_READ, self->timeout_ms);
  g_autoptr (RepriseHttpResponse) response = NULL;
  g_autofree char *type = NULL;
  const char *text;

  reprise_http_request_set_max_tries (request, 1);
  response = send_request (self, request, cancellable, error);
  if (response == NULL)
    return 0;
  type = reprise_http_response_dup_content_type (response);
  text = reprise_http_response_get_text (response);
  while (g_ascii_isspace (*text))
    text++;
  if (g_str_has_prefix (text, "Configuration:"))
    return REPRISE_MILVUS_C;
  if (g_strcmp0 (type, "text/plain") == 0 && strstr (text, "Milvus version:") != NULL)
    return REPRISE_MILVUS_B;
  if (g_strcmp0 (type, JSON_TYPE) == 0 && reprise_http_response_get_status (response) == 500)
    return REPRISE_MILVUS_B; /* {"error":…}: only since then */
  if (reprise_milvus_client_hello (self, cancellable, error))
    return REPRISE_MILVUS_A; /* a JSON string, or nothing there: before 0.4.0 */
  return 0;
}

/* 0 with @error set; asked for once. */
RepriseMilvusGeneration
reprise_milvus_client_get_generation (RepriseMilvusClient *self,
                                      GCancellable *cancellable,
                                      GError **error)
{
  g_autoptr (JsonObject) document = NULL;
  g_autoptr (GError) local = NULL;

  if (self->generation != 0)
    return self->generation;
  document = read_document (self, cancellable, &local);
  if (local != NULL && !g_error_matches (local, REPRISE_ERROR, REPRISE_ERROR_DENIED) &&
      !g_error_matches (local, REPRISE_ERROR, REPRISE_ERROR_LIMIT))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return 0;
    }
  if (document != NULL)
    self->generation = read_generation (document);
  if (self->generation == 0)
    self->generation = guess_by_check (self, cancellable, error);
  return self->generation;
}

/* --- the calls --- */

/* (transfer full) (nullable): %NULL without an error where the server is older than the check */
RepriseMilvusCheck *
reprise_milvus_client_check (RepriseMilvusClient *self, GCancellable *cancellable, GError **error)
{
  g_autoptr (RepriseHttpRequest) request =
    make_request (self, "GET", "check", REPRISE_HTTP_READ, self->timeout_ms);
  g_autoptr (RepriseHttpResponse) response = NULL;
  guint status;

  reprise_http_request_set_max_tries (request, 1);
  reprise_http_request_set_header (request, "Accept", "*/*");
  response = send_request (self, request, cancellable, error);
  if (response == NULL)
    return NULL;
  status = reprise_http_response_get_status (response);
  if (status == 404)
    {
      reprise_milvus_client_hello (self, cancellable, error);
      return NULL;
    }
  if (status == 500 && *reprise_http_response_get_text (response) == '\0')
    {
      check_form (self, response, error);
      return NULL;
    }
  return reprise_milvus_check_parse (status, reprise_http_response_get_text (response));
}

/* (transfer full) (element-type RepriseMilvusBackup): those that are finished, by name */
GPtrArray *
reprise_milvus_client_list (RepriseMilvusClient *self, GCancellable *cancellable, GError **error)
{
  g_autoptr (RepriseHttpRequest) request =
    make_request (self, "GET", "list", REPRISE_HTTP_READ,
                  MAX (self->timeout_ms, LIST_MS / CALL_MS * self->timeout_ms));
  g_autoptr (RepriseMilvusReply) reply = NULL;

  reprise_http_request_set_max_tries (request, 1); /* who does not answer in that time will not */
  reply = ask (self, request, cancellable, error);
  return reply != NULL && reprise_milvus_reply_check (reply, error)
           ? reprise_milvus_reply_read_list (reply, error)
           : NULL;
}

/* Only ever by name: an id is not known to a server that was started again.
 *
 * Returns: (transfer full) (nullable): %NULL without an error where this server does not know of it. It may be there all the same:
 * newer servers know only those that they made since they were started */
RepriseMilvusBackup *
reprise_milvus_client_get_backup (RepriseMilvusClient *self,
                                  const char *name,
                                  GCancellable *cancellable,
                                  GError **error)
{
  g_autoptr (RepriseHttpRequest) request =
    make_request (self, "GET", "get_backup", REPRISE_HTTP_READ, self->timeout_ms);
  g_autoptr (RepriseMilvusReply) reply = NULL;
  g_autoptr (RepriseMilvusBackup) backup = NULL;

  reprise_http_request_add_query (request, "backup_name", name);
  reply = ask (self, request, cancellable, error);
  if (reply == NULL)
    return NULL;
  if (reply->code == 404 || (reply->code == 3 && reply->message != NULL &&
                             g_str_has_suffix (reply->message, " not found")))
    return NULL;
  if (!reprise_milvus_reply_check (reply, error))
    return NULL;
  backup = reprise_milvus_reply_read_backup (reply);
  return backup != NULL && backup->name != NULL ? g_steal_pointer (&backup) : NULL;
}

static void
add_names (JsonBuilder *json, GPtrArray *names)
{
  json_builder_begin_array (json);
  for (guint i = 0; i < names->len; i++)
    {
      g_autofree char *shown = reprise_milvus_name_show (names->pdata[i]);

      json_builder_add_string_value (json, shown);
    }
  json_builder_end_array (json);
}

static void
add_string (JsonBuilder *json, const char *key, const char *value)
{
  json_builder_set_member_name (json, key);
  json_builder_add_string_value (json, value);
}

static void
add_true (JsonBuilder *json, const char *key, gboolean value)
{
  if (!value)
    return;
  json_builder_set_member_name (json, key);
  json_builder_add_boolean_value (json, TRUE);
}

static char *
print (JsonBuilder *json)
{
  g_autoptr (JsonNode) root = json_builder_get_root (json);

  return json_to_string (root, FALSE);
}

/* (transfer full): the body of the request. Misspelt members would be ignored, so each is written here and nowhere else. */
char *
reprise_milvus_create_to_json (const RepriseMilvusCreate *create,
                               RepriseMilvusGeneration generation)
{
  g_autoptr (JsonBuilder) json = json_builder_new ();

  json_builder_begin_object (json);
  add_true (json, "async", TRUE);
  add_string (json, "backup_name", create->name);
  if (create->collections != NULL)
    {
      json_builder_set_member_name (json, "collection_names");
      add_names (json, create->collections);
    }
  add_true (json, "rbac", create->roles);
  add_true (json, "meta_only", create->structure_only);
  if (create->strategy != NULL && *create->strategy != '\0' && generation != REPRISE_MILVUS_A)
    add_string (json, "strategy", create->strategy);
  json_builder_end_object (json);
  return print (json);
}

/* (transfer full): likewise. Old members have underscores, later ones capitals. */
char *
reprise_milvus_start_to_json (const RepriseMilvusStart *start)
{
  g_autoptr (JsonBuilder) json = json_builder_new ();

  json_builder_begin_object (json);
  add_true (json, "async", TRUE);
  if (start->id != NULL)
    add_string (json, "id", start->id);
  add_string (json, "backup_name", start->backup);
  if (start->collections != NULL)
    {
      json_builder_set_member_name (json, "collection_names");
      add_names (json, start->collections);
    }
  if (start->renames != NULL && start->renames->len > 0)
    {
      json_builder_set_member_name (json, "collection_renames");
      json_builder_begin_object (json);
      for (guint i = 0; i < start->renames->len; i++)
        {
          const RepriseMilvusRename *each = start->renames->pdata[i];

          add_string (json, each->from, each->to);
        }
      json_builder_end_object (json);
    }
  else
    add_string (json, "collection_suffix", start->suffix != NULL ? start->suffix : "");
  add_true (json, "metaOnly", start->structure_only);
  add_true (json, "restoreIndex", start->indexes);
  add_true (json, "dropExistCollection", start->replace);
  add_true (json, "rbac", start->roles);
  json_builder_end_object (json);
  return print (json);
}

static RepriseMilvusReply *
post (RepriseMilvusClient *self,
      const char *path,
      const char *body,
      RepriseHttpOutcome *outcome,
      GCancellable *cancellable,
      GError **error)
{
  g_autoptr (RepriseHttpRequest) request =
    make_request (self, "POST", path, REPRISE_HTTP_START, self->timeout_ms);
  RepriseMilvusReply *reply;

  reprise_http_request_set_body_text (request, JSON_TYPE, body);
  reply = ask (self, request, cancellable, error);
  if (outcome != NULL)
    *outcome = reprise_http_request_get_outcome (request);
  return reply;
}

/**
 * reprise_milvus_client_create:
 * @outcome: (out): whether it may have been begun, where that failed
 *
 * Starts a backup. It is followed by its name, which must be checked and new.
 */
gboolean
reprise_milvus_client_create (RepriseMilvusClient *self,
                              const RepriseMilvusCreate *create,
                              RepriseHttpOutcome *outcome,
                              GCancellable *cancellable,
                              GError **error)
{
  g_autofree char *body = reprise_milvus_create_to_json (create, self->generation);
  g_autoptr (RepriseMilvusReply) reply = post (self, "create", body, outcome, cancellable, error);

  return reply != NULL && reprise_milvus_reply_check (reply, error);
}

/* %REPRISE_ERROR_NOT_FOUND where there is no complete backup of that name. */
gboolean
reprise_milvus_client_delete (RepriseMilvusClient *self,
                              const char *name,
                              GCancellable *cancellable,
                              GError **error)
{
  g_autoptr (RepriseHttpRequest) request = make_request (
    self, "DELETE", "delete", REPRISE_HTTP_START, LIST_MS / CALL_MS * self->timeout_ms);
  g_autoptr (RepriseMilvusReply) reply = NULL;

  reprise_http_request_add_query (request, "backup_name", name);
  reply = ask (self, request, cancellable, error);
  if (reply == NULL)
    return FALSE;
  if (reply->code == 3 && reply->message != NULL &&
      strstr (reply->message, "read backup info") != NULL)
    reply->code = 404;
  return reprise_milvus_reply_check (reply, error);
}

/* (transfer full): as it is right after the start; the collections may not be told yet */
RepriseMilvusRestore *
reprise_milvus_client_restore (RepriseMilvusClient *self,
                               const RepriseMilvusStart *start,
                               RepriseHttpOutcome *outcome,
                               GCancellable *cancellable,
                               GError **error)
{
  g_autofree char *body = reprise_milvus_start_to_json (start);
  g_autoptr (RepriseMilvusReply) reply = post (self, "restore", body, outcome, cancellable, error);

  return reply != NULL && reprise_milvus_reply_check (reply, error)
           ? reprise_milvus_reply_read_restore (reply, error)
           : NULL;
}

/* (transfer full) (nullable): %NULL without an error where the server, which was started again, does not know of it */
RepriseMilvusRestore *
reprise_milvus_client_get_restore (RepriseMilvusClient *self,
                                   const char *id,
                                   GCancellable *cancellable,
                                   GError **error)
{
  g_autoptr (RepriseHttpRequest) request =
    make_request (self, "GET", "get_restore", REPRISE_HTTP_READ, self->timeout_ms);
  g_autoptr (RepriseMilvusReply) reply = NULL;

  reprise_http_request_add_query (request, "id", id);
  reply = ask (self, request, cancellable, error);
  if (reply == NULL)
    return NULL;
  if (reply->code == 3 || reply->code == 404)
    return NULL;
  return reprise_milvus_reply_check (reply, error)
           ? reprise_milvus_reply_read_restore (reply, error)
           : NULL;
}
