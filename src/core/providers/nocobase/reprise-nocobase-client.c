/* reprise-nocobase-client.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include <glib/gi18n-lib.h>
#include <libsoup/soup.h>

#include "base/reprise-error.h"
#include "providers/nocobase/reprise-nocobase-client-private.h"
#include "providers/nocobase/reprise-nocobase-kind.h"

#define HEALTH_TIMEOUT_MS 10000
#define MAX_COUNT_BYTES   (16 * 1024 * 1024)

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

const char *
reprise_nocobase_client_get_setting (RepriseNocobaseClient *self, const char *key)
{
  const char *value = reprise_kind_get_value (self->kind, self->service, key);

  return value != NULL ? value : "";
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
    reprise_nocobase_client_set_token (self, reprise_secret_value_new_text (token));
}

/* The address of the API, with one slash at its end. */
static char *
make_api_address (RepriseNocobaseClient *self)
{
  const char *address =
    reprise_nocobase_client_get_setting (self, REPRISE_NOCOBASE_SETTING_ADDRESS);
  const char *api = reprise_nocobase_client_get_setting (self, REPRISE_NOCOBASE_SETTING_API_PATH);
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
  const char *role = reprise_nocobase_client_get_setting (self, REPRISE_NOCOBASE_SETTING_ROLE);

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
  reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_INVALID,
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
  const RepriseHttpAuthFuncs funcs = { .apply = reprise_nocobase_client_apply_cb,
                                       .renew = reprise_nocobase_client_renew_cb,
                                       .observe = observe_cb };
  g_autoptr (RepriseNocobaseClient) self = g_object_new (REPRISE_TYPE_NOCOBASE_CLIENT, NULL);
  g_autoptr (RepriseHttpAuth) auth = NULL;
  g_autofree char *address = NULL;

  self->kind = g_object_ref (kind);
  self->service = g_object_ref (service);
  self->secrets = g_object_ref (secrets);
  if (app == NULL || *app == '\0')
    app = reprise_nocobase_client_get_setting (self, REPRISE_NOCOBASE_SETTING_APP);
  if (!check_app (app, error))
    return NULL;
  self->app = g_strdup (*app != '\0' ? app : "main");
  self->with_key =
    strcmp (reprise_nocobase_client_get_setting (self, REPRISE_NOCOBASE_SETTING_SIGN_IN),
            "api-key") == 0;
  address = make_api_address (self);
  self->identity = g_strconcat (address, "#", self->app, NULL);
  self->http = reprise_http_new (
    address, reprise_nocobase_client_get_setting (self, REPRISE_NOCOBASE_SETTING_PIN), error);
  if (self->http == NULL)
    return NULL;
  set_headers (self);
  /* It lives as long as the client, which lends itself. */
  auth = reprise_http_auth_new (&funcs, self, NULL);
  reprise_http_set_auth (self->http, auth);
  reprise_http_set_explainer (self->http, reprise_nocobase_client_explain_cb, NULL, NULL);
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

  reprise_http_request_set_classifier (request, reprise_nocobase_client_classify_cb, self, NULL);
  reprise_http_request_set_expected_type (request, "application/json");
  reprise_http_request_set_max_tries (request, REPRISE_NOCOBASE_MAX_TRIES);
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
    reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_PROTOCOL,
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

/* A request that changes something and is never repeated by itself. @tk (nullable): filterByTk */
JsonObject *
reprise_nocobase_client_post (RepriseNocobaseClient *self,
                              const char *action,
                              const char *tk,
                              GCancellable *cancellable,
                              GError **error)
{
  g_autoptr (RepriseHttpRequest) request =
    reprise_nocobase_client_new_request (self, "POST", action, REPRISE_HTTP_START);

  if (tk != NULL)
    reprise_http_request_add_query (request, "filterByTk", tk);
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
      reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_PROTOCOL,
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
  g_autoptr (JsonObject) root = reprise_nocobase_client_parse_body (response);
  gboolean from_gateway = FALSE;
  JsonObject *object = reprise_nocobase_client_get_error (root, &from_gateway);

  if (status == 200)
    return REPRISE_NOCOBASE_OK;
  if (!from_gateway) /* a proxy, with nobody behind it, or somebody who does not answer in time */
    return status == 502 || status == 503 ? REPRISE_NOCOBASE_DOWN : REPRISE_NOCOBASE_SILENT;
  *message = reprise_nocobase_client_dup_server_text (object, root);
  return reprise_nocobase_client_is_busy_code (reprise_json_get_string (object, "code", ""))
           ? REPRISE_NOCOBASE_BUSY
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
