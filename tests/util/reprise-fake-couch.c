/* reprise-fake-couch.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "reprise-fake-couch-private.h"

static Fault *
take_fault (RepriseFakeCouch *self, const char *path)
{
  for (guint i = 0; i < self->faults->len; i++)
    {
      Fault *fault = self->faults->pdata[i];

      if (strstr (path, fault->path) == NULL || fault->times == 0)
        continue;
      if (fault->skip > 0)
        {
          fault->skip--;
          continue;
        }
      fault->times--;
      self->n_faults++;
      return fault;
    }
  return NULL;
}

static gboolean
answer_fault (Ask *ask)
{
  Fault *fault = ask->fault;

  if (fault == NULL || fake_couch_is_of_body (fault))
    return FALSE;
  if (fault->fault == REPRISE_FAKE_FAULT_RESET)
    reprise_fault_reset (ask->call);
  else if (fault->fault == REPRISE_FAKE_FAULT_HTML)
    reprise_fault_answer (ask->call, 200, "text/html", "<html>Sign in to the gateway</html>");
  else if (fault->fault == REPRISE_FAKE_FAULT_RETRY_AFTER)
    reprise_fault_print (
      ask->call, "HTTP/1.1 429 Too Many Requests\r\nRetry-After: %u\r\nContent-Length: 0\r\n\r\n",
      fault->value);
  else if (fault->fault == REPRISE_FAKE_FAULT_GATEWAY)
    reprise_fault_answer (ask->call, fault->value, "text/html", "<html>No backend</html>");
  else if (fault->fault == REPRISE_FAKE_FAULT_OTHER)
    reprise_fault_answer (ask->call, 200, "application/json", "{\"ok\":true}\n");
  else if (fault->fault == REPRISE_FAKE_FAULT_TOO_LARGE)
    fake_couch_answer_error (ask, 413, "too_large", "the request entity is too large");
  else
    fake_couch_answer_error (ask, fault->value, "too_many_requests", "as the test wants");
  return TRUE;
}

static void
note_call (RepriseFakeCouch *self, RepriseFaultCall *call)
{
  static const char *const READS[] = { "_bulk_get", "_revs_diff", "_session",
                                       "_changes",  "_all_docs",  NULL };
  gboolean writes = !g_str_equal (call->method, "GET") && !g_str_equal (call->method, "HEAD");

  for (guint i = 0; READS[i] != NULL; i++)
    if (g_str_equal (call->method, "POST") && strstr (call->path, READS[i]) != NULL)
      writes = FALSE;
  self->n_writes += writes;
  g_ptr_array_add (self->calls, g_strconcat (call->method, " ", call->path, NULL));
}

/* What others do just before the call is answered. */
static void
let_others_write (RepriseFakeCouch *self, const char *call)
{
  for (guint i = 0; i < self->others->len; i++)
    {
      Other *other = self->others->pdata[i];
      Base *base = fake_couch_get_base (self, other->database);
      Doc *doc;

      if (other->times == 0 || base == NULL || strstr (call, other->call) == NULL)
        continue;
      if (other->skip > 0)
        {
          other->skip--;
          continue;
        }
      other->times--;
      doc = fake_couch_need_doc (base, other->id);
      fake_couch_edit (base, doc, doc->leaves->len > 0 ? fake_couch_winner (doc) : NULL,
                       other->members != NULL ? other->members : "", other->members == NULL);
    }
}

static void
parse_call (Ask *ask)
{
  const char *path = ask->call->path;
  char **raw = g_strsplit (*path == '/' ? path + 1 : path, "/", -1);

  g_assert_null (strchr (path, '+')); /* would be a space */
  for (guint i = 0; raw[i] != NULL; i++)
    {
      char *plain = g_uri_unescape_string (raw[i], NULL);

      g_assert_nonnull (plain);
      g_free (raw[i]);
      raw[i] = plain;
    }
  ask->segments = raw;
  ask->query = g_uri_parse_params (ask->call->query, -1, "&", G_URI_PARAMS_WWW_FORM, NULL);
  if (ask->call->body != NULL)
    ask->body.data = g_bytes_get_data (ask->call->body, &ask->body.size);
}

/* To whoever plays that part of the server. */
static gboolean
answer_extension (Ask *ask)
{
  RepriseFakeCouch *self = ask->self;
  gboolean answered;

  if (self->extension == NULL || ask->segments[0] == NULL ||
      (!g_str_equal (ask->segments[0], "_replicator") &&
       !g_str_equal (ask->segments[0], "_scheduler") && !g_str_equal (ask->segments[0], "_api")) ||
      !fake_couch_is_signed_in (ask))
    return FALSE;
  g_mutex_unlock (&self->mutex);
  g_rw_lock_reader_lock (&self->answering);
  answered =
    self->extension != NULL && self->extension (ask->call, ask->segments, self->extension_data);
  g_rw_lock_reader_unlock (&self->answering);
  g_mutex_lock (&self->mutex);
  return answered;
}

static void
handle_cb (RepriseFaultCall *call, gpointer user_data)
{
  Ask ask = { .self = user_data, .call = call };
  RepriseFakeCouch *self = user_data;

  parse_call (&ask);
  g_mutex_lock (&self->mutex);
  note_call (self, call);
  let_others_write (self, self->calls->pdata[self->calls->len - 1]);
  ask.fault = take_fault (self, call->path);
  if (answer_fault (&ask) || answer_extension (&ask))
    ;
  else if (ask.segments[0] == NULL || *ask.segments[0] == '\0')
    fake_couch_answer (
      &ask, 200,
      "{\"couchdb\":\"Welcome\",\"version\":\"3.5.0\",\"uuid\":\"0f0f0f0f\",\"features\":[],"
      "\"vendor\":{}}");
  else if (g_str_equal (ask.segments[0], "_session"))
    fake_couch_answer_session (&ask);
  else if (!fake_couch_is_signed_in (&ask))
    fake_couch_answer_error (&ask, 401, "unauthorized",
                             "You are not authorized to access this db.");
  else if (g_str_equal (ask.segments[0], "_all_dbs"))
    fake_couch_answer_all_dbs (&ask);
  else
    fake_couch_answer_base (&ask);
  g_mutex_unlock (&self->mutex);
  g_strfreev (ask.segments);
  g_hash_table_unref (ask.query);
}

/* @account: (nullable): who must sign in */
RepriseFakeCouch *
reprise_fake_couch_new (const char *account, const char *password)
{
  RepriseFakeCouch *self = g_new0 (RepriseFakeCouch, 1);

  g_rw_lock_init (&self->answering);
  g_mutex_init (&self->mutex);
  self->bases = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, fake_couch_base_free);
  self->faults = g_ptr_array_new_with_free_func (fake_couch_fault_free);
  self->calls = g_ptr_array_new_with_free_func (g_free);
  self->others = g_ptr_array_new_with_free_func (fake_couch_other_free);
  self->account = g_strdup (account);
  self->password = g_strdup (password);
  self->cookie = g_strdup ("c29tZS1jb29raWU");
  self->server = reprise_fault_server_new (handle_cb, self);
  return self;
}

void
reprise_fake_couch_free (RepriseFakeCouch *self)
{
  reprise_fault_server_free (self->server);
  g_hash_table_unref (self->bases);
  g_ptr_array_unref (self->faults);
  g_ptr_array_unref (self->calls);
  g_ptr_array_unref (self->others);
  g_free (self->account);
  g_free (self->password);
  g_free (self->cookie);
  g_rw_lock_clear (&self->answering);
  g_mutex_clear (&self->mutex);
  g_free (self);
}

char *
reprise_fake_couch_dup_address (RepriseFakeCouch *self)
{
  return reprise_fault_server_dup_address (self->server);
}

/* After @skip answers to paths that hold @path, @times of them are spoilt. */
void
reprise_fake_couch_fail (RepriseFakeCouch *self,
                         const char *path,
                         RepriseFakeFault fault,
                         guint value,
                         guint skip,
                         guint times)
{
  Fault *entry = g_new0 (Fault, 1);

  entry->path = g_strdup (path);
  entry->fault = fault;
  entry->value = value;
  entry->skip = skip;
  entry->times = times;
  g_mutex_lock (&self->mutex);
  g_ptr_array_add (self->faults, entry);
  g_mutex_unlock (&self->mutex);
}

/* As CouchDB before 3.3, and Cloudant: nobody says when a database was made. */
void
reprise_fake_couch_forget_ages (RepriseFakeCouch *self)
{
  g_mutex_lock (&self->mutex);
  self->ageless = TRUE;
  g_mutex_unlock (&self->mutex);
}

/* All is well from now on. */
void
reprise_fake_couch_fail_no_more (RepriseFakeCouch *self)
{
  g_mutex_lock (&self->mutex);
  g_ptr_array_set_size (self->faults, 0);
  g_mutex_unlock (&self->mutex);
}

guint
reprise_fake_couch_get_n_faults (RepriseFakeCouch *self)
{
  return self->n_faults;
}

guint
reprise_fake_couch_get_n_writes (RepriseFakeCouch *self)
{
  return self->n_writes;
}

/* How many requests had @path in them. */
guint
reprise_fake_couch_get_n_calls (RepriseFakeCouch *self, const char *path)
{
  guint n = 0;

  g_mutex_lock (&self->mutex);
  for (guint i = 0; i < self->calls->len; i++)
    n += strstr (self->calls->pdata[i], path) != NULL;
  g_mutex_unlock (&self->mutex);
  return n;
}

guint
reprise_fake_couch_get_n_sign_ins (RepriseFakeCouch *self)
{
  return self->n_sign_ins;
}

/* Everybody has to sign in again. */
void
reprise_fake_couch_forget_sessions (RepriseFakeCouch *self)
{
  g_mutex_lock (&self->mutex);
  g_free (self->cookie);
  self->cookie = g_strdup_printf ("c29tZS1jb29raWU%u", self->n_sign_ins);
  g_mutex_unlock (&self->mutex);
}

/* Sequences from before are no longer found: all comes again. */
void
reprise_fake_couch_rewind (RepriseFakeCouch *self, const char *database)
{
  g_mutex_lock (&self->mutex);
  fake_couch_get_base (self, database)->rewound = fake_couch_get_base (self, database)->seq + 1;
  g_mutex_unlock (&self->mutex);
}

void
reprise_fake_couch_make (RepriseFakeCouch *self, const char *database)
{
  g_mutex_lock (&self->mutex);
  fake_couch_make_base (self, database);
  g_mutex_unlock (&self->mutex);
}

void
reprise_fake_couch_drop (RepriseFakeCouch *self, const char *database)
{
  g_mutex_lock (&self->mutex);
  g_hash_table_remove (self->bases, database);
  g_mutex_unlock (&self->mutex);
}

/* An fake_couch_edit on the fake_couch_winner. Returns: (transfer full): the new revision */
char *
reprise_fake_couch_put (RepriseFakeCouch *self,
                        const char *database,
                        const char *id,
                        const char *members)
{
  char *rev;
  Base *base;
  Doc *doc;

  g_mutex_lock (&self->mutex);
  base = fake_couch_get_base (self, database);
  doc = fake_couch_need_doc (base, id);
  rev = g_strdup (fake_couch_edit (base, doc, doc->leaves->len > 0 ? fake_couch_winner (doc) : NULL,
                                   members, FALSE)
                    ->rev);
  g_mutex_unlock (&self->mutex);
  return rev;
}

/* A revision by its name, on @parent (nullable): so conflicts are made. Returns: (transfer full) @rev */
char *
reprise_fake_couch_put_rev (RepriseFakeCouch *self,
                            const char *database,
                            const char *id,
                            const char *rev,
                            const char *parent,
                            const char *members,
                            gboolean deleted)
{
  Leaf *leaf = fake_couch_leaf_new (rev, members, deleted);
  Base *base;

  if (parent != NULL)
    g_ptr_array_add (leaf->path, g_strdup (strchr (parent, '-') + 1));
  g_mutex_lock (&self->mutex);
  base = fake_couch_get_base (self, database);
  fake_couch_insert (base, fake_couch_need_doc (base, id), leaf);
  g_mutex_unlock (&self->mutex);
  return g_strdup (rev);
}

void
reprise_fake_couch_delete (RepriseFakeCouch *self, const char *database, const char *id)
{
  Base *base;
  Doc *doc;

  g_mutex_lock (&self->mutex);
  base = fake_couch_get_base (self, database);
  doc = g_hash_table_lookup (base->docs, id);
  fake_couch_edit (base, doc, fake_couch_winner (doc), "", TRUE);
  g_mutex_unlock (&self->mutex);
}

/* Just before a call with @call in it, “POST /orders/_bulk_docs”, is answered, after @skip of them, and at @times of them: somebody
 * else's fake_couch_edit. @members: (nullable): deletes the document */
void
reprise_fake_couch_put_meanwhile (RepriseFakeCouch *self,
                                  const char *call,
                                  guint skip,
                                  guint times,
                                  const char *database,
                                  const char *id,
                                  const char *members)
{
  Other *other = g_new0 (Other, 1);

  other->call = g_strdup (call);
  other->database = g_strdup (database);
  other->id = g_strdup (id);
  other->members = g_strdup (members);
  other->skip = skip;
  other->times = times;
  g_mutex_lock (&self->mutex);
  g_ptr_array_add (self->others, other);
  g_mutex_unlock (&self->mutex);
}

void
reprise_fake_couch_purge (RepriseFakeCouch *self, const char *database, const char *id)
{
  Base *base;

  g_mutex_lock (&self->mutex);
  base = fake_couch_get_base (self, database);
  g_hash_table_remove (base->docs, id);
  g_ptr_array_add (base->purged, g_strdup (id));
  base->purge_seq++;
  g_mutex_unlock (&self->mutex);
}

/* As a server does that keeps a limited number of them. */
void
reprise_fake_couch_forget_purges (RepriseFakeCouch *self, const char *database)
{
  g_mutex_lock (&self->mutex);
  g_ptr_array_set_size (fake_couch_get_base (self, database)->purged, 0);
  g_mutex_unlock (&self->mutex);
}

/* An fake_couch_edit that only brings an attachment. */
void
reprise_fake_couch_attach (RepriseFakeCouch *self,
                           const char *database,
                           const char *id,
                           const char *name,
                           const char *type,
                           gconstpointer data,
                           gsize size)
{
  g_autofree char *members = NULL;
  GHashTableIter iter;
  gpointer key, value;
  Leaf *old, *leaf;
  GHashTable *attached;
  Base *base;
  Doc *doc;

  g_mutex_lock (&self->mutex);
  base = fake_couch_get_base (self, database);
  doc = g_hash_table_lookup (base->docs, id);
  old = fake_couch_winner (doc);
  attached = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, fake_couch_attached_free);
  if (old->attached != NULL)
    {
      g_hash_table_iter_init (&iter, old->attached);
      while (g_hash_table_iter_next (&iter, &key, &value))
        g_hash_table_insert (attached, g_strdup (key), fake_couch_attached_copy (value));
    }
  g_hash_table_replace (
    attached, g_strdup (name),
    fake_couch_attached_new (type, data, size, fake_couch_generation (old->rev) + 1));
  members = g_strdup (old->members);
  leaf = fake_couch_edit (base, doc, old, members, FALSE);
  leaf->attached = attached;
  g_mutex_unlock (&self->mutex);
}

/* From now on it keeps @id wrongly, and says nothing. */
void
reprise_fake_couch_spoil (RepriseFakeCouch *self, const char *database, const char *id)
{
  Base *base;

  g_mutex_lock (&self->mutex);
  base = fake_couch_get_base (self, database);
  g_free (base->spoilt);
  base->spoilt = g_strdup (id);
  g_mutex_unlock (&self->mutex);
}

/* From now on it compresses attachments on the way, as a proxy does, for those who accept it: the digest is of the plain bytes. */
void
reprise_fake_couch_zip (RepriseFakeCouch *self)
{
  g_mutex_lock (&self->mutex);
  self->zips = TRUE;
  g_mutex_unlock (&self->mutex);
}

/* @id: with “_local/” */
void
reprise_fake_couch_put_local (RepriseFakeCouch *self,
                              const char *database,
                              const char *id,
                              const char *body)
{
  g_mutex_lock (&self->mutex);
  g_hash_table_replace (fake_couch_get_base (self, database)->locals, g_strdup (id),
                        g_strdup (body));
  g_mutex_unlock (&self->mutex);
}

void
reprise_fake_couch_drop_local (RepriseFakeCouch *self, const char *database, const char *id)
{
  g_mutex_lock (&self->mutex);
  g_hash_table_remove (fake_couch_get_base (self, database)->locals, id);
  g_mutex_unlock (&self->mutex);
}

void
reprise_fake_couch_set_security (RepriseFakeCouch *self, const char *database, const char *json)
{
  g_mutex_lock (&self->mutex);
  g_free (fake_couch_get_base (self, database)->security);
  fake_couch_get_base (self, database)->security = g_strdup (json);
  g_mutex_unlock (&self->mutex);
}

/* Live documents; 0 where there is no such database. */
guint
reprise_fake_couch_count (RepriseFakeCouch *self, const char *database)
{
  guint n;

  g_mutex_lock (&self->mutex);
  n = fake_couch_get_base (self, database) != NULL
        ? fake_couch_count_docs (fake_couch_get_base (self, database), FALSE)
        : 0;
  g_mutex_unlock (&self->mutex);
  return n;
}

/* All that a restore should bring back: each leaf with its ancestors and the digests of its attachments, in the order of ids. */
char *
reprise_fake_couch_dump (RepriseFakeCouch *self, const char *database)
{
  GString *text = g_string_new (NULL);
  Base *base;

  g_mutex_lock (&self->mutex);
  base = fake_couch_get_base (self, database);
  if (base != NULL)
    {
      g_autoptr (GList) ids =
        g_list_sort (g_hash_table_get_keys (base->docs), (GCompareFunc) strcmp);

      for (GList *item = ids; item != NULL; item = item->next)
        {
          Doc *doc = g_hash_table_lookup (base->docs, item->data);

          for (guint i = 0; i < doc->leaves->len; i++)
            {
              fake_couch_print_leaf (text, doc, doc->leaves->pdata[i], TRUE, FALSE);
              g_string_append_c (text, '\n');
            }
        }
    }
  g_mutex_unlock (&self->mutex);
  return g_string_free (text, FALSE);
}

/* ---- for the parts in files of their own ---- */

/* Waits until nobody answers by the former one any more. */
void
reprise_fake_couch_set_extension (RepriseFakeCouch *self,
                                  RepriseFakeExtension extension,
                                  gpointer user_data)
{
  g_rw_lock_writer_lock (&self->answering);
  self->extension = extension;
  self->extension_data = user_data;
  g_rw_lock_writer_unlock (&self->answering);
}

gboolean
reprise_fake_couch_accepts (RepriseFakeCouch *self, const char *account, const char *password)
{
  return self->account == NULL ||
         (g_strcmp0 (account, self->account) == 0 && g_strcmp0 (password, self->password) == 0);
}

static Leaf *
leaf_copy (const Leaf *from)
{
  Leaf *leaf = g_new0 (Leaf, 1);
  GHashTableIter iter;
  gpointer key, value;

  leaf->rev = g_strdup (from->rev);
  leaf->path = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < from->path->len; i++)
    g_ptr_array_add (leaf->path, g_strdup (from->path->pdata[i]));
  leaf->members = g_strdup (from->members);
  leaf->deleted = from->deleted;
  if (from->attached == NULL)
    return leaf;
  leaf->attached =
    g_hash_table_new_full (g_str_hash, g_str_equal, g_free, fake_couch_attached_free);
  g_hash_table_iter_init (&iter, from->attached);
  while (g_hash_table_iter_next (&iter, &key, &value))
    g_hash_table_insert (leaf->attached, g_strdup (key), fake_couch_attached_copy (value));
  return leaf;
}

static void
copy_doc (RepriseFakeCopy *copy, Base *target, Doc *doc)
{
  for (guint i = 0; i < doc->leaves->len; i++)
    {
      copy->n_read++;
      if (copy->n_refused > 0)
        {
          copy->n_refused--;
          copy->n_failures++;
          continue;
        }
      copy->n_written++;
      fake_couch_insert (target, fake_couch_need_doc (target, doc->id),
                         leaf_copy (doc->leaves->pdata[i]));
    }
}

/* Under the locks of both. */
static const char *
copy_all (RepriseFakeCopy *copy)
{
  Base *source = fake_couch_get_base (copy->from, copy->source),
       *target = fake_couch_get_base (copy->to, copy->target);
  g_autoptr (GList) ids = NULL;
  guint since;

  if (source == NULL || (target == NULL && !copy->create))
    return "db_not_found: could not open the database";
  if (!fake_couch_read_since (source, copy->since, &since))
    return "Malformed sequence";
  if (target == NULL)
    target = fake_couch_make_base (copy->to, copy->target);
  ids = g_list_sort (g_hash_table_get_keys (source->docs), (GCompareFunc) strcmp);
  for (GList *item = ids; item != NULL; item = item->next)
    {
      Doc *doc = g_hash_table_lookup (source->docs, item->data);

      if (doc->seq > since && !g_str_has_prefix (doc->id, "_design/"))
        copy_doc (copy, target, doc);
    }
  g_free (copy->last);
  copy->last = fake_couch_print_seq (source, source->seq);
  return NULL;
}

const char *
reprise_fake_couch_copy (RepriseFakeCopy *copy)
{
  RepriseFakeCouch *first = MIN (copy->from, copy->to), *second = MAX (copy->from, copy->to);
  const char *wrong;

  g_mutex_lock (&first->mutex);
  if (second != first)
    g_mutex_lock (&second->mutex);
  wrong = copy_all (copy);
  if (second != first)
    g_mutex_unlock (&second->mutex);
  g_mutex_unlock (&first->mutex);
  return wrong;
}

/* (transfer full) (nullable) */
char *
reprise_fake_couch_dup_local (RepriseFakeCouch *self, const char *database, const char *id)
{
  Base *base;
  char *text;

  g_mutex_lock (&self->mutex);
  base = fake_couch_get_base (self, database);
  text = base != NULL ? g_strdup (g_hash_table_lookup (base->locals, id)) : NULL;
  g_mutex_unlock (&self->mutex);
  return text;
}

gboolean
reprise_fake_couch_has (RepriseFakeCouch *self, const char *database)
{
  gboolean has;

  g_mutex_lock (&self->mutex);
  has = fake_couch_get_base (self, database) != NULL;
  g_mutex_unlock (&self->mutex);
  return has;
}

/* (transfer full): the names of all databases, sorted */
char **
reprise_fake_couch_list (RepriseFakeCouch *self)
{
  g_autoptr (GList) names = NULL;
  GPtrArray *array = g_ptr_array_new ();

  g_mutex_lock (&self->mutex);
  names = g_list_sort (g_hash_table_get_keys (self->bases), (GCompareFunc) strcmp);
  for (GList *item = names; item != NULL; item = item->next)
    g_ptr_array_add (array, g_strdup (item->data));
  g_mutex_unlock (&self->mutex);
  g_ptr_array_add (array, NULL);
  return (char **) g_ptr_array_free (array, FALSE);
}
