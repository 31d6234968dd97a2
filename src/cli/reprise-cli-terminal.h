/* reprise-cli-terminal.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "reprise-cli.h"

G_BEGIN_DECLS

gboolean reprise_cli_is_attended (void);
char *reprise_cli_ask_line (RepriseCli *cli, const char *prompt, GError **error);
RepriseSecretValue *reprise_cli_ask_secret (RepriseCli *cli, const char *prompt, GError **error);
gboolean reprise_cli_confirm (RepriseCli *cli, const char *prompt, GError **error);
gboolean reprise_cli_confirm_name (RepriseCli *cli,
                                   const char *prompt,
                                   const char *name,
                                   GError **error);

G_END_DECLS
