/* test-nocobase-archive.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "archive/reprise-archive-reader.h"
#include "archive/reprise-zip-writer.h"
#include "base/reprise-error.h"
#include "providers/nocobase/reprise-nocobase-data.h"
#include "providers/nocobase/reprise-nocobase-dump.h"
#include "reprise-test.h"

#define PASSWORD "s3cret pass"
#define N_FLIPS  (REPRISE_TEST_WITH_SANITIZER ? 20 : 60)

typedef struct
{
  char *folder;
  char *path; /* of an archive made by the test */
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->folder = reprise_test_make_folder ();
  fixture->path = g_build_filename (fixture->folder, "made.nbdump", NULL);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_free (fixture->path);
  reprise_test_remove_folder (fixture->folder);
}

/* Without waiting for the disk */
static void
write_sample (Fixture *fixture, const char *bytes, gsize size)
{
  g_assert_true (g_file_set_contents_full (fixture->path, bytes, (gssize) size,
                                           G_FILE_SET_CONTENTS_NONE, 0600, NULL));
}

static RepriseArchive *
look_dump (const char *path, RepriseDepth depth, GError **error)
{
  g_autoptr (RepriseArchive) archive = reprise_archive_new_for_file ("nocobase", path);

  if (!reprise_nocobase_dump_inspect (archive, path, depth, NULL, NULL, error))
    return NULL;
  return g_steal_pointer (&archive);
}

static RepriseArchive *
look_data (const char *path, const char *password, RepriseDepth depth, GError **error)
{
  g_autoptr (RepriseArchive) archive = reprise_archive_new_for_file ("nocobase", path);
  g_autoptr (RepriseSecretValue) secret =
    password != NULL ? reprise_secret_value_new_text (password) : NULL;

  if (!reprise_nocobase_data_inspect (archive, path, secret, depth, NULL, NULL, error))
    return NULL;
  return g_steal_pointer (&archive);
}

static void
assert_group (RepriseArchive *archive, RepriseGroup id, guint n, gint64 rows)
{
  RepriseDataGroup *group = reprise_contents_get_group (reprise_archive_get_contents (archive), id);

  g_assert_nonnull (group);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (group)), ==, n);
  g_assert_cmpint (reprise_data_group_get_rows (group), ==, rows);
}

static void
assert_clean (RepriseArchive *archive)
{
  g_auto (GStrv) damage = reprise_archive_dup_damage (archive);

  if (damage[0] != NULL)
    g_test_message ("%s", damage[0]);
  g_assert_false (reprise_archive_is_damaged (archive));
}

static void
assert_says (char **sentences, const char *part)
{
  for (guint i = 0; sentences[i] != NULL; i++)
    if (strstr (sentences[i], part) != NULL)
      return;
  g_test_message ("nobody says “%s”, but: %s", part,
                  sentences[0] != NULL ? sentences[0] : "nothing");
  g_test_fail ();
}

static void
test_dump_samples (void)
{
  static const RepriseDepth DEPTHS[] = { REPRISE_DEPTH_FULL, REPRISE_DEPTH_DEEP };

  for (guint i = 0; i < G_N_ELEMENTS (DEPTHS); i++)
    {
      g_autofree char *all = reprise_test_data ("nocobase/all-groups.nbdump");
      g_autofree char *required = reprise_test_data ("nocobase/required-only.nbdump");
      g_autoptr (GError) error = NULL;
      g_autoptr (RepriseArchive) archive = look_dump (all, DEPTHS[i], &error);
      g_autoptr (RepriseArchive) other = look_dump (required, DEPTHS[i], &error);
      RepriseCollection *customers;

      g_assert_no_error (error);
      assert_clean (archive);
      assert_group (archive, REPRISE_GROUP_REQUIRED, 50, 579);
      assert_group (archive, REPRISE_GROUP_USER, 5, 18);
      assert_group (archive, REPRISE_GROUP_THIRD_PARTY, 6, 1);
      assert_group (archive, REPRISE_GROUP_LOG, 11, 0);
      assert_group (archive, REPRISE_GROUP_CUSTOM, 3, 801);
      assert_group (archive, REPRISE_GROUP_UNKNOWN, 32, 39);
      g_assert_cmpstr (reprise_archive_get_service_version (archive), ==, "2.2.15");
      g_assert_cmpstr (reprise_archive_get_engine (archive), ==, "postgres");
      g_assert_false (reprise_archive_get_whole (archive));
      g_assert_cmpstr (reprise_archive_get_data (archive, REPRISE_NOCOBASE_DATA_ENVIRONMENT), ==,
                       "DB_UNDERSCORED=false\n");
      g_assert_nonnull (strstr (reprise_archive_get_data (archive, REPRISE_NOCOBASE_DATA_PLUGINS),
                                "@nocobase/plugin-acl\n"));
      g_assert_nonnull (
        strstr (reprise_archive_get_data (archive, REPRISE_NOCOBASE_DATA_DEFINED), "peerOrders\n"));
      customers =
        reprise_contents_find (reprise_archive_get_contents (archive), "peerCustomers", NULL);
      g_assert_cmpint (reprise_collection_get_rows (customers), ==, 300);
      g_assert_cmpstr (reprise_collection_get_title (customers), ==, "Customers");
      assert_group (other, REPRISE_GROUP_REQUIRED, 50, 579);
      g_assert_null (
        reprise_contents_get_group (reprise_archive_get_contents (other), REPRISE_GROUP_CUSTOM));
    }
}

/* A view and an SQL collection are listed and have no data: that is no damage. */
static void
test_dump_view (void)
{
  g_autofree char *path = reprise_test_data ("nocobase/custom-with-view-and-inherits.nbdump");
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseArchive) archive = look_dump (path, REPRISE_DEPTH_DEEP, &error);
  g_auto (GStrv) warnings = NULL;
  RepriseCollection *view;

  g_assert_no_error (error);
  assert_clean (archive);
  assert_group (archive, REPRISE_GROUP_CUSTOM, 6, 806);
  view = reprise_contents_find (reprise_archive_get_contents (archive), "peer_vip_view", NULL);
  g_assert_cmpint (reprise_collection_get_rows (view), ==, REPRISE_NOT_REPORTED);
  g_assert_nonnull (reprise_collection_get_reason (view));
  g_assert_cmpstr (reprise_archive_get_data (archive, REPRISE_NOCOBASE_DATA_VIEWS), ==,
                   "peer_vip_view\n");
  g_assert_cmpstr (reprise_archive_get_data (archive, REPRISE_NOCOBASE_DATA_INHERITS), ==,
                   "peerPartners\tpeerCustomers\n");
  g_assert_cmpstr (reprise_archive_get_data (archive, REPRISE_NOCOBASE_DATA_ABSENT), ==,
                   "peerVipSql\npeer_vip_view\n");
  warnings = reprise_archive_dup_warnings (archive);
  assert_says (warnings, "views");
}

/* An archive made from a sample by changing one file in it: @from and @to (nullable: the file is left out) of its text. */
typedef struct
{
  const char *title;
  const char *file;
  const char *from;
  const char *to;
  gboolean deep;      /* only a look into each row finds it */
  const char *damage; /* (nullable): what is said; else it cannot be read at all */
} Change;

static const Change CHANGES[] = {
  { "row-missing", "collections/peerCustomers/data", "line", NULL, FALSE, "A part of" },
  { "count", "collections/peerCustomers/meta", "\"count\":300", "\"count\":301", FALSE,
    "should have 301" },
  { "count-text", "collections/peerCustomers/meta", "\"count\":300", "\"count\":\"3\"", FALSE,
    "no number of rows" },
  { "name", "collections/peerCustomers/meta", "\"name\":\"peerCustomers\"",
    "\"name\":\"peerCustomer2\"", FALSE, "another" },
  { "columns", "collections/peerCustomers/meta", "\"columns\":[", "\"columns\":[\"x\",", TRUE,
    "do not fit" },
  { "no-columns", "collections/peerCustomers/meta", "\"columns\":", "\"colums\":", FALSE,
    "no columns" },
  { "meta-cut", "collections/peerCustomers/meta", "{", "", FALSE, "peerCustomers" },
  { "row-cut", "collections/peerCustomers/data", "]\r\n", "\r\n", TRUE, "row 1" },
  { "row-object", "collections/peerCustomers/data", "[", "{\"a\":[", TRUE, "row 1" },
  { "row-wide", "collections/peerCustomers/data", "]\r\n", ",1]\r\n", TRUE, "do not fit" },
  { "row-empty", "collections/peerCustomers/data", "\r\n", "\r\n\r\n", FALSE, "“peerCustomers”" },
  { "no-meta", "meta", "{", NULL, FALSE, NULL },
  { "meta-no-json", "meta", "{", "{{", FALSE, NULL },
  { "meta-no-version", "meta", "\"version\"", "\"ersion\"", FALSE, NULL },
  { "meta-no-groups", "meta", "\"dumpableCollectionsGroupByGroup\"", "\"x\"", FALSE, NULL },
  { "unlisted", "meta", "\"name\":\"peerOrders\"", "\"name\":\"peerOrder2\"", FALSE, "peerOrder2" },
};

static GBytes *
change (GBytes *bytes, const Change *how)
{
  gsize size = g_bytes_get_size (bytes);
  const char *data = g_bytes_get_data (bytes, NULL),
             *at = memmem (data, size, how->from, strlen (how->from));
  GByteArray *changed = g_byte_array_new ();

  g_assert_nonnull (at);
  g_byte_array_append (changed, (const guint8 *) data, (guint) (at - data));
  g_byte_array_append (changed, (const guint8 *) how->to, (guint) strlen (how->to));
  at += strlen (how->from);
  g_byte_array_append (changed, (const guint8 *) at, (guint) (data + size - at));
  return g_byte_array_free_to_bytes (changed);
}

static void
copy_changed (const char *from, const char *to, const Change *how)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseArchiveReader) reader = reprise_archive_reader_open (from, NULL, NULL, &error);
  g_autoptr (GFile) file = g_file_new_for_path (to);
  g_autoptr (GOutputStream) out = G_OUTPUT_STREAM (
    g_file_replace (file, NULL, FALSE, G_FILE_CREATE_REPLACE_DESTINATION, NULL, &error));
  g_autoptr (RepriseZipWriter) writer = reprise_zip_writer_new (out, REPRISE_ZIP_LEVEL_FAST);
  const RepriseArchiveEntry *entry = NULL;

  while (reprise_archive_reader_next (reader, &entry, NULL, &error) && entry != NULL)
    {
      g_autofree char *name = g_strdup (entry->name);
      g_autoptr (GBytes) bytes = NULL;

      if (entry->is_folder)
        continue;
      bytes = reprise_archive_reader_read_all (reader, 64 * 1024 * 1024, NULL, &error);
      g_assert_no_error (error);
      if (how != NULL && strcmp (name, how->file) == 0)
        {
          g_autoptr (GBytes) old = g_steal_pointer (&bytes);

          if (how->to == NULL)
            continue;
          bytes = change (old, how);
        }
      reprise_zip_writer_add_bytes (writer, name, g_bytes_get_data (bytes, NULL),
                                    g_bytes_get_size (bytes), NULL, NULL, &error);
      g_assert_no_error (error);
    }
  reprise_zip_writer_finish (writer, &error);
  g_assert_no_error (error);
  g_output_stream_close (out, NULL, &error);
  g_assert_no_error (error);
}

static void
test_dump_changed (Fixture *fixture, gconstpointer data)
{
  const Change *how = data;
  g_autofree char *sample = reprise_test_data ("nocobase/all-groups.nbdump");
  g_autoptr (GError) error = NULL, full_error = NULL;
  g_autoptr (RepriseArchive) archive = NULL, full = NULL;
  g_auto (GStrv) damage = NULL;

  copy_changed (sample, fixture->path, how);
  archive = look_dump (fixture->path, REPRISE_DEPTH_DEEP, &error);
  if (how->damage == NULL)
    {
      g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_DAMAGED);
      return;
    }
  g_assert_no_error (error);
  damage = reprise_archive_dup_damage (archive);
  assert_says (damage, how->damage);
  full = look_dump (fixture->path, REPRISE_DEPTH_FULL, &full_error);
  g_assert_no_error (full_error);
  g_assert_cmpint (reprise_archive_is_damaged (full), ==, !how->deep);
}

/* What a copy without a change must be, so that the others are seen to be seen. */
static void
test_dump_copied (Fixture *fixture, gconstpointer data)
{
  g_autofree char *sample = reprise_test_data ("nocobase/all-groups.nbdump");
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseArchive) archive = NULL;

  copy_changed (sample, fixture->path, NULL);
  archive = look_dump (fixture->path, REPRISE_DEPTH_DEEP, &error);
  g_assert_no_error (error);
  assert_clean (archive);
}

/* Whether an archive is found out: by an error or by noted damage. */
static gboolean
is_found (const char *path, gboolean is_dump, const char *password)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseArchive) archive = is_dump
                                         ? look_dump (path, REPRISE_DEPTH_FULL, &error)
                                         : look_data (path, password, REPRISE_DEPTH_FULL, &error);

  if (archive == NULL)
    {
      g_assert_true (g_error_matches (error, REPRISE_ERROR, REPRISE_ERROR_DAMAGED) ||
                     g_error_matches (error, REPRISE_ERROR, REPRISE_ERROR_LIMIT) ||
                     g_error_matches (error, REPRISE_ERROR, REPRISE_ERROR_NOT_SUPPORTED) ||
                     g_error_matches (error, REPRISE_ERROR, REPRISE_ERROR_NEEDS_PASSWORD));
      return TRUE;
    }
  return reprise_archive_is_damaged (archive);
}

static const struct
{
  const char *name;
  gboolean is_dump;
  const char *password;
} SAMPLES[] = {
  { "nocobase/required-only.nbdump", TRUE, NULL },
  { "nocobase/manager-plain.nbdata", FALSE, NULL },
  { "nocobase/manager-encrypted.nbdata", FALSE, PASSWORD },
};

static void
test_cut (Fixture *fixture, gconstpointer data)
{
  for (guint i = 0; i < G_N_ELEMENTS (SAMPLES); i++)
    {
      g_autofree char *sample = reprise_test_data (SAMPLES[i].name);
      gsize size = 0;
      g_autofree char *bytes = reprise_test_read (sample, &size);
      guint step = g_test_thorough () ? 16 : 4096;

      for (gsize length = 0; length < size; length += step)
        {
          write_sample (fixture, bytes, length);
          g_assert_true (is_found (fixture->path, SAMPLES[i].is_dump, SAMPLES[i].password));
        }
    }
}

/* One changed byte in the packed data of any file in it. */
static void
test_flipped (Fixture *fixture, gconstpointer data)
{
  for (guint i = 0; i < G_N_ELEMENTS (SAMPLES); i++)
    {
      g_autofree char *sample = reprise_test_data (SAMPLES[i].name);
      gsize size = 0;
      g_autofree char *bytes = reprise_test_read (sample, &size);

      for (guint n = 0; n < N_FLIPS; n++)
        {
          /* All of an encrypted one counts; of a zip file, what follows the first header and stands before the directory. */
          gsize at = (gsize) g_test_rand_int_range (200, (gint32) size / 2);
          char old = bytes[at];

          bytes[at] ^= (char) (1 << g_test_rand_int_range (0, 8));
          write_sample (fixture, bytes, size);
          if (!is_found (fixture->path, SAMPLES[i].is_dump, SAMPLES[i].password))
            {
              /* A date or another thing without meaning: then all that is read must be as it was. */
              g_autoptr (RepriseArchive) archive =
                SAMPLES[i].is_dump
                  ? look_dump (fixture->path, REPRISE_DEPTH_FULL, NULL)
                  : look_data (fixture->path, SAMPLES[i].password, REPRISE_DEPTH_FULL, NULL);

              g_assert_cmpstr (reprise_archive_get_service_version (archive), ==, "2.2.15");
            }
          bytes[at] = old;
        }
    }
}

/* Names that would be written elsewhere on the server. */
static void
test_hostile_names (Fixture *fixture, gconstpointer data)
{
  static const char *const NAMES[] = { "collections/../../evil", "/ollections/users/dat",
                                       "collections\\users\\dat" };
  g_autofree char *sample = reprise_test_data ("nocobase/all-groups.nbdump");

  for (guint i = 0; i < G_N_ELEMENTS (NAMES); i++)
    {
      gsize size = 0;
      g_autofree char *bytes = reprise_test_read (sample, &size);
      char *at = bytes;
      guint n = 0;

      /* “collections/users/data” in the local header and in the directory */
      while ((at = memmem (at, size - (gsize) (at - bytes), "collections/users/data", 22)) != NULL)
        {
          memset (at, 'x', 22);
          memcpy (at, NAMES[i], strlen (NAMES[i]));
          at += 22;
          n++;
        }
      g_assert_cmpuint (n, ==, 2);
      write_sample (fixture, bytes, size);
      g_assert_true (is_found (fixture->path, TRUE, NULL));
    }
}

static void
test_data_plain (void)
{
  g_autofree char *path = reprise_test_data ("nocobase/manager-plain.nbdata");
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseArchive) archive = look_data (path, NULL, REPRISE_DEPTH_FULL, &error);
  RepriseContents *contents;
  RepriseGroup group = REPRISE_GROUP_SKIPPED;

  g_assert_no_error (error);
  assert_clean (archive);
  g_assert_true (reprise_archive_get_whole (archive));
  g_assert_false (reprise_archive_get_encrypted (archive));
  g_assert_cmpstr (reprise_archive_get_service_version (archive), ==, "2.2.15");
  g_assert_cmpstr (reprise_archive_get_engine (archive), ==, "postgres");
  contents = reprise_archive_get_contents (archive);
  g_assert_cmpint (
    reprise_collection_get_rows (reprise_contents_find (contents, "peerCustomers", &group)), ==,
    300);
  g_assert_cmpint (group, ==, REPRISE_GROUP_CUSTOM);
  g_assert_cmpint (
    reprise_collection_get_rows (reprise_contents_find (contents, "peerOrders", NULL)), ==, 500);
  g_assert_cmpint (reprise_collection_get_rows (reprise_contents_find (contents, "users", &group)),
                   ==, 6);
  g_assert_cmpint (group, ==, REPRISE_GROUP_USER);
  g_assert_cmpint (reprise_collection_get_rows (reprise_contents_find (contents, "uploads/", NULL)),
                   ==, 4);
  g_assert_cmpint (
    reprise_collection_get_size_bytes (reprise_contents_find (contents, "aes_key.dat", NULL)), ==,
    32);
}

static void
test_data_encrypted (void)
{
  g_autofree char *path = reprise_test_data ("nocobase/manager-encrypted.nbdata");
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseArchive) locked = look_data (path, NULL, REPRISE_DEPTH_FULL, &error);
  g_autoptr (RepriseArchive) open = look_data (path, PASSWORD, REPRISE_DEPTH_FULL, &error);
  g_autoptr (RepriseArchive) wrong = NULL;

  g_assert_no_error (error);
  g_assert_true (reprise_archive_get_encrypted (locked));
  g_assert_true (reprise_archive_get_locked (locked));
  g_assert_true (reprise_archive_get_encrypted (open));
  g_assert_false (reprise_archive_get_locked (open));
  assert_clean (open);
  g_assert_cmpstr (reprise_archive_get_service_version (open), ==, "2.2.15");
  g_assert_nonnull (reprise_contents_find (reprise_archive_get_contents (open), "users", NULL));
  wrong = look_data (path, "another", REPRISE_DEPTH_FULL, &error);
  g_assert_null (wrong);
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_NEEDS_PASSWORD);
}

/* With the right password, damage is not taken for a wrong one; wherever it is. */
static void
test_data_encrypted_damage (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = reprise_test_data ("nocobase/manager-encrypted.nbdata");
  gsize size = 0;
  g_autofree char *bytes = reprise_test_read (path, &size);
  const gsize places[] = { 2, 17, 5000, size / 2, size - 40, size - 1 };

  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (RepriseArchive) archive = NULL;

      bytes[places[i]] ^= 0x20;
      write_sample (fixture, bytes, size);
      bytes[places[i]] ^= 0x20;
      archive = look_data (fixture->path, PASSWORD, REPRISE_DEPTH_FULL, &error);
      if (archive == NULL)
        g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_DAMAGED);
      else
        g_assert_true (reprise_archive_is_damaged (archive));
    }
}

/* A dump whose text ends as mysqldump ends it, and one that was cut. */
static void
test_data_mysql (Fixture *fixture, gconstpointer data)
{
  static const char METADATA[] =
    "{\"version\":\"2.2.15\",\"enableFilesBackup\":true,\"database\":{\"dialect\":\"mysql\","
    "\"underscored\":true,\"tablePrefix\":\"nb_\"},\"plugins\":[{\"packageName\":\"@x/y\"}]}";
  static const char SQL[] =
    "-- MySQL dump\nCREATE TABLE `nb_roles_users` (\n  `id` int\n);\nINSERT INTO `nb_roles_users` "
    "VALUES ('\\nCREATE TABLE `no`');\nCREATE TABLE `nb_shop` (\n);\n-- Dump completed on "
    "2026-11-21\n\n"
    "/*!40101 SET COLLATION_CONNECTION=@OLD_COLLATION_CONNECTION */;\n";

  for (guint cut = 0; cut < 2; cut++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GFile) file = g_file_new_for_path (fixture->path);
      g_autoptr (GOutputStream) out =
        G_OUTPUT_STREAM (g_file_replace (file, NULL, FALSE, G_FILE_CREATE_NONE, NULL, &error));
      g_autoptr (RepriseZipWriter) writer = reprise_zip_writer_new (out, REPRISE_ZIP_LEVEL_FAST);
      g_autoptr (RepriseArchive) archive = NULL;

      reprise_zip_writer_add_bytes (writer, "data", SQL, cut ? 120 : sizeof SQL - 1, NULL, NULL,
                                    &error);
      reprise_zip_writer_add_bytes (writer, "_metadata.json", METADATA, sizeof METADATA - 1, NULL,
                                    NULL, &error);
      reprise_zip_writer_finish (writer, &error);
      g_output_stream_close (out, NULL, &error);
      archive = look_data (fixture->path, NULL, REPRISE_DEPTH_FULL, &error);
      g_assert_no_error (error);
      g_assert_cmpint (reprise_archive_is_damaged (archive), ==, cut == 1);
      g_assert_cmpstr (reprise_archive_get_data (archive, REPRISE_NOCOBASE_DATA_ENVIRONMENT), ==,
                       "DB_UNDERSCORED=true\nDB_TABLE_PREFIX=nb_\n");
      g_assert_nonnull (
        reprise_contents_find (reprise_archive_get_contents (archive), "rolesUsers", NULL));
      g_assert_null (reprise_contents_find (reprise_archive_get_contents (archive), "no", NULL));
      if (!cut)
        g_assert_nonnull (
          reprise_contents_find (reprise_archive_get_contents (archive), "shop", NULL));
    }
}

/* An archive that unpacks to much more than it is. */
static void
test_bomb (Fixture *fixture, gconstpointer data)
{
  static char zeros[1024 * 1024];
  g_autoptr (GError) error = NULL;
  g_autoptr (GFile) file = g_file_new_for_path (fixture->path);
  g_autoptr (GOutputStream) out =
    G_OUTPUT_STREAM (g_file_create (file, G_FILE_CREATE_NONE, NULL, &error));
  g_autoptr (RepriseZipWriter) writer = reprise_zip_writer_new (out, REPRISE_ZIP_LEVEL_FAST);
  g_autoptr (RepriseArchive) archive = NULL;

  reprise_zip_writer_add_bytes (writer, "meta", "{}", 2, NULL, NULL, &error);
  reprise_zip_writer_begin (writer, "collections/users/data", -1, NULL, &error);
  for (guint i = 0; i < 200; i++)
    reprise_zip_writer_write (writer, zeros, sizeof zeros, NULL, &error);
  reprise_zip_writer_end (writer, NULL, NULL, &error);
  reprise_zip_writer_finish (writer, &error);
  g_output_stream_close (out, NULL, &error);
  g_assert_no_error (error);
  archive = look_dump (fixture->path, REPRISE_DEPTH_FULL, &error);
  g_assert_null (archive);
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_LIMIT);
}

static void
test_cancelled (void)
{
  g_autofree char *path = reprise_test_data ("nocobase/all-groups.nbdump");
  g_autoptr (RepriseArchive) archive = reprise_archive_new_for_file ("nocobase", path);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  g_cancellable_cancel (cancellable);
  g_assert_false (
    reprise_nocobase_dump_inspect (archive, path, REPRISE_DEPTH_FULL, NULL, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

int
main (int argc, char *argv[])
{
  reprise_test_init (&argc, &argv);
  g_test_add_func ("/nocobase/archive/dump/samples", test_dump_samples);
  g_test_add_func ("/nocobase/archive/dump/view", test_dump_view);
  g_test_add ("/nocobase/archive/dump/copied", Fixture, NULL, set_up, test_dump_copied, tear_down);
  for (guint i = 0; i < G_N_ELEMENTS (CHANGES); i++)
    {
      g_autofree char *path =
        g_strconcat ("/nocobase/archive/dump/changed/", CHANGES[i].title, NULL);

      g_test_add (path, Fixture, &CHANGES[i], set_up, test_dump_changed, tear_down);
    }
  g_test_add ("/nocobase/archive/cut", Fixture, NULL, set_up, test_cut, tear_down);
  g_test_add ("/nocobase/archive/flipped", Fixture, NULL, set_up, test_flipped, tear_down);
  g_test_add ("/nocobase/archive/hostile-names", Fixture, NULL, set_up, test_hostile_names,
              tear_down);
  g_test_add ("/nocobase/archive/bomb", Fixture, NULL, set_up, test_bomb, tear_down);
  g_test_add_func ("/nocobase/archive/cancelled", test_cancelled);
  g_test_add_func ("/nocobase/archive/data/plain", test_data_plain);
  g_test_add_func ("/nocobase/archive/data/encrypted", test_data_encrypted);
  g_test_add ("/nocobase/archive/data/encrypted-damage", Fixture, NULL, set_up,
              test_data_encrypted_damage, tear_down);
  g_test_add ("/nocobase/archive/data/mysql", Fixture, NULL, set_up, test_data_mysql, tear_down);
  return g_test_run ();
}
