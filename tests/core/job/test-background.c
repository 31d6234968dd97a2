/* test-background.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "base/reprise-error.h"
#include "job/reprise-background.h"
#include "reprise-test.h"

static const char SYSTEMD[] =
  "<node><interface name='org.freedesktop.systemd1.Manager'>"
  "<method name='GetUnitFileState'><arg type='s' direction='in'/><arg type='s' direction='out'/>"
  "</method>"
  "<method name='EnableUnitFiles'><arg type='as' direction='in'/><arg type='b' direction='in'/>"
  "<arg type='b' direction='in'/><arg type='b' direction='out'/>"
  "<arg type='a(sss)' direction='out'/></method>"
  "<method name='DisableUnitFiles'><arg type='as' direction='in'/><arg type='b' direction='in'/>"
  "<arg type='a(sss)' direction='out'/></method>"
  "<method name='StartUnit'><arg type='s' direction='in'/><arg type='s' direction='in'/>"
  "<arg type='o' direction='out'/></method>"
  "<method name='StopUnit'><arg type='s' direction='in'/><arg type='s' direction='in'/>"
  "<arg type='o' direction='out'/></method>"
  "</interface></node>";
static const char PORTAL[] = "<node><interface name='org.freedesktop.portal.Background'>"
                             "<method name='RequestBackground'><arg type='s' direction='in'/><arg "
                             "type='a{sv}' direction='in'/>"
                             "<arg type='o' direction='out'/></method>"
                             "</interface></node>";

/* A desktop on a bus of its own, in a thread of its own: who asks it waits for the answer. */
typedef struct
{
  GTestDBus *bus;
  GThread *thread;
  GMainContext *context;
  GMainLoop *loop;
  GDBusConnection *desktop;
  GMutex mutex; /* for what follows */
  GCond ready;
  gboolean is_ready;
  const char *xml;  /* (nullable): no desktop */
  gboolean refuses; /* systemd says no, the portal's user too */
  gboolean silent;  /* the portal grants nothing, and does not say that it refuses */
  gboolean enabled, started;
  GString *asked; /* a word for each call */
} Fixture;

static void
answer_portal (Fixture *self, GDBusMethodInvocation *invocation, GVariant *parameters)
{
  g_autoptr (GVariant) options = g_variant_get_child_value (parameters, 1);
  const char *token = NULL;
  gboolean autostart = FALSE;
  g_autofree const char **command = NULL;
  g_autofree char *sender =
    g_strdelimit (g_strdup (g_dbus_method_invocation_get_sender (invocation) + 1), ".", '_');
  g_autofree char *path = NULL;
  GVariantBuilder results;

  g_assert_true (g_variant_lookup (options, "handle_token", "&s", &token));
  g_assert_true (g_variant_lookup (options, "autostart", "b", &autostart));
  g_assert_true (g_variant_lookup (options, "commandline", "^a&s", &command));
  g_assert_cmpstr (command[1], ==, "--stay");
  path = g_strdup_printf ("/org/freedesktop/portal/desktop/request/%s/%s", sender, token);
  g_dbus_method_invocation_return_value (invocation, g_variant_new ("(o)", path));
  self->enabled = autostart && !self->refuses && !self->silent;
  g_variant_builder_init (&results, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&results, "{sv}", "background", g_variant_new_boolean (self->enabled));
  g_variant_builder_add (&results, "{sv}", "autostart", g_variant_new_boolean (self->enabled));
  g_dbus_connection_emit_signal (self->desktop, NULL, path, "org.freedesktop.portal.Request",
                                 "Response",
                                 g_variant_new ("(ua{sv})", self->refuses ? 1 : 0, &results), NULL);
}

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
  Fixture *self = data;
  g_autofree char *text = g_variant_print (parameters, FALSE);

  g_mutex_lock (&self->mutex);
  g_string_append_printf (self->asked, "%s ", method);
  if (g_str_equal (method, "RequestBackground"))
    answer_portal (self, invocation, parameters);
  else
    {
      g_assert_nonnull (strstr (text, "'reprise-run-due.timer'"));
      if (g_str_equal (method, "GetUnitFileState"))
        g_dbus_method_invocation_return_value (
          invocation, g_variant_new ("(s)", self->enabled ? "enabled" : "disabled"));
      else if (self->refuses)
        g_dbus_method_invocation_return_error (invocation, G_DBUS_ERROR, G_DBUS_ERROR_ACCESS_DENIED,
                                               "Not on this computer");
      else if (g_str_equal (method, "EnableUnitFiles"))
        {
          self->enabled = TRUE;
          g_dbus_method_invocation_return_value (invocation,
                                                 g_variant_new ("(ba(sss))", TRUE, NULL));
        }
      else if (g_str_equal (method, "DisableUnitFiles"))
        {
          self->enabled = FALSE;
          g_dbus_method_invocation_return_value (invocation, g_variant_new ("(a(sss))", NULL));
        }
      else
        {
          self->started = g_str_equal (method, "StartUnit");
          g_dbus_method_invocation_return_value (invocation, g_variant_new ("(o)", "/job/1"));
        }
    }
  g_mutex_unlock (&self->mutex);
}

static void
show_desktop (Fixture *self)
{
  static const GDBusInterfaceVTable vtable = { .method_call = call_cb };
  gboolean portal = self->xml == PORTAL;
  g_autoptr (GDBusNodeInfo) info = g_dbus_node_info_new_for_xml (self->xml, NULL);
  g_autoptr (GVariant) reply = NULL;

  g_assert_cmpuint (g_dbus_connection_register_object (
                      self->desktop,
                      portal ? "/org/freedesktop/portal/desktop" : "/org/freedesktop/systemd1",
                      info->interfaces[0], &vtable, self, NULL, NULL),
                    >, 0);
  reply = g_dbus_connection_call_sync (
    self->desktop, "org.freedesktop.DBus", "/", "org.freedesktop.DBus", "RequestName",
    g_variant_new ("(su)", portal ? "org.freedesktop.portal.Desktop" : "org.freedesktop.systemd1",
                   0),
    NULL, G_DBUS_CALL_FLAGS_NONE, -1, NULL, NULL);
  g_assert_nonnull (reply);
}

static gpointer
desktop_thread (gpointer data)
{
  Fixture *self = data;
  g_autoptr (GError) error = NULL;

  g_main_context_push_thread_default (self->context);
  self->desktop = g_dbus_connection_new_for_address_sync (
    g_test_dbus_get_bus_address (self->bus),
    G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
    NULL, NULL, &error);
  g_assert_no_error (error);
  if (self->xml != NULL)
    show_desktop (self);
  g_mutex_lock (&self->mutex);
  self->is_ready = TRUE;
  g_cond_signal (&self->ready);
  g_mutex_unlock (&self->mutex);
  g_main_loop_run (self->loop);
  g_dbus_connection_close_sync (self->desktop, NULL, NULL);
  g_clear_object (&self->desktop);
  g_main_context_pop_thread_default (self->context);
  return NULL;
}

static void
set_up (Fixture *self, gconstpointer xml)
{
  self->bus = g_test_dbus_new (G_TEST_DBUS_NONE);
  g_test_dbus_up (self->bus);
  self->xml = xml;
  self->asked = g_string_new (NULL);
  self->context = g_main_context_new ();
  self->loop = g_main_loop_new (self->context, FALSE);
  g_mutex_init (&self->mutex);
  g_cond_init (&self->ready);
  self->thread = g_thread_new ("desktop", desktop_thread, self);
  g_mutex_lock (&self->mutex);
  while (!self->is_ready)
    g_cond_wait (&self->ready, &self->mutex);
  g_mutex_unlock (&self->mutex);
}

static void
tear_down (Fixture *self, gconstpointer xml)
{
  g_main_loop_quit (self->loop);
  g_thread_join (self->thread);
  g_main_loop_unref (self->loop);
  g_main_context_unref (self->context);
  g_string_free (self->asked, TRUE);
  g_mutex_clear (&self->mutex);
  g_cond_clear (&self->ready);
  g_test_dbus_down (self->bus);
  g_object_unref (self->bus);
}

static void
test_timer (Fixture *self, gconstpointer xml)
{
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (reprise_background_get (FALSE, FALSE), ==, REPRISE_BACKGROUND_OFF);
  g_assert_true (reprise_background_set (FALSE, TRUE, NULL, &error));
  g_assert_no_error (error);
  g_assert_true (self->enabled && self->started);
  g_assert_cmpint (reprise_background_get (FALSE, FALSE), ==, REPRISE_BACKGROUND_ON);
  g_assert_true (reprise_background_set (FALSE, FALSE, NULL, &error));
  g_assert_false (self->enabled || self->started);
  g_assert_cmpint (reprise_background_get (FALSE, FALSE), ==, REPRISE_BACKGROUND_OFF);
  g_assert_cmpstr (self->asked->str, ==,
                   "GetUnitFileState EnableUnitFiles StartUnit GetUnitFileState DisableUnitFiles "
                   "StopUnit GetUnitFileState ");
}

/* Refused: nothing is on, and what still works is said. */
static void
test_timer_refused (Fixture *self, gconstpointer xml)
{
  g_autoptr (GError) error = NULL;

  self->refuses = TRUE;
  g_assert_false (reprise_background_set (FALSE, TRUE, NULL, &error));
  g_assert_nonnull (strstr (error->message, "Not on this computer"));
  g_assert_nonnull (strstr (error->message, "while the window is open"));
  g_assert_cmpint (reprise_background_get (FALSE, FALSE), ==, REPRISE_BACKGROUND_OFF);
}

static void
test_missing (Fixture *self, gconstpointer xml)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) portal = NULL;

  g_assert_cmpint (reprise_background_get (FALSE, FALSE), ==, REPRISE_BACKGROUND_MISSING);
  g_assert_nonnull (
    strstr (reprise_background_get_text (REPRISE_BACKGROUND_MISSING), "reprise run-due"));
  g_assert_false (reprise_background_set (FALSE, TRUE, NULL, &error));
  g_assert_nonnull (strstr (error->message, "while the window is open"));
  g_assert_false (reprise_background_set (TRUE, TRUE, NULL, &portal));
  g_assert_nonnull (strstr (portal->message, "no portal"));
  g_assert_nonnull (strstr (portal->message, "while the window is open"));
}

static void
test_portal (Fixture *self, gconstpointer xml)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (reprise_background_set (TRUE, TRUE, NULL, &error));
  g_assert_no_error (error);
  g_assert_true (self->enabled);
  g_assert_true (reprise_background_set (TRUE, FALSE, NULL, &error));
  g_assert_false (self->enabled);
}

static void
test_portal_refused (Fixture *self, gconstpointer xml)
{
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (GError) error = NULL;

      self->refuses = i == 0;
      self->silent = i == 1;
      g_assert_false (reprise_background_set (TRUE, TRUE, NULL, &error));
      g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_REFUSED);
      g_assert_nonnull (strstr (error->message, "while the window is open"));
    }
}

int
main (int argc, char **argv)
{
  reprise_test_init (&argc, &argv);
  g_test_add ("/background/timer", Fixture, SYSTEMD, set_up, test_timer, tear_down);
  g_test_add ("/background/timer-refused", Fixture, SYSTEMD, set_up, test_timer_refused, tear_down);
  g_test_add ("/background/missing", Fixture, NULL, set_up, test_missing, tear_down);
  g_test_add ("/background/portal", Fixture, PORTAL, set_up, test_portal, tear_down);
  g_test_add ("/background/portal-refused", Fixture, PORTAL, set_up, test_portal_refused,
              tear_down);
  return g_test_run ();
}
