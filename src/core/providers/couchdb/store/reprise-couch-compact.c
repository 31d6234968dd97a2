/* reprise-couch-compact.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "base/reprise-time.h"
#include "net/reprise-json.h"
#include "providers/couchdb/store/reprise-couch-compact-private.h"
#include "vault/reprise-vault-events.h"

void (*reprise_couch_kill_point_func) (void);

typedef struct
{
  RepriseBackup *backup;
  RepriseManifest *manifest;
  GPtrArray *segments; /* (owned) (element-type RepriseCouchSegment) */
} Run;

void
reprise_couch_kill_point (void)
{
  if (reprise_couch_kill_point_func != NULL)
    reprise_couch_kill_point_func ();
}

static void
free_database (gpointer data)
{
  RepriseCouchCompactDatabase *database = data;

  g_free (database->name);
  g_ptr_array_unref (database->segments);
  g_ptr_array_unref (database->side);
  g_free (database);
}

static void
free_run (gpointer data)
{
  Run *run = data;

  g_object_unref (run->backup);
  g_object_unref (run->manifest);
  g_ptr_array_unref (run->segments);
  g_free (run);
}

static void
free_leaving (gpointer data)
{
  g_object_unref (((RepriseCouchLeaving *) data)->backup);
  g_free (data);
}

void
reprise_couch_compaction_free (RepriseCouchCompaction *self)
{
  g_clear_pointer (&self->databases, g_ptr_array_unref);
  g_clear_pointer (&self->runs, g_ptr_array_unref);
  g_object_unref (self->vault);
  g_object_unref (self->service);
  g_free (self);
}

static RepriseCouchCompactDatabase *
find_database (RepriseCouchCompaction *self, const char *name)
{
  for (guint i = 0; i < self->databases->len; i++)
    if (g_str_equal (((RepriseCouchCompactDatabase *) self->databases->pdata[i])->name, name))
      return self->databases->pdata[i];
  return NULL;
}

static RepriseCouchCompactDatabase *
need_database (RepriseCouchCompaction *self, const char *name)
{
  RepriseCouchCompactDatabase *database = find_database (self, name);

  if (database != NULL)
    return database;
  database = g_new0 (RepriseCouchCompactDatabase, 1);
  database->name = g_strdup (name);
  database->segments =
    g_ptr_array_new_with_free_func ((GDestroyNotify) reprise_couch_segment_unref);
  database->side = g_ptr_array_new_with_free_func ((GDestroyNotify) reprise_couch_segment_unref);
  reprise_couch_retention_set_defaults (&database->retention);
  if (self->func != NULL)
    self->func (name, &database->retention, self->user_data);
  g_ptr_array_add (self->databases, database);
  return database;
}

/* A safety copy, or what was taken from a file */
static gboolean
is_aside (Run *run)
{
  return reprise_backup_get_origin (run->backup) == REPRISE_ORIGIN_SAFETY ||
         reprise_backup_get_origin (run->backup) == REPRISE_ORIGIN_UPLOAD;
}

static gboolean
add_segment (RepriseCouchCompaction *self, Run *run, JsonObject *entry, GError **error)
{
  const char *file = reprise_json_get_string (entry, "file", NULL);
  g_autofree char *path = NULL;
  g_autoptr (RepriseCouchSegment) segment = NULL;
  RepriseCouchCompactDatabase *database;

  if (file == NULL || !reprise_manifest_path_is_safe (file))
    return TRUE;
  path = g_build_filename (reprise_backup_get_folder (run->backup), file, NULL);
  segment = reprise_couch_segment_read (path, error);
  if (segment == NULL)
    return FALSE;
  if (!g_str_equal (segment->run, reprise_backup_get_id (run->backup)))
    {
      reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_DAMAGED,
                         _ ("The segment “%s” belongs to another backup."), path);
      return FALSE;
    }
  segment->pinned = reprise_backup_get_kept (run->backup);
  database = need_database (self, segment->database);
  g_ptr_array_add (is_aside (run) ? database->side : database->segments,
                   reprise_couch_segment_ref (segment));
  g_ptr_array_add (run->segments, g_steal_pointer (&segment));
  return TRUE;
}

static gboolean
add_run (RepriseCouchCompaction *self, RepriseBackup *backup, GError **error)
{
  g_autoptr (RepriseManifest) manifest = NULL;
  JsonArray *entries;
  Run *run;

  if (!reprise_backup_get_in_vault (backup) ||
      reprise_backup_get_state (backup) == REPRISE_BACKUP_PARTIAL)
    return TRUE;
  manifest = reprise_vault_read_manifest (self->vault, backup, error);
  if (manifest == NULL)
    return FALSE;
  entries = reprise_json_get_array (reprise_manifest_get_provider (manifest),
                                    REPRISE_COUCH_MANIFEST_DATABASES);
  if (entries == NULL)
    return TRUE;
  run = g_new0 (Run, 1);
  run->backup = g_object_ref (backup);
  run->manifest = g_steal_pointer (&manifest);
  run->segments = g_ptr_array_new_with_free_func ((GDestroyNotify) reprise_couch_segment_unref);
  g_ptr_array_add (self->runs, run);
  for (guint i = 0; i < reprise_json_array_get_length (entries); i++)
    if (!add_segment (self, run, reprise_json_array_get_object (entries, i), error))
      return FALSE;
  return TRUE;
}

/* A safety copy stands on a point: that stays as long as it does. */
static void
pin_below (RepriseCouchCompactDatabase *database)
{
  for (guint i = 0; i < database->side->len; i++)
    for (guint j = 0; j < database->segments->len; j++)
      {
        RepriseCouchSegment *segment = database->segments->pdata[j];

        if (segment->to == ((RepriseCouchSegment *) database->side->pdata[i])->from)
          segment->pinned = TRUE;
      }
}

gboolean
reprise_couch_compaction_load (RepriseCouchCompaction *self,
                               GCancellable *cancellable,
                               GError **error)
{
  g_autoptr (GPtrArray) backups =
    reprise_vault_list (self->vault, reprise_service_get_uuid (self->service), cancellable, error);

  g_clear_pointer (&self->databases, g_ptr_array_unref);
  g_clear_pointer (&self->runs, g_ptr_array_unref);
  self->databases = g_ptr_array_new_with_free_func (free_database);
  self->runs = g_ptr_array_new_with_free_func (free_run);
  if (backups == NULL)
    return FALSE;
  for (guint i = 0; i < backups->len; i++)
    if (g_cancellable_set_error_if_cancelled (cancellable, error) ||
        !add_run (self, backups->pdata[i], error))
      return FALSE;
  for (guint i = 0; i < self->databases->len; i++)
    pin_below (self->databases->pdata[i]);
  return TRUE;
}

/**
 * reprise_couch_compaction_new:
 * @func: (nullable): tells the retention of each database; else the defaults. Must live as long as what is returned
 *
 * Returns: (transfer full): or %NULL with @error set; %REPRISE_ERROR_DAMAGED where a segment cannot be read: then nothing is removed
 */
RepriseCouchCompaction *
reprise_couch_compaction_new (RepriseVault *vault,
                              RepriseService *service,
                              RepriseCouchRetentionFunc func,
                              gpointer user_data,
                              GCancellable *cancellable,
                              GError **error)
{
  g_autoptr (RepriseCouchCompaction) self = g_new0 (RepriseCouchCompaction, 1);

  self->vault = g_object_ref (vault);
  self->service = g_object_ref (service);
  self->func = func;
  self->user_data = user_data;
  return reprise_couch_compaction_load (self, cancellable, error) ? g_steal_pointer (&self) : NULL;
}

/* (transfer full) (array zero-terminated=1) */
char **
reprise_couch_compaction_list_databases (RepriseCouchCompaction *self)
{
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();

  for (guint i = 0; i < self->databases->len; i++)
    g_strv_builder_add (names, ((RepriseCouchCompactDatabase *) self->databases->pdata[i])->name);
  return g_strv_builder_end (names);
}

/* (transfer none) (nullable) (element-type RepriseCouchSegment): of its chain, without safety copies */
GPtrArray *
reprise_couch_compaction_get_segments (RepriseCouchCompaction *self, const char *database)
{
  RepriseCouchCompactDatabase *found = find_database (self, database);

  return found == NULL ? NULL : found->segments;
}

/* @retention: (out): of a database; what is offered first where there is none of that name */
void
reprise_couch_compaction_get_retention (RepriseCouchCompaction *self,
                                        const char *database,
                                        RepriseCouchRetention *retention)
{
  RepriseCouchCompactDatabase *found = find_database (self, database);

  if (found != NULL)
    *retention = found->retention;
  else
    reprise_couch_retention_set_defaults (retention);
}

/* (transfer full) (element-type RepriseCouchRollUp): of all databases, by name and bytes */
GPtrArray *
reprise_couch_compaction_list_roll_ups (RepriseCouchCompaction *self)
{
  GPtrArray *all = g_ptr_array_new_with_free_func ((GDestroyNotify) reprise_couch_roll_up_free);

  for (guint i = 0; i < self->databases->len; i++)
    {
      RepriseCouchCompactDatabase *database = self->databases->pdata[i];

      g_ptr_array_extend_and_steal (
        all, reprise_couch_tiers_plan (database->segments, &database->retention));
    }
  return all;
}

static void
add_removals (RepriseCouchCompactDatabase *database, GHashTable *removals)
{
  g_autoptr (GPtrArray) some =
    reprise_couch_tiers_list_removals (database->segments, &database->retention);

  while (some->len > 0)
    {
      RepriseCouchRemoval *removal = g_ptr_array_steal_index (some, some->len - 1);

      g_hash_table_insert (removals, removal->segment, removal);
    }
}

/* Only a backup all of whose segments go can go. */
static RepriseCouchLeaving *
make_leaving (Run *run, GHashTable *removals)
{
  g_autofree RepriseCouchLeaving *leaving = g_new0 (RepriseCouchLeaving, 1);

  leaving->at = G_MININT64;
  leaving->rolled_up = TRUE;
  for (guint i = 0; i < run->segments->len; i++)
    {
      const RepriseCouchRemoval *removal = g_hash_table_lookup (removals, run->segments->pdata[i]);

      if (removal == NULL)
        return NULL;
      leaving->at = MAX (leaving->at, removal->at);
      leaving->needed = leaving->needed || removal->needed;
      leaving->rolled_up = leaving->rolled_up && removal->by != NULL;
    }
  if (run->segments->len == 0)
    return NULL;
  leaving->backup = g_object_ref (run->backup);
  return g_steal_pointer (&leaving);
}

/* (transfer full) (element-type RepriseCouchLeaving): by name (the backup's) and bytes, each with its date */
GPtrArray *
reprise_couch_compaction_list_leaving (RepriseCouchCompaction *self)
{
  g_autoptr (GHashTable) removals = g_hash_table_new_full (
    g_direct_hash, g_direct_equal, NULL, (GDestroyNotify) reprise_couch_removal_free);
  GPtrArray *all = g_ptr_array_new_with_free_func (free_leaving);

  for (guint i = 0; i < self->databases->len; i++)
    add_removals (self->databases->pdata[i], removals);
  for (guint i = 0; i < self->runs->len; i++)
    {
      RepriseCouchLeaving *leaving = make_leaving (self->runs->pdata[i], removals);

      if (leaving != NULL)
        g_ptr_array_add (all, leaving);
    }
  return all;
}

/* One new backup: of each database at most one segment, so that a run's id names it */
typedef struct
{
  RepriseCouchCompaction *owner;
  RepriseVaultWriter *writer; /* (owned) (nullable) */
  char *scratch;              /* (owned) */
  RepriseContents *contents;  /* (owned) */
  JsonArray *entries;         /* (owned) */
  GHashTable *superseded;     /* (owned) (element-type utf8) */
  gint64 now;
  gint64 from;
  gint64 to;
  guint n_segments;
  RepriseTier tier; /* the finest of its segments */
  RepriseProgress *progress;
  GCancellable *cancellable;
} Batch;

static void
clear_batch (Batch *batch)
{
  g_clear_object (&batch->writer);
  g_clear_object (&batch->contents);
  g_clear_pointer (&batch->entries, json_array_unref);
  g_clear_pointer (&batch->superseded, g_hash_table_unref);
  g_free (batch->scratch);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Batch, clear_batch)

static GDateTime *
make_time (gint64 ms)
{
  g_autoptr (GDateTime) seconds = g_date_time_new_from_unix_utc (ms / 1000);

  return g_date_time_add (seconds, ms % 1000 * 1000);
}

static Run *
find_run (RepriseCouchCompaction *self, const char *id)
{
  for (guint i = 0; i < self->runs->len; i++)
    if (g_str_equal (reprise_backup_get_id (((Run *) self->runs->pdata[i])->backup), id))
      return self->runs->pdata[i];
  return NULL;
}

/* A part of the database as the manifest of the newest source tells of it, where it has that part: what is not in the manifest is
 * not restored. @files, @size_bytes: of the documents */
static void
add_collection (Batch *batch,
                Run *newest,
                const char *name,
                const char *const *files,
                gint64 size_bytes)
{
  RepriseContents *contents = reprise_manifest_get_contents (newest->manifest);
  RepriseGroup group;
  RepriseCollection *old = contents == NULL ? NULL : reprise_contents_find (contents, name, &group);
  g_autoptr (RepriseCollection) collection = NULL;

  if (old == NULL)
    return;
  collection = reprise_collection_new (name, reprise_collection_get_rows (old), size_bytes);
  reprise_collection_set_title (collection, reprise_collection_get_title (old));
  if (files != NULL)
    reprise_collection_set_files (collection, files);
  reprise_contents_add (batch->contents, group, collection);
}

static void
add_collections (Batch *batch,
                 Run *newest,
                 const char *database,
                 const char *file,
                 gint64 size_bytes)
{
  g_autofree char *design = g_strconcat (database, REPRISE_COUCH_DESIGN_SUFFIX, NULL);
  const char *const files[] = { file, NULL };

  add_collection (batch, newest, database, files, size_bytes);
  add_collection (batch, newest, design, NULL, REPRISE_NOT_REPORTED);
}

static void
add_superseded (Batch *batch, Run *run)
{
  JsonArray *earlier = reprise_json_get_array (reprise_manifest_get_provider (run->manifest),
                                               REPRISE_MANIFEST_SUPERSEDES);

  g_hash_table_add (batch->superseded, g_strdup (reprise_backup_get_id (run->backup)));
  for (guint i = 0; i < reprise_json_array_get_length (earlier); i++)
    g_hash_table_add (batch->superseded, g_strdup (reprise_json_array_get_string (earlier, i, "")));
}

static void
note_tier (Batch *batch, RepriseCouchTier couch_tier)
{
  RepriseTier tier = reprise_couch_tier_to_tier (couch_tier);

  if (batch->tier == REPRISE_TIER_NONE || tier < batch->tier)
    batch->tier = tier;
}

static void
describe_segment (Batch *batch,
                  const RepriseCouchRollUp *roll_up,
                  const char *file,
                  const char *path)
{
  RepriseCouchSegment *first = roll_up->sources->pdata[0];
  RepriseCouchSegment *last = roll_up->sources->pdata[roll_up->sources->len - 1];
  g_autoptr (RepriseCouchSegment) made = reprise_couch_segment_read (path, NULL);
  g_autoptr (GDateTime) to = make_time (last->to);
  g_autofree char *to_text = reprise_time_to_string (to);
  JsonObject *entry = json_object_new ();

  json_object_set_string_member (entry, "name", roll_up->database);
  json_object_set_string_member (entry, "file", file);
  json_object_set_string_member (entry, "tier", reprise_couch_tier_to_string (roll_up->tier));
  json_object_set_string_member (entry, "to", to_text);
  note_tier (batch, roll_up->tier);
  if (first->from != REPRISE_COUCH_NEVER)
    {
      g_autoptr (GDateTime) from = make_time (first->from);
      g_autofree char *from_text = reprise_time_to_string (from);

      json_object_set_string_member (entry, "from", from_text);
      batch->from = MIN (batch->from, first->from);
    }
  json_array_add_object_element (batch->entries, entry);
  batch->to = last->to;
  for (guint i = 0; i < roll_up->sources->len; i++)
    add_superseded (
      batch, find_run (batch->owner, ((RepriseCouchSegment *) roll_up->sources->pdata[i])->run));
  add_collections (batch, find_run (batch->owner, last->run), roll_up->database, file,
                   made == NULL ? REPRISE_NOT_REPORTED : made->size_bytes);
}

/* The newest backup that the first source goes on from: where it is deleted already, there is no parent to name. */
static char *
find_parent (RepriseCouchCompaction *self, const RepriseCouchRollUp *roll_up)
{
  const RepriseCouchSegment *first = roll_up->sources->pdata[0];
  RepriseCouchCompactDatabase *database = find_database (self, roll_up->database);
  const char *parent = NULL;

  for (guint i = 0; first->from != REPRISE_COUCH_NEVER && i < database->segments->len; i++)
    {
      RepriseCouchSegment *segment = database->segments->pdata[i];

      if (segment->to == first->from &&
          reprise_couch_segments_find_successor (database->segments, segment) == NULL)
        parent = segment->run;
    }
  return g_strdup (parent);
}

static gboolean
begin_batch (Batch *batch, const RepriseCouchRollUp *roll_up, GError **error)
{
  g_autofree char *parent = find_parent (batch->owner, roll_up);

  batch->writer = reprise_vault_begin (batch->owner->vault, batch->owner->service,
                                       REPRISE_ORIGIN_SCHEDULE, parent, error);
  if (batch->writer == NULL)
    return FALSE;
  batch->scratch = reprise_vault_writer_make_scratch (batch->writer, error);
  batch->contents = reprise_contents_new ();
  batch->entries = json_array_new ();
  batch->superseded = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  batch->from = batch->to = G_MININT64;
  return batch->scratch != NULL;
}

GPtrArray *
reprise_couch_compact_join_segments (RepriseCouchCompactDatabase *database)
{
  GPtrArray *all = g_ptr_array_new ();

  g_ptr_array_extend (all, database->segments, NULL, NULL);
  g_ptr_array_extend (all, database->side, NULL, NULL);
  return all;
}

static void
log_roll_up (Batch *batch, const RepriseCouchRollUp *roll_up)
{
  g_autofree char *size = g_format_size ((guint64) roll_up->size_bytes);

  for (guint i = 0; i < roll_up->sources->len; i++)
    reprise_progress_log (
      batch->progress, "rolled up: %s of the backup %s, into the %s %s", roll_up->database,
      ((RepriseCouchSegment *) roll_up->sources->pdata[i])->run,
      reprise_couch_tier_to_string (roll_up->tier), reprise_vault_writer_get_id (batch->writer));
  reprise_progress_log (batch->progress, "%s: %u segments, %s, are one now", roll_up->database,
                        roll_up->sources->len, size);
}

/* Written, verified against its sources, and moved into the backup's folder */
static gboolean
write_segment (Batch *batch,
               RepriseCouchCompactDatabase *database,
               const RepriseCouchRollUp *roll_up,
               GError **error)
{
  g_autoptr (GPtrArray) segments = reprise_couch_compact_join_segments (database);
  g_autofree char *file = g_strdup_printf ("%u.sqlite", ++batch->n_segments);
  g_autofree char *path = NULL;

  if (batch->writer == NULL && !begin_batch (batch, roll_up, error))
    return FALSE;
  path = g_build_filename (batch->scratch, file, NULL);
  reprise_progress_set_message (batch->progress, roll_up->database);
  reprise_progress_set_phase (batch->progress, REPRISE_PHASE_WRITING);
  reprise_couch_kill_point ();
  if (!reprise_couch_roll_up_write (roll_up, segments, path,
                                    reprise_vault_writer_get_id (batch->writer), batch->now,
                                    batch->progress, batch->cancellable, error))
    return FALSE;
  reprise_couch_kill_point ();
  reprise_progress_set_phase (batch->progress, REPRISE_PHASE_VERIFYING);
  if (!reprise_couch_roll_up_verify (roll_up, segments, path, batch->progress, batch->cancellable,
                                     error))
    return FALSE;
  log_roll_up (batch, roll_up);
  describe_segment (batch, roll_up, file, path);
  return reprise_vault_writer_add_file (batch->writer, file, path, batch->cancellable, error);
}

static void
describe_batch (Batch *batch)
{
  RepriseManifest *manifest = reprise_vault_writer_get_manifest (batch->writer);
  JsonObject *provider = reprise_manifest_get_provider (manifest);
  g_autoptr (GDateTime) to = make_time (batch->to);
  g_autoptr (GDateTime) from = make_time (batch->from == G_MININT64 ? batch->to : batch->from);
  JsonArray *superseded = json_array_new ();
  GHashTableIter iter;
  gpointer id;

  g_hash_table_iter_init (&iter, batch->superseded);
  while (g_hash_table_iter_next (&iter, &id, NULL))
    {
      Run *run = find_run (batch->owner, id);

      json_array_add_string_element (superseded, id);
      if (run != NULL && reprise_manifest_get_identity (run->manifest) != NULL)
        reprise_manifest_set_identity (manifest, reprise_manifest_get_identity (run->manifest));
      if (run != NULL && reprise_manifest_get_service_version (run->manifest) != NULL)
        reprise_manifest_set_service_version (manifest,
                                              reprise_manifest_get_service_version (run->manifest));
    }
  json_object_set_int_member (provider, "version", 1);
  json_object_set_string_member (provider, REPRISE_MANIFEST_TIER,
                                 reprise_tier_to_string (batch->tier));
  json_object_set_array_member (provider, REPRISE_COUCH_MANIFEST_DATABASES,
                                json_array_ref (batch->entries));
  json_object_set_array_member (provider, REPRISE_MANIFEST_SUPERSEDES, superseded);
  reprise_manifest_set_created_at (manifest, to);
  reprise_manifest_set_interval (manifest, from, to);
  reprise_manifest_set_contents (manifest, batch->contents);
  reprise_manifest_set_proof (manifest, "roll-up",
                              "read again and compared with the documents of its sources");
}

static gboolean
commit_batch (Batch *batch, GError **error)
{
  g_autoptr (RepriseBackup) backup = NULL;

  describe_batch (batch);
  reprise_couch_kill_point ();
  backup = reprise_vault_writer_commit (batch->writer, batch->cancellable, error);
  if (backup == NULL)
    return FALSE;
  reprise_couch_kill_point ();
  return reprise_vault_verify (batch->owner->vault, backup, REPRISE_DEPTH_FULL, NULL,
                               batch->cancellable, error) &&
         reprise_vault_note_verified (batch->owner->vault, backup, REPRISE_DEPTH_FULL, error);
}

/* (nullable): of a plan the roll-up that leads to that point */
static const RepriseCouchRollUp *
find_roll_up (GPtrArray *plan, gint64 to)
{
  for (guint i = 0; i < plan->len; i++)
    {
      const RepriseCouchRollUp *roll_up = plan->pdata[i];
      const RepriseCouchSegment *last = roll_up->sources->pdata[roll_up->sources->len - 1];

      if (to == G_MININT64 || last->to == to)
        return roll_up;
    }
  return NULL;
}

/* The first roll-up that there is, and those of other databases that lead to the same point: a backup is of one point in time. @any:
 * (out): whether there was one */
static gboolean
roll_up_once (RepriseCouchCompaction *self,
              gint64 now,
              gboolean *any,
              RepriseProgress *progress,
              GCancellable *cancellable,
              GError **error)
{
  g_auto (Batch) batch = {
    .owner = self, .now = now, .to = G_MININT64, .progress = progress, .cancellable = cancellable
  };

  for (guint i = 0; i < self->databases->len; i++)
    {
      RepriseCouchCompactDatabase *database = self->databases->pdata[i];
      g_autoptr (GPtrArray) plan =
        reprise_couch_tiers_plan (database->segments, &database->retention);
      const RepriseCouchRollUp *roll_up = find_roll_up (plan, batch.to);

      if (roll_up != NULL && !write_segment (&batch, database, roll_up, error))
        return FALSE;
    }
  *any = batch.n_segments > 0;
  return !*any ||
         (commit_batch (&batch, error) && reprise_couch_compaction_load (self, cancellable, error));
}

/**
 * reprise_couch_compaction_roll_up:
 * @now: milliseconds since 1970
 * @n_made: (out) (optional): how many new backups
 *
 * Writes, verifies and commits what the tiers ask for. Killed anywhere, the next call goes on: nothing that was there is touched. What is
 * held afterwards is read anew, so that the lists tell how things are.
 */
gboolean
reprise_couch_compaction_roll_up (RepriseCouchCompaction *self,
                                  gint64 now,
                                  guint *n_made,
                                  RepriseProgress *progress,
                                  GCancellable *cancellable,
                                  GError **error)
{
  guint n = 0;
  gboolean any = TRUE;

  while (any)
    {
      if (!roll_up_once (self, now, &any, progress, cancellable, error))
        return FALSE;
      n += any;
    }
  if (n_made != NULL)
    *n_made = n;
  return reprise_couch_compaction_mark_leaving (self, error);
}
