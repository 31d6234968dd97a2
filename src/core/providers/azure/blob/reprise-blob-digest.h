/* reprise-blob-digest.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "providers/azure/blob/reprise-blob.h"
#include "vault/reprise-manifest.h"

G_BEGIN_DECLS

/* The digest by which a storage tells whether a blob is whole: MD5, in base64. That of a backup's archive is kept in its manifest when it
 * comes into the vault, so that it need not be taken again when the archive goes back. */

void reprise_blob_digest_keep (RepriseManifest *manifest, const char *md5);
const char *reprise_blob_digest_find (RepriseManifest *manifest);

/* reads the file, where the length alone does not tell: for workers */
gboolean reprise_blob_digest_is_file (const RepriseBlobItem *item,
                                      const char *path,
                                      const char *known,
                                      GCancellable *cancellable);

G_END_DECLS
