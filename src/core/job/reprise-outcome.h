/* reprise-outcome.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * RepriseOutcome:
 * @summary: one sentence for people: “1,204 written, 0 failed”, in the language of this process
 * @said: (nullable): the same as it is kept and told, to be said in any language: base/reprise-saying.h
 * @backup_id: (nullable): the backup that was made, verified or restored
 * @safety_id: (nullable): the safety copy that an undo goes back to
 * @written: rows, documents or files written, or -1 where it has no meaning
 * @failed: those that could not be written
 * @skipped: those that were left out on purpose
 * @removed: backups that a roll-up deleted
 *
 * How a job ended well. Warnings are in its progress. Nothing written is not a success: such a job fails.
 */
typedef struct
{
  char *summary;
  char *said;
  char *backup_id;
  char *safety_id;
  gint64 written;
  gint64 failed;
  gint64 skipped;
  gint64 removed;
} RepriseOutcome;

#define REPRISE_TYPE_OUTCOME (reprise_outcome_get_type ())

GType reprise_outcome_get_type (void);
RepriseOutcome *reprise_outcome_new (const char *format, ...) G_GNUC_PRINTF (1, 2);
RepriseOutcome *reprise_outcome_say (const char *text, ...) G_GNUC_PRINTF (1, 2);
RepriseOutcome *reprise_outcome_say_n (const char *singular, const char *plural, guint64 n, ...)
  G_GNUC_PRINTF (2, 4);
void reprise_outcome_take_saying (RepriseOutcome *self, char *saying);
const char *reprise_outcome_get_saying (const RepriseOutcome *self);
RepriseOutcome *reprise_outcome_copy (const RepriseOutcome *self);
void reprise_outcome_free (RepriseOutcome *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RepriseOutcome, reprise_outcome_free)

G_END_DECLS
