/* reprise-couch-kind.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "net/reprise-http-uri.h"
#include "net/reprise-json.h"
#include "provider/reprise-scheduler.h"
#include "provider/reprise-tier-policy.h"
#include "providers/couchdb/reprise-couch-file.h"
#include "providers/couchdb/reprise-couch-kind.h"
#include "providers/couchdb/reprise-couch-provider.h"
#include "providers/couchdb/reprise-couch-settings.h"
#include "providers/couchdb/reprise-couch-shelf.h"
#include "providers/couchdb/backup/reprise-couch-verify.h"
#include "providers/couchdb/server/reprise-couch-aside.h"

G_DEFINE_ABSTRACT_TYPE (RepriseCouchKind, reprise_couch_kind, REPRISE_TYPE_KIND)

struct _RepriseCouchdbKind
{
  RepriseCouchKind parent_instance;
};

G_DEFINE_FINAL_TYPE (RepriseCouchdbKind, reprise_couchdb_kind, REPRISE_TYPE_COUCH_KIND)

struct _RepriseCloudantKind
{
  RepriseCouchKind parent_instance;
};

G_DEFINE_FINAL_TYPE (RepriseCloudantKind, reprise_cloudant_kind, REPRISE_TYPE_COUCH_KIND)

static const char *const COUCHDB_SIGN_INS[] = { REPRISE_COUCH_SIGN_IN_PASSWORD,
                                                REPRISE_COUCH_SIGN_IN_NONE, NULL };
static const char *const COUCHDB_LABELS[] = { N_ ("Account and password"), N_ ("No sign-in"),
                                              NULL };
static const char *const CLOUDANT_SIGN_INS[] = { REPRISE_COUCH_SIGN_IN_IAM,
                                                 REPRISE_COUCH_SIGN_IN_PASSWORD, NULL };
static const char *const CLOUDANT_LABELS[] = { N_ ("IBM Cloud API key"),
                                               N_ ("Account and password"), NULL };

#define ADDRESS(text)                                                                       \
  {                                                                                         \
    .key = REPRISE_COUCH_SETTING_ADDRESS, .type = REPRISE_SETTING_ADDRESS,                  \
    .label = N_ ("Address"), .help = N_ ("Of the server, without the name of a database."), \
    .required = TRUE, .placeholder = text                                                   \
  }
#define SIGN_IN(values, labels, value)                                                           \
  {                                                                                              \
    .key = REPRISE_COUCH_SETTING_SIGN_IN, .type = REPRISE_SETTING_CHOICE,                        \
    .label = N_ ("Sign In With"),                                                                \
    .help = N_ ("An administrator can back up everything; a member of a database can read it."), \
    .default_value = value, .choices = values, .choice_labels = labels                           \
  }
#define ACCOUNT                                                                                  \
  {                                                                                              \
    .key = REPRISE_COUCH_SETTING_ACCOUNT, .type = REPRISE_SETTING_TEXT, .label = N_ ("Account"), \
    .required = TRUE, .shown_if_key = REPRISE_COUCH_SETTING_SIGN_IN,                             \
    .shown_if_value = REPRISE_COUCH_SIGN_IN_PASSWORD                                             \
  }
#define PASSWORD                                                                               \
  {                                                                                            \
    .key = REPRISE_COUCH_SECRET_PASSWORD, .type = REPRISE_SETTING_SECRET,                      \
    .label = N_ ("Password"), .required = TRUE, .shown_if_key = REPRISE_COUCH_SETTING_SIGN_IN, \
    .shown_if_value = REPRISE_COUCH_SIGN_IN_PASSWORD                                           \
  }
#define DATABASES                                                                                 \
  {                                                                                               \
    .key = REPRISE_COUCH_SETTING_DATABASES, .type = REPRISE_SETTING_TEXT,                         \
    .label = N_ ("Databases"),                                                                    \
    .help = N_ ("Names, or patterns such as “shop-*”, with spaces between them; empty for all."), \
    .placeholder = "orders shop-*"                                                                \
  }
#define EXCEPT                                                                                 \
  {                                                                                            \
    .key = REPRISE_COUCH_SETTING_EXCEPT, .type = REPRISE_SETTING_TEXT, .label = N_ ("Except"), \
    .help = N_ ("Names or patterns that are left out."), .advanced = TRUE                      \
  }
#define INCLUDE_NEW                                                                               \
  {                                                                                               \
    .key = REPRISE_COUCH_SETTING_INCLUDE_NEW, .type = REPRISE_SETTING_BOOLEAN,                    \
    .label = N_ ("Include New Databases"),                                                        \
    .help = N_ ("Databases that were made since the last backup. They are told of in any case."), \
    .default_value = "true"                                                                       \
  }
#define LOCAL                                                                                   \
  {                                                                                             \
    .key = REPRISE_COUCH_SETTING_LOCAL, .type = REPRISE_SETTING_BOOLEAN,                        \
    .label = N_ ("Local Documents"),                                                            \
    .help = N_ ("Also save what is never replicated: mostly the checkpoints of replications."), \
    .default_value = "false", .advanced = TRUE                                                  \
  }
#define CONNECTIONS                                                                         \
  {                                                                                         \
    .key = REPRISE_COUCH_SETTING_CONNECTIONS, .type = REPRISE_SETTING_INTEGER,              \
    .label = N_ ("Connections"),                                                            \
    .help = N_ ("At a time, at most; there are fewer where the server is asked too much."), \
    .default_value = "4", .advanced = TRUE                                                  \
  }
#define PIN                                                                        \
  {                                                                                \
    .key = REPRISE_COUCH_SETTING_PIN, .type = REPRISE_SETTING_TEXT,                \
    .label = N_ ("Certificate (SHA-256)"),                                         \
    .help = N_ ("Trust exactly this certificate of the server."), .advanced = TRUE \
  }

#define NUMBER(setting, name, text, value, lowest, highest, other)                                 \
  {                                                                                                \
    .key = setting, .type = REPRISE_SETTING_INTEGER, .label = name, .help = text,                  \
    .default_value = value, .minimum = lowest, .maximum = highest, .word = other, .advanced = TRUE \
  }

#define RETENTION                                                                                  \
  NUMBER (REPRISE_TIER_SETTING_KEEP_DAILY, N_ ("Daily Deltas Kept"),                               \
          N_ ("Older ones are rolled up into weeks. “all” keeps them all."), "7", 0,               \
          REPRISE_TIER_MAX_KEEP, "all"),                                                           \
    NUMBER (REPRISE_TIER_SETTING_KEEP_WEEKLY, N_ ("Weekly Roll-Ups Kept"),                         \
            N_ ("Older ones are rolled up into months."), "4", 0, REPRISE_TIER_MAX_KEEP, "all"),   \
    NUMBER (REPRISE_TIER_SETTING_KEEP_MONTHLY, N_ ("Monthly Roll-Ups Kept"),                       \
            N_ ("Older ones are rolled up into years."), "12", 0, REPRISE_TIER_MAX_KEEP, "all"),   \
    NUMBER (REPRISE_TIER_SETTING_KEEP_YEARLY, N_ ("Yearly Roll-Ups Kept"),                         \
            N_ ("Older ones are rolled up into the baseline."), "all", 0, REPRISE_TIER_MAX_KEEP,   \
            "all"),                                                                                \
    NUMBER (REPRISE_TIER_SETTING_WEEKLY_DAYS, N_ ("Days of a Weekly Roll-Up"),                     \
            N_ ("With 7 the weeks begin on Monday."), "7", 1, 366, NULL),                          \
    NUMBER (REPRISE_TIER_SETTING_MONTHLY_MONTHS, N_ ("Months of a Monthly Roll-Up"), NULL, "1", 1, \
            120, NULL),                                                                            \
    NUMBER (REPRISE_TIER_SETTING_YEARLY_YEARS, N_ ("Years of a Yearly Roll-Up"), NULL, "1", 1,     \
            100, NULL),                                                                            \
    NUMBER (REPRISE_TIER_SETTING_DELAY, N_ ("Clean-Up After Days"),                                \
            N_ ("How long a backup that was rolled up is still there."), "7", 0,                   \
            REPRISE_TIER_MAX_DELAY, NULL),                                                         \
    { .key = REPRISE_TIER_SETTING_RULES,                                                           \
      .type = REPRISE_SETTING_TEXT,                                                                \
      .label = N_ ("Tiers of Single Databases"),                                                   \
      .help = N_ ("Names or patterns, with what differs from the numbers above."),                 \
      .placeholder = "shop-*: daily=14 weekly=8; orders: clean-up-days=30",                        \
      .check = reprise_tier_policy_check_rules,                                                    \
      .advanced = TRUE },                                                                          \
  {                                                                                                \
    .key = REPRISE_TIER_SETTING_AFTER_BACKUP, .type = REPRISE_SETTING_BOOLEAN,                     \
    .label = N_ ("Roll Up After Each Backup"),                                                     \
    .help = N_ ("Also deletes what was rolled up, once its time has come."),                       \
    .default_value = "true", .advanced = TRUE                                                      \
  }

static const char *const MODES[] = { REPRISE_COUCH_MODE_INCREMENTS, REPRISE_COUCH_MODE_FULL, NULL };
static const char *const MODE_LABELS[] = { N_ ("A baseline, then daily deltas"),
                                           N_ ("A full copy each time"), NULL };
static const char *const TARGETS[] = { REPRISE_COUCH_TARGET_SAME, REPRISE_COUCH_TARGET_OTHER,
                                       NULL };
static const char *const TARGET_LABELS[] = { N_ ("On the same server"), N_ ("On another cluster"),
                                             NULL };

/* Backups that the server makes by itself. */
#define SERVER_SIDE                                                                             \
  { .key = REPRISE_COUCH_SETTING_SERVER,                                                        \
    .type = REPRISE_SETTING_BOOLEAN,                                                            \
    .label = N_ ("Backups on the Server"),                                                      \
    .help = N_ ("The server replicates into databases of its own: the data does not pass "      \
                "through this computer. The account must be an administrator of the server."),  \
    .default_value = "false",                                                                   \
    .advanced = TRUE },                                                                         \
    { .key = REPRISE_COUCH_SETTING_SERVER_MODE,                                                 \
      .type = REPRISE_SETTING_CHOICE,                                                           \
      .label = N_ ("What the Server Copies"),                                                   \
      .help = N_ ("A full copy needs as much space as the database each time."),                \
      .default_value = REPRISE_COUCH_MODE_INCREMENTS,                                           \
      .choices = MODES,                                                                         \
      .choice_labels = MODE_LABELS,                                                             \
      .advanced = TRUE,                                                                         \
      .shown_if_key = REPRISE_COUCH_SETTING_SERVER,                                             \
      .shown_if_value = "true" },                                                               \
    { .key = REPRISE_COUCH_SETTING_SERVER_TARGET,                                               \
      .type = REPRISE_SETTING_CHOICE,                                                           \
      .label = N_ ("Where the Server Keeps Them"),                                              \
      .help = N_ ("Backups on the same server are lost together with it."),                     \
      .default_value = REPRISE_COUCH_TARGET_SAME,                                               \
      .choices = TARGETS,                                                                       \
      .choice_labels = TARGET_LABELS,                                                           \
      .advanced = TRUE,                                                                         \
      .shown_if_key = REPRISE_COUCH_SETTING_SERVER,                                             \
      .shown_if_value = "true" },                                                               \
    { .key = REPRISE_COUCH_SETTING_OTHER_ADDRESS,                                               \
      .type = REPRISE_SETTING_ADDRESS,                                                          \
      .label = N_ ("Address of the Other Cluster"),                                             \
      .help = N_ ("As this computer and the server reach it."),                                 \
      .required = TRUE,                                                                         \
      .advanced = TRUE,                                                                         \
      .placeholder = "https://backup.example.org:6984/",                                        \
      .shown_if_key = REPRISE_COUCH_SETTING_SERVER_TARGET,                                      \
      .shown_if_value = REPRISE_COUCH_TARGET_OTHER },                                           \
    { .key = REPRISE_COUCH_SETTING_OTHER_ACCOUNT,                                               \
      .type = REPRISE_SETTING_TEXT,                                                             \
      .label = N_ ("Account on the Other Cluster"),                                             \
      .required = TRUE,                                                                         \
      .advanced = TRUE,                                                                         \
      .shown_if_key = REPRISE_COUCH_SETTING_SERVER_TARGET,                                      \
      .shown_if_value = REPRISE_COUCH_TARGET_OTHER },                                           \
    { .key = REPRISE_COUCH_SECRET_OTHER_PASSWORD,                                               \
      .type = REPRISE_SETTING_SECRET,                                                           \
      .label = N_ ("Password on the Other Cluster"),                                            \
      .required = TRUE,                                                                         \
      .advanced = TRUE,                                                                         \
      .shown_if_key = REPRISE_COUCH_SETTING_SERVER_TARGET,                                      \
      .shown_if_value = REPRISE_COUCH_TARGET_OTHER },                                           \
    { .key = REPRISE_SCHEDULE_SETTING_ON_SERVICE,                                               \
      .type = REPRISE_SETTING_BOOLEAN,                                                          \
      .label = N_ ("Scheduled Backups Stay on the Server"),                                     \
      .help = N_ ("Else the schedule brings them into the vault."),                             \
      .default_value = "false",                                                                 \
      .advanced = TRUE,                                                                         \
      .shown_if_key = REPRISE_COUCH_SETTING_SERVER,                                             \
      .shown_if_value = "true" },                                                               \
  {                                                                                             \
    .key = REPRISE_COUCH_SETTING_OWN_ADDRESS, .type = REPRISE_SETTING_ADDRESS,                  \
    .label = N_ ("Address as the Server Sees Itself"),                                          \
    .help = N_ ("Where it differs from the address above, as behind a tunnel or a container."), \
    .advanced = TRUE, .shown_if_key = REPRISE_COUCH_SETTING_SERVER, .shown_if_value = "true"    \
  }

static const RepriseSetting COUCHDB_SETTINGS[] = {
  ADDRESS ("https://couchdb.example.org:6984/"),
  SIGN_IN (COUCHDB_SIGN_INS, COUCHDB_LABELS, REPRISE_COUCH_SIGN_IN_PASSWORD),
  ACCOUNT,
  PASSWORD,
  DATABASES,
  EXCEPT,
  INCLUDE_NEW,
  LOCAL,
  CONNECTIONS,
  RETENTION,
  SERVER_SIDE,
  PIN,
  { .key = NULL },
};

static const RepriseSetting CLOUDANT_SETTINGS[] = {
  ADDRESS ("https://example.cloudantnosqldb.appdomain.cloud/"),
  SIGN_IN (CLOUDANT_SIGN_INS, CLOUDANT_LABELS, REPRISE_COUCH_SIGN_IN_IAM),
  { .key = REPRISE_COUCH_SECRET_API_KEY,
    .type = REPRISE_SETTING_SECRET,
    .label = N_ ("API Key"),
    .help = N_ ("Of IBM Cloud, from the service credentials of the instance."),
    .required = TRUE,
    .shown_if_key = REPRISE_COUCH_SETTING_SIGN_IN,
    .shown_if_value = REPRISE_COUCH_SIGN_IN_IAM },
  ACCOUNT,
  PASSWORD,
  DATABASES,
  EXCEPT,
  INCLUDE_NEW,
  LOCAL,
  CONNECTIONS,
  RETENTION,
  SERVER_SIDE,
  { .key = REPRISE_COUCH_SETTING_IAM,
    .type = REPRISE_SETTING_ADDRESS,
    .label = N_ ("Token Address"),
    .help = N_ ("Where IBM Cloud gives a token for the API key."),
    .default_value = "https://iam.cloud.ibm.com/identity/token",
    .advanced = TRUE,
    .shown_if_key = REPRISE_COUCH_SETTING_SIGN_IN,
    .shown_if_value = REPRISE_COUCH_SIGN_IN_IAM },
  PIN,
  { .key = NULL },
};

static const char *const INTOS[] = { REPRISE_COUCH_INTO_NEW, REPRISE_COUCH_INTO_SAME, NULL };
static const char *const INTO_LABELS[] = { N_ ("New databases"), N_ ("The same databases"), NULL };
static const char *const OTHERS[] = { REPRISE_COUCH_OTHERS_KEEP, REPRISE_COUCH_OTHERS_REMOVE,
                                      NULL };
static const char *const OTHERS_LABELS[] = { N_ ("Leave alone"), N_ ("Delete"), NULL };
static const char *const REVISIONS[] = { REPRISE_COUCH_REVISIONS_AUTO, REPRISE_COUCH_REVISIONS_KEEP,
                                         REPRISE_COUCH_REVISIONS_NEW, NULL };
static const char *const REVISIONS_LABELS[] = {
  N_ ("Keep them where the database is new"),
  N_ ("Keep them: a newer version stays the current one"),
  N_ ("New ones: the saved version becomes the current one"),
  NULL,
};

static const char *const CONFLICTS[] = { REPRISE_COUCH_CONFLICTS_VALUE_LEAVE,
                                         REPRISE_COUCH_CONFLICTS_VALUE_KEEP,
                                         REPRISE_COUCH_CONFLICTS_VALUE_EXACT, NULL };
static const char *const CONFLICTS_LABELS[] = {
  N_ ("Leave those of the backup out"),
  N_ ("Restore those of the backup, too"),
  N_ ("Restore those of the backup, and delete others"),
  NULL,
};
static const char *const MEANWHILE[] = { REPRISE_COUCH_MEANWHILE_KEEP,
                                         REPRISE_COUCH_MEANWHILE_REPLACE, NULL };
static const char *const MEANWHILE_LABELS[] = {
  N_ ("The newer version stays, and is told"),
  N_ ("The saved version wins, as a new revision"),
  NULL,
};

static const RepriseSetting RESTORE_SETTINGS[] = {
  { .key = REPRISE_COUCH_OPTION_INTO,
    .type = REPRISE_SETTING_CHOICE,
    .label = N_ ("Restore Into"),
    .help = N_ ("New ones stand beside the old ones, under a name of their own with the date."),
    .default_value = REPRISE_COUCH_INTO_NEW,
    .choices = INTOS,
    .choice_labels = INTO_LABELS },
  { .key = REPRISE_COUCH_OPTION_DATABASES,
    .type = REPRISE_SETTING_TEXT,
    .label = N_ ("Databases"),
    .help = N_ ("Names or patterns of those that are restored; empty for all."),
    .placeholder = "orders shop-*" },
  { .key = REPRISE_COUCH_OPTION_DOCUMENT,
    .type = REPRISE_SETTING_TEXT,
    .label = N_ ("Document"),
    .help = N_ ("The ID of a single document of one database; empty for all.") },
  { .key = REPRISE_COUCH_OPTION_TARGET,
    .type = REPRISE_SETTING_TEXT,
    .label = N_ ("Name of the Target"),
    .help = N_ ("Where one database is restored: the database that it goes into, new or not."),
    .shown_if_key = REPRISE_COUCH_OPTION_INTO,
    .shown_if_value = REPRISE_COUCH_INTO_NEW },
  { .key = REPRISE_COUCH_OPTION_AS_OF,
    .type = REPRISE_SETTING_TEXT,
    .label = N_ ("As Of"),
    .help = N_ ("A date or a time that a backup holds; empty for that of the chosen backup."),
    .placeholder = "2026-11-21" },
  { .key = REPRISE_COUCH_OPTION_OTHERS,
    .type = REPRISE_SETTING_CHOICE,
    .label = N_ ("Documents That the Backup Does Not Have"),
    .default_value = REPRISE_COUCH_OTHERS_KEEP,
    .choices = OTHERS,
    .choice_labels = OTHERS_LABELS,
    .advanced = TRUE },
  { .key = REPRISE_COUCH_OPTION_MEANWHILE,
    .type = REPRISE_SETTING_CHOICE,
    .label = N_ ("Documents Changed Meanwhile"),
    .help = N_ ("In a database that is there, those that somebody changes while the restore runs."),
    .default_value = REPRISE_COUCH_MEANWHILE_KEEP,
    .choices = MEANWHILE,
    .choice_labels = MEANWHILE_LABELS },
  { .key = REPRISE_COUCH_OPTION_CONFLICTS,
    .type = REPRISE_SETTING_CHOICE,
    .label = N_ ("Versions in Conflict"),
    .help = N_ ("In a database that is there, those beside the one that is shown of a document. "
                "A new database gets them all."),
    .default_value = REPRISE_COUCH_CONFLICTS_VALUE_LEAVE,
    .choices = CONFLICTS,
    .choice_labels = CONFLICTS_LABELS },
  { .key = REPRISE_COUCH_OPTION_REVISIONS,
    .type = REPRISE_SETTING_CHOICE,
    .label = N_ ("Revisions"),
    .default_value = REPRISE_COUCH_REVISIONS_AUTO,
    .choices = REVISIONS,
    .choice_labels = REVISIONS_LABELS,
    .advanced = TRUE },
  { .key = REPRISE_COUCH_OPTION_DELETIONS,
    .type = REPRISE_SETTING_BOOLEAN,
    .label = N_ ("Deletions"),
    .help = N_ ("Without them deleted documents come back from clients that synchronise."),
    .default_value = "true",
    .advanced = TRUE },
  { .key = REPRISE_COUCH_OPTION_LOCAL,
    .type = REPRISE_SETTING_BOOLEAN,
    .label = N_ ("Local Documents"),
    .help = N_ ("Those that are no checkpoints of replications, where the backup has them."),
    .default_value = "false",
    .advanced = TRUE },
  { .key = NULL },
};

static const char *
explain_group (RepriseKind *kind, RepriseGroup group)
{
  switch (group)
    {
    case REPRISE_GROUP_REQUIRED:
      return _ ("Of each database its design documents, and who may use it.");
    case REPRISE_GROUP_USER:
      return _ ("The accounts: the database “_users”.");
    case REPRISE_GROUP_LOG:
      return _ ("Databases that you put there.");
    case REPRISE_GROUP_THIRD_PARTY:
      return _ ("Replications with other servers: the database “_replicator”.");
    case REPRISE_GROUP_CUSTOM:
      return _ ("All other databases, with their conflicts, deletions and attachments.");
    case REPRISE_GROUP_UNKNOWN:
      return _ ("Databases that you put there.");
    case REPRISE_GROUP_SKIPPED:
      return _ ("What the server makes by itself, and documents that are local to it.");
    default:
      return NULL;
    }
}

static const char *
explain_limits (RepriseKind *kind)
{
  return _ ("A backup holds each document as it was at some moment between its beginning and its "
            "end: over HTTP there is no common point in time. Older versions of a document are "
            "those of earlier backups; what the server’s compaction left of them is not read. "
            "Indexes are built anew by the server.");
}

/* “couchdb.example.org” */
static char *
suggest_name (RepriseKind *kind, GHashTable *settings)
{
  return reprise_http_dup_host (g_hash_table_lookup (settings, REPRISE_COUCH_SETTING_ADDRESS));
}

static gboolean
recognise (RepriseKind *kind, const char *path, const guchar *head, gsize head_size, gint64 size)
{
  /* a segment alone is of no use: it lies in a vault with those that it goes on from */
  return reprise_couch_file_recognise (head, head_size);
}

static void
count_tiers (RepriseArchive *archive, JsonArray *databases)
{
  guint n_full = 0, n = reprise_json_array_get_length (databases);
  g_autofree char *text = NULL;

  for (guint i = 0; i < n; i++)
    n_full += strcmp (reprise_json_get_string (reprise_json_array_get_object (databases, i),
                                               REPRISE_COUCH_TIER, ""),
                      "baseline") == 0;
  text = g_strdup_printf (_ ("%u, of which %u in full"), n, n_full);
  reprise_archive_add_fact (archive, _ ("Databases"), text);
}

/* What of a backup on the server lies in the vault. */
static gboolean
inspect_aside (RepriseArchive *archive)
{
  RepriseManifest *manifest = reprise_archive_get_manifest (archive);
  const char *name = reprise_couch_aside_get_backup (manifest);

  if (name == NULL)
    return FALSE;
  reprise_archive_set_format (archive, _ ("Design documents and security of CouchDB databases"));
  reprise_archive_set_created_at (archive, reprise_manifest_get_created_at (manifest));
  reprise_archive_set_size_bytes (archive, reprise_manifest_get_size_bytes (manifest));
  reprise_archive_set_service_version (archive, reprise_manifest_get_service_version (manifest));
  reprise_archive_set_contents (archive, reprise_manifest_get_contents (manifest));
  reprise_archive_add_fact (archive, _ ("Belongs to the backup on the server"), name);
  return TRUE;
}

static gboolean
inspect (RepriseKind *kind,
         RepriseArchive *archive,
         RepriseSecretValue *password,
         RepriseProgress *progress,
         GCancellable *cancellable,
         GError **error)
{
  RepriseManifest *manifest = reprise_archive_get_manifest (archive);
  g_autoptr (RepriseCouchShelf) shelf = NULL;
  JsonObject *imported;
  JsonArray *databases;

  if (manifest == NULL && reprise_archive_get_backup (archive) == NULL)
    return reprise_couch_file_inspect (archive, progress, cancellable, error);
  if (inspect_aside (archive))
    return TRUE;
  shelf = reprise_couch_verify_open (archive, &databases, error);
  if (shelf == NULL)
    return FALSE;
  reprise_archive_set_format (archive, _ ("CouchDB segments"));
  reprise_archive_set_created_at (archive, reprise_manifest_get_created_at (manifest));
  reprise_archive_set_size_bytes (archive, reprise_manifest_get_size_bytes (manifest));
  reprise_archive_set_service_version (archive, reprise_manifest_get_service_version (manifest));
  reprise_archive_set_contents (archive, reprise_manifest_get_contents (manifest));
  count_tiers (archive, databases);
  imported = reprise_json_get_object (reprise_manifest_get_provider (manifest),
                                      REPRISE_COUCH_MEMBER_IMPORTED);
  if (imported != NULL)
    reprise_couch_file_describe (archive, imported);
  for (guint i = 0; i < reprise_json_array_get_length (databases); i++)
    {
      const char *name =
        reprise_json_get_string (reprise_json_array_get_object (databases, i), "name", "");
      g_autoptr (GError) local = NULL;

      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
      if (!reprise_couch_verify_chain (archive, shelf, name, &local))
        reprise_archive_add_damage (archive, "%s", local->message);
    }
  return TRUE;
}

static gboolean
import (RepriseKind *kind,
        RepriseArchive *archive,
        RepriseService *service,
        GHashTable *options,
        RepriseVaultWriter *writer,
        RepriseProgress *progress,
        GCancellable *cancellable,
        GError **error)
{
  return reprise_couch_file_import (archive, service, options, writer, progress, cancellable,
                                    error);
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
  return reprise_couch_file_export (archive, options, path, replace, progress, cancellable, error);
}

static RepriseProvider *
create_provider (RepriseKind *kind, RepriseService *service, RepriseSecrets *secrets)
{
  return reprise_provider_base_create (REPRISE_TYPE_COUCH_PROVIDER, kind, service, secrets);
}

static const RepriseSetting EXPORT_SETTINGS[] = {
  { .key = REPRISE_OPTION_ATTACHMENTS,
    .type = REPRISE_SETTING_BOOLEAN,
    .label = N_ ("Attachments"),
    .help = N_ ("Written with their data. Without them, couchrestore does not restore documents "
                "that have any."),
    .default_value = "true" },
  { NULL },
};

static void
reprise_couch_kind_class_init (RepriseCouchKindClass *klass)
{
  RepriseKindClass *kind_class = REPRISE_KIND_CLASS (klass);

  kind_class->icon_name = "reprise-kind-couchdb-symbolic";
  kind_class->capabilities = REPRISE_CAN_CHOOSE_GROUPS | REPRISE_CAN_RESTORE_GROUPS |
                             REPRISE_CAN_RESTORE_ELSEWHERE | REPRISE_CAN_UNDO |
                             REPRISE_CAN_REHEARSE | REPRISE_HAS_RULES | REPRISE_HAS_HISTORY |
                             REPRISE_CAN_IMPORT | REPRISE_CAN_EXPORT | REPRISE_CAN_LIST_ON_SERVICE |
                             REPRISE_CAN_KEEP_ON_SERVICE;
  kind_class->restore_settings = RESTORE_SETTINGS;
  kind_class->export_title = N_ ("Files of couchbackup");
  kind_class->export_settings = EXPORT_SETTINGS;
  kind_class->explain_group = explain_group;
  kind_class->explain_limits = explain_limits;
  kind_class->suggest_name = suggest_name;
  kind_class->recognise = recognise;
  kind_class->inspect = inspect;
  kind_class->verify = reprise_couch_verify;
  kind_class->import = import;
  kind_class->export = export;
  kind_class->create_provider = create_provider;
  kind_class->choose_collection = reprise_couch_choose_collection;
}

static void
reprise_couch_kind_init (RepriseCouchKind *self)
{
}

static void
reprise_couchdb_kind_class_init (RepriseCouchdbKindClass *klass)
{
  RepriseKindClass *kind_class = REPRISE_KIND_CLASS (klass);

  kind_class->id = "couchdb";
  kind_class->title = N_ ("CouchDB");
  kind_class->description = N_ ("An Apache CouchDB server with its databases");
  kind_class->settings = COUCHDB_SETTINGS;
}

static void
reprise_couchdb_kind_init (RepriseCouchdbKind *self)
{
}

static void
reprise_cloudant_kind_class_init (RepriseCloudantKindClass *klass)
{
  RepriseKindClass *kind_class = REPRISE_KIND_CLASS (klass);

  kind_class->id = "cloudant";
  kind_class->title = N_ ("Cloudant");
  kind_class->description = N_ ("An IBM Cloudant account with its databases");
  kind_class->settings = CLOUDANT_SETTINGS;
  kind_class->capabilities |= REPRISE_CAN_LIST_ON_SERVICE; /* Cloudant's own backup */
}

static void
reprise_cloudant_kind_init (RepriseCloudantKind *self)
{
}
