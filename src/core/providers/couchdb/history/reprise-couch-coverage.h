/* reprise-couch-coverage.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "provider/reprise-coverage.h"
#include "providers/couchdb/client/reprise-couch-client.h"
#include "vault/reprise-vault.h"

G_BEGIN_DECLS

GPtrArray *reprise_couch_coverage_list (RepriseCouchClient *client,
                                        RepriseKind *kind,
                                        RepriseService *service,
                                        RepriseVault *vault,
                                        RepriseProgress *progress,
                                        GCancellable *cancellable,
                                        GError **error);

G_END_DECLS
