/* reprise-ui-test.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

#include "reprise-session.h"
#include "reprise-ui-sample.h"
#include "reprise-window.h"

G_BEGIN_DECLS

void reprise_ui_test_init (int *argc, char ***argv);
void reprise_ui_test_settle (guint ms);
GtkWidget *reprise_ui_test_find (GtkWidget *top, GType type, const char *label);
GtkWindow *reprise_ui_test_find_window (GType type);
guint reprise_ui_test_check_names (GtkWidget *top);

/* Runs the main context until the condition holds, a minute at most. */
#define reprise_ui_test_wait(condition)                                          \
  G_STMT_START                                                                   \
  {                                                                              \
    gint64 wait_end = g_get_monotonic_time () + 60 * G_USEC_PER_SEC;             \
    while (!(condition))                                                         \
      {                                                                          \
        if (g_get_monotonic_time () > wait_end)                                  \
          g_error ("%s:%d: did not become so: " #condition, __FILE__, __LINE__); \
        reprise_ui_test_settle (5);                                              \
      }                                                                          \
  }                                                                              \
  G_STMT_END

/**
 * RepriseUiTest:
 *
 * The main window on the sample, in private folders.
 */
typedef struct
{
  RepriseUiSample *sample;
  GtkApplication *application;
  RepriseContext *context; /* the window's own, as in another process */
  RepriseSession *session;
  RepriseWindow *window;
} RepriseUiTest;

void reprise_ui_test_set_up (RepriseUiTest *test, gboolean filled);
void reprise_ui_test_show (RepriseUiTest *test);
void reprise_ui_test_tear_down (RepriseUiTest *test);
RepriseServiceItem *reprise_ui_test_find_item (RepriseUiTest *test, const char *name);

G_END_DECLS
