/* reprise-archive-view.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "reprise-ui"

#include "config.h"

#include <glib/gi18n.h>

#include "reprise-archive-view.h"
#include "reprise-format.h"
#include "reprise-group-row.h"

struct _RepriseArchiveView
{
  AdwBin parent_instance;

  GtkWidget *box;
};

G_DEFINE_FINAL_TYPE (RepriseArchiveView, reprise_archive_view, ADW_TYPE_BIN)

static void
reprise_archive_view_class_init (RepriseArchiveViewClass *klass)
{
}

static void
reprise_archive_view_init (RepriseArchiveView *self)
{
  self->box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 18);
  adw_bin_set_child (ADW_BIN (self), self->box);
}

/* A row of a label and its value, which may be selected and copied. */
static void
add_fact (GtkWidget *group, const char *label, const char *value)
{
  GtkWidget *row;

  if (value == NULL || *value == '\0')
    return;
  row = adw_action_row_new ();
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), label);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), value);
  adw_action_row_set_subtitle_lines (ADW_ACTION_ROW (row), 3);
  gtk_widget_add_css_class (row, "property");
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), row);
}

static void
add_facts (RepriseArchiveView *self, RepriseRegistry *registry, RepriseArchive *archive)
{
  GtkWidget *group = adw_preferences_group_new ();
  RepriseKind *kind = reprise_registry_get (registry, reprise_archive_get_kind (archive));
  g_autofree char *name = reprise_archive_dup_display_name (archive);
  g_autofree char *size = reprise_format_size (reprise_archive_get_size_bytes (archive));
  GDateTime *created_at = reprise_archive_get_created_at (archive);
  g_autofree char *created = created_at != NULL ? reprise_format_when (created_at) : NULL;
  const char *format = reprise_archive_get_format (archive);

  adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (group), _ ("Archive"));
  add_fact (group, _ ("Name"), name);
  add_fact (group, _ ("Kind"),
            format != NULL ? format
            : kind != NULL ? reprise_kind_get_title (kind)
                           : NULL);
  add_fact (group, _ ("Made"), created);
  add_fact (group, _ ("Size"), size);
  add_fact (group, _ ("Version of the Service"), reprise_archive_get_service_version (archive));
  add_fact (group, _ ("Engine"), reprise_archive_get_engine (archive));
  for (guint i = 0; i < reprise_archive_get_n_facts (archive); i++)
    {
      const RepriseFact *fact = reprise_archive_get_fact (archive, i);

      add_fact (group, fact->label, fact->value);
    }
  gtk_box_append (GTK_BOX (self->box), group);
}

/* Sentences with an icon that says what kind they are of. */
static void
add_sentences (RepriseArchiveView *self,
               char **sentences,
               const char *title,
               const char *icon,
               const char *icon_name,
               const char *css_class)
{
  GtkWidget *group;

  if (sentences[0] == NULL)
    return;
  group = adw_preferences_group_new ();
  adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (group), title);
  for (guint i = 0; sentences[i] != NULL; i++)
    {
      GtkWidget *row = adw_action_row_new ();
      GtkWidget *image = gtk_image_new_from_icon_name (icon);

      gtk_accessible_update_property (GTK_ACCESSIBLE (image), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                      icon_name, -1);
      gtk_widget_add_css_class (image, css_class);
      adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
      adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), sentences[i]);
      adw_action_row_set_title_lines (ADW_ACTION_ROW (row), 0);
      adw_action_row_add_prefix (ADW_ACTION_ROW (row), image);
      adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), row);
    }
  gtk_box_append (GTK_BOX (self->box), group);
}

static void
add_contents (RepriseArchiveView *self, RepriseRegistry *registry, RepriseArchive *archive)
{
  RepriseContents *contents = reprise_archive_get_contents (archive);
  RepriseKind *kind = reprise_registry_get (registry, reprise_archive_get_kind (archive));
  GtkWidget *group;

  if (contents == NULL)
    return;
  group = adw_preferences_group_new ();
  adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (group), _ ("Data Groups"));
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (contents)); i++)
    {
      g_autoptr (RepriseDataGroup) item = g_list_model_get_item (G_LIST_MODEL (contents), i);
      const char *meaning =
        kind != NULL ? reprise_kind_explain_group (kind, reprise_data_group_get_group (item))
                     : NULL;
      RepriseGroupRow *row = reprise_group_row_new (item, meaning);

      reprise_group_row_set_checkable (row, FALSE);
      adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), GTK_WIDGET (row));
    }
  gtk_box_append (GTK_BOX (self->box), group);
}

/* @archive: (nullable): what to show; %NULL for nothing */
void
reprise_archive_view_set_archive (RepriseArchiveView *self,
                                  RepriseRegistry *registry,
                                  RepriseArchive *archive)
{
  GtkWidget *child;
  g_auto (GStrv) damage = NULL;
  g_auto (GStrv) warnings = NULL;

  while ((child = gtk_widget_get_first_child (self->box)) != NULL)
    gtk_box_remove (GTK_BOX (self->box), child);
  if (archive == NULL)
    return;
  damage = reprise_archive_dup_damage (archive);
  warnings = reprise_archive_dup_warnings (archive);
  add_sentences (self, damage, _ ("Damage"), "reprise-failed-symbolic", _ ("Damaged"), "error");
  add_sentences (self, warnings, _ ("Worth Knowing"), "reprise-warning-symbolic", _ ("Warning"),
                 "warning");
  add_facts (self, registry, archive);
  add_contents (self, registry, archive);
}
