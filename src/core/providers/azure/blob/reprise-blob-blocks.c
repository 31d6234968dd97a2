/* reprise-blob-blocks.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "providers/azure/blob/reprise-blob-blocks.h"

#define MAX_BLOCKS     50000 /* of a blob, as Azure has it */
#define TARGET_SECONDS 2
#define WANTED_BLOCKS  16 /* so that all who send have something to do until the end */

typedef struct
{
  guint64 offset;
  guint64 size;
} Kept;

struct _RepriseBlobBlocks
{
  /* none of these changes */
  guint64 size_bytes;
  gsize min_bytes; /* all sizes are this by a power of two, but for the last block */
  gsize max_bytes;

  GMutex mutex; /* guards: */
  GArray *kept; /* (owned) (element-type Kept): by offset once sorted */
  gboolean sorted;
  guint kept_at; /* of those that may still come */
  guint64 at;
  guint n_blocks;
  gsize wanted_bytes;
};

/**
 * reprise_blob_blocks_new:
 * @size_bytes: of the file
 * @min_bytes: of a block, on a slow line
 * @max_bytes: of a block, on a fast one; a file that needs it gets larger ones
 */
RepriseBlobBlocks *
reprise_blob_blocks_new (guint64 size_bytes, gsize min_bytes, gsize max_bytes)
{
  RepriseBlobBlocks *self = g_new0 (RepriseBlobBlocks, 1);

  self->size_bytes = size_bytes;
  self->min_bytes = min_bytes;
  while (size_bytes / self->min_bytes >= MAX_BLOCKS)
    self->min_bytes *= 2;
  self->max_bytes = self->min_bytes;
  while (self->max_bytes * 2 <= MIN (max_bytes, size_bytes / WANTED_BLOCKS))
    self->max_bytes *= 2;
  self->wanted_bytes = self->min_bytes;
  self->kept = g_array_new (FALSE, FALSE, sizeof (Kept));
  g_mutex_init (&self->mutex);
  return self;
}

void
reprise_blob_blocks_free (RepriseBlobBlocks *self)
{
  g_array_unref (self->kept);
  g_mutex_clear (&self->mutex);
  g_free (self);
}

static gint
compare_kept (gconstpointer a, gconstpointer b)
{
  guint64 first = ((const Kept *) a)->offset;
  guint64 second = ((const Kept *) b)->offset;

  return (first > second) - (first < second);
}

/**
 * reprise_blob_blocks_keep:
 *
 * Lets a block begin and end where one of an earlier upload does, before the first is taken. What cannot be one of this file is passed
 * over.
 */
void
reprise_blob_blocks_keep (RepriseBlobBlocks *self, guint64 offset, guint64 size)
{
  Kept kept = { offset, size };
  gboolean fits = offset < self->size_bytes && size > 0 && size <= self->max_bytes &&
                  size <= self->size_bytes - offset && offset % self->min_bytes == 0;

  if (!fits || (size % self->min_bytes != 0 && offset + size != self->size_bytes))
    return;
  g_mutex_lock (&self->mutex);
  g_array_append_val (self->kept, kept);
  self->sorted = FALSE;
  g_mutex_unlock (&self->mutex);
}

/* With the mutex held. (nullable): the first that lies here or later */
static const Kept *
find_kept (RepriseBlobBlocks *self)
{
  if (!self->sorted)
    g_array_sort (self->kept, compare_kept);
  self->sorted = TRUE;
  while (self->kept_at < self->kept->len &&
         g_array_index (self->kept, Kept, self->kept_at).offset < self->at)
    self->kept_at++;
  return self->kept_at < self->kept->len ? &g_array_index (self->kept, Kept, self->kept_at) : NULL;
}

/* With the mutex held */
static guint64
choose_size (RepriseBlobBlocks *self)
{
  const Kept *kept = find_kept (self);
  guint64 left = self->size_bytes - self->at;

  if (kept != NULL && kept->offset == self->at)
    return kept->size;
  if (kept != NULL)
    left = kept->offset - self->at;
  return MIN (left, self->wanted_bytes);
}

/**
 * reprise_blob_blocks_next:
 * @block: (out): the next one, in the order of the file
 *
 * Returns: %FALSE where there is none left
 */
gboolean
reprise_blob_blocks_next (RepriseBlobBlocks *self, RepriseBlobBlock *block)
{
  gboolean any;

  g_mutex_lock (&self->mutex);
  any = self->at < self->size_bytes;
  if (any)
    {
      block->index = self->n_blocks++;
      block->offset = self->at;
      block->size = (gsize) choose_size (self);
      self->at += block->size;
    }
  g_mutex_unlock (&self->mutex);
  return any;
}

/**
 * reprise_blob_blocks_adapt:
 * @size: of a block that was sent
 * @took_us: how long that took
 *
 * Makes those to come as large as goes through in about two seconds.
 */
void
reprise_blob_blocks_adapt (RepriseBlobBlocks *self, gsize size, gint64 took_us)
{
  guint64 goal = (guint64) size * TARGET_SECONDS * G_USEC_PER_SEC / (guint64) MAX (took_us, 1);
  gsize wanted = self->min_bytes;

  while (wanted < self->max_bytes && wanted * 2 <= goal)
    wanted *= 2;
  g_mutex_lock (&self->mutex);
  self->wanted_bytes = wanted;
  g_mutex_unlock (&self->mutex);
}
