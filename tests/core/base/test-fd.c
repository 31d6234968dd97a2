/* test-fd.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/reprise-fd.h"
#include "reprise-test.h"

#define SIZE (1024 * 1024) /* far more than a pipe takes at once */

static gpointer
read_worker (gpointer data)
{
  GByteArray *bytes = g_byte_array_new ();
  guint8 buffer[4096];
  gssize n;

  while ((n = read (GPOINTER_TO_INT (data), buffer, sizeof buffer)) > 0)
    g_byte_array_append (bytes, buffer, (guint) n);
  return bytes;
}

/* The pipe takes it piece by piece. */
static void
test_pieces (void)
{
  g_autofree guint8 *data = g_malloc (SIZE);
  g_autoptr (GByteArray) bytes = NULL;
  GThread *thread;
  int fds[2];

  for (gsize i = 0; i < SIZE; i++)
    data[i] = (guint8) (i * 2654435761u >> 11);
  g_assert_cmpint (pipe2 (fds, O_CLOEXEC), ==, 0);
  thread = g_thread_new ("read", read_worker, GINT_TO_POINTER (fds[0]));
  g_assert_true (reprise_fd_write (fds[1], data, SIZE));
  g_assert_true (reprise_fd_write (fds[1], NULL, 0));
  close (fds[1]);
  bytes = g_thread_join (thread);
  close (fds[0]);
  g_assert_cmpmem (bytes->data, bytes->len, data, SIZE);
}

static void
test_full (void)
{
  int fd = open ("/dev/full", O_WRONLY | O_CLOEXEC);

  if (fd < 0)
    {
      g_test_skip ("there is no /dev/full");
      return;
    }
  g_assert_false (reprise_fd_write (fd, "x", 1));
  g_assert_cmpint (errno, ==, ENOSPC);
  close (fd);
}

int
main (int argc, char *argv[])
{
  reprise_test_init (&argc, &argv);
  g_test_add_func ("/fd/pieces", test_pieces);
  g_test_add_func ("/fd/full", test_full);
  return g_test_run ();
}
