/* fake-blob.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <stdlib.h>
#include <string.h>

#include <libsoup/soup.h>

#include "base/reprise-crc64.h"
#include "net/reprise-http-private.h"
#include "providers/azure/blob/fake-blob.h"

typedef struct
{
  GBytes *bytes;
  char *md5; /* (nullable): base64 */
  char *etag;
  char *metadata; /* (nullable): as XML */
} Blob;

static void
blob_free (gpointer data)
{
  Blob *blob = data;

  g_bytes_unref (blob->bytes);
  g_free (blob->md5);
  g_free (blob->etag);
  g_free (blob->metadata);
  g_free (blob);
}

static char *
make_md5 (gconstpointer data, gsize size)
{
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_MD5);
  guint8 digest[16];
  gsize length = sizeof digest;

  g_checksum_update (sum, data, (gssize) size);
  g_checksum_get_digest (sum, digest, &length);
  return g_base64_encode (digest, length);
}

static void
refuse (RepriseFaultCall *call, guint status, const char *code)
{
  g_autofree char *body =
    g_strdup_printf ("\357\273\277<?xml version=\"1.0\" encoding=\"utf-8\"?><Error><Code>%s</Code>"
                     "<Message>It is refused: %s.</Message></Error>",
                     code, code);

  reprise_fault_print (call,
                       "HTTP/1.1 %u X\r\nContent-Type: application/xml\r\nx-ms-error-code: %s\r\n"
                       "Content-Length: %zu\r\n\r\n%s",
                       status, code, strcmp (call->method, "HEAD") == 0 ? (gsize) 0 : strlen (body),
                       strcmp (call->method, "HEAD") == 0 ? "" : body);
}

/* With the mutex held. */
static Blob *
keep (FakeBlob *self, const char *name, GBytes *bytes, const char *md5)
{
  Blob *blob = g_new0 (Blob, 1);

  blob->bytes = g_bytes_ref (bytes);
  blob->md5 = g_strdup (md5);
  blob->etag = g_strdup_printf ("\"0x8D%u\"", ++self->serial);
  g_hash_table_replace (self->blobs, g_strdup (name), blob);
  return blob;
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (a, b);
}

static void
append_blob (GString *xml, const char *name, const Blob *blob)
{
  g_autofree char *escaped = g_markup_escape_text (name, -1);

  g_string_append_printf (
    xml,
    "<Blob><Name>%s</Name><Properties><Creation-Time>Sat, 21 Nov 2026 10:00:00 GMT</Creation-Time>"
    "<Last-Modified>Sat, 21 Nov 2026 11:00:00 GMT</Last-Modified><Etag>%.*s</Etag>"
    "<Content-Length>%zu</Content-Length><Content-MD5>%s</Content-MD5><BlobType>BlockBlob</"
    "BlobType>"
    "<AccessTier>Hot</AccessTier></Properties><Metadata><Name>not this "
    "one</Name>%s</Metadata></Blob>",
    escaped, (int) strlen (blob->etag) - 2, blob->etag + 1, g_bytes_get_size (blob->bytes),
    blob->md5 != NULL ? blob->md5 : "", blob->metadata != NULL ? blob->metadata : "");
}

static void
list_blobs (FakeBlob *self, RepriseFaultCall *call, GHashTable *query)
{
  g_autoptr (GString) xml = g_string_new ("\357\273\277<?xml version=\"1.0\" encoding=\"utf-8\"?>"
                                          "<EnumerationResults><Blobs>");
  g_autoptr (GList) names = NULL;
  const char *prefix = g_hash_table_lookup (query, "prefix");
  const char *marker = g_hash_table_lookup (query, "marker");
  const char *next = NULL;
  g_autofree char *escaped = NULL;
  guint n = 0;

  g_mutex_lock (&self->mutex);
  names = g_list_sort (g_hash_table_get_keys (self->blobs), compare_names);
  for (GList *each = names; each != NULL && next == NULL; each = each->next)
    {
      if ((prefix != NULL && !g_str_has_prefix (each->data, prefix)) ||
          (marker != NULL && strcmp (each->data, marker) < 0))
        continue;
      if (n++ == self->page_items)
        next = each->data;
      else
        append_blob (xml, each->data, g_hash_table_lookup (self->blobs, each->data));
    }
  escaped = g_markup_escape_text (next != NULL ? next : "", -1);
  g_string_append_printf (xml, "</Blobs><NextMarker>%s</NextMarker></EnumerationResults>", escaped);
  g_mutex_unlock (&self->mutex);
  reprise_fault_answer (call, 200, "application/xml", xml->str);
}

static void
list_blocks (FakeBlob *self, RepriseFaultCall *call, const char *name)
{
  g_autoptr (GString) xml = g_string_new ("<?xml version=\"1.0\"?><BlockList><UncommittedBlocks>");
  g_autofree char *prefix = g_strconcat (name, "\n", NULL);
  GHashTableIter iter;
  gpointer key, value;

  g_mutex_lock (&self->mutex);
  g_hash_table_iter_init (&iter, self->blocks);
  while (g_hash_table_iter_next (&iter, &key, &value))
    if (g_str_has_prefix (key, prefix))
      g_string_append_printf (xml, "<Block><Name>%s</Name><Size>%zu</Size></Block>",
                              (char *) key + strlen (prefix), g_bytes_get_size (value));
  g_mutex_unlock (&self->mutex);
  g_string_append (xml, "</UncommittedBlocks></BlockList>");
  reprise_fault_answer (call, 200, "application/xml", xml->str);
}

/* (transfer full): what arrives of a block */
static GBytes *
receive (FakeBlob *self, GBytes *sent)
{
  gsize size = g_bytes_get_size (sent);
  guchar *data;

  if (size < 2 || g_atomic_int_get (&self->damaged_blocks) == 0)
    return g_bytes_ref (sent);
  g_atomic_int_add (&self->damaged_blocks, -1);
  data = g_memdup2 (g_bytes_get_data (sent, NULL), size);
  data[size / 2] ^= 4;
  return g_bytes_new_take (data, size);
}

static void
take_block (FakeBlob *self, RepriseFaultCall *call, const char *name, GHashTable *query)
{
  const char *id = g_hash_table_lookup (query, "blockid");
  g_autoptr (GBytes) block = NULL;
  g_autofree char *sum = NULL;
  guint64 crc;

  if (g_atomic_int_get (&self->fail_blocks) > 0)
    {
      g_atomic_int_add (&self->fail_blocks, -1);
      refuse (call, 503, "ServerBusy");
      return;
    }
  block = receive (self, call->body);
  crc = GUINT64_TO_LE (reprise_crc64 (0, g_bytes_get_data (block, NULL), g_bytes_get_size (block)));
  sum = g_base64_encode ((const guchar *) &crc, sizeof crc);
  g_mutex_lock (&self->mutex);
  self->n_blocks++;
  g_hash_table_replace (self->blocks, g_strconcat (name, "\n", id, NULL), g_bytes_ref (block));
  g_mutex_unlock (&self->mutex);
  reprise_fault_print (
    call, "HTTP/1.1 201 X\r\nx-ms-content-crc64: %s\r\nContent-Length: 0\r\n\r\n", sum);
}

/* With the mutex held. (nullable): %NULL where a block is missing */
static GBytes *
join_blocks (FakeBlob *self, const char *name, const char *xml)
{
  g_autoptr (GByteArray) all = g_byte_array_new ();

  for (const char *at = strstr (xml, "<Latest>"); at != NULL; at = strstr (at + 1, "<Latest>"))
    {
      const char *from = at + strlen ("<Latest>");
      g_autofree char *id = g_strndup (from, strcspn (from, "<"));
      g_autofree char *key = g_strconcat (name, "\n", id, NULL);
      GBytes *block = g_hash_table_lookup (self->blocks, key);

      if (block == NULL)
        return NULL;
      g_byte_array_append (all, g_bytes_get_data (block, NULL), (guint) g_bytes_get_size (block));
    }
  return g_byte_array_free_to_bytes (g_steal_pointer (&all));
}

static void
take_commit (FakeBlob *self, RepriseFaultCall *call, const char *name)
{
  g_autofree char *only_new = reprise_fault_call_dup_header (call, "If-None-Match");
  g_autofree char *md5 = reprise_fault_call_dup_header (call, "x-ms-blob-content-md5");
  g_autofree char *xml =
    g_strndup (g_bytes_get_data (call->body, NULL), g_bytes_get_size (call->body));
  g_autoptr (GBytes) whole = NULL;
  gboolean in_the_way;

  if (g_atomic_int_get (&self->refused_commits) > 0)
    {
      g_atomic_int_add (&self->refused_commits, -1);
      refuse (call, 403, "AuthorizationFailure");
      return;
    }
  g_mutex_lock (&self->mutex);
  in_the_way = only_new != NULL && g_hash_table_contains (self->blobs, name);
  if (!in_the_way)
    whole = join_blocks (self, name, xml);
  if (whole != NULL)
    {
      keep (self, name, whole, md5);
      g_hash_table_remove_all (self->blocks);
    }
  g_mutex_unlock (&self->mutex);
  if (in_the_way)
    refuse (call, 409, "BlobAlreadyExists");
  else if (whole == NULL)
    refuse (call, 400, "InvalidBlockList");
  else if (g_atomic_int_get (&self->cut_commits) > 0)
    {
      g_atomic_int_add (&self->cut_commits, -1);
      reprise_fault_reset (call);
    }
  else
    reprise_fault_print (call, "HTTP/1.1 201 X\r\nContent-Length: 0\r\n\r\n");
}

static void
give (FakeBlob *self, RepriseFaultCall *call, Blob *blob)
{
  g_autofree char *range = reprise_fault_call_dup_header (call, "Range");
  g_autofree char *match = reprise_fault_call_dup_header (call, "If-Match");
  gsize size = 0;
  const char *data = g_bytes_get_data (blob->bytes, &size);
  gsize from = range != NULL ? (gsize) g_ascii_strtoull (range + strlen ("bytes="), NULL, 10) : 0;
  int cut = g_atomic_int_get (&self->cut_after);

  if (match != NULL && strcmp (match, blob->etag) != 0)
    {
      refuse (call, 412, "ConditionNotMet");
      return;
    }
  reprise_fault_print (call,
                       "HTTP/1.1 %d X\r\nContent-Type: application/octet-stream\r\nETag: %s\r\n"
                       "x-ms-creation-time: Sat, 21 Nov 2026 10:00:00 GMT\r\n"
                       "Last-Modified: Sat, 21 Nov 2026 11:00:00 GMT\r\nContent-Length: %zu\r\n",
                       range != NULL ? 206 : 200, blob->etag, size - from);
  if (range != NULL)
    reprise_fault_print (call, "Content-Range: bytes %zu-%zu/%zu\r\n", from, size - 1, size);
  if (blob->md5 != NULL)
    reprise_fault_print (call, "%s: %s\r\n",
                         range != NULL ? "x-ms-blob-content-md5" : "Content-MD5", blob->md5);
  reprise_fault_print (call, "\r\n");
  if (strcmp (call->method, "HEAD") == 0)
    return;
  if (cut > 0 && (gsize) cut < size - from)
    {
      g_atomic_int_set (&self->cut_after, 0);
      reprise_fault_write (call, data + from, (gsize) cut);
      reprise_fault_sleep (call, 50);
      reprise_fault_reset (call);
      return;
    }
  reprise_fault_write (call, data + from, size - from);
}

static void
take_read (FakeBlob *self, RepriseFaultCall *call, const char *name)
{
  Blob *blob;
  Blob copy = { NULL };

  g_mutex_lock (&self->mutex);
  blob = g_hash_table_lookup (self->blobs, name);
  if (blob != NULL)
    copy = (Blob){ .bytes = g_bytes_ref (blob->bytes),
                   .md5 = g_strdup (blob->md5),
                   .etag = g_strdup (blob->etag) };
  g_mutex_unlock (&self->mutex);
  if (copy.bytes == NULL)
    {
      refuse (call, 404, "BlobNotFound");
      return;
    }
  give (self, call, &copy);
  g_bytes_unref (copy.bytes);
  g_free (copy.md5);
  g_free (copy.etag);
}

static void
take_delete (FakeBlob *self, RepriseFaultCall *call, const char *name)
{
  gboolean removed;

  g_mutex_lock (&self->mutex);
  removed = g_hash_table_remove (self->blobs, name);
  g_mutex_unlock (&self->mutex);
  if (removed)
    reprise_fault_print (call, "HTTP/1.1 202 X\r\nContent-Length: 0\r\n\r\n");
  else
    refuse (call, 404, "BlobNotFound");
}

/* Of the names that are written by us. */
static void
take_metadata (FakeBlob *self, RepriseFaultCall *call, const char *name)
{
  static const char *const NAMES[] = { "reprise_tier", "reprise_service", "reprise_created",
                                       "reprise_origin", "reprise_application" };
  g_autoptr (GString) xml = g_string_new (NULL);
  Blob *blob;

  for (guint i = 0; i < G_N_ELEMENTS (NAMES); i++)
    {
      g_autofree char *header = g_strconcat ("x-ms-meta-", NAMES[i], NULL);
      g_autofree char *value = reprise_fault_call_dup_header (call, header);

      if (value != NULL)
        g_string_append_printf (xml, "<%s>%s</%s>", NAMES[i], value, NAMES[i]);
    }
  g_mutex_lock (&self->mutex);
  blob = g_hash_table_lookup (self->blobs, name);
  if (blob != NULL)
    {
      g_free (blob->metadata);
      blob->metadata = g_strdup (xml->str);
    }
  g_mutex_unlock (&self->mutex);
  if (blob != NULL)
    reprise_fault_print (call, "HTTP/1.1 200 X\r\nContent-Length: 0\r\n\r\n");
  else
    refuse (call, 404, "BlobNotFound");
}

static void
take_blob_call (FakeBlob *self, RepriseFaultCall *call, const char *name, GHashTable *query)
{
  const char *what = g_hash_table_lookup (query, "comp");

  if (strcmp (call->method, "PUT") == 0 && g_strcmp0 (what, "block") == 0)
    take_block (self, call, name, query);
  else if (strcmp (call->method, "PUT") == 0 && g_strcmp0 (what, "blocklist") == 0)
    take_commit (self, call, name);
  else if (strcmp (call->method, "PUT") == 0 && g_strcmp0 (what, "metadata") == 0)
    take_metadata (self, call, name);
  else if (strcmp (call->method, "GET") == 0 && g_strcmp0 (what, "blocklist") == 0)
    list_blocks (self, call, name);
  else if (strcmp (call->method, "DELETE") == 0)
    take_delete (self, call, name);
  else
    take_read (self, call, name);
}

static gboolean
is_allowed (FakeBlob *self, RepriseFaultCall *call, GHashTable *query)
{
  const char *end = g_hash_table_lookup (query, "se");
  g_autoptr (GDateTime) time = end != NULL ? reprise_sas_read_time (end) : NULL;
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();

  if (!g_hash_table_contains (query, "sig") || time == NULL || g_date_time_compare (time, now) < 0)
    {
      refuse (call, 403, "AuthorizationFailure");
      return FALSE;
    }
  if (self->permissions != NULL && strcmp (call->method, "GET") != 0 &&
      strcmp (call->method, "HEAD") != 0 && strpbrk (self->permissions, "wcd") == NULL)
    {
      refuse (call, 403, "AuthorizationPermissionMismatch");
      return FALSE;
    }
  return TRUE;
}

static void
take_container_call (FakeBlob *self, RepriseFaultCall *call, GHashTable *query)
{
  if (strcmp (call->method, "PUT") != 0)
    {
      list_blobs (self, call, query);
      return;
    }
  if (g_strcmp0 (g_hash_table_lookup (query, "srt"), "sco") != 0)
    {
      refuse (call, 403, "AuthorizationResourceTypeMismatch");
      return;
    }
  g_mutex_lock (&self->mutex);
  self->has_container = TRUE;
  g_mutex_unlock (&self->mutex);
  reprise_fault_print (call, "HTTP/1.1 201 X\r\nContent-Length: 0\r\n\r\n");
}

static void
take_call (RepriseFaultCall *call, gpointer data)
{
  FakeBlob *self = data;
  g_autoptr (GHashTable) query = soup_form_decode (call->query != NULL ? call->query : "");
  static const char root[] = "/" FAKE_BLOB_ACCOUNT "/" FAKE_BLOB_CONTAINER;
  g_autofree char *version = reprise_fault_call_dup_header (call, "x-ms-version");
  g_autofree char *range = reprise_fault_call_dup_header (call, "Range");
  g_autofree char *name = NULL;

  g_assert_cmpstr (version, ==, "2021-12-02");
  g_mutex_lock (&self->mutex);
  self->n_ranges += range != NULL ? 1 : 0;
  g_mutex_unlock (&self->mutex);
  if (!is_allowed (self, call, query))
    return;
  if (!g_str_has_prefix (call->path, root) ||
      (!self->has_container && strcmp (call->method, "PUT") != 0))
    refuse (call, 404, "ContainerNotFound");
  else if (call->path[strlen (root)] == '\0')
    take_container_call (self, call, query);
  else
    {
      name = g_uri_unescape_string (call->path + strlen (root) + 1, NULL);
      take_blob_call (self, call, name, query);
    }
}

FakeBlob *
fake_blob_new (void)
{
  FakeBlob *self = g_new0 (FakeBlob, 1);

  g_mutex_init (&self->mutex);
  self->page_items = 2;
  self->has_container = TRUE;
  self->blobs = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, blob_free);
  self->blocks =
    g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_bytes_unref);
  self->server = reprise_fault_server_new (take_call, self);
  return self;
}

void
fake_blob_free (FakeBlob *self)
{
  reprise_fault_server_free (self->server);
  g_hash_table_unref (self->blobs);
  g_hash_table_unref (self->blocks);
  g_mutex_clear (&self->mutex);
  g_free (self);
}

char *
fake_blob_dup_endpoint (FakeBlob *self)
{
  g_autofree char *address = reprise_fault_server_dup_address (self->server);

  return g_strconcat (address, FAKE_BLOB_ACCOUNT, "/", NULL);
}

/* (transfer full): the address of the container, good for so many seconds */
char *
fake_blob_dup_sas (FakeBlob *self, const char *permissions, int seconds)
{
  g_autofree char *endpoint = fake_blob_dup_endpoint (self);
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autoptr (GDateTime) end = g_date_time_add_seconds (now, seconds);
  g_autofree char *text = g_date_time_format (end, "%Y-%m-%dT%H%%3A%M%%3A%SZ");

  return g_strdup_printf ("%s" FAKE_BLOB_CONTAINER "?sv=2021-12-02&sr=c&sig=" FAKE_BLOB_SIGNATURE
                          "&se=%s&sp=%s",
                          endpoint, text, permissions);
}

void
fake_blob_put (FakeBlob *self, const char *name, gconstpointer data, gsize size, gboolean md5)
{
  g_autoptr (GBytes) bytes = g_bytes_new (data, size);
  g_autofree char *digest = md5 ? make_md5 (data, size) : NULL;

  g_mutex_lock (&self->mutex);
  keep (self, name, bytes, digest);
  g_mutex_unlock (&self->mutex);
}

/* (transfer full) (nullable) */
GBytes *
fake_blob_get (FakeBlob *self, const char *name)
{
  Blob *blob;
  GBytes *bytes;

  g_mutex_lock (&self->mutex);
  blob = g_hash_table_lookup (self->blobs, name);
  bytes = blob != NULL ? g_bytes_ref (blob->bytes) : NULL;
  g_mutex_unlock (&self->mutex);
  return bytes;
}

RepriseBlob *
fake_blob_connect (FakeBlob *self)
{
  g_autofree char *address = fake_blob_dup_sas (self, "rwdl", 3600);
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseSas) sas = reprise_sas_parse (address, &error);
  RepriseBlob *blob;

  g_assert_no_error (error);
  blob = reprise_blob_new_for_sas (sas, &error);
  g_assert_no_error (error);
  reprise_http_set_backoff (reprise_blob_get_http (blob), 1, 5);
  return blob;
}
