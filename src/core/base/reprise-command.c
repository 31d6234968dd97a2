/* reprise-command.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <glib-unix.h>

#include "base/reprise-command.h"

#define LOOK_MS         50
#define CHUNKS_PER_LOOK 64

/* How long one that is asked to end may take over it. */
#define GRACE_MS 2000

void
reprise_command_result_clear (RepriseCommandResult *self)
{
  g_clear_pointer (&self->output, g_free);
}

/* In the child: a session of its own, so that all that it starts can be told to end with it; both outputs are one. */
static void
prepare_cb (gpointer data)
{
  setsid ();
  dup2 (STDOUT_FILENO, STDERR_FILENO);
}

/* Takes in what has come, as much as a pipe holds; the rest of what is too much is read and forgotten. Returns: whether more can come */
static gboolean
take_output (int fd, GString *output, gsize max_bytes)
{
  char chunk[4096];
  gssize n = 1;

  for (guint i = 0; i < CHUNKS_PER_LOOK && n > 0; i++)
    {
      n = read (fd, chunk, sizeof chunk);
      if (n > 0 && output->len < max_bytes)
        g_string_append_len (output, chunk, (gssize) MIN ((gsize) n, max_bytes - output->len));
    }
  return n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR));
}

/* Whether the child has ended. It is not reaped: until then no other process, and no group, can get its number. */
static gboolean
has_ended (GPid pid)
{
  siginfo_t info = { 0 };

  return waitid (P_PID, (id_t) pid, &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_pid == pid;
}

/* Until it has ended, or @until (monotonic, microseconds). What it leaves in the background may hold its output open for ever, and
 * is not waited for. */
static RepriseCommandEnd
wait_for_end (GPid pid,
              int fd,
              gint64 until,
              gsize max_bytes,
              GString *output,
              GCancellable *cancellable)
{
  struct pollfd poller = { fd, POLLIN, 0 };

  while (!has_ended (pid))
    {
      if (g_cancellable_is_cancelled (cancellable))
        return REPRISE_COMMAND_STOPPED;
      if (g_get_monotonic_time () >= until)
        return REPRISE_COMMAND_LATE;
      if (poll (&poller, 1, LOOK_MS) > 0 && !take_output (fd, output, max_bytes))
        poller.fd = -1; /* it is closed, and would be ready for ever */
    }
  take_output (fd, output, max_bytes);
  return REPRISE_COMMAND_ENDED;
}

/* All of its session: asked first, then killed. */
static void
end_group (GPid pid, int fd, gsize max_bytes, GString *output)
{
  kill (-pid, SIGTERM);
  wait_for_end (pid, fd, g_get_monotonic_time () + GRACE_MS * G_TIME_SPAN_MILLISECOND, max_bytes,
                output, NULL);
  kill (-pid, SIGKILL);
}

/**
 * reprise_command_run:
 * @argv: the program, sought in the folders of PATH, and its words; no shell
 * @environment: (nullable): %NULL for our own
 * @timeout_ms: how long it may take
 * @max_output_bytes: how much is kept of what it says
 * @result: (out caller-allocates): to be cleared
 *
 * Runs a program to its end, with nothing to read. At the time limit, and when it is stopped, it ends with all that it has started
 * and that did not leave its session; what it leaves in the background when it ends by itself goes on, and can say no more.
 *
 * Returns: whether it could be started; else the error of g_spawn
 */
gboolean
reprise_command_run (const char *const *argv,
                     const char *const *environment,
                     guint timeout_ms,
                     gsize max_output_bytes,
                     GCancellable *cancellable,
                     RepriseCommandResult *result,
                     GError **error)
{
  g_autoptr (GString) output = g_string_new (NULL);
  gint64 until = g_get_monotonic_time () + timeout_ms * G_TIME_SPAN_MILLISECOND;
  GPid pid = 0;
  int fd = -1;

  *result = (RepriseCommandResult){ 0 };
  if (!g_spawn_async_with_pipes (NULL, (char **) argv, (char **) environment,
                                 G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD |
                                   G_SPAWN_CLOEXEC_PIPES,
                                 prepare_cb, NULL, &pid, NULL, &fd, NULL, error))
    return FALSE;
  g_unix_set_fd_nonblocking (fd, TRUE, NULL);
  result->end = wait_for_end (pid, fd, until, max_output_bytes, output, cancellable);
  if (result->end != REPRISE_COMMAND_ENDED)
    end_group (pid, fd, max_output_bytes, output);
  /* Else it runs as somebody else, and may not be ended by us: it is left. */
  if (result->end == REPRISE_COMMAND_ENDED ||
      wait_for_end (pid, fd, g_get_monotonic_time () + GRACE_MS * G_TIME_SPAN_MILLISECOND,
                    max_output_bytes, output, NULL) == REPRISE_COMMAND_ENDED)
    while (waitpid (pid, &result->status, 0) < 0 && errno == EINTR)
      ;
  g_spawn_close_pid (pid);
  close (fd);
  result->output = g_string_free (g_steal_pointer (&output), FALSE);
  return TRUE;
}
