/* reprise-couch-legacy-restore.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "providers/couchdb/legacy/reprise-couch-legacy-restore.h"
#include "providers/couchdb/legacy/reprise-couch-legacy.h"
#include "providers/couchdb/restore/reprise-couch-compose.h"
#include "providers/couchdb/restore/reprise-couch-goal.h"
#include "providers/couchdb/restore/reprise-couch-rest.h"
#include "providers/couchdb/reprise-couch-rules.h"
#include "providers/couchdb/reprise-couch-settings.h"

#define TASK_PREFIX   "backup-"
#define OWN_STATE     "cloudant" /* of a backup: whose it is */
#define DATA_DATABASE "legacy-database"
#define POLL_MS       1000

guint reprise_couch_legacy_patience_ms = 60 * 1000;

/* “backup-0d0b…:daily:2016-01-17T05:57:44+00:00”: a name of one version, in which no part of a path stands */
typedef struct
{
  char *task;
  char *frequency; /* (nullable) */
  char *date;      /* (nullable) */
} Name;

static void
name_clear (Name *self)
{
  g_free (self->task);
  g_free (self->frequency);
  g_free (self->date);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Name, name_clear)

static void
name_parse (Name *self, const char *id)
{
  g_auto (GStrv) parts = g_strsplit (id, ":", 3);
  guint n = g_strv_length (parts);

  self->task = g_strdup (n > 0 ? parts[0] : "");
  self->frequency = n == 3 && *parts[1] != '\0' ? g_strdup (parts[1]) : NULL;
  self->date = n == 3 && *parts[2] != '\0' ? g_strdup (parts[2]) : NULL;
}

char *
reprise_couch_legacy_dup_id (const char *task, const RepriseCouchKept *kept)
{
  return g_strdup_printf ("%s:%s:%s", task, kept->frequency != NULL ? kept->frequency : "",
                          kept->date != NULL ? kept->date : "");
}

/* ---- as backups on the service ---- */

static RepriseBackup *
make_backup (RepriseService *service, const char *id, const RepriseCouchTask *task, GDateTime *at)
{
  RepriseBackup *backup =
    reprise_backup_new (id, reprise_service_get_uuid (service), reprise_service_get_kind (service));
  /* Translators: %s is a database */
  g_autofree char *note = g_strdup_printf (_ ("Cloudant’s own backup of “%s”"), task->database);

  g_object_set (backup, "own-name", id, "own-state", OWN_STATE, "on-service", TRUE, "created-at",
                at, "state", at != NULL ? REPRISE_BACKUP_COMPLETE : REPRISE_BACKUP_PARTIAL,
                "size-bytes", REPRISE_NOT_REPORTED, "note", note, NULL);
  g_object_set_data_full (G_OBJECT (backup), DATA_DATABASE, g_strdup (task->database), g_free);
  return backup;
}

/* One for each task that has completed once; nothing where the server has no such backup. */
gboolean
reprise_couch_legacy_add_backups (GPtrArray *backups,
                                  RepriseCouchClient *client,
                                  RepriseService *service,
                                  GCancellable *cancellable,
                                  GError **error)
{
  g_autoptr (GPtrArray) tasks = NULL;

  if (!reprise_couch_legacy_list_tasks (client, NULL, FALSE, &tasks, cancellable, error))
    return FALSE;
  for (guint i = 0; tasks != NULL && i < tasks->len; i++)
    {
      const RepriseCouchTask *task = tasks->pdata[i];

      if (task->latest != NULL)
        g_ptr_array_add (backups, make_backup (service, task->name, task, task->latest));
    }
  return TRUE;
}

/* (transfer full) (nullable): a version of a task by its longer name, which is in no list; %NULL without an error where it is none */
RepriseBackup *
reprise_couch_legacy_find_backup (RepriseCouchClient *client,
                                  RepriseService *service,
                                  const char *id,
                                  GCancellable *cancellable,
                                  GError **error)
{
  g_auto (Name) name = { NULL };
  g_autoptr (GPtrArray) tasks = NULL;
  g_autoptr (GTimeZone) utc = g_time_zone_new_utc ();
  g_autoptr (GDateTime) at = NULL;

  name_parse (&name, id);
  if (name.date == NULL || !g_str_has_prefix (id, TASK_PREFIX) ||
      !reprise_couch_legacy_list_tasks (client, NULL, FALSE, &tasks, cancellable, error))
    return NULL;
  at = g_date_time_new_from_iso8601 (name.date, utc);
  for (guint i = 0; tasks != NULL && i < tasks->len; i++)
    {
      const RepriseCouchTask *task = tasks->pdata[i];

      if (g_str_equal (task->name, name.task))
        return make_backup (service, id, task, at != NULL ? at : task->latest);
    }
  return NULL;
}

gboolean
reprise_couch_legacy_owns_backup (RepriseBackup *backup)
{
  return backup != NULL && !reprise_backup_get_in_vault (backup) &&
         g_strcmp0 (reprise_backup_get_own_state (backup), OWN_STATE) == 0;
}

RepriseArchive *
reprise_couch_legacy_open (RepriseBackup *backup, RepriseService *service)
{
  RepriseArchive *archive = reprise_archive_new_for_backup (backup, NULL);
  const char *database = g_object_get_data (G_OBJECT (backup), DATA_DATABASE);
  g_autoptr (RepriseContents) contents = reprise_contents_new ();
  g_autoptr (RepriseCollection) collection =
    reprise_collection_new (database, REPRISE_NOT_REPORTED, REPRISE_NOT_REPORTED);

  reprise_contents_add (contents, reprise_couch_rules_get_group (service, database, NULL),
                        collection);
  reprise_archive_set_format (archive, _ ("Cloudant’s own backup"));
  reprise_archive_set_contents (archive, contents);
  reprise_archive_set_data (archive, DATA_DATABASE, database);
  reprise_archive_add_fact (archive, _ ("Conditions"), reprise_couch_legacy_get_conditions ());
  return archive;
}

/* (nullable): of an archive that is Cloudant's */
const char *
reprise_couch_legacy_get_database (RepriseArchive *archive)
{
  return reprise_archive_get_data (archive, DATA_DATABASE);
}

/* ---- the version that is wanted ---- */

static const char *
get_option (GHashTable *options, const char *key)
{
  const char *value = options != NULL ? g_hash_table_lookup (options, key) : NULL;

  return value != NULL ? value : "";
}

static gint64
get_ms (const RepriseCouchKept *kept)
{
  return kept->at != NULL ? g_date_time_to_unix (kept->at) * 1000 : G_MININT64;
}

static char *
describe_neighbours (GPtrArray *all, gint64 first)
{
  const RepriseCouchKept *before = NULL, *after = NULL;
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < all->len; i++) /* the newest first */
    if (get_ms (all->pdata[i]) >= first)
      after = all->pdata[i];
    else if (before == NULL && ((RepriseCouchKept *) all->pdata[i])->at != NULL)
      before = all->pdata[i];
  if (before != NULL)
    g_string_append (text, before->date);
  if (after != NULL)
    g_string_append_printf (text, "%s%s", text->len > 0 ? ", " : "", after->date);
  return g_string_free (text, FALSE);
}

static RepriseCouchKept *
choose_by_date (GPtrArray *all, const char *as_of, GError **error)
{
  g_autofree char *near = NULL;
  gint64 first, last;

  if (!reprise_couch_goal_parse_as_of (as_of, &first, &last, error))
    return NULL;
  for (guint i = 0; i < all->len; i++)
    if (get_ms (all->pdata[i]) >= first && get_ms (all->pdata[i]) <= last)
      return all->pdata[i];
  near = describe_neighbours (all, first);
  reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_REFUSED,
                     _ ("Cloudant has no backup of the document of “%s”; the nearest are: %s"),
                     as_of, near);
  return NULL;
}

static RepriseCouchKept *
choose_by_name (GPtrArray *all, const Name *name)
{
  for (guint i = 0; i < all->len; i++)
    {
      RepriseCouchKept *kept = all->pdata[i];

      if (g_strcmp0 (kept->date, name->date) == 0 &&
          (name->frequency == NULL || g_strcmp0 (kept->frequency, name->frequency) == 0))
        return kept;
    }
  return NULL;
}

/* (transfer full): the version that is to be restored, with the name of its task */
static RepriseCouchKept *
choose (RepriseCouchClient *client,
        RepriseArchive *archive,
        GHashTable *options,
        Name *name,
        GCancellable *cancellable,
        GError **error)
{
  const char *document = get_option (options, REPRISE_COUCH_OPTION_DOCUMENT);
  const char *as_of = get_option (options, REPRISE_COUCH_OPTION_AS_OF);
  g_autoptr (GPtrArray) all = NULL;
  g_autoptr (GError) local = NULL;
  RepriseCouchKept *found = NULL;
  guint index = 0;

  name_parse (name, reprise_backup_get_id (reprise_archive_get_backup (archive)));
  all = reprise_couch_legacy_list_kept (client, name->task, document, TRUE, cancellable, error);
  if (all == NULL)
    return NULL;
  if (*as_of != '\0' && all->len > 0)
    found = choose_by_date (all, as_of, &local);
  else if (name->date != NULL)
    found = choose_by_name (all, name);
  else if (all->len > 0)
    found = all->pdata[0];
  if (local != NULL)
    g_propagate_error (error, g_steal_pointer (&local));
  else if (found == NULL || found->date == NULL)
    reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND,
                       _ ("Cloudant has no such backup of the document “%s”"), document);
  else if (g_ptr_array_find (all, found, &index))
    return g_ptr_array_steal_index (all, index);
  return NULL;
}

/* ---- plan ---- */

static gboolean
check_options (GHashTable *options, const char *database, GError **error)
{
  const char *document = get_option (options, REPRISE_COUCH_OPTION_DOCUMENT);
  const char *target = get_option (options, REPRISE_COUCH_OPTION_TARGET);

  if (*document == '\0')
    reprise_error_set_literal (
      error, REPRISE_ERROR, REPRISE_ERROR_REFUSED,
      _ ("From its own backup Cloudant restores single documents only: name one, "
         "with --to document=ID"));
  else if (g_str_has_prefix (document, "_design/"))
    reprise_error_set_literal (error, REPRISE_ERROR, REPRISE_ERROR_REFUSED,
                               _ ("Cloudant’s own backup has no design documents"));
  else if (*target != '\0' && strcmp (target, database) != 0)
    reprise_error_set (
      error, REPRISE_ERROR, REPRISE_ERROR_REFUSED,
      _ ("From its own backup Cloudant restores a document only into its own database, "
         "“%s”"),
      database);
  else
    return TRUE;
  return FALSE;
}

/**
 * reprise_couch_legacy_plan:
 *
 * Returns: (transfer full): the plan to have the server replace one document; %REPRISE_ERROR_REFUSED where something else is wanted, or
 *   no backup is of the date
 */
ReprisePlan *
reprise_couch_legacy_plan (RepriseCouchClient *client,
                           RepriseService *service,
                           RepriseArchive *archive,
                           RepriseGroups groups,
                           GHashTable *options,
                           GCancellable *cancellable,
                           GError **error)
{
  const char *database = reprise_couch_legacy_get_database (archive);
  const char *document = get_option (options, REPRISE_COUCH_OPTION_DOCUMENT);
  g_autoptr (ReprisePlan) plan = reprise_plan_new (archive, groups, options);
  g_autoptr (RepriseCouchKept) kept = NULL;
  g_autofree char *text = NULL;
  g_auto (Name) name = { NULL };

  if (!check_options (options, database, error))
    return NULL;
  kept = choose (client, archive, options, &name, cancellable, error);
  if (kept == NULL)
    return NULL;
  /* Translators: a document, a database, a date, and how often such backups are made: “daily” */
  text = g_strdup_printf (_ ("“%s” of “%s” becomes the version of %s (%s)"), document, database,
                          kept->date, kept->frequency != NULL ? kept->frequency : "daily");
  reprise_plan_set_target (plan, reprise_couch_client_get_name (client));
  reprise_plan_add_check (plan, "conditions", REPRISE_CHECK_OK,
                          reprise_couch_legacy_get_conditions (), NULL);
  if (kept->body == NULL)
    reprise_plan_add_check (plan, "body", REPRISE_CHECK_WARNING,
                            _ ("Cloudant does not show what the version holds: it cannot be "
                               "compared afterwards."),
                            NULL);
  reprise_plan_add_row (plan, reprise_couch_rules_get_group (service, database, NULL), database, 1,
                        1, REPRISE_PLAN_REPLACED, text);
  reprise_plan_add_loss (plan,
                         _ ("The version of “%s” that is there now stays only in the safety "
                            "copy."),
                         document);
  reprise_plan_add_step (plan, "POST _api/v2/backup/restore/document");
  reprise_plan_set_overwrites (plan, TRUE);
  reprise_plan_add_group_rows (plan);
  reprise_plan_set_safety_groups (plan, reprise_plan_get_groups (plan));
  return g_steal_pointer (&plan);
}

/* ---- restore ---- */

/* (transfer full) (nullable): the document as it is now, or %NULL, also where it is not there */
static GBytes *
read_now (RepriseCouchClient *client,
          const char *database,
          const char *document,
          GCancellable *cancellable)
{
  g_autofree char *path = reprise_couch_client_dup_path (database, document, NULL);

  return reprise_couch_client_get_bytes (client, path, cancellable, NULL);
}

/* What people see of it is the same: members as they were received, attachments. */
static gboolean
is_same (GBytes *one, GBytes *other)
{
  g_autoptr (RepriseHash) hash = reprise_hash_new ();
  guint8 digests[2][REPRISE_HASH_RAW_LENGTH];
  GBytes *bodies[] = { one, other };

  for (guint i = 0; i < 2; i++)
    {
      RepriseCouchSpan span = { NULL, 0 };

      if (bodies[i] == NULL)
        return FALSE;
      span.data = g_bytes_get_data (bodies[i], &span.size);
      reprise_couch_compose_digest ("", "", span, NULL, hash, digests[i]);
    }
  return memcmp (digests[0], digests[1], sizeof digests[0]) == 0;
}

static char *
dup_rev (GBytes *body)
{
  RepriseCouchSpan span = { NULL, 0 };
  g_auto (RepriseCouchHead) head = { NULL };

  if (body == NULL)
    return NULL;
  span.data = g_bytes_get_data (body, &span.size);
  reprise_couch_head_read (&head, span);
  return g_steal_pointer (&head.rev);
}

/* Reads the document again until it is the one that was wanted, or at least another than before. */
static gboolean
wait_for (RepriseCouchClient *client,
          const char *database,
          const char *document,
          const RepriseCouchKept *kept,
          const char *before,
          guint patience_ms,
          GCancellable *cancellable)
{
  for (guint waited = 0;; waited += POLL_MS)
    {
      g_autoptr (GBytes) now = read_now (client, database, document, cancellable);
      g_autofree char *rev = dup_rev (now);

      if (kept->body != NULL ? is_same (now, kept->body)
                             : rev != NULL && g_strcmp0 (rev, before) != 0)
        return TRUE;
      if (waited >= patience_ms || g_cancellable_is_cancelled (cancellable))
        return FALSE;
      g_usleep (POLL_MS * 1000);
    }
}

/* Whether the server may have done it although its answer did not come. */
static gboolean
is_unknown (const GError *error)
{
  return !g_error_matches (error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND) &&
         !g_error_matches (error, REPRISE_ERROR, REPRISE_ERROR_DENIED) &&
         !g_error_matches (error, REPRISE_ERROR, REPRISE_ERROR_NEEDS_SIGN_IN) &&
         !g_error_matches (error, REPRISE_ERROR, REPRISE_ERROR_INVALID) &&
         !reprise_error_is_stop (error);
}

static gboolean
carry_out (RepriseCouchClient *client,
           const char *database,
           const char *document,
           const Name *name,
           const RepriseCouchKept *kept,
           RepriseProgress *progress,
           GCancellable *cancellable,
           GError **error)
{
  g_autoptr (GBytes) now = read_now (client, database, document, cancellable);
  g_autofree char *before = dup_rev (now);
  guint patience_ms = reprise_couch_legacy_patience_ms;
  g_autoptr (GError) local = NULL;

  reprise_progress_set_phase (progress, REPRISE_PHASE_APPLYING);
  reprise_couch_legacy_post_restore (client, name->task, document, kept->date,
                                     kept->frequency != NULL ? kept->frequency : "daily",
                                     cancellable, &local);
  if (local != NULL && !is_unknown (local))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  if (local != NULL)
    patience_ms = MIN (patience_ms, 5 * POLL_MS);
  reprise_progress_set_phase (progress, REPRISE_PHASE_COMPARING);
  if (wait_for (client, database, document, kept, before, patience_ms, cancellable))
    return TRUE;
  if (local != NULL)
    g_propagate_error (error, g_steal_pointer (&local));
  else
    reprise_error_set (
      error, REPRISE_ERROR, REPRISE_ERROR_FAILED,
      _ ("Cloudant accepted to restore “%s”, but the document is not as in the backup"), document);
  return FALSE;
}

/**
 * reprise_couch_legacy_restore:
 *
 * at rest → the server replaces the document → it is read again and compared
 */
RepriseOutcome *
reprise_couch_legacy_restore (RepriseCouchClient *client,
                              ReprisePlan *plan,
                              RepriseJournal *journal,
                              RepriseProgress *progress,
                              GCancellable *cancellable,
                              GError **error)
{
  RepriseArchive *archive = reprise_plan_get_archive (plan);
  const char *database = reprise_couch_legacy_get_database (archive);
  const char *document = reprise_plan_get_option (plan, REPRISE_COUCH_OPTION_DOCUMENT);
  g_autoptr (RepriseCouchKept) kept = NULL;
  g_autofree char *step = g_strconcat ("document ", document, NULL);
  g_autofree char *text =
    g_strdup_printf (_ ("Cloudant was asked to replace the document “%s”."), document);
  g_auto (Name) name = { NULL };
  RepriseOutcome *outcome;

  kept = choose (client, archive, reprise_plan_get_options (plan), &name, cancellable, error);
  if (kept == NULL || !reprise_couch_rest_check (client, database, document, cancellable, error) ||
      !reprise_journal_begin (journal, step, text, error) ||
      !carry_out (client, database, document, &name, kept, progress, cancellable, error) ||
      !reprise_journal_end (journal, step, error))
    return NULL;
  if (kept->body != NULL)
    /* Translators: a document, a date */
    outcome = reprise_outcome_say ("“%s” is the version of %s again; read again and compared",
                                   document, kept->date);
  else
    /* Translators: a document, a date */
    outcome = reprise_outcome_say (
      "“%s” was replaced from the backup of %s; Cloudant does not show what it holds", document,
      kept->date);
  outcome->written = 1;
  return outcome;
}
