/* test-attention.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include <glib/gstdio.h>

#include "provider/reprise-runner.h"
#include "provider/reprise-seen.h"
#include "reprise-attention.h"
#include "reprise-fake-kind.h"
#include "reprise-test.h"

/* Who shows notifications: by the specification of all desktops, or as GNOME does. */
static const char FDO[] =
  "<node><interface name='org.freedesktop.Notifications'>"
  "<method name='Notify'><arg type='s' direction='in'/><arg type='u' direction='in'/>"
  "<arg type='s' direction='in'/><arg type='s' direction='in'/><arg type='s' direction='in'/>"
  "<arg type='as' direction='in'/><arg type='a{sv}' direction='in'/><arg type='i' direction='in'/>"
  "<arg type='u' direction='out'/></method>"
  "<method name='CloseNotification'><arg type='u' direction='in'/></method>"
  "</interface></node>";
static const char GTK[] =
  "<node><interface name='org.gtk.Notifications'>"
  "<method name='AddNotification'><arg type='s' direction='in'/><arg type='s' direction='in'/>"
  "<arg type='a{sv}' direction='in'/></method>"
  "<method name='RemoveNotification'><arg type='s' direction='in'/><arg type='s' direction='in'/>"
  "</method></interface></node>";

typedef struct
{
  GTestDBus *bus;
  GDBusConnection *desktop; /* the desktop's */
  GDBusConnection *ours;
  GString *told; /* a line for each call */

  char *folder;
  RepriseRegistry *registry;
  RepriseContext *context;
  RepriseQueue *queue;
  RepriseService *service;
  RepriseNotifier *notifier;
  RepriseAttention *attention;
} Fixture;

static void
call_cb (GDBusConnection *bus,
         const char *sender,
         const char *path,
         const char *iface,
         const char *method,
         GVariant *parameters,
         GDBusMethodInvocation *invocation,
         gpointer data)
{
  Fixture *fixture = data;

  if (g_str_equal (method, "Notify"))
    {
      const char *title, *body;

      g_variant_get (parameters, "(&su&s&s&s@as@a{sv}i)", NULL, NULL, NULL, &title, &body, NULL,
                     NULL, NULL);
      g_string_append_printf (fixture->told, "%s\n", title);
      g_assert_cmpuint (strlen (body), >, 5);
      g_dbus_method_invocation_return_value (invocation, g_variant_new ("(u)", 7));
      return;
    }
  if (g_str_equal (method, "AddNotification"))
    {
      g_autoptr (GVariant) details = g_variant_get_child_value (parameters, 2);
      const char *title = NULL, *action = NULL, *target = NULL;
      g_autoptr (GVariant) buttons = NULL;

      g_variant_lookup (details, "title", "&s", &title);
      g_variant_lookup (details, "default-action", "&s", &action);
      g_variant_lookup (details, "default-action-target", "&s", &target);
      g_assert_cmpstr (action, ==, "app.show-service");
      g_assert_cmpstr (target, ==, reprise_service_get_uuid (fixture->service));
      buttons = g_variant_lookup_value (details, "buttons", G_VARIANT_TYPE ("aa{sv}"));
      g_assert_cmpuint (g_variant_n_children (buttons), ==, 2);
      g_string_append_printf (fixture->told, "%s\n", title);
    }
  else
    g_string_append (fixture->told, "withdrawn\n");
  g_dbus_method_invocation_return_value (invocation, NULL);
}

static GDBusConnection *
connect_to_bus (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;
  GDBusConnection *connection = g_dbus_connection_new_for_address_sync (
    g_test_dbus_get_bus_address (fixture->bus),
    G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
    NULL, NULL, &error);

  g_assert_no_error (error);
  return connection;
}

static void
show_desktop (Fixture *fixture, gboolean gnome)
{
  static const GDBusInterfaceVTable vtable = { .method_call = call_cb };
  g_autoptr (GDBusNodeInfo) info = g_dbus_node_info_new_for_xml (gnome ? GTK : FDO, NULL);
  const char *name = info->interfaces[0]->name;
  g_autoptr (GVariant) reply = NULL;

  g_assert_cmpuint (g_dbus_connection_register_object (
                      fixture->desktop,
                      gnome ? "/org/gtk/Notifications" : "/org/freedesktop/Notifications",
                      info->interfaces[0], &vtable, fixture, NULL, NULL),
                    >, 0);
  reply = g_dbus_connection_call_sync (
    fixture->desktop, "org.freedesktop.DBus", "/", "org.freedesktop.DBus", "RequestName",
    g_variant_new ("(su)", name, 0), NULL, G_DBUS_CALL_FLAGS_NONE, -1, NULL, NULL);
  g_assert_nonnull (reply);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = NULL;
  g_autoptr (GError) error = NULL;

  fixture->bus = g_test_dbus_new (G_TEST_DBUS_NONE);
  g_test_dbus_up (fixture->bus);
  fixture->desktop = connect_to_bus (fixture);
  fixture->ours = connect_to_bus (fixture);
  fixture->told = g_string_new (NULL);
  show_desktop (fixture, GPOINTER_TO_INT (data));
  reprise_fake_kind_set_fault (REPRISE_FAKE_FAULT_NONE);
  fixture->folder = reprise_test_make_folder ();
  path = g_build_filename (fixture->folder, "data", NULL);
  g_assert_true (g_file_set_contents (path, "first", -1, NULL));
  fixture->registry = reprise_registry_new ();
  reprise_registry_add (fixture->registry, REPRISE_TYPE_FAKE_KIND);
  fixture->context = reprise_context_new (fixture->registry);
  g_assert_true (reprise_context_load (fixture->context, &error));
  fixture->service = reprise_service_new (NULL, "fake", "Orders");
  reprise_service_set_setting (fixture->service, "path", path);
  g_assert_true (reprise_services_save (reprise_context_get_services (fixture->context),
                                        fixture->service, &error));
  fixture->queue = reprise_queue_new ();
  fixture->attention = reprise_attention_new (fixture->context, fixture->queue);
  fixture->notifier = reprise_notifier_new (fixture->ours, FALSE);
  reprise_attention_set_notifier (fixture->attention, fixture->notifier);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_object_unref (fixture->attention);
  g_object_unref (fixture->notifier);
  g_object_unref (fixture->queue);
  g_object_unref (fixture->service);
  g_object_unref (fixture->context);
  g_object_unref (fixture->registry);
  g_dbus_connection_close_sync (fixture->ours, NULL, NULL);
  g_object_unref (fixture->ours);
  g_dbus_connection_close_sync (fixture->desktop, NULL, NULL);
  g_object_unref (fixture->desktop);
  g_test_dbus_down (fixture->bus);
  g_object_unref (fixture->bus);
  g_string_free (fixture->told, TRUE);
  reprise_test_remove_folder (fixture->folder);
}

static void
back_up_with (Fixture *fixture, const char *origin, RepriseFakeFault fault)
{
  g_autoptr (RepriseRequest) request =
    reprise_request_new (REPRISE_JOB_BACK_UP, reprise_service_get_uuid (fixture->service));
  g_autoptr (RepriseJob) job = NULL;

  g_free (request->origin);
  request->origin = g_strdup (origin);
  reprise_fake_kind_set_fault (fault);
  job = reprise_runner_create_job (fixture->context, request, NULL, NULL);
  reprise_queue_submit (fixture->queue, job);
  while (reprise_job_is_active (job))
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpint (reprise_job_get_state (job), ==,
                   fault == REPRISE_FAKE_FAULT_NONE ? REPRISE_JOB_DONE : REPRISE_JOB_FAILED);
}

static void
back_up (Fixture *fixture, const char *origin, gboolean works)
{
  back_up_with (fixture, origin, works ? REPRISE_FAKE_FAULT_NONE : REPRISE_FAKE_FAULT_BACK_UP);
}

/* Looks, and gives what was told a moment to come. */
static void
assert_told (Fixture *fixture, const char *expected)
{
  gint64 end;

  g_string_truncate (fixture->told, 0);
  reprise_attention_look (fixture->attention);
  while (reprise_attention_is_busy (fixture->attention))
    g_main_context_iteration (NULL, TRUE);
  end = g_get_monotonic_time () + (*expected != '\0' ? 10 : 0) * G_USEC_PER_SEC + 100000;
  while (g_get_monotonic_time () < end && (*expected == '\0' || fixture->told->len == 0))
    {
      g_main_context_iteration (NULL, FALSE);
      g_usleep (1000);
    }
  g_assert_cmpstr (fixture->told->str, ==, expected);
}

/* Once, however often it fails, and withdrawn when it works again; a person's own failure is not told. */
static void
test_failure (Fixture *fixture, gconstpointer data)
{
  assert_told (fixture, "");
  back_up (fixture, "manual", FALSE);
  assert_told (fixture, "");
  back_up (fixture, "schedule", FALSE);
  assert_told (fixture, "Orders: Last Backup Failed\n");
  assert_told (fixture, "");
  back_up (fixture, "schedule", FALSE);
  assert_told (fixture, "");
  back_up (fixture, "schedule", TRUE);
  assert_told (fixture, "withdrawn\n");
  assert_told (fixture, "");
}

static void
emit (Fixture *fixture, const char *signal, GVariant *parameters)
{
  g_assert_true (
    g_dbus_connection_emit_signal (fixture->desktop, NULL, "/org/freedesktop/Notifications",
                                   "org.freedesktop.Notifications", signal, parameters, NULL));
}

static void
wait_for_busy (Fixture *fixture, gboolean busy)
{
  gint64 end = g_get_monotonic_time () + 10 * G_USEC_PER_SEC;

  while (reprise_notifier_is_busy (fixture->notifier) != busy && g_get_monotonic_time () < end)
    {
      g_main_context_iteration (NULL, FALSE);
      g_usleep (1000);
    }
  g_assert_cmpint (reprise_notifier_is_busy (fixture->notifier), ==, busy);
}

/* Where only who has shown one hears of clicks, and can take it back, it stays: until it is closed, withdrawn, or gone with the desktop. */
static void
test_stays (Fixture *fixture, gconstpointer data)
{
  gboolean gnome = GPOINTER_TO_INT (data);

  wait_for_busy (fixture, FALSE);
  back_up (fixture, "schedule", FALSE);
  assert_told (fixture, "Orders: Last Backup Failed\n");
  wait_for_busy (fixture, !gnome);
  if (gnome)
    return;
  emit (fixture, "NotificationClosed", g_variant_new ("(uu)", 6, 2));
  assert_told (fixture, "");
  wait_for_busy (fixture, TRUE);
  emit (fixture, "NotificationClosed", g_variant_new ("(uu)", 7, 2));
  wait_for_busy (fixture, FALSE);
  back_up (fixture, "schedule", TRUE);
  back_up (fixture, "schedule", FALSE);
  reprise_notifier_send (fixture->notifier, reprise_service_get_uuid (fixture->service), "Again",
                         "It has failed again");
  wait_for_busy (fixture, TRUE);
  reprise_notifier_withdraw (fixture->notifier, reprise_service_get_uuid (fixture->service));
  wait_for_busy (fixture, FALSE);
  reprise_notifier_send (fixture->notifier, reprise_service_get_uuid (fixture->service), "Again",
                         "It has failed again");
  wait_for_busy (fixture, TRUE);
  g_dbus_connection_close_sync (fixture->desktop, NULL, NULL);
  wait_for_busy (fixture, FALSE);
}

/* What only a person can mend is told as what they can do about it, over a restart of the program too. */
static void
test_sign_in (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autoptr (GTimeZone) zone = g_time_zone_new_utc ();
  g_autoptr (RepriseStanding) standing = NULL;
  g_autoptr (RepriseStatus) status = NULL;

  back_up_with (fixture, "schedule", REPRISE_FAKE_FAULT_SIGN_IN);
  assert_told (fixture, "Orders: Sign-In Needed\n");
  standing = reprise_standing_read (fixture->context, fixture->service, now, zone, NULL, NULL);
  status = reprise_standing_make_status (standing, NULL, now);
  g_assert_cmpint (status->state, ==, REPRISE_STATUS_SIGN_IN);
  g_assert_cmpint (status->action, ==, REPRISE_STATUS_DO_EDIT);
  g_assert_true (status->needs_attention);
  g_assert_nonnull (strstr (status->subtitle, "one more proof"));
  back_up (fixture, "schedule", TRUE);
  assert_told (fixture, "withdrawn\n");
}

/* “false” in the preferences: nothing is told. */
static void
test_unwanted (Fixture *fixture, gconstpointer data)
{
  ReprisePreferences *preferences = reprise_context_get_preferences (fixture->context);

  reprise_preferences_set_string (preferences, REPRISE_ATTENTION_PREFERENCE, "false");
  back_up (fixture, "schedule", FALSE);
  assert_told (fixture, "");
  reprise_preferences_set_string (preferences, REPRISE_ATTENTION_PREFERENCE, NULL);
  assert_told (fixture, "Orders: Last Backup Failed\n");
}

/* No backup for as many days as was agreed. */
static void
test_overdue (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autoptr (GDateTime) old = g_date_time_add_days (now, -9);
  g_autoptr (RepriseBackup) backup =
    reprise_backup_new ("01ABC", reprise_service_get_uuid (fixture->service), "fake");
  g_autoptr (GPtrArray) none = g_ptr_array_new ();
  RepriseStanding standing = {
    .service = fixture->service, .newest = backup, .runs = none, .overdue_days = 7
  };
  g_autoptr (RepriseStatus) overdue = NULL;
  g_autoptr (RepriseStatus) fine = NULL;
  g_autofree char *matter = NULL;

  g_object_set (backup, "created-at", old, "state", REPRISE_BACKUP_VERIFIED, NULL);
  overdue = reprise_standing_make_status (&standing, NULL, now);
  matter = reprise_attention_get_matter (&standing, overdue);
  g_assert_cmpstr (matter, ==, "overdue");
  standing.overdue_days = 10;
  fine = reprise_standing_make_status (&standing, NULL, now);
  g_assert_null (reprise_attention_get_matter (&standing, fine));
}

/* What was cut off has ended well with nobody in front of it: told once, until something else happens. */
static void
test_followed (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autoptr (RepriseRun) run = g_object_new (
    REPRISE_TYPE_RUN, "id", "01FOLLOW", "kind", REPRISE_JOB_FOLLOW, "state", REPRISE_JOB_DONE,
    "service-uuid", reprise_service_get_uuid (fixture->service), "origin", "schedule", "started-at",
    now, "finished-at", now, "summary", "Azure restored “shop”", NULL);
  g_autoptr (GError) error = NULL;

  reprise_history_add (reprise_context_get_history (fixture->context), run, &error);
  g_assert_no_error (error);
  assert_told (fixture, "Orders: Interrupted job finished\n");
  assert_told (fixture, "");
  back_up (fixture, "manual", TRUE);
  assert_told (fixture, "withdrawn\n");
}

/* What the service was known to have when it was asked so long ago. */
static void
note_seen (Fixture *fixture, int age_days, GTimeSpan asked_ago)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autoptr (GDateTime) asked_at = g_date_time_add (now, -asked_ago);
  g_autoptr (GDateTime) made_at = g_date_time_add_days (now, -age_days);
  g_autoptr (RepriseBackup) backup = reprise_backup_new ("old", "", "fake");
  g_autoptr (GPtrArray) backups = g_ptr_array_new ();
  g_autoptr (GError) error = NULL;

  g_object_set (backup, "created-at", made_at, "state", REPRISE_BACKUP_COMPLETE, NULL);
  g_ptr_array_add (backups, backup);
  reprise_seen_note (reprise_context_get_history (fixture->context),
                     reprise_service_get_uuid (fixture->service), backups, asked_at, &error);
  g_assert_no_error (error);
}

/* Before it says that there is no backup for days, the service is asked: it may have made one by itself. */
static void
test_asks_before (Fixture *fixture, gconstpointer data)
{
  reprise_fake_kind_set_backup_age (1);
  note_seen (fixture, 9, 2 * G_TIME_SPAN_HOUR);
  assert_told (fixture, ""); /* it has, and that is remembered: */
  reprise_fake_kind_set_backup_age (9);
  assert_told (fixture, "");
  note_seen (fixture, 9, G_TIME_SPAN_MINUTE); /* it was asked just now */
  reprise_fake_kind_set_backup_age (1);
  assert_told (fixture, "Orders: Backup Overdue\n");
  note_seen (fixture, 9, 2 * G_TIME_SPAN_HOUR);
  assert_told (fixture, "withdrawn\n");
  reprise_fake_kind_set_backup_age (9); /* and it has none */
  note_seen (fixture, 9, 2 * G_TIME_SPAN_HOUR);
  assert_told (fixture, "Orders: Backup Overdue\n");
  reprise_fake_kind_set_backup_age (-1);
}

/* That a job only removed what a rehearsal had left is nothing to tell, in whichever language it was said. */
static void
test_cleaned (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autofree char *said = reprise_status_say_cleaned ();
  g_autoptr (RepriseRun) run = g_object_new (
    REPRISE_TYPE_RUN, "id", "01CLEAN", "kind", REPRISE_JOB_FOLLOW, "state", REPRISE_JOB_DONE,
    "service-uuid", reprise_service_get_uuid (fixture->service), "origin", "schedule", "started-at",
    now, "finished-at", now, "summary", "Ce qu’elle a laissé est parti", "said", said, NULL);
  g_autoptr (GError) error = NULL;

  reprise_history_add (reprise_context_get_history (fixture->context), run, &error);
  g_assert_no_error (error);
  assert_told (fixture, "");
}

int
main (int argc, char **argv)
{
  reprise_test_init (&argc, &argv);
  g_test_add ("/agent/attention/failure", Fixture, GINT_TO_POINTER (FALSE), set_up, test_failure,
              tear_down);
  g_test_add ("/agent/attention/failure-on-gnome", Fixture, GINT_TO_POINTER (TRUE), set_up,
              test_failure, tear_down);
  g_test_add ("/agent/attention/stays", Fixture, GINT_TO_POINTER (FALSE), set_up, test_stays,
              tear_down);
  g_test_add ("/agent/attention/stays-not-on-gnome", Fixture, GINT_TO_POINTER (TRUE), set_up,
              test_stays, tear_down);
  g_test_add ("/agent/attention/sign-in", Fixture, GINT_TO_POINTER (TRUE), set_up, test_sign_in,
              tear_down);
  g_test_add ("/agent/attention/unwanted", Fixture, GINT_TO_POINTER (TRUE), set_up, test_unwanted,
              tear_down);
  g_test_add ("/agent/attention/followed", Fixture, GINT_TO_POINTER (FALSE), set_up, test_followed,
              tear_down);
  g_test_add ("/agent/attention/overdue", Fixture, GINT_TO_POINTER (FALSE), set_up, test_overdue,
              tear_down);
  g_test_add ("/agent/attention/asks-before", Fixture, GINT_TO_POINTER (FALSE), set_up,
              test_asks_before, tear_down);
  g_test_add ("/agent/attention/cleaned", Fixture, GINT_TO_POINTER (FALSE), set_up, test_cleaned,
              tear_down);
  return g_test_run ();
}
