/* test-history.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "base/reprise-saying.h"
#include "base/reprise-ulid.h"
#include "job/reprise-history.h"
#include "reprise-test.h"

static void
add (RepriseHistory *history, const char *service, RepriseJobState state, const char *error_text)
{
  g_autofree char *id = reprise_ulid_new ();
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autoptr (RepriseRun) run = g_object_new (
    REPRISE_TYPE_RUN, "id", id, "kind", REPRISE_JOB_RESTORE, "state", state, "service-uuid",
    service, "service-name", "Orders", "started-at", now, "error", error_text, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_true (reprise_history_add (history, run, &error));
  g_assert_no_error (error);
}

static void
test_list (void)
{
  g_autofree char *path = reprise_history_dup_default_path ();
  g_autoptr (RepriseHistory) history = reprise_history_new (path);
  g_autoptr (RepriseHistory) other = reprise_history_new (path);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) all = NULL;
  g_autoptr (GPtrArray) found = NULL;
  g_autoptr (GPtrArray) of_service = NULL;

  add (history, "a", REPRISE_JOB_DONE, NULL);
  add (other, "b", REPRISE_JOB_FAILED, "The disk is FULL");
  add (history, "a", REPRISE_JOB_STOPPED, NULL);
  all = reprise_history_list (history, NULL, NULL, 0, 10, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (all->len, ==, 3);
  g_assert_cmpint (reprise_run_get_state (all->pdata[0]), ==, REPRISE_JOB_STOPPED);
  g_assert_cmpint (reprise_run_get_kind (all->pdata[0]), ==, REPRISE_JOB_RESTORE);
  g_assert_nonnull (reprise_run_get_started_at (all->pdata[0]));
  found = reprise_history_list (history, NULL, "full", 0, 10, &error);
  g_assert_cmpuint (found->len, ==, 1);
  g_assert_cmpstr (reprise_run_get_error (found->pdata[0]), ==, "The disk is FULL");
  of_service = reprise_history_list (history, "a", NULL, 1, 10, &error);
  g_assert_cmpuint (of_service->len, ==, 1);
}

static void
add_said (RepriseHistory *history, const char *said, const char *code, const char *language)
{
  g_autofree char *id = reprise_ulid_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseRun) run = g_object_new (
    REPRISE_TYPE_RUN, "id", id, "kind", REPRISE_JOB_BACK_UP, "state", REPRISE_JOB_DONE, "summary",
    "eine Datei", "said", said, "error", code != NULL ? "Es antwortet nicht." : NULL, "error-code",
    code, "language", language, NULL);

  g_assert_true (reprise_history_add (history, run, &error));
  g_assert_no_error (error);
}

/* What another language kept is said anew: results by what they mean, errors after what their code says. */
static void
test_languages (void)
{
  g_autofree char *path = reprise_history_dup_default_path ();
  g_autofree char *name = g_strconcat (path, "-languages", NULL);
  g_autoptr (RepriseHistory) history = reprise_history_new (name);
  g_autofree char *said = reprise_say_n ("%u file", "%u files", 2, 2u);
  g_autoptr (GPtrArray) runs = NULL;
  g_autoptr (GError) error = NULL;

  add_said (history, said, NULL, "de");
  add_said (history, NULL, "unreachable", "de");
  add_said (history, NULL, "unreachable", "en");
  add_said (history, NULL, "unreachable", NULL);
  runs = reprise_history_list (history, NULL, NULL, 0, 10, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (reprise_run_get_summary (runs->pdata[3]), ==, "2 files");
  g_assert_cmpstr (reprise_run_get_summary (runs->pdata[2]), ==, "eine Datei");
  g_assert_cmpstr (reprise_run_get_error (runs->pdata[2]), ==,
                   "The service could not be reached. (Es antwortet nicht.)");
  g_assert_cmpstr (reprise_run_get_error (runs->pdata[1]), ==, "Es antwortet nicht.");
  g_assert_cmpstr (reprise_run_get_error (runs->pdata[0]), ==, "Es antwortet nicht.");
}

/* Reasons and warnings too, where they were kept so. */
static void
test_languages_of_faults (void)
{
  g_autofree char *path = reprise_history_dup_default_path ();
  g_autofree char *name = g_strconcat (path, "-faults", NULL);
  g_autoptr (RepriseHistory) history = reprise_history_new (name);
  g_autofree char *said = reprise_say ("“%s” is gone", "orders");
  g_autofree char *lines = g_strdup_printf ("%s\nkept as it is", said);
  g_autofree char *id = reprise_ulid_new ();
  g_autoptr (RepriseRun) run = g_object_new (
    REPRISE_TYPE_RUN, "id", id, "kind", REPRISE_JOB_BACK_UP, "state", REPRISE_JOB_FAILED, "error",
    "„orders“ ist weg", "error-said", said, "error-code", "not-found", "language", "de", "warnings",
    "„orders“ ist weg\nkept as it is", "warnings-said", lines, NULL);
  g_autoptr (GPtrArray) runs = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (reprise_history_add (history, run, &error));
  g_assert_no_error (error);
  runs = reprise_history_list (history, NULL, NULL, 0, 10, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (reprise_run_get_error (runs->pdata[0]), ==, "“orders” is gone");
  g_assert_cmpstr (reprise_run_get_warnings (runs->pdata[0]), ==,
                   "“orders” is gone\nkept as it is");
  g_assert_cmpstr (reprise_run_get_error_said (runs->pdata[0]), ==, said);
  g_assert_cmpstr (reprise_run_get_warnings_said (runs->pdata[0]), ==, lines);
}

static void
test_not_a_database (void)
{
  char *folder = reprise_test_make_folder ();
  g_autofree char *path = g_build_filename (folder, "history.db", NULL);
  g_autoptr (RepriseHistory) history = reprise_history_new (path);
  g_autoptr (GPtrArray) runs = NULL;
  g_autoptr (GDir) dir = NULL;
  g_autoptr (GError) error = NULL;
  const char *name;
  int n_aside = 0;

  g_file_set_contents (path, "this is no database, and long enough to be looked at by its header",
                       -1, NULL);
  runs = reprise_history_list (history, NULL, NULL, 0, 10, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (runs->len, ==, 0);
  add (history, "a", REPRISE_JOB_DONE, NULL);

  /* What was there is kept. */
  dir = g_dir_open (folder, 0, NULL);
  while ((name = g_dir_read_name (dir)) != NULL)
    n_aside += g_str_has_prefix (name, "history.db.damaged-") ? 1 : 0;
  g_assert_cmpint (n_aside, ==, 1);
  reprise_test_remove_folder (folder);
}

int
main (int argc, char *argv[])
{
  reprise_test_init (&argc, &argv);
  g_test_add_func ("/history/list", test_list);
  g_test_add_func ("/history/languages", test_languages);
  g_test_add_func ("/history/languages-of-faults", test_languages_of_faults);
  g_test_add_func ("/history/not-a-database", test_not_a_database);
  return g_test_run ();
}
