/* reprise-http-certificate.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/reprise-error.h"
#include "base/reprise-hash.h"
#include "net/reprise-http-certificate.h"
#include "net/reprise-http-trust.h"

void
reprise_http_certificate_free (RepriseHttpCertificate *self)
{
  g_free (self->host);
  g_free (self->subject);
  g_free (self->issuer);
  g_clear_pointer (&self->not_before, g_date_time_unref);
  g_clear_pointer (&self->not_after, g_date_time_unref);
  g_free (self->sha256);
  g_free (self->pinned_sha256);
  g_free (self->problem);
  g_free (self);
}

/**
 * reprise_http_pin_normalise:
 * @pin: a SHA-256, with or without colons, in any case
 *
 * Returns: (transfer full): 64 lowercase hexadecimal digits, or %NULL with %REPRISE_ERROR_INVALID
 */
char *
reprise_http_pin_normalise (const char *pin, GError **error)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (const char *c = pin; *c != '\0'; c++)
    if (g_ascii_isxdigit (*c))
      g_string_append_c (text, g_ascii_tolower (*c));
    else if (*c != ':' && *c != ' ')
      {
        text->len = 0;
        break;
      }
  if (text->len != REPRISE_HASH_HEX_LENGTH)
    {
      reprise_error_set_literal (
        error, REPRISE_ERROR, REPRISE_ERROR_INVALID,
        _ ("The fingerprint of a certificate is its SHA-256: 64 digits and letters from a to f."));
      return NULL;
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* (transfer full): as people compare it: pairs with colons, in capitals */
char *
reprise_http_pin_to_text (const char *sha256)
{
  GString *text = g_string_new (NULL);

  for (gsize i = 0; sha256[i] != '\0'; i++)
    {
      if (i > 0 && i % 2 == 0)
        g_string_append_c (text, ':');
      g_string_append_c (text, g_ascii_toupper (sha256[i]));
    }
  return g_string_free (text, FALSE);
}

/* (transfer full): the SHA-256 of a certificate, in hexadecimal digits */
char *
reprise_http_trust_fingerprint (GTlsCertificate *certificate)
{
  g_autoptr (GByteArray) der = NULL;

  g_object_get (certificate, "certificate", &der, NULL);
  return der != NULL ? reprise_hash_bytes (der->data, der->len) : g_strdup ("");
}

static const char *
problem_sentence (GTlsCertificateFlags flags)
{
  if (flags & G_TLS_CERTIFICATE_REVOKED)
    return _ ("It was revoked.");
  if (flags & G_TLS_CERTIFICATE_BAD_IDENTITY)
    return _ ("It is made out to another name.");
  if (flags & G_TLS_CERTIFICATE_EXPIRED)
    return _ ("It has expired.");
  if (flags & G_TLS_CERTIFICATE_NOT_ACTIVATED)
    return _ ("It is not valid yet.");
  if (flags & G_TLS_CERTIFICATE_INSECURE)
    return _ ("It is made with a method that is no longer safe.");
  if (flags & G_TLS_CERTIFICATE_UNKNOWN_CA)
    return _ ("Nobody that this computer trusts vouches for it.");
  return _ ("This computer does not accept it.");
}

/* (transfer full): what there is to say about a certificate */
RepriseHttpCertificate *
reprise_http_trust_describe (GTlsCertificate *certificate,
                             GTlsCertificateFlags flags,
                             const char *host,
                             const char *pin)
{
  RepriseHttpCertificate *self = g_new0 (RepriseHttpCertificate, 1);

  self->host = g_strdup (host);
  self->subject = g_tls_certificate_get_subject_name (certificate);
  self->issuer = g_tls_certificate_get_issuer_name (certificate);
  self->not_before = g_tls_certificate_get_not_valid_before (certificate);
  self->not_after = g_tls_certificate_get_not_valid_after (certificate);
  self->sha256 = reprise_http_trust_fingerprint (certificate);
  self->pinned_sha256 = g_strdup (pin);
  self->problem =
    g_strdup (pin != NULL ? _ ("It is not the one that was confirmed for this service.")
                          : problem_sentence (flags));
  return self;
}

static char *
date_text (GDateTime *time)
{
  return time != NULL ? g_date_time_format (time, "%F") : g_strdup ("?");
}

/**
 * reprise_http_trust_set_error:
 *
 * Says that @certificate was not accepted: %REPRISE_ERROR_REFUSED, since nothing was sent.
 */
void
reprise_http_trust_set_error (GError **error, const RepriseHttpCertificate *certificate)
{
  g_autofree char *fingerprint = reprise_http_pin_to_text (certificate->sha256);
  g_autofree char *from = date_text (certificate->not_before);
  g_autofree char *until = date_text (certificate->not_after);
  const char *subject = certificate->subject != NULL ? certificate->subject : _ ("nobody");

  if (certificate->pinned_sha256 != NULL)
    {
      g_autofree char *pinned = reprise_http_pin_to_text (certificate->pinned_sha256);

      reprise_error_set (
        error, REPRISE_ERROR, REPRISE_ERROR_REFUSED,
        /* Translators: host, whom the certificate names, two dates, two long fingerprints */
        _ ("%s shows another certificate than the one that was confirmed for this service, so "
           "nothing was "
           "sent. Now: %s, valid from %s to %s, SHA-256 %s. Confirmed: SHA-256 %s. Ask the "
           "administrator of "
           "the server before you confirm the new one."),
        certificate->host, subject, from, until, fingerprint, pinned);
    }
  else
    reprise_error_set (
      error, REPRISE_ERROR, REPRISE_ERROR_REFUSED,
      /* Translators: host, a sentence about what is wrong, whom the certificate names, two dates, a fingerprint */
      _ ("The certificate of %s was not accepted, so nothing was sent. %s It names %s, is valid "
         "from %s to "
         "%s and has the SHA-256 %s. If the administrator of the server confirms this fingerprint, "
         "the "
         "service can be bound to exactly this certificate."),
      certificate->host, certificate->problem, subject, from, until, fingerprint);
}
