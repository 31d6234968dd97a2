/* reprise-site-rehearse.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "provider/reprise-archive.h"
#include "providers/azure/site/reprise-site-provider.h"

G_BEGIN_DECLS

/* Where restores of an application are rehearsed: “NAME” of another application, or “NAME/SLOT” */
gboolean reprise_site_rehearse_check (const char *named, GError **error);
char *reprise_site_rehearse_explain_missing (const char *named,
                                             const char *application,
                                             const char *slot);

/* blocking: for workers */
RepriseOutcome *reprise_site_rehearse (RepriseSiteProvider *provider,
                                       RepriseArchive *archive,
                                       const RepriseRehearsal *rehearsal,
                                       RepriseProgress *progress,
                                       GCancellable *cancellable,
                                       GError **error);
gboolean reprise_site_rehearse_clean_up (RepriseSiteProvider *provider,
                                         RepriseJournal *record,
                                         RepriseProgress *progress,
                                         GCancellable *cancellable,
                                         GError **error);

G_END_DECLS
