/* reprise-preferences.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "base/reprise-file.h"
#include "service/reprise-preferences.h"

#define GROUP     "reprise"
#define MAX_BYTES (64 * 1024)

struct _ReprisePreferences
{
  GObject parent_instance;

  char *path;     /* (owned); never changes */
  GMutex mutex;   /* guards the file */
  GKeyFile *file; /* (owned) */
};

G_DEFINE_FINAL_TYPE (ReprisePreferences, reprise_preferences, G_TYPE_OBJECT)

static void
reprise_preferences_finalize (GObject *object)
{
  ReprisePreferences *self = REPRISE_PREFERENCES (object);

  g_clear_pointer (&self->path, g_free);
  g_clear_pointer (&self->file, g_key_file_unref);
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

/* A file that is not there is an empty one. */
gboolean
reprise_preferences_load (ReprisePreferences *self, GError **error)
{
  g_autoptr (GError) local_error = NULL;
  g_autoptr (GBytes) bytes = reprise_file_read_small (self->path, MAX_BYTES, &local_error);
  g_autoptr (GKeyFile) file = g_key_file_new ();

  if (bytes == NULL && !g_error_matches (local_error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return FALSE;
    }
  if (bytes != NULL && !g_key_file_load_from_bytes (file, bytes, G_KEY_FILE_KEEP_COMMENTS, error))
    {
      g_prefix_error (error, "%s: ", self->path);
      return FALSE;
    }
  g_mutex_lock (&self->mutex);
  g_clear_pointer (&self->file, g_key_file_unref);
  self->file = g_steal_pointer (&file);
  g_mutex_unlock (&self->mutex);
  return TRUE;
}

gboolean
reprise_preferences_save (ReprisePreferences *self, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (self->path);
  g_autofree char *data = NULL;
  gsize size = 0;

  g_mutex_lock (&self->mutex);
  data = g_key_file_to_data (self->file, &size, NULL);
  g_mutex_unlock (&self->mutex);
  return reprise_file_make_folder (folder, error) &&
         reprise_file_write_durable (self->path, data, (gssize) size, error);
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
  g_mutex_unlock (&self->mutex);
}
