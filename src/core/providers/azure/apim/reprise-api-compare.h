/* reprise-api-compare.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "base/reprise-progress.h"
#include "providers/azure/apim/reprise-api.h"

G_BEGIN_DECLS

/* blocking: for workers */
char *reprise_api_compare (RepriseApi *service,
                           RepriseApi *standby,
                           RepriseProgress *progress,
                           GCancellable *cancellable,
                           GError **error);

G_END_DECLS
