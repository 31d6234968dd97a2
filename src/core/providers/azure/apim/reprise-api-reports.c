/* reprise-api-reports.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "base/reprise-time.h"
#include "net/reprise-json-scanner.h"
#include "net/reprise-json.h"
#include "providers/azure/apim/reprise-api-reports.h"
#include "schedule/reprise-periods.h"

#define LAG_MINUTES  60 /* for which Azure may still be counting */
#define STEP_MINUTES 15 /* the finest that there is */
#define CHUNK_BYTES  (256 * 1024)

/*
 * Each report is a file of the vault, a line for each of its rows, every line exactly the bytes that came. The period of each is in
 * the manifest: from where the last backup of the vault that has this report ended, until a while ago. So nothing is counted twice,
 * and nothing is left out, whichever of the reports failed in between.
 */

static const struct
{
  const char *title;
} REPORTS[] = {
  [REPRISE_API_REPORT_BY_API] = { N_ ("Usage of each interface") },
  [REPRISE_API_REPORT_BY_USER] = { N_ ("Usage by each user") },
  [REPRISE_API_REPORT_BY_OPERATION] = { N_ ("Usage of each operation") },
  [REPRISE_API_REPORT_BY_PRODUCT] = { N_ ("Usage of each product") },
  [REPRISE_API_REPORT_BY_GEO] = { N_ ("Usage from each region") },
  [REPRISE_API_REPORT_BY_SUBSCRIPTION] = { N_ ("Usage by each subscription") },
  [REPRISE_API_REPORT_BY_TIME] = { N_ ("Usage over time") },
  [REPRISE_API_REPORT_BY_REQUEST] = { N_ ("Every single request") },
};

const char *
reprise_api_report_get_title (RepriseApiReport report)
{
  return _ (REPORTS[report].title);
}

/* (transfer full): in a backup */
char *
reprise_api_report_dup_file (RepriseApiReport report)
{
  return g_strdup_printf ("reports/%s" REPRISE_API_REPORT_EXTENSION,
                          reprise_api_report_to_string (report));
}

static gboolean
is_wanted (const char *which, RepriseApiReport report)
{
  if (strcmp (which, REPRISE_API_REPORTS_NONE) == 0)
    return FALSE;
  return report != REPRISE_API_REPORT_BY_REQUEST ||
         strcmp (which, REPRISE_API_REPORTS_SUMMARIES) != 0;
}

static void
add_collection (RepriseContents *contents,
                RepriseGroup group,
                RepriseApiReport report,
                gint64 n_rows,
                gint64 size_bytes,
                const char *reason)
{
  g_autoptr (RepriseCollection) collection =
    reprise_collection_new (reprise_api_report_to_string (report), n_rows, size_bytes);

  reprise_collection_set_title (collection, reprise_api_report_get_title (report));
  if (reason != NULL)
    reprise_collection_set_reason (collection, reason);
  reprise_contents_add (contents, group, collection);
}

/* What a backup would hold of them. */
void
reprise_api_reports_add_contents (RepriseContents *contents, const char *which)
{
  for (RepriseApiReport report = 0; report < REPRISE_N_API_REPORTS; report++)
    if (is_wanted (which, report))
      add_collection (contents, REPRISE_GROUP_LOG, report, REPRISE_NOT_REPORTED,
                      REPRISE_NOT_REPORTED, NULL);
    else
      add_collection (contents, REPRISE_GROUP_SKIPPED, report, REPRISE_NOT_REPORTED,
                      REPRISE_NOT_REPORTED, _ ("The settings of the service leave it out."));
}

/* --- periods --- */

/* (nullable): the end of the period of a report in a manifest. One in the future was written by a clock that was wrong: nobody could have
 * fetched that yet, and to go on from there would leave a gap. */
static GDateTime *
read_end (RepriseManifest *manifest, RepriseApiReport report, GDateTime *now)
{
  g_autofree char *path =
    g_strdup_printf (REPRISE_MANIFEST_PERIODS ".%s.to", reprise_api_report_to_string (report));
  const char *text = reprise_json_get_string (reprise_manifest_get_provider (manifest), path, NULL);
  g_autoptr (GDateTime) end = text != NULL ? reprise_time_from_string (text) : NULL;

  return end != NULL && g_date_time_compare (end, now) <= 0 ? g_steal_pointer (&end) : NULL;
}

static void
take_later (GDateTime **end, GDateTime *other)
{
  if (other != NULL && (*end == NULL || g_date_time_compare (other, *end) > 0))
    {
      g_clear_pointer (end, g_date_time_unref);
      *end = g_date_time_ref (other);
    }
}

/* In the vault the backups of a service lie beside each other. @ends: one for each report, (nullable) */
static gboolean
find_ends (RepriseVaultWriter *writer, GDateTime *now, GDateTime **ends, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (reprise_vault_writer_get_folder (writer));
  g_autoptr (GDir) dir = g_dir_open (folder, 0, error);
  const char *name;

  if (dir == NULL)
    return FALSE;
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      g_autoptr (RepriseManifest) manifest = *name != '.' && g_file_test (path, G_FILE_TEST_IS_DIR)
                                               ? reprise_manifest_read (path, NULL)
                                               : NULL;

      for (RepriseApiReport report = 0; manifest != NULL && report < REPRISE_N_API_REPORTS;
           report++)
        {
          g_autoptr (GDateTime) end = read_end (manifest, report, now);

          take_later (&ends[report], end);
        }
    }
  return TRUE;
}

/* (transfer full): the last quarter of an hour that Azure has counted */
static GDateTime *
make_end (GDateTime *now)
{
  g_autoptr (GDateTime) utc = g_date_time_to_utc (now);
  g_autoptr (GDateTime) counted = g_date_time_add_minutes (utc, -LAG_MINUTES);

  return g_date_time_new_utc (g_date_time_get_year (counted), g_date_time_get_month (counted),
                              g_date_time_get_day_of_month (counted),
                              g_date_time_get_hour (counted),
                              g_date_time_get_minute (counted) / STEP_MINUTES * STEP_MINUTES, 0);
}

/* --- fetching --- */

/* One report on its way into the vault. */
typedef struct
{
  GOutputStream *stream;
  RepriseProgress *progress;
  GCancellable *cancellable;
  gint64 n_rows;
  gint64 size_bytes;
} Sink;

/* The bytes as they came, in one line: between two values, the only place where there may be one, the end of a line is a space. */
static gboolean
write_line (Sink *sink, const char *data, gsize size, GError **error)
{
  g_autofree char *flat = NULL;

  if (memchr (data, '\n', size) != NULL || memchr (data, '\r', size) != NULL)
    {
      flat = g_memdup2 (data, size);
      for (gsize i = 0; i < size; i++)
        if (flat[i] == '\n' || flat[i] == '\r')
          flat[i] = ' ';
    }
  return g_output_stream_write_all (sink->stream, flat != NULL ? flat : data, size, NULL,
                                    sink->cancellable, error);
}

static gboolean
take_piece (const char *data, gsize size, gboolean is_last, gpointer user_data, GError **error)
{
  Sink *sink = user_data;

  if (!write_line (sink, data, size, error) ||
      (is_last &&
       !g_output_stream_write_all (sink->stream, "\n", 1, NULL, sink->cancellable, error)))
    return FALSE;
  sink->size_bytes += (gint64) size + (is_last ? 1 : 0);
  if (is_last)
    {
      sink->n_rows++;
      reprise_progress_add_items (sink->progress, 1);
    }
  return TRUE;
}

static void
note (JsonObject *periods, RepriseApiReport report, GDateTime *from, GDateTime *to, gint64 n_rows)
{
  g_autofree char *first = reprise_time_to_string (from);
  g_autofree char *end = reprise_time_to_string (to);
  JsonObject *period = json_object_new ();

  json_object_set_string_member (period, "from", first);
  json_object_set_string_member (period, "to", end);
  json_object_set_int_member (period, "rows", n_rows);
  json_object_set_object_member (periods, reprise_api_report_to_string (report), period);
}

/* One report. What was written of one that fails is taken away. */
static gboolean
fetch (RepriseApi *api,
       RepriseApiReport report,
       GDateTime *from,
       GDateTime *to,
       RepriseVaultWriter *writer,
       Sink *sink,
       GError **error)
{
  g_autofree char *file = reprise_api_report_dup_file (report);
  g_autoptr (GOutputStream) stream = reprise_vault_writer_open (writer, file, error);
  gboolean ok;

  if (stream == NULL)
    return FALSE;
  sink->stream = stream;
  ok = reprise_api_walk_report (api, report, from, to, take_piece, sink, sink->cancellable, error);
  if (!ok)
    {
      g_output_stream_close (stream, NULL, NULL);
      reprise_vault_writer_discard (writer, file, NULL);
      return FALSE;
    }
  return g_output_stream_close (stream, sink->cancellable, error);
}

typedef struct
{
  RepriseApi *api;
  RepriseVaultWriter *writer;
  RepriseProgress *progress;
  GCancellable *cancellable;
  RepriseContents *contents;
  JsonObject *periods; /* report → { from, to, rows } */
  GDateTime *to;
  GError *failure; /* (owned) (nullable): of the first report that could not be read */
} Run;

static void
leave_out (Run *run, RepriseApiReport report, const GError *reason)
{
  /* Translators: the title of a report, and why it could not be read */
  reprise_progress_warn (run->progress,
                         "The report “%s” could not be read, and is read along next time: %s",
                         reprise_api_report_get_title (report), reprise_error_get_saying (reason));
  add_collection (run->contents, REPRISE_GROUP_SKIPPED, report, REPRISE_NOT_REPORTED,
                  REPRISE_NOT_REPORTED, reason->message);
}

/* %FALSE with @error only for what stops all of them. */
static gboolean
take_report (Run *run, RepriseApiReport report, GDateTime *from, gboolean *any, GError **error)
{
  Sink sink = { .progress = run->progress, .cancellable = run->cancellable };
  g_autoptr (GError) local = NULL;

  reprise_progress_set_message (run->progress, reprise_api_report_get_title (report));
  if (fetch (run->api, report, from, run->to, run->writer, &sink, &local))
    {
      *any = TRUE;
      add_collection (run->contents, REPRISE_GROUP_LOG, report, sink.n_rows, sink.size_bytes, NULL);
      note (run->periods, report, from, run->to, sink.n_rows);
      return TRUE;
    }
  if (local->domain == REPRISE_ERROR && local->code != REPRISE_ERROR_NEEDS_SIGN_IN)
    {
      leave_out (run, report, local);
      if (run->failure == NULL)
        run->failure = g_steal_pointer (&local);
      return TRUE;
    }
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

static gboolean
take_all (Run *run,
          const RepriseApiReports *wanted,
          GDateTime **ends,
          gboolean *any,
          GError **error)
{
  g_autoptr (GDateTime) first = g_date_time_add_days (run->to, -wanted->first_days);

  for (RepriseApiReport report = 0; report < REPRISE_N_API_REPORTS; report++)
    {
      GDateTime *from = ends[report] != NULL ? ends[report] : first;

      if (!is_wanted (wanted->which, report))
        add_collection (run->contents, REPRISE_GROUP_SKIPPED, report, REPRISE_NOT_REPORTED,
                        REPRISE_NOT_REPORTED, _ ("The settings of the service leave it out."));
      else if (g_date_time_compare (from, run->to) >= 0)
        add_collection (run->contents, REPRISE_GROUP_SKIPPED, report, REPRISE_NOT_REPORTED,
                        REPRISE_NOT_REPORTED, _ ("An earlier backup has all of it."));
      else if (!take_report (run, report, from, any, error))
        return FALSE;
    }
  return TRUE;
}

/**
 * reprise_api_reports_fetch:
 * @contents: what was fetched is added as %REPRISE_GROUP_LOG, and what was not as skipped, with the reason
 *
 * Brings the analytics reports into the vault, which no backup of API Management holds. One that cannot be read is left out, with a
 * warning, and is read along next time.
 *
 * Returns: %FALSE where something else is wrong than one of them, or none could be read
 */
gboolean
reprise_api_reports_fetch (RepriseApi *api,
                           const RepriseApiReports *wanted,
                           RepriseVaultWriter *writer,
                           RepriseContents *contents,
                           RepriseProgress *progress,
                           GCancellable *cancellable,
                           GError **error)
{
  RepriseManifest *manifest = reprise_vault_writer_get_manifest (writer);
  GDateTime *ends[REPRISE_N_API_REPORTS] = { NULL };
  g_autoptr (GDateTime) to = make_end (wanted->now);
  JsonObject *periods = json_object_new ();
  Run run = { api, writer, progress, cancellable, contents, periods, to, NULL };
  gboolean any = FALSE, ok;

  json_object_set_object_member (reprise_manifest_get_provider (manifest), REPRISE_MANIFEST_PERIODS,
                                 periods);
  reprise_progress_set_phase (progress, REPRISE_PHASE_READING);
  ok = find_ends (writer, wanted->now, ends, error) && take_all (&run, wanted, ends, &any, error);
  for (guint i = 0; i < REPRISE_N_API_REPORTS; i++)
    g_clear_pointer (&ends[i], g_date_time_unref);
  if (ok && !any && run.failure != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&run.failure));
      return FALSE;
    }
  g_clear_error (&run.failure);
  return ok;
}

/* --- in the vault --- */

static JsonObject *
get_periods (RepriseArchive *archive)
{
  RepriseManifest *manifest = reprise_archive_get_manifest (archive);

  return manifest != NULL ? reprise_json_get_object (reprise_manifest_get_provider (manifest),
                                                     REPRISE_MANIFEST_PERIODS)
                          : NULL;
}

/* The period of each, for people. */
void
reprise_api_reports_add_facts (RepriseArchive *archive)
{
  RepriseBackup *backup = reprise_archive_get_backup (archive);
  g_autoptr (ReprisePeriods) periods = reprise_periods_new ();

  reprise_periods_add (periods, backup != NULL ? reprise_backup_get_periods (backup) : NULL);
  for (RepriseApiReport report = 0; report < REPRISE_N_API_REPORTS; report++)
    {
      g_autofree char *text =
        reprise_periods_dup_text (periods, reprise_api_report_to_string (report));

      if (text != NULL)
        reprise_archive_add_fact (archive, reprise_api_report_get_title (report), text);
    }
}

/**
 * reprise_api_report_read:
 * @path: of a report in a backup
 * @take: is given its bytes, in pieces of any length
 */
gboolean
reprise_api_report_read (const char *path,
                         RepriseApiReportBytes take,
                         gpointer user_data,
                         GCancellable *cancellable,
                         GError **error)
{
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GFileInputStream) stream = g_file_read (file, cancellable, error);
  g_autofree char *chunk = g_malloc (CHUNK_BYTES);
  gssize n = 0;

  if (stream == NULL)
    return FALSE;
  while (
    (n = g_input_stream_read (G_INPUT_STREAM (stream), chunk, CHUNK_BYTES, cancellable, error)) > 0)
    if (!take (chunk, (gsize) n, user_data, error))
      return FALSE;
  return n == 0;
}

static gboolean
scan (const char *data, gsize size, gpointer scanner, GError **error)
{
  return reprise_json_scanner_push (scanner, data, size, error);
}

static gboolean
check_file (const char *path, gint64 *n_rows, GCancellable *cancellable, GError **error)
{
  RepriseJsonScannerOptions options = { .lines = TRUE };
  g_autoptr (RepriseJsonScanner) scanner = reprise_json_scanner_new (&options);

  if (!reprise_api_report_read (path, scan, scanner, cancellable, error) ||
      !reprise_json_scanner_finish (scanner, error))
    return FALSE;
  *n_rows = (gint64) reprise_json_scanner_get_n_top (scanner);
  return TRUE;
}

/* Whether each report is lines of JSON, and as many as its manifest says; else %REPRISE_ERROR_DAMAGED. */
gboolean
reprise_api_reports_check (RepriseArchive *archive, GCancellable *cancellable, GError **error)
{
  JsonObject *periods = get_periods (archive);
  RepriseBackup *backup = reprise_archive_get_backup (archive);

  for (RepriseApiReport report = 0; periods != NULL && report < REPRISE_N_API_REPORTS; report++)
    {
      JsonObject *period = reprise_json_get_object (periods, reprise_api_report_to_string (report));
      g_autofree char *file = reprise_api_report_dup_file (report);
      g_autofree char *path = g_build_filename (reprise_backup_get_folder (backup), file, NULL);
      gint64 n_rows = 0;

      if (period == NULL)
        continue;
      if (!check_file (path, &n_rows, cancellable, error))
        return FALSE;
      if (n_rows == reprise_json_get_int (period, "rows", -1))
        continue;
      reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_DAMAGED,
                         _ ("The report “%s” has not as many lines as its manifest says."),
                         reprise_api_report_get_title (report));
      return FALSE;
    }
  return TRUE;
}
