/* reprise-backup-window.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "reprise-ui"

#include "config.h"

#include <glib/gi18n.h>

#include "base/reprise-error.h"
#include "base/reprise-time.h"
#include "provider/reprise-context-access.h"
#include "provider/reprise-interval.h"
#include "reprise-backup-row.h"
#include "reprise-backup-window.h"
#include "reprise-contents-list.h"
#include "reprise-error-bar.h"
#include "reprise-export-window.h"
#include "reprise-format.h"
#include "reprise-keep.h"
#include "reprise-save.h"

struct _RepriseBackupWindow
{
  AdwWindow parent_instance;

  AdwToastOverlay *toast_overlay;
  RepriseErrorBar *error_bar;
  AdwViewSwitcherTitle *switcher;
  GtkButton *restore_button;
  GtkButton *export_button;
  AdwActionRow *state_row;
  GtkImage *state_icon;
  GtkButton *verify_button;
  GtkButton *download_button;
  AdwActionRow *keep_row;
  GtkSwitch *keep_switch;
  AdwPreferencesGroup *secrets;
  AdwPreferencesGroup *facts;
  AdwPreferencesGroup *told;
  GtkStack *contents_stack;
  RepriseContentsList *contents;

  RepriseServiceItem *item;  /* (owned) */
  RepriseBackup *backup;     /* (owned) */
  RepriseArchive *archive;   /* (owned) (nullable): what the service told of it */
  char *reading;             /* (owned) (nullable): from when to when its data was read */
  GPtrArray *fact_rows;      /* (owned) (element-type GtkWidget) */
  GPtrArray *told_rows;      /* (owned) (element-type GtkWidget) */
  GPtrArray *secret_rows;    /* (owned) (element-type GtkWidget) */
  GCancellable *cancellable; /* (owned) */
  gboolean updating;         /* the switch is being set, not pressed */
};

G_DEFINE_FINAL_TYPE (RepriseBackupWindow, reprise_backup_window, ADW_TYPE_WINDOW)

static GtkWidget *
add_row (AdwPreferencesGroup *group, GPtrArray *rows, const char *title, const char *value)
{
  GtkWidget *row;

  if (value == NULL || value[0] == '\0')
    return NULL;
  row = g_object_new (ADW_TYPE_ACTION_ROW, "title", title, "subtitle", value, "use-markup", FALSE,
                      NULL);
  gtk_widget_add_css_class (row, "property");
  adw_preferences_group_add (group, row);
  g_ptr_array_add (rows, row);
  gtk_widget_set_visible (GTK_WIDGET (group), TRUE);
  return row;
}

static GtkWidget *
add_fact (RepriseBackupWindow *self, const char *title, const char *value)
{
  return add_row (self->facts, self->fact_rows, title, value);
}

static void
clear_rows (AdwPreferencesGroup *group, GPtrArray *rows)
{
  for (guint i = 0; i < rows->len; i++)
    adw_preferences_group_remove (group, rows->pdata[i]);
  g_ptr_array_set_size (rows, 0);
  gtk_widget_set_visible (GTK_WIDGET (group), FALSE);
}

static void
copy_cb (GtkWidget *button, RepriseBackupWindow *self)
{
  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)),
                          g_object_get_data (G_OBJECT (button), "text"));
  adw_toast_overlay_add_toast (self->toast_overlay, adw_toast_new (_ ("Copied")));
}

/* What somebody may want elsewhere: for support, or on a command line. */
static void
add_copy_button (RepriseBackupWindow *self, GtkWidget *row, const char *title, const char *value)
{
  GtkWidget *button;
  /* Translators: what is copied: “Copy Correlation ID” */
  g_autofree char *text = g_strdup_printf (_ ("Copy %s"), title);

  if (row == NULL)
    return;
  button = gtk_button_new_from_icon_name ("reprise-copy-symbolic");
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (button, "flat");
  gtk_widget_set_tooltip_text (button, text);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, text, -1);
  g_object_set_data_full (G_OBJECT (button), "text", g_strdup (value), g_free);
  g_signal_connect_object (button, "clicked", G_CALLBACK (copy_cb), self, G_CONNECT_DEFAULT);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), button);
}

/* What the service, or a look inside, has told. */
static void
add_told (RepriseBackupWindow *self, const char *title, const char *value)
{
  add_copy_button (self, add_row (self->told, self->told_rows, title, value), title, value);
}

static void
update_told (RepriseBackupWindow *self)
{
  clear_rows (self->told, self->told_rows);
  for (guint i = 0; self->archive != NULL && i < reprise_archive_get_n_facts (self->archive); i++)
    {
      const RepriseFact *fact = reprise_archive_get_fact (self->archive, i);

      add_told (self, fact->label, fact->value);
    }
}

static void
update_facts (RepriseBackupWindow *self)
{
  RepriseBackup *backup = self->backup;
  GDateTime *created = reprise_backup_get_created_at (backup);
  g_autofree char *when = created != NULL ? reprise_format_when (created) : NULL;
  g_autofree char *size = reprise_backup_get_size_bytes (backup) >= 0
                            ? reprise_format_size (reprise_backup_get_size_bytes (backup))
                            : g_strdup (_ ("Not reported"));
  g_autofree char *groups = reprise_groups_to_text (reprise_backup_get_groups (backup));
  g_autofree char *tier = reprise_backup_dup_tier_text (backup);
  g_autofree char *end =
    reprise_backup_dup_end_text (backup, reprise_service_item_get_kind (self->item),
                                 reprise_service_item_get_service (self->item));
  const char *version = reprise_backup_get_tool_version (backup);
  g_autofree char *tool = version != NULL ? g_strdup_printf ("Reprise %s", version) : NULL;

  clear_rows (self->facts, self->fact_rows);
  add_fact (self, _ ("Made"), when);
  add_fact (self, _ ("Data Read"), self->reading);
  add_fact (self, _ ("Tier"), tier);
  if (!reprise_backup_get_in_vault (backup) ||
      !reprise_service_item_can (self->item, REPRISE_HAS_FACTS)) /* else a look inside tells it */
    {
      add_fact (self, _ ("Tier of the Service"), reprise_backup_get_edition (backup));
      add_fact (self, _ ("Can Be Restored"), end);
    }
  add_fact (self, _ ("Size"), size);
  add_fact (self, _ ("Data Groups"), groups);
  add_fact (self, _ ("Where"), reprise_backup_get_place_text (backup));
  add_fact (self, _ ("Note"), reprise_backup_get_note (backup));
  add_fact (self, _ ("Name on the Service"), reprise_backup_get_own_name (backup));
  add_fact (self, _ ("State on the Service"), reprise_backup_get_own_state (backup));
  add_fact (self, _ ("Version of the Service"), reprise_backup_get_service_version (backup));
  add_fact (self, _ ("Made With"), tool);
  add_fact (self, _ ("Goes On From"), reprise_backup_get_parent (backup));
  add_copy_button (self, add_fact (self, _ ("Identifier"), reprise_backup_get_id (backup)),
                   _ ("Identifier"), reprise_backup_get_id (backup));
  update_told (self);
}

/* Left half made, and not being made now. */
static gboolean
is_partial (RepriseBackupWindow *self)
{
  return reprise_backup_get_state (self->backup) == REPRISE_BACKUP_PARTIAL &&
         !reprise_backup_get_in_progress (self->backup);
}

/* What can be done with it, or that nobody has looked into it. */
static const char *
get_state_help (RepriseBackupWindow *self)
{
  if (reprise_backup_get_in_progress (self->backup) && !reprise_backup_get_stale (self->backup))
    return _ ("The service is still at work on it");
  if (reprise_backup_get_sign (self->backup) == REPRISE_BACKUP_SIGN_LEAVING)
    return _ ("There is nothing left of it");
  return is_partial (self) ? _ ("It cannot be restored, only deleted") : _ ("Not read back yet");
}

static void
update_state (RepriseBackupWindow *self)
{
  GDateTime *verified_at = reprise_backup_get_verified_at (self->backup);
  const char *damage = reprise_backup_get_damage (self->backup);
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autofree char *ago = verified_at != NULL ? reprise_time_to_ago (verified_at, now) : NULL;
  g_autofree char *read_back =
    ago != NULL ? g_strdup_printf (_ ("Read back in full %s"), ago) : NULL;

  gtk_image_set_from_icon_name (self->state_icon,
                                reprise_backup_get_state_icon_name (self->backup));
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->state_row),
                                 reprise_backup_get_state_text (self->backup));
  adw_action_row_set_subtitle (self->state_row, damage != NULL      ? damage
                                                : read_back != NULL ? read_back
                                                                    : get_state_help (self));
}

/* Into which file or files depends on what is inside: not before that is known. */
static void
update_export (RepriseBackupWindow *self)
{
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "backup.export",
                                 reprise_service_item_can (self->item, REPRISE_CAN_EXPORT) &&
                                   reprise_backup_get_in_vault (self->backup) &&
                                   reprise_backup_get_state (self->backup) !=
                                     REPRISE_BACKUP_PARTIAL &&
                                   reprise_contents_list_get_contents (self->contents) != NULL);
}

static void
show_contents (RepriseBackupWindow *self, RepriseContents *contents)
{
  reprise_contents_list_set_contents (self->contents, contents);
  gtk_stack_set_visible_child_name (self->contents_stack, contents != NULL ? "list" : "unknown");
  update_export (self);
}

typedef struct
{
  RepriseVault *vault;   /* (owned) */
  RepriseBackup *backup; /* (owned) */
} Reading;

static void
reading_free (Reading *reading)
{
  g_clear_object (&reading->vault);
  g_clear_object (&reading->backup);
  g_free (reading);
}

static void
manifest_worker (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Reading *reading = data;
  GError *error = NULL;
  g_autoptr (RepriseManifest) manifest =
    reprise_vault_read_manifest (reading->vault, reading->backup, &error);
  RepriseContents *contents = manifest != NULL ? reprise_manifest_get_contents (manifest) : NULL;

  if (manifest != NULL)
    g_task_return_pointer (task, contents != NULL ? g_object_ref (contents) : NULL, g_object_unref);
  else
    g_task_return_error (task, error);
}

/* What is found beside what the manifest says; that it is damaged is for Verify to say. */
static void
facts_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (RepriseBackupWindow) self = data;
  g_autoptr (RepriseArchive) archive =
    reprise_context_open_finish (REPRISE_CONTEXT (source), result, NULL);

  if (archive == NULL || gtk_widget_in_destruction (GTK_WIDGET (self)))
    return;
  g_set_object (&self->archive, archive);
  update_facts (self);
}

static void
look_for_facts (RepriseBackupWindow *self)
{
  if (reprise_backup_get_in_vault (self->backup) && self->archive == NULL &&
      reprise_service_item_can (self->item, REPRISE_HAS_FACTS))
    reprise_context_open_backup_async (
      reprise_service_item_get_context (self->item), reprise_service_item_get_service (self->item),
      self->backup, NULL, NULL, NULL, self->cancellable, facts_cb, g_object_ref (self));
}

static void
manifest_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (RepriseBackupWindow) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseContents) contents = g_task_propagate_pointer (G_TASK (result), &error);

  if (error != NULL && reprise_error_is_stop (error))
    return;
  show_contents (self, contents);
  if (error != NULL)
    reprise_error_bar_show_error (self->error_bar, _ ("Could Not Read What Is in the Backup"),
                                  error);
  else
    look_for_facts (self);
}

static void look_inside (RepriseBackupWindow *self);

/* A backup in the vault says itself what is in it; one on the service has to be looked into, which some services do at once. */
static void
update_contents (RepriseBackupWindow *self)
{
  g_autoptr (GTask) task = NULL;
  Reading *reading;

  if (reprise_backup_get_contents (self->backup) != NULL ||
      !reprise_backup_get_in_vault (self->backup))
    {
      show_contents (self, reprise_backup_get_contents (self->backup));
      if (self->archive == NULL && !reprise_backup_get_in_vault (self->backup) &&
          reprise_service_item_can (self->item, REPRISE_HAS_DETAILS))
        look_inside (self);
      look_for_facts (self);
      return;
    }
  gtk_stack_set_visible_child_name (self->contents_stack, "reading");
  reading = g_new0 (Reading, 1);
  reading->vault = reprise_context_dup_vault (reprise_service_item_get_context (self->item));
  reading->backup = g_object_ref (self->backup);
  task = g_task_new (NULL, self->cancellable, manifest_cb, g_object_ref (self));
  g_task_set_task_data (task, reading, (GDestroyNotify) reading_free);
  g_task_run_in_thread (task, manifest_worker);
}

/* What can be done follows from where the backup lies and how whole it is. */
static void
update_actions (RepriseBackupWindow *self)
{
  GtkWidget *widget = GTK_WIDGET (self);
  gboolean in_vault = reprise_backup_get_in_vault (self->backup);
  gboolean whole = reprise_backup_get_state (self->backup) != REPRISE_BACKUP_PARTIAL;
  gboolean bound = reprise_backup_get_bound (self->backup);
  gboolean reports =
    reprise_backup_is_reports (self->backup, reprise_service_item_get_kind (self->item));
  gboolean can_download = !in_vault && whole && !bound;

  gtk_widget_action_set_enabled (widget, "backup.restore",
                                 whole && !reports &&
                                   reprise_backup_get_damage (self->backup) == NULL);
  gtk_widget_set_visible (GTK_WIDGET (self->restore_button), !reports);
  gtk_widget_set_visible (GTK_WIDGET (self->export_button), reports && in_vault);
  gtk_widget_action_set_enabled (widget, "backup.verify", in_vault && whole);
  gtk_widget_action_set_enabled (widget, "backup.download", can_download);
  gtk_widget_action_set_enabled (widget, "backup.delete", !bound);
  gtk_widget_action_set_enabled (widget, "backup.renew",
                                 !in_vault && !bound &&
                                   reprise_service_item_can (self->item, REPRISE_CAN_RENEW));
  gtk_widget_action_set_enabled (widget, "backup.reveal",
                                 !in_vault && !bound &&
                                   reprise_service_item_can (self->item, REPRISE_HAS_SECRETS));
  gtk_widget_action_set_enabled (widget, "backup.save", in_vault && whole);
  gtk_widget_action_set_enabled (widget, "backup.open-folder", in_vault);
  update_export (self);
  gtk_widget_set_visible (GTK_WIDGET (self->verify_button), in_vault && whole);
  gtk_widget_set_visible (GTK_WIDGET (self->download_button), can_download);
  gtk_widget_set_visible (GTK_WIDGET (self->keep_row), in_vault);
  self->updating = TRUE;
  gtk_switch_set_active (self->keep_switch, reprise_backup_get_kept (self->backup));
  self->updating = FALSE;
}

static void
show_backup (RepriseBackupWindow *self, RepriseBackup *backup)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autofree char *title = reprise_backup_dup_title (backup, now);

  g_set_object (&self->backup, backup);
  gtk_window_set_title (GTK_WINDOW (self), title);
  adw_view_switcher_title_set_title (self->switcher, title);
  adw_view_switcher_title_set_subtitle (self->switcher, reprise_service_item_get_name (self->item));
  update_state (self);
  update_facts (self);
  update_actions (self);
}

/* A job has made something else of it: verified, kept, downloaded. */
static void
item_changed_cb (RepriseBackupWindow *self)
{
  GListModel *backups = reprise_service_item_get_backups (self->item);
  guint n = g_list_model_get_n_items (backups);

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (RepriseBackup) backup = g_list_model_get_item (backups, i);

      if (g_strcmp0 (reprise_backup_get_id (backup), reprise_backup_get_id (self->backup)) != 0 ||
          backup == self->backup)
        continue;
      show_backup (self, backup);
      if (reprise_contents_list_get_contents (self->contents) == NULL)
        update_contents (self);
      return;
    }
}

/* Lets the window that this one belongs to do it, about this backup. @several: whether the action takes many ids. */
static void
act (RepriseBackupWindow *self, const char *action_name, gboolean several)
{
  const char *id = reprise_backup_get_id (self->backup);
  GtkWidget *parent = GTK_WIDGET (gtk_window_get_transient_for (GTK_WINDOW (self)));

  if (several)
    gtk_widget_activate_action_variant (parent, action_name, g_variant_new_strv (&id, 1));
  else
    gtk_widget_activate_action (parent, action_name, "s", id);
}

static void
restore_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  g_autoptr (RepriseBackupWindow) self = g_object_ref (REPRISE_BACKUP_WINDOW (widget));
  GtkWidget *parent = GTK_WIDGET (gtk_window_get_transient_for (GTK_WINDOW (self)));

  gtk_window_close (GTK_WINDOW (self));
  gtk_widget_activate_action (parent, "win.restore-backup", "s",
                              reprise_backup_get_id (self->backup));
}

static void
delete_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  g_autoptr (RepriseBackupWindow) self = g_object_ref (REPRISE_BACKUP_WINDOW (widget));
  GtkWidget *parent = GTK_WIDGET (gtk_window_get_transient_for (GTK_WINDOW (self)));
  const char *id = reprise_backup_get_id (self->backup);

  gtk_window_close (GTK_WINDOW (self));
  gtk_widget_activate_action_variant (parent, "win.delete-backups", g_variant_new_strv (&id, 1));
}

static void
verify_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  RepriseBackupWindow *self = REPRISE_BACKUP_WINDOW (widget);

  act (self, "win.verify-backups", TRUE);
  adw_toast_overlay_add_toast (self->toast_overlay, adw_toast_new (_ ("Verification started")));
}

static void
download_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  RepriseBackupWindow *self = REPRISE_BACKUP_WINDOW (widget);

  act (self, "win.download-backup", FALSE);
  adw_toast_overlay_add_toast (self->toast_overlay, adw_toast_new (_ ("Download started")));
}

static void
kept_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (RepriseBackupWindow) self = data;
  g_autoptr (GError) error = NULL;

  if (!reprise_keep_finish (result, &error))
    {
      reprise_error_bar_show_error (self->error_bar, _ ("Could Not Change the Backup"), error);
      update_actions (self);
      return;
    }
  reprise_service_item_read (self->item, FALSE);
}

static void
keep_cb (RepriseBackupWindow *self)
{
  g_autoptr (RepriseVault) vault = NULL;

  if (self->updating)
    return;
  vault = reprise_context_dup_vault (reprise_service_item_get_context (self->item));
  reprise_keep_async (vault, reprise_backup_get_id (self->backup),
                      gtk_switch_get_active (self->keep_switch), NULL, kept_cb,
                      g_object_ref (self));
}

static void
saved_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (RepriseBackupWindow) self = data;
  g_autoptr (GError) error = NULL;

  if (reprise_save_finish (result, &error))
    adw_toast_overlay_add_toast (self->toast_overlay, adw_toast_new (_ ("Backup saved")));
  else
    {
      reprise_error_bar_show_error (self->error_bar, _ ("Could Not Save the Backup"), error);
      if (g_error_matches (error, REPRISE_ERROR, REPRISE_ERROR_NOT_SUPPORTED) &&
          reprise_service_item_can (self->item, REPRISE_CAN_EXPORT))
        reprise_error_bar_set_button (self->error_bar, _ ("_Export…"), "backup.export");
    }
}

static void
save_response_cb (GtkNativeDialog *dialog, int response, RepriseBackupWindow *self)
{
  if (response == GTK_RESPONSE_ACCEPT)
    {
      g_autoptr (GFile) file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog));
      g_autoptr (RepriseVault) vault =
        reprise_context_dup_vault (reprise_service_item_get_context (self->item));

      adw_toast_overlay_add_toast (self->toast_overlay, adw_toast_new (_ ("Saving the backup…")));
      reprise_save_async (vault, self->backup, file, NULL, self->cancellable, saved_cb,
                          g_object_ref (self));
    }
  g_object_unref (dialog);
}

static void
save_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  RepriseBackupWindow *self = REPRISE_BACKUP_WINDOW (widget);
  GtkFileChooserNative *dialog = gtk_file_chooser_native_new (
    _ ("Save Backup"), GTK_WINDOW (self), GTK_FILE_CHOOSER_ACTION_SAVE, _ ("_Save"), _ ("_Cancel"));
  g_autofree char *file_name = reprise_save_dup_file_name (self->backup);

  gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (dialog), file_name);
  g_signal_connect_object (dialog, "response", G_CALLBACK (save_response_cb), self,
                           G_CONNECT_DEFAULT);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (dialog));
}

/* In the format of another program. */
static void
export_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  RepriseBackupWindow *self = REPRISE_BACKUP_WINDOW (widget);

  gtk_window_present (
    reprise_export_window_new (GTK_WINDOW (self), reprise_service_item_get_context (self->item),
                               reprise_service_item_get_kind (self->item), self->backup,
                               reprise_contents_list_get_contents (self->contents)));
}

static void
folder_opened_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (RepriseBackupWindow) self = data;
  g_autoptr (GError) error = NULL;

  if (!gtk_show_uri_full_finish (GTK_WINDOW (source), result, &error))
    reprise_error_bar_show_error (self->error_bar, _ ("Could Not Open the Folder"), error);
}

static void
open_folder_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  RepriseBackupWindow *self = REPRISE_BACKUP_WINDOW (widget);
  g_autofree char *uri = g_filename_to_uri (reprise_backup_get_folder (self->backup), NULL, NULL);

  gtk_show_uri_full (GTK_WINDOW (self), uri, GDK_CURRENT_TIME, NULL, folder_opened_cb,
                     g_object_ref (self));
}

static void
inspected_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (RepriseBackupWindow) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseArchive) archive =
    reprise_context_open_finish (REPRISE_CONTEXT (source), result, &error);

  if (error != NULL && reprise_error_is_stop (error))
    return;
  show_contents (self, archive != NULL ? reprise_archive_get_contents (archive) : NULL);
  if (archive != NULL)
    {
      g_free (self->reading);
      self->reading = reprise_interval_dup_text (reprise_archive_get_manifest (archive));
      if (!reprise_backup_get_in_vault (self->backup))
        g_set_object (&self->archive, archive);
      update_facts (self);
    }
  if (archive != NULL && reprise_archive_get_contents (archive) != NULL)
    return;
  if (archive != NULL)
    reprise_error_bar_show_text (self->error_bar, GTK_MESSAGE_INFO,
                                 _ ("The Service Does Not Tell What Is Inside"), NULL);
  else
    reprise_error_bar_show_error (self->error_bar, _ ("Could Not Look Into the Backup"), error);
}

static void
look_inside (RepriseBackupWindow *self)
{
  gtk_stack_set_visible_child_name (self->contents_stack, "reading");
  reprise_context_open_backup_async (
    reprise_service_item_get_context (self->item), reprise_service_item_get_service (self->item),
    self->backup, NULL, NULL, NULL, self->cancellable, inspected_cb, g_object_ref (self));
}

static void
inspect_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  look_inside (REPRISE_BACKUP_WINDOW (widget));
}

static void
renewed_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (RepriseBackupWindow) self = data;
  g_autoptr (GError) error = NULL;

  if (reprise_context_renew_access_finish (REPRISE_CONTEXT (source), result, &error))
    {
      adw_toast_overlay_add_toast (self->toast_overlay, adw_toast_new (_ ("Access renewed")));
      reprise_service_item_read (self->item, TRUE);
    }
  else if (!reprise_error_is_stop (error))
    reprise_error_bar_show_error (self->error_bar, _ ("Could Not Renew the Access"), error);
}

static void
renew_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  RepriseBackupWindow *self = REPRISE_BACKUP_WINDOW (widget);

  reprise_context_renew_access_async (
    reprise_service_item_get_context (self->item), reprise_service_item_get_service (self->item),
    NULL, self->backup, NULL, self->cancellable, renewed_cb, g_object_ref (self));
}

static void
revealed_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (RepriseBackupWindow) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) secrets =
    reprise_context_reveal_finish (REPRISE_CONTEXT (source), result, &error);

  if (error != NULL && reprise_error_is_stop (error))
    return;
  clear_rows (self->secrets, self->secret_rows);
  if (error != NULL)
    reprise_error_bar_show_error (self->error_bar, _ ("Could Not Read the Secrets"), error);
  else if (secrets->len == 0)
    reprise_error_bar_show_text (self->error_bar, GTK_MESSAGE_INFO,
                                 _ ("The Service Keeps No Secret of This Backup"), NULL);
  for (guint i = 0; secrets != NULL && i < secrets->len; i++)
    {
      const RepriseReveal *each = secrets->pdata[i];
      const char *text = reprise_secret_value_get_text (each->value);

      add_copy_button (self, add_row (self->secrets, self->secret_rows, each->label, text),
                       each->label, text);
    }
  if (self->secret_rows->len > 0) /* where it is seen */
    gtk_widget_child_focus (self->secret_rows->pdata[0], GTK_DIR_TAB_FORWARD);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "backup.reveal", error != NULL);
}

/* Asked for by a person, shown in this window, and kept nowhere. */
static void
reveal_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  RepriseBackupWindow *self = REPRISE_BACKUP_WINDOW (widget);

  reprise_context_reveal_async (reprise_service_item_get_context (self->item),
                                reprise_service_item_get_service (self->item), NULL, self->backup,
                                self->cancellable, revealed_cb, g_object_ref (self));
}

static void
reprise_backup_window_dispose (GObject *object)
{
  RepriseBackupWindow *self = REPRISE_BACKUP_WINDOW (object);

  g_cancellable_cancel (self->cancellable);
  if (self->item != NULL)
    g_signal_handlers_disconnect_by_data (self->item, self);
  gtk_widget_dispose_template (GTK_WIDGET (object), REPRISE_TYPE_BACKUP_WINDOW);
  G_OBJECT_CLASS (reprise_backup_window_parent_class)->dispose (object);
}

static void
reprise_backup_window_finalize (GObject *object)
{
  RepriseBackupWindow *self = REPRISE_BACKUP_WINDOW (object);

  g_clear_object (&self->item);
  g_clear_object (&self->backup);
  g_clear_object (&self->archive);
  g_clear_object (&self->cancellable);
  g_free (self->reading);
  g_clear_pointer (&self->fact_rows, g_ptr_array_unref);
  g_clear_pointer (&self->told_rows, g_ptr_array_unref);
  g_clear_pointer (&self->secret_rows, g_ptr_array_unref);
  G_OBJECT_CLASS (reprise_backup_window_parent_class)->finalize (object);
}

static void
reprise_backup_window_class_init (RepriseBackupWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = reprise_backup_window_dispose;
  G_OBJECT_CLASS (klass)->finalize = reprise_backup_window_finalize;
  g_type_ensure (REPRISE_TYPE_ERROR_BAR);
  g_type_ensure (REPRISE_TYPE_CONTENTS_LIST);
  gtk_widget_class_set_template_from_resource (
    widget_class, "/io/github/reprise_backup/Reprise/ui/reprise-backup-window.ui");
  gtk_widget_class_bind_template_child (widget_class, RepriseBackupWindow, toast_overlay);
  gtk_widget_class_bind_template_child (widget_class, RepriseBackupWindow, error_bar);
  gtk_widget_class_bind_template_child (widget_class, RepriseBackupWindow, switcher);
  gtk_widget_class_bind_template_child (widget_class, RepriseBackupWindow, restore_button);
  gtk_widget_class_bind_template_child (widget_class, RepriseBackupWindow, export_button);
  gtk_widget_class_bind_template_child (widget_class, RepriseBackupWindow, state_row);
  gtk_widget_class_bind_template_child (widget_class, RepriseBackupWindow, state_icon);
  gtk_widget_class_bind_template_child (widget_class, RepriseBackupWindow, verify_button);
  gtk_widget_class_bind_template_child (widget_class, RepriseBackupWindow, download_button);
  gtk_widget_class_bind_template_child (widget_class, RepriseBackupWindow, keep_row);
  gtk_widget_class_bind_template_child (widget_class, RepriseBackupWindow, keep_switch);
  gtk_widget_class_bind_template_child (widget_class, RepriseBackupWindow, facts);
  gtk_widget_class_bind_template_child (widget_class, RepriseBackupWindow, secrets);
  gtk_widget_class_bind_template_child (widget_class, RepriseBackupWindow, told);
  gtk_widget_class_bind_template_child (widget_class, RepriseBackupWindow, contents_stack);
  gtk_widget_class_bind_template_child (widget_class, RepriseBackupWindow, contents);
  gtk_widget_class_bind_template_callback (widget_class, keep_cb);
  gtk_widget_class_install_action (widget_class, "backup.restore", NULL, restore_action);
  gtk_widget_class_install_action (widget_class, "backup.verify", NULL, verify_action);
  gtk_widget_class_install_action (widget_class, "backup.download", NULL, download_action);
  gtk_widget_class_install_action (widget_class, "backup.save", NULL, save_action);
  gtk_widget_class_install_action (widget_class, "backup.export", NULL, export_action);
  gtk_widget_class_install_action (widget_class, "backup.open-folder", NULL, open_folder_action);
  gtk_widget_class_install_action (widget_class, "backup.delete", NULL, delete_action);
  gtk_widget_class_install_action (widget_class, "backup.inspect", NULL, inspect_action);
  gtk_widget_class_install_action (widget_class, "backup.renew", NULL, renew_action);
  gtk_widget_class_install_action (widget_class, "backup.reveal", NULL, reveal_action);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Delete, 0, "backup.delete", NULL);
}

static void
reprise_backup_window_init (RepriseBackupWindow *self)
{
  self->cancellable = g_cancellable_new ();
  self->fact_rows = g_ptr_array_new ();
  self->told_rows = g_ptr_array_new ();
  self->secret_rows = g_ptr_array_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWindow *
reprise_backup_window_new (GtkWindow *parent, RepriseServiceItem *item, RepriseBackup *backup)
{
  RepriseBackupWindow *self =
    g_object_new (REPRISE_TYPE_BACKUP_WINDOW, "transient-for", parent, NULL);

  self->item = g_object_ref (item);
  show_backup (self, backup);
  update_contents (self);
  g_signal_connect_object (item, "changed", G_CALLBACK (item_changed_cb), self, G_CONNECT_SWAPPED);
  return GTK_WINDOW (self);
}
