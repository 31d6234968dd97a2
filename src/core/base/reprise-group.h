/* reprise-group.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/**
 * RepriseGroup:
 *
 * The seven data groups, the same for every kind of service, in the order in which they are shown.
 * %REPRISE_GROUP_SKIPPED is never backed up and only shown, with the reason.
 */
typedef enum
{
  REPRISE_GROUP_REQUIRED,
  REPRISE_GROUP_USER,
  REPRISE_GROUP_LOG,
  REPRISE_GROUP_THIRD_PARTY,
  REPRISE_GROUP_CUSTOM,
  REPRISE_GROUP_UNKNOWN,
  REPRISE_GROUP_SKIPPED,
} RepriseGroup;

#define REPRISE_N_GROUPS (REPRISE_GROUP_SKIPPED + 1)

/**
 * RepriseGroups:
 *
 * A set of groups: bit 1 << group. The set of all that can be backed up is %REPRISE_GROUPS_ALL.
 */
typedef guint RepriseGroups;

#define REPRISE_GROUPS_NONE      ((RepriseGroups) 0)
#define REPRISE_GROUPS_ALL       ((RepriseGroups) ((1u << REPRISE_GROUP_SKIPPED) - 1))
#define REPRISE_GROUP_BIT(g)     ((RepriseGroups) (1u << (g)))
#define REPRISE_GROUPS_HAS(s, g) (((s) &REPRISE_GROUP_BIT (g)) != 0)

const char *reprise_group_to_string (RepriseGroup group);
gboolean reprise_group_from_string (const char *id, RepriseGroup *group);
const char *reprise_group_get_title (RepriseGroup group);
const char *reprise_group_get_meaning (RepriseGroup group);
const char *reprise_group_get_examples (RepriseGroup group);

char **reprise_groups_to_strv (RepriseGroups groups);
gboolean reprise_groups_from_strv (const char *const *ids, RepriseGroups *groups, GError **error);
char *reprise_groups_to_text (RepriseGroups groups);

G_END_DECLS
