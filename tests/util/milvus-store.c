/* milvus-store.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What is done with the storage of Milvus Backup, one call at a time, for the suite against a real server and for the benchmark:
 *
 *   milvus-store check | list | meta NAME | fetch VAULT NAME | resume VAULT NAME | inspect PATH | verify PATH | upload PATH
 *                | save PATH FOLDER | delete NAME | leftovers NAME
 *
 * The storage is in the environment: S3, S3_BUCKET, S3_ROOT, S3_KEY, S3_SECRET, S3_REGION, S3_STYLE; or FOLDER. A PATH is a local folder or a folder
 * of the vault. Results are lines on standard output; an error is the line “error CODE SENTENCE” and the exit code 1. SIGINT stops.
 */

#include "config.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include <glib-unix.h>

#include "base/reprise-error.h"
#include "providers/milvus/storage/reprise-milvus-archive.h"

#define UUID "5d0d1f0e-6c5b-4f0e-9d5c-0a1f3bb2a0a2"

static GCancellable *stop;

static void
stop_cb (int number)
{
  g_cancellable_cancel (stop);
}

static const char *
get (const char *name)
{
  const char *value = g_getenv (name);

  return value != NULL ? value : "";
}

static void say (const char *format, ...) G_GNUC_PRINTF (1, 2);

static void
say (const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  g_print ("%s\n", text);
  fflush (stdout);
}

static void
set (RepriseService *service, const char *key, const char *name)
{
  if (g_getenv (name) != NULL)
    reprise_service_set_setting (service, key, g_getenv (name));
}

static RepriseService *
make_service (void)
{
  RepriseService *service = reprise_service_new (UUID, "milvus", "Milvus");

  reprise_service_set_setting (service, REPRISE_MILVUS_SETTING_STORAGE,
                               g_getenv ("FOLDER") != NULL ? REPRISE_MILVUS_STORAGE_FOLDER
                                                           : REPRISE_MILVUS_STORAGE_S3);
  set (service, REPRISE_MILVUS_SETTING_FOLDER, "FOLDER");
  set (service, REPRISE_MILVUS_SETTING_ENDPOINT, "S3");
  set (service, REPRISE_MILVUS_SETTING_BUCKET, "S3_BUCKET");
  set (service, REPRISE_MILVUS_SETTING_ROOT, "S3_ROOT");
  set (service, REPRISE_MILVUS_SETTING_KEY_ID, "S3_KEY");
  set (service, REPRISE_MILVUS_SETTING_REGION, "S3_REGION");
  set (service, REPRISE_MILVUS_SETTING_STYLE, "S3_STYLE");
  return service;
}

static RepriseMilvusStorage *
open_storage (RepriseService *service, GError **error)
{
  g_autoptr (RepriseSecrets) secrets = reprise_secrets_new (UUID, REPRISE_KEYRING_UNATTENDED);
  g_autoptr (RepriseSecretValue) key = reprise_secret_value_new_text (get ("S3_SECRET"));

  reprise_secrets_override (UUID, REPRISE_MILVUS_SECRET_KEY, key);
  return reprise_milvus_storage_open (service, secrets, stop, error);
}

static void
say_meta (RepriseMilvusMeta *meta)
{
  g_autofree char *date =
    meta->created_at != NULL ? g_date_time_format_iso8601 (meta->created_at) : g_strdup ("-");

  say ("backup %s %s %s %s rows %" G_GINT64_FORMAT " files %" G_GUINT64_FORMAT
       " bytes %" G_GINT64_FORMAT "%s",
       meta->name, meta->format, meta->milvus_version != NULL ? meta->milvus_version : "-", date,
       meta->rows, meta->n_files, meta->files_bytes, meta->pieced ? " pieced" : "");
  for (guint i = 0; i < meta->collections->len; i++)
    {
      const RepriseMilvusCollection *collection = meta->collections->pdata[i];

      say ("collection %s rows %" G_GINT64_FORMAT " bytes %" G_GINT64_FORMAT
           " partitions %u indexes %u fields %u %s",
           collection->title, collection->rows, collection->size_bytes, collection->partitions->len,
           collection->indexes->len, collection->fields->len,
           collection->load_state != NULL ? collection->load_state : "-");
    }
}

static gboolean
list (RepriseMilvusStorage *storage, GError **error)
{
  g_autoptr (GPtrArray) found = reprise_milvus_storage_list (storage, TRUE, NULL, stop, error);

  for (guint i = 0; found != NULL && i < found->len; i++)
    {
      const RepriseMilvusStored *stored = found->pdata[i];

      say ("stored %s %s %s", stored->name, stored->whole ? "whole" : "part",
           stored->problem != NULL ? stored->problem : "-");
    }
  return found != NULL;
}

static gboolean
check (RepriseMilvusStorage *storage, GError **error)
{
  g_autoptr (GPtrArray) warnings = g_ptr_array_new_with_free_func (g_free);

  if (!reprise_milvus_storage_check (storage, warnings, stop, error))
    return FALSE;
  for (guint i = 0; i < warnings->len; i++)
    say ("warning %s", (char *) warnings->pdata[i]);
  say ("ok %s", reprise_milvus_storage_get_description (storage));
  return TRUE;
}

static RepriseVaultWriter *
begin (RepriseVault *vault, RepriseService *service, gboolean resume, GError **error)
{
  g_autoptr (GPtrArray) ids = NULL;

  if (!reprise_vault_open (vault, TRUE, stop, error) ||
      !reprise_vault_save_service (vault, service, error))
    return NULL;
  if (!resume)
    return reprise_vault_begin (vault, service, REPRISE_ORIGIN_MANUAL, NULL, error);
  ids = reprise_vault_list_resumable_ids (vault, UUID, error);
  if (ids == NULL || ids->len == 0)
    {
      g_set_error_literal (error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND, "nothing to go on with");
      return NULL;
    }
  say ("resumed %s", (char *) ids->pdata[0]);
  return reprise_vault_resume (vault, service, ids->pdata[0], error);
}

static gboolean
fetch (RepriseService *service,
       RepriseMilvusStorage *storage,
       const char *path,
       const char *name,
       gboolean resume,
       GError **error)
{
  g_autoptr (RepriseVault) vault = reprise_vault_new (path);
  g_autoptr (RepriseVaultWriter) writer = begin (vault, service, resume, error);
  g_autoptr (RepriseProgress) progress = reprise_progress_new ();
  g_auto (RepriseProgressSnapshot) snapshot = { 0 };
  g_autoptr (RepriseMilvusMeta) meta = NULL;
  g_autoptr (RepriseBackup) backup = NULL;

  if (writer == NULL)
    return FALSE;
  if (resume)
    say ("had %u", reprise_manifest_get_n_files (reprise_vault_writer_get_manifest (writer)));
  reprise_vault_writer_set_resumable (writer, TRUE);
  meta = reprise_milvus_fetch (storage, name, writer, progress, stop, error);
  if (meta == NULL)
    return FALSE;
  backup = reprise_vault_writer_commit (writer, stop, error);
  if (backup == NULL)
    return FALSE;
  reprise_progress_get_snapshot (progress, &snapshot);
  say_meta (meta);
  say ("progress %" G_GINT64_FORMAT " of %" G_GINT64_FORMAT, snapshot.bytes_done,
       snapshot.bytes_total);
  say ("folder %s", reprise_backup_get_folder (backup));
  return TRUE;
}

/* A folder of the vault with its manifest, or any folder. */
static RepriseArchive *
open_archive (const char *path, GError **error)
{
  g_autofree char *manifest_path = g_build_filename (path, "manifest.json", NULL);
  g_autoptr (RepriseManifest) manifest = NULL;
  g_autoptr (RepriseBackup) backup = NULL;

  if (!g_file_test (manifest_path, G_FILE_TEST_EXISTS))
    return reprise_archive_new_for_file ("milvus", path);
  manifest = reprise_manifest_read (path, error);
  if (manifest == NULL)
    return NULL;
  backup = reprise_manifest_to_backup (manifest);
  g_object_set (backup, "folder", path, NULL);
  return reprise_archive_new_for_backup (backup, manifest);
}

static gboolean
inspect (RepriseArchive *archive, GError **error)
{
  g_auto (GStrv) damage = NULL;
  g_autoptr (RepriseMilvusMeta) meta = NULL;

  if (!reprise_milvus_archive_inspect (archive, NULL, stop, error))
    return FALSE;
  damage = reprise_archive_dup_damage (archive);
  for (guint i = 0; damage[i] != NULL; i++)
    say ("damage %s", damage[i]);
  for (guint i = 0; i < reprise_archive_get_n_facts (archive); i++)
    say ("fact %s: %s", reprise_archive_get_fact (archive, i)->label,
         reprise_archive_get_fact (archive, i)->value);
  meta = reprise_milvus_archive_read_meta (archive, stop, error);
  if (meta == NULL)
    return FALSE;
  say_meta (meta);
  return TRUE;
}

static gboolean
with_archive (RepriseService *service, char **argv, GError **error)
{
  g_autoptr (RepriseArchive) archive = open_archive (argv[2], error);
  g_autoptr (RepriseMilvusStorage) storage = NULL;
  g_autofree char *note = NULL;

  if (archive == NULL)
    return FALSE;
  if (strcmp (argv[1], "inspect") == 0)
    return inspect (archive, error);
  if (strcmp (argv[1], "verify") == 0)
    return reprise_milvus_archive_verify (archive, REPRISE_DEPTH_DEEP, NULL, stop, error);
  if (strcmp (argv[1], "save") == 0)
    return reprise_milvus_archive_save (archive, argv[3], FALSE, &note, NULL, stop, error);
  storage = open_storage (service, error);
  return storage != NULL && reprise_milvus_archive_upload (archive, storage, NULL, stop, error);
}

static gboolean
run (char **argv, GError **error)
{
  g_autoptr (RepriseService) service = make_service ();
  g_autoptr (RepriseMilvusStorage) storage = NULL;
  g_autoptr (RepriseMilvusMeta) meta = NULL;
  const char *what = argv[1];

  if (g_str_equal (what, "inspect") || g_str_equal (what, "verify") || g_str_equal (what, "save") ||
      g_str_equal (what, "upload"))
    return with_archive (service, argv, error);
  storage = open_storage (service, error);
  if (storage == NULL)
    return FALSE;
  if (g_str_equal (what, "check"))
    return check (storage, error);
  if (g_str_equal (what, "list"))
    return list (storage, error);
  if (g_str_equal (what, "fetch") || g_str_equal (what, "resume"))
    return fetch (service, storage, argv[2], argv[3], g_str_equal (what, "resume"), error);
  if (g_str_equal (what, "delete") || g_str_equal (what, "leftovers"))
    return reprise_milvus_storage_delete (storage, argv[2], g_str_equal (what, "leftovers"), NULL,
                                          stop, error);
  meta = reprise_milvus_storage_read_meta (storage, argv[2], stop, error);
  if (meta != NULL)
    say_meta (meta);
  return meta != NULL;
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  struct rusage usage;
  gboolean ok;

  if (argc < 2)
    return 2;
  stop = g_cancellable_new ();
  signal (SIGINT, stop_cb);
  ok = run (argv, &error);
  getrusage (RUSAGE_SELF, &usage);
  if (ok)
    say ("done, at most %ld KiB of memory", usage.ru_maxrss);
  else
    say ("error %d %s", error->domain == REPRISE_ERROR ? error->code : -1, error->message);
  g_object_unref (stop);
  return ok ? 0 : 1;
}
