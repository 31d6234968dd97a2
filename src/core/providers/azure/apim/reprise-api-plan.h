/* reprise-api-plan.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "provider/reprise-journal.h"
#include "providers/azure/apim/reprise-api-backup.h"
#include "providers/azure/apim/reprise-api-provider.h"
#include "providers/azure/apim/reprise-api-settings.h"

G_BEGIN_DECLS

/* blocking: for workers */
ReprisePlan *reprise_api_plan_new (RepriseApiProvider *provider,
                                   RepriseArchive *archive,
                                   RepriseGroups groups,
                                   GHashTable *options,
                                   GCancellable *cancellable,
                                   GError **error);
RepriseOutcome *reprise_api_plan_apply (RepriseApiProvider *provider,
                                        ReprisePlan *plan,
                                        RepriseJournal *journal,
                                        RepriseProgress *progress,
                                        GCancellable *cancellable,
                                        GError **error);

/* what the options of a plan stand for */
RepriseApi *reprise_api_plan_get_target (RepriseApiProvider *provider,
                                         ReprisePlan *plan,
                                         GError **error);
RepriseApiPlace *reprise_api_plan_open_place (RepriseApiProvider *provider,
                                              ReprisePlan *plan,
                                              GCancellable *cancellable,
                                              GError **error);
const char *reprise_api_plan_get_blob (ReprisePlan *plan);

G_END_DECLS
