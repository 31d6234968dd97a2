/* reprise-arm-body.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "providers/azure/reprise-arm.h"

#define ROOM_BYTES (128 * 1024) /* what a text grows out of is not wiped */

/* (transfer full): “{” */
GString *
reprise_arm_body_new (void)
{
  GString *body = g_string_sized_new (ROOM_BYTES);

  g_string_append_c (body, '{');
  return body;
}

static void
append_quoted (GString *body, const char *text)
{
  g_string_append_c (body, '"');
  for (const char *c = text; *c != '\0'; c++)
    if (*c == '"' || *c == '\\')
      g_string_append_printf (body, "\\%c", *c);
    else if ((guchar) *c < 0x20)
      g_string_append_printf (body, "\\u%04x", (guint) *c);
    else
      g_string_append_c (body, *c);
  g_string_append_c (body, '"');
}

/* @name (nullable): %NULL in an array */
static void
append_name (GString *body, const char *name)
{
  if (strchr ("{[", body->str[body->len - 1]) == NULL)
    g_string_append_c (body, ',');
  if (name == NULL)
    return;
  append_quoted (body, name);
  g_string_append_c (body, ':');
}

/* @bracket: “{” or “[” */
void
reprise_arm_body_open (GString *body, const char *name, char bracket)
{
  append_name (body, name);
  g_string_append_c (body, bracket);
}

void
reprise_arm_body_close (GString *body, char bracket)
{
  g_string_append_c (body, bracket);
}

/* @text (nullable): %NULL adds nothing */
void
reprise_arm_body_add (GString *body, const char *name, const char *text)
{
  if (text == NULL)
    return;
  append_name (body, name);
  append_quoted (body, text);
}

void
reprise_arm_body_add_int (GString *body, const char *name, gint64 value)
{
  append_name (body, name);
  g_string_append_printf (body, "%" G_GINT64_FORMAT, value);
}

void
reprise_arm_body_add_boolean (GString *body, const char *name, gboolean value)
{
  append_name (body, name);
  g_string_append (body, value ? "true" : "false");
}

static void
wipe (gpointer data)
{
  GString *body = data;

  reprise_secret_wipe (body->str, body->allocated_len);
  g_string_free (body, TRUE);
}

/* (transfer full): the whole; @body is consumed */
GBytes *
reprise_arm_body_finish (GString *body)
{
  g_string_append_c (body, '}');
  return g_bytes_new_with_free_func (body->str, body->len, wipe, body);
}
