/* reprise-vault-layout.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "base/reprise-file.h"
#include "base/reprise-strv.h"
#include "base/reprise-time.h"
#include "vault/reprise-vault-layout.h"

#define STAMP_LENGTH 16
#define NAME_LENGTH  (STAMP_LENGTH + 1 + REPRISE_ULID_LENGTH)

static gboolean
is_stamp (const char *text)
{
  static const char form[] = "00000000T000000Z";

  for (guint i = 0; i < STAMP_LENGTH; i++)
    if (form[i] == '0' ? !g_ascii_isdigit (text[i]) : text[i] != form[i])
      return FALSE;
  return TRUE;
}

static gboolean
parse_start (const char *name, RepriseVaultName *parsed)
{
  if (strlen (name) < NAME_LENGTH || !is_stamp (name) || name[STAMP_LENGTH] != '-')
    return FALSE;
  memcpy (parsed->stamp, name, STAMP_LENGTH);
  parsed->stamp[STAMP_LENGTH] = '\0';
  memcpy (parsed->id, name + STAMP_LENGTH + 1, REPRISE_ULID_LENGTH);
  parsed->id[REPRISE_ULID_LENGTH] = '\0';
  return reprise_ulid_is_valid (parsed->id);
}

/* Whether @name is that of a backup's folder. */
gboolean
reprise_vault_name_parse (const char *name, RepriseVaultName *parsed)
{
  return strlen (name) == NAME_LENGTH && parse_start (name, parsed);
}

/* Whether @name is that of the folder of a backup's events. */
gboolean
reprise_vault_name_parse_events (const char *name, RepriseVaultName *parsed)
{
  return parse_start (name, parsed) && g_str_equal (name + NAME_LENGTH, REPRISE_VAULT_EVENTS);
}

/* (transfer full) */
char *
reprise_vault_name_make (GDateTime *created_at, const char *id)
{
  g_autofree char *stamp = reprise_time_to_stamp (created_at);

  return g_strconcat (stamp, "-", id, NULL);
}

/* (transfer full) (nullable) */
GDateTime *
reprise_vault_name_get_time (const RepriseVaultName *name)
{
  return reprise_time_from_string (name->stamp);
}

/**
 * reprise_vault_list_names:
 *
 * Returns: (transfer full) (element-type filename): what lies in a folder, hidden files too, in no order; none where there is
 *   no such folder
 */
GPtrArray *
reprise_vault_list_names (const char *folder, GError **error)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  DIR *directory = opendir (folder);
  struct dirent *entry;
  int failed;

  if (directory == NULL && errno == ENOENT)
    return g_steal_pointer (&names);
  if (directory == NULL)
    {
      reprise_set_error_errno (error, errno, _ ("Could not open the folder “%s”"), folder);
      return NULL;
    }
  while ((errno = 0, entry = readdir (directory)) != NULL)
    if (!g_str_equal (entry->d_name, ".") && !g_str_equal (entry->d_name, ".."))
      g_ptr_array_add (names, g_strdup (entry->d_name));
  failed = errno;
  closedir (directory);
  if (failed == 0)
    return g_steal_pointer (&names);
  reprise_set_error_errno (error, failed, _ ("Could not read the folder “%s”"), folder);
  return NULL;
}

/* (transfer full) (element-type utf8): the UUIDs of which the vault has a folder, sorted */
GPtrArray *
reprise_vault_list_service_folders (const char *vault, GError **error)
{
  GPtrArray *names = reprise_vault_list_names (vault, error);

  if (names == NULL)
    return NULL;
  for (guint i = names->len; i-- > 0;)
    if (!g_uuid_string_is_valid (names->pdata[i]))
      g_ptr_array_remove_index_fast (names, i);
  g_ptr_array_sort (names, reprise_strv_compare);
  return names;
}

/**
 * reprise_vault_find_folder:
 * @id: a whole ULID
 *
 * Returns: (transfer full): the folder of that backup, or %NULL with %REPRISE_ERROR_NOT_FOUND or an error of the system
 */
char *
reprise_vault_find_folder (const char *vault, const char *id, GError **error)
{
  g_autoptr (GPtrArray) services = reprise_vault_list_service_folders (vault, error);

  for (guint i = 0; services != NULL && i < services->len; i++)
    {
      g_autofree char *folder = g_build_filename (vault, services->pdata[i], NULL);
      g_autoptr (GPtrArray) names = reprise_vault_list_names (folder, error);
      RepriseVaultName parsed;

      if (names == NULL)
        return NULL;
      for (guint j = 0; j < names->len; j++)
        if (reprise_vault_name_parse (names->pdata[j], &parsed) && g_str_equal (parsed.id, id))
          return g_build_filename (folder, names->pdata[j], NULL);
    }
  if (services != NULL)
    reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND,
                       _ ("There is no backup “%s” in the vault."), id);
  return NULL;
}

/* VAULT.json last: with it the folder is a vault. */
gboolean
reprise_vault_write_skeleton (const char *vault, GError **error)
{
  g_autoptr (JsonObject) root = json_object_new ();
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autofree char *time = reprise_time_to_string (now);
  g_autofree char *id = g_uuid_string_random ();
  g_autofree char *path = g_build_filename (vault, "VAULT.json", NULL);
  g_autofree char *readme = g_build_filename (vault, "README.txt", NULL);
  g_autofree char *text = NULL;

  json_object_set_int_member (root, "format", REPRISE_VAULT_FORMAT);
  json_object_set_string_member (root, "id", id);
  json_object_set_string_member (root, "created_at", time);
  text = reprise_vault_json_print (root, NULL);
  return reprise_file_write_durable (readme, REPRISE_VAULT_README, -1, error) &&
         reprise_file_write_durable (path, text, -1, error);
}

/* No application lives in a vault, nor is one restored into it: %REPRISE_ERROR_REFUSED for @path, whether it is there or not. */
gboolean
reprise_vault_refuse_inside (const char *path, GError **error)
{
  g_autofree char *folder = g_canonicalize_filename (path, NULL);

  while (TRUE)
    {
      g_autofree char *mark = g_build_filename (folder, "VAULT.json", NULL);
      char *above;

      if (g_file_test (mark, G_FILE_TEST_EXISTS))
        {
          reprise_error_set (
            error, REPRISE_ERROR, REPRISE_ERROR_REFUSED,
            _ ("“%s” lies in the vault “%s”, which holds nothing but backups. Choose "
               "another folder."),
            path, folder);
          return FALSE;
        }
      above = g_path_get_dirname (folder);
      if (g_str_equal (above, folder))
        {
          g_free (above);
          return TRUE;
        }
      g_free (folder);
      folder = above;
    }
}

/* Whether nothing of anybody's lies there: a new disk has a “lost+found”. */
gboolean
reprise_vault_looks_empty (const char *vault)
{
  g_autoptr (GPtrArray) names = reprise_vault_list_names (vault, NULL);

  for (guint i = 0; names != NULL && i < names->len; i++)
    {
      const char *name = names->pdata[i];

      /* With what a program that was killed while it made the vault left of it */
      if (name[0] != '.' && !g_str_equal (name, "lost+found") &&
          !g_str_has_prefix (name, "README.txt") && !g_str_has_prefix (name, "VAULT.json."))
        return FALSE;
    }
  return TRUE;
}

/* Whether it is a vault that only lost its VAULT.json. */
gboolean
reprise_vault_looks_like_one (const char *vault)
{
  g_autoptr (GPtrArray) services = reprise_vault_list_service_folders (vault, NULL);

  return services != NULL && services->len > 0;
}

/* Which programs are run, and who is told, is settled on each computer: others may write into a vault. */
static JsonObject *
drop_own (JsonObject *settings)
{
  static const char *const KEYS[] = { "hook-before", "hook-after", "webhook", "webhook-address",
                                      "program" };

  for (guint i = 0; settings != NULL && i < G_N_ELEMENTS (KEYS); i++)
    if (json_object_has_member (settings, KEYS[i]))
      json_object_remove_member (settings, KEYS[i]);
  return settings;
}

static JsonObject *
print_table (GHashTable *table)
{
  JsonObject *object = json_object_new ();
  g_autoptr (GList) keys = g_list_sort (g_hash_table_get_keys (table), (GCompareFunc) strcmp);

  for (GList *at = keys; at != NULL; at = at->next)
    if (g_utf8_validate (at->data, -1, NULL))
      reprise_vault_json_set_string (object, at->data, g_hash_table_lookup (table, at->data));
  return object;
}

/* (transfer full): service.json; a service holds no secret */
char *
reprise_vault_print_service (RepriseService *service)
{
  g_autoptr (JsonObject) root = json_object_new ();

  json_object_set_int_member (root, "format", REPRISE_VAULT_FORMAT);
  reprise_vault_json_set_string (root, "uuid", reprise_service_get_uuid (service));
  reprise_vault_json_set_string (root, "kind", reprise_service_get_kind (service));
  reprise_vault_json_set_string (root, "name", reprise_service_get_name (service));
  json_object_set_boolean_member (root, "production", reprise_service_get_production (service));
  json_object_set_object_member (root, "settings",
                                 drop_own (print_table (reprise_service_get_settings (service))));
  json_object_set_object_member (root, "rules", print_table (reprise_service_get_rules (service)));
  return reprise_vault_json_print (root, NULL);
}

static void
read_table (JsonObject *root,
            const char *member,
            RepriseService *service,
            void (*set) (RepriseService *, const char *, const char *))
{
  JsonObject *object = reprise_vault_json_get_object (root, member);
  g_autoptr (GList) keys = object == NULL ? NULL : json_object_get_members (object);

  for (GList *at = keys; at != NULL; at = at->next)
    if (reprise_vault_json_get_string (object, at->data) != NULL)
      set (service, at->data, reprise_vault_json_get_string (object, at->data));
}

/**
 * reprise_vault_read_service:
 * @folder: of a service
 *
 * Returns: (transfer full): what its service.json says, or %NULL with %REPRISE_ERROR_DAMAGED or an error of the system
 */
RepriseService *
reprise_vault_read_service (const char *folder, GError **error)
{
  g_autofree char *path = g_build_filename (folder, "service.json", NULL);
  g_autofree char *name = g_path_get_basename (folder);
  g_autoptr (JsonObject) root = reprise_vault_json_read (path, REPRISE_VAULT_JSON_BYTES, error);
  RepriseService *service;

  if (root == NULL)
    return NULL;
  if (g_strcmp0 (reprise_vault_json_get_string (root, "uuid"), name) != 0 ||
      reprise_vault_json_get_string (root, "kind") == NULL ||
      reprise_vault_json_get_string (root, "name") == NULL)
    {
      reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_DAMAGED,
                         _ ("“%s” does not fit its folder."), path);
      return NULL;
    }
  service = reprise_service_new (name, reprise_vault_json_get_string (root, "kind"),
                                 reprise_vault_json_get_string (root, "name"));
  reprise_service_set_production (service, reprise_vault_json_get_boolean (root, "production"));
  drop_own (reprise_vault_json_get_object (root, "settings"));
  read_table (root, "settings", service, reprise_service_set_setting);
  read_table (root, "rules", service, reprise_service_set_rule);
  return service;
}
