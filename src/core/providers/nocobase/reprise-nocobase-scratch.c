/* reprise-nocobase-scratch.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "base/reprise-fd.h"
#include "base/reprise-file.h"
#include "providers/nocobase/reprise-nocobase-scratch.h"

/* A file without a name, or, where the file system has no such thing, one whose name is removed at once. */
static int
open_nameless (const char *folder)
{
  g_autofree char *path = NULL;
  int fd = open (folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

  if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL))
    return fd;
  path = g_build_filename (folder, ".scratch-XXXXXX", NULL);
  fd = g_mkstemp_full (path, O_RDWR | O_CLOEXEC, 0600);
  if (fd >= 0)
    unlink (path);
  return fd;
}

static gboolean
check_space (const char *folder, gint64 size_bytes, GError **error)
{
  gint64 free_bytes = reprise_file_get_free_bytes (folder);
  g_autofree char *needed = NULL, *there = NULL;

  if (size_bytes <= 0 || free_bytes < 0 || free_bytes > size_bytes)
    return TRUE;
  needed = g_format_size ((guint64) size_bytes);
  there = g_format_size ((guint64) free_bytes);
  reprise_error_set (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE,
                     /* Translators: two sizes and a folder */
                     _ ("%s are needed to look into the archive, but only %s are free in “%s”"),
                     needed, there, folder);
  return FALSE;
}

/**
 * reprise_nocobase_scratch_new:
 * @size_bytes: how much will be written, or -1 where that is not known
 *
 * Returns: (transfer full): an empty file in the cache folder, or %NULL with %G_IO_ERROR_NO_SPACE or what the system reports
 */
RepriseNocobaseScratch *
reprise_nocobase_scratch_new (gint64 size_bytes, GError **error)
{
  g_autofree char *folder = g_build_filename (g_get_user_cache_dir (), "reprise", NULL);
  g_autoptr (RepriseNocobaseScratch) self = g_new0 (RepriseNocobaseScratch, 1);

  self->fd = -1;
  if (!reprise_file_make_folder (folder, error) || !check_space (folder, size_bytes, error))
    return NULL;
  self->fd = open_nameless (folder);
  if (self->fd < 0)
    {
      reprise_set_error_errno (error, errno, _ ("Could not make a file in “%s”"), folder);
      return NULL;
    }
  self->path = g_strdup_printf ("/proc/self/fd/%d", self->fd);
  return g_steal_pointer (&self);
}

void
reprise_nocobase_scratch_free (RepriseNocobaseScratch *self)
{
  if (self == NULL)
    return;
  if (self->fd >= 0)
    close (self->fd);
  g_free (self->path);
  g_free (self);
}

gboolean
reprise_nocobase_scratch_write (RepriseNocobaseScratch *self,
                                gconstpointer data,
                                gsize size,
                                GError **error)
{
  return reprise_fd_write (self->fd, data, size) ||
         reprise_set_error_errno (error, errno, _ ("Could not write a file of the cache folder"));
}

/* Empties it, to begin anew. */
gboolean
reprise_nocobase_scratch_clear (RepriseNocobaseScratch *self, GError **error)
{
  if (ftruncate (self->fd, 0) == 0 && lseek (self->fd, 0, SEEK_SET) == 0)
    return TRUE;
  return reprise_set_error_errno (error, errno, _ ("Could not write a file of the cache folder"));
}
