/* reprise-report-window.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "reprise-ui"

#include "config.h"

#include <glib/gi18n.h>

#include "reprise-error-bar.h"
#include "reprise-report-window.h"
#include "reprise-title.h"

struct _RepriseReportWindow
{
  AdwWindow parent_instance;

  AdwToastOverlay *toast_overlay;
  RepriseErrorBar *error_bar;
  GtkTextView *view;

  char *file_name; /* (owned); a proposal */
};

G_DEFINE_FINAL_TYPE (RepriseReportWindow, reprise_report_window, ADW_TYPE_WINDOW)

static char *
dup_text (RepriseReportWindow *self)
{
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (self->view);
  GtkTextIter start, end;

  gtk_text_buffer_get_bounds (buffer, &start, &end);
  return gtk_text_buffer_get_text (buffer, &start, &end, FALSE);
}

static void
copy_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  RepriseReportWindow *self = REPRISE_REPORT_WINDOW (widget);
  g_autofree char *text = dup_text (self);

  gdk_clipboard_set_text (gtk_widget_get_clipboard (widget), text);
  adw_toast_overlay_add_toast (self->toast_overlay, adw_toast_new (_ ("Report copied")));
}

static void
saved_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (RepriseReportWindow) self = data;
  g_autoptr (GError) error = NULL;

  if (g_file_replace_contents_finish (G_FILE (source), result, NULL, &error))
    adw_toast_overlay_add_toast (self->toast_overlay, adw_toast_new (_ ("Report saved")));
  else
    reprise_error_bar_show_error (self->error_bar, _ ("Could Not Save the Report"), error);
}

static void
save_response_cb (GtkNativeDialog *dialog, int response, RepriseReportWindow *self)
{
  if (response == GTK_RESPONSE_ACCEPT)
    {
      g_autoptr (GFile) file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog));
      char *text = dup_text (self);
      g_autoptr (GBytes) bytes = g_bytes_new_take (text, strlen (text));

      g_file_replace_contents_bytes_async (file, bytes, NULL, FALSE, G_FILE_CREATE_PRIVATE, NULL,
                                           saved_cb, g_object_ref (self));
    }
  g_object_unref (dialog);
}

static void
save_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  RepriseReportWindow *self = REPRISE_REPORT_WINDOW (widget);
  GtkFileChooserNative *dialog = gtk_file_chooser_native_new (
    _ ("Save Report"), GTK_WINDOW (self), GTK_FILE_CHOOSER_ACTION_SAVE, _ ("_Save"), _ ("_Cancel"));

  gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (dialog), self->file_name);
  g_signal_connect_object (dialog, "response", G_CALLBACK (save_response_cb), self,
                           G_CONNECT_DEFAULT);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (dialog));
}

static void
reprise_report_window_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), REPRISE_TYPE_REPORT_WINDOW);
  G_OBJECT_CLASS (reprise_report_window_parent_class)->dispose (object);
}

static void
reprise_report_window_finalize (GObject *object)
{
  g_clear_pointer (&REPRISE_REPORT_WINDOW (object)->file_name, g_free);
  G_OBJECT_CLASS (reprise_report_window_parent_class)->finalize (object);
}

static void
reprise_report_window_class_init (RepriseReportWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = reprise_report_window_dispose;
  G_OBJECT_CLASS (klass)->finalize = reprise_report_window_finalize;
  g_type_ensure (REPRISE_TYPE_ERROR_BAR);
  g_type_ensure (REPRISE_TYPE_TITLE);
  gtk_widget_class_set_template_from_resource (
    widget_class, "/io/github/reprise_backup/Reprise/ui/reprise-report-window.ui");
  gtk_widget_class_bind_template_child (widget_class, RepriseReportWindow, toast_overlay);
  gtk_widget_class_bind_template_child (widget_class, RepriseReportWindow, error_bar);
  gtk_widget_class_bind_template_child (widget_class, RepriseReportWindow, view);
  gtk_widget_class_install_action (widget_class, "report.copy", NULL, copy_action);
  gtk_widget_class_install_action (widget_class, "report.save", NULL, save_action);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
}

static void
reprise_report_window_init (RepriseReportWindow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

/**
 * reprise_report_window_new:
 * @parent: any widget of the window that it belongs to
 * @file_name: what the file would be called
 * @text: the report; it must hold no secret
 */
GtkWindow *
reprise_report_window_new (GtkWidget *parent, const char *file_name, const char *text)
{
  RepriseReportWindow *self = g_object_new (REPRISE_TYPE_REPORT_WINDOW, "transient-for",
                                            GTK_WINDOW (gtk_widget_get_root (parent)), NULL);

  self->file_name = g_strdup (file_name);
  gtk_text_buffer_set_text (gtk_text_view_get_buffer (self->view), text, -1);
  return GTK_WINDOW (self);
}
