/* reprise-couch-client.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "net/reprise-json.h"
#include "providers/couchdb/client/reprise-couch-client.h"
#include "providers/couchdb/client/reprise-couch-credentials.h"
#include "providers/couchdb/client/reprise-couch-json.h"
#include "providers/couchdb/reprise-couch-settings.h"

#define MAX_ANSWER_BYTES  (64 * 1024 * 1024)
#define HEADER_TIMEOUT_MS (5 * 60 * 1000) /* a server at work says nothing for long */
#define SIGN_IN_TRIES     4
#define JSON_TYPES        "application/json,text/plain" /* the latter of servers that heed no Accept */
#define BULK_TRIES        3
#define HURRIED_TRIES     2
#define COOKIE            "AuthSession="
#define GRANT_TYPE        "urn%3Aibm%3Aparams%3Aoauth%3Agrant-type%3Aapikey"

typedef enum
{
  SIGN_IN_NONE,
  SIGN_IN_COOKIE,
  SIGN_IN_BASIC, /* where a server, or the proxy before it, has no sessions */
  SIGN_IN_IAM,
} SignIn;

struct _RepriseCouchClient
{
  GObject parent_instance;

  gboolean is_hurried; /* somebody looks on: a server that does not answer is not waited for long */
  RepriseKind *kind;   /* (owned) */
  RepriseService *service;  /* (owned) */
  RepriseSecrets *secrets;  /* (owned) */
  RepriseHttp *http;        /* (owned) */
  const char *password_key; /* of the secret */
  guint n_strained;         /* (atomic): how often the server said that it is asked too much */

  GMutex mutex;   /* guards: */
  SignIn sign_in; /* how */
  RepriseSecretValue
    *token; /* (owned) (nullable): the cookie's value, the bearer, or name:password in base64 */
  gint64 renew_us; /* monotonic time from which the bearer is renewed, or 0 */
};

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

static const char *
get_setting (RepriseCouchClient *self, const char *key)
{
  const char *value = reprise_kind_get_value (self->kind, self->service, key);

  return value != NULL ? value : "";
}

static JsonObject *
parse_body (RepriseHttpResponse *response, GError **error)
{
  static const RepriseJsonLimits LIMITS = { .error_code = REPRISE_ERROR_PROTOCOL };
  GBytes *body = reprise_http_response_get_body (response);
  gsize size = 0;
  const char *data = body != NULL ? g_bytes_get_data (body, &size) : NULL;

  return reprise_json_parse_object (data != NULL ? data : "", size, &LIMITS, error);
}

/* “reason” of {"error":…,"reason":…} */
static char *
explain_cb (RepriseHttpResponse *response, gpointer user_data)
{
  g_autoptr (JsonObject) root = parse_body (response, NULL);
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
  root = parse_body (response, NULL);
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

static void
set_token (RepriseCouchClient *self, SignIn sign_in, RepriseSecretValue *token, gint64 renew_us)
{
  g_mutex_lock (&self->mutex);
  g_clear_pointer (&self->token, reprise_secret_value_unref);
  self->sign_in = sign_in;
  self->token = token;
  self->renew_us = renew_us;
  g_mutex_unlock (&self->mutex);
}

/* The session that an answer brings along. CouchDB prolongs it now and then. */
static RepriseSecretValue *
read_cookie (RepriseHttpResponse *response)
{
  g_auto (GStrv) headers = reprise_http_response_dup_headers (response, "Set-Cookie");

  for (guint i = 0; headers != NULL && headers[i] != NULL; i++)
    {
      const char *value = headers[i] + strlen (COOKIE);
      gsize length;

      if (!g_str_has_prefix (headers[i], COOKIE))
        continue;
      length = strcspn (value, "; ");
      if (length > 0)
        return reprise_secret_value_new (value, length);
    }
  return NULL;
}

static void
observe_cb (RepriseHttpResponse *response, gpointer user_data)
{
  RepriseCouchClient *self = user_data;
  RepriseSecretValue *cookie;

  if (reprise_http_response_get_status (response) >= 400)
    return;
  cookie = read_cookie (response);
  if (cookie != NULL)
    set_token (self, SIGN_IN_COOKIE, cookie, 0);
}

/* The answer to wrong credentials is a 401 too: it must not lead to another sign-in. */
static RepriseHttpVerdict
classify_sign_in_cb (RepriseHttpResponse *response, gpointer user_data, GError **error)
{
  RepriseCouchClient *self = user_data;
  guint status = reprise_http_response_get_status (response);
  g_autofree char *reason = explain_cb (response, NULL);

  if (status == 404 || status == 405)
    return REPRISE_HTTP_DONE; /* no sessions there */
  if (status != 401 && status != 403 && status != 400)
    return REPRISE_HTTP_DEFAULT;
  g_set_error (error, REPRISE_ERROR, REPRISE_ERROR_NEEDS_SIGN_IN,
               _ ("%s did not accept the sign-in: %s"), reprise_http_get_name (self->http),
               reason != NULL ? reason : _ ("wrong account or password"));
  return REPRISE_HTTP_GIVE_UP;
}

static RepriseSecretValue *
make_basic (const char *account, RepriseSecretValue *password)
{
  g_autofree char *pair =
    g_strconcat (account, ":", reprise_secret_value_get_text (password), NULL);
  char *base64 = g_base64_encode ((const guchar *) pair, strlen (pair));

  reprise_secret_wipe (pair, strlen (pair));
  return reprise_secret_value_new_take (base64, strlen (base64));
}

static gboolean
open_session (RepriseCouchClient *self, GCancellable *cancellable, GError **error)
{
  const char *account = get_setting (self, REPRISE_COUCH_SETTING_ACCOUNT);
  g_autoptr (RepriseSecretValue) password =
    reprise_secrets_lookup (self->secrets, self->password_key, cancellable, error);
  g_autoptr (RepriseHttpRequest) request = NULL;
  g_autoptr (RepriseHttpResponse) response = NULL;
  g_autoptr (GBytes) body = NULL;
  g_autoptr (GError) local = NULL;
  RepriseSecretValue *cookie;

  if (password == NULL)
    return FALSE;
  /* It makes a session and changes nothing of the service. */
  request = reprise_http_request_new ("POST", "_session", REPRISE_HTTP_READ);
  reprise_http_request_set_anonymous (request, TRUE);
  body = reprise_couch_credentials_new_session (account, password);
  reprise_http_request_set_body (request, "application/json", body);
  reprise_http_request_set_max_tries (request, SIGN_IN_TRIES);
  reprise_http_request_set_classifier (request, classify_sign_in_cb, self, NULL);
  response = reprise_http_send (self->http, request, NULL, cancellable, &local);
  if (g_error_matches (local, REPRISE_ERROR, REPRISE_ERROR_NEEDS_SIGN_IN))
    reprise_secrets_invalidate (self->secrets, self->password_key);
  if (response == NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  cookie = read_cookie (response);
  if (cookie != NULL)
    set_token (self, SIGN_IN_COOKIE, cookie, 0);
  else
    set_token (self, SIGN_IN_BASIC, make_basic (account, password), 0);
  return TRUE;
}

static RepriseHttpVerdict
classify_iam_cb (RepriseHttpResponse *response, gpointer user_data, GError **error)
{
  guint status = reprise_http_response_get_status (response);

  if (status != 400 && status != 401 && status != 403)
    return REPRISE_HTTP_DEFAULT;
  g_set_error_literal (error, REPRISE_ERROR, REPRISE_ERROR_NEEDS_SIGN_IN,
                       _ ("IBM Cloud does not accept the API key: it is wrong, or was taken back"));
  return REPRISE_HTTP_GIVE_UP;
}

static gboolean
read_bearer (RepriseCouchClient *self, RepriseHttpResponse *response, GError **error)
{
  g_autoptr (JsonObject) root = parse_body (response, error);
  const char *token;
  gint64 seconds;

  if (root == NULL)
    return FALSE;
  token = reprise_json_need_string (root, "access_token", error);
  if (token == NULL)
    return FALSE;
  seconds = CLAMP (reprise_json_get_int (root, "expires_in", 3600), 1, 3600);
  set_token (self, SIGN_IN_IAM, reprise_secret_value_new_text (token),
             g_get_monotonic_time () + seconds * G_USEC_PER_SEC * 4 / 5);
  return TRUE;
}

static gboolean
get_bearer (RepriseCouchClient *self, GCancellable *cancellable, GError **error)
{
  g_autoptr (RepriseSecretValue) key =
    reprise_secrets_lookup (self->secrets, REPRISE_COUCH_SECRET_API_KEY, cancellable, error);
  g_autoptr (RepriseHttp) iam = NULL;
  g_autoptr (RepriseHttpRequest) request = NULL;
  g_autoptr (RepriseHttpResponse) response = NULL;
  g_autoptr (GBytes) body = NULL;
  g_autofree char *escaped = NULL;
  GString *form;

  if (key == NULL)
    return FALSE;
  iam = reprise_http_new (get_setting (self, REPRISE_COUCH_SETTING_IAM), NULL, error);
  if (iam == NULL)
    return FALSE;
  request = reprise_http_request_new_at (iam, "POST", get_setting (self, REPRISE_COUCH_SETTING_IAM),
                                         REPRISE_HTTP_READ, error);
  if (request == NULL)
    return FALSE;
  escaped = g_uri_escape_string (reprise_secret_value_get_text (key), NULL, FALSE);
  form = g_string_sized_new (strlen (escaped) + 128);
  g_string_append_printf (form, "grant_type=%s&apikey=%s", GRANT_TYPE, escaped);
  reprise_secret_wipe (escaped, strlen (escaped));
  body = reprise_couch_credentials_take (form);
  reprise_http_request_set_body (request, "application/x-www-form-urlencoded", body);
  reprise_http_request_set_header (request, "Accept", "application/json");
  reprise_http_request_set_max_tries (request, SIGN_IN_TRIES);
  reprise_http_request_set_classifier (request, classify_iam_cb, self, NULL);
  response = reprise_http_send (iam, request, NULL, cancellable, error);
  return response != NULL && read_bearer (self, response, error);
}

static gboolean
renew_cb (gpointer user_data, GCancellable *cancellable, GError **error)
{
  RepriseCouchClient *self = user_data;
  const char *how = get_setting (self, REPRISE_COUCH_SETTING_SIGN_IN);

  if (strcmp (how, REPRISE_COUCH_SIGN_IN_IAM) == 0)
    return get_bearer (self, cancellable, error);
  if (strcmp (how, REPRISE_COUCH_SIGN_IN_PASSWORD) == 0)
    return open_session (self, cancellable, error);
  g_set_error (error, REPRISE_ERROR, REPRISE_ERROR_NEEDS_SIGN_IN,
               _ ("%s asks to sign in: give the service an account"),
               reprise_http_get_name (self->http));
  return FALSE;
}

static void
grant (RepriseHttpGrant *to, SignIn sign_in, RepriseSecretValue *token)
{
  const char *text = reprise_secret_value_get_text (token);
  char *value;

  if (sign_in == SIGN_IN_COOKIE)
    value = g_strconcat (COOKIE, text, NULL);
  else
    value = g_strconcat (sign_in == SIGN_IN_BASIC ? "Basic " : "Bearer ", text, NULL);
  reprise_http_grant_set_header (to, sign_in == SIGN_IN_COOKIE ? "Cookie" : "Authorization", value);
  reprise_secret_wipe (value, strlen (value));
  g_free (value);
}

static gboolean
apply_cb (RepriseHttpRequest *request,
          RepriseHttpGrant *to,
          gpointer user_data,
          GCancellable *cancellable,
          GError **error)
{
  RepriseCouchClient *self = user_data;
  g_autoptr (RepriseSecretValue) token = NULL;
  gboolean is_old;
  SignIn sign_in;

  if (strcmp (get_setting (self, REPRISE_COUCH_SETTING_SIGN_IN), REPRISE_COUCH_SIGN_IN_NONE) == 0)
    return TRUE;
  g_mutex_lock (&self->mutex);
  sign_in = self->sign_in;
  is_old = self->renew_us != 0 && g_get_monotonic_time () >= self->renew_us;
  if (self->token != NULL && !is_old)
    token = reprise_secret_value_ref (self->token);
  g_mutex_unlock (&self->mutex);
  if (token == NULL)
    {
      g_set_error_literal (error, REPRISE_ERROR, REPRISE_ERROR_NEEDS_SIGN_IN, _ ("Sign in first"));
      return FALSE;
    }
  grant (to, sign_in, token);
  return TRUE;
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
  static const RepriseHttpAuthFuncs FUNCS = { apply_cb, renew_cb, observe_cb };
  g_autoptr (RepriseCouchClient) self = g_object_new (REPRISE_TYPE_COUCH_CLIENT, NULL);
  g_autoptr (RepriseHttpAuth) auth = reprise_http_auth_new (&FUNCS, self, NULL);
  const char *pin;

  self->kind = g_object_ref (kind);
  self->service = g_object_ref (service);
  self->secrets = g_object_ref (secrets);
  self->password_key = REPRISE_COUCH_SECRET_PASSWORD;
  pin = get_setting (self, REPRISE_COUCH_SETTING_PIN);
  self->http = reprise_http_new (get_setting (self, REPRISE_COUCH_SETTING_ADDRESS),
                                 *pin != '\0' ? pin : NULL, error);
  if (self->http == NULL)
    return NULL;
  reprise_http_set_auth (self->http, auth);
  reprise_http_set_header (self->http, "Accept", "application/json");
  reprise_http_set_explainer (self->http, explain_cb, self, NULL);
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
  const char *how = get_setting (self, REPRISE_COUCH_SETTING_SIGN_IN);
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
    reprise_couch_credentials_append_basic (json, get_setting (self, REPRISE_COUCH_SETTING_ACCOUNT),
                                            secret);
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
  g_set_error (error, REPRISE_ERROR, REPRISE_ERROR_LIMIT,
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
                           RepriseProgress *progress,
                           GCancellable *cancellable,
                           GError **error)
{
  return reprise_http_send (self->http, request, progress, cancellable, error);
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
  g_autoptr (RepriseHttpRequest) request =
    reprise_couch_client_new_request (self, "GET", path, REPRISE_HTTP_READ);
  g_autoptr (RepriseHttpResponse) response =
    reprise_http_send (self->http, request, NULL, cancellable, error);

  return response != NULL ? g_bytes_ref (reprise_http_response_get_body (response)) : NULL;
}

static JsonObject *
get_object (RepriseCouchClient *self, const char *path, GCancellable *cancellable, GError **error)
{
  g_autoptr (RepriseHttpRequest) request =
    reprise_couch_client_new_request (self, "GET", path, REPRISE_HTTP_READ);
  g_autoptr (RepriseHttpResponse) response =
    reprise_http_send (self->http, request, NULL, cancellable, error);

  return response != NULL ? parse_body (response, error) : NULL;
}

GBytes *
reprise_couch_client_post (RepriseCouchClient *self,
                           const char *path,
                           GBytes *body,
                           RepriseHttpEffect effect,
                           GCancellable *cancellable,
                           GError **error)
{
  g_autoptr (RepriseHttpRequest) request =
    reprise_couch_client_new_request (self, "POST", path, effect);
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
  g_autoptr (JsonObject) root = get_object (self, "", cancellable, error);

  if (root == NULL)
    return FALSE;
  if (reprise_json_get_string (root, "couchdb", NULL) == NULL &&
      reprise_json_get_string (root, "express-pouchdb", NULL) == NULL)
    {
      g_set_error (error, REPRISE_ERROR, REPRISE_ERROR_PROTOCOL,
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
  return get_object (self, "_session", cancellable, error);
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
  g_set_error_literal (error, REPRISE_ERROR, REPRISE_ERROR_DENIED,
                       _ ("The account may not list the databases: name them one by one in the "
                          "service's settings, without patterns"));
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
      g_set_error (error, REPRISE_ERROR, REPRISE_ERROR_PROTOCOL,
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
    g_prefix_error (error, _ ("The database “%s” could not be made: "), database);
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
