/* reprise-nocobase-fetch.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "provider/reprise-archive.h"
#include "providers/nocobase/reprise-nocobase-target.h"

G_BEGIN_DECLS

gboolean reprise_nocobase_fetch_to_vault (RepriseNocobaseTarget *target,
                                          const char *name,
                                          RepriseSecrets *secrets,
                                          RepriseVaultWriter *writer,
                                          RepriseProgress *progress,
                                          GCancellable *cancellable,
                                          GError **error);
RepriseArchive *reprise_nocobase_fetch_to_look (RepriseNocobaseTarget *target,
                                                const char *name,
                                                gint64 size_bytes,
                                                RepriseSecrets *secrets,
                                                RepriseProgress *progress,
                                                GCancellable *cancellable,
                                                GError **error);

G_END_DECLS
