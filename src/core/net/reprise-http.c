/* reprise-http.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "net/reprise-http-error.h"
#include "net/reprise-http-private.h"
#include "net/reprise-json-scanner.h"

#define CONNECT_MS      20000
#define CONTINUE_MS     5000
#define FIRST_WAIT_MS   1000
#define LONGEST_WAIT_MS (5 * 60 * 1000)

G_DEFINE_FINAL_TYPE (RepriseHttp, reprise_http, G_TYPE_OBJECT)

static guint default_first_wait_ms = FIRST_WAIT_MS, default_longest_wait_ms = LONGEST_WAIT_MS;

static void
reprise_http_finalize (GObject *object)
{
  RepriseHttp *self = REPRISE_HTTP (object);

  reprise_http_set_explainer (self, NULL, NULL, NULL);
  reprise_http_set_log (self, NULL, NULL, NULL);
  g_clear_pointer (&self->address, g_uri_unref);
  g_free (self->name);
  g_free (self->pin);
  g_clear_object (&self->auth);
  g_clear_pointer (&self->headers, soup_message_headers_unref);
  G_OBJECT_CLASS (reprise_http_parent_class)->finalize (object);
}

static void
reprise_http_class_init (RepriseHttpClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = reprise_http_finalize;
}

/* How long repeated requests of all that are made from now on wait; before the first thread that makes one. */
void
reprise_http_set_default_backoff (guint first_ms, guint longest_ms)
{
  default_first_wait_ms = first_ms;
  default_longest_wait_ms = longest_ms;
}

static void
reprise_http_init (RepriseHttp *self)
{
  self->headers = soup_message_headers_new (SOUP_MESSAGE_HEADERS_REQUEST);
  self->connect_ms = CONNECT_MS;
  self->continue_ms = CONTINUE_MS;
  self->first_wait_ms = default_first_wait_ms;
  self->longest_wait_ms = default_longest_wait_ms;
}

/**
 * reprise_http_new:
 * @address: of the server: http or https, host, maybe port and path
 * @pin_sha256: (nullable): the SHA-256 of the one certificate to trust, or %NULL for the system's authorities
 *
 * Returns: (transfer full): ready to be set up, or %NULL with %REPRISE_ERROR_INVALID
 */
RepriseHttp *
reprise_http_new (const char *address, const char *pin_sha256, GError **error)
{
  g_autoptr (RepriseHttp) self = g_object_new (REPRISE_TYPE_HTTP, NULL);
  gboolean pinned = pin_sha256 != NULL && *pin_sha256 != '\0';

  self->address = reprise_http_parse_address (address, error);
  if (self->address == NULL)
    return NULL;
  self->name = reprise_http_get_uri_name (self->address);
  if (pinned && (self->pin = reprise_http_pin_normalise (pin_sha256, error)) == NULL)
    return NULL;
  if (pinned && !reprise_http_is_secure (self))
    {
      reprise_error_set_literal (
        error, REPRISE_ERROR, REPRISE_ERROR_INVALID,
        _ ("A certificate can be confirmed only for an address that begins with https://."));
      return NULL;
    }
  return g_steal_pointer (&self);
}

void
reprise_http_set_auth (RepriseHttp *self, RepriseHttpAuth *auth)
{
  g_set_object (&self->auth, auth);
}

/* A header of every request; never a credential. */
void
reprise_http_set_header (RepriseHttp *self, const char *name, const char *value)
{
  soup_message_headers_replace (self->headers, name, value);
}

/* Until there must be a connection, its encryption included; 20 s by default. */
void
reprise_http_set_connect_timeout (RepriseHttp *self, guint timeout_ms)
{
  self->connect_ms = timeout_ms;
}

void
reprise_http_set_continue_timeout (RepriseHttp *self, guint timeout_ms)
{
  self->continue_ms = timeout_ms;
}

void
reprise_http_set_backoff (RepriseHttp *self, guint first_ms, guint longest_ms)
{
  self->first_wait_ms = first_ms;
  self->longest_wait_ms = longest_ms;
}

void
reprise_http_set_explainer (RepriseHttp *self,
                            RepriseHttpExplainer explainer,
                            gpointer user_data,
                            GDestroyNotify destroy)
{
  if (self->explainer_destroy != NULL)
    self->explainer_destroy (self->explainer_data);
  self->explainer = explainer;
  self->explainer_data = user_data;
  self->explainer_destroy = destroy;
}

/* @log is called in the workers. */
void
reprise_http_set_log (RepriseHttp *self,
                      RepriseHttpLog log,
                      gpointer user_data,
                      GDestroyNotify destroy)
{
  if (self->log_destroy != NULL)
    self->log_destroy (self->log_data);
  self->log = log;
  self->log_data = user_data;
  self->log_destroy = destroy;
}

/* The server as people are told of it. */
const char *
reprise_http_get_name (RepriseHttp *self)
{
  return self->name;
}

/* (transfer none) */
GUri *
reprise_http_get_address (RepriseHttp *self)
{
  return self->address;
}

gboolean
reprise_http_is_secure (RepriseHttp *self)
{
  return g_strcmp0 (g_uri_get_scheme (self->address), "https") == 0;
}

/* The origin of the address itself, or with https a name below its host. */
static gboolean
may_have_credentials (RepriseHttp *self, GUri *uri)
{
  g_autofree char *below = g_strconcat (".", g_uri_get_host (self->address), NULL);
  g_autofree char *host = g_ascii_strdown (g_uri_get_host (uri), -1);

  if (reprise_http_same_origin (self->address, uri))
    return TRUE;
  return self->pin == NULL && reprise_http_is_secure (self) &&
         g_strcmp0 (g_uri_get_scheme (uri), "https") == 0 &&
         g_hostname_is_ip_address (g_uri_get_host (self->address)) == FALSE &&
         g_str_has_suffix (host, below) && g_uri_get_port (uri) == g_uri_get_port (self->address);
}

/**
 * reprise_http_request_new_at:
 * @uri: a whole address, as a server gives one for a next page or an operation
 *
 * Returns: (transfer full): a request for it, or %NULL with %REPRISE_ERROR_PROTOCOL where it is not on this server
 */
RepriseHttpRequest *
reprise_http_request_new_at (RepriseHttp *self,
                             const char *method,
                             const char *uri,
                             RepriseHttpEffect effect,
                             GError **error)
{
  g_autoptr (GUri) parsed = g_uri_parse_relative (self->address, uri, SOUP_HTTP_URI_FLAGS, NULL);
  RepriseHttpRequest *request;

  if (parsed == NULL || g_uri_get_host (parsed) == NULL || g_uri_get_userinfo (parsed) != NULL ||
      !may_have_credentials (self, parsed))
    {
      reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_PROTOCOL,
                         _ ("%s names an address that is not its own. It was not followed."),
                         self->name);
      return NULL;
    }
  request = reprise_http_request_new (method, g_uri_get_path (parsed), effect);
  request->uri = g_steal_pointer (&parsed);
  if (g_uri_get_query (request->uri) != NULL)
    g_string_append (request->query, g_uri_get_query (request->uri));
  return request;
}

/* (transfer full): where @request goes, without its query */
GUri *
reprise_http_resolve (RepriseHttp *self, RepriseHttpRequest *request)
{
  GUri *base = request->uri != NULL ? request->uri : self->address;
  g_autofree char *path = NULL;

  if (request->uri != NULL || *request->path == '/')
    path = g_strdup (request->path);
  else
    path = g_strconcat (g_uri_get_path (self->address), request->path, NULL);
  return g_uri_build (SOUP_HTTP_URI_FLAGS, g_uri_get_scheme (base), NULL, g_uri_get_host (base),
                      g_uri_get_port (base), path,
                      request->query->len > 0 ? request->query->str : NULL, NULL);
}

static void
copy_header_cb (const char *name, const char *value, gpointer data)
{
  soup_message_headers_replace (data, name, value);
}

/* To another origin only what a storage needs goes along. */
static void
copy_plain_headers (SoupMessageHeaders *from, SoupMessageHeaders *to)
{
  static const char *const plain[] = { "Accept", "Range", "If-Match" };

  for (gsize i = 0; i < G_N_ELEMENTS (plain); i++)
    if (soup_message_headers_get_one (from, plain[i]) != NULL)
      soup_message_headers_replace (to, plain[i], soup_message_headers_get_one (from, plain[i]));
}

/**
 * reprise_http_make_message:
 * @uri: with its query
 * @grant: (nullable): the credential, or %NULL for another origin
 *
 * Returns: (transfer full): the message of one try
 */
SoupMessage *
reprise_http_make_message (RepriseHttp *self,
                           RepriseHttpRequest *request,
                           GUri *uri,
                           RepriseHttpGrant *grant)
{
  g_autofree char *query = NULL;
  g_autoptr (GUri) full = NULL;
  SoupMessageHeaders *headers;
  SoupMessage *message;

  if (grant != NULL && grant->query != NULL)
    query = g_uri_get_query (uri) != NULL
              ? g_strconcat (g_uri_get_query (uri), "&", grant->query, NULL)
              : g_strdup (grant->query);
  full = g_uri_build (SOUP_HTTP_URI_FLAGS, g_uri_get_scheme (uri), NULL, g_uri_get_host (uri),
                      g_uri_get_port (uri), g_uri_get_path (uri),
                      query != NULL ? query : g_uri_get_query (uri), NULL);
  message = soup_message_new_from_uri (request->method, full);
  headers = soup_message_get_request_headers (message);
  if (grant == NULL)
    copy_plain_headers (request->headers, headers);
  else
    {
      soup_message_headers_foreach (self->headers, copy_header_cb, headers);
      soup_message_headers_foreach (request->headers, copy_header_cb, headers);
      soup_message_headers_foreach (grant->headers, copy_header_cb, headers);
    }
  soup_message_headers_replace (headers, "Accept-Encoding",
                                request->accept_gzip ? "gzip, identity" : "identity");
  soup_message_add_flags (message, SOUP_MESSAGE_NO_REDIRECT);
  return message;
}

/**
 * reprise_http_get_backoff:
 * @try: that failed, from 1
 * @retry_after: what the server asks for, in seconds, or -1
 *
 * Returns: how many milliseconds to wait: exponential with full jitter, or as the server asks
 */
guint
reprise_http_get_backoff (RepriseHttp *self, guint try, int retry_after)
{
  double longest = MIN ((double) self->longest_wait_ms,
                        (double) self->first_wait_ms * (double) (1u << MIN (try - 1, 20)));
  double wait = g_random_double_range (0, longest);

  if (retry_after > 0)
    wait = (double) retry_after * 1000 + MIN (wait, 1000);
  return (guint) wait;
}

/* (transfer full) (nullable): what an answer says that went wrong, by the service's explainer where it has one */
char *
reprise_http_explain_answer (RepriseHttp *self, RepriseHttpResponse *response)
{
  char *explanation = NULL;

  if (self->explainer != NULL)
    explanation = self->explainer (response, self->explainer_data);
  return explanation != NULL ? explanation : reprise_http_explain (response);
}

/* What an answer that is no success means, in a sentence. */
static void
set_answer_error (RepriseHttp *self, RepriseHttpResponse *response, GError **error)
{
  g_autofree char *explanation = reprise_http_explain_answer (self, response);

  reprise_http_set_status_error (error, reprise_http_response_get_status (response), self->name,
                                 explanation, reprise_http_response_get_retry_after (response));
}

static gboolean
is_allowed (RepriseHttpRequest *request, guint status)
{
  for (guint i = 0; i < request->allowed->len; i++)
    if (g_array_index (request->allowed, guint, i) == status)
      return TRUE;
  return FALSE;
}

static RepriseHttpVerdict
verdict_of_status (RepriseHttpRequest *request, guint status)
{
  if (is_allowed (request, status) || (status >= 200 && status < 300))
    return REPRISE_HTTP_DONE;
  switch (status)
    {
    case 401:
      return REPRISE_HTTP_SIGN_IN;
    case 408:
    case 425:
    case 429:
    case 500:
    case 502:
    case 503:
    case 504:
      return REPRISE_HTTP_RETRY;
    default:
      return REPRISE_HTTP_GIVE_UP;
    }
}

/* What an answer means; @error is set unless it is done. */
RepriseHttpVerdict
reprise_http_classify (RepriseHttp *self,
                       RepriseHttpRequest *request,
                       RepriseHttpResponse *response,
                       GError **error)
{
  RepriseHttpVerdict verdict = REPRISE_HTTP_DEFAULT;
  g_autoptr (GError) reason = NULL;

  if (request->classifier != NULL)
    verdict = request->classifier (response, request->classifier_data, &reason);
  if (verdict == REPRISE_HTTP_DEFAULT)
    verdict = verdict_of_status (request, reprise_http_response_get_status (response));
  if (verdict == REPRISE_HTTP_DONE)
    return verdict;
  if (reason == NULL)
    set_answer_error (self, response, &reason);
  g_propagate_error (error, g_steal_pointer (&reason));
  return verdict;
}

static gboolean
expects (RepriseHttpRequest *request, const char *type)
{
  if (request->expected_types == NULL)
    return FALSE;
  for (guint i = 0; request->expected_types[i] != NULL; i++)
    if (g_ascii_strcasecmp (request->expected_types[i], type) == 0)
      return TRUE;
  return FALSE;
}

static gboolean
fits_type (RepriseHttpRequest *request, const char *type, gboolean streaming)
{
  if (request->expected_types == NULL)
    return !streaming || g_strcmp0 (type, "text/html") != 0;
  if (type == NULL || expects (request, type))
    return TRUE;
  return expects (request, "application/json") && g_str_has_suffix (type, "+json");
}

typedef enum
{
  SHAPE_WHOLE,
  SHAPE_CUT,
  SHAPE_WRONG,
} Shape;

/* JSON shows by itself whether it is all there: this is how a body of unproven length is proven. */
static Shape
get_json_shape (GBytes *body)
{
  g_autoptr (RepriseJsonScanner) scanner = reprise_json_scanner_new (NULL);
  gsize size = 0;
  const char *data = g_bytes_get_data (body, &size);

  if (!reprise_json_scanner_push (scanner, data, size, NULL))
    return SHAPE_WRONG;
  return reprise_json_scanner_finish (scanner, NULL) ? SHAPE_WHOLE : SHAPE_CUT;
}

static gboolean
looks_like_html (RepriseHttpResponse *response, const char *type)
{
  const char *text = reprise_http_response_get_text (response);

  return g_strcmp0 (type, "text/html") == 0 || g_strcmp0 (type, "application/xhtml+xml") == 0 ||
         g_ascii_strncasecmp (text, "<!doctype html", 14) == 0 ||
         g_ascii_strncasecmp (text, "<html", 5) == 0;
}

/* Compressed though nobody asked for that: what is in it stays unread. */
static gboolean
is_encoded (RepriseHttpRequest *request, RepriseHttpResponse *response)
{
  const char *encoding = reprise_http_response_get_header (response, "Content-Encoding");

  return !request->accept_gzip && encoding != NULL && *encoding != '\0' &&
         g_ascii_strcasecmp (encoding, "identity") != 0;
}

/* Whether a good answer is what was asked for, by its type and, for JSON, its outer shape. */
gboolean
reprise_http_check_type (RepriseHttp *self,
                         RepriseHttpRequest *request,
                         RepriseHttpResponse *response,
                         gboolean streaming,
                         GError **error)
{
  g_autofree char *type = reprise_http_response_dup_content_type (response);
  GBytes *body = reprise_http_response_get_body (response);
  guint status = reprise_http_response_get_status (response);
  Shape shape = SHAPE_WHOLE;

  if (status < 200 || status >= 300 || status == 204 || g_strcmp0 (request->method, "HEAD") == 0)
    return TRUE;
  if (is_encoded (request, response))
    {
      reprise_error_set (
        error, REPRISE_ERROR, REPRISE_ERROR_PROTOCOL,
        _ ("%s compresses its answers though it was asked not to. Something between may be "
           "broken."),
        reprise_http_get_name (self));
      return FALSE;
    }
  if (fits_type (request, type, streaming))
    {
      if (!streaming && expects (request, "application/json"))
        shape = get_json_shape (body);
      if (shape == SHAPE_WHOLE)
        return TRUE;
    }
  if (looks_like_html (response, type))
    reprise_error_set (
      error, REPRISE_ERROR, REPRISE_ERROR_PROTOCOL,
      _ ("%s answered with a web page where data was expected. A sign-in page or a "
         "proxy may stand in "
         "between: check the address."),
      self->name);
  else if (shape == SHAPE_CUT && !reprise_http_response_is_length_proven (response))
    reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_STALLED,
                       _ ("The connection to %s broke in the middle of the answer."), self->name);
  else
    reprise_error_set (
      error, REPRISE_ERROR, REPRISE_ERROR_PROTOCOL,
      _ ("%s answered with something else than the data that was expected. Check the address."),
      self->name);
  return FALSE;
}

/**
 * reprise_http_send:
 * @progress: (nullable): told of the bytes of a body that is a stream, of stalls and of repetitions
 *
 * Sends @request and waits for the answer. Blocks: for workers.
 *
 * Returns: (transfer full): a good answer, or one that the request allows; or %NULL with @error: %REPRISE_ERROR by
 *   what happened, %G_IO_ERROR_CANCELLED, or why the body could not be read
 */
RepriseHttpResponse *
reprise_http_send (RepriseHttp *self,
                   RepriseHttpRequest *request,
                   RepriseProgress *progress,
                   GCancellable *cancellable,
                   GError **error)
{
  g_auto (RepriseHttpRun) run = {
    .http = self, .request = request, .progress = progress, .cancellable = cancellable
  };

  if (!reprise_http_run (&run, error))
    return NULL;
  return g_steal_pointer (&run.response);
}

/**
 * reprise_http_download:
 * @sink: where the bytes go
 * @proof: (out) (optional): what is known of the data; clear it with reprise_http_proof_clear()
 *
 * Sends @request and hands the body of the answer to @sink as it comes, in constant memory. What was cut is resumed
 * where the server can do that for exactly the same thing, else begun anew where the sink can. That the stream ended
 * proves nothing: see @proof. Blocks: for workers.
 *
 * Returns: %FALSE with @error, as reprise_http_send() does, or as @sink says
 */
gboolean
reprise_http_download (RepriseHttp *self,
                       RepriseHttpRequest *request,
                       const RepriseHttpSink *sink,
                       gpointer sink_data,
                       RepriseProgress *progress,
                       RepriseHttpProof *proof,
                       GCancellable *cancellable,
                       GError **error)
{
  g_auto (RepriseHttpProof) own = { 0 };
  g_auto (RepriseHttpRun) run = { .http = self,
                                  .request = request,
                                  .sink = sink,
                                  .sink_data = sink_data,
                                  .proof = &own,
                                  .progress = progress,
                                  .cancellable = cancellable };
  gboolean ok = reprise_http_run (&run, error);

  if (proof != NULL)
    {
      *proof = own;
      own = (RepriseHttpProof){ 0 };
    }
  return ok;
}
