/* reprise-cli-restore.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "job/reprise-request.h"
#include "reprise-cli.h"

G_BEGIN_DECLS

/**
 * RepriseCliSource:
 * @service: where it goes
 * @secrets: of the service
 * @archive: what is restored
 * @groups: of --group
 * @options: of --to
 *
 * What `plan` and `restore` work with.
 */
typedef struct
{
  RepriseService *service; /* (not owned) */
  RepriseSecrets *secrets;
  RepriseArchive *archive;
  RepriseGroups groups;
  GHashTable *options;
} RepriseCliSource;

gboolean reprise_cli_source_open (RepriseCliSource *self,
                                  RepriseCli *cli,
                                  char **args,
                                  char **groups,
                                  char **to,
                                  GError **error);
void reprise_cli_source_clear (RepriseCliSource *self);
ReprisePlan *reprise_cli_source_plan (RepriseCliSource *self, RepriseCli *cli, GError **error);
void reprise_cli_source_fill (RepriseCliSource *self, RepriseRequest *request);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (RepriseCliSource, reprise_cli_source_clear)

gboolean reprise_cli_consent (RepriseCli *cli,
                              RepriseService *service,
                              ReprisePlan *plan,
                              GError **error);
RepriseExit reprise_cli_carry_out (RepriseCli *cli,
                                   const RepriseRequest *request,
                                   RepriseSecrets *secrets,
                                   ReprisePlan *plan,
                                   GError **error);

G_END_DECLS
