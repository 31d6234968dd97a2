/* reprise-window-actions.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "reprise-ui"

#include "config.h"

#include <glib/gi18n.h>

#include "base/reprise-error.h"
#include "provider/reprise-context-access.h"
#include "reprise-add-service-window.h"
#include "reprise-ask.h"
#include "reprise-back-up-window.h"
#include "reprise-backup-window.h"
#include "reprise-delete-dialog.h"
#include "reprise-documents-window.h"
#include "reprise-help-window.h"
#include "reprise-job-window.h"
#include "reprise-own-schedule-window.h"
#include "reprise-restore-window.h"
#include "reprise-roll-up-window.h"
#include "reprise-rules-window.h"
#include "reprise-schedule-window.h"
#include "reprise-sign-in-window.h"
#include "reprise-undo-dialog.h"
#include "reprise-window-private.h"

/* (transfer none) (nullable) */
static RepriseService *
get_service (RepriseWindow *self)
{
  return self->item != NULL ? reprise_service_item_get_service (self->item) : NULL;
}

/* (transfer full) (nullable): the backup of the service that is shown, by its id */
static RepriseBackup *
find_backup (RepriseWindow *self, const char *id)
{
  GListModel *backups = self->item != NULL ? reprise_service_item_get_backups (self->item) : NULL;
  guint n = backups != NULL ? g_list_model_get_n_items (backups) : 0;

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (RepriseBackup) backup = g_list_model_get_item (backups, i);

      if (g_strcmp0 (reprise_backup_get_id (backup), id) == 0)
        return g_steal_pointer (&backup);
    }
  return NULL;
}

static void
search_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  RepriseWindow *self = REPRISE_WINDOW (widget);
  const char *page = adw_view_stack_get_visible_child_name (self->pages);
  gboolean on_page = !adw_leaflet_get_folded (self->leaflet) ||
                     adw_leaflet_get_visible_child (self->leaflet) == self->content;

  if (on_page && g_strcmp0 (page, "backups") == 0)
    reprise_backups_page_search (self->backups_page);
  else if (on_page && g_strcmp0 (page, "databases") == 0)
    reprise_databases_page_search (self->databases_page);
  else if (on_page && g_strcmp0 (page, "history") == 0)
    reprise_history_page_search (self->history_page);
  else
    {
      adw_leaflet_set_visible_child (self->leaflet, self->sidebar);
      gtk_search_bar_set_search_mode (self->search_bar, TRUE);
    }
}

static void
unlocked_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (RepriseWindow) self = data;
  g_autoptr (GError) error = NULL;

  if (!reprise_keyring_unlock_finish (result, &error))
    reprise_window_show_error (self, _ ("The Keyring Stays Locked"), error);
  else if (self->item != NULL)
    reprise_service_item_read (self->item, TRUE);
}

/* What is in the way may be a locked keyring: then that is seen to first. */
static void
refresh_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  RepriseWindow *self = REPRISE_WINDOW (widget);

  if (self->item != NULL &&
      reprise_service_item_get_status (self->item)->state == REPRISE_STATUS_KEYRING)
    {
      reprise_keyring_unlock_async (NULL, unlocked_cb, g_object_ref (self));
      return;
    }
  reprise_session_read (self->session);
  if (self->item != NULL)
    reprise_service_item_read (self->item, TRUE);
  if (g_strcmp0 (adw_view_stack_get_visible_child_name (self->pages), "databases") == 0)
    reprise_databases_page_read (self->databases_page);
}

static void
back_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  adw_leaflet_navigate (REPRISE_WINDOW (widget)->leaflet, ADW_NAVIGATION_DIRECTION_BACK);
}

static void
show_page_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  RepriseWindow *self = REPRISE_WINDOW (widget);

  adw_view_stack_set_visible_child_name (self->pages, g_variant_get_string (parameter, NULL));
  if (self->item != NULL)
    adw_leaflet_set_visible_child (self->leaflet, self->content);
}

static void
show_history_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  adw_view_stack_set_visible_child_name (REPRISE_WINDOW (widget)->pages, "history");
}

static void
show_jobs_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  reprise_jobs_button_popup (REPRISE_WINDOW (widget)->jobs_button);
}

static void
show_job_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  RepriseWindow *self = REPRISE_WINDOW (widget);
  RepriseJob *job = self->item != NULL ? reprise_service_item_get_job (self->item) : NULL;

  if (job != NULL)
    gtk_window_present (reprise_job_window_new (widget, job));
}

static void
show_job_of_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  RepriseWindow *self = REPRISE_WINDOW (widget);
  RepriseAgentClient *client = reprise_session_get_client (self->session);
  RepriseJob *job = client != NULL ? reprise_job_list_find (REPRISE_JOB_LIST (client),
                                                            g_variant_get_string (parameter, NULL))
                                   : NULL;

  if (job != NULL)
    gtk_window_present (reprise_job_window_new (widget, job));
}

static void
answer_job_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  RepriseWindow *self = REPRISE_WINDOW (widget);
  RepriseJob *job = self->item != NULL ? reprise_service_item_get_job (self->item) : NULL;

  if (job != NULL)
    reprise_ask_question (widget, job);
}

static void
edit_service (RepriseWindow *self, RepriseService *service)
{
  gtk_window_present (GTK_WINDOW (reprise_add_service_window_new_for_service (
    GTK_WINDOW (self), reprise_session_get_context (self->session),
    reprise_session_get_client (self->session), service)));
}

/* Now that somebody has signed in, what could not be read before can be. */
static void
signed_in_cb (RepriseWindow *self)
{
  if (self->item != NULL)
    reprise_service_item_read (self->item, TRUE);
}

static void
sign_in_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  RepriseWindow *self = REPRISE_WINDOW (widget);
  RepriseSignInWindow *window = NULL;

  if (get_service (self) == NULL)
    return;
  window = reprise_sign_in_window_new (
    GTK_WINDOW (self), reprise_session_get_context (self->session), get_service (self), NULL);
  g_signal_connect_object (window, "signed-in", G_CALLBACK (signed_in_cb), self, G_CONNECT_SWAPPED);
  gtk_window_present (GTK_WINDOW (window));
}

static void
signed_out_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (RepriseWindow) self = data;
  g_autoptr (GError) error = NULL;

  if (reprise_context_sign_out_finish (REPRISE_CONTEXT (source), result, &error))
    adw_toast_overlay_add_toast (self->toast_overlay, adw_toast_new (_ ("Signed out")));
  else if (!reprise_error_is_stop (error))
    reprise_window_show_error (self, _ ("Could Not Sign Out"), error);
  if (self->item != NULL)
    reprise_service_item_read (self->item, TRUE);
}

static void
sign_out_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  RepriseWindow *self = REPRISE_WINDOW (widget);

  if (get_service (self) != NULL)
    reprise_context_sign_out_async (reprise_session_get_context (self->session), get_service (self),
                                    NULL, NULL, signed_out_cb, g_object_ref (self));
}

static void
job_signed_in_cb (RepriseJob *job)
{
  reprise_job_answer (job, REPRISE_QUESTION_SIGN_IN, REPRISE_ANSWER_SIGNED_IN);
}

/* For a job that waits for it: which goes on then. */
static void
sign_in_for_job_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  RepriseWindow *self = REPRISE_WINDOW (widget);
  RepriseAgentClient *client = reprise_session_get_client (self->session);
  RepriseJob *job = client != NULL ? reprise_job_list_find (REPRISE_JOB_LIST (client),
                                                            g_variant_get_string (parameter, NULL))
                                   : NULL;
  RepriseServiceItem *item =
    job != NULL ? reprise_session_find_item (self->session, reprise_job_get_service_uuid (job))
                : NULL;
  RepriseSignInWindow *window = NULL;

  if (item == NULL)
    return;
  if (!reprise_service_item_needs_person (item))
    {
      edit_service (self, reprise_service_item_get_service (item));
      return;
    }
  window =
    reprise_sign_in_window_new (GTK_WINDOW (self), reprise_session_get_context (self->session),
                                reprise_service_item_get_service (item), NULL);
  g_signal_connect_object (window, "signed-in", G_CALLBACK (job_signed_in_cb), job,
                           G_CONNECT_SWAPPED);
  gtk_window_present (GTK_WINDOW (window));
}

static void
back_up_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  RepriseWindow *self = REPRISE_WINDOW (widget);
  RepriseAgentClient *client = reprise_session_need_client (self->session);

  if (client != NULL)
    gtk_window_present (GTK_WINDOW (reprise_back_up_window_new (
      GTK_WINDOW (self), reprise_session_get_context (self->session), client, get_service (self))));
}

static void
present_restore (RepriseWindow *self,
                 RepriseService *service,
                 RepriseBackup *backup,
                 const char *path)
{
  RepriseAgentClient *client = reprise_session_need_client (self->session);

  if (client != NULL)
    gtk_window_present (GTK_WINDOW (
      reprise_restore_window_new (GTK_WINDOW (self), reprise_session_get_context (self->session),
                                  client, service, backup, path)));
}

static void
restore_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  RepriseWindow *self = REPRISE_WINDOW (widget);

  present_restore (self, get_service (self), NULL, NULL);
}

/* Of one database. */
static void
restore_collection_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  RepriseWindow *self = REPRISE_WINDOW (widget);
  RepriseAgentClient *client = reprise_session_need_client (self->session);

  if (client != NULL)
    gtk_window_present (GTK_WINDOW (reprise_restore_window_new_for_collection (
      GTK_WINDOW (self), reprise_session_get_context (self->session), client, get_service (self),
      g_variant_get_string (parameter, NULL))));
}

static void
restore_backup_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  RepriseWindow *self = REPRISE_WINDOW (widget);
  g_autoptr (RepriseBackup) backup = find_backup (self, g_variant_get_string (parameter, NULL));

  if (backup != NULL)
    present_restore (self, get_service (self), backup, NULL);
}

/**
 * reprise_window_open_file:
 *
 * A file that was opened or dropped: it is looked into, on the first step of a restore.
 */
void
reprise_window_open_file (RepriseWindow *self, GFile *file)
{
  const char *path = g_file_peek_path (file);

  if (path != NULL)
    present_restore (self, NULL, NULL, path);
}

static void
show_backup (RepriseWindow *self, RepriseBackup *backup)
{
  if (backup != NULL)
    gtk_window_present (reprise_backup_window_new (GTK_WINDOW (self), self->item, backup));
}

static void
show_backup_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  RepriseWindow *self = REPRISE_WINDOW (widget);
  g_autoptr (RepriseBackup) backup = find_backup (self, g_variant_get_string (parameter, NULL));

  show_backup (self, backup);
}

static void
show_last_backup_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  RepriseWindow *self = REPRISE_WINDOW (widget);

  if (self->item != NULL)
    show_backup (self, reprise_service_item_get_last_backup (self->item));
}

/* Takes @ids. */
static void
submit (RepriseWindow *self, RepriseJobKind kind, char **ids)
{
  g_autoptr (RepriseRequest) request =
    reprise_request_new (kind, reprise_service_item_get_uuid (self->item));

  request->backup_ids = ids;
  reprise_session_submit (self->session, request);
}

static void
verify_backups_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  submit (REPRISE_WINDOW (widget), REPRISE_JOB_VERIFY, g_variant_dup_strv (parameter, NULL));
}

static void
verify_last_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  RepriseWindow *self = REPRISE_WINDOW (widget);
  RepriseBackup *last =
    self->item != NULL ? reprise_service_item_get_last_backup (self->item) : NULL;
  const char *ids[] = { last != NULL ? reprise_backup_get_id (last) : NULL, NULL };

  if (last != NULL)
    submit (self, REPRISE_JOB_VERIFY, g_strdupv ((char **) ids));
}

static void
download_backup_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  const char *ids[] = { g_variant_get_string (parameter, NULL), NULL };

  submit (REPRISE_WINDOW (widget), REPRISE_JOB_DOWNLOAD, g_strdupv ((char **) ids));
}

static void
download_last_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  RepriseWindow *self = REPRISE_WINDOW (widget);
  RepriseBackup *last =
    self->item != NULL ? reprise_service_item_get_last_backup (self->item) : NULL;

  if (last != NULL)
    gtk_widget_activate_action (widget, "win.download-backup", "s", reprise_backup_get_id (last));
}

static void
delete_backups_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  RepriseWindow *self = REPRISE_WINDOW (widget);
  GListModel *all = reprise_service_item_get_backups (self->item);
  g_autofree const char **ids = g_variant_get_strv (parameter, NULL);
  g_autoptr (GPtrArray) backups = g_ptr_array_new_with_free_func (g_object_unref);
  guint n = g_list_model_get_n_items (all);

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (RepriseBackup) backup = g_list_model_get_item (all, i);

      if (g_strv_contains (ids, reprise_backup_get_id (backup)))
        g_ptr_array_add (backups, g_steal_pointer (&backup));
    }
  if (backups->len > 0)
    reprise_delete_backups_dialog (GTK_WINDOW (self), self->session, self->item, backups);
}

/* The newest backup, into a scratch place. */
static void
rehearse_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  submit (REPRISE_WINDOW (widget), REPRISE_JOB_REHEARSE, NULL);
}

static void
edit_schedule_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  RepriseWindow *self = REPRISE_WINDOW (widget);

  if (self->item != NULL && reprise_service_item_get_kind (self->item) != NULL)
    gtk_window_present (reprise_schedule_window_new (GTK_WINDOW (self), self->item));
}

static void
undo_restore_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  RepriseWindow *self = REPRISE_WINDOW (widget);

  reprise_undo_dialog (GTK_WINDOW (self), self->session, self->item);
}

static void
edit_rules_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  RepriseWindow *self = REPRISE_WINDOW (widget);

  if (self->item != NULL && reprise_service_item_get_contents (self->item) != NULL)
    gtk_window_present (reprise_rules_window_new (GTK_WINDOW (self), self->item));
}

static void
show_own_schedule_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  RepriseWindow *self = REPRISE_WINDOW (widget);

  if (self->item != NULL && reprise_service_item_can (self->item, REPRISE_HAS_SCHEDULE))
    gtk_window_present (reprise_own_schedule_window_new (GTK_WINDOW (self), self->item));
}

static void
renewed_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (RepriseWindow) self = data;
  g_autoptr (GError) error = NULL;

  if (reprise_context_renew_access_finish (REPRISE_CONTEXT (source), result, &error))
    adw_toast_overlay_add_toast (self->toast_overlay, adw_toast_new (_ ("Access renewed")));
  else if (!reprise_error_is_stop (error))
    reprise_window_show_error (self, _ ("Could Not Renew the Access"), error);
  if (self->item != NULL)
    reprise_service_item_read (self->item, TRUE);
}

static void
renew_access_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  RepriseWindow *self = REPRISE_WINDOW (widget);

  if (get_service (self) == NULL)
    return;
  reprise_context_renew_access_async (reprise_session_get_context (self->session),
                                      get_service (self), NULL, NULL, NULL, NULL, renewed_cb,
                                      g_object_ref (self));
}

static void
roll_up_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  RepriseWindow *self = REPRISE_WINDOW (widget);

  gtk_window_present (reprise_roll_up_window_new (GTK_WINDOW (self), self->session, self->item));
}

/* Of one database, where the service has a history of single documents. */
static void
show_documents_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  RepriseWindow *self = REPRISE_WINDOW (widget);

  if (self->item != NULL && reprise_service_item_can (self->item, REPRISE_HAS_HISTORY))
    gtk_window_present (reprise_documents_window_new (GTK_WINDOW (self), self->session, self->item,
                                                      g_variant_get_string (parameter, NULL)));
}

static void
learn_more_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  RepriseWindow *self = REPRISE_WINDOW (widget);
  RepriseContext *context = reprise_session_get_context (self->session);

  gtk_window_present (reprise_help_window_new (
    GTK_WINDOW (self), reprise_context_get_registry (context),
    self->item != NULL ? reprise_service_item_get_kind (self->item) : NULL,
    self->item != NULL ? reprise_service_item_get_contents (self->item) : NULL));
}

static void
edit_service_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  edit_service (REPRISE_WINDOW (widget), get_service (REPRISE_WINDOW (widget)));
}

static void
remove_service_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  RepriseWindow *self = REPRISE_WINDOW (widget);

  reprise_remove_service_dialog (GTK_WINDOW (self), self->session, self->item);
}

static void
folder_opened_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;

  if (!gtk_show_uri_full_finish (GTK_WINDOW (source), result, &error))
    reprise_window_show_error (REPRISE_WINDOW (source), _ ("Could Not Open the Folder"), error);
}

static void
open_folder_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  RepriseWindow *self = REPRISE_WINDOW (widget);
  g_autoptr (RepriseVault) vault =
    reprise_context_dup_vault (reprise_session_get_context (self->session));
  g_autofree char *uri = g_filename_to_uri (reprise_vault_get_path (vault), NULL, NULL);

  gtk_show_uri_full (GTK_WINDOW (self), uri, GDK_CURRENT_TIME, NULL, folder_opened_cb, NULL);
}

static const struct
{
  const char *name;
  const char *parameter_type;
  GtkWidgetActionActivateFunc activate;
} ACTIONS[] = {
  { "win.search", NULL, search_action },
  { "win.refresh", NULL, refresh_action },
  { "win.back", NULL, back_action },
  { "win.show-page", "s", show_page_action },
  { "win.show-history", NULL, show_history_action },
  { "win.show-jobs", NULL, show_jobs_action },
  { "win.show-job", NULL, show_job_action },
  { "win.show-job-of", "s", show_job_of_action },
  { "win.answer-job", NULL, answer_job_action },
  { "win.sign-in", NULL, sign_in_action },
  { "win.sign-out", NULL, sign_out_action },
  { "win.sign-in-for-job", "s", sign_in_for_job_action },
  { "win.back-up", NULL, back_up_action },
  { "win.restore", NULL, restore_action },
  { "win.restore-backup", "s", restore_backup_action },
  { "win.restore-collection", "s", restore_collection_action },
  { "win.show-backup", "s", show_backup_action },
  { "win.show-last-backup", NULL, show_last_backup_action },
  { "win.verify-backups", "as", verify_backups_action },
  { "win.verify-last", NULL, verify_last_action },
  { "win.download-backup", "s", download_backup_action },
  { "win.download-last", NULL, download_last_action },
  { "win.delete-backups", "as", delete_backups_action },
  { "win.undo-restore", NULL, undo_restore_action },
  { "win.rehearse", NULL, rehearse_action },
  { "win.edit-schedule", NULL, edit_schedule_action },
  { "win.edit-rules", NULL, edit_rules_action },
  { "win.show-own-schedule", NULL, show_own_schedule_action },
  { "win.renew-access", NULL, renew_access_action },
  { "win.roll-up", NULL, roll_up_action },
  { "win.show-documents", "s", show_documents_action },
  { "win.learn-more", NULL, learn_more_action },
  { "win.edit-service", NULL, edit_service_action },
  { "win.remove-service", NULL, remove_service_action },
  { "win.open-folder", NULL, open_folder_action },
};

void
reprise_window_install_actions (GtkWidgetClass *widget_class)
{
  for (guint i = 0; i < G_N_ELEMENTS (ACTIONS); i++)
    gtk_widget_class_install_action (widget_class, ACTIONS[i].name, ACTIONS[i].parameter_type,
                                     ACTIONS[i].activate);
}

/* What can be done follows from the service that is shown: without one nothing, without its kind hardly anything. */
void
reprise_window_update_actions (RepriseWindow *self)
{
  static const char *const of_service[] = { "win.back-up",           "win.restore",
                                            "win.restore-backup",    "win.show-backup",
                                            "win.show-last-backup",  "win.verify-backups",
                                            "win.verify-last",       "win.download-backup",
                                            "win.download-last",     "win.undo-restore",
                                            "win.edit-rules",        "win.edit-service",
                                            "win.show-documents",    "win.restore-collection",
                                            "win.edit-schedule",     "win.sign-in",
                                            "win.show-own-schedule", "win.renew-access",
                                            "win.sign-out" };
  static const char *const of_any[] = { "win.delete-backups", "win.remove-service",
                                        "win.open-folder",    "win.show-page",
                                        "win.show-history",   "win.show-job",
                                        "win.answer-job" };
  GtkWidget *widget = GTK_WIDGET (self);
  gboolean known = self->item != NULL && reprise_service_item_get_kind (self->item) != NULL;
  g_autofree char *no_rehearsal = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (of_service); i++)
    gtk_widget_action_set_enabled (widget, of_service[i], known);
  gtk_widget_action_set_enabled (
    widget, "win.roll-up", known && reprise_service_item_can (self->item, REPRISE_HAS_HISTORY));
  if (known)
    no_rehearsal = reprise_service_item_explain_no_rehearsal (self->item);
  gtk_widget_action_set_enabled (widget, "win.rehearse", known && no_rehearsal == NULL);
  for (guint i = 0; i < G_N_ELEMENTS (of_any); i++)
    gtk_widget_action_set_enabled (widget, of_any[i], self->item != NULL);
}
