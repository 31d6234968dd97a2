/* reprise-secret-value.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#define G_LOG_DOMAIN "reprise-secret-value"

#include "config.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <glib/gi18n-lib.h>
#include <openssl/crypto.h>

#include "base/reprise-error.h"
#include "base/reprise-file.h"
#include "secret/reprise-secret-value-private.h"

/* One for the newline, and one that shows that there is more. */
#define READ_BYTES (REPRISE_SECRET_MAX_BYTES + 2)

struct _RepriseSecretValue
{
  gatomicrefcount ref_count;

  char *
    data; /* pages of its own, a NUL behind the last byte; written only before anybody else sees it */
  gsize size;         /* without the NUL */
  gsize mapped_bytes; /* whole pages */
};

G_DEFINE_BOXED_TYPE (RepriseSecretValue,
                     reprise_secret_value,
                     reprise_secret_value_ref,
                     reprise_secret_value_unref)

/**
 * reprise_secret_wipe:
 * @data: (nullable): memory that held a secret
 *
 * Overwrites it in a way that the compiler cannot leave out.
 */
void
reprise_secret_wipe (gpointer data, gsize size)
{
  if (data != NULL)
    explicit_bzero (data, size);
}

/**
 * reprise_secret_forbid_core:
 *
 * From here on this process, and every one that it starts, leaves no core file. (PR_SET_DUMPABLE would do the
 * same but takes the portals away.) Each program calls it first; making a value calls it too.
 */
void
reprise_secret_forbid_core (void)
{
  static const struct rlimit none = { 0, 0 };

  if (setrlimit (RLIMIT_CORE, &none) != 0)
    g_debug ("No limit for core files: %s", g_strerror (errno));
}

static void
forbid_core_once (void)
{
  static gsize done = 0;

  if (g_once_init_enter (&done))
    {
      reprise_secret_forbid_core ();
      g_once_init_leave (&done, 1);
    }
}

/* Each value has pages of its own: unlocking one must not unlock its neighbour. */
static char *
map_pages (gsize mapped_bytes)
{
  char *data =
    mmap (NULL, mapped_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

  if (data == MAP_FAILED)
    g_error ("No memory for a secret of %" G_GSIZE_FORMAT " bytes", mapped_bytes);
  /* RLIMIT_MEMLOCK may be used up: then the secret is still wiped, and never in a core file. */
  if (mlock (data, mapped_bytes) != 0)
    g_debug ("A secret could not be kept out of swap: %s", g_strerror (errno));
  if (madvise (data, mapped_bytes, MADV_DONTDUMP) != 0)
    g_debug ("A secret could not be kept out of core files: %s", g_strerror (errno));
  if (madvise (data, mapped_bytes, MADV_WIPEONFORK) != 0)
    g_debug ("A secret could not be kept from child processes: %s", g_strerror (errno));
  return data;
}

/*
 * reprise_secret_value_new_buffer:
 * @buffer: (out): @size bytes to be filled before the value is shown to anybody else
 *
 * For what reads a secret from a descriptor without a copy elsewhere.
 */
RepriseSecretValue *
reprise_secret_value_new_buffer (gsize size, gpointer *buffer)
{
  gsize page = (gsize) sysconf (_SC_PAGESIZE);
  RepriseSecretValue *self = NULL;

  g_return_val_if_fail (size <= READ_BYTES, NULL);

  forbid_core_once ();
  self = g_new0 (RepriseSecretValue, 1);
  g_atomic_ref_count_init (&self->ref_count);
  self->size = size;
  self->mapped_bytes = (size + 1 + page - 1) / page * page;
  self->data = map_pages (self->mapped_bytes);
  *buffer = self->data;
  return self;
}

/**
 * reprise_secret_value_new:
 * @data: @size bytes, %REPRISE_SECRET_MAX_BYTES at most; copied
 */
RepriseSecretValue *
reprise_secret_value_new (gconstpointer data, gsize size)
{
  gpointer buffer = NULL;
  RepriseSecretValue *self = NULL;

  g_return_val_if_fail (size <= REPRISE_SECRET_MAX_BYTES, NULL);

  self = reprise_secret_value_new_buffer (size, &buffer);
  if (size > 0)
    memcpy (buffer, data, size);
  return self;
}

RepriseSecretValue *
reprise_secret_value_new_text (const char *text)
{
  return reprise_secret_value_new (text, strlen (text));
}

/**
 * reprise_secret_value_new_take:
 * @data: (transfer full): from g_malloc(); copied, then wiped and freed
 */
RepriseSecretValue *
reprise_secret_value_new_take (gpointer data, gsize size)
{
  RepriseSecretValue *self = reprise_secret_value_new (data, size);

  reprise_secret_wipe (data, size);
  g_free (data);
  return self;
}

/* Reads to the end of @fd, @max bytes at most. Gives the count, or -1 with errno. */
static gssize
read_to_end (int fd, char *buffer, gsize max)
{
  gsize have = 0;

  while (have < max)
    {
      gssize got = read (fd, buffer + have, max - have);

      if (got < 0 && errno == EINTR)
        continue;
      if (got < 0)
        return -1;
      if (got == 0)
        break;
      have += (gsize) got;
    }
  return (gssize) have;
}

/**
 * reprise_secret_value_new_from_fd:
 * @fd: a descriptor; stays open
 *
 * Reads it to its end and cuts one trailing newline. Blocks: for the command line before its main loop, and workers.
 *
 * Returns: (transfer full): the secret, or %NULL: %REPRISE_ERROR_LIMIT over 64 KiB, %REPRISE_ERROR_INVALID where
 *   nothing came, %G_IO_ERROR where it could not be read
 */
RepriseSecretValue *
reprise_secret_value_new_from_fd (int fd, GError **error)
{
  gpointer buffer = NULL;
  g_autoptr (RepriseSecretValue) self = NULL;
  gssize size = 0;

  self = reprise_secret_value_new_buffer (READ_BYTES, &buffer);
  size = read_to_end (fd, buffer, READ_BYTES);
  if (size < 0)
    {
      reprise_set_error_errno (error, errno, _ ("The secret could not be read from descriptor %d"),
                               fd);
      return NULL;
    }
  if (size > 0 && size < READ_BYTES && self->data[size - 1] == '\n')
    self->data[--size] = '\0';
  if (size > REPRISE_SECRET_MAX_BYTES)
    {
      reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_LIMIT,
                         _ ("The secret on descriptor %d is larger than 64 KiB."), fd);
      return NULL;
    }
  if (size == 0)
    {
      reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_INVALID,
                         _ ("Descriptor %d held no secret."), fd);
      return NULL;
    }
  return reprise_secret_value_new (buffer, (gsize) size); /* pages of its size */
}

RepriseSecretValue *
reprise_secret_value_ref (RepriseSecretValue *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
reprise_secret_value_unref (RepriseSecretValue *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  reprise_secret_wipe (self->data, self->mapped_bytes);
  munmap (self->data, self->mapped_bytes);
  g_free (self);
}

/**
 * reprise_secret_value_get:
 * @size: (out) (optional): how many bytes
 *
 * Returns: (transfer none): the bytes, with a NUL behind the last, while a reference is held
 */
gconstpointer
reprise_secret_value_get (RepriseSecretValue *self, gsize *size)
{
  if (size != NULL)
    *size = self->size;
  return self->data;
}

/**
 * reprise_secret_value_get_text:
 *
 * Returns: (transfer none) (nullable): the same as UTF-8 text, or %NULL where it is none
 */
const char *
reprise_secret_value_get_text (RepriseSecretValue *self)
{
  return g_utf8_validate_len (self->data, self->size, NULL) ? self->data : NULL;
}

/**
 * reprise_secret_value_equal:
 *
 * Whether two secrets are the same. The time that it takes depends on their sizes only.
 */
gboolean
reprise_secret_value_equal (RepriseSecretValue *a, RepriseSecretValue *b)
{
  return a->size == b->size && CRYPTO_memcmp (a->data, b->data, a->size) == 0;
}
