/* nocobase-fake.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "net/reprise-json.h"
#include "providers/nocobase/nocobase-fake-private.h"

static void
entry_free (gpointer data)
{
  NocobaseEntry *entry = data;

  g_free (entry->name);
  g_free (entry);
}

static void handle (RepriseFaultCall *call, gpointer data);

NocobaseFake *
nocobase_fake_new (gboolean has_old, gboolean has_new)
{
  NocobaseFakePrivate *self = g_new0 (NocobaseFakePrivate, 1);

  self->public.has_old = self->public.old_on_disk = has_old;
  self->public.has_new = self->public.new_on_disk = has_new;
  self->public.version = "2.2.15";
  self->public.dialect = "postgres";
  self->recordings = nocobase_recordings_get ();
  self->list = g_ptr_array_new_with_free_func (entry_free);
  self->seen = g_ptr_array_new_with_free_func (g_free);
  self->spoken = g_ptr_array_new_with_free_func (g_free);
  g_mutex_init (&self->mutex);
  self->server = reprise_fault_server_new (handle, self);
  reprise_fault_server_set_hashes (self->server, TRUE);
  return &self->public;
}

void
nocobase_fake_free (NocobaseFake *public)
{
  NocobaseFakePrivate *self = (NocobaseFakePrivate *) public;

  reprise_fault_server_free (self->server);
  g_ptr_array_unref (self->list);
  g_ptr_array_unref (self->seen);
  g_ptr_array_unref (self->spoken);
  g_free (self->body);
  g_mutex_clear (&self->mutex);
  g_free (self);
}

char *
nocobase_fake_dup_address (NocobaseFake *public)
{
  return reprise_fault_server_dup_address (((NocobaseFakePrivate *) public)->server);
}

void
nocobase_fake_add_entry (NocobaseFakePrivate *self, const char *name, int polls)
{
  NocobaseEntry *entry = g_new0 (NocobaseEntry, 1);

  entry->name = g_strdup (name);
  entry->in_progress = polls != 0;
  entry->polls = polls;
  g_ptr_array_insert (self->list, 0, entry);
}

/* A backup on the server; one in progress stays so. */
void
nocobase_fake_add (NocobaseFake *public, const char *name, gboolean in_progress)
{
  NocobaseFakePrivate *self = (NocobaseFakePrivate *) public;

  g_mutex_lock (&self->mutex);
  nocobase_fake_add_entry (self, name, in_progress ? -1 : 0);
  g_mutex_unlock (&self->mutex);
}

/* What was asked until now. */
void
nocobase_fake_forget (NocobaseFake *public)
{
  NocobaseFakePrivate *self = (NocobaseFakePrivate *) public;

  g_mutex_lock (&self->mutex);
  g_ptr_array_set_size (self->seen, 0);
  g_mutex_unlock (&self->mutex);
}

/* How many requests had that in “METHOD action”. */
guint
nocobase_fake_count (NocobaseFake *public, const char *pattern)
{
  NocobaseFakePrivate *self = (NocobaseFakePrivate *) public;
  guint n = 0;

  g_mutex_lock (&self->mutex);
  for (guint i = 0; i < self->seen->len; i++)
    n += strstr (self->seen->pdata[i], pattern) != NULL;
  g_mutex_unlock (&self->mutex);
  return n;
}

/* (transfer full): a line for each */
char *
nocobase_fake_dup_seen (NocobaseFake *public)
{
  NocobaseFakePrivate *self = (NocobaseFakePrivate *) public;
  GString *text = g_string_new (NULL);

  g_mutex_lock (&self->mutex);
  for (guint i = 0; i < self->seen->len; i++)
    g_string_append_printf (text, "%s\n", (const char *) self->seen->pdata[i]);
  g_mutex_unlock (&self->mutex);
  return g_string_free (text, FALSE);
}

/* (transfer full) (nullable): of the last request that writes */
char *
nocobase_fake_dup_body (NocobaseFake *public)
{
  NocobaseFakePrivate *self = (NocobaseFakePrivate *) public;
  char *body;

  g_mutex_lock (&self->mutex);
  body = g_strdup (self->body);
  g_mutex_unlock (&self->mutex);
  return body;
}

static gboolean
is_writing (const char *action)
{
  static const char *const WRITING[] = { ":create", ":restore", ":upload",  ":destroy",
                                         ":update", ":enable",  ":disable", NULL };

  for (guint i = 0; WRITING[i] != NULL; i++)
    if (g_str_has_suffix (action, WRITING[i]))
      return TRUE;
  return FALSE;
}

guint
nocobase_fake_get_n_writes (NocobaseFake *public)
{
  NocobaseFakePrivate *self = (NocobaseFakePrivate *) public;
  guint n = 0;

  g_mutex_lock (&self->mutex);
  for (guint i = 0; i < self->seen->len; i++)
    n += is_writing (self->seen->pdata[i]);
  g_mutex_unlock (&self->mutex);
  return n;
}

/* How many restores were carried out in full. */
guint
nocobase_fake_get_n_restored (NocobaseFake *public)
{
  NocobaseFakePrivate *self = (NocobaseFakePrivate *) public;
  guint n;

  g_mutex_lock (&self->mutex);
  n = self->n_restored;
  g_mutex_unlock (&self->mutex);
  return n;
}

/* How many archives came in full. */
guint
nocobase_fake_get_n_uploaded (NocobaseFake *public)
{
  NocobaseFakePrivate *self = (NocobaseFakePrivate *) public;
  guint n;

  g_mutex_lock (&self->mutex);
  n = self->n_uploaded;
  g_mutex_unlock (&self->mutex);
  return n;
}

/* (transfer none): what the server has under a name of either plugin */
GBytes *
nocobase_fake_get_archive (NocobaseFake *public, const char *name)
{
  NocobaseFakePrivate *self = (NocobaseFakePrivate *) public;

  return g_str_has_suffix (name, ".nbdump") ? self->recordings->dump : self->recordings->data;
}

/* --- answers --- */

/* (transfer full): the header that takes the place of an expired token */
static char *
renew_token (NocobaseFakePrivate *self, RepriseFaultCall *call)
{
  g_autofree char *given = reprise_fault_call_dup_header (call, "Authorization");
  g_autofree char *current = g_strdup_printf ("Bearer t%u", self->token);

  if (!self->public.renews || given == NULL || strcmp (given, current) == 0)
    return g_strdup ("");
  return g_strdup_printf ("x-new-token: t%u\r\n", self->token);
}

void
nocobase_fake_answer (NocobaseFakePrivate *self,
                      RepriseFaultCall *call,
                      guint status,
                      const char *type,
                      const char *body)
{
  g_autofree char *renewed = renew_token (self, call);

  reprise_fault_print (call, "HTTP/1.1 %u X\r\nContent-Type: %s\r\n%sContent-Length: %zu\r\n\r\n%s",
                       status, type, renewed, strlen (body), body);
}

void
nocobase_fake_answer_json (NocobaseFakePrivate *self, RepriseFaultCall *call, const char *body)
{
  nocobase_fake_answer (self, call, 200, "application/json; charset=utf-8", body);
}

/* The form of the application. */
void
nocobase_fake_answer_error (NocobaseFakePrivate *self,
                            RepriseFaultCall *call,
                            guint status,
                            const char *code,
                            const char *message)
{
  g_autofree char *body =
    code != NULL
      ? g_strdup_printf ("{\"errors\":[{\"message\":\"%s\",\"code\":\"%s\"}]}", message, code)
      : g_strdup_printf ("{\"errors\":[{\"message\":\"%s\"}]}", message);

  nocobase_fake_answer (self, call, status, "application/json; charset=utf-8", body);
}

/* The form of the gateway before it. */
static void
answer_gateway (NocobaseFakePrivate *self,
                RepriseFaultCall *call,
                guint status,
                const char *code,
                const char *message)
{
  g_autofree char *body =
    g_strdup_printf ("{\"error\":{\"status\":%u,\"maintaining\":true,\"message\":\"%s\","
                     "\"command\":{\"name\":\"restore\"},\"code\":\"%s\"}}",
                     status, message, code);

  nocobase_fake_answer (self, call, status, "application/json", body);
}

void
nocobase_fake_answer_nothing_there (NocobaseFakePrivate *self, RepriseFaultCall *call)
{
  nocobase_fake_answer (self, call, 404, "text/plain; charset=utf-8", "Not Found");
}

/* As NocoBase sends archives: in chunks, without a length. */
void
nocobase_fake_answer_bytes (RepriseFaultCall *call, gconstpointer data, gsize size)
{
  reprise_fault_print (call, "HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\n"
                             "Transfer-Encoding: chunked\r\n\r\n");
  for (gsize at = 0; at < size; at += 40000)
    {
      gsize part = MIN (size - at, 40000);

      reprise_fault_print (call, "%zx\r\n", part);
      reprise_fault_write (call, (const char *) data + at, part);
      reprise_fault_print (call, "\r\n");
    }
  reprise_fault_print (call, "0\r\n\r\n");
}

/* --- sign-in --- */

static void
serve_sign_in (NocobaseFakePrivate *self, RepriseFaultCall *call)
{
  g_autoptr (JsonObject) root = reprise_json_parse_object (
    g_bytes_get_data (call->body, NULL), g_bytes_get_size (call->body), NULL, NULL);
  g_autofree char *authenticator = reprise_fault_call_dup_header (call, "X-Authenticator");
  g_autofree char *body = NULL;

  g_assert_cmpstr (authenticator, ==, "basic");
  if (strcmp (reprise_json_get_string (root, "account", ""), "root") != 0 ||
      strcmp (reprise_json_get_string (root, "password", ""), "correct horse") != 0)
    {
      nocobase_fake_answer_error (self, call, 401, NULL,
                                  "The username/email or password is incorrect, please re-enter");
      return;
    }
  g_mutex_lock (&self->mutex);
  self->token++;
  self->token_uses = 0;
  body = g_strdup_printf (
    "{\"data\":{\"user\":{\"id\":1,\"nickname\":\"Root\"},\"token\":\"t%u\"}}", self->token);
  g_mutex_unlock (&self->mutex);
  nocobase_fake_answer_json (self, call, body);
}

/* Whether the token is good; else it was answered. */
static gboolean
check_token (NocobaseFakePrivate *self, RepriseFaultCall *call)
{
  g_autofree char *given = reprise_fault_call_dup_header (call, "Authorization");
  g_autofree char *role = reprise_fault_call_dup_header (call, "X-Role");
  g_autofree char *expected = NULL;
  gboolean good;

  if (g_strcmp0 (role, "nobody") == 0)
    {
      nocobase_fake_answer_error (self, call, 401, "ROLE_NOT_FOUND_FOR_USER",
                                  "The role does not belong to the user");
      return FALSE;
    }
  if (g_strcmp0 (given, "Bearer key") == 0)
    return TRUE;
  g_mutex_lock (&self->mutex);
  expected = g_strdup_printf ("Bearer t%u", self->token);
  good = self->token > 0 && g_strcmp0 (given, expected) == 0;
  if (good && self->public.token_life > 0 && (int) ++self->token_uses > self->public.token_life)
    {
      good = self->public.renews; /* an expired one is served once, with another in a header */
      self->token++;
      self->token_uses = 0;
    }
  g_mutex_unlock (&self->mutex);
  if (!good)
    nocobase_fake_answer_error (self, call, 401, given != NULL ? "EXPIRED_TOKEN" : "EMPTY_TOKEN",
                                "Your session has expired. Please sign in again.");
  return good;
}

/* --- all the rest --- */

static void
serve_settings (NocobaseFakePrivate *self, RepriseFaultCall *call)
{
  g_autofree char *body =
    g_strdup_printf ("{\"data\":{\"id\":1,\"scheduled\":false,\"cron\":\"0 0 * * "
                     "*\",\"keep\":100,\"enableFilesBackup\":true,"
                     "\"storageId\":null,\"encryptionPassword\":\"%s\"}}",
                     self->public.encrypts != NULL ? self->public.encrypts : "");

  nocobase_fake_answer_json (self, call, body);
}

static void
serve_package (NocobaseFakePrivate *self, RepriseFaultCall *call)
{
  g_autofree char *name = nocobase_fake_get_query (call, "filterByTk"), *body = NULL;

  if ((strcmp (name, "backups") == 0 && !self->public.new_on_disk) ||
      (strcmp (name, "backup-restore") == 0 && !self->public.old_on_disk) ||
      g_strcmp0 (name, self->public.lacks_plugin) == 0)
    {
      nocobase_fake_answer_error (self, call, 500, "MODULE_NOT_FOUND",
                                  "Cannot find module 'x/package.json'");
      return;
    }
  body = g_strdup_printf ("{\"data\":{\"packageName\":\"@nocobase/plugin-%s\",\"name\":\"%s\"}}",
                          name, name);
  nocobase_fake_answer_json (self, call, body);
}

static void
serve_packages (NocobaseFakePrivate *self, RepriseFaultCall *call)
{
  g_autoptr (GString) body = g_string_new ("{\"data\":[");
  GPtrArray *packages = self->recordings->packages;

  for (guint i = 0; i < packages->len; i++)
    if (g_strcmp0 (packages->pdata[i], self->public.lacks_plugin) != 0)
      g_string_append_printf (body, "{\"packageName\":\"%s\"},", (char *) packages->pdata[i]);
  g_string_append (body, "{\"packageName\":\"@nocobase/server\"}]}");
  nocobase_fake_answer_json (self, call, body->str);
}

static void
serve_enable (NocobaseFakePrivate *self, RepriseFaultCall *call)
{
  g_autofree char *name = nocobase_fake_get_query (call, "filterByTk");

  nocobase_fake_begin (self);
  if (strcmp (name, "backups") == 0)
    self->public.has_new = TRUE;
  else
    self->public.has_old = TRUE;
  nocobase_fake_answer_json (self, call, "{\"data\":\"ok\"}");
}

static void
serve_task (NocobaseFakePrivate *self, RepriseFaultCall *call)
{
  g_autofree char *name = nocobase_fake_get_query (call, "names[]"), *body = NULL;
  NocobaseEntry *entry;

  g_mutex_lock (&self->mutex);
  entry = nocobase_fake_find (self, name);
  if (entry != NULL && entry->polls > 0)
    body = g_strdup_printf ("{\"data\":{\"%s\":{\"inProgress\":true}}}", name);
  else if (self->public.create_fails)
    body = g_strdup_printf (
      "{\"data\":{\"%s\":{\"inProgress\":false,\"message\":\"pg_dump: no space\"}}}", name);
  else
    body = g_strdup ("{\"data\":{}}");
  g_mutex_unlock (&self->mutex);
  nocobase_fake_answer_json (self, call, body);
}

static void
serve_restore_status (NocobaseFakePrivate *self, RepriseFaultCall *call)
{
  if (self->task_failed)
    nocobase_fake_answer_json (
      self, call,
      "{\"data\":{\"inProgress\":false,\"message\":\"pg_restore: error: could not "
      "execute query\"}}");
  else
    reprise_fault_print (call, "HTTP/1.1 204 X\r\n\r\n");
}

/* The rows of a collection: those of the archive. */
static void
serve_rows (NocobaseFakePrivate *self, RepriseFaultCall *call, const char *name)
{
  g_autofree char *body = NULL;
  int rows;

  if (!g_hash_table_contains (self->recordings->counts, name) || strcmp (name, "attachments") == 0)
    {
      nocobase_fake_answer_nothing_there (self, call);
      return;
    }
  rows = GPOINTER_TO_INT (g_hash_table_lookup (self->recordings->counts, name));
  g_mutex_lock (&self->mutex);
  if (self->lost_rows && strcmp (name, "peerOrders") == 0)
    rows -= 7;
  g_mutex_unlock (&self->mutex);
  body = g_strdup_printf (
    "{\"data\":[],\"meta\":{\"count\":%d,\"page\":1,\"pageSize\":1,\"totalPage\":%d}}", rows, rows);
  nocobase_fake_answer_json (self, call, body);
}

static void
serve_info (NocobaseFakePrivate *self, RepriseFaultCall *call)
{
  g_autofree char *body = g_strdup_printf (
    "{\"data\":{\"database\":{\"dialect\":\"%s\"},\"version\":\"%s\",\"lang\":\"en-US\","
    "\"name\":\"main\",\"theme\":\"default\"}}",
    self->public.dialect, self->public.version);

  nocobase_fake_answer_json (self, call, body);
}

static void
serve_defined (NocobaseFakePrivate *self, RepriseFaultCall *call)
{
  nocobase_fake_answer_json (
    self, call,
    "{\"data\":[{\"name\":\"peerCustomers\",\"title\":\"Customers\"},"
    "{\"name\":\"peerOrders\",\"title\":\"Orders\"},{\"name\":\"users\",\"title\":\"{{t("
    "\\\"Users\\\")}}\"}]}");
}

static void
serve_old (NocobaseFakePrivate *self, RepriseFaultCall *call, const char *verb)
{
  if (!nocobase_fake_may (self, call, TRUE))
    return;
  if (strcmp (verb, "list") == 0)
    nocobase_fake_serve_list (self, call, TRUE);
  else if (strcmp (verb, "dumpableCollections") == 0)
    nocobase_fake_answer_json (self, call, self->recordings->groups);
  else if (strcmp (verb, "create") == 0)
    nocobase_fake_serve_create (self, call, TRUE);
  else if (strcmp (verb, "get") == 0)
    nocobase_fake_serve_get (self, call);
  else if (strcmp (verb, "download") == 0)
    nocobase_fake_serve_download (self, call);
  else if (strcmp (verb, "destroy") == 0)
    nocobase_fake_serve_destroy (self, call);
  else if (strcmp (verb, "upload") == 0)
    nocobase_fake_serve_upload (self, call, TRUE);
  else if (strcmp (verb, "restore") == 0)
    nocobase_fake_serve_old_restore (self, call);
  else
    g_assert_not_reached ();
}

static void
serve_new (NocobaseFakePrivate *self, RepriseFaultCall *call, const char *verb)
{
  if (!nocobase_fake_may (self, call, FALSE))
    return;
  if (strcmp (verb, "list") == 0)
    nocobase_fake_serve_list (self, call, FALSE);
  else if (strcmp (verb, "create") == 0)
    nocobase_fake_serve_create (self, call, FALSE);
  else if (strcmp (verb, "taskStatus") == 0)
    serve_task (self, call);
  else if (strcmp (verb, "restoreStatus") == 0)
    serve_restore_status (self, call);
  else if (strcmp (verb, "download") == 0)
    nocobase_fake_serve_download (self, call);
  else if (strcmp (verb, "destroy") == 0)
    nocobase_fake_serve_destroy (self, call);
  else if (strcmp (verb, "upload") == 0)
    nocobase_fake_serve_upload (self, call, FALSE);
  else if (strcmp (verb, "restore") == 0)
    nocobase_fake_serve_new_restore (self, call);
  else
    g_assert_not_reached ();
}

static void
serve (NocobaseFakePrivate *self, RepriseFaultCall *call, const char *action)
{
  g_auto (GStrv) parts = g_strsplit (action, ":", 2);
  const char *verb = parts[1] != NULL ? parts[1] : "";

  if (strcmp (action, "app:getInfo") == 0)
    serve_info (self, call);
  else if (strcmp (action, "auth:signIn") == 0)
    serve_sign_in (self, call);
  else if (!check_token (self, call))
    return;
  else if (strcmp (parts[0], "backupFiles") == 0)
    serve_old (self, call, verb);
  else if (strcmp (parts[0], "backups") == 0)
    serve_new (self, call, verb);
  else if (strcmp (action, "auth:check") == 0)
    nocobase_fake_answer_json (self, call,
                               "{\"data\":{\"id\":1,\"nickname\":\"Root\",\"username\":\"root\"}}");
  else if (strcmp (action, "roles:check") == 0)
    nocobase_fake_answer_json (
      self, call, "{\"data\":{\"role\":\"admin\",\"snippets\":[\"pm\",\"pm.*\",\"ui.*\"]}}");
  else if (strcmp (action, "applications:list") == 0)
    nocobase_fake_answer_json (self, call,
                               "{\"data\":[{\"name\":\"branch\"},{\"name\":\"shop\"}]}");
  else if (strcmp (action, "backupSettings:get") == 0)
    serve_settings (self, call);
  else if (strcmp (action, "collections:list") == 0)
    serve_defined (self, call);
  else if (strcmp (action, "pm:get") == 0)
    serve_package (self, call);
  else if (strcmp (action, "pm:list") == 0)
    serve_packages (self, call);
  else if (strcmp (action, "pm:enable") == 0)
    serve_enable (self, call);
  else if (strcmp (verb, "list") == 0)
    serve_rows (self, call, parts[0]);
  else
    nocobase_fake_answer_nothing_there (self, call);
}

/* What the gateway says before the application is asked. %TRUE: it was answered */
static gboolean
serve_gateway (NocobaseFakePrivate *self, RepriseFaultCall *call, const char *action)
{
  gint64 now_us = g_get_monotonic_time ();
  g_autofree char *app = reprise_fault_call_dup_header (call, "X-App");
  gboolean gone, busy, broken;

  g_mutex_lock (&self->mutex);
  gone = now_us < self->gone_until_us;
  busy = now_us < self->busy_until_us;
  broken = self->broken;
  g_mutex_unlock (&self->mutex);
  if (gone)
    nocobase_fake_answer (self, call, 502, "text/html", "<html><h1>502 Bad Gateway</h1></html>");
  else if (broken)
    answer_gateway (self, call, 503, "ENOENT",
                    "ENOENT: no such file or directory, open '/x/package.json'");
  else if (busy)
    answer_gateway (self, call, 503, "APP_COMMANDING", "load plugin [acl], 2/78");
  else if (app != NULL && strcmp (app, "branch") != 0)
    answer_gateway (self, call, 404, "APP_NOT_FOUND", "application x not found");
  else if (strcmp (action, "__health_check") == 0)
    nocobase_fake_answer (self, call, 200, "text/plain", "ok");
  else
    return FALSE;
  return TRUE;
}

/* (transfer full) (nullable): the body that a good answer to what is read would have */
static GBytes *
make_good (NocobaseFakePrivate *self, const char *action, RepriseFaultCall *call, const char **type)
{
  g_autofree char *name = nocobase_fake_get_query (call, "filterByTk");

  *type = "application/json";
  if (g_str_has_suffix (action, ":download"))
    {
      *type = "application/octet-stream";
      return g_bytes_ref (nocobase_fake_get_archive (&self->public, name));
    }
  if (strcmp (action, "backupFiles:list") == 0 || strcmp (action, "backups:list") == 0)
    {
      char *text = nocobase_fake_make_list (self, strcmp (action, "backupFiles:list") == 0, 1, 200);

      return g_bytes_new_take (text, strlen (text));
    }
  return g_bytes_new_static ("{}", 2);
}

static gboolean
make_fault (NocobaseFakePrivate *self, RepriseFaultCall *call, const char *action)
{
  g_autoptr (GBytes) good = NULL;
  const char *type = NULL;
  gboolean due;

  g_mutex_lock (&self->mutex);
  due = self->public.fault != NULL && strcmp (action, self->public.fault_action) == 0 &&
        self->public.fault_times != 0;
  if (due && self->public.fault_times > 0)
    self->public.fault_times--;
  g_mutex_unlock (&self->mutex);
  if (!due)
    return FALSE;
  good = make_good (self, action, call, &type);
  self->public.fault (&self->public, call, good, type);
  return TRUE;
}

static void
note (NocobaseFakePrivate *self, RepriseFaultCall *call, const char *action)
{
  g_mutex_lock (&self->mutex);
  if (strcmp (action, "__health_check") != 0)
    g_ptr_array_add (self->seen, g_strdup_printf ("%s %s", call->method, action));
  if (is_writing (action) && call->body != NULL)
    {
      g_free (self->body);
      self->body = g_strndup (g_bytes_get_data (call->body, NULL), g_bytes_get_size (call->body));
    }
  g_mutex_unlock (&self->mutex);
}

static void
handle (RepriseFaultCall *call, gpointer data)
{
  NocobaseFakePrivate *self = data;
  const char *action = g_str_has_prefix (call->path, "/api/") ? call->path + 5 : call->path;

  if (strcmp (call->path, "/ws") == 0)
    {
      nocobase_fake_serve_socket (self, call);
      return;
    }
  note (self, call, action);
  if (!serve_gateway (self, call, action) && !make_fault (self, call, action))
    serve (self, call, action);
}
