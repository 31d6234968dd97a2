/* reprise-plan.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "provider/reprise-archive.h"

G_BEGIN_DECLS

typedef enum
{
  REPRISE_CHECK_OK,
  REPRISE_CHECK_WARNING, /* may be gone on with */
  REPRISE_CHECK_REFUSED, /* the restore is not begun: exit code 5 */
} RepriseCheckResult;

const char *reprise_check_result_to_string (RepriseCheckResult result);

/**
 * RepriseCheck:
 * @id: for scripts and tests: “version”, “engine”, “space”, “plugin”, “sign-in”
 * @result: how it ended
 * @text: one sentence: “Version 1.7.2, the same as the backup's”
 * @help: (nullable): what to do, or what it means
 *
 * One thing looked at before anything is written.
 */
typedef struct
{
  char *id;
  RepriseCheckResult result;
  char *text;
  char *help;
} RepriseCheck;

typedef enum
{
  REPRISE_PLAN_LEFT_ALONE,
  REPRISE_PLAN_REPLACED,
  REPRISE_PLAN_CREATED,
  REPRISE_PLAN_MERGED,
  REPRISE_PLAN_REMOVED,
  REPRISE_PLAN_REFUSED,
} ReprisePlanAction;

const char *reprise_plan_action_to_string (ReprisePlanAction action);
const char *reprise_plan_action_get_text (ReprisePlanAction action);

/**
 * ReprisePlanRow:
 * @group: the group
 * @collection: (nullable): the collection, or %NULL for the row of the whole group
 * @now: rows on the service now, or %REPRISE_NOT_REPORTED
 * @backup: rows in the backup, or %REPRISE_NOT_REPORTED
 * @action: what becomes of it
 * @text: (nullable): more about the result: “5 newer accounts are lost”
 */
typedef struct
{
  RepriseGroup group;
  char *collection;
  gint64 now;
  gint64 backup;
  ReprisePlanAction action;
  char *text;
} ReprisePlanRow;

/**
 * ReprisePlan:
 *
 * What a restore would do, made without writing anything. Filled by a provider; afterwards only read.
 */
#define REPRISE_TYPE_PLAN (reprise_plan_get_type ())

G_DECLARE_FINAL_TYPE (ReprisePlan, reprise_plan, REPRISE, PLAN, GObject)

ReprisePlan *reprise_plan_new (RepriseArchive *archive, RepriseGroups groups, GHashTable *options);

RepriseArchive *reprise_plan_get_archive (ReprisePlan *self);
RepriseGroups reprise_plan_get_groups (ReprisePlan *self);
void reprise_plan_force_group (ReprisePlan *self, RepriseGroup group, const char *reason);
const char *reprise_plan_get_option (ReprisePlan *self, const char *key);
GHashTable *reprise_plan_get_options (ReprisePlan *self);

void reprise_plan_add_check (ReprisePlan *self,
                             const char *id,
                             RepriseCheckResult result,
                             const char *text,
                             const char *help);
guint reprise_plan_get_n_checks (ReprisePlan *self);
const RepriseCheck *reprise_plan_get_check (ReprisePlan *self, guint index);
gboolean reprise_plan_is_refused (ReprisePlan *self);
gboolean reprise_plan_check_refusal (ReprisePlan *self, GError **error);

void reprise_plan_add_row (ReprisePlan *self,
                           RepriseGroup group,
                           const char *collection,
                           gint64 now,
                           gint64 backup,
                           ReprisePlanAction action,
                           const char *text);
void reprise_plan_add_group_rows (ReprisePlan *self);
guint reprise_plan_get_n_rows (ReprisePlan *self);
const ReprisePlanRow *reprise_plan_get_row (ReprisePlan *self, guint index);

/* sentences about what is lost or does not come along */
void reprise_plan_add_loss (ReprisePlan *self, const char *format, ...) G_GNUC_PRINTF (2, 3);
char **reprise_plan_dup_losses (ReprisePlan *self);

/* where it goes: “production at https://…”, for the consent */
void reprise_plan_set_target (ReprisePlan *self, const char *target);
const char *reprise_plan_get_target (ReprisePlan *self);

/* whether something that exists is overwritten: then a safety copy and a consent are needed */
void reprise_plan_set_overwrites (ReprisePlan *self, gboolean overwrites);
gboolean reprise_plan_get_overwrites (ReprisePlan *self);
void reprise_plan_set_no_safety_copy (ReprisePlan *self, const char *reason);
const char *reprise_plan_get_no_safety_copy (ReprisePlan *self);
void reprise_plan_set_name_to_type (ReprisePlan *self, const char *name);
const char *reprise_plan_get_name_to_type (ReprisePlan *self);
void reprise_plan_set_safety_groups (ReprisePlan *self, RepriseGroups groups);
RepriseGroups reprise_plan_get_safety_groups (ReprisePlan *self);

/* each request or statement that will write, in order: “POST backupFiles:restore” */
void reprise_plan_add_step (ReprisePlan *self, const char *step);
char **reprise_plan_dup_steps (ReprisePlan *self);

G_END_DECLS
