/* reprise-milvus-local.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-command.h"
#include "base/reprise-error.h"
#include "base/reprise-file.h"
#include "base/reprise-sandbox.h"
#include "base/reprise-wait.h"
#include "providers/milvus/reprise-milvus-client.h"
#include "providers/milvus/reprise-milvus-configuration.h"
#include "providers/milvus/reprise-milvus-local-state.h"
#include "providers/milvus/reprise-milvus-local.h"
#include "providers/milvus/reprise-milvus-session.h"
#include "providers/milvus/reprise-milvus-settings.h"

#define PROGRAM       "milvus-backup"
#define START_MS      20000
#define STOP_MS       5000
#define GATE_MS       (START_MS + 2 * STOP_MS)
#define STEP_MS       100
#define ASK_MS        5000
#define LOOK_MS       2000
#define BEGIN_S       600 /* what has not begun by then never will */
#define EXIT_MS       1000
#define CARE_S        (24 * 60 * 60) /* so long it is waited for work that goes on */
#define VERSION_MS    3000
#define VERSION_BYTES 4096
#define MAX_LOG_BYTES (1024 * 1024)
#define SAID_BYTES    400

/* One at a time starts or stops it, inside the gate; whoever leaves last stops it, unless a backup or a restore still goes on in it. */
struct _RepriseMilvusLocal
{
  char *program;                  /* (owned) (nullable) */
  RepriseMilvusLocalState *state; /* (owned) */
  RepriseHttp *http;              /* (owned): to ask it */
  gboolean started;               /* by us, now */
  gboolean ours;                  /* by Reprise */
};

/* --- how many of them there are --- */

static GMutex live_lock;
static GCond live_changed;
static guint n_live; /* with live_lock: that were not left yet */

/* A command ends as soon as it has its result, while the thread that got it for it is still leaving. */
static void
wait_at_exit (void)
{
  gint64 until_us = g_get_monotonic_time () + (gint64) EXIT_MS * 1000;

  g_mutex_lock (&live_lock);
  while (n_live > 0 && g_cond_wait_until (&live_changed, &live_lock, until_us))
    ;
  g_mutex_unlock (&live_lock);
}

static void
add_live (void)
{
  static gsize once = 0;

  if (g_once_init_enter (&once))
    {
      atexit (wait_at_exit);
      g_once_init_leave (&once, 1);
    }
  g_mutex_lock (&live_lock);
  n_live++;
  g_mutex_unlock (&live_lock);
}

static void
remove_live (void)
{
  g_mutex_lock (&live_lock);
  n_live--;
  g_cond_broadcast (&live_changed);
  g_mutex_unlock (&live_lock);
}

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

/* Whether Reprise started it, in this process or another, and stops it. */
gboolean
reprise_milvus_local_is_ours (RepriseMilvusLocal *self)
{
  return self->ours;
}

/* What it is at work at now: it is not stopped before that is over. @what: %REPRISE_MILVUS_WORK_BACKUP or %REPRISE_MILVUS_WORK_RESTORE */
void
reprise_milvus_local_add_work (RepriseMilvusLocal *self, const char *what, const char *id)
{
  reprise_milvus_local_state_add_work (self->state, what, id);
}

void
reprise_milvus_local_remove_work (RepriseMilvusLocal *self, const char *id)
{
  reprise_milvus_local_state_remove_work (self->state, id);
}

/* (transfer full): the one that is set, else the one in the path of the system */
static char *
find_program (RepriseProviderBase *provider, GError **error)
{
  const char *set = reprise_provider_base_get_setting (provider, REPRISE_MILVUS_SETTING_PROGRAM);
  char *found = g_find_program_in_path (*set != '\0' ? set : PROGRAM);

  if (found != NULL)
    return found;
  if (reprise_sandbox_is_active ())
    reprise_error_set (
      error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND,
      /* Translators: the name or path of a program */
      _ ("The sandbox that Reprise runs in shows no installed programs of this computer, "
         "such as “%s”. Choose one in a folder of yours, or start the server yourself "
         "and give its address."),
      *set != '\0' ? set : PROGRAM);
  else if (*set != '\0')
    reprise_error_set (
      error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND,
      _ ("There is no program “%s” that can be run. Milvus Backup is released at %s"), set,
      REPRISE_MILVUS_RELEASES);
  else
    reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND,
                       _ ("The program “%s” is not installed. It is released at %s"), PROGRAM,
                       REPRISE_MILVUS_RELEASES);
  return NULL;
}

/* (transfer full) (nullable): the first line of what it says of its version */
char *
reprise_milvus_local_read_version (const char *program)
{
  const char *const argv[] = { program, "--version", NULL };
  g_auto (GStrv) environment = g_get_environ ();
  g_auto (RepriseCommandResult) result = { 0 };

  if (!reprise_command_run (argv, (const char *const *) environment, VERSION_MS, VERSION_BYTES,
                            NULL, &result, NULL) ||
      result.end != REPRISE_COMMAND_ENDED || !WIFEXITED (result.status) || result.output == NULL)
    return NULL;
  result.output[strcspn (result.output, "\r\n")] = '\0';
  return *result.output != '\0' ? g_strndup (result.output, 200) : NULL;
}

/* --- starting --- */

static gint64
get_now_s (void)
{
  return g_get_real_time () / G_USEC_PER_SEC;
}

static gint64
get_later_us (guint ms)
{
  return g_get_monotonic_time () + (gint64) ms * 1000;
}

/* %FALSE without an error where nobody answers; with one where somebody else does */
static gboolean
is_there (RepriseMilvusLocal *self, GError **error)
{
  g_autoptr (RepriseMilvusClient) client = reprise_milvus_client_new (self->http);
  GError *local = NULL;

  if (reprise_milvus_client_hello (client, NULL, &local))
    return TRUE;
  if (g_error_matches (local, REPRISE_ERROR, REPRISE_ERROR_UNREACHABLE) ||
      g_error_matches (local, REPRISE_ERROR, REPRISE_ERROR_STALLED))
    g_error_free (local);
  else
    g_propagate_error (error, local);
  return FALSE;
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
      reprise_error_set_literal (
        error, REPRISE_ERROR, REPRISE_ERROR_INVALID,
        _ (
          "A backup server that Reprise starts needs an address such as http://localhost:8080/: it "
          "runs on this computer and speaks no HTTPS, on port 443 neither."));
      return 0;
    }
  return g_uri_get_port (uri) > 0 ? g_uri_get_port (uri) : 80;
}

/* Between fork() and exec(). */
static void
become_server (gpointer data)
{
  setsid ();
  reprise_milvus_local_state_note_self (data);
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
wait_until_there (RepriseMilvusLocal *self,
                  GSubprocess *process,
                  const char *log,
                  GCancellable *cancellable,
                  GError **error)
{
  g_autofree char *said = NULL;
  gint64 until_us = get_later_us (START_MS);

  while (g_get_monotonic_time () < until_us)
    {
      if (is_there (self, NULL))
        return TRUE;
      if (g_subprocess_get_identifier (process) == NULL)
        break;
      if (!reprise_wait (STEP_MS, cancellable, error))
        return FALSE;
    }
  said = read_said (log);
  reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_FAILED,
                     g_subprocess_get_identifier (process) == NULL
                       ? _ ("The backup server ended right after it was started. It says: %s")
                       : _ ("The backup server was started, but does not answer. It says: %s"),
                     said != NULL ? said : _ ("nothing"));
  return FALSE;
}

/* In a folder of its own, for its log; with its output in a file beside that. */
static GSubprocess *
spawn (RepriseMilvusLocal *self,
       RepriseProviderBase *provider,
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
         : reprise_milvus_configuration_find (provider, self->program, error);
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
  g_subprocess_launcher_set_child_setup (launcher, become_server, self->state, NULL);
  return g_subprocess_launcher_spawn (launcher, error, self->program, "server", "-p", number,
                                      "--config", configuration, NULL);
}

static gboolean
start (RepriseMilvusLocal *self,
       RepriseProviderBase *provider,
       int port,
       GCancellable *cancellable,
       GError **error)
{
  g_autofree char *log = NULL;
  g_autoptr (GSubprocess) process = NULL;

  if (self->program == NULL)
    self->program = find_program (provider, error);
  if (self->program == NULL)
    return FALSE;
  reprise_milvus_local_state_set_owner (
    self->state, reprise_service_get_uuid (reprise_provider_base_get_service (provider)));
  process = spawn (self, provider, port, &log, cancellable, error);
  if (process == NULL)
    return FALSE;
  if (!wait_until_there (self, process, log, cancellable, error))
    return FALSE; /* the note is there: leaving stops it */
  self->started = TRUE;
  return TRUE;
}

/* --- ending a process --- */

/* Whether it is gone by then. */
static gboolean
wait_for_end (RepriseMilvusLocal *self, guint timeout_ms)
{
  for (guint waited_ms = 0; waited_ms < timeout_ms; waited_ms += STEP_MS)
    {
      if (reprise_milvus_local_state_get_process (self->state, NULL) == 0)
        return TRUE;
      g_usleep (STEP_MS * 1000);
    }
  return reprise_milvus_local_state_get_process (self->state, NULL) == 0;
}

static void
ask_to_end (RepriseMilvusLocal *self)
{
  int pid = reprise_milvus_local_state_get_process (self->state, NULL);

  if (pid == 0)
    return;
  kill (pid, SIGTERM);
  reprise_milvus_local_state_set_ending (self->state);
}

/* Waits for it, and then makes it. */
static void
see_it_end (RepriseMilvusLocal *self)
{
  int pid;

  if (!wait_for_end (self, STOP_MS))
    {
      pid = reprise_milvus_local_state_get_process (self->state, NULL);
      if (pid > 0)
        kill (pid, SIGKILL);
      wait_for_end (self, STOP_MS);
    }
  reprise_milvus_local_state_forget_process (self->state);
}

/* --- using --- */

/* Whether it may still be at what it was told to do. */
static gboolean
has_new_work (RepriseMilvusLocal *self)
{
  g_autoptr (GPtrArray) list = reprise_milvus_local_state_list_work (self->state);

  for (guint i = 0; i < list->len; i++)
    if (get_now_s () - ((RepriseMilvusWork *) list->pdata[i])->since < CARE_S)
      return TRUE;
  return FALSE;
}

/* What a run of Reprise that crashed has left: it goes on being used, unless it does not answer. */
static gboolean
take_over (RepriseMilvusLocal *self, GCancellable *cancellable, GError **error)
{
  gboolean ending;
  int pid = reprise_milvus_local_state_get_process (self->state, &ending);
  gint64 until_us = get_later_us (STOP_MS);

  if (pid == 0)
    return TRUE;
  if (ending)
    {
      see_it_end (self);
      return TRUE;
    }
  while (g_get_monotonic_time () < until_us)
    {
      if (is_there (self, NULL) || reprise_milvus_local_state_get_process (self->state, NULL) == 0)
        return TRUE; /* it was only just being started */
      if (!reprise_wait (STEP_MS, cancellable, error))
        return FALSE;
    }
  if (!reprise_milvus_local_state_is_alone (self->state))
    {
      reprise_error_set (
        error, REPRISE_ERROR, REPRISE_ERROR_STALLED,
        _ ("The backup server that Reprise started (process %d) does not answer, and "
           "another run of Reprise uses it."),
        pid);
      return FALSE;
    }
  if (has_new_work (self))
    {
      reprise_error_set (
        error, REPRISE_ERROR, REPRISE_ERROR_STALLED,
        _ ("The backup server that Reprise started (process %d) does not answer, and "
           "may still be at work. Wait, or end it."),
        pid);
      return FALSE;
    }
  ask_to_end (self);
  see_it_end (self);
  return TRUE;
}

/* A server that was started for another service backs up, and restores into, that one's Milvus. */
static gboolean
check_owner (RepriseMilvusLocal *self, RepriseProviderBase *provider, int port, GError **error)
{
  const char *uuid = reprise_service_get_uuid (reprise_provider_base_get_service (provider));

  if (reprise_milvus_local_state_get_process (self->state, NULL) == 0 ||
      reprise_milvus_local_state_is_owner (self->state, uuid))
    return TRUE;
  if (!reprise_milvus_local_state_is_alone (self->state) || has_new_work (self))
    {
      reprise_error_set (
        error, REPRISE_ERROR, REPRISE_ERROR_BUSY,
        _ ("The backup server on port %d was started for another service, and is in "
           "use. Give each service a port of its own."),
        port);
      return FALSE;
    }
  ask_to_end (self);
  see_it_end (self);
  return TRUE;
}

static gboolean
see_to_it (RepriseMilvusLocal *self,
           RepriseProviderBase *provider,
           int port,
           GCancellable *cancellable,
           GError **error)
{
  GError *local = NULL;

  reprise_milvus_local_state_join (self->state);
  if (take_over (self, cancellable, error) && check_owner (self, provider, port, error) &&
      (is_there (self, &local) ||
       (local == NULL && start (self, provider, port, cancellable, error))))
    {
      self->ours = reprise_milvus_local_state_get_process (self->state, NULL) > 0;
      return TRUE;
    }
  if (local != NULL)
    g_propagate_error (error, local);
  return FALSE;
}

static RepriseMilvusLocal *
local_new (RepriseProviderBase *provider, int port, GError **error)
{
  RepriseMilvusLocalState *state = reprise_milvus_local_state_new (port, error);
  RepriseHttp *http = state != NULL ? reprise_milvus_session_open_server (provider, error) : NULL;
  RepriseMilvusLocal *self;

  if (http == NULL)
    {
      g_clear_pointer (&state, reprise_milvus_local_state_free);
      return NULL;
    }
  reprise_http_set_connect_timeout (http, 1000);
  self = g_new0 (RepriseMilvusLocal, 1);
  self->state = state;
  self->http = http;
  self->program = find_program (provider, NULL);
  return self;
}

static void
local_free (RepriseMilvusLocal *self)
{
  reprise_milvus_local_state_free (self->state);
  g_object_unref (self->http);
  g_free (self->program);
  g_free (self);
}

/**
 * reprise_milvus_local_use:
 *
 * Sees to it that the backup server of the service runs on this computer: of any number of processes that want it at once, one starts
 * it, and the others wait for that.
 *
 * Returns: (transfer full): hold it for as long as the server is used
 */
RepriseMilvusLocal *
reprise_milvus_local_use (RepriseProviderBase *provider, GCancellable *cancellable, GError **error)
{
  int port = get_port (provider, error);
  RepriseMilvusLocal *self = port != 0 ? local_new (provider, port, error) : NULL;
  gboolean ok;

  if (self == NULL)
    return NULL;
  add_live ();
  if (!reprise_milvus_local_state_enter (self->state, GATE_MS, cancellable, error))
    {
      remove_live ();
      local_free (self);
      return NULL;
    }
  ok = see_to_it (self, provider, port, cancellable, error);
  if (ok)
    {
      reprise_milvus_local_state_exit (self->state);
      return self;
    }
  reprise_milvus_local_leave (self);
  return NULL;
}

/* --- leaving --- */

/* Whether a state is that of something which goes on. */
static gboolean
goes_on (RepriseMilvusState state, const RepriseMilvusWork *work)
{
  if (state == REPRISE_MILVUS_INITIAL)
    return get_now_s () - work->since < BEGIN_S;
  return state == REPRISE_MILVUS_RUNNING;
}

/* What cannot be told is taken for going on, unless nobody is there any more. */
static gboolean
is_going_on (RepriseMilvusLocal *self, const RepriseMilvusWork *work)
{
  g_autoptr (RepriseMilvusClient) client = reprise_milvus_client_new (self->http);
  g_autoptr (RepriseMilvusBackup) backup = NULL;
  g_autoptr (RepriseMilvusRestore) restore = NULL;
  g_autoptr (GError) local = NULL;

  reprise_milvus_client_set_timeout (client, ASK_MS);
  if (g_str_equal (work->what, REPRISE_MILVUS_WORK_RESTORE))
    restore = reprise_milvus_client_get_restore (client, work->id, NULL, &local);
  else
    backup = reprise_milvus_client_get_backup (client, work->id, NULL, &local);
  if (restore != NULL)
    return goes_on (restore->state, work);
  if (backup != NULL)
    return goes_on (backup->state, work);
  return local != NULL && !g_error_matches (local, REPRISE_ERROR, REPRISE_ERROR_UNREACHABLE) &&
         get_now_s () - work->since < CARE_S;
}

static gboolean
is_at_work (RepriseMilvusLocal *self)
{
  g_autoptr (GPtrArray) list = reprise_milvus_local_state_list_work (self->state);
  gboolean at_work = FALSE;

  for (guint i = 0; i < list->len; i++)
    {
      const RepriseMilvusWork *work = list->pdata[i];

      if (is_going_on (self, work))
        at_work = TRUE;
      else
        reprise_milvus_local_state_remove_work (self->state, work->id);
    }
  return at_work;
}

/* A thread of its own: what it takes over may go on for hours. Where this process ends first, the server stays, and the next one that
 * uses it finds it by its note. */
static gpointer
care_thread (gpointer data)
{
  RepriseMilvusLocal *self = data;
  gint64 until_s = get_now_s () + CARE_S;

  while (get_now_s () < until_s)
    {
      if (!reprise_milvus_local_state_enter (self->state, GATE_MS, NULL, NULL))
        continue;
      if (!reprise_milvus_local_state_is_alone (self->state))
        break; /* they see to it */
      if (!is_at_work (self))
        {
          ask_to_end (self);
          see_it_end (self);
          break;
        }
      reprise_milvus_local_state_part (self->state);
      reprise_milvus_local_state_exit (self->state);
      g_usleep (LOOK_MS * 1000);
    }
  local_free (self);
  return NULL;
}

/* Whether that was all. The server is told to end here, for this process may end before any thread of it does something. */
static gboolean
leave_at_once (RepriseMilvusLocal *self)
{
  g_autoptr (GPtrArray) work = NULL;

  if (!reprise_milvus_local_state_try_enter (self->state))
    return FALSE;
  if (!reprise_milvus_local_state_is_alone (self->state) ||
      reprise_milvus_local_state_get_process (self->state, NULL) == 0)
    return TRUE;
  work = reprise_milvus_local_state_list_work (self->state);
  if (work->len == 0)
    ask_to_end (self);
  return FALSE;
}

/**
 * reprise_milvus_local_leave:
 * @self: (transfer full)
 *
 * Whoever leaves last stops what was started: at once, or, where that takes a while, in a thread. It may be called anywhere, and does
 * not wait: neither for the end of the server nor for what that is at work at.
 */
void
reprise_milvus_local_leave (RepriseMilvusLocal *self)
{
  gboolean done = leave_at_once (self);

  remove_live ();
  if (done)
    {
      local_free (self);
      return;
    }
  g_thread_unref (g_thread_new ("milvus-local", care_thread, self));
}
