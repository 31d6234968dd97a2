/* reprise-rules-window.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "reprise-ui"

#include "config.h"

#include <glib/gi18n.h>

#include "base/reprise-error.h"
#include "reprise-error-bar.h"
#include "reprise-rules-window.h"
#include "reprise-title.h"
#include "reprise-ui.h"

struct _RepriseRulesWindow
{
  AdwWindow parent_instance;

  RepriseTitle *window_title;
  RepriseErrorBar *error_bar;
  GtkSearchEntry *search_entry;
  GtkListView *list;

  RepriseServiceItem *item; /* (owned) */
  RepriseService *edited;   /* (owned): a copy, with the rules as they are being chosen */
  GHashTable
    *groups; /* (owned) (element-type utf8 int): collection → group now, before any choice */
  GtkFilterListModel *filtered; /* (owned) (element-type RepriseCollection) */
  GtkCustomFilter *filter;      /* owned by @filtered */
  GtkStringList *titles;        /* (owned): of the groups */
  char *needle;                 /* (owned) (nullable): casefolded */
};

G_DEFINE_FINAL_TYPE (RepriseRulesWindow, reprise_rules_window, ADW_TYPE_WINDOW)

static gboolean
match_cb (gpointer item, gpointer data)
{
  RepriseRulesWindow *self = data;
  g_autofree char *folded = NULL;

  if (self->needle == NULL)
    return TRUE;
  folded = g_utf8_casefold (reprise_collection_get_title (item), -1);
  return strstr (folded, self->needle) != NULL;
}

static void
search_changed_cb (RepriseRulesWindow *self)
{
  const char *text = gtk_editable_get_text (GTK_EDITABLE (self->search_entry));

  g_free (self->needle);
  self->needle = text[0] != '\0' ? g_utf8_casefold (text, -1) : NULL;
  gtk_filter_changed (GTK_FILTER (self->filter), GTK_FILTER_CHANGE_DIFFERENT);
}

/* The group that is chosen, or the one that it is in by itself. */
static RepriseGroup
get_group (RepriseRulesWindow *self, const char *collection)
{
  const char *rule = reprise_service_get_rule (self->edited, collection);
  RepriseGroup group =
    (RepriseGroup) GPOINTER_TO_INT (g_hash_table_lookup (self->groups, collection));

  if (rule != NULL)
    reprise_group_from_string (rule, &group);
  return group;
}

/* A row of the table: title, reason, and the choice of the group. */
typedef struct
{
  GtkLabel *title;
  GtkLabel *reason;
  GtkDropDown *choice;
  RepriseCollection *collection; /* (nullable): of the item that the row shows */
  gboolean updating;
} Row;

static void
chosen_cb (GtkDropDown *choice, GParamSpec *pspec, GtkListItem *item)
{
  Row *row = g_object_get_data (G_OBJECT (item), "row");
  RepriseRulesWindow *self = REPRISE_RULES_WINDOW (gtk_widget_get_root (GTK_WIDGET (choice)));
  const char *name;

  if (row->updating || row->collection == NULL || self == NULL)
    return;
  name = reprise_collection_get_name (row->collection);
  reprise_service_set_rule (
    self->edited, name,
    reprise_group_to_string ((RepriseGroup) gtk_drop_down_get_selected (choice)));
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "rules.save", TRUE);
}

static GtkWidget *
create_label (const char *css_class)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  if (css_class != NULL)
    {
      gtk_widget_add_css_class (label, "caption");
      gtk_widget_add_css_class (label, css_class);
    }
  return label;
}

static void
setup_cb (GtkSignalListItemFactory *factory, GtkListItem *item, gpointer data)
{
  RepriseRulesWindow *self = data;
  Row *row = g_new0 (Row, 1);
  GtkWidget *box = g_object_new (GTK_TYPE_BOX, "spacing", 12, "margin-top", 6, "margin-bottom", 6,
                                 "margin-start", 12, "margin-end", 12, NULL);
  GtkWidget *texts = g_object_new (GTK_TYPE_BOX, "orientation", GTK_ORIENTATION_VERTICAL, "spacing",
                                   3, "hexpand", TRUE, "valign", GTK_ALIGN_CENTER, NULL);

  row->title = GTK_LABEL (create_label (NULL));
  row->reason = GTK_LABEL (create_label ("dim-label"));
  row->choice =
    GTK_DROP_DOWN (gtk_drop_down_new (g_object_ref (G_LIST_MODEL (self->titles)), NULL));
  gtk_widget_set_valign (GTK_WIDGET (row->choice), GTK_ALIGN_CENTER);
  gtk_box_append (GTK_BOX (texts), GTK_WIDGET (row->title));
  gtk_box_append (GTK_BOX (texts), GTK_WIDGET (row->reason));
  gtk_box_append (GTK_BOX (box), texts);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (row->choice));
  g_object_set_data_full (G_OBJECT (item), "row", row, g_free);
  g_signal_connect_object (row->choice, "notify::selected", G_CALLBACK (chosen_cb), item,
                           G_CONNECT_DEFAULT);
  gtk_list_item_set_child (item, box);
  gtk_list_item_set_activatable (item, FALSE);
}

/* Both the choice and the button in it, which takes the keyboard, are known by the collection. */
static void
name_choice (Row *row)
{
  const char *title = reprise_collection_get_title (row->collection);
  GtkWidget *button = gtk_widget_get_first_child (GTK_WIDGET (row->choice));

  gtk_accessible_update_property (GTK_ACCESSIBLE (row->choice), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  title, -1);
  if (button != NULL)
    gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, title,
                                    -1);
}

static void
bind_cb (GtkSignalListItemFactory *factory, GtkListItem *item, gpointer data)
{
  RepriseRulesWindow *self = data;
  Row *row = g_object_get_data (G_OBJECT (item), "row");
  const char *reason;

  row->collection = gtk_list_item_get_item (item);
  reason = reprise_collection_get_reason (row->collection);
  gtk_label_set_label (row->title, reprise_collection_get_title (row->collection));
  gtk_label_set_label (row->reason, reason != NULL ? reason : "");
  gtk_widget_set_visible (GTK_WIDGET (row->reason), reason != NULL);
  name_choice (row);
  row->updating = TRUE;
  gtk_drop_down_set_selected (row->choice,
                              get_group (self, reprise_collection_get_name (row->collection)));
  row->updating = FALSE;
}

static void
unbind_cb (GtkSignalListItemFactory *factory, GtkListItem *item, gpointer data)
{
  Row *row = g_object_get_data (G_OBJECT (item), "row");

  row->collection = NULL;
}

static void
saved_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (RepriseRulesWindow) self = data;
  g_autoptr (GError) error = NULL;

  if (!reprise_services_save_finish (REPRISE_SERVICES (source), result, &error))
    {
      gtk_widget_action_set_enabled (GTK_WIDGET (self), "rules.save", TRUE);
      reprise_error_bar_show_error (self->error_bar, _ ("Could Not Save the Rules"), error);
      return;
    }
  reprise_service_item_read (self->item, TRUE);
  gtk_window_close (GTK_WINDOW (self));
}

static void
save_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  RepriseRulesWindow *self = REPRISE_RULES_WINDOW (widget);
  RepriseContext *context = reprise_service_item_get_context (self->item);

  gtk_widget_action_set_enabled (widget, "rules.save", FALSE);
  reprise_services_save_async (reprise_context_get_services (context), self->edited, NULL, saved_cb,
                               g_object_ref (self));
}

/* Takes every rule of the user away. What group a collection is in by itself is known again once the service is asked. */
static void
reset_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  RepriseRulesWindow *self = REPRISE_RULES_WINDOW (widget);

  reprise_service_reset_rules (self->edited);
  save_action (widget, name, parameter);
}

static void
reprise_rules_window_dispose (GObject *object)
{
  RepriseRulesWindow *self = REPRISE_RULES_WINDOW (object);

  if (self->filtered != NULL)
    gtk_list_view_set_model (self->list, NULL);
  g_clear_object (&self->filtered);
  gtk_widget_dispose_template (GTK_WIDGET (object), REPRISE_TYPE_RULES_WINDOW);
  G_OBJECT_CLASS (reprise_rules_window_parent_class)->dispose (object);
}

static void
reprise_rules_window_finalize (GObject *object)
{
  RepriseRulesWindow *self = REPRISE_RULES_WINDOW (object);

  g_clear_object (&self->item);
  g_clear_object (&self->edited);
  g_clear_object (&self->titles);
  g_clear_pointer (&self->groups, g_hash_table_unref);
  g_clear_pointer (&self->needle, g_free);
  G_OBJECT_CLASS (reprise_rules_window_parent_class)->finalize (object);
}

static void
reprise_rules_window_class_init (RepriseRulesWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = reprise_rules_window_dispose;
  G_OBJECT_CLASS (klass)->finalize = reprise_rules_window_finalize;
  g_type_ensure (REPRISE_TYPE_ERROR_BAR);
  g_type_ensure (REPRISE_TYPE_TITLE);
  gtk_widget_class_set_template_from_resource (
    widget_class, "/io/github/reprise_backup/Reprise/ui/reprise-rules-window.ui");
  gtk_widget_class_bind_template_child (widget_class, RepriseRulesWindow, window_title);
  gtk_widget_class_bind_template_child (widget_class, RepriseRulesWindow, error_bar);
  gtk_widget_class_bind_template_child (widget_class, RepriseRulesWindow, search_entry);
  gtk_widget_class_bind_template_child (widget_class, RepriseRulesWindow, list);
  gtk_widget_class_bind_template_callback (widget_class, search_changed_cb);
  gtk_widget_class_install_action (widget_class, "rules.save", NULL, save_action);
  gtk_widget_class_install_action (widget_class, "rules.reset", NULL, reset_action);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
}

static void
reprise_rules_window_init (RepriseRulesWindow *self)
{
  g_autoptr (GtkListItemFactory) factory = gtk_signal_list_item_factory_new ();
  g_autoptr (GtkSelectionModel) model = NULL;

  gtk_widget_init_template (GTK_WIDGET (self));
  g_signal_connect (self, "map", G_CALLBACK (reprise_ui_focus_field), NULL);
  self->groups = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->titles = gtk_string_list_new (NULL);
  for (guint i = 0; i < REPRISE_N_GROUPS; i++)
    gtk_string_list_append (self->titles, reprise_group_get_title ((RepriseGroup) i));
  g_signal_connect (factory, "setup", G_CALLBACK (setup_cb), self);
  g_signal_connect (factory, "bind", G_CALLBACK (bind_cb), self);
  g_signal_connect (factory, "unbind", G_CALLBACK (unbind_cb), self);
  gtk_list_view_set_factory (self->list, factory);
  self->filter = gtk_custom_filter_new (match_cb, self, NULL);
  self->filtered = gtk_filter_list_model_new (NULL, GTK_FILTER (self->filter));
  model = GTK_SELECTION_MODEL (gtk_no_selection_new (g_object_ref (G_LIST_MODEL (self->filtered))));
  gtk_list_view_set_model (self->list, model);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "rules.save", FALSE);
}

static void
take_contents (RepriseRulesWindow *self, RepriseContents *contents)
{
  g_autoptr (GListStore) collections = g_list_store_new (REPRISE_TYPE_COLLECTION);

  for (guint g = 0; g < REPRISE_N_GROUPS; g++)
    {
      RepriseDataGroup *group = reprise_contents_get_group (contents, (RepriseGroup) g);
      guint n = group != NULL ? g_list_model_get_n_items (G_LIST_MODEL (group)) : 0;

      for (guint i = 0; i < n; i++)
        {
          g_autoptr (RepriseCollection) collection =
            g_list_model_get_item (G_LIST_MODEL (group), i);

          g_hash_table_insert (self->groups, g_strdup (reprise_collection_get_name (collection)),
                               GINT_TO_POINTER (g));
          g_list_store_append (collections, collection);
        }
    }
  gtk_filter_list_model_set_model (self->filtered, G_LIST_MODEL (collections));
}

/* @item: a service whose contents have been read, and whose kind has rules */
GtkWindow *
reprise_rules_window_new (GtkWindow *parent, RepriseServiceItem *item)
{
  RepriseRulesWindow *self =
    g_object_new (REPRISE_TYPE_RULES_WINDOW, "transient-for", parent, NULL);

  self->item = g_object_ref (item);
  self->edited = reprise_service_copy (reprise_service_item_get_service (item));
  reprise_title_set_subtitle (self->window_title, reprise_service_item_get_name (item));
  take_contents (self, reprise_service_item_get_contents (item));
  return GTK_WINDOW (self);
}
