/* nocobase-fake-backups.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "providers/nocobase/nocobase-fake-private.h"

#define BUSY_MS        120 /* how long a restore takes */
#define LONG_MS        600 /* where nobody is told when it ends: it must be seen */
#define GONE_MS        400
#define POLLS          2 /* until a backup is made */
#define REFUSED_REASON "this backup file can only be imported in database mysql"

/* --- backups --- */

gboolean
nocobase_fake_may (NocobaseFakePrivate *self, RepriseFaultCall *call, gboolean old)
{
  if (old ? !self->public.has_old : !self->public.has_new)
    nocobase_fake_answer_nothing_there (self, call);
  else if (self->public.denied)
    nocobase_fake_answer_error (self, call, 403, NULL, "No permissions");
  else
    return TRUE;
  return FALSE;
}

static gboolean
is_old (const char *name)
{
  return g_str_has_suffix (name, ".nbdump") || g_str_has_suffix (name, ".nbdump.lock");
}

/* One step on, for each look at the list. */
static void
work (NocobaseFakePrivate *self, gboolean old)
{
  for (guint i = self->list->len; i > 0; i--)
    {
      NocobaseEntry *entry = self->list->pdata[i - 1];

      if (is_old (entry->name) != old || entry->polls <= 0 || --entry->polls > 0)
        continue;
      entry->in_progress = FALSE;
      if (self->public.create_fails)
        g_ptr_array_remove_index (self->list, i - 1);
    }
}

char *
nocobase_fake_make_list (NocobaseFakePrivate *self, gboolean old, guint page, guint page_size)
{
  GString *text = g_string_new ("{\"data\":[");
  guint n = 0;

  g_mutex_lock (&self->mutex);
  work (self, old);
  for (guint i = 0; i < self->list->len; i++)
    {
      NocobaseEntry *entry = self->list->pdata[i];

      if (is_old (entry->name) != old)
        continue;
      n++;
      if (old && (n <= (page - 1) * page_size || n > page * page_size))
        continue;
      if (text->str[text->len - 1] == '}')
        g_string_append_c (text, ',');
      if (entry->in_progress)
        g_string_append_printf (text, "{\"name\":\"%s\",\"inProgress\":true%s}", entry->name,
                                old ? ",\"status\":\"in_progress\"" : "");
      else
        g_string_append_printf (text,
                                "{\"name\":\"%s\",\"createdAt\":\"2026-01-01T10:14:02.143Z\","
                                "\"fileSize\":\"146.9 KiB\",%s}",
                                entry->name, old ? "\"status\":\"ok\"" : "\"inProgress\":false");
    }
  g_mutex_unlock (&self->mutex);
  g_string_append (text, "]");
  if (old)
    g_string_append_printf (text,
                            ",\"meta\":{\"count\":%u,\"page\":%u,\"pageSize\":%u,\"totalPage\":1}",
                            n, page, page_size);
  g_string_append_c (text, '}');
  return g_string_free (text, FALSE);
}

/* (transfer full) (nullable): a value of the query */
char *
nocobase_fake_get_query (RepriseFaultCall *call, const char *name)
{
  g_autoptr (GHashTable) table =
    call->query != NULL ? g_uri_parse_params (call->query, -1, "&", G_URI_PARAMS_NONE, NULL) : NULL;

  return table != NULL ? g_strdup (g_hash_table_lookup (table, name)) : NULL;
}

NocobaseEntry *
nocobase_fake_find (NocobaseFakePrivate *self, const char *name)
{
  for (guint i = 0; i < self->list->len; i++)
    if (g_strcmp0 (((NocobaseEntry *) self->list->pdata[i])->name, name) == 0)
      return self->list->pdata[i];
  return NULL;
}

void
nocobase_fake_serve_list (NocobaseFakePrivate *self, RepriseFaultCall *call, gboolean old)
{
  g_autofree char *page = nocobase_fake_get_query (call, "page"),
                  *size = nocobase_fake_get_query (call, "pageSize");
  g_autofree char *body = nocobase_fake_make_list (
    self, old, page != NULL ? (guint) atoi (page) : 1, size != NULL ? (guint) atoi (size) : 20);

  nocobase_fake_answer_json (self, call, body);
}

void
nocobase_fake_serve_create (NocobaseFakePrivate *self, RepriseFaultCall *call, gboolean old)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autofree char *time = g_date_time_format (now, "%Y%m%d_%H%M%S");
  g_autofree char *name = NULL, *body = NULL;

  g_mutex_lock (&self->mutex);
  name = g_strdup_printf ("backup_%s_%04u.%s", time, self->n_made++, old ? "nbdump" : "nbdata");
  nocobase_fake_add_entry (self, name, POLLS);
  g_mutex_unlock (&self->mutex);
  body = old ? g_strdup_printf ("{\"data\":{\"key\":\"%s\"}}", name)
             : g_strdup_printf ("{\"data\":{\"name\":\"%s\",\"inProgress\":true}}", name);
  nocobase_fake_answer_json (self, call, body);
}

void
nocobase_fake_serve_get (NocobaseFakePrivate *self, RepriseFaultCall *call)
{
  g_autofree char *name = nocobase_fake_get_query (call, "filterByTk");
  g_autoptr (GString) meta = g_string_new (self->recordings->meta);
  g_autofree char *body = NULL;
  gboolean there;

  g_mutex_lock (&self->mutex);
  there = nocobase_fake_find (self, name) != NULL && !nocobase_fake_find (self, name)->in_progress;
  g_mutex_unlock (&self->mutex);
  if (!there)
    {
      body = g_strdup_printf (
        "{\"data\":{\"status\":\"error\",\"message\":\"Backup file %s not found\"}}", name);
      nocobase_fake_answer (self, call, 404, "application/json", body);
      return;
    }
  if (self->public.underscored)
    g_string_replace (meta, "\"DB_UNDERSCORED\":\"false\"", "\"DB_UNDERSCORED\":\"true\"", 1);
  body = g_strdup_printf (
    "{\"data\":{\"name\":\"%s\",\"fileSize\":\"146.9 KiB\",\"status\":\"ok\",\"meta\":%s}}", name,
    meta->str);
  nocobase_fake_answer_json (self, call, body);
}

void
nocobase_fake_serve_download (NocobaseFakePrivate *self, RepriseFaultCall *call)
{
  g_autofree char *name = nocobase_fake_get_query (call, "filterByTk");
  GBytes *bytes = nocobase_fake_get_archive (&self->public, name);
  gsize size = g_bytes_get_size (bytes);
  gboolean there;

  g_mutex_lock (&self->mutex);
  there = nocobase_fake_find (self, name) != NULL && !nocobase_fake_find (self, name)->in_progress;
  g_mutex_unlock (&self->mutex);
  if (!there)
    nocobase_fake_answer_error (self, call, 500, "ENOENT",
                                "ENOENT: no such file or directory, stat '/app/storage'");
  else
    nocobase_fake_answer_bytes (call, g_bytes_get_data (bytes, NULL),
                                self->public.damaged ? size - 9000 : size);
}

void
nocobase_fake_serve_destroy (NocobaseFakePrivate *self, RepriseFaultCall *call)
{
  g_autofree char *name = nocobase_fake_get_query (call, "filterByTk");
  g_autofree char *plain =
    g_str_has_suffix (name, ".lock") ? g_strndup (name, strlen (name) - 5) : g_strdup (name);
  gboolean gone = FALSE;

  g_mutex_lock (&self->mutex);
  /* the file of one in progress is the lock */
  if (nocobase_fake_find (self, plain) != NULL &&
      nocobase_fake_find (self, plain)->in_progress == g_str_has_suffix (name, ".lock"))
    gone = g_ptr_array_remove (self->list, nocobase_fake_find (self, plain));
  g_mutex_unlock (&self->mutex);
  if (gone)
    nocobase_fake_answer_json (self, call, "{\"data\":{\"status\":\"ok\"}}");
  else
    nocobase_fake_answer_error (self, call, 500, "ENOENT",
                                "ENOENT: no such file or directory, unlink '/app/storage'");
}

/* Whether a multipart body holds all of one of the archives. */
static gboolean
is_whole (RepriseFaultCall *call, GBytes *archive)
{
  gsize size = 0;
  const char *body = call->body != NULL ? g_bytes_get_data (call->body, &size) : NULL;

  return body != NULL && call->body_size == size &&
         memmem (body, size, g_bytes_get_data (archive, NULL), g_bytes_get_size (archive)) != NULL;
}

/* --- restores --- */

/* The command runs: all else gets 503 meanwhile. */
void
nocobase_fake_begin (NocobaseFakePrivate *self)
{
  nocobase_fake_speak (
    self, "{\"type\":\"maintaining\",\"payload\":{\"message\":\"load plugin [acl], 2/78\","
          "\"command\":{\"name\":\"restore\"},\"code\":\"APP_COMMANDING\"}}");
  g_mutex_lock (&self->mutex);
  self->busy_until_us =
    g_get_monotonic_time () + (self->public.end == NOCOBASE_FAKE_CUT ? LONG_MS : BUSY_MS) * 1000;
  g_mutex_unlock (&self->mutex);
}

static void
finish (NocobaseFakePrivate *self)
{
  g_mutex_lock (&self->mutex);
  self->n_restored++;
  self->lost_rows = self->public.end == NOCOBASE_FAKE_LOSES;
  g_mutex_unlock (&self->mutex);
}

/* Nobody is behind the proxy for a while. */
static void
die (NocobaseFakePrivate *self)
{
  g_mutex_lock (&self->mutex);
  self->busy_until_us = 0;
  self->gone_until_us = g_get_monotonic_time () + GONE_MS * 1000;
  g_mutex_unlock (&self->mutex);
}

static void
break_down (NocobaseFakePrivate *self)
{
  g_mutex_lock (&self->mutex);
  self->busy_until_us = 0;
  self->broken = TRUE;
  g_mutex_unlock (&self->mutex);
}

/* Until the web socket has sent all of it. */
static void
wait_until_said (NocobaseFakePrivate *self, RepriseFaultCall *call)
{
  for (guint i = 0; i < 400; i++)
    {
      gboolean said;

      g_mutex_lock (&self->mutex);
      said = self->spoken->len == 0;
      g_mutex_unlock (&self->mutex);
      if (said)
        return;
      reprise_fault_sleep (call, 5);
    }
}

/* The old plugin answers when all is over, and 200 whatever came of it. */
void
nocobase_fake_serve_old_restore (NocobaseFakePrivate *self, RepriseFaultCall *call)
{
  if (self->public.end == NOCOBASE_FAKE_REFUSES)
    {
      nocobase_fake_speak (self,
                           "{\"type\":\"notification\",\"payload\":{\"message\":\"" REFUSED_REASON
                           "\",\"type\":\"error\"}}");
      wait_until_said (self, call);
      reprise_fault_sleep (call, 20);
      nocobase_fake_answer_json (self, call, "{}");
      return;
    }
  nocobase_fake_begin (self);
  if (self->public.end == NOCOBASE_FAKE_DIES)
    {
      reprise_fault_sleep (call, BUSY_MS / 3);
      die (self);
      reprise_fault_close (call);
      return;
    }
  if (self->public.end == NOCOBASE_FAKE_CUT)
    {
      finish (self);
      reprise_fault_close (call);
      return;
    }
  reprise_fault_sleep (call, BUSY_MS);
  if (self->public.end == NOCOBASE_FAKE_BREAKS)
    break_down (self);
  else
    finish (self);
  nocobase_fake_answer_json (self, call, "{}");
}

/* The new one answers at once. */
void
nocobase_fake_serve_new_restore (NocobaseFakePrivate *self, RepriseFaultCall *call)
{
  if (self->public.end == NOCOBASE_FAKE_REFUSES)
    {
      nocobase_fake_answer_error (self, call, 500, NULL,
                                  "Unable to restore: database schema mismatch");
      return;
    }
  nocobase_fake_begin (self);
  if (self->public.end == NOCOBASE_FAKE_DIES)
    die (self);
  else if (self->public.end == NOCOBASE_FAKE_BREAKS)
    break_down (self);
  else if (self->public.end == NOCOBASE_FAKE_GOES_BACK)
    self->task_failed = TRUE;
  else
    finish (self);
  if (self->public.end == NOCOBASE_FAKE_CUT)
    reprise_fault_close (call);
  else
    nocobase_fake_answer_json (
      self, call,
      "{\"data\":{\"status\":\"ok\",\"task\":\"8c0f2c1e-0000-4000-8000-000000000001\"}}");
}

void
nocobase_fake_serve_upload (NocobaseFakePrivate *self, RepriseFaultCall *call, gboolean old)
{
  g_autofree char *body = NULL;

  if (!is_whole (call, old ? self->recordings->dump : self->recordings->data))
    {
      nocobase_fake_answer_error (self, call, 500, "ENOENT",
                                  "ENOENT: no such file or directory, open '/x/meta'");
      return;
    }
  g_mutex_lock (&self->mutex);
  self->n_uploaded++;
  g_mutex_unlock (&self->mutex);
  if (!old)
    {
      nocobase_fake_serve_new_restore (self, call);
      return;
    }
  body =
    g_strdup_printf ("{\"data\":{\"key\":\"179525611377742895531762805716\",\"meta\":%s}}",
                     self->public.read_another ? "{\"version\":\"1.0.0\",\"dialect\":\"mysql\"}"
                                               : self->recordings->meta);
  nocobase_fake_answer_json (self, call, body);
}
