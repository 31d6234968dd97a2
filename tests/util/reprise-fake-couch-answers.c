/* reprise-fake-couch-answers.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "reprise-fake-couch-private.h"

static void
answer_revs_diff (Ask *ask, Base *base)
{
  RepriseCouchWalk walk = reprise_couch_walk (ask->body);
  g_autoptr (GString) json = g_string_new ("{");
  RepriseCouchSpan key, revs, rev;

  while (reprise_couch_walk_next_member (&walk, &key, &revs))
    {
      g_autofree char *id = reprise_couch_span_dup_string (key);
      Doc *doc = g_hash_table_lookup (base->docs, id);
      RepriseCouchWalk list = reprise_couch_walk (revs);
      g_autoptr (GString) missing = g_string_new (NULL);

      while (reprise_couch_walk_next_element (&list, &rev))
        {
          g_autofree char *text = reprise_couch_span_dup_string (rev);
          gboolean there = FALSE;

          for (guint i = 0; doc != NULL && i < doc->leaves->len; i++)
            there |= fake_couch_path_has (
              ((Leaf *) doc->leaves->pdata[i])->path,
              fake_couch_generation (((Leaf *) doc->leaves->pdata[i])->rev), text);
          if (!there)
            g_string_append_printf (missing, "%s\"%s\"", missing->len > 0 ? "," : "", text);
        }
      if (missing->len == 0)
        continue;
      if (json->len > 1)
        g_string_append_c (json, ',');
      reprise_couch_append_string (json, id);
      g_string_append_printf (json, ":{\"missing\":[%s]}", missing->str);
    }
  g_string_append_c (json, '}');
  fake_couch_answer (ask, 200, json->str);
}

/* POST {"keys":[…]}: a row for each, in their order */
static void
answer_keys (Ask *ask, Base *base)
{
  RepriseCouchWalk walk = reprise_couch_walk (reprise_couch_span_get (ask->body, "keys"));
  g_autoptr (GString) json = g_string_new ("{\"total_rows\":0,\"rows\":[");
  RepriseCouchSpan key;
  guint n = 0;

  while (reprise_couch_walk_next_element (&walk, &key))
    {
      g_autofree char *id = reprise_couch_span_dup_string (key);
      Doc *doc = g_hash_table_lookup (base->docs, id);

      if (n++ > 0)
        g_string_append_c (json, ',');
      if (doc == NULL)
        g_string_append_printf (json, "{\"key\":%.*s,\"error\":\"not_found\"}", (int) key.size,
                                key.data);
      else
        g_string_append_printf (json, "{\"id\":%.*s,\"key\":%.*s,\"value\":{\"rev\":\"%s\"%s}%s}",
                                (int) key.size, key.data, (int) key.size, key.data,
                                fake_couch_winner (doc)->rev,
                                fake_couch_winner (doc)->deleted ? ",\"deleted\":true" : "",
                                fake_couch_winner (doc)->deleted ? ",\"doc\":null" : "");
    }
  g_string_append (json, "]}");
  fake_couch_answer (ask, 200, json->str);
}

static void
answer_all_docs (Ask *ask, Base *base)
{
  g_autoptr (GString) json = g_string_new ("{\"total_rows\":0,\"offset\":0,\"rows\":[");
  g_autoptr (GList) ids = g_list_sort (g_hash_table_get_keys (base->docs), (GCompareFunc) strcmp);
  const char *start = g_hash_table_lookup (ask->query, "startkey");
  const char *limit_text = g_hash_table_lookup (ask->query, "limit");
  guint limit = limit_text != NULL ? (guint) atoi (limit_text) : G_MAXUINT, n = 0;
  g_autofree char *from =
    start != NULL ? reprise_couch_span_dup_string ((RepriseCouchSpan){ start, strlen (start) })
                  : g_strdup ("");
  const char *end = g_hash_table_lookup (ask->query, "endkey");
  g_autofree char *to =
    end != NULL ? reprise_couch_span_dup_string ((RepriseCouchSpan){ end, strlen (end) }) : NULL;

  for (GList *item = ids; item != NULL && n < limit; item = item->next)
    {
      Doc *doc = g_hash_table_lookup (base->docs, item->data);

      if (fake_couch_winner (doc)->deleted || strcmp (doc->id, from) < 0 ||
          (to != NULL && strcmp (doc->id, to) > 0))
        continue;
      g_string_append (json, n++ > 0 ? ",{\"id\":" : "{\"id\":");
      reprise_couch_append_string (json, doc->id);
      g_string_append_printf (json, ",\"key\":\"\",\"value\":{\"rev\":\"%s\"}",
                              fake_couch_winner (doc)->rev);
      g_string_append_c (json, '}');
    }
  g_string_append (json, "]}");
  fake_couch_answer (ask, 200, json->str);
}

static void
answer_purged (Ask *ask, Base *base)
{
  g_autoptr (GString) json = g_string_new ("{\"purged_infos\":[");

  for (guint i = 0; i < base->purged->len; i++)
    {
      g_string_append (json, i > 0 ? ",{\"id\":" : "{\"id\":");
      reprise_couch_append_string (json, base->purged->pdata[i]);
      g_string_append (json, ",\"revs\":[\"1-x\"]}");
    }
  g_string_append (json, "]}");
  fake_couch_answer (ask, 200, json->str);
}

static void
answer_locals (Ask *ask, Base *base)
{
  g_autoptr (GString) json = g_string_new ("{\"total_rows\":null,\"offset\":null,\"rows\":[");
  GHashTableIter iter;
  gpointer id, body;
  guint n = 0;

  g_hash_table_iter_init (&iter, base->locals);
  while (g_hash_table_iter_next (&iter, &id, &body))
    g_string_append_printf (
      json, "%s{\"id\":\"%s\",\"key\":\"%s\",\"value\":{\"rev\":\"0-1\"},\"doc\":%s}",
      n++ > 0 ? "," : "", (char *) id, (char *) id, (char *) body);
  g_string_append (json, "]}");
  fake_couch_answer (ask, 200, json->str);
}

static void
answer_attachment (Ask *ask, Base *base, const char *id, const char *name)
{
  Doc *doc = g_hash_table_lookup (base->docs, id);
  const char *rev = g_hash_table_lookup (ask->query, "rev");
  Leaf *leaf = doc == NULL   ? NULL
               : rev != NULL ? fake_couch_find_leaf (doc, rev)
                             : fake_couch_winner (doc);
  Attached *attached =
    leaf != NULL && leaf->attached != NULL ? g_hash_table_lookup (leaf->attached, name) : NULL;
  g_autofree char *accept = reprise_fault_call_dup_header (ask->call, "Accept-Encoding");
  g_autoptr (GBytes) other = NULL;
  gboolean zip, unzip;
  gsize size;
  gconstpointer data;

  if (attached == NULL)
    {
      fake_couch_answer_error (ask, 404, "not_found", "Document is missing attachment");
      return;
    }
  zip = ask->self->zips && !attached->gzip && accept != NULL && strstr (accept, "gzip") != NULL;
  unzip = attached->gzip && (accept == NULL || strstr (accept, "gzip") == NULL);
  data = g_bytes_get_data (attached->stored, &size);
  if (zip || unzip)
    {
      other = zip ? fake_couch_compress (data, size) : fake_couch_decompress (data, size);
      data = g_bytes_get_data (other, &size);
    }
  reprise_fault_print (ask->call,
                       "HTTP/1.1 200 OK\r\nContent-Type: %s\r\nETag: \"%s\"\r\n%s"
                       "Content-Length: %zu\r\n\r\n",
                       attached->type, attached->digest + 4,
                       (attached->gzip && !unzip) || zip ? "Content-Encoding: gzip\r\n" : "", size);
  if (fake_couch_is_at (ask, REPRISE_FAKE_FAULT_SHORT) ||
      fake_couch_is_at (ask, REPRISE_FAKE_FAULT_CUT))
    {
      reprise_fault_write (ask->call, data, MIN (ask->fault->value, size - 1));
      reprise_fault_close (ask->call);
      return;
    }
  if (fake_couch_is_at (ask, REPRISE_FAKE_FAULT_FLIP))
    {
      guint8 wrong = (guint8) ~*(const guint8 *) data;

      reprise_fault_write (ask->call, &wrong, 1);
      data = (const guint8 *) data + 1;
      size--;
    }
  reprise_fault_write (ask->call, data, size);
}

/* [{"ok":…},…]: all leaves, whatever list is asked for */
static void
answer_open_revs (Ask *ask, Doc *doc)
{
  g_autoptr (GString) json = g_string_new ("[");

  for (guint i = 0; i < doc->leaves->len; i++)
    {
      g_string_append (json, i > 0 ? ",{\"ok\":" : "{\"ok\":");
      fake_couch_print_leaf (json, doc, doc->leaves->pdata[i], TRUE, FALSE);
      g_string_append_c (json, '}');
    }
  g_string_append_c (json, ']');
  fake_couch_answer (ask, 200, json->str);
}

/* Where the part begins, of which @at is the first line. @end: (out): behind its last byte */
static const char *
read_part (const char *at, const char *boundary, const char **end)
{
  g_autofree char *mark = g_strdup_printf ("\r\n--%s", boundary);
  const char *data = strstr (at, "\r\n\r\n") + 4;
  const char *length = strstr (at, "Content-Length: ");

  if (length != NULL && length < data)
    *end = data + atoi (length + strlen ("Content-Length: "));
  else
    *end = strstr (data, mark);
  g_assert_true (g_str_has_prefix (*end, mark));
  return data;
}

/* The document and what follows it take the place of a multipart body. */
static void
read_related (Ask *ask, Base *base, const char *type)
{
  g_autofree char *boundary = g_strdup (strstr (type, "boundary=\"") + strlen ("boundary=\""));
  const char *at, *end;

  *strchr (boundary, '"') = '\0';
  g_assert_cmpuint (ask->call->body_size, ==, ask->body.size);
  g_assert_true (strncmp (ask->body.data, "--", 2) == 0);
  at = read_part (ask->body.data, boundary, &end);
  ask->body = (RepriseCouchSpan){ at, (gsize) (end - at) };
  base->following = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  for (at = end + strlen (boundary) + 4; strncmp (at, "--", 2) != 0;
       at = end + strlen (boundary) + 4)
    {
      const char *data = read_part (at, boundary, &end);

      g_ptr_array_add (base->following, g_bytes_new (data, (gsize) (end - data)));
    }
}

static void
answer_document (Ask *ask, Base *base, const char *id)
{
  g_autofree char *type = reprise_fault_call_dup_header (ask->call, "Content-Type");
  gboolean old = g_strcmp0 (g_hash_table_lookup (ask->query, "new_edits"), "false") == 0;
  g_autoptr (GString) json = g_string_new (NULL);
  Doc *doc = g_hash_table_lookup (base->docs, id);
  const char *error;

  if (g_str_equal (ask->call->method, "GET") && g_hash_table_contains (ask->query, "open_revs"))
    {
      if (doc == NULL)
        fake_couch_answer_error (ask, 404, "not_found", "missing");
      else
        answer_open_revs (ask, doc);
      return;
    }
  if (g_str_equal (ask->call->method, "GET") && g_hash_table_contains (ask->query, "rev"))
    {
      Leaf *leaf = fake_couch_find_leaf (doc, g_hash_table_lookup (ask->query, "rev"));

      if (leaf == NULL)
        {
          fake_couch_answer_error (ask, 404, "not_found", "missing");
          return;
        }
      fake_couch_print_leaf (json, doc, leaf, FALSE, FALSE);
      fake_couch_answer (ask, 200, json->str);
      return;
    }
  if (g_str_equal (ask->call->method, "GET"))
    {
      if (doc == NULL || fake_couch_winner (doc)->deleted)
        {
          fake_couch_answer_error (ask, 404, "not_found", doc != NULL ? "deleted" : "missing");
          return;
        }
      fake_couch_print_leaf (json, doc, fake_couch_winner (doc),
                             g_strcmp0 (g_hash_table_lookup (ask->query, "revs"), "true") == 0,
                             FALSE);
      fake_couch_answer (ask, 200, json->str);
      return;
    }
  if (type != NULL && g_str_has_prefix (type, "multipart/related"))
    read_related (ask, base, type);
  if (old)
    error = fake_couch_write_old_edit (base, ask->body) ? NULL : "missing_stub";
  else
    error = fake_couch_write_new_edit (base, ask->body, json);
  g_clear_pointer (&base->following, g_ptr_array_unref);
  if (error != NULL)
    fake_couch_answer_error (ask, g_str_equal (error, "conflict") ? 409 : 412, error, "as it is");
  else
    reprise_fault_answer (ask->call, 201, "application/json",
                          json->len > 0 ? json->str : "{\"ok\":true}");
}

static void
answer_local (Ask *ask, Base *base, const char *name)
{
  g_autofree char *id = g_strconcat ("_local/", name, NULL);

  if (g_str_equal (ask->call->method, "PUT"))
    {
      g_hash_table_replace (base->locals, g_steal_pointer (&id),
                            g_strndup (ask->body.data, ask->body.size));
      fake_couch_answer (ask, 201, "{\"ok\":true}");
    }
  else if (g_str_equal (ask->call->method, "DELETE"))
    {
      if (g_hash_table_remove (base->locals, id))
        fake_couch_answer (ask, 200, "{\"ok\":true}");
      else
        fake_couch_answer_error (ask, 404, "not_found", "missing");
    }
  else if (g_hash_table_contains (base->locals, id))
    {
      const char *body = g_hash_table_lookup (base->locals, id);
      g_autofree char *full = strstr (body, "\"_rev\"") != NULL
                                ? g_strdup (body)
                                : g_strconcat ("{\"_rev\":\"0-1\",", body + 1, NULL);

      fake_couch_answer (ask, 200, full);
    }
  else
    fake_couch_answer_error (ask, 404, "not_found", "missing");
}

static void
answer_security (Ask *ask, Base *base)
{
  if (g_str_equal (ask->call->method, "PUT"))
    {
      g_free (base->security);
      base->security = g_strndup (ask->body.data, ask->body.size);
      fake_couch_answer (ask, 200, "{\"ok\":true}");
    }
  else
    fake_couch_answer (ask, 200, base->security);
}

static void
answer_in_base (Ask *ask, Base *base)
{
  char **segments = ask->segments;
  const char *what = segments[1];

  if (what == NULL)
    fake_couch_answer_info (ask, base);
  else if (g_str_equal (what, "_changes"))
    fake_couch_answer_changes (ask, base);
  else if (g_str_equal (what, "_bulk_get"))
    fake_couch_answer_bulk_get (ask, base);
  else if (g_str_equal (what, "_bulk_docs"))
    fake_couch_answer_bulk_docs (ask, base);
  else if (g_str_equal (what, "_revs_diff"))
    answer_revs_diff (ask, base);
  else if (g_str_equal (what, "_all_docs") && g_str_equal (ask->call->method, "POST"))
    answer_keys (ask, base);
  else if (g_str_equal (what, "_all_docs"))
    answer_all_docs (ask, base);
  else if (g_str_equal (what, "_purged_infos"))
    answer_purged (ask, base);
  else if (g_str_equal (what, "_local_docs"))
    answer_locals (ask, base);
  else if (g_str_equal (what, "_security"))
    answer_security (ask, base);
  else if (g_str_equal (what, "_revs_limit"))
    fake_couch_answer (ask, 200, "1000");
  else if (g_str_equal (what, "_local"))
    answer_local (ask, base, segments[2]);
  else if (g_str_equal (what, "_design"))
    {
      g_autofree char *id = g_strconcat ("_design/", segments[2], NULL);

      if (segments[3] != NULL)
        answer_attachment (ask, base, id, segments[3]);
      else
        answer_document (ask, base, id);
    }
  else if (segments[2] != NULL)
    answer_attachment (ask, base, what, segments[2]);
  else
    answer_document (ask, base, what);
}

void
fake_couch_answer_session (Ask *ask)
{
  RepriseFakeCouch *self = ask->self;
  g_autofree char *name = NULL, *password = NULL;

  if (g_str_equal (ask->call->method, "GET"))
    {
      g_autofree char *text = g_strdup_printf (
        "{\"ok\":true,\"userCtx\":{\"name\":\"%s\",\"roles\":[\"_admin\"]},\"info\":{}}",
        self->account != NULL ? self->account : "nobody");

      fake_couch_answer (ask, 200, text);
      return;
    }
  self->n_sign_ins++;
  name = reprise_couch_span_dup_string (reprise_couch_span_get (ask->body, "name"));
  password = reprise_couch_span_dup_string (reprise_couch_span_get (ask->body, "password"));
  if (g_strcmp0 (name, self->account) != 0 || g_strcmp0 (password, self->password) != 0)
    {
      fake_couch_answer_error (ask, 401, "unauthorized", "Name or password is incorrect.");
      return;
    }
  reprise_fault_print (ask->call,
                       "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nSet-Cookie: "
                       "AuthSession=%s; Version=1; Max-Age=600; Path=/; HttpOnly\r\n"
                       "Content-Length: 11\r\n\r\n{\"ok\":true}",
                       self->cookie);
}

void
fake_couch_answer_all_dbs (Ask *ask)
{
  g_autoptr (GList) names =
    g_list_sort (g_hash_table_get_keys (ask->self->bases), (GCompareFunc) strcmp);
  g_autoptr (GString) json = g_string_new ("[");

  for (GList *item = names; item != NULL; item = item->next)
    g_string_append_printf (json, "%s\"%s\"", item != names ? "," : "", (char *) item->data);
  g_string_append_c (json, ']');
  fake_couch_answer (ask, 200, json->str);
}

gboolean
fake_couch_is_signed_in (Ask *ask)
{
  g_autofree char *cookie = reprise_fault_call_dup_header (ask->call, "Cookie");
  g_autofree char *wanted = g_strconcat ("AuthSession=", ask->self->cookie, NULL);

  return ask->self->account == NULL || g_strcmp0 (cookie, wanted) == 0;
}

void
fake_couch_answer_base (Ask *ask)
{
  RepriseFakeCouch *self = ask->self;
  const char *name = ask->segments[0];
  Base *base = fake_couch_get_base (self, name);

  if (ask->segments[1] == NULL && g_str_equal (ask->call->method, "PUT"))
    {
      if (base != NULL)
        {
          fake_couch_answer_error (ask, 412, "file_exists", "The database could not be created.");
          return;
        }
      fake_couch_make_base (self, name);
      reprise_fault_answer (ask->call, 201, "application/json", "{\"ok\":true}");
    }
  else if (base == NULL)
    fake_couch_answer_error (ask, 404, "not_found", "Database does not exist.");
  else if (ask->segments[1] == NULL && g_str_equal (ask->call->method, "DELETE"))
    {
      g_hash_table_remove (self->bases, name);
      fake_couch_answer (ask, 200, "{\"ok\":true}");
    }
  else
    answer_in_base (ask, base);
}

/* ---- the server ---- */
