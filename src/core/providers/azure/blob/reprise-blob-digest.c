/* reprise-blob-digest.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <glib/gstdio.h>

#include "net/reprise-json.h"
#include "providers/azure/blob/reprise-blob-digest.h"

#define MEMBER      "md5"
#define MD5_BYTES   16
#define CHUNK_BYTES (256 * 1024)

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

/* (transfer full): base64 */
static char *
make_md5 (const char *path, GCancellable *cancellable, GError **error)
{
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GFileInputStream) stream = g_file_read (file, cancellable, error);
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_MD5);
  g_autofree guchar *chunk = g_malloc (CHUNK_BYTES);
  guint8 digest[MD5_BYTES];
  gsize size = sizeof digest;
  gssize n = 0;

  if (stream == NULL)
    return NULL;
  while (
    (n = g_input_stream_read (G_INPUT_STREAM (stream), chunk, CHUNK_BYTES, cancellable, error)) > 0)
    g_checksum_update (sum, chunk, n);
  if (n < 0)
    return NULL;
  g_checksum_get_digest (sum, digest, &size);
  return g_base64_encode (digest, size);
}

/**
 * reprise_blob_digest_is_file:
 * @known: (nullable): the digest of the file
 *
 * Returns: whether the blob is what the file has; of one without a digest the length must do, with the name
 */
gboolean
reprise_blob_digest_is_file (const RepriseBlobItem *item,
                             const char *path,
                             const char *known,
                             GCancellable *cancellable)
{
  g_autofree char *md5 = NULL;
  GStatBuf status;

  if (g_stat (path, &status) != 0 || item->size_bytes != status.st_size)
    return FALSE;
  if (item->md5 == NULL)
    return TRUE;
  md5 = known != NULL ? g_strdup (known) : make_md5 (path, cancellable, NULL);
  return g_strcmp0 (md5, item->md5) == 0;
}
