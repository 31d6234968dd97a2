/* reprise-vault-copy.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "base/reprise-file.h"
#include "base/reprise-hash.h"
#include "vault/reprise-vault-copy.h"

#define CHUNK_BYTES (256 * 1024)

static gboolean
copy (GInputStream *in,
      GOutputStream *out,
      const char *sha256,
      RepriseProgress *progress,
      GCancellable *cancellable,
      GError **error)
{
  g_autofree guchar *chunk = g_malloc (CHUNK_BYTES);
  g_autoptr (RepriseHash) hash = reprise_hash_new ();
  g_autofree char *found = NULL;
  gssize n;

  while ((n = g_input_stream_read (in, chunk, CHUNK_BYTES, cancellable, error)) > 0)
    {
      reprise_hash_update (hash, chunk, (gsize) n);
      reprise_progress_add_bytes (progress, n);
      if (!g_output_stream_write_all (out, chunk, (gsize) n, NULL, cancellable, error))
        return FALSE;
    }
  if (n < 0)
    return FALSE;
  found = reprise_hash_finish (hash);
  if (g_strcmp0 (found, sha256) == 0)
    return TRUE;
  reprise_error_set_literal (
    error, REPRISE_ERROR, REPRISE_ERROR_DAMAGED,
    _ ("The backup is not what its manifest says: it is damaged, and was not saved."));
  return FALSE;
}

/**
 * reprise_vault_copy_file:
 * @source: a file of a backup
 * @sha256: what the manifest says of it
 * @replace: what is at @target already
 *
 * Copies a file out of the vault, beside its target first, and then with one rename: one that is half written never has its name. Blocks:
 * for workers.
 *
 * Returns: %FALSE with %REPRISE_ERROR_DAMAGED, %REPRISE_ERROR_EXISTS, or errors of the system
 */
gboolean
reprise_vault_copy_file (const char *source,
                         const char *target,
                         const char *sha256,
                         gboolean replace,
                         RepriseProgress *progress,
                         GCancellable *cancellable,
                         GError **error)
{
  g_autofree char *folder = g_path_get_dirname (target);
  g_autofree char *partial = g_strconcat (target, ".part", NULL);
  g_autoptr (GFile) from = g_file_new_for_path (source);
  g_autoptr (GFile) to = g_file_new_for_path (partial);
  g_autoptr (GFileInputStream) in = g_file_read (from, cancellable, error);
  g_autoptr (GFileOutputStream) out =
    in != NULL ? g_file_create (to, G_FILE_CREATE_PRIVATE, cancellable, error) : NULL;
  gboolean done;

  if (out == NULL)
    return FALSE;
  done = copy (G_INPUT_STREAM (in), G_OUTPUT_STREAM (out), sha256, progress, cancellable, error) &&
         g_output_stream_close (G_OUTPUT_STREAM (out), cancellable, error) &&
         reprise_file_sync (partial, error);
  if (done && replace && rename (partial, target) != 0)
    done = reprise_set_error_errno (error, errno, _ ("Could not save “%s”"), target);
  else if (done && !replace)
    done = reprise_file_rename_new (partial, target, error);
  if (!done)
    unlink (partial);
  return done && reprise_file_sync_folder (folder, error);
}
