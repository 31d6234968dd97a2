/* reprise-api-export.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "job/reprise-outcome.h"
#include "provider/reprise-archive.h"

G_BEGIN_DECLS

/* blocking: for workers */
RepriseOutcome *reprise_api_export (RepriseArchive *archive,
                                    const char *collection,
                                    const char *path,
                                    gboolean replace,
                                    RepriseProgress *progress,
                                    GCancellable *cancellable,
                                    GError **error);

/* no requests */
char *reprise_api_export_dup_file_name (const char *service,
                                        RepriseBackup *backup,
                                        const char *collection);

G_END_DECLS
