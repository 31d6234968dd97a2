/* test-milvus-local.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>
#include <sys/stat.h>

#include <glib/gstdio.h>

#include "base/reprise-error.h"
#include "providers/milvus/reprise-milvus-configuration.h"
#include "providers/milvus/reprise-milvus-kind.h"
#include "providers/milvus/reprise-milvus-local.h"
#include "providers/milvus/reprise-milvus-settings.h"
#include "providers/milvus/storage/reprise-milvus-storage.h"
#include "reprise-test.h"

/* In place of milvus-backup: answers to a greeting, and ends where its configuration says “wrong”. */
static const char PROGRAM[] =
  "#!/usr/bin/env python3\n"
  "import http.server, sys\n"
  "if sys.argv[1:] == ['--version']:\n"
  "    print('milvus-backup version 0.5.16')\n"
  "    sys.exit()\n"
  "assert sys.argv[1:3] == ['server', '-p'] and sys.argv[4] == '--config', sys.argv\n"
  "if 'wrong' in open(sys.argv[5]).read():\n"
  "    sys.exit('the configuration is wrong')\n"
  "class Hello(http.server.BaseHTTPRequestHandler):\n"
  "    def do_GET(self):\n"
  "        self.send_response(200 if self.path == '/api/v1/hello' else 404)\n"
  "        self.end_headers()\n"
  "        self.wfile.write(b'Hello, This is backup service')\n"
  "http.server.HTTPServer(('127.0.0.1', int(sys.argv[3])), Hello).serve_forever()\n";

typedef struct
{
  RepriseKind *kind;
  RepriseService *service;
  RepriseProvider *provider;
  char *folder;
  char *program;
} Fixture;

static RepriseProviderBase *
get_base (Fixture *self)
{
  return REPRISE_PROVIDER_BASE (self->provider);
}

static void
set (Fixture *self, const char *key, const char *value)
{
  reprise_service_set_setting (self->service, key, value);
}

static char *
write_file (Fixture *self, const char *name, const char *text)
{
  char *path = g_build_filename (self->folder, name, NULL);
  g_autofree char *folder = g_path_get_dirname (path);

  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  return path;
}

static int
find_port (void)
{
  g_autoptr (GSocketListener) listener = g_socket_listener_new ();

  return g_socket_listener_add_any_inet_port (listener, NULL, NULL);
}

static void
set_up (Fixture *self, gconstpointer data)
{
  g_autofree char *address = g_strdup_printf ("http://localhost:%d/", find_port ());
  g_autofree char *configuration = NULL;
  g_autoptr (RepriseSecretValue) key = reprise_secret_value_new_text ("se\"cret");

  self->folder = reprise_test_make_folder ();
  self->program = write_file (self, "milvus-backup", PROGRAM);
  g_assert_cmpint (g_chmod (self->program, 0700), ==, 0);
  configuration = write_file (self, "configs/backup.yaml", "milvus:\n");
  self->kind = g_object_new (REPRISE_TYPE_MILVUS_KIND, NULL);
  self->service = reprise_service_new (NULL, "milvus", "Vectors");
  set (self, REPRISE_MILVUS_SETTING_ADDRESS, address);
  set (self, REPRISE_MILVUS_SETTING_LOCAL, REPRISE_MILVUS_LOCAL_FILE);
  set (self, REPRISE_MILVUS_SETTING_PROGRAM, self->program);
  set (self, REPRISE_MILVUS_SETTING_STORAGE, REPRISE_MILVUS_STORAGE_S3);
  set (self, REPRISE_MILVUS_SETTING_ENDPOINT, "https://minio.example.org");
  set (self, REPRISE_MILVUS_SETTING_KEY_ID, "minioadmin");
  reprise_secrets_override (reprise_service_get_uuid (self->service), REPRISE_MILVUS_SECRET_KEY,
                            key);
  self->provider = reprise_kind_create_provider (self->kind, self->service, NULL);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  g_object_unref (self->provider);
  g_object_unref (self->service);
  g_object_unref (self->kind);
  g_free (self->program);
  reprise_test_remove_folder (self->folder);
}

/* Whether something answers at the address. */
static gboolean
answers (Fixture *self)
{
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GSocketConnection) connection = NULL;

  connection = g_socket_client_connect_to_uri (
    client, reprise_service_get_setting (self->service, REPRISE_MILVUS_SETTING_ADDRESS), 80, NULL,
    NULL);
  return connection != NULL;
}

/* The first starts it, the last stops it. */
static void
test_shared (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  RepriseMilvusLocal *first, *second;

  first = reprise_milvus_local_use (get_base (self), NULL, &error);
  g_assert_no_error (error);
  g_assert_true (reprise_milvus_local_is_started (first));
  second = reprise_milvus_local_use (get_base (self), NULL, &error);
  g_assert_no_error (error);
  g_assert_false (reprise_milvus_local_is_started (second));
  reprise_milvus_local_leave (first);
  g_assert_true (answers (self));
  reprise_milvus_local_leave (second);
  g_assert_false (answers (self));
}

/* What somebody else started is used, and left alone. */
static void
test_foreign (Fixture *self, gconstpointer data)
{
  g_autofree char *configuration = g_build_filename (self->folder, "configs", "backup.yaml", NULL);
  const char *address = reprise_service_get_setting (self->service, REPRISE_MILVUS_SETTING_ADDRESS);
  g_autofree char *port = g_strndup (address + strlen ("http://localhost:"),
                                     strspn (address + strlen ("http://localhost:"), "0123456789"));
  g_autoptr (GError) error = NULL;
  g_autoptr (GSubprocess) other =
    g_subprocess_new (G_SUBPROCESS_FLAGS_NONE, &error, self->program, "server", "-p", port,
                      "--config", configuration, NULL);
  RepriseMilvusLocal *local;

  for (guint i = 0; i < 100 && !answers (self); i++)
    g_usleep (50000);
  local = reprise_milvus_local_use (get_base (self), NULL, &error);
  g_assert_no_error (error);
  g_assert_false (reprise_milvus_local_is_started (local));
  reprise_milvus_local_leave (local);
  g_assert_true (answers (self));
  g_subprocess_force_exit (other);
  g_subprocess_wait (other, NULL, NULL);
}

static void
assert_refused (Fixture *self, int code, const char *says)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (reprise_milvus_local_use (get_base (self), NULL, &error));
  if (!g_error_matches (error, REPRISE_ERROR, code) || strstr (error->message, says) == NULL)
    g_error ("expected “%s”, not “%s”", says, error->message);
}

static void
test_refusals (Fixture *self, gconstpointer data)
{
  g_autofree char *wrong = write_file (self, "wrong.yaml", "wrong\n");
  g_autofree char *missing = g_build_filename (self->folder, "missing", NULL);

  set (self, REPRISE_MILVUS_SETTING_CONFIGURATION, wrong);
  assert_refused (self, REPRISE_ERROR_FAILED, "the configuration is wrong");
  set (self, REPRISE_MILVUS_SETTING_CONFIGURATION, missing);
  assert_refused (self, REPRISE_ERROR_NOT_FOUND, "backup.yaml");
  set (self, REPRISE_MILVUS_SETTING_PROGRAM, missing);
  assert_refused (self, REPRISE_ERROR_NOT_FOUND, REPRISE_MILVUS_RELEASES);
  set (self, REPRISE_MILVUS_SETTING_ADDRESS, "https://localhost:443/");
  assert_refused (self, REPRISE_ERROR_INVALID, "no HTTPS");
  set (self, REPRISE_MILVUS_SETTING_ADDRESS, "http://example.org:8080/");
  assert_refused (self, REPRISE_ERROR_INVALID, "this computer");
}

static void
test_version (Fixture *self, gconstpointer data)
{
  g_autofree char *version = reprise_milvus_local_read_version (self->program);

  g_assert_cmpstr (version, ==, "milvus-backup version 0.5.16");
}

/* Not without consent; readable for the user alone; never over what is not ours. */
static void
test_form (Fixture *self, gconstpointer data)
{
  g_autofree char *path = g_build_filename (self->folder, "own", "backup.yaml", NULL);
  g_autofree char *text = NULL;
  g_autofree char *written = NULL;
  g_autofree char *again = NULL;
  g_autoptr (GError) error = NULL;
  struct stat st;

  set (self, REPRISE_MILVUS_SETTING_LOCAL, REPRISE_MILVUS_LOCAL_FORM);
  set (self, REPRISE_MILVUS_SETTING_CONFIGURATION, path);
  set (self, REPRISE_MILVUS_SETTING_PRESET, REPRISE_MILVUS_PRESET_HELM);
  assert_refused (self, REPRISE_ERROR_REFUSED, "agree to that");
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
  set (self, REPRISE_MILVUS_SETTING_CONSENT, "true");
  written = reprise_milvus_configuration_write (get_base (self), NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (written, ==, path);
  g_assert_cmpint (stat (path, &st), ==, 0);
  g_assert_cmpint (st.st_mode & 0777, ==, 0600);
  text = reprise_test_read (path, NULL);
  g_assert_nonnull (strstr (text, "bucketName: \"milvus-bucket\"\n  rootPath: \"file\""));
  g_assert_nonnull (strstr (text, "address: \"minio.example.org\"\n  port: 443\n  useSSL: true"));
  g_assert_nonnull (strstr (text, "accessKeyID: \"minioadmin\""));
  g_assert_nonnull (strstr (text, "secretAccessKey: \"se\\\"cret\""));
  g_assert_nonnull (strstr (text, "address: \"localhost\"\n  port: 19530"));
  again = reprise_milvus_configuration_write (get_base (self), NULL, &error);
  g_assert_no_error (error);
  g_assert_true (g_file_set_contents (path, "milvus:\n", -1, NULL));
  g_assert_null (reprise_milvus_configuration_write (get_base (self), NULL, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_EXISTS);
}

#define ADD(name, test) g_test_add ("/milvus-local/" name, Fixture, NULL, set_up, test, tear_down)

int
main (int argc, char *argv[])
{
  reprise_test_init (&argc, &argv);
  ADD ("shared", test_shared);
  ADD ("foreign", test_foreign);
  ADD ("refusals", test_refusals);
  ADD ("version", test_version);
  ADD ("form", test_form);
  return g_test_run ();
}
