/* test-milvus-local.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "base/reprise-error.h"
#include "providers/milvus/reprise-milvus-configuration.h"
#include "providers/milvus/reprise-milvus-kind.h"
#include "providers/milvus/reprise-milvus-local.h"
#include "providers/milvus/reprise-milvus-settings.h"
#include "providers/milvus/storage/reprise-milvus-storage.h"
#include "reprise-fault-server.h"
#include "reprise-test-error.h"
#include "reprise-test-provider.h"
#include "reprise-test.h"

/* In place of milvus-backup: answers to a greeting, notes that it was started, and ends where its configuration says “wrong”. The state
 * of its restores is what the file “state” beside the configuration says. */
static const char PROGRAM[] =
  "#!/usr/bin/env python3\n"
  "import http.server, os, sys, time\n"
  "if sys.argv[1:] == ['--version']:\n"
  "    print('milvus-backup version 0.5.16')\n"
  "    sys.exit()\n"
  "assert sys.argv[1:3] == ['server', '-p'] and sys.argv[4] == '--config', sys.argv\n"
  "if 'wrong' in open(sys.argv[5]).read():\n"
  "    sys.exit('the configuration is wrong')\n"
  "folder = os.path.dirname(sys.argv[5])\n"
  "with open(os.path.join(folder, 'started'), 'a') as f:\n"
  "    f.write('x')\n"
  "time.sleep(0.3)\n"
  "class Hello(http.server.BaseHTTPRequestHandler):\n"
  "    def do_GET(self):\n"
  "        text = 'Hello, This is backup service'\n"
  "        if 'get_restore' in self.path:\n"
  "            state = open(os.path.join(folder, 'state')).read()\n"
  "            text = '{\"data\":{\"id\":\"r\",\"state_code\":%s,\"progress\":1}}' % state\n"
  "        self.send_response(200 if '/api/v1/' in self.path else 404)\n"
  "        self.end_headers()\n"
  "        self.wfile.write(text.encode())\n"
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
  reprise_test_give_secret (self->service, REPRISE_MILVUS_SECRET_KEY, "se\"cret");
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

/* It is told to end, and not waited for. */
static void
assert_ends (Fixture *self)
{
  for (guint i = 0; i < 400 && answers (self); i++)
    g_usleep (50000);
  g_assert_false (answers (self));
}

static gsize
count_starts (Fixture *self)
{
  g_autofree char *path = g_build_filename (self->folder, "configs", "started", NULL);
  g_autofree char *text = NULL;
  gsize n = 0;

  return g_file_get_contents (path, &text, &n, NULL) ? n : 0;
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
  assert_ends (self);
}

static void
refuse_cb (RepriseFaultCall *call, gpointer user_data)
{
  reprise_fault_answer (call, 200, "text/html", "<html>something else</html>");
}

static gpointer
use_thread (gpointer data)
{
  g_autoptr (GError) error = NULL;
  RepriseMilvusLocal *local = reprise_milvus_local_use (get_base (data), NULL, &error);

  g_assert_no_error (error);
  g_assert_true (reprise_milvus_local_is_ours (local));
  return local;
}

/* Of many that want it at once, one starts it, and none stops it under the others. */
static void
test_at_once (Fixture *self, gconstpointer data)
{
  GThread *threads[6];
  RepriseMilvusLocal *locals[6];
  guint n_started = 0;

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("use", use_thread, self);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    {
      locals[i] = g_thread_join (threads[i]);
      n_started += reprise_milvus_local_is_started (locals[i]);
    }
  g_assert_cmpuint (n_started, ==, 1);
  g_assert_cmpuint (count_starts (self), ==, 1);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    {
      g_assert_true (answers (self));
      reprise_milvus_local_leave (locals[i]);
    }
  assert_ends (self);
}

static void
write_state (Fixture *self, const char *state)
{
  g_free (write_file (self, "configs/state", state));
}

/* A restore that nobody watches any more goes on: the server stays for as long, and the one who leaves does not wait. */
static void
test_at_work (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  RepriseMilvusLocal *local;
  gint64 begun_us;

  write_state (self, "1");
  local = reprise_milvus_local_use (get_base (self), NULL, &error);
  g_assert_no_error (error);
  reprise_milvus_local_add_work (local, REPRISE_MILVUS_WORK_RESTORE, "r");
  begun_us = g_get_monotonic_time ();
  reprise_milvus_local_leave (local);
  g_assert_cmpint (g_get_monotonic_time () - begun_us, <, G_USEC_PER_SEC);
  g_usleep (G_USEC_PER_SEC);
  g_assert_true (answers (self));
  local = reprise_milvus_local_use (get_base (self), NULL, &error);
  g_assert_no_error (error);
  g_assert_false (reprise_milvus_local_is_started (local));
  reprise_milvus_local_leave (local);
  g_assert_true (answers (self));
  write_state (self, "2");
  assert_ends (self);
  g_assert_cmpuint (count_starts (self), ==, 1);
}

/* The test's own program, which uses the server of @self for a service and is killed. */
static void
crash_with_it (Fixture *self, const char *uuid)
{
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_NONE);
  g_autoptr (GSubprocess) process = NULL;
  g_autoptr (GError) error = NULL;

  g_subprocess_launcher_setenv (launcher, "XDG_RUNTIME_DIR", g_get_user_runtime_dir (), TRUE);
  g_subprocess_launcher_setenv (launcher, "XDG_STATE_HOME", g_get_user_state_dir (), TRUE);
  process = g_subprocess_launcher_spawn (
    launcher, &error, "/proc/self/exe", "crash", self->program,
    reprise_service_get_setting (self->service, REPRISE_MILVUS_SETTING_ADDRESS), uuid, NULL);
  g_assert_no_error (error);
  g_subprocess_wait (process, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (g_subprocess_get_if_signaled (process));
}

/* What a crash left is no foreign server: it is used, and stopped. */
static void
test_crash (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  RepriseMilvusLocal *local;

  crash_with_it (self, reprise_service_get_uuid (self->service));
  g_assert_true (answers (self));
  local = reprise_milvus_local_use (get_base (self), NULL, &error);
  g_assert_no_error (error);
  g_assert_false (reprise_milvus_local_is_started (local));
  g_assert_true (reprise_milvus_local_is_ours (local));
  g_assert_cmpuint (count_starts (self), ==, 1);
  reprise_milvus_local_leave (local);
  assert_ends (self);
}

/* What was started for another service has another configuration, and is never used for this one. */
static void
test_of_another (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  RepriseMilvusLocal *local;

  crash_with_it (self, "0b1f6c1e-0000-4000-8000-00000000abcd");
  g_assert_true (answers (self));
  local = reprise_milvus_local_use (get_base (self), NULL, &error);
  g_assert_no_error (error);
  g_assert_true (reprise_milvus_local_is_started (local));
  g_assert_cmpuint (count_starts (self), ==, 2);
  reprise_milvus_local_leave (local);
  assert_ends (self);
}

/* That another program has the port is said, and nothing is started on it. */
static void
test_port_taken (Fixture *self, gconstpointer data)
{
  g_autoptr (RepriseFaultServer) other = reprise_fault_server_new (refuse_cb, NULL);
  g_autofree char *address = reprise_fault_server_dup_address (other);
  g_autoptr (GError) error = NULL;

  set (self, REPRISE_MILVUS_SETTING_ADDRESS, address);
  g_assert_null (reprise_milvus_local_use (get_base (self), NULL, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_PROTOCOL);
  g_assert_cmpuint (count_starts (self), ==, 0);
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
  reprise_test_assert_says (error, code, says);
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
  g_clear_pointer (&again, g_free);
  again = reprise_test_read (path, NULL);
  g_assert_cmpstr (again, ==, text);
  g_assert_true (g_file_set_contents (path, "milvus:\n", -1, NULL));
  g_assert_null (reprise_milvus_configuration_write (get_base (self), NULL, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_EXISTS);
}

static char *
write_form (Fixture *self, const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *written = NULL;

  set (self, REPRISE_MILVUS_SETTING_LOCAL, REPRISE_MILVUS_LOCAL_FORM);
  set (self, REPRISE_MILVUS_SETTING_CONFIGURATION, path);
  set (self, REPRISE_MILVUS_SETTING_CONSENT, "true");
  written = reprise_milvus_configuration_write (get_base (self), NULL, &error);
  g_assert_no_error (error);
  return reprise_test_read (path, NULL);
}

/* What the user added stays, also beside the file; what was set before and is not any more goes, keys above all. */
static void
test_form_keeps (Fixture *self, gconstpointer data)
{
  g_autofree char *path = g_build_filename (self->folder, "own", "backup.yaml", NULL);
  g_autofree char *beside = write_file (self, "own/backup.yaml.new", "mine");
  g_autofree char *first = write_form (self, path);
  g_autofree char *second = NULL;
  g_autofree char *still = NULL;
  g_autofree char *more = NULL;
  g_auto (GStrv) parts = g_strsplit (first, "minio:\n", 2);

  more = g_strconcat (parts[0], "minio:\n  # mine\n  useIAM: false\n", parts[1],
                      "backup:\n  parallelism:\n    copydata: 2\n", NULL);
  g_assert_true (g_file_set_contents (path, more, -1, NULL));
  set (self, REPRISE_MILVUS_SETTING_STORAGE, REPRISE_MILVUS_STORAGE_FOLDER);
  set (self, REPRISE_MILVUS_SETTING_FOLDER, "/srv/backups");
  set (self, REPRISE_MILVUS_SETTING_DATA_FOLDER, "/srv/milvus");
  second = write_form (self, path);
  g_assert_nonnull (strstr (second, "  useIAM: false\n"));
  g_assert_nonnull (strstr (second, "backup:\n  parallelism:\n    copydata: 2\n"));
  g_assert_null (strstr (second, "secretAccessKey"));
  g_assert_null (strstr (second, "minioadmin"));
  g_assert_nonnull (strstr (second, "storageType: \"local\"\n  rootPath: \"/srv/milvus\"\n"));
  g_assert_nonnull (
    strstr (second, "backupStorageType: \"local\"\n  backupRootPath: \"/srv/backups\"\n"));
  still = reprise_test_read (beside, NULL);
  g_assert_cmpstr (still, ==, "mine");
}

/* Backups in a folder, of a Milvus in an object storage: both are written, and that the server copies; without either it is said. */
static void
test_form_folder (Fixture *self, gconstpointer data)
{
  g_autofree char *path = g_build_filename (self->folder, "own", "backup.yaml", NULL);
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;

  set (self, REPRISE_MILVUS_SETTING_STORAGE, REPRISE_MILVUS_STORAGE_FOLDER);
  set (self, REPRISE_MILVUS_SETTING_FOLDER, "/srv/backups");
  text = write_form (self, path);
  g_assert_nonnull (strstr (text, "storageType: \"minio\"\n  address: \"minio.example.org\""));
  g_assert_nonnull (strstr (text, "crossStorage: true\n  backupStorageType: \"local\""));
  set (self, REPRISE_MILVUS_SETTING_ENDPOINT, "");
  g_assert_null (reprise_milvus_configuration_write (get_base (self), NULL, &error));
  reprise_test_assert_says (error, REPRISE_ERROR_INVALID, "folder of Milvus’s own data");
}

#define ADD(name, test) g_test_add ("/milvus-local/" name, Fixture, NULL, set_up, test, tear_down)

/* “crash PROGRAM ADDRESS UUID”: a run of Reprise that is killed while it uses the server. */
static int
crash (const char *program, const char *address, const char *uuid)
{
  g_autoptr (RepriseKind) kind = g_object_new (REPRISE_TYPE_MILVUS_KIND, NULL);
  g_autoptr (RepriseService) service = reprise_service_new (uuid, "milvus", "Vectors");
  g_autoptr (RepriseProvider) provider = NULL;

  reprise_service_set_setting (service, REPRISE_MILVUS_SETTING_ADDRESS, address);
  reprise_service_set_setting (service, REPRISE_MILVUS_SETTING_LOCAL, REPRISE_MILVUS_LOCAL_FILE);
  reprise_service_set_setting (service, REPRISE_MILVUS_SETTING_PROGRAM, program);
  provider = reprise_kind_create_provider (kind, service, NULL);
  if (reprise_milvus_local_use (REPRISE_PROVIDER_BASE (provider), NULL, NULL) == NULL)
    return 1;
  return kill (getpid (), SIGKILL);
}

int
main (int argc, char *argv[])
{
  if (argc == 5 && g_str_equal (argv[1], "crash"))
    return crash (argv[2], argv[3], argv[4]);
  reprise_test_init (&argc, &argv);
  ADD ("shared", test_shared);
  ADD ("at-once", test_at_once);
  ADD ("at-work", test_at_work);
  ADD ("crash", test_crash);
  ADD ("of-another", test_of_another);
  ADD ("port-taken", test_port_taken);
  ADD ("foreign", test_foreign);
  ADD ("refusals", test_refusals);
  ADD ("version", test_version);
  ADD ("form", test_form);
  ADD ("form-keeps", test_form_keeps);
  ADD ("form-folder", test_form_folder);
  return g_test_run ();
}
