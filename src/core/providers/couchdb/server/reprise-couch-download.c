/* reprise-couch-download.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "providers/couchdb/reprise-couch-choice.h"
#include "providers/couchdb/backup/reprise-couch-reading.h"
#include "providers/couchdb/reprise-couch-rules.h"
#include "providers/couchdb/reprise-couch-settings.h"
#include "providers/couchdb/reprise-couch-shelf.h"
#include "providers/couchdb/server/reprise-couch-download.h"
#include "providers/couchdb/server/reprise-couch-merge.h"
#include "providers/couchdb/server/reprise-couch-server-backup.h"
#include "providers/couchdb/server/reprise-couch-server-restore.h"

/*
 * By database: the server puts it together in a scratch database, design documents and security with it → our own engine reads that
 *   into a segment, a baseline of the backup's point in time → the scratch database goes → manifest
 *
 * Nothing goes on from such a backup: like one that was taken from a file, it stands beside the chain.
 */
typedef struct
{
  RepriseCouchServer *server;
  RepriseVaultWriter *writer;
  RepriseProgress *progress;
  GCancellable *cancellable;
  RepriseArchive *archive;   /* (owned) */
  RepriseJournal *journal;   /* (owned) (nullable) */
  RepriseContents *contents; /* (owned) */
  JsonArray *databases;      /* (owned) */
  char *folder;              /* (owned): for segments */
  char *to;                  /* (owned) */
  char *uuid;                /* (owned) (nullable) */
  char *version;             /* (owned) (nullable) */
  guint connections;
} Run;

static void
run_clear (Run *self)
{
  g_clear_object (&self->archive);
  g_clear_object (&self->journal);
  g_clear_object (&self->contents);
  g_clear_pointer (&self->databases, json_array_unref);
  g_clear_pointer (&self->folder, g_free);
  g_clear_pointer (&self->to, g_free);
  g_clear_pointer (&self->uuid, g_free);
  g_clear_pointer (&self->version, g_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Run, run_clear)

/* The server puts the database together, as a restore would. */
static gboolean
assemble (Run *self, const char *source, const char *scratch, GError **error)
{
  g_autoptr (GHashTable) options = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (ReprisePlan) plan = NULL;
  g_autoptr (RepriseOutcome) outcome = NULL;

  g_hash_table_insert (options, (gpointer) REPRISE_COUCH_OPTION_DATABASES, (gpointer) source);
  g_hash_table_insert (options, (gpointer) REPRISE_COUCH_OPTION_TARGET, (gpointer) scratch);
  plan = reprise_couch_server_plan (self->server, self->archive, REPRISE_GROUPS_NONE, options, NULL,
                                    self->cancellable, error);
  if (plan == NULL || !reprise_plan_check_refusal (plan, error))
    return FALSE;
  outcome = reprise_couch_server_restore (self->server, plan, self->journal, self->progress,
                                          self->cancellable, error);
  return outcome != NULL;
}

static void
describe (Run *self, const char *source, const char *name, gint64 doc_count, gint64 size_bytes)
{
  const char *const files[] = { name, NULL };
  g_autoptr (RepriseCollection) collection = reprise_collection_new (source, doc_count, size_bytes);
  JsonObject *entry = json_object_new ();

  json_object_set_string_member (entry, "name", source);
  json_object_set_string_member (entry, "file", name);
  json_object_set_string_member (entry, REPRISE_COUCH_TIER,
                                 reprise_couch_tier_to_string (REPRISE_COUCH_BASELINE));
  json_object_set_string_member (entry, REPRISE_COUCH_TO, self->to);
  json_array_add_object_element (self->databases, entry);
  reprise_collection_set_files (collection, files);
  reprise_contents_add (self->contents,
                        reprise_couch_rules_get_group (self->server->service, source, NULL),
                        collection);
  reprise_couch_choices_add_design (self->contents, self->server->service, source);
}

static gboolean
read_scratch (Run *self, const char *source, const char *scratch, guint n, GError **error)
{
  g_autofree char *name = g_strdup_printf ("%u.sqlite", n);
  g_autofree char *path = g_build_filename (self->folder, name, NULL);
  const RepriseCouchReading reading = {
    .database = scratch,
    .name = source,
    .path = path,
    .run = reprise_vault_writer_get_id (self->writer),
    .to = self->to,
    .server = self->uuid,
    .data = TRUE,
    .design = TRUE,
    .connections = self->connections,
  };
  g_autoptr (RepriseCouchInfo) info =
    reprise_couch_client_get_info (self->server->home, scratch, self->cancellable, error);

  reprise_progress_set_phase (self->progress, REPRISE_PHASE_READING);
  if (info == NULL ||
      !reprise_couch_reading_run (&reading, self->server->home, self->progress, self->cancellable,
                                  error) ||
      !reprise_vault_writer_add_file (self->writer, name, path, self->cancellable, error))
    return FALSE;
  describe (self, source, name, info->doc_count, info->size_bytes);
  return TRUE;
}

static gboolean
download_database (Run *self, const char *source, guint n, GError **error)
{
  g_autofree char *stamp = g_ascii_strdown (reprise_vault_writer_get_id (self->writer), -1);
  g_autofree char *scratch =
    g_strdup_printf ("%s-download-%s", *source == '_' ? source + 1 : source, stamp);
  g_autoptr (GError) local = NULL;
  gboolean ok;

  if (self->journal != NULL &&
      !reprise_journal_set (self->journal, REPRISE_COUCH_KEY_SCRATCH, scratch, error))
    return FALSE;
  ok = assemble (self, source, scratch, error) && read_scratch (self, source, scratch, n, error);
  if (!reprise_couch_client_delete_database (self->server->home, scratch, NULL, &local))
    reprise_progress_warn (self->progress, "The database “%s” could not be taken away", scratch);
  return ok;
}

static gboolean
download_all (Run *self, GError **error)
{
  RepriseContents *contents = reprise_archive_get_contents (self->archive);
  guint n = 0;

  for (guint g = 0; g < REPRISE_N_GROUPS; g++)
    {
      RepriseDataGroup *group = reprise_contents_get_group (contents, (RepriseGroup) g);

      for (guint i = 0; group != NULL && i < g_list_model_get_n_items (G_LIST_MODEL (group)); i++)
        {
          g_autoptr (RepriseCollection) collection =
            g_list_model_get_item (G_LIST_MODEL (group), i);
          const char *name = reprise_collection_get_name (collection);

          if (!reprise_couch_rules_is_design (name) && !download_database (self, name, ++n, error))
            return FALSE;
        }
    }
  return TRUE;
}

static gboolean
open_journal (Run *self, GError **error)
{
  self->journal =
    reprise_journal_create (reprise_couch_server_get_uuid (self->server), "download", error);
  return self->journal != NULL &&
         reprise_journal_set (self->journal, REPRISE_COUCH_KEY_ROLL_UP, "true", error);
}

static void
write_manifest (Run *self, RepriseBackup *backup)
{
  RepriseManifest *manifest = reprise_vault_writer_get_manifest (self->writer);
  JsonObject *provider = reprise_manifest_get_provider (manifest);
  g_autofree char *note =
    g_strdup_printf (_ ("Taken from the backup %s on the server"), reprise_backup_get_id (backup));

  json_object_set_int_member (provider, "version", 1);
  if (self->uuid != NULL)
    json_object_set_string_member (provider, REPRISE_COUCH_MEMBER_SERVER, self->uuid);
  json_object_set_array_member (provider, REPRISE_COUCH_MEMBER_DATABASES,
                                json_array_ref (self->databases));
  json_object_set_string_member (provider, REPRISE_MANIFEST_TIER,
                                 reprise_tier_to_string (REPRISE_TIER_BASELINE));
  reprise_manifest_set_origin (manifest, REPRISE_ORIGIN_UPLOAD);
  reprise_manifest_set_identity (manifest, self->uuid);
  reprise_manifest_set_service_version (manifest, self->version);
  reprise_manifest_set_created_at (manifest, reprise_backup_get_created_at (backup));
  reprise_manifest_set_interval (manifest, reprise_backup_get_created_at (backup),
                                 reprise_backup_get_created_at (backup));
  reprise_manifest_set_contents (manifest, self->contents);
  reprise_manifest_set_proof (manifest, "feed-end",
                              "put together by the server, compared by revisions, and read to the "
                              "end of its feed");
  reprise_manifest_set_note (manifest, note);
}

static RepriseArchive *
open_archive (RepriseCouchServer *server,
              RepriseBackup *backup,
              RepriseVaultWriter *writer,
              GCancellable *cancellable,
              GError **error)
{
  g_autofree char *service = g_path_get_dirname (reprise_vault_writer_get_folder (writer));
  g_autofree char *vault = g_path_get_dirname (service);
  RepriseArchive *archive = reprise_couch_server_open (server, backup, cancellable, error);

  if (archive != NULL)
    reprise_archive_set_data (archive, REPRISE_ARCHIVE_DATA_VAULT, vault);
  return archive;
}

/* Brings a backup on the server into the vault, where everything can be done with it that can be done with ours. */
gboolean
reprise_couch_server_download (RepriseCouchServer *server,
                               RepriseBackup *backup,
                               guint connections,
                               RepriseVaultWriter *writer,
                               RepriseProgress *progress,
                               GCancellable *cancellable,
                               GError **error)
{
  static const ReprisePhaseShare PHASES[] = { { REPRISE_PHASE_APPLYING, 40 },
                                              { REPRISE_PHASE_COMPARING, 10 },
                                              { REPRISE_PHASE_READING, 40 } };
  g_auto (Run) self = { .server = server,
                        .writer = writer,
                        .progress = progress,
                        .cancellable = cancellable,
                        .connections = connections };
  gboolean ok;

  reprise_progress_set_plan (progress, PHASES, G_N_ELEMENTS (PHASES));
  self.contents = reprise_contents_new ();
  self.databases = json_array_new ();
  self.to = reprise_couch_delta_dup_time (reprise_couch_server_get_point (backup));
  self.folder = reprise_vault_writer_make_scratch (writer, error);
  if (self.folder == NULL || !reprise_couch_server_settle (server, progress, cancellable, error) ||
      !reprise_couch_client_get_server (server->home, &self.version, &self.uuid, cancellable,
                                        error))
    return FALSE;
  self.archive = open_archive (server, backup, writer, cancellable, error);
  if (self.archive == NULL || !open_journal (&self, error))
    return FALSE;
  ok = download_all (&self, error);
  if (!reprise_journal_close (self.journal, NULL))
    reprise_progress_log (progress, "the journal of the download could not be removed");
  if (ok)
    write_manifest (&self, backup);
  return ok;
}
