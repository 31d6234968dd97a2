/* reprise-ui-kind.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "base/reprise-error.h"
#include "reprise-ui-kind.h"
#include "reprise-ui-provider.h"

struct _RepriseUiKind
{
  RepriseKind parent_instance;
};

G_DEFINE_FINAL_TYPE (RepriseUiKind, reprise_ui_kind, REPRISE_TYPE_KIND)

/* Only one can be left out. */
static gboolean
choose_collection (RepriseKind *kind,
                   RepriseService *service,
                   const char *collection,
                   gboolean included,
                   GError **error)
{
  if (g_strcmp0 (collection, "orders") == 0)
    {
      reprise_service_set_setting (service, "except", included ? "" : "orders");
      return TRUE;
    }
  g_set_error_literal (error, REPRISE_ERROR, REPRISE_ERROR_REFUSED,
                       "A pattern of the exceptions leaves it out");
  return FALSE;
}

static gboolean
recognise (RepriseKind *kind, const char *path, const guchar *head, gsize head_size, gint64 size)
{
  return head_size >= strlen (REPRISE_UI_HEAD) &&
         memcmp (head, REPRISE_UI_HEAD, strlen (REPRISE_UI_HEAD)) == 0;
}

static gboolean
inspect (RepriseKind *kind,
         RepriseArchive *archive,
         RepriseSecretValue *password,
         RepriseProgress *progress,
         GCancellable *cancellable,
         GError **error)
{
  g_autoptr (RepriseContents) contents =
    reprise_ui_provider_make_contents (NULL, REPRISE_GROUPS_ALL);

  reprise_archive_set_contents (archive, contents);
  reprise_archive_set_format (archive, "Archive of the test kind");
  reprise_archive_set_service_version (archive, "1.7.2");
  return TRUE;
}

static gboolean
verify (RepriseKind *kind,
        RepriseArchive *archive,
        RepriseDepth depth,
        RepriseProgress *progress,
        GCancellable *cancellable,
        GError **error)
{
  return TRUE;
}

static const char *
explain_limits (RepriseKind *kind)
{
  return "Files that plugins keep outside the database are in no backup.";
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
  const char *collection = g_hash_table_lookup (options, REPRISE_OPTION_COLLECTION);
  g_autofree char *target =
    collection != NULL ? g_strdup (path) : g_build_filename (path, "all.txt", NULL);

  if (!g_file_set_contents (target, collection != NULL ? collection : "all", -1, error))
    return NULL;
  return reprise_outcome_new ("1 file written");
}

static RepriseProvider *
create_provider (RepriseKind *kind, RepriseService *service, RepriseSecrets *secrets)
{
  return reprise_ui_provider_new (service);
}

static RepriseSignInWays
get_sign_in_ways (RepriseKind *kind, GHashTable *settings)
{
  return g_strcmp0 (g_hash_table_lookup (settings, "fault"), "person") == 0
           ? REPRISE_SIGN_IN_CODE
           : REPRISE_SIGN_IN_NO_WAY;
}

static void
reprise_ui_kind_class_init (RepriseUiKindClass *klass)
{
  static const char *const modes[] = { "plain", "careful", NULL };
  static const char *const mode_labels[] = { "Plain", "Careful", NULL };
  static const RepriseSetting settings[] = {
    { .key = "address",
      .type = REPRISE_SETTING_ADDRESS,
      .label = "Address",
      .required = TRUE,
      .placeholder = "https://app.example.com" },
    { .key = "account", .type = REPRISE_SETTING_TEXT, .label = "Account" },
    { .key = "password", .type = REPRISE_SETTING_SECRET, .label = "Password" },
    { .key = "mode",
      .type = REPRISE_SETTING_CHOICE,
      .label = "Mode",
      .default_value = "plain",
      .choices = modes,
      .choice_labels = mode_labels,
      .advanced = TRUE },
    { .key = "hidden",
      .type = REPRISE_SETTING_BOOLEAN,
      .label = "Hidden Ones Too",
      .default_value = "false",
      .advanced = TRUE },
    { NULL },
  };
  static const RepriseSetting schedule_settings[] = {
    { .key = REPRISE_SCHEDULE_ENABLED,
      .type = REPRISE_SETTING_BOOLEAN,
      .label = "Follow the Schedule",
      .default_value = "true" },
    { .key = "every", .type = REPRISE_SETTING_INTEGER, .label = "Every", .default_value = "1" },
    { .key = "start", .type = REPRISE_SETTING_TIME, .label = "First Start" },
    { .key = "account", /* that of the service, where it names one */
      .type = REPRISE_SETTING_BOOLEAN,
      .label = "Account Too",
      .default_value = "true" },
    { NULL },
  };
  static const char *const intos[] = { "new", "same", NULL };
  static const RepriseSetting restore_settings[] = {
    { .key = "into",
      .type = REPRISE_SETTING_CHOICE,
      .label = "Restore Into",
      .default_value = "new",
      .choices = intos },
    { .key = "databases", .type = REPRISE_SETTING_TEXT, .label = "Databases" },
    { .key = "document", .type = REPRISE_SETTING_TEXT, .label = "Document" },
    { .key = "target",
      .type = REPRISE_SETTING_TEXT,
      .label = "Target",
      .shown_if_key = "into",
      .shown_if_value = "new" },
    { .key = "as-of", .type = REPRISE_SETTING_TEXT, .label = "As Of" },
    { .key = "account", .type = REPRISE_SETTING_TEXT, .label = "As the Account", .listed = TRUE },
    { NULL },
  };
  RepriseKindClass *kind_class = REPRISE_KIND_CLASS (klass);

  kind_class->id = "ui";
  kind_class->title = "Test Service";
  kind_class->description = "For tests of the windows";
  kind_class->icon_name = "reprise-server-symbolic";
  kind_class->capabilities = REPRISE_CAN_CHOOSE_GROUPS | REPRISE_CAN_LIST_ON_SERVICE |
                             REPRISE_CAN_UPLOAD | REPRISE_CAN_RESTORE_GROUPS | REPRISE_CAN_UNDO |
                             REPRISE_HAS_RULES | REPRISE_HAS_HISTORY | REPRISE_CAN_EXPORT |
                             REPRISE_HAS_SCHEDULE | REPRISE_CAN_RENEW;
  kind_class->settings = settings;
  kind_class->restore_settings = restore_settings;
  kind_class->schedule_settings = schedule_settings;
  kind_class->default_groups = REPRISE_GROUP_BIT (REPRISE_GROUP_REQUIRED) |
                               REPRISE_GROUP_BIT (REPRISE_GROUP_USER) |
                               REPRISE_GROUP_BIT (REPRISE_GROUP_CUSTOM);
  kind_class->explain_limits = explain_limits;
  kind_class->export_title = "Files of the test";
  kind_class->export = export;
  kind_class->recognise = recognise;
  kind_class->inspect = inspect;
  kind_class->verify = verify;
  kind_class->create_provider = create_provider;
  kind_class->choose_collection = choose_collection;
  kind_class->get_sign_in_ways = get_sign_in_ways;
}

static void
reprise_ui_kind_init (RepriseUiKind *self)
{
}
