/* reprise-fake-couch-edits.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "reprise-fake-couch-private.h"

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
  attached = fake_couch_attached_new (type, data, size, revpos);
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
  leaf->attached =
    g_hash_table_new_full (g_str_hash, g_str_equal, g_free, fake_couch_attached_free);
  while (reprise_couch_walk_next_member (&walk, &key, &value))
    {
      char *name = reprise_couch_span_dup_string (key);
      g_autofree char *type =
        reprise_couch_span_dup_string (reprise_couch_span_get (value, "content_type"));
      g_autofree char *data =
        reprise_couch_span_dup_string (reprise_couch_span_get (value, "data"));
      gint64 revpos = reprise_couch_span_get_int (reprise_couch_span_get (value, "revpos"),
                                                  fake_couch_generation (leaf->rev));
      g_autofree guchar *bytes = NULL;
      Attached *kept;
      gsize size;

      if (data != NULL)
        {
          bytes = g_base64_decode (data, &size);
          g_hash_table_replace (leaf->attached, name,
                                fake_couch_attached_new (type, bytes, size, (guint) revpos));
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
      g_hash_table_replace (leaf->attached, name, fake_couch_attached_copy (kept));
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
gboolean
fake_couch_write_old_edit (Base *base, RepriseCouchSpan document)
{
  g_auto (RepriseCouchHead) head = { NULL };
  g_autofree char *members = read_members (document);
  Leaf *leaf;
  Doc *doc;

  reprise_couch_head_read (&head, document);
  g_assert_nonnull (head.id);
  g_assert_nonnull (head.rev);
  leaf = fake_couch_leaf_new (
    head.rev, g_strcmp0 (head.id, base->spoilt) == 0 ? "\"spoilt\":1" : members, head.deleted);
  read_path (head.revisions, leaf);
  doc = g_hash_table_lookup (base->docs, head.id);
  if (!read_attachments (base, head.attachments, doc != NULL ? fake_couch_winner (doc) : NULL,
                         leaf))
    {
      fake_couch_leaf_free (leaf);
      return FALSE;
    }
  fake_couch_insert (base, fake_couch_need_doc (base, head.id), leaf);
  return TRUE;
}

/* Returns: %NULL, or the error */
const char *
fake_couch_write_new_edit (Base *base, RepriseCouchSpan document, GString *row)
{
  g_auto (RepriseCouchHead) head = { NULL };
  g_autofree char *members = read_members (document);
  Leaf *parent, *leaf;
  Doc *doc;

  reprise_couch_head_read (&head, document);
  doc = g_hash_table_lookup (base->docs, head.id);
  parent = head.rev != NULL ? fake_couch_find_leaf (doc, head.rev)
           : doc != NULL    ? fake_couch_winner (doc)
                            : NULL;
  if ((head.rev != NULL && parent == NULL) ||
      (head.rev == NULL && parent != NULL && !parent->deleted))
    return "conflict";
  if (head.attachments.data != NULL)
    {
      Leaf *trial = fake_couch_leaf_new ("1-x", "", FALSE);
      gboolean ok = read_attachments (base, head.attachments, parent, trial);

      fake_couch_leaf_free (trial);
      if (!ok)
        return "missing_stub";
    }
  g_string_append (row, "{\"ok\":true,\"id\":");
  reprise_couch_append_string (row, head.id);
  {
    g_autofree char *rev = fake_couch_next_rev (parent, members, head.deleted);
    Leaf *fresh = fake_couch_leaf_new (rev, members, head.deleted);

    read_attachments (base, head.attachments, parent, fresh);
    for (guint i = 0; parent != NULL && i < parent->path->len; i++)
      g_ptr_array_add (fresh->path, g_strdup (parent->path->pdata[i]));
    leaf = fresh;
    g_string_append_printf (row, ",\"rev\":\"%s\"}", leaf->rev);
    fake_couch_insert (base, fake_couch_need_doc (base, head.id), leaf);
  }
  return NULL;
}

void
fake_couch_answer_bulk_docs (Ask *ask, Base *base)
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
      else if (old && !fake_couch_write_old_edit (base, document))
        {
          fake_couch_answer_error (ask, 412, "missing_stub", "Invalid attachment stub");
          return;
        }
      if (!old && error == NULL)
        {
          if (json->len > 1)
            g_string_append_c (json, ',');
          error = fake_couch_write_new_edit (base, document, json);
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
  fake_couch_answer (ask, 201, json->str);
}
