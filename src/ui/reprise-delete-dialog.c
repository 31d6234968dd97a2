/* reprise-delete-dialog.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "reprise-ui"

#include "config.h"

#include <glib/gi18n.h>

#include "base/reprise-error.h"
#include "reprise-backup-row.h"
#include "reprise-delete-dialog.h"
#include "reprise-format.h"

#define MAX_NAMED 5 /* backups that are named one by one */

typedef struct
{
  RepriseSession *session;  /* (owned) */
  RepriseServiceItem *item; /* (owned) */
  GPtrArray *backups;       /* (owned) (element-type RepriseBackup) */
  GtkCheckButton *check;    /* (nullable): belongs to the dialog */
} Deletion;

static void
deletion_free (gpointer data, GClosure *closure)
{
  Deletion *deletion = data;

  g_clear_object (&deletion->session);
  g_clear_object (&deletion->item);
  g_clear_pointer (&deletion->backups, g_ptr_array_unref);
  g_free (deletion);
}

static gint64
sum_sizes (GPtrArray *backups)
{
  gint64 sum = 0;

  for (guint i = 0; i < backups->len; i++)
    sum += MAX (reprise_backup_get_size_bytes (backups->pdata[i]), 0);
  return sum;
}

/* Whether the service would be left without a backup that is known to be readable. */
static gboolean
holds_last_verified (RepriseServiceItem *item, GPtrArray *backups)
{
  GListModel *all = reprise_service_item_get_backups (item);
  guint n = g_list_model_get_n_items (all);
  gboolean any = FALSE;

  for (guint i = 0; i < backups->len; i++)
    any = any || reprise_backup_get_state (backups->pdata[i]) == REPRISE_BACKUP_VERIFIED;
  for (guint i = 0; any && i < n; i++)
    {
      g_autoptr (RepriseBackup) backup = g_list_model_get_item (all, i);

      if (reprise_backup_get_state (backup) == REPRISE_BACKUP_VERIFIED &&
          !g_ptr_array_find (backups, backup, NULL))
        return FALSE;
    }
  return any;
}

static void
add_sentence (GString *text, const char *sentence)
{
  if (text->len > 0)
    g_string_append (text, "\n\n");
  g_string_append (text, sentence);
}

/* By name and size, so that nobody has to guess what goes. */
static void
add_names (GString *text, GPtrArray *backups)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autofree char *sum = g_format_size ((guint64) sum_sizes (backups));

  for (guint i = 0; i < MIN (backups->len, MAX_NAMED); i++)
    {
      g_autofree char *title = reprise_backup_dup_title (backups->pdata[i], now);
      g_autofree char *size =
        reprise_format_size (reprise_backup_get_size_bytes (backups->pdata[i]));

      g_string_append_printf (text, "%s%s · %s", i > 0 ? "\n" : "", title, size);
    }
  if (backups->len > MAX_NAMED)
    {
      /* Translators: how many more backups there are than those that are named, and the size of all together */
      g_string_append_printf (
        text,
        ngettext ("\nand %u more, %s in all", "\nand %u more, %s in all", backups->len - MAX_NAMED),
        backups->len - MAX_NAMED, sum);
    }
}

static gboolean
any_kept (GPtrArray *backups)
{
  for (guint i = 0; i < backups->len; i++)
    if (reprise_backup_get_kept (backups->pdata[i]))
      return TRUE;
  return FALSE;
}

/* Whether Undo would go back to one of them. */
static gboolean
any_undo (RepriseServiceItem *item, GPtrArray *backups)
{
  RepriseRun *run = reprise_service_item_get_undoable_run (item);

  for (guint i = 0; run != NULL && i < backups->len; i++)
    if (g_strcmp0 (reprise_run_get_safety_id (run), reprise_backup_get_id (backups->pdata[i])) == 0)
      return TRUE;
  return FALSE;
}

static gboolean
any_in_both (GPtrArray *backups)
{
  for (guint i = 0; i < backups->len; i++)
    if (reprise_backup_get_in_vault (backups->pdata[i]) &&
        reprise_backup_get_on_service (backups->pdata[i]))
      return TRUE;
  return FALSE;
}

static char *
describe (Deletion *deletion)
{
  g_autoptr (GString) text = g_string_new (NULL);

  add_names (text, deletion->backups);
  if (any_kept (deletion->backups))
    add_sentence (text, _ ("It was asked for that a backup among them be kept."));
  if (any_undo (deletion->item, deletion->backups))
    add_sentence (text, _ ("The last restore can then no longer be undone."));
  if (holds_last_verified (deletion->item, deletion->backups))
    add_sentence (text, _ ("No other backup of this service has been proven readable."));
  add_sentence (text, _ ("Deleted backups do not come back."));
  return g_strdup (text->str);
}

static char **
dup_ids (GPtrArray *backups)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  for (guint i = 0; i < backups->len; i++)
    g_strv_builder_add (builder, reprise_backup_get_id (backups->pdata[i]));
  return g_strv_builder_end (builder);
}

/* What the dialog said is agreed to: the marks that stand against it too. */
static RepriseRequest *
create_request (Deletion *deletion)
{
  RepriseRequest *request =
    reprise_request_new (REPRISE_JOB_DELETE, reprise_service_item_get_uuid (deletion->item));

  request->backup_ids = dup_ids (deletion->backups);
  request->consent = TRUE;
  request->force = TRUE;
  return request;
}

static void
delete_response_cb (AdwMessageDialog *dialog, const char *response, Deletion *deletion)
{
  g_autoptr (RepriseRequest) request = NULL;

  if (!g_str_equal (response, "delete"))
    return;
  request = create_request (deletion);
  if (deletion->check != NULL && gtk_check_button_get_active (deletion->check))
    reprise_request_set_option (request, "where", "both");
  reprise_session_submit (deletion->session, request);
}

static AdwMessageDialog *
create_dialog (GtkWindow *parent,
               const char *title,
               const char *body,
               const char *response,
               const char *label)
{
  AdwMessageDialog *dialog = ADW_MESSAGE_DIALOG (adw_message_dialog_new (parent, title, body));

  adw_message_dialog_add_responses (dialog, "cancel", _ ("_Cancel"), response, label, NULL);
  adw_message_dialog_set_response_appearance (dialog, response, ADW_RESPONSE_DESTRUCTIVE);
  adw_message_dialog_set_default_response (dialog, "cancel");
  adw_message_dialog_set_close_response (dialog, "cancel");
  return dialog;
}

static GtkCheckButton *
add_check (AdwMessageDialog *dialog, const char *label)
{
  GtkWidget *check = gtk_check_button_new_with_mnemonic (label);

  gtk_widget_set_halign (check, GTK_ALIGN_CENTER);
  adw_message_dialog_set_extra_child (dialog, check);
  return GTK_CHECK_BUTTON (check);
}

/**
 * reprise_delete_backups_dialog:
 * @backups: (element-type RepriseBackup): at least one, of that service
 */
AdwMessageDialog *
reprise_delete_backups_dialog (GtkWindow *parent,
                               RepriseSession *session,
                               RepriseServiceItem *item,
                               GPtrArray *backups)
{
  Deletion *deletion = g_new0 (Deletion, 1);
  g_autofree char *title = NULL;
  g_autofree char *body = NULL;
  AdwMessageDialog *dialog;

  deletion->session = g_object_ref (session);
  deletion->item = g_object_ref (item);
  deletion->backups = g_ptr_array_ref (backups);
  title = backups->len == 1
            ? g_strdup_printf (_ ("Delete a Backup of “%s”?"), reprise_service_item_get_name (item))
            : g_strdup_printf (
                ngettext ("Delete %u Backup of “%s”?", "Delete %u Backups of “%s”?", backups->len),
                backups->len, reprise_service_item_get_name (item));
  body = describe (deletion);
  dialog = create_dialog (parent, title, body, "delete", _ ("_Delete"));
  if (any_in_both (backups))
    deletion->check = add_check (dialog, _ ("Also delete it on the _service"));
  g_signal_connect_data (dialog, "response", G_CALLBACK (delete_response_cb), deletion,
                         deletion_free, G_CONNECT_DEFAULT);
  gtk_window_present (GTK_WINDOW (dialog));
  return dialog;
}

static void
removed_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (RepriseSession) session = data;
  g_autoptr (GError) error = NULL;

  if (!reprise_services_remove_finish (REPRISE_SERVICES (source), result, &error))
    g_signal_emit_by_name (session, "failed", _ ("Could Not Remove the Service"), error);
}

static void
secrets_deleted_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;

  if (!reprise_keyring_delete_finish (result, &error) &&
      !g_error_matches (error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND))
    g_message ("Secrets of a removed service stay in the keyring: %s", error->message);
}

/* With all that the keyring has of it: what a sign-in has left there is no setting. */
static void
remove_service (RepriseSession *session, RepriseServiceItem *item)
{
  RepriseServices *services = reprise_context_get_services (reprise_session_get_context (session));

  reprise_keyring_delete_async (reprise_service_item_get_uuid (item), NULL,
                                REPRISE_KEYRING_MAY_PROMPT, NULL, secrets_deleted_cb, NULL);
  reprise_services_remove_async (services, reprise_service_item_get_uuid (item), NULL, removed_cb,
                                 g_object_ref (session));
}

/* The service goes when its backups are gone; where they are not, it stays, and the job says why. */
typedef struct
{
  RepriseSession *session;  /* (owned) */
  RepriseServiceItem *item; /* (owned) */
} Removal;

static void
removal_free (Removal *removal)
{
  g_object_unref (removal->session);
  g_object_unref (removal->item);
  g_free (removal);
}

static void
job_active_cb (RepriseJob *job, GParamSpec *pspec, Removal *removal)
{
  RepriseJobState state = reprise_job_get_state (job);

  if (reprise_job_is_active (job))
    return;
  if (state == REPRISE_JOB_DONE || state == REPRISE_JOB_WARNINGS)
    remove_service (removal->session, removal->item);
  g_signal_handlers_disconnect_by_func (job, job_active_cb, removal);
}

static void
submitted_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  Removal *removal = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseJob) job =
    reprise_agent_client_submit_finish (REPRISE_AGENT_CLIENT (source), result, &error);

  if (job == NULL)
    {
      g_signal_emit_by_name (removal->session, "failed", _ ("Could Not Delete the Backups"), error);
      removal_free (removal);
      return;
    }
  g_signal_connect_data (job, "notify::active", G_CALLBACK (job_active_cb), removal,
                         (GClosureNotify) removal_free, G_CONNECT_DEFAULT);
}

static void
delete_and_remove (Deletion *deletion)
{
  RepriseAgentClient *client = reprise_session_get_client (deletion->session);
  g_autoptr (RepriseRequest) request = create_request (deletion);
  Removal *removal;

  if (client == NULL)
    {
      reprise_session_submit (deletion->session,
                              request); /* says that there is nobody to take it */
      return;
    }
  removal = g_new0 (Removal, 1);
  removal->session = g_object_ref (deletion->session);
  removal->item = g_object_ref (deletion->item);
  reprise_agent_client_submit_async (client, request, NULL, submitted_cb, removal);
}

static void
remove_response_cb (AdwMessageDialog *dialog, const char *response, Deletion *deletion)
{
  if (!g_str_equal (response, "remove"))
    return;
  if (deletion->check != NULL && gtk_check_button_get_active (deletion->check))
    delete_and_remove (deletion);
  else
    remove_service (deletion->session, deletion->item);
}

static GPtrArray *
list_in_vault (RepriseServiceItem *item)
{
  GListModel *all = reprise_service_item_get_backups (item);
  GPtrArray *backups = g_ptr_array_new_with_free_func (g_object_unref);
  guint n = g_list_model_get_n_items (all);

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (RepriseBackup) backup = g_list_model_get_item (all, i);

      if (reprise_backup_get_in_vault (backup))
        g_ptr_array_add (backups, g_steal_pointer (&backup));
    }
  return backups;
}

static char *
describe_removal (GPtrArray *backups)
{
  g_autofree char *size = g_format_size ((guint64) sum_sizes (backups));

  if (backups->len == 0)
    return g_strdup (_ ("Its settings and its sign-in are removed from this computer. The service "
                        "itself is not touched."));
  return g_strdup_printf (ngettext ("Its settings and its sign-in are removed from this computer. "
                                    "The service itself is not touched, and its %u "
                                    "backup (%s) stays in the vault.",
                                    "Its settings and its sign-in are removed from this computer. "
                                    "The service itself is not touched, and its %u "
                                    "backups (%s) stay in the vault.",
                                    backups->len),
                          backups->len, size);
}

AdwMessageDialog *
reprise_remove_service_dialog (GtkWindow *parent, RepriseSession *session, RepriseServiceItem *item)
{
  Deletion *deletion = g_new0 (Deletion, 1);
  g_autofree char *title =
    g_strdup_printf (_ ("Remove “%s”?"), reprise_service_item_get_name (item));
  g_autofree char *body = NULL;
  AdwMessageDialog *dialog;

  deletion->session = g_object_ref (session);
  deletion->item = g_object_ref (item);
  deletion->backups = list_in_vault (item);
  body = describe_removal (deletion->backups);
  dialog = create_dialog (parent, title, body, "remove", _ ("_Remove"));
  if (deletion->backups->len > 0)
    {
      g_autofree char *size = g_format_size ((guint64) sum_sizes (deletion->backups));
      g_autofree char *label =
        g_strdup_printf (ngettext ("Also _delete its %u backup (%s)",
                                   "Also _delete its %u backups (%s)", deletion->backups->len),
                         deletion->backups->len, size);

      deletion->check = add_check (dialog, label);
    }
  g_signal_connect_data (dialog, "response", G_CALLBACK (remove_response_cb), deletion,
                         deletion_free, G_CONNECT_DEFAULT);
  gtk_window_present (GTK_WINDOW (dialog));
  return dialog;
}
