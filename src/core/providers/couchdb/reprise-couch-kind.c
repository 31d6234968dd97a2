/* reprise-couch-kind.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "providers/couchdb/reprise-couch-kind.h"
#include "providers/couchdb/reprise-couch-settings.h"

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
            "those of earlier backups; what the server's compaction left of them is not read. "
            "Indexes are built anew by the server.");
}

/* “couchdb.example.org” */
static char *
suggest_name (RepriseKind *kind, GHashTable *settings)
{
  const char *address = g_hash_table_lookup (settings, REPRISE_COUCH_SETTING_ADDRESS);
  g_autoptr (GUri) uri = address != NULL ? g_uri_parse (address, G_URI_FLAGS_NONE, NULL) : NULL;

  if (uri == NULL || g_uri_get_host (uri) == NULL || *g_uri_get_host (uri) == '\0')
    return NULL;
  return g_strdup (g_uri_get_host (uri));
}

static void
reprise_couch_kind_class_init (RepriseCouchKindClass *klass)
{
  RepriseKindClass *kind_class = REPRISE_KIND_CLASS (klass);

  kind_class->icon_name = "reprise-kind-couchdb-symbolic";
  kind_class->explain_group = explain_group;
  kind_class->explain_limits = explain_limits;
  kind_class->suggest_name = suggest_name;
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
}

static void
reprise_cloudant_kind_init (RepriseCloudantKind *self)
{
}
