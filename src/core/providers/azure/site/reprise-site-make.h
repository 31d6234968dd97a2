/* reprise-site-make.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "provider/reprise-journal.h"
#include "providers/azure/site/reprise-site-provider.h"
#include "vault/reprise-vault-writer.h"

G_BEGIN_DECLS

/* blocking: for workers */
RepriseSiteBackup *reprise_site_make_backup (RepriseSiteProvider *provider,
                                             RepriseSite *site,
                                             const RepriseSas *sas,
                                             GPtrArray *databases,
                                             RepriseVaultWriter *writer,
                                             RepriseJournal **journal,
                                             RepriseProgress *progress,
                                             GCancellable *cancellable,
                                             GError **error);
gboolean reprise_site_make_settle (RepriseSiteProvider *provider,
                                   RepriseSite *site,
                                   RepriseVaultWriter *writer,
                                   RepriseSiteBackup **made,
                                   RepriseJournal **journal,
                                   RepriseProgress *progress,
                                   GCancellable *cancellable,
                                   GError **error);
gboolean reprise_site_make_has_left (RepriseJournal *journal);
RepriseOutcome *reprise_site_make_resume (RepriseSiteProvider *provider,
                                          RepriseJournal *journal,
                                          RepriseProgress *progress,
                                          GCancellable *cancellable,
                                          GError **error);

G_END_DECLS
