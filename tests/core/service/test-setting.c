/* test-setting.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "base/reprise-error.h"
#include "base/reprise-file.h"
#include "reprise-test.h"
#include "service/reprise-contents.h"
#include "service/reprise-preferences.h"
#include "service/reprise-service.h"
#include "service/reprise-setting.h"

static const char *const ENGINES[] = { "postgres", "mysql", NULL };

static const RepriseSetting SETTINGS[] = {
  { .key = "address", .type = REPRISE_SETTING_ADDRESS, .label = "Address", .required = TRUE },
  { .key = "path", .type = REPRISE_SETTING_PATH },
  { .key = "deep", .type = REPRISE_SETTING_BOOLEAN, .default_value = "false" },
  { .key = "days",
    .type = REPRISE_SETTING_INTEGER,
    .shown_if_key = "deep",
    .shown_if_value = "true" },
  { .key = "engine", .type = REPRISE_SETTING_CHOICE, .choices = ENGINES },
  { .key = "password", .type = REPRISE_SETTING_SECRET },
  { .key = "account", .type = REPRISE_SETTING_TEXT },
  { .key = "start", .type = REPRISE_SETTING_TIME },
  { NULL },
};

typedef struct
{
  const char *key;
  const char *value;
  gboolean good;
} Case;

static void
test_check (void)
{
  static const Case cases[] = {
    { "address", "https://shop.example.org/", TRUE },
    { "address", "http://127.0.0.1:5984", TRUE },
    { "address", "shop.example.org", FALSE },
    { "address", "ftp://shop.example.org/", FALSE },
    { "address", "https:///nobody", FALSE },
    { "address", "https://me:secret@shop.example.org/", FALSE },
    { "address", "", FALSE },
    { "path", "", TRUE },
    { "path", "/srv/x", TRUE },
    { "deep", "true", TRUE },
    { "deep", "yes", FALSE },
    { "days", "30", TRUE },
    { "days", "-1", FALSE },
    { "days", "3 days", FALSE },
    { "engine", "mysql", TRUE },
    { "engine", "oracle", FALSE },
    { "account", "\xff", FALSE },
    { "start", "", TRUE },
    { "start", "2026-11-21", TRUE },
    { "start", "2026-11-21 02:00", TRUE },
    { "start", "2026-11-21T02:00Z", TRUE },
    { "start", "2026-11-31 02:00", FALSE },
    { "start", "2026-11-21 25:00", FALSE },
    { "start", "tomorrow", FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const RepriseSetting *setting = reprise_setting_find (SETTINGS, cases[i].key);
      g_autoptr (GError) error = NULL;

      g_assert_cmpint (reprise_setting_check (setting, cases[i].value, &error), ==, cases[i].good);
      if (cases[i].good)
        g_assert_no_error (error);
      else
        {
          g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_INVALID);
          g_assert_null (strstr (error->message, "secret")); /* never a password in a sentence */
        }
    }
  g_assert_null (reprise_setting_find (SETTINGS, "colour"));
}

static void
test_normalise (void)
{
  g_autofree char *path =
    reprise_setting_normalise (reprise_setting_find (SETTINGS, "path"), "a/../b", "/home/x");
  g_autofree char *none =
    reprise_setting_normalise (reprise_setting_find (SETTINGS, "path"), "", "/home/x");
  g_autofree char *text =
    reprise_setting_normalise (reprise_setting_find (SETTINGS, "account"), " me ", "/");
  g_autofree char *secret =
    reprise_setting_normalise (reprise_setting_find (SETTINGS, "password"), " s ", "/");

  g_assert_cmpstr (path, ==, "/home/x/b");
  g_assert_cmpstr (none, ==, "");
  g_assert_cmpstr (text, ==, "me");
  g_assert_cmpstr (secret, ==, " s ");
}

static void
test_shown (void)
{
  g_autoptr (GHashTable) values = g_hash_table_new (g_str_hash, g_str_equal);
  const RepriseSetting *days = reprise_setting_find (SETTINGS, "days");
  RepriseSetting several = *days;

  g_assert_true (reprise_setting_is_shown (&SETTINGS[0], SETTINGS, values));
  g_assert_false (
    reprise_setting_is_shown (days, SETTINGS, values)); /* by the default of the other */
  g_hash_table_insert (values, (gpointer) "deep", (gpointer) "true");
  g_assert_true (reprise_setting_is_shown (days, SETTINGS, values));
  several.shown_if_key = "deep"; /* beside one of some values */
  several.shown_if_value = "maybe|true";
  g_assert_true (reprise_setting_is_shown (&several, SETTINGS, values));
  g_hash_table_insert (values, (gpointer) "deep", (gpointer) "false");
  g_assert_false (reprise_setting_is_shown (&several, SETTINGS, values));
}

static void
count_cb (RepriseService *service, gpointer data)
{
  ++*(guint *) data;
}

static void
test_service (void)
{
  g_autoptr (RepriseService) service = reprise_service_new (NULL, "sqlite", "Orders");
  g_autoptr (RepriseService) copy = NULL;
  g_autofree char *name = NULL;
  gboolean production;
  guint n = 0;

  g_signal_connect (service, "changed", G_CALLBACK (count_cb), &n);
  reprise_service_set_setting (service, "path", "/a");
  reprise_service_set_setting (service, "path", "/a"); /* nothing new */
  reprise_service_set_rule (service, "logs", "log");
  reprise_service_set_production (service, TRUE);
  g_assert_cmpuint (n, ==, 3);
  copy = reprise_service_copy (service);
  g_assert_cmpstr (reprise_service_get_uuid (copy), ==, reprise_service_get_uuid (service));
  reprise_service_set_name (copy, "Sales");
  reprise_service_reset_rules (copy);
  reprise_service_reset_rules (copy);
  reprise_service_set_setting (copy, "path", NULL);
  g_assert_null (reprise_service_get_setting (copy, "path"));
  g_assert_null (reprise_service_get_rule (copy, "logs"));
  g_assert_cmpstr (reprise_service_get_setting (service, "path"), ==,
                   "/a"); /* the other has its own */
  g_assert_cmpstr (reprise_service_get_rule (service, "logs"), ==, "log");
  g_object_get (copy, "name", &name, "production", &production, NULL);
  g_assert_cmpstr (name, ==, "Sales");
  g_assert_true (production);
}

static void
test_contents (void)
{
  g_autoptr (RepriseContents) contents = reprise_contents_new ();
  g_autoptr (RepriseCollection) a = reprise_collection_new ("a", 3, 100);
  g_autoptr (RepriseCollection) b = reprise_collection_new ("b", REPRISE_NOT_REPORTED, 20);
  g_autoptr (RepriseCollection) c = reprise_collection_new ("c", 7, REPRISE_NOT_REPORTED);
  g_autoptr (RepriseDataGroup) first = NULL;
  RepriseGroup group;

  reprise_contents_add (contents, REPRISE_GROUP_CUSTOM, a);
  reprise_contents_add (contents, REPRISE_GROUP_CUSTOM, b);
  reprise_contents_add (contents, REPRISE_GROUP_SKIPPED, c);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (contents)), ==, 2);
  first = g_list_model_get_item (G_LIST_MODEL (contents), 0);
  g_assert_cmpint (reprise_data_group_get_group (first), ==, REPRISE_GROUP_CUSTOM);
  g_assert_cmpint (reprise_data_group_get_rows (first), ==, 3);
  g_assert_cmpint (reprise_data_group_get_size_bytes (first), ==, 120);
  g_assert_cmpuint (reprise_contents_get_groups (contents), ==,
                    REPRISE_GROUP_BIT (REPRISE_GROUP_CUSTOM));
  g_assert_true (reprise_contents_find (contents, "c", &group) == c);
  g_assert_cmpint (group, ==, REPRISE_GROUP_SKIPPED);
  g_assert_null (reprise_contents_find (contents, "d", NULL));
  g_assert_cmpint (reprise_contents_get_rows (contents, REPRISE_GROUPS_ALL), ==, 3);
  g_assert_cmpint (
    reprise_contents_get_size_bytes (contents, REPRISE_GROUP_BIT (REPRISE_GROUP_USER)), ==,
    REPRISE_NOT_REPORTED);
}

static void
test_preferences (void)
{
  char *folder = reprise_test_make_folder ();
  g_autofree char *path = g_build_filename (folder, "deep", "preferences.conf", NULL);
  g_autoptr (ReprisePreferences) preferences = reprise_preferences_new (path);
  g_autoptr (ReprisePreferences) again = reprise_preferences_new (path);
  g_autofree char *text = NULL;
  g_autofree char *none = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (reprise_preferences_load (preferences, &error)); /* no file yet */
  reprise_preferences_set_string (preferences, "vault-folder", "/media/disk é");
  reprise_preferences_set_integer (preferences, "days", 30);
  g_assert_true (reprise_preferences_save (preferences, &error));
  g_assert_no_error (error);
  g_assert_true (reprise_preferences_load (again, &error));
  text = reprise_preferences_dup_string (again, "vault-folder");
  g_assert_cmpstr (text, ==, "/media/disk é");
  g_assert_cmpint (reprise_preferences_get_integer (again, "days", 7), ==, 30);
  g_assert_cmpint (reprise_preferences_get_integer (again, "weeks", 7), ==, 7);
  reprise_preferences_set_string (again, "vault-folder", NULL);
  none = reprise_preferences_dup_string (again, "vault-folder");
  g_assert_null (none);
  g_assert_true (reprise_file_write_durable (path, "[rubbish", -1, NULL));
  g_assert_false (reprise_preferences_load (again, &error));
  g_assert_nonnull (strstr (error->message, "preferences.conf"));
  reprise_test_remove_folder (folder);
}

static gpointer
save_many (gpointer data)
{
  g_autoptr (ReprisePreferences) preferences = reprise_preferences_new (data);
  g_autofree char *key = g_strdup_printf ("key-%p", (void *) g_thread_self ());

  for (int i = 1; i <= 10; i++)
    {
      g_autoptr (GError) error = NULL;

      reprise_preferences_set_integer (preferences, key, i);
      g_assert_true (reprise_preferences_save (preferences, &error));
      g_assert_no_error (error);
    }
  return g_steal_pointer (&key);
}

/* Several programs at once: what one set is not lost to another, and each sees what lies there. */
static void
test_preferences_of_several (void)
{
  char *folder = reprise_test_make_folder ();
  g_autofree char *path = g_build_filename (folder, "preferences.conf", NULL);
  g_autoptr (ReprisePreferences) mine = reprise_preferences_new (path);
  g_autoptr (ReprisePreferences) theirs = reprise_preferences_new (path);
  GThread *threads[4];
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;

  reprise_preferences_set_integer (mine, "days", 30);
  reprise_preferences_set_string (mine, "old", "x");
  g_assert_true (reprise_preferences_save (mine, &error));
  reprise_preferences_set_string (theirs, "vault-folder", "/b");
  reprise_preferences_set_string (theirs, "old", NULL);
  g_assert_true (reprise_preferences_save (theirs, &error));
  g_assert_cmpint (reprise_preferences_get_integer (theirs, "days", 7), ==, 30);
  reprise_preferences_set_integer (mine, "days", 31);
  g_assert_true (reprise_preferences_save (mine, &error));
  text = reprise_preferences_dup_string (mine, "vault-folder");
  g_assert_cmpstr (text, ==, "/b");
  g_assert_null (reprise_preferences_dup_string (mine, "old"));

  for (int i = 0; i < 4; i++)
    threads[i] = g_thread_new ("saves", save_many, path);
  for (int i = 0; i < 4; i++)
    {
      g_autofree char *key = g_thread_join (threads[i]);

      g_assert_true (reprise_preferences_load (mine, &error));
      g_assert_cmpint (reprise_preferences_get_integer (mine, key, 0), ==, 10);
    }
  g_assert_cmpint (reprise_preferences_get_integer (mine, "days", 7), ==, 31);

  /* what cannot be read is not written over */
  g_assert_true (reprise_file_write_durable (path, "[rubbish", -1, NULL));
  reprise_preferences_set_integer (mine, "days", 32);
  g_assert_false (reprise_preferences_save (mine, &error));
  g_clear_pointer (&text, g_free);
  text = reprise_test_read (path, NULL);
  g_assert_cmpstr (text, ==, "[rubbish");
  reprise_test_remove_folder (folder);
}

/* By the clock of this computer, but where a zone is named. */
static void
test_time (void)
{
  static const char *const cases[][2] = {
    { "2026-11-21 02:00", "local 2026-11-21T02:00:00" },
    { " 2026-11-21T02:00 ", "local 2026-11-21T02:00:00" },
    { "2026-11-21T02:00:30", "local 2026-11-21T02:00:30" },
    { "2026-11-21", "local 2026-11-21T00:00:00" },
    { "2026-11-21T02:00Z", "utc 2026-11-21T02:00:00" },
    { "2026-11-21T02:00+01:00", "utc 2026-11-21T01:00:00" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GDateTime) time = reprise_setting_read_time (cases[i][0]);
      g_autoptr (GDateTime) shown = NULL;
      g_autofree char *text = NULL;

      g_assert_nonnull (time);
      shown = g_str_has_prefix (cases[i][1], "local") ? g_date_time_to_local (time)
                                                      : g_date_time_to_utc (time);
      text = g_date_time_format (shown, "%Y-%m-%dT%H:%M:%S");
      g_assert_cmpstr (text, ==, strchr (cases[i][1], ' ') + 1);
    }
  g_assert_null (reprise_setting_read_time (""));
}

int
main (int argc, char *argv[])
{
  reprise_test_init (&argc, &argv);
  g_test_add_func ("/setting/check", test_check);
  g_test_add_func ("/setting/time", test_time);
  g_test_add_func ("/setting/normalise", test_normalise);
  g_test_add_func ("/setting/shown", test_shown);
  g_test_add_func ("/service/object", test_service);
  g_test_add_func ("/service/contents", test_contents);
  g_test_add_func ("/service/preferences", test_preferences);
  g_test_add_func ("/service/preferences-of-several", test_preferences_of_several);
  return g_test_run ();
}
