/* reprise-ulid.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "base/reprise-ulid.h"

/* Crockford's alphabet, from the ULID specification */
static const char ALPHABET[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/**
 * reprise_ulid_new:
 *
 * A ULID (https://github.com/ulid/spec): 48 bits of milliseconds since 1970 and 80 random bits. Of two made by
 * one process in the same millisecond the later one sorts later. May be called on any thread.
 *
 * Returns: (transfer full): 26 characters
 */
char *
reprise_ulid_new (void)
{
  static GMutex mutex;
  static gint64 last_ms; /* (mutex) */
  static guint64 low;    /* (mutex); the last 40 random bits, counted up within one millisecond */
  static guint64 high;   /* (mutex) */
  gint64 now_ms = g_get_real_time () / 1000;
  char text[REPRISE_ULID_LENGTH + 1];
  guint64 a, b;

  g_mutex_lock (&mutex);
  if (now_ms > last_ms)
    {
      g_autofree char *uuid =
        g_uuid_string_random (); /* the kernel's randomness, without a seed of ours */

      last_ms = now_ms;
      high = (g_ascii_strtoull (uuid, NULL, 16) << 8) | (guint64) (g_random_int () & 0xff);
      low = g_ascii_strtoull (uuid + 24, NULL, 16) & 0x7fffffffff;
    }
  else
    low++;
  now_ms = last_ms;
  a = high & 0xffffffffff;
  b = low & 0xffffffffff;
  g_mutex_unlock (&mutex);

  text[REPRISE_ULID_LENGTH] = '\0';
  for (int i = 9; i >= 0; i--, now_ms >>= 5)
    text[i] = ALPHABET[now_ms & 31];
  for (int i = 17; i >= 10; i--, a >>= 5)
    text[i] = ALPHABET[a & 31];
  for (int i = 25; i >= 18; i--, b >>= 5)
    text[i] = ALPHABET[b & 31];
  return g_strdup (text);
}

gboolean
reprise_ulid_is_valid (const char *text)
{
  return text != NULL && strlen (text) == REPRISE_ULID_LENGTH &&
         strspn (text, ALPHABET) == REPRISE_ULID_LENGTH && text[0] <= '7';
}
