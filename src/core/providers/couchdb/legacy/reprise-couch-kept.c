/* reprise-couch-kept.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "base/reprise-time.h"
#include "providers/couchdb/legacy/reprise-couch-kept.h"

#define MAX_ANSWER_BYTES (64 * 1024 * 1024)

static const char *const FREQUENCIES[] = { "daily", "weekly", "monthly", "yearly", NULL };

void
reprise_couch_task_free (RepriseCouchTask *self)
{
  g_free (self->name);
  g_free (self->database);
  g_free (self->account);
  g_clear_pointer (&self->latest, g_date_time_unref);
  g_free (self);
}

/* (transfer full): “21 Nov 2026 10:00”, or that it never completed. @self: (nullable): no task at all */
char *
reprise_couch_task_dup_state_text (const RepriseCouchTask *self)
{
  if (self == NULL)
    return g_strdup (_ ("Not set up"));
  return self->latest != NULL ? reprise_time_to_text (self->latest)
                              : g_strdup (_ ("Never completed"));
}

void
reprise_couch_kept_free (RepriseCouchKept *self)
{
  g_free (self->database);
  g_free (self->date);
  g_clear_pointer (&self->at, g_date_time_unref);
  g_free (self->frequency);
  g_free (self->rev);
  g_clear_pointer (&self->body, g_bytes_unref);
  g_free (self);
}

/* @version: the beginning of its revision, or of its date */
gboolean
reprise_couch_kept_is (const RepriseCouchKept *self, const char *version)
{
  return (self->rev != NULL && g_str_has_prefix (self->rev, version)) ||
         (self->date != NULL && g_str_has_prefix (self->date, version));
}

/* The whole text is one JSON value; what is read of it afterwards is read where it lies. */
static gboolean
check (const char *data, gsize size, RepriseCouchSpan *span, GError **error)
{
  const RepriseJsonLimits limits = { .max_bytes = MAX_ANSWER_BYTES,
                                     .error_code = REPRISE_ERROR_PROTOCOL };
  g_autoptr (JsonNode) node = reprise_json_parse (data, size, &limits, error);

  *span = (RepriseCouchSpan){ data, size };
  while (span->size > 0 && strchr (" \t\r\n", *span->data) != NULL)
    {
      span->data++;
      span->size--;
    }
  while (span->size > 0 && strchr (" \t\r\n", span->data[span->size - 1]) != NULL)
    span->size--;
  return node != NULL;
}

static char *
dup_member (RepriseCouchSpan object, const char *const *names)
{
  for (guint i = 0; names[i] != NULL; i++)
    {
      char *text = reprise_couch_span_dup_string (reprise_couch_span_get (object, names[i]));

      if (text != NULL)
        return text;
    }
  return NULL;
}

static GDateTime *
parse_time (const char *text)
{
  g_autoptr (GTimeZone) utc = g_time_zone_new_utc ();

  return text != NULL ? g_date_time_new_from_iso8601 (text, utc) : NULL;
}

/* ---- tasks ---- */

/* @database: (nullable): by the key of a mapping */
static void
add_task (GPtrArray *tasks, RepriseCouchSpan value, const char *database)
{
  g_autoptr (RepriseCouchTask) task = g_new0 (RepriseCouchTask, 1);
  g_autofree char *latest = NULL;

  task->name = reprise_couch_span_dup_string (reprise_couch_span_get (value, "task"));
  task->database = reprise_couch_span_dup_string (reprise_couch_span_get (value, "source_db"));
  if (task->database == NULL)
    task->database = g_strdup (database);
  if (task->name == NULL || task->database == NULL)
    return;
  task->account = reprise_couch_span_dup_string (reprise_couch_span_get (value, "username"));
  latest = reprise_couch_span_dup_string (reprise_couch_span_get (value, "latest_completion"));
  task->latest = parse_time (latest);
  g_ptr_array_add (tasks, g_steal_pointer (&task));
}

/**
 * reprise_couch_tasks_parse:
 * @data: the answer in the format “list” or “mapping”
 *
 * Returns: (transfer full) (element-type RepriseCouchTask): or %NULL with %REPRISE_ERROR_PROTOCOL
 */
GPtrArray *
reprise_couch_tasks_parse (const char *data, gsize size, GError **error)
{
  g_autoptr (GPtrArray) tasks =
    g_ptr_array_new_with_free_func ((GDestroyNotify) reprise_couch_task_free);
  RepriseCouchSpan answer, rows, key, value;
  RepriseCouchWalk walk;

  if (!check (data, size, &answer, error))
    return NULL;
  rows = reprise_couch_span_get (answer, "rows");
  if (rows.data != NULL && *rows.data == '[')
    answer = rows;
  if (answer.size == 0 || (*answer.data != '[' && *answer.data != '{'))
    {
      reprise_error_set_literal (error, REPRISE_ERROR, REPRISE_ERROR_PROTOCOL,
                                 _ ("What the server says of its backup tasks is no list of them"));
      return NULL;
    }
  walk = reprise_couch_walk (answer);
  if (*answer.data == '[')
    while (reprise_couch_walk_next_element (&walk, &value))
      add_task (tasks, value, NULL);
  else
    while (reprise_couch_walk_next_member (&walk, &key, &value))
      {
        g_autofree char *name = reprise_couch_span_dup_string (key);

        add_task (tasks, value, name);
      }
  return g_steal_pointer (&tasks);
}

/* (transfer none) (nullable) */
RepriseCouchTask *
reprise_couch_tasks_find (GPtrArray *tasks, const char *database)
{
  for (guint i = 0; i < tasks->len; i++)
    if (g_str_equal (((RepriseCouchTask *) tasks->pdata[i])->database, database))
      return tasks->pdata[i];
  return NULL;
}

/* ---- what is kept of a document ---- */

/* Of “original-daily-20260117t000104z” and the like */
static void
read_name (RepriseCouchKept *kept)
{
  g_autoptr (GRegex) regex =
    g_regex_new ("(?<![0-9])([0-9]{4})-?([01][0-9])-?([0-3][0-9])"
                 "(?:[tT_ -]?([0-2][0-9])[:_-]?([0-5][0-9])(?:[:_-]?([0-6][0-9]))?)?(?![0-9])",
                 0, 0, NULL);
  g_autoptr (GMatchInfo) match = NULL;
  int parts[6] = { 0 };

  for (guint i = 0; kept->frequency == NULL && FREQUENCIES[i] != NULL; i++)
    if (strstr (kept->database, FREQUENCIES[i]) != NULL)
      kept->frequency = g_strdup (FREQUENCIES[i]);
  if (kept->date != NULL || !g_regex_match (regex, kept->database, 0, &match))
    return;
  for (int i = 0; i < 6; i++)
    {
      g_autofree char *text = g_match_info_fetch (match, i + 1);

      parts[i] = text != NULL ? (int) g_ascii_strtoll (text, NULL, 10) : 0;
    }
  kept->at = g_date_time_new_utc (parts[0], parts[1], parts[2], parts[3], parts[4], parts[5]);
  /* as the server writes the times of its tasks */
  if (kept->at != NULL)
    kept->date = g_date_time_format (kept->at, "%Y-%m-%dT%H:%M:%S+00:00");
}

static void
take_body (RepriseCouchKept *kept, RepriseCouchSpan doc)
{
  g_auto (RepriseCouchHead) head = { NULL };

  if (doc.data == NULL || *doc.data != '{')
    return;
  reprise_couch_head_read (&head, doc);
  kept->body = g_bytes_new (doc.data, doc.size);
  kept->rev = g_steal_pointer (&head.rev);
  kept->deleted = head.deleted;
}

static void
read_members (RepriseCouchKept *kept, RepriseCouchSpan value)
{
  static const char *const names[] = { "db", "database", "name", NULL };
  static const char *const dates[] = { "task_date", "date", "timestamp", NULL };
  RepriseCouchSpan stamp = reprise_couch_span_get (value, "timestamp");
  gint64 seconds = reprise_couch_span_get_int (stamp, -1);

  if (reprise_couch_span_get (value, "_id").data != NULL)
    {
      take_body (kept, value); /* of an object by database: the document itself */
      return;
    }
  if (kept->database == NULL)
    kept->database = dup_member (value, names);
  kept->date = dup_member (value, dates);
  kept->at = parse_time (kept->date);
  if (kept->date == NULL && seconds >= 0)
    {
      kept->date = reprise_couch_span_dup_text (stamp);
      kept->at = g_date_time_new_from_unix_utc (seconds);
    }
  kept->frequency = reprise_couch_span_dup_string (reprise_couch_span_get (value, "frequency"));
  take_body (kept, reprise_couch_span_get (value, "doc"));
}

/* @database: (nullable): by the key of an object */
static void
add_kept (GPtrArray *all, RepriseCouchSpan value, const char *database)
{
  g_autoptr (RepriseCouchKept) kept = g_new0 (RepriseCouchKept, 1);

  kept->database = g_strdup (database);
  if (value.data != NULL && *value.data == '"' && database == NULL)
    kept->database = reprise_couch_span_dup_string (value);
  else if (value.data != NULL && *value.data == '"')
    {
      kept->date = reprise_couch_span_dup_string (value);
      kept->at = parse_time (kept->date);
    }
  else
    read_members (kept, value);
  if (kept->database != NULL)
    read_name (kept);
  if (kept->database != NULL || kept->date != NULL)
    g_ptr_array_add (all, g_steal_pointer (&kept));
}

static int
compare_kept_cb (gconstpointer a, gconstpointer b)
{
  const RepriseCouchKept *left = *(const RepriseCouchKept *const *) a;
  const RepriseCouchKept *right = *(const RepriseCouchKept *const *) b;

  if (left->at == NULL || right->at == NULL)
    return (left->at == NULL) - (right->at == NULL);
  return g_date_time_compare (right->at, left->at);
}

/**
 * reprise_couch_kept_parse:
 * @data: an answer to “monitor”: an object with “rows”, an object by database, or an array; each element a name, or an object
 *
 * Returns: (transfer full) (element-type RepriseCouchKept): the newest first; or %NULL with %REPRISE_ERROR_PROTOCOL
 */
GPtrArray *
reprise_couch_kept_parse (const char *data, gsize size, GError **error)
{
  static const char *const lists[] = { "rows", "databases", "results", NULL };
  g_autoptr (GPtrArray) all =
    g_ptr_array_new_with_free_func ((GDestroyNotify) reprise_couch_kept_free);
  RepriseCouchSpan answer, key, value;
  RepriseCouchWalk walk;

  if (!check (data, size, &answer, error))
    return NULL;
  for (guint i = 0; lists[i] != NULL; i++)
    {
      RepriseCouchSpan list = reprise_couch_span_get (answer, lists[i]);

      if (list.data != NULL && *list.data == '[')
        answer = list;
    }
  walk = reprise_couch_walk (answer);
  if (*answer.data == '[')
    while (reprise_couch_walk_next_element (&walk, &value))
      add_kept (all, value, NULL);
  else
    while (reprise_couch_walk_next_member (&walk, &key, &value))
      {
        g_autofree char *name = reprise_couch_span_dup_string (key);

        add_kept (all, value, name);
      }
  g_ptr_array_sort (all, compare_kept_cb);
  return g_steal_pointer (&all);
}
