/* reprise-work.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>
#include <unistd.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "provider/reprise-work-private.h"
#include "vault/reprise-vault-events.h"

/* (transfer full): the provider of the work's service */
RepriseProvider *
reprise_work_make_provider (RepriseWork *work, GError **error)
{
  if (work->kind != NULL)
    return reprise_kind_create_provider (work->kind, work->service, work->secrets);
  reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_NOT_SUPPORTED,
                     _ ("This version of Reprise does not know services of the kind “%s”"),
                     reprise_service_get_kind (work->service));
  return NULL;
}

RepriseBackup *
reprise_work_find_backup (RepriseWork *work,
                          const char *id,
                          GCancellable *cancellable,
                          GError **error)
{
  return reprise_context_find_backup (work->context, work->service, id, work->secrets, cancellable,
                                      error);
}

/**
 * reprise_work_open_source:
 *
 * What a restore, an upload or a rehearsal starts from: the request's file, or its backup.
 *
 * Returns: (transfer full): the archive, looked into; %REPRISE_ERROR_DAMAGED where it is not whole
 */
RepriseArchive *
reprise_work_open_source (RepriseWork *work,
                          RepriseProgress *progress,
                          GCancellable *cancellable,
                          GError **error)
{
  g_autoptr (RepriseSecretValue) password = NULL;
  g_autoptr (RepriseArchive) archive = NULL;
  g_autoptr (RepriseBackup) backup = NULL;
  g_auto (GStrv) damage = NULL;

  if (work->request->file != NULL)
    {
      password = reprise_secrets_lookup (work->secrets, "archive-password", cancellable, NULL);
      archive =
        reprise_registry_inspect_file (reprise_context_get_registry (work->context),
                                       work->request->file, password, progress, cancellable, error);
    }
  else if (work->request->backup_ids != NULL && work->request->backup_ids[0] != NULL)
    {
      backup = reprise_work_find_backup (work, work->request->backup_ids[0], cancellable, error);
      if (backup != NULL)
        archive = reprise_context_open_backup (work->context, work->service, backup, NULL,
                                               work->secrets, progress, cancellable, error);
    }
  else
    reprise_error_set_literal (error, REPRISE_ERROR, REPRISE_ERROR_INVALID,
                               _ ("The job names neither a backup nor a file"));
  if (archive == NULL || !reprise_archive_is_damaged (archive))
    return g_steal_pointer (&archive);
  damage = reprise_archive_dup_damage (archive);
  reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_DAMAGED, _ ("The archive is damaged: %s"),
                     damage[0]);
  return NULL;
}

/* (nullable): what is in the way of writing the vault, as the format of a sentence, where that is what @error is about */
static const char *
find_obstacle (RepriseWork *work, const GError *error)
{
  gboolean full = g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE);
  gboolean read_only = g_error_matches (error, G_IO_ERROR, G_IO_ERROR_READ_ONLY);
  gboolean denied = g_error_matches (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED);
  const char *path = reprise_vault_get_path (work->vault);
  g_autofree char *folder =
    work->service != NULL ? g_build_filename (path, reprise_service_get_uuid (work->service), NULL)
                          : NULL;

  /* what is unpacked elsewhere says where there is no room for it */
  if (strstr (error->message, g_get_user_cache_dir ()) != NULL)
    return NULL;
  if (full)
    return _ ("The vault “%s” is full: make room there, or choose another folder with “reprise "
              "vault set FOLDER”.");
  /* what may not be read of the service is another matter */
  if (read_only ||
      (denied && (access (path, W_OK) != 0 || (folder != NULL && access (folder, W_OK) != 0))))
    return _ ("The vault “%s” cannot be written: see to it that you may write there, or choose "
              "another folder with “reprise vault set FOLDER”.");
  return NULL;
}

/**
 * reprise_work_explain_vault:
 * @error: (inout): of something that writes into the vault
 *
 * Where the vault is full, or may not be written, the error says so, and not which of its inner files was in question: that goes
 * into the log. Its domain and code stay.
 */
void
reprise_work_explain_vault (RepriseWork *work, RepriseProgress *progress, GError **error)
{
  const char *format = *error != NULL ? find_obstacle (work, *error) : NULL;

  if (format == NULL)
    return;
  reprise_progress_log (progress, "%s", (*error)->message);
  g_free ((*error)->message);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
  (*error)->message = g_strdup_printf (format, reprise_vault_get_path (work->vault));
#pragma GCC diagnostic pop
}

/* Whether the vault's disk has room for so many bytes, and a little more; else %REPRISE_ERROR_REFUSED. */
gboolean
reprise_work_check_space (RepriseWork *work, gint64 needed_bytes, GError **error)
{
  const gint64 reserve = 16 * 1024 * 1024;
  RepriseStorageFacts facts;
  g_autofree char *needed = NULL;
  g_autofree char *free_text = NULL;

  if (needed_bytes < 0 || !reprise_vault_get_facts (work->vault, &facts, NULL) ||
      facts.free_bytes < 0 || facts.free_bytes >= needed_bytes + reserve)
    return TRUE;
  needed = g_format_size ((guint64) needed_bytes);
  free_text = g_format_size ((guint64) facts.free_bytes);
  reprise_error_set (
    error, REPRISE_ERROR, REPRISE_ERROR_REFUSED,
    _ ("The backup needs about %s, and the vault “%s” has %s free: make room, or choose "
       "another folder"),
    needed, reprise_vault_get_path (work->vault), free_text);
  return FALSE;
}

/* Writes what became true of a backup beside it. */
gboolean
reprise_work_add_event (RepriseWork *work,
                        const char *backup_id,
                        const char *type,
                        const char *key,
                        const char *value,
                        GError **error)
{
  g_autoptr (JsonObject) members = json_object_new ();

  if (key != NULL)
    json_object_set_string_member (members, key, value);
  return reprise_vault_add_event (work->vault, backup_id, type, members, error);
}

/* In full: by the vault's hashes, and by the format's own check. */
static gboolean
read_back (RepriseWork *work,
           RepriseBackup *backup,
           RepriseDepth depth,
           RepriseProgress *progress,
           GCancellable *cancellable,
           GError **error)
{
  RepriseKind *kind = reprise_registry_get (reprise_context_get_registry (work->context),
                                            reprise_backup_get_kind (backup));
  g_autoptr (RepriseManifest) manifest = NULL;
  g_autoptr (RepriseArchive) archive = NULL;

  if (!reprise_vault_verify (work->vault, backup, depth, progress, cancellable, error))
    return FALSE;
  if (depth != REPRISE_DEPTH_DEEP || kind == NULL)
    return TRUE;
  manifest = reprise_vault_read_manifest (work->vault, backup, error);
  if (manifest == NULL)
    return FALSE;
  archive = reprise_archive_new_for_backup (backup, manifest);
  return reprise_kind_verify (kind, archive, depth, progress, cancellable, error);
}

/**
 * reprise_work_read_back:
 *
 * Reads a backup of the vault back; what is damaged is written down beside it.
 *
 * Returns: whether it is whole; else %REPRISE_ERROR_DAMAGED, or why it could not be read
 */
gboolean
reprise_work_read_back (RepriseWork *work,
                        RepriseBackup *backup,
                        RepriseDepth depth,
                        RepriseProgress *progress,
                        GCancellable *cancellable,
                        GError **error)
{
  GError *local_error = NULL;

  if (read_back (work, backup, depth, progress, cancellable, &local_error))
    return TRUE;
  if (g_error_matches (local_error, REPRISE_ERROR, REPRISE_ERROR_DAMAGED) &&
      !reprise_vault_note_damaged (work->vault, backup, local_error->message, NULL))
    reprise_progress_log (progress, "the damage could not be written down beside the backup");
  g_propagate_error (error, local_error);
  return FALSE;
}

/* Whether the vault only says where on the service the backup is: reading that back proves nothing of it. */
static gboolean
is_reference (RepriseWork *work, RepriseBackup *backup)
{
  g_autoptr (RepriseManifest) manifest = reprise_vault_read_manifest (work->vault, backup, NULL);

  return manifest != NULL && g_strcmp0 (reprise_manifest_get_proof_method (manifest),
                                        REPRISE_MANIFEST_PROOF_SERVICE) == 0;
}

/**
 * reprise_work_prove:
 *
 * Reads a backup of the vault back and writes beside it what came out: verified, or damaged. One that is only a reference to the
 * service is never verified.
 *
 * Returns: whether it is whole; else %REPRISE_ERROR_DAMAGED, or why it could not be read
 */
gboolean
reprise_work_prove (RepriseWork *work,
                    RepriseBackup *backup,
                    RepriseDepth depth,
                    RepriseProgress *progress,
                    GCancellable *cancellable,
                    GError **error)
{
  if (!reprise_work_read_back (work, backup, depth, progress, cancellable, error))
    return FALSE;
  if (depth == REPRISE_DEPTH_QUICK || is_reference (work, backup) ||
      reprise_vault_note_verified (work->vault, backup, depth, error))
    return TRUE;
  reprise_error_prefix_say (error,
                            "It was read back and is whole, but that could not be written down.");
  return FALSE;
}
