/* reprise-couch-documents.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "providers/couchdb/reprise-couch-provider.h"

G_BEGIN_DECLS

/* What a provider tells of databases and of single documents: from our backups, from those on the server, and from the vendor's. */
void reprise_couch_documents_init (RepriseProviderInterface *iface);

G_END_DECLS
