/* reprise-couch-rehearse.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <inttypes.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "base/reprise-ulid.h"
#include "providers/couchdb/restore/reprise-couch-rehearse.h"
#include "providers/couchdb/reprise-couch-settings.h"

typedef struct
{
  RepriseCouchClient *client;
  RepriseArchive *archive;
  const char *service_uuid;
  guint connections;
  RepriseJournal *journal;
  RepriseProgress *progress;
  GCancellable *cancellable;
  gint64 n_documents;
  guint n_databases;
} Rehearsal;

/* (transfer full): as the options of a restore into the new database @target */
static GHashTable *
make_options (const char *database, const char *target)
{
  GHashTable *options = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);

  g_hash_table_insert (options, g_strdup (REPRISE_COUCH_OPTION_INTO),
                       g_strdup (REPRISE_COUCH_INTO_NEW));
  if (database != NULL)
    g_hash_table_insert (options, g_strdup (REPRISE_COUCH_OPTION_DATABASES), g_strdup (database));
  if (target != NULL)
    g_hash_table_insert (options, g_strdup (REPRISE_COUCH_OPTION_TARGET), g_strdup (target));
  return options;
}

/* The restore itself reads all back and compares it; what differs is its error. */
static gboolean
restore_one (Rehearsal *self, const char *database, const char *scratch, GError **error)
{
  static const RepriseCouchSafety none = { NULL, NULL };
  g_autoptr (GHashTable) options = make_options (database, scratch);
  g_autoptr (RepriseProgress) part = reprise_progress_new_part (self->progress);
  g_autoptr (ReprisePlan) plan =
    reprise_couch_plan_new (self->client, self->archive, NULL, REPRISE_GROUPS_NONE, options, NULL,
                            self->cancellable, error);
  g_autoptr (RepriseOutcome) outcome = NULL;

  if (plan == NULL || !reprise_plan_check_refusal (plan, error))
    return FALSE;
  outcome = reprise_couch_restore_run (self->client, plan, NULL, self->connections, &none,
                                       self->journal, part, self->cancellable, error);
  if (outcome == NULL)
    return FALSE;
  if (outcome->failed > 0)
    {
      g_set_error (error, REPRISE_ERROR, REPRISE_ERROR_DAMAGED, "%s", outcome->summary);
      return FALSE;
    }
  self->n_documents += MAX (outcome->written, 0);
  self->n_databases++;
  return TRUE;
}

/* One that a crash left there goes first, and whatever happens the scratch database goes in the end. */
static gboolean
rehearse_one (Rehearsal *self, const char *database, guint index, GError **error)
{
  g_autofree char *scratch =
    g_strdup_printf (REPRISE_COUCH_SCRATCH_PREFIX "%s-%u", self->service_uuid, index);
  g_autoptr (GError) local_error = NULL;
  gboolean ok;

  reprise_progress_set_message (self->progress, database);
  if (!reprise_couch_client_delete_database (self->client, scratch, self->cancellable, error))
    return FALSE;
  ok = restore_one (self, database, scratch, error);
  if (!reprise_couch_client_delete_database (self->client, scratch, NULL, &local_error))
    reprise_progress_warn (self->progress, _ ("The scratch database “%s” could not be deleted: %s"),
                           scratch, local_error->message);
  if (!ok)
    g_prefix_error (error, "“%s”: ", database);
  return ok;
}

/**
 * reprise_couch_rehearse:
 *
 * Restores each database of the archive into a scratch database, one after the other, which is compared and deleted. No other database
 * is touched.
 *
 * Returns: (transfer full): how much came back, or %NULL with what differs, or why it could not be tried
 */
RepriseOutcome *
reprise_couch_rehearse (RepriseCouchClient *client,
                        RepriseArchive *archive,
                        const char *service_uuid,
                        guint connections,
                        RepriseProgress *progress,
                        GCancellable *cancellable,
                        GError **error)
{
  g_autofree char *job_id = reprise_ulid_new ();
  g_autofree char *key = g_strconcat (service_uuid, "-rehearsal", NULL);
  g_autoptr (GHashTable) options = make_options (NULL, NULL);
  g_autoptr (GPtrArray) goals = reprise_couch_goals_new (client, archive, NULL, REPRISE_GROUPS_NONE,
                                                         options, cancellable, error);
  g_autoptr (RepriseJournal) journal =
    goals != NULL ? reprise_journal_create (key, job_id, error) : NULL;
  Rehearsal self = { client, archive, service_uuid, connections, journal, progress, cancellable,
                     0,      0 };
  g_autofree char *databases = NULL;
  gboolean ok = journal != NULL;

  for (guint i = 0; ok && i < goals->len; i++)
    ok = rehearse_one (&self, ((const RepriseCouchGoal *) goals->pdata[i])->database, i, error);
  if (journal != NULL)
    reprise_journal_close (journal, NULL);
  if (!ok)
    return NULL;
  databases =
    g_strdup_printf (ngettext ("%u database", "%u databases", self.n_databases), self.n_databases);
  /* Translators: “5 databases”, and how many documents */
  return reprise_outcome_new (ngettext ("%s, %" PRId64 " document, 0 differences",
                                        "%s, %" PRId64 " documents, 0 differences",
                                        (gulong) self.n_documents),
                              databases, self.n_documents);
}
