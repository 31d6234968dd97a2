/* reprise-milvus-kind.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "provider/reprise-kind.h"

G_BEGIN_DECLS

/**
 * RepriseMilvusKind:
 *
 * Milvus, backed up through the server of Milvus Backup.
 */
#define REPRISE_TYPE_MILVUS_KIND (reprise_milvus_kind_get_type ())

G_DECLARE_FINAL_TYPE (RepriseMilvusKind, reprise_milvus_kind, REPRISE, MILVUS_KIND, RepriseKind)

G_END_DECLS
