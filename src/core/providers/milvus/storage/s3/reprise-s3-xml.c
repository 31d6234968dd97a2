/* reprise-s3-xml.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "net/reprise-http-error.h"
#include "net/reprise-xml.h"
#include "providers/milvus/storage/s3/reprise-s3-private.h"

/* What is read of a list, or of an answer to a deletion. */
typedef struct
{
  RepriseS3Page *page;     /* (nullable): of a list */
  RepriseS3Object *object; /* (nullable): being read */
  gboolean in_folder;
  gboolean truncated;
  char *key, *code, *message; /* (nullable): of what was not deleted */
  gboolean in_error;
} Reader;

static void
begin_element (const char *name, gpointer data)
{
  Reader *reader = data;

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
take_property (Reader *reader, const char *name, const char *text)
{
  RepriseS3Object *object = reader->object;

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
take_problem (Reader *reader, const char *name, const char *text)
{
  char **where = strcmp (name, "Key") == 0       ? &reader->key
                 : strcmp (name, "Code") == 0    ? &reader->code
                 : strcmp (name, "Message") == 0 ? &reader->message
                                                 : NULL;

  if (where != NULL && *where == NULL)
    *where = g_strdup (text);
}

static void
end_element (const char *name, const char *text, gpointer data, GError **error)
{
  Reader *reader = data;

  if (strcmp (name, "Contents") == 0 || strcmp (name, "CommonPrefixes") == 0)
    end_object (reader, error);
  else if (reader->object != NULL)
    take_property (reader, name, text);
  else if (reader->in_error)
    take_problem (reader, name, text);
  else if (strcmp (name, "IsTruncated") == 0)
    reader->truncated = g_ascii_strcasecmp (text, "true") == 0;
  else if (reader->page != NULL && strcmp (name, "NextContinuationToken") == 0 && *text != '\0')
    {
      g_free (reader->page->marker);
      reader->page->marker = g_strdup (text);
    }
}

static void
reader_clear (Reader *reader)
{
  g_clear_pointer (&reader->object, reprise_s3_object_free);
  g_free (reader->key);
  g_free (reader->code);
  g_free (reader->message);
}

static gboolean
read_document (Reader *reader, const char *xml, gsize size, GError **error)
{
  static const char *const ROOTS[] = { "ListBucketResult", "DeleteResult", NULL };
  static const RepriseXmlFuncs FUNCS = { ROOTS, begin_element, end_element };

  return reprise_xml_read (&FUNCS, xml, size, reader, error);
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
      reprise_error_set_literal (
        error, REPRISE_ERROR, REPRISE_ERROR_PROTOCOL,
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

      reprise_error_set (error, REPRISE_ERROR,
                         g_strcmp0 (reader.code, "AccessDenied") == 0 ? REPRISE_ERROR_DENIED
                                                                      : REPRISE_ERROR_FAILED,
                         _ ("The storage did not delete “%s”: %s"),
                         reader.key != NULL ? reader.key : "", reason != NULL ? reason : "");
      ok = FALSE;
    }
  reader_clear (&reader);
  return ok;
}
