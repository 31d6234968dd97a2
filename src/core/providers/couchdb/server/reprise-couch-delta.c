/* reprise-couch-delta.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <inttypes.h>
#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "base/reprise-time.h"
#include "net/reprise-json.h"
#include "providers/couchdb/client/reprise-couch-json.h"
#include "providers/couchdb/server/reprise-couch-delta.h"

#define RECORD "_local/reprise"
#define NAME   "^.+-(daily|weekly|monthly|yearly|baseline)-[0-9]{8}t[0-9]{6}z$"

/* (transfer full): “20260117t000104z”, in UTC: it stands in the names of databases */
char *
reprise_couch_delta_dup_stamp (gint64 ms)
{
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_utc (ms / 1000);

  return g_date_time_format (time, "%Y%m%dt%H%M%Sz");
}

/* The other way round */
gboolean
reprise_couch_delta_parse_stamp (const char *stamp, gint64 *ms)
{
  g_autofree char *upper = g_ascii_strup (stamp, -1);
  g_autoptr (GDateTime) time = g_date_time_new_from_iso8601 (upper, NULL);

  if (time != NULL)
    *ms = g_date_time_to_unix (time) * 1000;
  return time != NULL;
}

/* (transfer full): RFC 3339 */
char *
reprise_couch_delta_dup_time (gint64 ms)
{
  g_autoptr (GDateTime) seconds = g_date_time_new_from_unix_utc (ms / 1000);
  g_autoptr (GDateTime) time = g_date_time_add (seconds, (ms % 1000) * 1000);

  return reprise_time_to_string (time);
}

/* Names of databases begin with a letter: “_users” becomes “users-daily-…”. */
static char *
make_name (const char *source, RepriseCouchTier tier, gint64 to)
{
  g_autofree char *stamp = reprise_couch_delta_dup_stamp (to);

  return g_strdup_printf ("%s-%s-%s", *source == '_' ? source + 1 : source,
                          reprise_couch_tier_to_string (tier), stamp);
}

/* Whether a database is called as backups of ours are. */
gboolean
reprise_couch_delta_is_name (const char *database)
{
  return g_regex_match_simple (NAME, database, G_REGEX_DOLLAR_ENDONLY, 0);
}

/* @to: of whole seconds */
RepriseCouchDelta *
reprise_couch_delta_new (const char *service,
                         const char *source,
                         RepriseCouchTier tier,
                         gint64 from,
                         gint64 to)
{
  RepriseCouchDelta *self = g_new0 (RepriseCouchDelta, 1);

  self->name = make_name (source, tier, to);
  self->service = g_strdup (service);
  self->source = g_strdup (source);
  self->tier = tier;
  self->from = from;
  self->to = to;
  self->n_written = self->doc_count = self->doc_del_count = self->size_bytes = -1;
  self->rolled = g_new0 (char *, 1);
  return self;
}

void
reprise_couch_delta_free (RepriseCouchDelta *self)
{
  g_free (self->name);
  g_free (self->service);
  g_free (self->source);
  g_free (self->server);
  g_free (self->created);
  g_free (self->purge_seq);
  g_free (self->since);
  g_free (self->since_origin);
  g_free (self->sequence);
  g_free (self->sequence_origin);
  g_free (self->reason);
  g_free (self->rolling);
  g_strfreev (self->rolled);
  g_free (self);
}

/* ---- the record ---- */

static void
append_text (GString *json, const char *name, const char *value)
{
  if (value == NULL)
    return;
  g_string_append_printf (json, ",\"%s\":", name);
  reprise_couch_append_string (json, value);
}

/* @value: (nullable): JSON as it was received */
static void
append_json (GString *json, const char *name, const char *value)
{
  if (value != NULL)
    g_string_append_printf (json, ",\"%s\":%s", name, value);
}

static void
append_time (GString *json, const char *name, gint64 ms)
{
  g_autofree char *text = ms > 0 ? reprise_couch_delta_dup_time (ms) : NULL;

  append_text (json, name, text);
}

static void
append_number (GString *json, const char *name, gint64 number)
{
  if (number >= 0)
    g_string_append_printf (json, ",\"%s\":%" PRId64, name, number);
}

/* (transfer full): JSON, without any secret */
char *
reprise_couch_delta_print (const RepriseCouchDelta *self)
{
  GString *json = g_string_new ("{\"_id\":\"" RECORD "\",\"format\":1");

  append_text (json, "service", self->service);
  append_text (json, "source", self->source);
  append_text (json, "server", self->server);
  append_text (json, "created", self->created);
  append_json (json, "purge_seq", self->purge_seq);
  append_text (json, "tier", reprise_couch_tier_to_string (self->tier));
  append_time (json, "from", self->from);
  append_time (json, "to", self->to);
  append_time (json, "made", self->made);
  append_json (json, "since_seq", self->since);
  append_text (json, "since_seq_origin", self->since_origin);
  append_json (json, "sequence", self->sequence);
  append_text (json, "sequence_origin", self->sequence_origin);
  append_number (json, "docs_written", self->n_written);
  append_number (json, "doc_count", self->doc_count);
  append_number (json, "doc_del_count", self->doc_del_count);
  append_number (json, "size_bytes", self->size_bytes);
  append_text (json, "reason", self->reason);
  append_text (json, "rolling", self->rolling);
  append_time (json, "rolled_at", self->rolled_at);
  g_string_append (json, ",\"rolled\":[");
  for (guint i = 0; self->rolled[i] != NULL; i++)
    {
      if (i > 0)
        g_string_append_c (json, ',');
      reprise_couch_append_string (json, self->rolled[i]);
    }
  g_string_append (json, "]}");
  return g_string_free (json, FALSE);
}

static char *
read_text (RepriseCouchSpan root, const char *name)
{
  return reprise_couch_span_dup_string (reprise_couch_span_get (root, name));
}

/* Of a member that is not there, %NULL. */
static char *
read_json (RepriseCouchSpan root, const char *name)
{
  RepriseCouchSpan value = reprise_couch_span_get (root, name);

  return value.data != NULL && !reprise_couch_span_is (value, "null")
           ? reprise_couch_span_dup_text (value)
           : NULL;
}

static gint64
read_time (RepriseCouchSpan root, const char *name, gint64 fallback)
{
  g_autofree char *text = read_text (root, name);
  g_autoptr (GDateTime) time = reprise_time_from_string (text);

  return time != NULL
           ? g_date_time_to_unix (time) * 1000 + g_date_time_get_microsecond (time) / 1000
           : fallback;
}

static gint64
read_number (RepriseCouchSpan root, const char *name)
{
  return reprise_couch_span_get_int (reprise_couch_span_get (root, name), -1);
}

static char **
read_rolled (RepriseCouchSpan root)
{
  RepriseCouchWalk walk = reprise_couch_walk (reprise_couch_span_get (root, "rolled"));
  GPtrArray *names = g_ptr_array_new ();
  RepriseCouchSpan value;

  while (reprise_couch_walk_next_element (&walk, &value))
    {
      char *name = reprise_couch_span_dup_string (value);

      if (name != NULL)
        g_ptr_array_add (names, name);
    }
  g_ptr_array_add (names, NULL);
  return (char **) g_ptr_array_free (names, FALSE);
}

static void
fill (RepriseCouchDelta *self, RepriseCouchSpan root)
{
  self->server = read_text (root, "server");
  self->created = read_text (root, "created");
  self->purge_seq = read_json (root, "purge_seq");
  self->made = read_time (root, "made", self->to);
  self->since = read_json (root, "since_seq");
  self->since_origin = read_text (root, "since_seq_origin");
  self->sequence = read_json (root, "sequence");
  self->sequence_origin = read_text (root, "sequence_origin");
  self->n_written = read_number (root, "docs_written");
  self->doc_count = read_number (root, "doc_count");
  self->doc_del_count = read_number (root, "doc_del_count");
  self->size_bytes = read_number (root, "size_bytes");
  self->reason = read_text (root, "reason");
  self->rolling = read_text (root, "rolling");
  self->rolled_at = read_time (root, "rolled_at", 0);
  g_strfreev (self->rolled);
  self->rolled = read_rolled (root);
}

/* (transfer full): %NULL with %REPRISE_ERROR_PROTOCOL where it is no record of ours */
RepriseCouchDelta *
reprise_couch_delta_parse (const char *name, GBytes *bytes, GError **error)
{
  static const RepriseJsonLimits LIMITS = { .error_code = REPRISE_ERROR_PROTOCOL };
  RepriseCouchSpan root;
  g_autoptr (JsonObject) checked = NULL;
  g_autofree char *service = NULL, *source = NULL, *tier_text = NULL;
  RepriseCouchTier tier;
  RepriseCouchDelta *self;
  gint64 from, to;

  root.data = g_bytes_get_data (bytes, &root.size);
  checked =
    reprise_json_parse_object (root.data != NULL ? root.data : "", root.size, &LIMITS, error);
  if (checked == NULL)
    return NULL;
  service = read_text (root, "service");
  source = read_text (root, "source");
  tier_text = read_text (root, "tier");
  from = read_time (root, "from", REPRISE_COUCH_NEVER);
  to = read_time (root, "to", -1);
  if (service == NULL || source == NULL || tier_text == NULL ||
      !reprise_couch_tier_from_string (tier_text, &tier) || to < 0 || from >= to)
    {
      reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_PROTOCOL,
                         _ ("The database “%s” does not say which backup it is"), name);
      return NULL;
    }
  self = reprise_couch_delta_new (service, source, tier, from, to);
  g_free (self->name);
  self->name = g_strdup (name);
  fill (self, root);
  return self;
}

gboolean
reprise_couch_delta_write (const RepriseCouchDelta *self,
                           RepriseCouchClient *client,
                           GCancellable *cancellable,
                           GError **error)
{
  g_autofree char *path = reprise_couch_client_dup_path (self->name, RECORD, NULL);
  char *json = reprise_couch_delta_print (self);
  g_autoptr (GBytes) body = g_bytes_new_take (json, strlen (json));

  return reprise_couch_client_put (client, path, body, cancellable, error);
}

/* (transfer full): as the plans for the vault's segments see it */
RepriseCouchSegment *
reprise_couch_delta_to_segment (const RepriseCouchDelta *self)
{
  RepriseCouchSegment *segment = g_atomic_rc_box_new0 (RepriseCouchSegment);

  segment->path = g_strdup (self->name);
  segment->run = g_strdup (self->name);
  segment->database = g_strdup (self->source);
  segment->tier = self->tier;
  segment->from = self->from;
  segment->to = self->to;
  segment->made = self->made;
  segment->size_bytes = MAX (self->size_bytes, 0);
  segment->rolled = g_strdupv (self->rolled);
  return segment;
}

/* ---- all of them ---- */

static int
compare_cb (gconstpointer a, gconstpointer b)
{
  const RepriseCouchDelta *left = *(const RepriseCouchDelta *const *) a;
  const RepriseCouchDelta *right = *(const RepriseCouchDelta *const *) b;

  if (left->to != right->to)
    return left->to < right->to ? -1 : 1;
  return strcmp (left->name, right->name);
}

/* One that is deleted meanwhile, or is called like ours and is none, is passed over. */
static gboolean
add_delta (GPtrArray *deltas,
           RepriseCouchClient *client,
           const char *name,
           const char *service,
           GCancellable *cancellable,
           GError **error)
{
  g_autofree char *path = reprise_couch_client_dup_path (name, RECORD, NULL);
  g_autoptr (GError) local = NULL;
  g_autoptr (GBytes) bytes = reprise_couch_client_get_bytes (client, path, cancellable, &local);
  RepriseCouchDelta *delta;

  if (g_error_matches (local, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND) ||
      g_error_matches (local, REPRISE_ERROR, REPRISE_ERROR_DENIED))
    return TRUE;
  if (bytes == NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  delta = reprise_couch_delta_parse (name, bytes, NULL);
  if (delta != NULL && g_strcmp0 (delta->service, service) == 0)
    g_ptr_array_add (deltas, delta);
  else if (delta != NULL)
    reprise_couch_delta_free (delta);
  return TRUE;
}

/* (transfer full) (element-type RepriseCouchDelta): what the service has on that server, the oldest first */
GPtrArray *
reprise_couch_deltas_list (RepriseCouchClient *client,
                           const char *service,
                           GCancellable *cancellable,
                           GError **error)
{
  g_autoptr (GPtrArray) names = reprise_couch_client_list_databases (client, cancellable, error);
  g_autoptr (GPtrArray) deltas =
    g_ptr_array_new_with_free_func ((GDestroyNotify) reprise_couch_delta_free);

  if (names == NULL)
    return NULL;
  for (guint i = 0; i < names->len; i++)
    if (reprise_couch_delta_is_name (names->pdata[i]) &&
        !add_delta (deltas, client, names->pdata[i], service, cancellable, error))
      return NULL;
  g_ptr_array_sort (deltas, compare_cb);
  return g_steal_pointer (&deltas);
}

/* (transfer full) (element-type RepriseCouchSegment): what is whole, of one database */
GPtrArray *
reprise_couch_deltas_get_segments (GPtrArray *deltas, const char *source)
{
  GPtrArray *segments =
    g_ptr_array_new_with_free_func ((GDestroyNotify) reprise_couch_segment_unref);

  for (guint i = 0; i < deltas->len; i++)
    {
      const RepriseCouchDelta *delta = deltas->pdata[i];

      if (delta->reason == NULL && strcmp (delta->source, source) == 0)
        g_ptr_array_add (segments, reprise_couch_delta_to_segment (delta));
    }
  return segments;
}

/* (transfer none) (nullable) */
RepriseCouchDelta *
reprise_couch_deltas_find (GPtrArray *deltas, const char *name)
{
  for (guint i = 0; i < deltas->len; i++)
    if (strcmp (((RepriseCouchDelta *) deltas->pdata[i])->name, name) == 0)
      return deltas->pdata[i];
  return NULL;
}

/* (transfer none) (nullable): what the next increment goes on from */
RepriseCouchDelta *
reprise_couch_deltas_find_latest (GPtrArray *deltas, const char *source)
{
  g_autoptr (GPtrArray) segments = reprise_couch_deltas_get_segments (deltas, source);
  g_autoptr (GArray) points = reprise_couch_points_list (segments);
  g_autoptr (GPtrArray) path = NULL;
  RepriseCouchSegment *last;

  if (points->len == 0)
    return NULL;
  path = reprise_couch_path_find (segments,
                                  g_array_index (points, RepriseCouchPoint, points->len - 1).at);
  last = path->pdata[path->len - 1];
  return reprise_couch_deltas_find (deltas, last->run);
}

/* (transfer full) (nullable) (element-type RepriseCouchDelta): what leads to a point, the baseline first. The elements belong to @deltas. */
GPtrArray *
reprise_couch_deltas_find_path (GPtrArray *deltas, const char *source, gint64 at)
{
  g_autoptr (GPtrArray) segments = reprise_couch_deltas_get_segments (deltas, source);
  g_autoptr (GPtrArray) way = reprise_couch_path_find (segments, at);
  g_autoptr (GPtrArray) path = g_ptr_array_new ();

  for (guint i = 0; way != NULL && i < way->len; i++)
    g_ptr_array_add (
      path, reprise_couch_deltas_find (deltas, ((RepriseCouchSegment *) way->pdata[i])->run));
  if (path->len == 0 || ((RepriseCouchDelta *) path->pdata[path->len - 1])->rolling != NULL)
    return NULL;
  return g_steal_pointer (&path);
}

/* (transfer none) (nullable): what it was rolled into */
RepriseCouchDelta *
reprise_couch_deltas_find_roll_up (GPtrArray *deltas, const RepriseCouchDelta *delta)
{
  for (guint i = 0; i < deltas->len; i++)
    {
      RepriseCouchDelta *other = deltas->pdata[i];

      if (g_strv_contains ((const char *const *) other->rolled, delta->name))
        return other;
    }
  return NULL;
}

/* Whether the way to a later point goes through it. */
gboolean
reprise_couch_deltas_are_needed (GPtrArray *deltas, const RepriseCouchDelta *delta)
{
  g_autoptr (GPtrArray) segments = reprise_couch_deltas_get_segments (deltas, delta->source);
  g_autoptr (GArray) points = reprise_couch_points_list (segments);

  for (guint i = 0; i < points->len; i++)
    {
      gint64 at = g_array_index (points, RepriseCouchPoint, i).at;
      g_autoptr (GPtrArray) path = at > delta->to ? reprise_couch_path_find (segments, at) : NULL;

      for (guint j = 0; path != NULL && j < path->len; j++)
        if (strcmp (((RepriseCouchSegment *) path->pdata[j])->run, delta->name) == 0)
          return TRUE;
    }
  return FALSE;
}

/* (transfer full): the databases that they are of, sorted */
char **
reprise_couch_deltas_list_sources (GPtrArray *deltas)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GList) names = NULL;
  GPtrArray *sources = g_ptr_array_new ();

  for (guint i = 0; i < deltas->len; i++)
    g_hash_table_add (seen, ((RepriseCouchDelta *) deltas->pdata[i])->source);
  names = g_list_sort (g_hash_table_get_keys (seen), (GCompareFunc) strcmp);
  for (GList *item = names; item != NULL; item = item->next)
    g_ptr_array_add (sources, g_strdup (item->data));
  g_ptr_array_add (sources, NULL);
  return (char **) g_ptr_array_free (sources, FALSE);
}
