/* reprise-sqlite-news.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "base/reprise-strv.h"
#include "net/reprise-json.h"
#include "providers/sqlite/reprise-sqlite-news-private.h"
#include "vault/reprise-vault-layout.h"

/* Member of the provider's part of a manifest: the names of all databases that there were, whatever groups were backed up */
#define MEMBER_DATABASES "databases"

/* (transfer full) (nullable): what the manifest in @folder says there was at @place; %NULL where it is of another, or says nothing */
static GHashTable *
read_names (const char *folder, const char *place)
{
  g_autoptr (RepriseManifest) manifest = reprise_manifest_read (folder, NULL);
  JsonArray *names =
    manifest != NULL
      ? reprise_json_get_array (reprise_manifest_get_provider (manifest), MEMBER_DATABASES)
      : NULL;
  GHashTable *set;

  if (names == NULL || g_strcmp0 (reprise_manifest_get_identity (manifest), place) != 0)
    return NULL;
  set = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  for (guint i = 0; i < reprise_json_array_get_length (names); i++)
    g_hash_table_add (set, g_strdup (reprise_json_array_get_string (names, i, "")));
  return set;
}

/* (transfer full) (nullable): the databases that there were at the last backup. A safety copy does not say. */
static GHashTable *
find_last (const char *service_folder, const char *place)
{
  g_autoptr (GPtrArray) backups = reprise_vault_list_names (service_folder, NULL);
  GHashTable *names = NULL;
  RepriseVaultName parsed;

  if (backups == NULL)
    return NULL;
  g_ptr_array_sort (backups, reprise_strv_compare);
  for (guint i = backups->len; names == NULL && i > 0; i--)
    if (reprise_vault_name_parse (backups->pdata[i - 1], &parsed))
      {
        g_autofree char *folder = g_build_filename (service_folder, backups->pdata[i - 1], NULL);

        names = read_names (folder, place);
      }
  return names;
}

static void
warn_of_lost (const RepriseSqliteSource *source, GHashTable *lost, RepriseProgress *progress)
{
  g_autoptr (GList) names = g_list_sort (g_hash_table_get_keys (lost), (GCompareFunc) strcmp);

  for (GList *each = names; each != NULL; each = each->next)
    {
      g_autofree char *path =
        g_build_filename (reprise_sqlite_source_get_path (source), each->data, NULL);

      if (g_file_test (path, G_FILE_TEST_EXISTS))
        reprise_progress_warn (
          progress,
          "“%s” was a database at the last backup, and is none that can be read any more.",
          (const char *) each->data);
      else
        reprise_progress_warn (progress,
                               "“%s” was there at the last backup, and is not there any more.",
                               (const char *) each->data);
    }
}

/**
 * reprise_sqlite_news_tell:
 * @writer: of the backup of @source; its manifest gains what the next one wants to know
 *
 * Which databases have come, and which have gone, since the last backup of the same place: the latter is warned of, once.
 */
void
reprise_sqlite_news_tell (const RepriseSqliteSource *source,
                          RepriseVaultWriter *writer,
                          RepriseProgress *progress)
{
  g_autofree char *service_folder = g_path_get_dirname (reprise_vault_writer_get_folder (writer));
  g_autoptr (GHashTable) last = find_last (service_folder, reprise_sqlite_source_get_path (source));
  JsonObject *provider = reprise_manifest_get_provider (reprise_vault_writer_get_manifest (writer));
  JsonArray *databases = json_array_new ();
  JsonArray *found = json_array_new ();

  for (guint i = 0; i < reprise_sqlite_source_get_n_databases (source); i++)
    {
      const char *name = reprise_sqlite_source_get_database (source, i)->name;

      json_array_add_string_element (databases, name);
      if (last != NULL && !g_hash_table_remove (last, name))
        json_array_add_string_element (found, name);
    }
  json_object_set_array_member (provider, MEMBER_DATABASES, databases);
  json_object_set_array_member (provider, REPRISE_MANIFEST_NEW, found);
  if (last != NULL)
    warn_of_lost (source, last, progress);
}
