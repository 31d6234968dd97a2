/* reprise-job-row.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "reprise-ui"

#include "config.h"

#include <glib/gi18n.h>

#include "reprise-ask.h"
#include "reprise-job-bar.h"
#include "reprise-job-row.h"

struct _RepriseJobRow
{
  AdwBin parent_instance;

  GtkImage *icon;
  GtkLabel *status;
  GtkButton *answer_button;
  GtkButton *stop_button;

  RepriseJob *job; /* (owned) (nullable) */
};

G_DEFINE_FINAL_TYPE (RepriseJobRow, reprise_job_row, ADW_TYPE_BIN)

typedef enum
{
  PROP_JOB = 1,
} RepriseJobRowProperty;

static GParamSpec *properties[PROP_JOB + 1];

static const char *const KIND_ICONS[REPRISE_N_JOB_KINDS] = {
  [REPRISE_JOB_BACK_UP] = "reprise-backup-symbolic",
  [REPRISE_JOB_VERIFY] = "reprise-verify-symbolic",
  [REPRISE_JOB_DOWNLOAD] = "reprise-download-symbolic",
  [REPRISE_JOB_UPLOAD] = "reprise-upload-symbolic",
  [REPRISE_JOB_RESTORE] = "reprise-restore-symbolic",
  [REPRISE_JOB_UNDO] = "reprise-undo-symbolic",
  [REPRISE_JOB_DELETE] = "reprise-delete-symbolic",
  [REPRISE_JOB_REHEARSE] = "reprise-rehearse-symbolic",
  [REPRISE_JOB_COMPACT] = "reprise-rollup-symbolic",
  [REPRISE_JOB_IMPORT] = "reprise-upload-symbolic",
  [REPRISE_JOB_FOLLOW] = "reprise-restore-symbolic",
  [REPRISE_JOB_REPORTS] = "reprise-download-symbolic",
};

/* (transfer none) (nullable): how a job ended; %NULL while it has not */
const char *
reprise_job_state_get_icon_name (RepriseJobState state)
{
  switch (state)
    {
    case REPRISE_JOB_DONE:
      return "reprise-success-symbolic";
    case REPRISE_JOB_WARNINGS:
      return "reprise-warning-symbolic";
    case REPRISE_JOB_FAILED:
      return "reprise-failed-symbolic";
    case REPRISE_JOB_STOPPED:
      return "reprise-stop-symbolic";
    case REPRISE_JOB_QUEUED:
    case REPRISE_JOB_RUNNING:
    case REPRISE_JOB_ASKING:
    case REPRISE_JOB_STOPPING:
    default:
      return NULL;
    }
}

/* What the job does while it runs; how it ended afterwards. */
const char *
reprise_job_get_icon_name (RepriseJob *job)
{
  const char *ended = reprise_job_state_get_icon_name (reprise_job_get_state (job));

  return ended != NULL ? ended : KIND_ICONS[reprise_job_get_kind (job)];
}

/* (transfer full): its status; of a job that has ended, also why or with what */
static char *
describe_cb (RepriseJobRow *self, const char *status, const char *error, const char *summary)
{
  const char *more = error != NULL ? error : summary;

  if (status == NULL || more == NULL || more[0] == '\0')
    return g_strdup (status);
  /* Translators: how a job ended, and why: “Backup failed – No space left” */
  return g_strdup_printf (_ ("%s – %s"), status, more);
}

static void
update (RepriseJobRow *self)
{
  if (self->job == NULL)
    return;
  gtk_image_set_from_icon_name (self->icon, reprise_job_get_icon_name (self->job));
  gtk_widget_set_visible (GTK_WIDGET (self->stop_button), reprise_job_is_active (self->job));
  gtk_widget_set_visible (GTK_WIDGET (self->answer_button),
                          reprise_job_get_question (self->job) != NULL);
}

static void
stop_cb (RepriseJobRow *self)
{
  reprise_ask_stop (GTK_WIDGET (self), self->job);
}

static void
answer_cb (RepriseJobRow *self)
{
  reprise_ask_question (GTK_WIDGET (self), self->job);
}

static void
reprise_job_row_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  switch ((RepriseJobRowProperty) id)
    {
    case PROP_JOB:
      g_value_set_object (value, REPRISE_JOB_ROW (object)->job);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
reprise_job_row_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  switch ((RepriseJobRowProperty) id)
    {
    case PROP_JOB:
      reprise_job_row_set_job (REPRISE_JOB_ROW (object), g_value_get_object (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
reprise_job_row_dispose (GObject *object)
{
  reprise_job_row_set_job (REPRISE_JOB_ROW (object), NULL);
  gtk_widget_dispose_template (GTK_WIDGET (object), REPRISE_TYPE_JOB_ROW);
  G_OBJECT_CLASS (reprise_job_row_parent_class)->dispose (object);
}

static void
reprise_job_row_class_init (RepriseJobRowClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = reprise_job_row_dispose;
  object_class->get_property = reprise_job_row_get_property;
  object_class->set_property = reprise_job_row_set_property;
  properties[PROP_JOB] =
    g_param_spec_object ("job", NULL, NULL, REPRISE_TYPE_JOB,
                         G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
  g_type_ensure (REPRISE_TYPE_JOB);
  g_type_ensure (REPRISE_TYPE_JOB_BAR);
  gtk_widget_class_set_template_from_resource (
    widget_class, "/io/github/reprise_backup/Reprise/ui/reprise-job-row.ui");
  gtk_widget_class_bind_template_child (widget_class, RepriseJobRow, icon);
  gtk_widget_class_bind_template_child (widget_class, RepriseJobRow, status);
  gtk_widget_class_bind_template_child (widget_class, RepriseJobRow, answer_button);
  gtk_widget_class_bind_template_child (widget_class, RepriseJobRow, stop_button);
  gtk_widget_class_bind_template_callback (widget_class, describe_cb);
  gtk_widget_class_bind_template_callback (widget_class, stop_cb);
  gtk_widget_class_bind_template_callback (widget_class, answer_cb);
}

static void
reprise_job_row_init (RepriseJobRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
reprise_job_row_new (RepriseJob *job)
{
  return g_object_new (REPRISE_TYPE_JOB_ROW, "job", job, NULL);
}

RepriseJob *
reprise_job_row_get_job (RepriseJobRow *self)
{
  return self->job;
}

/**
 * reprise_job_row_set_job:
 * @job: (nullable): the job to show
 */
void
reprise_job_row_set_job (RepriseJobRow *self, RepriseJob *job)
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
      g_signal_connect_object (job, "notify::state", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
      g_signal_connect_object (job, "notify::question", G_CALLBACK (update), self,
                               G_CONNECT_SWAPPED);
      update (self);
    }
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_JOB]);
}
