/* reprise-http-error.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/reprise-error.h"
#include "base/reprise-scrub.h"
#include "net/reprise-http-error.h"
#include "net/reprise-json.h"

#define MAX_SENTENCE_BYTES 500
#define MAX_ERROR_BYTES    (64 * 1024)

static gboolean
is_lost (const GError *reason)
{
  return g_error_matches (reason, G_IO_ERROR, G_IO_ERROR_PARTIAL_INPUT) ||
         g_error_matches (reason, G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED) ||
         g_error_matches (reason, G_IO_ERROR, G_IO_ERROR_BROKEN_PIPE) ||
         g_error_matches (reason, G_IO_ERROR, G_IO_ERROR_TIMED_OUT) ||
         g_error_matches (reason, G_IO_ERROR, G_IO_ERROR_CLOSED) ||
         g_error_matches (reason, G_IO_ERROR, G_IO_ERROR_NOT_CONNECTED) ||
         g_error_matches (reason, G_IO_ERROR, G_IO_ERROR_NETWORK_UNREACHABLE) ||
         g_error_matches (reason, G_IO_ERROR, G_IO_ERROR_HOST_UNREACHABLE) ||
         g_error_matches (reason, G_IO_ERROR, G_IO_ERROR_FAILED);
}

static void
set_connect_error (GError **error, const GError *reason, const char *name)
{
  if (reason->domain == G_RESOLVER_ERROR)
    reprise_error_set (
      error, REPRISE_ERROR, REPRISE_ERROR_UNREACHABLE,
      _ ("No server is known under the name %s. Check the address and the network."), name);
  else if (g_error_matches (reason, G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED))
    reprise_error_set (
      error, REPRISE_ERROR, REPRISE_ERROR_UNREACHABLE,
      _ ("Nothing answers at %s. Check that the service runs and that the port is right."), name);
  else if (reason->domain == G_IO_ERROR && (reason->code == G_IO_ERROR_PROXY_FAILED ||
                                            reason->code == G_IO_ERROR_PROXY_AUTH_FAILED ||
                                            reason->code == G_IO_ERROR_PROXY_NEED_AUTH ||
                                            reason->code == G_IO_ERROR_PROXY_NOT_ALLOWED))
    reprise_error_set (
      error, REPRISE_ERROR, REPRISE_ERROR_UNREACHABLE,
      _ ("The network’s proxy did not let the connection to %s through. Check the proxy settings."),
      name);
  else
    reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_UNREACHABLE,
                       _ ("%s cannot be reached. Check the network and the address."), name);
}

static void
set_tls_error (GError **error, const GError *reason, const char *name)
{
  if (g_error_matches (reason, G_TLS_ERROR, G_TLS_ERROR_NOT_TLS))
    reprise_error_set (
      error, REPRISE_ERROR, REPRISE_ERROR_PROTOCOL,
      _ ("%s does not speak https there. Check the port, or whether the address begins "
         "with http://."),
      name);
  else if (g_error_matches (reason, G_TLS_ERROR, G_TLS_ERROR_CERTIFICATE_REQUIRED))
    reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_DENIED,
                       _ ("%s asks for a certificate of the client, which is not supported."),
                       name);
  else
    reprise_error_set (
      error, REPRISE_ERROR, REPRISE_ERROR_PROTOCOL,
      _ ("No safe connection to %s could be made: the encryption failed. The server may "
         "be too old, or "
         "something stands in between."),
      name);
}

/**
 * reprise_http_translate_error:
 * @reason: what libsoup or GIO report
 * @sent: whether the request, or part of it, went out
 * @answered: whether headers came
 *
 * Says in a sentence what happened to a connection.
 *
 * Returns: how the try ended
 */
RepriseExchangeEnd
reprise_http_translate_error (const GError *reason,
                              const char *name,
                              gboolean sent,
                              gboolean answered,
                              GError **error)
{
  if (g_error_matches (reason, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      g_propagate_error (error, g_error_copy (reason));
      return REPRISE_EXCHANGE_CANCELLED;
    }
  if (reason->domain == REPRISE_ERROR)
    {
      g_propagate_error (error, g_error_copy (reason));
      return REPRISE_EXCHANGE_REFUSED;
    }
  if (reason->domain == G_TLS_ERROR && reason->code != G_TLS_ERROR_EOF && !answered)
    {
      set_tls_error (error, reason, name);
      return REPRISE_EXCHANGE_REFUSED;
    }
  if (answered)
    {
      reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_STALLED,
                         _ ("The connection to %s broke in the middle of the answer."), name);
      return REPRISE_EXCHANGE_CUT;
    }
  if (!sent)
    {
      set_connect_error (error, reason, name);
      return REPRISE_EXCHANGE_NO_CONNECTION;
    }
  if (is_lost (reason) || reason->domain == G_TLS_ERROR)
    {
      reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_UNREACHABLE,
                         _ ("The connection to %s broke before there was an answer."), name);
      return REPRISE_EXCHANGE_LOST;
    }
  reprise_error_set (
    error, REPRISE_ERROR, REPRISE_ERROR_PROTOCOL,
    _ ("What %s answered is not HTTP as it should be. Check the address and the port."), name);
  return REPRISE_EXCHANGE_REFUSED;
}

/**
 * reprise_http_clean_sentence:
 * @length: in bytes, or -1
 *
 * Returns: (transfer full) (nullable): text from a server made fit to be shown: one line, valid, of limited length,
 *   without secrets; or %NULL if nothing is left
 */
char *
reprise_http_clean_sentence (const char *text, gssize length)
{
  g_autofree char *valid = g_utf8_make_valid (text, length < 0 ? (gssize) strlen (text) : length);
  GString *sentence = g_string_new (NULL);
  gboolean space = FALSE;
  char *clean;

  for (const char *c = valid; *c != '\0' && sentence->len < MAX_SENTENCE_BYTES;
       c = g_utf8_next_char (c))
    {
      gunichar character = g_utf8_get_char (c);

      if (g_unichar_isspace (character) || g_unichar_iscntrl (character))
        space = sentence->len > 0;
      else if (g_unichar_type (character) != G_UNICODE_FORMAT)
        {
          if (space)
            g_string_append_c (sentence, ' ');
          g_string_append_unichar (sentence, character);
          space = FALSE;
        }
    }
  if (sentence->len == 0)
    return g_string_free (sentence, TRUE);
  if (sentence->len >= MAX_SENTENCE_BYTES)
    g_string_append (sentence, "…");
  clean = reprise_scrub (sentence->str);
  g_string_free (sentence, TRUE);
  return clean;
}

/* What an object says in one of the places where servers put a sentence. */
static const char *
find_sentence (JsonObject *object)
{
  static const char *const places[] = {
    "error.message",     /* Azure; NocoBase's gateway */
    "message",           /* many */
    "Message",           /* App Service's older form */
    "error_description", /* OAuth (RFC 6749 §5.2) */
    "reason",            /* CouchDB */
    "detail",            /* problem+json (RFC 9457) */
    "title",
    "msg",   /* Milvus */
    "error", /* a text alone */
  };

  for (gsize i = 0; i < G_N_ELEMENTS (places); i++)
    {
      const char *sentence = reprise_json_get_string (object, places[i], NULL);

      if (sentence != NULL && *sentence != '\0')
        return sentence;
    }
  return NULL;
}

static char *
explain_json (const char *data, gsize size)
{
  RepriseJsonLimits limits = { .max_bytes = MAX_ERROR_BYTES };
  g_autoptr (JsonObject) object = reprise_json_parse_object (data, size, &limits, NULL);
  JsonArray *errors = reprise_json_get_array (object, "errors");
  JsonObject *data_object = reprise_json_get_object (object, "data");
  const char *sentence = NULL;

  if (object == NULL)
    return NULL;
  if (errors != NULL)
    sentence = reprise_json_get_string (reprise_json_array_get_object (errors, 0), "message", NULL);
  if (sentence == NULL)
    sentence = find_sentence (object);
  if (sentence == NULL && data_object != NULL)
    sentence = find_sentence (data_object);
  return sentence != NULL ? reprise_http_clean_sentence (sentence, -1) : NULL;
}

/* Storage services answer <Error><Code>…</Code><Message>…</Message></Error>; of it the text of the message is wanted */
static char *
explain_xml (const char *data, gsize size)
{
  static const char begin[] = "<Message>", end[] = "</Message>";
  const char *from = g_strstr_len (data, (gssize) size, begin);
  const char *to;

  if (from == NULL)
    return NULL;
  from += strlen (begin);
  to = g_strstr_len (from, (gssize) size - (from - data), end);
  return to != NULL ? reprise_http_clean_sentence (from, to - from) : NULL;
}

/**
 * reprise_http_explain:
 *
 * Returns: (transfer full) (nullable): what the body of an error says, in any of the usual forms
 */
char *
reprise_http_explain (RepriseHttpResponse *response)
{
  g_autofree char *type = reprise_http_response_dup_content_type (response);
  gsize size = 0;
  const char *data = g_bytes_get_data (reprise_http_response_get_body (response), &size);
  char *sentence;

  if (type == NULL || data == NULL)
    return NULL;
  if (g_strcmp0 (type, "application/json") == 0 || g_str_has_suffix (type, "+json"))
    return explain_json (data, size);
  if (g_strcmp0 (type, "application/xml") == 0 || g_strcmp0 (type, "text/xml") == 0)
    return explain_xml (data, size);
  if (g_strcmp0 (type, "text/plain") != 0)
    return NULL;
  sentence = explain_json (data, size);
  return sentence != NULL ? sentence : reprise_http_clean_sentence (data, (gssize) size);
}

static RepriseError
code_of_status (guint status)
{
  switch (status)
    {
    case 401:
      return REPRISE_ERROR_NEEDS_SIGN_IN;
    case 403:
      return REPRISE_ERROR_DENIED;
    case 404:
    case 410:
      return REPRISE_ERROR_NOT_FOUND;
    case 405:
    case 501:
      return REPRISE_ERROR_NOT_SUPPORTED;
    case 400:
    case 409:
    case 412:
    case 422:
      return REPRISE_ERROR_REFUSED;
    case 413:
    case 414:
    case 431:
    case 507:
      return REPRISE_ERROR_LIMIT;
    case 423:
    case 429:
      return REPRISE_ERROR_BUSY;
    case 407:
    case 408:
    case 502:
    case 503:
    case 504:
      return REPRISE_ERROR_UNREACHABLE;
    default:
      return status >= 400 ? REPRISE_ERROR_FAILED : REPRISE_ERROR_PROTOCOL;
    }
}

static const char *
sentence_of_status (guint status)
{
  switch (status)
    {
    case 401:
      return _ ("%s does not accept the sign-in. Sign in again.");
    case 403:
      return _ ("%s does not allow this account to do that.");
    case 404:
    case 410:
      return _ ("%s does not know what was asked for.");
    case 405:
    case 501:
      return _ ("%s cannot do that.");
    case 407:
      return _ ("The proxy in front of %s asks for a sign-in. Check the proxy settings.");
    case 409:
      return _ ("%s refused, since something else stands against it.");
    case 412:
      return _ ("%s refused, since it changed in the meantime.");
    case 413:
      return _ ("%s does not accept so much data. A proxy in front of it may set the limit.");
    case 423:
      return _ ("%s is locked by other work. Wait until that is done.");
    case 429:
      return _ ("%s is asked too often. Wait a while.");
    case 408:
    case 502:
    case 503:
    case 504:
      return _ ("%s is not available at the moment. Try again later.");
    case 507:
      return _ ("%s has no space left.");
    default:
      return status >= 500 ? _ ("%s failed while it worked on the request.")
                           : _ ("%s refused the request.");
    }
}

/**
 * reprise_http_set_status_error:
 * @explanation: (nullable): what the server itself says
 * @retry_after: seconds for which the server asks to wait, or -1
 *
 * Says in a sentence what a status means.
 */
void
reprise_http_set_status_error (GError **error,
                               guint status,
                               const char *name,
                               const char *explanation,
                               int retry_after)
{
  g_autofree char *sentence = NULL;

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
  sentence = g_strdup_printf (sentence_of_status (status), name);
#pragma GCC diagnostic pop
  if (explanation != NULL)
    /* Translators: a sentence of ours, the number of an HTTP status, and what the server says itself */
    reprise_error_set (error, REPRISE_ERROR, code_of_status (status),
                       _ ("%s (HTTP %u) It says: %s"), sentence, status, explanation);
  else if (retry_after > 0)
    reprise_error_set (error, REPRISE_ERROR, code_of_status (status),
                       ngettext ("%s (HTTP %u) It asks to wait for %d second.",
                                 "%s (HTTP %u) It asks to wait for %d seconds.",
                                 (gulong) retry_after),
                       sentence, status, retry_after);
  else
    reprise_error_set (error, REPRISE_ERROR, code_of_status (status), _ ("%s (HTTP %u)"), sentence,
                       status);
}
