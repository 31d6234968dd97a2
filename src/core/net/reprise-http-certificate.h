/* reprise-http-certificate.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * RepriseHttpCertificate:
 * @host: the server, as people are told of it
 * @subject: (nullable): whom the certificate names
 * @issuer: (nullable): who vouches for it
 * @not_before: (nullable): the beginning of its validity
 * @not_after: (nullable): and the end
 * @sha256: of the certificate (DER), 64 lowercase hexadecimal digits: what a pin is
 * @pinned_sha256: (nullable): the pin that the service had instead, if it had one
 * @problem: what is wrong with it, a sentence
 *
 * A certificate that was not accepted. Immutable.
 */
typedef struct
{
  char *host;
  char *subject;
  char *issuer;
  GDateTime *not_before;
  GDateTime *not_after;
  char *sha256;
  char *pinned_sha256;
  char *problem;
} RepriseHttpCertificate;

void reprise_http_certificate_free (RepriseHttpCertificate *self);

char *reprise_http_pin_normalise (const char *pin, GError **error);
char *reprise_http_pin_to_text (const char *sha256);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RepriseHttpCertificate, reprise_http_certificate_free)

G_END_DECLS
