/* reprise-api-make.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "providers/azure/apim/reprise-api-backup.h"
#include "providers/azure/apim/reprise-api-provider.h"

G_BEGIN_DECLS

/* blocking: for workers */
RepriseApiBackup *reprise_api_make_backup (RepriseApiProvider *provider,
                                           RepriseApi *api,
                                           RepriseApiPlace *place,
                                           RepriseOrigin origin,
                                           RepriseVaultWriter *writer,
                                           RepriseJournal **left,
                                           RepriseProgress *progress,
                                           GCancellable *cancellable,
                                           GError **error);
gboolean reprise_api_settle (RepriseApiProvider *provider,
                             RepriseApi *api,
                             RepriseApiPlace *place,
                             RepriseVaultWriter *writer,
                             RepriseApiBackup **made,
                             RepriseJournal **journal,
                             RepriseProgress *progress,
                             GCancellable *cancellable,
                             GError **error);
gboolean reprise_api_has_left (RepriseJournal *journal);
RepriseOutcome *reprise_api_resume (RepriseApiProvider *provider,
                                    RepriseJournal *journal,
                                    RepriseProgress *progress,
                                    GCancellable *cancellable,
                                    GError **error);

G_END_DECLS
