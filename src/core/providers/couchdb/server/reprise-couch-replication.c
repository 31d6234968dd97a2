/* reprise-couch-replication.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <inttypes.h>
#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "base/reprise-scrub.h"
#include "base/reprise-wait.h"
#include "net/reprise-json.h"
#include "providers/couchdb/client/reprise-couch-credentials.h"
#include "providers/couchdb/client/reprise-couch-json.h"
#include "providers/couchdb/server/reprise-couch-replication.h"

#define DATABASE  "_replicator"
#define MAX_TRIES 5

/* Everything but design documents; verified to work on Apache CouchDB */
#define SELECTOR "{\"_id\":{\"$regex\":\"^(?!_design/)\"}}"

static guint first_pause_ms = 250;
static guint longest_pause_ms = 5000;
static guint longest_patience_ms = 10 * 60 * 1000;

void
reprise_couch_replication_set_pace (guint first_ms, guint longest_ms, guint patience_ms)
{
  first_pause_ms = first_ms;
  longest_pause_ms = longest_ms;
  longest_patience_ms = patience_ms;
}

void
reprise_couch_progress_clear (RepriseCouchProgress *self)
{
  g_clear_pointer (&self->reason, g_free);
  g_clear_pointer (&self->sequence, g_free);
  g_clear_pointer (&self->replication_id, g_free);
  self->origin = NULL;
}

/* What the state means, one sentence. */
static const char *
get_state_text (RepriseCouchReplicationState state)
{
  switch (state)
    {
    case REPRISE_COUCH_REPLICATION_UNSEEN:
      return _ ("The server has not seen the replication yet");
    case REPRISE_COUCH_REPLICATION_INITIALIZING:
      return _ ("The server looks at the replication");
    case REPRISE_COUCH_REPLICATION_ERROR:
      return _ ("The replication could not be begun; the server tries again");
    case REPRISE_COUCH_REPLICATION_PENDING:
      return _ ("The replication waits for its turn");
    case REPRISE_COUCH_REPLICATION_RUNNING:
      return _ ("The server copies the documents");
    case REPRISE_COUCH_REPLICATION_CRASHING:
      return _ ("The replication broke off; the server tries again");
    case REPRISE_COUCH_REPLICATION_COMPLETED:
      return _ ("The replication is completed");
    case REPRISE_COUCH_REPLICATION_FAILED:
      return _ ("The server gave the replication up");
    default:
      return "";
    }
}

/* “triggered” is how servers without a scheduler call it */
static RepriseCouchReplicationState
parse_state (const char *word)
{
  static const struct
  {
    const char *word;
    RepriseCouchReplicationState state;
  } WORDS[] = {
    { "initializing", REPRISE_COUCH_REPLICATION_INITIALIZING },
    { "error", REPRISE_COUCH_REPLICATION_ERROR },
    { "pending", REPRISE_COUCH_REPLICATION_PENDING },
    { "running", REPRISE_COUCH_REPLICATION_RUNNING },
    { "triggered", REPRISE_COUCH_REPLICATION_RUNNING },
    { "crashing", REPRISE_COUCH_REPLICATION_CRASHING },
    { "completed", REPRISE_COUCH_REPLICATION_COMPLETED },
    { "failed", REPRISE_COUCH_REPLICATION_FAILED },
  };

  for (guint i = 0; word != NULL && i < G_N_ELEMENTS (WORDS); i++)
    if (strcmp (word, WORDS[i].word) == 0)
      return WORDS[i].state;
  return REPRISE_COUCH_REPLICATION_UNSEEN;
}

/* ---- the document ---- */

static char *
make_path (const char *id)
{
  return reprise_couch_client_dup_path (DATABASE, id, NULL);
}

/* ,"source":{"url":…,"auth":…} */
static gboolean
append_end (GString *json,
            const char *name,
            const RepriseCouchEnd *end,
            GCancellable *cancellable,
            GError **error)
{
  GUri *uri = reprise_http_get_address (reprise_couch_client_get_http (end->client));
  g_autofree char *own =
    g_uri_to_string_partial (uri, G_URI_HIDE_USERINFO | G_URI_HIDE_QUERY | G_URI_HIDE_FRAGMENT);
  g_autofree char *database = reprise_couch_client_dup_path (end->database, NULL, NULL);
  const char *base = end->address != NULL && *end->address != '\0' ? end->address : own;
  g_autofree char *url =
    g_strconcat (base, g_str_has_suffix (base, "/") ? "" : "/", database, NULL);

  g_string_append_printf (json, ",\"%s\":{\"url\":", name);
  reprise_couch_append_string (json, url);
  if (!reprise_couch_client_append_auth (end->client, json, cancellable, error))
    return FALSE;
  g_string_append_c (json, '}');
  return TRUE;
}

/* The new database becomes like the one that it is copied from: “partitioned” could not be changed later. */
static void
append_create (GString *json, const RepriseCouchInfo *info)
{
  g_string_append (json, ",\"create_target\":true,\"create_target_params\":{");
  g_string_append_printf (json, "\"partitioned\":%s", info->partitioned ? "true" : "false");
  if (info->q > 0)
    g_string_append_printf (json, ",\"q\":%" PRId64, info->q);
  if (info->n > 0)
    g_string_append_printf (json, ",\"n\":%" PRId64, info->n);
  g_string_append_c (json, '}');
}

/* (transfer full): the document, which holds credentials: it is shown nowhere */
static GBytes *
make_document (const RepriseCouchReplication *self, GCancellable *cancellable, GError **error)
{
  GString *json = g_string_sized_new (REPRISE_COUCH_CREDENTIALS_BYTES);
  gboolean ok;

  g_string_append (json, "{\"_id\":");
  reprise_couch_append_string (json, self->id);
  ok = append_end (json, "source", &self->source, cancellable, error) &&
       append_end (json, "target", &self->target, cancellable, error);
  if (self->info != NULL)
    append_create (json, self->info);
  if (self->since != NULL)
    g_string_append_printf (json, ",\"since_seq\":%s", self->since);
  g_string_append (json, ",\"continuous\":false,\"selector\":" SELECTOR "}");
  {
    g_autoptr (GBytes) body = reprise_couch_credentials_take (json);

    return ok ? g_steal_pointer (&body) : NULL;
  }
}

/**
 * reprise_couch_replication_start:
 * @at: the server that replicates
 *
 * Puts the document. Its name is new, so one that is there already is that of a try whose answer was lost.
 */
gboolean
reprise_couch_replication_start (const RepriseCouchReplication *self,
                                 RepriseCouchClient *at,
                                 GCancellable *cancellable,
                                 GError **error)
{
  g_autofree char *path = make_path (self->id);
  g_autoptr (RepriseHttpRequest) request =
    reprise_couch_client_new_request (at, "PUT", path, REPRISE_HTTP_WRITE);
  g_autoptr (RepriseHttpResponse) response = NULL;
  g_autoptr (GBytes) body = make_document (self, cancellable, error);

  if (body == NULL)
    return FALSE;
  reprise_http_request_set_body (request, "application/json", body);
  reprise_http_request_allow_status (request, 409);
  response = reprise_couch_client_send (at, request, cancellable, error);
  if (response == NULL)
    reprise_error_prefix (error, _ ("The replication into “%s” could not be started: "),
                          self->target.database);
  return response != NULL;
}

/* ---- how far it is ---- */

/* (transfer full) (nullable) without an error: there is none */
static GBytes *
get_if_there (RepriseCouchClient *at, const char *path, GCancellable *cancellable, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (GBytes) bytes = reprise_couch_client_get_bytes (at, path, cancellable, &local);

  if (local != NULL && !g_error_matches (local, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND))
    g_propagate_error (error, g_steal_pointer (&local));
  return g_steal_pointer (&bytes);
}

static gboolean
check_json (GBytes *bytes, RepriseCouchSpan *span, GError **error)
{
  static const RepriseJsonLimits LIMITS = { .error_code = REPRISE_ERROR_PROTOCOL };
  g_autoptr (JsonObject) root = NULL;

  span->data = g_bytes_get_data (bytes, &span->size);
  root =
    reprise_json_parse_object (span->data != NULL ? span->data : "", span->size, &LIMITS, error);
  return root != NULL;
}

/* A sequence that says something: neither nothing nor the beginning. */
static gboolean
is_sequence (RepriseCouchSpan value)
{
  return value.data != NULL && !reprise_couch_span_is (value, "null") &&
         !reprise_couch_span_is (value, "0") && !reprise_couch_span_is (value, "\"0\"") &&
         !reprise_couch_span_is (value, "\"\"");
}

static gint64
prefer (RepriseCouchSpan value, gint64 before)
{
  return reprise_couch_span_get_int (value, before);
}

/* Statistics of the document, or of the scheduler: whoever says something. */
static void
take_stats (RepriseCouchProgress *progress, RepriseCouchSpan stats, const char *origin)
{
  RepriseCouchSpan sequence = reprise_couch_span_get (stats, "checkpointed_source_seq");

  progress->n_written =
    prefer (reprise_couch_span_get (stats, "docs_written"), progress->n_written);
  progress->n_failures =
    prefer (reprise_couch_span_get (stats, "doc_write_failures"), progress->n_failures);
  progress->n_pending =
    prefer (reprise_couch_span_get (stats, "changes_pending"), progress->n_pending);
  if (!is_sequence (sequence))
    return;
  g_free (progress->sequence);
  progress->sequence = reprise_couch_span_dup_text (sequence);
  progress->origin = origin;
}

static void
take_text (char **to, RepriseCouchSpan value)
{
  char *text = reprise_couch_span_dup_string (value);

  if (text == NULL)
    return;
  g_free (*to);
  *to = text;
}

/* What the server wrote into the document itself: at the end, or all along where it has no scheduler. */
static void
take_document (RepriseCouchProgress *progress, RepriseCouchSpan document)
{
  g_autofree char *word =
    reprise_couch_span_dup_string (reprise_couch_span_get (document, "_replication_state"));

  if (word != NULL)
    progress->state = parse_state (word);
  take_text (&progress->reason, reprise_couch_span_get (document, "_replication_state_reason"));
  take_text (&progress->replication_id, reprise_couch_span_get (document, "_replication_id"));
  take_stats (progress, reprise_couch_span_get (document, "_replication_stats"),
              "_replication_stats.checkpointed_source_seq");
}

/* {"state":…,"error_count":…,"info":{…}|{"error":…}|"…"|null} */
static void
take_scheduled (RepriseCouchProgress *progress, RepriseCouchSpan root)
{
  g_autofree char *word = reprise_couch_span_dup_string (reprise_couch_span_get (root, "state"));
  RepriseCouchSpan info = reprise_couch_span_get (root, "info");

  progress->state = parse_state (word);
  if (progress->state == REPRISE_COUCH_REPLICATION_UNSEEN)
    progress->state = REPRISE_COUCH_REPLICATION_INITIALIZING; /* a word of a later version */
  take_text (&progress->replication_id, reprise_couch_span_get (root, "id"));
  take_text (&progress->reason, info);
  take_text (&progress->reason, reprise_couch_span_get (info, "error"));
  take_stats (progress, info, "_scheduler/docs: info.checkpointed_source_seq");
}

/**
 * reprise_couch_replication_look:
 * @progress: (out): cleared before
 *
 * Asks the scheduler, and the document where there is no scheduler or it is at the end.
 */
gboolean
reprise_couch_replication_look (RepriseCouchClient *at,
                                const char *id,
                                RepriseCouchProgress *progress,
                                GCancellable *cancellable,
                                GError **error)
{
  g_autofree char *document_path = make_path (id);
  g_autofree char *path = g_strconcat ("_scheduler/docs/", document_path, NULL);
  g_autoptr (GBytes) scheduled = NULL;
  g_autoptr (GBytes) document = NULL;
  g_autoptr (GError) local = NULL;
  RepriseCouchSpan span;

  reprise_couch_progress_clear (progress);
  *progress = (RepriseCouchProgress){ .n_written = -1, .n_failures = -1, .n_pending = -1 };
  scheduled = get_if_there (at, path, cancellable, &local);
  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  if (scheduled != NULL)
    {
      if (!check_json (scheduled, &span, error))
        return FALSE;
      take_scheduled (progress, span);
      if (progress->state < REPRISE_COUCH_REPLICATION_COMPLETED)
        return TRUE;
    }
  document = reprise_couch_client_get_bytes (at, document_path, cancellable, error);
  if (document == NULL || !check_json (document, &span, error))
    return FALSE;
  take_document (progress, span);
  return TRUE;
}

static void
tell (const RepriseCouchProgress *now,
      RepriseCouchReplicationState before,
      const char *name,
      RepriseProgress *progress)
{
  const char *state = get_state_text (now->state);
  g_autofree char *text = NULL;

  /* Translators: a database, and what is being done: “orders: The server copies the documents” */
  text = g_strdup_printf (_ ("%s: %s"), name, state);
  reprise_progress_set_message (progress, text);
  if (now->n_written >= 0)
    reprise_progress_set_done (progress, 0, now->n_written);
  if (now->n_written >= 0 && now->n_pending >= 0)
    reprise_progress_set_totals (progress, -1, now->n_written + now->n_pending);
  if (now->state != before)
    reprise_progress_log (progress, "%s: %s%s%s", name, state, now->reason != NULL ? ": " : "",
                          now->reason != NULL ? now->reason : "");
}

/* Whether it goes wrong for now: the server tries again by itself, with growing pauses. */
static gboolean
is_in_trouble (RepriseCouchReplicationState state)
{
  return state == REPRISE_COUCH_REPLICATION_ERROR || state == REPRISE_COUCH_REPLICATION_CRASHING ||
         state == REPRISE_COUCH_REPLICATION_UNSEEN;
}

/**
 * reprise_couch_replication_wait:
 * @name: of what is replicated, for people
 * @result: (out): how it ended: completed, failed, or in trouble for longer than there is patience
 *
 * Follows a replication to its end.
 *
 * Returns: %FALSE with @error where the server could not be asked
 */
gboolean
reprise_couch_replication_wait (RepriseCouchClient *at,
                                const char *id,
                                const char *name,
                                RepriseCouchProgress *result,
                                RepriseProgress *progress,
                                GCancellable *cancellable,
                                GError **error)
{
  RepriseCouchReplicationState before = REPRISE_COUCH_REPLICATION_UNSEEN;
  gint64 well_us = g_get_monotonic_time ();
  guint pause_ms = first_pause_ms;

  for (;;)
    {
      if (!reprise_couch_replication_look (at, id, result, cancellable, error))
        return FALSE;
      tell (result, before, name, progress);
      if (result->state >= REPRISE_COUCH_REPLICATION_COMPLETED)
        return TRUE;
      if (!is_in_trouble (result->state))
        well_us = g_get_monotonic_time ();
      else if (g_get_monotonic_time () - well_us > (gint64) longest_patience_ms * 1000)
        return TRUE;
      pause_ms = result->state != before ? first_pause_ms : MIN (pause_ms * 2, longest_pause_ms);
      before = result->state;
      if (!reprise_wait (pause_ms, cancellable, error))
        return FALSE;
    }
}

/* ---- its end ---- */

/* Whether everything was written: nothing else may be called a backup. */
gboolean
reprise_couch_replication_is_whole (const RepriseCouchProgress *progress)
{
  return progress->state == REPRISE_COUCH_REPLICATION_COMPLETED && progress->n_failures <= 0;
}

/* (transfer full) (nullable): why it is not whole, one sentence */
char *
reprise_couch_replication_explain (const RepriseCouchProgress *progress)
{
  g_autofree char *reason = NULL;

  if (reprise_couch_replication_is_whole (progress))
    return NULL;
  if (progress->state == REPRISE_COUCH_REPLICATION_COMPLETED)
    return g_strdup_printf (ngettext ("%" PRId64 " document could not be written into the backup",
                                      "%" PRId64 " documents could not be written into the backup",
                                      (gulong) progress->n_failures),
                            progress->n_failures);
  if (progress->reason == NULL)
    return g_strdup (get_state_text (progress->state));
  reason = reprise_scrub (
    progress->reason); /* it is kept, and a server might name URLs as they were given */
  /* Translators: a state of a replication, and what the server says of it */
  return g_strdup_printf (_ ("%s: %s"), get_state_text (progress->state), reason);
}

/* (transfer full) (nullable): the part that names a checkpoint: without “+create_target” and the like */
static char *
dup_checkpoint_id (const char *replication_id)
{
  gsize length = replication_id != NULL ? strcspn (replication_id, "+") : 0;

  return length > 0 ? g_strndup (replication_id, length) : NULL;
}

/* history[0].recorded_seq, else source_last_seq */
static char *
read_checkpoint (GBytes *bytes, GError **error)
{
  RepriseCouchSpan span, entry = { NULL, 0 }, value = { NULL, 0 };
  RepriseCouchWalk walk;

  if (!check_json (bytes, &span, error))
    return NULL;
  walk = reprise_couch_walk (reprise_couch_span_get (span, "history"));
  if (reprise_couch_walk_next_element (&walk, &entry))
    value = reprise_couch_span_get (entry, "recorded_seq");
  if (!is_sequence (value))
    value = reprise_couch_span_get (span, "source_last_seq");
  return is_sequence (value) ? reprise_couch_span_dup_text (value) : NULL;
}

/**
 * reprise_couch_replication_find_sequence:
 * @client: of the source
 * @database: the source
 * @before: (nullable): JSON: the `last_seq` that was read before it was started
 * @sequence: (out) (nullable): JSON: where the next increment begins; %NULL: only a new baseline will do
 * @origin: (out) (nullable): where it was found
 *
 * The statistics of the document, those of the scheduler, the checkpoint that the document names, and what was read before.
 */
gboolean
reprise_couch_replication_find_sequence (const RepriseCouchProgress *progress,
                                         RepriseCouchClient *client,
                                         const char *database,
                                         const char *before,
                                         char **sequence,
                                         const char **origin,
                                         GCancellable *cancellable,
                                         GError **error)
{
  g_autofree char *id = dup_checkpoint_id (progress->replication_id);
  g_autoptr (GError) local = NULL;

  *sequence = g_strdup (progress->sequence);
  *origin = progress->origin;
  if (*sequence == NULL && id != NULL)
    {
      g_autofree char *local_id = g_strconcat ("_local/", id, NULL);
      g_autofree char *path = reprise_couch_client_dup_path (database, local_id, NULL);
      g_autoptr (GBytes) bytes = get_if_there (client, path, cancellable, &local);

      if (bytes != NULL)
        *sequence = read_checkpoint (bytes, &local);
      if (local != NULL)
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return FALSE;
        }
      *origin = "_replication_id: _local: history[0].recorded_seq";
    }
  if (*sequence == NULL && before != NULL)
    {
      *sequence = g_strdup (before);
      *origin = "last_seq of _changes before the start";
    }
  if (*sequence == NULL)
    *origin = NULL;
  return TRUE;
}

/* Takes the document away with the credentials in it; one that runs is stopped. */
gboolean
reprise_couch_replication_remove (RepriseCouchClient *at,
                                  const char *id,
                                  GCancellable *cancellable,
                                  GError **error)
{
  g_autofree char *path = make_path (id);

  for (guint try = 0;; try++)
    {
      g_autoptr (GError) local = NULL;
      g_autoptr (GBytes) bytes = get_if_there (at, path, cancellable, &local);
      g_autoptr (RepriseHttpRequest) request = NULL;
      g_autoptr (RepriseHttpResponse) response = NULL;
      g_autofree char *rev = NULL;
      RepriseCouchSpan span;

      if (bytes == NULL || !check_json (bytes, &span, &local))
        {
          if (local != NULL)
            g_propagate_error (error, g_steal_pointer (&local));
          return local == NULL && bytes == NULL;
        }
      rev = reprise_couch_span_dup_string (reprise_couch_span_get (span, "_rev"));
      request = reprise_couch_client_new_request (at, "DELETE", path, REPRISE_HTTP_WRITE);
      reprise_http_request_add_query (request, "rev", rev != NULL ? rev : "");
      reprise_http_request_allow_status (request, 404);
      reprise_http_request_allow_status (request, 409); /* the server wrote its state meanwhile */
      response = reprise_couch_client_send (at, request, cancellable, error);
      if (response == NULL)
        return FALSE;
      if (reprise_http_response_get_status (response) != 409)
        return TRUE;
      if (try < MAX_TRIES)
        continue;
      reprise_error_set (
        error, REPRISE_ERROR, REPRISE_ERROR_BUSY,
        _ ("The replication “%s” could not be taken away: the server goes on writing it"), id);
      return FALSE;
    }
}
