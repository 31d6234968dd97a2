/* reprise-milvus-backup.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <inttypes.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "providers/milvus/reprise-milvus-backup.h"
#include "providers/milvus/reprise-milvus-groups.h"
#include "providers/milvus/reprise-milvus-name.h"
#include "providers/milvus/reprise-milvus-settings.h"
#include "providers/milvus/storage/reprise-milvus-archive.h"

#define MAX_READ 30 /* of so many backups the metadata is read for a list */

/* --- the list --- */

static GDateTime *
date_from_ms (gint64 ms)
{
  return ms > 0 ? g_date_time_new_from_unix_utc (ms / 1000) : NULL;
}

static gint64
get_saved_ms (const RepriseMilvusBackup *backup)
{
  gint64 latest = -1;

  for (guint i = 0; i < backup->collections->len; i++)
    latest = MAX (latest, ((RepriseMilvusEntry *) backup->collections->pdata[i])->saved_at_ms);
  return latest;
}

/* (transfer full) (nullable): its own word, else the metadata's, else the name's, else that of its files */
static GDateTime *
find_date (const RepriseMilvusBackup *backup, const RepriseMilvusStored *stored)
{
  GDateTime *date =
    date_from_ms (backup->started_ms > 0 ? backup->started_ms : get_saved_ms (backup));

  if (date == NULL && stored != NULL && stored->meta != NULL && stored->meta->created_at != NULL)
    date = g_date_time_ref (stored->meta->created_at);
  if (date == NULL)
    date = reprise_milvus_name_read_time (backup->name);
  if (date == NULL && stored != NULL && stored->changed_at != NULL)
    date = g_date_time_ref (stored->changed_at);
  return date;
}

static RepriseBackup *
describe (RepriseMilvusTarget *target,
          const RepriseMilvusBackup *told,
          const RepriseMilvusStored *stored)
{
  RepriseBackup *backup = reprise_backup_new (told->name, reprise_milvus_target_get_uuid (target),
                                              REPRISE_MILVUS_KIND_ID);
  g_autoptr (GDateTime) date = find_date (told, stored);
  g_autoptr (RepriseContents) contents = NULL;
  gboolean done = told->state == REPRISE_MILVUS_DONE;

  if (stored != NULL && stored->meta != NULL)
    contents = reprise_milvus_meta_make_contents (stored->meta);
  else if (told->collections->len > 0)
    contents = reprise_milvus_groups_of_backup (told);
  if (g_str_has_prefix (told->name, REPRISE_MILVUS_SAFETY_PREFIX "_"))
    g_object_set (backup, "origin", REPRISE_ORIGIN_SAFETY, NULL);
  g_object_set (backup, "own-name", told->name, "created-at", date, "size-bytes",
                done ? told->size_bytes : (gint64) REPRISE_NOT_REPORTED, "state",
                done ? REPRISE_BACKUP_COMPLETE : REPRISE_BACKUP_PARTIAL, "on-service", TRUE,
                "service-version", told->milvus_version, "contents", contents, NULL);
  return backup;
}

/* A folder without metadata: it is being made now, or was left by a backup that failed. */
static RepriseBackup *
describe_partial (RepriseMilvusTarget *target,
                  const RepriseMilvusStored *stored,
                  GCancellable *cancellable)
{
  RepriseMilvusClient *client = reprise_milvus_target_get_client (target);
  g_autoptr (RepriseMilvusBackup) told =
    reprise_milvus_client_get_backup (client, stored->name, cancellable, NULL);
  gboolean running = told != NULL && (told->state == REPRISE_MILVUS_INITIAL ||
                                      told->state == REPRISE_MILVUS_RUNNING);
  g_autoptr (RepriseMilvusBackup) empty = g_new0 (RepriseMilvusBackup, 1);
  RepriseBackup *backup;

  empty->name = g_strdup (stored->name);
  empty->started_ms = -1;
  empty->collections = g_ptr_array_new ();
  backup = describe (target, empty, stored);
  g_object_set (backup, "in-progress", running, "own-state",
                running ? _ ("Being made") : _ ("Left half made, without metadata"), NULL);
  return backup;
}

static RepriseMilvusStored *
find_stored (GPtrArray *stored, const char *name)
{
  for (guint i = 0; stored != NULL && i < stored->len; i++)
    if (g_str_equal (((RepriseMilvusStored *) stored->pdata[i])->name, name))
      return stored->pdata[i];
  return NULL;
}

/* (transfer full) (nullable): what the storage says, where it is set and can be reached */
static GPtrArray *
look_into_storage (RepriseMilvusTarget *target, guint n_backups, GCancellable *cancellable)
{
  g_autoptr (GError) local = NULL;
  RepriseMilvusStorage *storage =
    reprise_milvus_target_has_storage (target)
      ? reprise_milvus_target_get_storage (target, cancellable, &local)
      : NULL;

  return storage != NULL
           ? reprise_milvus_storage_list (storage, n_backups <= MAX_READ, NULL, cancellable, NULL)
           : NULL;
}

/* A list says little; of what the server has made since it was started it knows more. */
static void
ask_more (RepriseMilvusClient *client, RepriseMilvusBackup *told, GCancellable *cancellable)
{
  g_autoptr (RepriseMilvusBackup) details =
    reprise_milvus_client_get_backup (client, told->name, cancellable, NULL);

  if (details == NULL)
    return;
  if (told->started_ms <= 0 && details->state == REPRISE_MILVUS_DONE)
    told->started_ms = details->started_ms;
  g_clear_pointer (&told->collections, g_ptr_array_unref);
  told->collections = g_steal_pointer (&details->collections);
  told->has_roles = details->has_roles;
}

/* (transfer full) (element-type RepriseBackup): those that the server lists, and what lies half made in the storage */
GPtrArray *
reprise_milvus_backup_list (RepriseMilvusTarget *target, GCancellable *cancellable, GError **error)
{
  RepriseMilvusClient *client = reprise_milvus_target_get_client (target);
  g_autoptr (GPtrArray) list = reprise_milvus_client_list (client, cancellable, error);
  g_autoptr (GPtrArray) stored = NULL;
  GPtrArray *backups;

  if (list == NULL)
    return NULL;
  stored = look_into_storage (target, list->len, cancellable);
  backups = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < list->len; i++)
    {
      RepriseMilvusBackup *told = list->pdata[i];

      told->state = REPRISE_MILVUS_DONE; /* what has metadata is finished, whatever is told */
      if (stored == NULL && list->len <= MAX_READ)
        ask_more (client, told, cancellable);
      g_ptr_array_add (backups, describe (target, told, find_stored (stored, told->name)));
    }
  for (guint i = 0; stored != NULL && i < stored->len; i++)
    {
      const RepriseMilvusStored *each = stored->pdata[i];

      if (!reprise_milvus_is_listed (list, each->name) && !each->whole)
        g_ptr_array_add (backups, describe_partial (target, each, cancellable));
    }
  return backups;
}

/* --- one of them --- */

static void
add_index_facts (RepriseArchive *archive, const RepriseMilvusBackup *details)
{
  for (guint i = 0; i < details->collections->len; i++)
    {
      const RepriseMilvusEntry *entry = details->collections->pdata[i];
      g_autofree char *full_name = reprise_milvus_entry_dup_name (entry);
      g_autofree char *name = reprise_milvus_name_show (full_name);
      g_autoptr (GString) text = g_string_new (NULL);

      for (guint j = 0; j < entry->indexes->len; j++)
        {
          const RepriseMilvusEntryIndex *index = entry->indexes->pdata[j];

          g_string_append_printf (text, "%s%s%s%s", text->len > 0 ? ", " : "", index->field,
                                  index->type != NULL ? ": " : "",
                                  index->type != NULL ? index->type : "");
        }
      if (text->len > 0)
        {
          /* Translators: %s is a collection of Milvus */
          g_autofree char *label = g_strdup_printf (_ ("Indexes of %s"), name);

          reprise_archive_add_fact (archive, label, text->str);
        }
    }
}

static void
add_count (RepriseArchive *archive, const char *label, gint64 count)
{
  g_autofree char *text = g_strdup_printf ("%" PRId64, count);

  if (count >= 0)
    reprise_archive_add_fact (archive, label, text);
}

/* -1 where of any it is not told */
static gint64
count_partitions (const RepriseMilvusBackup *details)
{
  gint64 n = 0;

  for (guint i = 0; i < details->collections->len; i++)
    {
      const RepriseMilvusEntry *entry = details->collections->pdata[i];

      if (entry->partitions < 0)
        return -1;
      n += entry->partitions;
    }
  return n;
}

static void
fill_from_details (RepriseArchive *archive, const RepriseMilvusBackup *details)
{
  g_autoptr (RepriseContents) contents = reprise_milvus_groups_of_backup (details);

  reprise_archive_set_contents (archive, contents);
  reprise_archive_set_size_bytes (archive, details->size_bytes);
  if (details->milvus_version != NULL)
    reprise_archive_set_service_version (archive, details->milvus_version);
  add_count (archive, _ ("Collections"), details->collections->len);
  add_count (archive, _ ("Partitions"), count_partitions (details));
  add_index_facts (archive, details);
}

/* (transfer full): what is known of it: by the metadata in the storage, else by what the server tells */
RepriseArchive *
reprise_milvus_backup_open (RepriseMilvusTarget *target,
                            RepriseBackup *backup,
                            GCancellable *cancellable,
                            GError **error)
{
  const char *name = reprise_backup_get_own_name (backup);
  RepriseMilvusClient *client = reprise_milvus_target_get_client (target);
  RepriseArchive *archive = reprise_archive_new_for_backup (backup, NULL);
  g_autoptr (RepriseMilvusMeta) meta = NULL;
  g_autoptr (RepriseMilvusBackup) details = NULL;
  RepriseMilvusStorage *storage;

  reprise_archive_set_format (archive, _ ("Backup of Milvus Backup"));
  reprise_archive_set_created_at (archive, reprise_backup_get_created_at (backup));
  reprise_archive_set_size_bytes (archive, reprise_backup_get_size_bytes (backup));
  if (reprise_backup_get_state (backup) == REPRISE_BACKUP_PARTIAL)
    {
      reprise_archive_add_warning (archive, _ ("This backup was left half made. It can be deleted, "
                                               "but not restored."));
      return archive;
    }
  storage = reprise_milvus_target_has_storage (target)
              ? reprise_milvus_target_get_storage (target, cancellable, NULL)
              : NULL;
  if (storage != NULL)
    meta = reprise_milvus_storage_read_meta (storage, name, cancellable, NULL);
  if (meta != NULL)
    {
      reprise_milvus_archive_fill (archive, meta);
      return archive;
    }
  details = reprise_milvus_client_get_backup (client, name, cancellable, NULL);
  if (details != NULL && details->collections->len > 0)
    fill_from_details (archive, details);
  else
    reprise_archive_add_warning (
      archive, _ ("What is in it is not reported: the backup server was started again since it was "
                  "made. Set the object storage in the settings of the service to see it."));
  return archive;
}

/* --- making --- */

/* (transfer full) (nullable): what the settings choose, or %NULL without an error for all */
static GPtrArray *
choose (RepriseMilvusTarget *target, GCancellable *cancellable, GError **error)
{
  g_autoptr (GPtrArray) chosen = reprise_milvus_name_read_list (
    reprise_milvus_target_get_setting (target, REPRISE_MILVUS_SETTING_COLLECTIONS));
  g_autoptr (GPtrArray) left_out = reprise_milvus_name_read_list (
    reprise_milvus_target_get_setting (target, REPRISE_MILVUS_SETTING_LEFT_OUT));
  g_autoptr (GPtrArray) all = NULL;
  GPtrArray *names;

  if (left_out->len == 0)
    return chosen->len > 0 ? g_steal_pointer (&chosen) : NULL;
  if (chosen->len == 0 && !reprise_milvus_target_has_milvus (target))
    {
      reprise_error_set_literal (
        error, REPRISE_ERROR, REPRISE_ERROR_REFUSED,
        _ ("To leave collections out of a backup of all, set the address of Milvus "
           "itself, or name those that are to be saved."));
      return NULL;
    }
  all = chosen->len > 0 ? g_steal_pointer (&chosen)
                        : reprise_milvus_target_list_collections (target, cancellable, error);
  if (all == NULL)
    return NULL;
  names = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < all->len; i++)
    if (!g_ptr_array_find_with_equal_func (left_out, all->pdata[i], g_str_equal, NULL))
      g_ptr_array_add (names, g_strdup (all->pdata[i]));
  if (names->len > 0)
    return names;
  g_ptr_array_unref (names);
  reprise_error_set_literal (error, REPRISE_ERROR, REPRISE_ERROR_REFUSED,
                             _ ("The settings of the service leave all collections out."));
  return NULL;
}

/* Roles only come with collections, and only from a Milvus that hands them out. */
static gboolean
choose_roles (RepriseGroups groups,
              const char *milvus_version,
              gboolean *roles,
              RepriseProgress *progress,
              GError **error)
{
  gboolean possible = reprise_milvus_version_has_roles (milvus_version);

  *roles = REPRISE_GROUPS_HAS (groups, REPRISE_GROUP_USER) && possible;
  if (!REPRISE_GROUPS_HAS (groups, REPRISE_GROUP_CUSTOM))
    {
      reprise_error_set_literal (
        error, REPRISE_ERROR, REPRISE_ERROR_REFUSED,
        _ ("Milvus Backup saves roles and grants together with collections: choose "
           "those as well."));
      return FALSE;
    }
  if (REPRISE_GROUPS_HAS (groups, REPRISE_GROUP_USER) && !possible)
    reprise_progress_log (progress, "users, roles and grants are left out: Milvus %s",
                          milvus_version != NULL ? milvus_version : "of an unknown version");
  return TRUE;
}

/* (transfer full): of the moment, and of no backup that is there: names are reserved longer than backups live */
static char *
make_name (RepriseMilvusClient *client,
           const char *prefix,
           GCancellable *cancellable,
           GError **error)
{
  g_autoptr (GPtrArray) list = reprise_milvus_client_list (client, cancellable, error);
  gint64 now_us = g_get_real_time ();
  char *name;

  if (list == NULL)
    return NULL;
  name = reprise_milvus_name_make (prefix, now_us);
  while (reprise_milvus_is_listed (list, name))
    {
      now_us += 1000;
      g_free (name);
      name = reprise_milvus_name_make (prefix, now_us);
    }
  if (reprise_milvus_name_check_backup (name, error))
    return name;
  g_free (name);
  return NULL;
}

/* (transfer full) (nullable): those that were asked for and are not in it */
static char *
list_missing (GPtrArray *wanted, const RepriseMilvusBackup *details)
{
  g_autoptr (GString) missing = g_string_new (NULL);

  for (guint i = 0; wanted != NULL && i < wanted->len; i++)
    {
      gboolean found = FALSE;
      g_autofree char *shown = reprise_milvus_name_show (wanted->pdata[i]);

      for (guint j = 0; j < details->collections->len && !found; j++)
        {
          g_autofree char *name = reprise_milvus_entry_dup_name (details->collections->pdata[j]);

          found = g_str_equal (name, wanted->pdata[i]);
        }
      if (!found)
        g_string_append_printf (missing, "%s%s", missing->len > 0 ? ", " : "", shown);
    }
  return missing->len > 0 ? g_string_free (g_steal_pointer (&missing), FALSE) : NULL;
}

/* “Success” says little: some write no metadata and then have no backup, others save nothing where nothing matched. */
static gboolean
check_made (RepriseMilvusClient *client,
            const RepriseMilvusBackup *made,
            GPtrArray *wanted,
            gboolean for_sure,
            GCancellable *cancellable,
            GError **error)
{
  g_autoptr (GPtrArray) list = reprise_milvus_client_list (client, cancellable, error);
  g_autoptr (RepriseMilvusBackup) details = NULL;
  g_autofree char *missing = NULL;

  if (list == NULL)
    return FALSE;
  if (!reprise_milvus_is_listed (list, made->name))
    {
      reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_FAILED,
                         _ ("Milvus Backup reports a success, but has no backup “%s”: it wrote no "
                            "metadata. Read its log."),
                         made->name);
      return FALSE;
    }
  details = reprise_milvus_client_get_backup (client, made->name, cancellable, NULL);
  if (details == NULL && for_sure)
    {
      reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_FAILED,
                         _ ("What is in “%s” is not reported: the backup server was started again "
                            "meanwhile."),
                         made->name);
      return FALSE;
    }
  if (details == NULL)
    return TRUE; /* it was started again meanwhile; the storage has the rest */
  if (details->collections->len == 0)
    {
      reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_FAILED,
                         _ ("Milvus Backup reports a success, but no collection is in “%s”."),
                         made->name);
      return FALSE;
    }
  missing = list_missing (wanted, details);
  if (missing == NULL)
    return TRUE;
  reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_FAILED,
                     _ ("Milvus Backup reports a success, but these are not in “%s”: %s"),
                     made->name, missing);
  return FALSE;
}

static gboolean
start (RepriseMilvusClient *client,
       const RepriseMilvusCreate *create,
       RepriseProgress *progress,
       GCancellable *cancellable,
       GError **error)
{
  RepriseHttpOutcome outcome = REPRISE_HTTP_NOT_SENT;
  GError *local = NULL;
  g_autoptr (RepriseMilvusBackup) begun = NULL;

  if (reprise_milvus_client_create (client, create, &outcome, cancellable, &local))
    return TRUE;
  if (outcome == REPRISE_HTTP_NO_ANSWER && !reprise_error_is_stop (local))
    begun = reprise_milvus_client_get_backup (client, create->name, cancellable, NULL);
  if (begun == NULL)
    {
      g_propagate_error (error, local);
      return FALSE;
    }
  reprise_progress_log (progress, "no answer, but %s was begun: %s", create->name, local->message);
  g_error_free (local);
  return TRUE;
}

/* (transfer full): begun, and followed to its end */
static RepriseMilvusBackup *
carry_out (RepriseMilvusTarget *target,
           const RepriseMilvusCreate *create,
           RepriseProgress *progress,
           GCancellable *cancellable,
           GError **error)
{
  RepriseMilvusClient *client = reprise_milvus_target_get_client (target);
  RepriseMilvusBackup *made = NULL;
  GError *local = NULL;

  reprise_milvus_target_begin_work (target, REPRISE_MILVUS_WORK_BACKUP, create->name);
  if (start (client, create, progress, cancellable, &local))
    {
      reprise_progress_set_stop_text (
        progress,
        _ ("Milvus Backup goes on making the backup, and keeps it: it cannot be told to stop."));
      made =
        reprise_milvus_follow_backup (client, create->name, reprise_milvus_target_get_pace (target),
                                      progress, cancellable, &local);
      reprise_progress_set_stop_text (progress, NULL);
    }
  reprise_milvus_target_end_work (target, create->name, local);
  if (local != NULL)
    g_propagate_error (error, local);
  return made;
}

/**
 * reprise_milvus_backup_make:
 * @prefix: of its name
 * @only: (nullable) (element-type utf8): complete names, instead of what the settings choose
 *
 * check → a fresh name → create → follow → look whether it is what was asked for
 *
 * Returns: (transfer full): the backup, which is on the service
 */
RepriseBackup *
reprise_milvus_backup_make (RepriseMilvusTarget *target,
                            const char *prefix,
                            RepriseGroups groups,
                            GPtrArray *only,
                            RepriseProgress *progress,
                            GCancellable *cancellable,
                            GError **error)
{
  RepriseMilvusClient *client = reprise_milvus_target_get_client (target);
  const char *structure =
    reprise_milvus_target_get_setting (target, REPRISE_MILVUS_SETTING_STRUCTURE_ONLY);
  RepriseMilvusCreate create = { 0 };
  g_autoptr (GPtrArray) chosen = only != NULL ? g_ptr_array_ref (only) : NULL;
  g_autoptr (RepriseMilvusBackup) made = NULL;
  g_autofree char *name = NULL;
  g_autofree char *version = NULL;
  /* A safety copy that nobody can look into has to be known to hold what is dropped. */
  gboolean for_sure = only != NULL && !reprise_milvus_target_has_storage (target);
  GError *local = NULL;

  if (reprise_milvus_client_get_generation (client, cancellable, error) == 0 ||
      !reprise_milvus_target_check (target, &version, progress, cancellable, error) ||
      !choose_roles (groups, version, &create.roles, progress, error))
    return NULL;
  if (chosen == NULL)
    chosen = choose (target, cancellable, &local);
  if (local != NULL)
    {
      g_propagate_error (error, local);
      return NULL;
    }
  name = make_name (client, prefix, cancellable, error);
  if (name == NULL)
    return NULL;
  create.name = name;
  create.collections = chosen;
  create.structure_only = only == NULL && g_str_equal (structure, "true");
  create.strategy = reprise_milvus_target_get_setting (target, REPRISE_MILVUS_SETTING_STRATEGY);
  reprise_progress_set_phase (progress, REPRISE_PHASE_CREATING);
  made = carry_out (target, &create, progress, cancellable, error);
  if (made == NULL || !check_made (client, made, chosen, for_sure, cancellable, error))
    return NULL;
  return describe (target, made, NULL);
}

/* --- into the vault, and away --- */

gboolean
reprise_milvus_backup_fetch (RepriseMilvusTarget *target,
                             const char *name,
                             RepriseVaultWriter *writer,
                             RepriseProgress *progress,
                             GCancellable *cancellable,
                             GError **error)
{
  RepriseMilvusStorage *storage = reprise_milvus_target_get_storage (target, cancellable, error);
  g_autoptr (RepriseMilvusMeta) meta = NULL;

  if (storage == NULL)
    return FALSE;
  reprise_progress_set_phase (progress, REPRISE_PHASE_DOWNLOADING);
  meta = reprise_milvus_fetch (storage, name, writer, progress, cancellable, error);
  return meta != NULL;
}

/* What has no metadata is removed in the storage: newer servers do not, and it would keep the name for ever. */
static gboolean
delete_leftovers (RepriseMilvusTarget *target,
                  const char *name,
                  RepriseProgress *progress,
                  GCancellable *cancellable,
                  GError **error)
{
  RepriseMilvusStorage *storage;

  if (!reprise_milvus_target_has_storage (target))
    {
      reprise_error_set (
        error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND,
        _ ("The backup server has no complete backup “%s”. What a failed one left can be "
           "deleted in the object storage: set it in the settings of the service."),
        name);
      return FALSE;
    }
  storage = reprise_milvus_target_get_storage (target, cancellable, error);
  return storage != NULL &&
         reprise_milvus_storage_delete (storage, name, TRUE, progress, cancellable, error);
}

gboolean
reprise_milvus_backup_delete (RepriseMilvusTarget *target,
                              RepriseBackup *backup,
                              RepriseProgress *progress,
                              GCancellable *cancellable,
                              GError **error)
{
  const char *name = reprise_backup_get_own_name (backup);
  RepriseMilvusClient *client = reprise_milvus_target_get_client (target);
  g_autoptr (GError) local = NULL;

  if (reprise_backup_get_in_progress (backup))
    {
      reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_BUSY,
                         _ ("Milvus Backup is still making “%s”."), name);
      return FALSE;
    }
  reprise_progress_set_phase (progress, REPRISE_PHASE_DELETING);
  if (reprise_milvus_client_delete (client, name, cancellable, &local))
    return TRUE;
  if (!g_error_matches (local, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  if (reprise_milvus_client_get_generation (client, cancellable, NULL) == REPRISE_MILVUS_A)
    return TRUE; /* it removes what is there before it says that there was no metadata */
  return delete_leftovers (target, name, progress, cancellable, error);
}
