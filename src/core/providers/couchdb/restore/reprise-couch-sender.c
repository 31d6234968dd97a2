/* reprise-couch-sender.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "base/reprise-error.h"
#include "net/reprise-json-cutter.h"
#include "providers/couchdb/client/reprise-couch-json.h"
#include "providers/couchdb/restore/reprise-couch-sender.h"

#define MAX_BATCH       500
#define MAX_BATCH_BYTES (2 * 1024 * 1024)
#define MAX_ROW_BYTES   (1024 * 1024)
#define MIN_BATCH       10
#define CLEAN_BATCHES   8 /* without strain, before there may be more again */
#define SEPARATOR       ','
#define CLOSING         "]}"

/* Some documents, as they are sent: after a beginning, with a comma between them; or one with large attachments. */
typedef struct
{
  GString *text;                /* (owned) */
  GArray *offsets;              /* (owned) (element-type gsize): where each begins */
  RepriseCouchRelated *related; /* (owned) (nullable) */
} Batch;

struct _RepriseCouchSender
{
  RepriseCouchClient *client; /* (owned) */
  char *database;             /* (owned) */
  char *path;                 /* (owned) */
  const char *opening;        /* of a request */
  gboolean new_edits;
  guint connections;
  RepriseProgress *progress; /* (owned) (nullable) */
  GCancellable *cancellable; /* (owned) (nullable) */
  GThreadPool *pool;         /* (owned) */
  Batch *batch;              /* (owned): that is being filled */

  GMutex mutex; /* guards: */
  GCond changed;
  guint n_active;
  guint n_allowed;  /* connections that the server can bear now */
  guint max_rows;   /* documents of a request, likewise */
  guint n_clean;    /* batches since the server was strained */
  guint n_strained; /* what the client said of it then */
  guint64 n_sent;
  guint64 n_refused;
  guint64 n_overtaken;
  RepriseCouchLedger *ledger; /* (nullable) */
  char *refusal;              /* (owned) (nullable): the first */
  GError *error;              /* (owned) (nullable): what ended it all */
};

static Batch *
batch_new (const char *opening)
{
  Batch *self = g_new0 (Batch, 1);

  self->text = g_string_new (opening);
  self->offsets = g_array_new (FALSE, FALSE, sizeof (gsize));
  return self;
}

static void
batch_free (gpointer data)
{
  Batch *self = data;

  if (self->text != NULL)
    g_string_free (self->text, TRUE);
  g_array_unref (self->offsets);
  g_clear_pointer (&self->related, reprise_couch_related_free);
  g_free (self);
}

/* (transfer full): of all of them without a copy */
static GBytes *
make_body (RepriseCouchSender *self, Batch *batch, guint first, guint n)
{
  gsize from = g_array_index (batch->offsets, gsize, first);
  gsize to = first + n < batch->offsets->len ? g_array_index (batch->offsets, gsize, first + n) - 1
                                             : batch->text->len;
  GString *json;

  if (n == batch->offsets->len)
    {
      g_string_append (batch->text, CLOSING);
      return g_bytes_new_static (batch->text->str, batch->text->len);
    }
  json = g_string_sized_new (to - from + 64);
  g_string_append (json, self->opening);
  g_string_append_len (json, batch->text->str + from, (gssize) (to - from));
  g_string_append (json, CLOSING);
  return g_string_free_to_bytes (json);
}

/* @id: (nullable); takes @refusal. What was only overtaken is for whoever keeps a ledger of it. */
static void
take_refusal (RepriseCouchSender *self, const char *id, gboolean is_overtaken, char *refusal)
{
  g_autofree char *owned = refusal;

  g_mutex_lock (&self->mutex);
  if (self->ledger != NULL && id != NULL && is_overtaken)
    {
      self->n_overtaken++;
      reprise_couch_ledger_add_overtaken (self->ledger, id);
    }
  else
    {
      self->n_refused++;
      if (self->ledger != NULL && id != NULL)
        reprise_couch_ledger_add_refused (self->ledger, id);
      if (self->refusal == NULL)
        self->refusal = g_steal_pointer (&owned);
    }
  g_mutex_unlock (&self->mutex);
}

/* @id, @rev: (nullable) */
static void
take_rev (RepriseCouchSender *self, const char *id, const char *rev)
{
  if (self->ledger == NULL || id == NULL || rev == NULL)
    return;
  g_mutex_lock (&self->mutex);
  reprise_couch_ledger_add_written (self->ledger, id, rev);
  g_mutex_unlock (&self->mutex);
}

static void
note_refusal (RepriseCouchSender *self, RepriseCouchSpan row)
{
  g_autofree char *id = reprise_couch_span_dup_string (reprise_couch_span_get (row, "id"));
  g_autofree char *error = reprise_couch_span_dup_string (reprise_couch_span_get (row, "error"));
  g_autofree char *reason = reprise_couch_span_dup_string (reprise_couch_span_get (row, "reason"));

  take_refusal (self, id, g_strcmp0 (error, "conflict") == 0,
                g_strdup_printf ("%s: %s (%s)", id != NULL ? id : "?", reason != NULL ? reason : "",
                                 error != NULL ? error : ""));
}

static void
note_rev (RepriseCouchSender *self, RepriseCouchSpan row)
{
  g_autofree char *id = reprise_couch_span_dup_string (reprise_couch_span_get (row, "id"));
  g_autofree char *rev = reprise_couch_span_dup_string (reprise_couch_span_get (row, "rev"));

  take_rev (self, id, rev);
}

/* One row for each document that was refused, and with new edits also for those that were not. */
static gboolean
row_cb (const char *data, gsize size, gboolean is_last, gpointer user_data, GError **error)
{
  RepriseCouchSender *self = user_data;
  RepriseCouchSpan row = { data, size };

  if (reprise_couch_span_get (row, "error").data != NULL)
    note_refusal (self, row);
  else if (self->ledger != NULL)
    note_rev (self, row);
  return TRUE;
}

static gboolean
read_rows (RepriseCouchSender *self, GBytes *answer, GError **error)
{
  g_autoptr (RepriseJsonCutter) cutter =
    reprise_json_cutter_new (NULL, MAX_ROW_BYTES, row_cb, self);
  gsize size = 0;
  const char *data = g_bytes_get_data (answer, &size);

  return reprise_json_cutter_push (cutter, data != NULL ? data : "", size, error) &&
         reprise_json_cutter_finish (cutter, NULL, error);
}

static void
count_sent (RepriseCouchSender *self, guint n)
{
  g_mutex_lock (&self->mutex);
  self->n_sent += n;
  g_mutex_unlock (&self->mutex);
  reprise_progress_add_items (self->progress, n);
}

static guint
get_max_rows (RepriseCouchSender *self)
{
  guint n;

  g_mutex_lock (&self->mutex);
  n = self->max_rows;
  g_mutex_unlock (&self->mutex);
  return n;
}

static gboolean send_some (RepriseCouchSender *self,
                           Batch *batch,
                           guint first,
                           guint n,
                           GError **error);

static gboolean
send_halves (RepriseCouchSender *self, Batch *batch, guint first, guint n, GError **error)
{
  return send_some (self, batch, first, n / 2, error) &&
         send_some (self, batch, first + n / 2, n - n / 2, error);
}

/* The server's plan has not room for so many: those that wait are not tried either. */
static void
learn (RepriseCouchSender *self, guint n)
{
  g_mutex_lock (&self->mutex);
  self->max_rows = MIN (self->max_rows, MAX (n / 2, 1));
  self->n_clean = 0;
  g_mutex_unlock (&self->mutex);
}

/* (nullable): of one of the documents, whose end was taken off */
static char *
dup_id (Batch *batch, guint n)
{
  gsize from = g_array_index (batch->offsets, gsize, n);
  gsize to = n + 1 < batch->offsets->len ? g_array_index (batch->offsets, gsize, n + 1) - 1
                                         : batch->text->len;
  RepriseCouchSpan document = { batch->text->str + from, to - from };

  return reprise_couch_span_dup_string (reprise_couch_span_get (document, "_id"));
}

/* What is too large at once is sent in halves; one document that is too large is refused. */
static gboolean
send_some (RepriseCouchSender *self, Batch *batch, guint first, guint n, GError **error)
{
  guint strained = reprise_couch_client_get_n_strained (self->client);
  g_autoptr (GBytes) body = NULL;
  g_autoptr (GError) local = NULL;
  g_autoptr (RepriseHttpRequest) request = NULL;
  g_autoptr (RepriseHttpResponse) response = NULL;
  g_autofree char *id = NULL;

  if (n > 1 && n > get_max_rows (self))
    return send_halves (self, batch, first, n, error);
  body = make_body (self, batch, first, n);
  request = reprise_couch_client_new_bulk_request (self->client, self->path, REPRISE_HTTP_WRITE, n);
  reprise_http_request_set_body (request, "application/json", body);
  response = reprise_couch_client_send (self->client, request, self->cancellable, &local);
  if (response != NULL)
    {
      count_sent (self, n);
      return read_rows (self, reprise_http_response_get_body (response), error);
    }
  if (!g_error_matches (local, REPRISE_ERROR, REPRISE_ERROR_LIMIT))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  if (n == batch->offsets->len) /* its end is not there for one of them alone */
    g_string_truncate (batch->text, batch->text->len - strlen (CLOSING));
  if (n > 1 && reprise_couch_client_get_n_strained (self->client) != strained)
    learn (self, n);
  if (n > 1)
    return send_halves (self, batch, first, n, error);
  id = dup_id (batch, first);
  take_refusal (self, id, FALSE, g_strdup (local->message));
  count_sent (self, 1);
  return TRUE;
}

static gboolean
send_related (RepriseCouchSender *self, RepriseCouchRelated *related, GError **error)
{
  g_autofree char *rev = NULL;
  char *refusal = NULL;
  gboolean is_overtaken;

  if (!reprise_couch_related_send (related, self->client, self->database, self->new_edits, &rev,
                                   &refusal, &is_overtaken, self->cancellable, error))
    return FALSE;
  if (refusal != NULL)
    take_refusal (self, reprise_couch_related_get_id (related), is_overtaken, refusal);
  else
    take_rev (self, reprise_couch_related_get_id (related), rev);
  count_sent (self, 1);
  return TRUE;
}

/* With the mutex held: what the server can bear. */
static void
adapt (RepriseCouchSender *self)
{
  guint strained = reprise_couch_client_get_n_strained (self->client);

  if (strained != self->n_strained)
    {
      self->n_strained = strained;
      self->n_allowed = MAX (self->n_allowed / 2, 1);
      self->max_rows = MIN (self->max_rows, MAX (self->max_rows / 2, MIN_BATCH));
      self->n_clean = 0;
    }
  else if (++self->n_clean >= CLEAN_BATCHES)
    {
      self->n_clean = 0;
      self->n_allowed = MIN (self->n_allowed + 1, self->connections);
      self->max_rows = MIN (self->max_rows * 2, MAX_BATCH);
    }
}

static void
send_worker (gpointer data, gpointer user_data)
{
  RepriseCouchSender *self = user_data;
  Batch *batch = data;
  g_autoptr (GError) error = NULL;
  gboolean stopped;

  g_mutex_lock (&self->mutex);
  stopped = self->error != NULL;
  g_mutex_unlock (&self->mutex);
  if (!stopped && batch->related != NULL)
    send_related (self, batch->related, &error);
  else if (!stopped)
    send_some (self, batch, 0, batch->offsets->len, &error);
  batch_free (batch);
  g_mutex_lock (&self->mutex);
  if (error != NULL && self->error == NULL)
    self->error = g_steal_pointer (&error);
  self->n_active--;
  adapt (self);
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->mutex);
}

RepriseCouchSender *
reprise_couch_sender_new (RepriseCouchClient *client,
                          const char *database,
                          gboolean new_edits,
                          guint connections,
                          RepriseProgress *progress,
                          GCancellable *cancellable)
{
  RepriseCouchSender *self = g_new0 (RepriseCouchSender, 1);

  self->client = g_object_ref (client);
  self->database = g_strdup (database);
  self->path = reprise_couch_client_dup_path (database, NULL, "_bulk_docs");
  self->new_edits = new_edits;
  self->opening = new_edits ? "{\"docs\":[" : "{\"new_edits\":false,\"docs\":[";
  self->connections = self->n_allowed = CLAMP (connections, 1, 8);
  self->max_rows = MAX_BATCH;
  self->n_strained = reprise_couch_client_get_n_strained (client);
  g_set_object (&self->progress, progress);
  g_set_object (&self->cancellable, cancellable);
  self->batch = batch_new (self->opening);
  g_mutex_init (&self->mutex);
  g_cond_init (&self->changed);
  self->pool = g_thread_pool_new (send_worker, self, (int) self->connections, FALSE, NULL);
  return self;
}

/* @ledger: (transfer none): what is said of each document is written there. Before the first one is added. */
void
reprise_couch_sender_set_ledger (RepriseCouchSender *self, RepriseCouchLedger *ledger)
{
  self->ledger = ledger;
}

/* What was handed over is sent to its end; what was not, is not. */
void
reprise_couch_sender_free (RepriseCouchSender *self)
{
  g_thread_pool_free (self->pool, FALSE, TRUE);
  batch_free (self->batch);
  g_clear_object (&self->client);
  g_clear_object (&self->progress);
  g_clear_object (&self->cancellable);
  g_clear_error (&self->error);
  g_free (self->refusal);
  g_free (self->database);
  g_free (self->path);
  g_mutex_clear (&self->mutex);
  g_cond_clear (&self->changed);
  g_free (self);
}

/* Waits until all are done, or as many as may be under way at a time. */
static gboolean
wait_for (RepriseCouchSender *self, gboolean all, GError **error)
{
  gboolean ok;

  g_mutex_lock (&self->mutex);
  while (self->n_active > (all ? 0 : self->n_allowed))
    g_cond_wait (&self->changed, &self->mutex);
  ok = self->error == NULL;
  if (!ok && error != NULL)
    *error = g_error_copy (self->error);
  g_mutex_unlock (&self->mutex);
  return ok;
}

/* Takes @batch, once not too many are under way. */
static gboolean
start (RepriseCouchSender *self, Batch *batch, GError **error)
{
  if (!wait_for (self, FALSE, error))
    {
      batch_free (batch);
      return FALSE;
    }
  g_mutex_lock (&self->mutex);
  self->n_active++;
  g_mutex_unlock (&self->mutex);
  g_thread_pool_push (self->pool, batch, NULL);
  return TRUE;
}

static gboolean
hand_over (RepriseCouchSender *self, GError **error)
{
  Batch *batch = self->batch;

  if (batch->offsets->len == 0)
    return TRUE;
  self->batch = batch_new (self->opening);
  return start (self, batch, error);
}

/* Sends a document by itself. Takes @related. */
gboolean
reprise_couch_sender_add_related (RepriseCouchSender *self,
                                  RepriseCouchRelated *related,
                                  GError **error)
{
  Batch *batch = batch_new (NULL);

  batch->related = related;
  return start (self, batch, error);
}

/* @document: as JSON */
gboolean
reprise_couch_sender_add (RepriseCouchSender *self,
                          const char *document,
                          gsize size,
                          GError **error)
{
  gsize offset;

  if (self->batch->offsets->len > 0 && self->batch->text->len + size > MAX_BATCH_BYTES &&
      !hand_over (self, error))
    return FALSE;
  if (self->batch->offsets->len > 0)
    g_string_append_c (self->batch->text, SEPARATOR);
  offset = self->batch->text->len;
  g_array_append_val (self->batch->offsets, offset);
  g_string_append_len (self->batch->text, document, (gssize) size);
  return self->batch->offsets->len < get_max_rows (self) || hand_over (self, error);
}

/**
 * reprise_couch_sender_finish:
 *
 * Sends the rest, and waits for all answers.
 *
 * Returns: whether all of it was answered; documents that were refused are no failure of this
 */
gboolean
reprise_couch_sender_finish (RepriseCouchSender *self, GError **error)
{
  return hand_over (self, error) && wait_for (self, TRUE, error);
}

guint64
reprise_couch_sender_get_n_sent (RepriseCouchSender *self)
{
  return self->n_sent;
}

guint64
reprise_couch_sender_get_n_refused (RepriseCouchSender *self)
{
  return self->n_refused;
}

/* Not counted as refused: see the ledger */
guint64
reprise_couch_sender_get_n_overtaken (RepriseCouchSender *self)
{
  return self->n_overtaken;
}

/* (nullable): the first document that was refused, and why */
const char *
reprise_couch_sender_get_first_refusal (RepriseCouchSender *self)
{
  return self->refusal;
}
