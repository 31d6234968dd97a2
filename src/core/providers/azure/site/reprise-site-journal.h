/* reprise-site-journal.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "provider/reprise-journal.h"

G_BEGIN_DECLS

#define REPRISE_SITE_JOURNAL_STEP      "restore" /* open while Azure works on it, as far as is known */
#define REPRISE_SITE_JOURNAL_OPERATION "operation" /* what it takes to follow it after a restart */
#define REPRISE_SITE_JOURNAL_TARGET    "target"    /* the resource ID of the application */
#define REPRISE_SITE_JOURNAL_UPLOADED \
  "uploaded" /* the blob that was made for it, and is worth nothing afterwards */
#define REPRISE_SITE_JOURNAL_UNSEEN \
  "unseen" /* Azure began with it, and does not let this account follow it */

/* for which a restore that nobody can follow is believed to go on */
#define REPRISE_SITE_UNSEEN_HOURS 2

const char *reprise_site_journal_get (RepriseJournal *journal, const char *key);
gboolean reprise_site_journal_take_back (RepriseJournal *journal, const char *key, GError **error);
gboolean reprise_site_journal_is_open (RepriseJournal *journal);
gboolean reprise_site_journal_may_go_on (RepriseJournal *journal);
gboolean reprise_site_journal_has_left (RepriseJournal *journal);
gboolean reprise_site_journal_was_asked (RepriseJournal *journal, const char *id);
gboolean reprise_site_journal_set_asked (RepriseJournal *journal, const char *id, GError **error);
gboolean reprise_site_journal_forget_asked (RepriseJournal *journal,
                                            const char *id,
                                            GError **error);
gboolean reprise_site_journal_forget (RepriseJournal *journal, GError **error);

G_END_DECLS
