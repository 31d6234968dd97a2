/* reprise-accessible.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "reprise-ui"

#include "config.h"

#include <adwaita.h>

#include "reprise-accessible.h"

/*
 * What the toolkit tells a screen reader wrongly, put right in one place for all windows:
 *
 * - Only a window of the role that GtkWindow has is said to be showing, and to become active. A dialog has another role, so that a
 *   screen reader takes it for one that is not there and stays silent about its buttons.
 * - What has a name of its own and is labelled by another widget too is called by both: “_Cancel Cancel”, for each button with a
 *   mnemonic, and “Verify Verify”.
 * - What can be expanded is a button without a name: its label is beside it.
 * - A button of the toolkit's own with nothing but a picture on it, as the eye of a password, has a tooltip and no name.
 * - Who asks for a window by a number beyond those that are shown, because one was closed since they were counted, is given the last
 *   of all windows. Where that is a hidden one, as that of the keyboard shortcuts, GTK 4.8 has no path of it, and crashes.
 */

/* (transfer full): @label as it is shown: “_Save __init__” is “Save _init__” */
static char *
strip_mnemonic (const char *label)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (const char *c = label; *c != '\0'; c++)
    if (*c != '_' || (c[1] == '_' && *++c == '_'))
      g_string_append_c (text, *c);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* Its own name is enough. */
static void
name_once (GtkAccessible *control)
{
  if (gtk_test_accessible_has_property (control, GTK_ACCESSIBLE_PROPERTY_LABEL) &&
      gtk_test_accessible_has_relation (control, GTK_ACCESSIBLE_RELATION_LABELLED_BY))
    gtk_accessible_reset_relation (control, GTK_ACCESSIBLE_RELATION_LABELLED_BY);
}

/* Whether that is what it is called, and not by a name that somebody gave it. */
static gboolean
is_named (GtkAccessible *control, const char *name)
{
  g_autofree char *difference =
    gtk_test_accessible_check_property (control, GTK_ACCESSIBLE_PROPERTY_LABEL, name, NULL);

  return difference == NULL;
}

static void
name_button (GtkButton *button)
{
  const char *label = gtk_button_get_label (button);
  g_autofree char *name = label != NULL ? strip_mnemonic (label) : NULL;

  if (name != NULL && gtk_button_get_use_underline (button) &&
      is_named (GTK_ACCESSIBLE (button), label))
    gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, name,
                                    -1);
  name_once (GTK_ACCESSIBLE (button));
}

/* What its picture means, which may change: “Show Password”, “Hide Password” */
static void
name_picture (GtkWidget *button)
{
  const char *tooltip = gtk_widget_get_tooltip_text (button);

  if (tooltip != NULL)
    gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, tooltip,
                                    -1);
}

static void
name_picture_button (GtkWidget *button)
{
  if (gtk_button_get_label (GTK_BUTTON (button)) != NULL ||
      gtk_widget_get_tooltip_text (button) == NULL ||
      gtk_test_accessible_has_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL))
    return;
  name_picture (button);
  g_signal_connect (button, "notify::tooltip-text", G_CALLBACK (name_picture), NULL);
}

static void
name_expander (GtkExpander *expander)
{
  const char *label = gtk_expander_get_label (expander);
  g_autofree char *name = label != NULL ? strip_mnemonic (label) : NULL;

  if (name != NULL)
    gtk_accessible_update_property (GTK_ACCESSIBLE (expander), GTK_ACCESSIBLE_PROPERTY_LABEL, name,
                                    -1);
}

static void
describe_dialog (AdwMessageDialog *dialog)
{
  gtk_accessible_update_property (GTK_ACCESSIBLE (dialog), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                  adw_message_dialog_get_body (dialog), -1);
}

/* For each widget that is about to be shown; a label that changes later is said anew. */
static gboolean
map_hook (GSignalInvocationHint *hint, guint n_values, const GValue *values, gpointer data)
{
  GObject *widget = g_value_get_object (&values[0]);

  if (GTK_IS_CHECK_BUTTON (widget) || GTK_IS_SWITCH (widget))
    name_once (GTK_ACCESSIBLE (widget));
  else if (GTK_IS_EXPANDER (widget))
    name_expander (GTK_EXPANDER (widget));
  else if (GTK_IS_BUTTON (widget))
    {
      name_button (GTK_BUTTON (widget));
      g_signal_handlers_disconnect_by_func (widget, name_button, NULL);
      g_signal_connect (widget, "notify::label", G_CALLBACK (name_button), NULL);
      name_picture_button (GTK_WIDGET (widget));
    }
  return TRUE;
}

static int
compare_shown_cb (gconstpointer a, gconstpointer b, gpointer data)
{
  return gtk_widget_get_visible ((GtkWidget *) a) - gtk_widget_get_visible ((GtkWidget *) b);
}

static guint order_id;

/* Hidden windows first: the last of all is one that is shown, and has a path. */
static gboolean
order_windows_cb (gpointer data)
{
  GListModel *windows = gtk_window_get_toplevels ();
  gboolean any_shown = FALSE, last_shown = TRUE;

  for (guint i = 0; i < g_list_model_get_n_items (windows); i++)
    {
      g_autoptr (GtkWidget) window = g_list_model_get_item (windows, i);

      last_shown = gtk_widget_get_visible (window);
      any_shown |= last_shown;
    }
  if (any_shown && !last_shown && G_IS_LIST_STORE (windows))
    g_list_store_sort (G_LIST_STORE (windows), compare_shown_cb, NULL);
  order_id = 0;
  return G_SOURCE_REMOVE;
}

/* Before the next call of a screen reader is answered, but not while GTK itself is at work on its list. */
static void
queue_order_windows (void)
{
  if (order_id == 0)
    order_id = g_idle_add_full (G_PRIORITY_HIGH, order_windows_cb, NULL, NULL);
}

static gboolean
unmap_hook (GSignalInvocationHint *hint, guint n_values, const GValue *values, gpointer data)
{
  if (GTK_IS_WINDOW (g_value_get_object (&values[0])))
    queue_order_windows ();
  return TRUE;
}

/* For each widget before a screen reader hears of it: what is said of a window later makes libatspi lose the application. */
static gboolean
realize_hook (GSignalInvocationHint *hint, guint n_values, const GValue *values, gpointer data)
{
  GObject *widget = g_value_get_object (&values[0]);

  if (ADW_IS_MESSAGE_DIALOG (widget))
    describe_dialog (ADW_MESSAGE_DIALOG (widget));
  return TRUE;
}

/* The role of @type becomes that of a window. Its class stays for good. */
static void
make_window_role (GType type)
{
  GtkWidgetClass *klass = g_type_class_ref (type);
  GtkWidgetClass *window_class = g_type_class_ref (GTK_TYPE_WINDOW);

  gtk_widget_class_set_accessible_role (klass, gtk_widget_class_get_accessible_role (window_class));
  g_type_class_unref (window_class);
}

/* Once, when the toolkit is there and before the first window. May be called again. */
void
reprise_accessible_init (void)
{
  static gsize done = 0;

  /* switched off, there is nobody to tell, and GTK complains when it is asked what it would tell */
  if (g_strcmp0 (g_getenv ("GTK_A11Y"), "none") == 0 || !g_once_init_enter (&done))
    return;
  make_window_role (ADW_TYPE_MESSAGE_DIALOG);
  g_signal_add_emission_hook (g_signal_lookup ("map", GTK_TYPE_WIDGET), 0, map_hook, NULL, NULL);
  g_signal_add_emission_hook (g_signal_lookup ("realize", GTK_TYPE_WIDGET), 0, realize_hook, NULL,
                              NULL);
  g_signal_add_emission_hook (g_signal_lookup ("unmap", GTK_TYPE_WIDGET), 0, unmap_hook, NULL,
                              NULL);
  g_signal_connect (gtk_window_get_toplevels (), "items-changed", G_CALLBACK (queue_order_windows),
                    NULL);
  g_once_init_leave (&done, 1);
}
