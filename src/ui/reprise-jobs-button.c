/* reprise-jobs-button.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "reprise-ui"

#include "config.h"

#include <glib/gi18n.h>

#include "reprise-job-row.h"
#include "reprise-job-window.h"
#include "reprise-jobs-button.h"

#define MAX_JOBS 20 /* in the popover; the History has all */

struct _RepriseJobsButton
{
  AdwBin parent_instance;

  GtkMenuButton *button;
  GtkLabel *count;
  GtkPopover *popover;
  GtkListBox *list;

  GListModel *jobs; /* (owned) (nullable) (element-type RepriseJob) */
};

G_DEFINE_FINAL_TYPE (RepriseJobsButton, reprise_jobs_button, ADW_TYPE_BIN)

typedef enum
{
  PROP_JOBS = 1,
} RepriseJobsButtonProperty;

static GParamSpec *properties[PROP_JOBS + 1];

static GtkWidget *
create_row (gpointer item, gpointer data)
{
  GtkWidget *row = gtk_list_box_row_new ();

  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), reprise_job_row_new (item));
  gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  reprise_job_get_title (item), -1);
  return row;
}

/* The rows are made when somebody looks, and those of the latest jobs only. */
static void
show_cb (RepriseJobsButton *self)
{
  g_autoptr (GListModel) latest = NULL;

  if (self->jobs == NULL)
    return;
  latest = G_LIST_MODEL (gtk_slice_list_model_new (g_object_ref (self->jobs), 0, MAX_JOBS));
  gtk_list_box_bind_model (self->list, latest, create_row, NULL, NULL);
}

static void
row_activated_cb (RepriseJobsButton *self, GtkListBoxRow *row)
{
  RepriseJobRow *job_row = REPRISE_JOB_ROW (gtk_list_box_row_get_child (row));

  gtk_popover_popdown (self->popover);
  gtk_window_present (
    reprise_job_window_new (GTK_WIDGET (self), reprise_job_row_get_job (job_row)));
}

static void
update (RepriseJobsButton *self)
{
  guint n_active = 0;
  g_autofree char *count = NULL;
  g_autofree char *label = NULL;

  if (self->jobs != NULL)
    g_object_get (self->jobs, "n-active", &n_active, NULL);
  count = g_strdup_printf ("%u", n_active);
  label =
    n_active > 0
      ? g_strdup_printf (ngettext ("Jobs: %u running", "Jobs: %u running", n_active), n_active)
      : g_strdup (_ ("Jobs"));
  gtk_label_set_label (self->count, count);
  gtk_widget_set_visible (GTK_WIDGET (self->count), n_active > 0);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->button), label);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->button), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  label, -1);
  gtk_widget_set_visible (GTK_WIDGET (self),
                          self->jobs != NULL && g_list_model_get_n_items (self->jobs) > 0);
}

static void
reprise_jobs_button_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  switch ((RepriseJobsButtonProperty) id)
    {
    case PROP_JOBS:
      g_value_set_object (value, REPRISE_JOBS_BUTTON (object)->jobs);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
reprise_jobs_button_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  switch ((RepriseJobsButtonProperty) id)
    {
    case PROP_JOBS:
      reprise_jobs_button_set_jobs (REPRISE_JOBS_BUTTON (object), g_value_get_object (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
reprise_jobs_button_dispose (GObject *object)
{
  RepriseJobsButton *self = REPRISE_JOBS_BUTTON (object);

  if (self->jobs != NULL)
    g_signal_handlers_disconnect_by_data (self->jobs, self);
  g_clear_object (&self->jobs);
  adw_bin_set_child (ADW_BIN (self), NULL); /* before the template unparents what it bound */
  gtk_widget_dispose_template (GTK_WIDGET (object), REPRISE_TYPE_JOBS_BUTTON);
  G_OBJECT_CLASS (reprise_jobs_button_parent_class)->dispose (object);
}

static void
reprise_jobs_button_class_init (RepriseJobsButtonClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = reprise_jobs_button_dispose;
  object_class->get_property = reprise_jobs_button_get_property;
  object_class->set_property = reprise_jobs_button_set_property;
  properties[PROP_JOBS] =
    g_param_spec_object ("jobs", NULL, NULL, G_TYPE_LIST_MODEL,
                         G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
  gtk_widget_class_set_template_from_resource (
    widget_class, "/io/github/reprise_backup/Reprise/ui/reprise-jobs-button.ui");
  gtk_widget_class_bind_template_child (widget_class, RepriseJobsButton, button);
  gtk_widget_class_bind_template_child (widget_class, RepriseJobsButton, count);
  gtk_widget_class_bind_template_child (widget_class, RepriseJobsButton, popover);
  gtk_widget_class_bind_template_child (widget_class, RepriseJobsButton, list);
  gtk_widget_class_bind_template_callback (widget_class, show_cb);
  gtk_widget_class_bind_template_callback (widget_class, row_activated_cb);
}

static void
reprise_jobs_button_init (RepriseJobsButton *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

/**
 * reprise_jobs_button_set_jobs:
 * @jobs: (nullable) (element-type RepriseJob): newest first, with a property `n-active`
 */
void
reprise_jobs_button_set_jobs (RepriseJobsButton *self, GListModel *jobs)
{
  if (self->jobs == jobs)
    return;
  if (self->jobs != NULL)
    g_signal_handlers_disconnect_by_data (self->jobs, self);
  g_set_object (&self->jobs, jobs);
  if (jobs != NULL)
    {
      g_signal_connect_object (jobs, "items-changed", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
      g_signal_connect_object (jobs, "notify::n-active", G_CALLBACK (update), self,
                               G_CONNECT_SWAPPED);
    }
  update (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_JOBS]);
}

void
reprise_jobs_button_popup (RepriseJobsButton *self)
{
  if (gtk_widget_get_visible (GTK_WIDGET (self)))
    gtk_menu_button_popup (self->button);
}
