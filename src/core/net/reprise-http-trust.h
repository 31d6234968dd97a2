/* reprise-http-trust.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <libsoup/soup.h>

#include "net/reprise-http-certificate.h"

G_BEGIN_DECLS

/* Sessions, one per trust: the system's authorities, or exactly one certificate. On the net thread. */

SoupSession *reprise_http_trust_get_session (const char *pin);

/**
 * RepriseTrustWatch:
 * @name: the server, as people are told of it
 * @pin: (nullable): the certificate to trust
 * @refused: (owned) (nullable): the certificate that was not accepted
 * @rejected: called when a connection that had been made is not to be used
 *
 * Stands over the connection of one message, on the net thread. It lives at least as long as the message is sent.
 */
typedef struct
{
  const char *name;
  const char *pin;
  RepriseHttpCertificate *refused;
  void (*rejected) (gpointer user_data);
  gpointer user_data;
} RepriseTrustWatch;

void reprise_http_trust_watch (RepriseTrustWatch *watch, SoupMessage *message);
void reprise_http_trust_unwatch (RepriseTrustWatch *watch, SoupMessage *message);

/* Any thread. */

char *reprise_http_trust_fingerprint (GTlsCertificate *certificate);
RepriseHttpCertificate *reprise_http_trust_describe (GTlsCertificate *certificate,
                                                     GTlsCertificateFlags flags,
                                                     const char *host,
                                                     const char *pin);
void reprise_http_trust_set_error (GError **error, const RepriseHttpCertificate *certificate);

G_END_DECLS
