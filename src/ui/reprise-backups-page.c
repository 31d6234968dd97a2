/* reprise-backups-page.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "reprise-ui"

#include "config.h"

#include <glib/gi18n.h>

#include "reprise-backup-row.h"
#include "reprise-backups-page.h"
#include "reprise-error-bar.h"
#include "reprise-format.h"
#include "reprise-ui.h"

struct _RepriseBackupsPage
{
  AdwBin parent_instance;

  RepriseErrorBar *error_bar;
  GtkStack *stack;
  GtkSearchEntry *search_entry;
  GtkButton *roll_up_button;
  GtkToggleButton *select_button;
  GtkButton *select_all_button;
  GtkStack *results;
  GtkListView *list;
  GtkActionBar *action_bar;
  GtkLabel *count;

  RepriseServiceItem *item;     /* (owned) (nullable) */
  GtkFilterListModel *filtered; /* (owned): what the list shows */
  GtkCustomFilter *filter;      /* owned by @filtered */
  char *needle;                 /* (owned) (nullable): casefolded */
  GDateTime *now;               /* (owned): that titles are searched by */
  GHashTable *selected;         /* (owned) (element-type utf8): ids */
  GHashTable *rows; /* (owned) (element-type RepriseBackupRow): those bound to an item */
};

G_DEFINE_FINAL_TYPE (RepriseBackupsPage, reprise_backups_page, ADW_TYPE_BIN)

typedef enum
{
  PROP_ITEM = 1,
} RepriseBackupsPageProperty;

static GParamSpec *properties[PROP_ITEM + 1];

static gboolean
holds (RepriseBackupsPage *self, const char *text)
{
  g_autofree char *folded = text != NULL ? g_utf8_casefold (text, -1) : NULL;

  return folded != NULL && strstr (folded, self->needle) != NULL;
}

/* Whatever stands in the row can be searched, and the names that the backup has elsewhere. */
static gboolean
match_cb (gpointer item, gpointer data)
{
  RepriseBackupsPage *self = data;
  RepriseBackup *backup = item;
  g_autofree char *title = NULL;
  g_autofree char *subtitle = NULL;
  g_autofree char *groups = NULL;

  if (self->needle == NULL)
    return TRUE;
  if (holds (self, reprise_backup_get_id (backup)) ||
      holds (self, reprise_backup_get_own_name (backup)) ||
      holds (self, reprise_backup_get_state_text (backup)))
    return TRUE;
  groups = reprise_groups_to_text (reprise_backup_get_groups (backup));
  title = reprise_backup_dup_title (backup, self->now);
  subtitle = reprise_backup_dup_subtitle (backup);
  return holds (self, groups) || holds (self, title) || holds (self, subtitle);
}

static gboolean
is_selecting (RepriseBackupsPage *self)
{
  return gtk_toggle_button_get_active (self->select_button);
}

static void
update_row (RepriseBackupsPage *self, RepriseBackupRow *row)
{
  RepriseBackup *backup = reprise_backup_row_get_backup (row);

  g_object_set (
    row, "selecting", is_selecting (self), "selected",
    backup != NULL && g_hash_table_contains (self->selected, reprise_backup_get_id (backup)), NULL);
}

static void
update_selection (RepriseBackupsPage *self)
{
  guint n = g_hash_table_size (self->selected);
  g_autofree char *count = reprise_format_count (n);
  g_autofree char *text = g_strdup_printf (ngettext ("%s selected", "%s selected", n), count);
  GHashTableIter iter;
  gpointer row;

  g_hash_table_iter_init (&iter, self->rows);
  while (g_hash_table_iter_next (&iter, &row, NULL))
    update_row (self, row);
  gtk_label_set_label (self->count, text);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "backups.verify", n > 0);
}

static void
selecting_cb (RepriseBackupsPage *self)
{
  g_hash_table_remove_all (self->selected);
  update_selection (self);
}

static void
setup_cb (GtkSignalListItemFactory *factory, GtkListItem *item, gpointer data)
{
  gtk_list_item_set_child (item, reprise_backup_row_new ());
}

static void
bind_cb (GtkSignalListItemFactory *factory, GtkListItem *item, gpointer data)
{
  RepriseBackupsPage *self = data;
  GtkWidget *row = gtk_list_item_get_child (item);
  g_autofree char *end = NULL;

  g_hash_table_add (self->rows, row);
  reprise_backup_row_set_backup (REPRISE_BACKUP_ROW (row), gtk_list_item_get_item (item));
  if (self->item != NULL)
    end = reprise_backup_dup_end_text (gtk_list_item_get_item (item),
                                       reprise_service_item_get_kind (self->item),
                                       reprise_service_item_get_service (self->item));
  if (end != NULL)
    reprise_backup_row_set_end (REPRISE_BACKUP_ROW (row), end);
  reprise_backup_row_name (REPRISE_BACKUP_ROW (row), gtk_widget_get_parent (row));
  update_row (self, REPRISE_BACKUP_ROW (row));
}

static void
unbind_cb (GtkSignalListItemFactory *factory, GtkListItem *item, gpointer data)
{
  RepriseBackupsPage *self = data;

  g_hash_table_remove (self->rows, gtk_list_item_get_child (item));
}

static void
activate_cb (RepriseBackupsPage *self, guint position)
{
  g_autoptr (RepriseBackup) backup =
    g_list_model_get_item (G_LIST_MODEL (self->filtered), position);
  const char *id = reprise_backup_get_id (backup);

  if (!is_selecting (self))
    {
      gtk_widget_activate_action (GTK_WIDGET (self), "win.show-backup", "s", id);
      return;
    }
  if (!g_hash_table_remove (self->selected, id))
    g_hash_table_add (self->selected, g_strdup (id));
  update_selection (self);
}

/* What is shown: nothing yet, nothing at all, nothing that fits, or the list. */
static void
update_stack (RepriseBackupsPage *self)
{
  guint n_all, n_found;

  if (self->item == NULL)
    return;
  n_all = g_list_model_get_n_items (reprise_service_item_get_backups (self->item));
  n_found = g_list_model_get_n_items (G_LIST_MODEL (self->filtered));
  gtk_stack_set_visible_child_name (
    self->stack, n_all > 0 ? "list"
                 : reprise_service_item_get_status (self->item)->state == REPRISE_STATUS_UNKNOWN
                   ? "reading"
                   : "empty");
  gtk_stack_set_visible_child_name (
    self->results,
    n_found > 0 || gtk_filter_list_model_get_pending (self->filtered) > 0 ? "some" : "none");
}

static void
search_changed_cb (RepriseBackupsPage *self)
{
  const char *text = gtk_editable_get_text (GTK_EDITABLE (self->search_entry));

  g_free (self->needle);
  self->needle = text[0] != '\0' ? g_utf8_casefold (text, -1) : NULL;
  g_clear_pointer (&self->now, g_date_time_unref);
  self->now = g_date_time_new_now_utc ();
  gtk_filter_changed (GTK_FILTER (self->filter), GTK_FILTER_CHANGE_DIFFERENT);
  update_stack (self);
}

static void
stop_search_cb (RepriseBackupsPage *self)
{
  gtk_editable_set_text (GTK_EDITABLE (self->search_entry), "");
  gtk_widget_grab_focus (GTK_WIDGET (self->list));
}

static void
changed_cb (RepriseBackupsPage *self)
{
  const char *warning = reprise_service_item_get_warning (self->item);

  update_stack (self);
  if (warning != NULL)
    reprise_error_bar_show_text (self->error_bar, GTK_MESSAGE_WARNING,
                                 _ ("Could Not Read the Backups on the Service"), warning);
  else
    reprise_error_bar_clear (self->error_bar);
}

/* (transfer none) (nullable): the backup whose row has the keyboard */
static RepriseBackup *
find_focused (RepriseBackupsPage *self)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));
  GtkWidget *focus = root != NULL ? gtk_root_get_focus (root) : NULL;
  GtkWidget *child = focus != NULL ? gtk_widget_get_first_child (focus) : NULL;

  return child != NULL && REPRISE_IS_BACKUP_ROW (child)
           ? reprise_backup_row_get_backup (REPRISE_BACKUP_ROW (child))
           : NULL;
}

/* (transfer full): “as”: what is selected, in no order; outside the mode the one that has the keyboard */
static GVariant *
dup_chosen (RepriseBackupsPage *self)
{
  RepriseBackup *focused = is_selecting (self) ? NULL : find_focused (self);
  GVariantBuilder builder;
  GHashTableIter iter;
  gpointer id;

  g_variant_builder_init (&builder, G_VARIANT_TYPE_STRING_ARRAY);
  if (focused != NULL)
    g_variant_builder_add (&builder, "s", reprise_backup_get_id (focused));
  g_hash_table_iter_init (&iter, self->selected);
  while (g_hash_table_iter_next (&iter, &id, NULL))
    g_variant_builder_add (&builder, "s", id);
  return g_variant_ref_sink (g_variant_builder_end (&builder));
}

static void
act_on_chosen (RepriseBackupsPage *self, const char *action_name)
{
  g_autoptr (GVariant) chosen = dup_chosen (self);

  if (g_variant_n_children (chosen) > 0)
    gtk_widget_activate_action_variant (GTK_WIDGET (self), action_name, chosen);
}

static void
delete_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  act_on_chosen (REPRISE_BACKUPS_PAGE (widget), "win.delete-backups");
}

static void
verify_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  RepriseBackupsPage *self = REPRISE_BACKUPS_PAGE (widget);

  act_on_chosen (self, "win.verify-backups");
  gtk_toggle_button_set_active (self->select_button, FALSE);
}

static void
select_all_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  RepriseBackupsPage *self = REPRISE_BACKUPS_PAGE (widget);
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->filtered));

  gtk_toggle_button_set_active (self->select_button, TRUE);
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (RepriseBackup) backup = g_list_model_get_item (G_LIST_MODEL (self->filtered), i);

      g_hash_table_add (self->selected, g_strdup (reprise_backup_get_id (backup)));
    }
  update_selection (self);
}

static void
cancel_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  gtk_toggle_button_set_active (REPRISE_BACKUPS_PAGE (widget)->select_button, FALSE);
}

static void
reprise_backups_page_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  switch ((RepriseBackupsPageProperty) id)
    {
    case PROP_ITEM:
      g_value_set_object (value, REPRISE_BACKUPS_PAGE (object)->item);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
reprise_backups_page_set_property (GObject *object,
                                   guint id,
                                   const GValue *value,
                                   GParamSpec *pspec)
{
  switch ((RepriseBackupsPageProperty) id)
    {
    case PROP_ITEM:
      reprise_backups_page_set_item (REPRISE_BACKUPS_PAGE (object), g_value_get_object (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
reprise_backups_page_dispose (GObject *object)
{
  RepriseBackupsPage *self = REPRISE_BACKUPS_PAGE (object);

  if (self->item != NULL)
    g_signal_handlers_disconnect_by_data (self->item, self);
  g_clear_object (&self->item);
  if (self->filtered != NULL)
    {
      g_signal_handlers_disconnect_by_data (self->filtered, self);
      gtk_filter_list_model_set_model (self->filtered, NULL);
      gtk_list_view_set_model (self->list, NULL);
    }
  g_clear_object (&self->filtered);
  gtk_widget_dispose_template (GTK_WIDGET (object), REPRISE_TYPE_BACKUPS_PAGE);
  G_OBJECT_CLASS (reprise_backups_page_parent_class)->dispose (object);
}

static void
reprise_backups_page_finalize (GObject *object)
{
  RepriseBackupsPage *self = REPRISE_BACKUPS_PAGE (object);

  g_clear_pointer (&self->needle, g_free);
  g_clear_pointer (&self->now, g_date_time_unref);
  g_clear_pointer (&self->selected, g_hash_table_unref);
  g_clear_pointer (&self->rows, g_hash_table_unref);
  G_OBJECT_CLASS (reprise_backups_page_parent_class)->finalize (object);
}

static void
reprise_backups_page_class_init (RepriseBackupsPageClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = reprise_backups_page_dispose;
  object_class->finalize = reprise_backups_page_finalize;
  object_class->get_property = reprise_backups_page_get_property;
  object_class->set_property = reprise_backups_page_set_property;
  properties[PROP_ITEM] =
    g_param_spec_object ("item", NULL, NULL, REPRISE_TYPE_SERVICE_ITEM,
                         G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
  g_type_ensure (REPRISE_TYPE_ERROR_BAR);
  gtk_widget_class_set_template_from_resource (
    widget_class, "/io/github/reprise_backup/Reprise/ui/reprise-backups-page.ui");
  gtk_widget_class_bind_template_child (widget_class, RepriseBackupsPage, error_bar);
  gtk_widget_class_bind_template_child (widget_class, RepriseBackupsPage, stack);
  gtk_widget_class_bind_template_child (widget_class, RepriseBackupsPage, search_entry);
  gtk_widget_class_bind_template_child (widget_class, RepriseBackupsPage, roll_up_button);
  gtk_widget_class_bind_template_child (widget_class, RepriseBackupsPage, select_button);
  gtk_widget_class_bind_template_child (widget_class, RepriseBackupsPage, select_all_button);
  gtk_widget_class_bind_template_child (widget_class, RepriseBackupsPage, results);
  gtk_widget_class_bind_template_child (widget_class, RepriseBackupsPage, list);
  gtk_widget_class_bind_template_child (widget_class, RepriseBackupsPage, action_bar);
  gtk_widget_class_bind_template_child (widget_class, RepriseBackupsPage, count);
  gtk_widget_class_bind_template_callback (widget_class, activate_cb);
  gtk_widget_class_bind_template_callback (widget_class, search_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, selecting_cb);
  gtk_widget_class_bind_template_callback (widget_class, stop_search_cb);
  gtk_widget_class_install_action (widget_class, "backups.delete", NULL, delete_action);
  gtk_widget_class_install_action (widget_class, "backups.verify", NULL, verify_action);
  gtk_widget_class_install_action (widget_class, "backups.select-all", NULL, select_all_action);
  gtk_widget_class_install_action (widget_class, "backups.cancel", NULL, cancel_action);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Delete, 0, "backups.delete", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_KP_Delete, 0, "backups.delete", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "backups.cancel", NULL);
}

static void
reprise_backups_page_init (RepriseBackupsPage *self)
{
  g_autoptr (GtkListItemFactory) factory = gtk_signal_list_item_factory_new ();

  self->selected = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->rows = g_hash_table_new (NULL, NULL);
  self->now = g_date_time_new_now_utc ();
  gtk_widget_init_template (GTK_WIDGET (self));
  reprise_ui_wrap_button (self->select_all_button);
  g_signal_connect (factory, "setup", G_CALLBACK (setup_cb), self);
  g_signal_connect (factory, "bind", G_CALLBACK (bind_cb), self);
  g_signal_connect (factory, "unbind", G_CALLBACK (unbind_cb), self);
  self->filter = gtk_custom_filter_new (match_cb, self, NULL);
  self->filtered = gtk_filter_list_model_new (NULL, GTK_FILTER (self->filter));
  gtk_filter_list_model_set_incremental (
    self->filtered, TRUE); /* ten thousand of them are not searched in one frame */
  g_signal_connect_object (self->filtered, "items-changed", G_CALLBACK (update_stack), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->filtered, "notify::pending", G_CALLBACK (update_stack), self,
                           G_CONNECT_SWAPPED);
  gtk_list_view_set_factory (self->list, factory);
  {
    g_autoptr (GtkSelectionModel) model =
      GTK_SELECTION_MODEL (gtk_no_selection_new (g_object_ref (G_LIST_MODEL (self->filtered))));

    gtk_list_view_set_model (self->list, model);
  }
  update_selection (self);
}

/**
 * reprise_backups_page_set_item:
 * @item: (nullable): the service whose backups are shown
 */
void
reprise_backups_page_set_item (RepriseBackupsPage *self, RepriseServiceItem *item)
{
  if (self->item == item)
    return;
  if (self->item != NULL)
    g_signal_handlers_disconnect_by_data (self->item, self);
  g_set_object (&self->item, item);
  gtk_toggle_button_set_active (self->select_button, FALSE);
  gtk_editable_set_text (GTK_EDITABLE (self->search_entry), "");
  gtk_filter_list_model_set_model (self->filtered,
                                   item != NULL ? reprise_service_item_get_backups (item) : NULL);
  if (item != NULL)
    {
      gtk_widget_set_visible (GTK_WIDGET (self->roll_up_button),
                              reprise_service_item_can (item, REPRISE_HAS_HISTORY));
      g_signal_connect_object (item, "changed", G_CALLBACK (changed_cb), self, G_CONNECT_SWAPPED);
      changed_cb (self);
    }
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ITEM]);
}

/* The keyboard goes to the search. */
void
reprise_backups_page_search (RepriseBackupsPage *self)
{
  gtk_widget_grab_focus (GTK_WIDGET (self->search_entry));
}
