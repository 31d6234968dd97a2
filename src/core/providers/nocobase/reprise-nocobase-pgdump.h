/* reprise-nocobase-pgdump.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * RepriseNocobasePull:
 *
 * Gives the next bytes of a stream.
 *
 * Returns: how many, 0 at the end, -1 with @error set
 */
typedef gssize (*RepriseNocobasePull) (gpointer user_data,
                                       gpointer buffer,
                                       gsize size,
                                       GCancellable *cancellable,
                                       GError **error);

/**
 * RepriseNocobaseTable:
 * @schema: (nullable): the database's schema
 * @name: of the table
 * @rows: lines of its data
 * @size_bytes: of its data, unpacked
 *
 * One table whose data is in a dump.
 */
typedef struct
{
  char *schema;
  char *name;
  gint64 rows;
  gint64 size_bytes;
} RepriseNocobaseTable;

gboolean reprise_nocobase_pgdump_is_magic (gconstpointer head, gsize size);
GPtrArray *reprise_nocobase_pgdump_read (RepriseNocobasePull pull,
                                         gpointer user_data,
                                         char **server_version,
                                         GCancellable *cancellable,
                                         GError **error);

G_END_DECLS
