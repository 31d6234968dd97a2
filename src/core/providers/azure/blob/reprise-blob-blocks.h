/* reprise-blob-blocks.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * RepriseBlobBlocks:
 *
 * How a file is cut into the blocks that become a blob. Each costs the storage some time of its own, and one that a broken connection
 * loses is sent again: so they are as large as the line carries in about two seconds. What an earlier upload left lies where it lay. Any
 * thread.
 */
typedef struct _RepriseBlobBlocks RepriseBlobBlocks;

/**
 * RepriseBlobBlock:
 * @index: its place in the blob
 */
typedef struct
{
  guint index;
  guint64 offset;
  gsize size;
} RepriseBlobBlock;

RepriseBlobBlocks *reprise_blob_blocks_new (guint64 size_bytes, gsize min_bytes, gsize max_bytes);
void reprise_blob_blocks_free (RepriseBlobBlocks *self);

void reprise_blob_blocks_keep (RepriseBlobBlocks *self, guint64 offset, guint64 size);
gboolean reprise_blob_blocks_next (RepriseBlobBlocks *self, RepriseBlobBlock *block);
void reprise_blob_blocks_adapt (RepriseBlobBlocks *self, gsize size, gint64 took_us);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RepriseBlobBlocks, reprise_blob_blocks_free)

G_END_DECLS
