/* reprise-arm.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <stdlib.h>
#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "base/reprise-scrub.h"
#include "base/reprise-wait.h"
#include "net/reprise-http-error.h"
#include "providers/azure/reprise-arm.h"
#include "providers/azure/reprise-azure-cloud.h"

#define MAX_ANSWER_BYTES  (32 * 1024 * 1024)
#define MAX_PAGES         10000
#define MAX_DETAILS       4
#define POLL_MS           10000
#define SLOW_POLL_MS      60000
#define FEW_READS         100 /* that the subscription has left: then it is asked less often */
#define MAX_THROTTLED     5
#define MAX_RETRY_AFTER_S (15 * 60)

struct _RepriseArm
{
  GObject parent_instance;

  RepriseHttp *http; /* (owned) */
  int poll_ms;       /* (atomic) */
  int reads_left;    /* (atomic): of the subscription, as it last said */
};

G_DEFINE_FINAL_TYPE (RepriseArm, reprise_arm, G_TYPE_OBJECT)

static void
reprise_arm_finalize (GObject *object)
{
  g_clear_object (&REPRISE_ARM (object)->http);
  G_OBJECT_CLASS (reprise_arm_parent_class)->finalize (object);
}

static void
reprise_arm_class_init (RepriseArmClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = reprise_arm_finalize;
}

static void
reprise_arm_init (RepriseArm *self)
{
  self->poll_ms = POLL_MS;
  self->reads_left = G_MAXINT;
}

/**
 * reprise_arm_new:
 * @auth: (nullable): puts the token in
 *
 * Returns: (transfer full): it has sent nothing yet; or %NULL with %REPRISE_ERROR_INVALID
 */
RepriseArm *
reprise_arm_new (const char *address, RepriseHttpAuth *auth, GError **error)
{
  g_autoptr (RepriseArm) self = g_object_new (REPRISE_TYPE_ARM, NULL);

  if (!reprise_azure_check_address (address, error))
    return NULL;
  self->http = reprise_http_new (address, NULL, error);
  if (self->http == NULL)
    return NULL;
  reprise_http_set_auth (self->http, auth);
  reprise_http_set_header (self->http, "Accept", "application/json");
  reprise_http_set_explainer (self->http, reprise_arm_explain, NULL, NULL);
  return g_steal_pointer (&self);
}

/* (transfer none) */
RepriseHttp *
reprise_arm_get_http (RepriseArm *self)
{
  return self->http;
}

/* How long to wait between two looks at something that Azure works on, where it does not say. */
guint
reprise_arm_get_poll_ms (RepriseArm *self)
{
  guint ms = (guint) g_atomic_int_get (&self->poll_ms);

  return g_atomic_int_get (&self->reads_left) < FEW_READS ? MAX (ms, SLOW_POLL_MS) : ms;
}

/* For tests. */
void
reprise_arm_set_poll_ms (RepriseArm *self, guint ms)
{
  g_atomic_int_set (&self->poll_ms, (int) ms);
}

static void
note_answer (RepriseArm *self, RepriseHttpResponse *response)
{
  const char *left =
    reprise_http_response_get_header (response, "x-ms-ratelimit-remaining-subscription-reads");

  if (left != NULL)
    g_atomic_int_set (&self->reads_left, atoi (left));
}

/* --- errors --- */

static void
append_sentence (GString *text, const char *sentence)
{
  if (sentence == NULL || *sentence == '\0' || strstr (text->str, sentence) != NULL)
    return;
  if (text->len > 0)
    g_string_append_c (text, ' ');
  g_string_append (text, sentence);
}

/* ARM's own form, or the older one of App Service with capital letters. */
static const char *
get_either (JsonObject *object, const char *newer, const char *older)
{
  return reprise_json_get_string (object, newer, reprise_json_get_string (object, older, NULL));
}

/* (transfer none) (nullable) */
static JsonObject *
find_error (JsonObject *root)
{
  JsonObject *inner = reprise_json_get_object (root, "error");

  return inner != NULL ? inner : root;
}

static void
append_details (GString *text, JsonObject *error)
{
  JsonArray *details = reprise_json_get_array (error, "details");
  guint n;

  if (details == NULL)
    details = reprise_json_get_array (error, "Details");
  n = MIN (reprise_json_array_get_length (details), MAX_DETAILS);
  for (guint i = 0; i < n; i++)
    append_sentence (text,
                     get_either (reprise_json_array_get_object (details, i), "message", "Message"));
}

static JsonObject *
parse (RepriseHttpResponse *response, GError **error)
{
  static const RepriseJsonLimits LIMITS = { .max_bytes = MAX_ANSWER_BYTES,
                                            .error_code = REPRISE_ERROR_PROTOCOL };
  gsize size = 0;
  const char *data = g_bytes_get_data (reprise_http_response_get_body (response), &size);

  return reprise_json_parse_object (data, size, &LIMITS, error);
}

/* What support asks for. */
static const char *
get_request_id (RepriseHttpResponse *response)
{
  const char *id = reprise_http_response_get_header (response, "x-ms-correlation-request-id");

  return id != NULL ? id : reprise_http_response_get_header (response, "x-ms-request-id");
}

/**
 * reprise_arm_explain:
 *
 * Returns: (transfer full) (nullable): what an error's body says: the message, the details, the code, and by which number
 *   support finds the request; without secrets
 */
char *
reprise_arm_explain (RepriseHttpResponse *response, gpointer unused)
{
  g_autoptr (JsonObject) root = parse (response, NULL);
  JsonObject *error = find_error (root);
  const char *code = get_either (error, "code", "Code");
  const char *id = get_request_id (response);
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree char *clean = NULL;

  append_sentence (text, get_either (error, "message", "Message"));
  append_details (text, error);
  if (text->len == 0)
    append_sentence (text, code);
  if (text->len == 0)
    return NULL;
  if (code != NULL && id != NULL)
    /* Translators: behind a sentence of Azure: its code, and a number by which support finds the request */
    g_string_append_printf (text, _ (" (%s, request %s)"), code, id);
  else if (code != NULL)
    g_string_append_printf (text, " (%s)", code);
  clean = reprise_http_clean_sentence (text->str, (gssize) text->len);
  return clean != NULL ? reprise_scrub (clean) : NULL;
}

static gboolean
has_code (JsonObject *root, const char *code)
{
  return g_strcmp0 (get_either (find_error (root), "code", "Code"), code) == 0;
}

/* (transfer full) (nullable): whom to sign in to, of `authorization_uri="https://login…/{tenant}"` */
static char *
find_tenant (RepriseHttpResponse *response)
{
  const char *challenge = reprise_http_response_get_header (response, "WWW-Authenticate");
  const char *at = challenge != NULL ? strstr (challenge, "authorization_uri=\"") : NULL;
  g_autofree char *address = NULL;
  const char *slash;

  if (at == NULL)
    return NULL;
  at += strlen ("authorization_uri=\"");
  address = g_strndup (at, strcspn (at, "\""));
  slash = strrchr (address, '/');
  return slash != NULL && slash[1] != '\0' ? g_strdup (slash + 1) : NULL;
}

/* What the status alone does not say. */
static RepriseHttpVerdict
classify_cb (RepriseHttpResponse *response, gpointer data, GError **error)
{
  guint status = reprise_http_response_get_status (response);
  g_autofree char *said = NULL;
  g_autofree char *tenant = NULL;
  g_autoptr (JsonObject) root = NULL;

  if (status != 401 && status != 409)
    return REPRISE_HTTP_DEFAULT;
  root = parse (response, NULL);
  said = reprise_arm_explain (response, NULL);
  if (status == 409 && has_code (root, "ServiceLocked"))
    reprise_error_set (
      error, REPRISE_ERROR, REPRISE_ERROR_BUSY,
      _ ("Azure is at work on this service. Try again when it is done. It says: %s"), said);
  else if (status == 409 && has_code (root, "ScopeLocked"))
    reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_DENIED,
                       _ ("A lock in Azure protects this resource. It says: %s"), said);
  else if (status == 401 && has_code (root, "InvalidAuthenticationTokenTenant"))
    {
      tenant = find_tenant (response);
      reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_NEEDS_SIGN_IN,
                         _ ("The resource belongs to another tenant. Sign in to the tenant %s."),
                         tenant != NULL ? tenant : "?");
    }
  return error != NULL && *error != NULL ? REPRISE_HTTP_GIVE_UP : REPRISE_HTTP_DEFAULT;
}

/* Notes the status on the way. */
static RepriseHttpVerdict
note_status_cb (RepriseHttpResponse *response, gpointer status, GError **error)
{
  *(guint *) status = reprise_http_response_get_status (response);
  return classify_cb (response, NULL, error);
}

/**
 * reprise_arm_explain_missing:
 * @id: that of the resource which was asked for
 * @error: (inout): if it is %REPRISE_ERROR_NOT_FOUND, it says then which settings lead there
 */
void
reprise_arm_explain_missing (const char *id, GError **error)
{
  g_autofree char *subscription = reprise_arm_id_get (id, "subscriptions");
  g_autofree char *group = reprise_arm_id_get (id, "resourceGroups");
  g_autofree char *name = g_path_get_basename (id);
  g_autoptr (GError) local_error = NULL;

  if (error == NULL || !g_error_matches (*error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND))
    return;
  local_error = g_steal_pointer (error);
  reprise_error_set (
    error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND,
    /* Translators: the names of a resource, of a resource group and of a subscription, and what Azure says */
    _ ("There is no “%s” in the resource group “%s” of the subscription “%s”. Check "
       "these three settings. %s"),
    name, group != NULL ? group : "–", subscription != NULL ? subscription : "–",
    local_error->message);
}

/* --- requests --- */

static RepriseHttpRequest *
make_request (const char *method, const char *path, const char *version, RepriseHttpEffect effect)
{
  RepriseHttpRequest *request = reprise_http_request_new (method, path, effect);

  reprise_http_request_add_query (request, "api-version", version);
  reprise_http_request_set_max_bytes (request, MAX_ANSWER_BYTES);
  reprise_http_request_set_classifier (request, classify_cb, NULL, NULL);
  return request;
}

/* Whether Azure may have acted: also where its answer was good and is of no use, or says of a fault on its side: that may have come up
 * before or after it had begun. That it is asked too much (429) is said before anything is begun. */
static RepriseHttpOutcome
judge (RepriseHttpRequest *request, RepriseHttpResponse *response, gboolean is_clear, guint status)
{
  if (!is_clear && (response != NULL || status == 408 || (status >= 500 && status != 501)))
    return REPRISE_HTTP_NO_ANSWER;
  return reprise_http_request_get_outcome (request);
}

/* An answer without a body is an object without members. */
static JsonObject *
take_object (RepriseArm *self, RepriseHttpResponse *response, GError **error)
{
  note_answer (self, response);
  if (g_bytes_get_size (reprise_http_response_get_body (response)) == 0)
    return json_object_new ();
  return parse (response, error);
}

/* Of a request that starts something, an answer of 429 says that nothing was started: it may be sent again. */
static RepriseHttpResponse *
send_start (RepriseArm *self,
            RepriseHttpRequest *request,
            GCancellable *cancellable,
            GError **error)
{
  reprise_http_request_allow_status (request, 429);
  for (guint try = 1;; try++)
    {
      g_autoptr (RepriseHttpResponse) response =
        reprise_http_send (self->http, request, NULL, cancellable, error);
      g_autofree char *said = NULL;
      int wait_s;

      if (response == NULL || reprise_http_response_get_status (response) != 429)
        return g_steal_pointer (&response);
      wait_s = reprise_http_response_get_retry_after (response);
      if (try >= MAX_THROTTLED || wait_s > MAX_RETRY_AFTER_S)
        {
          said = reprise_arm_explain (response, NULL);
          reprise_error_set (
            error, REPRISE_ERROR, REPRISE_ERROR_BUSY,
            _ ("Azure is asked too much of at the moment. Nothing was started. It says: "
               "%s"),
            said != NULL ? said : "429");
          return NULL;
        }
      if (!reprise_wait (wait_s >= 0 ? (guint64) wait_s * 1000 : reprise_arm_get_poll_ms (self),
                         cancellable, error))
        return NULL;
    }
}

/**
 * reprise_arm_send:
 * @path: from “/subscriptions” on
 * @body: (nullable): JSON
 * @outcome: (out) (optional): whether Azure may have acted
 *
 * Returns: (transfer full): the answer, or %NULL as reprise_http_send(); %REPRISE_ERROR_BUSY also where Azure works on the
 *   resource
 */
JsonObject *
reprise_arm_send (RepriseArm *self,
                  const char *method,
                  const char *path,
                  const char *version,
                  GBytes *body,
                  RepriseHttpEffect effect,
                  RepriseHttpOutcome *outcome,
                  GCancellable *cancellable,
                  GError **error)
{
  g_autoptr (RepriseHttpRequest) request = make_request (method, path, version, effect);
  g_autoptr (RepriseHttpResponse) response = NULL;
  JsonObject *object;
  guint status = 0;

  if (body != NULL)
    reprise_http_request_set_body (request, "application/json", body);
  reprise_http_request_set_classifier (request, note_status_cb, &status, NULL);
  response = effect == REPRISE_HTTP_START
               ? send_start (self, request, cancellable, error)
               : reprise_http_send (self->http, request, NULL, cancellable, error);
  object = response != NULL ? take_object (self, response, error) : NULL;
  if (outcome != NULL)
    *outcome = judge (request, response, object != NULL, status);
  return object;
}

JsonObject *
reprise_arm_get (RepriseArm *self,
                 const char *path,
                 const char *version,
                 GCancellable *cancellable,
                 GError **error)
{
  return reprise_arm_send (self, "GET", path, version, NULL, REPRISE_HTTP_READ, NULL, cancellable,
                           error);
}

/**
 * reprise_arm_start:
 * @outcome: (out) (optional): %REPRISE_HTTP_NO_ANSWER: it is not known whether it was started; look before it is asked for again
 *
 * Starts (POST) what Azure then does by itself.
 *
 * Returns: (transfer full): the operation, to be followed or already done; or %NULL as reprise_arm_send()
 */
RepriseHttpOperation *
reprise_arm_start (RepriseArm *self,
                   const char *path,
                   const char *version,
                   GBytes *body,
                   RepriseHttpOutcome *outcome,
                   GCancellable *cancellable,
                   GError **error)
{
  g_autoptr (RepriseHttpRequest) request = make_request ("POST", path, version, REPRISE_HTTP_START);
  g_autoptr (RepriseHttpResponse) response = NULL;
  RepriseHttpOperation *operation = NULL;
  guint status = 0;

  reprise_http_request_set_body (request, "application/json", body);
  reprise_http_request_set_classifier (request, note_status_cb, &status, NULL);
  response = send_start (self, request, cancellable, error);
  if (response != NULL)
    {
      note_answer (self, response);
      operation = reprise_http_operation_new_from_response (self->http, response, error);
    }
  if (outcome != NULL)
    *outcome = judge (request, response, operation != NULL, status);
  return operation;
}

/* --- lists --- */

static gboolean
take_page (JsonObject *page, RepriseArmEach each, gpointer user_data, GError **error)
{
  JsonArray *values = reprise_json_get_array (page, "value");

  if (values == NULL)
    {
      reprise_error_set_literal (error, REPRISE_ERROR, REPRISE_ERROR_PROTOCOL,
                                 _ ("Azure answered with no list where there should be one."));
      return FALSE;
    }
  for (guint i = 0; i < reprise_json_array_get_length (values); i++)
    {
      JsonObject *item = reprise_json_array_get_object (values, i);

      if (item != NULL && !each (item, user_data, error))
        return FALSE;
    }
  return TRUE;
}

static RepriseHttpRequest *
make_next (RepriseArm *self, const char *link, GError **error)
{
  RepriseHttpRequest *request =
    reprise_http_request_new_at (self->http, "GET", link, REPRISE_HTTP_READ, error);

  if (request == NULL)
    return NULL;
  reprise_http_request_set_max_bytes (request, MAX_ANSWER_BYTES);
  reprise_http_request_set_classifier (request, classify_cb, NULL, NULL);
  return request;
}

/* (transfer full) (nullable): where the list goes on; a list that goes around in circles is an error */
static char *
find_next (JsonObject *page, const char *last, guint n_pages, GError **error)
{
  const char *link = reprise_json_get_string (page, "nextLink", NULL);

  /* “...” stands for nothing more in the official examples, and in whatever answers with them */
  if (link == NULL || *link == '\0' || strcmp (link, "...") == 0)
    return NULL;
  if (n_pages < MAX_PAGES && g_strcmp0 (link, last) != 0)
    return g_strdup (link);
  reprise_error_set_literal (error, REPRISE_ERROR, REPRISE_ERROR_PROTOCOL,
                             _ ("A list of Azure has no end."));
  return NULL;
}

/* Adds names and values of a query that goes with the first page, “name=value&…”, not escaped */
static void
add_query (RepriseHttpRequest *request, const char *query)
{
  g_auto (GStrv) pairs = g_strsplit (query != NULL ? query : "", "&", -1);

  for (guint i = 0; pairs[i] != NULL; i++)
    {
      char *equals = strchr (pairs[i], '=');

      if (equals == NULL)
        continue;
      *equals = '\0';
      reprise_http_request_add_query (request, pairs[i], equals + 1);
    }
}

/**
 * reprise_arm_delete:
 * @query: (nullable): “name=value&…”, not escaped
 *
 * Deletes a resource. One that is not there is deleted.
 */
gboolean
reprise_arm_delete (RepriseArm *self,
                    const char *path,
                    const char *version,
                    const char *query,
                    GCancellable *cancellable,
                    GError **error)
{
  g_autoptr (RepriseHttpRequest) request =
    make_request ("DELETE", path, version, REPRISE_HTTP_WRITE);
  g_autoptr (RepriseHttpResponse) response = NULL;

  add_query (request, query);
  reprise_http_request_allow_status (request, 404);
  response = reprise_http_send (self->http, request, NULL, cancellable, error);
  return response != NULL;
}

/**
 * reprise_arm_walk:
 * @query: (nullable): more for the first page: “name=value&…”, not escaped
 *
 * Calls @each for each item of a list, page after page.
 */
gboolean
reprise_arm_walk (RepriseArm *self,
                  const char *path,
                  const char *version,
                  const char *query,
                  RepriseArmEach each,
                  gpointer user_data,
                  GCancellable *cancellable,
                  GError **error)
{
  g_autoptr (RepriseHttpRequest) request = make_request ("GET", path, version, REPRISE_HTTP_READ);
  g_autofree char *link = NULL;

  add_query (request, query);
  for (guint n_pages = 1;; n_pages++)
    {
      g_autoptr (RepriseHttpResponse) response =
        reprise_http_send (self->http, request, NULL, cancellable, error);
      g_autoptr (JsonObject) page = response != NULL ? take_object (self, response, error) : NULL;
      g_autoptr (GError) local = NULL;
      char *next;

      if (page == NULL || !take_page (page, each, user_data, error))
        return FALSE;
      next = find_next (page, link, n_pages, &local);
      if (local != NULL)
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return FALSE;
        }
      if (next == NULL)
        return TRUE;
      g_free (link);
      link = next;
      g_clear_object (&request);
      request = make_next (self, link, error);
      if (request == NULL)
        return FALSE;
    }
}

/* (transfer full): what is left of a page without its items */
static JsonObject *
cut_page (RepriseArm *self,
          RepriseHttpResponse *response,
          RepriseArmPiece piece,
          gpointer user_data,
          guint64 *n_items,
          GError **error)
{
  g_autoptr (RepriseJsonCutter) cutter = reprise_json_cutter_new ("value", 0, piece, user_data);
  g_autoptr (GBytes) envelope = NULL;
  gsize size = 0;
  const char *data = g_bytes_get_data (reprise_http_response_get_body (response), &size);

  note_answer (self, response);
  if (!reprise_json_cutter_push (cutter, data, size, error) ||
      !reprise_json_cutter_finish (cutter, &envelope, error))
    return NULL;
  *n_items += reprise_json_cutter_get_n_elements (cutter);
  data = g_bytes_get_data (envelope, &size);
  return reprise_json_parse_object (data, size, NULL, error);
}

/**
 * reprise_arm_walk_bytes:
 * @query: (nullable): more for the first page: “name=value&…”, not escaped
 * @piece: is given the items, in pieces, exactly as they came: no number is rounded and no name is lost
 * @n_items: (out): how many there were
 * @count: (out): how many there are in all, as Azure says; -1 where it does not
 *
 * Walks a list, page after page, as reprise_arm_walk() does.
 */
gboolean
reprise_arm_walk_bytes (RepriseArm *self,
                        const char *path,
                        const char *version,
                        const char *query,
                        RepriseArmPiece piece,
                        gpointer user_data,
                        guint64 *n_items,
                        gint64 *count,
                        GCancellable *cancellable,
                        GError **error)
{
  g_autoptr (RepriseHttpRequest) request = make_request ("GET", path, version, REPRISE_HTTP_READ);
  g_autofree char *link = NULL;

  *n_items = 0;
  *count = -1;
  add_query (request, query);
  for (guint n_pages = 1;; n_pages++)
    {
      g_autoptr (RepriseHttpResponse) response =
        reprise_http_send (self->http, request, NULL, cancellable, error);
      g_autoptr (JsonObject) page =
        response != NULL ? cut_page (self, response, piece, user_data, n_items, error) : NULL;
      g_autoptr (GError) local = NULL;
      char *next;

      if (page == NULL)
        return FALSE;
      *count = reprise_json_get_int (page, "count", *count);
      next = find_next (page, link, n_pages, &local);
      if (local != NULL)
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return FALSE;
        }
      if (next == NULL)
        return TRUE;
      g_free (link);
      link = next;
      g_clear_object (&request);
      request = make_next (self, link, error);
      if (request == NULL)
        return FALSE;
    }
}

/* --- resource IDs --- */

/**
 * reprise_arm_id_get:
 * @id: “/subscriptions/…/resourceGroups/rg1/…”
 * @segment: “resourceGroups”, in any case
 *
 * Returns: (transfer full) (nullable): what follows it: “rg1”
 */
char *
reprise_arm_id_get (const char *id, const char *segment)
{
  g_auto (GStrv) parts = g_strsplit (id != NULL ? id : "", "/", -1);

  for (guint i = 0; parts[i] != NULL && parts[i + 1] != NULL; i++)
    if (g_ascii_strcasecmp (parts[i], segment) == 0 && *parts[i + 1] != '\0')
      return g_strdup (parts[i + 1]);
  return NULL;
}

/**
 * reprise_arm_path:
 * @first: a segment, not escaped; or one that begins with “/”, which is a path as it is: a resource ID
 *
 * Returns: (transfer full): the path of a request
 */
char *
reprise_arm_path (const char *first, ...)
{
  GString *path = g_string_new (NULL);
  va_list args;

  va_start (args, first);
  for (const char *each = first; each != NULL; each = va_arg (args, const char *))
    {
      g_autofree char *escaped = NULL;

      if (*each == '/')
        {
          g_string_append (path, each);
          continue;
        }
      escaped = reprise_http_path (each, NULL);
      g_string_append_printf (path, "/%s", escaped);
    }
  va_end (args);
  return g_string_free (path, FALSE);
}
