/* reprise-milvus-rehearse.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "provider/reprise-archive.h"
#include "providers/milvus/reprise-milvus-target.h"

G_BEGIN_DECLS

/* How what is put after the names of collections in a rehearsal begins; 26 letters and digits follow, which no other one has. */
#define REPRISE_MILVUS_SCRATCH_SUFFIX "_rehearsal_"

/* blocking: for workers */
RepriseOutcome *reprise_milvus_rehearse (RepriseMilvusTarget *target,
                                         RepriseArchive *archive,
                                         RepriseJournal *record,
                                         RepriseProgress *progress,
                                         GCancellable *cancellable,
                                         GError **error);
gboolean reprise_milvus_rehearse_clean_up (RepriseMilvusTarget *target,
                                           RepriseJournal *record,
                                           RepriseProgress *progress,
                                           GCancellable *cancellable,
                                           GError **error);

G_END_DECLS
