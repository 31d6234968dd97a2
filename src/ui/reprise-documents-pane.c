/* reprise-documents-pane.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "reprise-ui"

#include "config.h"

#include <string.h>

#include <glib/gi18n.h>

#include "base/reprise-error.h"
#include "provider/reprise-reading.h"
#include "reprise-documents-pane.h"
#include "reprise-format.h"
#include "reprise-holder.h"
#include "reprise-state-list.h"
#include "reprise-ui.h"

#define PAGE_DOCUMENTS 200 /* shown at first, and added by each “Show More” */

struct _RepriseDocumentsPane
{
  AdwBin parent_instance;

  GtkSearchEntry *search_entry;
  GtkStack *stack;
  RepriseStateList *list;
  GtkRevealer *more_revealer;
  GtkLabel *more_label;
  GtkSpinner *spinner;
  AdwStatusPage *error_page;

  RepriseServiceItem *item;  /* (owned) (nullable) */
  char *database;            /* (owned) (nullable) */
  GListStore *store;         /* (owned) (element-type RepriseHolder): of RepriseDocument */
  GCancellable *cancellable; /* (owned) (nullable): of what is being read */
  guint limit;
  char *typed;   /* (owned) (nullable): what was searched last */
  char *current; /* (owned) (nullable): the id that was chosen */
};

G_DEFINE_FINAL_TYPE (RepriseDocumentsPane, reprise_documents_pane, ADW_TYPE_BIN)

enum
{
  CHOSEN,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

typedef struct
{
  char *database;
  char *pattern; /* (nullable) */
  guint limit;
} Question;

static void
question_free (gpointer data)
{
  Question *self = data;

  g_free (self->database);
  g_free (self->pattern);
  g_free (self);
}

/* In the worker. */
static gpointer
list_documents (RepriseProvider *provider,
                RepriseVault *vault,
                gpointer data,
                GCancellable *cancellable,
                GError **error)
{
  const Question *question = data;

  return reprise_provider_list_documents (provider, vault, question->database, question->pattern,
                                          question->limit, NULL, cancellable, error);
}

/* (transfer full) (nullable): what is typed, anywhere in an id; whoever writes a pattern means just that */
static char *
dup_pattern (RepriseDocumentsPane *self)
{
  const char *text = gtk_editable_get_text (GTK_EDITABLE (self->search_entry));

  if (*text == '\0')
    return NULL;
  return strpbrk (text, "*?") != NULL ? g_strdup (text) : g_strdup_printf ("*%s*", text);
}

static const char *
get_icon_name (RepriseDocumentState state)
{
  switch (state)
    {
    case REPRISE_DOCUMENT_SAVED:
      return "reprise-success-symbolic";
    case REPRISE_DOCUMENT_CHANGED:
      return "reprise-edit-symbolic";
    case REPRISE_DOCUMENT_DELETED:
      return "reprise-delete-symbolic";
    case REPRISE_DOCUMENT_UNKNOWN:
      return "reprise-warning-symbolic";
    case REPRISE_DOCUMENT_NOT_COVERED:
    default:
      return "reprise-none-symbolic";
    }
}

static const char *
get_state_text (RepriseDocumentState state)
{
  switch (state)
    {
    case REPRISE_DOCUMENT_SAVED:
      return _ ("In a backup as it is now");
    case REPRISE_DOCUMENT_CHANGED:
      return _ ("Changed since the last backup");
    case REPRISE_DOCUMENT_DELETED:
      return _ ("Deleted, kept in backups");
    case REPRISE_DOCUMENT_UNKNOWN:
      return _ ("In a backup; the server does not answer");
    case REPRISE_DOCUMENT_NOT_COVERED:
    default:
      return _ ("In no backup, only on the server");
    }
}

static void
describe (RepriseStateRow *row, gpointer item, gpointer data)
{
  const RepriseDocument *document = reprise_holder_get (item);

  reprise_state_row_set_title (row, document->id);
  reprise_state_row_set_state (row, get_icon_name (document->state),
                               get_state_text (document->state));
}

static void
mark_current (RepriseDocumentsPane *self)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->store));

  for (guint i = 0; self->current != NULL && i < n; i++)
    {
      g_autoptr (RepriseHolder) holder = g_list_model_get_item (G_LIST_MODEL (self->store), i);
      const RepriseDocument *document = reprise_holder_get (holder);

      if (strcmp (document->id, self->current) != 0)
        continue;
      reprise_state_list_set_current (self->list, holder);
      return;
    }
  reprise_state_list_set_current (self->list, NULL);
}

static void
show_more_bar (RepriseDocumentsPane *self, guint n)
{
  g_autofree char *count = reprise_format_count (n);
  /* Translators: how many documents of a long list are shown; %s is a number with separators */
  g_autofree char *text =
    g_strdup_printf (ngettext ("The first %s is shown", "The first %s are shown", n), count);

  gtk_label_set_label (self->more_label, text);
  gtk_revealer_set_reveal_child (self->more_revealer, n >= self->limit);
}

static void
set_reading (RepriseDocumentsPane *self, gboolean reading)
{
  gtk_spinner_set_spinning (self->spinner, reading);
  gtk_widget_set_visible (GTK_WIDGET (self->spinner), reading);
}

static void
read_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (RepriseDocumentsPane) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) documents = reprise_reading_finish (result, &error);
  guint n = documents != NULL ? documents->len : 0;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  set_reading (self, FALSE);
  if (error != NULL)
    {
      reprise_ui_set_description (self->error_page, error->message);
      gtk_stack_set_visible_child_name (self->stack, "error");
      return;
    }
  reprise_holder_fill (self->store, documents, (GDestroyNotify) reprise_document_free);
  mark_current (self);
  show_more_bar (self, n);
  gtk_stack_set_visible_child_name (
    self->stack, n > 0                                                                ? "list"
                 : *gtk_editable_get_text (GTK_EDITABLE (self->search_entry)) != '\0' ? "none"
                                                                                      : "empty");
}

/* Reads the list again. What is shown stays until the answer is there. */
void
reprise_documents_pane_read (RepriseDocumentsPane *self)
{
  Question *question;

  if (self->item == NULL || self->database == NULL)
    return;
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  self->cancellable = g_cancellable_new ();
  question = g_new0 (Question, 1);
  question->database = g_strdup (self->database);
  question->pattern = dup_pattern (self);
  question->limit = self->limit;
  set_reading (self, TRUE);
  if (g_list_model_get_n_items (G_LIST_MODEL (self->store)) == 0)
    gtk_stack_set_visible_child_name (self->stack, "reading");
  reprise_reading_start (reprise_service_item_get_context (self->item),
                         reprise_service_item_get_service (self->item), NULL, list_documents,
                         question, question_free, (GDestroyNotify) g_ptr_array_unref,
                         self->cancellable, read_cb, g_object_ref (self));
}

/* The entry tells of a change a moment later, of the first one too: that nothing was typed. */
static void
search_changed_cb (RepriseDocumentsPane *self)
{
  const char *text = gtk_editable_get_text (GTK_EDITABLE (self->search_entry));

  if (g_strcmp0 (text, self->typed != NULL ? self->typed : "") == 0)
    return;
  g_free (self->typed);
  self->typed = g_strdup (text);
  self->limit = PAGE_DOCUMENTS;
  reprise_documents_pane_read (self);
}

/* Escape: where nothing is searched for, the window goes, as from anywhere else in it. */
static void
stop_search_cb (RepriseDocumentsPane *self)
{
  if (*gtk_editable_get_text (GTK_EDITABLE (self->search_entry)) == '\0')
    {
      gtk_widget_activate_action (GTK_WIDGET (self), "window.close", NULL);
      return;
    }
  gtk_editable_set_text (GTK_EDITABLE (self->search_entry), "");
  reprise_state_list_focus (self->list);
}

static void
activated_cb (RepriseDocumentsPane *self, RepriseHolder *holder)
{
  const RepriseDocument *document = reprise_holder_get (holder);

  g_free (self->current);
  self->current = g_strdup (document->id);
  reprise_state_list_set_current (self->list, holder);
  g_signal_emit (self, signals[CHOSEN], 0, self->current);
}

static void
more_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  RepriseDocumentsPane *self = REPRISE_DOCUMENTS_PANE (widget);

  self->limit += PAGE_DOCUMENTS;
  reprise_documents_pane_read (self);
}

static void
retry_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  RepriseDocumentsPane *self = REPRISE_DOCUMENTS_PANE (widget);

  gtk_stack_set_visible_child_name (self->stack, "reading");
  reprise_documents_pane_read (self);
}

static void
reprise_documents_pane_dispose (GObject *object)
{
  RepriseDocumentsPane *self = REPRISE_DOCUMENTS_PANE (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->item);
  gtk_widget_dispose_template (GTK_WIDGET (object), REPRISE_TYPE_DOCUMENTS_PANE);
  G_OBJECT_CLASS (reprise_documents_pane_parent_class)->dispose (object);
}

static void
reprise_documents_pane_finalize (GObject *object)
{
  RepriseDocumentsPane *self = REPRISE_DOCUMENTS_PANE (object);

  g_clear_object (&self->store);
  g_clear_pointer (&self->database, g_free);
  g_clear_pointer (&self->current, g_free);
  g_clear_pointer (&self->typed, g_free);
  G_OBJECT_CLASS (reprise_documents_pane_parent_class)->finalize (object);
}

static void
reprise_documents_pane_class_init (RepriseDocumentsPaneClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = reprise_documents_pane_dispose;
  G_OBJECT_CLASS (klass)->finalize = reprise_documents_pane_finalize;
  signals[CHOSEN] = g_signal_new ("chosen", REPRISE_TYPE_DOCUMENTS_PANE, G_SIGNAL_RUN_LAST, 0, NULL,
                                  NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
  g_type_ensure (REPRISE_TYPE_STATE_LIST);
  gtk_widget_class_set_template_from_resource (
    widget_class, "/io/github/reprise_backup/Reprise/ui/reprise-documents-pane.ui");
  gtk_widget_class_bind_template_child (widget_class, RepriseDocumentsPane, search_entry);
  gtk_widget_class_bind_template_child (widget_class, RepriseDocumentsPane, stack);
  gtk_widget_class_bind_template_child (widget_class, RepriseDocumentsPane, list);
  gtk_widget_class_bind_template_child (widget_class, RepriseDocumentsPane, more_revealer);
  gtk_widget_class_bind_template_child (widget_class, RepriseDocumentsPane, more_label);
  gtk_widget_class_bind_template_child (widget_class, RepriseDocumentsPane, spinner);
  gtk_widget_class_bind_template_child (widget_class, RepriseDocumentsPane, error_page);
  gtk_widget_class_bind_template_callback (widget_class, search_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, stop_search_cb);
  gtk_widget_class_bind_template_callback (widget_class, activated_cb);
  gtk_widget_class_install_action (widget_class, "documents.more", NULL, more_action);
  gtk_widget_class_install_action (widget_class, "documents.retry", NULL, retry_action);
}

static void
reprise_documents_pane_init (RepriseDocumentsPane *self)
{
  self->limit = PAGE_DOCUMENTS;
  self->store = g_list_store_new (REPRISE_TYPE_HOLDER);
  gtk_widget_init_template (GTK_WIDGET (self));
  reprise_state_list_set_model (self->list, G_LIST_MODEL (self->store), describe, self);
  reprise_state_list_set_name (self->list, _ ("Documents"));
}

void
reprise_documents_pane_set_database (RepriseDocumentsPane *self,
                                     RepriseServiceItem *item,
                                     const char *database)
{
  g_set_object (&self->item, item);
  g_free (self->database);
  self->database = g_strdup (database);
  reprise_documents_pane_read (self);
}

/* The keyboard goes to the search. */
void
reprise_documents_pane_search (RepriseDocumentsPane *self)
{
  gtk_widget_grab_focus (GTK_WIDGET (self->search_entry));
}
