/* reprise-milvus-follow.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "base/reprise-progress.h"
#include "providers/milvus/reprise-milvus-client.h"

G_BEGIN_DECLS

/**
 * RepriseMilvusPace:
 * @first_ms: between two questions at first
 * @later_ms: between two questions after @hurry_ms
 * @stuck_ms: what has not begun after so long will not begin
 * @idle_ms: what has not moved for so long is given up
 * @load_ms: until a collection must be loaded
 * @losses: so many questions in a row may stay without an answer
 *
 * How patient it is.
 */
typedef struct
{
  guint first_ms;
  guint later_ms;
  guint hurry_ms;
  guint stuck_ms;
  guint idle_ms;
  guint load_ms;
  guint losses;
} RepriseMilvusPace;

extern const RepriseMilvusPace REPRISE_MILVUS_PACE;

gboolean reprise_milvus_is_listed (GPtrArray *list, const char *name);
RepriseMilvusBackup *reprise_milvus_follow_backup (RepriseMilvusClient *client,
                                                   const char *name,
                                                   const RepriseMilvusPace *pace,
                                                   RepriseProgress *progress,
                                                   GCancellable *cancellable,
                                                   GError **error);
RepriseMilvusRestore *reprise_milvus_follow_restore (RepriseMilvusClient *client,
                                                     const char *id,
                                                     const RepriseMilvusPace *pace,
                                                     RepriseProgress *progress,
                                                     GCancellable *cancellable,
                                                     GError **error);

G_END_DECLS
