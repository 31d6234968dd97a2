/* reprise-couch-plan.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <inttypes.h>
#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "net/reprise-json.h"
#include "providers/couchdb/edits/reprise-couch-leaves.h"
#include "providers/couchdb/reprise-couch-file.h"
#include "providers/couchdb/client/reprise-couch-json.h"
#include "providers/couchdb/restore/reprise-couch-restore.h"
#include "providers/couchdb/reprise-couch-rules.h"
#include "providers/couchdb/reprise-couch-settings.h"

#define WINDOW 1000

/* What a restore into a database that is there would do to it. */
typedef struct
{
  guint64 n_equal;
  guint64 n_replaced;
  guint64 n_new;
  guint64 n_deleted;
  RepriseCouchConflictCount conflicts; /* of a database that is there */
} Counts;

static const char *
get_option (GHashTable *options, const char *key)
{
  const char *value = options != NULL ? g_hash_table_lookup (options, key) : NULL;

  return value != NULL ? value : "";
}

static gboolean
count_item (RepriseCouchGoal *goal, const RepriseCouchItem *item, Counts *counts, GError **error)
{
  gboolean is_winner = FALSE, is_live = item->now != NULL && !item->now_deleted;

  if (!reprise_couch_goal_wants (goal, item->id))
    return TRUE;
  if (g_strcmp0 (item->now, item->rev) == 0)
    {
      counts->n_equal += !item->deleted;
      return TRUE;
    }
  if (!reprise_couch_goal_is_winner (goal, item, &is_winner, error))
    return FALSE;
  if (!is_winner)
    return TRUE;
  if (item->deleted)
    counts->n_deleted += is_live;
  else if (is_live)
    counts->n_replaced++;
  else
    counts->n_new++;
  return TRUE;
}

static gboolean
count_some (RepriseCouchGoal *goal,
            RepriseCouchClient *client,
            gboolean design,
            Counts *counts,
            GCancellable *cancellable,
            GError **error)
{
  reprise_couch_state_rewind (goal->state);
  for (;;)
    {
      g_autoptr (GPtrArray) items = reprise_couch_goal_read_window (
        goal, WINDOW, G_MAXSIZE, design ? REPRISE_COUCH_ITEMS_DESIGN : REPRISE_COUCH_ITEMS_NONE,
        error);

      if (items == NULL || !reprise_couch_goal_look_up (goal, client, items, cancellable, error))
        return FALSE;
      if (items->len == 0)
        return TRUE;
      for (guint i = 0; i < items->len; i++)
        if (!count_item (goal, items->pdata[i], counts, error))
          return FALSE;
    }
}

/* How many live design documents are in the target, or -1 with @error. */
static gint64
count_designs (const RepriseCouchGoal *goal,
               RepriseCouchClient *client,
               GCancellable *cancellable,
               GError **error)
{
  g_autofree char *path = reprise_couch_client_dup_path (goal->target, NULL, "_all_docs");
  g_autoptr (RepriseHttpRequest) request =
    reprise_couch_client_new_request (client, "GET", path, REPRISE_HTTP_READ);
  g_autoptr (RepriseHttpResponse) response = NULL;
  RepriseCouchSpan answer, row;
  RepriseCouchWalk walk;
  gint64 n = 0;

  reprise_http_request_add_query (request, "startkey", "\"_design/\"");
  reprise_http_request_add_query (request, "endkey", "\"_design0\"");
  response = reprise_couch_client_send (client, request, cancellable, error);
  if (response == NULL)
    return -1;
  answer.data = g_bytes_get_data (reprise_http_response_get_body (response), &answer.size);
  walk = reprise_couch_walk (reprise_couch_span_get (answer, "rows"));
  while (reprise_couch_walk_next_element (&walk, &row))
    n++;
  return n;
}

/* Those that the backup does not have, of all that is looked at: documents, design documents, or both. */
static gboolean
count_others (const RepriseCouchGoal *goal,
              RepriseCouchClient *client,
              Counts *counts,
              GCancellable *cancellable,
              GError **error)
{
  gint64 n_known = (gint64) (counts->n_equal + counts->n_replaced + counts->n_deleted);
  gint64 n_designs, n_there;

  if (goal->document != NULL || goal->keeps_tree)
    return TRUE;
  n_designs = count_designs (goal, client, cancellable, error);
  if (n_designs < 0)
    return FALSE;
  n_there = (goal->data ? goal->info->doc_count - n_designs : 0) + (goal->design ? n_designs : 0);
  counts->n_deleted += (guint64) MAX (n_there - n_known, 0);
  return TRUE;
}

/* Versions in conflict; where the tree is kept they come with it, without a word. */
static gboolean
count_conflicts (RepriseCouchGoal *goal,
                 RepriseCouchClient *client,
                 GHashTable *options,
                 Counts *counts,
                 RepriseProgress *progress,
                 GCancellable *cancellable,
                 GError **error)
{
  g_autoptr (RepriseCouchEdits) edits = NULL;

  if (goal->keeps_tree)
    return TRUE;
  edits = reprise_couch_edits_new (client, goal, options, 2, progress, cancellable);
  return (!goal->data || reprise_couch_leaves_count (edits, REPRISE_COUCH_ITEMS_NONE,
                                                     &counts->conflicts, error)) &&
         (!goal->design || reprise_couch_leaves_count (edits, REPRISE_COUCH_ITEMS_DESIGN,
                                                       &counts->conflicts, error));
}

static void
add_conflicts (GString *text, const Counts *counts, RepriseCouchConflicts conflicts)
{
  guint64 n_saved = counts->conflicts.n_saved, n_there = counts->conflicts.n_there;

  if (n_saved > 0 && conflicts == REPRISE_COUCH_CONFLICTS_LEAVE)
    g_string_append_printf (text,
                            /* Translators: follows “5 equal”; versions that are in conflict */
                            ngettext (", %" PRIu64 " in conflict, which is left out",
                                      ", %" PRIu64 " in conflict, which are left out",
                                      (gulong) n_saved),
                            n_saved);
  else if (n_saved > 0)
    g_string_append_printf (text,
                            /* Translators: follows “5 equal”; versions that are in conflict */
                            ngettext (", %" PRIu64 " in conflict, which is restored, too",
                                      ", %" PRIu64 " in conflict, which are restored, too",
                                      (gulong) n_saved),
                            n_saved);
  if (n_there > 0)
    g_string_append_printf (text,
                            /* Translators: follows “5 equal”; versions that are in conflict */
                            ngettext (", %" PRIu64 " in conflict, which is deleted",
                                      ", %" PRIu64 " in conflict, which are deleted",
                                      (gulong) n_there),
                            n_there);
}

static char *
describe_counts (const RepriseCouchGoal *goal,
                 const Counts *counts,
                 RepriseCouchConflicts conflicts)
{
  GString *text = g_string_new (NULL);

  /* Translators: %s is a database */
  g_string_printf (
    text,
    _ ("Into “%s”: %" PRIu64 " new, %" PRIu64 " replaced, %" PRIu64 " deleted, %" PRIu64 " equal"),
    goal->target, counts->n_new, counts->n_replaced, counts->n_deleted, counts->n_equal);
  add_conflicts (text, counts, conflicts);
  return g_string_free (text, FALSE);
}

static void
add_step (ReprisePlan *plan, const char *method, const RepriseCouchGoal *goal, const char *below)
{
  g_autofree char *step = g_strdup_printf ("%s %s%s", method, goal->target, below);

  reprise_plan_add_step (plan, step);
}

static void
add_steps (ReprisePlan *plan, const RepriseCouchGoal *goal)
{
  if (goal->info == NULL)
    add_step (plan, "PUT", goal, "");
  if (goal->mark != NULL && goal->keeps_tree)
    add_step (plan, "PUT", goal, "/_local/reprise-restore");
  if (goal->data)
    add_step (plan, "POST", goal, "/_bulk_docs");
  if (goal->design)
    {
      add_step (plan, "PUT", goal, "/_security");
      add_step (plan, "POST", goal, "/_bulk_docs (_design)");
    }
  if (goal->mark != NULL && goal->keeps_tree)
    add_step (plan, "DELETE", goal, "/_local/reprise-restore");
}

static void
add_rows (ReprisePlan *plan, const RepriseCouchGoal *goal, const char *text)
{
  g_autofree char *design = reprise_couch_rules_dup_design_name (goal->database);
  ReprisePlanAction action = goal->info == NULL ? REPRISE_PLAN_CREATED : REPRISE_PLAN_MERGED;

  if (goal->data)
    reprise_plan_add_row (plan, goal->group, goal->database,
                          goal->info != NULL ? goal->info->doc_count : REPRISE_NOT_REPORTED,
                          (gint64) reprise_couch_state_get_n_live (goal->state), action, text);
  if (goal->design)
    reprise_plan_add_row (
      plan, REPRISE_GROUP_REQUIRED, design, REPRISE_NOT_REPORTED, REPRISE_NOT_REPORTED,
      goal->info == NULL ? REPRISE_PLAN_CREATED : REPRISE_PLAN_REPLACED, goal->data ? NULL : text);
}

/* Of one document, in the row of what it belongs to. */
static void
add_document_row (ReprisePlan *plan,
                  const RepriseCouchGoal *goal,
                  const Counts *counts,
                  const char *text)
{
  g_autofree char *design = reprise_couch_rules_dup_design_name (goal->database);
  gboolean is_design = g_str_has_prefix (goal->document, "_design/");
  gint64 n_now = (gint64) (counts->n_equal + counts->n_replaced + counts->n_deleted);
  gint64 n_saved = (gint64) (counts->n_equal + counts->n_replaced + counts->n_new);

  reprise_plan_add_row (plan, is_design ? REPRISE_GROUP_REQUIRED : goal->group,
                        is_design ? design : goal->database, n_now, n_saved, REPRISE_PLAN_MERGED,
                        text);
  if (counts->n_replaced > 0 || counts->n_deleted > 0)
    reprise_plan_add_loss (
      plan,
      /* Translators: a document, and its database */
      _ ("“%s” of “%s” becomes what the backup has; as it is now it stays only in the safety "
         "copy."),
      goal->document, goal->target);
}

static void
warn_of_system (ReprisePlan *plan, const RepriseCouchGoal *goal)
{
  if (strcmp (goal->target, "_replicator") == 0)
    reprise_plan_add_check (
      plan, "replicator", REPRISE_CHECK_WARNING,
      _ ("Replications that are restored into “_replicator” start at once."),
      _ ("Restore them into a database of another name first, to look at them."));
  if (strcmp (goal->target, "_users") == 0)
    reprise_plan_add_loss (plan, "%s",
                           _ ("Accounts and their passwords become those of the backup."));
}

/* Which point was taken, where a date was asked for: the backup that the plan is of may be another one. */
static void
add_point (ReprisePlan *plan, const RepriseCouchGoal *goal)
{
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_local (goal->at / 1000);
  /* Translators: a date with time and seconds, see g_date_time_format(): 20 Nov 2026, 02:00:05 */
  g_autofree char *date = g_date_time_format (time, _ ("%-e %b %Y, %H:%M:%S"));
  /* Translators: a database, and a date with time */
  g_autofree char *text = g_strdup_printf (_ ("“%s” as of %s"), goal->database, date);

  reprise_plan_add_check (plan, "as-of", REPRISE_CHECK_OK, text, NULL);
}

static gboolean
add_goal (ReprisePlan *plan,
          RepriseCouchGoal *goal,
          RepriseCouchClient *client,
          RepriseProgress *progress,
          GCancellable *cancellable,
          GError **error)
{
  GHashTable *options = reprise_plan_get_options (plan);
  gboolean removes =
    strcmp (get_option (options, REPRISE_COUCH_OPTION_OTHERS), REPRISE_COUCH_OTHERS_REMOVE) == 0;
  RepriseCouchConflicts conflicts =
    reprise_couch_conflicts_from_string (get_option (options, REPRISE_COUCH_OPTION_CONFLICTS));
  g_autofree char *text = NULL;
  Counts counts = { 0 };

  if (*get_option (options, REPRISE_COUCH_OPTION_AS_OF) != '\0')
    add_point (plan, goal);
  warn_of_system (plan, goal);
  add_steps (plan, goal);
  if (goal->info == NULL)
    {
      text = g_strdup_printf (_ ("Into the new database “%s”"), goal->target);
      add_rows (plan, goal, text);
      return TRUE;
    }
  if (!count_some (goal, client, FALSE, &counts, cancellable, error) ||
      !count_some (goal, client, TRUE, &counts, cancellable, error) ||
      !count_conflicts (goal, client, options, &counts, progress, cancellable, error))
    return FALSE;
  if (removes && !count_others (goal, client, &counts, cancellable, error))
    return FALSE;
  text = describe_counts (goal, &counts, conflicts);
  reprise_plan_set_overwrites (plan, TRUE);
  if (goal->document != NULL)
    {
      add_document_row (plan, goal, &counts, text);
      return TRUE;
    }
  add_rows (plan, goal, text);
  if (counts.n_replaced > 0 || counts.n_deleted > 0)
    reprise_plan_add_loss (
      plan,
      _ ("In “%s” the documents of the backup become the current ones; what was changed "
         "since stays only in the safety copy."),
      goal->target);
  if (counts.conflicts.n_there > 0)
    reprise_plan_add_loss (
      plan, _ ("In “%s” versions in conflict that the backup does not have are deleted."),
      goal->target);
  if (removes)
    reprise_plan_add_loss (plan, _ ("Documents of “%s” that the backup does not have are deleted."),
                           goal->target);
  return TRUE;
}

/* Its own warnings, each as a check. */
static void
warn_of_file (ReprisePlan *plan, RepriseManifest *manifest)
{
  JsonObject *imported = reprise_json_get_object (reprise_manifest_get_provider (manifest),
                                                  REPRISE_COUCH_MEMBER_IMPORTED);
  g_auto (GStrv) warnings = reprise_couch_file_list_warnings (imported);

  for (guint i = 0; warnings[i] != NULL; i++)
    reprise_plan_add_check (plan, "file", REPRISE_CHECK_WARNING, warnings[i], NULL);
}

static void
check_server (ReprisePlan *plan, RepriseArchive *archive, const char *server)
{
  RepriseManifest *manifest = reprise_archive_get_manifest (archive);
  const char *from = manifest != NULL ? reprise_manifest_get_identity (manifest) : NULL;

  if (manifest != NULL && reprise_json_get_object (reprise_manifest_get_provider (manifest),
                                                   REPRISE_COUCH_MEMBER_IMPORTED) != NULL)
    warn_of_file (plan, manifest);
  else if (from == NULL || g_strcmp0 (from, server) == 0)
    reprise_plan_add_check (plan, "identity", REPRISE_CHECK_OK,
                            _ ("The server is the one that was backed up."), NULL);
  else
    reprise_plan_add_check (plan, "identity", REPRISE_CHECK_WARNING,
                            _ ("The backup is of another server."), NULL);
}

/* Read from a backup on the server, of which design documents lie in the vault. */
static void
check_drawn (ReprisePlan *plan, const RepriseCouchDrawn *drawn)
{
  GHashTableIter iter;
  gpointer name, of;

  reprise_plan_add_check (plan, "drawn", REPRISE_CHECK_OK,
                          _ ("What is restored is read from the backup on the server, and passes "
                             "through this computer."),
                          NULL);
  g_hash_table_iter_init (&iter, drawn->databases);
  while (g_hash_table_iter_next (&iter, &name, &of))
    {
      g_autofree char *text =
        g_strdup_printf (_ ("The vault has no design documents and no security object of “%s” from "
                            "that time."),
                         (char *) name);

      if (((RepriseCouchDrawnDatabase *) of)->lacks_design)
        reprise_plan_add_check (plan, "design", REPRISE_CHECK_WARNING, text, NULL);
    }
}

/**
 * reprise_couch_plan_new:
 * @drawn: (nullable): what was read of a backup on the server, in place of one in the vault
 *
 * What a restore would do. It only reads.
 *
 * Returns: (transfer full): the plan, or %NULL with @error: %REPRISE_ERROR_REFUSED where no backup holds the date that was asked for
 */
ReprisePlan *
reprise_couch_plan_new (RepriseCouchClient *client,
                        RepriseArchive *archive,
                        const RepriseCouchDrawn *drawn,
                        RepriseGroups groups,
                        GHashTable *options,
                        RepriseProgress *progress,
                        GCancellable *cancellable,
                        GError **error)
{
  g_autoptr (ReprisePlan) plan = reprise_plan_new (archive, groups, options);
  g_autofree char *version = NULL, *server = NULL;
  g_autoptr (GPtrArray) goals = NULL;

  if (reprise_archive_get_backup (archive) == NULL)
    {
      reprise_error_set_literal (
        error, REPRISE_ERROR, REPRISE_ERROR_REFUSED,
        _ ("A file is restored from the vault: take it in first, with “Upload "
           "Archive…” or “reprise import”"));
      return NULL;
    }
  if (!reprise_couch_client_get_server (client, &version, &server, cancellable, error))
    return NULL;
  goals = reprise_couch_goals_new (client, archive, drawn, groups, options, cancellable, error);
  if (goals == NULL)
    return NULL;
  reprise_plan_set_target (plan, reprise_couch_client_get_name (client));
  if (drawn == NULL)
    check_server (plan, archive, server);
  else
    check_drawn (plan, drawn);
  for (guint i = 0; i < goals->len; i++)
    if (!add_goal (plan, goals->pdata[i], client, progress, cancellable, error))
      return NULL;
  reprise_plan_add_check (plan, "others", REPRISE_CHECK_OK,
                          _ ("Databases that are not listed are left alone, and not counted."),
                          NULL);
  reprise_plan_add_group_rows (plan);
  reprise_plan_set_safety_groups (plan, reprise_plan_get_groups (plan));
  return g_steal_pointer (&plan);
}
