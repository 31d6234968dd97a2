/* documents.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "providers/azure/documents.h"
#include "reprise-test.h"

static char *
replace (char *text, const char *pattern, const char *with, GRegexCompileFlags flags)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GRegex) regex = g_regex_new (pattern, flags, 0, &error);
  char *replaced;

  g_assert_no_error (error);
  replaced = g_regex_replace (regex, text, -1, 0, with, 0, &error);
  g_assert_no_error (error);
  g_free (text);
  return replaced;
}

/* (transfer full): a printed body as the JSON that it stands for */
JsonNode *
document_read (const char *name)
{
  g_autofree char *file = g_strdup_printf ("azure/%s.txt", name);
  g_autofree char *path = reprise_test_data (file);
  g_autoptr (GError) error = NULL;
  JsonNode *node;
  char *text = reprise_test_read (path, NULL);

  text = replace (text, "[\342\200\234\342\200\235]", "\"", 0);
  text = replace (text, "\\s//[^\n]*", "", 0);
  text = replace (text, ",(\\s*[}\\]])", "\\1", 0);
  text = replace (text, "^(\\s*)(\\w+) :", "\\1\"\\2\" :", G_REGEX_MULTILINE);
  node = json_from_string (text, &error);
  g_assert_no_error (error);
  g_free (text);
  return node;
}

/* (transfer none) */
JsonObject *
document_properties (JsonNode *node)
{
  return json_object_get_object_member (json_node_get_object (node), "properties");
}

/* Whether what we send says the same, in whatever order. */
void
document_assert_same (JsonNode *document, const char *body)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) ours = json_from_string (body, &error);
  g_autofree char *expected = json_to_string (document, FALSE);

  g_assert_no_error (error);
  if (!json_node_equal (document, ours))
    g_error ("we send %s where the document has %s", body, expected);
}
