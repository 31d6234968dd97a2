/* keyring-fixture.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "base/reprise-error.h"
#include "secret/keyring-fixture.h"

/* One operation on the password of the service. %FALSE with @error; only KEYRING_GET_STATE sets @state. */
gboolean
keyring_fixture_operate (KeyringOperation operation,
                         RepriseKeyringFlags flags,
                         RepriseKeyringState *state,
                         GError **error)
{
  g_autoptr (RepriseSecretValue) value = NULL;
  g_auto (GStrv) kinds = NULL;

  switch (operation)
    {
    case KEYRING_GET_STATE:
      return reprise_keyring_get_state (KEYRING_UUID, "password", state, NULL, error);
    case KEYRING_LOOK_UP:
      value = reprise_keyring_lookup (KEYRING_UUID, "password", flags, NULL, error);
      if (value != NULL)
        g_assert_cmpstr (reprise_secret_value_get_text (value), ==, KEYRING_CANARY);
      return value != NULL;
    case KEYRING_STORE:
      value = reprise_secret_value_new_text ("new");
      return reprise_keyring_store (KEYRING_UUID, "password", value, flags, NULL, error);
    case KEYRING_DELETE:
      return reprise_keyring_delete (KEYRING_UUID, "password", flags, NULL, error);
    case KEYRING_LIST:
      kinds = reprise_keyring_list (KEYRING_UUID, flags, NULL, error);
      return kinds != NULL;
    case N_KEYRING_OPERATIONS:
    default:
      g_assert_not_reached ();
    }
}

void
keyring_fixture_assert_state_error (const GError *error, RepriseKeyringState state)
{
  int code = state == REPRISE_KEYRING_NOT_FOUND ? REPRISE_ERROR_NOT_FOUND : REPRISE_ERROR_KEYRING;

  g_assert_error (error, REPRISE_ERROR, code);
  g_assert_cmpstr (error->message, ==, reprise_keyring_state_get_text (state));
}

/* @expected: KEYRING_DONE or a state, with nobody to ask */
void
keyring_fixture_check (KeyringOperation operation, int expected)
{
  RepriseKeyringState state = REPRISE_N_KEYRING_STATES;
  g_autoptr (GError) error = NULL;
  gboolean done = keyring_fixture_operate (operation, REPRISE_KEYRING_UNATTENDED, &state, &error);

  g_test_message ("operation %d: %s", operation, done ? "done" : error->message);
  g_assert_true (done == (error == NULL));
  if (operation == KEYRING_GET_STATE)
    {
      g_assert_no_error (error);
      g_assert_cmpint (state, ==, expected);
    }
  else if (expected == KEYRING_DONE)
    g_assert_no_error (error);
  else
    keyring_fixture_assert_state_error (error, expected);
}

/* Of the keyring itself */
RepriseKeyringState
keyring_fixture_get_state (void)
{
  g_autoptr (GError) error = NULL;
  RepriseKeyringState state = REPRISE_N_KEYRING_STATES;

  reprise_keyring_get_state (NULL, NULL, &state, NULL, &error);
  g_assert_no_error (error);
  return state;
}

gboolean
keyring_fixture_store (const char *kind, const char *text, GError **error)
{
  g_autoptr (RepriseSecretValue) value = reprise_secret_value_new_text (text);

  return reprise_keyring_store (KEYRING_UUID, kind, value, REPRISE_KEYRING_UNATTENDED, NULL, error);
}
