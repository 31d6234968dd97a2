/* reprise-file-scratch.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>

#include "base/reprise-file-lock.h"
#include "base/reprise-file-scratch.h"

#define PREFIX "scratch-"
#define NAME \
  "scratch" /* of the lock under which folders are made and removed, so that none is found half made */
#define LOCK \
  ".lock" /* in each folder: held for as long as the folder is in use, or its process lives */

#define WAIT_MS 10000

/* The locks of this process, by their descriptors. A folder goes with all in it, and with it the name of its lock. */
static GMutex mutex;
static GArray *held; /* (owned) (nullable) (element-type int): behind the mutex */

static void
hold (int fd)
{
  g_mutex_lock (&mutex);
  if (held == NULL)
    held = g_array_new (FALSE, FALSE, sizeof (int));
  g_array_append_val (held, fd);
  g_mutex_unlock (&mutex);
}

static void
release_gone (void)
{
  g_mutex_lock (&mutex);
  for (guint i = held != NULL ? held->len : 0; i > 0; i--)
    {
      int fd = g_array_index (held, int, i - 1);
      struct stat info;

      if (fstat (fd, &info) == 0 && info.st_nlink > 0)
        continue;
      close (fd);
      g_array_remove_index_fast (held, i - 1);
    }
  g_mutex_unlock (&mutex);
}

static char *
dup_above (void)
{
  return g_build_filename (g_get_user_cache_dir (), "reprise", NULL);
}

/* (transfer full): where a file system has no locks, the folder has none, and nobody removes it but who made it */
static char *
make_folder (const char *above, GError **error)
{
  g_autofree char *path = g_build_filename (above, PREFIX "XXXXXX", NULL);
  g_autofree char *lock = NULL;
  int fd;

  if (g_mkdtemp_full (path, 0700) == NULL)
    {
      reprise_set_error_errno (error, errno, _ ("Could not make the folder “%s”"), path);
      return NULL;
    }
  lock = g_build_filename (path, LOCK, NULL);
  fd = reprise_file_lock_open (lock, 0, NULL);
  if (fd >= 0)
    hold (fd);
  return g_steal_pointer (&path);
}

/* (transfer full): a new folder of our own for unpacking, in the cache folder: it may be large, which /tmp often is not. It is
 * removed by reprise_file_remove_tree(), or after the death of this process by the next one. */
char *
reprise_file_make_scratch (GError **error)
{
  g_autofree char *above = dup_above ();
  g_autofree char *beside = g_build_filename (above, NAME, NULL);
  char *path = NULL;
  int guard = -1;

  release_gone ();
  if (!reprise_file_make_folder (above, error) ||
      !reprise_file_lock_beside (beside, WAIT_MS, &guard, error))
    return NULL;
  path = make_folder (above, error);
  if (guard >= 0)
    close (guard);
  return path;
}

static GPtrArray *
list_folders (const char *above)
{
  GPtrArray *paths = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GDir) dir = g_dir_open (above, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    if (g_str_has_prefix (name, PREFIX))
      g_ptr_array_add (paths, g_build_filename (above, name, NULL));
  return paths;
}

static void
remove_left (const char *path)
{
  g_autofree char *lock = g_build_filename (path, LOCK, NULL);
  g_autoptr (GError) error = NULL;

  if (reprise_file_lock_peek (lock) == 0 && !reprise_file_remove_tree (path, &error))
    g_message ("What a killed process left stays: %s", error->message);
}

/**
 * reprise_file_remove_left_scratch:
 *
 * Removes the folders of processes that were killed: those whose lock nobody holds, however old. Where locks cannot be had, none.
 */
void
reprise_file_remove_left_scratch (void)
{
  g_autofree char *above = dup_above ();
  g_autofree char *beside = g_build_filename (above, NAME, NULL);
  g_autoptr (GPtrArray) before = list_folders (above);
  g_autoptr (GPtrArray) paths = NULL;
  int guard = -1;

  release_gone ();
  if (before->len == 0 || !reprise_file_lock_beside (beside, WAIT_MS, &guard, NULL) || guard < 0)
    return;
  paths = list_folders (above);
  for (guint i = 0; i < paths->len; i++)
    remove_left (paths->pdata[i]);
  close (guard);
}
