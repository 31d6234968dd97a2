/* reprise-site-upload.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "base/reprise-progress.h"
#include "provider/reprise-archive.h"
#include "providers/azure/blob/reprise-blob.h"

G_BEGIN_DECLS

char *reprise_site_upload_make_name (const char *application, RepriseArchive *archive);
char *reprise_site_upload_make_listed_name (const char *application, RepriseArchive *archive);

/* blocking: for workers */
gboolean reprise_site_upload (RepriseBlob *blob,
                              RepriseArchive *archive,
                              const char *name,
                              gboolean overwrite,
                              RepriseProgress *progress,
                              GCancellable *cancellable,
                              GError **error);

G_END_DECLS
