/* reprise-websocket.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

#include "net/reprise-http.h"

G_BEGIN_DECLS

/**
 * RepriseWebsocket:
 *
 * Listens to a web socket: its text messages wait in a queue until a worker takes them. Nothing is ever sent, and a
 * connection that ends is not made again.
 */
#define REPRISE_TYPE_WEBSOCKET (reprise_websocket_get_type ())

G_DECLARE_FINAL_TYPE (RepriseWebsocket, reprise_websocket, REPRISE, WEBSOCKET, GObject)

RepriseWebsocket *reprise_websocket_open (RepriseHttp *http,
                                          RepriseHttpRequest *request,
                                          GCancellable *cancellable,
                                          GError **error);
char *reprise_websocket_take (RepriseWebsocket *self, guint timeout_ms, GCancellable *cancellable);
gboolean reprise_websocket_is_open (RepriseWebsocket *self);
guint reprise_websocket_get_n_dropped (RepriseWebsocket *self);
void reprise_websocket_close (RepriseWebsocket *self);

G_END_DECLS
