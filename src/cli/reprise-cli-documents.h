/* reprise-cli-documents.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "reprise-cli.h"

G_BEGIN_DECLS

/**
 * RepriseCliDocuments:
 * @provider: of the service
 * @vault: with its backups
 * @collection: (nullable): what --collection said
 * @args: of the command
 * @warning: (nullable): why the service could not be asked
 * @found: (nullable): what the work brought
 * @work: is done on a worker, and fills @found
 *
 * What the commands about single documents share.
 */
typedef struct _RepriseCliDocuments RepriseCliDocuments;

struct _RepriseCliDocuments
{
  RepriseProvider *provider;
  RepriseVault *vault;
  const char *collection;
  char **args;
  char *warning;
  GPtrArray *found;
  GPtrArray *(*work) (RepriseCliDocuments *self, GCancellable *cancellable, GError **error);
};

GPtrArray *reprise_cli_run_documents (RepriseCli *cli,
                                      char **args,
                                      const char *collection,
                                      gboolean *warned,
                                      GPtrArray *(*work) (RepriseCliDocuments *,
                                                          GCancellable *,
                                                          GError **),
                                      GError **error);

G_END_DECLS
