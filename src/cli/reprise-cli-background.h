/* reprise-cli-background.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "reprise-cli.h"

G_BEGIN_DECLS

void reprise_cli_print_background (RepriseCli *cli);

G_END_DECLS
