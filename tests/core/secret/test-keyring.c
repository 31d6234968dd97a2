/* test-keyring.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include <glib/gstdio.h>

#include "base/reprise-error.h"
#include "reprise-mock-keyring.h"
#include "reprise-test.h"
#include "secret/reprise-keyring.h"

#define UUID   "11f1a5ee-3bd8-4b5c-8f6c-0a1f3bb2a001"
#define OTHER  "11f1a5ee-3bd8-4b5c-8f6c-0a1f3bb2a002"
#define CANARY "canary-5d1f-password"

/* --- every state and every operation, with nobody to ask --- */

typedef enum
{
  GET_STATE,
  LOOK_UP,
  STORE,
  DELETE,
  LIST,
  N_OPERATIONS,
} Operation;

#define DONE 1000 /* beside the states: it worked */

typedef struct
{
  const char *name;
  RepriseMockMode mode;
  gboolean has_secret;
  int expected[N_OPERATIONS]; /* DONE, or the state whose sentence is the error */
  gboolean keeps;             /* whether the secret must still be there after every operation */
} Row;

static const Row rows[] = {
  { "there", REPRISE_MOCK_OPEN, TRUE, { REPRISE_KEYRING_THERE, DONE, DONE, DONE, DONE }, FALSE },
  { "not-found",
    REPRISE_MOCK_OPEN,
    FALSE,
    { REPRISE_KEYRING_NOT_FOUND, REPRISE_KEYRING_NOT_FOUND, DONE, DONE, DONE },
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
    { REPRISE_KEYRING_NOT_FOUND, REPRISE_KEYRING_NOT_FOUND, REPRISE_KEYRING_LOCKED, DONE, DONE },
    FALSE },
  { "denies",
    REPRISE_MOCK_DENIES,
    TRUE,
    { REPRISE_KEYRING_THERE, REPRISE_KEYRING_DENIED, REPRISE_KEYRING_DENIED, REPRISE_KEYRING_DENIED,
      DONE },
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
      REPRISE_KEYRING_NO_SERVICE, DONE },
    TRUE },
};

static gboolean
operate (Operation operation, RepriseKeyringFlags flags, RepriseKeyringState *state, GError **error)
{
  g_autoptr (RepriseSecretValue) value = NULL;
  g_auto (GStrv) kinds = NULL;

  switch (operation)
    {
    case GET_STATE:
      return reprise_keyring_get_state (UUID, "password", state, NULL, error);
    case LOOK_UP:
      value = reprise_keyring_lookup (UUID, "password", flags, NULL, error);
      if (value != NULL)
        g_assert_cmpstr (reprise_secret_value_get_text (value), ==, CANARY);
      return value != NULL;
    case STORE:
      value = reprise_secret_value_new_text ("new");
      return reprise_keyring_store (UUID, "password", value, flags, NULL, error);
    case DELETE:
      return reprise_keyring_delete (UUID, "password", flags, NULL, error);
    case LIST:
      kinds = reprise_keyring_list (UUID, flags, NULL, error);
      return kinds != NULL;
    case N_OPERATIONS:
    default:
      g_assert_not_reached ();
    }
}

static void
assert_state_error (const GError *error, RepriseKeyringState state)
{
  int code = state == REPRISE_KEYRING_NOT_FOUND ? REPRISE_ERROR_NOT_FOUND : REPRISE_ERROR_KEYRING;

  g_assert_error (error, REPRISE_ERROR, code);
  g_assert_cmpstr (error->message, ==, reprise_keyring_state_get_text (state));
}

static void
check (Operation operation, int expected)
{
  RepriseKeyringState state = REPRISE_N_KEYRING_STATES;
  g_autoptr (GError) error = NULL;
  gboolean done = operate (operation, REPRISE_KEYRING_UNATTENDED, &state, &error);

  g_test_message ("operation %d: %s", operation, done ? "done" : error->message);
  g_assert_true (done == (error == NULL));
  if (operation == GET_STATE)
    {
      g_assert_no_error (error);
      g_assert_cmpint (state, ==, expected);
    }
  else if (expected == DONE)
    g_assert_no_error (error);
  else
    assert_state_error (error, expected);
}

static void
check_row_operation (const Row *row, Operation operation)
{
  g_autoptr (RepriseMockKeyring) mock = reprise_mock_keyring_new (row->mode);
  g_autofree char *left = NULL, *others = NULL;

  if (row->has_secret)
    reprise_mock_keyring_add (mock, UUID, "password", CANARY);
  reprise_mock_keyring_add (mock, OTHER, "password", "another");
  check (operation, row->expected[operation]);

  left = reprise_mock_keyring_dup (mock, UUID, "password");
  others = reprise_mock_keyring_dup (mock, OTHER, "password");
  g_assert_cmpstr (others, ==, "another");
  if (row->keeps)
    g_assert_cmpstr (left, ==, CANARY);
  if (operation == STORE && row->expected[operation] == DONE)
    g_assert_cmpstr (left, ==, "new");
  if (operation == DELETE && row->expected[operation] == DONE)
    g_assert_null (left);
  g_assert_cmpuint (reprise_mock_keyring_get_n_prompts (mock), ==, 0);
}

static void
test_row (gconstpointer data)
{
  if (reprise_mock_keyring_can_run ())
    for (Operation operation = 0; operation < N_OPERATIONS; operation++)
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
  check (GET_STATE, REPRISE_KEYRING_NO_SERVICE);
  for (Operation operation = LOOK_UP; operation < N_OPERATIONS; operation++)
    check (operation, REPRISE_KEYRING_NO_SERVICE);
  g_test_dbus_down (bus);
}

static void
test_no_bus (void)
{
  g_setenv ("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus", TRUE);
  check (GET_STATE, REPRISE_KEYRING_NO_SERVICE);
  for (Operation operation = LOOK_UP; operation < N_OPERATIONS; operation++)
    check (operation, REPRISE_KEYRING_NO_SERVICE);
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

/* --- the keyring itself --- */

static RepriseKeyringState
get_whole_state (void)
{
  g_autoptr (GError) error = NULL;
  RepriseKeyringState state = REPRISE_N_KEYRING_STATES;

  reprise_keyring_get_state (NULL, NULL, &state, NULL, &error);
  g_assert_no_error (error);
  return state;
}

static void
test_whole_state (void)
{
  g_autoptr (RepriseMockKeyring) mock = NULL;

  if (!reprise_mock_keyring_can_run ())
    return;
  mock = reprise_mock_keyring_new (REPRISE_MOCK_OPEN);
  g_assert_cmpint (get_whole_state (), ==, REPRISE_KEYRING_THERE);
  reprise_mock_keyring_set_mode (mock, REPRISE_MOCK_LOCKED);
  g_assert_cmpint (get_whole_state (), ==, REPRISE_KEYRING_LOCKED);
  reprise_mock_keyring_set_mode (mock, REPRISE_MOCK_DENIES_ALL);
  g_assert_cmpint (get_whole_state (), ==, REPRISE_KEYRING_DENIED);
}

/* --- with somebody to ask --- */

static void
check_prompt (RepriseMockMode mode, Operation operation, gboolean accept)
{
  g_autoptr (RepriseMockKeyring) mock = reprise_mock_keyring_new (mode);
  g_autoptr (GError) error = NULL;
  RepriseKeyringState state;

  if (mode != REPRISE_MOCK_NO_DEFAULT)
    reprise_mock_keyring_add (mock, UUID, "password", CANARY);
  reprise_mock_keyring_set_accept (mock, accept);
  operate (operation, REPRISE_KEYRING_MAY_PROMPT, &state, &error);
  if (accept)
    g_assert_no_error (error);
  else
    assert_state_error (error, REPRISE_KEYRING_LOCKED);
  g_assert_cmpuint (reprise_mock_keyring_get_n_prompts (mock), ==, 1);
}

static void
test_prompt (void)
{
  if (!reprise_mock_keyring_can_run ())
    return;
  for (Operation operation = LOOK_UP; operation < N_OPERATIONS; operation++)
    for (gboolean accept = FALSE; accept <= TRUE; accept++)
      check_prompt (operation % 2 ? REPRISE_MOCK_LOCKED : REPRISE_MOCK_LOCKED_HIDDEN, operation,
                    accept);
  check_prompt (REPRISE_MOCK_NO_DEFAULT, STORE, TRUE);
  check_prompt (REPRISE_MOCK_NO_DEFAULT, STORE, FALSE);
}

static void
test_unlock (void)
{
  g_autoptr (RepriseMockKeyring) mock = NULL;
  g_autoptr (GError) refused = NULL, error = NULL;

  if (!reprise_mock_keyring_can_run ())
    return;
  mock = reprise_mock_keyring_new (REPRISE_MOCK_LOCKED);
  g_assert_false (reprise_keyring_unlock (NULL, &refused));
  assert_state_error (refused, REPRISE_KEYRING_LOCKED);
  reprise_mock_keyring_set_accept (mock, TRUE);
  g_assert_true (reprise_keyring_unlock (NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpint (get_whole_state (), ==, REPRISE_KEYRING_THERE);
}

/* --- storing --- */

/* What every program can see: the UUID and the kind, nothing else. */
static void
test_public (void)
{
  g_autoptr (RepriseMockKeyring) mock = NULL;
  g_autoptr (RepriseSecretValue) value = reprise_secret_value_new_text (CANARY);
  g_autoptr (GError) error = NULL;
  g_autofree char *seen = NULL;

  if (!reprise_mock_keyring_can_run ())
    return;
  mock = reprise_mock_keyring_new (REPRISE_MOCK_OPEN);
  g_assert_true (
    reprise_keyring_store (UUID, "api-key", value, REPRISE_KEYRING_UNATTENDED, NULL, &error));
  g_assert_no_error (error);
  seen = reprise_mock_keyring_dup_public (mock);
  g_assert_cmpstr (
    seen, ==, "Reprise: API key|kind=api-key|service=" UUID "|xdg:schema=" APPLICATION_ID "\n");
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

      reprise_keyring_store (UUID, kinds[i], value, REPRISE_KEYRING_UNATTENDED, NULL, &error);
      g_assert_no_error (error);
    }
  g_assert_cmpuint (reprise_mock_keyring_get_n_items (mock), ==, 3);
  last = reprise_mock_keyring_dup (mock, UUID, "password");
  g_assert_cmpstr (last, ==, "value 3");
  list = reprise_keyring_list (UUID, REPRISE_KEYRING_UNATTENDED, NULL, &error);
  g_assert_no_error (error);
  joined = g_strjoinv (" ", list);
  g_assert_cmpstr (joined, ==, "archive-password password sas");

  reprise_mock_keyring_add (mock, OTHER, "password", "another");
  g_assert_true (reprise_keyring_delete (UUID, NULL, REPRISE_KEYRING_UNATTENDED, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (reprise_mock_keyring_get_n_items (mock), ==, 1);
  none = reprise_keyring_list (UUID, REPRISE_KEYRING_UNATTENDED, NULL, &error);
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
  reprise_keyring_store (UUID, "sas", value, REPRISE_KEYRING_UNATTENDED, NULL, &error);
  g_assert_no_error (error);
  back = reprise_keyring_lookup (UUID, "sas", REPRISE_KEYRING_UNATTENDED, NULL, &error);
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
  reprise_mock_keyring_add (mock, UUID, "password", CANARY);
  g_assert_false (
    reprise_keyring_store (UUID, "password", value, REPRISE_KEYRING_UNATTENDED, NULL, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_KEYRING);
}

/* --- cancelling, and a helper that fails --- */

static gpointer
cancel_worker (gpointer data)
{
  g_usleep (200 * 1000);
  g_cancellable_cancel (data);
  return NULL;
}

static void
test_cancel (void)
{
  g_autoptr (RepriseMockKeyring) mock = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) during = NULL, before = NULL;
  gint64 start = g_get_monotonic_time ();
  GThread *thread = NULL;

  if (!reprise_mock_keyring_can_run ())
    return;
  mock = reprise_mock_keyring_new (REPRISE_MOCK_HANGS);
  reprise_mock_keyring_add (mock, UUID, "password", CANARY);
  thread = g_thread_new ("cancel", cancel_worker, cancellable);
  g_assert_null (
    reprise_keyring_lookup (UUID, "password", REPRISE_KEYRING_UNATTENDED, cancellable, &during));
  g_assert_error (during, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpint (g_get_monotonic_time () - start, <, 10 * G_USEC_PER_SEC);
  g_thread_join (thread);
  g_assert_null (
    reprise_keyring_lookup (UUID, "password", REPRISE_KEYRING_UNATTENDED, cancellable, &before));
  g_assert_error (before, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

/* A folder with a script in the helper's place. */
static char *
make_helper (const char *script)
{
  char *folder = reprise_test_make_folder ();
  g_autofree char *path = g_build_filename (folder, "reprise-secret", NULL);
  g_autoptr (GError) error = NULL;

  g_file_set_contents (path, script, -1, &error);
  g_assert_no_error (error);
  g_assert_cmpint (g_chmod (path, 0700), ==, 0);
  return folder;
}

static void
check_helper (const char *script, const char *sentence)
{
  g_autofree char *real = g_strdup (g_getenv ("REPRISE_LIBEXEC_DIR"));
  char *folder = make_helper (script);
  g_autoptr (GError) error = NULL;

  g_setenv ("REPRISE_LIBEXEC_DIR", folder, TRUE);
  g_assert_null (
    reprise_keyring_lookup (UUID, "password", REPRISE_KEYRING_UNATTENDED, NULL, &error));
  g_setenv ("REPRISE_LIBEXEC_DIR", real, TRUE);
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_KEYRING);
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, sentence));
  reprise_test_remove_folder (folder);
}

static void
test_bad_helper (void)
{
  check_helper ("#!/bin/sh\nkill -ABRT $$\n", "damaged");
  check_helper ("#!/bin/sh\nkill -KILL $$\n", "ended before it answered");
  check_helper ("#!/bin/sh\nexit 0\n", "ended before it answered");
  check_helper ("#!/bin/sh\nprintf 'this is no reply at all' >&0\n", "ended before it answered");
  check_helper ("#!/nonexistent/interpreter\n", "could not be started");
}

/* The helper for nobody, and for a caller that is gone. */
static void
test_helper_alone (void)
{
  g_autofree char *path =
    g_build_filename (g_getenv ("REPRISE_LIBEXEC_DIR"), "reprise-secret", NULL);
  const char *argv[] = { path, NULL };
  g_autofree char *output = NULL, *errors = NULL;
  int status = 0;

  g_assert_true (g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, &output,
                               &errors, &status, NULL));
  g_assert_cmpint (WEXITSTATUS (status), ==, 2);
  g_assert_nonnull (strstr (errors, "started by the other programs"));
}

/* --- the sandbox's keyring: one file --- */

typedef struct
{
  char *folder;
  char *path;
} File;

static void
file_set_up (File *file, gconstpointer data)
{
  file->folder = reprise_test_make_folder ();
  file->path = g_build_filename (file->folder, "default.keyring", NULL);
  g_setenv ("SECRET_BACKEND", "file", TRUE);
  g_setenv ("SECRET_FILE_TEST_PATH", file->path, TRUE);
  g_setenv ("SECRET_FILE_TEST_PASSWORD", "test", TRUE);
  g_setenv ("XDG_RUNTIME_DIR", file->folder, TRUE); /* the helper's; isolation leaves /dev/null */
}

static void
file_tear_down (File *file, gconstpointer data)
{
  g_unsetenv ("SECRET_BACKEND");
  g_unsetenv ("SECRET_FILE_TEST_PATH");
  g_unsetenv ("SECRET_FILE_TEST_PASSWORD");
  reprise_test_remove_folder (file->folder);
  g_free (file->path);
}

static gboolean
store_text (const char *kind, const char *text, GError **error)
{
  g_autoptr (RepriseSecretValue) value = reprise_secret_value_new_text (text);

  return reprise_keyring_store (UUID, kind, value, REPRISE_KEYRING_UNATTENDED, NULL, error);
}

static void
test_file (File *file, gconstpointer data)
{
  g_autoptr (GError) error = NULL, missing = NULL;
  g_autoptr (RepriseSecretValue) value = NULL;
  g_auto (GStrv) kinds = NULL;
  g_autofree char *joined = NULL;
  RepriseKeyringState state;

  g_assert_cmpint (get_whole_state (), ==, REPRISE_KEYRING_THERE);
  g_assert_null (
    reprise_keyring_lookup (UUID, "password", REPRISE_KEYRING_UNATTENDED, NULL, &missing));
  assert_state_error (missing, REPRISE_KEYRING_NOT_FOUND);
  g_assert_true (store_text ("password", "first", &error));
  g_assert_true (store_text ("password", CANARY, &error));
  g_assert_true (store_text ("sas", "sv=1", &error));
  g_assert_no_error (error);

  value = reprise_keyring_lookup (UUID, "password", REPRISE_KEYRING_UNATTENDED, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (reprise_secret_value_get_text (value), ==, CANARY);
  kinds = reprise_keyring_list (UUID, REPRISE_KEYRING_UNATTENDED, NULL, &error);
  g_assert_no_error (error);
  joined = g_strjoinv (" ", kinds);
  g_assert_cmpstr (joined, ==, "password sas");

  g_assert_true (reprise_keyring_delete (UUID, NULL, REPRISE_KEYRING_UNATTENDED, NULL, &error));
  g_assert_no_error (error);
  g_assert_true (reprise_keyring_get_state (UUID, "sas", &state, NULL, &error));
  g_assert_cmpint (state, ==, REPRISE_KEYRING_NOT_FOUND);
}

/*
 * A keyring file cut short, at each of many lengths: an error with a sentence, never a crash of ours, and a store
 * never writes over it. (A file of no bytes is as good as none.)
 */
static void
test_file_truncated (File *file, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *whole = NULL;
  gsize size = 0;
  guint aborted = 0;

  g_assert_true (store_text ("password", CANARY, &error));
  g_assert_no_error (error);
  whole = reprise_test_read (file->path, &size);
  for (gsize cut = 1; cut < size; cut += cut < 50 ? 7 : 23)
    {
      g_autoptr (GError) lookup = NULL, store = NULL;
      g_autofree char *left = NULL;
      gsize left_size = 0;

      g_assert_true (g_file_set_contents (file->path, whole, (gssize) cut, NULL));
      g_assert_null (
        reprise_keyring_lookup (UUID, "password", REPRISE_KEYRING_UNATTENDED, NULL, &lookup));
      g_assert_error (lookup, REPRISE_ERROR, REPRISE_ERROR_KEYRING);
      g_assert_false (store_text ("password", "new", &store));
      g_assert_error (store, REPRISE_ERROR, REPRISE_ERROR_KEYRING);
      aborted += strstr (lookup->message, "damaged") != NULL;
      left = reprise_test_read (file->path, &left_size);
      g_assert_cmpmem (left, left_size, whole, cut);
    }
  g_assert_cmpuint (aborted, >, 0);
}

static gpointer
store_worker (gpointer data)
{
  g_autofree char *kind = g_strdup_printf ("kind-%d", GPOINTER_TO_INT (data));
  g_autoptr (GError) error = NULL;

  store_text (kind, kind, &error);
  g_assert_no_error (error);
  return NULL;
}

/* Several processes that store at once lose nothing; without a lock, nothing is stored. */
static void
test_file_together (File *file, gconstpointer data)
{
  GThread *threads[6];
  g_auto (GStrv) kinds = NULL;
  g_autoptr (GError) error = NULL, unlocked = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("store", store_worker, GINT_TO_POINTER (i));
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
  kinds = reprise_keyring_list (UUID, REPRISE_KEYRING_UNATTENDED, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_strv_length (kinds), ==, G_N_ELEMENTS (threads));

  g_setenv ("XDG_RUNTIME_DIR", "/dev/null", TRUE);
  g_assert_false (store_text ("kind-1", "new", &unlocked));
  g_assert_error (unlocked, REPRISE_ERROR, REPRISE_ERROR_KEYRING);
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

static void
test_async (void)
{
  g_autoptr (RepriseMockKeyring) mock = NULL;
  g_autoptr (RepriseSecretValue) value = reprise_secret_value_new_text (CANARY), back = NULL;
  g_autoptr (GAsyncResult) store = NULL, lookup = NULL, state = NULL, list = NULL, delete = NULL,
                           unlock = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) kinds = NULL;
  RepriseKeyringState found;

  if (!reprise_mock_keyring_can_run ())
    return;
  mock = reprise_mock_keyring_new (REPRISE_MOCK_LOCKED);
  reprise_mock_keyring_set_accept (mock, TRUE);
  reprise_keyring_unlock_async (NULL, ready_cb, &unlock);
  g_assert_null (unlock);
  g_assert_true (reprise_keyring_unlock_finish (wait_for (&unlock), &error));
  reprise_keyring_store_async (UUID, "password", value, REPRISE_KEYRING_MAY_PROMPT, NULL, ready_cb,
                               &store);
  g_assert_true (reprise_keyring_store_finish (wait_for (&store), &error));
  reprise_keyring_lookup_async (UUID, "password", REPRISE_KEYRING_MAY_PROMPT, NULL, ready_cb,
                                &lookup);
  back = reprise_keyring_lookup_finish (wait_for (&lookup), &error);
  g_assert_true (reprise_secret_value_equal (value, back));
  reprise_keyring_list_async (UUID, REPRISE_KEYRING_MAY_PROMPT, NULL, ready_cb, &list);
  kinds = reprise_keyring_list_finish (wait_for (&list), &error);
  g_assert_cmpstr (kinds[0], ==, "password");
  reprise_keyring_delete_async (UUID, "password", REPRISE_KEYRING_MAY_PROMPT, NULL, ready_cb,
                                &delete);
  g_assert_true (reprise_keyring_delete_finish (wait_for (&delete), &error));
  reprise_keyring_get_state_async (UUID, "password", NULL, ready_cb, &state);
  g_assert_true (reprise_keyring_get_state_finish (wait_for (&state), &found, &error));
  g_assert_cmpint (found, ==, REPRISE_KEYRING_NOT_FOUND);
  g_assert_no_error (error);
}

/* --- where the secret must not be --- */

static GString *captured;

static GLogWriterOutput
capture_log (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer data)
{
  for (gsize i = 0; i < n_fields; i++)
    if (fields[i].length < 0)
      g_string_append_printf (captured, "%s=%s\n", fields[i].key, (const char *) fields[i].value);
  return G_LOG_WRITER_HANDLED;
}

static guint
count_fds (void)
{
  g_autoptr (GDir) dir = g_dir_open ("/proc/self/fd", 0, NULL);
  guint count = 0;

  while (g_dir_read_name (dir) != NULL)
    count++;
  return count;
}

/* In a child, because a process sets its log writer once. */
static void
canary_child (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseSecretValue) value = NULL;
  guint fds;

  g_assert_cmpint (g_open ("/dev/zero", O_RDONLY, 0), >, 0); /* not close-on-exec, on purpose */
  captured = g_string_new (NULL);
  g_log_set_writer_func (capture_log, NULL, NULL);
  g_assert_true (store_text ("password", "warm up", &error));
  fds = count_fds ();
  for (int i = 0; i < 8; i++)
    g_assert_true (store_text ("password", CANARY, &error));
  value = reprise_keyring_lookup (UUID, "password", REPRISE_KEYRING_UNATTENDED, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (reprise_secret_value_get_text (value), ==, CANARY);
  for (int i = 0; i < 100 && count_fds () > fds; i++)
    g_usleep (20 * 1000); /* GLib's own thread lets go of the child a moment later */
  g_assert_cmpuint (count_fds (), <, fds + 8); /* it may have opened one for itself meanwhile */
  g_assert_null (strstr (captured->str, CANARY));
}

/*
 * The helper's argument line, environment, descriptors and output, seen by a script that stands before it: none
 * holds the secret, and no descriptor of ours but the socket is left open in it.
 */
static void
test_canary (void)
{
  g_autoptr (RepriseMockKeyring) mock = NULL;
  g_autofree char *real = g_strdup (g_getenv ("REPRISE_LIBEXEC_DIR"));
  g_autofree char *script = NULL, *seen = NULL, *seen_path = NULL, *kept = NULL;
  gsize size = 0;
  char *folder = NULL, *other = NULL;

  if (g_test_subprocess ())
    {
      canary_child ();
      return;
    }
  if (!reprise_mock_keyring_can_run ())
    return;
  mock = reprise_mock_keyring_new (REPRISE_MOCK_OPEN);
  other = reprise_test_make_folder ();
  seen_path = g_build_filename (other, "seen", NULL);
  script = g_strdup_printf ("#!/bin/sh\n"
                            "exec 9>> %s\n"
                            "tr '\\0' ' ' < /proc/$$/cmdline >&9\n"
                            "tr '\\0' '\\n' < /proc/$$/environ >&9\n"
                            "ls -l /proc/$$/fd >&9\n"
                            "export G_MESSAGES_DEBUG=all G_DBUS_DEBUG=call,signal\n"
                            "exec %s/reprise-secret 2>&9 9>&-\n",
                            seen_path, real);
  folder = make_helper (script);
  g_setenv ("REPRISE_LIBEXEC_DIR", folder, TRUE);
  g_test_trap_subprocess (NULL, 0, 0);
  g_setenv ("REPRISE_LIBEXEC_DIR", real, TRUE);
  g_test_trap_assert_passed ();

  kept = reprise_mock_keyring_dup (mock, UUID, "password");
  g_assert_cmpstr (kept, ==, CANARY);
  seen = reprise_test_read (seen_path, &size);
  g_assert_nonnull (strstr (seen, "reprise-secret")); /* the script saw something */
  g_assert_nonnull (strstr (seen, " 0 -> socket:"));
  g_assert_null (strstr (seen, " 3 -> socket:"));
  g_assert_null (strstr (seen, "/dev/zero"));
  g_assert_null (memmem (seen, size, CANARY, strlen (CANARY)));
  reprise_test_remove_folder (other);
  reprise_test_remove_folder (folder);
}

/* --- the real daemon --- */

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

  check (LOOK_UP, REPRISE_KEYRING_NOT_FOUND);
  g_assert_true (store_text ("password", CANARY, &error));
  g_assert_no_error (error);
  check (GET_STATE, REPRISE_KEYRING_THERE);
  check (LOOK_UP, DONE);

  connection = g_dbus_connection_new_for_address_sync (
    g_test_dbus_get_bus_address (bus),
    G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
    NULL, NULL, &error);
  g_assert_no_error (error);
  lock_all (connection);
  check (GET_STATE, REPRISE_KEYRING_LOCKED);
  for (Operation operation = LOOK_UP; operation < N_OPERATIONS; operation++)
    check (operation, REPRISE_KEYRING_LOCKED);

  g_subprocess_force_exit (daemon);
  g_subprocess_wait (daemon, NULL, NULL);
  for (Operation operation = LOOK_UP; operation < N_OPERATIONS; operation++)
    check (operation, REPRISE_KEYRING_NO_SERVICE);

  again = start_daemon (folder);
  check (LOOK_UP, DONE);
  check (LIST, DONE);
  check (DELETE, DONE);
  check (LOOK_UP, REPRISE_KEYRING_NOT_FOUND);

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
  g_test_add_func ("/keyring/cancel", test_cancel);
  g_test_add_func ("/keyring/helper/bad", test_bad_helper);
  g_test_add_func ("/keyring/helper/alone", test_helper_alone);
  g_test_add ("/keyring/file/all", File, NULL, file_set_up, test_file, file_tear_down);
  g_test_add ("/keyring/file/truncated", File, NULL, file_set_up, test_file_truncated,
              file_tear_down);
  g_test_add ("/keyring/file/together", File, NULL, file_set_up, test_file_together,
              file_tear_down);
  g_test_add_func ("/keyring/async", test_async);
  g_test_add_func ("/keyring/canary", test_canary);
  g_test_add_func ("/keyring/gnome-keyring", test_gnome_keyring);
  return g_test_run ();
}
