/* reprise-ui.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "reprise-ui"

#include "config.h"

#include "data/reprise-icons-resource.h"
#include "reprise-ui-resource.h"
#include "reprise-ui.h"

/* Makes the resources known that the templates, the style and the icons are in. May be called again. */
void
reprise_ui_init (void)
{
  static gsize registered = 0;

  if (!g_once_init_enter (&registered))
    return;
  reprise_ui_register_resource ();
  reprise_icons_register_resource ();
  g_once_init_leave (&registered, 1);
}

/* @text: (nullable): as it is, whatever is in it: AdwStatusPage takes markup */
void
reprise_ui_set_description (AdwStatusPage *page, const char *text)
{
  g_autofree char *markup = text != NULL ? g_markup_escape_text (text, -1) : NULL;

  adw_status_page_set_description (page, markup);
}

/* (transfer none) (nullable): the first thing below @widget that can be filled in or chosen; buttons only lead elsewhere */
static GtkWidget *
find_field (GtkWidget *widget)
{
  if (ADW_IS_HEADER_BAR (widget) || GTK_IS_INFO_BAR (widget) || !gtk_widget_is_sensitive (widget) ||
      !gtk_widget_get_child_visible (widget) || !gtk_widget_get_visible (widget))
    return NULL;
  if (GTK_IS_TEXT (widget) || GTK_IS_CHECK_BUTTON (widget) || GTK_IS_SWITCH (widget) ||
      GTK_IS_DROP_DOWN (widget) ||
      (GTK_IS_LIST_BOX_ROW (widget) &&
       gtk_list_box_row_get_activatable (GTK_LIST_BOX_ROW (widget)) &&
       !ADW_IS_EXPANDER_ROW (widget)))
    return widget;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = find_field (child);

      if (found != NULL)
        return found;
    }
  return NULL;
}

/* The first field below @top takes the keyboard, not a button of the header bar. */
void
reprise_ui_focus_field (GtkWidget *top)
{
  GtkWidget *field = find_field (top);

  if ((field == NULL || !gtk_widget_grab_focus (field)) && !GTK_IS_WINDOW (top))
    gtk_widget_child_focus (top, GTK_DIR_TAB_FORWARD);
}

/* The words of a large button go on in a second line where there is little room, instead of making the window wider. */
void
reprise_ui_wrap_button (GtkButton *button)
{
  GtkWidget *label = gtk_button_get_child (button);

  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_justify (GTK_LABEL (label), GTK_JUSTIFY_CENTER);
}
