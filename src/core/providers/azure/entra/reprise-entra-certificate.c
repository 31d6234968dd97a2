/* reprise-entra-certificate.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include <glib/gi18n-lib.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "base/reprise-error.h"
#include "providers/azure/entra/reprise-entra-private.h"

#define LIFETIME_SECONDS 600
#define MAX_SIGNATURE    1024 /* of a key with 8192 bits */

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BIO, BIO_free_all)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (X509, X509_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EVP_PKEY, EVP_PKEY_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EVP_MD_CTX, EVP_MD_CTX_free)

/* OpenSSL would ask on the terminal. */
static int
no_passphrase (char *buffer, int size, int writing, void *data)
{
  return -1;
}

static EVP_PKEY *
read_key (const char *pem)
{
  g_autoptr (BIO) bio = BIO_new_mem_buf (pem, -1);

  return PEM_read_bio_PrivateKey (bio, NULL, no_passphrase, NULL);
}

static X509 *
read_certificate (const char *pem)
{
  g_autoptr (BIO) bio = BIO_new_mem_buf (pem, -1);

  return PEM_read_bio_X509 (bio, NULL, no_passphrase, NULL);
}

/* RFC 7515: which certificate it is, by its SHA-256 */
static char *
make_header (X509 *certificate)
{
  guint8 digest[EVP_MAX_MD_SIZE];
  guint size = 0;
  g_autofree char *print = NULL;
  g_autofree char *json = NULL;

  if (X509_digest (certificate, EVP_sha256 (), digest, &size) != 1)
    return NULL;
  print = reprise_entra_base64url (digest, size);
  json = g_strdup_printf ("{\"alg\":\"PS256\",\"typ\":\"JWT\",\"x5t#S256\":\"%s\"}", print);
  return reprise_entra_base64url ((const guint8 *) json, strlen (json));
}

static char *
make_claims (const char *audience, const char *client_id)
{
  gint64 now = g_get_real_time () / G_USEC_PER_SEC;
  g_autofree char *id = g_uuid_string_random ();
  g_autofree char *json = g_strdup_printf (
    "{\"aud\":\"%s\",\"iss\":\"%s\",\"sub\":\"%s\",\"jti\":\"%s\",\"nbf\":%" G_GINT64_FORMAT
    ",\"iat\":%" G_GINT64_FORMAT ",\"exp\":%" G_GINT64_FORMAT "}",
    audience, client_id, client_id, id, now, now, now + LIFETIME_SECONDS);

  return reprise_entra_base64url ((const guint8 *) json, strlen (json));
}

/* RFC 7518 §3.5: PS256 */
static char *
sign (EVP_PKEY *key, const char *text)
{
  g_autoptr (EVP_MD_CTX) context = EVP_MD_CTX_new ();
  EVP_PKEY_CTX *padding = NULL;
  guint8 signature[MAX_SIGNATURE];
  gsize size = sizeof signature;

  if (EVP_PKEY_base_id (key) != EVP_PKEY_RSA || EVP_PKEY_size (key) > MAX_SIGNATURE ||
      EVP_DigestSignInit (context, &padding, EVP_sha256 (), NULL, key) != 1 ||
      EVP_PKEY_CTX_set_rsa_padding (padding, RSA_PKCS1_PSS_PADDING) != 1 ||
      EVP_PKEY_CTX_set_rsa_pss_saltlen (padding, RSA_PSS_SALTLEN_DIGEST) != 1 ||
      EVP_DigestSign (context, signature, &size, (const guint8 *) text, strlen (text)) != 1)
    return NULL;
  return reprise_entra_base64url (signature, size);
}

/* What goes into JSON as it is: an address and an identifier have nothing that would have to be escaped. */
static gboolean
is_plain (const char *text)
{
  return strpbrk (text, "\"\\") == NULL;
}

/**
 * reprise_entra_make_assertion:
 * @pem: a certificate and its RSA key, not encrypted
 * @audience: the address that the assertion is for
 *
 * Returns: (transfer full): a signed statement that we are @client_id (RFC 7523), good for ten minutes; or %NULL with
 *   %REPRISE_ERROR_INVALID
 */
RepriseSecretValue *
reprise_entra_make_assertion (const char *pem,
                              const char *audience,
                              const char *client_id,
                              GError **error)
{
  g_autoptr (X509) certificate = read_certificate (pem);
  g_autoptr (EVP_PKEY) key = read_key (pem);
  g_autofree char *header = NULL;
  g_autofree char *claims = NULL;
  g_autofree char *text = NULL;
  g_autofree char *signature = NULL;
  g_autofree char *whole = NULL;

  if (certificate == NULL || key == NULL || X509_check_private_key (certificate, key) != 1)
    {
      reprise_error_set_literal (
        error, REPRISE_ERROR, REPRISE_ERROR_INVALID,
        _ ("The certificate of the service principal cannot be used: a PEM "
           "file with the certificate and its key, not encrypted, is needed."));
      return NULL;
    }
  header = make_header (certificate);
  claims = is_plain (audience) && is_plain (client_id) ? make_claims (audience, client_id) : NULL;
  if (header != NULL && claims != NULL)
    {
      text = g_strconcat (header, ".", claims, NULL);
      signature = sign (key, text);
    }
  if (signature == NULL)
    {
      reprise_error_set_literal (error, REPRISE_ERROR, REPRISE_ERROR_INVALID,
                                 _ ("The service principal’s certificate has no RSA key."));
      return NULL;
    }
  whole = g_strconcat (text, ".", signature, NULL);
  return reprise_secret_value_new_text (whole);
}
