/* test-couch-tiers.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What the tiers promise, against a model over 400 simulated days. The clock is the test's.
 */

#include "config.h"

#include <string.h>
#include <unistd.h>

#include "base/reprise-error.h"
#include "base/reprise-hash.h"
#include "base/reprise-time.h"
#include "providers/couchdb/store/reprise-couch-tiers.h"
#include "reprise-test.h"

#define DAY_MS   (24 * 60 * 60 * G_GINT64_CONSTANT (1000))
#define START_MS G_GINT64_CONSTANT (1791972000000) /* 2026-10-14T10:00:00Z */
#define N_DAYS   (REPRISE_TEST_WITH_SANITIZER ? 20 : 400)
#define N_IDS    30
#define SEED     20261014

/* A leaf on the simulated server */
typedef struct
{
  char *rev;
  char *body;
  char *attachment; /* (nullable): its content */
  gboolean deleted;
} Leaf;

static void
free_leaf (gpointer data)
{
  Leaf *leaf = data;

  g_free (leaf->rev);
  g_free (leaf->body);
  g_free (leaf->attachment);
  g_free (leaf);
}

/* The server, the backups made of it, and what they must give back */
typedef struct
{
  char *folder;
  GRand *random;
  GPtrArray
    *leaves[N_IDS]; /* (nullable) (element-type Leaf): %NULL for a document that never was */
  gboolean changed[N_IDS];
  GHashTable *stored;    /* (element-type utf8): “id rev” of the bodies that are in the chain */
  GHashTable *snapshots; /* (element-type gint64 utf8): the state at each run */
  GArray *runs;          /* (element-type gint64): all but the first */
  GPtrArray *segments;   /* (element-type RepriseCouchSegment) */
  gint64 now;
  gint64 last;
  guint n_files;
  guint n_edits;
  RepriseCouchRetention retention;
} World;

static World *
world_new (void)
{
  World *self = g_new0 (World, 1);

  self->folder = reprise_test_make_folder ();
  self->random = g_rand_new_with_seed (SEED);
  self->stored = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->snapshots = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, g_free);
  self->runs = g_array_new (FALSE, FALSE, sizeof (gint64));
  self->segments = g_ptr_array_new_with_free_func ((GDestroyNotify) reprise_couch_segment_unref);
  self->now = START_MS;
  self->last = REPRISE_COUCH_NEVER;
  reprise_couch_retention_set_defaults (&self->retention);
  return self;
}

static void
world_free (World *self)
{
  for (guint i = 0; i < N_IDS; i++)
    g_clear_pointer (&self->leaves[i], g_ptr_array_unref);
  g_hash_table_unref (self->stored);
  g_hash_table_unref (self->snapshots);
  g_array_unref (self->runs);
  g_ptr_array_unref (self->segments);
  g_rand_free (self->random);
  reprise_test_remove_folder (self->folder);
  g_free (self);
}

static guint
pick (World *self, guint n)
{
  return (guint) g_rand_int_range (self->random, 0, (gint32) n);
}

static Leaf *
make_leaf (World *self, gboolean deleted)
{
  Leaf *leaf = g_new0 (Leaf, 1);

  self->n_edits++;
  leaf->rev = g_strdup_printf ("%u-%08x", self->n_edits, g_rand_int (self->random));
  leaf->deleted = deleted;
  leaf->attachment =
    !deleted && pick (self, 4) == 0 ? g_strdup_printf ("attachment %u", pick (self, 6)) : NULL;
  leaf->body = g_strdup_printf ("{\"edit\":%u,\"deleted\":%d,\"with\":\"%s\"}", self->n_edits,
                                deleted, leaf->attachment == NULL ? "" : leaf->attachment);
  return leaf;
}

/* An edit, a conflict, a deletion, or a purge of one document */
static void
edit (World *self)
{
  guint i = pick (self, N_IDS), what = pick (self, 20);

  if (self->leaves[i] == NULL)
    self->leaves[i] = g_ptr_array_new_with_free_func (free_leaf);
  self->changed[i] = TRUE;
  if (what == 0)
    g_ptr_array_set_size (self->leaves[i], 0);
  else if (what < 3 && self->leaves[i]->len > 0)
    g_ptr_array_add (self->leaves[i], make_leaf (self, FALSE));
  else
    {
      if (self->leaves[i]->len > 0)
        g_ptr_array_remove_index (self->leaves[i], pick (self, self->leaves[i]->len));
      g_ptr_array_add (self->leaves[i], make_leaf (self, what < 6));
    }
}

static int
compare_lines_cb (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

static char *
join_sorted (GPtrArray *lines)
{
  g_ptr_array_sort (lines, compare_lines_cb);
  g_ptr_array_add (lines, NULL);
  return g_strjoinv ("\n", (char **) lines->pdata);
}

/* Everything that a backup must give back, in one text */
static char *
print_server (World *self)
{
  g_autoptr (GPtrArray) lines = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < N_IDS; i++)
    for (guint j = 0; self->leaves[i] != NULL && j < self->leaves[i]->len; j++)
      {
        const Leaf *leaf = self->leaves[i]->pdata[j];

        g_ptr_array_add (lines, g_strdup_printf ("doc%02u %s %d %s %s", i, leaf->rev, leaf->deleted,
                                                 leaf->body,
                                                 leaf->attachment == NULL ? "" : leaf->attachment));
      }
  return join_sorted (lines);
}

static char *
read_attachment (RepriseCouchState *state, RepriseCouchReader *reader, gint64 n)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) links = reprise_couch_reader_list_links (reader, n, &error);
  g_autoptr (GInputStream) stream = NULL;
  char buffer[100] = "";
  gsize size = 0;

  g_assert_no_error (error);
  if (links->len == 0)
    return g_strdup ("");
  stream = reprise_couch_state_open_attachment (
    state, g_array_index (links, RepriseCouchLink, 0).sha256, NULL, &error);
  g_assert_no_error (error);
  g_input_stream_read_all (stream, buffer, sizeof buffer - 1, &size, NULL, &error);
  g_assert_no_error (error);
  return g_strdup (buffer);
}

static char *
print_state (GPtrArray *segments, gint64 at)
{
  g_autoptr (GPtrArray) lines = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseCouchState) state = reprise_couch_state_new (segments, at, NULL, &error);
  RepriseCouchReader *reader = NULL;
  RepriseCouchRow row;
  gboolean more = FALSE;

  g_assert_no_error (error);
  while (reprise_couch_state_next (state, &row, &reader, &more, &error) && more)
    {
      g_autoptr (GBytes) body = reprise_couch_reader_read_body (reader, &row, &error);
      g_autofree char *attachment = read_attachment (state, reader, row.n);

      g_assert_no_error (error);
      g_ptr_array_add (lines,
                       g_strdup_printf ("%s %s %d %.*s %s", row.id, row.rev, row.deleted,
                                        (int) g_bytes_get_size (body),
                                        (const char *) g_bytes_get_data (body, NULL), attachment));
    }
  g_assert_no_error (error);
  g_assert_cmpuint (reprise_couch_state_get_n_leaves (state), ==, lines->len);
  return join_sorted (lines);
}

static char *
print_ms (gint64 ms)
{
  g_autoptr (GDateTime) seconds = g_date_time_new_from_unix_utc (ms / 1000);
  g_autoptr (GDateTime) time = g_date_time_add (seconds, ms % 1000 * 1000);

  return reprise_time_to_string (time);
}

static char *
make_path (World *self, char **run)
{
  g_autofree char *name = NULL;

  *run = g_strdup_printf ("01RUN%021u", ++self->n_files);
  name = g_strconcat (*run, ".sqlite", NULL);
  return g_build_filename (self->folder, name, NULL);
}

static void
add_segment (World *self, const char *path)
{
  g_autoptr (GError) error = NULL;
  RepriseCouchSegment *segment = reprise_couch_segment_read (path, &error);

  g_assert_no_error (error);
  g_ptr_array_add (self->segments, segment);
}

/* Whether what the last run leads to has it: an attachment that nothing refers to any more may be gone from there. */
static gboolean
is_in_chain (World *self, const guint8 *sha256)
{
  g_autoptr (GPtrArray) path = reprise_couch_path_find (self->segments, self->last);

  for (guint i = 0; path != NULL && i < path->len; i++)
    {
      const RepriseCouchSegment *segment = path->pdata[i];
      g_autoptr (RepriseCouchReader) reader = reprise_couch_reader_new (segment->path, NULL);
      g_autoptr (RepriseCouchAttachment) attachment =
        reprise_couch_reader_find_attachment (reader, sha256, NULL);

      if (attachment != NULL)
        return TRUE;
    }
  return FALSE;
}

static void
store_attachment (World *self,
                  RepriseCouchWriter *writer,
                  const char *content,
                  gboolean baseline,
                  guint8 *sha256)
{
  g_autoptr (RepriseHash) hash = reprise_hash_new ();

  reprise_hash_update (hash, content, strlen (content));
  reprise_hash_finish_raw (hash, sha256);
  if (baseline || !is_in_chain (self, sha256))
    {
      g_autoptr (RepriseCouchIncoming) incoming =
        reprise_couch_incoming_new (writer, content, NULL);

      g_assert_true (reprise_couch_incoming_write (incoming, content, strlen (content), NULL));
      g_assert_true (reprise_couch_incoming_finish (incoming, sha256, NULL));
    }
}

static void
tell (World *self, RepriseCouchWriter *writer, guint i, gboolean baseline)
{
  g_autofree char *id = g_strdup_printf ("doc%02u", i);

  g_assert_true (reprise_couch_writer_begin_document (writer, id, NULL, NULL));
  for (guint j = 0; j < self->leaves[i]->len; j++)
    {
      const Leaf *leaf = self->leaves[i]->pdata[j];
      RepriseCouchLink link = { .name = "a" };
      RepriseCouchLeaf told = { .rev = leaf->rev, .deleted = leaf->deleted };

      if (g_hash_table_add (self->stored, g_strdup_printf ("%s %s", id, leaf->rev)))
        {
          told.body = leaf->body;
          told.size = strlen (leaf->body);
          if (leaf->attachment != NULL)
            {
              store_attachment (self, writer, leaf->attachment, baseline, link.sha256);
              told.links = &link;
              told.n_links = 1;
            }
        }
      g_assert_true (reprise_couch_writer_add_leaf (writer, &told, NULL));
    }
  g_assert_true (reprise_couch_writer_end_document (writer, NULL));
}

static void
name_it (World *self, RepriseCouchWriter *writer, const char *run, gboolean baseline)
{
  g_autofree char *to = print_ms (self->now);
  g_autofree char *from = baseline ? g_strdup ("") : print_ms (self->last);

  reprise_couch_writer_set (writer, REPRISE_COUCH_DATABASE, "orders", NULL);
  reprise_couch_writer_set (writer, REPRISE_COUCH_RUN, run, NULL);
  reprise_couch_writer_set (writer, REPRISE_COUCH_TIER, baseline ? "baseline" : "daily", NULL);
  reprise_couch_writer_set (writer, REPRISE_COUCH_FROM, from, NULL);
  reprise_couch_writer_set (writer, REPRISE_COUCH_TO, to, NULL);
}

static void
back_up (World *self, gboolean baseline)
{
  g_autofree char *run = NULL;
  g_autofree char *path = make_path (self, &run);
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseCouchWriter) writer = reprise_couch_writer_new (path, &error);

  g_assert_no_error (error);
  name_it (self, writer, run, baseline);
  if (baseline)
    g_hash_table_remove_all (self->stored);
  for (guint i = 0; i < N_IDS; i++)
    if (self->leaves[i] != NULL && (self->changed[i] || (baseline && self->leaves[i]->len > 0)))
      tell (self, writer, i, baseline);
  memset (self->changed, 0, sizeof self->changed);
  reprise_couch_writer_commit (writer, NULL, &error);
  g_assert_no_error (error);
  add_segment (self, path);
  g_hash_table_insert (self->snapshots, g_memdup2 (&self->now, sizeof self->now),
                       print_server (self));
  if (!baseline)
    g_array_append_val (self->runs, self->now);
  self->last = self->now;
}

static void
roll_up (World *self, const RepriseCouchRollUp *item)
{
  g_autofree char *run = NULL;
  g_autofree char *path = make_path (self, &run);
  g_autoptr (GError) error = NULL;

  reprise_couch_roll_up_write (item, self->segments, path, run, self->now, NULL, NULL, &error);
  g_assert_no_error (error);
  reprise_couch_roll_up_verify (item, self->segments, path, NULL, NULL, &error);
  g_assert_no_error (error);
  add_segment (self, path);
}

static guint
roll_all (World *self)
{
  g_autoptr (GPtrArray) plan = reprise_couch_tiers_plan (self->segments, &self->retention);
  g_autoptr (GPtrArray) again = NULL;

  for (guint i = 0; i < plan->len; i++)
    roll_up (self, plan->pdata[i]);
  again = reprise_couch_tiers_plan (self->segments, &self->retention);
  g_assert_cmpuint (again->len, ==, 0);
  return plan->len;
}

static void
remove_due (World *self)
{
  g_autoptr (GPtrArray) removals =
    reprise_couch_tiers_list_removals (self->segments, &self->retention);

  for (guint i = 0; i < removals->len; i++)
    {
      const RepriseCouchRemoval *removal = removals->pdata[i];

      if (removal->needed || removal->at > self->now)
        continue;
      g_assert_cmpint (unlink (removal->segment->path), ==, 0);
      g_ptr_array_remove (self->segments, removal->segment);
    }
}

/* The promise, told once more in other words: of all points those are kept that are the last of their day, week, month or year, and what a
 * tier has no room for is offered to the next one. */
static gint64
bucket_of (guint tier, gint64 at)
{
  gint64 day = at / DAY_MS;
  GDate date;

  g_date_clear (&date, 1);
  g_date_set_julian (&date, (guint32) day + 719163); /* 1970-01-01 */
  switch (tier)
    {
    case 0:
      return day;
    case 1:
      return day - (int) g_date_get_weekday (&date);
    case 2:
      return g_date_get_year (&date) * 100 + (int) g_date_get_month (&date);
    default:
      return g_date_get_year (&date);
    }
}

/* @points: sorted; the last of each bucket stays */
static GArray *
last_of_each (GArray *points, guint tier, gboolean all_of_the_newest)
{
  GArray *result = g_array_new (FALSE, FALSE, sizeof (gint64));
  gint64 newest =
    points->len == 0 ? 0 : bucket_of (tier, g_array_index (points, gint64, points->len - 1));

  for (guint i = 0; i < points->len; i++)
    {
      gint64 at = g_array_index (points, gint64, i), bucket = bucket_of (tier, at);

      if (i + 1 == points->len ||
          bucket != bucket_of (tier, g_array_index (points, gint64, i + 1)) ||
          (all_of_the_newest && bucket == newest))
        g_array_append_val (result, at);
    }
  return result;
}

static guint
count_buckets (GArray *points, guint tier)
{
  guint n = 0;

  for (guint i = 0; i < points->len; i++)
    n += i == 0 || bucket_of (tier, g_array_index (points, gint64, i)) !=
                     bucket_of (tier, g_array_index (points, gint64, i - 1));
  return n;
}

static GArray *
promise (World *self)
{
  g_autoptr (GArray) left = g_array_copy (self->runs);
  GArray *promised = g_array_new (FALSE, FALSE, sizeof (gint64));
  gint64 baseline = START_MS;

  for (guint tier = 0; tier < 4; tier++)
    {
      g_autoptr (GArray) ends = last_of_each (left, tier, tier == 0);
      guint n = 0;

      while (count_buckets (ends, tier) - n > self->retention.keep[tier])
        n++; /* so many buckets go on to the next tier */
      g_array_set_size (left, 0);
      for (guint i = 0, bucket = 0; i < ends->len; i++)
        {
          gint64 at = g_array_index (ends, gint64, i);

          if (i > 0 &&
              bucket_of (tier, at) != bucket_of (tier, g_array_index (ends, gint64, i - 1)))
            bucket++;
          if (bucket < n)
            g_array_append_val (left, at);
          else
            g_array_append_val (promised, at);
        }
    }
  if (left->len > 0)
    baseline = g_array_index (left, gint64, left->len - 1);
  g_array_append_val (promised, baseline);
  return promised;
}

static int
compare_ints_cb (gconstpointer a, gconstpointer b)
{
  gint64 left = *(const gint64 *) a, right = *(const gint64 *) b;

  return left < right ? -1 : left > right;
}

static void
assert_promise (World *self)
{
  g_autoptr (GArray) promised = promise (self);
  g_autoptr (GArray) points = reprise_couch_points_list (self->segments);
  guint n = 0;

  g_array_sort (promised, compare_ints_cb);
  for (guint i = 0; i < points->len; i++)
    {
      const RepriseCouchPoint *point = &g_array_index (points, RepriseCouchPoint, i);

      if (point->rolled_up)
        continue;
      g_assert_cmpuint (n, <, promised->len);
      g_assert_cmpint (point->at, ==, g_array_index (promised, gint64, n));
      n++;
    }
  g_assert_cmpuint (n, ==, promised->len);
}

static void
assert_point (World *self, gint64 at)
{
  g_autofree char *text = print_state (self->segments, at);

  g_assert_cmpstr (text, ==, g_hash_table_lookup (self->snapshots, &at));
}

static void
assert_points (World *self, guint every)
{
  g_autoptr (GArray) points = reprise_couch_points_list (self->segments);

  for (guint i = pick (self, every); i < points->len; i += every)
    assert_point (self, g_array_index (points, RepriseCouchPoint, i).at);
}

static void
live_a_day (World *self, guint day)
{
  guint n_runs = day % 11 == 7 ? 0 : day % 13 == 5 ? 3 : 1;

  for (guint run = 0; run < n_runs; run++)
    {
      for (guint n = pick (self, 8); n > 0; n--)
        edit (self);
      self->now = START_MS + day * DAY_MS + run * DAY_MS / 6 + pick (self, 1000000);
      back_up (self, FALSE);
    }
}

static void
test_model (void)
{
  World *self = world_new ();
  guint n_rolled = 0;

  self->retention.keep[REPRISE_COUCH_MONTHLY] = 3;
  self->retention.keep[REPRISE_COUCH_YEARLY] = 1;
  self->retention.delay_days = 3;
  for (guint n = 0; n < 40; n++)
    edit (self);
  back_up (self, TRUE);
  for (guint day = 1; day <= N_DAYS; day++)
    {
      live_a_day (self, day);
      n_rolled += roll_all (self);
      remove_due (self);
      assert_promise (self);
      assert_points (self, g_test_slow () || day % 40 == 0 ? 1 : 16);
    }
  g_test_message ("%u runs, %u roll-ups, %u segments at the end", self->runs->len, n_rolled,
                  self->segments->len);
  g_assert_cmpuint (self->segments->len, <, 24);
  world_free (self);
}

/* A database that was made anew: another baseline, and the points before it stay as promised. */
static void
test_second_baseline (void)
{
  World *self = world_new ();
  gint64 before;

  self->retention.keep[REPRISE_COUCH_DAILY] = 3;
  self->retention.keep[REPRISE_COUCH_WEEKLY] = 1;
  self->retention.keep[REPRISE_COUCH_MONTHLY] = 1;
  self->retention.keep[REPRISE_COUCH_YEARLY] = 0;
  self->retention.delay_days = 1;
  back_up (self, TRUE);
  for (guint day = 1; day <= (REPRISE_TEST_WITH_SANITIZER ? 25 : 150); day++)
    {
      self->now = START_MS + day * DAY_MS;
      edit (self);
      edit (self);
      back_up (self, day == 20);
      before = self->segments->len;
      roll_all (self);
      remove_due (self);
      assert_points (self, day == 20 ? 1 : 6);
      if (day == 20)
        g_assert_cmpint (before, >, 3);
    }
  /* The first chain is over: not even its baseline is left. */
  for (guint i = 0; !REPRISE_TEST_WITH_SANITIZER && i < self->segments->len; i++)
    g_assert_cmpint (((RepriseCouchSegment *) self->segments->pdata[i])->to, >=,
                     START_MS + 20 * DAY_MS);
  world_free (self);
}

/* A point that is kept stays with all it needs, while the others around it are rolled up. */
static void
test_pinned (void)
{
  World *self = world_new ();
  gint64 kept = 0;

  self->retention.keep[REPRISE_COUCH_DAILY] = 2;
  self->retention.keep[REPRISE_COUCH_WEEKLY] = 1;
  self->retention.keep[REPRISE_COUCH_MONTHLY] = 1;
  self->retention.delay_days = 0;
  back_up (self, TRUE);
  for (guint day = 1; day <= (REPRISE_TEST_WITH_SANITIZER ? 15 : 60); day++)
    {
      self->now = START_MS + day * DAY_MS;
      edit (self);
      back_up (self, FALSE);
      if (day == 10)
        {
          RepriseCouchSegment *last = self->segments->pdata[self->segments->len - 1];

          last->pinned = TRUE;
          kept = last->to;
        }
      roll_all (self);
      for (guint i = 0; kept != 0 && i < self->segments->len; i++)
        if (((RepriseCouchSegment *) self->segments->pdata[i])->to == kept)
          ((RepriseCouchSegment *) self->segments->pdata[i])->pinned = TRUE;
      remove_due (self);
      if (kept != 0)
        assert_point (self, kept);
      assert_points (self, 4);
    }
  world_free (self);
}

/* A date that nothing holds is refused, with the nearest before and after. */
static void
test_refused (void)
{
  World *self = world_new ();
  g_autoptr (GError) error = NULL;
  gint64 at = 0, before = 0, after = 0;

  g_assert_false (reprise_couch_points_find (self->segments, START_MS, START_MS, &at, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND);
  g_clear_error (&error);
  back_up (self, TRUE);
  self->now = START_MS + 5 * DAY_MS;
  edit (self);
  back_up (self, FALSE);
  g_assert_false (reprise_couch_points_find (self->segments, START_MS + DAY_MS,
                                             START_MS + 2 * DAY_MS, &at, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_REFUSED);
  g_assert_nonnull (strstr (error->message, "2026"));
  g_clear_error (&error);
  g_assert_true (
    reprise_couch_points_get_nearest (self->segments, START_MS + DAY_MS, &before, &after));
  g_assert_cmpint (before, ==, START_MS);
  g_assert_cmpint (after, ==, START_MS + 5 * DAY_MS);
  g_assert_true (reprise_couch_points_find (self->segments, START_MS + 4 * DAY_MS,
                                            START_MS + 6 * DAY_MS, &at, &error));
  g_assert_cmpint (at, ==, START_MS + 5 * DAY_MS);
  g_assert_null (reprise_couch_state_new (self->segments, START_MS + 1, NULL, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_REFUSED);
  world_free (self);
}

/* A segment lost: what stands on it is no point any more, and is not taken for one. */
static void
test_gap (void)
{
  World *self = world_new ();
  g_autoptr (GArray) points = NULL;

  back_up (self, TRUE);
  for (guint day = 1; day <= 3; day++)
    {
      self->now = START_MS + day * DAY_MS;
      edit (self);
      back_up (self, FALSE);
    }
  g_ptr_array_remove_index (self->segments, 2);
  points = reprise_couch_points_list (self->segments);
  g_assert_cmpuint (points->len, ==, 2);
  world_free (self);
}

static void
test_history (void)
{
  World *self = world_new ();
  g_autoptr (GPtrArray) versions = NULL, document = NULL;
  g_autoptr (RepriseCouchState) state = NULL;
  g_autoptr (GBytes) body = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *first = NULL;

  self->leaves[0] = g_ptr_array_new_with_free_func (free_leaf);
  g_ptr_array_add (self->leaves[0], make_leaf (self, FALSE));
  first = g_strdup (((Leaf *) self->leaves[0]->pdata[0])->rev);
  back_up (self, TRUE);
  self->now += DAY_MS;
  g_ptr_array_add (self->leaves[0], make_leaf (self, FALSE)); /* a conflict: the first is held */
  self->changed[0] = TRUE;
  back_up (self, FALSE);
  versions = reprise_couch_history_read (self->segments, "doc00", &error);
  g_assert_no_error (error);
  g_assert_cmpuint (versions->len, ==, 3);
  g_assert_cmpint (((RepriseCouchVersion *) versions->pdata[0])->at, ==, self->now);
  g_assert_cmpstr (((RepriseCouchVersion *) versions->pdata[2])->rev, ==, first);
  state = reprise_couch_state_new (self->segments, self->now, NULL, &error);
  document = reprise_couch_state_read_document (state, "doc00", &error);
  g_assert_no_error (error);
  g_assert_cmpuint (document->len, ==, 2);
  g_assert_cmpuint (reprise_couch_state_get_n_live (state), ==, 1);
  body = reprise_couch_version_read_body (self->segments, "doc00", first, &error);
  g_assert_no_error (error);
  g_clear_pointer (&body, g_bytes_unref);
  body = reprise_couch_version_read_body (self->segments, "doc00", "9-none", &error);
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND);
  world_free (self);
}

/* What lies beside the documents: the newer one holds, and an empty one says that it is gone. */
static void
test_extras (void)
{
  World *self = world_new ();

  for (guint n = 0; n < 3; n++)
    {
      static const char *const values[] = { "first", "second", "" };
      g_autofree char *run = NULL;
      g_autofree char *path = make_path (self, &run);
      g_autoptr (RepriseCouchWriter) writer = reprise_couch_writer_new (path, NULL);

      name_it (self, writer, run, n == 0);
      reprise_couch_writer_put_extra (writer, "a", values[n], strlen (values[n]), NULL);
      if (n == 0)
        reprise_couch_writer_put_extra (writer, "_security", "{}", 2, NULL);
      g_assert_true (reprise_couch_writer_commit (writer, NULL, NULL));
      add_segment (self, path);
      self->last = self->now;
      self->now += DAY_MS;
    }
  self->retention.keep[0] = self->retention.keep[1] = self->retention.keep[2] =
    self->retention.keep[3] = 0;
  for (guint round = 0; round < 2; round++)
    {
      g_autoptr (RepriseCouchState) state =
        reprise_couch_state_new (self->segments, self->last, NULL, NULL);
      g_autoptr (GBytes) security = reprise_couch_state_read_extra (state, "_security", NULL);
      g_autoptr (GError) error = NULL;

      g_assert_cmpmem (g_bytes_get_data (security, NULL), g_bytes_get_size (security), "{}", 2);
      g_assert_null (reprise_couch_state_read_extra (state, "a", &error));
      g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND);
      roll_all (self);
      g_assert_cmpuint (self->segments->len, ==, 4);
    }
  world_free (self);
}

int
main (int argc, char *argv[])
{
  /* Thousands of small files: in memory, where saving them takes no time. */
  if (g_getenv ("TMPDIR") == NULL && access ("/dev/shm", W_OK) == 0)
    g_setenv ("TMPDIR", "/dev/shm", TRUE);
  reprise_test_init (&argc, &argv);
  g_test_add_func ("/couch-tiers/model", test_model);
  g_test_add_func ("/couch-tiers/second-baseline", test_second_baseline);
  g_test_add_func ("/couch-tiers/pinned", test_pinned);
  g_test_add_func ("/couch-tiers/refused", test_refused);
  g_test_add_func ("/couch-tiers/gap", test_gap);
  g_test_add_func ("/couch-tiers/history", test_history);
  g_test_add_func ("/couch-tiers/extras", test_extras);
  return g_test_run ();
}
