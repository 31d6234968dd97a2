/* reprise-http-body.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

#include "net/reprise-http-request.h"

G_BEGIN_DECLS

/**
 * RepriseHttpBody:
 *
 * The body of a request: pieces one after the other, each of a known size, that can be opened anew for every try.
 * Immutable once it is sent; any thread.
 */
typedef struct _RepriseHttpBody RepriseHttpBody;

RepriseHttpBody *reprise_http_body_new (void);
RepriseHttpBody *reprise_http_body_ref (RepriseHttpBody *self);
void reprise_http_body_unref (RepriseHttpBody *self);
void reprise_http_body_add_bytes (RepriseHttpBody *self, GBytes *bytes);
void reprise_http_body_add_text (RepriseHttpBody *self, const char *text);
void reprise_http_body_add_stream (RepriseHttpBody *self,
                                   guint64 size_bytes,
                                   RepriseHttpOpen open,
                                   gpointer user_data,
                                   GDestroyNotify destroy);
guint64 reprise_http_body_get_size (RepriseHttpBody *self);
GBytes *reprise_http_body_get_bytes (RepriseHttpBody *self);
guint reprise_http_body_get_n_pieces (RepriseHttpBody *self);
GInputStream *reprise_http_body_open_piece (RepriseHttpBody *self,
                                            guint index,
                                            guint64 *size_bytes,
                                            GCancellable *cancellable,
                                            GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RepriseHttpBody, reprise_http_body_unref)

G_END_DECLS
