/* reprise-site-schedule.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "provider/reprise-provider.h"

G_BEGIN_DECLS

/* the settings of Azure's own schedule */
#define REPRISE_SITE_SCHEDULE_EVERY     "every"
#define REPRISE_SITE_SCHEDULE_UNIT      "unit"
#define REPRISE_SITE_SCHEDULE_START     "start"
#define REPRISE_SITE_SCHEDULE_RETENTION "retention-days"
#define REPRISE_SITE_SCHEDULE_KEEP_ONE  "keep-one"
#define REPRISE_SITE_SCHEDULE_NAME      "name"
#define REPRISE_SITE_SCHEDULE_DATABASES "databases"

/* blocking: for workers */
JsonNode *reprise_site_schedule_get (RepriseProvider *provider,
                                     GCancellable *cancellable,
                                     GError **error);
gboolean reprise_site_schedule_set (RepriseProvider *provider,
                                    JsonNode *values,
                                    GCancellable *cancellable,
                                    GError **error);

G_END_DECLS
