/* reprise-site-kind.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "provider/reprise-kind.h"

G_BEGIN_DECLS

#define REPRISE_SITE_KIND_ID "azure-app-service"

/* the files of a backup in the vault */
#define REPRISE_SITE_FILE_ARCHIVE     "site.zip"
#define REPRISE_SITE_FILE_DESCRIPTION "site.xml"
#define REPRISE_SITE_FILE_LOG         "site.log"

/**
 * RepriseSiteKind:
 *
 * Applications of Azure App Service.
 */
#define REPRISE_TYPE_SITE_KIND (reprise_site_kind_get_type ())

G_DECLARE_FINAL_TYPE (RepriseSiteKind, reprise_site_kind, REPRISE, SITE_KIND, RepriseKind)

char *reprise_site_kind_dup_file (RepriseArchive *archive);

G_END_DECLS
