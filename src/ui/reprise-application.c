/* reprise-application.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "reprise-ui"

#include "config.h"

#include <glib/gi18n.h>

#include "reprise-add-service-window.h"
#include "reprise-accessible.h"
#include "reprise-application.h"
#include "reprise-help-window.h"
#include "reprise-preferences-window.h"
#include "reprise-ui.h"
#include "reprise-upload-window.h"
#include "reprise-window.h"

struct _RepriseApplication
{
  AdwApplication parent_instance;

  RepriseRegistry *registry; /* (owned) */
  RepriseSession *session;   /* (owned) (nullable): before “startup” */
  GSettings *settings;       /* (owned) (nullable): no schema installed */
  char *wanted;              /* (owned) (nullable): the service to show once all is ready */
  gboolean wanted_back_up;   /* and to back up */
  GPtrArray *wanted_files;   /* (owned) (nullable) (element-type GFile): to be opened then */
};

G_DEFINE_FINAL_TYPE (RepriseApplication, reprise_application, ADW_TYPE_APPLICATION)

/* A first look at the disk and the bus comes after the first picture on the screen. */
static gboolean
load_cb (gpointer data)
{
  reprise_session_load (data);
  return G_SOURCE_REMOVE;
}

static void
first_frame_cb (GdkFrameClock *clock, RepriseApplication *self)
{
  g_signal_handlers_disconnect_by_func (clock, first_frame_cb, self);
  g_idle_add_full (G_PRIORITY_DEFAULT, load_cb, g_object_ref (self->session), g_object_unref);
}

static RepriseWindow *
create_window (RepriseApplication *self)
{
  RepriseWindow *window =
    reprise_window_new (GTK_APPLICATION (self), self->session, self->settings);

  gtk_widget_realize (GTK_WIDGET (window));
  g_signal_connect_object (gtk_widget_get_frame_clock (GTK_WIDGET (window)), "after-paint",
                           G_CALLBACK (first_frame_cb), self, G_CONNECT_DEFAULT);
  return window;
}

/* (transfer none): the window, made if there is none, and in front */
static RepriseWindow *
present_window (RepriseApplication *self)
{
  RepriseWindow *window = NULL;

  for (GList *l = gtk_application_get_windows (GTK_APPLICATION (self)); l != NULL; l = l->next)
    if (REPRISE_IS_WINDOW (l->data))
      window = l->data;
  if (window == NULL)
    window = create_window (self);
  gtk_window_present (GTK_WINDOW (window));
  return window;
}

static void
add_service_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  RepriseApplication *self = data;
  RepriseWindow *window = present_window (self);

  gtk_window_present (GTK_WINDOW (reprise_add_service_window_new (
    GTK_WINDOW (window), reprise_session_get_context (self->session),
    reprise_session_get_client (self->session))));
}

static void
archive_response_cb (GtkNativeDialog *dialog, int response, RepriseWindow *window)
{
  g_autoptr (GFile) file = NULL;

  if (response == GTK_RESPONSE_ACCEPT)
    file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog));
  g_object_unref (dialog);
  if (file != NULL)
    reprise_window_open_file (window, file);
}

static void
open_archive_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  RepriseWindow *window = present_window (data);
  GtkFileChooserNative *dialog =
    gtk_file_chooser_native_new (_ ("Open a Backup File"), GTK_WINDOW (window),
                                 GTK_FILE_CHOOSER_ACTION_OPEN, _ ("_Open"), _ ("_Cancel"));

  g_signal_connect_object (dialog, "response", G_CALLBACK (archive_response_cb), window,
                           G_CONNECT_DEFAULT);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (dialog));
}

static void
back_up_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  gtk_widget_activate_action (GTK_WIDGET (present_window (data)), "win.back-up", NULL);
}

static void
upload_archive_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  RepriseApplication *self = data;
  RepriseWindow *window = present_window (self);
  RepriseAgentClient *client = reprise_session_need_client (self->session);
  RepriseServiceItem *item = reprise_window_get_item (window);

  if (client != NULL)
    gtk_window_present (GTK_WINDOW (reprise_upload_window_new (
      GTK_WINDOW (window), reprise_session_get_context (self->session), client,
      item != NULL ? reprise_service_item_get_service (item) : NULL, NULL)));
}

static void
preferences_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  RepriseApplication *self = data;
  RepriseWindow *window = present_window (self);

  gtk_window_present (
    reprise_preferences_window_new (GTK_WINDOW (window), self->session, self->settings));
}

static void
help_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  gtk_widget_activate_action (GTK_WIDGET (present_window (data)), "win.learn-more", NULL);
}

/* Somebody clicked on a notification: the service, if it is still there. */
static void
show_wanted_service (RepriseApplication *self)
{
  g_autofree char *uuid = g_steal_pointer (&self->wanted);
  RepriseServiceItem *item = uuid != NULL ? reprise_session_find_item (self->session, uuid) : NULL;
  RepriseWindow *window;

  if (item == NULL)
    return;
  window = present_window (self);
  reprise_window_show_item (window, item);
  if (self->wanted_back_up)
    gtk_widget_activate_action (GTK_WIDGET (window), "win.back-up", NULL);
}

/* What is asked for may have started the program: then the services have to be read, and the agent to be found first. */
static void
show_wanted (RepriseApplication *self)
{
  g_autoptr (GPtrArray) files = NULL;

  if (!reprise_session_get_ready (self->session))
    return;
  files = g_steal_pointer (&self->wanted_files);
  for (guint i = 0; files != NULL && i < files->len; i++)
    reprise_window_open_file (present_window (self), files->pdata[i]);
  show_wanted_service (self);
}

static void
want (RepriseApplication *self, GVariant *uuid, gboolean back_up)
{
  g_free (self->wanted);
  self->wanted = g_variant_dup_string (uuid, NULL);
  self->wanted_back_up = back_up;
  present_window (self);
  show_wanted (self);
}

static void
show_service_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  want (data, parameter, FALSE);
}

static void
back_up_service_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  want (data, parameter, TRUE);
}

static void
about_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  adw_show_about_window (
    GTK_WINDOW (present_window (data)), "application-name", _ ("Reprise"), "application-icon",
    APPLICATION_ID, "version", PACKAGE_VERSION, "license-type", GTK_LICENSE_GPL_3_0,
    "developer-name", _ ("The Reprise contributors"), "comments",
    _ ("Back up and restore the application services that you run"), "translator-credits",
    /* Translators: your name, one a line; it is shown in the About window */
    _ ("translator-credits"), NULL);
}

static void
quit_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  GList *windows = g_list_copy (gtk_application_get_windows (GTK_APPLICATION (data)));

  /* Each keeps its size; jobs go on in the background. */
  for (GList *l = windows; l != NULL; l = l->next)
    gtk_window_close (l->data);
  g_list_free (windows);
}

static const GActionEntry ACTIONS[] = {
  { .name = "add-service", .activate = add_service_action },
  { .name = "open-archive", .activate = open_archive_action },
  { .name = "back-up", .activate = back_up_action },
  { .name = "upload-archive", .activate = upload_archive_action },
  { .name = "preferences", .activate = preferences_action },
  { .name = "help", .activate = help_action },
  { .name = "show-service", .activate = show_service_action, .parameter_type = "s" },
  { .name = "back-up-service", .activate = back_up_service_action, .parameter_type = "s" },
  { .name = "about", .activate = about_action },
  { .name = "quit", .activate = quit_action },
};

static const struct
{
  const char *action;
  const char *accels[3];
} ACCELS[] = {
  { "app.add-service", { "<Control>n" } },
  { "app.open-archive", { "<Control>o" } },
  { "app.preferences", { "<Control>comma" } },
  { "app.help", { "F1" } },
  { "app.quit", { "<Control>q" } },
  { "window.close", { "<Control>w" } },
  { "win.show-help-overlay", { "<Control>question" } },
  { "win.search", { "<Control>f" } },
  { "win.refresh", { "F5", "<Control>r" } },
  { "win.show-jobs", { "F9" } },
  { "win.back-up", { "<Control>b" } },
  { "win.restore", { "<Control><Shift>r" } },
  { "win.back", { "<Alt>Left" } },
  { "win.show-page('overview')", { "<Alt>1" } },
  { "win.show-page('backups')", { "<Alt>2" } },
  { "win.show-page('history')", { "<Alt>3" } },
};

static void
reprise_application_activate (GApplication *application)
{
  present_window (REPRISE_APPLICATION (application));
}

static void
reprise_application_open (GApplication *application, GFile **files, int n_files, const char *hint)
{
  RepriseApplication *self = REPRISE_APPLICATION (application);

  if (self->wanted_files == NULL)
    self->wanted_files = g_ptr_array_new_with_free_func (g_object_unref);
  for (int i = 0; i < n_files; i++)
    g_ptr_array_add (self->wanted_files, g_object_ref (files[i]));
  present_window (self);
  show_wanted (self);
}

/* (transfer full) (nullable): where the window keeps its size; without an installed schema it forgets it */
static GSettings *
open_settings (void)
{
  GSettingsSchemaSource *source = g_settings_schema_source_get_default ();
  g_autoptr (GSettingsSchema) schema =
    source != NULL ? g_settings_schema_source_lookup (source, APPLICATION_ID, TRUE) : NULL;

  return schema != NULL ? g_settings_new_full (schema, NULL, NULL) : NULL;
}

static void
reprise_application_startup (GApplication *application)
{
  RepriseApplication *self = REPRISE_APPLICATION (application);
  g_autoptr (RepriseContext) context = NULL;

  G_APPLICATION_CLASS (reprise_application_parent_class)->startup (application);
  reprise_accessible_init ();
  context = reprise_context_new (self->registry);
  self->session = reprise_session_new (context);
  /* After the window, which shows the first one. */
  g_signal_connect_object (self->session, "notify::loaded", G_CALLBACK (show_wanted), self,
                           G_CONNECT_SWAPPED | G_CONNECT_AFTER);
  g_signal_connect_object (self->session, "notify::client", G_CALLBACK (show_wanted), self,
                           G_CONNECT_SWAPPED | G_CONNECT_AFTER);
  self->settings = open_settings ();
  g_action_map_add_action_entries (G_ACTION_MAP (application), ACTIONS, G_N_ELEMENTS (ACTIONS),
                                   application);
  for (guint i = 0; i < G_N_ELEMENTS (ACCELS); i++)
    gtk_application_set_accels_for_action (GTK_APPLICATION (application), ACCELS[i].action,
                                           ACCELS[i].accels);
}

static void
reprise_application_dispose (GObject *object)
{
  RepriseApplication *self = REPRISE_APPLICATION (object);

  g_clear_object (&self->registry);
  g_clear_object (&self->session);
  g_clear_object (&self->settings);
  g_clear_pointer (&self->wanted, g_free);
  g_clear_pointer (&self->wanted_files, g_ptr_array_unref);
  G_OBJECT_CLASS (reprise_application_parent_class)->dispose (object);
}

static void
reprise_application_class_init (RepriseApplicationClass *klass)
{
  GApplicationClass *application_class = G_APPLICATION_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = reprise_application_dispose;
  application_class->activate = reprise_application_activate;
  application_class->open = reprise_application_open;
  application_class->startup = reprise_application_startup;
}

static void
reprise_application_init (RepriseApplication *self)
{
}

/* @registry: the kinds of service that there are */
RepriseApplication *
reprise_application_new (RepriseRegistry *registry)
{
  RepriseApplication *self;

  reprise_ui_init ();
  g_set_application_name (_ ("Reprise"));
  self = g_object_new (REPRISE_TYPE_APPLICATION, "application-id", APPLICATION_ID, "flags",
                       G_APPLICATION_HANDLES_OPEN, "resource-base-path",
                       "/io/github/reprise_backup/Reprise", NULL);
  self->registry = g_object_ref (registry);
  return self;
}
