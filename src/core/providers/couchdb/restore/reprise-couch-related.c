/* reprise-couch-related.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <inttypes.h>

#include "net/reprise-http-body.h"
#include "net/reprise-json.h"
#include "providers/couchdb/restore/reprise-couch-related.h"

/* multipart/related (RFC 2387), as CouchDB's own replicator writes it: the document, whose attachments say “follows”, then one part for each
 * of them in the order of its members. */
struct _RepriseCouchRelated
{
  char *id;         /* (owned) */
  GBytes *json;     /* (owned) */
  GPtrArray *parts; /* (owned) (element-type RepriseCouchPart) */
  char *boundary;   /* (owned) */
};

/* @json: (transfer full); @parts: (element-type RepriseCouchPart): what it says to follow */
RepriseCouchRelated *
reprise_couch_related_new (const char *id, GString *json, GPtrArray *parts)
{
  RepriseCouchRelated *self = g_new0 (RepriseCouchRelated, 1);
  g_autofree char *random = g_uuid_string_random ();

  self->id = g_strdup (id);
  self->json = g_string_free_to_bytes (json);
  self->parts = g_ptr_array_ref (parts);
  self->boundary = g_strconcat ("reprise-", random, NULL);
  return self;
}

void
reprise_couch_related_free (RepriseCouchRelated *self)
{
  g_bytes_unref (self->json);
  g_ptr_array_unref (self->parts);
  g_free (self->boundary);
  g_free (self->id);
  g_free (self);
}

/* In the thread of the upload. */
static GInputStream *
open_cb (gpointer user_data, GCancellable *cancellable, GError **error)
{
  return reprise_couch_part_open (user_data, error);
}

/* In a quoted parameter of a header. */
static void
append_quoted (GString *text, const char *value)
{
  g_string_append_c (text, '"');
  for (const char *c = value; *c != '\0'; c++)
    if (*c == '"' || *c == '\\')
      g_string_append_printf (text, "\\%c", *c);
    else
      g_string_append_c (text, (guchar) *c < ' ' ? '_' : *c);
  g_string_append_c (text, '"');
}

static gboolean
is_header_text (const char *text)
{
  for (; text != NULL && *text != '\0'; text++)
    if ((guchar) *text < ' ')
      return FALSE;
  return text != NULL;
}

static void
add_part (RepriseCouchRelated *self, RepriseHttpBody *body, RepriseCouchPart *part)
{
  g_autoptr (GString) head = g_string_new (NULL);

  g_string_append_printf (head,
                          "\r\n--%s\r\nContent-Disposition: attachment; filename=", self->boundary);
  append_quoted (head, part->name);
  g_string_append_printf (head, "\r\nContent-Type: %s\r\nContent-Length: %" PRId64 "\r\n\r\n",
                          is_header_text (part->type) ? part->type : "application/octet-stream",
                          part->size_bytes);
  reprise_http_body_add_text (body, head->str);
  reprise_http_body_add_stream (body, (guint64) part->size_bytes, open_cb, part, NULL);
}

/* The body does not outlive @self. */
static RepriseHttpBody *
make_body (RepriseCouchRelated *self)
{
  RepriseHttpBody *body = reprise_http_body_new ();
  g_autofree char *head =
    g_strdup_printf ("--%s\r\nContent-Type: application/json\r\n\r\n", self->boundary);
  g_autofree char *tail = g_strdup_printf ("\r\n--%s--", self->boundary);

  reprise_http_body_add_text (body, head);
  reprise_http_body_add_bytes (body, self->json);
  for (guint i = 0; i < self->parts->len; i++)
    add_part (self, body, self->parts->pdata[i]);
  reprise_http_body_add_text (body, tail);
  return body;
}

const char *
reprise_couch_related_get_id (RepriseCouchRelated *self)
{
  return self->id;
}

/* (nullable) */
static JsonObject *
parse (RepriseHttpResponse *response)
{
  GBytes *bytes = reprise_http_response_get_body (response);
  gsize size = 0;
  const char *data = g_bytes_get_data (bytes, &size);

  return reprise_json_parse_object (data != NULL ? data : "", size, NULL, NULL);
}

/* As in a row of _bulk_docs */
static char *
print_refusal (RepriseCouchRelated *self, JsonObject *root)
{
  return g_strdup_printf ("%s: %s (%s)", self->id, reprise_json_get_string (root, "reason", ""),
                          reprise_json_get_string (root, "error", ""));
}

/**
 * reprise_couch_related_send:
 * @rev: (out) (nullable): what it is called now
 * @refusal: (out): what the server has against this document, or %NULL
 * @is_overtaken: (out): whether that is that the document is another one by now
 *
 * Returns: whether the server answered for the document, with yes or no
 */
gboolean
reprise_couch_related_send (RepriseCouchRelated *self,
                            RepriseCouchClient *client,
                            const char *database,
                            gboolean new_edits,
                            char **rev,
                            char **refusal,
                            gboolean *is_overtaken,
                            GCancellable *cancellable,
                            GError **error)
{
  static const guint REFUSED[] = { 403, 409, 412, 413 };
  g_autofree char *path = reprise_couch_client_dup_path (database, self->id, NULL);
  g_autofree char *type = g_strdup_printf ("multipart/related; boundary=\"%s\"", self->boundary);
  g_autoptr (RepriseHttpRequest) request =
    reprise_couch_client_new_request (client, "PUT", path, REPRISE_HTTP_WRITE);
  g_autoptr (RepriseHttpBody) body = make_body (self);
  g_autoptr (RepriseHttpResponse) response = NULL;
  g_autoptr (JsonObject) root = NULL;

  *rev = *refusal = NULL;
  *is_overtaken = FALSE;
  if (!new_edits)
    reprise_http_request_add_query (request, "new_edits", "false");
  for (guint i = 0; i < G_N_ELEMENTS (REFUSED); i++)
    reprise_http_request_allow_status (request, REFUSED[i]);
  reprise_http_request_set_expect (request,
                                   REPRISE_HTTP_EXPECT_NEVER); /* CouchDB would not say anything */
  reprise_http_request_set_body_pieces (request, type, body);
  response = reprise_couch_client_send (client, request, cancellable, error);
  if (response == NULL)
    return FALSE;
  root = parse (response);
  if (reprise_http_response_get_status (response) >= 400)
    *refusal = print_refusal (self, root);
  else
    *rev = g_strdup (reprise_json_get_string (root, "rev", NULL));
  *is_overtaken = reprise_http_response_get_status (response) == 409;
  return TRUE;
}
