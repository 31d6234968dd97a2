/* reprise-cli-history.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "base/reprise-time.h"
#include "job/reprise-run-report.h"
#include "reprise-cli-commands.h"
#include "reprise-cli-describe.h"
#include "reprise-cli-options.h"

#define DEFAULT_LIMIT 50

static int limit;
static char *search;
static gboolean report;

static const GOptionEntry entries[] = {
  { "limit", 'n', 0, G_OPTION_ARG_INT, &limit,
    N_ ("At most so many, the newest first; 50 unless told otherwise"), N_ ("N") },
  { "search", 's', 0, G_OPTION_ARG_STRING, &search,
    N_ ("Only those in which this text occurs, in the log too"), N_ ("TEXT") },
  { "report", 0, 0, G_OPTION_ARG_NONE, &report,
    N_ ("Print all that is kept of them, with their logs, to be given to somebody else"), NULL },
  { NULL },
};

typedef struct
{
  const char *service_uuid;
  GPtrArray *runs; /* (owned) (element-type RepriseRun) */
} Read;

static gboolean
read_func (RepriseCli *cli, gpointer data, GCancellable *cancellable, GError **error)
{
  Read *reading = data;

  reading->runs =
    reprise_history_list (reprise_context_get_history (cli->context), reading->service_uuid, search,
                          0, limit > 0 ? (guint) limit : DEFAULT_LIMIT, error);
  return reading->runs != NULL;
}

static void
json_lines (JsonBuilder *json, const char *member, const char *text)
{
  g_auto (GStrv) lines = text != NULL ? g_strsplit (text, "\n", -1) : NULL;

  reprise_cli_json_strings (json, member, (const char *const *) lines);
}

static void
json_run (JsonBuilder *json, RepriseRun *run)
{
  json_builder_begin_object (json);
  reprise_cli_json_string (json, "id", reprise_run_get_id (run));
  reprise_cli_json_string (json, "name", reprise_run_get_service_name (run));
  reprise_cli_json_string (json, "service", reprise_run_get_service_uuid (run));
  reprise_cli_json_string (json, "action", reprise_job_kind_to_string (reprise_run_get_kind (run)));
  reprise_cli_json_string (json, "state",
                           reprise_job_state_to_string (reprise_run_get_state (run)));
  reprise_cli_json_string (json, "origin", reprise_run_get_origin (run));
  reprise_cli_json_time (json, "started_at", reprise_run_get_started_at (run));
  reprise_cli_json_time (json, "finished_at", reprise_run_get_finished_at (run));
  reprise_cli_json_string (json, "summary", reprise_run_get_summary (run));
  reprise_cli_json_string (json, "error", reprise_run_get_error (run));
  json_lines (json, "warnings", reprise_run_get_warnings (run));
  json_lines (json, "log", reprise_run_get_log (run));
  reprise_cli_json_string (json, "backup_id", reprise_run_get_backup_id (run));
  reprise_cli_json_string (json, "safety_id", reprise_run_get_safety_id (run));
  json_builder_end_object (json);
}

static void
add_run (RepriseCliTable *table, RepriseRun *run)
{
  GDateTime *begun = reprise_run_get_started_at (run);
  const char *name = reprise_run_get_service_name (run);
  g_autofree char *time = begun != NULL ? reprise_time_to_text (begun) : g_strdup ("–");
  g_autofree char *title =
    reprise_job_text_title (reprise_run_get_kind (run), name != NULL ? name : _ ("Backups"));
  RepriseJobState state = reprise_run_get_state (run);
  const char *more = reprise_run_get_error (run) != NULL ? reprise_run_get_error (run)
                                                         : reprise_run_get_summary (run);

  reprise_cli_table_add (table, time, title,
                         reprise_job_text_result (reprise_run_get_kind (run), state),
                         more != NULL ? more : "", NULL);
  reprise_cli_table_set_style (table, 2,
                               state == REPRISE_JOB_FAILED     ? REPRISE_CLI_BAD
                               : state == REPRISE_JOB_WARNINGS ? REPRISE_CLI_WARNING
                                                               : REPRISE_CLI_PLAIN);
}

static void
print (RepriseCli *cli, GPtrArray *runs)
{
  const char *head[] = { _ ("Begun"), _ ("Job"), _ ("Result"), "", NULL };
  g_autoptr (RepriseCliTable) table = reprise_cli_table_new (head);
  g_autoptr (JsonBuilder) json = json_builder_new ();

  json_builder_begin_array (json);
  for (guint i = 0; i < runs->len; i++)
    {
      json_run (json, runs->pdata[i]);
      add_run (table, runs->pdata[i]);
    }
  json_builder_end_array (json);
  if (cli->json)
    reprise_cli_json_print (json);
  else if (runs->len == 0)
    g_print ("%s\n", search != NULL ? _ ("Nothing was found.") : _ ("Nothing was done yet."));
  else if (report)
    {
      g_autofree char *text = reprise_run_report_all (runs);

      g_print ("%s", text);
    }
  else
    reprise_cli_table_print (table);
}

static RepriseExit
run_history (RepriseCli *cli, char **args, GError **error)
{
  RepriseService *service = args[0] != NULL ? reprise_cli_find_service (cli, args[0], error) : NULL;
  g_autofree char *uuid = service != NULL ? g_strdup (reprise_service_get_uuid (service)) : NULL;
  g_autoptr (GPtrArray) runs = NULL;
  Read reading = { uuid, NULL };

  if ((args[0] != NULL && service == NULL) ||
      !reprise_cli_run_in_thread (cli, read_func, &reading, error))
    return REPRISE_EXIT_DONE;
  runs = reading.runs;
  print (cli, runs);
  return REPRISE_EXIT_DONE;
}

const RepriseCliCommand reprise_cli_history = {
  .name = "history",
  .arguments = N_ ("[NAME]"),
  .summary = N_ ("List the jobs of the past, and how they ended"),
  .flags = REPRISE_CLI_JSON,
  .entries = entries,
  .n_min = 0,
  .n_max = 1,
  .run = run_history,
};
