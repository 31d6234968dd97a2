/* reprise-nocobase-provider.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <inttypes.h>
#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "net/reprise-json.h"
#include "providers/nocobase/reprise-nocobase-backup.h"
#include "providers/nocobase/reprise-nocobase-dump.h"
#include "providers/nocobase/reprise-nocobase-fetch.h"
#include "providers/nocobase/reprise-nocobase-kind.h"
#include "providers/nocobase/reprise-nocobase-plan.h"
#include "providers/nocobase/reprise-nocobase-probe.h"
#include "providers/nocobase/reprise-nocobase-provider.h"
#include "providers/nocobase/reprise-nocobase-rehearse.h"
#include "providers/nocobase/reprise-nocobase-restore.h"

static const RepriseNocobasePace PACE = {
  .poll_ms = 1000,
  .broken_ms = 10000,
  .gone_ms = 180000,
  .settle_ms = 3000,
  .quick_ms = 1500,
};

struct _RepriseNocobaseProvider
{
  RepriseProviderBase parent_instance;

  RepriseNocobasePace pace;
  RepriseNocobaseTarget *
    target; /* (owned) (nullable): of the service, or of the application that a restore goes into */
};

static void provider_init (RepriseProviderInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (RepriseNocobaseProvider,
                               reprise_nocobase_provider,
                               REPRISE_TYPE_PROVIDER_BASE,
                               G_IMPLEMENT_INTERFACE (REPRISE_TYPE_PROVIDER, provider_init))

static void
reprise_nocobase_provider_finalize (GObject *object)
{
  RepriseNocobaseProvider *self = REPRISE_NOCOBASE_PROVIDER (object);

  g_clear_pointer (&self->target, reprise_nocobase_target_free);
  G_OBJECT_CLASS (reprise_nocobase_provider_parent_class)->finalize (object);
}

static void
reprise_nocobase_provider_class_init (RepriseNocobaseProviderClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = reprise_nocobase_provider_finalize;
}

static void
reprise_nocobase_provider_init (RepriseNocobaseProvider *self)
{
  self->pace = PACE;
}

/* How patient it is, for tests. */
void
reprise_nocobase_provider_set_pace (RepriseNocobaseProvider *self, const RepriseNocobasePace *pace)
{
  self->pace = *pace;
  g_clear_pointer (&self->target, reprise_nocobase_target_free);
}

static RepriseSecrets *
get_secrets (RepriseNocobaseProvider *self)
{
  return reprise_provider_base_get_secrets (REPRISE_PROVIDER_BASE (self));
}

static const char *
get_uuid (RepriseNocobaseProvider *self)
{
  return reprise_service_get_uuid (
    reprise_provider_base_get_service (REPRISE_PROVIDER_BASE (self)));
}

static const char *
get_setting (RepriseNocobaseProvider *self, const char *key)
{
  return reprise_provider_base_get_setting (REPRISE_PROVIDER_BASE (self), key);
}

/* The application to speak to, with nothing known of it yet. @app (nullable): in place of the service's */
static RepriseNocobaseTarget *
get_target (RepriseNocobaseProvider *self,
            const char *app,
            RepriseProgress *progress,
            GError **error)
{
  RepriseProviderBase *base = REPRISE_PROVIDER_BASE (self);
  RepriseNocobaseClient *client;

  if (self->target == NULL ||
      (app != NULL && strcmp (app, reprise_nocobase_client_get_app (self->target->client)) != 0))
    {
      client = reprise_nocobase_client_new (reprise_provider_base_get_kind (base),
                                            reprise_provider_base_get_service (base),
                                            reprise_provider_base_get_secrets (base), app, error);
      if (client == NULL)
        return NULL;
      g_clear_pointer (&self->target, reprise_nocobase_target_free);
      self->target = reprise_nocobase_target_new (client, &self->pace);
    }
  reprise_nocobase_client_set_progress (self->target->client, progress);
  return self->target;
}

/* The same, with a plugin that can be used. */
static RepriseNocobaseTarget *
need_target (RepriseNocobaseProvider *self,
             const char *app,
             RepriseProgress *progress,
             gboolean may_ask,
             GCancellable *cancellable,
             GError **error)
{
  RepriseNocobaseTarget *target = get_target (self, app, progress, error);

  return target != NULL &&
             reprise_nocobase_target_need (target, progress, may_ask, cancellable, error)
           ? target
           : NULL;
}

static RepriseProbe *
probe (RepriseProvider *provider,
       RepriseProgress *progress,
       GCancellable *cancellable,
       GError **error)
{
  RepriseNocobaseTarget *target =
    get_target (REPRISE_NOCOBASE_PROVIDER (provider), NULL, progress, error);

  return target != NULL ? reprise_nocobase_probe (target, cancellable, error) : NULL;
}

/* Whether the plugin that would make a backup knows groups. */
static gboolean
can_choose (RepriseNocobaseProvider *self, RepriseNocobaseTarget *target)
{
  return target->old_plugin == REPRISE_NOCOBASE_THERE &&
         strcmp (get_setting (self, REPRISE_NOCOBASE_SETTING_PLUGIN),
                 REPRISE_NOCOBASE_PLUGIN_NEW) != 0;
}

static RepriseContents *
list_groups (RepriseProvider *provider,
             RepriseProgress *progress,
             GCancellable *cancellable,
             GError **error)
{
  RepriseNocobaseProvider *self = REPRISE_NOCOBASE_PROVIDER (provider);
  RepriseNocobaseTarget *target = need_target (self, NULL, progress, FALSE, cancellable, error);
  RepriseContents *contents =
    target != NULL
      ? reprise_nocobase_backup_list_groups (target, NULL, NULL, progress, cancellable, error)
      : NULL;

  if (contents != NULL && !can_choose (self, target))
    reprise_contents_set_locked (
      contents, _ ("The Backup manager always saves everything: groups cannot be chosen."));
  return contents;
}

static GPtrArray *
list_backups (RepriseProvider *provider,
              RepriseProgress *progress,
              GCancellable *cancellable,
              GError **error)
{
  RepriseNocobaseProvider *self = REPRISE_NOCOBASE_PROVIDER (provider);
  RepriseNocobaseTarget *target = need_target (self, NULL, progress, FALSE, cancellable, error);

  return target != NULL ? reprise_nocobase_backup_list (target, get_uuid (self), cancellable, error)
                        : NULL;
}

/* The old plugin says what is in a backup. The Backup manager does not: it is downloaded and looked into when a restore is planned. */
static RepriseArchive *
open_backup (RepriseProvider *provider,
             RepriseBackup *backup,
             RepriseProgress *progress,
             GCancellable *cancellable,
             GError **error)
{
  RepriseNocobaseTarget *target =
    need_target (REPRISE_NOCOBASE_PROVIDER (provider), NULL, progress, FALSE, cancellable, error);
  const char *name = reprise_backup_get_own_name (backup);
  g_autoptr (RepriseArchive) archive = NULL;
  g_autoptr (JsonObject) meta = NULL;

  if (target == NULL)
    return NULL;
  archive = reprise_archive_new_for_backup (backup, NULL);
  reprise_archive_set_created_at (archive, reprise_backup_get_created_at (backup));
  reprise_archive_set_size_bytes (archive, reprise_backup_get_size_bytes (backup));
  if (reprise_nocobase_backup_is_old (name))
    {
      meta = reprise_nocobase_backup_get_meta (target, name, cancellable, error);
      if (meta == NULL || !reprise_nocobase_dump_apply_meta (archive, meta, error))
        return NULL;
      return g_steal_pointer (&archive);
    }
  reprise_archive_set_format (archive, _ ("NocoBase Backup manager archive (.nbdata)"));
  reprise_archive_set_whole (archive, TRUE);
  reprise_archive_set_data (archive, REPRISE_NOCOBASE_DATA_PLUGIN, REPRISE_NOCOBASE_PLUGIN_NEW);
  reprise_archive_add_fact (archive, _ ("Made by"), _ ("Backup manager plugin"));
  return g_steal_pointer (&archive);
}

/* Which plugin makes a backup of those groups. The Backup manager's holds everything, so it also serves who did not choose. */
static gboolean
choose_plugin (RepriseNocobaseProvider *self,
               RepriseNocobaseTarget *target,
               RepriseGroups groups,
               gboolean *old,
               GError **error)
{
  const char *wish = get_setting (self, REPRISE_NOCOBASE_SETTING_PLUGIN);
  gboolean has_old = target->old_plugin == REPRISE_NOCOBASE_THERE,
           has_new = target->new_plugin == REPRISE_NOCOBASE_THERE;
  gboolean chosen = (groups & REPRISE_GROUPS_ALL) != REPRISE_GROUPS_ALL &&
                    groups != reprise_kind_get_default_groups (
                                reprise_provider_base_get_kind (REPRISE_PROVIDER_BASE (self)));

  if (strcmp (wish, REPRISE_NOCOBASE_PLUGIN_OLD) == 0)
    *old = TRUE;
  else if (strcmp (wish, REPRISE_NOCOBASE_PLUGIN_NEW) == 0)
    *old = FALSE;
  else
    *old = has_old && (chosen || !has_new);
  if (*old ? !has_old : !has_new)
    reprise_error_set_literal (
      error, REPRISE_ERROR, REPRISE_ERROR_REFUSED,
      *old ? _ ("The service is set to use the plugin “Backup & Restore”, which is not enabled.")
           : _ ("The service is set to use the Backup manager, which is not enabled."));
  else if (!*old && chosen)
    reprise_error_set_literal (
      error, REPRISE_ERROR, REPRISE_ERROR_REFUSED,
      _ ("The Backup manager always saves everything: groups cannot be chosen."));
  else
    return TRUE;
  return FALSE;
}

/* The Backup manager keeps so many, and removes the oldest of its own when there is one more. */
static void
warn_of_retention (RepriseNocobaseTarget *target,
                   RepriseProgress *progress,
                   GCancellable *cancellable)
{
  g_autoptr (JsonObject) settings =
    reprise_nocobase_client_get (target->client, cancellable, NULL, "backupSettings:get", NULL);
  g_autoptr (GPtrArray) list = reprise_nocobase_backup_list (target, NULL, cancellable, NULL);
  gint64 keep = reprise_json_get_int (settings, "data.keep", 0), n = 0;

  for (guint i = 0; list != NULL && i < list->len; i++)
    n += !reprise_nocobase_backup_is_old (reprise_backup_get_own_name (list->pdata[i]));
  if (keep > 0 && n >= keep)
    reprise_progress_warn (
      progress, "The server keeps %" PRId64 " backups, and removes its oldest one now.", keep);
}

/* What was made for the vault only does not stay on the server. */
static void
remove_copy (RepriseNocobaseTarget *target,
             const char *name,
             RepriseProgress *progress,
             GCancellable *cancellable)
{
  g_autoptr (GError) error = NULL;

  if (!reprise_nocobase_backup_destroy (target, name, FALSE, cancellable, &error))
    reprise_progress_warn (progress, "The server’s own copy “%s” could not be removed: %s", name,
                           reprise_error_get_saying (error));
}

static gboolean
make_backup (RepriseNocobaseProvider *self,
             RepriseNocobaseTarget *target,
             gboolean old,
             RepriseGroups groups,
             RepriseVaultWriter *writer,
             char **made,
             RepriseProgress *progress,
             GCancellable *cancellable,
             GError **error)
{
  g_autoptr (GDateTime) from = g_date_time_new_now_utc (), to = NULL;
  g_autofree char *name = NULL;

  reprise_progress_set_phase (progress, REPRISE_PHASE_CREATING);
  if (!old)
    warn_of_retention (target, progress, cancellable);
  name = reprise_nocobase_backup_create (target, old, groups, progress, cancellable, error);
  if (name == NULL)
    return FALSE;
  to = g_date_time_new_now_utc ();
  if (writer != NULL)
    {
      reprise_progress_set_phase (progress, REPRISE_PHASE_DOWNLOADING);
      if (!reprise_nocobase_fetch_to_vault (target, name, get_secrets (self), writer, progress,
                                            cancellable, error))
        {
          reprise_error_prefix (error, _ ("The server made the backup “%s” and keeps it, but: "),
                                name);
          return FALSE;
        }
      reprise_manifest_set_interval (reprise_vault_writer_get_manifest (writer), from, to);
      if (strcmp (get_setting (self, REPRISE_NOCOBASE_SETTING_KEEP), "true") != 0)
        remove_copy (target, name, progress, cancellable);
    }
  if (made != NULL)
    *made = g_steal_pointer (&name);
  return TRUE;
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
  static const ReprisePhaseShare PHASES[] = {
    { REPRISE_PHASE_CONNECTING, 1 },
    { REPRISE_PHASE_CREATING, 40 },
    { REPRISE_PHASE_DOWNLOADING, 40 },
  };
  RepriseNocobaseProvider *self = REPRISE_NOCOBASE_PROVIDER (provider);
  RepriseNocobaseTarget *target;
  g_autofree char *name = NULL;
  gboolean old = FALSE;

  reprise_progress_set_plan (progress, PHASES, writer != NULL ? 3 : 2);
  reprise_progress_set_phase (progress, REPRISE_PHASE_CONNECTING);
  target = need_target (self, NULL, progress, progress != NULL, cancellable, error);
  if (target == NULL || !choose_plugin (self, target, groups, &old, error))
    return FALSE;
  if (old && target->new_plugin == REPRISE_NOCOBASE_THERE)
    reprise_progress_warn (
      progress, "This backup of chosen groups cannot be restored on this server as long as the "
                "Backup manager is on it.");
  if (!make_backup (self, target, old, groups, writer, &name, progress, cancellable, error))
    return FALSE;
  if (made != NULL)
    {
      *made = reprise_backup_new (name, get_uuid (self), "nocobase");
      g_object_set (*made, "own-name", name, "state", REPRISE_BACKUP_COMPLETE, "on-service", TRUE,
                    NULL);
    }
  return TRUE;
}

static gboolean
check_finished (RepriseBackup *backup, GError **error)
{
  const char *name = reprise_backup_get_own_name (backup);

  if (reprise_backup_get_stale (backup))
    reprise_error_set (
      error, REPRISE_ERROR, REPRISE_ERROR_REFUSED,
      _ ("“%s” was left half made when the server stopped: delete it, and make another"), name);
  else if (reprise_backup_get_in_progress (backup))
    reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_BUSY,
                       _ ("The server is still making “%s”"), name);
  else
    return TRUE;
  return FALSE;
}

static gboolean
download (RepriseProvider *provider,
          RepriseBackup *backup,
          RepriseVaultWriter *writer,
          RepriseProgress *progress,
          GCancellable *cancellable,
          GError **error)
{
  static const ReprisePhaseShare PHASES[] = { { REPRISE_PHASE_CONNECTING, 1 },
                                              { REPRISE_PHASE_DOWNLOADING, 80 } };
  RepriseNocobaseProvider *self = REPRISE_NOCOBASE_PROVIDER (provider);
  RepriseManifest *manifest = reprise_vault_writer_get_manifest (writer);
  GDateTime *time = reprise_backup_get_created_at (backup);
  RepriseNocobaseTarget *target;

  reprise_progress_set_plan (progress, PHASES, G_N_ELEMENTS (PHASES));
  reprise_progress_set_phase (progress, REPRISE_PHASE_CONNECTING);
  target = need_target (self, NULL, progress, FALSE, cancellable, error);
  if (target == NULL || !check_finished (backup, error))
    return FALSE;
  reprise_progress_set_phase (progress, REPRISE_PHASE_DOWNLOADING);
  reprise_progress_set_totals (progress, reprise_backup_get_size_bytes (backup), -1);
  if (!reprise_nocobase_fetch_to_vault (target, reprise_backup_get_own_name (backup),
                                        get_secrets (self), writer, progress, cancellable, error))
    return FALSE;
  if (time != NULL)
    {
      reprise_manifest_set_created_at (manifest, time);
      reprise_manifest_set_interval (manifest, time, time);
    }
  return TRUE;
}

/* The server keeps no uploaded archive: the old plugin puts it where only a restore finds it, the new one restores it at once. */
static RepriseBackup *
upload (RepriseProvider *provider,
        RepriseArchive *archive,
        RepriseProgress *progress,
        GCancellable *cancellable,
        GError **error)
{
  RepriseNocobaseProvider *self = REPRISE_NOCOBASE_PROVIDER (provider);
  RepriseNocobaseTarget *target = need_target (self, NULL, progress, FALSE, cancellable, error);
  g_autofree char *key = NULL;
  RepriseBackup *backup;

  if (target == NULL)
    return NULL;
  if (g_strcmp0 (reprise_archive_get_data (archive, REPRISE_NOCOBASE_DATA_PLUGIN),
                 REPRISE_NOCOBASE_PLUGIN_OLD) != 0)
    {
      reprise_error_set_literal (
        error, REPRISE_ERROR, REPRISE_ERROR_REFUSED,
        _ ("The Backup manager restores at once what is uploaded to it: use "
           "Restore, which shows what that "
           "would do. Nothing was sent."));
      return NULL;
    }
  if (target->old_plugin != REPRISE_NOCOBASE_THERE)
    {
      reprise_error_set_literal (
        error, REPRISE_ERROR, REPRISE_ERROR_REFUSED,
        _ ("Only the plugin “Backup & Restore” takes a .nbdump archive, and it is not enabled."));
      return NULL;
    }
  reprise_progress_set_phase (progress, REPRISE_PHASE_UPLOADING);
  key = reprise_nocobase_restore_upload (target, archive, progress, cancellable, error);
  if (key == NULL)
    return NULL;
  reprise_progress_warn (progress,
                         "The server accepts the archive, but does not list it: it lies in its "
                         "temporary folder until that is "
                         "emptied. To use it, restore it from here.");
  backup = reprise_backup_new (key, get_uuid (self), "nocobase");
  g_object_set (backup, "own-name", key, "state", REPRISE_BACKUP_COMPLETE, "on-service", TRUE,
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
  RepriseNocobaseTarget *target =
    need_target (REPRISE_NOCOBASE_PROVIDER (provider), NULL, progress, FALSE, cancellable, error);

  if (target == NULL || (!reprise_backup_get_stale (backup) && !check_finished (backup, error)))
    return FALSE;
  return reprise_nocobase_backup_destroy (target, reprise_backup_get_own_name (backup),
                                          reprise_backup_get_stale (backup), cancellable, error);
}

static ReprisePlan *
plan_restore (RepriseProvider *provider,
              RepriseArchive *archive,
              RepriseGroups groups,
              GHashTable *options,
              RepriseProgress *progress,
              GCancellable *cancellable,
              GError **error)
{
  RepriseNocobaseProvider *self = REPRISE_NOCOBASE_PROVIDER (provider);
  const char *app =
    options != NULL ? g_hash_table_lookup (options, REPRISE_NOCOBASE_OPTION_APP) : NULL;
  RepriseBackup *backup = reprise_archive_get_backup (archive);
  RepriseNocobaseTarget *target =
    get_target (self, app != NULL && *app != '\0' ? app : NULL, progress, error);

  if (target == NULL || !reprise_nocobase_target_look (target, cancellable, error))
    return NULL;
  if (app != NULL && *app != '\0' && backup != NULL && !reprise_backup_get_in_vault (backup))
    {
      reprise_error_set_literal (
        error, REPRISE_ERROR, REPRISE_ERROR_REFUSED,
        _ ("A backup that is only on the server belongs to its own application: "
           "download it first, to restore "
           "it into another."));
      return NULL;
    }
  return reprise_nocobase_plan_new (target, archive, groups, options, get_secrets (self), progress,
                                    cancellable, error);
}

/* What must be equal, and shows only in an archive of the server itself, is compared here, before anything is written. */
static gboolean
check_safety_copy (ReprisePlan *plan, RepriseManifest *manifest, GError **error)
{
  const char *of_archive =
    reprise_archive_get_data (reprise_plan_get_archive (plan), REPRISE_NOCOBASE_DATA_ENVIRONMENT);
  const char *of_target =
    reprise_json_get_string (reprise_manifest_get_provider (manifest), "environment", "");
  g_autofree char *difference = NULL;

  if (of_archive == NULL ||
      reprise_nocobase_plan_check_environment (of_archive, of_target, &difference))
    return TRUE;
  reprise_error_set (
    error, REPRISE_ERROR, REPRISE_ERROR_REFUSED,
    _ ("The server’s database is set differently: the backup needs %s. Nothing was changed."),
    difference);
  return FALSE;
}

static void
remember (ReprisePlan *plan, RepriseManifest *manifest)
{
  JsonObject *provider = reprise_manifest_get_provider (manifest);
  g_auto (GStrv) groups = reprise_groups_to_strv (reprise_plan_get_groups (plan));
  g_autofree char *text = g_strjoinv (",", groups);
  const char *allowed = reprise_plan_get_option (plan, REPRISE_NOCOBASE_OPTION_OLD_RESTORE);

  json_object_set_string_member (provider, "restored_groups", text);
  if (allowed != NULL)
    json_object_set_string_member (provider, "old_restore", allowed);
}

/* By the old plugin all groups, by the new one everything. */
static gboolean
prepare_safety_copy (RepriseProvider *provider,
                     ReprisePlan *plan,
                     RepriseVaultWriter *writer,
                     RepriseProgress *progress,
                     GCancellable *cancellable,
                     GError **error)
{
  static const ReprisePhaseShare PHASES[] = { { REPRISE_PHASE_CREATING, 50 },
                                              { REPRISE_PHASE_DOWNLOADING, 50 } };
  RepriseNocobaseProvider *self = REPRISE_NOCOBASE_PROVIDER (provider);
  gboolean old = g_strcmp0 (reprise_archive_get_data (reprise_plan_get_archive (plan),
                                                      REPRISE_NOCOBASE_DATA_PLUGIN),
                            REPRISE_NOCOBASE_PLUGIN_OLD) == 0;
  RepriseNocobaseTarget *target;

  target = need_target (self, reprise_plan_get_option (plan, REPRISE_NOCOBASE_OPTION_APP), progress,
                        FALSE, cancellable, error);
  if (target == NULL)
    return FALSE;
  reprise_progress_set_plan (progress, PHASES, G_N_ELEMENTS (PHASES));
  if (!make_backup (self, target, old, REPRISE_GROUPS_ALL, writer, NULL, progress, cancellable,
                    error) ||
      (old && !check_safety_copy (plan, reprise_vault_writer_get_manifest (writer), error)))
    return FALSE;
  remember (plan, reprise_vault_writer_get_manifest (writer));
  return TRUE;
}

static RepriseOutcome *
restore (RepriseProvider *provider,
         ReprisePlan *plan,
         RepriseJournal *journal,
         RepriseProgress *progress,
         GCancellable *cancellable,
         GError **error)
{
  RepriseNocobaseProvider *self = REPRISE_NOCOBASE_PROVIDER (provider);
  RepriseNocobaseTarget *target;

  target = need_target (self, reprise_plan_get_option (plan, REPRISE_NOCOBASE_OPTION_APP), progress,
                        FALSE, cancellable, error);
  if (target == NULL || !reprise_plan_check_refusal (plan, error))
    return NULL;
  return reprise_nocobase_restore_run (target, plan, get_secrets (self), journal, progress,
                                       cancellable, error);
}

/* The groups that the restore had replaced, by the old plugin; everything, by the new one. */
static ReprisePlan *
plan_undo (RepriseProvider *provider,
           RepriseArchive *safety_copy,
           RepriseProgress *progress,
           GCancellable *cancellable,
           GError **error)
{
  RepriseManifest *manifest = reprise_archive_get_manifest (safety_copy);
  JsonObject *members = manifest != NULL ? reprise_manifest_get_provider (manifest) : NULL;
  gboolean old = g_strcmp0 (reprise_archive_get_data (safety_copy, REPRISE_NOCOBASE_DATA_PLUGIN),
                            REPRISE_NOCOBASE_PLUGIN_OLD) == 0;
  g_autoptr (GHashTable) options = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  const char *app = reprise_json_get_string (members, "app", NULL);
  g_auto (GStrv) ids =
    g_strsplit (reprise_json_get_string (members, "restored_groups", ""), ",", -1);
  RepriseGroups groups = REPRISE_GROUPS_NONE;
  ReprisePlan *plan;

  if (app != NULL)
    g_hash_table_insert (options, g_strdup (REPRISE_NOCOBASE_OPTION_APP), g_strdup (app));
  if (reprise_json_get_string (members, "old_restore", NULL) != NULL)
    g_hash_table_insert (options, g_strdup (REPRISE_NOCOBASE_OPTION_OLD_RESTORE),
                         g_strdup (reprise_json_get_string (members, "old_restore", NULL)));
  if (old &&
      (ids[0] == NULL || !reprise_groups_from_strv ((const char *const *) ids, &groups, NULL)))
    groups = REPRISE_GROUPS_NONE;
  plan = plan_restore (provider, safety_copy, groups, options, progress, cancellable, error);
  if (plan != NULL)
    reprise_plan_add_loss (
      plan, "%s",
      old ? _ ("What the restore replaced comes back as it was; its other groups stay as they are "
               "now.")
          : _ ("Everything becomes as it was before the restore, also what was changed since."));
  return plan;
}

static RepriseOutcome *
resume_operation (RepriseProvider *provider,
                  RepriseJournal *journal,
                  RepriseProgress *progress,
                  GCancellable *cancellable,
                  GError **error)
{
  RepriseNocobaseTarget *target = get_target (
    REPRISE_NOCOBASE_PROVIDER (provider), reprise_journal_get (journal, "app"), progress, error);

  return target != NULL
           ? reprise_nocobase_restore_resume (target, journal, progress, cancellable, error)
           : NULL;
}

/* On the test service that is named in the settings. */
static RepriseOutcome *
rehearse (RepriseProvider *provider,
          RepriseArchive *archive,
          const RepriseRehearsal *rehearsal,
          RepriseProgress *progress,
          GCancellable *cancellable,
          GError **error)
{
  RepriseNocobaseProvider *self = REPRISE_NOCOBASE_PROVIDER (provider);
  RepriseNocobaseTarget *own = get_target (self, NULL, progress, error);
  RepriseNocobaseStage stage = { .secrets = get_secrets (self) };

  if (own == NULL)
    return NULL;
  if (rehearsal->stage == NULL || rehearsal->stage == provider)
    {
      g_autofree char *reason = reprise_kind_explain_missing (
        reprise_provider_base_get_kind (REPRISE_PROVIDER_BASE (self)), REPRISE_CAN_REHEARSE);

      reprise_error_set_literal (error, REPRISE_ERROR, REPRISE_ERROR_NOT_SUPPORTED, reason);
      return NULL;
    }
  stage.own = own->client;
  stage.target = need_target (REPRISE_NOCOBASE_PROVIDER (rehearsal->stage), NULL, progress, FALSE,
                              cancellable, error);
  return stage.target != NULL
           ? reprise_nocobase_rehearse (&stage, archive, rehearsal, progress, cancellable, error)
           : NULL;
}

static void
provider_init (RepriseProviderInterface *iface)
{
  iface->probe = probe;
  iface->list_groups = list_groups;
  iface->list_backups = list_backups;
  iface->open_backup = open_backup;
  iface->back_up = back_up;
  iface->download = download;
  iface->upload = upload;
  iface->delete_backup = delete_backup;
  iface->plan_restore = plan_restore;
  iface->prepare_safety_copy = prepare_safety_copy;
  iface->restore = restore;
  iface->plan_undo = plan_undo;
  iface->rehearse = rehearse;
  iface->resume_operation = resume_operation;
}
