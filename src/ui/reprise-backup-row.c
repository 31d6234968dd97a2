/* reprise-backup-row.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "reprise-ui"

#include "config.h"

#include <glib/gi18n.h>

#include "schedule/reprise-periods.h"

#include "reprise-backup-row.h"
#include "reprise-format.h"

#define MAX_GROUPS 2 /* named in a row; the others are counted */

struct _RepriseBackupRow
{
  AdwBin parent_instance;

  GtkLabel *title;
  GtkLabel *subtitle;
  GtkImage *kept;
  GtkImage *icon;
  GtkLabel *state;

  RepriseBackup *backup; /* (owned) (nullable) */
  gboolean selecting;
  gboolean selected;
};

G_DEFINE_FINAL_TYPE (RepriseBackupRow, reprise_backup_row, ADW_TYPE_BIN)

typedef enum
{
  PROP_BACKUP = 1,
  PROP_SELECTING,
  PROP_SELECTED,
} RepriseBackupRowProperty;

static GParamSpec *properties[PROP_SELECTED + 1];

/* (transfer full): when it was made: “Yesterday, 02:00”; the service's own name where nobody says when */
char *
reprise_backup_dup_title (RepriseBackup *backup, GDateTime *now)
{
  GDateTime *created = reprise_backup_get_created_at (backup);

  if (created != NULL)
    return reprise_format_day_time (created, now);
  return g_strdup (reprise_backup_get_own_name (backup) != NULL
                     ? reprise_backup_get_own_name (backup)
                     : reprise_backup_get_id (backup));
}

/* (nullable): what it was made for, where it was not asked for by hand or by a schedule */
const char *
reprise_backup_get_origin_text (RepriseBackup *backup)
{
  switch (reprise_backup_get_origin (backup))
    {
    case REPRISE_ORIGIN_SAFETY:
      return _ ("Safety copy");
    case REPRISE_ORIGIN_UPLOAD:
      return _ ("Uploaded");
    case REPRISE_ORIGIN_REHEARSAL:
      return _ ("Rehearsal");
    case REPRISE_ORIGIN_MANUAL:
    case REPRISE_ORIGIN_SCHEDULE:
    default:
      return NULL;
    }
}

/* (transfer full) (nullable): of reports: from when until when what happened is in them, all together */
static char *
dup_period_text (RepriseBackup *backup)
{
  g_autoptr (ReprisePeriods) periods = reprise_periods_new ();

  reprise_periods_add (periods, reprise_backup_get_periods (backup));
  return reprise_periods_dup_text (periods, NULL);
}

/* Whether it holds only what has happened on the service: that is kept, and goes back nowhere. @kind: (nullable) */
gboolean
reprise_backup_is_reports (RepriseBackup *backup, RepriseKind *kind)
{
  return kind != NULL && reprise_kind_can (kind, REPRISE_HAS_REPORTS) &&
         reprise_backup_get_groups (backup) == REPRISE_GROUP_BIT (REPRISE_GROUP_LOG);
}

/* (transfer full): “Daily delta · 184 MB · Users, Custom Collections +2 · In the vault · before the update” */
char *
reprise_backup_dup_subtitle (RepriseBackup *backup)
{
  g_autoptr (GString) text = g_string_new (NULL);
  gint64 size_bytes = reprise_backup_get_size_bytes (backup);
  g_autofree char *size = size_bytes >= 0 ? reprise_format_size (size_bytes) : NULL;
  g_autofree char *groups =
    reprise_format_groups_short (reprise_backup_get_groups (backup), MAX_GROUPS);
  g_autofree char *tier = reprise_backup_dup_tier_text (backup);
  g_autofree char *period = dup_period_text (backup);

  reprise_format_add_part (text, period);
  reprise_format_add_part (text, tier);
  reprise_format_add_part (text, reprise_backup_get_edition (backup));
  reprise_format_add_part (text, size);
  reprise_format_add_part (text, reprise_backup_get_origin_text (backup));
  reprise_format_add_part (text, groups);
  reprise_format_add_part (text, reprise_backup_get_place_text (backup));
  reprise_format_add_part (text, reprise_backup_get_note (backup));
  return g_strdup (text->str);
}

/* (transfer full) (nullable): until when a service takes it back; %NULL: for ever, or not known. @kind: (nullable): of the service */
char *
reprise_backup_dup_end_text (RepriseBackup *backup, RepriseKind *kind, RepriseService *service)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autoptr (GDateTime) end =
    kind != NULL ? reprise_kind_get_backup_end (kind, service, backup) : NULL;

  return end != NULL ? reprise_kind_describe_backup_end (end, now) : NULL;
}

/* (transfer none): where it lies */
const char *
reprise_backup_get_place_text (RepriseBackup *backup)
{
  if (reprise_backup_get_in_vault (backup))
    return reprise_backup_get_on_service (backup) ? _ ("In the vault and on the service")
                                                  : _ ("In the vault");
  return reprise_backup_get_on_service (backup) ? _ ("Only on the service") : "";
}

/* (transfer none): one word for its state; the service's own where it has one of its own for what is going on */
const char *
reprise_backup_get_state_text (RepriseBackup *backup)
{
  if (reprise_backup_get_damage (backup) != NULL)
    return _ ("Damaged");
  if (reprise_backup_get_stale (backup))
    return _ ("Abandoned");
  if (reprise_backup_get_own_state_text (backup) != NULL)
    return reprise_backup_get_own_state_text (backup);
  if (reprise_backup_get_in_progress (backup))
    return _ ("Being made");
  switch (reprise_backup_get_state (backup))
    {
    case REPRISE_BACKUP_VERIFIED:
      return _ ("Verified");
    case REPRISE_BACKUP_COMPLETE:
      return _ ("Complete");
    case REPRISE_BACKUP_PARTIAL:
    default:
      return _ ("Partial");
    }
}

/* Of what a service tells of its own backups; %NULL where their state says all. */
static const char *const SIGN_ICONS[REPRISE_N_BACKUP_SIGNS] = {
  [REPRISE_BACKUP_SIGN_QUEUED] = "reprise-schedule-symbolic",
  [REPRISE_BACKUP_SIGN_FLAWED] = "reprise-warning-symbolic",
  [REPRISE_BACKUP_SIGN_FAILED] = "reprise-failed-symbolic",
  [REPRISE_BACKUP_SIGN_SKIPPED] = "reprise-none-symbolic",
  [REPRISE_BACKUP_SIGN_LEAVING] = "reprise-delete-symbolic",
  [REPRISE_BACKUP_SIGN_UNKNOWN] = "reprise-help-symbolic",
};

const char *
reprise_backup_get_state_icon_name (RepriseBackup *backup)
{
  const char *sign = SIGN_ICONS[reprise_backup_get_sign (backup)];

  if (reprise_backup_get_damage (backup) != NULL)
    return "reprise-failed-symbolic";
  if (sign != NULL && !reprise_backup_get_stale (backup))
    return sign;
  if (reprise_backup_get_in_progress (backup) && !reprise_backup_get_stale (backup))
    return "reprise-running-symbolic";
  switch (reprise_backup_get_state (backup))
    {
    case REPRISE_BACKUP_VERIFIED:
      return "reprise-verify-symbolic";
    case REPRISE_BACKUP_COMPLETE:
      return "reprise-backup-symbolic";
    case REPRISE_BACKUP_PARTIAL:
    default:
      return "reprise-warning-symbolic";
    }
}

static void
reprise_backup_row_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  RepriseBackupRow *self = REPRISE_BACKUP_ROW (object);

  switch ((RepriseBackupRowProperty) id)
    {
    case PROP_BACKUP:
      g_value_set_object (value, self->backup);
      break;
    case PROP_SELECTING:
      g_value_set_boolean (value, self->selecting);
      break;
    case PROP_SELECTED:
      g_value_set_boolean (value, self->selected);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
set_boolean (RepriseBackupRow *self,
             gboolean *field,
             gboolean value,
             RepriseBackupRowProperty property)
{
  if (*field == value)
    return;
  *field = value;
  g_object_notify_by_pspec (G_OBJECT (self), properties[property]);
}

static void
reprise_backup_row_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  RepriseBackupRow *self = REPRISE_BACKUP_ROW (object);

  switch ((RepriseBackupRowProperty) id)
    {
    case PROP_BACKUP:
      reprise_backup_row_set_backup (self, g_value_get_object (value));
      break;
    case PROP_SELECTING:
      set_boolean (self, &self->selecting, g_value_get_boolean (value), PROP_SELECTING);
      break;
    case PROP_SELECTED:
      set_boolean (self, &self->selected, g_value_get_boolean (value), PROP_SELECTED);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
reprise_backup_row_dispose (GObject *object)
{
  g_clear_object (&REPRISE_BACKUP_ROW (object)->backup);
  gtk_widget_dispose_template (GTK_WIDGET (object), REPRISE_TYPE_BACKUP_ROW);
  G_OBJECT_CLASS (reprise_backup_row_parent_class)->dispose (object);
}

static void
reprise_backup_row_class_init (RepriseBackupRowClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->dispose = reprise_backup_row_dispose;
  object_class->get_property = reprise_backup_row_get_property;
  object_class->set_property = reprise_backup_row_set_property;
  properties[PROP_BACKUP] = g_param_spec_object ("backup", NULL, NULL, REPRISE_TYPE_BACKUP, flags);
  properties[PROP_SELECTING] = g_param_spec_boolean ("selecting", NULL, NULL, FALSE, flags);
  properties[PROP_SELECTED] = g_param_spec_boolean ("selected", NULL, NULL, FALSE, flags);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
  gtk_widget_class_set_template_from_resource (
    widget_class, "/io/github/reprise_backup/Reprise/ui/reprise-backup-row.ui");
  gtk_widget_class_bind_template_child (widget_class, RepriseBackupRow, title);
  gtk_widget_class_bind_template_child (widget_class, RepriseBackupRow, subtitle);
  gtk_widget_class_bind_template_child (widget_class, RepriseBackupRow, kept);
  gtk_widget_class_bind_template_child (widget_class, RepriseBackupRow, icon);
  gtk_widget_class_bind_template_child (widget_class, RepriseBackupRow, state);
}

static void
reprise_backup_row_init (RepriseBackupRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
reprise_backup_row_new (void)
{
  return g_object_new (REPRISE_TYPE_BACKUP_ROW, NULL);
}

/**
 * reprise_backup_row_set_backup:
 * @backup: (nullable): the backup to show
 */
void
reprise_backup_row_set_backup (RepriseBackupRow *self, RepriseBackup *backup)
{
  g_autoptr (GDateTime) now = NULL;
  g_autofree char *title = NULL;
  g_autofree char *subtitle = NULL;

  if (!g_set_object (&self->backup, backup))
    return;
  if (backup != NULL)
    {
      now = g_date_time_new_now_utc ();
      title = reprise_backup_dup_title (backup, now);
      subtitle = reprise_backup_dup_subtitle (backup);
      gtk_label_set_label (self->title, title);
      gtk_label_set_label (self->subtitle, subtitle);
      gtk_label_set_label (self->state, reprise_backup_get_state_text (backup));
      gtk_image_set_from_icon_name (self->icon, reprise_backup_get_state_icon_name (backup));
      gtk_widget_set_visible (GTK_WIDGET (self->kept), reprise_backup_get_kept (backup));
    }
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_BACKUP]);
}

/* Until when the service takes it back. @text: (nullable) */
void
reprise_backup_row_set_end (RepriseBackupRow *self, const char *text)
{
  g_autofree char *subtitle =
    self->backup != NULL ? reprise_backup_dup_subtitle (self->backup) : g_strdup ("");
  g_autoptr (GString) whole = g_string_new (subtitle);

  reprise_format_add_part (whole, text);
  gtk_label_set_label (self->subtitle, whole->str);
}

RepriseBackup *
reprise_backup_row_get_backup (RepriseBackupRow *self)
{
  return self->backup;
}

/* Tells a screen reader what @list_row, which holds this row, is about. */
void
reprise_backup_row_name (RepriseBackupRow *self, GtkWidget *list_row)
{
  g_autofree char *description = g_strdup_printf ("%s · %s", gtk_label_get_label (self->state),
                                                  gtk_label_get_label (self->subtitle));

  gtk_accessible_update_property (GTK_ACCESSIBLE (list_row), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  gtk_label_get_label (self->title),
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, description, -1);
}
