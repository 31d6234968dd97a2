/* reprise-api-kind.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <stdlib.h>
#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "providers/azure/apim/reprise-api-archive.h"
#include "providers/azure/apim/reprise-api-backup.h"
#include "providers/azure/apim/reprise-api-export.h"
#include "providers/azure/apim/reprise-api-kind.h"
#include "providers/azure/apim/reprise-api-make.h"
#include "providers/azure/apim/reprise-api-provider.h"
#include "providers/azure/apim/reprise-api-reports.h"
#include "providers/azure/apim/reprise-api-settings.h"
#include "providers/azure/apim/reprise-api-standby.h"
#include "providers/azure/reprise-azure-kind.h"

struct _RepriseApiKind
{
  RepriseKind parent_instance;
};

G_DEFINE_FINAL_TYPE (RepriseApiKind, reprise_api_kind, REPRISE_TYPE_KIND)

static const char *const STORAGES[] = { REPRISE_AZURE_STORAGE_KEY, REPRISE_AZURE_STORAGE_AZURE,
                                        REPRISE_AZURE_STORAGE_SAS, NULL };
static const char *const STORAGE_LABELS[] = { N_ ("The access key of the storage account"),
                                              N_ ("What Azure gives your account"),
                                              N_ ("A shared access signature that you made"),
                                              NULL };
static const char *const ACCESSES[] = { REPRISE_API_ACCESS_KEY, REPRISE_API_ACCESS_SYSTEM,
                                        REPRISE_API_ACCESS_USER, NULL };
static const char *const ACCESS_LABELS[] = { N_ ("The access key of the storage account"),
                                             N_ ("The managed identity of the service"),
                                             N_ ("A managed identity that was assigned to it"),
                                             NULL };

static const char *const REPORTS[] = { REPRISE_API_REPORTS_ALL, REPRISE_API_REPORTS_SUMMARIES,
                                       REPRISE_API_REPORTS_NONE, NULL };
static const char *const REPORT_LABELS[] = { N_ ("All"), N_ ("All but every single request"),
                                             N_ ("None"), NULL };

static const RepriseSetting SETTINGS[] = {
  REPRISE_AZURE_SIGN_IN_SETTINGS,
  REPRISE_AZURE_PLACE_SETTINGS,
  { .key = REPRISE_AZURE_SETTING_SERVICE,
    .type = REPRISE_SETTING_TEXT,
    .label = N_ ("Service"),
    .help = N_ ("Of API Management: its name."),
    .check = reprise_api_check_name,
    .required = TRUE,
    .listed = TRUE,
    .depends_on = REPRISE_AZURE_SETTING_GROUP },
  { .key = REPRISE_AZURE_SETTING_STORAGE,
    .type = REPRISE_SETTING_CHOICE,
    .label = N_ ("Access to the Storage"),
    .help = N_ ("How Reprise reads the container into which API Management puts its backups."),
    .default_value = REPRISE_AZURE_STORAGE_KEY,
    .choices = STORAGES,
    .choice_labels = STORAGE_LABELS },
  { .key = REPRISE_AZURE_SETTING_ACCESS,
    .type = REPRISE_SETTING_CHOICE,
    .label = N_ ("API Management Uses"),
    .help = N_ ("How API Management writes to the container. An identity needs the role Storage "
                "Blob Data Contributor on it."),
    .default_value = REPRISE_API_ACCESS_KEY,
    .choices = ACCESSES,
    .choice_labels = ACCESS_LABELS },
  { .key = REPRISE_AZURE_SETTING_IDENTITY,
    .type = REPRISE_SETTING_TEXT,
    .label = N_ ("Client ID of the Identity"),
    .required = TRUE,
    .placeholder = "00000000-0000-0000-0000-000000000000",
    REPRISE_AZURE_SHOWN (REPRISE_AZURE_SETTING_ACCESS, REPRISE_API_ACCESS_USER) },
  { .key = REPRISE_AZURE_SETTING_ACCOUNT,
    .type = REPRISE_SETTING_TEXT,
    .label = N_ ("Storage Account"),
    .help = N_ ("Its name; not needed with a signature that you made."),
    .listed = TRUE,
    .check = reprise_azure_check_account,
    .depends_on = REPRISE_AZURE_SETTING_SUBSCRIPTION },
  { .key = REPRISE_AZURE_SETTING_CONTAINER,
    .type = REPRISE_SETTING_TEXT,
    .label = N_ ("Container"),
    .help = N_ ("It must exist; not needed with a signature that you made."),
    .listed = TRUE,
    .check = reprise_azure_check_container,
    .depends_on = REPRISE_AZURE_SETTING_ACCOUNT },
  REPRISE_AZURE_KEY_SETTING,
  REPRISE_AZURE_SAS_SETTING,
  { .key = REPRISE_AZURE_SETTING_ACCOUNT_GROUP,
    .type = REPRISE_SETTING_TEXT,
    .label = N_ ("Resource Group of the Storage Account"),
    .help = N_ ("Where it is not that of the service."),
    .advanced = TRUE,
    .listed = TRUE,
    .depends_on = REPRISE_AZURE_SETTING_ACCOUNT,
    REPRISE_AZURE_SHOWN (REPRISE_AZURE_SETTING_STORAGE, REPRISE_AZURE_STORAGE_AZURE) },
  { .key = REPRISE_AZURE_SETTING_EXPIRY_DAYS,
    .type = REPRISE_SETTING_INTEGER,
    .label = N_ ("Days That a Backup Can Be Restored"),
    .help = N_ ("API Management restores a backup for 30 days; in its first years it guaranteed 7. "
                "Reprise warns in the last 7."),
    .default_value = "30",
    .minimum = 1,
    .maximum = 3650,
    .advanced = TRUE },
  { .key = REPRISE_AZURE_SETTING_STANDBY,
    .type = REPRISE_SETTING_TEXT,
    .label = N_ ("Standby Service"),
    .help =
      N_ ("Another service of the same tier, by its name or its whole resource ID, into which "
          "backups are restored: as a rehearsal, and for the day on which this one fails. All "
          "that is in it is replaced each time.") },
  { .key = REPRISE_KIND_SETTING_REHEARSE_AFTER,
    .type = REPRISE_SETTING_BOOLEAN,
    .label = N_ ("Synchronise the Standby After Each Backup"),
    .help = N_ ("It can be done at any time, too: it is the rehearsal of a restore."),
    .default_value = "false" },
  { .key = REPRISE_AZURE_SETTING_REPORTS,
    .type = REPRISE_SETTING_CHOICE,
    .label = N_ ("Analytics Reports"),
    .help =
      N_ ("No backup of API Management holds them: they are read along, each time from where the "
          "last backup in the vault ends."),
    .default_value = REPRISE_API_REPORTS_ALL,
    .choices = REPORTS,
    .choice_labels = REPORT_LABELS },
  { .key = REPRISE_AZURE_SETTING_REPORT_DAYS,
    .type = REPRISE_SETTING_INTEGER,
    .label = N_ ("Days of the First Reports"),
    .help = N_ ("How far back the first backup reads them."),
    .default_value = "30",
    .minimum = 1,
    .maximum = 90,
    .advanced = TRUE },
  { .key = REPRISE_AZURE_SETTING_VERSION,
    .type = REPRISE_SETTING_TEXT,
    .label = N_ ("Version of the Interface"),
    .help = N_ ("Where Azure asks for another one."),
    .placeholder = REPRISE_ARM_VERSION_API,
    .advanced = TRUE },
  REPRISE_AZURE_CLOUD_SETTINGS,
  { .key = NULL },
};

static const RepriseSetting RESTORE_SETTINGS[] = {
  { .key = REPRISE_API_OPTION_SERVICE,
    .type = REPRISE_SETTING_TEXT,
    .label = N_ ("Into the Service"),
    .listed = TRUE,
    .depends_on = REPRISE_API_OPTION_GROUP,
    .help = N_ ("The name of another one, or its whole resource ID. It must have the same tier.") },
  { .key = REPRISE_API_OPTION_GROUP,
    .type = REPRISE_SETTING_TEXT,
    .label = N_ ("In the Resource Group"),
    .listed = TRUE,
    .depends_on = REPRISE_API_OPTION_SUBSCRIPTION,
    .help = N_ ("Where it is another one.") },
  { .key = REPRISE_API_OPTION_SUBSCRIPTION,
    .type = REPRISE_SETTING_TEXT,
    .label = N_ ("In the Subscription"),
    .listed = TRUE,
    .help = N_ ("Where it is another one: its ID."),
    .check = reprise_azure_check_subscription },
  { .key = REPRISE_API_OPTION_ACCOUNT,
    .type = REPRISE_SETTING_TEXT,
    .label = N_ ("From the Storage Account"),
    .help = N_ ("Where the backup is in another one. The access is the same as to that of the "
                "service."),
    .check = reprise_azure_check_account,
    .advanced = TRUE },
  { .key = REPRISE_API_OPTION_CONTAINER,
    .type = REPRISE_SETTING_TEXT,
    .label = N_ ("From the Container"),
    .help = N_ ("Where it is in another one."),
    .check = reprise_azure_check_container,
    .advanced = TRUE },
  { .key = REPRISE_API_OPTION_BLOB,
    .type = REPRISE_SETTING_TEXT,
    .label = N_ ("From the Blob"),
    .help = N_ ("The name of the backup there, where it is not that of the chosen one."),
    .advanced = TRUE },
  { .key = REPRISE_API_OPTION_ACCOUNT_GROUP,
    .type = REPRISE_SETTING_TEXT,
    .label = N_ ("Resource Group of That Storage Account"),
    .advanced = TRUE },
  { .key = REPRISE_API_OPTION_ADDRESS,
    .type = REPRISE_SETTING_ADDRESS,
    .label = N_ ("Address of That Storage Account"),
    .help = N_ ("Where it is not the usual one of the cloud."),
    .advanced = TRUE },
  { .key = NULL },
};

static char *
explain_no_rehearsal (RepriseKind *kind, RepriseService *service)
{
  return reprise_api_standby_explain_missing (service);
}

static const char *
explain_group (RepriseKind *kind, RepriseGroup group)
{
  switch (group)
    {
    case REPRISE_GROUP_REQUIRED:
      return _ ("The service as one whole: its interfaces, policies, products, users and "
                "subscriptions.");
    case REPRISE_GROUP_SKIPPED:
      return _ ("Usage data, custom domains and certificates, the contents of the developer portal "
                "and virtual networks.");
    case REPRISE_GROUP_LOG:
      return _ (
        "The analytics reports, which no backup of API Management holds. They can be saved, "
        "not restored.");
    case REPRISE_GROUP_CUSTOM:
    case REPRISE_GROUP_USER:
    case REPRISE_GROUP_THIRD_PARTY:
    case REPRISE_GROUP_UNKNOWN:
    default:
      return NULL;
    }
}

static const char *
explain_limits (RepriseKind *kind)
{
  return _ (
    "A backup can be restored for 30 days, and only into a service of the same tier: "
    "Developer, Basic, Standard or Premium. It does not hold usage data, custom domains and "
    "their certificates, the contents of the developer portal and virtual networks; users "
    "and subscriptions it does. While Azure makes or restores one, nothing may be changed "
    "on the service, and what is changed may be lost.");
}

static char *
suggest_name (RepriseKind *kind, GHashTable *settings)
{
  return g_strdup (g_hash_table_lookup (settings, REPRISE_AZURE_SETTING_SERVICE));
}

static char *
suggest_file_name (RepriseKind *kind,
                   RepriseService *service,
                   RepriseBackup *backup,
                   const char *collection)
{
  return reprise_api_export_dup_file_name (
    service != NULL ? reprise_service_get_setting (service, REPRISE_AZURE_SETTING_SERVICE) : NULL,
    backup, collection);
}

/* Only by its name: nobody but API Management can look into one. */
static gboolean
recognise (RepriseKind *kind, const char *path, const guchar *head, gsize head_size, gint64 size)
{
  return g_str_has_suffix (path, REPRISE_API_EXTENSION) && size > 0;
}

/* For how many days a service that is set so takes a backup back. @service: (nullable) */
static int
get_days (RepriseKind *kind, RepriseService *service)
{
  return service != NULL
           ? atoi (reprise_kind_get_value (kind, service, REPRISE_AZURE_SETTING_EXPIRY_DAYS))
           : REPRISE_API_GUARANTEED_DAYS;
}

static GDateTime *
get_backup_end (RepriseKind *kind, RepriseService *service, RepriseBackup *backup)
{
  GDateTime *created_at = reprise_backup_get_created_at (backup);
  RepriseGroups groups = reprise_backup_get_groups (backup);

  return created_at != NULL &&
             (groups == REPRISE_GROUPS_NONE || REPRISE_GROUPS_HAS (groups, REPRISE_GROUP_REQUIRED))
           ? reprise_api_get_end (created_at, get_days (kind, service))
           : NULL;
}

static gboolean
inspect (RepriseKind *kind,
         RepriseArchive *archive,
         RepriseSecretValue *password,
         RepriseProgress *progress,
         GCancellable *cancellable,
         GError **error)
{
  if (reprise_archive_get_path (archive) != NULL)
    return reprise_api_archive_inspect (
      archive, get_days (kind, reprise_archive_get_service (archive)), error);
  reprise_error_set_literal (error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND,
                             _ ("The backup’s archive is not there"));
  return FALSE;
}

static gboolean
verify (RepriseKind *kind,
        RepriseArchive *archive,
        RepriseDepth depth,
        RepriseProgress *progress,
        GCancellable *cancellable,
        GError **error)
{
  return inspect (kind, archive, NULL, progress, cancellable, error) &&
         reprise_api_reports_check (archive, cancellable, error) &&
         reprise_archive_check_damage (archive, error);
}

/* One of its files, as it is: what API Management made, or a report. */
static RepriseOutcome *export(RepriseKind *kind,
                              RepriseArchive *archive,
                              GHashTable *options,
                              const char *path,
                              gboolean replace,
                              RepriseProgress *progress,
                              GCancellable *cancellable,
                              GError **error)
{
  return reprise_api_export (archive, g_hash_table_lookup (options, REPRISE_OPTION_COLLECTION),
                             path, replace, progress, cancellable, error);
}

static gboolean
can_follow (RepriseKind *kind, RepriseJournal *journal)
{
  return reprise_api_has_left (journal);
}

static RepriseProvider *
create_provider (RepriseKind *kind, RepriseService *service, RepriseSecrets *secrets)
{
  return reprise_provider_base_create (REPRISE_TYPE_API_PROVIDER, kind, service, secrets);
}

static void
reprise_api_kind_class_init (RepriseApiKindClass *klass)
{
  RepriseKindClass *kind_class = REPRISE_KIND_CLASS (klass);

  kind_class->id = REPRISE_API_KIND_ID;
  kind_class->title = N_ ("Azure API Management");
  kind_class->description = N_ ("A service of Azure API Management");
  kind_class->icon_name = "reprise-kind-azure-api-management-symbolic";
  kind_class->capabilities =
    REPRISE_CAN_CHOOSE_GROUPS | REPRISE_CAN_LIST_ON_SERVICE | REPRISE_CAN_KEEP_ON_SERVICE |
    REPRISE_CAN_UPLOAD | REPRISE_CAN_RESTORE_ELSEWHERE | REPRISE_CAN_UNDO | REPRISE_CAN_SIGN_IN |
    REPRISE_CAN_EXPORT | REPRISE_CAN_REHEARSE | REPRISE_HAS_REPORTS | REPRISE_HAS_FACTS |
    REPRISE_REHEARSES_FROM_SERVICE;
  kind_class->rehearsal_setting = REPRISE_AZURE_SETTING_STANDBY;
  kind_class->rehearsal_title = N_ ("Standby");
  kind_class->rehearsal_description =
    N_ ("Restores the newest backup into the standby service, where it stays");
  kind_class->default_groups =
    REPRISE_GROUP_BIT (REPRISE_GROUP_REQUIRED) | REPRISE_GROUP_BIT (REPRISE_GROUP_LOG);
  kind_class->settings = SETTINGS;
  kind_class->restore_settings = RESTORE_SETTINGS;
  kind_class->explain_no_rehearsal = explain_no_rehearsal;
  kind_class->explain_group = explain_group;
  kind_class->explain_limits = explain_limits;
  kind_class->suggest_name = suggest_name;
  kind_class->suggest_file_name = suggest_file_name;
  kind_class->get_backup_end = get_backup_end;
  kind_class->recognise = recognise;
  kind_class->inspect = inspect;
  kind_class->verify = verify;
  kind_class->export = export;
  kind_class->can_follow = can_follow;
  kind_class->create_provider = create_provider;
  kind_class->get_sign_in_ways = reprise_azure_get_sign_in_ways;
}

static void
reprise_api_kind_init (RepriseApiKind *self)
{
}
