/* reprise-api-operation.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "provider/reprise-journal.h"
#include "providers/azure/apim/reprise-api-place.h"

G_BEGIN_DECLS

/**
 * RepriseApiOperation:
 * @api: the service that is backed up or restored
 * @place: where the backup is
 * @blob_name: what it is called there
 * @restores: else it is backed up
 *
 * One backup or restore by Azure, from the request to its end, over as many processes as that takes. Nothing of it is owned.
 */
typedef struct
{
  RepriseApi *api;
  RepriseApiPlace *place;
  const char *blob_name;
  gboolean restores;
  RepriseJournal *journal;
  RepriseProgress *progress;
  GCancellable *cancellable;
} RepriseApiOperation;

/* blocking: for workers */
gboolean reprise_api_operation_run (const RepriseApiOperation *self,
                                    gboolean *seen,
                                    GError **error);
gboolean reprise_api_operation_resume (const RepriseApiOperation *self,
                                       gboolean *seen,
                                       GError **error);

/* of a journal that was left behind */
const char *reprise_api_journal_get_target (RepriseJournal *journal);
const char *reprise_api_journal_get_blob (RepriseJournal *journal);
gboolean reprise_api_journal_is_restore (RepriseJournal *journal);
void reprise_api_journal_add_reason (RepriseJournal *journal, GError **error);
gboolean reprise_api_journal_is_open (RepriseJournal *journal);

G_END_DECLS
