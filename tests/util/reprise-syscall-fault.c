/* reprise-syscall-fault.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "reprise-syscall-fault.h"

/* seccomp (2) with a listener: the kernel stops the child at each of these calls and asks us what to do. */
static const int CALLS[] = {
  SYS_openat,   SYS_write,    SYS_pwrite64, SYS_fsync,     SYS_fdatasync, SYS_renameat2,
  SYS_mkdirat,  SYS_unlinkat, SYS_linkat,   SYS_ftruncate, SYS_fallocate,
#ifdef SYS_open
  SYS_open,     SYS_rename,   SYS_mkdir,    SYS_unlink,    SYS_link,      SYS_rmdir,
#endif
#ifdef SYS_renameat
  SYS_renameat,
#endif
};

/* Instead of them, where reading is to fail. */
static const int READS[] = { SYS_read, SYS_pread64 };

#define MAX_FILTER (G_N_ELEMENTS (CALLS) + 3)

static int
install_filter (gboolean reads)
{
  struct sock_filter filter[MAX_FILTER] = {
    BPF_STMT (BPF_LD | BPF_W | BPF_ABS, offsetof (struct seccomp_data, nr)),
  };
  guint n = reads ? G_N_ELEMENTS (READS) : G_N_ELEMENTS (CALLS);
  struct sock_fprog program = { (gushort) (n + 3), filter };

  for (guint i = 0; i < n; i++)
    filter[1 + i] =
      (struct sock_filter) BPF_JUMP (BPF_JMP | BPF_JEQ | BPF_K,
                                     (guint) (reads ? READS[i] : CALLS[i]), (guint8) (n - i), 0);
  filter[1 + n] = (struct sock_filter) BPF_STMT (BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
  filter[2 + n] = (struct sock_filter) BPF_STMT (BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF);
  if (prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
    return -1;
  return (int) syscall (SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER,
                        &program);
}

static void
send_descriptor (int socket, int fd)
{
  char byte = fd < 0 ? 'n' : 'y';
  struct iovec part = { &byte, 1 };
  char control[CMSG_SPACE (sizeof fd)] = { 0 };
  struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };
  struct cmsghdr *header;

  if (fd >= 0)
    {
      message.msg_control = control;
      message.msg_controllen = sizeof control;
      header = CMSG_FIRSTHDR (&message);
      header->cmsg_level = SOL_SOCKET;
      header->cmsg_type = SCM_RIGHTS;
      header->cmsg_len = CMSG_LEN (sizeof fd);
      memcpy (CMSG_DATA (header), &fd, sizeof fd);
    }
  if (sendmsg (socket, &message, 0) != 1)
    _exit (126);
}

static int
receive_descriptor (int socket)
{
  char byte = 0;
  struct iovec part = { &byte, 1 };
  int fd = -1;
  char control[CMSG_SPACE (sizeof fd)] = { 0 };
  struct msghdr message = {
    .msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control
  };

  if (recvmsg (socket, &message, MSG_CMSG_CLOEXEC) == 1 && byte == 'y' &&
      CMSG_FIRSTHDR (&message) != NULL)
    memcpy (&fd, CMSG_DATA (CMSG_FIRSTHDR (&message)), sizeof fd);
  return fd;
}

/* Whether the call is one that counts. One changes something: opening to read does not, and glibc writes messages to 1 and 2. */
static gboolean
counts (const struct seccomp_data *call)
{
  if (call->nr == SYS_read || call->nr == SYS_pread64)
    return (int) call->args[0] > 2;
  if (call->nr == SYS_openat)
    return (call->args[2] & (O_WRONLY | O_RDWR | O_CREAT)) != 0;
#ifdef SYS_open
  if (call->nr == SYS_open)
    return (call->args[1] & (O_WRONLY | O_RDWR | O_CREAT)) != 0;
#endif
  return call->nr != SYS_write || (int) call->args[0] > 2;
}

/* From then on a full disk still lets one remove. */
static gboolean
is_removal (const struct seccomp_data *call)
{
#ifdef SYS_open
  if (call->nr == SYS_unlink || call->nr == SYS_rmdir)
    return TRUE;
#endif
  return call->nr == SYS_unlinkat;
}

static gboolean
must_fail (const RepriseFault *fault, const struct seccomp_data *call, guint n)
{
  if (fault->kind == REPRISE_FAULT_ERROR_ONCE)
    return n == fault->at;
  return fault->kind == REPRISE_FAULT_ERROR_FROM && n >= fault->at && !is_removal (call);
}

/* One stopped call. FALSE when there are no more. */
static gboolean
answer (int listener, pid_t child, const RepriseFault *fault, guint *n_calls)
{
  struct seccomp_notif call;
  struct seccomp_notif_resp reply = { 0 };
  struct pollfd wait = { .fd = listener, .events = POLLIN };

  if (poll (&wait, 1, 60000) <= 0 || (wait.revents & POLLIN) == 0)
    return FALSE;
  memset (&call, 0, sizeof call);
  if (ioctl (listener, SECCOMP_IOCTL_NOTIF_RECV, &call) != 0)
    return errno == ENOENT || errno == EINTR;
  if (counts (&call.data))
    ++*n_calls;
  if (fault->kind == REPRISE_FAULT_KILL && counts (&call.data) && *n_calls == fault->at)
    {
      kill (child, SIGKILL);
      return FALSE;
    }
  if (fault->kind == REPRISE_FAULT_SIGNAL && counts (&call.data) && *n_calls == fault->at)
    kill (child, SIGUSR1);
  reply.id = call.id;
  if (counts (&call.data) && must_fail (fault, &call.data, *n_calls))
    reply.error = -fault->error_number;
  else
    reply.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
  return ioctl (listener, SECCOMP_IOCTL_NOTIF_SEND, &reply) == 0 || errno == ENOENT;
}

/**
 * reprise_fault_fork:
 *
 * As fork(), when no other thread is left: one that holds a lock of GLib would hold it in the child for ever. Threads of pools end
 * soon after g_thread_pool_set_max_unused_threads (0).
 */
int
reprise_fault_fork (void)
{
  guint n;

  do
    {
      g_autoptr (GDir) tasks = g_dir_open ("/proc/self/task", 0, NULL);

      for (n = 0; g_dir_read_name (tasks) != NULL;)
        n++;
      if (n > 1)
        g_usleep (500);
    }
  while (n > 1);
  return fork ();
}

/**
 * reprise_fault_run:
 * @func: runs in a child process; gives its exit status
 * @n_calls: (out) (optional): how many calls there were that could have been hit
 *
 * Returns: what waitpid() says of the child
 */
int
reprise_fault_run (int (*func) (gpointer data),
                   gpointer data,
                   const RepriseFault *fault,
                   guint *n_calls)
{
  int sockets[2], listener, status = -1;
  guint n = 0;
  pid_t child;

  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets), ==, 0);
  child = reprise_fault_fork ();
  if (child == 0)
    {
      listener = install_filter (fault->reads);
      send_descriptor (sockets[1], listener);
      close (listener);
      _exit (listener < 0 ? 126 : func (data));
    }
  listener = receive_descriptor (sockets[0]);
  while (listener >= 0 && answer (listener, child, fault, &n))
    ;
  if (listener >= 0)
    close (listener);
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  close (sockets[0]);
  close (sockets[1]);
  if (n_calls != NULL)
    *n_calls = n;
  return status;
}

static int
do_nothing (gpointer data)
{
  return 0;
}

/* Whether the system lets us: a container may not. */
gboolean
reprise_fault_is_possible (void)
{
  static const RepriseFault none = { .kind = REPRISE_FAULT_NONE };

  return reprise_fault_run (do_nothing, NULL, &none, NULL) == 0;
}
