/* reprise-cli-probe.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "reprise-cli.h"

G_BEGIN_DECLS

RepriseProbe *reprise_cli_probe (RepriseCli *cli, RepriseService *service, GError **error);
RepriseExit reprise_cli_warn_of_probe (RepriseCli *cli, const RepriseProbe *probe);
RepriseExit reprise_cli_print_probe (RepriseCli *cli, RepriseService *service, GError **error);

G_END_DECLS
