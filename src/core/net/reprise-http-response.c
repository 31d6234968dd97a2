/* reprise-http-response.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "net/reprise-http-header.h"
#include "net/reprise-http-private.h"

struct _RepriseHttpResponse
{
  GObject parent_instance;

  guint status;
  SoupMessageHeaders *headers; /* (owned) */
  GBytes *body;                /* (owned) */
  gint64 content_length;
  gboolean length_proven;
};

G_DEFINE_FINAL_TYPE (RepriseHttpResponse, reprise_http_response, G_TYPE_OBJECT)

void
reprise_http_proof_clear (RepriseHttpProof *proof)
{
  g_clear_pointer (&proof->etag, g_free);
  g_clear_pointer (&proof->content_type, g_free);
  g_clear_pointer (&proof->digest, g_free);
}

static void
reprise_http_response_finalize (GObject *object)
{
  RepriseHttpResponse *self = REPRISE_HTTP_RESPONSE (object);

  g_clear_pointer (&self->headers, soup_message_headers_unref);
  g_clear_pointer (&self->body, g_bytes_unref);
  G_OBJECT_CLASS (reprise_http_response_parent_class)->finalize (object);
}

static void
reprise_http_response_class_init (RepriseHttpResponseClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = reprise_http_response_finalize;
}

static void
reprise_http_response_init (RepriseHttpResponse *self)
{
}

/* @body (nullable): with a NUL behind its last byte, which does not count */
RepriseHttpResponse *
reprise_http_response_new (guint status,
                           SoupMessageHeaders *headers,
                           GBytes *body,
                           gint64 content_length,
                           gboolean length_proven)
{
  RepriseHttpResponse *self = g_object_new (REPRISE_TYPE_HTTP_RESPONSE, NULL);

  self->status = status;
  self->headers = soup_message_headers_ref (headers);
  self->body = body != NULL ? g_bytes_ref (body) : g_bytes_new_static ("", 0);
  self->content_length = content_length;
  self->length_proven = length_proven;
  return self;
}

guint
reprise_http_response_get_status (RepriseHttpResponse *self)
{
  return self->status;
}

/* (nullable): a header's value; its last, where there are several */
const char *
reprise_http_response_get_header (RepriseHttpResponse *self, const char *name)
{
  return soup_message_headers_get_one (self->headers, name);
}

/* (transfer full): all values of a header, as Set-Cookie may have */
char **
reprise_http_response_dup_headers (RepriseHttpResponse *self, const char *name)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  SoupMessageHeadersIter iter;
  const char *each, *value;

  soup_message_headers_iter_init (&iter, self->headers);
  while (soup_message_headers_iter_next (&iter, &each, &value))
    if (g_ascii_strcasecmp (each, name) == 0)
      g_strv_builder_add (builder, value);
  return g_strv_builder_end (builder);
}

/* (transfer full) (nullable): in lower case, without parameters */
char *
reprise_http_response_dup_content_type (RepriseHttpResponse *self)
{
  const char *type = soup_message_headers_get_content_type (self->headers, NULL);

  return type != NULL ? g_ascii_strdown (type, -1) : NULL;
}

/* (transfer none) */
GBytes *
reprise_http_response_get_body (RepriseHttpResponse *self)
{
  return self->body;
}

/* The body as it is, ended by NUL. It is valid UTF-8 only if the server is honest. */
const char *
reprise_http_response_get_text (RepriseHttpResponse *self)
{
  return g_bytes_get_data (self->body, NULL) != NULL ? g_bytes_get_data (self->body, NULL) : "";
}

/* Whether exactly as many bytes came as the server had said. */
gboolean
reprise_http_response_is_length_proven (RepriseHttpResponse *self)
{
  return self->length_proven;
}

/* -1 where the server did not say */
gint64
reprise_http_response_get_content_length (RepriseHttpResponse *self)
{
  return self->content_length;
}

/* Seconds for which the server asks to wait, or -1 */
int
reprise_http_response_get_retry_after (RepriseHttpResponse *self)
{
  const char *text = soup_message_headers_get_one (self->headers, "Retry-After");
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();

  return text != NULL ? reprise_http_parse_retry_after (text, now) : -1;
}
