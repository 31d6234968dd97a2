/* test-keyring-daemon.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "reprise-mock-keyring.h"
#include "reprise-test.h"
#include "secret/keyring-fixture.h"

static void
lock_all (GDBusConnection *bus)
{
  g_autoptr (GError) error = NULL;
  GVariant *reply = g_dbus_connection_call_sync (
    bus, "org.freedesktop.secrets", "/org/freedesktop/secrets", "org.freedesktop.Secret.Service",
    "Lock", g_variant_new_parsed ("([objectpath '/org/freedesktop/secrets/collection/login'],)"),
    NULL, 0, -1, NULL, &error);

  g_assert_no_error (error);
  g_variant_unref (reply);
}

static GSubprocess *
start_daemon (const char *folder)
{
  g_autoptr (GSubprocessLauncher) launcher =
    g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_SILENCE |
                               G_SUBPROCESS_FLAGS_STDERR_SILENCE);
  g_autoptr (GError) error = NULL;
  GSubprocess *daemon = NULL;

  g_subprocess_launcher_setenv (launcher, "HOME", folder, TRUE);
  g_subprocess_launcher_setenv (launcher, "XDG_DATA_HOME", folder, TRUE);
  g_subprocess_launcher_setenv (launcher, "XDG_RUNTIME_DIR", folder, TRUE);
  daemon = g_subprocess_launcher_spawn (launcher, &error, "gnome-keyring-daemon", "--foreground",
                                        "--unlock", "--components=secrets", NULL);
  g_assert_no_error (error);
  g_output_stream_write_all (g_subprocess_get_stdin_pipe (daemon), "pass", 4, NULL, NULL, NULL);
  g_output_stream_close (g_subprocess_get_stdin_pipe (daemon), NULL, NULL);
  for (int i = 0; i < 100; i++)
    {
      RepriseKeyringState state = REPRISE_KEYRING_NO_SERVICE;

      if (reprise_keyring_get_state (NULL, NULL, &state, NULL, NULL) &&
          state == REPRISE_KEYRING_THERE)
        return daemon;
      g_usleep (50 * 1000);
    }
  g_assert_not_reached ();
}

/* Open, locked, open again with a new daemon, and killed: the secret is never lost, and each state has its sentence. */
static void
test_gnome_keyring (void)
{
  g_autofree char *program = g_find_program_in_path ("gnome-keyring-daemon");
  g_autoptr (GTestDBus) bus = NULL;
  g_autoptr (GSubprocess) daemon = NULL, again = NULL;
  g_autoptr (GDBusConnection) connection = NULL;
  g_autoptr (GError) error = NULL;
  char *folder = NULL;

  if (program == NULL)
    {
      g_test_skip ("There is no gnome-keyring-daemon");
      return;
    }
  if (!reprise_mock_keyring_can_run ())
    return;
  bus = g_test_dbus_new (G_TEST_DBUS_NONE);
  g_test_dbus_up (bus);
  folder = reprise_test_make_folder ();
  daemon = start_daemon (folder);

  keyring_fixture_check (KEYRING_LOOK_UP, REPRISE_KEYRING_NOT_FOUND);
  g_assert_true (keyring_fixture_store ("password", KEYRING_CANARY, &error));
  g_assert_no_error (error);
  keyring_fixture_check (KEYRING_GET_STATE, REPRISE_KEYRING_THERE);
  keyring_fixture_check (KEYRING_LOOK_UP, KEYRING_DONE);

  connection = g_dbus_connection_new_for_address_sync (
    g_test_dbus_get_bus_address (bus),
    G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
    NULL, NULL, &error);
  g_assert_no_error (error);
  lock_all (connection);
  keyring_fixture_check (KEYRING_GET_STATE, REPRISE_KEYRING_LOCKED);
  for (KeyringOperation operation = KEYRING_LOOK_UP; operation < N_KEYRING_OPERATIONS; operation++)
    keyring_fixture_check (operation, REPRISE_KEYRING_LOCKED);

  g_subprocess_force_exit (daemon);
  g_subprocess_wait (daemon, NULL, NULL);
  for (KeyringOperation operation = KEYRING_LOOK_UP; operation < N_KEYRING_OPERATIONS; operation++)
    keyring_fixture_check (operation, REPRISE_KEYRING_NO_SERVICE);

  again = start_daemon (folder);
  keyring_fixture_check (KEYRING_LOOK_UP, KEYRING_DONE);
  keyring_fixture_check (KEYRING_LIST, KEYRING_DONE);
  keyring_fixture_check (KEYRING_DELETE, KEYRING_DONE);
  keyring_fixture_check (KEYRING_LOOK_UP, REPRISE_KEYRING_NOT_FOUND);

  g_subprocess_force_exit (again);
  g_subprocess_wait (again, NULL, NULL);
  g_dbus_connection_close_sync (connection, NULL, NULL);
  g_clear_object (&connection);
  g_test_dbus_down (bus);
  reprise_test_remove_folder (folder);
}

int
main (int argc, char *argv[])
{
  reprise_test_init (&argc, &argv);
  g_test_add_func ("/keyring/gnome-keyring", test_gnome_keyring);
  return g_test_run ();
}
