/* test-wait.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "base/reprise-wait.h"
#include "reprise-test.h"

#define LONG_MS (3600 * 1000) /* nobody waits for it */

static void
test_ends (void)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  gint64 began_us = g_get_monotonic_time ();

  g_assert_true (reprise_wait (20, NULL, &error));
  g_assert_true (reprise_wait (20, cancellable, &error));
  g_assert_no_error (error);
  g_assert_cmpint (g_get_monotonic_time () - began_us, >=, 38 * 1000);
}

static void
test_stopped_before (void)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  g_cancellable_cancel (cancellable);
  g_assert_false (reprise_wait (LONG_MS, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static gpointer
stop_worker (gpointer data)
{
  g_usleep (20000);
  g_cancellable_cancel (data);
  return NULL;
}

static void
test_stopped_meanwhile (void)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  GThread *thread = g_thread_new ("stop", stop_worker, cancellable);

  g_assert_false (reprise_wait (LONG_MS, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_thread_join (thread);
}

int
main (int argc, char *argv[])
{
  reprise_test_init (&argc, &argv);
  g_test_add_func ("/wait/ends", test_ends);
  g_test_add_func ("/wait/stopped-before", test_stopped_before);
  g_test_add_func ("/wait/stopped-meanwhile", test_stopped_meanwhile);
  return g_test_run ();
}
