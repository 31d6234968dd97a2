/* reprise-nocobase-kind.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "archive/reprise-archive-reader.h"
#include "base/reprise-error.h"
#include "net/reprise-http-uri.h"
#include "providers/nocobase/reprise-nocobase-data.h"
#include "providers/nocobase/reprise-nocobase-dump.h"
#include "providers/nocobase/reprise-nocobase-kind.h"
#include "providers/nocobase/reprise-nocobase-provider.h"

struct _RepriseNocobaseKind
{
  RepriseKind parent_instance;
};

G_DEFINE_FINAL_TYPE (RepriseNocobaseKind, reprise_nocobase_kind, REPRISE_TYPE_KIND)

static const char *const SIGN_INS[] = { "password", "api-key", NULL };
static const char *const SIGN_IN_LABELS[] = { N_ ("Account and password"), N_ ("API key"), NULL };
static const char *const PLUGINS[] = { "auto", REPRISE_NOCOBASE_PLUGIN_NEW,
                                       REPRISE_NOCOBASE_PLUGIN_OLD, NULL };
static const char *const PLUGIN_LABELS[] = {
  N_ ("Whichever the server has"),
  N_ ("Backup manager (whole, .nbdata)"),
  N_ ("Backup & Restore (groups, .nbdump)"),
  NULL,
};
static const char *const OLD_RESTORES[] = { "refuse", "allow", NULL };
static const char *const OLD_RESTORE_LABELS[] = {
  N_ ("Refuse on NocoBase 2 and later"),
  N_ ("Allow: this server’s restore command was repaired"),
  NULL,
};

static const RepriseSetting SETTINGS[] = {
  { .key = REPRISE_NOCOBASE_SETTING_ADDRESS,
    .type = REPRISE_SETTING_ADDRESS,
    .label = N_ ("Address"),
    .help = N_ ("Where NocoBase opens in a browser."),
    .required = TRUE,
    .placeholder = "https://nocobase.example.org/" },
  { .key = REPRISE_NOCOBASE_SETTING_SIGN_IN,
    .type = REPRISE_SETTING_CHOICE,
    .label = N_ ("Sign In With"),
    .help = N_ ("An API key is better: it needs no password and can be taken back alone."),
    .default_value = "password",
    .choices = SIGN_INS,
    .choice_labels = SIGN_IN_LABELS },
  { .key = REPRISE_NOCOBASE_SETTING_ACCOUNT,
    .type = REPRISE_SETTING_TEXT,
    .label = N_ ("Account"),
    .help = N_ ("User name or e-mail address. It needs the right to manage backups."),
    .required = TRUE,
    .shown_if_key = REPRISE_NOCOBASE_SETTING_SIGN_IN,
    .shown_if_value = "password" },
  { .key = REPRISE_NOCOBASE_SECRET_PASSWORD,
    .type = REPRISE_SETTING_SECRET,
    .label = N_ ("Password"),
    .required = TRUE,
    .shown_if_key = REPRISE_NOCOBASE_SETTING_SIGN_IN,
    .shown_if_value = "password" },
  { .key = REPRISE_NOCOBASE_SECRET_API_KEY,
    .type = REPRISE_SETTING_SECRET,
    .label = N_ ("API Key"),
    .help = N_ ("Made in NocoBase under Settings, API keys."),
    .required = TRUE,
    .shown_if_key = REPRISE_NOCOBASE_SETTING_SIGN_IN,
    .shown_if_value = "api-key" },
  { .key = REPRISE_NOCOBASE_SETTING_APP,
    .type = REPRISE_SETTING_TEXT,
    .label = N_ ("Sub-Application"),
    .help = N_ ("Its name; empty for the main application."),
    .advanced = TRUE },
  { .key = REPRISE_NOCOBASE_SETTING_ROLE,
    .type = REPRISE_SETTING_TEXT,
    .label = N_ ("Role"),
    .help = N_ ("The name of one of the account’s roles; empty for its default."),
    .advanced = TRUE },
  { .key = REPRISE_NOCOBASE_SETTING_AUTHENTICATOR,
    .type = REPRISE_SETTING_TEXT,
    .label = N_ ("Authenticator"),
    .help = N_ ("The name of the sign-in with a password."),
    .default_value = "basic",
    .advanced = TRUE,
    .shown_if_key = REPRISE_NOCOBASE_SETTING_SIGN_IN,
    .shown_if_value = "password" },
  { .key = REPRISE_NOCOBASE_SETTING_PLUGIN,
    .type = REPRISE_SETTING_CHOICE,
    .label = N_ ("Plugin for New Backups"),
    .help = N_ ("Where a server has both, backups of chosen groups are made by the old one, all "
                "others by the new one."),
    .default_value = "auto",
    .choices = PLUGINS,
    .choice_labels = PLUGIN_LABELS,
    .advanced = TRUE },
  { .key = REPRISE_NOCOBASE_SECRET_ARCHIVE,
    .type = REPRISE_SETTING_SECRET,
    .label = N_ ("Archive Password"),
    .help = N_ ("Where the Backup manager is set to encrypt its archives."),
    .advanced = TRUE },
  { .key = REPRISE_NOCOBASE_SETTING_KEEP,
    .type = REPRISE_SETTING_BOOLEAN,
    .label = N_ ("Keep a Copy on the Server"),
    .help =
      N_ ("Otherwise the server’s copy of a new backup is removed once it is safe in the vault."),
    .default_value = "false",
    .advanced = TRUE },
  { .key = REPRISE_KIND_SETTING_REHEARSE_ON,
    .type = REPRISE_SETTING_TEXT,
    .label = N_ ("Test Service for Rehearsals"),
    .help = N_ ("Another NocoBase service of this list, on which restores are rehearsed. It "
                "needs a database of its own: all that is in it is replaced each time, without "
                "asking. Its accounts become those of the backup, so give it the same account."),
    .advanced = TRUE,
    .listed = TRUE },
  { .key = REPRISE_NOCOBASE_SETTING_API_PATH,
    .type = REPRISE_SETTING_TEXT,
    .label = N_ ("API Path"),
    .help = N_ ("Below the address, where the server was set to another one."),
    .default_value = "api/",
    .advanced = TRUE },
  { .key = REPRISE_NOCOBASE_SETTING_PIN,
    .type = REPRISE_SETTING_TEXT,
    .label = N_ ("Certificate (SHA-256)"),
    .help = N_ ("Trust exactly this certificate of the server."),
    .advanced = TRUE },
  { .key = NULL },
};

static const RepriseSetting RESTORE_SETTINGS[] = {
  { .key = REPRISE_NOCOBASE_OPTION_APP,
    .type = REPRISE_SETTING_TEXT,
    .label = N_ ("Into the Sub-Application"),
    .help = N_ ("Its name, “main” for the main application; empty for that of the service.") },
  { .key = REPRISE_NOCOBASE_OPTION_OLD_RESTORE,
    .type = REPRISE_SETTING_CHOICE,
    .label = N_ ("Old Restore on NocoBase 2"),
    .help = N_ ("In NocoBase 2 the restore of .nbdump archives stops the server unless its "
                "administrator repaired it."),
    .default_value = "refuse",
    .choices = OLD_RESTORES,
    .choice_labels = OLD_RESTORE_LABELS,
    .advanced = TRUE },
  { .key = NULL },
};

static char *
explain_missing (RepriseKind *kind, RepriseCapabilities capability)
{
  if (capability == REPRISE_CAN_REHEARSE)
    return g_strdup (_ ("NocoBase has no scratch place. Name a test service in the settings, all "
                        "of whose data may be replaced."));
  if (capability == REPRISE_CAN_RESTORE_GROUPS) /* asked of archives that are whole */
    return g_strdup (_ ("An archive of the Backup manager is always restored as a whole."));
  return NULL;
}

static char *
explain_no_rehearsal (RepriseKind *kind, RepriseService *service)
{
  const char *stage = reprise_service_get_setting (service, REPRISE_KIND_SETTING_REHEARSE_ON);

  return stage != NULL && *stage != '\0' ? NULL : explain_missing (kind, REPRISE_CAN_REHEARSE);
}

static const char *
explain_group (RepriseKind *kind, RepriseGroup group)
{
  switch (group)
    {
    case REPRISE_GROUP_REQUIRED:
      return _ ("Plugins, collections and fields, pages, routes, roles and their rights, "
                "workflows, system settings.");
    case REPRISE_GROUP_USER:
      return _ ("Users, their roles and sign-ins, API keys, the list of attachments.");
    case REPRISE_GROUP_LOG:
      return _ ("Runs of workflows, audit logs, one-time passwords.");
    case REPRISE_GROUP_THIRD_PARTY:
      return _ ("Authenticators, verification providers, maps, synchronisation of users, "
                "sub-applications.");
    case REPRISE_GROUP_CUSTOM:
      return _ ("Collections that users made, and what connects them.");
    case REPRISE_GROUP_UNKNOWN:
      return _ (
        "Collections of plugins that name no group: AI, notifications, environment variables.");
    case REPRISE_GROUP_SKIPPED:
      return _ ("Regions of China, which the plugin brings along again.");
    default:
      return NULL;
    }
}

static const char *
explain_limits (RepriseKind *kind)
{
  return _ ("The old plugin leaves uploaded files and database views out, and brings no view back. "
            "The Backup manager always takes everything, with uploaded files of the local storage "
            "if the server is set so; "
            "files in other storages are in no backup.");
}

/* “nocobase.example.org”, with the sub-application where there is one */
static char *
suggest_name (RepriseKind *kind, GHashTable *settings)
{
  const char *app = g_hash_table_lookup (settings, REPRISE_NOCOBASE_SETTING_APP);
  g_autofree char *host =
    reprise_http_dup_host (g_hash_table_lookup (settings, REPRISE_NOCOBASE_SETTING_ADDRESS));

  if (host == NULL || app == NULL || *app == '\0')
    return g_steal_pointer (&host);
  return g_strdup_printf ("%s %s", host, app);
}

static gboolean
has_extension (const char *path, const char *extension)
{
  gsize length = strlen (path), end = strlen (extension);

  return length > end && g_ascii_strcasecmp (path + length - end, extension) == 0;
}

static gboolean
has_entry (const char *path, const char *name)
{
  g_autoptr (RepriseArchiveReader) reader = reprise_archive_reader_open (path, NULL, NULL, NULL);
  const RepriseArchiveEntry *entry = NULL;

  return reader != NULL && reprise_archive_reader_find (reader, name, &entry, NULL, NULL);
}

/* By its name also where it is damaged: then that is said. */
static gboolean
recognise (RepriseKind *kind, const char *path, const guchar *head, gsize head_size, gint64 size)
{
  if (has_extension (path, REPRISE_NOCOBASE_OLD_EXTENSION) ||
      has_extension (path, REPRISE_NOCOBASE_NEW_EXTENSION))
    return TRUE;
  if (head_size < 4 || memcmp (head, "PK\3\4", 4) != 0)
    return FALSE;
  return has_entry (path, "collections/applicationPlugins/meta") ||
         has_entry (path, "_metadata.json");
}

/**
 * reprise_nocobase_kind_dup_file:
 *
 * Returns: (transfer full): the one file of an archive, be it a file or a backup in the vault, or %NULL with
 *   %REPRISE_ERROR_NOT_FOUND
 */
char *
reprise_nocobase_kind_dup_file (RepriseArchive *archive, GError **error)
{
  RepriseManifest *manifest = reprise_archive_get_manifest (archive);
  const char *path = reprise_archive_get_path (archive);

  if (path != NULL && (manifest == NULL || reprise_manifest_get_n_files (manifest) == 1))
    return g_strdup (path);
  reprise_error_set_literal (error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND,
                             _ ("The backup’s archive is not there"));
  return NULL;
}

/* Both are zip files, so what is in it decides; the name, where that cannot be read. */
static gboolean
is_dump (const char *path)
{
  if (has_entry (path, "meta"))
    return TRUE;
  return has_extension (path, REPRISE_NOCOBASE_OLD_EXTENSION) &&
         !has_entry (path, "_metadata.json");
}

static gboolean
look (RepriseArchive *archive,
      RepriseSecretValue *password,
      RepriseDepth depth,
      RepriseProgress *progress,
      GCancellable *cancellable,
      GError **error)
{
  g_autofree char *path = reprise_nocobase_kind_dup_file (archive, error);

  if (path == NULL)
    return FALSE;
  if (is_dump (path))
    return reprise_nocobase_dump_inspect (archive, path, depth, progress, cancellable, error);
  return reprise_nocobase_data_inspect (archive, path, password, depth, progress, cancellable,
                                        error);
}

static gboolean
inspect (RepriseKind *kind,
         RepriseArchive *archive,
         RepriseSecretValue *password,
         RepriseProgress *progress,
         GCancellable *cancellable,
         GError **error)
{
  return look (archive, password, REPRISE_DEPTH_FULL, progress, cancellable, error);
}

/* Of an encrypted archive nothing can be looked at here; its hash says that it is as it was when it was proven. */
static gboolean
verify (RepriseKind *kind,
        RepriseArchive *archive,
        RepriseDepth depth,
        RepriseProgress *progress,
        GCancellable *cancellable,
        GError **error)
{
  if (!look (archive, NULL, depth, progress, cancellable, error))
    return FALSE;
  if (reprise_archive_get_locked (archive))
    reprise_progress_log (progress, "encrypted: only its hash was compared");
  return reprise_archive_check_damage (archive, error);
}

static RepriseProvider *
create_provider (RepriseKind *kind, RepriseService *service, RepriseSecrets *secrets)
{
  return reprise_provider_base_create (REPRISE_TYPE_NOCOBASE_PROVIDER, kind, service, secrets);
}

static void
reprise_nocobase_kind_class_init (RepriseNocobaseKindClass *klass)
{
  RepriseKindClass *kind_class = REPRISE_KIND_CLASS (klass);

  kind_class->id = "nocobase";
  kind_class->title = N_ ("NocoBase");
  kind_class->description = N_ ("A NocoBase server or sub-application");
  kind_class->icon_name = "reprise-kind-nocobase-symbolic";
  kind_class->capabilities = REPRISE_CAN_CHOOSE_GROUPS | REPRISE_CAN_LIST_ON_SERVICE |
                             REPRISE_CAN_KEEP_ON_SERVICE | REPRISE_CAN_UPLOAD |
                             REPRISE_CAN_RESTORE_GROUPS | REPRISE_CAN_RESTORE_ELSEWHERE |
                             REPRISE_CAN_UNDO | REPRISE_CAN_REHEARSE | REPRISE_REHEARSES_ON_OTHER;
  kind_class->settings = SETTINGS;
  kind_class->restore_settings = RESTORE_SETTINGS;
  kind_class->explain_missing = explain_missing;
  kind_class->explain_no_rehearsal = explain_no_rehearsal;
  kind_class->explain_group = explain_group;
  kind_class->explain_limits = explain_limits;
  kind_class->suggest_name = suggest_name;
  kind_class->recognise = recognise;
  kind_class->inspect = inspect;
  kind_class->verify = verify;
  kind_class->create_provider = create_provider;
}

static void
reprise_nocobase_kind_init (RepriseNocobaseKind *self)
{
}
