/* reprise-scratch.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "base/reprise-file.h"
#include "base/reprise-ulid.h"
#include "provider/reprise-scratch.h"

#define PREFIX        "scratch "
#define FOLDER_PREFIX "rehearsal-"

static char *
dup_key (const char *service_uuid)
{
  return g_strconcat (service_uuid, "-rehearsal", NULL);
}

/**
 * reprise_scratch_open_left:
 *
 * Returns: (transfer full) (nullable): the record of a rehearsal that was cut off; %NULL without an error where there is none
 */
RepriseJournal *
reprise_scratch_open_left (const char *service_uuid, GError **error)
{
  g_autofree char *key = dup_key (service_uuid);

  return reprise_journal_open_left (key, error);
}

/**
 * reprise_scratch_open:
 *
 * Returns: (transfer full): the record of this rehearsal, which still holds what an earlier one left and nobody could remove
 */
RepriseJournal *
reprise_scratch_open (const char *service_uuid, GError **error)
{
  g_autofree char *key = dup_key (service_uuid);
  g_autofree char *job_id = reprise_ulid_new ();
  GError *local = NULL;
  RepriseJournal *left = reprise_journal_open_left (key, &local);

  if (left == NULL && local == NULL)
    return reprise_journal_create (key, job_id, error);
  if (local != NULL)
    g_propagate_error (error, local);
  return left;
}

/* Before it is made: it is on the disk when this returns. */
gboolean
reprise_scratch_add (RepriseJournal *record, const char *name, GError **error)
{
  g_autofree char *step = g_strconcat (PREFIX, name, NULL);

  return reprise_journal_begin (record, step, name, error);
}

/* It is gone, or was never made. */
gboolean
reprise_scratch_remove (RepriseJournal *record, const char *name, GError **error)
{
  g_autofree char *step = g_strconcat (PREFIX, name, NULL);

  return reprise_journal_end (record, step, error);
}

/* (transfer full) (array zero-terminated=1): what may be there still, in the order in which it was made */
char **
reprise_scratch_list (RepriseJournal *record)
{
  g_auto (GStrv) steps = reprise_journal_list_open_steps (record);
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();

  for (guint i = 0; steps[i] != NULL; i++)
    if (g_str_has_prefix (steps[i], PREFIX))
      g_strv_builder_add (names, steps[i] + strlen (PREFIX));
  return g_strv_builder_end (names);
}

/* The record goes as soon as nothing is in it that somebody has to remove. */
gboolean
reprise_scratch_close (RepriseJournal *record, GError **error)
{
  g_auto (GStrv) names = reprise_scratch_list (record);

  return names[0] != NULL || reprise_journal_close (record, error);
}

/* --- folders --- */

static char *
dup_above (void)
{
  return g_build_filename (g_get_user_cache_dir (), "reprise", NULL);
}

/* (transfer full): a new folder of the cache that only its owner may read */
char *
reprise_scratch_make_folder (RepriseJournal *record, GError **error)
{
  g_autofree char *id = reprise_ulid_new ();
  g_autofree char *name = g_strconcat (FOLDER_PREFIX, id, NULL);
  g_autofree char *above = dup_above ();
  g_autofree char *path = g_build_filename (above, name, NULL);

  return reprise_scratch_add (record, path, error) && reprise_file_make_folder (path, error)
           ? g_steal_pointer (&path)
           : NULL;
}

/* Nothing but such a folder is removed, whatever the record says. */
static gboolean
is_folder (const char *path)
{
  g_autofree char *parent = g_path_get_dirname (path);
  g_autofree char *name = g_path_get_basename (path);
  g_autofree char *above = dup_above ();

  return g_str_equal (parent, above) && g_str_has_prefix (name, FOLDER_PREFIX) &&
         reprise_ulid_is_valid (name + strlen (FOLDER_PREFIX));
}

gboolean
reprise_scratch_remove_folder (RepriseJournal *record, const char *path, GError **error)
{
  if (!is_folder (path))
    {
      reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_INVALID,
                         _ ("“%s” is no folder of a rehearsal, and is left alone"), path);
      return FALSE;
    }
  return reprise_file_remove_tree (path, error) && reprise_scratch_remove (record, path, error);
}

/* (transfer full): what no other rehearsal calls its scratch place: 26 letters and digits, small ones */
char *
reprise_scratch_dup_suffix (void)
{
  g_autofree char *id = reprise_ulid_new ();

  return g_ascii_strdown (id, -1);
}
