/* reprise-milvus-folder.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "base/reprise-fd.h"
#include "base/reprise-file.h"
#include "base/reprise-hash.h"
#include "providers/milvus/storage/reprise-milvus-storage-private.h"

#define MAX_DEPTH    32
#define CHUNK_BYTES  (256 * 1024)
#define OBJECT_FILE  "xl.meta" /* in the folder that MinIO makes of each object */
#define SYSTEM_NAMES ".minio.sys"

RepriseMilvusFile *
reprise_milvus_file_new (const char *name, gint64 size_bytes, const char *etag)
{
  RepriseMilvusFile *self = g_new0 (RepriseMilvusFile, 1);

  self->name = g_strdup (name);
  self->size_bytes = size_bytes;
  self->etag = g_strdup (etag);
  return self;
}

void
reprise_milvus_file_free (RepriseMilvusFile *self)
{
  g_free (self->name);
  g_free (self->etag);
  g_free (self);
}

static gboolean
refuse_disk (const char *folder, GError **error)
{
  reprise_error_set (
    error, REPRISE_ERROR, REPRISE_ERROR_REFUSED,
    _ ("“%s” is the disk of a MinIO server: each object is a folder with “%s” in it, and "
       "cannot be read as a file. Let Reprise download the backup from that server "
       "instead, by the S3 protocol."),
    folder, OBJECT_FILE);
  return FALSE;
}

/* Whether @folder, of a storage or of one backup, holds files; or else what a MinIO server made of them. */
gboolean
reprise_milvus_folder_refuse_disk (const char *folder, GError **error)
{
  static const char *const TRACES[] = { SYSTEM_NAMES, "../" SYSTEM_NAMES, "../../" SYSTEM_NAMES,
                                        "meta/full_meta.json/" OBJECT_FILE,
                                        "meta/backup_meta.json/" OBJECT_FILE };

  for (guint i = 0; i < G_N_ELEMENTS (TRACES); i++)
    {
      g_autofree char *path = g_build_filename (folder, TRACES[i], NULL);

      if (g_file_test (path, G_FILE_TEST_EXISTS))
        return refuse_disk (folder, error);
    }
  return TRUE;
}

/* --- lists --- */

typedef struct
{
  GPtrArray *files; /* (element-type RepriseMilvusFile) */
  guint max_files;
  guint depth;
  GCancellable *cancellable;
} Walk;

static gboolean walk (Walk *self, int fd, const char *below, GError **error);

/* Takes @fd. */
static gboolean
walk_folder (Walk *self, int fd, const char *name, GError **error)
{
  gboolean ok;

  if (fd < 0)
    return reprise_set_error_errno (error, errno, _ ("Could not open the folder “%s”"), name);
  if (self->depth >= MAX_DEPTH)
    {
      close (fd);
      reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_LIMIT, _ ("“%s” lies too deep."),
                         name);
      return FALSE;
    }
  self->depth++;
  ok = walk (self, fd, name, error);
  self->depth--;
  return ok;
}

static gboolean
take_entry (Walk *self, int fd, const char *below, const char *entry, GError **error)
{
  g_autofree char *name = *below == '\0' ? g_strdup (entry) : g_strconcat (below, "/", entry, NULL);
  struct stat info;

  if (g_cancellable_set_error_if_cancelled (self->cancellable, error))
    return FALSE;
  if (fstatat (fd, entry, &info, AT_SYMLINK_NOFOLLOW) != 0)
    return errno == ENOENT ||
           reprise_set_error_errno (error, errno, _ ("Could not read “%s”"), name);
  if (S_ISDIR (info.st_mode))
    return walk_folder (self, openat (fd, entry, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC),
                        name, error);
  if (!S_ISREG (info.st_mode))
    {
      reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_INVALID, _ ("“%s” is not a file"),
                         name);
      return FALSE;
    }
  g_ptr_array_add (self->files, reprise_milvus_file_new (name, info.st_size, NULL));
  if (self->max_files == 0 || self->files->len <= self->max_files)
    return TRUE;
  reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_LIMIT,
                     _ ("The backup has more than %u files. Reprise does not take so many."),
                     self->max_files);
  return FALSE;
}

/* Takes @fd. */
static gboolean
walk (Walk *self, int fd, const char *below, GError **error)
{
  DIR *folder = fdopendir (fd);
  struct dirent *entry;
  gboolean ok = TRUE;

  if (folder == NULL)
    {
      close (fd);
      return reprise_set_error_errno (error, errno, _ ("Could not open the folder “%s”"), below);
    }
  while (ok && (entry = readdir (folder)) != NULL)
    if (strcmp (entry->d_name, ".") != 0 && strcmp (entry->d_name, "..") != 0)
      ok = take_entry (self, fd, below, entry->d_name, error);
  closedir (folder);
  return ok;
}

static int
compare_files (gconstpointer a, gconstpointer b)
{
  const RepriseMilvusFile *one = *(const gconstpointer *) a, *other = *(const gconstpointer *) b;

  return strcmp (one->name, other->name);
}

/* (transfer full) (element-type RepriseMilvusFile): all files of the folder of one backup, by name; at most @max_files, 0 for any */
GPtrArray *
reprise_milvus_folder_list (const char *folder,
                            guint max_files,
                            GCancellable *cancellable,
                            GError **error)
{
  g_autoptr (GPtrArray) files =
    g_ptr_array_new_with_free_func ((GDestroyNotify) reprise_milvus_file_free);
  Walk walk_data = { .files = files, .max_files = max_files, .cancellable = cancellable };
  int fd = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

  if (fd < 0)
    {
      if (errno == ENOENT)
        return g_steal_pointer (&files);
      reprise_set_error_errno (error, errno, _ ("Could not open the folder “%s”"), folder);
      return NULL;
    }
  if (!walk (&walk_data, fd, "", error))
    return NULL;
  g_ptr_array_sort (files, compare_files);
  return g_steal_pointer (&files);
}

/* --- one file, by a name that leads nowhere else --- */

/* The folder that a file of that name lies in, without following a link; made on the way where @make. -1 with errno */
static int
open_parent (const char *folder, char *const *parts, gboolean make)
{
  int fd = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

  for (guint i = 0; fd >= 0 && parts[i + 1] != NULL; i++)
    {
      int next, saved_errno;

      if (make && mkdirat (fd, parts[i], 0777) != 0 && errno != EEXIST)
        next = -1;
      else
        next = openat (fd, parts[i], O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
      saved_errno = errno;
      close (fd);
      errno = saved_errno;
      fd = next;
    }
  return fd;
}

static int
open_beneath (const char *folder, const char *name, int flags)
{
  g_auto (GStrv) parts = g_strsplit (name, "/", -1);
  int parent, fd, saved_errno;

  if (!reprise_milvus_name_is_safe (name))
    {
      errno = EINVAL;
      return -1;
    }
  parent = open_parent (folder, parts, (flags & O_CREAT) != 0);
  if (parent < 0)
    return -1;
  fd = openat (parent, parts[g_strv_length (parts) - 1],
               flags | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0666);
  saved_errno = errno;
  close (parent);
  errno = saved_errno;
  return fd;
}

/* A plain file for reading, or -1 with %REPRISE_ERROR_NOT_FOUND and others. */
int
reprise_milvus_folder_open (const char *folder, const char *name, gint64 *size, GError **error)
{
  int fd = open_beneath (folder, name, O_RDONLY);
  struct stat info;

  if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
    reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND, _ ("“%s” is missing."), name);
  else if (fd < 0)
    reprise_set_error_errno (error, errno, _ ("Could not open “%s”"), name);
  else if (fstat (fd, &info) == 0 && S_ISREG (info.st_mode))
    {
      *size = info.st_size;
      return fd;
    }
  else
    reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_INVALID, _ ("“%s” is not a file"), name);
  if (fd >= 0)
    close (fd);
  return -1;
}

/* Gives the content of a file to @sink. */
gboolean
reprise_milvus_folder_read (const char *folder,
                            const char *name,
                            const RepriseHttpSink *sink,
                            gpointer sink_data,
                            RepriseProgress *progress,
                            GCancellable *cancellable,
                            GError **error)
{
  g_autofree char *buffer = g_malloc (CHUNK_BYTES);
  gint64 size = 0;
  int fd = reprise_milvus_folder_open (folder, name, &size, error);
  gboolean ok = fd >= 0;
  gssize n = 1;

  while (ok && n > 0)
    {
      n = read (fd, buffer, CHUNK_BYTES);
      if (n < 0 && errno == EINTR)
        n = 1;
      else if (n < 0)
        ok = reprise_set_error_errno (error, errno, _ ("Could not read “%s”"), name);
      else if (n > 0)
        ok = !g_cancellable_set_error_if_cancelled (cancellable, error) &&
             sink->write (buffer, (gsize) n, sink_data, cancellable, error);
      if (ok && n > 0)
        reprise_progress_add_bytes (progress, n);
    }
  if (fd >= 0)
    close (fd);
  return ok;
}

/* From the beginning of @from to the end of @to, hashed. */
static gboolean
copy (int from,
      int to,
      const char *name,
      gint64 size_bytes,
      RepriseHash *hash,
      RepriseProgress *progress,
      GCancellable *cancellable,
      GError **error)
{
  g_autofree char *buffer = g_malloc (CHUNK_BYTES);
  gint64 done = 0;
  gssize n;

  while ((n = pread (from, buffer, CHUNK_BYTES, done)) != 0)
    {
      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return reprise_set_error_errno (error, errno, _ ("Could not read “%s”"), name);
      reprise_hash_update (hash, buffer, (gsize) n);
      if (!reprise_fd_write (to, buffer, (gsize) n))
        return reprise_set_error_errno (error, errno, _ ("Could not write “%s”"), name);
      done += n;
      reprise_progress_add_bytes (progress, n);
    }
  if (done == size_bytes)
    return TRUE;
  reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_FAILED,
                     _ ("“%s” changed its length while it was read"), name);
  return FALSE;
}

/**
 * reprise_milvus_folder_write:
 * @fd: what is copied, from its beginning; it is not closed
 * @sha256: (out) (optional) (transfer full): of what was copied
 *
 * Makes a new file, readable as other files of whoever runs this are, and sees it to the disk.
 */
gboolean
reprise_milvus_folder_write (const char *folder,
                             const char *name,
                             int fd,
                             gint64 size_bytes,
                             char **sha256,
                             RepriseProgress *progress,
                             GCancellable *cancellable,
                             GError **error)
{
  g_autoptr (RepriseHash) hash = reprise_hash_new ();
  int to = open_beneath (folder, name, O_WRONLY | O_CREAT | O_EXCL);
  gboolean ok;

  if (to < 0)
    return reprise_set_error_errno (error, errno, _ ("Could not write “%s”"), name);
  ok = copy (fd, to, name, size_bytes, hash, progress, cancellable, error);
  if (ok && fsync (to) != 0 && errno != EINVAL && errno != ENOTSUP && errno != ENOSYS)
    ok = reprise_set_error_errno (error, errno, _ ("Could not write “%s”"), name);
  if (close (to) != 0 && ok)
    ok = reprise_set_error_errno (error, errno, _ ("Could not write “%s”"), name);
  if (ok && sha256 != NULL)
    *sha256 = reprise_hash_finish (hash);
  return ok;
}

static gboolean
push_cb (gconstpointer data,
         gsize size,
         gpointer user_data,
         GCancellable *cancellable,
         GError **error)
{
  return reprise_milvus_reader_push (user_data, data, size, error);
}

/* A #RepriseMilvusSource of the folder of a backup. */
gboolean
reprise_milvus_folder_source_cb (const char *name,
                                 RepriseMilvusReader *reader,
                                 gpointer folder,
                                 GCancellable *cancellable,
                                 GError **error)
{
  static const RepriseHttpSink SINK = { .write = push_cb };

  return reprise_milvus_folder_read (folder, name, &SINK, reader, NULL, cancellable, error);
}
