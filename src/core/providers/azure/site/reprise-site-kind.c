/* reprise-site-kind.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "providers/azure/reprise-azure-kind.h"
#include "providers/azure/site/reprise-site-archive.h"
#include "providers/azure/site/reprise-site-export.h"
#include "providers/azure/site/reprise-site-journal.h"
#include "providers/azure/site/reprise-site-kind.h"
#include "providers/azure/site/reprise-site-make.h"
#include "providers/azure/site/reprise-site-plan.h"
#include "providers/azure/site/reprise-site-provider.h"
#include "providers/azure/site/reprise-site-rehearse.h"
#include "providers/azure/site/reprise-site-schedule.h"

struct _RepriseSiteKind
{
  RepriseKind parent_instance;
};

G_DEFINE_FINAL_TYPE (RepriseSiteKind, reprise_site_kind, REPRISE_TYPE_KIND)

static const char *const STORAGES[] = { REPRISE_AZURE_STORAGE_SAS, REPRISE_AZURE_STORAGE_KEY,
                                        REPRISE_AZURE_STORAGE_AZURE, NULL };
static const char *const STORAGE_LABELS[] = { N_ ("A shared access signature that you made"),
                                              N_ ("The access key of the storage account"),
                                              N_ ("Signatures that Azure makes for your account"),
                                              NULL };

static const char *const SNAPSHOTS[] = { "none", "daily", "all", "paired", NULL };
static const char *const SNAPSHOT_LABELS[] = { N_ ("None"), N_ ("The last of each day"), N_ ("All"),
                                               N_ ("All, from the paired region"), NULL };

static const RepriseSetting SETTINGS[] = {
  REPRISE_AZURE_SIGN_IN_SETTINGS,
  REPRISE_AZURE_PLACE_SETTINGS,
  { .key = REPRISE_AZURE_SETTING_APPLICATION,
    .type = REPRISE_SETTING_TEXT,
    .label = N_ ("Application"),
    .required = TRUE,
    .listed = TRUE,
    .depends_on = REPRISE_AZURE_SETTING_GROUP,
    .check = reprise_site_check_name },
  { .key = REPRISE_AZURE_SETTING_SLOT,
    .type = REPRISE_SETTING_TEXT,
    .label = N_ ("Slot"),
    .help = N_ ("Empty for the application itself."),
    .advanced = TRUE,
    .listed = TRUE,
    .depends_on = REPRISE_AZURE_SETTING_APPLICATION,
    .check = reprise_site_check_slot },
  { .key = REPRISE_AZURE_SETTING_STORAGE,
    .type = REPRISE_SETTING_CHOICE,
    .label = N_ ("Access to the Storage"),
    .help = N_ ("Azure puts its backups into a container of a storage account."),
    .default_value = REPRISE_AZURE_STORAGE_SAS,
    .choices = STORAGES,
    .choice_labels = STORAGE_LABELS },
  REPRISE_AZURE_SAS_SETTING,
  { .key = REPRISE_AZURE_SETTING_ACCOUNT,
    .type = REPRISE_SETTING_TEXT,
    .label = N_ ("Storage Account"),
    .help = N_ ("Its name; not needed with a signature that you made."),
    .required = TRUE,
    .listed = TRUE,
    .check = reprise_azure_check_account,
    .depends_on = REPRISE_AZURE_SETTING_SUBSCRIPTION,
    REPRISE_AZURE_SHOWN (REPRISE_AZURE_SETTING_STORAGE,
                         REPRISE_AZURE_STORAGE_KEY "|" REPRISE_AZURE_STORAGE_AZURE) },
  { .key = REPRISE_AZURE_SETTING_CONTAINER,
    .type = REPRISE_SETTING_TEXT,
    .label = N_ ("Container"),
    .help = N_ ("It must exist; not needed with a signature that you made."),
    .required = TRUE,
    .listed = TRUE,
    .check = reprise_azure_check_container,
    .depends_on = REPRISE_AZURE_SETTING_ACCOUNT,
    REPRISE_AZURE_SHOWN (REPRISE_AZURE_SETTING_STORAGE,
                         REPRISE_AZURE_STORAGE_KEY "|" REPRISE_AZURE_STORAGE_AZURE) },
  REPRISE_AZURE_KEY_SETTING,
  { .key = REPRISE_AZURE_SETTING_DATABASES,
    .type = REPRISE_SETTING_TEXT,
    .label = N_ ("Linked Databases"),
    .help = N_ ("TYPE:NAME:CONNECTION, with spaces between them. The types are SqlAzure, MySql, "
                "LocalMySql and PostgreSql; the connection is the name of one of the application’s "
                "connection strings."),
    .placeholder = "SqlAzure:orders:OrdersConnection",
    .check = reprise_site_provider_check_databases,
    .advanced = TRUE },
  { .key = REPRISE_AZURE_SECRET_CONNECTIONS,
    .type = REPRISE_SETTING_SECRET,
    .label = N_ ("Connection Strings"),
    .help = N_ ("Only of databases for which the application has none: a line NAME=STRING for "
                "each."),
    .advanced = TRUE },
  { .key = REPRISE_AZURE_SETTING_SNAPSHOTS,
    .type = REPRISE_SETTING_CHOICE,
    .label = N_ ("Automatic Backups in the List"),
    .help = N_ ("Azure makes one each hour and keeps it for 30 days, without databases. They can "
                "be restored, but not downloaded."),
    .default_value = "daily",
    .choices = SNAPSHOTS,
    .choice_labels = SNAPSHOT_LABELS,
    .advanced = TRUE },
  { .key = REPRISE_KIND_SETTING_REHEARSE_ON,
    .type = REPRISE_SETTING_TEXT,
    .label = N_ ("Rehearse Restores On"),
    .help = N_ ("Another application of the resource group, or a slot, written as "
                "APPLICATION/SLOT. All that is in it is replaced each time, without asking; an "
                "application that does not exist is made, and deleted afterwards. It runs with the "
                "settings of the backup meanwhile; databases are left alone."),
    .placeholder = "shop/rehearsal",
    .check = reprise_site_rehearse_check,
    .advanced = TRUE },
  { .key = REPRISE_AZURE_SETTING_ACCOUNT_GROUP,
    .type = REPRISE_SETTING_TEXT,
    .label = N_ ("Resource Group of the Storage Account"),
    .help = N_ ("Where it is not that of the application."),
    .advanced = TRUE,
    .listed = TRUE,
    .depends_on = REPRISE_AZURE_SETTING_ACCOUNT,
    REPRISE_AZURE_SHOWN (REPRISE_AZURE_SETTING_STORAGE, REPRISE_AZURE_STORAGE_AZURE) },
  { .key = REPRISE_AZURE_SETTING_SIGNED_DAYS,
    .type = REPRISE_SETTING_INTEGER,
    .label = N_ ("Days of a Signature"),
    .help = N_ ("How long those are good that Reprise or Azure makes. Azure needs them to delete "
                "old backups."),
    .default_value = "365",
    .minimum = 1,
    .maximum = 36500,
    .advanced = TRUE },
  REPRISE_AZURE_CLOUD_SETTINGS,
  { .key = NULL },
};

static const RepriseSetting RESTORE_SETTINGS[] = {
  { .key = REPRISE_SITE_OPTION_APPLICATION,
    .type = REPRISE_SETTING_TEXT,
    .label = N_ ("Into the Application"),
    .listed = TRUE,
    .help = N_ ("Its name; it is made where it does not exist. Empty for that of the service."),
    .check = reprise_site_check_name },
  { .key = REPRISE_SITE_OPTION_SLOT,
    .type = REPRISE_SETTING_TEXT,
    .label = N_ ("Into the Slot"),
    .listed = TRUE,
    .depends_on = REPRISE_SITE_OPTION_APPLICATION,
    .help = N_ ("A slot can be looked at, and swapped when it is good."),
    .check = reprise_site_check_slot },
  { .key = REPRISE_SITE_OPTION_PLAN,
    .type = REPRISE_SETTING_TEXT,
    .label = N_ ("App Service Plan"),
    .help = N_ ("Of a new application: the name of the plan that it is to run in.") },
  { .key = REPRISE_SITE_OPTION_DATABASES,
    .type = REPRISE_SETTING_TEXT,
    .label = N_ ("Databases"),
    .help = N_ ("Names, with spaces between them. Empty for all in the backup.") },
  { .key = REPRISE_SITE_OPTION_SETTINGS,
    .type = REPRISE_SETTING_BOOLEAN,
    .label = N_ ("Settings of the Application Too"),
    .help = N_ ("Of an automatic backup or a deleted application. Other backups always hold them."),
    .default_value = "true",
    .advanced = TRUE },
  { .key = REPRISE_SITE_OPTION_HOST_NAMES,
    .type = REPRISE_SETTING_BOOLEAN,
    .label = N_ ("Drop Custom Domains"),
    .help = N_ ("Those that another application has would stop the restore."),
    .default_value = "false",
    .advanced = TRUE },
  { .key = REPRISE_SITE_OPTION_CONNECTIONS,
    .type = REPRISE_SETTING_BOOLEAN,
    .label = N_ ("Adjust Connection Strings"),
    .help = N_ ("So that they lead to the databases that were restored."),
    .default_value = "false",
    .advanced = TRUE },
  { .key = NULL },
};

static const char *const UNITS[] = { "hour", "day", NULL };
static const char *const UNIT_LABELS[] = { N_ ("Hours"), N_ ("Days"), NULL };

/* Of Azure's own schedule. */
static const RepriseSetting SCHEDULE_SETTINGS[] = {
  { .key = REPRISE_SCHEDULE_ENABLED,
    .type = REPRISE_SETTING_BOOLEAN,
    .label = N_ ("Follow the Schedule"),
    .help = N_ ("Otherwise it is paused."),
    .default_value = "true" },
  { .key = REPRISE_SITE_SCHEDULE_EVERY,
    .type = REPRISE_SETTING_INTEGER,
    .label = N_ ("A Backup Every So Many"),
    .default_value = "1",
    .minimum = 1,
    .maximum = 1000 },
  { .key = REPRISE_SITE_SCHEDULE_UNIT,
    .type = REPRISE_SETTING_CHOICE,
    .label = N_ ("Hours or Days"),
    .default_value = "day",
    .choices = UNITS,
    .choice_labels = UNIT_LABELS },
  { .key = REPRISE_SITE_SCHEDULE_START,
    .type = REPRISE_SETTING_TIME,
    .label = N_ ("First Start"),
    .help = N_ ("A time, as 2026-11-21T02:00. Empty for at once."),
    .placeholder = "2026-11-21T02:00" },
  { .key = REPRISE_SITE_SCHEDULE_RETENTION,
    .type = REPRISE_SETTING_INTEGER,
    .label = N_ ("Days for Which Backups Are Kept"),
    .help = N_ ("Azure deletes older ones. 0 is for ever."),
    .default_value = "30",
    .minimum = 0,
    .maximum = 36500 },
  { .key = REPRISE_SITE_SCHEDULE_KEEP_ONE,
    .type = REPRISE_SETTING_BOOLEAN,
    .label = N_ ("Always Keep at Least One"),
    .help = N_ ("However old it is."),
    .default_value = "true" },
  { .key = REPRISE_SITE_SCHEDULE_DATABASES,
    .type = REPRISE_SETTING_BOOLEAN,
    .label = N_ ("Linked Databases Too"),
    .help = N_ ("Those of the settings of the service."),
    .default_value = "true" },
  { .key = REPRISE_SITE_SCHEDULE_NAME,
    .type = REPRISE_SETTING_TEXT,
    .label = N_ ("Name of the Backups"),
    .help = N_ ("Empty for that of the application."),
    .advanced = TRUE },
  { .key = NULL },
};

static char *
explain_no_rehearsal (RepriseKind *kind, RepriseService *service)
{
  const char *application =
    reprise_service_get_setting (service, REPRISE_AZURE_SETTING_APPLICATION);

  return reprise_site_rehearse_explain_missing (
    reprise_service_get_setting (service, REPRISE_KIND_SETTING_REHEARSE_ON),
    application != NULL ? application : "",
    reprise_service_get_setting (service, REPRISE_AZURE_SETTING_SLOT));
}

static const char *
explain_group (RepriseKind *kind, RepriseGroup group)
{
  switch (group)
    {
    case REPRISE_GROUP_REQUIRED:
      return _ ("The files of the application and its configuration.");
    case REPRISE_GROUP_CUSTOM:
      return _ ("Databases that are linked with the application.");
    case REPRISE_GROUP_SKIPPED:
      return _ ("Network features, identities, custom domains, certificates, scaling and alerts.");
    case REPRISE_GROUP_USER:
    case REPRISE_GROUP_LOG:
    case REPRISE_GROUP_THIRD_PARTY:
    case REPRISE_GROUP_UNKNOWN:
    default:
      return NULL;
    }
}

static const char *
explain_limits (RepriseKind *kind)
{
  return _ ("Azure makes backups in the tier Basic and those above it. A backup may have 10 GB, of "
            "which databases may have 4 GB. Not restored with an application are network features, "
            "authentication, identities, custom domains, TLS, scaling, alerts, the schedule and "
            "slots. A storage behind a firewall or a private endpoint, or without shared keys, "
            "cannot be used, nor MySQL and PostgreSQL that speak only TLS. Files that an "
            "application has locked are left out.");
}

static char *
suggest_name (RepriseKind *kind, GHashTable *settings)
{
  const char *name = g_hash_table_lookup (settings, REPRISE_AZURE_SETTING_APPLICATION);
  const char *slot = g_hash_table_lookup (settings, REPRISE_AZURE_SETTING_SLOT);

  if (name == NULL || slot == NULL || *slot == '\0')
    return g_strdup (name);
  return g_strdup_printf ("%s %s", name, slot);
}

static gboolean
recognise (RepriseKind *kind, const char *path, const guchar *head, gsize head_size, gint64 size)
{
  return head_size >= 4 && memcmp (head, "PK\3\4", 4) == 0 && reprise_site_archive_is_one (path);
}

/* (transfer full) (nullable): the zip file of an archive, be it a file or a backup in the vault */
char *
reprise_site_kind_dup_file (RepriseArchive *archive)
{
  const char *path = reprise_archive_get_path (archive);

  if (path == NULL || reprise_archive_get_manifest (archive) == NULL)
    return g_strdup (path);
  return g_build_filename (path, REPRISE_SITE_FILE_ARCHIVE, NULL);
}

static gboolean
inspect (RepriseKind *kind,
         RepriseArchive *archive,
         RepriseSecretValue *password,
         RepriseProgress *progress,
         GCancellable *cancellable,
         GError **error)
{
  g_autofree char *path = reprise_site_kind_dup_file (archive);

  if (path != NULL)
    return reprise_site_archive_inspect (archive, path, progress, cancellable, error);
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
         reprise_archive_check_damage (archive, error);
}

static RepriseOutcome *export(RepriseKind *kind,
                              RepriseArchive *archive,
                              GHashTable *options,
                              const char *path,
                              gboolean replace,
                              RepriseProgress *progress,
                              GCancellable *cancellable,
                              GError **error)
{
  return reprise_site_export (archive, path, replace, progress, cancellable, error);
}

static gboolean
can_follow (RepriseKind *kind, RepriseJournal *journal)
{
  return reprise_site_journal_has_left (journal) || reprise_site_make_has_left (journal);
}

static RepriseProvider *
create_provider (RepriseKind *kind, RepriseService *service, RepriseSecrets *secrets)
{
  return reprise_provider_base_create (REPRISE_TYPE_SITE_PROVIDER, kind, service, secrets);
}

static void
reprise_site_kind_class_init (RepriseSiteKindClass *klass)
{
  RepriseKindClass *kind_class = REPRISE_KIND_CLASS (klass);

  kind_class->id = REPRISE_SITE_KIND_ID;
  kind_class->title = N_ ("Azure App Service");
  kind_class->description = N_ ("An application of Azure App Service");
  kind_class->icon_name = "reprise-kind-azure-app-service-symbolic";
  kind_class->capabilities = REPRISE_CAN_LIST_ON_SERVICE | REPRISE_CAN_KEEP_ON_SERVICE |
                             REPRISE_CAN_UPLOAD | REPRISE_CAN_RESTORE_GROUPS |
                             REPRISE_CAN_RESTORE_ELSEWHERE | REPRISE_CAN_UNDO |
                             REPRISE_HAS_DETAILS | REPRISE_CAN_RENEW | REPRISE_HAS_SECRETS |
                             REPRISE_CAN_SIGN_IN | REPRISE_HAS_SCHEDULE | REPRISE_CAN_EXPORT |
                             REPRISE_CAN_REHEARSE | REPRISE_REHEARSES_FROM_SERVICE;
  kind_class->settings = SETTINGS;
  kind_class->restore_settings = RESTORE_SETTINGS;
  kind_class->schedule_settings = SCHEDULE_SETTINGS;
  kind_class->explain_no_rehearsal = explain_no_rehearsal;
  kind_class->explain_group = explain_group;
  kind_class->explain_limits = explain_limits;
  kind_class->suggest_name = suggest_name;
  kind_class->recognise = recognise;
  kind_class->inspect = inspect;
  kind_class->verify = verify;
  kind_class->export = export;
  kind_class->export_title = N_ ("The archive and its description, as Azure made them");
  kind_class->export_whole = TRUE;
  kind_class->can_follow = can_follow;
  kind_class->create_provider = create_provider;
  kind_class->get_sign_in_ways = reprise_azure_get_sign_in_ways;
}

static void
reprise_site_kind_init (RepriseSiteKind *self)
{
}
