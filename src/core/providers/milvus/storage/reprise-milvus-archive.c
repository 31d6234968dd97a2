/* reprise-milvus-archive.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "base/reprise-file.h"
#include "providers/milvus/storage/reprise-milvus-archive.h"
#include "providers/milvus/storage/reprise-milvus-crew.h"
#include "providers/milvus/storage/reprise-milvus-inventory.h"
#include "providers/milvus/storage/reprise-milvus-rename.h"

#define N_UPLOADS   4
#define MAGIC_BYTES 4
#define MAX_TOLD    20 /* collections or partitions that are told of one by one */

/* (transfer full): the folder with meta/ and binlogs/ */
static char *
find_folder (RepriseArchive *archive)
{
  const char *path = reprise_archive_get_path (archive);
  g_autofree char *above = NULL;

  if (reprise_archive_get_manifest (archive) != NULL)
    return g_build_filename (reprise_backup_get_folder (reprise_archive_get_backup (archive)),
                             REPRISE_MILVUS_PAYLOAD, NULL);
  if (!g_str_has_suffix (path, ".json"))
    return g_strdup (path);
  above = g_path_get_dirname (path);
  return g_path_get_dirname (above);
}

static gboolean
is_meta_path (const char *path)
{
  g_autofree char *whole =
    g_strconcat ("/", reprise_milvus_level_get_name (REPRISE_MILVUS_WHOLE), NULL);
  g_autofree char *top =
    g_strconcat ("/", reprise_milvus_level_get_name (REPRISE_MILVUS_TOP), NULL);

  return g_str_has_suffix (path, whole) || g_str_has_suffix (path, top);
}

/* --- looking into one --- */

/**
 * reprise_milvus_archive_recognise:
 *
 * Returns: whether @path is the folder of a backup of Milvus, or its meta/full_meta.json or meta/backup_meta.json
 */
gboolean
reprise_milvus_archive_recognise (const char *path,
                                  const guchar *head,
                                  gsize head_size,
                                  gint64 size)
{
  if (!g_file_test (path, G_FILE_TEST_IS_DIR))
    return is_meta_path (path) && head_size > 0 && *head == '{';
  for (guint i = REPRISE_MILVUS_WHOLE; i <= REPRISE_MILVUS_TOP; i++)
    {
      g_autofree char *name =
        g_build_filename (path, reprise_milvus_level_get_name ((RepriseMilvusLevel) i), NULL);

      if (g_file_test (name, G_FILE_TEST_EXISTS))
        return TRUE; /* a folder of that name too: it is told what is wrong with that */
    }
  return FALSE;
}

/* What there is and what the metadata says, held against each other. */
static RepriseMilvusMeta *
take_stock (const char *folder,
            GPtrArray **files,
            RepriseMilvusInventory **inventory,
            GCancellable *cancellable,
            GError **error)
{
  g_autoptr (GPtrArray) found = NULL;
  g_autoptr (RepriseMilvusInventory) stock = NULL;
  g_autoptr (RepriseMilvusMeta) meta = NULL;

  if (!reprise_milvus_folder_refuse_disk (folder, error))
    return NULL;
  found = reprise_milvus_folder_list (folder, 0, cancellable, error);
  if (found == NULL)
    return NULL;
  stock = reprise_milvus_inventory_new (found);
  meta = reprise_milvus_read_meta (reprise_milvus_folder_source_cb, (gpointer) folder,
                                   reprise_milvus_inventory_take_cb, stock, cancellable, error);
  if (meta == NULL)
    return NULL;
  *files = g_steal_pointer (&found);
  *inventory = g_steal_pointer (&stock);
  return g_steal_pointer (&meta);
}

/* (transfer full): what the metadata of an archive says, or %NULL with %REPRISE_ERROR_DAMAGED and others */
RepriseMilvusMeta *
reprise_milvus_archive_read_meta (RepriseArchive *archive,
                                  GCancellable *cancellable,
                                  GError **error)
{
  g_autofree char *folder = find_folder (archive);

  return reprise_milvus_read_meta (reprise_milvus_folder_source_cb, folder, NULL, NULL, cancellable,
                                   error);
}

static void
add_count (RepriseArchive *archive, const char *label, guint64 count)
{
  g_autofree char *text = g_strdup_printf ("%" PRIu64, count);

  reprise_archive_add_fact (archive, label, text);
}

/* (transfer full): “vec: IVF_FLAT (L2), title” */
static char *
list_indexes (const RepriseMilvusCollection *collection)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < collection->indexes->len; i++)
    {
      const RepriseMilvusIndex *index = collection->indexes->pdata[i];

      g_string_append_printf (text, "%s%s", text->len > 0 ? ", " : "",
                              index->field != NULL ? index->field : index->name);
      if (index->type != NULL)
        g_string_append_printf (text, ": %s", index->type);
      if (index->metric != NULL)
        g_string_append_printf (text, " (%s)", index->metric);
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* (transfer full) */
static char *
list_partitions (const RepriseMilvusCollection *collection)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < collection->partitions->len && i < MAX_TOLD; i++)
    {
      const RepriseMilvusPartition *partition = collection->partitions->pdata[i];

      g_string_append_printf (text, "%s%s", text->len > 0 ? ", " : "",
                              partition->name != NULL ? partition->name : "?");
    }
  if (collection->partitions->len > MAX_TOLD)
    g_string_append (text, "…");
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* What is more to a collection than its rows, where there are so few that one reads it. */
static void
add_details (RepriseArchive *archive, const RepriseMilvusCollection *collection)
{
  /* Translators: %s is a collection of Milvus */
  g_autofree char *partitions_label = g_strdup_printf (_ ("Partitions of %s"), collection->title);
  /* Translators: %s is a collection of Milvus */
  g_autofree char *indexes_label = g_strdup_printf (_ ("Indexes of %s"), collection->title);
  g_autofree char *partitions = list_partitions (collection);
  g_autofree char *indexes = list_indexes (collection);

  if (collection->partitions->len > 1)
    reprise_archive_add_fact (archive, partitions_label, partitions);
  if (*indexes != '\0')
    reprise_archive_add_fact (archive, indexes_label, indexes);
}

static void
add_facts (RepriseArchive *archive, RepriseMilvusMeta *meta)
{
  guint64 n_partitions = 0, n_indexes = 0;
  gboolean has_deletes = FALSE;

  for (guint i = 0; i < meta->collections->len; i++)
    {
      const RepriseMilvusCollection *collection = meta->collections->pdata[i];

      n_partitions += collection->partitions->len;
      n_indexes += collection->indexes->len;
      has_deletes |= collection->has_deletes;
    }
  reprise_archive_add_fact (archive, _ ("Name of the backup"), meta->name);
  add_count (archive, _ ("Databases"), meta->databases->len);
  add_count (archive, _ ("Collections"), meta->collections->len);
  if (n_partitions > 0)
    add_count (archive, _ ("Partitions"), n_partitions);
  add_count (archive, _ ("Indexes (definitions)"), n_indexes);
  if (meta->rows >= 0)
    add_count (archive, _ ("Rows"), (guint64) meta->rows);
  for (guint i = 0; meta->collections->len <= MAX_TOLD && i < meta->collections->len; i++)
    add_details (archive, meta->collections->pdata[i]);
  if (meta->rbac)
    reprise_archive_add_warning (archive, "%s",
                                 _ ("The backup holds users and the hashes of their passwords. "
                                    "Keep it as carefully as those."));
  if (has_deletes)
    reprise_archive_add_warning (
      archive, "%s",
      _ ("Rows that were deleted are counted: the backup keeps deletions beside the rows."));
}

/* What is known of a backup goes into @archive. */
void
reprise_milvus_archive_fill (RepriseArchive *archive, RepriseMilvusMeta *meta)
{
  g_autoptr (RepriseContents) contents = reprise_milvus_meta_make_contents (meta);
  g_autofree char *format = g_strdup_printf (_ ("Milvus backup (%s)"), meta->format);

  reprise_archive_set_format (archive, format);
  reprise_archive_set_contents (archive, contents);
  if (meta->created_at != NULL)
    reprise_archive_set_created_at (archive, meta->created_at);
  if (meta->milvus_version != NULL)
    reprise_archive_set_service_version (archive, meta->milvus_version);
  add_facts (archive, meta);
}

static gint64
sum_sizes (GPtrArray *files)
{
  gint64 sum = 0;

  for (guint i = 0; i < files->len; i++)
    sum += ((RepriseMilvusFile *) files->pdata[i])->size_bytes;
  return sum;
}

static void
add_damage (RepriseArchive *archive, RepriseMilvusInventory *inventory, RepriseMilvusMeta *meta)
{
  g_auto (GStrv) problems = reprise_milvus_inventory_dup_problems (inventory, meta);

  for (guint i = 0; problems[i] != NULL; i++)
    reprise_archive_add_damage (archive, "%s", problems[i]);
}

/**
 * reprise_milvus_archive_inspect:
 *
 * Reads the metadata, and looks whether all that it names is there and as long as it says; nothing is asked of a server.
 *
 * Returns: %FALSE with %REPRISE_ERROR_DAMAGED where the metadata cannot be read, %REPRISE_ERROR_REFUSED where it is the disk of a MinIO server,
 *   and others
 */
gboolean
reprise_milvus_archive_inspect (RepriseArchive *archive,
                                RepriseProgress *progress,
                                GCancellable *cancellable,
                                GError **error)
{
  g_autofree char *folder = find_folder (archive);
  g_autoptr (GPtrArray) files = NULL;
  g_autoptr (RepriseMilvusInventory) inventory = NULL;
  g_autoptr (RepriseMilvusMeta) meta = take_stock (folder, &files, &inventory, cancellable, error);

  if (meta == NULL)
    return FALSE;
  reprise_milvus_archive_fill (archive, meta);
  reprise_archive_set_size_bytes (archive, sum_sizes (files));
  add_damage (archive, inventory, meta);
  return TRUE;
}

/* --- verification --- */

/* The first bytes of a log: the number 0xfffabc of Milvus's own form, or those of Parquet, in which later versions store them */
static gboolean
has_magic (const guchar *head, gssize size)
{
  static const guchar BINLOG[MAGIC_BYTES] = { 0xbc, 0xfa, 0xff, 0x00 };
  static const guchar PARQUET[MAGIC_BYTES] = { 'P', 'A', 'R', '1' };

  return size == MAGIC_BYTES &&
         (memcmp (head, BINLOG, MAGIC_BYTES) == 0 || memcmp (head, PARQUET, MAGIC_BYTES) == 0);
}

static gboolean
check_head (const char *folder, const RepriseMilvusFile *file, GError **error)
{
  guchar head[MAGIC_BYTES] = { 0 };
  gint64 size = 0;
  gssize n;
  int fd;

  if (!g_str_has_prefix (file->name, "binlogs/"))
    return TRUE;
  fd = reprise_milvus_folder_open (folder, file->name, &size, error);
  if (fd < 0)
    return FALSE;
  n = pread (fd, head, sizeof head, 0);
  close (fd);
  if (has_magic (head, n))
    return TRUE;
  reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_DAMAGED,
                     _ ("“%s” is no log of Milvus: it does not begin as one."), file->name);
  return FALSE;
}

/**
 * reprise_milvus_archive_verify:
 * @depth: %REPRISE_DEPTH_DEEP also looks at how each log begins; the hashes are the vault's to check
 *
 * Whether all files that the metadata names are there and as long as it says.
 *
 * Returns: %FALSE with %REPRISE_ERROR_DAMAGED and the names of what is damaged, and others
 */
gboolean
reprise_milvus_archive_verify (RepriseArchive *archive,
                               RepriseDepth depth,
                               RepriseProgress *progress,
                               GCancellable *cancellable,
                               GError **error)
{
  g_autofree char *folder = find_folder (archive);
  g_autoptr (GPtrArray) files = NULL;
  g_autoptr (RepriseMilvusInventory) inventory = NULL;
  g_autoptr (RepriseMilvusMeta) meta = take_stock (folder, &files, &inventory, cancellable, error);

  if (meta == NULL || !reprise_milvus_inventory_check (inventory, meta, error))
    return FALSE;
  for (guint i = 0; depth == REPRISE_DEPTH_DEEP && i < files->len; i++)
    if (g_cancellable_set_error_if_cancelled (cancellable, error) ||
        !check_head (folder, files->pdata[i], error))
      return FALSE;
  return TRUE;
}

/* --- out of the vault --- */

typedef struct
{
  const char *folder;
  RepriseMilvusStorage *storage;
  const char *backup;
  gboolean renamed; /* the metadata is to say @backup, too */
  GPtrArray *files; /* (element-type RepriseMilvusFile) */
  GHashTable *
    hashes; /* (owned) (element-type utf8 utf8): of the vault's manifest, by name; empty where there is none */
  RepriseProgress *progress;
} Sending;

static gboolean
is_meta (const RepriseMilvusFile *file)
{
  return g_str_has_prefix (file->name, "meta/");
}

/* What the vault says that each file hashes to. */
static GHashTable *
find_hashes (RepriseArchive *archive)
{
  GHashTable *hashes = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  RepriseManifest *manifest = reprise_archive_get_manifest (archive);
  gsize skip = strlen (REPRISE_MILVUS_PAYLOAD "/");

  for (guint i = 0; manifest != NULL && i < reprise_manifest_get_n_files (manifest); i++)
    {
      const char *sha256 = NULL;
      const char *path = reprise_manifest_get_file (manifest, i, NULL, &sha256);

      if (g_str_has_prefix (path, REPRISE_MILVUS_PAYLOAD "/"))
        g_hash_table_replace (hashes, g_strdup (path + skip), g_strdup (sha256));
    }
  return hashes;
}

/* Whether what was sent is what the vault has, as its manifest says. */
static gboolean
check_hash (const char *name, const char *wanted, const char *sha256, GError **error)
{
  if (wanted == NULL || strcmp (wanted, sha256) == 0)
    return TRUE;
  reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_DAMAGED,
                     _ ("“%s” in the vault is not what its manifest says: it is damaged."), name);
  return FALSE;
}

static gboolean
send_file (Sending *sending,
           const RepriseMilvusFile *file,
           GCancellable *cancellable,
           GError **error)
{
  g_autofree char *sha256 = NULL;
  gint64 size = 0;
  int fd = reprise_milvus_folder_open (sending->folder, file->name, &size, error);
  gboolean ok;

  if (fd < 0)
    return FALSE;
  ok = reprise_milvus_storage_put (sending->storage, sending->backup, file->name, fd, size, &sha256,
                                   sending->progress, cancellable, error);
  close (fd);
  if (!ok)
    {
      reprise_error_prefix (error, "%s: ", file->name);
      return FALSE;
    }
  if (!check_hash (file->name, g_hash_table_lookup (sending->hashes, file->name), sha256, error))
    return FALSE;
  reprise_progress_add_items (sending->progress, 1);
  return TRUE;
}

/* Metadata that names the backup, with another name in it; @file is as long as that afterwards. */
static gboolean
send_renamed (Sending *sending, RepriseMilvusFile *file, GCancellable *cancellable, GError **error)
{
  g_autofree char *sha256 = NULL;
  gint64 size = 0;
  int fd = reprise_milvus_folder_open (sending->folder, file->name, &size, error);
  int copy =
    fd >= 0
      ? reprise_milvus_rename_copy (fd, sending->backup,
                                    g_hash_table_lookup (sending->hashes, file->name), &size, error)
      : -1;
  gboolean ok =
    copy >= 0 && reprise_milvus_storage_put (sending->storage, sending->backup, file->name, copy,
                                             size, &sha256, sending->progress, cancellable, error);

  if (fd >= 0)
    close (fd);
  if (copy >= 0)
    close (copy);
  if (!ok)
    {
      reprise_error_prefix (error, "%s: ", file->name);
      return FALSE;
    }
  file->size_bytes = size;
  reprise_progress_add_items (sending->progress, 1);
  return TRUE;
}

static gboolean
send_task (guint index, gpointer user_data, GCancellable *cancellable, GError **error)
{
  Sending *sending = user_data;
  const RepriseMilvusFile *file = sending->files->pdata[index];

  return is_meta (file) || send_file (sending, file, cancellable, error);
}

static gboolean
is_level (const RepriseMilvusFile *file, RepriseMilvusLevel level)
{
  return strcmp (file->name, reprise_milvus_level_get_name (level)) == 0;
}

/* The metadata last, and last of it what says that there is a backup. */
static gboolean
send_meta (Sending *sending, GCancellable *cancellable, GError **error)
{
  for (int pass = 0; pass < 2; pass++)
    for (guint i = 0; i < sending->files->len; i++)
      {
        RepriseMilvusFile *file = sending->files->pdata[i];
        gboolean named =
          is_level (file, REPRISE_MILVUS_TOP) || is_level (file, REPRISE_MILVUS_WHOLE);

        if (!is_meta (file) || is_level (file, REPRISE_MILVUS_TOP) != (pass == 1))
          continue;
        if (sending->renamed && named ? !send_renamed (sending, file, cancellable, error)
                                      : !send_file (sending, file, cancellable, error))
          return FALSE;
      }
  return TRUE;
}

/* Whether the storage has what was sent, and as long as it is here. */
static gboolean
check_sent (Sending *sending, GCancellable *cancellable, GError **error)
{
  g_autoptr (GPtrArray) there =
    reprise_milvus_storage_list_files (sending->storage, sending->backup, 0, cancellable, error);
  g_autoptr (RepriseMilvusInventory) inventory = NULL;

  if (there == NULL)
    return FALSE;
  inventory = reprise_milvus_inventory_new (there);
  for (guint i = 0; i < sending->files->len; i++)
    {
      const RepriseMilvusFile *file = sending->files->pdata[i];
      const RepriseMilvusFile *found = reprise_milvus_inventory_find (inventory, file->name);

      if (found != NULL && found->size_bytes == file->size_bytes)
        continue;
      reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_DAMAGED,
                         _ ("“%s” is not in the storage as it was sent."), file->name);
      return FALSE;
    }
  return TRUE;
}

/* What stopped in the middle goes away again, as far as that can be done: it would be in the way of the name. */
static void
take_back (Sending *sending)
{
  g_autoptr (GError) error = NULL;

  if (!reprise_milvus_storage_delete (sending->storage, sending->backup, FALSE, NULL, NULL,
                                      &error) &&
      !g_error_matches (error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND))
    reprise_progress_warn (
      sending->progress, "A part of “%s” is left in %s and could not be removed: %s",
      sending->backup, reprise_milvus_storage_get_description (sending->storage),
      reprise_error_get_saying (error));
}

static gboolean
check_free (Sending *sending, GCancellable *cancellable, GError **error)
{
  g_autoptr (GPtrArray) there =
    reprise_milvus_storage_list_files (sending->storage, sending->backup, 0, cancellable, error);
  g_autoptr (RepriseMilvusInventory) inventory = NULL;

  if (there == NULL)
    return FALSE;
  if (there->len == 0)
    return TRUE;
  inventory = reprise_milvus_inventory_new (there);
  if (reprise_milvus_inventory_has_meta (inventory))
    reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_EXISTS,
                       _ ("There is a backup “%s” in %s already."), sending->backup,
                       reprise_milvus_storage_get_description (sending->storage));
  else
    reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_EXISTS,
                       _ ("What a failed backup “%s” left lies in %s. Delete that first."),
                       sending->backup, reprise_milvus_storage_get_description (sending->storage));
  return FALSE;
}

static gboolean
send_all (Sending *sending, GCancellable *cancellable, GError **error)
{
  if (!check_free (sending, cancellable, error))
    return FALSE;
  reprise_progress_set_totals (sending->progress, sum_sizes (sending->files), sending->files->len);
  if (reprise_milvus_crew_run (N_UPLOADS, sending->files->len, send_task, sending, cancellable,
                               error) &&
      send_meta (sending, cancellable, error) && check_sent (sending, cancellable, error))
    return TRUE;
  take_back (sending);
  return FALSE;
}

/* Sends a whole archive to a storage, under @name or, where that is %NULL, its own. @renamed: whether its metadata is to say so */
static gboolean
send (RepriseArchive *archive,
      RepriseMilvusStorage *storage,
      const char *name,
      gboolean renamed,
      RepriseProgress *progress,
      GCancellable *cancellable,
      GError **error)
{
  g_autofree char *folder = find_folder (archive);
  g_autoptr (GPtrArray) files = NULL;
  g_autoptr (RepriseMilvusInventory) inventory = NULL;
  g_autoptr (RepriseMilvusMeta) meta = take_stock (folder, &files, &inventory, cancellable, error);
  Sending sending = { .folder = folder, .storage = storage, .files = files, .progress = progress };
  gboolean ok;

  if (meta == NULL || !reprise_milvus_inventory_check (inventory, meta, error))
    return FALSE;
  sending.backup = name != NULL ? name : meta->name;
  sending.renamed = renamed && !g_str_equal (sending.backup, meta->name);
  sending.hashes = find_hashes (archive);
  ok = send_all (&sending, cancellable, error);
  g_hash_table_unref (sending.hashes);
  return ok;
}

/**
 * reprise_milvus_archive_upload:
 *
 * Sends an archive to a storage, under its own name, so that a backup server that uses that storage lists it. What is damaged is
 * not sent; what breaks off in the middle is removed again.
 *
 * Returns: %FALSE with %REPRISE_ERROR_EXISTS, %REPRISE_ERROR_DAMAGED and others
 */
gboolean
reprise_milvus_archive_upload (RepriseArchive *archive,
                               RepriseMilvusStorage *storage,
                               RepriseProgress *progress,
                               GCancellable *cancellable,
                               GError **error)
{
  return send (archive, storage, NULL, FALSE, progress, cancellable, error);
}

/* Likewise, under another name, which its metadata there says too: for where another backup has its own. */
gboolean
reprise_milvus_archive_upload_as (RepriseArchive *archive,
                                  RepriseMilvusStorage *storage,
                                  const char *name,
                                  RepriseProgress *progress,
                                  GCancellable *cancellable,
                                  GError **error)
{
  return send (archive, storage, name, TRUE, progress, cancellable, error);
}

/* The folder takes its name only when it is whole. */
static gboolean
put_in_place (const char *partial, const char *folder, gboolean replace, GError **error)
{
  if (replace && !reprise_file_remove_tree (folder, error))
    return FALSE;
  return reprise_file_rename_new (partial, folder, error);
}

/**
 * reprise_milvus_archive_save:
 * @folder: a new folder, which gets meta/ and binlogs/ as they were in the storage
 * @replace: whether what is there goes away
 * @note: (out) (optional) (transfer full): what can be done with it, sentences
 *
 * Writes an archive to a folder in its original layout.
 *
 * Returns: %FALSE with %REPRISE_ERROR_EXISTS, %REPRISE_ERROR_DAMAGED and others
 */
gboolean
reprise_milvus_archive_save (RepriseArchive *archive,
                             const char *folder,
                             gboolean replace,
                             char **note,
                             RepriseProgress *progress,
                             GCancellable *cancellable,
                             GError **error)
{
  g_autofree char *full = g_canonicalize_filename (folder, NULL);
  g_autofree char *above = g_path_get_dirname (full);
  g_autofree char *partial = g_strconcat (full, ".part", NULL);
  g_autofree char *name = g_path_get_basename (partial);
  g_autoptr (RepriseMilvusStorage) storage = NULL;

  if (!replace && g_file_test (full, G_FILE_TEST_EXISTS))
    {
      reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_EXISTS, _ ("“%s” exists already."),
                         full);
      return FALSE;
    }
  storage = reprise_milvus_storage_new_for_folder (above, error);
  if (storage == NULL || !reprise_file_remove_tree (partial, error) ||
      !send (archive, storage, name, FALSE, progress, cancellable, error) ||
      !put_in_place (partial, full, replace, error))
    return FALSE;
  if (note != NULL)
    *note =
      g_strdup (_ ("For Zilliz Cloud, upload this folder to a bucket, or export into one: the "
                   "import itself is started there, or by “milvus-backup migrate”. A backup server "
                   "restores it once the folder lies, under the name of the backup, in its "
                   "storage."));
  return TRUE;
}

/**
 * reprise_milvus_archive_import:
 *
 * Brings a local folder into the vault, as reprise_milvus_fetch() does from a storage. The caller commits.
 *
 * Returns: (transfer full): its metadata, or %NULL as reprise_milvus_fetch()
 */
RepriseMilvusMeta *
reprise_milvus_archive_import (RepriseArchive *archive,
                               RepriseVaultWriter *writer,
                               RepriseProgress *progress,
                               GCancellable *cancellable,
                               GError **error)
{
  g_autofree char *folder = find_folder (archive);
  g_autofree char *full = g_canonicalize_filename (folder, NULL);
  g_autofree char *above = g_path_get_dirname (full);
  g_autofree char *name = g_path_get_basename (full);
  g_autoptr (RepriseMilvusStorage) storage = reprise_milvus_storage_new_for_folder (above, error);

  return storage != NULL
           ? reprise_milvus_fetch (storage, name, writer, progress, cancellable, error)
           : NULL;
}
