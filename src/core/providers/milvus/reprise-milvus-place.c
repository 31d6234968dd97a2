/* reprise-milvus-place.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <inttypes.h>
#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "base/reprise-hash.h"
#include "providers/milvus/reprise-milvus-name.h"
#include "providers/milvus/reprise-milvus-place.h"
#include "providers/milvus/reprise-milvus-plan.h"
#include "providers/milvus/storage/reprise-milvus-archive.h"

/* A name can be used again once its backup was deleted, and by other programs too: that the server has a backup of that name does not
 * say that it is the one in the vault. */

#define OTHER_NAME "%.100s_vault_%.8s"

void
reprise_milvus_place_free (RepriseMilvusPlace *self)
{
  g_free (self->name);
  g_free (self);
}

static gboolean
differs_in_text (const char *a, const char *b)
{
  return a != NULL && *a != '\0' && b != NULL && *b != '\0' && !g_str_equal (a, b);
}

static gboolean
differs_in_time (GDateTime *a, GDateTime *b)
{
  return a != NULL && b != NULL && g_date_time_to_unix (a) != g_date_time_to_unix (b);
}

static gboolean
has_same_collections (RepriseMilvusMeta *a, RepriseMilvusMeta *b)
{
  if (a->collections->len != b->collections->len)
    return FALSE;
  for (guint i = 0; i < a->collections->len; i++)
    {
      const RepriseMilvusCollection *one = a->collections->pdata[i];
      const RepriseMilvusCollection *other = reprise_milvus_meta_find (b, one->database, one->name);

      if (other == NULL || other->id != one->id || other->rows != one->rows ||
          other->n_files != one->n_files)
        return FALSE;
    }
  return TRUE;
}

/* What the metadata itself says, here and there. */
static gboolean
is_same_meta (RepriseMilvusMeta *a, RepriseMilvusMeta *b)
{
  return !differs_in_text (a->id, b->id) && !differs_in_time (a->created_at, b->created_at) &&
         !differs_in_time (a->started_at, b->started_at) && a->n_files == b->n_files &&
         a->files_bytes == b->files_bytes && has_same_collections (a, b);
}

/* What the list says. @sure: (out): whether it says enough */
static gboolean
may_be_same (RepriseMilvusMeta *meta, const RepriseMilvusBackup *told, gboolean *sure)
{
  *sure = meta->id != NULL && told->id != NULL && g_str_equal (meta->id, told->id);
  if (differs_in_text (meta->id, told->id) ||
      (meta->size_bytes > 0 && told->size_bytes > 0 && meta->size_bytes != told->size_bytes))
    return FALSE;
  return meta->started_at == NULL || told->started_ms <= 0 ||
         g_date_time_to_unix (meta->started_at) == told->started_ms / 1000;
}

/* Whether the backup that the server tells of is that of @meta; what cannot be told is none. */
static gboolean
is_same (RepriseMilvusTarget *target,
         RepriseMilvusMeta *meta,
         const RepriseMilvusBackup *told,
         GCancellable *cancellable)
{
  RepriseMilvusStorage *storage = reprise_milvus_target_has_storage (target)
                                    ? reprise_milvus_target_get_storage (target, cancellable, NULL)
                                    : NULL;
  g_autoptr (RepriseMilvusMeta) there = NULL;
  gboolean sure;

  if (!may_be_same (meta, told, &sure))
    return FALSE;
  if (storage != NULL)
    there = reprise_milvus_storage_read_meta (storage, told->name, cancellable, NULL);
  return there != NULL ? is_same_meta (meta, there) : sure;
}

static const RepriseMilvusBackup *
find (GPtrArray *list, const char *name)
{
  for (guint i = 0; i < list->len; i++)
    if (g_strcmp0 (((RepriseMilvusBackup *) list->pdata[i])->name, name) == 0)
      return list->pdata[i];
  return NULL;
}

/* (transfer full): the same at every call, so that what was uploaded once is found again */
static char *
make_other_name (RepriseMilvusMeta *meta)
{
  g_autofree char *text =
    g_strdup_printf ("%s %" PRId64 " %" PRId64 " %" PRIu64, meta->id != NULL ? meta->id : "",
                     meta->created_at != NULL ? g_date_time_to_unix (meta->created_at) : 0,
                     meta->files_bytes, meta->n_files);
  g_autofree char *hash = reprise_hash_bytes (text, strlen (text));

  return g_strdup_printf (OTHER_NAME, meta->name, hash);
}

/* Under its own name there is another one. */
static gboolean
rename_place (RepriseMilvusPlace *place,
              RepriseMilvusTarget *target,
              RepriseMilvusMeta *meta,
              GPtrArray *list,
              GCancellable *cancellable,
              GError **error)
{
  g_autofree char *other = make_other_name (meta);
  const RepriseMilvusBackup *told = find (list, other);

  place->renamed = TRUE;
  place->there = told != NULL;
  if ((told != NULL && !is_same (target, meta, told, cancellable)) ||
      !reprise_milvus_name_check_backup (other, NULL))
    {
      reprise_error_set (
        error, REPRISE_ERROR, REPRISE_ERROR_EXISTS,
        _ ("The backup server has another backup “%s”, which is not the one that is to "
           "be restored: delete or move that one first."),
        place->name);
      return FALSE;
    }
  g_free (place->name);
  place->name = g_steal_pointer (&other);
  return TRUE;
}

/**
 * reprise_milvus_place_find:
 *
 * Under which name the backup server has what is in @archive, or will have it. A backup that only has the same name is never taken for
 * it.
 *
 * Returns: (transfer full): %REPRISE_ERROR_EXISTS where its names are taken, and what asking reports
 */
RepriseMilvusPlace *
reprise_milvus_place_find (RepriseMilvusTarget *target,
                           RepriseArchive *archive,
                           GCancellable *cancellable,
                           GError **error)
{
  g_autoptr (RepriseMilvusPlace) place = g_new0 (RepriseMilvusPlace, 1);
  g_autoptr (GPtrArray) list = NULL;
  g_autoptr (RepriseMilvusMeta) meta = NULL;
  const RepriseMilvusBackup *told;

  place->name = reprise_milvus_plan_dup_name (archive, error);
  if (place->name == NULL)
    return NULL;
  list = reprise_milvus_client_list (reprise_milvus_target_get_client (target), cancellable, error);
  if (list == NULL)
    return NULL;
  told = find (list, place->name);
  place->there = told != NULL;
  if (told == NULL || reprise_archive_get_path (archive) == NULL ||
      reprise_milvus_plan_get_reference (archive) != NULL)
    return g_steal_pointer (&place);
  meta = reprise_milvus_archive_read_meta (archive, cancellable, error);
  if (meta == NULL)
    return NULL;
  if (!is_same (target, meta, told, cancellable) &&
      !rename_place (place, target, meta, list, cancellable, error))
    return NULL;
  return g_steal_pointer (&place);
}
