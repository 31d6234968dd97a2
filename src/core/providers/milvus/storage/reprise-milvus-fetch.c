/* reprise-milvus-fetch.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>
#include <unistd.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "base/reprise-file.h"
#include "base/reprise-hash.h"
#include "providers/milvus/storage/reprise-milvus-archive.h"
#include "providers/milvus/storage/reprise-milvus-crew.h"
#include "providers/milvus/storage/reprise-milvus-inventory.h"
#include "vault/reprise-vault-layout.h"

#define N_WORKERS        8
#define MAX_TRIES        4 /* of a file from its beginning */
#define PROVIDER_VERSION 1
#define MARK_NAME        "milvus-source"
#define MAX_MARK_BYTES   4096

/*
 * list of the files → what a run that was broken off left, if it is of the same backup → its metadata, first of all
 * → what the metadata names, held against the list, before anything large is moved
 * → all other files, several at a time, each as long as the list says
 * → the manifest
 */
typedef struct
{
  RepriseMilvusStorage *storage;
  const char *backup;
  RepriseVaultWriter *writer;
  GPtrArray *files;    /* (owned) (element-type RepriseMilvusFile): that can be kept */
  GPtrArray *left_out; /* (owned) (element-type utf8): names that cannot */
  GHashTable *there;   /* (owned) (element-type utf8 gint64): closed files of the writer */
  gint64 bytes;        /* of all files */
  RepriseProgress *progress;
} Fetch;

static void
fetch_clear (Fetch *fetch)
{
  g_clear_pointer (&fetch->files, g_ptr_array_unref);
  g_clear_pointer (&fetch->left_out, g_ptr_array_unref);
  g_clear_pointer (&fetch->there, g_hash_table_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Fetch, fetch_clear)

static char *
make_path (const char *name)
{
  return g_strconcat (REPRISE_MILVUS_PAYLOAD, "/", name, NULL);
}

/* --- the list --- */

/* Files whose names are none in a vault are told of, and left where they are: Milvus Backup makes none. */
static gboolean
list_files (Fetch *fetch, GCancellable *cancellable, GError **error)
{
  g_autoptr (GPtrArray) all = reprise_milvus_storage_list_files (
    fetch->storage, fetch->backup, REPRISE_MILVUS_MAX_FILES, cancellable, error);

  if (all == NULL)
    return FALSE;
  fetch->files = g_ptr_array_new_with_free_func ((GDestroyNotify) reprise_milvus_file_free);
  fetch->left_out = g_ptr_array_new_with_free_func (g_free);
  g_ptr_array_set_free_func (all, NULL);
  for (guint i = 0; i < all->len; i++)
    {
      RepriseMilvusFile *file = all->pdata[i];
      g_autofree char *path = make_path (file->name);

      if (reprise_milvus_name_is_safe (path) && file->size_bytes >= 0)
        {
          fetch->bytes += file->size_bytes;
          g_ptr_array_add (fetch->files, file);
          continue;
        }
      g_ptr_array_add (fetch->left_out, g_strdup (file->name));
      reprise_milvus_file_free (file);
    }
  if (fetch->files->len > 0)
    return TRUE;
  reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND,
                     _ ("There is no backup “%s” in %s."), fetch->backup,
                     reprise_milvus_storage_get_description (fetch->storage));
  return FALSE;
}

static gboolean
check_finished (Fetch *fetch, RepriseMilvusInventory *inventory, GError **error)
{
  if (reprise_milvus_inventory_has_meta (inventory))
    return TRUE;
  reprise_error_set (
    error, REPRISE_ERROR, REPRISE_ERROR_REFUSED,
    _ ("“%s” is no whole backup: its metadata, which is written last, is not there. It is "
       "being made now, or it failed."),
    fetch->backup);
  return FALSE;
}

/* --- what an earlier run left --- */

/* What the metadata in the storage is: when it is replaced, its size or entity tag changes. */
static char *
make_mark (Fetch *fetch)
{
  GString *mark = g_string_new (fetch->backup);

  g_string_append_printf (mark, "\n%s\n", reprise_milvus_storage_get_description (fetch->storage));
  for (guint i = 0; i < fetch->files->len; i++)
    {
      const RepriseMilvusFile *file = fetch->files->pdata[i];

      if (g_str_has_prefix (file->name, "meta/"))
        g_string_append_printf (mark, "%s %" G_GINT64_FORMAT " %s\n", file->name, file->size_bytes,
                                file->etag != NULL ? file->etag : "");
    }
  return g_string_free (mark, FALSE);
}

static gboolean
same_mark (const char *path, const char *mark)
{
  g_autoptr (GBytes) bytes = reprise_file_read_small (path, MAX_MARK_BYTES, NULL);

  return bytes != NULL && g_bytes_get_size (bytes) == strlen (mark) &&
         (*mark == '\0' || memcmp (g_bytes_get_data (bytes, NULL), mark, strlen (mark)) == 0);
}

static gboolean
forget_old_files (Fetch *fetch, GError **error)
{
  RepriseManifest *manifest = reprise_vault_writer_get_manifest (fetch->writer);

  while (reprise_manifest_get_n_files (manifest) > 0)
    {
      g_autofree char *name = g_strdup (reprise_manifest_get_file (
        manifest, reprise_manifest_get_n_files (manifest) - 1, NULL, NULL));

      if (!reprise_vault_writer_discard (fetch->writer, name, error))
        return FALSE;
    }
  return TRUE;
}

static void
find_old_files (Fetch *fetch)
{
  RepriseManifest *manifest = reprise_vault_writer_get_manifest (fetch->writer);

  fetch->there = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  for (guint i = 0; i < reprise_manifest_get_n_files (manifest); i++)
    {
      gint64 *size = g_new (gint64, 1);
      const char *name = reprise_manifest_get_file (manifest, i, size, NULL);

      g_hash_table_replace (fetch->there, g_strdup (name), size);
    }
}

/* Files that were brought already stay, if they are of exactly this backup. The mark lies where it is never a part of the backup. */
static gboolean
take_up (Fetch *fetch, GError **error)
{
  g_autofree char *scratch =
    g_build_filename (reprise_vault_writer_get_folder (fetch->writer), REPRISE_VAULT_SCRATCH, NULL);
  g_autofree char *path = g_build_filename (scratch, MARK_NAME, NULL);
  g_autofree char *text = make_mark (fetch);
  g_autofree char *mark = reprise_hash_bytes (text, strlen (text));

  if (!same_mark (path, mark) && !forget_old_files (fetch, error))
    return FALSE;
  find_old_files (fetch);
  return reprise_file_make_folder (scratch, error) &&
         reprise_file_write_durable (path, mark, -1, error);
}

/* --- the files --- */

typedef struct
{
  GOutputStream *stream;
  gint64 bytes; /* of this try */
} Sink;

static gboolean
write_cb (gconstpointer data,
          gsize size,
          gpointer user_data,
          GCancellable *cancellable,
          GError **error)
{
  Sink *sink = user_data;

  sink->bytes += (gint64) size;
  return g_output_stream_write_all (sink->stream, data, size, NULL, cancellable, error);
}

static gboolean
bring_once (Fetch *fetch,
            const RepriseMilvusFile *file,
            const char *path,
            GCancellable *cancellable,
            GError **error)
{
  static const RepriseHttpSink FUNCS = { .write = write_cb };
  g_autoptr (GOutputStream) stream = reprise_vault_writer_open (fetch->writer, path, error);
  Sink sink = { stream, 0 };

  if (stream == NULL)
    return FALSE;
  if (reprise_milvus_storage_get (fetch->storage, fetch->backup, file, &FUNCS, &sink,
                                  fetch->progress, cancellable, error))
    return g_output_stream_close (stream, cancellable, error);
  reprise_progress_add_bytes (fetch->progress, -sink.bytes);
  return FALSE;
}

/* A storage whose objects have no entity tags cannot go on with one: it is begun anew. */
static gboolean
bring_new (Fetch *fetch,
           const RepriseMilvusFile *file,
           const char *path,
           GCancellable *cancellable,
           GError **error)
{
  for (guint try = 1;; try++)
    {
      g_autoptr (GError) local = NULL;

      if (bring_once (fetch, file, path, cancellable, &local))
        return TRUE;
      if (try == MAX_TRIES || !g_error_matches (local, REPRISE_ERROR, REPRISE_ERROR_STALLED))
        {
          g_propagate_prefixed_error (error, g_steal_pointer (&local), "%s: ", file->name);
          return FALSE;
        }
      reprise_progress_log (fetch->progress, "%s: %s; begun anew", file->name, local->message);
    }
}

static gboolean
bring (Fetch *fetch, const RepriseMilvusFile *file, GCancellable *cancellable, GError **error)
{
  g_autofree char *path = make_path (file->name);
  const gint64 *there = g_hash_table_lookup (fetch->there, path);

  if (there != NULL && *there == file->size_bytes)
    reprise_progress_add_bytes (fetch->progress, file->size_bytes);
  else if ((there != NULL && !reprise_vault_writer_discard (fetch->writer, path, error)) ||
           !bring_new (fetch, file, path, cancellable, error))
    return FALSE;
  reprise_progress_add_items (fetch->progress, 1);
  return TRUE;
}

static gboolean
bring_task (guint index, gpointer user_data, GCancellable *cancellable, GError **error)
{
  Fetch *fetch = user_data;
  const RepriseMilvusFile *file = fetch->files->pdata[index];

  return g_str_has_prefix (file->name, "meta/") || bring (fetch, file, cancellable, error);
}

static gboolean
bring_meta (Fetch *fetch, GCancellable *cancellable, GError **error)
{
  for (guint i = 0; i < fetch->files->len; i++)
    {
      const RepriseMilvusFile *file = fetch->files->pdata[i];

      if (g_str_has_prefix (file->name, "meta/") && !bring (fetch, file, cancellable, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
source_cb (const char *name,
           RepriseMilvusReader *reader,
           gpointer user_data,
           GCancellable *cancellable,
           GError **error)
{
  Fetch *fetch = user_data;
  g_autofree char *folder = g_build_filename (reprise_vault_writer_get_folder (fetch->writer),
                                              REPRISE_MILVUS_PAYLOAD, NULL);

  return reprise_milvus_folder_source_cb (name, reader, folder, cancellable, error);
}

/* --- the manifest --- */

static void
set_interval (RepriseManifest *manifest, RepriseMilvusMeta *meta)
{
  GDateTime *first = NULL;

  for (guint i = 0; i < meta->collections->len; i++)
    {
      GDateTime *made_at = ((RepriseMilvusCollection *) meta->collections->pdata[i])->made_at;

      if (made_at != NULL && (first == NULL || g_date_time_compare (made_at, first) < 0))
        first = made_at;
    }
  if (meta->created_at == NULL)
    return;
  reprise_manifest_set_created_at (manifest, meta->created_at);
  reprise_manifest_set_interval (manifest, first != NULL ? first : meta->created_at,
                                 meta->created_at);
}

static void
set_provider (Fetch *fetch, RepriseMilvusMeta *meta)
{
  JsonObject *provider =
    reprise_manifest_get_provider (reprise_vault_writer_get_manifest (fetch->writer));
  JsonArray *left_out = json_array_new ();

  json_object_set_int_member (provider, "version", PROVIDER_VERSION);
  json_object_set_string_member (provider, "backup_name", meta->name);
  if (meta->id != NULL)
    json_object_set_string_member (provider, "backup_id", meta->id);
  json_object_set_string_member (provider, "format", meta->format);
  for (guint i = 0; i < fetch->left_out->len; i++)
    json_array_add_string_element (left_out, fetch->left_out->pdata[i]);
  json_object_set_array_member (provider, "left_out", left_out);
}

static void
fill_manifest (Fetch *fetch, RepriseMilvusMeta *meta)
{
  RepriseManifest *manifest = reprise_vault_writer_get_manifest (fetch->writer);
  g_autoptr (RepriseContents) contents = reprise_milvus_meta_make_contents (meta);
  g_autofree char *evidence =
    g_strdup_printf ("%u files of %" G_GINT64_FORMAT " bytes, each as long as the storage says; of "
                     "the %" G_GUINT64_FORMAT " that the metadata names, which is written last, "
                     "each is there and as long as it says",
                     fetch->files->len, fetch->bytes, meta->n_files);

  reprise_manifest_set_contents (manifest, contents);
  set_interval (manifest, meta);
  reprise_manifest_set_proof (manifest, "named-files", evidence);
  reprise_manifest_set_own_name (manifest, meta->name);
  if (meta->milvus_version != NULL)
    reprise_manifest_set_service_version (manifest, meta->milvus_version);
  set_provider (fetch, meta);
  if (fetch->left_out->len > 0)
    reprise_progress_warn_n (
      fetch->progress,
      "%u object in the storage has a name that cannot be kept in a vault, and was left "
      "out: “%s”.",
      "%u objects in the storage have names that cannot be kept in a vault, and were left "
      "out, “%s” among them.",
      fetch->left_out->len, fetch->left_out->len, (char *) fetch->left_out->pdata[0]);
}

static RepriseMilvusMeta *
fetch_all (Fetch *fetch, GCancellable *cancellable, GError **error)
{
  g_autoptr (RepriseMilvusInventory) inventory = NULL;
  g_autoptr (RepriseMilvusMeta) meta = NULL;

  if (!list_files (fetch, cancellable, error))
    return NULL;
  inventory = reprise_milvus_inventory_new (fetch->files);
  if (!check_finished (fetch, inventory, error) || !take_up (fetch, error))
    return NULL;
  reprise_progress_set_totals (fetch->progress, fetch->bytes, fetch->files->len);
  if (!bring_meta (fetch, cancellable, error))
    return NULL;
  meta = reprise_milvus_read_meta (source_cb, fetch, reprise_milvus_inventory_take_cb, inventory,
                                   cancellable, error);
  if (meta == NULL || !reprise_milvus_inventory_check (inventory, meta, error) ||
      !reprise_milvus_crew_run (N_WORKERS, fetch->files->len, bring_task, fetch, cancellable,
                                error))
    return NULL;
  fill_manifest (fetch, meta);
  return g_steal_pointer (&meta);
}

/**
 * reprise_milvus_fetch:
 * @name: of the backup
 *
 * Brings a backup out of its storage into the vault, byte for byte, and fills the manifest: contents, dates, proof, own name and
 * version. The caller commits. A writer that was left (see reprise_vault_resume()) goes on with what it has, if that is of the same
 * backup.
 *
 * Returns: (transfer full): its metadata, or %NULL with %REPRISE_ERROR_NOT_FOUND, %REPRISE_ERROR_REFUSED (no whole backup),
 *   %REPRISE_ERROR_DAMAGED (files that its metadata names are missing), and others
 */
RepriseMilvusMeta *
reprise_milvus_fetch (RepriseMilvusStorage *storage,
                      const char *name,
                      RepriseVaultWriter *writer,
                      RepriseProgress *progress,
                      GCancellable *cancellable,
                      GError **error)
{
  g_auto (Fetch) fetch = {
    .storage = storage, .backup = name, .writer = writer, .progress = progress
  };

  return fetch_all (&fetch, cancellable, error);
}
