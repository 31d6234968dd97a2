/* test-s3.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/reprise-error.h"
#include "providers/milvus/storage/s3/fake-s3.h"
#include "providers/milvus/storage/s3/reprise-s3-private.h"
#include "providers/milvus/storage/s3/reprise-s3-sign.h"
#include "reprise-test-error.h"
#include "reprise-test.h"

#define SIZE       300007
#define PART_BYTES 65536

typedef struct
{
  FakeS3 *server;
  RepriseS3 *s3;
  char *folder;
  char *path;
  char *data;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->server = fake_s3_new ();
  fixture->s3 = fake_s3_connect (fixture->server);
  reprise_s3_set_part_bytes (fixture->s3, PART_BYTES);
  fixture->folder = reprise_test_make_folder ();
  fixture->path = g_build_filename (fixture->folder, "log", NULL);
  fixture->data = g_malloc (SIZE);
  for (gsize i = 0; i < SIZE; i++)
    fixture->data[i] = (char) (i * 2654435761u >> 13);
  g_assert_true (g_file_set_contents (fixture->path, fixture->data, SIZE, NULL));
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_clear_object (&fixture->s3);
  fake_s3_free (fixture->server);
  reprise_test_remove_folder (fixture->folder);
  g_free (fixture->path);
  g_free (fixture->data);
}

/* --- signatures --- */

#define AWS_SECRET "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
#define AWS_TIME   "20130524T000000Z"

static void
assert_signature (RepriseS3Signing *signing, const char *expected)
{
  guint8 key[REPRISE_S3_KEY_BYTES];
  g_autofree char *authorization = NULL;

  reprise_s3_make_key (AWS_SECRET, AWS_TIME, "us-east-1", key);
  signing->time = AWS_TIME;
  signing->region = "us-east-1";
  signing->key_id = "AKIAIOSFODNN7EXAMPLE";
  signing->key = key;
  authorization = reprise_s3_sign (signing);
  g_assert_true (g_str_has_prefix (authorization,
                                   "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/"
                                   "us-east-1/s3/aws4_request,SignedHeaders="));
  g_assert_true (g_str_has_suffix (authorization, expected));
}

/* The examples of https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html */
static void
test_sign (void)
{
  const RepriseS3Header get[] = { { "host", "examplebucket.s3.amazonaws.com" },
                                  { "range", "bytes=0-9" },
                                  { "x-amz-content-sha256", REPRISE_S3_EMPTY_HASH },
                                  { "x-amz-date", AWS_TIME } };
  const RepriseS3Header put[] = {
    { "date", "Fri, 24 May 2013 00:00:00 GMT" },
    { "host", "examplebucket.s3.amazonaws.com" },
    { "x-amz-content-sha256", "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072" },
    { "x-amz-date", AWS_TIME },
    { "x-amz-storage-class", "REDUCED_REDUNDANCY" },
  };
  const RepriseS3Header plain[] = { { "host", "examplebucket.s3.amazonaws.com" },
                                    { "x-amz-content-sha256", REPRISE_S3_EMPTY_HASH },
                                    { "x-amz-date", AWS_TIME } };
  RepriseS3Signing object = { "GET", "/test.txt",        NULL,
                              get,   G_N_ELEMENTS (get), REPRISE_S3_EMPTY_HASH };
  RepriseS3Signing upload = { "PUT", "/test%24file.text", NULL,
                              put,   G_N_ELEMENTS (put),  put[2].value };
  RepriseS3Signing flag = {
    "GET", "/", "lifecycle", plain, G_N_ELEMENTS (plain), REPRISE_S3_EMPTY_HASH
  };
  RepriseS3Signing list = {
    "GET", "/", "prefix=J&max-keys=2", plain, G_N_ELEMENTS (plain), REPRISE_S3_EMPTY_HASH
  };

  assert_signature (&object,
                    "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
  assert_signature (&upload,
                    "Signature=98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd");
  assert_signature (&flag,
                    "Signature=fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543");
  assert_signature (&list,
                    "Signature=34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7");
}

/* --- where it goes --- */

static void
assert_address (const char *address,
                const char *bucket,
                RepriseS3Style style,
                const char *host,
                const char *path)
{
  g_autoptr (RepriseSecretValue) key = reprise_secret_value_new_text ("k");
  RepriseS3Options options = {
    .address = address, .bucket = bucket, .style = style, .key_id = "k", .key = key
  };
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseS3) s3 = reprise_s3_new (&options, &error);
  g_autoptr (RepriseHttpRequest) request = NULL;

  g_assert_no_error (error);
  request = reprise_s3_request (s3, "GET", "a b/ü+$.bin", REPRISE_HTTP_READ);
  g_assert_cmpstr (g_uri_get_host (reprise_http_get_address (reprise_s3_get_http (s3))), ==, host);
  g_assert_cmpstr (reprise_http_request_get_path (request), ==, path);
}

static void
test_address (void)
{
#define ESCAPED "a%20b/%C3%BC%2B%24.bin"
  assert_address ("http://minio:9000", "a-bucket", REPRISE_S3_AUTO, "minio", "a-bucket/" ESCAPED);
  assert_address ("https://s3.eu-west-1.amazonaws.com", "a-bucket", REPRISE_S3_AUTO,
                  "a-bucket.s3.eu-west-1.amazonaws.com", ESCAPED);
  assert_address ("https://s3.amazonaws.com", "a.bucket", REPRISE_S3_AUTO, "s3.amazonaws.com",
                  "a.bucket/" ESCAPED);
  assert_address ("https://s3.amazonaws.com", "a-bucket", REPRISE_S3_PATH, "s3.amazonaws.com",
                  "a-bucket/" ESCAPED);
  assert_address ("https://oss-cn-x.aliyuncs.com/", "a-bucket", REPRISE_S3_AUTO,
                  "a-bucket.oss-cn-x.aliyuncs.com", ESCAPED);
  assert_address ("http://store.example.org:81", "a-bucket", REPRISE_S3_HOST,
                  "a-bucket.store.example.org", ESCAPED);
}

static void
test_wrong_options (void)
{
  g_autoptr (RepriseSecretValue) key = reprise_secret_value_new_text ("k");
  RepriseS3Options options = { .address = "http://minio", .key_id = "k", .key = key };
  static const char *const buckets[] = { NULL, "", "ab", "../x", "a/b", "a b", ".abc" };
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (buckets); i++)
    {
      options.bucket = buckets[i];
      g_assert_null (reprise_s3_new (&options, &error));
      reprise_test_assert_error (&error, REPRISE_ERROR_INVALID, "name of a bucket");
    }
  options.bucket = "a-bucket";
  options.address = "ftp://minio";
  g_assert_null (reprise_s3_new (&options, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_INVALID);
  g_clear_error (&error);
  options.address = "http://minio";
  options.key = NULL;
  g_assert_null (reprise_s3_new (&options, &error));
  reprise_test_assert_error (&error, REPRISE_ERROR_NEEDS_SIGN_IN, "secret access key");
}

/* --- lists --- */

static gboolean
each_cb (const RepriseS3Object *object, gpointer data, GError **error)
{
  g_string_append_printf (data, "%s%s;", object->key, object->is_folder ? " folder" : "");
  if (!object->is_folder)
    {
      g_autofree char *etag = g_strdup_printf ("\"e%" G_GINT64_FORMAT "\"", object->size_bytes);

      g_assert_cmpstr (object->etag, ==, etag);
      g_assert_cmpint (g_date_time_get_hour (object->modified_at), ==, 11);
    }
  return TRUE;
}

static gboolean
stop_at_cb (const RepriseS3Object *object, gpointer data, GError **error)
{
  g_set_error_literal (error, REPRISE_ERROR, REPRISE_ERROR_LIMIT, "enough");
  return FALSE;
}

static void
test_list (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GString) seen = g_string_new (NULL);
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < 5; i++)
    {
      g_autofree char *key = g_strdup_printf ("b/x&<%u>/log é", i);

      fake_s3_put (fixture->server, key, fixture->data, i);
    }
  fake_s3_put (fixture->server, "b/z", "z", 1);
  fake_s3_put (fixture->server, "other", "", 0);
  fixture->server->page_items = 2;
  g_assert_true (reprise_s3_list (fixture->s3, "b/x", TRUE, each_cb, seen, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (seen->str, ==,
                   "b/x&<0>/log é;b/x&<1>/log é;b/x&<2>/log é;b/x&<3>/log é;b/x&<4>/log é;");
  g_assert_cmpuint (reprise_fault_server_get_n_calls (fixture->server->server), ==, 3);
  g_string_truncate (seen, 0);
  g_assert_true (reprise_s3_list (fixture->s3, NULL, FALSE, each_cb, seen, NULL, &error));
  g_assert_cmpstr (seen->str, ==, "b/ folder;other;");
  g_assert_false (reprise_s3_list (fixture->s3, NULL, TRUE, stop_at_cb, NULL, NULL, &error));
  reprise_test_assert_error (&error, REPRISE_ERROR_LIMIT, "enough");
  g_assert_true (reprise_s3_check (fixture->s3, NULL, &error));
}

static void
test_hostile_list (void)
{
  static const char *const documents[] = {
    "",
    "<",
    "<html><body>Sign in</body></html>",
    "<ListBucketResult>",
    "<ListBucketResult><Contents></ListBucketResult>",
    "<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>",
    "<Error><Code>InternalError</Code></Error>",
  };

  for (guint i = 0; i < G_N_ELEMENTS (documents); i++)
    {
      g_autoptr (GString) seen = g_string_new (NULL);
      RepriseS3Page page = { each_cb, seen, NULL };
      g_autoptr (GError) error = NULL;

      g_assert_false (reprise_s3_read_page (&page, documents[i], strlen (documents[i]), &error));
      g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_PROTOCOL);
      g_free (page.marker);
    }
}

/* --- refusals, each in words --- */

static void
test_refused (Fixture *fixture, gconstpointer data)
{
  g_autofree char *address = reprise_fault_server_dup_address (fixture->server->server);
  g_autoptr (RepriseSecretValue) key = reprise_secret_value_new_text (FAKE_S3_SECRET);
  g_autoptr (RepriseSecretValue) wrong = reprise_secret_value_new_text ("canary-wrong");
  RepriseS3Options options = {
    .address = address, .bucket = "no-bucket", .key_id = FAKE_S3_KEY_ID, .key = key
  };
  static const struct
  {
    RepriseError code;
    const char *words;
  } EXPECTED[] = {
    { REPRISE_ERROR_NOT_FOUND, "The bucket does not exist" },
    { REPRISE_ERROR_NEEDS_SIGN_IN, "does not belong to the access key" },
    { REPRISE_ERROR_NEEDS_SIGN_IN, "does not know the access key" },
    { REPRISE_ERROR_DENIED, "not allowed" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (EXPECTED); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (RepriseS3) s3 = NULL;

      if (i == 1)
        options.key = wrong;
      if (i == 2)
        options.key_id = "nobody";
      if (i == 3)
        options.key_id = NULL;
      s3 = reprise_s3_new (&options, &error);
      g_assert_no_error (error);
      g_assert_false (reprise_s3_check (s3, NULL, &error));
      reprise_test_assert_error (&error, EXPECTED[i].code, EXPECTED[i].words);
      options.bucket = FAKE_S3_BUCKET;
    }
}

/* The server says where the bucket is; nobody is asked. */
static void
test_region (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  fixture->server->region = "eu-west-3";
  g_assert_true (reprise_s3_check (fixture->s3, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (reprise_fault_server_get_n_calls (fixture->server->server), ==, 2);
  g_assert_true (reprise_s3_check (fixture->s3, NULL, &error)); /* it was learned */
  g_assert_no_error (error);
  g_assert_cmpuint (reprise_fault_server_get_n_calls (fixture->server->server), ==, 3);
}

static void
test_session (Fixture *fixture, gconstpointer data)
{
  g_autofree char *address = reprise_fault_server_dup_address (fixture->server->server);
  g_autoptr (RepriseSecretValue) key = reprise_secret_value_new_text (FAKE_S3_SECRET);
  g_autoptr (RepriseSecretValue) session = reprise_secret_value_new_text ("canary-session");
  RepriseS3Options options = { .address = address,
                               .bucket = FAKE_S3_BUCKET,
                               .key_id = FAKE_S3_KEY_ID,
                               .key = key,
                               .session = session };
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseS3) s3 = reprise_s3_new (&options, &error);

  fixture->server->session = "canary-session";
  g_assert_true (reprise_s3_check (s3, NULL, &error));
  fixture->server->session = "another";
  g_assert_false (reprise_s3_check (s3, NULL, &error));
  reprise_test_assert_error (&error, REPRISE_ERROR_NEEDS_SIGN_IN, "session token");
}

/* Of a storage that answers 301 without saying where to, and of a page that is no storage. */
static void
elsewhere_cb (RepriseFaultCall *call, gpointer data)
{
  if (GPOINTER_TO_INT (data) == 0)
    reprise_fault_answer (call, 200, "text/html", "<html>Console</html>");
  else
    reprise_fault_print (call, "HTTP/1.1 301 X\r\nContent-Type: application/xml\r\n"
                               "Content-Length: 44\r\n\r\n"
                               "<Error><Code>PermanentRedirect</Code></Error>");
}

static void
test_elsewhere (void)
{
  g_autoptr (RepriseSecretValue) key = reprise_secret_value_new_text ("k");

  for (int i = 0; i < 2; i++)
    {
      g_autoptr (RepriseFaultServer) server =
        reprise_fault_server_new (elsewhere_cb, GINT_TO_POINTER (i));
      g_autofree char *address = reprise_fault_server_dup_address (server);
      RepriseS3Options options = {
        .address = address, .bucket = "a-bucket", .key_id = "k", .key = key
      };
      g_autoptr (GError) error = NULL;
      g_autoptr (RepriseS3) s3 = reprise_s3_new (&options, &error);

      g_assert_false (reprise_s3_check (s3, NULL, &error));
      if (i == 0)
        reprise_test_assert_error (&error, REPRISE_ERROR_PROTOCOL, "no storage of the S3 protocol");
      else
        reprise_test_assert_error (&error, REPRISE_ERROR_INVALID, "another address");
    }
}

/* --- objects --- */

static gboolean
write_cb (gconstpointer data,
          gsize size,
          gpointer user_data,
          GCancellable *cancellable,
          GError **error)
{
  g_byte_array_append (user_data, data, (guint) size);
  return TRUE;
}

static void
test_download (Fixture *fixture, gconstpointer data)
{
  static const RepriseHttpSink SINK = { .write = write_cb };
  RepriseS3Object object = { .key = (char *) "b/a log+é", .size_bytes = SIZE };
  g_autoptr (GByteArray) got = g_byte_array_new ();
  g_autoptr (GError) error = NULL;

  fake_s3_put (fixture->server, object.key, fixture->data, SIZE);
  fixture->server->cut_after = 100000;
  g_assert_true (reprise_s3_download (fixture->s3, &object, &SINK, got, NULL, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpmem (got->data, got->len, fixture->data, SIZE);
  g_assert_cmpuint (fixture->server->n_ranges, ==, 1);

  object.size_bytes = SIZE - 1;
  g_assert_false (reprise_s3_download (fixture->s3, &object, &SINK, got, NULL, NULL, &error));
  reprise_test_assert_error (&error, REPRISE_ERROR_DAMAGED, "another length");
  object.size_bytes = SIZE;
  object.etag = (char *) "\"other\"";
  g_assert_false (reprise_s3_download (fixture->s3, &object, &SINK, got, NULL, NULL, &error));
  reprise_test_assert_error (&error, REPRISE_ERROR_DAMAGED, "has changed");
  object.key = (char *) "b/none";
  g_assert_false (reprise_s3_download (fixture->s3, &object, &SINK, got, NULL, NULL, &error));
  reprise_test_assert_error (&error, REPRISE_ERROR_NOT_FOUND, "object does not exist");
  g_assert_null (reprise_s3_look (fixture->s3, "b/none", NULL, &error));
  reprise_test_assert_error (&error, REPRISE_ERROR_NOT_FOUND, "object does not exist");
}

static void
assert_upload (Fixture *fixture, gsize size, GError **error)
{
  g_autofree char *sha256 = NULL;
  g_autofree char *wanted =
    g_compute_checksum_for_data (G_CHECKSUM_SHA256, (guchar *) fixture->data, size);
  int fd = open (fixture->path, O_RDONLY | O_CLOEXEC);
  gboolean ok = reprise_s3_upload (fixture->s3, "b/up &", fd, size, &sha256, NULL, NULL, error);
  g_autoptr (GBytes) there = fake_s3_get (fixture->server, "b/up &");

  close (fd);
  if (!ok)
    return;
  g_assert_cmpstr (sha256, ==, wanted);
  g_assert_cmpmem (g_bytes_get_data (there, NULL), g_bytes_get_size (there), fixture->data, size);
}

static void
test_upload (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  assert_upload (fixture, 0, &error);
  g_assert_no_error (error);
  assert_upload (fixture, PART_BYTES, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (fixture->server->n_uploads, ==, 0);
  fixture->server->fail_puts = 2;
  assert_upload (fixture, SIZE, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (fixture->server->n_uploads, ==, 1);
  g_assert_cmpuint (g_hash_table_size (fixture->server->parts), ==, 0);
  fixture->server->cut_ends = 1; /* done, but nobody heard of it */
  assert_upload (fixture, PART_BYTES + 1, &error);
  g_assert_no_error (error);
  fixture->server->full_after = 1;
  assert_upload (fixture, SIZE, &error);
  reprise_test_assert_error (&error, REPRISE_ERROR_FAILED, "storage is full");
  g_assert_cmpuint (fixture->server->n_given_up, ==, 1);
}

static void
test_part_size (Fixture *fixture, gconstpointer data)
{
  g_assert_cmpuint (reprise_s3_get_part_bytes (fixture->s3, 10), ==, PART_BYTES);
  g_assert_cmpuint (reprise_s3_get_part_bytes (fixture->s3, (guint64) 10000 * PART_BYTES), ==,
                    2 * PART_BYTES);
}

static void
test_delete (Fixture *fixture, gconstpointer data)
{
  const char *keys[] = { "b/1", "b/2", "b/none" };
  const char *locked[] = { "b/locked" };
  g_autoptr (GError) error = NULL;

  fake_s3_put (fixture->server, "b/1", "1", 1);
  fake_s3_put (fixture->server, "b/2", "2", 1);
  fake_s3_put (fixture->server, "b/locked", "3", 1);
  g_assert_true (reprise_s3_delete (fixture->s3, keys, 3, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (fake_s3_count (fixture->server, ""), ==, 1);
  g_assert_false (reprise_s3_delete (fixture->s3, locked, 1, NULL, &error));
  reprise_test_assert_error (&error, REPRISE_ERROR_DENIED, "b/locked");
}

static void
test_cancelled (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  g_cancellable_cancel (cancellable);
  g_assert_false (reprise_s3_check (fixture->s3, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

int
main (int argc, char **argv)
{
  reprise_test_init (&argc, &argv);
  g_test_add_func ("/s3/sign", test_sign);
  g_test_add_func ("/s3/address", test_address);
  g_test_add_func ("/s3/wrong-options", test_wrong_options);
  g_test_add ("/s3/list", Fixture, NULL, set_up, test_list, tear_down);
  g_test_add_func ("/s3/hostile-list", test_hostile_list);
  g_test_add ("/s3/refused", Fixture, NULL, set_up, test_refused, tear_down);
  g_test_add ("/s3/region", Fixture, NULL, set_up, test_region, tear_down);
  g_test_add ("/s3/session", Fixture, NULL, set_up, test_session, tear_down);
  g_test_add_func ("/s3/elsewhere", test_elsewhere);
  g_test_add ("/s3/download", Fixture, NULL, set_up, test_download, tear_down);
  g_test_add ("/s3/upload", Fixture, NULL, set_up, test_upload, tear_down);
  g_test_add ("/s3/part-size", Fixture, NULL, set_up, test_part_size, tear_down);
  g_test_add ("/s3/delete", Fixture, NULL, set_up, test_delete, tear_down);
  g_test_add ("/s3/cancelled", Fixture, NULL, set_up, test_cancelled, tear_down);
  return g_test_run ();
}
