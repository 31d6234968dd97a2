/* reprise-api-upload.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "providers/azure/apim/reprise-api-backup.h"

G_BEGIN_DECLS

/* blocking: for workers */
RepriseApiBackup *reprise_api_upload (RepriseApiPlace *place,
                                      RepriseArchive *archive,
                                      RepriseProgress *progress,
                                      GCancellable *cancellable,
                                      GError **error);

G_END_DECLS
