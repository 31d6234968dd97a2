/* reprise-fake-legacy.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "net/reprise-json.h"
#include "reprise-fake-legacy.h"

typedef struct
{
  char *name;
  char *database;
  char *latest; /* (nullable) */
} Task;

typedef struct
{
  char *task;
  char *document;
  char *frequency;
  char *date;
  char *rev;
  char *members;
} Kept;

struct _RepriseFakeLegacy
{
  RepriseFakeCouch *server;
  GMutex mutex; /* guards: */
  GPtrArray *tasks;
  GPtrArray *kept;
  GString *requests; /* “GET path?query”, or “POST path body”, a line each */
  RepriseFakeLegacyForm form;
  gboolean idle; /* accepts a restore and does nothing */
  gboolean mute; /* restores, and never answers */
};

static void
task_free (gpointer data)
{
  Task *self = data;

  g_free (self->name);
  g_free (self->database);
  g_free (self->latest);
  g_free (self);
}

static void
kept_free (gpointer data)
{
  Kept *self = data;

  g_free (self->task);
  g_free (self->document);
  g_free (self->frequency);
  g_free (self->date);
  g_free (self->rev);
  g_free (self->members);
  g_free (self);
}

/* ---- task ---- */

/* As it stands in the vendor's documentation */
static void
print_task (GString *json, const Task *task)
{
  g_string_append_printf (
    json, "{\"username\":\"$ACCOUNT\",\"task\":\"%s\",\"source_db\":\"%s\",\"latest_completion\":",
    task->name, task->database);
  if (task->latest != NULL)
    g_string_append_printf (json, "\"%s\"}", task->latest);
  else
    g_string_append (json, "null}");
}

static gboolean
is_wanted (const char *databases, const char *database)
{
  g_auto (GStrv) names = databases != NULL ? g_strsplit (databases, ",", -1) : NULL;

  return names == NULL || g_strv_contains ((const char *const *) names, database);
}

static void
answer_tasks (RepriseFakeLegacy *self, RepriseFaultCall *call, GHashTable *query)
{
  gboolean mapping = g_strcmp0 (g_hash_table_lookup (query, "format"), "mapping") == 0;
  const char *databases = g_hash_table_lookup (query, "databases");
  g_autoptr (GString) json = g_string_new (mapping ? "{" : "{\"rows\":[");
  guint n = 0;

  for (guint i = 0; i < self->tasks->len; i++)
    {
      const Task *task = self->tasks->pdata[i];

      if (!is_wanted (databases, task->database))
        continue;
      if (n++ > 0)
        g_string_append_c (json, ',');
      if (mapping)
        g_string_append_printf (json, "\"%s\":", task->database);
      print_task (json, task);
    }
  g_string_append (json, mapping ? "}" : "]}");
  reprise_fault_answer (call, 200, "application/json", json->str);
}

/* ---- monitor ---- */

/* “backup-1-daily-20160117t055744z” */
static char *
make_name (const Kept *kept)
{
  g_autoptr (GDateTime) at = g_date_time_new_from_iso8601 (kept->date, NULL);
  g_autofree char *stamp = g_date_time_format (at, "%Y%m%dt%H%M%Sz");

  return g_strdup_printf ("%s-%s-%s", kept->task, kept->frequency, stamp);
}

static char *
make_doc (const Kept *kept)
{
  return g_strdup_printf ("{\"_id\":\"%s\",\"_rev\":\"%s\"%s%s}", kept->document, kept->rev,
                          *kept->members != '\0' ? "," : "", kept->members);
}

static void
print_kept (RepriseFakeLegacy *self, GString *json, const Kept *kept, gboolean with_doc)
{
  g_autofree char *name = make_name (kept);
  g_autofree char *doc = make_doc (kept);

  switch (self->form)
    {
    case REPRISE_FAKE_LEGACY_KEYED:
      g_string_append_printf (json, "\"%s\":%s", name, with_doc ? doc : "null");
      break;
    case REPRISE_FAKE_LEGACY_NAMES:
      g_string_append_printf (json, "\"%s\"", name);
      break;
    case REPRISE_FAKE_LEGACY_ROWS:
    case REPRISE_FAKE_LEGACY_ARRAY:
    default:
      g_string_append_printf (json, "{\"%s\":\"%s\",\"%s\":\"%s\",\"frequency\":\"%s\"",
                              self->form == REPRISE_FAKE_LEGACY_ROWS ? "db" : "database", name,
                              self->form == REPRISE_FAKE_LEGACY_ROWS ? "date" : "timestamp",
                              kept->date, kept->frequency);
      if (with_doc)
        g_string_append_printf (json, ",\"doc\":%s", doc);
      g_string_append_c (json, '}');
    }
}

static void
answer_monitor (RepriseFakeLegacy *self, RepriseFaultCall *call, char **segments, GHashTable *query)
{
  static const char *const around[][2] = {
    [REPRISE_FAKE_LEGACY_ROWS] = { "{\"rows\":[", "]}" },
    [REPRISE_FAKE_LEGACY_KEYED] = { "{", "}" },
    [REPRISE_FAKE_LEGACY_ARRAY] = { "[", "]" },
    [REPRISE_FAKE_LEGACY_NAMES] = { "[", "]" },
  };
  gboolean with_doc = g_strcmp0 (g_hash_table_lookup (query, "include_docs"), "true") == 0;
  g_autoptr (GString) json = g_string_new (around[self->form][0]);
  guint n = 0;

  for (guint i = 0; i < self->kept->len; i++)
    {
      const Kept *kept = self->kept->pdata[i];

      if (!g_str_equal (kept->task, segments[4]) || !g_str_equal (kept->document, segments[5]))
        continue;
      if (n++ > 0)
        g_string_append_c (json, ',');
      print_kept (self, json, kept, with_doc);
    }
  g_string_append (json, around[self->form][1]);
  reprise_fault_answer (call, 200, "application/json", json->str);
}

/* ---- restore ---- */

static const Task *
find_task (RepriseFakeLegacy *self, const char *name)
{
  for (guint i = 0; i < self->tasks->len; i++)
    if (g_str_equal (((Task *) self->tasks->pdata[i])->name, name))
      return self->tasks->pdata[i];
  return NULL;
}

static const Kept *
find_kept (RepriseFakeLegacy *self, JsonObject *body)
{
  for (guint i = 0; i < self->kept->len; i++)
    {
      const Kept *kept = self->kept->pdata[i];

      if (g_str_equal (kept->document, reprise_json_get_string (body, "doc_id", "")) &&
          g_str_equal (kept->task, reprise_json_get_string (body, "task_name", "")) &&
          g_str_equal (kept->date, reprise_json_get_string (body, "task_date", "")) &&
          g_str_equal (kept->frequency, reprise_json_get_string (body, "frequency", "")))
        return kept;
    }
  return NULL;
}

static void
answer_restore (RepriseFakeLegacy *self, RepriseFaultCall *call)
{
  gsize size = 0;
  const char *data = call->body != NULL ? g_bytes_get_data (call->body, &size) : "";
  g_autoptr (JsonObject) body = reprise_json_parse_object (data, size, NULL, NULL);
  g_autofree char *type = reprise_fault_call_dup_header (call, "Content-Type");
  const Kept *kept = body != NULL ? find_kept (self, body) : NULL;
  const Task *task = kept != NULL ? find_task (self, kept->task) : NULL;

  if (task == NULL || g_strcmp0 (type, "application/json") != 0)
    {
      reprise_fault_answer (call, 400, "application/json",
                            "{\"error\":\"bad_request\",\"reason\":\"no such backup\"}");
      return;
    }
  if (!self->idle)
    {
      g_autofree char *rev =
        reprise_fake_couch_put (self->server, task->database, kept->document, kept->members);
    }
  if (self->mute)
    reprise_fault_reset (call);
  else
    reprise_fault_answer (call, 202, "text/plain", "accepted\n");
}

static void
note (RepriseFakeLegacy *self, RepriseFaultCall *call)
{
  gsize size = 0;
  const char *body = call->body != NULL ? g_bytes_get_data (call->body, &size) : NULL;

  g_string_append_printf (self->requests, "%s %s", call->method, call->path);
  if (call->query != NULL && *call->query != '\0')
    g_string_append_printf (self->requests, "?%s", call->query);
  if (size > 0)
    g_string_append_printf (self->requests, " %.*s", (int) size, body);
  g_string_append_c (self->requests, '\n');
}

static gboolean
extension_cb (RepriseFaultCall *call, char **segments, gpointer user_data)
{
  RepriseFakeLegacy *self = user_data;
  guint n = g_strv_length (segments);
  g_autoptr (GHashTable) query =
    g_uri_parse_params (call->query, -1, "&", G_URI_PARAMS_WWW_FORM, NULL);

  if (n < 4 || !g_str_equal (segments[0], "_api") || !g_str_equal (segments[1], "v2") ||
      !g_str_equal (segments[2], "backup"))
    return FALSE;
  g_mutex_lock (&self->mutex);
  note (self, call);
  if (n == 4 && g_str_equal (segments[3], "task") && g_str_equal (call->method, "GET"))
    answer_tasks (self, call, query);
  else if (n == 6 && g_str_equal (segments[3], "monitor") && g_str_equal (call->method, "GET"))
    answer_monitor (self, call, segments, query);
  else if (n == 5 && g_str_equal (segments[3], "restore") &&
           g_str_equal (segments[4], "document") && g_str_equal (call->method, "POST"))
    answer_restore (self, call);
  else
    reprise_fault_answer (call, 404, "application/json", "{\"error\":\"not_found\"}");
  g_mutex_unlock (&self->mutex);
  return TRUE;
}

/* ---- for tests ---- */

RepriseFakeLegacy *
reprise_fake_legacy_new (RepriseFakeCouch *server)
{
  RepriseFakeLegacy *self = g_new0 (RepriseFakeLegacy, 1);

  g_mutex_init (&self->mutex);
  self->server = server;
  self->tasks = g_ptr_array_new_with_free_func (task_free);
  self->kept = g_ptr_array_new_with_free_func (kept_free);
  self->requests = g_string_new (NULL);
  reprise_fake_couch_set_extension (server, extension_cb, self);
  return self;
}

void
reprise_fake_legacy_free (RepriseFakeLegacy *self)
{
  reprise_fake_couch_set_extension (self->server, NULL, NULL);
  g_ptr_array_unref (self->tasks);
  g_ptr_array_unref (self->kept);
  g_string_free (self->requests, TRUE);
  g_mutex_clear (&self->mutex);
  g_free (self);
}

/* @latest: (nullable): it never completed */
void
reprise_fake_legacy_add_task (RepriseFakeLegacy *self,
                              const char *task,
                              const char *database,
                              const char *latest)
{
  Task *added = g_new0 (Task, 1);

  added->name = g_strdup (task);
  added->database = g_strdup (database);
  added->latest = g_strdup (latest);
  g_mutex_lock (&self->mutex);
  g_ptr_array_add (self->tasks, added);
  g_mutex_unlock (&self->mutex);
}

void
reprise_fake_legacy_add_kept (RepriseFakeLegacy *self,
                              const char *task,
                              const char *document,
                              const char *frequency,
                              const char *date,
                              const char *rev,
                              const char *members)
{
  Kept *added = g_new0 (Kept, 1);

  added->task = g_strdup (task);
  added->document = g_strdup (document);
  added->frequency = g_strdup (frequency);
  added->date = g_strdup (date);
  added->rev = g_strdup (rev);
  added->members = g_strdup (members);
  g_mutex_lock (&self->mutex);
  g_ptr_array_add (self->kept, added);
  g_mutex_unlock (&self->mutex);
}

void
reprise_fake_legacy_set_form (RepriseFakeLegacy *self, RepriseFakeLegacyForm form)
{
  g_mutex_lock (&self->mutex);
  self->form = form;
  g_mutex_unlock (&self->mutex);
}

void
reprise_fake_legacy_set_idle (RepriseFakeLegacy *self, gboolean idle)
{
  g_mutex_lock (&self->mutex);
  self->idle = idle;
  g_mutex_unlock (&self->mutex);
}

void
reprise_fake_legacy_set_mute (RepriseFakeLegacy *self, gboolean mute)
{
  g_mutex_lock (&self->mutex);
  self->mute = mute;
  g_mutex_unlock (&self->mutex);
}

/* (transfer full): all since the last call, a line each */
char *
reprise_fake_legacy_dup_requests (RepriseFakeLegacy *self)
{
  char *text;

  g_mutex_lock (&self->mutex);
  text = g_strdup (self->requests->str);
  g_string_truncate (self->requests, 0);
  g_mutex_unlock (&self->mutex);
  return text;
}
