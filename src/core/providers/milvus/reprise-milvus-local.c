/* reprise-milvus-local.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>

#include "base/reprise-error.h"
#include "base/reprise-file.h"
#include "providers/milvus/reprise-milvus-client.h"
#include "providers/milvus/reprise-milvus-configuration.h"
#include "providers/milvus/reprise-milvus-follow.h"
#include "providers/milvus/reprise-milvus-local.h"
#include "providers/milvus/reprise-milvus-session.h"
#include "providers/milvus/reprise-milvus-settings.h"

#define PROGRAM       "milvus-backup"
#define START_MS      20000
#define STOP_MS       5000
#define STEP_MS       100
#define VERSION_MS    3000
#define MAX_NOTE      4096
#define MAX_LOG_BYTES (1024 * 1024)
#define SAID_BYTES    400

/* A lock is held by all that use the server, shared; the note says which process it is, and when that was born, so that no other
 * process that got its number is ever stopped. */
struct _RepriseMilvusLocal
{
  char *program; /* (owned) */
  char *note;    /* (owned): the file */
  int lock;
  gboolean started; /* by us, now */
};

gboolean
reprise_milvus_local_is_wanted (RepriseProviderBase *provider)
{
  const char *how = reprise_provider_base_get_setting (provider, REPRISE_MILVUS_SETTING_LOCAL);

  return *how != '\0' && !g_str_equal (how, REPRISE_MILVUS_LOCAL_NO);
}

const char *
reprise_milvus_local_get_program (RepriseMilvusLocal *self)
{
  return self->program;
}

/* Whether it did not run before. */
gboolean
reprise_milvus_local_is_started (RepriseMilvusLocal *self)
{
  return self->started;
}

/* (transfer full): the one that is set, else the one in the path of the system */
char *
reprise_milvus_local_find_program (RepriseProviderBase *provider, GError **error)
{
  const char *set = reprise_provider_base_get_setting (provider, REPRISE_MILVUS_SETTING_PROGRAM);
  char *found = g_find_program_in_path (*set != '\0' ? set : PROGRAM);

  if (found != NULL)
    return found;
  if (*set != '\0')
    g_set_error (error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND,
                 _ ("There is no program “%s” that can be run. Milvus Backup is released at %s"),
                 set, REPRISE_MILVUS_RELEASES);
  else
    g_set_error (error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND,
                 _ ("The program “%s” is not installed. It is released at %s"), PROGRAM,
                 REPRISE_MILVUS_RELEASES);
  return NULL;
}

static gboolean
kill_cb (gpointer data)
{
  g_subprocess_force_exit (data);
  return G_SOURCE_REMOVE;
}

/* (transfer full) (nullable): the first line of what it says of its version */
char *
reprise_milvus_local_read_version (const char *program)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (GSource) watchdog = g_timeout_source_new (VERSION_MS);
  g_autoptr (GSubprocess) process = NULL;
  g_autofree char *said = NULL;

  process = g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_MERGE,
                              NULL, program, "--version", NULL);
  if (process == NULL)
    return NULL;
  g_main_context_push_thread_default (context);
  g_source_set_callback (watchdog, kill_cb, process, NULL);
  g_source_attach (watchdog, context);
  g_subprocess_communicate_utf8 (process, NULL, NULL, &said, NULL, NULL);
  g_source_destroy (watchdog);
  g_main_context_pop_thread_default (context);
  if (said == NULL || !g_subprocess_get_if_exited (process))
    return NULL;
  said[strcspn (said, "\r\n")] = '\0';
  return *said != '\0' ? g_strndup (said, 200) : NULL;
}

/* --- where it is noted --- */

static char *
get_file (int port, const char *what)
{
  g_autofree char *name = g_strdup_printf ("milvus-backup-%d.%s", port, what);

  return g_build_filename (g_get_user_runtime_dir (), "reprise", name, NULL);
}

/* When the process was born, or 0 where there is none of that number. */
static guint64
read_birth (int pid)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/stat", pid);
  g_autofree char *text = NULL;
  g_auto (GStrv) fields = NULL;
  const char *after;

  if (!g_file_get_contents (path, &text, NULL, NULL))
    return 0;
  after = strrchr (text, ')'); /* the name before it may hold anything */
  fields = g_strsplit (after != NULL ? after + 1 : "", " ", -1);
  if (g_strv_length (fields) < 21 || g_str_equal (fields[1], "Z"))
    return 0;
  return g_ascii_strtoull (fields[20], NULL, 10);
}

static void
write_note (const char *path, int pid)
{
  g_autofree char *text = g_strdup_printf ("%d %" G_GUINT64_FORMAT "\n", pid, read_birth (pid));

  g_file_set_contents_full (path, text, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0600, NULL);
}

/* The process that we started and that still lives, or 0 */
static int
read_note (const char *path)
{
  g_autoptr (GBytes) bytes =
    g_file_test (path, G_FILE_TEST_EXISTS) ? reprise_file_read_small (path, MAX_NOTE, NULL) : NULL;
  g_autofree char *text = NULL;
  unsigned long long birth = 0;
  int pid = 0;

  if (bytes == NULL)
    return 0;
  text = g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  if (sscanf (text, "%d %llu", &pid, &birth) != 2 || pid <= 1 || birth == 0)
    return 0;
  return read_birth (pid) == birth ? pid : 0;
}

/* --- starting --- */

static gboolean
is_there (RepriseProviderBase *provider)
{
  g_autoptr (RepriseHttp) http = reprise_milvus_session_open_server (provider, NULL);
  g_autoptr (RepriseMilvusClient) client = NULL;

  if (http == NULL)
    return FALSE;
  reprise_http_set_connect_timeout (http, 1000);
  client = reprise_milvus_client_new (http);
  return reprise_milvus_client_hello (client, NULL, NULL);
}

/* Only an address of this computer, in plain HTTP: it speaks nothing else, on port 443 neither. */
static int
get_port (RepriseProviderBase *provider, GError **error)
{
  g_autoptr (RepriseHttp) http = reprise_milvus_session_open_server (provider, error);
  GUri *uri;

  if (http == NULL)
    return 0;
  uri = reprise_http_get_address (http);
  if (reprise_http_is_secure (http) || reprise_milvus_session_is_exposed (http))
    {
      g_set_error_literal (
        error, REPRISE_ERROR, REPRISE_ERROR_INVALID,
        _ (
          "A backup server that Reprise starts needs an address such as http://localhost:8080/: it "
          "runs on this computer and speaks no HTTPS, on port 443 neither."));
      return 0;
    }
  return g_uri_get_port (uri) > 0 ? g_uri_get_port (uri) : 80;
}

static void
leave_terminal (gpointer data)
{
  setsid ();
}

/* (transfer full) (nullable): the end of what it wrote before it ended */
static char *
read_said (const char *log)
{
  g_autoptr (GBytes) bytes = reprise_file_read_small (log, MAX_LOG_BYTES, NULL);
  gsize size = bytes != NULL ? g_bytes_get_size (bytes) : 0;
  const char *data = bytes != NULL ? g_bytes_get_data (bytes, NULL) : NULL;
  gsize length = MIN (size, SAID_BYTES);
  char *said = size > 0 ? g_utf8_make_valid (data + size - length, (gssize) length) : NULL;

  return said != NULL ? g_strstrip (g_strdelimit (said, "\r\n\t", ' ')) : NULL;
}

static gboolean
wait_until_there (RepriseProviderBase *provider,
                  GSubprocess *process,
                  const char *log,
                  GCancellable *cancellable,
                  GError **error)
{
  g_autofree char *said = NULL;

  for (guint waited_ms = 0; waited_ms < START_MS; waited_ms += STEP_MS)
    {
      if (is_there (provider))
        return TRUE;
      if (g_subprocess_get_identifier (process) == NULL)
        break;
      if (!reprise_milvus_wait (STEP_MS, cancellable, error))
        return FALSE;
    }
  said = read_said (log);
  g_set_error (error, REPRISE_ERROR, REPRISE_ERROR_FAILED,
               g_subprocess_get_identifier (process) == NULL
                 ? _ ("The backup server ended right after it was started. It says: %s")
                 : _ ("The backup server was started, but does not answer. It says: %s"),
               said != NULL ? said : _ ("nothing"));
  return FALSE;
}

/* In a folder of its own, for its log; with its output in a file beside that. */
static GSubprocess *
spawn (RepriseProviderBase *provider,
       const char *program,
       int port,
       char **log,
       GCancellable *cancellable,
       GError **error)
{
  gboolean form =
    g_str_equal (reprise_provider_base_get_setting (provider, REPRISE_MILVUS_SETTING_LOCAL),
                 REPRISE_MILVUS_LOCAL_FORM);
  g_autofree char *configuration =
    form ? reprise_milvus_configuration_write (provider, cancellable, error)
         : reprise_milvus_configuration_find (provider, program, error);
  g_autofree char *number = g_strdup_printf ("%d", port);
  g_autofree char *folder =
    g_build_filename (g_get_user_state_dir (), "reprise", "milvus-backup", number, NULL);
  g_autoptr (GSubprocessLauncher) launcher = NULL;

  if (configuration == NULL)
    return NULL;
  if (g_mkdir_with_parents (folder, 0700) != 0)
    {
      reprise_set_error_errno (error, errno, _ ("“%s” could not be made"), folder);
      return NULL;
    }
  *log = g_build_filename (folder, "output.log", NULL);
  unlink (*log);
  launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDERR_MERGE);
  g_subprocess_launcher_set_cwd (launcher, folder);
  g_subprocess_launcher_set_stdout_file_path (launcher, *log);
  g_subprocess_launcher_set_child_setup (launcher, leave_terminal, NULL, NULL);
  return g_subprocess_launcher_spawn (launcher, error, program, "server", "-p", number, "--config",
                                      configuration, NULL);
}

static gboolean
start (RepriseMilvusLocal *self,
       RepriseProviderBase *provider,
       int port,
       GCancellable *cancellable,
       GError **error)
{
  g_autofree char *log = NULL;
  g_autoptr (GSubprocess) process = spawn (provider, self->program, port, &log, cancellable, error);
  const char *pid = process != NULL ? g_subprocess_get_identifier (process) : NULL;

  if (process == NULL)
    return FALSE;
  if (pid != NULL)
    write_note (self->note, atoi (pid));
  if (!wait_until_there (provider, process, log, cancellable, error))
    return FALSE; /* the note is there: leaving stops it */
  self->started = TRUE;
  return TRUE;
}

/* Alone, where nobody else uses it; else beside the others. */
static gboolean
take_lock (RepriseMilvusLocal *self, int port, GError **error)
{
  g_autofree char *path = get_file (port, "lock");
  g_autofree char *folder = g_path_get_dirname (path);

  g_mkdir_with_parents (folder, 0700);
  self->lock = open (path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (self->lock < 0)
    return reprise_set_error_errno (error, errno, _ ("“%s” could not be opened"), path);
  if (flock (self->lock, LOCK_EX | LOCK_NB) == 0 || flock (self->lock, LOCK_SH) == 0)
    return TRUE;
  return reprise_set_error_errno (error, errno, _ ("“%s” could not be locked"), path);
}

/**
 * reprise_milvus_local_use:
 *
 * Sees to it that the backup server of the service runs on this computer.
 *
 * Returns: (transfer full): hold it for as long as the server is used
 */
RepriseMilvusLocal *
reprise_milvus_local_use (RepriseProviderBase *provider, GCancellable *cancellable, GError **error)
{
  int port = get_port (provider, error);
  RepriseMilvusLocal *self;

  if (port == 0)
    return NULL;
  self = g_new0 (RepriseMilvusLocal, 1);
  self->lock = -1;
  self->note = get_file (port, "pid");
  self->program = reprise_milvus_local_find_program (provider, NULL);
  if (!take_lock (self, port, error))
    {
      reprise_milvus_local_leave (self);
      return NULL;
    }
  if (!is_there (provider))
    {
      if (self->program == NULL)
        self->program = reprise_milvus_local_find_program (provider, error);
      if (self->program == NULL || !start (self, provider, port, cancellable, error))
        {
          reprise_milvus_local_leave (self);
          return NULL;
        }
    }
  flock (self->lock, LOCK_SH);
  return self;
}

/* --- stopping --- */

static void
stop (RepriseMilvusLocal *self)
{
  int pid = read_note (self->note);

  if (pid > 0)
    kill (pid, SIGTERM);
  for (guint waited_ms = 0; pid > 0 && waited_ms < STOP_MS; waited_ms += STEP_MS)
    {
      g_usleep (STEP_MS * 1000);
      pid = read_note (self->note);
    }
  if (pid > 0)
    kill (pid, SIGKILL);
  unlink (self->note);
}

/* (transfer full): whoever leaves last stops what was started. */
void
reprise_milvus_local_leave (RepriseMilvusLocal *self)
{
  if (self->lock >= 0)
    {
      if (flock (self->lock, LOCK_EX | LOCK_NB) == 0)
        stop (self);
      close (self->lock);
    }
  g_free (self->program);
  g_free (self->note);
  g_free (self);
}
