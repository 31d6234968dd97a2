/* entra-fixture.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "net/reprise-http-private.h"
#include "providers/azure/entra/entra-fixture.h"
#include "reprise-test-error.h"
#include "reprise-test.h"

/* Everything that any test of this program logged or reported. */
static GMutex said_mutex;
static GString *said;

static void
note (const char *text)
{
  g_mutex_lock (&said_mutex);
  g_string_append_printf (said, "%s\n", text);
  g_mutex_unlock (&said_mutex);
}

static GLogWriterOutput
capture_log (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer data)
{
  for (gsize i = 0; i < n_fields; i++)
    if (strcmp (fields[i].key, "MESSAGE") == 0)
      note (fields[i].value);
  return level & (G_LOG_LEVEL_DEBUG | G_LOG_LEVEL_INFO)
           ? G_LOG_WRITER_HANDLED
           : g_log_writer_standard_streams (level, fields, n_fields, data);
}

/* Nothing that was logged or reported has a token in it. */
static void
test_canary (void)
{
  g_assert_cmpuint (said->len, >, 1000);
  if (strstr (said->str, "canary") != NULL)
    g_error ("a secret was said: %s", strstr (said->str, "canary"));
}

/* As reprise_test_init(); from here on everything that is logged is kept. */
void
entra_fixture_init (int *argc, char ***argv)
{
  reprise_test_init (argc, argv);
  said = g_string_new (NULL);
  g_log_set_writer_func (capture_log, NULL, NULL);
}

/* As g_test_run(), with one last test: that no secret was said. */
int
entra_fixture_run (void)
{
  int status;

  g_test_add_func ("/entra/nothing-said", test_canary);
  status = g_test_run ();
  g_string_free (said, TRUE);
  return status;
}

RepriseEntra *
entra_fixture_open (EntraFixture *fixture, RepriseEntraMethod method, const char *resource)
{
  g_autofree char *address = fake_entra_dup_address (fixture->server);
  RepriseEntraConfig config = { method, address, FAKE_ENTRA_TENANT, FAKE_ENTRA_CLIENT, resource };
  g_autoptr (GError) error = NULL;
  RepriseEntra *account = reprise_entra_open (&config, fixture->secrets, &error);

  g_assert_no_error (error);
  if (account->http != NULL)
    reprise_http_set_backoff (account->http, 1, 5);
  reprise_entra_set_second (account, 20);
  return account;
}

void
entra_fixture_set_up (EntraFixture *fixture, gconstpointer data)
{
  fixture->server = fake_entra_new ();
  if (reprise_mock_keyring_can_run ())
    fixture->keyring = reprise_mock_keyring_new (REPRISE_MOCK_OPEN);
  fixture->uuid = g_uuid_string_random ();
  fixture->secrets = reprise_secrets_new (fixture->uuid, REPRISE_KEYRING_UNATTENDED);
  fixture->account =
    entra_fixture_open (fixture, REPRISE_ENTRA_PERSON, "https://management.azure.com");
}

void
entra_fixture_tear_down (EntraFixture *fixture, gconstpointer data)
{
  g_clear_object (&fixture->account);
  g_clear_object (&fixture->secrets);
  g_clear_pointer (&fixture->keyring, reprise_mock_keyring_free);
  fake_entra_free (fixture->server);
  g_free (fixture->uuid);
}

/* A sign-in that was made before, in the keyring. */
void
entra_fixture_sign_in_before (EntraFixture *fixture)
{
  g_free (fixture->server->refresh);
  fixture->server->refresh = g_strdup ("canary-refresh-0");
  if (fixture->keyring != NULL)
    reprise_mock_keyring_add (fixture->keyring, fixture->uuid, "refresh-token", "canary-refresh-0");
}

void
entra_fixture_give_secret (EntraFixture *fixture, const char *kind, const char *text)
{
  g_autoptr (RepriseSecretValue) value = reprise_secret_value_new_text (text);

  reprise_secrets_override (fixture->uuid, kind, value);
}

void
entra_fixture_assert_token (RepriseEntra *account, const char *expected)
{
  g_autoptr (RepriseSecretValue) token = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (reprise_entra_get_token (account, &token, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (reprise_secret_value_get_text (token), ==, expected);
}

/* @words: in the sentence that the person reads */
void
entra_fixture_assert_refused (gboolean ok, GError **error, RepriseError code, const char *words)
{
  g_assert_false (ok);
  reprise_test_assert_says (*error, (int) code, words);
  note ((*error)->message);
  g_clear_error (error);
}
