/* nocobase-fake.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "archive/reprise-archive-reader.h"
#include "archive/reprise-zip-writer.h"
#include "net/reprise-json.h"
#include "providers/nocobase/nocobase-fake.h"
#include "reprise-test.h"

#define BUSY_MS        120 /* how long a restore takes */
#define LONG_MS        600 /* where nobody is told when it ends: it must be seen */
#define GONE_MS        400
#define POLLS          2                                      /* until a backup is made */
#define ACCEPT_SUFFIX  "258EAFA5-E914-47DA-95CA-C5AB0DC85B11" /* RFC 6455 §1.3 */
#define REFUSED_REASON "this backup file can only be imported in database mysql"

typedef struct
{
  char *name;
  gboolean in_progress;
  int polls; /* until it is made; -1: never */
} Entry;

/* The archives of real servers, the first with fewer collections, and what is in that: read once, and never freed. */
typedef struct
{
  GBytes *dump, *data;
  char *meta;          /* of the dump */
  char *groups;        /* what of it says which collection is in which group */
  GHashTable *counts;  /* (element-type utf8 int): rows of the dump's collections */
  GPtrArray *packages; /* (element-type utf8): plugins that it needs */
} Recordings;

typedef struct
{
  NocobaseFake public;

  RepriseFaultServer *server; /* (owned) */
  const Recordings *recordings;

  GMutex mutex;      /* guards all that follows */
  GPtrArray *list;   /* (owned) (element-type Entry) */
  GPtrArray *seen;   /* (owned) (element-type utf8): “POST backups:create” */
  GPtrArray *spoken; /* (owned) (element-type utf8): for the web socket */
  char *body;        /* (owned) (nullable): of the last request that writes */
  guint token, token_uses;
  guint n_restored, n_uploaded, n_made;
  gint64 busy_until_us, gone_until_us;
  gboolean broken, task_failed, lost_rows;
} Fake;

static void
entry_free (gpointer data)
{
  Entry *entry = data;

  g_free (entry->name);
  g_free (entry);
}

/* Of the collections of the recording, so that a test under sanitizers need not ask for the rows of a hundred. */
static gboolean
is_kept (const char *collection)
{
  static const char *const KEPT[] = { "applicationPlugins",
                                      "applicationVersion",
                                      "authenticators",
                                      "collections",
                                      "executions",
                                      "fields",
                                      "issuedTokens",
                                      "peerCustomers",
                                      "peerOrders",
                                      "rolesUsers",
                                      "users",
                                      NULL };

  return g_strv_contains (KEPT, collection);
}

/* (transfer full): the same with those collections only */
static JsonNode *
trim_groups (JsonObject *groups)
{
  g_autoptr (GList) names = json_object_get_members (groups);
  g_autoptr (JsonObject) trimmed = json_object_new ();
  JsonNode *node = json_node_alloc ();

  for (GList *name = names; name != NULL; name = name->next)
    {
      JsonArray *all = json_object_get_array_member (groups, name->data);
      g_autoptr (JsonArray) kept = json_array_new ();

      for (guint i = 0; i < json_array_get_length (all); i++)
        if (is_kept (reprise_json_get_string (json_array_get_object_element (all, i), "name", "")))
          json_array_add_element (kept, json_node_copy (json_array_get_element (all, i)));
      json_object_set_array_member (trimmed, name->data, g_steal_pointer (&kept));
    }
  return json_node_init_object (node, trimmed);
}

static GBytes *
trim_meta (Recordings *self, GBytes *bytes)
{
  g_autoptr (JsonObject) root = reprise_json_parse_object (g_bytes_get_data (bytes, NULL),
                                                           g_bytes_get_size (bytes), NULL, NULL);
  JsonNode *groups =
    trim_groups (json_object_get_object_member (root, "dumpableCollectionsGroupByGroup"));
  g_autoptr (JsonNode) node = json_node_init_object (json_node_alloc (), root);

  self->groups = json_to_string (groups, FALSE);
  json_object_set_member (root, "dumpableCollectionsGroupByGroup", groups);
  self->meta = json_to_string (node, FALSE);
  return g_bytes_new (self->meta, strlen (self->meta));
}

static void
note_count (Recordings *self, const char *collection, GBytes *bytes)
{
  g_autoptr (JsonObject) root = reprise_json_parse_object (g_bytes_get_data (bytes, NULL),
                                                           g_bytes_get_size (bytes), NULL, NULL);

  g_hash_table_insert (self->counts, g_strdup (collection),
                       GINT_TO_POINTER ((int) reprise_json_get_int (root, "count", 0)));
}

/* {"data":[{"packageName":…},…]}, of the plugins that the recording has */
static void
note_packages (Recordings *self, GBytes *bytes)
{
  g_autofree char *text = g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  g_autoptr (GRegex) regex = g_regex_new ("\"(@nocobase/[a-z0-9-]+)\"", 0, 0, NULL);
  g_autoptr (GMatchInfo) match = NULL;

  for (g_regex_match (regex, text, 0, &match); g_match_info_matches (match);
       g_match_info_next (match, NULL))
    g_ptr_array_add (self->packages, g_match_info_fetch (match, 1));
}

/* Fills the recordings, and makes of the archive one that is quick to look into. */
static void
trim (Recordings *self, RepriseArchiveReader *reader)
{
  const RepriseArchiveEntry *entry = NULL;
  g_autoptr (GOutputStream) out = g_memory_output_stream_new_resizable ();
  g_autoptr (RepriseZipWriter) writer = reprise_zip_writer_new (out, REPRISE_ZIP_LEVEL_FAST);
  g_autoptr (GError) error = NULL;

  while (reprise_archive_reader_next (reader, &entry, NULL, &error) && entry != NULL)
    {
      g_autofree char *name = g_strdup (entry->name);
      g_auto (GStrv) parts = g_strsplit (name, "/", -1);
      gboolean of_collection = g_strv_length (parts) == 3;
      g_autoptr (GBytes) bytes = NULL, made = NULL;

      if (entry->is_folder || (of_collection && !is_kept (parts[1])))
        continue;
      bytes = reprise_archive_reader_read_all (reader, 4 * 1024 * 1024, NULL, &error);
      g_assert_no_error (error);
      if (of_collection && strcmp (parts[2], "meta") == 0)
        note_count (self, parts[1], bytes);
      if (strcmp (name, "collections/applicationPlugins/data") == 0)
        note_packages (self, bytes);
      made = strcmp (name, "meta") == 0 ? trim_meta (self, bytes) : g_bytes_ref (bytes);
      reprise_zip_writer_add_bytes (writer, name, g_bytes_get_data (made, NULL),
                                    g_bytes_get_size (made), NULL, NULL, &error);
      g_assert_no_error (error);
    }
  g_assert_no_error (error);
  reprise_zip_writer_finish (writer, &error);
  g_assert_no_error (error);
  g_output_stream_close (out, NULL, &error);
  self->dump = g_memory_output_stream_steal_as_bytes (G_MEMORY_OUTPUT_STREAM (out));
}

static GBytes *
read_sample (const char *name)
{
  g_autofree char *path = reprise_test_data (name);
  gsize size = 0;
  char *text = reprise_test_read (path, &size);

  return g_bytes_new_take (text, size);
}

static const Recordings *
get_recordings (void)
{
  static Recordings self;
  g_autofree char *path = reprise_test_data ("nocobase/all-groups.nbdump");
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseArchiveReader) reader = NULL;

  if (self.counts != NULL)
    return &self;
  reader = reprise_archive_reader_open (path, NULL, NULL, &error);
  g_assert_no_error (error);
  self.data = read_sample ("nocobase/manager-plain.nbdata");
  self.counts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self.packages = g_ptr_array_new_with_free_func (g_free);
  trim (&self, reader);
  return &self;
}

static void handle (RepriseFaultCall *call, gpointer data);

NocobaseFake *
nocobase_fake_new (gboolean has_old, gboolean has_new)
{
  Fake *self = g_new0 (Fake, 1);

  self->public.has_old = self->public.old_on_disk = has_old;
  self->public.has_new = self->public.new_on_disk = has_new;
  self->public.version = "2.2.15";
  self->public.dialect = "postgres";
  self->recordings = get_recordings ();
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
  Fake *self = (Fake *) public;

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
  return reprise_fault_server_dup_address (((Fake *) public)->server);
}

static void
add_entry (Fake *self, const char *name, int polls)
{
  Entry *entry = g_new0 (Entry, 1);

  entry->name = g_strdup (name);
  entry->in_progress = polls != 0;
  entry->polls = polls;
  g_ptr_array_insert (self->list, 0, entry);
}

/* A backup on the server; one in progress stays so. */
void
nocobase_fake_add (NocobaseFake *public, const char *name, gboolean in_progress)
{
  Fake *self = (Fake *) public;

  g_mutex_lock (&self->mutex);
  add_entry (self, name, in_progress ? -1 : 0);
  g_mutex_unlock (&self->mutex);
}

/* What was asked until now. */
void
nocobase_fake_forget (NocobaseFake *public)
{
  Fake *self = (Fake *) public;

  g_mutex_lock (&self->mutex);
  g_ptr_array_set_size (self->seen, 0);
  g_mutex_unlock (&self->mutex);
}

/* How many requests had that in “METHOD action”. */
guint
nocobase_fake_count (NocobaseFake *public, const char *pattern)
{
  Fake *self = (Fake *) public;
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
  Fake *self = (Fake *) public;
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
  Fake *self = (Fake *) public;
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
  Fake *self = (Fake *) public;
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
  Fake *self = (Fake *) public;
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
  Fake *self = (Fake *) public;
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
  Fake *self = (Fake *) public;

  return g_str_has_suffix (name, ".nbdump") ? self->recordings->dump : self->recordings->data;
}

/* --- answers --- */

/* (transfer full): the header that takes the place of an expired token */
static char *
renew_token (Fake *self, RepriseFaultCall *call)
{
  g_autofree char *given = reprise_fault_call_dup_header (call, "Authorization");
  g_autofree char *current = g_strdup_printf ("Bearer t%u", self->token);

  if (!self->public.renews || given == NULL || strcmp (given, current) == 0)
    return g_strdup ("");
  return g_strdup_printf ("x-new-token: t%u\r\n", self->token);
}

static void
answer (Fake *self, RepriseFaultCall *call, guint status, const char *type, const char *body)
{
  g_autofree char *renewed = renew_token (self, call);

  reprise_fault_print (call, "HTTP/1.1 %u X\r\nContent-Type: %s\r\n%sContent-Length: %zu\r\n\r\n%s",
                       status, type, renewed, strlen (body), body);
}

static void
answer_json (Fake *self, RepriseFaultCall *call, const char *body)
{
  answer (self, call, 200, "application/json; charset=utf-8", body);
}

/* The form of the application. */
static void
answer_error (Fake *self,
              RepriseFaultCall *call,
              guint status,
              const char *code,
              const char *message)
{
  g_autofree char *body =
    code != NULL
      ? g_strdup_printf ("{\"errors\":[{\"message\":\"%s\",\"code\":\"%s\"}]}", message, code)
      : g_strdup_printf ("{\"errors\":[{\"message\":\"%s\"}]}", message);

  answer (self, call, status, "application/json; charset=utf-8", body);
}

/* The form of the gateway before it. */
static void
answer_gateway (Fake *self,
                RepriseFaultCall *call,
                guint status,
                const char *code,
                const char *message)
{
  g_autofree char *body =
    g_strdup_printf ("{\"error\":{\"status\":%u,\"maintaining\":true,\"message\":\"%s\","
                     "\"command\":{\"name\":\"restore\"},\"code\":\"%s\"}}",
                     status, message, code);

  answer (self, call, status, "application/json", body);
}

static void
answer_nothing_there (Fake *self, RepriseFaultCall *call)
{
  answer (self, call, 404, "text/plain; charset=utf-8", "Not Found");
}

/* As NocoBase sends archives: in chunks, without a length. */
static void
answer_bytes (RepriseFaultCall *call, gconstpointer data, gsize size)
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

/* --- the web socket --- */

static void
shake_hands (RepriseFaultCall *call)
{
  g_autofree char *key = reprise_fault_call_dup_header (call, "Sec-WebSocket-Key");
  g_autofree char *text = g_strconcat (key, ACCEPT_SUFFIX, NULL);
  g_autoptr (GChecksum) sha1 = g_checksum_new (G_CHECKSUM_SHA1);
  guint8 digest[20];
  gsize size = sizeof digest;
  g_autofree char *accept = NULL;

  g_checksum_update (sha1, (const guchar *) text, -1);
  g_checksum_get_digest (sha1, digest, &size);
  accept = g_base64_encode (digest, size);
  reprise_fault_print (
    call,
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Accept: %s\r\n\r\n",
    accept);
}

static gboolean
write_frame (RepriseFaultCall *call, const char *text)
{
  gsize size = strlen (text);
  guint8 head[4] = { 0x81, (guint8) size, 0, 0 };

  if (size > 125)
    {
      head[1] = 126;
      head[2] = (guint8) (size >> 8);
      head[3] = (guint8) size;
    }
  return reprise_fault_write (call, head, size > 125 ? 4 : 2) &&
         reprise_fault_write (call, text, size);
}

static char *
take_spoken (Fake *self)
{
  char *text;

  g_mutex_lock (&self->mutex);
  text = self->spoken->len > 0 ? g_ptr_array_steal_index (self->spoken, 0) : NULL;
  g_mutex_unlock (&self->mutex);
  return text;
}

/* Says what there is to say, until the other side ends it. */
static void
serve_socket (Fake *self, RepriseFaultCall *call)
{
  shake_hands (call);
  while (g_socket_condition_check (call->socket, G_IO_IN | G_IO_HUP) == 0)
    {
      g_autofree char *text = take_spoken (self);

      if (text == NULL)
        reprise_fault_sleep (call, 5);
      else if (!write_frame (call, text))
        break;
    }
  reprise_fault_close (call);
}

static void
speak (Fake *self, const char *text)
{
  g_mutex_lock (&self->mutex);
  g_ptr_array_add (self->spoken, g_strdup (text));
  g_mutex_unlock (&self->mutex);
}

/* --- sign-in --- */

static void
serve_sign_in (Fake *self, RepriseFaultCall *call)
{
  g_autoptr (JsonObject) root = reprise_json_parse_object (
    g_bytes_get_data (call->body, NULL), g_bytes_get_size (call->body), NULL, NULL);
  g_autofree char *authenticator = reprise_fault_call_dup_header (call, "X-Authenticator");
  g_autofree char *body = NULL;

  g_assert_cmpstr (authenticator, ==, "basic");
  if (strcmp (reprise_json_get_string (root, "account", ""), "root") != 0 ||
      strcmp (reprise_json_get_string (root, "password", ""), "correct horse") != 0)
    {
      answer_error (self, call, 401, NULL,
                    "The username/email or password is incorrect, please re-enter");
      return;
    }
  g_mutex_lock (&self->mutex);
  self->token++;
  self->token_uses = 0;
  body = g_strdup_printf (
    "{\"data\":{\"user\":{\"id\":1,\"nickname\":\"Root\"},\"token\":\"t%u\"}}", self->token);
  g_mutex_unlock (&self->mutex);
  answer_json (self, call, body);
}

/* Whether the token is good; else it was answered. */
static gboolean
check_token (Fake *self, RepriseFaultCall *call)
{
  g_autofree char *given = reprise_fault_call_dup_header (call, "Authorization");
  g_autofree char *role = reprise_fault_call_dup_header (call, "X-Role");
  g_autofree char *expected = NULL;
  gboolean good;

  if (g_strcmp0 (role, "nobody") == 0)
    {
      answer_error (self, call, 401, "ROLE_NOT_FOUND_FOR_USER",
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
    answer_error (self, call, 401, given != NULL ? "EXPIRED_TOKEN" : "EMPTY_TOKEN",
                  "Your session has expired. Please sign in again.");
  return good;
}

/* --- backups --- */

static gboolean
may (Fake *self, RepriseFaultCall *call, gboolean old)
{
  if (old ? !self->public.has_old : !self->public.has_new)
    answer_nothing_there (self, call);
  else if (self->public.denied)
    answer_error (self, call, 403, NULL, "No permissions");
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
work (Fake *self, gboolean old)
{
  for (guint i = self->list->len; i > 0; i--)
    {
      Entry *entry = self->list->pdata[i - 1];

      if (is_old (entry->name) != old || entry->polls <= 0 || --entry->polls > 0)
        continue;
      entry->in_progress = FALSE;
      if (self->public.create_fails)
        g_ptr_array_remove_index (self->list, i - 1);
    }
}

static char *
make_list (Fake *self, gboolean old, guint page, guint page_size)
{
  GString *text = g_string_new ("{\"data\":[");
  guint n = 0;

  g_mutex_lock (&self->mutex);
  work (self, old);
  for (guint i = 0; i < self->list->len; i++)
    {
      Entry *entry = self->list->pdata[i];

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
static char *
get_query (RepriseFaultCall *call, const char *name)
{
  g_autoptr (GHashTable) table =
    call->query != NULL ? g_uri_parse_params (call->query, -1, "&", G_URI_PARAMS_NONE, NULL) : NULL;

  return table != NULL ? g_strdup (g_hash_table_lookup (table, name)) : NULL;
}

static Entry *
find (Fake *self, const char *name)
{
  for (guint i = 0; i < self->list->len; i++)
    if (g_strcmp0 (((Entry *) self->list->pdata[i])->name, name) == 0)
      return self->list->pdata[i];
  return NULL;
}

static void
serve_list (Fake *self, RepriseFaultCall *call, gboolean old)
{
  g_autofree char *page = get_query (call, "page"), *size = get_query (call, "pageSize");
  g_autofree char *body = make_list (self, old, page != NULL ? (guint) atoi (page) : 1,
                                     size != NULL ? (guint) atoi (size) : 20);

  answer_json (self, call, body);
}

static void
serve_create (Fake *self, RepriseFaultCall *call, gboolean old)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autofree char *time = g_date_time_format (now, "%Y%m%d_%H%M%S");
  g_autofree char *name = NULL, *body = NULL;

  g_mutex_lock (&self->mutex);
  name = g_strdup_printf ("backup_%s_%04u.%s", time, self->n_made++, old ? "nbdump" : "nbdata");
  add_entry (self, name, POLLS);
  g_mutex_unlock (&self->mutex);
  body = old ? g_strdup_printf ("{\"data\":{\"key\":\"%s\"}}", name)
             : g_strdup_printf ("{\"data\":{\"name\":\"%s\",\"inProgress\":true}}", name);
  answer_json (self, call, body);
}

static void
serve_get (Fake *self, RepriseFaultCall *call)
{
  g_autofree char *name = get_query (call, "filterByTk");
  g_autoptr (GString) meta = g_string_new (self->recordings->meta);
  g_autofree char *body = NULL;
  gboolean there;

  g_mutex_lock (&self->mutex);
  there = find (self, name) != NULL && !find (self, name)->in_progress;
  g_mutex_unlock (&self->mutex);
  if (!there)
    {
      body = g_strdup_printf (
        "{\"data\":{\"status\":\"error\",\"message\":\"Backup file %s not found\"}}", name);
      answer (self, call, 404, "application/json", body);
      return;
    }
  if (self->public.underscored)
    g_string_replace (meta, "\"DB_UNDERSCORED\":\"false\"", "\"DB_UNDERSCORED\":\"true\"", 1);
  body = g_strdup_printf (
    "{\"data\":{\"name\":\"%s\",\"fileSize\":\"146.9 KiB\",\"status\":\"ok\",\"meta\":%s}}", name,
    meta->str);
  answer_json (self, call, body);
}

static void
serve_download (Fake *self, RepriseFaultCall *call)
{
  g_autofree char *name = get_query (call, "filterByTk");
  GBytes *bytes = nocobase_fake_get_archive (&self->public, name);
  gsize size = g_bytes_get_size (bytes);
  gboolean there;

  g_mutex_lock (&self->mutex);
  there = find (self, name) != NULL && !find (self, name)->in_progress;
  g_mutex_unlock (&self->mutex);
  if (!there)
    answer_error (self, call, 500, "ENOENT",
                  "ENOENT: no such file or directory, stat '/app/storage'");
  else
    answer_bytes (call, g_bytes_get_data (bytes, NULL), self->public.damaged ? size - 9000 : size);
}

static void
serve_destroy (Fake *self, RepriseFaultCall *call)
{
  g_autofree char *name = get_query (call, "filterByTk");
  g_autofree char *plain =
    g_str_has_suffix (name, ".lock") ? g_strndup (name, strlen (name) - 5) : g_strdup (name);
  gboolean gone = FALSE;

  g_mutex_lock (&self->mutex);
  /* the file of one in progress is the lock */
  if (find (self, plain) != NULL &&
      find (self, plain)->in_progress == g_str_has_suffix (name, ".lock"))
    gone = g_ptr_array_remove (self->list, find (self, plain));
  g_mutex_unlock (&self->mutex);
  if (gone)
    answer_json (self, call, "{\"data\":{\"status\":\"ok\"}}");
  else
    answer_error (self, call, 500, "ENOENT",
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
static void
begin (Fake *self)
{
  speak (self, "{\"type\":\"maintaining\",\"payload\":{\"message\":\"load plugin [acl], 2/78\","
               "\"command\":{\"name\":\"restore\"},\"code\":\"APP_COMMANDING\"}}");
  g_mutex_lock (&self->mutex);
  self->busy_until_us =
    g_get_monotonic_time () + (self->public.end == NOCOBASE_FAKE_CUT ? LONG_MS : BUSY_MS) * 1000;
  g_mutex_unlock (&self->mutex);
}

static void
finish (Fake *self)
{
  g_mutex_lock (&self->mutex);
  self->n_restored++;
  self->lost_rows = self->public.end == NOCOBASE_FAKE_LOSES;
  g_mutex_unlock (&self->mutex);
}

/* Nobody is behind the proxy for a while. */
static void
die (Fake *self)
{
  g_mutex_lock (&self->mutex);
  self->busy_until_us = 0;
  self->gone_until_us = g_get_monotonic_time () + GONE_MS * 1000;
  g_mutex_unlock (&self->mutex);
}

static void
break_down (Fake *self)
{
  g_mutex_lock (&self->mutex);
  self->busy_until_us = 0;
  self->broken = TRUE;
  g_mutex_unlock (&self->mutex);
}

/* Until the web socket has sent all of it. */
static void
wait_until_said (Fake *self, RepriseFaultCall *call)
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
static void
serve_old_restore (Fake *self, RepriseFaultCall *call)
{
  if (self->public.end == NOCOBASE_FAKE_REFUSES)
    {
      speak (self, "{\"type\":\"notification\",\"payload\":{\"message\":\"" REFUSED_REASON
                   "\",\"type\":\"error\"}}");
      wait_until_said (self, call);
      reprise_fault_sleep (call, 20);
      answer_json (self, call, "{}");
      return;
    }
  begin (self);
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
  answer_json (self, call, "{}");
}

/* The new one answers at once. */
static void
serve_new_restore (Fake *self, RepriseFaultCall *call)
{
  if (self->public.end == NOCOBASE_FAKE_REFUSES)
    {
      answer_error (self, call, 500, NULL, "Unable to restore: database schema mismatch");
      return;
    }
  begin (self);
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
    answer_json (
      self, call,
      "{\"data\":{\"status\":\"ok\",\"task\":\"8c0f2c1e-0000-4000-8000-000000000001\"}}");
}

static void
serve_upload (Fake *self, RepriseFaultCall *call, gboolean old)
{
  g_autofree char *body = NULL;

  if (!is_whole (call, old ? self->recordings->dump : self->recordings->data))
    {
      answer_error (self, call, 500, "ENOENT",
                    "ENOENT: no such file or directory, open '/x/meta'");
      return;
    }
  g_mutex_lock (&self->mutex);
  self->n_uploaded++;
  g_mutex_unlock (&self->mutex);
  if (!old)
    {
      serve_new_restore (self, call);
      return;
    }
  body =
    g_strdup_printf ("{\"data\":{\"key\":\"179525611377742895531762805716\",\"meta\":%s}}",
                     self->public.read_another ? "{\"version\":\"1.0.0\",\"dialect\":\"mysql\"}"
                                               : self->recordings->meta);
  answer_json (self, call, body);
}

/* --- all the rest --- */

static void
serve_settings (Fake *self, RepriseFaultCall *call)
{
  g_autofree char *body =
    g_strdup_printf ("{\"data\":{\"id\":1,\"scheduled\":false,\"cron\":\"0 0 * * "
                     "*\",\"keep\":100,\"enableFilesBackup\":true,"
                     "\"storageId\":null,\"encryptionPassword\":\"%s\"}}",
                     self->public.encrypts != NULL ? self->public.encrypts : "");

  answer_json (self, call, body);
}

static void
serve_package (Fake *self, RepriseFaultCall *call)
{
  g_autofree char *name = get_query (call, "filterByTk"), *body = NULL;

  if ((strcmp (name, "backups") == 0 && !self->public.new_on_disk) ||
      (strcmp (name, "backup-restore") == 0 && !self->public.old_on_disk) ||
      g_strcmp0 (name, self->public.lacks_plugin) == 0)
    {
      answer_error (self, call, 500, "MODULE_NOT_FOUND", "Cannot find module 'x/package.json'");
      return;
    }
  body = g_strdup_printf ("{\"data\":{\"packageName\":\"@nocobase/plugin-%s\",\"name\":\"%s\"}}",
                          name, name);
  answer_json (self, call, body);
}

static void
serve_packages (Fake *self, RepriseFaultCall *call)
{
  g_autoptr (GString) body = g_string_new ("{\"data\":[");
  GPtrArray *packages = self->recordings->packages;

  for (guint i = 0; i < packages->len; i++)
    if (g_strcmp0 (packages->pdata[i], self->public.lacks_plugin) != 0)
      g_string_append_printf (body, "{\"packageName\":\"%s\"},", (char *) packages->pdata[i]);
  g_string_append (body, "{\"packageName\":\"@nocobase/server\"}]}");
  answer_json (self, call, body->str);
}

static void
serve_enable (Fake *self, RepriseFaultCall *call)
{
  g_autofree char *name = get_query (call, "filterByTk");

  begin (self);
  if (strcmp (name, "backups") == 0)
    self->public.has_new = TRUE;
  else
    self->public.has_old = TRUE;
  answer_json (self, call, "{\"data\":\"ok\"}");
}

static void
serve_task (Fake *self, RepriseFaultCall *call)
{
  g_autofree char *name = get_query (call, "names[]"), *body = NULL;
  Entry *entry;

  g_mutex_lock (&self->mutex);
  entry = find (self, name);
  if (entry != NULL && entry->polls > 0)
    body = g_strdup_printf ("{\"data\":{\"%s\":{\"inProgress\":true}}}", name);
  else if (self->public.create_fails)
    body = g_strdup_printf (
      "{\"data\":{\"%s\":{\"inProgress\":false,\"message\":\"pg_dump: no space\"}}}", name);
  else
    body = g_strdup ("{\"data\":{}}");
  g_mutex_unlock (&self->mutex);
  answer_json (self, call, body);
}

static void
serve_restore_status (Fake *self, RepriseFaultCall *call)
{
  if (self->task_failed)
    answer_json (self, call,
                 "{\"data\":{\"inProgress\":false,\"message\":\"pg_restore: error: could not "
                 "execute query\"}}");
  else
    reprise_fault_print (call, "HTTP/1.1 204 X\r\n\r\n");
}

/* The rows of a collection: those of the archive. */
static void
serve_rows (Fake *self, RepriseFaultCall *call, const char *name)
{
  g_autofree char *body = NULL;
  int rows;

  if (!g_hash_table_contains (self->recordings->counts, name) || strcmp (name, "attachments") == 0)
    {
      answer_nothing_there (self, call);
      return;
    }
  rows = GPOINTER_TO_INT (g_hash_table_lookup (self->recordings->counts, name));
  g_mutex_lock (&self->mutex);
  if (self->lost_rows && strcmp (name, "peerOrders") == 0)
    rows -= 7;
  g_mutex_unlock (&self->mutex);
  body = g_strdup_printf (
    "{\"data\":[],\"meta\":{\"count\":%d,\"page\":1,\"pageSize\":1,\"totalPage\":%d}}", rows, rows);
  answer_json (self, call, body);
}

static void
serve_info (Fake *self, RepriseFaultCall *call)
{
  g_autofree char *body = g_strdup_printf (
    "{\"data\":{\"database\":{\"dialect\":\"%s\"},\"version\":\"%s\",\"lang\":\"en-US\","
    "\"name\":\"main\",\"theme\":\"default\"}}",
    self->public.dialect, self->public.version);

  answer_json (self, call, body);
}

static void
serve_defined (Fake *self, RepriseFaultCall *call)
{
  answer_json (self, call,
               "{\"data\":[{\"name\":\"peerCustomers\",\"title\":\"Customers\"},"
               "{\"name\":\"peerOrders\",\"title\":\"Orders\"},{\"name\":\"users\",\"title\":\"{{t("
               "\\\"Users\\\")}}\"}]}");
}

static void
serve_old (Fake *self, RepriseFaultCall *call, const char *verb)
{
  if (!may (self, call, TRUE))
    return;
  if (strcmp (verb, "list") == 0)
    serve_list (self, call, TRUE);
  else if (strcmp (verb, "dumpableCollections") == 0)
    answer_json (self, call, self->recordings->groups);
  else if (strcmp (verb, "create") == 0)
    serve_create (self, call, TRUE);
  else if (strcmp (verb, "get") == 0)
    serve_get (self, call);
  else if (strcmp (verb, "download") == 0)
    serve_download (self, call);
  else if (strcmp (verb, "destroy") == 0)
    serve_destroy (self, call);
  else if (strcmp (verb, "upload") == 0)
    serve_upload (self, call, TRUE);
  else if (strcmp (verb, "restore") == 0)
    serve_old_restore (self, call);
  else
    g_assert_not_reached ();
}

static void
serve_new (Fake *self, RepriseFaultCall *call, const char *verb)
{
  if (!may (self, call, FALSE))
    return;
  if (strcmp (verb, "list") == 0)
    serve_list (self, call, FALSE);
  else if (strcmp (verb, "create") == 0)
    serve_create (self, call, FALSE);
  else if (strcmp (verb, "taskStatus") == 0)
    serve_task (self, call);
  else if (strcmp (verb, "restoreStatus") == 0)
    serve_restore_status (self, call);
  else if (strcmp (verb, "download") == 0)
    serve_download (self, call);
  else if (strcmp (verb, "destroy") == 0)
    serve_destroy (self, call);
  else if (strcmp (verb, "upload") == 0)
    serve_upload (self, call, FALSE);
  else if (strcmp (verb, "restore") == 0)
    serve_new_restore (self, call);
  else
    g_assert_not_reached ();
}

static void
serve (Fake *self, RepriseFaultCall *call, const char *action)
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
    answer_json (self, call, "{\"data\":{\"id\":1,\"nickname\":\"Root\",\"username\":\"root\"}}");
  else if (strcmp (action, "roles:check") == 0)
    answer_json (self, call,
                 "{\"data\":{\"role\":\"admin\",\"snippets\":[\"pm\",\"pm.*\",\"ui.*\"]}}");
  else if (strcmp (action, "applications:list") == 0)
    answer_json (self, call, "{\"data\":[{\"name\":\"branch\"},{\"name\":\"shop\"}]}");
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
    answer_nothing_there (self, call);
}

/* What the gateway says before the application is asked. %TRUE: it was answered */
static gboolean
serve_gateway (Fake *self, RepriseFaultCall *call, const char *action)
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
    answer (self, call, 502, "text/html", "<html><h1>502 Bad Gateway</h1></html>");
  else if (broken)
    answer_gateway (self, call, 503, "ENOENT",
                    "ENOENT: no such file or directory, open '/x/package.json'");
  else if (busy)
    answer_gateway (self, call, 503, "APP_COMMANDING", "load plugin [acl], 2/78");
  else if (app != NULL && strcmp (app, "branch") != 0)
    answer_gateway (self, call, 404, "APP_NOT_FOUND", "application x not found");
  else if (strcmp (action, "__health_check") == 0)
    answer (self, call, 200, "text/plain", "ok");
  else
    return FALSE;
  return TRUE;
}

/* (transfer full) (nullable): the body that a good answer to what is read would have */
static GBytes *
make_good (Fake *self, const char *action, RepriseFaultCall *call, const char **type)
{
  g_autofree char *name = get_query (call, "filterByTk");

  *type = "application/json";
  if (g_str_has_suffix (action, ":download"))
    {
      *type = "application/octet-stream";
      return g_bytes_ref (nocobase_fake_get_archive (&self->public, name));
    }
  if (strcmp (action, "backupFiles:list") == 0 || strcmp (action, "backups:list") == 0)
    {
      char *text = make_list (self, strcmp (action, "backupFiles:list") == 0, 1, 200);

      return g_bytes_new_take (text, strlen (text));
    }
  return g_bytes_new_static ("{}", 2);
}

static gboolean
make_fault (Fake *self, RepriseFaultCall *call, const char *action)
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
note (Fake *self, RepriseFaultCall *call, const char *action)
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
  Fake *self = data;
  const char *action = g_str_has_prefix (call->path, "/api/") ? call->path + 5 : call->path;

  if (strcmp (call->path, "/ws") == 0)
    {
      serve_socket (self, call);
      return;
    }
  note (self, call, action);
  if (!serve_gateway (self, call, action) && !make_fault (self, call, action))
    serve (self, call, action);
}
