/* test-http-sign-in.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "base/reprise-error.h"
#include "net/http-fixture.h"
#include "net/reprise-http-private.h"
#include "reprise-fault-server.h"
#include "reprise-test.h"

static void
check_token (RepriseFaultCall *call, gpointer data)
{
  HttpTokens *tokens = ((HttpFixture *) data)->data;
  g_autofree char *authorisation = reprise_fault_call_dup_header (call, "Authorization");
  g_autofree char *good = g_strdup_printf ("Bearer %d", g_atomic_int_get (&tokens->period));

  if (tokens->never || g_strcmp0 (authorisation, good) != 0)
    reprise_fault_answer (call, 401, "application/json",
                          "{\"errors\":[{\"message\":\"expired\"}]}");
  else
    reprise_fault_answer (call, 200, "application/json", "{}");
}

static gboolean
renew_in_vain (gpointer data, GCancellable *cancellable, GError **error)
{
  HttpTokens *tokens = data;

  g_atomic_int_inc (&tokens->n_renewed);
  g_usleep (50000);
  g_set_error_literal (error, REPRISE_ERROR, REPRISE_ERROR_NEEDS_SIGN_IN, "The session has ended.");
  return FALSE;
}

static gpointer
ask_until_the_end (gpointer data)
{
  HttpFixture *fixture = data;
  HttpTokens *tokens = fixture->data;

  while (!g_atomic_int_get (&tokens->ended))
    {
      g_autoptr (RepriseHttpRequest) request = http_fixture_get_request ("x");

      if (http_fixture_send (fixture, request, NULL))
        g_atomic_int_inc (&tokens->n_answered);
      else
        g_atomic_int_inc (&tokens->n_failed);
    }
  return NULL;
}

/* Until so many more requests were answered; a slow machine only takes longer. */
static void
wait_for_answers (HttpTokens *tokens, int n)
{
  int wanted = g_atomic_int_get (&tokens->n_answered) + n;

  while (g_atomic_int_get (&tokens->n_answered) < wanted &&
         g_atomic_int_get (&tokens->n_failed) == 0)
    g_usleep (1000);
}

/* Tokens end nine times, four requests at a time: one renewal for each end, and nobody notices. */
static void
test_sign_in_expires (void)
{
  g_auto (HttpFixture) fixture = { 0 };
  HttpTokens tokens = { 0 };
  GThread *threads[4];

  http_fixture_set_up (&fixture, check_token);
  http_fixture_sign_in (&fixture, &tokens, http_fixture_renew_token);
  for (int i = 0; i < 4; i++)
    threads[i] = g_thread_new ("ask", ask_until_the_end, &fixture);
  for (int i = 0; i < 9; i++)
    {
      wait_for_answers (&tokens, 100);
      g_atomic_int_inc (&tokens.period);
    }
  wait_for_answers (&tokens, 100);
  g_atomic_int_set (&tokens.ended, 1);
  for (int i = 0; i < 4; i++)
    g_thread_join (threads[i]);
  g_assert_cmpint (tokens.n_failed, ==, 0);
  g_assert_cmpint (tokens.n_renewed, ==, 9);
}

static void
test_sign_in_twice_refused (void)
{
  g_auto (HttpFixture) fixture = { 0 };
  HttpTokens tokens = { .never = TRUE };
  g_autoptr (RepriseHttpRequest) request = http_fixture_get_request ("x");
  g_autoptr (GError) error = NULL;

  http_fixture_set_up (&fixture, check_token);
  http_fixture_sign_in (&fixture, &tokens, http_fixture_renew_token);
  g_assert_false (http_fixture_send (&fixture, request, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_NEEDS_SIGN_IN);
  g_assert_cmpint (tokens.n_renewed, ==, 1);
  g_assert_cmpuint (reprise_fault_server_get_n_calls (fixture.server), ==, 2);
}

static gpointer
ask_once (gpointer data)
{
  g_autoptr (RepriseHttpRequest) request = http_fixture_get_request ("x");
  GError *error = NULL;

  g_assert_false (http_fixture_send (data, request, &error));
  return error;
}

/* Four wait for the same renewal; it fails once, for all of them. */
static void
test_sign_in_fails_for_all (void)
{
  g_auto (HttpFixture) fixture = { 0 };
  HttpTokens tokens = { .never = TRUE };
  g_autoptr (GError) late = NULL;
  GThread *threads[4];

  http_fixture_set_up (&fixture, check_token);
  http_fixture_sign_in (&fixture, &tokens, renew_in_vain);
  for (int i = 0; i < 4; i++)
    threads[i] = g_thread_new ("ask", ask_once, &fixture);
  for (int i = 0; i < 4; i++)
    {
      g_autoptr (GError) error = g_thread_join (threads[i]);

      g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_NEEDS_SIGN_IN);
      g_assert_cmpstr (error->message, ==, "The session has ended.");
    }
  g_assert_cmpint (tokens.n_renewed, ==, 1);
  g_clear_error (&late);
  late = ask_once (
    &fixture); /* nor does the next one try what has just failed: accounts get locked by that */
  g_assert_error (late, REPRISE_ERROR, REPRISE_ERROR_NEEDS_SIGN_IN);
  g_assert_cmpint (tokens.n_renewed, ==, 1);
}

/* What starts something is repeated after a 401, since the server did nothing. */
static void
test_sign_in_start (void)
{
  g_auto (HttpFixture) fixture = { 0 };
  HttpTokens tokens = { .period = 1 };
  g_autoptr (RepriseHttpRequest) request =
    reprise_http_request_new ("POST", "x", REPRISE_HTTP_START);
  g_autoptr (GError) error = NULL;

  http_fixture_set_up (&fixture, check_token);
  http_fixture_sign_in (&fixture, &tokens, http_fixture_renew_token);
  g_assert_true (http_fixture_send (&fixture, request, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (reprise_fault_server_get_n_calls (fixture.server), ==, 2);
}

/* An anonymous request carries no credential and its 401 is final. */
static void
test_anonymous (void)
{
  g_auto (HttpFixture) fixture = { 0 };
  HttpTokens tokens = { 0 };
  g_autoptr (RepriseHttpRequest) request = http_fixture_get_request ("x");
  g_autoptr (GError) error = NULL;
  g_autofree char *heads = NULL;

  http_fixture_set_up (&fixture, check_token);
  http_fixture_sign_in (&fixture, &tokens, http_fixture_renew_token);
  reprise_http_request_set_anonymous (request, TRUE);
  g_assert_false (http_fixture_send (&fixture, request, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_NEEDS_SIGN_IN);
  g_assert_true (g_str_has_prefix (error->message, reprise_http_get_name (fixture.http)));
  g_assert_true (g_str_has_suffix (
    error->message, " does not accept the sign-in. Sign in again. (HTTP 401) It says: expired"));
  heads = reprise_fault_server_dup_heads (fixture.server);
  g_assert_null (strstr (heads, "Authorization"));
  g_assert_cmpint (tokens.n_renewed, ==, 0);
}

int
main (int argc, char *argv[])
{
  static const struct
  {
    const char *path;
    GTestFunc func;
  } tests[] = {
    { "sign-in/expires", test_sign_in_expires },
    { "sign-in/twice-refused", test_sign_in_twice_refused },
    { "sign-in/fails-for-all", test_sign_in_fails_for_all },
    { "sign-in/start", test_sign_in_start },
    { "sign-in/anonymous", test_anonymous },
  };

  reprise_test_init (&argc, &argv);
  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    {
      g_autofree char *path = g_strconcat ("/http/", tests[i].path, NULL);

      g_test_add_func (path, tests[i].func);
    }
  return g_test_run ();
}
