/* reprise-back-up-window.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "job/reprise-agent-client.h"
#include "provider/reprise-context.h"
#include "reprise-step-window.h"

G_BEGIN_DECLS

/**
 * RepriseBackUpWindow:
 *
 * Which groups are backed up, with what each holds; then the agent does it and the window goes.
 */
#define REPRISE_TYPE_BACK_UP_WINDOW (reprise_back_up_window_get_type ())

G_DECLARE_FINAL_TYPE (RepriseBackUpWindow, reprise_back_up_window, REPRISE, BACK_UP_WINDOW, RepriseStepWindow)

RepriseBackUpWindow *reprise_back_up_window_new (GtkWindow *parent,
                                                 RepriseContext *context,
                                                 RepriseAgentClient *agent,
                                                 RepriseService *service);

G_END_DECLS
