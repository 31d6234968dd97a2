/* nocobase-fake-socket.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "providers/nocobase/nocobase-fake-private.h"
#include "reprise-test-websocket.h"

/* --- the web socket --- */

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
  reprise_test_websocket_shake_hands (call);
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
