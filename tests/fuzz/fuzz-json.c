/* fuzz-json.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the guard lets through, json-glib holds without a loss: written out and read again it is the same.
 */

#include "config.h"

#include "fuzz.h"
#include "net/reprise-json.h"
#include "net/reprise-json-scanner.h"

static gboolean
is_json (const char *text)
{
  g_autoptr (RepriseJsonScanner) scanner = reprise_json_scanner_new (NULL);

  return reprise_json_scanner_push (scanner, text, strlen (text), NULL) &&
         reprise_json_scanner_finish (scanner, NULL);
}

static void
look (JsonObject *object)
{
  reprise_json_get_string (object, "a", NULL);
  reprise_json_get_string (object, "a.b", NULL);
  reprise_json_get_int (object, "a", 0);
  reprise_json_get_double (object, "a", 0);
  reprise_json_get_boolean (object, "a.b.c", FALSE);
  for (guint i = 0; i <= reprise_json_array_get_length (reprise_json_get_array (object, "a")); i++)
    {
      reprise_json_array_get_int (reprise_json_get_array (object, "a"), i, 0);
      reprise_json_array_get_string (reprise_json_get_array (object, "a"), i, NULL);
    }
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  const RepriseJsonLimits limits = { .max_values = 1000 };
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = reprise_json_parse ((const char *) data, size, &limits, &error);
  g_autoptr (JsonNode) again = NULL;
  g_autofree char *text = NULL;

  g_assert_true ((node == NULL) == (error != NULL));
  if (node == NULL)
    return 0;
  look (JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL);
  text = json_to_string (node, FALSE);
  if (!is_json (text))
    return 0; /* json-glib 1.6 writes 2e22 as 2e+22.0 */
  again = reprise_json_parse (text, strlen (text), NULL, &error);
  g_assert_no_error (error);
  g_assert_true (json_node_equal (node, again));
  return 0;
}
