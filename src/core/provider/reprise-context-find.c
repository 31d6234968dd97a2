/* reprise-context-find.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "provider/reprise-context.h"
#include "provider/reprise-first-look.h"
#include "provider/reprise-seen.h"

/* Which backups there are, and what is in one: blocking, for workers. */

/* Adds to those of the vault what the service says: the same backup is one item. */
static void
join_backups (GPtrArray *backups, GPtrArray *on_service)
{
  g_autoptr (GHashTable) by_name = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < backups->len; i++)
    {
      const char *name = reprise_backup_get_own_name (backups->pdata[i]);

      if (name != NULL)
        g_hash_table_insert (by_name, (gpointer) name, backups->pdata[i]);
    }
  for (guint i = 0; i < on_service->len; i++)
    {
      const char *name = reprise_backup_get_own_name (on_service->pdata[i]);
      RepriseBackup *same = name == NULL ? NULL : g_hash_table_lookup (by_name, name);

      if (same != NULL)
        g_object_set (same, "on-service", TRUE, NULL);
      else
        g_ptr_array_add (backups, g_object_ref (on_service->pdata[i]));
    }
  g_ptr_array_sort (backups, reprise_backup_compare_newest);
}

/* What the service said is remembered for when it cannot be asked; failing at that harms nothing. */
static void
note_seen (RepriseContext *self, RepriseService *service, GPtrArray *on_service)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autoptr (GError) error = NULL;

  if (!reprise_seen_note (reprise_context_get_history (self), reprise_service_get_uuid (service),
                          on_service, now, &error))
    g_message ("What lies on the service is not remembered: %s", error->message);
}

/**
 * reprise_context_list_backups:
 * @service: nobody else writes it
 * @ask_service: also those that the service keeps
 * @secrets: (nullable): those of the keyring
 * @warning: (out) (nullable) (transfer full): why the service could not be asked: no failure
 *
 * Returns: (transfer full) (element-type RepriseBackup): newest first, or %NULL with @error
 */
GPtrArray *
reprise_context_list_backups (RepriseContext *self,
                              RepriseService *service,
                              gboolean ask_service,
                              RepriseSecrets *secrets,
                              char **warning,
                              GCancellable *cancellable,
                              GError **error)
{
  RepriseKind *kind =
    reprise_registry_get (reprise_context_get_registry (self), reprise_service_get_kind (service));
  g_autoptr (RepriseVault) vault = reprise_context_dup_vault (self);
  g_autoptr (GPtrArray) backups =
    reprise_vault_list (vault, reprise_service_get_uuid (service), cancellable, error);
  g_autoptr (GPtrArray) on_service = NULL;
  g_autoptr (RepriseProvider) provider = NULL;
  g_autoptr (GError) local_error = NULL;

  *warning = NULL;
  if (backups == NULL || !ask_service || kind == NULL ||
      !reprise_kind_can (kind, REPRISE_CAN_LIST_ON_SERVICE))
    return g_steal_pointer (&backups);
  provider = reprise_kind_create_provider (kind, service, secrets);
  on_service = reprise_provider_list_backups (provider, NULL, cancellable, &local_error);
  if (on_service != NULL)
    {
      note_seen (self, service, on_service);
      join_backups (backups, on_service);
    }
  else if (reprise_error_is_stop (local_error))
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return NULL;
    }
  else
    *warning = reprise_error_get_sentence (local_error);
  return g_steal_pointer (&backups);
}

/* In a worker: what an encrypted archive is opened with, where nobody gave a password. */
static RepriseSecretValue *
find_password (RepriseSecretValue *given, RepriseSecrets *secrets, GCancellable *cancellable)
{
  if (given != NULL)
    return reprise_secret_value_ref (given);
  return secrets == NULL ? NULL
                         : reprise_secrets_lookup (secrets, "archive-password", cancellable, NULL);
}

/**
 * reprise_context_open_backup:
 *
 * Looks into a backup: in the vault where it is, else on the service.
 *
 * Returns: (transfer full): the archive, or %NULL with @error
 */
RepriseArchive *
reprise_context_open_backup (RepriseContext *self,
                             RepriseService *service,
                             RepriseBackup *backup,
                             RepriseSecretValue *password,
                             RepriseSecrets *secrets,
                             RepriseProgress *progress,
                             GCancellable *cancellable,
                             GError **error)
{
  RepriseKind *kind = reprise_registry_find (reprise_context_get_registry (self),
                                             reprise_backup_get_kind (backup), error);
  g_autoptr (RepriseVault) vault = NULL;
  g_autoptr (RepriseManifest) manifest = NULL;
  g_autoptr (RepriseArchive) archive = NULL;
  g_autoptr (RepriseSecretValue) found = NULL;
  g_autoptr (RepriseProvider) provider = NULL;
  g_autoptr (GError) local_error = NULL;

  if (kind == NULL)
    return NULL;
  vault = reprise_context_dup_vault (self);
  if (!reprise_backup_get_in_vault (backup))
    {
      provider = reprise_kind_create_provider (kind, service, secrets);
      archive = reprise_provider_open_backup (provider, backup, progress, cancellable, error);
      if (archive != NULL)
        reprise_archive_set_data (archive, REPRISE_ARCHIVE_DATA_VAULT,
                                  reprise_vault_get_path (vault));
      return g_steal_pointer (&archive);
    }
  manifest = reprise_vault_read_manifest (vault, backup, error);
  if (manifest == NULL)
    return NULL;
  archive = reprise_archive_new_for_backup (backup, manifest);
  reprise_archive_set_service (archive, service);
  reprise_first_look_at_backup (archive);
  found = find_password (password, secrets, cancellable);
  if (reprise_kind_inspect (kind, archive, found, progress, cancellable, &local_error) ||
      reprise_first_look_suffices (archive, &local_error))
    return g_steal_pointer (&archive);
  g_propagate_error (error, g_steal_pointer (&local_error));
  return NULL;
}

/* Whether an id or the service's own name begins so. A backup in the vault is told by its ULID, whatever the case. */
static gboolean
has_id (RepriseBackup *backup, const char *id_start)
{
  const char *name = reprise_backup_get_own_name (backup);

  return g_ascii_strncasecmp (reprise_backup_get_id (backup), id_start, strlen (id_start)) == 0 ||
         (name != NULL && g_str_has_prefix (name, id_start));
}

/* Whether it is that one, and not only one that begins so: “1” beside “12” */
static gboolean
is_id (RepriseBackup *backup, const char *id)
{
  return g_ascii_strcasecmp (reprise_backup_get_id (backup), id) == 0 ||
         g_strcmp0 (reprise_backup_get_own_name (backup), id) == 0;
}

/* Of the same kind; CouchDB and Cloudant take each other's increments. */
static gboolean
is_of_kind (RepriseContext *self, RepriseBackup *backup, RepriseService *service)
{
  RepriseRegistry *registry = reprise_context_get_registry (self);
  RepriseKind *from = reprise_registry_get (registry, reprise_backup_get_kind (backup));
  RepriseKind *to = reprise_registry_get (registry, reprise_service_get_kind (service));

  return g_str_equal (reprise_backup_get_kind (backup), reprise_service_get_kind (service)) ||
         (from != NULL && to != NULL && reprise_kind_can (from, REPRISE_HAS_HISTORY) &&
          reprise_kind_can (to, REPRISE_HAS_HISTORY));
}

/* @found: (out) (nullable): the one that is meant; %FALSE with %REPRISE_ERROR_INVALID where several may be */
static gboolean
pick (GPtrArray *backups, const char *id_start, RepriseBackup **found, GError **error)
{
  for (guint i = 0; i < backups->len; i++)
    if (is_id (backups->pdata[i], id_start))
      {
        *found = g_object_ref (backups->pdata[i]);
        return TRUE;
      }
  for (guint i = 0; i < backups->len; i++)
    {
      if (!has_id (backups->pdata[i], id_start))
        continue;
      if (*found != NULL)
        {
          reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_INVALID,
                             _ ("More than one backup begins with “%s”: give more of the id"),
                             id_start);
          g_clear_object (found);
          return FALSE;
        }
      g_set_object (found, backups->pdata[i]);
    }
  return TRUE;
}

/* One that its provider knows by name, although it is in no list */
static RepriseBackup *
find_unlisted (RepriseContext *self,
               RepriseService *service,
               const char *id,
               RepriseSecrets *secrets,
               GCancellable *cancellable,
               GError **error)
{
  RepriseKind *kind =
    reprise_registry_get (reprise_context_get_registry (self), reprise_service_get_kind (service));
  g_autoptr (RepriseProvider) provider =
    kind != NULL ? reprise_kind_create_provider (kind, service, secrets) : NULL;

  return provider != NULL ? reprise_provider_find_backup (provider, id, cancellable, error) : NULL;
}

/* @warning: (nullable): why the service could not be asked */
static void
set_not_found (RepriseService *service, const char *id, const char *warning, GError **error)
{
  if (warning != NULL)
    reprise_error_set (
      error, REPRISE_ERROR, REPRISE_ERROR_UNREACHABLE,
      _ ("There is no backup “%s” in the vault, and the service could not be asked: %s"), id,
      warning);
  else
    reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND,
                       _ ("There is no backup “%s” of “%s”"), id,
                       reprise_service_get_name (service));
}

/**
 * reprise_context_find_backup:
 * @service: (nullable): where to look; with %NULL only in the vault
 * @id_start: an id, or the beginning of one
 *
 * Looks in the vault first, and then on the service. A backup of another service of the same kind is found too: it may be restored here.
 *
 * Returns: (transfer full): the backup, or %NULL with %REPRISE_ERROR_NOT_FOUND, %REPRISE_ERROR_UNREACHABLE where the service, which may
 *   have it, could not be asked, or %REPRISE_ERROR_INVALID where several begin so
 */
RepriseBackup *
reprise_context_find_backup (RepriseContext *self,
                             RepriseService *service,
                             const char *id_start,
                             RepriseSecrets *secrets,
                             GCancellable *cancellable,
                             GError **error)
{
  g_autoptr (RepriseVault) vault = reprise_context_dup_vault (self);
  g_autoptr (GError) local_error = NULL;
  g_autoptr (RepriseBackup) found = NULL;
  g_autoptr (GPtrArray) backups = NULL;
  g_autofree char *warning = NULL;

  found = reprise_vault_find (vault, id_start, cancellable, &local_error);
  if (found != NULL && (service == NULL || is_of_kind (self, found, service)))
    return g_steal_pointer (&found);
  if (service == NULL || (local_error != NULL &&
                          !g_error_matches (local_error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND)))
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return NULL;
    }
  g_clear_object (&found);
  backups =
    reprise_context_list_backups (self, service, TRUE, secrets, &warning, cancellable, error);
  if (backups != NULL && !pick (backups, id_start, &found, error))
    return NULL;
  if (found != NULL || backups == NULL)
    return g_steal_pointer (&found);
  if (warning == NULL)
    {
      g_clear_error (&local_error);
      found = find_unlisted (self, service, id_start, secrets, cancellable, &local_error);
      if (local_error != NULL)
        g_propagate_error (error, g_steal_pointer (&local_error));
      else if (found == NULL)
        set_not_found (service, id_start, NULL, error);
      return g_steal_pointer (&found);
    }
  set_not_found (service, id_start, warning, error);
  return NULL;
}

/* Whether an event says that no Undo is offered from this copy any more (“undone”, “superseded”), or that the restore for which it
 * was made changed nothing (“unused”). */
static gboolean
has_event (RepriseVault *vault, RepriseBackup *copy, const char *type, const char *or_type)
{
  g_autoptr (GPtrArray) events =
    reprise_vault_list_events (vault, reprise_backup_get_id (copy), NULL);

  for (guint i = 0; events != NULL && i < events->len; i++)
    {
      const char *found = json_object_get_string_member_with_default (events->pdata[i], "type", "");

      if (g_str_equal (found, type) || g_strcmp0 (found, or_type) == 0)
        return TRUE;
    }
  return FALSE;
}

/**
 * reprise_context_find_safety_copy:
 *
 * What Undo goes back to: the newest safety copy of the service, unless it was used already or a later restore made none. One whose
 * restore then changed nothing does not count: the way back of the restore before it stays open.
 *
 * Returns: (transfer full): the backup, or %NULL with %REPRISE_ERROR_NOT_FOUND
 */
RepriseBackup *
reprise_context_find_safety_copy (RepriseContext *self,
                                  const char *service_uuid,
                                  GCancellable *cancellable,
                                  GError **error)
{
  g_autoptr (RepriseVault) vault = reprise_context_dup_vault (self);
  g_autoptr (GPtrArray) backups = reprise_vault_list (vault, service_uuid, cancellable, error);

  if (backups == NULL)
    return NULL;
  g_ptr_array_sort (backups, reprise_backup_compare_newest);
  for (guint i = 0; i < backups->len; i++)
    {
      if (reprise_backup_get_origin (backups->pdata[i]) != REPRISE_ORIGIN_SAFETY ||
          has_event (vault, backups->pdata[i], "unused", NULL))
        continue;
      if (has_event (vault, backups->pdata[i], "undone", "superseded"))
        break;
      return g_object_ref (backups->pdata[i]);
    }
  reprise_error_set_literal (error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND,
                             _ ("There is no restore of this service that could be undone"));
  return NULL;
}
