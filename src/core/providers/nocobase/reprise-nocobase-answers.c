/* reprise-nocobase-answers.c
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

#define MAX_SERVER_TEXT 300

/* The two forms of an error: {"errors":[{…}]} of the application, {"error":{…}} of the gateway before it. */
JsonObject *
reprise_nocobase_client_get_error (JsonObject *root, gboolean *from_gateway)
{
  JsonObject *single = reprise_json_get_object (root, "error");

  *from_gateway = single != NULL;
  return single != NULL
           ? single
           : reprise_json_array_get_object (reprise_json_get_array (root, "errors"), 0);
}

JsonObject *
reprise_nocobase_client_parse_body (RepriseHttpResponse *response)
{
  GBytes *body = reprise_http_response_get_body (response);

  return body != NULL ? reprise_json_parse_object (g_bytes_get_data (body, NULL),
                                                   g_bytes_get_size (body), NULL, NULL)
                      : NULL;
}

/* What the server says, cut to a length that people read. Paths of the server are not passed on. */
char *
reprise_nocobase_client_dup_server_text (JsonObject *error, JsonObject *root)
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
gboolean
reprise_nocobase_client_is_busy_code (const char *code)
{
  static const char *const CODES[] = { "APP_PREPARING",   "APP_INITIALIZING",
                                       "APP_INITIALIZED", "APP_STARTING",
                                       "APP_COMMANDING",  "APP_RUNNING",
                                       "COMMAND_END",     NULL };

  return g_strv_contains (CODES, code);
}

char *
reprise_nocobase_client_explain_cb (RepriseHttpResponse *response, gpointer user_data)
{
  g_autoptr (JsonObject) root = reprise_nocobase_client_parse_body (response);
  gboolean from_gateway;

  return reprise_nocobase_client_dup_server_text (
    reprise_nocobase_client_get_error (root, &from_gateway), root);
}

/* 503 with the gateway's form: it starts, runs a command, or is broken. */
static RepriseHttpVerdict
classify_gateway (RepriseNocobaseClient *self, JsonObject *object, const char *text, GError **error)
{
  const char *code = reprise_json_get_string (object, "code", "");

  if (strcmp (code, "APP_NOT_FOUND") == 0)
    {
      reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND,
                         _ ("The server has no sub-application “%s”"), self->app);
      return REPRISE_HTTP_GIVE_UP;
    }
  if (strcmp (code, "APP_STOPPED") == 0)
    {
      reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_FAILED,
                         _ ("The sub-application “%s” is stopped: start it first"), self->app);
      return REPRISE_HTTP_GIVE_UP;
    }
  if (reprise_nocobase_client_is_busy_code (code))
    reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_BUSY,
                       _ ("NocoBase is starting or at work: %s"), text != NULL ? text : code);
  else
    reprise_error_set (
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
      reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_DENIED,
                         _ ("The account does not have the role “%s”"),
                         reprise_nocobase_client_get_setting (self, REPRISE_NOCOBASE_SETTING_ROLE));
      return REPRISE_HTTP_GIVE_UP;
    }
  reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_NEEDS_SIGN_IN,
                     _ ("NocoBase asks to sign in again: %s"), text != NULL ? text : code);
  return REPRISE_HTTP_SIGN_IN;
}

static RepriseHttpVerdict
classify_404 (RepriseHttpResponse *response, JsonObject *root, const char *text, GError **error)
{
  if (root != NULL)
    reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND, _ ("NocoBase says: %s"),
                       text != NULL ? text : _ ("not found"));
  else
    reprise_error_set_literal (
      error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND,
      _ ("NocoBase has nothing there: the plugin is not enabled, or the address is not right"));
  return REPRISE_HTTP_GIVE_UP;
}

/* What an answer means. A 500 is the application's ordinary error, so it is not tried again. */
RepriseHttpVerdict
reprise_nocobase_client_classify_cb (RepriseHttpResponse *response,
                                     gpointer user_data,
                                     GError **error)
{
  RepriseNocobaseClient *self = user_data;
  guint status = reprise_http_response_get_status (response);
  g_autoptr (JsonObject) root = NULL;
  g_autofree char *text = NULL;
  JsonObject *object;
  gboolean from_gateway = FALSE;

  if (status < 300)
    return REPRISE_HTTP_DEFAULT;
  root = reprise_nocobase_client_parse_body (response);
  object = reprise_nocobase_client_get_error (root, &from_gateway);
  text = reprise_nocobase_client_dup_server_text (object, root);
  if (from_gateway)
    return classify_gateway (self, object, text, error);
  switch (status)
    {
    case 401:
      return classify_401 (self, object, text, error);
    case 403:
      reprise_error_set_literal (
        error, REPRISE_ERROR, REPRISE_ERROR_DENIED,
        _ ("The account may not do that. It needs a role with the right to manage backups, such as "
           "“admin” or “root”."));
      return REPRISE_HTTP_GIVE_UP;
    case 404:
      return classify_404 (response, root, text, error);
    case 413:
      reprise_error_set_literal (
        error, REPRISE_ERROR, REPRISE_ERROR_LIMIT,
        _ ("The archive is larger than the server, or the proxy in front of it, accepts"));
      return REPRISE_HTTP_GIVE_UP;
    default:
      if (root == NULL || object == NULL)
        return REPRISE_HTTP_DEFAULT;
      reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_FAILED, _ ("NocoBase says: %s"),
                         text != NULL ? text : _ ("an error without a text"));
      return REPRISE_HTTP_GIVE_UP;
    }
}
