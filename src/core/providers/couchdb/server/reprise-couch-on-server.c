/* reprise-couch-on-server.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "providers/couchdb/backup/reprise-couch-roll-up.h"
#include "providers/couchdb/server/reprise-couch-aside.h"
#include "providers/couchdb/server/reprise-couch-download.h"
#include "providers/couchdb/server/reprise-couch-merge.h"
#include "providers/couchdb/server/reprise-couch-on-server.h"
#include "providers/couchdb/server/reprise-couch-server-backup.h"
#include "providers/couchdb/server/reprise-couch-server-history.h"
#include "providers/couchdb/server/reprise-couch-server-roll-up.h"

gboolean
reprise_couch_on_server_back_up (RepriseCouchProvider *self,
                                 RepriseGroups groups,
                                 RepriseBackup **made,
                                 RepriseProgress *progress,
                                 GCancellable *cancellable,
                                 GError **error)
{
  g_autoptr (RepriseCouchServer) server = reprise_couch_provider_make_server (self, error);
  g_autoptr (RepriseBackup) backup = NULL;

  if (server != NULL && reprise_couch_server_check_on (server, error))
    backup = reprise_couch_server_back_up (server, groups, progress, cancellable, error);
  if (backup != NULL && made != NULL)
    *made = g_object_ref (backup);
  return backup != NULL;
}

/* Those that there are, also where no more are made: then nobody waits for them, nor hears why they cannot be listed. */
GPtrArray *
reprise_couch_on_server_list (RepriseCouchProvider *self, GCancellable *cancellable, GError **error)
{
  RepriseCouchClient *client = reprise_couch_provider_get_client (self, error);
  g_autoptr (GError) local = NULL;
  g_autoptr (RepriseCouchServer) server = NULL;
  GPtrArray *backups = NULL;
  gboolean is_on = reprise_couch_provider_has_server (self);

  if (client == NULL)
    return NULL;
  reprise_couch_client_set_hurried (client, !is_on);
  server = reprise_couch_provider_make_server (self, &local);
  if (server != NULL)
    backups = reprise_couch_server_list (server, cancellable, &local);
  reprise_couch_client_set_hurried (client, FALSE);
  if (backups == NULL && is_on)
    g_propagate_error (error, g_steal_pointer (&local));
  else if (backups == NULL)
    backups = g_ptr_array_new_with_free_func (g_object_unref);
  return backups;
}

gboolean
reprise_couch_on_server_download (RepriseProvider *provider,
                                  RepriseBackup *backup,
                                  RepriseVaultWriter *writer,
                                  RepriseProgress *progress,
                                  GCancellable *cancellable,
                                  GError **error)
{
  RepriseCouchProvider *self = REPRISE_COUCH_PROVIDER (provider);
  g_autoptr (RepriseCouchServer) server = reprise_couch_provider_make_server (self, error);

  return server != NULL && reprise_couch_server_download (
                             server, backup, reprise_couch_provider_get_connections (self), writer,
                             progress, cancellable, error);
}

gboolean
reprise_couch_on_server_keep_aside (RepriseProvider *provider,
                                    RepriseBackup *made,
                                    RepriseVaultWriter *writer,
                                    RepriseProgress *progress,
                                    GCancellable *cancellable,
                                    GError **error)
{
  g_autoptr (RepriseCouchServer) server =
    reprise_couch_provider_make_server (REPRISE_COUCH_PROVIDER (provider), error);

  return server != NULL &&
         reprise_couch_aside_write (server, made, writer, progress, cancellable, error);
}

/* A backup on the server that a restart cut off is finished; of a restore there, what is left is taken away. */
RepriseOutcome *
reprise_couch_on_server_resume (RepriseProvider *provider,
                                RepriseJournal *journal,
                                RepriseProgress *progress,
                                GCancellable *cancellable,
                                GError **error)
{
  RepriseCouchProvider *self = REPRISE_COUCH_PROVIDER (provider);
  g_autoptr (RepriseCouchServer) server = NULL;
  guint n = 0;

  if (!reprise_couch_provider_has_server (self))
    return NULL;
  server = reprise_couch_provider_make_server (self, error);
  if (server == NULL)
    return NULL;
  if (!reprise_couch_server_can_resume (journal))
    {
      reprise_couch_server_forget_replication (server, journal, progress, cancellable);
      return NULL;
    }
  if (!reprise_couch_server_resume (server, journal, &n, progress, cancellable, error))
    return NULL;
  return reprise_outcome_say_n ("%u database was backed up on the server",
                                "%u databases were backed up on the server", n, n);
}

/* Besides @outcome, which tells of the vault. */
RepriseOutcome *
reprise_couch_on_server_roll_up (RepriseCouchProvider *self,
                                 RepriseVault *vault,
                                 const RepriseOutcome *outcome,
                                 gint64 now,
                                 RepriseProgress *progress,
                                 GCancellable *cancellable,
                                 GError **error)
{
  g_autoptr (RepriseCouchServer) server = reprise_couch_provider_make_server (self, error);
  g_autoptr (RepriseOutcome) there = NULL;
  RepriseOutcome *both;
  guint n_made = 0, n_deleted = 0;
  gint64 size_bytes = 0;

  if (server == NULL || !reprise_couch_server_roll_up (server, vault, now, &n_made, &n_deleted,
                                                       &size_bytes, progress, cancellable, error))
    return NULL;
  there = reprise_couch_roll_up_tell (n_made, n_deleted, size_bytes);
  /* Translators: twice how rolling up ended: “1 backup made from others, 2 rolled-up backups deleted (3.5 MB)” */
  both =
    reprise_outcome_say ("In the vault: %s. On the server: %s",
                         reprise_outcome_get_saying (outcome), reprise_outcome_get_saying (there));
  both->written = outcome->written + n_made;
  both->removed = outcome->removed + n_deleted;
  return both;
}

/* Nothing where the settings want no such backups. */
gboolean
reprise_couch_on_server_add_versions (RepriseCouchProvider *self,
                                      const char *database,
                                      const char *document,
                                      GPtrArray *versions,
                                      GCancellable *cancellable,
                                      GError **error)
{
  g_autoptr (RepriseCouchServer) server = NULL;

  if (!reprise_couch_provider_has_server (self))
    return TRUE;
  server = reprise_couch_provider_make_server (self, error);
  return server != NULL && reprise_couch_server_add_versions (server, database, document, versions,
                                                              cancellable, error);
}

GBytes *
reprise_couch_on_server_read_version (RepriseCouchProvider *self,
                                      const char *database,
                                      const char *document,
                                      const char *version,
                                      GCancellable *cancellable,
                                      GError **error)
{
  g_autoptr (RepriseCouchServer) server = reprise_couch_provider_make_server (self, error);

  return server != NULL ? reprise_couch_server_read_version (server, database, document, version,
                                                             cancellable, error)
                        : NULL;
}

/* Nothing where the settings want no such backups. */
gboolean
reprise_couch_on_server_mark_documents (RepriseCouchProvider *self,
                                        const char *database,
                                        GPtrArray *documents,
                                        GCancellable *cancellable,
                                        GError **error)
{
  g_autoptr (RepriseCouchServer) server = NULL;

  if (!reprise_couch_provider_has_server (self))
    return TRUE;
  server = reprise_couch_provider_make_server (self, error);
  return server != NULL &&
         reprise_couch_server_mark_documents (server, database, documents, cancellable, error);
}
