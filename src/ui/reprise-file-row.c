/* reprise-file-row.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "reprise-ui"

#include "config.h"

#include <glib/gi18n.h>

#include "reprise-file-row.h"

struct _RepriseFileRow
{
  AdwActionRow parent_instance;

  char *path;                    /* (owned) (nullable) */
  GtkFileChooserNative *chooser; /* (owned) (nullable) */
};

G_DEFINE_FINAL_TYPE (RepriseFileRow, reprise_file_row, ADW_TYPE_ACTION_ROW)

static guint chosen_signal;

static void
take_file (RepriseFileRow *self, GFile *file)
{
  g_autofree char *path = file != NULL ? g_file_get_path (file) : NULL;

  if (path != NULL)
    reprise_file_row_set_path (self, path);
}

static void
response_cb (GtkNativeDialog *dialog, int response, RepriseFileRow *self)
{
  g_autoptr (GFile) file = NULL;

  if (response == GTK_RESPONSE_ACCEPT)
    file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog));
  take_file (self, file);
  gtk_native_dialog_destroy (dialog);
  g_clear_object (&self->chooser);
}

static void
reprise_file_row_activate (AdwActionRow *row)
{
  RepriseFileRow *self = REPRISE_FILE_ROW (row);

  if (self->chooser != NULL)
    return;
  self->chooser = gtk_file_chooser_native_new (
    _ ("Choose an Archive"), GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))),
    GTK_FILE_CHOOSER_ACTION_OPEN, _ ("_Choose"), _ ("_Cancel"));
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (self->chooser), TRUE);
  g_signal_connect_object (self->chooser, "response", G_CALLBACK (response_cb), self, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (self->chooser));
}

static gboolean
drop_cb (GtkDropTarget *target, const GValue *value, double x, double y, RepriseFileRow *self)
{
  g_autofree char *path = g_file_get_path (g_value_get_object (value));

  take_file (self, g_value_get_object (value));
  return path != NULL;
}

static void
reprise_file_row_dispose (GObject *object)
{
  RepriseFileRow *self = REPRISE_FILE_ROW (object);

  if (self->chooser != NULL)
    gtk_native_dialog_destroy (GTK_NATIVE_DIALOG (self->chooser));
  g_clear_object (&self->chooser);
  g_clear_pointer (&self->path, g_free);
  G_OBJECT_CLASS (reprise_file_row_parent_class)->dispose (object);
}

static void
reprise_file_row_class_init (RepriseFileRowClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = reprise_file_row_dispose;
  ADW_ACTION_ROW_CLASS (klass)->activate = reprise_file_row_activate;
  chosen_signal = g_signal_new ("chosen", REPRISE_TYPE_FILE_ROW, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                NULL, G_TYPE_NONE, 0);
}

static void
reprise_file_row_init (RepriseFileRow *self)
{
  GtkWidget *icon = gtk_image_new_from_icon_name ("reprise-open-symbolic");

  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (self), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self), _ ("Choose a File…"));
  adw_action_row_set_subtitle (ADW_ACTION_ROW (self), _ ("Or drop one here"));
  adw_action_row_set_subtitle_lines (ADW_ACTION_ROW (self), 2);
  adw_action_row_add_suffix (ADW_ACTION_ROW (self), icon);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (self), TRUE);
}

/* (nullable): of the chosen archive */
const char *
reprise_file_row_get_path (RepriseFileRow *self)
{
  return self->path;
}

void
reprise_file_row_set_path (RepriseFileRow *self, const char *path)
{
  g_autofree char *name = g_filename_display_basename (path);
  g_autofree char *kept = g_strdup (path);

  g_free (self->path);
  self->path = g_steal_pointer (&kept);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self), name);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (self), _ ("Choose another file, or drop one here"));
  g_signal_emit (self, chosen_signal, 0);
}

/* Also what is dropped there is taken, such as on the page that the row is in. */
void
reprise_file_row_take_drops (RepriseFileRow *self, GtkWidget *where)
{
  GtkDropTarget *drop = gtk_drop_target_new (G_TYPE_FILE, GDK_ACTION_COPY);

  g_signal_connect_object (drop, "drop", G_CALLBACK (drop_cb), self, 0);
  gtk_widget_add_controller (where, GTK_EVENT_CONTROLLER (drop));
}
