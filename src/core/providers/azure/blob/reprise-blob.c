/* reprise-blob.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include <glib/gi18n-lib.h>
#include <libsoup/soup.h>
#include <openssl/evp.h>

#include "base/reprise-error.h"
#include "base/reprise-time.h"
#include "net/reprise-http-error.h"
#include "net/reprise-http-header.h"
#include "net/reprise-http-pages.h"
#include "net/reprise-xml.h"
#include "providers/azure/reprise-azure-cloud.h"
#include "providers/azure/blob/reprise-blob-private.h"

#define VERSION         "2021-12-02"
#define PAGE_ITEMS      "1000"
#define MAX_PAGE_BYTES  (16 * 1024 * 1024)
#define KEY_SAS_HOURS   24
#define BLOCK_BYTES     (4 * 1024 * 1024)
#define ALL_PERMISSIONS "racwdl"

struct _RepriseBlob
{
  GObject parent_instance;

  /* none of these changes */
  RepriseHttp *http;       /* (owned) */
  char *endpoint;          /* (owned) */
  char *account;           /* (owned) */
  char *container;         /* (owned) */
  RepriseSecretValue *key; /* (owned) (nullable): of the account */
  gsize block_bytes;

  GMutex mutex;    /* guards: */
  RepriseSas *sas; /* (owned): what was given, or what was made of the key */
};

G_DEFINE_FINAL_TYPE (RepriseBlob, reprise_blob, G_TYPE_OBJECT)

void
reprise_blob_item_free (RepriseBlobItem *self)
{
  g_free (self->name);
  g_clear_pointer (&self->created_at, g_date_time_unref);
  g_clear_pointer (&self->modified_at, g_date_time_unref);
  g_free (self->etag);
  g_free (self->md5);
  g_free (self->tier);
  g_clear_pointer (&self->metadata, g_hash_table_unref);
  g_free (self);
}

static void
reprise_blob_finalize (GObject *object)
{
  RepriseBlob *self = REPRISE_BLOB (object);

  g_clear_object (&self->http);
  g_free (self->endpoint);
  g_free (self->account);
  g_free (self->container);
  g_clear_pointer (&self->key, reprise_secret_value_unref);
  g_clear_pointer (&self->sas, reprise_sas_free);
  g_mutex_clear (&self->mutex);
  G_OBJECT_CLASS (reprise_blob_parent_class)->finalize (object);
}

static void
reprise_blob_class_init (RepriseBlobClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = reprise_blob_finalize;
}

static void
reprise_blob_init (RepriseBlob *self)
{
  g_mutex_init (&self->mutex);
  self->block_bytes = BLOCK_BYTES;
}

/* --- the credential --- */

/* Behind the mutex: a signature of our own is made anew before it ends. */
static gboolean
sign (RepriseBlob *self, GError **error)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autoptr (GDateTime) soon = g_date_time_add_hours (now, 1);
  g_autoptr (GDateTime) end = g_date_time_add_hours (now, KEY_SAS_HOURS);
  RepriseSas *sas;

  if (self->key == NULL || (self->sas != NULL && !reprise_sas_has_ended (self->sas, soon)))
    return TRUE;
  sas = reprise_sas_make (self->endpoint, self->account, self->container, self->key,
                          ALL_PERMISSIONS, end, error);
  if (sas == NULL)
    return FALSE;
  g_clear_pointer (&self->sas, reprise_sas_free);
  self->sas = sas;
  return TRUE;
}

static gboolean
apply_cb (RepriseHttpRequest *request,
          RepriseHttpGrant *grant,
          gpointer user_data,
          GCancellable *cancellable,
          GError **error)
{
  RepriseBlob *self = user_data;
  gboolean ok;

  g_mutex_lock (&self->mutex);
  ok = sign (self, error);
  if (ok)
    reprise_http_grant_set_query (grant, reprise_secret_value_get_text (self->sas->token));
  g_mutex_unlock (&self->mutex);
  return ok;
}

/* --- errors --- */

/* (transfer full) (nullable): what the answer says in that element, for people */
static char *
find_sentence (RepriseHttpResponse *response, const char *name)
{
  g_autofree char *text = reprise_xml_find (reprise_http_response_get_text (response), name);

  return text != NULL ? reprise_http_clean_sentence (text, -1) : NULL;
}

static const struct
{
  const char *code;
  RepriseError error;
  const char *text;
} CODES[] = {
  { "AuthorizationPermissionMismatch", REPRISE_ERROR_DENIED,
    N_ ("The shared access signature does not allow this: a permission is missing in it.") },
  { "AuthorizationResourceTypeMismatch", REPRISE_ERROR_DENIED,
    N_ ("The shared access signature is not for containers and blobs.") },
  { "AuthorizationServiceMismatch", REPRISE_ERROR_DENIED,
    N_ ("The shared access signature is not for blobs.") },
  { "AuthorizationProtocolMismatch", REPRISE_ERROR_DENIED,
    N_ ("The shared access signature is good only over https.") },
  { "AuthorizationSourceIPMismatch", REPRISE_ERROR_DENIED,
    N_ ("The shared access signature is good only from another network address.") },
  { "KeyBasedAuthenticationNotPermitted", REPRISE_ERROR_DENIED,
    N_ ("The storage account does not allow access by key or by shared access signature.") },
  { "ContainerNotFound", REPRISE_ERROR_NOT_FOUND, N_ ("The container does not exist.") },
  { "BlobNotFound", REPRISE_ERROR_NOT_FOUND, N_ ("The blob does not exist.") },
  { "ResourceNotFound", REPRISE_ERROR_NOT_FOUND, N_ ("The blob or container does not exist.") },
  { "BlobAlreadyExists", REPRISE_ERROR_EXISTS, N_ ("There is a blob with this name already.") },
  { "BlobArchived", REPRISE_ERROR_REFUSED,
    N_ ("The blob is in the archive tier. Change its tier first, which takes hours.") },
  { "LeaseIdMissing", REPRISE_ERROR_BUSY, N_ ("Another program holds the blob.") },
};

/* The storage does not say that a signature has ended or is not good yet: what the signature itself says explains more. */
static gboolean
explain_refusal (RepriseBlob *self, GError **error)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autoptr (GPtrArray) ignored = g_ptr_array_new_with_free_func (g_free);
  gboolean explained;

  g_mutex_lock (&self->mutex);
  explained = self->sas != NULL && self->key == NULL &&
              !reprise_sas_check (self->sas, "", now, NULL, ignored, error);
  g_mutex_unlock (&self->mutex);
  return explained;
}

static RepriseHttpVerdict
classify_cb (RepriseHttpResponse *response, gpointer user_data, GError **error)
{
  RepriseBlob *self = user_data;
  guint status = reprise_http_response_get_status (response);
  const char *code = reprise_http_response_get_header (response, "x-ms-error-code");
  g_autofree char *detail = NULL;

  if (status < 400 || status == 412 || status == 416)
    return REPRISE_HTTP_DEFAULT;
  if (status == 403 && explain_refusal (self, error))
    return REPRISE_HTTP_GIVE_UP;
  for (guint i = 0; code != NULL && i < G_N_ELEMENTS (CODES); i++)
    if (strcmp (CODES[i].code, code) == 0)
      {
        reprise_error_set (error, REPRISE_ERROR, CODES[i].error, "%s/%s: %s", self->account,
                           self->container, _ (CODES[i].text));
        return REPRISE_HTTP_GIVE_UP;
      }
  if (status != 403)
    return REPRISE_HTTP_DEFAULT;
  detail = find_sentence (response, "AuthenticationErrorDetail");
  reprise_error_set (
    error, REPRISE_ERROR, REPRISE_ERROR_NEEDS_SIGN_IN,
    _ ("The storage account “%s” does not accept the signature or key for the container "
       "“%s”, or does not let this computer in. %s"),
    self->account, self->container, detail != NULL ? detail : "");
  g_strchomp ((*error)->message);
  return REPRISE_HTTP_GIVE_UP;
}

/* --- making --- */

static RepriseBlob *
make (const char *endpoint, const char *account, const char *container, GError **error)
{
  static const RepriseHttpAuthFuncs FUNCS = { apply_cb, NULL, NULL };
  g_autoptr (RepriseBlob) self = g_object_new (REPRISE_TYPE_BLOB, NULL);
  g_autoptr (RepriseHttpAuth) auth = NULL;

  if (!reprise_azure_check_address (endpoint, error))
    return NULL;
  self->http = reprise_http_new (endpoint, NULL, error);
  if (self->http == NULL)
    return NULL;
  self->endpoint = g_strdup (endpoint);
  self->account = g_strdup (account);
  self->container = g_strdup (container);
  auth =
    reprise_http_auth_new (&FUNCS, self, NULL); /* it is used only through our http, which we own */
  reprise_http_set_auth (self->http, auth);
  reprise_http_set_header (self->http, "x-ms-version", VERSION);
  return g_steal_pointer (&self);
}

static RepriseSas *
copy_sas (const RepriseSas *sas, GError **error)
{
  g_autoptr (RepriseSecretValue) address = reprise_sas_dup_address (sas);

  return reprise_sas_parse (reprise_secret_value_get_text (address), error);
}

/* (transfer full): the container that @sas is for, or %NULL with %REPRISE_ERROR_INVALID */
RepriseBlob *
reprise_blob_new_for_sas (const RepriseSas *sas, GError **error)
{
  g_autoptr (RepriseBlob) self = make (sas->endpoint, sas->account, sas->container, error);

  if (self == NULL)
    return NULL;
  self->sas = copy_sas (sas, error);
  return self->sas != NULL ? g_steal_pointer (&self) : NULL;
}

/**
 * reprise_blob_new_for_key:
 * @endpoint: of the account's blobs: “https://acct.blob.core.windows.net/”
 * @key: of the account. It is never sent: signatures are made with it
 *
 * Returns: (transfer full): a container, or %NULL with %REPRISE_ERROR_INVALID
 */
RepriseBlob *
reprise_blob_new_for_key (const char *endpoint,
                          const char *account,
                          const char *container,
                          RepriseSecretValue *key,
                          GError **error)
{
  g_autoptr (RepriseBlob) self = make (endpoint, account, container, error);

  if (self == NULL)
    return NULL;
  self->key = reprise_secret_value_ref (key);
  return sign (self, error) ? g_steal_pointer (&self) : NULL;
}

/* (transfer none) */
RepriseHttp *
reprise_blob_get_http (RepriseBlob *self)
{
  return self->http;
}

const char *
reprise_blob_get_account (RepriseBlob *self)
{
  return self->account;
}

const char *
reprise_blob_get_container (RepriseBlob *self)
{
  return self->container;
}

void
reprise_blob_set_block_bytes (RepriseBlob *self, gsize bytes)
{
  self->block_bytes = bytes;
}

gsize
reprise_blob_get_block_bytes (RepriseBlob *self)
{
  return self->block_bytes;
}

RepriseHttpRequest *
reprise_blob_request (RepriseBlob *self,
                      const char *method,
                      const char *name,
                      RepriseHttpEffect effect)
{
  g_autofree char *path = reprise_http_path (self->container, name, NULL);
  RepriseHttpRequest *request = reprise_http_request_new (method, path, effect);

  reprise_http_request_set_classifier (request, classify_cb, self, NULL);
  return request;
}

/* --- lists --- */

static RepriseHttpResponse *
ask_page (RepriseBlob *self,
          const char *prefix,
          const char *marker,
          const char *max_results,
          GCancellable *cancellable,
          GError **error)
{
  g_autoptr (RepriseHttpRequest) request =
    reprise_blob_request (self, "GET", NULL, REPRISE_HTTP_READ);

  reprise_http_request_add_query (request, "restype", "container");
  reprise_http_request_add_query (request, "comp", "list");
  reprise_http_request_add_query (request, "include", "metadata");
  if (prefix != NULL && *prefix != '\0')
    reprise_http_request_add_query (request, "prefix", prefix);
  if (marker != NULL)
    reprise_http_request_add_query (request, "marker", marker);
  reprise_http_request_add_query (request, "maxresults", max_results);
  reprise_http_request_set_max_bytes (request, MAX_PAGE_BYTES);
  return reprise_http_send (self->http, request, NULL, cancellable, error);
}

/* What is listed, over its pages. */
typedef struct
{
  RepriseBlob *self;
  const char *prefix;
  RepriseBlobEach each;
  gpointer user_data;
} List;

static RepriseHttpResponse *
ask_cb (const char *marker, gpointer data, GCancellable *cancellable, GError **error)
{
  List *list = data;

  return ask_page (list->self, list->prefix, marker, PAGE_ITEMS, cancellable, error);
}

static gboolean
read_cb (const char *xml, gsize size, char **marker, gpointer data, GError **error)
{
  List *list = data;
  RepriseBlobPage page = { list->each, list->user_data, NULL };
  gboolean ok = reprise_blob_read_page (&page, xml, size, error);

  *marker = page.marker;
  return ok;
}

/**
 * reprise_blob_list:
 * @prefix: (nullable): with which their names begin
 *
 * Calls @each for each blob, by name.
 */
gboolean
reprise_blob_list (RepriseBlob *self,
                   const char *prefix,
                   RepriseBlobEach each,
                   gpointer user_data,
                   GCancellable *cancellable,
                   GError **error)
{
  List list = { self, prefix, each, user_data };
  RepriseHttpPages pages = { self->container, ask_cb, read_cb };

  return reprise_http_read_pages (&pages, &list, cancellable, error);
}

/* Whether it is there and lets us list it, before anything is begun. */
gboolean
reprise_blob_check_container (RepriseBlob *self, GCancellable *cancellable, GError **error)
{
  g_autoptr (RepriseHttpResponse) response = ask_page (self, NULL, NULL, "1", cancellable, error);

  return response != NULL;
}

/* --- one blob --- */

static GDateTime *
read_http_date (const char *text)
{
  return text != NULL ? soup_date_time_new_from_http_string (text) : NULL;
}

static RepriseBlobItem *
read_headers (const char *name, RepriseHttpResponse *response)
{
  RepriseBlobItem *item = g_new0 (RepriseBlobItem, 1);

  item->name = g_strdup (name);
  item->size_bytes = reprise_http_response_get_content_length (response);
  item->created_at =
    read_http_date (reprise_http_response_get_header (response, "x-ms-creation-time"));
  item->modified_at = read_http_date (reprise_http_response_get_header (response, "Last-Modified"));
  item->etag = g_strdup (reprise_http_response_get_header (response, "ETag"));
  item->md5 = g_strdup (reprise_http_response_get_header (response, "Content-MD5"));
  item->tier = g_strdup (reprise_http_response_get_header (response, "x-ms-access-tier"));
  return item;
}

/**
 * reprise_blob_look:
 *
 * Returns: (transfer full): the blob, or %NULL with %REPRISE_ERROR_NOT_FOUND and others
 */
RepriseBlobItem *
reprise_blob_look (RepriseBlob *self, const char *name, GCancellable *cancellable, GError **error)
{
  g_autoptr (RepriseHttpRequest) request =
    reprise_blob_request (self, "HEAD", name, REPRISE_HTTP_READ);
  g_autoptr (RepriseHttpResponse) response =
    reprise_http_send (self->http, request, NULL, cancellable, error);

  return response != NULL ? read_headers (name, response) : NULL;
}

/* --- download --- */

typedef struct
{
  GOutputStream *stream;
  EVP_MD_CTX *md5; /* (nullable) */
} Sink;

static gboolean
write_cb (gconstpointer data,
          gsize size,
          gpointer user_data,
          GCancellable *cancellable,
          GError **error)
{
  Sink *sink = user_data;

  if (sink->md5 != NULL)
    EVP_DigestUpdate (sink->md5, data, size);
  return g_output_stream_write_all (sink->stream, data, size, NULL, cancellable, error);
}

/* @md5: (nullable): of what came */
static gboolean
check_download (const RepriseBlobItem *item,
                const RepriseHttpProof *proof,
                const char *md5,
                GError **error)
{
  if (item->size_bytes >= 0 && proof->received_bytes != (guint64) item->size_bytes)
    {
      reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_DAMAGED,
                         _ ("“%s” came with another length than the container says."), item->name);
      return FALSE;
    }
  if (md5 == NULL || item->md5 == NULL || *item->md5 == '\0' || strcmp (md5, item->md5) == 0)
    return TRUE;
  reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_DAMAGED,
                     _ ("“%s” is not what the container’s digest says."), item->name);
  return FALSE;
}

static char *
finish_digest (EVP_MD_CTX *context)
{
  guint8 digest[EVP_MAX_MD_SIZE];
  guint size = 0;

  EVP_DigestFinal_ex (context, digest, &size);
  return g_base64_encode (digest, size);
}

/**
 * reprise_blob_download:
 * @item: from a list or reprise_blob_look()
 * @offset: how much of it is in @stream already
 * @md5: (out) (optional) (transfer full) (nullable): of the whole, base64, for whoever sends it back; %NULL where @offset is not 0
 *
 * Writes a blob to @stream. A connection that breaks is gone on with, as long as the blob is the same; @stream need not be
 * seekable. Where the container keeps a digest, the whole is compared with it.
 *
 * Returns: %FALSE with %REPRISE_ERROR_DAMAGED where it is not what it should be, and as reprise_http_download()
 */
gboolean
reprise_blob_download (RepriseBlob *self,
                       const RepriseBlobItem *item,
                       guint64 offset,
                       GOutputStream *stream,
                       char **md5,
                       RepriseProgress *progress,
                       GCancellable *cancellable,
                       GError **error)
{
  static const RepriseHttpSink FUNCS = { .write = write_cb };
  g_autoptr (RepriseHttpRequest) request =
    reprise_blob_request (self, "GET", item->name, REPRISE_HTTP_READ);
  g_auto (RepriseHttpProof) proof = { 0 };
  g_autofree char *found = NULL;
  Sink sink = { .stream = stream };
  gboolean ok;

  if (offset == 0 && (md5 != NULL || item->md5 != NULL))
    {
      sink.md5 = EVP_MD_CTX_new ();
      EVP_DigestInit_ex (sink.md5, EVP_md5 (), NULL);
    }
  reprise_http_request_set_reports_total (request, TRUE);
  if (offset > 0)
    reprise_http_request_set_range (request, offset, item->etag);
  ok = reprise_http_download (self->http, request, &FUNCS, &sink, progress, &proof, cancellable,
                              error);
  if (sink.md5 != NULL)
    found = finish_digest (sink.md5);
  g_clear_pointer (&sink.md5, EVP_MD_CTX_free);
  if (!ok || !check_download (item, &proof, found, error))
    return FALSE;
  if (md5 != NULL)
    *md5 = g_steal_pointer (&found);
  return TRUE;
}

/* --- the rest --- */

/**
 * reprise_blob_set_metadata:
 * @metadata: (element-type utf8 utf8): takes the place of all there was; names are letters, digits and “_”, values ASCII
 *
 * Writes something beside a blob, which goes with it when it is copied. Its content and the time of its creation stay as they are.
 */
gboolean
reprise_blob_set_metadata (RepriseBlob *self,
                           const char *name,
                           GHashTable *metadata,
                           GCancellable *cancellable,
                           GError **error)
{
  g_autoptr (RepriseHttpRequest) request =
    reprise_blob_request (self, "PUT", name, REPRISE_HTTP_WRITE);
  g_autoptr (RepriseHttpResponse) response = NULL;
  GHashTableIter iter;
  gpointer key, value;

  reprise_http_request_add_query (request, "comp", "metadata");
  g_hash_table_iter_init (&iter, metadata);
  while (g_hash_table_iter_next (&iter, &key, &value))
    {
      g_autofree char *header = g_strconcat ("x-ms-meta-", key, NULL);

      reprise_http_request_set_header (request, header, value);
    }
  response = reprise_http_send (self->http, request, NULL, cancellable, error);
  return response != NULL;
}

/**
 * reprise_blob_delete:
 *
 * Returns: %FALSE with %REPRISE_ERROR_NOT_FOUND where it is not there, and others
 */
gboolean
reprise_blob_delete (RepriseBlob *self, const char *name, GCancellable *cancellable, GError **error)
{
  g_autoptr (RepriseHttpRequest) request =
    reprise_blob_request (self, "DELETE", name, REPRISE_HTTP_WRITE);
  g_autoptr (RepriseHttpResponse) response = NULL;

  reprise_http_request_set_header (request, "x-ms-delete-snapshots", "include");
  response = reprise_http_send (self->http, request, NULL, cancellable, error);
  return response != NULL;
}

static gboolean
apply_account_cb (RepriseHttpRequest *request,
                  RepriseHttpGrant *grant,
                  gpointer user_data,
                  GCancellable *cancellable,
                  GError **error)
{
  reprise_http_grant_set_query (grant, reprise_secret_value_get_text (user_data));
  return TRUE;
}

/**
 * reprise_blob_make_container:
 *
 * Only with the account's key: a signature for a container cannot make it. One that is there already stays as it is.
 *
 * Returns: %FALSE with %REPRISE_ERROR_NOT_SUPPORTED without a key, and others
 */
gboolean
reprise_blob_make_container (RepriseBlob *self, GCancellable *cancellable, GError **error)
{
  static const RepriseHttpAuthFuncs FUNCS = { apply_account_cb, NULL, NULL };
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autoptr (GDateTime) end = g_date_time_add_hours (now, 1);
  g_autoptr (RepriseSecretValue) token = NULL;
  g_autoptr (RepriseHttpAuth) auth = NULL;
  g_autoptr (RepriseHttp) http = NULL;
  g_autoptr (RepriseHttpRequest) request = NULL;
  g_autoptr (RepriseHttpResponse) response = NULL;

  if (self->key == NULL)
    {
      reprise_error_set_literal (
        error, REPRISE_ERROR, REPRISE_ERROR_NOT_SUPPORTED,
        _ ("A container can be made only with the access key of the storage "
           "account, or signed in to Azure."));
      return FALSE;
    }
  token = reprise_sas_make_for_account (self->account, self->key, "rwlc",
                                        reprise_http_is_secure (self->http), end, error);
  if (token == NULL)
    return FALSE;
  http = reprise_http_new (self->endpoint, NULL, error);
  if (http == NULL)
    return FALSE;
  auth = reprise_http_auth_new (&FUNCS, reprise_secret_value_ref (token),
                                (GDestroyNotify) reprise_secret_value_unref);
  reprise_http_set_auth (http, auth);
  reprise_http_set_header (http, "x-ms-version", VERSION);
  request = reprise_blob_request (self, "PUT", NULL, REPRISE_HTTP_WRITE);
  reprise_http_request_add_query (request, "restype", "container");
  reprise_http_request_allow_status (request, 409);
  response = reprise_http_send (http, request, NULL, cancellable, error);
  return response != NULL;
}
