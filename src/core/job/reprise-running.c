/* reprise-running.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>
#include <unistd.h>

#include "base/reprise-file-lock.h"
#include "base/reprise-file.h"
#include "base/reprise-time.h"
#include "job/reprise-running.h"
#include "vault/reprise-vault-json.h"

#define SUFFIX    ".json"
#define MAX_BYTES (64 * 1024)
#define WAIT_MS   1000

struct _RepriseRunning
{
  char *path;
  int fd; /* holds the lock */
};

static char *
dup_folder (void)
{
  return g_build_filename (g_get_user_state_dir (), "reprise", "running", NULL);
}

/* {"id":ULID,"kind":…,"service":UUID,"name":…,"origin":…,"started_at":TIME} */
static char *
print_run (RepriseRun *run)
{
  g_autoptr (JsonObject) root = json_object_new ();
  g_autofree char *begun = reprise_time_to_string (reprise_run_get_started_at (run));

  reprise_vault_json_set_string (root, "id", reprise_run_get_id (run));
  reprise_vault_json_set_string (root, "kind",
                                 reprise_job_kind_to_string (reprise_run_get_kind (run)));
  reprise_vault_json_set_string (root, "service", reprise_run_get_service_uuid (run));
  reprise_vault_json_set_string (root, "name", reprise_run_get_service_name (run));
  reprise_vault_json_set_string (root, "origin", reprise_run_get_origin (run));
  reprise_vault_json_set_string (root, "started_at", begun);
  return reprise_vault_json_print (root, NULL);
}

/**
 * reprise_running_begin:
 * @run: with what is known of it before: id, kind, service, origin, when it was started
 *
 * Returns: (transfer full): the mark, until reprise_running_end(), or %NULL with an error of the system
 */
RepriseRunning *
reprise_running_begin (RepriseRun *run, GError **error)
{
  g_autofree char *folder = dup_folder ();
  g_autofree char *name = g_strconcat (reprise_run_get_id (run), SUFFIX, NULL);
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autofree char *text = print_run (run);
  RepriseRunning *self;
  int fd;

  if (!reprise_file_make_folder (folder, error))
    return NULL;
  fd = reprise_file_lock_open (path, WAIT_MS, error);
  if (fd < 0)
    return NULL;
  /* A full disk must not keep us from work that frees it: then the mark is empty, and tells nothing. */
  if (write (fd, text, strlen (text)) != (gssize) strlen (text) && ftruncate (fd, 0) != 0)
    g_debug ("The mark of a job that runs could not be written.");
  self = g_new0 (RepriseRunning, 1);
  self->path = g_steal_pointer (&path);
  self->fd = fd;
  return self;
}

/* The job has ended, in whichever way, and the history knows of it. */
void
reprise_running_end (RepriseRunning *self)
{
  unlink (self->path);
  close (self->fd);
  g_free (self->path);
  g_free (self);
}

/* (transfer full) (nullable): the job that a mark tells of */
static RepriseRun *
read_run (const char *path)
{
  g_autoptr (JsonObject) root = reprise_vault_json_read (path, MAX_BYTES, NULL);
  const char *kind_id = root != NULL ? reprise_vault_json_get_string (root, "kind") : NULL;
  g_autoptr (GDateTime) begun =
    root != NULL ? reprise_time_from_string (reprise_vault_json_get_string (root, "started_at"))
                 : NULL;
  RepriseJobKind kind;

  if (begun == NULL || !reprise_job_kind_from_string (kind_id, &kind) ||
      reprise_vault_json_get_string (root, "id") == NULL)
    return NULL;
  return g_object_new (REPRISE_TYPE_RUN, "id", reprise_vault_json_get_string (root, "id"), "kind",
                       kind, "state", REPRISE_JOB_FAILED, "service-uuid",
                       reprise_vault_json_get_string (root, "service"), "service-name",
                       reprise_vault_json_get_string (root, "name"), "origin",
                       reprise_vault_json_get_string (root, "origin"), "started-at", begun,
                       "finished-at", begun, "error", reprise_job_text_interrupted (kind), NULL);
}

/**
 * reprise_running_take_interrupted:
 *
 * Each is given once, to whoever asks first.
 *
 * Returns: (transfer full) (element-type RepriseRun): the jobs that never told how they ended, as failed ones for the history
 */
GPtrArray *
reprise_running_take_interrupted (void)
{
  GPtrArray *runs = g_ptr_array_new_with_free_func (g_object_unref);
  g_autofree char *folder = dup_folder ();
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      int fd = g_str_has_suffix (name, SUFFIX) ? reprise_file_lock_open (path, 0, NULL) : -1;
      RepriseRun *run = fd >= 0 ? read_run (path) : NULL;

      if (run != NULL)
        g_ptr_array_add (runs, run);
      if (fd < 0)
        continue;
      unlink (path);
      close (fd);
    }
  return runs;
}
