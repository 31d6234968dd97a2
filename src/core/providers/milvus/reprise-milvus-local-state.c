/* reprise-milvus-local-state.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "base/reprise-file.h"
#include "base/reprise-wait.h"
#include "providers/milvus/reprise-milvus-local-state.h"

#define STEP_MS     100
#define MAX_NOTE    4096
#define MAX_WORK    65536
#define STAT_BYTES  1024
#define BIRTH_FIELD 20 /* after the name in /proc/PID/stat, see proc(5): the 22nd of all */

struct _RepriseMilvusLocalState
{
  char *gate_path;
  char *users_path;
  char *note_path; /* the process, and when it was born: another one may get its number */
  char *new_note_path;
  char *work_path;
  char *owner_path;
  int gate;
  int users;
};

static char *
make_path (int port, const char *what)
{
  g_autofree char *name = g_strdup_printf ("milvus-backup-%d.%s", port, what);

  return g_build_filename (g_get_user_runtime_dir (), "reprise", name, NULL);
}

static int
open_file (const char *path)
{
  return open (path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
}

/* (transfer full): of the server of @port */
RepriseMilvusLocalState *
reprise_milvus_local_state_new (int port, GError **error)
{
  g_autoptr (RepriseMilvusLocalState) self = g_new0 (RepriseMilvusLocalState, 1);
  g_autofree char *folder = NULL;

  self->gate = self->users = -1;
  self->gate_path = make_path (port, "gate");
  self->users_path = make_path (port, "lock");
  self->note_path = make_path (port, "pid");
  self->new_note_path = make_path (port, "pid.new");
  self->work_path = make_path (port, "work");
  self->owner_path = make_path (port, "owner");
  folder = g_path_get_dirname (self->gate_path);
  if (!reprise_file_make_folder (folder, error))
    return NULL;
  self->users = open_file (self->users_path);
  if (self->users >= 0)
    return g_steal_pointer (&self);
  reprise_set_error_errno (error, errno, _ ("“%s” could not be opened"), self->users_path);
  return NULL;
}

void
reprise_milvus_local_state_free (RepriseMilvusLocalState *self)
{
  reprise_milvus_local_state_exit (self);
  if (self->users >= 0)
    close (self->users);
  g_free (self->gate_path);
  g_free (self->users_path);
  g_free (self->note_path);
  g_free (self->new_note_path);
  g_free (self->work_path);
  g_free (self->owner_path);
  g_free (self);
}

/* --- the gate --- */

/* Does not wait. */
gboolean
reprise_milvus_local_state_try_enter (RepriseMilvusLocalState *self)
{
  if (self->gate >= 0)
    return TRUE;
  self->gate = open_file (self->gate_path);
  if (self->gate >= 0 && flock (self->gate, LOCK_EX | LOCK_NB) == 0)
    return TRUE;
  reprise_milvus_local_state_exit (self);
  return FALSE;
}

/* Waits for whoever starts or stops the server just now. */
gboolean
reprise_milvus_local_state_enter (RepriseMilvusLocalState *self,
                                  guint timeout_ms,
                                  GCancellable *cancellable,
                                  GError **error)
{
  for (guint waited_ms = 0; waited_ms < timeout_ms; waited_ms += STEP_MS)
    {
      if (reprise_milvus_local_state_try_enter (self))
        return TRUE;
      if (!reprise_wait (STEP_MS, cancellable, error))
        return FALSE;
    }
  reprise_error_set_literal (
    error, REPRISE_ERROR, REPRISE_ERROR_BUSY,
    _ ("Another run of Reprise is starting or stopping the backup server, and "
       "does not finish with that."));
  return FALSE;
}

void
reprise_milvus_local_state_exit (RepriseMilvusLocalState *self)
{
  if (self->gate >= 0)
    close (self->gate);
  self->gate = -1;
}

/* --- who uses it --- */

/* Inside the gate nobody holds it for himself, so that this does not wait. */
void
reprise_milvus_local_state_join (RepriseMilvusLocalState *self)
{
  flock (self->users, LOCK_SH);
}

/* Whether nobody else uses it. A lock that cannot be changed is lost, see flock(2): so it is taken again, which the gate makes safe. */
gboolean
reprise_milvus_local_state_is_alone (RepriseMilvusLocalState *self)
{
  gboolean alone = flock (self->users, LOCK_EX | LOCK_NB) == 0;

  flock (self->users, LOCK_SH);
  return alone;
}

void
reprise_milvus_local_state_part (RepriseMilvusLocalState *self)
{
  flock (self->users, LOCK_UN);
}

/* --- which process it is --- */

/* @stat: what /proc says of a process; @birth: (out): where in it stands when it was born, in ticks. No memory is taken, and it may
 * run between fork() and exec(). %NULL where it is gone, or only waits to be reaped */
static const char *
find_birth (const char *stat)
{
  const char *at = strrchr (stat, ')'); /* the name before it may hold anything */

  if (at == NULL || at[1] != ' ' || at[2] == 'Z' || at[2] == 'X')
    return NULL;
  for (int field = 0; field < BIRTH_FIELD && at != NULL; field++)
    at = strchr (at + 1, ' ');
  return at != NULL ? at + 1 : NULL;
}

static gboolean
read_stat (const char *path, char stat[STAT_BYTES])
{
  int fd = open (path, O_RDONLY | O_CLOEXEC);
  gssize n = fd >= 0 ? read (fd, stat, STAT_BYTES - 1) : -1;

  if (fd >= 0)
    close (fd);
  stat[n > 0 ? n : 0] = '\0';
  return n > 0;
}

static guint64
read_birth (int pid)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/stat", pid);
  char stat[STAT_BYTES];
  const char *birth = read_stat (path, stat) ? find_birth (stat) : NULL;

  return birth != NULL ? g_ascii_strtoull (birth, NULL, 10) : 0;
}

/* Of the process that calls it, which is about to become the server; between fork() and exec(): no memory, no locks of this process.
 * So there is no moment in which the server runs and nobody knows whose it is. */
void
reprise_milvus_local_state_note_self (RepriseMilvusLocalState *self)
{
  char stat[STAT_BYTES];
  const char *birth = read_stat ("/proc/self/stat", stat) ? find_birth (stat) : NULL;
  int fd = birth != NULL ? open (self->new_note_path,
                                 O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600)
                         : -1;
  gboolean ok;

  if (fd < 0)
    return;
  ok = write (fd, stat, strcspn (stat, " ")) > 0 && write (fd, " ", 1) == 1 &&
       write (fd, birth, strcspn (birth, " ")) > 0 && write (fd, "\n", 1) == 1;
  close (fd);
  if (ok)
    rename (self->new_note_path, self->note_path);
}

void
reprise_milvus_local_state_set_owner (RepriseMilvusLocalState *self, const char *uuid)
{
  g_file_set_contents_full (self->owner_path, uuid, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0600, NULL);
}

/* Where nothing is noted, nobody else is known to be. */
gboolean
reprise_milvus_local_state_is_owner (RepriseMilvusLocalState *self, const char *uuid)
{
  g_autoptr (GBytes) bytes = reprise_file_read_small (self->owner_path, MAX_NOTE, NULL);
  gsize size = 0;
  const char *text = bytes != NULL ? g_bytes_get_data (bytes, &size) : NULL;

  return size == 0 || (size == strlen (uuid) && memcmp (text, uuid, size) == 0);
}

/* The process that Reprise started and that still lives, or 0. @ending: (out) (nullable): whether it was told to end */
int
reprise_milvus_local_state_get_process (RepriseMilvusLocalState *self, gboolean *ending)
{
  g_autoptr (GBytes) bytes = reprise_file_read_small (self->note_path, MAX_NOTE, NULL);
  g_autofree char *text = NULL;
  char mark[8] = "";
  guint64 birth = 0;
  int pid = 0;

  if (ending != NULL)
    *ending = FALSE;
  if (bytes == NULL || g_bytes_get_size (bytes) == 0)
    return 0;
  text = g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  if (sscanf (text, "%d %" SCNu64 " %7s", &pid, &birth, mark) < 2 || pid <= 1 || birth == 0 ||
      read_birth (pid) != birth)
    return 0;
  if (ending != NULL)
    *ending = g_str_equal (mark, "ending");
  return pid;
}

/* So that nobody takes it for one that can be used. */
void
reprise_milvus_local_state_set_ending (RepriseMilvusLocalState *self)
{
  int pid = reprise_milvus_local_state_get_process (self, NULL);
  g_autofree char *text =
    pid > 0 ? g_strdup_printf ("%d %" PRIu64 " ending\n", pid, read_birth (pid)) : NULL;

  if (text != NULL)
    g_file_set_contents_full (self->note_path, text, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0600,
                              NULL);
}

void
reprise_milvus_local_state_forget_process (RepriseMilvusLocalState *self)
{
  unlink (self->note_path);
  unlink (self->work_path);
}

/* --- what it is at work at --- */

static void
work_free (gpointer data)
{
  RepriseMilvusWork *work = data;

  g_free (work->what);
  g_free (work->id);
  g_free (work);
}

/* From its beginning */
static GPtrArray *
read_work (int fd)
{
  GPtrArray *list = g_ptr_array_new_with_free_func (work_free);
  g_autofree char *text = g_malloc0 (MAX_WORK);
  g_auto (GStrv) lines = NULL;

  if (pread (fd, text, MAX_WORK - 1, 0) < 0)
    return list;
  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_auto (GStrv) words = g_strsplit (lines[i], " ", -1);
      RepriseMilvusWork *work;

      if (g_strv_length (words) != 3)
        continue;
      work = g_new0 (RepriseMilvusWork, 1);
      work->what = g_strdup (words[0]);
      work->id = g_strdup (words[1]);
      work->since = g_ascii_strtoll (words[2], NULL, 10);
      g_ptr_array_add (list, work);
    }
  return list;
}

static void
write_work (int fd, GPtrArray *list)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < list->len; i++)
    {
      const RepriseMilvusWork *work = list->pdata[i];

      g_string_append_printf (text, "%s %s %" PRId64 "\n", work->what, work->id, work->since);
    }
  if (ftruncate (fd, 0) != 0 || pwrite (fd, text->str, text->len, 0) != (gssize) text->len)
    g_warning ("what the local server is at work at could not be written down: %s",
               g_strerror (errno));
}

/* Locked until it is closed; held for moments only. */
static int
open_work (RepriseMilvusLocalState *self)
{
  int fd = open_file (self->work_path);

  if (fd >= 0)
    flock (fd, LOCK_EX);
  return fd;
}

/* (transfer full) (element-type RepriseMilvusWork) */
GPtrArray *
reprise_milvus_local_state_list_work (RepriseMilvusLocalState *self)
{
  int fd = open (self->work_path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  GPtrArray *list;

  if (fd < 0)
    return g_ptr_array_new_with_free_func (work_free);
  flock (fd, LOCK_SH);
  list = read_work (fd);
  close (fd);
  return list;
}

void
reprise_milvus_local_state_add_work (RepriseMilvusLocalState *self,
                                     const char *what,
                                     const char *id)
{
  int fd = open_work (self);
  g_autoptr (GPtrArray) list = NULL;
  RepriseMilvusWork *work;

  if (fd < 0)
    return;
  list = read_work (fd);
  work = g_new0 (RepriseMilvusWork, 1);
  work->what = g_strdup (what);
  work->id = g_strdup (id);
  work->since = g_get_real_time () / G_USEC_PER_SEC;
  g_ptr_array_add (list, work);
  write_work (fd, list);
  close (fd);
}

void
reprise_milvus_local_state_remove_work (RepriseMilvusLocalState *self, const char *id)
{
  int fd = open_work (self);
  g_autoptr (GPtrArray) list = NULL;

  if (fd < 0)
    return;
  list = read_work (fd);
  for (guint i = list->len; i > 0; i--)
    if (g_str_equal (((RepriseMilvusWork *) list->pdata[i - 1])->id, id))
      g_ptr_array_remove_index (list, i - 1);
  write_work (fd, list);
  close (fd);
}
