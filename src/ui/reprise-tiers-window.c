/* reprise-tiers-window.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "reprise-ui"

#include "config.h"

#include <glib/gi18n.h>

#include "base/reprise-error.h"
#include "provider/reprise-context-tiers.h"
#include "provider/reprise-tier-policy.h"
#include "reprise-error-bar.h"
#include "reprise-roll-up-window.h"
#include "reprise-tiers-window.h"
#include "reprise-title.h"
#include "reprise-ui.h"

#define PREVIEW_DELAY_MS 400 /* after the last change */

/* One number of the policy, and how it is asked for */
typedef struct
{
  const char *title;
  const char *subtitle; /* (nullable) */
  guint offset;         /* in the policy */
  guint minimum;
  guint maximum;
  gboolean may_be_all;
} Member;

#define KEEP(tier)  G_STRUCT_OFFSET (RepriseTierPolicy, keep[tier])
#define EVERY(tier) G_STRUCT_OFFSET (RepriseTierPolicy, every[tier])

/* The limits are those of reprise_tier_policy_check(), which has the last word. */
static const Member MEMBERS[] = {
  { N_ ("Daily Deltas"), NULL, KEEP (REPRISE_TIER_DAILY), 0, REPRISE_TIER_MAX_KEEP, TRUE },
  { N_ ("Weekly Roll-Ups"), NULL, KEEP (REPRISE_TIER_WEEKLY), 0, REPRISE_TIER_MAX_KEEP, TRUE },
  { N_ ("Monthly Roll-Ups"), NULL, KEEP (REPRISE_TIER_MONTHLY), 0, REPRISE_TIER_MAX_KEEP, TRUE },
  { N_ ("Yearly Roll-Ups"), NULL, KEEP (REPRISE_TIER_YEARLY), 0, REPRISE_TIER_MAX_KEEP, TRUE },
  { N_ ("Weekly"), N_ ("Days"), EVERY (REPRISE_TIER_WEEKLY), 1, 366, FALSE },
  { N_ ("Monthly"), N_ ("Months"), EVERY (REPRISE_TIER_MONTHLY), 1, 120, FALSE },
  { N_ ("Yearly"), N_ ("Years"), EVERY (REPRISE_TIER_YEARLY), 1, 100, FALSE },
  { N_ ("Clean-Up Delay"), N_ ("Days"), G_STRUCT_OFFSET (RepriseTierPolicy, delay_days), 0,
    REPRISE_TIER_MAX_DELAY, FALSE },
};

#define N_KEPT  4 /* of them, in the first group */
#define N_EVERY 3 /* in the second */

struct _RepriseTiersWindow
{
  AdwWindow parent_instance;

  RepriseTitle *window_title;
  RepriseErrorBar *error_bar;
  AdwPreferencesGroup *own_group;
  AdwActionRow *own_row;
  GtkSwitch *own_switch;
  AdwPreferencesGroup *keep_group;
  AdwPreferencesGroup *every_group;
  AdwPreferencesGroup *delay_group;
  GtkLabel *preview;
  GtkWidget *spins[G_N_ELEMENTS (MEMBERS)];
  GtkWidget *alls[G_N_ELEMENTS (MEMBERS)]; /* (nullable): of those that may be all */

  RepriseServiceItem *item;  /* (owned) */
  char *database;            /* (owned) (nullable) */
  RepriseTierPolicy own;     /* what the fields hold, also while the rules are not its own */
  GCancellable *cancellable; /* (owned) (nullable): of the preview */
  guint preview_id;
  gboolean updating; /* the fields are being filled, not written in */
};

G_DEFINE_FINAL_TYPE (RepriseTiersWindow, reprise_tiers_window, ADW_TYPE_WINDOW)

static guint *
get_number (RepriseTierPolicy *policy, const Member *member)
{
  return (guint *) G_STRUCT_MEMBER_P (policy, member->offset);
}

static gboolean
has_own (RepriseTiersWindow *self)
{
  return self->database == NULL || gtk_switch_get_active (self->own_switch);
}

/* (transfer full) (nullable): the service with what the window says, or %NULL with @error */
static RepriseService *
dup_edited (RepriseTiersWindow *self, GError **error)
{
  g_autoptr (RepriseService) edited =
    reprise_service_copy (reprise_service_item_get_service (self->item));

  if (reprise_tier_policy_set (edited, self->database, has_own (self) ? &self->own : NULL, error))
    return g_steal_pointer (&edited);
  return NULL;
}

/* ---- what it would do ---- */

static void
previewed_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (RepriseTiersWindow) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseCompactPlan) plan =
    reprise_context_plan_compact_finish (REPRISE_CONTEXT (source), result, &error);
  g_autofree char *text = NULL;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (plan != NULL && plan->steps->len > 0)
    text = reprise_roll_up_dup_summary (plan);
  gtk_label_set_label (self->preview, error != NULL ? error->message
                                      : text != NULL
                                        ? text
                                        : _ ("Nothing to roll up: every backup is in its tier."));
}

static gboolean
preview_cb (gpointer data)
{
  RepriseTiersWindow *self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseService) edited = dup_edited (self, &error);

  self->preview_id = 0;
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "tiers.save", edited != NULL);
  if (edited == NULL)
    {
      gtk_label_set_label (self->preview, error->message);
      return G_SOURCE_REMOVE;
    }
  self->cancellable = g_cancellable_new ();
  reprise_context_plan_compact_async (reprise_service_item_get_context (self->item), edited,
                                      self->cancellable, previewed_cb, g_object_ref (self));
  return G_SOURCE_REMOVE;
}

static void
stop_preview (RepriseTiersWindow *self)
{
  g_clear_handle_id (&self->preview_id, g_source_remove);
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
}

static void
queue_preview (RepriseTiersWindow *self)
{
  stop_preview (self);
  self->preview_id = g_timeout_add (PREVIEW_DELAY_MS, preview_cb, self);
}

/* ---- the fields ---- */

/* (transfer full): why the rules are what they are while they are not its own */
static char *
dup_origin (RepriseTiersWindow *self)
{
  g_autoptr (RepriseService) without =
    reprise_service_copy (reprise_service_item_get_service (self->item));
  g_autofree char *rule = NULL;

  reprise_tier_policy_set (without, self->database, NULL, NULL);
  rule = reprise_tier_policy_dup_rule (without, self->database);
  return rule != NULL
           /* Translators: a pattern of names, such as “shop-*” */
           ? g_strdup_printf (_ ("Off: as the rule “%s” says"), rule)
           : g_strdup (_ ("Off: as all databases without rules of their own"));
}

/* What decides while the rules are not its own. */
static void
read_inherited (RepriseTiersWindow *self, RepriseTierPolicy *policy)
{
  g_autoptr (RepriseService) without =
    reprise_service_copy (reprise_service_item_get_service (self->item));

  reprise_tier_policy_set (without, self->database, NULL, NULL);
  reprise_tier_policy_read (without, self->database, policy);
}

static void
show_policy (RepriseTiersWindow *self)
{
  RepriseTierPolicy policy = self->own;
  gboolean own = has_own (self);

  if (!own)
    read_inherited (self, &policy);
  self->updating = TRUE;
  for (guint i = 0; i < G_N_ELEMENTS (MEMBERS); i++)
    {
      guint number = *get_number (&policy, &MEMBERS[i]);
      gboolean all = MEMBERS[i].may_be_all && number == REPRISE_TIER_KEEP_ALL;

      if (!all)
        gtk_spin_button_set_value (GTK_SPIN_BUTTON (self->spins[i]), number);
      if (self->alls[i] != NULL)
        gtk_check_button_set_active (GTK_CHECK_BUTTON (self->alls[i]), all);
      gtk_widget_set_visible (self->spins[i], !all);
    }
  self->updating = FALSE;
  gtk_widget_set_sensitive (GTK_WIDGET (self->keep_group), own);
  gtk_widget_set_sensitive (GTK_WIDGET (self->every_group), own);
  gtk_widget_set_sensitive (GTK_WIDGET (self->delay_group), own);
}

static void
own_cb (RepriseTiersWindow *self)
{
  show_policy (self);
  queue_preview (self);
}

static void
edited_cb (RepriseTiersWindow *self)
{
  if (self->updating)
    return;
  for (guint i = 0; i < G_N_ELEMENTS (MEMBERS); i++)
    {
      gboolean all =
        self->alls[i] != NULL && gtk_check_button_get_active (GTK_CHECK_BUTTON (self->alls[i]));

      *get_number (&self->own, &MEMBERS[i]) =
        all ? REPRISE_TIER_KEEP_ALL
            : (guint) gtk_spin_button_get_value_as_int (GTK_SPIN_BUTTON (self->spins[i]));
      gtk_widget_set_visible (self->spins[i], !all);
    }
  queue_preview (self);
}

static void
name (GtkWidget *widget, const char *text)
{
  gtk_accessible_update_property (GTK_ACCESSIBLE (widget), GTK_ACCESSIBLE_PROPERTY_LABEL, text, -1);
}

static void
add_all (RepriseTiersWindow *self, guint index, GtkWidget *row)
{
  /* Translators: a check box: all backups of a tier are kept */
  GtkWidget *check = gtk_check_button_new_with_label (_ ("All"));
  /* Translators: of a check box: “All: Weekly Roll-Ups” */
  g_autofree char *label = g_strdup_printf (_ ("All: %s"), _ (MEMBERS[index].title));

  gtk_widget_set_valign (check, GTK_ALIGN_CENTER);
  name (check, label);
  g_signal_connect_swapped (check, "toggled", G_CALLBACK (edited_cb), self);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), check);
  self->alls[index] = check;
}

static void
add_row (RepriseTiersWindow *self, guint index)
{
  const Member *member = &MEMBERS[index];
  GtkWidget *row = adw_action_row_new ();
  GtkWidget *spin = gtk_spin_button_new_with_range (member->minimum, member->maximum, 1);
  g_autofree char *label =
    member->subtitle != NULL
      /* Translators: of a field: “Weekly: Days” */
      ? g_strdup_printf (_ ("%s: %s"), _ (member->title), _ (member->subtitle))
      : g_strdup (_ (member->title));

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), _ (member->title));
  if (member->subtitle != NULL)
    adw_action_row_set_subtitle (ADW_ACTION_ROW (row), _ (member->subtitle));
  gtk_widget_set_valign (spin, GTK_ALIGN_CENTER);
  gtk_editable_set_width_chars (GTK_EDITABLE (spin), 3);
  gtk_editable_set_max_width_chars (GTK_EDITABLE (spin), 3);
  name (spin, label);
  g_signal_connect_swapped (spin, "value-changed", G_CALLBACK (edited_cb), self);
  self->spins[index] = spin;
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), spin);
  if (member->may_be_all)
    add_all (self, index, row);
  adw_preferences_group_add (index < N_KEPT             ? self->keep_group
                             : index < N_KEPT + N_EVERY ? self->every_group
                                                        : self->delay_group,
                             row);
}

/* ---- the actions ---- */

static void
saved_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (RepriseTiersWindow) self = data;
  g_autoptr (GError) error = NULL;

  if (reprise_services_save_finish (REPRISE_SERVICES (source), result, &error))
    {
      gtk_window_close (GTK_WINDOW (self));
      return;
    }
  reprise_error_bar_show_error (self->error_bar, _ ("Could Not Save the Service"), error);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "tiers.save", TRUE);
}

static void
save_action (GtkWidget *widget, const char *action_name, GVariant *parameter)
{
  RepriseTiersWindow *self = REPRISE_TIERS_WINDOW (widget);
  RepriseContext *context = reprise_service_item_get_context (self->item);
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseService) edited = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (MEMBERS); i++) /* what was typed last counts too */
    gtk_spin_button_update (GTK_SPIN_BUTTON (self->spins[i]));
  edited = dup_edited (self, &error);
  if (edited == NULL)
    {
      reprise_error_bar_show_error (self->error_bar, _ ("Could Not Save the Service"), error);
      return;
    }
  gtk_widget_action_set_enabled (widget, "tiers.save", FALSE);
  reprise_services_save_async (reprise_context_get_services (context), edited, NULL, saved_cb,
                               g_object_ref (self));
}

/* Closed: what is still being read holds on to the window, and ends. */
static void
reprise_tiers_window_unrealize (GtkWidget *widget)
{
  stop_preview (REPRISE_TIERS_WINDOW (widget));
  GTK_WIDGET_CLASS (reprise_tiers_window_parent_class)->unrealize (widget);
  gtk_window_set_transient_for (GTK_WINDOW (widget), NULL);
}

static void
reprise_tiers_window_dispose (GObject *object)
{
  RepriseTiersWindow *self = REPRISE_TIERS_WINDOW (object);

  stop_preview (self);
  g_clear_object (&self->item);
  gtk_widget_dispose_template (GTK_WIDGET (object), REPRISE_TYPE_TIERS_WINDOW);
  G_OBJECT_CLASS (reprise_tiers_window_parent_class)->dispose (object);
}

static void
reprise_tiers_window_finalize (GObject *object)
{
  g_free (REPRISE_TIERS_WINDOW (object)->database);
  G_OBJECT_CLASS (reprise_tiers_window_parent_class)->finalize (object);
}

static void
reprise_tiers_window_class_init (RepriseTiersWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = reprise_tiers_window_dispose;
  G_OBJECT_CLASS (klass)->finalize = reprise_tiers_window_finalize;
  widget_class->unrealize = reprise_tiers_window_unrealize;
  g_type_ensure (REPRISE_TYPE_ERROR_BAR);
  g_type_ensure (REPRISE_TYPE_TITLE);
  gtk_widget_class_set_template_from_resource (
    widget_class, "/io/github/reprise_backup/Reprise/ui/reprise-tiers-window.ui");
  gtk_widget_class_bind_template_child (widget_class, RepriseTiersWindow, window_title);
  gtk_widget_class_bind_template_child (widget_class, RepriseTiersWindow, error_bar);
  gtk_widget_class_bind_template_child (widget_class, RepriseTiersWindow, own_group);
  gtk_widget_class_bind_template_child (widget_class, RepriseTiersWindow, own_row);
  gtk_widget_class_bind_template_child (widget_class, RepriseTiersWindow, own_switch);
  gtk_widget_class_bind_template_child (widget_class, RepriseTiersWindow, keep_group);
  gtk_widget_class_bind_template_child (widget_class, RepriseTiersWindow, every_group);
  gtk_widget_class_bind_template_child (widget_class, RepriseTiersWindow, delay_group);
  gtk_widget_class_bind_template_child (widget_class, RepriseTiersWindow, preview);
  gtk_widget_class_bind_template_callback (widget_class, own_cb);
  gtk_widget_class_install_action (widget_class, "tiers.save", NULL, save_action);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
}

static void
reprise_tiers_window_init (RepriseTiersWindow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  g_signal_connect (self, "map", G_CALLBACK (reprise_ui_focus_field), NULL);
  for (guint i = 0; i < G_N_ELEMENTS (MEMBERS); i++)
    add_row (self, i);
}

static gboolean
has_rule_of_its_own (RepriseService *service, const char *database)
{
  g_auto (GStrv) rules = reprise_tier_policy_list_rules (service);

  return g_strv_contains ((const char *const *) rules, database);
}

/**
 * reprise_tiers_window_new:
 * @database: (nullable): %NULL for all that have no rules of their own
 *
 * Returns: (transfer none): GTK holds it
 */
GtkWindow *
reprise_tiers_window_new (GtkWindow *parent, RepriseServiceItem *item, const char *database)
{
  RepriseTiersWindow *self =
    g_object_new (REPRISE_TYPE_TIERS_WINDOW, "transient-for", parent, NULL);
  RepriseService *service = reprise_service_item_get_service (item);

  self->item = g_object_ref (item);
  self->database = g_strdup (database);
  reprise_tier_policy_read (service, database, &self->own);
  reprise_title_set_subtitle (self->window_title,
                              database != NULL ? database : reprise_service_item_get_name (item));
  gtk_widget_set_visible (GTK_WIDGET (self->own_group), database != NULL);
  if (database != NULL)
    {
      g_autofree char *origin = dup_origin (self);

      adw_action_row_set_subtitle (self->own_row, origin);
      gtk_switch_set_active (self->own_switch, has_rule_of_its_own (service, database));
    }
  show_policy (self);
  queue_preview (self);
  return GTK_WINDOW (self);
}
