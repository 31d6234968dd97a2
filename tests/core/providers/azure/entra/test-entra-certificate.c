/* test-entra-certificate.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "providers/azure/entra/entra-fixture.h"

static void
test_principal (EntraFixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseEntra) account =
    entra_fixture_open (fixture, REPRISE_ENTRA_SECRET, "https://management.azure.com/");
  g_autofree char *address = fake_entra_dup_address (fixture->server);
  RepriseEntraConfig config = { REPRISE_ENTRA_SECRET, address, "organizations", "c", "r" };
  g_autofree char *scope = NULL;
  g_autoptr (GError) error = NULL;

  entra_fixture_give_secret (fixture, "client-secret", "canary-wrong-secret");
  entra_fixture_assert_refused (reprise_entra_get_token (account, NULL, NULL, &error), &error,
                                REPRISE_ERROR_NEEDS_SIGN_IN, "client secret is wrong");
  entra_fixture_give_secret (fixture, "client-secret", FAKE_ENTRA_SECRET);
  entra_fixture_assert_token (account, "canary-access-1");
  scope = fake_entra_dup_field (fixture->server, "scope");
  g_assert_cmpstr (scope, ==, "https://management.azure.com/.default");
  g_assert_true (reprise_entra_sign_out (account, NULL, &error));
  entra_fixture_assert_token (account, "canary-access-2");
  entra_fixture_assert_refused (reprise_entra_open (&config, fixture->secrets, &error) != NULL,
                                &error, REPRISE_ERROR_INVALID, "tenant");
}

static char *
make_pem (EVP_PKEY *key)
{
  X509 *certificate = X509_new ();
  X509_NAME *name = X509_get_subject_name (certificate);
  BIO *bio = BIO_new (BIO_s_mem ());
  char *data = NULL, *pem;
  long size;

  X509_set_version (certificate, 2);
  ASN1_INTEGER_set (X509_get_serialNumber (certificate), 1);
  X509_gmtime_adj (X509_getm_notBefore (certificate), 0);
  X509_gmtime_adj (X509_getm_notAfter (certificate), 3600);
  X509_NAME_add_entry_by_txt (name, "CN", MBSTRING_ASC, (const guchar *) "test", -1, -1, 0);
  X509_set_issuer_name (certificate, name);
  X509_set_pubkey (certificate, key);
  X509_sign (certificate, key, EVP_sha256 ());
  PEM_write_bio_X509 (bio, certificate);
  PEM_write_bio_PrivateKey (bio, key, NULL, NULL, 0, NULL, NULL);
  size = BIO_get_mem_data (bio, &data);
  pem = g_strndup (data, (gsize) size);
  BIO_free (bio);
  X509_free (certificate);
  return pem;
}

static guchar *
decode (const char *text, gsize *size)
{
  g_autoptr (GString) base64 = g_string_new (text);

  g_strdelimit (base64->str, "-", '+');
  g_strdelimit (base64->str, "_", '/');
  while (base64->len % 4 != 0)
    g_string_append_c (base64, '=');
  return g_base64_decode (base64->str, size);
}

/* The signature is looked at by another way than it was made. */
static void
check_assertion (const char *assertion, EVP_PKEY *key, const char *audience)
{
  g_auto (GStrv) parts = g_strsplit (assertion, ".", -1);
  g_autofree char *text = g_strconcat (parts[0], ".", parts[1], NULL);
  gsize size = 0, claims_size = 0, header_size = 0;
  g_autofree guchar *signature = decode (parts[2], &size);
  g_autofree guchar *claims = decode (parts[1], &claims_size);
  g_autofree guchar *header = decode (parts[0], &header_size);
  g_autofree char *claims_text = g_strndup ((const char *) claims, claims_size);
  g_autofree char *header_text = g_strndup ((const char *) header, header_size);
  EVP_MD_CTX *context = EVP_MD_CTX_new ();
  EVP_PKEY_CTX *padding = NULL;

  g_assert_cmpuint (g_strv_length (parts), ==, 3);
  g_assert_nonnull (strstr (header_text, "\"alg\":\"PS256\""));
  g_assert_nonnull (strstr (claims_text, audience));
  g_assert_nonnull (strstr (claims_text, "\"iss\":\"" FAKE_ENTRA_CLIENT "\""));
  g_assert_cmpint (EVP_DigestVerifyInit (context, &padding, EVP_sha256 (), NULL, key), ==, 1);
  EVP_PKEY_CTX_set_rsa_padding (padding, RSA_PKCS1_PSS_PADDING);
  EVP_PKEY_CTX_set_rsa_pss_saltlen (padding, 32);
  g_assert_cmpint (
    EVP_DigestVerify (context, signature, size, (const guchar *) text, strlen (text)), ==, 1);
  EVP_MD_CTX_free (context);
}

static void
test_certificate (EntraFixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseEntra) account =
    entra_fixture_open (fixture, REPRISE_ENTRA_CERTIFICATE, "https://management.azure.com");
  EVP_PKEY *key = EVP_RSA_gen (2048);
  EVP_PKEY *other = EVP_RSA_gen (2048);
  g_autofree char *pem = make_pem (key);
  g_autofree char *foreign = make_pem (other);
  g_autofree char *mixed = g_strconcat (strstr (foreign, "-----BEGIN PRIVATE"), pem, NULL);
  g_autofree char *assertion = NULL;
  g_autoptr (GError) error = NULL;

  entra_fixture_give_secret (fixture, "client-certificate", "canary: no certificate");
  entra_fixture_assert_refused (reprise_entra_get_token (account, NULL, NULL, &error), &error,
                                REPRISE_ERROR_INVALID, "PEM");
  reprise_secrets_invalidate (fixture->secrets, "client-certificate");
  entra_fixture_give_secret (fixture, "client-certificate", mixed);
  entra_fixture_assert_refused (reprise_entra_get_token (account, NULL, NULL, &error), &error,
                                REPRISE_ERROR_INVALID, "PEM");
  reprise_secrets_invalidate (fixture->secrets, "client-certificate");
  entra_fixture_give_secret (fixture, "client-certificate", pem);
  entra_fixture_assert_token (account, "canary-access-1");
  assertion = fake_entra_dup_field (fixture->server, "client_assertion");
  check_assertion (assertion, key, "/" FAKE_ENTRA_TENANT "/oauth2/v2.0/token\"");
  EVP_PKEY_free (key);
  EVP_PKEY_free (other);
}

int
main (int argc, char *argv[])
{
  entra_fixture_init (&argc, &argv);
  ENTRA_FIXTURE_ADD ("principal", test_principal, NULL);
  ENTRA_FIXTURE_ADD ("certificate", test_certificate, NULL);
  return entra_fixture_run ();
}
