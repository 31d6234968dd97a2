/* reprise-cli-groups.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "reprise-cli.h"

G_BEGIN_DECLS

RepriseContents *reprise_cli_list_groups (RepriseCli *cli, RepriseService *service, GError **error);

G_END_DECLS
