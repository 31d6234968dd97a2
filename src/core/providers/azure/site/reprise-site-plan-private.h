/* reprise-site-plan-private.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "providers/azure/site/reprise-site-plan.h"
#include "providers/azure/site/reprise-site-source.h"

G_BEGIN_DECLS

RepriseSite *reprise_site_plan_get_target (RepriseSiteProvider *provider,
                                           ReprisePlan *plan,
                                           GError **error);
RepriseSiteSource reprise_site_plan_get_source (ReprisePlan *plan,
                                                gint64 *number,
                                                const char **rest);
char *reprise_site_plan_dup_service_plan (RepriseSiteProvider *provider,
                                          ReprisePlan *plan,
                                          GCancellable *cancellable);
gboolean reprise_site_plan_is_true (ReprisePlan *plan, const char *key, gboolean fallback);
gboolean reprise_site_plan_makes_target (ReprisePlan *plan);

/* databases: reprise-site-databases.c */
gboolean reprise_site_plan_wants_database (ReprisePlan *plan, const char *name);
GPtrArray *reprise_site_plan_choose_replaced (ReprisePlan *plan, GPtrArray *known);
gboolean reprise_site_plan_add_database_rows (RepriseSiteProvider *provider,
                                              ReprisePlan *plan,
                                              RepriseSite *target,
                                              GPtrArray *known,
                                              gboolean makes_target,
                                              GCancellable *cancellable,
                                              GError **error);
gboolean reprise_site_plan_replaces_databases (ReprisePlan *plan);
gboolean reprise_site_plan_secure_databases (RepriseSiteProvider *provider,
                                             ReprisePlan *plan,
                                             GPtrArray *known,
                                             GCancellable *cancellable,
                                             GError **error);

G_END_DECLS
