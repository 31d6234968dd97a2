/* reprise-kind.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "base/reprise-time.h"
#include "provider/reprise-kind.h"

G_DEFINE_ABSTRACT_TYPE (RepriseKind, reprise_kind, G_TYPE_OBJECT)

static void
reprise_kind_class_init (RepriseKindClass *klass)
{
  klass->default_groups = REPRISE_GROUPS_ALL & ~REPRISE_GROUP_BIT (REPRISE_GROUP_LOG);
}

static void
reprise_kind_init (RepriseKind *self)
{
}

const char *
reprise_kind_get_id (RepriseKind *self)
{
  return REPRISE_KIND_GET_CLASS (self)->id;
}

const char *
reprise_kind_get_title (RepriseKind *self)
{
  return _ (REPRISE_KIND_GET_CLASS (self)->title);
}

const char *
reprise_kind_get_description (RepriseKind *self)
{
  return _ (REPRISE_KIND_GET_CLASS (self)->description);
}

const char *
reprise_kind_get_icon_name (RepriseKind *self)
{
  return REPRISE_KIND_GET_CLASS (self)->icon_name;
}

gboolean
reprise_kind_can (RepriseKind *self, RepriseCapabilities capability)
{
  return (REPRISE_KIND_GET_CLASS (self)->capabilities & capability) == capability;
}

static const char *
general_missing (RepriseCapabilities capability)
{
  switch (capability)
    {
    case REPRISE_CAN_CHOOSE_GROUPS:
      return _ ("A backup of this kind of service always holds everything.");
    case REPRISE_CAN_LIST_ON_SERVICE:
    case REPRISE_CAN_KEEP_ON_SERVICE:
      return _ ("This kind of service keeps no backups of its own: they are in the vault.");
    case REPRISE_CAN_UPLOAD:
      return _ ("This kind of service cannot keep an uploaded archive: restore it instead.");
    case REPRISE_CAN_RESTORE_GROUPS:
      return _ ("A backup of this kind of service can only be restored as a whole.");
    case REPRISE_CAN_RESTORE_ELSEWHERE:
      return _ ("A backup of this kind of service can only be restored where it came from.");
    case REPRISE_CAN_UNDO:
      return _ ("A restore of this kind of service cannot be undone.");
    case REPRISE_CAN_REHEARSE:
      return _ ("A restore of this kind of service cannot be rehearsed: it has no scratch place.");
    case REPRISE_CAN_SIGN_IN:
      return _ ("This kind of service needs no sign-in.");
    case REPRISE_HAS_RULES:
      return _ ("The service itself decides which collection is in which group.");
    case REPRISE_HAS_SCHEDULE:
      return _ ("This kind of service has no schedule of its own.");
    case REPRISE_HAS_HISTORY:
      return _ ("This kind of service has no history of single documents.");
    case REPRISE_CAN_IMPORT:
    case REPRISE_CAN_EXPORT:
      return _ ("There is no format of another program that backups of this kind of service could "
                "be exported to or imported from. “reprise save” saves a backup as it is, and "
                "“reprise restore” takes a file.");
    case REPRISE_HAS_REPORTS:
      return _ ("This kind of service has no reports");
    case REPRISE_CAN_RENEW:
      return _ ("Nothing of this kind of service expires, so there is nothing to renew.");
    case REPRISE_HAS_DETAILS:
    case REPRISE_HAS_FACTS:
    case REPRISE_HAS_SECRETS:
    case REPRISE_REHEARSES_ON_OTHER:
    case REPRISE_REHEARSES_FROM_SERVICE:
    default:
      return _ ("This kind of service cannot do that.");
    }
}

/* (transfer full): the sentence that people read where a capability is missing */
char *
reprise_kind_explain_missing (RepriseKind *self, RepriseCapabilities capability)
{
  RepriseKindClass *klass = REPRISE_KIND_GET_CLASS (self);
  char *text = klass->explain_missing != NULL ? klass->explain_missing (self, capability) : NULL;

  return text != NULL ? text : g_strdup (general_missing (capability));
}

/* (transfer full) (nullable): why the restore of this service cannot be rehearsed, a whole sentence; %NULL where it can */
char *
reprise_kind_explain_no_rehearsal (RepriseKind *self, RepriseService *service)
{
  RepriseKindClass *klass = REPRISE_KIND_GET_CLASS (self);

  if (!reprise_kind_can (self, REPRISE_CAN_REHEARSE))
    return reprise_kind_explain_missing (self, REPRISE_CAN_REHEARSE);
  return klass->explain_no_rehearsal != NULL ? klass->explain_no_rehearsal (self, service) : NULL;
}

/* %REPRISE_ERROR_NOT_SUPPORTED, with the kind's own sentence */
gboolean
reprise_kind_check_can (RepriseKind *self, RepriseCapabilities capability, GError **error)
{
  g_autofree char *text = NULL;

  if (reprise_kind_can (self, capability))
    return TRUE;
  text = reprise_kind_explain_missing (self, capability);
  reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_NOT_SUPPORTED, "%s: %s",
                     reprise_kind_get_title (self), text);
  return FALSE;
}

/* What a group holds for this kind, one sentence. */
const char *
reprise_kind_explain_group (RepriseKind *self, RepriseGroup group)
{
  RepriseKindClass *klass = REPRISE_KIND_GET_CLASS (self);
  const char *text = klass->explain_group != NULL ? klass->explain_group (self, group) : NULL;

  return text != NULL ? text : reprise_group_get_examples (group);
}

/* (nullable): what no backup of this kind holds */
const char *
reprise_kind_explain_limits (RepriseKind *self)
{
  RepriseKindClass *klass = REPRISE_KIND_GET_CLASS (self);

  return klass->explain_limits != NULL ? klass->explain_limits (self) : NULL;
}

/* (nullable): whether the service can be used during a backup, or a restore */
const char *
reprise_kind_explain_meanwhile (RepriseKind *self, gboolean restore)
{
  RepriseKindClass *klass = REPRISE_KIND_GET_CLASS (self);

  return klass->explain_meanwhile != NULL ? klass->explain_meanwhile (self, restore) : NULL;
}

const RepriseSetting *
reprise_kind_get_settings (RepriseKind *self)
{
  return REPRISE_KIND_GET_CLASS (self)->settings;
}

/* (nullable): ends with a key of %NULL */
const RepriseSetting *
reprise_kind_get_restore_settings (RepriseKind *self)
{
  return REPRISE_KIND_GET_CLASS (self)->restore_settings;
}

/* (transfer none): what an export makes */
const char *
reprise_kind_get_export_title (RepriseKind *self)
{
  const char *title = REPRISE_KIND_GET_CLASS (self)->export_title;

  return title != NULL ? _ (title) : "";
}

/* (nullable): ends with a key of %NULL */
const RepriseSetting *
reprise_kind_get_export_settings (RepriseKind *self)
{
  return REPRISE_KIND_GET_CLASS (self)->export_settings;
}

/* (nullable): ends with a key of %NULL */
const RepriseSetting *
reprise_kind_get_schedule_settings (RepriseKind *self)
{
  return REPRISE_KIND_GET_CLASS (self)->schedule_settings;
}

/* Whether an export is of the whole backup, into a folder. */
/* (transfer full) (nullable): until when the service takes a backup back */
GDateTime *
reprise_kind_get_backup_end (RepriseKind *self, RepriseService *service, RepriseBackup *backup)
{
  RepriseKindClass *klass = REPRISE_KIND_GET_CLASS (self);

  return klass->get_backup_end != NULL ? klass->get_backup_end (self, service, backup) : NULL;
}

/* (transfer full): until when a backup can be restored, one line */
char *
reprise_kind_describe_backup_end (GDateTime *end, GDateTime *now)
{
  g_autofree char *text = reprise_time_to_text (end);

  if (g_date_time_compare (end, now) < 0)
    /* Translators: a date and time */
    return g_strdup_printf (_ ("Expired on %s"), text);
  /* Translators: a date and time */
  return g_strdup_printf (_ ("Restorable until %s"), text);
}

/* Whether it is more than a rehearsal, as where the restored service stays: then its title says so. */
gboolean
reprise_kind_has_own_rehearsal (RepriseKind *self)
{
  return REPRISE_KIND_GET_CLASS (self)->rehearsal_title != NULL;
}

/* The setting that names where restores are rehearsed */
const char *
reprise_kind_get_rehearsal_setting (RepriseKind *self)
{
  const char *key = REPRISE_KIND_GET_CLASS (self)->rehearsal_setting;

  return key != NULL ? key : REPRISE_KIND_SETTING_REHEARSE_ON;
}

const char *
reprise_kind_get_rehearsal_title (RepriseKind *self)
{
  const char *title = REPRISE_KIND_GET_CLASS (self)->rehearsal_title;

  return title != NULL ? _ (title) : _ ("Rehearsal");
}

const char *
reprise_kind_get_rehearsal_description (RepriseKind *self)
{
  const char *description = REPRISE_KIND_GET_CLASS (self)->rehearsal_description;

  return description != NULL ? _ (description)
                             : _ ("Restores the newest backup into a scratch place, compares it, "
                                  "and cleans up");
}

gboolean
reprise_kind_exports_whole (RepriseKind *self)
{
  return REPRISE_KIND_GET_CLASS (self)->export_whole;
}

/* Whether the options of an export (key → value) name a place that no path of this computer leads to: reprise_kind_export_away() */
gboolean
reprise_kind_exports_away (RepriseKind *self, GHashTable *options)
{
  const RepriseKindClass *klass = REPRISE_KIND_GET_CLASS (self);

  return klass->export_away != NULL && options != NULL &&
         g_strcmp0 (g_hash_table_lookup (options, klass->away_if_key), klass->away_if_value) == 0;
}

RepriseGroups
reprise_kind_get_default_groups (RepriseKind *self)
{
  return REPRISE_KIND_GET_CLASS (self)->default_groups;
}

/* (transfer full): a name for a service with those settings; the title of the kind where nothing better is known */
char *
reprise_kind_suggest_name (RepriseKind *self, GHashTable *settings)
{
  RepriseKindClass *klass = REPRISE_KIND_GET_CLASS (self);
  char *name = klass->suggest_name != NULL ? klass->suggest_name (self, settings) : NULL;

  return name != NULL ? name : g_strdup (_ (klass->title));
}

/**
 * reprise_kind_suggest_file_name:
 * @service: (nullable): whose backup it is
 * @collection: that is to be exported
 *
 * Returns: (transfer full): what the file could be called, with the ending that its format has
 */
char *
reprise_kind_suggest_file_name (RepriseKind *self,
                                RepriseService *service,
                                RepriseBackup *backup,
                                const char *collection)
{
  RepriseKindClass *klass = REPRISE_KIND_GET_CLASS (self);
  char *name = klass->suggest_file_name != NULL
                 ? klass->suggest_file_name (self, service, backup, collection)
                 : NULL;
  g_autofree char *escaped = g_uri_escape_string (collection, "$()+", FALSE);

  return name != NULL ? name : g_strconcat (escaped, ".txt", NULL);
}

/* (nullable): the setting of the service, or its default */
const char *
reprise_kind_get_value (RepriseKind *self, RepriseService *service, const char *key)
{
  const char *value = reprise_service_get_setting (service, key);
  const RepriseSetting *setting;

  if (value != NULL && *value != '\0')
    return value;
  setting = reprise_setting_find (REPRISE_KIND_GET_CLASS (self)->settings, key);
  return setting != NULL ? setting->default_value : NULL;
}

/* How somebody signs in to a service with those settings (key → value; what is missing is at its default). */
RepriseSignInWays
reprise_kind_get_sign_in_ways (RepriseKind *self, GHashTable *settings)
{
  RepriseKindClass *klass = REPRISE_KIND_GET_CLASS (self);

  return klass->get_sign_in_ways != NULL ? klass->get_sign_in_ways (self, settings)
                                         : REPRISE_SIGN_IN_NO_WAY;
}

/**
 * reprise_kind_choose_collection:
 * @service: a copy: its settings are changed, and saved by the caller
 *
 * Takes a collection into the backups, or leaves it out of them.
 */
gboolean
reprise_kind_choose_collection (RepriseKind *self,
                                RepriseService *service,
                                const char *collection,
                                gboolean included,
                                GError **error)
{
  RepriseKindClass *klass = REPRISE_KIND_GET_CLASS (self);

  if (klass->choose_collection != NULL)
    return klass->choose_collection (self, service, collection, included, error);
  reprise_error_set_literal (
    error, REPRISE_ERROR, REPRISE_ERROR_NOT_SUPPORTED,
    _ ("Backups of this kind of service are always of everything in a group."));
  return FALSE;
}

gboolean
reprise_kind_inspect (RepriseKind *self,
                      RepriseArchive *archive,
                      RepriseSecretValue *password,
                      RepriseProgress *progress,
                      GCancellable *cancellable,
                      GError **error)
{
  return REPRISE_KIND_GET_CLASS (self)->inspect (self, archive, password, progress, cancellable,
                                                 error);
}

gboolean
reprise_kind_verify (RepriseKind *self,
                     RepriseArchive *archive,
                     RepriseDepth depth,
                     RepriseProgress *progress,
                     GCancellable *cancellable,
                     GError **error)
{
  return REPRISE_KIND_GET_CLASS (self)->verify (self, archive, depth, progress, cancellable, error);
}

gboolean
reprise_kind_import (RepriseKind *self,
                     RepriseArchive *archive,
                     RepriseService *service,
                     GHashTable *options,
                     RepriseVaultWriter *writer,
                     RepriseProgress *progress,
                     GCancellable *cancellable,
                     GError **error)
{
  return reprise_kind_check_can (self, REPRISE_CAN_IMPORT, error) &&
         REPRISE_KIND_GET_CLASS (self)->import (self, archive, service, options, writer, progress,
                                                cancellable, error);
}

/* (transfer full): how it ended, or %NULL with %REPRISE_ERROR_EXISTS where @path is there and may not be replaced */
RepriseOutcome *
reprise_kind_export (RepriseKind *self,
                     RepriseArchive *archive,
                     GHashTable *options,
                     const char *path,
                     gboolean replace,
                     RepriseProgress *progress,
                     GCancellable *cancellable,
                     GError **error)
{
  if (!reprise_kind_check_can (self, REPRISE_CAN_EXPORT, error))
    return NULL;
  return REPRISE_KIND_GET_CLASS (self)->export(self, archive, options, path, replace, progress,
                                               cancellable, error);
}

/* Whether the service goes on by itself with what a job that was cut off has left. */
gboolean
reprise_kind_can_follow (RepriseKind *self, RepriseJournal *journal)
{
  RepriseKindClass *klass = REPRISE_KIND_GET_CLASS (self);

  return klass->can_follow != NULL && klass->can_follow (self, journal);
}

/* (transfer full): how it ended, or %NULL with %REPRISE_ERROR_EXISTS where such a backup is there already */
RepriseOutcome *
reprise_kind_export_away (RepriseKind *self,
                          RepriseArchive *archive,
                          GHashTable *options,
                          RepriseSecrets *secrets,
                          RepriseProgress *progress,
                          GCancellable *cancellable,
                          GError **error)
{
  g_return_val_if_fail (reprise_kind_exports_away (self, options), NULL);

  return REPRISE_KIND_GET_CLASS (self)->export_away (self, archive, options, secrets, progress,
                                                     cancellable, error);
}

/* (transfer full): the provider of one service, for one worker */
RepriseProvider *
reprise_kind_create_provider (RepriseKind *self, RepriseService *service, RepriseSecrets *secrets)
{
  return REPRISE_KIND_GET_CLASS (self)->create_provider (self, service, secrets);
}
