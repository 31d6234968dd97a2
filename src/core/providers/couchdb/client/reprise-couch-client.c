/* reprise-couch-client.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "net/reprise-json.h"
#include "providers/couchdb/client/reprise-couch-client-private.h"
#include "providers/couchdb/client/reprise-couch-credentials.h"
#include "providers/couchdb/reprise-couch-settings.h"

#define MAX_ANSWER_BYTES  (64 * 1024 * 1024)
#define HEADER_TIMEOUT_MS (5 * 60 * 1000)               /* a server at work says nothing for long */
#define JSON_TYPES        "application/json,text/plain" /* the latter of servers that heed no Accept */
#define BULK_TRIES        3
#define HURRIED_TRIES     2

G_DEFINE_FINAL_TYPE (RepriseCouchClient, reprise_couch_client, G_TYPE_OBJECT)

static void
reprise_couch_client_finalize (GObject *object)
{
  RepriseCouchClient *self = REPRISE_COUCH_CLIENT (object);

  g_clear_object (&self->kind);
  g_clear_object (&self->service);
  g_clear_object (&self->secrets);
  g_clear_object (&self->http);
  g_clear_pointer (&self->token, reprise_secret_value_unref);
  g_mutex_clear (&self->mutex);
  G_OBJECT_CLASS (reprise_couch_client_parent_class)->finalize (object);
}

static void
reprise_couch_client_class_init (RepriseCouchClientClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = reprise_couch_client_finalize;
}

static void
reprise_couch_client_init (RepriseCouchClient *self)
{
  g_mutex_init (&self->mutex);
}

void
reprise_couch_info_free (RepriseCouchInfo *self)
{
  g_free (self->name);
  g_free (self->update_seq);
  g_free (self->purge_seq);
  g_free (self->created);
  g_free (self);
}

const char *
reprise_couch_client_get_setting (RepriseCouchClient *self, const char *key)
{
  const char *value = reprise_kind_get_value (self->kind, self->service, key);

  return value != NULL ? value : "";
}

JsonObject *
reprise_couch_client_parse_body (RepriseHttpResponse *response, GError **error)
{
  static const RepriseJsonLimits LIMITS = { .error_code = REPRISE_ERROR_PROTOCOL };
  GBytes *body = reprise_http_response_get_body (response);
  gsize size = 0;
  const char *data = body != NULL ? g_bytes_get_data (body, &size) : NULL;

  return reprise_json_parse_object (data != NULL ? data : "", size, &LIMITS, error);
}

/* “reason” of {"error":…,"reason":…} */
char *
reprise_couch_client_explain_cb (RepriseHttpResponse *response, gpointer user_data)
{
  g_autoptr (JsonObject) root = reprise_couch_client_parse_body (response, NULL);
  const char *reason = reprise_json_get_string (root, "reason", NULL);

  if (reason == NULL || *reason == '\0')
    reason = reprise_json_get_string (root, "error", NULL);
  if (reason == NULL)
    return NULL;
  return g_utf8_strlen (reason, -1) > 300 ? g_utf8_substring (reason, 0, 300) : g_strdup (reason);
}

/* A crash over what was asked comes again however often it is asked. */
static RepriseHttpVerdict
classify_cb (RepriseHttpResponse *response, gpointer user_data, GError **error)
{
  g_autoptr (JsonObject) root = NULL;

  if (reprise_http_response_get_status (response) != 500)
    return REPRISE_HTTP_DEFAULT;
  root = reprise_couch_client_parse_body (response, NULL);
  return strcmp (reprise_json_get_string (root, "reason", ""), "function_clause") == 0 ||
             strcmp (reprise_json_get_string (root, "error", ""), "function_clause") == 0
           ? REPRISE_HTTP_GIVE_UP
           : REPRISE_HTTP_DEFAULT;
}

static void
log_cb (const RepriseHttpLogEntry *entry, gpointer user_data)
{
  RepriseCouchClient *self = user_data;

  if (entry->status == 429 || entry->status == 503 || entry->status == 504)
    g_atomic_int_inc (&self->n_strained);
}

/**
 * reprise_couch_client_new:
 *
 * Returns: (transfer full): the client, which has sent nothing yet; or %NULL with %REPRISE_ERROR_INVALID
 */
RepriseCouchClient *
reprise_couch_client_new (RepriseKind *kind,
                          RepriseService *service,
                          RepriseSecrets *secrets,
                          GError **error)
{
  static const RepriseHttpAuthFuncs FUNCS = { reprise_couch_client_apply_cb,
                                              reprise_couch_client_renew_cb,
                                              reprise_couch_client_observe_cb };
  g_autoptr (RepriseCouchClient) self = g_object_new (REPRISE_TYPE_COUCH_CLIENT, NULL);
  g_autoptr (RepriseHttpAuth) auth = reprise_http_auth_new (&FUNCS, self, NULL);
  const char *pin;

  self->kind = g_object_ref (kind);
  self->service = g_object_ref (service);
  self->secrets = g_object_ref (secrets);
  self->password_key = REPRISE_COUCH_SECRET_PASSWORD;
  pin = reprise_couch_client_get_setting (self, REPRISE_COUCH_SETTING_PIN);
  self->http =
    reprise_http_new (reprise_couch_client_get_setting (self, REPRISE_COUCH_SETTING_ADDRESS),
                      *pin != '\0' ? pin : NULL, error);
  if (self->http == NULL)
    return NULL;
  reprise_http_set_auth (self->http, auth);
  reprise_http_set_header (self->http, "Accept", "application/json");
  reprise_http_set_explainer (self->http, reprise_couch_client_explain_cb, self, NULL);
  reprise_http_set_log (self->http, log_cb, self, NULL);
  return g_steal_pointer (&self);
}

/* The other cluster that the service's settings name, or %NULL with %REPRISE_ERROR_INVALID. */
RepriseCouchClient *
reprise_couch_client_new_other (RepriseKind *kind,
                                RepriseService *service,
                                RepriseSecrets *secrets,
                                GError **error)
{
  g_autoptr (RepriseService) other = reprise_service_copy (service);
  const char *account = reprise_kind_get_value (kind, service, REPRISE_COUCH_SETTING_OTHER_ACCOUNT);
  gboolean is_anonymous = account == NULL || *account == '\0';
  RepriseCouchClient *self;

  reprise_service_set_setting (
    other, REPRISE_COUCH_SETTING_ADDRESS,
    reprise_kind_get_value (kind, service, REPRISE_COUCH_SETTING_OTHER_ADDRESS));
  reprise_service_set_setting (other, REPRISE_COUCH_SETTING_ACCOUNT, account);
  reprise_service_set_setting (other, REPRISE_COUCH_SETTING_PIN, NULL);
  reprise_service_set_setting (other, REPRISE_COUCH_SETTING_SIGN_IN,
                               is_anonymous ? REPRISE_COUCH_SIGN_IN_NONE
                                            : REPRISE_COUCH_SIGN_IN_PASSWORD);
  self = reprise_couch_client_new (kind, other, secrets, error);
  if (self != NULL)
    self->password_key = REPRISE_COUCH_SECRET_OTHER_PASSWORD;
  return self;
}

/* Adds what another server needs to sign in here, as “,"auth":{…}”: nothing where there is no sign-in. @json becomes a secret. */
gboolean
reprise_couch_client_append_auth (RepriseCouchClient *self,
                                  GString *json,
                                  GCancellable *cancellable,
                                  GError **error)
{
  const char *how = reprise_couch_client_get_setting (self, REPRISE_COUCH_SETTING_SIGN_IN);
  gboolean is_iam = strcmp (how, REPRISE_COUCH_SIGN_IN_IAM) == 0;
  g_autoptr (RepriseSecretValue) secret = NULL;

  if (strcmp (how, REPRISE_COUCH_SIGN_IN_NONE) == 0)
    return TRUE;
  secret = reprise_secrets_lookup (
    self->secrets, is_iam ? REPRISE_COUCH_SECRET_API_KEY : self->password_key, cancellable, error);
  if (secret == NULL)
    return FALSE;
  if (is_iam)
    reprise_couch_credentials_append_iam (json, secret);
  else
    reprise_couch_credentials_append_basic (
      json, reprise_couch_client_get_setting (self, REPRISE_COUCH_SETTING_ACCOUNT), secret);
  return TRUE;
}

RepriseHttp *
reprise_couch_client_get_http (RepriseCouchClient *self)
{
  return self->http;
}

/* The server, as people are told of it. */
const char *
reprise_couch_client_get_name (RepriseCouchClient *self)
{
  return reprise_http_get_name (self->http);
}

/* How often the server has said so far that it is asked too much. */
guint
reprise_couch_client_get_n_strained (RepriseCouchClient *self)
{
  return (guint) g_atomic_int_get (&self->n_strained);
}

/* Of an id: U+0000 is held in two bytes, see reprise_couch_span_dup_string(). */
static char *
escape_id (const char *id)
{
  g_autofree char *escaped = reprise_http_escape (id);
  g_auto (GStrv) parts = g_strsplit (escaped, "%C0%80", -1);

  return g_strjoinv ("%00", parts);
}

/**
 * reprise_couch_client_dup_path:
 * @id: (nullable): of a document; the slash after “_design” and “_local” stays one
 * @below: (nullable): an endpoint of the database, as it is; or with @id the name of an attachment, which is escaped
 */
char *
reprise_couch_client_dup_path (const char *database, const char *id, const char *below)
{
  g_autofree char *name = reprise_http_escape (database);
  g_autofree char *document = NULL, *attachment = NULL;
  const char *slash = id != NULL ? strchr (id, '/') : NULL;

  if (id == NULL)
    return below != NULL ? g_strconcat (name, "/", below, NULL) : g_strdup (name);
  if (slash != NULL && (g_str_has_prefix (id, "_design/") || g_str_has_prefix (id, "_local/")))
    {
      g_autofree char *rest = escape_id (slash + 1);

      document = g_strdup_printf ("%.*s/%s", (int) (slash - id), id, rest);
    }
  else
    document = escape_id (id);
  attachment = below != NULL ? escape_id (below) : NULL;
  return g_strconcat (name, "/", document, attachment != NULL ? "/" : NULL, attachment, NULL);
}

RepriseHttpRequest *
reprise_couch_client_new_request (RepriseCouchClient *self,
                                  const char *method,
                                  const char *path,
                                  RepriseHttpEffect effect)
{
  RepriseHttpRequest *request = reprise_http_request_new (method, path, effect);

  reprise_http_request_set_header_timeout (request, HEADER_TIMEOUT_MS);
  reprise_http_request_set_max_bytes (request, MAX_ANSWER_BYTES);
  reprise_http_request_set_expected_type (request, JSON_TYPES);
  reprise_http_request_set_classifier (request, classify_cb, self, NULL);
  if (self->is_hurried)
    reprise_http_request_set_max_tries (request, HURRIED_TRIES);
  return request;
}

typedef struct
{
  RepriseCouchClient *client;
  guint n;
  guint n_strained;
} Bulk;

/* Plans count documents: a request that asks for more of them than a second has is refused however often it comes. */
static RepriseHttpVerdict
classify_bulk_cb (RepriseHttpResponse *response, gpointer user_data, GError **error)
{
  Bulk *self = user_data;

  if (reprise_http_response_get_status (response) != 429 || self->n <= 1 ||
      ++self->n_strained < BULK_TRIES)
    return classify_cb (response, self->client, error);
  reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_LIMIT,
                     ngettext ("%s is asked for too much at once: %u document",
                               "%s is asked for too much at once: %u documents", self->n),
                     reprise_http_get_name (self->client->http), self->n);
  return REPRISE_HTTP_GIVE_UP;
}

/**
 * reprise_couch_client_new_bulk_request:
 * @n: how many documents it is about
 *
 * A POST that ends with %REPRISE_ERROR_LIMIT where the server says again and again that so many at once are too many: then fewer are to be
 * tried. A single one is repeated like any other request.
 */
RepriseHttpRequest *
reprise_couch_client_new_bulk_request (RepriseCouchClient *self,
                                       const char *path,
                                       RepriseHttpEffect effect,
                                       guint n)
{
  RepriseHttpRequest *request = reprise_couch_client_new_request (self, "POST", path, effect);
  Bulk *bulk = g_new0 (Bulk, 1);

  bulk->client = self;
  bulk->n = n;
  reprise_http_request_set_classifier (request, classify_bulk_cb, bulk, g_free);
  return request;
}

RepriseHttpResponse *
reprise_couch_client_send (RepriseCouchClient *self,
                           RepriseHttpRequest *request,
                           GCancellable *cancellable,
                           GError **error)
{
  return reprise_http_send (self->http, request, NULL, cancellable, error);
}

static RepriseHttpResponse *
get (RepriseCouchClient *self, const char *path, GCancellable *cancellable, GError **error)
{
  g_autoptr (RepriseHttpRequest) request =
    reprise_couch_client_new_request (self, "GET", path, REPRISE_HTTP_READ);

  return reprise_http_send (self->http, request, NULL, cancellable, error);
}

/**
 * reprise_couch_client_get_bytes:
 *
 * Returns: (transfer full): the answer to a GET, as it was received
 */
GBytes *
reprise_couch_client_get_bytes (RepriseCouchClient *self,
                                const char *path,
                                GCancellable *cancellable,
                                GError **error)
{
  g_autoptr (RepriseHttpResponse) response = get (self, path, cancellable, error);

  return response != NULL ? g_bytes_ref (reprise_http_response_get_body (response)) : NULL;
}

JsonObject *
reprise_couch_client_get_object (RepriseCouchClient *self,
                                 const char *path,
                                 GCancellable *cancellable,
                                 GError **error)
{
  g_autoptr (RepriseHttpResponse) response = get (self, path, cancellable, error);

  return response != NULL ? reprise_couch_client_parse_body (response, error) : NULL;
}

/* Asks something that takes a body: it changes nothing. */
GBytes *
reprise_couch_client_post (RepriseCouchClient *self,
                           const char *path,
                           GBytes *body,
                           GCancellable *cancellable,
                           GError **error)
{
  g_autoptr (RepriseHttpRequest) request =
    reprise_couch_client_new_request (self, "POST", path, REPRISE_HTTP_READ);
  g_autoptr (RepriseHttpResponse) response = NULL;

  reprise_http_request_set_body (request, "application/json", body);
  response = reprise_http_send (self->http, request, NULL, cancellable, error);
  return response != NULL ? g_bytes_ref (reprise_http_response_get_body (response)) : NULL;
}

/* Something that is the same however often it is put: a security object, a local document. */
gboolean
reprise_couch_client_put (RepriseCouchClient *self,
                          const char *path,
                          GBytes *body,
                          GCancellable *cancellable,
                          GError **error)
{
  g_autoptr (RepriseHttpRequest) request =
    reprise_couch_client_new_request (self, "PUT", path, REPRISE_HTTP_WRITE);
  g_autoptr (RepriseHttpResponse) response = NULL;

  reprise_http_request_set_body (request, "application/json", body);
  response = reprise_http_send (self->http, request, NULL, cancellable, error);
  return response != NULL;
}

/* For what backups can answer too. */
void
reprise_couch_client_set_hurried (RepriseCouchClient *self, gboolean hurried)
{
  self->is_hurried = hurried;
}

/* Whether the server could not be asked, so that only backups have an answer now: it does not answer, or nobody is signed in. */
gboolean
reprise_couch_client_is_away (const GError *error)
{
  static const RepriseError CODES[] = { REPRISE_ERROR_UNREACHABLE, REPRISE_ERROR_STALLED,
                                        REPRISE_ERROR_BROKEN, REPRISE_ERROR_NEEDS_SIGN_IN,
                                        REPRISE_ERROR_KEYRING };

  for (guint i = 0; i < G_N_ELEMENTS (CODES); i++)
    if (g_error_matches (error, REPRISE_ERROR, CODES[i]))
      return TRUE;
  return FALSE;
}
