/* reprise-site-archive.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "base/reprise-progress.h"
#include "provider/reprise-archive.h"

G_BEGIN_DECLS

#define REPRISE_SITE_ARCHIVE_EXTENSION     ".zip"
#define REPRISE_SITE_DESCRIPTION_EXTENSION ".xml"
#define REPRISE_SITE_LOG_EXTENSION         ".log"

gboolean reprise_site_archive_is_one (const char *path);
char *reprise_site_archive_dup_beside (const char *path, const char *extension);
gboolean reprise_site_archive_inspect (RepriseArchive *archive,
                                       const char *path,
                                       RepriseProgress *progress,
                                       GCancellable *cancellable,
                                       GError **error);

G_END_DECLS
