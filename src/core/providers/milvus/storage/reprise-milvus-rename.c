/* reprise-milvus-rename.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>

#include "base/reprise-error.h"
#include "base/reprise-fd.h"
#include "base/reprise-file.h"
#include "base/reprise-hash.h"
#include "providers/milvus/storage/reprise-milvus-rename.h"

#define PIECE_BYTES (64 * 1024)
#define MEMBER      "name"

/**
 * Scan:
 * @depth: of objects and arrays in each other
 * @is_key: whether a string would be the name of a member, and not its value
 * @mine: whether the member's name that was read last is the one that is looked for
 * @skipping: whether its old value is being left out
 * @key: the beginning of the string that is being read
 *
 * Where in the metadata the scanner is. All outside the one value is copied as it is.
 */
typedef struct
{
  const char *name;
  guint depth;
  gboolean is_key;
  gboolean mine;
  gboolean in_string;
  gboolean escaped;
  gboolean skipping;
  gboolean done;
  GString *key;  /* (owned) */
  GString *copy; /* (owned) */
} Scan;

static void
take_outside (Scan *scan, char c)
{
  if (c == '"')
    {
      scan->in_string = TRUE;
      scan->skipping = scan->depth == 1 && !scan->is_key && scan->mine && !scan->done;
      g_string_truncate (scan->key, 0);
    }
  else if (c == '{' || c == '[')
    scan->depth++;
  else if ((c == '}' || c == ']') && scan->depth > 0)
    scan->depth--;
  if (c == '{' || c == ',')
    scan->is_key = TRUE;
  else if (c == ':')
    scan->is_key = FALSE;
  if (!scan->skipping)
    g_string_append_c (scan->copy, c);
}

static void
end_string (Scan *scan)
{
  scan->in_string = FALSE;
  if (scan->depth == 1 && scan->is_key)
    scan->mine = g_str_equal (scan->key->str, MEMBER);
  if (scan->skipping)
    g_string_append_printf (scan->copy, "\"%s", scan->name);
  scan->done |= scan->skipping;
  scan->skipping = FALSE;
}

static void
take_inside (Scan *scan, char c)
{
  if (scan->escaped)
    scan->escaped = FALSE;
  else if (c == '\\')
    scan->escaped = TRUE;
  else if (c == '"')
    end_string (scan);
  if (scan->key->len <= strlen (MEMBER))
    g_string_append_c (scan->key, c);
  if (!scan->skipping)
    g_string_append_c (scan->copy, c);
}

static gboolean
write_copy (Scan *scan, int to, gint64 *size_bytes, GError **error)
{
  if (!reprise_fd_write (to, scan->copy->str, scan->copy->len))
    return reprise_set_error_errno (error, errno,
                                    _ ("A copy of the metadata could not be written"));
  *size_bytes += (gint64) scan->copy->len;
  g_string_truncate (scan->copy, 0);
  return TRUE;
}

static gboolean
copy_all (Scan *scan, int from, int to, RepriseHash *hash, gint64 *size_bytes, GError **error)
{
  char piece[PIECE_BYTES];
  gssize n;

  while ((n = read (from, piece, sizeof piece)) != 0)
    {
      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return reprise_set_error_errno (error, errno, _ ("The metadata could not be read"));
      reprise_hash_update (hash, piece, (gsize) n);
      for (gssize i = 0; i < n; i++)
        if (scan->in_string)
          take_inside (scan, piece[i]);
        else
          take_outside (scan, piece[i]);
      if (!write_copy (scan, to, size_bytes, error))
        return FALSE;
    }
  return TRUE;
}

/* A file without a name, that only we can read: password hashes may be in it. */
static int
open_nameless (GError **error)
{
  g_autofree char *folder = reprise_file_make_scratch (error);
  g_autofree char *path = folder != NULL ? g_build_filename (folder, "meta", NULL) : NULL;
  int fd;

  if (path == NULL)
    return -1;
  fd = open (path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0)
    reprise_set_error_errno (error, errno, _ ("“%s” could not be made"), path);
  g_unlink (path);
  g_rmdir (folder);
  return fd;
}

static gboolean
check_copy (const Scan *scan, RepriseHash *hash, const char *sha256, GError **error)
{
  g_autofree char *found = reprise_hash_finish (hash);

  if (sha256 != NULL && !g_str_equal (found, sha256))
    reprise_error_set_literal (error, REPRISE_ERROR, REPRISE_ERROR_DAMAGED,
                               _ ("The metadata in the vault is not what its manifest says: it is "
                                  "damaged."));
  else if (!scan->done)
    reprise_error_set_literal (error, REPRISE_ERROR, REPRISE_ERROR_DAMAGED,
                               _ ("The metadata does not say what the backup is called."));
  else
    return TRUE;
  return FALSE;
}

/**
 * reprise_milvus_rename_copy:
 * @fd: meta/full_meta.json or meta/backup_meta.json, from where it is read
 * @name: what the backup is called in the copy; one that needs no escapes
 * @sha256: (nullable): what @fd must hash to
 * @size_bytes: (out): of the copy
 *
 * Old servers look for the files of a backup under the name that its metadata says, and all of them list it so. Every byte but that
 * name stays as it is: numbers beyond doubles and members that we do not know among them.
 *
 * Returns: a file at its beginning, to be closed, or -1 with @error set: %REPRISE_ERROR_DAMAGED and those of the system
 */
int
reprise_milvus_rename_copy (int fd,
                            const char *name,
                            const char *sha256,
                            gint64 *size_bytes,
                            GError **error)
{
  g_autoptr (RepriseHash) hash = reprise_hash_new ();
  Scan scan = { .name = name, .key = g_string_new (NULL), .copy = g_string_new (NULL) };
  int to = open_nameless (error);
  gboolean ok;

  *size_bytes = 0;
  ok = to >= 0 && copy_all (&scan, fd, to, hash, size_bytes, error) &&
       check_copy (&scan, hash, sha256, error);
  if (ok && lseek (to, 0, SEEK_SET) < 0)
    ok = reprise_set_error_errno (error, errno, _ ("The metadata could not be read"));
  g_string_free (scan.key, TRUE);
  g_string_free (scan.copy, TRUE);
  if (ok)
    return to;
  if (to >= 0)
    close (to);
  return -1;
}
