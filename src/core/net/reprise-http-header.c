/* reprise-http-header.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <libsoup/soup.h>
#include <string.h>

#include "net/reprise-http-header.h"

#define MAX_DIGITS 18 /* always fits into 63 bits */

/* Reads a decimal number of at most 18 digits and moves on behind it. */
static gboolean
read_number (const char **text, gint64 *number)
{
  gsize n = strspn (*text, "0123456789");

  if (n == 0 || n > MAX_DIGITS)
    return FALSE;
  *number = g_ascii_strtoll (*text, NULL, 10);
  *text += n;
  return TRUE;
}

static gboolean
read_literal (const char **text, const char *literal)
{
  if (!g_str_has_prefix (*text, literal))
    return FALSE;
  *text += strlen (literal);
  return TRUE;
}

/* RFC 9110 §8.6: digits and nothing else; two values joined by a comma are none */
gboolean
reprise_http_parse_length (const char *text, gint64 *length)
{
  return read_number (&text, length) && *text == '\0';
}

/* RFC 9110 §14.4: “bytes 0-99/200”; @total is -1 for “*” */
gboolean
reprise_http_parse_content_range (const char *text, guint64 *first, guint64 *last, gint64 *total)
{
  gint64 from, to;

  if (!read_literal (&text, "bytes ") || !read_number (&text, &from) ||
      !read_literal (&text, "-") || !read_number (&text, &to) || !read_literal (&text, "/") ||
      to < from)
    return FALSE;
  *total = -1;
  if (!read_literal (&text, "*") && (!read_number (&text, total) || *total <= to))
    return FALSE;
  *first = (guint64) from;
  *last = (guint64) to;
  return *text == '\0';
}

/* RFC 9110 §10.2.3: seconds, or a date. In seconds from @now, or -1 where it is neither */
int
reprise_http_parse_retry_after (const char *text, GDateTime *now)
{
  g_autoptr (GDateTime) when = NULL;
  gint64 seconds = 0;

  if (reprise_http_parse_length (text, &seconds))
    return (int) MIN (seconds, G_MAXINT);
  if (!g_ascii_isalpha (*text))
    return -1;
  when = soup_date_time_new_from_http_string (text);
  if (when == NULL)
    return -1;
  return (int) CLAMP (g_date_time_difference (when, now) / G_TIME_SPAN_SECOND, 0, G_MAXINT);
}
