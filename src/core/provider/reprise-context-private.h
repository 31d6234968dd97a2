/* reprise-context-private.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "provider/reprise-context.h"

G_BEGIN_DECLS

/* blocking: for workers */
GPtrArray *reprise_context_list_backups (RepriseContext *self,
                                         RepriseService *service,
                                         gboolean ask_service,
                                         RepriseSecrets *secrets,
                                         char **warning,
                                         GCancellable *cancellable,
                                         GError **error);

G_END_DECLS
