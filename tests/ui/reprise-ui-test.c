/* reprise-ui-test.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "reprise-accessible.h"
#include "reprise-test.h"
#include "reprise-ui-test.h"
#include "reprise-ui.h"

/* As reprise_test_init(), with GTK; without a display everything is skipped. */
void
reprise_ui_test_init (int *argc, char ***argv)
{
  /* Pictures are known by the system's types, which are read once: before the folders are private ones. */
  g_autofree char *type = g_content_type_guess ("icon.svg", NULL, 0, NULL);

  reprise_test_init (argc, argv);
  if (!gtk_init_check ())
    {
      g_print ("1..0 # SKIP there is no display\n");
      exit (0);
    }
  adw_init ();
  reprise_ui_init ();
  reprise_accessible_init ();
  g_object_set (gtk_settings_get_default (), "gtk-enable-animations", FALSE, NULL);
}

static gboolean
settled_cb (gpointer data)
{
  *(gboolean *) data = TRUE;
  return G_SOURCE_REMOVE;
}

/* Lets everything happen that happens by itself, for so long. */
void
reprise_ui_test_settle (guint ms)
{
  gboolean done = FALSE;

  g_timeout_add (ms, settled_cb, &done);
  while (!done)
    g_main_context_iteration (NULL, TRUE);
}

/* (nullable): what is written on it */
static const char *
get_text (GtkWidget *widget)
{
  if (GTK_IS_LABEL (widget))
    return gtk_label_get_label (GTK_LABEL (widget));
  if (GTK_IS_BUTTON (widget))
    return gtk_button_get_label (GTK_BUTTON (widget));
  if (ADW_IS_PREFERENCES_ROW (widget))
    return adw_preferences_row_get_title (ADW_PREFERENCES_ROW (widget));
  return NULL;
}

/* (transfer none) (nullable): the first below @top of that type, and with that text unless @label is %NULL */
GtkWidget *
reprise_ui_test_find (GtkWidget *top, GType type, const char *label)
{
  if (g_type_is_a (G_OBJECT_TYPE (top), type) &&
      (label == NULL || g_strcmp0 (get_text (top), label) == 0))
    return top;
  for (GtkWidget *child = gtk_widget_get_first_child (top); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = reprise_ui_test_find (child, type, label);

      if (found != NULL)
        return found;
    }
  return NULL;
}

/* Whether that text is there and on the screen. */
gboolean
reprise_ui_test_shows (GtkWidget *top, const char *label)
{
  GtkWidget *found = reprise_ui_test_find (top, GTK_TYPE_LABEL, label);

  return found != NULL && gtk_widget_get_mapped (found);
}

/* (transfer none) (nullable): the newest window of that type */
GtkWindow *
reprise_ui_test_find_window (GType type)
{
  GListModel *windows = gtk_window_get_toplevels ();
  guint n = g_list_model_get_n_items (windows);

  for (guint i = n; i > 0; i--)
    {
      g_autoptr (GtkWindow) window = g_list_model_get_item (windows, i - 1);

      if (g_type_is_a (G_OBJECT_TYPE (window), type))
        return window; /* GTK holds it */
    }
  return NULL;
}

/* Whether there is a text somewhere in it. */
static gboolean
holds_text (GtkWidget *widget)
{
  if (GTK_IS_LABEL (widget) && gtk_widget_get_visible (widget) &&
      gtk_label_get_text (GTK_LABEL (widget))[0] != '\0')
    return TRUE;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    if (holds_text (child))
      return TRUE;
  return FALSE;
}

/* Whether somebody who does not see it is told what it is. */
static gboolean
has_name (GtkWidget *widget)
{
  return gtk_test_accessible_has_property (GTK_ACCESSIBLE (widget),
                                           GTK_ACCESSIBLE_PROPERTY_LABEL) ||
         gtk_test_accessible_has_relation (GTK_ACCESSIBLE (widget),
                                           GTK_ACCESSIBLE_RELATION_LABELLED_BY) ||
         holds_text (widget);
}

static gboolean
is_control (GtkWidget *widget)
{
  GtkWidget *parent = gtk_widget_get_parent (widget);

  /* the parts that a control is made of are not controls of their own */
  if (GTK_IS_MENU_BUTTON (parent) || GTK_IS_DROP_DOWN (parent) || GTK_IS_COLUMN_VIEW (parent))
    return FALSE;
  /* the window of preferences has a search of its own, which ours is without */
  if (GTK_IS_SEARCH_ENTRY (widget) && ADW_IS_PREFERENCES_WINDOW (gtk_widget_get_root (widget)))
    return FALSE;
  return GTK_IS_BUTTON (widget) || GTK_IS_MENU_BUTTON (widget) || GTK_IS_SWITCH (widget) ||
         GTK_IS_CHECK_BUTTON (widget) || GTK_IS_ENTRY (widget) || GTK_IS_SEARCH_ENTRY (widget) ||
         GTK_IS_DROP_DOWN (widget) || GTK_IS_LIST_VIEW (widget) || GTK_IS_COLUMN_VIEW (widget);
}

/* How many controls below @top are without a name; each is reported. Window buttons are named by GTK. */
guint
reprise_ui_test_check_names (GtkWidget *top)
{
  guint n = 0;

  if (GTK_IS_WINDOW_CONTROLS (top) || !gtk_widget_get_visible (top))
    return 0;
  if (is_control (top) && !has_name (top))
    {
      g_autoptr (GString) chain = g_string_new (NULL);

      for (GtkWidget *widget = top; widget != NULL; widget = gtk_widget_get_parent (widget))
        g_string_append_printf (chain, " %s", G_OBJECT_TYPE_NAME (widget));
      g_test_message ("without a name:%s", chain->str);
      n++;
    }
  for (GtkWidget *child = gtk_widget_get_first_child (top); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    n += reprise_ui_test_check_names (child);
  return n;
}

/* (transfer none): one for all tests: what it shows on the bus it shows once */
static GtkApplication *
get_application (void)
{
  static GtkApplication *application = NULL;
  g_autoptr (GError) error = NULL;

  if (application != NULL)
    return application;
  application = GTK_APPLICATION (
    adw_application_new ("io.github.reprise_backup.Reprise.Test", G_APPLICATION_NON_UNIQUE));
  g_application_set_resource_base_path (G_APPLICATION (application),
                                        "/io/github/reprise_backup/Reprise"); /* its style */
  g_application_register (G_APPLICATION (application), NULL, &error);
  g_assert_no_error (error);
  return application;
}

/* The sample and the session; services may be added before reprise_ui_test_show(). */
void
reprise_ui_test_set_up (RepriseUiTest *test, gconstpointer data)
{
  test->sample = reprise_ui_sample_new (FALSE);
  test->application = get_application ();
  test->context = reprise_context_new (reprise_ui_sample_get_registry (test->sample));
  test->session = reprise_session_new (test->context);
}

/* The window, with everything read that lies on this computer. */
void
reprise_ui_test_show (RepriseUiTest *test)
{
  test->window = reprise_window_new (test->application, test->session, NULL);
  gtk_window_present (GTK_WINDOW (test->window));
  reprise_session_load (test->session);
  reprise_ui_test_wait (reprise_session_get_loaded (test->session));
  reprise_ui_test_wait (reprise_session_get_client (test->session) != NULL);
}

void
reprise_ui_test_tear_down (RepriseUiTest *test, gconstpointer data)
{
  GListModel *windows = gtk_window_get_toplevels ();
  gpointer window_left = test->window, session_left = test->session;

  g_object_add_weak_pointer (G_OBJECT (test->session), &session_left);
  if (test->window != NULL)
    g_object_add_weak_pointer (G_OBJECT (test->window), &window_left);
  while (g_list_model_get_n_items (windows) > 0) /* one may take others along */
    {
      g_autoptr (GtkWindow) window = g_list_model_get_item (windows, 0);

      gtk_window_destroy (window);
    }
  g_object_run_dispose (G_OBJECT (test->session));
  g_clear_object (&test->session);
  g_clear_object (&test->context);
  reprise_ui_test_wait (window_left == NULL && session_left == NULL); /* nothing holds on to them */
  reprise_ui_sample_free (test->sample);
}

/* (transfer full): a service of the test's kind, before the window is shown */
RepriseService *
reprise_ui_test_add_service (RepriseUiTest *test,
                             const char *name,
                             const char *key,
                             const char *value)
{
  return reprise_ui_sample_add_service (test->sample, name, key, value, NULL);
}

/* (transfer none): the service of that name, read */
RepriseServiceItem *
reprise_ui_test_find_item (RepriseUiTest *test, const char *name)
{
  GListModel *items = reprise_session_get_items (test->session);
  guint n = g_list_model_get_n_items (items);

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (RepriseServiceItem) item = g_list_model_get_item (items, i);

      if (!g_str_equal (reprise_service_item_get_name (item), name))
        continue;
      reprise_ui_test_wait (!reprise_service_item_get_reading (item));
      reprise_ui_test_wait (reprise_window_get_item (test->window) != NULL);
      return item; /* the session holds it */
    }
  g_error ("there is no service “%s”", name);
}

static void
ended_cb (RepriseSession *session, RepriseJob *job, gpointer ended)
{
  *(RepriseJob **) ended = job;
}

/* (transfer none): the job that comes of it, in the window's list. One that fails at once may have ended before anybody looks. */
RepriseJob *
reprise_ui_test_submit (RepriseUiTest *test,
                        RepriseServiceItem *item,
                        RepriseJobKind kind,
                        const char *backup_id)
{
  g_autoptr (RepriseRequest) request =
    reprise_request_new (kind, reprise_service_item_get_uuid (item));
  RepriseJob *ended = NULL;
  gulong handler = g_signal_connect (test->session, "job-ended", G_CALLBACK (ended_cb), &ended);

  if (backup_id != NULL)
    reprise_request_set_backup (request, backup_id);
  request->consent = TRUE;
  reprise_session_submit (test->session, request);
  reprise_ui_test_wait (reprise_service_item_get_job (item) != NULL || ended != NULL);
  g_signal_handler_disconnect (test->session, handler);
  return ended != NULL ? ended : reprise_service_item_get_job (item);
}

/* Does it to its end, which must be a good one; @backup_id: (nullable). */
void
reprise_ui_test_run (RepriseUiTest *test,
                     RepriseServiceItem *item,
                     RepriseJobKind kind,
                     const char *backup_id)
{
  g_autoptr (RepriseJob) job = g_object_ref (reprise_ui_test_submit (test, item, kind, backup_id));

  reprise_ui_test_wait (!reprise_job_is_active (job));
  g_assert_cmpstr (reprise_job_get_error (job), ==, NULL);
  reprise_ui_test_wait (reprise_service_item_get_job (item) == NULL &&
                        !reprise_service_item_get_reading (item));
}

guint
reprise_ui_test_count_backups (RepriseServiceItem *item)
{
  return g_list_model_get_n_items (reprise_service_item_get_backups (item));
}
