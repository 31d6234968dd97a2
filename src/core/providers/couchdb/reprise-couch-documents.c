/* reprise-couch-documents.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "base/reprise-error.h"
#include "providers/couchdb/legacy/reprise-couch-legacy.h"
#include "providers/couchdb/history/reprise-couch-coverage.h"
#include "providers/couchdb/history/reprise-couch-history.h"
#include "providers/couchdb/reprise-couch-documents.h"
#include "providers/couchdb/reprise-couch-provider.h"
#include "providers/couchdb/server/reprise-couch-on-server.h"

/* (transfer full) */
static char *
get_folder (RepriseCouchProvider *self, RepriseVault *vault)
{
  return g_build_filename (
    reprise_vault_get_path (vault),
    reprise_service_get_uuid (reprise_provider_base_get_service (REPRISE_PROVIDER_BASE (self))),
    NULL);
}

/* Backups answer too, so that the server is not waited for long; until calm(). */
static RepriseCouchClient *
get_hurried_client (RepriseCouchProvider *self, GError **error)
{
  RepriseCouchClient *client = reprise_couch_provider_get_client (self, error);

  if (client != NULL)
    reprise_couch_client_set_hurried (client, TRUE);
  return client;
}

/* @client: (nullable) */
static void
calm (RepriseCouchClient *client)
{
  if (client != NULL)
    reprise_couch_client_set_hurried (client, FALSE);
}

static GPtrArray *
list_documents (RepriseProvider *provider,
                RepriseVault *vault,
                const char *collection,
                const char *pattern,
                guint limit,
                char **warning,
                GCancellable *cancellable,
                GError **error)
{
  RepriseCouchProvider *self = REPRISE_COUCH_PROVIDER (provider);
  RepriseCouchClient *client = get_hurried_client (self, error);
  g_autofree char *folder = get_folder (self, vault);
  g_autofree char *away = NULL;
  g_autoptr (GPtrArray) documents =
    client != NULL ? reprise_couch_history_list_documents (client, folder, collection, pattern,
                                                           limit, &away, cancellable, error)
                   : NULL;

  calm (client);
  if (documents == NULL || (away == NULL && !reprise_couch_on_server_mark_documents (
                                              self, collection, documents, cancellable, error)))
    return NULL;
  if (warning != NULL)
    *warning = g_steal_pointer (&away);
  return g_steal_pointer (&documents);
}

/* Which of the versions are in backups that are rolled up. */
static gboolean
note_leaving (RepriseCouchProvider *self,
              RepriseVault *vault,
              GPtrArray *versions,
              GCancellable *cancellable,
              GError **error)
{
  g_autoptr (GPtrArray) backups = reprise_vault_list (
    vault,
    reprise_service_get_uuid (reprise_provider_base_get_service (REPRISE_PROVIDER_BASE (self))),
    cancellable, error);
  g_autoptr (GHashTable) by_id = g_hash_table_new (g_str_hash, g_str_equal);

  if (backups == NULL)
    return FALSE;
  for (guint i = 0; i < backups->len; i++)
    g_hash_table_insert (by_id, (gpointer) reprise_backup_get_id (backups->pdata[i]),
                         backups->pdata[i]);
  for (guint i = 0; i < versions->len; i++)
    {
      RepriseVersion *version = versions->pdata[i];
      RepriseBackup *backup =
        version->backup_id != NULL ? g_hash_table_lookup (by_id, version->backup_id) : NULL;

      if (backup != NULL && reprise_backup_get_leaving_at (backup) != NULL)
        version->leaving_at = g_date_time_ref (reprise_backup_get_leaving_at (backup));
    }
  return TRUE;
}

static GPtrArray *
list_versions (RepriseProvider *provider,
               RepriseVault *vault,
               const char *collection,
               const char *document,
               char **warning,
               GCancellable *cancellable,
               GError **error)
{
  RepriseCouchProvider *self = REPRISE_COUCH_PROVIDER (provider);
  RepriseCouchClient *client = get_hurried_client (self, error);
  g_autofree char *folder = get_folder (self, vault);
  g_autoptr (GPtrArray) versions = NULL;
  g_autoptr (GError) local = NULL;
  g_autofree char *away = NULL;

  if (client == NULL)
    return NULL;
  versions = reprise_couch_history_list_versions (client, folder, collection, document, &away,
                                                  cancellable, &local);
  calm (client);
  if (away == NULL &&
      (reprise_couch_provider_is_cloudant (self) || reprise_couch_provider_has_server (self)) &&
      (versions != NULL || g_error_matches (local, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND)))
    {
      g_autoptr (GPtrArray) own =
        versions != NULL ? g_ptr_array_ref (versions)
                         : g_ptr_array_new_with_free_func ((GDestroyNotify) reprise_version_free);

      if ((reprise_couch_provider_is_cloudant (self) &&
           !reprise_couch_legacy_add_versions (own, client, collection, document, cancellable,
                                               error)) ||
          !reprise_couch_on_server_add_versions (self, collection, document, own, cancellable,
                                                 error))
        return NULL;
      if (versions == NULL && own->len > 0)
        return g_steal_pointer (&own);
    }
  if (versions == NULL)
    g_propagate_error (error, g_steal_pointer (&local));
  else if (!note_leaving (self, vault, versions, cancellable, error))
    return NULL;
  if (warning != NULL)
    *warning = g_steal_pointer (&away);
  return g_steal_pointer (&versions);
}

/* What our backups do not have is looked for in the vendor's. */
static GBytes *
read_version (RepriseCouchProvider *self,
              RepriseCouchClient *client,
              const char *folder,
              const char *collection,
              const char *document,
              const char *version,
              GCancellable *cancellable,
              GError **error)
{
  g_autoptr (GError) local = NULL;
  GBytes *body = reprise_couch_history_read_version (folder, collection, document, version, &local);

  if (body == NULL && reprise_couch_provider_has_server (self) &&
      g_error_matches (local, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND))
    {
      g_clear_error (&local);
      body = reprise_couch_on_server_read_version (self, collection, document, version, cancellable,
                                                   &local);
    }
  if (body != NULL)
    return body;
  if (reprise_couch_provider_is_cloudant (self) &&
      g_error_matches (local, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND))
    return reprise_couch_legacy_read_version (client, collection, document, version, cancellable,
                                              error);
  g_propagate_error (error, g_steal_pointer (&local));
  return NULL;
}

static GPtrArray *
compare_versions (RepriseProvider *provider,
                  RepriseVault *vault,
                  const char *collection,
                  const char *document,
                  const char *from,
                  const char *to,
                  GCancellable *cancellable,
                  GError **error)
{
  RepriseCouchProvider *self = REPRISE_COUCH_PROVIDER (provider);
  RepriseCouchClient *client = reprise_couch_provider_get_client (self, error);
  g_autofree char *folder = get_folder (self, vault);
  g_autoptr (GBytes) before = NULL;
  g_autoptr (GBytes) after = NULL;
  g_autoptr (GError) local = NULL;

  if (client == NULL)
    return NULL;
  before = read_version (self, client, folder, collection, document, from, cancellable, error);
  if (before == NULL)
    return NULL;
  after = to != NULL
            ? read_version (self, client, folder, collection, document, to, cancellable, &local)
            : reprise_couch_history_read_now (client, collection, document, cancellable, &local);
  if (local == NULL)
    return reprise_couch_history_compare (before, after);
  g_propagate_error (error, g_steal_pointer (&local));
  return NULL;
}

static GPtrArray *
list_collections (RepriseProvider *provider,
                  RepriseVault *vault,
                  RepriseProgress *progress,
                  GCancellable *cancellable,
                  GError **error)
{
  RepriseCouchProvider *self = REPRISE_COUCH_PROVIDER (provider);
  RepriseCouchClient *client = get_hurried_client (self, error);
  gboolean is_away;
  g_autoptr (GPtrArray) coverages =
    client != NULL ? reprise_couch_coverage_list (
                       client, reprise_provider_base_get_kind (REPRISE_PROVIDER_BASE (self)),
                       reprise_provider_base_get_service (REPRISE_PROVIDER_BASE (self)), vault,
                       progress, cancellable, error)
                   : NULL;

  calm (client);
  if (coverages == NULL)
    return NULL;
  is_away =
    coverages->len > 0 &&
    ((RepriseCoverage *) g_ptr_array_index (coverages, coverages->len - 1))->unanswered != NULL;
  if (is_away)
    return g_steal_pointer (&coverages);
  if (reprise_couch_provider_is_cloudant (self) &&
      !reprise_couch_legacy_add_coverage (coverages, client, cancellable, error))
    return NULL;
  if (reprise_couch_provider_has_server (self))
    {
      g_autoptr (RepriseCouchServer) server = reprise_couch_provider_make_server (self, error);

      if (server == NULL)
        return NULL;
      reprise_couch_server_add_coverage (server, coverages, cancellable);
    }
  return g_steal_pointer (&coverages);
}

void
reprise_couch_documents_init (RepriseProviderInterface *iface)
{
  iface->list_documents = list_documents;
  iface->list_versions = list_versions;
  iface->compare_versions = compare_versions;
  iface->list_collections = list_collections;
}
