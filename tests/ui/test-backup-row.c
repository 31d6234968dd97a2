/* test-backup-row.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "reprise-backup-row.h"
#include "reprise-ui-test.h"

static RepriseBackup *
make (RepriseBackupState state, RepriseBackupSign sign)
{
  return g_object_new (REPRISE_TYPE_BACKUP, "id", "1", "service-uuid", "service", "kind", "ui",
                       "state", state, "state-text", "In its own words", "sign", sign, "on-service",
                       TRUE, NULL);
}

/* What is not sound does not look as what is. */
static void
test_signs (void)
{
  for (guint sign = 0; sign < REPRISE_N_BACKUP_SIGNS; sign++)
    for (guint state = REPRISE_BACKUP_PARTIAL; state <= REPRISE_BACKUP_COMPLETE; state++)
      {
        g_autoptr (RepriseBackup) backup = make (state, sign);
        const char *icon = reprise_backup_get_state_icon_name (backup);
        g_autofree char *path = g_strconcat (
          "/io/github/reprise_backup/Reprise/icons/scalable/actions/", icon, ".svg", NULL);

        g_assert_cmpstr (reprise_backup_get_state_text (backup), ==, "In its own words");
        g_assert_cmpint (g_strcmp0 (icon, "reprise-backup-symbolic") == 0, ==,
                         sign == REPRISE_BACKUP_SIGN_NONE && state == REPRISE_BACKUP_COMPLETE);
        g_assert_cmpstr (icon, !=, "reprise-verify-symbolic");
        g_assert_true (g_resources_get_info (path, G_RESOURCE_LOOKUP_FLAGS_NONE, NULL, NULL, NULL));
      }
}

/* Of what lies in the vault, it is the state there that counts. */
static void
test_in_vault (void)
{
  g_autoptr (RepriseBackup) backup = make (REPRISE_BACKUP_VERIFIED, REPRISE_BACKUP_SIGN_FLAWED);

  g_assert_cmpstr (reprise_backup_get_state_icon_name (backup), ==, "reprise-warning-symbolic");
  g_object_set (backup, "in-vault", TRUE, NULL);
  g_assert_cmpstr (reprise_backup_get_state_icon_name (backup), ==, "reprise-verify-symbolic");
  g_assert_cmpstr (reprise_backup_get_state_text (backup), ==, "Verified");
  g_object_set (backup, "damage", "It is cut off", NULL);
  g_assert_cmpstr (reprise_backup_get_state_icon_name (backup), ==, "reprise-failed-symbolic");
}

/* What is still being made says so, but where the service has not begun with it, or is taking it away. */
static void
test_in_progress (void)
{
  g_autoptr (RepriseBackup) made = make (REPRISE_BACKUP_PARTIAL, REPRISE_BACKUP_SIGN_NONE);
  g_autoptr (RepriseBackup) queued = make (REPRISE_BACKUP_PARTIAL, REPRISE_BACKUP_SIGN_QUEUED);
  g_autoptr (RepriseBackup) leaving = make (REPRISE_BACKUP_PARTIAL, REPRISE_BACKUP_SIGN_LEAVING);

  g_object_set (made, "in-progress", TRUE, NULL);
  g_object_set (queued, "in-progress", TRUE, NULL);
  g_object_set (leaving, "in-progress", TRUE, NULL);
  g_assert_cmpstr (reprise_backup_get_state_icon_name (made), ==, "reprise-running-symbolic");
  g_assert_cmpstr (reprise_backup_get_state_icon_name (queued), ==, "reprise-schedule-symbolic");
  g_assert_cmpstr (reprise_backup_get_state_icon_name (leaving), ==, "reprise-delete-symbolic");
}

int
main (int argc, char **argv)
{
  reprise_ui_test_init (&argc, &argv);
  g_test_add_func ("/backup-row/signs", test_signs);
  g_test_add_func ("/backup-row/in-vault", test_in_vault);
  g_test_add_func ("/backup-row/in-progress", test_in_progress);
  return g_test_run ();
}
