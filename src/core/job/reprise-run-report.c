/* reprise-run-report.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "base/reprise-scrub.h"
#include "base/reprise-time.h"
#include "job/reprise-run-report.h"

#define HEAD "Reprise " PACKAGE_VERSION "\n"

static void
add_line (GString *text, const char *label, const char *value)
{
  if (value != NULL && value[0] != '\0')
    g_string_append_printf (text, "%s: %s\n", label, value);
}

static void
add_time (GString *text, const char *label, GDateTime *time)
{
  g_autofree char *value = time != NULL ? reprise_time_to_string (time) : NULL;

  add_line (text, label, value);
}

static void
add_part (GString *text, const char *title, const char *lines)
{
  if (lines != NULL && lines[0] != '\0')
    g_string_append_printf (text, "\n%s\n%s\n", title, lines);
}

static void
add_run (GString *text, RepriseRun *run)
{
  g_string_append (text, "\n");
  add_line (text, "Job", reprise_run_get_id (run));
  add_line (text, "Kind", reprise_job_kind_to_string (reprise_run_get_kind (run)));
  add_line (text, "Service", reprise_run_get_service_name (run));
  add_line (text, "Origin", reprise_run_get_origin (run));
  add_line (text, "State", reprise_job_state_to_string (reprise_run_get_state (run)));
  add_time (text, "Started", reprise_run_get_started_at (run));
  add_time (text, "Ended", reprise_run_get_finished_at (run));
  add_line (text, "Backup", reprise_run_get_backup_id (run));
  add_line (text, "Safety copy", reprise_run_get_safety_id (run));
  add_line (text, "Summary", reprise_run_get_summary (run));
  add_line (text, "Error", reprise_run_get_error (run));
  add_part (text, "Warnings", reprise_run_get_warnings (run));
  add_part (text, "Log", reprise_run_get_log (run));
}

/* (transfer full): of one run */
char *
reprise_run_report (RepriseRun *run)
{
  g_autoptr (GString) text = g_string_new (HEAD);

  add_run (text, run);
  return reprise_scrub (text->str);
}

/* (transfer full): of one that is in the queue, or has just left it */
char *
reprise_run_report_job (RepriseJob *job)
{
  g_autoptr (GString) text = g_string_new (HEAD "\n");
  g_autofree char *warnings = g_strjoinv ("\n", (char **) reprise_job_get_warnings (job));
  g_autofree char *log = g_strjoinv ("\n", (char **) reprise_job_get_log (job));

  add_line (text, "Job", reprise_job_get_id (job));
  add_line (text, "Kind", reprise_job_kind_to_string (reprise_job_get_kind (job)));
  add_line (text, "Service", reprise_job_get_service_name (job));
  add_line (text, "State", reprise_job_state_to_string (reprise_job_get_state (job)));
  add_time (text, "Started", reprise_job_get_started_at (job));
  add_time (text, "Ended", reprise_job_get_finished_at (job));
  add_line (text, "Status", reprise_job_get_status (job));
  add_line (text, "Summary", reprise_job_get_summary (job));
  add_line (text, "Error", reprise_job_get_error (job));
  add_part (text, "Warnings", warnings);
  add_part (text, "Log", log);
  return reprise_scrub (text->str);
}

/* (transfer full): of several (element-type RepriseRun), in their order; the logs were scrubbed when they were kept, and are once more */
char *
reprise_run_report_all (GPtrArray *runs)
{
  g_autoptr (GString) text = g_string_new (HEAD);

  for (guint i = 0; i < runs->len; i++)
    {
      if (i > 0)
        g_string_append (text, "\n----\n");
      add_run (text, runs->pdata[i]);
    }
  return reprise_scrub (text->str);
}
