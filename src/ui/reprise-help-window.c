/* reprise-help-window.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "reprise-ui"

#include "config.h"

#include <glib/gi18n.h>

#include "reprise-format.h"
#include "reprise-help-window.h"

#define MAX_SKIPPED 50 /* collections that are named */

struct _RepriseHelpWindow
{
  AdwWindow parent_instance;

  AdwPreferencesGroup *groups;
  AdwPreferencesGroup *skipped;
  AdwPreferencesGroup *limits;
};

G_DEFINE_FINAL_TYPE (RepriseHelpWindow, reprise_help_window, ADW_TYPE_WINDOW)

static void
add_row (AdwPreferencesGroup *group, const char *icon_name, const char *title, const char *text)
{
  GtkWidget *row =
    g_object_new (ADW_TYPE_ACTION_ROW, "title", title, "subtitle", text != NULL ? text : "",
                  "use-markup", FALSE, "subtitle-lines", 0, "title-lines", 0, NULL);

  if (icon_name != NULL)
    adw_action_row_add_prefix (
      ADW_ACTION_ROW (row), g_object_new (GTK_TYPE_IMAGE, "icon-name", icon_name, "accessible-role",
                                          GTK_ACCESSIBLE_ROLE_PRESENTATION, NULL));
  adw_preferences_group_add (group, row);
  gtk_widget_set_visible (GTK_WIDGET (group), TRUE);
}

/* What it means everywhere, or for this kind; and what it is like. */
static void
add_group (RepriseHelpWindow *self, RepriseKind *kind, RepriseGroup group)
{
  const char *own = kind != NULL ? reprise_kind_explain_group (kind, group) : NULL;
  g_autofree char *icon_name =
    g_strdup_printf ("reprise-group-%s-symbolic", reprise_group_to_string (group));
  /* Translators: what a data group means, and what is in it: two sentences */
  g_autofree char *text =
    g_strdup_printf (_ ("%s.\nExamples: %s."), reprise_group_get_meaning (group),
                     reprise_group_get_examples (group));
  gboolean special = own != NULL && !g_str_equal (own, reprise_group_get_examples (group));
  g_autofree char *all = special ? g_strdup_printf ("%s\n%s", text, own) : g_strdup (text);

  add_row (self->groups, icon_name, reprise_group_get_title (group), all);
}

static void
add_skipped (RepriseHelpWindow *self, RepriseDataGroup *group)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (group));

  for (guint i = 0; i < MIN (n, MAX_SKIPPED); i++)
    {
      g_autoptr (RepriseCollection) collection = g_list_model_get_item (G_LIST_MODEL (group), i);

      add_row (self->skipped, NULL, reprise_collection_get_title (collection),
               reprise_collection_get_reason (collection));
    }
  if (n > MAX_SKIPPED)
    {
      g_autofree char *count = reprise_format_count (n - MAX_SKIPPED);
      g_autofree char *text = g_strdup_printf (_ ("And %s more"), count);

      add_row (self->skipped, NULL, text, NULL);
    }
}

static void
add_limits (RepriseHelpWindow *self, RepriseKind *kind)
{
  const char *limits = reprise_kind_explain_limits (kind);

  if (limits != NULL)
    add_row (self->limits, reprise_kind_get_icon_name (kind), reprise_kind_get_title (kind),
             limits);
}

static void
reprise_help_window_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), REPRISE_TYPE_HELP_WINDOW);
  G_OBJECT_CLASS (reprise_help_window_parent_class)->dispose (object);
}

static void
reprise_help_window_class_init (RepriseHelpWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = reprise_help_window_dispose;
  gtk_widget_class_set_template_from_resource (
    widget_class, "/io/github/reprise_backup/Reprise/ui/reprise-help-window.ui");
  gtk_widget_class_bind_template_child (widget_class, RepriseHelpWindow, groups);
  gtk_widget_class_bind_template_child (widget_class, RepriseHelpWindow, skipped);
  gtk_widget_class_bind_template_child (widget_class, RepriseHelpWindow, limits);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
}

static void
reprise_help_window_init (RepriseHelpWindow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

/**
 * reprise_help_window_new:
 * @kind: (nullable): the kind that it is about; %NULL: all of them
 * @contents: (nullable): what the service in question holds, for what is skipped in it
 */
GtkWindow *
reprise_help_window_new (GtkWindow *parent,
                         RepriseRegistry *registry,
                         RepriseKind *kind,
                         RepriseContents *contents)
{
  RepriseHelpWindow *self = g_object_new (REPRISE_TYPE_HELP_WINDOW, "transient-for", parent, NULL);
  RepriseDataGroup *skipped =
    contents != NULL ? reprise_contents_get_group (contents, REPRISE_GROUP_SKIPPED) : NULL;
  guint n = g_list_model_get_n_items (G_LIST_MODEL (registry));

  for (guint i = 0; i < REPRISE_N_GROUPS; i++)
    add_group (self, kind, (RepriseGroup) i);
  if (skipped != NULL)
    add_skipped (self, skipped);
  if (kind != NULL)
    add_limits (self, kind);
  for (guint i = 0; kind == NULL && i < n; i++)
    {
      g_autoptr (RepriseKind) each = g_list_model_get_item (G_LIST_MODEL (registry), i);

      add_limits (self, each);
    }
  return GTK_WINDOW (self);
}
