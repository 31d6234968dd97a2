/* reprise-http-request.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "net/reprise-http-private.h"

#define HEADER_MS   60000
#define STALL_BYTES 1024
#define STALL_MS    30000
#define MAX_TRIES   8
#define MAX_BYTES   (8 * 1024 * 1024)

G_DEFINE_FINAL_TYPE (RepriseHttpRequest, reprise_http_request, G_TYPE_OBJECT)

static void
reprise_http_request_finalize (GObject *object)
{
  RepriseHttpRequest *self = REPRISE_HTTP_REQUEST (object);

  reprise_http_request_set_classifier (self, NULL, NULL, NULL);
  reprise_http_request_set_check (self, NULL, NULL, NULL);
  g_free (self->method);
  g_free (self->path);
  g_clear_pointer (&self->uri, g_uri_unref);
  g_string_free (self->query, TRUE);
  g_clear_pointer (&self->headers, soup_message_headers_unref);
  g_clear_pointer (&self->body, reprise_http_body_unref);
  g_free (self->boundary);
  g_strfreev (self->expected_types);
  g_array_unref (self->allowed);
  g_free (self->etag);
  G_OBJECT_CLASS (reprise_http_request_parent_class)->finalize (object);
}

static void
reprise_http_request_class_init (RepriseHttpRequestClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = reprise_http_request_finalize;
}

static void
reprise_http_request_init (RepriseHttpRequest *self)
{
  self->query = g_string_new (NULL);
  self->headers = soup_message_headers_new (SOUP_MESSAGE_HEADERS_REQUEST);
  self->allowed = g_array_new (FALSE, FALSE, sizeof (guint));
  self->header_ms = HEADER_MS;
  self->stall_bytes = STALL_BYTES;
  self->stall_ms = STALL_MS;
  self->max_tries = MAX_TRIES;
  self->max_bytes = MAX_BYTES;
}

/**
 * reprise_http_request_new:
 * @path: escaped (see reprise_http_path()); below the address of the #RepriseHttp, or from “/” on its host
 */
RepriseHttpRequest *
reprise_http_request_new (const char *method, const char *path, RepriseHttpEffect effect)
{
  RepriseHttpRequest *self = g_object_new (REPRISE_TYPE_HTTP_REQUEST, NULL);

  self->method = g_strdup (method);
  self->path = g_strdup (path);
  self->effect = effect;
  return self;
}

/* Neither is escaped yet. */
void
reprise_http_request_add_query (RepriseHttpRequest *self, const char *name, const char *value)
{
  reprise_http_append_query (self->query, name, value);
}

/* @value (nullable): %NULL removes it. Never a credential: those come from the #RepriseHttpAuth. */
void
reprise_http_request_set_header (RepriseHttpRequest *self, const char *name, const char *value)
{
  if (value != NULL)
    soup_message_headers_replace (self->headers, name, value);
  else
    soup_message_headers_remove (self->headers, name);
}

static void
start_body (RepriseHttpRequest *self, const char *content_type)
{
  g_return_if_fail (self->boundary == NULL);
  g_clear_pointer (&self->body, reprise_http_body_unref);
  self->body = reprise_http_body_new ();
  reprise_http_request_set_header (self, "Content-Type", content_type);
}

void
reprise_http_request_set_body (RepriseHttpRequest *self, const char *content_type, GBytes *bytes)
{
  start_body (self, content_type);
  reprise_http_body_add_bytes (self->body, bytes);
}

void
reprise_http_request_set_body_text (RepriseHttpRequest *self,
                                    const char *content_type,
                                    const char *text)
{
  start_body (self, content_type);
  reprise_http_body_add_text (self->body, text);
}

/**
 * reprise_http_request_set_body_stream:
 * @size_bytes: exactly as many bytes as the stream has
 * @destroy: (nullable): frees @user_data; in any thread
 */
void
reprise_http_request_set_body_stream (RepriseHttpRequest *self,
                                      const char *content_type,
                                      guint64 size_bytes,
                                      RepriseHttpOpen open,
                                      gpointer user_data,
                                      GDestroyNotify destroy)
{
  start_body (self, content_type);
  reprise_http_body_add_stream (self->body, size_bytes, open, user_data, destroy);
}

/* @body: as it is to be sent, from reprise-http-body.h; it must not change any more */
void
reprise_http_request_set_body_pieces (RepriseHttpRequest *self,
                                      const char *content_type,
                                      RepriseHttpBody *body)
{
  g_return_if_fail (self->boundary == NULL);

  reprise_http_body_ref (body);
  g_clear_pointer (&self->body, reprise_http_body_unref);
  self->body = body;
  reprise_http_request_set_header (self, "Content-Type", content_type);
}

static GInputStream *
open_file (gpointer file, GCancellable *cancellable, GError **error)
{
  return G_INPUT_STREAM (g_file_read (file, cancellable, error));
}

/* Blocks. */
static gboolean
query_size (GFile *file, guint64 *size_bytes, GError **error)
{
  g_autoptr (GFileInfo) info =
    g_file_query_info (file, G_FILE_ATTRIBUTE_STANDARD_SIZE, G_FILE_QUERY_INFO_NONE, NULL, error);

  if (info == NULL)
    return FALSE;
  *size_bytes = (guint64) g_file_info_get_size (info);
  return TRUE;
}

/* In a header of a part; what browsers do (WHATWG HTML, “multipart/form-data encoding algorithm”) */
static void
append_quoted (GString *text, const char *value)
{
  g_string_append_c (text, '"');
  for (const char *c = value; *c != '\0'; c++)
    if (*c == '"' || *c == '\r' || *c == '\n')
      g_string_append_printf (text, "%%%02X", (guint) (guchar) *c);
    else
      g_string_append_c (text, *c);
  g_string_append_c (text, '"');
}

/* RFC 7578 */
static void
start_part (RepriseHttpRequest *self,
            const char *name,
            const char *file_name,
            const char *content_type)
{
  GString *text = g_string_new (NULL);
  g_autofree char *head = NULL;

  if (self->boundary == NULL)
    {
      g_autofree char *uuid = g_uuid_string_random ();
      g_autofree char *type = g_strdup_printf ("multipart/form-data; boundary=reprise-%s", uuid);

      start_body (self, type);
      self->boundary = g_strconcat ("reprise-", uuid, NULL);
    }
  else
    g_string_append (text, "\r\n");
  g_string_append_printf (text, "--%s\r\nContent-Disposition: form-data; name=", self->boundary);
  append_quoted (text, name);
  if (file_name != NULL)
    {
      g_string_append (text, "; filename=");
      append_quoted (text, file_name);
    }
  if (content_type != NULL)
    g_string_append_printf (text, "\r\nContent-Type: %s", content_type);
  g_string_append (text, "\r\n\r\n");
  head = g_string_free (text, FALSE);
  reprise_http_body_add_text (self->body, head);
}

/* A field of a form (multipart/form-data). */
void
reprise_http_request_add_part (RepriseHttpRequest *self, const char *name, const char *value)
{
  start_part (self, name, NULL, NULL);
  reprise_http_body_add_text (self->body, value);
}

/* A file of a form; see reprise_http_request_set_body_stream(). */
void
reprise_http_request_add_part_stream (RepriseHttpRequest *self,
                                      const char *name,
                                      const char *file_name,
                                      const char *content_type,
                                      guint64 size_bytes,
                                      RepriseHttpOpen open,
                                      gpointer user_data,
                                      GDestroyNotify destroy)
{
  start_part (self, name, file_name, content_type);
  reprise_http_body_add_stream (self->body, size_bytes, open, user_data, destroy);
}

/* Blocks for the size of @file, which must not change until the request is answered. */
gboolean
reprise_http_request_add_part_file (RepriseHttpRequest *self,
                                    const char *name,
                                    const char *file_name,
                                    const char *content_type,
                                    GFile *file,
                                    GError **error)
{
  guint64 size_bytes = 0;

  if (!query_size (file, &size_bytes, error))
    return FALSE;
  reprise_http_request_add_part_stream (self, name, file_name, content_type, size_bytes, open_file,
                                        g_object_ref (file), g_object_unref);
  return TRUE;
}

/* Closes the form, once, before the request is sent. */
void
reprise_http_request_finish_body (RepriseHttpRequest *self)
{
  g_autofree char *text = NULL;

  if (self->boundary == NULL || *self->boundary == '\0')
    return;
  text = g_strdup_printf ("\r\n--%s--\r\n", self->boundary);
  reprise_http_body_add_text (self->body, text);
  *self->boundary = '\0';
}

/* From the last byte of the request to the headers of the answer; 60 s by default. */
void
reprise_http_request_set_header_timeout (RepriseHttpRequest *self, guint timeout_ms)
{
  self->header_ms = timeout_ms;
}

/* A body that moves fewer than @bytes in @timeout_ms is stalled; 1 KiB in 30 s by default. */
void
reprise_http_request_set_stall (RepriseHttpRequest *self, guint bytes, guint timeout_ms)
{
  self->stall_bytes = bytes;
  self->stall_ms = timeout_ms;
}

/* For all tries together; 0, the default, for none. */
void
reprise_http_request_set_deadline (RepriseHttpRequest *self, guint64 timeout_ms)
{
  self->deadline_ms = timeout_ms;
}

/* 8 by default; 1 to never repeat it. */
void
reprise_http_request_set_max_tries (RepriseHttpRequest *self, guint tries)
{
  self->max_tries = MAX (1, tries);
}

/* Of a body that is kept in memory; 8 MiB by default. */
void
reprise_http_request_set_max_bytes (RepriseHttpRequest *self, guint64 max_bytes)
{
  self->max_bytes = MIN (max_bytes, G_MAXUINT / 2);
}

/**
 * reprise_http_request_set_expected_type:
 * @content_types: (nullable): the types that a good answer may have, with commas between; “application/json” also
 *   stands for all that end in “+json”, and has the body checked for being whole
 */
void
reprise_http_request_set_expected_type (RepriseHttpRequest *self, const char *content_types)
{
  g_clear_pointer (&self->expected_types, g_strfreev);
  if (content_types == NULL)
    return;
  self->expected_types = g_strsplit (content_types, ",", -1);
  for (guint i = 0; self->expected_types[i] != NULL; i++)
    g_strstrip (self->expected_types[i]);
}

/* The body is then handed over as it comes, compressed where the answer's Content-Encoding says so. */
void
reprise_http_request_set_accept_gzip (RepriseHttpRequest *self, gboolean accept)
{
  self->accept_gzip = accept;
}

/* An answer with this status is handed to the caller, and is no error. */
void
reprise_http_request_allow_status (RepriseHttpRequest *self, guint status)
{
  g_array_append_val (self->allowed, status);
}

void
reprise_http_request_set_classifier (RepriseHttpRequest *self,
                                     RepriseHttpClassifier classifier,
                                     gpointer user_data,
                                     GDestroyNotify destroy)
{
  if (self->classifier_destroy != NULL)
    self->classifier_destroy (self->classifier_data);
  self->classifier = classifier;
  self->classifier_data = user_data;
  self->classifier_destroy = destroy;
}

/* Reads back what was written; see #RepriseHttpCheck. */
void
reprise_http_request_set_check (RepriseHttpRequest *self,
                                RepriseHttpCheck check,
                                gpointer user_data,
                                GDestroyNotify destroy)
{
  if (self->check_destroy != NULL)
    self->check_destroy (self->check_data);
  self->check = check;
  self->check_data = user_data;
  self->check_destroy = destroy;
}

/* Without a credential; for the sign-in itself and for what is public. A 401 is then final. */
void
reprise_http_request_set_anonymous (RepriseHttpRequest *self, gboolean anonymous)
{
  self->anonymous = anonymous;
}

/* %REPRISE_HTTP_EXPECT_FIRST by default. A server that does not answer within seconds gets the body all the same. */
void
reprise_http_request_set_expect (RepriseHttpRequest *self, RepriseHttpExpect expect)
{
  self->expect = expect;
}

/* Whether a download tells the progress the total, where the server knows it. */
void
reprise_http_request_set_reports_total (RepriseHttpRequest *self, gboolean reports)
{
  self->reports_total = reports;
}

/**
 * reprise_http_request_set_range:
 * @offset: how many bytes the sink has already
 * @etag: (nullable): the entity tag of the thing that they are of
 *
 * Goes on with a download. If the thing has changed, or the server knows no ranges, it begins anew.
 */
void
reprise_http_request_set_range (RepriseHttpRequest *self, guint64 offset, const char *etag)
{
  self->offset = offset;
  g_free (self->etag);
  self->etag = g_strdup (etag);
}

const char *
reprise_http_request_get_method (RepriseHttpRequest *self)
{
  return self->method;
}

/* Escaped. */
const char *
reprise_http_request_get_path (RepriseHttpRequest *self)
{
  return self->uri != NULL ? g_uri_get_path (self->uri) : self->path;
}

/* Escaped, without what a credential adds; may be empty. */
const char *
reprise_http_request_get_query (RepriseHttpRequest *self)
{
  return self->query->str;
}

const char *
reprise_http_request_get_header (RepriseHttpRequest *self, const char *name)
{
  return soup_message_headers_get_one (self->headers, name);
}

const char *
reprise_http_request_get_content_type (RepriseHttpRequest *self)
{
  return soup_message_headers_get_one (self->headers, "Content-Type");
}

/* -1 where there is no body */
gint64
reprise_http_request_get_body_size (RepriseHttpRequest *self)
{
  return self->body != NULL ? (gint64) reprise_http_body_get_size (self->body) : -1;
}

RepriseHttpEffect
reprise_http_request_get_effect (RepriseHttpRequest *self)
{
  return self->effect;
}

/* What is known of the last sending. */
RepriseHttpOutcome
reprise_http_request_get_outcome (RepriseHttpRequest *self)
{
  return self->outcome;
}

guint
reprise_http_request_get_tries (RepriseHttpRequest *self)
{
  return self->tries;
}
