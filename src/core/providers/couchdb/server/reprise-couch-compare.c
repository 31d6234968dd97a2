/* reprise-couch-compare.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "providers/couchdb/client/reprise-couch-changes.h"
#include "providers/couchdb/client/reprise-couch-json.h"
#include "providers/couchdb/server/reprise-couch-compare.h"

#define PAGE 1000

/* {"ID":["rev",…],…} */
static GBytes *
make_question (const RepriseCouchPage *page)
{
  GString *json = g_string_new ("{");

  for (guint i = 0; i < page->changes->len; i++)
    {
      const RepriseCouchChange *change = page->changes->pdata[i];

      if (i > 0)
        g_string_append_c (json, ',');
      reprise_couch_append_string (json, change->id);
      g_string_append (json, ":[");
      for (guint j = 0; change->revs[j] != NULL; j++)
        {
          if (j > 0)
            g_string_append_c (json, ',');
          reprise_couch_append_string (json, change->revs[j]);
        }
      g_string_append_c (json, ']');
    }
  g_string_append_c (json, '}');
  return g_string_free_to_bytes (json);
}

/* The answer names what is missing: nothing. */
static gboolean
check_page (const RepriseCouchPage *page,
            RepriseCouchClient *to,
            const char *target,
            GCancellable *cancellable,
            GError **error)
{
  g_autofree char *path = reprise_couch_client_dup_path (target, NULL, "_revs_diff");
  g_autoptr (GBytes) question = make_question (page);
  g_autoptr (GBytes) answer = reprise_couch_client_post (to, path, question, cancellable, error);
  g_autofree char *id = NULL;
  RepriseCouchSpan root, key, value;
  RepriseCouchWalk walk;

  if (answer == NULL)
    return FALSE;
  root.data = g_bytes_get_data (answer, &root.size);
  walk = reprise_couch_walk (root);
  if (!reprise_couch_walk_next_member (&walk, &key, &value))
    return TRUE;
  id = reprise_couch_span_dup_string (key);
  reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_DAMAGED,
                     _ ("In “%s” the document “%s” is missing, or an older version of it is there"),
                     target, id != NULL ? id : "?");
  return FALSE;
}

/**
 * reprise_couch_compare_databases:
 * @n_documents: (inout): counted up
 *
 * Whether every leaf of @source is in @target, as a leaf or below a newer one. Only ids and revisions are read, not documents.
 *
 * Returns: %TRUE, or %FALSE with %REPRISE_ERROR_DAMAGED
 */
gboolean
reprise_couch_compare_databases (RepriseCouchClient *from,
                                 const char *source,
                                 RepriseCouchClient *to,
                                 const char *target,
                                 guint64 *n_documents,
                                 RepriseProgress *progress,
                                 GCancellable *cancellable,
                                 GError **error)
{
  g_autofree char *since = NULL;

  for (;;)
    {
      g_autoptr (RepriseCouchPage) page =
        reprise_couch_changes_read (from, source, since, PAGE, cancellable, error);

      if (page == NULL)
        return FALSE;
      if (page->changes->len == 0)
        return TRUE;
      if (!check_page (page, to, target, cancellable, error))
        return FALSE;
      *n_documents += page->changes->len;
      reprise_progress_add_items (progress, page->changes->len);
      g_free (since);
      since = g_strdup (page->last_seq);
    }
}
