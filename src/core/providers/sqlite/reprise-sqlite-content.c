/* reprise-sqlite-content.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "reprise-sqlite-content"

#include "config.h"

#include <string.h>

#include "base/reprise-hash.h"
#include "providers/sqlite/reprise-sqlite-content-private.h"

#define BUFFER_BYTES (64 * 1024)

/* Many small values, gathered: libcrypto is quick only with large pieces. */
typedef struct
{
  RepriseHash *hash; /* (owned) */
  guint8 buffer[BUFFER_BYTES];
  gsize used;
} Digest;

static void
flush (Digest *self)
{
  reprise_hash_update (self->hash, self->buffer, self->used);
  self->used = 0;
}

static void
add (Digest *self, const void *data, gsize size)
{
  if (size == 0)
    return;
  if (size > BUFFER_BYTES - self->used)
    flush (self);
  if (size > BUFFER_BYTES)
    {
      reprise_hash_update (self->hash, data, size);
      return;
    }
  memcpy (self->buffer + self->used, data, size);
  self->used += size;
}

/* The type, then the value with its length, so that no two rows look the same. */
static void
add_value (Digest *self, sqlite3_stmt *statement, int column)
{
  guint8 type = (guint8) sqlite3_column_type (statement, column);
  const void *bytes;
  gint64 number;
  double real;
  int size;

  add (self, &type, 1);
  switch (type)
    {
    case SQLITE_INTEGER:
      number = sqlite3_column_int64 (statement, column);
      add (self, &number, sizeof number);
      break;
    case SQLITE_FLOAT:
      real = sqlite3_column_double (statement, column);
      add (self, &real, sizeof real);
      break;
    case SQLITE_TEXT:
    case SQLITE_BLOB:
      bytes = type == SQLITE_TEXT ? (const void *) sqlite3_column_text (statement, column)
                                  : sqlite3_column_blob (statement, column);
      size = sqlite3_column_bytes (statement, column);
      add (self, &size, sizeof size);
      add (self, bytes, (gsize) size);
      break;
    default:
      break;
    }
}

static sqlite3_stmt *
prepare_rows (RepriseSqliteDb *db,
              const char *schema,
              const RepriseSqliteTable *table,
              const char *rowid,
              GError **error)
{
  g_autofree char *columns = reprise_sqlite_table_list_columns (table, "");

  if (table->rowid != NULL)
    return reprise_sqlite_db_prepare (db, error,
                                      "SELECT %s, %s FROM \"%w\".\"%w\" NOT INDEXED ORDER BY %s",
                                      rowid, columns, schema, table->name, rowid);
  if (table->rowid_column != NULL)
    return reprise_sqlite_db_prepare (db, error,
                                      "SELECT %s FROM \"%w\".\"%w\" NOT INDEXED ORDER BY \"%w\"",
                                      columns, schema, table->name, table->rowid_column);
  /* without rowids, a scan of the table itself is in the order of its key */
  return reprise_sqlite_db_prepare (db, error, "SELECT %s FROM \"%w\".\"%w\" NOT INDEXED", columns,
                                    schema, table->name);
}

/**
 * reprise_sqlite_content_hash:
 * @table: whose columns count, those that are computed left out; the table itself may have more
 * @rowid: (nullable): a name for the rowid, where @table has one
 * @rows: (out): how many there are
 *
 * What a table holds: rowids and values, in the order of the table. It does not depend on pages or indexes.
 *
 * Returns: (transfer full): a SHA-256, or %NULL with @error set
 */
char *
reprise_sqlite_content_hash (RepriseSqliteDb *db,
                             const char *schema,
                             const RepriseSqliteTable *table,
                             const char *rowid,
                             gint64 *rows,
                             GError **error)
{
  g_autoptr (RepriseSqliteStmt) statement = prepare_rows (db, schema, table, rowid, error);
  g_autoptr (RepriseHash) hash = reprise_hash_new ();
  g_autofree Digest *digest = g_new (Digest, 1);
  gboolean row;

  if (statement == NULL)
    return NULL;
  digest->hash = hash;
  digest->used = 0;
  *rows = 0;
  while (reprise_sqlite_db_step (db, statement, &row, error))
    {
      if (!row)
        {
          flush (digest);
          return reprise_hash_finish (hash);
        }
      (*rows)++;
      for (int i = 0; i < sqlite3_column_count (statement); i++)
        add_value (digest, statement, i);
    }
  return NULL;
}
