/* reprise-nocobase-backup.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "base/reprise-time.h"
#include "base/reprise-wait.h"
#include "net/reprise-json.h"
#include "providers/nocobase/reprise-nocobase-backup.h"
#include "providers/nocobase/reprise-nocobase-dump.h"
#include "providers/nocobase/reprise-nocobase-rules.h"

#define PAGE_SIZE       200
#define MAX_PAGES       500
#define QUARTER_MINUTES 15 /* time zones are multiples of it */
#define STALE_HOURS     6 /* no dump of the old plugin, which holds all rows in memory, takes so long */
#define ZONE_HOURS      14 /* how far a server's local time may be from UTC */
#define MAX_ARCHIVE     ((guint64) 1 << 50)

/* Of the old plugin, by its name. */
gboolean
reprise_nocobase_backup_is_old (const char *name)
{
  return g_str_has_suffix (name, REPRISE_NOCOBASE_OLD_EXTENSION);
}

static const char *
get_resource (const char *name)
{
  return reprise_nocobase_backup_is_old (name) ? "backupFiles" : "backups";
}

static gboolean
check_name (const char *name, GError **error)
{
  if (reprise_nocobase_name_is_safe (name, REPRISE_NOCOBASE_OLD_EXTENSION) ||
      reprise_nocobase_name_is_safe (name, REPRISE_NOCOBASE_NEW_EXTENSION))
    return TRUE;
  reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_INVALID,
                     _ ("“%s” is not a name that a backup of NocoBase can have"),
                     name != NULL ? name : "");
  return FALSE;
}

/* “146.3 KiB”, rounded by the server, which tells no exact size */
static gint64
parse_size (const char *text)
{
  static const char *const UNITS[] = { "B", "KiB", "MiB", "GiB", "TiB", "PiB" };
  char *unit = NULL;
  double value;

  if (text == NULL || !g_ascii_isdigit (*text))
    return REPRISE_NOT_REPORTED;
  value = g_ascii_strtod (text, &unit);
  while (*unit == ' ')
    unit++;
  for (guint i = 0; i < G_N_ELEMENTS (UNITS); i++, value *= 1024)
    if (strcmp (unit, UNITS[i]) == 0)
      return value < (double) MAX_ARCHIVE ? (gint64) value : REPRISE_NOT_REPORTED;
  return REPRISE_NOT_REPORTED;
}

/* One entry of a list, of either plugin. */
static RepriseBackup *
read_backup (JsonObject *object, const char *service_uuid)
{
  const char *name = reprise_json_get_string (object, "name", NULL);
  const char *created = reprise_json_get_string (object, "createdAt", NULL);
  gboolean in_progress = reprise_json_get_boolean (object, "inProgress", FALSE);
  g_autoptr (GDateTime) time = created != NULL ? reprise_time_from_string (created) : NULL;
  RepriseBackup *backup;

  if (!check_name (name, NULL))
    return NULL;
  backup = reprise_backup_new (name, service_uuid, "nocobase");
  g_object_set (backup, "own-name", name, "size-bytes",
                parse_size (reprise_json_get_string (object, "fileSize", NULL)), "state",
                in_progress ? REPRISE_BACKUP_PARTIAL : REPRISE_BACKUP_COMPLETE, "own-state",
                reprise_json_get_string (object, "status", in_progress ? "in_progress" : "ok"),
                "in-progress", in_progress, "on-service", TRUE, "created-at", time, "note",
                reprise_json_get_string (object, "description", NULL), NULL);
  return backup;
}

static guint
add_backups (GPtrArray *list, JsonObject *root, const char *service_uuid)
{
  JsonArray *rows = reprise_json_get_array (root, "data");

  for (guint i = 0; i < reprise_json_array_get_length (rows); i++)
    {
      JsonObject *row = reprise_json_array_get_object (rows, i);
      RepriseBackup *backup = row != NULL ? read_backup (row, service_uuid) : NULL;

      if (backup != NULL)
        g_ptr_array_add (list, backup);
    }
  return reprise_json_array_get_length (rows);
}

/* The old plugin lists in pages, newest first. */
static gboolean
list_old (RepriseNocobaseTarget *target,
          GPtrArray *list,
          const char *service_uuid,
          GCancellable *cancellable,
          GError **error)
{
  for (guint page = 1; page <= MAX_PAGES; page++)
    {
      g_autofree char *number = g_strdup_printf ("%u", page);
      g_autoptr (JsonObject) root =
        reprise_nocobase_client_get (target->client, cancellable, error, "backupFiles:list", "page",
                                     number, "pageSize", G_STRINGIFY (PAGE_SIZE), NULL);

      if (root == NULL)
        return FALSE;
      if (add_backups (list, root, service_uuid) < PAGE_SIZE)
        break;
    }
  return TRUE;
}

static gboolean
list_new (RepriseNocobaseTarget *target,
          GPtrArray *list,
          const char *service_uuid,
          GCancellable *cancellable,
          GError **error)
{
  g_autoptr (JsonObject) root =
    reprise_nocobase_client_get (target->client, cancellable, error, "backups:list", NULL);

  if (root == NULL)
    return FALSE;
  add_backups (list, root, service_uuid);
  return TRUE;
}

/* What the Backup manager knows of its work on a backup; gone when the server was restarted, since only memory holds it. */
static gboolean
ask_task (RepriseNocobaseTarget *target,
          const char *name,
          gboolean *known,
          char **message,
          GCancellable *cancellable,
          GError **error)
{
  g_autoptr (JsonObject) root = reprise_nocobase_client_get (
    target->client, cancellable, error, "backups:taskStatus", "names[]", name, NULL);
  JsonObject *data = reprise_json_get_object (root, "data");
  JsonObject *task;

  if (root == NULL)
    return FALSE;
  /* The name holds a dot, so it is no path of members. */
  task = data != NULL && json_object_has_member (data, name)
           ? reprise_json_node_get_object (json_object_get_member (data, name))
           : NULL;
  *known = task != NULL;
  if (message != NULL)
    *message = g_strdup (reprise_json_get_string (task, "message", NULL));
  return TRUE;
}

/* How far the server's local time is from UTC, by a backup whose name and time are both known. */
static gboolean
find_zone (GPtrArray *list, int *minutes)
{
  gboolean found = FALSE;

  for (guint i = 0; i < list->len; i++)
    {
      RepriseBackup *backup = list->pdata[i];
      GDateTime *end = reprise_backup_get_created_at (backup);
      g_autoptr (GDateTime) begin =
        reprise_nocobase_name_get_local_time (reprise_backup_get_own_name (backup));
      gint64 difference;
      int zone;

      if (begin == NULL || end == NULL)
        continue;
      /* The name is of the beginning, the time of the end: the zone is the next quarter of an hour above. */
      difference = (g_date_time_to_unix (begin) - g_date_time_to_unix (end)) / 60;
      zone = (int) (difference >= 0 ? (difference + QUARTER_MINUTES - 1) / QUARTER_MINUTES
                                    : -(-difference / QUARTER_MINUTES)) *
             QUARTER_MINUTES;
      if (ABS (zone) <= ZONE_HOURS * 60 && (!found || zone > *minutes))
        *minutes = zone;
      found |= ABS (zone) <= ZONE_HOURS * 60;
    }
  return found;
}

/* An entry in progress whose server died on the way stays so for ever. It is told from a running one by its age. */
static void
mark_old (RepriseBackup *backup, gboolean has_zone, int zone_minutes, gint64 now)
{
  g_autoptr (GDateTime) local =
    reprise_nocobase_name_get_local_time (reprise_backup_get_own_name (backup));
  g_autoptr (GDateTime) begun =
    local != NULL && has_zone ? g_date_time_add_minutes (local, -zone_minutes) : NULL;
  gint64 limit = STALE_HOURS + (has_zone ? 0 : ZONE_HOURS);

  if (local == NULL)
    return;
  if (begun != NULL)
    g_object_set (backup, "created-at", begun, NULL);
  g_object_set (backup, "stale",
                now - g_date_time_to_unix (begun != NULL ? begun : local) > limit * 3600, NULL);
}

static gboolean
mark_in_progress (RepriseNocobaseTarget *target,
                  GPtrArray *list,
                  GCancellable *cancellable,
                  GError **error)
{
  int zone = 0;
  gboolean has_zone = find_zone (list, &zone), known = TRUE;

  for (guint i = 0; i < list->len; i++)
    {
      RepriseBackup *backup = list->pdata[i];
      const char *name = reprise_backup_get_own_name (backup);

      if (!reprise_backup_get_in_progress (backup))
        continue;
      mark_old (backup, has_zone, zone, reprise_nocobase_client_get_server_time (target->client));
      if (reprise_nocobase_backup_is_old (name))
        continue;
      if (!ask_task (target, name, &known, NULL, cancellable, error))
        return FALSE;
      g_object_set (backup, "stale", !known, NULL);
    }
  return TRUE;
}

/**
 * reprise_nocobase_backup_list:
 *
 * Returns: (transfer full) (element-type RepriseBackup): what the plugins of the server keep, or %NULL with @error
 */
GPtrArray *
reprise_nocobase_backup_list (RepriseNocobaseTarget *target,
                              const char *service_uuid,
                              GCancellable *cancellable,
                              GError **error)
{
  g_autoptr (GPtrArray) list = g_ptr_array_new_with_free_func (g_object_unref);

  if ((target->old_plugin == REPRISE_NOCOBASE_THERE &&
       !list_old (target, list, service_uuid, cancellable, error)) ||
      (target->new_plugin == REPRISE_NOCOBASE_THERE &&
       !list_new (target, list, service_uuid, cancellable, error)) ||
      !mark_in_progress (target, list, cancellable, error))
    return NULL;
  return g_steal_pointer (&list);
}

static RepriseBackup *
find_backup (GPtrArray *list, const char *name)
{
  for (guint i = 0; i < list->len; i++)
    if (strcmp (reprise_backup_get_own_name (list->pdata[i]), name) == 0)
      return list->pdata[i];
  return NULL;
}

/* The server's own word on what is in which group. */
static RepriseContents *
list_dumpable (RepriseNocobaseTarget *target,
               GString *inherits,
               GString *views,
               GCancellable *cancellable,
               GError **error)
{
  g_autoptr (JsonObject) root = reprise_nocobase_client_get (
    target->client, cancellable, error, "backupFiles:dumpableCollections", NULL);
  g_autoptr (RepriseContents) contents = NULL;

  if (root == NULL)
    return NULL;
  /* In later versions it may come wrapped, as all else does. */
  contents = reprise_nocobase_dump_read_groups (
    reprise_json_get_object (root, "data") != NULL ? reprise_json_get_object (root, "data") : root,
    inherits, views);
  if (g_list_model_get_n_items (G_LIST_MODEL (contents)) > 0)
    return g_steal_pointer (&contents);
  reprise_error_set_literal (error, REPRISE_ERROR, REPRISE_ERROR_PROTOCOL,
                             _ ("The server does not say which collections can be backed up"));
  return NULL;
}

/* Which group a collection of the Backup manager's server is in: by its own rule, by NocoBase's, or users' data. */
static RepriseGroup
find_group (JsonObject *object, const char *name)
{
  const char *rule = reprise_json_get_string (object, "dumpRules.group",
                                              reprise_json_get_string (object, "dumpRules", NULL));
  RepriseGroup group;

  if (rule != NULL)
    return reprise_nocobase_rules_map (rule);
  return reprise_nocobase_rules_find (name, &group) ? group : REPRISE_GROUP_CUSTOM;
}

/* The Backup manager names no collections: those that users made are listed, those of NocoBase are known. */
static RepriseContents *
list_defined (RepriseNocobaseTarget *target, GCancellable *cancellable, GError **error)
{
  g_autoptr (JsonObject) root = reprise_nocobase_client_get (
    target->client, cancellable, error, "collections:list", "paginate", "false", NULL);
  g_autoptr (RepriseContents) contents = reprise_contents_new ();
  JsonArray *rows = reprise_json_get_array (root, "data");

  if (root == NULL)
    return NULL;
  for (guint i = 0; i < reprise_json_array_get_length (rows); i++)
    {
      JsonObject *row = reprise_json_array_get_object (rows, i);
      const char *name = reprise_json_get_string (row, "name", NULL);
      g_autofree char *title = NULL;
      g_autoptr (RepriseCollection) collection = NULL;

      if (name == NULL || reprise_contents_find (contents, name, NULL) != NULL)
        continue;
      title = reprise_nocobase_rules_dup_title (reprise_json_get_string (row, "title", NULL), name);
      collection = reprise_collection_new (name, REPRISE_NOT_REPORTED, REPRISE_NOT_REPORTED);
      reprise_collection_set_title (collection, title);
      reprise_contents_add (contents, find_group (row, name), collection);
    }
  for (guint group = 0; group < REPRISE_GROUP_SKIPPED; group++)
    for (const char *const *name = reprise_nocobase_rules_list ((RepriseGroup) group);
         *name != NULL; name++)
      if (reprise_contents_find (contents, *name, NULL) == NULL)
        {
          g_autoptr (RepriseCollection) collection =
            reprise_collection_new (*name, REPRISE_NOT_REPORTED, REPRISE_NOT_REPORTED);

          reprise_contents_add (contents, (RepriseGroup) group, collection);
        }
  return g_steal_pointer (&contents);
}

/**
 * reprise_nocobase_backup_list_defined:
 *
 * Returns: (transfer full) (element-type utf8): the collections that users made and that have a table of their own, or %NULL
 */
GHashTable *
reprise_nocobase_backup_list_defined (RepriseNocobaseTarget *target,
                                      GCancellable *cancellable,
                                      GError **error)
{
  g_autoptr (JsonObject) root = reprise_nocobase_client_get (
    target->client, cancellable, error, "collections:list", "paginate", "false", NULL);
  JsonArray *rows = reprise_json_get_array (root, "data");
  GHashTable *names;

  if (root == NULL)
    return NULL;
  names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  for (guint i = 0; i < reprise_json_array_get_length (rows); i++)
    {
      JsonObject *row = reprise_json_array_get_object (rows, i);
      const char *name = reprise_json_get_string (row, "name", NULL);
      const char *template = reprise_json_get_string (row, "template", "");

      if (name != NULL && !reprise_json_get_boolean (row, "view", FALSE) &&
          strcmp (template, "sql") != 0 && strcmp (template, "view") != 0 &&
          find_group (row, name) == REPRISE_GROUP_CUSTOM)
        g_hash_table_add (names, g_strdup (name));
    }
  return names;
}

static void
explain_skipped (RepriseCollection *collection)
{
  reprise_collection_set_reason (collection, _ ("NocoBase brings it along again by itself"));
}

/* Asks for the rows of each collection. */
static gboolean
count_rows (RepriseNocobaseTarget *target,
            RepriseContents *contents,
            RepriseProgress *progress,
            GCancellable *cancellable,
            GError **error)
{
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (contents)); i++)
    {
      g_autoptr (RepriseDataGroup) group = g_list_model_get_item (G_LIST_MODEL (contents), i);
      gboolean skipped = reprise_data_group_get_group (group) == REPRISE_GROUP_SKIPPED;

      for (guint j = 0; j < g_list_model_get_n_items (G_LIST_MODEL (group)); j++)
        {
          g_autoptr (RepriseCollection) collection =
            g_list_model_get_item (G_LIST_MODEL (group), j);
          g_autoptr (GError) local = NULL;
          gint64 rows;

          if (skipped)
            explain_skipped (collection);
          rows = reprise_nocobase_client_count (
            target->client, reprise_collection_get_name (collection), cancellable, &local);
          if (local != NULL)
            {
              g_propagate_error (error, g_steal_pointer (&local));
              return FALSE;
            }
          reprise_collection_set_rows (collection, rows);
          reprise_progress_add_items (progress, 1);
        }
    }
  return TRUE;
}

/**
 * reprise_nocobase_backup_list_groups:
 * @inherits: (nullable): gains CHILD TAB PARENT of each collection that inherits, a line each
 * @views: (nullable): gains the database views, a line each
 *
 * Returns: (transfer full): what is in which group on the server, or %NULL with @error
 */
RepriseContents *
reprise_nocobase_backup_list_groups (RepriseNocobaseTarget *target,
                                     GString *inherits,
                                     GString *views,
                                     RepriseProgress *progress,
                                     GCancellable *cancellable,
                                     GError **error)
{
  g_autoptr (RepriseContents) contents =
    target->old_plugin == REPRISE_NOCOBASE_THERE
      ? list_dumpable (target, inherits, views, cancellable, error)
      : list_defined (target, cancellable, error);

  if (contents == NULL || !count_rows (target, contents, progress, cancellable, error))
    return NULL;
  return g_steal_pointer (&contents);
}

/* The server's own names of the chosen groups: what it does not know it would silently leave out. */
static char *
make_data_types (RepriseContents *contents, RepriseGroups groups)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonNode) node = NULL;
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "dataTypes");
  json_builder_begin_array (builder);
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (contents)); i++)
    {
      g_autoptr (RepriseDataGroup) group = g_list_model_get_item (G_LIST_MODEL (contents), i);
      RepriseGroup id = reprise_data_group_get_group (group);

      if (!REPRISE_GROUPS_HAS (groups, id))
        continue;
      for (guint j = 0; j < g_list_model_get_n_items (G_LIST_MODEL (group)); j++)
        {
          g_autoptr (RepriseCollection) collection =
            g_list_model_get_item (G_LIST_MODEL (group), j);
          const char *own = reprise_collection_get_own_group (collection);
          const char *name = own != NULL ? own : reprise_group_to_string (id);

          if (g_hash_table_add (seen, g_strdup (name)))
            json_builder_add_string_value (builder, name);
        }
    }
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  node = json_builder_get_root (builder);
  return json_to_string (node, FALSE);
}

/* A POST that got no answer may have begun all the same: then there is an entry that was not there before. */
static char *
find_begun (RepriseNocobaseTarget *target,
            GPtrArray *before,
            gboolean old,
            GCancellable *cancellable)
{
  g_autoptr (GPtrArray) after = reprise_nocobase_backup_list (target, NULL, cancellable, NULL);
  char *name = NULL;

  for (guint i = 0; after != NULL && i < after->len; i++)
    {
      const char *other = reprise_backup_get_own_name (after->pdata[i]);

      if (reprise_nocobase_backup_is_old (other) != old || find_backup (before, other) != NULL)
        continue;
      if (name != NULL) /* somebody else makes one as well: which is ours? */
        {
          g_free (name);
          return NULL;
        }
      name = g_strdup (other);
    }
  return name;
}

/* Starts it: the name that the new backup will have. */
static char *
start (RepriseNocobaseTarget *target,
       gboolean old,
       RepriseGroups groups,
       GPtrArray *before,
       GCancellable *cancellable,
       GError **error)
{
  g_autoptr (RepriseContents) contents =
    old ? list_dumpable (target, NULL, NULL, cancellable, error) : NULL;
  g_autofree char *body = contents != NULL ? make_data_types (contents, groups) : NULL;
  g_autoptr (RepriseHttpRequest) request = NULL;
  g_autoptr (JsonObject) root = NULL;
  g_autoptr (GError) local = NULL;
  char *name = NULL;

  if (old && contents == NULL)
    return NULL;
  request = reprise_nocobase_client_new_request (
    target->client, "POST", old ? "backupFiles:create" : "backups:create", REPRISE_HTTP_START);
  if (body != NULL)
    reprise_http_request_set_body_text (request, "application/json", body);
  root = reprise_nocobase_client_send (target->client, request, cancellable, &local);
  if (root != NULL)
    name = g_strdup (reprise_json_get_string (root, old ? "data.key" : "data.name", NULL));
  else if (reprise_http_request_get_outcome (request) == REPRISE_HTTP_NO_ANSWER &&
           !reprise_error_is_stop (local))
    name = find_begun (target, before, old, cancellable);
  if (name == NULL && local != NULL)
    g_propagate_error (error, g_steal_pointer (&local));
  else if (!check_name (name, error))
    g_clear_pointer (&name, g_free);
  return name;
}

static gboolean
fail_vanished (RepriseNocobaseTarget *target,
               const char *name,
               gboolean old,
               GCancellable *cancellable,
               GError **error)
{
  g_autofree char *message = NULL;
  gboolean known = FALSE;

  if (!old)
    ask_task (target, name, &known, &message, cancellable, NULL);
  if (message != NULL)
    reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_FAILED,
                       _ ("NocoBase could not make the backup: %s"), message);
  else
    reprise_error_set_literal (
      error, REPRISE_ERROR, REPRISE_ERROR_FAILED,
      _ ("NocoBase could not make the backup, and does not say why: its log "
         "does. A full disk is the "
         "most frequent cause."));
  return FALSE;
}

/* It may be that its process is gone, and with it what made the backup. That cannot be told from the network's failing, so nothing
 * is removed. */
static gboolean
fail_restarted (const char *name, GError **error)
{
  reprise_error_set (
    error, REPRISE_ERROR, REPRISE_ERROR_FAILED,
    _ ("NocoBase could not be reached for a while, and still says that the backup “%s” "
       "is in progress. If it was "
       "restarted meanwhile, nobody works on that any more: look again in some hours."),
    name);
  return FALSE;
}

typedef enum
{
  MAKING,
  MADE,
  VANISHED,
  ORPHANED, /* what made it is gone */
} Making;

/* One look at the list. */
static gboolean
look (RepriseNocobaseTarget *target,
      const char *name,
      Making *state,
      GCancellable *cancellable,
      GError **error)
{
  g_autoptr (GPtrArray) list = reprise_nocobase_backup_list (target, NULL, cancellable, error);
  RepriseBackup *backup = list != NULL ? find_backup (list, name) : NULL;

  if (list == NULL)
    return FALSE;
  if (backup == NULL)
    *state = VANISHED;
  else if (!reprise_backup_get_in_progress (backup))
    *state = MADE;
  else if (reprise_backup_get_stale (backup))
    *state = ORPHANED;
  else
    *state = MAKING;
  return TRUE;
}

/* Waits while the server is down or at something else. @back_us: when it came back from being down, else 0 */
static gboolean
outlast (RepriseNocobaseTarget *target, gint64 *back_us, GCancellable *cancellable, GError **error)
{
  gint64 end_us = g_get_monotonic_time () + (gint64) target->pace.gone_ms * 1000;

  while (g_get_monotonic_time () < end_us)
    {
      g_autofree char *message = NULL;
      RepriseNocobaseHealth health =
        reprise_nocobase_client_get_health (target->client, &message, cancellable);

      if (health == REPRISE_NOCOBASE_OK)
        return TRUE;
      if (health == REPRISE_NOCOBASE_DOWN)
        *back_us = g_get_monotonic_time ();
      if (!reprise_wait (target->pace.poll_ms, cancellable, error))
        return FALSE;
    }
  reprise_error_set_literal (
    error, REPRISE_ERROR, REPRISE_ERROR_UNREACHABLE,
    _ ("NocoBase stopped answering while it made the backup, and has not come back"));
  return FALSE;
}

static gboolean
is_passing (const GError *error)
{
  return g_error_matches (error, REPRISE_ERROR, REPRISE_ERROR_UNREACHABLE) ||
         g_error_matches (error, REPRISE_ERROR, REPRISE_ERROR_STALLED) ||
         g_error_matches (error, REPRISE_ERROR, REPRISE_ERROR_BUSY);
}

static gboolean
wait_made (RepriseNocobaseTarget *target,
           const char *name,
           GCancellable *cancellable,
           GError **error)
{
  gboolean old = reprise_nocobase_backup_is_old (name);
  gint64 back_us = 0;

  for (;;)
    {
      g_autoptr (GError) local = NULL;
      Making state = MAKING;

      if (!outlast (target, &back_us, cancellable, error))
        return FALSE;
      if (!look (target, name, &state, cancellable, &local) && !is_passing (local))
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return FALSE;
        }
      if (state == VANISHED)
        return fail_vanished (target, name, old, cancellable, error);
      if (state == MADE)
        return TRUE;
      if (state == ORPHANED || (back_us != 0 && g_get_monotonic_time () - back_us >
                                                  (gint64) target->pace.gone_ms * 1000))
        return fail_restarted (name, error);
      if (!reprise_wait (target->pace.poll_ms, cancellable, error))
        return FALSE;
    }
}

/**
 * reprise_nocobase_backup_create:
 * @old: by the old plugin, with @groups; else by the Backup manager, which always takes everything
 *
 * Has the server make a backup, and waits until it has.
 *
 * Returns: (transfer full): its name on the server, or %NULL with @error
 */
char *
reprise_nocobase_backup_create (RepriseNocobaseTarget *target,
                                gboolean old,
                                RepriseGroups groups,
                                RepriseProgress *progress,
                                GCancellable *cancellable,
                                GError **error)
{
  g_autoptr (GPtrArray) before = reprise_nocobase_backup_list (target, NULL, cancellable, error);
  g_autofree char *name = NULL;
  g_autofree char *stop_text = NULL;

  if (before == NULL)
    return NULL;
  name = start (target, old, groups, before, cancellable, error);
  if (name == NULL)
    return NULL;
  reprise_progress_set_message (progress, name);
  stop_text =
    g_strdup_printf (_ ("The server goes on making its backup “%s”, and keeps it."), name);
  reprise_progress_set_stop_text (progress, stop_text);
  if (!wait_made (target, name, cancellable, error))
    return NULL;
  return g_steal_pointer (&name);
}

/**
 * reprise_nocobase_backup_download:
 *
 * Downloads a backup once, as bytes whose end nobody proves: the server tells no length. A cut is an error.
 */
gboolean
reprise_nocobase_backup_download (RepriseNocobaseTarget *target,
                                  const char *name,
                                  const RepriseHttpSink *sink,
                                  gpointer sink_data,
                                  RepriseProgress *progress,
                                  RepriseHttpProof *proof,
                                  GCancellable *cancellable,
                                  GError **error)
{
  g_autofree char *action = NULL;
  g_autoptr (RepriseHttpRequest) request = NULL;

  if (!check_name (name, error))
    return FALSE;
  action = g_strconcat (get_resource (name), ":download", NULL);
  request = reprise_nocobase_client_new_request (target->client, "GET", action, REPRISE_HTTP_READ);
  reprise_http_request_add_query (request, "filterByTk", name);
  reprise_http_request_set_expected_type (request, "application/octet-stream,application/zip");
  return reprise_http_download (reprise_nocobase_client_get_http (target->client), request, sink,
                                sink_data, progress, proof, cancellable, error);
}

/**
 * reprise_nocobase_backup_destroy:
 * @stale: it is in progress by its own word, and nobody works on it: its lock goes first, then what there is of it
 */
gboolean
reprise_nocobase_backup_destroy (RepriseNocobaseTarget *target,
                                 const char *name,
                                 gboolean stale,
                                 GCancellable *cancellable,
                                 GError **error)
{
  gboolean old;
  g_autofree char *action = NULL, *lock = NULL;
  g_autoptr (JsonObject) root = NULL, rest = NULL;

  if (!check_name (name, error))
    return FALSE;
  old = reprise_nocobase_backup_is_old (name);
  action = g_strconcat (get_resource (name), ":destroy", NULL);
  lock = g_strconcat (name, ".lock", NULL);
  if (stale && !old) /* the Backup manager clears its locks away by itself, when it lists */
    return TRUE;
  root =
    reprise_nocobase_client_post (target->client, action, stale ? lock : name, cancellable, error);
  if (root == NULL)
    return FALSE;
  if (stale) /* there may be a piece of an archive, which would now look like a whole one */
    rest = reprise_nocobase_client_post (target->client, action, name, cancellable, NULL);
  return TRUE;
}

/* (transfer full): what the old plugin says of a backup: the archive's meta. It unpacks the whole archive for that. */
JsonObject *
reprise_nocobase_backup_get_meta (RepriseNocobaseTarget *target,
                                  const char *name,
                                  GCancellable *cancellable,
                                  GError **error)
{
  g_autoptr (JsonObject) root = NULL;
  JsonObject *meta;

  if (!check_name (name, error))
    return NULL;
  root = reprise_nocobase_client_get (target->client, cancellable, error, "backupFiles:get",
                                      "filterByTk", name, NULL);
  if (root == NULL)
    return NULL;
  meta = reprise_json_get_object (root, "data.meta");
  if (meta != NULL)
    return json_object_ref (meta);
  reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_DAMAGED,
                     _ ("The server cannot read its backup “%s”"), name);
  return NULL;
}
