/* test-couch-segment.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sqlite3.h>

#include "base/reprise-error.h"
#include "providers/couchdb/store/reprise-couch-segment.h"
#include "reprise-test.h"

typedef struct
{
  char *folder;
  char *path;
} Fixture;

static void
set_up (Fixture *self, gconstpointer data)
{
  self->folder = reprise_test_make_folder ();
  self->path = g_build_filename (self->folder, "1.sqlite", NULL);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  g_free (self->path);
  reprise_test_remove_folder (self->folder);
}

/* One document with one leaf; @body: (nullable) */
static void
tell (RepriseCouchWriter *writer, const char *id, const char *rev, const char *body)
{
  const RepriseCouchLeaf leaf = { .rev = rev,
                                  .body = body,
                                  .size = body == NULL ? 0 : strlen (body) };
  g_autoptr (GError) error = NULL;

  reprise_couch_writer_begin_document (writer, id, NULL, &error);
  g_assert_no_error (error);
  reprise_couch_writer_add_leaf (writer, &leaf, &error);
  g_assert_no_error (error);
  reprise_couch_writer_end_document (writer, &error);
  g_assert_no_error (error);
}

static RepriseCouchWriter *
begin (Fixture *self)
{
  g_autoptr (GError) error = NULL;
  RepriseCouchWriter *writer = reprise_couch_writer_new (self->path, &error);

  g_assert_no_error (error);
  return writer;
}

static void
commit (RepriseCouchWriter *writer)
{
  g_autoptr (GError) error = NULL;

  reprise_couch_writer_commit (writer, NULL, &error);
  g_assert_no_error (error);
}

static RepriseCouchReader *
read_it (Fixture *self)
{
  g_autoptr (GError) error = NULL;
  RepriseCouchReader *reader = reprise_couch_reader_new (self->path, &error);

  g_assert_no_error (error);
  reprise_couch_reader_verify (reader, NULL, NULL, &error);
  g_assert_no_error (error);
  return reader;
}

/* “id rev flags body” of each row of a cursor, which it takes */
static char *
print (RepriseCouchReader *reader, RepriseCouchCursor *rows)
{
  g_autoptr (RepriseCouchCursor) cursor = rows;
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  RepriseCouchRow row;
  gboolean more = TRUE;

  while (reprise_couch_cursor_next (cursor, &row, &more, &error) && more)
    {
      g_autoptr (GBytes) body =
        row.held || row.gone ? NULL : reprise_couch_reader_read_body (reader, &row, &error);

      g_assert_no_error (error);
      g_string_append_printf (text, "%s %s %s%s%s%s %.*s\n", row.id, row.rev, row.leaf ? "L" : "-",
                              row.deleted ? "D" : "-", row.gone ? "G" : "-", row.held ? "H" : "-",
                              body == NULL ? 0 : (int) g_bytes_get_size (body),
                              body == NULL ? "" : (const char *) g_bytes_get_data (body, NULL));
    }
  g_assert_no_error (error);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static void
assert_rows (Fixture *self, const char *expected)
{
  g_autoptr (RepriseCouchReader) reader = read_it (self);
  g_autofree char *text = print (reader, reprise_couch_reader_list_sorted (reader, NULL, NULL));

  g_assert_cmpstr (text, ==, expected);
}

static void
test_round_trip (Fixture *self, gconstpointer data)
{
  g_autoptr (RepriseCouchWriter) writer = begin (self);
  g_autoptr (RepriseCouchReader) reader = NULL;
  g_autofree char *database = NULL, *sequence = NULL, *one = NULL, *all = NULL;
  g_autoptr (GBytes) security = NULL;
  g_auto (GStrv) extras = NULL;
  struct stat info;

  g_assert_false (reprise_couch_writer_is_resumed (writer));
  g_assert_true (reprise_couch_writer_set (writer, REPRISE_COUCH_DATABASE, "a/b+c", NULL));
  tell (writer, "b", "1-x", "{\"n\":9007199254740993,\"f\":1.0}");
  tell (writer, "a", "2-y", NULL);
  tell (writer, "gone", "1-z", "{}");
  g_assert_true (reprise_couch_writer_begin_document (writer, "gone", NULL, NULL));
  g_assert_true (reprise_couch_writer_end_document (writer, NULL));
  g_assert_true (reprise_couch_writer_put_extra (writer, "_security", "{\"admins\":{}}", 13, NULL));
  g_assert_true (reprise_couch_writer_checkpoint (writer, "3-g1AAAA", NULL));
  g_assert_false (g_file_test (self->path, G_FILE_TEST_EXISTS));
  commit (writer);

  g_assert_cmpint (stat (self->path, &info), ==, 0);
  g_assert_cmpint (info.st_mode & 0777, ==, 0600);
  reader = read_it (self);
  database = reprise_couch_reader_dup (reader, REPRISE_COUCH_DATABASE);
  g_assert_cmpstr (database, ==, "a/b+c");
  sequence = reprise_couch_reader_dup (reader, REPRISE_COUCH_SEQUENCE);
  g_assert_cmpstr (sequence, ==, "3-g1AAAA");
  all = print (reader, reprise_couch_reader_list (reader, NULL));
  g_assert_cmpstr (all, ==,
                   "b 1-x L--- {\"n\":9007199254740993,\"f\":1.0}\na 2-y L--H \ngone 1-z ---- {}\n"
                   "gone  LDG- \n");
  one = print (reader, reprise_couch_reader_find (reader, "a", NULL));
  g_assert_cmpstr (one, ==, "a 2-y L--H \n");
  extras = reprise_couch_reader_list_extras (reader, NULL);
  g_assert_cmpstr (extras[0], ==, "_security");
  security = reprise_couch_reader_read_extra (reader, "_security", NULL);
  g_assert_cmpmem (g_bytes_get_data (security, NULL), g_bytes_get_size (security),
                   "{\"admins\":{}}", 13);
}

/* A rewind, or a document that changes while the run goes on */
static void
test_again (Fixture *self, gconstpointer data)
{
  g_autoptr (RepriseCouchWriter) writer = begin (self);
  const RepriseCouchLeaf both[] = { { .rev = "2-a", .body = "two a", .size = 5 },
                                    { .rev = "2-b", .body = "two b", .size = 5 },
                                    { .rev = "2-b", .body = "two b", .size = 5 } };

  tell (writer, "x", "1-a", "one");
  tell (writer, "y", "1-a", "y");
  tell (writer, "x", "1-a", "one");
  g_assert_cmpuint (reprise_couch_writer_get_n_revisions (writer), ==, 2);
  g_assert_true (reprise_couch_writer_begin_document (writer, "x", "9-s", NULL));
  for (guint i = 0; i < G_N_ELEMENTS (both); i++)
    g_assert_true (reprise_couch_writer_add_leaf (writer, &both[i], NULL));
  g_assert_true (reprise_couch_writer_end_document (writer, NULL));
  tell (writer, "z", "3-h", NULL);
  tell (writer, "z", "3-h", "came after all");
  commit (writer);
  assert_rows (self, "x 1-a ---- one\nx 2-a L--- two a\nx 2-b L--- two b\ny 1-a L--- y\n"
                     "z 3-h L--- came after all\n");
}

/* The same leaf twice within the first telling of a document: no index is there yet */
static void
test_twice (Fixture *self, gconstpointer data)
{
  g_autoptr (RepriseCouchWriter) writer = begin (self);
  const RepriseCouchLeaf leaf = { .rev = "1-a", .body = "one", .size = 3 };

  g_assert_true (reprise_couch_writer_begin_document (writer, "x", NULL, NULL));
  g_assert_true (reprise_couch_writer_add_leaf (writer, &leaf, NULL));
  g_assert_true (reprise_couch_writer_add_leaf (writer, &leaf, NULL));
  g_assert_true (reprise_couch_writer_end_document (writer, NULL));
  commit (writer);
  assert_rows (self, "x 1-a L--- one\n");
}

/* A process that dies after a checkpoint, with more told after it */
static void
test_resume (Fixture *self, gconstpointer data)
{
  g_autofree char *sequence = NULL;
  g_autoptr (RepriseCouchWriter) writer = NULL;
  g_autoptr (GError) error = NULL;
  pid_t child = fork ();
  int status = 0;

  if (child == 0)
    {
      RepriseCouchWriter *dying = begin (self);

      tell (dying, "a", "1-a", "saved");
      reprise_couch_incoming_write (reprise_couch_incoming_new (dying, "md5-", NULL), "half", 4,
                                    NULL);
      g_assert_true (reprise_couch_writer_checkpoint (dying, "1", NULL));
      tell (dying, "b", "1-b", "lost");
      _exit (0);
    }
  waitpid (child, &status, 0);
  g_assert_cmpint (status, ==, 0);
  writer = begin (self);
  g_assert_true (reprise_couch_writer_is_resumed (writer));
  sequence = reprise_couch_writer_dup (writer, REPRISE_COUCH_SEQUENCE);
  g_assert_cmpstr (sequence, ==, "1");
  g_assert_cmpuint (reprise_couch_writer_get_n_revisions (writer), ==, 1);
  tell (writer, "a", "1-a", "saved");
  tell (writer, "b", "1-b", "again");
  commit (writer);
  assert_rows (self, "a 1-a L--- saved\nb 1-b L--- again\n");
  g_assert_null (reprise_couch_writer_new (self->path, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_EXISTS);
}

static void
fill (guint8 *data, gsize size, guint32 seed)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (seed);

  for (gsize i = 0; i < size; i++)
    data[i] = (guint8) g_rand_int (random);
}

static void
read_all (GInputStream *stream, const guint8 *expected, gsize size)
{
  g_autoptr (GError) error = NULL;
  g_autofree guint8 *data = g_malloc (size + 1);
  gsize n = 0;

  g_input_stream_read_all (stream, data, size + 1, &n, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (data, n, expected, size);
}

static void
test_attachments (Fixture *self, gconstpointer data)
{
  const gsize size = 3 * REPRISE_COUCH_PIECE_BYTES + 7;
  g_autofree guint8 *bytes = g_malloc (size);
  g_autoptr (RepriseCouchWriter) writer = begin (self);
  g_autoptr (RepriseCouchReader) reader = NULL;
  g_autoptr (RepriseCouchAttachment) attachment = NULL, empty = NULL;
  g_autoptr (GInputStream) stream = NULL, none = NULL;
  g_autoptr (GArray) links = NULL;
  g_autoptr (GError) error = NULL;
  RepriseCouchLink link = { .name = "a.bin" };
  RepriseCouchLeaf leaf = { .rev = "1-a", .body = "{}", .size = 2, .links = &link, .n_links = 1 };
  guint8 other[REPRISE_COUCH_DIGEST_BYTES];

  fill (bytes, size, 1);
  for (guint round = 0; round < 2; round++) /* the second is the same: not stored twice */
    {
      g_autoptr (RepriseCouchIncoming) incoming =
        reprise_couch_incoming_new (writer, "md4-a", "gzip");

      for (gsize done = 0; done < size; done += 10000)
        g_assert_true (
          reprise_couch_incoming_write (incoming, bytes + done, MIN (10000, size - done), NULL));
      g_assert_true (reprise_couch_incoming_finish (incoming, link.sha256, NULL));
    }
  {
    g_autoptr (RepriseCouchIncoming) wrong = reprise_couch_incoming_new (writer, "md5-AAAA", NULL);
    g_autoptr (RepriseCouchIncoming) nothing =
      reprise_couch_incoming_new (writer, "md5-1B2M2Y8AsgTpgAmY7PhCfg==", NULL);

    g_assert_true (reprise_couch_incoming_write (wrong, bytes, size, NULL));
    g_assert_false (reprise_couch_incoming_finish (wrong, other, &error));
    g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_DAMAGED);
    g_clear_error (&error);
    g_assert_true (reprise_couch_incoming_finish (nothing, other, NULL));
  }
  g_assert_true (reprise_couch_writer_find_attachment (writer, "md4-a", other));
  g_assert_cmpmem (other, sizeof other, link.sha256, sizeof link.sha256);
  g_assert_false (reprise_couch_writer_find_attachment (writer, "md5-AAAA", other));
  g_assert_true (reprise_couch_writer_begin_document (writer, "a", NULL, NULL));
  g_assert_true (reprise_couch_writer_add_leaf (writer, &leaf, NULL));
  g_assert_true (reprise_couch_writer_end_document (writer, NULL));
  g_assert_cmpuint (reprise_couch_writer_get_stored_bytes (writer), <, 3 * size + 4096);
  commit (writer);

  reader = read_it (self);
  links = reprise_couch_reader_list_links (reader, 1, NULL);
  g_assert_cmpuint (links->len, ==, 1);
  g_assert_cmpstr (g_array_index (links, RepriseCouchLink, 0).name, ==, "a.bin");
  attachment = reprise_couch_reader_find_attachment (reader, link.sha256, NULL);
  g_assert_cmpstr (attachment->encoding, ==, "gzip");
  g_assert_cmpint (attachment->size, ==, (gint64) size);
  stream = reprise_couch_reader_open_attachment (reader, attachment, NULL);
  empty =
    reprise_couch_reader_find_attachment_by_digest (reader, "md5-1B2M2Y8AsgTpgAmY7PhCfg==", NULL);
  none = reprise_couch_reader_open_attachment (reader, empty, NULL);
  read_all (none, bytes, 0);
  g_clear_pointer (&reader, reprise_couch_reader_free);
  read_all (stream, bytes, size);
}

/* Large bodies have a frame of their own, small ones share one; all come back to the byte. */
static void
test_sizes (Fixture *self, gconstpointer data)
{
  static const gsize sizes[] = { 0, 1, 1000, 65535, 65536, 65537, 1000000, 3, 30000, 40000, 5 };
  g_autofree char *bytes = g_malloc (1000000);
  g_autoptr (RepriseCouchWriter) writer = begin (self);
  g_autoptr (RepriseCouchReader) reader = NULL;
  g_autoptr (RepriseCouchCursor) cursor = NULL;
  RepriseCouchRow row;
  gboolean more = FALSE;

  fill ((guint8 *) bytes, 1000000, 2);
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      const RepriseCouchLeaf leaf = { .rev = "1-a",
                                      .body = bytes + i,
                                      .size = MIN (sizes[i], 999900) };
      g_autofree char *id = g_strdup_printf ("%u", i);

      g_assert_true (reprise_couch_writer_begin_document (writer, id, NULL, NULL));
      g_assert_true (reprise_couch_writer_add_leaf (writer, &leaf, NULL));
      g_assert_true (reprise_couch_writer_end_document (writer, NULL));
      if (i == 8)
        g_assert_true (reprise_couch_writer_checkpoint (writer, NULL, NULL));
    }
  commit (writer);
  reader = read_it (self);
  cursor = reprise_couch_reader_list (reader, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autoptr (GBytes) body = NULL;

      g_assert_true (reprise_couch_cursor_next (cursor, &row, &more, NULL) && more);
      body = reprise_couch_reader_read_body (reader, &row, NULL);
      g_assert_cmpmem (g_bytes_get_data (body, NULL), g_bytes_get_size (body), bytes + i,
                       MIN (sizes[i], 999900));
    }
}

/* By sqlite3 and zstd alone */
static void
test_by_hand (Fixture *self, gconstpointer data)
{
  static const char script[] = "set -e; cd \"$1\"\n"
                               "sqlite3 -readonly 1.sqlite \"SELECT writefile('frame.zst', data) "
                               "FROM block WHERE n = (SELECT block "
                               "FROM revision WHERE id = 'b' AND rev = '1-x')\" > /dev/null\n"
                               "set -- $(sqlite3 -readonly -separator ' ' 1.sqlite \"SELECT start "
                               "+ 1, size, lower(hex(sha256)) FROM revision "
                               "WHERE id = 'b'\")\n"
                               "zstd -q -d -c frame.zst | tail -c +$1 | head -c $2 > body\n"
                               "echo \"$3  body\" | sha256sum -c --quiet\n"
                               "cat body\n";
  g_autoptr (RepriseCouchWriter) writer = begin (self);
  const char *argv[] = { "bash", "-c", script, "bash", self->folder, NULL };
  g_autofree char *out = NULL, *sqlite = g_find_program_in_path ("sqlite3");
  g_autofree char *zstd = g_find_program_in_path ("zstd");
  int status = 0;

  if (sqlite == NULL || zstd == NULL)
    {
      g_test_skip ("no sqlite3 or no zstd");
      return;
    }
  tell (writer, "a", "1-x", "{\"first\":1}");
  tell (writer, "b", "1-x", "{\"second\":\"\xc3\xa9\"}");
  commit (writer);
  g_assert_true (g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &out,
                               NULL, &status, NULL));
  g_assert_cmpint (status, ==, 0);
  g_assert_cmpstr (out, ==, "{\"second\":\"\xc3\xa9\"}");
}

static void
spoil (Fixture *self, const char *sql)
{
  sqlite3 *db = NULL;
  char *message = NULL;

  g_assert_cmpint (sqlite3_open (self->path, &db), ==, SQLITE_OK);
  sqlite3_exec (db, "PRAGMA writable_schema = ON", NULL, NULL, NULL);
  sqlite3_exec (db, sql, NULL, NULL, &message);
  g_assert_cmpstr (message, ==, NULL);
  sqlite3_close (db);
}

/* Each change is found: by the opening, or by the verification. */
static void
test_damage (gconstpointer data)
{
  Fixture self = { NULL };
  g_autoptr (RepriseCouchWriter) writer = NULL;
  g_autoptr (RepriseCouchReader) reader = NULL;
  g_autoptr (RepriseCouchIncoming) incoming = NULL;
  g_autoptr (GError) error = NULL;
  guint8 sha256[REPRISE_COUCH_DIGEST_BYTES];

  set_up (&self, NULL);
  writer = begin (&self);
  incoming = reprise_couch_incoming_new (writer, "other", NULL);
  g_assert_true (reprise_couch_incoming_write (incoming, "bytes", 5, NULL));
  g_assert_true (reprise_couch_incoming_finish (incoming, sha256, NULL));
  g_clear_pointer (&incoming, reprise_couch_incoming_free);
  tell (writer, "a", "1-a", "{\"a\":1}");
  tell (writer, "b", "1-b", "{\"b\":1}");
  commit (writer);
  spoil (&self, data);
  reader = reprise_couch_reader_new (self.path, &error);
  if (reader != NULL)
    reprise_couch_reader_verify (reader, NULL, NULL, &error);
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_DAMAGED);
  g_clear_pointer (&reader, reprise_couch_reader_free);
  tear_down (&self, NULL);
}

static void
test_later_format (Fixture *self, gconstpointer data)
{
  g_autoptr (RepriseCouchWriter) writer = begin (self);
  g_autoptr (GError) error = NULL;

  commit (writer);
  spoil (self, "PRAGMA user_version = 2");
  g_assert_null (reprise_couch_reader_new (self->path, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_NOT_SUPPORTED);
}

static void
test_discard (Fixture *self, gconstpointer data)
{
  RepriseCouchWriter *writer = begin (self);
  g_autoptr (GDir) dir = NULL;

  tell (writer, "a", "1-a", "x");
  reprise_couch_writer_free (writer);
  g_assert_true (reprise_couch_writer_discard (self->path, NULL));
  dir = g_dir_open (self->folder, 0, NULL);
  g_assert_null (g_dir_read_name (dir));
}

/* Cancelled in the commit: what the checkpoint saved is there still. */
static void
test_cancel (Fixture *self, gconstpointer data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (RepriseCouchWriter) writer = begin (self);
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < 5000; i++)
    {
      g_autofree char *id = g_strdup_printf ("%u", i * 7919 % 5000);

      tell (writer, id, "1-a", "x");
    }
  g_assert_true (reprise_couch_writer_checkpoint (writer, "5000", NULL));
  g_cancellable_cancel (cancellable);
  g_assert_false (reprise_couch_writer_commit (writer, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_pointer (&writer, reprise_couch_writer_free);
  writer = begin (self);
  g_assert_cmpuint (reprise_couch_writer_get_n_revisions (writer), ==, 5000);
  commit (writer);
  g_clear_pointer (&writer, reprise_couch_writer_free);
  reprise_couch_reader_free (read_it (self));
}

int
main (int argc, char *argv[])
{
  static const struct
  {
    const char *name;
    const char *sql;
  } damages[] = {
    { "body", "UPDATE revision SET sha256 = zeroblob(32) WHERE id = 'a'" },
    { "start", "UPDATE revision SET start = 3 WHERE id = 'b'" },
    { "beyond", "UPDATE revision SET start = 100000 WHERE id = 'b'" },
    { "negative", "UPDATE revision SET size = -5 WHERE id = 'b'" },
    { "huge", "UPDATE revision SET size = 9223372036854775807 WHERE id = 'b'" },
    { "block", "DELETE FROM block" },
    { "frame", "UPDATE block SET data = x'00'" },
    { "piece", "DELETE FROM piece" },
    { "part", "UPDATE piece SET part = 1" },
    { "attachment", "UPDATE attachment SET size = 4" },
    { "table", "DROP TABLE link" },
    { "view", "DROP TABLE extra; CREATE VIEW extra AS SELECT 1 AS name, 2 AS data" },
    { "trigger", "CREATE TRIGGER t AFTER INSERT ON extra BEGIN SELECT 1; END" },
    { "index", "DROP INDEX revision_by_id" },
    { "mark", "PRAGMA application_id = 7" },
    { "not-indexed", "DELETE FROM sqlite_schema WHERE name = 'revision_by_id'" },
  };

  reprise_test_init (&argc, &argv);
#define ADD(path, func) g_test_add ("/couch-segment/" path, Fixture, NULL, set_up, func, tear_down)
  ADD ("round-trip", test_round_trip);
  ADD ("again", test_again);
  ADD ("twice", test_twice);
  ADD ("resume", test_resume);
  ADD ("attachments", test_attachments);
  ADD ("sizes", test_sizes);
  ADD ("by-hand", test_by_hand);
  ADD ("later-format", test_later_format);
  ADD ("discard", test_discard);
  ADD ("cancel", test_cancel);
  for (guint i = 0; i < G_N_ELEMENTS (damages); i++)
    {
      g_autofree char *name = g_strconcat ("/couch-segment/damage/", damages[i].name, NULL);

      g_test_add_data_func (name, damages[i].sql, test_damage);
    }
  return g_test_run ();
}
