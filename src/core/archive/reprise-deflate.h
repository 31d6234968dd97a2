/* reprise-deflate.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * RepriseDeflateFunc:
 *
 * Takes packed bytes, in order, in the thread that writes.
 *
 * Returns: whether to go on; else @error is set
 */
typedef gboolean (*RepriseDeflateFunc) (const guint8 *data,
                                        gsize size,
                                        gpointer user_data,
                                        GError **error);

/**
 * RepriseDeflate:
 *
 * Packs streams with deflate (RFC 1951), one after the other, in several threads: a stream is cut into blocks, each of which begins
 * with what it may refer to of the one before, so that the parts together are one ordinary stream. The result does not depend on the
 * number of threads. A stream of one block is packed in the thread that writes. Memory is fixed.
 */
typedef struct _RepriseDeflate RepriseDeflate;

RepriseDeflate *reprise_deflate_new (int level, RepriseDeflateFunc func, gpointer user_data);
void reprise_deflate_free (RepriseDeflate *self);

gboolean reprise_deflate_write (RepriseDeflate *self,
                                const guint8 *data,
                                gsize size,
                                GError **error);
gboolean reprise_deflate_end (RepriseDeflate *self, guint32 *crc, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RepriseDeflate, reprise_deflate_free)

G_END_DECLS
