/* reprise-couch-backup.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "base/reprise-file.h"
#include "base/reprise-time.h"
#include "net/reprise-json.h"
#include "providers/couchdb/backup/reprise-couch-backup.h"
#include "providers/couchdb/reprise-couch-line.h"
#include "providers/couchdb/history/reprise-couch-mentions.h"
#include "providers/couchdb/backup/reprise-couch-reading.h"
#include "providers/couchdb/reprise-couch-rules.h"
#include "providers/couchdb/reprise-couch-settings.h"
#include "providers/couchdb/reprise-couch-shelf.h"
#include "vault/reprise-vault-layout.h"

#define STATE_NAME "run.json"

/*
 * Which databases → what an interrupted run of the same choice left → the latest point of each in the vault
 *   → each read into a segment of its own, which is taken into the backup when it is whole → manifest
 */
typedef struct
{
  RepriseCouchClient *client;
  RepriseKind *kind;
  RepriseService *service;
  RepriseVaultWriter *writer;
  RepriseProgress *progress;
  GCancellable *cancellable;
  RepriseCouchShelf *shelf;   /* (owned) */
  RepriseCouchChoices *known; /* (owned) */
  GPtrArray *names;   /* (owned) (nullable) (element-type utf8): all that the settings choose */
  GPtrArray *choices; /* (owned) (element-type RepriseCouchChoice) */
  char *scratch;      /* (owned): it outlives the process */
  char *version;      /* (owned) (nullable) */
  char *server;       /* (owned) (nullable) */
  char *to;           /* (owned) */
  GDateTime *started; /* (owned) */
  GHashTable
    *line; /* (owned) (element-type utf8): the newest run, and those that it goes on from */
  const char *head;    /* (nullable): the newest of them */
  GHashTable *parents; /* (owned) (element-type utf8): runs that segments go on from */
  guint n_baselines;
  RepriseTier tier; /* the finest of its segments */
} Run;

static void
run_clear (Run *self)
{
  g_clear_pointer (&self->shelf, reprise_couch_shelf_free);
  g_clear_pointer (&self->known, reprise_couch_choices_free);
  g_clear_pointer (&self->names, g_ptr_array_unref);
  g_clear_pointer (&self->choices, g_ptr_array_unref);
  g_clear_pointer (&self->scratch, g_free);
  g_clear_pointer (&self->version, g_free);
  g_clear_pointer (&self->server, g_free);
  g_clear_pointer (&self->to, g_free);
  g_clear_pointer (&self->started, g_date_time_unref);
  g_clear_pointer (&self->line, g_hash_table_unref);
  g_clear_pointer (&self->parents, g_hash_table_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Run, run_clear)

static const char *
get_setting (RepriseKind *kind, RepriseService *service, const char *key)
{
  const char *value = reprise_kind_get_value (kind, service, key);

  return value != NULL ? value : "";
}

static gboolean
is_set (RepriseKind *kind, RepriseService *service, const char *key)
{
  return strcmp (get_setting (kind, service, key), "true") == 0;
}

static GPtrArray *
choose (Run *self, RepriseGroups groups, GError **error)
{
  self->known = reprise_couch_choices_new (self->kind, self->service, self->shelf);
  self->names =
    reprise_couch_choices_list_names (self->known, self->client, self->cancellable, error);
  return self->names == NULL
           ? NULL
           : reprise_couch_choices_select (self->known, self->names, groups, self->progress, error);
}

/* ---- an interrupted run ---- */

static char *
make_path (Run *self, guint n)
{
  g_autofree char *name = g_strdup_printf ("%u.sqlite", n);

  return g_build_filename (self->scratch, name, NULL);
}

/* {"to":…,"databases":[[name,data,design],…]} */
static char *
print_state (Run *self)
{
  g_autoptr (JsonNode) root = json_node_new (JSON_NODE_OBJECT);
  JsonObject *object = json_object_new ();
  JsonArray *databases = json_array_new ();

  for (guint i = 0; i < self->choices->len; i++)
    {
      const RepriseCouchChoice *choice = self->choices->pdata[i];
      JsonArray *entry = json_array_new ();

      json_array_add_string_element (entry, choice->name);
      json_array_add_boolean_element (entry, choice->data);
      json_array_add_boolean_element (entry, choice->design);
      json_array_add_array_element (databases, entry);
    }
  json_object_set_string_member (object, "to", self->to);
  json_object_set_array_member (object, "databases", databases);
  json_node_take_object (root, object);
  return json_to_string (root, FALSE);
}

static RepriseCouchChoice *
find_choice (GPtrArray *choices, const char *name)
{
  for (guint i = 0; i < choices->len; i++)
    if (strcmp (((RepriseCouchChoice *) choices->pdata[i])->name, name) == 0)
      return choices->pdata[i];
  return NULL;
}

/* The settings, or the server, have it no more: it keeps its place, and nothing is in it. */
static RepriseCouchChoice *
choice_new_gone (const char *name, gboolean data, gboolean design)
{
  RepriseCouchChoice *self = g_new0 (RepriseCouchChoice, 1);

  self->name = g_strdup (name);
  self->data = data;
  self->design = design;
  self->problem = g_strdup (_ ("It was there when the backup began, and is not any more"));
  return self;
}

/* @places, @gone: get the choice for an entry of print_state(), the latter where it is made here. %FALSE: it is another choice */
static gboolean
take_place (Run *self, JsonNode *node, GPtrArray *places, GPtrArray *gone)
{
  JsonArray *entry = JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
  const char *name = reprise_json_array_get_string (entry, 0, NULL);
  RepriseCouchChoice *choice;
  gboolean data, design;

  if (name == NULL || reprise_json_array_get_length (entry) != 3)
    return FALSE;
  data = json_array_get_boolean_element (entry, 1);
  design = json_array_get_boolean_element (entry, 2);
  choice = find_choice (self->choices, name);
  if (choice == NULL && !g_ptr_array_find_with_equal_func (self->names, name, g_str_equal, NULL))
    {
      choice = choice_new_gone (name, data, design);
      g_ptr_array_add (gone, choice);
    }
  if (choice == NULL || choice->data != data || choice->design != design ||
      g_ptr_array_find (places, choice, NULL))
    return FALSE;
  g_ptr_array_add (places, choice);
  return TRUE;
}

/* The files of a run are named by the places of the databases: those that were made since come behind the others. */
static gboolean
keep_places (Run *self, JsonArray *databases)
{
  g_autoptr (GPtrArray) places = g_ptr_array_new ();
  g_autoptr (GPtrArray) gone =
    g_ptr_array_new_with_free_func ((GDestroyNotify) reprise_couch_choice_free);

  if (self->names == NULL)
    return TRUE;
  for (guint i = 0; i < reprise_json_array_get_length (databases); i++)
    if (!take_place (self, json_array_get_element (databases, i), places, gone))
      return FALSE;
  if (places->len == gone->len)
    return FALSE;
  for (guint i = 0; i < self->choices->len; i++)
    if (!g_ptr_array_find (places, self->choices->pdata[i], NULL))
      g_ptr_array_add (places, self->choices->pdata[i]);
  g_ptr_array_set_free_func (gone, NULL);
  g_ptr_array_set_free_func (self->choices, NULL);
  g_ptr_array_set_free_func (places, (GDestroyNotify) reprise_couch_choice_free);
  g_ptr_array_unref (self->choices);
  self->choices = g_steal_pointer (&places);
  return TRUE;
}

static gboolean
write_state (Run *self, GError **error)
{
  g_autofree char *path = g_build_filename (self->scratch, STATE_NAME, NULL);
  g_autofree char *state = print_state (self);

  return reprise_file_write_durable (path, state, -1, error);
}

/* Whether an earlier process began a run of these databases here: then its point in time holds on. @found: (out) */
static gboolean
read_state (Run *self, gboolean *found, GError **error)
{
  g_autofree char *path = g_build_filename (self->scratch, STATE_NAME, NULL);
  g_autoptr (GBytes) bytes = reprise_file_read_small (path, 64 * 1024 * 1024, NULL);
  g_autoptr (JsonObject) root = NULL;
  g_autoptr (GDateTime) time = NULL;
  g_autofree char *ours = NULL;
  const char *to;

  *found = FALSE;
  if (bytes == NULL)
    return TRUE;
  root = reprise_json_parse_object (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), NULL,
                                    NULL);
  to = reprise_json_get_string (root, "to", NULL);
  time = reprise_time_from_string (to);
  if (time == NULL || !keep_places (self, reprise_json_get_array (root, "databases")))
    return TRUE;
  g_free (self->to);
  self->to = g_strdup (to);
  g_clear_pointer (&self->started, g_date_time_unref);
  self->started = g_date_time_ref (time);
  ours = print_state (self);
  *found =
    self->names != NULL || (strlen (ours) == g_bytes_get_size (bytes) &&
                            memcmp (ours, g_bytes_get_data (bytes, NULL), strlen (ours)) == 0);
  return !*found || write_state (self, error);
}

/* The databases of a backup that was begun in @folder and not committed */
static void
add_unfinished (const char *folder, GHashTable *names)
{
  g_autofree char *path =
    g_build_filename (folder, REPRISE_VAULT_SCRATCH, "couch", STATE_NAME, NULL);
  g_autoptr (GBytes) bytes = reprise_file_read_small (path, 64 * 1024 * 1024, NULL);
  g_autoptr (JsonObject) root = NULL;
  JsonArray *databases;

  if (bytes == NULL)
    return;
  root = reprise_json_parse_object (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), NULL,
                                    NULL);
  databases = root != NULL ? reprise_json_get_array (root, "databases") : NULL;
  for (guint i = 0; i < reprise_json_array_get_length (databases); i++)
    {
      JsonNode *node = json_array_get_element (databases, i);

      if (JSON_NODE_HOLDS_ARRAY (node))
        g_hash_table_add (
          names, g_strdup (reprise_json_array_get_string (json_node_get_array (node), 0, "")));
    }
}

/**
 * reprise_couch_backup_list_unfinished:
 * @service_folder: of the vault
 * @ids: (element-type utf8): of the backups that can be gone on with
 *
 * Returns: (transfer full) (element-type utf8): a set of the databases that they are of
 */
GHashTable *
reprise_couch_backup_list_unfinished (const char *service_folder, GPtrArray *ids)
{
  GHashTable *names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < ids->len; i++)
    {
      g_autofree char *name = g_strconcat (REPRISE_VAULT_PARTIAL, ids->pdata[i], NULL);
      g_autofree char *folder = g_build_filename (service_folder, name, NULL);

      add_unfinished (folder, names);
    }
  return names;
}

/* Later than any point that the vault has: two runs in one millisecond would be one point. */
static void
take_time (Run *self)
{
  gint64 now = g_get_real_time () / 1000;
  g_autoptr (GDateTime) seconds = NULL;

  for (guint i = 0; i < reprise_couch_shelf_get_n_runs (self->shelf); i++)
    now = MAX (now, reprise_couch_run_get_point (reprise_couch_shelf_get_run (self->shelf, i)) + 1);
  seconds = g_date_time_new_from_unix_utc (now / 1000);
  g_clear_pointer (&self->started, g_date_time_unref);
  self->started = g_date_time_add (seconds, (now % 1000) * 1000);
  g_free (self->to);
  self->to = reprise_time_to_string (self->started);
}

/* What another choice of databases left is of no use. */
static gboolean
begin_anew (Run *self, GError **error)
{
  RepriseManifest *manifest = reprise_vault_writer_get_manifest (self->writer);

  while (reprise_manifest_get_n_files (manifest) > 0)
    {
      g_autofree char *name = g_strdup (reprise_manifest_get_file (manifest, 0, NULL, NULL));

      if (!reprise_vault_writer_discard (self->writer, name, error))
        return FALSE;
    }
  if (!reprise_file_remove_tree (self->scratch, error) ||
      !reprise_file_make_folder (self->scratch, error))
    return FALSE;
  take_time (self);
  return write_state (self, error);
}

/* ---- one database after the other ---- */

/* (transfer none) (nullable): the run whose point in time that is */
static RepriseCouchRun *
find_run (Run *self, gint64 at)
{
  for (guint i = 0; i < reprise_couch_shelf_get_n_runs (self->shelf); i++)
    {
      RepriseCouchRun *run = reprise_couch_shelf_get_run (self->shelf, i);

      if (!run->is_aside && reprise_couch_run_get_point (run) == at)
        return run;
    }
  return NULL;
}

/* The latest point that a delta can go on from. @path: (out) (nullable): what leads to it */
static gboolean
find_latest (Run *self,
             const RepriseCouchChoice *choice,
             GPtrArray **path,
             gint64 *at,
             GError **error)
{
  g_autoptr (GPtrArray) segments =
    reprise_couch_shelf_list_segments (self->shelf, choice->name, FALSE, error);
  g_autoptr (GArray) points = NULL;
  RepriseCouchRun *run;

  *path = NULL;
  if (segments == NULL)
    return FALSE;
  points = reprise_couch_points_list (segments);
  if (points->len == 0)
    return TRUE;
  *at = g_array_index (points, RepriseCouchPoint, points->len - 1).at;
  run = find_run (self, *at);
  if (run == NULL || g_hash_table_contains (self->line, run->id))
    *path = reprise_couch_path_find (segments, *at);
  else
    reprise_progress_log (self->progress,
                          "%s: a new baseline: the newest backup does not go on from its last one",
                          choice->name);
  return TRUE;
}

static char *
print_point (gint64 at)
{
  g_autoptr (GDateTime) seconds = g_date_time_new_from_unix_utc (at / 1000);
  g_autoptr (GDateTime) time = g_date_time_add (seconds, (at % 1000) * 1000);

  return reprise_time_to_string (time);
}

static gboolean
has_word (const char *text, const char *word)
{
  g_auto (GStrv) words = g_strsplit (text != NULL ? text : "", " ", -1);

  return g_strv_contains ((const char *const *) words, word);
}

/* What a chain has is read on, and design documents are read with the others, whatever the groups: a chain with gaps could not be gone on
 * with. @earlier: (nullable): what leads to where it goes on from */
static gboolean
widen (Run *self,
       const RepriseCouchChoice *choice,
       GPtrArray *earlier,
       RepriseCouchReading *reading,
       GError **error)
{
  g_autoptr (RepriseCouchReader) last = NULL;
  g_autofree char *covered = NULL;

  if (earlier != NULL && self->names != NULL)
    {
      RepriseCouchSegment *segment = earlier->pdata[earlier->len - 1];

      last = reprise_couch_reader_new (segment->path, error);
      if (last == NULL)
        return FALSE;
      covered = reprise_couch_reader_dup (last, REPRISE_COUCH_COVERS);
    }
  reading->data = choice->data || (has_word (covered, REPRISE_COUCH_COVERS_DATA) &&
                                   reprise_couch_rules_get_group (self->service, choice->name,
                                                                  NULL) != REPRISE_GROUP_SKIPPED);
  reading->design =
    choice->design || (reading->data && reprise_couch_rules_get_design_group (
                                          self->service, choice->name) != REPRISE_GROUP_SKIPPED);
  reading->local = reading->data && is_set (self->kind, self->service, REPRISE_COUCH_SETTING_LOCAL);
  return TRUE;
}

static gboolean
read_database (Run *self, guint n, const char *path, GError **error)
{
  const RepriseCouchChoice *choice = self->choices->pdata[n];
  g_autoptr (GPtrArray) earlier = NULL;
  g_autofree char *from = NULL;
  g_autoptr (GError) local = NULL;
  RepriseCouchReading reading = {
    .database = choice->name,
    .path = path,
    .run = reprise_vault_writer_get_id (self->writer),
    .to = self->to,
    .server = self->server,
    .connections = (guint) CLAMP (
      atoi (get_setting (self->kind, self->service, REPRISE_COUCH_SETTING_CONNECTIONS)), 1, 16),
  };
  gint64 at = 0;

  /* A chain that is damaged is no reason to have no backup: it begins anew. */
  if (!find_latest (self, choice, &earlier, &at, &local))
    {
      if (!g_error_matches (local, REPRISE_ERROR, REPRISE_ERROR_DAMAGED))
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return FALSE;
        }
      reprise_progress_warn (self->progress, _ ("“%s” is saved in full: %s"), choice->name,
                             local->message);
    }
  if (earlier != NULL)
    {
      from = print_point (at);
      reading.from = from;
      reading.earlier = earlier;
    }
  return widen (self, choice, earlier, &reading, error) &&
         reprise_couch_reading_run (&reading, self->client, self->progress, self->cancellable,
                                    error);
}

/* One that was deleted a moment ago, is named wrongly, or may not be read does not stop the others. */
static gboolean
is_out_of_reach (Run *self, RepriseCouchChoice *choice)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (RepriseCouchInfo) info =
    reprise_couch_client_get_info (self->client, choice->name, self->cancellable, &local);

  if (!g_error_matches (local, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND) &&
      !g_error_matches (local, REPRISE_ERROR, REPRISE_ERROR_DENIED))
    return FALSE;
  reprise_progress_warn (self->progress, _ ("“%s” is left out: %s"), choice->name, local->message);
  choice->problem = g_strdup (local->message);
  return TRUE;
}

/* What was read of it is of no use. */
static gboolean
drop_database (Run *self, const char *name, const char *path, GError **error)
{
  return (!reprise_vault_writer_has_file (self->writer, name) ||
          reprise_vault_writer_discard (self->writer, name, error)) &&
         reprise_couch_writer_discard (path, error);
}

static gboolean
back_up_database (Run *self, guint n, GError **error)
{
  RepriseCouchChoice *choice = self->choices->pdata[n];
  g_autofree char *name = g_strdup_printf ("%u.sqlite", n + 1);
  g_autofree char *path = make_path (self, n + 1);

  reprise_progress_set_message (self->progress, choice->name);
  if (choice->problem != NULL)
    return drop_database (self, name, path, error);
  if (reprise_vault_writer_has_file (self->writer, name))
    return TRUE;
  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    {
      g_autoptr (GError) local = NULL;

      if (!read_database (self, n, path, &local))
        {
          if (is_out_of_reach (self, choice))
            return reprise_couch_writer_discard (path, error);
          g_propagate_error (error, g_steal_pointer (&local));
          return FALSE;
        }
    }
  return reprise_vault_writer_add_file (self->writer, name, path, NULL, self->cancellable, error);
}

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
note_parent (Run *self, RepriseCouchReader *reader)
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
      g_autofree char *point = print_point (reprise_couch_run_get_point (run));

      if (!run->is_aside && strcmp (point, from) == 0)
        g_hash_table_add (self->parents, g_strdup (run->id));
    }
}

static gint64
get_file_size (Run *self, const char *name)
{
  RepriseManifest *manifest = reprise_vault_writer_get_manifest (self->writer);
  gint64 size;

  for (guint i = 0; i < reprise_manifest_get_n_files (manifest); i++)
    if (strcmp (reprise_manifest_get_file (manifest, i, &size, NULL), name) == 0)
      return size;
  return REPRISE_NOT_REPORTED;
}

static void
note_tier (Run *self, JsonObject *entry)
{
  RepriseTier tier;

  if (reprise_tier_from_string (reprise_json_get_string (entry, REPRISE_COUCH_TIER, NULL), &tier) &&
      (self->tier == REPRISE_TIER_NONE || tier < self->tier))
    self->tier = tier;
}

/* So that nobody who looks a document up has to wait for it. */
static void
index_database (Run *self, const char *database, const char *path)
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
describe_database (Run *self,
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
  data = choice->data || (self->names != NULL && has_word (covers, REPRISE_COUCH_COVERS_DATA));
  design =
    choice->design || (self->names != NULL && has_word (covers, REPRISE_COUCH_COVERS_DESIGN));
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
is_partial (Run *self)
{
  for (guint i = 0; self->names != NULL && i < self->names->len; i++)
    {
      const RepriseCouchChoice *choice = find_choice (self->choices, self->names->pdata[i]);

      if ((choice == NULL || choice->problem != NULL) &&
          reprise_couch_shelf_knows (self->shelf, self->names->pdata[i]))
        return TRUE;
    }
  return FALSE;
}

/* The newest run that any of the segments goes on from; but the next one's line leads through this one: it must lead on to what this
 * one does not hold. */
static void
set_parent (Run *self)
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

static gboolean
describe (Run *self, GError **error)
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
      g_set_error_literal (error, REPRISE_ERROR, REPRISE_ERROR_FAILED,
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

static gint64
count_documents (Run *self)
{
  gint64 n = 0;

  for (guint i = 0; i < self->choices->len; i++)
    {
      const RepriseCouchChoice *choice = self->choices->pdata[i];
      g_autoptr (RepriseCouchInfo) info = NULL;

      /* of a database that has a backup nobody knows how many changes there are */
      if (reprise_couch_shelf_knows (self->shelf, choice->name))
        return -1;
      info = reprise_couch_client_get_info (self->client, choice->name, self->cancellable, NULL);
      if (info == NULL)
        return -1;
      n += info->doc_count + MAX (info->doc_del_count, 0);
    }
  return n;
}

static gboolean
prepare (Run *self, RepriseGroups groups, GPtrArray *choices, GError **error)
{
  gboolean found = FALSE;

  self->shelf =
    reprise_couch_shelf_new_for_backup (reprise_vault_writer_get_folder (self->writer), error);
  if (self->shelf == NULL ||
      !reprise_couch_client_get_server (self->client, &self->version, &self->server,
                                        self->cancellable, error))
    return FALSE;
  self->choices = choices != NULL ? g_ptr_array_ref (choices) : choose (self, groups, error);
  if (self->choices == NULL)
    return FALSE;
  self->scratch = g_build_filename (reprise_vault_writer_get_folder (self->writer),
                                    REPRISE_VAULT_SCRATCH, "couch", NULL);
  self->parents = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->line = reprise_couch_line_new (self->shelf, &self->head);
  if (!read_state (self, &found, error))
    return FALSE;
  if (found)
    {
      reprise_progress_log (self->progress, "going on with the backup that was begun at %s",
                            self->to);
      return TRUE;
    }
  return begin_anew (self, error);
}

/**
 * reprise_couch_backup_run:
 * @choices: (nullable) (element-type RepriseCouchChoice): which databases, in place of those that the settings and @groups choose
 * @writer: without @choices resumable from now on: a later call with the same backup goes on from the last checkpoint
 *
 * Backs databases up: what has no backup in the vault in full, and of the others what has changed.
 */
gboolean
reprise_couch_backup_run (RepriseCouchClient *client,
                          RepriseKind *kind,
                          RepriseService *service,
                          RepriseGroups groups,
                          GPtrArray *choices,
                          RepriseVaultWriter *writer,
                          RepriseProgress *progress,
                          GCancellable *cancellable,
                          GError **error)
{
  g_auto (Run) self = { .client = client,
                        .kind = kind,
                        .service = service,
                        .writer = writer,
                        .progress = progress,
                        .cancellable = cancellable };

  reprise_progress_set_phase (progress, REPRISE_PHASE_CONNECTING);
  if (!prepare (&self, groups, choices, error))
    return FALSE;
  if (choices == NULL) /* a safety copy belongs to its restore */
    {
      reprise_vault_writer_set_resumable (writer, TRUE);
      reprise_progress_set_stop_text (
        progress, _ ("What was read so far is kept, and the next backup goes on from there."));
    }
  reprise_progress_set_phase (progress, REPRISE_PHASE_READING);
  reprise_progress_set_totals (progress, -1, count_documents (&self));
  for (guint i = 0; i < self.choices->len; i++)
    if (!back_up_database (&self, i, error))
      return FALSE;
  reprise_progress_set_phase (progress, REPRISE_PHASE_WRITING);
  return describe (&self, error);
}
