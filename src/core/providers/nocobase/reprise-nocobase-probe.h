/* reprise-nocobase-probe.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "provider/reprise-provider.h"
#include "providers/nocobase/reprise-nocobase-target.h"

G_BEGIN_DECLS

RepriseProbe *reprise_nocobase_probe (RepriseNocobaseTarget *target,
                                      GCancellable *cancellable,
                                      GError **error);

G_END_DECLS
