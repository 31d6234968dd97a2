/* reprise-fake-replicator.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "net/reprise-json.h"
#include "reprise-fake-replicator.h"

typedef struct
{
  char *id;
  JsonObject *members;
  char **script;
  guint at;    /* in the script */
  guint n_rev; /* generation of its revision */
  char *error; /* (nullable) */
  RepriseFakeCopy stats;
  gboolean copied;
} Job;

struct _RepriseFakeReplicator
{
  RepriseFakeCouch *server;
  GPtrArray *servers; /* (element-type RepriseFakeCouch): this one first */
  GMutex mutex;       /* guards: */
  GHashTable *jobs;   /* (element-type utf8 Job) */
  GPtrArray *started; /* (element-type utf8): every document, as it was put */
  char *script;
  guint n_failures;
  gboolean old, mute;
};

static void
job_free (gpointer data)
{
  Job *self = data;

  g_free (self->id);
  json_object_unref (self->members);
  g_strfreev (self->script);
  g_free (self->error);
  g_free (self->stats.last);
  g_free (self);
}

static void
answer_error (RepriseFaultCall *call, guint status, const char *error, const char *reason)
{
  g_autofree char *text = g_strdup_printf ("{\"error\":\"%s\",\"reason\":\"%s\"}", error, reason);

  reprise_fault_answer (call, status, "application/json", text);
}

static const char *
get_state (Job *job)
{
  return job->script[job->at];
}

static gboolean
is_final (const char *state)
{
  return g_str_equal (state, "completed") || g_str_equal (state, "failed");
}

/* ---- copying ---- */

/* One side of it: a URL as text, or {"url":…,"auth":{"basic":{…}}} */
static const char *
get_url (Job *job, const char *side)
{
  const char *url = reprise_json_get_string (job->members, side, NULL);
  g_autofree char *path = g_strconcat (side, ".url", NULL);

  return url != NULL ? url : reprise_json_get_string (job->members, path, NULL);
}

/* (nullable): the server at that address, where the credentials are right. @database: (out) */
static RepriseFakeCouch *
find_end (RepriseFakeReplicator *self, Job *job, const char *side, char **database)
{
  g_autoptr (GUri) uri = g_uri_parse (get_url (job, side), G_URI_FLAGS_ENCODED, NULL);
  g_autofree char *account = g_strconcat (side, ".auth.basic.username", NULL);
  g_autofree char *password = g_strconcat (side, ".auth.basic.password", NULL);

  *database = g_uri_unescape_string (strrchr (g_uri_get_path (uri), '/') + 1, NULL);
  for (guint i = 0; i < self->servers->len; i++)
    {
      g_autofree char *address = reprise_fake_couch_dup_address (self->servers->pdata[i]);
      g_autoptr (GUri) other = g_uri_parse (address, G_URI_FLAGS_NONE, NULL);

      if (g_uri_get_port (other) == g_uri_get_port (uri) &&
          reprise_fake_couch_accepts (self->servers->pdata[i],
                                      reprise_json_get_string (job->members, account, NULL),
                                      reprise_json_get_string (job->members, password, NULL)))
        return self->servers->pdata[i];
    }
  return NULL;
}

static void
note_checkpoint (RepriseFakeReplicator *self, RepriseFakeCouch *from, const char *source, Job *job)
{
  g_autofree char *body = g_strdup_printf (
    "{\"_id\":\"_local/c0ffee00c0ffee00\",\"_rev\":\"0-1\",\"session_id\":\"a\","
    "\"source_last_seq\":\"%s\",\"history\":[{\"session_id\":\"a\",\"recorded_seq\":"
    "\"%s\"},{\"session_id\":\"b\",\"recorded_seq\":\"1-old\"}]}",
    job->stats.last, job->stats.last);

  reprise_fake_couch_put_local (from, source, "_local/c0ffee00c0ffee00", body);
}

static void
run (RepriseFakeReplicator *self, Job *job)
{
  g_autofree char *source = NULL, *target = NULL;
  const char *wrong = NULL;

  if (job->copied)
    return;
  job->stats.from = find_end (self, job, "source", &source);
  job->stats.to = find_end (self, job, "target", &target);
  job->stats.source = source;
  job->stats.target = target;
  job->stats.since = reprise_json_get_string (job->members, "since_seq", NULL);
  job->stats.create = reprise_json_get_boolean (job->members, "create_target", FALSE);
  job->stats.n_refused = self->n_failures;
  if (job->stats.from == NULL || job->stats.to == NULL)
    wrong = "unauthorized: unauthorized to access or create database";
  else
    wrong = reprise_fake_couch_copy (&job->stats);
  if (wrong != NULL)
    {
      g_strfreev (job->script);
      job->script = g_strsplit ("crashing", " ", -1);
      job->at = 0;
      job->error = g_strdup (wrong);
      return;
    }
  job->copied = TRUE;
  note_checkpoint (self, job->stats.from, source, job);
}

/* One state further */
static void
step (RepriseFakeReplicator *self, Job *job)
{
  if (job->script[job->at + 1] != NULL)
    job->at++;
  if (g_str_equal (get_state (job), "running") || g_str_equal (get_state (job), "completed"))
    run (self, job);
  if (is_final (get_state (job)))
    job->n_rev = 2;
}

/* ---- printing ---- */

static char *
print_stats (RepriseFakeReplicator *self, Job *job)
{
  g_autofree char *sequence =
    self->old || self->mute
      ? g_strdup ("")
      : g_strdup_printf (",\"checkpointed_source_seq\":\"%s\"", job->stats.last);

  return g_strdup_printf (
    "{\"revisions_checked\":%u,\"missing_revisions_found\":%u,\"docs_read\":%u,"
    "\"docs_written\":%u,\"changes_pending\":null,\"doc_write_failures\":%u%s}",
    job->stats.n_read, job->stats.n_read, job->stats.n_read, job->stats.n_written,
    job->stats.n_failures, sequence);
}

static char *
print_info (RepriseFakeReplicator *self, Job *job)
{
  const char *state = get_state (job);

  if (job->copied)
    return print_stats (self, job);
  if (g_str_equal (state, "crashing") || g_str_equal (state, "error") ||
      g_str_equal (state, "failed"))
    return g_strdup_printf ("{\"error\":\"%s\"}", job->error != NULL ? job->error : "as it goes");
  return g_strdup ("null");
}

static void
answer_scheduler (RepriseFakeReplicator *self, RepriseFaultCall *call, char **segments)
{
  Job *job = segments[1] != NULL && segments[2] != NULL && segments[3] != NULL
               ? g_hash_table_lookup (self->jobs, segments[3])
               : NULL;
  g_autofree char *info = NULL, *text = NULL;

  if (job == NULL || self->old)
    {
      answer_error (call, 404, "not_found", "missing");
      return;
    }
  step (self, job);
  if (g_str_equal (get_state (job), "404"))
    {
      answer_error (call, 404, "not_found", "missing");
      return;
    }
  info = print_info (self, job);
  text = g_strdup_printf (
    "{\"database\":\"_replicator\",\"doc_id\":\"%s\",\"id\":%s,\"state\":\"%s\",\"error_count\":%u,"
    "\"info\":%s,\"start_time\":\"2026-11-21T11:20:17Z\",\"last_updated\":\"2026-11-21T11:20:"
    "21Z\"}",
    job->id, is_final (get_state (job)) ? "null" : "\"c0ffee00c0ffee00+create_target\"",
    get_state (job), g_str_equal (get_state (job), "crashing") ? 3 : 0, info);
  reprise_fault_answer (call, 200, "application/json", text);
}

static void
answer_document (RepriseFakeReplicator *self, RepriseFaultCall *call, Job *job)
{
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  g_autofree char *members = NULL, *stats = NULL;
  g_autoptr (GString) text = NULL;

  json_node_set_object (node, job->members);
  members = json_to_string (node, FALSE);
  text = g_string_new (members);
  g_string_truncate (text, text->len - 1);
  g_string_append_printf (text, ",\"_rev\":\"%u-aa\",\"owner\":\"admin\"", job->n_rev);
  if (self->old)
    {
      step (self, job);
      g_string_append_printf (text,
                              ",\"_replication_state\":\"%s\",\"_replication_id\":"
                              "\"c0ffee00c0ffee00+create_target\"",
                              g_str_equal (get_state (job), "running") ? "triggered"
                                                                       : get_state (job));
    }
  else if (is_final (get_state (job)))
    g_string_append_printf (text, ",\"_replication_state\":\"%s\"", get_state (job));
  if (g_str_equal (get_state (job), "failed"))
    g_string_append_printf (text, ",\"_replication_state_reason\":\"%s\"",
                            job->error != NULL ? job->error : "as it goes");
  if (g_str_equal (get_state (job), "completed"))
    {
      stats = print_stats (self, job);
      g_string_append_printf (text, ",\"_replication_stats\":%s", stats);
    }
  g_string_append_c (text, '}');
  reprise_fault_answer (call, 200, "application/json", text->str);
}

/* ---- documents ---- */

/* Two documents that describe one replication: the second fails while the first runs. */
static Job *
find_twin (RepriseFakeReplicator *self, Job *job)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->jobs);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    if (g_str_equal (get_url (value, "source"), get_url (job, "source")) &&
        g_str_equal (get_url (value, "target"), get_url (job, "target")) &&
        !is_final (get_state (value)))
      return value;
  return NULL;
}

static void
put (RepriseFakeReplicator *self, RepriseFaultCall *call, const char *id)
{
  gsize size;
  const char *data = g_bytes_get_data (call->body, &size);
  Job *job, *twin;

  if (g_hash_table_contains (self->jobs, id))
    {
      answer_error (call, 409, "conflict", "Document update conflict.");
      return;
    }
  job = g_new0 (Job, 1);
  job->id = g_strdup (id);
  job->members = reprise_json_parse_object (data, size, NULL, NULL);
  g_assert_nonnull (job->members);
  job->n_rev = 1;
  if (get_url (job, "source") == NULL || !g_str_has_prefix (get_url (job, "source"), "http") ||
      get_url (job, "target") == NULL || !g_str_has_prefix (get_url (job, "target"), "http"))
    {
      job->script = g_new0 (char *, 1);
      job_free (job);
      answer_error (call, 403, "forbidden", "local_endpoints_not_supported");
      return;
    }
  twin = find_twin (self, job);
  if (twin != NULL)
    job->error = g_strdup_printf (
      "Replication `c0ffee00` specified by `%s` already started by document `%s`", id, twin->id);
  job->script = g_strsplit (twin != NULL ? "404 failed" : self->script, " ", -1);
  g_hash_table_insert (self->jobs, job->id, job);
  g_ptr_array_add (self->started, g_strndup (data, size));
  reprise_fault_answer (call, 201, "application/json",
                        "{\"ok\":true,\"id\":\"x\",\"rev\":\"1-aa\"}");
}

static void delete (RepriseFakeReplicator *self, RepriseFaultCall *call, Job *job)
{
  g_autofree char *wanted = g_strdup_printf ("rev=%u-aa", job->n_rev);

  if (g_strcmp0 (call->query, wanted) != 0)
    {
      answer_error (call, 409, "conflict", "Document update conflict.");
      return;
    }
  g_hash_table_remove (self->jobs, job->id);
  reprise_fault_answer (call, 200, "application/json", "{\"ok\":true}");
}

static gboolean
handle_cb (RepriseFaultCall *call, char **segments, gpointer user_data)
{
  RepriseFakeReplicator *self = user_data;
  Job *job;

  g_mutex_lock (&self->mutex);
  job = segments[1] != NULL ? g_hash_table_lookup (self->jobs, segments[1]) : NULL;
  if (g_str_equal (segments[0], "_scheduler"))
    answer_scheduler (self, call, segments);
  else if (segments[1] == NULL)
    reprise_fault_answer (call, 200, "application/json",
                          "{\"db_name\":\"_replicator\",\"doc_count\":0,\"update_seq\":\"0\"}");
  else if (g_str_equal (call->method, "PUT"))
    put (self, call, segments[1]);
  else if (job == NULL)
    answer_error (call, 404, "not_found", "missing");
  else if (g_str_equal (call->method, "DELETE"))
    delete (self, call, job);
  else
    answer_document (self, call, job);
  g_mutex_unlock (&self->mutex);
  return TRUE;
}

/* ---- for tests ---- */

RepriseFakeReplicator *
reprise_fake_replicator_new (RepriseFakeCouch *server)
{
  RepriseFakeReplicator *self = g_new0 (RepriseFakeReplicator, 1);

  self->server = server;
  self->servers = g_ptr_array_new ();
  self->jobs = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, job_free);
  self->started = g_ptr_array_new_with_free_func (g_free);
  self->script = g_strdup (REPRISE_FAKE_USUAL);
  g_mutex_init (&self->mutex);
  g_ptr_array_add (self->servers, server);
  reprise_fake_couch_set_extension (server, handle_cb, self);
  return self;
}

void
reprise_fake_replicator_free (RepriseFakeReplicator *self)
{
  reprise_fake_couch_set_extension (self->server, NULL, NULL);
  g_ptr_array_unref (self->servers);
  g_hash_table_unref (self->jobs);
  g_ptr_array_unref (self->started);
  g_free (self->script);
  g_mutex_clear (&self->mutex);
  g_free (self);
}

/* A server that replications may go to and come from. */
void
reprise_fake_replicator_add_other (RepriseFakeReplicator *self, RepriseFakeCouch *other)
{
  g_ptr_array_add (self->servers, other);
}

/* Of the replications that are started from now on. */
void
reprise_fake_replicator_set_script (RepriseFakeReplicator *self, const char *script)
{
  g_mutex_lock (&self->mutex);
  g_free (self->script);
  self->script = g_strdup (script);
  g_mutex_unlock (&self->mutex);
}

/* So many documents of each replication are refused by the target. */
void
reprise_fake_replicator_set_failures (RepriseFakeReplicator *self, guint n)
{
  g_mutex_lock (&self->mutex);
  self->n_failures = n;
  g_mutex_unlock (&self->mutex);
}

/* As servers of the time before the scheduler: the state is in the document, and the checkpoint in “_local”. */
void
reprise_fake_replicator_set_old (RepriseFakeReplicator *self, gboolean old)
{
  self->old = old;
}

/* Nobody says how far a replication came. */
void
reprise_fake_replicator_set_mute (RepriseFakeReplicator *self, gboolean mute)
{
  self->mute = mute;
}

/* How many are still there. */
guint
reprise_fake_replicator_get_n_documents (RepriseFakeReplicator *self)
{
  guint n;

  g_mutex_lock (&self->mutex);
  n = g_hash_table_size (self->jobs);
  g_mutex_unlock (&self->mutex);
  return n;
}

guint
reprise_fake_replicator_get_n_started (RepriseFakeReplicator *self)
{
  guint n;

  g_mutex_lock (&self->mutex);
  n = self->started->len;
  g_mutex_unlock (&self->mutex);
  return n;
}

/* (transfer full): the document of the replication that was started as number @n, from 0, as it was put */
char *
reprise_fake_replicator_dup_started (RepriseFakeReplicator *self, guint n)
{
  char *text;

  g_mutex_lock (&self->mutex);
  text = n < self->started->len ? g_strdup (self->started->pdata[n]) : NULL;
  g_mutex_unlock (&self->mutex);
  return text;
}
