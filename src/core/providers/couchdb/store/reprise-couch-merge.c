/* reprise-couch-merge.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "providers/couchdb/store/reprise-couch-merge-private.h"
#include "providers/couchdb/store/reprise-couch-segment-private.h"

typedef struct
{
  RepriseCouchCursor *cursor; /* (owned) */
  RepriseCouchRow row;        /* where it stands */
  gboolean more;
} Source;

struct _RepriseCouchMerge
{
  GArray *sources;     /* (owned) (element-type Source): the oldest first */
  GString *id;         /* (owned): of the document */
  GArray *mentions;    /* (owned) (element-type RepriseCouchMention) */
  GStringChunk *texts; /* (owned): revisions of the mentions */
};

static void
clear_source (gpointer data)
{
  g_clear_pointer (&((Source *) data)->cursor, reprise_couch_cursor_free);
}

/* @readers: (element-type RepriseCouchReader): the oldest first; they must live longer */
RepriseCouchMerge *
reprise_couch_merge_new (GPtrArray *readers, GError **error)
{
  g_autoptr (RepriseCouchMerge) self = g_new0 (RepriseCouchMerge, 1);

  self->sources = g_array_new (FALSE, TRUE, sizeof (Source));
  g_array_set_clear_func (self->sources, clear_source);
  self->id = g_string_new (NULL);
  self->mentions = g_array_new (FALSE, TRUE, sizeof (RepriseCouchMention));
  self->texts = g_string_chunk_new (4096);
  g_array_set_size (self->sources, readers->len);
  for (guint i = 0; i < readers->len; i++)
    {
      Source *source = &g_array_index (self->sources, Source, i);

      source->cursor = reprise_couch_reader_list_sorted (readers->pdata[i], NULL, error);
      if (source->cursor == NULL ||
          !reprise_couch_cursor_next (source->cursor, &source->row, &source->more, error))
        return NULL;
    }
  return g_steal_pointer (&self);
}

void
reprise_couch_merge_free (RepriseCouchMerge *self)
{
  g_array_unref (self->sources);
  g_string_free (self->id, TRUE);
  g_array_unref (self->mentions);
  g_string_chunk_free (self->texts);
  g_free (self);
}

static const char *
find_first (RepriseCouchMerge *self)
{
  const char *first = NULL;

  for (guint i = 0; i < self->sources->len; i++)
    {
      Source *source = &g_array_index (self->sources, Source, i);

      if (source->more && (first == NULL || strcmp (source->row.id, first) < 0))
        first = source->row.id;
    }
  return first;
}

static gboolean
take_rows (RepriseCouchMerge *self, guint i, GError **error)
{
  Source *source = &g_array_index (self->sources, Source, i);

  while (source->more && g_str_equal (source->row.id, self->id->str))
    {
      const RepriseCouchRow *row = &source->row;
      const RepriseCouchMention mention = {
        .segment = i,
        .n = row->n,
        .rev = g_string_chunk_insert (self->texts, row->rev),
        .leaf = row->leaf,
        .deleted = row->deleted,
        .gone = row->gone,
        .held = row->held,
        .size = row->size,
      };

      g_array_append_val (self->mentions, mention);
      if (!reprise_couch_cursor_next (source->cursor, &source->row, &source->more, error))
        return FALSE;
    }
  return TRUE;
}

/* @more: (out): whether there is another document */
gboolean
reprise_couch_merge_next (RepriseCouchMerge *self, gboolean *more, GError **error)
{
  const char *first = find_first (self);

  *more = first != NULL;
  g_array_set_size (self->mentions, 0);
  g_string_chunk_clear (self->texts);
  if (first == NULL)
    return TRUE;
  g_string_assign (self->id, first);
  for (guint i = 0; i < self->sources->len; i++)
    if (!take_rows (self, i, error))
      return FALSE;
  return TRUE;
}

const char *
reprise_couch_merge_get_id (RepriseCouchMerge *self)
{
  return self->id->str;
}

/* (element-type RepriseCouchMention): of the oldest segment first, and in each by revision */
GArray *
reprise_couch_merge_get_mentions (RepriseCouchMerge *self)
{
  return self->mentions;
}

/* The newest segment that mentions the document: its leaves are the document's. */
guint
reprise_couch_merge_get_last (RepriseCouchMerge *self)
{
  return g_array_index (self->mentions, RepriseCouchMention, self->mentions->len - 1).segment;
}

/* (nullable): the newest row that has the body of that revision */
const RepriseCouchMention *
reprise_couch_merge_find_body (RepriseCouchMerge *self, const char *rev)
{
  for (guint i = self->mentions->len; i > 0; i--)
    {
      const RepriseCouchMention *mention =
        &g_array_index (self->mentions, RepriseCouchMention, i - 1);

      if (!mention->held && !mention->gone && g_str_equal (mention->rev, rev))
        return mention;
    }
  return NULL;
}

struct _RepriseCouchBits
{
  guint8 *bits; /* (owned) */
  gint64 max_n;
};

/* Rows are numbered without large gaps: a number beyond the bytes of the file is none. */
RepriseCouchBits *
reprise_couch_bits_new (RepriseCouchReader *reader, GError **error)
{
  g_autofree char *max = reprise_couch_get_text (reprise_couch_reader_get_db (reader),
                                                 "SELECT max (n) FROM revision", NULL);
  g_autofree char *pages = reprise_couch_get_text (reprise_couch_reader_get_db (reader),
                                                   "SELECT page_count * page_size FROM "
                                                   "pragma_page_count, pragma_page_size",
                                                   NULL);
  gint64 max_n = max == NULL ? 0 : g_ascii_strtoll (max, NULL, 10);
  RepriseCouchBits *self;

  if (max_n < 0 || pages == NULL || max_n > g_ascii_strtoll (pages, NULL, 10))
    {
      reprise_couch_damaged (reprise_couch_reader_get_path (reader), error,
                             "the numbers of its rows");
      return NULL;
    }
  self = g_new0 (RepriseCouchBits, 1);
  self->bits = g_malloc0 ((gsize) max_n / 8 + 1);
  self->max_n = max_n;
  return self;
}

void
reprise_couch_bits_free (RepriseCouchBits *self)
{
  g_free (self->bits);
  g_free (self);
}

void
reprise_couch_bits_set (RepriseCouchBits *self, gint64 n)
{
  if (n >= 0 && n <= self->max_n)
    self->bits[n / 8] |= (guint8) (1 << (n % 8));
}

gboolean
reprise_couch_bits_get (RepriseCouchBits *self, gint64 n)
{
  return n >= 0 && n <= self->max_n && (self->bits[n / 8] & (1 << (n % 8))) != 0;
}
