/* reprise-sas.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "secret/reprise-secret-value.h"

G_BEGIN_DECLS

/* what a signature must allow: the letters of “sp” */
#define REPRISE_SAS_FOR_BACKUPS "rwdl" /* of App Service, with their deletion */

/**
 * RepriseSas:
 * @endpoint: of the account's blobs, ending in “/”: “https://acct.blob.core.windows.net/”
 * @account: its name
 * @container: the container's name
 * @blob: (nullable): where it is for one blob only
 * @permissions: (nullable): the letters; %NULL where a policy of the container says them
 * @start: (nullable): from when it is good
 * @end: (nullable): until when; %NULL where a policy of the container says it
 * @version: (nullable): of the form
 * @https_only: whether it is refused over http
 * @addresses: (nullable): from where alone it is good
 * @reaches: whether it is for blobs in a container at all, and not only for queues or for the account itself
 * @token: the query, exactly as it was given: the secret
 *
 * A shared access signature: an address that lets whoever has it into a container. Everything but the token may be shown.
 */
typedef struct
{
  char *endpoint;
  char *account;
  char *container;
  char *blob;
  char *permissions;
  GDateTime *start;
  GDateTime *end;
  char *version;
  gboolean https_only;
  char *addresses;
  gboolean reaches;
  RepriseSecretValue *token;
} RepriseSas;

RepriseSas *reprise_sas_parse (const char *address, GError **error);
RepriseSas *reprise_sas_make (const char *endpoint,
                              const char *account,
                              const char *container,
                              RepriseSecretValue *key,
                              const char *permissions,
                              GDateTime *end,
                              GError **error);
RepriseSecretValue *reprise_sas_make_for_account (const char *account,
                                                  RepriseSecretValue *key,
                                                  const char *permissions,
                                                  gboolean secure,
                                                  GDateTime *end,
                                                  GError **error);
void reprise_sas_free (RepriseSas *self);

gboolean reprise_sas_may (const RepriseSas *self, const char *permissions);
gboolean reprise_sas_has_ended (const RepriseSas *self, GDateTime *now);
gboolean reprise_sas_check (const RepriseSas *self,
                            const char *permissions,
                            GDateTime *now,
                            GDateTime *needed_until,
                            GPtrArray *warnings,
                            GError **error);
char *reprise_sas_describe (const RepriseSas *self);
RepriseSecretValue *reprise_sas_dup_address (const RepriseSas *self);
GDateTime *reprise_sas_read_time (const char *text);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RepriseSas, reprise_sas_free)

G_END_DECLS
