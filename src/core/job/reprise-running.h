/* reprise-running.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "job/reprise-run.h"

G_BEGIN_DECLS

/**
 * RepriseRunning:
 *
 * The mark of a job that runs: a small file of the state folder, locked by the process that runs it. A mark that nobody holds is
 * that of a job which was killed, or cut off by a power cut, and so never told how it ended. All calls block: for workers.
 */
typedef struct _RepriseRunning RepriseRunning;

RepriseRunning *reprise_running_begin (RepriseRun *run, GError **error);
void reprise_running_end (RepriseRunning *self);
GPtrArray *reprise_running_take_interrupted (void);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RepriseRunning, reprise_running_end)

G_END_DECLS
