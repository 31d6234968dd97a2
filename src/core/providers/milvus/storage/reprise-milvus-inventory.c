/* reprise-milvus-inventory.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <inttypes.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "base/reprise-strv.h"
#include "providers/milvus/storage/reprise-milvus-inventory.h"

#define MAX_TOLD 20

/* What is wrong with one file. */
typedef struct
{
  gint64 collection_id;
  char *text;
} Problem;

struct _RepriseMilvusInventory
{
  GHashTable
    *files; /* (owned) (element-type utf8 RepriseMilvusFile): by name; lent by whoever made it */
  GArray *problems;   /* (owned) (element-type Problem): the first of them */
  guint64 n_problems; /* all */
};

static void
clear_problem (gpointer data)
{
  g_free (((Problem *) data)->text);
}

/* @files: (element-type RepriseMilvusFile): what there is; it must outlive the inventory */
RepriseMilvusInventory *
reprise_milvus_inventory_new (GPtrArray *files)
{
  RepriseMilvusInventory *self = g_new0 (RepriseMilvusInventory, 1);

  self->files = g_hash_table_new (g_str_hash, g_str_equal);
  for (guint i = 0; i < files->len; i++)
    g_hash_table_insert (self->files, ((RepriseMilvusFile *) files->pdata[i])->name,
                         files->pdata[i]);
  self->problems = g_array_new (FALSE, FALSE, sizeof (Problem));
  g_array_set_clear_func (self->problems, clear_problem);
  return self;
}

void
reprise_milvus_inventory_free (RepriseMilvusInventory *self)
{
  g_hash_table_unref (self->files);
  g_array_unref (self->problems);
  g_free (self);
}

/* (nullable) */
const RepriseMilvusFile *
reprise_milvus_inventory_find (RepriseMilvusInventory *self, const char *name)
{
  return g_hash_table_lookup (self->files, name);
}

/* Whether there is metadata that makes a backup of the files. */
gboolean
reprise_milvus_inventory_has_meta (RepriseMilvusInventory *self)
{
  return reprise_milvus_inventory_find (
           self, reprise_milvus_level_get_name (REPRISE_MILVUS_WHOLE)) != NULL ||
         reprise_milvus_inventory_find (self, reprise_milvus_level_get_name (REPRISE_MILVUS_TOP)) !=
           NULL;
}

static void
add_problem (RepriseMilvusInventory *self, gint64 collection_id, char *text)
{
  Problem problem = { collection_id, text };

  self->n_problems++;
  if (self->problems->len < MAX_TOLD)
    g_array_append_val (self->problems, problem);
  else
    g_free (text);
}

/* A #RepriseMilvusEachLog: what is wrong is kept and no error. */
gboolean
reprise_milvus_inventory_take_cb (const RepriseMilvusLog *log, gpointer inventory, GError **error)
{
  RepriseMilvusInventory *self = inventory;
  const RepriseMilvusFile *file =
    log->name != NULL ? reprise_milvus_inventory_find (self, log->name) : NULL;

  if (log->name == NULL)
    add_problem (self, log->collection_id,
                 g_strdup_printf (_ ("the metadata names “%s”, which is no place in a backup"),
                                  log->log_path));
  else if (file == NULL)
    add_problem (self, log->collection_id, g_strdup_printf (_ ("“%s” is missing"), log->name));
  else if (log->size_bytes >= 0 && file->size_bytes != log->size_bytes)
    add_problem (self, log->collection_id,
                 g_strdup_printf (_ ("“%s” has %" PRId64 " bytes instead of %" PRId64), log->name,
                                  file->size_bytes, log->size_bytes));
  return TRUE;
}

static const char *
find_title (RepriseMilvusMeta *meta, gint64 collection_id)
{
  for (guint i = 0; i < meta->collections->len; i++)
    {
      const RepriseMilvusCollection *collection = meta->collections->pdata[i];

      if (collection->id == collection_id)
        return collection->title;
    }
  return "?";
}

/* (transfer full): sentences, with the names of the collections; the last one says how many more there are */
char **
reprise_milvus_inventory_dup_problems (RepriseMilvusInventory *self, RepriseMilvusMeta *meta)
{
  g_autoptr (GPtrArray) lines = g_ptr_array_new_with_free_func (g_free);
  guint64 n_more = self->n_problems - self->problems->len;

  for (guint i = 0; i < self->problems->len; i++)
    {
      const Problem *problem = &g_array_index (self->problems, Problem, i);

      /* Translators: a collection, and what is wrong with one of its files */
      g_ptr_array_add (lines,
                       g_strdup_printf (_ ("Collection “%s”: %s."),
                                        find_title (meta, problem->collection_id), problem->text));
    }
  if (n_more > 0)
    g_ptr_array_add (lines,
                     g_strdup_printf (ngettext ("%" PRIu64 " more file is missing or damaged.",
                                                "%" PRIu64 " more files are missing or damaged.",
                                                (gulong) MIN (n_more, G_MAXULONG)),
                                      n_more));
  return reprise_strv_from_array (lines, 0);
}

/* Whether nothing is wrong; else %REPRISE_ERROR_DAMAGED with the first problem and how many there are */
gboolean
reprise_milvus_inventory_check (RepriseMilvusInventory *self,
                                RepriseMilvusMeta *meta,
                                GError **error)
{
  g_auto (GStrv) problems = NULL;

  if (self->n_problems == 0)
    return TRUE;
  problems = reprise_milvus_inventory_dup_problems (self, meta);
  reprise_error_set (
    error, REPRISE_ERROR, REPRISE_ERROR_DAMAGED,
    ngettext ("The backup is damaged: %" PRIu64 " file is not as its metadata says. %s",
              "The backup is damaged: %" PRIu64 " files are not as its metadata says. %s",
              (gulong) MIN (self->n_problems, G_MAXULONG)),
    self->n_problems, problems[0]);
  return FALSE;
}
