/* reprise-http-body.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "net/reprise-http-body.h"

/* One piece: either bytes, or a stream to open. */
typedef struct
{
  GBytes *bytes; /* (owned) (nullable) */
  RepriseHttpOpen open;
  gpointer user_data;
  GDestroyNotify destroy;
  guint64 size_bytes;
} Piece;

struct _RepriseHttpBody
{
  gatomicrefcount refs;
  GArray *pieces; /* (owned) (element-type Piece) */
  guint64 size_bytes;
};

static void
clear_piece (gpointer data)
{
  Piece *piece = data;

  g_clear_pointer (&piece->bytes, g_bytes_unref);
  if (piece->destroy != NULL)
    piece->destroy (piece->user_data);
}

RepriseHttpBody *
reprise_http_body_new (void)
{
  RepriseHttpBody *self = g_new0 (RepriseHttpBody, 1);

  g_atomic_ref_count_init (&self->refs);
  self->pieces = g_array_new (FALSE, TRUE, sizeof (Piece));
  g_array_set_clear_func (self->pieces, clear_piece);
  return self;
}

RepriseHttpBody *
reprise_http_body_ref (RepriseHttpBody *self)
{
  g_atomic_ref_count_inc (&self->refs);
  return self;
}

void
reprise_http_body_unref (RepriseHttpBody *self)
{
  if (!g_atomic_ref_count_dec (&self->refs))
    return;
  g_array_unref (self->pieces);
  g_free (self);
}

void
reprise_http_body_add_bytes (RepriseHttpBody *self, GBytes *bytes)
{
  Piece piece = { .bytes = g_bytes_ref (bytes), .size_bytes = g_bytes_get_size (bytes) };

  g_array_append_val (self->pieces, piece);
  self->size_bytes += piece.size_bytes;
}

void
reprise_http_body_add_text (RepriseHttpBody *self, const char *text)
{
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));

  reprise_http_body_add_bytes (self, bytes);
}

void
reprise_http_body_add_stream (RepriseHttpBody *self,
                              guint64 size_bytes,
                              RepriseHttpOpen open,
                              gpointer user_data,
                              GDestroyNotify destroy)
{
  Piece piece = { NULL, open, user_data, destroy, size_bytes };

  g_array_append_val (self->pieces, piece);
  self->size_bytes += size_bytes;
}

guint64
reprise_http_body_get_size (RepriseHttpBody *self)
{
  return self->size_bytes;
}

/* (transfer none) (nullable): the whole body, where it is one piece in memory */
GBytes *
reprise_http_body_get_bytes (RepriseHttpBody *self)
{
  return self->pieces->len == 1 ? g_array_index (self->pieces, Piece, 0).bytes : NULL;
}

guint
reprise_http_body_get_n_pieces (RepriseHttpBody *self)
{
  return self->pieces->len;
}

/* (transfer full) (nullable): a piece from its beginning. For the thread of an upload. */
GInputStream *
reprise_http_body_open_piece (RepriseHttpBody *self,
                              guint index,
                              guint64 *size_bytes,
                              GCancellable *cancellable,
                              GError **error)
{
  Piece *piece = &g_array_index (self->pieces, Piece, index);

  *size_bytes = piece->size_bytes;
  if (piece->bytes != NULL)
    return g_memory_input_stream_new_from_bytes (piece->bytes);
  return piece->open (piece->user_data, cancellable, error);
}
