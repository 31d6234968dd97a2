/* reprise-site-leftovers.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "base/reprise-progress.h"
#include "providers/azure/site/reprise-site-provider.h"

G_BEGIN_DECLS

#define REPRISE_SITE_LEFTOVERS_SUFFIX "-uploaded" /* of their record, behind the service's UUID */

/* under the service's lock; blocking: for workers */
gboolean reprise_site_leftovers_add (RepriseSiteProvider *provider,
                                     const char *name,
                                     GError **error);
gboolean reprise_site_leftovers_take (RepriseSiteProvider *provider, const char *name);
void reprise_site_leftovers_remove (RepriseSiteProvider *provider,
                                    RepriseProgress *progress,
                                    GCancellable *cancellable);

G_END_DECLS
