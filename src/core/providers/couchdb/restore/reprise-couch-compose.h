/* reprise-couch-compose.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "base/reprise-hash.h"
#include "providers/couchdb/client/reprise-couch-json.h"
#include "providers/couchdb/store/reprise-couch-chain.h"

G_BEGIN_DECLS

/* A saved document as it is sent again, and what two of them are compared by. */

/**
 * RepriseCouchPart:
 * @segment: path of the one that holds it
 * @name: of the attachment in its document
 * @type: (nullable): its content type
 * @size_bytes: of the bytes that are sent
 *
 * An attachment that follows its document.
 */
typedef struct
{
  char *segment;
  RepriseCouchAttachment *attachment;
  char *name;
  char *type;
  gint64 size_bytes;
} RepriseCouchPart;

void reprise_couch_part_free (RepriseCouchPart *self);
GInputStream *reprise_couch_part_open (const RepriseCouchPart *self, GError **error);

gint64 reprise_couch_compose_measure (RepriseCouchSpan body);
gboolean reprise_couch_compose (RepriseCouchState *state,
                                RepriseCouchSpan body,
                                GArray *links,
                                const char *new_edit_on,
                                gboolean is_new_edit,
                                GPtrArray *parts,
                                GString *json,
                                GError **error);
void reprise_couch_compose_digest (const char *id,
                                   const char *rev,
                                   RepriseCouchSpan body,
                                   GArray *links,
                                   RepriseHash *hash,
                                   guint8 digest[REPRISE_HASH_RAW_LENGTH]);

G_END_DECLS
