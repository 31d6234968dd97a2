/* reprise-nocobase-client.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include <glib/gi18n-lib.h>
#include <libsoup/soup.h>

#include "base/reprise-error.h"
#include "net/reprise-json.h"
#include "providers/nocobase/reprise-nocobase-client.h"
#include "providers/nocobase/reprise-nocobase-kind.h"

#define MAX_TRIES         5 /* some 10 seconds and more: so long a server may take to come up */
#define HEALTH_TIMEOUT_MS 10000
#define MAX_SERVER_TEXT   300
#define MAX_COUNT_BYTES   (16 * 1024 * 1024)

struct _RepriseNocobaseClient
{
  GObject parent_instance;

  RepriseKind *kind;         /* (owned) */
  RepriseService *service;   /* (owned) */
  RepriseSecrets *secrets;   /* (owned) */
  char *app;                 /* (owned): “main”, or the name of a sub-application */
  char *identity;            /* (owned) */
  gboolean with_key;         /* signs in by an API key */
  RepriseHttp *http;         /* (owned) */
  RepriseProgress *progress; /* (owned) (nullable): where repetitions are told */

  GMutex mutex;              /* guards: */
  RepriseSecretValue *token; /* (owned) (nullable) */
  gboolean role_refused;     /* it is the role that the account does not have */
  gint64 clock_difference;   /* seconds: the server's clock less ours */
};

G_DEFINE_FINAL_TYPE (RepriseNocobaseClient, reprise_nocobase_client, G_TYPE_OBJECT)

static void
reprise_nocobase_client_finalize (GObject *object)
{
  RepriseNocobaseClient *self = REPRISE_NOCOBASE_CLIENT (object);

  g_clear_object (&self->kind);
  g_clear_object (&self->service);
  g_clear_object (&self->secrets);
  g_clear_object (&self->http);
  g_clear_object (&self->progress);
  g_free (self->app);
  g_free (self->identity);
  g_clear_pointer (&self->token, reprise_secret_value_unref);
  g_mutex_clear (&self->mutex);
  G_OBJECT_CLASS (reprise_nocobase_client_parent_class)->finalize (object);
}

static void
reprise_nocobase_client_class_init (RepriseNocobaseClientClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = reprise_nocobase_client_finalize;
}

static void
reprise_nocobase_client_init (RepriseNocobaseClient *self)
{
  g_mutex_init (&self->mutex);
}

static const char *
get_setting (RepriseNocobaseClient *self, const char *key)
{
  const char *value = reprise_kind_get_value (self->kind, self->service, key);

  return value != NULL ? value : "";
}

/* The two forms of an error: {"errors":[{…}]} of the application, {"error":{…}} of the gateway before it. */
static JsonObject *
get_error (JsonObject *root, gboolean *from_gateway)
{
  JsonObject *single = reprise_json_get_object (root, "error");

  *from_gateway = single != NULL;
  return single != NULL
           ? single
           : reprise_json_array_get_object (reprise_json_get_array (root, "errors"), 0);
}

static JsonObject *
parse_body (RepriseHttpResponse *response)
{
  GBytes *body = reprise_http_response_get_body (response);

  return body != NULL ? reprise_json_parse_object (g_bytes_get_data (body, NULL),
                                                   g_bytes_get_size (body), NULL, NULL)
                      : NULL;
}

/* What the server says, cut to a length that people read. Paths of the server are not passed on. */
static char *
dup_server_text (JsonObject *error, JsonObject *root)
{
  const char *code = reprise_json_get_string (error, "code", "");
  const char *message = reprise_json_get_string (error, "message", NULL);
  g_autofree char *line = NULL;

  if (message == NULL) /* the old plugin's “get” */
    message = reprise_json_get_string (root, "data.message", NULL);
  if (message == NULL || *message == '\0')
    return NULL;
  if (strcmp (code, "ENOENT") == 0 || g_str_has_prefix (message, "ENOENT"))
    return g_strdup (_ ("a file is not there, or not what it should be"));
  line = g_strndup (message, strcspn (message, "\r\n"));
  if (g_utf8_strlen (line, -1) > MAX_SERVER_TEXT)
    *g_utf8_offset_to_pointer (line, MAX_SERVER_TEXT) = '\0';
  return g_steal_pointer (&line);
}

/* Whether the gateway says that it will come back by itself. */
static gboolean
is_busy_code (const char *code)
{
  static const char *const CODES[] = { "APP_PREPARING",   "APP_INITIALIZING",
                                       "APP_INITIALIZED", "APP_STARTING",
                                       "APP_COMMANDING",  "APP_RUNNING",
                                       "COMMAND_END",     NULL };

  return g_strv_contains (CODES, code);
}

static char *
explain_cb (RepriseHttpResponse *response, gpointer user_data)
{
  g_autoptr (JsonObject) root = parse_body (response);
  gboolean from_gateway;

  return dup_server_text (get_error (root, &from_gateway), root);
}

/* 503 with the gateway's form: it starts, runs a command, or is broken. */
static RepriseHttpVerdict
classify_gateway (RepriseNocobaseClient *self, JsonObject *object, const char *text, GError **error)
{
  const char *code = reprise_json_get_string (object, "code", "");

  if (strcmp (code, "APP_NOT_FOUND") == 0)
    {
      g_set_error (error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND,
                   _ ("The server has no sub-application “%s”"), self->app);
      return REPRISE_HTTP_GIVE_UP;
    }
  if (strcmp (code, "APP_STOPPED") == 0)
    {
      g_set_error (error, REPRISE_ERROR, REPRISE_ERROR_FAILED,
                   _ ("The sub-application “%s” is stopped: start it first"), self->app);
      return REPRISE_HTTP_GIVE_UP;
    }
  if (is_busy_code (code))
    g_set_error (error, REPRISE_ERROR, REPRISE_ERROR_BUSY,
                 _ ("NocoBase is starting or at work: %s"), text != NULL ? text : code);
  else
    g_set_error (
      error, REPRISE_ERROR, REPRISE_ERROR_BROKEN,
      _ ("NocoBase no longer serves, and must be restarted by its administrator. It says: %s"),
      text != NULL ? text : code);
  return REPRISE_HTTP_RETRY;
}

static RepriseHttpVerdict
classify_401 (RepriseNocobaseClient *self, JsonObject *object, const char *text, GError **error)
{
  const char *code = reprise_json_get_string (object, "code", "");

  if (strcmp (code, "ROLE_NOT_FOUND_FOR_USER") == 0 || strcmp (code, "USER_HAS_NO_ROLES_ERR") == 0)
    {
      g_mutex_lock (&self->mutex);
      self->role_refused = TRUE;
      g_mutex_unlock (&self->mutex);
      g_set_error (error, REPRISE_ERROR, REPRISE_ERROR_DENIED,
                   _ ("The account does not have the role “%s”"),
                   get_setting (self, REPRISE_NOCOBASE_SETTING_ROLE));
      return REPRISE_HTTP_GIVE_UP;
    }
  g_set_error (error, REPRISE_ERROR, REPRISE_ERROR_NEEDS_SIGN_IN,
               _ ("NocoBase asks to sign in again: %s"), text != NULL ? text : code);
  return REPRISE_HTTP_SIGN_IN;
}

static RepriseHttpVerdict
classify_404 (RepriseHttpResponse *response, JsonObject *root, const char *text, GError **error)
{
  if (root != NULL)
    g_set_error (error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND, _ ("NocoBase says: %s"),
                 text != NULL ? text : _ ("not found"));
  else
    g_set_error_literal (
      error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND,
      _ ("NocoBase has nothing there: the plugin is not enabled, or the address is not right"));
  return REPRISE_HTTP_GIVE_UP;
}

/* What an answer means. A 500 is the application's ordinary error, so it is not tried again. */
static RepriseHttpVerdict
classify_cb (RepriseHttpResponse *response, gpointer user_data, GError **error)
{
  RepriseNocobaseClient *self = user_data;
  guint status = reprise_http_response_get_status (response);
  g_autoptr (JsonObject) root = NULL;
  g_autofree char *text = NULL;
  JsonObject *object;
  gboolean from_gateway = FALSE;

  if (status < 300)
    return REPRISE_HTTP_DEFAULT;
  root = parse_body (response);
  object = get_error (root, &from_gateway);
  text = dup_server_text (object, root);
  if (from_gateway)
    return classify_gateway (self, object, text, error);
  switch (status)
    {
    case 401:
      return classify_401 (self, object, text, error);
    case 403:
      g_set_error_literal (
        error, REPRISE_ERROR, REPRISE_ERROR_DENIED,
        _ ("The account may not do that. It needs a role with the right to manage backups, such as "
           "“admin” or “root”."));
      return REPRISE_HTTP_GIVE_UP;
    case 404:
      return classify_404 (response, root, text, error);
    case 413:
      g_set_error_literal (
        error, REPRISE_ERROR, REPRISE_ERROR_LIMIT,
        _ ("The archive is larger than the server, or the proxy in front of it, accepts"));
      return REPRISE_HTTP_GIVE_UP;
    default:
      if (root == NULL || object == NULL)
        return REPRISE_HTTP_DEFAULT;
      g_set_error (error, REPRISE_ERROR, REPRISE_ERROR_FAILED, _ ("NocoBase says: %s"),
                   text != NULL ? text : _ ("an error without a text"));
      return REPRISE_HTTP_GIVE_UP;
    }
}

/* A text in JSON's quotation marks, appended without a copy elsewhere. */
static void
append_quoted (GString *json, const char *text, gsize size)
{
  g_string_append_c (json, '"');
  for (gsize i = 0; i < size; i++)
    if (text[i] == '"' || text[i] == '\\')
      g_string_append_printf (json, "\\%c", text[i]);
    else if ((guchar) text[i] < 0x20)
      g_string_append_printf (json, "\\u%04x", (guint) (guchar) text[i]);
    else
      g_string_append_c (json, text[i]);
  g_string_append_c (json, '"');
}

/* A secret in JSON's quotation marks; wipe @json afterwards. It must have room for all of it: what it grows out of stays behind. */
void
reprise_nocobase_client_append_quoted (GString *json, RepriseSecretValue *secret)
{
  gsize size = 0;
  const char *text = reprise_secret_value_get (secret, &size);

  append_quoted (json, text, size);
}

static void
wipe_string (gpointer data)
{
  GString *text = data;

  reprise_secret_wipe (text->str, text->allocated_len);
  g_string_free (text, TRUE);
}

/* {"account":…,"password":…}, wiped when it has been sent */
static GBytes *
make_credentials (const char *account, RepriseSecretValue *password)
{
  gsize size = 0;
  GString *json;

  reprise_secret_value_get (password, &size);
  json = g_string_sized_new (6 * strlen (account) + 6 * size + 64);

  g_string_append (json, "{\"account\":");
  append_quoted (json, account, strlen (account));
  g_string_append (json, ",\"password\":");
  reprise_nocobase_client_append_quoted (json, password);
  g_string_append_c (json, '}');
  return g_bytes_new_with_free_func (json->str, json->len, wipe_string, json);
}

/* The answer to wrong credentials is a 401 too: it must not lead to another sign-in. */
static RepriseHttpVerdict
classify_sign_in_cb (RepriseHttpResponse *response, gpointer user_data, GError **error)
{
  guint status = reprise_http_response_get_status (response);
  g_autoptr (JsonObject) root = parse_body (response);
  gboolean from_gateway = FALSE;
  JsonObject *object = get_error (root, &from_gateway);
  g_autofree char *text = dup_server_text (object, root);

  if ((status != 401 && status != 400) || from_gateway)
    return classify_cb (response, user_data, error);
  g_set_error (error, REPRISE_ERROR, REPRISE_ERROR_NEEDS_SIGN_IN,
               _ ("NocoBase did not accept the sign-in: %s"),
               text != NULL ? text : _ ("wrong account or password"));
  return REPRISE_HTTP_GIVE_UP;
}

static RepriseSecretValue *
read_token (RepriseHttpResponse *response, GError **error)
{
  g_autoptr (JsonObject) root = parse_body (response);
  const char *token = reprise_json_get_string (root, "data.token", NULL);

  if (token != NULL && *token != '\0')
    return reprise_secret_value_new_text (token);
  g_set_error_literal (error, REPRISE_ERROR, REPRISE_ERROR_PROTOCOL,
                       _ ("The answer to the sign-in is not one of NocoBase: check the address"));
  return NULL;
}

static void
set_token (RepriseNocobaseClient *self, RepriseSecretValue *token)
{
  g_mutex_lock (&self->mutex);
  g_clear_pointer (&self->token, reprise_secret_value_unref);
  self->token = token;
  g_mutex_unlock (&self->mutex);
}

static gboolean
sign_in (RepriseNocobaseClient *self, GCancellable *cancellable, GError **error)
{
  const char *account = get_setting (self, REPRISE_NOCOBASE_SETTING_ACCOUNT);
  g_autoptr (RepriseSecretValue) password =
    reprise_secrets_lookup (self->secrets, REPRISE_NOCOBASE_SECRET_PASSWORD, cancellable, error);
  g_autoptr (RepriseHttpRequest) request = NULL;
  g_autoptr (RepriseHttpResponse) response = NULL;
  g_autoptr (GBytes) body = NULL;
  g_autoptr (GError) local = NULL;
  RepriseSecretValue *token;

  if (password == NULL)
    return FALSE;
  /* It makes a session and changes nothing of the service. */
  request = reprise_http_request_new ("POST", "auth:signIn", REPRISE_HTTP_READ);
  reprise_http_request_set_anonymous (request, TRUE);
  reprise_http_request_set_header (request, "X-Authenticator",
                                   get_setting (self, REPRISE_NOCOBASE_SETTING_AUTHENTICATOR));
  body = make_credentials (account, password);
  reprise_http_request_set_body (request, "application/json", body);
  reprise_http_request_set_expected_type (request, "application/json");
  reprise_http_request_set_max_tries (request, MAX_TRIES);
  reprise_http_request_set_classifier (request, classify_sign_in_cb, self, NULL);
  response = reprise_http_send (self->http, request, self->progress, cancellable, &local);
  if (g_error_matches (local, REPRISE_ERROR, REPRISE_ERROR_NEEDS_SIGN_IN))
    reprise_secrets_invalidate (self->secrets, REPRISE_NOCOBASE_SECRET_PASSWORD);
  if (response == NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  token = read_token (response, error);
  if (token == NULL)
    return FALSE;
  set_token (self, token);
  return TRUE;
}

/* An API key lasts until it is taken back: all that can be done is to look whether there is a newer one. */
static gboolean
renew_key (RepriseNocobaseClient *self, GCancellable *cancellable, GError **error)
{
  g_autoptr (RepriseSecretValue) key = NULL;
  gboolean same;

  reprise_secrets_invalidate (self->secrets, REPRISE_NOCOBASE_SECRET_API_KEY);
  key = reprise_secrets_lookup (self->secrets, REPRISE_NOCOBASE_SECRET_API_KEY, cancellable, error);
  if (key == NULL)
    return FALSE;
  g_mutex_lock (&self->mutex);
  same = self->token != NULL && reprise_secret_value_equal (self->token, key);
  g_mutex_unlock (&self->mutex);
  if (same)
    {
      g_set_error_literal (
        error, REPRISE_ERROR, REPRISE_ERROR_NEEDS_SIGN_IN,
        _ ("NocoBase does not accept the API key: it is wrong, has expired or was taken back"));
      return FALSE;
    }
  set_token (self, reprise_secret_value_ref (key));
  return TRUE;
}

static gboolean
renew_cb (gpointer user_data, GCancellable *cancellable, GError **error)
{
  RepriseNocobaseClient *self = user_data;

  return self->with_key ? renew_key (self, cancellable, error) : sign_in (self, cancellable, error);
}

static RepriseSecretValue *
get_token (RepriseNocobaseClient *self, GCancellable *cancellable, GError **error)
{
  RepriseSecretValue *token;

  g_mutex_lock (&self->mutex);
  token = self->token != NULL ? reprise_secret_value_ref (self->token) : NULL;
  g_mutex_unlock (&self->mutex);
  if (token != NULL)
    return token;
  if (self->with_key)
    {
      token =
        reprise_secrets_lookup (self->secrets, REPRISE_NOCOBASE_SECRET_API_KEY, cancellable, error);
      if (token != NULL)
        set_token (self, reprise_secret_value_ref (token));
      return token;
    }
  g_set_error_literal (error, REPRISE_ERROR, REPRISE_ERROR_NEEDS_SIGN_IN, _ ("Sign in first"));
  return NULL;
}

static gboolean
apply_cb (RepriseHttpRequest *request,
          RepriseHttpGrant *grant,
          gpointer user_data,
          GCancellable *cancellable,
          GError **error)
{
  g_autoptr (RepriseSecretValue) token = get_token (user_data, cancellable, error);
  char *value;

  if (token == NULL)
    return FALSE;
  value = g_strconcat ("Bearer ", reprise_secret_value_get_text (token), NULL);
  reprise_http_grant_set_header (grant, "Authorization", value);
  reprise_secret_wipe (value, strlen (value));
  g_free (value);
  return TRUE;
}

static void
note_clock (RepriseNocobaseClient *self, const char *date)
{
  g_autoptr (GDateTime) time = date != NULL ? soup_date_time_new_from_http_string (date) : NULL;

  if (time == NULL)
    return;
  g_mutex_lock (&self->mutex);
  self->clock_difference = g_date_time_to_unix (time) - g_get_real_time () / G_USEC_PER_SEC;
  g_mutex_unlock (&self->mutex);
}

/* A token that is about to expire comes back renewed. */
static void
observe_cb (RepriseHttpResponse *response, gpointer user_data)
{
  RepriseNocobaseClient *self = user_data;
  const char *token = reprise_http_response_get_header (response, "x-new-token");

  note_clock (self, reprise_http_response_get_header (response, "Date"));
  if (token != NULL && *token != '\0' && !self->with_key)
    set_token (self, reprise_secret_value_new_text (token));
}

/* The address of the API, with one slash at its end. */
static char *
make_api_address (RepriseNocobaseClient *self)
{
  const char *address = get_setting (self, REPRISE_NOCOBASE_SETTING_ADDRESS);
  const char *api = get_setting (self, REPRISE_NOCOBASE_SETTING_API_PATH);
  gsize length = strlen (address);
  g_autofree char *start = NULL, *end = NULL;

  while (length > 0 && address[length - 1] == '/')
    length--;
  start = g_strndup (address, length);
  if (g_str_has_suffix (start, "/api"))
    return g_strconcat (start, "/", NULL);
  while (*api == '/')
    api++;
  end = g_strdup (*api != '\0' ? api : "api");
  while (*end != '\0' && end[strlen (end) - 1] == '/')
    end[strlen (end) - 1] = '\0';
  return g_strconcat (start, "/", end, "/", NULL);
}

static void
set_headers (RepriseNocobaseClient *self)
{
  const char *role = get_setting (self, REPRISE_NOCOBASE_SETTING_ROLE);

  reprise_http_set_header (self->http, "X-Locale", "en-US");
  reprise_http_set_header (self->http, "X-Timezone", "+00:00");
  if (strcmp (self->app, "main") != 0)
    reprise_http_set_header (self->http, "X-App", self->app);
  if (*role != '\0')
    reprise_http_set_header (self->http, "X-Role", role);
}

static gboolean
check_app (const char *app, GError **error)
{
  if (strspn (app, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.") ==
      strlen (app))
    return TRUE;
  g_set_error (error, REPRISE_ERROR, REPRISE_ERROR_INVALID,
               _ ("“%s” cannot be the name of a sub-application"), app);
  return FALSE;
}

/**
 * reprise_nocobase_client_new:
 * @app: (nullable): the application, in place of that of the service
 *
 * Sends nothing yet.
 *
 * Returns: (transfer full): a client, or %NULL with %REPRISE_ERROR_INVALID
 */
RepriseNocobaseClient *
reprise_nocobase_client_new (RepriseKind *kind,
                             RepriseService *service,
                             RepriseSecrets *secrets,
                             const char *app,
                             GError **error)
{
  const RepriseHttpAuthFuncs funcs = { .apply = apply_cb,
                                       .renew = renew_cb,
                                       .observe = observe_cb };
  g_autoptr (RepriseNocobaseClient) self = g_object_new (REPRISE_TYPE_NOCOBASE_CLIENT, NULL);
  g_autoptr (RepriseHttpAuth) auth = NULL;
  g_autofree char *address = NULL;

  self->kind = g_object_ref (kind);
  self->service = g_object_ref (service);
  self->secrets = g_object_ref (secrets);
  if (app == NULL || *app == '\0')
    app = get_setting (self, REPRISE_NOCOBASE_SETTING_APP);
  if (!check_app (app, error))
    return NULL;
  self->app = g_strdup (*app != '\0' ? app : "main");
  self->with_key = strcmp (get_setting (self, REPRISE_NOCOBASE_SETTING_SIGN_IN), "api-key") == 0;
  address = make_api_address (self);
  self->identity = g_strconcat (address, "#", self->app, NULL);
  self->http = reprise_http_new (address, get_setting (self, REPRISE_NOCOBASE_SETTING_PIN), error);
  if (self->http == NULL)
    return NULL;
  set_headers (self);
  /* It lives as long as the client, which lends itself. */
  auth = reprise_http_auth_new (&funcs, self, NULL);
  reprise_http_set_auth (self->http, auth);
  reprise_http_set_explainer (self->http, explain_cb, NULL, NULL);
  return g_steal_pointer (&self);
}

const char *
reprise_nocobase_client_get_app (RepriseNocobaseClient *self)
{
  return self->app;
}

/* host and port */
const char *
reprise_nocobase_client_get_name (RepriseNocobaseClient *self)
{
  return reprise_http_get_name (self->http);
}

/* What tells this application from others: NocoBase has no number of its own, so its address and its name. */
const char *
reprise_nocobase_client_get_identity (RepriseNocobaseClient *self)
{
  return self->identity;
}

RepriseHttp *
reprise_nocobase_client_get_http (RepriseNocobaseClient *self)
{
  return self->http;
}

/* (transfer full): of the web socket, from “/” on */
char *
reprise_nocobase_client_dup_socket_path (RepriseNocobaseClient *self)
{
  g_autofree char *api = make_api_address (self);
  g_autoptr (GUri) uri = g_uri_parse (api, G_URI_FLAGS_NONE, NULL);
  g_autofree char *path = g_strdup (uri != NULL ? g_uri_get_path (uri) : "/");
  char *slash;

  /* It lies beside the API: /nocobase/api/ and /nocobase/ws */
  if (g_str_has_suffix (path, "/"))
    path[strlen (path) - 1] = '\0';
  slash = strrchr (path, '/');
  if (slash != NULL)
    *slash = '\0';
  return g_strconcat (path, "/ws", NULL);
}

/* @progress (nullable): is told of repetitions */
void
reprise_nocobase_client_set_progress (RepriseNocobaseClient *self, RepriseProgress *progress)
{
  g_set_object (&self->progress, progress);
}

/**
 * reprise_nocobase_client_new_request:
 * @action: “backups:list”
 *
 * The server takes any method for any action, so it is the effect that counts.
 *
 * Returns: (transfer full): a request whose answer is JSON
 */
RepriseHttpRequest *
reprise_nocobase_client_new_request (RepriseNocobaseClient *self,
                                     const char *method,
                                     const char *action,
                                     RepriseHttpEffect effect)
{
  RepriseHttpRequest *request = reprise_http_request_new (method, action, effect);

  reprise_http_request_set_classifier (request, classify_cb, self, NULL);
  reprise_http_request_set_expected_type (request, "application/json");
  reprise_http_request_set_max_tries (request, MAX_TRIES);
  return request;
}

/**
 * reprise_nocobase_client_send:
 *
 * Returns: (transfer full): the whole answer, an empty object where it has no body; or %NULL with @error
 */
JsonObject *
reprise_nocobase_client_send (RepriseNocobaseClient *self,
                              RepriseHttpRequest *request,
                              GCancellable *cancellable,
                              GError **error)
{
  g_autoptr (RepriseHttpResponse) response =
    reprise_http_send (self->http, request, self->progress, cancellable, error);
  g_autoptr (GError) local = NULL;
  GBytes *body;
  JsonObject *root;

  if (response == NULL)
    return NULL;
  body = reprise_http_response_get_body (response);
  if (reprise_http_response_get_status (response) == 204 || body == NULL ||
      g_bytes_get_size (body) == 0)
    return json_object_new ();
  root = reprise_json_parse_object (g_bytes_get_data (body, NULL), g_bytes_get_size (body), NULL,
                                    &local);
  if (root == NULL)
    g_set_error (error, REPRISE_ERROR, REPRISE_ERROR_PROTOCOL,
                 _ ("%s answers, but not as NocoBase does: check the address, and whether a "
                    "sign-in page stands before it"),
                 reprise_nocobase_client_get_name (self));
  return root;
}

/* @...: names and values of the query, ending with %NULL */
JsonObject *
reprise_nocobase_client_get (RepriseNocobaseClient *self,
                             GCancellable *cancellable,
                             GError **error,
                             const char *action,
                             ...)
{
  g_autoptr (RepriseHttpRequest) request =
    reprise_nocobase_client_new_request (self, "GET", action, REPRISE_HTTP_READ);
  va_list arguments;
  const char *name;

  va_start (arguments, action);
  while ((name = va_arg (arguments, const char *)) != NULL)
    reprise_http_request_add_query (request, name, va_arg (arguments, const char *));
  va_end (arguments);
  return reprise_nocobase_client_send (self, request, cancellable, error);
}

/* A request that changes something and is never repeated by itself. @tk (nullable): filterByTk; @body (nullable): JSON */
JsonObject *
reprise_nocobase_client_post (RepriseNocobaseClient *self,
                              const char *action,
                              const char *tk,
                              const char *body,
                              GCancellable *cancellable,
                              GError **error)
{
  g_autoptr (RepriseHttpRequest) request =
    reprise_nocobase_client_new_request (self, "POST", action, REPRISE_HTTP_START);

  if (tk != NULL)
    reprise_http_request_add_query (request, "filterByTk", tk);
  if (body != NULL)
    reprise_http_request_set_body_text (request, "application/json", body);
  return reprise_nocobase_client_send (self, request, cancellable, error);
}

static gboolean
is_role_refused (RepriseNocobaseClient *self)
{
  gboolean refused;

  g_mutex_lock (&self->mutex);
  refused = self->role_refused;
  g_mutex_unlock (&self->mutex);
  return refused;
}

/**
 * reprise_nocobase_client_look_for:
 * @action: “backups:list”
 *
 * Whether a resource is there: one that is not answers 404 without JSON, one that is not allowed 403.
 */
gboolean
reprise_nocobase_client_look_for (RepriseNocobaseClient *self,
                                  const char *action,
                                  RepriseNocobasePresence *presence,
                                  GCancellable *cancellable,
                                  GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (JsonObject) root = reprise_nocobase_client_get (self, cancellable, &local, action,
                                                             "page", "1", "pageSize", "1", NULL);

  if (root != NULL && reprise_json_get_array (root, "data") == NULL)
    {
      g_set_error (error, REPRISE_ERROR, REPRISE_ERROR_PROTOCOL,
                   _ ("%s answers, but not as NocoBase does: check the address"),
                   reprise_nocobase_client_get_name (self));
      return FALSE;
    }
  if (root != NULL)
    *presence = REPRISE_NOCOBASE_THERE;
  else if (g_error_matches (local, REPRISE_ERROR, REPRISE_ERROR_DENIED) && !is_role_refused (self))
    *presence = REPRISE_NOCOBASE_DENIED;
  else if (g_error_matches (local, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND))
    *presence = REPRISE_NOCOBASE_ABSENT;
  else
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  return TRUE;
}

static RepriseHttpVerdict
classify_health_cb (RepriseHttpResponse *response, gpointer user_data, GError **error)
{
  return REPRISE_HTTP_DONE;
}

static RepriseNocobaseHealth
read_health (RepriseHttpResponse *response, char **message)
{
  guint status = reprise_http_response_get_status (response);
  g_autoptr (JsonObject) root = parse_body (response);
  gboolean from_gateway = FALSE;
  JsonObject *object = get_error (root, &from_gateway);

  if (status == 200)
    return REPRISE_NOCOBASE_OK;
  if (!from_gateway) /* a proxy, with nobody behind it, or somebody who does not answer in time */
    return status == 502 || status == 503 ? REPRISE_NOCOBASE_DOWN : REPRISE_NOCOBASE_SILENT;
  *message = dup_server_text (object, root);
  return is_busy_code (reprise_json_get_string (object, "code", "")) ? REPRISE_NOCOBASE_BUSY
                                                                     : REPRISE_NOCOBASE_BROKEN;
}

/**
 * reprise_nocobase_client_get_health:
 * @message: (out) (nullable): what it says
 *
 * Asks once, without signing in.
 */
RepriseNocobaseHealth
reprise_nocobase_client_get_health (RepriseNocobaseClient *self,
                                    char **message,
                                    GCancellable *cancellable)
{
  g_autoptr (RepriseHttpRequest) request =
    reprise_http_request_new ("GET", "__health_check", REPRISE_HTTP_READ);
  g_autoptr (RepriseHttpResponse) response = NULL;

  *message = NULL;
  reprise_http_request_set_anonymous (request, TRUE);
  reprise_http_request_set_max_tries (request, 1);
  reprise_http_request_set_header_timeout (request, HEALTH_TIMEOUT_MS);
  reprise_http_request_set_classifier (request, classify_health_cb, NULL, NULL);
  response = reprise_http_send (self->http, request, NULL, cancellable, NULL);
  if (response != NULL)
    return read_health (response, message);
  return reprise_http_request_get_outcome (request) == REPRISE_HTTP_NOT_SENT
           ? REPRISE_NOCOBASE_DOWN
           : REPRISE_NOCOBASE_SILENT;
}

/**
 * reprise_nocobase_client_count:
 *
 * Returns: the rows of a collection as this account sees them, or %REPRISE_NOT_REPORTED where the server does not tell;
 *   with @error set where it could not be asked
 */
gint64
reprise_nocobase_client_count (RepriseNocobaseClient *self,
                               const char *collection,
                               GCancellable *cancellable,
                               GError **error)
{
  g_autofree char *name = g_uri_escape_string (collection, NULL, FALSE);
  g_autofree char *action = g_strconcat (name, ":list", NULL);
  g_autoptr (RepriseHttpRequest) request =
    reprise_nocobase_client_new_request (self, "GET", action, REPRISE_HTTP_READ);
  g_autoptr (GError) local = NULL;
  g_autoptr (JsonObject) root = NULL;

  reprise_http_request_add_query (request, "page", "1");
  reprise_http_request_add_query (request, "pageSize", "1");
  reprise_http_request_set_max_bytes (request, MAX_COUNT_BYTES);
  root = reprise_nocobase_client_send (self, request, cancellable, &local);
  if (root != NULL)
    return reprise_json_get_int (root, "meta.count", REPRISE_NOT_REPORTED);
  if (g_error_matches (local, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND) ||
      g_error_matches (local, REPRISE_ERROR, REPRISE_ERROR_DENIED) ||
      g_error_matches (local, REPRISE_ERROR, REPRISE_ERROR_LIMIT) ||
      g_error_matches (local, REPRISE_ERROR, REPRISE_ERROR_PROTOCOL) ||
      g_error_matches (local, REPRISE_ERROR, REPRISE_ERROR_FAILED))
    return REPRISE_NOT_REPORTED;
  g_propagate_error (error, g_steal_pointer (&local));
  return REPRISE_NOT_REPORTED;
}

/* Seconds since 1970 by the server's own clock, as far as its answers told. */
gint64
reprise_nocobase_client_get_server_time (RepriseNocobaseClient *self)
{
  gint64 difference;

  g_mutex_lock (&self->mutex);
  difference = self->clock_difference;
  g_mutex_unlock (&self->mutex);
  return g_get_real_time () / G_USEC_PER_SEC + difference;
}
