/* reprise-milvus-storage.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "base/reprise-file.h"
#include "providers/milvus/storage/reprise-milvus-storage-private.h"

#define DEFAULT_ROOT "backup"
#define META_FOLDER  "meta/"
#define MAX_BACKUPS  100000

struct _RepriseMilvusStorage
{
  GObject parent_instance;

  /* none of these changes */
  RepriseS3 *s3; /* (owned) (nullable): %NULL where it is a folder */
  char *root; /* (owned): of the backups: a prefix that ends in “/” or is empty; or the folder */
  char *description; /* (owned): for people */
};

G_DEFINE_FINAL_TYPE (RepriseMilvusStorage, reprise_milvus_storage, G_TYPE_OBJECT)

static void
reprise_milvus_storage_finalize (GObject *object)
{
  RepriseMilvusStorage *self = REPRISE_MILVUS_STORAGE (object);

  g_clear_object (&self->s3);
  g_free (self->root);
  g_free (self->description);
  G_OBJECT_CLASS (reprise_milvus_storage_parent_class)->finalize (object);
}

static void
reprise_milvus_storage_class_init (RepriseMilvusStorageClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = reprise_milvus_storage_finalize;
}

static void
reprise_milvus_storage_init (RepriseMilvusStorage *self)
{
}

void
reprise_milvus_stored_free (RepriseMilvusStored *self)
{
  g_free (self->name);
  g_clear_pointer (&self->changed_at, g_date_time_unref);
  g_clear_pointer (&self->meta, reprise_milvus_meta_free);
  g_free (self->problem);
  g_free (self);
}

/* --- making --- */

/* The root as a prefix of names: without slashes around it, and with one behind it. */
static char *
make_prefix (const char *root)
{
  g_autofree char *bare = g_strdup (root != NULL ? root : "");
  char *from = bare;

  while (*from == '/')
    from++;
  while (*from != '\0' && from[strlen (from) - 1] == '/')
    from[strlen (from) - 1] = '\0';
  return *from == '\0' ? g_strdup ("") : g_strconcat (from, "/", NULL);
}

/* (transfer full): the backups below @root in a bucket */
RepriseMilvusStorage *
reprise_milvus_storage_new_for_s3 (RepriseS3 *s3, const char *root)
{
  RepriseMilvusStorage *self = g_object_new (REPRISE_TYPE_MILVUS_STORAGE, NULL);

  self->s3 = g_object_ref (s3);
  self->root = make_prefix (root);
  /* Translators: a bucket, a path in it, and the server that it lies on */
  self->description = g_strdup_printf (_ ("%s/%s on %s"), reprise_s3_get_bucket (s3), self->root,
                                       reprise_http_get_name (reprise_s3_get_http (s3)));
  return self;
}

/**
 * reprise_milvus_storage_new_for_folder:
 * @path: the root of the backups: a folder with one folder for each
 *
 * Returns: (transfer full): it, or %NULL with %REPRISE_ERROR_INVALID
 */
RepriseMilvusStorage *
reprise_milvus_storage_new_for_folder (const char *path, GError **error)
{
  RepriseMilvusStorage *self;

  if (path == NULL || !g_path_is_absolute (path))
    {
      reprise_error_set_literal (
        error, REPRISE_ERROR, REPRISE_ERROR_INVALID,
        _ ("Say in which folder of this computer the backups of Milvus are."));
      return NULL;
    }
  self = g_object_new (REPRISE_TYPE_MILVUS_STORAGE, NULL);
  self->root = g_canonicalize_filename (path, NULL);
  self->description = g_strdup (self->root);
  return self;
}

/* Where it is, for people: “a-bucket/backup/ on minio:9000”, or a folder. */
const char *
reprise_milvus_storage_get_description (RepriseMilvusStorage *self)
{
  return self->description;
}

static const char *
get_setting (RepriseService *service, const char *key)
{
  const char *value = reprise_service_get_setting (service, key);
  const RepriseSetting *setting = reprise_setting_find (REPRISE_MILVUS_STORAGE_SETTINGS, key);

  return value != NULL && *value != '\0' ? value : setting != NULL ? setting->default_value : NULL;
}

/* Whether the service says where its storage is. */
gboolean
reprise_milvus_storage_is_set (RepriseService *service)
{
  return g_strcmp0 (get_setting (service, REPRISE_MILVUS_SETTING_STORAGE),
                    REPRISE_MILVUS_STORAGE_NONE) != 0;
}

static RepriseS3Style
read_style (RepriseService *service)
{
  const char *style = get_setting (service, REPRISE_MILVUS_SETTING_STYLE);

  if (g_strcmp0 (style, REPRISE_MILVUS_STYLE_PATH) == 0)
    return REPRISE_S3_PATH;
  return g_strcmp0 (style, REPRISE_MILVUS_STYLE_HOST) == 0 ? REPRISE_S3_HOST : REPRISE_S3_AUTO;
}

/* A secret that need not be there is none, whatever the keyring says: it was just asked for the one that must be. */
static gboolean
look_up (RepriseSecrets *secrets,
         const char *kind,
         gboolean needed,
         RepriseSecretValue **value,
         GCancellable *cancellable,
         GError **error)
{
  g_autoptr (GError) local = NULL;

  *value = reprise_secrets_lookup (secrets, kind, cancellable, &local);
  if (*value != NULL || (!needed && !reprise_error_is_stop (local)))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

static RepriseMilvusStorage *
open_s3 (RepriseService *service,
         RepriseSecrets *secrets,
         GCancellable *cancellable,
         GError **error)
{
  const char *preset = get_setting (service, REPRISE_MILVUS_SETTING_PRESET);
  const char *bucket = get_setting (service, REPRISE_MILVUS_SETTING_BUCKET);
  RepriseS3Options options = {
    .address = get_setting (service, REPRISE_MILVUS_SETTING_ENDPOINT),
    .bucket = bucket != NULL
                ? bucket
                : reprise_milvus_storage_get_preset (preset, REPRISE_MILVUS_SETTING_BUCKET),
    .region = get_setting (service, REPRISE_MILVUS_SETTING_REGION),
    .style = read_style (service),
    .key_id = get_setting (service, REPRISE_MILVUS_SETTING_KEY_ID),
    .pin = get_setting (service, REPRISE_MILVUS_SETTING_STORAGE_PIN),
  };
  const char *root = get_setting (service, REPRISE_MILVUS_SETTING_ROOT);
  g_autoptr (RepriseSecretValue) key = NULL;
  g_autoptr (RepriseSecretValue) session = NULL;
  g_autoptr (RepriseS3) s3 = NULL;

  if (options.address == NULL)
    {
      reprise_error_set_literal (error, REPRISE_ERROR, REPRISE_ERROR_INVALID,
                                 _ ("The address of the object storage is not set."));
      return NULL;
    }
  if (options.key_id != NULL &&
      (!look_up (secrets, REPRISE_MILVUS_SECRET_KEY, TRUE, &key, cancellable, error) ||
       !look_up (secrets, REPRISE_MILVUS_SECRET_SESSION, FALSE, &session, cancellable, error)))
    return NULL;
  options.key = key;
  options.session = session;
  s3 = reprise_s3_new (&options, error);
  return s3 != NULL ? reprise_milvus_storage_new_for_s3 (s3, root != NULL ? root : DEFAULT_ROOT)
                    : NULL;
}

/**
 * reprise_milvus_storage_open:
 *
 * Reads the settings and the keys; nothing is asked of the storage yet.
 *
 * Returns: (transfer full): the storage of a service, or %NULL with %REPRISE_ERROR_NOT_SUPPORTED where the service does not say where it is,
 *   %REPRISE_ERROR_INVALID, or what reprise_secrets_lookup() says
 */
RepriseMilvusStorage *
reprise_milvus_storage_open (RepriseService *service,
                             RepriseSecrets *secrets,
                             GCancellable *cancellable,
                             GError **error)
{
  const char *storage = get_setting (service, REPRISE_MILVUS_SETTING_STORAGE);

  if (g_strcmp0 (storage, REPRISE_MILVUS_STORAGE_S3) == 0)
    return open_s3 (service, secrets, cancellable, error);
  if (g_strcmp0 (storage, REPRISE_MILVUS_STORAGE_FOLDER) == 0)
    return reprise_milvus_storage_new_for_folder (
      get_setting (service, REPRISE_MILVUS_SETTING_FOLDER), error);
  reprise_error_set_literal (
    error, REPRISE_ERROR, REPRISE_ERROR_NOT_SUPPORTED,
    _ ("Only the backup server reaches its storage: enter the object storage or "
       "the folder of the backups in the settings of the service, and Reprise "
       "can read them there."));
  return NULL;
}

/* --- where things are --- */

/* Whether a backup may be called so: what Milvus Backup allows, and what later versions may: no way out of the root. */
gboolean
reprise_milvus_backup_name_is_safe (const char *name)
{
  return name != NULL && strchr (name, '/') == NULL && reprise_milvus_name_is_safe (name) &&
         strlen (name) <= 255;
}

static gboolean
check_name (const char *backup, GError **error)
{
  if (reprise_milvus_backup_name_is_safe (backup))
    return TRUE;
  reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_INVALID,
                     _ ("“%s” cannot be the name of a backup of Milvus."),
                     backup != NULL ? backup : "");
  return FALSE;
}

/* (transfer full): the prefix of a backup's objects */
static char *
make_backup_prefix (RepriseMilvusStorage *self, const char *backup)
{
  return g_strconcat (self->root, backup, "/", NULL);
}

static char *
make_folder (RepriseMilvusStorage *self, const char *backup)
{
  return g_build_filename (self->root, backup, NULL);
}

/* --- the files of a backup --- */

typedef struct
{
  GPtrArray *files;
  gsize prefix_size;
  guint max_files;
} Listing;

static gboolean
take_object (const RepriseS3Object *object, gpointer user_data, GError **error)
{
  Listing *listing = user_data;
  const char *name = object->key + MIN (listing->prefix_size, strlen (object->key));

  if (object->is_folder || *name == '\0' || g_str_has_suffix (name, "/"))
    return TRUE; /* what consoles make to show a folder */
  g_ptr_array_add (listing->files,
                   reprise_milvus_file_new (name, object->size_bytes, object->etag));
  if (listing->max_files == 0 || listing->files->len <= listing->max_files)
    return TRUE;
  reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_LIMIT,
                     _ ("The backup has more than %u files. Reprise does not take so many."),
                     listing->max_files);
  return FALSE;
}

/* (transfer full) (element-type RepriseMilvusFile): by name; none where there is no such backup. At most @max_files, 0 for any */
GPtrArray *
reprise_milvus_storage_list_files (RepriseMilvusStorage *self,
                                   const char *backup,
                                   guint max_files,
                                   GCancellable *cancellable,
                                   GError **error)
{
  g_autofree char *where = NULL;
  g_autoptr (GPtrArray) files = NULL;
  Listing listing;

  if (!check_name (backup, error))
    return NULL;
  if (self->s3 == NULL)
    {
      where = make_folder (self, backup);
      return reprise_milvus_folder_refuse_disk (where, error)
               ? reprise_milvus_folder_list (where, max_files, cancellable, error)
               : NULL;
    }
  where = make_backup_prefix (self, backup);
  files = g_ptr_array_new_with_free_func ((GDestroyNotify) reprise_milvus_file_free);
  listing = (Listing){ files, strlen (where), max_files };
  if (!reprise_s3_list (self->s3, where, TRUE, take_object, &listing, cancellable, error))
    return NULL;
  return g_steal_pointer (&files);
}

/* Gives the content of a file to @sink; %REPRISE_ERROR_DAMAGED where it is not as long as @file says */
gboolean
reprise_milvus_storage_get (RepriseMilvusStorage *self,
                            const char *backup,
                            const RepriseMilvusFile *file,
                            const RepriseHttpSink *sink,
                            gpointer sink_data,
                            RepriseProgress *progress,
                            GCancellable *cancellable,
                            GError **error)
{
  g_autofree char *where = NULL;
  g_autofree char *key = NULL;
  RepriseS3Object object = { .size_bytes = file->size_bytes, .etag = file->etag };

  if (!check_name (backup, error))
    return FALSE;
  if (self->s3 == NULL)
    {
      where = make_folder (self, backup);
      return reprise_milvus_folder_read (where, file->name, sink, sink_data, progress, cancellable,
                                         error);
    }
  where = make_backup_prefix (self, backup);
  object.key = key = g_strconcat (where, file->name, NULL);
  return reprise_s3_download (self->s3, &object, sink, sink_data, progress, cancellable, error);
}

/* Makes a file of a backup of what @fd holds. */
gboolean
reprise_milvus_storage_put (RepriseMilvusStorage *self,
                            const char *backup,
                            const char *name,
                            int fd,
                            gint64 size_bytes,
                            char **sha256,
                            RepriseProgress *progress,
                            GCancellable *cancellable,
                            GError **error)
{
  g_autofree char *where = NULL;
  g_autofree char *key = NULL;

  if (!check_name (backup, error))
    return FALSE;
  if (self->s3 == NULL)
    {
      where = make_folder (self, backup);
      if (g_mkdir_with_parents (where, 0777) != 0)
        return reprise_set_error_errno (error, errno, _ ("Could not make the folder “%s”"), where);
      return reprise_milvus_folder_write (where, name, fd, size_bytes, sha256, progress,
                                          cancellable, error);
    }
  where = make_backup_prefix (self, backup);
  key = g_strconcat (where, name, NULL);
  return reprise_s3_upload (self->s3, key, fd, (guint64) size_bytes, sha256, progress, cancellable,
                            error);
}

static gboolean
remove_objects (RepriseMilvusStorage *self,
                const char *backup,
                GPtrArray *names,
                GCancellable *cancellable,
                GError **error)
{
  g_autofree char *prefix = make_backup_prefix (self, backup);
  g_autoptr (GPtrArray) keys = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < names->len; i++)
    g_ptr_array_add (keys, g_strconcat (prefix, names->pdata[i], NULL));
  return keys->len == 0 || reprise_s3_delete (self->s3, (const char *const *) keys->pdata,
                                              keys->len, cancellable, error);
}

static gboolean
remove_files (RepriseMilvusStorage *self, const char *backup, GPtrArray *names, GError **error)
{
  g_autofree char *folder = make_folder (self, backup);

  for (guint i = 0; i < names->len; i++)
    {
      g_autofree char *path = g_build_filename (folder, names->pdata[i], NULL);

      if (reprise_milvus_name_is_safe (names->pdata[i]) && unlink (path) != 0 && errno != ENOENT)
        return reprise_set_error_errno (error, errno, _ ("Could not remove “%s”"), path);
    }
  return TRUE;
}

/* Removes files of a backup, in their order. @names: (element-type utf8) */
static gboolean
remove_all (RepriseMilvusStorage *self,
            const char *backup,
            GPtrArray *names,
            GCancellable *cancellable,
            GError **error)
{
  if (!check_name (backup, error))
    return FALSE;
  return self->s3 != NULL ? remove_objects (self, backup, names, cancellable, error)
                          : remove_files (self, backup, names, error);
}

/* --- the test of a connection --- */

static gboolean
check_folder (RepriseMilvusStorage *self, GError **error)
{
  struct stat info;

  if (stat (self->root, &info) != 0)
    return reprise_set_error_errno (error, errno, _ ("Could not open the folder “%s”"), self->root);
  if (!S_ISDIR (info.st_mode))
    {
      reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_INVALID, _ ("“%s” is not a folder."),
                         self->root);
      return FALSE;
    }
  return reprise_milvus_folder_refuse_disk (self->root, error);
}

/**
 * reprise_milvus_storage_check:
 * @warnings: (element-type utf8): sentences are added
 *
 * Whether it is there and may be read, before anything is begun.
 */
gboolean
reprise_milvus_storage_check (RepriseMilvusStorage *self,
                              GPtrArray *warnings,
                              GCancellable *cancellable,
                              GError **error)
{
  RepriseHttp *http = self->s3 != NULL ? reprise_s3_get_http (self->s3) : NULL;

  if (http == NULL)
    return check_folder (self, error);
  if (!reprise_s3_check (self->s3, cancellable, error))
    return FALSE;
  if (!reprise_http_is_secure (http) && !reprise_http_is_loopback (reprise_http_get_address (http)))
    g_ptr_array_add (warnings,
                     g_strdup_printf (_ ("The object storage at %s is reached without encryption: "
                                         "whoever listens on the network can read the data of the "
                                         "backups. The secret access key itself is never sent."),
                                      reprise_http_get_name (http)));
  return TRUE;
}

/* --- the list of backups --- */

typedef struct
{
  RepriseMilvusStorage *storage;
  GPtrArray *found; /* (element-type RepriseMilvusStored) */
} Backups;

static gboolean
add_stored (Backups *backups, const char *name, GError **error)
{
  RepriseMilvusStored *stored;

  if (!reprise_milvus_backup_name_is_safe (name))
    return TRUE;
  stored = g_new0 (RepriseMilvusStored, 1);
  stored->name = g_strdup (name);
  g_ptr_array_add (backups->found, stored);
  if (backups->found->len <= MAX_BACKUPS)
    return TRUE;
  reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_LIMIT,
                     _ ("There are too many folders in %s. Check the root path."),
                     backups->storage->description);
  return FALSE;
}

static gboolean
take_backup (const RepriseS3Object *object, gpointer user_data, GError **error)
{
  Backups *backups = user_data;
  gsize prefix_size = strlen (backups->storage->root);
  g_autofree char *name = NULL;

  if (!object->is_folder || strlen (object->key) <= prefix_size + 1)
    return TRUE;
  name = g_strndup (object->key + prefix_size, strlen (object->key) - prefix_size - 1);
  return add_stored (backups, name, error);
}

static int
compare_stored (gconstpointer a, gconstpointer b)
{
  const RepriseMilvusStored *one = *(const gconstpointer *) a, *other = *(const gconstpointer *) b;

  return strcmp (one->name, other->name);
}

static gboolean
list_folders (Backups *backups, GError **error)
{
  const char *root = backups->storage->root;
  g_autoptr (GError) local = NULL;
  g_autoptr (GDir) folder = NULL;
  const char *name;
  gboolean ok = TRUE;

  if (!reprise_milvus_folder_refuse_disk (root, error))
    return FALSE;
  folder = g_dir_open (root, 0, &local);
  if (g_error_matches (local, G_FILE_ERROR, G_FILE_ERROR_NOENT))
    return TRUE;
  if (folder == NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  while (ok && (name = g_dir_read_name (folder)) != NULL)
    {
      g_autofree char *path = g_build_filename (root, name, NULL);

      if (g_file_test (path, G_FILE_TEST_IS_DIR) && !g_file_test (path, G_FILE_TEST_IS_SYMLINK))
        ok = add_stored (backups, name, error);
    }
  g_ptr_array_sort (backups->found, compare_stored);
  return ok;
}

static gboolean
take_meta_object (const RepriseS3Object *object, gpointer user_data, GError **error)
{
  RepriseMilvusStored *stored = user_data;

  stored->whole |= g_str_has_suffix (object->key, "/meta/backup_meta.json") ||
                   g_str_has_suffix (object->key, "/meta/full_meta.json");
  if (object->modified_at != NULL &&
      (stored->changed_at == NULL ||
       g_date_time_compare (object->modified_at, stored->changed_at) > 0))
    {
      g_clear_pointer (&stored->changed_at, g_date_time_unref);
      stored->changed_at = g_date_time_ref (object->modified_at);
    }
  return TRUE;
}

static void
look_at_folder (RepriseMilvusStorage *self, RepriseMilvusStored *stored)
{
  for (guint i = REPRISE_MILVUS_WHOLE; i <= REPRISE_MILVUS_TOP; i++)
    {
      g_autofree char *path = g_build_filename (
        self->root, stored->name, reprise_milvus_level_get_name ((RepriseMilvusLevel) i), NULL);
      struct stat info;

      if (stored->whole || stat (path, &info) != 0)
        continue;
      stored->whole = TRUE;
      stored->changed_at = g_date_time_new_from_unix_utc (info.st_mtime);
    }
}

/* Whether it has metadata, and what the metadata says. */
static gboolean
look_at_backup (RepriseMilvusStorage *self,
                RepriseMilvusStored *stored,
                gboolean with_meta,
                GCancellable *cancellable,
                GError **error)
{
  g_autofree char *prefix = g_strconcat (self->root, stored->name, "/", META_FOLDER, NULL);
  g_autoptr (GError) local = NULL;

  if (self->s3 == NULL)
    look_at_folder (self, stored);
  else if (!reprise_s3_list (self->s3, prefix, TRUE, take_meta_object, stored, cancellable, error))
    return FALSE;
  if (!with_meta || !stored->whole)
    return TRUE;
  stored->meta = reprise_milvus_storage_read_meta (self, stored->name, cancellable, &local);
  if (reprise_error_is_stop (local))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  if (local != NULL)
    stored->problem = reprise_error_get_sentence (local);
  return TRUE;
}

/**
 * reprise_milvus_storage_list:
 * @with_meta: whether the metadata of each is read, which takes a while
 *
 * Returns: (transfer full) (element-type RepriseMilvusStored): the backups by name, those that have no metadata among them
 */
GPtrArray *
reprise_milvus_storage_list (RepriseMilvusStorage *self,
                             gboolean with_meta,
                             RepriseProgress *progress,
                             GCancellable *cancellable,
                             GError **error)
{
  g_autoptr (GPtrArray) found =
    g_ptr_array_new_with_free_func ((GDestroyNotify) reprise_milvus_stored_free);
  Backups backups = { self, found };

  if (self->s3 == NULL
        ? !list_folders (&backups, error)
        : !reprise_s3_list (self->s3, self->root, FALSE, take_backup, &backups, cancellable, error))
    return NULL;
  reprise_progress_set_totals (progress, -1, found->len);
  for (guint i = 0; i < found->len; i++)
    {
      if (!look_at_backup (self, found->pdata[i], with_meta, cancellable, error))
        return NULL;
      reprise_progress_add_items (progress, 1);
    }
  return g_steal_pointer (&found);
}

typedef struct
{
  RepriseMilvusStorage *storage;
  const char *backup;
} MetaSource;

static gboolean
push_cb (gconstpointer data,
         gsize size,
         gpointer user_data,
         GCancellable *cancellable,
         GError **error)
{
  return reprise_milvus_reader_push (user_data, data, size, error);
}

static gboolean
source_cb (const char *name,
           RepriseMilvusReader *reader,
           gpointer user_data,
           GCancellable *cancellable,
           GError **error)
{
  static const RepriseHttpSink SINK = { .write = push_cb };
  MetaSource *source = user_data;
  RepriseMilvusFile file = { (char *) name, -1, NULL };

  return reprise_milvus_storage_get (source->storage, source->backup, &file, &SINK, reader, NULL,
                                     cancellable, error);
}

/**
 * reprise_milvus_storage_read_meta:
 *
 * Returns: (transfer full): what a backup's metadata says, or %NULL with %REPRISE_ERROR_NOT_FOUND where it has none, %REPRISE_ERROR_DAMAGED,
 *   and others
 */
RepriseMilvusMeta *
reprise_milvus_storage_read_meta (RepriseMilvusStorage *self,
                                  const char *name,
                                  GCancellable *cancellable,
                                  GError **error)
{
  MetaSource source = { self, name };

  if (!check_name (name, error))
    return NULL;
  return reprise_milvus_read_meta (source_cb, &source, NULL, NULL, cancellable, error);
}

/* --- deletion --- */

static gboolean
is_meta (const char *name)
{
  return g_str_has_prefix (name, META_FOLDER);
}

/* The metadata first: a deletion that breaks off leaves no backup that looks whole. */
static GPtrArray *
order_for_deletion (GPtrArray *files)
{
  GPtrArray *names = g_ptr_array_new ();

  for (int pass = 0; pass < 2; pass++)
    for (guint i = 0; i < files->len; i++)
      {
        RepriseMilvusFile *file = files->pdata[i];

        if (is_meta (file->name) == (pass == 0))
          g_ptr_array_add (names, file->name);
      }
  return names;
}

static gboolean
has_meta (GPtrArray *files)
{
  for (guint i = 0; i < files->len; i++)
    {
      const char *name = ((RepriseMilvusFile *) files->pdata[i])->name;

      if (strcmp (name, reprise_milvus_level_get_name (REPRISE_MILVUS_TOP)) == 0 ||
          strcmp (name, reprise_milvus_level_get_name (REPRISE_MILVUS_WHOLE)) == 0)
        return TRUE;
    }
  return FALSE;
}

/* Where the root of the backups is set wrong, folders of anything else look like what a failed backup left. */
static gboolean
check_leftovers (GPtrArray *files, const char *name, GError **error)
{
  for (guint i = 0; i < files->len; i++)
    {
      const char *each = ((RepriseMilvusFile *) files->pdata[i])->name;

      if (is_meta (each) || g_str_has_prefix (each, "binlogs/") ||
          g_str_has_prefix (each, "bundle/"))
        continue;
      reprise_error_set (
        error, REPRISE_ERROR, REPRISE_ERROR_REFUSED,
        _ ("“%s” holds “%s”, which no backup leaves behind: the root path of the backups "
           "is probably set wrong. Nothing was deleted."),
        name, each);
      return FALSE;
    }
  return TRUE;
}

/**
 * reprise_milvus_storage_delete:
 * @only_leftovers: refuse a backup that has metadata
 *
 * Deletes all files of a backup.
 *
 * Returns: %FALSE with %REPRISE_ERROR_NOT_FOUND, %REPRISE_ERROR_REFUSED and others
 */
gboolean
reprise_milvus_storage_delete (RepriseMilvusStorage *self,
                               const char *name,
                               gboolean only_leftovers,
                               RepriseProgress *progress,
                               GCancellable *cancellable,
                               GError **error)
{
  g_autoptr (GPtrArray) files =
    reprise_milvus_storage_list_files (self, name, 0, cancellable, error);
  g_autoptr (GPtrArray) names = NULL;
  g_autofree char *folder = NULL;

  if (files == NULL)
    return FALSE;
  if (files->len == 0)
    {
      reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND,
                         _ ("There is no backup “%s” in %s."), name, self->description);
      return FALSE;
    }
  if (only_leftovers && has_meta (files))
    {
      reprise_error_set (
        error, REPRISE_ERROR, REPRISE_ERROR_REFUSED,
        _ ("“%s” is a whole backup and not what a failed one left. Nothing was deleted."), name);
      return FALSE;
    }
  if (only_leftovers && !check_leftovers (files, name, error))
    return FALSE;
  names = order_for_deletion (files);
  reprise_progress_set_totals (progress, -1, names->len);
  if (!remove_all (self, name, names, cancellable, error))
    return FALSE;
  if (self->s3 != NULL)
    return TRUE;
  folder = make_folder (self, name);
  return reprise_file_remove_tree (folder, error);
}
