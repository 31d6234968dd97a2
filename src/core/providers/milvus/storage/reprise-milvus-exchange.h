/* reprise-milvus-exchange.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "provider/reprise-kind.h"

G_BEGIN_DECLS

/* For the kind: a folder in the original layout into the vault, and a backup of the vault into such a folder or into
 * a bucket. */

gboolean reprise_milvus_exchange_import (RepriseKind *kind,
                                         RepriseArchive *archive,
                                         RepriseService *service,
                                         GHashTable *options,
                                         RepriseVaultWriter *writer,
                                         RepriseProgress *progress,
                                         GCancellable *cancellable,
                                         GError **error);
RepriseOutcome *reprise_milvus_exchange_export (RepriseKind *kind,
                                                RepriseArchive *archive,
                                                GHashTable *options,
                                                const char *path,
                                                gboolean replace,
                                                RepriseProgress *progress,
                                                GCancellable *cancellable,
                                                GError **error);
RepriseOutcome *reprise_milvus_exchange_export_away (RepriseKind *kind,
                                                     RepriseArchive *archive,
                                                     GHashTable *options,
                                                     RepriseSecrets *secrets,
                                                     RepriseProgress *progress,
                                                     GCancellable *cancellable,
                                                     GError **error);

G_END_DECLS
