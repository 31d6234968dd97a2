/* reprise-overview-page.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "reprise-ui"

#include "config.h"

#include <glib/gi18n.h>

#include "reprise-connection-group.h"
#include "reprise-error-bar.h"
#include "reprise-group-row.h"
#include "reprise-overview-page.h"
#include "reprise-standing-group.h"
#include "reprise-storage-group.h"

struct _RepriseOverviewPage
{
  AdwBin parent_instance;

  RepriseErrorBar *error_bar;
  AdwPreferencesPage *page;
  RepriseStandingGroup *standing_group;
  AdwPreferencesGroup *groups_group;
  GtkButton *rules_button;
  GtkListBox *groups;
  RepriseStorageGroup *storage_group;
  RepriseConnectionGroup *connection_group;

  RepriseServiceItem *item;        /* (owned) (nullable) */
  RepriseContents *shown_contents; /* (owned) (nullable): whose rows there are */
  RepriseGroups shown_groups;      /* of the last backup, as the rows say */
  const RepriseProbe
    *told_probe; /* (nullable): whose warnings were shown; compared, never looked into */
};

G_DEFINE_FINAL_TYPE (RepriseOverviewPage, reprise_overview_page, ADW_TYPE_BIN)

typedef enum
{
  PROP_ITEM = 1,
} RepriseOverviewPageProperty;

static GParamSpec *properties[PROP_ITEM + 1];

/* Whether the group was in the last backup: a sign, and its words for those who do not see it. */
static GtkWidget *
create_backed_up_sign (gboolean backed_up)
{
  const char *text = backed_up ? _ ("In the last backup") : _ ("Not in the last backup");
  GtkWidget *icon = g_object_new (GTK_TYPE_IMAGE, "icon-name",
                                  backed_up ? "reprise-success-symbolic" : "reprise-none-symbolic",
                                  "tooltip-text", text, NULL);

  gtk_accessible_update_property (GTK_ACCESSIBLE (icon), GTK_ACCESSIBLE_PROPERTY_LABEL, text, -1);
  return icon;
}

static void
add_group_row (RepriseOverviewPage *self, RepriseDataGroup *group, RepriseGroups groups)
{
  RepriseKind *kind = reprise_service_item_get_kind (self->item);
  RepriseGroup which = reprise_data_group_get_group (group);
  RepriseGroupRow *row =
    reprise_group_row_new (group, kind != NULL ? reprise_kind_explain_group (kind, which) : NULL);

  reprise_group_row_set_checkable (row, FALSE);
  if (which != REPRISE_GROUP_SKIPPED && groups != REPRISE_GROUPS_NONE)
    reprise_group_row_add_suffix (row, create_backed_up_sign (REPRISE_GROUPS_HAS (groups, which)));
  gtk_list_box_append (self->groups, GTK_WIDGET (row));
}

/* (transfer none) (nullable): as the service said now, else as the last backup has it */
static RepriseContents *
find_contents (RepriseOverviewPage *self)
{
  RepriseContents *contents = reprise_service_item_get_contents (self->item);
  RepriseBackup *last = reprise_service_item_get_last_backup (self->item);

  return contents != NULL ? contents : last != NULL ? reprise_backup_get_contents (last) : NULL;
}

/* Reports are kept as backups of their own, beside the last one of the service. */
static gboolean
has_reports (RepriseOverviewPage *self)
{
  GListModel *backups = reprise_service_item_get_backups (self->item);
  guint n = reprise_service_item_can (self->item, REPRISE_HAS_REPORTS)
              ? g_list_model_get_n_items (backups)
              : 0;

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (RepriseBackup) backup = g_list_model_get_item (backups, i);

      if (reprise_backup_get_groups (backup) == REPRISE_GROUP_BIT (REPRISE_GROUP_LOG))
        return TRUE;
    }
  return FALSE;
}

/* Which groups the last backup has, and the last reports */
static RepriseGroups
find_groups (RepriseOverviewPage *self)
{
  RepriseBackup *last = reprise_service_item_get_last_backup (self->item);
  RepriseGroups groups = last != NULL ? reprise_backup_get_groups (last) : REPRISE_GROUPS_NONE;

  return groups != REPRISE_GROUPS_NONE && has_reports (self)
           ? groups | REPRISE_GROUP_BIT (REPRISE_GROUP_LOG)
           : groups;
}

static void
update_groups (RepriseOverviewPage *self)
{
  RepriseContents *contents = find_contents (self);
  RepriseGroups groups = find_groups (self);
  GtkWidget *row;

  gtk_widget_set_visible (GTK_WIDGET (self->groups_group), contents != NULL);
  gtk_widget_set_visible (GTK_WIDGET (self->rules_button),
                          reprise_service_item_can (self->item, REPRISE_HAS_RULES) &&
                            reprise_service_item_get_contents (self->item) != NULL);
  if (contents == self->shown_contents && groups == self->shown_groups)
    return;
  g_set_object (&self->shown_contents, contents);
  self->shown_groups = groups;
  while ((row = gtk_widget_get_first_child (GTK_WIDGET (self->groups))) != NULL)
    gtk_list_box_remove (self->groups, row);
  for (guint i = 0; contents != NULL && i < REPRISE_N_GROUPS; i++)
    if (reprise_contents_get_group (contents, (RepriseGroup) i) != NULL)
      add_group_row (self, reprise_contents_get_group (contents, (RepriseGroup) i), groups);
}

/* What the last test of the connection has warned of: what was shown, and closed, is not shown again until the next test. */
static void
update_warnings (RepriseOverviewPage *self)
{
  const RepriseProbe *probe = reprise_service_item_get_probe (self->item);
  g_autoptr (GString) more = g_string_new (NULL);

  if (probe != NULL && probe == self->told_probe)
    return;
  self->told_probe = probe;
  reprise_error_bar_clear (self->error_bar);
  if (probe == NULL || probe->warnings->len == 0)
    return;
  for (guint i = 1; i < probe->warnings->len; i++)
    g_string_append_printf (more, "%s%s", i > 1 ? "\n" : "", (char *) probe->warnings->pdata[i]);
  reprise_error_bar_show_text (self->error_bar, GTK_MESSAGE_WARNING, probe->warnings->pdata[0],
                               more->str);
  reprise_error_bar_set_button (self->error_bar, _ ("_Edit…"), "win.edit-service");
}

/* What the status row says already is not said twice. */
static void
update_error (RepriseOverviewPage *self)
{
  const GError *error = reprise_service_item_get_error (self->item);
  const RepriseStatus *status = reprise_service_item_get_status (self->item);
  const char *warning = reprise_service_item_get_warning (self->item);
  gboolean said = status->state == REPRISE_STATUS_UNREACHABLE ||
                  status->state == REPRISE_STATUS_SIGN_IN ||
                  status->state == REPRISE_STATUS_KEYRING;

  if (error == NULL && warning == NULL)
    {
      update_warnings (self);
      return;
    }
  self->told_probe = NULL;
  if (error != NULL && !said)
    reprise_error_bar_show_error (self->error_bar, _ ("Could Not Read the Service"), error);
  else if (error == NULL)
    reprise_error_bar_show_text (self->error_bar, GTK_MESSAGE_WARNING,
                                 _ ("Could Not Read the Backups on the Service"), warning);
  else
    reprise_error_bar_clear (self->error_bar);
}

static void
changed_cb (RepriseOverviewPage *self)
{
  update_groups (self);
  update_error (self);
}

static void
reprise_overview_page_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  switch ((RepriseOverviewPageProperty) id)
    {
    case PROP_ITEM:
      g_value_set_object (value, REPRISE_OVERVIEW_PAGE (object)->item);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
reprise_overview_page_set_property (GObject *object,
                                    guint id,
                                    const GValue *value,
                                    GParamSpec *pspec)
{
  switch ((RepriseOverviewPageProperty) id)
    {
    case PROP_ITEM:
      reprise_overview_page_set_item (REPRISE_OVERVIEW_PAGE (object), g_value_get_object (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
drop_item (RepriseOverviewPage *self)
{
  if (self->item != NULL)
    g_signal_handlers_disconnect_by_data (self->item, self);
  g_clear_object (&self->item);
}

static void
reprise_overview_page_dispose (GObject *object)
{
  RepriseOverviewPage *self = REPRISE_OVERVIEW_PAGE (object);

  drop_item (self);
  g_clear_object (&self->shown_contents);
  gtk_widget_dispose_template (GTK_WIDGET (object), REPRISE_TYPE_OVERVIEW_PAGE);
  G_OBJECT_CLASS (reprise_overview_page_parent_class)->dispose (object);
}

static void
reprise_overview_page_class_init (RepriseOverviewPageClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = reprise_overview_page_dispose;
  object_class->get_property = reprise_overview_page_get_property;
  object_class->set_property = reprise_overview_page_set_property;
  properties[PROP_ITEM] =
    g_param_spec_object ("item", NULL, NULL, REPRISE_TYPE_SERVICE_ITEM,
                         G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
  g_type_ensure (REPRISE_TYPE_CONNECTION_GROUP);
  g_type_ensure (REPRISE_TYPE_ERROR_BAR);
  g_type_ensure (REPRISE_TYPE_STANDING_GROUP);
  g_type_ensure (REPRISE_TYPE_STORAGE_GROUP);
  gtk_widget_class_set_template_from_resource (
    widget_class, "/io/github/reprise_backup/Reprise/ui/reprise-overview-page.ui");
#define BIND(name) gtk_widget_class_bind_template_child (widget_class, RepriseOverviewPage, name)
  BIND (error_bar);
  BIND (page);
  BIND (standing_group);
  BIND (groups_group);
  BIND (rules_button);
  BIND (groups);
  BIND (storage_group);
  BIND (connection_group);
#undef BIND
}

static void
reprise_overview_page_init (RepriseOverviewPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

/* Of another service the beginning is shown. */
static void
scroll_to_top (GtkWidget *widget)
{
  if (GTK_IS_SCROLLED_WINDOW (widget))
    gtk_adjustment_set_value (gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (widget)),
                              0);
  for (GtkWidget *child = gtk_widget_get_first_child (widget);
       child != NULL && !GTK_IS_SCROLLED_WINDOW (widget);
       child = gtk_widget_get_next_sibling (child))
    scroll_to_top (child);
}

/**
 * reprise_overview_page_set_item:
 * @item: (nullable): the service to show
 */
void
reprise_overview_page_set_item (RepriseOverviewPage *self, RepriseServiceItem *item)
{
  if (self->item == item)
    return;
  drop_item (self);
  g_set_object (&self->item, item);
  self->told_probe = NULL;
  reprise_error_bar_clear (self->error_bar);
  scroll_to_top (GTK_WIDGET (self->page));
  reprise_standing_group_set_item (self->standing_group, item);
  reprise_storage_group_set_item (self->storage_group, item);
  reprise_connection_group_set_item (self->connection_group, item);
  if (item != NULL)
    {
      g_signal_connect_object (item, "changed", G_CALLBACK (changed_cb), self, G_CONNECT_SWAPPED);
      changed_cb (self);
    }
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ITEM]);
}
