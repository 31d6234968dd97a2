/* reprise-cli-restore.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "reprise-cli-commands.h"
#include "reprise-cli-describe.h"
#include "reprise-cli-job.h"
#include "reprise-cli-options.h"
#include "reprise-cli-restore.h"
#include "reprise-cli-terminal.h"

static char **groups, **to;
static gboolean no_safety_copy;

static const GOptionEntry entries[] = {
  { "group", 'g', 0, G_OPTION_ARG_FILENAME_ARRAY, &groups,
    N_ ("Only this data group; may be repeated"), N_ ("GROUP") },
  { "to", 't', 0, G_OPTION_ARG_FILENAME_ARRAY, &to,
    N_ ("Restore elsewhere, or otherwise; may be repeated; “service kinds” lists the keys"),
    N_ ("KEY=VALUE") },
  { "no-safety-copy", 0, 0, G_OPTION_ARG_NONE, &no_safety_copy,
    N_ ("Overwrite without a way back; needs --yes"), NULL },
  { NULL },
};

/**
 * reprise_cli_consent:
 * @plan: without a refusal
 *
 * Asks whether to go on, with the name of the object; what is marked as production must be named, and what is replaced as a whole.
 */
gboolean
reprise_cli_consent (RepriseCli *cli, RepriseService *service, ReprisePlan *plan, GError **error)
{
  const char *name = reprise_service_get_name (service);
  const char *whole = reprise_plan_get_name_to_type (plan);
  g_autofree char *prompt = NULL;

  if (whole != NULL)
    /* Translators: the name of something in the service */
    prompt = g_strdup_printf (_ ("Replace “%s” as a whole?"), whole);
  else if (reprise_plan_get_overwrites (plan))
    /* Translators: the name of a service */
    prompt = g_strdup_printf (_ ("Replace data on “%s”?"), name);
  else
    /* Translators: the name of a service */
    prompt = g_strdup_printf (_ ("Restore to “%s”?"), name);
  if (whole != NULL)
    return reprise_cli_confirm_name (cli, prompt, whole, error);
  if (reprise_service_get_production (service) && reprise_plan_get_overwrites (plan))
    return reprise_cli_confirm_name (cli, prompt, name, error);
  return reprise_cli_confirm (cli, prompt, error);
}

static void
print_json (RepriseJob *job, RepriseService *service, ReprisePlan *plan)
{
  g_autoptr (JsonBuilder) json = json_builder_new ();

  json_builder_begin_object (json);
  reprise_cli_json_job (json, job);
  reprise_cli_json_string (json, "kind", reprise_service_get_kind (service));
  json_builder_set_member_name (json, "plan");
  json_builder_begin_object (json);
  reprise_cli_json_plan (json, plan);
  json_builder_end_object (json);
  json_builder_end_object (json);
  reprise_cli_json_print (json);
}

/* Runs the job that was agreed to, and says how it ended. */
RepriseExit
reprise_cli_carry_out (RepriseCli *cli,
                       const RepriseRequest *request,
                       RepriseSecrets *secrets,
                       ReprisePlan *plan,
                       GError **error)
{
  g_autoptr (RepriseJob) job = reprise_cli_run_job (cli, request, secrets, error);
  RepriseService *service =
    reprise_services_get (reprise_context_get_services (cli->context), request->service_uuid);
  g_autofree char *name = reprise_cli_quote (reprise_service_get_name (service));
  const RepriseOutcome *outcome;
  RepriseExit code;

  if (job == NULL)
    return REPRISE_EXIT_DONE;
  if (cli->json)
    print_json (job, service, plan);
  code = reprise_cli_end_job (cli, job, error);
  outcome = reprise_job_get_outcome (job);
  if (!cli->json && outcome != NULL && outcome->safety_id != NULL &&
      request->kind == REPRISE_JOB_RESTORE)
    /* Translators: the identifier of a backup, and the name of a service */
    g_print (
      _ ("The data from before is in the safety copy %s: “reprise undo %s” brings it back.\n"),
      outcome->safety_id, name);
  else if (!cli->json && outcome != NULL && outcome->safety_id != NULL)
    /* Translators: the identifier of a backup, the name of a service, and the same identifier */
    g_print (_ ("What was undone is in the safety copy %s: “reprise restore %s %s” brings it "
                "back.\n"),
             outcome->safety_id, name, outcome->safety_id);
  return code;
}

static gboolean
check_options (RepriseCli *cli, GError **error)
{
  if (!no_safety_copy || cli->yes)
    return TRUE;
  reprise_cli_set_usage_error (error,
                               _ ("--no-safety-copy leaves no way back: it needs --yes as well."));
  return FALSE;
}

static RepriseExit
run (RepriseCli *cli, char **args, GError **error)
{
  g_auto (RepriseCliSource) source = { 0 };
  g_autoptr (ReprisePlan) plan = NULL;
  g_autoptr (RepriseRequest) request = NULL;

  if (!check_options (cli, error) ||
      !reprise_cli_source_open (&source, cli, args, groups, to, error))
    return REPRISE_EXIT_DONE;
  plan = reprise_cli_source_plan (&source, cli, error);
  if (plan == NULL)
    return REPRISE_EXIT_DONE;
  if (!cli->json)
    {
      reprise_cli_print_plan (plan, source.service,
                              reprise_cli_find_kind (cli, source.service, NULL),
                              no_safety_copy ? REPRISE_CLI_WAY_NONE : REPRISE_CLI_WAY_UNDO);
      g_print ("\n");
    }
  if (!reprise_plan_check_refusal (plan, error) ||
      !reprise_cli_consent (cli, source.service, plan, error))
    return REPRISE_EXIT_DONE;
  request = reprise_request_new (REPRISE_JOB_RESTORE, reprise_service_get_uuid (source.service));
  reprise_cli_source_fill (&source, request);
  request->consent = TRUE;
  request->no_safety_copy = no_safety_copy;
  request->force = cli->yes;
  return reprise_cli_carry_out (cli, request, source.secrets, plan, error);
}

const RepriseCliCommand reprise_cli_restore = {
  .name = "restore",
  .arguments = N_ ("NAME ID|FILE"),
  .summary = N_ ("Restore a backup, after its plan was agreed to"),
  .flags = REPRISE_CLI_JOB,
  .entries = entries,
  .n_min = 2,
  .n_max = 2,
  .run = run,
};
