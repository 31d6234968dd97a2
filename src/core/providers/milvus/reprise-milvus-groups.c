/* reprise-milvus-groups.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <inttypes.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "provider/reprise-choice.h"
#include "providers/milvus/reprise-milvus-backup.h"
#include "providers/milvus/reprise-milvus-groups.h"
#include "providers/milvus/reprise-milvus-name.h"

static RepriseCollection *
make_collection (const char *full_name, gint64 rows, gint64 size_bytes)
{
  g_autofree char *name = reprise_milvus_name_show (full_name);

  return reprise_collection_new (name, rows, size_bytes);
}

/* Counted where it is loaded, else as the statistics say. */
static RepriseCollection *
count_collection (RepriseMilvusRest *rest, const char *full_name, GCancellable *cancellable)
{
  g_autoptr (RepriseMilvusTable) table =
    reprise_milvus_rest_describe (rest, full_name, cancellable, NULL);
  gint64 rows = -1;
  RepriseCollection *collection;

  if (table != NULL && table->loaded)
    rows = reprise_milvus_rest_count (rest, table, cancellable, NULL);
  if (table != NULL && rows < 0)
    rows = reprise_milvus_rest_estimate (rest, table, cancellable, NULL);
  collection =
    make_collection (full_name, rows >= 0 ? rows : REPRISE_NOT_REPORTED, REPRISE_NOT_REPORTED);
  if (rows < 0)
    reprise_collection_set_reason (collection,
                                   _ ("Its rows are counted once the collection is loaded."));
  return collection;
}

static void
add_entries (RepriseContents *contents, const RepriseMilvusBackup *backup)
{
  for (guint i = 0; i < backup->collections->len; i++)
    {
      const RepriseMilvusEntry *entry = backup->collections->pdata[i];
      g_autofree char *full_name = reprise_milvus_entry_dup_name (entry);
      g_autoptr (RepriseCollection) collection =
        make_collection (full_name, entry->rows, entry->size_bytes);

      reprise_contents_add (contents, REPRISE_GROUP_CUSTOM, collection);
    }
}

static void
add_roles (RepriseContents *contents, RepriseGroup group, const char *reason)
{
  g_autoptr (RepriseCollection) roles =
    reprise_collection_new (REPRISE_MILVUS_ROLES, REPRISE_NOT_REPORTED, REPRISE_NOT_REPORTED);

  reprise_collection_set_title (roles, _ ("Users, roles and grants"));
  reprise_collection_set_reason (roles, reason);
  reprise_collection_set_placeholder (roles, TRUE);
  reprise_contents_add (contents, group, roles);
}

RepriseContents *
reprise_milvus_groups_of_backup (const RepriseMilvusBackup *backup)
{
  RepriseContents *contents = reprise_contents_new ();

  add_entries (contents, backup);
  if (backup->has_roles)
    add_roles (contents, REPRISE_GROUP_USER, NULL);
  return contents;
}

/* By the newest backup, for the backup server does not say it of Milvus. */
static void
add_roles_by_version (RepriseContents *contents, GPtrArray *backups)
{
  const char *version = NULL;

  for (guint i = 0; backups != NULL && i < backups->len; i++)
    if (((RepriseMilvusBackup *) backups->pdata[i])->milvus_version != NULL)
      version = ((RepriseMilvusBackup *) backups->pdata[i])->milvus_version;
  if (version == NULL || reprise_milvus_version_has_roles (version))
    add_roles (contents, REPRISE_GROUP_USER, NULL);
  else
    add_roles (contents, REPRISE_GROUP_SKIPPED,
               _ ("This Milvus is older than 2.4.10, and does not hand them out."));
}

static void
add_found (RepriseMilvusTarget *target,
           RepriseContents *contents,
           GPtrArray *names,
           GCancellable *cancellable)
{
  RepriseMilvusRest *rest = reprise_milvus_target_get_rest (target, NULL);

  for (guint i = 0; i < names->len; i++)
    {
      gboolean left_out = reprise_milvus_target_is_left_out (target, names->pdata[i]);
      g_autoptr (RepriseCollection) collection =
        count_collection (rest, names->pdata[i], cancellable);

      if (left_out)
        reprise_collection_set_reason (collection, _ ("The settings of the service leave it out."));
      reprise_contents_add (contents, left_out ? REPRISE_GROUP_SKIPPED : REPRISE_GROUP_CUSTOM,
                            collection);
    }
}

/* What the youngest backup holds, where Milvus cannot be asked. */
static void
add_from_backup (RepriseMilvusTarget *target,
                 RepriseContents *contents,
                 GPtrArray *backups,
                 GCancellable *cancellable)
{
  RepriseMilvusClient *client = reprise_milvus_target_get_client (target);

  for (guint i = backups->len; i > 0; i--)
    {
      const RepriseMilvusBackup *each = backups->pdata[i - 1];
      g_autoptr (RepriseMilvusBackup) details =
        reprise_milvus_client_get_backup (client, each->name, cancellable, NULL);

      if (details == NULL || details->collections->len == 0)
        continue;
      add_entries (contents, details);
      return;
    }
}

/* (transfer full): collections with their counts, as far as somebody tells */
RepriseContents *
reprise_milvus_groups_list (RepriseMilvusTarget *target, GCancellable *cancellable, GError **error)
{
  RepriseMilvusClient *client = reprise_milvus_target_get_client (target);
  g_autoptr (GPtrArray) backups = reprise_milvus_client_list (client, cancellable, error);
  g_autoptr (RepriseContents) contents = reprise_contents_new ();
  g_autoptr (GPtrArray) names = NULL;
  g_autoptr (RepriseCollection) all = NULL;

  if (backups == NULL)
    return NULL;
  if (reprise_milvus_target_has_milvus (target))
    {
      names = reprise_milvus_target_list_collections (target, cancellable, error);
      if (names == NULL)
        return NULL;
      add_found (target, contents, names, cancellable);
    }
  else
    add_from_backup (target, contents, backups, cancellable);
  if (reprise_contents_get_group (contents, REPRISE_GROUP_CUSTOM) == NULL)
    {
      all = reprise_collection_new ("*", REPRISE_NOT_REPORTED, REPRISE_NOT_REPORTED);
      reprise_collection_set_title (all, _ ("All collections of all databases"));
      reprise_collection_set_placeholder (all, TRUE);
      reprise_contents_add (contents, REPRISE_GROUP_CUSTOM, all);
    }
  add_roles_by_version (contents, backups);
  return g_steal_pointer (&contents);
}

/* (transfer full): for people, or %NULL where it is not reported */
static char *
describe_rows (gint64 rows)
{
  if (rows < 0)
    return NULL;
  return g_strdup_printf (ngettext ("%" PRId64 " row", "%" PRId64 " rows", (gulong) rows), rows);
}

/* (transfer full) (element-type RepriseChoice): which collections there are to choose from */
GPtrArray *
reprise_milvus_groups_list_choices (RepriseMilvusTarget *target,
                                    GCancellable *cancellable,
                                    GError **error)
{
  g_autoptr (GPtrArray) names = NULL;
  GPtrArray *choices;
  RepriseMilvusRest *rest;

  if (!reprise_milvus_target_has_milvus (target))
    {
      reprise_error_set_literal (
        error, REPRISE_ERROR, REPRISE_ERROR_NOT_SUPPORTED,
        _ ("The backup server does not say which collections there are. Enter "
           "the address of Milvus itself, or type their names."));
      return NULL;
    }
  names = reprise_milvus_target_list_collections (target, cancellable, error);
  if (names == NULL)
    return NULL;
  rest = reprise_milvus_target_get_rest (target, NULL);
  choices = g_ptr_array_new_with_free_func ((GDestroyNotify) reprise_choice_free);
  for (guint i = 0; i < names->len; i++)
    {
      g_autofree char *name = reprise_milvus_name_show (names->pdata[i]);
      g_autoptr (RepriseCollection) collection =
        count_collection (rest, names->pdata[i], cancellable);
      g_autofree char *rows = describe_rows (reprise_collection_get_rows (collection));

      g_ptr_array_add (
        choices, reprise_choice_new (
                   name, name, rows != NULL ? rows : reprise_collection_get_reason (collection)));
    }
  return choices;
}
