/* reprise-blob-digest.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "vault/reprise-manifest.h"

G_BEGIN_DECLS

/* The digest by which a storage tells whether a blob is whole: MD5, in base64. That of a backup's archive is kept in its manifest when it
 * comes into the vault, so that it need not be taken again when the archive goes back. */

void reprise_blob_digest_keep (RepriseManifest *manifest, const char *md5);
const char *reprise_blob_digest_find (RepriseManifest *manifest);

G_END_DECLS
