/* reprise-test-websocket.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "reprise-test-websocket.h"

#define ACCEPT_SUFFIX "258EAFA5-E914-47DA-95CA-C5AB0DC85B11" /* RFC 6455 §1.3 */

/* Answers the handshake of RFC 6455 §4.2.2. */
void
reprise_test_websocket_shake_hands (RepriseFaultCall *call)
{
  g_autofree char *key = reprise_fault_call_dup_header (call, "Sec-WebSocket-Key");
  g_autofree char *text = g_strconcat (key, ACCEPT_SUFFIX, NULL);
  g_autoptr (GChecksum) sha1 = g_checksum_new (G_CHECKSUM_SHA1);
  guint8 digest[20];
  gsize size = sizeof digest;
  g_autofree char *accept = NULL;

  g_checksum_update (sha1, (const guchar *) text, -1);
  g_checksum_get_digest (sha1, digest, &size);
  accept = g_base64_encode (digest, size);
  reprise_fault_print (
    call,
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Accept: %s\r\n\r\n",
    accept);
}
