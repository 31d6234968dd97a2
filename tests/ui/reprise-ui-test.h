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
gboolean reprise_ui_test_shows (GtkWidget *top, const char *label);
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

void reprise_ui_test_set_up (RepriseUiTest *test, gconstpointer data);
void reprise_ui_test_show (RepriseUiTest *test);
void reprise_ui_test_tear_down (RepriseUiTest *test, gconstpointer data);
RepriseService *reprise_ui_test_add_service (RepriseUiTest *test,
                                             const char *name,
                                             const char *key,
                                             const char *value);
RepriseServiceItem *reprise_ui_test_find_item (RepriseUiTest *test, const char *name);
RepriseJob *reprise_ui_test_submit (RepriseUiTest *test,
                                    RepriseServiceItem *item,
                                    RepriseJobKind kind,
                                    const char *backup_id);
void reprise_ui_test_run (RepriseUiTest *test,
                          RepriseServiceItem *item,
                          RepriseJobKind kind,
                          const char *backup_id);
guint reprise_ui_test_count_backups (RepriseServiceItem *item);

#define REPRISE_UI_TEST_ADD(path, data, func) \
  g_test_add (path, RepriseUiTest, data, reprise_ui_test_set_up, func, reprise_ui_test_tear_down)

G_END_DECLS
