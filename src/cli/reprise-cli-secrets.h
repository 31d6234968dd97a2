/* reprise-cli-secrets.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "reprise-cli.h"

G_BEGIN_DECLS

gboolean reprise_cli_check_given (RepriseCli *cli, RepriseKind *kind, GError **error);
gboolean reprise_cli_ask_secrets (RepriseCli *cli, RepriseKind *kind, char **keys, GError **error);
gboolean reprise_cli_ask_missing (RepriseCli *cli,
                                  const RepriseSetting *all,
                                  GHashTable *settings,
                                  GError **error);
gboolean reprise_cli_describe_given (RepriseCli *cli, RepriseKind *kind, GError **error);
gboolean reprise_cli_lacks_secret (RepriseCli *cli, RepriseKind *kind, GHashTable *settings);
gboolean reprise_cli_store_secrets (RepriseCli *cli, RepriseService *service, GError **error);
gboolean reprise_cli_has_secrets (RepriseKind *kind);
gboolean reprise_cli_forget_secrets (RepriseCli *cli, RepriseService *service, GError **error);
char *reprise_cli_secret_state (RepriseCli *cli,
                                RepriseService *service,
                                const RepriseSetting *setting,
                                const char **id);

G_END_DECLS
