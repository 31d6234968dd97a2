/* reprise-api-roll-up.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "base/reprise-saying.h"
#include "base/reprise-time.h"
#include "net/reprise-json.h"
#include "providers/azure/apim/reprise-api-reports.h"
#include "providers/azure/apim/reprise-api-roll-up.h"
#include "schedule/reprise-periods.h"
#include "vault/reprise-vault-events.h"

#define PERIODS_FILE "reports/periods.jsonl"

/*
 * The backups of reports that one finished month has become one:
 *
 * each source is read back in full → the files of each report one behind the other, byte for byte, and in a file of its own how many
 * rows, in that order, are of which period: most rows do not say so themselves → it is committed and read back in full → only then
 * the sources are deleted. Killed anywhere, the next run goes on: what a roll-up that is proven names as its sources goes.
 *
 * A month in which periods are missing or double is left as it is, and so is one with a single backup.
 */

/* One backup of reports, or one roll-up of them. */
typedef struct
{
  RepriseBackup *backup;     /* (owned) */
  RepriseManifest *manifest; /* (owned) */
  GDateTime *to;             /* (owned) (nullable): where its last period ends */
  gboolean unproven;         /* a roll-up that could not be read back */
} Source;

static void
source_free (gpointer data)
{
  Source *self = data;

  g_clear_object (&self->backup);
  g_clear_object (&self->manifest);
  g_clear_pointer (&self->to, g_date_time_unref);
  g_free (self);
}

/* What the vault has of them. */
typedef struct
{
  GPtrArray *sources;  /* (owned) (element-type Source): in no roll-up, in the order of time */
  GPtrArray *roll_ups; /* (owned) (element-type Source) */
  GPtrArray *left;     /* (owned) (element-type Source): in a roll-up, and there still */
  GHashTable *taken;   /* (owned) (element-type utf8 Source): the sources of roll-ups by ID */
} Stock;

static void
stock_clear (Stock *self)
{
  g_clear_pointer (&self->taken, g_hash_table_unref);
  g_clear_pointer (&self->sources, g_ptr_array_unref);
  g_clear_pointer (&self->left, g_ptr_array_unref);
  g_clear_pointer (&self->roll_ups, g_ptr_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Stock, stock_clear)

/* (nullable): of one report in a backup */
static JsonObject *
get_period (RepriseManifest *manifest, RepriseApiReport report)
{
  g_autofree char *path =
    g_strconcat (REPRISE_MANIFEST_PERIODS ".", reprise_api_report_to_string (report), NULL);

  return reprise_json_get_object (reprise_manifest_get_provider (manifest), path);
}

/* (transfer full) (nullable) */
static GDateTime *
dup_time (JsonObject *period, const char *member)
{
  const char *text = period != NULL ? reprise_json_get_string (period, member, NULL) : NULL;

  return text != NULL ? reprise_time_from_string (text) : NULL;
}

static GDateTime *
find_last (RepriseManifest *manifest)
{
  GDateTime *last = NULL;

  for (RepriseApiReport report = 0; report < REPRISE_N_API_REPORTS; report++)
    {
      g_autoptr (GDateTime) to = dup_time (get_period (manifest, report), "to");

      if (to == NULL || (last != NULL && g_date_time_compare (to, last) <= 0))
        continue;
      g_clear_pointer (&last, g_date_time_unref);
      last = g_steal_pointer (&to);
    }
  return last;
}

/* Reports alone, whole, and made by us. */
static gboolean
is_of_reports (RepriseBackup *backup)
{
  RepriseOrigin origin = reprise_backup_get_origin (backup);
  RepriseGroups groups =
    reprise_backup_get_groups (backup) & ~REPRISE_GROUP_BIT (REPRISE_GROUP_SKIPPED);

  return groups == REPRISE_GROUP_BIT (REPRISE_GROUP_LOG) &&
         reprise_backup_get_state (backup) != REPRISE_BACKUP_PARTIAL &&
         !reprise_backup_get_in_progress (backup) && reprise_backup_get_damage (backup) == NULL &&
         (origin == REPRISE_ORIGIN_MANUAL || origin == REPRISE_ORIGIN_SCHEDULE);
}

static void
take_supersedes (Stock *stock, Source *roll_up)
{
  JsonArray *ids = reprise_json_get_array (reprise_manifest_get_provider (roll_up->manifest),
                                           REPRISE_MANIFEST_SUPERSEDES);

  for (guint i = 0; i < reprise_json_array_get_length (ids); i++)
    {
      const char *id = reprise_json_array_get_string (ids, i, NULL);

      if (id != NULL)
        g_hash_table_insert (stock->taken, g_strdup (id), roll_up);
    }
}

static int
by_end (gconstpointer a, gconstpointer b)
{
  const Source *source_a = *(const Source *const *) a;
  const Source *source_b = *(const Source *const *) b;

  return g_date_time_compare (source_a->to, source_b->to);
}

/* A roll-up is told by its tier. */
static gboolean
read_one (Stock *stock, RepriseVault *vault, RepriseBackup *backup, GError **error)
{
  g_autoptr (RepriseManifest) manifest = reprise_vault_read_manifest (vault, backup, error);
  g_autoptr (GDateTime) to = manifest != NULL ? find_last (manifest) : NULL;
  Source *source;

  if (manifest == NULL)
    return FALSE;
  if (to == NULL)
    return TRUE;
  source = g_new0 (Source, 1);
  source->backup = g_object_ref (backup);
  source->to = g_steal_pointer (&to);
  if (json_object_has_member (reprise_manifest_get_provider (manifest),
                              REPRISE_MANIFEST_SUPERSEDES))
    g_ptr_array_add (stock->roll_ups, source);
  else
    g_ptr_array_add (stock->sources, source);
  source->manifest = g_steal_pointer (&manifest);
  return TRUE;
}

static gboolean
read_stock (Stock *stock,
            RepriseVault *vault,
            RepriseService *service,
            GCancellable *cancellable,
            GError **error)
{
  g_autoptr (GPtrArray) backups =
    reprise_vault_list (vault, reprise_service_get_uuid (service), cancellable, error);

  stock->sources = g_ptr_array_new_with_free_func (source_free);
  stock->roll_ups = g_ptr_array_new_with_free_func (source_free);
  stock->left = g_ptr_array_new_with_free_func (source_free);
  stock->taken = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  for (guint i = 0; backups != NULL && i < backups->len; i++)
    if (is_of_reports (backups->pdata[i]) && !read_one (stock, vault, backups->pdata[i], error))
      return FALSE;
  for (guint i = 0; i < stock->roll_ups->len; i++)
    take_supersedes (stock, stock->roll_ups->pdata[i]);
  for (guint i = stock->sources->len; i-- > 0;)
    if (g_hash_table_contains (
          stock->taken, reprise_backup_get_id (((Source *) stock->sources->pdata[i])->backup)))
      g_ptr_array_add (stock->left, g_ptr_array_steal_index (stock->sources, i));
  g_ptr_array_sort (stock->sources, by_end);
  return backups != NULL;
}

/* (transfer none) (nullable): the roll-up that has all of the periods of @source, whatever it says its sources are */
static Source *
find_roll_up (const Stock *stock, const Source *source)
{
  Source *roll_up = g_hash_table_lookup (stock->taken, reprise_backup_get_id (source->backup));
  g_autoptr (ReprisePeriods) periods = reprise_periods_new ();

  reprise_periods_add (periods, reprise_backup_get_periods (roll_up->backup));
  return reprise_periods_have (periods, reprise_backup_get_periods (source->backup)) ? roll_up
                                                                                     : NULL;
}

/* --- which months --- */

/* (transfer full): a period that ends with the month belongs to it */
static char *
dup_month (GDateTime *to)
{
  g_autoptr (GDateTime) utc = g_date_time_to_utc (to);
  g_autoptr (GDateTime) last = g_date_time_add (utc, -1);

  return g_date_time_format (last, "%Y-%m");
}

/* Whether the periods of each report touch each other, in the order of @sources. */
static gboolean
touches (GPtrArray *sources)
{
  for (RepriseApiReport report = 0; report < REPRISE_N_API_REPORTS; report++)
    {
      g_autoptr (GDateTime) end = NULL;

      for (guint i = 0; i < sources->len; i++)
        {
          const Source *source = sources->pdata[i];
          JsonObject *period = get_period (source->manifest, report);
          g_autoptr (GDateTime) from = dup_time (period, "from");
          g_autoptr (GDateTime) to = dup_time (period, "to");

          if (period == NULL)
            continue;
          if (from == NULL || to == NULL || reprise_json_get_int (period, "rows", -1) < 0 ||
              (end != NULL && !g_date_time_equal (from, end)))
            return FALSE;
          g_clear_pointer (&end, g_date_time_unref);
          end = g_steal_pointer (&to);
        }
    }
  return TRUE;
}

/* (transfer full) (element-type GPtrArray of Source): of each month that is over those that become one */
static GPtrArray *
find_months (Stock *stock, GDateTime *now)
{
  g_autofree char *this_month = dup_month (now);
  GPtrArray *months = g_ptr_array_new_with_free_func ((GDestroyNotify) g_ptr_array_unref);

  for (guint i = 0; i < stock->sources->len;)
    {
      const Source *first = stock->sources->pdata[i];
      g_autofree char *month = dup_month (first->to);
      g_autoptr (GPtrArray) sources = g_ptr_array_new ();

      for (; i < stock->sources->len; i++)
        {
          g_autofree char *other = dup_month (((Source *) stock->sources->pdata[i])->to);

          if (!g_str_equal (month, other))
            break;
          g_ptr_array_add (sources, stock->sources->pdata[i]);
        }
      if (strcmp (month, this_month) < 0 && sources->len > 1 && touches (sources))
        g_ptr_array_add (months, g_steal_pointer (&sources));
    }
  return months;
}

/* --- before --- */

static void
add_step (RepriseCompactPlan *plan,
          RepriseCompactAction action,
          Source *const *sources,
          guint n_sources,
          GDateTime *now)
{
  RepriseCompactStep *step = reprise_compact_step_new (action, REPRISE_TIER_MONTHLY);

  g_strfreev (step->collections);
  step->collections = g_new0 (char *, 2);
  step->collections[0] = dup_month (sources[0]->to);
  for (guint i = 0; i < n_sources; i++)
    reprise_compact_step_add_source (step, reprise_backup_get_id (sources[i]->backup),
                                     reprise_backup_get_created_at (sources[i]->backup),
                                     REPRISE_TIER_NONE,
                                     reprise_backup_get_size_bytes (sources[i]->backup),
                                     reprise_backup_get_kept (sources[i]->backup));
  step->deleted_at = g_date_time_ref (now);
  step->rolled_up = action == REPRISE_COMPACT_DELETE;
  step->due = action == REPRISE_COMPACT_DELETE;
  step->kept = action == REPRISE_COMPACT_DELETE && reprise_backup_get_kept (sources[0]->backup);
  reprise_compact_plan_take (plan, step);
}

/**
 * reprise_api_plan_roll_up:
 *
 * Returns: (transfer full): what rolling up would do; a collection of it is a month: “2026-10”
 */
RepriseCompactPlan *
reprise_api_plan_roll_up (RepriseVault *vault,
                          RepriseService *service,
                          GDateTime *now,
                          GCancellable *cancellable,
                          GError **error)
{
  g_autoptr (RepriseCompactPlan) plan = reprise_compact_plan_new ();
  g_autoptr (GPtrArray) months = NULL;
  g_auto (Stock) stock = { NULL };

  if (!read_stock (&stock, vault, service, cancellable, error))
    return NULL;
  months = find_months (&stock, now);
  for (guint i = 0; i < months->len; i++)
    {
      GPtrArray *sources = months->pdata[i];

      add_step (plan, REPRISE_COMPACT_ROLL_UP, (Source *const *) sources->pdata, sources->len, now);
    }
  for (guint i = 0; i < stock.left->len; i++)
    if (find_roll_up (&stock, stock.left->pdata[i]) != NULL)
      add_step (plan, REPRISE_COMPACT_DELETE, (Source *const *) &stock.left->pdata[i], 1, now);
  return g_steal_pointer (&plan);
}

/* --- doing it --- */

/* One month on its way. */
typedef struct
{
  RepriseVault *vault;
  GPtrArray *sources; /* (element-type Source) */
  RepriseVaultWriter *writer;
  JsonObject *periods;
  RepriseContents *contents;
  GString *lines; /* of the file of periods */
  GCancellable *cancellable;
} Month;

/* One report of one source on its way into the report of the month. */
typedef struct
{
  GOutputStream *stream;
  GCancellable *cancellable;
  gint64 n_rows;
  gint64 size_bytes;
} Part;

static gboolean
copy (const char *data, gsize size, gpointer user_data, GError **error)
{
  Part *part = user_data;

  for (const char *at = data; (at = memchr (at, '\n', (gsize) (data + size - at))) != NULL; at++)
    part->n_rows++;
  part->size_bytes += (gint64) size;
  return g_output_stream_write_all (part->stream, data, size, NULL, part->cancellable, error);
}

static void
note_part (Month *month, RepriseApiReport report, const Source *source, JsonObject *period)
{
  /* the times are ours, and need no escapes */
  g_string_append_printf (
    month->lines,
    "{\"report\":\"%s\",\"from\":\"%s\",\"to\":\"%s\",\"rows\":%" G_GINT64_FORMAT
    ",\"backup\":\"%s\"}\n",
    reprise_api_report_to_string (report), reprise_json_get_string (period, "from", ""),
    reprise_json_get_string (period, "to", ""), reprise_json_get_int (period, "rows", 0),
    reprise_backup_get_id (source->backup));
}

/* One source of one report; its rows must be as many as its manifest says. */
static gboolean
add_part (Month *month,
          RepriseApiReport report,
          const Source *source,
          GOutputStream *stream,
          gint64 *n_rows,
          gint64 *size_bytes,
          GError **error)
{
  JsonObject *period = get_period (source->manifest, report);
  g_autofree char *file = reprise_api_report_dup_file (report);
  g_autofree char *path = g_build_filename (reprise_backup_get_folder (source->backup), file, NULL);
  Part part = { stream, month->cancellable, 0, 0 };

  if (!reprise_api_report_read (path, copy, &part, month->cancellable, error))
    return FALSE;
  if (part.n_rows != reprise_json_get_int (period, "rows", -1))
    {
      reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_DAMAGED,
                         _ ("The report “%s” has not as many lines as its manifest says."),
                         reprise_api_report_get_title (report));
      return FALSE;
    }
  *n_rows += part.n_rows;
  *size_bytes += part.size_bytes;
  note_part (month, report, source, period);
  return TRUE;
}

static void
note_report (Month *month,
             RepriseApiReport report,
             JsonObject *first,
             JsonObject *last,
             gint64 n_rows,
             gint64 size_bytes)
{
  g_autoptr (RepriseCollection) collection =
    reprise_collection_new (reprise_api_report_to_string (report), n_rows, size_bytes);
  JsonObject *period = json_object_new ();

  json_object_set_string_member (period, "from", reprise_json_get_string (first, "from", ""));
  json_object_set_string_member (period, "to", reprise_json_get_string (last, "to", ""));
  json_object_set_int_member (period, "rows", n_rows);
  json_object_set_object_member (month->periods, reprise_api_report_to_string (report), period);
  reprise_collection_set_title (collection, reprise_api_report_get_title (report));
  reprise_contents_add (month->contents, REPRISE_GROUP_LOG, collection);
}

static gboolean
write_report (Month *month, RepriseApiReport report, GError **error)
{
  g_autofree char *file = reprise_api_report_dup_file (report);
  g_autoptr (GOutputStream) stream = NULL;
  JsonObject *first = NULL, *last = NULL;
  gint64 n_rows = 0, size_bytes = 0;

  for (guint i = 0; i < month->sources->len; i++)
    {
      const Source *source = month->sources->pdata[i];
      JsonObject *period = get_period (source->manifest, report);

      if (period == NULL)
        continue;
      if (stream == NULL)
        stream = reprise_vault_writer_open (month->writer, file, error);
      if (stream == NULL || !add_part (month, report, source, stream, &n_rows, &size_bytes, error))
        return FALSE;
      first = first != NULL ? first : period;
      last = period;
    }
  if (stream == NULL)
    return TRUE;
  note_report (month, report, first, last, n_rows, size_bytes);
  return g_output_stream_close (stream, month->cancellable, error);
}

static gboolean
write_periods (Month *month, GError **error)
{
  g_autoptr (GOutputStream) stream = reprise_vault_writer_open (month->writer, PERIODS_FILE, error);

  return stream != NULL &&
         g_output_stream_write_all (stream, month->lines->str, month->lines->len, NULL,
                                    month->cancellable, error) &&
         g_output_stream_close (stream, month->cancellable, error);
}

/* What is damaged is written down beside it, and counts for nothing from then on: neither as a source nor as a roll-up. */
static gboolean
check (RepriseVault *vault, RepriseBackup *backup, GCancellable *cancellable, GError **error)
{
  g_autoptr (GError) local = NULL;

  if (reprise_vault_verify (vault, backup, REPRISE_DEPTH_FULL, NULL, cancellable, &local))
    return TRUE;
  if (g_error_matches (local, REPRISE_ERROR, REPRISE_ERROR_DAMAGED))
    reprise_vault_note_damaged (vault, backup, local->message, NULL);
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

static gboolean
check_sources (Month *month, GError **error)
{
  for (guint i = 0; i < month->sources->len; i++)
    if (!check (month->vault, ((Source *) month->sources->pdata[i])->backup, month->cancellable,
                error))
      return FALSE;
  return TRUE;
}

static void
describe (Month *month)
{
  RepriseManifest *manifest = reprise_vault_writer_get_manifest (month->writer);
  JsonObject *provider = reprise_manifest_get_provider (manifest);
  const Source *first = month->sources->pdata[0];
  const Source *last = month->sources->pdata[month->sources->len - 1];
  g_autoptr (GDateTime) from = reprise_manifest_dup_interval_from (first->manifest);
  g_autoptr (GDateTime) to = reprise_manifest_dup_interval_to (last->manifest);
  JsonArray *ids = json_array_new ();

  for (guint i = 0; i < month->sources->len; i++)
    json_array_add_string_element (
      ids, reprise_backup_get_id (((Source *) month->sources->pdata[i])->backup));
  json_object_set_int_member (provider, "version", 1);
  json_object_set_string_member (provider, REPRISE_MANIFEST_TIER,
                                 reprise_tier_to_string (REPRISE_TIER_MONTHLY));
  json_object_set_object_member (provider, REPRISE_MANIFEST_PERIODS,
                                 json_object_ref (month->periods));
  json_object_set_array_member (provider, REPRISE_MANIFEST_SUPERSEDES, ids);
  reprise_manifest_set_created_at (manifest, reprise_backup_get_created_at (last->backup));
  if (from != NULL && to != NULL)
    reprise_manifest_set_interval (manifest, from, to);
  reprise_manifest_set_identity (manifest, reprise_manifest_get_identity (last->manifest));
  reprise_manifest_set_contents (manifest, month->contents);
  reprise_manifest_set_proof (manifest, "roll-up", "each row of its sources, byte for byte");
}

static gboolean
prove (RepriseVault *vault, RepriseBackup *backup, GCancellable *cancellable, GError **error)
{
  return check (vault, backup, cancellable, error) &&
         reprise_vault_note_verified (vault, backup, REPRISE_DEPTH_FULL, error);
}

static gboolean
fill (Month *month, GError **error)
{
  g_autoptr (RepriseBackup) backup = NULL;

  for (RepriseApiReport report = 0; report < REPRISE_N_API_REPORTS; report++)
    if (!write_report (month, report, error))
      return FALSE;
  if (!write_periods (month, error))
    return FALSE;
  describe (month);
  backup = reprise_vault_writer_commit (month->writer, month->cancellable, error);
  return backup != NULL && prove (month->vault, backup, month->cancellable, error);
}

static gboolean
roll_up_month (RepriseVault *vault,
               RepriseService *service,
               GPtrArray *sources,
               GCancellable *cancellable,
               GError **error)
{
  g_autoptr (GString) lines = g_string_new (NULL);
  g_autoptr (JsonObject) periods = json_object_new ();
  g_autoptr (RepriseContents) contents = reprise_contents_new ();
  g_autoptr (RepriseVaultWriter) writer = NULL;
  Month month = { vault, sources, NULL, periods, contents, lines, cancellable };

  if (!check_sources (&month, error))
    return FALSE;
  writer = reprise_vault_begin (vault, service, REPRISE_ORIGIN_SCHEDULE, NULL, error);
  month.writer = writer;
  return writer != NULL && fill (&month, error);
}

/* A roll-up on its way through the vault. */
typedef struct
{
  RepriseVault *vault;
  RepriseService *service;
  RepriseProgress *progress;
  GCancellable *cancellable;
  guint n_rolled_up, n_deleted;
  GPtrArray *failures; /* (owned) (element-type utf8): sayings */
  GError *failure;     /* (owned) (nullable): of the first of them */
} Run;

static void
run_clear (Run *self)
{
  g_ptr_array_unref (self->failures);
  g_clear_error (&self->failure);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Run, run_clear)

/* %FALSE where the work ends with it. @local: (transfer full) */
static gboolean
pass_over (Run *run, GDateTime *to, GError *local, GError **error)
{
  g_autofree char *month = dup_month (to);

  if (reprise_error_is_stop (local))
    {
      g_propagate_error (error, local);
      return FALSE;
    }
  /* Translators: a month: “2026-10”, and a reason */
  g_ptr_array_add (run->failures, reprise_say ("The reports of %s could not be rolled up: %s",
                                               month, reprise_error_get_saying (local)));
  if (run->failure == NULL)
    run->failure = g_steal_pointer (&local);
  g_clear_error (&local);
  return TRUE;
}

static gboolean
roll_up_months (Run *run, GPtrArray *months, GError **error)
{
  for (guint i = 0; i < months->len; i++)
    {
      GPtrArray *sources = months->pdata[i];
      GError *local = NULL;

      if (roll_up_month (run->vault, run->service, sources, run->cancellable, &local))
        run->n_rolled_up++;
      else if (!pass_over (run, ((Source *) sources->pdata[0])->to, local, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
delete_one (Run *run, const Source *source, Source *roll_up, GError **error)
{
  roll_up->unproven = reprise_backup_get_state (roll_up->backup) != REPRISE_BACKUP_VERIFIED &&
                      !prove (run->vault, roll_up->backup, run->cancellable, error);
  if (roll_up->unproven)
    return FALSE;
  if (!reprise_vault_delete (run->vault, source->backup, run->cancellable, error))
    return FALSE;
  reprise_progress_log (run->progress, "deleted: the reports %s, which were rolled up",
                        reprise_backup_get_id (source->backup));
  run->n_deleted++;
  return TRUE;
}

/* What is in a roll-up goes, once that is proven; what is marked as kept stays. */
static gboolean
delete_left (Run *run, Stock *stock, GError **error)
{
  for (guint i = 0; i < stock->left->len; i++)
    {
      const Source *source = stock->left->pdata[i];
      Source *roll_up = find_roll_up (stock, source);
      GError *local = NULL;

      if (reprise_backup_get_kept (source->backup) || roll_up == NULL || roll_up->unproven ||
          delete_one (run, source, roll_up, &local))
        continue;
      if (!pass_over (run, source->to, local, error))
        return FALSE;
    }
  return TRUE;
}

static void
warn (Run *run, guint first)
{
  for (guint i = first; i < run->failures->len; i++)
    reprise_progress_warn_saying (run->progress, run->failures->pdata[i]);
}

/* Where nothing went well, the first failure is the error, and no warning. */
static RepriseOutcome *
describe_run (Run *run, GError **error)
{
  gboolean any = run->n_rolled_up > 0 || run->n_deleted > 0;
  RepriseOutcome *outcome;

  warn (run, any ? 0 : 1);
  if (!any && run->failure == NULL)
    return reprise_outcome_say ("Every backup is in its tier: nothing to roll up");
  if (!any)
    {
      g_propagate_error (error, g_steal_pointer (&run->failure));
      return NULL;
    }
  outcome = reprise_outcome_say_n ("%u month of reports rolled up, %u backups deleted",
                                   "%u months of reports rolled up, %u backups deleted",
                                   run->n_rolled_up, run->n_rolled_up, run->n_deleted);
  outcome->removed = run->n_deleted;
  return outcome;
}

/**
 * reprise_api_roll_up:
 * @now: of which the month is not over
 *
 * Makes one backup of the reports of each month that is over, and removes those that it is made from. A month that cannot be rolled up
 * is passed over, with a warning.
 *
 * Returns: (transfer full): how it ended; or %NULL where all that was to be done failed, with %REPRISE_ERROR_DAMAGED where a source is,
 *   and the errors of the vault
 */
RepriseOutcome *
reprise_api_roll_up (RepriseVault *vault,
                     RepriseService *service,
                     GDateTime *now,
                     RepriseProgress *progress,
                     GCancellable *cancellable,
                     GError **error)
{
  g_autoptr (GPtrArray) months = NULL;
  g_auto (Stock) before = { NULL };
  g_auto (Stock) after = { NULL };
  g_auto (Run) run = { vault, service, progress, cancellable, 0, 0, NULL, NULL };

  run.failures = g_ptr_array_new_with_free_func (g_free);
  reprise_progress_set_phase (progress, REPRISE_PHASE_WRITING);
  if (!read_stock (&before, vault, service, cancellable, error))
    return NULL;
  months = find_months (&before, now);
  if (!roll_up_months (&run, months, error))
    return NULL;
  reprise_progress_set_phase (progress, REPRISE_PHASE_DELETING);
  if (!read_stock (&after, vault, service, cancellable, error) ||
      !delete_left (&run, &after, error))
    return NULL;
  return describe_run (&run, error);
}
