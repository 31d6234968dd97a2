/* reprise-lock.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "base/reprise-file-lock.h"
#include "base/reprise-file.h"
#include "vault/reprise-host.h"
#include "vault/reprise-lock-private.h"
#include "vault/reprise-lock.h"
#include "vault/reprise-storage.h"

#define MAX_BYTES (64 * 1024)
#define READ_WAIT_US \
  (200 * 1000) /* for a holder that has the lock and has not yet written its name */
#define STEP_US (10 * 1000)

struct _RepriseLock
{
  int local_fd;
  int vault_fd;        /* or -1 */
  RepriseLease *lease; /* (owned) (nullable) */
};

/* (transfer full): who we are */
JsonObject *
reprise_holder_make (const char *holder, const char *job_id, const char *job_title)
{
  JsonObject *text = json_object_new ();

  reprise_vault_json_set_string (text, "holder", holder);
  reprise_vault_json_set_string (text, "job", job_id);
  reprise_vault_json_set_string (text, "title", job_title);
  json_object_set_int_member (text, "process", getpid ());
  reprise_vault_json_set_string (text, "host", reprise_host_get_name ());
  json_object_set_string_member (text, "machine", reprise_host_get_machine ());
  json_object_set_string_member (text, "boot", reprise_host_get_boot ());
  return text;
}

/**
 * reprise_holder_set_busy:
 * @holder: (nullable): what is written in the lock
 *
 * Returns: %FALSE, with %REPRISE_ERROR_BUSY
 */
gboolean
reprise_holder_set_busy (JsonObject *holder, GError **error)
{
  const char *name = reprise_vault_json_get_string (holder, "holder");
  const char *title = reprise_vault_json_get_string (holder, "title");
  const char *machine = reprise_vault_json_get_string (holder, "machine");
  const char *host = reprise_vault_json_get_string (holder, "host");

  if (name == NULL || title == NULL)
    reprise_error_set_literal (error, REPRISE_ERROR, REPRISE_ERROR_BUSY,
                               _ ("Another program is busy with this service."));
  else if (host != NULL && machine != NULL && !g_str_equal (machine, reprise_host_get_machine ()))
    reprise_error_set (
      error, REPRISE_ERROR, REPRISE_ERROR_BUSY,
      /* Translators: a program (“The command line (process 4242)”), a computer, and the title of a job */
      _ ("%s on “%s” is busy with “%s”."), name, host, title);
  else
    reprise_error_set (
      error, REPRISE_ERROR, REPRISE_ERROR_BUSY,
      /* Translators: a program (“The command line (process 4242)”), and the title of a job */
      _ ("%s is busy with “%s”."), name, title);
  return FALSE;
}

/* In Flatpak the application's own part of the runtime folder, the only one that it sees; the vault's lock keeps it and a program
 * of the host apart. Without a runtime folder (cron) the one that systemd made for the user, so that all agree. */
static char *
dup_lock_folder (void)
{
  const char *runtime = g_get_user_runtime_dir ();
  const char *sandbox = g_getenv ("FLATPAK_ID");
  g_autofree char *common = g_strdup_printf ("/run/user/%u", getuid ());
  struct stat info;

  if (sandbox != NULL)
    return g_build_filename (runtime, "app", sandbox, "reprise", NULL);
  if (!g_str_equal (runtime, g_get_user_cache_dir ()))
    return g_build_filename (runtime, "reprise", NULL);
  if (lstat (common, &info) == 0 && S_ISDIR (info.st_mode) && info.st_uid == getuid ())
    return g_build_filename (common, "reprise", NULL);
  return g_build_filename (g_get_user_cache_dir (), "reprise", "run", NULL);
}

static char *
dup_lock_path (const char *service_uuid)
{
  g_autofree char *folder = dup_lock_folder ();
  g_autofree char *name = g_strconcat (service_uuid, ".lock", NULL);

  return g_build_filename (folder, name, NULL);
}

/* (transfer full) (nullable): what the holder wrote into its lock; it may just be about to */
static JsonObject *
read_holder (const char *path)
{
  gint64 end = g_get_monotonic_time () + READ_WAIT_US;
  JsonObject *holder;

  while ((holder = reprise_vault_json_read (path, MAX_BYTES, NULL)) == NULL &&
         g_get_monotonic_time () < end && reprise_file_lock_peek (path) == 1)
    g_usleep (STEP_US);
  return holder;
}

/* The file stays: a lock on a file that somebody removes is a lock on nothing. */
static int
take_file (const char *path, JsonObject *holder, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autofree char *text = reprise_vault_json_print (holder, NULL);
  int fd = reprise_file_lock_open (path, 0, &local);
  gsize size = strlen (text);

  if (g_error_matches (local, REPRISE_ERROR, REPRISE_ERROR_BUSY))
    {
      g_autoptr (JsonObject) other = read_holder (path);

      reprise_holder_set_busy (other, error);
      return -1;
    }
  if (fd < 0)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return -1;
    }
  /* Only for the eyes of others: a full disk must not keep us from work that frees it. */
  if (ftruncate (fd, 0) == 0 && pwrite (fd, text, size, 0) != (gssize) size &&
      ftruncate (fd, 0) != 0)
    g_debug ("The name of the holder could not be written to “%s”.", path);
  return fd;
}

static void
give_file (int fd)
{
  if (fd < 0)
    return;
  if (ftruncate (fd, 0) != 0)
    g_debug ("The name of the holder could not be removed.");
  close (fd);
}

static gboolean
may_go_without (const GError *error)
{
  return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND) ||
         g_error_matches (error, G_IO_ERROR, G_IO_ERROR_READ_ONLY) ||
         g_error_matches (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED);
}

/* A vault that is not there yet, or that we may only read, needs no lock: nobody of us writes in it. */
static gboolean
lock_vault (RepriseLock *self,
            const char *vault_path,
            const char *service_uuid,
            JsonObject *holder,
            GError **error)
{
  gboolean locks = reprise_storage_has_locks (vault_path);
  g_autofree char *name = g_strconcat (locks ? ".lock-" : ".lease-", service_uuid, NULL);
  g_autofree char *path = g_build_filename (vault_path, name, NULL);
  g_autoptr (GError) local = NULL;

  if (locks)
    self->vault_fd = take_file (path, holder, &local);
  else
    self->lease = reprise_lease_acquire (path, holder, &local);
  if (local == NULL || may_go_without (local))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

/**
 * reprise_lock_acquire:
 * @vault_path: (nullable): the vault that may be shared with other users and computers; it should have been opened before
 * @holder: the program, for people, as a sentence begins: “The command line (process 4242)”
 * @job_title: for people: “Back up Orders”
 *
 * Does not wait.
 *
 * Returns: (transfer full): the lock, or %NULL with %REPRISE_ERROR_BUSY, which names the holder and its job, or an error of the
 *   system
 */
RepriseLock *
reprise_lock_acquire (const char *vault_path,
                      const char *service_uuid,
                      const char *holder,
                      const char *job_id,
                      const char *job_title,
                      GError **error)
{
  g_autoptr (RepriseLock) self = g_new0 (RepriseLock, 1);
  g_autoptr (JsonObject) text = reprise_holder_make (holder, job_id, job_title);
  g_autofree char *folder = dup_lock_folder ();
  g_autofree char *path = dup_lock_path (service_uuid);

  self->local_fd = self->vault_fd = -1;
  if (!reprise_file_make_folder (folder, error))
    return NULL;
  reprise_vault_json_set_string (text, "lock", path);
  self->local_fd = take_file (path, text, error);
  if (self->local_fd < 0)
    return NULL;
  if (vault_path != NULL && !lock_vault (self, vault_path, service_uuid, text, error))
    return NULL;
  return g_steal_pointer (&self);
}

void
reprise_lock_free (RepriseLock *self)
{
  g_clear_pointer (&self->lease, reprise_lease_free);
  give_file (self->vault_fd);
  give_file (self->local_fd);
  g_free (self);
}

/* Whether another computer took the vault's lease meanwhile, because this one slept for long: then write no more. */
gboolean
reprise_lock_is_lost (RepriseLock *self)
{
  return self->lease != NULL && reprise_lease_is_lost (self->lease);
}

/**
 * reprise_lock_get_holder:
 * @holder: (out) (optional) (nullable): the program
 * @job_id: (out) (optional) (nullable):
 * @job_title: (out) (optional) (nullable):
 * @pid: (out) (optional): its process, or 0
 *
 * Returns: whether a program of this user works on the service now
 */
gboolean
reprise_lock_get_holder (const char *service_uuid,
                         char **holder,
                         char **job_id,
                         char **job_title,
                         int *pid)
{
  g_autofree char *path = dup_lock_path (service_uuid);
  g_autoptr (JsonObject) text = NULL;

  if (reprise_file_lock_peek (path) != 1)
    return FALSE;
  text = read_holder (path);
  if (holder != NULL)
    *holder = g_strdup (reprise_vault_json_get_string (text, "holder"));
  if (job_id != NULL)
    *job_id = g_strdup (reprise_vault_json_get_string (text, "job"));
  if (job_title != NULL)
    *job_title = g_strdup (reprise_vault_json_get_string (text, "title"));
  if (pid != NULL)
    *pid = MAX (0, (int) reprise_vault_json_get_int (text, "process"));
  return TRUE;
}
