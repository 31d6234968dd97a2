/* reprise-blob-private.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "providers/azure/blob/reprise-blob.h"

G_BEGIN_DECLS

/* (transfer full): a request for a blob, or with %NULL for the container */
RepriseHttpRequest *reprise_blob_request (RepriseBlob *self,
                                          const char *method,
                                          const char *name,
                                          RepriseHttpEffect effect);

/**
 * RepriseBlobPage:
 * @marker: (nullable): where the list goes on
 */
typedef struct
{
  RepriseBlobEach each;
  gpointer user_data;
  char *marker;
} RepriseBlobPage;

gboolean reprise_blob_read_page (RepriseBlobPage *page,
                                 const char *xml,
                                 gsize size,
                                 GError **error);
GHashTable *reprise_blob_read_block_list (const char *xml, gsize size, GError **error);

/* how large the blocks of an upload are at least; tests have smaller ones */
void reprise_blob_set_block_bytes (RepriseBlob *self, gsize bytes);
gsize reprise_blob_get_block_bytes (RepriseBlob *self);

G_END_DECLS
