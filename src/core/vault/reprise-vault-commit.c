/* reprise-vault-commit.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "base/reprise-fd.h"
#include "base/reprise-file.h"
#include "base/reprise-hash.h"
#include "vault/reprise-backup-private.h"
#include "vault/reprise-vault-writer-private.h"

#define MAX_SYNCED_FOLDERS 64 /* one by one */

/* A commit, in order: files closed and hashed → each synced (in the background) → manifest.json → SHA256SUMS → their folders
 * synced → scratch removed → one rename → the folder above synced → the journal removed. */

static gboolean
check_complete (RepriseVaultWriter *self, GError **error)
{
  GHashTableIter iter;
  gpointer name = NULL;

  if (!reprise_vault_writer_check_usable (self, "x", error))
    return FALSE;
  if (reprise_manifest_get_proof_method (self->manifest) == NULL)
    {
      reprise_error_set_literal (error, REPRISE_ERROR, REPRISE_ERROR_FAILED,
                                 _ ("Nothing proves that the backup is whole."));
      return FALSE;
    }
  g_mutex_lock (&self->mutex);
  g_hash_table_iter_init (&iter, self->open);
  if (g_hash_table_iter_next (&iter, &name, NULL))
    reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_FAILED,
                       _ ("“%s” is still being written."), (char *) name);
  g_mutex_unlock (&self->mutex);
  return name == NULL;
}

/* Whether what lies there is what the manifest says: nothing less, nothing more. */
static gboolean
check_folder (RepriseVaultWriter *self, GError **error)
{
  g_autoptr (GHashTable) known = g_hash_table_new (g_str_hash, g_str_equal);
  g_autofree char *unknown = NULL;

  for (guint i = 0; i < reprise_manifest_get_n_files (self->manifest); i++)
    {
      gint64 size_bytes;
      const char *name = reprise_manifest_get_file (self->manifest, i, &size_bytes, NULL);
      g_autofree char *path = g_build_filename (self->folder, name, NULL);
      struct stat info;

      g_hash_table_add (known, (gpointer) name);
      if (lstat (path, &info) == 0 && S_ISREG (info.st_mode) && info.st_size == size_bytes)
        continue;
      reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_FAILED,
                         _ ("“%s” in the vault is not as long as what was written to it"), name);
      return FALSE;
    }
  unknown = reprise_partial_find_unknown (self->folder, known);
  if (unknown == NULL)
    return TRUE;
  reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_FAILED,
                     _ ("“%s” lies in the backup’s folder and is no part of it."), unknown);
  return FALSE;
}

static gboolean
write_synced (RepriseVaultWriter *self,
              const char *name,
              const char *data,
              gsize size,
              GError **error)
{
  g_autofree char *path = g_build_filename (self->folder, name, NULL);
  int fd = open (path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  int failed = fd < 0 ? errno : 0;

  if (failed == 0 && !reprise_fd_write (fd, data, size))
    failed = errno;
  if (failed == 0 && fsync (fd) != 0 && errno != EINVAL && errno != ENOTSUP && errno != ENOSYS)
    failed = errno;
  if (fd >= 0 && close (fd) != 0 && failed == 0)
    failed = errno;
  if (failed == 0)
    return TRUE;
  return reprise_set_error_errno (error, failed, _ ("Could not write “%s” in the vault"), name);
}

static gboolean
write_manifest (RepriseVaultWriter *self, GError **error)
{
  gsize size;
  g_autofree char *json = reprise_manifest_to_json (self->manifest, &size);
  g_autofree char *sha256 = reprise_hash_bytes (json, size);
  g_autofree char *sums = reprise_manifest_print_sums (self->manifest, sha256);
  g_autoptr (RepriseManifest) back = reprise_manifest_parse (json, size, error);

  if (back == NULL)
    return FALSE; /* better no backup than one that says no more what it is */
  return write_synced (self, "manifest.json", json, size, error) &&
         write_synced (self, "SHA256SUMS", sums, strlen (sums), error);
}

/* All that is waiting for that disk, at once: quicker than thousands of folders, one after the other. */
static gboolean
sync_disk (RepriseVaultWriter *self, GError **error)
{
  int fd = open (self->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  int failed = fd < 0 || syncfs (fd) != 0 ? errno : 0;

  if (fd >= 0)
    close (fd);
  return failed == 0 || reprise_set_error_errno (
                          error, failed, _ ("Could not save “%s” in the vault"), self->folder);
}

static gboolean
sync_folders (RepriseVaultWriter *self, GError **error)
{
  GHashTableIter iter;
  gpointer path;

  if (g_hash_table_size (self->folders) > MAX_SYNCED_FOLDERS)
    return sync_disk (self, error) && reprise_file_sync_folder (self->folder, error);
  g_hash_table_iter_init (&iter, self->folders);
  while (g_hash_table_iter_next (&iter, &path, NULL))
    if (!reprise_file_sync_folder (path, error))
      return FALSE;
  return reprise_file_sync_folder (self->folder, error);
}

/* Where only the sync of the folder above failed, the name is taken back: nobody knows whether it would stay. */
static gboolean
rename_folder (RepriseVaultWriter *self, const char *to, GError **error)
{
  if (reprise_file_rename_new (self->folder, to, error))
    return TRUE;
  if (!g_file_test (self->folder, G_FILE_TEST_EXISTS))
    rename (to, self->folder);
  return FALSE;
}

static gboolean
prepare_commit (RepriseVaultWriter *self, GCancellable *cancellable, GError **error)
{
  g_autofree char *scratch = g_build_filename (self->folder, REPRISE_VAULT_SCRATCH, NULL);

  if (!check_complete (self, error))
    return FALSE;
  reprise_vault_writer_wait_for_syncs (self, 0);
  return reprise_vault_writer_take_sync_failure (self, error) &&
         reprise_file_remove_tree (scratch, error) && check_folder (self, error) &&
         !g_cancellable_set_error_if_cancelled (cancellable, error) &&
         write_manifest (self, error) && sync_folders (self, error);
}

/**
 * reprise_vault_writer_commit:
 *
 * Saves all of it, then makes it a backup with one rename. Until then a power cut or a failure leaves nothing in the list of
 * backups; afterwards it stays.
 *
 * Returns: (transfer full): the backup, complete; or %NULL with %REPRISE_ERROR_FAILED (no proof, a stream still open, a file that
 *   nobody knows), %G_IO_ERROR_CANCELLED, or an error of the system. The writer is good for nothing after a failure but to be
 *   dropped
 */
RepriseBackup *
reprise_vault_writer_commit (RepriseVaultWriter *self, GCancellable *cancellable, GError **error)
{
  g_autofree char *name = reprise_vault_name_make (reprise_manifest_get_created_at (self->manifest),
                                                   reprise_manifest_get_id (self->manifest));
  g_autofree char *to = g_build_filename (self->service_folder, name, NULL);
  RepriseBackup *backup;

  if (!prepare_commit (self, cancellable, error) || !rename_folder (self, to, error))
    return NULL;
  reprise_vault_writer_stop_syncers (self);
  self->state = REPRISE_WRITER_COMMITTED;
  reprise_partial_remove (self->partial);
  backup = reprise_manifest_to_backup (self->manifest);
  backup->folder = g_steal_pointer (&to);
  return backup;
}
