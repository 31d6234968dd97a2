/* reprise-window.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "reprise-ui"

#include "config.h"

#include "reprise-window.h"

struct _RepriseWindow
{
  AdwApplicationWindow parent_instance;

  AdwToastOverlay *toast_overlay;
  GtkStack *stack;
};

G_DEFINE_FINAL_TYPE (RepriseWindow, reprise_window, ADW_TYPE_APPLICATION_WINDOW)

static void
reprise_window_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), REPRISE_TYPE_WINDOW);
  G_OBJECT_CLASS (reprise_window_parent_class)->dispose (object);
}

static void
reprise_window_class_init (RepriseWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = reprise_window_dispose;
  gtk_widget_class_set_template_from_resource (
    widget_class, "/io/github/reprise_backup/Reprise/ui/reprise-window.ui");
  gtk_widget_class_bind_template_child (widget_class, RepriseWindow, toast_overlay);
  gtk_widget_class_bind_template_child (widget_class, RepriseWindow, stack);
}

static void
reprise_window_init (RepriseWindow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

RepriseWindow *
reprise_window_new (RepriseApplication *application)
{
  return g_object_new (REPRISE_TYPE_WINDOW, "application", application, NULL);
}
