/* test-thread.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "base/reprise-thread.h"
#include "reprise-test.h"

typedef struct
{
  GThread *freed_on; /* (nullable) */
  gboolean called;
  int is_late; /* (atomic): the worker has lived on after the callback */
} Fixture;

static void
freed_cb (gpointer data, GObject *gone)
{
  Fixture *fixture = data;

  g_atomic_pointer_set (&fixture->freed_on, g_thread_self ());
}

/* Goes on for a while after it has answered, as a thread does that is not given the processor just then. */
static void
late_worker (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Fixture *fixture = data;

  g_task_return_boolean (task, TRUE);
  while (!g_atomic_int_get (&fixture->is_late))
    g_usleep (1000);
}

static void
called_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  Fixture *fixture = data;

  g_assert_true (g_task_propagate_boolean (G_TASK (result), NULL));
  fixture->called = TRUE;
}

/* The callback was the last that needed the source; it goes where it belongs, not in the worker. */
static void
test_last_reference (void)
{
  Fixture fixture = { NULL };
  GObject *source = g_object_new (G_TYPE_OBJECT, NULL);

  g_object_weak_ref (source, freed_cb, &fixture);
  {
    g_autoptr (GTask) task = g_task_new (source, NULL, called_cb, &fixture);

    g_task_set_task_data (task, &fixture, NULL);
    reprise_task_run_in_own_thread (task, late_worker);
  }
  g_object_unref (source);
  while (!fixture.called)
    g_main_context_iteration (NULL, TRUE);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_null (g_atomic_pointer_get (&fixture.freed_on));
  g_assert_true (g_main_context_acquire (NULL)); /* as while something is being dispatched */
  g_atomic_int_set (&fixture.is_late, TRUE);
  g_usleep (50 * 1000);
  g_assert_null (g_atomic_pointer_get (&fixture.freed_on));
  while (g_atomic_pointer_get (&fixture.freed_on) == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_main_context_release (NULL);
  g_assert_true (fixture.freed_on == g_thread_self ());
}

int
main (int argc, char **argv)
{
  reprise_test_init (&argc, &argv);
  g_test_add_func ("/thread/last-reference", test_last_reference);
  return g_test_run ();
}
