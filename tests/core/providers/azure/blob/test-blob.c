/* test-blob.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "base/reprise-error.h"
#include "providers/azure/blob/fake-blob.h"
#include "providers/azure/blob/reprise-blob-digest.h"
#include "providers/azure/blob/reprise-blob-private.h"
#include "reprise-test-error.h"
#include "reprise-test.h"

#define SIZE 1000003 /* of what is sent and fetched: 16 blocks, and the last one is smaller */

typedef struct
{
  FakeBlob *server;
  RepriseBlob *blob;
  char *folder;
  char *path; /* of a file with the data */
  char *data;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->server = fake_blob_new ();
  fixture->blob = fake_blob_connect (fixture->server);
  reprise_blob_set_block_bytes (fixture->blob, 65536);
  fixture->folder = reprise_test_make_folder ();
  fixture->path = g_build_filename (fixture->folder, "site.zip", NULL);
  fixture->data = g_malloc (SIZE);
  for (gsize i = 0; i < SIZE; i++)
    fixture->data[i] = (char) (i * 2654435761u >> 13);
  g_assert_true (g_file_set_contents (fixture->path, fixture->data, SIZE, NULL));
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_clear_object (&fixture->blob);
  fake_blob_free (fixture->server);
  reprise_test_remove_folder (fixture->folder);
  g_free (fixture->path);
  g_free (fixture->data);
}

/* --- lists --- */

static gboolean
each_cb (const RepriseBlobItem *item, gpointer data, GError **error)
{
  g_string_append_printf (data, "%s %" G_GINT64_FORMAT ";", item->name, item->size_bytes);
  g_assert_cmpint (g_date_time_get_hour (item->created_at), ==, 10);
  g_assert_cmpint (g_date_time_get_hour (item->modified_at), ==, 11);
  g_assert_true (g_str_has_prefix (item->etag, "\"0x8D"));
  g_assert_cmpstr (item->tier, ==, "Hot");
  return TRUE;
}

static gboolean
stop_at_cb (const RepriseBlobItem *item, gpointer data, GError **error)
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
      g_autofree char *name = g_strdup_printf ("a&b <%u>.zip", i);

      fake_blob_put (fixture->server, name, fixture->data, i, TRUE);
    }
  fake_blob_put (fixture->server, "other", "", 0, FALSE);
  reprise_blob_list (fixture->blob, "a&b", each_cb, seen, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (seen->str, ==,
                   "a&b <0>.zip 0;a&b <1>.zip 1;a&b <2>.zip 2;a&b <3>.zip 3;a&b <4>.zip 4;");
  g_assert_cmpuint (reprise_fault_server_get_n_calls (fixture->server->server), ==, 3);
  g_assert_false (reprise_blob_list (fixture->blob, NULL, stop_at_cb, NULL, NULL, &error));
  reprise_test_assert_error (&error, REPRISE_ERROR_LIMIT, "enough");
  g_assert_true (reprise_blob_check_container (fixture->blob, NULL, &error));
  fixture->server->has_container = FALSE;
  g_assert_false (reprise_blob_check_container (fixture->blob, NULL, &error));
  reprise_test_assert_error (&error, REPRISE_ERROR_NOT_FOUND,
                             "acct/backups: The container does not exist");
}

static void
test_hostile_list (void)
{
  static const char *const documents[] = {
    "",
    "<html>",
    "{}",
    "<EnumerationResults><Blobs>",
    "<Error><Code>x</Code></Error>",
    "<!DOCTYPE a [<!ENTITY b \"c\">]><EnumerationResults>&b;</EnumerationResults>",
  };

  for (guint i = 0; i < G_N_ELEMENTS (documents); i++)
    {
      RepriseBlobPage page = { stop_at_cb, NULL, NULL };
      g_autoptr (GError) error = NULL;

      g_assert_false (reprise_blob_read_page (&page, documents[i], strlen (documents[i]), &error));
      reprise_test_assert_error (&error, REPRISE_ERROR_PROTOCOL, "cannot be read");
    }
}

/* --- download --- */

static void
fetch (Fixture *fixture, guint64 offset, GOutputStream *stream, GError **error)
{
  g_autoptr (RepriseBlobItem) item = reprise_blob_look (fixture->blob, "d/site.zip", NULL, error);

  if (item != NULL)
    reprise_blob_download (fixture->blob, item, offset, stream, NULL, NULL, NULL, error);
}

static void
assert_fetched (Fixture *fixture, GOutputStream *stream, gsize offset)
{
  GMemoryOutputStream *memory = G_MEMORY_OUTPUT_STREAM (stream);

  g_assert_cmpmem (g_memory_output_stream_get_data (memory),
                   g_memory_output_stream_get_data_size (memory), fixture->data + offset,
                   SIZE - offset);
}

static void
test_download (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GOutputStream) whole = g_memory_output_stream_new_resizable ();
  g_autoptr (GOutputStream) cut = g_memory_output_stream_new_resizable ();
  g_autoptr (GOutputStream) rest = g_memory_output_stream_new_resizable ();
  g_autoptr (GError) error = NULL;

  fake_blob_put (fixture->server, "d/site.zip", fixture->data, SIZE, TRUE);
  fetch (fixture, 0, whole, &error);
  g_assert_no_error (error);
  assert_fetched (fixture, whole, 0);
  g_assert_cmpuint (fixture->server->n_ranges, ==, 0);
  /* the connection breaks: only the rest is asked for, and the digest is of the whole */
  g_atomic_int_set (&fixture->server->cut_after, 300000);
  fetch (fixture, 0, cut, &error);
  g_assert_no_error (error);
  assert_fetched (fixture, cut, 0);
  g_assert_cmpuint (fixture->server->n_ranges, ==, 1);
  /* after a restart of Reprise */
  fetch (fixture, 600000, rest, &error);
  g_assert_no_error (error);
  assert_fetched (fixture, rest, 600000);
}

static void
test_bad_download (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GOutputStream) stream = g_memory_output_stream_new_resizable ();
  g_autoptr (RepriseBlobItem) item = NULL;
  g_autoptr (GError) error = NULL;

  fetch (fixture, 0, stream, &error);
  reprise_test_assert_error (&error, REPRISE_ERROR_NOT_FOUND, "does not exist");
  fake_blob_put (fixture->server, "d/site.zip", fixture->data, SIZE, TRUE);
  item = reprise_blob_look (fixture->blob, "d/site.zip", NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (item->size_bytes, ==, SIZE);
  g_assert_cmpint (g_date_time_get_hour (item->created_at), ==, 10);
  /* not what its digest says */
  fixture->data[500000] ^= 1;
  fake_blob_put (fixture->server, "d/site.zip", fixture->data, SIZE, FALSE);
  g_assert_false (reprise_blob_download (fixture->blob, item, 0, stream, NULL, NULL, NULL, &error));
  reprise_test_assert_error (&error, REPRISE_ERROR_DAMAGED, "digest");
  /* it became another one between the list and now */
  fake_blob_put (fixture->server, "d/site.zip", fixture->data, 17, FALSE);
  g_assert_false (reprise_blob_download (fixture->blob, item, 0, stream, NULL, NULL, NULL, &error));
  reprise_test_assert_error (&error, REPRISE_ERROR_DAMAGED, "length");
  g_assert_false (reprise_blob_download (fixture->blob, item, 5, stream, NULL, NULL, NULL, &error));
  g_clear_error (&error);
}

/* --- upload --- */

static gboolean
send (Fixture *fixture, gboolean overwrite, GCancellable *cancellable, GError **error)
{
  return reprise_blob_upload (fixture->blob, "d/site.zip", fixture->path, NULL, "application/zip",
                              overwrite, NULL, cancellable, error);
}

static void
assert_sent (Fixture *fixture)
{
  g_autoptr (GBytes) bytes = fake_blob_get (fixture->server, "d/site.zip");

  g_assert_nonnull (bytes);
  g_assert_cmpmem (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), fixture->data, SIZE);
}

static void
test_upload (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GOutputStream) stream = g_memory_output_stream_new_resizable ();
  g_autoptr (GError) error = NULL;

  g_atomic_int_set (&fixture->server->fail_blocks, 3);
  g_assert_true (send (fixture, FALSE, NULL, &error));
  g_assert_no_error (error);
  assert_sent (fixture);
  g_assert_cmpuint (fixture->server->n_blocks, ==, 17);
  fetch (fixture, 0, stream, &error); /* the digest that was sent along is right */
  g_assert_no_error (error);
  g_assert_false (send (fixture, FALSE, NULL, &error));
  reprise_test_assert_error (&error, REPRISE_ERROR_EXISTS, "d/site.zip");
  g_assert_cmpuint (fixture->server->n_blocks, ==, 17);
  g_assert_true (send (fixture, TRUE, NULL, &error));
  g_assert_no_error (error);
}

/* What does not arrive as it was sent is sent again, and not for ever. */
static void
test_damaged_upload (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GError) error = NULL;

  g_atomic_int_set (&fixture->server->damaged_blocks, 2);
  g_assert_true (send (fixture, FALSE, NULL, &error));
  g_assert_no_error (error);
  assert_sent (fixture);
  g_assert_cmpuint (fixture->server->n_blocks, ==, 17 + 2);
  g_atomic_int_set (&fixture->server->damaged_blocks, 1000);
  g_assert_false (send (fixture, TRUE, NULL, &error));
  reprise_test_assert_error (&error, REPRISE_ERROR_DAMAGED, "arrives damaged");
  assert_sent (fixture); /* the one from before */
}

/* A digest that is known is sent along as it is, and that of the file not taken. */
static void
test_known_digest (Fixture *fixture, gconstpointer data)
{
  static const char *const SOME = "XUFAKrxLKna5cZ2REBfFkg==";
  g_autoptr (GOutputStream) stream = g_memory_output_stream_new_resizable ();
  g_autoptr (RepriseBlobItem) item = NULL;
  g_autoptr (RepriseBlobItem) again = NULL;
  g_autofree char *md5 = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (send (fixture, FALSE, NULL, &error));
  item = reprise_blob_look (fixture->blob, "d/site.zip", NULL, &error);
  g_assert_no_error (error);
  g_assert_true (reprise_blob_download (fixture->blob, item, 0, stream, &md5, NULL, NULL, &error));
  g_assert_cmpstr (md5, ==, item->md5);
  g_assert_true (reprise_blob_upload (fixture->blob, "d/site.zip", fixture->path, SOME,
                                      "application/zip", TRUE, NULL, NULL, &error));
  again = reprise_blob_look (fixture->blob, "d/site.zip", NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (again->md5, ==, SOME);
}

/* What a manifest from elsewhere has in that place is not believed. */
static void
test_kept_digest (void)
{
  static const char *const BAD[] = { "", "x", "XUFAKrxLKna5cZ2REBfF", "XUFA KrxLKna5cZ2REBfFkg==" };
  g_autoptr (RepriseService) service = reprise_service_new (NULL, "azure-app", "Shop");
  g_autoptr (RepriseManifest) manifest =
    reprise_manifest_new (service, "01JD0000000000000000000000", REPRISE_ORIGIN_MANUAL);

  g_assert_null (reprise_blob_digest_find (NULL));
  g_assert_null (reprise_blob_digest_find (manifest));
  for (guint i = 0; i < G_N_ELEMENTS (BAD); i++)
    {
      reprise_blob_digest_keep (manifest, BAD[i]);
      g_assert_null (reprise_blob_digest_find (manifest));
    }
  reprise_blob_digest_keep (manifest, "XUFAKrxLKna5cZ2REBfFkg==");
  g_assert_cmpstr (reprise_blob_digest_find (manifest), ==, "XUFAKrxLKna5cZ2REBfFkg==");
}

static void
test_empty_upload (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (g_file_set_contents (fixture->path, "", 0, NULL));
  g_assert_true (send (fixture, FALSE, NULL, &error));
  g_assert_no_error (error);
  bytes = fake_blob_get (fixture->server, "d/site.zip");
  g_assert_cmpuint (g_bytes_get_size (bytes), ==, 0);
}

/* All blocks of an upload that was broken off are there. */
static void
break_off (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;

  g_atomic_int_set (&fixture->server->refused_commits, 1);
  g_assert_false (send (fixture, TRUE, NULL, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_NEEDS_SIGN_IN);
}

/* What an earlier upload left is not sent again: one block tries the signature out. */
static void
test_resumed_upload (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  guint before;

  g_cancellable_cancel (cancellable);
  g_assert_false (send (fixture, FALSE, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  break_off (fixture);
  before = fixture->server->n_blocks;
  g_assert_true (send (fixture, TRUE, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (fixture->server->n_blocks, ==, before + 1);
  assert_sent (fixture);
}

/* Of a file that is not the same any more everything is sent. */
static void
test_changed_upload (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  guint before;

  break_off (fixture);
  before = fixture->server->n_blocks;
  fixture->data[65536 + 7] ^= 1;
  g_assert_true (g_file_set_contents (fixture->path, fixture->data, SIZE, NULL));
  g_assert_true (send (fixture, TRUE, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (fixture->server->n_blocks, ==, before + 1 + 16);
  assert_sent (fixture);
}

/* The answer to the last step is lost: what is then in the way is our own blob. */
static void
test_lost_commit (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_atomic_int_set (&fixture->server->cut_commits, 1);
  g_assert_true (send (fixture, FALSE, NULL, &error));
  g_assert_no_error (error);
  assert_sent (fixture);
}

static void
test_stopped_upload (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = NULL;

  fixture->server->permissions = "rl";
  g_assert_false (send (fixture, FALSE, NULL, &error));
  reprise_test_assert_error (&error, REPRISE_ERROR_DENIED, "a permission is missing");
  bytes = fake_blob_get (fixture->server, "d/site.zip");
  g_assert_null (bytes);
}

static void
test_delete (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  fake_blob_put (fixture->server, "a.zip", "x", 1, FALSE);
  g_assert_true (reprise_blob_delete (fixture->blob, "a.zip", NULL, &error));
  g_assert_no_error (error);
  g_assert_false (reprise_blob_delete (fixture->blob, "a.zip", NULL, &error));
  reprise_test_assert_error (&error, REPRISE_ERROR_NOT_FOUND, "does not exist");
}

/* --- credentials --- */

static void
test_ended (Fixture *fixture, gconstpointer data)
{
  g_autofree char *address = fake_blob_dup_sas (fixture->server, "rwdl", -60);
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseSas) sas = reprise_sas_parse (address, &error);
  g_autoptr (RepriseBlob) blob = reprise_blob_new_for_sas (sas, &error);

  g_assert_no_error (error);
  g_assert_false (reprise_blob_check_container (blob, NULL, &error));
  reprise_test_assert_error (&error, REPRISE_ERROR_NEEDS_SIGN_IN, "ended on");
}

static void
test_key (Fixture *fixture, gconstpointer data)
{
  g_autofree char *endpoint = fake_blob_dup_endpoint (fixture->server);
  g_autoptr (RepriseSecretValue) key = reprise_secret_value_new_text (FAKE_BLOB_KEY);
  g_autofree char *heads = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseBlob) blob =
    reprise_blob_new_for_key (endpoint, FAKE_BLOB_ACCOUNT, FAKE_BLOB_CONTAINER, key, &error);

  g_assert_no_error (error);
  fixture->server->has_container = FALSE;
  g_assert_true (reprise_blob_make_container (blob, NULL, &error));
  g_assert_no_error (error);
  g_assert_true (reprise_blob_check_container (blob, NULL, &error));
  g_assert_no_error (error);
  heads = reprise_fault_server_dup_heads (fixture->server->server);
  g_assert_null (strstr (heads, FAKE_BLOB_KEY)); /* the key itself never travels */
  g_assert_null (strstr (heads, "canary"));
  g_assert_false (reprise_blob_make_container (fixture->blob, NULL, &error));
  reprise_test_assert_error (&error, REPRISE_ERROR_NOT_SUPPORTED, "access key");
}

int
main (int argc, char *argv[])
{
  reprise_test_init (&argc, &argv);
#define ADD(path, function) g_test_add ("/blob/" path, Fixture, NULL, set_up, function, tear_down)
  ADD ("list", test_list);
  ADD ("download", test_download);
  ADD ("bad-download", test_bad_download);
  ADD ("upload", test_upload);
  ADD ("damaged-upload", test_damaged_upload);
  ADD ("known-digest", test_known_digest);
  ADD ("empty-upload", test_empty_upload);
  ADD ("resumed-upload", test_resumed_upload);
  ADD ("changed-upload", test_changed_upload);
  ADD ("lost-commit", test_lost_commit);
  ADD ("stopped-upload", test_stopped_upload);
  ADD ("delete", test_delete);
  ADD ("ended", test_ended);
  ADD ("key", test_key);
#undef ADD
  g_test_add_func ("/blob/hostile-list", test_hostile_list);
  g_test_add_func ("/blob/kept-digest", test_kept_digest);
  return g_test_run ();
}
