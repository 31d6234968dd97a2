/* reprise-site-plan-private.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "providers/azure/site/reprise-site-plan.h"

G_BEGIN_DECLS

RepriseSite *reprise_site_plan_get_target (RepriseSiteProvider *provider,
                                           ReprisePlan *plan,
                                           GError **error);
gboolean reprise_site_plan_is_listed (ReprisePlan *plan, gint64 *id);

G_END_DECLS
