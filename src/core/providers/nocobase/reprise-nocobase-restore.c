/* reprise-nocobase-restore.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>
#include <sys/stat.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "net/reprise-json.h"
#include "providers/nocobase/reprise-nocobase-compare.h"
#include "providers/nocobase/reprise-nocobase-dump.h"
#include "providers/nocobase/reprise-nocobase-follow.h"
#include "providers/nocobase/reprise-nocobase-kind.h"
#include "providers/nocobase/reprise-nocobase-restore.h"

/*
 * Old plugin:  upload → restore (answers when all is over, and 200 whatever came of it) → health → rows counted
 * New plugin:  upload and restore in one (answers when it has checked the archive) → health, state of the work → rows counted
 *
 * Between the request and the health nothing can be stopped: the server is at work, and there is no way to end it.
 */
#define DAY_MS (24 * 60 * 60 * 1000)
#define UNPACK_MS \
  (60 * 60 * 1000) /* until the Backup manager has unpacked and checked an archive */
#define STEP       "restore"
#define KEY_RECORD "expected"
#define KEY_FAILED "failed"

typedef struct
{
  RepriseNocobaseTarget *target;
  ReprisePlan *plan;
  RepriseSecrets *secrets;
  RepriseJournal *journal;
  RepriseProgress *progress;
  RepriseNocobaseFollow *follow; /* (owned) (nullable) */
} Run;

static void
run_clear (Run *self)
{
  g_clear_pointer (&self->follow, reprise_nocobase_follow_free);
  reprise_progress_set_uninterruptible (self->progress, FALSE);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Run, run_clear)

static const char *
get_name_on_server (RepriseArchive *archive)
{
  RepriseBackup *backup = reprise_archive_get_backup (archive);

  return backup != NULL && !reprise_backup_get_in_vault (backup)
           ? reprise_backup_get_own_name (backup)
           : NULL;
}

static gboolean
add_file (RepriseHttpRequest *request,
          RepriseArchive *archive,
          const char *file_name,
          RepriseProgress *progress,
          GError **error)
{
  g_autofree char *path = reprise_nocobase_kind_dup_file (archive, error);
  g_autoptr (GFile) file = path != NULL ? g_file_new_for_path (path) : NULL;
  struct stat info;

  if (path == NULL)
    return FALSE;
  if (stat (path, &info) == 0)
    reprise_progress_set_totals (progress, info.st_size, -1);
  return reprise_http_request_add_part_file (request, "file", file_name, "application/octet-stream",
                                             file, error);
}

/* The server tells what it has found in the archive: that must be what is in ours. */
static gboolean
check_uploaded (RepriseArchive *archive, JsonObject *root, GError **error)
{
  const char *version = reprise_json_get_string (root, "data.meta.version", NULL);
  const char *dialect = reprise_json_get_string (root, "data.meta.dialect", NULL);

  if (g_strcmp0 (version, reprise_archive_get_service_version (archive)) == 0 &&
      g_strcmp0 (dialect, reprise_archive_get_engine (archive)) == 0 &&
      reprise_json_get_string (root, "data.key", NULL) != NULL)
    return TRUE;
  reprise_error_set_literal (
    error, REPRISE_ERROR, REPRISE_ERROR_PROTOCOL,
    _ ("The server read another archive than was uploaded. Nothing was restored."));
  return FALSE;
}

/**
 * reprise_nocobase_restore_upload:
 * @archive: a local one, of the old plugin
 *
 * Uploads an archive into the server's temporary folder, where it can be restored from.
 *
 * Returns: (transfer full): its key there, or %NULL with @error
 */
char *
reprise_nocobase_restore_upload (RepriseNocobaseTarget *target,
                                 RepriseArchive *archive,
                                 RepriseProgress *progress,
                                 GCancellable *cancellable,
                                 GError **error)
{
  g_autoptr (RepriseHttpRequest) request = reprise_nocobase_client_new_request (
    target->client, "POST", "backupFiles:upload", REPRISE_HTTP_START);
  g_autoptr (JsonObject) root = NULL;

  if (!add_file (request, archive, "backup.nbdump", progress, error))
    return NULL;
  reprise_http_request_set_header_timeout (request, UNPACK_MS);
  root = reprise_nocobase_client_send (target->client, request, cancellable, error);
  if (root == NULL)
    {
      reprise_error_prefix (error, _ ("The archive could not be uploaded: "));
      return NULL;
    }
  return check_uploaded (archive, root, error)
           ? g_strdup (reprise_json_get_string (root, "data.key", NULL))
           : NULL;
}

/* The groups by the server's own names. */
static void
add_data_types (JsonBuilder *builder, ReprisePlan *plan)
{
  RepriseContents *contents = reprise_archive_get_contents (reprise_plan_get_archive (plan));
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  json_builder_set_member_name (builder, "dataTypes");
  json_builder_begin_array (builder);
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (contents)); i++)
    {
      g_autoptr (RepriseDataGroup) group = g_list_model_get_item (G_LIST_MODEL (contents), i);
      RepriseGroup id = reprise_data_group_get_group (group);

      for (guint j = 0; j < g_list_model_get_n_items (G_LIST_MODEL (group)); j++)
        {
          g_autoptr (RepriseCollection) collection =
            g_list_model_get_item (G_LIST_MODEL (group), j);
          const char *own = reprise_collection_get_own_group (collection);
          const char *name = own != NULL ? own : reprise_group_to_string (id);

          if (REPRISE_GROUPS_HAS (reprise_plan_get_groups (plan), id) &&
              g_hash_table_add (seen, g_strdup (name)))
            json_builder_add_string_value (builder, name);
        }
    }
  json_builder_end_array (builder);
}

static RepriseHttpRequest *
make_old_request (Run *self, const char *key)
{
  const char *name = get_name_on_server (reprise_plan_get_archive (self->plan));
  RepriseHttpRequest *request = reprise_nocobase_client_new_request (
    self->target->client, "POST", "backupFiles:restore", REPRISE_HTTP_START);
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonNode) node = NULL;
  g_autofree char *body = NULL;

  json_builder_begin_object (builder);
  add_data_types (builder, self->plan);
  json_builder_set_member_name (builder, key != NULL ? "key" : "filterByTk");
  json_builder_add_string_value (builder, key != NULL ? key : name);
  json_builder_end_object (builder);
  node = json_builder_get_root (builder);
  body = json_to_string (node, FALSE);
  reprise_http_request_set_body_text (request, "application/json", body);
  reprise_http_request_set_header_timeout (request, DAY_MS);
  return request;
}

/* It ended, and nothing was changed: the journal says so. */
static RepriseOutcome *
end_unchanged (Run *self)
{
  reprise_journal_end (self->journal, STEP, NULL);
  return NULL;
}

static gboolean
begin (Run *self, RepriseArchive *archive, GError **error)
{
  g_autofree char *expected = reprise_nocobase_compare_save (
    self->plan, self->target->version, reprise_archive_get_service_version (archive));
  /* Translators: follows “Begun and not finished: ” */
  g_autofree char *text =
    g_strdup_printf (_ ("a restore into %s"), reprise_plan_get_target (self->plan));

  if (!reprise_journal_set (self->journal, KEY_RECORD, expected, error) ||
      !reprise_journal_set (self->journal, "app",
                            reprise_nocobase_client_get_app (self->target->client), error) ||
      !reprise_journal_begin (self->journal, STEP, text, error))
    return FALSE;
  reprise_progress_set_stop_text (
    self->progress,
    _ ("The server is restoring, and nothing can stop it any more: its end is waited for."));
  return TRUE;
}

/* It serves again, and all is in place. */
static RepriseOutcome *
finish (Run *self, GCancellable *cancellable, GError **error)
{
  g_autofree char *expected = g_strdup (reprise_journal_get (self->journal, KEY_RECORD));

  reprise_progress_set_uninterruptible (self->progress, FALSE);
  reprise_progress_set_stop_text (self->progress,
                                  _ ("Everything is restored. Its rows are not counted again."));
  reprise_progress_set_phase (self->progress, REPRISE_PHASE_COMPARING);
  if (!reprise_journal_end (self->journal, STEP, error))
    return NULL;
  return reprise_nocobase_compare_run (self->target, expected, self->progress, cancellable, error);
}

static void
refuse (GError **error, const char *reason)
{
  reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_REFUSED,
                     _ ("NocoBase refused the restore, and nothing was changed: %s"), reason);
}

/* It was cut off on the server: the next restore must not take it up and call it finished. */
static gboolean
mark_failed (Run *self, GError **error)
{
  return reprise_journal_set (self->journal, KEY_FAILED, "true", error);
}

/* Waits for the server. One that stays broken has not restored. */
static gboolean
wait_for_server (Run *self, GError **error)
{
  if (reprise_nocobase_follow_wait (self->follow, NULL, error))
    return TRUE;
  mark_failed (self, NULL);
  return FALSE;
}

/* What it did ended with its process. That rows are as many as they should be would prove nothing: they may be the old ones. */
static RepriseOutcome *
fail_gone (Run *self, GError **error)
{
  if (!mark_failed (self, error))
    return NULL;
  reprise_error_set_literal (
    error, REPRISE_ERROR, REPRISE_ERROR_FAILED,
    _ ("The server stopped in the middle of the restore, or could not be reached: what it had "
       "replaced until then is replaced, and the rest is not. Restore once more, or take it back "
       "with Undo."));
  return NULL;
}

/* The old plugin answers 200 whether it worked or not. It is healthy again: did it refuse, or restore? */
static RepriseOutcome *
judge_old (Run *self, GCancellable *cancellable, GError **error)
{
  const char *reason = reprise_nocobase_follow_get_reason (self->follow);
  gboolean busy = reprise_nocobase_follow_was_busy (self->follow), lost = FALSE;
  gint64 duration_ms = reprise_nocobase_follow_get_duration_ms (self->follow);
  g_autoptr (GError) local = NULL;
  g_autoptr (JsonObject) answer = reprise_nocobase_follow_take_answer (self->follow, &lost, &local);

  if (reason != NULL) /* any other failure than a refusal leaves it broken */
    {
      refuse (error, reason);
      return end_unchanged (self);
    }
  if (answer == NULL && !lost)
    {
      refuse (error, local->message);
      return end_unchanged (self);
    }
  if (answer == NULL && reprise_nocobase_follow_was_gone (self->follow))
    return fail_gone (self, error);
  if (answer == NULL && !busy)
    {
      mark_failed (self, NULL);
      reprise_error_set (
        error, REPRISE_ERROR, REPRISE_ERROR_STALLED,
        _ ("The connection broke, and the server was not seen restoring anything: look "
           "at its data before you try "
           "again. %s"),
        reprise_error_get_saying (local));
      return NULL;
    }
  if (answer != NULL && duration_ms < self->target->pace.quick_ms)
    {
      refuse (error, _ ("it ended at once, and the server does not say why (its log does)"));
      return end_unchanged (self);
    }
  return finish (self, cancellable, error);
}

static RepriseOutcome *
run_old (Run *self, GCancellable *cancellable, GError **error)
{
  RepriseArchive *archive = reprise_plan_get_archive (self->plan);
  g_autoptr (RepriseHttpRequest) request = NULL;
  g_autofree char *key = NULL;

  if (get_name_on_server (archive) == NULL)
    {
      reprise_progress_set_phase (self->progress, REPRISE_PHASE_UPLOADING);
      reprise_progress_set_stop_text (self->progress, _ ("Nothing has been changed yet."));
      key =
        reprise_nocobase_restore_upload (self->target, archive, self->progress, cancellable, error);
      if (key == NULL)
        return NULL;
    }
  reprise_progress_set_phase (self->progress, REPRISE_PHASE_APPLYING);
  if (g_cancellable_set_error_if_cancelled (cancellable, error) ||
      !reprise_progress_check_stop (self->progress, error) || !begin (self, archive, error))
    return NULL;
  reprise_progress_set_uninterruptible (self->progress, TRUE);
  self->follow = reprise_nocobase_follow_new (self->target, self->progress, NULL);
  request = make_old_request (self, key);
  reprise_nocobase_follow_start (self->follow, request);
  if (!wait_for_server (self, error))
    return NULL;
  return judge_old (self, cancellable, error);
}

static void
wipe_string (gpointer data)
{
  GString *text = data;

  reprise_secret_wipe (text->str, text->allocated_len);
  g_string_free (text, TRUE);
}

/* {"name":…,"password":…}: a safe name needs no escapes */
static void
set_named_body (RepriseHttpRequest *request, const char *name, RepriseSecretValue *password)
{
  gsize size = 0;
  GString *json;
  g_autoptr (GBytes) bytes = NULL;

  if (password != NULL)
    reprise_secret_value_get (password, &size);
  json = g_string_sized_new (strlen (name) + 6 * size + 64);
  g_string_append_printf (json, "{\"name\":\"%s\"", name);
  if (password != NULL)
    {
      g_string_append (json, ",\"password\":");
      reprise_nocobase_client_append_quoted (json, password);
    }
  g_string_append_c (json, '}');
  bytes = g_bytes_new_with_free_func (json->str, json->len, wipe_string, json);
  reprise_http_request_set_body (request, "application/json", bytes);
}

static RepriseHttpRequest *
make_new_request (Run *self, GCancellable *cancellable, GError **error)
{
  RepriseArchive *archive = reprise_plan_get_archive (self->plan);
  const char *name = get_name_on_server (archive);
  g_autoptr (RepriseHttpRequest) request = reprise_nocobase_client_new_request (
    self->target->client, "POST", name != NULL ? "backups:restore" : "backups:upload",
    REPRISE_HTTP_START);
  g_autoptr (RepriseSecretValue) password = NULL;

  /* An archive on the server may be encrypted without our having been told: the plan looked into it. */
  if (name != NULL || reprise_archive_get_encrypted (archive))
    password =
      reprise_secrets_lookup (self->secrets, REPRISE_NOCOBASE_SECRET_ARCHIVE, cancellable, NULL);
  if (name != NULL &&
      g_strcmp0 (reprise_archive_get_data (archive, REPRISE_NOCOBASE_DATA_ENCRYPTED), "true") != 0)
    g_clear_pointer (&password, reprise_secret_value_unref);
  reprise_http_request_set_header_timeout (request, UNPACK_MS);
  if (name != NULL)
    set_named_body (request, name, password);
  else
    {
      if (password != NULL)
        reprise_http_request_add_part (request, "password",
                                       reprise_secret_value_get_text (password));
      if (!add_file (request, archive, "backup.nbdata", self->progress, error))
        return NULL;
    }
  return g_steal_pointer (&request);
}

/* Its health is back. Where its work failed it says so, and has gone back to what was there. */
static RepriseOutcome *
judge_new (Run *self, gboolean lost, GCancellable *cancellable, GError **error)
{
  const char *reason = reprise_nocobase_follow_get_reason (self->follow);

  if (reason != NULL)
    {
      reprise_error_set (
        error, REPRISE_ERROR, REPRISE_ERROR_FAILED,
        _ ("NocoBase could not restore, and says that it went back to the data from before: %s"),
        reason);
      return NULL;
    }
  if (reprise_nocobase_follow_was_gone (self->follow))
    return fail_gone (self, error);
  if (lost && !reprise_nocobase_follow_was_busy (self->follow))
    {
      mark_failed (self, NULL);
      reprise_error_set_literal (error, REPRISE_ERROR, REPRISE_ERROR_STALLED,
                                 _ ("The connection broke, and the server was not seen restoring "
                                    "anything: look at its data before "
                                    "you try again."));
      return NULL;
    }
  return finish (self, cancellable, error);
}

static RepriseOutcome *
run_new (Run *self, GCancellable *cancellable, GError **error)
{
  RepriseArchive *archive = reprise_plan_get_archive (self->plan);
  g_autoptr (RepriseHttpRequest) request = NULL;
  g_autoptr (JsonObject) root = NULL;
  g_autoptr (GError) local = NULL;
  gboolean lost = FALSE;

  reprise_progress_set_phase (self->progress, REPRISE_PHASE_UPLOADING);
  request = make_new_request (self, cancellable, error);
  if (request == NULL || !begin (self, archive, error))
    return NULL;
  self->follow = reprise_nocobase_follow_new (self->target, self->progress, NULL);
  reprise_nocobase_follow_start (self->follow, request);
  if (!reprise_nocobase_follow_wait_answer (self->follow, cancellable, error))
    return end_unchanged (
      self); /* stopped while it was sent: the server never had the whole archive */
  root = reprise_nocobase_follow_take_answer (self->follow, &lost, &local);
  if (root == NULL && !lost)
    {
      refuse (error, local->message);
      return end_unchanged (self);
    }
  reprise_progress_set_phase (self->progress, REPRISE_PHASE_APPLYING);
  reprise_nocobase_follow_set_task (self->follow,
                                    reprise_json_get_string (root, "data.task", NULL));
  if (!wait_for_server (self, error))
    return NULL;
  return judge_new (self, lost, cancellable, error);
}

/**
 * reprise_nocobase_restore_run:
 * @plan: without refusals, for @target
 *
 * Returns: (transfer full): how it came out, or %NULL with %REPRISE_ERROR_REFUSED (nothing was changed), %REPRISE_ERROR_BROKEN
 *   (the server must be restarted by hand), or another error
 */
RepriseOutcome *
reprise_nocobase_restore_run (RepriseNocobaseTarget *target,
                              ReprisePlan *plan,
                              RepriseSecrets *secrets,
                              RepriseJournal *journal,
                              RepriseProgress *progress,
                              GCancellable *cancellable,
                              GError **error)
{
  static const ReprisePhaseShare PHASES[] = {
    { REPRISE_PHASE_UPLOADING, 20 },
    { REPRISE_PHASE_APPLYING, 60 },
    { REPRISE_PHASE_COMPARING, 20 },
  };
  RepriseArchive *archive = reprise_plan_get_archive (plan);
  g_auto (Run) self = {
    .target = target, .plan = plan, .secrets = secrets, .journal = journal, .progress = progress
  };

  reprise_progress_set_plan (progress, PHASES, G_N_ELEMENTS (PHASES));
  if (g_strcmp0 (reprise_archive_get_data (archive, REPRISE_NOCOBASE_DATA_PLUGIN),
                 REPRISE_NOCOBASE_PLUGIN_OLD) == 0)
    return run_old (&self, cancellable, error);
  return run_new (&self, cancellable, error);
}

/**
 * reprise_nocobase_restore_resume:
 *
 * Takes up a restore that went on in the server while nobody watched: waits for the server, and counts.
 *
 * Returns: (transfer full): how it came out; %NULL without an error where nothing had been begun
 */
RepriseOutcome *
reprise_nocobase_restore_resume (RepriseNocobaseTarget *target,
                                 RepriseJournal *journal,
                                 RepriseProgress *progress,
                                 GCancellable *cancellable,
                                 GError **error)
{
  const char *expected = reprise_journal_get (journal, KEY_RECORD);
  RepriseOutcome *outcome;

  if (expected == NULL || !reprise_journal_has_open_step (journal) ||
      reprise_journal_get (journal, KEY_FAILED) != NULL)
    return NULL;
  if (!reprise_nocobase_follow_health (target, progress, cancellable, error))
    return NULL;
  outcome = reprise_nocobase_compare_run (target, expected, progress, cancellable, error);
  if (outcome != NULL && !reprise_journal_end (journal, STEP, error))
    g_clear_pointer (&outcome, reprise_outcome_free);
  return outcome;
}
