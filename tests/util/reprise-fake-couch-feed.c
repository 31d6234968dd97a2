/* reprise-fake-couch-feed.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "reprise-fake-couch-private.h"

/* Whether the fault is one of the fake_couch_answer's body, which is worked out all the same. */
gboolean
fake_couch_is_of_body (const Fault *fault)
{
  return fault != NULL &&
         (fault->fault == REPRISE_FAKE_FAULT_CUT || fault->fault == REPRISE_FAKE_FAULT_SHORT ||
          fault->fault == REPRISE_FAKE_FAULT_MIDDLE || fault->fault == REPRISE_FAKE_FAULT_TWICE ||
          fault->fault == REPRISE_FAKE_FAULT_PENDING || fault->fault == REPRISE_FAKE_FAULT_FLIP);
}

gboolean
fake_couch_is_at (Ask *ask, RepriseFakeFault fault)
{
  return ask->fault != NULL && ask->fault->fault == fault;
}

static void
send_chunks (Ask *ask, guint status, const char *text, gsize size)
{
  gboolean cut = fake_couch_is_at (ask, REPRISE_FAKE_FAULT_CUT),
           middle = fake_couch_is_at (ask, REPRISE_FAKE_FAULT_MIDDLE);
  gsize limit = cut || middle ? MIN (ask->fault->value, size) : size;

  reprise_fault_print (ask->call,
                       "HTTP/1.1 %u OK\r\nContent-Type: application/json\r\n"
                       "Transfer-Encoding: chunked\r\n\r\n",
                       status);
  for (gsize at = 0; at < limit;)
    {
      gsize n = MIN (4096, limit - at);

      reprise_fault_print (ask->call, "%zx\r\n", n);
      reprise_fault_write (ask->call, text + at, n);
      reprise_fault_print (ask->call, "\r\n");
      at += n;
    }
  if (middle)
    {
      static const char ERROR[] = "{\"error\":\"timeout\",\"reason\":\"in the middle\"}";

      reprise_fault_print (ask->call, "%zx\r\n%s\r\n0\r\n\r\n", strlen (ERROR), ERROR);
    }
  else if (cut)
    reprise_fault_close (ask->call);
  else
    reprise_fault_print (ask->call, "0\r\n\r\n");
}

/* Less than was announced. */
static void
send_short (Ask *ask, guint status, const char *text, gsize size)
{
  reprise_fault_print (ask->call,
                       "HTTP/1.1 %u OK\r\nContent-Type: application/json\r\n"
                       "Content-Length: %zu\r\n\r\n",
                       status, size);
  reprise_fault_write (ask->call, text, MIN (ask->fault->value, size - 1));
  reprise_fault_close (ask->call);
}

void
fake_couch_answer (Ask *ask, guint status, const char *text)
{
  if (fake_couch_is_at (ask, REPRISE_FAKE_FAULT_SHORT))
    send_short (ask, status, text, strlen (text));
  else if (strlen (text) > 8192 || fake_couch_is_at (ask, REPRISE_FAKE_FAULT_CUT) ||
           fake_couch_is_at (ask, REPRISE_FAKE_FAULT_MIDDLE))
    send_chunks (ask, status, text, strlen (text));
  else
    reprise_fault_answer (ask->call, status, "application/json", text);
}

void
fake_couch_answer_error (Ask *ask, guint status, const char *error, const char *reason)
{
  g_autofree char *text = g_strdup_printf ("{\"error\":\"%s\",\"reason\":\"%s\"}", error, reason);

  reprise_fault_answer (ask->call, status, "application/json", text);
}

guint
fake_couch_count_docs (Base *base, gboolean deleted)
{
  GHashTableIter iter;
  gpointer value;
  guint n = 0;

  g_hash_table_iter_init (&iter, base->docs);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    n += fake_couch_winner (value)->deleted == deleted;
  return n;
}

char *
fake_couch_print_seq (Base *base, guint seq)
{
  return g_strdup_printf ("%u-%s%x", seq, base->marker, seq * 7919);
}

void
fake_couch_answer_info (Ask *ask, Base *base)
{
  g_autofree char *seq = fake_couch_print_seq (base, base->seq);
  g_autofree char *text = g_strdup_printf (
    "{\"db_name\":\"%s\",\"doc_count\":%u,\"doc_del_count\":%u,\"update_seq\":\"%s\","
    "\"purge_seq\":\"%u-x\",\"sizes\":{\"file\":9999,\"external\":4242,\"active\":5000},"
    "\"props\":{},\"cluster\":{\"q\":2,\"n\":1,\"w\":1,\"r\":1},\"instance_start_time\":"
    "\"%" G_GINT64_FORMAT "\"}",
    base->name, fake_couch_count_docs (base, FALSE), fake_couch_count_docs (base, TRUE), seq,
    base->purge_seq, ask->self->ageless ? 0 : base->created);

  fake_couch_answer (ask, 200, text);
}

static int
compare_seqs (gconstpointer a, gconstpointer b)
{
  const Doc *x = *(Doc **) a, *y = *(Doc **) b;

  return x->seq < y->seq ? -1 : x->seq > y->seq;
}

gboolean
fake_couch_read_since (Base *base, const char *since, guint *seq)
{
  const char *dash;

  *seq = 0;
  if (since == NULL || g_str_equal (since, "0"))
    return TRUE;
  if (g_str_equal (since, "now"))
    {
      *seq = base->seq;
      return TRUE;
    }
  dash = strchr (since, '-');
  if (dash == NULL)
    return FALSE;
  *seq = (guint) atoi (since);
  if (*seq < base->rewound)
    *seq = 0;
  return TRUE;
}

static void
print_change (GString *json, Base *base, Doc *doc, gboolean with_seq, gboolean with_doc)
{
  g_autofree char *seq = fake_couch_print_seq (base, doc->seq);

  if (with_seq)
    g_string_append_printf (json, "{\"seq\":\"%s\",\"id\":", seq);
  else
    g_string_append (json, "{\"seq\":null,\"id\":");
  reprise_couch_append_string (json, doc->id);
  g_string_append (json, ",\"changes\":[");
  for (guint j = 0; j < doc->leaves->len; j++)
    g_string_append_printf (json, "%s{\"rev\":\"%s\"}", j > 0 ? "," : "",
                            ((Leaf *) doc->leaves->pdata[j])->rev);
  g_string_append_printf (json, "]%s", fake_couch_winner (doc)->deleted ? ",\"deleted\":true" : "");
  if (with_doc)
    {
      g_string_append (json, ",\"doc\":");
      fake_couch_print_leaf (json, doc, fake_couch_winner (doc), FALSE, FALSE);
    }
  g_string_append_c (json, '}');
}

void
fake_couch_answer_changes (Ask *ask, Base *base)
{
  const char *limit_text = g_hash_table_lookup (ask->query, "limit");
  guint limit = limit_text != NULL ? (guint) atoi (limit_text) : G_MAXUINT, since, last;
  g_autoptr (GPtrArray) docs = g_ptr_array_new ();
  g_autoptr (GString) json = g_string_new ("{\"results\":[\n");
  const char *interval_text = g_hash_table_lookup (ask->query, "seq_interval");
  guint interval = interval_text != NULL ? (guint) atoi (interval_text) : 1;
  gboolean with_docs = g_hash_table_contains (ask->query, "include_docs");
  g_autofree char *seq = NULL;
  GHashTableIter iter;
  gpointer value;

  if (!fake_couch_read_since (base, g_hash_table_lookup (ask->query, "since"), &since))
    {
      fake_couch_answer_error (ask, 400, "bad_request",
                               "Malformed sequence supplied in 'since' parameter.");
      return;
    }
  g_hash_table_iter_init (&iter, base->docs);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    if (((Doc *) value)->seq > since)
      g_ptr_array_add (docs, value);
  g_ptr_array_sort (docs, compare_seqs);
  last = docs->len > limit ? ((Doc *) docs->pdata[limit - 1])->seq : base->seq;
  for (guint i = 0; i < MIN (docs->len, limit); i++)
    {
      gboolean with_seq = (i + 1) % interval == 0;

      print_change (json, base, docs->pdata[i], with_seq, with_docs);
      if (fake_couch_is_at (ask, REPRISE_FAKE_FAULT_TWICE))
        {
          g_string_append (json, ",\n");
          print_change (json, base, docs->pdata[i], with_seq, with_docs);
        }
      g_string_append (json, i + 1 < MIN (docs->len, limit) ? ",\n" : "\n");
    }
  seq = fake_couch_print_seq (base, last);
  g_string_append_printf (json, "],\n\"last_seq\":\"%s\",\"pending\":%u}\n", seq,
                          docs->len > limit                                    ? docs->len - limit
                          : fake_couch_is_at (ask, REPRISE_FAKE_FAULT_PENDING) ? 5
                                                                               : 0);
  fake_couch_answer (ask, 200, json->str);
}

static void
print_got (GString *json, Base *base, const char *id, const char *rev, gboolean with_data)
{
  Doc *doc = g_hash_table_lookup (base->docs, id);

  g_string_append (json, "{\"id\":");
  reprise_couch_append_string (json, id);
  g_string_append (json, ",\"docs\":[");
  if (doc == NULL || (rev != NULL && fake_couch_find_leaf (doc, rev) == NULL))
    g_string_append_printf (json,
                            "{\"error\":{\"id\":\"x\",\"rev\":\"%s\",\"error\":\"not_found\","
                            "\"reason\":\"missing\"}}",
                            rev != NULL ? rev : "undefined");
  for (guint i = 0, n = 0; doc != NULL && i < doc->leaves->len; i++)
    {
      Leaf *leaf = doc->leaves->pdata[i];

      if (rev != NULL && !g_str_equal (rev, leaf->rev))
        continue;
      g_string_append (json, n++ > 0 ? ",{\"ok\":" : "{\"ok\":");
      fake_couch_print_leaf (json, doc, leaf, TRUE, with_data);
      g_string_append_c (json, '}');
    }
  g_string_append (json, "]}");
}

void
fake_couch_answer_bulk_get (Ask *ask, Base *base)
{
  RepriseCouchWalk walk = reprise_couch_walk (reprise_couch_span_get (ask->body, "docs"));
  g_autoptr (GString) json = g_string_new ("{\"results\": [");
  RepriseCouchSpan want;
  guint n = 0;

  while (reprise_couch_walk_next_element (&walk, &want))
    {
      g_autofree char *id = reprise_couch_span_dup_string (reprise_couch_span_get (want, "id"));
      g_autofree char *rev = reprise_couch_span_dup_string (reprise_couch_span_get (want, "rev"));

      if (n++ > 0)
        g_string_append_c (json, ',');
      print_got (json, base, id, rev, g_hash_table_contains (ask->query, "attachments"));
    }
  g_string_append (json, "]}");
  fake_couch_answer (ask, 200, json->str);
}
