/* reprise-cli-import.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "reprise-cli.h"

G_BEGIN_DECLS

RepriseExit reprise_cli_import_file (RepriseCli *cli,
                                     RepriseService *service,
                                     const char *file,
                                     const char *database,
                                     const char *text,
                                     GError **error);

G_END_DECLS
