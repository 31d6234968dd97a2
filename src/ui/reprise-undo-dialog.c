/* reprise-undo-dialog.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "reprise-ui"

#include "config.h"

#include <glib/gi18n.h>

#include "base/reprise-error.h"
#include "reprise-undo-dialog.h"

/* The dialog is there at once and says that it looks; then it says what would happen, and only then it can be agreed to. */
typedef struct
{
  AdwMessageDialog *dialog;  /* (nullable): %NULL once it is gone */
  RepriseSession *session;   /* (owned) */
  RepriseServiceItem *item;  /* (owned) */
  GCancellable *cancellable; /* (owned) */
  GtkEditable *entry;        /* (nullable): where the name has to be typed; belongs to the dialog */
  char *name;                /* (owned) (nullable): which one */
  ReprisePlan *plan;         /* (owned) (nullable) */
} Undo;

static void
undo_clear (Undo *undo)
{
  g_clear_object (&undo->session);
  g_clear_object (&undo->item);
  g_clear_object (&undo->cancellable);
  g_clear_object (&undo->plan);
  g_free (undo->name);
}

static void
undo_unref (Undo *undo)
{
  g_rc_box_release_full (undo, (GDestroyNotify) undo_clear);
}

static void
append_lines (GString *text, char **lines)
{
  for (guint i = 0; lines[i] != NULL; i++)
    g_string_append_printf (text, "\n\n%s", lines[i]);
}

/* (transfer full): what comes back, what is lost, and what else a check has to say */
static char *
describe (Undo *undo)
{
  g_autofree char *groups = reprise_groups_to_text (reprise_plan_get_groups (undo->plan));
  g_auto (GStrv) losses = reprise_plan_dup_losses (undo->plan);
  g_autoptr (GString) text = g_string_new (NULL);

  if (groups[0] != '\0')
    /* Translators: names of data groups */
    g_string_append_printf (text,
                            _ ("The safety copy from before the restore is put back: %s. What was "
                               "written since then is lost "
                               "from these groups."),
                            groups);
  else
    g_string_append (text, _ ("The safety copy from before the restore is put back. What was "
                              "written since then is lost."));
  append_lines (text, losses);
  for (guint i = 0; i < reprise_plan_get_n_checks (undo->plan); i++)
    {
      const RepriseCheck *check = reprise_plan_get_check (undo->plan, i);

      if (check->result != REPRISE_CHECK_OK)
        g_string_append_printf (text, "\n\n%s", check->text);
    }
  return g_strdup (text->str);
}

static void
update_response (Undo *undo)
{
  gboolean typed =
    undo->entry == NULL || g_strcmp0 (gtk_editable_get_text (undo->entry), undo->name) == 0;

  adw_message_dialog_set_response_enabled (
    undo->dialog, "undo", undo->plan != NULL && !reprise_plan_is_refused (undo->plan) && typed);
}

static void
ask_for_name (Undo *undo, const char *name)
{
  /* Translators: the name of a service, which has to be typed as it stands there */
  g_autofree char *title = g_strdup_printf (_ ("Type “%s” to confirm"), name);
  GtkWidget *list = gtk_list_box_new ();
  GtkWidget *entry = g_object_new (ADW_TYPE_ENTRY_ROW, "title", title, "use-markup", FALSE, NULL);

  gtk_list_box_set_selection_mode (GTK_LIST_BOX (list), GTK_SELECTION_NONE);
  gtk_widget_add_css_class (list, "boxed-list");
  gtk_list_box_append (GTK_LIST_BOX (list), entry);
  adw_message_dialog_set_extra_child (undo->dialog, list);
  undo->entry = GTK_EDITABLE (entry);
  g_free (undo->name);
  undo->name = g_strdup (name);
  g_signal_connect_swapped (entry, "changed", G_CALLBACK (update_response), undo);
}

static void
planned_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  Undo *undo = data;
  g_autoptr (GError) error = NULL;
  ReprisePlan *plan = reprise_context_plan_finish (REPRISE_CONTEXT (source), result, &error);

  if (undo->dialog != NULL)
    {
      g_autofree char *body = NULL;

      undo->plan = plan;
      body = plan != NULL ? describe (undo) : g_strdup (error->message);
      adw_message_dialog_set_body (undo->dialog, body);
      if (plan != NULL && reprise_plan_get_name_to_type (plan) != NULL)
        ask_for_name (undo, reprise_plan_get_name_to_type (plan));
      update_response (undo);
    }
  else
    g_clear_object (&plan);
  undo_unref (undo);
}

static void
response_cb (AdwMessageDialog *dialog, const char *response, Undo *undo)
{
  g_autoptr (RepriseRequest) request = NULL;

  g_cancellable_cancel (undo->cancellable);
  undo->dialog = NULL;
  if (!g_str_equal (response, "undo"))
    return;
  request = reprise_request_new (REPRISE_JOB_UNDO, reprise_service_item_get_uuid (undo->item));
  request->consent = TRUE;
  reprise_session_submit (undo->session, request);
}

AdwMessageDialog *
reprise_undo_dialog (GtkWindow *parent, RepriseSession *session, RepriseServiceItem *item)
{
  Undo *undo = g_rc_box_new0 (Undo);
  g_autofree char *title =
    g_strdup_printf (_ ("Undo the Restore of “%s”?"), reprise_service_item_get_name (item));
  AdwMessageDialog *dialog = ADW_MESSAGE_DIALOG (
    adw_message_dialog_new (parent, title, _ ("Looking at what would happen…")));

  undo->dialog = dialog;
  undo->session = g_object_ref (session);
  undo->item = g_object_ref (item);
  undo->cancellable = g_cancellable_new ();
  adw_message_dialog_add_responses (dialog, "cancel", _ ("_Cancel"), "undo", _ ("_Undo Restore"),
                                    NULL);
  adw_message_dialog_set_response_appearance (dialog, "undo", ADW_RESPONSE_DESTRUCTIVE);
  adw_message_dialog_set_default_response (dialog, "cancel");
  adw_message_dialog_set_close_response (dialog, "cancel");
  if (reprise_service_get_production (reprise_service_item_get_service (item)))
    ask_for_name (undo, reprise_service_item_get_name (item));
  update_response (undo);
  g_signal_connect_data (dialog, "response", G_CALLBACK (response_cb), undo,
                         (GClosureNotify) undo_unref, G_CONNECT_DEFAULT);
  reprise_context_plan_undo_async (reprise_session_get_context (session),
                                   reprise_service_item_get_service (item), NULL, undo->cancellable,
                                   planned_cb, g_rc_box_acquire (undo));
  gtk_window_present (GTK_WINDOW (dialog));
  return dialog;
}
