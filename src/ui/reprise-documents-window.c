/* reprise-documents-window.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "reprise-ui"

#include "config.h"

#include <string.h>

#include <glib/gi18n.h>

#include "base/reprise-error.h"
#include "provider/reprise-reading.h"
#include "reprise-difference-view.h"
#include "reprise-documents-pane.h"
#include "reprise-documents-window.h"
#include "reprise-format.h"
#include "reprise-holder.h"
#include "reprise-restore-window.h"
#include "reprise-state-list.h"
#include "reprise-title.h"
#include "reprise-ui.h"

struct _RepriseDocumentsWindow
{
  AdwWindow parent_instance;

  AdwLeaflet *leaflet;
  GtkWidget *documents_page;
  RepriseTitle *documents_title;
  RepriseDocumentsPane *documents_pane;
  GtkWidget *versions_page;
  RepriseTitle *versions_title;
  GtkStack *versions_stack;
  RepriseStateList *versions;
  AdwStatusPage *versions_error;
  GtkWidget *difference_page;
  RepriseTitle *difference_title;
  GtkStack *difference_stack;
  RepriseDifferenceView *difference;
  AdwStatusPage *equal_page;
  AdwStatusPage *difference_error;
  GtkActionBar *action_bar;
  GtkLabel *count_label;

  RepriseSession *session;  /* (owned) */
  RepriseServiceItem *item; /* (owned) */
  char *database;           /* (owned) */
  char *document;           /* (owned) (nullable): the one that was chosen */
  GListStore *store;        /* (owned) (element-type RepriseHolder): of RepriseVersion */
  RepriseHolder *chosen;    /* (owned) (nullable): the version that was chosen, of @store */
  GCancellable *reading;    /* (owned) (nullable): of the versions */
  GCancellable *comparing;  /* (owned) (nullable) */
  gboolean is_job_active;
};

G_DEFINE_FINAL_TYPE (RepriseDocumentsWindow, reprise_documents_window, ADW_TYPE_WINDOW)

/* What a worker is asked: the members that the question needs. */
typedef struct
{
  char *database;
  char *document;
  char *from; /* (nullable) */
} Question;

static void
question_free (gpointer data)
{
  Question *self = data;

  g_free (self->database);
  g_free (self->document);
  g_free (self->from);
  g_free (self);
}

static Question *
question_new (RepriseDocumentsWindow *self, const char *from)
{
  Question *question = g_new0 (Question, 1);

  question->database = g_strdup (self->database);
  question->document = g_strdup (self->document);
  question->from = g_strdup (from);
  return question;
}

static void
start (RepriseDocumentsWindow *self,
       RepriseReadingFunc func,
       Question *question,
       GCancellable **cancellable,
       GAsyncReadyCallback callback)
{
  g_cancellable_cancel (*cancellable);
  g_clear_object (cancellable);
  *cancellable = g_cancellable_new ();
  reprise_reading_start (reprise_service_item_get_context (self->item),
                         reprise_service_item_get_service (self->item), NULL, func, question,
                         question_free, (GDestroyNotify) g_ptr_array_unref, *cancellable, callback,
                         g_object_ref (self));
}

/* ---- the difference ---- */

/* (transfer none) (nullable) */
static const RepriseVersion *
get_chosen (RepriseDocumentsWindow *self)
{
  return self->chosen != NULL ? reprise_holder_get (self->chosen) : NULL;
}

/* (transfer none) (nullable): the first of the list, where the server has the document */
static const RepriseVersion *
get_now (RepriseDocumentsWindow *self)
{
  g_autoptr (RepriseHolder) first = g_list_model_get_item (G_LIST_MODEL (self->store), 0);
  const RepriseVersion *version = first != NULL ? reprise_holder_get (first) : NULL;

  return version != NULL && version->at == NULL ? version : NULL; /* the store holds it */
}

/* (transfer none) (nullable): the newest that a backup has */
static const RepriseVersion *
get_newest_saved (RepriseDocumentsWindow *self)
{
  g_autoptr (RepriseHolder) holder =
    g_list_model_get_item (G_LIST_MODEL (self->store), get_now (self) != NULL ? 1 : 0);

  return holder != NULL ? reprise_holder_get (holder) : NULL;
}

/* (transfer none) (nullable): what is compared with the document as it is now */
static const RepriseVersion *
get_compared (RepriseDocumentsWindow *self)
{
  const RepriseVersion *chosen = get_chosen (self);

  return chosen != NULL && chosen->at == NULL ? get_newest_saved (self) : chosen;
}

/* In the worker. */
static gpointer
compare (RepriseProvider *provider,
         RepriseVault *vault,
         gpointer data,
         GCancellable *cancellable,
         GError **error)
{
  const Question *question = data;

  return reprise_provider_compare_versions (provider, vault, question->database, question->document,
                                            question->from, NULL, cancellable, error);
}

static void
show_heads (RepriseDocumentsWindow *self, const RepriseVersion *saved)
{
  g_autofree char *when = reprise_format_date_time (saved->at);
  /* Translators: the head of a column: when the version of a document was saved */
  g_autofree char *head = g_strdup_printf (_ ("Saved %s"), when);

  reprise_difference_view_set_heads (
    self->difference, get_now (self) != NULL ? _ ("Now") : _ ("Now: not on the server"), head);
}

static void
show_equal (RepriseDocumentsWindow *self, const RepriseVersion *saved)
{
  g_autofree char *when = reprise_format_date_time (saved->at);
  /* Translators: %s is a date and a time */
  g_autofree char *text =
    g_strdup_printf (_ ("The document on the server is as it was saved on %s"), when);

  reprise_ui_set_description (self->equal_page, text);
  gtk_stack_set_visible_child_name (self->difference_stack, "equal");
}

static void
show_count (RepriseDocumentsWindow *self, guint n, gboolean is_deleted)
{
  g_autofree char *count = reprise_format_count (n);
  /* Translators: %s is a number with separators; of two versions of a document */
  g_autofree char *text = g_strdup_printf (ngettext ("%s difference", "%s differences", n), count);

  gtk_label_set_label (self->count_label,
                       is_deleted ? _ ("In this version the document is deleted") : text);
}

static void
compared_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (RepriseDocumentsWindow) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) differences = reprise_reading_finish (result, &error);
  const RepriseVersion *saved = get_compared (self);
  guint n = differences != NULL ? differences->len : 0;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) || saved == NULL)
    return;
  if (error != NULL)
    {
      reprise_ui_set_description (self->difference_error, error->message);
      gtk_stack_set_visible_child_name (self->difference_stack, "error");
      return;
    }
  gtk_action_bar_set_revealed (self->action_bar, n > 0);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "documents.restore", n > 0 && !saved->deleted);
  if (n == 0)
    {
      show_equal (self, saved);
      return;
    }
  show_heads (self, saved);
  show_count (self, n, saved->deleted);
  reprise_difference_view_take_differences (self->difference, differences);
  gtk_stack_set_visible_child_name (self->difference_stack, "list");
}

static void
show_difference_title (RepriseDocumentsWindow *self)
{
  const RepriseVersion *chosen = get_chosen (self);
  g_autofree char *when =
    chosen != NULL && chosen->at != NULL ? reprise_format_when (chosen->at) : NULL;

  reprise_title_set_subtitle (self->difference_title, chosen == NULL ? ""
                                                      : when != NULL ? when
                                                                     : _ ("Now"));
}

static void
compare_chosen (RepriseDocumentsWindow *self)
{
  const RepriseVersion *saved = get_compared (self);

  show_difference_title (self);
  gtk_action_bar_set_revealed (self->action_bar, FALSE);
  if (self->chosen == NULL)
    gtk_stack_set_visible_child_name (self->difference_stack, "choose");
  else if (saved == NULL)
    gtk_stack_set_visible_child_name (self->difference_stack, "uncovered");
  else
    {
      gtk_stack_set_visible_child_name (self->difference_stack, "reading");
      start (self, compare, question_new (self, saved->version), &self->comparing, compared_cb);
    }
}

static void
choose_version (RepriseDocumentsWindow *self, RepriseHolder *holder)
{
  g_cancellable_cancel (self->comparing);
  g_set_object (&self->chosen, holder);
  reprise_state_list_set_current (self->versions, holder);
  compare_chosen (self);
}

static void
version_activated_cb (RepriseDocumentsWindow *self, RepriseHolder *holder)
{
  choose_version (self, holder);
  adw_leaflet_set_visible_child (self->leaflet, self->difference_page);
}

/* ---- the versions ---- */

static const char *
get_version_icon_name (const RepriseVersion *version)
{
  if (version->at == NULL)
    return "reprise-server-symbolic";
  if (version->deleted)
    return "reprise-delete-symbolic";
  return version->conflict ? "reprise-warning-symbolic" : "reprise-backup-symbolic";
}

/* (transfer full): “Daily delta · 1.2 kB · deleted” */
static char *
dup_version_state (const RepriseVersion *version)
{
  g_autoptr (GString) text =
    g_string_new (version->at != NULL ? reprise_format_tier (version->tier) : _ ("On the server"));

  if (version->size_bytes >= 0)
    {
      g_autofree char *size = reprise_format_size (version->size_bytes);

      g_string_append_printf (text, " · %s", size);
    }
  if (version->origin != NULL)
    g_string_append_printf (text, " · %s", _ ("by the service itself"));
  if (version->deleted)
    g_string_append_printf (text, " · %s", _ ("deleted"));
  if (version->conflict)
    g_string_append_printf (text, " · %s", _ ("in conflict"));
  if (version->leaving_at != NULL)
    {
      g_autofree char *when = reprise_format_date_time (version->leaving_at);

      g_string_append (text, " · ");
      /* Translators: %s is a date; of a backup that is rolled up already */
      g_string_append_printf (text, _ ("rolled up, deleted on %s"), when);
    }
  return g_strdup (text->str);
}

static void
describe_version (RepriseStateRow *row, gpointer item, gpointer data)
{
  const RepriseVersion *version = reprise_holder_get (item);
  g_autofree char *title =
    version->at != NULL ? reprise_format_when (version->at) : g_strdup (_ ("Now"));
  g_autofree char *state = dup_version_state (version);

  reprise_state_row_set_title (row, title);
  reprise_state_row_set_state (row, get_version_icon_name (version), state);
}

static gpointer
list_versions (RepriseProvider *provider,
               RepriseVault *vault,
               gpointer data,
               GCancellable *cancellable,
               GError **error)
{
  const Question *question = data;

  return reprise_provider_list_versions (provider, vault, question->database, question->document,
                                         NULL, cancellable, error);
}

/* (transfer full) (nullable): that of the same backup as the one that was chosen before */
static RepriseHolder *
find_same (RepriseDocumentsWindow *self, const char *version, const char *backup_id)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->store));

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (RepriseHolder) holder = g_list_model_get_item (G_LIST_MODEL (self->store), i);
      const RepriseVersion *other = reprise_holder_get (holder);

      if (g_strcmp0 (other->backup_id, backup_id) == 0 &&
          (backup_id == NULL || g_strcmp0 (other->version, version) == 0))
        return g_steal_pointer (&holder);
    }
  return NULL;
}

static void
take_versions (RepriseDocumentsWindow *self, GPtrArray *versions)
{
  const RepriseVersion *before = get_chosen (self);
  g_autofree char *version = before != NULL ? g_strdup (before->version) : NULL;
  g_autofree char *backup_id = before != NULL ? g_strdup (before->backup_id) : NULL;
  g_autoptr (RepriseHolder) same = NULL;

  reprise_holder_fill (self->store, versions, (GDestroyNotify) reprise_version_free);
  if (before != NULL)
    same = find_same (self, version, backup_id);
  choose_version (self, same);
}

static void
versions_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (RepriseDocumentsWindow) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) versions = reprise_reading_finish (result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (error != NULL)
    {
      reprise_ui_set_description (self->versions_error, error->message);
      gtk_stack_set_visible_child_name (self->versions_stack, "error");
      return;
    }
  take_versions (self, versions);
  gtk_stack_set_visible_child_name (self->versions_stack, "list");
}

static void
read_versions (RepriseDocumentsWindow *self)
{
  if (self->document != NULL)
    start (self, list_versions, question_new (self, NULL), &self->reading, versions_cb);
}

static void
document_chosen_cb (RepriseDocumentsWindow *self, const char *id)
{
  g_free (self->document);
  self->document = g_strdup (id);
  reprise_title_set_subtitle (self->versions_title, id);
  choose_version (self, NULL);
  g_list_store_remove_all (self->store);
  gtk_stack_set_visible_child_name (self->versions_stack, "reading");
  read_versions (self);
  adw_leaflet_set_visible_child (self->leaflet, self->versions_page);
}

/* ---- the actions ---- */

static void
refresh_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  RepriseDocumentsWindow *self = REPRISE_DOCUMENTS_WINDOW (widget);

  reprise_documents_pane_read (self->documents_pane);
  read_versions (self);
}

static void
compare_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  compare_chosen (REPRISE_DOCUMENTS_WINDOW (widget));
}

static void
back_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  adw_leaflet_navigate (REPRISE_DOCUMENTS_WINDOW (widget)->leaflet, ADW_NAVIGATION_DIRECTION_BACK);
}

static void
search_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  RepriseDocumentsWindow *self = REPRISE_DOCUMENTS_WINDOW (widget);

  adw_leaflet_set_visible_child (self->leaflet, self->documents_page);
  reprise_documents_pane_search (self->documents_pane);
}

static void
restore_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  RepriseDocumentsWindow *self = REPRISE_DOCUMENTS_WINDOW (widget);
  const RepriseVersion *saved = get_compared (self);
  RepriseAgentClient *client = saved != NULL ? reprise_session_need_client (self->session) : NULL;

  if (client != NULL)
    gtk_window_present (GTK_WINDOW (reprise_restore_window_new_for_document (
      GTK_WINDOW (self), reprise_service_item_get_context (self->item), client,
      reprise_service_item_get_service (self->item), self->database, self->document, saved)));
}

/* A job has ended: what it made or wrote is there now. */
static void
job_cb (RepriseDocumentsWindow *self)
{
  gboolean was_active = self->is_job_active;

  self->is_job_active = reprise_service_item_get_job (self->item) != NULL;
  if (was_active && !self->is_job_active)
    gtk_widget_activate_action (GTK_WIDGET (self), "documents.refresh", NULL);
}

/* Closed: what is still being read holds on to the window, and ends. */
static void
reprise_documents_window_unrealize (GtkWidget *widget)
{
  RepriseDocumentsWindow *self = REPRISE_DOCUMENTS_WINDOW (widget);

  g_cancellable_cancel (self->reading);
  g_cancellable_cancel (self->comparing);
  GTK_WIDGET_CLASS (reprise_documents_window_parent_class)->unrealize (widget);
  gtk_window_set_transient_for (GTK_WINDOW (widget), NULL);
}

static void
reprise_documents_window_dispose (GObject *object)
{
  RepriseDocumentsWindow *self = REPRISE_DOCUMENTS_WINDOW (object);

  g_cancellable_cancel (self->reading);
  g_clear_object (&self->reading);
  g_cancellable_cancel (self->comparing);
  g_clear_object (&self->comparing);
  g_clear_object (&self->item);
  g_clear_object (&self->session);
  gtk_widget_dispose_template (GTK_WIDGET (object), REPRISE_TYPE_DOCUMENTS_WINDOW);
  G_OBJECT_CLASS (reprise_documents_window_parent_class)->dispose (object);
}

static void
reprise_documents_window_finalize (GObject *object)
{
  RepriseDocumentsWindow *self = REPRISE_DOCUMENTS_WINDOW (object);

  g_clear_object (&self->chosen);
  g_clear_object (&self->store);
  g_clear_pointer (&self->database, g_free);
  g_clear_pointer (&self->document, g_free);
  G_OBJECT_CLASS (reprise_documents_window_parent_class)->finalize (object);
}

static void
reprise_documents_window_class_init (RepriseDocumentsWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = reprise_documents_window_dispose;
  G_OBJECT_CLASS (klass)->finalize = reprise_documents_window_finalize;
  widget_class->unrealize = reprise_documents_window_unrealize;
  g_type_ensure (REPRISE_TYPE_DIFFERENCE_VIEW);
  g_type_ensure (REPRISE_TYPE_DOCUMENTS_PANE);
  g_type_ensure (REPRISE_TYPE_STATE_LIST);
  g_type_ensure (REPRISE_TYPE_TITLE);
  gtk_widget_class_set_template_from_resource (
    widget_class, "/io/github/reprise_backup/Reprise/ui/reprise-documents-window.ui");
#define BIND(name) gtk_widget_class_bind_template_child (widget_class, RepriseDocumentsWindow, name)
  BIND (leaflet);
  BIND (documents_page);
  BIND (documents_title);
  BIND (documents_pane);
  BIND (versions_page);
  BIND (versions_title);
  BIND (versions_stack);
  BIND (versions);
  BIND (versions_error);
  BIND (difference_page);
  BIND (difference_title);
  BIND (difference_stack);
  BIND (difference);
  BIND (equal_page);
  BIND (difference_error);
  BIND (action_bar);
  BIND (count_label);
#undef BIND
  gtk_widget_class_bind_template_callback (widget_class, document_chosen_cb);
  gtk_widget_class_bind_template_callback (widget_class, version_activated_cb);
  gtk_widget_class_install_action (widget_class, "documents.refresh", NULL, refresh_action);
  gtk_widget_class_install_action (widget_class, "documents.compare", NULL, compare_action);
  gtk_widget_class_install_action (widget_class, "documents.back", NULL, back_action);
  gtk_widget_class_install_action (widget_class, "documents.search", NULL, search_action);
  gtk_widget_class_install_action (widget_class, "documents.restore", NULL, restore_action);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_F5, 0, "documents.refresh", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_f, GDK_CONTROL_MASK,
                                       "documents.search", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_w, GDK_CONTROL_MASK, "window.close",
                                       NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Left, GDK_ALT_MASK, "documents.back",
                                       NULL);
}

static void
reprise_documents_window_init (RepriseDocumentsWindow *self)
{
  self->store = g_list_store_new (REPRISE_TYPE_HOLDER);
  gtk_widget_init_template (GTK_WIDGET (self));
  reprise_state_list_set_model (self->versions, G_LIST_MODEL (self->store), describe_version, self);
  reprise_state_list_set_name (self->versions, _ ("Versions"));
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "documents.restore", FALSE);
}

/* (transfer none): GTK holds it */
GtkWindow *
reprise_documents_window_new (GtkWindow *parent,
                              RepriseSession *session,
                              RepriseServiceItem *item,
                              const char *database)
{
  RepriseDocumentsWindow *self =
    g_object_new (REPRISE_TYPE_DOCUMENTS_WINDOW, "application", gtk_window_get_application (parent),
                  "transient-for", parent, NULL);
  /* Translators: the title of a window: the name of a database */
  g_autofree char *title = g_strdup_printf (_ ("Documents of %s"), database);

  self->session = g_object_ref (session);
  self->item = g_object_ref (item);
  self->database = g_strdup (database);
  self->is_job_active = reprise_service_item_get_job (item) != NULL;
  gtk_window_set_title (GTK_WINDOW (self), title);
  reprise_title_set_title (self->documents_title, database);
  reprise_title_set_subtitle (self->documents_title, reprise_service_item_get_name (item));
  g_signal_connect_object (item, "notify::job", G_CALLBACK (job_cb), self, G_CONNECT_SWAPPED);
  reprise_documents_pane_set_database (self->documents_pane, item, database);
  return GTK_WINDOW (self);
}
