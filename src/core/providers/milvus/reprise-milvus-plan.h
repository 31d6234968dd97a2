/* reprise-milvus-plan.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "provider/reprise-plan.h"
#include "providers/milvus/reprise-milvus-target.h"

G_BEGIN_DECLS

/* Member of the provider's part of a safety copy that stays on the service: its name there */
#define REPRISE_MILVUS_MEMBER_REFERENCE "kept_on_service"

/**
 * RepriseMilvusGoal:
 * @from: complete name in the backup
 * @to: complete name on the target
 * @rows: in the backup, deleted ones included, or %REPRISE_NOT_REPORTED
 * @has_deletes: a count will say less than @rows
 * @metric: (nullable): of its first index of vectors
 * @exists: whether Milvus has @to now
 * @now: its rows, or %REPRISE_NOT_REPORTED
 *
 * One collection of a restore.
 */
typedef struct
{
  char *from;
  char *to;
  gint64 rows;
  gboolean has_deletes;
  char *metric;
  gboolean exists;
  gint64 now;
} RepriseMilvusGoal;

void reprise_milvus_goal_free (RepriseMilvusGoal *self);

char *reprise_milvus_plan_dup_name (RepriseArchive *archive, GError **error);
GPtrArray *reprise_milvus_plan_list_goals (RepriseMilvusTarget *target,
                                           RepriseArchive *archive,
                                           GHashTable *options,
                                           GCancellable *cancellable,
                                           GError **error);
gboolean reprise_milvus_plan_look (RepriseMilvusTarget *target,
                                   GPtrArray *goals,
                                   GCancellable *cancellable,
                                   GError **error);
void reprise_milvus_plan_cover (ReprisePlan *plan, GPtrArray *goals);
gboolean reprise_milvus_plan_check_covered (ReprisePlan *plan, GPtrArray *goals, GError **error);
gboolean reprise_milvus_plan_is_true (GHashTable *options, const char *key, gboolean fallback);
const char *reprise_milvus_plan_get (GHashTable *options, const char *key, const char *fallback);
const char *reprise_milvus_plan_get_reference (RepriseArchive *archive);
ReprisePlan *reprise_milvus_plan_new (RepriseMilvusTarget *target,
                                      RepriseArchive *archive,
                                      RepriseGroups groups,
                                      GHashTable *options,
                                      GCancellable *cancellable,
                                      GError **error);

G_END_DECLS
