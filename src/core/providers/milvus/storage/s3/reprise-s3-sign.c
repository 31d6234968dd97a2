/* reprise-s3-sign.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/reprise-hash.h"
#include "providers/milvus/storage/s3/reprise-s3-sign.h"
#include "secret/reprise-secret-value.h"

#define ALGORITHM  "AWS4-HMAC-SHA256"
#define DATE_BYTES 8 /* of the time: the day */

static void
digest_text (const guint8 *key, gsize key_size, const char *text, gsize size, guint8 *digest)
{
  guint length = 0;

  HMAC (EVP_sha256 (), key, (int) key_size, (const guchar *) text, size, digest, &length);
}

/* The key for one day and region: it is worth less than @secret, and secret all the same. */
void
reprise_s3_make_key (const char *secret,
                     const char *time,
                     const char *region,
                     guint8 key[REPRISE_S3_KEY_BYTES])
{
  g_autofree char *first = g_strconcat ("AWS4", secret, NULL);

  digest_text ((const guint8 *) first, strlen (first), time, DATE_BYTES, key);
  reprise_secret_wipe (first, strlen (first));
  digest_text (key, REPRISE_S3_KEY_BYTES, region, strlen (region), key);
  digest_text (key, REPRISE_S3_KEY_BYTES, "s3", 2, key);
  digest_text (key, REPRISE_S3_KEY_BYTES, "aws4_request", 12, key);
}

/* By name, and by value where that is the same. */
static int
compare_members (gconstpointer a, gconstpointer b)
{
  const char *one = *(char *const *) a, *other = *(char *const *) b;
  gsize one_size = strcspn (one, "="), other_size = strcspn (other, "=");
  int order = memcmp (one, other, MIN (one_size, other_size));

  if (order == 0 && one_size != other_size)
    order = one_size < other_size ? -1 : 1;
  return order != 0 ? order : strcmp (one, other);
}

/* The members of a query in their order, each with a “=”. */
static void
append_query (GString *request, const char *query)
{
  g_auto (GStrv) members = g_strsplit (query != NULL ? query : "", "&", -1);
  guint n = g_strv_length (members);

  qsort (members, n, sizeof *members, compare_members);
  for (guint i = 0; i < n; i++)
    if (*members[i] != '\0')
      g_string_append_printf (request, "%s%s%s",
                              request->len > 0 && request->str[request->len - 1] != '\n' ? "&" : "",
                              members[i], strchr (members[i], '=') == NULL ? "=" : "");
}

static char *
join_names (const RepriseS3Signing *signing)
{
  GString *names = g_string_new (NULL);

  for (guint i = 0; i < signing->n_headers; i++)
    g_string_append_printf (names, "%s%s", i > 0 ? ";" : "", signing->headers[i].name);
  return g_string_free (names, FALSE);
}

/* The request in the one form that both sides make of it, hashed. */
static char *
hash_request (const RepriseS3Signing *signing, const char *names)
{
  g_autoptr (GString) request = g_string_new (NULL);

  g_string_append_printf (request, "%s\n%s\n", signing->method, signing->path);
  append_query (request, signing->query);
  g_string_append_c (request, '\n');
  for (guint i = 0; i < signing->n_headers; i++)
    {
      g_autofree char *value = g_strstrip (g_strdup (signing->headers[i].value));

      g_string_append_printf (request, "%s:%s\n", signing->headers[i].name, value);
    }
  g_string_append_printf (request, "\n%s\n%s", names, signing->payload);
  return reprise_hash_bytes (request->str, request->len);
}

static char *
to_hex (const guint8 *data, gsize size)
{
  GString *text = g_string_sized_new (2 * size);

  for (gsize i = 0; i < size; i++)
    g_string_append_printf (text, "%02x", data[i]);
  return g_string_free (text, FALSE);
}

/* (transfer full): the value of the header “Authorization” */
char *
reprise_s3_sign (const RepriseS3Signing *signing)
{
  g_autofree char *names = join_names (signing);
  g_autofree char *hash = hash_request (signing, names);
  g_autofree char *scope =
    g_strdup_printf ("%.*s/%s/s3/aws4_request", DATE_BYTES, signing->time, signing->region);
  g_autofree char *text = g_strdup_printf (ALGORITHM "\n%s\n%s\n%s", signing->time, scope, hash);
  g_autofree char *signature = NULL;
  guint8 digest[EVP_MAX_MD_SIZE];

  digest_text (signing->key, REPRISE_S3_KEY_BYTES, text, strlen (text), digest);
  signature = to_hex (digest, REPRISE_S3_KEY_BYTES);
  return g_strdup_printf (ALGORITHM " Credential=%s/%s,SignedHeaders=%s,Signature=%s",
                          signing->key_id, scope, names, signature);
}
