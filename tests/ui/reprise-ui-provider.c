/* reprise-ui-provider.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "base/reprise-error.h"
#include "provider/reprise-journal.h"
#include "reprise-ui-provider.h"
#include "reprise-ui-states.h"

#define N_STEPS 100

struct _RepriseUiProvider
{
  GObject parent_instance;

  RepriseService *service; /* (owned): the provider's own copy */
};

static void provider_init (RepriseProviderInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (RepriseUiProvider,
                               reprise_ui_provider,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (REPRISE_TYPE_PROVIDER, provider_init))

static const struct
{
  RepriseGroup group;
  const char *name;
  gint64 rows;
  gint64 size_bytes;
  const char *reason;
} COLLECTIONS[] = {
  { REPRISE_GROUP_REQUIRED, "collections", 41, 312000, NULL },
  { REPRISE_GROUP_REQUIRED, "uiSchemas", 1204, 1700000, NULL },
  { REPRISE_GROUP_REQUIRED, "workflows", 12, 88000, NULL },
  { REPRISE_GROUP_USER, "users", 214, 912000, NULL },
  { REPRISE_GROUP_USER, "roles", 9, 12000, NULL },
  { REPRISE_GROUP_LOG, "auditTrails", 98412, 96000000, NULL },
  { REPRISE_GROUP_THIRD_PARTY, "authenticators", 3, 12000, NULL },
  { REPRISE_GROUP_CUSTOM, "orders", 18233, 61000000, NULL },
  { REPRISE_GROUP_CUSTOM, "customers", 2211, 24000000, NULL },
  { REPRISE_GROUP_UNKNOWN, "pluginData", 3, 400000, "No rule names it" },
  { REPRISE_GROUP_SKIPPED, "sessions", 88, REPRISE_NOT_REPORTED,
    "Sessions are made again by signing in" },
};

/* (transfer full): the collections of those groups; @service: (nullable): whose rules say in which group each is */
RepriseContents *
reprise_ui_provider_make_contents (RepriseService *service, RepriseGroups groups)
{
  RepriseContents *contents = reprise_contents_new ();

  for (guint i = 0; i < G_N_ELEMENTS (COLLECTIONS); i++)
    {
      RepriseGroup group = COLLECTIONS[i].group;
      const char *rule =
        service != NULL ? reprise_service_get_rule (service, COLLECTIONS[i].name) : NULL;
      g_autoptr (RepriseCollection) collection = reprise_collection_new (
        COLLECTIONS[i].name, COLLECTIONS[i].rows, COLLECTIONS[i].size_bytes);

      if (rule != NULL)
        reprise_group_from_string (rule, &group);
      if (group != REPRISE_GROUP_SKIPPED && !REPRISE_GROUPS_HAS (groups, group))
        continue;
      reprise_collection_set_reason (collection, COLLECTIONS[i].reason);
      reprise_contents_add (contents, group, collection);
    }
  return contents;
}

static gboolean
has_fault (RepriseUiProvider *self, const char *fault)
{
  return g_strcmp0 (reprise_service_get_setting (self->service, "fault"), fault) == 0;
}

static int nobody_is_signed_in; /* (atomic): of the services at which a person does */

static gboolean
check_reach (RepriseUiProvider *self, GError **error)
{
  if (has_fault (self, "unreachable"))
    g_set_error_literal (
      error, REPRISE_ERROR, REPRISE_ERROR_UNREACHABLE,
      "No answer from vectors.example.com: check the address, and whether the server runs");
  else if (has_fault (self, "gone"))
    g_set_error_literal (error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND, "It was deleted yesterday");
  else if (has_fault (self, "sign-in") ||
           (has_fault (self, "person") && g_atomic_int_get (&nobody_is_signed_in)))
    g_set_error_literal (error, REPRISE_ERROR, REPRISE_ERROR_NEEDS_SIGN_IN,
                         "The server does not accept the password: sign in again");
  else
    return TRUE;
  return FALSE;
}

static RepriseProbe *
probe (RepriseProvider *provider,
       RepriseProgress *progress,
       GCancellable *cancellable,
       GError **error)
{
  RepriseProbe *result;

  if (!check_reach (REPRISE_UI_PROVIDER (provider), error))
    return NULL;
  result = reprise_probe_new ();
  result->version = g_strdup ("1.7.2");
  result->latency_ms = 312;
  reprise_probe_add_fact (result, "Database", "PostgreSQL 16.4");
  if (has_fault (REPRISE_UI_PROVIDER (provider), "warn"))
    {
      reprise_probe_add_warning (result, "The key ends tomorrow.");
      reprise_probe_add_warning (result, "The key does not allow deleting.");
    }
  return result;
}

static RepriseContents *
list_groups (RepriseProvider *provider,
             RepriseProgress *progress,
             GCancellable *cancellable,
             GError **error)
{
  RepriseUiProvider *self = REPRISE_UI_PROVIDER (provider);

  return check_reach (self, error)
           ? reprise_ui_provider_make_contents (self->service, REPRISE_GROUPS_ALL)
           : NULL;
}

/* As many as the setting says, an hour apart. */
static GPtrArray *
list_backups (RepriseProvider *provider,
              RepriseProgress *progress,
              GCancellable *cancellable,
              GError **error)
{
  RepriseUiProvider *self = REPRISE_UI_PROVIDER (provider);
  const char *many = reprise_service_get_setting (self->service, "many");
  const char *states = reprise_service_get_setting (self->service, "states");
  guint64 n = many != NULL ? g_ascii_strtoull (many, NULL, 10) : 1;
  g_autoptr (GDateTime) now = g_date_time_new_utc (2026, 11, 20, 2, 0, 0);
  GPtrArray *backups;

  if (has_fault (self, "unreachable") && !check_reach (self, error))
    return NULL;
  backups = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *id = g_strdup_printf ("backup_%05u.nbdump", i);
      g_autoptr (GDateTime) created = g_date_time_add_hours (now, -(int) i);
      RepriseBackup *backup =
        reprise_backup_new (id, reprise_service_get_uuid (self->service), "ui");

      g_object_set (backup, "own-name", id, "created-at", created, "size-bytes",
                    (gint64) 184000000 + i, "state", REPRISE_BACKUP_COMPLETE, "on-service", TRUE,
                    "groups", 0x15u, NULL);
      g_ptr_array_add (backups, backup);
    }
  if (states != NULL)
    reprise_ui_states_add (backups, reprise_service_get_uuid (self->service));
  return backups;
}

/* Some seconds of work, by the setting. */
static gboolean
work (RepriseUiProvider *self,
      ReprisePhase phase,
      RepriseProgress *progress,
      GCancellable *cancellable,
      GError **error)
{
  const char *pace = reprise_service_get_setting (self->service, "pace");
  gulong pace_us = pace != NULL ? (gulong) g_ascii_strtoull (pace, NULL, 10) * 1000 : 0;

  reprise_progress_set_phase (progress, phase);
  reprise_progress_set_totals (progress, N_STEPS * 1000000, -1);
  for (guint i = 0; i < N_STEPS; i++)
    {
      if (g_cancellable_set_error_if_cancelled (cancellable, error) ||
          !reprise_progress_check_stop (progress, error))
        return FALSE;
      reprise_progress_add_bytes (progress, 1000000);
      if (pace_us > 0)
        g_usleep (pace_us);
      if (i == N_STEPS / 2 && has_fault (self, "fail"))
        {
          g_set_error_literal (
            error, REPRISE_ERROR, REPRISE_ERROR_STALLED,
            "The server stopped sending in the middle: try again when it is less busy");
          return FALSE;
        }
    }
  return TRUE;
}

static gboolean
ask (RepriseUiProvider *self, RepriseProgress *progress, GCancellable *cancellable, GError **error)
{
  const char *const responses[] = { "cancel", "continue", NULL };
  const char *const labels[] = { "_Cancel", "_Go On", NULL };
  g_autoptr (RepriseQuestion) question = reprise_question_new (
    "go-on", "Go On Without the Logs?",
    "The logs cannot be read just now. The backup would hold everything else.", responses, labels,
    NULL, "cancel");
  g_autofree char *answer = NULL;

  if (!has_fault (self, "ask"))
    return TRUE;
  answer = reprise_progress_ask (progress, question, cancellable, error);
  if (answer != NULL && g_str_equal (answer, "continue"))
    return TRUE;
  if (answer != NULL)
    g_set_error_literal (error, REPRISE_ERROR, REPRISE_ERROR_REFUSED,
                         "It was answered to stop here");
  return FALSE;
}

static gboolean
write_payload (RepriseUiProvider *self,
               RepriseGroups groups,
               RepriseVaultWriter *writer,
               GCancellable *cancellable,
               GError **error)
{
  g_autoptr (GOutputStream) stream = reprise_vault_writer_open (writer, "data.uikind", error);
  g_autoptr (RepriseContents) contents = reprise_ui_provider_make_contents (self->service, groups);
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autoptr (GDateTime) ahead = g_date_time_add_years (now, 1);

  if (stream == NULL ||
      !g_output_stream_write_all (stream, REPRISE_UI_HEAD, strlen (REPRISE_UI_HEAD), NULL,
                                  cancellable, error) ||
      !g_output_stream_close (stream, cancellable, error))
    return FALSE;
  reprise_manifest_set_contents (reprise_vault_writer_get_manifest (writer), contents);
  reprise_manifest_set_proof (reprise_vault_writer_get_manifest (writer), "length",
                              "the whole file");
  if (has_fault (self, "ahead"))
    reprise_manifest_set_created_at (reprise_vault_writer_get_manifest (writer), ahead);
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
  static const ReprisePhaseShare plan[] = { { REPRISE_PHASE_CONNECTING, 0 },
                                            { REPRISE_PHASE_READING, 9 },
                                            { REPRISE_PHASE_VERIFYING, 1 } };
  RepriseUiProvider *self = REPRISE_UI_PROVIDER (provider);

  reprise_progress_set_plan (progress, plan, G_N_ELEMENTS (plan));
  reprise_progress_set_phase (progress, REPRISE_PHASE_CONNECTING);
  reprise_progress_log (progress, "connected to the service");
  return check_reach (self, error) && ask (self, progress, cancellable, error) &&
         work (self, REPRISE_PHASE_READING, progress, cancellable, error) &&
         write_payload (self, groups, writer, cancellable, error);
}

static gboolean
download (RepriseProvider *provider,
          RepriseBackup *backup,
          RepriseVaultWriter *writer,
          RepriseProgress *progress,
          GCancellable *cancellable,
          GError **error)
{
  RepriseUiProvider *self = REPRISE_UI_PROVIDER (provider);

  reprise_manifest_set_own_name (reprise_vault_writer_get_manifest (writer),
                                 reprise_backup_get_own_name (backup));
  return work (self, REPRISE_PHASE_DOWNLOADING, progress, cancellable, error) &&
         write_payload (self, reprise_backup_get_groups (backup), writer, cancellable, error);
}

static gboolean
delete_backup (RepriseProvider *provider,
               RepriseBackup *backup,
               RepriseProgress *progress,
               GCancellable *cancellable,
               GError **error)
{
  return TRUE;
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
  RepriseUiProvider *self = REPRISE_UI_PROVIDER (provider);
  ReprisePlan *plan;

  if (!check_reach (self, error))
    return NULL;
  if (options != NULL && g_strcmp0 (g_hash_table_lookup (options, "as-of"), "2020-01-01") == 0)
    {
      g_set_error_literal (error, REPRISE_ERROR, REPRISE_ERROR_REFUSED, "No backup holds that day");
      return NULL;
    }
  plan = reprise_plan_new (archive, groups, options);
  reprise_plan_add_check (plan, "version", REPRISE_CHECK_OK,
                          "Version 1.7.2, the same as the backup’s", NULL);
  reprise_plan_add_check (plan, "plugin", REPRISE_CHECK_WARNING, "The plugin “SAML” is missing",
                          "People who sign in with it cannot do so until it is installed.");
  for (guint i = 0; i < G_N_ELEMENTS (COLLECTIONS); i++)
    if (COLLECTIONS[i].group != REPRISE_GROUP_SKIPPED)
      reprise_plan_add_row (plan, COLLECTIONS[i].group, COLLECTIONS[i].name,
                            COLLECTIONS[i].rows + 5, COLLECTIONS[i].rows,
                            REPRISE_GROUPS_HAS (groups, COLLECTIONS[i].group)
                              ? REPRISE_PLAN_REPLACED
                              : REPRISE_PLAN_LEFT_ALONE,
                            NULL);
  reprise_plan_add_group_rows (plan);
  reprise_plan_add_loss (plan, "5 newer accounts are lost.");
  reprise_plan_set_target (plan, reprise_service_get_name (self->service));
  reprise_plan_set_overwrites (plan, !has_fault (self, "fresh"));
  return plan;
}

static RepriseOutcome *
restore (RepriseProvider *provider,
         ReprisePlan *plan,
         RepriseJournal *journal,
         RepriseProgress *progress,
         GCancellable *cancellable,
         GError **error)
{
  RepriseUiProvider *self = REPRISE_UI_PROVIDER (provider);
  RepriseOutcome *outcome;

  reprise_progress_set_stop_text (
    progress, "Users is already replaced; Custom not started. The safety copy is kept.");
  if (!work (self, REPRISE_PHASE_APPLYING, progress, cancellable, error))
    return NULL;
  outcome = reprise_outcome_new ("1,204 written, 0 failed");
  outcome->written = 1204;
  return outcome;
}

static RepriseCoverage *
add_coverage (GPtrArray *all,
              const char *name,
              RepriseGroup group,
              RepriseCoverageState state,
              RepriseCoverageLast last)
{
  RepriseCoverage *coverage = reprise_coverage_new (name);

  coverage->group = group;
  coverage->state = state;
  coverage->last = last;
  coverage->rows = 1204;
  coverage->size_bytes = 3200000;
  if (last != REPRISE_COVERAGE_NEVER)
    {
      coverage->last_at = g_date_time_new_utc (2025, 11, 20, 2, 0, 0);
      coverage->tiers[REPRISE_TIER_DAILY] = 7;
      coverage->tiers[REPRISE_TIER_WEEKLY] = 4;
    }
  g_ptr_array_add (all, coverage);
  return coverage;
}

/* One of each kind, and as many besides as the setting says. */
static GPtrArray *
list_collections (RepriseProvider *provider,
                  RepriseVault *vault,
                  RepriseProgress *progress,
                  GCancellable *cancellable,
                  GError **error)
{
  RepriseUiProvider *self = REPRISE_UI_PROVIDER (provider);
  const char *number = reprise_service_get_setting (self->service, "databases");
  const char *except = reprise_service_get_setting (self->service, "except");
  guint64 n = number != NULL ? g_ascii_strtoull (number, NULL, 10) : 0;
  GPtrArray *all;

  if (!check_reach (self, error))
    return NULL;
  all = g_ptr_array_new_with_free_func ((GDestroyNotify) reprise_coverage_free);
  if (number != NULL && n == 0)
    return all;
  add_coverage (all, "_users", REPRISE_GROUP_USER, REPRISE_COVERAGE_INCLUDED,
                REPRISE_COVERAGE_VERIFIED);
  add_coverage (all, "orders", REPRISE_GROUP_CUSTOM,
                g_strcmp0 (except, "orders") == 0 ? REPRISE_COVERAGE_EXCLUDED
                                                  : REPRISE_COVERAGE_INCLUDED,
                REPRISE_COVERAGE_UNVERIFIED);
  add_coverage (all, "invoices", REPRISE_GROUP_CUSTOM, REPRISE_COVERAGE_INCLUDED,
                REPRISE_COVERAGE_NEVER);
  add_coverage (all, "leads", REPRISE_GROUP_CUSTOM, REPRISE_COVERAGE_NEW_INCLUDED,
                REPRISE_COVERAGE_NEVER)
    ->is_new = TRUE;
  add_coverage (all, "old-shop", REPRISE_GROUP_CUSTOM, REPRISE_COVERAGE_GONE,
                REPRISE_COVERAGE_VERIFIED);
  reprise_coverage_set_problem (add_coverage (all, "stock", REPRISE_GROUP_CUSTOM,
                                              REPRISE_COVERAGE_INCLUDED, REPRISE_COVERAGE_FAILED),
                                REPRISE_COVERAGE_FAILED, "The server stopped sending");
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *name = g_strdup_printf ("tenant-%05u", i);

      add_coverage (all, name, REPRISE_GROUP_CUSTOM, REPRISE_COVERAGE_INCLUDED,
                    REPRISE_COVERAGE_VERIFIED);
    }
  return all;
}

static void
add_step (RepriseCompactPlan *plan, RepriseCompactAction action, RepriseTier tier, guint n)
{
  RepriseCompactStep *step = reprise_compact_step_new (action, tier);
  static const char *const names[] = { "orders", "invoices", "stock", NULL };
  g_autoptr (GDateTime) first = g_date_time_new_utc (2025, 11, 1, 2, 0, 0);

  g_strfreev (step->collections);
  step->collections = g_strdupv ((char **) names);
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (GDateTime) time = g_date_time_add_days (first, (int) i);

      reprise_compact_step_add_source (step, "backup", time, tier, 1000000, FALSE);
    }
  step->deleted_at = g_date_time_add_days (first, 30);
  step->rolled_up = TRUE;
  reprise_compact_plan_take (plan, step);
}

/* As many roll-ups and deletions as the setting says. */
static RepriseCompactPlan *
plan_compact (RepriseProvider *provider,
              RepriseVault *vault,
              GCancellable *cancellable,
              GError **error)
{
  RepriseUiProvider *self = REPRISE_UI_PROVIDER (provider);
  const char *number = reprise_service_get_setting (self->service, "roll-ups");
  guint64 n = number != NULL ? g_ascii_strtoull (number, NULL, 10) : 1;
  RepriseCompactPlan *plan;

  if (!check_reach (self, error))
    return NULL;
  plan = reprise_compact_plan_new ();
  for (guint i = 0; i < n; i++)
    add_step (plan, REPRISE_COMPACT_ROLL_UP, REPRISE_TIER_WEEKLY, 5);
  for (guint i = 0; i < n; i++)
    add_step (plan, REPRISE_COMPACT_DELETE, REPRISE_TIER_DAILY, 1);
  return plan;
}

/* “doc-0000” and on, as many as the setting says; each state in its turn */
static GPtrArray *
list_documents (RepriseProvider *provider,
                RepriseVault *vault,
                const char *collection,
                const char *pattern,
                guint limit,
                char **warning,
                GCancellable *cancellable,
                GError **error)
{
  RepriseUiProvider *self = REPRISE_UI_PROVIDER (provider);
  const char *number = reprise_service_get_setting (self->service, "documents");
  guint64 n = number != NULL ? g_ascii_strtoull (number, NULL, 10) : 4;
  g_autoptr (GPtrArray) documents =
    g_ptr_array_new_with_free_func ((GDestroyNotify) reprise_document_free);

  if (!check_reach (self, error))
    return NULL;
  for (guint i = 0; i < n && documents->len < limit; i++)
    {
      g_autofree char *id = g_strdup_printf ("doc-%04u", i);
      RepriseDocument *document;

      if (pattern != NULL && !g_pattern_match_simple (pattern, id))
        continue;
      document = g_new0 (RepriseDocument, 1);
      document->id = g_steal_pointer (&id);
      document->state = (RepriseDocumentState) (i % 4);
      g_ptr_array_add (documents, document);
    }
  return g_steal_pointer (&documents);
}

static void
add_version (GPtrArray *versions, const char *name, int days_ago, const char *tier)
{
  RepriseVersion *version = g_new0 (RepriseVersion, 1);
  g_autoptr (GDateTime) newest = g_date_time_new_utc (2026, 11, 20, 2, 0, 0);

  version->version = g_strdup (name);
  version->size_bytes = 1200;
  if (tier != NULL)
    {
      version->at = g_date_time_add_days (newest, -days_ago);
      version->tier = g_strdup (tier);
      version->backup_id = g_strdup_printf ("backup-%d", days_ago);
    }
  g_ptr_array_add (versions, version);
}

/* Of “doc-0003” only what is on the service, of “doc-0002” only what is in backups. */
static GPtrArray *
list_versions (RepriseProvider *provider,
               RepriseVault *vault,
               const char *collection,
               const char *document,
               char **warning,
               GCancellable *cancellable,
               GError **error)
{
  RepriseUiProvider *self = REPRISE_UI_PROVIDER (provider);
  GPtrArray *versions;

  if (!check_reach (self, error))
    return NULL;
  versions = g_ptr_array_new_with_free_func ((GDestroyNotify) reprise_version_free);
  if (!g_str_has_suffix (document, "2"))
    add_version (versions, "4-d", 0, NULL);
  if (g_str_has_suffix (document, "3"))
    return versions;
  add_version (versions, "3-c", 1, "daily");
  add_version (versions, "2-b", 10, "weekly");
  add_version (versions, "1-a", 60, "baseline");
  return versions;
}

static void
add_difference (GPtrArray *differences, const char *path, const char *before, const char *after)
{
  RepriseDifference *difference = g_new0 (RepriseDifference, 1);

  difference->path = g_strdup (path);
  difference->before = g_strdup (before);
  difference->after = g_strdup (after);
  g_ptr_array_add (differences, difference);
}

/* The newest version in a backup is the current one, but where there is none. */
static GPtrArray *
compare_versions (RepriseProvider *provider,
                  RepriseVault *vault,
                  const char *collection,
                  const char *document,
                  const char *from,
                  const char *to,
                  GCancellable *cancellable,
                  GError **error)
{
  RepriseUiProvider *self = REPRISE_UI_PROVIDER (provider);
  GPtrArray *differences;

  if (!check_reach (self, error))
    return NULL;
  differences = g_ptr_array_new_with_free_func ((GDestroyNotify) reprise_difference_free);
  if (g_strcmp0 (from, "3-c") == 0)
    return differences;
  add_difference (differences, "address.city", "\"Lyon\"", "\"Paris\"");
  add_difference (differences, "lines[2]", NULL, "{\"sku\":\"A-77\",\"pieces\":[1,2],\"note\":{}}");
  add_difference (differences, "discount", "12.50", NULL);
  return differences;
}

/* What there is follows from what is set. */
static GPtrArray *
list_values (RepriseProvider *provider, const char *key, GCancellable *cancellable, GError **error)
{
  RepriseUiProvider *self = REPRISE_UI_PROVIDER (provider);
  g_autofree char *title =
    g_strdup_printf ("A guest of %s", reprise_service_get_setting (self->service, "account"));
  GPtrArray *choices = g_ptr_array_new_with_free_func ((GDestroyNotify) reprise_choice_free);

  g_ptr_array_add (choices, reprise_choice_new ("guest", title, NULL));
  return choices;
}

/* One that the service keeps itself, with a warning. */
static JsonNode *
get_schedule (RepriseProvider *provider, GCancellable *cancellable, GError **error)
{
  return json_from_string ("{\"enabled\":\"true\",\"every\":\"7\",\"start\":"
                           "\"2026-12-24T18:30:00Z\",\"facts\":[{\"label\":"
                           "\"Last run\",\"value\":\"never\"}],\"warnings\":[\"It ends soon.\"]}",
                           error);
}

static gboolean
set_schedule (RepriseProvider *provider,
              JsonNode *schedule,
              GCancellable *cancellable,
              GError **error)
{
  return TRUE;
}

static gboolean
renew_access (RepriseProvider *provider,
              RepriseBackup *backup,
              RepriseProgress *progress,
              GCancellable *cancellable,
              GError **error)
{
  return TRUE;
}

static gboolean
sign_out (RepriseProvider *provider, GCancellable *cancellable, GError **error)
{
  g_atomic_int_set (&nobody_is_signed_in, TRUE);
  return TRUE;
}

static void
provider_init (RepriseProviderInterface *iface)
{
  iface->sign_out = sign_out;
  iface->list_values = list_values;
  iface->get_schedule = get_schedule;
  iface->set_schedule = set_schedule;
  iface->renew_access = renew_access;
  iface->probe = probe;
  iface->list_groups = list_groups;
  iface->list_backups = list_backups;
  iface->back_up = back_up;
  iface->download = download;
  iface->delete_backup = delete_backup;
  iface->plan_restore = plan_restore;
  iface->restore = restore;
  iface->list_collections = list_collections;
  iface->plan_compact = plan_compact;
  iface->list_documents = list_documents;
  iface->list_versions = list_versions;
  iface->compare_versions = compare_versions;
}

static void
reprise_ui_provider_finalize (GObject *object)
{
  g_clear_object (&REPRISE_UI_PROVIDER (object)->service);
  G_OBJECT_CLASS (reprise_ui_provider_parent_class)->finalize (object);
}

static void
reprise_ui_provider_class_init (RepriseUiProviderClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = reprise_ui_provider_finalize;
}

static void
reprise_ui_provider_init (RepriseUiProvider *self)
{
}

RepriseProvider *
reprise_ui_provider_new (RepriseService *service)
{
  RepriseUiProvider *self = g_object_new (REPRISE_TYPE_UI_PROVIDER, NULL);

  self->service = reprise_service_copy (service);
  return REPRISE_PROVIDER (self);
}
