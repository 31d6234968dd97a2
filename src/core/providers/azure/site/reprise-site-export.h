/* reprise-site-export.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "job/reprise-outcome.h"
#include "provider/reprise-archive.h"

G_BEGIN_DECLS

/* blocking: for workers */
RepriseOutcome *reprise_site_export (RepriseArchive *archive,
                                     const char *path,
                                     gboolean replace,
                                     RepriseProgress *progress,
                                     GCancellable *cancellable,
                                     GError **error);

G_END_DECLS
