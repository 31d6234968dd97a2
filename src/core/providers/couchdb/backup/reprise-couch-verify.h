/* reprise-couch-verify.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <json-glib/json-glib.h>

#include "provider/reprise-kind.h"
#include "providers/couchdb/reprise-couch-shelf.h"

G_BEGIN_DECLS

/* Reads a backup of the vault again, and what it goes on from. */

JsonArray *reprise_couch_verify_get_databases (RepriseArchive *archive, GError **error);
const char *reprise_couch_verify_get_folder (RepriseArchive *archive, GError **error);
gboolean reprise_couch_verify_chain (RepriseArchive *archive,
                                     RepriseCouchShelf *shelf,
                                     const char *database,
                                     GError **error);
gboolean reprise_couch_verify (RepriseKind *kind,
                               RepriseArchive *archive,
                               RepriseDepth depth,
                               RepriseProgress *progress,
                               GCancellable *cancellable,
                               GError **error);

G_END_DECLS
