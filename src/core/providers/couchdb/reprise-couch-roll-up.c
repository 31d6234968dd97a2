/* reprise-couch-roll-up.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "providers/couchdb/reprise-couch-roll-up.h"
#include "providers/couchdb/reprise-couch-settings.h"

#define MAX_KEPT 10000

/* What is not set, or is no number, leaves what is offered first. */
static void
read_number (RepriseService *service, const char *key, guint *value)
{
  const char *text = reprise_service_get_setting (service, key);
  guint64 number;

  if (text != NULL && g_ascii_string_to_unsigned (text, 10, 0, MAX_KEPT, &number, NULL))
    *value = (guint) number;
}

void
reprise_couch_read_retention (RepriseService *service, RepriseCouchRetention *retention)
{
  reprise_couch_retention_set_defaults (retention);
  read_number (service, REPRISE_COUCH_SETTING_DAILY, &retention->keep[REPRISE_COUCH_DAILY]);
  read_number (service, REPRISE_COUCH_SETTING_WEEKLY, &retention->keep[REPRISE_COUCH_WEEKLY]);
  read_number (service, REPRISE_COUCH_SETTING_MONTHLY, &retention->keep[REPRISE_COUCH_MONTHLY]);
  read_number (service, REPRISE_COUCH_SETTING_YEARLY, &retention->keep[REPRISE_COUCH_YEARLY]);
  read_number (service, REPRISE_COUCH_SETTING_DELAY, &retention->delay_days);
}

static void
retention_func (const char *database, RepriseCouchRetention *retention, gpointer user_data)
{
  reprise_couch_read_retention (user_data, retention);
}

static RepriseOutcome *
tell (guint n_made, guint n_deleted, gint64 size_bytes)
{
  g_autofree char *size = g_format_size ((guint64) size_bytes);
  g_autofree char *made = g_strdup_printf (
    ngettext ("%u backup made from others", "%u backups made from others", n_made), n_made);
  g_autofree char *deleted = g_strdup_printf (
    ngettext ("%u rolled-up backup deleted", "%u rolled-up backups deleted", n_deleted), n_deleted);
  RepriseOutcome *outcome;

  if (n_made == 0 && n_deleted == 0)
    outcome = reprise_outcome_new ("%s", _ ("Every backup is in its tier: nothing to roll up"));
  else
    /* Translators: “1 backup made from others”, “2 rolled-up backups deleted”, and how much those were: “3.5 MB” */
    outcome = reprise_outcome_new (_ ("%s, %s (%s)"), made, deleted, size);
  outcome->written = n_made;
  return outcome;
}

/**
 * reprise_couch_roll_up_run:
 * @now: milliseconds since 1970
 *
 * Rolls up by the service's settings and removes what was rolled up and whose date has come.
 *
 * Returns: (transfer full): how it ended
 */
RepriseOutcome *
reprise_couch_roll_up_run (RepriseVault *vault,
                           RepriseService *service,
                           gint64 now,
                           RepriseProgress *progress,
                           GCancellable *cancellable,
                           GError **error)
{
  g_autoptr (RepriseCouchCompaction) compaction = NULL;
  gint64 size_bytes = 0;
  guint n_made = 0, n_deleted = 0;

  reprise_progress_set_phase (progress, REPRISE_PHASE_CHECKING);
  reprise_progress_set_stop_text (progress, _ ("All backups stay as they are."));
  compaction =
    reprise_couch_compaction_new (vault, service, retention_func, service, cancellable, error);
  if (compaction == NULL ||
      !reprise_couch_compaction_roll_up (compaction, now, &n_made, progress, cancellable, error) ||
      !reprise_couch_compaction_clean_up (compaction, now, &n_deleted, &size_bytes, progress,
                                          cancellable, error))
    return NULL;
  return tell (n_made, n_deleted, size_bytes);
}
