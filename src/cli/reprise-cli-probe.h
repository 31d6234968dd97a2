/* reprise-cli-probe.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "reprise-cli.h"

G_BEGIN_DECLS

RepriseExit reprise_cli_probe (RepriseCli *cli, RepriseService *service, GError **error);

G_END_DECLS
