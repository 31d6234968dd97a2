/* reprise-sqlite-place.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "reprise-sqlite-place"

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "base/reprise-file.h"
#include "base/reprise-sandbox.h"
#include "providers/sqlite/reprise-sqlite-place-private.h"

static GMutex held_mutex; /* guards @held, and is kept while a file is open for a moment */
static GHashTable
  *held; /* (element-type utf8 guint): “device:inode” of what SQLite has open, how often */

static char *
dup_key (const char *path)
{
  struct stat info;

  if (stat (path, &info) != 0)
    return NULL;
  return g_strdup_printf ("%" G_GUINT64_FORMAT ":%" G_GUINT64_FORMAT, (guint64) info.st_dev,
                          (guint64) info.st_ino);
}

/* To be called before SQLite opens @path. Gives what to release it by, or %NULL. */
char *
reprise_sqlite_place_hold (const char *path)
{
  char *key = dup_key (path);
  guint n;

  if (key == NULL)
    return NULL;
  g_mutex_lock (&held_mutex);
  if (held == NULL)
    held = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  n = GPOINTER_TO_UINT (g_hash_table_lookup (held, key));
  g_hash_table_insert (held, g_strdup (key), GUINT_TO_POINTER (n + 1));
  g_mutex_unlock (&held_mutex);
  return key;
}

/* To be called after SQLite closed what is held under @key. */
void
reprise_sqlite_place_release (const char *key)
{
  guint n;

  g_mutex_lock (&held_mutex);
  n = GPOINTER_TO_UINT (g_hash_table_lookup (held, key));
  if (n > 1)
    g_hash_table_insert (held, g_strdup (key), GUINT_TO_POINTER (n - 1));
  else
    g_hash_table_remove (held, key);
  g_mutex_unlock (&held_mutex);
}

/* The document portal takes every file for a link (xdg-desktop-portal 1.16). */
static gboolean
is_taken_for_link (const char *path)
{
  struct stat info;

  return errno == ELOOP && lstat (path, &info) == 0 && S_ISREG (info.st_mode);
}

static gssize
read_head (const char *path, guchar *buffer, gsize size, GError **error)
{
  const int flags = O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
  int fd = open (path, flags | O_NOFOLLOW);
  gssize n;
  int failed;

  if (fd < 0 && is_taken_for_link (path))
    fd = open (path, flags);
  if (fd < 0)
    {
      reprise_set_error_errno (error, errno, _ ("Could not open “%s”"), path);
      return -1;
    }
  n = pread (fd, buffer, size, 0);
  failed = errno;
  close (fd);
  if (n < 0)
    reprise_set_error_errno (error, failed, _ ("Could not read “%s”"), path);
  return n;
}

/**
 * reprise_sqlite_place_peek:
 *
 * Reads the first bytes of a file, but not of one that SQLite has open in this process: of that it gives the magic number alone.
 *
 * Returns: how many bytes were read, or -1 with @error set
 */
gssize
reprise_sqlite_place_peek (const char *path, guchar *buffer, gsize size, GError **error)
{
  g_autofree char *key = dup_key (path);
  gssize n;

  g_mutex_lock (&held_mutex);
  if (key != NULL && held != NULL && g_hash_table_contains (held, key))
    {
      n = (gssize) MIN (size, sizeof REPRISE_SQLITE_MAGIC);
      memcpy (buffer, REPRISE_SQLITE_MAGIC, (gsize) n);
    }
  else
    n = read_head (path, buffer, size, error);
  g_mutex_unlock (&held_mutex);
  return n;
}

/* Whether it is a database with a write-ahead log, by the two format bytes of its header. */
gboolean
reprise_sqlite_place_is_wal (const char *path)
{
  guchar header[REPRISE_SQLITE_HEADER_BYTES];

  return reprise_sqlite_place_peek (path, header, sizeof header, NULL) == sizeof header &&
         header[18] == 2 && header[19] == 2;
}

/* The number of a process that has a write lock on @path, other than this one; 0 for none that can be seen. */
static int
find_writer (const char *path)
{
  g_autofree char *locks = NULL;
  g_autofree char *file = NULL;
  g_auto (GStrv) lines = NULL;
  struct stat info;

  if (stat (path, &info) != 0 || !g_file_get_contents ("/proc/locks", &locks, NULL, NULL))
    return 0;
  file = g_strdup_printf ("%02x:%02x:%" G_GUINT64_FORMAT, major (info.st_dev), minor (info.st_dev),
                          (guint64) info.st_ino);
  lines = g_strsplit (locks, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      /* 1: POSIX  ADVISORY  WRITE 742 fe:01:131 1073741825 1073741825 */
      char mode[8], where[64];
      int pid;

      if (sscanf (lines[i], "%*s %*s %*s %7s %d %63s", mode, &pid, where) == 3 &&
          g_str_equal (mode, "WRITE") && pid > 0 && pid != getpid () && g_str_equal (where, file))
        return pid;
    }
  return 0;
}

/**
 * reprise_sqlite_place_dup_holder:
 * @path: a database
 *
 * Returns: (transfer full) (nullable): who is writing to it just now: “field-notes (process 742)”, as far as the system tells
 */
char *
reprise_sqlite_place_dup_holder (const char *path)
{
  g_autofree char *shared = g_strconcat (path, "-shm", NULL);
  g_autofree char *comm_path = NULL;
  g_autofree char *comm = NULL;
  int pid = find_writer (path);

  if (pid == 0)
    pid = find_writer (shared);
  if (pid == 0)
    return NULL;
  comm_path = g_strdup_printf ("/proc/%d/comm", pid);
  if (!g_file_get_contents (comm_path, &comm, NULL, NULL) || !g_utf8_validate (comm, -1, NULL))
    /* Translators: %d is the number of a process */
    return g_strdup_printf (_ ("process %d"), pid);
  /* Translators: %s is the name of a program, %d the number of its process */
  return g_strdup_printf (_ ("%s (process %d)"), g_strchomp (comm), pid);
}

static int
ask_for_lock (int fd)
{
  struct flock lock = {
    .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 0x40000001, .l_len = 1
  };

  return fcntl (fd, F_GETLK, &lock);
}

/**
 * reprise_sqlite_place_can_lock:
 * @path: a file that SQLite has not open in this process
 * @lock: (nullable): asks for a lock; %NULL for fcntl()
 *
 * Returns: whether the file system of @path knows locks and shared memory
 */
gboolean
reprise_sqlite_place_can_lock (const char *path, int (*lock) (int fd))
{
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  gboolean ok = FALSE;
  void *memory;

  if (fd < 0)
    return FALSE;
  if ((lock != NULL ? lock : ask_for_lock) (fd) == 0)
    {
      memory = mmap (NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
      ok = memory != MAP_FAILED;
      if (ok)
        munmap (memory, 4096);
    }
  close (fd);
  return ok;
}

/* Sets the refusal, with the line that helps. */
gboolean
reprise_sqlite_place_refuse (const char *path,
                             const char *host_path,
                             gboolean single_file,
                             GError **error)
{
  g_autofree char *name = g_path_get_basename (path);
  g_autofree char *folder =
    host_path != NULL ? g_path_get_dirname (host_path) : g_strdup (_ ("FOLDER"));
  g_autofree char *line = reprise_sandbox_dup_override (folder);

  if (single_file)
    reprise_error_set (
      error, REPRISE_ERROR, REPRISE_ERROR_REFUSED,
      /* Translators: the second %s is a command that must stay as it is */
      _ ("“%s” was handed into the sandbox alone, without the files in which SQLite "
         "keeps its latest "
         "changes, so a backup of it could be wrong. Choose its folder instead, or give "
         "Reprise access "
         "to the folder with this command and start it again:\n%s"),
      name, line);
  else
    reprise_error_set (
      error, REPRISE_ERROR, REPRISE_ERROR_REFUSED,
      /* Translators: the second %s is a command that must stay as it is */
      _ ("“%s” is reached through the sandbox’s file portal, which cannot lock files, "
         "so a backup of it "
         "while it is in use could be wrong. Give Reprise access to its folder with "
         "this command and "
         "start it again:\n%s"),
      name, line);
  return FALSE;
}

/**
 * reprise_sqlite_place_check_writable:
 * @path: of a database with a write-ahead log that could not be opened
 *
 * Returns: whether SQLite may write beside it, which it must even to read it; else %REPRISE_ERROR_REFUSED
 */
gboolean
reprise_sqlite_place_check_writable (const char *path, GError **error)
{
  g_autofree char *name = g_path_get_basename (path);
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *line = NULL;

  if (faccessat (AT_FDCWD, folder, W_OK, AT_EACCESS) == 0)
    return TRUE;
  line = reprise_sandbox_is_active () ? reprise_sandbox_dup_override (folder) : NULL;
  if (line == NULL)
    reprise_error_set (
      error, REPRISE_ERROR, REPRISE_ERROR_REFUSED,
      /* Translators: a database, a folder */
      _ ("“%s” keeps a write-ahead log, and SQLite can read it only where it may write "
         "beside it. Give your account the right to write in “%s”."),
      name, folder);
  else
    reprise_error_set (
      error, REPRISE_ERROR, REPRISE_ERROR_REFUSED,
      /* Translators: a database, a command that must stay as it is */
      _ ("“%s” keeps a write-ahead log, and SQLite can read it only where it may write "
         "beside it. Give Reprise the right to write there with this command, and start "
         "it again:\n%s"),
      name, line);
  return FALSE;
}

/**
 * reprise_sqlite_place_check:
 * @path: of a database, absolute, without links
 *
 * Nothing is made of a place without locks: no `nolock`, no `immutable`. It is refused, with the way out. So is a file that the
 * sandbox shows alone: its write-ahead log would be missing, and the one that SQLite makes would be seen by nobody else.
 */
gboolean
reprise_sqlite_place_check (const char *path, GError **error)
{
  g_autofree char *mountinfo = NULL;
  g_autofree char *host_path = NULL;
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *above = g_path_get_dirname (folder);
  gboolean can_lock;

  if (reprise_sandbox_is_alone (path))
    return reprise_sqlite_place_refuse (path, path, TRUE, error);
  if (!g_file_get_contents ("/proc/self/mountinfo", &mountinfo, NULL, NULL) ||
      !reprise_sandbox_is_portal (mountinfo, path))
    return TRUE;
  host_path = reprise_sandbox_dup_host_path (path);
  g_mutex_lock (&held_mutex);
  can_lock = reprise_sqlite_place_can_lock (path, NULL);
  g_mutex_unlock (&held_mutex);
  /* DOCUMENTS/ID/FILE is the grant of one file; of a folder it is DOCUMENTS/ID/FOLDER/FILE */
  if (g_str_has_suffix (above, "/doc"))
    return reprise_sqlite_place_refuse (path, host_path, TRUE, error);
  return can_lock || reprise_sqlite_place_refuse (path, host_path, FALSE, error);
}
