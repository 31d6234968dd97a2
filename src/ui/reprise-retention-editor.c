/* reprise-retention-editor.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "reprise-ui"

#include "config.h"

#include <glib/gi18n.h>

#include "reprise-format.h"
#include "reprise-retention-editor.h"
#include "schedule/reprise-retention.h"

#define MAX_NUMBER 1000
#define MAX_SHOWN  50
#define DELAY_MS   150 /* one preview for a number that is being typed */

struct _RepriseRetentionEditor
{
  AdwPreferencesGroup parent_instance;

  AdwExpanderRow *rules_row;
  AdwExpanderRow *preview_row;
  GtkSwitch *automatic;

  GtkSpinButton *numbers[REPRISE_N_RETENTION_RULES];
  RepriseServiceItem *item; /* (owned) (nullable) */
  GPtrArray *shown;         /* (owned) (element-type GtkWidget): rows of the preview */
  guint timer;
};

G_DEFINE_FINAL_TYPE (RepriseRetentionEditor, reprise_retention_editor, ADW_TYPE_PREFERENCES_GROUP)

static const char *const TITLES[REPRISE_N_RETENTION_RULES] = {
  [REPRISE_RETENTION_LAST] = N_ ("The Last Ones"), [REPRISE_RETENTION_HOURLY] = N_ ("Hourly"),
  [REPRISE_RETENTION_DAILY] = N_ ("Daily"),        [REPRISE_RETENTION_WEEKLY] = N_ ("Weekly"),
  [REPRISE_RETENTION_MONTHLY] = N_ ("Monthly"),    [REPRISE_RETENTION_YEARLY] = N_ ("Yearly"),
};

static RepriseRetention
read_numbers (RepriseRetentionEditor *self)
{
  RepriseRetention retention = { { 0 } };

  for (guint i = 0; i < REPRISE_N_RETENTION_RULES; i++)
    retention.keep[i] = (guint) gtk_spin_button_get_value_as_int (self->numbers[i]);
  return retention;
}

/* (transfer full): “The Last Ones: 3 · Daily: 7” */
static char *
describe_rules (const RepriseRetention *retention)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < REPRISE_N_RETENTION_RULES; i++)
    if (retention->keep[i] > 0)
      {
        if (text->len > 0)
          g_string_append (text, " · ");
        /* Translators: which backups are kept, and how many of them: “Daily: 7” */
        g_string_append_printf (text, _ ("%s: %u"), _ (TITLES[i]), retention->keep[i]);
      }
  return g_strdup (text->len > 0 ? text->str : _ ("All backups are kept"));
}

static void
show_row (RepriseRetentionEditor *self, RepriseBackup *backup)
{
  GDateTime *made = reprise_backup_get_created_at (backup);
  g_autofree char *time = made != NULL ? reprise_format_date_time (made) : g_strdup ("–");
  g_autofree char *size = reprise_format_size (reprise_backup_get_size_bytes (backup));
  g_autofree char *subtitle = g_strdup_printf ("%s · %s", size, reprise_backup_get_id (backup));
  GtkWidget *row = g_object_new (ADW_TYPE_ACTION_ROW, "title", time, "subtitle", subtitle,
                                 "use-markup", FALSE, NULL);

  adw_expander_row_add_row (self->preview_row, row);
  g_ptr_array_add (self->shown, row);
}

static void
show_more (RepriseRetentionEditor *self, guint n)
{
  g_autofree char *title = g_strdup_printf (ngettext ("%u more", "%u more", n), n);
  GtkWidget *row = g_object_new (ADW_TYPE_ACTION_ROW, "title", title, NULL);

  adw_expander_row_add_row (self->preview_row, row);
  g_ptr_array_add (self->shown, row);
}

static void
show_plan (RepriseRetentionEditor *self, GPtrArray *planned)
{
  guint n_going = 0;
  gint64 size_bytes = 0;
  g_autofree char *size = NULL;
  g_autofree char *title = NULL;
  g_autofree char *subtitle = NULL;

  for (guint i = 0; i < planned->len; i++)
    {
      const RepriseRetentionEntry *entry = planned->pdata[i];

      if (entry->reasons != REPRISE_RETENTION_NOT_KEPT)
        continue;
      if (n_going++ < MAX_SHOWN)
        show_row (self, entry->backup);
      size_bytes += MAX (reprise_backup_get_size_bytes (entry->backup), 0);
    }
  if (n_going > MAX_SHOWN)
    show_more (self, n_going - MAX_SHOWN);
  size = g_format_size ((guint64) size_bytes);
  /* Translators: a number of backups and a size: “Would delete 4 backups (612 MB) now” */
  title = n_going == 0 ? g_strdup (_ ("Would delete nothing now"))
                       : g_strdup_printf (ngettext ("Would delete %u backup (%s) now",
                                                    "Would delete %u backups (%s) now", n_going),
                                          n_going, size);
  subtitle =
    g_strdup_printf (ngettext ("Keeps %u backup", "Keeps %u backups", planned->len - n_going),
                     planned->len - n_going);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->preview_row), title);
  adw_expander_row_set_subtitle (self->preview_row, subtitle);
  adw_expander_row_set_enable_expansion (self->preview_row, n_going > 0);
}

/* (transfer full) (element-type RepriseBackup): those of the vault */
static GPtrArray *
list_backups (RepriseRetentionEditor *self)
{
  GListModel *all = reprise_service_item_get_backups (self->item);
  GPtrArray *backups = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < g_list_model_get_n_items (all); i++)
    {
      g_autoptr (RepriseBackup) backup = g_list_model_get_item (all, i);

      if (reprise_backup_get_in_vault (backup))
        g_ptr_array_add (backups, g_steal_pointer (&backup));
    }
  return backups;
}

static void
update (RepriseRetentionEditor *self)
{
  RepriseRetention retention = read_numbers (self);
  g_autofree char *text = describe_rules (&retention);
  g_autoptr (GPtrArray) backups = list_backups (self);
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autoptr (GTimeZone) zone = g_time_zone_new_local ();
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) planned = reprise_retention_plan (&retention, backups, now, zone, &error);

  adw_expander_row_set_subtitle (self->rules_row, text);
  for (guint i = 0; i < self->shown->len; i++)
    adw_expander_row_remove (self->preview_row, self->shown->pdata[i]);
  g_ptr_array_set_size (self->shown, 0);
  if (planned != NULL)
    {
      show_plan (self, planned);
      return;
    }
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->preview_row),
                                 _ ("Would delete nothing now"));
  adw_expander_row_set_subtitle (self->preview_row, error->message);
  adw_expander_row_set_enable_expansion (self->preview_row, FALSE);
}

static gboolean
update_cb (gpointer data)
{
  RepriseRetentionEditor *self = data;

  self->timer = 0;
  update (self);
  return G_SOURCE_REMOVE;
}

static void
changed_cb (RepriseRetentionEditor *self)
{
  if (self->timer == 0 && self->item != NULL)
    self->timer = g_timeout_add (DELAY_MS, update_cb, self);
}

static void
reprise_retention_editor_dispose (GObject *object)
{
  RepriseRetentionEditor *self = REPRISE_RETENTION_EDITOR (object);

  g_clear_handle_id (&self->timer, g_source_remove);
  g_clear_object (&self->item);
  gtk_widget_dispose_template (GTK_WIDGET (object), REPRISE_TYPE_RETENTION_EDITOR);
  G_OBJECT_CLASS (reprise_retention_editor_parent_class)->dispose (object);
}

static void
reprise_retention_editor_finalize (GObject *object)
{
  g_clear_pointer (&REPRISE_RETENTION_EDITOR (object)->shown, g_ptr_array_unref);
  G_OBJECT_CLASS (reprise_retention_editor_parent_class)->finalize (object);
}

static void
reprise_retention_editor_class_init (RepriseRetentionEditorClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = reprise_retention_editor_dispose;
  G_OBJECT_CLASS (klass)->finalize = reprise_retention_editor_finalize;
  gtk_widget_class_set_template_from_resource (
    widget_class, "/io/github/reprise_backup/Reprise/ui/reprise-retention-editor.ui");
  gtk_widget_class_bind_template_child (widget_class, RepriseRetentionEditor, rules_row);
  gtk_widget_class_bind_template_child (widget_class, RepriseRetentionEditor, preview_row);
  gtk_widget_class_bind_template_child (widget_class, RepriseRetentionEditor, automatic);
}

static void
add_number (RepriseRetentionEditor *self, guint rule)
{
  const char *title = _ (TITLES[rule]);
  GtkWidget *row = g_object_new (ADW_TYPE_ACTION_ROW, "title", title, NULL);
  GtkWidget *number = gtk_spin_button_new_with_range (0, MAX_NUMBER, 1);

  gtk_widget_set_valign (number, GTK_ALIGN_CENTER);
  gtk_accessible_update_property (GTK_ACCESSIBLE (number), GTK_ACCESSIBLE_PROPERTY_LABEL, title,
                                  -1);
  g_signal_connect_object (number, "value-changed", G_CALLBACK (changed_cb), self,
                           G_CONNECT_SWAPPED);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), number);
  adw_action_row_set_activatable_widget (ADW_ACTION_ROW (row), number);
  adw_expander_row_add_row (self->rules_row, row);
  self->numbers[rule] = GTK_SPIN_BUTTON (number);
}

static void
reprise_retention_editor_init (RepriseRetentionEditor *self)
{
  self->shown = g_ptr_array_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
  for (guint i = 0; i < REPRISE_N_RETENTION_RULES; i++)
    add_number (self, i);
}

/* Shows what is set for the service of @item, and what that would delete of its backups. */
void
reprise_retention_editor_set_item (RepriseRetentionEditor *self, RepriseServiceItem *item)
{
  RepriseService *service = reprise_service_item_get_service (item);
  const char *text = reprise_service_get_setting (service, REPRISE_RETENTION_SETTING);
  const char *automatic =
    reprise_service_get_setting (service, REPRISE_RETENTION_SETTING_AUTOMATIC);
  RepriseRetention retention = { { 0 } };

  g_set_object (&self->item, item);
  reprise_retention_read (text != NULL ? text : "", &retention, NULL);
  for (guint i = 0; i < REPRISE_N_RETENTION_RULES; i++)
    gtk_spin_button_set_value (self->numbers[i], retention.keep[i]);
  gtk_switch_set_active (self->automatic, g_strcmp0 (automatic, "true") == 0);
  update (self);
}

/* Sets it for @service, which is not saved by that. */
void
reprise_retention_editor_apply (RepriseRetentionEditor *self, RepriseService *service)
{
  RepriseRetention retention = read_numbers (self);
  g_autofree char *text = reprise_retention_to_string (&retention);

  reprise_service_set_setting (service, REPRISE_RETENTION_SETTING, *text != '\0' ? text : NULL);
  reprise_service_set_setting (service, REPRISE_RETENTION_SETTING_AUTOMATIC,
                               gtk_switch_get_active (self->automatic) ? "true" : NULL);
}
