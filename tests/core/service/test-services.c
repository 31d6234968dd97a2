/* test-services.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "base/reprise-error.h"
#include "base/reprise-file.h"
#include "reprise-test.h"
#include "service/reprise-services-file.h"
#include "service/reprise-services.h"

typedef struct
{
  char *folder;
  char *path;
  RepriseServices *services;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->folder = reprise_test_make_folder ();
  fixture->path = g_build_filename (fixture->folder, "config", "services.conf", NULL);
  fixture->services = reprise_services_new (fixture->path);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_clear_object (&fixture->services);
  g_free (fixture->path);
  reprise_test_remove_folder (fixture->folder);
}

static RepriseService *
add (RepriseServices *services, const char *name)
{
  g_autoptr (RepriseService) service = reprise_service_new (NULL, "sqlite", name);
  g_autoptr (GError) error = NULL;

  g_assert_true (reprise_services_save (services, service, &error));
  g_assert_no_error (error);
  return reprise_services_get (services, reprise_service_get_uuid (service));
}

static char *
names_of (RepriseServices *services)
{
  g_autoptr (GString) names = g_string_new (NULL);

  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (services)); i++)
    {
      g_autoptr (RepriseService) service = g_list_model_get_item (G_LIST_MODEL (services), i);

      g_string_append_printf (names, "%s|", reprise_service_get_name (service));
    }
  return g_string_free (g_steal_pointer (&names), FALSE);
}

static void
assert_names (RepriseServices *services, const char *expected)
{
  g_autofree char *names = names_of (services);

  g_assert_cmpstr (names, ==, expected);
}

static void
test_round_trip (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseServices) other = reprise_services_new (fixture->path);
  g_autoptr (RepriseService) service =
    reprise_service_new (NULL, "nocobase", "Été “shop.example.org”");
  g_autoptr (GError) error = NULL;
  const char *uuid = reprise_service_get_uuid (service);
  GStatBuf info;
  RepriseService *back;

  g_assert_true (reprise_services_load (other, &error)); /* no file yet */
  g_assert_no_error (error);
  reprise_service_set_production (service, TRUE);
  reprise_service_set_setting (service, "address", "https://shop.example.org/");
  reprise_service_set_setting (service, "path", " two\nlines; [x]=\\");
  reprise_service_set_rule (service, "weird=[name] #\n é", "user");
  reprise_service_set_rule (service, "a~b.c%20", "log");
  g_assert_true (reprise_services_save (fixture->services, service, &error));
  g_assert_no_error (error);
  g_assert_true (reprise_services_load (other, &error));
  g_assert_no_error (error);
  back = reprise_services_get (other, uuid);
  g_assert_nonnull (back);
  g_assert_cmpstr (reprise_service_get_kind (back), ==, "nocobase");
  g_assert_cmpstr (reprise_service_get_name (back), ==, "Été “shop.example.org”");
  g_assert_true (reprise_service_get_production (back));
  g_assert_cmpstr (reprise_service_get_setting (back, "path"), ==, " two\nlines; [x]=\\");
  g_assert_cmpuint (g_hash_table_size (reprise_service_get_settings (back)), ==, 2);
  g_assert_cmpstr (reprise_service_get_rule (back, "weird=[name] #\n é"), ==, "user");
  g_assert_cmpstr (reprise_service_get_rule (back, "a~b.c%20"), ==, "log");
  g_assert_cmpint (g_stat (fixture->path, &info), ==, 0);
  g_assert_cmpint (info.st_mode & 0777, ==, 0600);
  g_assert_true (reprise_services_remove (other, uuid, &error));
  g_assert_null (reprise_services_get (other, uuid));
  g_assert_false (reprise_services_remove (other, uuid, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND);
}

/* A group and a key of a later version, and a comment, outlive a change; those of a removed service go. */
static void
test_unknown_groups (Fixture *fixture, gconstpointer data)
{
  RepriseService *service = add (fixture->services, "Orders");
  g_autofree char *uuid = g_strdup (reprise_service_get_uuid (service));
  g_autofree char *before = reprise_test_read (fixture->path, NULL);
  g_autofree char *extra = NULL;
  g_autofree char *after = NULL;
  g_autofree char *end = NULL;
  g_autoptr (GError) error = NULL;

  extra =
    g_strdup_printf ("%s\n[schedule %s]\nevery=day\n\n[other]\n# kept\nkey=1\n", before, uuid);
  g_assert_true (reprise_file_write_durable (fixture->path, extra, -1, &error));
  add (fixture->services, "Shop");
  after = reprise_test_read (fixture->path, NULL);
  g_assert_nonnull (strstr (after, "every=day"));
  g_assert_nonnull (strstr (after, "# kept"));
  g_assert_true (reprise_services_remove (fixture->services, uuid, &error));
  end = reprise_test_read (fixture->path, NULL);
  g_assert_null (strstr (end, "every=day"));
  g_assert_null (strstr (end, uuid));
  g_assert_nonnull (strstr (end, "# kept"));
}

static void
count_cb (GListModel *model, guint position, guint removed, guint added, gpointer data)
{
  guint *counts = data;

  counts[0]++;
  counts[1] += removed;
  counts[2] += added;
}

static void
test_order (Fixture *fixture, gconstpointer data)
{
  guint counts[3] = { 0 };
  g_autoptr (RepriseService) copy = NULL;
  g_autoptr (GError) error = NULL;
  RepriseService *middle;

  add (fixture->services, "m");
  add (fixture->services, "z");
  add (fixture->services, "a");
  assert_names (fixture->services, "a|m|z|");
  g_signal_connect (fixture->services, "items-changed", G_CALLBACK (count_cb), counts);
  middle = reprise_services_find (fixture->services, "m", &error);
  copy = reprise_service_copy (middle);
  reprise_service_set_name (copy, "zz");
  g_assert_true (reprise_services_save (fixture->services, copy, &error));
  assert_names (fixture->services, "a|z|zz|");
  g_assert_true (reprise_services_find (fixture->services, "zz", &error) ==
                 middle); /* the same object */
  g_assert_cmpuint (counts[0], ==, 1);
  g_assert_cmpuint (counts[1], ==, 2);
  g_assert_cmpuint (counts[2], ==, 2);
  g_assert_true (reprise_services_load (fixture->services, &error));
  g_assert_cmpuint (counts[0], ==, 1); /* nothing new */
  g_assert_true (
    reprise_services_remove (fixture->services, reprise_service_get_uuid (middle), &error));
  assert_names (fixture->services, "a|z|");
  g_assert_no_error (error);
}

static void
test_names (Fixture *fixture, gconstpointer data)
{
  static const char *const bad[] = { "",
                                     " a",
                                     "a ",
                                     "a/b",
                                     ".",
                                     "..",
                                     ".conf",
                                     "-yes",
                                     "a\nb",
                                     "a\x7f",
                                     "a\xe2\x80\xae.b",
                                     "\xff",
                                     "a\tb",
                                     "/etc",
                                     "\xe2\x80\x8b",
                                     "8d7a3e9c-2b9b-4d0c-9a39-0f0f7f9f1a11" };
  g_autofree char *hundred = g_strnfill (100, 'x');
  g_autofree char *more = g_strnfill (101, 'x');
  g_autoptr (GError) error = NULL;
  RepriseService *orders;

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_assert_false (reprise_services_check_name (fixture->services, bad[i], NULL, &error));
      g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_INVALID);
      g_assert_true (g_utf8_validate (error->message, -1, NULL));
      g_clear_error (&error);
    }
  g_assert_false (reprise_services_check_name (fixture->services, more, NULL, NULL));
  g_assert_true (reprise_services_check_name (fixture->services, hundred, NULL, &error));
  g_assert_true (
    reprise_services_check_name (fixture->services, "shop.example.org (été)", NULL, &error));
  g_assert_no_error (error);

  orders = add (fixture->services, "Orders");
  g_assert_false (reprise_services_check_name (fixture->services, "ORDERS", NULL, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_EXISTS);
  g_clear_error (&error);
  g_assert_true (reprise_services_check_name (fixture->services, "ORDERS",
                                              reprise_service_get_uuid (orders), &error));
  g_assert_no_error (error);
}

static void
test_find (Fixture *fixture, gconstpointer data)
{
  RepriseService *orders = add (fixture->services, "Orders");
  g_autoptr (GError) error = NULL;

  add (fixture->services, "Shop");
  g_assert_true (reprise_services_find (fixture->services, "Orders", &error) == orders);
  g_assert_true (
    reprise_services_find (fixture->services, reprise_service_get_uuid (orders), &error) == orders);
  g_assert_no_error (error);
  g_assert_null (reprise_services_find (fixture->services, "oders", &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND);
  g_assert_nonnull (strstr (error->message, "“Orders”"));
  g_assert_null (strstr (error->message, "Shop"));
  g_clear_error (&error);
  g_assert_null (reprise_services_find (fixture->services, "quite another", &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND);
  g_assert_null (strstr (error->message, "Orders"));
}

/* Another process may have taken the name since we last looked. */
static void
test_name_taken_meanwhile (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseServices) other = reprise_services_new (fixture->path);
  g_autoptr (RepriseService) late = reprise_service_new (NULL, "sqlite", "Orders");
  g_autoptr (GError) error = NULL;

  add (other, "Orders");
  g_assert_true (reprise_services_check_name (fixture->services, "Orders", NULL, &error));
  g_assert_false (reprise_services_save (fixture->services, late, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_EXISTS);
}

static void
test_damaged (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseService) service = reprise_service_new (NULL, "sqlite", "Orders");
  g_autoptr (GError) error = NULL;
  g_autofree char *after = NULL;

  add (fixture->services, "Shop");
  g_assert_true (reprise_file_write_durable (fixture->path, "[service\nrubbish", -1, NULL));
  g_assert_false (reprise_services_load (fixture->services, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_DAMAGED);
  g_clear_error (&error);
  assert_names (fixture->services, "Shop|");
  g_assert_false (reprise_services_save (fixture->services, service, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_DAMAGED);
  g_clear_error (&error);
  after = reprise_test_read (fixture->path, NULL);
  g_assert_cmpstr (after, ==, "[service\nrubbish");
  g_assert_true (reprise_file_write_durable (fixture->path, "[reprise]\nformat=2\n", -1, NULL));
  g_assert_false (reprise_services_save (fixture->services, service, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_NOT_SUPPORTED);
}

static void
saved_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  gboolean *done = data;
  g_autoptr (GError) error = NULL;

  g_assert_true (reprise_services_save_finish (REPRISE_SERVICES (source), result, &error));
  g_assert_no_error (error);
  *done = TRUE;
}

static void
cancelled_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  gboolean *done = data;
  g_autoptr (GError) error = NULL;

  g_assert_false (reprise_services_remove_finish (REPRISE_SERVICES (source), result, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  *done = TRUE;
}

static void
test_async (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseService) first = reprise_service_new (NULL, "sqlite", "first");
  g_autoptr (RepriseService) second = reprise_service_new (NULL, "sqlite", "second");
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  gboolean done[3] = { FALSE };

  reprise_services_save_async (fixture->services, first, NULL, saved_cb, &done[0]);
  reprise_services_save_async (fixture->services, second, NULL, saved_cb, &done[1]);
  g_assert_false (done[0]);
  reprise_test_run_until (&done[0]);
  reprise_test_run_until (&done[1]);
  assert_names (fixture->services, "first|second|");
  g_cancellable_cancel (cancellable);
  reprise_services_remove_async (fixture->services, reprise_service_get_uuid (first), cancellable,
                                 cancelled_cb, &done[2]);
  g_assert_false (done[2]);
  reprise_test_run_until (&done[2]);
  assert_names (fixture->services, "first|second|");
}

static void
watched_cb (GListModel *model, guint position, guint removed, guint added, gpointer data)
{
  gboolean *done = data;

  *done = g_list_model_get_n_items (model) == 2;
}

static void
test_watch (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseServices) other = reprise_services_new (fixture->path);
  gboolean done = FALSE;

  add (fixture->services, "Orders");
  reprise_services_watch (fixture->services);
  g_signal_connect (fixture->services, "items-changed", G_CALLBACK (watched_cb), &done);
  add (other, "Shop");
  reprise_test_run_until (&done);
  assert_names (fixture->services, "Orders|Shop|");
}

/* The UUIDs are made by hand: forked processes share the state of GLib's random numbers. */
static void
add_many (const char *path, int child, int n)
{
  for (int i = 0; i < n; i++)
    {
      g_autofree char *name = g_strdup_printf ("service %d of %d", i, child);
      g_autofree char *uuid = g_strdup_printf ("%08x-%04x-4000-8000-000000000000", getpid (), i);
      g_autoptr (RepriseService) service = reprise_service_new (uuid, "sqlite", name);
      g_autoptr (RepriseServicesReading) reading =
        reprise_services_file_change (path, service, NULL, NULL);

      if (reading == NULL)
        _exit (1);
    }
  _exit (0);
}

/* Several processes at once: nothing that one wrote is lost to another. */
static void
test_processes (Fixture *fixture, gconstpointer data)
{
  pid_t children[4];
  g_autoptr (GError) error = NULL;

  for (int i = 0; i < 4; i++)
    if ((children[i] = fork ()) == 0)
      add_many (fixture->path, i, 10);
  for (int i = 0; i < 4; i++)
    {
      int status = -1;

      g_assert_cmpint (waitpid (children[i], &status, 0), ==, children[i]);
      g_assert_cmpint (status, ==, 0);
    }
  g_assert_true (reprise_services_load (fixture->services, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (fixture->services)), ==, 40);
}

/* One setting of a service that all of them change, each another one. */
static void
change_many (const char *path, const char *uuid, int child, int n)
{
  g_autoptr (RepriseServices) services = reprise_services_new (path);
  g_autofree char *key = g_strdup_printf ("key-%d", child);

  if (!reprise_services_load (services, NULL))
    _exit (1);
  for (int i = 0; i < n; i++)
    {
      g_autofree char *value = g_strdup_printf ("%d", i);
      g_autoptr (RepriseService) edited =
        reprise_service_copy (reprise_services_get (services, uuid));

      reprise_service_set_setting (edited, key, value);
      g_usleep (500);
      if (!reprise_services_save (services, edited, NULL))
        _exit (1);
    }
  _exit (0);
}

static void
test_one_service (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseService) service = reprise_service_new (NULL, "sqlite", "Orders");
  const char *uuid = reprise_service_get_uuid (service);
  pid_t children[4];
  g_autoptr (GError) error = NULL;

  g_assert_true (reprise_services_save (fixture->services, service, &error));
  for (int i = 0; i < 4; i++)
    if ((children[i] = fork ()) == 0)
      change_many (fixture->path, uuid, i, 10);
  for (int i = 0; i < 4; i++)
    {
      int status = -1;

      g_assert_cmpint (waitpid (children[i], &status, 0), ==, children[i]);
      g_assert_cmpint (status, ==, 0);
    }
  g_assert_true (reprise_services_load (fixture->services, &error));
  for (int i = 0; i < 4; i++)
    {
      g_autofree char *key = g_strdup_printf ("key-%d", i);

      g_assert_cmpstr (
        reprise_service_get_setting (reprise_services_get (fixture->services, uuid), key), ==, "9");
    }
}

/* What two programs change in one service, each from what it read before, is all there; what one removed stays away. */
static void
test_changed_meanwhile (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseServices) other = reprise_services_new (fixture->path);
  g_autoptr (RepriseService) service = reprise_service_new (NULL, "sqlite", "Orders");
  const char *uuid = reprise_service_get_uuid (service);
  g_autoptr (RepriseService) mine = NULL;
  g_autoptr (RepriseService) theirs = NULL;
  RepriseService *now;
  g_autoptr (GError) error = NULL;

  reprise_service_set_setting (service, "path", "/a");
  reprise_service_set_setting (service, "wait", "5");
  reprise_service_set_rule (service, "audit", "log");
  reprise_service_set_rule (service, "people", "user");
  g_assert_true (reprise_services_save (fixture->services, service, &error));
  g_assert_true (reprise_services_load (other, &error));
  mine = reprise_service_copy (reprise_services_get (fixture->services, uuid));
  theirs = reprise_service_copy (reprise_services_get (other, uuid));
  reprise_service_set_setting (mine, "path", "/b");
  reprise_service_set_rule (mine, "audit", NULL);
  reprise_service_set_production (mine, TRUE);
  reprise_service_set_name (theirs, "Shop");
  reprise_service_set_setting (theirs, "wait", NULL);
  reprise_service_set_rule (theirs, "caches", "skipped");
  g_assert_true (reprise_services_save (fixture->services, mine, &error));
  g_assert_true (reprise_services_save (other, theirs, &error));
  g_assert_no_error (error);

  now = reprise_services_get (other, uuid);
  g_assert_cmpstr (reprise_service_get_name (now), ==, "Shop");
  g_assert_true (reprise_service_get_production (now));
  g_assert_cmpstr (reprise_service_get_setting (now, "path"), ==, "/b");
  g_assert_null (reprise_service_get_setting (now, "wait"));
  g_assert_null (reprise_service_get_rule (now, "audit"));
  g_assert_cmpstr (reprise_service_get_rule (now, "people"), ==, "user");
  g_assert_cmpstr (reprise_service_get_rule (now, "caches"), ==, "skipped");
  reprise_service_reset_rules (mine);
  g_assert_true (reprise_services_save (fixture->services, mine, &error));
  now = reprise_services_get (fixture->services, uuid);
  g_assert_null (reprise_service_get_rule (now, "people"));

  g_assert_true (reprise_services_remove (other, uuid, &error));
  g_assert_false (reprise_services_save (fixture->services, mine, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_true (reprise_services_load (other, &error));
  g_assert_null (reprise_services_get (other, uuid));
}

/* Killed at any instant: what was there before is there, and the next change goes through. */
static void
test_kill (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  add (fixture->services, "Orders");
  for (int i = 0; i < 40; i++)
    {
      g_autofree char *name = g_strdup_printf ("after %d", i);
      pid_t child = fork ();

      if (child == 0)
        add_many (fixture->path, i, 1000);
      g_usleep ((gulong) g_test_rand_int_range (0, 8000));
      kill (child, SIGKILL);
      waitpid (child, NULL, 0);
      g_assert_true (reprise_services_load (fixture->services, &error));
      g_assert_no_error (error);
      g_assert_nonnull (reprise_services_find (fixture->services, "Orders", NULL));
      add (fixture->services, name);
    }
}

int
main (int argc, char *argv[])
{
  reprise_test_init (&argc, &argv);
#define ADD(path, func) g_test_add ("/services/" path, Fixture, NULL, set_up, func, tear_down)
  ADD ("processes",
       test_processes); /* these three first: they fork, and threads would not come along */
  ADD ("one-service", test_one_service);
  ADD ("kill", test_kill);
  ADD ("round-trip", test_round_trip);
  ADD ("unknown-groups", test_unknown_groups);
  ADD ("order", test_order);
  ADD ("names", test_names);
  ADD ("find", test_find);
  ADD ("name-taken-meanwhile", test_name_taken_meanwhile);
  ADD ("changed-meanwhile", test_changed_meanwhile);
  ADD ("damaged", test_damaged);
  ADD ("async", test_async);
  ADD ("watch", test_watch);
  return g_test_run ();
}
