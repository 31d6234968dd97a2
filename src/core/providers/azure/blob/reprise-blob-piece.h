/* reprise-blob-piece.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * RepriseBlobPiece:
 *
 * A piece of a file that is sent: read while it goes out, in a thread of the upload, and its check sum taken along where
 * that is wanted. Any thread.
 */
typedef struct _RepriseBlobPiece RepriseBlobPiece;

RepriseBlobPiece *reprise_blob_piece_new (const char *path,
                                          guint64 offset,
                                          gsize size,
                                          gboolean takes_crc);
RepriseBlobPiece *reprise_blob_piece_ref (RepriseBlobPiece *self);
void reprise_blob_piece_unref (gpointer self);
GInputStream *reprise_blob_piece_open (gpointer self, GCancellable *cancellable, GError **error);
gboolean reprise_blob_piece_get_crc (RepriseBlobPiece *self, guint64 *crc);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RepriseBlobPiece, reprise_blob_piece_unref)

G_END_DECLS
