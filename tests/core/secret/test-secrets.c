/* test-secrets.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/reprise-error.h"
#include "base/reprise-scrub.h"
#include "reprise-mock-keyring.h"
#include "reprise-test.h"
#include "secret/reprise-secrets.h"

#define UUID "11f1a5ee-3bd8-4b5c-8f6c-0a1f3bb2a001"

static void
assert_text (RepriseSecrets *secrets, const char *kind, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseSecretValue) value = reprise_secrets_lookup (secrets, kind, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (reprise_secret_value_get_text (value), ==, expected);
}

/* A value that the service handed out meanwhile is seen after a 401, and not before. */
static void
test_once_and_again (void)
{
  g_autoptr (RepriseMockKeyring) mock = NULL;
  g_autoptr (RepriseSecrets) secrets = reprise_secrets_new (UUID, REPRISE_KEYRING_UNATTENDED);
  g_autoptr (RepriseSecretValue) newer = reprise_secret_value_new_text ("newer");
  g_autoptr (GError) error = NULL;

  if (!reprise_mock_keyring_can_run ())
    return;
  mock = reprise_mock_keyring_new (REPRISE_MOCK_OPEN);
  reprise_mock_keyring_add (mock, UUID, "password", "older");
  assert_text (secrets, "password", "older");
  reprise_keyring_store (UUID, "password", newer, REPRISE_KEYRING_UNATTENDED, NULL, &error);
  g_assert_no_error (error);
  assert_text (secrets, "password", "older");
  reprise_mock_keyring_set_mode (mock, REPRISE_MOCK_LOCKED); /* locked in the middle of a job */
  assert_text (secrets, "password", "older");
  reprise_mock_keyring_set_mode (mock, REPRISE_MOCK_OPEN);
  reprise_secrets_invalidate (secrets, "password");
  assert_text (secrets, "password", "newer");
}

static void
test_errors (void)
{
  static const struct
  {
    RepriseMockMode mode;
    RepriseError code;
  } cases[] = {
    { REPRISE_MOCK_OPEN, REPRISE_ERROR_NEEDS_SIGN_IN },
    { REPRISE_MOCK_LOCKED_HIDDEN, REPRISE_ERROR_KEYRING },
    { REPRISE_MOCK_DENIES_ALL, REPRISE_ERROR_KEYRING },
  };
  g_autoptr (RepriseMockKeyring) mock = NULL;
  g_autoptr (RepriseSecrets) secrets = reprise_secrets_new (UUID, REPRISE_KEYRING_UNATTENDED);

  if (!reprise_mock_keyring_can_run ())
    return;
  mock = reprise_mock_keyring_new (REPRISE_MOCK_OPEN);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;

      reprise_mock_keyring_set_mode (mock, cases[i].mode);
      g_assert_null (reprise_secrets_lookup (secrets, "api-key", NULL, &error));
      g_assert_error (error, REPRISE_ERROR, (int) cases[i].code);
    }
  reprise_mock_keyring_set_mode (mock, REPRISE_MOCK_OPEN);
  g_assert_cmpuint (reprise_mock_keyring_get_n_items (mock), ==,
                    0); /* nothing was stored for “not found” */
  reprise_mock_keyring_add (mock, UUID, "api-key", "found at last");
  assert_text (secrets, "api-key", "found at last");
}

static void
test_store (void)
{
  g_autoptr (RepriseMockKeyring) mock = NULL;
  g_autoptr (RepriseSecrets) secrets = reprise_secrets_new (UUID, REPRISE_KEYRING_UNATTENDED);
  g_autoptr (RepriseSecretValue) value = reprise_secret_value_new_text ("token 2");
  g_autoptr (RepriseSecretValue) third = reprise_secret_value_new_text ("token 3");
  g_autoptr (GError) error = NULL, locked = NULL;
  g_autofree char *kept = NULL;

  if (!reprise_mock_keyring_can_run ())
    return;
  mock = reprise_mock_keyring_new (REPRISE_MOCK_OPEN);
  reprise_mock_keyring_add (mock, UUID, "refresh-token", "token 1");
  assert_text (secrets, "refresh-token", "token 1");
  g_assert_true (reprise_secrets_store (secrets, "refresh-token", value, NULL, &error));
  g_assert_no_error (error);
  assert_text (secrets, "refresh-token", "token 2");
  kept = reprise_mock_keyring_dup (mock, UUID, "refresh-token");
  g_assert_cmpstr (kept, ==, "token 2");

  reprise_mock_keyring_set_mode (mock, REPRISE_MOCK_LOCKED);
  g_assert_false (reprise_secrets_store (secrets, "refresh-token", third, NULL, &locked));
  g_assert_error (locked, REPRISE_ERROR, REPRISE_ERROR_KEYRING);
  assert_text (secrets, "refresh-token", "token 2");
}

/* One that was given to the process goes before the keyring's, and neither it nor its successor is kept. */
static void
test_override (void)
{
  g_autoptr (RepriseMockKeyring) mock = NULL;
  g_autoptr (RepriseSecrets) secrets = reprise_secrets_new (UUID, REPRISE_KEYRING_UNATTENDED);
  g_autoptr (RepriseSecrets) later = reprise_secrets_new (UUID, REPRISE_KEYRING_UNATTENDED);
  g_autoptr (RepriseSecretValue) given = reprise_secret_value_new_text ("given");
  g_autoptr (RepriseSecretValue) renewed = reprise_secret_value_new_text ("renewed");
  g_autoptr (GError) error = NULL;
  g_autofree char *kept = NULL;

  if (!reprise_mock_keyring_can_run ())
    return;
  mock = reprise_mock_keyring_new (REPRISE_MOCK_OPEN);
  reprise_mock_keyring_add (mock, UUID, "password", "kept");
  reprise_secrets_override (UUID, "password", given);
  assert_text (secrets, "password", "given");
  reprise_secrets_invalidate (secrets, "password");
  assert_text (secrets, "password", "given");
  g_assert_true (reprise_secrets_store (secrets, "password", renewed, NULL, &error));
  g_assert_no_error (error);
  assert_text (secrets, "password", "renewed");
  kept = reprise_mock_keyring_dup (mock, UUID, "password");
  g_assert_cmpstr (kept, ==, "kept");
  reprise_secrets_override (UUID, "password", NULL);
  assert_text (later, "password", "kept");
}

/* A form that is tried out and then saved. */
static void
test_keep (void)
{
  g_autoptr (RepriseMockKeyring) mock = NULL;
  g_autoptr (RepriseSecrets) secrets = reprise_secrets_new (UUID, REPRISE_KEYRING_UNATTENDED);
  g_autoptr (RepriseSecretValue) given = reprise_secret_value_new_text ("given");
  g_autoptr (GError) error = NULL, locked = NULL;
  g_autofree char *kept = NULL;

  if (!reprise_mock_keyring_can_run ())
    return;
  mock = reprise_mock_keyring_new (REPRISE_MOCK_LOCKED);
  reprise_secrets_override (UUID, "api-key", given);
  g_assert_false (reprise_secrets_keep (secrets, "api-key", NULL, &locked));
  g_assert_error (locked, REPRISE_ERROR, REPRISE_ERROR_KEYRING);
  assert_text (secrets, "api-key", "given"); /* it still serves */
  reprise_mock_keyring_set_mode (mock, REPRISE_MOCK_OPEN);
  g_assert_true (reprise_secrets_keep (secrets, "api-key", NULL, &error));
  g_assert_no_error (error);
  kept = reprise_mock_keyring_dup (mock, UUID, "api-key");
  g_assert_cmpstr (kept, ==, "given");
  reprise_secrets_invalidate (secrets, "api-key");
  reprise_mock_keyring_set_mode (mock,
                                 REPRISE_MOCK_LOCKED); /* so it is the keyring that is asked */
  g_assert_null (reprise_secrets_lookup (secrets, "api-key", NULL, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_KEYRING);
  g_clear_error (&error);
  g_assert_true (reprise_secrets_keep (secrets, "password", NULL, &error)); /* nothing was given */
  g_assert_no_error (error);
}

static void
assert_scrubbed (const char *text, gboolean scrubbed)
{
  g_autofree char *clean = reprise_scrub (text);

  if (scrubbed)
    g_assert_cmpstr (clean, !=, text);
  else
    g_assert_cmpstr (clean, ==, text);
}

/* For as long as the job has it, and what the job had before, a secret is taken out of logs. */
static void
test_scrub (void)
{
  g_autoptr (RepriseMockKeyring) mock = NULL;
  g_autoptr (RepriseSecrets) secrets = reprise_secrets_new (UUID, REPRISE_KEYRING_UNATTENDED);
  g_autoptr (RepriseSecretValue) newer = reprise_secret_value_new_text ("newer-canary");
  g_autoptr (GError) error = NULL;

  if (!reprise_mock_keyring_can_run ())
    return;
  mock = reprise_mock_keyring_new (REPRISE_MOCK_OPEN);
  reprise_mock_keyring_add (mock, UUID, "password", "older-canary");
  assert_scrubbed ("x older-canary x", FALSE);
  assert_text (secrets, "password", "older-canary");
  assert_scrubbed ("x older-canary x", TRUE);
  g_assert_true (reprise_secrets_store (secrets, "password", newer, NULL, &error));
  g_assert_no_error (error);
  assert_scrubbed ("x older-canary x", TRUE);
  assert_scrubbed ("x newer-canary x", TRUE);
  g_clear_object (&secrets);
  assert_scrubbed ("x older-canary x", FALSE);
  reprise_secrets_override (UUID, "password", newer);
  assert_scrubbed ("x newer-canary x", TRUE);
  reprise_secrets_override (UUID, "password", NULL);
  assert_scrubbed ("x newer-canary x", FALSE);
}

static int
open_with (const char *text)
{
  int ends[2];

  g_assert_cmpint (pipe (ends), ==, 0);
  g_assert_cmpint (write (ends[1], text, strlen (text)), ==, (gssize) strlen (text));
  close (ends[1]);
  return ends[0];
}

static void
test_option (void)
{
  int fd = open_with ("s3cret\n");
  g_autofree char *option = g_strdup_printf ("archive-password=%d", fd);
  g_autofree char *kind = NULL;
  g_autoptr (RepriseSecretValue) value = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (reprise_secrets_parse_option (option, &kind, &value, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (kind, ==, "archive-password");
  g_assert_cmpstr (reprise_secret_value_get_text (value), ==, "s3cret");
  g_assert_cmpint (fcntl (fd, F_GETFD), ==, -1); /* no child gets it */
}

static void
test_bad_option (void)
{
  static const char *const options[] = { "",
                                         "password",
                                         "password=",
                                         "=3",
                                         "password=three",
                                         "password=-1",
                                         "password=3x",
                                         "password=99999999999" };

  for (guint i = 0; i < G_N_ELEMENTS (options); i++)
    {
      g_autoptr (GError) error = NULL;
      char *kind = NULL;
      RepriseSecretValue *value = NULL;

      g_assert_false (reprise_secrets_parse_option (options[i], &kind, &value, &error));
      g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_INVALID);
      g_assert_null (strstr (error->message, "three"));
      g_assert_null (kind);
      g_assert_null (value);
    }
}

static gpointer
lookup_worker (gpointer data)
{
  assert_text (data, "password", "shared");
  return NULL;
}

/* Workers of one job that ask together. */
static void
test_together (void)
{
  g_autoptr (RepriseMockKeyring) mock = NULL;
  g_autoptr (RepriseSecrets) secrets = reprise_secrets_new (UUID, REPRISE_KEYRING_UNATTENDED);
  GThread *threads[8];

  if (!reprise_mock_keyring_can_run ())
    return;
  mock = reprise_mock_keyring_new (REPRISE_MOCK_OPEN);
  reprise_mock_keyring_add (mock, UUID, "password", "shared");
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("look-up", lookup_worker, secrets);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
}

static gpointer
cancelled_worker (gpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();

  g_cancellable_cancel (cancellable);
  g_assert_null (reprise_secrets_lookup (data, "password", cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  return NULL;
}

static gpointer
cancel_later_worker (gpointer data)
{
  g_usleep (300 * 1000);
  g_cancellable_cancel (data);
  return NULL;
}

/* Whoever waits for another's look-up can be stopped as well. */
static void
test_cancel (void)
{
  g_autoptr (RepriseMockKeyring) mock = NULL;
  g_autoptr (RepriseSecrets) secrets = reprise_secrets_new (UUID, REPRISE_KEYRING_UNATTENDED);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  GThread *later = NULL, *waiter = NULL;

  if (!reprise_mock_keyring_can_run ())
    return;
  mock = reprise_mock_keyring_new (REPRISE_MOCK_HANGS);
  reprise_mock_keyring_add (mock, UUID, "password", "never told");
  later = g_thread_new ("cancel-later", cancel_later_worker, cancellable);
  waiter = g_thread_new ("cancelled", cancelled_worker, secrets);
  g_assert_null (reprise_secrets_lookup (secrets, "password", cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_thread_join (later);
  g_thread_join (waiter);
}

int
main (int argc, char *argv[])
{
  reprise_test_init (&argc, &argv);
  g_test_add_func ("/secrets/once-and-again", test_once_and_again);
  g_test_add_func ("/secrets/errors", test_errors);
  g_test_add_func ("/secrets/store", test_store);
  g_test_add_func ("/secrets/override", test_override);
  g_test_add_func ("/secrets/keep", test_keep);
  g_test_add_func ("/secrets/scrub", test_scrub);
  g_test_add_func ("/secrets/option", test_option);
  g_test_add_func ("/secrets/bad-option", test_bad_option);
  g_test_add_func ("/secrets/together", test_together);
  g_test_add_func ("/secrets/cancel", test_cancel);
  return g_test_run ();
}
