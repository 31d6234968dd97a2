/* reprise-couch-rest.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "providers/couchdb/client/reprise-couch-json.h"
#include "providers/couchdb/restore/reprise-couch-rest.h"

#define REST_MS 1500 /* in which a document must not change */

static char *
dup_revision (RepriseCouchClient *client,
              const char *database,
              const char *document,
              GCancellable *cancellable,
              GError **error)
{
  g_autofree char *path = reprise_couch_client_dup_path (database, document, NULL);
  g_autoptr (GBytes) bytes = reprise_couch_client_get_bytes (client, path, cancellable, error);
  g_auto (RepriseCouchHead) head = { NULL };
  RepriseCouchSpan span = { NULL, 0 };

  if (bytes == NULL)
    return NULL;
  span.data = g_bytes_get_data (bytes, &span.size);
  reprise_couch_head_read (&head, span);
  return g_steal_pointer (&head.rev);
}

/* A single document is only replaced while nobody is at work on it: else %REPRISE_ERROR_REFUSED. One that is not there is at rest. */
gboolean
reprise_couch_rest_check (RepriseCouchClient *client,
                          const char *database,
                          const char *document,
                          GCancellable *cancellable,
                          GError **error)
{
  g_autofree char *first = dup_revision (client, database, document, cancellable, NULL);
  g_autofree char *second = NULL;

  if (first == NULL)
    return TRUE;
  g_usleep (REST_MS * 1000);
  second = dup_revision (client, database, document, cancellable, error);
  if (second == NULL)
    return FALSE;
  if (strcmp (first, second) == 0)
    return TRUE;
  reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_REFUSED,
                     _ ("“%s” is being changed at this moment: try again when it is at rest"),
                     document);
  return FALSE;
}
