/* reprise-milvus-configuration.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "provider/reprise-provider-base.h"

G_BEGIN_DECLS

/* backup.yaml, with which a backup server of this computer is started. Blocking: for workers. */

char *reprise_milvus_configuration_find (RepriseProviderBase *provider,
                                         const char *program,
                                         GError **error);
char *reprise_milvus_configuration_write (RepriseProviderBase *provider,
                                          GCancellable *cancellable,
                                          GError **error);

G_END_DECLS
