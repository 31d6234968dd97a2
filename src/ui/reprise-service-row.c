/* reprise-service-row.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "reprise-ui"

#include "config.h"

#include "reprise-service-row.h"

struct _RepriseServiceRow
{
  GtkListBoxRow parent_instance;

  RepriseServiceItem *item; /* (owned) */
};

G_DEFINE_FINAL_TYPE (RepriseServiceRow, reprise_service_row, GTK_TYPE_LIST_BOX_ROW)

typedef enum
{
  PROP_ITEM = 1,
} RepriseServiceRowProperty;

static GParamSpec *properties[PROP_ITEM + 1];

/* (transfer full): the status; what kind it is as long as there is none */
static char *
describe_cb (RepriseServiceRow *self, const char *line, const char *kind_title)
{
  return g_strdup (line != NULL && line[0] != '\0' ? line : kind_title);
}

/* A screen reader says the name, then how the service is. */
static void
update_accessible (RepriseServiceRow *self)
{
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  reprise_service_item_get_name (self->item),
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                  reprise_service_item_get_status (self->item)->line, -1);
}

static void
reprise_service_row_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  switch ((RepriseServiceRowProperty) id)
    {
    case PROP_ITEM:
      g_value_set_object (value, REPRISE_SERVICE_ROW (object)->item);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
reprise_service_row_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  switch ((RepriseServiceRowProperty) id)
    {
    case PROP_ITEM:
      REPRISE_SERVICE_ROW (object)->item = g_value_dup_object (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
reprise_service_row_constructed (GObject *object)
{
  RepriseServiceRow *self = REPRISE_SERVICE_ROW (object);
  g_autofree char *kind = NULL;

  G_OBJECT_CLASS (reprise_service_row_parent_class)->constructed (object);
  if (self->item == NULL)
    return;
  g_object_get (self->item, "kind-title", &kind, NULL);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self), kind);
  g_signal_connect_object (self->item, "notify::name", G_CALLBACK (update_accessible), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->item, "notify::line", G_CALLBACK (update_accessible), self,
                           G_CONNECT_SWAPPED);
  update_accessible (self);
}

static void
reprise_service_row_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), REPRISE_TYPE_SERVICE_ROW);
  g_clear_object (&REPRISE_SERVICE_ROW (object)->item);
  G_OBJECT_CLASS (reprise_service_row_parent_class)->dispose (object);
}

static void
reprise_service_row_class_init (RepriseServiceRowClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->constructed = reprise_service_row_constructed;
  object_class->dispose = reprise_service_row_dispose;
  object_class->get_property = reprise_service_row_get_property;
  object_class->set_property = reprise_service_row_set_property;
  properties[PROP_ITEM] =
    g_param_spec_object ("item", NULL, NULL, REPRISE_TYPE_SERVICE_ITEM,
                         G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
  g_type_ensure (REPRISE_TYPE_SERVICE_ITEM);
  gtk_widget_class_set_template_from_resource (
    widget_class, "/io/github/reprise_backup/Reprise/ui/reprise-service-row.ui");
  gtk_widget_class_bind_template_callback (widget_class, describe_cb);
}

static void
reprise_service_row_init (RepriseServiceRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
reprise_service_row_new (RepriseServiceItem *item)
{
  return g_object_new (REPRISE_TYPE_SERVICE_ROW, "item", item, NULL);
}

RepriseServiceItem *
reprise_service_row_get_item (RepriseServiceRow *self)
{
  return self->item;
}
