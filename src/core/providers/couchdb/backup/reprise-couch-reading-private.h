/* reprise-couch-reading-private.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "providers/couchdb/client/reprise-couch-fetch.h"
#include "providers/couchdb/backup/reprise-couch-pull.h"
#include "providers/couchdb/backup/reprise-couch-reading.h"

G_BEGIN_DECLS

/* Between the three files of a reading: -reading (from the beginning to the commit), -feed (documents), -extras (what no feed tells). */

/*
 * What an earlier try left → else a baseline, or a delta that can go on from what is there
 *   → pages of the feed, the next one asked for meanwhile: what is known is not fetched → documents, attachments → checkpoint
 *   → until a pass brings nothing → purged ids → security object, local documents → commit
 */
typedef struct
{
  const RepriseCouchReading *want;
  RepriseCouchClient *client;
  RepriseProgress *progress;
  GCancellable *cancellable;
  RepriseCouchWriter *writer; /* (owned) */
  GPtrArray *
    readers; /* (owned) (element-type RepriseCouchReader): earlier segments, the newest first; none for a baseline */
  RepriseCouchFetch *fetch; /* (owned) */
  RepriseCouchPull *pull;   /* (owned) */
  RepriseCouchInfo *info;   /* (owned): as it was at the beginning */
  char *since;              /* (owned) (nullable): up to where all is stored */
  gboolean is_delta;
  guint page_rows;
  guint n_unreadable;
  guint tag; /* of the page that is being asked for */
  guint
    n_open[2]; /* of it and of the one before: documents that were asked for and not yet stored */
} RepriseCouchReadingRun;

gboolean reprise_couch_reading_covers_local (const char *covers);

/* the feed */
gboolean reprise_couch_reading_is_wanted (RepriseCouchReadingRun *self, const char *id);
void reprise_couch_reading_ask_for (RepriseCouchReadingRun *self, RepriseCouchChange *change);
gboolean reprise_couch_reading_store_answers (RepriseCouchReadingRun *self,
                                              guint tag,
                                              GError **error);
gboolean reprise_couch_reading_read_feed (RepriseCouchReadingRun *self, GError **error);

/* beside it */
gboolean reprise_couch_reading_check_purges (RepriseCouchReadingRun *self,
                                             gboolean *anew,
                                             GError **error);
gboolean reprise_couch_reading_read_security (RepriseCouchReadingRun *self, GError **error);
gboolean reprise_couch_reading_read_local (RepriseCouchReadingRun *self, GError **error);

G_END_DECLS
