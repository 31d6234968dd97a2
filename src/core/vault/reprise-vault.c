/* reprise-vault.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "base/reprise-file.h"
#include "base/reprise-sandbox.h"
#include "vault/reprise-backup-private.h"
#include "vault/reprise-catalogue.h"
#include "vault/reprise-storage.h"
#include "vault/reprise-vault-disk.h"
#include "vault/reprise-vault-private.h"

struct _RepriseVault
{
  GObject parent_instance;

  char *path;                  /* (owned); never changes */
  RepriseCatalogue *catalogue; /* (owned); never changes */

  GMutex mutex;        /* guards the two below */
  gint64 format;       /* or 0 while it was not opened */
  gboolean has_readme; /* as this version writes it */
};

G_DEFINE_FINAL_TYPE (RepriseVault, reprise_vault, G_TYPE_OBJECT)

static const char *const DEPTHS[] = {
  [REPRISE_DEPTH_QUICK] = "quick",
  [REPRISE_DEPTH_FULL] = "full",
  [REPRISE_DEPTH_DEEP] = "deep",
};

/* “full”, as in --json and in events */
const char *
reprise_depth_to_string (RepriseDepth depth)
{
  g_return_val_if_fail (depth < G_N_ELEMENTS (DEPTHS), NULL);

  return DEPTHS[depth];
}

gboolean
reprise_depth_from_string (const char *id, RepriseDepth *depth)
{
  for (guint i = 0; i < G_N_ELEMENTS (DEPTHS); i++)
    if (g_strcmp0 (id, DEPTHS[i]) == 0)
      {
        *depth = (RepriseDepth) i;
        return TRUE;
      }
  return FALSE;
}

static void
reprise_vault_finalize (GObject *object)
{
  RepriseVault *self = REPRISE_VAULT (object);

  g_clear_pointer (&self->path, g_free);
  g_clear_pointer (&self->catalogue, reprise_catalogue_free);
  g_mutex_clear (&self->mutex);
  G_OBJECT_CLASS (reprise_vault_parent_class)->finalize (object);
}

static void
reprise_vault_class_init (RepriseVaultClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = reprise_vault_finalize;
}

static void
reprise_vault_init (RepriseVault *self)
{
  g_mutex_init (&self->mutex);
}

/* (transfer full): touches nothing yet */
RepriseVault *
reprise_vault_new (const char *path)
{
  RepriseVault *self = g_object_new (REPRISE_TYPE_VAULT, NULL);

  self->path = g_canonicalize_filename (path, NULL);
  self->catalogue = reprise_catalogue_new (self->path);
  return self;
}

/* (transfer full): in the user's data folder */
char *
reprise_vault_dup_default_path (void)
{
  return g_build_filename (g_get_user_data_dir (), "reprise", "vault", NULL);
}

const char *
reprise_vault_get_path (RepriseVault *self)
{
  return self->path;
}

static gboolean
read_format (RepriseVault *self, gint64 *format, GError **error)
{
  g_autofree char *path = g_build_filename (self->path, "VAULT.json", NULL);
  g_autoptr (JsonObject) root = reprise_vault_json_read (path, REPRISE_VAULT_JSON_BYTES, error);

  if (root == NULL)
    return FALSE;
  *format = reprise_vault_json_get_int (root, "format");
  if (*format >= 1)
    return TRUE;
  reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_DAMAGED,
                     _ ("“%s” is damaged: it has no format."), path);
  return FALSE;
}

static gboolean
create (RepriseVault *self, GError **error)
{
  g_autofree char *above = g_path_get_dirname (self->path);

  if (!reprise_vault_looks_empty (self->path) && !reprise_vault_looks_like_one (self->path))
    {
      /* Another program may have made it since it was looked for. */
      if (read_format (self, &self->format, NULL))
        return TRUE;
      reprise_error_set (
        error, REPRISE_ERROR, REPRISE_ERROR_REFUSED,
        _ ("The folder “%s” holds other things and is no vault. Choose an empty folder, "
           "or a new one in it."),
        self->path);
      return FALSE;
    }
  return reprise_file_make_folder (self->path, error) && reprise_file_sync_folder (above, error) &&
         reprise_vault_write_skeleton (self->path, error);
}

/* A later version knows more kinds of services to get back. Once for each process; a vault that cannot be written stays as it
 * is. */
static void
renew_readme (RepriseVault *self)
{
  g_autofree char *path = g_build_filename (self->path, "README.txt", NULL);
  g_autofree char *text = NULL;

  if (self->has_readme)
    return;
  self->has_readme = TRUE;
  if (!g_file_get_contents (path, &text, NULL, NULL) || !g_str_equal (text, REPRISE_VAULT_README))
    reprise_file_write_durable (path, REPRISE_VAULT_README, -1, NULL);
}

static gboolean
open_locked (RepriseVault *self, gboolean may_create, GError **error)
{
  g_autoptr (GError) local = NULL;

  if (!reprise_sandbox_check (self->path, REPRISE_SANDBOX_NEW, error))
    return FALSE;
  if (read_format (self, &self->format, &local))
    {
      reprise_vault_disk_remember (self->path);
      if (may_create && self->format <= REPRISE_VAULT_FORMAT)
        renew_readme (self);
      return TRUE;
    }
  if (!g_error_matches (local, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  /* that of which only the file is lost is written again */
  if (!reprise_vault_looks_like_one (self->path) && !reprise_vault_disk_check (self->path, error))
    return FALSE;
  if (!may_create)
    {
      reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND,
                         _ ("There is no vault in “%s”."), self->path);
      return FALSE;
    }
  if (!create (self, error))
    return FALSE;
  self->format = REPRISE_VAULT_FORMAT;
  reprise_vault_disk_remember (self->path);
  return TRUE;
}

/**
 * reprise_vault_open:
 * @create: whether to make it where there is none; a folder with other things in it is refused
 *
 * A vault that was there once, and is not now, is not made anew: %REPRISE_ERROR_NOT_FOUND. reprise_vault_forget_disk() takes that
 * back.
 *
 * Returns: whether there is a vault; else %REPRISE_ERROR_NOT_FOUND, %REPRISE_ERROR_REFUSED, %REPRISE_ERROR_DAMAGED, or an
 *   error of the system. One of a higher format is opened to be read: see reprise_vault_is_read_only()
 */
gboolean
reprise_vault_open (RepriseVault *self,
                    gboolean create_it,
                    GCancellable *cancellable,
                    GError **error)
{
  gboolean ok;

  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return FALSE;
  g_mutex_lock (&self->mutex);
  ok = open_locked (self, create_it, error);
  g_mutex_unlock (&self->mutex);
  return ok;
}

/* Somebody chooses this folder for the vault, whatever lay there before: see reprise_vault_open(). */
void
reprise_vault_forget_disk (RepriseVault *self)
{
  reprise_vault_disk_forget (self->path);
}

/**
 * reprise_vault_dup_place_note:
 *
 * A place that nobody chose, and that is lost with what it protects, is said once. Blocks: for workers.
 *
 * Returns: (transfer full) (nullable): one or two sentences, with what to do
 */
char *
reprise_vault_dup_place_note (RepriseVault *self)
{
  g_autofree char *standard = reprise_vault_dup_default_path ();

  if (!g_str_equal (self->path, standard))
    return NULL;
  if (reprise_sandbox_is_active ())
    return g_strdup_printf (
      /* Translators: the path of a folder */
      _ ("The vault lies in the sandbox’s own folder, “%s”: uninstalling Reprise with its data "
         "deletes the backups too. “reprise vault set FOLDER” chooses another place."),
      self->path);
  if (reprise_vault_disk_is_other (self->path))
    return NULL;
  return g_strdup_printf (
    /* Translators: the path of a folder */
    _ ("The vault lies on the disk of your home folder, in “%s”: what breaks that disk takes the "
       "backups too. “reprise vault set FOLDER” chooses another place."),
    self->path);
}

/* Whether a newer version of Reprise made it: what is in it can be read, checked and restored. */
gboolean
reprise_vault_is_read_only (RepriseVault *self, GCancellable *cancellable)
{
  gboolean read_only;

  g_mutex_lock (&self->mutex);
  if (self->format == 0)
    open_locked (self, FALSE, NULL);
  read_only = self->format > REPRISE_VAULT_FORMAT;
  g_mutex_unlock (&self->mutex);
  return read_only;
}

/* Whether there is a vault and this version may write it; else %REPRISE_ERROR_NOT_SUPPORTED and those of opening it. */
gboolean
reprise_vault_check_writable (RepriseVault *self, GError **error)
{
  if (!reprise_vault_open (self, FALSE, NULL, error))
    return FALSE;
  if (!reprise_vault_is_read_only (self, NULL))
    return TRUE;
  reprise_error_set (
    error, REPRISE_ERROR, REPRISE_ERROR_NOT_SUPPORTED,
    _ ("The vault “%s” was made by a newer version of Reprise: it can be read, but not "
       "written. Update Reprise "
       "to write it."),
    self->path);
  return FALSE;
}

/**
 * reprise_vault_get_facts:
 * @facts: (out caller-allocates): what the place can do, tried out now
 */
gboolean
reprise_vault_get_facts (RepriseVault *self, RepriseStorageFacts *facts, GError **error)
{
  return reprise_storage_probe (self->path, facts, error);
}

/* (transfer full) */
char *
reprise_vault_dup_service_folder (RepriseVault *self, const char *service_uuid)
{
  return g_build_filename (self->path, service_uuid, NULL);
}

/* (transfer full): its folder; looked for where the backup does not say or is not of this vault */
char *
reprise_vault_dup_backup_folder (RepriseVault *self, RepriseBackup *backup, GError **error)
{
  const char *folder = reprise_backup_get_folder (backup);

  if (folder != NULL && g_str_has_prefix (folder, self->path) &&
      folder[strlen (self->path)] == '/' && g_file_test (folder, G_FILE_TEST_IS_DIR))
    return g_strdup (folder);
  return reprise_vault_find_folder (self->path, reprise_backup_get_id (backup), error);
}

/**
 * reprise_vault_save_service:
 *
 * Keeps what a new computer needs to take the vault over, where it differs from what is kept. No secret is in it.
 */
gboolean
reprise_vault_save_service (RepriseVault *self, RepriseService *service, GError **error)
{
  g_autofree char *folder =
    reprise_vault_dup_service_folder (self, reprise_service_get_uuid (service));
  g_autofree char *path = g_build_filename (folder, "service.json", NULL);
  g_autofree char *text = reprise_vault_print_service (service);
  g_autofree char *old = NULL;

  if (!reprise_vault_check_writable (self, error))
    return FALSE;
  if (g_file_get_contents (path, &old, NULL, NULL) && g_str_equal (old, text))
    return TRUE;
  return reprise_file_make_folder (folder, error) && reprise_file_sync_folder (self->path, error) &&
         reprise_file_write_durable (path, text, -1, error);
}

/* Without a service.json that can be read, the newest backup says what the service was. */
static RepriseService *
guess_service (const char *folder, const char *uuid)
{
  g_autoptr (GPtrArray) names = reprise_vault_list_names (folder, NULL);
  const char *newest = NULL;
  g_autofree char *path = NULL;
  g_autoptr (RepriseManifest) manifest = NULL;
  RepriseVaultName parsed;

  for (guint i = 0; names != NULL && i < names->len; i++)
    if (reprise_vault_name_parse (names->pdata[i], &parsed) &&
        (newest == NULL || strcmp (names->pdata[i], newest) > 0))
      newest = names->pdata[i];
  if (newest == NULL)
    return NULL;
  path = g_build_filename (folder, newest, NULL);
  manifest = reprise_manifest_read (path, NULL);
  if (manifest == NULL || g_strcmp0 (reprise_manifest_get_service_uuid (manifest), uuid) != 0)
    return NULL;
  return reprise_service_new (uuid, reprise_manifest_get_kind (manifest),
                              reprise_manifest_get_service_name (manifest));
}

/**
 * reprise_vault_list_services:
 *
 * For `vault adopt`: the services come back under their old UUIDs, and need sign-in. Where service.json cannot be read, name and
 * kind come from the newest backup.
 *
 * Returns: (transfer full) (element-type RepriseService): or %NULL with an error of the system
 */
GPtrArray *
reprise_vault_list_services (RepriseVault *self, GCancellable *cancellable, GError **error)
{
  g_autoptr (GPtrArray) uuids = reprise_vault_list_service_folders (self->path, error);
  g_autoptr (GPtrArray) services = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; uuids != NULL && i < uuids->len; i++)
    {
      g_autofree char *folder = reprise_vault_dup_service_folder (self, uuids->pdata[i]);
      RepriseService *service = reprise_vault_read_service (folder, NULL);

      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return NULL;
      if (service == NULL)
        service = guess_service (folder, uuids->pdata[i]);
      if (service != NULL)
        g_ptr_array_add (services, service);
    }
  return uuids == NULL ? NULL : g_steal_pointer (&services);
}

static RepriseBackup *
make_damaged (const char *service_uuid,
              const RepriseVaultName *name,
              const char *folder,
              const char *damage)
{
  g_autofree char *above = g_path_get_dirname (folder);
  g_autoptr (RepriseService) service = reprise_vault_read_service (above, NULL);
  RepriseBackup *backup = reprise_backup_new (
    name->id, service_uuid, service != NULL ? reprise_service_get_kind (service) : "");

  backup->created_at = reprise_vault_name_get_time (name);
  backup->in_vault = TRUE;
  backup->damage = g_strdup (damage);
  return backup;
}

/**
 * reprise_vault_read_backup:
 * @folder: with the name of a backup
 * @first_note: (out) (optional) (nullable): the manifest's note, which an event may have replaced
 * @unreadable: (out) (optional): whether the manifest could not be read, or is another backup's
 *
 * Returns: (transfer full): what its manifest and events say
 */
RepriseBackup *
reprise_vault_read_backup (const char *service_uuid,
                           const char *folder,
                           char **first_note,
                           gboolean *unreadable)
{
  g_autofree char *base = g_path_get_basename (folder);
  g_autoptr (GError) local = NULL;
  g_autoptr (RepriseManifest) manifest = reprise_manifest_read (folder, &local);
  const char *damage = manifest == NULL ? local->message : NULL;
  RepriseBackup *backup;
  RepriseVaultName name;

  reprise_vault_name_parse (base, &name);
  if (manifest != NULL &&
      (!g_str_equal (reprise_manifest_get_id (manifest), name.id) ||
       !g_str_equal (reprise_manifest_get_service_uuid (manifest), service_uuid)))
    damage = _ ("The backup in this folder is another one: folders changed places.");
  if (damage != NULL)
    backup = make_damaged (service_uuid, &name, folder, damage);
  else
    backup = reprise_manifest_to_backup (manifest);
  if (first_note != NULL)
    *first_note = g_strdup (backup->note);
  if (unreadable != NULL)
    *unreadable = damage != NULL;
  backup->folder = g_strdup (folder);
  reprise_vault_apply_events (backup, folder, NULL);
  return backup;
}

static int
compare_newest_cb (gconstpointer a, gconstpointer b)
{
  RepriseBackup *x = *(RepriseBackup *const *) a, *y = *(RepriseBackup *const *) b;
  int order = g_date_time_compare (y->created_at, x->created_at);

  return order != 0 ? order : strcmp (y->id, x->id);
}

/* No vault is an empty list, but one whose disk is away, or that the sandbox hides, is not. */
static gboolean
check_there (RepriseVault *self, GError **error)
{
  g_autofree char *path = g_build_filename (self->path, "VAULT.json", NULL);

  return g_file_test (path, G_FILE_TEST_EXISTS) ||
         (reprise_sandbox_check (self->path, REPRISE_SANDBOX_NEW, error) &&
          (reprise_vault_looks_like_one (self->path) ||
           reprise_vault_disk_check (self->path, error)));
}

static GPtrArray *
list (RepriseVault *self,
      const char *service_uuid,
      RepriseProgress *progress,
      GCancellable *cancellable,
      GError **error)
{
  g_autoptr (GPtrArray) uuids = NULL;
  g_autoptr (GPtrArray) backups = g_ptr_array_new_with_free_func (g_object_unref);

  if (service_uuid != NULL)
    {
      uuids = g_ptr_array_new_with_free_func (g_free);
      g_ptr_array_add (uuids, g_strdup (service_uuid));
    }
  else
    uuids = reprise_vault_list_service_folders (self->path, error);
  if (uuids == NULL || !check_there (self, error))
    return NULL;
  for (guint i = 0; i < uuids->len; i++)
    if (!reprise_catalogue_list (self->catalogue, uuids->pdata[i], backups, progress, cancellable,
                                 error))
      return NULL;
  g_ptr_array_sort (backups, compare_newest_cb);
  return g_steal_pointer (&backups);
}

/**
 * reprise_vault_list:
 * @service_uuid: (nullable): of one service only
 *
 * The committed backups; what is being made is no backup yet. One whose manifest cannot be read is in the list, with its damage.
 *
 * Returns: (transfer full) (element-type RepriseBackup): the newest first, without contents, or %NULL with an error of the
 *   system; of a vault that is not there, none
 */
GPtrArray *
reprise_vault_list (RepriseVault *self,
                    const char *service_uuid,
                    GCancellable *cancellable,
                    GError **error)
{
  return list (self, service_uuid, NULL, cancellable, error);
}

/* What folders of backups begin with that ID; every whole ID is one. */
static GPtrArray *
find_folders (RepriseVault *self, const char *id_start, GError **error)
{
  g_autoptr (GPtrArray) uuids = reprise_vault_list_service_folders (self->path, error);
  g_autoptr (GPtrArray) found = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; uuids != NULL && i < uuids->len; i++)
    {
      g_autofree char *folder = reprise_vault_dup_service_folder (self, uuids->pdata[i]);
      g_autoptr (GPtrArray) names = reprise_vault_list_names (folder, error);
      RepriseVaultName parsed;

      if (names == NULL)
        return NULL;
      for (guint j = 0; j < names->len; j++)
        if (reprise_vault_name_parse (names->pdata[j], &parsed) &&
            g_str_has_prefix (parsed.id, id_start))
          g_ptr_array_add (found, g_build_filename (folder, names->pdata[j], NULL));
    }
  return uuids == NULL ? NULL : g_steal_pointer (&found);
}

static void
set_ambiguous (GPtrArray *folders, const char *id_start, GError **error)
{
  g_autoptr (GString) ids = g_string_new (NULL);
  guint n = MIN (folders->len, 4);

  for (guint i = 0; i < n; i++)
    {
      const char *folder = folders->pdata[i];

      g_string_append_printf (ids, "%s%s", i > 0 ? ", " : "",
                              folder + strlen (folder) - REPRISE_ULID_LENGTH);
    }
  reprise_error_set (
    error, REPRISE_ERROR, REPRISE_ERROR_INVALID,
    /* Translators: the start of an identifier, and a list of identifiers */
    _ ("Several backups begin with “%s”: %s. Write more of the one that is meant."), id_start,
    ids->str);
}

/**
 * reprise_vault_find:
 * @id_start: a ULID, or an unambiguous start of one, in any case
 *
 * Returns: (transfer full): the backup with its contents, or %NULL with %REPRISE_ERROR_NOT_FOUND, %REPRISE_ERROR_INVALID where
 *   several begin so, or an error of the system
 */
RepriseBackup *
reprise_vault_find (RepriseVault *self,
                    const char *id_start,
                    GCancellable *cancellable,
                    GError **error)
{
  g_autofree char *upper = g_ascii_strup (id_start, -1);
  g_autoptr (GPtrArray) folders =
    *upper == '\0' ? g_ptr_array_new () : find_folders (self, upper, error);
  g_autofree char *above = NULL;
  g_autofree char *service_uuid = NULL;

  if (folders == NULL || !check_there (self, error))
    return NULL;
  if (folders->len == 0)
    reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND,
                       _ ("There is no backup “%s” in the vault."), id_start);
  else if (folders->len > 1)
    set_ambiguous (folders, id_start, error);
  if (folders->len != 1)
    return NULL;
  above = g_path_get_dirname (folders->pdata[0]);
  service_uuid = g_path_get_basename (above);
  return reprise_vault_read_backup (service_uuid, folders->pdata[0], NULL, NULL);
}

/**
 * reprise_vault_read_manifest:
 *
 * Returns: (transfer full): the manifest, or %NULL with %REPRISE_ERROR_NOT_FOUND, %REPRISE_ERROR_DAMAGED, or an error of the
 *   system
 */
RepriseManifest *
reprise_vault_read_manifest (RepriseVault *self, RepriseBackup *backup, GError **error)
{
  g_autofree char *folder = reprise_vault_dup_backup_folder (self, backup, error);

  return folder == NULL ? NULL : reprise_manifest_read (folder, error);
}

/**
 * reprise_vault_begin:
 * @parent: (nullable): the backup that this one goes on from
 *
 * Begins a backup. The caller holds the lock of the service (vault/reprise-lock.h).
 *
 * Returns: (transfer full): the writer, or %NULL with %REPRISE_ERROR_NOT_FOUND (no vault), %REPRISE_ERROR_NOT_SUPPORTED (a newer
 *   format), or an error of the system
 */
RepriseVaultWriter *
reprise_vault_begin (RepriseVault *self,
                     RepriseService *service,
                     RepriseOrigin origin,
                     const char *parent,
                     GError **error)
{
  if (!reprise_vault_save_service (self, service, error))
    return NULL;
  return reprise_vault_writer_new (self, service, origin, parent, error);
}

/* (transfer full) (element-type utf8): what reprise_vault_resume() can go on with, the oldest first */
GPtrArray *
reprise_vault_list_resumable_ids (RepriseVault *self, const char *service_uuid, GError **error)
{
  g_autofree char *folder = reprise_vault_dup_service_folder (self, service_uuid);

  return reprise_vault_list_resumable (folder, error);
}

/**
 * reprise_vault_resume:
 * @id: of a backup that was made resumable and then interrupted
 *
 * Goes on with it: the files that were closed and reached the disk are in its manifest, others are gone.
 *
 * Returns: (transfer full): the writer, or %NULL with %REPRISE_ERROR_NOT_FOUND, %REPRISE_ERROR_BUSY, %REPRISE_ERROR_DAMAGED, and
 *   what reprise_vault_begin() reports
 */
RepriseVaultWriter *
reprise_vault_resume (RepriseVault *self, RepriseService *service, const char *id, GError **error)
{
  if (!reprise_vault_save_service (self, service, error))
    return NULL;
  return reprise_vault_writer_resume (self, service, id, error);
}

/* Whether another backup goes on from this one. */
static gboolean
has_child (RepriseVault *self,
           RepriseBackup *backup,
           RepriseManifest *manifest,
           GCancellable *cancellable,
           GError **error)
{
  g_autoptr (GPtrArray) all = reprise_vault_list (self, backup->service_uuid, cancellable, error);

  for (guint i = 0; all != NULL && i < all->len; i++)
    {
      RepriseBackup *other = all->pdata[i];

      if (g_strcmp0 (other->parent, backup->id) != 0 &&
          (manifest == NULL || !reprise_manifest_supersedes (manifest, other->parent)))
        continue;
      reprise_error_set (
        error, REPRISE_ERROR, REPRISE_ERROR_REFUSED,
        _ ("The backup “%s” goes on from this one and would be of no use without it."), other->id);
      return TRUE;
    }
  return all == NULL;
}

/* A backup that was rolled up into another is needed no more. */
static gboolean
is_superseded (RepriseVault *self, const char *id)
{
  g_autoptr (GPtrArray) events = reprise_vault_list_events (self, id, NULL);

  for (guint i = 0; events != NULL && i < events->len; i++)
    if (g_strcmp0 (reprise_vault_json_get_string (events->pdata[i], "type"), "superseded") == 0)
      return TRUE;
  return FALSE;
}

/* The rename is the deletion: what is left after it is debris, which reprise_vault_clean_up() removes too. */
static gboolean
delete_folder (const char *folder, const char *id, GError **error)
{
  g_autofree char *above = g_path_get_dirname (folder);
  g_autofree char *name = g_strconcat (REPRISE_VAULT_DELETED, id, NULL);
  g_autofree char *dead = g_build_filename (above, name, NULL);
  g_autofree char *events = g_strconcat (folder, REPRISE_VAULT_EVENTS, NULL);

  return reprise_file_remove_tree (dead, error) && reprise_file_rename_new (folder, dead, error) &&
         reprise_file_remove_tree (events, error) && reprise_file_remove_tree (dead, error);
}

/**
 * reprise_vault_delete:
 *
 * Removes a backup with its events. The caller holds the lock of the service. Of a chain, the newest goes first.
 *
 * Returns: whether it is gone; else %REPRISE_ERROR_REFUSED where another backup goes on from it and it was not superseded,
 *   %REPRISE_ERROR_NOT_SUPPORTED where a newer version wrote it, or an error of the system
 */
gboolean
reprise_vault_delete (RepriseVault *self,
                      RepriseBackup *backup,
                      GCancellable *cancellable,
                      GError **error)
{
  g_autofree char *folder = NULL;
  g_autoptr (RepriseManifest) manifest = NULL;

  if (!reprise_vault_check_writable (self, error))
    return FALSE;
  folder = reprise_vault_dup_backup_folder (self, backup, error);
  if (folder == NULL)
    return FALSE;
  manifest = reprise_manifest_read (folder, NULL);
  if (manifest != NULL && reprise_manifest_is_read_only (manifest))
    {
      reprise_error_set_literal (
        error, REPRISE_ERROR, REPRISE_ERROR_NOT_SUPPORTED,
        _ ("The backup was made by a newer version of Reprise: it can be read, "
           "but not deleted. Update "
           "Reprise to delete it."));
      return FALSE;
    }
  if (!is_superseded (self, reprise_backup_get_id (backup)) &&
      has_child (self, backup, manifest, cancellable, error))
    return FALSE;
  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return FALSE;
  return delete_folder (folder, reprise_backup_get_id (backup), error);
}

/**
 * reprise_vault_clean_up:
 * @service_uuid: (nullable): of one service only
 *
 * Removes what killed programs left: partial backups whose lock is free and that nobody can resume, and halves of deletions.
 */
gboolean
reprise_vault_clean_up (RepriseVault *self, const char *service_uuid, GError **error)
{
  g_autoptr (GPtrArray) uuids = NULL;

  if (!reprise_vault_check_writable (self, error))
    return FALSE;
  reprise_vault_clean_up_top (self->path);
  uuids = reprise_vault_list_service_folders (self->path, error);
  if (uuids == NULL)
    return FALSE;
  for (guint i = 0; i < uuids->len; i++)
    {
      g_autofree char *folder = reprise_vault_dup_service_folder (self, uuids->pdata[i]);

      if (service_uuid != NULL && !g_str_equal (uuids->pdata[i], service_uuid))
        continue;
      if (!reprise_vault_clean_up_folder (folder, error))
        return FALSE;
    }
  return TRUE;
}

/**
 * reprise_vault_rebuild:
 *
 * Throws the catalogue away and makes it again from what lies in the vault. A VAULT.json that is lost or damaged is made again
 * too; nothing else in the vault is touched.
 */
gboolean
reprise_vault_rebuild (RepriseVault *self,
                       RepriseProgress *progress,
                       GCancellable *cancellable,
                       GError **error)
{
  g_autoptr (GPtrArray) backups = NULL;

  if (!reprise_vault_open (self, FALSE, cancellable, NULL) &&
      (!reprise_vault_looks_like_one (self->path) ||
       !reprise_vault_write_skeleton (self->path, error)))
    return reprise_vault_open (self, FALSE, cancellable, error);
  reprise_catalogue_clear (self->catalogue);
  backups = list (self, NULL, progress, cancellable, error);
  return backups != NULL;
}
