/* reprise-hash.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "base/reprise-hash.h"

struct _RepriseHash
{
  EVP_MD_CTX *context; /* (owned) */
};

/* Before any other use: OpenSSL's cleanup at exit would race with a worker that is just ending, and free its state twice. */
__attribute__ ((constructor)) static void
forgo_cleanup (void)
{
  OPENSSL_init_crypto (OPENSSL_INIT_NO_ATEXIT, NULL);
}

RepriseHash *
reprise_hash_new (void)
{
  RepriseHash *self = g_new0 (RepriseHash, 1);

  self->context = EVP_MD_CTX_new ();
  if (self->context == NULL || EVP_DigestInit_ex (self->context, EVP_sha256 (), NULL) != 1)
    g_error ("libcrypto offers no SHA-256");
  return self;
}

void
reprise_hash_free (RepriseHash *self)
{
  EVP_MD_CTX_free (self->context);
  g_free (self);
}

void
reprise_hash_update (RepriseHash *self, gconstpointer data, gsize size)
{
  EVP_DigestUpdate (self->context, data, size);
}

/**
 * reprise_hash_finish:
 *
 * Returns: (transfer full): 64 lowercase hexadecimal digits; the hash takes no more data afterwards
 */
char *
reprise_hash_finish (RepriseHash *self)
{
  guchar digest[EVP_MAX_MD_SIZE];
  guint length = 0;
  GString *text = g_string_sized_new (REPRISE_HASH_HEX_LENGTH + 1);

  EVP_DigestFinal_ex (self->context, digest, &length);
  for (guint i = 0; i < length; i++)
    g_string_append_printf (text, "%02x", digest[i]);
  return g_string_free (text, FALSE);
}

/* As bytes, and the hash begins anew: for many small things, one after the other. */
void
reprise_hash_finish_raw (RepriseHash *self, guint8 digest[REPRISE_HASH_RAW_LENGTH])
{
  EVP_DigestFinal_ex (self->context, digest, NULL);
  if (EVP_DigestInit_ex (self->context, NULL, NULL) != 1)
    g_error ("libcrypto offers no SHA-256");
}

/* (transfer full): the SHA-256 of a few bytes */
char *
reprise_hash_bytes (gconstpointer data, gsize size)
{
  g_autoptr (RepriseHash) hash = reprise_hash_new ();

  reprise_hash_update (hash, data, size);
  return reprise_hash_finish (hash);
}
