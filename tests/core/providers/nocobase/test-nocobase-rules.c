/* test-nocobase-rules.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "providers/nocobase/reprise-nocobase-rules.h"
#include "reprise-test.h"

static void
test_groups (void)
{
  RepriseGroup group = REPRISE_GROUP_UNKNOWN;

  g_assert_true (reprise_nocobase_rules_find ("users", &group));
  g_assert_cmpint (group, ==, REPRISE_GROUP_USER);
  g_assert_true (reprise_nocobase_rules_find ("flow_nodes", &group));
  g_assert_cmpint (group, ==, REPRISE_GROUP_REQUIRED);
  g_assert_false (reprise_nocobase_rules_find ("peerCustomers", &group));
  g_assert_cmpint (reprise_nocobase_rules_map ("third-party"), ==, REPRISE_GROUP_THIRD_PARTY);
  g_assert_cmpint (reprise_nocobase_rules_map ("made-up"), ==, REPRISE_GROUP_UNKNOWN);
  g_assert_cmpint (reprise_nocobase_rules_map (NULL), ==, REPRISE_GROUP_UNKNOWN);
}

static void
assert_title (const char *title, const char *name, const char *expected)
{
  g_autofree char *text = reprise_nocobase_rules_dup_title (title, name);

  g_assert_cmpstr (text, ==, expected);
}

static void
test_titles (void)
{
  assert_title ("Partners", "peerPartners", "Partners");
  assert_title ("{{t(\"Users\")}}", "users", "Users");
  assert_title ("{{t(\"Chat\", {\"ns\":\"ai\"})}}", "chats", "Chat");
  assert_title ("{{t('Users')}}", "users", "Users");
  assert_title ("{{ t( }}", "users", NULL);
  assert_title ("{{t(\"\")}}", "users", NULL);
  assert_title ("users", "users", NULL);
  assert_title (NULL, "users", NULL);
}

/* The server takes any name, also ../x: what is sent to it must be plain. */
static void
test_names (void)
{
  static const char *const BAD[] = {
    "../backup.nbdump", "a/b.nbdump", "a\\b.nbdump", "a..b.nbdump", ".nbdump",    "",
    "backup.nbdata",    "a b.nbdump", "a%2e.nbdump", "é.nbdump",    "a\n.nbdump", ".a.nbdump",
    "a.nbdump/",        "a.nbdump ",  "-?.nbdump",
  };

  g_assert_true (reprise_nocobase_name_is_safe ("backup_20261121_101357_9519.nbdump", ".nbdump"));
  g_assert_true (reprise_nocobase_name_is_safe ("by-hand.1.nbdump", ".nbdump"));
  g_assert_true (reprise_nocobase_name_is_safe ("x.nbdump.lock", ".nbdump.lock"));
  g_assert_false (reprise_nocobase_name_is_safe (NULL, ".nbdump"));
  for (guint i = 0; i < G_N_ELEMENTS (BAD); i++)
    g_assert_false (reprise_nocobase_name_is_safe (BAD[i], ".nbdump"));
}

static void
test_times (void)
{
  g_autoptr (GDateTime) time =
    reprise_nocobase_name_get_local_time ("backup_20261121_101357_9519.nbdump");
  g_autofree char *text = g_date_time_format_iso8601 (time);

  g_assert_cmpstr (text, ==, "2026-11-21T10:13:57Z");
  g_assert_null (reprise_nocobase_name_get_local_time ("by-hand.nbdump"));
  g_assert_null (reprise_nocobase_name_get_local_time ("backup_20261399_101357_9519.nbdump"));
  g_assert_null (reprise_nocobase_name_get_local_time (NULL));
}

static void
test_versions (void)
{
  static const char *const ORDER[] = {
    "0.18.0-alpha.1", "0.18.0-alpha.2", "0.18.0-alpha.10", "0.18.0-beta.1", "0.18.0", "1.9.0",
    "1.10.0",         "2.2.9",          "2.2.15-beta.1",   "2.2.15",        "2.2.16", "10.0.0",
  };

  for (guint i = 0; i < G_N_ELEMENTS (ORDER); i++)
    for (guint j = 0; j < G_N_ELEMENTS (ORDER); j++)
      {
        int order = reprise_nocobase_version_compare (ORDER[i], ORDER[j]);

        g_assert_true (i < j ? order < 0 : i > j ? order > 0 : order == 0);
      }
  g_assert_cmpuint (reprise_nocobase_version_get_major ("2.2.15"), ==, 2);
  g_assert_cmpuint (reprise_nocobase_version_get_major ("nightly"), ==, 0);
  g_assert_cmpuint (reprise_nocobase_version_get_major (NULL), ==, 0);
}

int
main (int argc, char *argv[])
{
  reprise_test_init (&argc, &argv);
  g_test_add_func ("/nocobase/rules/groups", test_groups);
  g_test_add_func ("/nocobase/rules/titles", test_titles);
  g_test_add_func ("/nocobase/rules/names", test_names);
  g_test_add_func ("/nocobase/rules/times", test_times);
  g_test_add_func ("/nocobase/rules/versions", test_versions);
  return g_test_run ();
}
