/* bench-couch.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * bench-couch FOLDER DOCUMENTS: what one core stores of documents that are in memory already, and what it reads again; an increment of
 * 100 of them; and, over an index of DOCUMENTS mentions in each of ten segments, the history of one document. A line for each: what,
 * documents a second of processor time, of wall time (of the last, milliseconds), bytes stored, highest resident memory in KiB.
 */

#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>

#include "providers/couchdb/store/reprise-couch-index.h"
#include "store/reprise-database.h"

#define POOL             4096
#define CHECKPOINT_BYTES (16 * 1024 * 1024)

static double
now (clockid_t clock)
{
  struct timespec time;

  clock_gettime (clock, &time);
  return (double) time.tv_sec + (double) time.tv_nsec / 1e9;
}

static void
report (const char *what, guint64 n, double cpu, double wall, const char *path)
{
  struct rusage usage;
  struct stat info = { 0 };

  if (stat (path, &info) != 0)
    info.st_size = 0;
  getrusage (RUSAGE_SELF, &usage);
  g_print ("%s %.0f %.0f %" G_GINT64_FORMAT " %ld\n", what, (double) n / cpu, (double) n / wall,
           (gint64) info.st_size, usage.ru_maxrss);
}

/* What an application keeps: words, numbers, times and keys; 1.1 kB with its revisions. It packs about four to one. */
static GPtrArray *
make_bodies (void)
{
  static const char *const words[] = {
    "invoice", "customer", "Montréal", "delivered", "pending", "warehouse", "quantity", "Chloé",
    "of",      "the",      "order",    "with",      "north",   "payment",   "refund",   "street",
  };
  GPtrArray *bodies = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GRand) random = g_rand_new_with_seed (1);

  for (guint i = 0; i < POOL; i++)
    {
      GString *body = g_string_new (NULL);

      g_string_printf (
        body,
        "{\"_id\":\"order:%08x%08x\",\"_rev\":\"2-%08x%08x%08x%08x\",\"_revisions\":{\"start\":2,"
        "\"ids\":[\"%08x%08x%08x%08x\",\"%08x%08x%08x%08x\"]},\"total\":%.2f,\"at\":\"2026-11-%02dT"
        "10:%02d:17.%03dZ\",\"lines\":[",
        g_rand_int (random), i, g_rand_int (random), g_rand_int (random), g_rand_int (random),
        g_rand_int (random), g_rand_int (random), g_rand_int (random), g_rand_int (random),
        g_rand_int (random), g_rand_int (random), g_rand_int (random), g_rand_int (random),
        g_rand_int (random), g_rand_double_range (random, 0, 9999),
        g_rand_int_range (random, 1, 29), g_rand_int_range (random, 0, 60),
        g_rand_int_range (random, 0, 1000));
      while (body->len < 1050)
        g_string_append_printf (
          body, "{\"sku\":\"%08x\",\"n\":%d,\"text\":\"%s %s %s\"},", g_rand_int (random),
          g_rand_int_range (random, 1, 99), words[g_rand_int_range (random, 0, 16)],
          words[g_rand_int_range (random, 0, 16)], words[g_rand_int_range (random, 0, 16)]);
      g_string_append (body, "null]}");
      g_ptr_array_add (bodies, g_string_free (body, FALSE));
    }
  return bodies;
}

static void
must (gboolean ok, GError *error)
{
  if (!ok)
    g_error ("%s", error->message);
}

static void
write_all (const char *path, guint64 n, GPtrArray *bodies)
{
  g_autoptr (GError) error = NULL;
  RepriseCouchWriter *writer = reprise_couch_writer_new (path, &error);
  double cpu = now (CLOCK_PROCESS_CPUTIME_ID), wall = now (CLOCK_MONOTONIC);

  must (writer != NULL, error);
  reprise_couch_writer_set (writer, REPRISE_COUCH_DATABASE, "orders", NULL);
  reprise_couch_writer_set (writer, REPRISE_COUCH_RUN, "01RUN", NULL);
  reprise_couch_writer_set (writer, REPRISE_COUCH_TIER, "baseline", NULL);
  reprise_couch_writer_set (writer, REPRISE_COUCH_TO, "2026-11-21T10:00:00.000Z", NULL);
  for (guint64 i = 0; i < n; i++)
    {
      const char *body = bodies->pdata[i % POOL];
      const RepriseCouchLeaf leaf = { .rev = "2-0123456789abcdef0123456789abcdef",
                                      .body = body,
                                      .size = strlen (body) };
      char id[64];

      g_snprintf (id, sizeof id, "order:%016" G_GINT64_MODIFIER "x",
                  i * G_GUINT64_CONSTANT (0x9e3779b97f4a7c15));
      must (reprise_couch_writer_begin_document (writer, id, NULL, &error) &&
              reprise_couch_writer_add_leaf (writer, &leaf, &error) &&
              reprise_couch_writer_end_document (writer, &error),
            error);
      if (reprise_couch_writer_get_unsaved_bytes (writer) > CHECKPOINT_BYTES)
        must (reprise_couch_writer_checkpoint (writer, "1-g1", &error), error);
    }
  must (reprise_couch_writer_commit (writer, NULL, &error), error);
  report ("store", n, now (CLOCK_PROCESS_CPUTIME_ID) - cpu, now (CLOCK_MONOTONIC) - wall, path);
  reprise_couch_writer_free (writer);
}

static void
verify (const char *path, guint64 n)
{
  g_autoptr (GError) error = NULL;
  RepriseCouchReader *reader = reprise_couch_reader_new (path, &error);
  double cpu = now (CLOCK_PROCESS_CPUTIME_ID), wall = now (CLOCK_MONOTONIC);

  must (reader != NULL && reprise_couch_reader_verify (reader, NULL, NULL, &error), error);
  report ("verify", n, now (CLOCK_PROCESS_CPUTIME_ID) - cpu, now (CLOCK_MONOTONIC) - wall, path);
  reprise_couch_reader_free (reader);
}

/* An index is filled by hand, as if there were ten segments of so many mentions; the one that is there is looked into for each. */
static void
look_up (const char *folder, const char *path, guint64 n)
{
  static const char *const migrations[] = {
    "CREATE TABLE segment (n INTEGER PRIMARY KEY, run TEXT NOT NULL UNIQUE, size INTEGER NOT NULL);"
    "CREATE TABLE mention (hash INTEGER NOT NULL, segment INTEGER NOT NULL, "
    "PRIMARY KEY (hash, segment)) WITHOUT ROWID",
    NULL,
  };
  g_autofree char *cache = g_build_filename (folder, "index.sqlite", NULL);
  g_autofree char *fill = g_strdup_printf (
    "WITH RECURSIVE c (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < %" G_GUINT64_FORMAT
    ") INSERT INTO mention SELECT x * 1844674407370, s FROM c, (SELECT 2 AS s UNION SELECT 3 UNION "
    "SELECT 4 UNION SELECT 5 UNION SELECT 6 UNION SELECT 7 UNION SELECT 8 UNION SELECT 9 UNION "
    "SELECT 10) ORDER BY x",
    n);
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseDatabase) database =
    reprise_database_open (cache, migrations, REPRISE_DATABASE_CACHE, &error);
  g_autoptr (GPtrArray) segments =
    g_ptr_array_new_with_free_func ((GDestroyNotify) reprise_couch_segment_unref);
  RepriseCouchSegment *segment = reprise_couch_segment_read (path, &error);
  RepriseCouchIndex *index;
  double began;

  must (database != NULL && segment != NULL, error);
  must (reprise_database_run (database, fill, &error), error);
  g_clear_pointer (&database, reprise_database_free);
  g_ptr_array_add (segments, segment);
  index = reprise_couch_index_open (cache, &error);
  must (index != NULL, error);
  began = now (CLOCK_MONOTONIC);
  must (reprise_couch_index_update (index, segments, NULL, NULL, &error), error);
  report ("index", n, now (CLOCK_MONOTONIC) - began, now (CLOCK_MONOTONIC) - began, cache);
  for (guint i = 0; i < 5; i++)
    {
      g_autofree char *id = g_strdup_printf ("order:%016" G_GINT64_MODIFIER "x",
                                             i * n / 5 * G_GUINT64_CONSTANT (0x9e3779b97f4a7c15));
      g_autoptr (GPtrArray) some = NULL;
      g_autoptr (GPtrArray) versions = NULL;

      began = now (CLOCK_MONOTONIC);
      some = reprise_couch_index_find (index, segments, id, &error);
      must (some != NULL, error);
      versions = reprise_couch_history_read (some, id, &error);
      must (versions != NULL, error);
      g_print ("history %u %.3f\n", versions->len, (now (CLOCK_MONOTONIC) - began) * 1000);
    }
  reprise_couch_index_free (index);
}

int
main (int argc, char *argv[])
{
  g_autoptr (GPtrArray) bodies = make_bodies ();
  g_autofree char *path = NULL;
  guint64 n = argc > 2 ? g_ascii_strtoull (argv[2], NULL, 10) : 0;

  if (n == 0)
    {
      g_printerr ("bench-couch FOLDER DOCUMENTS\n");
      return 2;
    }
  path = g_build_filename (argv[1], "1.sqlite", NULL);
  write_all (path, n, bodies);
  verify (path, n);
  {
    g_autofree char *small = g_build_filename (argv[1], "2.sqlite", NULL);

    write_all (small, 100, bodies);
  }
  look_up (argv[1], path, n);
  return 0;
}
