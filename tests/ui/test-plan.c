/* test-plan.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "reprise-consent.h"
#include "reprise-plan-view.h"
#include "reprise-ui-test.h"

typedef struct
{
  RepriseArchive *archive;
  ReprisePlan *plan; /* of all groups */
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->archive = reprise_archive_new_for_file ("couchdb", "/nowhere/backup.zip");
  fixture->plan = reprise_plan_new (fixture->archive, REPRISE_GROUPS_ALL, NULL);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_object_unref (fixture->plan);
  g_object_unref (fixture->archive);
}

static char *
dup_consent (Fixture *fixture)
{
  g_autoptr (RepriseService) service = reprise_service_new (NULL, "couchdb", "Orders");
  AdwMessageDialog *dialog = reprise_consent_dialog_new (NULL, service, fixture->plan, TRUE);
  char *body = g_strdup (adw_message_dialog_get_body (dialog));

  gtk_window_destroy (GTK_WINDOW (dialog));
  return body;
}

/* Consent is asked for what is replaced, not for all that was chosen. */
static void
test_consent (Fixture *fixture, gconstpointer data)
{
  g_autofree char *body = NULL;

  reprise_plan_add_row (fixture->plan, REPRISE_GROUP_LOG, NULL, 1, 1, REPRISE_PLAN_LEFT_ALONE,
                        NULL);
  reprise_plan_add_row (fixture->plan, REPRISE_GROUP_REQUIRED, NULL, -1, 1, REPRISE_PLAN_CREATED,
                        NULL);
  reprise_plan_add_row (fixture->plan, REPRISE_GROUP_CUSTOM, NULL, 391, 391, REPRISE_PLAN_MERGED,
                        NULL);
  reprise_plan_add_row (fixture->plan, REPRISE_GROUP_USER, NULL, 2, 1, REPRISE_PLAN_REPLACED, NULL);
  body = dup_consent (fixture);
  g_assert_true (g_str_has_prefix (body, "Replaced by the backup: Users, Custom Collections.\n"));
}

/* A plan that does not tell group by group: all that was chosen. */
static void
test_consent_of_all (Fixture *fixture, gconstpointer data)
{
  g_autofree char *groups = reprise_groups_to_text (REPRISE_GROUPS_ALL);
  g_autofree char *body = dup_consent (fixture);

  g_assert_nonnull (strstr (body, groups));
}

/* Only what somebody counted is told. */
static void
test_counts (Fixture *fixture, gconstpointer data)
{
  GtkWidget *list = g_object_ref_sink (adw_preferences_group_new ());

  reprise_plan_add_row (fixture->plan, REPRISE_GROUP_USER, NULL, 214, 209, REPRISE_PLAN_REPLACED,
                        "5 newer accounts are lost");
  reprise_plan_add_row (fixture->plan, REPRISE_GROUP_REQUIRED, NULL, -1, -1, REPRISE_PLAN_CREATED,
                        NULL);
  reprise_plan_add_row (fixture->plan, REPRISE_GROUP_CUSTOM, NULL, -1, 678, REPRISE_PLAN_CREATED,
                        NULL);
  reprise_plan_add_row (fixture->plan, REPRISE_GROUP_LOG, NULL, -1, -1, REPRISE_PLAN_REPLACED,
                        "New");
  reprise_plan_view_fill_rows (ADW_PREFERENCES_GROUP (list), fixture->plan);
  g_assert_nonnull (reprise_ui_test_find (
    list, GTK_TYPE_LABEL, "Now 214 · in the backup 209 · 5 newer accounts are lost"));
  g_assert_nonnull (reprise_ui_test_find (list, GTK_TYPE_LABEL, "678 records"));
  g_assert_nonnull (reprise_ui_test_find (list, GTK_TYPE_LABEL, "New"));
  g_assert_null (reprise_ui_test_find (list, GTK_TYPE_LABEL, "Now – · in the backup –"));
  g_object_unref (list);
}

int
main (int argc, char **argv)
{
  reprise_ui_test_init (&argc, &argv);
  g_test_add ("/plan/consent", Fixture, NULL, set_up, test_consent, tear_down);
  g_test_add ("/plan/consent-of-all", Fixture, NULL, set_up, test_consent_of_all, tear_down);
  g_test_add ("/plan/counts", Fixture, NULL, set_up, test_counts, tear_down);
  return g_test_run ();
}
