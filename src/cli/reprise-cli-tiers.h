/* reprise-cli-tiers.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "reprise-cli.h"

G_BEGIN_DECLS

RepriseExit reprise_cli_run_tiers (RepriseCli *cli,
                                   RepriseService *service,
                                   char **words,
                                   const char *database,
                                   gboolean reset,
                                   GError **error);

G_END_DECLS
