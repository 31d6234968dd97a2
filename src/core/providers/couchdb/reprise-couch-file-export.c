/* reprise-couch-file-export.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "base/reprise-file.h"
#include "base/reprise-saying.h"
#include "providers/couchdb/reprise-couch-file.h"
#include "providers/couchdb/restore/reprise-couch-goal.h"
#include "providers/couchdb/reprise-couch-shelf.h"
#include "providers/couchdb/store/reprise-couch-interchange.h"

/* What is to be written: one database as of a point in time. */
typedef struct
{
  RepriseCouchState *state; /* (owned) */
  GPtrArray *segments;      /* (owned) */
  gboolean shallow;
  gboolean attachments;
} Source;

static void
source_clear (Source *self)
{
  g_clear_pointer (&self->state, reprise_couch_state_free);
  g_clear_pointer (&self->segments, g_ptr_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Source, source_clear)

static const char *
get_option (GHashTable *options, const char *key)
{
  const char *value = options != NULL ? g_hash_table_lookup (options, key) : NULL;

  return value != NULL ? value : "";
}

/* couchrestore must be told of attachments, and refuses to be told of them where there are none. */
static gboolean
find_attachments (Source *self, GCancellable *cancellable, GError **error)
{
  RepriseCouchReader *reader = NULL;
  RepriseCouchRow row;
  gboolean more = TRUE;

  reprise_couch_state_rewind (self->state);
  while (!self->attachments)
    {
      g_autoptr (GArray) links = NULL;

      if (g_cancellable_set_error_if_cancelled (cancellable, error) ||
          !reprise_couch_state_next (self->state, &row, &reader, &more, error))
        return FALSE;
      if (!more)
        return TRUE;
      links = reprise_couch_reader_list_links (reader, row.n, error);
      if (links == NULL)
        return FALSE;
      self->attachments = links->len > 0;
    }
  return TRUE;
}

static gboolean
is_shallow (GPtrArray *segments, gint64 at, gboolean *shallow, GError **error)
{
  g_autoptr (GPtrArray) path = reprise_couch_path_find (segments, at);
  g_autoptr (RepriseCouchReader) reader = NULL;
  g_autofree char *text = NULL;

  if (path == NULL || path->len == 0)
    return TRUE;
  reader = reprise_couch_reader_new (((RepriseCouchSegment *) path->pdata[0])->path, error);
  if (reader == NULL)
    return FALSE;
  text = reprise_couch_reader_dup (reader, REPRISE_COUCH_SHALLOW);
  *shallow = g_strcmp0 (text, "true") == 0;
  return TRUE;
}

static gboolean
open_source (Source *self,
             RepriseCouchShelf *shelf,
             RepriseCouchRun *run,
             const char *database,
             GHashTable *options,
             GCancellable *cancellable,
             GError **error)
{
  const char *as_of = get_option (options, REPRISE_OPTION_AS_OF);
  gint64 first = reprise_couch_run_get_point (run), last = first, at = 0;

  self->segments = reprise_couch_shelf_list_segments (shelf, database, TRUE, error);
  if (self->segments == NULL ||
      (*as_of != '\0' && !reprise_couch_goal_parse_as_of (as_of, &first, &last, error)))
    return FALSE;
  if (!reprise_couch_points_find (self->segments, first, last, &at, error))
    {
      reprise_error_prefix (error, "%s: ", database);
      return FALSE;
    }
  self->state = reprise_couch_state_new (self->segments, at, cancellable, error);
  return self->state != NULL && is_shallow (self->segments, at, &self->shallow, error) &&
         find_attachments (self, cancellable, error);
}

static gboolean
write_stream (Source *self,
              GOutputStream *stream,
              gboolean with_data,
              RepriseCouchExport *result,
              RepriseProgress *progress,
              GCancellable *cancellable,
              GError **error)
{
  reprise_progress_set_totals (progress, -1,
                               (gint64) reprise_couch_state_get_n_leaves (self->state));
  return reprise_couch_export_write (self->state, self->shallow, with_data, stream, result,
                                     progress, cancellable, error) &&
         g_output_stream_close (stream, cancellable, error);
}

/* As a name ends in “.gz”, it is compressed. */
static GOutputStream *
pack (GOutputStream *stream, const char *path)
{
  g_autoptr (GZlibCompressor) gzip = NULL;

  if (!g_str_has_suffix (path, ".gz"))
    return g_object_ref (stream);
  gzip = g_zlib_compressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP, -1);
  return g_converter_output_stream_new (stream, G_CONVERTER (gzip));
}

/* Beside the target, then one rename: a half written file never has its name. */
static gboolean
write_file (Source *self,
            const char *path,
            gboolean replace,
            gboolean with_data,
            RepriseCouchExport *result,
            RepriseProgress *progress,
            GCancellable *cancellable,
            GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *partial = g_strconcat (path, ".part", NULL);
  g_autoptr (GFile) file = g_file_new_for_path (partial);
  g_autoptr (GFileOutputStream) out = NULL;
  g_autoptr (GOutputStream) stream = NULL;
  gboolean done;

  if (!replace && g_file_test (path, G_FILE_TEST_EXISTS))
    {
      reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_EXISTS,
                         _ ("“%s” is there already: it is replaced only with --yes."), path);
      return FALSE;
    }
  out = g_file_create (file, G_FILE_CREATE_PRIVATE, cancellable, error);
  if (out == NULL)
    return FALSE;
  stream = pack (G_OUTPUT_STREAM (out), path);
  done = write_stream (self, stream, with_data, result, progress, cancellable, error) &&
         reprise_file_sync (partial, error);
  if (done && replace && rename (partial, path) != 0)
    done = reprise_set_error_errno (error, errno, _ ("Could not save “%s”"), path);
  else if (done && !replace)
    done = reprise_file_rename_new (partial, path, error);
  if (!done)
    unlink (partial);
  return done && reprise_file_sync_folder (folder, error);
}

/* ---- which databases ---- */

/* (transfer full): those of the backup that are wanted; into a file only one goes */
static char **
choose (RepriseCouchRun *run, const char *wanted, gboolean is_folder, GError **error)
{
  g_auto (GStrv) all = reprise_couch_run_list_databases (run);

  if (*wanted != '\0' && !g_strv_contains ((const char *const *) all, wanted))
    reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND,
                       _ ("The backup holds no database “%s”"), wanted);
  else if (*wanted != '\0')
    return g_strsplit (wanted, "\n", 1);
  else if (is_folder || g_strv_length (all) == 1)
    return g_steal_pointer (&all);
  else
    reprise_error_set (
      error, REPRISE_ERROR, REPRISE_ERROR_INVALID,
      ngettext ("The backup holds %u database, and a file of couchbackup one: name it, "
                "with --collection NAME, or name a folder",
                "The backup holds %u databases, and a file of couchbackup one: name it, "
                "with --collection NAME, or name a folder",
                g_strv_length (all)),
      g_strv_length (all));
  return NULL;
}

/* The slash of a database's name cannot stand in that of a file. */
static char *
make_path (const char *path, gboolean is_folder, const char *database)
{
  g_autofree char *escaped = g_uri_escape_string (database, "$()+", FALSE);
  g_autofree char *name = g_strconcat (escaped, ".txt", NULL);

  return is_folder ? g_build_filename (path, name, NULL) : g_strdup (path);
}

static RepriseOutcome *
tell (guint n_files, gboolean attachments, const RepriseCouchExport *sum)
{
  g_autofree char *revisions =
    reprise_say_n ("%" PRIu64 " revision written", "%" PRIu64 " revisions written",
                   sum->n_revisions, sum->n_revisions);
  g_autofree char *files = reprise_say_n ("%u file", "%u files", n_files, n_files);
  RepriseOutcome *outcome;

  if (attachments)
    /* Translators: “3 revisions written”, “1 file” */
    outcome = reprise_outcome_say (
      "%s, with attachments, into %s: read with “couchrestore --attachments”", revisions, files);
  else
    /* Translators: “3 revisions written”, “1 file” */
    outcome = reprise_outcome_say ("%s into %s: read with “couchrestore”", revisions, files);
  outcome->written = (gint64) sum->n_revisions;
  return outcome;
}

/**
 * reprise_couch_file_export:
 * @path: of a file, compressed where its name ends in “.gz”; or a folder that is there, for a file per database
 *
 * Writes databases as they were at a point in time, so that couchrestore 2.11 reads them.
 *
 * Returns: (transfer full): how it ended, or %NULL with @error
 */
RepriseOutcome *
reprise_couch_file_export (RepriseArchive *archive,
                           GHashTable *options,
                           const char *path,
                           gboolean replace,
                           RepriseProgress *progress,
                           GCancellable *cancellable,
                           GError **error)
{
  gboolean with_data = strcmp (get_option (options, REPRISE_OPTION_ATTACHMENTS), "false") != 0;
  gboolean is_folder = g_file_test (path, G_FILE_TEST_IS_DIR), any = FALSE;
  RepriseBackup *backup = reprise_archive_get_backup (archive);
  const char *folder = backup != NULL ? reprise_backup_get_folder (backup) : NULL;
  g_autoptr (RepriseCouchShelf) shelf = NULL;
  RepriseCouchExport sum = { 0, 0 };
  RepriseCouchRun *run = NULL;
  g_auto (GStrv) names = NULL;

  if (folder != NULL)
    {
      shelf = reprise_couch_shelf_new_for_backup (folder, error);
      if (shelf == NULL)
        return NULL;
      run = reprise_couch_shelf_find_run (shelf, reprise_backup_get_id (backup));
    }
  if (run == NULL)
    {
      reprise_error_set_literal (error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND,
                                 _ ("The backup is not in the vault"));
      return NULL;
    }
  names = choose (run, get_option (options, REPRISE_OPTION_COLLECTION), is_folder, error);
  reprise_progress_set_phase (progress, REPRISE_PHASE_WRITING);
  for (guint i = 0; names != NULL && names[i] != NULL; i++)
    {
      g_autofree char *target = make_path (path, is_folder, names[i]);
      g_auto (Source) source = { NULL };
      RepriseCouchExport result = { 0, 0 };

      reprise_progress_set_message (progress, names[i]);
      if (!open_source (&source, shelf, run, names[i], options, cancellable, error) ||
          !write_file (&source, target, replace, with_data && source.attachments, &result, progress,
                       cancellable, error))
        return NULL;
      if (source.attachments && !with_data)
        reprise_progress_warn (progress,
                               "“%s” has attachments, which are left out: couchrestore does not "
                               "restore documents that had any.",
                               names[i]);
      any = any || (source.attachments && with_data);
      sum.n_revisions += result.n_revisions;
      sum.n_attachments += result.n_attachments;
    }
  return names != NULL ? tell (g_strv_length (names), any, &sum) : NULL;
}
