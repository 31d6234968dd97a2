/* reprise-couch-segment.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

#include "base/reprise-progress.h"

G_BEGIN_DECLS

/* A segment: what one run saw of one database, in one immutable SQLite file (contracts: “CouchDB history”). Its schema, with what each
 * column means, stands in reprise-couch-segment.c. All calls block: they are for workers, and each object is for one of them at a
 * time. */

#define REPRISE_COUCH_BLOCK_BYTES    (64 * 1024)
#define REPRISE_COUCH_MAX_BODY_BYTES (128 * 1024 * 1024) /* of one document, without attachments */
#define REPRISE_COUCH_PIECE_BYTES    (256 * 1024)        /* of an attachment, before compression */
#define REPRISE_COUCH_DIGEST_BYTES   32                  /* SHA-256 */

/* Names in the table “segment” that mean something to more than one part. Others are allowed; values are text. */
#define REPRISE_COUCH_DATABASE "database" /* its name on the server */
#define REPRISE_COUCH_RUN      "run"      /* ULID of the backup that it was written for */
#define REPRISE_COUCH_TIER     "tier"     /* baseline, daily, weekly, monthly, yearly */
#define REPRISE_COUCH_FROM \
  "from" /* RFC 3339, UTC: the run that it goes on from; “” for a baseline */
#define REPRISE_COUCH_TO     "to"     /* RFC 3339, UTC: the point in time that it leads to */
#define REPRISE_COUCH_MADE   "made"   /* RFC 3339, UTC: when a roll-up was made; else as “to” */
#define REPRISE_COUCH_ROLLED "rolled" /* of a roll-up: the runs in it, a blank between them */
#define REPRISE_COUCH_SINCE \
  "since" /* sequence that it began after, as received; “” or 0 for a baseline */
#define REPRISE_COUCH_SEQUENCE \
  "sequence" /* the last checkpoint; of a committed one where the next run begins */

/**
 * RepriseCouchLink:
 * @name: of the attachment in its document
 * @sha256: of its bytes as stored on the server: which attachment it is, here or in an earlier segment
 */
typedef struct
{
  const char *name;
  guint8 sha256[REPRISE_COUCH_DIGEST_BYTES];
} RepriseCouchLink;

/**
 * RepriseCouchLeaf:
 * @rev: “3-…”
 * @ancestry: (nullable): the value of `_revisions` as received, where the body does not have it
 * @body: (nullable): the document as received; %NULL where an earlier segment of the chain holds this revision
 *
 * One leaf of a document's revision tree.
 */
typedef struct
{
  const char *rev;
  const char *ancestry;
  gboolean deleted;
  gconstpointer body;
  gsize size;
  const RepriseCouchLink *links;
  guint n_links;
} RepriseCouchLeaf;

/**
 * RepriseCouchWriter:
 *
 * Writes `<path>.partial`, and nothing else beside it but SQLite's journal, until the commit makes it `<path>`. What was said before the
 * last checkpoint survives a kill and a power cut; what came after it is gone when the file is opened again, so that the run goes on
 * from the sequence of that checkpoint.
 *
 * A document is told whole: begin, all its leaves, end. Told again in the same run, the later telling holds; a revision that is
 * there already is not stored twice. With no leaf at all it is gone (purged). Ids are UTF-8, in which U+0000 is written C0 80.
 */
typedef struct _RepriseCouchWriter RepriseCouchWriter;

RepriseCouchWriter *reprise_couch_writer_new (const char *path, GError **error);
void reprise_couch_writer_free (RepriseCouchWriter *self);

gboolean reprise_couch_writer_is_resumed (RepriseCouchWriter *self);
gboolean reprise_couch_writer_set (RepriseCouchWriter *self,
                                   const char *name,
                                   const char *value,
                                   GError **error);
char *reprise_couch_writer_dup (RepriseCouchWriter *self, const char *name);
gboolean reprise_couch_writer_count_live (RepriseCouchWriter *self,
                                          GPtrArray *readers,
                                          gint64 *n,
                                          GError **error);

gboolean reprise_couch_writer_begin_document (RepriseCouchWriter *self,
                                              const char *id,
                                              const char *sequence,
                                              GError **error);
gboolean reprise_couch_writer_add_leaf (RepriseCouchWriter *self,
                                        const RepriseCouchLeaf *leaf,
                                        GError **error);
gboolean reprise_couch_writer_end_document (RepriseCouchWriter *self, GError **error);

gboolean reprise_couch_writer_put_extra (RepriseCouchWriter *self,
                                         const char *name,
                                         gconstpointer data,
                                         gsize size,
                                         GError **error);

gboolean reprise_couch_writer_checkpoint (RepriseCouchWriter *self,
                                          const char *sequence,
                                          GError **error);
gboolean reprise_couch_writer_commit (RepriseCouchWriter *self,
                                      GCancellable *cancellable,
                                      GError **error);
gboolean reprise_couch_writer_discard (const char *path, GError **error);

guint64 reprise_couch_writer_get_n_revisions (RepriseCouchWriter *self);
guint64 reprise_couch_writer_get_stored_bytes (RepriseCouchWriter *self);
guint64 reprise_couch_writer_get_unsaved_bytes (RepriseCouchWriter *self);

/**
 * RepriseCouchIncoming:
 *
 * An attachment that is being stored. Several may be open at a time, and documents be told meanwhile; one that is dropped leaves nothing.
 * It must end before its writer does.
 */
typedef struct _RepriseCouchIncoming RepriseCouchIncoming;

gboolean reprise_couch_writer_find_attachment (RepriseCouchWriter *self,
                                               const char *digest,
                                               guint8 sha256[REPRISE_COUCH_DIGEST_BYTES]);
RepriseCouchIncoming *reprise_couch_incoming_new (RepriseCouchWriter *writer,
                                                  const char *digest,
                                                  const char *encoding);
gboolean reprise_couch_incoming_write (RepriseCouchIncoming *self,
                                       gconstpointer data,
                                       gsize size,
                                       GError **error);
gboolean reprise_couch_incoming_finish (RepriseCouchIncoming *self,
                                        guint8 sha256[REPRISE_COUCH_DIGEST_BYTES],
                                        GError **error);
void reprise_couch_incoming_free (RepriseCouchIncoming *self);

/**
 * RepriseCouchRow:
 * @n: of the row, from 1, in the order of arrival
 * @rev: “” of a document that is gone
 * @sequence: (nullable): of its row in the feed
 * @ancestry: (nullable): see #RepriseCouchLeaf
 * @leaf: whether it was one at the end of the run; else a later edit was seen in the same run
 * @gone: whether no leaf was left of the document (purged)
 * @held: whether the body lies in an earlier segment of the chain, and not here
 * @size: of the body, 0 where it is not here
 * @sha256: of the body
 *
 * One revision in a segment. Strings are valid until the cursor moves.
 */
typedef struct
{
  gint64 n;
  const char *id;
  const char *rev;
  const char *sequence;
  const char *ancestry;
  gboolean leaf;
  gboolean deleted;
  gboolean gone;
  gboolean held;
  gint64 size;
  gint64 block;
  gint64 start;
  guint8 sha256[REPRISE_COUCH_DIGEST_BYTES];
} RepriseCouchRow;

/**
 * RepriseCouchAttachment:
 * @digest: CouchDB's own: “md5-…”
 * @encoding: (nullable): “gzip” where the bytes are compressed so
 * @size: of the bytes as stored on the server
 */
typedef struct
{
  gint64 n;
  char *digest;
  char *encoding;
  gint64 size;
  guint8 sha256[REPRISE_COUCH_DIGEST_BYTES];
} RepriseCouchAttachment;

/**
 * RepriseCouchReader:
 *
 * A committed segment, read only. The file may be hostile: what is not as it should be is %REPRISE_ERROR_DAMAGED, and of a later format
 * %REPRISE_ERROR_NOT_SUPPORTED.
 */
typedef struct _RepriseCouchReader RepriseCouchReader;
typedef struct _RepriseCouchCursor RepriseCouchCursor;

RepriseCouchReader *reprise_couch_reader_new (const char *path, GError **error);
void reprise_couch_reader_free (RepriseCouchReader *self);
const char *reprise_couch_reader_get_path (RepriseCouchReader *self);
char *reprise_couch_reader_dup (RepriseCouchReader *self, const char *name);

RepriseCouchCursor *reprise_couch_reader_list (RepriseCouchReader *self, GError **error);
RepriseCouchCursor *reprise_couch_reader_list_sorted (RepriseCouchReader *self,
                                                      const char *from_id,
                                                      GError **error);
RepriseCouchCursor *reprise_couch_reader_find (RepriseCouchReader *self,
                                               const char *id,
                                               GError **error);
gboolean reprise_couch_readers_look_up (GPtrArray *readers,
                                        const char *id,
                                        const char *rev,
                                        gboolean *known,
                                        gboolean *has_rev,
                                        gboolean *is_live,
                                        GError **error);
gboolean reprise_couch_cursor_next (RepriseCouchCursor *self,
                                    RepriseCouchRow *row,
                                    gboolean *more,
                                    GError **error);
void reprise_couch_cursor_free (RepriseCouchCursor *self);

GBytes *reprise_couch_reader_read_body (RepriseCouchReader *self,
                                        const RepriseCouchRow *row,
                                        GError **error);
GArray *reprise_couch_reader_list_links (RepriseCouchReader *self, gint64 n, GError **error);

RepriseCouchAttachment *reprise_couch_reader_find_attachment (
  RepriseCouchReader *self,
  const guint8 sha256[REPRISE_COUCH_DIGEST_BYTES],
  GError **error);
RepriseCouchAttachment *reprise_couch_reader_find_attachment_by_digest (RepriseCouchReader *self,
                                                                        const char *digest,
                                                                        GError **error);
GInputStream *reprise_couch_reader_open_attachment (RepriseCouchReader *self,
                                                    const RepriseCouchAttachment *attachment,
                                                    GError **error);
void reprise_couch_attachment_free (RepriseCouchAttachment *attachment);

char **reprise_couch_reader_list_extras (RepriseCouchReader *self, GError **error);
GBytes *reprise_couch_reader_read_extra (RepriseCouchReader *self,
                                         const char *name,
                                         GError **error);

gboolean reprise_couch_reader_verify (RepriseCouchReader *self,
                                      RepriseProgress *progress,
                                      GCancellable *cancellable,
                                      GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RepriseCouchWriter, reprise_couch_writer_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RepriseCouchIncoming, reprise_couch_incoming_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RepriseCouchReader, reprise_couch_reader_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RepriseCouchCursor, reprise_couch_cursor_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RepriseCouchAttachment, reprise_couch_attachment_free)

G_END_DECLS
