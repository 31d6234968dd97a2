/* reprise-overview-page.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "reprise-ui"

#include "config.h"

#include <glib/gi18n.h>

#include "base/reprise-time.h"
#include "provider/reprise-standing.h"
#include "reprise-error-bar.h"
#include "reprise-format.h"
#include "reprise-group-row.h"
#include "reprise-job-row.h"
#include "reprise-job-window.h"
#include "reprise-outlook.h"
#include "reprise-overview-page.h"

#define RESTORED_DAYS 7 /* for which a restore that cannot be undone is told of */

struct _RepriseOverviewPage
{
  AdwBin parent_instance;

  RepriseErrorBar *error_bar;
  GtkWidget *job_list_row;
  RepriseJobRow *job_row;
  AdwActionRow *status_row;
  GtkImage *status_icon;
  GtkButton *status_button;
  GtkImage *status_arrow;
  AdwActionRow *verified_row;
  GtkImage *verified_icon;
  GtkButton *verify_button;
  AdwActionRow *restored_row;
  AdwActionRow *rehearsal_row;
  GtkImage *rehearsal_icon;
  GtkButton *rehearse_button;
  AdwActionRow *next_row;
  GtkImage *next_icon;
  AdwActionRow *undo_row;
  GtkLabel *recovery;
  AdwPreferencesGroup *groups_group;
  GtkButton *rules_button;
  GtkListBox *groups;
  AdwActionRow *folder_row;
  GtkWidget *space_row;
  GtkLabel *space;
  GtkLevelBar *space_bar;
  GtkSpinner *spinner;
  GtkListBox *connection;

  RepriseServiceItem *item;        /* (owned) (nullable) */
  RepriseContents *shown_contents; /* (owned) (nullable): whose rows there are */
  RepriseGroups shown_groups;      /* of the last backup, as the rows say */
  const RepriseProbe *shown_probe; /* (nullable): compared, never looked into */
  GCancellable *cancellable;       /* (owned) (nullable): of what is read for this item */
};

G_DEFINE_FINAL_TYPE (RepriseOverviewPage, reprise_overview_page, ADW_TYPE_BIN)

typedef enum
{
  PROP_ITEM = 1,
} RepriseOverviewPageProperty;

static GParamSpec *properties[PROP_ITEM + 1];

static void
clear_list (GtkListBox *list)
{
  GtkWidget *row;

  while ((row = gtk_widget_get_first_child (GTK_WIDGET (list))) != NULL)
    gtk_list_box_remove (list, row);
}

/* The action of the window that helps in a state; %NULL where none does. */
static const char *
get_action_name (RepriseStatusAction action)
{
  switch (action)
    {
    case REPRISE_STATUS_DO_BACK_UP: /* the large button below does that */
      return NULL;
    case REPRISE_STATUS_DO_SHOW_JOB:
      return "win.show-job";
    case REPRISE_STATUS_DO_ANSWER:
      return "win.answer-job";
    case REPRISE_STATUS_DO_SHOW_HISTORY:
      return "win.show-history";
    case REPRISE_STATUS_DO_EDIT:
      return "win.edit-service";
    case REPRISE_STATUS_DO_RETRY:
      return "win.refresh";
    case REPRISE_STATUS_DO_NOTHING:
    default:
      return NULL;
    }
}

static void
update_job (RepriseOverviewPage *self)
{
  RepriseJob *job = reprise_service_item_get_job (self->item);

  reprise_job_row_set_job (self->job_row, job);
  gtk_widget_set_visible (self->job_list_row, job != NULL);
  gtk_widget_set_visible (GTK_WIDGET (self->status_row), job == NULL);
}

static void
update_status (RepriseOverviewPage *self)
{
  const RepriseStatus *status = reprise_service_item_get_status (self->item);
  RepriseBackup *last = reprise_service_item_get_last_backup (self->item);
  gboolean signs_in =
    status->state == REPRISE_STATUS_SIGN_IN && reprise_service_item_needs_person (self->item);
  const char *action = signs_in ? "win.sign-in" : get_action_name (status->action);
  gboolean opens = last != NULL && action == NULL;

  gtk_image_set_from_icon_name (self->status_icon, status->icon_name);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->status_row), status->title);
  adw_action_row_set_subtitle (self->status_row, status->subtitle);
  gtk_widget_set_visible (GTK_WIDGET (self->status_button), action != NULL);
  if (action != NULL)
    {
      gtk_button_set_label (self->status_button,
                            signs_in ? _ ("Sign In…")
                                     : reprise_status_action_get_label (status->action));
      gtk_actionable_set_action_name (GTK_ACTIONABLE (self->status_button), action);
    }
  gtk_widget_set_visible (GTK_WIDGET (self->status_arrow), opens);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (self->status_row), opens);
}

/* By hand: a row that had an action and has none any more stays insensitive. */
static void
status_activated_cb (RepriseOverviewPage *self)
{
  gtk_widget_activate_action (GTK_WIDGET (self), "win.show-last-backup", NULL);
}

static void
update_verified (RepriseOverviewPage *self)
{
  RepriseBackup *last = reprise_service_item_get_last_backup (self->item);
  GDateTime *verified_at = last != NULL ? reprise_backup_get_verified_at (last) : NULL;
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();

  gtk_widget_set_visible (GTK_WIDGET (self->verified_row), last != NULL);
  if (last == NULL)
    return;
  gtk_button_set_label (self->verify_button,
                        reprise_backup_get_in_vault (last) ? _ ("_Verify") : _ ("_Download"));
  gtk_actionable_set_action_name (GTK_ACTIONABLE (self->verify_button),
                                  reprise_backup_get_in_vault (last) ? "win.verify-last"
                                                                     : "win.download-last");
  gtk_image_set_from_icon_name (self->verified_icon, verified_at != NULL ? "reprise-verify-symbolic"
                                                                         : "reprise-info-symbolic");
  if (verified_at != NULL)
    {
      g_autofree char *ago = reprise_time_to_ago (verified_at, now);
      /* Translators: how long ago follows: “Read back in full 3 days ago” */
      g_autofree char *text = g_strdup_printf (_ ("Read back in full %s"), ago);

      adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->verified_row), _ ("Verified"));
      adw_action_row_set_subtitle (self->verified_row, text);
      return;
    }
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->verified_row), _ ("Not Verified"));
  adw_action_row_set_subtitle (
    self->verified_row,
    reprise_backup_get_in_vault (last)
      ? _ ("The last backup has not been read back yet")
      : _ ("The last backup is only on the service: download it, and it is read back"));
}

/* (transfer none) (nullable): the restore that is told of: one that can be undone, or one of the last days */
static RepriseRun *
find_restore (RepriseOverviewPage *self, GDateTime *now)
{
  RepriseRun *undoable = reprise_service_item_get_undoable_run (self->item);
  RepriseRun *last = reprise_service_item_get_last_restore (self->item);

  if (reprise_service_item_get_job (self->item) != NULL)
    return NULL;
  if (last != NULL && g_date_time_difference (now, reprise_run_get_finished_at (last)) <
                        RESTORED_DAYS * G_TIME_SPAN_DAY)
    return last;
  return undoable;
}

/* Undo is offered in a row of its own, which has room for its words; @run: (nullable): the restore that is told of above it */
static void
update_undo (RepriseOverviewPage *self, RepriseRun *run, GDateTime *now)
{
  RepriseRun *undoable = reprise_service_item_get_undoable_run (self->item);
  g_autofree char *when = NULL;
  g_autofree char *title = NULL;

  gtk_widget_set_visible (GTK_WIDGET (self->undo_row), run != NULL && undoable != NULL);
  if (run == NULL || undoable == NULL)
    return;
  when = reprise_format_day_time (reprise_run_get_finished_at (undoable), now);
  /* Translators: %s is a day and a time: “20 Nov, 02:00” */
  title = run == undoable ? g_strdup (_ ("Undo This Restore…"))
                          : g_strdup_printf (_ ("Undo the Restore of %s…"), when);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->undo_row), title);
}

/* (transfer full): “Restored 5 minutes ago” */
static char *
dup_restored_title (RepriseRun *run, GDateTime *now)
{
  g_autofree char *ago = reprise_time_to_ago (reprise_run_get_finished_at (run), now);

  if (reprise_run_get_state (run) != REPRISE_JOB_DONE &&
      reprise_run_get_state (run) != REPRISE_JOB_WARNINGS)
    /* Translators: how long ago follows: “Restore not completed, 5 minutes ago” */
    return g_strdup_printf (_ ("Restore not completed, %s"), ago);
  if (reprise_run_get_kind (run) == REPRISE_JOB_UNDO)
    /* Translators: how long ago follows: “Restore undone 5 minutes ago” */
    return g_strdup_printf (_ ("Restore undone %s"), ago);
  /* Translators: how long ago follows: “Restored 5 minutes ago” */
  return g_strdup_printf (_ ("Restored %s"), ago);
}

static void
update_restored (RepriseOverviewPage *self)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  RepriseRun *run = find_restore (self, now);
  g_autofree char *title = NULL;

  gtk_widget_set_visible (GTK_WIDGET (self->restored_row), run != NULL);
  update_undo (self, run, now);
  if (run == NULL)
    return;
  title = dup_restored_title (run, now);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->restored_row), title);
  adw_action_row_set_subtitle (self->restored_row,
                               reprise_run_get_summary (run) != NULL ? reprise_run_get_summary (run)
                               : reprise_run_get_error (run) != NULL ? reprise_run_get_error (run)
                                                                     : "");
}

static void
restored_activated_cb (RepriseOverviewPage *self)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  RepriseRun *run = find_restore (self, now);

  if (run != NULL)
    gtk_window_present (reprise_job_window_new_for_run (GTK_WIDGET (self), run));
}

/* The one question: how do we get our data back? */
static void
update_recovery (RepriseOverviewPage *self)
{
  RepriseBackup *last = reprise_service_item_get_last_backup (self->item);
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autofree char *when = NULL;
  g_autofree char *groups = NULL;
  g_autofree char *lost = NULL;
  g_autofree char *text = NULL;
  g_autofree char *advised = NULL;

  if (last == NULL || reprise_backup_get_damage (last) != NULL ||
      reprise_backup_get_created_at (last) == NULL)
    {
      gtk_label_set_label (
        self->recovery,
        last == NULL
          ? _ ("If this service were lost now, nothing could be brought back.")
          : _ ("The last backup is damaged: look for an earlier one among the backups."));
      return;
    }
  when = reprise_format_date_time (reprise_backup_get_created_at (last));
  groups = reprise_groups_to_text (reprise_backup_get_groups (last));
  lost = reprise_standing_describe_recovery (reprise_backup_get_created_at (last), now);
  if (groups[0] != '\0')
    /* Translators: a date with time, and names of data groups */
    text = g_strdup_printf (_ ("If this service were lost now, it would come back as it was on %s, "
                               "with these groups: %s."),
                            when, groups);
  else
    /* Translators: a date with time */
    text = g_strdup_printf (
      _ ("If this service were lost now, it would come back as it was on %s."), when);
  advised = g_strdup_printf ("%s %s %s", text, lost, _ ("Back up before important changes."));
  gtk_label_set_label (self->recovery, advised);
}

/* Whether the group was in the last backup: a sign, and its words for those who do not see it. */
static GtkWidget *
create_backed_up_sign (gboolean backed_up)
{
  const char *text = backed_up ? _ ("In the last backup") : _ ("Not in the last backup");
  GtkWidget *icon = g_object_new (GTK_TYPE_IMAGE, "icon-name",
                                  backed_up ? "reprise-success-symbolic" : "reprise-none-symbolic",
                                  "tooltip-text", text, NULL);

  gtk_accessible_update_property (GTK_ACCESSIBLE (icon), GTK_ACCESSIBLE_PROPERTY_LABEL, text, -1);
  return icon;
}

static void
add_group_row (RepriseOverviewPage *self, RepriseDataGroup *group, RepriseBackup *last)
{
  RepriseKind *kind = reprise_service_item_get_kind (self->item);
  RepriseGroup which = reprise_data_group_get_group (group);
  RepriseGroupRow *row =
    reprise_group_row_new (group, kind != NULL ? reprise_kind_explain_group (kind, which) : NULL);

  reprise_group_row_set_checkable (row, FALSE);
  if (last != NULL && which != REPRISE_GROUP_SKIPPED &&
      reprise_backup_get_groups (last) != REPRISE_GROUPS_NONE)
    reprise_group_row_add_suffix (
      row, create_backed_up_sign (REPRISE_GROUPS_HAS (reprise_backup_get_groups (last), which)));
  gtk_list_box_append (self->groups, GTK_WIDGET (row));
}

/* (transfer none) (nullable): as the service said now, else as the last backup has it */
static RepriseContents *
find_contents (RepriseOverviewPage *self)
{
  RepriseContents *contents = reprise_service_item_get_contents (self->item);
  RepriseBackup *last = reprise_service_item_get_last_backup (self->item);

  return contents != NULL ? contents : last != NULL ? reprise_backup_get_contents (last) : NULL;
}

static void
update_groups (RepriseOverviewPage *self)
{
  RepriseContents *contents = find_contents (self);
  RepriseBackup *last = reprise_service_item_get_last_backup (self->item);
  RepriseGroups groups = last != NULL ? reprise_backup_get_groups (last) : REPRISE_GROUPS_NONE;

  gtk_widget_set_visible (GTK_WIDGET (self->groups_group), contents != NULL);
  gtk_widget_set_visible (GTK_WIDGET (self->rules_button),
                          reprise_service_item_can (self->item, REPRISE_HAS_RULES) &&
                            reprise_service_item_get_contents (self->item) != NULL);
  if (contents == self->shown_contents && groups == self->shown_groups)
    return;
  g_set_object (&self->shown_contents, contents);
  self->shown_groups = groups;
  clear_list (self->groups);
  for (guint i = 0; contents != NULL && i < REPRISE_N_GROUPS; i++)
    if (reprise_contents_get_group (contents, (RepriseGroup) i) != NULL)
      add_group_row (self, reprise_contents_get_group (contents, (RepriseGroup) i), last);
}

/* (transfer full): “19 backups · 3.1 GB” */
static char *
describe_backups (RepriseServiceItem *item)
{
  GListModel *backups = reprise_service_item_get_backups (item);
  guint n = g_list_model_get_n_items (backups), in_vault = 0;
  gint64 size_bytes = 0;
  g_autofree char *size = NULL;
  g_autofree char *count = NULL;
  g_autofree char *text = NULL;

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (RepriseBackup) backup = g_list_model_get_item (backups, i);

      if (!reprise_backup_get_in_vault (backup))
        continue;
      in_vault++;
      size_bytes += MAX (reprise_backup_get_size_bytes (backup), 0);
    }
  size = g_format_size ((guint64) size_bytes);
  count = reprise_format_count (in_vault);
  text = g_strdup_printf (
    ngettext ("%s backup of this service", "%s backups of this service", in_vault), count);
  return in_vault > 0 ? g_strdup_printf ("%s · %s", text, size) : g_steal_pointer (&text);
}

typedef struct
{
  RepriseVault *vault; /* (owned) */
  RepriseStorageFacts facts;
} Storage;

static void
storage_free (Storage *storage)
{
  g_clear_object (&storage->vault);
  g_free (storage);
}

static void
storage_worker (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Storage *storage = data;
  GError *error = NULL;

  if (reprise_vault_get_facts (storage->vault, &storage->facts, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
storage_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (RepriseOverviewPage) self = data;
  Storage *storage = g_task_get_task_data (G_TASK (result));
  gint64 total = storage->facts.total_bytes, free_bytes = storage->facts.free_bytes;
  gboolean known = g_task_propagate_boolean (G_TASK (result), NULL) && total > 0 && free_bytes >= 0;

  if (g_cancellable_is_cancelled (g_task_get_cancellable (G_TASK (result))))
    return;
  gtk_widget_set_visible (self->space_row, known);
  if (known)
    {
      g_autofree char *free_text = g_format_size ((guint64) free_bytes);
      g_autofree char *total_text = g_format_size ((guint64) total);
      /* Translators: two sizes: “41 GB free of 200 GB” */
      g_autofree char *text = g_strdup_printf (_ ("%s free of %s"), free_text, total_text);

      gtk_label_set_label (self->space, text);
      gtk_accessible_update_property (GTK_ACCESSIBLE (self->space_row),
                                      GTK_ACCESSIBLE_PROPERTY_LABEL, text, -1);
      gtk_level_bar_set_value (self->space_bar, 1 - (double) free_bytes / (double) total);
    }
}

static void
update_storage (RepriseOverviewPage *self)
{
  g_autoptr (RepriseVault) vault =
    reprise_context_dup_vault (reprise_service_item_get_context (self->item));
  g_autofree char *name = g_filename_display_name (reprise_vault_get_path (vault));
  g_autofree char *text = describe_backups (self->item);

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->folder_row), name);
  adw_action_row_set_subtitle (self->folder_row, text);
}

static void
read_storage (RepriseOverviewPage *self)
{
  g_autoptr (GTask) task = g_task_new (NULL, self->cancellable, storage_cb, g_object_ref (self));
  Storage *storage = g_new0 (Storage, 1);

  storage->vault = reprise_context_dup_vault (reprise_service_item_get_context (self->item));
  g_task_set_task_data (task, storage, (GDestroyNotify) storage_free);
  g_task_run_in_thread (task, storage_worker);
}

static GtkWidget *
add_connection_row (RepriseOverviewPage *self, const char *title, const char *value)
{
  GtkWidget *row = g_object_new (ADW_TYPE_ACTION_ROW, "title", title, "subtitle", value,
                                 "use-markup", FALSE, "subtitle-lines", 3, NULL);

  gtk_widget_add_css_class (row, "property");
  gtk_list_box_append (self->connection, row);
  return row;
}

/* A page in the browser, where the value is its address. */
static void
add_link (GtkWidget *row, const char *label, const char *value)
{
  GtkWidget *link;

  if (value == NULL ||
      (!g_str_has_prefix (value, "http://") && !g_str_has_prefix (value, "https://")))
    return;
  /* Translators: opens a page in the browser */
  link = gtk_link_button_new_with_label (value, _ ("Open"));
  gtk_widget_set_valign (link, GTK_ALIGN_CENTER);
  gtk_accessible_update_property (GTK_ACCESSIBLE (link), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, label,
                                  -1);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), link);
}

/* (transfer none): the value as a person reads it */
static const char *
get_value_text (const RepriseSetting *setting, const char *value)
{
  if (setting->type == REPRISE_SETTING_BOOLEAN)
    return g_strcmp0 (value, "true") == 0 ? _ ("Yes") : _ ("No");
  for (guint i = 0; setting->choices != NULL && setting->choices[i] != NULL; i++)
    if (g_strcmp0 (setting->choices[i], value) == 0 && setting->choice_labels != NULL)
      return _ (setting->choice_labels[i]);
  return value;
}

typedef struct
{
  RepriseOverviewPage *self; /* (owned) */
  AdwActionRow *row;         /* (owned) */
  GCancellable *cancellable; /* (owned) */
  gboolean required;
} KeyringRow;

/* Where the secret is, and what to do when it is missing. */
static const char *
get_keyring_text (RepriseKeyringState state, gboolean required)
{
  if (state == REPRISE_KEYRING_THERE)
    return _ ("In the keyring");
  if (state != REPRISE_KEYRING_NOT_FOUND)
    return reprise_keyring_state_get_text (state);
  return required ? _ ("Not in the keyring: edit the connection to give it")
                  : _ ("Not set (optional)");
}

static void
keyring_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  KeyringRow *row = data;
  g_autoptr (GError) error = NULL;
  RepriseKeyringState state;

  if (reprise_keyring_get_state_finish (result, &state, &error))
    adw_action_row_set_subtitle (row->row, get_keyring_text (state, row->required));
  else if (!g_cancellable_is_cancelled (row->cancellable))
    adw_action_row_set_subtitle (row->row, error->message);
  g_object_unref (row->self);
  g_object_unref (row->row);
  g_object_unref (row->cancellable);
  g_free (row);
}

/* A secret is never shown, only where it is. */
static void
add_secret_row (RepriseOverviewPage *self, const RepriseSetting *setting)
{
  KeyringRow *data = g_new0 (KeyringRow, 1);

  data->self = g_object_ref (self);
  data->row = ADW_ACTION_ROW (
    g_object_ref (add_connection_row (self, _ (setting->label), _ ("Looking into the keyring…"))));
  data->cancellable = g_object_ref (self->cancellable);
  data->required = setting->required;
  reprise_keyring_get_state_async (reprise_service_item_get_uuid (self->item), setting->key,
                                   self->cancellable, keyring_cb, data);
}

static void
add_setting_row (RepriseOverviewPage *self, const RepriseSetting *setting)
{
  RepriseService *service = reprise_service_item_get_service (self->item);
  const char *value =
    reprise_kind_get_value (reprise_service_item_get_kind (self->item), service, setting->key);

  if (setting->label == NULL)
    return;
  if (setting->type == REPRISE_SETTING_SECRET)
    add_secret_row (self, setting);
  else if (value != NULL && value[0] != '\0' &&
           !(setting->advanced && g_strcmp0 (value, setting->default_value) == 0))
    add_connection_row (self, _ (setting->label), get_value_text (setting, value));
}

/* (transfer full): “1.7.2 · answered in 0.3 s” */
static char *
describe_probe (const RepriseProbe *probe)
{
  g_autofree char *latency = NULL;

  if (probe->latency_ms >= 0)
    /* Translators: a number of seconds, such as 0.3 */
    latency = g_strdup_printf (_ ("answered in %.1f s"), (double) probe->latency_ms / 1000);
  if (probe->version != NULL && latency != NULL)
    return g_strdup_printf ("%s · %s", probe->version, latency);
  return g_strdup (probe->version != NULL ? probe->version : latency);
}

static void
add_probe_rows (RepriseOverviewPage *self, const RepriseProbe *probe)
{
  g_autofree char *version = describe_probe (probe);

  if (version != NULL)
    add_connection_row (self, _ ("Version"), version);
  for (guint i = 0; i < probe->facts->len; i++)
    {
      const RepriseFact *fact = probe->facts->pdata[i];

      add_link (add_connection_row (self, fact->label, fact->value), fact->label, fact->value);
    }
  for (guint i = 0; i < probe->warnings->len; i++)
    {
      GtkWidget *row = add_connection_row (self, _ ("Warning"), probe->warnings->pdata[i]);

      adw_action_row_add_prefix (ADW_ACTION_ROW (row),
                                 gtk_image_new_from_icon_name ("reprise-warning-symbolic"));
    }
}

/* What the service keeps beside its backups, with a button for it. */
static void
add_action_row (RepriseOverviewPage *self,
                const char *title,
                const char *subtitle,
                const char *label,
                const char *action_name)
{
  GtkWidget *row = add_connection_row (self, title, subtitle);
  GtkWidget *button = g_object_new (GTK_TYPE_BUTTON, "label", label, "use-underline", TRUE,
                                    "valign", GTK_ALIGN_CENTER, "action-name", action_name, NULL);

  gtk_widget_remove_css_class (row, "property");
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), button);
}

static void
add_own_rows (RepriseOverviewPage *self)
{
  if (reprise_service_item_can (self->item, REPRISE_HAS_SCHEDULE))
    add_action_row (self, _ ("Schedule of the Service"),
                    _ ("One that the service keeps and follows itself"), _ ("_Open…"),
                    "win.show-own-schedule");
  if (reprise_service_item_can (self->item, REPRISE_CAN_RENEW))
    add_action_row (
      self, _ ("Access That Ends"),
      _ ("Gives the service the access of these settings for all backups that it has"),
      _ ("Re_new"), "win.renew-access");
}

static void
update_connection (RepriseOverviewPage *self)
{
  RepriseKind *kind = reprise_service_item_get_kind (self->item);
  const RepriseSetting *settings = kind != NULL ? reprise_kind_get_settings (kind) : NULL;
  GHashTable *values = reprise_service_get_settings (reprise_service_item_get_service (self->item));

  self->shown_probe = reprise_service_item_get_probe (self->item);
  clear_list (self->connection);
  add_connection_row (self, _ ("Kind"),
                      kind != NULL
                        ? reprise_kind_get_title (kind)
                        : _ ("This version of Reprise does not know this kind of service"));
  for (const RepriseSetting *setting = settings; setting != NULL && setting->key != NULL; setting++)
    if (reprise_setting_is_shown (setting, settings, values))
      add_setting_row (self, setting);
  if (reprise_service_item_get_probe (self->item) != NULL)
    add_probe_rows (self, reprise_service_item_get_probe (self->item));
  add_own_rows (self);
  if (reprise_service_get_production (reprise_service_item_get_service (self->item)))
    add_connection_row (self, _ ("Production"),
                        _ ("Its name has to be typed before data is replaced"));
}

/* What the status row says already is not said twice. */
static void
update_error (RepriseOverviewPage *self)
{
  const GError *error = reprise_service_item_get_error (self->item);
  const RepriseStatus *status = reprise_service_item_get_status (self->item);
  const char *warning = reprise_service_item_get_warning (self->item);
  gboolean said = status->state == REPRISE_STATUS_UNREACHABLE ||
                  status->state == REPRISE_STATUS_SIGN_IN ||
                  status->state == REPRISE_STATUS_KEYRING;

  if (error != NULL && !said)
    reprise_error_bar_show_error (self->error_bar, _ ("Could Not Read the Service"), error);
  else if (error == NULL && warning != NULL)
    reprise_error_bar_show_text (self->error_bar, GTK_MESSAGE_WARNING,
                                 _ ("Could Not Read the Backups on the Service"), warning);
  else
    reprise_error_bar_clear (self->error_bar);
}

static void
update_reading (RepriseOverviewPage *self)
{
  gboolean reading = reprise_service_item_get_reading (self->item);

  gtk_spinner_set_spinning (self->spinner, reading);
  gtk_widget_set_visible (GTK_WIDGET (self->spinner), reading);
}

static void
status_cb (RepriseOverviewPage *self)
{
  update_job (self);
  update_status (self);
  update_verified (self);
  update_restored (self);
  reprise_outlook_show_rehearsal (self->item, self->rehearsal_row, self->rehearsal_icon,
                                  self->rehearse_button);
  reprise_outlook_show_next (self->item, self->next_row, self->next_icon);
  update_recovery (self);
}

static void
changed_cb (RepriseOverviewPage *self)
{
  status_cb (self);
  update_groups (self);
  update_storage (self);
  if (reprise_service_item_get_probe (self->item) != self->shown_probe)
    update_connection (self);
  update_error (self);
}

static void
reprise_overview_page_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  switch ((RepriseOverviewPageProperty) id)
    {
    case PROP_ITEM:
      g_value_set_object (value, REPRISE_OVERVIEW_PAGE (object)->item);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
reprise_overview_page_set_property (GObject *object,
                                    guint id,
                                    const GValue *value,
                                    GParamSpec *pspec)
{
  switch ((RepriseOverviewPageProperty) id)
    {
    case PROP_ITEM:
      reprise_overview_page_set_item (REPRISE_OVERVIEW_PAGE (object), g_value_get_object (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
drop_item (RepriseOverviewPage *self)
{
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  if (self->item != NULL)
    {
      g_signal_handlers_disconnect_by_data (reprise_service_item_get_service (self->item), self);
      g_signal_handlers_disconnect_by_data (self->item, self);
    }
  g_clear_object (&self->item);
}

static void
reprise_overview_page_dispose (GObject *object)
{
  RepriseOverviewPage *self = REPRISE_OVERVIEW_PAGE (object);

  drop_item (self);
  g_clear_object (&self->shown_contents);
  gtk_widget_dispose_template (GTK_WIDGET (object), REPRISE_TYPE_OVERVIEW_PAGE);
  G_OBJECT_CLASS (reprise_overview_page_parent_class)->dispose (object);
}

static void
reprise_overview_page_class_init (RepriseOverviewPageClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = reprise_overview_page_dispose;
  object_class->get_property = reprise_overview_page_get_property;
  object_class->set_property = reprise_overview_page_set_property;
  properties[PROP_ITEM] =
    g_param_spec_object ("item", NULL, NULL, REPRISE_TYPE_SERVICE_ITEM,
                         G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
  g_type_ensure (REPRISE_TYPE_ERROR_BAR);
  g_type_ensure (REPRISE_TYPE_JOB_ROW);
  gtk_widget_class_set_template_from_resource (
    widget_class, "/io/github/reprise_backup/Reprise/ui/reprise-overview-page.ui");
  gtk_widget_class_bind_template_callback (widget_class, status_activated_cb);
  gtk_widget_class_bind_template_callback (widget_class, restored_activated_cb);
  gtk_widget_class_bind_template_child (widget_class, RepriseOverviewPage, error_bar);
  gtk_widget_class_bind_template_child (widget_class, RepriseOverviewPage, job_list_row);
  gtk_widget_class_bind_template_child (widget_class, RepriseOverviewPage, job_row);
  gtk_widget_class_bind_template_child (widget_class, RepriseOverviewPage, status_row);
  gtk_widget_class_bind_template_child (widget_class, RepriseOverviewPage, status_icon);
  gtk_widget_class_bind_template_child (widget_class, RepriseOverviewPage, status_button);
  gtk_widget_class_bind_template_child (widget_class, RepriseOverviewPage, status_arrow);
  gtk_widget_class_bind_template_child (widget_class, RepriseOverviewPage, verified_row);
  gtk_widget_class_bind_template_child (widget_class, RepriseOverviewPage, verified_icon);
  gtk_widget_class_bind_template_child (widget_class, RepriseOverviewPage, verify_button);
  gtk_widget_class_bind_template_child (widget_class, RepriseOverviewPage, restored_row);
  gtk_widget_class_bind_template_child (widget_class, RepriseOverviewPage, rehearsal_row);
  gtk_widget_class_bind_template_child (widget_class, RepriseOverviewPage, rehearsal_icon);
  gtk_widget_class_bind_template_child (widget_class, RepriseOverviewPage, rehearse_button);
  gtk_widget_class_bind_template_child (widget_class, RepriseOverviewPage, next_row);
  gtk_widget_class_bind_template_child (widget_class, RepriseOverviewPage, next_icon);
  gtk_widget_class_bind_template_child (widget_class, RepriseOverviewPage, undo_row);
  gtk_widget_class_bind_template_child (widget_class, RepriseOverviewPage, recovery);
  gtk_widget_class_bind_template_child (widget_class, RepriseOverviewPage, groups_group);
  gtk_widget_class_bind_template_child (widget_class, RepriseOverviewPage, rules_button);
  gtk_widget_class_bind_template_child (widget_class, RepriseOverviewPage, groups);
  gtk_widget_class_bind_template_child (widget_class, RepriseOverviewPage, folder_row);
  gtk_widget_class_bind_template_child (widget_class, RepriseOverviewPage, space_row);
  gtk_widget_class_bind_template_child (widget_class, RepriseOverviewPage, space);
  gtk_widget_class_bind_template_child (widget_class, RepriseOverviewPage, space_bar);
  gtk_widget_class_bind_template_child (widget_class, RepriseOverviewPage, spinner);
  gtk_widget_class_bind_template_child (widget_class, RepriseOverviewPage, connection);
}

static void
reprise_overview_page_init (RepriseOverviewPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  /* How full a disk may be before it is worth a colour. */
  gtk_level_bar_add_offset_value (self->space_bar, GTK_LEVEL_BAR_OFFSET_LOW, 0.8);
  gtk_level_bar_add_offset_value (self->space_bar, GTK_LEVEL_BAR_OFFSET_HIGH, 0.9);
  gtk_level_bar_add_offset_value (self->space_bar, GTK_LEVEL_BAR_OFFSET_FULL, 1);
}

/**
 * reprise_overview_page_set_item:
 * @item: (nullable): the service to show
 */
void
reprise_overview_page_set_item (RepriseOverviewPage *self, RepriseServiceItem *item)
{
  if (self->item == item)
    return;
  drop_item (self);
  self->item = item != NULL ? g_object_ref (item) : NULL;
  if (item != NULL)
    {
      self->cancellable = g_cancellable_new ();
      g_signal_connect_object (item, "changed", G_CALLBACK (changed_cb), self, G_CONNECT_SWAPPED);
      g_signal_connect_object (item, "notify::status", G_CALLBACK (status_cb), self,
                               G_CONNECT_SWAPPED);
      g_signal_connect_object (item, "notify::job", G_CALLBACK (status_cb), self,
                               G_CONNECT_SWAPPED);
      g_signal_connect_object (item, "notify::reading", G_CALLBACK (update_reading), self,
                               G_CONNECT_SWAPPED);
      g_signal_connect_object (reprise_service_item_get_service (item), "changed",
                               G_CALLBACK (update_connection), self, G_CONNECT_SWAPPED);
      g_signal_connect_object (reprise_service_item_get_service (item), "notify",
                               G_CALLBACK (update_connection), self, G_CONNECT_SWAPPED);
      update_connection (self);
      changed_cb (self);
      update_reading (self);
      read_storage (self);
    }
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ITEM]);
}
