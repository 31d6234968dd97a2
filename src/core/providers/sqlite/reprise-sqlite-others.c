/* reprise-sqlite-others.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "providers/sqlite/reprise-sqlite-filing-private.h"
#include "providers/sqlite/reprise-sqlite-others-private.h"
#include "providers/sqlite/reprise-sqlite-source-private.h"
#include "providers/sqlite/reprise-sqlite-target-private.h"

static gboolean
is_target (GPtrArray *targets, const RepriseSqliteDatabase *database)
{
  for (guint i = 0; i < targets->len; i++)
    {
      const RepriseSqliteTarget *target = g_ptr_array_index (targets, i);

      if (target->exists && g_str_equal (target->path, database->path))
        return TRUE;
    }
  return FALSE;
}

static gboolean
is_restored (const RepriseSqliteManifest *manifest, RepriseGroups groups, const char *folder)
{
  for (guint group = 0; group < REPRISE_N_GROUPS; group++)
    {
      g_autoptr (GPtrArray) folders = reprise_sqlite_filing_find (manifest, (RepriseGroup) group);

      for (guint i = 0; REPRISE_GROUPS_HAS (groups, group) && i < folders->len; i++)
        if (g_str_equal (((RepriseSqliteSaved *) g_ptr_array_index (folders, i))->name, folder))
          return TRUE;
    }
  return FALSE;
}

static void
add_rows (ReprisePlan *plan, RepriseContents *contents)
{
  for (guint group = 0; group < REPRISE_N_GROUPS; group++)
    {
      GListModel *members =
        G_LIST_MODEL (reprise_contents_get_group (contents, (RepriseGroup) group));

      for (guint i = 0; members != NULL && i < g_list_model_get_n_items (members); i++)
        {
          g_autoptr (RepriseCollection) collection = g_list_model_get_item (members, i);

          reprise_plan_add_row (plan, (RepriseGroup) group,
                                reprise_collection_get_name (collection),
                                reprise_collection_get_rows (collection), REPRISE_NOT_REPORTED,
                                REPRISE_PLAN_LEFT_ALONE, NULL);
        }
    }
}

/**
 * reprise_sqlite_others_add:
 * @groups: of the archive, those that are restored
 * @targets: (element-type RepriseSqliteTarget): the databases that change
 *
 * Adds to a plan the other databases and folders of the application, which a restore leaves alone: with them a group has as many
 * records now as the service's list of groups says. What cannot be read is left alone too, and is not counted.
 */
void
reprise_sqlite_others_add (ReprisePlan *plan,
                           const RepriseSqliteSource *source,
                           const RepriseSqliteRules *rules,
                           const RepriseSqliteManifest *manifest,
                           RepriseGroups groups,
                           GPtrArray *targets,
                           GCancellable *cancellable)
{
  g_autoptr (RepriseContents) contents = reprise_contents_new ();
  const char *const *folders = reprise_sqlite_source_get_folders (source);

  for (guint i = 0; i < reprise_sqlite_source_get_n_databases (source); i++)
    {
      const RepriseSqliteDatabase *database = reprise_sqlite_source_get_database (source, i);

      if (!is_target (targets, database))
        reprise_sqlite_source_list_database (source, rules, database, contents, cancellable, NULL);
    }
  for (guint i = 0; folders[i] != NULL; i++)
    if (!is_restored (manifest, groups, folders[i]))
      reprise_sqlite_source_list_folder (source, rules, folders[i], contents, cancellable, NULL);
  add_rows (plan, contents);
}
