/* test-keyring.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "base/reprise-error.h"
#include "reprise-mock-keyring.h"
#include "reprise-test.h"
#include "secret/keyring-fixture.h"

/* --- every state and every operation, with nobody to ask --- */

typedef struct
{
  const char *name;
  RepriseMockMode mode;
  gboolean has_secret;
  int expected[N_KEYRING_OPERATIONS]; /* KEYRING_DONE, or the state whose sentence is the error */
  gboolean keeps; /* whether the secret must still be there after every operation */
} Row;

static const Row rows[] = {
  { "there",
    REPRISE_MOCK_OPEN,
    TRUE,
    { REPRISE_KEYRING_THERE, KEYRING_DONE, KEYRING_DONE, KEYRING_DONE, KEYRING_DONE },
    FALSE },
  { "not-found",
    REPRISE_MOCK_OPEN,
    FALSE,
    { REPRISE_KEYRING_NOT_FOUND, REPRISE_KEYRING_NOT_FOUND, KEYRING_DONE, KEYRING_DONE,
      KEYRING_DONE },
    FALSE },
  { "locked",
    REPRISE_MOCK_LOCKED,
    TRUE,
    { REPRISE_KEYRING_LOCKED, REPRISE_KEYRING_LOCKED, REPRISE_KEYRING_LOCKED,
      REPRISE_KEYRING_LOCKED, REPRISE_KEYRING_LOCKED },
    TRUE },
  { "locked-hidden",
    REPRISE_MOCK_LOCKED_HIDDEN,
    TRUE,
    { REPRISE_KEYRING_LOCKED, REPRISE_KEYRING_LOCKED, REPRISE_KEYRING_LOCKED,
      REPRISE_KEYRING_LOCKED, REPRISE_KEYRING_LOCKED },
    TRUE },
  { "no-default",
    REPRISE_MOCK_NO_DEFAULT,
    FALSE,
    { REPRISE_KEYRING_NOT_FOUND, REPRISE_KEYRING_NOT_FOUND, REPRISE_KEYRING_LOCKED, KEYRING_DONE,
      KEYRING_DONE },
    FALSE },
  { "denies",
    REPRISE_MOCK_DENIES,
    TRUE,
    { REPRISE_KEYRING_THERE, REPRISE_KEYRING_DENIED, REPRISE_KEYRING_DENIED, REPRISE_KEYRING_DENIED,
      KEYRING_DONE },
    TRUE },
  { "denies-all",
    REPRISE_MOCK_DENIES_ALL,
    TRUE,
    { REPRISE_KEYRING_DENIED, REPRISE_KEYRING_DENIED, REPRISE_KEYRING_DENIED,
      REPRISE_KEYRING_DENIED, REPRISE_KEYRING_DENIED },
    TRUE },
  { "dies",
    REPRISE_MOCK_DIES,
    TRUE,
    { REPRISE_KEYRING_THERE, REPRISE_KEYRING_NO_SERVICE, REPRISE_KEYRING_NO_SERVICE,
      REPRISE_KEYRING_NO_SERVICE, KEYRING_DONE },
    TRUE },
};

static void
check_row_operation (const Row *row, KeyringOperation operation)
{
  g_autoptr (RepriseMockKeyring) mock = reprise_mock_keyring_new (row->mode);
  g_autofree char *left = NULL, *others = NULL;

  if (row->has_secret)
    reprise_mock_keyring_add (mock, KEYRING_UUID, "password", KEYRING_CANARY);
  reprise_mock_keyring_add (mock, KEYRING_OTHER, "password", "another");
  keyring_fixture_check (operation, row->expected[operation]);

  left = reprise_mock_keyring_dup (mock, KEYRING_UUID, "password");
  others = reprise_mock_keyring_dup (mock, KEYRING_OTHER, "password");
  g_assert_cmpstr (others, ==, "another");
  if (row->keeps)
    g_assert_cmpstr (left, ==, KEYRING_CANARY);
  if (operation == KEYRING_STORE && row->expected[operation] == KEYRING_DONE)
    g_assert_cmpstr (left, ==, "new");
  if (operation == KEYRING_DELETE && row->expected[operation] == KEYRING_DONE)
    g_assert_null (left);
  g_assert_cmpuint (reprise_mock_keyring_get_n_prompts (mock), ==, 0);
}

static void
test_row (gconstpointer data)
{
  if (reprise_mock_keyring_can_run ())
    for (KeyringOperation operation = 0; operation < N_KEYRING_OPERATIONS; operation++)
      check_row_operation (data, operation);
}

static void
test_no_service (void)
{
  g_autoptr (GTestDBus) bus = NULL;

  if (!reprise_mock_keyring_can_run ())
    return;
  bus = g_test_dbus_new (G_TEST_DBUS_NONE);
  g_test_dbus_up (bus);
  keyring_fixture_check (KEYRING_GET_STATE, REPRISE_KEYRING_NO_SERVICE);
  for (KeyringOperation operation = KEYRING_LOOK_UP; operation < N_KEYRING_OPERATIONS; operation++)
    keyring_fixture_check (operation, REPRISE_KEYRING_NO_SERVICE);
  g_test_dbus_down (bus);
}

static void
test_no_bus (void)
{
  g_setenv ("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus", TRUE);
  keyring_fixture_check (KEYRING_GET_STATE, REPRISE_KEYRING_NO_SERVICE);
  for (KeyringOperation operation = KEYRING_LOOK_UP; operation < N_KEYRING_OPERATIONS; operation++)
    keyring_fixture_check (operation, REPRISE_KEYRING_NO_SERVICE);
  g_unsetenv ("DBUS_SESSION_BUS_ADDRESS");
}

/* Five states, five sentences. */
static void
test_sentences (void)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  for (RepriseKeyringState state = 0; state < REPRISE_N_KEYRING_STATES; state++)
    g_assert_true (g_hash_table_add (seen, (gpointer) reprise_keyring_state_get_text (state)));
}

static void
test_whole_state (void)
{
  g_autoptr (RepriseMockKeyring) mock = NULL;

  if (!reprise_mock_keyring_can_run ())
    return;
  mock = reprise_mock_keyring_new (REPRISE_MOCK_OPEN);
  g_assert_cmpint (keyring_fixture_get_state (), ==, REPRISE_KEYRING_THERE);
  reprise_mock_keyring_set_mode (mock, REPRISE_MOCK_LOCKED);
  g_assert_cmpint (keyring_fixture_get_state (), ==, REPRISE_KEYRING_LOCKED);
  reprise_mock_keyring_set_mode (mock, REPRISE_MOCK_DENIES_ALL);
  g_assert_cmpint (keyring_fixture_get_state (), ==, REPRISE_KEYRING_DENIED);
}

/* --- not blocking --- */

static void
ready_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_set_object ((GAsyncResult **) user_data, result);
  g_main_context_wakeup (NULL);
}

static GAsyncResult *
wait_for (GAsyncResult **result)
{
  while (*result == NULL)
    g_main_context_iteration (NULL, TRUE);
  return *result;
}

/* --- with somebody to ask --- */

static void
check_prompt (RepriseMockMode mode, KeyringOperation operation, gboolean accept)
{
  g_autoptr (RepriseMockKeyring) mock = reprise_mock_keyring_new (mode);
  g_autoptr (GError) error = NULL;
  RepriseKeyringState state;

  if (mode != REPRISE_MOCK_NO_DEFAULT)
    reprise_mock_keyring_add (mock, KEYRING_UUID, "password", KEYRING_CANARY);
  reprise_mock_keyring_set_accept (mock, accept);
  keyring_fixture_operate (operation, REPRISE_KEYRING_MAY_PROMPT, &state, &error);
  if (accept)
    g_assert_no_error (error);
  else
    keyring_fixture_assert_state_error (error, REPRISE_KEYRING_LOCKED);
  g_assert_cmpuint (reprise_mock_keyring_get_n_prompts (mock), ==, 1);
}

static void
test_prompt (void)
{
  if (!reprise_mock_keyring_can_run ())
    return;
  for (KeyringOperation operation = KEYRING_LOOK_UP; operation < N_KEYRING_OPERATIONS; operation++)
    for (gboolean accept = FALSE; accept <= TRUE; accept++)
      check_prompt (operation % 2 ? REPRISE_MOCK_LOCKED : REPRISE_MOCK_LOCKED_HIDDEN, operation,
                    accept);
  check_prompt (REPRISE_MOCK_NO_DEFAULT, KEYRING_STORE, TRUE);
  check_prompt (REPRISE_MOCK_NO_DEFAULT, KEYRING_STORE, FALSE);
}

static gboolean
unlock (GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  reprise_keyring_unlock_async (NULL, ready_cb, &result);
  g_assert_null (result);
  return reprise_keyring_unlock_finish (wait_for (&result), error);
}

static void
test_unlock (void)
{
  g_autoptr (RepriseMockKeyring) mock = NULL;
  g_autoptr (GError) refused = NULL, error = NULL;

  if (!reprise_mock_keyring_can_run ())
    return;
  mock = reprise_mock_keyring_new (REPRISE_MOCK_LOCKED);
  g_assert_false (unlock (&refused));
  keyring_fixture_assert_state_error (refused, REPRISE_KEYRING_LOCKED);
  reprise_mock_keyring_set_accept (mock, TRUE);
  g_assert_true (unlock (&error));
  g_assert_no_error (error);
  g_assert_cmpint (keyring_fixture_get_state (), ==, REPRISE_KEYRING_THERE);
}

/* --- storing --- */

/* What every program can see: the UUID and the kind, nothing else. */
static void
test_public (void)
{
  g_autoptr (RepriseMockKeyring) mock = NULL;
  g_autoptr (RepriseSecretValue) value = reprise_secret_value_new_text (KEYRING_CANARY);
  g_autoptr (GError) error = NULL;
  g_autofree char *seen = NULL;

  if (!reprise_mock_keyring_can_run ())
    return;
  mock = reprise_mock_keyring_new (REPRISE_MOCK_OPEN);
  g_assert_true (reprise_keyring_store (KEYRING_UUID, "api-key", value, REPRISE_KEYRING_UNATTENDED,
                                        NULL, &error));
  g_assert_no_error (error);
  seen = reprise_mock_keyring_dup_public (mock);
  g_assert_cmpstr (seen, ==,
                   "Reprise: API key|kind=api-key|service=" KEYRING_UUID
                   "|xdg:schema=" APPLICATION_ID "\n");
}

static void
test_replace_and_list (void)
{
  g_autoptr (RepriseMockKeyring) mock = NULL;
  g_autoptr (GError) error = NULL;
  static const char *const kinds[] = { "password", "archive-password", "sas", "password" };
  g_auto (GStrv) list = NULL, none = NULL;
  g_autofree char *joined = NULL, *last = NULL;

  if (!reprise_mock_keyring_can_run ())
    return;
  mock = reprise_mock_keyring_new (REPRISE_MOCK_OPEN);
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autofree char *text = g_strdup_printf ("value %u", i);
      g_autoptr (RepriseSecretValue) value = reprise_secret_value_new_text (text);

      reprise_keyring_store (KEYRING_UUID, kinds[i], value, REPRISE_KEYRING_UNATTENDED, NULL,
                             &error);
      g_assert_no_error (error);
    }
  g_assert_cmpuint (reprise_mock_keyring_get_n_items (mock), ==, 3);
  last = reprise_mock_keyring_dup (mock, KEYRING_UUID, "password");
  g_assert_cmpstr (last, ==, "value 3");
  list = reprise_keyring_list (KEYRING_UUID, REPRISE_KEYRING_UNATTENDED, NULL, &error);
  g_assert_no_error (error);
  joined = g_strjoinv (" ", list);
  g_assert_cmpstr (joined, ==, "archive-password password sas");

  reprise_mock_keyring_add (mock, KEYRING_OTHER, "password", "another");
  g_assert_true (
    reprise_keyring_delete (KEYRING_UUID, NULL, REPRISE_KEYRING_UNATTENDED, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (reprise_mock_keyring_get_n_items (mock), ==, 1);
  none = reprise_keyring_list (KEYRING_UUID, REPRISE_KEYRING_UNATTENDED, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_strv_length (none), ==, 0);
}

/* Any bytes, and up to the limit. */
static void
test_large_and_binary (void)
{
  g_autoptr (RepriseMockKeyring) mock = NULL;
  g_autofree char *bytes = g_malloc (REPRISE_SECRET_MAX_BYTES);
  g_autoptr (RepriseSecretValue) value = NULL, back = NULL;
  g_autoptr (GError) error = NULL;

  if (!reprise_mock_keyring_can_run ())
    return;
  for (guint i = 0; i < REPRISE_SECRET_MAX_BYTES; i++)
    bytes[i] = (char) (i * 31 + i / 256);
  value = reprise_secret_value_new (bytes, REPRISE_SECRET_MAX_BYTES);
  mock = reprise_mock_keyring_new (REPRISE_MOCK_OPEN);
  reprise_keyring_store (KEYRING_UUID, "sas", value, REPRISE_KEYRING_UNATTENDED, NULL, &error);
  g_assert_no_error (error);
  back = reprise_keyring_lookup (KEYRING_UUID, "sas", REPRISE_KEYRING_UNATTENDED, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (reprise_secret_value_equal (value, back));
}

/* A keyring that says that it stored and did not is found out. */
static void
test_forgets (void)
{
  g_autoptr (RepriseMockKeyring) mock = NULL;
  g_autoptr (RepriseSecretValue) value = reprise_secret_value_new_text ("new");
  g_autoptr (GError) error = NULL;

  if (!reprise_mock_keyring_can_run ())
    return;
  mock = reprise_mock_keyring_new (REPRISE_MOCK_FORGETS);
  reprise_mock_keyring_add (mock, KEYRING_UUID, "password", KEYRING_CANARY);
  g_assert_false (reprise_keyring_store (KEYRING_UUID, "password", value,
                                         REPRISE_KEYRING_UNATTENDED, NULL, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_KEYRING);
}

static void
test_async (void)
{
  g_autoptr (RepriseMockKeyring) mock = NULL;
  g_autoptr (GAsyncResult) state = NULL, delete = NULL, deleted_state = NULL;
  g_autoptr (GError) error = NULL;
  RepriseKeyringState found;

  if (!reprise_mock_keyring_can_run ())
    return;
  mock = reprise_mock_keyring_new (REPRISE_MOCK_OPEN);
  g_assert_true (keyring_fixture_store ("password", KEYRING_CANARY, &error));
  reprise_keyring_get_state_async (KEYRING_UUID, "password", NULL, ready_cb, &state);
  g_assert_true (reprise_keyring_get_state_finish (wait_for (&state), &found, &error));
  g_assert_cmpint (found, ==, REPRISE_KEYRING_THERE);
  reprise_keyring_delete_async (KEYRING_UUID, "password", REPRISE_KEYRING_MAY_PROMPT, NULL,
                                ready_cb, &delete);
  g_assert_true (reprise_keyring_delete_finish (wait_for (&delete), &error));
  reprise_keyring_get_state_async (KEYRING_UUID, "password", NULL, ready_cb, &deleted_state);
  g_assert_true (reprise_keyring_get_state_finish (wait_for (&deleted_state), &found, &error));
  g_assert_cmpint (found, ==, REPRISE_KEYRING_NOT_FOUND);
  g_assert_no_error (error);
}

int
main (int argc, char *argv[])
{
  reprise_test_init (&argc, &argv);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *path = g_strconcat ("/keyring/state/", rows[i].name, NULL);

      g_test_add_data_func (path, &rows[i], test_row);
    }
  g_test_add_func ("/keyring/state/no-service", test_no_service);
  g_test_add_func ("/keyring/state/no-bus", test_no_bus);
  g_test_add_func ("/keyring/sentences", test_sentences);
  g_test_add_func ("/keyring/whole-state", test_whole_state);
  g_test_add_func ("/keyring/prompt", test_prompt);
  g_test_add_func ("/keyring/unlock", test_unlock);
  g_test_add_func ("/keyring/public", test_public);
  g_test_add_func ("/keyring/replace-and-list", test_replace_and_list);
  g_test_add_func ("/keyring/large-and-binary", test_large_and_binary);
  g_test_add_func ("/keyring/forgets", test_forgets);
  g_test_add_func ("/keyring/async", test_async);
  return g_test_run ();
}
