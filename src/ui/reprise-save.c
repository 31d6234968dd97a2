/* reprise-save.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "reprise-ui"

#include "config.h"

#include <glib/gi18n.h>

#include "base/reprise-error.h"
#include "base/reprise-hash.h"
#include "base/reprise-sandbox.h"
#include "base/reprise-thread.h"
#include "base/reprise-time.h"
#include "reprise-save.h"

#define BLOCK_BYTES (256 * 1024)

typedef struct
{
  RepriseVault *vault;       /* (owned) */
  RepriseBackup *backup;     /* (owned) */
  GFile *target;             /* (owned) */
  RepriseProgress *progress; /* (owned) (nullable) */
} Save;

static void
save_free (Save *save)
{
  g_clear_object (&save->vault);
  g_clear_object (&save->backup);
  g_clear_object (&save->target);
  g_clear_object (&save->progress);
  g_free (save);
}

/* (transfer full): what the copy would be called: the service's own name of it, else one made of kind and time, by whose end the
 * desktop knows that it is ours (data/…mime.xml) */
char *
reprise_save_dup_file_name (RepriseBackup *backup)
{
  const char *own = reprise_backup_get_own_name (backup);
  GDateTime *created = reprise_backup_get_created_at (backup);
  g_autofree char *stamp =
    created != NULL ? reprise_time_to_stamp (created) : g_strdup (reprise_backup_get_id (backup));
  g_autofree char *name = own != NULL ? g_path_get_basename (own) : NULL;

  return name != NULL
           ? g_steal_pointer (&name)
           : g_strdup_printf ("%s-%s.reprise.zip", reprise_backup_get_kind (backup), stamp);
}

/* In the worker: (transfer full) the only file of the backup, with its hash; several cannot be one. */
static GFile *
find_file (Save *save, char **sha256, GError **error)
{
  g_autoptr (RepriseManifest) manifest =
    reprise_vault_read_manifest (save->vault, save->backup, error);
  const char *hash = NULL, *path;
  gint64 size_bytes;

  if (manifest == NULL)
    return NULL;
  if (reprise_manifest_get_n_files (manifest) != 1)
    {
      reprise_error_set_literal (
        error, REPRISE_ERROR, REPRISE_ERROR_NOT_SUPPORTED,
        _ ("This backup consists of several files: open its folder, and copy the whole folder"));
      return NULL;
    }
  path = reprise_manifest_get_file (manifest, 0, &size_bytes, &hash);
  *sha256 = g_strdup (hash);
  reprise_progress_set_totals (save->progress, size_bytes, -1);
  return g_file_new_build_filename (reprise_backup_get_folder (save->backup), path, NULL);
}

/* In the worker: copies, hashing what flows by. */
static gboolean
copy (Save *save,
      GInputStream *in,
      GOutputStream *out,
      const char *sha256,
      GCancellable *cancellable,
      GError **error)
{
  g_autofree guchar *block = g_malloc (BLOCK_BYTES);
  RepriseHash *running = reprise_hash_new ();
  g_autofree char *found = NULL;
  gssize n;

  while ((n = g_input_stream_read (in, block, BLOCK_BYTES, cancellable, error)) > 0)
    {
      reprise_hash_update (running, block, (gsize) n);
      if (!g_output_stream_write_all (out, block, (gsize) n, NULL, cancellable, error))
        break;
      reprise_progress_add_bytes (save->progress, n);
    }
  found = reprise_hash_finish (running);
  if (n != 0)
    return FALSE;
  if (g_strcmp0 (found, sha256) == 0)
    return TRUE;
  reprise_error_set_literal (
    error, REPRISE_ERROR, REPRISE_ERROR_DAMAGED,
    _ ("The backup is not what it was when it was made: it is damaged, and was not saved"));
  return FALSE;
}

/* Closing with a cancelled cancellable leaves what was there before in its place. */
static void
give_up (GOutputStream *out)
{
  g_autoptr (GCancellable) cancelled = g_cancellable_new ();

  g_cancellable_cancel (cancelled);
  g_output_stream_close (out, cancelled, NULL);
}

static gboolean
save (Save *self, GCancellable *cancellable, GError **error)
{
  const char *path = g_file_peek_path (self->target);
  g_autofree char *sha256 = NULL;
  g_autoptr (GFile) source = NULL;
  g_autoptr (GFileInputStream) in = NULL;
  g_autoptr (GFileOutputStream) out = NULL;

  if (path != NULL && !reprise_sandbox_check (path, REPRISE_SANDBOX_BESIDE, error))
    return FALSE;
  source = find_file (self, &sha256, error);
  in = source != NULL ? g_file_read (source, cancellable, error) : NULL;
  if (in == NULL)
    return FALSE;
  out =
    g_file_replace (self->target, NULL, FALSE,
                    G_FILE_CREATE_PRIVATE | G_FILE_CREATE_REPLACE_DESTINATION, cancellable, error);
  if (out == NULL)
    return FALSE;
  if (copy (self, G_INPUT_STREAM (in), G_OUTPUT_STREAM (out), sha256, cancellable, error))
    return g_output_stream_close (G_OUTPUT_STREAM (out), cancellable, error);
  give_up (G_OUTPUT_STREAM (out));
  return FALSE;
}

static void
save_worker (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  GError *error = NULL;

  if (save (data, cancellable, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

/**
 * reprise_save_async:
 * @target: what is there already is replaced once the copy is whole
 */
void
reprise_save_async (RepriseVault *vault,
                    RepriseBackup *backup,
                    GFile *target,
                    RepriseProgress *progress,
                    GCancellable *cancellable,
                    GAsyncReadyCallback callback,
                    gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  Save *data = g_new0 (Save, 1);

  data->vault = g_object_ref (vault);
  data->backup = g_object_ref (backup);
  data->target = g_object_ref (target);
  g_set_object (&data->progress, progress);
  g_task_set_source_tag (task, reprise_save_async);
  g_task_set_task_data (task, data, (GDestroyNotify) save_free);
  reprise_task_run_in_own_thread (task, save_worker);
}

/* %REPRISE_ERROR_NOT_SUPPORTED where the backup is no single file, %REPRISE_ERROR_DAMAGED where it is not whole. */
gboolean
reprise_save_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
