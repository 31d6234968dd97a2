/* reprise-couch-results.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "net/reprise-json-cutter.h"
#include "providers/couchdb/client/reprise-couch-results.h"

/* {"results":[…],…}, of which one try after another may come. */
typedef struct
{
  const RepriseCouchResultsFuncs *funcs;
  gpointer user_data;
  RepriseJsonCutter *cutter; /* (owned) (nullable): %NULL once all is there and right */
  GError *broken;            /* (owned) (nullable): what is wrong with what came */
  gboolean is_hopeless;
} Results;

static void
results_clear (Results *self)
{
  g_clear_pointer (&self->cutter, reprise_json_cutter_free);
  g_clear_error (&self->broken);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Results, results_clear)

static gboolean
element_cb (const char *data, gsize size, gboolean is_last, gpointer user_data, GError **error)
{
  Results *self = user_data;

  return self->funcs->element ((RepriseCouchSpan){ data, size }, self->user_data,
                               &self->is_hopeless, error);
}

static gboolean
begin_cb (gpointer user_data, GCancellable *cancellable, GError **error)
{
  Results *self = user_data;

  results_clear (self);
  self->cutter = reprise_json_cutter_new ("results", self->funcs->max_bytes, element_cb, self);
  self->funcs->begin (self->user_data);
  return TRUE;
}

/* What is wrong with the text is told at its end, where the request is repeated for it. */
static gboolean
write_cb (gconstpointer data,
          gsize size,
          gpointer user_data,
          GCancellable *cancellable,
          GError **error)
{
  Results *self = user_data;

  if (self->broken == NULL && !reprise_json_cutter_push (self->cutter, data, size, &self->broken) &&
      self->is_hopeless)
    {
      g_propagate_error (error, g_steal_pointer (&self->broken));
      return FALSE;
    }
  return TRUE;
}

static gboolean
prove (Results *self, GError **error)
{
  g_autoptr (GBytes) envelope = NULL;
  RepriseCouchSpan span;

  if (self->cutter == NULL)
    return TRUE; /* proven before */
  if (self->broken != NULL)
    {
      g_propagate_error (error, g_error_copy (self->broken));
      return FALSE;
    }
  if (!reprise_json_cutter_finish (self->cutter, &envelope, error))
    return FALSE;
  span.data = g_bytes_get_data (envelope, &span.size);
  if (!self->funcs->end (span, self->user_data, error))
    return FALSE;
  g_clear_pointer (&self->cutter, reprise_json_cutter_free);
  return TRUE;
}

/* Where nothing came at all the sink is not begun anew by itself. */
static gboolean
prove_cb (const RepriseHttpProof *proof,
          gpointer user_data,
          GCancellable *cancellable,
          GError **error)
{
  if (prove (user_data, error))
    return TRUE;
  begin_cb (user_data, NULL, NULL);
  return FALSE;
}

/**
 * reprise_couch_results_read:
 *
 * Reads the elements of “results” of an answer as they come. CouchDB sends the status before it does the work: whether the answer is
 * whole shows only at its end, and one that was cut is asked for again.
 */
gboolean
reprise_couch_results_read (RepriseCouchClient *client,
                            RepriseHttpRequest *request,
                            const RepriseCouchResultsFuncs *funcs,
                            gpointer user_data,
                            GCancellable *cancellable,
                            GError **error)
{
  static const RepriseHttpSink SINK = { write_cb, begin_cb, prove_cb };
  g_auto (Results) results = { .funcs = funcs, .user_data = user_data };
  g_auto (RepriseHttpProof) proof = { 0 };

  begin_cb (&results, NULL, NULL);
  return reprise_http_download (reprise_couch_client_get_http (client), request, &SINK, &results,
                                NULL, &proof, cancellable, error) &&
         prove_cb (&proof, &results, cancellable, error);
}
