/* reprise-couch-copy.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <inttypes.h>
#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "providers/couchdb/client/reprise-couch-changes.h"
#include "providers/couchdb/client/reprise-couch-json.h"
#include "providers/couchdb/server/reprise-couch-copy.h"

/* Only administrators of the server: servers before 3.0 let everybody read a new database. */
#define SECURITY "{\"admins\":{\"roles\":[\"_admin\"]},\"members\":{\"roles\":[\"_admin\"]}}"

void
reprise_couch_copy_free (RepriseCouchCopy *self)
{
  g_clear_pointer (&self->delta, reprise_couch_delta_free);
  g_clear_pointer (&self->info, reprise_couch_info_free);
  g_free (self);
}

/* ---- where it begins ---- */

/* Purges are counted by the number that the sequence begins with; the rest says where the copies lie. */
static gint64
count_purges (const char *purge_seq)
{
  if (purge_seq == NULL)
    return 0;
  return g_ascii_strtoll (*purge_seq == '"' ? purge_seq + 1 : purge_seq, NULL, 10);
}

/* Why an increment would not be right, or %NULL. */
static const char *
find_break (const RepriseCouchDelta *last, const RepriseCouchInfo *info, const char *server)
{
  if (last == NULL)
    return "there is no earlier backup";
  if (last->sequence == NULL)
    return "the earlier backup does not say how far it goes";
  if (g_strcmp0 (last->server, server) != 0)
    return "the server is another installation";
  if (g_strcmp0 (last->created, info->created) != 0)
    return "the database was made anew";
  if (count_purges (last->purge_seq) != count_purges (info->purge_seq))
    return "documents were purged";
  return NULL;
}

/* How far the feed goes now: from there the next increment starts where the server does not say how far the replication came. */
static char *
read_last_seq (RepriseCouchClient *client,
               const char *database,
               GCancellable *cancellable,
               GError **error)
{
  g_autofree char *path = reprise_couch_client_dup_path (database, NULL, "_changes");
  g_autoptr (RepriseHttpRequest) request =
    reprise_couch_client_new_request (client, "GET", path, REPRISE_HTTP_READ);
  g_autoptr (RepriseHttpResponse) response = NULL;
  RepriseCouchSpan root;

  reprise_http_request_add_query (request, "since", "now");
  reprise_http_request_add_query (request, "limit", "0");
  response = reprise_couch_client_send (client, request, cancellable, error);
  if (response == NULL)
    return NULL;
  root.data = g_bytes_get_data (reprise_http_response_get_body (response), &root.size);
  return reprise_couch_span_dup_text (reprise_couch_span_get (root, "last_seq"));
}

/* How many documents an increment will take, or -1. The server no longer knowing the place is no failure of the backup. */
static gint64
count_changes (RepriseCouchServer *server,
               const char *database,
               const char *since,
               GCancellable *cancellable,
               GError **error)
{
  g_autoptr (RepriseCouchPage) page =
    reprise_couch_changes_read (server->home, database, since, 1, cancellable, error);

  if (page == NULL)
    return -1;
  return (gint64) page->changes->len + MAX (page->pending, 0);
}

static void
estimate (RepriseCouchCopy *self, gint64 n_changes)
{
  gint64 n = self->info->doc_count + MAX (self->info->doc_del_count, 0);

  self->expected_bytes = self->info->size_bytes;
  if (n_changes >= 0 && n > 0 && self->info->size_bytes >= 0)
    self->expected_bytes =
      (gint64) ((double) self->info->size_bytes / (double) n * (double) MIN (n_changes, n));
}

static void
log_plan (RepriseCouchCopy *self, const RepriseCouchDelta *last, RepriseProgress *progress)
{
  const RepriseCouchDelta *delta = self->delta;
  g_autofree char *size = g_format_size ((guint64) MAX (self->expected_bytes, 0));

  reprise_progress_log (progress, "%s: into %s, which needs about %s", delta->source, delta->name,
                        self->expected_bytes >= 0 ? size : "an unknown amount");
  if (delta->since != NULL)
    reprise_progress_log (
      progress,
      "%s: since_seq %s, which is what %s ended with (%s). It takes the place of the replication’s "
      "checkpoint: the server begins there, also after a crash, and still writes checkpoints",
      delta->source, delta->since, last->name,
      last->sequence_origin != NULL ? last->sequence_origin : "origin not noted");
}

/* Which of baseline and increment it is, and from where. */
static gboolean
choose_start (RepriseCouchCopy *self,
              RepriseCouchServer *server,
              const RepriseCouchDelta *last,
              const char *uuid,
              RepriseProgress *progress,
              GCancellable *cancellable,
              GError **error)
{
  RepriseCouchDelta *delta = self->delta;
  const char *reason = server->is_full ? "each backup is a full copy, as the settings say"
                                       : find_break (last, self->info, uuid);
  gint64 n_changes = -1;

  if (reason == NULL)
    {
      g_autoptr (GError) local = NULL;

      n_changes = count_changes (server, delta->source, last->sequence, cancellable, &local);
      if (g_error_matches (local, REPRISE_ERROR, REPRISE_ERROR_REFUSED)) /* 400 */
        reason = "the server does not know the sequence any more";
      else if (local != NULL)
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return FALSE;
        }
    }
  if (reason == NULL)
    {
      delta->since = g_strdup (last->sequence);
      delta->since_origin = g_strdup (last->sequence_origin);
    }
  else
    reprise_progress_log (progress, "%s: a baseline: %s", delta->source, reason);
  estimate (self, n_changes);
  log_plan (self, last, progress);
  return TRUE;
}

/**
 * reprise_couch_copy_new:
 * @deltas: what there is
 * @uuid: (nullable): of the installation
 * @to: of whole seconds
 *
 * Finds out what is to be copied of a database, and says it in the log. It only reads.
 */
RepriseCouchCopy *
reprise_couch_copy_new (RepriseCouchServer *server,
                        GPtrArray *deltas,
                        const char *source,
                        const char *uuid,
                        gint64 to,
                        RepriseProgress *progress,
                        GCancellable *cancellable,
                        GError **error)
{
  g_autoptr (RepriseCouchCopy) self = g_new0 (RepriseCouchCopy, 1);
  RepriseCouchDelta *last = reprise_couch_deltas_find_latest (deltas, source);
  const char *service = reprise_couch_server_get_uuid (server);

  self->info = reprise_couch_client_get_info (server->home, source, cancellable, error);
  if (self->info == NULL)
    return NULL;
  self->delta = reprise_couch_delta_new (service, source, REPRISE_COUCH_DAILY, 0, to);
  if (!choose_start (self, server, last, uuid, progress, cancellable, error))
    return NULL;
  if (self->delta->since != NULL)
    self->delta->from = last->to;
  else
    {
      RepriseCouchDelta *baseline =
        reprise_couch_delta_new (service, source, REPRISE_COUCH_BASELINE, REPRISE_COUCH_NEVER, to);

      reprise_couch_delta_free (self->delta);
      self->delta = baseline;
    }
  self->delta->server = g_strdup (uuid);
  self->delta->created = g_strdup (self->info->created);
  self->delta->purge_seq = g_strdup (self->info->purge_seq);
  self->delta->sequence = read_last_seq (server->home, source, cancellable, error);
  return self->delta->sequence != NULL ? g_steal_pointer (&self) : NULL;
}

/* @delta: (transfer full): of a copy that was started before */
RepriseCouchCopy *
reprise_couch_copy_new_resumed (RepriseCouchDelta *delta)
{
  RepriseCouchCopy *self = g_new0 (RepriseCouchCopy, 1);

  self->delta = delta;
  self->expected_bytes = -1;
  return self;
}

gboolean
reprise_couch_copy_start (RepriseCouchCopy *self,
                          RepriseCouchServer *server,
                          GCancellable *cancellable,
                          GError **error)
{
  const RepriseCouchReplication replication = {
    .id = self->delta->name,
    .source = { server->home, server->home_address, self->delta->source },
    .target = { server->away, server->away_address, self->delta->name },
    .since = self->delta->since,
    .info = self->info,
  };

  return reprise_couch_replication_start (&replication, server->home, cancellable, error);
}

/* ---- its end ---- */

static void
set_text (char **to, const char *text)
{
  g_free (*to);
  *to = g_strdup (text);
}

static gboolean
take_result (RepriseCouchCopy *self,
             RepriseCouchServer *server,
             const RepriseCouchProgress *result,
             GCancellable *cancellable,
             GError **error)
{
  RepriseCouchDelta *delta = self->delta;
  g_autofree char *sequence = NULL;
  const char *origin = NULL;

  delta->reason = reprise_couch_replication_explain (result);
  delta->n_written = result->n_written;
  delta->made = g_get_real_time () / 1000;
  if (!reprise_couch_replication_find_sequence (result, server->home, delta->source,
                                                delta->sequence, &sequence, &origin, cancellable,
                                                error))
    return FALSE;
  set_text (&delta->sequence, sequence);
  set_text (&delta->sequence_origin, origin);
  return TRUE;
}

/* Whether the target is there at all. @there: (out) */
static gboolean
measure (RepriseCouchCopy *self,
         RepriseCouchServer *server,
         gboolean *there,
         GCancellable *cancellable,
         GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (RepriseCouchInfo) info =
    reprise_couch_client_get_info (server->away, self->delta->name, cancellable, &local);

  *there = info != NULL;
  if (info == NULL && !g_error_matches (local, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  if (info == NULL)
    return TRUE;
  self->delta->doc_count = info->doc_count;
  self->delta->doc_del_count = info->doc_del_count;
  self->delta->size_bytes = info->size_bytes;
  return TRUE;
}

static gboolean
write_record (RepriseCouchCopy *self,
              RepriseCouchServer *server,
              GCancellable *cancellable,
              GError **error)
{
  g_autofree char *path = reprise_couch_client_dup_path (self->delta->name, NULL, "_security");
  g_autoptr (GBytes) security = g_bytes_new_static (SECURITY, strlen (SECURITY));

  if (strcmp (reprise_kind_get_id (server->kind), "couchdb") == 0 &&
      !reprise_couch_client_put (server->away, path, security, cancellable, error))
    return FALSE;
  return reprise_couch_delta_write (self->delta, server->away, cancellable, error);
}

/**
 * reprise_couch_copy_finish:
 *
 * Waits for its end, has it say what it is, and takes the replication away. One that is not whole says why, and is kept for a look.
 *
 * Returns: %FALSE with @error where the server could not be asked: then it goes on there, and can be finished later
 */
gboolean
reprise_couch_copy_finish (RepriseCouchCopy *self,
                           RepriseCouchServer *server,
                           RepriseProgress *progress,
                           GCancellable *cancellable,
                           GError **error)
{
  const RepriseCouchDelta *delta = self->delta;
  g_auto (RepriseCouchProgress) result = { 0 };
  gboolean there;

  if (!reprise_couch_replication_wait (server->home, delta->name, delta->source, &result, progress,
                                       cancellable, error) ||
      !take_result (self, server, &result, cancellable, error) ||
      !measure (self, server, &there, cancellable, error) ||
      (there && !write_record (self, server, cancellable, error)) ||
      !reprise_couch_replication_remove (server->home, delta->name, cancellable, error))
    return FALSE;
  if (!there && delta->reason == NULL)
    self->delta->reason = g_strdup (_ ("The database is not there"));
  reprise_progress_log (
    progress, "%s: %" PRId64 " documents written; the next one begins at %s (%s)", delta->name,
    MAX (delta->n_written, 0), delta->sequence != NULL ? delta->sequence : "the beginning",
    delta->sequence_origin != NULL ? delta->sequence_origin : "not reported");
  if (delta->reason != NULL)
    /* Translators: a database, and why its backup is not whole */
    reprise_progress_warn (progress, "“%s” is not backed up as a whole: %s", delta->source,
                           delta->reason);
  return TRUE;
}

/* Stops the server's work on it and removes what there is; also when everything else was stopped. */
void
reprise_couch_copy_drop (RepriseCouchCopy *self,
                         RepriseCouchServer *server,
                         RepriseProgress *progress)
{
  g_autoptr (GError) error = NULL;

  if (!reprise_couch_replication_remove (server->home, self->delta->name, NULL, &error) ||
      !reprise_couch_client_delete_database (server->away, self->delta->name, NULL, &error))
    reprise_progress_warn (progress, "“%s” could not be removed: %s", self->delta->name,
                           reprise_error_get_saying (error));
}
