/* reprise-xml.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * RepriseXmlFuncs:
 * @roots: (array zero-terminated=1): elements one of which such a document is about
 * @begin: (nullable): an element begins
 * @end: an element ends; @text is what stood right in it. With @error set, reading ends
 *
 * How a document is read that is flat enough for the names of its elements to say what they are.
 */
typedef struct
{
  const char *const *roots;
  void (*begin) (const char *name, gpointer user_data);
  void (*end) (const char *name, const char *text, gpointer user_data, GError **error);
} RepriseXmlFuncs;

gboolean reprise_xml_read (const RepriseXmlFuncs *funcs,
                           const char *xml,
                           gsize size,
                           gpointer user_data,
                           GError **error);
char *reprise_xml_find (const char *xml, const char *name);

G_END_DECLS
