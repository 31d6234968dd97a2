/* reprise-storage.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-file.h"
#include "base/reprise-ulid.h"
#include "vault/reprise-storage.h"

/* How a file system is known in /proc/self/mountinfo, proc(5) */
typedef struct
{
  char *type;    /* (owned) */
  char *options; /* (owned) */
} Mount;

static void
mount_clear (Mount *mount)
{
  g_free (mount->type);
  g_free (mount->options);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Mount, mount_clear)

/* A line is: id, parent, major:minor, root, place, options, tags…, “-”, type, source, options of the file system */
static gboolean
read_mount_line (const char *line, dev_t device, Mount *mount)
{
  g_auto (GStrv) words = g_strsplit (line, " ", -1);
  g_autofree char *wanted = g_strdup_printf ("%u:%u", major (device), minor (device));
  guint n = g_strv_length (words), dash = 6;

  if (n < 10 || !g_str_equal (words[2], wanted))
    return FALSE;
  while (dash < n && !g_str_equal (words[dash], "-"))
    dash++;
  if (dash + 3 >= n)
    return FALSE;
  mount_clear (mount);
  mount->type = g_strdup (words[dash + 1]);
  mount->options = g_strconcat (words[5], ",", words[dash + 3], NULL);
  return TRUE;
}

static void
find_mount (const char *folder, Mount *mount)
{
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;
  struct stat info;

  if (stat (folder, &info) != 0 || !g_file_get_contents ("/proc/self/mountinfo", &text, NULL, NULL))
    return;
  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    read_mount_line (lines[i], info.st_dev, mount);
}

static gboolean
has_option (const Mount *mount, const char *option)
{
  g_auto (GStrv) options = g_strsplit (mount->options != NULL ? mount->options : "", ",", -1);

  return g_strv_contains ((const char *const *) options, option);
}

static gboolean
is_type (const Mount *mount, const char *const *types)
{
  return mount->type != NULL && g_strv_contains (types, mount->type);
}

/* FUSE is a network mount unless it is a disk; the kernel answers fsync for it even where nobody does it. */
static gboolean
is_network (const Mount *mount)
{
  static const char *const types[] = { "nfs", "nfs4", "cifs", "smb3",     "ceph",
                                       "afs", "9p",   "coda", "virtiofs", NULL };

  return is_type (mount, types) || (mount->type != NULL && g_str_has_prefix (mount->type, "fuse."));
}

/* Whether locks that hold here hold for other computers too. */
static gboolean
shares_locks (const Mount *mount)
{
  static const char *const types[] = { "nfs", "nfs4", "cifs", "smb3", "ceph", NULL };

  return is_type (mount, types) && !has_option (mount, "nolock") &&
         !has_option (mount, "local_lock=all") && !has_option (mount, "local_lock=posix") &&
         !has_option (mount, "nobrl");
}

static gboolean
survives_power_cut (const Mount *mount)
{
  static const char *const memory[] = { "tmpfs", "ramfs", NULL };

  return !is_type (mount, memory) &&
         !(mount->type != NULL && g_str_has_prefix (mount->type, "fuse."));
}

/* Whether a second opening of the file is kept out. */
static gboolean
is_kept_out (int first, const char *second_path)
{
  struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
  int second = open (second_path, O_RDWR | O_CLOEXEC);
  gboolean kept_out = second >= 0 && fcntl (first, F_OFD_SETLK, &lock) == 0 &&
                      fcntl (second, F_OFD_SETLK, &lock) != 0 &&
                      (errno == EAGAIN || errno == EACCES);

  if (second >= 0)
    close (second);
  return kept_out;
}

/* With a file that has no name, where that can be had: so a kill leaves nothing. */
static gboolean
try_locks (const char *folder, const char *path)
{
  int fd = open (folder, O_RDWR | O_TMPFILE | O_CLOEXEC, 0600);
  g_autofree char *link = g_strdup_printf ("/proc/self/fd/%d", fd);
  gboolean kept_out;

  if (fd >= 0)
    {
      kept_out = is_kept_out (fd, link);
      close (fd);
      return kept_out;
    }
  fd = open (path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0)
    return FALSE;
  kept_out = is_kept_out (fd, path);
  close (fd);
  unlink (path);
  return kept_out;
}

static gboolean
try_exclusive_rename (const char *from, const char *to)
{
  int fd = open (to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  gboolean refused;

  if (fd < 0)
    return FALSE;
  close (fd);
  refused = renameat2 (AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) != 0 && errno == EEXIST;
  unlink (to);
  return refused && renameat2 (AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0 &&
         rename (to, from) == 0;
}

static gboolean
try_sync (const char *path, const char *folder)
{
  int file = open (path, O_RDWR | O_CLOEXEC);
  int parent = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  gboolean synced = file >= 0 && parent >= 0 && write (file, "x", 1) == 1 && fsync (file) == 0 &&
                    fsync (parent) == 0;

  if (file >= 0)
    close (file);
  if (parent >= 0)
    close (parent);
  return synced;
}

static gboolean
make_file (const char *path, const char *folder, GError **error)
{
  int fd = open (path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

  if (fd < 0)
    return reprise_set_error_errno (error, errno, _ ("Could not write in the folder “%s”"), folder);
  close (fd);
  return TRUE;
}

static void
measure (const char *folder, RepriseStorageFacts *facts)
{
  struct statvfs info;

  facts->free_bytes = facts->total_bytes = -1;
  if (statvfs (folder, &info) != 0)
    return;
  facts->free_bytes = (gint64) info.f_bavail * (gint64) info.f_frsize;
  facts->total_bytes = (gint64) info.f_blocks * (gint64) info.f_frsize;
}

/**
 * reprise_storage_probe:
 * @facts: (out caller-allocates):
 *
 * Tries out what the place can do, with two small files that are gone afterwards.
 *
 * Returns: whether it could be tried; else an error of the system: it cannot be written
 */
gboolean
reprise_storage_probe (const char *folder, RepriseStorageFacts *facts, GError **error)
{
  g_autofree char *id = reprise_ulid_new ();
  g_autofree char *name = g_strconcat (".probe-", id, NULL);
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autofree char *other = g_strconcat (path, "-2", NULL);
  g_auto (Mount) mount = { 0 };

  *facts = (RepriseStorageFacts){ 0 };
  measure (folder, facts);
  find_mount (folder, &mount);
  facts->network = is_network (&mount);
  facts->locks = try_locks (folder, path) && (!facts->network || shares_locks (&mount));
  if (!make_file (path, folder, error))
    return FALSE;
  facts->exclusive_rename = try_exclusive_rename (path, other);
  facts->syncs = try_sync (path, folder) && survives_power_cut (&mount);
  unlink (path);
  unlink (other);
  return TRUE;
}

/* Whether a lock there keeps out every program on every computer; writes nothing that stays. */
gboolean
reprise_storage_has_locks (const char *folder)
{
  g_autofree char *id = reprise_ulid_new ();
  g_autofree char *name = g_strconcat (".probe-", id, NULL);
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_auto (Mount) mount = { 0 };

  find_mount (folder, &mount);
  return (!is_network (&mount) || shares_locks (&mount)) && try_locks (folder, path);
}

/* Whether what was written may be elsewhere than on a disk of this computer: then only reading it back proves it. */
gboolean
reprise_storage_is_network (const char *folder)
{
  g_auto (Mount) mount = { 0 };

  find_mount (folder, &mount);
  return is_network (&mount);
}
