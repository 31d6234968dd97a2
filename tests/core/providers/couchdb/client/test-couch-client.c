/* test-couch-client.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "base/reprise-error.h"
#include "providers/couchdb/client/couch-client-fixture.h"
#include "providers/couchdb/reprise-couch-rules.h"
#include "reprise-test.h"

static void
test_sign_in (CouchClientFixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) names = NULL;
  g_autoptr (GPtrArray) again = NULL;
  g_autofree char *version = NULL, *uuid = NULL;

  reprise_fake_couch_make (fixture->server, "b");
  reprise_fake_couch_make (fixture->server, "a");
  g_assert_true (reprise_couch_client_get_server (fixture->client, &version, &uuid, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (version, ==, "3.5.0");
  g_assert_cmpstr (uuid, ==, "0f0f0f0f");
  names = reprise_couch_client_list_databases (fixture->client, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (names->len, ==, 2);
  g_assert_cmpstr (names->pdata[0], ==, "a");
  g_assert_cmpuint (reprise_fake_couch_get_n_sign_ins (fixture->server), ==, 1);
  /* in the middle of a job the session ends: one more sign-in, and no failure */
  reprise_fake_couch_forget_sessions (fixture->server);
  again = reprise_couch_client_list_databases (fixture->client, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (again->len, ==, 2);
  g_assert_cmpuint (reprise_fake_couch_get_n_sign_ins (fixture->server), ==, 2);
}

/* Servers lock accounts: a wrong password is sent once. */
static void
test_wrong_password (CouchClientFixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) second = NULL;

  couch_client_fixture_set_password (fixture, "wrong");
  g_set_object (&fixture->secrets, NULL);
  fixture->secrets = reprise_secrets_new (reprise_service_get_uuid (fixture->service), 0);
  couch_client_fixture_connect (fixture);
  g_assert_null (reprise_couch_client_list_databases (fixture->client, NULL, &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_NEEDS_SIGN_IN);
  g_assert_null (strstr (error->message, "wrong\""));
  g_assert_null (reprise_couch_client_list_databases (fixture->client, NULL, &second));
  g_assert_error (second, REPRISE_ERROR, REPRISE_ERROR_NEEDS_SIGN_IN);
  g_assert_cmpuint (reprise_fake_couch_get_n_sign_ins (fixture->server), ==, 1);
}

static void
test_paths (void)
{
  static const struct
  {
    const char *database, *id, *below, *path;
  } paths[] = {
    { "a/b+c", NULL, NULL, "a%2Fb%2Bc" },
    { "a", NULL, "_changes", "a/_changes" },
    { "a", "x/y+z ?#%", NULL, "a/x%2Fy%2Bz%20%3F%23%25" },
    { "a", "_design/x/y", NULL, "a/_design/x%2Fy" },
    { "a", "_local/x", NULL, "a/_local/x" },
    { "a", "x", "b/c.txt", "a/x/b%2Fc.txt" },
    { "a", "x\300\200", NULL, "a/x%00" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (paths); i++)
    {
      g_autofree char *path =
        reprise_couch_client_dup_path (paths[i].database, paths[i].id, paths[i].below);

      g_assert_cmpstr (path, ==, paths[i].path);
    }
}

static void
test_databases (CouchClientFixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) exists = NULL;
  g_autoptr (RepriseCouchInfo) info = NULL;

  g_assert_true (
    reprise_couch_client_create_database (fixture->client, "new+one", FALSE, 2, NULL, &error));
  g_assert_no_error (error);
  g_assert_false (
    reprise_couch_client_create_database (fixture->client, "new+one", FALSE, 0, NULL, &exists));
  g_assert_error (exists, REPRISE_ERROR, REPRISE_ERROR_REFUSED);
  info = reprise_couch_client_get_info (fixture->client, "new+one", NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (info->doc_count, ==, 0);
  g_assert_cmpint (info->q, ==, 2);
  g_assert_cmpstr (info->created, ==, "1700000001");
  g_assert_true (g_str_has_prefix (info->update_seq, "\"0-g1"));
  g_assert_true (reprise_couch_client_delete_database (fixture->client, "new+one", NULL, &error));
  g_assert_true (reprise_couch_client_delete_database (fixture->client, "new+one", NULL, &error));
  g_assert_no_error (error);
  g_assert_true (reprise_couch_name_is_valid ("a_$()+/-1"));
  g_assert_true (reprise_couch_name_is_valid ("_users"));
  g_assert_false (reprise_couch_name_is_valid ("A"));
  g_assert_false (reprise_couch_name_is_valid ("1a"));
  g_assert_false (reprise_couch_name_is_valid (""));
}

static void
test_rules (CouchClientFixture *fixture, gconstpointer data)
{
  const char *reason = NULL;

  g_assert_cmpint (reprise_couch_rules_get_group (fixture->service, "orders", &reason), ==,
                   REPRISE_GROUP_CUSTOM);
  g_assert_null (reason);
  g_assert_cmpint (reprise_couch_rules_get_group (fixture->service, "_users", NULL), ==,
                   REPRISE_GROUP_USER);
  g_assert_cmpint (reprise_couch_rules_get_group (fixture->service, "_replicator", NULL), ==,
                   REPRISE_GROUP_THIRD_PARTY);
  g_assert_cmpint (reprise_couch_rules_get_group (fixture->service, "_global_changes", &reason), ==,
                   REPRISE_GROUP_SKIPPED);
  g_assert_nonnull (reason);
  reprise_service_set_rule (fixture->service, "orders", "log");
  g_assert_cmpint (reprise_couch_rules_get_group (fixture->service, "orders", NULL), ==,
                   REPRISE_GROUP_LOG);
  g_assert_cmpint (reprise_couch_rules_get_design_group (fixture->service, "orders"), ==,
                   REPRISE_GROUP_REQUIRED);
  g_assert_true (reprise_couch_rules_match ("a, shop-* x?", "shop-1"));
  g_assert_true (reprise_couch_rules_match ("a, shop-* x?", "xy"));
  g_assert_false (reprise_couch_rules_match ("a, shop-* x?", "xyz"));
  g_assert_false (reprise_couch_rules_match ("", "a"));
  g_assert_true (reprise_couch_rules_has_patterns (""));
  g_assert_true (reprise_couch_rules_has_patterns ("a b*"));
  g_assert_false (reprise_couch_rules_has_patterns ("a b"));
}

int
main (int argc, char *argv[])
{
  reprise_test_init (&argc, &argv);
#define ADD(path, func)                                                                           \
  g_test_add ("/couch-client/" path, CouchClientFixture, NULL, couch_client_fixture_set_up, func, \
              couch_client_fixture_tear_down)
  ADD ("sign-in", test_sign_in);
  ADD ("wrong-password", test_wrong_password);
  ADD ("databases", test_databases);
  ADD ("rules", test_rules);
  g_test_add_func ("/couch-client/paths", test_paths);
  return g_test_run ();
}
