/* reprise-roll-up-window.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "reprise-ui"

#include "config.h"

#include <glib/gi18n.h>

#include "base/reprise-error.h"
#include "provider/reprise-context-tiers.h"
#include "reprise-error-bar.h"
#include "reprise-format.h"
#include "reprise-holder.h"
#include "reprise-keep.h"
#include "reprise-roll-up-window.h"
#include "reprise-state-list.h"
#include "reprise-title.h"
#include "reprise-ui.h"

struct _RepriseRollUpWindow
{
  AdwWindow parent_instance;

  RepriseTitle *window_title;
  RepriseErrorBar *error_bar;
  GtkStack *stack;
  GtkLabel *summary;
  RepriseStateList *list;
  AdwStatusPage *error_page;

  RepriseSession *session;   /* (owned) */
  RepriseServiceItem *item;  /* (owned) */
  RepriseCompactPlan *plan;  /* (owned) (nullable) */
  GListStore *store;         /* (owned) (element-type RepriseHolder): of Entry */
  GCancellable *cancellable; /* (owned) */
};

G_DEFINE_FINAL_TYPE (RepriseRollUpWindow, reprise_roll_up_window, ADW_TYPE_WINDOW)

/* A row: what it shows lives as long as the window's @plan, which is replaced together with all rows. */
typedef struct
{
  const RepriseCompactStep *step;
  gboolean is_first; /* of its kind */
} Entry;

/* ---- the row ---- */

/* (transfer full): “orders”, “orders, customers +5” */
static char *
dup_collections (const RepriseCompactStep *step)
{
  guint n = g_strv_length (step->collections);
  g_autofree char *two = NULL;

  if (n == 1)
    return g_strdup (step->collections[0]);
  if (n == 0)
    return g_strdup ("–");
  /* Translators: two names: “orders, customers” */
  two = g_strdup_printf (_ ("%s, %s"), step->collections[0], step->collections[1]);
  /* Translators: names, and how many more there are: “orders, customers +2” */
  return n == 2 ? g_steal_pointer (&two) : g_strdup_printf (_ ("%s +%u"), two, n - 2);
}

static GDateTime *
get_source_time (const RepriseCompactStep *step, guint index)
{
  return ((const RepriseCompactSource *) step->sources->pdata[index])->created_at;
}

/* (transfer full): “orders: 5 backups become a weekly roll-up”, “Daily delta · 10 Nov, 02:00” */
static char *
dup_title (const RepriseCompactStep *step)
{
  const char *tier = reprise_tier_get_text (step->tier);
  g_autofree char *names = dup_collections (step);
  g_autofree char *when = NULL;

  if (step->action == REPRISE_COMPACT_ROLL_UP)
    /* Translators: a database, and what is made of its backups: “orders: Weekly roll-up” */
    return g_strdup_printf (_ ("%s: %s"), names, tier != NULL ? tier : "");
  when = reprise_format_when (get_source_time (step, 0));
  return tier != NULL ? g_strdup_printf ("%s · %s", tier, when) : g_steal_pointer (&when);
}

/* (transfer full): “5 backups, 8 Nov, 02:00 – 12 Nov, 02:00 · 1.2 MB” */
static char *
dup_state (const RepriseCompactStep *step)
{
  g_autofree char *size = reprise_format_size (step->size_bytes);
  g_autofree char *first = reprise_format_when (get_source_time (step, 0));
  g_autofree char *last = reprise_format_when (get_source_time (step, step->sources->len - 1));
  g_autofree char *count = NULL;

  if (step->action == REPRISE_COMPACT_DELETE)
    {
      g_autofree char *names = dup_collections (step);

      return g_strdup_printf ("%s · %s", size, names);
    }
  count =
    g_strdup_printf (ngettext ("%u backup", "%u backups", step->sources->len), step->sources->len);
  if (step->sources->len == 1)
    return g_strdup_printf ("%s, %s · %s", count, first, size);
  /* Translators: “5 backups”, the first and the last date, and a size */
  return g_strdup_printf (_ ("%s, %s – %s · %s"), count, first, last, size);
}

/* (transfer full): what becomes of the sources, and which points in time end with them */
static char *
dup_detail (const RepriseCompactStep *step)
{
  g_autofree char *text = reprise_compact_step_dup_text (step);
  g_autofree char *lost = NULL;

  if (step->lost->len == 0 || step->kept || step->needed)
    return g_steal_pointer (&text);
  lost =
    g_strdup_printf (ngettext ("%u point in time can no longer be restored then",
                               "%u points in time can no longer be restored then", step->lost->len),
                     step->lost->len);
  return g_strdup_printf ("%s\n%s", text, lost);
}

static const char *
get_icon_name (const RepriseCompactStep *step)
{
  if (step->kept || step->needed)
    return "reprise-keep-symbolic";
  if (step->action == REPRISE_COMPACT_ROLL_UP)
    return "reprise-rollup-symbolic";
  return step->due ? "reprise-delete-symbolic" : "reprise-schedule-symbolic";
}

static void
show_keep (RepriseStateRow *row, const RepriseCompactStep *step)
{
  const RepriseCompactSource *source = step->sources->pdata[0];
  g_autofree char *title = dup_title (step);
  g_autofree char *name = NULL;
  GtkWidget *button;

  if (step->action == REPRISE_COMPACT_ROLL_UP || step->needed)
    {
      reprise_state_row_set_suffix (row, NULL);
      return;
    }
  button = gtk_button_new_with_label (step->kept ? _ ("Keep No Longer") : _ ("Keep"));
  gtk_actionable_set_action_name (GTK_ACTIONABLE (button),
                                  step->kept ? "roll-up.unkeep" : "roll-up.keep");
  gtk_actionable_set_action_target (GTK_ACTIONABLE (button), "s", source->backup_id);
  /* Translators: of a button: the backup that it keeps: “Keep: Daily delta · 10 Nov, 02:00” */
  name = g_strdup_printf (step->kept ? _ ("Keep no longer: %s") : _ ("Keep: %s"), title);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  reprise_state_row_set_suffix (row, button);
}

static void
describe (RepriseStateRow *row, gpointer item, gpointer data)
{
  const Entry *entry = reprise_holder_get (item);
  const RepriseCompactStep *step = entry->step;
  g_autofree char *title = dup_title (step);
  g_autofree char *state = dup_state (step);
  g_autofree char *detail = dup_detail (step);

  reprise_state_row_set_heading (row, !entry->is_first ? NULL
                                      : step->action == REPRISE_COMPACT_ROLL_UP
                                        ? _ ("To Be Rolled Up")
                                        : _ ("To Be Deleted"));
  reprise_state_row_set_title (row, title);
  reprise_state_row_set_state (row, get_icon_name (step), state);
  reprise_state_row_set_detail (row, detail);
  show_keep (row, step);
}

/* ---- the plan ---- */

static void
fill (RepriseRollUpWindow *self)
{
  g_autoptr (GPtrArray) entries = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < self->plan->steps->len; i++)
    {
      Entry *entry = g_new0 (Entry, 1);

      entry->step = self->plan->steps->pdata[i];
      entry->is_first =
        i == 0 || ((const RepriseCompactStep *) self->plan->steps->pdata[i - 1])->action !=
                    entry->step->action;
      g_ptr_array_add (entries, entry);
    }
  reprise_holder_fill (self->store, entries, g_free);
}

/* (transfer full): “3 roll-ups. Freed now: 1.2 MB. Freed once the clean-up is due, at most: 3.4 MB.” */
char *
reprise_roll_up_dup_summary (const RepriseCompactPlan *plan)
{
  g_autofree char *now = reprise_format_size (plan->freed_bytes);
  g_autofree char *later = reprise_format_size (plan->later_bytes);
  g_autofree char *count =
    g_strdup_printf (ngettext ("%u roll-up", "%u roll-ups", plan->n_roll_ups), plan->n_roll_ups);

  /* Translators: “3 roll-ups”, and two sizes */
  return g_strdup_printf (_ ("%s. Freed now: %s. Freed once the clean-up is due, at most: %s."),
                          count, now, later);
}

static void
show_summary (RepriseRollUpWindow *self)
{
  g_autofree char *text = reprise_roll_up_dup_summary (self->plan);

  gtk_label_set_label (self->summary, text);
}

static gboolean
has_work (const RepriseCompactPlan *plan)
{
  for (guint i = 0; i < plan->steps->len; i++)
    {
      const RepriseCompactStep *step = plan->steps->pdata[i];

      if (step->action == REPRISE_COMPACT_ROLL_UP || (step->due && !step->kept && !step->needed))
        return TRUE;
    }
  return FALSE;
}

/* What would be done is read first, not the button that leads away. @again: somebody is in the list already */
static void
focus_list (RepriseRollUpWindow *self, gboolean again)
{
  if (!again && self->plan->steps->len > 0)
    reprise_state_list_focus (self->list);
}

static void
planned_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (RepriseRollUpWindow) self = data;
  g_autoptr (GError) error = NULL;
  gboolean again;
  RepriseCompactPlan *plan =
    reprise_context_plan_compact_finish (REPRISE_CONTEXT (source), result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (plan == NULL)
    {
      reprise_ui_set_description (self->error_page, error->message);
      gtk_stack_set_visible_child_name (self->stack, "error");
      return;
    }
  again = self->plan != NULL;
  g_list_store_remove_all (self->store);
  g_clear_pointer (&self->plan, reprise_compact_plan_free);
  self->plan = plan;
  fill (self);
  show_summary (self);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "roll-up.start", has_work (plan));
  gtk_stack_set_visible_child_name (self->stack, plan->steps->len > 0 ? "list" : "empty");
  focus_list (self, again);
}

static void
read_plan (RepriseRollUpWindow *self)
{
  reprise_context_plan_compact_async (reprise_service_item_get_context (self->item),
                                      reprise_service_item_get_service (self->item),
                                      self->cancellable, planned_cb, g_object_ref (self));
}

/* ---- the actions ---- */

static void
kept_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (RepriseRollUpWindow) self = data;
  g_autoptr (GError) error = NULL;

  if (!reprise_keep_finish (result, &error))
    reprise_error_bar_show_error (self->error_bar, _ ("Could Not Change the Backup"), error);
  reprise_service_item_read (self->item, FALSE);
  read_plan (self);
}

static void
keep (RepriseRollUpWindow *self, GVariant *id, gboolean kept)
{
  g_autoptr (RepriseVault) vault =
    reprise_context_dup_vault (reprise_service_item_get_context (self->item));

  reprise_keep_async (vault, g_variant_get_string (id, NULL), kept, NULL, kept_cb,
                      g_object_ref (self));
}

static void
keep_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  keep (REPRISE_ROLL_UP_WINDOW (widget), parameter, TRUE);
}

static void
unkeep_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  keep (REPRISE_ROLL_UP_WINDOW (widget), parameter, FALSE);
}

static void
retry_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  RepriseRollUpWindow *self = REPRISE_ROLL_UP_WINDOW (widget);

  gtk_stack_set_visible_child_name (self->stack, "reading");
  read_plan (self);
}

/* The plan was seen: the agent does it, and its progress is where that of every job is. */
static void
start_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  RepriseRollUpWindow *self = REPRISE_ROLL_UP_WINDOW (widget);
  g_autoptr (RepriseRequest) request =
    reprise_request_new (REPRISE_JOB_COMPACT, reprise_service_item_get_uuid (self->item));

  request->consent = TRUE;
  reprise_session_submit (self->session, request);
  gtk_window_close (GTK_WINDOW (self));
}

static void
reprise_roll_up_window_unrealize (GtkWidget *widget)
{
  g_cancellable_cancel (REPRISE_ROLL_UP_WINDOW (widget)->cancellable);
  GTK_WIDGET_CLASS (reprise_roll_up_window_parent_class)->unrealize (widget);
  gtk_window_set_transient_for (GTK_WINDOW (widget), NULL);
}

static void
reprise_roll_up_window_dispose (GObject *object)
{
  RepriseRollUpWindow *self = REPRISE_ROLL_UP_WINDOW (object);

  g_clear_object (&self->item);
  g_clear_object (&self->session);
  gtk_widget_dispose_template (GTK_WIDGET (object), REPRISE_TYPE_ROLL_UP_WINDOW);
  G_OBJECT_CLASS (reprise_roll_up_window_parent_class)->dispose (object);
}

static void
reprise_roll_up_window_finalize (GObject *object)
{
  RepriseRollUpWindow *self = REPRISE_ROLL_UP_WINDOW (object);

  g_clear_object (&self->store);
  g_clear_pointer (&self->plan, reprise_compact_plan_free);
  g_clear_object (&self->cancellable);
  G_OBJECT_CLASS (reprise_roll_up_window_parent_class)->finalize (object);
}

static void
reprise_roll_up_window_class_init (RepriseRollUpWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = reprise_roll_up_window_dispose;
  G_OBJECT_CLASS (klass)->finalize = reprise_roll_up_window_finalize;
  widget_class->unrealize = reprise_roll_up_window_unrealize;
  g_type_ensure (REPRISE_TYPE_ERROR_BAR);
  g_type_ensure (REPRISE_TYPE_STATE_LIST);
  g_type_ensure (REPRISE_TYPE_TITLE);
  gtk_widget_class_set_template_from_resource (
    widget_class, "/io/github/reprise_backup/Reprise/ui/reprise-roll-up-window.ui");
  gtk_widget_class_bind_template_child (widget_class, RepriseRollUpWindow, window_title);
  gtk_widget_class_bind_template_child (widget_class, RepriseRollUpWindow, error_bar);
  gtk_widget_class_bind_template_child (widget_class, RepriseRollUpWindow, stack);
  gtk_widget_class_bind_template_child (widget_class, RepriseRollUpWindow, summary);
  gtk_widget_class_bind_template_child (widget_class, RepriseRollUpWindow, list);
  gtk_widget_class_bind_template_child (widget_class, RepriseRollUpWindow, error_page);
  gtk_widget_class_install_action (widget_class, "roll-up.start", NULL, start_action);
  gtk_widget_class_install_action (widget_class, "roll-up.retry", NULL, retry_action);
  gtk_widget_class_install_action (widget_class, "roll-up.keep", "s", keep_action);
  gtk_widget_class_install_action (widget_class, "roll-up.unkeep", "s", unkeep_action);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
}

static void
reprise_roll_up_window_init (RepriseRollUpWindow *self)
{
  self->cancellable = g_cancellable_new ();
  self->store = g_list_store_new (REPRISE_TYPE_HOLDER);
  gtk_widget_init_template (GTK_WIDGET (self));
  g_signal_connect (self, "map", G_CALLBACK (reprise_ui_focus_field), NULL);
  reprise_state_list_set_model (self->list, G_LIST_MODEL (self->store), describe, self);
  reprise_state_list_set_name (self->list, _ ("What a roll-up would do"));
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "roll-up.start", FALSE);
}

/* (transfer none): GTK holds it */
GtkWindow *
reprise_roll_up_window_new (GtkWindow *parent, RepriseSession *session, RepriseServiceItem *item)
{
  RepriseRollUpWindow *self =
    g_object_new (REPRISE_TYPE_ROLL_UP_WINDOW, "transient-for", parent, NULL);

  self->session = g_object_ref (session);
  self->item = g_object_ref (item);
  reprise_title_set_subtitle (self->window_title, reprise_service_item_get_name (item));
  read_plan (self);
  return GTK_WINDOW (self);
}
