/* reprise-preferences-window.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "reprise-ui"

#include "config.h"

#include <glib/gi18n.h>

#include "base/reprise-error.h"
#include "reprise-adopt.h"
#include "reprise-background-group.h"
#include "reprise-preferences-window.h"

struct _ReprisePreferencesWindow
{
  AdwPreferencesWindow parent_instance;

  GtkSwitch *notify_switch;
  RepriseBackgroundGroup *background_group;
  AdwActionRow *folder_row;
  GtkSpinner *spinner;
  AdwActionRow *default_row;
  AdwPreferencesGroup *facts_group;
  AdwActionRow *keyring_row;
  GtkButton *unlock_button;

  RepriseSession *session;   /* (owned) */
  GCancellable *cancellable; /* (owned) */
  GPtrArray *fact_rows;      /* (owned) (element-type GtkWidget) */
};

G_DEFINE_FINAL_TYPE (ReprisePreferencesWindow,
                     reprise_preferences_window,
                     ADW_TYPE_PREFERENCES_WINDOW)

/* What failed stays until somebody has read it. */
static void
show_error (ReprisePreferencesWindow *self, const char *title, const GError *error)
{
  GtkWidget *dialog;

  if (reprise_error_is_stop (error))
    return;
  dialog = adw_message_dialog_new (GTK_WINDOW (self), title, error->message);
  adw_message_dialog_add_response (ADW_MESSAGE_DIALOG (dialog), "close", _ ("_Close"));
  gtk_window_present (GTK_WINDOW (dialog));
}

static void
add_fact (ReprisePreferencesWindow *self, const char *icon_name, const char *text)
{
  GtkWidget *row =
    g_object_new (ADW_TYPE_ACTION_ROW, "title", text, "use-markup", FALSE, "title-lines", 0, NULL);

  adw_action_row_add_prefix (
    ADW_ACTION_ROW (row), g_object_new (GTK_TYPE_IMAGE, "icon-name", icon_name, "accessible-role",
                                        GTK_ACCESSIBLE_ROLE_PRESENTATION, NULL));
  adw_preferences_group_add (self->facts_group, row);
  g_ptr_array_add (self->fact_rows, row);
}

static void
facts_worker (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  RepriseStorageFacts *facts = g_new0 (RepriseStorageFacts, 1);
  GError *error = NULL;

  if (reprise_vault_get_facts (source, facts, &error))
    g_task_return_pointer (task, facts, g_free);
  else
    {
      g_free (facts);
      g_task_return_error (task, error);
    }
}

static void
show_facts (ReprisePreferencesWindow *self, const RepriseStorageFacts *facts)
{
  const char *good = "reprise-success-symbolic", *bad = "reprise-warning-symbolic";

  if (facts->free_bytes >= 0)
    {
      g_autofree char *size = g_format_size ((guint64) facts->free_bytes);
      g_autofree char *text = g_strdup_printf (_ ("%s free"), size);

      add_fact (self, "reprise-folder-symbolic", text);
    }
  if (facts->network)
    add_fact (self, "reprise-server-symbolic", _ ("It is on another computer of the network"));
  add_fact (self, facts->syncs ? good : bad,
            facts->syncs
              ? _ ("A backup outlives a power cut as soon as it is finished")
              : _ ("It cannot be made sure that a finished backup outlives a power cut"));
  add_fact (self, facts->locks ? good : bad,
            facts->locks ? _ ("Two programs cannot write for one service at the same time")
                         : _ ("Locks do not hold there: a note in the vault stands in for them"));
  add_fact (self, facts->exclusive_rename ? good : bad,
            facts->exclusive_rename
              ? _ ("A finished backup cannot be replaced by another one")
              : _ ("Every backup is read back, because the place cannot refuse to replace a file"));
}

static void
facts_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (ReprisePreferencesWindow) self = data;
  g_autofree RepriseStorageFacts *facts = g_task_propagate_pointer (G_TASK (result), NULL);

  if (g_cancellable_is_cancelled (self->cancellable))
    return;
  for (guint i = 0; i < self->fact_rows->len; i++)
    adw_preferences_group_remove (self->facts_group, self->fact_rows->pdata[i]);
  g_ptr_array_set_size (self->fact_rows, 0);
  gtk_widget_set_visible (GTK_WIDGET (self->facts_group), facts != NULL);
  if (facts != NULL)
    show_facts (self, facts);
}

static void
update_vault (ReprisePreferencesWindow *self)
{
  g_autoptr (RepriseVault) vault =
    reprise_context_dup_vault (reprise_session_get_context (self->session));
  g_autoptr (GTask) task = g_task_new (vault, self->cancellable, facts_cb, g_object_ref (self));
  g_autofree char *name = g_filename_display_name (reprise_vault_get_path (vault));
  g_autofree char *normal = reprise_vault_dup_default_path ();
  g_autofree char *normal_name = g_filename_display_name (normal);

  adw_action_row_set_subtitle (self->folder_row, name);
  adw_action_row_set_subtitle (self->default_row, normal_name);
  gtk_widget_set_visible (GTK_WIDGET (self->default_row),
                          !g_str_equal (normal, reprise_vault_get_path (vault)));
  g_task_run_in_thread (task, facts_worker);
}

static void
set_changing (ReprisePreferencesWindow *self, gboolean changing)
{
  GtkWidget *widget = GTK_WIDGET (self);

  gtk_spinner_set_spinning (self->spinner, changing);
  gtk_widget_set_visible (GTK_WIDGET (self->spinner), changing);
  gtk_widget_action_set_enabled (widget, "prefs.choose-folder", !changing);
  gtk_widget_action_set_enabled (widget, "prefs.default-folder", !changing);
  gtk_widget_action_set_enabled (widget, "prefs.adopt", !changing);
}

static void
changed_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (ReprisePreferencesWindow) self = data;
  g_autoptr (GError) error = NULL;
  guint n_adopted = 0;

  set_changing (self, FALSE);
  if (!reprise_vault_change_finish (REPRISE_CONTEXT (source), result, &n_adopted, &error))
    {
      show_error (self, _ ("Could Not Use This Folder"), error);
      return;
    }
  reprise_session_read (self->session);
  update_vault (self);
  if (n_adopted > 0)
    {
      g_autofree char *text = g_strdup_printf (
        ngettext ("%u service came back", "%u services came back", n_adopted), n_adopted);

      adw_preferences_window_add_toast (ADW_PREFERENCES_WINDOW (self), adw_toast_new (text));
    }
}

static void
change_vault (ReprisePreferencesWindow *self, const char *path, gboolean adopt)
{
  set_changing (self, TRUE);
  reprise_vault_change_async (reprise_session_get_context (self->session), path, adopt,
                              self->cancellable, changed_cb, g_object_ref (self));
}

static void
folder_response_cb (GtkNativeDialog *dialog, int response, ReprisePreferencesWindow *self)
{
  if (response == GTK_RESPONSE_ACCEPT)
    {
      g_autoptr (GFile) file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog));

      change_vault (self, g_file_peek_path (file),
                    g_object_get_data (G_OBJECT (dialog), "adopt") != NULL);
    }
  g_object_unref (dialog);
}

static void
choose_folder (ReprisePreferencesWindow *self, const char *title, gboolean adopt)
{
  GtkFileChooserNative *dialog = gtk_file_chooser_native_new (
    title, GTK_WINDOW (self), GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER, _ ("_Select"), _ ("_Cancel"));

  g_object_set_data (G_OBJECT (dialog), "adopt", GINT_TO_POINTER (adopt));
  g_signal_connect_object (dialog, "response", G_CALLBACK (folder_response_cb), self,
                           G_CONNECT_DEFAULT);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (dialog));
}

static void
choose_folder_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  choose_folder (REPRISE_PREFERENCES_WINDOW (widget), _ ("Choose a Folder for the Vault"), FALSE);
}

static void
default_folder_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  change_vault (REPRISE_PREFERENCES_WINDOW (widget), NULL, FALSE);
}

static void
adopt_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  choose_folder (REPRISE_PREFERENCES_WINDOW (widget), _ ("Choose the Vault to Take Over"), TRUE);
}

static void
keyring_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (ReprisePreferencesWindow) self = data;
  g_autoptr (GError) error = NULL;
  RepriseKeyringState state = REPRISE_KEYRING_NO_SERVICE;
  gboolean known = reprise_keyring_get_state_finish (result, &state, &error);

  if (g_cancellable_is_cancelled (self->cancellable))
    return;
  adw_action_row_set_subtitle (self->keyring_row, !known ? error->message
                                                  : state == REPRISE_KEYRING_THERE
                                                    ? _ ("Open: secrets can be read and stored")
                                                    : reprise_keyring_state_get_text (state));
  gtk_widget_set_visible (GTK_WIDGET (self->unlock_button),
                          known && state == REPRISE_KEYRING_LOCKED);
}

static void
check_keyring (ReprisePreferencesWindow *self)
{
  adw_action_row_set_subtitle (self->keyring_row, _ ("Looking into the keyring…"));
  reprise_keyring_get_state_async (NULL, NULL, self->cancellable, keyring_cb, g_object_ref (self));
}

static void
check_keyring_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  check_keyring (REPRISE_PREFERENCES_WINDOW (widget));
}

static void
unlocked_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (ReprisePreferencesWindow) self = data;
  g_autoptr (GError) error = NULL;

  if (!reprise_keyring_unlock_finish (result, &error))
    show_error (self, _ ("The Keyring Stays Locked"), error);
  if (!g_cancellable_is_cancelled (self->cancellable))
    check_keyring (self);
}

static void
unlock_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  ReprisePreferencesWindow *self = REPRISE_PREFERENCES_WINDOW (widget);

  reprise_keyring_unlock_async (self->cancellable, unlocked_cb, g_object_ref (self));
}

static void
reprise_preferences_window_dispose (GObject *object)
{
  g_cancellable_cancel (REPRISE_PREFERENCES_WINDOW (object)->cancellable);
  gtk_widget_dispose_template (GTK_WIDGET (object), REPRISE_TYPE_PREFERENCES_WINDOW);
  G_OBJECT_CLASS (reprise_preferences_window_parent_class)->dispose (object);
}

static void
reprise_preferences_window_finalize (GObject *object)
{
  ReprisePreferencesWindow *self = REPRISE_PREFERENCES_WINDOW (object);

  g_clear_object (&self->session);
  g_clear_object (&self->cancellable);
  g_clear_pointer (&self->fact_rows, g_ptr_array_unref);
  G_OBJECT_CLASS (reprise_preferences_window_parent_class)->finalize (object);
}

static void
reprise_preferences_window_class_init (ReprisePreferencesWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = reprise_preferences_window_dispose;
  G_OBJECT_CLASS (klass)->finalize = reprise_preferences_window_finalize;
  g_type_ensure (REPRISE_TYPE_BACKGROUND_GROUP);
  gtk_widget_class_set_template_from_resource (
    widget_class, "/io/github/reprise_backup/Reprise/ui/reprise-preferences-window.ui");
  gtk_widget_class_bind_template_child (widget_class, ReprisePreferencesWindow, notify_switch);
  gtk_widget_class_bind_template_child (widget_class, ReprisePreferencesWindow, background_group);
  gtk_widget_class_bind_template_child (widget_class, ReprisePreferencesWindow, folder_row);
  gtk_widget_class_bind_template_child (widget_class, ReprisePreferencesWindow, spinner);
  gtk_widget_class_bind_template_child (widget_class, ReprisePreferencesWindow, default_row);
  gtk_widget_class_bind_template_child (widget_class, ReprisePreferencesWindow, facts_group);
  gtk_widget_class_bind_template_child (widget_class, ReprisePreferencesWindow, keyring_row);
  gtk_widget_class_bind_template_child (widget_class, ReprisePreferencesWindow, unlock_button);
  gtk_widget_class_install_action (widget_class, "prefs.choose-folder", NULL, choose_folder_action);
  gtk_widget_class_install_action (widget_class, "prefs.default-folder", NULL,
                                   default_folder_action);
  gtk_widget_class_install_action (widget_class, "prefs.adopt", NULL, adopt_action);
  gtk_widget_class_install_action (widget_class, "prefs.check-keyring", NULL, check_keyring_action);
  gtk_widget_class_install_action (widget_class, "prefs.unlock", NULL, unlock_action);
}

static void
reprise_preferences_window_init (ReprisePreferencesWindow *self)
{
  self->cancellable = g_cancellable_new ();
  self->fact_rows = g_ptr_array_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
}

/**
 * reprise_preferences_window_new:
 * @settings: (nullable): the window's own; %NULL where their schema is not installed
 */
GtkWindow *
reprise_preferences_window_new (GtkWindow *parent, RepriseSession *session, GSettings *settings)
{
  ReprisePreferencesWindow *self =
    g_object_new (REPRISE_TYPE_PREFERENCES_WINDOW, "transient-for", parent, NULL);

  self->session = g_object_ref (session);
  if (settings != NULL)
    g_settings_bind (settings, "notify-job-ended", self->notify_switch, "active",
                     G_SETTINGS_BIND_DEFAULT);
  else
    gtk_widget_set_sensitive (GTK_WIDGET (self->notify_switch), FALSE);
  reprise_background_group_set_context (self->background_group,
                                        reprise_session_get_context (session));
  update_vault (self);
  check_keyring (self);
  return GTK_WINDOW (self);
}
