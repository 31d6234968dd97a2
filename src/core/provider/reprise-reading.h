/* reprise-reading.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "provider/reprise-context.h"

G_BEGIN_DECLS

/**
 * RepriseReadingFunc:
 * @provider: (nullable): of the service, of this reading alone; %NULL where the reading was given no service
 * @vault: that holds its backups
 * @data: what reprise_reading_start() was given; nobody else uses it meanwhile
 *
 * A call of a provider, in a worker.
 *
 * Returns: (nullable): what it gives, or %NULL with @error
 */
typedef gpointer (*RepriseReadingFunc) (RepriseProvider *provider,
                                        RepriseVault *vault,
                                        gpointer data,
                                        GCancellable *cancellable,
                                        GError **error);

void reprise_reading_start (RepriseContext *context,
                            RepriseService *service,
                            RepriseSecrets *secrets,
                            RepriseReadingFunc func,
                            gpointer data,
                            GDestroyNotify free_data,
                            GDestroyNotify free_result,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer user_data);
gpointer reprise_reading_get_data (GAsyncResult *result);
gpointer reprise_reading_finish (GAsyncResult *result, GError **error);

G_END_DECLS
