/* reprise-xml.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "net/reprise-xml.h"

#define MAX_TEXT_BYTES  8192
#define BYTE_ORDER_MARK "\357\273\277"

typedef struct
{
  const RepriseXmlFuncs *funcs;
  gpointer user_data;
  GString *text;
  gboolean seen; /* one of the roots */
} Reader;

static void
start_element (GMarkupParseContext *context,
               const char *name,
               const char **attribute_names,
               const char **attribute_values,
               gpointer data,
               GError **error)
{
  Reader *reader = data;

  g_string_truncate (reader->text, 0);
  reader->seen = reader->seen || g_strv_contains (reader->funcs->roots, name);
  if (reader->funcs->begin != NULL)
    reader->funcs->begin (name, reader->user_data);
}

static void
end_element (GMarkupParseContext *context, const char *name, gpointer data, GError **error)
{
  Reader *reader = data;

  reader->funcs->end (name, reader->text->str, reader->user_data, error);
  g_string_truncate (reader->text, 0);
}

static void
take_text (GMarkupParseContext *context,
           const char *text,
           gsize size,
           gpointer data,
           GError **error)
{
  Reader *reader = data;

  if (reader->text->len + size <= MAX_TEXT_BYTES)
    g_string_append_len (reader->text, text, (gssize) size);
}

/**
 * reprise_xml_read:
 *
 * Reads a document as storages answer with.
 *
 * Returns: %FALSE with %REPRISE_ERROR_PROTOCOL where it is none, or is about something else; and with what @funcs set
 */
gboolean
reprise_xml_read (const RepriseXmlFuncs *funcs,
                  const char *xml,
                  gsize size,
                  gpointer user_data,
                  GError **error)
{
  static const GMarkupParser PARSER = { start_element, end_element, take_text, NULL, NULL };
  g_autoptr (GString) text = g_string_new (NULL);
  Reader reader = { funcs, user_data, text, FALSE };
  g_autoptr (GMarkupParseContext) context =
    g_markup_parse_context_new (&PARSER, G_MARKUP_TREAT_CDATA_AS_TEXT, &reader, NULL);
  gsize mark = strlen (BYTE_ORDER_MARK);
  g_autoptr (GError) local = NULL;

  if (size >= mark && memcmp (xml, BYTE_ORDER_MARK, mark) == 0)
    {
      xml += mark;
      size -= mark;
    }
  if (g_markup_parse_context_parse (context, xml, (gssize) size, &local) &&
      g_markup_parse_context_end_parse (context, &local) && reader.seen)
    return TRUE;
  if (local != NULL && local->domain != G_MARKUP_ERROR)
    g_propagate_error (error, g_steal_pointer (&local));
  else
    reprise_error_set_literal (error, REPRISE_ERROR, REPRISE_ERROR_PROTOCOL,
                               _ ("The storage answered with a list that cannot be read."));
  return FALSE;
}

/* (transfer full) (nullable): the text of the first element of that name in a small document, as it stands there */
char *
reprise_xml_find (const char *xml, const char *name)
{
  g_autofree char *begin = g_strdup_printf ("<%s>", name);
  g_autofree char *end = g_strdup_printf ("</%s>", name);
  const char *from = strstr (xml, begin), *to;

  if (from == NULL)
    return NULL;
  from += strlen (begin);
  to = strstr (from, end);
  return to != NULL ? g_strndup (from, (gsize) (to - from)) : NULL;
}
