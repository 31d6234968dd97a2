/* fuzz-http.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a server or a user writes and we read: header values, addresses, the bodies of errors, saved operations; and what is
 * scrubbed. The first byte says which, the rest is it.
 */

#include "config.h"

#include <string.h>

#include "base/reprise-scrub.h"
#include "fuzz.h"
#include "net/reprise-http-error.h"
#include "net/reprise-http-header.h"
#include "net/reprise-http-operation.h"
#include "net/reprise-http-private.h"

#define SECRET "s3cret/Käse"

static void
read_headers (const char *text)
{
  g_autoptr (GDateTime) now = g_date_time_new_utc (2026, 11, 21, 10, 0, 0);
  guint64 first = 0, last = 0;
  gint64 length = -1, total = -1;

  if (reprise_http_parse_length (text, &length))
    g_assert_cmpint (length, >=, 0);
  if (reprise_http_parse_content_range (text, &first, &last, &total))
    g_assert_true (first <= last && (total == -1 || last < (guint64) total));
  g_assert_cmpint (reprise_http_parse_retry_after (text, now), >=, -1);
}

/* An address that is taken can be written and taken again, and names the same. */
static void
read_address (const char *text)
{
  g_autoptr (GUri) uri = reprise_http_parse_address (text, NULL);
  g_autoptr (GUri) again = NULL;
  g_autofree char *written = NULL;
  g_autofree char *name = NULL;

  if (uri == NULL)
    return;
  written = g_uri_to_string (uri);
  name = reprise_http_get_uri_name (uri);
  g_assert_true (g_str_has_suffix (g_uri_get_path (uri), "/"));
  g_assert_null (g_uri_get_userinfo (uri));
  again = reprise_http_parse_address (written, NULL);
  g_assert_true (again == NULL || reprise_http_same_origin (uri, again));
}

static void
read_explanation (const char *text, gsize size)
{
  static const char *const types[] = { "application/json", "application/xml", "text/plain",
                                       "text/html" };

  for (gsize i = 0; i < G_N_ELEMENTS (types); i++)
    {
      g_autoptr (SoupMessageHeaders) headers =
        soup_message_headers_new (SOUP_MESSAGE_HEADERS_RESPONSE);
      g_autoptr (GBytes) body = g_bytes_new (text, size);
      g_autoptr (RepriseHttpResponse) response = NULL;
      g_autofree char *sentence = NULL;

      soup_message_headers_replace (headers, "Content-Type", types[i]);
      response = reprise_http_response_new (500, headers, body, -1, FALSE);
      sentence = reprise_http_explain (response);
      if (sentence == NULL)
        continue;
      g_assert_true (g_utf8_validate (sentence, -1, NULL));
      g_assert_null (strpbrk (sentence, "\r\n\t\033"));
    }
}

static void
read_state (RepriseHttp *http, const char *text)
{
  g_autoptr (RepriseHttpOperation) operation =
    reprise_http_operation_new_from_state (http, text, NULL);
  g_autofree char *state = operation != NULL ? reprise_http_operation_save (operation) : NULL;

  g_assert_true (operation == NULL || state != NULL);
}

static void
scrub (const char *text)
{
  g_autofree char *clean = reprise_scrub (text);
  g_autofree char *around = g_strconcat (text, SECRET, text, NULL);
  g_autofree char *clean_around = reprise_scrub (around);

  g_assert_true (g_utf8_validate (clean, -1, NULL));
  g_assert_null (strstr (clean_around, SECRET));
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  static RepriseHttp *http;
  g_autofree char *text = NULL;

  if (http == NULL)
    {
      http = reprise_http_new ("https://arm.example/", NULL, NULL);
      reprise_scrub_add (SECRET);
    }
  if (size < 1)
    return 0;
  text = g_strndup ((const char *) data + 1, size - 1);
  switch (data[0] % 5)
    {
    case 0:
      read_headers (text);
      break;
    case 1:
      read_address (text);
      break;
    case 2:
      read_explanation ((const char *) data + 1, size - 1);
      break;
    case 3:
      read_state (http, text);
      break;
    default:
      scrub (text);
      break;
    }
  return 0;
}
