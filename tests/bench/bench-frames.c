/* bench-frames.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <time.h>

#include "reprise-ui-test.h"
#include "reprise-window-private.h"

/*
 * bench-frames
 *
 * Ten jobs run while a list of ten thousand backups is scrolled up and down, a page in each frame, for some seconds. Prints
 *
 *   frames N longest MS cpu MS
 *
 * the longest time between two frames, and the most time of the processor that the main thread took between two: on a machine that
 * has other things to do, the first grows and the second does not.
 */

#define N_JOBS    10
#define N_BACKUPS 10000
#define SECONDS   12

typedef struct
{
  GtkAdjustment *adjustment;
  gint64 wall_us;
  double cpu_ms;
  double longest_ms;
  double longest_cpu_ms;
  guint n;
  gboolean up;
} Frames;

static double
get_cpu_ms (void)
{
  struct timespec time;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &time);
  return (double) time.tv_sec * 1000 + (double) time.tv_nsec / 1e6;
}

static void
scroll (Frames *self)
{
  double value = gtk_adjustment_get_value (self->adjustment);
  double page = gtk_adjustment_get_page_size (self->adjustment);
  double last = gtk_adjustment_get_upper (self->adjustment) - page;

  if (value >= last)
    self->up = TRUE;
  else if (value <= 0)
    self->up = FALSE;
  gtk_adjustment_set_value (self->adjustment, CLAMP (value + (self->up ? -page : page), 0, last));
}

static gboolean
tick_cb (GtkWidget *widget, GdkFrameClock *clock, gpointer data)
{
  Frames *self = data;
  gint64 wall_us = g_get_monotonic_time ();
  double cpu_ms = get_cpu_ms ();

  if (self->n++ > 0)
    {
      self->longest_ms = MAX (self->longest_ms, (double) (wall_us - self->wall_us) / 1000);
      self->longest_cpu_ms = MAX (self->longest_cpu_ms, cpu_ms - self->cpu_ms);
    }
  self->wall_us = wall_us;
  self->cpu_ms = cpu_ms;
  scroll (self);
  return G_SOURCE_CONTINUE;
}

static void
start_jobs (RepriseUiTest *test, RepriseService **services)
{
  for (guint i = 0; i < N_JOBS; i++)
    {
      g_autoptr (RepriseRequest) request =
        reprise_request_new (REPRISE_JOB_BACK_UP, reprise_service_get_uuid (services[i]));

      request->consent = TRUE;
      reprise_session_submit (test->session, request);
    }
}

static guint
count_jobs (RepriseUiTest *test)
{
  guint n = 0;

  for (guint i = 0; i < N_JOBS; i++)
    {
      g_autofree char *name = g_strdup_printf ("Service %u", i);

      n += reprise_service_item_get_job (reprise_ui_test_find_item (test, name)) != NULL;
    }
  return n;
}

static GtkWidget *
show_backups (RepriseUiTest *test)
{
  RepriseServiceItem *item;
  GtkWidget *list;

  reprise_ui_test_show (test);
  item = reprise_ui_test_find_item (test, "Archive");
  reprise_ui_test_wait (g_list_model_get_n_items (reprise_service_item_get_backups (item)) ==
                        N_BACKUPS);
  gtk_widget_activate_action (GTK_WIDGET (test->window), "win.show-page", "s", "backups");
  reprise_ui_test_settle (500);
  list = reprise_ui_test_find (GTK_WIDGET (test->window->backups_page), GTK_TYPE_LIST_VIEW, NULL);
  reprise_ui_test_wait (g_list_model_get_n_items (G_LIST_MODEL (
                          gtk_list_view_get_model (GTK_LIST_VIEW (list)))) == N_BACKUPS);
  return list;
}

static void
bench_frames (void)
{
  RepriseUiTest test = { 0 };
  RepriseService *services[N_JOBS];
  g_autoptr (RepriseService) archive = NULL;
  Frames frames = { 0 };
  GtkWidget *list;
  guint tick;

  reprise_ui_test_set_up (&test, NULL);
  archive = reprise_ui_sample_add_service (test.sample, "Archive", "many", "10000", NULL);
  for (guint i = 0; i < N_JOBS; i++)
    {
      g_autofree char *name = g_strdup_printf ("Service %u", i);

      services[i] =
        reprise_ui_sample_add_service (test.sample, name, "pace", "300", "many", "0", NULL);
    }
  list = show_backups (&test);
  start_jobs (&test, services);
  reprise_ui_test_wait (count_jobs (&test) == N_JOBS);
  reprise_ui_test_settle (500);
  frames.adjustment = gtk_scrollable_get_vadjustment (GTK_SCROLLABLE (list));
  tick = gtk_widget_add_tick_callback (list, tick_cb, &frames, NULL);
  reprise_ui_test_settle (SECONDS * 1000);
  gtk_widget_remove_tick_callback (list, tick);
  g_assert_cmpuint (count_jobs (&test), ==, N_JOBS);
  g_assert_cmpuint (frames.n, >, SECONDS);
  g_print ("frames %u longest %.1f cpu %.1f\n", frames.n, frames.longest_ms, frames.longest_cpu_ms);
  for (guint i = 0; i < N_JOBS; i++)
    g_object_unref (services[i]);
  reprise_ui_test_tear_down (&test, NULL);
}

int
main (int argc, char **argv)
{
  reprise_ui_test_init (&argc, &argv);
  g_test_add_func ("/bench/frames", bench_frames);
  return g_test_run ();
}
