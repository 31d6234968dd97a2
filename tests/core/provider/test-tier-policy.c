/* test-tier-policy.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "base/reprise-error.h"
#include "provider/reprise-tier-policy.h"
#include "reprise-test.h"

static void
test_offered (void)
{
  g_autoptr (RepriseService) service = reprise_service_new (NULL, "couchdb", "Test");
  g_autofree char *text = NULL;
  RepriseTierPolicy policy;

  reprise_tier_policy_read (service, NULL, &policy);
  text = reprise_tier_policy_to_string (&policy);
  g_assert_cmpstr (text, ==,
                   "daily=7 weekly=4 monthly=12 yearly=all weekly-days=7 monthly-months=1 "
                   "yearly-years=1 clean-up-days=7");
  g_assert_true (reprise_tier_policy_check (&policy, NULL));
}

/* A name counts before patterns, of these the first that fits; what a rule does not say, the service does. */
static void
test_rules (void)
{
  g_autoptr (RepriseService) service = reprise_service_new (NULL, "couchdb", "Test");
  g_autofree char *rule = NULL;
  RepriseTierPolicy policy;

  reprise_service_set_setting (service, "keep-weekly", "9");
  reprise_service_set_setting (service, "tier-rules",
                               "shop-*: daily=14; *: daily=3 clean-up-days=0; shop-a: daily=30");
  reprise_tier_policy_read (service, "shop-b", &policy);
  g_assert_cmpuint (policy.keep[REPRISE_TIER_DAILY], ==, 14);
  g_assert_cmpuint (policy.keep[REPRISE_TIER_WEEKLY], ==, 9);
  g_assert_cmpuint (policy.delay_days, ==, 7);
  reprise_tier_policy_read (service, "shop-a", &policy);
  g_assert_cmpuint (policy.keep[REPRISE_TIER_DAILY], ==, 30);
  reprise_tier_policy_read (service, "orders", &policy);
  g_assert_cmpuint (policy.keep[REPRISE_TIER_DAILY], ==, 3);
  g_assert_cmpuint (policy.delay_days, ==, 0);
  reprise_tier_policy_read (service, NULL, &policy);
  g_assert_cmpuint (policy.keep[REPRISE_TIER_DAILY], ==, 7);
  rule = reprise_tier_policy_dup_rule (service, "shop-z");
  g_assert_cmpstr (rule, ==, "shop-*");
}

static void
test_set (void)
{
  g_autoptr (RepriseService) service = reprise_service_new (NULL, "couchdb", "Test");
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) rules = NULL;
  RepriseTierPolicy policy, read;

  reprise_tier_policy_read (service, "orders", &policy);
  policy.keep[REPRISE_TIER_DAILY] = REPRISE_TIER_KEEP_ALL;
  policy.every[REPRISE_TIER_WEEKLY] = 14;
  g_assert_true (reprise_tier_policy_set (service, "orders", &policy, &error));
  reprise_tier_policy_read (service, "orders", &read);
  g_assert_cmpmem (&policy, sizeof policy, &read, sizeof read);
  g_assert_true (reprise_tier_policy_set (service, "shop-*", &policy, &error));
  g_assert_cmpstr (reprise_service_get_setting (service, "tier-rules"), ==,
                   "orders: daily=all weekly-days=14; shop-*: daily=all weekly-days=14");
  rules = reprise_tier_policy_list_rules (service);
  g_assert_cmpuint (g_strv_length (rules), ==, 2);
  g_assert_true (reprise_tier_policy_set (service, NULL, &policy, &error));
  g_assert_cmpstr (reprise_service_get_setting (service, "keep-daily"), ==, "all");
  g_assert_null (reprise_service_get_setting (service, "keep-weekly")); /* as offered */
  reprise_tier_policy_read (service, "others", &read);
  g_assert_cmpuint (read.every[REPRISE_TIER_WEEKLY], ==, 14);
  g_assert_true (reprise_tier_policy_check_service (service, &error));
  g_assert_no_error (error);
  g_assert_true (reprise_tier_policy_set (service, "orders", NULL, &error));
  g_assert_true (reprise_tier_policy_set (service, "shop-*", NULL, &error));
  g_assert_null (reprise_service_get_setting (service, "tier-rules"));
}

/* What was set is kept, and nothing else: the rest follows what is set of all. */
static void
test_change (void)
{
  g_autoptr (RepriseService) service = reprise_service_new (NULL, "couchdb", "Test");
  g_autoptr (GError) error = NULL;
  RepriseTierPolicy policy;

  g_assert_true (reprise_tier_policy_change (service, "shop-*", "daily=14", &error));
  g_assert_true (reprise_tier_policy_change (service, "shop-*", "weekly=4, daily=15", &error));
  g_assert_cmpstr (reprise_service_get_setting (service, "tier-rules"), ==,
                   "shop-*: daily=15 weekly=4");
  g_assert_true (reprise_tier_policy_change (service, "shop-a", "clean-up-days=1", &error));
  g_assert_cmpstr (reprise_service_get_setting (service, "tier-rules"), ==,
                   "shop-*: daily=15 weekly=4; shop-a: daily=15 weekly=4 clean-up-days=1");
  reprise_service_set_setting (service, "keep-monthly", "3");
  reprise_service_set_setting (service, "keep-weekly", "9");
  reprise_tier_policy_read (service, "shop-a", &policy);
  g_assert_cmpuint (policy.keep[REPRISE_TIER_MONTHLY], ==, 3);
  g_assert_cmpuint (policy.keep[REPRISE_TIER_WEEKLY], ==, 4);
  g_assert_false (reprise_tier_policy_change (service, "shop-a", "weekly-days=90", &error));
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_INVALID);
}

/* Rules of its own that say the same as all others are rules of its own. */
static void
test_same (void)
{
  g_autoptr (RepriseService) service = reprise_service_new (NULL, "couchdb", "Test");
  g_autoptr (GError) error = NULL;
  g_autofree char *rule = NULL;
  RepriseTierPolicy policy;

  reprise_tier_policy_read (service, "orders", &policy);
  g_assert_true (reprise_tier_policy_set (service, "orders", &policy, &error));
  g_assert_true (reprise_tier_policy_check_service (service, &error));
  g_assert_no_error (error);
  rule = reprise_tier_policy_dup_rule (service, "orders");
  g_assert_cmpstr (rule, ==, "orders");
}

static void
test_refused (void)
{
  static const char *const words[] = {
    "daily=-1",   "daily=x",       "daily=10001",       "weekly-days=0",
    "weekly",     "nightly=3",     "clean-up-days=all", "weekly-days=40",
    "daily=7 =3", "yearly-years=", "monthly-months=13",
  };
  static const char *const rules[] = { "orders", "orders daily=7", ": daily=7", "orders: daily=x",
                                       "or ders: daily=7" };
  g_autoptr (RepriseService) service = reprise_service_new (NULL, "couchdb", "Test");
  RepriseTierPolicy policy;

  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    {
      g_autoptr (GError) error = NULL;

      reprise_tier_policy_init (&policy);
      g_assert_false (reprise_tier_policy_parse (&policy, words[i], &error));
      g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_INVALID);
    }
  for (guint i = 0; i < G_N_ELEMENTS (rules); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_false (reprise_tier_policy_check_rules (rules[i], &error));
      g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_INVALID);
    }
  reprise_tier_policy_init (&policy);
  policy.every[REPRISE_TIER_MONTHLY] = 0;
  g_assert_false (reprise_tier_policy_set (service, "orders", &policy, NULL));
  g_assert_null (reprise_service_get_setting (service, "tier-rules"));
  reprise_tier_policy_init (&policy);
  g_assert_false (reprise_tier_policy_set (service, "a;b", &policy, NULL));
  reprise_service_set_setting (service, "weekly-days", "60");
  g_assert_false (reprise_tier_policy_check_service (service, NULL));
  reprise_tier_policy_read (service, NULL, &policy); /* what makes no sense is not obeyed */
  g_assert_cmpuint (policy.every[REPRISE_TIER_WEEKLY], ==, 7);
}

int
main (int argc, char *argv[])
{
  reprise_test_init (&argc, &argv);
  g_test_add_func ("/tier-policy/offered", test_offered);
  g_test_add_func ("/tier-policy/rules", test_rules);
  g_test_add_func ("/tier-policy/set", test_set);
  g_test_add_func ("/tier-policy/change", test_change);
  g_test_add_func ("/tier-policy/same", test_same);
  g_test_add_func ("/tier-policy/refused", test_refused);
  return g_test_run ();
}
