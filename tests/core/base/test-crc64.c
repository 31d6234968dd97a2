/* test-crc64.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "base/reprise-crc64.h"
#include "reprise-test.h"

/* The check value of CRC-64/NVME, and what a storage of Azure answered to a block with such a text. */
static void
test_known (void)
{
  g_assert_cmphex (reprise_crc64 (0, "", 0), ==, 0);
  g_assert_cmphex (reprise_crc64 (0, "123456789", 9), ==, G_GUINT64_CONSTANT (0xae8b14860a799888));
  g_assert_cmphex (reprise_crc64 (0, "Hello World", 11), ==,
                   G_GUINT64_CONSTANT (0x659632cb7e4be261));
}

/* Many bytes at a time come to the same as one after the other, wherever they begin and end. */
static void
test_pieces (void)
{
  g_autofree guchar *data = g_malloc (700);

  for (guint i = 0; i < 700; i++)
    data[i] = (guchar) g_test_rand_int ();
  for (gsize from = 0; from < 17; from++)
    for (gsize size = 0; from + size <= 700; size += 1 + size / 9)
      {
        guint64 slow = 0;
        gsize half = size / 2 + from % 3;

        for (gsize i = 0; i < size; i++)
          slow = reprise_crc64 (slow, data + from + i, 1);
        g_assert_cmphex (reprise_crc64 (0, data + from, size), ==, slow);
        half = MIN (half, size);
        g_assert_cmphex (
          reprise_crc64 (reprise_crc64 (0, data + from, half), data + from + half, size - half), ==,
          slow);
      }
}

int
main (int argc, char *argv[])
{
  reprise_test_init (&argc, &argv);
  g_test_add_func ("/crc64/known", test_known);
  g_test_add_func ("/crc64/pieces", test_pieces);
  return g_test_run ();
}
