/* reprise-title.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "reprise-ui"

#include "config.h"

#include "reprise-title.h"

struct _RepriseTitle
{
  AdwBin parent_instance;

  GtkWidget *title;
  GtkWidget *subtitle;
};

G_DEFINE_FINAL_TYPE (RepriseTitle, reprise_title, ADW_TYPE_BIN)

typedef enum
{
  PROP_TITLE = 1,
  PROP_SUBTITLE,
} RepriseTitleProperty;

static GParamSpec *properties[PROP_SUBTITLE + 1];

static void
reprise_title_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  RepriseTitle *self = REPRISE_TITLE (object);

  switch ((RepriseTitleProperty) id)
    {
    case PROP_TITLE:
      g_value_set_string (value, gtk_label_get_label (GTK_LABEL (self->title)));
      break;
    case PROP_SUBTITLE:
      g_value_set_string (value, gtk_label_get_label (GTK_LABEL (self->subtitle)));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
reprise_title_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  switch ((RepriseTitleProperty) id)
    {
    case PROP_TITLE:
      reprise_title_set_title (REPRISE_TITLE (object), g_value_get_string (value));
      break;
    case PROP_SUBTITLE:
      reprise_title_set_subtitle (REPRISE_TITLE (object), g_value_get_string (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
reprise_title_class_init (RepriseTitleClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->get_property = reprise_title_get_property;
  object_class->set_property = reprise_title_set_property;
  properties[PROP_TITLE] = g_param_spec_string ("title", NULL, NULL, NULL, flags);
  properties[PROP_SUBTITLE] = g_param_spec_string ("subtitle", NULL, NULL, NULL, flags);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
}

static GtkWidget *
new_label (const char *css_class, int lines)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_wrap (GTK_LABEL (label), lines > 1);
  gtk_label_set_lines (GTK_LABEL (label), lines);
  gtk_label_set_ellipsize (GTK_LABEL (label),
                           lines > 1 ? PANGO_ELLIPSIZE_END : PANGO_ELLIPSIZE_MIDDLE);
  gtk_label_set_justify (GTK_LABEL (label), GTK_JUSTIFY_CENTER);
  gtk_widget_add_css_class (label, css_class);
  gtk_widget_set_visible (label, FALSE);
  return label;
}

static void
reprise_title_init (RepriseTitle *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);

  self->title = new_label ("title", 2);
  self->subtitle = new_label ("subtitle", 1);
  gtk_widget_set_valign (box, GTK_ALIGN_CENTER);
  gtk_box_append (GTK_BOX (box), self->title);
  gtk_box_append (GTK_BOX (box), self->subtitle);
  adw_bin_set_child (ADW_BIN (self), box);
}

static void
set_text (RepriseTitle *self, GtkWidget *label, const char *text, RepriseTitleProperty property)
{
  if (g_strcmp0 (gtk_label_get_label (GTK_LABEL (label)), text) == 0)
    return;
  gtk_label_set_label (GTK_LABEL (label), text != NULL ? text : "");
  gtk_widget_set_visible (label, text != NULL && *text != '\0');
  g_object_notify_by_pspec (G_OBJECT (self), properties[property]);
}

/* @title: (nullable) */
void
reprise_title_set_title (RepriseTitle *self, const char *title)
{
  set_text (self, self->title, title, PROP_TITLE);
}

/* @subtitle: (nullable) */
void
reprise_title_set_subtitle (RepriseTitle *self, const char *subtitle)
{
  set_text (self, self->subtitle, subtitle, PROP_SUBTITLE);
}
