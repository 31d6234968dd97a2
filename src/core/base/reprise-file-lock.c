/* reprise-file-lock.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "base/reprise-file-lock.h"
#include "base/reprise-file.h"

#define STEP_MS 20

/* Open-file-description locks: unlike the older kind they hold between two openings in one process, and closing another
 * descriptor of the same file does not give them up. */
static struct flock
whole_file (void)
{
  return (struct flock){ .l_type = F_WRLCK, .l_whence = SEEK_SET };
}

/* 1 when it is ours, 0 when another has it, -1 with errno */
static int
try_lock (int fd)
{
  struct flock lock = whole_file ();

  if (fcntl (fd, F_OFD_SETLK, &lock) == 0)
    return 1;
  return errno == EAGAIN || errno == EACCES ? 0 : -1;
}

static gboolean
is_still_there (int fd, const char *path)
{
  struct stat opened, named;

  return fstat (fd, &opened) == 0 && stat (path, &named) == 0 && opened.st_dev == named.st_dev &&
         opened.st_ino == named.st_ino;
}

/**
 * reprise_file_lock_open:
 * @path: a file, made 0600 where it is missing
 * @wait_ms: how long to wait for another holder
 *
 * Takes a lock on a file for as long as the descriptor is open: closing it, or the end of the process, gives it back.
 * Blocks: for workers.
 *
 * Returns: the descriptor, or -1 with %REPRISE_ERROR_BUSY, %G_IO_ERROR_NOT_SUPPORTED where the file system has no locks, or
 *   another error of the system
 */
int
reprise_file_lock_open (const char *path, guint wait_ms, GError **error)
{
  gint64 end = g_get_monotonic_time () + (gint64) wait_ms * 1000;

  while (TRUE)
    {
      int fd = open (path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
      int locked = fd < 0 ? -1 : try_lock (fd);
      int failed = errno;

      if (locked == 1 && is_still_there (fd, path))
        return fd;
      if (fd >= 0)
        close (fd);
      if (locked < 0)
        {
          if (failed == ENOLCK || failed == ENOSYS || failed == EINVAL)
            failed = ENOTSUP;
          reprise_set_error_errno (error, failed, _ ("Could not lock “%s”"), path);
          return -1;
        }
      if (locked == 0 && g_get_monotonic_time () >= end)
        {
          reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_BUSY,
                             _ ("Another program holds “%s”"), path);
          return -1;
        }
      if (locked == 0)
        g_usleep (STEP_MS * 1000);
    }
}

/**
 * reprise_file_lock_beside:
 * @path: a small file that is read, changed and written anew
 * @fd: (out): to be closed, or -1 where the file system has no locks: the write is atomic all the same
 *
 * Takes the lock of such a file, which lies beside it, since the file itself is replaced. Blocks: for workers.
 *
 * Returns: %FALSE with %REPRISE_ERROR_BUSY, or an error of the system
 */
gboolean
reprise_file_lock_beside (const char *path, guint wait_ms, int *fd, GError **error)
{
  g_autofree char *lock_path = g_strconcat (path, ".lock", NULL);
  g_autoptr (GError) local = NULL;

  *fd = reprise_file_lock_open (lock_path, wait_ms, &local);
  if (*fd >= 0 || g_error_matches (local, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

/* 1 if somebody holds the lock of the file, 0 if nobody does or there is no file, -1 if it cannot be said */
int
reprise_file_lock_peek (const char *path)
{
  int fd = open (path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
  struct flock lock = whole_file ();
  int result;

  if (fd < 0)
    return errno == ENOENT ? 0 : -1;
  result = fcntl (fd, F_OFD_GETLK, &lock) != 0 ? -1 : lock.l_type != F_UNLCK;
  close (fd);
  return result;
}
