/* reprise-couch-reading.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "providers/couchdb/client/reprise-couch-client.h"
#include "providers/couchdb/store/reprise-couch-segment.h"

G_BEGIN_DECLS

/**
 * RepriseCouchReading:
 * @database: its name
 * @name: (nullable): what the segment calls it; %NULL for @database
 * @document: (nullable): the only one that is wanted
 * @path: of the segment to be
 * @run: ULID of the backup
 * @to: RFC 3339, UTC: the point in time that it is of
 * @from: (nullable): that of the run that it goes on from
 * @earlier: (nullable) (element-type RepriseCouchSegment): what leads to @from, the baseline first
 * @data: whether documents are wanted
 * @design: whether design documents and the security object are wanted
 * @local: whether local documents are wanted
 * @connections: at a time, at most
 *
 * What is to be read of one database into one segment.
 */
typedef struct
{
  const char *database;
  const char *name;
  const char *document;
  const char *path;
  const char *run;
  const char *to;
  const char *from;
  GPtrArray *earlier;
  const char *server;
  gboolean data;
  gboolean design;
  gboolean local;
  guint connections;
} RepriseCouchReading;

gboolean reprise_couch_reading_run (const RepriseCouchReading *want,
                                    RepriseCouchClient *client,
                                    RepriseProgress *progress,
                                    GCancellable *cancellable,
                                    GError **error);

G_END_DECLS
