/* reprise-s3-upload.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "base/reprise-file.h"
#include "base/reprise-hash.h"
#include "net/reprise-xml.h"
#include "providers/milvus/storage/s3/reprise-s3-private.h"

/*
 * small: the object in one request
 * large: an upload begins → its parts, one after the other → the list of them makes the object
 *                         → given up where one fails, so that nobody pays for what is left
 *
 * Every request says what its body hashes to, and the storage takes nothing else; the object is there whole or not at all.
 */
typedef struct
{
  RepriseS3 *s3;
  const char *key;
  int fd;
  guint64 size_bytes;
  RepriseHash *hash; /* (owned): of all of it */
  char *id;          /* (owned) (nullable): of the upload in parts */
  GString *parts;    /* (owned): the list of them */
  RepriseProgress *progress;
  GCancellable *cancellable;
} Upload;

typedef struct
{
  gpointer data;
  gsize size;
} Mapping;

static void
unmap (gpointer data)
{
  Mapping *mapping = data;

  munmap (mapping->data, mapping->size);
  g_free (mapping);
}

/* Pieces come and go in several threads: mapped, so that each goes back to the system at once and none is left behind in a heap. */
static GBytes *
new_piece (gsize size, guchar **data)
{
  Mapping *mapping = g_new0 (Mapping, 1);

  mapping->size = size;
  mapping->data = mmap (NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapping->data == MAP_FAILED)
    g_error ("no memory for a piece of %zu bytes", size);
  *data = mapping->data;
  return g_bytes_new_with_free_func (mapping->data, size, unmap, mapping);
}

/* (transfer full): the next bytes of the file, hashed; it must not change under an upload */
static GBytes *
read_piece (Upload *upload, guint64 offset, gsize size, GError **error)
{
  guchar *data = NULL;
  g_autoptr (GBytes) bytes = size > 0 ? new_piece (size, &data) : g_bytes_new_static ("", 0);

  for (gsize done = 0; done < size;)
    {
      gssize n = pread (upload->fd, data + done, size - done, (off_t) (offset + done));

      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        {
          if (n < 0)
            reprise_set_error_errno (error, errno, _ ("Could not read “%s”"), upload->key);
          else
            reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_FAILED,
                               _ ("“%s” became shorter while it was read"), upload->key);
          return NULL;
        }
      done += (gsize) n;
    }
  if (size > 0)
    reprise_hash_update (upload->hash, data, size);
  return g_steal_pointer (&bytes);
}

static RepriseHttpResponse *
send (Upload *upload, RepriseHttpRequest *request, RepriseProgress *progress, GError **error)
{
  return reprise_http_send (reprise_s3_get_http (upload->s3), request, progress,
                            upload->cancellable, error);
}

static gboolean
begin_parts (Upload *upload, GError **error)
{
  g_autoptr (RepriseHttpRequest) request =
    reprise_s3_request (upload->s3, "POST", upload->key, REPRISE_HTTP_WRITE);
  g_autoptr (RepriseHttpResponse) response = NULL;

  reprise_http_request_add_query (request, "uploads", "");
  response = send (upload, request, NULL, error);
  if (response == NULL)
    return FALSE;
  upload->id = reprise_xml_find (reprise_http_response_get_text (response), "UploadId");
  upload->parts =
    g_string_new ("<?xml version=\"1.0\" encoding=\"UTF-8\"?><CompleteMultipartUpload "
                  "xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">");
  if (upload->id != NULL && *upload->id != '\0')
    return TRUE;
  g_clear_pointer (&upload->id, g_free);
  reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_PROTOCOL,
                     _ ("The storage did not begin the upload of “%s”."), upload->key);
  return FALSE;
}

static gboolean
send_part (Upload *upload, guint number, guint64 offset, gsize size, GError **error)
{
  g_autoptr (RepriseHttpRequest) request =
    reprise_s3_request (upload->s3, "PUT", upload->key, REPRISE_HTTP_WRITE);
  g_autofree char *number_text = g_strdup_printf ("%u", number);
  g_autoptr (RepriseHttpResponse) response = NULL;
  g_autoptr (GBytes) bytes = read_piece (upload, offset, size, error);
  g_autofree char *etag = NULL;

  if (bytes == NULL)
    return FALSE;
  reprise_http_request_add_query (request, "partNumber", number_text);
  reprise_http_request_add_query (request, "uploadId", upload->id);
  reprise_s3_set_body (request, "application/octet-stream", bytes);
  reprise_http_request_set_expect (request, REPRISE_HTTP_EXPECT_AFTER_LOSS);
  response = send (upload, request, upload->progress, error);
  if (response == NULL)
    return FALSE;
  if (reprise_http_response_get_header (response, "ETag") == NULL)
    {
      reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_PROTOCOL,
                         _ ("The storage did not confirm a part of “%s”."), upload->key);
      return FALSE;
    }
  etag = g_markup_escape_text (reprise_http_response_get_header (response, "ETag"), -1);
  g_string_append_printf (upload->parts, "<Part><PartNumber>%u</PartNumber><ETag>%s</ETag></Part>",
                          number, etag);
  return TRUE;
}

/* Whether the object is there as long as it should be. */
static gboolean
check_object (Upload *upload, GError **error)
{
  g_autoptr (RepriseS3Object) object =
    reprise_s3_look (upload->s3, upload->key, upload->cancellable, error);

  if (object == NULL)
    return FALSE;
  if (object->size_bytes == (gint64) upload->size_bytes)
    return TRUE;
  reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_DAMAGED,
                     _ ("“%s” is not in the bucket as it was sent."), upload->key);
  return FALSE;
}

/* An error may come with the status of a success, after a long time of putting the parts together. */
static gboolean
end_parts (Upload *upload, GError **error)
{
  g_autoptr (RepriseHttpRequest) request =
    reprise_s3_request (upload->s3, "POST", upload->key, REPRISE_HTTP_WRITE);
  g_autoptr (RepriseHttpResponse) response = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GError) local = NULL;

  g_string_append (upload->parts, "</CompleteMultipartUpload>");
  bytes = g_bytes_new (upload->parts->str, upload->parts->len);
  reprise_http_request_add_query (request, "uploadId", upload->id);
  reprise_s3_set_body (request, "application/xml", bytes);
  response = send (upload, request, NULL, &local);
  /* An answer that was lost: the upload that is not known any more has become the object. */
  if (response == NULL && reprise_http_request_get_tries (request) < 2)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  if (response != NULL && strstr (reprise_http_response_get_text (response), "<Error>") != NULL)
    {
      reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_FAILED,
                         _ ("The storage could not put the parts of “%s” together."), upload->key);
      return FALSE;
    }
  return check_object (upload, error);
}

static void
give_up_parts (Upload *upload)
{
  g_autoptr (RepriseHttpRequest) request =
    reprise_s3_request (upload->s3, "DELETE", upload->key, REPRISE_HTTP_WRITE);
  g_autoptr (RepriseHttpResponse) response = NULL;

  reprise_http_request_add_query (request, "uploadId", upload->id);
  reprise_http_request_set_max_tries (request, 2);
  response = reprise_http_send (reprise_s3_get_http (upload->s3), request, NULL, NULL, NULL);
}

static gboolean
send_parts (Upload *upload, gsize part_bytes, GError **error)
{
  gboolean ok = begin_parts (upload, error);

  for (guint i = 0; ok && (guint64) i * part_bytes < upload->size_bytes; i++)
    {
      guint64 offset = (guint64) i * part_bytes;

      ok = send_part (upload, i + 1, offset, (gsize) MIN (part_bytes, upload->size_bytes - offset),
                      error);
    }
  ok = ok && end_parts (upload, error);
  if (!ok && upload->id != NULL)
    give_up_parts (upload);
  return ok;
}

static gboolean
send_whole (Upload *upload, GError **error)
{
  g_autoptr (GBytes) bytes = read_piece (upload, 0, (gsize) upload->size_bytes, error);

  return bytes != NULL && reprise_s3_put (upload->s3, upload->key, bytes, upload->progress,
                                          upload->cancellable, error);
}

/**
 * reprise_s3_upload:
 * @fd: of a file, which must not change meanwhile; it is not closed
 * @sha256: (out) (optional) (transfer full): of what was sent
 *
 * Makes an object of a file, or replaces it.
 *
 * Returns: %FALSE with %REPRISE_ERROR_DAMAGED and others
 */
gboolean
reprise_s3_upload (RepriseS3 *self,
                   const char *key,
                   int fd,
                   guint64 size_bytes,
                   char **sha256,
                   RepriseProgress *progress,
                   GCancellable *cancellable,
                   GError **error)
{
  gsize part_bytes = reprise_s3_get_part_bytes (self, size_bytes);
  Upload upload = { .s3 = self,
                    .key = key,
                    .fd = fd,
                    .size_bytes = size_bytes,
                    .hash = reprise_hash_new (),
                    .progress = progress,
                    .cancellable = cancellable };
  gboolean ok = size_bytes <= part_bytes ? send_whole (&upload, error)
                                         : send_parts (&upload, part_bytes, error);

  if (ok && sha256 != NULL)
    *sha256 = reprise_hash_finish (upload.hash);
  reprise_hash_free (upload.hash);
  g_free (upload.id);
  if (upload.parts != NULL)
    g_string_free (upload.parts, TRUE);
  return ok;
}
