/* reprise-background-group.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "reprise-ui"

#include "config.h"

#include <glib/gi18n.h>

#include "base/reprise-error.h"
#include "base/reprise-sandbox.h"
#include "job/reprise-background.h"
#include "provider/reprise-gate.h"
#include "reprise-background-group.h"

/* As the background service reads it; what is missing is “true”. */
#define ATTENTION_PREFERENCE "notify-attention"

struct _RepriseBackgroundGroup
{
  AdwPreferencesGroup parent_instance;

  AdwActionRow *background_row;
  GtkSwitch *background;
  GtkSwitch *metered;
  GtkSwitch *saver;
  GtkSwitch *attention;

  RepriseContext *context;   /* (owned) (nullable) */
  GCancellable *cancellable; /* (owned) */
  gboolean filling;
};

G_DEFINE_FINAL_TYPE (RepriseBackgroundGroup, reprise_background_group, ADW_TYPE_PREFERENCES_GROUP)

/* --- whether it runs without a window --- */

static void
read_worker (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  g_task_return_int (task, reprise_background_read (reprise_context_get_preferences (source)));
}

static void
show_background (RepriseBackgroundGroup *self, RepriseBackground background)
{
  self->filling = TRUE;
  gtk_switch_set_active (self->background, background == REPRISE_BACKGROUND_ON);
  self->filling = FALSE;
  gtk_widget_set_sensitive (GTK_WIDGET (self->background),
                            background != REPRISE_BACKGROUND_MISSING);
  adw_action_row_set_subtitle (self->background_row, reprise_background_get_text (background));
}

static void
read_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (RepriseBackgroundGroup) self = data;
  gssize background = g_task_propagate_int (G_TASK (result), NULL);

  if (!g_cancellable_is_cancelled (self->cancellable) && background >= 0)
    show_background (self, (RepriseBackground) background);
}

static void
read_background (RepriseBackgroundGroup *self)
{
  g_autoptr (GTask) task =
    g_task_new (self->context, self->cancellable, read_cb, g_object_ref (self));

  g_task_run_in_thread (task, read_worker);
}

static void
set_worker (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  GError *error = NULL;

  if (reprise_background_switch (reprise_context_get_preferences (source), GPOINTER_TO_INT (data),
                                 cancellable, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

/* What was refused stays readable, beside what still works. */
static void
set_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (RepriseBackgroundGroup) self = data;
  g_autoptr (GError) error = NULL;

  if (!g_task_propagate_boolean (G_TASK (result), &error) &&
      !g_cancellable_is_cancelled (self->cancellable))
    {
      show_background (self, REPRISE_BACKGROUND_OFF);
      adw_action_row_set_subtitle (self->background_row, error->message);
    }
  else if (!g_cancellable_is_cancelled (self->cancellable))
    read_background (self);
  gtk_widget_set_sensitive (GTK_WIDGET (self->background_row), TRUE);
}

static void
background_cb (RepriseBackgroundGroup *self)
{
  g_autoptr (GTask) task = NULL;

  if (self->filling)
    return;
  gtk_widget_set_sensitive (GTK_WIDGET (self->background_row), FALSE);
  task = g_task_new (self->context, self->cancellable, set_cb, g_object_ref (self));
  g_task_set_task_data (task, GINT_TO_POINTER (gtk_switch_get_active (self->background)), NULL);
  g_task_run_in_thread (task, set_worker);
}

/* --- the other three --- */

static void
save_worker (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  GError *error = NULL;

  if (!reprise_preferences_save (reprise_context_get_preferences (source), &error))
    {
      g_message ("The preferences could not be saved: %s", error->message);
      g_clear_error (&error);
    }
  g_task_return_boolean (task, TRUE);
}

static void
changed_cb (RepriseBackgroundGroup *self)
{
  ReprisePreferences *preferences;
  g_autoptr (GTask) task = NULL;

  if (self->filling)
    return;
  preferences = reprise_context_get_preferences (self->context);
  reprise_preferences_set_string (preferences, REPRISE_GATE_PREFERENCE_METERED,
                                  gtk_switch_get_active (self->metered) ? "true" : NULL);
  reprise_preferences_set_string (preferences, REPRISE_GATE_PREFERENCE_POWER_SAVER,
                                  gtk_switch_get_active (self->saver) ? "true" : NULL);
  reprise_preferences_set_string (preferences, ATTENTION_PREFERENCE,
                                  gtk_switch_get_active (self->attention) ? NULL : "false");
  task = g_task_new (self->context, NULL, NULL, NULL);
  g_task_run_in_thread (task, save_worker);
}

static gboolean
is_set (RepriseBackgroundGroup *self, const char *key, const char *value)
{
  g_autofree char *set =
    reprise_preferences_dup_string (reprise_context_get_preferences (self->context), key);

  return g_strcmp0 (set, value) == 0;
}

static void
reprise_background_group_dispose (GObject *object)
{
  g_cancellable_cancel (REPRISE_BACKGROUND_GROUP (object)->cancellable);
  gtk_widget_dispose_template (GTK_WIDGET (object), REPRISE_TYPE_BACKGROUND_GROUP);
  G_OBJECT_CLASS (reprise_background_group_parent_class)->dispose (object);
}

static void
reprise_background_group_finalize (GObject *object)
{
  RepriseBackgroundGroup *self = REPRISE_BACKGROUND_GROUP (object);

  g_clear_object (&self->context);
  g_clear_object (&self->cancellable);
  G_OBJECT_CLASS (reprise_background_group_parent_class)->finalize (object);
}

static void
reprise_background_group_class_init (RepriseBackgroundGroupClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = reprise_background_group_dispose;
  G_OBJECT_CLASS (klass)->finalize = reprise_background_group_finalize;
  gtk_widget_class_set_template_from_resource (
    widget_class, "/io/github/reprise_backup/Reprise/ui/reprise-background-group.ui");
  gtk_widget_class_bind_template_child (widget_class, RepriseBackgroundGroup, background_row);
  gtk_widget_class_bind_template_child (widget_class, RepriseBackgroundGroup, background);
  gtk_widget_class_bind_template_child (widget_class, RepriseBackgroundGroup, metered);
  gtk_widget_class_bind_template_child (widget_class, RepriseBackgroundGroup, saver);
  gtk_widget_class_bind_template_child (widget_class, RepriseBackgroundGroup, attention);
}

static void
reprise_background_group_init (RepriseBackgroundGroup *self)
{
  self->cancellable = g_cancellable_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
}

void
reprise_background_group_set_context (RepriseBackgroundGroup *self, RepriseContext *context)
{
  GtkSwitch *others[] = { self->metered, self->saver, self->attention };

  g_set_object (&self->context, context);
  gtk_switch_set_active (self->metered, is_set (self, REPRISE_GATE_PREFERENCE_METERED, "true"));
  gtk_switch_set_active (self->saver, is_set (self, REPRISE_GATE_PREFERENCE_POWER_SAVER, "true"));
  gtk_switch_set_active (self->attention, !is_set (self, ATTENTION_PREFERENCE, "false"));
  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    g_signal_connect_object (others[i], "notify::active", G_CALLBACK (changed_cb), self,
                             G_CONNECT_SWAPPED);
  g_signal_connect_object (self->background, "notify::active", G_CALLBACK (background_cb), self,
                           G_CONNECT_SWAPPED);
  read_background (self);
}
