/* reprise-milvus-goal.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "net/reprise-json.h"
#include "providers/milvus/reprise-milvus-name.h"
#include "providers/milvus/reprise-milvus-plan.h"
#include "providers/milvus/reprise-milvus-settings.h"
#include "providers/milvus/storage/reprise-milvus-archive.h"

void
reprise_milvus_goal_free (RepriseMilvusGoal *self)
{
  g_free (self->from);
  g_free (self->to);
  g_free (self->metric);
  g_free (self);
}

/* What an option says, or @fallback where it says nothing. */
const char *
reprise_milvus_plan_get (GHashTable *options, const char *key, const char *fallback)
{
  const char *value = options != NULL ? g_hash_table_lookup (options, key) : NULL;

  return value != NULL && *value != '\0' ? value : fallback;
}

gboolean
reprise_milvus_plan_is_true (GHashTable *options, const char *key, gboolean fallback)
{
  return g_str_equal (reprise_milvus_plan_get (options, key, fallback ? "true" : "false"), "true");
}

/* (nullable): the name on the service of a safety copy that could not be brought into the vault */
const char *
reprise_milvus_plan_get_reference (RepriseArchive *archive)
{
  RepriseManifest *manifest = reprise_archive_get_manifest (archive);

  return manifest != NULL ? reprise_json_get_string (reprise_manifest_get_provider (manifest),
                                                     REPRISE_MILVUS_MEMBER_REFERENCE, NULL)
                          : NULL;
}

/* (transfer full): how the backup server calls it, or will */
char *
reprise_milvus_plan_dup_name (RepriseArchive *archive, GError **error)
{
  const char *reference = reprise_milvus_plan_get_reference (archive);
  RepriseBackup *backup = reprise_archive_get_backup (archive);
  const char *own = backup != NULL ? reprise_backup_get_own_name (backup) : NULL;
  g_autoptr (RepriseMilvusMeta) meta = NULL;

  if (reference != NULL || own != NULL)
    return g_strdup (reference != NULL ? reference : own);
  meta = reprise_milvus_archive_read_meta (archive, NULL, error);
  return meta != NULL ? g_strdup (meta->name) : NULL;
}

/* (transfer full) (nullable): from the vault, a folder or the storage */
static RepriseMilvusMeta *
find_meta (RepriseMilvusTarget *target, RepriseArchive *archive, GCancellable *cancellable)
{
  const char *reference = reprise_milvus_plan_get_reference (archive);
  RepriseBackup *backup = reprise_archive_get_backup (archive);
  RepriseMilvusStorage *storage;

  if (reprise_archive_get_path (archive) != NULL && reference == NULL)
    return reprise_milvus_archive_read_meta (archive, cancellable, NULL);
  if (!reprise_milvus_target_has_storage (target))
    return NULL;
  storage = reprise_milvus_target_get_storage (target, cancellable, NULL);
  if (storage == NULL || (reference == NULL && backup == NULL))
    return NULL;
  return reprise_milvus_storage_read_meta (
    storage, reference != NULL ? reference : reprise_backup_get_own_name (backup), cancellable,
    NULL);
}

/* --- names on the target --- */

/* Whether @text is “films:movies shop.items:archive.items”; @renames: from complete name to complete name */
static gboolean
read_renames (const char *text, GHashTable *renames, GError **error)
{
  g_auto (GStrv) words = g_strsplit_set (text, ", \t\n", -1);

  for (guint i = 0; words[i] != NULL; i++)
    {
      g_auto (GStrv) pair = g_strsplit (words[i], ":", -1);
      g_autofree char *database = NULL;
      g_autofree char *collection = NULL;

      if (*words[i] == '\0')
        continue;
      if (g_strv_length (pair) != 2 || *pair[0] == '\0' || *pair[1] == '\0')
        {
          reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_INVALID,
                             _ ("“%s” does not say what is renamed to what: films:movies"),
                             words[i]);
          return FALSE;
        }
      reprise_milvus_name_split (pair[1], &database, &collection);
      if (!reprise_milvus_name_check_collection (database, error) ||
          !reprise_milvus_name_check_collection (collection, error))
        return FALSE;
      g_hash_table_insert (renames, reprise_milvus_name_complete (pair[0]),
                           reprise_milvus_name_complete (pair[1]));
    }
  return TRUE;
}

static char *
make_target_name (const char *from, GHashTable *renames, GHashTable *options)
{
  const char *renamed = g_hash_table_lookup (renames, from);
  const char *suffix = reprise_milvus_plan_get (options, REPRISE_MILVUS_OPTION_SUFFIX, "");
  const char *wanted = reprise_milvus_plan_get (options, REPRISE_MILVUS_OPTION_DATABASE, NULL);
  g_autofree char *database = NULL;
  g_autofree char *collection = NULL;
  g_autofree char *suffixed = NULL;

  if (renamed != NULL)
    return g_strdup (renamed);
  reprise_milvus_name_split (from, &database, &collection);
  suffixed = g_strconcat (collection, suffix, NULL);
  return reprise_milvus_name_join (wanted != NULL ? wanted : database, suffixed);
}

static gboolean
check_options (GHashTable *options, GError **error)
{
  const char *database = reprise_milvus_plan_get (options, REPRISE_MILVUS_OPTION_DATABASE, NULL);

  return reprise_milvus_name_check_suffix (
           reprise_milvus_plan_get (options, REPRISE_MILVUS_OPTION_SUFFIX, NULL), error) &&
         (database == NULL || reprise_milvus_name_check_collection (database, error));
}

/* --- what is in the backup --- */

static void
add_goal (GPtrArray *goals, const char *from, gint64 rows, RepriseMilvusMeta *meta)
{
  RepriseMilvusGoal *goal = g_new0 (RepriseMilvusGoal, 1);
  RepriseMilvusCollection *known = NULL;
  g_autofree char *database = NULL;
  g_autofree char *collection = NULL;

  reprise_milvus_name_split (from, &database, &collection);
  if (meta != NULL)
    known = reprise_milvus_meta_find (meta, database, collection);
  goal->from = g_strdup (from);
  goal->rows = known != NULL ? known->rows : rows;
  goal->has_deletes = known != NULL && known->has_deletes;
  goal->now = REPRISE_NOT_REPORTED;
  for (guint i = 0; known != NULL && i < known->indexes->len && goal->metric == NULL; i++)
    goal->metric = g_strdup (((RepriseMilvusIndex *) known->indexes->pdata[i])->metric);
  g_ptr_array_add (goals, goal);
}

static gboolean
is_wanted (GPtrArray *wanted, const char *name)
{
  return wanted->len == 0 || g_ptr_array_find_with_equal_func (wanted, name, g_str_equal, NULL);
}

static gboolean
has_goal (GPtrArray *goals, const char *from)
{
  for (guint i = 0; i < goals->len; i++)
    if (g_str_equal (((RepriseMilvusGoal *) goals->pdata[i])->from, from))
      return TRUE;
  return FALSE;
}

static void
add_contents (GPtrArray *goals, RepriseArchive *archive, GPtrArray *wanted, RepriseMilvusMeta *meta)
{
  RepriseContents *contents = reprise_archive_get_contents (archive);
  RepriseDataGroup *group =
    contents != NULL ? reprise_contents_get_group (contents, REPRISE_GROUP_CUSTOM) : NULL;
  guint n = group != NULL ? g_list_model_get_n_items (G_LIST_MODEL (group)) : 0;

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (RepriseCollection) each = g_list_model_get_item (G_LIST_MODEL (group), i);
      g_autofree char *from = reprise_milvus_name_complete (reprise_collection_get_name (each));

      if (is_wanted (wanted, from))
        add_goal (goals, from, reprise_collection_get_rows (each), meta);
    }
  if (n > 0)
    return;
  for (guint i = 0; i < wanted->len; i++) /* the contents are not known: take the names on trust */
    add_goal (goals, wanted->pdata[i], REPRISE_NOT_REPORTED, meta);
}

static gboolean
check_wanted (GPtrArray *goals, GPtrArray *wanted, GError **error)
{
  for (guint i = 0; i < wanted->len; i++)
    if (!has_goal (goals, wanted->pdata[i]))
      {
        g_autofree char *name = reprise_milvus_name_show (wanted->pdata[i]);

        reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_INVALID,
                           _ ("The backup holds no collection “%s”."), name);
        return FALSE;
      }
  return TRUE;
}

static gboolean
check_distinct (GPtrArray *goals, GError **error)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < goals->len; i++)
    {
      const RepriseMilvusGoal *goal = goals->pdata[i];

      if (!g_hash_table_add (seen, goal->to))
        {
          reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_INVALID,
                             _ ("Two collections would become “%s”: give them different names."),
                             goal->to);
          return FALSE;
        }
    }
  return TRUE;
}

/**
 * reprise_milvus_plan_list_goals:
 *
 * What is restored to which name, by the options.
 *
 * Returns: (transfer full) (element-type RepriseMilvusGoal): none where it is not known what is in the backup, and all is wanted
 */
GPtrArray *
reprise_milvus_plan_list_goals (RepriseMilvusTarget *target,
                                RepriseArchive *archive,
                                GHashTable *options,
                                GCancellable *cancellable,
                                GError **error)
{
  g_autoptr (GPtrArray) goals =
    g_ptr_array_new_with_free_func ((GDestroyNotify) reprise_milvus_goal_free);
  g_autoptr (GPtrArray) wanted = reprise_milvus_name_read_list (
    reprise_milvus_plan_get (options, REPRISE_MILVUS_OPTION_COLLECTIONS, ""));
  g_autoptr (GHashTable) renames = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_autoptr (RepriseMilvusMeta) meta = NULL;

  if (!check_options (options, error) ||
      !read_renames (reprise_milvus_plan_get (options, REPRISE_MILVUS_OPTION_RENAME, ""), renames,
                     error))
    return NULL;
  meta = find_meta (target, archive, cancellable);
  add_contents (goals, archive, wanted, meta);
  if (!check_wanted (goals, wanted, error))
    return NULL;
  for (guint i = 0; i < goals->len; i++)
    {
      RepriseMilvusGoal *goal = goals->pdata[i];

      goal->to = make_target_name (goal->from, renames, options);
    }
  return check_distinct (goals, error) ? g_steal_pointer (&goals) : NULL;
}

/* What Milvus has under those names now. */
gboolean
reprise_milvus_plan_look (RepriseMilvusTarget *target,
                          GPtrArray *goals,
                          GCancellable *cancellable,
                          GError **error)
{
  RepriseMilvusRest *rest = reprise_milvus_target_get_rest (target, error);

  if (rest == NULL)
    return FALSE;
  for (guint i = 0; i < goals->len; i++)
    {
      RepriseMilvusGoal *goal = goals->pdata[i];
      GError *local = NULL;
      g_autoptr (RepriseMilvusTable) table =
        reprise_milvus_rest_describe (rest, goal->to, cancellable, &local);

      if (local != NULL)
        {
          g_propagate_error (error, local);
          return FALSE;
        }
      goal->exists = table != NULL;
      if (table != NULL && table->loaded)
        goal->now = reprise_milvus_rest_count (rest, table, cancellable, NULL);
      if (goal->exists && goal->now < 0)
        goal->now = reprise_milvus_rest_estimate (rest, table, cancellable, NULL);
      if (goal->now < 0)
        goal->now = goal->exists ? REPRISE_NOT_REPORTED : 0;
    }
  return TRUE;
}
