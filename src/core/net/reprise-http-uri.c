/* reprise-http-uri.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <libsoup/soup.h>
#include <string.h>

#include "base/reprise-error.h"
#include "net/reprise-http-uri.h"

/* RFC 3986 §3.3 without “+”, which some servers take for a space, and without what a shell or a log would mangle */
#define SEGMENT_ALLOWED "!$&'()*,;=:@"

#define MAX_ADDRESS_BYTES 2048

static gboolean
has_control_or_space (const char *text)
{
  for (const char *c = text; *c != '\0'; c++)
    if ((guchar) *c <= ' ' || *c == 0x7f)
      return TRUE;
  return FALSE;
}

static gboolean
refuse (GError **error, const char *sentence)
{
  reprise_error_set_literal (error, REPRISE_ERROR, REPRISE_ERROR_INVALID, sentence);
  return FALSE;
}

static gboolean
check_address (GUri *uri, GError **error)
{
  const char *scheme = g_uri_get_scheme (uri);

  if (g_strcmp0 (scheme, "https") != 0 && g_strcmp0 (scheme, "http") != 0)
    return refuse (error, _ ("The address must begin with https:// or http://."));
  if (g_uri_get_host (uri) == NULL || *g_uri_get_host (uri) == '\0')
    return refuse (error, _ ("The address names no server."));
  if (g_uri_get_userinfo (uri) != NULL)
    return refuse (
      error,
      _ (
        "Leave the user name and the password out of the address; they have fields of their own."));
  if (g_uri_get_query (uri) != NULL || g_uri_get_fragment (uri) != NULL)
    return refuse (error, _ ("The address must end before “?” and “#”."));
  return TRUE;
}

/**
 * reprise_http_parse_address:
 * @address: what the user gave as the address of a server, with or without a path
 *
 * Returns: (transfer full): the address, its path ending in “/”, or %NULL with %REPRISE_ERROR_INVALID
 */
GUri *
reprise_http_parse_address (const char *address, GError **error)
{
  g_autofree char *text = g_strstrip (g_strdup (address != NULL ? address : ""));
  g_autofree char *path = NULL;
  g_autoptr (GUri) uri = NULL;

  if (*text == '\0')
    {
      refuse (error, _ ("The address is empty."));
      return NULL;
    }
  if (strlen (text) > MAX_ADDRESS_BYTES || has_control_or_space (text) ||
      strstr (text, "://") == NULL)
    {
      refuse (error, _ ("The address is not one: write it like https://server.example.org/path/."));
      return NULL;
    }
  uri = g_uri_parse (text, SOUP_HTTP_URI_FLAGS, NULL);
  if (uri == NULL)
    {
      refuse (error, _ ("The address is not one: write it like https://server.example.org/path/."));
      return NULL;
    }
  if (!check_address (uri, error))
    return NULL;
  path = g_strconcat (g_uri_get_path (uri), g_str_has_suffix (g_uri_get_path (uri), "/") ? "" : "/",
                      NULL);
  return g_uri_build (SOUP_HTTP_URI_FLAGS, g_uri_get_scheme (uri), NULL, g_uri_get_host (uri),
                      g_uri_get_port (uri), path, NULL, NULL);
}

static int
port_of (GUri *uri)
{
  if (g_uri_get_port (uri) > 0)
    return g_uri_get_port (uri);
  return g_strcmp0 (g_uri_get_scheme (uri), "https") == 0 ? 443 : 80;
}

/* (transfer full): the server as people are told of it: host, and port where it is not the usual one */
char *
reprise_http_get_uri_name (GUri *uri)
{
  int usual = g_strcmp0 (g_uri_get_scheme (uri), "https") == 0 ? 443 : 80;

  if (port_of (uri) == usual)
    return g_strdup (g_uri_get_host (uri));
  if (strchr (g_uri_get_host (uri), ':') != NULL)
    return g_strdup_printf ("[%s]:%d", g_uri_get_host (uri), port_of (uri));
  return g_strdup_printf ("%s:%d", g_uri_get_host (uri), port_of (uri));
}

/* RFC 6454: scheme, host and port. Credentials never go anywhere else. */
gboolean
reprise_http_same_origin (GUri *a, GUri *b)
{
  return g_ascii_strcasecmp (g_uri_get_scheme (a), g_uri_get_scheme (b)) == 0 &&
         g_ascii_strcasecmp (g_uri_get_host (a), g_uri_get_host (b)) == 0 &&
         port_of (a) == port_of (b);
}

gboolean
reprise_http_is_loopback (GUri *uri)
{
  g_autoptr (GInetAddress) address = g_inet_address_new_from_string (g_uri_get_host (uri));

  if (address != NULL)
    return g_inet_address_get_is_loopback (address);
  return g_ascii_strcasecmp (g_uri_get_host (uri), "localhost") == 0;
}

/* (transfer full): @text as one segment of a path, or as a value of a query: “/”, “+”, “%” and all beyond ASCII escaped */
char *
reprise_http_escape (const char *text)
{
  return g_uri_escape_string (text, NULL, FALSE);
}

/**
 * reprise_http_path:
 * @first: the first segment, not escaped
 * @...: further segments, ended by %NULL
 *
 * Returns: (transfer full): the segments escaped and joined by “/”
 */
char *
reprise_http_path (const char *first, ...)
{
  GString *path = g_string_new (NULL);
  va_list args;

  va_start (args, first);
  for (const char *segment = first; segment != NULL; segment = va_arg (args, const char *))
    {
      g_autofree char *escaped = g_uri_escape_string (segment, SEGMENT_ALLOWED, FALSE);

      if (path->len > 0)
        g_string_append_c (path, '/');
      g_string_append (path, escaped);
    }
  va_end (args);
  return g_string_free (path, FALSE);
}

/* Adds name=value, both escaped, to a query. */
void
reprise_http_append_query (GString *query, const char *name, const char *value)
{
  g_autofree char *escaped_name = reprise_http_escape (name);
  g_autofree char *escaped_value = reprise_http_escape (value);

  g_string_append_printf (query, "%s%s=%s", query->len > 0 ? "&" : "", escaped_name, escaped_value);
}

/* (transfer full) (nullable): “example.org” of an @address (nullable) as a user gave it, if it names a server */
char *
reprise_http_dup_host (const char *address)
{
  g_autoptr (GUri) uri = address != NULL ? g_uri_parse (address, G_URI_FLAGS_NONE, NULL) : NULL;
  const char *host = uri != NULL ? g_uri_get_host (uri) : NULL;

  return host != NULL && *host != '\0' ? g_strdup (host) : NULL;
}
