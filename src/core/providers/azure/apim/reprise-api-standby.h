/* reprise-api-standby.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "provider/reprise-archive.h"
#include "providers/azure/apim/reprise-api-provider.h"

G_BEGIN_DECLS

/* blocking: for workers */
RepriseOutcome *reprise_api_synchronise (RepriseApiProvider *provider,
                                         RepriseArchive *archive,
                                         RepriseProgress *progress,
                                         GCancellable *cancellable,
                                         GError **error);
void reprise_api_compare_restored (RepriseApiProvider *provider,
                                   ReprisePlan *plan,
                                   RepriseOutcome *outcome,
                                   RepriseProgress *progress,
                                   GCancellable *cancellable);
void reprise_api_probe_standby (RepriseApiProvider *provider,
                                const RepriseApiState *state,
                                RepriseProbe *probe,
                                GCancellable *cancellable);

/* no requests */
char *reprise_api_standby_explain_missing (RepriseService *service);

G_END_DECLS
