/* reprise-ask.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

#include "job/reprise-job.h"

G_BEGIN_DECLS

/* Dialogs of jobs. @widget: any widget of the window that they belong to. */
AdwMessageDialog *reprise_ask_stop (GtkWidget *widget, RepriseJob *job);
AdwMessageDialog *reprise_ask_question (GtkWidget *widget, RepriseJob *job);

G_END_DECLS
