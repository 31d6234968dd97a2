/* reprise-sqlite-packer.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "reprise-sqlite-packer"

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-file.h"
#include "base/reprise-saying.h"
#include "providers/sqlite/reprise-sqlite-packer-private.h"

#define READ_BYTES (256 * 1024)

/* One thing to be packed. */
typedef struct
{
  RepriseSqliteFile *file; /* (not owned): gains its size and hash */
  char *path;              /* (owned) (nullable): of a file of ours */
  char *text;              /* (owned) (nullable): what to write instead of a file */

  const RepriseSqliteSource *source; /* (nullable): of folders */
  GPtrArray *folders;                /* (owned) (nullable) (element-type RepriseSqliteSaved) */
} Job;

struct _RepriseSqlitePacker
{
  RepriseZipWriter *zip;     /* (owned): the thread's, while it runs */
  RepriseProgress *progress; /* (owned) (nullable) */
  GCancellable *cancellable; /* (owned) (nullable) */
  GAsyncQueue *jobs;         /* (owned) (element-type Job): one without a file ends the thread */
  GThread *thread;           /* (owned) (nullable) */
  gint failed;               /* (atomic) */
  GError *error;             /* (owned) (nullable): the thread's, while it runs */
  GPtrArray *warnings;       /* (owned) (element-type utf8): likewise */
};

static void
job_free (gpointer data)
{
  Job *self = data;

  g_free (self->path);
  g_free (self->text);
  g_clear_pointer (&self->folders, g_ptr_array_unref);
  g_free (self);
}

/* Packs the files of the folders of one group, and notes them in the index. */
typedef struct
{
  RepriseSqlitePacker *packer;
  RepriseSqliteFile *index;
  RepriseSqliteDb *db;
  sqlite3_stmt *insert; /* (owned) */
  RepriseSqliteSaved *saved;
  char *prefix; /* (owned): “files/custom/” */
  int root_fd;
  guint64 n_files;
  guint8 *buffer; /* (owned) */
} Filing;

static gboolean
write_content (Filing *filing, int fd, const char *name, GError **error)
{
  gssize n;

  while ((n = read (fd, filing->buffer, READ_BYTES)) != 0)
    {
      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return reprise_set_error_errno (error, errno, _ ("Could not read “%s”"), name);
      if (!reprise_zip_writer_write (filing->packer->zip, filing->buffer, (gsize) n,
                                     filing->packer->cancellable, error))
        return FALSE;
      reprise_progress_add_bytes (filing->packer->progress, n);
    }
  return TRUE;
}

static gboolean
note_file (Filing *filing,
           const char *path,
           const char *name,
           guint64 size_bytes,
           const char *sha256,
           const struct stat *info,
           GError **error)
{
  sqlite3_bind_text (filing->insert, 1, path, -1, SQLITE_TRANSIENT);
  sqlite3_bind_text (filing->insert, 2, filing->saved->name, -1, SQLITE_TRANSIENT);
  sqlite3_bind_text (filing->insert, 3, name, -1, SQLITE_TRANSIENT);
  sqlite3_bind_int64 (filing->insert, 4, (gint64) size_bytes);
  sqlite3_bind_text (filing->insert, 5, sha256, -1, SQLITE_TRANSIENT);
  sqlite3_bind_int64 (filing->insert, 6, info->st_mode & 0777);
  sqlite3_bind_int64 (filing->insert, 7, info->st_mtime);
  filing->saved->rows++;
  filing->saved->size_bytes += (gint64) size_bytes;
  return reprise_sqlite_db_run (filing->db, filing->insert, error);
}

/* The size is not announced: an application may be writing to its file. */
static gboolean
pack_open_file (Filing *filing, int fd, const char *name, GError **error)
{
  g_autofree char *path = g_strdup_printf ("%s%" G_GUINT64_FORMAT, filing->prefix, filing->n_files);
  g_autoptr (GDateTime) mtime = NULL;
  g_autofree char *sha256 = NULL;
  struct stat info;
  guint64 size;

  if (fstat (fd, &info) != 0)
    return reprise_set_error_errno (error, errno, _ ("Could not read “%s”"), name);
  mtime = g_date_time_new_from_unix_utc (info.st_mtime);
  filing->n_files++;
  return reprise_zip_writer_begin (filing->packer->zip, path, -1, mtime, error) &&
         write_content (filing, fd, name, error) &&
         reprise_zip_writer_end (filing->packer->zip, &size, &sha256, error) &&
         note_file (filing, path, name, size, sha256, &info, error);
}

static gboolean
pack_file_cb (const char *name, const struct stat *info, gpointer user_data, GError **error)
{
  Filing *filing = user_data;
  g_autoptr (GError) failure = NULL;
  int fd = reprise_sqlite_files_open (filing->root_fd, name, &failure);
  gboolean ok;

  if (g_error_matches (failure, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
    {
      g_ptr_array_add (
        filing->packer->warnings,
        reprise_say ("“%s” was removed while the backup was made, and is not in it", name));
      return TRUE;
    }
  if (fd < 0)
    {
      g_propagate_error (error, g_steal_pointer (&failure));
      return FALSE;
    }
  ok = pack_open_file (filing, fd, name, error);
  close (fd);
  return ok;
}

static gboolean
pack_folders_with (Filing *filing, const Job *job, GError **error)
{
  if (!reprise_sqlite_db_exec (
        filing->db, error,
        "CREATE TABLE files (path TEXT PRIMARY KEY, collection TEXT NOT NULL, name TEXT NOT NULL,"
        " size_bytes INTEGER NOT NULL, sha256 TEXT NOT NULL, mode INTEGER NOT NULL,"
        " modified_at INTEGER NOT NULL) WITHOUT ROWID;"
        "CREATE UNIQUE INDEX files_by_name ON files (name); BEGIN"))
    return FALSE;
  filing->insert =
    reprise_sqlite_db_prepare (filing->db, error, "INSERT INTO files VALUES (?, ?, ?, ?, ?, ?, ?)");
  for (guint i = 0; filing->insert != NULL && i < job->folders->len; i++)
    {
      filing->saved = g_ptr_array_index (job->folders, i);
      filing->saved->rows = filing->saved->size_bytes = 0;
      reprise_progress_set_message (filing->packer->progress, filing->saved->name);
      if (!reprise_sqlite_source_walk (job->source, filing->saved->name, pack_file_cb, filing,
                                       filing->packer->cancellable, error))
        return FALSE;
      reprise_progress_add_items (filing->packer->progress, 1);
    }
  return filing->insert != NULL && reprise_sqlite_db_exec (filing->db, error, "COMMIT");
}

static gboolean
pack_folders (RepriseSqlitePacker *self, const Job *job, GError **error)
{
  g_autoptr (RepriseSqliteDb) db = reprise_sqlite_db_open (
    job->path, job->file->path, REPRISE_SQLITE_SCRATCH, self->cancellable, error);
  g_autofree guint8 *buffer = g_malloc (READ_BYTES);
  g_autofree char *prefix =
    g_strndup (job->file->path, strlen (job->file->path) - strlen (".sqlite"));
  g_autofree char *folder = g_strconcat (prefix, "/", NULL);
  Filing filing = { self, job->file, db, NULL, NULL, folder, -1, 0, buffer };
  const char *root = reprise_sqlite_source_get_path (job->source);
  gboolean ok = FALSE;

  if (db == NULL)
    return FALSE;
  filing.root_fd = open (root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (filing.root_fd < 0)
    return reprise_set_error_errno (error, errno, _ ("Could not open the folder “%s”"), root);
  ok = pack_folders_with (&filing, job, error);
  sqlite3_finalize (filing.insert);
  close (filing.root_fd);
  return ok;
}

static gboolean
pack (RepriseSqlitePacker *self, const Job *job, GError **error)
{
  RepriseSqliteFile *file = job->file;
  guint64 size = 0;
  gboolean ok;

  if (job->text != NULL)
    ok = reprise_zip_writer_add_bytes (self->zip, file->path, job->text, strlen (job->text), &size,
                                       &file->sha256, error);
  else
    ok = (job->folders == NULL || pack_folders (self, job, error)) &&
         reprise_zip_writer_add_file (self->zip, file->path, job->path,
                                      job->folders == NULL ? self->progress : NULL,
                                      self->cancellable, &size, &file->sha256, error);
  file->size_bytes = (gint64) size;
  return ok;
}

static gpointer
packer_thread (gpointer data)
{
  RepriseSqlitePacker *self = data;

  for (;;)
    {
      Job *job = g_async_queue_pop (self->jobs);
      gboolean last = job->file == NULL;

      if (!last && !g_atomic_int_get (&self->failed) && !pack (self, job, &self->error))
        g_atomic_int_set (&self->failed, TRUE);
      job_free (job);
      if (last)
        return NULL;
    }
}

RepriseSqlitePacker *
reprise_sqlite_packer_new (GOutputStream *out, RepriseProgress *progress, GCancellable *cancellable)
{
  RepriseSqlitePacker *self = g_new0 (RepriseSqlitePacker, 1);

  self->zip = reprise_zip_writer_new (out, REPRISE_ZIP_LEVEL_FAST);
  g_set_object (&self->progress, progress);
  g_set_object (&self->cancellable, cancellable);
  self->jobs = g_async_queue_new_full (job_free);
  self->warnings = g_ptr_array_new_with_free_func (g_free);
  self->thread = g_thread_new ("sqlite-packer", packer_thread, self);
  return self;
}

static void
join (RepriseSqlitePacker *self)
{
  if (self->thread == NULL)
    return;
  g_async_queue_push (self->jobs, g_new0 (Job, 1));
  g_thread_join (g_steal_pointer (&self->thread));
}

/* Also in the middle: then what is left is not packed. */
void
reprise_sqlite_packer_free (RepriseSqlitePacker *self)
{
  g_atomic_int_set (&self->failed, TRUE);
  join (self);
  g_async_queue_unref (self->jobs);
  reprise_zip_writer_free (self->zip);
  g_clear_object (&self->progress);
  g_clear_object (&self->cancellable);
  g_ptr_array_unref (self->warnings);
  g_clear_error (&self->error);
  g_free (self);
}

/* A finished file of ours, which must stay as it is until the packer has finished. */
void
reprise_sqlite_packer_add_database (RepriseSqlitePacker *self,
                                    RepriseSqliteFile *file,
                                    const char *path)
{
  Job *job = g_new0 (Job, 1);

  job->file = file;
  job->path = g_strdup (path);
  g_async_queue_push (self->jobs, job);
}

/* Takes @text. */
void
reprise_sqlite_packer_add_text (RepriseSqlitePacker *self, RepriseSqliteFile *file, char *text)
{
  Job *job = g_new0 (Job, 1);

  job->file = file;
  job->text = text;
  g_async_queue_push (self->jobs, job);
}

/**
 * reprise_sqlite_packer_add_folders:
 * @index: “files/GROUP.sqlite”, a database that says which file “files/GROUP/N” was
 * @index_path: where it is made
 * @folders: (element-type RepriseSqliteSaved): the folders of the group; they gain their counts
 */
void
reprise_sqlite_packer_add_folders (RepriseSqlitePacker *self,
                                   RepriseSqliteFile *index,
                                   const char *index_path,
                                   const RepriseSqliteSource *source,
                                   GPtrArray *folders)
{
  Job *job = g_new0 (Job, 1);

  job->file = index;
  job->path = g_strdup (index_path);
  job->source = source;
  job->folders = g_ptr_array_ref (folders);
  g_async_queue_push (self->jobs, job);
}

/* Whether it makes no sense to go on: reprise_sqlite_packer_finish() tells why. */
gboolean
reprise_sqlite_packer_has_failed (RepriseSqlitePacker *self)
{
  return g_atomic_int_get (&self->failed);
}

/**
 * reprise_sqlite_packer_finish:
 * @warnings: (element-type utf8): gains what was noticed, as base/reprise-saying.h has it
 *
 * Waits until everything is packed. The archive still lacks its manifest and its end.
 */
gboolean
reprise_sqlite_packer_finish (RepriseSqlitePacker *self, GPtrArray *warnings, GError **error)
{
  join (self);
  g_ptr_array_extend_and_steal (warnings, g_steal_pointer (&self->warnings));
  self->warnings = g_ptr_array_new_with_free_func (g_free);
  if (self->error == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&self->error));
  return FALSE;
}

/* (transfer none): for the rest, once it has finished */
RepriseZipWriter *
reprise_sqlite_packer_get_zip (RepriseSqlitePacker *self)
{
  g_return_val_if_fail (self->thread == NULL, NULL);

  return self->zip;
}
