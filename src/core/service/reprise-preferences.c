/* reprise-preferences.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <unistd.h>

#include "base/reprise-error.h"
#include "base/reprise-file-lock.h"
#include "base/reprise-file.h"
#include "service/reprise-preferences.h"

#define GROUP        "reprise"
#define MAX_BYTES    (64 * 1024)
#define LOCK_WAIT_MS 10000

struct _ReprisePreferences
{
  GObject parent_instance;

  char *path;          /* (owned); never changes */
  GMutex mutex;        /* guards what follows */
  GKeyFile *file;      /* (owned) */
  GHashTable *changed; /* (owned) (element-type utf8): the keys that were set and not saved yet */
};

G_DEFINE_FINAL_TYPE (ReprisePreferences, reprise_preferences, G_TYPE_OBJECT)

static void
reprise_preferences_finalize (GObject *object)
{
  ReprisePreferences *self = REPRISE_PREFERENCES (object);

  g_clear_pointer (&self->path, g_free);
  g_clear_pointer (&self->file, g_key_file_unref);
  g_clear_pointer (&self->changed, g_hash_table_unref);
  g_mutex_clear (&self->mutex);
  G_OBJECT_CLASS (reprise_preferences_parent_class)->finalize (object);
}

static void
reprise_preferences_class_init (ReprisePreferencesClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = reprise_preferences_finalize;
}

static void
reprise_preferences_init (ReprisePreferences *self)
{
  g_mutex_init (&self->mutex);
  self->file = g_key_file_new ();
  self->changed = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
}

ReprisePreferences *
reprise_preferences_new (const char *path)
{
  ReprisePreferences *self = g_object_new (REPRISE_TYPE_PREFERENCES, NULL);

  self->path = g_strdup (path);
  return self;
}

/* (transfer full): in the user's configuration folder */
char *
reprise_preferences_dup_default_path (void)
{
  return g_build_filename (g_get_user_config_dir (), "reprise", "preferences.conf", NULL);
}

/* (transfer full): a file that is not there is an empty one */
static GKeyFile *
read_file (ReprisePreferences *self, GError **error)
{
  g_autoptr (GError) local_error = NULL;
  g_autoptr (GBytes) bytes = reprise_file_read_small (self->path, MAX_BYTES, &local_error);
  g_autoptr (GKeyFile) file = g_key_file_new ();

  if (bytes == NULL && !g_error_matches (local_error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return NULL;
    }
  if (bytes != NULL && !g_key_file_load_from_bytes (file, bytes, G_KEY_FILE_KEEP_COMMENTS, error))
    {
      reprise_error_prefix (error, "%s: ", self->path);
      return NULL;
    }
  return g_steal_pointer (&file);
}

static void
take_file (ReprisePreferences *self, GKeyFile *file)
{
  g_mutex_lock (&self->mutex);
  g_clear_pointer (&self->file, g_key_file_unref);
  self->file = file;
  g_hash_table_remove_all (self->changed);
  g_mutex_unlock (&self->mutex);
}

/* Reads what lies there now; what was set and not saved is forgotten. */
gboolean
reprise_preferences_load (ReprisePreferences *self, GError **error)
{
  GKeyFile *file = read_file (self, error);

  if (file == NULL)
    return FALSE;
  take_file (self, file);
  return TRUE;
}

static void
apply_changes (ReprisePreferences *self, GKeyFile *file)
{
  GHashTableIter iter;
  gpointer key;

  g_mutex_lock (&self->mutex);
  g_hash_table_iter_init (&iter, self->changed);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    {
      g_autofree char *value = g_key_file_get_value (self->file, GROUP, key, NULL);

      if (value == NULL)
        g_key_file_remove_key (file, GROUP, key, NULL);
      else
        g_key_file_set_value (file, GROUP, key, value);
    }
  g_mutex_unlock (&self->mutex);
}

static gboolean
save_locked (ReprisePreferences *self, GError **error)
{
  g_autoptr (GKeyFile) file = read_file (self, error);
  g_autofree char *data = NULL;
  gsize size = 0;

  if (file == NULL)
    return FALSE;
  apply_changes (self, file);
  data = g_key_file_to_data (file, &size, NULL);
  if (!reprise_file_write_durable (self->path, data, (gssize) size, error))
    return FALSE;
  take_file (self, g_steal_pointer (&file));
  return TRUE;
}

/**
 * reprise_preferences_save:
 *
 * Writes what was set here into what lies in the file now, under its lock: what other programs changed stays.
 *
 * Returns: whether it is saved; else %REPRISE_ERROR_BUSY, an error of the system, or of a file that cannot be read
 */
gboolean
reprise_preferences_save (ReprisePreferences *self, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (self->path);
  gboolean saved;
  int lock;

  if (!reprise_file_make_folder (folder, error) ||
      !reprise_file_lock_beside (self->path, LOCK_WAIT_MS, &lock, error))
    return FALSE;
  saved = save_locked (self, error);
  if (lock >= 0)
    close (lock);
  return saved;
}

/* (transfer full) (nullable): what is set and not empty */
char *
reprise_preferences_dup_string (ReprisePreferences *self, const char *key)
{
  g_autofree char *value = NULL;

  g_mutex_lock (&self->mutex);
  value = g_key_file_get_string (self->file, GROUP, key, NULL);
  g_mutex_unlock (&self->mutex);
  return value == NULL || *value == '\0' ? NULL : g_steal_pointer (&value);
}

/* A @value of %NULL goes back to the default. */
void
reprise_preferences_set_string (ReprisePreferences *self, const char *key, const char *value)
{
  g_mutex_lock (&self->mutex);
  if (value == NULL)
    g_key_file_remove_key (self->file, GROUP, key, NULL);
  else
    g_key_file_set_string (self->file, GROUP, key, value);
  g_hash_table_add (self->changed, g_strdup (key));
  g_mutex_unlock (&self->mutex);
}

gint64
reprise_preferences_get_integer (ReprisePreferences *self, const char *key, gint64 fallback)
{
  g_autoptr (GError) error = NULL;
  gint64 value;

  g_mutex_lock (&self->mutex);
  value = g_key_file_get_int64 (self->file, GROUP, key, &error);
  g_mutex_unlock (&self->mutex);
  return error == NULL ? value : fallback;
}

void
reprise_preferences_set_integer (ReprisePreferences *self, const char *key, gint64 value)
{
  g_mutex_lock (&self->mutex);
  g_key_file_set_int64 (self->file, GROUP, key, value);
  g_hash_table_add (self->changed, g_strdup (key));
  g_mutex_unlock (&self->mutex);
}
