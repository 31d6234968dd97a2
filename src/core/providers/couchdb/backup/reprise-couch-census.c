/* reprise-couch-census.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <inttypes.h>

#include "providers/couchdb/backup/reprise-couch-census.h"
#include "providers/couchdb/client/reprise-couch-changes.h"

#define META_COUNTED "counted" /* live documents at this point */
#define META_AGREED  "agreed"  /* “true”: the server counted as many */

static gint64
read_number (RepriseCouchReader *reader, const char *name)
{
  g_autofree char *text = reprise_couch_reader_dup (reader, name);
  gint64 number;

  return text != NULL && g_ascii_string_to_signed (text, 10, 0, G_MAXINT64, &number, NULL) ? number
                                                                                           : -1;
}

/* @agrees, @is_at_rest: (out): whether the server counts @n, and whether nothing was changed since */
static gboolean
compare (RepriseCouchClient *client,
         const char *database,
         const char *since,
         gint64 n,
         gboolean *agrees,
         gboolean *is_at_rest,
         GCancellable *cancellable,
         GError **error)
{
  g_autoptr (RepriseCouchInfo) info = NULL;
  g_autoptr (RepriseCouchPage) page = NULL;

  *is_at_rest = FALSE;
  info = reprise_couch_client_get_info (client, database, cancellable, error);
  if (info == NULL)
    return FALSE;
  *agrees = info->doc_count == n;
  if (*agrees)
    return TRUE;
  page = reprise_couch_changes_read (client, database, since, 1, cancellable, error);
  if (page == NULL)
    return FALSE;
  *is_at_rest = page->changes->len + page->n_unreadable == 0;
  return TRUE;
}

static gboolean
set (RepriseCouchWriter *writer, gint64 n, gboolean agrees, GError **error)
{
  g_autofree char *text = n >= 0 ? g_strdup_printf ("%" PRId64, n) : g_strdup ("");

  return reprise_couch_writer_set (writer, META_COUNTED, text, error) &&
         reprise_couch_writer_set (writer, META_AGREED, agrees ? "true" : "", error);
}

/**
 * reprise_couch_census_take:
 * @since: where the feed has ended
 * @writer: with all that was told of the whole database
 * @readers: (element-type RepriseCouchReader): what it goes on from, the newest first; none of a baseline
 * @is_other: (out): the server has another number of documents than there should be, and had the right one before
 */
gboolean
reprise_couch_census_take (RepriseCouchClient *client,
                           const char *database,
                           const char *since,
                           RepriseCouchWriter *writer,
                           GPtrArray *readers,
                           gboolean *is_other,
                           GCancellable *cancellable,
                           GError **error)
{
  RepriseCouchReader *last = readers->len > 0 ? readers->pdata[0] : NULL;
  gint64 before = last != NULL ? read_number (last, META_COUNTED) : 0, n = 0;
  g_autofree char *text = last != NULL ? reprise_couch_reader_dup (last, META_AGREED) : NULL;
  gboolean agrees = FALSE, is_at_rest = FALSE;

  *is_other = FALSE;
  if (before < 0)
    return set (writer, -1, FALSE, error);
  if (!reprise_couch_writer_count_live (writer, readers, &n, error) ||
      !compare (client, database, since, before + n, &agrees, &is_at_rest, cancellable, error))
    return FALSE;
  *is_other = !agrees && is_at_rest && g_strcmp0 (text, "true") == 0;
  return set (writer, before + n, agrees, error);
}
