/* documents.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* What the documents for users print, as it is printed: with typographic quotation marks, comments, a comma too many, names without
 * quotation marks. */

JsonNode *document_read (const char *name);
JsonObject *document_properties (JsonNode *node);
void document_assert_same (JsonNode *document, const char *body);

G_END_DECLS
