/* reprise-cli-sign-in.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "reprise-cli.h"

G_BEGIN_DECLS

gboolean reprise_cli_needs_person (RepriseKind *kind, RepriseService *service);
gboolean reprise_cli_sign_in (RepriseCli *cli,
                              RepriseService *service,
                              RepriseSecrets *secrets,
                              RepriseSignInWays way,
                              GError **error);

G_END_DECLS
