/* reprise-cli-job.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "job/reprise-job.h"
#include "job/reprise-request.h"
#include "reprise-cli.h"

G_BEGIN_DECLS

RepriseJob *reprise_cli_run_job (RepriseCli *cli,
                                 const RepriseRequest *request,
                                 RepriseSecrets *secrets,
                                 GError **error);
RepriseExit reprise_cli_end_job (RepriseCli *cli, RepriseJob *job, GError **error);
RepriseExit reprise_cli_end_work (RepriseCli *cli, RepriseJob *job, GError **error);
RepriseExit reprise_cli_end_making (RepriseCli *cli, RepriseJob *job, GError **error);

G_END_DECLS
