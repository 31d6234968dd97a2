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

RepriseCouchShelf *reprise_couch_verify_open (RepriseArchive *archive,
                                              JsonArray **databases,
                                              GError **error);
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
