/* reprise-cli-schedule.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "reprise-cli.h"

G_BEGIN_DECLS

typedef enum
{
  REPRISE_CLI_SCHEDULE_SET, /* or only shown, where there is nothing to set */
  REPRISE_CLI_SCHEDULE_OFF,
  REPRISE_CLI_SCHEDULE_PAUSE,
  REPRISE_CLI_SCHEDULE_RESUME,
} RepriseCliScheduleChange;

RepriseExit reprise_cli_own_schedule (RepriseCli *cli,
                                      RepriseService *service,
                                      char **pairs,
                                      RepriseCliScheduleChange what,
                                      GError **error);

G_END_DECLS
