/* reprise-database.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>
#include <sqlite3.h>

G_BEGIN_DECLS

/**
 * RepriseDatabaseFlags:
 * @REPRISE_DATABASE_CACHE: all of it can be made again: one that is damaged, or of a later version, is thrown away and begun anew,
 *   and a power cut may cost the last changes
 */
typedef enum
{
  REPRISE_DATABASE_NONE = 0,
  REPRISE_DATABASE_CACHE = 1 << 0,
} RepriseDatabaseFlags;

/**
 * RepriseDatabase:
 *
 * An SQLite database of our own: private to the user (0600), in WAL mode, with numbered migrations. Blocks: for workers, one at a
 * time; several processes may use the same file.
 */
typedef struct _RepriseDatabase RepriseDatabase;

RepriseDatabase *reprise_database_open (const char *path,
                                        const char *const *migrations,
                                        RepriseDatabaseFlags flags,
                                        GError **error);
void reprise_database_free (RepriseDatabase *self);
void reprise_database_remove (const char *path);

gboolean reprise_database_run (RepriseDatabase *self, const char *sql, GError **error);
gboolean reprise_database_begin (RepriseDatabase *self, GError **error);
gboolean reprise_database_commit (RepriseDatabase *self, GError **error);
void reprise_database_roll_back (RepriseDatabase *self);

/**
 * RepriseQuery:
 *
 * One prepared statement. Parameters are numbered from 1, columns from 0.
 */
typedef struct _RepriseQuery RepriseQuery;

RepriseQuery *reprise_query_new (RepriseDatabase *database, const char *sql, GError **error);
void reprise_query_free (RepriseQuery *self);
void reprise_query_bind_text (RepriseQuery *self, int parameter, const char *text);
void reprise_query_bind_int (RepriseQuery *self, int parameter, gint64 value);
gboolean reprise_query_step (RepriseQuery *self, gboolean *row, GError **error);
gboolean reprise_query_finish (RepriseQuery *self, GError **error);
const char *reprise_query_get_text (RepriseQuery *self, int column);
gint64 reprise_query_get_int (RepriseQuery *self, int column, gint64 if_null);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RepriseDatabase, reprise_database_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (RepriseQuery, reprise_query_free)

G_END_DECLS
