/* reprise-deflate.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include <zlib.h>

#include "archive/reprise-deflate.h"

#define BLOCK_BYTES  (256 * 1024)
#define WINDOW_BYTES (32 * 1024) /* how far back deflate refers: RFC 1951, section 2 */
#define MAX_THREADS  4
#define FLUSH_BYTES \
  16 /* an empty stored block, which ends all but the last on a byte, and some to spare */

/* One block, in turn being filled, packed, and waiting to be written. */
typedef struct
{
  guint8 window[WINDOW_BYTES]; /* the end of the block before */
  gsize window_size;
  guint8 data[BLOCK_BYTES];
  gsize size;
  gboolean is_last;

  guint8 *packed; /* (owned) */
  gsize packed_size;
  guint32 crc;
  gboolean is_packed; /* guarded by the mutex; the worker's part is done */
} Block;

struct _RepriseDeflate
{
  int level;
  RepriseDeflateFunc func;
  gpointer user_data;
  z_stream stream; /* of the thread that writes */
  gsize max_packed;

  Block **blocks; /* (owned) (array length=n_blocks): a ring */
  guint n_blocks;
  guint64 n_filled;  /* blocks of the stream handed to the threads, or packed */
  guint64 n_written; /* of them */
  guint32 crc;       /* of what is written */

  GThread *
    *threads; /* (owned) (array length=n_threads) (nullable): begun with the first second block */
  guint n_threads;
  GMutex mutex; /* guards what follows */
  GCond filled;
  GCond packed;
  guint64 n_taken; /* blocks that threads have taken */
  guint64 n_ready; /* blocks that they may take */
  gboolean quit;
};

static void
init_stream (RepriseDeflate *self, z_stream *stream)
{
  if (deflateInit2 (stream, self->level, Z_DEFLATED, -MAX_WBITS, MAX_MEM_LEVEL - 1,
                    Z_DEFAULT_STRATEGY) != Z_OK)
    g_error ("zlib does not deflate");
}

static Block *
block_new (gsize max_packed)
{
  Block *block = g_new0 (Block, 1);

  block->packed = g_malloc (max_packed);
  return block;
}

static void
block_free (Block *block)
{
  g_free (block->packed);
  g_free (block);
}

/**
 * reprise_deflate_new:
 * @level: 1 to 9
 * @func: takes what is packed
 */
RepriseDeflate *
reprise_deflate_new (int level, RepriseDeflateFunc func, gpointer user_data)
{
  RepriseDeflate *self = g_new0 (RepriseDeflate, 1);

  self->level = level;
  self->func = func;
  self->user_data = user_data;
  init_stream (self, &self->stream);
  self->max_packed = deflateBound (&self->stream, BLOCK_BYTES) + FLUSH_BYTES;
  self->n_threads = CLAMP (g_get_num_processors (), 1, MAX_THREADS);
  self->n_blocks = 2 * self->n_threads + 1;
  self->blocks = g_new0 (Block *, self->n_blocks);
  self->blocks[0] = block_new (self->max_packed);
  g_mutex_init (&self->mutex);
  g_cond_init (&self->filled);
  g_cond_init (&self->packed);
  return self;
}

static void
stop_threads (RepriseDeflate *self)
{
  if (self->threads == NULL)
    return;
  g_mutex_lock (&self->mutex);
  self->quit = TRUE;
  g_cond_broadcast (&self->filled);
  g_mutex_unlock (&self->mutex);
  for (guint i = 0; i < self->n_threads; i++)
    g_thread_join (self->threads[i]);
  g_free (self->threads);
}

/* Also in the middle of a stream. */
void
reprise_deflate_free (RepriseDeflate *self)
{
  stop_threads (self);
  for (guint i = 0; i < self->n_blocks; i++)
    g_clear_pointer (&self->blocks[i], block_free);
  g_free (self->blocks);
  deflateEnd (&self->stream);
  g_mutex_clear (&self->mutex);
  g_cond_clear (&self->filled);
  g_cond_clear (&self->packed);
  g_free (self);
}

static void
pack_block (z_stream *stream, Block *block, gsize max_packed)
{
  deflateReset (stream);
  if (block->window_size > 0)
    deflateSetDictionary (stream, block->window, (guint) block->window_size);
  stream->next_in = block->data;
  stream->avail_in = (guint) block->size;
  stream->next_out = block->packed;
  stream->avail_out = (guint) max_packed;
  deflate (stream, block->is_last ? Z_FINISH : Z_SYNC_FLUSH);
  g_assert (stream->avail_in == 0 && stream->avail_out > 0);
  block->packed_size = max_packed - stream->avail_out;
  block->crc = (guint32) crc32 (crc32 (0, NULL, 0), block->data, (guint) block->size);
}

/* (nullable): the next block to pack, when there is one; %NULL when there will be none */
static Block *
take_block (RepriseDeflate *self)
{
  Block *block = NULL;

  g_mutex_lock (&self->mutex);
  while (!self->quit && self->n_taken == self->n_ready)
    g_cond_wait (&self->filled, &self->mutex);
  if (!self->quit)
    block = self->blocks[self->n_taken++ % self->n_blocks];
  g_mutex_unlock (&self->mutex);
  return block;
}

static gpointer
deflate_worker (gpointer data)
{
  RepriseDeflate *self = data;
  z_stream stream = { 0 };
  Block *block;

  init_stream (self, &stream);
  while ((block = take_block (self)) != NULL)
    {
      pack_block (&stream, block, self->max_packed);
      g_mutex_lock (&self->mutex);
      block->is_packed = TRUE;
      g_cond_signal (&self->packed);
      g_mutex_unlock (&self->mutex);
    }
  deflateEnd (&stream);
  return NULL;
}

static void
start_threads (RepriseDeflate *self)
{
  if (self->threads != NULL)
    return;
  for (guint i = 1; i < self->n_blocks; i++)
    self->blocks[i] = block_new (self->max_packed);
  self->threads = g_new0 (GThread *, self->n_threads);
  for (guint i = 0; i < self->n_threads; i++)
    self->threads[i] = g_thread_new ("deflate", deflate_worker, self);
}

static Block *
current_block (RepriseDeflate *self)
{
  return self->blocks[self->n_filled % self->n_blocks];
}

static gboolean
write_block (RepriseDeflate *self, Block *block, GError **error)
{
  self->n_written++;
  self->crc = (guint32) crc32_combine (self->crc, block->crc, (z_off_t) block->size);
  return self->func (block->packed, block->packed_size, self->user_data, error);
}

/* The oldest block that is not written yet. */
static gboolean
write_oldest (RepriseDeflate *self, GError **error)
{
  Block *block = self->blocks[self->n_written % self->n_blocks];

  g_mutex_lock (&self->mutex);
  while (!block->is_packed)
    g_cond_wait (&self->packed, &self->mutex);
  g_mutex_unlock (&self->mutex);
  return write_block (self, block, error);
}

/* Hands the current block to the threads. */
static void
hand_over (RepriseDeflate *self)
{
  start_threads (self);
  g_mutex_lock (&self->mutex);
  current_block (self)->is_packed = FALSE;
  self->n_ready++;
  g_cond_signal (&self->filled);
  g_mutex_unlock (&self->mutex);
  self->n_filled++;
}

/* Makes the block after the current one the current one. */
static gboolean
go_on (RepriseDeflate *self, GError **error)
{
  const Block *before = current_block (self);
  Block *block;

  hand_over (self);
  if (self->n_filled - self->n_written == self->n_blocks && !write_oldest (self, error))
    return FALSE;
  block = current_block (self);
  block->window_size = MIN (before->size, WINDOW_BYTES);
  memcpy (block->window, before->data + before->size - block->window_size, block->window_size);
  block->size = 0;
  block->is_last = FALSE;
  return TRUE;
}

/* The next bytes of the stream; else what @func reports, and then it can only be freed. */
gboolean
reprise_deflate_write (RepriseDeflate *self, const guint8 *data, gsize size, GError **error)
{
  while (size > 0)
    {
      Block *block = current_block (self);
      gsize part = MIN (size, BLOCK_BYTES - block->size);

      if (part == 0)
        {
          if (!go_on (self, error))
            return FALSE;
          continue;
        }
      memcpy (block->data + block->size, data, part);
      block->size += part;
      data += part;
      size -= part;
    }
  return TRUE;
}

/* The next stream begins in the first block: threads and writer count from the same one. */
static void
begin_again (RepriseDeflate *self)
{
  self->n_filled = self->n_written = 0;
  g_mutex_lock (&self->mutex);
  self->n_taken = self->n_ready = 0;
  g_mutex_unlock (&self->mutex);
  self->blocks[0]->window_size = 0;
  self->blocks[0]->size = 0;
  self->blocks[0]->is_last = FALSE;
  self->crc = 0;
}

/**
 * reprise_deflate_end:
 * @crc: (out): the CRC-32 of the plain bytes
 *
 * Ends the stream. What is written next begins another.
 */
gboolean
reprise_deflate_end (RepriseDeflate *self, guint32 *crc, GError **error)
{
  current_block (self)->is_last = TRUE;
  if (self->n_filled == 0)
    {
      pack_block (&self->stream, self->blocks[0], self->max_packed);
      if (!write_block (self, self->blocks[0], error))
        return FALSE;
    }
  else
    {
      hand_over (self);
      while (self->n_written < self->n_filled)
        if (!write_oldest (self, error))
          return FALSE;
    }
  *crc = self->crc;
  begin_again (self);
  return TRUE;
}
