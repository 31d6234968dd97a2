/* reprise-services-file.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>
#include <unistd.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "base/reprise-file-lock.h"
#include "base/reprise-file.h"
#include "service/reprise-services-file.h"

/* [reprise] format=1
 * [service UUID] kind, name, production
 * [settings UUID] a setting's key=value
 * [rules UUID] the name of a collection=the name of a group
 * Keys are percent-encoded, since a key file allows few characters in them. Other groups and keys are kept. */
#define FORMAT         1
#define MAX_BYTES      (16 * 1024 * 1024)
#define MAX_NAME_CHARS 100
#define LOCK_WAIT_MS   10000

static int last_serial; /* (atomic) */

void
reprise_services_reading_free (RepriseServicesReading *self)
{
  g_ptr_array_unref (self->services);
  g_free (self);
}

static char *
group_of (const char *part, const char *uuid)
{
  return g_strconcat (part, " ", uuid, NULL);
}

static void
read_table (GKeyFile *file,
            const char *part,
            RepriseService *service,
            void (*set) (RepriseService *, const char *, const char *))
{
  g_autofree char *group = group_of (part, reprise_service_get_uuid (service));
  g_auto (GStrv) keys = g_key_file_get_keys (file, group, NULL, NULL);

  for (guint i = 0; keys != NULL && keys[i] != NULL; i++)
    {
      g_autofree char *key = g_uri_unescape_string (keys[i], NULL);
      g_autofree char *value = g_key_file_get_string (file, group, keys[i], NULL);

      if (key != NULL && value != NULL)
        set (service, key, value);
    }
}

/* (nullable): a group that somebody broke by hand is left in the file and not shown */
static RepriseService *
read_service (GKeyFile *file, const char *group)
{
  const char *uuid = group + strlen ("service ");
  g_autofree char *kind = g_key_file_get_string (file, group, "kind", NULL);
  g_autofree char *name = g_key_file_get_string (file, group, "name", NULL);
  RepriseService *service;

  if (!g_uuid_string_is_valid (uuid) || kind == NULL || name == NULL)
    return NULL;
  service = reprise_service_new (uuid, kind, name);
  reprise_service_set_production (service,
                                  g_key_file_get_boolean (file, group, "production", NULL));
  read_table (file, "settings", service, reprise_service_set_setting);
  read_table (file, "rules", service, reprise_service_set_rule);
  reprise_service_settle (service);
  return service;
}

static GPtrArray *
read_services (GKeyFile *file)
{
  GPtrArray *services = g_ptr_array_new_with_free_func (g_object_unref);
  g_auto (GStrv) groups = g_key_file_get_groups (file, NULL);

  for (guint i = 0; groups[i] != NULL; i++)
    {
      RepriseService *service =
        !g_str_has_prefix (groups[i], "service ") ? NULL : read_service (file, groups[i]);

      if (service != NULL)
        g_ptr_array_add (services, service);
    }
  return services;
}

/* A file that is not there is an empty one. */
static GKeyFile *
load_file (const char *path, GError **error)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autoptr (GError) local = NULL;
  g_autoptr (GBytes) bytes = reprise_file_read_small (path, MAX_BYTES, &local);

  if (g_error_matches (local, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
    return g_steal_pointer (&file);
  if (bytes == NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return NULL;
    }
  /* A key file ends for GLib at a NUL, as a power cut may leave them: the rest would be lost with the next change. */
  if (g_bytes_get_size (bytes) > 0 &&
      memchr (g_bytes_get_data (bytes, NULL), '\0', g_bytes_get_size (bytes)) != NULL)
    {
      reprise_error_set (
        error, REPRISE_ERROR, REPRISE_ERROR_DAMAGED,
        _ ("The list of services “%s” is damaged, and nothing is written to it: %s"), path,
        _ ("it holds bytes that are no text"));
      return NULL;
    }
  if (g_bytes_get_size (bytes) > 0 &&
      !g_key_file_load_from_data (file, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes),
                                  G_KEY_FILE_KEEP_COMMENTS, &local))
    {
      reprise_error_set (
        error, REPRISE_ERROR, REPRISE_ERROR_DAMAGED,
        _ ("The list of services “%s” is damaged, and nothing is written to it: %s"), path,
        local->message);
      return NULL;
    }
  return g_steal_pointer (&file);
}

static RepriseServicesReading *
make_reading (GKeyFile *file, guint serial)
{
  RepriseServicesReading *reading = g_new0 (RepriseServicesReading, 1);

  reading->services = read_services (file);
  reading->serial = serial;
  return reading;
}

/**
 * reprise_services_file_read:
 *
 * Returns: (transfer full): what lies in the file now, or %NULL with %REPRISE_ERROR_DAMAGED, %REPRISE_ERROR_LIMIT or an error
 *   of the system
 */
RepriseServicesReading *
reprise_services_file_read (const char *path, GError **error)
{
  guint serial = (guint) g_atomic_int_get (
    &last_serial); /* before reading: of a change meanwhile the change knows more */
  g_autoptr (GKeyFile) file = load_file (path, error);

  return file == NULL ? NULL : make_reading (file, serial);
}

static gboolean
set_bad_name (GError **error, const char *name, const char *reason)
{
  reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_INVALID,
                     /* Translators: a name, and a sentence that says what is wrong with it */
                     _ ("A service cannot be named “%s”. %s"), name, reason);
  return FALSE;
}

/* Control characters, and those that change the direction of a line or are not seen. */
static gboolean
has_hidden (const char *name)
{
  for (const char *at = name; *at != '\0'; at = g_utf8_next_char (at))
    switch ((int) g_unichar_type (g_utf8_get_char (at)))
      {
      case G_UNICODE_CONTROL:
      case G_UNICODE_FORMAT:
      case G_UNICODE_SURROGATE:
      case G_UNICODE_UNASSIGNED:
      case G_UNICODE_PRIVATE_USE:
      case G_UNICODE_LINE_SEPARATOR:
      case G_UNICODE_PARAGRAPH_SEPARATOR:
        return TRUE;
      default:
        break;
      }
  return FALSE;
}

/* The command line must be able to tell a name from an option, a path and a UUID. */
static gboolean
check_shape (const char *name, GError **error)
{
  if (name == NULL || *name == '\0')
    {
      reprise_error_set_literal (error, REPRISE_ERROR, REPRISE_ERROR_INVALID,
                                 _ ("A service needs a name."));
      return FALSE;
    }
  if (!g_utf8_validate (name, -1, NULL) || has_hidden (name))
    {
      g_autofree char *shown = g_utf8_make_valid (name, -1);
      g_autofree char *escaped = g_strescape (shown, NULL);

      return set_bad_name (error, escaped, _ ("It has characters that are not seen."));
    }
  if (g_utf8_strlen (name, -1) > MAX_NAME_CHARS)
    return set_bad_name (error, name, _ ("It has more than 100 characters."));
  if (g_unichar_isspace (g_utf8_get_char (name)) ||
      g_unichar_isspace (g_utf8_get_char (g_utf8_prev_char (name + strlen (name)))))
    return set_bad_name (error, name, _ ("It begins or ends with a space."));
  if (strchr (name, '/') != NULL)
    return set_bad_name (error, name, _ ("It has a “/”."));
  if (name[0] == '.' || name[0] == '-')
    return set_bad_name (error, name, _ ("It begins with “.” or “-”."));
  if (g_uuid_string_is_valid (name))
    return set_bad_name (error, name, _ ("It looks like a UUID."));
  return TRUE;
}

static char *
fold (const char *name)
{
  g_autofree char *normal = g_utf8_normalize (name, -1, G_NORMALIZE_ALL_COMPOSE);

  return g_utf8_casefold (normal != NULL ? normal : name, -1);
}

/* Whether the name may be given, and no other service but @but_uuid (nullable) has it, whatever its case. Any thread. */
gboolean
reprise_services_check_name_in (GPtrArray *services,
                                const char *name,
                                const char *but_uuid,
                                GError **error)
{
  g_autofree char *folded = NULL;

  if (!check_shape (name, error))
    return FALSE;
  folded = fold (name);
  for (guint i = 0; i < services->len; i++)
    {
      RepriseService *other = services->pdata[i];
      g_autofree char *taken = fold (reprise_service_get_name (other));

      if (!g_str_equal (folded, taken) ||
          g_strcmp0 (reprise_service_get_uuid (other), but_uuid) == 0)
        continue;
      reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_EXISTS,
                         _ ("There is a service named “%s” already."),
                         reprise_service_get_name (other));
      return FALSE;
    }
  return TRUE;
}

static void
write_table (GKeyFile *file, const char *part, const char *uuid, GHashTable *table)
{
  g_autofree char *group = group_of (part, uuid);
  g_autoptr (GList) keys = g_list_sort (g_hash_table_get_keys (table), (GCompareFunc) strcmp);

  g_key_file_remove_group (file, group, NULL);
  for (GList *at = keys; at != NULL; at = at->next)
    {
      g_autofree char *key = g_uri_escape_string (at->data, NULL, FALSE);

      if (*key != '\0')
        g_key_file_set_string (file, group, key, g_hash_table_lookup (table, at->data));
    }
}

static gboolean
set_no_service (const char *uuid, GError **error)
{
  reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND, _ ("There is no service “%s”."),
                     uuid);
  return FALSE;
}

/* (transfer full): what is to lie in the file: the service where it is new, else what lies there with its changes */
static RepriseService *
merge_changes (GKeyFile *file, const char *group, RepriseService *service, GError **error)
{
  RepriseService *now;

  if (reprise_service_is_new (service))
    return g_object_ref (service);
  now = read_service (file, group);
  if (now == NULL)
    set_no_service (reprise_service_get_name (service), error);
  else
    reprise_service_apply_changes (service, now);
  return now;
}

static gboolean
write_service (GKeyFile *file, RepriseService *wanted, GError **error)
{
  g_autoptr (GPtrArray) services = read_services (file);
  const char *uuid = reprise_service_get_uuid (wanted);
  g_autofree char *group = group_of ("service", uuid);
  g_autoptr (RepriseService) service = merge_changes (file, group, wanted, error);

  if (service == NULL)
    return FALSE;
  if (!reprise_services_check_name_in (services, reprise_service_get_name (service), uuid, error))
    return FALSE;
  g_key_file_set_string (file, group, "kind", reprise_service_get_kind (service));
  g_key_file_set_string (file, group, "name", reprise_service_get_name (service));
  g_key_file_set_boolean (file, group, "production", reprise_service_get_production (service));
  write_table (file, "settings", uuid, reprise_service_get_settings (service));
  write_table (file, "rules", uuid, reprise_service_get_rules (service));
  return TRUE;
}

/* With all groups that are the service's, also those of others. */
static gboolean
remove_service (GKeyFile *file, const char *uuid, GError **error)
{
  g_autofree char *group = group_of ("service", uuid);
  g_autofree char *suffix = group_of ("", uuid);
  g_auto (GStrv) groups = g_key_file_get_groups (file, NULL);

  if (!g_key_file_has_group (file, group))
    return set_no_service (uuid, error);
  for (guint i = 0; groups[i] != NULL; i++)
    if (g_str_has_suffix (groups[i], suffix))
      g_key_file_remove_group (file, groups[i], NULL);
  return TRUE;
}

static gboolean
check_format (GKeyFile *file, GError **error)
{
  if (g_key_file_get_integer (file, "reprise", "format", NULL) > FORMAT)
    {
      reprise_error_set_literal (
        error, REPRISE_ERROR, REPRISE_ERROR_NOT_SUPPORTED,
        _ ("The list of services was written by a newer version of Reprise: it can be read, but "
           "not changed. Update Reprise to change it."));
      return FALSE;
    }
  g_key_file_set_integer (file, "reprise", "format", FORMAT);
  return TRUE;
}

/* With the lock held */
static RepriseServicesReading *
change_locked (const char *path, RepriseService *save, const char *remove_uuid, GError **error)
{
  g_autoptr (GKeyFile) file = load_file (path, error);
  g_autofree char *data = NULL;
  gsize size;

  if (file == NULL || !check_format (file, error))
    return NULL;
  if (save != NULL && !write_service (file, save, error))
    return NULL;
  if (remove_uuid != NULL && !remove_service (file, remove_uuid, error))
    return NULL;
  data = g_key_file_to_data (file, &size, NULL);
  if (!reprise_file_write_durable (path, data, (gssize) size, error))
    return NULL;
  return make_reading (file, (guint) g_atomic_int_add (&last_serial, 1) + 1);
}

/**
 * reprise_services_file_change:
 * @save: (nullable): a new service to add, or one that was read: of that what was changed since is written
 * @remove_uuid: (nullable): a service to remove
 *
 * Reads the file, changes it and writes it, all under its lock.
 *
 * Returns: (transfer full): what lies in the file afterwards, or %NULL with %REPRISE_ERROR_INVALID or %REPRISE_ERROR_EXISTS (the
 *   name), %REPRISE_ERROR_NOT_FOUND (it was removed), %REPRISE_ERROR_BUSY, %REPRISE_ERROR_DAMAGED, %REPRISE_ERROR_NOT_SUPPORTED, or
 *   an error of the system
 */
RepriseServicesReading *
reprise_services_file_change (const char *path,
                              RepriseService *save,
                              const char *remove_uuid,
                              GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path);
  RepriseServicesReading *reading;
  int lock;

  if (!reprise_file_make_folder (folder, error) ||
      !reprise_file_lock_beside (path, LOCK_WAIT_MS, &lock, error))
    return NULL;
  reading = change_locked (path, save, remove_uuid, error);
  if (lock >= 0)
    close (lock);
  return reading;
}
