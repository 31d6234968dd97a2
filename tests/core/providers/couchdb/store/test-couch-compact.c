/* test-couch-compact.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Roll-ups in a vault: two databases, killed at each point.
 */

#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/reprise-error.h"
#include "base/reprise-time.h"
#include "providers/couchdb/backup/reprise-couch-roll-up.h"
#include "providers/couchdb/store/reprise-couch-compact-private.h"
#include "reprise-test.h"

#define DAY_MS   (24 * 60 * 60 * G_GINT64_CONSTANT (1000))
#define START_MS G_GINT64_CONSTANT (1791972000000) /* 2026-10-14T10:00:00Z */

typedef struct
{
  char *folder;
  RepriseVault *vault;
  RepriseService *service;
  gint64 now;
  char *last_id;
} Fixture;

static const char *const names[] = { "orders", "people" };

static void
set_up (Fixture *self, gconstpointer data)
{
  g_autofree char *path = NULL;

  self->folder = reprise_test_make_folder ();
  path = g_build_filename (self->folder, "vault", NULL);
  self->vault = reprise_vault_new (path);
  self->service = reprise_service_new (NULL, "couchdb", "Server");
  self->now = START_MS;
  g_assert_true (reprise_vault_open (self->vault, TRUE, NULL, NULL));
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  g_clear_object (&self->vault);
  g_clear_object (&self->service);
  g_free (self->last_id);
  reprise_test_remove_folder (self->folder);
}

static char *
print_ms (gint64 ms)
{
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_utc (ms / 1000);

  return reprise_time_to_string (time);
}

/* Day @day: one document of its own, and one that each day has another body */
static void
write_segment (Fixture *self, RepriseVaultWriter *vault, guint n, guint day, gint64 from)
{
  g_autofree char *scratch = reprise_vault_writer_make_scratch (vault, NULL);
  g_autofree char *file = g_strdup_printf ("%u.sqlite", n + 1);
  g_autofree char *path = g_build_filename (scratch, file, NULL);
  g_autofree char *to_text = print_ms (self->now);
  g_autofree char *from_text = from == REPRISE_COUCH_NEVER ? g_strdup ("") : print_ms (from);
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseCouchWriter) writer = reprise_couch_writer_new (path, &error);

  g_assert_no_error (error);
  reprise_couch_writer_set (writer, REPRISE_COUCH_DATABASE, names[n], NULL);
  reprise_couch_writer_set (writer, REPRISE_COUCH_RUN, reprise_vault_writer_get_id (vault), NULL);
  reprise_couch_writer_set (writer, REPRISE_COUCH_TIER, *from_text == '\0' ? "baseline" : "daily",
                            NULL);
  reprise_couch_writer_set (writer, REPRISE_COUCH_FROM, from_text, NULL);
  reprise_couch_writer_set (writer, REPRISE_COUCH_TO, to_text, NULL);
  for (guint i = 0; i < 2; i++)
    {
      g_autofree char *id = i == 0 ? g_strdup ("same") : g_strdup_printf ("doc%u", day);
      g_autofree char *rev = g_strdup_printf ("%u-%s", day + 1, names[n]);
      g_autofree char *body = g_strdup_printf ("{\"day\":%u}", day);
      const RepriseCouchLeaf leaf = { .rev = rev, .body = body, .size = strlen (body) };

      g_assert_true (reprise_couch_writer_begin_document (writer, id, NULL, NULL));
      g_assert_true (reprise_couch_writer_add_leaf (writer, &leaf, NULL));
      g_assert_true (reprise_couch_writer_end_document (writer, NULL));
    }
  reprise_couch_writer_commit (writer, NULL, &error);
  g_assert_no_error (error);
  reprise_vault_writer_add_file (vault, file, path, NULL, &error);
  g_assert_no_error (error);
}

static void
add_design (RepriseContents *contents, const char *database)
{
  g_autofree char *name = g_strconcat (database, REPRISE_COUCH_DESIGN_SUFFIX, NULL);
  g_autoptr (RepriseCollection) collection =
    reprise_collection_new (name, REPRISE_NOT_REPORTED, REPRISE_NOT_REPORTED);

  reprise_collection_set_title (collection, "Design documents");
  reprise_contents_add (contents, REPRISE_GROUP_REQUIRED, collection);
}

static void
describe (Fixture *self, RepriseVaultWriter *writer)
{
  RepriseManifest *manifest = reprise_vault_writer_get_manifest (writer);
  JsonObject *provider = reprise_manifest_get_provider (manifest);
  g_autoptr (GDateTime) now = g_date_time_new_from_unix_utc (self->now / 1000);
  g_autoptr (RepriseContents) contents = reprise_contents_new ();
  JsonArray *databases = json_array_new ();

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (RepriseCollection) collection = reprise_collection_new (names[i], 2, 1);
      g_autofree char *file = g_strdup_printf ("%u.sqlite", i + 1);
      JsonObject *entry = json_object_new ();

      json_object_set_string_member (entry, "name", names[i]);
      json_object_set_string_member (entry, "file", file);
      json_array_add_object_element (databases, entry);
      reprise_contents_add (contents, i == 0 ? REPRISE_GROUP_CUSTOM : REPRISE_GROUP_USER,
                            collection);
      add_design (contents, names[i]);
    }
  json_object_set_int_member (provider, "version", 1);
  json_object_set_array_member (provider, "databases", databases);
  reprise_manifest_set_created_at (manifest, now);
  reprise_manifest_set_service_version (manifest, "3.5.0");
  reprise_manifest_set_contents (manifest, contents);
  reprise_manifest_set_proof (manifest, "test", "made by the test");
}

static void
back_up (Fixture *self, guint day, RepriseOrigin origin)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseVaultWriter) writer =
    reprise_vault_begin (self->vault, self->service, origin, self->last_id, &error);
  g_autoptr (RepriseBackup) backup = NULL;
  gint64 from = day == 0 ? REPRISE_COUCH_NEVER : self->now;

  g_assert_no_error (error);
  self->now = START_MS + day * DAY_MS + (origin == REPRISE_ORIGIN_SAFETY ? DAY_MS / 2 : 0);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    write_segment (self, writer, i, day, from);
  describe (self, writer);
  backup = reprise_vault_writer_commit (writer, NULL, &error);
  g_assert_no_error (error);
  if (origin == REPRISE_ORIGIN_SAFETY)
    {
      self->now = from;
      return;
    }
  g_free (self->last_id);
  self->last_id = g_strdup (reprise_backup_get_id (backup));
}

/* People's backups of the second database are kept for less long. */
static void
retention_func (const char *database, RepriseCouchRetention *retention, gpointer user_data)
{
  retention->keep[REPRISE_COUCH_DAILY] = 3;
  retention->keep[REPRISE_COUCH_WEEKLY] = g_str_equal (database, "people") ? 0 : 2;
  retention->keep[REPRISE_COUCH_MONTHLY] = 1;
  retention->keep[REPRISE_COUCH_YEARLY] = 1;
  retention->delay_days = 2;
}

static RepriseCouchCompaction *
look (Fixture *self)
{
  g_autoptr (GError) error = NULL;
  RepriseCouchCompaction *compaction =
    reprise_couch_compaction_new (self->vault, self->service, retention_func, NULL, NULL, &error);

  g_assert_no_error (error);
  return compaction;
}

static void
compact (Fixture *self)
{
  g_autoptr (RepriseCouchCompaction) compaction = look (self);
  g_autoptr (GError) error = NULL;

  g_assert_true (reprise_vault_clean_up (self->vault, NULL, &error));
  reprise_couch_compaction_roll_up (compaction, self->now, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  reprise_couch_compaction_clean_up (compaction, self->now, NULL, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
}

/* What “same” is, and how many documents there are, at every point that there is */
static void
assert_points (Fixture *self)
{
  g_autoptr (RepriseCouchCompaction) compaction = look (self);
  guint n_points = 0;

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      GPtrArray *segments = reprise_couch_compaction_get_segments (compaction, names[i]);
      g_autoptr (GArray) points = reprise_couch_points_list (segments);

      for (guint j = 0; j < points->len; j++)
        {
          gint64 at = g_array_index (points, RepriseCouchPoint, j).at;
          guint day = (guint) ((at - START_MS) / DAY_MS);
          g_autofree char *rev = g_strdup_printf ("%u-%s", day + 1, names[i]);
          g_autoptr (GError) error = NULL;
          g_autoptr (RepriseCouchState) state =
            reprise_couch_state_new (segments, at, NULL, &error);
          g_autoptr (GPtrArray) same = NULL;

          g_assert_no_error (error);
          g_assert_cmpuint (reprise_couch_state_get_n_live (state), ==, day + 2);
          g_assert_cmpuint (reprise_couch_state_get_n_leaves (state), ==, day + 2);
          same = reprise_couch_state_read_document (state, "same", &error);
          g_assert_no_error (error);
          g_assert_cmpuint (same->len, ==, 1);
          g_assert_cmpstr (((RepriseCouchVersion *) same->pdata[0])->rev, ==, rev);
          n_points++;
        }
      g_assert_cmpint (g_array_index (points, RepriseCouchPoint, points->len - 1).at, ==,
                       self->now);
    }
  g_assert_cmpuint (n_points, >, 0);
}

static guint
count_backups (Fixture *self)
{
  g_autoptr (GPtrArray) all =
    reprise_vault_list (self->vault, reprise_service_get_uuid (self->service), NULL, NULL);

  return all->len;
}

/* A backup is of one point in time, whatever is kept of each database. */
static void
assert_one_point (Fixture *self)
{
  g_autoptr (RepriseCouchCompaction) compaction = look (self);
  g_autoptr (GHashTable) points = g_hash_table_new (g_str_hash, g_str_equal);
  guint n = 0;

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      GPtrArray *segments = reprise_couch_compaction_get_segments (compaction, names[i]);

      for (guint j = 0; j < segments->len; j++)
        {
          RepriseCouchSegment *segment = segments->pdata[j];
          const gint64 *at = g_hash_table_lookup (points, segment->run);

          n += at != NULL;
          g_assert_true (at == NULL || *at == segment->to);
          g_hash_table_insert (points, segment->run, &segment->to);
        }
    }
  g_assert_cmpuint (n, >, 0);
}

/* Of each database that is in it the documents and the design documents, in their groups: only what is named is restored. */
static void
assert_described (Fixture *self, RepriseBackup *backup)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseManifest) manifest = reprise_vault_read_manifest (self->vault, backup, &error);
  RepriseContents *contents;
  guint n = 0;

  g_assert_no_error (error);
  contents = reprise_manifest_get_contents (manifest);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *design = g_strconcat (names[i], REPRISE_COUCH_DESIGN_SUFFIX, NULL);
      RepriseGroup group;
      RepriseCollection *collection = reprise_contents_find (contents, names[i], &group);

      if (collection == NULL)
        continue;
      n++;
      g_assert_cmpint (group, ==, i == 0 ? REPRISE_GROUP_CUSTOM : REPRISE_GROUP_USER);
      collection = reprise_contents_find (contents, design, &group);
      g_assert_nonnull (collection);
      g_assert_cmpint (group, ==, REPRISE_GROUP_REQUIRED);
      g_assert_cmpstr (reprise_collection_get_title (collection), ==, "Design documents");
    }
  g_assert_cmpuint (n, >, 0);
  g_assert_cmpstr (reprise_manifest_get_service_version (manifest), ==, "3.5.0");
}

static void
test_days (Fixture *self, gconstpointer data)
{
  for (guint day = 0; day < (REPRISE_TEST_WITH_SANITIZER ? 8 : 24); day++)
    {
      back_up (self, day, REPRISE_ORIGIN_SCHEDULE);
      compact (self);
      if (day % 6 == 5)
        assert_points (self);
      assert_one_point (self);
    }
  assert_points (self);
  g_assert_cmpuint (count_backups (self), <, 16);
  {
    g_autoptr (GPtrArray) all =
      reprise_vault_list (self->vault, reprise_service_get_uuid (self->service), NULL, NULL);

    for (guint i = 0; i < all->len; i++)
      {
        g_autoptr (GError) error = NULL;

        reprise_vault_verify (self->vault, all->pdata[i], REPRISE_DEPTH_FULL, NULL, NULL, &error);
        g_assert_no_error (error);
        assert_described (self, all->pdata[i]);
      }
  }
}

/* By the settings of the service, as the job does it */
static void
test_settings (Fixture *self, gconstpointer data)
{
  g_autoptr (RepriseOutcome) first = NULL, second = NULL;
  g_autoptr (GError) error = NULL;
  guint n;

  reprise_service_set_setting (self->service, "keep-daily", "2");
  reprise_service_set_setting (self->service, "keep-weekly", "1");
  reprise_service_set_setting (self->service, "clean-up-days", "0");
  for (guint day = 0; day < 5; day++)
    back_up (self, day, REPRISE_ORIGIN_SCHEDULE);
  n = count_backups (self);
  first = reprise_couch_roll_up_run (self->vault, self->service, self->now, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (first->written, ==, 1);
  g_assert_cmpuint (count_backups (self), ==, n + 1 - 2);
  second = reprise_couch_roll_up_run (self->vault, self->service, self->now, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (second->written, ==, 0);
  assert_points (self);
}

/* The preview changes nothing, and tells what will go, and when. */
static void
test_preview (Fixture *self, gconstpointer data)
{
  g_autoptr (RepriseCouchCompaction) compaction = NULL;
  g_autoptr (GPtrArray) roll_ups = NULL, leaving = NULL;
  guint n;

  for (guint day = 0; day < 6; day++)
    back_up (self, day, REPRISE_ORIGIN_SCHEDULE);
  n = count_backups (self);
  compaction = look (self);
  roll_ups = reprise_couch_compaction_list_roll_ups (compaction);
  g_assert_cmpuint (roll_ups->len, ==, 2);
  g_assert_cmpint (((RepriseCouchRollUp *) roll_ups->pdata[0])->size_bytes, >, 0);
  leaving = reprise_couch_compaction_list_leaving (compaction);
  g_assert_cmpuint (leaving->len, ==, 0);
  g_assert_cmpuint (count_backups (self), ==, n);
  g_clear_pointer (&leaving, g_ptr_array_unref);
  g_assert_true (reprise_couch_compaction_roll_up (compaction, self->now, NULL, NULL, NULL, NULL));
  leaving = reprise_couch_compaction_list_leaving (compaction);
  g_assert_cmpuint (leaving->len, ==, 2);
  g_assert_cmpint (((RepriseCouchLeaving *) leaving->pdata[0])->at, ==, self->now + 2 * DAY_MS);
  g_assert_true (((RepriseCouchLeaving *) leaving->pdata[0])->rolled_up);
}

/* A roll-up cannot be deleted while a later run stands on what it took in. */
static void
test_needed (Fixture *self, gconstpointer data)
{
  g_autoptr (GPtrArray) all = NULL;
  guint refused = 0;

  for (guint day = 0; day < 6; day++)
    back_up (self, day, REPRISE_ORIGIN_SCHEDULE);
  compact (self);
  self->now += 3 * DAY_MS;
  compact (self);
  self->now -= 3 * DAY_MS;
  all = reprise_vault_list (self->vault, reprise_service_get_uuid (self->service), NULL, NULL);
  for (guint i = 0; i < all->len; i++)
    {
      g_autoptr (RepriseManifest) manifest =
        reprise_vault_read_manifest (self->vault, all->pdata[i], NULL);
      g_autoptr (GError) error = NULL;

      if (!json_object_has_member (reprise_manifest_get_provider (manifest), "supersedes"))
        continue;
      g_assert_false (reprise_vault_delete (self->vault, all->pdata[i], NULL, &error));
      g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_REFUSED);
      refused++;
    }
  g_assert_cmpuint (refused, >, 0);
  assert_points (self);
}

/* A safety copy stands beside the chain: it is neither rolled up nor in the way, and what it stands on stays. */
static void
test_safety (Fixture *self, gconstpointer data)
{
  gint64 below = 0;

  for (guint day = 0; day < (REPRISE_TEST_WITH_SANITIZER ? 7 : 12); day++)
    {
      back_up (self, day, REPRISE_ORIGIN_SCHEDULE);
      if (day == 3)
        {
          below = self->now;
          back_up (self, day, REPRISE_ORIGIN_SAFETY);
        }
      compact (self);
    }
  assert_points (self);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (RepriseCouchCompaction) compaction = look (self);
      g_autoptr (GPtrArray) path = reprise_couch_path_find (
        reprise_couch_compaction_get_segments (compaction, names[i]), below);

      g_assert_nonnull (path);
    }
}

static int kill_at;

static void
kill_point_cb (void)
{
  if (--kill_at == 0)
    _exit (42);
}

/* Another process (the vault has threads, so a fork of this one would not do): PROGRAM compact VAULT UUID NOW POINT */
static int
compact_as_child (char **argv)
{
  Fixture self = { NULL };

  self.vault = reprise_vault_new (argv[2]);
  self.service = reprise_service_new (argv[3], "couchdb", "Server");
  self.now = g_ascii_strtoll (argv[4], NULL, 10);
  kill_at = atoi (argv[5]);
  reprise_couch_kill_point_func = kill_point_cb;
  g_assert_true (reprise_vault_open (self.vault, FALSE, NULL, NULL));
  compact (&self);
  return 0;
}

/* Returns: whether it was killed, and not done before */
static gboolean
compact_killed_at (Fixture *self, guint at)
{
  g_autofree char *now = g_strdup_printf ("%" G_GINT64_FORMAT, self->now);
  g_autofree char *point = g_strdup_printf ("%u", at);
  const char *argv[] = { "/proc/self/exe",
                         "compact",
                         reprise_vault_get_path (self->vault),
                         reprise_service_get_uuid (self->service),
                         now,
                         point,
                         NULL };
  g_autofree char *self_path = g_file_read_link ("/proc/self/exe", NULL);
  g_autoptr (GError) error = NULL;
  int status = 0;

  argv[0] = self_path;
  g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, NULL, NULL, &status,
                &error);
  g_assert_no_error (error);
  g_assert_true (WIFEXITED (status));
  g_assert_true (WEXITSTATUS (status) == 42 || WEXITSTATUS (status) == 0);
  return WEXITSTATUS (status) == 42;
}

/* Killed at one point on each day, and on the last one at each in turn until there is none left: afterwards all goes on as if nothing
 * had been. */
static void
test_killed (Fixture *self, gconstpointer data)
{
  const guint last = REPRISE_TEST_WITH_SANITIZER ? 7 : 14;
  guint n_killed = 0;

  for (guint day = 0; day < last; day++)
    {
      back_up (self, day, REPRISE_ORIGIN_SCHEDULE);
      if (day < 4)
        continue;
      n_killed += compact_killed_at (self, day * 7 % 11 + 1);
      assert_points (self);
    }
  for (guint at = 1; compact_killed_at (self, at); at++, n_killed++)
    assert_points (self);
  assert_points (self);
  g_test_message ("killed %u times", n_killed);
  g_assert_cmpuint (n_killed, >, 3);
  {
    g_autoptr (RepriseCouchCompaction) compaction = look (self);
    g_autoptr (GPtrArray) roll_ups = reprise_couch_compaction_list_roll_ups (compaction);

    g_assert_cmpuint (roll_ups->len, ==, 0);
  }
}

int
main (int argc, char *argv[])
{
  if (argc == 6 && g_str_equal (argv[1], "compact"))
    return compact_as_child (argv);
  /* Thousands of small files: in memory, where saving them takes no time. */
  if (g_getenv ("TMPDIR") == NULL && access ("/dev/shm", W_OK) == 0)
    g_setenv ("TMPDIR", "/dev/shm", TRUE);
  reprise_test_init (&argc, &argv);
#define ADD(path, func) g_test_add ("/couch-compact/" path, Fixture, NULL, set_up, func, tear_down)
  ADD ("days", test_days);
  ADD ("settings", test_settings);
  ADD ("preview", test_preview);
  ADD ("needed", test_needed);
  ADD ("safety", test_safety);
  ADD ("killed", test_killed);
  return g_test_run ();
}
