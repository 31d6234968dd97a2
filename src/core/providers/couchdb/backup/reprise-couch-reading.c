/* reprise-couch-reading.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <inttypes.h>
#include <string.h>

#include "base/reprise-error.h"
#include "providers/couchdb/backup/reprise-couch-census.h"
#include "providers/couchdb/backup/reprise-couch-reading-private.h"
#include "providers/couchdb/reprise-couch-shelf.h"
#include "providers/couchdb/store/reprise-couch-chain.h"

#define MAX_PAGE   5000
#define MIN_PAGE   100
#define PAGE_BYTES (32 * 1024 * 1024) /* of documents, about, that are read again after a kill */

static void
reader_clear (RepriseCouchReadingRun *self)
{
  g_clear_pointer (&self->fetch, reprise_couch_fetch_free);
  g_clear_pointer (&self->pull, reprise_couch_pull_free);
  g_clear_pointer (&self->writer, reprise_couch_writer_free);
  g_clear_pointer (&self->readers, g_ptr_array_unref);
  g_clear_pointer (&self->info, reprise_couch_info_free);
  g_clear_pointer (&self->since, g_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (RepriseCouchReadingRun, reader_clear)

/* (transfer full): as it stands in the segment */
static char *
dup_covers (const RepriseCouchReading *self)
{
  const char *words[4] = { NULL };
  guint n = 0;

  if (self->data)
    words[n++] = REPRISE_COUCH_COVERS_DATA;
  if (self->design)
    words[n++] = REPRISE_COUCH_COVERS_DESIGN;
  if (self->local)
    words[n++] = REPRISE_COUCH_COVERS_LOCAL;
  return g_strjoinv (" ", (char **) words);
}

/* ---- what it goes on from ---- */

static gboolean
equals (const char *stored, const char *now)
{
  return g_strcmp0 (stored, now != NULL ? now : "") == 0;
}

gboolean
reprise_couch_reading_covers_local (const char *covers)
{
  return covers != NULL && g_str_has_suffix (covers, REPRISE_COUCH_COVERS_LOCAL);
}

/* Local documents are read in full each time: whether they were before does not matter. */
static gboolean
covers_same (const char *covered, const char *covers)
{
  g_autofree char *before = g_strdup (covered != NULL ? covered : "");
  g_autofree char *now = g_strdup (covers);

  if (reprise_couch_reading_covers_local (before))
    before[strlen (before) - strlen (REPRISE_COUCH_COVERS_LOCAL)] = '\0';
  if (reprise_couch_reading_covers_local (now))
    now[strlen (now) - strlen (REPRISE_COUCH_COVERS_LOCAL)] = '\0';
  return strcmp (g_strchomp (before), g_strchomp (now)) == 0;
}

/* Why a delta would not be right, or %NULL. */
static const char *
find_break (RepriseCouchReadingRun *self, RepriseCouchReader *last)
{
  g_autofree char *server = reprise_couch_reader_dup (last, REPRISE_COUCH_META_SERVER);
  g_autofree char *created = reprise_couch_reader_dup (last, REPRISE_COUCH_META_CREATED);
  g_autofree char *since = reprise_couch_reader_dup (last, REPRISE_COUCH_SEQUENCE);
  g_autofree char *covered = reprise_couch_reader_dup (last, REPRISE_COUCH_COVERS);
  g_autofree char *covers = dup_covers (self->want);

  if (!equals (server, self->want->server))
    return "the server is another installation";
  if (!equals (created, self->info->created))
    return "the database was made anew";
  if (since == NULL || *since == '\0')
    return "the earlier backup does not say how far it goes";
  if (!covers_same (covered, covers))
    return "other parts of it were backed up before";
  return NULL;
}

static gboolean
open_earlier (RepriseCouchReadingRun *self, GError **error)
{
  GPtrArray *earlier = self->want->earlier;

  self->readers = g_ptr_array_new_with_free_func ((GDestroyNotify) reprise_couch_reader_free);
  for (guint i = earlier != NULL ? earlier->len : 0; i > 0; i--)
    {
      RepriseCouchSegment *segment = earlier->pdata[i - 1];
      RepriseCouchReader *reader = reprise_couch_reader_new (segment->path, error);

      if (reader == NULL)
        return FALSE;
      g_ptr_array_add (self->readers, reader);
    }
  return TRUE;
}

static gboolean
set_text (RepriseCouchReadingRun *self, const char *name, const char *value, GError **error)
{
  return reprise_couch_writer_set (self->writer, name, value != NULL ? value : "", error);
}

static gboolean
begin_segment (RepriseCouchReadingRun *self, GError **error)
{
  g_autofree char *covers = dup_covers (self->want);
  RepriseCouchTier tier = self->is_delta ? REPRISE_COUCH_DAILY : REPRISE_COUCH_BASELINE;

  return set_text (self, REPRISE_COUCH_DATABASE,
                   self->want->name != NULL ? self->want->name : self->want->database, error) &&
         set_text (self, REPRISE_COUCH_RUN, self->want->run, error) &&
         set_text (self, REPRISE_COUCH_TIER, reprise_couch_tier_to_string (tier), error) &&
         set_text (self, REPRISE_COUCH_FROM, self->is_delta ? self->want->from : "", error) &&
         set_text (self, REPRISE_COUCH_TO, self->want->to, error) &&
         set_text (self, REPRISE_COUCH_SINCE, self->since, error) &&
         set_text (self, REPRISE_COUCH_COVERS, covers, error) &&
         set_text (self, REPRISE_COUCH_META_SERVER, self->want->server, error) &&
         set_text (self, REPRISE_COUCH_META_CREATED, self->info->created, error) &&
         set_text (self, REPRISE_COUCH_META_PURGE, self->info->purge_seq, error) &&
         reprise_couch_writer_checkpoint (self->writer, self->since, error);
}

/* Whether what an earlier try left is of the same run, database and place in the chain. */
static gboolean
can_resume (RepriseCouchReadingRun *self)
{
  g_autofree char *database = reprise_couch_writer_dup (self->writer, REPRISE_COUCH_DATABASE);
  g_autofree char *to = reprise_couch_writer_dup (self->writer, REPRISE_COUCH_TO);
  g_autofree char *from = reprise_couch_writer_dup (self->writer, REPRISE_COUCH_FROM);
  g_autofree char *covered = reprise_couch_writer_dup (self->writer, REPRISE_COUCH_COVERS);
  g_autofree char *created = reprise_couch_writer_dup (self->writer, REPRISE_COUCH_META_CREATED);
  g_autofree char *server = reprise_couch_writer_dup (self->writer, REPRISE_COUCH_META_SERVER);
  g_autofree char *covers = dup_covers (self->want);

  return equals (database, self->want->name != NULL ? self->want->name : self->want->database) &&
         equals (to, self->want->to) && equals (covered, covers) && from != NULL &&
         (*from == '\0' || equals (from, self->want->from)) &&
         equals (created, self->info->created) && equals (server, self->want->server);
}

static void
resume_segment (RepriseCouchReadingRun *self)
{
  g_autofree char *from = reprise_couch_writer_dup (self->writer, REPRISE_COUCH_FROM);
  g_autofree char *since = reprise_couch_writer_dup (self->writer, REPRISE_COUCH_SEQUENCE);

  self->is_delta = from != NULL && *from != '\0';
  if (since != NULL && *since != '\0')
    self->since = g_steal_pointer (&since);
  if (!self->is_delta)
    g_ptr_array_set_size (self->readers, 0);
  reprise_progress_log (self->progress, "%s: going on from the last checkpoint",
                        self->want->database);
}

static gboolean
open_writer (RepriseCouchReadingRun *self, GError **error)
{
  g_autoptr (GError) local = NULL;

  self->writer = reprise_couch_writer_new (self->want->path, &local);
  if (self->writer == NULL && !g_error_matches (local, REPRISE_ERROR, REPRISE_ERROR_DAMAGED))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  if (self->writer != NULL &&
      (!reprise_couch_writer_is_resumed (self->writer) || can_resume (self)))
    return TRUE;
  g_clear_pointer (&self->writer, reprise_couch_writer_free);
  if (!reprise_couch_writer_discard (self->want->path, error))
    return FALSE;
  self->writer = reprise_couch_writer_new (self->want->path, error);
  return self->writer != NULL;
}

static gboolean
begin (RepriseCouchReadingRun *self, GError **error)
{
  const char *reason = NULL;

  if (!open_earlier (self, error) || !open_writer (self, error))
    return FALSE;
  if (reprise_couch_writer_is_resumed (self->writer))
    {
      resume_segment (self);
      return TRUE;
    }
  if (self->readers->len > 0)
    reason = find_break (self, self->readers->pdata[0]);
  self->is_delta = self->readers->len > 0 && reason == NULL;
  if (self->is_delta)
    self->since = reprise_couch_reader_dup (self->readers->pdata[0], REPRISE_COUCH_SEQUENCE);
  else
    g_ptr_array_set_size (self->readers, 0);
  if (reason != NULL)
    reprise_progress_log (self->progress, "%s: a new baseline: %s", self->want->database, reason);
  return begin_segment (self, error);
}

static gboolean
set_number (RepriseCouchReadingRun *self, const char *name, gint64 number, GError **error)
{
  g_autofree char *text = g_strdup_printf ("%" PRId64, number);

  return set_text (self, name, text, error);
}

/* Whether it still is the database that the chain is of. Only all of it can be counted. */
static gboolean
check_number (RepriseCouchReadingRun *self, gboolean *anew, GError **error)
{
  if (*anew || !self->want->data || !self->want->design || self->want->document != NULL ||
      self->n_unreadable > 0)
    return TRUE;
  return reprise_couch_census_take (self->client, self->want->database, self->since, self->writer,
                                    self->readers, anew, self->cancellable, error);
}

static gboolean
finish (RepriseCouchReadingRun *self, GError **error)
{
  g_autoptr (RepriseCouchInfo) now =
    reprise_couch_client_get_info (self->client, self->want->database, self->cancellable, error);

  return now != NULL && reprise_couch_reading_read_security (self, error) &&
         reprise_couch_reading_read_local (self, error) &&
         set_number (self, REPRISE_COUCH_META_LIVE, now->doc_count, error) &&
         set_number (self, REPRISE_COUCH_META_DELETED, now->doc_del_count, error) &&
         set_number (self, REPRISE_COUCH_META_SHARDS, now->q, error) &&
         set_text (self, REPRISE_COUCH_META_PARTITIONED, now->partitioned ? "true" : "false",
                   error) &&
         reprise_couch_writer_checkpoint (self->writer, self->since, error) &&
         reprise_couch_writer_commit (self->writer, self->cancellable, error);
}

static gint64
get_document_bytes (const RepriseCouchInfo *info)
{
  gint64 n = info->doc_count + MAX (info->doc_del_count, 0);

  return info->size_bytes > 0 && n > 0 ? info->size_bytes / n : -1;
}

static gboolean
read_once (RepriseCouchReadingRun *self, gboolean *anew, GError **error)
{
  gint64 document_bytes;

  self->info =
    reprise_couch_client_get_info (self->client, self->want->database, self->cancellable, error);
  if (self->info == NULL || !begin (self, error))
    return FALSE;
  document_bytes = get_document_bytes (self->info);
  self->page_rows = (guint) CLAMP (PAGE_BYTES / MAX (document_bytes, 1024), MIN_PAGE, MAX_PAGE);
  self->fetch = reprise_couch_fetch_new (
    self->client, self->want->database, self->want->connections, document_bytes, self->cancellable);
  self->pull =
    reprise_couch_pull_new (self->client, self->want->database, self->writer, self->readers,
                            self->want->connections, self->progress, self->cancellable);
  return reprise_couch_reading_read_feed (self, error) &&
         reprise_couch_reading_check_purges (self, anew, error) &&
         check_number (self, anew, error) && (*anew || finish (self, error));
}

/**
 * reprise_couch_reading_run:
 *
 * Reads one database into a segment. Where it is broken off, what was read up to the last checkpoint stays beside @path, and the next
 * call goes on from there.
 *
 * Returns: whether the segment is committed
 */
gboolean
reprise_couch_reading_run (const RepriseCouchReading *want,
                           RepriseCouchClient *client,
                           RepriseProgress *progress,
                           GCancellable *cancellable,
                           GError **error)
{
  RepriseCouchReading baseline = *want;
  gboolean anew = FALSE;

  {
    g_auto (RepriseCouchReadingRun) reader = {
      .want = want, .client = client, .progress = progress, .cancellable = cancellable
    };

    if (!read_once (&reader, &anew, error))
      {
        reprise_error_prefix (error, "%s: ", want->database);
        return FALSE;
      }
  }
  if (!anew)
    return TRUE;
  reprise_progress_log (
    progress, "%s: a new baseline: it has not the documents that its feed tells", want->database);
  baseline.earlier = NULL;
  baseline.from = NULL;
  if (!reprise_couch_writer_discard (want->path, error))
    return FALSE;
  return reprise_couch_reading_run (&baseline, client, progress, cancellable, error);
}
