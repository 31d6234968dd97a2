/* reprise-lease.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-file.h"
#include "base/reprise-time.h"
#include "base/reprise-ulid.h"
#include "vault/reprise-host.h"
#include "vault/reprise-lock-private.h"

#define RENEW_SECONDS   30
#define SILENCE_SECONDS 120 /* four renewals missed: the holder is gone */
#define MAX_BYTES       (64 * 1024)
#define MAX_TRIES       4

struct _RepriseLease
{
  char *path;       /* (owned) */
  char *nonce;      /* (owned); tells our lease from one that came after it */
  JsonObject *text; /* (owned); the thread's while there is one */
  GThread *thread;
  GMutex mutex; /* guards the two below */
  GCond changed;
  gboolean ended;
  gboolean lost;
};

static char *
print (JsonObject *text)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autofree char *time =
    reprise_time_to_string (now); /* always as long, so that it can be written in place */

  json_object_set_string_member (text, "time", time);
  return reprise_vault_json_print (text, NULL);
}

static gboolean
write_text (int fd, const char *text)
{
  gsize size = strlen (text);

  return pwrite (fd, text, size, 0) == (gssize) size && fsync (fd) == 0;
}

/* The clock of the storage, since two computers may not agree on the time; in seconds, or -1 */
static gint64
get_storage_time (const char *path)
{
  g_autofree char *id = reprise_ulid_new ();
  g_autofree char *probe = g_strconcat (path, "-", id, NULL);
  int fd = open (probe, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  struct stat info;
  gint64 time = -1;

  if (fd < 0)
    return -1;
  if (write (fd, "x", 1) == 1 && fsync (fd) == 0 && fstat (fd, &info) == 0)
    time = info.st_mtime;
  close (fd);
  unlink (probe);
  return time;
}

/* Whether the holder is certainly gone: silent for long, or a process of this computer before it was started again. */
static gboolean
is_over (const char *path, JsonObject *text)
{
  const char *machine = reprise_vault_json_get_string (text, "machine");
  const char *boot = reprise_vault_json_get_string (text, "boot");
  const char *lock = reprise_vault_json_get_string (text, "lock");
  struct stat info;
  gint64 now;

  if (g_strcmp0 (machine, reprise_host_get_machine ()) == 0 && boot != NULL)
    {
      if (!g_str_equal (boot, reprise_host_get_boot ()))
        return TRUE;
      /* Its own lock is the one that we hold now: it would not be ours if the holder lived. */
      if (lock != NULL && g_strcmp0 (lock, reprise_vault_json_get_string (text, "our-lock")) == 0)
        return TRUE;
    }
  if (stat (path, &info) != 0)
    return FALSE;
  now = get_storage_time (path);
  return now >= 0 && now - info.st_mtime > SILENCE_SECONDS;
}

static JsonObject *
read_lease (const char *path)
{
  return reprise_vault_json_read (path, MAX_BYTES, NULL);
}

static gboolean
has_nonce (JsonObject *text, const char *nonce)
{
  return text != NULL && g_strcmp0 (reprise_vault_json_get_string (text, "nonce"), nonce) == 0;
}

/* Takes the dead lease away; without a nonce, one that could not be read. Another computer may do the same just now: what was moved is looked at, and put back where it is
 * another one than the one that was judged. */
static void
bury (const char *path, const char *nonce)
{
  g_autofree char *id = reprise_ulid_new ();
  g_autofree char *grave = g_strconcat (path, "-", id, NULL);
  g_autoptr (JsonObject) text = NULL;

  if (rename (path, grave) != 0)
    return;
  text = read_lease (grave);
  if (nonce == NULL ? text != NULL : !has_nonce (text, nonce))
    reprise_file_rename_new (grave, path,
                             NULL); /* fails where yet another was made: then that one counts */
  unlink (grave);
}

/* 1 when it is made, 0 when there is one, -1 with an error */
static int
create (RepriseLease *self, GError **error)
{
  g_autofree char *text = print (self->text);
  g_autoptr (JsonObject) back = NULL;
  int fd = open (self->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);

  if (fd < 0 && errno == EEXIST)
    return 0;
  if (fd < 0 || !write_text (fd, text))
    {
      reprise_set_error_errno (error, errno, _ ("Could not write “%s”"), self->path);
      if (fd >= 0)
        {
          close (fd);
          unlink (self->path);
        }
      return -1;
    }
  close (fd);
  back = read_lease (self->path);
  return has_nonce (back, self->nonce) ? 1 : 0;
}

/* FALSE where another has the lease now. */
static gboolean
write_again (RepriseLease *self)
{
  g_autoptr (JsonObject) text = read_lease (self->path);
  g_autofree char *next = NULL;
  int fd;

  if (!has_nonce (text, self->nonce))
    return text == NULL &&
           g_file_test (self->path, G_FILE_TEST_EXISTS); /* the network is away: keep trying */
  next = print (self->text);
  fd = open (self->path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
  if (fd >= 0)
    {
      write_text (fd, next);
      close (fd);
    }
  return TRUE;
}

/* What the lease's own thread does every half minute. */
void
reprise_lease_renew (RepriseLease *self)
{
  gboolean ours = write_again (self);

  g_mutex_lock (&self->mutex);
  self->lost |= !ours;
  g_mutex_unlock (&self->mutex);
}

static gboolean
wait_for_end (RepriseLease *self)
{
  gint64 end = g_get_monotonic_time () + RENEW_SECONDS * G_USEC_PER_SEC;
  gboolean ended;

  g_mutex_lock (&self->mutex);
  while (!self->ended && g_cond_wait_until (&self->changed, &self->mutex, end))
    ;
  ended = self->ended;
  g_mutex_unlock (&self->mutex);
  return ended;
}

static gpointer
renew_worker (gpointer data)
{
  while (!wait_for_end (data))
    reprise_lease_renew (data);
  return NULL;
}

/* Whether there is no live lease in the way any more; else %REPRISE_ERROR_BUSY. */
static gboolean
clear_way (RepriseLease *self, GError **error)
{
  g_autoptr (JsonObject) other = read_lease (self->path);
  struct stat info;

  if (other == NULL)
    {
      /* Being written, or cut short by a crash: then its age tells. */
      g_autoptr (JsonObject) nothing = json_object_new ();

      if (stat (self->path, &info) != 0)
        return TRUE;
      if (!is_over (self->path, nothing))
        return reprise_holder_set_busy (NULL, error);
      bury (self->path, NULL);
      return TRUE;
    }
  reprise_vault_json_set_string (other, "our-lock",
                                 reprise_vault_json_get_string (self->text, "lock"));
  if (!is_over (self->path, other))
    return reprise_holder_set_busy (other, error);
  bury (self->path, reprise_vault_json_get_string (other, "nonce"));
  return TRUE;
}

/**
 * reprise_lease_acquire:
 * @holder: from reprise_holder_make(), with the path of the local lock as `lock`
 *
 * Returns: (transfer full): a lease that renews itself, or %NULL with %REPRISE_ERROR_BUSY naming the holder, or an error of the
 *   system
 */
RepriseLease *
reprise_lease_acquire (const char *path, JsonObject *holder, GError **error)
{
  g_autoptr (RepriseLease) self = g_new0 (RepriseLease, 1);

  self->path = g_strdup (path);
  self->nonce = reprise_ulid_new ();
  self->text = json_object_ref (holder);
  g_mutex_init (&self->mutex);
  g_cond_init (&self->changed);
  json_object_set_string_member (self->text, "nonce", self->nonce);
  for (guint i = 0; i < MAX_TRIES; i++)
    {
      int made = create (self, error);

      if (made < 0)
        return NULL;
      if (made > 0)
        {
          self->thread = g_thread_new ("reprise-lease", renew_worker, self);
          return g_steal_pointer (&self);
        }
      if (!clear_way (self, error))
        return NULL;
    }
  reprise_holder_set_busy (NULL, error);
  return NULL;
}

/* Whether another computer took it, because this one was asleep or cut off for too long. */
gboolean
reprise_lease_is_lost (RepriseLease *self)
{
  gboolean lost;

  g_mutex_lock (&self->mutex);
  lost = self->lost;
  g_mutex_unlock (&self->mutex);
  return lost;
}

void
reprise_lease_free (RepriseLease *self)
{
  g_autoptr (JsonObject) text = NULL;

  if (self->thread != NULL)
    {
      g_mutex_lock (&self->mutex);
      self->ended = TRUE;
      g_cond_signal (&self->changed);
      g_mutex_unlock (&self->mutex);
      g_thread_join (self->thread);
      text = read_lease (self->path);
      if (has_nonce (text, self->nonce))
        unlink (self->path);
    }
  g_free (self->path);
  g_free (self->nonce);
  json_object_unref (self->text);
  g_mutex_clear (&self->mutex);
  g_cond_clear (&self->changed);
  g_free (self);
}
