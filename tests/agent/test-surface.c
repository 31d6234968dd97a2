/* test-surface.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "base/reprise-error.h"
#include "job/reprise-agent-bus.h"
#include "job/reprise-agent-client.h"
#include "job/reprise-local-job.h"
#include "reprise-agent-surface.h"
#include "reprise-test.h"

/*
 * The agent's side and its client's, over a private bus. The agent has a connection of its own, so that closing it is what a
 * kill of the agent looks like from outside.
 */
typedef struct
{
  GTestDBus *daemon;
  GDBusConnection *agent_bus;
  RepriseQueue *queue;
  RepriseAgentSurface *surface;
  RepriseAgentClient *client;
  guint name;
  gboolean owned;
  int release; /* (atomic): the work may end */
  int ask;     /* (atomic): the work asks first */
  char *answer;
  guint n_ended;
} Fixture;

static RepriseOutcome *
work_func (gpointer data, RepriseProgress *progress, GCancellable *cancellable, GError **error)
{
  Fixture *fixture = data;
  const char *responses[] = { "cancel", "continue", NULL };
  const char *labels[] = { "Cancel", "Continue", NULL };
  g_autoptr (RepriseQuestion) question =
    reprise_question_new ("go-on", "Go On?", "It waits.", responses, labels, NULL, "cancel");

  reprise_progress_log (progress, "begun");
  if (g_atomic_int_get (&fixture->ask))
    {
      fixture->answer = reprise_progress_ask (progress, question, cancellable, error);
      if (fixture->answer == NULL)
        return NULL;
    }
  reprise_progress_set_phase (progress, REPRISE_PHASE_READING);
  reprise_progress_set_totals (progress, 1000000, -1);
  while (!g_atomic_int_get (&fixture->release))
    {
      g_usleep (500);
      reprise_progress_add_bytes (progress, 100);
      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return NULL;
    }
  reprise_progress_warn (progress, "a small thing");
  return reprise_outcome_new ("worked");
}

static void
submit_cb (RepriseAgentSurface *surface,
           RepriseRequest *request,
           GDBusMethodInvocation *invocation,
           Fixture *fixture)
{
  g_autoptr (RepriseJob) job = NULL;

  if (request->service_uuid == NULL)
    {
      g_dbus_method_invocation_return_error (invocation, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND,
                                             "No service");
      return;
    }
  job = reprise_local_job_new (request->kind, request->service_uuid, "Orders", work_func, fixture,
                               NULL);
  reprise_agent_surface_accept (surface, invocation, job);
}

static void
owned_cb (GDBusConnection *bus, const char *name, gpointer data)
{
  *(gboolean *) data = TRUE;
}

static GDBusConnection *
new_connection (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;
  GDBusConnection *bus = g_dbus_connection_new_for_address_sync (
    g_test_dbus_get_bus_address (fixture->daemon),
    G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
    NULL, NULL, &error);

  g_assert_no_error (error);
  return bus;
}

static void
start_agent (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;

  fixture->agent_bus = new_connection (fixture);
  fixture->queue = reprise_queue_new ();
  fixture->surface = reprise_agent_surface_new (fixture->queue);
  g_signal_connect (fixture->surface, "submit", G_CALLBACK (submit_cb), fixture);
  reprise_agent_surface_export (fixture->surface, fixture->agent_bus, &error);
  g_assert_no_error (error);
  fixture->owned = FALSE;
  fixture->name = g_bus_own_name_on_connection (fixture->agent_bus, REPRISE_AGENT_BUS_NAME,
                                                G_BUS_NAME_OWNER_FLAGS_NONE, owned_cb, NULL,
                                                &fixture->owned, NULL);
  reprise_test_run_until (&fixture->owned);
}

static void
closed_cb (GDBusConnection *bus, gboolean by_peer, GError *error, gboolean *closed)
{
  *closed = TRUE;
}

/* Until whoever owns a name there has been told: what gives the name back after that says nothing on the bus. */
static void
close_bus (GDBusConnection *bus)
{
  gboolean closed = FALSE;
  gulong handler = g_signal_connect (bus, "closed", G_CALLBACK (closed_cb), &closed);

  g_dbus_connection_close (bus, NULL, NULL, NULL);
  reprise_test_run_until (&closed);
  g_signal_handler_disconnect (bus, handler);
}

/* The agent is gone, without a word. */
static void
kill_agent (Fixture *fixture)
{
  close_bus (fixture->agent_bus);
  g_atomic_int_set (&fixture->release, 1);
  while (reprise_job_list_get_n_active (REPRISE_JOB_LIST (fixture->queue)) > 0)
    g_main_context_iteration (NULL, TRUE);
  g_bus_unown_name (fixture->name);
  g_clear_object (&fixture->surface);
  g_clear_object (&fixture->queue);
  g_clear_object (&fixture->agent_bus);
}

static void
result_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  *(GAsyncResult **) data = g_object_ref (result);
}

static RepriseAgentClient *
connect_client (void)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  RepriseAgentClient *client;

  reprise_agent_client_new_async (NULL, result_cb, &result);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);
  client = reprise_agent_client_new_finish (result, &error);
  g_assert_no_error (error);
  return client;
}

static void
ended_cb (RepriseAgentClient *client, RepriseJob *job, Fixture *fixture)
{
  fixture->n_ended++;
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->daemon = g_test_dbus_new (G_TEST_DBUS_NONE);
  g_test_dbus_up (fixture->daemon);
  if (data == NULL)
    start_agent (fixture);
  fixture->client = connect_client ();
  g_signal_connect (fixture->client, "ended", G_CALLBACK (ended_cb), fixture);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  if (fixture->client != NULL)
    g_signal_handlers_disconnect_by_data (fixture->client, fixture);
  g_clear_object (&fixture->client);
  if (fixture->agent_bus != NULL)
    kill_agent (fixture);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_test_dbus_down (fixture->daemon);
  g_clear_object (&fixture->daemon);
  g_free (fixture->answer);
}

static RepriseJob *
submit (Fixture *fixture, const char *service, GError **error)
{
  g_autoptr (RepriseRequest) request = reprise_request_new (REPRISE_JOB_BACK_UP, service);
  g_autoptr (GAsyncResult) result = NULL;

  reprise_agent_client_submit_async (fixture->client, request, NULL, result_cb, &result);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);
  return reprise_agent_client_submit_finish (fixture->client, result, error);
}

static RepriseJob *
submit_well (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;
  RepriseJob *job = submit (fixture, "a", &error);

  g_assert_no_error (error);
  return job;
}

static void
run_until_state (RepriseJob *job, RepriseJobState state)
{
  while (reprise_job_get_state (job) != state)
    g_main_context_iteration (NULL, TRUE);
}

static void
test_submit (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseJob) job = submit_well (fixture);
  g_autoptr (RepriseJob) first = g_list_model_get_item (G_LIST_MODEL (fixture->client), 0);

  g_assert_true (first == job);
  g_assert_true (reprise_agent_client_get_connected (fixture->client));
  g_assert_cmpuint (reprise_job_list_get_n_active (REPRISE_JOB_LIST (fixture->client)), ==, 1);
  g_assert_true (reprise_job_list_find_active (REPRISE_JOB_LIST (fixture->client), "a") == job);
  g_assert_cmpstr (reprise_job_get_title (job), ==, "Back Up Orders");
  run_until_state (job, REPRISE_JOB_RUNNING);
  while (reprise_job_get_fraction (job) <= 0)
    g_main_context_iteration (NULL, TRUE);
  g_atomic_int_set (&fixture->release, 1);
  run_until_state (job, REPRISE_JOB_WARNINGS);
  g_assert_cmpint (reprise_job_get_exit (job), ==, REPRISE_EXIT_WARNINGS);
  g_assert_cmpstr (reprise_job_get_summary (job), ==, "worked");
  g_assert_cmpstr (reprise_job_get_warnings (job)[0], ==, "a small thing");
  g_assert_nonnull (reprise_job_get_log (job)[0]);
  g_assert_cmpuint (fixture->n_ended, ==, 1);
  g_assert_cmpuint (reprise_job_list_get_n_active (REPRISE_JOB_LIST (fixture->client)), ==, 0);
}

static void
test_submit_refused (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseJob) job = submit (fixture, NULL, &error);

  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND);
  g_assert_cmpstr (error->message, ==, "No service");
  g_assert_null (job);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (fixture->client)), ==, 0);
}

static void
count_cb (GDBusConnection *bus,
          const char *sender,
          const char *path,
          const char *iface,
          const char *signal,
          GVariant *parameters,
          gpointer data)
{
  (*(guint *) data)++;
}

static void
test_coalesced (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GDBusConnection) bus = g_bus_get_sync (G_BUS_TYPE_SESSION, NULL, NULL);
  guint n = 0, watch;
  g_autoptr (RepriseJob) job = submit_well (fixture);
  gint64 end = g_get_monotonic_time () + G_USEC_PER_SEC;

  run_until_state (job, REPRISE_JOB_RUNNING);
  watch = g_dbus_connection_signal_subscribe (bus, NULL, REPRISE_AGENT_BUS_NAME, "JobChanged", NULL,
                                              NULL, G_DBUS_SIGNAL_FLAGS_NONE, count_cb, &n, NULL);
  while (g_get_monotonic_time () < end)
    g_main_context_iteration (NULL, FALSE);
  g_dbus_connection_signal_unsubscribe (bus, watch);
  g_assert_cmpuint (n, >=, 3);
  g_assert_cmpuint (n, <=, 12);
  reprise_job_stop (job, REPRISE_STOP_HARD);
  run_until_state (job, REPRISE_JOB_STOPPED);
}

static void
test_stop (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseJob) job = submit_well (fixture);

  run_until_state (job, REPRISE_JOB_RUNNING);
  reprise_job_stop (job, REPRISE_STOP_SOFT);
  run_until_state (job, REPRISE_JOB_STOPPED);
  g_assert_cmpint (reprise_job_get_exit (job), ==, REPRISE_EXIT_STOPPED);
}

static void
test_answer (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseJob) job = NULL;

  g_atomic_int_set (&fixture->ask, 1);
  g_atomic_int_set (&fixture->release, 1);
  job = submit_well (fixture);
  while (reprise_job_get_question (job) == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpint (reprise_job_get_state (job), ==, REPRISE_JOB_ASKING);
  g_assert_cmpstr (reprise_job_get_question (job)->id, ==, "go-on");
  reprise_job_answer (job, "another", "continue"); /* not what was asked: waits on */
  reprise_job_answer (job, "go-on", "continue");
  run_until_state (job, REPRISE_JOB_WARNINGS);
  g_assert_cmpstr (fixture->answer, ==, "continue");
  g_assert_null (reprise_job_get_question (job));
}

static void
test_another_client (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseJob) job = submit_well (fixture);
  g_autoptr (RepriseAgentClient) other = connect_client ();
  RepriseJob *seen = reprise_job_list_find (REPRISE_JOB_LIST (other), reprise_job_get_id (job));

  g_assert_nonnull (seen);
  g_atomic_int_set (&fixture->release, 1);
  run_until_state (seen, REPRISE_JOB_WARNINGS);
  run_until_state (job, REPRISE_JOB_WARNINGS);
}

static void
test_forget (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseJob) job = submit_well (fixture);

  g_atomic_int_set (&fixture->release, 1);
  run_until_state (job, REPRISE_JOB_WARNINGS);
  reprise_agent_client_forget (fixture->client, job);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (fixture->client)), ==, 0);
  while (g_list_model_get_n_items (G_LIST_MODEL (fixture->queue)) > 0)
    g_main_context_iteration (NULL, TRUE);
}

static void
test_killed (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseJob) job = submit_well (fixture);
  g_autoptr (RepriseJob) second = NULL;

  run_until_state (job, REPRISE_JOB_RUNNING);
  kill_agent (fixture);
  run_until_state (job, REPRISE_JOB_FAILED);
  g_assert_nonnull (strstr (reprise_job_get_error (job), "interrupted"));
  g_assert_cmpint (reprise_job_get_exit (job), ==, REPRISE_EXIT_FAILED);
  g_assert_nonnull (reprise_job_get_finished_at (job));
  g_assert_cmpuint (fixture->n_ended, ==, 1);
  g_assert_false (reprise_agent_client_get_connected (fixture->client));

  /* one that comes is found, and the list of old stays */
  g_atomic_int_set (&fixture->release, 0);
  start_agent (fixture);
  while (!reprise_agent_client_get_connected (fixture->client))
    g_main_context_iteration (NULL, TRUE);
  second = submit_well (fixture);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (fixture->client)), ==, 2);
  g_assert_true (reprise_job_list_find (REPRISE_JOB_LIST (fixture->client), reprise_job_get_id (second)) ==
                 second);
  g_assert_cmpuint (reprise_job_list_get_n_active (REPRISE_JOB_LIST (fixture->client)), ==, 1);
}

/* An agent that comes later is noticed with what it already does. */
static void
test_comes_later (Fixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseJob) job =
    reprise_local_job_new (REPRISE_JOB_VERIFY, "b", "Orders", work_func, fixture, NULL);

  g_assert_false (reprise_agent_client_get_connected (fixture->client));
  start_agent (fixture);
  reprise_queue_submit (fixture->queue, job);
  while (reprise_job_list_get_n_active (REPRISE_JOB_LIST (fixture->client)) == 0)
    g_main_context_iteration (NULL, TRUE);
  g_assert_nonnull (reprise_job_list_find (REPRISE_JOB_LIST (fixture->client), reprise_job_get_id (job)));
}

/* The bus does not know the agent, and where it should lie there is none. */
static void
test_no_agent (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseJob) job = NULL;

  g_setenv ("REPRISE_LIBEXEC_DIR", "/nonexistent", TRUE);
  job = submit (fixture, "a", &error);
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_FAILED);
  g_assert_null (job);
}

/* Who asks is a client until it leaves the bus; then the agent may go, unless a job runs. */
static void
test_busy (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GDBusConnection) other = NULL;
  g_autoptr (RepriseJob) job =
    reprise_local_job_new (REPRISE_JOB_VERIFY, "b", "Orders", work_func, fixture, NULL);
  g_autoptr (GAsyncResult) result = NULL;

  g_signal_handlers_disconnect_by_data (fixture->client, fixture);
  g_clear_object (&fixture->client);
  start_agent (fixture);
  g_assert_false (reprise_agent_surface_is_busy (fixture->surface));

  other = new_connection (fixture);
  g_dbus_connection_call (other, REPRISE_AGENT_BUS_NAME, REPRISE_AGENT_OBJECT_PATH,
                          REPRISE_AGENT_BUS_NAME, "ListJobs", NULL, NULL, G_DBUS_CALL_FLAGS_NONE,
                          -1, NULL, result_cb, &result);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_variant_unref (g_dbus_connection_call_finish (other, result, &error));
  g_assert_no_error (error);
  g_assert_true (reprise_agent_surface_is_busy (fixture->surface));
  close_bus (other);
  while (reprise_agent_surface_is_busy (fixture->surface))
    g_main_context_iteration (NULL, TRUE);

  reprise_queue_submit (fixture->queue, job);
  g_assert_true (reprise_agent_surface_is_busy (fixture->surface));
  g_atomic_int_set (&fixture->release, 1);
  while (reprise_agent_surface_is_busy (fixture->surface))
    g_main_context_iteration (NULL, TRUE);
}

#define ADD(path, data, func) g_test_add (path, Fixture, data, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  reprise_test_init (&argc, &argv);
  ADD ("/agent/surface/submit", NULL, test_submit);
  ADD ("/agent/surface/submit-refused", NULL, test_submit_refused);
  ADD ("/agent/surface/coalesced", NULL, test_coalesced);
  ADD ("/agent/surface/stop", NULL, test_stop);
  ADD ("/agent/surface/answer", NULL, test_answer);
  ADD ("/agent/surface/another-client", NULL, test_another_client);
  ADD ("/agent/surface/forget", NULL, test_forget);
  ADD ("/agent/surface/killed", NULL, test_killed);
  ADD ("/agent/surface/comes-later", "no agent", test_comes_later);
  ADD ("/agent/surface/no-agent", "no agent", test_no_agent);
  ADD ("/agent/surface/busy", "no agent", test_busy);
  return g_test_run ();
}
