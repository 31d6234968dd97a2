/* reprise-nocobase-rehearse.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <inttypes.h>
#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "providers/nocobase/reprise-nocobase-kind.h"
#include "providers/nocobase/reprise-nocobase-plan.h"
#include "providers/nocobase/reprise-nocobase-rehearse.h"
#include "providers/nocobase/reprise-nocobase-restore.h"

/*
 * is it really another application? → the plan of a restore into it, without refusals → restored → counted, and compared
 *
 * That somebody has named the test service is the consent: no safety copy is made, and what is there is replaced by the next rehearsal.
 */

/* “app” of “https://example.org/#app”; @address gets what is before it. */
static const char *
split_identity (const char *identity, char **address)
{
  const char *hash = strrchr (identity, '#');

  *address = g_strndup (identity, hash != NULL ? (gsize) (hash - identity) : strlen (identity));
  return hash != NULL ? hash + 1 : "";
}

static gboolean
is_literal (const char *host)
{
  return g_hostname_is_ip_address (host) || g_ascii_strcasecmp (host, "localhost") == 0;
}

/* Whether two hosts, one of them without a name, are one. Two names may well be two servers behind one proxy. */
static gboolean
is_same_host (const char *one, const char *other, GCancellable *cancellable)
{
  g_autoptr (GResolver) resolver = g_resolver_get_default ();
  GList *a = NULL, *b = NULL;
  gboolean same = g_ascii_strcasecmp (one, other) == 0;

  if (same || (!is_literal (one) && !is_literal (other)))
    return same;
  a = g_resolver_lookup_by_name (resolver, one, cancellable, NULL);
  b = g_resolver_lookup_by_name (resolver, other, cancellable, NULL);
  for (GList *x = a; x != NULL; x = x->next)
    for (GList *y = b; y != NULL; y = y->next)
      same = same || g_inet_address_equal (x->data, y->data) ||
             (g_inet_address_get_is_loopback (x->data) && g_inet_address_get_is_loopback (y->data));
  g_resolver_free_addresses (a);
  g_resolver_free_addresses (b);
  return same;
}

/* Whether two identities are those of one application, under whatever name its server is spoken to. */
static gboolean
is_same (const char *one, const char *other, GCancellable *cancellable)
{
  g_autofree char *address = NULL, *other_address = NULL;
  const char *app = split_identity (one, &address);
  const char *other_app = split_identity (other, &other_address);
  g_autoptr (GUri) a = g_uri_parse (address, G_URI_FLAGS_SCHEME_NORMALIZE, NULL);
  g_autoptr (GUri) b = g_uri_parse (other_address, G_URI_FLAGS_SCHEME_NORMALIZE, NULL);

  if (strcmp (one, other) == 0)
    return TRUE;
  return a != NULL && b != NULL && g_uri_get_host (a) != NULL && g_uri_get_host (b) != NULL &&
         strcmp (app, other_app) == 0 && g_uri_get_port (a) == g_uri_get_port (b) &&
         strcmp (g_uri_get_path (a), g_uri_get_path (b)) == 0 &&
         is_same_host (g_uri_get_host (a), g_uri_get_host (b), cancellable);
}

/* A rehearsal must not touch what is backed up, whatever was named. */
static gboolean
check_other (const RepriseNocobaseStage *stage,
             RepriseArchive *archive,
             GCancellable *cancellable,
             GError **error)
{
  RepriseManifest *manifest = reprise_archive_get_manifest (archive);
  const char *saved = manifest != NULL ? reprise_manifest_get_identity (manifest) : NULL;
  const char *target = reprise_nocobase_client_get_identity (stage->target->client);

  if (!is_same (target, reprise_nocobase_client_get_identity (stage->own), cancellable) &&
      (saved == NULL || !is_same (target, saved, cancellable)))
    return TRUE;
  reprise_error_set_literal (
    error, REPRISE_ERROR, REPRISE_ERROR_REFUSED,
    _ ("The test service is the very application that the backup is of: all "
       "its data would be replaced. Name another one. Nothing was changed."));
  return FALSE;
}

/* The test server would look for one of that name among its own. */
static gboolean
check_here (RepriseArchive *archive, GError **error)
{
  RepriseBackup *backup = reprise_archive_get_backup (archive);

  if (backup == NULL || reprise_backup_get_in_vault (backup))
    return TRUE;
  reprise_error_set_literal (
    error, REPRISE_ERROR, REPRISE_ERROR_REFUSED,
    _ ("The backup is only on its own server: download it first, to rehearse "
       "its restore on another one."));
  return FALSE;
}

/* (transfer full) (nullable): what may be set of such a restore: where it goes is settled */
static GHashTable *
make_options (GHashTable *given)
{
  const char *allowed =
    given != NULL ? g_hash_table_lookup (given, REPRISE_NOCOBASE_OPTION_OLD_RESTORE) : NULL;
  GHashTable *options = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);

  if (allowed != NULL)
    g_hash_table_insert (options, g_strdup (REPRISE_NOCOBASE_OPTION_OLD_RESTORE),
                         g_strdup (allowed));
  return options;
}

/* What the server told of its rows; @restored says it where they differ. */
static RepriseOutcome *
describe (const RepriseNocobaseStage *stage,
          const char *place,
          RepriseOutcome *restored,
          GError **error)
{
  const RepriseNocobaseTally *tally = &stage->target->tally;
  gint64 n = tally->n_same + tally->n_unknown;
  g_autofree char *rows = NULL;

  if (!tally->done)
    {
      reprise_error_set (
        error, REPRISE_ERROR, REPRISE_ERROR_FAILED,
        _ ("It was restored on %s, but its rows could not be counted, so that nothing "
           "is proven. Where its accounts became those of the backup, give the test "
           "service the same account."),
        place);
      return NULL;
    }
  if (tally->n_different > 0)
    {
      RepriseOutcome *different = reprise_outcome_copy (restored);

      different->failed = MAX (restored->failed, tally->n_different);
      return different;
    }
  if (tally->n_same == 0)
    return reprise_outcome_new (_ ("Restored on %s, as the server reports; what the backup holds "
                                   "is not reported, so that nothing could be compared"),
                                place);
  rows = g_strdup_printf (ngettext ("%" PRId64 " row, 0 differences",
                                    "%" PRId64 " rows, 0 differences", (gulong) tally->rows),
                          tally->rows);
  if (tally->n_unknown > 0)
    return reprise_outcome_new (
      /* Translators: “1204 rows, 0 differences”, how many collections, and how many of them */
      ngettext ("%s; of %" PRId64 " collection the server does not tell the rows of %" PRId64,
                "%s; of %" PRId64 " collections the server does not tell the rows of %" PRId64,
                (gulong) n),
      rows, n, tally->n_unknown);
  return reprise_outcome_new (
    /* Translators: how many collections, and “1204 rows, 0 differences” */
    ngettext ("%" PRId64 " collection, %s", "%" PRId64 " collections, %s", (gulong) n), n, rows);
}

/**
 * reprise_nocobase_rehearse:
 *
 * Restores an archive into the test service.
 *
 * Returns: (transfer full): what came back, with what differs as failed; or %NULL with %REPRISE_ERROR_REFUSED where nothing was changed,
 *   and as a restore
 */
RepriseOutcome *
reprise_nocobase_rehearse (const RepriseNocobaseStage *stage,
                           RepriseArchive *archive,
                           const RepriseRehearsal *rehearsal,
                           RepriseProgress *progress,
                           GCancellable *cancellable,
                           GError **error)
{
  g_autoptr (GHashTable) options = make_options (rehearsal->options);
  g_autoptr (ReprisePlan) plan = NULL;
  g_autoptr (RepriseOutcome) outcome = NULL;

  reprise_progress_set_phase (progress, REPRISE_PHASE_CHECKING);
  if (!check_here (archive, error) || !check_other (stage, archive, cancellable, error))
    return NULL;
  plan = reprise_nocobase_plan_new (stage->target, archive, REPRISE_GROUPS_NONE, options,
                                    stage->secrets, progress, cancellable, error);
  if (plan == NULL || !reprise_plan_check_refusal (plan, error))
    return NULL;
  outcome = reprise_nocobase_restore_run (stage->target, plan, stage->secrets, rehearsal->record,
                                          progress, cancellable, error);
  return outcome != NULL ? describe (stage, reprise_plan_get_target (plan), outcome, error) : NULL;
}
