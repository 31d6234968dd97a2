/* reprise-application.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "reprise-ui"

#include "config.h"

#include <glib/gi18n.h>

#include "reprise-application.h"
#include "reprise-ui.h"
#include "reprise-window.h"

struct _RepriseApplication
{
  AdwApplication parent_instance;
};

G_DEFINE_FINAL_TYPE (RepriseApplication, reprise_application, ADW_TYPE_APPLICATION)

/* (transfer none): the window, made if there is none, and in front */
static RepriseWindow *
present_window (RepriseApplication *self)
{
  GtkWindow *window = NULL;

  for (GList *l = gtk_application_get_windows (GTK_APPLICATION (self)); l != NULL; l = l->next)
    if (REPRISE_IS_WINDOW (l->data))
      window = l->data;
  if (window == NULL)
    window = GTK_WINDOW (reprise_window_new (self));
  gtk_window_present (window);
  return REPRISE_WINDOW (window);
}

static void
about_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  RepriseApplication *self = data;

  adw_show_about_window (
    gtk_application_get_active_window (GTK_APPLICATION (self)), "application-name", _ ("Reprise"),
    "application-icon", APPLICATION_ID, "version", PACKAGE_VERSION, "license-type",
    GTK_LICENSE_GPL_3_0, "developer-name", _ ("The Reprise contributors"), "comments",
    _ ("Back up and restore the application services that you run"), "translator-credits",
    /* Translators: your name, one a line; it is shown in the About window */
    _ ("translator-credits"), NULL);
}

static void
quit_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  g_application_quit (G_APPLICATION (data));
}

static const GActionEntry ACTIONS[] = {
  { .name = "about", .activate = about_action },
  { .name = "quit", .activate = quit_action },
};

static const struct
{
  const char *action;
  const char *accels[3];
} ACCELS[] = {
  { "app.quit", { "<Control>q" } },
  { "window.close", { "<Control>w" } },
  { "win.show-help-overlay", { "<Control>question" } },
};

static void
reprise_application_activate (GApplication *application)
{
  present_window (REPRISE_APPLICATION (application));
}

static void
reprise_application_startup (GApplication *application)
{
  G_APPLICATION_CLASS (reprise_application_parent_class)->startup (application);
  g_action_map_add_action_entries (G_ACTION_MAP (application), ACTIONS, G_N_ELEMENTS (ACTIONS),
                                   application);
  for (guint i = 0; i < G_N_ELEMENTS (ACCELS); i++)
    gtk_application_set_accels_for_action (GTK_APPLICATION (application), ACCELS[i].action,
                                           ACCELS[i].accels);
}

static void
reprise_application_class_init (RepriseApplicationClass *klass)
{
  GApplicationClass *application_class = G_APPLICATION_CLASS (klass);

  application_class->activate = reprise_application_activate;
  application_class->startup = reprise_application_startup;
}

static void
reprise_application_init (RepriseApplication *self)
{
}

RepriseApplication *
reprise_application_new (void)
{
  reprise_ui_init ();
  g_set_application_name (_ ("Reprise"));
  return g_object_new (REPRISE_TYPE_APPLICATION, "application-id", APPLICATION_ID, "flags",
                       G_APPLICATION_HANDLES_OPEN, "resource-base-path",
                       "/io/github/reprise_backup/Reprise", NULL);
}
