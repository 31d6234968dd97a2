/* reprise-couch-fetch.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "providers/couchdb/client/reprise-couch-fetch.h"
#include "providers/couchdb/client/reprise-couch-results.h"

#define MAX_BATCH          1000
#define MIN_BATCH          8
#define TARGET_BYTES       (1024 * 1024)
#define MAX_ANSWER_BYTES   (8 * 1024 * 1024)   /* of several documents */
#define MAX_DOCUMENT_BYTES (256 * 1024 * 1024) /* of one, with all its leaves */
#define MAX_READY          2                   /* batches that wait to be stored */
#define CLEAN_BATCHES      16                  /* before there may be more again */

typedef struct
{
  RepriseCouchChange *change; /* (owned) */
  guint tag;
} Wanted;

struct _RepriseCouchFetch
{
  RepriseCouchClient *client; /* (owned) */
  char *path;                 /* (owned) */
  GCancellable *cancellable;  /* (owned): of the requests, when all is over */
  GCancellable *outer;        /* (owned) (nullable) */
  gulong outer_handler;
  GPtrArray *threads; /* (owned) (element-type GThread) */
  guint max_connections;

  GMutex mutex; /* guards: */
  GCond changed;
  GQueue wanted;       /* (element-type Wanted) */
  GQueue ready;        /* (element-type RepriseCouchBatch) */
  guint n_waiting;     /* changes that were pushed and not popped */
  guint n_active;      /* threads at a request */
  guint n_connections; /* how many may be */
  guint batch;         /* how many changes a request asks for at most */
  guint n_clean;       /* batches since the server was strained */
  guint n_strained;    /* what the client said of it then */
  double change_bytes; /* how large the answer to one change is, about */
  gboolean is_eager;   /* somebody waits: what there is is asked for, even if it is little */
  guint needed;        /* the tag that is waited for */
  gboolean is_over;
  GError *error; /* (owned) (nullable) */
};

static void
wanted_free (gpointer data)
{
  Wanted *self = data;

  g_clear_pointer (&self->change, reprise_couch_change_free);
  g_free (self);
}

static void
answer_free (gpointer data)
{
  RepriseCouchAnswer *self = data;

  g_clear_pointer (&self->change, reprise_couch_change_free);
  g_free (self);
}

static RepriseCouchBatch *
batch_new (guint tag)
{
  RepriseCouchBatch *self = g_new0 (RepriseCouchBatch, 1);

  self->bytes = g_byte_array_new ();
  self->documents = g_array_new (FALSE, FALSE, sizeof (RepriseCouchSpan));
  self->answers = g_ptr_array_new_with_free_func (answer_free);
  self->tag = tag;
  return self;
}

void
reprise_couch_batch_free (RepriseCouchBatch *self)
{
  g_byte_array_unref (self->bytes);
  g_array_unref (self->documents);
  g_ptr_array_unref (self->answers);
  g_free (self);
}

/* What came for one change. */
typedef struct
{
  RepriseCouchChange *change;
  guint first;     /* of its documents */
  guint n;         /* of its documents */
  guint n_missing; /* elements without a document */
} Part;

/* One request of a thread. */
typedef struct
{
  RepriseCouchFetch *fetch;
  GArray *parts;            /* (element-type Part): what is asked for */
  gboolean all_leaves;      /* whatever leaves there are, and not those of the feed */
  RepriseCouchBatch *batch; /* where bodies go */
  guint n_before;           /* documents that the batch had before this request */
  guint bytes_before;
  guint part;        /* which of them the next element answers */
  guint leaf;        /* and which of its leaves */
  gboolean too_many; /* for the server's plan */
  gboolean too_large;
} Request;

static gboolean
wants_all (Request *self, const Part *part)
{
  return self->all_leaves || part->change->revs == NULL;
}

static guint
count_leaves (Request *self, const Part *part)
{
  return wants_all (self, part) ? 1 : g_strv_length (part->change->revs);
}

static GBytes *
make_body (Request *self)
{
  GString *json = g_string_sized_new (self->parts->len * 96 + 16);

  g_string_append (json, "{\"docs\":[");
  for (guint i = 0; i < self->parts->len; i++)
    {
      const Part *part = &g_array_index (self->parts, Part, i);

      for (guint j = 0; j < count_leaves (self, part); j++)
        {
          g_string_append (json, json->len > 9 ? ",{\"id\":" : "{\"id\":");
          reprise_couch_append_string (json, part->change->id);
          if (!wants_all (self, part))
            {
              g_string_append (json, ",\"rev\":");
              reprise_couch_append_string (json, part->change->revs[j]);
            }
          g_string_append_c (json, '}');
        }
    }
  g_string_append (json, "]}");
  return g_string_free_to_bytes (json);
}

static void
keep_document (Request *self, RepriseCouchSpan document)
{
  g_byte_array_append (self->batch->bytes, (const guint8 *) document.data, (guint) document.size);
  document.data = NULL; /* the bytes may move until all are there */
  g_array_append_val (self->batch->documents, document);
}

/* {"id":…,"docs":[{"ok":…}|{"error":…}|{"missing":rev}]}. Returns: how many there were, or 0 where anything was missing */
static guint
take_documents (Request *self, RepriseCouchSpan docs)
{
  RepriseCouchWalk walk = reprise_couch_walk (docs);
  RepriseCouchSpan doc, key, value;
  guint n = 0;

  while (reprise_couch_walk_next_element (&walk, &doc))
    {
      RepriseCouchWalk members = reprise_couch_walk (doc);

      if (!reprise_couch_walk_next_member (&members, &key, &value) ||
          !reprise_couch_span_is (key, "\"ok\"") || value.size == 0 || *value.data != '{')
        return 0;
      keep_document (self, value);
      n++;
    }
  return n;
}

static gboolean
element_cb (RepriseCouchSpan element, gpointer user_data, gboolean *is_hopeless, GError **error)
{
  Request *self = user_data;
  RepriseCouchSpan docs = reprise_couch_span_get (element, "docs");
  Part *part;
  guint n;

  if (self->part >= self->parts->len)
    {
      reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_PROTOCOL,
                         _ ("%s answers for more documents than it was asked for"),
                         reprise_couch_client_get_name (self->fetch->client));
      return FALSE;
    }
  part = &g_array_index (self->parts, Part, self->part);
  if (self->leaf == 0)
    part->first = self->batch->documents->len;
  n = take_documents (self, docs);
  part->n_missing += n == 0;
  part->n = self->batch->documents->len - part->first;
  if (++self->leaf == count_leaves (self, part))
    {
      self->leaf = 0;
      self->part++;
    }
  if (self->parts->len == 1 || self->batch->bytes->len - self->bytes_before <= MAX_ANSWER_BYTES)
    return TRUE;
  self->too_large = *is_hopeless = TRUE;
  reprise_error_set_literal (error, REPRISE_ERROR, REPRISE_ERROR_LIMIT,
                             _ ("The documents are larger than was thought"));
  return FALSE;
}

static void
begin_cb (gpointer user_data)
{
  Request *self = user_data;

  g_array_set_size (self->batch->documents, self->n_before);
  g_byte_array_set_size (self->batch->bytes, self->bytes_before);
  self->part = self->leaf = 0;
  for (guint i = 0; i < self->parts->len; i++)
    {
      Part *part = &g_array_index (self->parts, Part, i);

      part->first = part->n = part->n_missing = 0;
    }
}

static gboolean
end_cb (RepriseCouchSpan envelope, gpointer user_data, GError **error)
{
  Request *self = user_data;

  if (self->part == self->parts->len)
    return TRUE;
  reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_PROTOCOL,
                     ngettext ("%s answered for %u document of %u",
                               "%s answered for %u documents of %u", self->part),
                     reprise_couch_client_get_name (self->fetch->client), self->part,
                     self->parts->len);
  return FALSE;
}

static gboolean
run_request (Request *self, GError **error)
{
  static const RepriseCouchResultsFuncs FUNCS = { MAX_DOCUMENT_BYTES, begin_cb, element_cb,
                                                  end_cb };
  RepriseCouchFetch *fetch = self->fetch;
  g_autoptr (RepriseHttpRequest) request = reprise_couch_client_new_bulk_request (
    fetch->client, fetch->path, REPRISE_HTTP_READ, self->parts->len);
  g_autoptr (GBytes) body = make_body (self);
  g_autoptr (GError) local = NULL;

  self->n_before = self->batch->documents->len;
  self->bytes_before = self->batch->bytes->len;
  reprise_http_request_add_query (request, "revs", "true");
  reprise_http_request_set_body (request, "application/json", body);
  if (reprise_couch_results_read (fetch->client, request, &FUNCS, self, fetch->cancellable, &local))
    return TRUE;
  self->too_many =
    self->parts->len > 1 && g_error_matches (local, REPRISE_ERROR, REPRISE_ERROR_LIMIT);
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

/* Of documents that were changed or purged since the feed was read: what there is of them now. */
static gboolean
ask_again (RepriseCouchFetch *self,
           GArray *parts,
           RepriseCouchBatch *batch,
           gboolean *too_many,
           GError **error)
{
  g_autoptr (GArray) again = g_array_new (FALSE, TRUE, sizeof (Part));
  Request request = { .fetch = self, .parts = again, .all_leaves = TRUE, .batch = batch };
  guint n = 0;

  for (guint i = 0; i < parts->len; i++)
    if (g_array_index (parts, Part, i).n_missing > 0)
      g_array_append_val (again, g_array_index (parts, Part, i));
  if (again->len == 0)
    return TRUE;
  if (!run_request (&request, error))
    {
      *too_many = request.too_many;
      return FALSE;
    }
  for (guint i = 0; i < parts->len; i++)
    {
      Part *part = &g_array_index (parts, Part, i);
      const Part *newer;

      if (part->n_missing == 0)
        continue;
      newer = &g_array_index (again, Part, n++);
      part->first = newer->first;
      part->n = newer->n_missing == 0 ? newer->n : 0;
    }
  return TRUE;
}

/* The documents are all there, and where they lie is known. */
static void
place_documents (RepriseCouchBatch *batch)
{
  const char *at = (const char *) batch->bytes->data;

  for (guint i = 0; i < batch->documents->len; i++)
    {
      RepriseCouchSpan *document = &g_array_index (batch->documents, RepriseCouchSpan, i);

      document->data = at;
      at += document->size;
    }
}

static void
take_answers (RepriseCouchBatch *batch, GArray *parts, GPtrArray *wanted)
{
  for (guint i = 0; i < parts->len; i++)
    {
      const Part *part = &g_array_index (parts, Part, i);
      RepriseCouchAnswer *answer = g_new0 (RepriseCouchAnswer, 1);

      answer->change = g_steal_pointer (&((Wanted *) wanted->pdata[i])->change);
      answer->first = part->first;
      answer->n_documents = part->n;
      answer->is_newer = part->n_missing > 0;
      g_ptr_array_add (batch->answers, answer);
    }
}

/* (transfer full): the answers; or %NULL, and @too_large or @too_many where fewer are to be asked for at once */
static RepriseCouchBatch *
fetch_batch (RepriseCouchFetch *self,
             GPtrArray *wanted,
             gboolean *too_large,
             gboolean *too_many,
             GError **error)
{
  g_autoptr (RepriseCouchBatch) batch = batch_new (((Wanted *) wanted->pdata[0])->tag);
  g_autoptr (GArray) parts = g_array_sized_new (FALSE, TRUE, sizeof (Part), wanted->len);
  Request request = { .fetch = self, .parts = parts, .batch = batch };

  g_array_set_size (parts, wanted->len);
  for (guint i = 0; i < wanted->len; i++)
    g_array_index (parts, Part, i).change = ((Wanted *) wanted->pdata[i])->change;
  if (!run_request (&request, error))
    {
      *too_large = request.too_large;
      *too_many = request.too_many;
      return NULL;
    }
  if (!ask_again (self, parts, batch, too_many, error))
    return NULL;
  place_documents (batch);
  take_answers (batch, parts, wanted);
  return g_steal_pointer (&batch);
}

/* With the mutex held: what the server can bear. */
static void
adapt (RepriseCouchFetch *self, gsize bytes, guint n_changes)
{
  guint strained = reprise_couch_client_get_n_strained (self->client);

  self->change_bytes = 0.7 * self->change_bytes + 0.3 * ((double) bytes / MAX (n_changes, 1) + 1);
  if (strained != self->n_strained)
    {
      self->n_strained = strained;
      self->n_connections = MAX (self->n_connections / 2, 1);
      self->batch = MIN (self->batch, MAX (self->batch / 2, MIN_BATCH));
      self->n_clean = 0;
      return;
    }
  if (++self->n_clean < CLEAN_BATCHES)
    return;
  self->n_clean = 0;
  self->n_connections = MIN (self->n_connections + 1, self->max_connections);
  self->batch = MIN (self->batch * 2, MAX_BATCH);
}

/* With the mutex held: how many are asked for at once. */
static guint
get_batch (RepriseCouchFetch *self)
{
  guint by_bytes = (guint) CLAMP (TARGET_BYTES / MAX (self->change_bytes, 1), 1, MAX_BATCH);

  return MIN (self->batch, by_bytes);
}

/* With the mutex held: the next of one tag, as many as are asked for at once. */
static GPtrArray *
take_wanted (RepriseCouchFetch *self)
{
  g_autoptr (GPtrArray) wanted = g_ptr_array_new_with_free_func (wanted_free);
  guint n = get_batch (self);
  Wanted *first = g_queue_peek_head (&self->wanted);
  guint tag = first->tag;

  while (wanted->len < n && (first = g_queue_peek_head (&self->wanted)) != NULL &&
         first->tag == tag)
    g_ptr_array_add (wanted, g_queue_pop_head (&self->wanted));
  return g_steal_pointer (&wanted);
}

/* With the mutex held: they were too many at once, @too_large for this computer or for the server's plan. */
static void
give_back (RepriseCouchFetch *self, GPtrArray *wanted, gboolean too_large)
{
  self->batch = MAX (wanted->len / 2, 1);
  if (too_large)
    self->change_bytes = MAX (self->change_bytes, (double) MAX_ANSWER_BYTES / wanted->len);
  while (wanted->len > 0)
    g_queue_push_head (&self->wanted, g_ptr_array_steal_index (wanted, wanted->len - 1));
}

/* With the mutex held, which is let go meanwhile. */
static void
work_once (RepriseCouchFetch *self)
{
  g_autoptr (GPtrArray) wanted = take_wanted (self);
  RepriseCouchBatch *batch;
  GError *error = NULL;
  gboolean too_large = FALSE, too_many = FALSE;

  self->n_active++;
  g_mutex_unlock (&self->mutex);
  batch = fetch_batch (self, wanted, &too_large, &too_many, &error);
  g_mutex_lock (&self->mutex);
  self->n_active--;
  if (batch != NULL)
    {
      adapt (self, batch->bytes->len, batch->answers->len);
      g_queue_push_tail (&self->ready, batch);
    }
  else if ((too_large || too_many) && wanted->len > 1)
    {
      give_back (self, wanted, too_large);
      g_clear_error (&error);
    }
  else if (self->error == NULL)
    self->error = g_steal_pointer (&error);
  g_clear_error (&error);
  g_cond_broadcast (&self->changed);
}

/* With the mutex held: whether there is something to ask for now, and room for what comes. What somebody waits for has room always: of the
 * other there may be so much that nothing else would ever come. */
static gboolean
can_work (RepriseCouchFetch *self)
{
  const Wanted *first = g_queue_peek_head (&self->wanted);

  if (self->wanted.length < (self->is_eager ? 1 : get_batch (self)) ||
      self->n_active >= self->n_connections)
    return FALSE;
  return (self->is_eager && first->tag == self->needed) ||
         self->ready.length + self->n_active < MAX_READY + self->n_connections;
}

static gpointer
fetch_worker (gpointer data)
{
  RepriseCouchFetch *self = data;

  g_mutex_lock (&self->mutex);
  while (!self->is_over && self->error == NULL)
    if (!can_work (self))
      g_cond_wait (&self->changed, &self->mutex);
    else
      work_once (self);
  g_mutex_unlock (&self->mutex);
  return NULL;
}

static void
outer_cancelled_cb (GCancellable *outer, gpointer user_data)
{
  RepriseCouchFetch *self = user_data;

  g_cancellable_cancel (self->cancellable);
}

/**
 * reprise_couch_fetch_new:
 * @max_connections: at a time
 * @document_bytes: how large documents are on the average, or -1
 */
RepriseCouchFetch *
reprise_couch_fetch_new (RepriseCouchClient *client,
                         const char *database,
                         guint max_connections,
                         gint64 document_bytes,
                         GCancellable *cancellable)
{
  RepriseCouchFetch *self = g_new0 (RepriseCouchFetch, 1);

  self->client = g_object_ref (client);
  self->path = reprise_couch_client_dup_path (database, NULL, "_bulk_get");
  self->cancellable = g_cancellable_new ();
  self->max_connections = CLAMP (max_connections, 1, 16);
  self->n_connections = self->max_connections;
  self->batch = MAX_BATCH / 2;
  self->change_bytes = document_bytes > 0 ? (double) document_bytes + 100 : 2048;
  self->n_strained = reprise_couch_client_get_n_strained (client);
  g_mutex_init (&self->mutex);
  g_cond_init (&self->changed);
  g_queue_init (&self->wanted);
  g_queue_init (&self->ready);
  if (cancellable != NULL)
    {
      self->outer = g_object_ref (cancellable);
      self->outer_handler =
        g_cancellable_connect (cancellable, G_CALLBACK (outer_cancelled_cb), self, NULL);
    }
  self->threads = g_ptr_array_new ();
  for (guint i = 0; i < self->max_connections; i++)
    g_ptr_array_add (self->threads, g_thread_new ("couch-fetch", fetch_worker, self));
  return self;
}

/* Requests that are under way are broken off. */
void
reprise_couch_fetch_free (RepriseCouchFetch *self)
{
  g_mutex_lock (&self->mutex);
  self->is_over = TRUE;
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->mutex);
  g_cancellable_cancel (self->cancellable);
  for (guint i = 0; i < self->threads->len; i++)
    g_thread_join (self->threads->pdata[i]);
  if (self->outer != NULL)
    g_cancellable_disconnect (self->outer, self->outer_handler);
  g_queue_clear_full (&self->wanted, wanted_free);
  g_queue_clear_full (&self->ready, (GDestroyNotify) reprise_couch_batch_free);
  g_ptr_array_unref (self->threads);
  g_clear_object (&self->client);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->outer);
  g_clear_error (&self->error);
  g_free (self->path);
  g_mutex_clear (&self->mutex);
  g_cond_clear (&self->changed);
  g_free (self);
}

/* @change: (transfer full) */
void
reprise_couch_fetch_push (RepriseCouchFetch *self, RepriseCouchChange *change, guint tag)
{
  Wanted *wanted = g_new0 (Wanted, 1);

  wanted->change = change;
  wanted->tag = tag;
  g_mutex_lock (&self->mutex);
  g_queue_push_tail (&self->wanted, wanted);
  self->n_waiting++;
  self->is_eager = FALSE;
  if (self->wanted.length % get_batch (self) == 0)
    g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->mutex);
}

/* How many changes were pushed and not yet popped. */
guint
reprise_couch_fetch_get_n_waiting (RepriseCouchFetch *self)
{
  guint n;

  g_mutex_lock (&self->mutex);
  n = self->n_waiting;
  g_mutex_unlock (&self->mutex);
  return n;
}

/* How many connections are used at present. */
guint
reprise_couch_fetch_get_n_connections (RepriseCouchFetch *self)
{
  guint n;

  g_mutex_lock (&self->mutex);
  n = self->n_connections;
  g_mutex_unlock (&self->mutex);
  return n;
}

/* With the mutex held. (transfer full) (nullable) */
static RepriseCouchBatch *
take_ready (RepriseCouchFetch *self, guint tag)
{
  for (GList *item = self->ready.head; item != NULL; item = item->next)
    {
      RepriseCouchBatch *batch = item->data;

      if (batch->tag != tag)
        continue;
      g_queue_delete_link (&self->ready, item);
      return batch;
    }
  return NULL;
}

/**
 * reprise_couch_fetch_pop:
 *
 * Waits for the next answers with @tag, in any order.
 *
 * Returns: (transfer full): a batch; or %NULL with @error, or without where nothing more was pushed
 */
RepriseCouchBatch *
reprise_couch_fetch_pop (RepriseCouchFetch *self, guint tag, GError **error)
{
  RepriseCouchBatch *batch = NULL;

  g_mutex_lock (&self->mutex);
  if (!self->is_eager || self->needed != tag)
    {
      self->is_eager = TRUE;
      self->needed = tag;
      g_cond_broadcast (&self->changed);
    }
  while (self->error == NULL && (batch = take_ready (self, tag)) == NULL && self->n_waiting > 0)
    g_cond_wait (&self->changed, &self->mutex);
  if (self->error != NULL)
    {
      if (error != NULL)
        *error = g_error_copy (self->error);
    }
  if (batch != NULL)
    {
      self->n_waiting -= batch->answers->len;
      g_cond_broadcast (&self->changed);
    }
  g_mutex_unlock (&self->mutex);
  return batch;
}
