/* reprise-site.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "providers/azure/reprise-arm.h"
#include "vault/reprise-backup.h"

G_BEGIN_DECLS

/**
 * RepriseSiteStatus:
 * @REPRISE_SITE_UNKNOWN: a word that this version does not know; it is shown as it is
 *
 * The states of a backup of App Service, by their numbers in its older interface.
 */
typedef enum
{
  REPRISE_SITE_IN_PROGRESS,
  REPRISE_SITE_FAILED,
  REPRISE_SITE_SUCCEEDED,
  REPRISE_SITE_TIMED_OUT,
  REPRISE_SITE_CREATED,
  REPRISE_SITE_SKIPPED,
  REPRISE_SITE_PARTIALLY_SUCCEEDED,
  REPRISE_SITE_DELETE_IN_PROGRESS,
  REPRISE_SITE_DELETE_FAILED,
  REPRISE_SITE_DELETED,
  REPRISE_SITE_UNKNOWN,
} RepriseSiteStatus;

#define REPRISE_N_SITE_STATUSES REPRISE_SITE_UNKNOWN

const char *reprise_site_status_to_string (RepriseSiteStatus status);
const char *reprise_site_status_get_text (RepriseSiteStatus status);
const char *reprise_site_status_get_help (RepriseSiteStatus status);
RepriseBackupSign reprise_site_status_get_sign (RepriseSiteStatus status);
gboolean reprise_site_status_is_moving (RepriseSiteStatus status);
gboolean reprise_site_status_is_usable (RepriseSiteStatus status);

/**
 * RepriseSiteDatabase:
 * @type: “SqlAzure”, “MySql”, “LocalMySql”, “PostgreSql”, or another word
 * @name: (nullable): of the database
 * @connection_name: (nullable): of one of the application's own connection strings
 * @connection: (nullable): the connection string
 *
 * A database that is linked with an application.
 */
typedef struct
{
  char *type;
  char *name;
  char *connection_name;
  RepriseSecretValue *connection;
} RepriseSiteDatabase;

RepriseSiteDatabase *reprise_site_database_new (const char *type,
                                                const char *name,
                                                const char *connection_name,
                                                RepriseSecretValue *connection);
void reprise_site_database_free (RepriseSiteDatabase *self);

/**
 * RepriseSiteBackup:
 * @word: (nullable): the service's own word for the status
 * @size_bytes: of the archive, or -1
 * @site_bytes: of the application, or -1
 * @log: (nullable): what went wrong
 * @correlation_id: (nullable): by which support finds it
 * @databases: (element-type RepriseSiteDatabase)
 * @storage: (nullable): the address with the signature; only where it was asked for
 *
 * One backup, as App Service lists it.
 */
typedef struct
{
  gint64 id;
  char *name;
  char *blob_name;
  RepriseSiteStatus status;
  char *word;
  gint64 size_bytes;
  gint64 site_bytes;
  GDateTime *created_at;
  GDateTime *finished_at;
  GDateTime *restored_at;
  char *log;
  gboolean scheduled;
  char *correlation_id;
  GPtrArray *databases;
  RepriseSecretValue *storage;
} RepriseSiteBackup;

void reprise_site_backup_free (RepriseSiteBackup *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RepriseSiteBackup, reprise_site_backup_free)

/**
 * RepriseSiteSchedule:
 * @enabled: whether it runs, or is paused
 * @name: (nullable): of the backups
 * @interval: each so many…
 * @hours: …hours, or else days
 * @retention_days: 0 for ever
 * @start_at: (nullable): when it runs first
 * @last_run_at: (nullable)
 * @databases: (nullable) (element-type RepriseSiteDatabase)
 * @storage: (nullable): the address with the signature
 *
 * The schedule that App Service keeps itself.
 */
typedef struct
{
  gboolean enabled;
  char *name;
  gint64 interval;
  gboolean hours;
  gboolean keep_one;
  gint64 retention_days;
  GDateTime *start_at;
  GDateTime *last_run_at;
  GPtrArray *databases;
  RepriseSecretValue *storage;
} RepriseSiteSchedule;

void reprise_site_schedule_free (RepriseSiteSchedule *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RepriseSiteSchedule, reprise_site_schedule_free)

/**
 * RepriseSiteRestore:
 * @storage: the address with the signature
 * @blob_name: (nullable): of the archive; not needed for a backup that is listed
 * @overwrite: over an application that is there, whose files are erased; else a new one is made
 * @site_name: (nullable): of a new one
 * @plan: (nullable): the App Service plan of a new one
 * @environment: (nullable): the App Service Environment
 * @databases: (nullable) (element-type RepriseSiteDatabase): those to restore
 * @ignore_databases: leave all of them as they are
 * @ignore_host_names: drop custom domains that another application has
 * @adjust_connections: let the application's connection strings follow
 *
 * How a backup is restored.
 */
typedef struct
{
  RepriseSecretValue *storage;
  const char *blob_name;
  gboolean overwrite;
  const char *site_name;
  const char *plan;
  const char *environment;
  GPtrArray *databases;
  gboolean ignore_databases;
  gboolean ignore_host_names;
  gboolean adjust_connections;
} RepriseSiteRestore;

/**
 * RepriseSiteSnapshot:
 * @time: as the service wrote it, since it is asked for by that
 *
 * An automatic backup: once an hour, without databases, for thirty days.
 */
typedef struct
{
  char *id;
  char *time;
  GDateTime *at;
} RepriseSiteSnapshot;

void reprise_site_snapshot_free (RepriseSiteSnapshot *self);

/**
 * RepriseSiteSnapshotRestore:
 * @time: of the automatic backup, as the service wrote it
 * @source_id: (nullable): the resource ID of the application that it is of, where it is another than the one that is overwritten
 * @source_location: (nullable): the region of that
 * @configuration: the settings of the application too
 * @ignore_host_names: drop custom domains that another application has
 * @paired_region: it is one of the copies in the paired region
 *
 * How an automatic backup is restored.
 */
typedef struct
{
  const char *time;
  const char *source_id;
  const char *source_location;
  gboolean configuration;
  gboolean ignore_host_names;
  gboolean paired_region;
} RepriseSiteSnapshotRestore;

/**
 * RepriseSitePart:
 * @REPRISE_SITE_PART_GENERAL: versions and switches, with their values
 * @REPRISE_SITE_PART_SETTINGS: the names of the application's settings
 * @REPRISE_SITE_PART_CONNECTIONS: the names of its connection strings
 *
 * How an application is set up, as far as it can be compared.
 */
typedef enum
{
  REPRISE_SITE_PART_GENERAL,
  REPRISE_SITE_PART_SETTINGS,
  REPRISE_SITE_PART_CONNECTIONS,
} RepriseSitePart;

#define REPRISE_N_SITE_PARTS (REPRISE_SITE_PART_CONNECTIONS + 1)

/**
 * RepriseSite:
 *
 * One application of App Service, or one of its slots. The calls that send block and are for workers.
 */
#define REPRISE_TYPE_SITE (reprise_site_get_type ())

G_DECLARE_FINAL_TYPE (RepriseSite, reprise_site, REPRISE, SITE, GObject)

RepriseSite *reprise_site_new (RepriseArm *arm,
                               const char *subscription,
                               const char *group,
                               const char *name,
                               const char *slot);
RepriseSite *reprise_site_new_for_id (RepriseArm *arm, const char *id);
const char *reprise_site_get_id (RepriseSite *self);
char *reprise_site_dup_name (RepriseSite *self);
char *reprise_site_dup_blob_prefix (RepriseSite *self);
JsonObject *reprise_site_look (RepriseSite *self, GCancellable *cancellable, GError **error);
GHashTable *reprise_site_read_part (RepriseSite *self,
                                    RepriseSitePart part,
                                    GCancellable *cancellable,
                                    GError **error);

/* backups */
RepriseSiteBackup *reprise_site_back_up (RepriseSite *self,
                                         RepriseSecretValue *storage,
                                         const char *name,
                                         GPtrArray *databases,
                                         RepriseHttpOutcome *outcome,
                                         GCancellable *cancellable,
                                         GError **error);
GPtrArray *reprise_site_list_backups (RepriseSite *self, GCancellable *cancellable, GError **error);
RepriseSiteBackup *reprise_site_get_backup (RepriseSite *self,
                                            gint64 id,
                                            GCancellable *cancellable,
                                            GError **error);
RepriseSiteBackup *reprise_site_follow_backup (RepriseSite *self,
                                               gint64 id,
                                               RepriseProgress *progress,
                                               GCancellable *cancellable,
                                               GError **error);
RepriseSiteBackup *reprise_site_get_backup_secrets (RepriseSite *self,
                                                    gint64 id,
                                                    GCancellable *cancellable,
                                                    GError **error);
gboolean reprise_site_delete_backup (RepriseSite *self,
                                     gint64 id,
                                     RepriseSecretValue *new_storage,
                                     RepriseProgress *progress,
                                     GCancellable *cancellable,
                                     GError **error);
gboolean reprise_site_renew_storage (RepriseSite *self,
                                     gint64 id,
                                     RepriseSecretValue *storage,
                                     GCancellable *cancellable,
                                     GError **error);

/* its own schedule */
RepriseSiteSchedule *reprise_site_get_schedule (RepriseSite *self,
                                                GCancellable *cancellable,
                                                GError **error);
gboolean reprise_site_set_schedule (RepriseSite *self,
                                    const RepriseSiteSchedule *schedule,
                                    GCancellable *cancellable,
                                    GError **error);
gboolean reprise_site_remove_schedule (RepriseSite *self,
                                       GCancellable *cancellable,
                                       GError **error);

/* restores: what is started is to be followed */
RepriseHttpOperation *reprise_site_restore (RepriseSite *self,
                                            gint64 id,
                                            const RepriseSiteRestore *restore,
                                            RepriseHttpOutcome *outcome,
                                            GCancellable *cancellable,
                                            GError **error);
GPtrArray *reprise_site_discover (RepriseSite *self,
                                  const RepriseSiteRestore *restore,
                                  GCancellable *cancellable,
                                  GError **error);
GPtrArray *reprise_site_list_snapshots (RepriseSite *self,
                                        gboolean paired_region,
                                        GCancellable *cancellable,
                                        GError **error);
RepriseHttpOperation *reprise_site_restore_snapshot (RepriseSite *self,
                                                     const RepriseSiteSnapshotRestore *restore,
                                                     RepriseHttpOutcome *outcome,
                                                     GCancellable *cancellable,
                                                     GError **error);
RepriseHttpOperation *reprise_site_restore_deleted (RepriseSite *self,
                                                    const char *deleted_id,
                                                    gboolean configuration,
                                                    RepriseHttpOutcome *outcome,
                                                    GCancellable *cancellable,
                                                    GError **error);

/* no requests */
gboolean reprise_site_is_name (const char *text);
gboolean reprise_site_is_production (const char *slot);
gboolean reprise_site_check_name (const char *value, GError **error);
gboolean reprise_site_check_slot (const char *value, GError **error);
RepriseSiteBackup *reprise_site_backup_read (JsonObject *object, GError **error);
RepriseSiteSchedule *reprise_site_schedule_read (JsonObject *object, GError **error);
GDateTime *reprise_site_read_time (const char *text);

G_END_DECLS
