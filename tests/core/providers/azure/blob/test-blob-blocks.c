/* test-blob-blocks.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "providers/azure/blob/reprise-blob-blocks.h"
#include "reprise-test.h"

#define MIB       ((gsize) 1024 * 1024)
#define MIN_BYTES (4 * MIB)
#define MAX_BYTES (64 * MIB)

/* Takes all that are left. Returns: how many; @largest: (out) */
static guint
take_all (RepriseBlobBlocks *blocks,
          guint index,
          guint64 offset,
          guint64 size_bytes,
          gsize *largest)
{
  RepriseBlobBlock block;

  *largest = 0;
  while (reprise_blob_blocks_next (blocks, &block))
    {
      g_assert_cmpuint (block.index, ==, index++);
      g_assert_cmpuint (block.offset, ==, offset);
      g_assert_cmpuint (block.size, >, 0);
      offset += block.size;
      *largest = MAX (*largest, block.size);
    }
  g_assert_cmpuint (offset, ==, size_bytes);
  return index;
}

static void
assert_next (RepriseBlobBlocks *blocks, guint64 offset, gsize size)
{
  RepriseBlobBlock block;

  g_assert_true (reprise_blob_blocks_next (blocks, &block));
  g_assert_cmpuint (block.offset, ==, offset);
  g_assert_cmpuint (block.size, ==, size);
}

/* On a line of which nothing is known, or that is slow, a broken connection costs little. */
static void
test_slow (void)
{
  g_autoptr (RepriseBlobBlocks) blocks =
    reprise_blob_blocks_new (1024 * MIB + 1, MIN_BYTES, MAX_BYTES);
  gsize largest;

  assert_next (blocks, 0, MIN_BYTES);
  reprise_blob_blocks_adapt (blocks, MIN_BYTES, 13 * G_USEC_PER_SEC);
  g_assert_cmpuint (take_all (blocks, 1, MIN_BYTES, 1024 * MIB + 1, &largest), ==, 257);
  g_assert_cmpuint (largest, ==, MIN_BYTES);
}

static void
test_fast (void)
{
  g_autoptr (RepriseBlobBlocks) blocks = reprise_blob_blocks_new (1024 * MIB, MIN_BYTES, MAX_BYTES);
  gsize largest;

  assert_next (blocks, 0, MIN_BYTES);
  reprise_blob_blocks_adapt (blocks, MIN_BYTES, G_USEC_PER_SEC / 2); /* 8 MiB a second */
  assert_next (blocks, MIN_BYTES, 16 * MIB);
  reprise_blob_blocks_adapt (blocks, 16 * MIB, 0); /* a clock that is too coarse */
  g_assert_cmpuint (take_all (blocks, 2, 20 * MIB, 1024 * MIB, &largest), ==, 2 + 16);
  g_assert_cmpuint (largest, ==, MAX_BYTES);
}

/* A short file is not cut into fewer than what keeps all busy, and a huge one not into more than a blob may have. */
static void
test_extremes (void)
{
  const guint64 tebibyte = G_GUINT64_CONSTANT (1024) * 1024 * MIB;
  g_autoptr (RepriseBlobBlocks) none = reprise_blob_blocks_new (0, MIN_BYTES, MAX_BYTES);
  g_autoptr (RepriseBlobBlocks) small = reprise_blob_blocks_new (128 * MIB, MIN_BYTES, MAX_BYTES);
  g_autoptr (RepriseBlobBlocks) huge = reprise_blob_blocks_new (4 * tebibyte, MIN_BYTES, MAX_BYTES);
  gsize largest;

  g_assert_cmpuint (take_all (none, 0, 0, 0, &largest), ==, 0);
  reprise_blob_blocks_adapt (small, MIN_BYTES, 1000);
  g_assert_cmpuint (take_all (small, 0, 0, 128 * MIB, &largest), ==, 16);
  g_assert_cmpuint (take_all (huge, 0, 0, 4 * tebibyte, &largest), <, 50000);
  g_assert_cmpuint (largest, ==, 128 * MIB);
}

/* What an earlier upload left lies where it lay, and what is between is filled. */
static void
test_kept (void)
{
  g_autoptr (RepriseBlobBlocks) blocks =
    reprise_blob_blocks_new (1024 * MIB + 7, MIN_BYTES, MAX_BYTES);
  gsize largest;

  reprise_blob_blocks_keep (blocks, 1020 * MIB, 4 * MIB + 7); /* its end */
  reprise_blob_blocks_keep (blocks, 72 * MIB, 64 * MIB);
  reprise_blob_blocks_keep (blocks, 80 * MIB, 4 * MIB); /* of another one, within that */
  reprise_blob_blocks_keep (blocks, 4 * MIB, 8 * MIB);
  /* what cannot be of this file */
  reprise_blob_blocks_keep (blocks, 0, 0);
  reprise_blob_blocks_keep (blocks, 0, 128 * MIB);
  reprise_blob_blocks_keep (blocks, 16 * MIB, 4 * MIB + 1);
  reprise_blob_blocks_keep (blocks, 16 * MIB + 1, 4 * MIB);
  reprise_blob_blocks_keep (blocks, 1024 * MIB, 8);
  reprise_blob_blocks_keep (blocks, G_MAXUINT64, G_MAXUINT64);
  reprise_blob_blocks_adapt (blocks, MIN_BYTES, 1000); /* a fast line */
  assert_next (blocks, 0, 4 * MIB);
  assert_next (blocks, 4 * MIB, 8 * MIB);
  assert_next (blocks, 12 * MIB, 60 * MIB);
  assert_next (blocks, 72 * MIB, 64 * MIB);
  take_all (blocks, 4, 136 * MIB, 1024 * MIB + 7, &largest);
  g_assert_cmpuint (largest, ==, 64 * MIB);
}

int
main (int argc, char *argv[])
{
  reprise_test_init (&argc, &argv);
  g_test_add_func ("/blob-blocks/slow", test_slow);
  g_test_add_func ("/blob-blocks/fast", test_fast);
  g_test_add_func ("/blob-blocks/extremes", test_extremes);
  g_test_add_func ("/blob-blocks/kept", test_kept);
  return g_test_run ();
}
