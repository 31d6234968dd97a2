/* reprise-sqlite-provider.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <inttypes.h>
#include <sqlite3.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "base/reprise-file.h"
#include "net/reprise-json.h"
#include "provider/reprise-scratch.h"
#include "providers/sqlite/reprise-sqlite-export.h"
#include "providers/sqlite/reprise-sqlite-kind.h"
#include "providers/sqlite/reprise-sqlite-news-private.h"
#include "providers/sqlite/reprise-sqlite-provider.h"
#include "providers/sqlite/reprise-sqlite-restore.h"
#include "providers/sqlite/reprise-sqlite-source.h"
#include "providers/sqlite/reprise-sqlite-target-private.h"

#define ARCHIVE_NAME "application.zip"

struct _RepriseSqliteProvider
{
  GObject parent_instance;

  RepriseService *service; /* (owned) */
};

static void provider_init (RepriseProviderInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (RepriseSqliteProvider,
                               reprise_sqlite_provider,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (REPRISE_TYPE_PROVIDER, provider_init))

static void
reprise_sqlite_provider_finalize (GObject *object)
{
  g_clear_object (&REPRISE_SQLITE_PROVIDER (object)->service);
  G_OBJECT_CLASS (reprise_sqlite_provider_parent_class)->finalize (object);
}

static void
reprise_sqlite_provider_class_init (RepriseSqliteProviderClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = reprise_sqlite_provider_finalize;
}

static void
reprise_sqlite_provider_init (RepriseSqliteProvider *self)
{
}

RepriseProvider *
reprise_sqlite_provider_new (RepriseService *service)
{
  RepriseSqliteProvider *self = g_object_new (REPRISE_TYPE_SQLITE_PROVIDER, NULL);

  self->service = g_object_ref (service);
  return REPRISE_PROVIDER (self);
}

static const char *
get_path (RepriseSqliteProvider *self)
{
  return reprise_service_get_setting (self->service, REPRISE_SQLITE_SETTING_PATH);
}

static RepriseSqliteSource *
open_source (RepriseSqliteProvider *self, GCancellable *cancellable, GError **error)
{
  const char *path = get_path (self);
  const char *files = reprise_service_get_setting (self->service, REPRISE_SQLITE_SETTING_FILES);

  if (path == NULL || *path == '\0')
    {
      reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_INVALID,
                         _ ("“%s” does not say where its databases are"),
                         reprise_service_get_name (self->service));
      return NULL;
    }
  return reprise_sqlite_source_open (path, g_strcmp0 (files, "false") != 0, cancellable, error);
}

static RepriseSqliteRules *
make_rules (RepriseSqliteProvider *self, GError **error)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) rules = NULL;
  GHashTableIter iter;
  gpointer key, value;

  g_hash_table_iter_init (&iter, reprise_service_get_rules (self->service));
  while (g_hash_table_iter_next (&iter, &key, &value))
    {
      g_autofree char *rule = g_strdup_printf ("%s=%s", (char *) key, (char *) value);

      g_strv_builder_add (builder, rule);
    }
  rules = g_strv_builder_end (builder);
  return reprise_sqlite_rules_new ((const char *const *) rules, error);
}

static RepriseProbe *
probe (RepriseProvider *provider,
       RepriseProgress *progress,
       GCancellable *cancellable,
       GError **error)
{
  RepriseSqliteProvider *self = REPRISE_SQLITE_PROVIDER (provider);
  g_autoptr (RepriseSqliteSource) source = open_source (self, cancellable, error);
  g_autoptr (RepriseProbe) result = NULL;
  g_autofree char *size = NULL;
  g_auto (GStrv) warnings = NULL;

  if (source == NULL || !reprise_sqlite_source_check (source, cancellable, error))
    return NULL;
  result = reprise_probe_new ();
  result->version = g_strdup_printf ("SQLite %s", sqlite3_libversion ());
  size = g_format_size ((guint64) MAX (reprise_sqlite_source_get_size_bytes (source), 0));
  reprise_probe_add_fact (result, _ ("Place"), reprise_sqlite_source_get_path (source));
  reprise_probe_add_fact (result, _ ("Size"), size);
  for (guint i = 0; i < reprise_sqlite_source_get_n_databases (source); i++)
    reprise_probe_add_fact (result, _ ("Database"),
                            reprise_sqlite_source_get_database (source, i)->name);
  warnings = reprise_sqlite_source_dup_warnings (source);
  for (guint i = 0; warnings[i] != NULL; i++)
    reprise_probe_add_warning (result, warnings[i]);
  return g_steal_pointer (&result);
}

static RepriseContents *
list_groups (RepriseProvider *provider,
             RepriseProgress *progress,
             GCancellable *cancellable,
             GError **error)
{
  RepriseSqliteProvider *self = REPRISE_SQLITE_PROVIDER (provider);
  g_autoptr (RepriseSqliteSource) source = open_source (self, cancellable, error);
  g_autoptr (RepriseSqliteRules) rules = source != NULL ? make_rules (self, error) : NULL;

  if (rules == NULL)
    return NULL;
  return reprise_sqlite_source_list (source, rules, progress, cancellable, error);
}

/* Takes into the manifest what an archive holds. */
static void
describe (RepriseVaultWriter *writer,
          GDateTime *from,
          const char *identity,
          const RepriseSqliteExport *written,
          RepriseProgress *progress)
{
  RepriseManifest *manifest = reprise_vault_writer_get_manifest (writer);
  g_autoptr (GDateTime) to = g_date_time_new_now_utc ();

  for (guint i = 0; written->warnings[i] != NULL; i++)
    reprise_progress_warn_saying (progress, written->warnings[i]);
  reprise_manifest_set_interval (manifest, from, to);
  reprise_manifest_set_identity (manifest, identity);
  reprise_manifest_set_contents (manifest, written->contents);
  reprise_manifest_set_proof (manifest, "format-end", written->proof);
}

/* Writes the archive of the groups as the only file of the backup. */
static gboolean
export_groups (RepriseSqliteProvider *self,
               RepriseGroups groups,
               RepriseVaultWriter *writer,
               RepriseProgress *progress,
               GCancellable *cancellable,
               GError **error)
{
  g_autoptr (GDateTime) from = g_date_time_new_now_utc ();
  g_autoptr (RepriseSqliteSource) source = open_source (self, cancellable, error);
  g_autoptr (RepriseSqliteRules) rules = source != NULL ? make_rules (self, error) : NULL;
  g_autofree char *scratch =
    rules != NULL ? reprise_vault_writer_make_scratch (writer, error) : NULL;
  g_autoptr (GOutputStream) out = NULL;
  g_autoptr (RepriseSqliteExport) written = NULL;

  if (scratch == NULL)
    return FALSE;
  out = reprise_vault_writer_open (writer, ARCHIVE_NAME, error);
  if (out == NULL)
    return FALSE;
  reprise_progress_set_phase (progress, REPRISE_PHASE_READING);
  written =
    reprise_sqlite_export (source, rules, groups, scratch, out, progress, cancellable, error);
  if (written == NULL || !g_output_stream_close (out, cancellable, error))
    return FALSE;
  describe (writer, from, reprise_sqlite_source_get_path (source), written, progress);
  reprise_sqlite_news_tell (source, writer, progress);
  return TRUE;
}

static gboolean
back_up (RepriseProvider *provider,
         RepriseGroups groups,
         RepriseVaultWriter *writer,
         RepriseBackup **made,
         RepriseProgress *progress,
         GCancellable *cancellable,
         GError **error)
{
  static const ReprisePhaseShare PHASES[] = { { REPRISE_PHASE_CONNECTING, 1 },
                                              { REPRISE_PHASE_READING, 60 } };

  g_return_val_if_fail (writer != NULL, FALSE);

  reprise_progress_set_plan (progress, PHASES, G_N_ELEMENTS (PHASES));
  return export_groups (REPRISE_SQLITE_PROVIDER (provider), groups, writer, progress, cancellable,
                        error);
}

/* Where the plan's data goes: another place that was asked for, or where the service is. */
static const char *
get_target (RepriseSqliteProvider *self, ReprisePlan *plan)
{
  const char *elsewhere = reprise_plan_get_option (plan, REPRISE_SQLITE_OPTION_PATH);

  return elsewhere != NULL ? elsewhere : get_path (self);
}

static RepriseSqliteArchive *
open_archive (ReprisePlan *plan, GCancellable *cancellable, GError **error)
{
  return reprise_sqlite_archive_open (reprise_archive_get_path (reprise_plan_get_archive (plan)),
                                      cancellable, error);
}

/* A backup of another application may be meant, and may be a mistake. */
static void
check_identity (RepriseSqliteProvider *self, ReprisePlan *plan)
{
  RepriseManifest *manifest = reprise_archive_get_manifest (reprise_plan_get_archive (plan));
  const char *uuid = manifest != NULL ? reprise_manifest_get_service_uuid (manifest) : NULL;
  g_autofree char *text = NULL;

  if (uuid == NULL || g_str_equal (uuid, reprise_service_get_uuid (self->service)))
    return;
  text = g_strdup_printf (_ ("The backup is one of “%s”, another service."),
                          reprise_manifest_get_service_name (manifest));
  reprise_plan_add_check (plan, "identity", REPRISE_CHECK_WARNING, text,
                          _ ("Go on only if that is meant."));
}

static ReprisePlan *
make_plan (RepriseSqliteProvider *self,
           RepriseArchive *archive,
           RepriseGroups groups,
           GHashTable *options,
           gboolean undo,
           RepriseProgress *progress,
           GCancellable *cancellable,
           GError **error)
{
  g_autoptr (ReprisePlan) plan = reprise_plan_new (archive, groups, options);
  g_autoptr (RepriseSqliteArchive) opened = open_archive (plan, cancellable, error);
  g_autoptr (RepriseSqliteRules) rules = opened != NULL ? make_rules (self, error) : NULL;
  g_autofree char *scratch = rules != NULL ? reprise_file_make_scratch (error) : NULL;
  RepriseSqliteWish wish = { get_target (self, plan), reprise_plan_get_groups (plan), undo,
                             scratch };
  gboolean planned;

  if (scratch == NULL)
    return NULL;
  check_identity (self, plan);
  planned = reprise_sqlite_restore_plan (opened, &wish, rules, plan, progress, cancellable, error);
  reprise_file_remove_tree (scratch, NULL);
  return planned ? g_steal_pointer (&plan) : NULL;
}

static ReprisePlan *
plan_restore (RepriseProvider *provider,
              RepriseArchive *archive,
              RepriseGroups groups,
              GHashTable *options,
              RepriseProgress *progress,
              GCancellable *cancellable,
              GError **error)
{
  return make_plan (REPRISE_SQLITE_PROVIDER (provider), archive, groups, options, FALSE, progress,
                    cancellable, error);
}

static ReprisePlan *
plan_undo (RepriseProvider *provider,
           RepriseArchive *safety_copy,
           RepriseProgress *progress,
           GCancellable *cancellable,
           GError **error)
{
  RepriseManifest *manifest = reprise_archive_get_manifest (safety_copy);
  JsonObject *members = manifest != NULL ? reprise_manifest_get_provider (manifest) : NULL;
  const char *place = reprise_json_get_string (members, REPRISE_SQLITE_OPTION_PATH, NULL);
  g_autoptr (GHashTable) options = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);

  if (place != NULL)
    g_hash_table_insert (options, g_strdup (REPRISE_SQLITE_OPTION_PATH), g_strdup (place));
  return make_plan (REPRISE_SQLITE_PROVIDER (provider), safety_copy, REPRISE_GROUPS_NONE, options,
                    TRUE, progress, cancellable, error);
}

/* Undo of a restore into another place goes there, and not over the application. */
static void
note_place (ReprisePlan *plan, RepriseManifest *manifest)
{
  const char *elsewhere = reprise_plan_get_option (plan, REPRISE_SQLITE_OPTION_PATH);
  g_autofree char *path = elsewhere != NULL ? reprise_sqlite_target_resolve (elsewhere) : NULL;

  if (path != NULL)
    json_object_set_string_member (reprise_manifest_get_provider (manifest),
                                   REPRISE_SQLITE_OPTION_PATH, path);
}

/* What is about to be replaced, and a note of what is about to be made, so that Undo knows what to remove. */
static gboolean
prepare_safety_copy (RepriseProvider *provider,
                     ReprisePlan *plan,
                     RepriseVaultWriter *writer,
                     RepriseProgress *progress,
                     GCancellable *cancellable,
                     GError **error)
{
  RepriseSqliteProvider *self = REPRISE_SQLITE_PROVIDER (provider);
  g_autoptr (RepriseSqliteArchive) opened = open_archive (plan, cancellable, error);
  g_autofree char *scratch =
    opened != NULL ? reprise_vault_writer_make_scratch (writer, error) : NULL;
  RepriseSqliteWish wish = { get_target (self, plan), reprise_plan_get_groups (plan), FALSE,
                             scratch };
  g_autoptr (GDateTime) from = g_date_time_new_now_utc ();
  g_autoptr (GOutputStream) out = NULL;
  g_autoptr (RepriseSqliteExport) written = NULL;

  if (scratch == NULL)
    return FALSE;
  out = reprise_vault_writer_open (writer, ARCHIVE_NAME, error);
  if (out == NULL)
    return FALSE;
  written =
    reprise_sqlite_restore_export_safety_copy (opened, &wish, out, progress, cancellable, error);
  if (written == NULL || !g_output_stream_close (out, cancellable, error))
    return FALSE;
  describe (writer, from, get_target (self, plan), written, progress);
  note_place (plan, reprise_vault_writer_get_manifest (writer));
  return TRUE;
}

static RepriseOutcome *
describe_restored (const RepriseSqliteRestored *restored, RepriseProgress *progress)
{
  gint64 written = restored->rows + restored->files;
  RepriseOutcome *outcome;

  for (guint i = 0; restored->warnings[i] != NULL; i++)
    reprise_progress_warn_saying (progress, restored->warnings[i]);
  for (guint i = 0; restored->steps[i] != NULL; i++)
    reprise_progress_log (progress, "%s", restored->steps[i]);
  outcome = reprise_outcome_say_n ("%" PRId64 " record or file written and compared, 0 failed",
                                   "%" PRId64 " records and files written and compared, 0 failed",
                                   (guint64) written, written);
  outcome->written = written;
  return outcome;
}

static RepriseOutcome *
carry_out (RepriseSqliteProvider *self,
           ReprisePlan *plan,
           gboolean undo,
           RepriseJournal *journal,
           RepriseProgress *progress,
           GCancellable *cancellable,
           GError **error)
{
  g_autoptr (RepriseSqliteArchive) opened = open_archive (plan, cancellable, error);
  g_autofree char *scratch = opened != NULL ? reprise_file_make_scratch (error) : NULL;
  RepriseSqliteWish wish = { get_target (self, plan), reprise_plan_get_groups (plan), undo,
                             scratch };
  g_autoptr (RepriseSqliteRestored) restored = NULL;

  if (scratch == NULL)
    return NULL;
  restored = reprise_sqlite_restore (opened, &wish, journal, progress, cancellable, error);
  reprise_file_remove_tree (scratch, NULL);
  return restored != NULL ? describe_restored (restored, progress) : NULL;
}

static RepriseOutcome *
restore (RepriseProvider *provider,
         ReprisePlan *plan,
         RepriseJournal *journal,
         RepriseProgress *progress,
         GCancellable *cancellable,
         GError **error)
{
  return carry_out (REPRISE_SQLITE_PROVIDER (provider), plan, FALSE, journal, progress, cancellable,
                    error);
}

static RepriseOutcome *
undo (RepriseProvider *provider,
      ReprisePlan *plan,
      RepriseJournal *journal,
      RepriseProgress *progress,
      GCancellable *cancellable,
      GError **error)
{
  return carry_out (REPRISE_SQLITE_PROVIDER (provider), plan, TRUE, journal, progress, cancellable,
                    error);
}

/* What does not fit is said of the folder that people know. */
static void
explain_space (const char *scratch, GError **error)
{
  g_autofree char *cache = g_path_get_dirname (scratch);

  if (error == NULL || !g_error_matches (*error, G_IO_ERROR, G_IO_ERROR_NO_SPACE))
    return;
  g_clear_error (error);
  reprise_error_set (
    error, REPRISE_ERROR, REPRISE_ERROR_REFUSED,
    _ ("There is no space left in “%s” for the rehearsal, which needs twice as much "
       "there as the backup holds. Nothing was changed."),
    cache);
}

/* Into a folder of the cache, which is compared by the restore itself, and removed. */
static RepriseOutcome *
rehearse (RepriseProvider *provider,
          RepriseArchive *archive,
          const RepriseRehearsal *rehearsal,
          RepriseProgress *progress,
          GCancellable *cancellable,
          GError **error)
{
  g_autoptr (RepriseSqliteArchive) opened =
    reprise_sqlite_archive_open (reprise_archive_get_path (archive), cancellable, error);
  g_autofree char *scratch =
    opened != NULL ? reprise_scratch_make_folder (rehearsal->record, error) : NULL;
  g_autofree char *place = scratch != NULL ? g_build_filename (scratch, "application", NULL) : NULL;
  g_autofree char *unpacked = scratch != NULL ? g_build_filename (scratch, "unpacked", NULL) : NULL;
  g_autoptr (RepriseSqliteRestored) restored = NULL;
  g_autoptr (GError) local = NULL;
  RepriseSqliteWish wish = { place, REPRISE_GROUPS_ALL, FALSE, unpacked };

  if (scratch == NULL)
    return NULL;
  if (reprise_file_make_folder (unpacked, error))
    restored = reprise_sqlite_restore (opened, &wish, NULL, progress, cancellable, error);
  if (restored == NULL)
    explain_space (scratch, error);
  if (!reprise_scratch_remove_folder (rehearsal->record, scratch, &local))
    reprise_progress_warn (progress, "The scratch folder “%s” could not be removed: %s", scratch,
                           reprise_error_get_saying (local));
  if (restored == NULL)
    return NULL;
  return reprise_outcome_say_n (
    "%" PRId64 " record or file, 0 differences", "%" PRId64 " records and files, 0 differences",
    (guint64) (restored->rows + restored->files), restored->rows + restored->files);
}

static gboolean
clean_up (RepriseProvider *provider,
          RepriseJournal *record,
          RepriseProgress *progress,
          GCancellable *cancellable,
          GError **error)
{
  g_auto (GStrv) folders = reprise_scratch_list (record);

  for (guint i = 0; folders[i] != NULL; i++)
    if (!reprise_scratch_remove_folder (record, folders[i], error))
      return FALSE;
  return TRUE;
}

/* A restore that was cut off: SQLite takes back what was not committed; what is left is said. */
static RepriseOutcome *
resume_operation (RepriseProvider *provider,
                  RepriseJournal *journal,
                  RepriseProgress *progress,
                  GCancellable *cancellable,
                  GError **error)
{
  RepriseSqliteLeft left = REPRISE_SQLITE_LEFT_NOTHING;
  g_autofree char *text = NULL;

  if (!reprise_sqlite_restore_settle (get_path (REPRISE_SQLITE_PROVIDER (provider)), &left, &text,
                                      error) ||
      left == REPRISE_SQLITE_LEFT_NOTHING || text == NULL)
    return NULL;
  return reprise_outcome_new ("%s", text);
}

static void
provider_init (RepriseProviderInterface *iface)
{
  iface->probe = probe;
  iface->list_groups = list_groups;
  iface->back_up = back_up;
  iface->plan_restore = plan_restore;
  iface->prepare_safety_copy = prepare_safety_copy;
  iface->restore = restore;
  iface->plan_undo = plan_undo;
  iface->undo = undo;
  iface->rehearse = rehearse;
  iface->clean_up = clean_up;
  iface->resume_operation = resume_operation;
}
