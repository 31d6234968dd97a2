/* reprise-job-window.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "reprise-ui"

#include "config.h"

#include <glib/gi18n.h>

#include "base/reprise-time.h"
#include "reprise-ask.h"
#include "reprise-format.h"
#include "reprise-job-bar.h"
#include "reprise-job-row.h"
#include "reprise-job-window.h"
#include "job/reprise-run-report.h"
#include "reprise-report-window.h"
#include "reprise-title.h"

struct _RepriseJobWindow
{
  AdwWindow parent_instance;

  RepriseTitle *window_title;
  GtkButton *stop_button;
  GtkButton *report_button;
  RepriseJobBar *bar;
  AdwActionRow *status_row;
  GtkImage *status_icon;
  AdwPreferencesGroup *phases_group;
  GtkListBox *phases;
  AdwPreferencesGroup *facts_group;
  AdwPreferencesGroup *warnings_group;
  GtkLabel *warnings;
  AdwPreferencesGroup *log_group;
  GtkTextView *log;

  RepriseJob *job; /* (owned) (nullable) */
  RepriseRun *run; /* (owned) (nullable): instead of the job */
  guint n_log;     /* lines that are shown already */
};

G_DEFINE_FINAL_TYPE (RepriseJobWindow, reprise_job_window, ADW_TYPE_WINDOW)

static void
append_log (RepriseJobWindow *self, const char *line)
{
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (self->log);
  GtkTextIter end;

  gtk_text_buffer_get_end_iter (buffer, &end);
  if (gtk_text_buffer_get_char_count (buffer) > 0)
    gtk_text_buffer_insert (buffer, &end, "\n", 1);
  gtk_text_buffer_insert (buffer, &end, line, -1);
}

static void
show_warnings (RepriseJobWindow *self, const char *text)
{
  gtk_label_set_label (self->warnings, text != NULL ? text : "");
  gtk_widget_set_visible (GTK_WIDGET (self->warnings_group), text != NULL && text[0] != '\0');
}

static void
add_fact (RepriseJobWindow *self, const char *label, const char *value)
{
  g_autoptr (PangoAttrList) attributes = pango_attr_list_new ();
  GtkWidget *row, *text;

  if (value == NULL || value[0] == '\0')
    return;
  /* A hyphen within an identifier would be taken for a part of it. */
  pango_attr_list_insert (attributes, pango_attr_insert_hyphens_new (FALSE));
  row = g_object_new (ADW_TYPE_ACTION_ROW, "title", label, NULL);
  text = gtk_label_new (value);
  gtk_label_set_wrap (GTK_LABEL (text), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (text), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_natural_wrap_mode (GTK_LABEL (text), GTK_NATURAL_WRAP_NONE);
  gtk_label_set_attributes (GTK_LABEL (text), attributes);
  gtk_label_set_xalign (GTK_LABEL (text), 1);
  gtk_widget_add_css_class (text, "dim-label");
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), text);
  adw_preferences_group_add (self->facts_group, row);
  gtk_widget_set_visible (GTK_WIDGET (self->facts_group), TRUE);
}

static void
add_time_fact (RepriseJobWindow *self, const char *label, GDateTime *time)
{
  g_autofree char *text = time != NULL ? reprise_format_when (time) : NULL;

  add_fact (self, label, text);
}

/* One line of the steps: what it is called, its sign, and its figures while it is the one. */
static GtkWidget *
create_phase_row (RepriseJobWindow *self, ReprisePhase phase, ReprisePhaseState state)
{
  static const char *const ICONS[] = { "reprise-todo-symbolic", "reprise-running-symbolic",
                                       "reprise-success-symbolic" };
  const char *const words[] = { _ ("To do"), _ ("Running"), _ ("Done") };
  const char *title = reprise_job_text_phase (reprise_job_get_kind (self->job), phase);
  GtkWidget *row = g_object_new (ADW_TYPE_ACTION_ROW, "title", title, "use-markup", FALSE, NULL);
  GtkWidget *icon =
    g_object_new (GTK_TYPE_IMAGE, "icon-name", ICONS[state], "tooltip-text", words[state], NULL);

  gtk_accessible_update_property (GTK_ACCESSIBLE (icon), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  words[state], -1);
  adw_action_row_add_prefix (ADW_ACTION_ROW (row), icon);
  if (state == REPRISE_PHASE_STATE_TO_DO)
    gtk_widget_add_css_class (row, "dim-label");
  return row;
}

static void
update_phases (RepriseJobWindow *self)
{
  ReprisePhaseShare plan[REPRISE_N_PHASES];
  ReprisePhaseState states[REPRISE_N_PHASES];
  guint n = reprise_job_get_phases (self->job, plan, states, REPRISE_N_PHASES);
  GtkWidget *row;

  while ((row = gtk_widget_get_first_child (GTK_WIDGET (self->phases))) != NULL)
    gtk_list_box_remove (self->phases, row);
  for (guint i = 0; i < n; i++)
    gtk_list_box_append (self->phases, create_phase_row (self, plan[i].phase, states[i]));
  gtk_widget_set_visible (GTK_WIDGET (self->phases_group), n > 0);
}

static void
update_status (RepriseJobWindow *self)
{
  g_auto (RepriseProgressSnapshot) snapshot = { 0 };
  const char *error = reprise_job_get_error (self->job);
  const char *summary = reprise_job_get_summary (self->job);

  reprise_job_get_snapshot (self->job, &snapshot);
  gtk_image_set_from_icon_name (self->status_icon, reprise_job_get_icon_name (self->job));
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->status_row),
                                 reprise_job_get_status (self->job));
  adw_action_row_set_subtitle (self->status_row, error != NULL              ? error
                                                 : summary != NULL          ? summary
                                                 : snapshot.message != NULL ? snapshot.message
                                                                            : "");
}

static void
update_lines (RepriseJobWindow *self)
{
  const char *const *log = reprise_job_get_log (self->job);
  g_autofree char *warnings = g_strjoinv ("\n", (char **) reprise_job_get_warnings (self->job));

  show_warnings (self, warnings);
  for (guint n = g_strv_length ((char **) log); self->n_log < n; self->n_log++)
    append_log (self, log[self->n_log]);
}

static void
job_notify_cb (RepriseJobWindow *self)
{
  update_status (self);
  update_lines (self);
}

static void
job_state_cb (RepriseJobWindow *self)
{
  gboolean active = reprise_job_is_active (self->job);

  update_phases (self);
  job_notify_cb (self);
  gtk_widget_set_visible (GTK_WIDGET (self->stop_button), active);
  gtk_widget_set_visible (GTK_WIDGET (self->report_button), !active);
}

static void
stop_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  RepriseJobWindow *self = REPRISE_JOB_WINDOW (widget);

  if (self->job != NULL && reprise_job_is_active (self->job))
    reprise_ask_stop (widget, self->job);
}

static void
report_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  RepriseJobWindow *self = REPRISE_JOB_WINDOW (widget);
  const char *id =
    self->job != NULL ? reprise_job_get_id (self->job) : reprise_run_get_id (self->run);
  g_autofree char *text =
    self->job != NULL ? reprise_run_report_job (self->job) : reprise_run_report (self->run);
  g_autofree char *file_name = g_strdup_printf ("reprise-%s.txt", id);

  gtk_window_present (reprise_report_window_new (widget, file_name, text));
}

static void
reprise_job_window_dispose (GObject *object)
{
  RepriseJobWindow *self = REPRISE_JOB_WINDOW (object);

  if (self->job != NULL)
    g_signal_handlers_disconnect_by_data (self->job, self);
  g_clear_object (&self->job);
  g_clear_object (&self->run);
  gtk_widget_dispose_template (GTK_WIDGET (object), REPRISE_TYPE_JOB_WINDOW);
  G_OBJECT_CLASS (reprise_job_window_parent_class)->dispose (object);
}

static void
reprise_job_window_class_init (RepriseJobWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = reprise_job_window_dispose;
  g_type_ensure (REPRISE_TYPE_JOB_BAR);
  g_type_ensure (REPRISE_TYPE_TITLE);
  gtk_widget_class_set_template_from_resource (
    widget_class, "/io/github/reprise_backup/Reprise/ui/reprise-job-window.ui");
  gtk_widget_class_bind_template_child (widget_class, RepriseJobWindow, window_title);
  gtk_widget_class_bind_template_child (widget_class, RepriseJobWindow, stop_button);
  gtk_widget_class_bind_template_child (widget_class, RepriseJobWindow, report_button);
  gtk_widget_class_bind_template_child (widget_class, RepriseJobWindow, bar);
  gtk_widget_class_bind_template_child (widget_class, RepriseJobWindow, status_row);
  gtk_widget_class_bind_template_child (widget_class, RepriseJobWindow, status_icon);
  gtk_widget_class_bind_template_child (widget_class, RepriseJobWindow, phases_group);
  gtk_widget_class_bind_template_child (widget_class, RepriseJobWindow, phases);
  gtk_widget_class_bind_template_child (widget_class, RepriseJobWindow, facts_group);
  gtk_widget_class_bind_template_child (widget_class, RepriseJobWindow, warnings_group);
  gtk_widget_class_bind_template_child (widget_class, RepriseJobWindow, warnings);
  gtk_widget_class_bind_template_child (widget_class, RepriseJobWindow, log_group);
  gtk_widget_class_bind_template_child (widget_class, RepriseJobWindow, log);
  gtk_widget_class_install_action (widget_class, "job.stop", NULL, stop_action);
  gtk_widget_class_install_action (widget_class, "job.report", NULL, report_action);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
}

static void
reprise_job_window_init (RepriseJobWindow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

static RepriseJobWindow *
window_new (GtkWidget *parent, const char *title)
{
  RepriseJobWindow *self =
    g_object_new (REPRISE_TYPE_JOB_WINDOW, "transient-for",
                  GTK_WINDOW (gtk_widget_get_root (parent)), "title", title, NULL);

  reprise_title_set_title (self->window_title, title);
  return self;
}

/* @parent: any widget of the window that it belongs to */
GtkWindow *
reprise_job_window_new (GtkWidget *parent, RepriseJob *job)
{
  RepriseJobWindow *self = window_new (parent, reprise_job_get_title (job));

  self->job = g_object_ref (job);
  reprise_job_bar_set_job (self->bar, job);
  g_signal_connect_object (job, "notify::status", G_CALLBACK (job_notify_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (job, "notify::phase", G_CALLBACK (job_state_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (job, "notify::state", G_CALLBACK (job_state_cb), self,
                           G_CONNECT_SWAPPED);
  job_state_cb (self);
  return GTK_WINDOW (self);
}

/* How it ended, and why. */
static void
show_run (RepriseJobWindow *self)
{
  GDateTime *started = reprise_run_get_started_at (self->run),
            *finished = reprise_run_get_finished_at (self->run);
  gint64 seconds = started != NULL && finished != NULL
                     ? g_date_time_difference (finished, started) / G_TIME_SPAN_SECOND
                     : 0;
  g_autofree char *span = seconds > 0 ? reprise_duration_to_text (seconds) : NULL;

  gtk_image_set_from_icon_name (
    self->status_icon, reprise_job_state_get_icon_name (reprise_run_get_state (self->run)));
  adw_preferences_row_set_title (
    ADW_PREFERENCES_ROW (self->status_row),
    reprise_job_text_result (reprise_run_get_kind (self->run), reprise_run_get_state (self->run)));
  adw_action_row_set_subtitle (self->status_row, reprise_run_get_error (self->run) != NULL
                                                   ? reprise_run_get_error (self->run)
                                                   : reprise_run_get_summary (self->run));
  add_time_fact (self, _ ("Started"), started);
  add_time_fact (self, _ ("Ended"), finished);
  /* Translators: how long a job ran */
  add_fact (self, _ ("Duration"), span);
  add_fact (self, _ ("Backup"), reprise_run_get_backup_id (self->run));
  add_fact (self, _ ("Safety Copy"), reprise_run_get_safety_id (self->run));
}

GtkWindow *
reprise_job_window_new_for_run (GtkWidget *parent, RepriseRun *run)
{
  g_autofree char *title =
    reprise_job_text_title (reprise_run_get_kind (run), reprise_run_get_service_name (run));
  RepriseJobWindow *self = window_new (parent, title);

  self->run = g_object_ref (run);
  show_run (self);
  show_warnings (self, reprise_run_get_warnings (run));
  if (reprise_run_get_log (run) != NULL)
    append_log (self, reprise_run_get_log (run));
  gtk_widget_set_visible (GTK_WIDGET (self->log_group), reprise_run_get_log (run) != NULL);
  return GTK_WINDOW (self);
}
