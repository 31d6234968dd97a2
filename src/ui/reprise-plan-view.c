/* reprise-plan-view.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "reprise-ui"

#include "config.h"

#include <glib/gi18n.h>

#include "reprise-format.h"
#include "reprise-plan-view.h"

#define ROWS_KEY "reprise-plan-rows"
#define MAX_OPEN 6 /* rows of a plan that are shown at once */

static void
add (AdwPreferencesGroup *list, GtkWidget *row)
{
  GPtrArray *rows = g_object_get_data (G_OBJECT (list), ROWS_KEY);

  adw_preferences_group_add (list, row);
  g_ptr_array_add (rows, row);
}

static void
clear (AdwPreferencesGroup *list)
{
  GPtrArray *rows = g_object_get_data (G_OBJECT (list), ROWS_KEY);

  for (guint i = 0; rows != NULL && i < rows->len; i++)
    adw_preferences_group_remove (list, rows->pdata[i]);
  g_object_set_data_full (G_OBJECT (list), ROWS_KEY, g_ptr_array_new (),
                          (GDestroyNotify) g_ptr_array_unref);
}

static GtkWidget *
new_row (const char *title, const char *subtitle)
{
  GtkWidget *row = adw_action_row_new ();

  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_action_row_set_title_lines (ADW_ACTION_ROW (row), 0);
  adw_action_row_set_subtitle_lines (ADW_ACTION_ROW (row), 0);
  if (subtitle != NULL)
    adw_action_row_set_subtitle (ADW_ACTION_ROW (row), subtitle);
  return row;
}

static GtkWidget *
new_icon (const char *icon_name, const char *label, const char *css_class)
{
  GtkWidget *image = gtk_image_new_from_icon_name (icon_name);

  gtk_accessible_update_property (GTK_ACCESSIBLE (image), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
  gtk_widget_add_css_class (image, css_class);
  return image;
}

static GtkWidget *
new_check_icon (RepriseCheckResult result)
{
  switch (result)
    {
    case REPRISE_CHECK_WARNING:
      return new_icon ("reprise-warning-symbolic", _ ("Warning"), "warning");
    case REPRISE_CHECK_REFUSED:
      return new_icon ("reprise-failed-symbolic", _ ("Refused"), "error");
    case REPRISE_CHECK_OK:
    default:
      return new_icon ("reprise-success-symbolic", _ ("In order"), "success");
    }
}

void
reprise_plan_view_fill_checks (AdwPreferencesGroup *list, ReprisePlan *plan)
{
  clear (list);
  for (guint i = 0; i < reprise_plan_get_n_checks (plan); i++)
    {
      const RepriseCheck *check = reprise_plan_get_check (plan, i);
      GtkWidget *row = new_row (check->text, check->help);

      adw_action_row_add_prefix (ADW_ACTION_ROW (row), new_check_icon (check->result));
      add (list, row);
    }
  gtk_widget_set_visible (GTK_WIDGET (list), reprise_plan_get_n_checks (plan) > 0);
}

/* (transfer full) (nullable): “Now 214 · in the backup 209”; what is made anew is only counted, what neither side counts is not */
static char *
describe_counts (const ReprisePlanRow *row)
{
  g_autofree char *now = reprise_format_count (row->now);
  g_autofree char *backup = reprise_format_count (row->backup);

  if (row->now < 0 && row->backup < 0)
    return NULL;
  if (row->now < 0 && row->action == REPRISE_PLAN_CREATED)
    return reprise_format_records (row->backup);
  if (row->backup < 0)
    /* Translators: how many records there are on the service now; how many are in the backup nobody says */
    return g_strdup_printf (_ ("Now %s · in the backup: not reported"), now);
  /* Translators: how many records there are on the service now, and how many in the backup */
  return g_strdup_printf (_ ("Now %s · in the backup %s"), now, backup);
}

/* (transfer full): “Now 214 · in the backup 209 · 5 newer accounts are lost” */
static char *
describe (const ReprisePlanRow *row)
{
  g_autofree char *counts = describe_counts (row);

  if (counts == NULL || row->text == NULL)
    return counts != NULL ? g_steal_pointer (&counts)
                          : g_strdup (row->text != NULL ? row->text : "");
  return g_strdup_printf ("%s · %s", counts, row->text);
}

static GtkWidget *
new_result_label (ReprisePlanAction action)
{
  GtkWidget *label = gtk_label_new (reprise_plan_action_get_text (action));

  if (action == REPRISE_PLAN_LEFT_ALONE)
    gtk_widget_add_css_class (label, "dim-label");
  if (action == REPRISE_PLAN_REFUSED)
    gtk_widget_add_css_class (label, "error");
  return label;
}

static GtkWidget *
new_group_row (const ReprisePlanRow *plan_row)
{
  GtkWidget *row = adw_expander_row_new ();
  g_autofree char *text = describe (plan_row);

  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row),
                                 reprise_group_get_title (plan_row->group));
  adw_expander_row_set_subtitle (ADW_EXPANDER_ROW (row), text);
  adw_expander_row_add_action (ADW_EXPANDER_ROW (row), new_result_label (plan_row->action));
  return row;
}

void
reprise_plan_view_fill_rows (AdwPreferencesGroup *list, ReprisePlan *plan)
{
  GtkWidget *group_row = NULL;

  clear (list);
  for (guint i = 0; i < reprise_plan_get_n_rows (plan); i++)
    {
      const ReprisePlanRow *plan_row = reprise_plan_get_row (plan, i);
      g_autofree char *text = NULL;
      GtkWidget *row;

      if (plan_row->collection == NULL)
        {
          group_row = new_group_row (plan_row);
          adw_expander_row_set_expanded (ADW_EXPANDER_ROW (group_row),
                                         reprise_plan_get_n_rows (plan) <= MAX_OPEN);
          add (list, group_row);
          continue;
        }
      text = describe (plan_row);
      row = new_row (plan_row->collection, text);
      adw_action_row_add_suffix (ADW_ACTION_ROW (row), new_result_label (plan_row->action));
      if (group_row != NULL)
        adw_expander_row_add_row (ADW_EXPANDER_ROW (group_row), row);
      else
        add (list, row);
    }
  gtk_widget_set_visible (GTK_WIDGET (list), reprise_plan_get_n_rows (plan) > 0);
}

void
reprise_plan_view_fill_losses (AdwPreferencesGroup *list, ReprisePlan *plan)
{
  g_auto (GStrv) losses = reprise_plan_dup_losses (plan);

  clear (list);
  for (guint i = 0; losses[i] != NULL; i++)
    {
      GtkWidget *row = new_row (losses[i], NULL);

      adw_action_row_add_prefix (ADW_ACTION_ROW (row),
                                 new_icon ("reprise-warning-symbolic", _ ("Warning"), "warning"));
      add (list, row);
    }
  gtk_widget_set_visible (GTK_WIDGET (list), losses[0] != NULL);
}
