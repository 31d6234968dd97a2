/* reprise-milvus-provider.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "providers/milvus/reprise-milvus-backup.h"
#include "providers/milvus/reprise-milvus-groups.h"
#include "providers/milvus/reprise-milvus-local.h"
#include "providers/milvus/reprise-milvus-plan.h"
#include "providers/milvus/reprise-milvus-place.h"
#include "providers/milvus/reprise-milvus-provider.h"
#include "providers/milvus/reprise-milvus-rehearse.h"
#include "providers/milvus/reprise-milvus-restore.h"
#include "providers/milvus/reprise-milvus-session.h"
#include "providers/milvus/reprise-milvus-settings.h"
#include "providers/milvus/reprise-milvus-target.h"
#include "providers/milvus/storage/reprise-milvus-archive.h"

struct _RepriseMilvusProvider
{
  RepriseProviderBase parent_instance;

  RepriseMilvusPace pace;
  RepriseMilvusLocal *local;   /* (owned) (nullable): the server, where Reprise starts it */
  RepriseMilvusTarget *target; /* (owned) (nullable): made when it is first needed */
  char *brought;               /* (owned) (nullable): by name, what the vault has now */
};

static void provider_init (RepriseProviderInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (RepriseMilvusProvider,
                               reprise_milvus_provider,
                               REPRISE_TYPE_PROVIDER_BASE,
                               G_IMPLEMENT_INTERFACE (REPRISE_TYPE_PROVIDER, provider_init))

static void
reprise_milvus_provider_finalize (GObject *object)
{
  RepriseMilvusProvider *self = REPRISE_MILVUS_PROVIDER (object);

  g_clear_pointer (&self->target, reprise_milvus_target_free);
  g_clear_pointer (&self->local, reprise_milvus_local_leave);
  g_free (self->brought);
  G_OBJECT_CLASS (reprise_milvus_provider_parent_class)->finalize (object);
}

static void
reprise_milvus_provider_class_init (RepriseMilvusProviderClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = reprise_milvus_provider_finalize;
}

static void
reprise_milvus_provider_init (RepriseMilvusProvider *self)
{
  self->pace = REPRISE_MILVUS_PACE;
}

/* How patient it is, for tests. */
void
reprise_milvus_provider_set_pace (RepriseMilvusProvider *self, const RepriseMilvusPace *pace)
{
  self->pace = *pace;
  g_clear_pointer (&self->target, reprise_milvus_target_free);
}

static RepriseMilvusTarget *
get_target (RepriseProvider *provider, GCancellable *cancellable, GError **error)
{
  RepriseMilvusProvider *self = REPRISE_MILVUS_PROVIDER (provider);
  RepriseProviderBase *base = REPRISE_PROVIDER_BASE (self);

  if (self->local == NULL && reprise_milvus_local_is_wanted (base))
    {
      self->local = reprise_milvus_local_use (base, cancellable, error);
      if (self->local == NULL)
        return NULL;
    }
  if (self->target == NULL)
    self->target = reprise_milvus_target_new (base, &self->pace, error);
  if (self->target != NULL)
    reprise_milvus_target_set_local (self->target, self->local);
  return self->target;
}

/* --- probe --- */

static void
probe_exposure (RepriseProvider *provider, RepriseMilvusTarget *target, RepriseProbe *probe)
{
  RepriseHttp *http = reprise_milvus_client_get_http (reprise_milvus_target_get_client (target));
  const char *sign_in = reprise_milvus_target_get_setting (target, REPRISE_MILVUS_SETTING_SIGN_IN);

  if (g_str_equal (sign_in, REPRISE_MILVUS_SIGN_IN_NONE))
    reprise_probe_add_warning (
      probe, _ ("The backup server has no sign-in: whoever reaches its port can "
                "delete backups. Put a proxy with a sign-in and HTTPS before it."));
  if (reprise_milvus_session_is_exposed (http))
    reprise_probe_add_warning (
      probe, _ ("The connection is plain HTTP: everybody on the way can read and "
                "change what is sent. The backup server speaks nothing else, also "
                "on port 443; put a proxy with HTTPS before it."));
}

static void
add_fact (RepriseProbe *probe, const char *label, const char *value)
{
  if (value != NULL && *value != '\0')
    reprise_probe_add_fact (probe, label, value);
}

static gboolean
probe_check (RepriseMilvusTarget *target,
             RepriseProbe *probe,
             GCancellable *cancellable,
             GError **error)
{
  RepriseMilvusClient *client = reprise_milvus_target_get_client (target);
  GError *local = NULL;
  g_autoptr (RepriseMilvusCheck) check = reprise_milvus_client_check (client, cancellable, &local);
  g_autofree char *text = NULL;

  if (local != NULL)
    {
      g_propagate_error (error, local);
      return FALSE;
    }
  if (check == NULL)
    {
      reprise_probe_add_warning (
        probe, _ ("This backup server is older than 0.4.0, and cannot say whether "
                  "it reaches Milvus and the storage."));
      return TRUE;
    }
  text = reprise_milvus_target_explain_check (target, check);
  if (!check->ok)
    {
      reprise_error_set_literal (error, REPRISE_ERROR, REPRISE_ERROR_FAILED, text);
      return FALSE;
    }
  add_fact (probe, _ ("Bucket of Milvus"), check->milvus_bucket);
  add_fact (probe, _ ("Root path of Milvus"), check->milvus_root);
  add_fact (probe, _ ("Bucket of backups"), check->backup_bucket);
  add_fact (probe, _ ("Root path of backups"), check->backup_root);
  add_fact (probe, _ ("Milvus"), check->milvus_version);
  if (text != NULL)
    reprise_probe_add_warning (probe, text);
  return TRUE;
}

static void
probe_milvus (RepriseMilvusTarget *target, RepriseProbe *probe, GCancellable *cancellable)
{
  g_autoptr (GError) local = NULL;
  RepriseMilvusRest *rest;
  guint version;

  if (!reprise_milvus_target_has_milvus (target))
    {
      reprise_probe_add_warning (
        probe, _ ("The address of Milvus itself is not set: collections and their "
                  "rows are not reported, and restored ones are not counted."));
      return;
    }
  rest = reprise_milvus_target_get_rest (target, &local);
  version = rest != NULL ? reprise_milvus_rest_get_version (rest, cancellable, &local) : 0;
  if (version == 0)
    reprise_probe_add_warning (probe, local->message);
  else
    add_fact (probe, _ ("REST interface of Milvus"),
              version == 2 ? _ ("Version 2") : _ ("Version 1; it cannot load collections"));
}

static void
probe_storage (RepriseMilvusTarget *target, RepriseProbe *probe, GCancellable *cancellable)
{
  g_autoptr (GPtrArray) warnings = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) local = NULL;
  RepriseMilvusStorage *storage;

  if (!reprise_milvus_target_has_storage (target))
    {
      reprise_probe_add_warning (
        probe, _ ("The object storage is not set: backups stay on the service, and "
                  "cannot be brought into the vault."));
      return;
    }
  storage = reprise_milvus_target_get_storage (target, cancellable, &local);
  if (storage != NULL)
    {
      add_fact (probe, _ ("Storage"), reprise_milvus_storage_get_description (storage));
      reprise_milvus_storage_check (storage, warnings, cancellable, &local);
    }
  if (local != NULL)
    reprise_probe_add_warning (probe, local->message);
  for (guint i = 0; i < warnings->len; i++)
    reprise_probe_add_warning (probe, warnings->pdata[i]);
}

/* Where Reprise starts the server: which program that is. */
static void
probe_program (RepriseProvider *provider, RepriseProbe *probe)
{
  RepriseMilvusLocal *local = REPRISE_MILVUS_PROVIDER (provider)->local;
  const char *program = local != NULL ? reprise_milvus_local_get_program (local) : NULL;
  g_autofree char *version = program != NULL ? reprise_milvus_local_read_version (program) : NULL;

  add_fact (probe, _ ("Program"), program);
  add_fact (probe, _ ("Its version"), version);
  if (local != NULL)
    add_fact (probe, _ ("Started by"),
              reprise_milvus_local_is_ours (local) ? _ ("Reprise; it is stopped afterwards")
                                                   : _ ("somebody else; it is not stopped"));
}

static RepriseProbe *
probe (RepriseProvider *provider,
       RepriseProgress *progress,
       GCancellable *cancellable,
       GError **error)
{
  RepriseMilvusTarget *target = get_target (provider, cancellable, error);
  g_autoptr (RepriseProbe) result = reprise_probe_new ();
  g_autofree char *documentation = NULL;
  RepriseMilvusGeneration generation;
  RepriseMilvusClient *client;
  gint64 started_us = g_get_monotonic_time ();

  if (target == NULL)
    return NULL;
  client = reprise_milvus_target_get_client (target);
  if (!reprise_milvus_client_hello (client, cancellable, error))
    return NULL;
  result->latency_ms = (g_get_monotonic_time () - started_us) / 1000;
  generation = reprise_milvus_client_get_generation (client, cancellable, error);
  if (generation == 0 || !probe_check (target, result, cancellable, error))
    return NULL;
  result->version = g_strdup (reprise_milvus_generation_get_text (generation));
  documentation = reprise_milvus_session_dup_documentation (REPRISE_PROVIDER_BASE (provider));
  reprise_probe_add_fact (result, _ ("API of the server"), documentation);
  probe_program (provider, result);
  probe_milvus (target, result, cancellable);
  probe_storage (target, result, cancellable);
  probe_exposure (provider, target, result);
  return g_steal_pointer (&result);
}

static GPtrArray *
list_values (RepriseProvider *provider, const char *key, GCancellable *cancellable, GError **error)
{
  RepriseMilvusTarget *target = get_target (provider, cancellable, error);

  return target != NULL ? reprise_milvus_groups_list_choices (target, cancellable, error) : NULL;
}

/* --- backups --- */

static RepriseContents *
list_groups (RepriseProvider *provider,
             RepriseProgress *progress,
             GCancellable *cancellable,
             GError **error)
{
  RepriseMilvusTarget *target = get_target (provider, cancellable, error);

  return target != NULL ? reprise_milvus_groups_list (target, cancellable, error) : NULL;
}

static GPtrArray *
list_backups (RepriseProvider *provider,
              RepriseProgress *progress,
              GCancellable *cancellable,
              GError **error)
{
  RepriseMilvusTarget *target = get_target (provider, cancellable, error);

  return target != NULL ? reprise_milvus_backup_list (target, cancellable, error) : NULL;
}

static RepriseArchive *
open_backup (RepriseProvider *provider,
             RepriseBackup *backup,
             RepriseProgress *progress,
             GCancellable *cancellable,
             GError **error)
{
  RepriseMilvusTarget *target = get_target (provider, cancellable, error);

  return target != NULL ? reprise_milvus_backup_open (target, backup, cancellable, error) : NULL;
}

/* What is in the vault need not stay in the storage, where the service is set so. */
static void
let_go (RepriseProvider *provider, RepriseProgress *progress, GCancellable *cancellable)
{
  RepriseMilvusProvider *self = REPRISE_MILVUS_PROVIDER (provider);
  RepriseMilvusTarget *target = self->target;
  g_autofree char *name = g_steal_pointer (&self->brought);
  g_autoptr (GError) local = NULL;

  if (name == NULL ||
      !g_str_equal (reprise_milvus_target_get_setting (target, REPRISE_MILVUS_SETTING_KEEP),
                    "false"))
    return;
  if (!reprise_milvus_client_delete (reprise_milvus_target_get_client (target), name, cancellable,
                                     &local))
    reprise_progress_warn (progress, "The copy “%s” on the service could not be deleted: %s", name,
                           reprise_error_get_saying (local));
}

static gboolean
bring_home (RepriseMilvusProvider *self,
            const char *name,
            RepriseVaultWriter *writer,
            RepriseProgress *progress,
            GCancellable *cancellable,
            GError **error)
{
  if (reprise_milvus_backup_fetch (self->target, name, writer, progress, cancellable, error))
    {
      g_free (self->brought);
      self->brought = g_strdup (name);
      return TRUE;
    }
  reprise_error_prefix (error, _ ("Milvus Backup made “%s” and keeps it, but: "), name);
  return FALSE;
}

static gboolean
back_up (RepriseProvider *provider,
         RepriseGroups groups,
         RepriseVaultWriter *writer,
         RepriseBackup **made,
         RepriseProgress *progress,
         GCancellable *cancellable,
         GError **error)
{
  static const ReprisePhaseShare PHASES[] = { { REPRISE_PHASE_CHECKING, 1 },
                                              { REPRISE_PHASE_CREATING, 50 },
                                              { REPRISE_PHASE_DOWNLOADING, 40 } };
  RepriseMilvusTarget *target = get_target (provider, cancellable, error);
  g_autoptr (RepriseBackup) backup = NULL;

  if (target == NULL ||
      (writer != NULL && reprise_milvus_target_get_storage (target, cancellable, error) == NULL))
    return FALSE;
  reprise_progress_set_plan (progress, PHASES, writer != NULL ? 3 : 2);
  reprise_progress_set_phase (progress, REPRISE_PHASE_CHECKING);
  backup = reprise_milvus_backup_make (
    target, reprise_milvus_target_get_setting (target, REPRISE_MILVUS_SETTING_NAME), groups, NULL,
    progress, cancellable, error);
  if (backup == NULL)
    return FALSE;
  if (writer != NULL)
    return bring_home (REPRISE_MILVUS_PROVIDER (provider), reprise_backup_get_own_name (backup),
                       writer, progress, cancellable, error);
  *made = g_steal_pointer (&backup);
  return TRUE;
}

static gboolean
download (RepriseProvider *provider,
          RepriseBackup *backup,
          RepriseVaultWriter *writer,
          RepriseProgress *progress,
          GCancellable *cancellable,
          GError **error)
{
  RepriseMilvusTarget *target = get_target (provider, cancellable, error);

  if (target == NULL)
    return FALSE;
  if (reprise_backup_get_state (backup) != REPRISE_BACKUP_PARTIAL)
    return reprise_milvus_backup_fetch (target, reprise_backup_get_own_name (backup), writer,
                                        progress, cancellable, error);
  reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_REFUSED,
                     _ ("The backup “%s” is not complete."), reprise_backup_get_own_name (backup));
  return FALSE;
}

static RepriseBackup *
upload (RepriseProvider *provider,
        RepriseArchive *archive,
        RepriseProgress *progress,
        GCancellable *cancellable,
        GError **error)
{
  RepriseMilvusTarget *target = get_target (provider, cancellable, error);
  RepriseMilvusStorage *storage =
    target != NULL ? reprise_milvus_target_get_storage (target, cancellable, error) : NULL;
  g_autofree char *name = NULL;
  RepriseBackup *backup;

  if (storage == NULL)
    return NULL;
  name = reprise_milvus_plan_dup_name (archive, error);
  if (name == NULL)
    return NULL;
  reprise_progress_set_phase (progress, REPRISE_PHASE_UPLOADING);
  if (!reprise_milvus_archive_upload (archive, storage, progress, cancellable, error))
    return NULL;
  backup =
    reprise_backup_new (name, reprise_milvus_target_get_uuid (target), REPRISE_MILVUS_KIND_ID);
  g_object_set (backup, "own-name", name, "state", REPRISE_BACKUP_COMPLETE, "on-service", TRUE,
                NULL);
  return backup;
}

static gboolean
delete_backup (RepriseProvider *provider,
               RepriseBackup *backup,
               RepriseProgress *progress,
               GCancellable *cancellable,
               GError **error)
{
  RepriseMilvusTarget *target = get_target (provider, cancellable, error);

  return target != NULL &&
         reprise_milvus_client_get_generation (reprise_milvus_target_get_client (target),
                                               cancellable, error) != 0 &&
         reprise_milvus_backup_delete (target, backup, progress, cancellable, error);
}

static gboolean
check_same (RepriseProvider *provider,
            RepriseArchive *archive,
            GCancellable *cancellable,
            GError **error)
{
  RepriseMilvusTarget *target = get_target (provider, cancellable, error);
  g_autoptr (RepriseMilvusPlace) place =
    target != NULL ? reprise_milvus_place_find (target, archive, cancellable, error) : NULL;

  if (place != NULL && (!place->there || place->renamed))
    reprise_error_set (
      error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND,
      _ ("The backup is not on its service: what is there as “%s” is another one."),
      reprise_backup_get_own_name (reprise_archive_get_backup (archive)));
  return place != NULL && place->there && !place->renamed;
}

/* --- restores --- */

static ReprisePlan *
plan_restore (RepriseProvider *provider,
              RepriseArchive *archive,
              RepriseGroups groups,
              GHashTable *options,
              RepriseProgress *progress,
              GCancellable *cancellable,
              GError **error)
{
  RepriseMilvusTarget *target = get_target (provider, cancellable, error);

  return target != NULL
           ? reprise_milvus_plan_new (target, archive, groups, options, cancellable, error)
           : NULL;
}

static gboolean
prepare_safety_copy (RepriseProvider *provider,
                     ReprisePlan *plan,
                     RepriseVaultWriter *writer,
                     RepriseProgress *progress,
                     GCancellable *cancellable,
                     GError **error)
{
  RepriseMilvusTarget *target = get_target (provider, cancellable, error);

  return target != NULL &&
         reprise_milvus_restore_secure (target, plan, writer, progress, cancellable, error);
}

static RepriseOutcome *
restore (RepriseProvider *provider,
         ReprisePlan *plan,
         RepriseJournal *journal,
         RepriseProgress *progress,
         GCancellable *cancellable,
         GError **error)
{
  RepriseMilvusTarget *target = get_target (provider, cancellable, error);

  return target != NULL && reprise_plan_check_refusal (plan, error)
           ? reprise_milvus_restore_run (target, plan, journal, progress, cancellable, error)
           : NULL;
}

static ReprisePlan *
plan_undo (RepriseProvider *provider,
           RepriseArchive *safety_copy,
           RepriseProgress *progress,
           GCancellable *cancellable,
           GError **error)
{
  RepriseMilvusTarget *target = get_target (provider, cancellable, error);

  return target != NULL ? reprise_milvus_restore_plan_undo (target, safety_copy, cancellable, error)
                        : NULL;
}

static RepriseOutcome *
resume_operation (RepriseProvider *provider,
                  RepriseJournal *journal,
                  RepriseProgress *progress,
                  GCancellable *cancellable,
                  GError **error)
{
  RepriseMilvusTarget *target = get_target (provider, cancellable, error);

  return target != NULL
           ? reprise_milvus_restore_resume (target, journal, progress, cancellable, error)
           : NULL;
}

static RepriseOutcome *
rehearse (RepriseProvider *provider,
          RepriseArchive *archive,
          const RepriseRehearsal *rehearsal,
          RepriseProgress *progress,
          GCancellable *cancellable,
          GError **error)
{
  RepriseMilvusTarget *target = get_target (provider, cancellable, error);

  return target != NULL ? reprise_milvus_rehearse (target, archive, rehearsal->record, progress,
                                                   cancellable, error)
                        : NULL;
}

static gboolean
clean_up (RepriseProvider *provider,
          RepriseJournal *record,
          RepriseProgress *progress,
          GCancellable *cancellable,
          GError **error)
{
  RepriseMilvusTarget *target = get_target (provider, cancellable, error);

  return target != NULL &&
         reprise_milvus_rehearse_clean_up (target, record, progress, cancellable, error);
}

static void
provider_init (RepriseProviderInterface *iface)
{
  iface->probe = probe;
  iface->list_values = list_values;
  iface->list_groups = list_groups;
  iface->list_backups = list_backups;
  iface->open_backup = open_backup;
  iface->back_up = back_up;
  iface->let_go = let_go;
  iface->download = download;
  iface->upload = upload;
  iface->delete_backup = delete_backup;
  iface->check_same = check_same;
  iface->plan_restore = plan_restore;
  iface->prepare_safety_copy = prepare_safety_copy;
  iface->restore = restore;
  iface->plan_undo = plan_undo;
  iface->undo = restore;
  iface->rehearse = rehearse;
  iface->clean_up = clean_up;
  iface->resume_operation = resume_operation;
}
