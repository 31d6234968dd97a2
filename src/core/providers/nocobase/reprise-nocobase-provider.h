/* reprise-nocobase-provider.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "provider/reprise-provider-base.h"
#include "providers/nocobase/reprise-nocobase-target.h"

G_BEGIN_DECLS

/**
 * RepriseNocobaseProvider:
 *
 * One NocoBase service, for one worker.
 */
#define REPRISE_TYPE_NOCOBASE_PROVIDER (reprise_nocobase_provider_get_type ())

G_DECLARE_FINAL_TYPE (RepriseNocobaseProvider,
                      reprise_nocobase_provider,
                      REPRISE,
                      NOCOBASE_PROVIDER,
                      RepriseProviderBase)

void reprise_nocobase_provider_set_pace (RepriseNocobaseProvider *self,
                                         const RepriseNocobasePace *pace);

G_END_DECLS
