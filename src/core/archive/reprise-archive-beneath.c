/* reprise-archive-beneath.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <glib/gi18n-lib.h>

#include "archive/reprise-archive-beneath.h"
#include "base/reprise-file.h"

#define MAX_TRIES 16 /* of openat2(), which gives up when something is renamed meanwhile */

static int without_openat2; /* (atomic) */

void
reprise_beneath_set_openat2 (gboolean use)
{
  g_atomic_int_set (&without_openat2, !use);
}

static int
open_at_once (int root_fd, const char *name, int flags, mode_t mode)
{
  struct open_how how = { .flags = (guint64) flags,
                          .mode = mode,
                          .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS };
  long fd = -1;

  for (int i = 0; i < MAX_TRIES; i++)
    {
      fd = syscall (SYS_openat2, root_fd, name, &how, sizeof how);
      if (fd >= 0 || (errno != EAGAIN && errno != EINTR))
        break;
    }
  return (int) fd;
}

/* Folder by folder, following nothing. The name has no “..”: that was checked. */
static int
open_step_by_step (int root_fd, const char *name, int flags, mode_t mode)
{
  g_auto (GStrv) parts = g_strsplit (name, "/", -1);
  int fd = fcntl (root_fd, F_DUPFD_CLOEXEC, 0);

  for (guint i = 0; fd >= 0 && parts[i] != NULL; i++)
    {
      gboolean is_last = parts[i + 1] == NULL;
      int next = is_last ? openat (fd, parts[i], flags | O_NOFOLLOW, mode)
                         : openat (fd, parts[i], O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
      int saved_errno = errno;

      close (fd);
      errno = saved_errno;
      fd = next;
    }
  return fd;
}

static int
open_beneath (int root_fd, const char *name, int flags, mode_t mode)
{
  if (!g_atomic_int_get (&without_openat2))
    {
      int fd = open_at_once (root_fd, name, flags | O_CLOEXEC, mode);

      /* A sandbox that does not know the call says EPERM. */
      if (fd >= 0 || (errno != ENOSYS && errno != EPERM))
        return fd;
    }
  return open_step_by_step (root_fd, name, flags | O_CLOEXEC, mode);
}

/* The folder that @name is in; made where it is missing. */
static int
open_parent (int root_fd, const char *name, GError **error)
{
  const char *slash = strrchr (name, '/');
  g_autofree char *parent = slash != NULL ? g_strndup (name, (gsize) (slash - name)) : NULL;
  int fd;

  if (parent == NULL)
    fd = fcntl (root_fd, F_DUPFD_CLOEXEC, 0);
  else
    fd = open_beneath (root_fd, parent, O_PATH | O_DIRECTORY, 0);
  if (fd < 0 && errno == ENOENT && parent != NULL)
    {
      if (!reprise_beneath_make_folder (root_fd, parent, error))
        return -1;
      fd = open_beneath (root_fd, parent, O_PATH | O_DIRECTORY, 0);
    }
  if (fd < 0)
    reprise_set_error_errno (error, errno, _ ("Could not make the folder “%s”"),
                             parent != NULL ? parent : name);
  return fd;
}

static const char *
last_part (const char *name)
{
  const char *slash = strrchr (name, '/');

  return slash != NULL ? slash + 1 : name;
}

/* A folder, 0700, with those that it is in; one that is there is kept. The name passed reprise_archive_check_name(). */
gboolean
reprise_beneath_make_folder (int root_fd, const char *name, GError **error)
{
  int parent = open_parent (root_fd, name, error), fd, failed;

  if (parent < 0)
    return FALSE;
  failed = mkdirat (parent, last_part (name), 0700) == 0 ? 0 : errno;
  close (parent);
  if (failed == EEXIST)
    {
      fd = open_beneath (root_fd, name, O_PATH | O_DIRECTORY, 0);
      failed = fd >= 0 ? 0 : errno;
      if (fd >= 0)
        close (fd);
    }
  if (failed == 0)
    return TRUE;
  return reprise_set_error_errno (error, failed, _ ("Could not make the folder “%s”"), name);
}

/* A new file for writing, 0600, with the folders that it is in. The name passed reprise_archive_check_name(). -1 on error. */
int
reprise_beneath_create (int root_fd, const char *name, GError **error)
{
  int parent = open_parent (root_fd, name, error), fd;

  if (parent < 0)
    return -1;
  fd = open_beneath (parent, last_part (name), O_WRONLY | O_CREAT | O_EXCL | O_NOCTTY, 0600);
  if (fd < 0)
    reprise_set_error_errno (error, errno, _ ("Could not make the file “%s”"), name);
  close (parent);
  return fd;
}
