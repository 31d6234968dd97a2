/* reprise-milvus-exchange.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "base/reprise-file.h"
#include "providers/milvus/storage/reprise-milvus-archive.h"
#include "providers/milvus/storage/reprise-milvus-exchange.h"
#include "providers/milvus/storage/reprise-milvus-storage-private.h"

/* The vault keeps a backup whole: there is nothing to choose in it. */
static gboolean
check_options (GHashTable *options, GError **error)
{
  if (options == NULL || (!g_hash_table_contains (options, REPRISE_OPTION_COLLECTION) &&
                          !g_hash_table_contains (options, REPRISE_OPTION_AS_OF) &&
                          !g_hash_table_contains (options, REPRISE_OPTION_ATTACHMENTS)))
    return TRUE;
  reprise_error_set_literal (
    error, REPRISE_ERROR, REPRISE_ERROR_NOT_SUPPORTED,
    _ ("A backup of Milvus is taken as a whole: its collections can be chosen "
       "when it is made, and when it is restored."));
  return FALSE;
}

/* For #RepriseKindClass.import */
gboolean
reprise_milvus_exchange_import (RepriseKind *kind,
                                RepriseArchive *archive,
                                RepriseService *service,
                                GHashTable *options,
                                RepriseVaultWriter *writer,
                                RepriseProgress *progress,
                                GCancellable *cancellable,
                                GError **error)
{
  g_autoptr (RepriseMilvusMeta) meta = NULL;

  if (!check_options (options, error))
    return FALSE;
  meta = reprise_milvus_archive_import (archive, writer, progress, cancellable, error);
  return meta != NULL;
}

/* For #RepriseKindClass.export: into a folder of @path that is called as the backup is, so that @path is again a storage of backups */
RepriseOutcome *
reprise_milvus_exchange_export (RepriseKind *kind,
                                RepriseArchive *archive,
                                GHashTable *options,
                                const char *path,
                                gboolean replace,
                                RepriseProgress *progress,
                                GCancellable *cancellable,
                                GError **error)
{
  RepriseManifest *manifest = reprise_archive_get_manifest (archive);
  guint n = manifest != NULL ? reprise_manifest_get_n_files (manifest) : 0;
  g_autoptr (RepriseMilvusMeta) meta = NULL;
  g_autofree char *folder = NULL;
  g_autofree char *note = NULL;
  RepriseOutcome *outcome;

  if (!check_options (options, error))
    return NULL;
  meta = reprise_milvus_archive_read_meta (archive, cancellable, error);
  if (meta == NULL)
    return NULL;
  if (!reprise_milvus_backup_name_is_safe (meta->name))
    {
      reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_DAMAGED,
                         _ ("“%s” cannot be the name of a backup of Milvus."), meta->name);
      return NULL;
    }
  folder = g_build_filename (path, meta->name, NULL);
  if (!reprise_file_make_folder (path, error) ||
      !reprise_milvus_archive_save (archive, folder, replace, &note, progress, cancellable, error))
    return NULL;
  outcome = reprise_outcome_new (
    ngettext ("%u file was written to “%s”, as it lay in the storage. %s",
              "%u files were written to “%s”, as they lay in the storage. %s", n),
    n, folder, note);
  outcome->written = n;
  return outcome;
}

/* --- into a bucket --- */

/* (transfer full): that of the options, which are called as the settings of a service are */
static RepriseMilvusStorage *
open_bucket (RepriseKind *kind,
             GHashTable *options,
             RepriseSecrets *secrets,
             GCancellable *cancellable,
             GError **error)
{
  g_autoptr (RepriseService) service = reprise_service_new (
    reprise_secrets_get_service_uuid (secrets), reprise_kind_get_id (kind), "");
  GHashTableIter iter;
  gpointer key, value;

  g_hash_table_iter_init (&iter, options);
  while (g_hash_table_iter_next (&iter, &key, &value))
    reprise_service_set_setting (service, key, value);
  return reprise_milvus_storage_open (service, secrets, cancellable, error);
}

static gboolean
check_bucket (RepriseMilvusStorage *storage,
              RepriseProgress *progress,
              GCancellable *cancellable,
              GError **error)
{
  g_autoptr (GPtrArray) warnings = g_ptr_array_new_with_free_func (g_free);
  gboolean ok = reprise_milvus_storage_check (storage, warnings, cancellable, error);

  for (guint i = 0; i < warnings->len; i++)
    reprise_progress_warn_saying (progress, (char *) warnings->pdata[i]);
  return ok;
}

/* For #RepriseKindClass.export_away: under the name of the backup, so that the path is again a storage of backups */
RepriseOutcome *
reprise_milvus_exchange_export_away (RepriseKind *kind,
                                     RepriseArchive *archive,
                                     GHashTable *options,
                                     RepriseSecrets *secrets,
                                     RepriseProgress *progress,
                                     GCancellable *cancellable,
                                     GError **error)
{
  RepriseManifest *manifest = reprise_archive_get_manifest (archive);
  guint n = manifest != NULL ? reprise_manifest_get_n_files (manifest) : 0;
  g_autoptr (RepriseMilvusStorage) storage = NULL;
  RepriseOutcome *outcome;

  if (!check_options (options, error))
    return NULL;
  storage = open_bucket (kind, options, secrets, cancellable, error);
  if (storage == NULL || !check_bucket (storage, progress, cancellable, error) ||
      !reprise_milvus_archive_upload (archive, storage, progress, cancellable, error))
    return NULL;
  outcome = reprise_outcome_new (
    ngettext ("%u object was written to %s, as it lay in the storage. %s",
              "%u objects were written to %s, as they lay in the storage. %s", n),
    n, reprise_milvus_storage_get_description (storage),
    _ ("For Zilliz Cloud, start the import there, from this place, or with “milvus-backup "
       "migrate”: Reprise cannot start it. A backup server whose storage this is restores it."));
  outcome->written = n;
  return outcome;
}
