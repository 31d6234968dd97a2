/* reprise-restore-window.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "reprise-ui"

#include "config.h"

#include <glib/gi18n.h>

#include "base/reprise-error.h"
#include "reprise-archive-view.h"
#include "reprise-consent.h"
#include "reprise-file-row.h"
#include "reprise-group-row.h"
#include "reprise-help-window.h"
#include "reprise-plan-view.h"
#include "reprise-restore-where.h"
#include "reprise-restore-window-private.h"
#include "reprise-settings-form.h"

G_DEFINE_FINAL_TYPE (RepriseRestoreWindow, reprise_restore_window, REPRISE_TYPE_STEP_WINDOW)

/* (transfer none) (nullable) */
RepriseKind *
reprise_restore_window_get_kind (RepriseRestoreWindow *self)
{
  return self->service == NULL ? NULL
                               : reprise_registry_get (reprise_context_get_registry (self->context),
                                                       reprise_service_get_kind (self->service));
}

static void
reprise_restore_window_retry (RepriseStepWindow *window)
{
  reprise_restore_window_list_backups (REPRISE_RESTORE_WINDOW (window));
}

static void
group_toggled_cb (RepriseRestoreWindow *self)
{
  gboolean any = FALSE;

  for (guint i = 0; i < self->group_rows->len; i++)
    any |= reprise_group_row_get_active (self->group_rows->pdata[i]);
  reprise_step_set_can_next (self->what_step, any);
}

/* Whether only the whole archive can be restored, into this service or at all. */
static gboolean
is_whole (RepriseRestoreWindow *self)
{
  RepriseKind *kind = reprise_restore_window_get_kind (self);

  return reprise_archive_get_whole (self->archive) ||
         (kind != NULL && !reprise_kind_can (kind, REPRISE_CAN_RESTORE_GROUPS));
}

static void
add_group (RepriseRestoreWindow *self, RepriseDataGroup *item)
{
  RepriseKind *kind = reprise_restore_window_get_kind (self);
  RepriseGroup group = reprise_data_group_get_group (item);
  RepriseGroupRow *row = reprise_group_row_new (item, reprise_kind_explain_group (kind, group));

  if (group == REPRISE_GROUP_SKIPPED)
    reprise_group_row_set_checkable (row, FALSE);
  else
    reprise_group_row_set_active (row, TRUE);
  if (is_whole (self) && group != REPRISE_GROUP_SKIPPED)
    reprise_group_row_set_locked (row, _ ("always restored"));
  g_signal_connect_swapped (row, "notify::active", G_CALLBACK (group_toggled_cb), self);
  adw_preferences_group_add (self->groups, GTK_WIDGET (row));
  g_ptr_array_add (self->group_rows, row);
}

static void
show_groups (RepriseRestoreWindow *self)
{
  RepriseContents *contents = reprise_archive_get_contents (self->archive);
  RepriseKind *kind = reprise_restore_window_get_kind (self);
  const RepriseSetting *settings = kind != NULL ? reprise_kind_get_restore_settings (kind) : NULL;

  for (guint i = 0; i < self->group_rows->len; i++)
    adw_preferences_group_remove (self->groups, self->group_rows->pdata[i]);
  g_ptr_array_set_size (self->group_rows, 0);
  for (guint i = 0; contents != NULL && i < g_list_model_get_n_items (G_LIST_MODEL (contents)); i++)
    {
      g_autoptr (RepriseDataGroup) item = g_list_model_get_item (G_LIST_MODEL (contents), i);

      add_group (self, item);
    }
  if (is_whole (self))
    {
      g_autofree char *text = reprise_kind_explain_missing (kind, REPRISE_CAN_RESTORE_GROUPS);

      adw_preferences_group_set_description (self->groups, text);
    }
  else
    adw_preferences_group_set_description (self->groups,
                                           _ ("Groups that are not selected stay as they are"));
  reprise_archive_view_set_archive (self->archive_view,
                                    reprise_context_get_registry (self->context), self->archive);
  reprise_settings_form_set_settings (self->where_form, settings);
  gtk_widget_set_visible (GTK_WIDGET (self->where_form), settings != NULL && settings->key != NULL);
  reprise_restore_window_prepare_where (self);
  group_toggled_cb (self);
  reprise_step_set_can_next (self->what_step, contents == NULL || self->group_rows->len > 0);
}

static void
opened_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (RepriseRestoreWindow) self = data;
  RepriseStepWindow *window = REPRISE_STEP_WINDOW (self);
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseArchive) archive =
    reprise_context_open_finish (REPRISE_CONTEXT (source), result, &error);
  gboolean needs_password = g_error_matches (error, REPRISE_ERROR, REPRISE_ERROR_NEEDS_PASSWORD) ||
                            (archive != NULL && reprise_archive_get_locked (archive));

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (needs_password)
    {
      gtk_widget_set_visible (GTK_WIDGET (self->password_group), TRUE);
      reprise_step_window_set_busy (window, NULL);
      gtk_widget_grab_focus (GTK_WIDGET (self->password_row));
      if (error != NULL && *gtk_editable_get_text (GTK_EDITABLE (self->password_row)) != '\0')
        reprise_step_window_show_error (window, _ ("The archive could not be opened"), error);
      return;
    }
  if (archive == NULL)
    {
      reprise_step_window_show_error (window, _ ("The archive could not be opened"), error);
      return;
    }
  if (reprise_archive_is_damaged (archive))
    {
      g_auto (GStrv) damage = reprise_archive_dup_damage (archive);

      reprise_step_window_set_busy (window, NULL);
      reprise_error_bar_show_text (reprise_step_window_get_error_bar (window), GTK_MESSAGE_ERROR,
                                   _ ("The archive is damaged, and is not restored"), damage[0]);
      return;
    }
  g_set_object (&self->archive, archive);
  show_groups (self);
  if (reprise_step_window_get_step (window) == self->source_step)
    reprise_step_window_next (window);
  else
    {
      reprise_step_set_can_next (self->where_step, TRUE);
      reprise_step_window_set_busy (window, NULL);
    }
}

static RepriseSecretValue *
get_password (RepriseRestoreWindow *self)
{
  const char *text = gtk_editable_get_text (GTK_EDITABLE (self->password_row));

  return *text != '\0' ? reprise_secret_value_new_text (text) : NULL;
}

static void
open_source (RepriseRestoreWindow *self)
{
  GCancellable *cancellable = reprise_step_window_get_cancellable (REPRISE_STEP_WINDOW (self));
  g_autoptr (RepriseSecretValue) password = get_password (self);

  reprise_step_window_set_busy (REPRISE_STEP_WINDOW (self), _ ("Reading the archive…"));
  if (gtk_check_button_get_active (self->file_check))
    reprise_context_open_file_async (self->context, reprise_file_row_get_path (self->file_row),
                                     password, NULL, cancellable, opened_cb, g_object_ref (self));
  else
    reprise_context_open_backup_async (self->context, self->service, self->backup, password, NULL,
                                       NULL, cancellable, opened_cb, g_object_ref (self));
}

static RepriseGroups
get_chosen (RepriseRestoreWindow *self)
{
  RepriseGroups groups = REPRISE_GROUPS_NONE;

  for (guint i = 0; i < self->group_rows->len; i++)
    if (reprise_group_row_get_active (self->group_rows->pdata[i]))
      groups |= REPRISE_GROUP_BIT (reprise_group_row_get_group (self->group_rows->pdata[i]));
  return groups & REPRISE_GROUPS_ALL;
}

static void
show_plan (RepriseRestoreWindow *self)
{
  gboolean overwrites = reprise_plan_get_overwrites (self->plan);
  const char *impossible = reprise_plan_get_no_safety_copy (self->plan);
  RepriseService *target = reprise_restore_window_get_target (self);
  g_autofree char *where = NULL;

  if (target != self->service)
    /* Translators: of another service than the one that was backed up: its name */
    where = g_strdup_printf (_ ("It is restored into the service “%s”."),
                             reprise_service_get_name (target));
  adw_preferences_group_set_description (self->plan_group, where);
  reprise_plan_view_fill_checks (self->checks_group, self->plan);
  reprise_plan_view_fill_rows (self->plan_group, self->plan);
  reprise_plan_view_fill_losses (self->losses_group, self->plan);
  gtk_widget_set_visible (GTK_WIDGET (self->safety_group), overwrites);
  gtk_check_button_set_active (self->safety_check, impossible == NULL);
  gtk_widget_set_sensitive (GTK_WIDGET (self->safety_check), impossible == NULL);
  if (impossible != NULL)
    adw_action_row_set_subtitle (self->safety_row, impossible);
  reprise_step_set_destructive (self->review_step, overwrites);
  reprise_step_set_can_next (self->review_step, !reprise_plan_is_refused (self->plan));
}

static void
planned_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (RepriseRestoreWindow) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (ReprisePlan) plan =
    reprise_context_plan_finish (REPRISE_CONTEXT (source), result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (plan == NULL)
    {
      reprise_step_window_show_error (REPRISE_STEP_WINDOW (self),
                                      _ ("The restore could not be planned"), error);
      if (g_error_matches (error, REPRISE_ERROR, REPRISE_ERROR_REFUSED) && self->points != NULL)
        reprise_where_offer_nearest (self->nearest_group, self->where_form, self->points);
      return;
    }
  g_set_object (&self->plan, plan);
  show_plan (self);
  reprise_step_window_next (REPRISE_STEP_WINDOW (self));
}

static gboolean
plan_restore (RepriseRestoreWindow *self)
{
  g_autoptr (GHashTable) options = reprise_settings_form_get_values (self->where_form);
  g_autoptr (GError) error = NULL;

  if (!reprise_settings_form_check (self->where_form, &error))
    {
      reprise_step_window_show_error (REPRISE_STEP_WINDOW (self),
                                      _ ("A field is not filled in correctly"), error);
      return FALSE;
    }
  reprise_step_window_set_busy (REPRISE_STEP_WINDOW (self),
                                _ ("Comparing the backup with the service…"));
  reprise_where_offer_nearest (self->nearest_group, self->where_form, NULL);
  reprise_context_plan_async (self->context, reprise_restore_window_get_target (self),
                              self->archive, get_chosen (self), options, NULL, NULL,
                              reprise_step_window_get_cancellable (REPRISE_STEP_WINDOW (self)),
                              planned_cb, g_object_ref (self));
  return FALSE;
}

static gboolean
reprise_restore_window_leave (RepriseStepWindow *window, RepriseStep *step)
{
  RepriseRestoreWindow *self = REPRISE_RESTORE_WINDOW (window);

  if (step == self->source_step)
    {
      if (self->archive != NULL)
        return TRUE;
      open_source (self);
      return FALSE;
    }
  if (step == self->where_step)
    return plan_restore (self);
  return TRUE;
}

static void
submitted_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (RepriseRestoreWindow) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseJob) job =
    reprise_agent_client_submit_finish (REPRISE_AGENT_CLIENT (source), result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (job == NULL)
    reprise_step_window_show_error (REPRISE_STEP_WINDOW (self),
                                    _ ("The restore could not be started"), error);
  else
    gtk_window_destroy (GTK_WINDOW (self));
}

static void
submit (RepriseRestoreWindow *self)
{
  g_autoptr (RepriseRequest) request = reprise_request_new (
    REPRISE_JOB_RESTORE, reprise_service_get_uuid (reprise_restore_window_get_target (self)));
  GHashTableIter iter;
  gpointer key, value;

  if (gtk_check_button_get_active (self->file_check))
    request->file = g_strdup (reprise_file_row_get_path (self->file_row));
  else
    reprise_request_set_backup (request, reprise_backup_get_id (self->backup));
  request->groups = get_chosen (self);
  request->consent = TRUE;
  request->no_safety_copy =
    reprise_plan_get_overwrites (self->plan) && !gtk_check_button_get_active (self->safety_check);
  g_hash_table_iter_init (&iter, reprise_plan_get_options (self->plan));
  while (g_hash_table_iter_next (&iter, &key, &value))
    reprise_request_set_option (request, key, value);
  reprise_step_window_set_busy (REPRISE_STEP_WINDOW (self), _ ("Starting the restore…"));
  reprise_agent_client_submit_async (
    self->agent, request, reprise_step_window_get_cancellable (REPRISE_STEP_WINDOW (self)),
    submitted_cb, g_object_ref (self));
}

static void
consent_cb (AdwMessageDialog *dialog, const char *response, RepriseRestoreWindow *self)
{
  if (g_str_equal (response, REPRISE_CONSENT_REPLACE))
    submit (self);
}

static void
ask_consent (RepriseRestoreWindow *self)
{
  AdwMessageDialog *dialog =
    reprise_consent_dialog_new (GTK_WINDOW (self), reprise_restore_window_get_target (self),
                                self->plan, gtk_check_button_get_active (self->safety_check));

  g_signal_connect_object (dialog, "response", G_CALLBACK (consent_cb), self, 0);
  gtk_window_present (GTK_WINDOW (dialog));
}

static void
reprise_restore_window_finish (RepriseStepWindow *window, RepriseStep *step)
{
  RepriseRestoreWindow *self = REPRISE_RESTORE_WINDOW (window);

  if (reprise_plan_get_overwrites (self->plan))
    ask_consent (self);
  else
    submit (self);
}

/* What the groups mean, in front of this window. */
static void
learn_more_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  RepriseRestoreWindow *self = REPRISE_RESTORE_WINDOW (widget);
  GtkWindow *help = reprise_help_window_new (
    GTK_WINDOW (self), reprise_context_get_registry (self->context),
    reprise_restore_window_get_kind (self),
    self->archive != NULL ? reprise_archive_get_contents (self->archive) : NULL);

  gtk_window_set_modal (help, TRUE);
  gtk_window_present (help);
}

static void
reprise_restore_window_dispose (GObject *object)
{
  RepriseRestoreWindow *self = REPRISE_RESTORE_WINDOW (object);

  g_clear_object (&self->context);
  g_clear_object (&self->agent);
  g_clear_object (&self->service);
  g_clear_object (&self->backup);
  g_clear_object (&self->archive);
  g_clear_object (&self->plan);
  g_clear_pointer (&self->points, g_ptr_array_unref);
  g_clear_pointer (&self->options, g_hash_table_unref);
  g_clear_pointer (&self->wanted, g_free);
  g_clear_pointer (&self->backup_id, g_free);
  g_clear_pointer (&self->version_at, g_date_time_unref);
  g_clear_pointer (&self->backup_rows, g_ptr_array_unref);
  for (guint i = 0; self->group_rows != NULL && i < self->group_rows->len; i++)
    g_signal_handlers_disconnect_by_data (self->group_rows->pdata[i], self);
  g_clear_pointer (&self->group_rows, g_ptr_array_unref);
  gtk_widget_dispose_template (GTK_WIDGET (object), REPRISE_TYPE_RESTORE_WINDOW);
  G_OBJECT_CLASS (reprise_restore_window_parent_class)->dispose (object);
}

static void
reprise_restore_window_class_init (RepriseRestoreWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = reprise_restore_window_dispose;
  REPRISE_STEP_WINDOW_CLASS (klass)->leave = reprise_restore_window_leave;
  REPRISE_STEP_WINDOW_CLASS (klass)->finish = reprise_restore_window_finish;
  REPRISE_STEP_WINDOW_CLASS (klass)->retry = reprise_restore_window_retry;
  g_type_ensure (REPRISE_TYPE_ARCHIVE_VIEW);
  g_type_ensure (REPRISE_TYPE_FILE_ROW);
  g_type_ensure (REPRISE_TYPE_SETTINGS_FORM);
  gtk_widget_class_install_action (widget_class, "steps.learn-more", NULL, learn_more_action);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_F1, 0, "steps.learn-more", NULL);
  gtk_widget_class_set_template_from_resource (
    widget_class, "/io/github/reprise_backup/Reprise/ui/reprise-restore-window.ui");
#define BIND(name) gtk_widget_class_bind_template_child (widget_class, RepriseRestoreWindow, name)
  BIND (source_step);
  BIND (target_group);
  BIND (service_row);
  BIND (file_group);
  BIND (file_row);
  BIND (file_check);
  BIND (password_group);
  BIND (password_row);
  BIND (backups_group);
  BIND (what_step);
  BIND (groups);
  BIND (archive_expander);
  BIND (archive_view);
  BIND (where_step);
  BIND (where_group);
  BIND (where_form);
  BIND (nearest_group);
  BIND (server_group);
  BIND (server_row);
  BIND (conflict_group);
  BIND (conflict_row);
  BIND (review_step);
  BIND (checks_group);
  BIND (plan_group);
  BIND (losses_group);
  BIND (safety_group);
  BIND (safety_row);
  BIND (safety_check);
#undef BIND
}

static void
reprise_restore_window_init (RepriseRestoreWindow *self)
{
  self->backup_rows = g_ptr_array_new ();
  self->group_rows = g_ptr_array_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
  g_signal_connect (self->where_form, "changed", G_CALLBACK (reprise_where_propose_target), NULL);
}

RepriseRestoreWindow *
reprise_restore_window_new (GtkWindow *parent,
                            RepriseContext *context,
                            RepriseAgentClient *agent,
                            RepriseService *service,
                            RepriseBackup *backup,
                            const char *path)
{
  RepriseRestoreWindow *self =
    g_object_new (REPRISE_TYPE_RESTORE_WINDOW, "transient-for", parent, NULL);

  self->context = g_object_ref (context);
  self->agent = g_object_ref (agent);
  g_set_object (&self->service, service);
  g_set_object (&self->backup, backup);
  if (service != NULL)
    reprise_step_window_set_subtitle (REPRISE_STEP_WINDOW (self),
                                      reprise_service_get_name (service));
  reprise_restore_window_prepare_source (self, path);
  return self;
}

static void
set_option (RepriseRestoreWindow *self, const char *key, const char *value)
{
  if (self->options == NULL)
    self->options = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_hash_table_insert (self->options, g_strdup (key), g_strdup (value));
}

/* The collection to restore is known, and chosen in the form. */
RepriseRestoreWindow *
reprise_restore_window_new_for_collection (GtkWindow *parent,
                                           RepriseContext *context,
                                           RepriseAgentClient *agent,
                                           RepriseService *service,
                                           const char *collection)
{
  RepriseRestoreWindow *self =
    reprise_restore_window_new (parent, context, agent, service, NULL, NULL);

  set_option (self, REPRISE_WHERE_DATABASES, collection);
  return self;
}

/* A version that the service keeps by itself has the name of a backup there, and more after a colon: the point in time is an option. */
static gboolean
holds_version (RepriseBackup *backup, const char *id)
{
  g_autofree char *start = g_strconcat (reprise_backup_get_id (backup), ":", NULL);

  return g_strcmp0 (reprise_backup_get_id (backup), id) == 0 ||
         (id != NULL && g_str_has_prefix (id, start));
}

static void
found_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (RepriseRestoreWindow) self = data;
  g_autoptr (GError) error = NULL;
  g_autofree char *warning = NULL;
  g_autofree char *id = g_steal_pointer (&self->backup_id);
  g_autoptr (GPtrArray) backups =
    reprise_context_list_backups_finish (self->context, result, &warning, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  for (guint i = 0; backups != NULL && i < backups->len; i++)
    if (holds_version (backups->pdata[i], id))
      g_set_object (&self->backup, backups->pdata[i]);
  if (self->backup != NULL)
    open_source (self);
  else
    {
      if (error == NULL)
        reprise_error_set_literal (
          &error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND,
          _ ("The backup is no longer there: it was rolled up or deleted"));
      reprise_step_window_show_error (REPRISE_STEP_WINDOW (self),
                                      _ ("The archive could not be opened"), error);
    }
}

/**
 * reprise_restore_window_new_for_document:
 * @version: in a backup
 *
 * What to restore is known: the window begins with where. The document goes back into its database unless another place is chosen.
 */
RepriseRestoreWindow *
reprise_restore_window_new_for_document (GtkWindow *parent,
                                         RepriseContext *context,
                                         RepriseAgentClient *agent,
                                         RepriseService *service,
                                         const char *database,
                                         const char *document,
                                         const RepriseVersion *version)
{
  RepriseRestoreWindow *self =
    g_object_new (REPRISE_TYPE_RESTORE_WINDOW, "transient-for", parent, NULL);
  g_autofree char *as_of = reprise_where_format_point (version->at);

  self->context = g_object_ref (context);
  self->agent = g_object_ref (agent);
  self->service = g_object_ref (service);
  self->backup_id = g_strdup (version->backup_id);
  self->version_at = g_date_time_ref (version->at);
  set_option (self, REPRISE_WHERE_DATABASES, database);
  set_option (self, REPRISE_WHERE_DOCUMENT, document);
  set_option (self, REPRISE_WHERE_AS_OF, as_of);
  set_option (self, REPRISE_WHERE_INTO, REPRISE_WHERE_SAME);
  gtk_widget_set_visible (GTK_WIDGET (self->source_step), FALSE);
  gtk_widget_set_visible (GTK_WIDGET (self->what_step), FALSE);
  reprise_step_window_show_step (REPRISE_STEP_WINDOW (self), self->where_step);
  reprise_step_set_can_next (self->where_step, FALSE);
  reprise_step_window_set_subtitle (REPRISE_STEP_WINDOW (self), reprise_service_get_name (service));
  reprise_step_window_set_busy (REPRISE_STEP_WINDOW (self), _ ("Reading the archive…"));
  reprise_context_list_backups_async (
    context, service, version->origin != NULL, NULL,
    reprise_step_window_get_cancellable (REPRISE_STEP_WINDOW (self)), found_cb,
    g_object_ref (self));
  return self;
}
