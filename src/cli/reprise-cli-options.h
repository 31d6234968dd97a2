/* reprise-cli-options.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "reprise-cli.h"

G_BEGIN_DECLS

/* the words of the command line */
const RepriseCliCommand *reprise_cli_find_command (char **words, guint *n_words, GError **error);
char **reprise_cli_parse (RepriseCli *cli, char **words, GError **error);
void reprise_cli_print_help (const char *first);
void reprise_cli_print_usage (const RepriseCliCommand *command);
void reprise_cli_set_usage_error (GError **error, const char *format, ...) G_GNUC_PRINTF (2, 3);

/* what the words mean */
gboolean reprise_cli_check_text (const char *text, GError **error);
gboolean reprise_cli_is_file (const char *argument);
RepriseService *reprise_cli_find_service (RepriseCli *cli, const char *name, GError **error);
RepriseKind *reprise_cli_find_kind (RepriseCli *cli, RepriseService *service, GError **error);
RepriseKind *reprise_cli_take_kind (RepriseCli *cli, const char *id, GError **error);
GHashTable *reprise_cli_take_settings (const RepriseSetting *settings,
                                       const char *option,
                                       char **pairs,
                                       GError **error);
gboolean reprise_cli_check_required (const RepriseSetting *all,
                                     const char *option,
                                     GHashTable *values,
                                     GError **error);

/* secrets */
void reprise_cli_warn_of_stage (RepriseCli *cli, RepriseService *service);
RepriseSecrets *reprise_cli_new_secrets (RepriseCli *cli, RepriseService *service, GError **error);
RepriseSecretValue *reprise_cli_get_archive_password (RepriseCli *cli);

G_END_DECLS
