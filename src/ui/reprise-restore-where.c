/* reprise-restore-where.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "reprise-ui"

#include "config.h"

#include <string.h>

#include <glib/gi18n.h>

#include "base/reprise-time.h"
#include "reprise-format.h"
#include "reprise-restore-where.h"
#include "reprise-suggestions.h"
#include "vault/reprise-backup.h"

#define PROPOSED_KEY "reprise-proposed"
#define STAMP_KEY    "reprise-stamp"
#define ROWS_KEY     "reprise-nearest-rows"

/* (transfer full): “2026-11-21T02:00:00.123Z”: of one point in time, and of no other */
char *
reprise_where_format_point (GDateTime *at)
{
  g_autoptr (GDateTime) utc = g_date_time_to_utc (at);
  g_autofree char *seconds = g_date_time_format (utc, "%Y-%m-%dT%H:%M:%S");

  return g_strdup_printf ("%s.%03dZ", seconds, g_date_time_get_microsecond (utc) / 1000);
}

/* (transfer full): the databases of the backup, each once: their design documents stand beside them under a name of their own */
static char **
list_collections (RepriseContents *contents)
{
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();

  for (guint i = 0; contents != NULL && i < REPRISE_N_GROUPS; i++)
    {
      RepriseDataGroup *group = reprise_contents_get_group (contents, (RepriseGroup) i);
      guint n = group != NULL && i != REPRISE_GROUP_SKIPPED
                  ? g_list_model_get_n_items (G_LIST_MODEL (group))
                  : 0;

      for (guint j = 0; j < n; j++)
        {
          g_autoptr (RepriseCollection) collection =
            g_list_model_get_item (G_LIST_MODEL (group), j);
          const char *name = reprise_collection_get_name (collection);

          if (g_str_equal (name, reprise_collection_get_title (collection)))
            g_strv_builder_add (names, name);
        }
    }
  return g_strv_builder_end (names);
}

static void
offer (RepriseSettingsForm *form, const char *key, const char *name, RepriseContents *contents)
{
  g_autoptr (GPtrArray) suggestions =
    g_ptr_array_new_with_free_func ((GDestroyNotify) reprise_suggestion_free);
  g_auto (GStrv) names = list_collections (contents);

  for (guint i = 0; names[i] != NULL; i++)
    g_ptr_array_add (suggestions, reprise_suggestion_new (names[i], names[i]));
  reprise_settings_form_set_suggestions (form, key, name, suggestions, TRUE);
}

/* The databases of the backup */
void
reprise_where_offer_databases (RepriseSettingsForm *form, RepriseContents *contents)
{
  g_object_set_data (G_OBJECT (form), PROPOSED_KEY, NULL); /* the form is a new one */
  offer (form, REPRISE_WHERE_DATABASES, _ ("Choose Databases"), contents);
}

/* The collections of the backup, where the kind lets one choose among them */
void
reprise_where_offer_collections (RepriseSettingsForm *form, RepriseContents *contents)
{
  offer (form, REPRISE_WHERE_COLLECTIONS, _ ("Choose Collections"), contents);
}

static gboolean
is_point (RepriseBackup *backup)
{
  return reprise_backup_get_in_vault (backup) && reprise_backup_get_created_at (backup) != NULL &&
         reprise_backup_get_state (backup) != REPRISE_BACKUP_PARTIAL &&
         reprise_backup_get_damage (backup) == NULL &&
         reprise_backup_get_origin (backup) != REPRISE_ORIGIN_SAFETY;
}

/* (transfer full): “20 Nov 2026, 02:00 · Daily delta” */
static char *
dup_label (RepriseBackup *backup)
{
  g_autofree char *when = reprise_format_when (reprise_backup_get_created_at (backup));
  g_autofree char *tier = reprise_backup_dup_tier_text (backup);

  return tier != NULL ? g_strdup_printf ("%s · %s", when, tier) : g_steal_pointer (&when);
}

/**
 * reprise_where_offer_points:
 * @backups: (element-type RepriseBackup): of all tiers
 *
 * The points in time that are held.
 */
void
reprise_where_offer_points (RepriseSettingsForm *form, GPtrArray *backups)
{
  g_autoptr (GPtrArray) suggestions =
    g_ptr_array_new_with_free_func ((GDestroyNotify) reprise_suggestion_free);

  for (guint i = 0; i < backups->len; i++)
    if (is_point (backups->pdata[i]))
      {
        g_autofree char *value =
          reprise_where_format_point (reprise_backup_get_created_at (backups->pdata[i]));
        g_autofree char *label = dup_label (backups->pdata[i]);

        g_ptr_array_add (suggestions, reprise_suggestion_new (value, label));
      }
  reprise_settings_form_set_suggestions (form, REPRISE_WHERE_AS_OF, _ ("Choose a Point in Time"),
                                         suggestions, FALSE);
}

/* (transfer none): “20261121-0200”, the same for as long as the form is there */
static const char *
get_stamp (RepriseSettingsForm *form)
{
  const char *stamp = g_object_get_data (G_OBJECT (form), STAMP_KEY);

  if (stamp == NULL)
    {
      g_autoptr (GDateTime) now = g_date_time_new_now_local ();

      g_object_set_data_full (G_OBJECT (form), STAMP_KEY, g_date_time_format (now, "%Y%m%d-%H%M"),
                              g_free);
      stamp = g_object_get_data (G_OBJECT (form), STAMP_KEY);
    }
  return stamp;
}

/* (transfer full): a name for the new database that one database goes into; empty where there is none */
static char *
propose (RepriseSettingsForm *form)
{
  const char *database = reprise_settings_form_get_value (form, REPRISE_WHERE_DATABASES);
  const char *into = reprise_settings_form_get_value (form, REPRISE_WHERE_INTO);

  if (database == NULL || *database == '\0' || strpbrk (database, " ,;*?") != NULL ||
      g_strcmp0 (into, REPRISE_WHERE_SAME) == 0)
    return g_strdup ("");
  return g_strdup_printf ("%s-restored-%s", *database == '_' ? database + 1 : database,
                          get_stamp (form));
}

/* Another database was chosen, or another place: a name that nobody wrote follows it. */
void
reprise_where_propose_target (RepriseSettingsForm *form)
{
  g_autofree char *before = g_strdup (g_object_get_data (G_OBJECT (form), PROPOSED_KEY));
  const char *target = reprise_settings_form_get_value (form, REPRISE_WHERE_TARGET);
  const char *into = reprise_settings_form_get_value (form, REPRISE_WHERE_INTO);
  g_autofree char *name = propose (form);

  if (target == NULL || g_strcmp0 (name, before != NULL ? before : "") == 0)
    return;
  g_object_set_data_full (G_OBJECT (form), PROPOSED_KEY, g_strdup (name), g_free);
  if (*target == '\0' || g_strcmp0 (target, before) == 0 ||
      g_strcmp0 (into, REPRISE_WHERE_SAME) == 0)
    reprise_settings_form_set_value (form, REPRISE_WHERE_TARGET, name);
}

/* ---- a date that is not held ---- */

static void
clear (AdwPreferencesGroup *group)
{
  GPtrArray *rows = g_object_get_data (G_OBJECT (group), ROWS_KEY);

  for (guint i = 0; rows != NULL && i < rows->len; i++)
    adw_preferences_group_remove (group, rows->pdata[i]);
  g_object_set_data_full (G_OBJECT (group), ROWS_KEY, g_ptr_array_new (),
                          (GDestroyNotify) g_ptr_array_unref);
  gtk_widget_set_visible (GTK_WIDGET (group), FALSE);
}

static void
chosen_cb (AdwActionRow *row, RepriseSettingsForm *form)
{
  AdwPreferencesGroup *group =
    ADW_PREFERENCES_GROUP (gtk_widget_get_ancestor (GTK_WIDGET (row), ADW_TYPE_PREFERENCES_GROUP));

  reprise_settings_form_set_value (form, REPRISE_WHERE_AS_OF,
                                   g_object_get_data (G_OBJECT (row), "point"));
  gtk_widget_set_visible (GTK_WIDGET (group), FALSE);
}

static void
add_nearest (AdwPreferencesGroup *group,
             RepriseSettingsForm *form,
             RepriseBackup *backup,
             const char *subtitle)
{
  g_autofree char *label = NULL;
  GtkWidget *row;

  if (backup == NULL)
    return;
  label = dup_label (backup);
  row = g_object_new (ADW_TYPE_ACTION_ROW, "title", label, "subtitle", subtitle, "activatable",
                      TRUE, NULL);
  g_object_set_data_full (G_OBJECT (row), "point",
                          reprise_where_format_point (reprise_backup_get_created_at (backup)),
                          g_free);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row),
                             gtk_image_new_from_icon_name ("reprise-next-symbolic"));
  g_signal_connect (row, "activated", G_CALLBACK (chosen_cb), form);
  adw_preferences_group_add (group, row);
  g_ptr_array_add (g_object_get_data (G_OBJECT (group), ROWS_KEY), row);
  gtk_widget_set_visible (GTK_WIDGET (group), TRUE);
}

/* (transfer full) (nullable): what was typed: a day here, or a moment */
static GDateTime *
parse (const char *text)
{
  g_autoptr (GTimeZone) here = g_time_zone_new_local ();
  g_autofree char *midnight = NULL;

  if (strlen (text) != 10)
    return reprise_time_from_string (text);
  midnight = g_strconcat (text, "T00:00:00", NULL);
  return g_date_time_new_from_iso8601 (midnight, here);
}

/**
 * reprise_where_offer_nearest:
 * @backups: (element-type RepriseBackup) (nullable): %NULL takes the offer back
 *
 * No tier holds the date that was asked for: the points before and after it are offered.
 */
void
reprise_where_offer_nearest (AdwPreferencesGroup *group,
                             RepriseSettingsForm *form,
                             GPtrArray *backups)
{
  const char *text = reprise_settings_form_get_value (form, REPRISE_WHERE_AS_OF);
  g_autoptr (GDateTime) wanted = text != NULL && *text != '\0' ? parse (text) : NULL;
  RepriseBackup *before = NULL, *after = NULL;

  clear (group);
  for (guint i = 0; wanted != NULL && backups != NULL && i < backups->len; i++)
    {
      RepriseBackup *backup = backups->pdata[i];
      GDateTime *at = reprise_backup_get_created_at (backup);

      if (!is_point (backup))
        continue;
      if (g_date_time_compare (at, wanted) < 0 &&
          (before == NULL || g_date_time_compare (at, reprise_backup_get_created_at (before)) > 0))
        before = backup;
      if (g_date_time_compare (at, wanted) >= 0 &&
          (after == NULL || g_date_time_compare (at, reprise_backup_get_created_at (after)) < 0))
        after = backup;
    }
  add_nearest (group, form, before, _ ("The nearest before"));
  add_nearest (group, form, after, _ ("The nearest after"));
}
