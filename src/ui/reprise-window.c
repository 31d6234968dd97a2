/* reprise-window.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "reprise-ui"

#include "config.h"

#include <glib/gi18n.h>

#include "base/reprise-error.h"
#include "reprise-ask.h"
#include "reprise-job-window.h"
#include "reprise-service-row.h"
#include "reprise-ui.h"
#include "reprise-window-private.h"

G_DEFINE_FINAL_TYPE (RepriseWindow, reprise_window, ADW_TYPE_APPLICATION_WINDOW)

typedef enum
{
  PROP_SESSION = 1,
  PROP_SETTINGS,
} RepriseWindowProperty;

static GParamSpec *properties[PROP_SETTINGS + 1];

/* Those that need attention come first; else the order stays that of the names. */
static int
compare_cb (gconstpointer a, gconstpointer b, gpointer data)
{
  return reprise_service_item_get_needs_attention ((RepriseServiceItem *) b) -
         reprise_service_item_get_needs_attention ((RepriseServiceItem *) a);
}

static gboolean
match_cb (gpointer item, gpointer data)
{
  RepriseWindow *self = data;
  g_autofree char *kind = NULL;
  g_autofree char *text = NULL;
  g_autofree char *folded = NULL;

  if (self->needle == NULL)
    return TRUE;
  g_object_get (item, "kind-title", &kind, NULL);
  text = g_strdup_printf ("%s\n%s", reprise_service_item_get_name (item), kind);
  folded = g_utf8_casefold (text, -1);
  return strstr (folded, self->needle) != NULL;
}

static void
search_changed_cb (RepriseWindow *self)
{
  const char *text = gtk_editable_get_text (GTK_EDITABLE (self->search_entry));

  g_free (self->needle);
  self->needle = text[0] != '\0' ? g_utf8_casefold (text, -1) : NULL;
  gtk_filter_changed (GTK_FILTER (self->filter), GTK_FILTER_CHANGE_DIFFERENT);
}

static GtkWidget *
create_header (const char *text)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_add_css_class (label, "heading");
  gtk_widget_add_css_class (label, "dim-label");
  gtk_widget_add_css_class (label, "reprise-section");
  return label;
}

/* “Needs Attention” above the first of those that do, “All Services” above the first that does not. */
static void
header_cb (GtkListBoxRow *row, GtkListBoxRow *before, gpointer data)
{
  RepriseWindow *self = data;
  RepriseServiceItem *item = reprise_service_row_get_item (REPRISE_SERVICE_ROW (row));
  gboolean needs = reprise_service_item_get_needs_attention (item);
  g_autoptr (RepriseServiceItem) first = g_list_model_get_item (G_LIST_MODEL (self->sorted), 0);
  gboolean any = first != NULL && reprise_service_item_get_needs_attention (first);
  gboolean begins =
    before == NULL || reprise_service_item_get_needs_attention (
                        reprise_service_row_get_item (REPRISE_SERVICE_ROW (before))) != needs;

  if (!any || !begins)
    gtk_list_box_row_set_header (row, NULL);
  else
    gtk_list_box_row_set_header (
      row, create_header (needs ? _ ("Needs Attention") : _ ("All Services")));
}

static GtkWidget *
create_row (gpointer item, gpointer data)
{
  return reprise_service_row_new (item);
}

/* (nullable): its row in the sidebar; a search may have left none */
static GtkListBoxRow *
find_row (RepriseWindow *self, RepriseServiceItem *item)
{
  GtkListBoxRow *row;

  for (int i = 0; (row = gtk_list_box_get_row_at_index (self->list, i)) != NULL; i++)
    if (reprise_service_row_get_item (REPRISE_SERVICE_ROW (row)) == item)
      return row;
  return NULL;
}

static void
remember_item (RepriseWindow *self)
{
  if (self->settings != NULL && self->item != NULL)
    g_settings_set_string (self->settings, "last-service",
                           reprise_service_item_get_uuid (self->item));
}

static void
update_title (RepriseWindow *self)
{
  g_autofree char *kind = NULL;
  g_autofree char *title = NULL;

  if (self->item == NULL)
    {
      gtk_window_set_title (GTK_WINDOW (self), _ ("Reprise"));
      return;
    }
  g_object_get (self->item, "kind-title", &kind, NULL);
  adw_view_switcher_title_set_title (self->switcher, reprise_service_item_get_name (self->item));
  adw_view_switcher_title_set_subtitle (self->switcher, kind);
  /* Translators: the title of the window: the name of a service, and of the application */
  title = g_strdup_printf (_ ("%s – Reprise"), reprise_service_item_get_name (self->item));
  gtk_window_set_title (GTK_WINDOW (self), title);
}

static void
item_changed_cb (RepriseWindow *self)
{
  update_title (self);
  reprise_window_update_actions (self);
  reprise_job_bar_set_job (self->job_bar, reprise_service_item_get_job (self->item));
}

/* Only a service of many databases has a page of them. */
static void
show_databases (RepriseWindow *self)
{
  gboolean has = self->item != NULL && reprise_service_item_can (self->item, REPRISE_HAS_HISTORY);

  if (!has && g_strcmp0 (adw_view_stack_get_visible_child_name (self->pages), "databases") == 0)
    adw_view_stack_set_visible_child_name (self->pages, "overview");
  adw_view_stack_page_set_visible (self->databases_stack_page, has);
  reprise_databases_page_set_item (self->databases_page, has ? self->item : NULL);
  if (g_strcmp0 (adw_view_stack_get_visible_child_name (self->pages), "databases") == 0)
    reprise_databases_page_read_if_old (self->databases_page);
}

static void
set_item (RepriseWindow *self, RepriseServiceItem *item)
{
  if (self->item == item)
    return;
  if (self->item != NULL)
    g_signal_handlers_disconnect_by_data (self->item, self);
  g_set_object (&self->item, item);
  reprise_overview_page_set_item (self->overview_page, item);
  show_databases (self);
  reprise_backups_page_set_item (self->backups_page, item);
  reprise_history_page_set_item (self->history_page, item);
  reprise_job_bar_set_job (self->job_bar, NULL);
  if (item != NULL)
    {
      g_signal_connect_object (item, "changed", G_CALLBACK (item_changed_cb), self,
                               G_CONNECT_SWAPPED);
      g_signal_connect_object (item, "notify::name", G_CALLBACK (item_changed_cb), self,
                               G_CONNECT_SWAPPED);
      g_signal_connect_object (item, "notify::job", G_CALLBACK (item_changed_cb), self,
                               G_CONNECT_SWAPPED);
      g_signal_connect_object (item, "notify::status", G_CALLBACK (item_changed_cb), self,
                               G_CONNECT_SWAPPED);
      item_changed_cb (self);
      reprise_service_item_read_if_old (item);
    }
  update_title (self);
  reprise_window_update_actions (self);
  remember_item (self);
}

static void
row_selected_cb (RepriseWindow *self, GtkListBoxRow *row)
{
  if (row != NULL)
    set_item (self, reprise_service_row_get_item (REPRISE_SERVICE_ROW (row)));
}

static void
row_activated_cb (RepriseWindow *self, GtkListBoxRow *row)
{
  set_item (self, reprise_service_row_get_item (REPRISE_SERVICE_ROW (row)));
  adw_leaflet_navigate (self->leaflet, ADW_NAVIGATION_DIRECTION_FORWARD);
}

/* Side by side one row is always the one that is shown; folded, the list is only a way to get there. */
static void
folded_cb (RepriseWindow *self)
{
  gboolean folded = adw_leaflet_get_folded (self->leaflet);
  GtkListBoxRow *row = self->item != NULL ? find_row (self, self->item) : NULL;

  gtk_list_box_set_selection_mode (self->list, folded ? GTK_SELECTION_NONE : GTK_SELECTION_BROWSE);
  if (!folded && row != NULL)
    gtk_list_box_select_row (self->list, row);
}

/* (transfer none) (nullable): the one to show where none is: the last one of an earlier day, else the first */
static RepriseServiceItem *
choose_item (RepriseWindow *self)
{
  g_autofree char *uuid =
    self->settings != NULL ? g_settings_get_string (self->settings, "last-service") : NULL;
  RepriseServiceItem *last = uuid != NULL ? reprise_session_find_item (self->session, uuid) : NULL;
  GtkListBoxRow *row = gtk_list_box_get_row_at_index (self->list, 0);

  return last != NULL  ? last
         : row != NULL ? reprise_service_row_get_item (REPRISE_SERVICE_ROW (row))
                       : NULL;
}

/* The rows have changed: the service that is shown keeps being shown, if it is still there. */
static void
update_selection (RepriseWindow *self)
{
  gboolean there = self->item != NULL &&
                   reprise_session_find_item (
                     self->session, reprise_service_item_get_uuid (self->item)) == self->item;
  RepriseServiceItem *item = there ? self->item : choose_item (self);
  GtkListBoxRow *row = item != NULL ? find_row (self, item) : NULL;

  if (!there)
    {
      set_item (self, item);
      adw_leaflet_navigate (self->leaflet, ADW_NAVIGATION_DIRECTION_BACK);
    }
  if (row != NULL && !adw_leaflet_get_folded (self->leaflet) && !gtk_list_box_row_is_selected (row))
    gtk_list_box_select_row (self->list, row);
}

static void
update_stack (RepriseWindow *self)
{
  guint n = g_list_model_get_n_items (reprise_session_get_items (self->session));

  gtk_stack_set_visible_child_name (self->stack, n > 0 ? "services"
                                                 : reprise_session_get_loaded (self->session)
                                                   ? "first-run"
                                                   : "loading");
  if (n == 0)
    set_item (self, NULL);
}

static gboolean
sort_cb (gpointer data)
{
  RepriseWindow *self = data;

  self->sort_id = 0;
  gtk_sorter_changed (GTK_SORTER (self->sorter), GTK_SORTER_CHANGE_DIFFERENT);
  gtk_list_box_invalidate_headers (self->list);
  update_selection (self);
  return G_SOURCE_REMOVE;
}

/* One order for all that changes at a time. */
static void
attention_cb (RepriseWindow *self)
{
  if (self->sort_id == 0)
    self->sort_id = g_idle_add (sort_cb, self);
}

static void
items_changed_cb (RepriseWindow *self,
                  guint position,
                  guint removed,
                  guint added,
                  GListModel *items)
{
  for (guint i = position; i < position + added; i++)
    {
      g_autoptr (RepriseServiceItem) item = g_list_model_get_item (items, i);

      g_signal_handlers_disconnect_by_func (item, attention_cb, self);
      g_signal_connect_object (item, "notify::needs-attention", G_CALLBACK (attention_cb), self,
                               G_CONNECT_SWAPPED);
    }
  update_stack (self);
  attention_cb (self);
}

static void
loaded_cb (RepriseWindow *self)
{
  const GError *error = reprise_session_get_error (self->session);

  update_stack (self);
  if (error != NULL)
    reprise_window_show_error (self, _ ("Could Not Read the Services"), error);
}

static void
client_cb (RepriseWindow *self)
{
  RepriseAgentClient *client = reprise_session_get_client (self->session);

  reprise_jobs_button_set_jobs (self->jobs_button, client != NULL ? G_LIST_MODEL (client) : NULL);
}

/* Whether a person who is elsewhere wants to be told. */
static gboolean
wants_notification (RepriseWindow *self)
{
  return !gtk_window_is_active (GTK_WINDOW (self)) && self->settings != NULL &&
         g_settings_get_boolean (self->settings, "notify-job-ended");
}

/* What lost against a job of another program has not failed. */
static const char *
get_result (RepriseJob *job)
{
  if (reprise_job_get_state (job) == REPRISE_JOB_FAILED &&
      reprise_job_get_exit (job) == REPRISE_EXIT_BUSY)
    return _ ("Not begun, since another job is at work");
  return reprise_job_text_result (reprise_job_get_kind (job), reprise_job_get_state (job));
}

static void
notify_ended (RepriseWindow *self, RepriseJob *job)
{
  g_autofree char *title = NULL;
  g_autoptr (GNotification) notification = NULL;
  const char *body = reprise_job_get_error (job) != NULL ? reprise_job_get_error (job)
                                                         : reprise_job_get_summary (job);

  /* Translators: the name of a service, and how a job of it ended: “Orders: Backup finished” */
  title = g_strdup_printf (_ ("%s: %s"), reprise_job_get_service_name (job), get_result (job));
  notification = g_notification_new (title);
  if (body != NULL)
    g_notification_set_body (notification, body);
  g_notification_set_default_action_and_target (
    notification, "app.show-service", "s",
    reprise_job_get_service_uuid (job) != NULL ? reprise_job_get_service_uuid (job) : "");
  g_application_send_notification (G_APPLICATION (gtk_window_get_application (GTK_WINDOW (self))),
                                   reprise_job_get_id (job), notification);
}

static void
job_ended_cb (RepriseWindow *self, RepriseJob *job)
{
  g_autofree char *title =
    g_markup_printf_escaped (_ ("%s: %s"), reprise_job_get_service_name (job), get_result (job));
  AdwToast *toast = adw_toast_new (title);

  if (wants_notification (self))
    notify_ended (self, job);
  adw_toast_set_button_label (toast, _ ("Details"));
  adw_toast_set_action_target (toast, "s", reprise_job_get_id (job));
  adw_toast_set_action_name (toast, "win.show-job-of");
  adw_toast_overlay_add_toast (self->toast_overlay, toast);
}

/* Somebody who is here is asked at once; the others find the question at the service. */
static void
job_asks_cb (RepriseWindow *self, RepriseJob *job)
{
  if (gtk_window_is_active (GTK_WINDOW (self)))
    reprise_ask_question (GTK_WIDGET (self), job);
}

static void
failed_cb (RepriseWindow *self, const char *title, const GError *error)
{
  reprise_window_show_error (self, title, error);
}

static void
page_shown_cb (RepriseWindow *self)
{
  const char *page = adw_view_stack_get_visible_child_name (self->pages);

  if (g_strcmp0 (page, "history") == 0 && self->item != NULL)
    reprise_history_page_read (self->history_page);
  if (g_strcmp0 (page, "databases") == 0)
    reprise_databases_page_read_if_old (self->databases_page);
}

static gboolean
drop_cb (GtkDropTarget *target, const GValue *value, double x, double y, RepriseWindow *self)
{
  GSList *files = g_value_get_boxed (value);

  gtk_revealer_set_reveal_child (self->drop_revealer, FALSE);
  if (files == NULL)
    return FALSE;
  reprise_window_open_file (self, files->data);
  return TRUE;
}

static GdkDragAction
drop_enter_cb (GtkDropTarget *target, double x, double y, RepriseWindow *self)
{
  gtk_revealer_set_reveal_child (self->drop_revealer, TRUE);
  return GDK_ACTION_COPY;
}

static void
drop_leave_cb (GtkDropTarget *target, RepriseWindow *self)
{
  gtk_revealer_set_reveal_child (self->drop_revealer, FALSE);
}

static void
add_drop_target (RepriseWindow *self)
{
  GtkDropTarget *target = gtk_drop_target_new (GDK_TYPE_FILE_LIST, GDK_ACTION_COPY);

  g_signal_connect_object (target, "drop", G_CALLBACK (drop_cb), self, G_CONNECT_DEFAULT);
  g_signal_connect_object (target, "enter", G_CALLBACK (drop_enter_cb), self, G_CONNECT_DEFAULT);
  g_signal_connect_object (target, "leave", G_CALLBACK (drop_leave_cb), self, G_CONNECT_DEFAULT);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (target));
}

static void
restore_state (RepriseWindow *self)
{
  if (self->settings == NULL)
    return;
  gtk_window_set_default_size (GTK_WINDOW (self),
                               g_settings_get_int (self->settings, "window-width"),
                               g_settings_get_int (self->settings, "window-height"));
  if (g_settings_get_boolean (self->settings, "window-maximized"))
    gtk_window_maximize (GTK_WINDOW (self));
}

static gboolean
reprise_window_close_request (GtkWindow *window)
{
  RepriseWindow *self = REPRISE_WINDOW (window);
  int width, height;

  if (self->settings != NULL)
    {
      gtk_window_get_default_size (window, &width, &height);
      g_settings_set_int (self->settings, "window-width", width);
      g_settings_set_int (self->settings, "window-height", height);
      g_settings_set_boolean (self->settings, "window-maximized", gtk_window_is_maximized (window));
    }
  return GTK_WINDOW_CLASS (reprise_window_parent_class)->close_request (window);
}

static void
reprise_window_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  RepriseWindow *self = REPRISE_WINDOW (object);

  switch ((RepriseWindowProperty) id)
    {
    case PROP_SESSION:
      self->session = g_value_dup_object (value);
      break;
    case PROP_SETTINGS:
      self->settings = g_value_dup_object (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
set_up_list (RepriseWindow *self)
{
  GtkFilterListModel *filtered;

  self->filter = gtk_custom_filter_new (match_cb, self, NULL);
  self->sorter = gtk_custom_sorter_new (compare_cb, NULL, NULL);
  filtered = gtk_filter_list_model_new (g_object_ref (reprise_session_get_items (self->session)),
                                        GTK_FILTER (self->filter));
  self->sorted = gtk_sort_list_model_new (G_LIST_MODEL (filtered), GTK_SORTER (self->sorter));
  gtk_list_box_bind_model (self->list, G_LIST_MODEL (self->sorted), create_row, NULL, NULL);
  gtk_list_box_set_header_func (self->list, header_cb, self, NULL);
}

static void
reprise_window_constructed (GObject *object)
{
  RepriseWindow *self = REPRISE_WINDOW (object);
  GListModel *items;

  G_OBJECT_CLASS (reprise_window_parent_class)->constructed (object);
  items = reprise_session_get_items (self->session);
  restore_state (self);
  set_up_list (self);
  g_signal_connect_object (items, "items-changed", G_CALLBACK (items_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->session, "notify::loaded", G_CALLBACK (loaded_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->session, "notify::client", G_CALLBACK (client_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->session, "job-ended", G_CALLBACK (job_ended_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->session, "job-asks", G_CALLBACK (job_asks_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->session, "failed", G_CALLBACK (failed_cb), self,
                           G_CONNECT_SWAPPED);
  items_changed_cb (self, 0, 0, g_list_model_get_n_items (items), items);
  client_cb (self);
  folded_cb (self);
  update_selection (self);
}

static void
reprise_window_dispose (GObject *object)
{
  RepriseWindow *self = REPRISE_WINDOW (object);

  g_clear_handle_id (&self->sort_id, g_source_remove);
  if (self->item != NULL)
    g_signal_handlers_disconnect_by_data (self->item, self);
  g_clear_object (&self->item);
  if (self->list != NULL)
    gtk_list_box_bind_model (self->list, NULL, NULL, NULL, NULL);
  g_clear_object (&self->sorted);
  gtk_widget_dispose_template (GTK_WIDGET (object), REPRISE_TYPE_WINDOW);
  g_clear_object (&self->session);
  g_clear_object (&self->settings);
  G_OBJECT_CLASS (reprise_window_parent_class)->dispose (object);
}

static void
reprise_window_finalize (GObject *object)
{
  g_clear_pointer (&REPRISE_WINDOW (object)->needle, g_free);
  G_OBJECT_CLASS (reprise_window_parent_class)->finalize (object);
}

static void
reprise_window_class_init (RepriseWindowClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  const GParamFlags flags = G_PARAM_WRITABLE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS;

  object_class->constructed = reprise_window_constructed;
  object_class->dispose = reprise_window_dispose;
  object_class->finalize = reprise_window_finalize;
  object_class->set_property = reprise_window_set_property;
  GTK_WINDOW_CLASS (klass)->close_request = reprise_window_close_request;
  properties[PROP_SESSION] =
    g_param_spec_object ("session", NULL, NULL, REPRISE_TYPE_SESSION, flags);
  properties[PROP_SETTINGS] = g_param_spec_object ("settings", NULL, NULL, G_TYPE_SETTINGS, flags);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
  g_type_ensure (REPRISE_TYPE_BACKUPS_PAGE);
  g_type_ensure (REPRISE_TYPE_DATABASES_PAGE);
  g_type_ensure (REPRISE_TYPE_ERROR_BAR);
  g_type_ensure (REPRISE_TYPE_HISTORY_PAGE);
  g_type_ensure (REPRISE_TYPE_JOB_BAR);
  g_type_ensure (REPRISE_TYPE_JOBS_BUTTON);
  g_type_ensure (REPRISE_TYPE_OVERVIEW_PAGE);
  gtk_widget_class_set_template_from_resource (
    widget_class, "/io/github/reprise_backup/Reprise/ui/reprise-window.ui");
  gtk_widget_class_bind_template_child (widget_class, RepriseWindow, toast_overlay);
  gtk_widget_class_bind_template_child (widget_class, RepriseWindow, drop_revealer);
  gtk_widget_class_bind_template_child (widget_class, RepriseWindow, stack);
  gtk_widget_class_bind_template_child (widget_class, RepriseWindow, first_error_bar);
  gtk_widget_class_bind_template_child (widget_class, RepriseWindow, open_button);
  gtk_widget_class_bind_template_child (widget_class, RepriseWindow, error_bar);
  gtk_widget_class_bind_template_child (widget_class, RepriseWindow, leaflet);
  gtk_widget_class_bind_template_child (widget_class, RepriseWindow, sidebar);
  gtk_widget_class_bind_template_child (widget_class, RepriseWindow, content);
  gtk_widget_class_bind_template_child (widget_class, RepriseWindow, search_button);
  gtk_widget_class_bind_template_child (widget_class, RepriseWindow, search_bar);
  gtk_widget_class_bind_template_child (widget_class, RepriseWindow, search_entry);
  gtk_widget_class_bind_template_child (widget_class, RepriseWindow, list);
  gtk_widget_class_bind_template_child (widget_class, RepriseWindow, switcher);
  gtk_widget_class_bind_template_child (widget_class, RepriseWindow, jobs_button);
  gtk_widget_class_bind_template_child (widget_class, RepriseWindow, menu_button);
  gtk_widget_class_bind_template_child (widget_class, RepriseWindow, job_bar);
  gtk_widget_class_bind_template_child (widget_class, RepriseWindow, pages);
  gtk_widget_class_bind_template_child (widget_class, RepriseWindow, overview_page);
  gtk_widget_class_bind_template_child (widget_class, RepriseWindow, databases_stack_page);
  gtk_widget_class_bind_template_child (widget_class, RepriseWindow, databases_page);
  gtk_widget_class_bind_template_child (widget_class, RepriseWindow, backups_page);
  gtk_widget_class_bind_template_child (widget_class, RepriseWindow, history_page);
  gtk_widget_class_bind_template_callback (widget_class, folded_cb);
  gtk_widget_class_bind_template_callback (widget_class, page_shown_cb);
  gtk_widget_class_bind_template_callback (widget_class, row_activated_cb);
  gtk_widget_class_bind_template_callback (widget_class, row_selected_cb);
  gtk_widget_class_bind_template_callback (widget_class, search_changed_cb);
  reprise_window_install_actions (widget_class);
}

static void
reprise_window_init (RepriseWindow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_search_bar_connect_entry (self->search_bar, GTK_EDITABLE (self->search_entry));
  reprise_job_bar_set_slim (self->job_bar);
  reprise_ui_wrap_button (self->open_button);
  add_drop_target (self);
}

/**
 * reprise_window_new:
 * @settings: (nullable): where the state of the window is kept
 */
RepriseWindow *
reprise_window_new (GtkApplication *application, RepriseSession *session, GSettings *settings)
{
  return g_object_new (REPRISE_TYPE_WINDOW, "application", application, "session", session,
                       "settings", settings, NULL);
}

/* (transfer none) (nullable): the service that is shown */
RepriseServiceItem *
reprise_window_get_item (RepriseWindow *self)
{
  return self->item;
}

void
reprise_window_show_item (RepriseWindow *self, RepriseServiceItem *item)
{
  GtkListBoxRow *row = find_row (self, item);

  set_item (self, item);
  if (row != NULL && !adw_leaflet_get_folded (self->leaflet))
    gtk_list_box_select_row (self->list, row);
  adw_leaflet_navigate (self->leaflet, ADW_NAVIGATION_DIRECTION_FORWARD);
}

/* Says what failed, on the page that is shown; it stays until it is dismissed. */
void
reprise_window_show_error (RepriseWindow *self, const char *title, const GError *error)
{
  gboolean services = g_strcmp0 (gtk_stack_get_visible_child_name (self->stack), "services") == 0;

  reprise_error_bar_show_error (services ? self->error_bar : self->first_error_bar, title, error);
}
