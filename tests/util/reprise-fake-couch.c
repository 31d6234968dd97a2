/* reprise-fake-couch.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "providers/couchdb/client/reprise-couch-json.h"
#include "reprise-fake-couch.h"

/* One leaf, or an ancestor that is not yet compacted away. */
typedef struct
{
  char *rev;
  GPtrArray *path;      /* (element-type utf8): hashes, the newest first */
  char *members;        /* without braces, as they were given: “"a":1,"b":2” */
  GHashTable *attached; /* (element-type utf8 Attached) (nullable) */
  gboolean deleted;
} Leaf;

typedef struct
{
  GBytes *stored;
  gsize length; /* of the plain bytes */
  gboolean gzip;
  char *type;
  char *digest;
  guint revpos;
} Attached;

typedef struct
{
  char *id;
  GPtrArray *leaves; /* (element-type Leaf) */
  guint seq;
} Doc;

typedef struct
{
  char *name;
  GHashTable *docs; /* (element-type utf8 Doc) */
  GHashTable *locals;
  guint seq;
  guint rewound; /* what comes before is sent again */
  guint purge_seq;
  GPtrArray *purged; /* (element-type utf8) */
  char *security;
  gint64 created;
  char *marker; /* in its sequences */
  char *spoilt; /* (nullable): id of a document that it keeps wrongly */
  GPtrArray *
    following; /* (element-type GBytes) (nullable): attachments after the document that is being written */
} Base;

typedef struct
{
  char *path;
  RepriseFakeFault fault;
  guint value, skip, times;
} Fault;

/* Somebody else at work. */
typedef struct
{
  char *call, *database, *id;
  char *members; /* (nullable): deletes it */
  guint skip, times;
} Other;

struct _RepriseFakeCouch
{
  RepriseFaultServer *server;
  GMutex mutex;
  GHashTable *bases;
  char *account, *password, *cookie;
  GPtrArray *faults;
  GPtrArray *calls;
  GPtrArray *others; /* (element-type Other) */
  guint n_faults, n_writes, n_sign_ins, n_made;
  GRWLock answering;              /* held for reading while the extension answers */
  RepriseFakeExtension extension; /* (nullable) */
  gpointer extension_data;
  gboolean zips;
  gboolean ageless;
};

static void
attached_free (gpointer data)
{
  Attached *self = data;

  g_bytes_unref (self->stored);
  g_free (self->type);
  g_free (self->digest);
  g_free (self);
}

static Attached *
attached_copy (const Attached *from)
{
  Attached *self = g_new0 (Attached, 1);

  *self = *from;
  g_bytes_ref (self->stored);
  self->type = g_strdup (from->type);
  self->digest = g_strdup (from->digest);
  return self;
}

static void
leaf_free (gpointer data)
{
  Leaf *self = data;

  g_free (self->rev);
  g_ptr_array_unref (self->path);
  g_free (self->members);
  g_clear_pointer (&self->attached, g_hash_table_unref);
  g_free (self);
}

static void
doc_free (gpointer data)
{
  Doc *self = data;

  g_free (self->id);
  g_ptr_array_unref (self->leaves);
  g_free (self);
}

static void
base_free (gpointer data)
{
  Base *self = data;

  g_free (self->name);
  g_hash_table_unref (self->docs);
  g_hash_table_unref (self->locals);
  g_ptr_array_unref (self->purged);
  g_free (self->security);
  g_free (self->marker);
  g_free (self->spoilt);
  g_free (self);
}

static void
fault_free (gpointer data)
{
  Fault *self = data;

  g_free (self->path);
  g_free (self);
}

static void
other_free (gpointer data)
{
  Other *self = data;

  g_free (self->call);
  g_free (self->database);
  g_free (self->id);
  g_free (self->members);
  g_free (self);
}

static guint
generation (const char *rev)
{
  return (guint) atoi (rev);
}

static int
compare_leaves (gconstpointer a, gconstpointer b)
{
  const Leaf *x = *(Leaf **) a, *y = *(Leaf **) b;

  if (x->deleted != y->deleted)
    return x->deleted ? 1 : -1;
  if (generation (x->rev) != generation (y->rev))
    return generation (x->rev) > generation (y->rev) ? -1 : 1;
  return strcmp (y->rev, x->rev);
}

static Leaf *
winner (Doc *doc)
{
  return doc->leaves->pdata[0];
}

/* ---- writing ---- */

static GBytes *
compress (gconstpointer data, gsize size)
{
  g_autoptr (GZlibCompressor) gzip = g_zlib_compressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP, 6);
  g_autoptr (GOutputStream) memory = g_memory_output_stream_new_resizable ();
  g_autoptr (GOutputStream) stream = g_converter_output_stream_new (memory, G_CONVERTER (gzip));

  g_output_stream_write_all (stream, data, size, NULL, NULL, NULL);
  g_output_stream_close (stream, NULL, NULL);
  return g_memory_output_stream_steal_as_bytes (G_MEMORY_OUTPUT_STREAM (memory));
}

static GBytes *
decompress (gconstpointer data, gsize size)
{
  g_autoptr (GZlibDecompressor) gzip = g_zlib_decompressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP);
  g_autoptr (GOutputStream) memory = g_memory_output_stream_new_resizable ();
  g_autoptr (GOutputStream) stream = g_converter_output_stream_new (memory, G_CONVERTER (gzip));

  g_output_stream_write_all (stream, data, size, NULL, NULL, NULL);
  g_output_stream_close (stream, NULL, NULL);
  return g_memory_output_stream_steal_as_bytes (G_MEMORY_OUTPUT_STREAM (memory));
}

static Attached *
attached_new (const char *type, gconstpointer data, gsize size, guint revpos)
{
  Attached *self = g_new0 (Attached, 1);
  guint8 md5[16];
  gsize length = sizeof md5;
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_MD5);
  g_autofree char *base64 = NULL;

  self->type = g_strdup (type);
  self->length = size;
  self->gzip = g_str_has_prefix (type, "text/") || g_str_equal (type, "application/json");
  self->stored = self->gzip ? compress (data, size) : g_bytes_new (data, size);
  g_checksum_update (checksum, g_bytes_get_data (self->stored, NULL),
                     (gssize) g_bytes_get_size (self->stored));
  g_checksum_get_digest (checksum, md5, &length);
  base64 = g_base64_encode (md5, sizeof md5);
  self->digest = g_strconcat ("md5-", base64, NULL);
  self->revpos = revpos;
  return self;
}

static Base *
get_base (RepriseFakeCouch *self, const char *name)
{
  return g_hash_table_lookup (self->bases, name);
}

static Base *
make_base (RepriseFakeCouch *self, const char *name)
{
  Base *base = g_new0 (Base, 1);

  base->name = g_strdup (name);
  base->docs = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, doc_free);
  base->locals = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  base->purged = g_ptr_array_new_with_free_func (g_free);
  base->security =
    g_strdup ("{\"admins\":{\"roles\":[\"_admin\"]},\"members\":{\"roles\":[\"_admin\"]}}");
  base->created = 1700000000 + ++self->n_made;
  base->marker = g_strdup_printf ("g1AAAA+%u/", self->n_made);
  g_hash_table_replace (self->bases, base->name, base);
  return base;
}

static Doc *
need_doc (Base *base, const char *id)
{
  Doc *doc = g_hash_table_lookup (base->docs, id);

  if (doc != NULL)
    return doc;
  doc = g_new0 (Doc, 1);
  doc->id = g_strdup (id);
  doc->leaves = g_ptr_array_new_with_free_func (leaf_free);
  g_hash_table_insert (base->docs, doc->id, doc);
  return doc;
}

static gboolean
path_has (GPtrArray *path, guint first, const char *rev)
{
  guint position = first - generation (rev);
  const char *hash = strchr (rev, '-') + 1;

  return generation (rev) <= first && position < path->len &&
         g_str_equal (path->pdata[position], hash);
}

/* Puts a revision into the tree, as replication does. Takes @leaf. */
static void
insert (Base *base, Doc *doc, Leaf *leaf)
{
  for (guint i = 0; i < doc->leaves->len; i++)
    {
      Leaf *other = doc->leaves->pdata[i];

      if (path_has (other->path, generation (other->rev), leaf->rev))
        {
          leaf_free (leaf); /* it is there, as a leaf or before one */
          return;
        }
    }
  for (guint i = doc->leaves->len; i-- > 0;)
    if (path_has (leaf->path, generation (leaf->rev), ((Leaf *) doc->leaves->pdata[i])->rev))
      g_ptr_array_remove_index (doc->leaves, i);
  g_ptr_array_add (doc->leaves, leaf);
  g_ptr_array_sort (doc->leaves, compare_leaves);
  doc->seq = ++base->seq;
}

static Leaf *
leaf_new (const char *rev, const char *members, gboolean deleted)
{
  Leaf *leaf = g_new0 (Leaf, 1);

  leaf->rev = g_strdup (rev);
  leaf->path = g_ptr_array_new_with_free_func (g_free);
  g_ptr_array_add (leaf->path, g_strdup (strchr (rev, '-') + 1));
  leaf->members = g_strdup (members);
  leaf->deleted = deleted;
  return leaf;
}

static char *
next_rev (const Leaf *parent, const char *members, gboolean deleted)
{
  g_autofree char *text =
    g_strdup_printf ("%s|%s|%d", parent != NULL ? parent->rev : "", members, deleted);
  g_autofree char *hash = g_compute_checksum_for_string (G_CHECKSUM_MD5, text, -1);

  return g_strdup_printf ("%u-%s", parent != NULL ? generation (parent->rev) + 1 : 1, hash);
}

/* A new edit on @parent (nullable). */
static Leaf *
edit (Base *base, Doc *doc, Leaf *parent, const char *members, gboolean deleted)
{
  g_autofree char *rev = next_rev (parent, members, deleted);
  Leaf *leaf = leaf_new (rev, members, deleted);

  for (guint i = 0; parent != NULL && i < parent->path->len; i++)
    g_ptr_array_add (leaf->path, g_strdup (parent->path->pdata[i]));
  insert (base, doc, leaf);
  return leaf;
}

/* ---- printing ---- */

/* What is stored compressed goes out plain. */
static void
print_data (GString *json, Attached *attached)
{
  gsize size;
  const void *data = g_bytes_get_data (attached->stored, &size);
  g_autoptr (GBytes) plain =
    attached->gzip ? decompress (data, size) : g_bytes_ref (attached->stored);
  g_autofree char *base64 = NULL;

  data = g_bytes_get_data (plain, &size);
  base64 = g_base64_encode (data, size);
  g_string_append_printf (
    json, ":{\"content_type\":\"%s\",\"revpos\":%u,\"digest\":\"%s\",\"data\":\"%s\"}",
    attached->type, attached->revpos, attached->digest, base64);
}

static void
print_stubs (GString *json, Leaf *leaf, gboolean with_data)
{
  GHashTableIter iter;
  gpointer name, value;
  gboolean first = TRUE;

  if (leaf->attached == NULL || g_hash_table_size (leaf->attached) == 0)
    return;
  g_string_append (json, ",\"_attachments\":{");
  g_hash_table_iter_init (&iter, leaf->attached);
  while (g_hash_table_iter_next (&iter, &name, &value))
    {
      Attached *attached = value;

      if (!first)
        g_string_append_c (json, ',');
      first = FALSE;
      reprise_couch_append_string (json, name);
      if (with_data)
        {
          print_data (json, attached);
          continue;
        }
      g_string_append_printf (json,
                              ":{\"content_type\":\"%s\",\"revpos\":%u,\"digest\":\"%s\","
                              "\"length\":%zu,\"stub\":true}",
                              attached->type, attached->revpos, attached->digest, attached->length);
    }
  g_string_append_c (json, '}');
}

static void
print_leaf (GString *json, Doc *doc, Leaf *leaf, gboolean revs, gboolean with_data)
{
  g_string_append (json, "{\"_id\":");
  reprise_couch_append_string (json, doc->id);
  g_string_append_printf (json, ",\"_rev\":\"%s\"", leaf->rev);
  if (leaf->deleted)
    g_string_append (json, ",\"_deleted\":true");
  if (*leaf->members != '\0')
    g_string_append_printf (json, ",%s", leaf->members);
  print_stubs (json, leaf, with_data);
  if (revs)
    {
      g_string_append_printf (json, ",\"_revisions\":{\"start\":%u,\"ids\":[",
                              generation (leaf->rev));
      for (guint i = 0; i < leaf->path->len; i++)
        g_string_append_printf (json, "%s\"%s\"", i > 0 ? "," : "", (char *) leaf->path->pdata[i]);
      g_string_append (json, "]}");
    }
  g_string_append_c (json, '}');
}

static Leaf *
find_leaf (Doc *doc, const char *rev)
{
  for (guint i = 0; doc != NULL && i < doc->leaves->len; i++)
    if (g_str_equal (((Leaf *) doc->leaves->pdata[i])->rev, rev))
      return doc->leaves->pdata[i];
  return NULL;
}

/* ---- answering ---- */

typedef struct
{
  RepriseFakeCouch *self;
  RepriseFaultCall *call;
  char **segments; /* unescaped */
  GHashTable *query;
  RepriseCouchSpan body;
  Fault *fault;
} Ask;

/* Whether the fault is one of the answer's body, which is worked out all the same. */
static gboolean
is_of_body (const Fault *fault)
{
  return fault != NULL &&
         (fault->fault == REPRISE_FAKE_FAULT_CUT || fault->fault == REPRISE_FAKE_FAULT_SHORT ||
          fault->fault == REPRISE_FAKE_FAULT_MIDDLE || fault->fault == REPRISE_FAKE_FAULT_TWICE ||
          fault->fault == REPRISE_FAKE_FAULT_PENDING || fault->fault == REPRISE_FAKE_FAULT_FLIP);
}

static gboolean
is_at (Ask *ask, RepriseFakeFault fault)
{
  return ask->fault != NULL && ask->fault->fault == fault;
}

static void
send_chunks (Ask *ask, guint status, const char *text, gsize size)
{
  gboolean cut = is_at (ask, REPRISE_FAKE_FAULT_CUT),
           middle = is_at (ask, REPRISE_FAKE_FAULT_MIDDLE);
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

static void
answer (Ask *ask, guint status, const char *text)
{
  if (is_at (ask, REPRISE_FAKE_FAULT_SHORT))
    send_short (ask, status, text, strlen (text));
  else if (strlen (text) > 8192 || is_at (ask, REPRISE_FAKE_FAULT_CUT) ||
           is_at (ask, REPRISE_FAKE_FAULT_MIDDLE))
    send_chunks (ask, status, text, strlen (text));
  else
    reprise_fault_answer (ask->call, status, "application/json", text);
}

static void
answer_error (Ask *ask, guint status, const char *error, const char *reason)
{
  g_autofree char *text = g_strdup_printf ("{\"error\":\"%s\",\"reason\":\"%s\"}", error, reason);

  reprise_fault_answer (ask->call, status, "application/json", text);
}

static guint
count_docs (Base *base, gboolean deleted)
{
  GHashTableIter iter;
  gpointer value;
  guint n = 0;

  g_hash_table_iter_init (&iter, base->docs);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    n += winner (value)->deleted == deleted;
  return n;
}

static char *
print_seq (Base *base, guint seq)
{
  return g_strdup_printf ("%u-%s%x", seq, base->marker, seq * 7919);
}

static void
answer_info (Ask *ask, Base *base)
{
  g_autofree char *seq = print_seq (base, base->seq);
  g_autofree char *text = g_strdup_printf (
    "{\"db_name\":\"%s\",\"doc_count\":%u,\"doc_del_count\":%u,\"update_seq\":\"%s\","
    "\"purge_seq\":\"%u-x\",\"sizes\":{\"file\":9999,\"external\":4242,\"active\":5000},"
    "\"props\":{},\"cluster\":{\"q\":2,\"n\":1,\"w\":1,\"r\":1},\"instance_start_time\":"
    "\"%" G_GINT64_FORMAT "\"}",
    base->name, count_docs (base, FALSE), count_docs (base, TRUE), seq, base->purge_seq,
    ask->self->ageless ? 0 : base->created);

  answer (ask, 200, text);
}

static int
compare_seqs (gconstpointer a, gconstpointer b)
{
  const Doc *x = *(Doc **) a, *y = *(Doc **) b;

  return x->seq < y->seq ? -1 : x->seq > y->seq;
}

static gboolean
read_since (Base *base, const char *since, guint *seq)
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
  g_autofree char *seq = print_seq (base, doc->seq);

  if (with_seq)
    g_string_append_printf (json, "{\"seq\":\"%s\",\"id\":", seq);
  else
    g_string_append (json, "{\"seq\":null,\"id\":");
  reprise_couch_append_string (json, doc->id);
  g_string_append (json, ",\"changes\":[");
  for (guint j = 0; j < doc->leaves->len; j++)
    g_string_append_printf (json, "%s{\"rev\":\"%s\"}", j > 0 ? "," : "",
                            ((Leaf *) doc->leaves->pdata[j])->rev);
  g_string_append_printf (json, "]%s", winner (doc)->deleted ? ",\"deleted\":true" : "");
  if (with_doc)
    {
      g_string_append (json, ",\"doc\":");
      print_leaf (json, doc, winner (doc), FALSE, FALSE);
    }
  g_string_append_c (json, '}');
}

static void
answer_changes (Ask *ask, Base *base)
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

  if (!read_since (base, g_hash_table_lookup (ask->query, "since"), &since))
    {
      answer_error (ask, 400, "bad_request", "Malformed sequence supplied in 'since' parameter.");
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
      if (is_at (ask, REPRISE_FAKE_FAULT_TWICE))
        {
          g_string_append (json, ",\n");
          print_change (json, base, docs->pdata[i], with_seq, with_docs);
        }
      g_string_append (json, i + 1 < MIN (docs->len, limit) ? ",\n" : "\n");
    }
  seq = print_seq (base, last);
  g_string_append_printf (json, "],\n\"last_seq\":\"%s\",\"pending\":%u}\n", seq,
                          docs->len > limit                         ? docs->len - limit
                          : is_at (ask, REPRISE_FAKE_FAULT_PENDING) ? 5
                                                                    : 0);
  answer (ask, 200, json->str);
}

static void
print_got (GString *json, Base *base, const char *id, const char *rev, gboolean with_data)
{
  Doc *doc = g_hash_table_lookup (base->docs, id);

  g_string_append (json, "{\"id\":");
  reprise_couch_append_string (json, id);
  g_string_append (json, ",\"docs\":[");
  if (doc == NULL || (rev != NULL && find_leaf (doc, rev) == NULL))
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
      print_leaf (json, doc, leaf, TRUE, with_data);
      g_string_append_c (json, '}');
    }
  g_string_append (json, "]}");
}

static void
answer_bulk_get (Ask *ask, Base *base)
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
  answer (ask, 200, json->str);
}

/* One that comes after its document: what is said of it before must be right. */
static Attached *
take_following (Base *base, guint n, RepriseCouchSpan stub, const char *type, guint revpos)
{
  g_autofree char *digest = reprise_couch_span_dup_string (reprise_couch_span_get (stub, "digest"));
  gsize size;
  const guint8 *data;
  Attached *attached;

  g_assert_nonnull (base->following);
  g_assert_cmpuint (n, <, base->following->len);
  data = g_bytes_get_data (base->following->pdata[n], &size);
  g_assert_cmpint (reprise_couch_span_get_int (reprise_couch_span_get (stub, "length"), -1), ==,
                   size);
  attached = attached_new (type, data, size, revpos);
  if (digest != NULL)
    g_assert_cmpstr (attached->digest, ==, digest);
  return attached;
}

/* The attachments of a document that is written: inline, after it, or kept by their stubs. */
static gboolean
read_attachments (Base *base, RepriseCouchSpan given, Leaf *parent, Leaf *leaf)
{
  RepriseCouchWalk walk = reprise_couch_walk (given);
  RepriseCouchSpan key, value;
  guint n = 0;

  if (given.data == NULL)
    return TRUE;
  leaf->attached = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, attached_free);
  while (reprise_couch_walk_next_member (&walk, &key, &value))
    {
      char *name = reprise_couch_span_dup_string (key);
      g_autofree char *type =
        reprise_couch_span_dup_string (reprise_couch_span_get (value, "content_type"));
      g_autofree char *data =
        reprise_couch_span_dup_string (reprise_couch_span_get (value, "data"));
      gint64 revpos = reprise_couch_span_get_int (reprise_couch_span_get (value, "revpos"),
                                                  generation (leaf->rev));
      g_autofree guchar *bytes = NULL;
      Attached *kept;
      gsize size;

      if (data != NULL)
        {
          bytes = g_base64_decode (data, &size);
          g_hash_table_replace (leaf->attached, name,
                                attached_new (type, bytes, size, (guint) revpos));
          continue;
        }
      if (reprise_couch_span_is (reprise_couch_span_get (value, "follows"), "true"))
        {
          g_hash_table_replace (leaf->attached, name,
                                take_following (base, n++, value, type, (guint) revpos));
          continue;
        }
      kept = parent != NULL && parent->attached != NULL
               ? g_hash_table_lookup (parent->attached, name)
               : NULL;
      if (kept == NULL)
        {
          g_free (name);
          return FALSE;
        }
      g_hash_table_replace (leaf->attached, name, attached_copy (kept));
    }
  return TRUE;
}

/* The members that are the document's own, as they came. */
static char *
read_members (RepriseCouchSpan document)
{
  RepriseCouchWalk walk = reprise_couch_walk (document);
  GString *members = g_string_new (NULL);
  RepriseCouchSpan key, value;

  while (reprise_couch_walk_next_member (&walk, &key, &value))
    if (key.data[1] != '_')
      g_string_append_printf (members, "%s%.*s:%.*s", members->len > 0 ? "," : "", (int) key.size,
                              key.data, (int) value.size, value.data);
  return g_string_free (members, FALSE);
}

static void
read_path (RepriseCouchSpan revisions, Leaf *leaf)
{
  RepriseCouchWalk walk = reprise_couch_walk (reprise_couch_span_get (revisions, "ids"));
  RepriseCouchSpan id;

  if (revisions.data == NULL)
    return;
  g_ptr_array_set_size (leaf->path, 0);
  while (reprise_couch_walk_next_element (&walk, &id))
    g_ptr_array_add (leaf->path, reprise_couch_span_dup_string (id));
}

/* Returns: %FALSE for a stub of nothing, which fails the whole request */
static gboolean
write_old_edit (Base *base, RepriseCouchSpan document)
{
  g_auto (RepriseCouchHead) head = { NULL };
  g_autofree char *members = read_members (document);
  Leaf *leaf;
  Doc *doc;

  reprise_couch_head_read (&head, document);
  g_assert_nonnull (head.id);
  g_assert_nonnull (head.rev);
  leaf = leaf_new (head.rev, g_strcmp0 (head.id, base->spoilt) == 0 ? "\"spoilt\":1" : members,
                   head.deleted);
  read_path (head.revisions, leaf);
  doc = g_hash_table_lookup (base->docs, head.id);
  if (!read_attachments (base, head.attachments, doc != NULL ? winner (doc) : NULL, leaf))
    {
      leaf_free (leaf);
      return FALSE;
    }
  insert (base, need_doc (base, head.id), leaf);
  return TRUE;
}

/* Returns: %NULL, or the error */
static const char *
write_new_edit (Base *base, RepriseCouchSpan document, GString *row)
{
  g_auto (RepriseCouchHead) head = { NULL };
  g_autofree char *members = read_members (document);
  Leaf *parent, *leaf;
  Doc *doc;

  reprise_couch_head_read (&head, document);
  doc = g_hash_table_lookup (base->docs, head.id);
  parent = head.rev != NULL ? find_leaf (doc, head.rev) : doc != NULL ? winner (doc) : NULL;
  if ((head.rev != NULL && parent == NULL) ||
      (head.rev == NULL && parent != NULL && !parent->deleted))
    return "conflict";
  if (head.attachments.data != NULL)
    {
      Leaf *trial = leaf_new ("1-x", "", FALSE);
      gboolean ok = read_attachments (base, head.attachments, parent, trial);

      leaf_free (trial);
      if (!ok)
        return "missing_stub";
    }
  g_string_append (row, "{\"ok\":true,\"id\":");
  reprise_couch_append_string (row, head.id);
  {
    g_autofree char *rev = next_rev (parent, members, head.deleted);
    Leaf *fresh = leaf_new (rev, members, head.deleted);

    read_attachments (base, head.attachments, parent, fresh);
    for (guint i = 0; parent != NULL && i < parent->path->len; i++)
      g_ptr_array_add (fresh->path, g_strdup (parent->path->pdata[i]));
    leaf = fresh;
    g_string_append_printf (row, ",\"rev\":\"%s\"}", leaf->rev);
    insert (base, need_doc (base, head.id), leaf);
  }
  return NULL;
}

static void
answer_bulk_docs (Ask *ask, Base *base)
{
  gboolean old = reprise_couch_span_is (reprise_couch_span_get (ask->body, "new_edits"), "false");
  RepriseCouchWalk walk = reprise_couch_walk (reprise_couch_span_get (ask->body, "docs"));
  g_autoptr (GString) json = g_string_new ("[");
  RepriseCouchSpan document;

  while (reprise_couch_walk_next_element (&walk, &document))
    {
      const char *error = NULL;
      g_autofree char *id =
        reprise_couch_span_dup_string (reprise_couch_span_get (document, "_id"));

      if (reprise_couch_span_get (document, "forbidden").data != NULL)
        error = "forbidden";
      else if (old && !write_old_edit (base, document))
        {
          answer_error (ask, 412, "missing_stub", "Invalid attachment stub");
          return;
        }
      if (!old && error == NULL)
        {
          if (json->len > 1)
            g_string_append_c (json, ',');
          error = write_new_edit (base, document, json);
        }
      else if (error != NULL && json->len > 1)
        g_string_append_c (json, ',');
      if (error == NULL)
        continue;
      g_string_append (json, "{\"id\":");
      reprise_couch_append_string (json, id);
      g_string_append_printf (json, ",\"error\":\"%s\",\"reason\":\"as the test wants\"}", error);
    }
  g_string_append_c (json, ']');
  answer (ask, 201, json->str);
}

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
            there |= path_has (((Leaf *) doc->leaves->pdata[i])->path,
                               generation (((Leaf *) doc->leaves->pdata[i])->rev), text);
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
  answer (ask, 200, json->str);
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
                                winner (doc)->rev, winner (doc)->deleted ? ",\"deleted\":true" : "",
                                winner (doc)->deleted ? ",\"doc\":null" : "");
    }
  g_string_append (json, "]}");
  answer (ask, 200, json->str);
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

      if (winner (doc)->deleted || strcmp (doc->id, from) < 0 ||
          (to != NULL && strcmp (doc->id, to) > 0))
        continue;
      g_string_append (json, n++ > 0 ? ",{\"id\":" : "{\"id\":");
      reprise_couch_append_string (json, doc->id);
      g_string_append_printf (json, ",\"key\":\"\",\"value\":{\"rev\":\"%s\"}", winner (doc)->rev);
      g_string_append_c (json, '}');
    }
  g_string_append (json, "]}");
  answer (ask, 200, json->str);
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
  answer (ask, 200, json->str);
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
  answer (ask, 200, json->str);
}

static void
answer_attachment (Ask *ask, Base *base, const char *id, const char *name)
{
  Doc *doc = g_hash_table_lookup (base->docs, id);
  const char *rev = g_hash_table_lookup (ask->query, "rev");
  Leaf *leaf = doc == NULL ? NULL : rev != NULL ? find_leaf (doc, rev) : winner (doc);
  Attached *attached =
    leaf != NULL && leaf->attached != NULL ? g_hash_table_lookup (leaf->attached, name) : NULL;
  g_autofree char *accept = reprise_fault_call_dup_header (ask->call, "Accept-Encoding");
  g_autoptr (GBytes) other = NULL;
  gboolean zip, unzip;
  gsize size;
  gconstpointer data;

  if (attached == NULL)
    {
      answer_error (ask, 404, "not_found", "Document is missing attachment");
      return;
    }
  zip = ask->self->zips && !attached->gzip && accept != NULL && strstr (accept, "gzip") != NULL;
  unzip = attached->gzip && (accept == NULL || strstr (accept, "gzip") == NULL);
  data = g_bytes_get_data (attached->stored, &size);
  if (zip || unzip)
    {
      other = zip ? compress (data, size) : decompress (data, size);
      data = g_bytes_get_data (other, &size);
    }
  reprise_fault_print (ask->call,
                       "HTTP/1.1 200 OK\r\nContent-Type: %s\r\nETag: \"%s\"\r\n%s"
                       "Content-Length: %zu\r\n\r\n",
                       attached->type, attached->digest + 4,
                       (attached->gzip && !unzip) || zip ? "Content-Encoding: gzip\r\n" : "", size);
  if (is_at (ask, REPRISE_FAKE_FAULT_SHORT) || is_at (ask, REPRISE_FAKE_FAULT_CUT))
    {
      reprise_fault_write (ask->call, data, MIN (ask->fault->value, size - 1));
      reprise_fault_close (ask->call);
      return;
    }
  if (is_at (ask, REPRISE_FAKE_FAULT_FLIP))
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
      print_leaf (json, doc, doc->leaves->pdata[i], TRUE, FALSE);
      g_string_append_c (json, '}');
    }
  g_string_append_c (json, ']');
  answer (ask, 200, json->str);
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
        answer_error (ask, 404, "not_found", "missing");
      else
        answer_open_revs (ask, doc);
      return;
    }
  if (g_str_equal (ask->call->method, "GET") && g_hash_table_contains (ask->query, "rev"))
    {
      Leaf *leaf = find_leaf (doc, g_hash_table_lookup (ask->query, "rev"));

      if (leaf == NULL)
        {
          answer_error (ask, 404, "not_found", "missing");
          return;
        }
      print_leaf (json, doc, leaf, FALSE, FALSE);
      answer (ask, 200, json->str);
      return;
    }
  if (g_str_equal (ask->call->method, "GET"))
    {
      if (doc == NULL || winner (doc)->deleted)
        {
          answer_error (ask, 404, "not_found", doc != NULL ? "deleted" : "missing");
          return;
        }
      print_leaf (json, doc, winner (doc),
                  g_strcmp0 (g_hash_table_lookup (ask->query, "revs"), "true") == 0, FALSE);
      answer (ask, 200, json->str);
      return;
    }
  if (type != NULL && g_str_has_prefix (type, "multipart/related"))
    read_related (ask, base, type);
  if (old)
    error = write_old_edit (base, ask->body) ? NULL : "missing_stub";
  else
    error = write_new_edit (base, ask->body, json);
  g_clear_pointer (&base->following, g_ptr_array_unref);
  if (error != NULL)
    answer_error (ask, g_str_equal (error, "conflict") ? 409 : 412, error, "as it is");
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
      answer (ask, 201, "{\"ok\":true}");
    }
  else if (g_str_equal (ask->call->method, "DELETE"))
    {
      if (g_hash_table_remove (base->locals, id))
        answer (ask, 200, "{\"ok\":true}");
      else
        answer_error (ask, 404, "not_found", "missing");
    }
  else if (g_hash_table_contains (base->locals, id))
    {
      const char *body = g_hash_table_lookup (base->locals, id);
      g_autofree char *full = strstr (body, "\"_rev\"") != NULL
                                ? g_strdup (body)
                                : g_strconcat ("{\"_rev\":\"0-1\",", body + 1, NULL);

      answer (ask, 200, full);
    }
  else
    answer_error (ask, 404, "not_found", "missing");
}

static void
answer_security (Ask *ask, Base *base)
{
  if (g_str_equal (ask->call->method, "PUT"))
    {
      g_free (base->security);
      base->security = g_strndup (ask->body.data, ask->body.size);
      answer (ask, 200, "{\"ok\":true}");
    }
  else
    answer (ask, 200, base->security);
}

static void
answer_in_base (Ask *ask, Base *base)
{
  char **segments = ask->segments;
  const char *what = segments[1];

  if (what == NULL)
    answer_info (ask, base);
  else if (g_str_equal (what, "_changes"))
    answer_changes (ask, base);
  else if (g_str_equal (what, "_bulk_get"))
    answer_bulk_get (ask, base);
  else if (g_str_equal (what, "_bulk_docs"))
    answer_bulk_docs (ask, base);
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
    answer (ask, 200, "1000");
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

static void
answer_session (Ask *ask)
{
  RepriseFakeCouch *self = ask->self;
  g_autofree char *name = NULL, *password = NULL;

  if (g_str_equal (ask->call->method, "GET"))
    {
      g_autofree char *text = g_strdup_printf (
        "{\"ok\":true,\"userCtx\":{\"name\":\"%s\",\"roles\":[\"_admin\"]},\"info\":{}}",
        self->account != NULL ? self->account : "nobody");

      answer (ask, 200, text);
      return;
    }
  self->n_sign_ins++;
  name = reprise_couch_span_dup_string (reprise_couch_span_get (ask->body, "name"));
  password = reprise_couch_span_dup_string (reprise_couch_span_get (ask->body, "password"));
  if (g_strcmp0 (name, self->account) != 0 || g_strcmp0 (password, self->password) != 0)
    {
      answer_error (ask, 401, "unauthorized", "Name or password is incorrect.");
      return;
    }
  reprise_fault_print (ask->call,
                       "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nSet-Cookie: "
                       "AuthSession=%s; Version=1; Max-Age=600; Path=/; HttpOnly\r\n"
                       "Content-Length: 11\r\n\r\n{\"ok\":true}",
                       self->cookie);
}

static void
answer_all_dbs (Ask *ask)
{
  g_autoptr (GList) names =
    g_list_sort (g_hash_table_get_keys (ask->self->bases), (GCompareFunc) strcmp);
  g_autoptr (GString) json = g_string_new ("[");

  for (GList *item = names; item != NULL; item = item->next)
    g_string_append_printf (json, "%s\"%s\"", item != names ? "," : "", (char *) item->data);
  g_string_append_c (json, ']');
  answer (ask, 200, json->str);
}

static gboolean
is_signed_in (Ask *ask)
{
  g_autofree char *cookie = reprise_fault_call_dup_header (ask->call, "Cookie");
  g_autofree char *wanted = g_strconcat ("AuthSession=", ask->self->cookie, NULL);

  return ask->self->account == NULL || g_strcmp0 (cookie, wanted) == 0;
}

static void
answer_base (Ask *ask)
{
  RepriseFakeCouch *self = ask->self;
  const char *name = ask->segments[0];
  Base *base = get_base (self, name);

  if (ask->segments[1] == NULL && g_str_equal (ask->call->method, "PUT"))
    {
      if (base != NULL)
        {
          answer_error (ask, 412, "file_exists", "The database could not be created.");
          return;
        }
      make_base (self, name);
      reprise_fault_answer (ask->call, 201, "application/json", "{\"ok\":true}");
    }
  else if (base == NULL)
    answer_error (ask, 404, "not_found", "Database does not exist.");
  else if (ask->segments[1] == NULL && g_str_equal (ask->call->method, "DELETE"))
    {
      g_hash_table_remove (self->bases, name);
      answer (ask, 200, "{\"ok\":true}");
    }
  else
    answer_in_base (ask, base);
}

/* ---- the server ---- */

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

  if (fault == NULL || is_of_body (fault))
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
    answer_error (ask, 413, "too_large", "the request entity is too large");
  else
    answer_error (ask, fault->value, "too_many_requests", "as the test wants");
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
      Base *base = get_base (self, other->database);
      Doc *doc;

      if (other->times == 0 || base == NULL || strstr (call, other->call) == NULL)
        continue;
      if (other->skip > 0)
        {
          other->skip--;
          continue;
        }
      other->times--;
      doc = need_doc (base, other->id);
      edit (base, doc, doc->leaves->len > 0 ? winner (doc) : NULL,
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
      !is_signed_in (ask))
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
    answer (&ask, 200,
            "{\"couchdb\":\"Welcome\",\"version\":\"3.5.0\",\"uuid\":\"0f0f0f0f\",\"features\":[],"
            "\"vendor\":{}}");
  else if (g_str_equal (ask.segments[0], "_session"))
    answer_session (&ask);
  else if (!is_signed_in (&ask))
    answer_error (&ask, 401, "unauthorized", "You are not authorized to access this db.");
  else if (g_str_equal (ask.segments[0], "_all_dbs"))
    answer_all_dbs (&ask);
  else
    answer_base (&ask);
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
  self->bases = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, base_free);
  self->faults = g_ptr_array_new_with_free_func (fault_free);
  self->calls = g_ptr_array_new_with_free_func (g_free);
  self->others = g_ptr_array_new_with_free_func (other_free);
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
  get_base (self, database)->rewound = get_base (self, database)->seq + 1;
  g_mutex_unlock (&self->mutex);
}

void
reprise_fake_couch_make (RepriseFakeCouch *self, const char *database)
{
  g_mutex_lock (&self->mutex);
  make_base (self, database);
  g_mutex_unlock (&self->mutex);
}

void
reprise_fake_couch_drop (RepriseFakeCouch *self, const char *database)
{
  g_mutex_lock (&self->mutex);
  g_hash_table_remove (self->bases, database);
  g_mutex_unlock (&self->mutex);
}

/* An edit on the winner. Returns: (transfer full): the new revision */
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
  base = get_base (self, database);
  doc = need_doc (base, id);
  rev =
    g_strdup (edit (base, doc, doc->leaves->len > 0 ? winner (doc) : NULL, members, FALSE)->rev);
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
  Leaf *leaf = leaf_new (rev, members, deleted);
  Base *base;

  if (parent != NULL)
    g_ptr_array_add (leaf->path, g_strdup (strchr (parent, '-') + 1));
  g_mutex_lock (&self->mutex);
  base = get_base (self, database);
  insert (base, need_doc (base, id), leaf);
  g_mutex_unlock (&self->mutex);
  return g_strdup (rev);
}

void
reprise_fake_couch_delete (RepriseFakeCouch *self, const char *database, const char *id)
{
  Base *base;
  Doc *doc;

  g_mutex_lock (&self->mutex);
  base = get_base (self, database);
  doc = g_hash_table_lookup (base->docs, id);
  edit (base, doc, winner (doc), "", TRUE);
  g_mutex_unlock (&self->mutex);
}

/* Just before a call with @call in it, “POST /orders/_bulk_docs”, is answered, after @skip of them, and at @times of them: somebody
 * else's edit. @members: (nullable): deletes the document */
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
  base = get_base (self, database);
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
  g_ptr_array_set_size (get_base (self, database)->purged, 0);
  g_mutex_unlock (&self->mutex);
}

/* An edit that only brings an attachment. */
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
  base = get_base (self, database);
  doc = g_hash_table_lookup (base->docs, id);
  old = winner (doc);
  attached = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, attached_free);
  if (old->attached != NULL)
    {
      g_hash_table_iter_init (&iter, old->attached);
      while (g_hash_table_iter_next (&iter, &key, &value))
        g_hash_table_insert (attached, g_strdup (key), attached_copy (value));
    }
  g_hash_table_replace (attached, g_strdup (name),
                        attached_new (type, data, size, generation (old->rev) + 1));
  members = g_strdup (old->members);
  leaf = edit (base, doc, old, members, FALSE);
  leaf->attached = attached;
  g_mutex_unlock (&self->mutex);
}

/* From now on it keeps @id wrongly, and says nothing. */
void
reprise_fake_couch_spoil (RepriseFakeCouch *self, const char *database, const char *id)
{
  Base *base;

  g_mutex_lock (&self->mutex);
  base = get_base (self, database);
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
  g_hash_table_replace (get_base (self, database)->locals, g_strdup (id), g_strdup (body));
  g_mutex_unlock (&self->mutex);
}

void
reprise_fake_couch_drop_local (RepriseFakeCouch *self, const char *database, const char *id)
{
  g_mutex_lock (&self->mutex);
  g_hash_table_remove (get_base (self, database)->locals, id);
  g_mutex_unlock (&self->mutex);
}

void
reprise_fake_couch_set_security (RepriseFakeCouch *self, const char *database, const char *json)
{
  g_mutex_lock (&self->mutex);
  g_free (get_base (self, database)->security);
  get_base (self, database)->security = g_strdup (json);
  g_mutex_unlock (&self->mutex);
}

/* Live documents; 0 where there is no such database. */
guint
reprise_fake_couch_count (RepriseFakeCouch *self, const char *database)
{
  guint n;

  g_mutex_lock (&self->mutex);
  n = get_base (self, database) != NULL ? count_docs (get_base (self, database), FALSE) : 0;
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
  base = get_base (self, database);
  if (base != NULL)
    {
      g_autoptr (GList) ids =
        g_list_sort (g_hash_table_get_keys (base->docs), (GCompareFunc) strcmp);

      for (GList *item = ids; item != NULL; item = item->next)
        {
          Doc *doc = g_hash_table_lookup (base->docs, item->data);

          for (guint i = 0; i < doc->leaves->len; i++)
            {
              print_leaf (text, doc, doc->leaves->pdata[i], TRUE, FALSE);
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
  leaf->attached = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, attached_free);
  g_hash_table_iter_init (&iter, from->attached);
  while (g_hash_table_iter_next (&iter, &key, &value))
    g_hash_table_insert (leaf->attached, g_strdup (key), attached_copy (value));
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
      insert (target, need_doc (target, doc->id), leaf_copy (doc->leaves->pdata[i]));
    }
}

/* Under the locks of both. */
static const char *
copy_all (RepriseFakeCopy *copy)
{
  Base *source = get_base (copy->from, copy->source), *target = get_base (copy->to, copy->target);
  g_autoptr (GList) ids = NULL;
  guint since;

  if (source == NULL || (target == NULL && !copy->create))
    return "db_not_found: could not open the database";
  if (!read_since (source, copy->since, &since))
    return "Malformed sequence";
  if (target == NULL)
    target = make_base (copy->to, copy->target);
  ids = g_list_sort (g_hash_table_get_keys (source->docs), (GCompareFunc) strcmp);
  for (GList *item = ids; item != NULL; item = item->next)
    {
      Doc *doc = g_hash_table_lookup (source->docs, item->data);

      if (doc->seq > since && !g_str_has_prefix (doc->id, "_design/"))
        copy_doc (copy, target, doc);
    }
  g_free (copy->last);
  copy->last = print_seq (source, source->seq);
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
  base = get_base (self, database);
  text = base != NULL ? g_strdup (g_hash_table_lookup (base->locals, id)) : NULL;
  g_mutex_unlock (&self->mutex);
  return text;
}

gboolean
reprise_fake_couch_has (RepriseFakeCouch *self, const char *database)
{
  gboolean has;

  g_mutex_lock (&self->mutex);
  has = get_base (self, database) != NULL;
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
