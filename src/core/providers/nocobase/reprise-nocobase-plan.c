/* reprise-nocobase-plan.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <inttypes.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-strv.h"
#include "providers/nocobase/reprise-nocobase-backup.h"
#include "providers/nocobase/reprise-nocobase-dump.h"
#include "providers/nocobase/reprise-nocobase-plan-private.h"

static void
planner_clear (RepriseNocobasePlanner *self)
{
  g_clear_object (&self->inside);
  g_clear_object (&self->now);
  g_clear_pointer (&self->defined, g_hash_table_unref);
  g_string_free (self->inherits, TRUE);
  g_string_free (self->views, TRUE);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (RepriseNocobasePlanner, planner_clear)

static gint64
count_now (RepriseNocobasePlanner *self, const char *collection)
{
  RepriseCollection *there =
    self->now != NULL ? reprise_contents_find (self->now, collection, NULL) : NULL;

  return there != NULL ? reprise_collection_get_rows (there) : REPRISE_NOT_REPORTED;
}

static void
add_row (RepriseNocobasePlanner *self,
         RepriseGroup group,
         RepriseCollection *collection,
         gboolean absent)
{
  const char *name = reprise_collection_get_name (collection);
  gint64 rows = reprise_collection_get_rows (collection), now = count_now (self, name);
  g_autofree char *text = NULL;

  if (absent || !REPRISE_GROUPS_HAS (reprise_plan_get_groups (self->plan), group))
    {
      reprise_plan_add_row (self->plan, group, name, now, rows, REPRISE_PLAN_LEFT_ALONE,
                            reprise_collection_get_reason (collection));
      return;
    }
  if (now > rows && rows >= 0)
    text = g_strdup_printf (ngettext ("%" PRId64 " row fewer than now",
                                      "%" PRId64 " rows fewer than now", (gulong) (now - rows)),
                            now - rows);
  reprise_plan_add_row (self->plan, group, name, now, rows,
                        self->now != NULL && reprise_contents_find (self->now, name, NULL) == NULL
                          ? REPRISE_PLAN_CREATED
                          : REPRISE_PLAN_REPLACED,
                        text);
}

static void
add_rows (RepriseNocobasePlanner *self)
{
  RepriseContents *contents = reprise_archive_get_contents (self->inside);
  g_auto (GStrv) absent =
    reprise_nocobase_planner_get_lines (self->inside, REPRISE_NOCOBASE_DATA_ABSENT);

  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (contents)); i++)
    {
      g_autoptr (RepriseDataGroup) group = g_list_model_get_item (G_LIST_MODEL (contents), i);

      for (guint j = 0; j < g_list_model_get_n_items (G_LIST_MODEL (group)); j++)
        {
          g_autoptr (RepriseCollection) collection =
            g_list_model_get_item (G_LIST_MODEL (group), j);

          add_row (self, reprise_data_group_get_group (group), collection,
                   g_strv_contains ((const char *const *) absent,
                                    reprise_collection_get_name (collection)));
        }
    }
}

/* Collections of users that the backup does not know: where all is replaced, they go; else nobody sees them any more. */
static void
add_newer_collections (RepriseNocobasePlanner *self)
{
  RepriseDataGroup *custom =
    self->now != NULL ? reprise_contents_get_group (self->now, REPRISE_GROUP_CUSTOM) : NULL;
  g_auto (GStrv) defined =
    reprise_nocobase_planner_get_lines (self->inside, REPRISE_NOCOBASE_DATA_DEFINED);
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *text = NULL;

  if (self->old && reprise_archive_get_data (self->inside, REPRISE_NOCOBASE_DATA_DEFINED) == NULL)
    return;
  for (guint i = 0; custom != NULL && i < g_list_model_get_n_items (G_LIST_MODEL (custom)); i++)
    {
      g_autoptr (RepriseCollection) collection = g_list_model_get_item (G_LIST_MODEL (custom), i);
      const char *name = reprise_collection_get_name (collection);

      if (!g_hash_table_contains (self->defined, name) ||
          reprise_contents_find (reprise_archive_get_contents (self->inside), name, NULL) != NULL ||
          g_strv_contains ((const char *const *) defined, name))
        continue;
      reprise_plan_add_row (
        self->plan, REPRISE_GROUP_CUSTOM, name, reprise_collection_get_rows (collection),
        REPRISE_NOT_REPORTED, REPRISE_PLAN_REMOVED,
        self->old ? _ ("Its table stays in the database, but its definition goes") : NULL);
      g_ptr_array_add (names, g_strdup (name));
    }
  if (names->len == 0)
    return;
  text = reprise_strv_join_some (names, REPRISE_NOCOBASE_MAX_NAMES);
  if (self->old)
    reprise_plan_add_loss (
      self->plan, _ ("Collections that the backup does not know can no longer be seen: %s."), text);
  else
    reprise_plan_add_loss (self->plan,
                           _ ("Collections that the backup does not know are removed: %s."), text);
}

static void
add_losses_of_dump (RepriseNocobasePlanner *self)
{
  RepriseGroups groups = reprise_plan_get_groups (self->plan);
  RepriseManifest *manifest = reprise_archive_get_manifest (self->archive);
  const char *views = reprise_archive_get_data (self->inside, REPRISE_NOCOBASE_DATA_VIEWS);
  RepriseCollection *attachments =
    reprise_contents_find (reprise_archive_get_contents (self->inside), "attachments", NULL);
  gboolean same = manifest != NULL &&
                  g_strcmp0 (reprise_manifest_get_identity (manifest),
                             reprise_nocobase_client_get_identity (self->target->client)) == 0;

  if (self->views->len > 0 || (views != NULL && *views != '\0'))
    reprise_plan_add_loss (self->plan, "%s",
                           _ ("Database views are lost with the tables that they show: NocoBase "
                              "does not bring them back."));
  if (REPRISE_GROUPS_HAS (groups, REPRISE_GROUP_USER) && attachments != NULL &&
      reprise_collection_get_rows (attachments) > 0)
    {
      if (same)
        reprise_plan_add_loss (
          self->plan, "%s",
          _ (
            "Attachments come back as a list only: files that were removed since then stay away."));
      else
        reprise_plan_add_loss (self->plan, "%s",
                               _ ("Attachments come as a list only: their files are not in the "
                                  "archive, and are dead links "
                                  "where the server does not have them."));
    }
  if (REPRISE_GROUPS_HAS (groups, REPRISE_GROUP_CUSTOM) &&
      !REPRISE_GROUPS_HAS (groups, REPRISE_GROUP_USER))
    reprise_plan_add_loss (
      self->plan, "%s", _ ("Users are not restored: records may name authors that are not there."));
}

static void
add_losses (RepriseNocobasePlanner *self)
{
  if (self->old)
    add_losses_of_dump (self);
  else
    reprise_plan_add_loss (
      self->plan, "%s",
      _ ("Everything that changed since the backup was made is lost, in all groups."));
  if (REPRISE_GROUPS_HAS (reprise_plan_get_groups (self->plan), REPRISE_GROUP_USER))
    reprise_plan_add_loss (
      self->plan, "%s",
      _ (
        "Accounts, passwords and API keys become those of the backup: you may have to sign in with "
        "them."));
}

static void
add_steps (RepriseNocobasePlanner *self)
{
  RepriseBackup *backup = reprise_archive_get_backup (self->archive);
  gboolean on_server = backup != NULL && !reprise_backup_get_in_vault (backup);

  if (self->old && !on_server)
    reprise_plan_add_step (self->plan, "POST backupFiles:upload");
  if (self->old)
    reprise_plan_add_step (self->plan, "POST backupFiles:restore");
  else
    reprise_plan_add_step (self->plan, on_server ? "POST backups:restore" : "POST backups:upload");
}

/* What is there now. Without a plugin that tells there is nothing to compare, and the plan is refused anyway. */
static gboolean
look_at_server (RepriseNocobasePlanner *self,
                RepriseProgress *progress,
                GCancellable *cancellable,
                GError **error)
{
  if (reprise_plan_is_refused (self->plan))
    return TRUE;
  self->now = reprise_nocobase_backup_list_groups (self->target, self->inherits, self->views,
                                                   progress, cancellable, error);
  if (self->now == NULL)
    return FALSE;
  self->defined = reprise_nocobase_backup_list_defined (self->target, cancellable, error);
  return self->defined != NULL;
}

/* @groups: what was asked for */
static gboolean
make (RepriseNocobasePlanner *self,
      RepriseGroups groups,
      RepriseSecrets *secrets,
      RepriseProgress *progress,
      GCancellable *cancellable,
      GError **error)
{
  if (!reprise_nocobase_planner_check (self, groups, secrets, progress, cancellable, error))
    return FALSE;
  if (!reprise_nocobase_planner_is_readable (self))
    return TRUE; /* and was refused */
  if (!look_at_server (self, progress, cancellable, error))
    return FALSE;
  if (self->old)
    reprise_nocobase_planner_check_children (self);
  add_rows (self);
  add_newer_collections (self);
  reprise_plan_add_group_rows (self->plan);
  add_losses (self);
  add_steps (self);
  return TRUE;
}

/**
 * reprise_nocobase_plan_new:
 * @target: looked at
 *
 * What a restore of @archive into @target would do. It only reads.
 *
 * Returns: (transfer full): the plan, or %NULL with @error
 */
ReprisePlan *
reprise_nocobase_plan_new (RepriseNocobaseTarget *target,
                           RepriseArchive *archive,
                           RepriseGroups groups,
                           GHashTable *options,
                           RepriseSecrets *secrets,
                           RepriseProgress *progress,
                           GCancellable *cancellable,
                           GError **error)
{
  g_autoptr (ReprisePlan) plan = reprise_plan_new (archive, groups, options);
  g_auto (RepriseNocobasePlanner) self = { .target = target, .plan = plan, .archive = archive };
  g_autofree char *place = reprise_nocobase_target_describe (target);

  self.inherits = g_string_new (NULL);
  self.views = g_string_new (NULL);
  self.old = g_strcmp0 (reprise_archive_get_data (archive, REPRISE_NOCOBASE_DATA_PLUGIN),
                        REPRISE_NOCOBASE_PLUGIN_OLD) == 0;
  reprise_plan_set_target (plan, place);
  reprise_plan_set_overwrites (plan, TRUE);
  if (!make (&self, groups, secrets, progress, cancellable, error))
    return NULL;
  reprise_plan_set_safety_groups (plan, REPRISE_GROUPS_ALL);
  return g_steal_pointer (&plan);
}
