/* test-sqlite-rules.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "base/reprise-error.h"
#include "providers/sqlite/reprise-sqlite-rules.h"
#include "reprise-test.h"

static RepriseSqliteRules *
make_rules (const char *const *lines)
{
  g_autoptr (GError) error = NULL;
  RepriseSqliteRules *rules = reprise_sqlite_rules_new (lines, &error);

  g_assert_no_error (error);
  return rules;
}

static void
assert_group (const RepriseSqliteRules *rules,
              const char *database,
              const char *collection,
              RepriseGroup group,
              RepriseSqliteOrigin origin)
{
  g_auto (RepriseSqliteVerdict) verdict = { REPRISE_GROUP_UNKNOWN };

  reprise_sqlite_rules_find (rules, database, collection, &verdict);
  g_test_message ("%s: %s", collection, reprise_group_to_string (verdict.group));
  g_assert_cmpint (verdict.group, ==, group);
  g_assert_cmpint (verdict.origin, ==, origin);
}

static void
test_built_in (void)
{
  static const struct
  {
    const char *name;
    RepriseGroup group;
  } cases[] = {
    { "migrations", REPRISE_GROUP_REQUIRED },
    { "django_migrations", REPRISE_GROUP_REQUIRED },
    { "schema_migrations", REPRISE_GROUP_REQUIRED },
    { "__EFMigrationsHistory", REPRISE_GROUP_REQUIRED },
    { "alembic_version", REPRISE_GROUP_REQUIRED },
    { "settings", REPRISE_GROUP_REQUIRED },
    { "Setting", REPRISE_GROUP_REQUIRED },
    { "user_settings", REPRISE_GROUP_REQUIRED },
    { "wp_options", REPRISE_GROUP_REQUIRED },
    { "users", REPRISE_GROUP_USER },
    { "USER", REPRISE_GROUP_USER },
    { "auth_user", REPRISE_GROUP_USER },
    { "auth_user_groups", REPRISE_GROUP_USER },
    { "user_roles", REPRISE_GROUP_USER },
    { "userRoles", REPRISE_GROUP_USER },
    { "roles", REPRISE_GROUP_USER },
    { "django_session", REPRISE_GROUP_USER },
    { "sessions", REPRISE_GROUP_USER },
    { "logs", REPRISE_GROUP_LOG },
    { "django_admin_log", REPRISE_GROUP_LOG },
    { "audits", REPRISE_GROUP_LOG },
    { "auditLog", REPRISE_GROUP_LOG },
    { "events", REPRISE_GROUP_LOG },
    { "user_events", REPRISE_GROUP_LOG },
    { "histories", REPRISE_GROUP_LOG },
    { "tokens", REPRISE_GROUP_THIRD_PARTY },
    { "oauth2_access_tokens", REPRISE_GROUP_THIRD_PARTY },
    { "credentials", REPRISE_GROUP_THIRD_PARTY },
    { "storages", REPRISE_GROUP_THIRD_PARTY },
    { "auth-providers", REPRISE_GROUP_THIRD_PARTY },
    { "caches", REPRISE_GROUP_SKIPPED },
    { "page_cache", REPRISE_GROUP_SKIPPED },
    { "token_cache", REPRISE_GROUP_SKIPPED },
    { "cache/", REPRISE_GROUP_SKIPPED },
  };
  g_autoptr (RepriseSqliteRules) rules = make_rules (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    assert_group (rules, "app.db", cases[i].name, cases[i].group, REPRISE_SQLITE_ORIGIN_BUILT_IN);
}

/* Words inside of words are none. */
static void
test_unknown (void)
{
  static const char *const names[] = { "notes",      "blog",    "catalog",   "prologue", "dialogs",
                                       "eventually", "enroled", "obsession", "cached",   "",
                                       "_",          "été",     "uploads/",  "userland" };
  g_autoptr (RepriseSqliteRules) rules = make_rules (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    assert_group (rules, "app.db", names[i], REPRISE_GROUP_UNKNOWN, REPRISE_SQLITE_ORIGIN_NONE);
}

static void
test_set (void)
{
  static const char *const lines[] = { "users=custom",    "app.db/users = log", "*_tmp*=skipped",
                                       "app.db/x*=user",  "xy=third-party",     "a=b=required",
                                       "Uploads/=custom", "a/b=unknown",        NULL };
  g_autoptr (RepriseSqliteRules) rules = make_rules (lines);
  g_auto (RepriseSqliteVerdict) verdict = { REPRISE_GROUP_UNKNOWN };

  reprise_sqlite_rules_find (rules, "app.db", "users", &verdict);
  g_assert_cmpstr (verdict.rule, ==, "app.db/users=log"); /* without the spaces */
  assert_group (rules, "app.db", "users", REPRISE_GROUP_LOG, REPRISE_SQLITE_ORIGIN_USER);
  assert_group (rules, "APP.db", "USERS", REPRISE_GROUP_LOG, REPRISE_SQLITE_ORIGIN_USER);
  assert_group (rules, "other.db", "users", REPRISE_GROUP_CUSTOM, REPRISE_SQLITE_ORIGIN_USER);
  assert_group (rules, "other.db", "my_tmp_users", REPRISE_GROUP_SKIPPED,
                REPRISE_SQLITE_ORIGIN_USER);
  assert_group (rules, "app.db", "xyz", REPRISE_GROUP_USER, REPRISE_SQLITE_ORIGIN_USER);
  assert_group (rules, "app.db", "xy", REPRISE_GROUP_THIRD_PARTY, REPRISE_SQLITE_ORIGIN_USER);
  assert_group (rules, "app.db", "a=b", REPRISE_GROUP_REQUIRED, REPRISE_SQLITE_ORIGIN_USER);
  assert_group (rules, NULL, "uploads/", REPRISE_GROUP_CUSTOM, REPRISE_SQLITE_ORIGIN_USER);
  assert_group (rules, "app.db", "a/b", REPRISE_GROUP_UNKNOWN, REPRISE_SQLITE_ORIGIN_USER);
  assert_group (rules, "app.db", "roles", REPRISE_GROUP_USER, REPRISE_SQLITE_ORIGIN_BUILT_IN);
}

static void
test_change (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseSqliteRules) rules = make_rules (NULL);

  g_assert_true (reprise_sqlite_rules_set (rules, "notes=custom", &error));
  g_assert_true (reprise_sqlite_rules_set (rules, "NOTES=log", &error));
  g_assert_true (reprise_sqlite_rules_set (rules, "tags=custom", &error));
  g_assert_no_error (error);
  assert_group (rules, "app.db", "notes", REPRISE_GROUP_LOG, REPRISE_SQLITE_ORIGIN_USER);
  assert_group (rules, "app.db", "tags", REPRISE_GROUP_CUSTOM, REPRISE_SQLITE_ORIGIN_USER);
}

static void
test_wrong (void)
{
  static const char *const wrong[] = { "users",        "users=", "=custom", " =custom",
                                       "users=people", "",       "=",       "\xff=custom" };
  g_autoptr (RepriseSqliteRules) rules = make_rules (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_false (reprise_sqlite_rules_set (rules, wrong[i], &error));
      g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_INVALID);
    }
}

static void
test_text (void)
{
  static const char *const lines[] = { "notes=custom", NULL };
  static const struct
  {
    const char *name;
    const char *text;
  } cases[] = {
    { "notes", "Your rule “notes=custom”" },
    { "sessions", "Built-in rule for “session”" },
    { "things", "No rule" },
  };
  g_autoptr (RepriseSqliteRules) rules = make_rules (lines);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (RepriseSqliteVerdict) verdict = { REPRISE_GROUP_UNKNOWN };
      g_autofree char *text = NULL;

      reprise_sqlite_rules_find (rules, NULL, cases[i].name, &verdict);
      text = reprise_sqlite_verdict_to_text (&verdict);
      g_assert_cmpstr (text, ==, cases[i].text);
    }
}

int
main (int argc, char **argv)
{
  reprise_test_init (&argc, &argv);
  g_test_add_func ("/sqlite/rules/built-in", test_built_in);
  g_test_add_func ("/sqlite/rules/unknown", test_unknown);
  g_test_add_func ("/sqlite/rules/set", test_set);
  g_test_add_func ("/sqlite/rules/change", test_change);
  g_test_add_func ("/sqlite/rules/wrong", test_wrong);
  g_test_add_func ("/sqlite/rules/text", test_text);
  return g_test_run ();
}
