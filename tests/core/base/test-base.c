/* test-base.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/reprise-error.h"
#include "base/reprise-file.h"
#include "base/reprise-group.h"
#include "base/reprise-hash.h"
#include "base/reprise-progress.h"
#include "base/reprise-saying.h"
#include "base/reprise-scrub.h"
#include "base/reprise-strv.h"
#include "base/reprise-time.h"
#include "base/reprise-ulid.h"
#include "reprise-test.h"

static void
test_sentences (void)
{
  static const struct
  {
    const char *message, *sentence;
  } cases[] = {
    { "No such file", "No such file." },
    { "It failed.", "It failed." },
    { "Really?", "Really?" },
    { "Wait…", "Wait…" },
    { "“x” is unknown", "“x” is unknown." },
    { "Run this:\nreprise --help", "Run this:\nreprise --help" },
    { "", "" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = g_error_new_literal (REPRISE_ERROR, 0, cases[i].message);
      g_autofree char *sentence = reprise_error_get_sentence (error);

      g_assert_cmpstr (sentence, ==, cases[i].sentence);
    }
}

static void
assert_said (const GError *error, const char *text)
{
  g_autofree char *said = reprise_say ("“%s” is gone", "orders");

  g_assert_cmpstr (error->message, ==, text);
  g_assert_cmpstr (reprise_error_get_saying (error), ==, said);
}

/* An error of ours keeps what it says to be said in another language, through copies, prefixes and the full stop. */
static void
test_error_saying (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) copy = NULL;
  g_autoptr (GError) sentence = NULL;
  g_autoptr (GError) outer = NULL;
  g_autoptr (GError) other = NULL;
  g_autoptr (GError) secret = NULL;
  g_autoptr (GError) clean = NULL;
  g_autofree char *inner = NULL;
  g_autofree char *both = NULL;

  reprise_error_set (&error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND, "“%s” is gone", "orders");
  assert_said (error, "“orders” is gone");
  copy = g_error_copy (error);
  assert_said (copy, "“orders” is gone");
  sentence = reprise_error_new_sentence (error);
  g_assert_error (sentence, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND);
  inner = reprise_say ("%s.", reprise_error_get_saying (error));
  g_assert_cmpstr (sentence->message, ==, "“orders” is gone.");
  g_assert_cmpstr (reprise_error_get_saying (sentence), ==, inner);

  reprise_error_set (&outer, REPRISE_ERROR, REPRISE_ERROR_FAILED, "It failed: %s",
                     reprise_error_get_saying (error));
  g_assert_cmpstr (outer->message, ==, "It failed: “orders” is gone");
  reprise_error_prefix (&outer, "Table “%s”: ", "a");
  g_assert_cmpstr (outer->message, ==, "Table “a”: It failed: “orders” is gone");
  both = reprise_saying_to_text (reprise_error_get_saying (outer));
  g_assert_cmpstr (both, ==, outer->message);
  g_assert_cmpstr (both, !=, reprise_error_get_saying (outer));

  reprise_error_prefix_say (&outer, "Nothing was made.");
  g_assert_cmpstr (outer->message, ==, "Nothing was made. Table “a”: It failed: “orders” is gone");
  g_assert_cmpstr (reprise_error_get_saying (outer), !=, outer->message);

  /* a message that somebody has changed is no more what was said */
  g_free (copy->message);
  copy->message = g_strdup ("another");
  g_assert_cmpstr (reprise_error_get_saying (copy), ==, "another");

  reprise_error_set (&other, G_IO_ERROR, G_IO_ERROR_NO_SPACE, "“%s” is full", "disk");
  g_assert_cmpstr (reprise_error_get_saying (other), ==, "“disk” is full");
  reprise_error_prefix (&other, "%d of ", 1);
  g_assert_cmpstr (other->message, ==, "1 of “disk” is full");

  reprise_scrub_add ("hunter2-canary");
  reprise_error_set (&secret, REPRISE_ERROR, REPRISE_ERROR_FAILED, "The server says %s",
                     "hunter2-canary");
  clean = reprise_error_new_sentence (secret);
  reprise_scrub_remove ("hunter2-canary");
  g_assert_null (strstr (clean->message, "hunter2"));
  g_assert_cmpstr (reprise_error_get_saying (clean), ==, clean->message);
}

/* What is no text of a saying is a message all the same. */
static void
test_error_texts (void)
{
  g_autoptr (GError) number = NULL;
  g_autoptr (GError) percent = NULL;
  g_autoptr (GError) plain = NULL;
  g_autoptr (GError) none = NULL;
  g_autofree char *text = NULL;

  reprise_error_set (&number, REPRISE_ERROR, REPRISE_ERROR_FAILED, "code %x of %s", 255u, "a");
  g_assert_cmpstr (reprise_error_get_saying (number), ==, "code ff of a");
  reprise_error_set_literal (&percent, REPRISE_ERROR, REPRISE_ERROR_FAILED, "100 %s, %n");
  g_assert_cmpstr (reprise_error_get_saying (percent), ==, "100 %s, %n");
  reprise_error_set_literal (&plain, REPRISE_ERROR, REPRISE_ERROR_FAILED, "It failed");
  text = reprise_saying_to_text (reprise_error_get_saying (plain));
  g_assert_cmpstr (text, ==, "It failed");
  g_assert_cmpstr (plain->message, ==, "It failed");
  reprise_error_set (NULL, REPRISE_ERROR, REPRISE_ERROR_FAILED, "%s", "nobody asks");
  reprise_error_set_literal (NULL, REPRISE_ERROR, REPRISE_ERROR_FAILED, "nobody asks");
  reprise_error_prefix (NULL, "%s", "nobody asks");
  reprise_error_prefix (&none, "%s", "nothing failed");
  g_assert_null (none);
}

static void
test_exit_codes (void)
{
  static const int expected[] = { 1, 2, 1, 1, 1, 4, 4, 4, 1, 6, 5, 7, 1, 1, 1, 1, 1 };

  for (int i = 0; i < (int) G_N_ELEMENTS (expected); i++)
    {
      g_autoptr (GError) error = g_error_new_literal (REPRISE_ERROR, i, "x");

      g_assert_cmpint (reprise_error_get_exit (error), ==, expected[i]);
    }
  g_assert_cmpint (reprise_error_get_exit (NULL), ==, 0);
}

static void
test_hash (void)
{
  g_autofree char *hex = reprise_hash_bytes ("abc", 3); /* FIPS 180-2, appendix B.1 */

  g_assert_cmpstr (hex, ==, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static void
test_ulid (void)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autofree char *last = g_strdup ("");

  for (int i = 0; i < 10000; i++)
    {
      char *id = reprise_ulid_new ();

      g_assert_true (reprise_ulid_is_valid (id));
      g_assert_cmpstr (id, >, last);
      g_free (last);
      last = g_strdup (id);
      g_assert_true (g_hash_table_add (seen, id));
    }
  g_assert_false (reprise_ulid_is_valid ("01ARZ3NDEKTSV4RRFFQ69G5FAI"));
  g_assert_false (reprise_ulid_is_valid ("01ARZ3NDEKTSV4RRFFQ69G5F"));
}

static void
test_time (void)
{
  g_autoptr (GDateTime) time = reprise_time_from_string ("2026-11-21T11:13:17.968+01:00");
  g_autofree char *text = reprise_time_to_string (time);
  g_autofree char *stamp = reprise_time_to_stamp (time);

  g_assert_cmpstr (text, ==, "2026-11-21T10:13:17.968Z");
  g_assert_cmpstr (stamp, ==, "20261121T101317Z");
  g_assert_null (reprise_time_from_string ("yesterday"));
}

static void
test_groups (void)
{
  static const char *const ids[] = { "user", "required", NULL };
  static const char *const wrong[] = { "users", NULL };
  g_autoptr (GError) error = NULL;
  RepriseGroups groups = 0;
  g_auto (GStrv) back = NULL;

  g_assert_true (reprise_groups_from_strv (ids, &groups, &error));
  g_assert_no_error (error);
  back = reprise_groups_to_strv (groups);
  g_assert_cmpstr (back[0], ==, "required");
  g_assert_cmpstr (back[1], ==, "user");
  g_assert_null (back[2]);
  g_assert_false (reprise_groups_from_strv (wrong, &groups, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_INVALID);
}

/* A link inside a tree is removed, what it points to stays. */
static void
test_remove_tree (void)
{
  char *folder = reprise_test_make_folder ();
  g_autofree char *kept = g_build_filename (folder, "kept", NULL);
  g_autofree char *tree = g_build_filename (folder, "tree", "deep", NULL);
  g_autofree char *top = g_build_filename (folder, "tree", NULL);
  g_autofree char *link = g_build_filename (tree, "link", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_true (reprise_file_make_folder (tree, &error));
  g_assert_true (reprise_file_write_durable (kept, "x", -1, &error));
  g_assert_cmpint (symlink (folder, link), ==, 0);
  g_assert_true (reprise_file_remove_tree (top, &error));
  g_assert_no_error (error);
  g_assert_false (g_file_test (top, G_FILE_TEST_EXISTS));
  g_assert_true (g_file_test (kept, G_FILE_TEST_EXISTS));
  reprise_test_remove_folder (folder);
}

static void
test_read_small (void)
{
  g_autofree char *folder = g_dir_make_tmp ("reprise-read-XXXXXX", NULL);
  g_autofree char *file = g_build_filename (folder, "file", NULL);
  g_autofree char *pipe = g_build_filename (folder, "pipe", NULL);
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GError) error = NULL;

  g_file_set_contents (file, "1234", 4, NULL);
  bytes = reprise_file_read_small (file, 4, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_bytes_get_size (bytes), ==, 4);
  g_assert_null (reprise_file_read_small (file, 3, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_LIMIT);
  g_clear_error (&error);
  /* nobody ever writes into it */
  g_assert_cmpint (mkfifo (pipe, 0600), ==, 0);
  g_assert_null (reprise_file_read_small (pipe, 3, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_DAMAGED);
  g_clear_error (&error);
  g_assert_null (reprise_file_read_small (folder, 3, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_IS_DIRECTORY);
  g_assert_true (reprise_file_remove_tree (folder, NULL));
}

static void
test_rename_new (void)
{
  char *folder = reprise_test_make_folder ();
  g_autofree char *a = g_build_filename (folder, "a", NULL);
  g_autofree char *b = g_build_filename (folder, "b", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_true (reprise_file_write_durable (a, "a", -1, &error));
  g_assert_true (reprise_file_rename_new (a, b, &error));
  g_assert_true (reprise_file_write_durable (a, "a", -1, &error));
  g_assert_false (reprise_file_rename_new (a, b, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_EXISTS);
  reprise_test_remove_folder (folder);
}

static void
test_progress_plan (void)
{
  static const ReprisePhaseShare plan[] = { { REPRISE_PHASE_CONNECTING, 0 },
                                            { REPRISE_PHASE_READING, 3 },
                                            { REPRISE_PHASE_VERIFYING, 1 } };
  g_autoptr (RepriseProgress) progress = reprise_progress_new ();
  g_autoptr (RepriseProgress) part = NULL;
  g_auto (RepriseProgressSnapshot) snapshot = { 0 };

  reprise_progress_set_plan (progress, plan, G_N_ELEMENTS (plan));
  reprise_progress_set_phase (progress, REPRISE_PHASE_READING);
  reprise_progress_set_totals (progress, 100, -1);
  reprise_progress_add_bytes (progress, 50);
  reprise_progress_get_snapshot (progress, &snapshot);
  g_assert_cmpfloat_with_epsilon (snapshot.fraction, 0.375, 1e-9);
  reprise_progress_set_phase (progress, REPRISE_PHASE_VERIFYING);
  part = reprise_progress_new_part (progress);
  reprise_progress_set_totals (part, -1, 4);
  reprise_progress_add_items (part, 2);
  reprise_progress_get_snapshot (progress, &snapshot);
  g_assert_cmpfloat_with_epsilon (snapshot.fraction, 0.875, 1e-9);
  reprise_progress_add_items (part, 2);
  reprise_progress_get_snapshot (progress, &snapshot);
  g_assert_cmpfloat (snapshot.fraction, <, 1);
}

static double
get_fraction (RepriseProgress *progress)
{
  g_auto (RepriseProgressSnapshot) snapshot = { 0 };

  reprise_progress_get_snapshot (progress, &snapshot);
  return snapshot.fraction;
}

/* Nothing is said where nothing is known: neither before the first phase, nor in a long one that tells nothing of itself. */
static void
test_progress_unknown (void)
{
  static const ReprisePhaseShare plan[] = { { REPRISE_PHASE_CONNECTING, 0 },
                                            { REPRISE_PHASE_CHECKING, 1 },
                                            { REPRISE_PHASE_CREATING, 60 },
                                            { REPRISE_PHASE_DOWNLOADING, 30 } };
  g_autoptr (RepriseProgress) progress = reprise_progress_new ();

  g_assert_cmpfloat (get_fraction (progress), <, 0);
  reprise_progress_set_plan (progress, plan, G_N_ELEMENTS (plan));
  g_assert_cmpfloat (get_fraction (progress), <, 0); /* it waits still */
  for (guint i = 0; i < 3; i++)
    {
      reprise_progress_set_phase (progress, plan[i].phase);
      g_assert_cmpfloat (get_fraction (progress), <, 0);
    }
  reprise_progress_set_phase (progress, REPRISE_PHASE_DOWNLOADING);
  g_assert_cmpfloat_with_epsilon (get_fraction (progress), 61.0 / 91, 0.01);
  reprise_progress_set_totals (progress, 100, -1);
  reprise_progress_add_bytes (progress, 50);
  g_assert_cmpfloat_with_epsilon (get_fraction (progress), 76.0 / 91, 0.01);
  reprise_progress_set_phase (progress, REPRISE_PHASE_FINISHING); /* not planned */
  g_assert_cmpfloat_with_epsilon (get_fraction (progress), 76.0 / 91, 0.01);
}

static gint64
get_idle_seconds (RepriseProgress *progress)
{
  g_auto (RepriseProgressSnapshot) snapshot = { 0 };

  reprise_progress_get_snapshot (progress, &snapshot);
  return snapshot.idle_seconds;
}

/* A service that answers is at work, though nothing of it can be counted. */
static void
test_progress_touch (void)
{
  g_autoptr (RepriseProgress) progress = reprise_progress_new ();
  g_autoptr (RepriseProgress) part = reprise_progress_new_part (progress);

  g_usleep (2100000);
  g_assert_cmpint (get_idle_seconds (progress), >=, 2);
  reprise_progress_touch (part);
  g_assert_cmpint (get_idle_seconds (progress), <, 2);
  g_assert_cmpint (get_idle_seconds (part), <, 2);
  reprise_progress_touch (NULL);
}

static void
test_join_some (void)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  g_autofree char *none = reprise_strv_join_some (names, 2);
  g_autofree char *two = NULL;
  g_autofree char *four = NULL;

  g_ptr_array_add (names, (gpointer) "a");
  g_ptr_array_add (names, (gpointer) "b");
  two = reprise_strv_join_some (names, 2);
  g_ptr_array_add (names, (gpointer) "c");
  g_ptr_array_add (names, (gpointer) "d");
  four = reprise_strv_join_some (names, 2);
  g_assert_cmpstr (none, ==, "");
  g_assert_cmpstr (two, ==, "a, b");
  g_assert_cmpstr (four, ==, "a, b and 2 more");
}

/* A date ahead of the clock is not “just now”; a clock may be a little wrong. */
static void
test_ahead (void)
{
  g_autoptr (GDateTime) now = g_date_time_new_utc (2026, 11, 21, 12, 0, 0);
  g_autoptr (GDateTime) soon = g_date_time_add_minutes (now, 59);
  g_autoptr (GDateTime) later = g_date_time_add_minutes (now, 61);
  g_autofree char *soon_text = reprise_time_to_ago (soon, now);
  g_autofree char *later_text = reprise_time_to_ago (later, now);
  g_autofree char *date = reprise_time_to_text (later);

  g_assert_false (reprise_time_is_ahead (soon, now));
  g_assert_true (reprise_time_is_ahead (later, now));
  g_assert_false (reprise_time_is_ahead (now, later));
  g_assert_cmpstr (soon_text, ==, "just now");
  g_assert_cmpstr (later_text, ==, date);
}

static gpointer
ask_worker (gpointer data)
{
  static const char *const responses[] = { "cancel", "continue", NULL };
  g_autoptr (RepriseQuestion) question =
    reprise_question_new ("go-on", "Go On?", "body", responses, responses, NULL, "cancel");

  return reprise_progress_ask (data, question, NULL, NULL);
}

static void
test_progress_question (void)
{
  g_autoptr (RepriseProgress) progress = reprise_progress_new ();
  g_autoptr (RepriseProgress) part = reprise_progress_new_part (progress);
  GThread *thread = g_thread_new ("ask", ask_worker, part);
  g_autofree char *response = NULL;
  g_autoptr (RepriseQuestion) question = NULL;

  while ((question = reprise_progress_dup_question (progress)) == NULL)
    g_usleep (1000);
  g_assert_cmpstr (question->title, ==, "Go On?");
  g_assert_false (reprise_progress_answer (progress, "go-on", "maybe"));
  g_assert_true (reprise_progress_answer (progress, "go-on", "continue"));
  response = g_thread_join (thread);
  g_assert_cmpstr (response, ==, "continue");
}

int
main (int argc, char *argv[])
{
  reprise_test_init (&argc, &argv);
  g_test_add_func ("/base/exit-codes", test_exit_codes);
  g_test_add_func ("/base/error-sentences", test_sentences);
  g_test_add_func ("/base/error-saying", test_error_saying);
  g_test_add_func ("/base/error-texts", test_error_texts);
  g_test_add_func ("/base/hash", test_hash);
  g_test_add_func ("/base/ulid", test_ulid);
  g_test_add_func ("/base/time", test_time);
  g_test_add_func ("/base/groups", test_groups);
  g_test_add_func ("/base/remove-tree", test_remove_tree);
  g_test_add_func ("/base/read-small", test_read_small);
  g_test_add_func ("/base/rename-new", test_rename_new);
  g_test_add_func ("/base/progress/plan", test_progress_plan);
  g_test_add_func ("/base/progress/unknown", test_progress_unknown);
  g_test_add_func ("/base/progress/touch", test_progress_touch);
  g_test_add_func ("/base/progress/question", test_progress_question);
  g_test_add_func ("/base/strv/join-some", test_join_some);
  g_test_add_func ("/base/time/ahead", test_ahead);
  return g_test_run ();
}
