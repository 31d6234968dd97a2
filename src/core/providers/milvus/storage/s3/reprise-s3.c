/* reprise-s3.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include <glib/gi18n-lib.h>
#include <libsoup/soup.h>
#include <openssl/evp.h>

#include "base/reprise-error.h"
#include "base/reprise-hash.h"
#include "net/reprise-http-pages.h"
#include "net/reprise-xml.h"
#include "providers/milvus/storage/s3/reprise-s3-private.h"
#include "providers/milvus/storage/s3/reprise-s3-sign.h"

#define DEFAULT_REGION "us-east-1"
#define HASH_HEADER    "x-amz-content-sha256"
#define REGION_HEADER  "x-amz-bucket-region"
#define PAGE_ITEMS     "1000"
#define MAX_PAGE_BYTES (16 * 1024 * 1024)
#define PART_BYTES     (8 * 1024 * 1024)
#define MAX_PARTS      10000
#define DELETE_ITEMS   1000

struct _RepriseS3
{
  GObject parent_instance;

  /* none of these changes */
  RepriseHttp *http;           /* (owned) */
  char *host;                  /* (owned): as the header has it */
  char *base;                  /* (owned): of every path, escaped: “” or “bucket/” */
  char *bucket;                /* (owned) */
  char *key_id;                /* (owned) (nullable) */
  RepriseSecretValue *key;     /* (owned) (nullable) */
  RepriseSecretValue *session; /* (owned) (nullable) */
  gsize part_bytes;

  GMutex mutex; /* guards: */
  char *region; /* (owned) */
  char day[9];  /* that signing_key is of, and the region */
  guint8 signing_key[REPRISE_S3_KEY_BYTES];
};

G_DEFINE_FINAL_TYPE (RepriseS3, reprise_s3, G_TYPE_OBJECT)

void
reprise_s3_object_free (RepriseS3Object *self)
{
  g_free (self->key);
  g_free (self->etag);
  g_clear_pointer (&self->modified_at, g_date_time_unref);
  g_free (self);
}

static void
reprise_s3_finalize (GObject *object)
{
  RepriseS3 *self = REPRISE_S3 (object);

  g_clear_object (&self->http);
  g_free (self->host);
  g_free (self->base);
  g_free (self->bucket);
  g_free (self->key_id);
  g_clear_pointer (&self->key, reprise_secret_value_unref);
  g_clear_pointer (&self->session, reprise_secret_value_unref);
  g_free (self->region);
  reprise_secret_wipe (self->signing_key, sizeof self->signing_key);
  g_mutex_clear (&self->mutex);
  G_OBJECT_CLASS (reprise_s3_parent_class)->finalize (object);
}

static void
reprise_s3_class_init (RepriseS3Class *klass)
{
  G_OBJECT_CLASS (klass)->finalize = reprise_s3_finalize;
}

static void
reprise_s3_init (RepriseS3 *self)
{
  g_mutex_init (&self->mutex);
  self->part_bytes = PART_BYTES;
}

/* --- the signature --- */

/* Gives the key of the day and the region that it is for. */
static char *
get_signing_key (RepriseS3 *self, const char *time, guint8 key[REPRISE_S3_KEY_BYTES])
{
  char *region;

  g_mutex_lock (&self->mutex);
  if (strncmp (self->day, time, 8) != 0)
    {
      reprise_s3_make_key (reprise_secret_value_get_text (self->key), time, self->region,
                           self->signing_key);
      memcpy (self->day, time, 8);
    }
  memcpy (key, self->signing_key, REPRISE_S3_KEY_BYTES);
  region = g_strdup (self->region);
  g_mutex_unlock (&self->mutex);
  return region;
}

static const char *
get_payload_hash (RepriseHttpRequest *request)
{
  const char *hash = reprise_http_request_get_header (request, HASH_HEADER);

  if (hash != NULL)
    return hash;
  return reprise_http_request_get_body_size (request) > 0 ? REPRISE_S3_UNSIGNED
                                                          : REPRISE_S3_EMPTY_HASH;
}

static gboolean
apply_cb (RepriseHttpRequest *request,
          RepriseHttpGrant *grant,
          gpointer user_data,
          GCancellable *cancellable,
          GError **error)
{
  RepriseS3 *self = user_data;
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autofree char *time = g_date_time_format (now, "%Y%m%dT%H%M%SZ");
  g_autofree char *path = g_strconcat (g_uri_get_path (reprise_http_get_address (self->http)),
                                       reprise_http_request_get_path (request), NULL);
  const char *type = reprise_http_request_get_content_type (request);
  const char *session =
    self->session != NULL ? reprise_secret_value_get_text (self->session) : NULL;
  const char *payload = get_payload_hash (request);
  RepriseS3Header headers[5];
  guint8 key[REPRISE_S3_KEY_BYTES];
  RepriseS3Signing signing = { .method = reprise_http_request_get_method (request),
                               .path = path,
                               .query = reprise_http_request_get_query (request),
                               .headers = headers,
                               .payload = payload,
                               .time = time,
                               .key_id = self->key_id,
                               .key = key };
  g_autofree char *region = NULL;
  g_autofree char *authorization = NULL;

  if (self->key_id == NULL)
    return TRUE;
  if (type != NULL)
    headers[signing.n_headers++] = (RepriseS3Header){ "content-type", type };
  headers[signing.n_headers++] = (RepriseS3Header){ "host", self->host };
  headers[signing.n_headers++] = (RepriseS3Header){ HASH_HEADER, payload };
  headers[signing.n_headers++] = (RepriseS3Header){ "x-amz-date", time };
  if (session != NULL)
    headers[signing.n_headers++] = (RepriseS3Header){ "x-amz-security-token", session };
  signing.region = region = get_signing_key (self, time, key);
  authorization = reprise_s3_sign (&signing);
  reprise_secret_wipe (key, sizeof key);
  reprise_http_grant_set_header (grant, "Authorization", authorization);
  reprise_http_grant_set_header (grant, HASH_HEADER, payload);
  reprise_http_grant_set_header (grant, "x-amz-date", time);
  if (session != NULL)
    reprise_http_grant_set_header (grant, "x-amz-security-token", session);
  return TRUE;
}

/* Called after a new region was learned. */
static gboolean
renew_cb (gpointer user_data, GCancellable *cancellable, GError **error)
{
  return TRUE;
}

static gboolean
is_region (const char *text)
{
  gsize size = text != NULL ? strlen (text) : 0;

  return size > 0 && size <= 64 &&
         strspn (text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") == size;
}

/* Whether the server says that the bucket is in another region than was signed for: from now on it is. */
static gboolean
learn_region (RepriseS3 *self, RepriseHttpResponse *response)
{
  const char *header = reprise_http_response_get_header (response, REGION_HEADER);
  g_autofree char *element = reprise_xml_find (reprise_http_response_get_text (response), "Region");
  const char *region = header != NULL ? header : element;
  gboolean learned;

  if (!is_region (region))
    return FALSE;
  g_mutex_lock (&self->mutex);
  learned = strcmp (self->region, region) != 0;
  if (learned)
    {
      g_free (self->region);
      self->region = g_strdup (region);
      memset (self->day, 0, sizeof self->day);
    }
  g_mutex_unlock (&self->mutex);
  return learned;
}

/* --- errors --- */

static const struct
{
  const char *code;
  RepriseError error;
  const char *text; /* (nullable): the server's own sentence says enough */
} CODES[] = {
  { "NoSuchBucket", REPRISE_ERROR_NOT_FOUND, N_ ("The bucket does not exist.") },
  { "InvalidBucketName", REPRISE_ERROR_INVALID, N_ ("A bucket cannot be called so.") },
  { "NoSuchKey", REPRISE_ERROR_NOT_FOUND, N_ ("The object does not exist.") },
  { "NoSuchUpload", REPRISE_ERROR_FAILED, N_ ("The storage has forgotten the upload.") },
  { "InvalidAccessKeyId", REPRISE_ERROR_NEEDS_SIGN_IN,
    N_ ("The storage does not know the access key’s ID.") },
  { "XAdminUserNotFound", REPRISE_ERROR_NEEDS_SIGN_IN,
    N_ ("The storage does not know the access key’s ID.") },
  { "SignatureDoesNotMatch", REPRISE_ERROR_NEEDS_SIGN_IN,
    N_ ("The secret access key does not belong to the access key’s ID.") },
  { "ExpiredToken", REPRISE_ERROR_NEEDS_SIGN_IN, N_ ("The temporary access key has ended.") },
  { "InvalidToken", REPRISE_ERROR_NEEDS_SIGN_IN,
    N_ ("The session token does not belong to the access key.") },
  { "AccessDenied", REPRISE_ERROR_DENIED,
    N_ ("The access key is not allowed to do this, or the object does not exist.") },
  { "AccountProblem", REPRISE_ERROR_DENIED, NULL },
  { "AllAccessDisabled", REPRISE_ERROR_DENIED, N_ ("Nobody may use the bucket any more.") },
  { "RequestTimeTooSkewed", REPRISE_ERROR_REFUSED,
    N_ ("The clock of this computer and that of the storage are more than a quarter of an hour "
        "apart. Set them right.") },
  { "PermanentRedirect", REPRISE_ERROR_INVALID,
    N_ ("The bucket lies at another address, or in another region.") },
  { "AuthorizationHeaderMalformed", REPRISE_ERROR_INVALID,
    N_ ("The bucket lies in another region.") },
  { "InvalidObjectState", REPRISE_ERROR_REFUSED,
    N_ ("The object lies in an archive class of the storage. Have it restored there first, which "
        "takes hours.") },
  { "QuotaExceeded", REPRISE_ERROR_FAILED, N_ ("The storage is full.") },
  { "XMinioStorageFull", REPRISE_ERROR_FAILED, N_ ("The storage is full.") },
  { "EntityTooLarge", REPRISE_ERROR_LIMIT, N_ ("The object is larger than the storage takes.") },
  { "BadDigest", REPRISE_ERROR_STALLED, N_ ("The object arrived damaged at the storage.") },
  { "XAmzContentSHA256Mismatch", REPRISE_ERROR_STALLED,
    N_ ("The object arrived damaged at the storage.") },
  { "NotImplemented", REPRISE_ERROR_NOT_SUPPORTED, N_ ("The storage cannot do this.") },
  { "PreconditionFailed", REPRISE_ERROR_DAMAGED,
    N_ ("The object has changed since it was listed.") },
};

static gboolean
is_damage_on_the_way (const char *code)
{
  return strcmp (code, "BadDigest") == 0 || strcmp (code, "XAmzContentSHA256Mismatch") == 0 ||
         strcmp (code, "RequestTimeout") == 0 || strcmp (code, "SlowDown") == 0;
}

/* What a status alone says, where an answer has no body: of HEAD. */
static const char *
code_of_status (guint status)
{
  switch (status)
    {
    case 301:
      return "PermanentRedirect";
    case 403:
      return "AccessDenied";
    case 404:
      return "NoSuchKey";
    case 412:
      return "PreconditionFailed";
    default:
      return NULL;
    }
}

static RepriseHttpVerdict
classify_cb (RepriseHttpResponse *response, gpointer user_data, GError **error)
{
  RepriseS3 *self = user_data;
  guint status = reprise_http_response_get_status (response);
  g_autofree char *element = NULL;
  const char *code;

  if (status < 300 || status == 416)
    return REPRISE_HTTP_DEFAULT;
  if ((status == 301 || status == 400 || status == 403) && learn_region (self, response))
    return REPRISE_HTTP_SIGN_IN; /* which is only to sign anew */
  element = reprise_xml_find (reprise_http_response_get_text (response), "Code");
  code = element != NULL ? element : code_of_status (status);
  if (code == NULL || status >= 500 || is_damage_on_the_way (code))
    return code != NULL && is_damage_on_the_way (code) ? REPRISE_HTTP_RETRY : REPRISE_HTTP_DEFAULT;
  for (guint i = 0; i < G_N_ELEMENTS (CODES); i++)
    if (strcmp (CODES[i].code, code) == 0 && CODES[i].text != NULL)
      {
        /* Translators: a bucket, the server that it lies on, and a sentence about what is wrong */
        reprise_error_set (error, REPRISE_ERROR, CODES[i].error, _ ("Bucket “%s” at %s: %s"),
                           self->bucket, reprise_http_get_name (self->http), _ (CODES[i].text));
        return REPRISE_HTTP_GIVE_UP;
      }
  return REPRISE_HTTP_DEFAULT;
}

/* --- making --- */

/* Those whose buckets are names below the server's: the style with the bucket in the path is on its way out there. */
static gboolean
wants_host_style (const char *host)
{
  static const char *const SERVERS[] = { ".amazonaws.com", ".amazonaws.com.cn", ".aliyuncs.com",
                                         ".myqcloud.com", ".myhuaweicloud.com" };

  for (guint i = 0; i < G_N_ELEMENTS (SERVERS); i++)
    if (g_str_has_suffix (host, SERVERS[i]))
      return TRUE;
  return FALSE;
}

static gboolean
check_bucket (const char *bucket, GError **error)
{
  gsize size = bucket != NULL ? strlen (bucket) : 0;

  if (size >= 3 && size <= 255 && *bucket != '.' &&
      strspn (bucket, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_") == size)
    return TRUE;
  reprise_error_set (
    error, REPRISE_ERROR, REPRISE_ERROR_INVALID,
    _ ("“%s” cannot be the name of a bucket: it has at least three letters, digits, "
       "points or hyphens."),
    bucket != NULL ? bucket : "");
  return FALSE;
}

/* The address with the bucket before the host. A name with points fits no certificate of the server, so with https it stays behind. */
static char *
put_bucket_first (GUri *uri, const char *bucket)
{
  g_autofree char *host = g_strconcat (bucket, ".", g_uri_get_host (uri), NULL);

  return g_uri_join (G_URI_FLAGS_ENCODED, g_uri_get_scheme (uri), NULL, host, g_uri_get_port (uri),
                     g_uri_get_path (uri), NULL, NULL);
}

static gboolean
find_address (RepriseS3 *self, const RepriseS3Options *options, char **address, GError **error)
{
  g_autoptr (GUri) uri = reprise_http_parse_address (options->address, error);
  gboolean by_host;

  if (uri == NULL)
    return FALSE;
  by_host = options->style == REPRISE_S3_HOST ||
            (options->style == REPRISE_S3_AUTO && wants_host_style (g_uri_get_host (uri)) &&
             strpbrk (options->bucket, "._") == NULL);
  self->base = by_host ? g_strdup ("") : g_strconcat (options->bucket, "/", NULL);
  *address = by_host ? put_bucket_first (uri, options->bucket) : g_strdup (options->address);
  return TRUE;
}

/* The header as libsoup sends it. */
static char *
make_host (GUri *uri)
{
  const char *host = g_uri_get_host (uri);
  gboolean numbered = strchr (host, ':') != NULL;
  int port = g_uri_get_port (uri);
  int usual = g_strcmp0 (g_uri_get_scheme (uri), "https") == 0 ? 443 : 80;

  if (port <= 0 || port == usual)
    return g_strdup_printf (numbered ? "[%s]" : "%s", host);
  return g_strdup_printf (numbered ? "[%s]:%d" : "%s:%d", host, port);
}

/**
 * reprise_s3_new:
 *
 * Returns: (transfer full): the bucket, about which nothing was asked yet; or %NULL with %REPRISE_ERROR_INVALID
 */
RepriseS3 *
reprise_s3_new (const RepriseS3Options *options, GError **error)
{
  static const RepriseHttpAuthFuncs FUNCS = { apply_cb, renew_cb, NULL };
  g_autoptr (RepriseS3) self = g_object_new (REPRISE_TYPE_S3, NULL);
  g_autoptr (RepriseHttpAuth) auth = NULL;
  g_autofree char *address = NULL;
  gboolean anonymous = options->key_id == NULL || *options->key_id == '\0';

  if (!check_bucket (options->bucket, error) || !find_address (self, options, &address, error))
    return NULL;
  if (!anonymous && options->key == NULL)
    {
      reprise_error_set_literal (error, REPRISE_ERROR, REPRISE_ERROR_NEEDS_SIGN_IN,
                                 _ ("The secret access key of the storage is missing."));
      return NULL;
    }
  self->http = reprise_http_new (address, options->pin, error);
  if (self->http == NULL)
    return NULL;
  self->host = make_host (reprise_http_get_address (self->http));
  self->bucket = g_strdup (options->bucket);
  self->key_id = anonymous ? NULL : g_strdup (options->key_id);
  if (!anonymous)
    self->key = reprise_secret_value_ref (options->key);
  if (!anonymous && options->session != NULL)
    self->session = reprise_secret_value_ref (options->session);
  self->region = g_strdup (is_region (options->region) ? options->region : DEFAULT_REGION);
  auth =
    reprise_http_auth_new (&FUNCS, self, NULL); /* it is used only through our http, which we own */
  reprise_http_set_auth (self->http, auth);
  return g_steal_pointer (&self);
}

/* (transfer none) */
RepriseHttp *
reprise_s3_get_http (RepriseS3 *self)
{
  return self->http;
}

const char *
reprise_s3_get_bucket (RepriseS3 *self)
{
  return self->bucket;
}

void
reprise_s3_set_part_bytes (RepriseS3 *self, gsize bytes)
{
  self->part_bytes = bytes;
}

/* An object may have only so many parts. */
gsize
reprise_s3_get_part_bytes (RepriseS3 *self, guint64 size_bytes)
{
  gsize bytes = self->part_bytes;

  while (size_bytes / bytes >= MAX_PARTS)
    bytes *= 2;
  return bytes;
}

/* All but “/” and what RFC 3986 calls unreserved is escaped: the form that is signed is the one that is sent. */
static char *
escape_key (const char *key)
{
  return g_uri_escape_string (key, "/", FALSE);
}

/* (transfer full): a request for an object, or with %NULL for the bucket */
RepriseHttpRequest *
reprise_s3_request (RepriseS3 *self, const char *method, const char *key, RepriseHttpEffect effect)
{
  g_autofree char *escaped = escape_key (key != NULL ? key : "");
  g_autofree char *path = g_strconcat (self->base, escaped, NULL);
  RepriseHttpRequest *request = reprise_http_request_new (method, path, effect);

  reprise_http_request_set_classifier (request, classify_cb, self, NULL);
  return request;
}

/* With its SHA-256, which is signed, so that the storage takes nothing else. */
void
reprise_s3_set_body (RepriseHttpRequest *request, const char *content_type, GBytes *bytes)
{
  g_autofree char *sha256 =
    reprise_hash_bytes (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));

  reprise_http_request_set_body (request, content_type, bytes);
  reprise_http_request_set_header (request, HASH_HEADER, sha256);
}

/* --- lists --- */

static RepriseHttpResponse *
ask_page (RepriseS3 *self,
          const char *prefix,
          gboolean deep,
          const char *marker,
          const char *max_items,
          GCancellable *cancellable,
          GError **error)
{
  g_autoptr (RepriseHttpRequest) request =
    reprise_s3_request (self, "GET", NULL, REPRISE_HTTP_READ);

  reprise_http_request_add_query (request, "list-type", "2");
  if (!deep)
    reprise_http_request_add_query (request, "delimiter", "/");
  if (prefix != NULL && *prefix != '\0')
    reprise_http_request_add_query (request, "prefix", prefix);
  if (marker != NULL)
    reprise_http_request_add_query (request, "continuation-token", marker);
  reprise_http_request_add_query (request, "max-keys", max_items);
  reprise_http_request_set_max_bytes (request, MAX_PAGE_BYTES);
  return reprise_http_send (self->http, request, NULL, cancellable, error);
}

/* What is listed, over its pages. */
typedef struct
{
  RepriseS3 *self;
  const char *prefix;
  gboolean deep;
  RepriseS3Each each;
  gpointer user_data;
} List;

static RepriseHttpResponse *
ask_cb (const char *marker, gpointer data, GCancellable *cancellable, GError **error)
{
  List *list = data;

  return ask_page (list->self, list->prefix, list->deep, marker, PAGE_ITEMS, cancellable, error);
}

static gboolean
read_cb (const char *xml, gsize size, char **marker, gpointer data, GError **error)
{
  List *list = data;
  RepriseS3Page page = { list->each, list->user_data, NULL };
  gboolean ok = reprise_s3_read_page (&page, xml, size, error);

  *marker = page.marker;
  return ok;
}

/**
 * reprise_s3_list:
 * @prefix: (nullable): with which their names begin
 * @deep: all of them; else those up to the next “/”, and the folders that begin there
 *
 * Calls @each for each object or folder, by name.
 */
gboolean
reprise_s3_list (RepriseS3 *self,
                 const char *prefix,
                 gboolean deep,
                 RepriseS3Each each,
                 gpointer user_data,
                 GCancellable *cancellable,
                 GError **error)
{
  List list = { self, prefix, deep, each, user_data };
  RepriseHttpPages pages = { self->bucket, ask_cb, read_cb };

  return reprise_http_read_pages (&pages, &list, cancellable, error);
}

/* Whether it is there and lets us list it, before anything is begun. */
gboolean
reprise_s3_check (RepriseS3 *self, GCancellable *cancellable, GError **error)
{
  g_autoptr (RepriseHttpResponse) response =
    ask_page (self, NULL, TRUE, NULL, "1", cancellable, error);
  g_autofree char *found = NULL;

  if (response == NULL)
    return FALSE;
  if (strstr (reprise_http_response_get_text (response), "<ListBucketResult") != NULL)
    return TRUE;
  reprise_error_set (
    error, REPRISE_ERROR, REPRISE_ERROR_PROTOCOL,
    _ ("What answers at %s is no storage of the S3 protocol. The console of a storage "
       "often has another port than the storage itself."),
    reprise_http_get_name (self->http));
  return FALSE;
}

/* --- one object --- */

/**
 * reprise_s3_look:
 *
 * Returns: (transfer full): the object, or %NULL with %REPRISE_ERROR_NOT_FOUND and others
 */
RepriseS3Object *
reprise_s3_look (RepriseS3 *self, const char *key, GCancellable *cancellable, GError **error)
{
  g_autoptr (RepriseHttpRequest) request =
    reprise_s3_request (self, "HEAD", key, REPRISE_HTTP_READ);
  g_autoptr (RepriseHttpResponse) response =
    reprise_http_send (self->http, request, NULL, cancellable, error);
  const char *date;
  RepriseS3Object *object;

  if (response == NULL)
    return NULL;
  object = g_new0 (RepriseS3Object, 1);
  object->key = g_strdup (key);
  object->size_bytes = reprise_http_response_get_content_length (response);
  object->etag = g_strdup (reprise_http_response_get_header (response, "ETag"));
  date = reprise_http_response_get_header (response, "Last-Modified");
  object->modified_at = date != NULL ? soup_date_time_new_from_http_string (date) : NULL;
  return object;
}

/**
 * reprise_s3_download:
 * @object: from a list, from reprise_s3_look(), or with a name alone
 *
 * Gives the content of an object to @sink. A connection that breaks is gone on with, as long as the object is the same.
 *
 * Returns: %FALSE with %REPRISE_ERROR_DAMAGED where it is not as @object says, and as reprise_http_download()
 */
gboolean
reprise_s3_download (RepriseS3 *self,
                     const RepriseS3Object *object,
                     const RepriseHttpSink *sink,
                     gpointer sink_data,
                     RepriseProgress *progress,
                     GCancellable *cancellable,
                     GError **error)
{
  g_autoptr (RepriseHttpRequest) request =
    reprise_s3_request (self, "GET", object->key, REPRISE_HTTP_READ);
  g_auto (RepriseHttpProof) proof = { 0 };

  if (!reprise_http_download (self->http, request, sink, sink_data, progress, &proof, cancellable,
                              error))
    return FALSE;
  if (object->size_bytes >= 0 && proof.received_bytes != (guint64) object->size_bytes)
    reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_DAMAGED,
                       _ ("“%s” came with another length than the storage says."), object->key);
  else if (!proof.length_matched)
    reprise_error_set (
      error, REPRISE_ERROR, REPRISE_ERROR_STALLED,
      _ ("The storage did not say how long “%s” is, so nothing proves that all of it "
         "came."),
      object->key);
  else if (object->etag != NULL && proof.etag != NULL && strcmp (object->etag, proof.etag) != 0)
    reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_DAMAGED,
                       _ ("“%s” has changed since it was listed."), object->key);
  else
    return TRUE;
  return FALSE;
}

/* Makes an object, or replaces it. */
gboolean
reprise_s3_put (RepriseS3 *self,
                const char *key,
                GBytes *bytes,
                RepriseProgress *progress,
                GCancellable *cancellable,
                GError **error)
{
  g_autoptr (RepriseHttpRequest) request =
    reprise_s3_request (self, "PUT", key, REPRISE_HTTP_WRITE);
  g_autoptr (RepriseHttpResponse) response = NULL;

  reprise_s3_set_body (request, "application/octet-stream", bytes);
  response = reprise_http_send (self->http, request, progress, cancellable, error);
  return response != NULL;
}

/* --- deletion --- */

static GBytes *
print_deletion (const char *const *keys, guint n_keys)
{
  GString *xml = g_string_new ("<?xml version=\"1.0\" encoding=\"UTF-8\"?><Delete "
                               "xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">");

  for (guint i = 0; i < n_keys; i++)
    {
      g_autofree char *key = g_markup_escape_text (keys[i], -1);

      g_string_append_printf (xml, "<Object><Key>%s</Key></Object>", key);
    }
  g_string_append (xml, "<Quiet>true</Quiet></Delete>");
  return g_string_free_to_bytes (xml);
}

/* The protocol asks for this older digest here. */
static char *
make_md5 (GBytes *bytes)
{
  guint8 digest[EVP_MAX_MD_SIZE];
  guint size = 0;

  EVP_Digest (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), digest, &size, EVP_md5 (),
              NULL);
  return g_base64_encode (digest, size);
}

static gboolean
delete_some (RepriseS3 *self,
             const char *const *keys,
             guint n_keys,
             GCancellable *cancellable,
             GError **error)
{
  g_autoptr (RepriseHttpRequest) request =
    reprise_s3_request (self, "POST", NULL, REPRISE_HTTP_WRITE);
  g_autoptr (GBytes) bytes = print_deletion (keys, n_keys);
  g_autofree char *md5 = make_md5 (bytes);
  g_autoptr (RepriseHttpResponse) response = NULL;
  const char *xml;
  gsize size = 0;

  reprise_http_request_add_query (request, "delete", "");
  reprise_s3_set_body (request, "application/xml", bytes);
  reprise_http_request_set_header (request, "Content-MD5", md5);
  response = reprise_http_send (self->http, request, NULL, cancellable, error);
  if (response == NULL)
    return FALSE;
  xml = g_bytes_get_data (reprise_http_response_get_body (response), &size);
  return reprise_s3_read_deleted (xml, size, error);
}

/**
 * reprise_s3_delete:
 *
 * Deletes objects, many with one request. What is not there is deleted already.
 */
gboolean
reprise_s3_delete (RepriseS3 *self,
                   const char *const *keys,
                   guint n_keys,
                   GCancellable *cancellable,
                   GError **error)
{
  for (guint done = 0; done < n_keys; done += DELETE_ITEMS)
    if (!delete_some (self, keys + done, MIN (DELETE_ITEMS, n_keys - done), cancellable, error))
      return FALSE;
  return TRUE;
}
