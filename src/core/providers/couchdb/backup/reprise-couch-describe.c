/* reprise-couch-describe.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "net/reprise-json.h"
#include "providers/couchdb/backup/reprise-couch-backup-private.h"
#include "providers/couchdb/history/reprise-couch-mentions.h"
#include "providers/couchdb/reprise-couch-rules.h"

/* ---- the manifest ---- */

static gint64
read_number (RepriseCouchReader *reader, const char *name)
{
  g_autofree char *text = reprise_couch_reader_dup (reader, name);
  gint64 value;

  return text != NULL && g_ascii_string_to_signed (text, 10, 0, G_MAXINT64, &value, NULL)
           ? value
           : REPRISE_NOT_REPORTED;
}

static void
copy_text (JsonObject *entry, RepriseCouchReader *reader, const char *name)
{
  g_autofree char *text = reprise_couch_reader_dup (reader, name);

  if (text != NULL && *text != '\0')
    json_object_set_string_member (entry, name, text);
}

/* Which run the segment goes on from: the one of that point in time. */
static void
note_parent (RepriseCouchBackupRun *self, RepriseCouchReader *reader)
{
  g_autofree char *from = reprise_couch_reader_dup (reader, REPRISE_COUCH_FROM);

  if (from == NULL || *from == '\0')
    {
      self->n_baselines++;
      return;
    }
  for (guint i = 0; i < reprise_couch_shelf_get_n_runs (self->shelf); i++)
    {
      RepriseCouchRun *run = reprise_couch_shelf_get_run (self->shelf, i);
      g_autofree char *point = reprise_couch_backup_print_point (reprise_couch_run_get_point (run));

      if (!run->is_aside && strcmp (point, from) == 0)
        g_hash_table_add (self->parents, g_strdup (run->id));
    }
}

static gint64
get_file_size (RepriseCouchBackupRun *self, const char *name)
{
  RepriseManifest *manifest = reprise_vault_writer_get_manifest (self->writer);
  gint64 size;

  for (guint i = 0; i < reprise_manifest_get_n_files (manifest); i++)
    if (strcmp (reprise_manifest_get_file (manifest, i, &size, NULL), name) == 0)
      return size;
  return REPRISE_NOT_REPORTED;
}

static void
note_tier (RepriseCouchBackupRun *self, JsonObject *entry)
{
  RepriseTier tier;

  if (reprise_tier_from_string (reprise_json_get_string (entry, REPRISE_COUCH_TIER, NULL), &tier) &&
      (self->tier == REPRISE_TIER_NONE || tier < self->tier))
    self->tier = tier;
}

/* So that nobody who looks a document up has to wait for it. */
static void
index_database (RepriseCouchBackupRun *self, const char *database, const char *path)
{
  g_autofree char *folder = g_path_get_dirname (reprise_vault_writer_get_folder (self->writer));
  g_autoptr (GPtrArray) segments = reprise_couch_shelf_list_described (self->shelf, database, NULL);
  RepriseCouchSegment *segment = reprise_couch_segment_read (path, NULL);

  if (segments == NULL || segment == NULL)
    {
      g_clear_pointer (&segment, reprise_couch_segment_unref);
      return;
    }
  g_ptr_array_add (segments, segment);
  reprise_couch_mentions_update (folder, database, segments, self->cancellable);
}

static gboolean
describe_database (RepriseCouchBackupRun *self,
                   guint n,
                   RepriseContents *contents,
                   JsonArray *databases,
                   GError **error)
{
  const RepriseCouchChoice *choice = self->choices->pdata[n];
  g_autofree char *name = g_strdup_printf ("%u.sqlite", n + 1);
  g_autofree char *path =
    g_build_filename (reprise_vault_writer_get_folder (self->writer), name, NULL);
  g_autoptr (RepriseCouchReader) reader = reprise_couch_reader_new (path, error);
  g_autofree char *covers = NULL;
  const char *const files[] = { name, NULL };
  JsonObject *entry = json_object_new ();
  gboolean data, design;

  json_array_add_object_element (databases, entry);
  if (reader == NULL)
    return FALSE;
  json_object_set_string_member (entry, "name", choice->name);
  json_object_set_string_member (entry, "file", name);
  copy_text (entry, reader, REPRISE_COUCH_TIER);
  note_tier (self, entry);
  copy_text (entry, reader, REPRISE_COUCH_FROM);
  copy_text (entry, reader, REPRISE_COUCH_TO);
  copy_text (entry, reader, REPRISE_COUCH_COVERS);
  copy_text (entry, reader, REPRISE_COUCH_SEQUENCE);
  note_parent (self, reader);
  index_database (self, choice->name, path);
  covers = reprise_couch_reader_dup (reader, REPRISE_COUCH_COVERS);
  data = choice->data ||
         (self->names != NULL && reprise_couch_backup_has_word (covers, REPRISE_COUCH_COVERS_DATA));
  design = choice->design || (self->names != NULL &&
                              reprise_couch_backup_has_word (covers, REPRISE_COUCH_COVERS_DESIGN));
  if (data)
    {
      g_autoptr (RepriseCollection) collection = reprise_collection_new (
        choice->name, read_number (reader, REPRISE_COUCH_META_LIVE), get_file_size (self, name));

      reprise_collection_set_files (collection, files);
      reprise_contents_add (
        contents, reprise_couch_rules_get_group (self->service, choice->name, NULL), collection);
    }
  if (design)
    reprise_couch_choices_add_design (contents, self->service, choice->name);
  return TRUE;
}

/* Whether it leaves out databases that the settings choose and that the vault has: the next run goes on with them. */
static gboolean
is_partial (RepriseCouchBackupRun *self)
{
  for (guint i = 0; self->names != NULL && i < self->names->len; i++)
    {
      const RepriseCouchChoice *choice =
        reprise_couch_backup_find_choice (self->choices, self->names->pdata[i]);

      if ((choice == NULL || choice->problem != NULL) &&
          reprise_couch_shelf_knows (self->shelf, self->names->pdata[i]))
        return TRUE;
    }
  return FALSE;
}

/* The newest run that any of the segments goes on from; but the next one's line leads through this one: it must lead on to what this
 * one does not hold. */
static void
set_parent (RepriseCouchBackupRun *self)
{
  RepriseManifest *manifest = reprise_vault_writer_get_manifest (self->writer);
  GHashTableIter iter;
  gpointer id;
  const char *newest = NULL;

  g_hash_table_iter_init (&iter, self->parents);
  while (g_hash_table_iter_next (&iter, &id, NULL))
    if (newest == NULL || strcmp (id, newest) > 0)
      newest = id;
  if (is_partial (self) && (newest == NULL || g_hash_table_contains (self->line, newest)))
    newest = self->head;
  reprise_manifest_set_parent (manifest, newest);
}

gboolean
reprise_couch_backup_describe (RepriseCouchBackupRun *self, GError **error)
{
  RepriseManifest *manifest = reprise_vault_writer_get_manifest (self->writer);
  JsonObject *provider = reprise_manifest_get_provider (manifest);
  g_autoptr (RepriseContents) contents = reprise_contents_new ();
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  JsonArray *databases = json_array_new ();
  g_autofree char *evidence = NULL;

  json_object_set_int_member (provider, "version", 1);
  if (self->server != NULL)
    json_object_set_string_member (provider, REPRISE_COUCH_MEMBER_SERVER, self->server);
  json_object_set_array_member (provider, REPRISE_COUCH_MEMBER_DATABASES, databases);
  for (guint i = 0; i < self->choices->len; i++)
    {
      const RepriseCouchChoice *choice = self->choices->pdata[i];

      if (choice->problem != NULL)
        reprise_couch_choices_add_skipped (contents, choice->name, choice->problem);
      else if (!describe_database (self, i, contents, databases, error))
        return FALSE;
    }
  json_object_set_string_member (provider, REPRISE_MANIFEST_TIER,
                                 reprise_tier_to_string (self->tier));
  if (self->names != NULL)
    reprise_couch_choices_describe (self->known, self->names, provider);
  if (json_array_get_length (databases) == 0)
    {
      reprise_error_set_literal (error, REPRISE_ERROR, REPRISE_ERROR_FAILED,
                                 _ ("None of the databases could be read"));
      return FALSE;
    }
  evidence = g_strdup_printf ("%u feeds read to their last sequence, %u of them from the beginning",
                              json_array_get_length (databases), self->n_baselines);
  reprise_manifest_set_identity (manifest, self->server);
  reprise_manifest_set_service_version (manifest, self->version);
  reprise_manifest_set_created_at (manifest, self->started);
  reprise_manifest_set_interval (manifest, self->started, now);
  reprise_manifest_set_contents (manifest, contents);
  reprise_manifest_set_proof (manifest, "feed-end", evidence);
  set_parent (self);
  return TRUE;
}
