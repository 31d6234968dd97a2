/* reprise-http-trust.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include <openssl/x509v3.h>

#include "net/reprise-http-trust.h"
#include "net/reprise-net-thread.h"

#define MAX_CONNECTIONS          64
#define MAX_CONNECTIONS_PER_HOST 16 /* libsoup's own is 2 */
#define IDLE_SECONDS             4 /* less than the 5 s after which Node's servers close an idle connection */

/*
 * Trusts nobody. libsoup asks about a certificate only when its chain is not valid; with this database none ever is,
 * so the session of a pin is always asked.
 */
#define REPRISE_TYPE_DISTRUST (reprise_distrust_get_type ())

G_DECLARE_FINAL_TYPE (RepriseDistrust, reprise_distrust, REPRISE, DISTRUST, GTlsDatabase)

struct _RepriseDistrust
{
  GTlsDatabase parent_instance;
};

G_DEFINE_FINAL_TYPE (RepriseDistrust, reprise_distrust, G_TYPE_TLS_DATABASE)

static GTlsCertificateFlags
distrust_verify_chain (GTlsDatabase *self,
                       GTlsCertificate *chain,
                       const gchar *purpose,
                       GSocketConnectable *identity,
                       GTlsInteraction *interaction,
                       GTlsDatabaseVerifyFlags flags,
                       GCancellable *cancellable,
                       GError **error)
{
  return G_TLS_CERTIFICATE_UNKNOWN_CA;
}

static void
reprise_distrust_class_init (RepriseDistrustClass *klass)
{
  G_TLS_DATABASE_CLASS (klass)->verify_chain = distrust_verify_chain;
}

static void
reprise_distrust_init (RepriseDistrust *self)
{
}

static GHashTable *sessions; /* (owned) (element-type utf8 SoupSession); on the net thread */

/* libsoup 3.2 sends again what went out on a connection that turned out to be dead, and may then be told the end of the first
 * try as well. It says so as if somebody had erred, and ignores it: so do we. */
static void
soup_log_cb (const char *domain, GLogLevelFlags level, const char *message, gpointer data)
{
  if (strstr (message, "async_send_request_return_result") == NULL)
    g_log_default_handler (domain, level, message, data);
}

static SoupSession *
make_session (const char *pin)
{
  static gsize quiet;
  SoupSession *session = soup_session_new_with_options (
    "max-conns", MAX_CONNECTIONS, "max-conns-per-host", MAX_CONNECTIONS_PER_HOST, "timeout", 0,
    "idle-timeout", IDLE_SECONDS, "user-agent", "Reprise/" PACKAGE_VERSION, NULL);

  if (g_once_init_enter (&quiet))
    g_once_init_leave (
      &quiet,
      g_log_set_handler ("libsoup", G_LOG_LEVEL_CRITICAL | G_LOG_FLAG_FATAL, soup_log_cb, NULL));
  soup_session_remove_feature_by_type (session, SOUP_TYPE_CONTENT_DECODER);
  soup_session_remove_feature_by_type (session, SOUP_TYPE_AUTH_MANAGER);
  if (pin != NULL)
    {
      g_autoptr (GTlsDatabase) nobody = g_object_new (REPRISE_TYPE_DISTRUST, NULL);

      soup_session_set_tls_database (session, nobody);
    }
  return session;
}

/**
 * reprise_http_trust_get_session:
 * @pin: (nullable): the SHA-256 of the one certificate to trust, or %NULL for the system's authorities
 *
 * Returns: (transfer none): the session, which lives as long as the process
 */
SoupSession *
reprise_http_trust_get_session (const char *pin)
{
  const char *key = pin != NULL ? pin : "";
  SoupSession *session;

  g_assert (reprise_net_is_current ());
  if (sessions == NULL)
    sessions = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_object_unref);
  session = g_hash_table_lookup (sessions, key);
  if (session == NULL)
    {
      session = make_session (pin);
      g_hash_table_insert (sessions, g_strdup (key), session);
    }
  return session;
}

/* Asked by libsoup where the chain is not valid; the session of a pin is always asked. */
static gboolean
accept_certificate_cb (SoupMessage *message,
                       GTlsCertificate *certificate,
                       GTlsCertificateFlags flags,
                       RepriseTrustWatch *watch)
{
  g_autofree char *fingerprint = reprise_http_trust_fingerprint (certificate);

  if (watch->pin != NULL && g_strcmp0 (fingerprint, watch->pin) == 0)
    return TRUE;
  g_clear_pointer (&watch->refused, reprise_http_certificate_free);
  watch->refused = reprise_http_trust_describe (certificate, flags, watch->name, watch->pin);
  return FALSE;
}

/* Whether a certificate may be shown by a server at all (RFC 5280 §4.2.1.12), which GnuTLS is not asked to check */
static gboolean
is_for_servers (GTlsCertificate *certificate)
{
  g_autoptr (GByteArray) der = NULL;
  const unsigned char *data;
  X509 *x509;
  gboolean fits;

  g_object_get (certificate, "certificate", &der, NULL);
  if (der == NULL)
    return FALSE;
  data = der->data;
  x509 = d2i_X509 (NULL, &data, (long) der->len);
  fits = x509 != NULL && X509_check_purpose (x509, X509_PURPOSE_SSL_SERVER, 0) == 1;
  X509_free (x509);
  return fits;
}

/* A second look at the certificate, before a byte of the request goes out. */
static void
check_handshake (RepriseTrustWatch *watch, SoupMessage *message, GTlsConnection *connection)
{
  GTlsCertificate *certificate = g_tls_connection_get_peer_certificate (connection);
  g_autofree char *fingerprint =
    certificate != NULL ? reprise_http_trust_fingerprint (certificate) : NULL;

  if (watch->pin != NULL ? g_strcmp0 (fingerprint, watch->pin) == 0
                         : certificate != NULL && is_for_servers (certificate))
    return;
  soup_message_headers_clear (soup_message_get_request_headers (message));
  if (certificate != NULL && watch->refused == NULL)
    watch->refused = reprise_http_trust_describe (certificate, 0, watch->name, watch->pin);
  watch->rejected (watch->user_data);
}

static void
network_event_cb (SoupMessage *message,
                  GSocketClientEvent event,
                  GIOStream *connection,
                  RepriseTrustWatch *watch)
{
  /* HTTP/1.1 alone: libsoup 3.2's HTTP/2 is young, and a transfer gains nothing from it */
  static const char *const protocols[] = { "http/1.1", NULL };

  if (event == G_SOCKET_CLIENT_TLS_HANDSHAKING && G_IS_TLS_CONNECTION (connection))
    g_tls_connection_set_advertised_protocols (G_TLS_CONNECTION (connection), protocols);
  else if (event == G_SOCKET_CLIENT_TLS_HANDSHAKED && G_IS_TLS_CONNECTION (connection))
    check_handshake (watch, message, G_TLS_CONNECTION (connection));
}

void
reprise_http_trust_watch (RepriseTrustWatch *watch, SoupMessage *message)
{
  g_signal_connect (message, "accept-certificate", G_CALLBACK (accept_certificate_cb), watch);
  g_signal_connect (message, "network-event", G_CALLBACK (network_event_cb), watch);
}

void
reprise_http_trust_unwatch (RepriseTrustWatch *watch, SoupMessage *message)
{
  g_signal_handlers_disconnect_by_data (message, watch);
}
