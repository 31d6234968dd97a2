/* reprise-json-cutter.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "net/reprise-json-cutter.h"
#include "net/reprise-json-scanner.h"

#define MAX_ENVELOPE_BYTES (1024 * 1024)
#define MAX_KEY_BYTES      256 /* of a name that is compared */

struct _RepriseJsonCutter
{
  RepriseJsonScanner *scanner; /* (owned) */
  RepriseJsonPieceFunc func;
  gpointer user_data;
  char *quoted; /* (owned) (nullable): the name of the member with the list, as JSON writes it */
  guint element_depth;     /* of what is cut */
  gsize max_element_bytes; /* 0: pieces are given as they come */
  guint64 n_elements;      /* that have ended */
  gboolean has_failed;

  const char *data; /* of the push */
  guint64 base;     /* its offset */

  gboolean in_list;
  gboolean had_list;
  gboolean is_named; /* the value that comes next is that of the member */
  gboolean in_element;
  guint64 element;  /* offset of what was not given yet of the element */
  GByteArray *part; /* (owned): an element's beginning, from earlier pushes */

  gboolean in_key;
  guint64 key;       /* offset of what was not kept yet of the name */
  GString *key_text; /* (owned): a name, as far as it can matter */

  guint64 rest;         /* offset of what was not kept yet of the envelope, outside the list */
  GByteArray *envelope; /* (owned) */
};

static gboolean
damaged (GError **error, const char *text)
{
  reprise_error_set_literal (error, REPRISE_ERROR, REPRISE_ERROR_DAMAGED, text);
  return FALSE;
}

static const char *
at (RepriseJsonCutter *self, guint64 offset)
{
  return self->data + (offset - self->base);
}

/* The rest of the text up to @end is envelope. */
static gboolean
keep_rest (RepriseJsonCutter *self, guint64 end, GError **error)
{
  if (end - self->rest > MAX_ENVELOPE_BYTES - self->envelope->len)
    {
      reprise_error_set_literal (error, REPRISE_ERROR, REPRISE_ERROR_LIMIT,
                                 _ ("The JSON around the list is too large"));
      return FALSE;
    }
  g_byte_array_append (self->envelope, (const guint8 *) at (self, self->rest),
                       (guint) (end - self->rest));
  self->rest = end;
  return TRUE;
}

static void
keep_key (RepriseJsonCutter *self, guint64 end)
{
  gsize size = (gsize) MIN (end - self->key, MAX_KEY_BYTES - self->key_text->len);

  g_string_append_len (self->key_text, at (self, self->key), (gssize) size);
  self->key = end;
}

/* Bytes of the element up to @end: kept, or given. */
static gboolean
keep_element (RepriseJsonCutter *self, guint64 end, gboolean is_last, GError **error)
{
  const char *data = at (self, self->element);
  gsize size = (gsize) (end - self->element);

  self->element = end;
  if (self->max_element_bytes == 0)
    return (size == 0 && !is_last) || self->func (data, size, is_last, self->user_data, error);
  if (size > self->max_element_bytes - self->part->len)
    {
      reprise_error_set_literal (error, REPRISE_ERROR, REPRISE_ERROR_LIMIT,
                                 _ ("An element of the JSON is too large"));
      return FALSE;
    }
  if (is_last && self->part->len == 0)
    return self->func (data, size, TRUE, self->user_data, error);
  g_byte_array_append (self->part, (const guint8 *) data, (guint) size);
  if (!is_last)
    return TRUE;
  if (!self->func ((const char *) self->part->data, self->part->len, TRUE, self->user_data, error))
    return FALSE;
  g_byte_array_set_size (self->part, 0);
  return TRUE;
}

static gboolean
begin_list (RepriseJsonCutter *self, const RepriseJsonEvent *event, GError **error)
{
  if (event->kind != REPRISE_JSON_ARRAY)
    return damaged (error, _ ("The JSON does not hold the list that it should"));
  if (self->had_list)
    return damaged (error, _ ("The JSON holds the list twice"));
  self->in_list = self->had_list = TRUE;
  return keep_rest (self, event->offset + 1, error);
}

/* Of the array or object around the elements, and of those around it. */
static gboolean
outer_cb (RepriseJsonCutter *self, const RepriseJsonEvent *event, GError **error)
{
  gboolean is_list = event->depth + 1 == self->element_depth;

  switch (event->type)
    {
    case REPRISE_JSON_KEY_BEGIN:
      self->in_key = TRUE;
      self->key = event->offset;
      g_string_truncate (self->key_text, 0);
      return TRUE;
    case REPRISE_JSON_KEY_END:
      keep_key (self, event->offset);
      self->in_key = FALSE;
      self->is_named = g_strcmp0 (self->key_text->str, self->quoted) == 0;
      return TRUE;
    case REPRISE_JSON_BEGIN:
      if (self->quoted != NULL && event->depth == 0 && event->kind != REPRISE_JSON_OBJECT)
        return damaged (error, _ ("The JSON does not hold the list that it should"));
      return !is_list || (self->quoted != NULL && !self->is_named) ||
             begin_list (self, event, error);
    case REPRISE_JSON_END:
      if (is_list && self->in_list)
        {
          self->in_list = FALSE;
          self->rest = event->offset - 1;
        }
      return TRUE;
    default:
      return TRUE;
    }
}

static gboolean
event_cb (const RepriseJsonEvent *event, gpointer user_data, GError **error)
{
  RepriseJsonCutter *self = user_data;

  if (event->depth < self->element_depth || event->type == REPRISE_JSON_KEY_BEGIN ||
      event->type == REPRISE_JSON_KEY_END)
    return event->depth >= self->element_depth || outer_cb (self, event, error);
  if (!self->in_list)
    return TRUE;
  if (event->type == REPRISE_JSON_BEGIN)
    {
      self->in_element = TRUE;
      self->element = event->offset;
      return TRUE;
    }
  self->in_element = FALSE;
  self->n_elements++;
  return keep_element (self, event->offset, TRUE, error);
}

/**
 * reprise_json_cutter_new:
 * @member: (nullable): the text is an object, and the list its member of that name: “results”; or %NULL: the text is the list
 * @max_element_bytes: each element is given whole, and a longer one is %REPRISE_ERROR_LIMIT; or 0: elements are given in the pieces
 *   that come, in no memory
 * @func: is given the elements
 */
RepriseJsonCutter *
reprise_json_cutter_new (const char *member,
                         gsize max_element_bytes,
                         RepriseJsonPieceFunc func,
                         gpointer user_data)
{
  RepriseJsonCutter *self = g_new0 (RepriseJsonCutter, 1);
  RepriseJsonScannerOptions options = { .func = event_cb, .user_data = self };

  self->quoted = member != NULL ? g_strdup_printf ("\"%s\"", member) : NULL;
  self->element_depth = options.event_depth = member != NULL ? 2 : 1;
  self->scanner = reprise_json_scanner_new (&options);
  self->func = func;
  self->user_data = user_data;
  self->max_element_bytes = MIN (max_element_bytes, G_MAXINT32);
  self->part = g_byte_array_new ();
  self->key_text = g_string_new (NULL);
  self->envelope = g_byte_array_new ();
  return self;
}

void
reprise_json_cutter_free (RepriseJsonCutter *self)
{
  reprise_json_scanner_free (self->scanner);
  g_byte_array_unref (self->part);
  g_byte_array_unref (self->envelope);
  g_string_free (self->key_text, TRUE);
  g_free (self->quoted);
  g_free (self);
}

/* What must outlive this push. */
static gboolean
keep_all (RepriseJsonCutter *self, guint64 end, GError **error)
{
  if (self->in_key)
    keep_key (self, end);
  if (self->in_element)
    return keep_element (self, end, FALSE, error);
  return self->in_list || keep_rest (self, end, error);
}

/* The next bytes, as many as there are. */
gboolean
reprise_json_cutter_push (RepriseJsonCutter *self, const char *data, gsize size, GError **error)
{
  g_return_val_if_fail (!self->has_failed, FALSE);

  self->data = data;
  self->base = reprise_json_scanner_get_offset (self->scanner);
  if (reprise_json_scanner_push (self->scanner, data, size, error) &&
      keep_all (self, self->base + size, error))
    return TRUE;
  self->has_failed = TRUE;
  return FALSE;
}

/**
 * reprise_json_cutter_finish:
 * @envelope: (out) (optional) (transfer full): the text with the list empty
 *
 * There are no more bytes.
 *
 * Returns: whether it was JSON, whole, and had the list; else %REPRISE_ERROR_DAMAGED
 */
gboolean
reprise_json_cutter_finish (RepriseJsonCutter *self, GBytes **envelope, GError **error)
{
  self->data = "";
  self->base = reprise_json_scanner_get_offset (self->scanner);
  if (!reprise_json_scanner_finish (self->scanner, error))
    return FALSE;
  if (!self->had_list)
    return damaged (error, _ ("The JSON does not hold the list that it should"));
  if (envelope != NULL)
    *envelope = g_bytes_new (self->envelope->data, self->envelope->len);
  return TRUE;
}

guint64
reprise_json_cutter_get_n_elements (const RepriseJsonCutter *self)
{
  return self->n_elements;
}
