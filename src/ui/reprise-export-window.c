/* reprise-export-window.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "reprise-ui"

#include "config.h"

#include <glib/gi18n.h>

#include "base/reprise-error.h"
#include "base/reprise-sandbox.h"
#include "base/reprise-thread.h"
#include "reprise-backup-row.h"
#include "reprise-error-bar.h"
#include "reprise-export-window.h"
#include "reprise-settings-form.h"
#include "reprise-title.h"
#include "reprise-ui.h"

struct _RepriseExportWindow
{
  AdwWindow parent_instance;

  RepriseTitle *window_title;
  GtkButton *export_button;
  RepriseErrorBar *error_bar;
  GtkStack *stack;
  AdwComboRow *collection_row;
  RepriseSettingsForm *form;
  GtkLabel *doing;
  AdwStatusPage *done_page;

  RepriseContext *context; /* (owned) */
  RepriseKind *kind;       /* (owned) */
  RepriseBackup *backup;   /* (owned) */
  GPtrArray *names;        /* (owned) (element-type utf8): of the collections that can be chosen */
  gboolean offers_all;     /* all of them together, before the first */
  GtkFileChooserNative *chooser; /* (owned) (nullable) */
  GCancellable *cancellable;     /* (owned) */
};

G_DEFINE_FINAL_TYPE (RepriseExportWindow, reprise_export_window, ADW_TYPE_WINDOW)

/* What the worker needs: references that nobody else writes. */
typedef struct
{
  RepriseVault *vault;       /* (owned) */
  RepriseKind *kind;         /* (owned) */
  RepriseBackup *backup;     /* (owned) */
  GHashTable *options;       /* (owned) */
  RepriseSecrets *secrets;   /* (owned): for a place that is none of this computer's */
  RepriseProgress *progress; /* (owned) */
  char *path;                /* (owned) (nullable): %NULL where the options name the place */
} Export;

static void
export_free (gpointer data)
{
  Export *self = data;

  g_clear_object (&self->vault);
  g_clear_object (&self->kind);
  g_clear_object (&self->backup);
  g_clear_pointer (&self->options, g_hash_table_unref);
  reprise_secrets_forget_overrides (reprise_secrets_get_service_uuid (self->secrets));
  g_clear_object (&self->secrets);
  g_clear_object (&self->progress);
  g_free (self->path);
  g_free (self);
}

static RepriseOutcome *
export_archive (Export *self, RepriseArchive *archive, GCancellable *cancellable, GError **error)
{
  if (self->path == NULL)
    return reprise_kind_export_away (self->kind, archive, self->options, self->secrets,
                                     self->progress, cancellable, error);
  /* whoever chose a file that is there was asked by the file chooser; in a folder nobody was */
  return reprise_kind_export (self->kind, archive, self->options, self->path,
                              !g_file_test (self->path, G_FILE_TEST_IS_DIR), self->progress,
                              cancellable, error);
}

static void
export_worker (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Export *self = data;
  GError *error = NULL;
  g_autoptr (RepriseManifest) manifest = NULL;
  g_autoptr (RepriseArchive) archive = NULL;
  RepriseOutcome *outcome = NULL;

  if (self->path == NULL || reprise_sandbox_check (self->path, REPRISE_SANDBOX_BESIDE, &error))
    manifest = reprise_vault_read_manifest (self->vault, self->backup, &error);
  if (manifest != NULL)
    {
      archive = reprise_archive_new_for_backup (self->backup, manifest);
      outcome = export_archive (self, archive, cancellable, &error);
    }
  if (outcome != NULL)
    g_task_return_pointer (task, outcome, (GDestroyNotify) reprise_outcome_free);
  else
    g_task_return_error (task, error);
}

static void
exported_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (RepriseExportWindow) self = data;
  Export *export = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseOutcome) outcome = g_task_propagate_pointer (G_TASK (result), &error);
  g_auto (GStrv) warnings = reprise_progress_dup_warnings (export->progress);
  g_autofree char *said = g_strjoinv ("\n", warnings);

  if (error != NULL && reprise_error_is_stop (error))
    return;
  if (outcome == NULL)
    {
      reprise_error_bar_show_error (self->error_bar, _ ("Could Not Export the Backup"), error);
      gtk_stack_set_visible_child_name (self->stack, "form");
      gtk_widget_action_set_enabled (GTK_WIDGET (self), "export.start", TRUE);
      return;
    }
  if (*said != '\0')
    reprise_error_bar_show_text (self->error_bar, GTK_MESSAGE_WARNING, _ ("Exported With Warnings"),
                                 said);
  reprise_ui_set_description (self->done_page, outcome->summary);
  gtk_stack_set_visible_child_name (self->stack, "done");
}

/* (transfer none) (nullable): %NULL for all */
static const char *
get_collection (RepriseExportWindow *self)
{
  guint selected = adw_combo_row_get_selected (self->collection_row);

  if (selected == GTK_INVALID_LIST_POSITION || (self->offers_all && selected-- == 0))
    return NULL;
  return selected < self->names->len ? self->names->pdata[selected] : NULL;
}

/* (transfer full): what was typed, for this one export: it is kept nowhere */
static RepriseSecrets *
take_secrets (RepriseExportWindow *self)
{
  g_autofree char *uuid = g_uuid_string_random ();
  const RepriseSetting *setting = reprise_kind_get_export_settings (self->kind);

  for (; setting != NULL && setting->key != NULL; setting++)
    {
      g_autoptr (RepriseSecretValue) value =
        setting->type == REPRISE_SETTING_SECRET
          ? reprise_settings_form_dup_secret (self->form, setting->key)
          : NULL;

      if (value != NULL)
        reprise_secrets_override (uuid, setting->key, value);
    }
  return reprise_secrets_new (uuid, REPRISE_KEYRING_UNATTENDED);
}

/* @path: (nullable): %NULL where the form names the place */
static void
start (RepriseExportWindow *self, const char *path)
{
  g_autoptr (GTask) task = g_task_new (NULL, self->cancellable, exported_cb, g_object_ref (self));
  const char *collection = get_collection (self);
  Export *export = g_new0 (Export, 1);
  g_autofree char *text = NULL;

  export->vault = reprise_context_dup_vault (self->context);
  export->kind = g_object_ref (self->kind);
  export->backup = g_object_ref (self->backup);
  export->options = reprise_settings_form_get_values (self->form);
  export->secrets = take_secrets (self);
  export->progress = reprise_progress_new ();
  export->path = g_strdup (path);
  if (collection != NULL)
    g_hash_table_insert (export->options, g_strdup (REPRISE_OPTION_COLLECTION),
                         g_strdup (collection));
  /* Translators: a file or a folder */
  text = path != NULL ? g_strdup_printf (_ ("Writing “%s”…"), path)
                      : g_strdup (_ ("Sending the backup…"));
  gtk_label_set_label (self->doing, text);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "export.start", FALSE);
  reprise_error_bar_clear (self->error_bar);
  gtk_stack_set_visible_child_name (self->stack, "doing");
  g_task_set_task_data (task, export, export_free);
  reprise_task_run_in_own_thread (task, export_worker);
}

static void
chosen_cb (RepriseExportWindow *self, int response, GtkNativeDialog *dialog)
{
  g_autoptr (GFile) file =
    response == GTK_RESPONSE_ACCEPT ? gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog)) : NULL;
  g_autofree char *path = file != NULL ? g_file_get_path (file) : NULL;

  gtk_native_dialog_destroy (dialog);
  g_clear_object (&self->chooser);
  if (path != NULL)
    start (self, path);
}

static gboolean
goes_away (RepriseExportWindow *self)
{
  g_autoptr (GHashTable) options = reprise_settings_form_get_values (self->form);

  return reprise_kind_exports_away (self->kind, options);
}

/* Only what asks for more before it begins has an ellipsis. */
static void
form_changed_cb (RepriseExportWindow *self)
{
  gboolean away = goes_away (self);
  gboolean something = reprise_kind_exports_whole (self->kind) || self->names->len > 0;

  gtk_button_set_label (self->export_button, away ? _ ("_Export") : _ ("_Export…"));
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "export.start",
                                 something &&
                                   (!away || reprise_settings_form_get_complete (self->form)));
}

/* (transfer full) */
static char *
dup_file_name (RepriseExportWindow *self, const char *collection)
{
  RepriseService *service = reprise_services_get (reprise_context_get_services (self->context),
                                                  reprise_backup_get_service_uuid (self->backup));

  return reprise_kind_suggest_file_name (self->kind, service, self->backup, collection);
}

/* One collection is a file, all of them a folder. */
static void
choose_path (RepriseExportWindow *self)
{
  const char *collection = get_collection (self);

  if (self->chooser != NULL)
    return;
  self->chooser = gtk_file_chooser_native_new (
    collection != NULL ? _ ("Export Into a File") : _ ("Export Into a Folder"), GTK_WINDOW (self),
    collection != NULL ? GTK_FILE_CHOOSER_ACTION_SAVE : GTK_FILE_CHOOSER_ACTION_SELECT_FOLDER,
    _ ("_Export"), _ ("_Cancel"));
  if (collection != NULL)
    {
      g_autofree char *file_name = dup_file_name (self, collection);

      gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (self->chooser), file_name);
    }
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (self->chooser), TRUE);
  g_signal_connect_object (self->chooser, "response", G_CALLBACK (chosen_cb), self,
                           G_CONNECT_SWAPPED);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (self->chooser));
}

static void
start_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  RepriseExportWindow *self = REPRISE_EXPORT_WINDOW (widget);
  g_autoptr (GError) error = NULL;

  if (!goes_away (self))
    choose_path (self);
  else if (reprise_settings_form_check (self->form, &error))
    start (self, NULL);
  else
    reprise_error_bar_show_error (self->error_bar, _ ("A field is not filled in correctly"), error);
}

/* Closed: what is being written ends, and leaves nothing half done. */
static void
reprise_export_window_unrealize (GtkWidget *widget)
{
  g_cancellable_cancel (REPRISE_EXPORT_WINDOW (widget)->cancellable);
  GTK_WIDGET_CLASS (reprise_export_window_parent_class)->unrealize (widget);
  gtk_window_set_transient_for (GTK_WINDOW (widget), NULL);
}

static void
reprise_export_window_dispose (GObject *object)
{
  RepriseExportWindow *self = REPRISE_EXPORT_WINDOW (object);

  if (self->chooser != NULL)
    gtk_native_dialog_destroy (GTK_NATIVE_DIALOG (self->chooser));
  g_clear_object (&self->chooser);
  g_clear_object (&self->context);
  g_clear_object (&self->kind);
  g_clear_object (&self->backup);
  gtk_widget_dispose_template (GTK_WIDGET (object), REPRISE_TYPE_EXPORT_WINDOW);
  G_OBJECT_CLASS (reprise_export_window_parent_class)->dispose (object);
}

static void
reprise_export_window_finalize (GObject *object)
{
  RepriseExportWindow *self = REPRISE_EXPORT_WINDOW (object);

  g_clear_pointer (&self->names, g_ptr_array_unref);
  g_clear_object (&self->cancellable);
  G_OBJECT_CLASS (reprise_export_window_parent_class)->finalize (object);
}

static void
reprise_export_window_class_init (RepriseExportWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = reprise_export_window_dispose;
  G_OBJECT_CLASS (klass)->finalize = reprise_export_window_finalize;
  widget_class->unrealize = reprise_export_window_unrealize;
  g_type_ensure (REPRISE_TYPE_ERROR_BAR);
  g_type_ensure (REPRISE_TYPE_SETTINGS_FORM);
  g_type_ensure (REPRISE_TYPE_TITLE);
  gtk_widget_class_set_template_from_resource (
    widget_class, "/io/github/reprise_backup/Reprise/ui/reprise-export-window.ui");
  gtk_widget_class_bind_template_child (widget_class, RepriseExportWindow, window_title);
  gtk_widget_class_bind_template_child (widget_class, RepriseExportWindow, export_button);
  gtk_widget_class_bind_template_child (widget_class, RepriseExportWindow, error_bar);
  gtk_widget_class_bind_template_child (widget_class, RepriseExportWindow, stack);
  gtk_widget_class_bind_template_child (widget_class, RepriseExportWindow, collection_row);
  gtk_widget_class_bind_template_child (widget_class, RepriseExportWindow, form);
  gtk_widget_class_bind_template_child (widget_class, RepriseExportWindow, doing);
  gtk_widget_class_bind_template_child (widget_class, RepriseExportWindow, done_page);
  gtk_widget_class_install_action (widget_class, "export.start", NULL, start_action);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
}

static void
reprise_export_window_init (RepriseExportWindow *self)
{
  self->cancellable = g_cancellable_new ();
  self->names = g_ptr_array_new_with_free_func (g_free);
  gtk_widget_init_template (GTK_WIDGET (self));
  g_signal_connect (self, "map", G_CALLBACK (reprise_ui_focus_field), NULL);
}

/* Of what stands under one name, such as a database and its design documents, the one that is called so. */
static void
offer_collection (RepriseExportWindow *self, GtkStringList *titles, RepriseCollection *collection)
{
  const char *name = reprise_collection_get_name (collection);
  const char *title = reprise_collection_get_title (collection);
  guint i;

  if (!g_ptr_array_find_with_equal_func (self->names, name, g_str_equal, &i))
    {
      g_ptr_array_add (self->names, g_strdup (name));
      gtk_string_list_append (titles, title);
    }
  else if (g_str_equal (name, title))
    gtk_string_list_splice (titles, i, 1, (const char *const[]){ title, NULL });
}

static void
offer_collections (RepriseExportWindow *self, RepriseContents *contents)
{
  g_autoptr (GtkStringList) titles = gtk_string_list_new (NULL);

  for (guint i = 0; contents != NULL && i < REPRISE_N_GROUPS; i++)
    {
      RepriseDataGroup *group = reprise_contents_get_group (contents, (RepriseGroup) i);
      guint n = group != NULL && i != REPRISE_GROUP_SKIPPED
                  ? g_list_model_get_n_items (G_LIST_MODEL (group))
                  : 0;

      for (guint j = 0; j < n; j++)
        {
          g_autoptr (RepriseCollection) collection =
            g_list_model_get_item (G_LIST_MODEL (group), j);

          offer_collection (self, titles, collection);
        }
    }
  self->offers_all = self->names->len > 1 && !reprise_backup_is_reports (self->backup, self->kind);
  if (self->offers_all)
    gtk_string_list_splice (titles, 0, 0,
                            (const char *const[]){ _ ("All, a file for each"), NULL });
  adw_combo_row_set_model (self->collection_row, G_LIST_MODEL (titles));
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "export.start", self->names->len > 0);
}

static void
offer_all (RepriseExportWindow *self)
{
  gtk_widget_set_visible (
    gtk_widget_get_ancestor (GTK_WIDGET (self->collection_row), ADW_TYPE_PREFERENCES_GROUP), FALSE);
}

/**
 * reprise_export_window_new:
 * @kind: that can export
 * @contents: of @backup
 *
 * Returns: (transfer none): GTK holds it
 */
GtkWindow *
reprise_export_window_new (GtkWindow *parent,
                           RepriseContext *context,
                           RepriseKind *kind,
                           RepriseBackup *backup,
                           RepriseContents *contents)
{
  RepriseExportWindow *self =
    g_object_new (REPRISE_TYPE_EXPORT_WINDOW, "transient-for", parent, NULL);
  const RepriseSetting *settings = reprise_kind_get_export_settings (kind);

  self->context = g_object_ref (context);
  self->kind = g_object_ref (kind);
  self->backup = g_object_ref (backup);
  reprise_title_set_subtitle (self->window_title, reprise_kind_get_export_title (kind));
  if (reprise_kind_exports_whole (kind))
    offer_all (self);
  else
    offer_collections (self, contents);
  reprise_settings_form_set_settings (self->form, settings);
  g_signal_connect_object (self->form, "changed", G_CALLBACK (form_changed_cb), self,
                           G_CONNECT_SWAPPED);
  gtk_widget_set_visible (GTK_WIDGET (self->form), settings != NULL);
  return GTK_WINDOW (self);
}
