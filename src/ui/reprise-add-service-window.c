/* reprise-add-service-window.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "reprise-ui"

#include "config.h"

#include <glib/gi18n.h>

#include "base/reprise-error.h"
#include "base/reprise-thread.h"
#include "provider/reprise-context-access.h"
#include "provider/reprise-rehearsal.h"
#include "reprise-add-service-window.h"
#include "reprise-settings-form.h"
#include "reprise-sign-in-window.h"

struct _RepriseAddServiceWindow
{
  RepriseStepWindow parent_instance;

  RepriseStep *kind_step;
  AdwPreferencesGroup *kinds_group;
  RepriseStep *connection_step;
  RepriseSettingsForm *form;
  GtkLabel *missing_label;
  GtkButton *test_button;
  GtkBox *test_box;
  GtkImage *test_image;
  GtkLabel *test_label;
  RepriseStep *name_step;
  AdwPreferencesGroup *name_group;
  AdwEntryRow *name_row;
  GtkSwitch *production_switch;
  AdwPreferencesGroup *facts_group;
  AdwPreferencesGroup *now_group;
  GtkCheckButton *now_check;

  RepriseContext *context;   /* (owned) */
  RepriseAgentClient *agent; /* (owned) */
  RepriseKind *kind;         /* (nullable); the registry's */
  RepriseService *existing;  /* (owned) (nullable): the service that is edited */
  RepriseService *service;   /* (owned) (nullable): as it will be saved */
  GPtrArray *fact_rows;      /* (owned) (element-type GtkWidget) */
  GtkCheckButton *first_kind;
  gboolean tested;   /* the settings as they are were tried and worked */
  gboolean go_on;    /* the test was started by Next */
  gboolean saved;    /* the service is there now, and what was given is the keyring's */
  gboolean kept;     /* the keyring has it */
  char *wanted;      /* (owned) (nullable): the setting whose list is waited for */
  char *signed_with; /* (owned) (nullable): the settings that somebody signed in with */
};

G_DEFINE_FINAL_TYPE (RepriseAddServiceWindow, reprise_add_service_window, REPRISE_TYPE_STEP_WINDOW)

static void
show_test (RepriseAddServiceWindow *self, const char *icon, const char *text)
{
  gtk_image_set_from_icon_name (self->test_image, icon);
  gtk_label_set_label (self->test_label, text != NULL ? text : "");
  gtk_widget_set_visible (GTK_WIDGET (self->test_box), text != NULL);
}

/* Whether somebody signs in to the service as the form has it. */
static gboolean
needs_person (RepriseAddServiceWindow *self)
{
  g_autoptr (GHashTable) values = reprise_settings_form_get_values (self->form);

  return self->kind != NULL &&
         reprise_kind_get_sign_in_ways (self->kind, values) != REPRISE_SIGN_IN_NO_WAY;
}

/* (transfer full): what a sign-in depends on, as the form has it; with others it is another sign-in */
static char *
dup_sign_in_settings (RepriseAddServiceWindow *self)
{
  g_autoptr (GString) text = g_string_new (reprise_kind_get_id (self->kind));
  const RepriseSetting *setting = reprise_kind_get_settings (self->kind);

  for (; setting->key != NULL; setting++)
    {
      const char *value = reprise_settings_form_get_value (self->form, setting->key);

      g_string_append_printf (text, "\n%s", value != NULL ? value : "");
      if (setting->sign_in_follows)
        break;
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static void
update_sign_in (RepriseAddServiceWindow *self)
{
  g_autofree char *settings = dup_sign_in_settings (self);

  reprise_settings_form_show_sign_in (
    self->form, needs_person (self),
    g_strcmp0 (settings, self->signed_with) == 0
      ? _ ("Signed in")
      : _ ("With it, what the service has can be picked from lists"));
}

static void
form_changed_cb (RepriseAddServiceWindow *self)
{
  gboolean complete = reprise_settings_form_get_complete (self->form);
  g_autofree char *missing = reprise_settings_form_describe_missing (self->form);

  self->tested = FALSE;
  show_test (self, NULL, NULL);
  update_sign_in (self);
  gtk_label_set_label (self->missing_label, missing != NULL ? missing : "");
  gtk_widget_set_visible (GTK_WIDGET (self->missing_label), missing != NULL);
  reprise_step_window_set_hint (REPRISE_STEP_WINDOW (self), missing);
  reprise_step_set_can_next (self->connection_step, complete);
  gtk_widget_set_sensitive (GTK_WIDGET (self->test_button), complete);
}

static void
set_kind (RepriseAddServiceWindow *self, RepriseKind *kind)
{
  if (self->kind == kind)
    return;
  self->kind = kind;
  reprise_settings_form_set_settings (self->form, reprise_kind_get_settings (kind));
  reprise_step_window_set_subtitle (REPRISE_STEP_WINDOW (self), reprise_kind_get_title (kind));
  reprise_step_set_can_next (self->kind_step, TRUE);
  form_changed_cb (self);
}

static void
kind_toggled_cb (GtkCheckButton *check, RepriseAddServiceWindow *self)
{
  if (gtk_check_button_get_active (check))
    set_kind (self, g_object_get_data (G_OBJECT (check), "kind"));
}

static void
add_kind (RepriseAddServiceWindow *self, RepriseKind *kind)
{
  GtkWidget *row = adw_action_row_new ();
  GtkWidget *check = gtk_check_button_new ();
  GtkWidget *image = gtk_image_new_from_icon_name (reprise_kind_get_icon_name (kind));

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), reprise_kind_get_title (kind));
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), reprise_kind_get_description (kind));
  adw_action_row_set_subtitle_lines (ADW_ACTION_ROW (row), 0);
  gtk_accessible_update_property (GTK_ACCESSIBLE (check), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  reprise_kind_get_title (kind), -1);
  gtk_widget_set_valign (check, GTK_ALIGN_CENTER);
  if (self->first_kind == NULL)
    self->first_kind = GTK_CHECK_BUTTON (check);
  else
    gtk_check_button_set_group (GTK_CHECK_BUTTON (check), self->first_kind);
  g_object_set_data (G_OBJECT (check), "kind", kind);
  g_signal_connect (check, "toggled", G_CALLBACK (kind_toggled_cb), self);
  adw_action_row_add_prefix (ADW_ACTION_ROW (row), image);
  adw_action_row_add_prefix (ADW_ACTION_ROW (row), check);
  adw_action_row_set_activatable_widget (ADW_ACTION_ROW (row), check);
  adw_preferences_group_add (self->kinds_group, row);
}

/* The service as the form has it, under the UUID that it will keep; secrets serve this process until they are stored. */
static void
take_form (RepriseAddServiceWindow *self)
{
  g_autoptr (GHashTable) values = reprise_settings_form_get_values (self->form);
  const RepriseSetting *setting = reprise_kind_get_settings (self->kind);
  const char *uuid = self->existing != NULL  ? reprise_service_get_uuid (self->existing)
                     : self->service != NULL ? reprise_service_get_uuid (self->service)
                                             : NULL;
  g_autoptr (RepriseService) service = NULL;

  service = self->existing != NULL
              ? reprise_service_copy (self->existing)
              : reprise_service_new (uuid, reprise_kind_get_id (self->kind), "");
  for (; setting->key != NULL; setting++)
    {
      if (setting->type == REPRISE_SETTING_SECRET)
        {
          g_autoptr (RepriseSecretValue) secret =
            reprise_settings_form_dup_secret (self->form, setting->key);

          if (secret != NULL)
            reprise_secrets_override (reprise_service_get_uuid (service), setting->key, secret);
        }
      else
        reprise_service_set_setting (service, setting->key,
                                     g_hash_table_lookup (values, setting->key));
    }
  g_set_object (&self->service, service);
}

static void
clear_facts (RepriseAddServiceWindow *self)
{
  for (guint i = 0; i < self->fact_rows->len; i++)
    adw_preferences_group_remove (self->facts_group, self->fact_rows->pdata[i]);
  g_ptr_array_set_size (self->fact_rows, 0);
}

static void
add_fact (RepriseAddServiceWindow *self, const char *icon, const char *title, const char *subtitle)
{
  GtkWidget *row = adw_action_row_new ();

  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_action_row_set_title_lines (ADW_ACTION_ROW (row), 0);
  if (subtitle != NULL)
    {
      adw_action_row_set_subtitle (ADW_ACTION_ROW (row), subtitle);
      gtk_widget_add_css_class (row, "property");
    }
  if (icon != NULL)
    {
      GtkWidget *image = gtk_image_new_from_icon_name (icon);

      gtk_accessible_update_property (GTK_ACCESSIBLE (image), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                      _ ("Warning"), -1);
      gtk_widget_add_css_class (image, "warning");
      adw_action_row_add_prefix (ADW_ACTION_ROW (row), image);
    }
  adw_preferences_group_add (self->facts_group, row);
  g_ptr_array_add (self->fact_rows, row);
}

static void
show_probe (RepriseAddServiceWindow *self, const RepriseProbe *probe)
{
  g_autofree char *text = NULL;

  if (probe->version != NULL && probe->latency_ms >= 0)
    /* Translators: the version of a server, and how long it took to answer, in seconds */
    text = g_strdup_printf (_ ("Connected · version %s · %.1f s"), probe->version,
                            (double) probe->latency_ms / 1000);
  else if (probe->version != NULL)
    /* Translators: the version of what was found, with its name: “Found · SQLite 3.40.1” */
    text = g_strdup_printf (_ ("Found · %s"), probe->version);
  show_test (self, "reprise-success-symbolic", text != NULL ? text : _ ("Connected"));
  clear_facts (self);
  for (guint i = 0; i < probe->warnings->len; i++)
    add_fact (self, "reprise-warning-symbolic", probe->warnings->pdata[i], NULL);
  for (guint i = 0; i < probe->facts->len; i++)
    {
      const RepriseFact *fact = probe->facts->pdata[i];

      add_fact (self, NULL, fact->label, fact->value);
    }
  gtk_widget_set_visible (GTK_WIDGET (self->facts_group), self->fact_rows->len > 0);
}

/* (transfer full): of a new service, what comes of a sign-in serves this process until it is saved */
static RepriseSecrets *
new_secrets (RepriseAddServiceWindow *self)
{
  RepriseSecrets *secrets =
    reprise_secrets_new (reprise_service_get_uuid (self->service), REPRISE_KEYRING_MAY_PROMPT);

  if (self->existing == NULL)
    reprise_secrets_set_draft (secrets);
  return secrets;
}

static void
show_wrong_field (RepriseAddServiceWindow *self, const GError *error)
{
  reprise_step_window_show_error (REPRISE_STEP_WINDOW (self),
                                  _ ("A field is not filled in correctly"), error);
}

/* Without what it takes to sign in the window for it could only fail. */
static void
show_sign_in (RepriseAddServiceWindow *self, GCallback then)
{
  g_autoptr (RepriseSecrets) secrets = NULL;
  RepriseSignInWindow *window;
  g_autoptr (GError) error = NULL;

  if (!reprise_settings_form_check_sign_in (self->form, &error))
    {
      show_wrong_field (self, error);
      return;
    }
  reprise_error_bar_clear (reprise_step_window_get_error_bar (REPRISE_STEP_WINDOW (self)));
  take_form (self);
  secrets = new_secrets (self);
  window = reprise_sign_in_window_new (GTK_WINDOW (self), self->context, self->service, secrets);
  g_signal_connect_object (window, "signed-in", then, self, G_CONNECT_SWAPPED);
  gtk_window_present (GTK_WINDOW (window));
}

static gboolean
asks_for_person (RepriseAddServiceWindow *self, const GError *error)
{
  return g_error_matches (error, REPRISE_ERROR, REPRISE_ERROR_NEEDS_SIGN_IN) && needs_person (self);
}

static void
note_sign_in (RepriseAddServiceWindow *self)
{
  g_free (self->signed_with);
  self->signed_with = dup_sign_in_settings (self);
  update_sign_in (self);
}

static void test_again_cb (RepriseAddServiceWindow *self);

static void
probed_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (RepriseAddServiceWindow) self = data;
  RepriseStepWindow *window = REPRISE_STEP_WINDOW (self);
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseProbe) probe =
    reprise_context_probe_finish (REPRISE_CONTEXT (source), result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (asks_for_person (self, error))
    {
      reprise_step_window_set_busy (window, NULL);
      show_sign_in (self, G_CALLBACK (test_again_cb));
      return;
    }
  if (probe == NULL)
    {
      reprise_step_window_show_error (window, _ ("The service does not answer as it should"),
                                      error);
      return;
    }
  self->tested = TRUE;
  show_probe (self, probe);
  reprise_step_window_set_busy (window, NULL);
  if (self->go_on)
    reprise_step_window_next (window);
}

static void
test (RepriseAddServiceWindow *self, gboolean go_on)
{
  g_autoptr (RepriseSecrets) secrets = NULL;
  g_autoptr (GError) error = NULL;

  if (!reprise_settings_form_check (self->form, &error))
    {
      show_wrong_field (self, error);
      return;
    }
  take_form (self);
  secrets = new_secrets (self);
  self->go_on = go_on;
  reprise_error_bar_clear (reprise_step_window_get_error_bar (REPRISE_STEP_WINDOW (self)));
  reprise_step_window_set_busy (REPRISE_STEP_WINDOW (self), _ ("Connecting…"));
  reprise_context_probe_async (self->context, self->service, secrets,
                               reprise_step_window_get_cancellable (REPRISE_STEP_WINDOW (self)),
                               probed_cb, g_object_ref (self));
}

static void
test_again_cb (RepriseAddServiceWindow *self)
{
  note_sign_in (self);
  test (self, self->go_on);
}

static void
sign_in_cb (RepriseAddServiceWindow *self)
{
  show_sign_in (self, G_CALLBACK (note_sign_in));
}

/* --- what can be chosen --- */

static void list_again_cb (RepriseAddServiceWindow *self);

static void
listed_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (RepriseAddServiceWindow) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) choices =
    reprise_context_list_values_finish (REPRISE_CONTEXT (source), result, &error);
  g_autofree char *problem = NULL;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (asks_for_person (self, error))
    {
      reprise_settings_form_hide_choices (self->form, self->wanted);
      show_sign_in (self, G_CALLBACK (list_again_cb));
      return;
    }
  problem = error != NULL ? reprise_error_get_sentence (error) : NULL;
  reprise_settings_form_show_choices (self->form, self->wanted, choices, problem);
}

static void
list_wanted (RepriseAddServiceWindow *self)
{
  g_autoptr (RepriseSecrets) secrets = NULL;

  take_form (self);
  secrets = new_secrets (self);
  reprise_context_list_values_async (
    self->context, self->service, secrets, self->wanted,
    reprise_step_window_get_cancellable (REPRISE_STEP_WINDOW (self)), listed_cb,
    g_object_ref (self));
}

static void
list_again_cb (RepriseAddServiceWindow *self)
{
  note_sign_in (self);
  list_wanted (self);
}

static void
list_wanted_cb (RepriseSettingsForm *form, const char *key, RepriseAddServiceWindow *self)
{
  g_free (self->wanted);
  self->wanted = g_strdup (key);
  list_wanted (self);
}

static void
test_cb (RepriseAddServiceWindow *self)
{
  test (self, FALSE);
}

static void
name_changed_cb (RepriseAddServiceWindow *self)
{
  g_autofree char *name =
    g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->name_row))));

  gtk_widget_remove_css_class (GTK_WIDGET (self->name_row), "error");
  reprise_step_set_can_next (self->name_step, *name != '\0');
}

static gboolean
reprise_add_service_window_leave (RepriseStepWindow *window, RepriseStep *step)
{
  RepriseAddServiceWindow *self = REPRISE_ADD_SERVICE_WINDOW (window);

  if (step != self->connection_step || self->tested)
    return TRUE;
  test (self, TRUE);
  return FALSE;
}

static void
reprise_add_service_window_enter (RepriseStepWindow *window, RepriseStep *step)
{
  RepriseAddServiceWindow *self = REPRISE_ADD_SERVICE_WINDOW (window);
  g_autofree char *name = NULL;

  if (step != self->name_step || *gtk_editable_get_text (GTK_EDITABLE (self->name_row)) != '\0')
    return;
  name = reprise_kind_suggest_name (self->kind, reprise_service_get_settings (self->service));
  gtk_editable_set_text (GTK_EDITABLE (self->name_row), name);
}

/* The service is there, whatever came after it: nothing can be taken back here any more. What failed can be tried again. */
static void
show_added (RepriseAddServiceWindow *self, const char *title, const GError *error)
{
  gtk_widget_set_sensitive (GTK_WIDGET (self->name_group), FALSE);
  gtk_widget_set_sensitive (GTK_WIDGET (self->now_group), FALSE);
  reprise_step_set_title (self->name_step,
                          self->existing != NULL ? _ ("Service Saved") : _ ("Service Added"));
  reprise_step_set_next_label (self->name_step, _ ("_Close"));
  reprise_step_set_final (self->name_step, TRUE);
  reprise_step_window_show_failed (REPRISE_STEP_WINDOW (self), title, error);
}

static void
submitted_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (RepriseAddServiceWindow) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseJob) job =
    reprise_agent_client_submit_finish (REPRISE_AGENT_CLIENT (source), result, &error);

  if (job == NULL)
    show_added (self, _ ("The service was added, but its backup could not be started"), error);
  else
    gtk_window_destroy (GTK_WINDOW (self));
}

static void
done (RepriseAddServiceWindow *self)
{
  g_autoptr (RepriseRequest) request = NULL;

  if (self->existing != NULL || self->agent == NULL ||
      !gtk_check_button_get_active (self->now_check))
    {
      gtk_window_destroy (GTK_WINDOW (self));
      return;
    }
  request = reprise_request_new (REPRISE_JOB_BACK_UP, reprise_service_get_uuid (self->service));
  reprise_agent_client_submit_async (self->agent, request, NULL, submitted_cb, g_object_ref (self));
}

/* In a worker: what was typed, and what came of a sign-in, goes into the keyring. */
static void
store_worker (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  RepriseService *service = source;
  g_autoptr (RepriseSecrets) secrets =
    reprise_secrets_new (reprise_service_get_uuid (service), REPRISE_KEYRING_MAY_PROMPT);
  GError *error = NULL;

  if (reprise_secrets_keep_all (secrets, cancellable, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
stored_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (RepriseAddServiceWindow) self = data;
  g_autoptr (GError) error = NULL;

  self->kept = g_task_propagate_boolean (G_TASK (result), &error);
  if (self->kept)
    done (self);
  else
    show_added (self, _ ("The service was saved, but its password is not in the keyring"), error);
}

static void
store (RepriseAddServiceWindow *self)
{
  g_autoptr (GTask) task = g_task_new (self->service, NULL, stored_cb, g_object_ref (self));

  reprise_task_run_in_own_thread (task, store_worker);
}

static void
reprise_add_service_window_retry (RepriseStepWindow *window)
{
  RepriseAddServiceWindow *self = REPRISE_ADD_SERVICE_WINDOW (window);

  if (self->kept)
    done (self);
  else
    store (self);
}

static void
saved_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (RepriseAddServiceWindow) self = data;
  g_autoptr (GError) error = NULL;

  if (!reprise_services_save_finish (REPRISE_SERVICES (source), result, &error))
    {
      gtk_widget_add_css_class (GTK_WIDGET (self->name_row), "error");
      reprise_step_window_show_error (REPRISE_STEP_WINDOW (self),
                                      _ ("The service could not be saved"), error);
      return;
    }
  self->saved = TRUE;
  store (self);
}

static void
save (RepriseAddServiceWindow *self)
{
  reprise_step_window_set_busy (REPRISE_STEP_WINDOW (self), _ ("Saving the service…"));
  reprise_services_save_async (reprise_context_get_services (self->context), self->service, NULL,
                               saved_cb, g_object_ref (self));
}

static void
stage_response_cb (AdwMessageDialog *dialog, const char *response, RepriseAddServiceWindow *self)
{
  if (g_str_equal (response, "agree"))
    save (self);
}

/* What is named for rehearsals loses all that is in it, each time: that is agreed to once, when it is named. */
static gboolean
ask_for_stage (RepriseAddServiceWindow *self)
{
  const char *key = REPRISE_KIND_SETTING_REHEARSE_ON;
  const char *before =
    self->existing != NULL ? reprise_service_get_setting (self->existing, key) : NULL;
  const char *name = reprise_rehearsal_get_stage_name (self->context, self->service);
  g_autofree char *body = reprise_rehearsal_dup_consent (self->context, self->service);
  g_autofree char *heading = NULL;
  AdwMessageDialog *dialog;

  if (body == NULL || g_strcmp0 (before, reprise_service_get_setting (self->service, key)) == 0)
    return FALSE;
  /* Translators: the name of a test server or of an application */
  heading = g_strdup_printf (_ ("Rehearse Restores on “%s”?"), name);
  dialog = ADW_MESSAGE_DIALOG (adw_message_dialog_new (GTK_WINDOW (self), heading, body));
  adw_message_dialog_add_responses (dialog, "cancel", _ ("_Cancel"), "agree",
                                    _ ("_Replace Each Time"), NULL);
  adw_message_dialog_set_response_appearance (dialog, "agree", ADW_RESPONSE_DESTRUCTIVE);
  adw_message_dialog_set_default_response (dialog, "cancel");
  adw_message_dialog_set_close_response (dialog, "cancel");
  g_signal_connect_object (dialog, "response", G_CALLBACK (stage_response_cb), self,
                           G_CONNECT_DEFAULT);
  gtk_window_present (GTK_WINDOW (dialog));
  return TRUE;
}

static void
reprise_add_service_window_finish (RepriseStepWindow *window, RepriseStep *step)
{
  RepriseAddServiceWindow *self = REPRISE_ADD_SERVICE_WINDOW (window);
  g_autofree char *name =
    g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->name_row))));
  g_autoptr (GError) error = NULL;

  if (self->saved)
    {
      gtk_window_destroy (GTK_WINDOW (self));
      return;
    }
  reprise_service_set_name (self->service, name);
  reprise_service_set_production (self->service, gtk_switch_get_active (self->production_switch));
  if (!reprise_rehearsal_settle_stage (self->context, self->service, &error))
    {
      reprise_step_window_show_error (window, _ ("Restores cannot be rehearsed there"), error);
      return;
    }
  if (!ask_for_stage (self))
    save (self);
}

static void
reprise_add_service_window_dispose (GObject *object)
{
  RepriseAddServiceWindow *self = REPRISE_ADD_SERVICE_WINDOW (object);

  if (self->service != NULL && !self->saved)
    reprise_secrets_forget_overrides (reprise_service_get_uuid (self->service));
  g_clear_object (&self->context);
  g_clear_object (&self->agent);
  g_clear_object (&self->existing);
  g_clear_object (&self->service);
  g_clear_pointer (&self->fact_rows, g_ptr_array_unref);
  g_clear_pointer (&self->wanted, g_free);
  g_clear_pointer (&self->signed_with, g_free);
  gtk_widget_dispose_template (GTK_WIDGET (object), REPRISE_TYPE_ADD_SERVICE_WINDOW);
  G_OBJECT_CLASS (reprise_add_service_window_parent_class)->dispose (object);
}

static void
reprise_add_service_window_class_init (RepriseAddServiceWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = reprise_add_service_window_dispose;
  REPRISE_STEP_WINDOW_CLASS (klass)->enter = reprise_add_service_window_enter;
  REPRISE_STEP_WINDOW_CLASS (klass)->leave = reprise_add_service_window_leave;
  REPRISE_STEP_WINDOW_CLASS (klass)->finish = reprise_add_service_window_finish;
  REPRISE_STEP_WINDOW_CLASS (klass)->retry = reprise_add_service_window_retry;
  g_type_ensure (REPRISE_TYPE_SETTINGS_FORM);
  gtk_widget_class_set_template_from_resource (
    widget_class, "/io/github/reprise_backup/Reprise/ui/reprise-add-service-window.ui");
#define BIND(name) \
  gtk_widget_class_bind_template_child (widget_class, RepriseAddServiceWindow, name)
  BIND (kind_step);
  BIND (kinds_group);
  BIND (connection_step);
  BIND (form);
  BIND (missing_label);
  BIND (test_button);
  BIND (test_box);
  BIND (test_image);
  BIND (test_label);
  BIND (name_step);
  BIND (name_group);
  BIND (name_row);
  BIND (production_switch);
  BIND (facts_group);
  BIND (now_group);
  BIND (now_check);
#undef BIND
  gtk_widget_class_bind_template_callback (widget_class, test_cb);
}

static void
reprise_add_service_window_init (RepriseAddServiceWindow *self)
{
  self->fact_rows = g_ptr_array_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
  g_signal_connect_swapped (self->form, "changed", G_CALLBACK (form_changed_cb), self);
  g_signal_connect (self->form, "list-wanted", G_CALLBACK (list_wanted_cb), self);
  g_signal_connect_swapped (self->form, "sign-in-wanted", G_CALLBACK (sign_in_cb), self);
  g_signal_connect_swapped (self->name_row, "changed", G_CALLBACK (name_changed_cb), self);
  gtk_widget_set_visible (GTK_WIDGET (self->facts_group), FALSE);
}

RepriseAddServiceWindow *
reprise_add_service_window_new (GtkWindow *parent,
                                RepriseContext *context,
                                RepriseAgentClient *agent)
{
  RepriseAddServiceWindow *self =
    g_object_new (REPRISE_TYPE_ADD_SERVICE_WINDOW, "transient-for", parent, NULL);
  GListModel *kinds = G_LIST_MODEL (reprise_context_get_registry (context));

  self->context = g_object_ref (context);
  g_set_object (&self->agent, agent);
  gtk_widget_set_visible (GTK_WIDGET (self->now_group), agent != NULL);
  for (guint i = 0; i < g_list_model_get_n_items (kinds); i++)
    {
      g_autoptr (RepriseKind) kind = g_list_model_get_item (kinds, i);

      add_kind (self, kind);
    }
  if (self->first_kind != NULL)
    gtk_check_button_set_active (self->first_kind, TRUE);
  return self;
}

/* Which secrets the keyring has is asked for in a worker; until then the fields are empty. */
static void
stored_worker (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  RepriseService *service = source;
  GError *error = NULL;
  char **kinds = reprise_keyring_list (reprise_service_get_uuid (service), 0, cancellable, &error);

  if (kinds != NULL)
    g_task_return_pointer (task, kinds, (GDestroyNotify) g_strfreev);
  else
    g_task_return_error (task, error);
}

static void
stored_listed_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (RepriseAddServiceWindow) self = data;
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) kinds = g_task_propagate_pointer (G_TASK (result), &error);

  for (guint i = 0; kinds != NULL && kinds[i] != NULL; i++)
    reprise_settings_form_set_stored (self->form, kinds[i]);
  if (kinds != NULL)
    form_changed_cb (self);
}

RepriseAddServiceWindow *
reprise_add_service_window_new_for_service (GtkWindow *parent,
                                            RepriseContext *context,
                                            RepriseAgentClient *agent,
                                            RepriseService *service)
{
  RepriseAddServiceWindow *self =
    g_object_new (REPRISE_TYPE_ADD_SERVICE_WINDOW, "transient-for", parent, NULL);
  RepriseKind *kind = reprise_registry_get (reprise_context_get_registry (context),
                                            reprise_service_get_kind (service));
  g_autoptr (GTask) task = g_task_new (service, NULL, stored_listed_cb, g_object_ref (self));
  GHashTableIter iter;
  gpointer key, value;

  self->context = g_object_ref (context);
  g_set_object (&self->agent, agent);
  self->existing = g_object_ref (service);
  gtk_widget_set_visible (GTK_WIDGET (self->kind_step), FALSE);
  gtk_widget_set_visible (GTK_WIDGET (self->now_group), FALSE);
  reprise_step_set_next_label (self->name_step, _ ("_Save"));
  gtk_editable_set_text (GTK_EDITABLE (self->name_row), reprise_service_get_name (service));
  gtk_switch_set_active (self->production_switch, reprise_service_get_production (service));
  if (kind != NULL)
    set_kind (self, kind);
  g_hash_table_iter_init (&iter, reprise_service_get_settings (service));
  while (g_hash_table_iter_next (&iter, &key, &value))
    reprise_settings_form_set_value (self->form, key, value);
  if (reprise_rehearsal_get_stage_name (context, service) != NULL)
    reprise_settings_form_set_value (self->form, REPRISE_KIND_SETTING_REHEARSE_ON,
                                     reprise_rehearsal_get_stage_name (context, service));
  reprise_step_window_set_subtitle (REPRISE_STEP_WINDOW (self), reprise_service_get_name (service));
  reprise_step_window_show_step (REPRISE_STEP_WINDOW (self), self->connection_step);
  reprise_task_run_in_own_thread (task, stored_worker);
  return self;
}
