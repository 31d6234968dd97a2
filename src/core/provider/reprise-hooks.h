/* reprise-hooks.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "job/reprise-job.h"
#include "secret/reprise-secrets.h"
#include "service/reprise-service.h"

G_BEGIN_DECLS

/* Settings of a service: a command before and after each backup, outside of a sandbox only. */
#define REPRISE_HOOK_SETTING_BEFORE "hook-before"
#define REPRISE_HOOK_SETTING_AFTER  "hook-after"

/* blocking: for workers */
gboolean reprise_hooks_run_before (RepriseService *service,
                                   RepriseProgress *progress,
                                   GCancellable *cancellable,
                                   GError **error);
void reprise_hooks_run_after (RepriseService *service,
                              RepriseSecrets *secrets,
                              RepriseJobState state,
                              const RepriseOutcome *outcome,
                              RepriseProgress *progress);

gboolean reprise_hooks_check_command (const char *command, GError **error);
const char *reprise_hooks_get_sandbox_reason (void);

G_END_DECLS
