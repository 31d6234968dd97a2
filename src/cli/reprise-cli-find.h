/* reprise-cli-find.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "reprise-cli.h"

G_BEGIN_DECLS

RepriseBackup *reprise_cli_find_backup (RepriseCli *cli,
                                        const char *id_start,
                                        RepriseService **service,
                                        GError **error);
RepriseBackup *reprise_cli_find_backup_certainly (RepriseCli *cli,
                                                  const char *id_start,
                                                  RepriseService **service,
                                                  GError **error);
RepriseBackup *reprise_cli_find_backup_of (RepriseCli *cli,
                                           RepriseService *service,
                                           const char *id_start,
                                           GError **error);
RepriseArchive *reprise_cli_open_archive (RepriseCli *cli,
                                          RepriseService *service,
                                          const char *id_or_file,
                                          RepriseSecrets *secrets,
                                          GError **error);
RepriseArchive *reprise_cli_open_file (RepriseCli *cli, const char *path, GError **error);

G_END_DECLS
