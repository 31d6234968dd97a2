/* reprise-blob-xml.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include <libsoup/soup.h>

#include "net/reprise-xml.h"
#include "providers/azure/blob/reprise-blob-private.h"

/* What is read of a list of blobs or of blocks: flat, so that only the name of the element counts. */
typedef struct
{
  RepriseBlobPage *page; /* of a list of blobs */
  GHashTable *blocks;    /* of a list of blocks: name → size */
  RepriseBlobItem *item; /* (nullable): being read */
  char *block;           /* (nullable): its name */
  gboolean in_metadata;  /* in the part of a blob whose elements are not ours to name */
} Reader;

static void
begin_element (const char *name, gpointer data)
{
  Reader *reader = data;

  if (reader->item != NULL && strcmp (name, "Metadata") == 0)
    reader->in_metadata = TRUE;
  if (strcmp (name, "Blob") != 0 || reader->page == NULL)
    return;
  g_clear_pointer (&reader->item, reprise_blob_item_free);
  reader->item = g_new0 (RepriseBlobItem, 1);
  reader->item->size_bytes = -1;
}

static void
take_property (Reader *reader, const char *name, const char *text)
{
  RepriseBlobItem *item = reader->item;

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
take_metadata (Reader *reader, const char *name, const char *text)
{
  RepriseBlobItem *item = reader->item;

  if (strcmp (name, "Metadata") == 0)
    {
      reader->in_metadata = FALSE;
      return;
    }
  if (item->metadata == NULL)
    item->metadata = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_hash_table_replace (item->metadata, g_ascii_strdown (name, -1), g_strdup (text));
}

static void
end_blob (Reader *reader, GError **error)
{
  g_autoptr (RepriseBlobItem) item = g_steal_pointer (&reader->item);

  if (item != NULL && item->name != NULL)
    reader->page->each (item, reader->page->user_data, error);
}

static void
end_element (const char *name, const char *text, gpointer data, GError **error)
{
  Reader *reader = data;

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
    take_metadata (reader, name, text);
  else if (reader->item != NULL && strcmp (name, "Blob") == 0)
    end_blob (reader, error);
  else if (reader->item != NULL)
    take_property (reader, name, text);
  else if (reader->page != NULL && strcmp (name, "NextMarker") == 0 && *text != '\0')
    {
      g_free (reader->page->marker);
      reader->page->marker = g_strdup (text);
    }
}

static gboolean
read_document (Reader *reader, const char *xml, gsize size, GError **error)
{
  static const char *const ROOTS[] = { "EnumerationResults", "BlockList", NULL };
  static const RepriseXmlFuncs FUNCS = { ROOTS, begin_element, end_element };
  gboolean ok = reprise_xml_read (&FUNCS, xml, size, reader, error);

  g_clear_pointer (&reader->item, reprise_blob_item_free);
  g_clear_pointer (&reader->block, g_free);
  return ok;
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
