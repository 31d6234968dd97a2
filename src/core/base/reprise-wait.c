/* reprise-wait.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "base/reprise-wait.h"

/**
 * reprise_wait:
 *
 * Sleeps, unless it is stopped. For workers.
 *
 * Returns: whether to go on; else @error is %G_IO_ERROR_CANCELLED
 */
gboolean
reprise_wait (guint64 ms, GCancellable *cancellable, GError **error)
{
  GPollFD fd;

  if (cancellable != NULL && g_cancellable_make_pollfd (cancellable, &fd))
    {
      g_poll (&fd, 1, (int) MIN (ms, G_MAXINT));
      g_cancellable_release_fd (cancellable);
    }
  else
    g_usleep ((gulong) ms * 1000);
  return !g_cancellable_set_error_if_cancelled (cancellable, error);
}
