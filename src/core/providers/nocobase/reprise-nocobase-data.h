/* reprise-nocobase-data.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "provider/reprise-archive.h"
#include "secret/reprise-secret-value.h"

G_BEGIN_DECLS

gboolean reprise_nocobase_data_inspect (RepriseArchive *archive,
                                        const char *path,
                                        RepriseSecretValue *password,
                                        RepriseDepth depth,
                                        RepriseProgress *progress,
                                        GCancellable *cancellable,
                                        GError **error);

G_END_DECLS
