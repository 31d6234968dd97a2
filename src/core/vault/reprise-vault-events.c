/* reprise-vault-events.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-fd.h"
#include "base/reprise-file.h"
#include "base/reprise-strv.h"
#include "base/reprise-time.h"
#include "vault/reprise-backup-private.h"
#include "vault/reprise-vault-events.h"
#include "vault/reprise-vault-private.h"

/* <backup>.events/<ulid>.json: {"format":1,"id":ULID,"backup":ULID,"type":…,"at":TIME,"tool":VERSION, members of the type…} */

#define EVENT_VERIFIED "verified"
#define EVENT_DAMAGED  "damaged"

static gboolean
is_event_name (const char *name)
{
  g_autofree char *id = g_strndup (name, REPRISE_ULID_LENGTH);

  return reprise_ulid_is_valid (id) && g_str_equal (name + REPRISE_ULID_LENGTH, ".json");
}

static GPtrArray *
read_events (const char *folder, GError **error)
{
  g_autofree char *path = g_strconcat (folder, REPRISE_VAULT_EVENTS, NULL);
  g_autoptr (GPtrArray) names = reprise_vault_list_names (path, error);
  g_autoptr (GPtrArray) events =
    g_ptr_array_new_with_free_func ((GDestroyNotify) json_object_unref);

  if (names == NULL)
    return NULL;
  g_ptr_array_sort (names, reprise_strv_compare);
  for (guint i = 0; i < names->len; i++)
    {
      g_autofree char *file = g_build_filename (path, names->pdata[i], NULL);
      JsonObject *event = is_event_name (names->pdata[i])
                            ? reprise_vault_json_read (file, REPRISE_VAULT_JSON_BYTES, NULL)
                            : NULL;

      if (event != NULL)
        g_ptr_array_add (events, event);
    }
  return g_steal_pointer (&events);
}

/**
 * reprise_vault_list_events:
 *
 * Returns: (transfer full) (element-type JsonObject): what became true of a backup after its commit, the oldest first; an event
 *   that cannot be read is left out. %NULL with %REPRISE_ERROR_NOT_FOUND or an error of the system
 */
GPtrArray *
reprise_vault_list_events (RepriseVault *self, const char *backup_id, GError **error)
{
  g_autofree char *folder =
    reprise_vault_find_folder (reprise_vault_get_path (self), backup_id, error);

  return folder == NULL ? NULL : read_events (folder, error);
}

static void
copy_member_cb (JsonObject *object, const char *name, JsonNode *node, gpointer data)
{
  if (!json_object_has_member (data, name))
    json_object_set_member (data, name, json_node_copy (node));
}

static char *
print_event (const char *id, const char *backup_id, const char *type, JsonObject *members)
{
  g_autoptr (JsonObject) root = json_object_new ();
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autofree char *time = reprise_time_to_string (now);

  json_object_set_int_member (root, "format", REPRISE_VAULT_FORMAT);
  json_object_set_string_member (root, "id", id);
  json_object_set_string_member (root, "backup", backup_id);
  json_object_set_string_member (root, "type", type);
  json_object_set_string_member (root, "at", time);
  json_object_set_string_member (root, "tool", PACKAGE_VERSION);
  if (members != NULL)
    json_object_foreach_member (members, copy_member_cb, root);
  return reprise_vault_json_print (root, NULL);
}

/* A file without a name until it is whole: a kill leaves nothing. Where that cannot be had, the common way. */
static gboolean
write_once (const char *folder, const char *path, const char *text, GError **error)
{
  int fd = open (folder, O_WRONLY | O_TMPFILE | O_CLOEXEC, 0600);
  g_autofree char *link = g_strdup_printf ("/proc/self/fd/%d", fd);
  gboolean written, linked;

  if (fd < 0)
    return reprise_file_write_durable (path, text, -1, error);
  written = reprise_fd_write (fd, text, strlen (text)) && fsync (fd) == 0;
  if (!written)
    reprise_set_error_errno (error, errno, _ ("Could not write “%s”"), path);
  linked = written && linkat (AT_FDCWD, link, AT_FDCWD, path, AT_SYMLINK_FOLLOW) == 0;
  close (fd);
  if (!written)
    return FALSE;
  return linked ? reprise_file_sync_folder (folder, error)
                : reprise_file_write_durable (path, text, -1, error);
}

/**
 * reprise_vault_add_event:
 * @type: see #RepriseVault for the types and their members
 * @members: (nullable) (transfer none): further members
 *
 * Writes down what became true of a backup after its commit. Nothing that was written is changed.
 *
 * Returns: whether it is written and survives a power cut; else %REPRISE_ERROR_NOT_FOUND, %REPRISE_ERROR_NOT_SUPPORTED (a newer
 *   format), or an error of the system
 */
gboolean
reprise_vault_add_event (RepriseVault *self,
                         const char *backup_id,
                         const char *type,
                         JsonObject *members,
                         GError **error)
{
  g_autofree char *id = reprise_ulid_new ();
  g_autofree char *text = print_event (id, backup_id, type, members);
  g_autofree char *name = g_strconcat (id, ".json", NULL);
  g_autofree char *folder = NULL;
  g_autofree char *events = NULL;
  g_autofree char *above = NULL;
  g_autofree char *path = NULL;

  if (!reprise_vault_check_writable (self, error))
    return FALSE;
  folder = reprise_vault_find_folder (reprise_vault_get_path (self), backup_id, error);
  if (folder == NULL)
    return FALSE;
  above = g_path_get_dirname (folder);
  events = g_strconcat (folder, REPRISE_VAULT_EVENTS, NULL);
  path = g_build_filename (events, name, NULL);
  return reprise_file_make_folder (events, error) && reprise_file_sync_folder (above, error) &&
         write_once (events, path, text, error);
}

static gboolean
add_text_event (RepriseVault *self,
                RepriseBackup *backup,
                const char *type,
                const char *member,
                const char *text,
                GError **error)
{
  g_autoptr (JsonObject) members = json_object_new ();

  json_object_set_string_member (members, member, text);
  return reprise_vault_add_event (self, reprise_backup_get_id (backup), type, members, error);
}

/* That it was read back, and is whole; as reprise_vault_add_event() */
gboolean
reprise_vault_note_verified (RepriseVault *self,
                             RepriseBackup *backup,
                             RepriseDepth depth,
                             GError **error)
{
  return add_text_event (self, backup, EVENT_VERIFIED, "depth", reprise_depth_to_string (depth),
                         error);
}

/* What was found when it was read back; as reprise_vault_add_event() */
gboolean
reprise_vault_note_damaged (RepriseVault *self,
                            RepriseBackup *backup,
                            const char *text,
                            GError **error)
{
  return add_text_event (self, backup, EVENT_DAMAGED, "text", text, error);
}

static void
apply_verified (RepriseBackup *backup, JsonObject *event)
{
  RepriseDepth depth;

  /* Quick looks at names and sizes only: it neither makes a backup verified nor takes a damage back. */
  if (!reprise_depth_from_string (reprise_vault_json_get_string (event, "depth"), &depth) ||
      depth == REPRISE_DEPTH_QUICK)
    return;
  backup->state = REPRISE_BACKUP_VERIFIED;
  g_clear_pointer (&backup->damage, g_free);
  g_clear_pointer (&backup->verified_at, g_date_time_unref);
  backup->verified_at = reprise_time_from_string (reprise_vault_json_get_string (event, "at"));
}

static void
apply_damaged (RepriseBackup *backup, JsonObject *event)
{
  const char *text = reprise_vault_json_get_string (event, "text");

  backup->state = REPRISE_BACKUP_COMPLETE;
  g_clear_pointer (&backup->verified_at, g_date_time_unref);
  g_free (backup->damage);
  backup->damage = g_strdup (text != NULL ? text : _ ("The last verification found damage."));
}

/* The latest one counts: the setting may have changed. Without a date it is none of a roll-up. */
static void
apply_superseded (RepriseBackup *backup, JsonObject *event)
{
  g_clear_pointer (&backup->leaving_at, g_date_time_unref);
  backup->leaving_at =
    reprise_time_from_string (reprise_vault_json_get_string (event, "deleted_at"));
}

static void
apply_event (RepriseBackup *backup, JsonObject *event)
{
  const char *type = reprise_vault_json_get_string (event, "type");

  if (g_strcmp0 (type, EVENT_VERIFIED) == 0)
    apply_verified (backup, event);
  else if (g_strcmp0 (type, EVENT_DAMAGED) == 0)
    apply_damaged (backup, event);
  else if (g_strcmp0 (type, "kept") == 0)
    backup->kept = TRUE;
  else if (g_strcmp0 (type, "unkept") == 0)
    backup->kept = FALSE;
  else if (g_strcmp0 (type, "superseded") == 0)
    apply_superseded (backup, event);
  else if (g_strcmp0 (type, "note") == 0)
    {
      g_free (backup->note);
      backup->note = g_strdup (reprise_vault_json_get_string (event, "text"));
    }
}

/* What the manifest cannot say by itself; damage that shows already stays. */
gboolean
reprise_vault_apply_events (RepriseBackup *backup, const char *folder, GError **error)
{
  g_autoptr (GPtrArray) events = read_events (folder, error);
  g_autofree char *damage = g_strdup (backup->damage);

  for (guint i = 0; events != NULL && i < events->len; i++)
    apply_event (backup, events->pdata[i]);
  if (damage != NULL)
    {
      backup->state = REPRISE_BACKUP_COMPLETE;
      g_clear_pointer (&backup->verified_at, g_date_time_unref);
      g_free (backup->damage);
      backup->damage = g_steal_pointer (&damage);
    }
  return events != NULL;
}
