/* reprise-cli-retention.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "reprise-cli.h"

G_BEGIN_DECLS

gboolean reprise_cli_check_retention (RepriseCli *cli, RepriseService *service, GError **error);
gboolean reprise_cli_check_roll_up (RepriseKind *kind, RepriseService *service, GError **error);

G_END_DECLS
