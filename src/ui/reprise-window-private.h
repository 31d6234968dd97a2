/* reprise-window-private.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "reprise-backups-page.h"
#include "reprise-databases-page.h"
#include "reprise-error-bar.h"
#include "reprise-history-page.h"
#include "reprise-job-bar.h"
#include "reprise-jobs-button.h"
#include "reprise-overview-page.h"
#include "reprise-session.h"
#include "reprise-window.h"

G_BEGIN_DECLS

struct _RepriseWindow
{
  AdwApplicationWindow parent_instance;

  AdwToastOverlay *toast_overlay;
  GtkRevealer *drop_revealer;
  GtkStack *stack;
  RepriseErrorBar *first_error_bar;
  GtkButton *open_button;
  RepriseErrorBar *error_bar;
  AdwLeaflet *leaflet;
  GtkWidget *sidebar;
  GtkWidget *content;
  GtkToggleButton *search_button;
  GtkSearchBar *search_bar;
  GtkSearchEntry *search_entry;
  GtkListBox *list;
  AdwViewSwitcherTitle *switcher;
  RepriseJobsButton *jobs_button;
  GtkMenuButton *menu_button;
  RepriseJobBar *job_bar;
  AdwViewStack *pages;
  RepriseOverviewPage *overview_page;
  AdwViewStackPage *databases_stack_page;
  RepriseDatabasesPage *databases_page;
  RepriseBackupsPage *backups_page;
  RepriseHistoryPage *history_page;

  RepriseSession *session;  /* (owned) */
  GSettings *settings;      /* (owned) (nullable): no schema installed */
  RepriseServiceItem *item; /* (owned) (nullable): the one that is shown */
  GtkSortListModel *sorted; /* (owned): those that need attention first */
  GtkCustomFilter *filter;  /* owned by the model below @sorted */
  GtkCustomSorter *sorter;  /* owned by @sorted */
  char *needle;             /* (owned) (nullable): casefolded */
  guint sort_id;
};

void reprise_window_install_actions (GtkWidgetClass *widget_class);
void reprise_window_update_actions (RepriseWindow *self);
void reprise_window_show_error (RepriseWindow *self, const char *title, const GError *error);

G_END_DECLS
