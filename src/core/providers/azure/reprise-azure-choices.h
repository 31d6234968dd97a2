/* reprise-azure-choices.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "providers/azure/reprise-azure-session.h"

G_BEGIN_DECLS

/* blocking: for workers */
GPtrArray *reprise_azure_list_choices (RepriseProviderBase *provider,
                                       RepriseAzureSession *session,
                                       const char *key,
                                       GCancellable *cancellable,
                                       GError **error);

G_END_DECLS
