/* reprise-nocobase-sign-in.c
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
  g_autoptr (JsonObject) root = reprise_nocobase_client_parse_body (response);
  gboolean from_gateway = FALSE;
  JsonObject *object = reprise_nocobase_client_get_error (root, &from_gateway);
  g_autofree char *text = reprise_nocobase_client_dup_server_text (object, root);

  if ((status != 401 && status != 400) || from_gateway)
    return reprise_nocobase_client_classify_cb (response, user_data, error);
  reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_NEEDS_SIGN_IN,
                     _ ("NocoBase did not accept the sign-in: %s"),
                     text != NULL ? text : _ ("wrong account or password"));
  return REPRISE_HTTP_GIVE_UP;
}

static RepriseSecretValue *
read_token (RepriseHttpResponse *response, GError **error)
{
  g_autoptr (JsonObject) root = reprise_nocobase_client_parse_body (response);
  const char *token = reprise_json_get_string (root, "data.token", NULL);

  if (token != NULL && *token != '\0')
    return reprise_secret_value_new_text (token);
  reprise_error_set_literal (
    error, REPRISE_ERROR, REPRISE_ERROR_PROTOCOL,
    _ ("The answer to the sign-in is not one of NocoBase: check the address"));
  return NULL;
}

void
reprise_nocobase_client_set_token (RepriseNocobaseClient *self, RepriseSecretValue *token)
{
  g_mutex_lock (&self->mutex);
  g_clear_pointer (&self->token, reprise_secret_value_unref);
  self->token = token;
  g_mutex_unlock (&self->mutex);
}

static gboolean
sign_in (RepriseNocobaseClient *self, GCancellable *cancellable, GError **error)
{
  const char *account =
    reprise_nocobase_client_get_setting (self, REPRISE_NOCOBASE_SETTING_ACCOUNT);
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
  reprise_http_request_set_header (
    request, "X-Authenticator",
    reprise_nocobase_client_get_setting (self, REPRISE_NOCOBASE_SETTING_AUTHENTICATOR));
  body = make_credentials (account, password);
  reprise_http_request_set_body (request, "application/json", body);
  reprise_http_request_set_expected_type (request, "application/json");
  reprise_http_request_set_max_tries (request, REPRISE_NOCOBASE_MAX_TRIES);
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
  reprise_nocobase_client_set_token (self, token);
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
      reprise_error_set_literal (
        error, REPRISE_ERROR, REPRISE_ERROR_NEEDS_SIGN_IN,
        _ ("NocoBase does not accept the API key: it is wrong, has expired or was taken back"));
      return FALSE;
    }
  reprise_nocobase_client_set_token (self, reprise_secret_value_ref (key));
  return TRUE;
}

gboolean
reprise_nocobase_client_renew_cb (gpointer user_data, GCancellable *cancellable, GError **error)
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
        reprise_nocobase_client_set_token (self, reprise_secret_value_ref (token));
      return token;
    }
  reprise_error_set_literal (error, REPRISE_ERROR, REPRISE_ERROR_NEEDS_SIGN_IN,
                             _ ("Sign in first"));
  return NULL;
}

gboolean
reprise_nocobase_client_apply_cb (RepriseHttpRequest *request,
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
