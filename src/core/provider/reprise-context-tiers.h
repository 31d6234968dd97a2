/* reprise-context-tiers.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "provider/reprise-context.h"

G_BEGIN_DECLS

/* Readings of services whose backups are increments; @secrets: (nullable): those of the keyring. */

/* (transfer full) (element-type RepriseCoverage): by name; what the history tells of failed backups is in them. Asks the service. */
void reprise_context_list_collections_async (RepriseContext *self,
                                             RepriseService *service,
                                             RepriseSecrets *secrets,
                                             GCancellable *cancellable,
                                             GAsyncReadyCallback callback,
                                             gpointer user_data);
GPtrArray *reprise_context_list_collections_finish (RepriseContext *self,
                                                    GAsyncResult *result,
                                                    GError **error);

/* (transfer full): what a roll-up would do. Reads the vault only. */
void reprise_context_plan_compact_async (RepriseContext *self,
                                         RepriseService *service,
                                         GCancellable *cancellable,
                                         GAsyncReadyCallback callback,
                                         gpointer user_data);
RepriseCompactPlan *reprise_context_plan_compact_finish (RepriseContext *self,
                                                         GAsyncResult *result,
                                                         GError **error);

G_END_DECLS
