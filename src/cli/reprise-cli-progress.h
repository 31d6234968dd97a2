/* reprise-cli-progress.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "job/reprise-job.h"
#include "reprise-cli.h"

G_BEGIN_DECLS

/**
 * RepriseCliProgress:
 *
 * Shows on standard error how far something is: a bar on a terminal, a line for each phase elsewhere, or JSON lines.
 */
typedef struct _RepriseCliProgress RepriseCliProgress;

RepriseCliProgress *reprise_cli_progress_new_for_job (RepriseCli *cli, RepriseJob *job);
RepriseCliProgress *reprise_cli_progress_new_for_work (RepriseCli *cli,
                                                       RepriseJobKind kind,
                                                       RepriseProgress *progress);
void reprise_cli_progress_free (RepriseCliProgress *self);
void reprise_cli_progress_hide (RepriseCliProgress *self);
void reprise_cli_progress_end (RepriseCliProgress *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RepriseCliProgress, reprise_cli_progress_free)

G_END_DECLS
