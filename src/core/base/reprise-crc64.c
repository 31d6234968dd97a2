/* reprise-crc64.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "base/reprise-crc64.h"

#if defined(__x86_64__) && defined(__GNUC__)
#include <wmmintrin.h>
#define HAVE_FOLDING 1
#endif

/* Of the polynomial 0xad93d23594c93659 (CRC-64/NVME), the least significant bit first. */
#define POLYNOMIAL G_GUINT64_CONSTANT (0x9a6c9329ac4bc9b5)

static guint64 table[256];

static void
make_table (void)
{
  static gsize once;

  if (!g_once_init_enter (&once))
    return;
  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      guint64 crc = i;

      for (guint bit = 0; bit < 8; bit++)
        crc = (crc >> 1) ^ ((crc & 1) != 0 ? POLYNOMIAL : 0);
      table[i] = crc;
    }
  g_once_init_leave (&once, 1);
}

/* @state: the remainder so far, not inverted */
static guint64
update (guint64 state, const guchar *data, gsize size)
{
  for (gsize i = 0; i < size; i++)
    state = (state >> 8) ^ table[(state ^ data[i]) & 0xff];
  return state;
}

#ifdef HAVE_FOLDING
#define LANE_BYTES 16

/* 16 bytes at a time by carry-less multiplication: what comes before is moved on over the next 16 bytes, by x^191 and x^127 modulo the
 * polynomial. What remains at the end has the remainder of all of it. */
__attribute__ ((target ("pclmul,sse2"))) static guint64
update_folding (guint64 state, const guchar *data, gsize size)
{
  const __m128i by = _mm_set_epi64x ((gint64) G_GUINT64_CONSTANT (0x21e9761e252621ac),
                                     (gint64) G_GUINT64_CONSTANT (0xeadc41fd2ba3d420));
  const guchar *end = data + size - size % LANE_BYTES;
  __m128i lane =
    _mm_xor_si128 (_mm_loadu_si128 ((gconstpointer) data), _mm_set_epi64x (0, (gint64) state));
  guchar rest[LANE_BYTES];

  for (data += LANE_BYTES; data < end; data += LANE_BYTES)
    lane = _mm_xor_si128 (
      _mm_loadu_si128 ((gconstpointer) data),
      _mm_xor_si128 (_mm_clmulepi64_si128 (lane, by, 0x00), _mm_clmulepi64_si128 (lane, by, 0x11)));
  _mm_storeu_si128 ((gpointer) rest, lane);
  return update (update (0, rest, sizeof rest), data, size % LANE_BYTES);
}

static gboolean
can_fold (void)
{
  static gsize known; /* 1 for no, 2 for yes */

  if (g_once_init_enter (&known))
    g_once_init_leave (&known, __builtin_cpu_supports ("pclmul") ? 2 : 1);
  return known == 2;
}
#endif

/**
 * reprise_crc64:
 * @crc: of what comes before; 0 at the beginning
 *
 * Returns: the check sum of the same with @data behind it, as storages of Azure reckon it (“x-ms-content-crc64”)
 */
guint64
reprise_crc64 (guint64 crc, gconstpointer data, gsize size)
{
  make_table ();
#ifdef HAVE_FOLDING
  if (size >= LANE_BYTES && can_fold ())
    return ~update_folding (~crc, data, size);
#endif
  return ~update (~crc, data, size);
}
