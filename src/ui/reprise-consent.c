/* reprise-consent.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "reprise-ui"

#include "config.h"

#include <glib/gi18n.h>

#include "reprise-consent.h"

static void
typed_cb (GtkEditable *entry, AdwMessageDialog *dialog)
{
  const char *name = g_object_get_data (G_OBJECT (dialog), "name");

  adw_message_dialog_set_response_enabled (dialog, REPRISE_CONSENT_REPLACE,
                                           g_strcmp0 (gtk_editable_get_text (entry), name) == 0);
}

/* Services marked as production, what is replaced as a whole, and restores without a way back are agreed to by typing the name. */
static void
ask_for_name (AdwMessageDialog *dialog, const char *name)
{
  GtkWidget *entry = gtk_entry_new ();
  g_autofree char *label = g_strdup_printf (_ ("Type “%s” to confirm"), name);

  gtk_entry_set_placeholder_text (GTK_ENTRY (entry), label);
  gtk_accessible_update_property (GTK_ACCESSIBLE (entry), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
  gtk_entry_set_activates_default (GTK_ENTRY (entry), TRUE);
  g_object_set_data_full (G_OBJECT (dialog), "name", g_strdup (name), g_free);
  g_signal_connect (entry, "changed", G_CALLBACK (typed_cb), dialog);
  adw_message_dialog_set_extra_child (dialog, entry);
  adw_message_dialog_set_response_enabled (dialog, REPRISE_CONSENT_REPLACE, FALSE);
}

/* The groups in which something is replaced: of those that were chosen a restore may touch a few only, as for one document. */
static RepriseGroups
find_replaced (ReprisePlan *plan)
{
  RepriseGroups replaced = REPRISE_GROUPS_NONE;

  for (guint i = 0; i < reprise_plan_get_n_rows (plan); i++)
    {
      const ReprisePlanRow *row = reprise_plan_get_row (plan, i);

      if (row->action == REPRISE_PLAN_REPLACED || row->action == REPRISE_PLAN_MERGED ||
          row->action == REPRISE_PLAN_REMOVED)
        replaced |= REPRISE_GROUP_BIT (row->group);
    }
  return replaced != REPRISE_GROUPS_NONE ? replaced : reprise_plan_get_groups (plan);
}

/* “What, where, what is lost, safety copy” */
static char *
make_body (ReprisePlan *plan, gboolean safety_copy)
{
  g_autofree char *groups = reprise_groups_to_text (find_replaced (plan));
  const char *target = reprise_plan_get_target (plan);
  g_auto (GStrv) losses = reprise_plan_dup_losses (plan);
  g_autofree char *lost = g_strjoinv ("\n", losses);
  GString *body = g_string_new (NULL);

  g_string_append_printf (body, _ ("Replaced by the backup: %s."), groups);
  if (target != NULL)
    {
      g_string_append_c (body, '\n');
      g_string_append_printf (body, _ ("Where: %s."), target);
    }
  if (*lost != '\0')
    g_string_append_printf (body, "\n%s", lost);
  g_string_append_c (body, '\n');
  g_string_append (
    body, safety_copy ? _ ("A safety copy is made and verified first, so that this can be undone.")
                      : _ ("No safety copy is made: this cannot be undone."));
  return g_string_free (body, FALSE);
}

/**
 * reprise_consent_dialog_new:
 *
 * Asks for the consent to what a restore replaces, after its plan was shown. The response is %REPRISE_CONSENT_REPLACE, or any other
 * for no.
 *
 * Returns: (transfer none): to be presented
 */
AdwMessageDialog *
reprise_consent_dialog_new (GtkWindow *parent,
                            RepriseService *service,
                            ReprisePlan *plan,
                            gboolean safety_copy)
{
  const char *name = reprise_service_get_name (service);
  const char *whole = reprise_plan_get_name_to_type (plan);
  g_autofree char *heading = g_strdup_printf (_ ("Replace Data on “%s”?"), name);
  g_autofree char *body = make_body (plan, safety_copy);
  AdwMessageDialog *dialog = ADW_MESSAGE_DIALOG (adw_message_dialog_new (parent, heading, body));

  adw_message_dialog_add_responses (dialog, "cancel", _ ("_Cancel"), REPRISE_CONSENT_REPLACE,
                                    _ ("_Replace Data"), NULL);
  adw_message_dialog_set_response_appearance (dialog, REPRISE_CONSENT_REPLACE,
                                              ADW_RESPONSE_DESTRUCTIVE);
  adw_message_dialog_set_default_response (dialog, "cancel");
  adw_message_dialog_set_close_response (dialog, "cancel");
  if (whole != NULL)
    ask_for_name (dialog, whole);
  else if (reprise_service_get_production (service) || !safety_copy)
    ask_for_name (dialog, name);
  return dialog;
}
