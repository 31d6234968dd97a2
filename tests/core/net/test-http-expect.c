/* test-http-expect.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "base/reprise-error.h"
#include "http-fixture.h"
#include "reprise-test.h"

static void
created (RepriseFaultCall *call, gpointer data)
{
  g_assert_cmpuint (call->body_size, ==, BIG_BYTES);
  reprise_fault_answer (call, 201, "text/plain", "");
}

static gboolean
put (HttpFixture *fixture, RepriseHttpExpect expect, guint *tries, GError **error)
{
  g_autoptr (RepriseHttpRequest) request =
    reprise_http_request_new ("PUT", "x", REPRISE_HTTP_WRITE);
  g_autoptr (GBytes) big = http_fixture_make_big ();
  gboolean ok;

  http_fixture_set_big_body (request, big);
  reprise_http_request_set_expect (request, expect);
  ok = http_fixture_send (fixture, request, error);
  *tries = reprise_http_request_get_tries (request);
  return ok;
}

static gboolean
asks (const char *head)
{
  return strstr (head, "\r\nExpect: 100-continue\r\n") != NULL;
}

static gboolean
refuse_large (RepriseFaultCall *call, gpointer data)
{
  reprise_fault_answer (call, 413, "text/html", "<html>413</html>");
  reprise_fault_close (call);
  return FALSE;
}

static gboolean
want_token (RepriseFaultCall *call, gpointer data)
{
  HttpTokens *tokens = ((HttpFixture *) data)->data;
  g_autofree char *authorisation = reprise_fault_call_dup_header (call, "Authorization");
  g_autofree char *good = g_strdup_printf ("Bearer %d", tokens->period);

  if (g_strcmp0 (authorisation, good) == 0)
    return TRUE;
  reprise_fault_answer (call, 401, "text/plain", "no");
  reprise_fault_close (call);
  return FALSE;
}

/* A large body is announced: a refusal comes before it is sent. */
static void
test_expect_continue (void)
{
  g_auto (HttpFixture) fixture = { 0 };
  HttpTokens tokens = { .period = 1 };
  g_autoptr (RepriseHttpRequest) request =
    reprise_http_request_new ("POST", "x", REPRISE_HTTP_START);
  g_autoptr (GBytes) big = http_fixture_make_big ();
  g_autoptr (GError) error = NULL;

  http_fixture_set_up (&fixture, http_fixture_hello);
  http_fixture_set_big_body (request, big);
  reprise_fault_server_set_gate (fixture.server, refuse_large);
  g_assert_false (http_fixture_send (&fixture, request, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_LIMIT);
  g_assert_cmpuint (reprise_fault_server_get_received (fixture.server), <, 4096);
  g_clear_error (&error);
  reprise_fault_server_set_gate (fixture.server, want_token);
  http_fixture_sign_in (&fixture, &tokens, http_fixture_renew_token);
  g_assert_true (http_fixture_send (&fixture, request, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (reprise_fault_server_get_received (fixture.server), <, BIG_BYTES + 8192);
  g_assert_cmpuint (reprise_fault_server_get_n_calls (fixture.server), ==, 3);
}

/* Refuses, and stays on the line. */
static gboolean
refuse_large_and_wait (RepriseFaultCall *call, gpointer data)
{
  reprise_fault_answer (call, 413, "text/html", "<html>413</html>");
  return FALSE;
}

/* A server that does not hang up after its refusal is hung up on, and nothing is waited for. */
static void
test_expect_continue_refused (void)
{
  g_auto (HttpFixture) fixture = { 0 };
  g_autoptr (GBytes) big = http_fixture_make_big ();

  http_fixture_set_up (&fixture, http_fixture_hello);
  reprise_fault_server_set_gate (fixture.server, refuse_large_and_wait);
  for (int i = 0; i < 8; i++)
    {
      g_autoptr (RepriseHttpRequest) request =
        reprise_http_request_new ("POST", "x", REPRISE_HTTP_START);
      g_autoptr (GError) error = NULL;

      http_fixture_set_big_body (request, big);
      g_assert_false (http_fixture_send (&fixture, request, &error));
      g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_LIMIT);
    }
  for (int i = 0; i < 600 && reprise_fault_server_get_n_open (fixture.server) > 0; i++)
    g_usleep (G_USEC_PER_SEC / 20);
  g_assert_cmpuint (reprise_fault_server_get_n_open (fixture.server), ==, 0);
  g_assert_cmpuint (reprise_fault_server_get_received (fixture.server), <, 8 * 4096);
}

/* A server that knows nothing of it gets the body all the same, and once. */
static void
test_expect_continue_unknown (void)
{
  g_auto (HttpFixture) fixture = { 0 };
  g_autoptr (RepriseHttpRequest) request =
    reprise_http_request_new ("POST", "x", REPRISE_HTTP_START);
  g_autoptr (GBytes) big = http_fixture_make_big ();
  g_autoptr (GError) error = NULL;

  http_fixture_set_up (&fixture, http_fixture_hello);
  reprise_fault_server_set_silent_about_continue (fixture.server, TRUE);
  http_fixture_set_big_body (request, big);
  g_assert_true (http_fixture_send (&fixture, request, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (reprise_fault_server_get_n_calls (fixture.server), ==, 2);
  g_assert_cmpuint (reprise_fault_server_get_received (fixture.server), <, BIG_BYTES + 8192);
}

/* Who asks first takes a connection for each body; who does not keeps the one. */
static void
test_connections (void)
{
  const struct
  {
    RepriseHttpExpect expect;
    gboolean asks;
    guint n_connections;
  } cases[] = {
    { REPRISE_HTTP_EXPECT_FIRST, TRUE, 3 },
    { REPRISE_HTTP_EXPECT_AFTER_LOSS, FALSE, 1 },
    { REPRISE_HTTP_EXPECT_NEVER, FALSE, 1 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (HttpFixture) fixture = { 0 };
      g_autoptr (GError) error = NULL;
      g_autofree char *heads = NULL;
      guint tries;

      http_fixture_set_up (&fixture, created);
      for (guint n = 0; n < 3; n++)
        {
          put (&fixture, cases[i].expect, &tries, &error);
          g_assert_no_error (error);
          g_assert_cmpuint (tries, ==, 1);
        }
      heads = reprise_fault_server_dup_heads (fixture.server);
      g_assert_true (asks (heads) == cases[i].asks);
      g_assert_cmpuint (reprise_fault_server_get_n_connections (fixture.server), ==,
                        cases[i].n_connections);
    }
}

/* As servers do that want no body: no answer gets through to who is still sending. */
static gboolean
refuse (RepriseFaultCall *call, gpointer data)
{
  if (asks (call->head))
    reprise_fault_answer (call, 403, "text/plain", "no");
  else
    reprise_fault_reset (call);
  reprise_fault_close (call);
  return FALSE;
}

/* The refusal behind a connection that broke is heard at the second try. */
static void
test_after_loss (void)
{
  g_auto (HttpFixture) fixture = { 0 };
  g_autoptr (GError) error = NULL;
  guint tries;

  http_fixture_set_up (&fixture, created);
  reprise_fault_server_set_gate (fixture.server, refuse);
  g_assert_false (put (&fixture, REPRISE_HTTP_EXPECT_AFTER_LOSS, &tries, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_DENIED);
  g_assert_cmpuint (tries, ==, 2);
  g_assert_cmpuint (reprise_fault_server_get_n_calls (fixture.server), ==, 2);
}

static gboolean
lose_the_first (RepriseFaultCall *call, gpointer data)
{
  if (call->index > 1)
    return TRUE;
  reprise_fault_reset (call);
  return FALSE;
}

/* A connection that broke for no reason: the body is sent again, and whole; also to a server that does not answer the question. */
static void
test_loss (void)
{
  for (guint silent = 0; silent < 2; silent++)
    {
      g_auto (HttpFixture) fixture = { 0 };
      g_autoptr (GError) error = NULL;
      guint tries;

      http_fixture_set_up (&fixture, created);
      reprise_fault_server_set_gate (fixture.server, lose_the_first);
      reprise_fault_server_set_silent_about_continue (fixture.server, silent);
      put (&fixture, REPRISE_HTTP_EXPECT_AFTER_LOSS, &tries, &error);
      g_assert_no_error (error);
      g_assert_cmpuint (tries, ==, 2 + silent);
    }
}

int
main (int argc, char **argv)
{
  reprise_test_init (&argc, &argv);
  g_test_add_func ("/http/expect-continue", test_expect_continue);
  g_test_add_func ("/http/expect-continue/refused", test_expect_continue_refused);
  g_test_add_func ("/http/expect-continue/unknown", test_expect_continue_unknown);
  g_test_add_func ("/http/expect-continue/connections", test_connections);
  g_test_add_func ("/http/expect-continue/after-loss", test_after_loss);
  g_test_add_func ("/http/expect-continue/loss", test_loss);
  return g_test_run ();
}
