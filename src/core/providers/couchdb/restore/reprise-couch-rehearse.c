/* reprise-couch-rehearse.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <inttypes.h>

#include "base/reprise-error.h"
#include "base/reprise-saying.h"
#include "provider/reprise-scratch.h"
#include "providers/couchdb/restore/reprise-couch-rehearse.h"
#include "providers/couchdb/reprise-couch-settings.h"

typedef struct
{
  RepriseCouchClient *client;
  RepriseArchive *archive;
  const char *suffix;
  guint connections;
  RepriseJournal *record;
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
                                       self->record, part, self->cancellable, error);
  if (outcome == NULL)
    return FALSE;
  if (outcome->failed > 0)
    {
      reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_DAMAGED, "%s", outcome->summary);
      return FALSE;
    }
  self->n_documents += MAX (outcome->written, 0);
  self->n_databases++;
  return TRUE;
}

static gboolean
remove_scratch (RepriseCouchClient *client,
                RepriseJournal *record,
                const char *scratch,
                GCancellable *cancellable,
                GError **error)
{
  return reprise_couch_client_delete_database (client, scratch, cancellable, error) &&
         reprise_scratch_remove (record, scratch, error);
}

/* Whatever happens the scratch database, whose name no other has, goes in the end. */
static gboolean
rehearse_one (Rehearsal *self, const char *database, guint index, GError **error)
{
  g_autofree char *scratch =
    g_strdup_printf (REPRISE_COUCH_SCRATCH_PREFIX "%s-%u", self->suffix, index);
  g_autoptr (GError) local_error = NULL;
  gboolean ok;

  reprise_progress_set_message (self->progress, database);
  if (!reprise_scratch_add (self->record, scratch, error))
    return FALSE;
  ok = restore_one (self, database, scratch, error);
  if (!remove_scratch (self->client, self->record, scratch, NULL, &local_error))
    reprise_progress_warn (self->progress, "The scratch database “%s” could not be deleted: %s",
                           scratch, reprise_error_get_saying (local_error));
  if (!ok)
    reprise_error_prefix (error, "“%s”: ", database);
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
                        RepriseJournal *record,
                        guint connections,
                        RepriseProgress *progress,
                        GCancellable *cancellable,
                        GError **error)
{
  g_autofree char *suffix = reprise_scratch_dup_suffix ();
  g_autoptr (GHashTable) options = make_options (NULL, NULL);
  g_autoptr (GPtrArray) goals = reprise_couch_goals_new (client, archive, NULL, REPRISE_GROUPS_NONE,
                                                         options, cancellable, error);
  Rehearsal self = { client, archive, suffix, connections, record, progress, cancellable, 0, 0 };
  g_autofree char *databases = NULL;
  gboolean ok = goals != NULL;

  for (guint i = 0; ok && i < goals->len; i++)
    ok = rehearse_one (&self, ((const RepriseCouchGoal *) goals->pdata[i])->database, i, error);
  if (!ok)
    return NULL;
  databases = reprise_say_n ("%u database", "%u databases", self.n_databases, self.n_databases);
  /* Translators: “5 databases”, and how many documents */
  return reprise_outcome_say_n ("%s, %" PRId64 " document, 0 differences",
                                "%s, %" PRId64 " documents, 0 differences",
                                (guint64) self.n_documents, databases, self.n_documents);
}

/* Deletes the scratch databases that stand in the record of a rehearsal that was cut off. */
gboolean
reprise_couch_rehearse_clean_up (RepriseCouchClient *client,
                                 RepriseJournal *record,
                                 GCancellable *cancellable,
                                 GError **error)
{
  g_auto (GStrv) names = reprise_scratch_list (record);

  for (guint i = 0; names[i] != NULL; i++)
    if (g_str_has_prefix (names[i], REPRISE_COUCH_SCRATCH_PREFIX) &&
        !remove_scratch (client, record, names[i], cancellable, error))
      return FALSE;
  return TRUE;
}
