/* reprise-vault-partial.c
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
#include "base/reprise-file-lock.h"
#include "base/reprise-file.h"
#include "base/reprise-time.h"
#include "vault/reprise-host.h"
#include "vault/reprise-manifest.h"
#include "vault/reprise-vault-layout.h"
#include "vault/reprise-vault-partial.h"

#define MAX_JOURNAL_BYTES (256 * 1024 * 1024)

/* JSON lines: first who works on what, then {"file":…,"size_bytes":…,"sha256":…}, {"removed":…} and {"resumable":…} as they come.
 * A last line that is cut short was never written. */
struct _ReprisePartial
{
  char *path;        /* (owned); of the journal */
  int fd;            /* (owned); for appending */
  gboolean locked;   /* whether the file system has locks */
  JsonObject *first; /* (owned); the first line, empty where it cannot be read */
  gboolean resumable;
  GPtrArray *
    files; /* (owned) (element-type ReprisePartialFile); of the journal as it was when it was opened */

  GMutex mutex; /* one line at a time */
};

static void
file_free (gpointer data)
{
  ReprisePartialFile *file = data;

  g_free (file->name);
  g_free (file->sha256);
  g_free (file);
}

static char *
journal_path (const char *service_folder, const char *id)
{
  g_autofree char *name = g_strconcat (REPRISE_VAULT_PARTIAL, id, REPRISE_VAULT_JOURNAL, NULL);

  return g_build_filename (service_folder, name, NULL);
}

static ReprisePartial *
new_partial (const char *service_folder, const char *id)
{
  ReprisePartial *self = g_new0 (ReprisePartial, 1);

  self->path = journal_path (service_folder, id);
  self->fd = -1;
  self->first = json_object_new ();
  self->files = g_ptr_array_new_with_free_func (file_free);
  g_mutex_init (&self->mutex);
  return self;
}

void
reprise_partial_free (ReprisePartial *self)
{
  if (self->fd >= 0)
    close (self->fd);
  g_free (self->path);
  json_object_unref (self->first);
  g_ptr_array_unref (self->files);
  g_mutex_clear (&self->mutex);
  g_free (self);
}

/* The lock ends with the file: who waits for it sees that its file is gone, and looks again. */
void
reprise_partial_remove (ReprisePartial *self)
{
  unlink (self->path);
  if (self->fd >= 0)
    close (g_steal_fd (&self->fd));
}

/* Where the storage has no locks the journal is opened all the same. */
static gboolean
lock_journal (ReprisePartial *self, GError **error)
{
  g_autoptr (GError) local = NULL;

  self->fd = reprise_file_lock_open (self->path, 0, &local);
  self->locked = self->fd >= 0;
  if (g_error_matches (local, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED))
    {
      g_clear_error (&local);
      self->fd = open (self->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
      if (self->fd < 0)
        return reprise_set_error_errno (error, errno, _ ("Could not open “%s”"), self->path);
    }
  if (local != NULL)
    g_propagate_error (error, g_steal_pointer (&local));
  return self->fd >= 0;
}

static gboolean
append (ReprisePartial *self, JsonObject *line, GError **error)
{
  g_autoptr (JsonNode) node = json_node_init_object (json_node_alloc (), line);
  g_autofree char *text = json_to_string (node, FALSE);
  g_autofree char *whole = g_strconcat (text, "\n", NULL);
  int failed = 0;

  g_mutex_lock (&self->mutex);
  if (lseek (self->fd, 0, SEEK_END) < 0 || !reprise_fd_write (self->fd, whole, strlen (whole)))
    failed = errno;
  g_mutex_unlock (&self->mutex);
  if (failed == 0)
    return TRUE;
  return reprise_set_error_errno (error, failed, _ ("Could not write “%s”"), self->path);
}

/**
 * reprise_partial_new:
 * @parent: (nullable):
 *
 * Returns: (transfer full): a new journal, locked; or %NULL with an error of the system
 */
ReprisePartial *
reprise_partial_new (const char *service_folder,
                     const char *id,
                     const char *origin,
                     const char *parent,
                     GError **error)
{
  g_autoptr (ReprisePartial) self = new_partial (service_folder, id);
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autofree char *time = reprise_time_to_string (now);

  json_object_set_int_member (self->first, "partial", REPRISE_VAULT_FORMAT);
  json_object_set_string_member (self->first, "id", id);
  json_object_set_string_member (self->first, "origin", origin);
  reprise_vault_json_set_string (self->first, "parent", parent);
  json_object_set_string_member (self->first, "started_at", time);
  reprise_vault_json_set_string (self->first, "host", reprise_host_get_name ());
  json_object_set_string_member (self->first, "machine", reprise_host_get_machine ());
  json_object_set_string_member (self->first, "boot", reprise_host_get_boot ());
  json_object_set_int_member (self->first, "process", getpid ());
  if (!lock_journal (self, error))
    return NULL;
  if (append (self, self->first, error))
    return g_steal_pointer (&self);
  reprise_partial_remove (self);
  return NULL;
}

static void
forget_file (ReprisePartial *self, const char *name)
{
  for (guint i = self->files->len; i-- > 0;)
    if (g_strcmp0 (((ReprisePartialFile *) self->files->pdata[i])->name, name) == 0)
      g_ptr_array_remove_index (self->files, i);
}

static void
read_file (ReprisePartial *self, JsonObject *line)
{
  const char *name = reprise_vault_json_get_string (line, "file");
  const char *sha256 = reprise_vault_json_get_string (line, "sha256");
  gint64 size_bytes = reprise_vault_json_get_int (line, "size_bytes");
  ReprisePartialFile *file;

  if (!reprise_manifest_path_is_safe (name) || sha256 == NULL || strlen (sha256) != 64 ||
      size_bytes < 0)
    return;
  forget_file (self, name);
  file = g_new0 (ReprisePartialFile, 1);
  file->name = g_strdup (name);
  file->sha256 = g_strdup (sha256);
  file->size_bytes = size_bytes;
  g_ptr_array_add (self->files, file);
}

static void
read_line (ReprisePartial *self, const char *text)
{
  g_autoptr (JsonObject) line = reprise_vault_json_parse (text, strlen (text), NULL);

  if (line == NULL)
    return;
  if (json_object_has_member (line, "partial"))
    {
      json_object_unref (self->first);
      self->first = json_object_ref (line);
    }
  else if (json_object_has_member (line, "file"))
    read_file (self, line);
  else if (json_object_has_member (line, "removed"))
    forget_file (self, reprise_vault_json_get_string (line, "removed"));
  else if (json_object_has_member (line, "resumable"))
    self->resumable = reprise_vault_json_get_boolean (line, "resumable");
}

static gboolean
read_journal (ReprisePartial *self, GError **error)
{
  g_autoptr (GBytes) bytes = reprise_file_read_small (self->path, MAX_JOURNAL_BYTES, error);
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;
  guint n;

  if (bytes == NULL)
    return FALSE;
  text = g_bytes_get_size (bytes) == 0
           ? g_strdup ("")
           : g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  lines = g_strsplit (text, "\n", -1);
  n = g_strv_length (lines);
  for (guint i = 0; i + 1 < n; i++) /* what follows the last newline is cut short */
    read_line (self, lines[i]);
  /* What is appended from now on begins on a line of its own. */
  if (n > 0 && *lines[n - 1] != '\0' &&
      ftruncate (self->fd, (off_t) (strlen (text) - strlen (lines[n - 1]))) != 0)
    return reprise_set_error_errno (error, errno, _ ("Could not write “%s”"), self->path);
  return TRUE;
}

/**
 * reprise_partial_open:
 *
 * Returns: (transfer full): the journal of a partial backup that nobody works on, locked; or %NULL with %REPRISE_ERROR_BUSY, or
 *   an error of the system
 */
ReprisePartial *
reprise_partial_open (const char *service_folder, const char *id, GError **error)
{
  g_autoptr (ReprisePartial) self = new_partial (service_folder, id);

  if (!lock_journal (self, error) || !read_journal (self, error))
    return NULL;
  return g_steal_pointer (&self);
}

/* (nullable) */
const char *
reprise_partial_get_origin (ReprisePartial *self)
{
  return reprise_vault_json_get_string (self->first, "origin");
}

/* (nullable) */
const char *
reprise_partial_get_parent (ReprisePartial *self)
{
  return reprise_vault_json_get_string (self->first, "parent");
}

gboolean
reprise_partial_get_resumable (ReprisePartial *self)
{
  return self->resumable;
}

/* (transfer none) (element-type ReprisePartialFile) */
GPtrArray *
reprise_partial_get_files (ReprisePartial *self)
{
  return self->files;
}

/* Whether our lock on it proves nothing, because another computer may work on it, or the storage has no locks. */
gboolean
reprise_partial_may_be_foreign (ReprisePartial *self)
{
  const char *machine = reprise_vault_json_get_string (self->first, "machine");
  const char *boot = reprise_vault_json_get_string (self->first, "boot");

  if (machine == NULL || boot == NULL)
    return !self->locked;
  if (g_str_equal (boot, reprise_host_get_boot ()))
    return !self->locked;
  return !g_str_equal (machine, reprise_host_get_machine ());
}

/* Any thread: the file is closed and on the disk. */
gboolean
reprise_partial_add_file (ReprisePartial *self,
                          const char *name,
                          gint64 size_bytes,
                          const char *sha256,
                          GError **error)
{
  g_autoptr (JsonObject) line = json_object_new ();

  json_object_set_string_member (line, "file", name);
  json_object_set_int_member (line, "size_bytes", size_bytes);
  json_object_set_string_member (line, "sha256", sha256);
  return append (self, line, error);
}

gboolean
reprise_partial_remove_file (ReprisePartial *self, const char *name, GError **error)
{
  g_autoptr (JsonObject) line = json_object_new ();

  json_object_set_string_member (line, "removed", name);
  return append (self, line, error);
}

gboolean
reprise_partial_set_resumable (ReprisePartial *self, gboolean resumable, GError **error)
{
  g_autoptr (JsonObject) line = json_object_new ();

  self->resumable = resumable;
  json_object_set_boolean_member (line, "resumable", resumable);
  return append (self, line, error);
}

static char *
find_unknown_below (const char *folder, const char *below, GHashTable *known)
{
  g_autofree char *path = g_build_filename (folder, below, NULL);
  g_autoptr (GPtrArray) names = reprise_vault_list_names (path, NULL);

  for (guint i = 0; names != NULL && i < names->len; i++)
    {
      g_autofree char *name = *below == '\0' ? g_strdup (names->pdata[i])
                                             : g_strconcat (below, "/", names->pdata[i], NULL);
      g_autofree char *full = g_build_filename (folder, name, NULL);
      g_autofree char *found = NULL;

      if (g_hash_table_contains (known, name) || g_str_equal (name, REPRISE_VAULT_SCRATCH))
        continue;
      if (g_file_test (full, G_FILE_TEST_IS_SYMLINK) || !g_file_test (full, G_FILE_TEST_IS_DIR))
        return g_steal_pointer (&name);
      found = find_unknown_below (folder, name, known);
      if (found != NULL)
        return g_steal_pointer (&found);
    }
  return NULL;
}

/* (transfer full) (nullable): the path within @folder of a file that is neither @known nor in the scratch folder */
char *
reprise_partial_find_unknown (const char *folder, GHashTable *known)
{
  return find_unknown_below (folder, "", known);
}

gboolean
reprise_partial_remove_unknown (const char *folder, GHashTable *known, GError **error)
{
  char *name;

  while ((name = reprise_partial_find_unknown (folder, known)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      g_free (name);
      if (unlink (path) != 0)
        return reprise_set_error_errno (error, errno, _ ("Could not remove “%s”"), path);
    }
  return TRUE;
}
