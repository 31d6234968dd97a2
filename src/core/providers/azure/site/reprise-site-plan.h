/* reprise-site-plan.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "provider/reprise-journal.h"
#include "providers/azure/site/reprise-site-provider.h"

G_BEGIN_DECLS

/* how a backup is restored: --to KEY=VALUE */
#define REPRISE_SITE_OPTION_APPLICATION "application"
#define REPRISE_SITE_OPTION_SLOT        "slot"
#define REPRISE_SITE_OPTION_PLAN        "plan"
#define REPRISE_SITE_OPTION_HOST_NAMES  "drop-host-names"
#define REPRISE_SITE_OPTION_CONNECTIONS "adjust-connections"
#define REPRISE_SITE_OPTION_DATABASES   "databases"
#define REPRISE_SITE_OPTION_SETTINGS    "settings"

/* blocking: for workers */
ReprisePlan *reprise_site_plan_new (RepriseSiteProvider *provider,
                                    RepriseArchive *archive,
                                    RepriseGroups groups,
                                    GHashTable *options,
                                    GCancellable *cancellable,
                                    GError **error);
RepriseOutcome *reprise_site_plan_apply (RepriseSiteProvider *provider,
                                         ReprisePlan *plan,
                                         RepriseJournal *journal,
                                         RepriseProgress *progress,
                                         GCancellable *cancellable,
                                         GError **error);
RepriseOutcome *reprise_site_plan_resume (RepriseSiteProvider *provider,
                                          RepriseJournal *journal,
                                          guint limit_ms,
                                          RepriseProgress *progress,
                                          GCancellable *cancellable,
                                          GError **error);
void reprise_site_plan_tidy (RepriseSiteProvider *provider,
                             RepriseJournal *journal,
                             RepriseProgress *progress);
gboolean reprise_site_plan_settle (RepriseSiteProvider *provider,
                                   RepriseProgress *progress,
                                   GCancellable *cancellable,
                                   GError **error);

G_END_DECLS
