/* reprise-history-page.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "reprise-ui"

#include "config.h"

#include <glib/gi18n.h>

#include "base/reprise-error.h"
#include "reprise-error-bar.h"
#include "reprise-history-page.h"
#include "job/reprise-run-report.h"
#include "reprise-job-window.h"
#include "reprise-report-window.h"
#include "reprise-run-row.h"

#define PAGE_RUNS 100

struct _RepriseHistoryPage
{
  AdwBin parent_instance;

  RepriseErrorBar *error_bar;
  GtkStack *stack;
  GtkStack *results;
  GtkSearchEntry *search_entry;
  GtkListView *list;

  RepriseServiceItem *item;  /* (owned) (nullable) */
  GListStore *runs;          /* (owned) (element-type RepriseRun) */
  GCancellable *cancellable; /* (owned) (nullable): of the reading under way */
  gboolean reading;
  gboolean complete; /* there are no more */
};

G_DEFINE_FINAL_TYPE (RepriseHistoryPage, reprise_history_page, ADW_TYPE_BIN)

typedef enum
{
  PROP_ITEM = 1,
} RepriseHistoryPageProperty;

static GParamSpec *properties[PROP_ITEM + 1];

typedef struct
{
  RepriseHistory *history; /* (owned) */
  char *uuid;              /* (owned) */
  char *search;            /* (owned) (nullable) */
  guint offset;
} Page;

static void
page_free (Page *page)
{
  g_clear_object (&page->history);
  g_free (page->uuid);
  g_free (page->search);
  g_free (page);
}

static void
page_worker (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Page *page = data;
  GError *error = NULL;
  GPtrArray *runs =
    reprise_history_list (page->history, page->uuid, page->search, page->offset, PAGE_RUNS, &error);

  if (runs != NULL)
    g_task_return_pointer (task, runs, (GDestroyNotify) g_ptr_array_unref);
  else
    g_task_return_error (task, error);
}

static void
update_stack (RepriseHistoryPage *self)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->runs));
  gboolean searching = gtk_editable_get_text (GTK_EDITABLE (self->search_entry))[0] != '\0';

  gtk_stack_set_visible_child_name (self->stack, n > 0 || searching ? "list" : "empty");
  gtk_stack_set_visible_child_name (self->results, n > 0 ? "some" : "none");
}

static void
page_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (RepriseHistoryPage) self = data;
  Page *page = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) runs = g_task_propagate_pointer (G_TASK (result), &error);

  if (error != NULL && reprise_error_is_stop (error))
    return;
  self->reading = FALSE;
  if (error != NULL)
    {
      reprise_error_bar_show_error (self->error_bar, _ ("Could Not Read the History"), error);
      return;
    }
  self->complete = runs->len < PAGE_RUNS;
  g_list_store_splice (self->runs, page->offset,
                       g_list_model_get_n_items (G_LIST_MODEL (self->runs)) - page->offset,
                       runs->pdata, runs->len);
  update_stack (self);
}

static void
read_page (RepriseHistoryPage *self, guint offset)
{
  const char *search = gtk_editable_get_text (GTK_EDITABLE (self->search_entry));
  g_autoptr (GTask) task = NULL;
  Page *page;

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  if (self->item == NULL)
    return;
  self->cancellable = g_cancellable_new ();
  self->reading = TRUE;
  page = g_new0 (Page, 1);
  g_set_object (&page->history,
                reprise_context_get_history (reprise_service_item_get_context (self->item)));
  page->uuid = g_strdup (reprise_service_item_get_uuid (self->item));
  page->search = search[0] != '\0' ? g_strdup (search) : NULL;
  page->offset = offset;
  task = g_task_new (NULL, self->cancellable, page_cb, g_object_ref (self));
  g_task_set_task_data (task, page, (GDestroyNotify) page_free);
  g_task_run_in_thread (task, page_worker);
}

/* Reads from the newest on. */
void
reprise_history_page_read (RepriseHistoryPage *self)
{
  read_page (self, 0);
}

static void
edge_reached_cb (RepriseHistoryPage *self, GtkPositionType edge)
{
  if (edge == GTK_POS_BOTTOM && !self->reading && !self->complete)
    read_page (self, g_list_model_get_n_items (G_LIST_MODEL (self->runs)));
}

static void
stop_search_cb (RepriseHistoryPage *self)
{
  gtk_editable_set_text (GTK_EDITABLE (self->search_entry), "");
  gtk_widget_grab_focus (GTK_WIDGET (self->list));
}

static void
activate_cb (RepriseHistoryPage *self, guint position)
{
  g_autoptr (RepriseRun) run = g_list_model_get_item (G_LIST_MODEL (self->runs), position);

  gtk_window_present (reprise_job_window_new_for_run (GTK_WIDGET (self), run));
}

/* Of all that is shown, seen in full before it leaves. */
static void
report_cb (RepriseHistoryPage *self)
{
  g_autoptr (GPtrArray) runs = g_ptr_array_new_with_free_func (g_object_unref);
  g_autofree char *name = NULL;
  g_autofree char *text = NULL;

  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (self->runs)); i++)
    g_ptr_array_add (runs, g_list_model_get_item (G_LIST_MODEL (self->runs), i));
  text = reprise_run_report_all (runs);
  name = g_strconcat (reprise_service_item_get_name (self->item), ".txt", NULL);
  gtk_window_present (reprise_report_window_new (GTK_WIDGET (self), name, text));
}

static void
setup_cb (GtkSignalListItemFactory *factory, GtkListItem *item, gpointer data)
{
  gtk_list_item_set_child (item, reprise_run_row_new ());
}

static void
bind_cb (GtkSignalListItemFactory *factory, GtkListItem *item, gpointer data)
{
  GtkWidget *row = gtk_list_item_get_child (item);

  reprise_run_row_set_run (REPRISE_RUN_ROW (row), gtk_list_item_get_item (item));
  reprise_run_row_name (REPRISE_RUN_ROW (row), gtk_widget_get_parent (row));
}

static void
reprise_history_page_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  switch ((RepriseHistoryPageProperty) id)
    {
    case PROP_ITEM:
      g_value_set_object (value, REPRISE_HISTORY_PAGE (object)->item);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
reprise_history_page_set_property (GObject *object,
                                   guint id,
                                   const GValue *value,
                                   GParamSpec *pspec)
{
  switch ((RepriseHistoryPageProperty) id)
    {
    case PROP_ITEM:
      reprise_history_page_set_item (REPRISE_HISTORY_PAGE (object), g_value_get_object (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
reprise_history_page_dispose (GObject *object)
{
  RepriseHistoryPage *self = REPRISE_HISTORY_PAGE (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  if (self->item != NULL)
    g_signal_handlers_disconnect_by_data (self->item, self);
  g_clear_object (&self->item);
  gtk_widget_dispose_template (GTK_WIDGET (object), REPRISE_TYPE_HISTORY_PAGE);
  G_OBJECT_CLASS (reprise_history_page_parent_class)->dispose (object);
}

static void
reprise_history_page_finalize (GObject *object)
{
  g_clear_object (&REPRISE_HISTORY_PAGE (object)->runs);
  G_OBJECT_CLASS (reprise_history_page_parent_class)->finalize (object);
}

static void
reprise_history_page_class_init (RepriseHistoryPageClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = reprise_history_page_dispose;
  object_class->finalize = reprise_history_page_finalize;
  object_class->get_property = reprise_history_page_get_property;
  object_class->set_property = reprise_history_page_set_property;
  properties[PROP_ITEM] =
    g_param_spec_object ("item", NULL, NULL, REPRISE_TYPE_SERVICE_ITEM,
                         G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
  g_type_ensure (REPRISE_TYPE_ERROR_BAR);
  gtk_widget_class_set_template_from_resource (
    widget_class, "/io/github/reprise_backup/Reprise/ui/reprise-history-page.ui");
  gtk_widget_class_bind_template_child (widget_class, RepriseHistoryPage, error_bar);
  gtk_widget_class_bind_template_child (widget_class, RepriseHistoryPage, stack);
  gtk_widget_class_bind_template_child (widget_class, RepriseHistoryPage, results);
  gtk_widget_class_bind_template_child (widget_class, RepriseHistoryPage, search_entry);
  gtk_widget_class_bind_template_child (widget_class, RepriseHistoryPage, list);
  gtk_widget_class_bind_template_callback (widget_class, reprise_history_page_read);
  gtk_widget_class_bind_template_callback (widget_class, stop_search_cb);
  gtk_widget_class_bind_template_callback (widget_class, edge_reached_cb);
  gtk_widget_class_bind_template_callback (widget_class, activate_cb);
  gtk_widget_class_bind_template_callback (widget_class, report_cb);
}

static void
reprise_history_page_init (RepriseHistoryPage *self)
{
  g_autoptr (GtkListItemFactory) factory = gtk_signal_list_item_factory_new ();
  g_autoptr (GtkSelectionModel) model = NULL;

  self->runs = g_list_store_new (REPRISE_TYPE_RUN);
  gtk_widget_init_template (GTK_WIDGET (self));
  g_signal_connect (factory, "setup", G_CALLBACK (setup_cb), NULL);
  g_signal_connect (factory, "bind", G_CALLBACK (bind_cb), NULL);
  gtk_list_view_set_factory (self->list, factory);
  model = GTK_SELECTION_MODEL (gtk_no_selection_new (g_object_ref (G_LIST_MODEL (self->runs))));
  gtk_list_view_set_model (self->list, model);
}

/* A job that ends while somebody looks comes to the top of the list. */
static void
reading_cb (RepriseHistoryPage *self)
{
  if (!reprise_service_item_get_reading (self->item) && gtk_widget_get_mapped (GTK_WIDGET (self)))
    reprise_history_page_read (self);
}

/**
 * reprise_history_page_set_item:
 * @item: (nullable): the service whose history is shown; it is read when the page is
 */
void
reprise_history_page_set_item (RepriseHistoryPage *self, RepriseServiceItem *item)
{
  if (self->item == item)
    return;
  if (self->item != NULL)
    g_signal_handlers_disconnect_by_data (self->item, self);
  g_set_object (&self->item, item);
  g_list_store_remove_all (self->runs);
  gtk_editable_set_text (GTK_EDITABLE (self->search_entry), "");
  if (item != NULL)
    {
      g_signal_connect_object (item, "notify::reading", G_CALLBACK (reading_cb), self,
                               G_CONNECT_SWAPPED);
      reprise_history_page_read (self);
    }
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ITEM]);
}

void
reprise_history_page_search (RepriseHistoryPage *self)
{
  gtk_widget_grab_focus (GTK_WIDGET (self->search_entry));
}
