/* reprise-restore-window-source.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "reprise-ui"

#include "config.h"

#include <glib/gi18n.h>

#include "reprise-backup-row.h"
#include "reprise-format.h"
#include "reprise-restore-window-private.h"

#define MAX_BACKUPS 50 /* the newest; older ones are restored from their own page */

static void
update_source (RepriseRestoreWindow *self)
{
  gboolean from_file = gtk_check_button_get_active (self->file_check);

  reprise_step_set_can_next (
    self->source_step,
    self->service != NULL &&
      (from_file ? reprise_file_row_get_path (self->file_row) != NULL : self->backup != NULL));
}

/* Another source: what was known of the former one is not true of it. */
static void
forget_archive (RepriseRestoreWindow *self)
{
  g_clear_object (&self->archive);
  g_clear_object (&self->plan);
  gtk_widget_set_visible (GTK_WIDGET (self->password_group), FALSE);
  gtk_editable_set_text (GTK_EDITABLE (self->password_row), "");
}

static void
chosen_cb (RepriseRestoreWindow *self)
{
  gtk_check_button_set_active (self->file_check, TRUE);
  forget_archive (self);
  update_source (self);
}

static void
file_toggled_cb (RepriseRestoreWindow *self)
{
  forget_archive (self);
  update_source (self);
}

static void
backup_toggled_cb (GtkCheckButton *check, RepriseRestoreWindow *self)
{
  RepriseBackup *backup = g_object_get_data (G_OBJECT (check), "backup");

  if (!gtk_check_button_get_active (check))
    return;
  g_set_object (&self->backup, backup);
  forget_archive (self);
  update_source (self);
}

/* (transfer full): “184 MB · Users, Custom · verified” */
static char *
dup_text (RepriseRestoreWindow *self, RepriseBackup *backup)
{
  gint64 bytes = reprise_backup_get_size_bytes (backup);
  g_autofree char *size = bytes >= 0 ? reprise_format_size (bytes) : NULL;
  g_autofree char *groups = reprise_format_groups_short (reprise_backup_get_groups (backup), 3);
  const char *place =
    reprise_backup_get_in_vault (backup) ? _ ("in the vault") : _ ("on the service");
  g_autofree char *end =
    reprise_backup_dup_end_text (backup, reprise_restore_window_get_kind (self), self->service);
  g_autofree char *tier = reprise_backup_dup_tier_text (backup);
  g_autoptr (GString) text = g_string_new (NULL);

  reprise_format_add_part (text, size);
  reprise_format_add_part (text, tier);
  reprise_format_add_part (text, reprise_backup_get_origin_text (backup));
  reprise_format_add_part (text, groups);
  reprise_format_add_part (
    text, reprise_backup_get_state (backup) == REPRISE_BACKUP_VERIFIED ? _ ("verified") : place);
  reprise_format_add_part (text, reprise_backup_get_own_state_text (backup));
  reprise_format_add_part (text, reprise_backup_get_edition (backup));
  reprise_format_add_part (text, end);
  return g_strdup (text->str);
}

/* “20 Nov 02:00” */
static GtkWidget *
new_backup_row (RepriseRestoreWindow *self, RepriseBackup *backup)
{
  GtkWidget *row = adw_action_row_new ();
  GtkWidget *check = gtk_check_button_new ();
  GtkWidget *icon =
    g_object_new (GTK_TYPE_IMAGE, "icon-name", reprise_backup_get_state_icon_name (backup),
                  "accessible-role", GTK_ACCESSIBLE_ROLE_PRESENTATION, NULL);
  GDateTime *created_at = reprise_backup_get_created_at (backup);
  g_autofree char *title = created_at != NULL ? reprise_format_when (created_at)
                                              : g_strdup (reprise_backup_get_id (backup));
  g_autofree char *text = dup_text (self, backup);

  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), text);
  gtk_widget_set_valign (check, GTK_ALIGN_CENTER);
  gtk_check_button_set_group (GTK_CHECK_BUTTON (check), self->file_check);
  gtk_accessible_update_property (GTK_ACCESSIBLE (check), GTK_ACCESSIBLE_PROPERTY_LABEL, title, -1);
  g_object_set_data_full (G_OBJECT (check), "backup", g_object_ref (backup), g_object_unref);
  g_signal_connect (check, "toggled", G_CALLBACK (backup_toggled_cb), self);
  adw_action_row_add_prefix (ADW_ACTION_ROW (row), check);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), icon); /* its word is in the text */
  adw_action_row_set_activatable_widget (ADW_ACTION_ROW (row), check);
  if (self->backup != NULL &&
      g_str_equal (reprise_backup_get_id (self->backup), reprise_backup_get_id (backup)))
    gtk_check_button_set_active (GTK_CHECK_BUTTON (check), TRUE);
  return row;
}

static void
add_backup_row (RepriseRestoreWindow *self, GtkWidget *row)
{
  adw_preferences_group_add (self->backups_group, row);
  g_ptr_array_add (self->backup_rows, row);
}

static void
clear_backups (RepriseRestoreWindow *self)
{
  for (guint i = 0; i < self->backup_rows->len; i++)
    adw_preferences_group_remove (self->backups_group, self->backup_rows->pdata[i]);
  g_ptr_array_set_size (self->backup_rows, 0);
}

static gboolean
can_be_restored (RepriseRestoreWindow *self, RepriseBackup *backup)
{
  return reprise_backup_get_state (backup) != REPRISE_BACKUP_PARTIAL &&
         !reprise_backup_is_reports (backup, reprise_restore_window_get_kind (self)) &&
         !reprise_backup_get_in_progress (backup) && reprise_backup_get_damage (backup) == NULL;
}

/* The list came after the window: what it holds is the first field of the step all the same. */
static void
focus_backups (RepriseRestoreWindow *self)
{
  GtkWidget *focus = gtk_window_get_focus (GTK_WINDOW (self));

  if (reprise_file_row_get_path (self->file_row) == NULL &&
      (focus == NULL || focus == GTK_WIDGET (self->file_row)))
    gtk_widget_grab_focus (self->backup_rows->pdata[0]);
}

/* The newest is what mostly is meant; what a restore put aside is meant by Undo. */
static void
choose_newest (RepriseRestoreWindow *self, GPtrArray *backups)
{
  for (guint i = 0; i < backups->len && self->backup == NULL; i++)
    if (can_be_restored (self, backups->pdata[i]) &&
        reprise_backup_get_groups (backups->pdata[i]) != REPRISE_GROUP_BIT (REPRISE_GROUP_LOG) &&
        reprise_backup_get_origin (backups->pdata[i]) != REPRISE_ORIGIN_SAFETY)
      g_set_object (&self->backup, backups->pdata[i]);
}

static void
backups_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (RepriseRestoreWindow) self = data;
  g_autofree char *warning = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) backups =
    reprise_context_list_backups_finish (REPRISE_CONTEXT (source), result, &warning, &error);
  guint n = 0;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  clear_backups (self);
  adw_preferences_group_set_description (self->backups_group, warning);
  if (backups == NULL)
    {
      reprise_step_window_show_failed (REPRISE_STEP_WINDOW (self),
                                       _ ("The backups could not be listed"), error);
      return;
    }
  g_clear_pointer (&self->points, g_ptr_array_unref);
  self->points = g_ptr_array_ref (backups);
  if (reprise_file_row_get_path (self->file_row) == NULL)
    choose_newest (self, backups);
  for (guint i = 0; i < backups->len && n < MAX_BACKUPS; i++)
    if (can_be_restored (self, backups->pdata[i]))
      {
        add_backup_row (self, new_backup_row (self, backups->pdata[i]));
        n++;
      }
  if (n == 0)
    {
      GtkWidget *row = adw_action_row_new ();

      adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), _ ("No Backups Yet"));
      adw_action_row_set_subtitle (ADW_ACTION_ROW (row), _ ("A local file can be restored"));
      add_backup_row (self, row);
    }
  else
    focus_backups (self);
  update_source (self);
}

void
reprise_restore_window_list_backups (RepriseRestoreWindow *self)
{
  if (self->service != NULL)
    reprise_context_list_backups_async (
      self->context, self->service, TRUE, NULL,
      reprise_step_window_get_cancellable (REPRISE_STEP_WINDOW (self)), backups_cb,
      g_object_ref (self));
}

static void
service_selected_cb (RepriseRestoreWindow *self)
{
  g_set_object (&self->service, adw_combo_row_get_selected_item (self->service_row));
  g_clear_object (&self->backup);
  forget_archive (self);
  if (self->service != NULL)
    reprise_step_window_set_subtitle (REPRISE_STEP_WINDOW (self),
                                      reprise_service_get_name (self->service));
  reprise_restore_window_list_backups (self);
  update_source (self);
}

/* Which services there are to restore into, where none is known yet. */
static void
offer_services (RepriseRestoreWindow *self)
{
  gtk_widget_set_visible (GTK_WIDGET (self->target_group), TRUE);
  adw_combo_row_set_expression (self->service_row,
                                gtk_property_expression_new (REPRISE_TYPE_SERVICE, NULL, "name"));
  g_signal_connect_swapped (self->service_row, "notify::selected-item",
                            G_CALLBACK (service_selected_cb), self);
  adw_combo_row_set_model (self->service_row,
                           G_LIST_MODEL (reprise_context_get_services (self->context)));
}

/* The step in which a backup, or a file, is chosen. @path: (nullable): one that is chosen already */
void
reprise_restore_window_prepare_source (RepriseRestoreWindow *self, const char *path)
{
  reprise_file_row_take_drops (self->file_row, GTK_WIDGET (self->source_step));
  g_signal_connect_swapped (self->file_row, "chosen", G_CALLBACK (chosen_cb), self);
  g_signal_connect_swapped (self->file_check, "toggled", G_CALLBACK (file_toggled_cb), self);
  if (self->service == NULL)
    offer_services (self);
  else
    reprise_restore_window_list_backups (self);
  if (path != NULL)
    reprise_file_row_set_path (self->file_row, path);
  update_source (self);
}
