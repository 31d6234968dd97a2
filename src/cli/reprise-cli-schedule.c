/* reprise-cli-schedule.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "base/reprise-time.h"
#include "provider/reprise-rehearsal.h"
#include "provider/reprise-scheduler.h"
#include "provider/reprise-standing.h"
#include "reprise-cli-background.h"
#include "reprise-cli-commands.h"
#include "reprise-cli-options.h"
#include "reprise-cli-output.h"
#include "reprise-cli-retention.h"
#include "reprise-cli-schedule.h"

static char **groups, **pairs;
static char *overdue;
static gboolean off, paused, resumed, of_roll_up, of_rehearsal, of_reports, on_service;

static const GOptionEntry entries[] = {
  { "group", 'g', 0, G_OPTION_ARG_FILENAME_ARRAY, &groups,
    N_ ("Only this data group; may be repeated"), N_ ("GROUP") },
  { "off", 0, 0, G_OPTION_ARG_NONE, &off, N_ ("No schedule any more"), NULL },
  { "pause", 0, 0, G_OPTION_ARG_NONE, &paused, N_ ("Keep the schedule, and do not follow it"),
    NULL },
  { "resume", 0, 0, G_OPTION_ARG_NONE, &resumed, N_ ("Follow it again, from now on"), NULL },
  { "roll-up", 0, 0, G_OPTION_ARG_NONE, &of_roll_up,
    N_ ("When backups are rolled up, instead of made"), NULL },
  { "rehearsal", 0, 0, G_OPTION_ARG_NONE, &of_rehearsal,
    N_ ("When the newest backup is restored into a scratch place, to prove that it can be"), NULL },
  { "reports", 0, 0, G_OPTION_ARG_NONE, &of_reports,
    N_ ("When reports of what happened are fetched, which no backup of the service holds"), NULL },
  { "on-service", 0, 0, G_OPTION_ARG_NONE, &on_service,
    N_ ("The schedule that the service keeps and follows itself"), NULL },
  { "overdue-days", 0, 0, G_OPTION_ARG_STRING, &overdue,
    N_ (
      "Tell of it when there is no backup for so many days; 0 for never, auto for a day more than "
      "the schedule’s longest pause"),
    N_ ("DAYS") },
  { "set", 's', 0, G_OPTION_ARG_FILENAME_ARRAY, &pairs,
    N_ ("With --on-service: what it consists of; may be repeated"), N_ ("KEY=VALUE") },
  { NULL },
};

static RepriseRoutine
get_routine (void)
{
  return of_roll_up     ? REPRISE_ROUTINE_ROLL_UP
         : of_rehearsal ? REPRISE_ROUTINE_REHEARSE
         : of_reports   ? REPRISE_ROUTINE_REPORTS
                        : REPRISE_ROUTINE_BACK_UP;
}

static gboolean
is_change (char **args)
{
  return args[1] != NULL || groups != NULL || off || paused || resumed || overdue != NULL;
}

static gboolean
check_options (char **args, GError **error)
{
  if (off + paused + resumed + (args[1] != NULL) > 1 || (off && groups != NULL))
    reprise_cli_set_usage_error (
      error, _ ("Only one of a schedule, --off, --pause and --resume can be given."));
  else if (of_roll_up + of_rehearsal + of_reports + (groups != NULL) > 1)
    reprise_cli_set_usage_error (
      error, _ ("Only one of --roll-up, --rehearsal, --reports and --group can be given."));
  else if (pairs != NULL && (!on_service || off))
    reprise_cli_set_usage_error (error, _ ("--set goes with --on-service, and not with --off."));
  else if (overdue != NULL && !g_str_equal (overdue, "auto") &&
           !g_ascii_string_to_unsigned (overdue, 10, 0, REPRISE_STANDING_MAX_OVERDUE_DAYS, NULL,
                                        NULL))
    reprise_cli_set_usage_error (error, _ ("--overdue-days is a number of days, or auto."));
  else if (on_service && (args[1] != NULL || groups != NULL || overdue != NULL ||
                          get_routine () != REPRISE_ROUTINE_BACK_UP))
    reprise_cli_set_usage_error (
      error, _ ("With --on-service a schedule is given by --set: “reprise service kinds” lists "
                "what it consists of."));
  else
    return TRUE;
  return FALSE;
}

static RepriseCliScheduleChange
get_change (void)
{
  return off       ? REPRISE_CLI_SCHEDULE_OFF
         : paused  ? REPRISE_CLI_SCHEDULE_PAUSE
         : resumed ? REPRISE_CLI_SCHEDULE_RESUME
                   : REPRISE_CLI_SCHEDULE_SET;
}

/* The words of the schedule as one: “daily 02:00” needs no quotes. */
static gboolean
set_schedule (RepriseService *service, char **words, GError **error)
{
  g_autofree char *text = g_strjoinv (" ", words);
  g_autoptr (GError) local_error = NULL;
  g_autoptr (RepriseSchedule) schedule = reprise_schedule_new_from_string (text, &local_error);
  g_autofree char *normal = NULL;

  if (schedule == NULL)
    {
      reprise_cli_set_usage_error (error, "%s.", local_error->message);
      return FALSE;
    }
  normal = reprise_schedule_to_string (schedule);
  reprise_service_set_setting (service, reprise_routine_get_setting (get_routine ()), normal);
  return TRUE;
}

static gboolean
set_groups (RepriseService *service, GError **error)
{
  g_autofree char *ids = g_strjoinv (",", groups);
  RepriseGroups set;

  if (!reprise_groups_from_strv ((const char *const *) groups, &set, error))
    return FALSE;
  reprise_service_set_setting (service, REPRISE_SCHEDULE_SETTING_GROUPS, ids);
  return TRUE;
}

/* Whether something of the schedule itself is changed, beside when its absence is told. */
static gboolean
changes_schedule (char **words)
{
  return off || paused || resumed || words[0] != NULL || groups != NULL;
}

/* Whether something is to be followed from now on that was not, or otherwise. */
static gboolean
begins (char **words)
{
  return resumed || words[0] != NULL;
}

static gboolean
change (RepriseService *service, char **words, GError **error)
{
  if (overdue != NULL)
    reprise_service_set_setting (service, REPRISE_STANDING_SETTING_OVERDUE,
                                 g_str_equal (overdue, "auto") ? NULL : overdue);
  if (!changes_schedule (words))
    return TRUE;
  if (off)
    reprise_service_set_setting (service, reprise_routine_get_setting (get_routine ()), NULL);
  if (off && get_routine () == REPRISE_ROUTINE_BACK_UP)
    {
      reprise_service_set_setting (service, REPRISE_SCHEDULE_SETTING_GROUPS, NULL);
      reprise_service_set_setting (service, REPRISE_SCHEDULE_SETTING_PAUSED, NULL);
    }
  if (paused || resumed)
    reprise_service_set_setting (service, REPRISE_SCHEDULE_SETTING_PAUSED, paused ? "true" : NULL);
  if (words[0] != NULL && !set_schedule (service, words, error))
    return FALSE;
  if (groups != NULL && !set_groups (service, error))
    return FALSE;
  if (off || reprise_service_get_setting (service, reprise_routine_get_setting (get_routine ())))
    return TRUE;
  reprise_cli_set_usage_error (error, _ ("“%s” has no schedule: give one, as “daily 02:00”."),
                               reprise_service_get_name (service));
  return FALSE;
}

/* A schedule that was changed begins now: nothing of the past is made up for. On a worker. */
static gboolean
settle_func (RepriseCli *cli, gpointer data, GCancellable *cancellable, GError **error)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();

  if (resumed)
    return reprise_scheduler_settle_all (reprise_context_get_history (cli->context), data, now,
                                         error);
  return reprise_scheduler_settle (reprise_context_get_history (cli->context), data, get_routine (),
                                   now, error);
}

/* One that cannot be rehearsed as it is set says what is missing. */
static gboolean
check_rehearsal (RepriseCli *cli, RepriseService *service, GError **error)
{
  g_autofree char *reason = reprise_rehearsal_explain_missing (cli->context, service);

  if (reason != NULL)
    reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_REFUSED,
                       _ ("“%s” cannot be rehearsed: %s"), reprise_service_get_name (service),
                       reason);
  return reason == NULL;
}

static gboolean
check_roll_up (RepriseKind *kind, RepriseService *service, GError **error)
{
  if (!reprise_cli_check_roll_up (kind, service, error))
    return FALSE;
  if (reprise_kind_can (kind, REPRISE_HAS_HISTORY))
    return TRUE;
  reprise_error_set (
    error, REPRISE_ERROR, REPRISE_ERROR_NOT_SUPPORTED,
    /* Translators: the name of a service */
    _ ("Only the reports of “%s” are rolled up, and that whenever new ones are fetched: "
       "it needs no schedule."),
    reprise_service_get_name (service));
  return FALSE;
}

/* A kind that has no roll-ups, or cannot be rehearsed, says why. */
static gboolean
check_kind (RepriseCli *cli, RepriseService *service, GError **error)
{
  RepriseKind *kind = reprise_cli_find_kind (cli, service, error);

  if (kind == NULL || (of_roll_up && !check_roll_up (kind, service, error)) ||
      !reprise_routine_check_kind (get_routine (), kind, error))
    return FALSE;
  return !of_rehearsal || off || check_rehearsal (cli, service, error);
}

static void
print_next (RepriseRoutine routine, const char *name, const char *text, GDateTime *next)
{
  g_autofree char *time = reprise_time_to_text (next);

  switch (routine)
    {
    case REPRISE_ROUTINE_ROLL_UP:
      /* Translators: the name of a service, a schedule: “Every day at 02:00”, and a date with time */
      g_print (_ ("“%s”: %s. The next roll-up is due on %s.\n"), name, text, time);
      break;
    case REPRISE_ROUTINE_REHEARSE:
      /* Translators: the name of a service, a schedule: “Every day at 02:00”, and a date with time */
      g_print (_ ("“%s”: %s. The next rehearsal is due on %s.\n"), name, text, time);
      break;
    case REPRISE_ROUTINE_REPORTS:
      /* Translators: the name of a service, a schedule: “Every day at 02:00”, and a date with time */
      g_print (_ ("“%s”: %s. The next reports are due on %s.\n"), name, text, time);
      break;
    case REPRISE_ROUTINE_BACK_UP:
    case REPRISE_ROUTINE_FOLLOW:
    case REPRISE_ROUTINE_CLEAN_UP:
    default:
      /* Translators: the name of a service, its schedule: “Every day at 02:00”, and a date with time */
      g_print (_ ("“%s”: %s. The next backup is due on %s.\n"), name, text, time);
    }
}

static void
print_overdue (guint days)
{
  if (days > 0)
    g_print (ngettext ("It needs attention after %u day without a backup.\n",
                       "It needs attention after %u days without a backup.\n", days),
             days);
  else
    g_print ("%s\n", _ ("It never needs attention for having no backup."));
}

/* Of which groups the backups are: all that are backed up where none was chosen. */
static RepriseGroups
get_groups (RepriseService *service)
{
  const char *set = reprise_service_get_setting (service, REPRISE_SCHEDULE_SETTING_GROUPS);
  g_auto (GStrv) ids = g_strsplit (set != NULL ? set : "", ",", 0);
  RepriseGroups chosen = REPRISE_GROUPS_NONE;

  return set != NULL && get_routine () == REPRISE_ROUTINE_BACK_UP &&
             reprise_groups_from_strv ((const char *const *) ids, &chosen, NULL)
           ? chosen
           : REPRISE_GROUPS_NONE;
}

static void
print_groups (RepriseGroups chosen)
{
  g_autofree char *text = reprise_groups_to_text (chosen);

  if (chosen != REPRISE_GROUPS_NONE)
    /* Translators: names of data groups */
    g_print (_ ("Only these groups: %s.\n"), text);
}

/* The next run of a routine, where it has a schedule. */
static void
print_routine (RepriseService *service, RepriseRoutine routine)
{
  g_autoptr (RepriseSchedule) schedule = reprise_scheduler_get_schedule (service, routine, NULL);
  g_autoptr (GTimeZone) zone = g_time_zone_new_local ();
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autoptr (GDateTime) next =
    schedule != NULL ? reprise_schedule_get_next (schedule, now, zone) : NULL;
  g_autofree char *text = schedule != NULL ? reprise_schedule_to_text (schedule) : NULL;
  const char *name = reprise_service_get_name (service);

  if (next != NULL && !reprise_scheduler_is_paused (service))
    print_next (routine, name, text, next);
  else if (schedule != NULL)
    /* Translators: the name of a service, its schedule: “Every day at 02:00”, and the option that names what it is of: “--reports” */
    g_print (_ ("“%s”: %s (%s, paused)\n"), name, text,
             routine == REPRISE_ROUTINE_ROLL_UP    ? "--roll-up"
             : routine == REPRISE_ROUTINE_REHEARSE ? "--rehearsal"
                                                   : "--reports");
}

/* Who asks for no routine by name is told of all. */
static gboolean
has_other (RepriseService *service)
{
  gboolean found = FALSE;

  if (get_routine () != REPRISE_ROUTINE_BACK_UP)
    return FALSE;
  for (guint i = REPRISE_ROUTINE_BACK_UP + 1; i < REPRISE_N_ROUTINES; i++)
    found |= reprise_service_get_setting (service, reprise_routine_get_setting (i)) != NULL;
  return found;
}

static void
json_others (JsonBuilder *json, RepriseService *service)
{
  json_builder_set_member_name (json, "others");
  json_builder_begin_object (json);
  for (guint i = REPRISE_ROUTINE_BACK_UP + 1; i < REPRISE_N_ROUTINES; i++)
    reprise_cli_json_string (
      json, reprise_routine_to_string (i),
      reprise_service_get_setting (service, reprise_routine_get_setting (i)));
  json_builder_end_object (json);
}

static RepriseExit
print (RepriseCli *cli, RepriseService *service, GError **error)
{
  g_autoptr (GError) local_error = NULL;
  g_autoptr (RepriseSchedule) schedule =
    reprise_scheduler_get_schedule (service, get_routine (), &local_error);
  g_autoptr (GTimeZone) zone = g_time_zone_new_local ();
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autoptr (GDateTime) next = NULL;
  g_autoptr (JsonBuilder) json = json_builder_new ();
  g_autofree char *text = schedule != NULL ? reprise_schedule_to_text (schedule) : NULL;
  const char *name = reprise_service_get_name (service);
  gboolean is_paused = reprise_scheduler_is_paused (service);
  guint days = reprise_standing_get_overdue_days (
    service, reprise_context_get_preferences (cli->context), now, zone);

  if (local_error != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return REPRISE_EXIT_DONE;
    }
  if (schedule != NULL && !is_paused)
    next = reprise_schedule_get_next (schedule, now, zone);
  if (cli->json)
    {
      json_builder_begin_object (json);
      reprise_cli_json_string (json, "id", reprise_service_get_uuid (service));
      reprise_cli_json_string (json, "name", name);
      reprise_cli_json_string (
        json, "schedule",
        reprise_service_get_setting (service, reprise_routine_get_setting (get_routine ())));
      reprise_cli_json_string (json, "routine", reprise_routine_to_string (get_routine ()));
      reprise_cli_json_groups (json, "groups", get_groups (service));
      reprise_cli_json_boolean (json, "paused", is_paused);
      reprise_cli_json_time (json, "next_at", next);
      reprise_cli_json_count (json, "overdue_days", days);
      json_others (json, service);
      json_builder_end_object (json);
      reprise_cli_json_print (json);
    }
  else if (schedule == NULL && has_other (service))
    /* Translators: the name of a service */
    g_print (_ ("“%s” has no schedule for backups.\n"), name);
  else if (schedule == NULL)
    /* Translators: the name of a service */
    g_print (_ ("“%s” has no schedule.\n"), name);
  else if (next == NULL)
    /* Translators: the name of a service, and its schedule: “Every day at 02:00” */
    g_print (_ ("“%s”: %s (paused)\n"), name, text);
  else
    print_next (get_routine (), name, text, next);
  if (!cli->json && schedule != NULL)
    print_groups (get_groups (service));
  for (guint i = REPRISE_ROUTINE_BACK_UP + 1;
       !cli->json && has_other (service) && i < REPRISE_N_ROUTINES; i++)
    print_routine (service, i);
  if (!cli->json && overdue != NULL)
    print_overdue (days);
  return REPRISE_EXIT_DONE;
}

static RepriseExit
run (RepriseCli *cli, char **args, GError **error)
{
  RepriseService *service = reprise_cli_find_service (cli, args[0], error);
  g_autoptr (RepriseService) changed = NULL;
  RepriseExit code;

  if (service == NULL || !check_options (args, error) || !check_kind (cli, service, error))
    return REPRISE_EXIT_DONE;
  if (on_service)
    return reprise_cli_own_schedule (cli, service, pairs, get_change (), error);
  if (!is_change (args))
    return print (cli, service, error);
  changed = reprise_service_copy (service);
  if (!change (changed, args + 1, error) ||
      !reprise_services_save (reprise_context_get_services (cli->context), changed, error) ||
      (changes_schedule (args + 1) &&
       !reprise_cli_run_in_thread (cli, settle_func, changed, error)))
    return REPRISE_EXIT_DONE;
  code = print (cli, changed, error);
  if (begins (args + 1) && !cli->json)
    reprise_cli_print_background (cli);
  return code;
}

const RepriseCliCommand reprise_cli_schedule = {
  .name = "schedule",
  .arguments = N_ ("NAME [SCHEDULE]"),
  .summary = N_ ("Show or set when a service is backed up by itself: “daily 02:00”, “weekly "
                 "mon,thu 02:00”, “monthly 1,last 02:00”, “hourly :15”"),
  .flags = REPRISE_CLI_JSON | REPRISE_CLI_SECRET_FD,
  .entries = entries,
  .n_min = 1,
  .n_max = G_MAXUINT,
  .run = run,
};
