/* reprise-site-archive.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "archive/reprise-archive-reader.h"
#include "base/reprise-error.h"
#include "providers/azure/site/reprise-site-archive.h"

/*
 * A custom backup of App Service: NAME.zip with
 *
 *   fs/…    the files of the application
 *   else    the dumps of linked databases
 *
 * and beside it NAME.xml, which describes it and without which it cannot be restored, and maybe NAME.log.
 */
#define SITE_FOLDER "fs/"
#define SITE_ENTRY  "fs/site/"

typedef struct
{
  GMutex mutex; /* guards what follows, for two threads read */
  gint64 n_files, site_bytes;
  GHashTable *databases; /* (element-type utf8 gint64): entries outside the folder of the site */
} Look;

static gboolean
take_entry (RepriseArchiveReader *reader,
            const RepriseArchiveEntry *entry,
            gpointer data,
            GCancellable *cancellable,
            GError **error)
{
  Look *look = data;

  if (entry->is_folder)
    return TRUE;
  g_mutex_lock (&look->mutex);
  if (g_str_has_prefix (entry->name, SITE_FOLDER))
    {
      look->n_files++;
      look->site_bytes += (gint64) entry->size_bytes;
    }
  else
    {
      gint64 *size = g_new (gint64, 1);

      *size = (gint64) entry->size_bytes;
      g_hash_table_replace (look->databases, g_strdup (entry->name), size);
    }
  g_mutex_unlock (&look->mutex);
  return TRUE;
}

/* (transfer full) (nullable): the file beside an archive, with another extension */
char *
reprise_site_archive_dup_beside (const char *path, const char *extension)
{
  gsize end = strlen (REPRISE_SITE_ARCHIVE_EXTENSION), length = strlen (path);

  if (length <= end ||
      g_ascii_strcasecmp (path + length - end, REPRISE_SITE_ARCHIVE_EXTENSION) != 0)
    return NULL;
  return g_strdup_printf ("%.*s%s", (int) (length - end), path, extension);
}

/* Whether a file is such an archive: a zip file with the site's folder in it. */
gboolean
reprise_site_archive_is_one (const char *path)
{
  g_autoptr (RepriseArchiveReader) reader = reprise_archive_reader_open (path, NULL, NULL, NULL);
  const RepriseArchiveEntry *entry = NULL;

  while (reader != NULL && reprise_archive_reader_next (reader, &entry, NULL, NULL) &&
         entry != NULL)
    if (g_str_has_prefix (entry->name, SITE_ENTRY))
      return TRUE;
  return FALSE;
}

static void
add_contents (RepriseArchive *archive, Look *look)
{
  g_autoptr (RepriseContents) contents = reprise_contents_new ();
  g_autoptr (GList) names = g_hash_table_get_keys (look->databases);
  g_autoptr (RepriseCollection) site =
    reprise_collection_new ("site", look->n_files, look->site_bytes);

  reprise_collection_set_title (site, _ ("Files and configuration"));
  reprise_contents_add (contents, REPRISE_GROUP_REQUIRED, site);
  names = g_list_sort (g_steal_pointer (&names), (GCompareFunc) strcmp);
  for (GList *each = names; each != NULL; each = each->next)
    {
      const gint64 *size = g_hash_table_lookup (look->databases, each->data);
      g_autoptr (RepriseCollection) database =
        reprise_collection_new (each->data, REPRISE_NOT_REPORTED, *size);

      reprise_contents_add (contents, REPRISE_GROUP_CUSTOM, database);
    }
  reprise_archive_set_contents (archive, contents);
}

/**
 * reprise_site_archive_inspect:
 * @path: of the zip file
 *
 * Reads it in full, so that every checksum is looked at. What is damaged is reported in @archive.
 *
 * Returns: %FALSE with %REPRISE_ERROR_DAMAGED where it is no such archive at all
 */
gboolean
reprise_site_archive_inspect (RepriseArchive *archive,
                              const char *path,
                              RepriseProgress *progress,
                              GCancellable *cancellable,
                              GError **error)
{
  g_autoptr (GHashTable) databases =
    g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  Look look = { .databases = databases };
  g_autofree char *description =
    reprise_site_archive_dup_beside (path, REPRISE_SITE_DESCRIPTION_EXTENSION);
  g_autoptr (GError) local = NULL;
  g_autoptr (RepriseArchiveReader) reader =
    reprise_archive_reader_open (path, NULL, cancellable, &local);
  gboolean read;

  g_mutex_init (&look.mutex);
  read = reader != NULL &&
         reprise_archive_reader_each (reader, take_entry, &look, progress, cancellable, &local);
  g_mutex_clear (&look.mutex);
  if (!read && !g_error_matches (local, REPRISE_ERROR, REPRISE_ERROR_DAMAGED))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  if (look.n_files == 0)
    {
      reprise_error_set_literal (error, REPRISE_ERROR, REPRISE_ERROR_DAMAGED,
                                 local != NULL ? local->message
                                               : _ ("There are no files of an application in it."));
      return FALSE;
    }
  if (!read)
    reprise_archive_add_damage (archive, "%s", local->message);
  if (description == NULL || !g_file_test (description, G_FILE_TEST_IS_REGULAR))
    reprise_archive_add_damage (
      archive, "%s",
      _ ("Its description (.xml) is not beside it: Azure restores only both together."));
  reprise_archive_set_format (archive, _ ("Azure App Service backup (.zip and .xml)"));
  add_contents (archive, &look);
  return TRUE;
}
