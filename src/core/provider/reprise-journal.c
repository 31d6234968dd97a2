/* reprise-journal.c
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

#include "base/reprise-file.h"
#include "base/reprise-time.h"
#include "net/reprise-json.h"
#include "provider/reprise-journal.h"

/* One of an account with ten thousand databases, each with its sequence, is large. */
#define MAX_BYTES (64 * 1024 * 1024)

struct _RepriseJournal
{
  GObject parent_instance;

  char *path; /* (owned) */
  int fd;
  GHashTable *values; /* (owned) (element-type utf8 utf8) */
  GPtrArray *
    begun; /* (owned) (element-type utf8): texts of steps begun and not ended, keyed by open_steps */
  GPtrArray *open_steps; /* (owned) (element-type utf8) */
  GPtrArray *done;       /* (owned) (element-type utf8): texts of steps that ended */
};

G_DEFINE_FINAL_TYPE (RepriseJournal, reprise_journal, G_TYPE_OBJECT)

static void
reprise_journal_finalize (GObject *object)
{
  RepriseJournal *self = REPRISE_JOURNAL (object);

  if (self->fd >= 0)
    close (self->fd);
  g_clear_pointer (&self->path, g_free);
  g_clear_pointer (&self->values, g_hash_table_unref);
  g_clear_pointer (&self->begun, g_ptr_array_unref);
  g_clear_pointer (&self->open_steps, g_ptr_array_unref);
  g_clear_pointer (&self->done, g_ptr_array_unref);
  G_OBJECT_CLASS (reprise_journal_parent_class)->finalize (object);
}

static void
reprise_journal_class_init (RepriseJournalClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = reprise_journal_finalize;
}

static void
reprise_journal_init (RepriseJournal *self)
{
  self->fd = -1;
  self->values = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->begun = g_ptr_array_new_with_free_func (g_free);
  self->open_steps = g_ptr_array_new_with_free_func (g_free);
  self->done = g_ptr_array_new_with_free_func (g_free);
}

static char *
path_of (const char *service_uuid)
{
  g_autofree char *name = g_strconcat (service_uuid, ".journal", NULL);

  return g_build_filename (g_get_user_state_dir (), "reprise", "journals", name, NULL);
}

/* One line: appended and fsynced. */
static gboolean
append (RepriseJournal *self, JsonBuilder *builder, GError **error)
{
  g_autoptr (JsonNode) root = json_builder_get_root (builder);
  g_autofree char *json = json_to_string (root, FALSE);
  g_autofree char *line = g_strconcat (json, "\n", NULL);
  gsize length = strlen (line);

  if (write (self->fd, line, length) == (gssize) length && fsync (self->fd) == 0)
    return TRUE;
  return reprise_set_error_errno (error, errno, _ ("Could not write the journal “%s”"), self->path);
}

static JsonBuilder *
begin_line (const char *type)
{
  JsonBuilder *builder = json_builder_new ();
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autofree char *at = reprise_time_to_string (now);

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "at");
  json_builder_add_string_value (builder, at);
  json_builder_set_member_name (builder, "type");
  json_builder_add_string_value (builder, type);
  return builder;
}

static void
add_member (JsonBuilder *builder, const char *name, const char *value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_string_value (builder, value);
}

/**
 * reprise_journal_create:
 *
 * Under the service's lock only. A journal that a crash left behind must be seen to first.
 *
 * Returns: (transfer full): the journal, or %NULL with %G_IO_ERROR_EXISTS and others
 */
RepriseJournal *
reprise_journal_create (const char *service_uuid, const char *job_id, GError **error)
{
  g_autoptr (RepriseJournal) self = g_object_new (REPRISE_TYPE_JOURNAL, NULL);
  g_autofree char *folder = NULL;
  g_autoptr (JsonBuilder) line = NULL;

  self->path = path_of (service_uuid);
  folder = g_path_get_dirname (self->path);
  if (!reprise_file_make_folder (folder, error))
    return NULL;
  self->fd = open (self->path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0600);
  if (self->fd < 0)
    {
      reprise_set_error_errno (error, errno, _ ("Could not write the journal “%s”"), self->path);
      return NULL;
    }
  line = begin_line ("job");
  add_member (line, "id", job_id);
  json_builder_end_object (line);
  if (!append (self, line, error) || !reprise_file_sync_folder (folder, error))
    return NULL;
  return g_steal_pointer (&self);
}

static void
take_line (RepriseJournal *self, JsonObject *line)
{
  const char *type = json_object_get_string_member_with_default (line, "type", "");
  const char *step = json_object_get_string_member_with_default (line, "step", "");
  guint index;

  if (g_str_equal (type, "begin"))
    {
      g_ptr_array_add (self->open_steps, g_strdup (step));
      g_ptr_array_add (self->begun,
                       g_strdup (json_object_get_string_member_with_default (line, "text", "")));
    }
  else if (g_str_equal (type, "end") &&
           g_ptr_array_find_with_equal_func (self->open_steps, step, g_str_equal, &index))
    {
      g_ptr_array_add (self->done, g_strdup (self->begun->pdata[index]));
      g_ptr_array_remove_index (self->open_steps, index);
      g_ptr_array_remove_index (self->begun, index);
    }
  else if (g_str_equal (type, "set"))
    g_hash_table_insert (self->values,
                         g_strdup (json_object_get_string_member_with_default (line, "key", "")),
                         g_strdup (json_object_get_string_member_with_default (line, "value", "")));
}

/* A line cut off by the crash is the last one, and passed over. A crash before the first one has left nothing. */
static void
take_lines (RepriseJournal *self, GBytes *bytes)
{
  gsize size = 0;
  const char *data = g_bytes_get_data (bytes, &size);
  g_autofree char *text = size > 0 ? g_strndup (data, size) : g_strdup ("");
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);

  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_autoptr (JsonNode) node =
        *lines[i] != '\0' ? reprise_json_parse (lines[i], strlen (lines[i]), NULL, NULL) : NULL;

      if (node != NULL && JSON_NODE_HOLDS_OBJECT (node))
        take_line (self, json_node_get_object (node));
    }
}

/* A line that the crash cut off is ended, so that the next one stands by itself. */
static gboolean
end_torn_line (RepriseJournal *self, GBytes *bytes, GError **error)
{
  gsize size = 0;
  const char *data = g_bytes_get_data (bytes, &size);

  if (size == 0 || data[size - 1] == '\n' || write (self->fd, "\n", 1) == 1)
    return TRUE;
  return reprise_set_error_errno (error, errno, _ ("Could not write the journal “%s”"), self->path);
}

/**
 * reprise_journal_open_left:
 *
 * Returns: (transfer full) (nullable): what a crash left behind for the service, open for more lines; %NULL without an error
 *   where there is nothing
 */
RepriseJournal *
reprise_journal_open_left (const char *service_uuid, GError **error)
{
  g_autoptr (RepriseJournal) self = g_object_new (REPRISE_TYPE_JOURNAL, NULL);
  g_autoptr (GError) local_error = NULL;
  g_autoptr (GBytes) bytes = NULL;

  self->path = path_of (service_uuid);
  bytes = reprise_file_read_small (self->path, MAX_BYTES, &local_error);
  if (g_error_matches (local_error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
    return NULL;
  if (bytes == NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return NULL;
    }
  take_lines (self, bytes);
  self->fd = open (self->path, O_WRONLY | O_APPEND | O_CLOEXEC);
  if (self->fd < 0)
    {
      reprise_set_error_errno (error, errno, _ ("Could not write the journal “%s”"), self->path);
      return NULL;
    }
  return end_torn_line (self, bytes, error) ? g_steal_pointer (&self) : NULL;
}

const char *
reprise_journal_get_path (RepriseJournal *self)
{
  return self->path;
}

/* (transfer full): when its last line was written */
GDateTime *
reprise_journal_dup_time (RepriseJournal *self)
{
  struct stat info;

  return fstat (self->fd, &info) == 0 ? g_date_time_new_from_unix_utc (info.st_mtim.tv_sec)
                                      : g_date_time_new_now_utc ();
}

/* Before a step: @step names it within the journal, @text says it to people: “replace the users of app.db”. */
gboolean
reprise_journal_begin (RepriseJournal *self, const char *step, const char *text, GError **error)
{
  g_autoptr (JsonBuilder) line = begin_line ("begin");

  add_member (line, "step", step);
  add_member (line, "text", text);
  json_builder_end_object (line);
  g_ptr_array_add (self->open_steps, g_strdup (step));
  g_ptr_array_add (self->begun, g_strdup (text));
  return append (self, line, error);
}

static gboolean
end_step (RepriseJournal *self, const char *step, gboolean is_done, GError **error)
{
  g_autoptr (JsonBuilder) line = begin_line ("end");
  guint index;

  add_member (line, "step", step);
  json_builder_end_object (line);
  if (g_ptr_array_find_with_equal_func (self->open_steps, step, g_str_equal, &index))
    {
      if (is_done)
        g_ptr_array_add (self->done, g_strdup (self->begun->pdata[index]));
      g_ptr_array_remove_index (self->open_steps, index);
      g_ptr_array_remove_index (self->begun, index);
    }
  return append (self, line, error);
}

/* After it, whether it worked or was taken back as a whole. */
gboolean
reprise_journal_end (RepriseJournal *self, const char *step, GError **error)
{
  return end_step (self, step, TRUE, error);
}

/* Instead, where it is known that nothing was changed by it: as if it had never been begun. */
gboolean
reprise_journal_take_back (RepriseJournal *self, const char *step, GError **error)
{
  return end_step (self, step, FALSE, error);
}

/* A fact that a later start needs: the id of an operation, of the safety copy. Never a secret. */
gboolean
reprise_journal_set (RepriseJournal *self, const char *key, const char *value, GError **error)
{
  g_autoptr (JsonBuilder) line = begin_line ("set");

  add_member (line, "key", key);
  add_member (line, "value", value);
  json_builder_end_object (line);
  g_hash_table_insert (self->values, g_strdup (key), g_strdup (value));
  return append (self, line, error);
}

/* (nullable) */
const char *
reprise_journal_get (RepriseJournal *self, const char *key)
{
  return g_hash_table_lookup (self->values, key);
}

/* (transfer full) (nullable): what is done and what is half done, for people; %NULL where nothing was begun */
char *
reprise_journal_describe (RepriseJournal *self)
{
  g_autoptr (GString) text = g_string_new (NULL);

  if (self->done->len == 0 && self->begun->len == 0)
    return NULL;
  for (guint i = 0; i < self->done->len; i++)
    {
      /* Translators: a finished step of a restore that was cut off */
      g_string_append_printf (text, _ ("Done: %s."), (const char *) self->done->pdata[i]);
      g_string_append_c (text, ' ');
    }
  for (guint i = 0; i < self->begun->len; i++)
    {
      /* Translators: a step of a restore that was begun and then cut off */
      g_string_append_printf (text, _ ("Begun and not finished: %s."),
                              (const char *) self->begun->pdata[i]);
      g_string_append_c (text, ' ');
    }
  return g_strchomp (g_string_free (g_steal_pointer (&text), FALSE));
}

/* (transfer full) (array zero-terminated=1): of the steps that were begun and not ended, in that order */
char **
reprise_journal_list_open_steps (RepriseJournal *self)
{
  g_autoptr (GStrvBuilder) steps = g_strv_builder_new ();

  for (guint i = 0; i < self->open_steps->len; i++)
    g_strv_builder_add (steps, self->open_steps->pdata[i]);
  return g_strv_builder_end (steps);
}

/* Whether @step was begun and not ended */
gboolean
reprise_journal_is_open (RepriseJournal *self, const char *step)
{
  return g_ptr_array_find_with_equal_func (self->open_steps, step, g_str_equal, NULL);
}

/* Whether a step was begun and not ended: something may be half done. */
gboolean
reprise_journal_has_open_step (RepriseJournal *self)
{
  return self->open_steps->len > 0;
}

/* Whether any step was begun, ended or not: before that, nothing of the service was changed. */
gboolean
reprise_journal_has_step (RepriseJournal *self)
{
  return self->begun->len > 0 || self->done->len > 0;
}

/* The service is in a known state: nothing needs to be remembered. */
gboolean
reprise_journal_close (RepriseJournal *self, GError **error)
{
  if (unlink (self->path) == 0 || errno == ENOENT)
    return TRUE;
  return reprise_set_error_errno (error, errno, _ ("Could not remove the journal “%s”"),
                                  self->path);
}
