/* reprise-sqlite-staging.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "reprise-sqlite-staging"

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "base/reprise-file-lock.h"
#include "base/reprise-file.h"
#include "base/reprise-ulid.h"
#include "providers/sqlite/reprise-sqlite-files-private.h"
#include "providers/sqlite/reprise-sqlite-staging-private.h"

#define JOURNAL           "journal"
#define INDEX             "index"
#define JOURNAL_MAX_BYTES (64 * 1024 * 1024)
#define SAVE_EACH         256 /* files; of more the whole file system is saved at once */

struct _RepriseSqliteStaging
{
  char *path; /* (owned) */
  int root_fd;
  int fd;
  int journal_fd;            /* locked as long as it is open */
  RepriseSqliteDb *index;    /* (owned) (nullable) */
  GCancellable *cancellable; /* (owned) (nullable) */
  guint next;
  gboolean stuck; /* files could not be put back: they are in here */
};

static gboolean
open_folders (RepriseSqliteStaging *self, const char *root, GError **error)
{
  self->root_fd = open (root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (self->root_fd < 0)
    return reprise_set_error_errno (error, errno, _ ("Could not open the folder “%s”"), root);
  self->fd = open (self->path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  return self->fd >= 0 ||
         reprise_set_error_errno (error, errno, _ ("Could not open the folder “%s”"), self->path);
}

static gboolean
open_index (RepriseSqliteStaging *self, GError **error)
{
  g_autofree char *path = g_build_filename (self->path, INDEX, NULL);
  g_autofree char *application = g_path_get_dirname (self->path); /* which people know */

  self->index =
    reprise_sqlite_db_open (path, application, REPRISE_SQLITE_SCRATCH, self->cancellable, error);
  return self->index != NULL;
}

static gboolean
open_journal (RepriseSqliteStaging *self, GError **error)
{
  g_autofree char *path = g_build_filename (self->path, JOURNAL, NULL);

  self->journal_fd = reprise_file_lock_open (path, 0, error);
  return self->journal_fd >= 0;
}

static gboolean
make_inside (RepriseSqliteStaging *self, GError **error)
{
  if (mkdirat (self->fd, "new", 0700) != 0 || mkdirat (self->fd, "old", 0700) != 0)
    return reprise_set_error_errno (error, errno, _ ("Could not make the folder “%s”"), self->path);
  return open_journal (self, error) && open_index (self, error) &&
         reprise_sqlite_db_exec (self->index, error,
                                 "CREATE TABLE steps (step INTEGER PRIMARY KEY, put INTEGER NOT "
                                 "NULL, file INTEGER NOT NULL, name TEXT NOT NULL,"
                                 " inode INTEGER NOT NULL); BEGIN");
}

static RepriseSqliteStaging *
staging_alloc (char *path, GCancellable *cancellable)
{
  RepriseSqliteStaging *self = g_new0 (RepriseSqliteStaging, 1);

  self->path = path;
  self->root_fd = self->fd = self->journal_fd = -1;
  g_set_object (&self->cancellable, cancellable);
  return self;
}

/**
 * reprise_sqlite_staging_new:
 * @root: the folder of the application
 */
RepriseSqliteStaging *
reprise_sqlite_staging_new (const char *root, GCancellable *cancellable, GError **error)
{
  g_autofree char *ulid = reprise_ulid_new ();
  g_autofree char *name = g_strconcat (REPRISE_SQLITE_STAGING_PREFIX, ulid, NULL);
  g_autoptr (RepriseSqliteStaging) self =
    staging_alloc (g_build_filename (root, name, NULL), cancellable);

  if (!reprise_file_make_folder (self->path, error) || !open_folders (self, root, error) ||
      !make_inside (self, error))
    {
      reprise_file_remove_tree (self->path, NULL);
      return NULL;
    }
  return g_steal_pointer (&self);
}

/* Leaves the folder as it is. */
void
reprise_sqlite_staging_free (RepriseSqliteStaging *self)
{
  g_clear_pointer (&self->index, reprise_sqlite_db_free);
  if (self->journal_fd >= 0)
    close (self->journal_fd);
  if (self->fd >= 0)
    close (self->fd);
  if (self->root_fd >= 0)
    close (self->root_fd);
  g_clear_object (&self->cancellable);
  g_free (self->path);
  g_free (self);
}

/* A number for a new file. */
guint
reprise_sqlite_staging_next (RepriseSqliteStaging *self)
{
  return self->next++;
}

/* (transfer full): where the new file @n waits */
char *
reprise_sqlite_staging_make_path (RepriseSqliteStaging *self, guint n)
{
  return g_strdup_printf ("%s/new/%u", self->path, n);
}

/* A descriptor of the new file @n, 0600, for the caller to close; -1 with @error set. */
int
reprise_sqlite_staging_create (RepriseSqliteStaging *self, guint n, GError **error)
{
  g_autofree char *path = reprise_sqlite_staging_make_path (self, n);
  int fd = open (path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

  if (fd < 0)
    reprise_set_error_errno (error, errno, _ ("Could not write “%s”"), path);
  return fd;
}

/* Closes a new file whose bytes are all written. */
gboolean
reprise_sqlite_staging_close (RepriseSqliteStaging *self, int fd, GError **error)
{
  gboolean ok = self->next > SAVE_EACH || fsync (fd) == 0;

  if (close (fd) == 0 && ok)
    return TRUE;
  return reprise_set_error_errno (error, errno, _ ("Could not write “%s”"), self->path);
}

/* The names, and the bytes of files that were too many to be saved one by one. */
static gboolean
save_all (RepriseSqliteStaging *self, GError **error)
{
  g_autofree char *new_folder = g_build_filename (self->path, "new", NULL);
  g_autofree char *old_folder = g_build_filename (self->path, "old", NULL);

  if (self->next > SAVE_EACH && syncfs (self->root_fd) != 0)
    return reprise_set_error_errno (error, errno, _ ("Could not save “%s”"), self->path);
  return reprise_file_sync_folder (new_folder, error) &&
         reprise_file_sync_folder (old_folder, error) &&
         reprise_file_sync_folder (self->path, error);
}

static gboolean
add_step (RepriseSqliteStaging *self,
          gboolean put,
          guint n,
          const char *name,
          guint64 inode,
          GError **error)
{
  return reprise_sqlite_db_exec (self->index, error,
                                 "INSERT INTO steps VALUES (NULL, %d, %u, %Q, %lld)", put ? 1 : 0,
                                 n, name, (long long) inode);
}

/* The new file @n, which is finished, will be @name, whether there is one of that name or not. */
gboolean
reprise_sqlite_staging_put (RepriseSqliteStaging *self, guint n, const char *name, GError **error)
{
  g_autofree char *path = reprise_sqlite_staging_make_path (self, n);
  struct stat info;

  if (lstat (path, &info) != 0)
    return reprise_set_error_errno (error, errno, _ ("Could not read “%s”"), path);
  return add_step (self, TRUE, n, name, (guint64) info.st_ino, error);
}

/* The file @name will be gone. */
gboolean
reprise_sqlite_staging_remove (RepriseSqliteStaging *self, const char *name, GError **error)
{
  return add_step (self, FALSE, reprise_sqlite_staging_next (self), name, 0, error);
}

/* Appends to the journal, and comes back when it is on the disk. Of a line that could not be written nothing stays, or the next one
 * would be taken for its end. */
gboolean
reprise_sqlite_staging_write (RepriseSqliteStaging *self, const char *line, GError **error)
{
  g_autofree char *text = g_strconcat (line, "\n", NULL);
  gsize size = strlen (text);
  off_t end = lseek (self->journal_fd, 0, SEEK_END);
  int failed;

  if (end >= 0 && write (self->journal_fd, text, size) == (gssize) size &&
      fsync (self->journal_fd) == 0)
    return TRUE;
  failed = errno;
  if (end >= 0 && ftruncate (self->journal_fd, end) != 0)
    g_debug ("%s: %s", self->path, g_strerror (errno));
  return reprise_set_error_errno (error, failed, _ ("Could not write “%s”"), self->path);
}

/* One thing to do, or to take back. */
typedef struct
{
  gboolean put;
  char new[32]; /* “new/7” */
  char old[32]; /* “old/7” */
  const char *name;
  guint64 inode;

  int parent; /* of @name */
  char *last; /* (owned) */
} Step;

static gboolean
exists (int fd, const char *name, guint64 *inode)
{
  struct stat info;

  if (fstatat (fd, name, &info, AT_SYMLINK_NOFOLLOW) != 0)
    return FALSE;
  if (inode != NULL)
    *inode = (guint64) info.st_ino;
  return TRUE;
}

static gboolean
move (const Step *step, int from_fd, const char *from, int to_fd, const char *to, GError **error)
{
  if (renameat (from_fd, from, to_fd, to) == 0)
    return TRUE;
  return reprise_set_error_errno (error, errno, _ ("Could not put “%s” in place"), step->name);
}

/* The file in place and the one that waits change places. Where the file system cannot do that at once, there is a moment without. */
static gboolean
exchange (RepriseSqliteStaging *self, const Step *step, GError **error)
{
  if (renameat2 (self->fd, step->new, step->parent, step->last, RENAME_EXCHANGE) == 0)
    return TRUE;
  if (errno != EINVAL && errno != ENOSYS && errno != ENOTSUP)
    return reprise_set_error_errno (error, errno, _ ("Could not put “%s” in place"), step->name);
  return move (step, step->parent, step->last, self->fd, step->old, error) &&
         move (step, self->fd, step->new, step->parent, step->last, error);
}

static gboolean
refuse_kind (RepriseSqliteStaging *self, const Step *step, GError **error)
{
  struct stat info;

  if (fstatat (step->parent, step->last, &info, AT_SYMLINK_NOFOLLOW) != 0 || S_ISREG (info.st_mode))
    return TRUE;
  reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_REFUSED,
                     _ ("“%s” is a link or no file, and is not written to"), step->name);
  return FALSE;
}

static gboolean
do_step (RepriseSqliteStaging *self, const Step *step, GError **error)
{
  if (!refuse_kind (self, step, error))
    return FALSE;
  if (step->put)
    return exists (step->parent, step->last, NULL)
             ? exchange (self, step, error)
             : move (step, self->fd, step->new, step->parent, step->last, error);
  return !exists (step->parent, step->last, NULL) ||
         move (step, step->parent, step->last, self->fd, step->old, error);
}

/* Whether a step was done shows in where the new file is: its inode stays the same wherever it is. */
static gboolean
undo_step (RepriseSqliteStaging *self, const Step *step, GError **error)
{
  guint64 waiting = 0;
  gboolean waits = step->put && exists (self->fd, step->new, &waiting);

  if (step->put && (!waits || waiting != step->inode))
    {
      if (waits)
        return exchange (self, step, error);
      if (!move (step, step->parent, step->last, self->fd, step->new, error))
        return FALSE;
    }
  return !exists (self->fd, step->old, NULL) ||
         move (step, self->fd, step->old, step->parent, step->last, error);
}

/* Whether a step has been done, or half of it: a place that could never be reached need not be reached to take it back. */
static gboolean
was_begun (RepriseSqliteStaging *self, const Step *step)
{
  guint64 waiting = 0;

  if (exists (self->fd, step->old, NULL))
    return TRUE;
  return step->put && (!exists (self->fd, step->new, &waiting) || waiting != step->inode);
}

static gboolean
run_step (RepriseSqliteStaging *self, sqlite3_stmt *row, gboolean back, GError **error)
{
  gint64 n = sqlite3_column_int64 (row, 1);
  Step step = { .put = sqlite3_column_int (row, 0) != 0,
                .name = (const char *) sqlite3_column_text (row, 2),
                .inode = (guint64) sqlite3_column_int64 (row, 3) };
  gboolean ok;

  g_snprintf (step.new, sizeof step.new, "new/%" PRId64, n);
  g_snprintf (step.old, sizeof step.old, "old/%" PRId64, n);
  if (back && !was_begun (self, &step))
    return TRUE;
  step.parent =
    reprise_sqlite_files_open_parent (self->root_fd, step.name, TRUE, &step.last, error);
  if (step.parent < 0)
    return FALSE;
  ok = back ? undo_step (self, &step, error) : do_step (self, &step, error);
  if (self->next <= SAVE_EACH)
    fsync (step.parent);
  close (step.parent);
  g_free (step.last);
  return ok;
}

static gboolean
run_steps (RepriseSqliteStaging *self, gboolean back, GError **error)
{
  g_autoptr (RepriseSqliteStmt) statement = reprise_sqlite_db_prepare (
    self->index, error, "SELECT put, file, name, inode FROM steps ORDER BY %s",
    back ? "step DESC" : "step");
  gboolean row = TRUE;

  if (statement == NULL)
    return FALSE;
  while (row)
    if (!reprise_sqlite_db_step (self->index, statement, &row, error) ||
        (row && !run_step (self, statement, back, error)))
      return FALSE;
  return save_all (self, error);
}

/**
 * reprise_sqlite_staging_swap:
 *
 * Puts all files in place. What goes wrong in the middle is taken back. From here on a later start can take it back too.
 */
gboolean
reprise_sqlite_staging_swap (RepriseSqliteStaging *self, GError **error)
{
  g_autofree char *index = g_build_filename (self->path, INDEX, NULL);

  if (!reprise_sqlite_db_exec (self->index, error, "COMMIT"))
    return FALSE;
  if (!reprise_file_sync (index, error) || !save_all (self, error))
    return FALSE;
  if (!reprise_sqlite_staging_write (self, "swapping", error))
    return FALSE;
  if (run_steps (self, FALSE, error))
    return TRUE;
  reprise_sqlite_staging_swap_back (self, NULL);
  return FALSE;
}

/* The steps are removed only when they were taken back or are not needed any more. */
static gboolean
has_steps (RepriseSqliteStaging *self, GError **error)
{
  g_autofree char *path = g_build_filename (self->path, INDEX, NULL);

  if (self->index == NULL && g_file_test (path, G_FILE_TEST_EXISTS) && !open_index (self, error))
    return FALSE;
  return TRUE;
}

/* Takes all of it back, as far as it went. What cannot be put back now is kept for a later start. */
gboolean
reprise_sqlite_staging_swap_back (RepriseSqliteStaging *self, GError **error)
{
  self->stuck = !has_steps (self, error) || (self->index != NULL && !run_steps (self, TRUE, error));
  if (!self->stuck)
    reprise_sqlite_staging_write (self, "taken back", NULL);
  return !self->stuck;
}

/* Whether files of the application are still in the folder, because they could not be put back. */
gboolean
reprise_sqlite_staging_is_stuck (RepriseSqliteStaging *self)
{
  return self->stuck;
}

static gboolean
remove_inside (RepriseSqliteStaging *self, const char *name, GError **error)
{
  g_autofree char *path = g_build_filename (self->path, name, NULL);

  return reprise_file_remove_tree (path, error);
}

/* All is certain, one way or the other: the folder goes, and with it what is in it; its journal last, so that what it says is true
 * until nothing is left. Folders of the application that have become empty stay: it may count on them. */
gboolean
reprise_sqlite_staging_finish (RepriseSqliteStaging *self, GError **error)
{
  g_return_val_if_fail (!self->stuck, FALSE);

  g_clear_pointer (&self->index, reprise_sqlite_db_free);
  return remove_inside (self, "new", error) && remove_inside (self, "old", error) &&
         remove_inside (self, INDEX, error) && reprise_file_remove_tree (self->path, error);
}

static char *
find_folder (const char *root)
{
  g_autoptr (GDir) folder = g_dir_open (root, 0, NULL);
  const char *name;

  while (folder != NULL && (name = g_dir_read_name (folder)) != NULL)
    if (g_str_has_prefix (name, REPRISE_SQLITE_STAGING_PREFIX) &&
        reprise_ulid_is_valid (name + strlen (REPRISE_SQLITE_STAGING_PREFIX)))
      return g_build_filename (root, name, NULL);
  return NULL;
}

/**
 * reprise_sqlite_staging_find_left:
 * @root: the folder of an application
 *
 * Returns: (transfer full) (nullable): what a restore left there that was cut off; %NULL without an error where there is nothing, or
 *   with %REPRISE_ERROR_BUSY where the restore is still running
 */
RepriseSqliteStaging *
reprise_sqlite_staging_find_left (const char *root, GError **error)
{
  g_autofree char *path = find_folder (root);
  g_autofree char *journal = path != NULL ? g_build_filename (path, JOURNAL, NULL) : NULL;
  g_autoptr (RepriseSqliteStaging) self = NULL;

  if (path == NULL)
    return NULL;
  /* it was just made, or all but removed: either way it means nothing */
  if (!g_file_test (journal, G_FILE_TEST_EXISTS))
    {
      if (reprise_file_remove_tree (path, error))
        return reprise_sqlite_staging_find_left (root, error);
      return NULL;
    }
  self = staging_alloc (g_steal_pointer (&path), NULL);
  if (!open_folders (self, root, error) || !open_journal (self, error))
    return NULL;
  return g_steal_pointer (&self);
}

/* (transfer full): the lines of the journal that were finished */
char **
reprise_sqlite_staging_read (RepriseSqliteStaging *self, GError **error)
{
  g_autofree char *path = g_build_filename (self->path, JOURNAL, NULL);
  g_autofree char *text = NULL;
  char **lines;
  guint n;
  struct stat info;

  if (fstat (self->journal_fd, &info) != 0 || info.st_size > JOURNAL_MAX_BYTES)
    {
      reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_LIMIT, _ ("“%s” is too large"), path);
      return NULL;
    }
  text = g_malloc0 ((gsize) info.st_size + 1);
  if (pread (self->journal_fd, text, (gsize) info.st_size, 0) != info.st_size)
    {
      reprise_set_error_errno (error, errno, _ ("Could not read “%s”"), path);
      return NULL;
    }
  lines = g_strsplit (text, "\n", -1);
  n = g_strv_length (lines);
  if (n > 0)
    g_clear_pointer (&lines[n - 1],
                     g_free); /* after the last newline: a line that was not finished */
  return lines;
}
