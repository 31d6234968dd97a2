/* reprise-fd.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <errno.h>
#include <unistd.h>

#include "base/reprise-fd.h"

/**
 * reprise_fd_write:
 *
 * Writes all of it, in as many pieces as the system likes. It blocks: for workers.
 *
 * Returns: %FALSE with errno set
 */
gboolean
reprise_fd_write (int fd, gconstpointer data, gsize size)
{
  for (gsize done = 0; done < size;)
    {
      gssize n = write (fd, (const guint8 *) data + done, size - done);

      if (n > 0)
        done += (gsize) n;
      else if (n == 0)
        {
          errno = EIO;
          return FALSE;
        }
      else if (errno != EINTR)
        return FALSE;
    }
  return TRUE;
}
