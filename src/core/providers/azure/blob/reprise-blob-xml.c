/* reprise-blob-xml.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include <glib/gi18n-lib.h>
#include <libsoup/soup.h>

#include "base/reprise-error.h"
#include "providers/azure/blob/reprise-blob-private.h"

#define MAX_TEXT_BYTES  8192
#define BYTE_ORDER_MARK "\357\273\277"

/* What is read of a list of blobs or of blocks: flat, so that only the name of the element counts. */
typedef struct
{
  RepriseBlobPage *page; /* of a list of blobs */
  GHashTable *blocks;    /* of a list of blocks: name → size */
  GString *text;
  RepriseBlobItem *item; /* (nullable): being read */
  char *block;           /* (nullable): its name */
  gboolean in_metadata;  /* in the part of a blob whose elements are not ours to name */
  gboolean seen;         /* the element that such a document is about */
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
  if (reader->item != NULL && strcmp (name, "Metadata") == 0)
    reader->in_metadata = TRUE;
  if (strcmp (name, "EnumerationResults") == 0 || strcmp (name, "BlockList") == 0)
    reader->seen = TRUE;
  if (strcmp (name, "Blob") != 0 || reader->page == NULL)
    return;
  g_clear_pointer (&reader->item, reprise_blob_item_free);
  reader->item = g_new0 (RepriseBlobItem, 1);
  reader->item->size_bytes = -1;
}

static void
take_property (Reader *reader, const char *name)
{
  RepriseBlobItem *item = reader->item;
  const char *text = reader->text->str;

  if (strcmp (name, "Name") == 0 && item->name == NULL)
    item->name = g_strdup (text);
  else if (strcmp (name, "Content-Length") == 0 && *text != '\0')
    item->size_bytes = g_ascii_strtoll (text, NULL, 10);
  else if (strcmp (name, "Creation-Time") == 0 && item->created_at == NULL)
    item->created_at = soup_date_time_new_from_http_string (text);
  else if (strcmp (name, "Last-Modified") == 0 && item->modified_at == NULL)
    item->modified_at = soup_date_time_new_from_http_string (text);
  else if (strcmp (name, "Etag") == 0 && item->etag == NULL)
    item->etag = *text == '"' ? g_strdup (text) : g_strdup_printf ("\"%s\"", text);
  else if (strcmp (name, "Content-MD5") == 0 && item->md5 == NULL && *text != '\0')
    item->md5 = g_strdup (text);
  else if (strcmp (name, "AccessTier") == 0 && item->tier == NULL)
    item->tier = g_strdup (text);
}

static void
take_metadata (Reader *reader, const char *name)
{
  RepriseBlobItem *item = reader->item;

  if (strcmp (name, "Metadata") == 0)
    {
      reader->in_metadata = FALSE;
      return;
    }
  if (item->metadata == NULL)
    item->metadata = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_hash_table_replace (item->metadata, g_ascii_strdown (name, -1), g_strdup (reader->text->str));
}

static void
end_blob (Reader *reader, GError **error)
{
  g_autoptr (RepriseBlobItem) item = g_steal_pointer (&reader->item);

  if (item != NULL && item->name != NULL)
    reader->page->each (item, reader->page->user_data, error);
}

static void
end_element (GMarkupParseContext *context, const char *name, gpointer data, GError **error)
{
  Reader *reader = data;
  const char *text = reader->text->str;

  if (reader->blocks != NULL && strcmp (name, "Name") == 0)
    {
      g_free (reader->block);
      reader->block = g_strdup (text);
    }
  else if (reader->blocks != NULL && strcmp (name, "Size") == 0 && reader->block != NULL)
    {
      gint64 *size = g_new (gint64, 1);

      *size = g_ascii_strtoll (text, NULL, 10);
      g_hash_table_replace (reader->blocks, g_steal_pointer (&reader->block), size);
    }
  else if (reader->in_metadata && reader->item != NULL)
    take_metadata (reader, name);
  else if (reader->item != NULL && strcmp (name, "Blob") == 0)
    end_blob (reader, error);
  else if (reader->item != NULL)
    take_property (reader, name);
  else if (reader->page != NULL && strcmp (name, "NextMarker") == 0 && *text != '\0')
    {
      g_free (reader->page->marker);
      reader->page->marker = g_strdup (text);
    }
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

static gboolean
read_document (Reader *reader, const char *xml, gsize size, GError **error)
{
  static const GMarkupParser PARSER = { start_element, end_element, take_text, NULL, NULL };
  g_autoptr (GMarkupParseContext) context = g_markup_parse_context_new (&PARSER, 0, reader, NULL);
  gsize mark = strlen (BYTE_ORDER_MARK);
  g_autoptr (GError) local = NULL;
  gboolean ok;

  if (size >= mark && memcmp (xml, BYTE_ORDER_MARK, mark) == 0)
    {
      xml += mark;
      size -= mark;
    }
  reader->text = g_string_new (NULL);
  ok = g_markup_parse_context_parse (context, xml, (gssize) size, &local) &&
       g_markup_parse_context_end_parse (context, &local);
  g_string_free (reader->text, TRUE);
  g_clear_pointer (&reader->item, reprise_blob_item_free);
  g_clear_pointer (&reader->block, g_free);
  if (ok && reader->seen)
    return TRUE;
  if (local != NULL && local->domain != G_MARKUP_ERROR)
    g_propagate_error (error, g_steal_pointer (&local));
  else
    g_set_error_literal (error, REPRISE_ERROR, REPRISE_ERROR_PROTOCOL,
                         _ ("The storage answered with a list that cannot be read."));
  return FALSE;
}

/**
 * reprise_blob_read_page:
 *
 * Reads one page of a list of blobs: calls @page->each for each and leaves in @page->marker where the list goes on.
 */
gboolean
reprise_blob_read_page (RepriseBlobPage *page, const char *xml, gsize size, GError **error)
{
  Reader reader = { .page = page };

  return read_document (&reader, xml, size, error);
}

/* (transfer full) (element-type utf8 gint64): the blocks of a blob that are there, by their names */
GHashTable *
reprise_blob_read_block_list (const char *xml, gsize size, GError **error)
{
  g_autoptr (GHashTable) blocks = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  Reader reader = { .blocks = blocks };

  return read_document (&reader, xml, size, error) ? g_steal_pointer (&blocks) : NULL;
}
