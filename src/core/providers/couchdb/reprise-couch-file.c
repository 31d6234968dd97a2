/* reprise-couch-file.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <inttypes.h>
#include <string.h>

#include <glib/gi18n-lib.h>

#include "archive/reprise-gunzip.h"
#include "base/reprise-error.h"
#include "base/reprise-time.h"
#include "net/reprise-json.h"
#include "providers/couchdb/reprise-couch-choice.h"
#include "providers/couchdb/client/reprise-couch-client.h"
#include "providers/couchdb/reprise-couch-file.h"
#include "providers/couchdb/reprise-couch-rules.h"
#include "providers/couchdb/reprise-couch-shelf.h"
#include "providers/couchdb/store/reprise-couch-interchange.h"

#define HEAD_BYTES   4096
#define SEGMENT_NAME "1.sqlite"

gboolean
reprise_couch_file_recognise (const guchar *head, gsize size)
{
  g_autoptr (GConverter) gunzip = NULL;
  char plain[HEAD_BYTES];
  gsize n_read = 0, n_written = 0;

  if (!reprise_gunzip_recognise (head, size))
    return reprise_couch_import_recognise ((const char *) head, size);
  gunzip = reprise_gunzip_new ();
  g_converter_convert (gunzip, head, size, plain, sizeof plain, G_CONVERTER_NO_FLAGS, &n_read,
                       &n_written, NULL);
  return reprise_couch_import_recognise (plain, n_written);
}

/* (transfer full): the file as couchbackup wrote it, unpacked. @made: (out) (optional): the file's own date */
static GInputStream *
open_file (const char *path, GDateTime **made, GCancellable *cancellable, GError **error)
{
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GFileInputStream) stream = g_file_read (file, cancellable, error);
  g_autoptr (GFileInfo) info = NULL;
  g_autoptr (GConverter) gunzip = NULL;
  guchar head[4];
  gsize n = 0;

  if (stream == NULL)
    return NULL;
  info =
    g_file_input_stream_query_info (stream, G_FILE_ATTRIBUTE_TIME_MODIFIED, cancellable, error);
  if (info == NULL ||
      !g_input_stream_read_all (G_INPUT_STREAM (stream), head, sizeof head, &n, cancellable,
                                error) ||
      !g_seekable_seek (G_SEEKABLE (stream), 0, G_SEEK_SET, cancellable, error))
    return NULL;
  if (made != NULL)
    *made = g_file_info_get_modification_date_time (info);
  if (!reprise_gunzip_recognise (head, n))
    return G_INPUT_STREAM (g_steal_pointer (&stream));
  gunzip = reprise_gunzip_new ();
  return g_converter_input_stream_new (G_INPUT_STREAM (stream), gunzip);
}

/* Whether it begins as such files do; else %REPRISE_ERROR_DAMAGED. */
static gboolean
check_head (const char *path, GCancellable *cancellable, GError **error)
{
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GFileInputStream) stream = g_file_read (file, cancellable, error);
  g_autofree char *name = g_filename_display_basename (path);
  guchar head[HEAD_BYTES];
  gsize n = 0;

  if (stream == NULL ||
      !g_input_stream_read_all (G_INPUT_STREAM (stream), head, sizeof head, &n, cancellable, error))
    return FALSE;
  if (reprise_couch_file_recognise (head, n))
    return TRUE;
  reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_DAMAGED,
                     _ ("“%s” is not a file of couchbackup"), name);
  return FALSE;
}

/* (transfer full) (nullable): “orders” of a path to “orders.txt.gz”, where that can be the name of a database */
static char *
guess_database (const char *path)
{
  g_autofree char *name = g_path_get_basename (path);
  char *dot = strchr (name, '.');

  if (dot != NULL)
    *dot = '\0';
  return reprise_couch_name_is_valid (name) ? g_steal_pointer (&name) : NULL;
}

/* ---- what is told of it ---- */

static JsonObject *
make_imported (const char *path, const RepriseCouchImport *import)
{
  g_autofree char *name = g_filename_display_basename (path);
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "program", "couchbackup");
  if (import->version != NULL)
    json_object_set_string_member (object, "version", import->version);
  json_object_set_string_member (object, "mode",
                                 import->shallow || import->n_without_rev > 0 ? "shallow" : "full");
  json_object_set_string_member (object, "file", name);
  json_object_set_int_member (object, "documents", (gint64) import->n_documents);
  json_object_set_int_member (object, "design_documents", (gint64) import->n_design);
  json_object_set_int_member (object, "revisions", (gint64) import->n_revisions);
  json_object_set_int_member (object, "deleted", (gint64) import->n_deleted);
  json_object_set_int_member (object, "attachments", (gint64) import->n_attachments);
  json_object_set_int_member (object, "stubs", (gint64) import->n_stubs);
  json_object_set_int_member (object, "without_rev", (gint64) import->n_without_rev);
  json_object_set_int_member (object, "cut_lines", (gint64) (import->n_broken + import->n_skipped));
  return object;
}

static void
add_count (RepriseArchive *archive, JsonObject *imported, const char *key, const char *label)
{
  gint64 n = reprise_json_get_int (imported, key, 0);
  g_autofree char *text = g_strdup_printf ("%" PRId64, n);

  if (n > 0 || strcmp (key, "documents") == 0)
    reprise_archive_add_fact (archive, label, text);
}

/* (transfer full) (nullable): what is peculiar to that file, one sentence at a time */
static char *
describe_peculiarity (JsonObject *imported, guint n)
{
  gint64 stubs = reprise_json_get_int (imported, "stubs", 0);
  gint64 without_rev = reprise_json_get_int (imported, "without_rev", 0);
  gint64 cut = reprise_json_get_int (imported, "cut_lines", 0);

  if (n == 0 && stubs > 0)
    return g_strdup_printf (ngettext ("The file only names %" PRId64 " attachment, without its "
                                      "data: it cannot be restored, its document can.",
                                      "The file only names %" PRId64 " attachments, without their "
                                      "data: they cannot be restored, their documents can.",
                                      (gulong) stubs),
                            stubs);
  if (n == 1 && without_rev > 0)
    return g_strdup (_ ("The file has documents without their revisions: they are restored as new "
                        "edits."));
  if (n == 2 && cut > 0)
    return g_strdup_printf (ngettext ("%" PRId64 " line of the file was cut off, as when "
                                      "couchbackup is killed and started again.",
                                      "%" PRId64 " lines of the file were cut off, as when "
                                      "couchbackup is killed and started again.",
                                      (gulong) cut),
                            cut);
  return NULL;
}

#define N_PECULIARITIES 3

/* (transfer full): what to know of a backup that was taken from such a file, in sentences */
char **
reprise_couch_file_list_warnings (JsonObject *imported)
{
  g_autoptr (GPtrArray) warnings = g_ptr_array_new ();

  g_ptr_array_add (warnings, g_strdup (_ ("Numbers may have been altered: couchbackup rounds what "
                                          "has more than 15 digits, and nothing in its file shows "
                                          "it.")));
  g_ptr_array_add (warnings, g_strdup (_ ("Such a file says neither when it was made nor whether "
                                          "it is whole: its own date is taken, and it is not "
                                          "verified.")));
  for (guint i = 0; i < N_PECULIARITIES; i++)
    {
      char *text = describe_peculiarity (imported, i);

      if (text != NULL)
        g_ptr_array_add (warnings, text);
    }
  g_ptr_array_add (warnings, NULL);
  return (char **) g_ptr_array_free (g_steal_pointer (&warnings), FALSE);
}

/* Facts and warnings of an archive that is such a file, or was taken from one. */
void
reprise_couch_file_describe (RepriseArchive *archive, JsonObject *imported)
{
  const char *version = reprise_json_get_string (imported, "version", NULL);
  const char *file = reprise_json_get_string (imported, "file", NULL);
  gboolean shallow = strcmp (reprise_json_get_string (imported, "mode", ""), "shallow") == 0;
  g_auto (GStrv) warnings = NULL;

  if (reprise_archive_get_manifest (archive) != NULL && file != NULL)
    reprise_archive_add_fact (archive, _ ("Taken from the file"), file);
  reprise_archive_add_fact (archive, _ ("Made by"), "couchbackup");
  reprise_archive_add_fact (archive, _ ("Its version"),
                            version != NULL ? version : _ ("older than 2.10"));
  reprise_archive_add_fact (archive, _ ("Mode"),
                            shallow ? _ ("shallow: no conflicts, no deletions, no history")
                                    : _ ("full"));
  add_count (archive, imported, "documents", _ ("Documents"));
  add_count (archive, imported, "design_documents", _ ("Design documents"));
  add_count (archive, imported, "revisions", _ ("Revisions"));
  add_count (archive, imported, "deleted", _ ("Deletions"));
  add_count (archive, imported, "attachments", _ ("Attachments"));
  add_count (archive, imported, "stubs", _ ("Attachments without data"));
  warnings = reprise_couch_file_list_warnings (imported);
  for (guint i = 0; warnings[i] != NULL; i++)
    reprise_archive_add_warning (archive, "%s", warnings[i]);
}

static void
add_contents (RepriseContents *contents,
              RepriseService *service,
              const char *database,
              gint64 n_documents,
              gint64 size_bytes)
{
  static const char *const files[] = { SEGMENT_NAME, NULL };
  g_autoptr (RepriseCollection) collection =
    reprise_collection_new (database, n_documents, size_bytes);

  if (service != NULL)
    reprise_collection_set_files (collection, files);
  reprise_contents_add (contents, reprise_couch_rules_get_group (service, database, NULL),
                        collection);
  reprise_couch_choices_add_design (contents, service, database);
}

/* Looks the whole file through. A line that is none of couchbackup's is damage, and ends it. */
gboolean
reprise_couch_file_inspect (RepriseArchive *archive,
                            RepriseProgress *progress,
                            GCancellable *cancellable,
                            GError **error)
{
  const char *path = reprise_archive_get_path (archive);
  g_autoptr (GDateTime) made = NULL;
  g_autoptr (GInputStream) stream =
    check_head (path, cancellable, error) ? open_file (path, &made, cancellable, error) : NULL;
  g_autoptr (RepriseContents) contents = reprise_contents_new ();
  g_autoptr (JsonObject) imported = NULL;
  g_auto (RepriseCouchImport) import = { NULL };
  g_autofree char *database = guess_database (path);
  g_autofree char *name = g_filename_display_basename (path);
  g_autoptr (GError) local = NULL;

  if (stream == NULL)
    return FALSE;
  if (!reprise_couch_import_read (stream, NULL, &import, progress, cancellable, &local))
    {
      if (!g_error_matches (local, REPRISE_ERROR, REPRISE_ERROR_DAMAGED))
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return FALSE;
        }
      reprise_archive_add_damage (archive, "%s", local->message);
    }
  imported = make_imported (path, &import);
  reprise_archive_set_format (archive, _ ("couchbackup"));
  reprise_archive_set_created_at (archive, made);
  reprise_archive_set_data (archive, REPRISE_COUCH_MEMBER_IMPORTED, "couchbackup");
  if (database != NULL)
    reprise_archive_set_data (archive, REPRISE_OPTION_COLLECTION, database);
  reprise_couch_file_describe (archive, imported);
  add_contents (contents, NULL, database != NULL ? database : name, (gint64) import.n_documents,
                REPRISE_NOT_REPORTED);
  reprise_archive_set_contents (archive, contents);
  return TRUE;
}

/* ---- into the vault ---- */

/* In milliseconds; no two backups are of the same point. */
static GDateTime *
find_free_point (RepriseVaultWriter *writer, GDateTime *made, GError **error)
{
  g_autoptr (RepriseCouchShelf) shelf =
    reprise_couch_shelf_new_for_backup (reprise_vault_writer_get_folder (writer), error);
  gint64 at = g_date_time_to_unix (made) * 1000;
  g_autoptr (GDateTime) seconds = NULL;

  if (shelf == NULL)
    return NULL;
  for (guint i = 0; i < reprise_couch_shelf_get_n_runs (shelf); i++)
    if (reprise_couch_run_get_point (reprise_couch_shelf_get_run (shelf, i)) == at)
      {
        at++;
        i = G_MAXUINT; /* from the beginning */
      }
  seconds = g_date_time_new_from_unix_utc (at / 1000);
  return g_date_time_add (seconds, (at % 1000) * 1000);
}

static const char *
get_option (GHashTable *options, const char *key)
{
  return options != NULL ? g_hash_table_lookup (options, key) : NULL;
}

static char *
choose_database (RepriseArchive *archive, GHashTable *options, GError **error)
{
  const char *wanted = get_option (options, REPRISE_OPTION_COLLECTION);
  char *database = wanted != NULL && *wanted != '\0'
                     ? g_strdup (wanted)
                     : guess_database (reprise_archive_get_path (archive));

  if (database == NULL)
    reprise_error_set_literal (error, REPRISE_ERROR, REPRISE_ERROR_INVALID,
                               _ ("The file does not say of which database it is: name it, with "
                                  "--collection NAME"));
  else if (!reprise_couch_name_is_valid (database))
    {
      reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_INVALID,
                         _ ("“%s” cannot be the name of a database"), database);
      g_clear_pointer (&database, g_free);
    }
  return database;
}

static gboolean
write_segment (const char *path,
               GInputStream *stream,
               const char *database,
               const char *run,
               const char *to,
               RepriseCouchImport *import,
               RepriseProgress *progress,
               GCancellable *cancellable,
               GError **error)
{
  g_autoptr (RepriseCouchWriter) writer = reprise_couch_writer_new (path, error);

  return writer != NULL &&
         reprise_couch_writer_set (writer, REPRISE_COUCH_DATABASE, database, error) &&
         reprise_couch_writer_set (writer, REPRISE_COUCH_RUN, run, error) &&
         reprise_couch_writer_set (writer, REPRISE_COUCH_TIER,
                                   reprise_couch_tier_to_string (REPRISE_COUCH_BASELINE), error) &&
         reprise_couch_writer_set (writer, REPRISE_COUCH_FROM, "", error) &&
         reprise_couch_writer_set (writer, REPRISE_COUCH_TO, to, error) &&
         reprise_couch_writer_set (writer, REPRISE_COUCH_COVERS,
                                   REPRISE_COUCH_COVERS_DATA " " REPRISE_COUCH_COVERS_DESIGN,
                                   error) &&
         reprise_couch_import_read (stream, writer, import, progress, cancellable, error) &&
         reprise_couch_writer_commit (writer, cancellable, error);
}

static void
describe_backup (RepriseVaultWriter *writer,
                 RepriseService *service,
                 RepriseArchive *archive,
                 const char *database,
                 GDateTime *point,
                 gint64 n_live,
                 const RepriseCouchImport *import)
{
  RepriseManifest *manifest = reprise_vault_writer_get_manifest (writer);
  JsonObject *provider = reprise_manifest_get_provider (manifest);
  JsonObject *entry = json_object_new ();
  JsonArray *databases = json_array_new ();
  g_autoptr (RepriseContents) contents = reprise_contents_new ();
  g_autofree char *to = reprise_time_to_string (point);
  g_autofree char *name = g_filename_display_basename (reprise_archive_get_path (archive));
  g_autofree char *evidence = g_strdup_printf ("file read to its end, %" PRIu64
                                               " revisions; nothing in it says that it is whole",
                                               import->n_revisions);
  /* Translators: %s is a file */
  g_autofree char *note = g_strdup_printf (
    _ ("Taken from the couchbackup file “%s”; numbers may have been altered"), name);
  gint64 size = REPRISE_NOT_REPORTED;

  reprise_manifest_get_file (manifest, 0, &size, NULL);
  json_object_set_string_member (entry, "name", database);
  json_object_set_string_member (entry, "file", SEGMENT_NAME);
  json_object_set_string_member (entry, REPRISE_COUCH_TIER,
                                 reprise_couch_tier_to_string (REPRISE_COUCH_BASELINE));
  json_object_set_string_member (entry, REPRISE_COUCH_TO, to);
  json_object_set_string_member (entry, REPRISE_COUCH_COVERS,
                                 REPRISE_COUCH_COVERS_DATA " " REPRISE_COUCH_COVERS_DESIGN);
  json_array_add_object_element (databases, entry);
  json_object_set_int_member (provider, "version", 1);
  json_object_set_array_member (provider, REPRISE_COUCH_MEMBER_DATABASES, databases);
  json_object_set_object_member (provider, REPRISE_COUCH_MEMBER_IMPORTED,
                                 make_imported (reprise_archive_get_path (archive), import));
  add_contents (contents, service, database, n_live, size);
  reprise_manifest_set_contents (manifest, contents);
  reprise_manifest_set_created_at (manifest, point);
  reprise_manifest_set_interval (manifest, point, point);
  reprise_manifest_set_proof (manifest, "couchbackup", evidence);
  reprise_manifest_set_note (manifest, note);
}

static gboolean
count_live (const char *path, gint64 *n_live, GCancellable *cancellable, GError **error)
{
  g_autoptr (GPtrArray) segments =
    g_ptr_array_new_with_free_func ((GDestroyNotify) reprise_couch_segment_unref);
  g_autoptr (RepriseCouchState) state = NULL;
  RepriseCouchSegment *segment = reprise_couch_segment_read (path, error);

  if (segment == NULL)
    return FALSE;
  g_ptr_array_add (segments, segment);
  state = reprise_couch_state_new (segments, segment->to, cancellable, error);
  if (state != NULL)
    *n_live = (gint64) reprise_couch_state_get_n_live (state);
  return state != NULL;
}

static void
warn (RepriseProgress *progress, const char *path, const RepriseCouchImport *import)
{
  g_autoptr (JsonObject) imported = make_imported (path, import);

  for (guint i = 0; i < N_PECULIARITIES; i++)
    {
      g_autofree char *text = describe_peculiarity (imported, i);

      if (text != NULL)
        reprise_progress_warn_saying (progress, text);
    }
}

/**
 * reprise_couch_file_import:
 * @archive: that reprise_couch_file_inspect() found whole
 * @options: (nullable): the database; else it is taken from the file's name
 *
 * Writes the file into the vault as a baseline that no later run goes on from: it has no sequence.
 */
gboolean
reprise_couch_file_import (RepriseArchive *archive,
                           RepriseService *service,
                           GHashTable *options,
                           RepriseVaultWriter *writer,
                           RepriseProgress *progress,
                           GCancellable *cancellable,
                           GError **error)
{
  const char *path = reprise_archive_get_path (archive);
  g_autofree char *database = NULL, *scratch = NULL, *segment = NULL, *to = NULL;
  g_autoptr (GDateTime) made = NULL, point = NULL;
  g_autoptr (GInputStream) stream = NULL;
  g_auto (RepriseCouchImport) import = { NULL };
  gint64 n_live = 0;

  if (reprise_archive_get_data (archive, REPRISE_COUCH_MEMBER_IMPORTED) == NULL)
    {
      reprise_error_set (
        error, REPRISE_ERROR, REPRISE_ERROR_INVALID,
        _ ("“%s” is no file of couchbackup: there is no other format that could be "
           "taken in"),
        path != NULL ? path : "");
      return FALSE;
    }
  database = choose_database (archive, options, error);
  stream = database != NULL ? open_file (path, &made, cancellable, error) : NULL;
  point = stream != NULL ? find_free_point (writer, made, error) : NULL;
  scratch = point != NULL ? reprise_vault_writer_make_scratch (writer, error) : NULL;
  if (scratch == NULL)
    return FALSE;
  to = reprise_time_to_string (point);
  segment = g_build_filename (scratch, SEGMENT_NAME, NULL);
  reprise_progress_set_message (progress, database);
  if (!write_segment (segment, stream, database, reprise_vault_writer_get_id (writer), to, &import,
                      progress, cancellable, error) ||
      !count_live (segment, &n_live, cancellable, error) ||
      !reprise_vault_writer_add_file (writer, SEGMENT_NAME, segment, cancellable, error))
    return FALSE;
  describe_backup (writer, service, archive, database, point, n_live, &import);
  warn (progress, path, &import);
  return TRUE;
}
