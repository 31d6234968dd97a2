/* reprise-api-archive.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "provider/reprise-archive.h"

G_BEGIN_DECLS

char *reprise_api_archive_dup_file (RepriseArchive *archive);
char *reprise_api_archive_dup_tier (RepriseArchive *archive);
char *reprise_api_archive_dup_service (RepriseArchive *archive);
gboolean reprise_api_name_read (const char *name, char **service, GDateTime **created_at);

/* blocking: for workers */
gboolean reprise_api_archive_inspect (RepriseArchive *archive, int days, GError **error);

G_END_DECLS
