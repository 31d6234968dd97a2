/* reprise-s3.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "net/reprise-http.h"
#include "secret/reprise-secret-value.h"

G_BEGIN_DECLS

/**
 * RepriseS3Style:
 * @REPRISE_S3_AUTO: by the server's name: %REPRISE_S3_HOST at the large providers, else %REPRISE_S3_PATH
 * @REPRISE_S3_PATH: https://server/bucket/object
 * @REPRISE_S3_HOST: https://bucket.server/object
 *
 * How the bucket is named in an address.
 */
typedef enum
{
  REPRISE_S3_AUTO,
  REPRISE_S3_PATH,
  REPRISE_S3_HOST,
} RepriseS3Style;

/**
 * RepriseS3Options:
 * @address: of the server: “https://s3.eu-west-1.amazonaws.com”, “http://minio:9000”
 * @region: (nullable): where it matters; found out where the server says it
 * @key_id: (nullable): the access key's ID; %NULL for a bucket that is open to everybody
 * @key: (nullable): the secret access key. It is never sent
 * @session: (nullable): of a key that is good for a while
 * @pin: (nullable): SHA-256 of the one certificate to trust
 */
typedef struct
{
  const char *address;
  const char *bucket;
  const char *region;
  RepriseS3Style style;
  const char *key_id;
  RepriseSecretValue *key;
  RepriseSecretValue *session;
  const char *pin;
} RepriseS3Options;

/**
 * RepriseS3Object:
 * @key: its name in the bucket
 * @size_bytes: or -1
 * @etag: (nullable): with its quotation marks
 * @modified_at: (nullable):
 * @is_folder: it stands for all objects whose names begin with @key, which ends in “/”
 */
typedef struct
{
  char *key;
  gint64 size_bytes;
  char *etag;
  GDateTime *modified_at;
  gboolean is_folder;
} RepriseS3Object;

void reprise_s3_object_free (RepriseS3Object *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RepriseS3Object, reprise_s3_object_free)

/* In the worker that lists. %FALSE with @error ends the list. */
typedef gboolean (*RepriseS3Each) (const RepriseS3Object *object,
                                   gpointer user_data,
                                   GError **error);

/**
 * RepriseS3:
 *
 * A bucket of a server that speaks the S3 protocol. The calls that send block and are for workers, any number of them at a time.
 */
#define REPRISE_TYPE_S3 (reprise_s3_get_type ())

G_DECLARE_FINAL_TYPE (RepriseS3, reprise_s3, REPRISE, S3, GObject)

RepriseS3 *reprise_s3_new (const RepriseS3Options *options, GError **error);
RepriseHttp *reprise_s3_get_http (RepriseS3 *self);
const char *reprise_s3_get_bucket (RepriseS3 *self);

gboolean reprise_s3_check (RepriseS3 *self, GCancellable *cancellable, GError **error);
gboolean reprise_s3_list (RepriseS3 *self,
                          const char *prefix,
                          gboolean deep,
                          RepriseS3Each each,
                          gpointer user_data,
                          GCancellable *cancellable,
                          GError **error);
RepriseS3Object *reprise_s3_look (RepriseS3 *self,
                                  const char *key,
                                  GCancellable *cancellable,
                                  GError **error);
gboolean reprise_s3_download (RepriseS3 *self,
                              const RepriseS3Object *object,
                              const RepriseHttpSink *sink,
                              gpointer sink_data,
                              RepriseProgress *progress,
                              GCancellable *cancellable,
                              GError **error);
gboolean reprise_s3_put (RepriseS3 *self,
                         const char *key,
                         GBytes *bytes,
                         RepriseProgress *progress,
                         GCancellable *cancellable,
                         GError **error);
gboolean reprise_s3_upload (RepriseS3 *self,
                            const char *key,
                            int fd,
                            guint64 size_bytes,
                            char **sha256,
                            RepriseProgress *progress,
                            GCancellable *cancellable,
                            GError **error);
gboolean reprise_s3_delete (RepriseS3 *self,
                            const char *const *keys,
                            guint n_keys,
                            GCancellable *cancellable,
                            GError **error);

G_END_DECLS
