/* fake-s3.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <stdlib.h>
#include <string.h>

#include <libsoup/soup.h>

#include "net/reprise-http-private.h"
#include "providers/milvus/storage/s3/fake-s3.h"

static void
refuse_more (RepriseFaultCall *call, guint status, const char *code, const char *more)
{
  g_autofree char *body =
    g_strdup_printf ("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>%s</Code>"
                     "<Message>It is refused.</Message>%s</Error>",
                     code, more);
  gboolean is_head = strcmp (call->method, "HEAD") == 0;

  reprise_fault_print (
    call, "HTTP/1.1 %u X\r\nContent-Type: application/xml\r\nContent-Length: %zu\r\n\r\n%s", status,
    is_head ? (gsize) 0 : strlen (body), is_head ? "" : body);
}

static void
refuse (RepriseFaultCall *call, guint status, const char *code)
{
  refuse_more (call, status, code, "");
}

/* --- signatures, as the documentation of the protocol tells it --- */

static void
hmac (const guchar *key, gsize key_size, const char *text, guchar digest[32])
{
  g_autoptr (GHmac) sum = g_hmac_new (G_CHECKSUM_SHA256, key, key_size);
  gsize size = 32;

  g_hmac_update (sum, (const guchar *) text, -1);
  g_hmac_get_digest (sum, digest, &size);
}

/* “…Credential=minioadmin/20261121/us-east-1/s3/aws4_request,SignedHeaders=…,Signature=…” */
static char *
find_part (const char *authorization, const char *name)
{
  g_autofree char *begin = g_strconcat (name, "=", NULL);
  const char *from = strstr (authorization, begin);

  g_assert_nonnull (from);
  from += strlen (begin);
  return g_strndup (from, strcspn (from, ", "));
}

static int
compare_texts (gconstpointer a, gconstpointer b)
{
  return strcmp (*(char *const *) a, *(char *const *) b);
}

static char *
sort_query (const char *query)
{
  g_auto (GStrv) members = g_strsplit (query != NULL ? query : "", "&", -1);

  qsort (members, g_strv_length (members), sizeof *members, compare_texts);
  return g_strjoinv ("&", members);
}

static char *
make_canonical (RepriseFaultCall *call, const char *names, const char *payload)
{
  GString *text = g_string_new (NULL);
  g_autofree char *query = sort_query (call->query);
  g_auto (GStrv) headers = g_strsplit (names, ";", -1);
  g_autofree char *plain = g_uri_unescape_string (call->path, NULL);
  g_autofree char *path = g_uri_escape_string (plain, "/", FALSE);

  g_string_append_printf (text, "%s\n%s\n%s\n", call->method, path, query);
  for (guint i = 0; headers[i] != NULL; i++)
    {
      g_autofree char *value = reprise_fault_call_dup_header (call, headers[i]);

      g_string_append_printf (text, "%s:%s\n", headers[i], value != NULL ? value : "MISSING");
    }
  g_string_append_printf (text, "\n%s\n%s", names, payload);
  return g_string_free (text, FALSE);
}

static char *
make_signature (const char *scope, const char *time, const char *canonical)
{
  g_auto (GStrv) parts = g_strsplit (scope, "/", -1); /* day, region, service, end */
  g_autofree char *hash = g_compute_checksum_for_string (G_CHECKSUM_SHA256, canonical, -1);
  g_autofree char *text = g_strdup_printf ("AWS4-HMAC-SHA256\n%s\n%s\n%s", time, scope, hash);
  static const char first[] = "AWS4" FAKE_S3_SECRET;
  GString *hex = g_string_new (NULL);
  guchar key[32];

  hmac ((const guchar *) first, strlen (first), parts[0], key);
  for (guint i = 1; i < 4; i++)
    {
      guchar next[32];

      hmac (key, sizeof key, parts[i], next);
      memcpy (key, next, sizeof key);
    }
  hmac (key, sizeof key, text, key);
  for (guint i = 0; i < sizeof key; i++)
    g_string_append_printf (hex, "%02x", key[i]);
  return g_string_free (hex, FALSE);
}

/* What is signed is what came, body included; nothing of the protocol's own headers may be left out. */
static const char *
check_signature (FakeS3 *self, RepriseFaultCall *call)
{
  g_autofree char *authorization = reprise_fault_call_dup_header (call, "Authorization");
  g_autofree char *payload = reprise_fault_call_dup_header (call, "x-amz-content-sha256");
  g_autofree char *time = reprise_fault_call_dup_header (call, "x-amz-date");
  g_autofree char *session = reprise_fault_call_dup_header (call, "x-amz-security-token");
  g_autofree char *credential = NULL, *names = NULL, *signature = NULL, *canonical = NULL;
  g_autofree char *wanted = NULL, *region = NULL, *body = NULL;

  if (authorization == NULL || payload == NULL || time == NULL)
    return "AccessDenied";
  credential = find_part (authorization, "Credential");
  names = find_part (authorization, "SignedHeaders");
  signature = find_part (authorization, "Signature");
  if (!g_str_has_prefix (credential, FAKE_S3_KEY_ID "/"))
    return "InvalidAccessKeyId";
  if (strstr (names, "host;x-amz-content-sha256;x-amz-date") == NULL)
    return "AccessDenied";
  if (g_strcmp0 (session, self->session) != 0)
    return "InvalidToken";
  region = g_strconcat ("/", self->region, "/s3/", NULL);
  if (strstr (credential, region) == NULL)
    return "AuthorizationHeaderMalformed";
  canonical = make_canonical (call, names, payload);
  wanted = make_signature (credential + strlen (FAKE_S3_KEY_ID "/"), time, canonical);
  if (strcmp (signature, wanted) != 0)
    return "SignatureDoesNotMatch";
  body = g_compute_checksum_for_data (
    G_CHECKSUM_SHA256, call->body != NULL ? g_bytes_get_data (call->body, NULL) : NULL,
    call->body != NULL ? g_bytes_get_size (call->body) : 0);
  return strcmp (payload, body) == 0 ? NULL : "XAmzContentSHA256Mismatch";
}

/* --- what is asked --- */

static void
append_object (GString *xml, const char *key, GBytes *bytes)
{
  g_autofree char *escaped = g_markup_escape_text (key, -1);

  g_string_append_printf (
    xml,
    "<Contents><Key>%s</Key><LastModified>2026-11-21T11:00:00.000Z</LastModified>"
    "<ETag>&#34;e%zu&#34;</ETag><Size>%zu</Size><StorageClass>STANDARD</StorageClass>"
    "<Owner><ID>x</ID></Owner></Contents>",
    escaped, g_bytes_get_size (bytes), g_bytes_get_size (bytes));
}

static void
append_folder (GString *xml, const char *key, gsize size)
{
  g_autofree char *name = g_strndup (key, size);

  g_string_append_printf (xml, "<CommonPrefixes><Prefix>%s</Prefix></CommonPrefixes>", name);
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (a, b);
}

static void
list_objects (FakeS3 *self, RepriseFaultCall *call, GHashTable *query)
{
  g_autoptr (GString) xml =
    g_string_new ("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                  "<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/"
                  "2006-03-01/\"><Name>" FAKE_S3_BUCKET "</Name><Prefix></Prefix>");
  g_autoptr (GList) names = NULL;
  const char *prefix = g_hash_table_lookup (query, "prefix");
  const char *after = g_hash_table_lookup (query, "continuation-token");
  gboolean flat = g_hash_table_lookup (query, "delimiter") == NULL;
  const char *last = NULL;
  gboolean more = FALSE;
  guint n = 0;
  g_autofree char *folder = NULL;

  g_assert_cmpstr (g_hash_table_lookup (query, "list-type"), ==, "2");
  if (prefix == NULL)
    prefix = "";
  g_mutex_lock (&self->mutex);
  names = g_list_sort (g_hash_table_get_keys (self->objects), compare_names);
  for (GList *each = names; each != NULL; each = each->next)
    {
      const char *key = each->data;
      const char *slash;

      if (!g_str_has_prefix (key, prefix) || (after != NULL && strcmp (key, after) <= 0))
        continue;
      slash = flat ? NULL : strchr (key + strlen (prefix), '/');
      if (slash != NULL && folder != NULL && g_str_has_prefix (key, folder))
        {
          last = key;
          continue;
        }
      if (n++ == self->page_items)
        {
          more = TRUE;
          break;
        }
      if (slash != NULL)
        {
          g_free (folder);
          folder = g_strndup (key, (gsize) (slash - key) + 1);
          append_folder (xml, key, (gsize) (slash - key) + 1);
        }
      else
        append_object (xml, key, g_hash_table_lookup (self->objects, key));
      last = key;
    }
  g_string_append_printf (xml, "<IsTruncated>%s</IsTruncated>", more ? "true" : "false");
  if (more)
    {
      g_autofree char *escaped = g_markup_escape_text (last, -1);

      g_string_append_printf (xml, "<NextContinuationToken>%s</NextContinuationToken>", escaped);
    }
  g_string_append (xml, "</ListBucketResult>");
  g_mutex_unlock (&self->mutex);
  reprise_fault_answer (call, 200, "application/xml", xml->str);
}

static void
give (FakeS3 *self, RepriseFaultCall *call, GBytes *bytes)
{
  g_autofree char *range = reprise_fault_call_dup_header (call, "Range");
  g_autofree char *match = reprise_fault_call_dup_header (call, "If-Match");
  gsize size = 0;
  const char *data = g_bytes_get_data (bytes, &size);
  gsize from = range != NULL ? (gsize) g_ascii_strtoull (range + strlen ("bytes="), NULL, 10) : 0;
  g_autofree char *etag = g_strdup_printf ("\"e%zu\"", size);
  int cut = g_atomic_int_get (&self->cut_after);

  if (match != NULL && strcmp (match, etag) != 0)
    {
      refuse (call, 412, "PreconditionFailed");
      return;
    }
  reprise_fault_print (call,
                       "HTTP/1.1 %d X\r\nContent-Type: application/octet-stream\r\nETag: %s\r\n"
                       "Last-Modified: Sat, 21 Nov 2026 11:00:00 GMT\r\nContent-Length: %zu\r\n",
                       range != NULL ? 206 : 200, etag, size - from);
  if (range != NULL)
    reprise_fault_print (call, "Content-Range: bytes %zu-%zu/%zu\r\n", from, size - 1, size);
  reprise_fault_print (call, "\r\n");
  if (strcmp (call->method, "HEAD") == 0)
    return;
  if (cut > 0 && (gsize) cut < size - from &&
      g_atomic_int_compare_and_exchange (&self->cut_after, cut, 0))
    {
      reprise_fault_write (call, data + from, (gsize) cut);
      reprise_fault_sleep (call, 50);
      reprise_fault_reset (call);
      return;
    }
  reprise_fault_write (call, data + from, size - from);
}

static void
take_read (FakeS3 *self, RepriseFaultCall *call, const char *key)
{
  g_autoptr (GBytes) bytes = fake_s3_get (self, key);
  g_autofree char *range = reprise_fault_call_dup_header (call, "Range");

  g_mutex_lock (&self->mutex);
  self->n_ranges += range != NULL;
  self->n_gets += strcmp (call->method, "GET") == 0;
  g_mutex_unlock (&self->mutex);
  if (bytes == NULL)
    refuse (call, 404, "NoSuchKey");
  else
    give (self, call, bytes);
}

static void
take_put (FakeS3 *self, RepriseFaultCall *call, const char *key, GHashTable *query)
{
  const char *number = g_hash_table_lookup (query, "partNumber");
  const char *upload = g_hash_table_lookup (query, "uploadId");
  g_autoptr (GBytes) bytes =
    call->body != NULL ? g_bytes_ref (call->body) : g_bytes_new_static ("", 0);

  g_mutex_lock (&self->mutex);
  if (number != NULL)
    g_hash_table_replace (self->parts, g_strconcat (upload, "/", number, NULL),
                          g_bytes_ref (bytes));
  else
    g_hash_table_replace (self->objects, g_strdup (key), g_bytes_ref (bytes));
  g_mutex_unlock (&self->mutex);
  reprise_fault_print (call, "HTTP/1.1 200 X\r\nETag: \"p&%s\"\r\nContent-Length: 0\r\n\r\n",
                       number != NULL ? number : "0");
}

static void
begin_upload (FakeS3 *self, RepriseFaultCall *call)
{
  g_autofree char *body = NULL;

  g_mutex_lock (&self->mutex);
  body = g_strdup_printf ("<InitiateMultipartUploadResult><UploadId>up-%u</UploadId>"
                          "</InitiateMultipartUploadResult>",
                          ++self->n_uploads);
  g_mutex_unlock (&self->mutex);
  reprise_fault_answer (call, 200, "application/xml", body);
}

static void
end_upload (FakeS3 *self, RepriseFaultCall *call, const char *key, const char *upload)
{
  g_autoptr (GByteArray) all = g_byte_array_new ();
  g_autofree char *xml =
    g_strndup (g_bytes_get_data (call->body, NULL), g_bytes_get_size (call->body));
  gboolean known = FALSE;

  g_mutex_lock (&self->mutex);
  for (const char *at = strstr (xml, "<PartNumber>"); at != NULL;
       at = strstr (at + 1, "<PartNumber>"))
    {
      g_autofree char *number =
        g_strndup (at + strlen ("<PartNumber>"), strcspn (at + strlen ("<PartNumber>"), "<"));
      g_autofree char *name = g_strconcat (upload, "/", number, NULL);
      g_autofree char *etag = g_strdup_printf ("<ETag>&quot;p&amp;%s&quot;</ETag>", number);
      GBytes *part = g_hash_table_lookup (self->parts, name);

      known = part != NULL && strstr (xml, etag) != NULL;
      if (!known)
        break;
      g_byte_array_append (all, g_bytes_get_data (part, NULL), (guint) g_bytes_get_size (part));
      g_hash_table_remove (self->parts, name);
    }
  if (known)
    g_hash_table_replace (self->objects, g_strdup (key), g_bytes_new (all->data, all->len));
  g_mutex_unlock (&self->mutex);
  if (!known)
    refuse (call, 404, "NoSuchUpload");
  else if (g_atomic_int_get (&self->cut_ends) > 0)
    {
      g_atomic_int_add (&self->cut_ends, -1);
      reprise_fault_reset (call);
    }
  else
    reprise_fault_answer (call, 200, "application/xml", "<CompleteMultipartUploadResult/>");
}

static void
take_deletion (FakeS3 *self, RepriseFaultCall *call)
{
  g_autofree char *md5 = reprise_fault_call_dup_header (call, "Content-MD5");
  g_autofree char *xml =
    g_strndup (g_bytes_get_data (call->body, NULL), g_bytes_get_size (call->body));
  GString *answer = g_string_new ("<DeleteResult>");

  g_assert_nonnull (md5);
  g_mutex_lock (&self->mutex);
  for (const char *at = strstr (xml, "<Key>"); at != NULL; at = strstr (at + 1, "<Key>"))
    {
      g_autofree char *key =
        g_strndup (at + strlen ("<Key>"), strcspn (at + strlen ("<Key>"), "<"));

      if (strstr (key, "locked") != NULL)
        g_string_append_printf (answer,
                                "<Error><Key>%s</Key><Code>AccessDenied</Code>"
                                "<Message>It is kept</Message></Error>",
                                key);
      else
        g_hash_table_remove (self->objects, key);
    }
  g_mutex_unlock (&self->mutex);
  g_string_append (answer, "</DeleteResult>");
  reprise_fault_answer (call, 200, "application/xml", answer->str);
  g_string_free (answer, TRUE);
}

static void
give_up_upload (FakeS3 *self, RepriseFaultCall *call)
{
  g_mutex_lock (&self->mutex);
  self->n_given_up++;
  g_mutex_unlock (&self->mutex);
  reprise_fault_print (call, "HTTP/1.1 204 X\r\n\r\n");
}

static gboolean
may_write (FakeS3 *self, RepriseFaultCall *call)
{
  if (strcmp (call->method, "PUT") != 0)
    return TRUE;
  if (g_atomic_int_get (&self->fail_puts) > 0)
    {
      g_atomic_int_add (&self->fail_puts, -1);
      refuse (call, 503, "SlowDown");
      return FALSE;
    }
  if (g_atomic_int_get (&self->full_after) == 0)
    {
      refuse (call, 403, "QuotaExceeded");
      return FALSE;
    }
  if (g_atomic_int_get (&self->full_after) > 0)
    g_atomic_int_add (&self->full_after, -1);
  return TRUE;
}

static void
take_object_call (FakeS3 *self, RepriseFaultCall *call, const char *key, GHashTable *query)
{
  if (!may_write (self, call))
    return;
  if (strcmp (call->method, "PUT") == 0)
    take_put (self, call, key, query);
  else if (strcmp (call->method, "POST") == 0 && g_hash_table_contains (query, "uploads"))
    begin_upload (self, call);
  else if (strcmp (call->method, "POST") == 0)
    end_upload (self, call, key, g_hash_table_lookup (query, "uploadId"));
  else if (strcmp (call->method, "DELETE") == 0)
    give_up_upload (self, call);
  else
    take_read (self, call, key);
}

static void
take_call (RepriseFaultCall *call, gpointer data)
{
  FakeS3 *self = data;
  g_autoptr (GHashTable) query = soup_form_decode (call->query != NULL ? call->query : "");
  static const char root[] = "/" FAKE_S3_BUCKET "/";
  const char *wrong = check_signature (self, call);
  g_autofree char *region = g_strdup_printf ("<Region>%s</Region>", self->region);
  g_autofree char *key = NULL;

  if (wrong != NULL)
    refuse_more (call, strcmp (wrong, "AuthorizationHeaderMalformed") == 0 ? 400 : 403, wrong,
                 strcmp (wrong, "AuthorizationHeaderMalformed") == 0 ? region : "");
  else if (!g_str_has_prefix (call->path, root))
    refuse (call, 404, "NoSuchBucket");
  else if (call->path[strlen (root)] != '\0')
    {
      key = g_uri_unescape_string (call->path + strlen (root), NULL);
      take_object_call (self, call, key, query);
    }
  else if (strcmp (call->method, "POST") == 0)
    take_deletion (self, call);
  else
    list_objects (self, call, query);
}

FakeS3 *
fake_s3_new (void)
{
  FakeS3 *self = g_new0 (FakeS3, 1);

  g_mutex_init (&self->mutex);
  self->page_items = 7;
  self->region = "us-east-1";
  self->full_after = -1;
  self->objects =
    g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_bytes_unref);
  self->parts =
    g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_bytes_unref);
  self->server = reprise_fault_server_new (take_call, self);
  return self;
}

void
fake_s3_free (FakeS3 *self)
{
  reprise_fault_server_free (self->server);
  g_hash_table_unref (self->objects);
  g_hash_table_unref (self->parts);
  g_mutex_clear (&self->mutex);
  g_free (self);
}

void
fake_s3_put (FakeS3 *self, const char *key, gconstpointer data, gsize size)
{
  g_mutex_lock (&self->mutex);
  g_hash_table_replace (self->objects, g_strdup (key), g_bytes_new (data, size));
  g_mutex_unlock (&self->mutex);
}

/* (transfer full) (nullable) */
GBytes *
fake_s3_get (FakeS3 *self, const char *key)
{
  GBytes *bytes;

  g_mutex_lock (&self->mutex);
  bytes = g_hash_table_lookup (self->objects, key);
  if (bytes != NULL)
    g_bytes_ref (bytes);
  g_mutex_unlock (&self->mutex);
  return bytes;
}

/* How many objects have names that begin so. */
guint
fake_s3_count (FakeS3 *self, const char *prefix)
{
  GHashTableIter iter;
  gpointer key;
  guint n = 0;

  g_mutex_lock (&self->mutex);
  g_hash_table_iter_init (&iter, self->objects);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    n += g_str_has_prefix (key, prefix);
  g_mutex_unlock (&self->mutex);
  return n;
}

RepriseS3 *
fake_s3_connect (FakeS3 *self)
{
  g_autofree char *address = reprise_fault_server_dup_address (self->server);
  g_autoptr (RepriseSecretValue) key = reprise_secret_value_new_text (FAKE_S3_SECRET);
  RepriseS3Options options = {
    .address = address, .bucket = FAKE_S3_BUCKET, .key_id = FAKE_S3_KEY_ID, .key = key
  };
  g_autoptr (GError) error = NULL;
  RepriseS3 *s3 = reprise_s3_new (&options, &error);

  g_assert_no_error (error);
  reprise_http_set_backoff (reprise_s3_get_http (s3), 1, 5);
  return s3;
}
