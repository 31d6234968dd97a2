/* reprise-group-row.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "reprise-ui"

#include "config.h"

#include <glib/gi18n.h>

#include "reprise-format.h"
#include "reprise-group-row.h"

#define MAX_ROWS 200 /* of collections; what comes behind is counted in one row */

struct _RepriseGroupRow
{
  AdwExpanderRow parent_instance;

  GtkCheckButton *check;
  GtkImage *icon;
  GtkLabel *size;

  RepriseDataGroup *group; /* (owned) */
  char *meaning;           /* (owned) */
  char *locked;            /* (owned) (nullable) */
  gboolean filled;         /* the collections have their rows */
};

G_DEFINE_FINAL_TYPE (RepriseGroupRow, reprise_group_row, ADW_TYPE_EXPANDER_ROW)

typedef enum
{
  PROP_ACTIVE = 1,
  PROP_CHECKABLE,
  PROP_LOCKED,
} RepriseGroupRowProperty;

static GParamSpec *properties[PROP_LOCKED + 1];

static GtkWidget *
create_collection_row (RepriseCollection *collection)
{
  gint64 rows = reprise_collection_get_rows (collection);
  const char *reason = reprise_collection_get_reason (collection);
  g_autofree char *records = rows >= 0 ? reprise_format_records (rows) : NULL;
  g_autofree char *size = reprise_format_size (reprise_collection_get_size_bytes (collection));
  g_autofree char *subtitle = records != NULL && reason != NULL
                                ? g_strdup_printf ("%s · %s", records, reason)
                                : g_strdup (records != NULL ? records : reason);
  GtkWidget *row =
    g_object_new (ADW_TYPE_ACTION_ROW, "use-markup", FALSE, "title",
                  reprise_collection_get_title (collection), "subtitle", subtitle, NULL);

  if (reprise_collection_get_size_bytes (collection) >= 0)
    {
      GtkWidget *label = gtk_label_new (size);

      gtk_widget_add_css_class (label, "dim-label");
      gtk_widget_add_css_class (label, "numeric");
      adw_action_row_add_suffix (ADW_ACTION_ROW (row), label);
    }
  return row;
}

/* The collections get their rows when somebody looks for the first time: there may be very many. */
static void
fill (RepriseGroupRow *self)
{
  GListModel *model = G_LIST_MODEL (self->group);
  guint n = g_list_model_get_n_items (model);

  self->filled = TRUE;
  for (guint i = 0; i < MIN (n, MAX_ROWS); i++)
    {
      g_autoptr (RepriseCollection) collection = g_list_model_get_item (model, i);

      adw_expander_row_add_row (ADW_EXPANDER_ROW (self), create_collection_row (collection));
    }
  if (n > MAX_ROWS)
    {
      g_autofree char *count = reprise_format_count (n - MAX_ROWS);
      /* Translators: stands under a long list; %s is a number with separators */
      g_autofree char *text = g_strdup_printf (_ ("And %s more"), count);

      adw_expander_row_add_row (ADW_EXPANDER_ROW (self),
                                g_object_new (ADW_TYPE_ACTION_ROW, "title", text, NULL));
    }
}

static void
expanded_cb (RepriseGroupRow *self)
{
  if (!self->filled && self->group != NULL &&
      adw_expander_row_get_expanded (ADW_EXPANDER_ROW (self)))
    fill (self);
}

static void
toggled_cb (RepriseGroupRow *self)
{
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ACTIVE]);
}

/* What it means, and below it how much there is of it and why it cannot be left out. */
static void
update_subtitle (RepriseGroupRow *self)
{
  gint64 rows = reprise_data_group_get_rows (self->group);
  g_autofree char *collections =
    reprise_format_collections (reprise_data_group_get_n_collections (self->group));
  g_autofree char *records = rows >= 0 ? reprise_format_records (rows) : NULL;
  GString *subtitle = g_string_new (self->meaning);

  g_string_append_printf (subtitle, "\n%s", collections);
  if (records != NULL)
    g_string_append_printf (subtitle, " · %s", records);
  if (self->locked != NULL)
    g_string_append_printf (subtitle, " · %s", self->locked);
  adw_expander_row_set_subtitle (ADW_EXPANDER_ROW (self), subtitle->str);
  g_string_free (subtitle, TRUE);
}

static void
reprise_group_row_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  RepriseGroupRow *self = REPRISE_GROUP_ROW (object);

  switch ((RepriseGroupRowProperty) id)
    {
    case PROP_ACTIVE:
      g_value_set_boolean (value, reprise_group_row_get_active (self));
      break;
    case PROP_CHECKABLE:
      g_value_set_boolean (value, reprise_group_row_get_checkable (self));
      break;
    case PROP_LOCKED:
      g_value_set_string (value, self->locked);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
reprise_group_row_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  RepriseGroupRow *self = REPRISE_GROUP_ROW (object);

  switch ((RepriseGroupRowProperty) id)
    {
    case PROP_ACTIVE:
      reprise_group_row_set_active (self, g_value_get_boolean (value));
      break;
    case PROP_CHECKABLE:
      reprise_group_row_set_checkable (self, g_value_get_boolean (value));
      break;
    case PROP_LOCKED:
      reprise_group_row_set_locked (self, g_value_get_string (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
reprise_group_row_finalize (GObject *object)
{
  RepriseGroupRow *self = REPRISE_GROUP_ROW (object);

  g_clear_object (&self->group);
  g_clear_pointer (&self->meaning, g_free);
  g_clear_pointer (&self->locked, g_free);
  G_OBJECT_CLASS (reprise_group_row_parent_class)->finalize (object);
}

static void
reprise_group_row_class_init (RepriseGroupRowClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->get_property = reprise_group_row_get_property;
  object_class->set_property = reprise_group_row_set_property;
  object_class->finalize = reprise_group_row_finalize;
  properties[PROP_ACTIVE] = g_param_spec_boolean ("active", NULL, NULL, FALSE, flags);
  properties[PROP_CHECKABLE] = g_param_spec_boolean ("checkable", NULL, NULL, TRUE, flags);
  properties[PROP_LOCKED] = g_param_spec_string ("locked", NULL, NULL, NULL, flags);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
  gtk_widget_class_set_template_from_resource (
    widget_class, "/io/github/reprise_backup/Reprise/ui/reprise-group-row.ui");
  gtk_widget_class_bind_template_child (widget_class, RepriseGroupRow, check);
  gtk_widget_class_bind_template_child (widget_class, RepriseGroupRow, icon);
  gtk_widget_class_bind_template_child (widget_class, RepriseGroupRow, size);
  gtk_widget_class_bind_template_callback (widget_class, expanded_cb);
  gtk_widget_class_bind_template_callback (widget_class, toggled_cb);
}

static void
reprise_group_row_init (RepriseGroupRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

/**
 * reprise_group_row_new:
 * @meaning: (nullable): what the group holds for this kind of service; %NULL, or the general examples: what it means everywhere
 */
RepriseGroupRow *
reprise_group_row_new (RepriseDataGroup *group, const char *meaning)
{
  RepriseGroupRow *self = g_object_new (REPRISE_TYPE_GROUP_ROW, NULL);
  RepriseGroup which = reprise_data_group_get_group (group);
  gint64 size_bytes = reprise_data_group_get_size_bytes (group);
  g_autofree char *size = reprise_format_size (size_bytes);
  g_autofree char *icon_name =
    g_strdup_printf ("reprise-group-%s-symbolic", reprise_group_to_string (which));

  self->group = g_object_ref (group);
  if (meaning == NULL || g_str_equal (meaning, reprise_group_get_examples (which)))
    meaning = reprise_group_get_meaning (which);
  self->meaning = g_strdup (meaning);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self), reprise_group_get_title (which));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->check), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  reprise_group_get_title (which), -1);
  gtk_image_set_from_icon_name (self->icon, icon_name);
  gtk_widget_set_visible (GTK_WIDGET (self->size),
                          size_bytes >= 0); /* else the words need its place */
  gtk_label_set_label (self->size, size);
  gtk_widget_set_visible (GTK_WIDGET (self->check), which != REPRISE_GROUP_SKIPPED);
  update_subtitle (self);
  return self;
}

RepriseGroup
reprise_group_row_get_group (RepriseGroupRow *self)
{
  return reprise_data_group_get_group (self->group);
}

gboolean
reprise_group_row_get_active (RepriseGroupRow *self)
{
  return gtk_check_button_get_active (self->check);
}

/* The check's own “toggled” notifies. */
void
reprise_group_row_set_active (RepriseGroupRow *self, gboolean active)
{
  gtk_check_button_set_active (self->check, active);
}

gboolean
reprise_group_row_get_checkable (RepriseGroupRow *self)
{
  return gtk_widget_get_visible (GTK_WIDGET (self->check));
}

void
reprise_group_row_set_checkable (RepriseGroupRow *self, gboolean checkable)
{
  if (self->group != NULL && reprise_group_row_get_group (self) == REPRISE_GROUP_SKIPPED)
    checkable = FALSE;
  if (checkable == reprise_group_row_get_checkable (self))
    return;
  gtk_widget_set_visible (GTK_WIDGET (self->check), checkable);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_CHECKABLE]);
}

/**
 * reprise_group_row_set_locked:
 * @reason: (nullable): goes on from what the group means, so in lower case and without a full stop: “always restored”
 */
void
reprise_group_row_set_locked (RepriseGroupRow *self, const char *reason)
{
  if (g_strcmp0 (self->locked, reason) == 0)
    return;
  g_free (self->locked);
  self->locked = g_strdup (reason);
  gtk_widget_set_sensitive (GTK_WIDGET (self->check), reason == NULL);
  update_subtitle (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_LOCKED]);
}

/* A widget at the end of the row, before the arrow. */
void
reprise_group_row_add_suffix (RepriseGroupRow *self, GtkWidget *widget)
{
  adw_expander_row_add_action (ADW_EXPANDER_ROW (self), widget);
}
