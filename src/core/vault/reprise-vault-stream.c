/* reprise-vault-stream.c
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

#include "base/reprise-error.h"
#include "base/reprise-file.h"
#include "base/reprise-hash.h"
#include "vault/reprise-vault-stream.h"

#define BLOCK_BYTES     (512 * 1024)
#define N_BLOCKS        6
#define N_ALONE         4 /* blocks that are hashed where they are written: less than a thread costs */
#define WRITEBACK_BYTES (16 * 1024 * 1024)

typedef struct
{
  guchar *data; /* (owned) (nullable); BLOCK_BYTES */
  gsize used;
} Block;

/* The caller fills a block, gives it to the hash thread, writes it to the file itself, and goes on to the next one, which the
 * hash thread has done with. A short file never gets a thread. */
struct _RepriseVaultStream
{
  GOutputStream parent_instance;

  GObject *owner; /* (owned) */
  char *name;     /* (owned) */
  int fd;         /* (owned); -1 once it is handed over */
  RepriseVaultStreamClosed closed;
  RepriseHash *hash; /* (owned); the thread's while there is one */
  Block blocks[N_BLOCKS];
  gint64 written_bytes;
  gint64 flushed_bytes; /* what the kernel was asked to write back */
  gboolean broken;      /* a write failed, or the stream was dropped */

  GThread *thread; /* (nullable) */
  GMutex mutex;    /* guards the three below */
  GCond changed;
  guint n_given;  /* blocks given to the thread, ever */
  guint n_hashed; /* blocks that it has done with */
  gboolean ended; /* no more will come */
};

G_DEFINE_FINAL_TYPE (RepriseVaultStream, reprise_vault_stream, G_TYPE_OUTPUT_STREAM)

static gpointer
hash_worker (gpointer data)
{
  RepriseVaultStream *self = data;

  g_mutex_lock (&self->mutex);
  while (TRUE)
    {
      Block *block;

      while (self->n_hashed == self->n_given && !self->ended)
        g_cond_wait (&self->changed, &self->mutex);
      if (self->n_hashed == self->n_given)
        break;
      block = &self->blocks[self->n_hashed % N_BLOCKS];
      g_mutex_unlock (&self->mutex);
      reprise_hash_update (self->hash, block->data, block->used);
      g_mutex_lock (&self->mutex);
      self->n_hashed++;
      g_cond_signal (&self->changed);
    }
  g_mutex_unlock (&self->mutex);
  return NULL;
}

static Block *
current_block (RepriseVaultStream *self)
{
  Block *block = &self->blocks[self->n_given % N_BLOCKS];

  if (block->data == NULL)
    block->data = g_malloc (BLOCK_BYTES);
  return block;
}

static gboolean
write_all (RepriseVaultStream *self, const guchar *data, gsize size, GError **error)
{
  while (size > 0)
    {
      gssize n = write (self->fd, data, size);

      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        {
          self->broken = TRUE;
          return reprise_set_error_errno (error, n < 0 ? errno : EIO,
                                          _ ("Could not write “%s” in the vault"), self->name);
        }
      data += n;
      size -= (gsize) n;
      self->written_bytes += n;
    }
  return TRUE;
}

/* So that little is left to write when the file is synced. Only a hint. */
static void
write_back (RepriseVaultStream *self)
{
  if (self->written_bytes - self->flushed_bytes < WRITEBACK_BYTES)
    return;
  sync_file_range (self->fd, self->flushed_bytes, self->written_bytes - self->flushed_bytes,
                   SYNC_FILE_RANGE_WRITE);
  self->flushed_bytes = self->written_bytes;
}

/* Gives the full block away and waits until the next one is free. */
static gboolean
pass_block (RepriseVaultStream *self, GError **error)
{
  Block *block = current_block (self);

  g_mutex_lock (&self->mutex);
  self->n_given++;
  if (self->thread == NULL && self->n_given >= N_ALONE)
    self->thread = g_thread_new ("reprise-hash", hash_worker, self);
  g_cond_signal (&self->changed);
  g_mutex_unlock (&self->mutex);
  if (!write_all (self, block->data, block->used, error))
    return FALSE;
  write_back (self);
  g_mutex_lock (&self->mutex);
  while (self->n_given - self->n_hashed >= N_BLOCKS)
    g_cond_wait (&self->changed, &self->mutex);
  g_mutex_unlock (&self->mutex);
  current_block (self)->used = 0;
  return TRUE;
}

static gssize
stream_write (GOutputStream *stream,
              const void *data,
              gsize size,
              GCancellable *cancellable,
              GError **error)
{
  RepriseVaultStream *self = REPRISE_VAULT_STREAM (stream);
  Block *block = current_block (self);
  gsize n = MIN (size, BLOCK_BYTES - block->used);

  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return -1;
  if (self->broken)
    {
      reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_FAILED,
                         _ ("“%s” is broken since a write failed"), self->name);
      return -1;
    }
  memcpy (block->data + block->used, data, n);
  block->used += n;
  if (block->used == BLOCK_BYTES && !pass_block (self, error))
    return -1;
  return (gssize) n;
}

static void
end_thread (RepriseVaultStream *self)
{
  if (self->thread == NULL)
    return;
  g_mutex_lock (&self->mutex);
  self->ended = TRUE;
  g_cond_signal (&self->changed);
  g_mutex_unlock (&self->mutex);
  g_thread_join (g_steal_pointer (&self->thread));
}

/* The last, short block; and whether all that was written is in the file. */
static gboolean
finish_file (RepriseVaultStream *self, GError **error)
{
  Block *block = current_block (self);
  struct stat info;

  for (; self->n_hashed < self->n_given; self->n_hashed++) /* where there was no thread */
    reprise_hash_update (self->hash, self->blocks[self->n_hashed % N_BLOCKS].data,
                         self->blocks[self->n_hashed % N_BLOCKS].used);
  reprise_hash_update (self->hash, block->data, block->used);
  if (!write_all (self, block->data, block->used, error))
    return FALSE;
  if (fstat (self->fd, &info) != 0)
    return reprise_set_error_errno (error, errno, _ ("Could not write “%s” in the vault"),
                                    self->name);
  if (info.st_size != self->written_bytes)
    {
      reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_FAILED,
                         _ ("“%s” in the vault is not as long as what was written to it"),
                         self->name);
      return FALSE;
    }
  return TRUE;
}

static gboolean
stream_close (GOutputStream *stream, GCancellable *cancellable, GError **error)
{
  RepriseVaultStream *self = REPRISE_VAULT_STREAM (stream);
  g_autofree char *sha256 = NULL;
  gboolean ok;

  end_thread (self);
  ok = !g_cancellable_set_error_if_cancelled (cancellable, error);
  if (ok && self->broken)
    {
      reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_FAILED,
                         _ ("“%s” is broken since a write failed"), self->name);
      ok = FALSE;
    }
  ok = ok && finish_file (self, error);
  if (ok)
    sha256 = reprise_hash_finish (self->hash);
  /* Where it is given up the reason is known already. */
  return self->closed (self->owner, self->name, g_steal_fd (&self->fd), self->written_bytes, sha256,
                       ok ? error : NULL) &&
         ok;
}

static void
reprise_vault_stream_dispose (GObject *object)
{
  RepriseVaultStream *self = REPRISE_VAULT_STREAM (object);

  /* The parent closes what is open; nobody said that it is whole. */
  if (!g_output_stream_is_closed (G_OUTPUT_STREAM (self)))
    self->broken = TRUE;
  G_OBJECT_CLASS (reprise_vault_stream_parent_class)->dispose (object);
  g_clear_object (&self->owner);
}

static void
reprise_vault_stream_finalize (GObject *object)
{
  RepriseVaultStream *self = REPRISE_VAULT_STREAM (object);

  g_clear_pointer (&self->name, g_free);
  g_clear_pointer (&self->hash, reprise_hash_free);
  for (guint i = 0; i < N_BLOCKS; i++)
    g_free (self->blocks[i].data);
  g_mutex_clear (&self->mutex);
  g_cond_clear (&self->changed);
  G_OBJECT_CLASS (reprise_vault_stream_parent_class)->finalize (object);
}

static void
reprise_vault_stream_class_init (RepriseVaultStreamClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GOutputStreamClass *stream_class = G_OUTPUT_STREAM_CLASS (klass);

  object_class->dispose = reprise_vault_stream_dispose;
  object_class->finalize = reprise_vault_stream_finalize;
  stream_class->write_fn = stream_write;
  stream_class->close_fn = stream_close;
}

static void
reprise_vault_stream_init (RepriseVaultStream *self)
{
  self->fd = -1;
  self->hash = reprise_hash_new ();
  g_mutex_init (&self->mutex);
  g_cond_init (&self->changed);
}

/**
 * reprise_vault_stream_new:
 * @fd: (transfer full): an empty file, open for writing
 *
 * Returns: (transfer full): the stream, for one worker at a time
 */
GOutputStream *
reprise_vault_stream_new (GObject *owner, const char *name, int fd, RepriseVaultStreamClosed closed)
{
  RepriseVaultStream *self = g_object_new (REPRISE_TYPE_VAULT_STREAM, NULL);

  self->owner = g_object_ref (owner);
  self->name = g_strdup (name);
  self->fd = fd;
  self->closed = closed;
  return G_OUTPUT_STREAM (self);
}
