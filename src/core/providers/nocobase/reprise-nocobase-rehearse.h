/* reprise-nocobase-rehearse.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "provider/reprise-archive.h"
#include "providers/nocobase/reprise-nocobase-target.h"

G_BEGIN_DECLS

/**
 * RepriseNocobaseStage:
 * @own: the application of the service, which is not asked anything and must not be the one that is restored into
 * @target: the application of the test service, all of whose data is replaced
 * @secrets: of the service: the password of its archives
 *
 * Where a restore is rehearsed.
 */
typedef struct
{
  RepriseNocobaseClient *own;
  RepriseNocobaseTarget *target;
  RepriseSecrets *secrets;
} RepriseNocobaseStage;

/* blocking: for workers */
RepriseOutcome *reprise_nocobase_rehearse (const RepriseNocobaseStage *stage,
                                           RepriseArchive *archive,
                                           const RepriseRehearsal *rehearsal,
                                           RepriseProgress *progress,
                                           GCancellable *cancellable,
                                           GError **error);

G_END_DECLS
