/* reprise-couch-merge.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "providers/couchdb/server/reprise-couch-merge.h"

#define KEY_REPLICATION \
  "server-replication" /* id of a document in “_replicator”, which holds credentials */
#define KEY_AT  "server-replication-at" /* where it is */
#define AT_HOME "home"
#define AT_AWAY "away"

static gboolean
note (RepriseJournal *journal, const char *id, const char *at, GError **error)
{
  return journal == NULL || (reprise_journal_set (journal, KEY_AT, at, error) &&
                             reprise_journal_set (journal, KEY_REPLICATION, id, error));
}

/**
 * reprise_couch_merge:
 * @at: the server that replicates: that of @source or @target
 * @info: (nullable): the target is new, and becomes like this one
 * @journal: (nullable): a restart takes the document, with the credentials in it, away
 *
 * Replicates a delta into another database, and waits for the end. The newest revision of each document becomes the one that is
 * shown; the replication is gone afterwards, whatever came of it.
 *
 * Returns: whether everything was written
 */
gboolean
reprise_couch_merge (RepriseCouchClient *at,
                     const RepriseCouchEnd *source,
                     const RepriseCouchEnd *target,
                     const RepriseCouchInfo *info,
                     RepriseJournal *journal,
                     RepriseProgress *progress,
                     GCancellable *cancellable,
                     GError **error)
{
  g_autofree char *id = g_strdup_printf ("%s-from-%s", target->database, source->database);
  g_autofree char *reason = NULL;
  g_auto (RepriseCouchProgress) result = { 0 };
  const RepriseCouchReplication replication = {
    .id = id, .source = *source, .target = *target, .info = info
  };
  gboolean ok;

  if (!note (journal, id, at == target->client && at != source->client ? AT_HOME : AT_AWAY,
             error) ||
      !reprise_couch_replication_start (&replication, at, cancellable, error))
    return FALSE;
  reprise_progress_log (progress, "%s -> %s", source->database, target->database);
  ok = reprise_couch_replication_wait (at, id, target->database, &result, progress, cancellable,
                                       error);
  if (!reprise_couch_replication_remove (at, id, NULL, ok ? error : NULL) || !ok)
    return FALSE;
  reason = reprise_couch_replication_explain (&result);
  if (reason == NULL)
    return TRUE;
  reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_FAILED,
                     _ ("“%s” could not be copied into “%s”: %s"), source->database,
                     target->database, reason);
  return FALSE;
}

/* After a restart: what runs is stopped, and its credentials are taken away. */
void
reprise_couch_server_forget_replication (RepriseCouchServer *server,
                                         RepriseJournal *journal,
                                         RepriseProgress *progress,
                                         GCancellable *cancellable)
{
  const char *id = reprise_journal_get (journal, KEY_REPLICATION);
  gboolean is_away = g_strcmp0 (reprise_journal_get (journal, KEY_AT), AT_AWAY) == 0;
  const char *scratch = reprise_journal_get (journal, REPRISE_COUCH_KEY_SCRATCH);
  g_autoptr (GError) error = NULL;

  if (scratch != NULL && *scratch != '\0' &&
      !reprise_couch_client_delete_database (server->home, scratch, cancellable, NULL))
    reprise_progress_warn (progress, "The database “%s” could not be taken away", scratch);
  if (id != NULL && !reprise_couch_replication_remove (is_away ? server->away : server->home, id,
                                                       cancellable, &error))
    reprise_progress_warn (progress, "The replication “%s” could not be taken away: %s", id,
                           reprise_error_get_saying (error));
}
