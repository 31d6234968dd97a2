/* reprise-nocobase-fetch.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "base/reprise-hash.h"
#include "net/reprise-json.h"
#include "providers/nocobase/reprise-nocobase-backup.h"
#include "providers/nocobase/reprise-nocobase-data.h"
#include "providers/nocobase/reprise-nocobase-dump.h"
#include "providers/nocobase/reprise-nocobase-fetch.h"
#include "providers/nocobase/reprise-nocobase-kind.h"
#include "providers/nocobase/reprise-nocobase-scratch.h"

/*
 * The server sends an archive in chunks, without its length, and knows no ranges: that it all came shows only in the archive. So it is
 * read in full before it counts. If it is damaged it comes once more: if that has the same bytes, the server's own file is damaged.
 */
#define MAX_TRIES 3

typedef struct
{
  GOutputStream *stream;           /* (nullable) */
  RepriseNocobaseScratch *scratch; /* (nullable) */
  RepriseHash *hash;               /* (nullable): of what went into the scratch file */
} Sink;

static gboolean
write_cb (gconstpointer data,
          gsize size,
          gpointer user_data,
          GCancellable *cancellable,
          GError **error)
{
  Sink *self = user_data;

  if (self->stream != NULL)
    return g_output_stream_write_all (self->stream, data, size, NULL, cancellable, error);
  reprise_hash_update (self->hash, data, size);
  return reprise_nocobase_scratch_write (self->scratch, data, size, error);
}

/* No restart: a download that was cut begins anew below, where the tries are counted. */
static const RepriseHttpSink SINK = { .write = write_cb };

/*
 * @path: of an archive of either plugin
 * @password: (nullable): of an encrypted one
 *
 * Fills @archive. What it is shows by its content; where that cannot be read, by the name that @archive has on the server.
 */
static gboolean
look_into (RepriseArchive *archive,
           const char *path,
           RepriseSecretValue *password,
           GCancellable *cancellable,
           GError **error)
{
  RepriseBackup *backup = reprise_archive_get_backup (archive);
  const char *name = backup != NULL ? reprise_backup_get_own_name (backup) : path;

  if (name != NULL && reprise_nocobase_backup_is_old (name))
    return reprise_nocobase_dump_inspect (archive, path, REPRISE_DEPTH_DEEP, NULL, cancellable,
                                          error);
  return reprise_nocobase_data_inspect (archive, path, password, REPRISE_DEPTH_DEEP, NULL,
                                        cancellable, error);
}

/* The password that the server itself is set to encrypt with. It is used to look into its archive, and kept nowhere. */
static RepriseSecretValue *
ask_password (RepriseNocobaseTarget *target, GCancellable *cancellable)
{
  g_autoptr (JsonObject) root =
    reprise_nocobase_client_get (target->client, cancellable, NULL, "backupSettings:get", NULL);
  const char *password = reprise_json_get_string (root, "data.encryptionPassword", NULL);

  return password != NULL && *password != '\0' ? reprise_secret_value_new_text (password) : NULL;
}

static RepriseSecretValue *
find_password (RepriseNocobaseTarget *target,
               RepriseSecrets *secrets,
               RepriseProgress *progress,
               GCancellable *cancellable)
{
  RepriseSecretValue *password =
    reprise_secrets_lookup (secrets, REPRISE_NOCOBASE_SECRET_ARCHIVE, cancellable, NULL);

  if (password != NULL)
    return password;
  password = ask_password (target, cancellable);
  if (password != NULL)
    reprise_progress_warn (progress,
                           "The server encrypts its archives, and the service has no archive "
                           "password: without that this backup cannot be restored.");
  return password;
}

static gboolean
fail_damaged (RepriseArchive *archive, const char *name, gboolean on_server, GError **error)
{
  g_auto (GStrv) damage = reprise_archive_dup_damage (archive);

  reprise_error_set (
    error, REPRISE_ERROR, REPRISE_ERROR_DAMAGED,
    on_server
      ? _ ("The server’s own file “%s” is damaged, or cut off each time at the same place: %s")
      : _ ("“%s” did not come whole: %s"),
    name, damage[0] != NULL ? damage[0] : _ ("its end is missing"));
  return FALSE;
}

/* Looks into it, with the password where it needs one. */
static gboolean
look (RepriseNocobaseTarget *target,
      RepriseArchive *archive,
      const char *path,
      RepriseSecrets *secrets,
      RepriseProgress *progress,
      GCancellable *cancellable,
      GError **error)
{
  g_autoptr (RepriseSecretValue) password = NULL;

  if (!look_into (archive, path, NULL, cancellable, error))
    return FALSE;
  if (!reprise_archive_get_locked (archive))
    return TRUE;
  password = find_password (target, secrets, progress, cancellable);
  if (password != NULL)
    return look_into (archive, path, password, cancellable, error);
  reprise_error_set_literal (
    error, REPRISE_ERROR, REPRISE_ERROR_NEEDS_PASSWORD,
    _ (
      "The server encrypts its archives. Give the service the archive password, or nobody can tell "
      "whether a backup came whole."));
  return FALSE;
}

/* Looks into what was downloaded. %FALSE without an error: it is damaged, and @archive says how. */
static gboolean
prove (RepriseNocobaseTarget *target,
       RepriseArchive *archive,
       const char *path,
       RepriseSecrets *secrets,
       RepriseProgress *progress,
       GCancellable *cancellable,
       GError **error)
{
  g_autoptr (GError) local = NULL;

  reprise_progress_set_message (progress, _ ("Checking the archive"));
  if (look (target, archive, path, secrets, progress, cancellable, &local))
    return !reprise_archive_is_damaged (archive);
  if (g_error_matches (local, REPRISE_ERROR, REPRISE_ERROR_DAMAGED))
    reprise_archive_add_damage (archive, "%s", local->message);
  else
    g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

static RepriseArchive *
make_archive (RepriseNocobaseTarget *target, const char *name)
{
  g_autoptr (RepriseBackup) backup = reprise_backup_new (name, NULL, "nocobase");

  g_object_set (backup, "own-name", name, "on-service", TRUE, NULL);
  return reprise_archive_new_for_backup (backup, NULL);
}

static gboolean
is_cut (const GError *error)
{
  return g_error_matches (error, REPRISE_ERROR, REPRISE_ERROR_STALLED) ||
         g_error_matches (error, REPRISE_ERROR, REPRISE_ERROR_UNREACHABLE);
}

/* The SHA-256 of what the writer has under that name. */
static char *
get_sha256 (RepriseVaultWriter *writer, const char *file)
{
  RepriseManifest *manifest = reprise_vault_writer_get_manifest (writer);

  for (guint i = 0; i < reprise_manifest_get_n_files (manifest); i++)
    {
      const char *sha256 = NULL;

      if (strcmp (reprise_manifest_get_file (manifest, i, NULL, &sha256), file) == 0)
        return g_strdup (sha256);
    }
  return NULL;
}

static gboolean
download_file (RepriseNocobaseTarget *target,
               const char *name,
               RepriseVaultWriter *writer,
               const char *file,
               RepriseProgress *progress,
               GCancellable *cancellable,
               GError **error)
{
  g_autoptr (GOutputStream) stream = reprise_vault_writer_open (writer, file, error);
  Sink sink = { .stream = stream };
  g_auto (RepriseHttpProof) proof = { 0 };

  return stream != NULL &&
         reprise_nocobase_backup_download (target, name, &SINK, &sink, progress, &proof,
                                           cancellable, error) &&
         g_output_stream_close (stream, cancellable, error);
}

static gint64
count_collections (RepriseContents *contents)
{
  gint64 n = 0;

  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (contents)); i++)
    {
      g_autoptr (GListModel) group = g_list_model_get_item (G_LIST_MODEL (contents), i);

      n += g_list_model_get_n_items (group);
    }
  return n;
}

static void
fill_manifest (RepriseNocobaseTarget *target,
               const char *name,
               RepriseArchive *archive,
               RepriseManifest *manifest)
{
  JsonObject *provider = reprise_manifest_get_provider (manifest);
  RepriseContents *contents = reprise_archive_get_contents (archive);
  g_autofree char *evidence = g_strdup_printf (
    "zip end record and every CRC-32; %" G_GINT64_FORMAT " rows in %" G_GINT64_FORMAT
    " collections counted",
    reprise_contents_get_rows (contents, REPRISE_GROUPS_ALL), count_collections (contents));

  reprise_manifest_set_identity (manifest, reprise_nocobase_client_get_identity (target->client));
  reprise_manifest_set_own_name (manifest, name);
  reprise_manifest_set_service_version (manifest, reprise_archive_get_service_version (archive));
  reprise_manifest_set_encrypted (manifest, reprise_archive_get_encrypted (archive));
  reprise_manifest_set_contents (manifest, contents);
  reprise_manifest_set_proof (manifest, "archive-read-in-full", evidence);
  json_object_set_string_member (provider, "plugin",
                                 reprise_archive_get_data (archive, REPRISE_NOCOBASE_DATA_PLUGIN));
  json_object_set_string_member (provider, "app", reprise_nocobase_client_get_app (target->client));
  json_object_set_string_member (provider, "dialect", reprise_archive_get_engine (archive));
  json_object_set_string_member (
    provider, "environment", reprise_archive_get_data (archive, REPRISE_NOCOBASE_DATA_ENVIRONMENT));
}

/* After a download that did not come to its end, or whose archive is not whole: whether it is worth another try. */
static gboolean
try_again (RepriseArchive *archive,
           const char *name,
           guint try,
           const char *before,
           const char *sha256,
           GError **local,
           RepriseProgress *progress,
           GError **error)
{
  gboolean same = sha256 != NULL && g_strcmp0 (before, sha256) == 0;

  if (*local != NULL && (!is_cut (*local) || try == MAX_TRIES))
    {
      g_propagate_error (error, g_steal_pointer (local));
      return FALSE;
    }
  if (*local == NULL && (same || try == MAX_TRIES))
    return fail_damaged (archive, name, same, error);
  reprise_progress_log (progress, "%s: %s; it is downloaded again", name,
                        *local != NULL ? (*local)->message : "what came is not whole");
  reprise_progress_set_done (progress, 0, 0);
  return TRUE;
}

/**
 * reprise_nocobase_fetch_to_vault:
 *
 * Downloads a backup into the vault and proves it whole: every checksum, and the rows counted against what it says of itself.
 *
 * Returns: whether it is there, whole, and described in the manifest; else %REPRISE_ERROR_DAMAGED where the server's own file is not
 *   whole, %REPRISE_ERROR_STALLED where it was cut each time, %REPRISE_ERROR_NEEDS_PASSWORD where it is encrypted
 */
gboolean
reprise_nocobase_fetch_to_vault (RepriseNocobaseTarget *target,
                                 const char *name,
                                 RepriseSecrets *secrets,
                                 RepriseVaultWriter *writer,
                                 RepriseProgress *progress,
                                 GCancellable *cancellable,
                                 GError **error)
{
  const char *file = reprise_nocobase_backup_is_old (name) ? "backup.nbdump" : "backup.nbdata";
  g_autofree char *path = g_build_filename (reprise_vault_writer_get_folder (writer), file, NULL);
  g_autofree char *before = NULL;

  for (guint try = 1;; try++)
    {
      g_autoptr (RepriseArchive) archive = make_archive (target, name);
      g_autoptr (GError) local = NULL;
      g_autofree char *sha256 = NULL;

      if (download_file (target, name, writer, file, progress, cancellable, &local))
        {
          sha256 = get_sha256 (writer, file);
          if (prove (target, archive, path, secrets, progress, cancellable, &local))
            {
              fill_manifest (target, name, archive, reprise_vault_writer_get_manifest (writer));
              return TRUE;
            }
        }
      if (!try_again (archive, name, try, before, sha256, &local, progress, error) ||
          (reprise_vault_writer_has_file (writer, file) &&
           !reprise_vault_writer_discard (writer, file, error)))
        return FALSE;
      g_free (before);
      before = g_steal_pointer (&sha256);
    }
}

/**
 * reprise_nocobase_fetch_to_look:
 * @size_bytes: about how large it is, or -1
 *
 * Downloads a backup into a file without a name, only to look into it: what is restored must be known to be whole.
 *
 * Returns: (transfer full): what is in it, or %NULL with an error as reprise_nocobase_fetch_to_vault() has them
 */
RepriseArchive *
reprise_nocobase_fetch_to_look (RepriseNocobaseTarget *target,
                                const char *name,
                                gint64 size_bytes,
                                RepriseSecrets *secrets,
                                RepriseProgress *progress,
                                GCancellable *cancellable,
                                GError **error)
{
  g_autoptr (RepriseNocobaseScratch) scratch = reprise_nocobase_scratch_new (size_bytes, error);
  g_autofree char *before = NULL;

  for (guint try = 1; scratch != NULL; try++)
    {
      g_autoptr (RepriseHash) hash = reprise_hash_new ();
      g_auto (RepriseHttpProof) proof = { 0 };
      Sink sink = { .scratch = scratch, .hash = hash };
      g_autoptr (RepriseArchive) archive = make_archive (target, name);
      g_autoptr (GError) local = NULL;
      g_autofree char *sha256 = NULL;

      if (reprise_nocobase_backup_download (target, name, &SINK, &sink, progress, &proof,
                                            cancellable, &local))
        {
          sha256 = reprise_hash_finish (hash);
          if (prove (target, archive, scratch->path, secrets, progress, cancellable, &local))
            return g_steal_pointer (&archive);
        }
      if (!try_again (archive, name, try, before, sha256, &local, progress, error) ||
          !reprise_nocobase_scratch_clear (scratch, error))
        return NULL;
      g_free (before);
      before = g_steal_pointer (&sha256);
    }
  return NULL;
}
