/* reprise-milvus-kind.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "providers/milvus/reprise-milvus-kind.h"
#include "providers/milvus/reprise-milvus-name.h"
#include "providers/milvus/reprise-milvus-plan.h"
#include "providers/milvus/reprise-milvus-provider.h"
#include "providers/milvus/reprise-milvus-settings.h"
#include "providers/milvus/storage/reprise-milvus-exchange.h"
#include "providers/milvus/storage/reprise-milvus-archive.h"

struct _RepriseMilvusKind
{
  RepriseKind parent_instance;
};

G_DEFINE_FINAL_TYPE (RepriseMilvusKind, reprise_milvus_kind, REPRISE_TYPE_KIND)

static const char *const SIGN_INS[] = { REPRISE_MILVUS_SIGN_IN_NONE, REPRISE_MILVUS_SIGN_IN_BASIC,
                                        REPRISE_MILVUS_SIGN_IN_BEARER,
                                        REPRISE_MILVUS_SIGN_IN_HEADER, NULL };
static const char *const SIGN_IN_LABELS[] = { N_ ("No sign-in"), N_ ("User and password"),
                                              N_ ("A token"), N_ ("A header of its own"), NULL };
static const char *const LOCALS[] = { REPRISE_MILVUS_LOCAL_NO, REPRISE_MILVUS_LOCAL_FILE,
                                      REPRISE_MILVUS_LOCAL_FORM, NULL };
static const char *const LOCAL_LABELS[] = { N_ ("No, it runs already"),
                                            N_ ("With its own backup.yaml"),
                                            N_ ("With a backup.yaml out of these settings"), NULL };
static const char *const STRATEGIES[] = { "auto", "bulk_flush", "serial_flush", "skip_flush",
                                          NULL };
static const char *const STRATEGY_LABELS[] = { N_ ("As the backup server thinks best"),
                                               N_ ("All collections at once"),
                                               N_ ("One collection after the other"),
                                               N_ ("Not at all"), NULL };
static const char *const EXISTINGS[] = { REPRISE_MILVUS_EXISTING_REFUSE,
                                         REPRISE_MILVUS_EXISTING_REPLACE, NULL };
static const char *const EXISTING_LABELS[] = { N_ ("Leave them, and restore nothing"),
                                               N_ ("Drop and replace them"), NULL };
static const char *const VERIFIES[] = { REPRISE_MILVUS_VERIFY_FULL, REPRISE_MILVUS_VERIFY_KEEP,
                                        REPRISE_MILVUS_VERIFY_REPORT, NULL };
static const char *const VERIFY_LABELS[] = { N_ ("Load, count and query, then release"),
                                             N_ ("The same, and leave them loaded"),
                                             N_ ("Take the backup server’s word"), NULL };

static gboolean
check_collections (const char *value, GError **error)
{
  g_autoptr (GPtrArray) names = reprise_milvus_name_read_list (value);

  for (guint i = 0; i < names->len; i++)
    {
      g_autofree char *database = NULL;
      g_autofree char *collection = NULL;

      reprise_milvus_name_split (names->pdata[i], &database, &collection);
      if (!reprise_milvus_name_check_collection (database, error) ||
          !reprise_milvus_name_check_collection (collection, error))
        return FALSE;
    }
  return TRUE;
}

/* With the time after it, it must be a name. */
static gboolean
check_name (const char *value, GError **error)
{
  g_autofree char *name = reprise_milvus_name_make (value, 0);

  return reprise_milvus_name_check_backup (name, error);
}

#define PIN(setting, title)                                                                  \
  {                                                                                          \
    .key = setting, .type = REPRISE_SETTING_TEXT, .label = title,                            \
    .help = N_ ("Trust exactly this certificate of the server (SHA-256)."), .advanced = TRUE \
  }
#define SHOWN(name, value) .shown_if_key = name, .shown_if_value = value

static const RepriseSetting OWN_SETTINGS[] = {
  { .key = REPRISE_MILVUS_SETTING_ADDRESS,
    .type = REPRISE_SETTING_ADDRESS,
    .label = N_ ("Address of the Backup Server"),
    .help = N_ ("Of “milvus-backup server”, which listens on port 8080 unless told otherwise."),
    .required = TRUE,
    .placeholder = "http://localhost:8080/",
    .section = N_ ("Backup Server"),
    .section_note =
      N_ ("It has no sign-in of its own: whoever reaches its port can delete backups. Put a proxy "
          "with a sign-in and HTTPS before it.") },
  { .key = REPRISE_MILVUS_SETTING_PREFIX,
    .type = REPRISE_SETTING_TEXT,
    .label = N_ ("Path Prefix"),
    .help = N_ ("Where a proxy serves it below a path."),
    .placeholder = "/milvus/backup",
    .advanced = TRUE },
  { .key = REPRISE_MILVUS_SETTING_SIGN_IN,
    .type = REPRISE_SETTING_CHOICE,
    .label = N_ ("Sign In With"),
    .help = N_ ("To the proxy before the backup server, which has no sign-in itself."),
    .default_value = REPRISE_MILVUS_SIGN_IN_NONE,
    .choices = SIGN_INS,
    .choice_labels = SIGN_IN_LABELS },
  { .key = REPRISE_MILVUS_SETTING_USER,
    .type = REPRISE_SETTING_TEXT,
    .label = N_ ("User"),
    .required = TRUE,
    SHOWN (REPRISE_MILVUS_SETTING_SIGN_IN, REPRISE_MILVUS_SIGN_IN_BASIC) },
  { .key = REPRISE_MILVUS_SECRET_PASSWORD,
    .type = REPRISE_SETTING_SECRET,
    .label = N_ ("Password"),
    .required = TRUE,
    SHOWN (REPRISE_MILVUS_SETTING_SIGN_IN, REPRISE_MILVUS_SIGN_IN_BASIC) },
  { .key = REPRISE_MILVUS_SECRET_TOKEN,
    .type = REPRISE_SETTING_SECRET,
    .label = N_ ("Token"),
    .required = TRUE,
    SHOWN (REPRISE_MILVUS_SETTING_SIGN_IN, REPRISE_MILVUS_SIGN_IN_BEARER) },
  { .key = REPRISE_MILVUS_SETTING_HEADER,
    .type = REPRISE_SETTING_TEXT,
    .label = N_ ("Name of the Header"),
    .required = TRUE,
    .placeholder = "X-Api-Key",
    SHOWN (REPRISE_MILVUS_SETTING_SIGN_IN, REPRISE_MILVUS_SIGN_IN_HEADER) },
  { .key = REPRISE_MILVUS_SECRET_HEADER,
    .type = REPRISE_SETTING_SECRET,
    .label = N_ ("Value of the Header"),
    .required = TRUE,
    SHOWN (REPRISE_MILVUS_SETTING_SIGN_IN, REPRISE_MILVUS_SIGN_IN_HEADER) },
  PIN (REPRISE_MILVUS_SETTING_PIN, N_ ("Certificate of the Backup Server")),
  { .key = REPRISE_MILVUS_SETTING_LOCAL,
    .type = REPRISE_SETTING_CHOICE,
    .label = N_ ("Start the Backup Server"),
    .help =
      N_ ("On this computer, where it does not run already; it is stopped when nobody uses it "
          "any more. It listens on all networks."),
    .default_value = REPRISE_MILVUS_LOCAL_NO,
    .choices = LOCALS,
    .choice_labels = LOCAL_LABELS,
    .advanced = TRUE },
  { .key = REPRISE_MILVUS_SETTING_PROGRAM,
    .type = REPRISE_SETTING_PATH,
    .label = N_ ("Program"),
    .help =
      N_ ("Of Milvus Backup; empty for “milvus-backup” where the system finds it. It is released "
          "at github.com/zilliztech/milvus-backup/releases."),
    .placeholder = "milvus-backup",
    .advanced = TRUE,
    SHOWN (REPRISE_MILVUS_SETTING_LOCAL, REPRISE_MILVUS_LOCAL_FILE "|" REPRISE_MILVUS_LOCAL_FORM) },
  { .key = REPRISE_MILVUS_SETTING_CONFIGURATION,
    .type = REPRISE_SETTING_PATH,
    .label = N_ ("Configuration"),
    .help =
      N_ ("Its backup.yaml; empty for the one in “configs” beside the program, or in the folder "
          "of Reprise’s settings where Reprise writes it."),
    .placeholder = "configs/backup.yaml",
    .advanced = TRUE,
    SHOWN (REPRISE_MILVUS_SETTING_LOCAL, REPRISE_MILVUS_LOCAL_FILE "|" REPRISE_MILVUS_LOCAL_FORM) },
  { .key = REPRISE_MILVUS_SETTING_CONSENT,
    .type = REPRISE_SETTING_BOOLEAN,
    .label = N_ ("Write the Keys of the Storage"),
    .help = N_ ("Agree that they, and the password of Milvus, stand in backup.yaml, in a file that "
                "only you can read."),
    .default_value = "false",
    .advanced = TRUE,
    SHOWN (REPRISE_MILVUS_SETTING_LOCAL, REPRISE_MILVUS_LOCAL_FORM) },
  { .key = REPRISE_MILVUS_SETTING_DATA_FOLDER,
    .type = REPRISE_SETTING_PATH,
    .label = N_ ("Folder of Milvus’s Own Data"),
    .help = N_ ("For a backup.yaml out of these settings, where Milvus keeps its data in a folder "
                "(localStorage.path), as this computer sees it."),
    .placeholder = "/var/lib/milvus/data",
    .advanced = TRUE,
    SHOWN (REPRISE_MILVUS_SETTING_STORAGE, REPRISE_MILVUS_STORAGE_FOLDER) },
  { .key = REPRISE_MILVUS_SETTING_MILVUS,
    .type = REPRISE_SETTING_ADDRESS,
    .label = N_ ("Address of Milvus"),
    .help = N_ ("Of its REST interface, which is on the port of Milvus itself, mostly 19530."),
    .placeholder = "http://localhost:19530/",
    .section = N_ ("Milvus"),
    .section_note =
      N_ ("To list collections, to count their rows and to compare what was restored. Without "
          "it these are not reported.") },
  { .key = REPRISE_MILVUS_SETTING_MILVUS_USER,
    .type = REPRISE_SETTING_TEXT,
    .label = N_ ("User of Milvus"),
    .help = N_ ("Empty where Milvus asks for no sign-in.") },
  { .key = REPRISE_MILVUS_SECRET_MILVUS_PASSWORD,
    .type = REPRISE_SETTING_SECRET,
    .label = N_ ("Password of Milvus") },
  PIN (REPRISE_MILVUS_SETTING_MILVUS_PIN, N_ ("Certificate of Milvus")),
  { .key = REPRISE_MILVUS_SETTING_DATABASES,
    .type = REPRISE_SETTING_TEXT,
    .label = N_ ("Databases"),
    .help = N_ ("That are listed where Milvus cannot say which there are, which is so before 2.4."),
    .default_value = "default",
    .advanced = TRUE },
  { .key = REPRISE_MILVUS_SETTING_COLLECTIONS,
    .type = REPRISE_SETTING_TEXT,
    .label = N_ ("Collections"),
    .help =
      N_ ("Names with spaces between them, with the database where it is not “default”; empty "
          "for all."),
    .placeholder = "films shop.items",
    .listed = TRUE,
    .several = TRUE,
    .section = N_ ("What Is Backed Up"),
    .check = check_collections },
  { .key = REPRISE_MILVUS_SETTING_LEFT_OUT,
    .type = REPRISE_SETTING_TEXT,
    .label = N_ ("Except"),
    .help = N_ ("Collections that are left out."),
    .listed = TRUE,
    .several = TRUE,
    .check = check_collections,
    .advanced = TRUE },
  { .key = REPRISE_MILVUS_SETTING_NAME,
    .type = REPRISE_SETTING_TEXT,
    .label = N_ ("Names of Backups"),
    .help = N_ ("How each begins; the time follows, since no name can be used twice."),
    .default_value = "reprise",
    .check = check_name,
    .advanced = TRUE },
  { .key = REPRISE_MILVUS_SETTING_STRUCTURE_ONLY,
    .type = REPRISE_SETTING_BOOLEAN,
    .label = N_ ("Without Rows"),
    .help = N_ ("Save only the definitions of collections and indexes."),
    .default_value = "false",
    .advanced = TRUE },
  { .key = REPRISE_MILVUS_SETTING_STRATEGY,
    .type = REPRISE_SETTING_CHOICE,
    .label = N_ ("Flush"),
    .help = N_ ("Rows that Milvus has not written out yet are only in a backup when it flushes. "
                "Backup servers before 0.5.10 always do."),
    .default_value = "auto",
    .choices = STRATEGIES,
    .choice_labels = STRATEGY_LABELS,
    .advanced = TRUE },
};

/* after those of the storage */
static const RepriseSetting KEEP_SETTING = {
  .key = REPRISE_MILVUS_SETTING_KEEP,
  .type = REPRISE_SETTING_BOOLEAN,
  .label = N_ ("Leave a Copy in the Storage"),
  .help = N_ ("What was brought into the vault also stays in the object storage."),
  .default_value = "true",
  .shown_if_key = REPRISE_MILVUS_SETTING_STORAGE,
  .shown_if_value = REPRISE_MILVUS_STORAGE_S3 "|" REPRISE_MILVUS_STORAGE_FOLDER,
};

static const RepriseSetting RESTORE_SETTINGS[] = {
  { .key = REPRISE_MILVUS_OPTION_COLLECTIONS,
    .type = REPRISE_SETTING_TEXT,
    .label = N_ ("Collections"),
    .help = N_ ("By their names in the backup, with spaces between them; empty for all."),
    .placeholder = "films shop.items",
    .check = check_collections },
  { .key = REPRISE_MILVUS_OPTION_SUFFIX,
    .type = REPRISE_SETTING_TEXT,
    .label = N_ ("Suffix"),
    .help = N_ ("Is put after each name, so that what exists stays beside what is restored."),
    .placeholder = "_recover",
    .check = reprise_milvus_name_check_suffix },
  { .key = REPRISE_MILVUS_OPTION_RENAME,
    .type = REPRISE_SETTING_TEXT,
    .label = N_ ("Other Names"),
    .help = N_ ("OLD:NEW, with spaces between them. They go before the suffix."),
    .placeholder = "films:movies shop.items:archive.items" },
  { .key = REPRISE_MILVUS_OPTION_DATABASE,
    .type = REPRISE_SETTING_TEXT,
    .label = N_ ("Into the Database"),
    .help = N_ ("It is made where it does not exist; empty for that of the backup.") },
  { .key = REPRISE_MILVUS_OPTION_EXISTING,
    .type = REPRISE_SETTING_CHOICE,
    .label = N_ ("Collections That Exist"),
    .default_value = REPRISE_MILVUS_EXISTING_REFUSE,
    .choices = EXISTINGS,
    .choice_labels = EXISTING_LABELS },
  { .key = REPRISE_MILVUS_OPTION_STRUCTURE,
    .type = REPRISE_SETTING_BOOLEAN,
    .label = N_ ("Without Rows"),
    .help = N_ ("Restore only the definitions of the collections."),
    .default_value = "false",
    .advanced = TRUE },
  { .key = REPRISE_MILVUS_OPTION_INDEXES,
    .type = REPRISE_SETTING_BOOLEAN,
    .label = N_ ("Indexes"),
    .help = N_ ("Create them again. A collection cannot be loaded without."),
    .default_value = "true" },
  { .key = REPRISE_MILVUS_OPTION_VERIFY,
    .type = REPRISE_SETTING_CHOICE,
    .label = N_ ("Afterwards"),
    .help = N_ ("Whether the restored rows are counted and compared with the backup. Loading takes "
                "memory of Milvus."),
    .default_value = REPRISE_MILVUS_VERIFY_FULL,
    .choices = VERIFIES,
    .choice_labels = VERIFY_LABELS,
    .advanced = TRUE },
  { .key = NULL },
};

/* Its own settings, and those of the storage after them; made once, and kept. */
static const RepriseSetting *
join_settings (void)
{
  GArray *all = g_array_new (TRUE, TRUE, sizeof (RepriseSetting));
  guint n = 0;

  g_array_append_vals (all, OWN_SETTINGS, G_N_ELEMENTS (OWN_SETTINGS));
  while (REPRISE_MILVUS_STORAGE_SETTINGS[n].key != NULL)
    n++;
  g_array_append_vals (all, REPRISE_MILVUS_STORAGE_SETTINGS, n);
  g_array_append_val (all, KEEP_SETTING);
  return (gpointer) g_array_free (all, FALSE);
}

/* The backup server can restore a collection, and cannot drop one. */
static char *
explain_no_rehearsal (RepriseKind *kind, RepriseService *service)
{
  const char *address = reprise_kind_get_value (kind, service, REPRISE_MILVUS_SETTING_MILVUS);

  return address != NULL && *address != '\0'
           ? NULL
           : g_strdup (_ ("The address of Milvus itself is not set: without it the restored "
                          "collections can be neither counted nor dropped."));
}

static const char *
explain_group (RepriseKind *kind, RepriseGroup group)
{
  switch (group)
    {
    case REPRISE_GROUP_USER:
      return _ (
        "Users with the hashes of their passwords, roles and grants, from Milvus 2.4.10 on.");
    case REPRISE_GROUP_CUSTOM:
      return _ ("Collections of all databases, with their rows and the definitions of their "
                "indexes.");
    case REPRISE_GROUP_SKIPPED:
      return _ ("Collections that are left out, and roles where Milvus does not hand them out.");
    case REPRISE_GROUP_REQUIRED:
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
  return _ (
    "Milvus stays usable during backups and restores, except for collections that are dropped "
    "and replaced. Each backup holds everything: Milvus Backup knows no increments. The data "
    "of indexes is not saved, Milvus builds them again; restored collections are not loaded. "
    "A backup and a restore cannot be stopped once they are begun.");
}

static const char *
explain_meanwhile (RepriseKind *kind, gboolean restore)
{
  return restore ? _ ("Milvus stays usable meanwhile, except for collections that are dropped and "
                      "replaced.")
                 : _ ("Milvus stays usable meanwhile.");
}

static char *
suggest_name (RepriseKind *kind, GHashTable *settings)
{
  const char *address = g_hash_table_lookup (settings, REPRISE_MILVUS_SETTING_ADDRESS);
  g_autoptr (GUri) uri = address != NULL ? g_uri_parse (address, G_URI_FLAGS_NONE, NULL) : NULL;
  const char *host = uri != NULL ? g_uri_get_host (uri) : NULL;

  return host != NULL && *host != '\0' ? g_strdup_printf ("Milvus (%s)", host)
                                       : g_strdup ("Milvus");
}

static gboolean
recognise (RepriseKind *kind, const char *path, const guchar *head, gsize head_size, gint64 size)
{
  return reprise_milvus_archive_recognise (path, head, head_size, size);
}

/* A safety copy that stays on the service has nothing in the vault but its name. */
static gboolean
inspect_reference (RepriseArchive *archive)
{
  RepriseManifest *manifest = reprise_archive_get_manifest (archive);

  reprise_archive_set_format (archive, _ ("Reference to a backup on the service"));
  reprise_archive_set_contents (archive, reprise_manifest_get_contents (manifest));
  reprise_archive_set_created_at (archive, reprise_manifest_get_created_at (manifest));
  reprise_archive_add_warning (archive, _ ("The data itself is on the service only."));
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
  if (reprise_milvus_plan_get_reference (archive) != NULL)
    return inspect_reference (archive);
  return reprise_milvus_archive_inspect (archive, progress, cancellable, error);
}

static gboolean
verify (RepriseKind *kind,
        RepriseArchive *archive,
        RepriseDepth depth,
        RepriseProgress *progress,
        GCancellable *cancellable,
        GError **error)
{
  if (reprise_milvus_plan_get_reference (archive) != NULL)
    return TRUE;
  return reprise_milvus_archive_verify (archive, depth, progress, cancellable, error);
}

static RepriseProvider *
create_provider (RepriseKind *kind, RepriseService *service, RepriseSecrets *secrets)
{
  return reprise_provider_base_create (REPRISE_TYPE_MILVUS_PROVIDER, kind, service, secrets);
}

/* --- which collections --- */

static char *
remove_name (const char *list, const char *full_name)
{
  g_autoptr (GPtrArray) names = reprise_milvus_name_read_list (list);
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < names->len; i++)
    {
      g_autofree char *shown = reprise_milvus_name_show (names->pdata[i]);

      if (!g_str_equal (names->pdata[i], full_name))
        g_string_append_printf (text, "%s%s", text->len > 0 ? " " : "", shown);
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static void
change_list (RepriseService *service, const char *key, const char *full_name, gboolean add)
{
  const char *value = reprise_service_get_setting (service, key);
  g_autofree char *without = remove_name (value, full_name);
  g_autofree char *shown = reprise_milvus_name_show (full_name);
  g_autofree char *with =
    add ? g_strdup_printf ("%s%s%s", without, *without != '\0' ? " " : "", shown) : NULL;

  reprise_service_set_setting (service, key, add ? with : without);
}

static gboolean
choose_collection (RepriseKind *kind,
                   RepriseService *service,
                   const char *collection,
                   gboolean included,
                   GError **error)
{
  const char *chosen = reprise_service_get_setting (service, REPRISE_MILVUS_SETTING_COLLECTIONS);
  g_autofree char *full_name = reprise_milvus_name_complete (collection);

  if (!check_collections (collection, error))
    return FALSE;
  change_list (service, REPRISE_MILVUS_SETTING_LEFT_OUT, full_name, !included);
  if (included && chosen != NULL && *chosen != '\0')
    change_list (service, REPRISE_MILVUS_SETTING_COLLECTIONS, full_name, TRUE);
  return TRUE;
}

static void
reprise_milvus_kind_class_init (RepriseMilvusKindClass *klass)
{
  RepriseKindClass *kind_class = REPRISE_KIND_CLASS (klass);

  kind_class->id = REPRISE_MILVUS_KIND_ID;
  kind_class->title = N_ ("Milvus");
  kind_class->description = N_ ("Collections of Milvus, by the server of Milvus Backup");
  kind_class->icon_name = "reprise-kind-milvus-symbolic";
  kind_class->capabilities =
    REPRISE_CAN_CHOOSE_GROUPS | REPRISE_CAN_LIST_ON_SERVICE | REPRISE_CAN_KEEP_ON_SERVICE |
    REPRISE_CAN_UPLOAD | REPRISE_CAN_RESTORE_GROUPS | REPRISE_CAN_RESTORE_ELSEWHERE |
    REPRISE_CAN_UNDO | REPRISE_CAN_IMPORT | REPRISE_CAN_EXPORT | REPRISE_HAS_DETAILS |
    REPRISE_HAS_FACTS | REPRISE_CAN_REHEARSE | REPRISE_REHEARSES_FROM_SERVICE;
  kind_class->settings = join_settings ();
  kind_class->restore_settings = RESTORE_SETTINGS;
  kind_class->default_groups =
    REPRISE_GROUP_BIT (REPRISE_GROUP_USER) | REPRISE_GROUP_BIT (REPRISE_GROUP_CUSTOM);
  kind_class->explain_no_rehearsal = explain_no_rehearsal;
  kind_class->explain_group = explain_group;
  kind_class->explain_limits = explain_limits;
  kind_class->explain_meanwhile = explain_meanwhile;
  kind_class->suggest_name = suggest_name;
  kind_class->recognise = recognise;
  kind_class->inspect = inspect;
  kind_class->verify = verify;
  kind_class->import = reprise_milvus_exchange_import;
  kind_class->export_title = N_ ("Original layout, as for Zilliz Cloud");
  kind_class->export_whole = TRUE;
  kind_class->export = reprise_milvus_exchange_export;
  kind_class->export_settings = reprise_milvus_storage_get_export_settings ();
  kind_class->export_away = reprise_milvus_exchange_export_away;
  kind_class->away_if_key = REPRISE_MILVUS_SETTING_STORAGE;
  kind_class->away_if_value = REPRISE_MILVUS_STORAGE_S3;
  kind_class->create_provider = create_provider;
  kind_class->choose_collection = choose_collection;
}

static void
reprise_milvus_kind_init (RepriseMilvusKind *self)
{
}
