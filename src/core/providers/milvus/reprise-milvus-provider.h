/* reprise-milvus-provider.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "provider/reprise-provider-base.h"
#include "providers/milvus/reprise-milvus-follow.h"

G_BEGIN_DECLS

/**
 * RepriseMilvusProvider:
 *
 * One Milvus: its backup server, and, where they are set, Milvus itself and the storage.
 */
#define REPRISE_TYPE_MILVUS_PROVIDER (reprise_milvus_provider_get_type ())

G_DECLARE_FINAL_TYPE (RepriseMilvusProvider,
                      reprise_milvus_provider,
                      REPRISE,
                      MILVUS_PROVIDER,
                      RepriseProviderBase)

void reprise_milvus_provider_set_pace (RepriseMilvusProvider *self, const RepriseMilvusPace *pace);

G_END_DECLS
