/* reprise-job-bar.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "reprise-ui"

#include "config.h"

#include <glib/gi18n.h>

#include "reprise-job-bar.h"

#define PULSE_MS    120
#define PULSE_STEP  0.05
#define N_TO_MIDDLE 9 /* pulses until the part that moves stands in the middle of the bar */

struct _RepriseJobBar
{
  AdwBin parent_instance;

  GtkProgressBar *bar;
  RepriseJob *job; /* (owned) (nullable) */
  guint pulse_id;
  guint n_pulses; /* since nobody knows how far it is */
};

G_DEFINE_FINAL_TYPE (RepriseJobBar, reprise_job_bar, ADW_TYPE_BIN)

typedef enum
{
  PROP_JOB = 1,
} RepriseJobBarProperty;

static GParamSpec *properties[PROP_JOB + 1];

/* Where nothing is to be animated it does not go on; but a part that stood at the beginning would look like what is done. */
static gboolean
pulse_cb (gpointer data)
{
  RepriseJobBar *self = data;
  gboolean animations = TRUE;

  g_object_get (gtk_widget_get_settings (GTK_WIDGET (self)), "gtk-enable-animations", &animations,
                NULL);
  if (animations || self->n_pulses++ < N_TO_MIDDLE)
    gtk_progress_bar_pulse (self->bar);
  return G_SOURCE_CONTINUE;
}

static void
update (RepriseJobBar *self)
{
  gboolean active = self->job != NULL && reprise_job_is_active (self->job);
  double fraction = active ? reprise_job_get_fraction (self->job) : 0;
  gboolean pulses = active && fraction < 0 && gtk_widget_get_mapped (GTK_WIDGET (self));

  gtk_widget_set_visible (GTK_WIDGET (self->bar), active);
  if (fraction >= 0)
    gtk_progress_bar_set_fraction (self->bar, fraction);
  if (pulses && self->pulse_id == 0)
    self->pulse_id = g_timeout_add (PULSE_MS, pulse_cb, self);
  else if (!pulses)
    g_clear_handle_id (&self->pulse_id, g_source_remove);
  if (fraction >= 0)
    self->n_pulses = 0;
}

static void
reprise_job_bar_map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (reprise_job_bar_parent_class)->map (widget);
  update (REPRISE_JOB_BAR (widget));
}

static void
reprise_job_bar_unmap (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (reprise_job_bar_parent_class)->unmap (widget);
  update (REPRISE_JOB_BAR (widget));
}

static void
reprise_job_bar_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  switch ((RepriseJobBarProperty) id)
    {
    case PROP_JOB:
      g_value_set_object (value, REPRISE_JOB_BAR (object)->job);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
reprise_job_bar_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  switch ((RepriseJobBarProperty) id)
    {
    case PROP_JOB:
      reprise_job_bar_set_job (REPRISE_JOB_BAR (object), g_value_get_object (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
reprise_job_bar_dispose (GObject *object)
{
  RepriseJobBar *self = REPRISE_JOB_BAR (object);

  g_clear_handle_id (&self->pulse_id, g_source_remove);
  if (self->job != NULL)
    g_signal_handlers_disconnect_by_data (self->job, self);
  g_clear_object (&self->job);
  G_OBJECT_CLASS (reprise_job_bar_parent_class)->dispose (object);
}

static void
reprise_job_bar_class_init (RepriseJobBarClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = reprise_job_bar_dispose;
  object_class->get_property = reprise_job_bar_get_property;
  object_class->set_property = reprise_job_bar_set_property;
  widget_class->map = reprise_job_bar_map;
  widget_class->unmap = reprise_job_bar_unmap;
  properties[PROP_JOB] =
    g_param_spec_object ("job", NULL, NULL, REPRISE_TYPE_JOB,
                         G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
}

static void
reprise_job_bar_init (RepriseJobBar *self)
{
  self->bar = GTK_PROGRESS_BAR (gtk_progress_bar_new ());
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->bar), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Progress"), -1);
  gtk_progress_bar_set_pulse_step (self->bar, PULSE_STEP);
  gtk_widget_set_visible (GTK_WIDGET (self->bar), FALSE);
  adw_bin_set_child (ADW_BIN (self), GTK_WIDGET (self->bar));
}

RepriseJob *
reprise_job_bar_get_job (RepriseJobBar *self)
{
  return self->job;
}

/**
 * reprise_job_bar_set_job:
 * @job: (nullable): the job to show
 */
void
reprise_job_bar_set_job (RepriseJobBar *self, RepriseJob *job)
{
  RepriseJob *old = self->job;

  if (old == job)
    return;
  self->job = job != NULL ? g_object_ref (job) : NULL;
  if (old != NULL)
    {
      g_signal_handlers_disconnect_by_data (old, self);
      g_object_unref (old);
    }
  if (job != NULL)
    {
      g_signal_connect_object (job, "notify::fraction", G_CALLBACK (update), self,
                               G_CONNECT_SWAPPED);
      g_signal_connect_object (job, "notify::active", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
    }
  update (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_JOB]);
}

/* As it lies over the edge of a page. */
void
reprise_job_bar_set_slim (RepriseJobBar *self)
{
  gtk_widget_add_css_class (GTK_WIDGET (self->bar), "osd");
}
