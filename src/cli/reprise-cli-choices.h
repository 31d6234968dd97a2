/* reprise-cli-choices.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "reprise-cli.h"

G_BEGIN_DECLS

gboolean reprise_cli_print_choices (RepriseCli *cli,
                                    RepriseService *service,
                                    RepriseSecrets *secrets,
                                    const char *key,
                                    GError **error);
gboolean reprise_cli_lacks_choice (RepriseKind *kind, RepriseService *service);
gboolean reprise_cli_choose_missing (RepriseCli *cli,
                                     RepriseKind *kind,
                                     RepriseService *service,
                                     RepriseSecrets *secrets,
                                     GError **error);

G_END_DECLS
