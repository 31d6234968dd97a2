/* reprise-back-up-window.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "reprise-ui"

#include "config.h"

#include <glib/gi18n.h>

#include "base/reprise-thread.h"
#include "reprise-back-up-window.h"
#include "reprise-format.h"
#include "reprise-group-row.h"
#include "reprise-help-window.h"

struct _RepriseBackUpWindow
{
  RepriseStepWindow parent_instance;

  RepriseStep *groups_step;
  AdwPreferencesGroup *groups;
  AdwEntryRow *note_row;
  AdwActionRow *on_service_row;
  GtkSwitch *on_service_switch;
  GtkLabel *sum_label;

  RepriseContext *context;   /* (owned) */
  RepriseAgentClient *agent; /* (owned) */
  RepriseService *service;   /* (owned) */
  RepriseKind *kind;         /* (nullable); the registry's */
  RepriseContents *contents; /* (owned) (nullable) */
  GPtrArray *rows;           /* (owned) (element-type RepriseGroupRow); held by the list */
  gint64 free_bytes;         /* of the vault, or -1 */
};

G_DEFINE_FINAL_TYPE (RepriseBackUpWindow, reprise_back_up_window, REPRISE_TYPE_STEP_WINDOW)

static RepriseGroups
get_chosen (RepriseBackUpWindow *self)
{
  RepriseGroups groups = REPRISE_GROUPS_NONE;

  for (guint i = 0; i < self->rows->len; i++)
    if (reprise_group_row_get_active (self->rows->pdata[i]))
      groups |= REPRISE_GROUP_BIT (reprise_group_row_get_group (self->rows->pdata[i]));
  return groups & REPRISE_GROUPS_ALL;
}

/* “88 MB selected · 41 GB free in the vault” */
static void
update_sum (RepriseBackUpWindow *self)
{
  RepriseGroups chosen = get_chosen (self);
  gint64 size = reprise_contents_get_size_bytes (self->contents, chosen);
  g_autofree char *size_text = reprise_format_size (size);
  g_autofree char *free_text = reprise_format_size (self->free_bytes);
  const char *meanwhile = reprise_kind_explain_meanwhile (self->kind, FALSE);
  g_autofree char *sum = NULL;
  g_autofree char *text = NULL;

  if (size >= 0 && self->free_bytes >= 0)
    /* Translators: two sizes */
    sum = g_strdup_printf (_ ("%s selected · %s free in the vault"), size_text, free_text);
  else if (self->free_bytes >= 0)
    sum = g_strdup_printf (
      _ ("%s free in the vault. The service does not report sizes beforehand."), free_text);
  text = g_strjoin ("\n", sum != NULL ? sum : "", meanwhile, NULL);
  gtk_label_set_label (self->sum_label, g_strstrip (text));
  reprise_step_set_can_next (self->groups_step, chosen != REPRISE_GROUPS_NONE);
}

/* Whether this service takes a choice of groups: its kind does, and what it runs does. */
static gboolean
can_choose (RepriseBackUpWindow *self)
{
  return reprise_kind_can (self->kind, REPRISE_CAN_CHOOSE_GROUPS) &&
         reprise_contents_get_locked (self->contents) == NULL;
}

static void
add_group (RepriseBackUpWindow *self, RepriseDataGroup *item)
{
  RepriseGroup group = reprise_data_group_get_group (item);
  RepriseGroupRow *row =
    reprise_group_row_new (item, reprise_kind_explain_group (self->kind, group));

  if (group == REPRISE_GROUP_SKIPPED)
    reprise_group_row_set_checkable (row, FALSE);
  else if (!can_choose (self))
    {
      reprise_group_row_set_active (row, TRUE);
      reprise_group_row_set_locked (row, _ ("always backed up"));
    }
  else if (group == REPRISE_GROUP_REQUIRED)
    {
      reprise_group_row_set_active (row, TRUE);
      reprise_group_row_set_locked (row, _ ("always backed up"));
    }
  else
    reprise_group_row_set_active (
      row, REPRISE_GROUPS_HAS (reprise_kind_get_default_groups (self->kind), group));
  g_signal_connect_swapped (row, "notify::active", G_CALLBACK (update_sum), self);
  adw_preferences_group_add (self->groups, GTK_WIDGET (row));
  g_ptr_array_add (self->rows, row);
}

static void
groups_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (RepriseBackUpWindow) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseContents) contents =
    reprise_context_list_groups_finish (REPRISE_CONTEXT (source), result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (contents == NULL)
    {
      reprise_step_window_show_failed (REPRISE_STEP_WINDOW (self),
                                       _ ("The service could not be asked what it holds"), error);
      return;
    }
  reprise_step_window_set_busy (REPRISE_STEP_WINDOW (self), NULL);
  g_set_object (&self->contents, contents);
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (contents)); i++)
    {
      g_autoptr (RepriseDataGroup) item = g_list_model_get_item (G_LIST_MODEL (contents), i);

      add_group (self, item);
    }
  if (!can_choose (self))
    {
      const char *locked = reprise_contents_get_locked (contents);
      g_autofree char *text =
        locked != NULL ? g_strdup (locked)
                       : reprise_kind_explain_missing (self->kind, REPRISE_CAN_CHOOSE_GROUPS);

      adw_preferences_group_set_description (self->groups, text);
    }
  update_sum (self);
}

static void
read_groups (RepriseStepWindow *window)
{
  RepriseBackUpWindow *self = REPRISE_BACK_UP_WINDOW (window);

  reprise_step_window_set_busy (window, _ ("Asking the service what it holds…"));
  reprise_context_list_groups_async (self->context, self->service, NULL,
                                     reprise_step_window_get_cancellable (window), groups_cb,
                                     g_object_ref (self));
}

static void
facts_worker (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  g_autoptr (RepriseVault) vault = reprise_context_dup_vault (source);
  RepriseStorageFacts facts;

  g_task_return_int (task, reprise_vault_get_facts (vault, &facts, NULL) ? (gssize) facts.free_bytes
                                                                         : -1);
}

static void
facts_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (RepriseBackUpWindow) self = data;

  self->free_bytes = g_task_propagate_int (G_TASK (result), NULL);
  if (self->contents != NULL)
    update_sum (self);
}

static void
submitted_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (RepriseBackUpWindow) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseJob) job =
    reprise_agent_client_submit_finish (REPRISE_AGENT_CLIENT (source), result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (job == NULL)
    reprise_step_window_show_error (REPRISE_STEP_WINDOW (self),
                                    _ ("The backup could not be started"), error);
  else
    gtk_window_destroy (GTK_WINDOW (self));
}

static void
reprise_back_up_window_finish (RepriseStepWindow *window, RepriseStep *step)
{
  RepriseBackUpWindow *self = REPRISE_BACK_UP_WINDOW (window);
  g_autoptr (RepriseRequest) request =
    reprise_request_new (REPRISE_JOB_BACK_UP, reprise_service_get_uuid (self->service));
  const char *note = gtk_editable_get_text (GTK_EDITABLE (self->note_row));

  request->groups = get_chosen (self);
  request->note = *note != '\0' ? g_strdup (note) : NULL;
  request->on_service = gtk_switch_get_active (self->on_service_switch);
  reprise_step_window_set_busy (window, _ ("Starting the backup…"));
  reprise_agent_client_submit_async (self->agent, request,
                                     reprise_step_window_get_cancellable (window), submitted_cb,
                                     g_object_ref (self));
}

/* What the groups mean, in front of this window. */
static void
learn_more_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  RepriseBackUpWindow *self = REPRISE_BACK_UP_WINDOW (widget);
  GtkWindow *help = reprise_help_window_new (
    GTK_WINDOW (self), reprise_context_get_registry (self->context), self->kind, self->contents);

  gtk_window_set_modal (help, TRUE);
  gtk_window_present (help);
}

static void
reprise_back_up_window_dispose (GObject *object)
{
  RepriseBackUpWindow *self = REPRISE_BACK_UP_WINDOW (object);

  for (guint i = 0; self->rows != NULL && i < self->rows->len; i++)
    g_signal_handlers_disconnect_by_data (self->rows->pdata[i], self);
  g_clear_pointer (&self->rows, g_ptr_array_unref);
  g_clear_object (&self->context);
  g_clear_object (&self->agent);
  g_clear_object (&self->service);
  g_clear_object (&self->contents);
  gtk_widget_dispose_template (GTK_WIDGET (object), REPRISE_TYPE_BACK_UP_WINDOW);
  G_OBJECT_CLASS (reprise_back_up_window_parent_class)->dispose (object);
}

static void
reprise_back_up_window_class_init (RepriseBackUpWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = reprise_back_up_window_dispose;
  REPRISE_STEP_WINDOW_CLASS (klass)->finish = reprise_back_up_window_finish;
  REPRISE_STEP_WINDOW_CLASS (klass)->retry = read_groups;
  gtk_widget_class_install_action (widget_class, "steps.learn-more", NULL, learn_more_action);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_F1, 0, "steps.learn-more", NULL);
  gtk_widget_class_set_template_from_resource (
    widget_class, "/io/github/reprise_backup/Reprise/ui/reprise-back-up-window.ui");
  gtk_widget_class_bind_template_child (widget_class, RepriseBackUpWindow, groups_step);
  gtk_widget_class_bind_template_child (widget_class, RepriseBackUpWindow, groups);
  gtk_widget_class_bind_template_child (widget_class, RepriseBackUpWindow, note_row);
  gtk_widget_class_bind_template_child (widget_class, RepriseBackUpWindow, on_service_row);
  gtk_widget_class_bind_template_child (widget_class, RepriseBackUpWindow, on_service_switch);
  gtk_widget_class_bind_template_child (widget_class, RepriseBackUpWindow, sum_label);
}

static void
reprise_back_up_window_init (RepriseBackUpWindow *self)
{
  self->rows = g_ptr_array_new ();
  self->free_bytes = -1;
  gtk_widget_init_template (GTK_WIDGET (self));
}

RepriseBackUpWindow *
reprise_back_up_window_new (GtkWindow *parent,
                            RepriseContext *context,
                            RepriseAgentClient *agent,
                            RepriseService *service)
{
  RepriseBackUpWindow *self =
    g_object_new (REPRISE_TYPE_BACK_UP_WINDOW, "transient-for", parent, NULL);
  GCancellable *cancellable = reprise_step_window_get_cancellable (REPRISE_STEP_WINDOW (self));
  g_autoptr (GTask) task = g_task_new (context, cancellable, facts_cb, g_object_ref (self));

  self->context = g_object_ref (context);
  self->agent = g_object_ref (agent);
  self->service = g_object_ref (service);
  self->kind = reprise_registry_get (reprise_context_get_registry (context),
                                     reprise_service_get_kind (service));
  reprise_step_window_set_subtitle (REPRISE_STEP_WINDOW (self), reprise_service_get_name (service));
  if (self->kind == NULL)
    return self;
  gtk_widget_set_visible (GTK_WIDGET (self->on_service_row),
                          reprise_kind_can (self->kind, REPRISE_CAN_KEEP_ON_SERVICE));
  read_groups (REPRISE_STEP_WINDOW (self));
  reprise_task_run_in_own_thread (task, facts_worker);
  return self;
}
