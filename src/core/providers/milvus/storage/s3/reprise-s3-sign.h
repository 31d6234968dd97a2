/* reprise-s3-sign.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define REPRISE_S3_UNSIGNED   "UNSIGNED-PAYLOAD"
#define REPRISE_S3_EMPTY_HASH "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define REPRISE_S3_KEY_BYTES  32

/**
 * RepriseS3Header:
 * @name: in lower case
 */
typedef struct
{
  const char *name;
  const char *value;
} RepriseS3Header;

/**
 * RepriseS3Signing:
 * @path: as it is sent, escaped
 * @query: (nullable): as it is sent, escaped, in any order
 * @headers: those that are signed, by name; “host” among them
 * @payload: SHA-256 of the body, or %REPRISE_S3_UNSIGNED
 * @time: “20130524T000000Z”
 * @region: “us-east-1”
 * @key_id: the access key's ID
 * @key: of that day and region: reprise_s3_make_key()
 *
 * A request that is signed, by version 4 of the signatures of Amazon Web Services:
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
 */
typedef struct
{
  const char *method;
  const char *path;
  const char *query;
  const RepriseS3Header *headers;
  guint n_headers;
  const char *payload;
  const char *time;
  const char *region;
  const char *key_id;
  const guint8 *key;
} RepriseS3Signing;

void reprise_s3_make_key (const char *secret,
                          const char *time,
                          const char *region,
                          guint8 key[REPRISE_S3_KEY_BYTES]);
char *reprise_s3_sign (const RepriseS3Signing *signing);

G_END_DECLS
