/* reprise-ui-sample.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "base/reprise-error.h"
#include "base/reprise-ulid.h"
#include "job/reprise-agent-bus.h"
#include "provider/reprise-hooks.h"
#include "provider/reprise-webhook.h"
#include "provider/reprise-runner.h"
#include "provider/reprise-standing.h"
#include "reprise-agent-surface.h"
#include "reprise-ui-kind.h"
#include "reprise-ui-sample.h"
#include "schedule/reprise-retention.h"

struct _RepriseUiSample
{
  RepriseRegistry *registry; /* (owned) */
  RepriseContext *context;   /* (owned): the agent's, and of what is made beforehand */
  RepriseQueue *queue;       /* (owned) */
  RepriseAgentSurface *surface;
  GDBusConnection *bus; /* (owned) */
  guint name;
  gboolean refuses;
};

static void
submit_cb (RepriseAgentSurface *surface,
           RepriseRequest *request,
           GDBusMethodInvocation *invocation,
           RepriseUiSample *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseJob) job = NULL;

  if (self->refuses)
    g_set_error_literal (&error, REPRISE_ERROR, REPRISE_ERROR_BUSY, "Another program is at work.");
  else if (reprise_services_load (reprise_context_get_services (self->context), &error))
    job = reprise_runner_create_job (self->context, request, NULL, &error);
  if (job != NULL)
    reprise_agent_surface_accept (surface, invocation, job);
  else
    g_dbus_method_invocation_return_gerror (invocation, error);
}

static void
owned_cb (GDBusConnection *bus, const char *name, gpointer data)
{
  *(gboolean *) data = TRUE;
}

static void
start_agent (RepriseUiSample *self)
{
  g_autoptr (GError) error = NULL;
  gboolean owned = FALSE;

  /* A connection of its own: what one side says, the other hears over the bus. */
  g_autofree char *address = g_dbus_address_get_for_bus_sync (G_BUS_TYPE_SESSION, NULL, &error);

  g_assert_no_error (error);
  self->bus = g_dbus_connection_new_for_address_sync (
    address,
    G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
    NULL, NULL, &error);
  g_assert_no_error (error);
  self->queue = reprise_queue_new ();
  self->surface = reprise_agent_surface_new (self->queue);
  g_signal_connect (self->surface, "submit", G_CALLBACK (submit_cb), self);
  reprise_agent_surface_export (self->surface, self->bus, &error);
  g_assert_no_error (error);
  self->name = g_bus_own_name_on_connection (
    self->bus, REPRISE_AGENT_BUS_NAME, G_BUS_NAME_OWNER_FLAGS_NONE, owned_cb, NULL, &owned, NULL);
  while (!owned)
    g_main_context_iteration (NULL, TRUE);
}

/**
 * reprise_ui_sample_add_service:
 * @...: keys and values of settings
 *
 * Returns: (transfer full): a service that is saved
 */
RepriseService *
reprise_ui_sample_add_service (RepriseUiSample *self, const char *name, ...)
{
  g_autoptr (GError) error = NULL;
  RepriseService *service = reprise_service_new (NULL, "ui", name);
  const char *key;
  va_list args;

  reprise_service_set_setting (service, "address", "https://app.example.com");
  reprise_service_set_setting (service, "account", "admin@example.com");
  va_start (args, name);
  while ((key = va_arg (args, const char *)) != NULL)
    reprise_service_set_setting (service, key, va_arg (args, const char *));
  va_end (args);
  reprise_services_save (reprise_context_get_services (self->context), service, &error);
  g_assert_no_error (error);
  return service;
}

/* Carries a job out here and now. */
static void
run (RepriseUiSample *self, RepriseService *service, RepriseJobKind kind)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseRequest) request =
    reprise_request_new (kind, reprise_service_get_uuid (service));
  g_autoptr (RepriseJob) job = NULL;

  request->note = g_strdup ("before the update");
  job = reprise_runner_create_job (self->context, request, NULL, &error);
  g_assert_no_error (error);
  reprise_job_start (job);
  while (reprise_job_is_active (job))
    g_main_context_iteration (NULL, TRUE);
}

static void
add_run (RepriseUiSample *self,
         RepriseService *service,
         RepriseJobKind kind,
         RepriseJobState state,
         int hours_ago)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autoptr (GDateTime) started = g_date_time_add_hours (now, -hours_ago);
  g_autoptr (GDateTime) finished = g_date_time_add_seconds (started, 42);
  g_autofree char *id = reprise_ulid_new ();
  g_autoptr (RepriseRun) past = g_object_new (
    REPRISE_TYPE_RUN, "id", id, "kind", kind, "state", state, "service-uuid",
    reprise_service_get_uuid (service), "service-name", reprise_service_get_name (service),
    "origin", "manual", "started-at", started, "finished-at", finished, "summary",
    state == REPRISE_JOB_FAILED ? NULL : "5 groups, 184 MB", "error",
    state == REPRISE_JOB_FAILED ? "The server stopped sending in the middle" : NULL, "log",
    "02:00:00 connected\n02:00:01 reading\n02:00:42 done", NULL);

  reprise_history_add (reprise_context_get_history (self->context), past, &error);
  g_assert_no_error (error);
}

/* What somebody sets who wants to forget about backups until one is needed. */
static void
plan (RepriseService *service)
{
  reprise_service_set_setting (service, REPRISE_SCHEDULE_SETTING, "daily 02:00 14:00");
  reprise_service_set_setting (service, REPRISE_RETENTION_SETTING, "last=1");
  reprise_service_set_setting (service, REPRISE_HOOK_SETTING_BEFORE, "/bin/true");
  reprise_service_set_setting (service, REPRISE_WEBHOOK_SETTING,
                               "https://hooks.example.com/reprise");
}

/* A backup every minute: one that takes longer than that meets the next one. */
static char *
make_every_minute (void)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < 60; i++)
    g_string_append_printf (text, "%s :%02u", i == 0 ? "hourly" : i == 30 ? "; hourly" : "", i);
  return g_strdup (text->str);
}

/* Schedules in their rarer states: one waits since yesterday for another job, the other has a backup that outlasts it. */
static void
add_late (RepriseUiSample *self)
{
  g_autofree char *every_minute = make_every_minute ();
  g_autoptr (RepriseService) waits = reprise_ui_sample_add_service (
    self, "Warehouse", "many", "3", REPRISE_SCHEDULE_SETTING, "daily 02:00", NULL);
  g_autoptr (RepriseService) outlasted =
    reprise_ui_sample_add_service (self, "Measurements", "pace", "5000", "many", "3",
                                   REPRISE_SCHEDULE_SETTING, every_minute, NULL);
  RepriseHistory *history = reprise_context_get_history (self->context);
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autoptr (GDateTime) before = g_date_time_add_days (now, -2);
  g_autoptr (GError) error = NULL;

  reprise_scheduler_settle (history, waits, REPRISE_ROUTINE_BACK_UP, before, &error);
  g_assert_no_error (error);
  reprise_waiting_note (history, reprise_service_get_uuid (waits), REPRISE_WAIT_HOLDER, &error);
  g_assert_no_error (error);
  reprise_scheduler_settle (history, outlasted, REPRISE_ROUTINE_BACK_UP, now, &error);
  g_assert_no_error (error);
}

/* Backups that are not as they should be: of all states, and of a clock that was wrong. */
static void
add_odd (RepriseUiSample *self)
{
  g_autoptr (RepriseService) states =
    reprise_ui_sample_add_service (self, "Shop", "many", "0", "states", "all", NULL);
  g_autoptr (RepriseService) ahead =
    reprise_ui_sample_add_service (self, "Lighthouse", "many", "0", "fault", "ahead", NULL);

  run (self, ahead, REPRISE_JOB_BACK_UP);
  (void) states;
}

static void
fill (RepriseUiSample *self)
{
  g_autoptr (RepriseService) production =
    reprise_ui_sample_add_service (self, "Production", "pace", "80", "many", "12", NULL);
  g_autoptr (RepriseService) orders =
    reprise_ui_sample_add_service (self, "Orders", "pace", "300", NULL);
  g_autoptr (RepriseService) vectors =
    reprise_ui_sample_add_service (self, "Vectors", "fault", "unreachable", NULL);
  g_autoptr (RepriseService) field =
    reprise_ui_sample_add_service (self, "Field Notes", "many", "0", NULL);
  g_autoptr (RepriseService) billing =
    reprise_ui_sample_add_service (self, "Billing", "fault", "fail", "many", "0", NULL);
  g_autoptr (RepriseService) archive =
    reprise_ui_sample_add_service (self, "Archive", "fault", "ask", "many", "10000", NULL);
  g_autoptr (RepriseService) stock = reprise_ui_sample_add_service (
    self, "Stock", "many", "3", REPRISE_STANDING_SETTING_OVERDUE, "1", NULL);
  g_autoptr (RepriseService) intranet =
    reprise_ui_sample_add_service (self, "Intranet", "fault", "sign-in", NULL);
  g_autoptr (GError) error = NULL;

  plan (production);
  reprise_service_set_setting (stock, REPRISE_SCHEDULE_SETTING, "weekly mon 02:00");
  reprise_service_set_setting (stock, REPRISE_SCHEDULE_SETTING_PAUSED, "true");
  reprise_services_save (reprise_context_get_services (self->context), stock, &error);
  g_assert_no_error (error);
  /* The history goes by the order in which runs were added. */
  add_run (self, production, REPRISE_JOB_BACK_UP, REPRISE_JOB_FAILED, 30);
  add_run (self, production, REPRISE_JOB_VERIFY, REPRISE_JOB_DONE, 20);
  add_run (self, vectors, REPRISE_JOB_BACK_UP, REPRISE_JOB_FAILED, 26);
  reprise_service_set_setting (production, "pace", "0");
  reprise_services_save (reprise_context_get_services (self->context), production, &error);
  run (self, production, REPRISE_JOB_BACK_UP);
  run (self, production, REPRISE_JOB_BACK_UP);
  run (self, billing, REPRISE_JOB_BACK_UP);
  reprise_service_set_setting (production, "pace", "80");
  reprise_service_set_production (production, TRUE);
  reprise_services_save (reprise_context_get_services (self->context), production, &error);
  add_run (self, production, REPRISE_JOB_REHEARSE, REPRISE_JOB_DONE, 3);
  add_late (self);
  add_odd (self);
  (void) orders;
  (void) field;
  (void) archive;
  (void) intranet;
}

/* @filled: with services; else there are none */
RepriseUiSample *
reprise_ui_sample_new (gboolean filled)
{
  RepriseUiSample *self = g_new0 (RepriseUiSample, 1);
  g_autoptr (GError) error = NULL;

  self->registry = reprise_registry_new ();
  reprise_registry_add (self->registry, REPRISE_TYPE_UI_KIND);
  self->context = reprise_context_new (self->registry);
  reprise_context_load (self->context, &error);
  g_assert_no_error (error);
  if (filled &&
      g_list_model_get_n_items (G_LIST_MODEL (reprise_context_get_services (self->context))) == 0)
    fill (self);
  start_agent (self);
  return self;
}

void
reprise_ui_sample_free (RepriseUiSample *self)
{
  reprise_queue_stop_all (self->queue, REPRISE_STOP_HARD);
  while (reprise_job_list_get_n_active (REPRISE_JOB_LIST (self->queue)) > 0)
    g_main_context_iteration (NULL, TRUE);
  g_bus_unown_name (self->name);
  g_clear_object (&self->surface);
  g_clear_object (&self->queue);
  g_clear_object (&self->bus);
  g_clear_object (&self->context);
  g_clear_object (&self->registry);
  g_free (self);
}

/* Whether the agent takes no jobs. */
void
reprise_ui_sample_set_refuses (RepriseUiSample *self, gboolean refuses)
{
  self->refuses = refuses;
}

RepriseRegistry *
reprise_ui_sample_get_registry (RepriseUiSample *self)
{
  return self->registry;
}

RepriseContext *
reprise_ui_sample_get_context (RepriseUiSample *self)
{
  return self->context;
}
