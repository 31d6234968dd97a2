/* reprise-cli-run-due.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "base/reprise-time.h"
#include "job/reprise-agent-bus.h"
#include "provider/reprise-gate.h"
#include "reprise-cli-commands.h"
#include "reprise-cli-describe.h"
#include "reprise-cli-job.h"
#include "reprise-cli-options.h"

static gboolean dry_run, in_background;

static const GOptionEntry entries[] = {
  { "dry-run", 'n', 0, G_OPTION_ARG_NONE, &dry_run, N_ ("Only show what is due"), NULL },
  { "background", 0, 0, G_OPTION_ARG_NONE, &in_background,
    N_ ("Have the background service do it, where there is one"), NULL },
  { NULL },
};

/* What one service is asked for, on a worker. */
typedef struct
{
  RepriseService *service;
  RepriseKind *kind; /* (nullable): one that this version does not know */
  RepriseRoutine routine;
  RepriseDue *due;
} Question;

/* What could not be cleaned up yet need not be tried each time. */
static gboolean
check_left (RepriseCli *cli, Question *question, GDateTime *now, GError **error)
{
  RepriseHistory *history = reprise_context_get_history (cli->context);
  gboolean held = FALSE;

  if (question->kind == NULL)
    return TRUE;
  if (!reprise_scheduler_check_left (history, question->service, question->kind, &question->due,
                                     error))
    return FALSE;
  if (question->due != NULL && question->due->routine == REPRISE_ROUTINE_CLEAN_UP &&
      !reprise_scheduler_is_held (history, question->due, now, &held, error))
    return FALSE;
  if (held)
    g_clear_pointer (&question->due, reprise_due_free);
  return TRUE;
}

static gboolean
check_func (RepriseCli *cli, gpointer data, GCancellable *cancellable, GError **error)
{
  Question *question = data;
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autoptr (GTimeZone) zone = g_time_zone_new_local ();

  return question->routine == REPRISE_ROUTINE_FOLLOW
           ? check_left (cli, question, now, error)
           : reprise_scheduler_check (reprise_context_get_history (cli->context), question->service,
                                      question->routine, now, zone, &question->due, error);
}

/* How the job of something that was due ended. */
typedef struct
{
  const RepriseDue *due;
  const GError *failure;
} Ending;

static gboolean
end_func (RepriseCli *cli, gpointer data, GCancellable *cancellable, GError **error)
{
  const Ending *ending = data;
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();

  return reprise_scheduler_end (reprise_context_get_history (cli->context), ending->due, now,
                                ending->failure, error);
}

/* What a keyring is looked into for, on a worker. */
typedef struct
{
  RepriseKind *kind;
  RepriseService *service;
  RepriseSecrets *secrets;
} Need;

static gboolean
keyring_func (RepriseCli *cli, gpointer data, GCancellable *cancellable, GError **error)
{
  const Need *need = data;

  return reprise_gate_check_keyring (need->kind, need->service, need->secrets, cancellable, error);
}

/* One job after the other: the sum of what happened is the exit code, each failure a line of its own. */
typedef struct
{
  RepriseCli *cli;
  JsonBuilder *json;
  RepriseExit code;
  guint n_due;
} Round;

/* Failures weigh more than warnings, and the first of several stays. */
static void
add_code (Round *round, RepriseExit code)
{
  if (code != REPRISE_EXIT_DONE &&
      (round->code == REPRISE_EXIT_DONE || round->code == REPRISE_EXIT_WARNINGS))
    round->code = code;
}

static void
tell_failure (Round *round, RepriseService *service, GError *error)
{
  /* Translators: the name of a service, and what went wrong */
  reprise_cli_warn (_ ("“%s”: %s"), reprise_service_get_name (service), error->message);
  add_code (round, reprise_error_get_exit (error));
}

static void
begin_json (Round *round, const RepriseDue *due)
{
  json_builder_begin_object (round->json);
  reprise_cli_json_string (round->json, "name", reprise_service_get_name (due->service));
  reprise_cli_json_string (round->json, "service", reprise_service_get_uuid (due->service));
  reprise_cli_json_string (round->json, "routine", reprise_routine_to_string (due->routine));
  reprise_cli_json_time (round->json, "due_at", due->at);
}

static void
end_json (Round *round, RepriseJob *job)
{
  json_builder_set_member_name (round->json, "job");
  if (job != NULL)
    {
      json_builder_begin_object (round->json);
      reprise_cli_json_job (round->json, job);
      json_builder_end_object (round->json);
    }
  else
    json_builder_add_null_value (round->json);
  json_builder_end_object (round->json);
}

static void
tell_due (Round *round, const RepriseDue *due)
{
  const char *name = reprise_service_get_name (due->service);
  g_autofree char *time = reprise_time_to_text (due->at);

  if (round->cli->json)
    return;
  switch (due->routine)
    {
    case REPRISE_ROUTINE_ROLL_UP:
      /* Translators: the name of a service, and a date with time */
      g_print (_ ("The roll-up of “%s” is due since %s.\n"), name, time);
      break;
    case REPRISE_ROUTINE_REHEARSE:
      /* Translators: the name of a service, and a date with time */
      g_print (_ ("The rehearsal of “%s” is due since %s.\n"), name, time);
      break;
    case REPRISE_ROUTINE_FOLLOW:
      /* Translators: the name of a service, and a date with time */
      g_print (_ ("A job of “%s” was cut off on %s; the service goes on with it.\n"), name, time);
      break;
    case REPRISE_ROUTINE_CLEAN_UP:
      /* Translators: the name of a service, and a date with time */
      g_print (_ ("A rehearsal of “%s” was cut off on %s; what it left is removed.\n"), name, time);
      break;
    case REPRISE_ROUTINE_REPORTS:
      /* Translators: the name of a service, and a date with time */
      g_print (_ ("The reports of “%s” are due since %s.\n"), name, time);
      break;
    case REPRISE_ROUTINE_BACK_UP:
    default:
      /* Translators: the name of a service, and a date with time */
      g_print (_ ("“%s” is due since %s.\n"), name, time);
    }
}

/* What the keyring or another program keeps from beginning is not used up: it is due at the next call. */
static gboolean
run_one (Round *round, const RepriseDue *due, RepriseJob **job, GError **error)
{
  RepriseKind *kind = reprise_cli_find_kind (round->cli, due->service, error);
  g_autoptr (RepriseSecrets) secrets =
    kind != NULL ? reprise_cli_new_secrets (round->cli, due->service, error) : NULL;
  g_autoptr (GError) local_error = NULL;
  Need need = { kind, due->service, secrets };
  Ending ending = { due, NULL };

  if (secrets == NULL || !reprise_cli_run_in_thread (round->cli, keyring_func, &need, error))
    return FALSE;
  *job = reprise_cli_run_job (round->cli, due->request, secrets, error);
  if (*job == NULL)
    return FALSE;
  add_code (round, reprise_cli_end_job (round->cli, *job, &local_error));
  ending.failure = local_error;
  if (!reprise_cli_run_in_thread (round->cli, end_func, &ending, error))
    return FALSE;
  if (local_error == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local_error));
  return FALSE;
}

static void
look_at (Round *round, RepriseService *service, RepriseRoutine routine)
{
  RepriseKind *kind = reprise_registry_get (reprise_context_get_registry (round->cli->context),
                                            reprise_service_get_kind (service));
  Question question = { .service = service, .kind = kind, .routine = routine };
  g_autoptr (RepriseDue) due = NULL;
  g_autoptr (RepriseJob) job = NULL;
  g_autoptr (GError) error = NULL;

  if (!reprise_cli_run_in_thread (round->cli, check_func, &question, &error))
    {
      tell_failure (round, service, error);
      return;
    }
  due = question.due;
  if (due == NULL)
    return;
  round->n_due++;
  tell_due (round, due);
  begin_json (round, due);
  if (!dry_run && !run_one (round, due, &job, &error))
    tell_failure (round, service, error);
  end_json (round, job);
}

static gboolean
call_agent (RepriseCli *cli, GDBusConnection *bus, GError **error)
{
  g_autoptr (GAsyncResult) called = NULL;
  g_autoptr (GVariant) reply = NULL;

  g_dbus_connection_call (bus, REPRISE_AGENT_BUS_NAME, REPRISE_AGENT_OBJECT_PATH,
                          REPRISE_AGENT_BUS_NAME, "RunDue", NULL, NULL, G_DBUS_CALL_FLAGS_NONE, -1,
                          cli->cancellable, reprise_cli_ready_cb, cli);
  called = reprise_cli_wait (cli);
  reply = g_dbus_connection_call_finish (bus, called, error);
  return reply != NULL;
}

/* Whether the background service took it over: there is a bus, and on it somebody who starts it. One that ends just then, because
 * nothing was to do, takes the call with it: the next one is asked. */
static gboolean
ask_agent (RepriseCli *cli)
{
  g_autoptr (GDBusConnection) bus = NULL;
  g_autoptr (GAsyncResult) got = NULL;
  g_autoptr (GError) error = NULL;

  g_bus_get (G_BUS_TYPE_SESSION, cli->cancellable, reprise_cli_ready_cb, cli);
  got = reprise_cli_wait (cli);
  bus = g_bus_get_finish (got, NULL);
  if (bus == NULL)
    return FALSE;
  return call_agent (cli, bus, &error) ||
         (g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_NO_REPLY) &&
          call_agent (cli, bus, NULL));
}

static RepriseExit
run (RepriseCli *cli, char **args, GError **error)
{
  GListModel *services = G_LIST_MODEL (reprise_context_get_services (cli->context));
  g_autoptr (JsonBuilder) json = json_builder_new ();
  Round round = { .cli = cli, .json = json };

  if (in_background && ask_agent (cli))
    return REPRISE_EXIT_DONE;
  json_builder_begin_array (json);
  for (guint i = 0; i < g_list_model_get_n_items (services); i++)
    {
      g_autoptr (RepriseService) service = g_list_model_get_item (services, i);

      for (guint k = 0;
           k <= REPRISE_ROUTINE_FOLLOW && !g_cancellable_is_cancelled (cli->cancellable); k++)
        look_at (&round, service, (RepriseRoutine) k);
    }
  json_builder_end_array (json);
  if (cli->json)
    reprise_cli_json_print (json);
  else if (round.n_due == 0 && round.code == REPRISE_EXIT_DONE)
    g_print ("%s\n", _ ("Nothing is due."));
  return round.code;
}

const RepriseCliCommand reprise_cli_run_due = {
  .name = "run-due",
  .summary = N_ ("Do what the schedules of all services have due, what was missed once"),
  .flags = REPRISE_CLI_JSON | REPRISE_CLI_PROGRESS | REPRISE_CLI_SECRET_FD,
  .entries = entries,
  .n_min = 0,
  .n_max = 0,
  .run = run,
};
