/* reprise-time-button.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "reprise-ui"

#include "config.h"

#include <glib/gi18n.h>

#include "reprise-format.h"
#include "reprise-time-button.h"
#include "service/reprise-setting.h"

struct _RepriseTimeButton
{
  AdwBin parent_instance;

  GtkMenuButton *button;
  GtkCalendar *calendar;
  GtkSpinButton *hour;
  GtkSpinButton *minute;
  GtkLabel *zone;
  GtkWidget *clear;

  GtkEditable *editable; /* outlives the button, which lies in it */
};

G_DEFINE_FINAL_TYPE (RepriseTimeButton, reprise_time_button, ADW_TYPE_BIN)

static void
reprise_time_button_class_init (RepriseTimeButtonClass *klass)
{
}

/* (transfer full): by the clock of this computer, as reprise_setting_read_time() reads it; seconds only where there are any */
char *
reprise_time_button_write (GDateTime *time)
{
  g_autoptr (GDateTime) local = g_date_time_to_local (time);

  return g_date_time_format (local, g_date_time_get_second (local) == 0 ? "%Y-%m-%d %H:%M"
                                                                        : "%Y-%m-%d %H:%M:%S");
}

/* (transfer full): “20 Nov 2026, 02:00, local time (UTC+01:00)” */
char *
reprise_time_button_describe (GDateTime *time)
{
  g_autoptr (GDateTime) local = g_date_time_to_local (time);
  g_autofree char *when = reprise_format_date_time (local);
  g_autofree char *offset = g_date_time_format (local, "%:z");

  /* Translators: a date with time, and how far the clock of this computer is ahead of UTC: “20 Nov 2026, 02:00, local time (UTC+01:00)” */
  return g_strdup_printf (_ ("%s, local time (UTC%s)"), when, offset);
}

/* (transfer full) (nullable): what is chosen */
static GDateTime *
get_chosen (RepriseTimeButton *self)
{
  g_autoptr (GDateTime) day = gtk_calendar_get_date (self->calendar);

  return g_date_time_new_local (g_date_time_get_year (day), g_date_time_get_month (day),
                                g_date_time_get_day_of_month (day),
                                gtk_spin_button_get_value_as_int (self->hour),
                                gtk_spin_button_get_value_as_int (self->minute), 0);
}

/* In summer the clock may be another one than today. A calendar tells no screen reader the day that is chosen in it. */
static void
tell_chosen (RepriseTimeButton *self)
{
  g_autoptr (GDateTime) day = gtk_calendar_get_date (self->calendar);
  g_autoptr (GDateTime) chosen = get_chosen (self);
  g_autofree char *date = g_date_time_format (day, _ ("%-e %b %Y"));
  /* Translators: a date */
  g_autofree char *name = g_strdup_printf (_ ("Day: %s"), date);
  g_autofree char *text = chosen != NULL ? reprise_time_button_describe (chosen) : NULL;

  gtk_accessible_update_property (GTK_ACCESSIBLE (self->calendar), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  name, -1);
  gtk_label_set_label (self->zone, text != NULL ? text : "");
}

/* (transfer full): where nothing is set yet: the next full hour */
static GDateTime *
propose (void)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autoptr (GDateTime) later = g_date_time_add_hours (now, 1);

  return g_date_time_add_full (later, 0, 0, 0, 0, -g_date_time_get_minute (later),
                               -g_date_time_get_seconds (later));
}

/* With what stands in the field, as far as it is a time. */
static void
opened_cb (RepriseTimeButton *self)
{
  g_autoptr (GDateTime) set = reprise_setting_read_time (gtk_editable_get_text (self->editable));
  g_autoptr (GDateTime) local = set != NULL ? g_date_time_to_local (set) : propose ();

  gtk_calendar_select_day (self->calendar, local);
  gtk_spin_button_set_value (self->hour, g_date_time_get_hour (local));
  gtk_spin_button_set_value (self->minute, g_date_time_get_minute (local));
  gtk_widget_set_sensitive (self->clear, *gtk_editable_get_text (self->editable) != '\0');
  tell_chosen (self);
}

static void
set_cb (RepriseTimeButton *self)
{
  g_autoptr (GDateTime) chosen = get_chosen (self);
  g_autofree char *text = chosen != NULL ? reprise_time_button_write (chosen) : g_strdup ("");

  gtk_menu_button_popdown (self->button);
  gtk_editable_set_text (self->editable, text);
}

static void
clear_cb (RepriseTimeButton *self)
{
  gtk_menu_button_popdown (self->button);
  gtk_editable_set_text (self->editable, "");
}

/* “02”, as a clock has it */
static gboolean
output_cb (GtkSpinButton *spin)
{
  g_autofree char *text = g_strdup_printf ("%02d", gtk_spin_button_get_value_as_int (spin));

  gtk_editable_set_text (GTK_EDITABLE (spin), text);
  return TRUE;
}

static GtkSpinButton *
new_spin (RepriseTimeButton *self, const char *name, int maximum)
{
  GtkWidget *spin = gtk_spin_button_new_with_range (0, maximum, 1);

  gtk_orientable_set_orientation (GTK_ORIENTABLE (spin), GTK_ORIENTATION_VERTICAL);
  gtk_spin_button_set_numeric (GTK_SPIN_BUTTON (spin), TRUE);
  gtk_spin_button_set_wrap (GTK_SPIN_BUTTON (spin), TRUE);
  gtk_editable_set_width_chars (GTK_EDITABLE (spin), 2);
  gtk_widget_set_tooltip_text (spin, name);
  gtk_accessible_update_property (GTK_ACCESSIBLE (spin), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  g_signal_connect (spin, "output", G_CALLBACK (output_cb), NULL);
  g_signal_connect_swapped (spin, "value-changed", G_CALLBACK (tell_chosen), self);
  return GTK_SPIN_BUTTON (spin);
}

/* Those with nothing but an arrow on them, in their order. */
static void
name_arrows (GtkWidget *widget, const char *const **names)
{
  if (GTK_IS_BUTTON (widget) && **names != NULL)
    {
      gtk_widget_set_tooltip_text (widget, **names);
      gtk_accessible_update_property (GTK_ACCESSIBLE (widget), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                      **names, -1);
      *names += 1;
    }
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    name_arrows (child, names);
}

/* How many days, and months, a key goes on from the day that is chosen; %FALSE for any other key. */
static gboolean
read_key (GtkWidget *calendar, guint keyval, int *days, int *months)
{
  gboolean rtl = gtk_widget_get_direction (calendar) == GTK_TEXT_DIR_RTL;

  *days = keyval == GDK_KEY_Left    ? (rtl ? 1 : -1)
          : keyval == GDK_KEY_Right ? (rtl ? -1 : 1)
          : keyval == GDK_KEY_Up    ? -7
          : keyval == GDK_KEY_Down  ? 7
                                    : 0;
  *months = keyval == GDK_KEY_Page_Up ? -1 : keyval == GDK_KEY_Page_Down ? 1 : 0;
  return *days != 0 || *months != 0;
}

/* A calendar's own keys move a frame that nobody is told of, from its first day on: these choose the day at once. */
static gboolean
key_cb (GtkEventControllerKey *controller,
        guint keyval,
        guint keycode,
        GdkModifierType state,
        RepriseTimeButton *self)
{
  g_autoptr (GDateTime) day = gtk_calendar_get_date (self->calendar);
  g_autoptr (GDateTime) next = NULL;
  int days, months;

  if (!gtk_widget_is_focus (GTK_WIDGET (self->calendar)) || (state & GDK_CONTROL_MASK) != 0 ||
      !read_key (GTK_WIDGET (self->calendar), keyval, &days, &months))
    return GDK_EVENT_PROPAGATE;
  next = g_date_time_add_full (day, 0, months, days, 0, 0, 0);
  if (next != NULL)
    gtk_calendar_select_day (self->calendar, next);
  return GDK_EVENT_STOP;
}

static GtkCalendar *
new_calendar (RepriseTimeButton *self)
{
  GtkEventController *keys = gtk_event_controller_key_new ();
  const char *const names[] = { _ ("Previous Month"), _ ("Next Month"), _ ("Previous Year"),
                                _ ("Next Year"), NULL };
  static const char *const parts[] = { "notify::day", "notify::month", "notify::year" };
  const char *const *next = names;
  GtkWidget *calendar = gtk_calendar_new ();

  name_arrows (calendar, &next);
  gtk_event_controller_set_propagation_phase (keys, GTK_PHASE_CAPTURE);
  g_signal_connect (keys, "key-pressed", G_CALLBACK (key_cb), self);
  gtk_widget_add_controller (calendar, keys);
  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    g_signal_connect_swapped (calendar, parts[i], G_CALLBACK (tell_chosen), self);
  return GTK_CALENDAR (calendar);
}

/* Hours stand before minutes in every language. */
static GtkWidget *
build_clock (RepriseTimeButton *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);

  gtk_widget_set_direction (box, GTK_TEXT_DIR_LTR);
  gtk_widget_set_halign (box, GTK_ALIGN_CENTER);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->hour));
  gtk_box_append (GTK_BOX (box), gtk_label_new (":"));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->minute));
  return box;
}

static GtkWidget *
new_button (RepriseTimeButton *self, const char *label, GCallback callback)
{
  GtkWidget *button = gtk_button_new_with_mnemonic (label);

  g_signal_connect_swapped (button, "clicked", callback, self);
  return button;
}

static GtkWidget *
build_content (RepriseTimeButton *self, gboolean required)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12);
  GtkWidget *buttons = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *set = new_button (self, _ ("_Set"), G_CALLBACK (set_cb));

  gtk_box_set_homogeneous (GTK_BOX (buttons), TRUE);
  gtk_box_append (GTK_BOX (buttons), self->clear);
  gtk_box_append (GTK_BOX (buttons), set);
  gtk_widget_set_visible (self->clear, !required);
  gtk_widget_add_css_class (set, "suggested-action");
  gtk_label_set_wrap (self->zone, TRUE);
  gtk_label_set_justify (self->zone, GTK_JUSTIFY_CENTER);
  gtk_label_set_max_width_chars (self->zone, 28);
  gtk_widget_add_css_class (GTK_WIDGET (self->zone), "caption");
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->calendar));
  gtk_box_append (GTK_BOX (box), build_clock (self));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->zone));
  gtk_box_append (GTK_BOX (box), buttons);
  return box;
}

static void
reprise_time_button_init (RepriseTimeButton *self)
{
  self->button = GTK_MENU_BUTTON (gtk_menu_button_new ());
  self->calendar = new_calendar (self);
  self->hour = new_spin (self, _ ("Hour"), 23);
  self->minute = new_spin (self, _ ("Minute"), 59);
  self->zone = GTK_LABEL (gtk_label_new (NULL));
  self->clear = new_button (self, _ ("_Clear"), G_CALLBACK (clear_cb));
  gtk_menu_button_set_icon_name (self->button, "reprise-calendar-symbolic");
  gtk_widget_add_css_class (GTK_WIDGET (self->button), "flat");
  gtk_widget_set_valign (GTK_WIDGET (self), GTK_ALIGN_CENTER);
  adw_bin_set_child (ADW_BIN (self), GTK_WIDGET (self->button));
}

/**
 * reprise_time_button_new:
 * @editable: what the time is written into; lives as long as the button
 * @name: of the button
 * @required: whether it may not be empty
 */
RepriseTimeButton *
reprise_time_button_new (GtkEditable *editable, const char *name, gboolean required)
{
  RepriseTimeButton *self = g_object_new (REPRISE_TYPE_TIME_BUTTON, NULL);
  GtkWidget *popover = gtk_popover_new ();

  self->editable = editable;
  gtk_popover_set_child (GTK_POPOVER (popover), build_content (self, required));
  gtk_menu_button_set_popover (self->button, popover);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->button), name);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->button), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  name, -1);
  g_signal_connect_swapped (popover, "show", G_CALLBACK (opened_cb), self);
  return self;
}
