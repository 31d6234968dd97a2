/* reprise-runner.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "job/reprise-job.h"
#include "job/reprise-request.h"
#include "provider/reprise-context.h"

G_BEGIN_DECLS

/**
 * reprise_runner_create_job:
 * @secrets: (nullable): secrets that serve this process only, in front of the keyring
 *
 * Turns a request into the job that carries it out, not yet started. The same for a button, the command line and a schedule.
 *
 * Returns: (transfer full): the job, or %NULL with %REPRISE_ERROR_NOT_FOUND or %REPRISE_ERROR_INVALID
 */
RepriseJob *reprise_runner_create_job (RepriseContext *context,
                                       const RepriseRequest *request,
                                       RepriseSecrets *secrets,
                                       GError **error);

G_END_DECLS
