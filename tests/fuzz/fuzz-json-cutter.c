/* fuzz-json-cutter.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The first byte says what is cut and in what pieces. Cut whole or in parts, in pieces or at once, the elements are the same; each
 * of them is JSON; and so is the envelope.
 */

#include "config.h"

#include "fuzz.h"
#include "net/reprise-json-cutter.h"
#include "net/reprise-json-scanner.h"

static gboolean
is_json (const char *data, gsize size)
{
  g_autoptr (RepriseJsonScanner) scanner = reprise_json_scanner_new (NULL);

  return reprise_json_scanner_push (scanner, data, size, NULL) &&
         reprise_json_scanner_finish (scanner, NULL);
}

static gboolean
part_cb (const char *data, gsize size, gboolean is_last, gpointer user_data, GError **error)
{
  g_string_append_len (user_data, data, (gssize) size);
  if (is_last)
    g_string_append_c (user_data, '\0');
  return TRUE;
}

static gboolean
whole_cb (const char *data, gsize size, gboolean is_last, gpointer user_data, GError **error)
{
  g_assert_true (is_last);
  g_assert_true (is_json (data, size));
  return part_cb (data, size, is_last, user_data, error);
}

static gboolean
cut (const guint8 *data, gsize size, gsize piece, const char *member, gsize max, GString *text)
{
  g_autoptr (RepriseJsonCutter) cutter =
    reprise_json_cutter_new (member, max, max > 0 ? whole_cb : part_cb, text);
  g_autoptr (GBytes) envelope = NULL;
  gboolean ok = TRUE;

  for (gsize done = 0; ok && done < size; done += piece)
    ok =
      reprise_json_cutter_push (cutter, (const char *) data + done, MIN (piece, size - done), NULL);
  ok = ok && reprise_json_cutter_finish (cutter, &envelope, NULL);
  if (ok)
    g_assert_true (is_json (g_bytes_get_data (envelope, NULL), g_bytes_get_size (envelope)));
  return ok;
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (GString) whole = g_string_new (NULL);
  g_autoptr (GString) parts = g_string_new (NULL);
  const char *member;
  gsize piece;
  gboolean ok;

  if (size < 1)
    return 0;
  member = (data[0] & 1) != 0 ? "a" : NULL;
  piece = (data[0] >> 1) + 1u;
  ok = cut (data + 1, size - 1, size, member, 100000, whole);
  g_assert_true (cut (data + 1, size - 1, piece, member, 0, parts) == ok);
  if (ok)
    g_assert_cmpmem (whole->str, whole->len, parts->str, parts->len);
  return 0;
}
