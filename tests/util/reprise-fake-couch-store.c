/* reprise-fake-couch-store.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "reprise-fake-couch-private.h"

void
fake_couch_attached_free (gpointer data)
{
  Attached *self = data;

  g_bytes_unref (self->stored);
  g_free (self->type);
  g_free (self->digest);
  g_free (self);
}

Attached *
fake_couch_attached_copy (const Attached *from)
{
  Attached *self = g_new0 (Attached, 1);

  *self = *from;
  g_bytes_ref (self->stored);
  self->type = g_strdup (from->type);
  self->digest = g_strdup (from->digest);
  return self;
}

void
fake_couch_leaf_free (gpointer data)
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

void
fake_couch_base_free (gpointer data)
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

void
fake_couch_fault_free (gpointer data)
{
  Fault *self = data;

  g_free (self->path);
  g_free (self);
}

void
fake_couch_other_free (gpointer data)
{
  Other *self = data;

  g_free (self->call);
  g_free (self->database);
  g_free (self->id);
  g_free (self->members);
  g_free (self);
}

guint
fake_couch_generation (const char *rev)
{
  return (guint) atoi (rev);
}

static int
compare_leaves (gconstpointer a, gconstpointer b)
{
  const Leaf *x = *(Leaf **) a, *y = *(Leaf **) b;

  if (x->deleted != y->deleted)
    return x->deleted ? 1 : -1;
  if (fake_couch_generation (x->rev) != fake_couch_generation (y->rev))
    return fake_couch_generation (x->rev) > fake_couch_generation (y->rev) ? -1 : 1;
  return strcmp (y->rev, x->rev);
}

Leaf *
fake_couch_winner (Doc *doc)
{
  return doc->leaves->pdata[0];
}

/* ---- writing ---- */

GBytes *
fake_couch_compress (gconstpointer data, gsize size)
{
  g_autoptr (GZlibCompressor) gzip = g_zlib_compressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP, 6);
  g_autoptr (GOutputStream) memory = g_memory_output_stream_new_resizable ();
  g_autoptr (GOutputStream) stream = g_converter_output_stream_new (memory, G_CONVERTER (gzip));

  g_output_stream_write_all (stream, data, size, NULL, NULL, NULL);
  g_output_stream_close (stream, NULL, NULL);
  return g_memory_output_stream_steal_as_bytes (G_MEMORY_OUTPUT_STREAM (memory));
}

GBytes *
fake_couch_decompress (gconstpointer data, gsize size)
{
  g_autoptr (GZlibDecompressor) gzip = g_zlib_decompressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP);
  g_autoptr (GOutputStream) memory = g_memory_output_stream_new_resizable ();
  g_autoptr (GOutputStream) stream = g_converter_output_stream_new (memory, G_CONVERTER (gzip));

  g_output_stream_write_all (stream, data, size, NULL, NULL, NULL);
  g_output_stream_close (stream, NULL, NULL);
  return g_memory_output_stream_steal_as_bytes (G_MEMORY_OUTPUT_STREAM (memory));
}

Attached *
fake_couch_attached_new (const char *type, gconstpointer data, gsize size, guint revpos)
{
  Attached *self = g_new0 (Attached, 1);
  guint8 md5[16];
  gsize length = sizeof md5;
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_MD5);
  g_autofree char *base64 = NULL;

  self->type = g_strdup (type);
  self->length = size;
  self->gzip = g_str_has_prefix (type, "text/") || g_str_equal (type, "application/json");
  self->stored = self->gzip ? fake_couch_compress (data, size) : g_bytes_new (data, size);
  g_checksum_update (checksum, g_bytes_get_data (self->stored, NULL),
                     (gssize) g_bytes_get_size (self->stored));
  g_checksum_get_digest (checksum, md5, &length);
  base64 = g_base64_encode (md5, sizeof md5);
  self->digest = g_strconcat ("md5-", base64, NULL);
  self->revpos = revpos;
  return self;
}

Base *
fake_couch_get_base (RepriseFakeCouch *self, const char *name)
{
  return g_hash_table_lookup (self->bases, name);
}

Base *
fake_couch_make_base (RepriseFakeCouch *self, const char *name)
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

Doc *
fake_couch_need_doc (Base *base, const char *id)
{
  Doc *doc = g_hash_table_lookup (base->docs, id);

  if (doc != NULL)
    return doc;
  doc = g_new0 (Doc, 1);
  doc->id = g_strdup (id);
  doc->leaves = g_ptr_array_new_with_free_func (fake_couch_leaf_free);
  g_hash_table_insert (base->docs, doc->id, doc);
  return doc;
}

gboolean
fake_couch_path_has (GPtrArray *path, guint first, const char *rev)
{
  guint position = first - fake_couch_generation (rev);
  const char *hash = strchr (rev, '-') + 1;

  return fake_couch_generation (rev) <= first && position < path->len &&
         g_str_equal (path->pdata[position], hash);
}

/* Puts a revision into the tree, as replication does. Takes @leaf. */
void
fake_couch_insert (Base *base, Doc *doc, Leaf *leaf)
{
  for (guint i = 0; i < doc->leaves->len; i++)
    {
      Leaf *other = doc->leaves->pdata[i];

      if (fake_couch_path_has (other->path, fake_couch_generation (other->rev), leaf->rev))
        {
          fake_couch_leaf_free (leaf); /* it is there, as a leaf or before one */
          return;
        }
    }
  for (guint i = doc->leaves->len; i-- > 0;)
    if (fake_couch_path_has (leaf->path, fake_couch_generation (leaf->rev),
                             ((Leaf *) doc->leaves->pdata[i])->rev))
      g_ptr_array_remove_index (doc->leaves, i);
  g_ptr_array_add (doc->leaves, leaf);
  g_ptr_array_sort (doc->leaves, compare_leaves);
  doc->seq = ++base->seq;
}

Leaf *
fake_couch_leaf_new (const char *rev, const char *members, gboolean deleted)
{
  Leaf *leaf = g_new0 (Leaf, 1);

  leaf->rev = g_strdup (rev);
  leaf->path = g_ptr_array_new_with_free_func (g_free);
  g_ptr_array_add (leaf->path, g_strdup (strchr (rev, '-') + 1));
  leaf->members = g_strdup (members);
  leaf->deleted = deleted;
  return leaf;
}

char *
fake_couch_next_rev (const Leaf *parent, const char *members, gboolean deleted)
{
  g_autofree char *text =
    g_strdup_printf ("%s|%s|%d", parent != NULL ? parent->rev : "", members, deleted);
  g_autofree char *hash = g_compute_checksum_for_string (G_CHECKSUM_MD5, text, -1);

  return g_strdup_printf ("%u-%s", parent != NULL ? fake_couch_generation (parent->rev) + 1 : 1,
                          hash);
}

/* A new fake_couch_edit on @parent (nullable). */
Leaf *
fake_couch_edit (Base *base, Doc *doc, Leaf *parent, const char *members, gboolean deleted)
{
  g_autofree char *rev = fake_couch_next_rev (parent, members, deleted);
  Leaf *leaf = fake_couch_leaf_new (rev, members, deleted);

  for (guint i = 0; parent != NULL && i < parent->path->len; i++)
    g_ptr_array_add (leaf->path, g_strdup (parent->path->pdata[i]));
  fake_couch_insert (base, doc, leaf);
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
    attached->gzip ? fake_couch_decompress (data, size) : g_bytes_ref (attached->stored);
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

void
fake_couch_print_leaf (GString *json, Doc *doc, Leaf *leaf, gboolean revs, gboolean with_data)
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
                              fake_couch_generation (leaf->rev));
      for (guint i = 0; i < leaf->path->len; i++)
        g_string_append_printf (json, "%s\"%s\"", i > 0 ? "," : "", (char *) leaf->path->pdata[i]);
      g_string_append (json, "]}");
    }
  g_string_append_c (json, '}');
}

Leaf *
fake_couch_find_leaf (Doc *doc, const char *rev)
{
  for (guint i = 0; doc != NULL && i < doc->leaves->len; i++)
    if (g_str_equal (((Leaf *) doc->leaves->pdata[i])->rev, rev))
      return doc->leaves->pdata[i];
  return NULL;
}

/* ---- answering ---- */
