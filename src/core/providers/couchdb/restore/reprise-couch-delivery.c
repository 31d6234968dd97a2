/* reprise-couch-delivery.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "providers/couchdb/restore/reprise-couch-compose.h"
#include "providers/couchdb/restore/reprise-couch-delivery.h"

#define MAX_INLINE_BYTES (128 * 1024) /* attached to a document that is sent with others */

RepriseCouchSpan
reprise_couch_item_get_body (const RepriseCouchItem *item)
{
  RepriseCouchSpan span;

  span.data = g_bytes_get_data (item->body, &span.size);
  return span;
}

/* What it has attached goes with it, or where that is much after it, straight from the segment. @revisions: (nullable): of a branch */
static gboolean
send_composed (RepriseCouchGoal *goal,
               RepriseCouchSender *sender,
               const RepriseCouchItem *item,
               const char *rev,
               gboolean is_new_edit,
               const char *revisions,
               GError **error)
{
  RepriseCouchSpan body = reprise_couch_item_get_body (item);
  g_autoptr (GPtrArray) parts = NULL;
  g_autoptr (GString) json = g_string_sized_new (body.size + 64);

  if (item->links != NULL && item->links->len > 0 &&
      reprise_couch_compose_measure (body) > MAX_INLINE_BYTES)
    parts = g_ptr_array_new_with_free_func ((GDestroyNotify) reprise_couch_part_free);
  if (!reprise_couch_compose (goal->state, body, item->links, rev, is_new_edit, parts, json, error))
    return FALSE;
  if (revisions != NULL)
    {
      g_string_truncate (json, json->len - 1);
      g_string_append_printf (json, ",\"_revisions\":%s}", revisions);
    }
  if (parts == NULL)
    return reprise_couch_sender_add (sender, json->str, json->len, error);
  return reprise_couch_sender_add_related (
    sender, reprise_couch_related_new (item->id, g_steal_pointer (&json), parts), error);
}

/* As it is, with its revision and its ancestors. */
gboolean
reprise_couch_deliver (RepriseCouchGoal *goal,
                       RepriseCouchSender *sender,
                       const RepriseCouchItem *item,
                       GError **error)
{
  RepriseCouchSpan body = reprise_couch_item_get_body (item);

  return item->links == NULL ? reprise_couch_sender_add (sender, body.data, body.size, error)
                             : send_composed (goal, sender, item, NULL, FALSE, NULL, error);
}

/* As a new edit; @on: (nullable): the revision that it replaces */
gboolean
reprise_couch_deliver_edit (RepriseCouchGoal *goal,
                            RepriseCouchSender *sender,
                            const RepriseCouchItem *item,
                            const char *on,
                            GError **error)
{
  return send_composed (goal, sender, item, on, TRUE, NULL, error);
}

/* Under a revision that is chosen here; @revisions: it and its ancestors, as JSON */
gboolean
reprise_couch_deliver_branch (RepriseCouchGoal *goal,
                              RepriseCouchSender *sender,
                              const RepriseCouchItem *item,
                              const char *rev,
                              const char *revisions,
                              GError **error)
{
  return send_composed (goal, sender, item, rev, TRUE, revisions, error);
}
