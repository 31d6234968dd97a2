/* reprise-couch-sign-in.c
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

#define SIGN_IN_TRIES 4
#define COOKIE        "AuthSession="
#define GRANT_TYPE    "urn%3Aibm%3Aparams%3Aoauth%3Agrant-type%3Aapikey"

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

void
reprise_couch_client_observe_cb (RepriseHttpResponse *response, gpointer user_data)
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
  g_autofree char *reason = reprise_couch_client_explain_cb (response, NULL);

  if (status == 404 || status == 405)
    return REPRISE_HTTP_DONE; /* no sessions there */
  if (status != 401 && status != 403 && status != 400)
    return REPRISE_HTTP_DEFAULT;
  reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_NEEDS_SIGN_IN,
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
  const char *account = reprise_couch_client_get_setting (self, REPRISE_COUCH_SETTING_ACCOUNT);
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
  reprise_error_set_literal (
    error, REPRISE_ERROR, REPRISE_ERROR_NEEDS_SIGN_IN,
    _ ("IBM Cloud does not accept the API key: it is wrong, or was taken back"));
  return REPRISE_HTTP_GIVE_UP;
}

static gboolean
read_bearer (RepriseCouchClient *self, RepriseHttpResponse *response, GError **error)
{
  g_autoptr (JsonObject) root = reprise_couch_client_parse_body (response, error);
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
  iam = reprise_http_new (reprise_couch_client_get_setting (self, REPRISE_COUCH_SETTING_IAM), NULL,
                          error);
  if (iam == NULL)
    return FALSE;
  request = reprise_http_request_new_at (
    iam, "POST", reprise_couch_client_get_setting (self, REPRISE_COUCH_SETTING_IAM),
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

gboolean
reprise_couch_client_renew_cb (gpointer user_data, GCancellable *cancellable, GError **error)
{
  RepriseCouchClient *self = user_data;
  const char *how = reprise_couch_client_get_setting (self, REPRISE_COUCH_SETTING_SIGN_IN);

  if (strcmp (how, REPRISE_COUCH_SIGN_IN_IAM) == 0)
    return get_bearer (self, cancellable, error);
  if (strcmp (how, REPRISE_COUCH_SIGN_IN_PASSWORD) == 0)
    return open_session (self, cancellable, error);
  reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_NEEDS_SIGN_IN,
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

gboolean
reprise_couch_client_apply_cb (RepriseHttpRequest *request,
                               RepriseHttpGrant *to,
                               gpointer user_data,
                               GCancellable *cancellable,
                               GError **error)
{
  RepriseCouchClient *self = user_data;
  g_autoptr (RepriseSecretValue) token = NULL;
  gboolean is_old;
  SignIn sign_in;

  if (strcmp (reprise_couch_client_get_setting (self, REPRISE_COUCH_SETTING_SIGN_IN),
              REPRISE_COUCH_SIGN_IN_NONE) == 0)
    return TRUE;
  g_mutex_lock (&self->mutex);
  sign_in = self->sign_in;
  is_old = self->renew_us != 0 && g_get_monotonic_time () >= self->renew_us;
  if (self->token != NULL && !is_old)
    token = reprise_secret_value_ref (self->token);
  g_mutex_unlock (&self->mutex);
  if (token == NULL)
    {
      reprise_error_set_literal (error, REPRISE_ERROR, REPRISE_ERROR_NEEDS_SIGN_IN,
                                 _ ("Sign in first"));
      return FALSE;
    }
  grant (to, sign_in, token);
  return TRUE;
}
