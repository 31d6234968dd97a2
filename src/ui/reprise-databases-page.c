/* reprise-databases-page.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "reprise-ui"

#include "config.h"

#include <string.h>

#include <glib/gi18n.h>

#include "base/reprise-error.h"
#include "provider/reprise-context-tiers.h"
#include "provider/reprise-tier-policy.h"
#include "reprise-databases-page.h"
#include "reprise-error-bar.h"
#include "reprise-format.h"
#include "reprise-holder.h"
#include "reprise-state-list.h"
#include "reprise-tiers-window.h"
#include "reprise-ui.h"

struct _RepriseDatabasesPage
{
  AdwBin parent_instance;

  RepriseErrorBar *error_bar;
  GtkStack *stack;
  GtkSearchEntry *search_entry;
  GtkSpinner *spinner;
  GtkLabel *summary;
  GtkStack *results;
  RepriseStateList *list;
  AdwStatusPage *error_page;

  RepriseServiceItem *item; /* (owned) (nullable) */
  GPtrArray *all;    /* (owned) (nullable) (element-type RepriseCoverage): by group and name */
  GListStore *store; /* (owned) (element-type RepriseHolder): of Entry, those that are found */
  GCancellable *cancellable; /* (owned) (nullable): of what is being read */
  gboolean is_job_active;
};

G_DEFINE_FINAL_TYPE (RepriseDatabasesPage, reprise_databases_page, ADW_TYPE_BIN)

/* A row: what it shows lives as long as the page's @all, which is replaced together with all rows. */
typedef struct
{
  const RepriseCoverage *coverage;
  gboolean is_first; /* of its group */
} Entry;

/* ---- the row ---- */

static gboolean
is_included (const RepriseCoverage *coverage)
{
  return coverage->state == REPRISE_COVERAGE_INCLUDED ||
         coverage->state == REPRISE_COVERAGE_NEW_INCLUDED;
}

static const char *
get_last_icon_name (RepriseCoverageLast last)
{
  switch (last)
    {
    case REPRISE_COVERAGE_VERIFIED:
      return "reprise-verify-symbolic";
    case REPRISE_COVERAGE_UNVERIFIED:
      return "reprise-backup-symbolic";
    case REPRISE_COVERAGE_DAMAGED:
    case REPRISE_COVERAGE_FAILED:
      return "reprise-failed-symbolic";
    case REPRISE_COVERAGE_NEVER:
    case REPRISE_COVERAGE_PARTIAL:
    default:
      return "reprise-warning-symbolic";
    }
}

static const char *
get_icon_name (const RepriseCoverage *coverage)
{
  switch (coverage->state)
    {
    case REPRISE_COVERAGE_NEW_INCLUDED:
      return "reprise-add-symbolic";
    case REPRISE_COVERAGE_EXCLUDED:
    case REPRISE_COVERAGE_NEW_EXCLUDED:
      return "reprise-none-symbolic";
    case REPRISE_COVERAGE_GONE:
      return "reprise-delete-symbolic";
    case REPRISE_COVERAGE_INCLUDED:
    default:
      return get_last_icon_name (coverage->last);
    }
}

/* (transfer full): “Last backup: Today, 02:00 · Verified”, “Excluded · It is one of the exceptions” */
static char *
dup_state (const RepriseCoverage *coverage)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree char *when =
    coverage->last_at != NULL ? reprise_format_when (coverage->last_at) : NULL;
  /* Translators: %s is a day and a time: “Today, 02:00” */
  g_autofree char *last = when != NULL ? g_strdup_printf (_ ("Last backup: %s"), when) : NULL;

  if (coverage->state != REPRISE_COVERAGE_INCLUDED)
    reprise_format_add_part (text, reprise_coverage_state_get_text (coverage->state));
  if (!is_included (coverage))
    reprise_format_add_part (text, coverage->reason);
  reprise_format_add_part (text, last);
  if (coverage->state == REPRISE_COVERAGE_INCLUDED || coverage->last != REPRISE_COVERAGE_NEVER)
    reprise_format_add_part (text, reprise_coverage_last_get_text (coverage->last));
  return g_strdup (text->str);
}

/* (transfer full) (nullable): that other rules than those of all decide of its tiers */
static char *
dup_rule (RepriseDatabasesPage *self, const char *database)
{
  g_autofree char *rule =
    reprise_tier_policy_dup_rule (reprise_service_item_get_service (self->item), database);

  if (rule == NULL)
    return NULL;
  if (g_str_equal (rule, database))
    return g_strdup (_ ("tiers by rules of its own"));
  /* Translators: a pattern of names, such as “shop-*” */
  return g_strdup_printf (_ ("tiers by the rule “%s”"), rule);
}

/* (transfer full): “7 daily, 4 weekly · 1,204 documents · 3.2 MB”, and what went wrong */
static char *
dup_detail (RepriseDatabasesPage *self, const RepriseCoverage *coverage)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree char *tiers = reprise_coverage_dup_tiers_text (coverage);
  g_autofree char *rule = dup_rule (self, coverage->name);
  g_autofree char *count = reprise_format_count (coverage->rows);
  /* Translators: %s is a number with separators, such as 1,204 */
  g_autofree char *documents = g_strdup_printf (
    ngettext ("%s document", "%s documents", (gulong) MAX (coverage->rows, 0)), count);
  g_autofree char *size = reprise_format_size (coverage->size_bytes);

  reprise_format_add_part (text, tiers);
  reprise_format_add_part (text, rule);
  if (coverage->rows >= 0)
    reprise_format_add_part (text, documents);
  if (coverage->size_bytes >= 0)
    reprise_format_add_part (text, size);
  if (coverage->own_state != NULL)
    {
      g_string_append (text, text->len > 0 ? "\n" : "");
      /* Translators: of a database, “Never completed”, “Not set up”, or a date */
      g_string_append_printf (text, _ ("The server’s own backup: %s"), coverage->own_state);
    }
  if (coverage->problem != NULL)
    g_string_append_printf (text, "%s%s", text->len > 0 ? "\n" : "", coverage->problem);
  return g_strdup (text->str);
}

static void
add_item (GMenu *menu, const char *label, const char *action, const char *name)
{
  g_autoptr (GMenuItem) item = g_menu_item_new (label, NULL);

  g_menu_item_set_action_and_target (item, action, "s", name);
  g_menu_append_item (menu, item);
}

static GMenuModel *
new_menu (const RepriseCoverage *coverage)
{
  GMenu *menu = g_menu_new ();

  add_item (menu, _ ("Show _Documents"), "databases.documents", coverage->name);
  if (coverage->last_at != NULL)
    add_item (menu, _ ("_Restore…"), "databases.restore", coverage->name);
  if (coverage->group != REPRISE_GROUP_SKIPPED)
    add_item (menu, _ ("_Tiers…"), "databases.tiers", coverage->name);
  if (coverage->state != REPRISE_COVERAGE_GONE && coverage->group != REPRISE_GROUP_SKIPPED)
    add_item (menu,
              is_included (coverage) ? _ ("E_xclude From Backups") : _ ("_Include in Backups"),
              is_included (coverage) ? "databases.exclude" : "databases.include", coverage->name);
  return G_MENU_MODEL (menu);
}

static void
show_menu (RepriseStateRow *row, const RepriseCoverage *coverage)
{
  GtkWidget *button = reprise_state_row_get_suffix (row);
  /* Translators: of a menu: what can be done with a database */
  g_autofree char *name = g_strdup_printf (_ ("Actions for %s"), coverage->name);
  g_autoptr (GMenuModel) menu = new_menu (coverage);

  if (button == NULL)
    {
      button = gtk_menu_button_new ();
      gtk_menu_button_set_icon_name (GTK_MENU_BUTTON (button), "reprise-more-symbolic");
      gtk_widget_add_css_class (button, "flat");
      gtk_widget_set_tooltip_text (button, _ ("Actions"));
      reprise_state_row_set_suffix (row, button);
    }
  gtk_menu_button_set_menu_model (GTK_MENU_BUTTON (button), menu);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
}

static void
describe (RepriseStateRow *row, gpointer item, gpointer data)
{
  const Entry *entry = reprise_holder_get (item);
  const RepriseCoverage *coverage = entry->coverage;
  g_autofree char *state = dup_state (coverage);
  g_autofree char *detail = dup_detail (data, coverage);

  reprise_state_row_set_heading (row, entry->is_first ? reprise_group_get_title (coverage->group)
                                                      : NULL);
  reprise_state_row_set_title (row, coverage->name);
  reprise_state_row_set_state (row, get_icon_name (coverage), state);
  reprise_state_row_set_detail (row, detail);
  reprise_state_row_set_dim (row, !is_included (coverage));
  show_menu (row, coverage);
}

/* ---- the list ---- */

static gboolean
matches (RepriseDatabasesPage *self, const RepriseCoverage *coverage)
{
  const char *typed = gtk_editable_get_text (GTK_EDITABLE (self->search_entry));
  g_autofree char *needle = NULL;
  g_autofree char *state = NULL;
  g_autofree char *text = NULL;
  g_autofree char *folded = NULL;

  if (*typed == '\0')
    return TRUE;
  needle = g_utf8_casefold (typed, -1);
  state = dup_state (coverage);
  text = g_strdup_printf ("%s\n%s\n%s", coverage->name, reprise_group_get_title (coverage->group),
                          state);
  folded = g_utf8_casefold (text, -1);
  return strstr (folded, needle) != NULL;
}

/* What is found, with the name of its group above the first of each. */
static void
fill (RepriseDatabasesPage *self)
{
  g_autoptr (GPtrArray) entries = g_ptr_array_new_with_free_func (g_free);
  RepriseGroup group = REPRISE_GROUP_SKIPPED;

  for (guint i = 0; self->all != NULL && i < self->all->len; i++)
    {
      const RepriseCoverage *coverage = self->all->pdata[i];
      Entry *entry;

      if (!matches (self, coverage))
        continue;
      entry = g_new0 (Entry, 1);
      entry->coverage = coverage;
      entry->is_first = entries->len == 0 || coverage->group != group;
      group = coverage->group;
      g_ptr_array_add (entries, entry);
    }
  gtk_stack_set_visible_child_name (self->results, entries->len > 0 ? "some" : "none");
  reprise_holder_fill (self->store, entries, g_free);
}

static int
compare_cb (gconstpointer a, gconstpointer b)
{
  const RepriseCoverage *left = *(RepriseCoverage *const *) a;
  const RepriseCoverage *right = *(RepriseCoverage *const *) b;

  if (left->group != right->group)
    return (int) left->group - (int) right->group;
  return g_utf8_collate (left->name, right->name);
}

/* Takes @part. */
static void
take_part (GString *text, char *part)
{
  reprise_format_add_part (text, part);
  g_free (part);
}

/* “12 databases · 2 never backed up · 1 excluded” */
static void
show_summary (RepriseDatabasesPage *self)
{
  g_autoptr (GString) text = g_string_new (NULL);
  guint n_never = 0, n_excluded = 0, n_bad = 0, n_new = 0, n = self->all->len;

  for (guint i = 0; i < n; i++)
    {
      const RepriseCoverage *coverage = self->all->pdata[i];

      n_excluded += coverage->state == REPRISE_COVERAGE_EXCLUDED ||
                    coverage->state == REPRISE_COVERAGE_NEW_EXCLUDED;
      n_new += coverage->is_new;
      n_never +=
        coverage->state == REPRISE_COVERAGE_INCLUDED && coverage->last == REPRISE_COVERAGE_NEVER;
      n_bad += coverage->last >= REPRISE_COVERAGE_DAMAGED;
    }
  take_part (text, g_strdup_printf (ngettext ("%u database", "%u databases", n), n));
  if (n_bad > 0)
    take_part (text,
               g_strdup_printf (ngettext ("%u with a problem", "%u with a problem", n_bad), n_bad));
  if (n_never > 0)
    take_part (text, g_strdup_printf (
                       ngettext ("%u never backed up", "%u never backed up", n_never), n_never));
  if (n_new > 0)
    take_part (text, g_strdup_printf (ngettext ("%u new", "%u new", n_new), n_new));
  if (n_excluded > 0)
    take_part (text,
               g_strdup_printf (ngettext ("%u excluded", "%u excluded", n_excluded), n_excluded));
  gtk_label_set_label (self->summary, text->str);
}

static void
show_error (RepriseDatabasesPage *self, const GError *error)
{
  if (self->all != NULL) /* what was read before is still worth looking at */
    {
      reprise_error_bar_show_error (self->error_bar, _ ("Could Not Read the Databases"), error);
      return;
    }
  reprise_ui_set_description (self->error_page, error->message);
  gtk_stack_set_visible_child_name (self->stack, "error");
}

static void
set_reading (RepriseDatabasesPage *self, gboolean reading)
{
  gtk_spinner_set_spinning (self->spinner, reading);
  gtk_widget_set_visible (GTK_WIDGET (self->spinner), reading);
}

/* What backups alone tell of is shown with a note. */
static void
show_unanswered (RepriseDatabasesPage *self, GPtrArray *all)
{
  const RepriseCoverage *last = all->len > 0 ? all->pdata[all->len - 1] : NULL;

  if (last != NULL && last->unanswered != NULL)
    reprise_error_bar_show_text (self->error_bar, GTK_MESSAGE_WARNING,
                                 _ ("The Server Does Not Answer"), last->unanswered);
  else
    reprise_error_bar_clear (self->error_bar);
}

static void
read_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (RepriseDatabasesPage) self = data;
  g_autoptr (GError) error = NULL;
  GPtrArray *all =
    reprise_context_list_collections_finish (REPRISE_CONTEXT (source), result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      g_clear_pointer (&all, g_ptr_array_unref);
      return;
    }
  set_reading (self, FALSE);
  if (all == NULL)
    {
      show_error (self, error);
      return;
    }
  show_unanswered (self, all);
  g_list_store_remove_all (self->store);
  g_clear_pointer (&self->all, g_ptr_array_unref);
  self->all = all;
  g_ptr_array_sort (all, compare_cb);
  show_summary (self);
  fill (self);
  gtk_stack_set_visible_child_name (self->stack, all->len > 0 ? "list" : "empty");
}

/* Asks again. What is shown stays until the answer is there. */
void
reprise_databases_page_read (RepriseDatabasesPage *self)
{
  if (self->item == NULL || !reprise_service_item_can (self->item, REPRISE_HAS_HISTORY))
    return;
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  self->cancellable = g_cancellable_new ();
  set_reading (self, TRUE);
  if (self->all == NULL)
    gtk_stack_set_visible_child_name (self->stack, "reading");
  reprise_context_list_collections_async (reprise_service_item_get_context (self->item),
                                          reprise_service_item_get_service (self->item), NULL,
                                          self->cancellable, read_cb, g_object_ref (self));
}

/* Somebody looks at the page. */
void
reprise_databases_page_read_if_old (RepriseDatabasesPage *self)
{
  if (self->all == NULL)
    reprise_databases_page_read (self);
}

static void
search_changed_cb (RepriseDatabasesPage *self)
{
  fill (self);
}

static void
stop_search_cb (RepriseDatabasesPage *self)
{
  gtk_editable_set_text (GTK_EDITABLE (self->search_entry), "");
  reprise_state_list_focus (self->list);
}

static void
activated_cb (RepriseDatabasesPage *self, RepriseHolder *holder)
{
  const Entry *entry = reprise_holder_get (holder);

  gtk_widget_activate_action (GTK_WIDGET (self), "win.show-documents", "s", entry->coverage->name);
}

/* ---- the actions ---- */

static void
retry_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  reprise_databases_page_read (REPRISE_DATABASES_PAGE (widget));
}

static void
documents_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  gtk_widget_activate_action_variant (widget, "win.show-documents", parameter);
}

static void
restore_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  gtk_widget_activate_action_variant (widget, "win.restore-collection", parameter);
}

/* Of the database so called; of all, where there is no name. */
static void
tiers_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  RepriseDatabasesPage *self = REPRISE_DATABASES_PAGE (widget);
  const char *database = g_variant_get_string (parameter, NULL);
  GtkWindow *window = reprise_tiers_window_new (GTK_WINDOW (gtk_widget_get_root (widget)),
                                                self->item, *database != '\0' ? database : NULL);

  /* the rows say whose rules decide */
  g_signal_connect_object (window, "unmap", G_CALLBACK (fill), self, G_CONNECT_SWAPPED);
  gtk_window_present (window);
}

static void
saved_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (RepriseDatabasesPage) self = data;
  g_autoptr (GError) error = NULL;

  if (!reprise_services_save_finish (REPRISE_SERVICES (source), result, &error))
    reprise_error_bar_show_error (self->error_bar, _ ("Could Not Save the Service"), error);
  reprise_databases_page_read (self);
}

static void
choose (RepriseDatabasesPage *self, const char *database, gboolean included)
{
  RepriseContext *context = reprise_service_item_get_context (self->item);
  g_autoptr (RepriseService) edited =
    reprise_service_copy (reprise_service_item_get_service (self->item));
  g_autoptr (GError) error = NULL;

  if (!reprise_kind_choose_collection (reprise_service_item_get_kind (self->item), edited, database,
                                       included, &error))
    reprise_error_bar_show_error (self->error_bar,
                                  included ? _ ("Could Not Include the Database")
                                           : _ ("Could Not Exclude the Database"),
                                  error);
  else
    reprise_services_save_async (reprise_context_get_services (context), edited, NULL, saved_cb,
                                 g_object_ref (self));
}

static void
include_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  choose (REPRISE_DATABASES_PAGE (widget), g_variant_get_string (parameter, NULL), TRUE);
}

static void
exclude_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  choose (REPRISE_DATABASES_PAGE (widget), g_variant_get_string (parameter, NULL), FALSE);
}

/* A job has ended: what it made is there now. */
static void
job_cb (RepriseDatabasesPage *self)
{
  gboolean was_active = self->is_job_active;

  self->is_job_active = reprise_service_item_get_job (self->item) != NULL;
  if (was_active && !self->is_job_active && self->all != NULL)
    reprise_databases_page_read (self);
}

static void
reprise_databases_page_dispose (GObject *object)
{
  RepriseDatabasesPage *self = REPRISE_DATABASES_PAGE (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  if (self->item != NULL)
    g_signal_handlers_disconnect_by_data (self->item, self);
  g_clear_object (&self->item);
  gtk_widget_dispose_template (GTK_WIDGET (object), REPRISE_TYPE_DATABASES_PAGE);
  G_OBJECT_CLASS (reprise_databases_page_parent_class)->dispose (object);
}

static void
reprise_databases_page_finalize (GObject *object)
{
  RepriseDatabasesPage *self = REPRISE_DATABASES_PAGE (object);

  g_clear_object (&self->store);
  g_clear_pointer (&self->all, g_ptr_array_unref);
  G_OBJECT_CLASS (reprise_databases_page_parent_class)->finalize (object);
}

static void
reprise_databases_page_class_init (RepriseDatabasesPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = reprise_databases_page_dispose;
  G_OBJECT_CLASS (klass)->finalize = reprise_databases_page_finalize;
  g_type_ensure (REPRISE_TYPE_ERROR_BAR);
  g_type_ensure (REPRISE_TYPE_STATE_LIST);
  gtk_widget_class_set_template_from_resource (
    widget_class, "/io/github/reprise_backup/Reprise/ui/reprise-databases-page.ui");
  gtk_widget_class_bind_template_child (widget_class, RepriseDatabasesPage, error_bar);
  gtk_widget_class_bind_template_child (widget_class, RepriseDatabasesPage, stack);
  gtk_widget_class_bind_template_child (widget_class, RepriseDatabasesPage, search_entry);
  gtk_widget_class_bind_template_child (widget_class, RepriseDatabasesPage, spinner);
  gtk_widget_class_bind_template_child (widget_class, RepriseDatabasesPage, summary);
  gtk_widget_class_bind_template_child (widget_class, RepriseDatabasesPage, results);
  gtk_widget_class_bind_template_child (widget_class, RepriseDatabasesPage, list);
  gtk_widget_class_bind_template_child (widget_class, RepriseDatabasesPage, error_page);
  gtk_widget_class_bind_template_callback (widget_class, search_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, stop_search_cb);
  gtk_widget_class_bind_template_callback (widget_class, activated_cb);
  gtk_widget_class_install_action (widget_class, "databases.retry", NULL, retry_action);
  gtk_widget_class_install_action (widget_class, "databases.documents", "s", documents_action);
  gtk_widget_class_install_action (widget_class, "databases.restore", "s", restore_action);
  gtk_widget_class_install_action (widget_class, "databases.tiers", "s", tiers_action);
  gtk_widget_class_install_action (widget_class, "databases.include", "s", include_action);
  gtk_widget_class_install_action (widget_class, "databases.exclude", "s", exclude_action);
}

static void
reprise_databases_page_init (RepriseDatabasesPage *self)
{
  self->store = g_list_store_new (REPRISE_TYPE_HOLDER);
  gtk_widget_init_template (GTK_WIDGET (self));
  reprise_state_list_set_model (self->list, G_LIST_MODEL (self->store), describe, self);
  reprise_state_list_set_name (self->list, _ ("Databases"));
}

/**
 * reprise_databases_page_set_item:
 * @item: (nullable): the service whose databases are shown
 */
void
reprise_databases_page_set_item (RepriseDatabasesPage *self, RepriseServiceItem *item)
{
  if (self->item == item)
    return;
  g_cancellable_cancel (self->cancellable);
  if (self->item != NULL)
    g_signal_handlers_disconnect_by_data (self->item, self);
  g_set_object (&self->item, item);
  gtk_editable_set_text (GTK_EDITABLE (self->search_entry), "");
  g_list_store_remove_all (self->store);
  g_clear_pointer (&self->all, g_ptr_array_unref);
  reprise_error_bar_clear (self->error_bar);
  if (item == NULL)
    return;
  self->is_job_active = reprise_service_item_get_job (item) != NULL;
  g_signal_connect_object (item, "notify::job", G_CALLBACK (job_cb), self, G_CONNECT_SWAPPED);
}

/* The keyboard goes to the search. */
void
reprise_databases_page_search (RepriseDatabasesPage *self)
{
  gtk_widget_grab_focus (GTK_WIDGET (self->search_entry));
}
