/* reprise-schedule-editor.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "reprise-ui"

#include "config.h"

#include <string.h>

#include <glib/gi18n.h>

#include "reprise-format.h"
#include "reprise-schedule-editor.h"
#include "schedule/reprise-schedule.h"

typedef enum
{
  NEVER,
  HOURLY,
  DAILY,
  WEEKLY,
  MONTHLY,
  RULES,
} Often;

/* As the text of a schedule begins. */
static const char *const
  WORDS[] = { [HOURLY] = "hourly", [DAILY] = "daily", [WEEKLY] = "weekly", [MONTHLY] = "monthly" };
static const char *const WEEKDAYS[] = { "mon", "tue", "wed", "thu", "fri", "sat", "sun" };

/* What is proposed first: at night, and hours not all at once. */
#define FIRST_TIME   "02:00"
#define FIRST_MINUTE ":15"

struct _RepriseScheduleEditor
{
  AdwPreferencesGroup parent_instance;

  AdwComboRow *often_row;
  GtkWidget *days_row;
  GtkFlowBox *days;
  AdwEntryRow *month_days_row;
  AdwEntryRow *times_row;
  AdwEntryRow *rules_row;
  AdwActionRow *next_row;
  GtkImage *next_icon;

  GtkToggleButton *day_buttons[G_N_ELEMENTS (WEEKDAYS)];
  char *text; /* (owned) (nullable) */
  gboolean valid;
  gboolean filling; /* what changes is not a person's doing */
};

G_DEFINE_FINAL_TYPE (RepriseScheduleEditor, reprise_schedule_editor, ADW_TYPE_PREFERENCES_GROUP)

typedef enum
{
  PROP_TEXT = 1,
  PROP_VALID,
} RepriseScheduleEditorProperty;

static GParamSpec *properties[PROP_VALID + 1];

static Often
get_often (RepriseScheduleEditor *self)
{
  return (Often) adw_combo_row_get_selected (self->often_row);
}

/* (transfer full): “mon,thu” */
static char *
dup_days (RepriseScheduleEditor *self)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (WEEKDAYS); i++)
    if (gtk_toggle_button_get_active (self->day_buttons[i]))
      g_string_append_printf (text, "%s%s", text->len > 0 ? "," : "", WEEKDAYS[i]);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* (transfer full): with commas for what stands between: “1, 15 last” is “1,15,last” */
static char *
dup_month_days (RepriseScheduleEditor *self)
{
  g_auto (GStrv) words =
    g_strsplit_set (gtk_editable_get_text (GTK_EDITABLE (self->month_days_row)), " ,", 0);
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; words[i] != NULL; i++)
    if (*words[i] != '\0')
      g_string_append_printf (text, "%s%s", text->len > 0 ? "," : "", words[i]);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* (transfer full): “02:00 14:00”; commas are as good as blanks */
static char *
dup_times (RepriseScheduleEditor *self)
{
  return g_strdelimit (g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->times_row))), ",;",
                       ' ');
}

/* (transfer full) (nullable): what the rows say, as the text of a schedule */
static char *
compose (RepriseScheduleEditor *self)
{
  Often often = get_often (self);
  g_autofree char *times = dup_times (self);
  g_autofree char *days = often == WEEKLY ? dup_days (self) : dup_month_days (self);

  switch (often)
    {
    case HOURLY:
    case DAILY:
      return g_strdup_printf ("%s %s", WORDS[often], times);
    case WEEKLY:
    case MONTHLY:
      return g_strdup_printf ("%s %s %s", WORDS[often], days, times);
    case RULES:
      return g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->rules_row)));
    case NEVER:
    default:
      return NULL;
    }
}

static void
show_next (RepriseScheduleEditor *self, RepriseSchedule *schedule)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autoptr (GTimeZone) zone = g_time_zone_new_local ();
  g_autoptr (GDateTime) next = reprise_schedule_get_next (schedule, now, zone);
  g_autofree char *title = reprise_schedule_to_text (schedule);
  g_autofree char *time = next != NULL ? reprise_format_date_time (next) : g_strdup ("–");
  /* Translators: a date with time */
  g_autofree char *subtitle = g_strdup_printf (_ ("Next: %s"), time);

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->next_row), title);
  adw_action_row_set_subtitle (self->next_row, subtitle);
}

/* What cannot be understood is said where the next time would be. */
static void
update (RepriseScheduleEditor *self)
{
  g_autofree char *composed = compose (self);
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseSchedule) schedule =
    composed != NULL ? reprise_schedule_new_from_string (composed, &error) : NULL;

  g_clear_pointer (&self->text, g_free);
  self->valid = error == NULL;
  self->text = schedule != NULL ? reprise_schedule_to_string (schedule) : NULL;
  gtk_widget_set_visible (GTK_WIDGET (self->next_row), composed != NULL);
  gtk_image_set_from_icon_name (self->next_icon, self->valid ? "reprise-schedule-symbolic"
                                                             : "reprise-warning-symbolic");
  if (schedule != NULL)
    show_next (self, schedule);
  else if (error != NULL)
    {
      adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->next_row),
                                     _ ("Not Understood Yet"));
      adw_action_row_set_subtitle (
        self->next_row,
        get_often (self) == RULES
          ? error->message
          : _ ("Times are like 02:00 or 14:30, with blanks between several of them"));
    }
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_TEXT]);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_VALID]);
}

static void
changed_cb (RepriseScheduleEditor *self)
{
  if (!self->filling)
    update (self);
}

static void
show_rows (RepriseScheduleEditor *self)
{
  Often often = get_often (self);

  gtk_widget_set_visible (self->days_row, often == WEEKLY);
  gtk_widget_set_visible (GTK_WIDGET (self->month_days_row), often == MONTHLY);
  gtk_widget_set_visible (GTK_WIDGET (self->times_row), often != NEVER && often != RULES);
  gtk_widget_set_visible (GTK_WIDGET (self->rules_row), often == RULES);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->times_row),
                                 often == HOURLY ? _ ("Minutes, such as :15 :45")
                                                 : _ ("Times, such as 02:00 14:00"));
}

/* Another frequency begins with something that makes sense. */
static void
propose (RepriseScheduleEditor *self)
{
  Often often = get_often (self);
  const char *times = gtk_editable_get_text (GTK_EDITABLE (self->times_row));
  gboolean minutes = times[0] == ':';

  if (often == HOURLY && !minutes)
    gtk_editable_set_text (GTK_EDITABLE (self->times_row), FIRST_MINUTE);
  else if (often != HOURLY && (minutes || times[0] == '\0'))
    gtk_editable_set_text (GTK_EDITABLE (self->times_row), FIRST_TIME);
  if (*gtk_editable_get_text (GTK_EDITABLE (self->month_days_row)) == '\0')
    gtk_editable_set_text (GTK_EDITABLE (self->month_days_row), "1");
  if (often == RULES && *gtk_editable_get_text (GTK_EDITABLE (self->rules_row)) == '\0')
    gtk_editable_set_text (GTK_EDITABLE (self->rules_row), self->text != NULL ? self->text : "");
}

static void
often_changed_cb (RepriseScheduleEditor *self)
{
  show_rows (self);
  if (self->filling)
    return;
  self->filling = TRUE;
  propose (self);
  self->filling = FALSE;
  update (self);
}

static void
reprise_schedule_editor_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  RepriseScheduleEditor *self = REPRISE_SCHEDULE_EDITOR (object);

  switch ((RepriseScheduleEditorProperty) id)
    {
    case PROP_TEXT:
      g_value_set_string (value, self->text);
      break;
    case PROP_VALID:
      g_value_set_boolean (value, self->valid);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
reprise_schedule_editor_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), REPRISE_TYPE_SCHEDULE_EDITOR);
  G_OBJECT_CLASS (reprise_schedule_editor_parent_class)->dispose (object);
}

static void
reprise_schedule_editor_finalize (GObject *object)
{
  g_clear_pointer (&REPRISE_SCHEDULE_EDITOR (object)->text, g_free);
  G_OBJECT_CLASS (reprise_schedule_editor_parent_class)->finalize (object);
}

static void
reprise_schedule_editor_class_init (RepriseScheduleEditorClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->get_property = reprise_schedule_editor_get_property;
  object_class->dispose = reprise_schedule_editor_dispose;
  object_class->finalize = reprise_schedule_editor_finalize;
  properties[PROP_TEXT] = g_param_spec_string ("text", NULL, NULL, NULL, flags);
  properties[PROP_VALID] = g_param_spec_boolean ("valid", NULL, NULL, TRUE, flags);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
  gtk_widget_class_set_template_from_resource (
    widget_class, "/io/github/reprise_backup/Reprise/ui/reprise-schedule-editor.ui");
  gtk_widget_class_bind_template_child (widget_class, RepriseScheduleEditor, often_row);
  gtk_widget_class_bind_template_child (widget_class, RepriseScheduleEditor, days_row);
  gtk_widget_class_bind_template_child (widget_class, RepriseScheduleEditor, days);
  gtk_widget_class_bind_template_child (widget_class, RepriseScheduleEditor, month_days_row);
  gtk_widget_class_bind_template_child (widget_class, RepriseScheduleEditor, times_row);
  gtk_widget_class_bind_template_child (widget_class, RepriseScheduleEditor, rules_row);
  gtk_widget_class_bind_template_child (widget_class, RepriseScheduleEditor, next_row);
  gtk_widget_class_bind_template_child (widget_class, RepriseScheduleEditor, next_icon);
  gtk_widget_class_bind_template_callback (widget_class, changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, often_changed_cb);
}

static void
add_day (RepriseScheduleEditor *self, guint day)
{
  /* 5 January 1970 was a Monday */
  g_autoptr (GDateTime) some = g_date_time_new_utc (1970, 1, 5 + (int) day, 0, 0, 0);
  g_autofree char *name = g_date_time_format (some, "%A");
  g_autofree char *short_name = g_date_time_format (some, "%a");
  GtkWidget *button = gtk_toggle_button_new_with_label (short_name);

  self->day_buttons[day] = GTK_TOGGLE_BUTTON (button);
  gtk_toggle_button_set_active (self->day_buttons[day], day == 6);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  g_signal_connect_object (button, "toggled", G_CALLBACK (changed_cb), self, G_CONNECT_SWAPPED);
  gtk_flow_box_append (self->days, button);
  gtk_widget_set_focusable (gtk_widget_get_parent (button), FALSE);
}

static void
reprise_schedule_editor_init (RepriseScheduleEditor *self)
{
  self->filling = TRUE;
  gtk_widget_init_template (GTK_WIDGET (self));
  for (guint i = 0; i < G_N_ELEMENTS (WEEKDAYS); i++)
    add_day (self, i);
  show_rows (self);
  self->filling = FALSE;
  update (self);
}

/* Puts one rule into the rows; %FALSE where they have no place for it. */
static gboolean
fill (RepriseScheduleEditor *self, const char *text)
{
  g_auto (GStrv) words = g_strsplit (text, " ", 3);
  guint n = g_strv_length (words);
  Often often = NEVER;

  for (guint i = HOURLY; i <= MONTHLY; i++)
    if (n > 1 && g_str_equal (words[0], WORDS[i]))
      often = (Often) i;
  if (often == NEVER || strchr (text, ';') != NULL || (often >= WEEKLY && n < 3))
    return FALSE;
  for (guint i = 0; often == WEEKLY && i < G_N_ELEMENTS (WEEKDAYS); i++)
    gtk_toggle_button_set_active (self->day_buttons[i], strstr (words[1], WEEKDAYS[i]) != NULL);
  if (often == MONTHLY)
    gtk_editable_set_text (GTK_EDITABLE (self->month_days_row), words[1]);
  gtk_editable_set_text (GTK_EDITABLE (self->times_row),
                         often >= WEEKLY ? words[2] : text + strlen (words[0]) + 1);
  adw_combo_row_set_selected (self->often_row, often);
  return TRUE;
}

/* @text: (nullable): as it is kept; what no longer can be understood is shown as it is */
void
reprise_schedule_editor_set_text (RepriseScheduleEditor *self, const char *text)
{
  self->filling = TRUE;
  if (text == NULL)
    adw_combo_row_set_selected (self->often_row, NEVER);
  else if (!fill (self, text))
    {
      gtk_editable_set_text (GTK_EDITABLE (self->rules_row), text);
      adw_combo_row_set_selected (self->often_row, RULES);
    }
  show_rows (self);
  self->filling = FALSE;
  update (self);
}

/* (transfer none) (nullable): as it is kept; %NULL for none, and where it is not valid */
const char *
reprise_schedule_editor_get_text (RepriseScheduleEditor *self)
{
  return self->text;
}

gboolean
reprise_schedule_editor_get_valid (RepriseScheduleEditor *self)
{
  return self->valid;
}
