/* reprise-rehearsal.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "provider/reprise-context.h"

G_BEGIN_DECLS

/* Whether and where the restore of a service can be rehearsed. On the main context, which owns the services. */
RepriseService *reprise_rehearsal_find_stage (RepriseContext *context,
                                              RepriseService *service,
                                              GError **error);
char *reprise_rehearsal_explain_missing (RepriseContext *context, RepriseService *service);
gboolean reprise_rehearsal_settle_stage (RepriseContext *context,
                                         RepriseService *service,
                                         GError **error);
GPtrArray *reprise_rehearsal_list_stages (RepriseContext *context, RepriseService *service);
const char *reprise_rehearsal_get_stage_name (RepriseContext *context, RepriseService *service);
char *reprise_rehearsal_dup_consent (RepriseContext *context, RepriseService *service);

G_END_DECLS
