/* reprise-couch-results.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "providers/couchdb/client/reprise-couch-client.h"
#include "providers/couchdb/client/reprise-couch-json.h"

G_BEGIN_DECLS

/**
 * RepriseCouchResultsFuncs:
 * @max_bytes: of an element
 * @begin: the answer begins, perhaps anew: forgets what came of it before
 * @element: takes an element, whose bytes are lent. @is_hopeless: (out): set where another try would bring the same
 * @end: all elements are there; @envelope is what stands around them
 *
 * Who takes the elements of an answer. All run in the worker that asks.
 */
typedef struct
{
  gsize max_bytes;
  void (*begin) (gpointer user_data);
  gboolean (*element) (RepriseCouchSpan element,
                       gpointer user_data,
                       gboolean *is_hopeless,
                       GError **error);
  gboolean (*end) (RepriseCouchSpan envelope, gpointer user_data, GError **error);
} RepriseCouchResultsFuncs;

gboolean reprise_couch_results_read (RepriseCouchClient *client,
                                     RepriseHttpRequest *request,
                                     const RepriseCouchResultsFuncs *funcs,
                                     gpointer user_data,
                                     GCancellable *cancellable,
                                     GError **error);

G_END_DECLS
