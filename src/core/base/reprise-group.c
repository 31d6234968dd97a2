/* reprise-group.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "base/reprise-group.h"

typedef struct
{
  const char *id;
  const char *title;
  const char *meaning;
  const char *examples;
} GroupText;

static const GroupText GROUPS[REPRISE_N_GROUPS] = {
  [REPRISE_GROUP_REQUIRED] = { "required", N_ ("Required"),
                               N_ ("Structure and settings without which the application does not "
                                   "start"),
                               N_ ("Versions and migrations, settings, definitions of collections, "
                                   "pages and workflows") },
  [REPRISE_GROUP_USER] = { "user", N_ ("Users"),
                           N_ ("Accounts, their roles and what belongs to a person"),
                           N_ ("Accounts, roles, sessions, keys that people made, attachments") },
  [REPRISE_GROUP_LOG] = { "log", N_ ("Logs"), N_ ("What the application wrote down about its work"),
                          N_ ("Audit trails, events, executions of workflows") },
  [REPRISE_GROUP_THIRD_PARTY] = { "third-party", N_ ("Third-Party Services"),
                                  N_ ("Connections to services of others"),
                                  N_ ("Sign-in providers, mail and storage accounts, map keys, "
                                      "tokens") },
  [REPRISE_GROUP_CUSTOM] = { "custom", N_ ("Custom Collections"),
                             N_ ("The data that people keep in the application"),
                             N_ ("Customers, orders, documents: whatever was created in the "
                                 "application") },
  [REPRISE_GROUP_UNKNOWN] = { "unknown", N_ ("Unknown"),
                              N_ ("Data that no rule assigns to a group"),
                              N_ ("Collections of plugins that do not say what they are") },
  [REPRISE_GROUP_SKIPPED] = { "skipped", N_ ("Skipped"), N_ ("Never backed up"),
                              N_ ("Caches, statistics and data that can be made again") },
};

/**
 * reprise_group_to_string:
 *
 * Returns: (transfer none): the name used in archives, on the command line and on the bus
 */
const char *
reprise_group_to_string (RepriseGroup group)
{
  g_return_val_if_fail (group < REPRISE_N_GROUPS, NULL);

  return GROUPS[group].id;
}

/**
 * reprise_group_from_string:
 * @id: a name as reprise_group_to_string() gives it
 * @group: (out): the group, set only on success
 *
 * Returns: whether there is a group of that name
 */
gboolean
reprise_group_from_string (const char *id, RepriseGroup *group)
{
  for (guint i = 0; i < REPRISE_N_GROUPS; i++)
    if (g_strcmp0 (id, GROUPS[i].id) == 0)
      {
        *group = (RepriseGroup) i;
        return TRUE;
      }
  return FALSE;
}

/* The words for people, translated: title (“Users”), meaning (one line) and examples (one line). */
const char *
reprise_group_get_title (RepriseGroup group)
{
  g_return_val_if_fail (group < REPRISE_N_GROUPS, NULL);

  return _ (GROUPS[group].title);
}

const char *
reprise_group_get_meaning (RepriseGroup group)
{
  g_return_val_if_fail (group < REPRISE_N_GROUPS, NULL);

  return _ (GROUPS[group].meaning);
}

const char *
reprise_group_get_examples (RepriseGroup group)
{
  g_return_val_if_fail (group < REPRISE_N_GROUPS, NULL);

  return _ (GROUPS[group].examples);
}

/* (transfer full): the names of the groups of the set, in their order */
char **
reprise_groups_to_strv (RepriseGroups groups)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  for (guint i = 0; i < REPRISE_N_GROUPS; i++)
    if (REPRISE_GROUPS_HAS (groups, i))
      g_strv_builder_add (builder, GROUPS[i].id);
  return g_strv_builder_end (builder);
}

/**
 * reprise_groups_from_strv:
 * @ids: (nullable): names of groups; %NULL or empty is the empty set
 * @groups: (out): the set
 *
 * Returns: whether all names are known; else %REPRISE_ERROR_INVALID names the wrong one and the right ones
 */
gboolean
reprise_groups_from_strv (const char *const *ids, RepriseGroups *groups, GError **error)
{
  RepriseGroups set = REPRISE_GROUPS_NONE;
  RepriseGroup group;

  for (guint i = 0; ids != NULL && ids[i] != NULL; i++)
    {
      if (!reprise_group_from_string (ids[i], &group))
        {
          reprise_error_set (
            error, REPRISE_ERROR, REPRISE_ERROR_INVALID,
            _ ("There is no data group “%s”: the groups are required, user, log, third-party, "
               "custom and unknown"),
            ids[i]);
          return FALSE;
        }
      set |= REPRISE_GROUP_BIT (group);
    }
  *groups = set;
  return TRUE;
}

/* (transfer full): the titles of the groups of the set, for people: “Required, Users” */
char *
reprise_groups_to_text (RepriseGroups groups)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) titles = NULL;

  for (guint i = 0; i < REPRISE_N_GROUPS; i++)
    if (REPRISE_GROUPS_HAS (groups, i))
      g_strv_builder_add (builder, reprise_group_get_title ((RepriseGroup) i));
  titles = g_strv_builder_end (builder);
  /* Translators: between the names of data groups in a list */
  return g_strjoinv (_ (", "), titles);
}
