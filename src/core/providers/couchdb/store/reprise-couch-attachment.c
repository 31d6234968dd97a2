/* reprise-couch-attachment.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "providers/couchdb/store/reprise-couch-segment-private.h"

/* On its way in */
struct _RepriseCouchIncoming
{
  RepriseCouchWriter *writer; /* not owned: it lives longer */
  sqlite3_int64 n;
  char *digest;      /* (owned) */
  char *encoding;    /* (owned) (nullable) */
  RepriseHash *hash; /* (owned) */
  GChecksum *md5;    /* (owned) (nullable): where the digest is one that can be checked */
  guint8 *buffer;    /* (owned) */
  gsize n_buffered;
  gint64 size;
  gint64 n_parts;
  gboolean finished;
};

/* Whether this segment has it already. @sha256: (out) */
gboolean
reprise_couch_writer_find_attachment (RepriseCouchWriter *self,
                                      const char *digest,
                                      guint8 sha256[REPRISE_COUCH_DIGEST_BYTES])
{
  static const char sql[] = "SELECT sha256 FROM attachment WHERE digest = ?1";
  g_autoptr (RepriseCouchStmt) statement =
    reprise_couch_prepare (reprise_couch_writer_get_db (self), "", sql, NULL);

  if (statement == NULL)
    return FALSE;
  sqlite3_bind_text (statement, 1, digest, -1, SQLITE_STATIC);
  if (sqlite3_step (statement) != SQLITE_ROW)
    return FALSE;
  memcpy (sha256, sqlite3_column_blob (statement, 0), REPRISE_COUCH_DIGEST_BYTES);
  return TRUE;
}

/**
 * reprise_couch_incoming_new:
 * @digest: the server's own: “md5-…”; it is checked against what comes
 * @encoding: (nullable): “gzip” where what comes, as stored on the server, is compressed so
 */
RepriseCouchIncoming *
reprise_couch_incoming_new (RepriseCouchWriter *writer, const char *digest, const char *encoding)
{
  RepriseCouchIncoming *self = g_new0 (RepriseCouchIncoming, 1);

  self->writer = writer;
  self->n = reprise_couch_writer_take_attachment_n (writer);
  self->digest = g_strdup (digest);
  self->encoding = g_strdup (encoding);
  self->hash = reprise_hash_new ();
  self->md5 = g_str_has_prefix (digest, "md5-") ? g_checksum_new (G_CHECKSUM_MD5) : NULL;
  self->buffer = g_malloc (REPRISE_COUCH_PIECE_BYTES);
  reprise_couch_writer_count_incoming (writer, 1);
  return self;
}

static gboolean
run_with_n (RepriseCouchIncoming *self, const char *sql, GError **error)
{
  const char *path = reprise_couch_writer_get_path (self->writer);
  g_autoptr (RepriseCouchStmt) statement =
    reprise_couch_prepare (reprise_couch_writer_get_db (self->writer), path, sql, error);

  if (statement == NULL)
    return FALSE;
  sqlite3_bind_int64 (statement, 1, self->n);
  return reprise_couch_finish (statement, path, error);
}

/* Not finished: nothing is left of it. */
void
reprise_couch_incoming_free (RepriseCouchIncoming *self)
{
  if (!self->finished && self->n_parts > 0)
    run_with_n (self, "DELETE FROM piece WHERE attachment = ?1", NULL);
  reprise_couch_writer_count_incoming (self->writer, -1);
  reprise_hash_free (self->hash);
  g_clear_pointer (&self->md5, g_checksum_free);
  g_free (self->digest);
  g_free (self->encoding);
  g_free (self->buffer);
  g_free (self);
}

static gboolean
store_piece (RepriseCouchIncoming *self, GError **error)
{
  static const char sql[] = "INSERT INTO piece (attachment, part, data) VALUES (?1, ?2, ?3)";
  const char *path = reprise_couch_writer_get_path (self->writer);
  g_autoptr (RepriseCouchStmt) statement = NULL;
  gconstpointer packed = NULL;
  gsize n =
    reprise_couch_writer_pack (self->writer, self->buffer, self->n_buffered, &packed, error);

  if (n == 0)
    return FALSE;
  statement = reprise_couch_prepare (reprise_couch_writer_get_db (self->writer), path, sql, error);
  if (statement == NULL)
    return FALSE;
  sqlite3_bind_int64 (statement, 1, self->n);
  sqlite3_bind_int64 (statement, 2, self->n_parts++);
  sqlite3_bind_blob64 (statement, 3, packed, n, SQLITE_STATIC);
  reprise_couch_writer_count_bytes (self->writer, n);
  self->n_buffered = 0;
  return reprise_couch_finish (statement, path, error);
}

gboolean
reprise_couch_incoming_write (RepriseCouchIncoming *self,
                              gconstpointer data,
                              gsize size,
                              GError **error)
{
  const guint8 *bytes = data;

  reprise_hash_update (self->hash, data, size);
  if (self->md5 != NULL)
    g_checksum_update (self->md5, data, (gssize) size);
  self->size += (gint64) size;
  while (size > 0)
    {
      gsize n = MIN (size, REPRISE_COUCH_PIECE_BYTES - self->n_buffered);

      memcpy (self->buffer + self->n_buffered, bytes, n);
      self->n_buffered += n;
      bytes += n;
      size -= n;
      if (self->n_buffered == REPRISE_COUCH_PIECE_BYTES && !store_piece (self, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
check_digest (RepriseCouchIncoming *self, GError **error)
{
  g_autofree char *text = NULL;
  guint8 digest[16];
  gsize size = sizeof digest;

  if (self->md5 == NULL)
    return TRUE;
  g_checksum_get_digest (self->md5, digest, &size);
  text = g_base64_encode (digest, size);
  if (g_str_equal (text, self->digest + strlen ("md5-")))
    return TRUE;
  reprise_error_set (
    error, REPRISE_ERROR, REPRISE_ERROR_DAMAGED,
    _ ("What came of an attachment does not have the digest that the server tells (%s)"),
    self->digest);
  return FALSE;
}

/* The same bytes may be there under another digest, or have come twice at a time: then they are not stored twice. */
static gboolean
insert_attachment (RepriseCouchIncoming *self, const guint8 *sha256, GError **error)
{
  static const char sql[] = "INSERT OR IGNORE INTO attachment (n, sha256, digest, encoding, size) "
                            "VALUES (?1, ?2, ?3, ?4, ?5)";
  const char *path = reprise_couch_writer_get_path (self->writer);
  sqlite3 *db = reprise_couch_writer_get_db (self->writer);
  g_autoptr (RepriseCouchStmt) statement = reprise_couch_prepare (db, path, sql, error);

  if (statement == NULL)
    return FALSE;
  sqlite3_bind_int64 (statement, 1, self->n);
  sqlite3_bind_blob (statement, 2, sha256, REPRISE_COUCH_DIGEST_BYTES, SQLITE_STATIC);
  sqlite3_bind_text (statement, 3, self->digest, -1, SQLITE_STATIC);
  sqlite3_bind_text (statement, 4, self->encoding, -1, SQLITE_STATIC);
  sqlite3_bind_int64 (statement, 5, self->size);
  if (!reprise_couch_finish (statement, path, error))
    return FALSE;
  return sqlite3_changes (db) == 1 ||
         run_with_n (self, "DELETE FROM piece WHERE attachment = ?1", error);
}

/**
 * reprise_couch_incoming_finish:
 * @sha256: (out): what links name it by
 *
 * Returns: whether all of it is there; %REPRISE_ERROR_DAMAGED where the digest is another
 */
gboolean
reprise_couch_incoming_finish (RepriseCouchIncoming *self,
                               guint8 sha256[REPRISE_COUCH_DIGEST_BYTES],
                               GError **error)
{
  g_return_val_if_fail (!self->finished, FALSE);

  if (!check_digest (self, error))
    return FALSE;
  if (self->n_buffered > 0 && !store_piece (self, error))
    return FALSE;
  reprise_hash_finish_raw (self->hash, sha256);
  self->finished = insert_attachment (self, sha256, error);
  return self->finished;
}

/* On its way out: a stream over the pieces, which fails at its end where the digest is another */
#define TYPE_OUTGOING (outgoing_get_type ())

G_DECLARE_FINAL_TYPE (Outgoing, outgoing, REPRISE_COUCH, OUTGOING, GInputStream)

struct _Outgoing
{
  GInputStream parent_instance;

  RepriseCouchReader *reader; /* (owned) */
  sqlite3_stmt *pieces;       /* (owned) */
  GBytes *piece;              /* (owned) (nullable) */
  gsize position;
  gint64 next_part;
  gint64 left;
  gboolean ended;    /* there is no further piece */
  RepriseHash *hash; /* (owned) */
  guint8 sha256[REPRISE_COUCH_DIGEST_BYTES];
};

G_DEFINE_FINAL_TYPE (Outgoing, outgoing, G_TYPE_INPUT_STREAM)

static void
outgoing_finalize (GObject *object)
{
  Outgoing *self = REPRISE_COUCH_OUTGOING (object);

  sqlite3_finalize (self->pieces);
  g_clear_pointer (&self->piece, g_bytes_unref);
  g_clear_pointer (&self->hash, reprise_hash_free);
  g_clear_pointer (&self->reader, reprise_couch_reader_free);
  G_OBJECT_CLASS (outgoing_parent_class)->finalize (object);
}

/* After the last piece: nothing is missing, and nothing was changed. */
static gboolean
check_end (Outgoing *self, GError **error)
{
  guint8 sha256[REPRISE_COUCH_DIGEST_BYTES];

  self->ended = TRUE;
  reprise_hash_finish_raw (self->hash, sha256);
  return (self->left == 0 && memcmp (sha256, self->sha256, sizeof sha256) == 0) ||
         reprise_couch_damaged (reprise_couch_reader_get_path (self->reader), error,
                                "an attachment is not what was stored");
}

static gboolean
unpack_piece (Outgoing *self, GError **error)
{
  const char *path = reprise_couch_reader_get_path (self->reader);
  gconstpointer data;

  if (sqlite3_column_int64 (self->pieces, 0) != self->next_part++)
    return reprise_couch_damaged (path, error, "a part of an attachment is missing");
  data = sqlite3_column_blob (self->pieces, 1);
  self->piece = reprise_couch_unpack (path, data, (gsize) sqlite3_column_bytes (self->pieces, 1),
                                      REPRISE_COUCH_PIECE_BYTES, error);
  if (self->piece == NULL)
    return FALSE;
  self->left -= (gint64) g_bytes_get_size (self->piece);
  reprise_hash_update (self->hash, g_bytes_get_data (self->piece, NULL),
                       g_bytes_get_size (self->piece));
  return self->left >= 0 || reprise_couch_damaged (path, error, "an attachment is too long");
}

/* The last piece is not given out before all of it was checked: who knows the length reads no further. */
static gboolean
next_piece (Outgoing *self, GError **error)
{
  const char *path = reprise_couch_reader_get_path (self->reader);
  gboolean more = FALSE;

  g_clear_pointer (&self->piece, g_bytes_unref);
  self->position = 0;
  if (!reprise_couch_step (self->pieces, path, &more, error))
    return FALSE;
  if (!more)
    return check_end (self, error);
  if (!unpack_piece (self, error))
    return FALSE;
  if (self->left > 0)
    return TRUE;
  if (!reprise_couch_step (self->pieces, path, &more, error))
    return FALSE;
  return more ? reprise_couch_damaged (path, error, "an attachment is too long")
              : check_end (self, error);
}

static gssize
outgoing_read (GInputStream *stream,
               void *buffer,
               gsize count,
               GCancellable *cancellable,
               GError **error)
{
  Outgoing *self = REPRISE_COUCH_OUTGOING (stream);
  gsize n;

  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return -1;
  while (self->piece == NULL || self->position == g_bytes_get_size (self->piece))
    if (self->ended)
      return 0;
    else if (!next_piece (self, error))
      return -1;
  n = MIN (count, g_bytes_get_size (self->piece) - self->position);
  memcpy (buffer, (const guint8 *) g_bytes_get_data (self->piece, NULL) + self->position, n);
  self->position += n;
  return (gssize) n;
}

static void
outgoing_class_init (OutgoingClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = outgoing_finalize;
  G_INPUT_STREAM_CLASS (klass)->read_fn = outgoing_read;
}

static void
outgoing_init (Outgoing *self)
{
  self->hash = reprise_hash_new ();
}

/**
 * reprise_couch_reader_open_attachment:
 *
 * Returns: (transfer full): its bytes as stored on the server. The stream may outlive the reader, and the reader be used meanwhile, all in
 *   one thread at a time. At its end it fails with %REPRISE_ERROR_DAMAGED where what was read is not what was stored
 */
GInputStream *
reprise_couch_reader_open_attachment (RepriseCouchReader *self,
                                      const RepriseCouchAttachment *attachment,
                                      GError **error)
{
  static const char sql[] = "SELECT part, data FROM piece WHERE attachment = ?1 ORDER BY part";
  g_autoptr (Outgoing) stream = g_object_new (TYPE_OUTGOING, NULL);

  stream->pieces = reprise_couch_prepare (reprise_couch_reader_get_db (self),
                                          reprise_couch_reader_get_path (self), sql, error);
  if (stream->pieces == NULL)
    return NULL;
  reprise_couch_reader_ref (self);
  stream->reader = self;
  stream->left = attachment->size;
  memcpy (stream->sha256, attachment->sha256, sizeof stream->sha256);
  sqlite3_bind_int64 (stream->pieces, 1, attachment->n);
  return G_INPUT_STREAM (g_steal_pointer (&stream));
}

void
reprise_couch_attachment_free (RepriseCouchAttachment *attachment)
{
  g_free (attachment->digest);
  g_free (attachment->encoding);
  g_free (attachment);
}
