/* reprise-milvus-configuration.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>

#include "base/reprise-error.h"
#include "base/reprise-fd.h"
#include "base/reprise-file.h"
#include "providers/milvus/reprise-milvus-configuration.h"
#include "providers/milvus/reprise-milvus-settings.h"
#include "providers/milvus/storage/reprise-milvus-storage.h"

#define FILE_NAME "backup.yaml"
#define FOLDER    "configs"
#define OUR_MARK  "# Written by Reprise out of the settings of a service"
#define OUR_NOTE  "; what it sets is overwritten, all else is kept.\n"
#define MAX_BYTES (64 * 1024)
#define ROOM_FOR_ALL \
  65536 /* so that no copy of the keys stays behind in what the text grows out of */

static const char *
get (RepriseProviderBase *provider, const char *key)
{
  return reprise_provider_base_get_setting (provider, key);
}

/**
 * reprise_milvus_configuration_find:
 * @program: of the backup server, beside which it lies in “configs” as a rule
 *
 * Returns: (transfer full): the file that the settings name, or the one beside the program
 */
char *
reprise_milvus_configuration_find (RepriseProviderBase *provider,
                                   const char *program,
                                   GError **error)
{
  const char *set = get (provider, REPRISE_MILVUS_SETTING_CONFIGURATION);
  g_autofree char *folder = g_path_get_dirname (program);
  g_autofree char *path =
    *set != '\0' ? g_strdup (set) : g_build_filename (folder, FOLDER, FILE_NAME, NULL);

  if (g_file_test (path, G_FILE_TEST_IS_REGULAR))
    return g_steal_pointer (&path);
  reprise_error_set (
    error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND,
    _ ("There is no configuration “%s”. Name backup.yaml in the settings of the service, or "
       "let Reprise write one."),
    path);
  return NULL;
}

/* --- writing --- */

static void
wipe_string (GString *text)
{
  reprise_secret_wipe (text->str, text->allocated_len);
  g_string_free (text, TRUE);
}

/* “  key: "value"”, as JSON writes strings, which YAML reads */
static void
add (GString *yaml, const char *key, const char *value)
{
  g_string_append_printf (yaml, "  %s: \"", key);
  for (; value != NULL && *value != '\0'; value++)
    if (*value == '"' || *value == '\\')
      g_string_append_printf (yaml, "\\%c", *value);
    else if ((guchar) *value < 0x20)
      g_string_append_printf (yaml, "\\x%02x", (guint) (guchar) *value);
    else
      g_string_append_c (yaml, *value);
  g_string_append (yaml, "\"\n");
}

static void
add_number (GString *yaml, const char *key, int value)
{
  g_string_append_printf (yaml, "  %s: %d\n", key, value);
}

static gboolean
add_secret (RepriseProviderBase *provider,
            GString *yaml,
            const char *key,
            const char *kind,
            GCancellable *cancellable,
            GError **error)
{
  g_autoptr (RepriseSecretValue) value =
    reprise_secrets_lookup (reprise_provider_base_get_secrets (provider), kind, cancellable, error);

  if (value != NULL)
    add (yaml, key, reprise_secret_value_get_text (value));
  return value != NULL;
}

/* (transfer full): @text (transfer none): an address; its port or @fallback */
static GUri *
read_address (const char *text, int fallback, int *port, GError **error)
{
  g_autoptr (GUri) uri = g_uri_parse (text, G_URI_FLAGS_NONE, error);

  if (uri == NULL)
    return NULL;
  *port = g_uri_get_port (uri) > 0 ? g_uri_get_port (uri) : fallback;
  return g_steal_pointer (&uri);
}

static gboolean
add_milvus (RepriseProviderBase *provider, GString *yaml, GCancellable *cancellable, GError **error)
{
  const char *address = get (provider, REPRISE_MILVUS_SETTING_MILVUS);
  const char *user = get (provider, REPRISE_MILVUS_SETTING_MILVUS_USER);
  int port = 0;
  g_autoptr (GUri) uri =
    read_address (*address != '\0' ? address : "http://localhost:19530/", 19530, &port, error);

  if (uri == NULL)
    return FALSE;
  g_string_append (yaml, "milvus:\n");
  add (yaml, "address", g_uri_get_host (uri));
  add_number (yaml, "port", port);
  add_number (yaml, "tlsMode", g_strcmp0 (g_uri_get_scheme (uri), "https") == 0 ? 1 : 0);
  add (yaml, "user", user);
  return *user == '\0' || add_secret (provider, yaml, "password",
                                      REPRISE_MILVUS_SECRET_MILVUS_PASSWORD, cancellable, error);
}

static const char *
get_of_preset (RepriseProviderBase *provider, const char *key)
{
  const char *value = get (provider, key);
  const char *preset =
    *value == '\0'
      ? reprise_milvus_storage_get_preset (get (provider, REPRISE_MILVUS_SETTING_PRESET), key)
      : NULL;

  return preset != NULL ? preset : value;
}

/* Where Milvus has its data, in a storage of the S3 protocol */
static gboolean
add_objects (RepriseProviderBase *provider,
             GString *yaml,
             GCancellable *cancellable,
             GError **error)
{
  int port = 0;
  g_autoptr (GUri) uri =
    read_address (get (provider, REPRISE_MILVUS_SETTING_ENDPOINT), -1, &port, error);
  gboolean secure;

  if (uri == NULL)
    return FALSE;
  secure = g_strcmp0 (g_uri_get_scheme (uri), "https") == 0;
  add (yaml, "storageType", "minio");
  add (yaml, "address", g_uri_get_host (uri));
  add_number (yaml, "port", port > 0 ? port : secure ? 443 : 80);
  g_string_append_printf (yaml, "  useSSL: %s\n", secure ? "true" : "false");
  add (yaml, "bucketName", get_of_preset (provider, REPRISE_MILVUS_SETTING_BUCKET));
  add (yaml, "rootPath", get_of_preset (provider, REPRISE_MILVUS_SETTING_DATA_ROOT));
  add (yaml, "accessKeyID", get (provider, REPRISE_MILVUS_SETTING_KEY_ID));
  return add_secret (provider, yaml, "secretAccessKey", REPRISE_MILVUS_SECRET_KEY, cancellable,
                     error);
}

/* Backups in a folder of this computer: beside Milvus's own, or out of an object storage, whose data goes through the server then */
static gboolean
add_folder (RepriseProviderBase *provider, GString *yaml, GCancellable *cancellable, GError **error)
{
  const char *data = get (provider, REPRISE_MILVUS_SETTING_DATA_FOLDER);

  if (*data != '\0')
    {
      add (yaml, "storageType", "local");
      add (yaml, "rootPath", data);
    }
  else if (*get (provider, REPRISE_MILVUS_SETTING_ENDPOINT) == '\0')
    {
      reprise_error_set_literal (
        error, REPRISE_ERROR, REPRISE_ERROR_INVALID,
        _ ("To have backup.yaml written, set the folder of Milvus’s own data in the settings of "
           "the service, or the address of the object storage that it is in."));
      return FALSE;
    }
  else if (!add_objects (provider, yaml, cancellable, error))
    return FALSE;
  else
    g_string_append (yaml, "  crossStorage: true\n");
  add (yaml, "backupStorageType", "local");
  add (yaml, "backupRootPath", get (provider, REPRISE_MILVUS_SETTING_FOLDER));
  return TRUE;
}

/* In the form of the first version, which all generations read. */
static gboolean
add_storage (RepriseProviderBase *provider,
             GString *yaml,
             GCancellable *cancellable,
             GError **error)
{
  const char *storage = get (provider, REPRISE_MILVUS_SETTING_STORAGE);
  const char *root = get (provider, REPRISE_MILVUS_SETTING_ROOT);

  g_string_append (yaml, "minio:\n");
  if (g_str_equal (storage, REPRISE_MILVUS_STORAGE_FOLDER))
    return add_folder (provider, yaml, cancellable, error);
  if (!g_str_equal (storage, REPRISE_MILVUS_STORAGE_S3))
    {
      reprise_error_set_literal (
        error, REPRISE_ERROR, REPRISE_ERROR_INVALID,
        _ ("To have backup.yaml written, set the storage of the backups in the settings of the "
           "service: an object storage, or a folder."));
      return FALSE;
    }
  if (!add_objects (provider, yaml, cancellable, error))
    return FALSE;
  add (yaml, "backupBucketName", get_of_preset (provider, REPRISE_MILVUS_SETTING_BUCKET));
  add (yaml, "backupRootPath", *root != '\0' ? root : "backup");
  return TRUE;
}

/* --- what the user has added --- */

/* What is ours in the file, by section: it is written anew, or goes. */
static const struct
{
  const char *section;
  const char *keys;
} OURS[] = {
  { "log", " level console file " },
  { "milvus", " address port tlsMode user password " },
  { "minio", " storageType address port useSSL bucketName rootPath accessKeyID secretAccessKey "
             "backupStorageType backupBucketName backupRootPath crossStorage " },
};

static const char *
find_ours (const char *section)
{
  for (guint i = 0; section != NULL && i < G_N_ELEMENTS (OURS); i++)
    if (g_str_equal (OURS[i].section, section))
      return OURS[i].keys;
  return NULL;
}

/* (transfer full) (nullable): of a line “  key: …” */
static char *
read_key (const char *line)
{
  const char *start = line + strspn (line, " ");
  gsize length = strcspn (start, ": #");

  return length > 0 && start[length] == ':' ? g_strndup (start, length) : NULL;
}

static gboolean
is_ours (const char *section, const char *key)
{
  const char *keys = find_ours (section);
  g_autofree char *word = key != NULL ? g_strdup_printf (" %s ", key) : NULL;

  return keys != NULL && word != NULL && strstr (keys, word) != NULL;
}

/* Appends what stands in @old in @wanted, or, where that is %NULL, in sections that we know nothing of. */
static void
keep (GString *yaml, char **old, const char *wanted)
{
  g_autofree char *section = NULL;
  gboolean ours = TRUE; /* the comment at the beginning is */

  for (guint i = 0; old != NULL && old[i] != NULL; i++)
    {
      gsize indent = strspn (old[i], " ");
      g_autofree char *key = read_key (old[i]);
      gboolean known;

      if (indent == 0 && key != NULL)
        {
          g_free (section);
          section = g_steal_pointer (&key);
          ours = find_ours (section) != NULL;
          if (wanted == NULL && !ours)
            g_string_append_printf (yaml, "%s\n", old[i]);
          continue;
        }
      known = find_ours (section) != NULL;
      if (known && indent == 2 && key != NULL)
        ours = is_ours (section, key);
      if (section != NULL && !ours && old[i][indent] != '\0' &&
          (known ? g_strcmp0 (section, wanted) == 0 : wanted == NULL))
        g_string_append_printf (yaml, "%s\n", old[i]);
    }
}

/* (transfer full): where it is written unless the settings say so */
static char *
get_path (RepriseProviderBase *provider)
{
  const char *set = get (provider, REPRISE_MILVUS_SETTING_CONFIGURATION);
  const char *uuid = reprise_service_get_uuid (reprise_provider_base_get_service (provider));

  return *set != '\0' ? g_strdup (set)
                      : g_build_filename (g_get_user_config_dir (), "reprise", "milvus", uuid,
                                          FILE_NAME, NULL);
}

static void
wipe_lines (char **lines)
{
  for (guint i = 0; lines != NULL && lines[i] != NULL; i++)
    reprise_secret_wipe (lines[i], strlen (lines[i]));
  g_strfreev (lines);
}

/* What somebody else wrote is not overwritten. @lines: (out) (nullable) (transfer full): of what is there */
static gboolean
read_ours (const char *path, char ***lines, GError **error)
{
  GBytes *bytes = NULL;
  gsize size = 0;
  char *text;
  gboolean ours;

  *lines = NULL;
  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    return TRUE;
  bytes = reprise_file_read_small (path, MAX_BYTES, error);
  if (bytes == NULL)
    return FALSE;
  text = g_bytes_unref_to_data (bytes, &size);
  ours = size >= strlen (OUR_MARK) && memcmp (text, OUR_MARK, strlen (OUR_MARK)) == 0;
  if (ours)
    {
      char *whole = g_strndup (text, size);

      *lines = g_strsplit (whole, "\n", -1);
      reprise_secret_wipe (whole, strlen (whole));
      g_free (whole);
    }
  reprise_secret_wipe (text, size);
  g_free (text);
  if (!ours)
    reprise_error_set (
      error, REPRISE_ERROR, REPRISE_ERROR_EXISTS,
      _ ("“%s” was not written by Reprise, and is not overwritten: choose another file, or "
         "start the server with this one."),
      path);
  return ours;
}

/* Only the user may read it, from its first byte on; beside it nothing is touched. */
static gboolean
write_private (const char *path, const GString *yaml, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *beside = g_build_filename (folder, ".backup.yaml-XXXXXX", NULL);
  int fd = g_mkstemp_full (beside, O_WRONLY | O_CLOEXEC | O_NOFOLLOW, 0600);
  gboolean ok = fd >= 0 && reprise_fd_write (fd, yaml->str, yaml->len) && fsync (fd) == 0;
  int saved = errno;

  if (fd >= 0)
    close (fd);
  if (ok && rename (beside, path) != 0)
    {
      saved = errno;
      ok = FALSE;
    }
  if (ok)
    return reprise_file_sync_folder (folder, error);
  if (fd >= 0)
    unlink (beside);
  return reprise_set_error_errno (error, saved, _ ("“%s” could not be written"), path);
}

static gboolean
write_yaml (RepriseProviderBase *provider,
            const char *path,
            GCancellable *cancellable,
            GError **error)
{
  GString *yaml = g_string_sized_new (ROOM_FOR_ALL);
  char **old = NULL;
  gboolean ok = read_ours (path, &old, error);

  g_string_append (yaml, OUR_MARK OUR_NOTE);
  g_string_append (yaml, "log:\n  level: info\n  console: false\n  file:\n    rootPath: "
                         "\"logs/backup.log\"\n");
  keep (yaml, old, "log");
  ok = ok && add_milvus (provider, yaml, cancellable, error);
  keep (yaml, old, "milvus");
  ok = ok && add_storage (provider, yaml, cancellable, error);
  keep (yaml, old, "minio");
  keep (yaml, old, NULL);
  ok = ok && write_private (path, yaml, error);
  wipe_lines (old);
  wipe_string (yaml);
  return ok;
}

/**
 * reprise_milvus_configuration_write:
 *
 * Writes backup.yaml out of the settings and secrets of the service, readable for the user only; with the consent of the user, for the
 * keys of the storage stand in it.
 *
 * Returns: (transfer full): its path
 */
char *
reprise_milvus_configuration_write (RepriseProviderBase *provider,
                                    GCancellable *cancellable,
                                    GError **error)
{
  g_autofree char *path = get_path (provider);
  g_autofree char *folder = g_path_get_dirname (path);

  if (!g_str_equal (get (provider, REPRISE_MILVUS_SETTING_CONSENT), "true"))
    {
      reprise_error_set (
        error, REPRISE_ERROR, REPRISE_ERROR_REFUSED,
        _ ("The keys of the storage would be written into “%s”: agree to that in the "
           "settings of the service, or name a backup.yaml that is there."),
        path);
      return NULL;
    }
  if (g_mkdir_with_parents (folder, 0700) != 0)
    {
      reprise_set_error_errno (error, errno, _ ("“%s” could not be made"), folder);
      return NULL;
    }
  return write_yaml (provider, path, cancellable, error) ? g_steal_pointer (&path) : NULL;
}
