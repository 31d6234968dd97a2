/* reprise-run-row.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "reprise-ui"

#include "config.h"

#include "base/reprise-time.h"
#include "reprise-format.h"
#include "reprise-job-row.h"
#include "reprise-run-row.h"

struct _RepriseRunRow
{
  AdwBin parent_instance;

  GtkImage *icon;
  GtkLabel *title;
  GtkLabel *subtitle;
  GtkLabel *time;

  RepriseRun *run; /* (owned) (nullable) */
};

G_DEFINE_FINAL_TYPE (RepriseRunRow, reprise_run_row, ADW_TYPE_BIN)

typedef enum
{
  PROP_RUN = 1,
} RepriseRunRowProperty;

static GParamSpec *properties[PROP_RUN + 1];

/* (transfer full): “2 min 5 s · 1,204 written, 0 failed”; that it took no time at all is not said */
static char *
describe (RepriseRun *run)
{
  GDateTime *started = reprise_run_get_started_at (run),
            *finished = reprise_run_get_finished_at (run);
  const char *more = reprise_run_get_error (run) != NULL ? reprise_run_get_error (run)
                                                         : reprise_run_get_summary (run);
  gint64 seconds = 0;
  g_autofree char *span = NULL;

  if (started != NULL && finished != NULL)
    seconds = g_date_time_difference (finished, started) / G_TIME_SPAN_SECOND;
  if (seconds <= 0)
    return g_strdup (more);
  span = reprise_duration_to_text (seconds);
  return more != NULL ? g_strdup_printf ("%s · %s", span, more) : g_steal_pointer (&span);
}

static void
update (RepriseRunRow *self)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autofree char *subtitle = describe (self->run);
  g_autofree char *time = reprise_run_get_started_at (self->run) != NULL
                            ? reprise_format_day_time (reprise_run_get_started_at (self->run), now)
                            : g_strdup ("");

  gtk_image_set_from_icon_name (
    self->icon, reprise_job_state_get_icon_name (reprise_run_get_state (self->run)));
  gtk_label_set_label (self->title, reprise_job_text_result (reprise_run_get_kind (self->run),
                                                             reprise_run_get_state (self->run)));
  gtk_label_set_label (self->subtitle, subtitle != NULL ? subtitle : "");
  gtk_label_set_label (self->time, time);
}

static void
reprise_run_row_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  switch ((RepriseRunRowProperty) id)
    {
    case PROP_RUN:
      g_value_set_object (value, REPRISE_RUN_ROW (object)->run);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
reprise_run_row_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  switch ((RepriseRunRowProperty) id)
    {
    case PROP_RUN:
      reprise_run_row_set_run (REPRISE_RUN_ROW (object), g_value_get_object (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
reprise_run_row_dispose (GObject *object)
{
  g_clear_object (&REPRISE_RUN_ROW (object)->run);
  gtk_widget_dispose_template (GTK_WIDGET (object), REPRISE_TYPE_RUN_ROW);
  G_OBJECT_CLASS (reprise_run_row_parent_class)->dispose (object);
}

static void
reprise_run_row_class_init (RepriseRunRowClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = reprise_run_row_dispose;
  object_class->get_property = reprise_run_row_get_property;
  object_class->set_property = reprise_run_row_set_property;
  properties[PROP_RUN] =
    g_param_spec_object ("run", NULL, NULL, REPRISE_TYPE_RUN,
                         G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
  gtk_widget_class_set_template_from_resource (
    widget_class, "/io/github/reprise_backup/Reprise/ui/reprise-run-row.ui");
  gtk_widget_class_bind_template_child (widget_class, RepriseRunRow, icon);
  gtk_widget_class_bind_template_child (widget_class, RepriseRunRow, title);
  gtk_widget_class_bind_template_child (widget_class, RepriseRunRow, subtitle);
  gtk_widget_class_bind_template_child (widget_class, RepriseRunRow, time);
}

static void
reprise_run_row_init (RepriseRunRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
reprise_run_row_new (void)
{
  return g_object_new (REPRISE_TYPE_RUN_ROW, NULL);
}

/**
 * reprise_run_row_set_run:
 * @run: (nullable): the run to show
 */
void
reprise_run_row_set_run (RepriseRunRow *self, RepriseRun *run)
{
  if (!g_set_object (&self->run, run))
    return;
  if (run != NULL)
    update (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_RUN]);
}

/* Tells a screen reader what @list_row, which holds this row, is about. */
void
reprise_run_row_name (RepriseRunRow *self, GtkWidget *list_row)
{
  g_autofree char *description = g_strdup_printf ("%s · %s", gtk_label_get_label (self->time),
                                                  gtk_label_get_label (self->subtitle));

  gtk_accessible_update_property (GTK_ACCESSIBLE (list_row), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  gtk_label_get_label (self->title),
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, description, -1);
}
