/* reprise-site-compare.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "provider/reprise-plan.h"
#include "providers/azure/site/reprise-site-provider.h"

G_BEGIN_DECLS

/* blocking: for workers */
RepriseOutcome *reprise_site_compare (RepriseSiteProvider *provider,
                                      ReprisePlan *plan,
                                      RepriseSite *target,
                                      const char *state,
                                      RepriseProgress *progress,
                                      GCancellable *cancellable,
                                      GError **error);

G_END_DECLS
