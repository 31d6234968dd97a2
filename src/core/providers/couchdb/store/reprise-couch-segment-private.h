/* reprise-couch-segment-private.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <sqlite3.h>

#include "base/reprise-hash.h"
#include "providers/couchdb/store/reprise-couch-segment.h"

G_BEGIN_DECLS

#define REPRISE_COUCH_APPLICATION_ID 0x52505253 /* “RPRS” */
#define REPRISE_COUCH_FORMAT         1
#define REPRISE_COUCH_PARTIAL        ".partial"

/* Statements that make the tables, and then the indexes; each is in the file's schema word for word. */
extern const char *const REPRISE_COUCH_TABLES[];
extern const char *const REPRISE_COUCH_INDEXES[];
#define REPRISE_COUCH_BY_ID \
  0 /* of the indexes: made late, for a sort is faster than many insertions */

gboolean reprise_couch_fail (sqlite3 *db, const char *path, GError **error);
gboolean reprise_couch_damaged (const char *path, GError **error, const char *format, ...)
  G_GNUC_PRINTF (3, 4);
gboolean reprise_couch_run (sqlite3 *db, const char *path, const char *sql, GError **error);
sqlite3_stmt *reprise_couch_prepare (sqlite3 *db,
                                     const char *path,
                                     const char *sql,
                                     GError **error);
gboolean reprise_couch_step (sqlite3_stmt *statement,
                             const char *path,
                             gboolean *row,
                             GError **error);
gboolean reprise_couch_finish (sqlite3_stmt *statement, const char *path, GError **error);
char *reprise_couch_get_text (sqlite3 *db, const char *sql, const char *parameter);

GBytes *reprise_couch_unpack (const char *path,
                              gconstpointer data,
                              gsize size,
                              gsize max_bytes,
                              GError **error);

/* what the attachments need of the writer */
sqlite3 *reprise_couch_writer_get_db (RepriseCouchWriter *self);
const char *reprise_couch_writer_get_path (RepriseCouchWriter *self);
sqlite3_int64 reprise_couch_writer_take_attachment_n (RepriseCouchWriter *self);
void reprise_couch_writer_count_bytes (RepriseCouchWriter *self, gsize bytes);
void reprise_couch_writer_count_incoming (RepriseCouchWriter *self, int change);
gsize reprise_couch_writer_pack (RepriseCouchWriter *self,
                                 gconstpointer data,
                                 gsize size,
                                 gconstpointer *packed,
                                 GError **error);

/* what roll-ups need */
gboolean reprise_couch_writer_copy_row (RepriseCouchWriter *self,
                                        const RepriseCouchRow *row,
                                        gboolean leaf,
                                        GBytes *body,
                                        GArray *links,
                                        GError **error);

/* what they need of the reader */
sqlite3 *reprise_couch_reader_get_db (RepriseCouchReader *self);
void reprise_couch_reader_ref (RepriseCouchReader *self);

typedef sqlite3_stmt RepriseCouchStmt;
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RepriseCouchStmt, sqlite3_finalize)

G_END_DECLS
