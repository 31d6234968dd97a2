/* reprise-report-window.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/**
 * RepriseReportWindow:
 *
 * A text to give to somebody else, shown in full before it leaves: Copy, or Save As…
 */
#define REPRISE_TYPE_REPORT_WINDOW (reprise_report_window_get_type ())

G_DECLARE_FINAL_TYPE (RepriseReportWindow, reprise_report_window, REPRISE, REPORT_WINDOW, AdwWindow)

GtkWindow *reprise_report_window_new (GtkWidget *parent, const char *file_name, const char *text);

G_END_DECLS
