/* reprise-kind.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "provider/reprise-provider.h"
#include "secret/reprise-secrets.h"
#include "service/reprise-setting.h"

G_BEGIN_DECLS

/* of a restore: what becomes of what exists, a choice */
#define REPRISE_OPTION_EXISTING "existing"

/* “true”: the restore of each new backup is rehearsed at once; a setting of the kinds that offer it */
#define REPRISE_KIND_SETTING_REHEARSE_AFTER "rehearse-after-backup"

/* where the restore of a backup is rehearsed, of the kinds that have no scratch place of their own: what a person has named, which is the
 * consent to replace all that is in it each time */
#define REPRISE_KIND_SETTING_REHEARSE_ON "rehearse-on"

/* options of an import or an export */
#define REPRISE_OPTION_COLLECTION  "collection"  /* which one it is about */
#define REPRISE_OPTION_AS_OF       "as-of"       /* a date or a time that a backup holds */
#define REPRISE_OPTION_ATTACHMENTS "attachments" /* “false”: without their data */

/**
 * RepriseCapabilities:
 * @REPRISE_CAN_CHOOSE_GROUPS: a backup may be of chosen groups
 * @REPRISE_CAN_LIST_ON_SERVICE: the service keeps backups of its own
 * @REPRISE_CAN_KEEP_ON_SERVICE: a new backup may stay on the service
 * @REPRISE_CAN_UPLOAD: a local archive can be kept on the service without restoring it
 * @REPRISE_CAN_RESTORE_GROUPS: a restore may be of chosen groups
 * @REPRISE_CAN_RESTORE_ELSEWHERE: `--to` has settings
 * @REPRISE_CAN_UNDO: a restore can be undone from its safety copy
 * @REPRISE_CAN_REHEARSE: a restore into a scratch place
 * @REPRISE_CAN_SIGN_IN: there is a sign-in of its own
 * @REPRISE_HAS_RULES: which collection is in which group can be changed
 * @REPRISE_HAS_SCHEDULE: the service has a schedule of its own
 * @REPRISE_HAS_HISTORY: versions of single documents
 * @REPRISE_CAN_IMPORT: a file of another program can be taken into the vault
 * @REPRISE_CAN_EXPORT: a backup can be written as a file of another program
 * @REPRISE_HAS_DETAILS: the service tells more of a backup that it keeps, at once
 * @REPRISE_CAN_RENEW: the service keeps an access that ends, and can be given a new one
 * @REPRISE_HAS_FACTS: looking into a backup of the vault is quick, and tells more than its manifest
 * @REPRISE_HAS_SECRETS: of a backup on the service there is something secret, which can be shown on request
 * @REPRISE_HAS_REPORTS: its group log is a record of what happened, which no backup on the service holds: it lies in backups of the
 *   vault of its own, each of which goes on where the one before ends, so that it can be kept longer, and on a schedule of its own
 * @REPRISE_REHEARSES_ON_OTHER: a rehearsal restores into another service of the same kind, which `rehearse-on` names
 * @REPRISE_REHEARSES_FROM_SERVICE: also a backup that only the service keeps can be rehearsed
 */
typedef enum
{
  REPRISE_CAN_CHOOSE_GROUPS = 1 << 0,
  REPRISE_CAN_LIST_ON_SERVICE = 1 << 1,
  REPRISE_CAN_KEEP_ON_SERVICE = 1 << 2,
  REPRISE_CAN_UPLOAD = 1 << 3,
  REPRISE_CAN_RESTORE_GROUPS = 1 << 4,
  REPRISE_CAN_RESTORE_ELSEWHERE = 1 << 5,
  REPRISE_CAN_UNDO = 1 << 6,
  REPRISE_CAN_REHEARSE = 1 << 7,
  REPRISE_CAN_SIGN_IN = 1 << 8,
  REPRISE_HAS_RULES = 1 << 9,
  REPRISE_HAS_SCHEDULE = 1 << 10,
  REPRISE_HAS_HISTORY = 1 << 11,
  REPRISE_CAN_IMPORT = 1 << 12,
  REPRISE_CAN_EXPORT = 1 << 13,
  REPRISE_HAS_DETAILS = 1 << 14,
  REPRISE_CAN_RENEW = 1 << 15,
  REPRISE_HAS_SECRETS = 1 << 16,
  REPRISE_HAS_REPORTS = 1 << 17,
  REPRISE_REHEARSES_ON_OTHER = 1 << 18,
  REPRISE_REHEARSES_FROM_SERVICE = 1 << 19,
  REPRISE_HAS_FACTS = 1 << 20,
} RepriseCapabilities;

/**
 * RepriseKind:
 *
 * A kind of service: what is known without any service. One object of each kind, made at start by the registry; any thread
 * may call it.
 */
#define REPRISE_TYPE_KIND (reprise_kind_get_type ())

G_DECLARE_DERIVABLE_TYPE (RepriseKind, reprise_kind, REPRISE, KIND, GObject)

/**
 * RepriseKindClass:
 * @id: “sqlite”
 * @title: “SQLite application”, to be translated with gettext
 * @description: one line, to be translated with gettext
 * @icon_name: of the resource
 * @capabilities: what it can do; a provider may find that its server can less
 * @settings: ends with a key of %NULL
 * @restore_settings: (nullable): of --to, likewise
 * @export_title: (nullable): what an export makes, to be translated with gettext: “Files of couchbackup”
 * @export_settings: (nullable): what more can be chosen of an export, likewise
 * @schedule_settings: (nullable): of the service's own schedule, likewise, with %REPRISE_HAS_SCHEDULE. “enabled” is one of them: a
 *   schedule that is not is paused
 * @rehearsal_setting: (nullable): of @settings: where restores are rehearsed; %NULL for %REPRISE_KIND_SETTING_REHEARSE_ON
 * @rehearsal_title: (nullable): what a rehearsal is called for this kind, in header capitals, to be translated with gettext
 * @rehearsal_description: (nullable): what it does, likewise; both or none
 * @export_whole: an export is of the whole backup, into a folder: no collection of it is chosen
 * @default_groups: what is ticked at first
 * @explain_missing: (nullable): the sentence shown where a capability is missing, or %NULL for the general one
 * @explain_no_rehearsal: (nullable): (transfer full): why the restore of a service that is set so cannot be rehearsed; %NULL where it can
 * @explain_group: (nullable): what a group holds for this kind, one sentence; %NULL for the general one
 * @explain_limits: (nullable): what this kind of service leaves out of any backup, sentences for “Learn More”
 * @explain_meanwhile: (nullable): whether the service can be used during a backup, and during a restore, a sentence
 * @suggest_name: (nullable): (transfer full): a name for a service with those settings (key → value)
 * @suggest_file_name: (nullable): (transfer full) (nullable): what the file is called into which @export writes a collection of @backup;
 *   @service (nullable): whose it is; %NULL for the general name
 * @get_backup_end: (nullable): (transfer full) (nullable): until when a service that is set so takes a backup back; %NULL: for ever, or
 *   not known
 * @recognise: whether @path is an archive of this kind; @head holds its first bytes (up to 4,096), @size its length. Of a folder there
 *   are none
 * @inspect: looks into an archive and fills it: format, versions, contents, counts, damage. An archive that is locked by
 *   a password is filled as far as it goes and marked; a wrong @password is %REPRISE_ERROR_NEEDS_PASSWORD. Damage inside is not an error of the
 *   call, but reported in the archive; only what cannot be read as this kind at all fails, with %REPRISE_ERROR_DAMAGED
 * @verify: the format's own check; %REPRISE_DEPTH_QUICK and %REPRISE_DEPTH_FULL: every CRC; %REPRISE_DEPTH_DEEP: counts and structure too
 * @import: (nullable): writes what a file of another program holds, which @inspect has looked into, into the vault as a backup of
 *   @service; with %REPRISE_CAN_IMPORT. @options (nullable): “collection”
 * @export: (nullable): writes a backup of the vault to @path as another program reads it, atomically; with %REPRISE_CAN_EXPORT.
 *   @options: “collection”, “as-of”, “attachments”. Returns (transfer full) how it ended
 * @export_away: (nullable): the same, but to the place that @options, of @export_settings, name, where no path of this computer leads;
 *   with @secrets, under the keys of those settings
 * @away_if_key: (nullable): of @export_settings: @export_away is meant while this one…
 * @away_if_value: …has this value
 * @create_provider: (transfer full): for one service, with the secrets of one job
 * @can_follow: (nullable): whether the service goes on by itself with what is in the journal of a job that was cut off, so that it can
 *   be followed to its end by resume_operation()
 * @get_sign_in_ways: (nullable): how somebody signs in to a service with those settings (key → value); with %REPRISE_CAN_SIGN_IN
 * @choose_collection: (nullable): changes the settings of @service, a copy, so that its backups take @collection in or leave it out;
 *   %REPRISE_ERROR_REFUSED where something else than the name decides
 */
struct _RepriseKindClass
{
  GObjectClass parent_class;

  const char *id;
  const char *title;
  const char *description;
  const char *icon_name;
  RepriseCapabilities capabilities;
  const RepriseSetting *settings;
  const RepriseSetting *restore_settings;
  const char *export_title;
  const RepriseSetting *export_settings;
  const RepriseSetting *schedule_settings;
  const char *rehearsal_setting;
  const char *rehearsal_title;
  const char *rehearsal_description;
  gboolean export_whole;
  RepriseGroups default_groups;

  char *(*explain_missing) (RepriseKind *self, RepriseCapabilities capability);
  char *(*explain_no_rehearsal) (RepriseKind *self, RepriseService *service);
  const char *(*explain_group) (RepriseKind *self, RepriseGroup group);
  const char *(*explain_limits) (RepriseKind *self);
  const char *(*explain_meanwhile) (RepriseKind *self, gboolean restore);
  char *(*suggest_name) (RepriseKind *self, GHashTable *settings);
  char *(*suggest_file_name) (RepriseKind *self,
                              RepriseService *service,
                              RepriseBackup *backup,
                              const char *collection);
  GDateTime *(*get_backup_end) (RepriseKind *self, RepriseService *service, RepriseBackup *backup);
  gboolean (*recognise) (RepriseKind *self,
                         const char *path,
                         const guchar *head,
                         gsize head_size,
                         gint64 size);
  gboolean (*inspect) (RepriseKind *self,
                       RepriseArchive *archive,
                       RepriseSecretValue *password,
                       RepriseProgress *progress,
                       GCancellable *cancellable,
                       GError **error);
  gboolean (*verify) (RepriseKind *self,
                      RepriseArchive *archive,
                      RepriseDepth depth,
                      RepriseProgress *progress,
                      GCancellable *cancellable,
                      GError **error);
  gboolean (*import) (RepriseKind *self,
                      RepriseArchive *archive,
                      RepriseService *service,
                      GHashTable *options,
                      RepriseVaultWriter *writer,
                      RepriseProgress *progress,
                      GCancellable *cancellable,
                      GError **error);
  RepriseOutcome *(*export) (RepriseKind *self,
                             RepriseArchive *archive,
                             GHashTable *options,
                             const char *path,
                             gboolean replace,
                             RepriseProgress *progress,
                             GCancellable *cancellable,
                             GError **error);
  RepriseOutcome *(*export_away) (RepriseKind *self,
                                  RepriseArchive *archive,
                                  GHashTable *options,
                                  RepriseSecrets *secrets,
                                  RepriseProgress *progress,
                                  GCancellable *cancellable,
                                  GError **error);
  const char *away_if_key;
  const char *away_if_value;
  RepriseProvider *(*create_provider) (RepriseKind *self,
                                       RepriseService *service,
                                       RepriseSecrets *secrets);
  RepriseSignInWays (*get_sign_in_ways) (RepriseKind *self, GHashTable *settings);
  gboolean (*can_follow) (RepriseKind *self, RepriseJournal *journal);
  gboolean (*choose_collection) (RepriseKind *self,
                                 RepriseService *service,
                                 const char *collection,
                                 gboolean included,
                                 GError **error);
};

const char *reprise_kind_get_id (RepriseKind *self);
const char *reprise_kind_get_title (RepriseKind *self);
const char *reprise_kind_get_description (RepriseKind *self);
const char *reprise_kind_get_icon_name (RepriseKind *self);
gboolean reprise_kind_can (RepriseKind *self, RepriseCapabilities capability);
char *reprise_kind_explain_missing (RepriseKind *self, RepriseCapabilities capability);
char *reprise_kind_explain_no_rehearsal (RepriseKind *self, RepriseService *service);
gboolean reprise_kind_check_can (RepriseKind *self, RepriseCapabilities capability, GError **error);
const char *reprise_kind_explain_group (RepriseKind *self, RepriseGroup group);
const char *reprise_kind_explain_limits (RepriseKind *self);
const char *reprise_kind_explain_meanwhile (RepriseKind *self, gboolean restore);
const RepriseSetting *reprise_kind_get_settings (RepriseKind *self);
const RepriseSetting *reprise_kind_get_restore_settings (RepriseKind *self);
const char *reprise_kind_get_export_title (RepriseKind *self);
const RepriseSetting *reprise_kind_get_export_settings (RepriseKind *self);
const RepriseSetting *reprise_kind_get_schedule_settings (RepriseKind *self);
gboolean reprise_kind_has_own_rehearsal (RepriseKind *self);
const char *reprise_kind_get_rehearsal_setting (RepriseKind *self);
const char *reprise_kind_get_rehearsal_title (RepriseKind *self);
const char *reprise_kind_get_rehearsal_description (RepriseKind *self);
gboolean reprise_kind_exports_whole (RepriseKind *self);
gboolean reprise_kind_exports_away (RepriseKind *self, GHashTable *options);
RepriseGroups reprise_kind_get_default_groups (RepriseKind *self);
char *reprise_kind_suggest_name (RepriseKind *self, GHashTable *settings);
char *reprise_kind_suggest_file_name (RepriseKind *self,
                                      RepriseService *service,
                                      RepriseBackup *backup,
                                      const char *collection);
const char *reprise_kind_get_value (RepriseKind *self, RepriseService *service, const char *key);
GDateTime *reprise_kind_get_backup_end (RepriseKind *self,
                                        RepriseService *service,
                                        RepriseBackup *backup);
char *reprise_kind_describe_backup_end (GDateTime *end, GDateTime *now);
RepriseSignInWays reprise_kind_get_sign_in_ways (RepriseKind *self, GHashTable *settings);
gboolean reprise_kind_choose_collection (RepriseKind *self,
                                         RepriseService *service,
                                         const char *collection,
                                         gboolean included,
                                         GError **error);

/* blocking: for workers */
gboolean reprise_kind_inspect (RepriseKind *self,
                               RepriseArchive *archive,
                               RepriseSecretValue *password,
                               RepriseProgress *progress,
                               GCancellable *cancellable,
                               GError **error);
gboolean reprise_kind_verify (RepriseKind *self,
                              RepriseArchive *archive,
                              RepriseDepth depth,
                              RepriseProgress *progress,
                              GCancellable *cancellable,
                              GError **error);
gboolean reprise_kind_import (RepriseKind *self,
                              RepriseArchive *archive,
                              RepriseService *service,
                              GHashTable *options,
                              RepriseVaultWriter *writer,
                              RepriseProgress *progress,
                              GCancellable *cancellable,
                              GError **error);
RepriseOutcome *reprise_kind_export (RepriseKind *self,
                                     RepriseArchive *archive,
                                     GHashTable *options,
                                     const char *path,
                                     gboolean replace,
                                     RepriseProgress *progress,
                                     GCancellable *cancellable,
                                     GError **error);
gboolean reprise_kind_can_follow (RepriseKind *self, RepriseJournal *journal);
RepriseOutcome *reprise_kind_export_away (RepriseKind *self,
                                          RepriseArchive *archive,
                                          GHashTable *options,
                                          RepriseSecrets *secrets,
                                          RepriseProgress *progress,
                                          GCancellable *cancellable,
                                          GError **error);
RepriseProvider *reprise_kind_create_provider (RepriseKind *self,
                                               RepriseService *service,
                                               RepriseSecrets *secrets);

G_END_DECLS
