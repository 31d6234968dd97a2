/* reprise-file.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "base/reprise-file.h"

/**
 * reprise_set_error_errno:
 * @format: what failed, as a sentence without an end: “Could not write %s”
 *
 * Sets a %G_IO_ERROR made of @format and the system's reason.
 *
 * Returns: %FALSE, so that a failing function can return it
 */
gboolean
reprise_set_error_errno (GError **error, int saved_errno, const char *format, ...)
{
  g_autofree char *what = NULL;
  va_list args;

  va_start (args, format);
  what = g_strdup_vprintf (format, args);
  va_end (args);
  reprise_error_set (error, G_IO_ERROR, (int) g_io_error_from_errno (saved_errno), "%s: %s", what,
                     g_strerror (saved_errno));
  return FALSE;
}

/**
 * reprise_file_write_durable:
 * @size: bytes of @data, or -1 for a string
 *
 * A small file, 0600: after a power cut it holds the old content or the new one, and the new one once this returned.
 */
gboolean
reprise_file_write_durable (const char *path, const char *data, gssize size, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path);

  return g_file_set_contents_full (path, data, size,
                                   G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE,
                                   0600, error) &&
         reprise_file_sync_folder (folder, error);
}

/* A folder with all above it, those that are made 0700. */
gboolean
reprise_file_make_folder (const char *path, GError **error)
{
  if (g_mkdir_with_parents (path, 0700) == 0)
    return TRUE;
  return reprise_set_error_errno (error, errno, _ ("Could not make the folder “%s”"), path);
}

/**
 * reprise_file_make_private:
 *
 * Makes an empty file that only its owner may read, where there is none. One that exists is not even opened: closing it would drop the
 * locks that SQLite holds on it elsewhere in this process.
 */
gboolean
reprise_file_make_private (const char *path, GError **error)
{
  int fd = open (path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);

  if (fd >= 0)
    close (fd);
  return fd >= 0 || errno == EEXIST ||
         reprise_set_error_errno (error, errno, _ ("Could not make “%s”"), path);
}

/* Waits until what is in a file survives a power cut. */
gboolean
reprise_file_sync (const char *path, GError **error)
{
  int fd = open (path, O_RDONLY | O_CLOEXEC);
  gboolean ok = fd >= 0 && fsync (fd) == 0;

  if (!ok)
    reprise_set_error_errno (error, errno, _ ("Could not save “%s”"), path);
  if (fd >= 0)
    close (fd);
  return ok;
}

/* Makes names in the folder survive a power cut. A file system that cannot is not an error (network mounts). */
gboolean
reprise_file_sync_folder (const char *path, GError **error)
{
  int fd = open (path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  int failed;

  if (fd < 0)
    return reprise_set_error_errno (error, errno, _ ("Could not open the folder “%s”"), path);
  failed = fsync (fd) == 0 || errno == EINVAL || errno == ENOTSUP || errno == ENOSYS ? 0 : errno;
  close (fd);
  if (failed == 0)
    return TRUE;
  return reprise_set_error_errno (error, failed, _ ("Could not save the folder “%s”"), path);
}

/**
 * reprise_file_rename_new:
 *
 * Renames @from to @to, which must not exist, and saves the folder of @to.
 *
 * Returns: whether it is renamed; else %G_IO_ERROR_EXISTS and others
 */
gboolean
reprise_file_rename_new (const char *from, const char *to, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (to);

  if (renameat2 (AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) != 0)
    {
      if (errno != EINVAL && errno != ENOSYS && errno != ENOTSUP)
        return reprise_set_error_errno (error, errno, _ ("Could not rename “%s”"), from);
      /* Network mounts: the names are unique by their ULID, so looking first is enough. */
      if (g_file_test (to, G_FILE_TEST_EXISTS))
        return reprise_set_error_errno (error, EEXIST, _ ("Could not rename “%s”"), from);
      if (rename (from, to) != 0)
        return reprise_set_error_errno (error, errno, _ ("Could not rename “%s”"), from);
    }
  return reprise_file_sync_folder (folder, error);
}

/* Without following a link, by descriptors: nobody can swap a folder for a link meanwhile. Takes @fd. */
static gboolean
empty_folder (int fd, const char *path, GError **error)
{
  DIR *folder = fdopendir (fd);
  struct dirent *entry;
  gboolean ok = TRUE;

  if (folder == NULL)
    {
      close (fd);
      return reprise_set_error_errno (error, errno, _ ("Could not open the folder “%s”"), path);
    }
  while (ok && (entry = readdir (folder)) != NULL)
    {
      if (g_str_equal (entry->d_name, ".") || g_str_equal (entry->d_name, ".."))
        continue;
      if (unlinkat (fd, entry->d_name, 0) == 0)
        continue;
      if (errno == EISDIR || errno == EPERM)
        {
          int child = openat (fd, entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

          ok = child >= 0 && empty_folder (child, entry->d_name, error) &&
               unlinkat (fd, entry->d_name, AT_REMOVEDIR) == 0;
        }
      else
        ok = FALSE;
      if (!ok && error != NULL && *error == NULL)
        reprise_set_error_errno (error, errno, _ ("Could not remove “%s”"), entry->d_name);
    }
  closedir (folder);
  return ok;
}

/* A folder with all in it, or a file. What is not there is removed already. */
gboolean
reprise_file_remove_tree (const char *path, GError **error)
{
  int fd;

  if (unlink (path) == 0 || errno == ENOENT)
    return TRUE;
  if (errno != EISDIR && errno != EPERM)
    return reprise_set_error_errno (error, errno, _ ("Could not remove “%s”"), path);
  fd = open (path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0)
    return reprise_set_error_errno (error, errno, _ ("Could not remove “%s”"), path);
  if (!empty_folder (fd, path, error))
    return FALSE;
  if (rmdir (path) == 0)
    return TRUE;
  return reprise_set_error_errno (error, errno, _ ("Could not remove “%s”"), path);
}

/* Free bytes of the file system of @path, or of the nearest folder above that exists; -1 if it cannot be said. */
gint64
reprise_file_get_free_bytes (const char *path)
{
  g_autofree char *at = g_strdup (path);
  struct statvfs info;

  while (statvfs (at, &info) != 0)
    {
      g_autofree char *above = g_path_get_dirname (at);

      if (errno != ENOENT || g_str_equal (above, at))
        return -1;
      g_free (at);
      at = g_steal_pointer (&above);
    }
  return (gint64) info.f_bavail * (gint64) info.f_frsize;
}

/* A file of at most @max_bytes, else %REPRISE_ERROR_LIMIT. Not a pipe (%REPRISE_ERROR_DAMAGED): it would be waited for without end. */
GBytes *
reprise_file_read_small (const char *path, gsize max_bytes, GError **error)
{
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  g_autoptr (GByteArray) data = g_byte_array_new ();
  guchar buffer[8192];
  struct stat info;
  gssize n = 0;
  int failed;

  if (fd < 0)
    {
      reprise_set_error_errno (error, errno, _ ("Could not open “%s”"), path);
      return NULL;
    }
  if (fstat (fd, &info) == 0 && S_ISFIFO (info.st_mode))
    {
      reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_DAMAGED, _ ("“%s” is not a file"),
                         path);
      close (fd);
      return NULL;
    }
  while (data->len <= max_bytes && (n = read (fd, buffer, sizeof buffer)) != 0)
    {
      if (n < 0 && errno != EINTR)
        break;
      if (n > 0)
        g_byte_array_append (data, buffer, (guint) n);
    }
  failed = n < 0 ? errno : 0;
  close (fd);
  if (failed != 0)
    {
      reprise_set_error_errno (error, failed, _ ("Could not read “%s”"), path);
      return NULL;
    }
  if (data->len > max_bytes)
    {
      reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_LIMIT, _ ("“%s” is too large"), path);
      return NULL;
    }
  return g_byte_array_free_to_bytes (g_steal_pointer (&data));
}
