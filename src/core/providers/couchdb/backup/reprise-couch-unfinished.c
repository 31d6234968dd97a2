/* reprise-couch-unfinished.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-file.h"
#include "base/reprise-time.h"
#include "net/reprise-json.h"
#include "providers/couchdb/backup/reprise-couch-backup-private.h"
#include "vault/reprise-vault-layout.h"

#define STATE_NAME "run.json"

/* ---- an interrupted run ---- */

char *
reprise_couch_backup_make_path (RepriseCouchBackupRun *self, guint n)
{
  g_autofree char *name = g_strdup_printf ("%u.sqlite", n);

  return g_build_filename (self->scratch, name, NULL);
}

/* {"to":…,"databases":[[name,data,design],…]} */
static char *
print_state (RepriseCouchBackupRun *self)
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

RepriseCouchChoice *
reprise_couch_backup_find_choice (GPtrArray *choices, const char *name)
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
take_place (RepriseCouchBackupRun *self, JsonNode *node, GPtrArray *places, GPtrArray *gone)
{
  JsonArray *entry = JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
  const char *name = reprise_json_array_get_string (entry, 0, NULL);
  RepriseCouchChoice *choice;
  gboolean data, design;

  if (name == NULL || reprise_json_array_get_length (entry) != 3)
    return FALSE;
  data = json_array_get_boolean_element (entry, 1);
  design = json_array_get_boolean_element (entry, 2);
  choice = reprise_couch_backup_find_choice (self->choices, name);
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
keep_places (RepriseCouchBackupRun *self, JsonArray *databases)
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
write_state (RepriseCouchBackupRun *self, GError **error)
{
  g_autofree char *path = g_build_filename (self->scratch, STATE_NAME, NULL);
  g_autofree char *state = print_state (self);

  return reprise_file_write_durable (path, state, -1, error);
}

/* Whether an earlier process began a run of these databases here: then its point in time holds on. @found: (out) */
gboolean
reprise_couch_backup_read_state (RepriseCouchBackupRun *self, gboolean *found, GError **error)
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
take_time (RepriseCouchBackupRun *self)
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
gboolean
reprise_couch_backup_begin_anew (RepriseCouchBackupRun *self, GError **error)
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
