/* reprise-couch-draw.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "providers/couchdb/backup/reprise-couch-reading.h"
#include "providers/couchdb/reprise-couch-settings.h"
#include "providers/couchdb/reprise-couch-shelf.h"
#include "providers/couchdb/server/reprise-couch-draw.h"
#include "providers/couchdb/server/reprise-couch-server-restore-private.h"

/*
 * The server replicates a backup into a new database, and no more. What goes into one that is there, or is a single document, is read
 * from the databases of the backup, wherever they are, each into a segment → design documents and security, from the vault, into another
 * → our own restore, with its plan, safety copy and comparison
 */
typedef struct
{
  RepriseCouchServer *server;
  RepriseCouchDrawn *drawn;
  const char *document; /* (nullable) */
  guint connections;
  guint n_files;
  RepriseProgress *progress;
  GCancellable *cancellable;
} Drawing;

static const char *
get_document (GHashTable *options)
{
  const char *document =
    options != NULL ? g_hash_table_lookup (options, REPRISE_COUCH_OPTION_DOCUMENT) : NULL;

  return document != NULL && *document != '\0' ? document : NULL;
}

/* @needed: (out): whether the server cannot carry it out by itself */
gboolean
reprise_couch_draw_is_needed (RepriseCouchServer *server,
                              RepriseArchive *archive,
                              RepriseGroups groups,
                              GHashTable *options,
                              gboolean *needed,
                              GCancellable *cancellable,
                              GError **error)
{
  g_auto (RepriseCouchServerWork) work = { NULL };

  *needed = get_document (options) != NULL;
  if (*needed)
    return TRUE;
  if (!reprise_couch_server_find_work (server, &work, archive, groups, options, cancellable, error))
    return FALSE;
  for (guint i = 0; i < work.goals->len; i++)
    *needed |= ((RepriseCouchServerGoal *) work.goals->pdata[i])->target->info != NULL;
  return TRUE;
}

static char *
make_path (Drawing *self)
{
  g_autofree char *name = g_strdup_printf ("%u.sqlite", ++self->n_files);

  return g_build_filename (self->drawn->folder, name, NULL);
}

static gboolean
draw_delta (Drawing *self,
            const RepriseCouchDelta *delta,
            RepriseCouchDrawnDatabase *into,
            GError **error)
{
  RepriseCouchSegment *segment;
  g_autofree char *path = make_path (self), *to = reprise_couch_delta_dup_time (delta->to);
  const RepriseCouchReading reading = {
    .database = delta->name,
    .name = delta->source,
    .document = self->document,
    .path = path,
    .run = self->drawn->id,
    .to = to,
    .data = TRUE,
    .connections = self->connections,
  };

  if (!reprise_couch_reading_run (&reading, self->server->away, self->progress, self->cancellable,
                                  error))
    return FALSE;
  segment = reprise_couch_delta_to_segment (delta);
  g_free (segment->path);
  segment->path = g_steal_pointer (&path);
  g_ptr_array_add (into->segments, segment);
  into->at = delta->to;
  return TRUE;
}

/* Its point is a moment later than that of the documents. */
static gboolean
draw_aside (Drawing *self,
            const RepriseCouchServerGoal *goal,
            RepriseCouchDrawnDatabase *into,
            GError **error)
{
  guint n = into->segments->len;
  RepriseCouchSegment *last = n > 0 ? into->segments->pdata[n - 1] : NULL;
  g_autoptr (RepriseCouchReader) reader =
    last != NULL ? reprise_couch_reader_new (last->path, NULL) : NULL;
  g_autofree char *partitioned =
    reader != NULL ? reprise_couch_reader_dup (reader, REPRISE_COUCH_META_PARTITIONED) : NULL;
  g_autofree char *shards =
    reader != NULL ? reprise_couch_reader_dup (reader, REPRISE_COUCH_META_SHARDS) : NULL;
  const RepriseCouchAsideSegment want = {
    .database = goal->target->database,
    .run = self->drawn->id,
    .from = last != NULL ? last->to : REPRISE_COUCH_NEVER,
    .to = goal->at + 1,
    .partitioned = partitioned,
    .shards = shards,
  };
  g_autofree char *path = make_path (self);
  RepriseCouchSegment *segment =
    reprise_couch_aside_make_segment (goal->aside, &want, path, self->cancellable, error);

  if (segment == NULL)
    return FALSE;
  g_ptr_array_add (into->segments, segment);
  into->at = segment->to;
  return TRUE;
}

static gboolean
draw_database (Drawing *self, const RepriseCouchServerGoal *goal, GError **error)
{
  RepriseCouchDrawnDatabase *into = reprise_couch_drawn_add (self->drawn, goal->target->database);
  gboolean is_design = self->document != NULL && g_str_has_prefix (self->document, "_design/");

  into->group = goal->group;
  into->data = goal->data && !is_design;
  into->design = goal->design && goal->aside != NULL && (self->document == NULL || is_design);
  into->lacks_design = goal->design && goal->aside == NULL;
  for (guint i = 0; into->data && i < goal->path->len; i++)
    if (!draw_delta (self, goal->path->pdata[i], into, error))
      return FALSE;
  if (into->design && !draw_aside (self, goal, into, error))
    return FALSE;
  if (into->segments->len == 0)
    g_hash_table_remove (self->drawn->databases, goal->target->database);
  return TRUE;
}

/**
 * reprise_couch_draw:
 *
 * Reads what is restored of a backup on the server. It changes nothing there.
 *
 * Returns: (transfer full): or %NULL with @error
 */
RepriseCouchDrawn *
reprise_couch_draw (RepriseCouchServer *server,
                    RepriseArchive *archive,
                    RepriseGroups groups,
                    GHashTable *options,
                    guint connections,
                    RepriseProgress *progress,
                    GCancellable *cancellable,
                    GError **error)
{
  RepriseBackup *backup = reprise_archive_get_backup (archive);
  g_auto (RepriseCouchServerWork) work = { NULL };
  g_autoptr (RepriseCouchDrawn) drawn = NULL;
  Drawing self = { .server = server,
                   .document = get_document (options),
                   .connections = connections,
                   .progress = progress,
                   .cancellable = cancellable };

  if (!reprise_couch_server_find_work (server, &work, archive, groups, options, cancellable, error))
    return NULL;
  drawn = reprise_couch_drawn_new (reprise_backup_get_id (backup), error);
  self.drawn = drawn;
  for (guint i = 0; drawn != NULL && i < work.goals->len; i++)
    if (!draw_database (&self, work.goals->pdata[i], error))
      return NULL;
  return g_steal_pointer (&drawn);
}
