/* reprise-upload-window.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "reprise-ui"

#include "config.h"

#include <glib/gi18n.h>

#include "base/reprise-error.h"
#include "reprise-archive-view.h"
#include "reprise-file-row.h"
#include "reprise-job-bar.h"
#include "reprise-restore-window.h"
#include "reprise-ui.h"
#include "reprise-upload-window.h"

struct _RepriseUploadWindow
{
  RepriseStepWindow parent_instance;

  RepriseStep *source_step;
  RepriseFileRow *file_row;
  AdwPreferencesGroup *password_group;
  AdwPasswordEntryRow *password_row;
  RepriseStep *inspect_step;
  RepriseArchiveView *archive_view;
  RepriseStep *target_step;
  AdwComboRow *service_row;
  AdwEntryRow *collection_row;
  AdwPreferencesGroup *cannot_group;
  AdwActionRow *cannot_row;
  GtkButton *restore_button;
  RepriseStep *result_step;
  AdwStatusPage *result_page;
  RepriseJobBar *result_bar;

  RepriseContext *context;   /* (owned) */
  RepriseAgentClient *agent; /* (owned) */
  RepriseArchive *archive;   /* (owned) (nullable) */
  RepriseJob *job;           /* (owned) (nullable) */
};

G_DEFINE_FINAL_TYPE (RepriseUploadWindow, reprise_upload_window, REPRISE_TYPE_STEP_WINDOW)

/* Another archive: what was known of the former one is not true of it. */
static void
chosen_cb (RepriseUploadWindow *self)
{
  g_clear_object (&self->archive);
  gtk_widget_set_visible (GTK_WIDGET (self->password_group), FALSE);
  gtk_editable_set_text (GTK_EDITABLE (self->password_row), "");
  reprise_step_set_can_next (self->source_step, TRUE);
}

static void
opened_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (RepriseUploadWindow) self = data;
  RepriseStepWindow *window = REPRISE_STEP_WINDOW (self);
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseArchive) archive =
    reprise_context_open_finish (REPRISE_CONTEXT (source), result, &error);
  gboolean asked = gtk_widget_get_visible (GTK_WIDGET (self->password_group));
  const char *database;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (g_error_matches (error, REPRISE_ERROR, REPRISE_ERROR_NEEDS_PASSWORD) ||
      (archive != NULL && reprise_archive_get_locked (archive) && !asked))
    {
      gtk_widget_set_visible (GTK_WIDGET (self->password_group), TRUE);
      reprise_step_window_set_busy (window, NULL);
      if (asked)
        reprise_step_window_show_error (window, _ ("The archive could not be opened"), error);
      gtk_widget_grab_focus (GTK_WIDGET (self->password_row));
      return;
    }
  if (archive == NULL)
    {
      reprise_step_window_show_error (window, _ ("The archive could not be opened"), error);
      return;
    }
  g_set_object (&self->archive, archive);
  database = reprise_archive_get_data (archive, REPRISE_OPTION_COLLECTION);
  gtk_editable_set_text (GTK_EDITABLE (self->collection_row), database != NULL ? database : "");
  reprise_archive_view_set_archive (self->archive_view,
                                    reprise_context_get_registry (self->context), archive);
  reprise_step_set_can_next (self->inspect_step, !reprise_archive_is_damaged (archive));
  reprise_step_window_next (window);
}

static void
open_file (RepriseUploadWindow *self)
{
  const char *text = gtk_editable_get_text (GTK_EDITABLE (self->password_row));
  g_autoptr (RepriseSecretValue) password =
    *text != '\0' ? reprise_secret_value_new_text (text) : NULL;

  reprise_step_window_set_busy (REPRISE_STEP_WINDOW (self), _ ("Reading the archive…"));
  reprise_context_open_file_async (self->context, reprise_file_row_get_path (self->file_row),
                                   password, NULL,
                                   reprise_step_window_get_cancellable (REPRISE_STEP_WINDOW (self)),
                                   opened_cb, g_object_ref (self));
}

/* (transfer none) (nullable): the kind of a service. @service: (nullable) */
static RepriseKind *
get_kind (RepriseUploadWindow *self, RepriseService *service)
{
  return service == NULL ? NULL
                         : reprise_registry_get (reprise_context_get_registry (self->context),
                                                 reprise_service_get_kind (service));
}

/* Whether the file is another program's, and goes into the vault as a backup of a service of the kind. @to: (nullable) */
static gboolean
is_import_of (RepriseUploadWindow *self, RepriseKind *to)
{
  RepriseKind *from = self->archive == NULL
                        ? NULL
                        : reprise_registry_get (reprise_context_get_registry (self->context),
                                                reprise_archive_get_kind (self->archive));

  return to != NULL && from != NULL && reprise_kind_can (to, REPRISE_CAN_IMPORT) &&
         reprise_kind_can (from, REPRISE_CAN_IMPORT);
}

static gboolean
is_import (RepriseUploadWindow *self)
{
  RepriseService *service = adw_combo_row_get_selected_item (self->service_row);

  return is_import_of (self, get_kind (self, service));
}

/* Whether the archive may come from a service of the kind. @kind: (nullable) */
static gboolean
fits (RepriseUploadWindow *self, RepriseKind *kind)
{
  return kind != NULL && self->archive != NULL &&
         (is_import_of (self, kind) ||
          g_strcmp0 (reprise_kind_get_id (kind), reprise_archive_get_kind (self->archive)) == 0);
}

/* Whether a service of the kind can keep it. @kind: (nullable) */
static gboolean
takes (RepriseUploadWindow *self, RepriseKind *kind)
{
  return fits (self, kind) &&
         (is_import_of (self, kind) || reprise_kind_can (kind, REPRISE_CAN_UPLOAD));
}

/* Where the chosen service cannot keep an upload, that is said, with the way on to Restore. */
static void
service_selected_cb (RepriseUploadWindow *self)
{
  RepriseService *service = adw_combo_row_get_selected_item (self->service_row);
  RepriseKind *kind = get_kind (self, service);
  gboolean import = is_import_of (self, kind);
  gboolean can = takes (self, kind);
  g_autofree char *text = NULL;

  if (service == NULL)
    text = g_strdup (_ ("There is no service yet: add one first."));
  else if (!fits (self, kind))
    text = g_strdup (_ ("The archive comes from another kind of service."));
  else if (!can)
    text = reprise_kind_explain_missing (kind, REPRISE_CAN_UPLOAD);
  gtk_widget_set_visible (GTK_WIDGET (self->cannot_group), !can);
  gtk_widget_set_visible (GTK_WIDGET (self->restore_button), fits (self, kind));
  if (text != NULL)
    adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->cannot_row), text);
  gtk_widget_set_visible (GTK_WIDGET (self->collection_row), import);
  reprise_step_set_can_next (
    self->target_step,
    can && (!import || *gtk_editable_get_text (GTK_EDITABLE (self->collection_row)) != '\0'));
}

static void
restore_instead_cb (RepriseUploadWindow *self)
{
  RepriseService *service = adw_combo_row_get_selected_item (self->service_row);
  GtkWindow *parent = gtk_window_get_transient_for (GTK_WINDOW (self));
  RepriseRestoreWindow *window = reprise_restore_window_new (
    parent, self->context, self->agent, service, NULL, reprise_file_row_get_path (self->file_row));

  gtk_window_present (GTK_WINDOW (window));
  gtk_window_destroy (GTK_WINDOW (self));
}

static void
job_changed_cb (RepriseUploadWindow *self)
{
  gboolean active = reprise_job_is_active (self->job);
  gboolean well = reprise_job_get_state (self->job) == REPRISE_JOB_DONE ||
                  reprise_job_get_state (self->job) == REPRISE_JOB_WARNINGS;
  const char *text = reprise_job_get_summary (self->job);

  adw_status_page_set_title (self->result_page, !active ? reprise_job_get_status (self->job)
                                                : is_import (self) ? _ ("Importing…")
                                                                   : _ ("Uploading…"));
  if (active)
    text = reprise_job_get_status (self->job);
  else if (!well)
    text = reprise_job_get_error (self->job);
  reprise_ui_set_description (self->result_page, text);
  adw_status_page_set_icon_name (self->result_page, active ? "reprise-upload-symbolic"
                                                    : well ? "reprise-success-symbolic"
                                                           : "reprise-failed-symbolic");
}

static void
submitted_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (RepriseUploadWindow) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseJob) job =
    reprise_agent_client_submit_finish (REPRISE_AGENT_CLIENT (source), result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (job == NULL)
    {
      reprise_step_window_show_error (REPRISE_STEP_WINDOW (self),
                                      _ ("The upload could not be started"), error);
      return;
    }
  g_set_object (&self->job, job);
  reprise_job_bar_set_job (self->result_bar, job);
  g_signal_connect_object (job, "notify::status", G_CALLBACK (job_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (job, "notify::active", G_CALLBACK (job_changed_cb), self,
                           G_CONNECT_SWAPPED);
  job_changed_cb (self);
  reprise_step_window_next (REPRISE_STEP_WINDOW (self));
}

static void
submit (RepriseUploadWindow *self)
{
  RepriseService *service = adw_combo_row_get_selected_item (self->service_row);
  gboolean import = is_import (self);
  g_autoptr (RepriseRequest) request = reprise_request_new (
    import ? REPRISE_JOB_IMPORT : REPRISE_JOB_UPLOAD, reprise_service_get_uuid (service));

  if (import)
    reprise_request_set_option (request, REPRISE_OPTION_COLLECTION,
                                gtk_editable_get_text (GTK_EDITABLE (self->collection_row)));
  request->file = g_strdup (reprise_file_row_get_path (self->file_row));
  reprise_step_window_set_busy (REPRISE_STEP_WINDOW (self), _ ("Starting the upload…"));
  reprise_agent_client_submit_async (
    self->agent, request, reprise_step_window_get_cancellable (REPRISE_STEP_WINDOW (self)),
    submitted_cb, g_object_ref (self));
}

static gboolean
reprise_upload_window_leave (RepriseStepWindow *window, RepriseStep *step)
{
  RepriseUploadWindow *self = REPRISE_UPLOAD_WINDOW (window);

  if (step == self->source_step && self->archive == NULL)
    open_file (self);
  else if (step == self->target_step)
    submit (self);
  else
    return TRUE;
  return FALSE;
}

/* One that can keep the archive is chosen in place of one that cannot. */
static void
choose_fitting (RepriseUploadWindow *self)
{
  GListModel *services = adw_combo_row_get_model (self->service_row);

  if (takes (self, get_kind (self, adw_combo_row_get_selected_item (self->service_row))))
    return;
  for (guint i = 0; i < g_list_model_get_n_items (services); i++)
    {
      g_autoptr (RepriseService) service = g_list_model_get_item (services, i);

      if (!takes (self, get_kind (self, service)))
        continue;
      adw_combo_row_set_selected (self->service_row, i);
      return;
    }
}

static void
reprise_upload_window_enter (RepriseStepWindow *window, RepriseStep *step)
{
  RepriseUploadWindow *self = REPRISE_UPLOAD_WINDOW (window);

  if (step != self->target_step)
    return;
  choose_fitting (self);
  service_selected_cb (self);
}

static void
reprise_upload_window_finish (RepriseStepWindow *window, RepriseStep *step)
{
  gtk_window_destroy (GTK_WINDOW (window));
}

static void
reprise_upload_window_dispose (GObject *object)
{
  RepriseUploadWindow *self = REPRISE_UPLOAD_WINDOW (object);

  g_clear_object (&self->context);
  g_clear_object (&self->agent);
  g_clear_object (&self->archive);
  g_clear_object (&self->job);
  gtk_widget_dispose_template (GTK_WIDGET (object), REPRISE_TYPE_UPLOAD_WINDOW);
  G_OBJECT_CLASS (reprise_upload_window_parent_class)->dispose (object);
}

static void
reprise_upload_window_class_init (RepriseUploadWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = reprise_upload_window_dispose;
  REPRISE_STEP_WINDOW_CLASS (klass)->enter = reprise_upload_window_enter;
  REPRISE_STEP_WINDOW_CLASS (klass)->leave = reprise_upload_window_leave;
  REPRISE_STEP_WINDOW_CLASS (klass)->finish = reprise_upload_window_finish;
  g_type_ensure (REPRISE_TYPE_ARCHIVE_VIEW);
  g_type_ensure (REPRISE_TYPE_FILE_ROW);
  g_type_ensure (REPRISE_TYPE_JOB_BAR);
  gtk_widget_class_set_template_from_resource (
    widget_class, "/io/github/reprise_backup/Reprise/ui/reprise-upload-window.ui");
#define BIND(name) gtk_widget_class_bind_template_child (widget_class, RepriseUploadWindow, name)
  BIND (source_step);
  BIND (file_row);
  BIND (password_group);
  BIND (password_row);
  BIND (inspect_step);
  BIND (archive_view);
  BIND (target_step);
  BIND (service_row);
  BIND (collection_row);
  BIND (cannot_group);
  BIND (cannot_row);
  BIND (restore_button);
  BIND (result_step);
  BIND (result_page);
  BIND (result_bar);
#undef BIND
  gtk_widget_class_bind_template_callback (widget_class, chosen_cb);
  gtk_widget_class_bind_template_callback (widget_class, restore_instead_cb);
  gtk_widget_class_bind_template_callback (widget_class, service_selected_cb);
}

static void
reprise_upload_window_init (RepriseUploadWindow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  reprise_file_row_take_drops (self->file_row, GTK_WIDGET (self->source_step));
  g_signal_connect_swapped (self->service_row, "notify::selected-item",
                            G_CALLBACK (service_selected_cb), self);
}

RepriseUploadWindow *
reprise_upload_window_new (GtkWindow *parent,
                           RepriseContext *context,
                           RepriseAgentClient *agent,
                           RepriseService *service,
                           const char *path)
{
  RepriseUploadWindow *self =
    g_object_new (REPRISE_TYPE_UPLOAD_WINDOW, "transient-for", parent, NULL);
  GListModel *services = G_LIST_MODEL (reprise_context_get_services (context));

  self->context = g_object_ref (context);
  self->agent = g_object_ref (agent);
  adw_combo_row_set_expression (self->service_row,
                                gtk_property_expression_new (REPRISE_TYPE_SERVICE, NULL, "name"));
  adw_combo_row_set_model (self->service_row, services);
  for (guint i = 0; i < g_list_model_get_n_items (services); i++)
    {
      g_autoptr (RepriseService) each = g_list_model_get_item (services, i);

      if (each == service)
        adw_combo_row_set_selected (self->service_row, i);
    }
  if (path != NULL)
    reprise_file_row_set_path (self->file_row, path);
  return self;
}
