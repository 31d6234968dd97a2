/* reprise-blob-digest.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "net/reprise-json.h"
#include "providers/azure/blob/reprise-blob-digest.h"

#define MEMBER    "md5"
#define MD5_BYTES 16

void
reprise_blob_digest_keep (RepriseManifest *manifest, const char *md5)
{
  json_object_set_string_member (reprise_manifest_get_provider (manifest), MEMBER, md5);
}

/**
 * reprise_blob_digest_find:
 * @manifest: (nullable)
 *
 * Returns: (nullable): of the archive that @manifest describes; %NULL where none was kept, or what was kept is no digest: a storage would
 *   refuse it
 */
const char *
reprise_blob_digest_find (RepriseManifest *manifest)
{
  const char *md5 =
    manifest != NULL
      ? reprise_json_get_string (reprise_manifest_get_provider (manifest), MEMBER, NULL)
      : NULL;
  g_autofree guchar *raw = NULL;
  g_autofree char *again = NULL;
  gsize size = 0;

  if (md5 == NULL)
    return NULL;
  raw = g_base64_decode (md5, &size);
  again = g_base64_encode (raw, size);
  return size == MD5_BYTES && g_str_equal (again, md5) ? md5 : NULL;
}
