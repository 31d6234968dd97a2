/* reprise-vault-writer.c
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
#include "base/reprise-file.h"
#include "base/reprise-hash.h"
#include "vault/reprise-vault-stream.h"
#include "vault/reprise-vault-writer-private.h"

#define CHUNK_BYTES  (1024 * 1024)
#define N_SYNCERS    4
#define MAX_UNSYNCED 64 /* descriptors that wait for their turn */

G_DEFINE_FINAL_TYPE (RepriseVaultWriter, reprise_vault_writer, G_TYPE_OBJECT)

/* A closed file on its way to the disk. */
typedef struct
{
  char *name; /* (owned) */
  int fd;     /* (owned) */
  gint64 size_bytes;
  char *sha256; /* (owned) */
} Unsynced;

static void
unsynced_free (Unsynced *file)
{
  close (file->fd);
  g_free (file->name);
  g_free (file->sha256);
  g_free (file);
}

/* In a thread of the pool. Only what is on the disk goes into the journal. */
static void
sync_worker (gpointer data, gpointer user_data)
{
  Unsynced *file = data;
  RepriseVaultWriter *self = user_data;
  g_autoptr (GError) local = NULL;

  if (fsync (file->fd) != 0 && errno != EINVAL && errno != ENOTSUP && errno != ENOSYS)
    reprise_set_error_errno (&local, errno, _ ("Could not save “%s” in the vault"), file->name);
  else
    reprise_partial_add_file (self->partial, file->name, file->size_bytes, file->sha256, &local);
  g_mutex_lock (&self->mutex);
  self->n_unsynced--;
  if (self->failed == NULL)
    self->failed = g_steal_pointer (&local);
  g_cond_broadcast (&self->synced);
  g_mutex_unlock (&self->mutex);
  unsynced_free (file);
}

void
reprise_vault_writer_wait_for_syncs (RepriseVaultWriter *self, guint n_left)
{
  g_mutex_lock (&self->mutex);
  while (self->n_unsynced > n_left)
    g_cond_wait (&self->synced, &self->mutex);
  g_mutex_unlock (&self->mutex);
}

/* Takes @fd. */
static void
push_sync (RepriseVaultWriter *self,
           const char *name,
           int fd,
           gint64 size_bytes,
           const char *sha256)
{
  Unsynced *file = g_new0 (Unsynced, 1);

  file->name = g_strdup (name);
  file->fd = fd;
  file->size_bytes = size_bytes;
  file->sha256 = g_strdup (sha256);
  reprise_vault_writer_wait_for_syncs (self, MAX_UNSYNCED - 1);
  g_mutex_lock (&self->mutex);
  self->n_unsynced++;
  if (self->syncers == NULL)
    self->syncers = g_thread_pool_new (sync_worker, self, N_SYNCERS, FALSE, NULL);
  g_mutex_unlock (&self->mutex);
  g_thread_pool_push (self->syncers, file, NULL);
}

void
reprise_vault_writer_stop_syncers (RepriseVaultWriter *self)
{
  if (self->syncers != NULL)
    g_thread_pool_free (g_steal_pointer (&self->syncers), FALSE, TRUE);
}

static void
reprise_vault_writer_dispose (GObject *object)
{
  RepriseVaultWriter *self = REPRISE_VAULT_WRITER (object);

  if (self->state == REPRISE_WRITER_WRITING && self->resumable)
    {
      reprise_vault_writer_stop_syncers (self);
      self->state = REPRISE_WRITER_GONE;
    }
  reprise_vault_writer_abort (self);
  G_OBJECT_CLASS (reprise_vault_writer_parent_class)->dispose (object);
}

static void
reprise_vault_writer_finalize (GObject *object)
{
  RepriseVaultWriter *self = REPRISE_VAULT_WRITER (object);

  g_clear_object (&self->vault);
  g_clear_pointer (&self->service_folder, g_free);
  g_clear_pointer (&self->folder, g_free);
  g_clear_pointer (&self->partial, reprise_partial_free);
  g_clear_object (&self->manifest);
  g_clear_pointer (&self->folders, g_hash_table_unref);
  g_clear_pointer (&self->open, g_hash_table_unref);
  g_clear_error (&self->failed);
  g_mutex_clear (&self->mutex);
  g_cond_clear (&self->synced);
  G_OBJECT_CLASS (reprise_vault_writer_parent_class)->finalize (object);
}

static void
reprise_vault_writer_class_init (RepriseVaultWriterClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = reprise_vault_writer_dispose;
  object_class->finalize = reprise_vault_writer_finalize;
}

static void
reprise_vault_writer_init (RepriseVaultWriter *self)
{
  self->open = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->folders = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_mutex_init (&self->mutex);
  g_cond_init (&self->synced);
}

static RepriseVaultWriter *
new_writer (RepriseVault *vault, RepriseService *service, const char *id)
{
  RepriseVaultWriter *self = g_object_new (REPRISE_TYPE_VAULT_WRITER, NULL);
  g_autofree char *name = g_strconcat (REPRISE_VAULT_PARTIAL, id, NULL);

  self->vault = g_object_ref (vault);
  self->service_folder =
    reprise_vault_dup_service_folder (vault, reprise_service_get_uuid (service));
  self->folder = g_build_filename (self->service_folder, name, NULL);
  self->state = REPRISE_WRITER_GONE; /* until there is something */
  return self;
}

/* (transfer full): an empty partial folder, locked */
RepriseVaultWriter *
reprise_vault_writer_new (RepriseVault *vault,
                          RepriseService *service,
                          RepriseOrigin origin,
                          const char *parent,
                          GError **error)
{
  g_autofree char *id = reprise_ulid_new ();
  g_autoptr (RepriseVaultWriter) self = new_writer (vault, service, id);

  self->partial = reprise_partial_new (self->service_folder, id, reprise_origin_to_string (origin),
                                       parent, error);
  if (self->partial == NULL)
    return NULL;
  self->state = REPRISE_WRITER_WRITING;
  if (mkdir (self->folder, 0700) != 0)
    {
      reprise_set_error_errno (error, errno, _ ("Could not make the folder “%s”"), self->folder);
      return NULL;
    }
  self->manifest = reprise_manifest_new (service, id, origin);
  reprise_manifest_set_parent (self->manifest, parent);
  return g_steal_pointer (&self);
}

/* Whether the folder was made for an earlier file. */
static gboolean
has_folder (RepriseVaultWriter *self, const char *path)
{
  gboolean has;

  g_mutex_lock (&self->mutex);
  has = g_hash_table_contains (self->folders, path);
  g_mutex_unlock (&self->mutex);
  return has;
}

/* The folders of a name with slashes, remembered for the sync: the deepest first, which makes those above, up to one that is there. */
static gboolean
make_folders (RepriseVaultWriter *self, const char *name, GError **error)
{
  g_autofree char *below = g_path_get_dirname (name);

  while (!g_str_equal (below, "."))
    {
      g_autofree char *path = g_build_filename (self->folder, below, NULL);
      char *above;

      if (has_folder (self, path))
        break;
      if (!reprise_file_make_folder (path, error))
        return FALSE;
      above = g_path_get_dirname (below);
      g_mutex_lock (&self->mutex);
      g_hash_table_add (self->folders, g_steal_pointer (&path));
      g_mutex_unlock (&self->mutex);
      g_free (below);
      below = above;
    }
  return TRUE;
}

/* Files that the journal knows and that are as long as it says; the rest goes. */
static gboolean
take_old_files (RepriseVaultWriter *self, GError **error)
{
  GPtrArray *files = reprise_partial_get_files (self->partial);
  g_autoptr (GHashTable) known = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < files->len; i++)
    {
      ReprisePartialFile *file = files->pdata[i];
      g_autofree char *path = g_build_filename (self->folder, file->name, NULL);
      struct stat info;

      if (lstat (path, &info) != 0 || !S_ISREG (info.st_mode) || info.st_size != file->size_bytes)
        continue;
      if (!make_folders (self, file->name, error))
        return FALSE;
      g_hash_table_add (known, file->name);
      reprise_manifest_add_file (self->manifest, file->name, file->size_bytes, file->sha256);
    }
  return reprise_partial_remove_unknown (self->folder, known, error);
}

/* (transfer full): a partial folder that was left, locked again */
RepriseVaultWriter *
reprise_vault_writer_resume (RepriseVault *vault,
                             RepriseService *service,
                             const char *id,
                             GError **error)
{
  g_autoptr (RepriseVaultWriter) self = new_writer (vault, service, id);
  RepriseOrigin origin = REPRISE_ORIGIN_MANUAL;

  self->partial = reprise_partial_open (self->service_folder, id, error);
  if (self->partial == NULL)
    return NULL;
  reprise_origin_from_string (reprise_partial_get_origin (self->partial), &origin);
  self->manifest = reprise_manifest_new (service, id, origin);
  reprise_manifest_set_parent (self->manifest, reprise_partial_get_parent (self->partial));
  if (!take_old_files (self, error))
    return NULL;
  self->resumable = TRUE;
  self->state = REPRISE_WRITER_WRITING;
  return g_steal_pointer (&self);
}

/* The ULID of the backup. */
const char *
reprise_vault_writer_get_id (RepriseVaultWriter *self)
{
  return reprise_manifest_get_id (self->manifest);
}

/* The partial folder; what lies in it and was neither opened nor added here stops the commit. */
const char *
reprise_vault_writer_get_folder (RepriseVaultWriter *self)
{
  return self->folder;
}

/* (transfer none) */
RepriseManifest *
reprise_vault_writer_get_manifest (RepriseVaultWriter *self)
{
  return self->manifest;
}

/**
 * reprise_vault_writer_make_scratch:
 *
 * Returns: (transfer full): a new private folder on the same file system, which goes with the end of the writer and is never
 *   a part of the backup; or %NULL with an error of the system
 */
char *
reprise_vault_writer_make_scratch (RepriseVaultWriter *self, GError **error)
{
  while (TRUE)
    {
      g_autofree char *name = g_strdup_printf ("%u", ++self->n_scratch);
      g_autofree char *above = g_build_filename (self->folder, REPRISE_VAULT_SCRATCH, NULL);
      g_autofree char *path = g_build_filename (above, name, NULL);

      if (!reprise_file_make_folder (above, error))
        return NULL;
      if (mkdir (path, 0700) == 0)
        return g_steal_pointer (&path);
      if (errno == EEXIST)
        continue; /* of the run that this one goes on from */
      reprise_set_error_errno (error, errno, _ ("Could not make the folder “%s”"), path);
      return NULL;
    }
}

gboolean
reprise_vault_writer_check_usable (RepriseVaultWriter *self, const char *name, GError **error)
{
  if (self->state != REPRISE_WRITER_WRITING)
    {
      reprise_error_set_literal (error, REPRISE_ERROR, REPRISE_ERROR_FAILED,
                                 _ ("The backup is no longer being written."));
      return FALSE;
    }
  if (reprise_manifest_path_is_safe (name))
    return TRUE;
  reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_INVALID,
                     _ ("“%s” cannot be the name of a file in the vault."), name);
  return FALSE;
}

/* When a stream closes. Takes @fd. */
static gboolean
file_closed (GObject *owner,
             const char *name,
             int fd,
             gint64 size_bytes,
             const char *sha256,
             GError **error)
{
  RepriseVaultWriter *self = REPRISE_VAULT_WRITER (owner);
  g_autofree char *path = g_build_filename (self->folder, name, NULL);
  gboolean ours;

  g_mutex_lock (&self->mutex);
  ours = GPOINTER_TO_INT (g_hash_table_lookup (self->open, name)) == fd;
  if (ours)
    g_hash_table_remove (self->open, name);
  g_mutex_unlock (&self->mutex);
  if (ours && sha256 != NULL && self->state == REPRISE_WRITER_WRITING)
    {
      g_mutex_lock (&self->mutex);
      reprise_manifest_add_file (self->manifest, name, size_bytes, sha256);
      g_mutex_unlock (&self->mutex);
      push_sync (self, name, fd, size_bytes, sha256);
      return TRUE;
    }
  if (ours)
    unlink (path);
  close (fd);
  if (sha256 != NULL)
    reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_FAILED,
                       _ ("“%s” was discarded while it was written."), name);
  return FALSE;
}

/* A disk that failed once is told at the next chance, and not only at the end. */
gboolean
reprise_vault_writer_take_sync_failure (RepriseVaultWriter *self, GError **error)
{
  gboolean failed;

  g_mutex_lock (&self->mutex);
  failed = self->failed != NULL;
  if (failed && error != NULL)
    *error = g_error_copy (self->failed);
  g_mutex_unlock (&self->mutex);
  return !failed;
}

/* Descriptors of open files are never 0: that is the standard input, or was taken by somebody who closed it. */
static int
create_file (RepriseVaultWriter *self, const char *name, GError **error)
{
  g_autofree char *path = g_build_filename (self->folder, name, NULL);
  int fd;

  if (!reprise_vault_writer_check_usable (self, name, error) ||
      !reprise_vault_writer_take_sync_failure (self, error) || !make_folders (self, name, error))
    return -1;
  fd = open (path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (fd == 0)
    {
      fd = fcntl (0, F_DUPFD_CLOEXEC, 1);
      close (0);
    }
  if (fd < 0)
    reprise_set_error_errno (error, errno, _ ("Could not write “%s” in the vault"), name);
  return fd;
}

/**
 * reprise_vault_writer_open:
 * @name: relative, slashes between folders; see reprise_manifest_path_is_safe(). Never a name from a server
 *
 * Opens a new file of the backup. Closing the stream is saying that the file is whole; a stream that is dropped without that is
 * given up, and its file removed. After a read error close nothing: g_output_stream_splice() with
 * %G_OUTPUT_STREAM_SPLICE_CLOSE_TARGET would call a part the whole.
 *
 * Returns: (transfer full): or %NULL with %REPRISE_ERROR_INVALID (the name), %G_IO_ERROR_EXISTS, or an error of the system
 */
GOutputStream *
reprise_vault_writer_open (RepriseVaultWriter *self, const char *name, GError **error)
{
  return reprise_vault_writer_open_sized (self, name, -1, error);
}

/**
 * reprise_vault_writer_open_sized:
 * @size_bytes: how long the file will be, or -1; only what is set apart beforehand depends on it
 *
 * As reprise_vault_writer_open(). Where there is no room for so much it says so now, with %G_IO_ERROR_NO_SPACE, and not after
 * hours.
 */
GOutputStream *
reprise_vault_writer_open_sized (RepriseVaultWriter *self,
                                 const char *name,
                                 gint64 size_bytes,
                                 GError **error)
{
  int fd = create_file (self, name, error);

  if (fd < 0)
    return NULL;
  if (size_bytes > 0 && fallocate (fd, FALLOC_FL_KEEP_SIZE, 0, size_bytes) != 0 &&
      (errno == ENOSPC || errno == EDQUOT || errno == EFBIG))
    {
      g_autofree char *path = g_build_filename (self->folder, name, NULL);

      reprise_set_error_errno (error, errno, _ ("Could not write “%s” in the vault"), name);
      close (fd);
      unlink (path);
      return NULL;
    }
  g_mutex_lock (&self->mutex);
  g_hash_table_insert (self->open, g_strdup (name), GINT_TO_POINTER (fd));
  g_mutex_unlock (&self->mutex);
  return reprise_vault_stream_new (G_OBJECT (self), name, fd, file_closed);
}

static char *
hash_file (int fd, const char *name, gint64 *size_bytes, GCancellable *cancellable, GError **error)
{
  g_autoptr (RepriseHash) hash = reprise_hash_new ();
  g_autofree guchar *buffer = g_malloc (CHUNK_BYTES);
  gssize n;

  *size_bytes = 0;
  while ((n = read (fd, buffer, CHUNK_BYTES)) != 0)
    {
      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return NULL;
      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        {
          reprise_set_error_errno (error, errno, _ ("Could not read “%s”"), name);
          return NULL;
        }
      reprise_hash_update (hash, buffer, (gsize) n);
      *size_bytes += n;
    }
  return reprise_hash_finish (hash);
}

/* -1 with an error where it is no plain file, or has a second name under which somebody may write it */
static int
open_own_file (const char *path, GError **error)
{
  int fd = open (path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  struct stat info;

  if (fd >= 0 && fstat (fd, &info) == 0 && S_ISREG (info.st_mode) && info.st_nlink == 1 &&
      fchmod (fd, 0600) == 0)
    return fd;
  if (fd < 0)
    reprise_set_error_errno (error, errno, _ ("Could not open “%s”"), path);
  else
    {
      reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_INVALID,
                         _ ("“%s” is not a file of its own."), path);
      close (fd);
    }
  return -1;
}

/**
 * reprise_vault_writer_add_file:
 * @name: as for reprise_vault_writer_open()
 * @path: a file in a scratch folder of this writer, closed by whoever wrote it
 *
 * Takes a file that was written elsewhere (an SQLite database) into the backup: it is moved, read and hashed.
 */
gboolean
reprise_vault_writer_add_file (RepriseVaultWriter *self,
                               const char *name,
                               const char *path,
                               GCancellable *cancellable,
                               GError **error)
{
  g_autofree char *to = g_build_filename (self->folder, name, NULL);
  g_autofree char *sha256 = NULL;
  gint64 size_bytes;
  int fd;

  if (!reprise_vault_writer_check_usable (self, name, error) || !make_folders (self, name, error))
    return FALSE;
  fd = open_own_file (path, error);
  if (fd < 0)
    return FALSE;
  sha256 = hash_file (fd, name, &size_bytes, cancellable, error);
  if (sha256 == NULL || !reprise_file_rename_new (path, to, error))
    {
      close (fd);
      return FALSE;
    }
  reprise_manifest_add_file (self->manifest, name, size_bytes, sha256);
  push_sync (self, name, fd, size_bytes, sha256);
  return TRUE;
}

/* Whether a file of that name is closed and part of the backup: after reprise_vault_resume(), what need not be made again. */
gboolean
reprise_vault_writer_has_file (RepriseVaultWriter *self, const char *name)
{
  for (guint i = 0; i < reprise_manifest_get_n_files (self->manifest); i++)
    if (g_str_equal (reprise_manifest_get_file (self->manifest, i, NULL, NULL), name))
      return TRUE;
  return FALSE;
}

/**
 * reprise_vault_writer_discard:
 *
 * Takes a file back, closed or open, so that it can be opened anew. One that is not there is gone already.
 */
gboolean
reprise_vault_writer_discard (RepriseVaultWriter *self, const char *name, GError **error)
{
  g_autofree char *path = g_build_filename (self->folder, name, NULL);

  if (!reprise_vault_writer_check_usable (self, name, error))
    return FALSE;
  g_mutex_lock (&self->mutex);
  g_hash_table_remove (self->open, name);
  g_mutex_unlock (&self->mutex);
  if (reprise_manifest_remove_file (self->manifest, name))
    {
      reprise_vault_writer_wait_for_syncs (self, 0); /* else the journal would name it after this */
      if (!reprise_partial_remove_file (self->partial, name, error))
        return FALSE;
    }
  if (unlink (path) == 0 || errno == ENOENT)
    return TRUE;
  return reprise_set_error_errno (error, errno, _ ("Could not remove “%s”"), path);
}

/**
 * reprise_vault_writer_set_resumable:
 *
 * Whether the partial backup is left where the work breaks off, for reprise_vault_resume(). An explicit
 * reprise_vault_writer_abort() removes it all the same.
 */
void
reprise_vault_writer_set_resumable (RepriseVaultWriter *self, gboolean resumable)
{
  self->resumable = reprise_partial_set_resumable (self->partial, resumable, NULL) && resumable;
}

/* Removes what was written. Of a backup that is committed, or that is aborted already, nothing. */
void
reprise_vault_writer_abort (RepriseVaultWriter *self)
{
  g_autoptr (GError) local = NULL;

  if (self->state == REPRISE_WRITER_WRITING)
    {
      self->state = REPRISE_WRITER_GONE;
      reprise_vault_writer_stop_syncers (self);
      if (reprise_file_remove_tree (self->folder, &local))
        reprise_partial_remove (self->partial);
      else
        g_message ("A partial backup is left for the next cleaning: %s", local->message);
    }
  reprise_vault_writer_stop_syncers (self);
}
