/* fake-s3.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "providers/milvus/storage/s3/reprise-s3.h"
#include "reprise-fault-server.h"

G_BEGIN_DECLS

#define FAKE_S3_BUCKET "a-bucket"
#define FAKE_S3_KEY_ID "minioadmin"
#define FAKE_S3_SECRET "canary-secret-key"

/**
 * FakeS3:
 * @page_items: of a list
 * @region: that requests must be signed for
 * @session: (nullable): the token that must come with the key
 * @cut_after: (atomic): a download is cut after so many bytes, once; 0 for never
 * @fail_puts: (atomic): so many writing requests are answered with 503
 * @cut_ends: (atomic): so many uploads in parts are put together, and the answers lost
 * @full_after: (atomic): so many writing requests are still taken, all others refused; -1 for all
 *
 * A server of the S3 protocol with one bucket, in memory, that checks every signature by its own reckoning.
 */
typedef struct
{
  RepriseFaultServer *server;
  guint page_items;
  const char *region;
  const char *session;
  int cut_after;
  int fail_puts;
  int cut_ends;
  int full_after;

  GMutex mutex;        /* guards: */
  GHashTable *objects; /* (element-type utf8 GBytes): name → content */
  GHashTable *parts;   /* (element-type utf8 GBytes): “upload/part” → content */
  guint n_uploads;
  guint n_given_up;
  guint n_ranges;
  guint n_gets;
} FakeS3;

FakeS3 *fake_s3_new (void);
void fake_s3_free (FakeS3 *self);
void fake_s3_put (FakeS3 *self, const char *key, gconstpointer data, gsize size);
GBytes *fake_s3_get (FakeS3 *self, const char *key);
guint fake_s3_count (FakeS3 *self, const char *prefix);
RepriseS3 *fake_s3_connect (FakeS3 *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FakeS3, fake_s3_free)

G_END_DECLS
