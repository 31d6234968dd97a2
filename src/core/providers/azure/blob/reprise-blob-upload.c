/* reprise-blob-upload.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gi18n-lib.h>
#include <openssl/evp.h>

#include "base/reprise-error.h"
#include "base/reprise-file.h"
#include "base/reprise-hash.h"
#include "providers/azure/blob/reprise-blob-blocks.h"
#include "providers/azure/blob/reprise-blob-piece.h"
#include "providers/azure/blob/reprise-blob-private.h"

#define N_WORKERS      4
#define MAX_LIST_BYTES (32 * 1024 * 1024)
#define ID_BYTES       24 /* of a block's name before it is base64: where it begins, and what it is of */
#define MAX_GROWTH     16 /* of a block on a fast line: to 64 MiB */
#define READ_BYTES     (256 * 1024)
#define SAMPLE_BYTES   (64 * 1024)
#define MAX_DAMAGED    3 /* tries of a block that arrives damaged */
#define CRC_HEADER     "x-ms-content-crc64"

/*
 * may we write? → blocks that are there already → by workers side by side: send a block unless it is there
 *                               → and one that takes the digest of the whole, unless it is known
 * → has the file stayed as it was? → the list of blocks makes the blob → look at it
 *
 * The name of a block says of which file in which state it is, so that an upload that was broken off is gone on with, and only if the
 * file is the same.
 */
typedef struct
{
  RepriseBlob *blob;
  const char *name;
  const char *path;
  int fd;
  struct stat status; /* of the file, as it was at the beginning */
  guint64 size_bytes;
  RepriseBlobBlocks *blocks; /* (owned) */
  GHashTable *there;         /* (owned) (nullable): of an earlier upload */
  gboolean answers_crc;      /* the storage says what of a block has arrived */
  char *md5;                 /* (owned): base64, of the whole */
  RepriseProgress *progress;
  GCancellable *stop; /* (owned): of the workers */

  GMutex mutex;   /* guards: */
  GPtrArray *ids; /* (owned) (element-type utf8): by place */
  GError *error;  /* (owned) (nullable): the first */
} Upload;

static void
upload_clear (Upload *upload)
{
  if (upload->fd >= 0)
    close (upload->fd);
  g_clear_pointer (&upload->ids, g_ptr_array_unref);
  g_clear_pointer (&upload->blocks, reprise_blob_blocks_free);
  g_clear_pointer (&upload->there, g_hash_table_unref);
  g_free (upload->md5);
  g_clear_object (&upload->stop);
  g_clear_error (&upload->error);
  g_mutex_clear (&upload->mutex);
}

/* @error is consumed; the first one stops the others */
static void
fail (Upload *upload, GError *error)
{
  g_mutex_lock (&upload->mutex);
  if (upload->error == NULL)
    upload->error = g_steal_pointer (&error);
  g_mutex_unlock (&upload->mutex);
  g_clear_error (&error);
  g_cancellable_cancel (upload->stop);
}

static gboolean
read_at (Upload *upload, guint64 offset, guchar *data, gsize size, GError **error)
{
  for (gsize done = 0; done < size;)
    {
      gssize n = pread (upload->fd, data + done, size - done, (off_t) (offset + done));

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return reprise_set_error_errno (error, errno, _ ("Could not read “%s”"), upload->path);
      if (n == 0)
        {
          reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_FAILED,
                             _ ("“%s” became shorter while it was read"), upload->path);
          return FALSE;
        }
      done += (gsize) n;
    }
  return TRUE;
}

static gboolean
hash_sample (Upload *upload, RepriseHash *hash, guint64 offset, gsize size, GError **error)
{
  g_autofree guchar *buffer = g_malloc (size);

  if (!read_at (upload, offset, buffer, size, error))
    return FALSE;
  reprise_hash_update (hash, buffer, size);
  return TRUE;
}

/* (transfer full) (nullable): of a block: by where it begins, its length, the state of the file, and its first and last bytes. All of it is not hashed: that
 * costs more time than an emulator takes to store it. What is sent is checked when it has arrived. */
static char *
make_id (Upload *upload, guint64 offset, gsize size, GError **error)
{
  const struct stat *status = &upload->status;
  const guint64 state[] = { (guint64) status->st_dev,          (guint64) status->st_ino,
                            (guint64) status->st_size,         (guint64) status->st_mtim.tv_sec,
                            (guint64) status->st_mtim.tv_nsec, size };
  gsize sample = MIN (size, SAMPLE_BYTES);
  guint8 raw[ID_BYTES];
  guint8 digest[REPRISE_HASH_RAW_LENGTH];
  guint64 place = GUINT64_TO_BE (offset);
  g_autoptr (RepriseHash) hash = reprise_hash_new ();

  reprise_hash_update (hash, state, sizeof state);
  if (!hash_sample (upload, hash, offset, sample, error) ||
      !hash_sample (upload, hash, offset + size - sample, sample, error))
    return NULL;
  reprise_hash_finish_raw (hash, digest);
  memcpy (raw, &place, sizeof place);
  memcpy (raw + sizeof place, digest, sizeof raw - sizeof place);
  return g_base64_encode (raw, sizeof raw);
}

/* How the blocks lie that an earlier upload left. One of another file in that place has another name, and is sent anew. */
static void
keep_blocks (Upload *upload)
{
  GHashTableIter iter;
  gpointer id, size;

  g_hash_table_iter_init (&iter, upload->there);
  while (g_hash_table_iter_next (&iter, &id, &size))
    {
      gsize length = 0;
      g_autofree guchar *raw = g_base64_decode (id, &length);
      guint64 place;

      if (length != ID_BYTES)
        continue;
      memcpy (&place, raw, sizeof place);
      reprise_blob_blocks_keep (upload->blocks, GUINT64_FROM_BE (place),
                                (guint64) * (const gint64 *) size);
    }
}

static gboolean
is_there (Upload *upload, const char *id, gsize size)
{
  const gint64 *found = upload->there != NULL ? g_hash_table_lookup (upload->there, id) : NULL;

  return found != NULL && *found == (gint64) size;
}

static RepriseHttpRequest *
new_block_request (Upload *upload, const char *id)
{
  RepriseHttpRequest *request =
    reprise_blob_request (upload->blob, "PUT", upload->name, REPRISE_HTTP_WRITE);

  reprise_http_request_add_query (request, "comp", "block");
  reprise_http_request_add_query (request, "blockid", id);
  return request;
}

static RepriseHttpResponse *
send_request (Upload *upload,
              RepriseHttpRequest *request,
              RepriseProgress *progress,
              GError **error)
{
  return reprise_http_send (reprise_blob_get_http (upload->blob), request, progress, upload->stop,
                            error);
}

/* Azure answers with the check sum of what has arrived, eight bytes with the least significant one first. Where a storage does not,
 * nothing is known against it. */
static gboolean
has_arrived (RepriseBlobPiece *piece, RepriseHttpResponse *response)
{
  const char *text = reprise_http_response_get_header (response, CRC_HEADER);
  g_autofree guchar *raw = NULL;
  guint64 found, crc;
  gsize size = 0;

  if (text == NULL || !reprise_blob_piece_get_crc (piece, &crc))
    return TRUE;
  raw = g_base64_decode (text, &size);
  if (size != sizeof found)
    return TRUE;
  memcpy (&found, raw, sizeof found);
  return GUINT64_FROM_LE (found) == crc;
}

/* Read while it is sent: blocks are large, and several under way. That they may be written was tried. */
static gboolean
send_block (Upload *upload, const char *id, guint64 offset, gsize size, GError **error)
{
  for (guint i = 0; i < MAX_DAMAGED; i++)
    {
      g_autoptr (RepriseHttpRequest) request = new_block_request (upload, id);
      g_autoptr (RepriseBlobPiece) piece =
        reprise_blob_piece_new (upload->path, offset, size, upload->answers_crc);
      g_autoptr (RepriseHttpResponse) response = NULL;

      reprise_http_request_set_body_stream (request, "application/octet-stream", size,
                                            reprise_blob_piece_open, reprise_blob_piece_ref (piece),
                                            reprise_blob_piece_unref);
      reprise_http_request_set_expect (request, REPRISE_HTTP_EXPECT_AFTER_LOSS);
      response = send_request (upload, request, upload->progress, error);
      if (response == NULL)
        return FALSE;
      if (has_arrived (piece, response))
        return TRUE;
      reprise_progress_log (upload->progress, "a block of %s arrived damaged", upload->name);
      reprise_progress_add_bytes (upload->progress, -(gint64) size);
    }
  reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_DAMAGED,
                     _ ("“%s” arrives damaged at the storage, each time it is sent."),
                     upload->name);
  return FALSE;
}

/* A block of one byte that becomes no part of the blob. Who may not write is told so; in the middle of a large body the storage would
 * only break the connection. And whether the storage answers with check sums is seen by it. */
static gboolean
try_block (Upload *upload, GError **error)
{
  guint8 raw[ID_BYTES];
  g_autoptr (GBytes) bytes = g_bytes_new_static ("x", 1);
  g_autoptr (RepriseHttpRequest) request = NULL;
  g_autoptr (RepriseHttpResponse) response = NULL;
  g_autofree char *id = NULL;

  memset (raw, 0xff, sizeof raw);
  id = g_base64_encode (raw, sizeof raw);
  request = new_block_request (upload, id);
  reprise_http_request_set_body (request, "application/octet-stream", bytes);
  response = send_request (upload, request, NULL, error);
  if (response == NULL)
    return FALSE;
  upload->answers_crc = reprise_http_response_get_header (response, CRC_HEADER) != NULL;
  return TRUE;
}

/* @id is consumed */
static void
note_id (Upload *upload, guint index, char *id)
{
  g_mutex_lock (&upload->mutex);
  if (upload->ids->len <= index)
    g_ptr_array_set_size (upload->ids, (int) index + 1);
  upload->ids->pdata[index] = id;
  g_mutex_unlock (&upload->mutex);
}

static gboolean
take_block (Upload *upload, const RepriseBlobBlock *block, GError **error)
{
  g_autofree char *id = make_id (upload, block->offset, block->size, error);
  gint64 started_us = g_get_monotonic_time ();

  if (id == NULL)
    return FALSE;
  if (is_there (upload, id, block->size))
    reprise_progress_add_bytes (upload->progress, (gint64) block->size);
  else if (!send_block (upload, id, block->offset, block->size, error))
    return FALSE;
  else
    reprise_blob_blocks_adapt (upload->blocks, block->size, g_get_monotonic_time () - started_us);
  note_id (upload, block->index, g_steal_pointer (&id));
  return TRUE;
}

static gpointer
block_worker (gpointer data)
{
  Upload *upload = data;

  while (!g_cancellable_is_cancelled (upload->stop))
    {
      g_autoptr (GError) error = NULL;
      RepriseBlobBlock block;

      if (!reprise_blob_blocks_next (upload->blocks, &block))
        break;
      if (!take_block (upload, &block, &error))
        fail (upload, g_steal_pointer (&error));
    }
  return NULL;
}

/* The storage keeps the digest beside the blob, so that whoever takes it away can tell that it is whole. */
static gpointer
digest_worker (gpointer data)
{
  Upload *upload = data;
  EVP_MD_CTX *context = EVP_MD_CTX_new ();
  g_autofree guchar *buffer = g_malloc (READ_BYTES);
  guint8 digest[EVP_MAX_MD_SIZE];
  guint size = 0;
  GError *error = NULL;

  EVP_DigestInit_ex (context, EVP_md5 (), NULL);
  for (guint64 at = 0; at < upload->size_bytes && !g_cancellable_is_cancelled (upload->stop);
       at += READ_BYTES)
    {
      gsize n = (gsize) MIN (READ_BYTES, upload->size_bytes - at);

      if (!read_at (upload, at, buffer, n, &error))
        {
          fail (upload, error);
          break;
        }
      EVP_DigestUpdate (context, buffer, n);
    }
  EVP_DigestFinal_ex (context, digest, &size);
  upload->md5 = g_base64_encode (digest, size);
  EVP_MD_CTX_free (context);
  return NULL;
}

static void
stop_cb (GCancellable *cancellable, GCancellable *stop)
{
  g_cancellable_cancel (stop);
}

static gboolean
send_blocks (Upload *upload, GCancellable *cancellable, GError **error)
{
  guint n = N_WORKERS;
  GThread *threads[N_WORKERS];
  GThread *digest = NULL;
  gulong handler = 0;

  if (cancellable != NULL)
    handler = g_cancellable_connect (cancellable, G_CALLBACK (stop_cb), upload->stop, NULL);
  if (upload->size_bytes > 0 && !try_block (upload, &upload->error))
    n = 0;
  if (upload->error != NULL)
    g_cancellable_cancel (upload->stop);
  if (upload->md5 == NULL)
    digest = g_thread_new ("blob-digest", digest_worker, upload);
  for (guint i = 0; i < n; i++)
    threads[i] = g_thread_new ("blob-block", block_worker, upload);
  for (guint i = 0; i < n; i++)
    g_thread_join (threads[i]);
  if (digest != NULL)
    g_thread_join (digest);
  g_cancellable_disconnect (cancellable, handler);
  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return FALSE;
  if (upload->error == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&upload->error));
  return FALSE;
}

/* What an upload that was broken off has left. That it cannot be said is no reason not to begin. */
static void
find_there (Upload *upload, GCancellable *cancellable)
{
  g_autoptr (RepriseHttpRequest) request =
    reprise_blob_request (upload->blob, "GET", upload->name, REPRISE_HTTP_READ);
  g_autoptr (RepriseHttpResponse) response = NULL;
  const char *xml;
  gsize size = 0;

  reprise_http_request_add_query (request, "comp", "blocklist");
  reprise_http_request_add_query (request, "blocklisttype", "uncommitted");
  reprise_http_request_set_max_bytes (request, MAX_LIST_BYTES);
  reprise_http_request_set_max_tries (request, 2);
  response =
    reprise_http_send (reprise_blob_get_http (upload->blob), request, NULL, cancellable, NULL);
  if (response == NULL)
    return;
  xml = g_bytes_get_data (reprise_http_response_get_body (response), &size);
  upload->there = reprise_blob_read_block_list (xml, size, NULL);
  if (upload->there != NULL)
    keep_blocks (upload);
}

static gboolean
open_file (Upload *upload, GError **error)
{
  gsize min_bytes = reprise_blob_get_block_bytes (upload->blob);

  upload->fd = open (upload->path, O_RDONLY | O_CLOEXEC);
  if (upload->fd < 0 || fstat (upload->fd, &upload->status) != 0)
    return reprise_set_error_errno (error, errno, _ ("Could not read “%s”"), upload->path);
  upload->size_bytes = (guint64) upload->status.st_size;
  upload->blocks = reprise_blob_blocks_new (upload->size_bytes, min_bytes, min_bytes * MAX_GROWTH);
  upload->ids = g_ptr_array_new_with_free_func (g_free);
  return TRUE;
}

/* It is read more than once: to be sent, and for the digest of the whole. */
static gboolean
check_unchanged (Upload *upload, GError **error)
{
  struct stat now;

  if (stat (upload->path, &now) != 0)
    return reprise_set_error_errno (error, errno, _ ("Could not read “%s”"), upload->path);
  if (now.st_ino == upload->status.st_ino && now.st_size == upload->status.st_size &&
      now.st_mtim.tv_sec == upload->status.st_mtim.tv_sec &&
      now.st_mtim.tv_nsec == upload->status.st_mtim.tv_nsec)
    return TRUE;
  reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_FAILED,
                     _ ("“%s” was changed while it was sent. Send it again."), upload->path);
  return FALSE;
}

static GBytes *
make_list (Upload *upload)
{
  GString *xml = g_string_new ("<?xml version=\"1.0\" encoding=\"utf-8\"?><BlockList>");

  for (guint i = 0; i < upload->ids->len; i++)
    g_string_append_printf (xml, "<Latest>%s</Latest>", (char *) upload->ids->pdata[i]);
  g_string_append (xml, "</BlockList>");
  return g_string_free_to_bytes (xml);
}

/* Whether the blob is ours, as it should be. */
static gboolean
check_blob (Upload *upload, GCancellable *cancellable, GError **error)
{
  g_autoptr (RepriseBlobItem) item =
    reprise_blob_look (upload->blob, upload->name, cancellable, error);

  if (item == NULL)
    return FALSE;
  if (item->size_bytes == (gint64) upload->size_bytes &&
      (item->md5 == NULL || strcmp (item->md5, upload->md5) == 0))
    return TRUE;
  reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_DAMAGED,
                     _ ("“%s” is not in the container as it was sent."), upload->name);
  return FALSE;
}

static gboolean
commit (Upload *upload,
        const char *content_type,
        gboolean overwrite,
        GCancellable *cancellable,
        GError **error)
{
  g_autoptr (RepriseHttpRequest) request =
    reprise_blob_request (upload->blob, "PUT", upload->name, REPRISE_HTTP_WRITE);
  g_autoptr (RepriseHttpResponse) response = NULL;
  g_autoptr (GBytes) list = make_list (upload);
  g_autoptr (GError) local = NULL;

  reprise_http_request_add_query (request, "comp", "blocklist");
  reprise_http_request_set_body (request, "application/xml", list);
  reprise_http_request_set_header (request, "x-ms-blob-content-type", content_type);
  reprise_http_request_set_header (request, "x-ms-blob-content-md5", upload->md5);
  if (!overwrite)
    reprise_http_request_set_header (request, "If-None-Match", "*");
  response =
    reprise_http_send (reprise_blob_get_http (upload->blob), request, NULL, cancellable, &local);
  if (response != NULL)
    return check_blob (upload, cancellable, error);
  /* An answer that was lost: the blob that is now in the way may be the one that we made. */
  if (reprise_http_request_get_tries (request) > 1 && check_blob (upload, cancellable, NULL))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

static gboolean
check_absent (Upload *upload, GCancellable *cancellable, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (RepriseBlobItem) item =
    reprise_blob_look (upload->blob, upload->name, cancellable, &local);

  if (item != NULL)
    reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_EXISTS,
                       _ ("There is a blob “%s” in the container “%s” already."), upload->name,
                       reprise_blob_get_container (upload->blob));
  else if (g_error_matches (local, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND) ||
           g_error_matches (local, REPRISE_ERROR, REPRISE_ERROR_DENIED))
    return TRUE; /* who may only write finds out at the end */
  else
    g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

/**
 * reprise_blob_upload:
 * @path: a local file, which must not change meanwhile
 * @md5: (nullable): of the file, base64, as reprise_blob_download() found it; %NULL where it is to be taken from the file, which costs
 *   a processor one and a half seconds a GiB
 * @overwrite: whether a blob of that name is replaced
 *
 * Sends a file in blocks, several at a time, and goes on where an earlier upload of the same file was broken off. Until its end
 * there is no blob. It is looked at afterwards.
 *
 * Returns: %FALSE with %REPRISE_ERROR_EXISTS, %REPRISE_ERROR_DAMAGED and others
 */
gboolean
reprise_blob_upload (RepriseBlob *self,
                     const char *name,
                     const char *path,
                     const char *md5,
                     const char *content_type,
                     gboolean overwrite,
                     RepriseProgress *progress,
                     GCancellable *cancellable,
                     GError **error)
{
  Upload upload = {
    .blob = self, .name = name, .path = path, .fd = -1, .md5 = g_strdup (md5), .progress = progress
  };
  gboolean ok;

  g_mutex_init (&upload.mutex);
  upload.stop = g_cancellable_new ();
  ok = open_file (&upload, error) && (overwrite || check_absent (&upload, cancellable, error));
  if (ok)
    {
      reprise_progress_set_totals (progress, (gint64) upload.size_bytes, -1);
      find_there (&upload, cancellable);
      ok = send_blocks (&upload, cancellable, error) && check_unchanged (&upload, error) &&
           commit (&upload, content_type, overwrite, cancellable, error);
    }
  upload_clear (&upload);
  return ok;
}
