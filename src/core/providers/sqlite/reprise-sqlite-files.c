/* reprise-sqlite-files.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "reprise-sqlite-files"

#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "base/reprise-file.h"
#include "providers/sqlite/reprise-sqlite-files-private.h"

/* A walk: depth first, by descriptors, following no link. */
typedef struct
{
  RepriseSqliteWalkFunc func;
  gpointer user_data;
  GCancellable *cancellable;
  guint max_depth;
  guint n_files;
} Walk;

static gboolean walk_folder (Walk *walk, int fd, const char *prefix, guint depth, GError **error);

static gboolean
check_entry (Walk *walk, const char *name, GError **error)
{
  if (g_cancellable_set_error_if_cancelled (walk->cancellable, error))
    return FALSE;
  if (++walk->n_files > REPRISE_SQLITE_MAX_FILES)
    {
      reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_LIMIT,
                         _ ("There are more than %d files"), REPRISE_SQLITE_MAX_FILES);
      return FALSE;
    }
  if (!g_utf8_validate (name, -1, NULL))
    {
      g_autofree char *shown = g_filename_display_name (name);

      reprise_error_set (
        error, REPRISE_ERROR, REPRISE_ERROR_REFUSED,
        _ ("The name of “%s” is not text in UTF-8: rename it, and it can be backed up"), shown);
      return FALSE;
    }
  return TRUE;
}

static gboolean
enter (Walk *walk, int fd, const char *entry, const char *name, guint depth, GError **error)
{
  int child = openat (fd, entry, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

  if (child < 0)
    return errno == ENOENT ||
           reprise_set_error_errno (error, errno, _ ("Could not open the folder “%s”"), name);
  /* a vault is not a part of what it keeps */
  if (faccessat (child, "VAULT.json", F_OK, AT_SYMLINK_NOFOLLOW) == 0)
    {
      close (child);
      return TRUE;
    }
  return walk_folder (walk, child, name, depth + 1, error);
}

static gboolean
visit (Walk *walk, int fd, const char *entry, const char *prefix, guint depth, GError **error)
{
  g_autofree char *name =
    prefix != NULL ? g_strconcat (prefix, "/", entry, NULL) : g_strdup (entry);
  struct stat info;

  if (!check_entry (walk, name, error))
    return FALSE;
  if (fstatat (fd, entry, &info, AT_SYMLINK_NOFOLLOW) != 0)
    return errno == ENOENT ||
           reprise_set_error_errno (error, errno, _ ("Could not read “%s”"), name);
  if (!S_ISDIR (info.st_mode))
    return walk->func (name, &info, walk->user_data, error);
  if (depth >= walk->max_depth || g_str_has_prefix (entry, REPRISE_SQLITE_STAGING_PREFIX))
    return TRUE;
  return enter (walk, fd, entry, name, depth, error);
}

/* Takes @fd. */
static gboolean
walk_folder (Walk *walk, int fd, const char *prefix, guint depth, GError **error)
{
  DIR *folder = fdopendir (fd);
  struct dirent *entry;
  gboolean ok = TRUE;

  if (folder == NULL)
    {
      close (fd);
      return reprise_set_error_errno (error, errno, _ ("Could not read a folder"));
    }
  while (ok && (entry = readdir (folder)) != NULL)
    if (!g_str_equal (entry->d_name, ".") && !g_str_equal (entry->d_name, ".."))
      ok = visit (walk, fd, entry->d_name, prefix, depth, error);
  closedir (folder);
  return ok;
}

/**
 * reprise_sqlite_files_walk:
 * @max_depth: of the folders inside; 0 for the files of @folder alone
 *
 * Calls @func for everything under @folder that is no folder. Links are not followed.
 */
gboolean
reprise_sqlite_files_walk (const char *folder,
                           guint max_depth,
                           RepriseSqliteWalkFunc func,
                           gpointer user_data,
                           GCancellable *cancellable,
                           GError **error)
{
  Walk walk = { func, user_data, cancellable, max_depth, 0 };
  int fd = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

  if (fd < 0)
    return reprise_set_error_errno (error, errno, _ ("Could not open the folder “%s”"), folder);
  return walk_folder (&walk, fd, NULL, 0, error);
}

/* Whether a name from an archive is one of a file below a folder; else %REPRISE_ERROR_DAMAGED. */
gboolean
reprise_sqlite_files_check_name (const char *name, GError **error)
{
  g_auto (GStrv) parts = g_strsplit (name, "/", -1);
  guint n = g_strv_length (parts);
  gboolean ok = n > 0 && n <= REPRISE_SQLITE_MAX_DEPTH + 2 && g_utf8_validate (name, -1, NULL);

  for (guint i = 0; i < n; i++)
    ok = ok && parts[i][0] != '\0' && strlen (parts[i]) <= 255 && !g_str_equal (parts[i], ".") &&
         !g_str_equal (parts[i], "..");
  if (!ok)
    {
      g_autofree char *shown = g_utf8_make_valid (name, -1);

      reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_DAMAGED,
                         _ ("The archive holds a file that may not be named “%s”"), shown);
    }
  return ok;
}

/* A new folder is as open to others as the one that it is in. */
static gboolean
make_like (int fd, const char *name)
{
  struct stat info;

  return fstat (fd, &info) == 0 && mkdirat (fd, name, info.st_mode & 0777) == 0;
}

/**
 * reprise_sqlite_files_open_parent:
 * @name: of a file below the folder, as reprise_sqlite_files_check_name() allows it
 * @create: whether the folders between may be made
 * @last: (out) (transfer full): the last part of @name
 *
 * Returns: a descriptor of the folder in which @name is, reached folder by folder and through no link; -1 with @error set
 */
int
reprise_sqlite_files_open_parent (int folder_fd,
                                  const char *name,
                                  gboolean create,
                                  char **last,
                                  GError **error)
{
  const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
  g_auto (GStrv) parts = g_strsplit (name, "/", -1);
  guint n = g_strv_length (parts);
  int fd = -1;

  if (!reprise_sqlite_files_check_name (name, error))
    return -1;
  fd = fcntl (folder_fd, F_DUPFD_CLOEXEC, 0);
  for (guint i = 0; i + 1 < n && fd >= 0; i++)
    {
      int child = openat (fd, parts[i], flags);

      if (child < 0 && errno == ENOENT && create && make_like (fd, parts[i]))
        child = openat (fd, parts[i], flags);
      if (child < 0 && (errno == ENOTDIR || errno == ELOOP))
        reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_REFUSED,
                           _ ("The folder of “%s” is a link or no folder, and is not followed"),
                           name);
      else if (child < 0)
        reprise_set_error_errno (error, errno, _ ("Could not open the folder of “%s”"), name);
      close (fd);
      fd = child;
    }
  if (fd >= 0)
    *last = g_strdup (parts[n - 1]);
  return fd;
}

/* Opens a regular file below a folder for reading, through no link. -1 with @error set. */
int
reprise_sqlite_files_open (int folder_fd, const char *name, GError **error)
{
  g_autofree char *last = NULL;
  int parent = reprise_sqlite_files_open_parent (folder_fd, name, FALSE, &last, error);
  struct stat info;
  int fd, failed;

  if (parent < 0)
    return -1;
  fd = openat (parent, last, O_RDONLY | O_NOCTTY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
  failed = errno;
  close (parent);
  if (fd < 0)
    {
      reprise_set_error_errno (error, failed, _ ("Could not open “%s”"), name);
      return -1;
    }
  if (fstat (fd, &info) == 0 && S_ISREG (info.st_mode))
    return fd;
  close (fd);
  reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_INVALID, _ ("“%s” is not a file"), name);
  return -1;
}
