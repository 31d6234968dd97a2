/* reprise-cli-describe.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "base/reprise-time.h"
#include "reprise-cli-describe.h"

/* --- services --- */

static void
json_table (JsonBuilder *json, const char *member, GHashTable *table)
{
  g_autoptr (GList) keys = g_list_sort (g_hash_table_get_keys (table), (GCompareFunc) g_strcmp0);

  json_builder_set_member_name (json, member);
  json_builder_begin_object (json);
  for (GList *key = keys; key != NULL; key = key->next)
    reprise_cli_json_string (json, key->data, g_hash_table_lookup (table, key->data));
  json_builder_end_object (json);
}

/* @rehearsal: (nullable): the last one, or what was brought into the standby last */
static void
json_rehearsal (JsonBuilder *json, RepriseRun *rehearsal, GDateTime *now)
{
  g_autofree char *text =
    rehearsal != NULL ? reprise_standing_describe_rehearsal (rehearsal, now) : NULL;

  reprise_cli_json_time (json, "rehearsed_at",
                         rehearsal != NULL ? reprise_run_get_finished_at (rehearsal) : NULL);
  reprise_cli_json_string (json, "rehearsal", text);
  json_builder_set_member_name (json, "rehearsal_ok");
  if (rehearsal != NULL)
    json_builder_add_boolean_value (json,
                                    reprise_run_get_state (rehearsal) == REPRISE_JOB_DONE ||
                                      reprise_run_get_state (rehearsal) == REPRISE_JOB_WARNINGS);
  else
    json_builder_add_null_value (json);
}

/* How it would come back, and when it is backed up next. */
void
reprise_cli_json_outlook (JsonBuilder *json, const RepriseStanding *standing)
{
  const RepriseWaiting *waiting = standing->waiting;
  const RepriseSeen *seen = standing->seen;
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  GDateTime *point = reprise_standing_get_point (standing, now);
  g_autofree char *recovery = reprise_standing_dup_recovery (standing, now);

  reprise_cli_json_time (json, "recovery_point", point);
  reprise_cli_json_string (json, "recovery", recovery);
  reprise_cli_json_time (json, "next_at", standing->next_at);
  reprise_cli_json_string (json, "waits_for",
                           waiting != NULL && waiting->wait != REPRISE_WAIT_NOTHING
                             ? reprise_wait_to_string (waiting->wait)
                             : NULL);
  reprise_cli_json_time (json, "due_since", waiting != NULL ? waiting->since : NULL);
  reprise_cli_json_time (json, "tried_again_at", waiting != NULL ? waiting->until : NULL);
  reprise_cli_json_time (json, "on_service_at", seen != NULL ? seen->newest_at : NULL);
  reprise_cli_json_time (json, "on_service_as_of", seen != NULL ? seen->asked_at : NULL);
  reprise_cli_json_count (json, "overdue_days", standing->overdue_days);
  json_rehearsal (json, standing->rehearsal, now);
}

void
reprise_cli_json_service (JsonBuilder *json, RepriseService *service)
{
  reprise_cli_json_string (json, "id", reprise_service_get_uuid (service));
  reprise_cli_json_string (json, "name", reprise_service_get_name (service));
  reprise_cli_json_string (json, "kind", reprise_service_get_kind (service));
  reprise_cli_json_boolean (json, "production", reprise_service_get_production (service));
  json_table (json, "settings", reprise_service_get_settings (service));
}

/* --- backups --- */

/* @service_name: (nullable) */
void
reprise_cli_json_backup (JsonBuilder *json, RepriseBackup *backup, const char *service_name)
{
  reprise_cli_json_string (json, "id", reprise_backup_get_id (backup));
  reprise_cli_json_string (json, "name", service_name);
  reprise_cli_json_string (json, "service", reprise_backup_get_service_uuid (backup));
  reprise_cli_json_string (json, "kind", reprise_backup_get_kind (backup));
  reprise_cli_json_time (json, "created_at", reprise_backup_get_created_at (backup));
  reprise_cli_json_count (json, "size_bytes", reprise_backup_get_size_bytes (backup));
  reprise_cli_json_string (json, "state",
                           reprise_backup_state_to_string (reprise_backup_get_state (backup)));
  reprise_cli_json_time (json, "verified_at", reprise_backup_get_verified_at (backup));
  reprise_cli_json_string (json, "damage", reprise_backup_get_damage (backup));
  reprise_cli_json_boolean (json, "on_service", reprise_backup_get_on_service (backup));
  reprise_cli_json_boolean (json, "in_vault", reprise_backup_get_in_vault (backup));
  reprise_cli_json_string (json, "own_name", reprise_backup_get_own_name (backup));
  reprise_cli_json_string (json, "own_state", reprise_backup_get_own_state (backup));
  reprise_cli_json_boolean (json, "bound", reprise_backup_get_bound (backup));
  reprise_cli_json_boolean (json, "in_progress", reprise_backup_get_in_progress (backup));
  reprise_cli_json_boolean (json, "stale", reprise_backup_get_stale (backup));
  reprise_cli_json_string (json, "origin",
                           reprise_origin_to_string (reprise_backup_get_origin (backup)));
  reprise_cli_json_string (json, "note", reprise_backup_get_note (backup));
  reprise_cli_json_boolean (json, "kept", reprise_backup_get_kept (backup));
  reprise_cli_json_string (json, "tier", reprise_tier_to_string (reprise_backup_get_tier (backup)));
  reprise_cli_json_time (json, "deleted_at", reprise_backup_get_leaving_at (backup));
  reprise_cli_json_boolean (json, "encrypted", reprise_backup_get_encrypted (backup));
  reprise_cli_json_groups (json, "groups", reprise_backup_get_groups (backup));
  reprise_cli_json_string (json, "parent", reprise_backup_get_parent (backup));
  reprise_cli_json_string (json, "folder", reprise_backup_get_folder (backup));
  reprise_cli_json_string (json, "service_version", reprise_backup_get_service_version (backup));
  reprise_cli_json_string (json, "edition", reprise_backup_get_edition (backup));
  reprise_cli_json_string (json, "tool_version", reprise_backup_get_tool_version (backup));
}

/* Beside words of ours: “Complete” → “complete”. Names that are written in capitals stay. */
static const char *
lower_first (const char *text)
{
  const char *rest = g_utf8_next_char (text);
  g_autofree char *lower = g_utf8_strdown (text, (gssize) (rest - text));
  g_autofree char *whole = g_strconcat (lower, rest, NULL);

  return *text == '\0' || g_unichar_isupper (g_utf8_get_char (rest)) ? text
                                                                     : g_intern_string (whole);
}

/* One word for people; @style is how it is shown. */
const char *
reprise_cli_state_text (RepriseBackup *backup, RepriseCliStyle *style)
{
  *style = REPRISE_CLI_BAD;
  if (reprise_backup_get_damage (backup) != NULL)
    return _ ("damaged");
  *style = REPRISE_CLI_WARNING;
  if (reprise_backup_get_stale (backup))
    return _ ("abandoned");
  if (reprise_backup_get_own_state_text (backup) != NULL)
    {
      if (reprise_backup_get_sign (backup) == REPRISE_BACKUP_SIGN_FAILED)
        *style = REPRISE_CLI_BAD;
      else if (reprise_backup_get_state (backup) == REPRISE_BACKUP_COMPLETE &&
               reprise_backup_get_sign (backup) != REPRISE_BACKUP_SIGN_FLAWED)
        *style = REPRISE_CLI_PLAIN;
      return lower_first (reprise_backup_get_own_state_text (backup));
    }
  if (reprise_backup_get_in_progress (backup))
    return _ ("in progress");
  switch (reprise_backup_get_state (backup))
    {
    case REPRISE_BACKUP_VERIFIED:
      *style = REPRISE_CLI_GOOD;
      return _ ("verified");
    case REPRISE_BACKUP_COMPLETE:
      *style = REPRISE_CLI_PLAIN;
      return _ ("complete");
    case REPRISE_BACKUP_PARTIAL:
    default:
      return _ ("partial");
    }
}

const char *
reprise_cli_place_text (RepriseBackup *backup)
{
  gboolean in_vault = reprise_backup_get_in_vault (backup);

  if (in_vault && reprise_backup_get_on_service (backup))
    return _ ("vault, service");
  return in_vault ? _ ("vault") : _ ("service");
}

/* (transfer full): “backup of 20 Nov 2026, 02:00 (01J…)” for sentences */
char *
reprise_cli_backup_text (RepriseBackup *backup)
{
  g_autofree char *time = reprise_backup_get_created_at (backup) != NULL
                            ? reprise_time_to_text (reprise_backup_get_created_at (backup))
                            : g_strdup ("–");

  /* Translators: a date with time, and an identifier */
  return g_strdup_printf (_ ("backup of %s (%s)"), time, reprise_backup_get_id (backup));
}

/* @names: (nullable) (element-type utf8 utf8): UUID → name, for a list of several services */
void
reprise_cli_print_backups (GPtrArray *backups, GHashTable *names)
{
  const char *head[] = { _ ("ID"),     names != NULL ? _ ("Service") : "",
                         _ ("Made"),   _ ("Size"),
                         _ ("State"),  _ ("Where"),
                         _ ("Groups"), _ ("Note"),
                         NULL };
  g_autoptr (RepriseCliTable) table = reprise_cli_table_new (head);

  reprise_cli_table_align_end (table, 3);
  for (guint i = 0; i < backups->len; i++)
    {
      RepriseBackup *backup = backups->pdata[i];
      GDateTime *made = reprise_backup_get_created_at (backup);
      g_autofree char *time = made != NULL ? reprise_time_to_text (made) : g_strdup ("–");
      g_autofree char *size = reprise_cli_size (reprise_backup_get_size_bytes (backup));
      g_autofree char *groups = reprise_groups_to_text (reprise_backup_get_groups (backup));
      g_autofree char *tier = reprise_backup_dup_tier_text (backup);
      g_autoptr (GString) note = g_string_new (reprise_backup_get_note (backup));
      const char *name =
        names != NULL ? g_hash_table_lookup (names, reprise_backup_get_service_uuid (backup)) : "";
      RepriseCliStyle style;
      const char *state = reprise_cli_state_text (backup, &style);

      if (tier != NULL)
        g_string_prepend (g_string_prepend (note, note->len > 0 ? " · " : ""), tier);
      if (reprise_backup_get_kept (backup))
        g_string_prepend (g_string_prepend (note, note->len > 0 ? " · " : ""), _ ("kept"));
      if (reprise_backup_get_origin (backup) == REPRISE_ORIGIN_SAFETY)
        g_string_prepend (g_string_prepend (note, note->len > 0 ? " · " : ""), _ ("safety copy"));
      reprise_cli_table_add (table, reprise_backup_get_id (backup), name != NULL ? name : "–", time,
                             size, state, reprise_cli_place_text (backup), groups, note->str, NULL);
      reprise_cli_table_set_style (table, 4, style);
    }
  reprise_cli_table_print (table);
}

/* --- contents --- */

static void
json_collection (JsonBuilder *json, RepriseCollection *collection)
{
  json_builder_begin_object (json);
  reprise_cli_json_string (json, "name", reprise_collection_get_name (collection));
  reprise_cli_json_string (json, "title", reprise_collection_get_title (collection));
  reprise_cli_json_count (json, "rows", reprise_collection_get_rows (collection));
  reprise_cli_json_count (json, "size_bytes", reprise_collection_get_size_bytes (collection));
  reprise_cli_json_string (json, "own_group", reprise_collection_get_own_group (collection));
  reprise_cli_json_string (json, "reason", reprise_collection_get_reason (collection));
  json_builder_end_object (json);
}

static void
json_group (JsonBuilder *json, RepriseDataGroup *group, const char *locked)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (group));

  json_builder_begin_object (json);
  reprise_cli_json_string (json, "group",
                           reprise_group_to_string (reprise_data_group_get_group (group)));
  reprise_cli_json_count (json, "rows", reprise_data_group_get_rows (group));
  reprise_cli_json_count (json, "size_bytes", reprise_data_group_get_size_bytes (group));
  reprise_cli_json_string (json, "locked_reason", locked);
  json_builder_set_member_name (json, "collections");
  json_builder_begin_array (json);
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (RepriseCollection) collection = g_list_model_get_item (G_LIST_MODEL (group), i);

      json_collection (json, collection);
    }
  json_builder_end_array (json);
  json_builder_end_object (json);
}

/* @member: (nullable): %NULL for the array that is the whole document; @contents: (nullable): not known */
void
reprise_cli_json_contents (JsonBuilder *json, const char *member, RepriseContents *contents)
{
  guint n = contents != NULL ? g_list_model_get_n_items (G_LIST_MODEL (contents)) : 0;

  if (member != NULL)
    json_builder_set_member_name (json, member);
  if (contents == NULL)
    {
      json_builder_add_null_value (json);
      return;
    }
  json_builder_begin_array (json);
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (RepriseDataGroup) group = g_list_model_get_item (G_LIST_MODEL (contents), i);

      json_group (json, group, reprise_contents_get_locked (contents));
    }
  json_builder_end_array (json);
}

static void
add_group (RepriseCliTable *table, RepriseDataGroup *group)
{
  GListModel *model = G_LIST_MODEL (group);
  g_autofree char *rows = reprise_cli_count (reprise_data_group_get_rows (group));
  g_autofree char *size = reprise_cli_size (reprise_data_group_get_size_bytes (group));

  reprise_cli_table_add (table, reprise_group_get_title (reprise_data_group_get_group (group)),
                         rows, size, "", NULL);
  reprise_cli_table_set_style (table, 0, REPRISE_CLI_BOLD);
  for (guint i = 0; i < g_list_model_get_n_items (model); i++)
    {
      g_autoptr (RepriseCollection) collection = g_list_model_get_item (model, i);
      const char *title = reprise_collection_get_title (collection);
      const char *reason = reprise_collection_get_reason (collection);
      g_autofree char *own_rows = reprise_cli_count (reprise_collection_get_rows (collection));
      g_autofree char *own_size = reprise_cli_size (reprise_collection_get_size_bytes (collection));
      g_autofree char *name = NULL;

      if (title != NULL && g_strcmp0 (title, reprise_collection_get_name (collection)) != 0)
        name = g_strdup_printf ("  %s (%s)", reprise_collection_get_name (collection), title);
      else
        name = g_strdup_printf ("  %s", reprise_collection_get_name (collection));
      reprise_cli_table_add (table, name, own_rows, own_size, reason != NULL ? reason : "", NULL);
      reprise_cli_table_set_style (table, 3, REPRISE_CLI_DIM);
    }
}

void
reprise_cli_print_contents (RepriseContents *contents)
{
  const char *head[] = { _ ("Group"), _ ("Records"), _ ("Size"), "", NULL };
  g_autoptr (RepriseCliTable) table = reprise_cli_table_new (head);

  reprise_cli_table_align_end (table, 1);
  reprise_cli_table_align_end (table, 2);
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (contents)); i++)
    {
      g_autoptr (RepriseDataGroup) group = g_list_model_get_item (G_LIST_MODEL (contents), i);

      add_group (table, group);
    }
  reprise_cli_table_print (table);
  if (reprise_contents_get_locked (contents) != NULL)
    g_print ("\n%s\n", reprise_contents_get_locked (contents));
}

void
reprise_cli_json_facts (JsonBuilder *json, RepriseArchive *archive)
{
  json_builder_set_member_name (json, "facts");
  json_builder_begin_array (json);
  for (guint i = 0; i < reprise_archive_get_n_facts (archive); i++)
    {
      const RepriseFact *fact = reprise_archive_get_fact (archive, i);

      json_builder_begin_object (json);
      reprise_cli_json_string (json, "label", fact->label);
      reprise_cli_json_string (json, "value", fact->value);
      json_builder_end_object (json);
    }
  json_builder_end_array (json);
}

/* A title, and each line under it; nothing where there is none. */
void
reprise_cli_print_lines (const char *title, char **lines)
{
  g_autofree char *styled = reprise_cli_style (REPRISE_CLI_BOLD, title);

  if (lines == NULL || lines[0] == NULL)
    return;
  g_print ("\n%s\n", styled);
  for (guint i = 0; lines[i] != NULL; i++)
    g_print ("  %s\n", lines[i]);
}

/* --- plans --- */

static void
json_checks (JsonBuilder *json, ReprisePlan *plan)
{
  json_builder_set_member_name (json, "checks");
  json_builder_begin_array (json);
  for (guint i = 0; i < reprise_plan_get_n_checks (plan); i++)
    {
      const RepriseCheck *check = reprise_plan_get_check (plan, i);

      json_builder_begin_object (json);
      reprise_cli_json_string (json, "check", check->id);
      reprise_cli_json_string (json, "result", reprise_check_result_to_string (check->result));
      reprise_cli_json_string (json, "text", check->text);
      reprise_cli_json_string (json, "help", check->help);
      json_builder_end_object (json);
    }
  json_builder_end_array (json);
}

static void
json_rows (JsonBuilder *json, ReprisePlan *plan)
{
  json_builder_set_member_name (json, "rows");
  json_builder_begin_array (json);
  for (guint i = 0; i < reprise_plan_get_n_rows (plan); i++)
    {
      const ReprisePlanRow *row = reprise_plan_get_row (plan, i);

      json_builder_begin_object (json);
      reprise_cli_json_string (json, "group", reprise_group_to_string (row->group));
      reprise_cli_json_string (json, "collection", row->collection);
      reprise_cli_json_count (json, "now", row->now);
      reprise_cli_json_count (json, "backup", row->backup);
      reprise_cli_json_string (json, "action", reprise_plan_action_to_string (row->action));
      reprise_cli_json_string (json, "text", row->text);
      json_builder_end_object (json);
    }
  json_builder_end_array (json);
}

/* Whether a safety copy is made before the restore begins. */
static gboolean
makes_safety_copy (ReprisePlan *plan)
{
  return reprise_plan_get_overwrites (plan) && reprise_plan_get_no_safety_copy (plan) == NULL;
}

void
reprise_cli_json_plan (JsonBuilder *json, ReprisePlan *plan)
{
  RepriseArchive *archive = reprise_plan_get_archive (plan);
  RepriseBackup *backup = archive != NULL ? reprise_archive_get_backup (archive) : NULL;
  g_auto (GStrv) losses = reprise_plan_dup_losses (plan);
  g_auto (GStrv) steps = reprise_plan_dup_steps (plan);

  reprise_cli_json_string (json, "backup", backup != NULL ? reprise_backup_get_id (backup) : NULL);
  reprise_cli_json_string (
    json, "file", backup == NULL && archive != NULL ? reprise_archive_get_path (archive) : NULL);
  reprise_cli_json_string (json, "target", reprise_plan_get_target (plan));
  reprise_cli_json_groups (json, "groups", reprise_plan_get_groups (plan));
  json_table (json, "options", reprise_plan_get_options (plan));
  reprise_cli_json_boolean (json, "refused", reprise_plan_is_refused (plan));
  reprise_cli_json_boolean (json, "overwrites", reprise_plan_get_overwrites (plan));
  reprise_cli_json_boolean (json, "safety_copy", makes_safety_copy (plan));
  reprise_cli_json_string (json, "no_safety_copy", reprise_plan_get_no_safety_copy (plan));
  reprise_cli_json_string (json, "name_to_type", reprise_plan_get_name_to_type (plan));
  json_checks (json, plan);
  json_rows (json, plan);
  reprise_cli_json_strings (json, "losses", (const char *const *) losses);
  reprise_cli_json_strings (json, "steps", (const char *const *) steps);
}

static void
print_checks (ReprisePlan *plan)
{
  static const struct
  {
    const char *mark;
    RepriseCliStyle style;
  } looks[] = {
    [REPRISE_CHECK_OK] = { "✔", REPRISE_CLI_GOOD },
    [REPRISE_CHECK_WARNING] = { "⚠", REPRISE_CLI_WARNING },
    [REPRISE_CHECK_REFUSED] = { "✖", REPRISE_CLI_BAD },
  };
  g_autofree char *title = reprise_cli_style (REPRISE_CLI_BOLD, _ ("Pre-checks"));

  if (reprise_plan_get_n_checks (plan) == 0)
    return;
  g_print ("\n%s\n", title);
  for (guint i = 0; i < reprise_plan_get_n_checks (plan); i++)
    {
      const RepriseCheck *check = reprise_plan_get_check (plan, i);
      g_autofree char *mark =
        reprise_cli_style (looks[check->result].style, looks[check->result].mark);

      g_autofree char *text = reprise_cli_escape (check->text);

      g_print ("  %s %s\n", mark, text);
      if (check->help != NULL && check->result != REPRISE_CHECK_OK)
        g_print ("    %s\n", check->help);
    }
}

/* Whether a collection has more to tell than the row of its group, @whole (nullable), which stands before it. */
static gboolean
tells_more (const ReprisePlanRow *row, const ReprisePlanRow *whole)
{
  return whole == NULL || whole->group != row->group || row->action != whole->action ||
         row->text != NULL;
}

static void
add_row (RepriseCliTable *table, const ReprisePlanRow *row)
{
  g_autofree char *name = row->collection != NULL ? g_strdup_printf ("  %s", row->collection)
                                                  : g_strdup (reprise_group_get_title (row->group));
  g_autofree char *now = reprise_cli_count (row->now);
  g_autofree char *backup = reprise_cli_count (row->backup);
  const char *action = reprise_plan_action_get_text (row->action);
  g_autofree char *result =
    row->text != NULL
      /* Translators: what becomes of a group, and more about it: “replaced (5 newer accounts are lost)” */
      ? g_strdup_printf (_ ("%s (%s)"), action, row->text)
      : g_strdup (action);

  reprise_cli_table_add (table, name, now, backup, result, NULL);
  if (row->action == REPRISE_PLAN_REFUSED)
    reprise_cli_table_set_style (table, 3, REPRISE_CLI_BAD);
}

/* Groups; of their collections only those that fare otherwise. JSON has them all. */
static void
print_rows (ReprisePlan *plan)
{
  /* Translators: how many records there are now, how many the backup has, and what becomes of them */
  const char *head[] = { _ ("Group"), _ ("Now"), _ ("Backup"), _ ("Result"), NULL };
  g_autoptr (RepriseCliTable) table = reprise_cli_table_new (head);
  const ReprisePlanRow *whole = NULL;

  if (reprise_plan_get_n_rows (plan) == 0)
    return;
  reprise_cli_table_align_end (table, 1);
  reprise_cli_table_align_end (table, 2);
  for (guint i = 0; i < reprise_plan_get_n_rows (plan); i++)
    {
      const ReprisePlanRow *row = reprise_plan_get_row (plan, i);

      if (row->collection == NULL)
        whole = row;
      if (row->collection == NULL || tells_more (row, whole))
        add_row (table, row);
    }
  g_print ("\n");
  reprise_cli_table_print (table);
}

static void
print_safety_copy (ReprisePlan *plan, RepriseCliWayBack way_back)
{
  const char *reason = reprise_plan_get_no_safety_copy (plan);

  if (makes_safety_copy (plan) && way_back == REPRISE_CLI_WAY_NONE)
    g_print ("\n%s\n", _ ("No safety copy is made: there is no way back."));
  else if (makes_safety_copy (plan) && way_back == REPRISE_CLI_WAY_RESTORE)
    g_print ("\n%s\n", _ ("A safety copy is made first, and verified."));
  else if (makes_safety_copy (plan))
    g_print ("\n%s\n",
             _ ("A safety copy is made first, and verified; “reprise undo” goes back to it."));
  else if (reason != NULL)
    /* Translators: a reason, as a whole sentence */
    g_print ("\n%s %s\n", _ ("No safety copy can be made."), reason);
  else
    g_print ("\n%s\n", _ ("Nothing that exists is overwritten, so no safety copy is needed."));
}

/* What goes where, with what was asked for by --to. */
static void
print_heading (ReprisePlan *plan, RepriseService *service, RepriseKind *kind)
{
  RepriseArchive *archive = reprise_plan_get_archive (plan);
  RepriseBackup *backup = archive != NULL ? reprise_archive_get_backup (archive) : NULL;
  g_autofree char *source = backup != NULL    ? reprise_cli_backup_text (backup)
                            : archive != NULL ? reprise_archive_dup_display_name (archive)
                                              : NULL;
  const char *name = reprise_service_get_name (service);
  const char *target = reprise_plan_get_target (plan);
  GHashTableIter iter;
  gpointer key, value;

  if (backup != NULL)
    /* Translators: “backup of 20 Nov 2026, 02:00 (01J…)”, and where it goes */
    g_print (_ ("Restore the %s to %s\n"), source, target != NULL ? target : name);
  else if (source != NULL)
    /* Translators: the name of a file, and where it goes */
    g_print (_ ("Restore “%s” to %s\n"), source, target != NULL ? target : name);
  g_hash_table_iter_init (&iter, reprise_plan_get_options (plan));
  while (g_hash_table_iter_next (&iter, &key, &value))
    {
      const RepriseSetting *setting =
        kind != NULL ? reprise_setting_find (reprise_kind_get_restore_settings (kind), key) : NULL;

      /* Translators: the label of a setting, and its value */
      g_print (_ ("%s: %s\n"),
               setting != NULL && setting->label != NULL ? _ (setting->label) : (const char *) key,
               (const char *) value);
    }
}

/* @kind: (nullable): of the service */
void
reprise_cli_print_plan (ReprisePlan *plan,
                        RepriseService *service,
                        RepriseKind *kind,
                        RepriseCliWayBack way_back)
{
  g_auto (GStrv) losses = reprise_plan_dup_losses (plan);

  print_heading (plan, service, kind);
  print_checks (plan);
  if (reprise_plan_is_refused (plan)) /* then nothing of it is done */
    return;
  print_rows (plan);
  reprise_cli_print_lines (_ ("What is lost or does not come along"), losses);
  print_safety_copy (plan, way_back);
}

/* --- jobs --- */

static void
json_progress (JsonBuilder *json, RepriseJob *job)
{
  g_auto (RepriseProgressSnapshot) snapshot = { 0 };

  reprise_job_get_snapshot (job, &snapshot);
  reprise_cli_json_string (json, "phase", reprise_phase_to_string (snapshot.phase));
  json_builder_set_member_name (json, "fraction");
  if (snapshot.fraction >= 0)
    json_builder_add_double_value (json, snapshot.fraction);
  else
    json_builder_add_null_value (json);
  reprise_cli_json_count (json, "bytes_done", snapshot.bytes_done);
  reprise_cli_json_count (json, "bytes_total", snapshot.bytes_total);
  reprise_cli_json_count (json, "items_done", snapshot.items_done);
  reprise_cli_json_count (json, "items_total", snapshot.items_total);
  reprise_cli_json_count (json, "bytes_per_second", snapshot.bytes_per_second);
  reprise_cli_json_count (json, "seconds_left", snapshot.seconds_left);
  reprise_cli_json_count (json, "idle_seconds", snapshot.idle_seconds);
  reprise_cli_json_string (json, "message", snapshot.message);
  reprise_cli_json_string (json, "stop_text",
                           reprise_job_is_active (job) ? snapshot.stop_text : NULL);
}

static void
json_outcome (JsonBuilder *json, const RepriseOutcome *outcome)
{
  reprise_cli_json_string (json, "summary", outcome != NULL ? outcome->summary : NULL);
  reprise_cli_json_string (json, "backup_id", outcome != NULL ? outcome->backup_id : NULL);
  reprise_cli_json_string (json, "safety_id", outcome != NULL ? outcome->safety_id : NULL);
  reprise_cli_json_count (json, "written", outcome != NULL ? outcome->written : -1);
  reprise_cli_json_count (json, "failed", outcome != NULL ? outcome->failed : -1);
  reprise_cli_json_count (json, "skipped", outcome != NULL ? outcome->skipped : -1);
}

static void
json_question (JsonBuilder *json, const RepriseQuestion *question)
{
  json_builder_set_member_name (json, "question");
  if (question == NULL)
    {
      json_builder_add_null_value (json);
      return;
    }
  json_builder_begin_object (json);
  reprise_cli_json_string (json, "question", question->id);
  reprise_cli_json_string (json, "title", question->title);
  reprise_cli_json_string (json, "body", question->body);
  reprise_cli_json_strings (json, "responses", (const char *const *) question->responses);
  json_builder_end_object (json);
}

void
reprise_cli_json_job (JsonBuilder *json, RepriseJob *job)
{
  reprise_cli_json_string (json, "id", reprise_job_get_id (job));
  reprise_cli_json_string (json, "name", reprise_job_get_service_name (job));
  reprise_cli_json_string (json, "service", reprise_job_get_service_uuid (job));
  reprise_cli_json_string (json, "action", reprise_job_kind_to_string (reprise_job_get_kind (job)));
  reprise_cli_json_string (json, "title", reprise_job_get_title (job));
  reprise_cli_json_string (json, "state",
                           reprise_job_state_to_string (reprise_job_get_state (job)));
  json_progress (json, job);
  reprise_cli_json_time (json, "started_at", reprise_job_get_started_at (job));
  reprise_cli_json_time (json, "finished_at", reprise_job_get_finished_at (job));
  reprise_cli_json_string (json, "error", reprise_job_get_error (job));
  json_outcome (json, reprise_job_get_outcome (job));
  reprise_cli_json_strings (json, "warnings", reprise_job_get_warnings (job));
  json_question (json, reprise_job_get_question (job));
}
