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

/* What is being made comes first, what is being taken away stands at its date. */
static void
test_order (void)
{
  g_autoptr (GPtrArray) backups = g_ptr_array_new_with_free_func (g_object_unref);
  static const RepriseBackupSign signs[] = { REPRISE_BACKUP_SIGN_LEAVING, REPRISE_BACKUP_SIGN_NONE,
                                             REPRISE_BACKUP_SIGN_QUEUED };

  for (guint i = 0; i < G_N_ELEMENTS (signs); i++)
    {
      g_autoptr (GDateTime) made = g_date_time_new_utc (2026, 11, 10 - (int) i, 2, 0, 0);

      g_ptr_array_add (backups, make (REPRISE_BACKUP_PARTIAL, signs[i]));
      g_object_set (backups->pdata[i], "in-progress", TRUE, "created-at", made, NULL);
    }
  g_ptr_array_sort (backups, reprise_backup_compare_newest);
  g_assert_cmpint (reprise_backup_get_sign (backups->pdata[0]), ==, REPRISE_BACKUP_SIGN_NONE);
  g_assert_cmpint (reprise_backup_get_sign (backups->pdata[1]), ==, REPRISE_BACKUP_SIGN_QUEUED);
  g_assert_cmpint (reprise_backup_get_sign (backups->pdata[2]), ==, REPRISE_BACKUP_SIGN_LEAVING);
}

int
main (int argc, char **argv)
{
  reprise_ui_test_init (&argc, &argv);
  g_test_add_func ("/backup-row/signs", test_signs);
  g_test_add_func ("/backup-row/in-vault", test_in_vault);
  g_test_add_func ("/backup-row/in-progress", test_in_progress);
  g_test_add_func ("/backup-row/order", test_order);
  return g_test_run ();
}
