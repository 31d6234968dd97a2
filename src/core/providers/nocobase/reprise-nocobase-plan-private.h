/* reprise-nocobase-plan-private.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "providers/nocobase/reprise-nocobase-plan.h"

G_BEGIN_DECLS

/*
 * A restore by the old plugin drops tables one by one, and what goes wrong in the middle leaves the server broken until somebody
 * restarts it. So all that can be known is looked at before:
 *
 *   whose archive, whole? → which plugin, may it be called? → database, version, environment → plugins, types of fields
 *   → what inherits from what → rows now and then → what is lost
 */
typedef struct
{
  RepriseNocobaseTarget *target;
  ReprisePlan *plan;
  RepriseArchive *archive; /* what is to be restored, as it was given */
  RepriseArchive *inside;  /* (owned): the same, read row by row */
  gboolean old;            /* of the old plugin */
  RepriseContents *now;    /* (owned) (nullable): of the server */
  GString *inherits;       /* (owned): on the server */
  GString *views;          /* (owned): on the server */
  GHashTable *
    defined; /* (owned) (nullable) (element-type utf8): collections that users made on the server */
} RepriseNocobasePlanner;

#define REPRISE_NOCOBASE_MAX_NAMES 8 /* that a sentence lists */

char **reprise_nocobase_planner_get_lines (RepriseArchive *archive, const char *key);
void reprise_nocobase_planner_check_children (RepriseNocobasePlanner *self);
gboolean reprise_nocobase_planner_is_readable (RepriseNocobasePlanner *self);
gboolean reprise_nocobase_planner_check (RepriseNocobasePlanner *self,
                                         RepriseGroups groups,
                                         RepriseSecrets *secrets,
                                         RepriseProgress *progress,
                                         GCancellable *cancellable,
                                         GError **error);

G_END_DECLS
