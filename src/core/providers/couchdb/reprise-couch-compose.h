/* reprise-couch-compose.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "providers/couchdb/reprise-couch-json.h"
#include "providers/couchdb/store/reprise-couch-chain.h"

G_BEGIN_DECLS

/* A saved document as it is sent again, and what two of them are compared by. */

gboolean reprise_couch_compose (RepriseCouchState *state,
                                RepriseCouchSpan body,
                                GArray *links,
                                const char *new_edit_on,
                                gboolean is_new_edit,
                                GString *json,
                                GError **error);
char *reprise_couch_compose_essence (RepriseCouchSpan body);

G_END_DECLS
