/* reprise-run-row.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

#include "job/reprise-run.h"

G_BEGIN_DECLS

/**
 * RepriseRunRow:
 *
 * A job of the past in a list: how it ended, when, how long it took, and what came of it. Property: `run` (nullable).
 */
#define REPRISE_TYPE_RUN_ROW (reprise_run_row_get_type ())

G_DECLARE_FINAL_TYPE (RepriseRunRow, reprise_run_row, REPRISE, RUN_ROW, AdwBin)

GtkWidget *reprise_run_row_new (void);
void reprise_run_row_set_run (RepriseRunRow *self, RepriseRun *run);
void reprise_run_row_name (RepriseRunRow *self, GtkWidget *list_row);

G_END_DECLS
