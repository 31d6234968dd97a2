/* reprise-milvus-local.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "provider/reprise-provider-base.h"
#include "providers/milvus/reprise-milvus-local-state.h"

G_BEGIN_DECLS

/**
 * RepriseMilvusLocal:
 *
 * That a backup server of this computer runs, for as long as this is held. Whoever needs one first starts it, and whoever leaves last
 * stops it, over all processes of the user, once it is at no backup or restore any more; a server that somebody else started is used, and
 * never stopped. What a crash left running is taken over. Blocking, but for leaving: for workers.
 */
typedef struct _RepriseMilvusLocal RepriseMilvusLocal;

gboolean reprise_milvus_local_is_wanted (RepriseProviderBase *provider);
RepriseMilvusLocal *reprise_milvus_local_use (RepriseProviderBase *provider,
                                              GCancellable *cancellable,
                                              GError **error);
void reprise_milvus_local_leave (RepriseMilvusLocal *self);
const char *reprise_milvus_local_get_program (RepriseMilvusLocal *self);
gboolean reprise_milvus_local_is_started (RepriseMilvusLocal *self);
gboolean reprise_milvus_local_is_ours (RepriseMilvusLocal *self);
void reprise_milvus_local_add_work (RepriseMilvusLocal *self, const char *what, const char *id);
void reprise_milvus_local_remove_work (RepriseMilvusLocal *self, const char *id);

char *reprise_milvus_local_read_version (const char *program);

G_END_DECLS
