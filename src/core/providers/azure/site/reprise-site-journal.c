/* reprise-site-journal.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "providers/azure/site/reprise-site-journal.h"

#define ASKED_PREFIX \
  "asked " /* and the resource ID of an application that Azure was asked to restore */
#define YES "true"

/* What stands in the journal of a restore, or in the record of a rehearsal, of which a later process learns what Azure was asked for. */

/* (nullable): what was taken back is empty */
const char *
reprise_site_journal_get (RepriseJournal *journal, const char *key)
{
  const char *value = reprise_journal_get (journal, key);

  return value != NULL && *value != '\0' ? value : NULL;
}

gboolean
reprise_site_journal_take_back (RepriseJournal *journal, const char *key, GError **error)
{
  return reprise_site_journal_get (journal, key) == NULL ||
         reprise_journal_set (journal, key, "", error);
}

/* Whether Azure still works on the restore of that journal, as far as is known */
gboolean
reprise_site_journal_is_open (RepriseJournal *journal)
{
  return reprise_journal_is_open (journal, REPRISE_SITE_JOURNAL_STEP);
}

/* Whether Azure works on it, or may do so without letting itself be seen */
gboolean
reprise_site_journal_may_go_on (RepriseJournal *journal)
{
  return reprise_site_journal_is_open (journal) ||
         reprise_site_journal_get (journal, REPRISE_SITE_JOURNAL_UNSEEN) != NULL;
}

/* Whether an earlier process had begun a restore that Azure goes on with, and that can be followed. */
gboolean
reprise_site_journal_has_left (RepriseJournal *journal)
{
  return reprise_site_journal_get (journal, REPRISE_SITE_JOURNAL_OPERATION) != NULL &&
         reprise_site_journal_get (journal, REPRISE_SITE_JOURNAL_TARGET) != NULL &&
         reprise_site_journal_is_open (journal);
}

/* Whether Azure was, or may have been, asked to restore the application of that resource ID */
gboolean
reprise_site_journal_was_asked (RepriseJournal *journal, const char *id)
{
  g_autofree char *key = g_strconcat (ASKED_PREFIX, id, NULL);

  return reprise_site_journal_get (journal, key) != NULL;
}

gboolean
reprise_site_journal_set_asked (RepriseJournal *journal, const char *id, GError **error)
{
  g_autofree char *key = g_strconcat (ASKED_PREFIX, id, NULL);

  return reprise_journal_set (journal, key, YES, error);
}

/* The application is gone: one that is there later is not that of this journal. */
gboolean
reprise_site_journal_forget_asked (RepriseJournal *journal, const char *id, GError **error)
{
  g_autofree char *key = g_strconcat (ASKED_PREFIX, id, NULL);

  return reprise_site_journal_take_back (journal, key, error);
}

/* A journal that is used again may tell of an earlier restore, which is not to be taken for this one. */
gboolean
reprise_site_journal_forget (RepriseJournal *journal, GError **error)
{
  while (reprise_site_journal_is_open (journal))
    if (!reprise_journal_end (journal, REPRISE_SITE_JOURNAL_STEP, error))
      return FALSE;
  return reprise_site_journal_take_back (journal, REPRISE_SITE_JOURNAL_OPERATION, error) &&
         reprise_site_journal_take_back (journal, REPRISE_SITE_JOURNAL_UNSEEN, error);
}
