/* fuzz-json-scanner.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The first byte says how the rest is cut into pieces. In pieces and at once, the scanner must say the same, and tell the same.
 */

#include "config.h"

#include "fuzz.h"
#include "net/reprise-json-scanner.h"

typedef struct
{
  guint64 sum;
  guint depth;
} Told;

static gboolean
event_cb (const RepriseJsonEvent *event, gpointer user_data, GError **error)
{
  Told *told = user_data;

  g_assert_cmpuint (event->depth, <=, told->depth);
  told->sum = told->sum * 31 + event->type * 7 + event->kind * 11 + event->depth * 13 +
              event->offset * 17 + event->n_children;
  return TRUE;
}

static gboolean
scan (const guint8 *data, gsize size, gsize piece, gboolean lines, Told *told)
{
  RepriseJsonScannerOptions options = {
    .max_depth = 40, .lines = lines, .event_depth = told->depth, .func = event_cb, .user_data = told
  };
  g_autoptr (RepriseJsonScanner) scanner = reprise_json_scanner_new (&options);
  g_autoptr (GError) error = NULL;
  gboolean ok = TRUE;

  for (gsize done = 0; ok && done < size; done += piece)
    ok = reprise_json_scanner_push (scanner, (const char *) data + done, MIN (piece, size - done),
                                    &error);
  ok = ok && reprise_json_scanner_finish (scanner, &error);
  g_assert_true (ok == (error == NULL));
  return ok;
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  Told whole = { 0, 0 }, pieces = { 0, 0 };
  gboolean lines;
  gsize piece;

  if (size < 1)
    return 0;
  lines = (data[0] & 0x80) != 0;
  piece = (data[0] & 0x0f) + 1u;
  whole.depth = pieces.depth = (data[0] >> 4) & 7u;
  g_assert_true (scan (data + 1, size - 1, size, lines, &whole) ==
                 scan (data + 1, size - 1, piece, lines, &pieces));
  g_assert_cmpuint (whole.sum, ==, pieces.sum);
  return 0;
}
