/* reprise-journal.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <json-glib/json-glib.h>

#include "provider/reprise-provider.h"

G_BEGIN_DECLS

/**
 * RepriseJournal:
 *
 * What a restore is doing to a service, written down before and after each step that changes it, so that after a crash somebody
 * can say what is half done, and undo or resume it: a file of JSON lines in the state folder, fsynced line by line.
 * It is removed when the restore ended in a known state.
 */
#define REPRISE_TYPE_JOURNAL (reprise_journal_get_type ())

G_DECLARE_FINAL_TYPE (RepriseJournal, reprise_journal, REPRISE, JOURNAL, GObject)

RepriseJournal *reprise_journal_create (const char *service_uuid,
                                        const char *job_id,
                                        GError **error);
RepriseJournal *reprise_journal_open_left (const char *service_uuid, GError **error);
const char *reprise_journal_get_path (RepriseJournal *self);
GDateTime *reprise_journal_dup_time (RepriseJournal *self);
gboolean reprise_journal_begin (RepriseJournal *self,
                                const char *step,
                                const char *text,
                                GError **error);
gboolean reprise_journal_end (RepriseJournal *self, const char *step, GError **error);
gboolean reprise_journal_take_back (RepriseJournal *self, const char *step, GError **error);
gboolean reprise_journal_set (RepriseJournal *self,
                              const char *key,
                              const char *value,
                              GError **error);
const char *reprise_journal_get (RepriseJournal *self, const char *key);
char *reprise_journal_describe (RepriseJournal *self);
char **reprise_journal_list_open_steps (RepriseJournal *self);
gboolean reprise_journal_is_open (RepriseJournal *self, const char *step);
gboolean reprise_journal_has_open_step (RepriseJournal *self);
gboolean reprise_journal_has_step (RepriseJournal *self);
gboolean reprise_journal_close (RepriseJournal *self, GError **error);

G_END_DECLS
