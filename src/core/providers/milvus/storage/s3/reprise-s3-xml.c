/* reprise-s3-xml.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "net/reprise-http-error.h"
#include "providers/milvus/storage/s3/reprise-s3-private.h"

#define MAX_TEXT_BYTES 8192

/* What is read of a list, or of an answer to a deletion. */
typedef struct
{
  RepriseS3Page *page; /* (nullable): of a list */
  GString *text;
  RepriseS3Object *object; /* (nullable): being read */
  gboolean in_folder;
  gboolean truncated;
  char *key, *code, *message; /* (nullable): of what was not deleted */
  gboolean in_error;
  gboolean seen; /* the element that such a document is about */
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
  if (strcmp (name, "ListBucketResult") == 0 || strcmp (name, "DeleteResult") == 0)
    reader->seen = TRUE;
  if (strcmp (name, "CommonPrefixes") == 0)
    reader->in_folder = TRUE;
  if (strcmp (name, "Error") == 0)
    reader->in_error = TRUE;
  if (strcmp (name, "Contents") != 0 && strcmp (name, "CommonPrefixes") != 0)
    return;
  g_clear_pointer (&reader->object, reprise_s3_object_free);
  reader->object = g_new0 (RepriseS3Object, 1);
  reader->object->size_bytes = -1;
  reader->object->is_folder = reader->in_folder;
}

static gint64
read_size (const char *text)
{
  guint64 size = 0;

  return g_ascii_string_to_unsigned (text, 10, 0, G_MAXINT64, &size, NULL) ? (gint64) size : -1;
}

static void
take_property (Reader *reader, const char *name)
{
  RepriseS3Object *object = reader->object;
  const char *text = reader->text->str;

  if (strcmp (name, object->is_folder ? "Prefix" : "Key") == 0 && object->key == NULL)
    object->key = g_strdup (text);
  else if (strcmp (name, "Size") == 0)
    object->size_bytes = read_size (text);
  else if (strcmp (name, "ETag") == 0 && object->etag == NULL && *text != '\0')
    object->etag = *text == '"' ? g_strdup (text) : g_strdup_printf ("\"%s\"", text);
  else if (strcmp (name, "LastModified") == 0 && object->modified_at == NULL)
    object->modified_at = g_date_time_new_from_iso8601 (text, NULL);
}

static void
end_object (Reader *reader, GError **error)
{
  g_autoptr (RepriseS3Object) object = g_steal_pointer (&reader->object);

  reader->in_folder = FALSE;
  if (object != NULL && object->key != NULL && reader->page != NULL)
    reader->page->each (object, reader->page->user_data, error);
}

static void
take_problem (Reader *reader, const char *name)
{
  char **where = strcmp (name, "Key") == 0       ? &reader->key
                 : strcmp (name, "Code") == 0    ? &reader->code
                 : strcmp (name, "Message") == 0 ? &reader->message
                                                 : NULL;

  if (where != NULL && *where == NULL)
    *where = g_strdup (reader->text->str);
}

static void
end_element (GMarkupParseContext *context, const char *name, gpointer data, GError **error)
{
  Reader *reader = data;
  const char *text = reader->text->str;

  if (strcmp (name, "Contents") == 0 || strcmp (name, "CommonPrefixes") == 0)
    end_object (reader, error);
  else if (reader->object != NULL)
    take_property (reader, name);
  else if (reader->in_error)
    take_problem (reader, name);
  else if (strcmp (name, "IsTruncated") == 0)
    reader->truncated = g_ascii_strcasecmp (text, "true") == 0;
  else if (reader->page != NULL && strcmp (name, "NextContinuationToken") == 0 && *text != '\0')
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

static void
reader_clear (Reader *reader)
{
  g_string_free (reader->text, TRUE);
  g_clear_pointer (&reader->object, reprise_s3_object_free);
  g_free (reader->key);
  g_free (reader->code);
  g_free (reader->message);
}

static gboolean
read_document (Reader *reader, const char *xml, gsize size, GError **error)
{
  static const GMarkupParser PARSER = { start_element, end_element, take_text, NULL, NULL };
  g_autoptr (GMarkupParseContext) context =
    g_markup_parse_context_new (&PARSER, G_MARKUP_TREAT_CDATA_AS_TEXT, reader, NULL);
  g_autoptr (GError) local = NULL;

  reader->text = g_string_new (NULL);
  if (g_markup_parse_context_parse (context, xml, (gssize) size, &local) &&
      g_markup_parse_context_end_parse (context, &local) && reader->seen)
    return TRUE;
  if (local != NULL && local->domain != G_MARKUP_ERROR)
    g_propagate_error (error, g_steal_pointer (&local));
  else
    g_set_error_literal (error, REPRISE_ERROR, REPRISE_ERROR_PROTOCOL,
                         _ ("The storage answered with a list that cannot be read."));
  return FALSE;
}

/**
 * reprise_s3_read_page:
 *
 * Reads one page of a list: calls @page->each for each object or folder and leaves in @page->marker where the list goes on.
 */
gboolean
reprise_s3_read_page (RepriseS3Page *page, const char *xml, gsize size, GError **error)
{
  Reader reader = { .page = page };
  gboolean ok = read_document (&reader, xml, size, error);

  if (ok && reader.truncated && page->marker == NULL)
    {
      g_set_error_literal (error, REPRISE_ERROR, REPRISE_ERROR_PROTOCOL,
                           _ ("The storage cut a list short and does not say where it goes on."));
      ok = FALSE;
    }
  if (!reader.truncated)
    g_clear_pointer (&page->marker, g_free);
  reader_clear (&reader);
  return ok;
}

/* Whether all of it was deleted; else %REPRISE_ERROR_DENIED or %REPRISE_ERROR_FAILED with the first that was not. */
gboolean
reprise_s3_read_deleted (const char *xml, gsize size, GError **error)
{
  Reader reader = { 0 };
  gboolean ok = read_document (&reader, xml, size, error);

  if (ok && reader.in_error)
    {
      g_autofree char *reason =
        reprise_http_clean_sentence (reader.message != NULL ? reader.message : "", -1);

      g_set_error (error, REPRISE_ERROR,
                   g_strcmp0 (reader.code, "AccessDenied") == 0 ? REPRISE_ERROR_DENIED
                                                                : REPRISE_ERROR_FAILED,
                   _ ("The storage did not delete “%s”: %s"), reader.key != NULL ? reader.key : "",
                   reason != NULL ? reason : "");
      ok = FALSE;
    }
  reader_clear (&reader);
  return ok;
}

/* (transfer full) (nullable): the text of the first element of that name in a small document */
char *
reprise_s3_find_element (const char *xml, const char *name)
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
