/* reprise-couch-others.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "net/reprise-json-cutter.h"
#include "providers/couchdb/edits/reprise-couch-edits.h"

#define PAGE          1000
#define MAX_ROW_BYTES (1024 * 1024)
#define MAX_PASSES    50 /* one for each version of the document that has most of them */

/* What the backup does not have is deleted. */

/* @user_data: (element-type utf8): gets id and revision */
static gboolean
live_row_cb (const char *data, gsize size, gboolean is_last, gpointer user_data, GError **error)
{
  GPtrArray *pairs = user_data;
  RepriseCouchSpan row = { data, size };
  char *id = reprise_couch_span_dup_string (reprise_couch_span_get (row, "id"));

  if (id == NULL)
    return TRUE;
  g_ptr_array_add (pairs, id);
  g_ptr_array_add (pairs, reprise_couch_span_dup_string (
                            reprise_couch_span_get (reprise_couch_span_get (row, "value"), "rev")));
  return TRUE;
}

/* The next live documents of the target. @from: (inout) (nullable): the id that the last page ended with */
static GPtrArray *
list_live (RepriseCouchEdits *self, char **from, GError **error)
{
  g_autofree char *path = reprise_couch_client_dup_path (self->goal->target, NULL, "_all_docs");
  g_autofree char *limit = g_strdup_printf ("%d", PAGE);
  g_autoptr (RepriseHttpRequest) request =
    reprise_couch_client_new_request (self->client, "GET", path, REPRISE_HTTP_READ);
  g_autoptr (RepriseHttpResponse) response = NULL;
  g_autoptr (GPtrArray) pairs = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (RepriseJsonCutter) cutter = NULL;
  const char *data;
  gsize size = 0;

  reprise_http_request_add_query (request, "limit", limit);
  if (*from != NULL)
    {
      g_autoptr (GString) key = g_string_new (NULL);
      g_autofree char *after = g_strconcat (*from, "\300\200", NULL);

      reprise_couch_append_string (key, after);
      reprise_http_request_add_query (request, "startkey", key->str);
    }
  response = reprise_couch_client_send (self->client, request, self->cancellable, error);
  if (response == NULL)
    return NULL;
  /* An answer that was cut, or is another, is not the end of the list. */
  cutter = reprise_json_cutter_new ("rows", MAX_ROW_BYTES, live_row_cb, pairs);
  data = g_bytes_get_data (reprise_http_response_get_body (response), &size);
  if (!reprise_json_cutter_push (cutter, data != NULL ? data : "", size, error) ||
      !reprise_json_cutter_finish (cutter, NULL, error))
    return NULL;
  if (pairs->len > 0)
    {
      g_free (*from);
      *from = g_strdup (pairs->pdata[pairs->len - 2]);
    }
  return g_steal_pointer (&pairs);
}

static gboolean
find_any_cb (const RepriseCouchRow *row,
             RepriseCouchReader *reader,
             RepriseCouchSegment *segment,
             gpointer user_data,
             GError **error)
{
  *(gboolean *) user_data = TRUE;
  return TRUE;
}

static gboolean
remove_one (RepriseCouchEdits *self, const char *id, const char *rev, GError **error)
{
  gboolean is_saved = FALSE, may = TRUE;
  g_autoptr (GString) json = NULL;

  if (!reprise_couch_goal_wants (self->goal, id) || g_hash_table_contains (self->newer, id))
    return TRUE;
  if (!reprise_couch_state_find (self->goal->state, id, find_any_cb, &is_saved, error))
    return FALSE;
  if (is_saved)
    return TRUE;
  if (!reprise_couch_edits_may_replace (self, id, rev, &may, error))
    return FALSE;
  if (!may)
    return TRUE;
  json = g_string_new ("{\"_id\":");
  reprise_couch_append_string (json, id);
  g_string_append (json, ",\"_rev\":");
  reprise_couch_append_string (json, rev);
  g_string_append (json, ",\"_deleted\":true}");
  return reprise_couch_sender_add (self->sender, json->str, json->len, error);
}

/* One pass over all of them. @n: (out): how many versions were deleted; @n_refused: (out) */
static gboolean
remove_once (RepriseCouchEdits *self, guint64 *n, guint64 *n_refused, GError **error)
{
  g_autoptr (RepriseCouchSender) sender = reprise_couch_edits_new_sender (self, TRUE);
  g_autofree char *from = NULL;

  self->sender = sender;
  for (;;)
    {
      g_autoptr (GPtrArray) pairs = list_live (self, &from, error);

      if (pairs == NULL || !reprise_progress_check_stop (self->progress, error))
        return FALSE;
      if (pairs->len == 0)
        break;
      for (guint i = 0; i < pairs->len; i += 2)
        if (!remove_one (self, pairs->pdata[i], pairs->pdata[i + 1], error))
          return FALSE;
    }
  if (!reprise_couch_edits_finish (self, sender, error))
    return FALSE;
  *n = reprise_couch_sender_get_n_sent (sender);
  *n_refused = reprise_couch_sender_get_n_refused (sender);
  return TRUE;
}

/* The version beneath the one that was deleted, where there was a conflict, is shown then; and one that was changed just then is looked
 * at again: until nothing is left. */
gboolean
reprise_couch_edits_remove_others (RepriseCouchEdits *self, GError **error)
{
  guint64 n = 1, n_refused = 0;

  for (guint pass = 0; n > 0 && n_refused == 0 && pass < MAX_PASSES; pass++)
    {
      if (!remove_once (self, &n, &n_refused, error))
        return FALSE;
      g_ptr_array_unref (reprise_couch_ledger_take_overtaken (self->ledger));
    }
  self->n_kept += n_refused;
  self->n_refused -= n_refused;
  return TRUE;
}
