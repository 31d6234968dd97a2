/* reprise-restore-window.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "job/reprise-agent-client.h"
#include "provider/reprise-context.h"
#include "reprise-step-window.h"

G_BEGIN_DECLS

/**
 * RepriseRestoreWindow:
 *
 * A restore in four steps: source, groups, where, and the review of what it would do; then the consent, and the agent does it.
 * What is known already is chosen: any of @service, @backup and @path may be %NULL.
 */
#define REPRISE_TYPE_RESTORE_WINDOW (reprise_restore_window_get_type ())

G_DECLARE_FINAL_TYPE (RepriseRestoreWindow,
                      reprise_restore_window,
                      REPRISE,
                      RESTORE_WINDOW,
                      RepriseStepWindow)

RepriseRestoreWindow *reprise_restore_window_new (GtkWindow *parent,
                                                  RepriseContext *context,
                                                  RepriseAgentClient *agent,
                                                  RepriseService *service,
                                                  RepriseBackup *backup,
                                                  const char *path);
RepriseRestoreWindow *reprise_restore_window_new_for_collection (GtkWindow *parent,
                                                                 RepriseContext *context,
                                                                 RepriseAgentClient *agent,
                                                                 RepriseService *service,
                                                                 const char *collection);
RepriseRestoreWindow *reprise_restore_window_new_for_document (GtkWindow *parent,
                                                               RepriseContext *context,
                                                               RepriseAgentClient *agent,
                                                               RepriseService *service,
                                                               const char *database,
                                                               const char *document,
                                                               const RepriseVersion *version);

G_END_DECLS
