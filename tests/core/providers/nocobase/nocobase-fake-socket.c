/* nocobase-fake-socket.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "providers/nocobase/nocobase-fake-private.h"

#define ACCEPT_SUFFIX "258EAFA5-E914-47DA-95CA-C5AB0DC85B11" /* RFC 6455 §1.3 */

/* --- the web socket --- */

static void
shake_hands (RepriseFaultCall *call)
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

static gboolean
write_frame (RepriseFaultCall *call, const char *text)
{
  gsize size = strlen (text);
  guint8 head[4] = { 0x81, (guint8) size, 0, 0 };

  if (size > 125)
    {
      head[1] = 126;
      head[2] = (guint8) (size >> 8);
      head[3] = (guint8) size;
    }
  return reprise_fault_write (call, head, size > 125 ? 4 : 2) &&
         reprise_fault_write (call, text, size);
}

static char *
take_spoken (NocobaseFakePrivate *self)
{
  char *text;

  g_mutex_lock (&self->mutex);
  text = self->spoken->len > 0 ? g_ptr_array_steal_index (self->spoken, 0) : NULL;
  g_mutex_unlock (&self->mutex);
  return text;
}

/* Says what there is to say, until the other side ends it. */
void
nocobase_fake_serve_socket (NocobaseFakePrivate *self, RepriseFaultCall *call)
{
  shake_hands (call);
  while (g_socket_condition_check (call->socket, G_IO_IN | G_IO_HUP) == 0)
    {
      g_autofree char *text = take_spoken (self);

      if (text == NULL)
        reprise_fault_sleep (call, 5);
      else if (!write_frame (call, text))
        break;
    }
  reprise_fault_close (call);
}

void
nocobase_fake_speak (NocobaseFakePrivate *self, const char *text)
{
  g_mutex_lock (&self->mutex);
  g_ptr_array_add (self->spoken, g_strdup (text));
  g_mutex_unlock (&self->mutex);
}
