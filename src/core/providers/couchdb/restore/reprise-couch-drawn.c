/* reprise-couch-drawn.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "base/reprise-file.h"
#include "base/reprise-strv.h"
#include "providers/couchdb/restore/reprise-couch-drawn.h"

#define PREFIX "drawn-" /* then the process, then something random */

static void
database_free (gpointer data)
{
  RepriseCouchDrawnDatabase *self = data;

  g_ptr_array_unref (self->segments);
  g_free (self);
}

/* What a process left that was killed. */
static void
clean_up (const char *above)
{
  g_autoptr (GDir) dir = g_dir_open (above, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (above, name, NULL);
      long pid = g_str_has_prefix (name, PREFIX) ? strtol (name + strlen (PREFIX), NULL, 10) : 0;

      if (pid > 1 && kill ((pid_t) pid, 0) != 0 && errno == ESRCH)
        reprise_file_remove_tree (path, NULL);
    }
}

/* (transfer full) (nullable): readable by nobody else */
static char *
make_folder (GError **error)
{
  g_autofree char *above = g_build_filename (g_get_user_cache_dir (), "reprise", NULL);
  g_autofree char *name = g_strdup_printf (PREFIX "%ld-XXXXXX", (long) getpid ());
  g_autofree char *folder = g_build_filename (above, name, NULL);

  if (g_mkdir_with_parents (above, 0700) == 0)
    {
      clean_up (above);
      if (g_mkdtemp (folder) != NULL)
        return g_steal_pointer (&folder);
    }
  reprise_error_set (error, G_FILE_ERROR, (int) g_file_error_from_errno (errno),
                     /* Translators: a folder, and why */
                     _ ("A folder in “%s” could not be made: %s"), above, g_strerror (errno));
  return NULL;
}

RepriseCouchDrawn *
reprise_couch_drawn_new (const char *id, GError **error)
{
  g_autofree char *folder = make_folder (error);
  RepriseCouchDrawn *self;

  if (folder == NULL)
    return NULL;
  self = g_new0 (RepriseCouchDrawn, 1);
  self->id = g_strdup (id);
  self->folder = g_steal_pointer (&folder);
  self->databases = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, database_free);
  return self;
}

void
reprise_couch_drawn_free (RepriseCouchDrawn *self)
{
  reprise_file_remove_tree (self->folder, NULL);
  g_hash_table_unref (self->databases);
  g_free (self->folder);
  g_free (self->id);
  g_free (self);
}

/* (transfer none) */
RepriseCouchDrawnDatabase *
reprise_couch_drawn_add (RepriseCouchDrawn *self, const char *database)
{
  RepriseCouchDrawnDatabase *added = g_new0 (RepriseCouchDrawnDatabase, 1);

  added->segments = g_ptr_array_new_with_free_func ((GDestroyNotify) reprise_couch_segment_unref);
  g_hash_table_replace (self->databases, g_strdup (database), added);
  return added;
}

/* (transfer full): the names of the databases, in order */
char **
reprise_couch_drawn_list (const RepriseCouchDrawn *self)
{
  GPtrArray *names = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer name;

  g_hash_table_iter_init (&iter, self->databases);
  while (g_hash_table_iter_next (&iter, &name, NULL))
    g_ptr_array_add (names, g_strdup (name));
  g_ptr_array_sort (names, reprise_strv_compare);
  g_ptr_array_add (names, NULL);
  return (char **) g_ptr_array_free (names, FALSE);
}
