/* reprise-error-bar.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "reprise-ui"

#include "config.h"

#include <glib/gi18n.h>

#include "base/reprise-error.h"
#include "reprise-error-bar.h"

struct _RepriseErrorBar
{
  AdwBin parent_instance;

  GtkInfoBar *bar;
  GtkImage *icon;
  GtkLabel *title;
  GtkLabel *body;
  GtkButton *button;
};

G_DEFINE_FINAL_TYPE (RepriseErrorBar, reprise_error_bar, ADW_TYPE_BIN)

static void
response_cb (RepriseErrorBar *self, int response)
{
  reprise_error_bar_clear (self);
}

/* The button has done its action already. */
static void
button_clicked_cb (RepriseErrorBar *self)
{
  reprise_error_bar_clear (self);
}

/* The bin lets go of its child first: the template's end unparents the ones that it bound. */
static void
reprise_error_bar_dispose (GObject *object)
{
  adw_bin_set_child (ADW_BIN (object), NULL);
  gtk_widget_dispose_template (GTK_WIDGET (object), REPRISE_TYPE_ERROR_BAR);
  G_OBJECT_CLASS (reprise_error_bar_parent_class)->dispose (object);
}

static void
reprise_error_bar_class_init (RepriseErrorBarClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = reprise_error_bar_dispose;
  gtk_widget_class_set_template_from_resource (
    widget_class, "/io/github/reprise_backup/Reprise/ui/reprise-error-bar.ui");
  gtk_widget_class_bind_template_child (widget_class, RepriseErrorBar, bar);
  gtk_widget_class_bind_template_child (widget_class, RepriseErrorBar, icon);
  gtk_widget_class_bind_template_child (widget_class, RepriseErrorBar, title);
  gtk_widget_class_bind_template_child (widget_class, RepriseErrorBar, body);
  gtk_widget_class_bind_template_child (widget_class, RepriseErrorBar, button);
  gtk_widget_class_bind_template_callback (widget_class, response_cb);
  gtk_widget_class_bind_template_callback (widget_class, button_clicked_cb);
}

/* GTK 4.8 leaves the button that closes the bar without a name. */
static void
name_close_button (GtkWidget *widget)
{
  if (GTK_IS_BUTTON (widget) && gtk_widget_has_css_class (widget, "close"))
    {
      gtk_accessible_update_property (GTK_ACCESSIBLE (widget), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Close"), -1);
      gtk_widget_set_tooltip_text (widget, _ ("Close"));
    }
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    name_close_button (child);
}

static void
reprise_error_bar_init (RepriseErrorBar *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  name_close_button (GTK_WIDGET (self->bar));
}

/**
 * reprise_error_bar_show_text:
 * @title: one line
 * @body: (nullable): why, and what to do
 */
void
reprise_error_bar_show_text (RepriseErrorBar *self,
                             GtkMessageType type,
                             const char *title,
                             const char *body)
{
  gtk_info_bar_set_message_type (self->bar, type);
  gtk_image_set_from_icon_name (self->icon, type == GTK_MESSAGE_INFO ? "reprise-info-symbolic"
                                                                     : "reprise-warning-symbolic");
  gtk_label_set_label (self->title, title);
  gtk_label_set_label (self->body, body != NULL ? body : "");
  gtk_widget_set_visible (GTK_WIDGET (self->body), body != NULL && body[0] != '\0');
  gtk_widget_set_visible (GTK_WIDGET (self->button), FALSE);
  gtk_widget_set_visible (GTK_WIDGET (self->bar), TRUE);
  gtk_info_bar_set_revealed (self->bar, TRUE);
}

/**
 * reprise_error_bar_show_error:
 * @title: what failed: “Could Not Read the Backups”
 * @error: (nullable): why; nothing is shown when it says that the user stopped it
 */
void
reprise_error_bar_show_error (RepriseErrorBar *self, const char *title, const GError *error)
{
  g_autofree char *body = error != NULL ? reprise_error_get_sentence (error) : NULL;

  if (error != NULL && reprise_error_is_stop (error))
    return;
  reprise_error_bar_show_text (self, GTK_MESSAGE_ERROR, title, body);
}

/* Offers a button beside the message that is shown; both go with the next message. */
void
reprise_error_bar_set_button (RepriseErrorBar *self, const char *label, const char *action_name)
{
  gtk_button_set_label (self->button, label);
  gtk_button_set_use_underline (self->button, TRUE);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (self->button), action_name);
  gtk_widget_set_visible (GTK_WIDGET (self->button), TRUE);
}

void
reprise_error_bar_clear (RepriseErrorBar *self)
{
  gtk_info_bar_set_revealed (self->bar, FALSE);
  gtk_widget_set_visible (GTK_WIDGET (self->bar), FALSE);
}
