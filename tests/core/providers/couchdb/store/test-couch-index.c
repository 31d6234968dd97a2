/* test-couch-index.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "base/reprise-time.h"
#include "providers/couchdb/store/reprise-couch-index.h"
#include "reprise-test.h"

typedef struct
{
  char *folder;
  char *path;
  GPtrArray *segments;
} Fixture;

/* Segment @n has the documents of @ids, with a comma between them; a “-” before one says that it is deleted. */
static void
add_segment (Fixture *self, guint n, const char *ids)
{
  g_autofree char *run = g_strdup_printf ("01RUN%021u", n);
  g_autofree char *path = g_strdup_printf ("%s/%u.sqlite", self->folder, n);
  g_autoptr (GDateTime) from = g_date_time_new_from_unix_utc (1000 * n), to = NULL;
  g_autofree char *from_text = reprise_time_to_string (from), *to_text = NULL;
  g_auto (GStrv) split = g_strsplit (ids, ",", -1);
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseCouchWriter) writer = reprise_couch_writer_new (path, &error);
  RepriseCouchSegment *segment;

  g_assert_no_error (error);
  to = g_date_time_new_from_unix_utc (1000 * n + 1000);
  to_text = reprise_time_to_string (to);
  reprise_couch_writer_set (writer, REPRISE_COUCH_DATABASE, "orders", NULL);
  reprise_couch_writer_set (writer, REPRISE_COUCH_RUN, run, NULL);
  reprise_couch_writer_set (writer, REPRISE_COUCH_TIER, n == 0 ? "baseline" : "daily", NULL);
  reprise_couch_writer_set (writer, REPRISE_COUCH_FROM, from_text, NULL);
  reprise_couch_writer_set (writer, REPRISE_COUCH_TO, to_text, NULL);
  for (char **id = split; *id != NULL; id++)
    {
      g_autofree char *rev = g_strdup_printf ("%u-a", n + 1);
      const RepriseCouchLeaf leaf = { .rev = rev, .body = "{}", .size = 2, .deleted = **id == '-' };

      g_assert_true (reprise_couch_writer_begin_document (writer, *id + (**id == '-'), NULL, NULL));
      g_assert_true (reprise_couch_writer_add_leaf (writer, &leaf, NULL));
      g_assert_true (reprise_couch_writer_end_document (writer, NULL));
    }
  reprise_couch_writer_commit (writer, NULL, &error);
  g_assert_no_error (error);
  segment = reprise_couch_segment_read (path, &error);
  g_assert_no_error (error);
  g_ptr_array_add (self->segments, segment);
}

static void
set_up (Fixture *self, gconstpointer data)
{
  self->folder = reprise_test_make_folder ();
  self->path = g_build_filename (self->folder, "cache", "index.sqlite", NULL);
  self->segments = g_ptr_array_new_with_free_func ((GDestroyNotify) reprise_couch_segment_unref);
  add_segment (self, 0, "b,a,c,-d");
  add_segment (self, 1, "a");
  add_segment (self, 2, "e,-a");
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  g_ptr_array_unref (self->segments);
  g_free (self->path);
  reprise_test_remove_folder (self->folder);
}

static RepriseCouchIndex *
open_index (Fixture *self)
{
  g_autoptr (GError) error = NULL;
  RepriseCouchIndex *index = reprise_couch_index_open (self->path, &error);

  g_assert_no_error (error);
  return index;
}

static void
update (Fixture *self, RepriseCouchIndex *index)
{
  g_autoptr (GError) error = NULL;

  reprise_couch_index_update (index, self->segments, NULL, NULL, &error);
  g_assert_no_error (error);
}

static void
assert_found (Fixture *self, RepriseCouchIndex *index, const char *id, guint n)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) found = reprise_couch_index_find (index, self->segments, id, &error);
  g_autoptr (GPtrArray) history =
    found != NULL ? reprise_couch_history_read (found, id, &error) : NULL;

  g_assert_no_error (error);
  g_assert_cmpuint (found->len, ==, n);
  g_assert_cmpuint (history->len, ==, n);
}

static void
test_find (Fixture *self, gconstpointer data)
{
  g_autoptr (RepriseCouchIndex) index = open_index (self);

  update (self, index);
  assert_found (self, index, "a", 3);
  assert_found (self, index, "b", 1);
  assert_found (self, index, "e", 1);
  assert_found (self, index, "none", 0);
}

/* Segments come and go; a segment that the index has not seen is looked into all the same. */
static void
test_change (Fixture *self, gconstpointer data)
{
  g_autoptr (RepriseCouchIndex) index = open_index (self);

  update (self, index);
  add_segment (self, 3, "a,f");
  assert_found (self, index, "a", 4);
  update (self, index);
  assert_found (self, index, "a", 4);
  assert_found (self, index, "f", 1);
  g_ptr_array_remove_index (self->segments, 1);
  update (self, index);
  assert_found (self, index, "a", 3);
  g_clear_pointer (&index, reprise_couch_index_free);
  index = open_index (self);
  update (self, index);
  assert_found (self, index, "a", 3);
}

/* It is a cache: gone or spoilt, it is made again. */
static void
test_rebuild (Fixture *self, gconstpointer data)
{
  g_autoptr (RepriseCouchIndex) index = open_index (self);

  update (self, index);
  g_clear_pointer (&index, reprise_couch_index_free);
  g_assert_true (
    g_file_set_contents (self->path, "this is no database, and never was one", -1, NULL));
  index = open_index (self);
  update (self, index);
  assert_found (self, index, "a", 3);
}

int
main (int argc, char *argv[])
{
  reprise_test_init (&argc, &argv);
#define ADD(path, func) g_test_add ("/couch-index/" path, Fixture, NULL, set_up, func, tear_down)
  ADD ("find", test_find);
  ADD ("change", test_change);
  ADD ("rebuild", test_rebuild);
  return g_test_run ();
}
