/* reprise-couch-line.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "providers/couchdb/reprise-couch-shelf.h"

G_BEGIN_DECLS

GHashTable *reprise_couch_line_new (RepriseCouchShelf *shelf, const char **head);

G_END_DECLS
