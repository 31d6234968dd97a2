/* reprise-background.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <unistd.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "base/reprise-program.h"
#include "base/reprise-sandbox.h"
#include "job/reprise-agent-bus.h"
#include "job/reprise-background.h"

#define UNIT "reprise-run-due.timer"

#define SYSTEMD_NAME      "org.freedesktop.systemd1"
#define SYSTEMD_PATH      "/org/freedesktop/systemd1"
#define SYSTEMD_INTERFACE "org.freedesktop.systemd1.Manager"

/* https://flatpak.github.io/xdg-desktop-portal/docs/doc-org.freedesktop.portal.Background.html */
#define PORTAL_NAME       "org.freedesktop.portal.Desktop"
#define PORTAL_PATH       "/org/freedesktop/portal/desktop"
#define PORTAL_INTERFACE  "org.freedesktop.portal.Background"
#define REQUEST_INTERFACE "org.freedesktop.portal.Request"

/* How long a person may think about the portal's question. */
#define PORTAL_SECONDS 120

/* (transfer none): what that means, in a sentence; where it is not on, what still works */
const char *
reprise_background_get_text (RepriseBackground background)
{
  switch (background)
    {
    case REPRISE_BACKGROUND_ON:
      return _ ("Schedules are followed without the window too");
    case REPRISE_BACKGROUND_MISSING:
      return _ ("Nothing on this computer can start the background service. Schedules are followed "
                "while the window is open, and by “reprise run-due”, which cron can call");
    case REPRISE_BACKGROUND_OFF:
    default:
      return _ ("Schedules are followed only while the window is open, and by “reprise run-due”");
    }
}

/* On a bus that has just started its systemd comes a moment later: the bus is let wait for it. */
static GVariant *
call_systemd (const char *method, GVariant *parameters, GCancellable *cancellable, GError **error)
{
  g_autoptr (GVariant) sunk = g_variant_ref_sink (parameters);
  g_autoptr (GDBusConnection) bus = g_bus_get_sync (G_BUS_TYPE_SESSION, cancellable, error);

  return bus != NULL ? g_dbus_connection_call_sync (bus, SYSTEMD_NAME, SYSTEMD_PATH,
                                                    SYSTEMD_INTERFACE, method, sunk, NULL,
                                                    G_DBUS_CALL_FLAGS_NONE, -1, cancellable, error)
                     : NULL;
}

/**
 * reprise_background_get:
 * @asked_before: what the portal was last asked for, and gave: it does not tell
 */
RepriseBackground
reprise_background_get (gboolean in_sandbox, gboolean asked_before)
{
  g_autoptr (GVariant) reply = NULL;
  const char *state = NULL;

  if (in_sandbox)
    return asked_before ? REPRISE_BACKGROUND_ON : REPRISE_BACKGROUND_OFF;
  reply = call_systemd ("GetUnitFileState", g_variant_new ("(s)", UNIT), NULL, NULL);
  if (reply == NULL)
    return REPRISE_BACKGROUND_MISSING;
  g_variant_get (reply, "(&s)", &state);
  return g_str_has_prefix (state, "enabled") ? REPRISE_BACKGROUND_ON : REPRISE_BACKGROUND_OFF;
}

/* Whether the user's systemd, and with it the timer, ends with the last session. FALSE where nobody tells. */
gboolean
reprise_background_ends_with_session (GCancellable *cancellable)
{
  g_autoptr (GDBusConnection) bus = g_bus_get_sync (G_BUS_TYPE_SYSTEM, cancellable, NULL);
  /* Not “self”, which is who signed in, and that is nobody for cron. */
  g_autofree char *path = g_strdup_printf ("/org/freedesktop/login1/user/_%u", getuid ());
  g_autoptr (GVariant) reply = NULL;
  g_autoptr (GVariant) lingers = NULL;

  if (bus != NULL)
    reply = g_dbus_connection_call_sync (
      bus, "org.freedesktop.login1", path, "org.freedesktop.DBus.Properties", "Get",
      g_variant_new ("(ss)", "org.freedesktop.login1.User", "Linger"), G_VARIANT_TYPE ("(v)"),
      G_DBUS_CALL_FLAGS_NO_AUTO_START, -1, cancellable, NULL);
  if (reply == NULL)
    return FALSE;
  g_variant_get (reply, "(v)", &lingers);
  return g_variant_is_of_type (lingers, G_VARIANT_TYPE_BOOLEAN) && !g_variant_get_boolean (lingers);
}

/* What went wrong, and what still works. @format: (translated): with a place for the former */
static void
explain (GError **error, const char *format)
{
  g_autofree char *text = NULL;

  if (error == NULL || *error == NULL)
    return;
  g_dbus_error_strip_remote_error (*error);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
  text = g_strdup_printf (format, (*error)->message);
#pragma GCC diagnostic pop
  g_free ((*error)->message);
  (*error)->message = g_steal_pointer (&text);
}

static gboolean
set_timer (gboolean on, GCancellable *cancellable, GError **error)
{
  const char *const units[] = { UNIT, NULL };
  g_autoptr (GVariant) file = call_systemd (on ? "EnableUnitFiles" : "DisableUnitFiles",
                                            on ? g_variant_new ("(^asbb)", units, FALSE, TRUE)
                                               : g_variant_new ("(^asb)", units, FALSE),
                                            cancellable, error);
  g_autoptr (GVariant) job = NULL;

  if (file != NULL)
    job = call_systemd (on ? "StartUnit" : "StopUnit", g_variant_new ("(ss)", UNIT, "replace"),
                        cancellable, error);
  if (job == NULL)
    explain (error, _ ("The user’s systemd did not do it: %s. Schedules are followed while the "
                       "window is open, and by “reprise run-due”"));
  return job != NULL;
}

/* --- the portal --- */

typedef struct
{
  GMainLoop *loop;
  guint response; /* 0: granted */
  gboolean background;
  gboolean autostart;
} Answer;

static void
response_cb (GDBusConnection *bus,
             const char *sender,
             const char *path,
             const char *iface,
             const char *signal,
             GVariant *parameters,
             gpointer data)
{
  Answer *answer = data;
  g_autoptr (GVariant) results = NULL;

  if (g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(ua{sv})")))
    {
      g_variant_get (parameters, "(u@a{sv})", &answer->response, &results);
      g_variant_lookup (results, "background", "b", &answer->background);
      g_variant_lookup (results, "autostart", "b", &answer->autostart);
    }
  g_main_loop_quit (answer->loop);
}

static gboolean
late_cb (gpointer data)
{
  g_main_loop_quit (data);
  return G_SOURCE_REMOVE;
}

static GVariant *
make_portal_parameters (const char *token, gboolean on)
{
  g_autofree char *agent = reprise_program_find ("reprise-agent");
  const char *const command[] = { agent != NULL ? agent : "reprise-agent", "--stay", NULL };
  GVariantBuilder options;

  g_variant_builder_init (&options, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&options, "{sv}", "handle_token", g_variant_new_string (token));
  g_variant_builder_add (
    &options, "{sv}", "reason",
    g_variant_new_string (_ ("Services are backed up when their schedule says so.")));
  g_variant_builder_add (&options, "{sv}", "autostart", g_variant_new_boolean (on));
  g_variant_builder_add (&options, "{sv}", "commandline", g_variant_new_strv (command, -1));
  g_variant_builder_add (&options, "{sv}", "dbus-activatable", g_variant_new_boolean (FALSE));
  return g_variant_new ("(sa{sv})", "", &options);
}

/* (transfer full): where the portal's answer comes, by the name of the connection */
static char *
dup_request_path (GDBusConnection *bus, const char *token)
{
  g_autofree char *sender =
    g_strdelimit (g_strdup (g_dbus_connection_get_unique_name (bus) + 1), ".", '_');

  return g_strdup_printf (PORTAL_PATH "/request/%s/%s", sender, token);
}

static gboolean
wait_for_portal (GDBusConnection *bus, gboolean on, Answer *answer, GError **error)
{
  g_autofree char *token = g_strdup_printf ("reprise%u", g_random_int ());
  g_autofree char *path = dup_request_path (bus, token);
  g_autoptr (GSource) timer = g_timeout_source_new_seconds (PORTAL_SECONDS);
  g_autoptr (GVariant) reply = NULL;
  guint subscription =
    g_dbus_connection_signal_subscribe (bus, PORTAL_NAME, REQUEST_INTERFACE, "Response", path, NULL,
                                        G_DBUS_SIGNAL_FLAGS_NONE, response_cb, answer, NULL);

  reply = g_dbus_connection_call_sync (bus, PORTAL_NAME, PORTAL_PATH, PORTAL_INTERFACE,
                                       "RequestBackground", make_portal_parameters (token, on),
                                       NULL, G_DBUS_CALL_FLAGS_NONE, -1, NULL, error);
  if (reply != NULL)
    {
      g_source_set_callback (timer, late_cb, answer->loop, NULL);
      g_source_attach (timer, g_main_loop_get_context (answer->loop));
      g_main_loop_run (answer->loop);
      g_source_destroy (timer);
    }
  g_dbus_connection_signal_unsubscribe (bus, subscription);
  return reply != NULL;
}

static gboolean
ask_portal (gboolean on, GError **error)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (GMainLoop) loop = g_main_loop_new (context, FALSE);
  g_autoptr (GDBusConnection) bus = NULL;
  Answer answer = { loop, 2, FALSE, FALSE };
  gboolean asked;

  g_main_context_push_thread_default (context);
  bus = g_bus_get_sync (G_BUS_TYPE_SESSION, NULL, error);
  asked = bus != NULL && wait_for_portal (bus, on, &answer, error);
  g_main_context_pop_thread_default (context);
  if (!asked)
    {
      explain (error, _ ("The desktop has no portal for that: %s. Schedules are followed while the "
                         "window is open"));
      return FALSE;
    }
  if (answer.response == 0 && ((answer.background && answer.autostart) || !on))
    return TRUE;
  reprise_error_set_literal (
    error, REPRISE_ERROR, REPRISE_ERROR_REFUSED,
    _ ("The desktop did not allow it. Schedules are followed while the window "
       "is open"));
  return FALSE;
}

/**
 * reprise_background_set:
 * @on: whether the background service is woken by itself from now on
 *
 * Returns: whether that is so; else %REPRISE_ERROR_REFUSED where the desktop says no, or why nobody could be asked
 */
gboolean
reprise_background_set (gboolean in_sandbox, gboolean on, GCancellable *cancellable, GError **error)
{
  return in_sandbox ? ask_portal (on, error) : set_timer (on, cancellable, error);
}

/* Has the background service read anew what it is to do; where nobody answers, there is nothing to be told. */
static void
wake (GCancellable *cancellable)
{
  g_autoptr (GDBusConnection) bus = g_bus_get_sync (G_BUS_TYPE_SESSION, cancellable, NULL);
  g_autoptr (GVariant) reply = NULL;

  if (bus != NULL)
    reply = g_dbus_connection_call_sync (bus, REPRISE_AGENT_BUS_NAME, REPRISE_AGENT_OBJECT_PATH,
                                         REPRISE_AGENT_BUS_NAME, "RunDue", NULL, NULL,
                                         G_DBUS_CALL_FLAGS_NONE, -1, cancellable, NULL);
}

static void
remember (ReprisePreferences *preferences, gboolean on)
{
  reprise_preferences_set_string (preferences, REPRISE_BACKGROUND_PREFERENCE, on ? "true" : NULL);
  reprise_preferences_save (preferences, NULL);
}

/**
 * reprise_background_read:
 *
 * As it is on this computer. In a sandbox the portal is asked again for what it gave: it does not tell when somebody takes that back, and says
 * the same without a question as long as nobody does.
 */
RepriseBackground
reprise_background_read (ReprisePreferences *preferences)
{
  g_autofree char *granted =
    reprise_preferences_dup_string (preferences, REPRISE_BACKGROUND_PREFERENCE);
  gboolean asked_before = g_strcmp0 (granted, "true") == 0;
  g_autoptr (GError) error = NULL;

  if (reprise_sandbox_is_active () && asked_before)
    asked_before = ask_portal (TRUE, &error);
  if (g_error_matches (error, REPRISE_ERROR, REPRISE_ERROR_REFUSED))
    remember (preferences, FALSE);
  return reprise_background_get (reprise_sandbox_is_active (), asked_before);
}

/**
 * reprise_background_switch:
 *
 * As reprise_background_set(), here, and remembers what was given.
 */
gboolean
reprise_background_switch (ReprisePreferences *preferences,
                           gboolean on,
                           GCancellable *cancellable,
                           GError **error)
{
  if (!reprise_background_set (reprise_sandbox_is_active (), on, cancellable, error))
    return FALSE;
  remember (preferences, on);
  if (reprise_sandbox_is_active ())
    wake (cancellable);
  return TRUE;
}
