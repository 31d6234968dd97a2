/* reprise-entra-wire.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <stdlib.h>
#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "net/reprise-http-error.h"
#include "net/reprise-json.h"
#include "providers/azure/entra/reprise-entra-private.h"

#define FORM_TYPE         "application/x-www-form-urlencoded"
#define DEFAULT_SECONDS   3600
#define MAX_SECONDS       (24 * 3600)
#define MAX_TOKEN_CHARS   (REPRISE_SECRET_MAX_BYTES - 1)
#define MAX_ACCOUNT_CHARS 200

void
reprise_entra_answer_free (RepriseEntraAnswer *self)
{
  g_clear_pointer (&self->access, reprise_secret_value_unref);
  g_clear_pointer (&self->refresh, reprise_secret_value_unref);
  g_free (self->account);
  g_free (self->error);
  g_free (self->sentence);
  g_free (self);
}

/* (transfer full): RFC 4648 §5, without padding */
char *
reprise_entra_base64url (const guint8 *data, gsize size)
{
  char *text = g_base64_encode (data, size);

  g_strdelimit (text, "+", '-');
  g_strdelimit (text, "/", '_');
  text[strcspn (text, "=")] = '\0';
  return text;
}

static void
wipe_string (gpointer data)
{
  GString *text = data;

  reprise_secret_wipe (text->str, text->allocated_len);
  g_string_free (text, TRUE);
}

static void
append_escaped (GString *form, const char *text)
{
  for (const char *c = text; *c != '\0'; c++)
    if (g_ascii_isalnum (*c) || strchr ("-._~", *c) != NULL)
      g_string_append_c (form, *c);
    else
      g_string_append_printf (form, "%%%02X", (guint) (guchar) *c);
}

static gsize
measure (const char *first_name, va_list args)
{
  gsize size = strlen (first_name) + 1;
  const char *each;

  while ((each = va_arg (args, const char *)) != NULL)
    size += 3 * strlen (each) + 2;
  return size;
}

/**
 * reprise_entra_make_form:
 *
 * Returns: (transfer full): names and values as a form. It is wiped at its end, and has room from the start, for what it
 *   would grow out of stays behind
 */
GBytes *
reprise_entra_make_form (const char *first_name, ...)
{
  GString *form;
  va_list args;

  va_start (args, first_name);
  form = g_string_sized_new (measure (first_name, args));
  va_end (args);
  va_start (args, first_name);
  for (const char *name = first_name; name != NULL; name = va_arg (args, const char *))
    {
      if (form->len > 0)
        g_string_append_c (form, '&');
      append_escaped (form, name);
      g_string_append_c (form, '=');
      append_escaped (form, va_arg (args, const char *));
    }
  va_end (args);
  return g_bytes_new_with_free_func (form->str, form->len, wipe_string, form);
}

/* (transfer full): a person's sign-in is asked for together with the right to go on without them */
char *
reprise_entra_make_scope (RepriseEntra *self, gboolean person)
{
  gsize length = strlen (self->resource);

  while (length > 0 && self->resource[length - 1] == '/')
    length--;
  return g_strdup_printf ("%.*s/.default%s", (int) length, self->resource,
                          person ? " offline_access openid profile" : "");
}

/* The tenant is all that the path of a sign-in names. */
static void
explain_missing (RepriseEntra *self, GError **error)
{
  g_autoptr (GError) local_error = *error;

  *error = NULL;
  if (!g_error_matches (local_error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND))
    g_propagate_error (error, g_steal_pointer (&local_error));
  else
    reprise_error_set (
      error, REPRISE_ERROR, REPRISE_ERROR_INVALID,
      /* Translators: a tenant, and what the server says */
      _ ("The tenant “%s” is not known where the sign-in is. Check the settings tenant "
         "and, in a cloud of another kind, sign-in-address. %s"),
      self->tenant, local_error->message);
}

/**
 * reprise_entra_post:
 * @endpoint: “token”
 * @language: (nullable): in which people are told something
 *
 * Returns: (transfer full): an answer of status 200, or of 400 or 401 with an error of the protocol in it; or %NULL with
 *   %REPRISE_ERROR_INVALID where the tenant is not known, or as reprise_http_send()
 */
RepriseHttpResponse *
reprise_entra_post (RepriseEntra *self,
                    const char *endpoint,
                    const char *language,
                    GBytes *form,
                    guint max_tries,
                    GCancellable *cancellable,
                    GError **error)
{
  g_autofree char *path = reprise_http_path (self->tenant, "oauth2", "v2.0", endpoint, NULL);
  /* A token is made and nothing is changed, so that it may be asked for again when the answer is lost. */
  g_autoptr (RepriseHttpRequest) request =
    reprise_http_request_new ("POST", path, REPRISE_HTTP_READ);
  RepriseHttpResponse *response;
  GError *local_error = NULL;

  if (language != NULL)
    reprise_http_request_add_query (request, "mkt", language);
  reprise_http_request_set_anonymous (request, TRUE);
  reprise_http_request_set_header (request, "Accept", "application/json");
  reprise_http_request_set_body (request, FORM_TYPE, form);
  reprise_http_request_set_max_tries (request, max_tries);
  reprise_http_request_set_max_bytes (request, 4 * REPRISE_SECRET_MAX_BYTES);
  reprise_http_request_allow_status (request, 400);
  reprise_http_request_allow_status (request, 401);
  response = reprise_http_send (self->http, request, NULL, cancellable, &local_error);
  if (response == NULL)
    {
      explain_missing (self, &local_error);
      g_propagate_error (error, g_steal_pointer (&local_error));
    }
  return response;
}

/* The first line, without the identifiers that newer servers put behind it. */
static char *
make_sentence (const char *description)
{
  const char *end = strstr (description, " Trace ID:");
  gsize length = strcspn (description, "\r\n");

  if (end != NULL)
    length = MIN (length, (gsize) (end - description));
  return reprise_http_clean_sentence (description, (gssize) length);
}

static gint64
find_code (JsonObject *root, const char *description)
{
  JsonArray *codes = reprise_json_get_array (root, "error_codes");
  const char *at = strstr (description, "AADSTS");

  if (reprise_json_array_get_length (codes) > 0)
    return reprise_json_array_get_int (codes, 0, 0);
  return at != NULL ? g_ascii_strtoll (at + strlen ("AADSTS"), NULL, 10) : 0;
}

static void
read_error (RepriseEntraAnswer *answer, JsonObject *root)
{
  const char *description = reprise_json_get_string (root, "error_description", "");

  answer->code = find_code (root, description);
  answer->sentence = *description != '\0' ? make_sentence (description) : NULL;
}

static char *
dup_claim (JsonObject *claims, const char *name)
{
  const char *value = reprise_json_get_string (claims, name, NULL);

  return value != NULL && strlen (value) <= MAX_ACCOUNT_CHARS
           ? reprise_http_clean_sentence (value, -1)
           : NULL;
}

/* The identity token came straight from the authority, so its signature adds nothing; it only says who signed in. */
static void
read_identity (RepriseEntraAnswer *answer, const char *token)
{
  const char *from = token != NULL ? strchr (token, '.') : NULL;
  const char *to = from != NULL ? strchr (from + 1, '.') : NULL;
  g_autoptr (GString) text = NULL;
  g_autoptr (JsonObject) claims = NULL;
  g_autofree guchar *json = NULL;
  gsize size = 0;

  if (to == NULL)
    return;
  text = g_string_new_len (from + 1, to - from - 1);
  g_strdelimit (text->str, "-", '+');
  g_strdelimit (text->str, "_", '/');
  while (text->len % 4 != 0)
    g_string_append_c (text, '=');
  json = g_base64_decode (text->str, &size);
  claims = reprise_json_parse_object ((const char *) json, size, NULL, NULL);
  answer->account = dup_claim (claims, "preferred_username");
  if (answer->account == NULL)
    answer->account = dup_claim (claims, "name");
}

static RepriseSecretValue *
read_token (JsonObject *root, const char *name)
{
  const char *token = reprise_json_get_string (root, name, NULL);

  if (token == NULL || *token == '\0' || strlen (token) > MAX_TOKEN_CHARS)
    return NULL;
  return reprise_secret_value_new_text (token);
}

/**
 * reprise_entra_read_answer:
 *
 * Returns: (transfer full): what the server for tokens answered, be it an error of the protocol; or %NULL with
 *   %REPRISE_ERROR_PROTOCOL
 */
RepriseEntraAnswer *
reprise_entra_read_answer (RepriseHttpResponse *response, GError **error)
{
  static const RepriseJsonLimits LIMITS = { .error_code = REPRISE_ERROR_PROTOCOL };
  g_autoptr (RepriseEntraAnswer) answer = g_new0 (RepriseEntraAnswer, 1);
  gsize size = 0;
  const char *data = g_bytes_get_data (reprise_http_response_get_body (response), &size);
  g_autoptr (JsonObject) root = reprise_json_parse_object (data, size, &LIMITS, error);

  if (root == NULL)
    return NULL;
  if (reprise_http_response_get_status (response) != 200)
    {
      answer->error = g_strdup (reprise_json_get_string (root, "error", "invalid_request"));
      read_error (answer, root);
      return g_steal_pointer (&answer);
    }
  answer->access = read_token (root, "access_token");
  if (answer->access == NULL)
    {
      reprise_error_set_literal (
        error, REPRISE_ERROR, REPRISE_ERROR_PROTOCOL,
        _ ("The sign-in was accepted, but no token came with the answer."));
      return NULL;
    }
  answer->refresh = read_token (root, "refresh_token");
  answer->seconds = reprise_json_get_int (root, "expires_in", -1);
  if (answer->seconds < 0) /* some servers send it as text */
    answer->seconds = atoll (reprise_json_get_string (root, "expires_in", "0"));
  answer->seconds = answer->seconds > 0 ? MIN (answer->seconds, MAX_SECONDS) : DEFAULT_SECONDS;
  read_identity (answer, reprise_json_get_string (root, "id_token", NULL));
  return g_steal_pointer (&answer);
}

RepriseEntraAnswer *
reprise_entra_ask_token (RepriseEntra *self,
                         GBytes *form,
                         guint max_tries,
                         GCancellable *cancellable,
                         GError **error)
{
  g_autoptr (RepriseHttpResponse) response =
    reprise_entra_post (self, "token", NULL, form, max_tries, cancellable, error);

  return response != NULL ? reprise_entra_read_answer (response, error) : NULL;
}

/* Of the numbers that the authority gives, those of which more can be said than it says itself. */
static const struct
{
  gint64 code;
  RepriseError error;
  const char *text;
} CODES[] = {
  { 50020, REPRISE_ERROR_NEEDS_SIGN_IN,
    N_ ("This account does not belong to the tenant of the service. Sign in with another account, "
        "or change the tenant.") },
  { 50076, REPRISE_ERROR_NEEDS_SIGN_IN,
    N_ ("Your organisation asks for one more proof of who you are. Sign in with the browser.") },
  { 50079, REPRISE_ERROR_NEEDS_SIGN_IN,
    N_ ("Your organisation asks for one more proof of who you are. Sign in with the browser.") },
  { 50173, REPRISE_ERROR_NEEDS_SIGN_IN,
    N_ ("The sign-in was taken back, perhaps because the password was changed. Sign in again.") },
  { 53003, REPRISE_ERROR_DENIED,
    N_ ("A rule of your organisation forbids this sign-in. Sign in with the browser; a code for "
        "another device is often not allowed.") },
  { 65001, REPRISE_ERROR_DENIED,
    N_ ("Nobody has allowed Reprise to manage Azure for this account yet. Sign in with the browser "
        "and consent, or ask an administrator of the tenant.") },
  { 70020, REPRISE_ERROR_NEEDS_SIGN_IN, N_ ("The code has expired. Ask for a new one.") },
  { 700016, REPRISE_ERROR_INVALID,
    N_ ("The tenant does not know the application. Check the client ID and the tenant.") },
  { 700082, REPRISE_ERROR_NEEDS_SIGN_IN,
    N_ ("The sign-in was not used for too long and has ended. Sign in again.") },
  { 7000215, REPRISE_ERROR_NEEDS_SIGN_IN,
    N_ ("The client secret is wrong. Its value is needed, not its ID.") },
  { 7000218, REPRISE_ERROR_INVALID,
    N_ ("The application’s registration does not allow public client flows. Switch them on under "
        "Authentication.") },
  { 7000222, REPRISE_ERROR_NEEDS_SIGN_IN,
    N_ ("The client secret has expired. Make a new one for the application’s registration.") },
  { 90002, REPRISE_ERROR_INVALID, N_ ("There is no such tenant. Check its ID or domain.") },
};

static const struct
{
  const char *error;
  RepriseError code;
  const char *text;
} ERRORS[] = {
  { "invalid_grant", REPRISE_ERROR_NEEDS_SIGN_IN, N_ ("The sign-in has ended. Sign in again.") },
  { "invalid_client", REPRISE_ERROR_NEEDS_SIGN_IN,
    N_ ("The client ID is not known, or its secret or certificate is not accepted.") },
  { "invalid_scope", REPRISE_ERROR_NEEDS_SIGN_IN,
    N_ ("No token is given out for the management of resources. In a cloud of another kind the "
        "setting token-audience says what its tokens are for.") },
  { "invalid_target", REPRISE_ERROR_NEEDS_SIGN_IN,
    N_ ("No token is given out for the management of resources. In a cloud of another kind the "
        "setting token-audience says what its tokens are for.") },
  { "interaction_required", REPRISE_ERROR_NEEDS_SIGN_IN, N_ ("Sign in again with the browser.") },
  { "login_required", REPRISE_ERROR_NEEDS_SIGN_IN, N_ ("Sign in again with the browser.") },
  { "consent_required", REPRISE_ERROR_DENIED,
    N_ ("Nobody has allowed Reprise to manage Azure for this account yet. Sign in with the browser "
        "and consent, or ask an administrator of the tenant.") },
  { "access_denied", REPRISE_ERROR_NEEDS_SIGN_IN, N_ ("The sign-in was declined.") },
  { "authorization_declined", REPRISE_ERROR_NEEDS_SIGN_IN, N_ ("The sign-in was declined.") },
  { "expired_token", REPRISE_ERROR_NEEDS_SIGN_IN, N_ ("The code has expired. Ask for a new one.") },
  { "bad_verification_code", REPRISE_ERROR_NEEDS_SIGN_IN,
    N_ ("The code is not accepted. Ask for a new one.") },
  { "unauthorized_client", REPRISE_ERROR_INVALID,
    N_ ("The application’s registration does not allow this way of signing in.") },
  { "temporarily_unavailable", REPRISE_ERROR_UNREACHABLE,
    N_ ("The sign-in service is not available. Try again later.") },
  { "server_error", REPRISE_ERROR_UNREACHABLE,
    N_ ("The sign-in service is not available. Try again later.") },
};

/* An error of the protocol as what the person can do about it, and what the server says of it. */
void
reprise_entra_set_error (RepriseEntra *self, const RepriseEntraAnswer *answer, GError **error)
{
  RepriseError code = REPRISE_ERROR_FAILED;
  const char *text = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (ERRORS); i++)
    if (strcmp (ERRORS[i].error, answer->error) == 0)
      {
        code = ERRORS[i].code;
        text = _ (ERRORS[i].text);
      }
  for (guint i = 0; i < G_N_ELEMENTS (CODES); i++)
    if (CODES[i].code == answer->code)
      {
        code = CODES[i].error;
        text = _ (CODES[i].text);
      }
  if (text == NULL)
    text = _ ("The sign-in did not work.");
  if (answer->sentence != NULL && *answer->sentence != '\0')
    reprise_error_set (error, REPRISE_ERROR, code,
                       /* Translators: a sentence of ours, a server, and what it says */
                       _ ("%s (%s says: %s)"), text,
                       self->http != NULL ? reprise_http_get_name (self->http) : self->authority,
                       answer->sentence);
  else
    reprise_error_set_literal (error, REPRISE_ERROR, code, text);
}
