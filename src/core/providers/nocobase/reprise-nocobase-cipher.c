/* reprise-nocobase-cipher.c
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

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "base/reprise-error.h"
#include "base/reprise-file.h"
#include "providers/nocobase/reprise-nocobase-cipher.h"

/*
 * How the Backup manager encrypts an archive: 16 bytes of an initial vector, then the zip file in AES-256-CBC with the padding of
 * PKCS #7. The key is scrypt of the password with a fixed salt. There is no magic and no checksum: that the password is right shows
 * by the zip file's beginning and end.
 */
#define BLOCK_BYTES 16
#define KEY_BYTES   32
#define SALT        "backup salt"
#define SCRYPT_N    16384
#define SCRYPT_R    8
#define SCRYPT_P    1
#define SCRYPT_MEM  ((guint64) 64 * 1024 * 1024)
#define TAIL_BYTES  1024 /* the end of a zip file, with some room for its comment */
#define MIN_BYTES   ((gint64) 3 * BLOCK_BYTES)
#define CHUNK_BYTES (256 * 1024)

typedef struct
{
  int fd;
  gint64 size;
  guint8 key[KEY_BYTES];
  EVP_CIPHER_CTX *context; /* (owned) */
} Cipher;

static void
cipher_clear (Cipher *self)
{
  OPENSSL_cleanse (self->key, sizeof self->key);
  EVP_CIPHER_CTX_free (self->context);
  if (self->fd >= 0)
    close (self->fd);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Cipher, cipher_clear)

static gboolean
damaged (GError **error, const char *reason)
{
  reprise_error_set (error, REPRISE_ERROR, REPRISE_ERROR_DAMAGED,
                     /* Translators: what is wrong with it, a whole clause */
                     _ ("The encrypted archive is damaged: %s"), reason);
  return FALSE;
}

/* Whether a file of that beginning and size can be an encrypted archive: all that can be said without the password. */
gboolean
reprise_nocobase_cipher_may_be (gconstpointer head, gsize head_size, gint64 size_bytes)
{
  return size_bytes >= MIN_BYTES && size_bytes % BLOCK_BYTES == 0 &&
         !(head_size >= 4 && memcmp (head, "PK\3\4", 4) == 0);
}

static gboolean
read_at (Cipher *self, guint8 *target, gsize size, gint64 offset, GError **error)
{
  while (size > 0)
    {
      gssize n = pread (self->fd, target, size, offset);

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return reprise_set_error_errno (error, errno, _ ("Could not read the archive"));
      if (n == 0)
        return damaged (error, _ ("it is cut off"));
      target += n;
      size -= (gsize) n;
      offset += n;
    }
  return TRUE;
}

static gboolean
open_file (Cipher *self, const char *path, GError **error)
{
  struct stat info;

  self->fd = open (path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  if (self->fd < 0 || fstat (self->fd, &info) != 0)
    return reprise_set_error_errno (error, errno, _ ("Could not open “%s”"), path);
  self->size = info.st_size;
  if (!S_ISREG (info.st_mode) || self->size < MIN_BYTES || self->size % BLOCK_BYTES != 0)
    return damaged (error, _ ("its size cannot be right"));
  return TRUE;
}

static gboolean
derive_key (Cipher *self, RepriseSecretValue *password, GError **error)
{
  gsize size = 0;
  const char *text = reprise_secret_value_get (password, &size);

  self->context = EVP_CIPHER_CTX_new ();
  if (self->context != NULL &&
      EVP_PBE_scrypt (text, size, (const guint8 *) SALT, strlen (SALT), SCRYPT_N, SCRYPT_R,
                      SCRYPT_P, SCRYPT_MEM, self->key, KEY_BYTES) == 1)
    return TRUE;
  reprise_error_set_literal (error, REPRISE_ERROR, REPRISE_ERROR_FAILED,
                             _ ("Could not compute the key of the archive"));
  return FALSE;
}

static gboolean
begin (Cipher *self, const guint8 *vector, gboolean padded)
{
  return EVP_DecryptInit_ex2 (self->context, EVP_aes_256_cbc (), self->key, vector, NULL) == 1 &&
         EVP_CIPHER_CTX_set_padding (self->context, padded) == 1;
}

/* Whether the first block is the beginning of a zip file. */
static gboolean
check_head (Cipher *self, gboolean *right, GError **error)
{
  guint8 head[2 * BLOCK_BYTES], plain[2 * BLOCK_BYTES];
  int size = 0;

  if (!read_at (self, head, sizeof head, 0, error))
    return FALSE;
  *right = begin (self, head, FALSE) &&
           EVP_DecryptUpdate (self->context, plain, &size, head + BLOCK_BYTES, BLOCK_BYTES) == 1 &&
           size >= 4 && memcmp (plain, "PK\3\4", 4) == 0;
  return TRUE;
}

/* Whether the last blocks are the end of a zip file, and end in a padding. */
static gboolean
check_tail (Cipher *self, gboolean *right, GError **error)
{
  guint8 tail[TAIL_BYTES + BLOCK_BYTES], plain[TAIL_BYTES + BLOCK_BYTES];
  gsize size = (gsize) MIN (self->size, (gint64) sizeof tail);
  int done = 0, rest = 0;

  if (!read_at (self, tail, size, self->size - (gint64) size, error))
    return FALSE;
  *right = begin (self, tail, TRUE) &&
           EVP_DecryptUpdate (self->context, plain, &done, tail + BLOCK_BYTES,
                              (int) size - BLOCK_BYTES) == 1 &&
           EVP_DecryptFinal_ex (self->context, plain + done, &rest) == 1 &&
           memmem (plain, (gsize) (done + rest), "PK\5\6", 4) != NULL;
  return TRUE;
}

static gboolean
check_password (Cipher *self, GError **error)
{
  gboolean head = FALSE, tail = FALSE;

  if (!check_head (self, &head, error) || !check_tail (self, &tail, error))
    return FALSE;
  if (head && tail)
    return TRUE;
  if (head || tail) /* one cannot come out by chance: the password is right */
    return damaged (error,
                    head ? _ ("its end is missing or changed") : _ ("its beginning is changed"));
  reprise_error_set_literal (error, REPRISE_ERROR, REPRISE_ERROR_NEEDS_PASSWORD,
                             _ ("The password of the archive is wrong"));
  return FALSE;
}

static gboolean
decrypt_all (Cipher *self,
             RepriseNocobaseScratch *scratch,
             RepriseProgress *progress,
             GCancellable *cancellable,
             GError **error)
{
  g_autofree guint8 *packed = g_malloc (CHUNK_BYTES), *plain = g_malloc (CHUNK_BYTES + BLOCK_BYTES);
  guint8 vector[BLOCK_BYTES];
  int size = 0;

  if (!read_at (self, vector, sizeof vector, 0, error))
    return FALSE;
  begin (self, vector, TRUE);
  for (gint64 offset = BLOCK_BYTES; offset < self->size;)
    {
      gsize part = (gsize) MIN (self->size - offset, CHUNK_BYTES);

      if (g_cancellable_set_error_if_cancelled (cancellable, error) ||
          !read_at (self, packed, part, offset, error))
        return FALSE;
      if (EVP_DecryptUpdate (self->context, plain, &size, packed, (int) part) != 1)
        return damaged (error, _ ("it cannot be decrypted"));
      if (!reprise_nocobase_scratch_write (scratch, plain, (gsize) size, error))
        return FALSE;
      offset += (gint64) part;
      reprise_progress_add_bytes (progress, (gint64) part);
    }
  if (EVP_DecryptFinal_ex (self->context, plain, &size) != 1)
    return damaged (error, _ ("it cannot be decrypted"));
  OPENSSL_cleanse (packed, CHUNK_BYTES);
  return reprise_nocobase_scratch_write (scratch, plain, (gsize) size, error);
}

/**
 * reprise_nocobase_cipher_decrypt:
 * @path: of the encrypted archive
 *
 * Decrypts an archive into a file without a name. A worker's call.
 *
 * Returns: (transfer full): the zip file, or %NULL with %REPRISE_ERROR_NEEDS_PASSWORD for a wrong one, %REPRISE_ERROR_DAMAGED where
 *   the password is right and the file is not
 */
RepriseNocobaseScratch *
reprise_nocobase_cipher_decrypt (const char *path,
                                 RepriseSecretValue *password,
                                 RepriseProgress *progress,
                                 GCancellable *cancellable,
                                 GError **error)
{
  g_auto (Cipher) self = { .fd = -1 };
  g_autoptr (RepriseNocobaseScratch) scratch = NULL;

  if (!open_file (&self, path, error) || !derive_key (&self, password, error) ||
      !check_password (&self, error))
    return NULL;
  scratch = reprise_nocobase_scratch_new (self.size, error);
  if (scratch == NULL || !decrypt_all (&self, scratch, progress, cancellable, error))
    return NULL;
  return g_steal_pointer (&scratch);
}
