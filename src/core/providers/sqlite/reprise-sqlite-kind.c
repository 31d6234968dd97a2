/* reprise-sqlite-kind.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "base/reprise-file.h"
#include "providers/sqlite/reprise-sqlite-archive.h"
#include "providers/sqlite/reprise-sqlite-kind.h"
#include "providers/sqlite/reprise-sqlite-provider.h"

struct _RepriseSqliteKind
{
  RepriseKind parent_instance;
};

G_DEFINE_FINAL_TYPE (RepriseSqliteKind, reprise_sqlite_kind, REPRISE_TYPE_KIND)

static const RepriseSetting SETTINGS[] = {
  { .key = REPRISE_SQLITE_SETTING_PATH,
    .type = REPRISE_SETTING_PATH,
    .label = N_ ("Folder or File"),
    .help = N_ ("The folder in which the application keeps its SQLite databases, or one database "
                "file. Choose the folder "
                "where you can: a database may have its latest changes in files beside it."),
    .required = TRUE },
  { .key = REPRISE_SQLITE_SETTING_FILES,
    .type = REPRISE_SETTING_BOOLEAN,
    .label = N_ ("Include Other Files"),
    .help = N_ ("Folders of files beside the databases, such as uploads, are backed up too."),
    .default_value = "true" },
  { .key = NULL },
};

static const RepriseSetting RESTORE_SETTINGS[] = {
  { .key = REPRISE_SQLITE_OPTION_PATH,
    .type = REPRISE_SETTING_PATH,
    .label = N_ ("Into Another Folder"),
    .help = N_ ("The data is put there, and the application is left as it is. What such a folder "
                "holds already under the same names is replaced, after a safety copy of it.") },
  { .key = NULL },
};

static const char *
explain_group (RepriseKind *kind, RepriseGroup group)
{
  switch (group)
    {
    case REPRISE_GROUP_REQUIRED:
      return _ ("Tables of migrations and settings, and the views and triggers");
    case REPRISE_GROUP_USER:
      return _ ("Tables of users, roles and sessions");
    case REPRISE_GROUP_LOG:
      return _ ("Tables of logs, audits and events");
    case REPRISE_GROUP_THIRD_PARTY:
      return _ ("Tables of tokens, credentials, storages and providers");
    case REPRISE_GROUP_CUSTOM:
      return _ ("Tables and folders that you put into this group");
    case REPRISE_GROUP_UNKNOWN:
      return _ (
        "Tables and folders that no rule assigns to a group: mostly the application’s own data");
    case REPRISE_GROUP_SKIPPED:
      return _ ("Caches, and statistics that SQLite makes again");
    default:
      return NULL;
    }
}

static const char *
explain_limits (RepriseKind *kind)
{
  return _ ("Several databases of one application are each copied at a point in time of their own. "
            "The rules by which tables fall "
            "into groups can be changed for each table, on the page of the service.");
}

static char *
explain_missing (RepriseKind *kind, RepriseCapabilities capability)
{
  if (capability == REPRISE_CAN_UPLOAD)
    return g_strdup (_ ("A SQLite application keeps no archives: restore the file instead."));
  return NULL;
}

/* (nullable): the name of the folder, which mostly is that of the application */
static char *
suggest_name (RepriseKind *kind, GHashTable *settings)
{
  const char *path = g_hash_table_lookup (settings, REPRISE_SQLITE_SETTING_PATH);

  return path != NULL ? g_filename_display_basename (path) : NULL;
}

static gboolean
recognise (RepriseKind *kind, const char *path, const guchar *head, gsize head_size, gint64 size)
{
  return reprise_sqlite_archive_recognise (path, head, head_size);
}

static gboolean
inspect (RepriseKind *kind,
         RepriseArchive *archive,
         RepriseSecretValue *password,
         RepriseProgress *progress,
         GCancellable *cancellable,
         GError **error)
{
  const char *path = reprise_archive_get_path (archive);
  g_autoptr (RepriseSqliteArchive) opened = reprise_sqlite_archive_open (path, cancellable, error);
  g_autoptr (RepriseContents) contents = NULL;
  g_auto (GStrv) damage = NULL;

  if (opened == NULL)
    return FALSE;
  contents = reprise_sqlite_archive_dup_contents (opened);
  damage = reprise_sqlite_archive_dup_damage (opened);
  reprise_archive_set_format (archive, _ ("SQLite application archive (zip)"));
  reprise_archive_set_engine (archive, "SQLite");
  reprise_archive_set_contents (archive, contents);
  reprise_archive_set_created_at (archive, reprise_sqlite_archive_get_created_at (opened));
  for (guint i = 0; i < reprise_sqlite_archive_get_n_databases (opened); i++)
    reprise_archive_add_fact (archive, _ ("Database"),
                              reprise_sqlite_archive_get_database (opened, i));
  for (guint i = 0; damage[i] != NULL; i++)
    reprise_archive_add_damage (archive, "%s", damage[i]);
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
  const char *path = reprise_archive_get_path (archive);
  g_autoptr (RepriseSqliteArchive) opened = reprise_sqlite_archive_open (path, cancellable, error);
  g_autofree char *scratch = opened != NULL ? reprise_file_make_scratch (error) : NULL;
  gboolean whole;

  if (scratch == NULL)
    return FALSE;
  whole = reprise_sqlite_archive_verify (opened, depth == REPRISE_DEPTH_DEEP, scratch, progress,
                                         cancellable, error);
  reprise_file_remove_tree (scratch, NULL);
  return whole;
}

static RepriseProvider *
create_provider (RepriseKind *kind, RepriseService *service, RepriseSecrets *secrets)
{
  return reprise_sqlite_provider_new (service);
}

static void
reprise_sqlite_kind_class_init (RepriseSqliteKindClass *klass)
{
  RepriseKindClass *kind_class = REPRISE_KIND_CLASS (klass);

  kind_class->id = "sqlite";
  kind_class->title = N_ ("SQLite Application");
  kind_class->description =
    N_ ("An application that keeps its data in SQLite files on this computer");
  kind_class->icon_name = "reprise-database-symbolic";
  kind_class->capabilities = REPRISE_CAN_CHOOSE_GROUPS | REPRISE_CAN_RESTORE_GROUPS |
                             REPRISE_CAN_RESTORE_ELSEWHERE | REPRISE_CAN_UNDO |
                             REPRISE_CAN_REHEARSE | REPRISE_HAS_RULES;
  kind_class->settings = SETTINGS;
  kind_class->restore_settings = RESTORE_SETTINGS;
  kind_class->explain_missing = explain_missing;
  kind_class->explain_group = explain_group;
  kind_class->explain_limits = explain_limits;
  kind_class->suggest_name = suggest_name;
  kind_class->recognise = recognise;
  kind_class->inspect = inspect;
  kind_class->verify = verify;
  kind_class->create_provider = create_provider;
}

static void
reprise_sqlite_kind_init (RepriseSqliteKind *self)
{
}
