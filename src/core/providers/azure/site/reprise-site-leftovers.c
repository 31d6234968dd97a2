/* reprise-site-leftovers.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "base/reprise-error.h"
#include "base/reprise-time.h"
#include "provider/reprise-scratch.h"
#include "providers/azure/site/reprise-site-journal.h"
#include "providers/azure/site/reprise-site-leftovers.h"
#include "providers/azure/site/reprise-site-provider-private.h"

/*
 * What a restore has uploaded goes away with its end. Where nobody can tell when that is, since no answer came or Azure lets nobody
 * follow it, it stays for as long as Azure may read it. It is written down, in a record beside the journals:
 *
 *   2026-11-22T10:00:00.000Z shop2-reprise-….zip    from when on, and what
 *
 * and a job that comes later removes it.
 */

static char *
dup_key (RepriseSiteProvider *provider)
{
  return g_strconcat (reprise_site_provider_get_uuid (provider), REPRISE_SITE_LEFTOVERS_SUFFIX,
                      NULL);
}

/* (nullable): the name of the blob, and from when on it may go. @at: (out) (nullable) (transfer full) */
static const char *
read_entry (const char *entry, GDateTime **at)
{
  const char *space = strchr (entry, ' ');
  g_autofree char *time = space != NULL ? g_strndup (entry, (gsize) (space - entry)) : NULL;

  *at = time != NULL ? reprise_time_from_string (time) : NULL;
  return *at != NULL ? space + 1 : NULL;
}

/* @name: of a blob that is not needed any more in a while */
gboolean
reprise_site_leftovers_add (RepriseSiteProvider *provider, const char *name, GError **error)
{
  g_autofree char *key = dup_key (provider);
  g_autoptr (RepriseJournal) record = reprise_scratch_open (key, error);
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autoptr (GDateTime) at = g_date_time_add_hours (now, REPRISE_SITE_UNSEEN_HOURS);
  g_autofree char *time = reprise_time_to_string (at);
  g_autofree char *entry = g_strconcat (time, " ", name, NULL);

  return record != NULL && reprise_scratch_add (record, entry, error);
}

/**
 * reprise_site_leftovers_take:
 *
 * A blob of that name is needed again.
 *
 * Returns: whether it was one of these: then whoever takes it has to remove it
 */
gboolean
reprise_site_leftovers_take (RepriseSiteProvider *provider, const char *name)
{
  g_autofree char *key = dup_key (provider);
  g_autoptr (RepriseJournal) record = reprise_scratch_open_left (key, NULL);
  g_auto (GStrv) entries = record != NULL ? reprise_scratch_list (record) : NULL;
  gboolean taken = FALSE;

  for (guint i = 0; entries != NULL && entries[i] != NULL; i++)
    {
      g_autoptr (GDateTime) at = NULL;

      if (g_strcmp0 (read_entry (entries[i], &at), name) == 0)
        taken = reprise_scratch_remove (record, entries[i], NULL) || taken;
    }
  if (taken)
    reprise_scratch_close (record, NULL);
  return taken;
}

/* Whether nothing is to be done about it any more */
static gboolean
remove_one (RepriseSiteProvider *provider,
            const char *entry,
            RepriseProgress *progress,
            GCancellable *cancellable)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autoptr (GDateTime) at = NULL;
  g_autoptr (GError) error = NULL;
  const char *name = read_entry (entry, &at);

  if (name == NULL)
    return TRUE;
  if (g_date_time_compare (now, at) < 0)
    return FALSE;
  if (reprise_site_access_delete_files (provider, name, FALSE, cancellable, &error))
    return TRUE;
  reprise_progress_log (progress, "%s stays in the container: %s", name, error->message);
  return g_error_matches (error, REPRISE_ERROR, REPRISE_ERROR_DENIED);
}

/* Those that may go. What cannot be reached now is left to a later job. */
void
reprise_site_leftovers_remove (RepriseSiteProvider *provider,
                               RepriseProgress *progress,
                               GCancellable *cancellable)
{
  g_autofree char *key = dup_key (provider);
  g_autoptr (RepriseJournal) record = reprise_scratch_open_left (key, NULL);
  g_auto (GStrv) entries = record != NULL ? reprise_scratch_list (record) : NULL;

  for (guint i = 0; entries != NULL && entries[i] != NULL; i++)
    if (remove_one (provider, entries[i], progress, cancellable))
      reprise_scratch_remove (record, entries[i], NULL);
  if (record != NULL)
    reprise_scratch_close (record, NULL);
}
