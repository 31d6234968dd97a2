/* reprise-vault-verify.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <inttypes.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gi18n-lib.h>

#include "base/reprise-error.h"
#include "base/reprise-file.h"
#include "base/reprise-hash.h"
#include "vault/reprise-storage.h"
#include "vault/reprise-vault-private.h"

#define CHUNK_BYTES    (1024 * 1024)
#define MAX_SUMS_BYTES (256 * 1024 * 1024)
#define N_THREADS      2
#define N_NAMED        5 /* how many damages a sentence tells */

/* One verification. What several threads write is behind the mutex. */
typedef struct
{
  const char *folder;
  RepriseManifest *manifest;
  RepriseDepth depth;
  gboolean cold; /* whether to read from the disk what is still in memory */
  RepriseProgress *progress;
  GCancellable *cancellable;
  GMutex mutex;
  GPtrArray *damages; /* (owned) (element-type utf8): sentences, each with the name of a file */
  GError *failed;     /* (owned) (nullable): what kept us from looking */
} Check;

static void
check_clear (Check *check)
{
  g_clear_pointer (&check->damages, g_ptr_array_unref);
  g_clear_object (&check->manifest);
  g_clear_error (&check->failed);
  g_mutex_clear (&check->mutex);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Check, check_clear)

static void add_damage (Check *check, const char *format, ...) G_GNUC_PRINTF (2, 3);

static void
add_damage (Check *check, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  g_mutex_lock (&check->mutex);
  g_ptr_array_add (check->damages, g_strdup_vprintf (format, args));
  g_mutex_unlock (&check->mutex);
  va_end (args);
}

static void
take_failure (Check *check, GError *error)
{
  g_mutex_lock (&check->mutex);
  if (check->failed == NULL)
    check->failed = error;
  else
    g_error_free (error);
  g_mutex_unlock (&check->mutex);
}

static gboolean
is_over (Check *check)
{
  gboolean over;

  g_mutex_lock (&check->mutex);
  over = check->failed != NULL;
  g_mutex_unlock (&check->mutex);
  return over || g_cancellable_is_cancelled (check->cancellable);
}

/* (nullable): of what the file holds now, and how long that is; a disk that cannot read it is damage too */
static char *
hash_file (Check *check, int fd, const char *name, gint64 *size_bytes)
{
  g_autoptr (RepriseHash) hash = reprise_hash_new ();
  g_autofree guchar *buffer = g_malloc (CHUNK_BYTES);

  *size_bytes = 0;
  if (check->cold)
    posix_fadvise (fd, 0, 0, POSIX_FADV_DONTNEED);
  posix_fadvise (fd, 0, 0, POSIX_FADV_SEQUENTIAL);
  while (!is_over (check))
    {
      gssize n = read (fd, buffer, CHUNK_BYTES);

      if (n == 0)
        return reprise_hash_finish (hash);
      if (n < 0 && errno != EINTR)
        {
          add_damage (check, _ ("“%s” cannot be read: %s"), name, g_strerror (errno));
          return NULL;
        }
      if (n < 0)
        continue;
      reprise_hash_update (hash, buffer, (gsize) n);
      *size_bytes += n;
      reprise_progress_add_bytes (check->progress, n);
    }
  return NULL;
}

static void
check_open_file (Check *check, int fd, const char *name, gint64 size_bytes, const char *sha256)
{
  g_autofree char *found = NULL;
  struct stat info;
  gint64 read_bytes;

  if (fstat (fd, &info) != 0 || !S_ISREG (info.st_mode))
    {
      add_damage (check, _ ("“%s” is not a file"), name);
      return;
    }
  if (info.st_size != size_bytes)
    {
      add_damage (check, _ ("“%s” has %" PRId64 " bytes instead of %" PRId64), name,
                  (gint64) info.st_size, size_bytes);
      return;
    }
  if (check->depth == REPRISE_DEPTH_QUICK)
    return;
  found = hash_file (check, fd, name, &read_bytes);
  if (found != NULL && (read_bytes != size_bytes || !g_str_equal (found, sha256)))
    add_damage (check, _ ("“%s” does not hold what was written"), name);
}

static void
check_file (Check *check, guint index)
{
  gint64 size_bytes;
  const char *sha256;
  const char *name = reprise_manifest_get_file (check->manifest, index, &size_bytes, &sha256);
  g_autofree char *path = g_build_filename (check->folder, name, NULL);
  int fd = open (path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

  if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
    add_damage (check, _ ("“%s” is missing"), name);
  else if (fd < 0 && (errno == EMFILE || errno == ENFILE || errno == EACCES))
    take_failure (check, g_error_new (G_IO_ERROR, (int) g_io_error_from_errno (errno),
                                      _ ("Could not open “%s”: %s"), path, g_strerror (errno)));
  else if (fd < 0)
    add_damage (check, _ ("“%s” cannot be read: %s"), name, g_strerror (errno));
  else
    check_open_file (check, fd, name, size_bytes, sha256);
  if (fd >= 0)
    close (fd);
  reprise_progress_add_items (check->progress, 1);
}

static void
check_file_worker (gpointer data, gpointer user_data)
{
  if (!is_over (user_data))
    check_file (user_data, GPOINTER_TO_UINT (data) - 1);
}

static void
check_files (Check *check)
{
  guint n = reprise_manifest_get_n_files (check->manifest);
  GThreadPool *pool;

  reprise_progress_set_totals (
    check->progress,
    check->depth == REPRISE_DEPTH_QUICK ? -1 : reprise_manifest_get_size_bytes (check->manifest),
    n);
  if (n == 1 || check->depth == REPRISE_DEPTH_QUICK)
    {
      for (guint i = 0; i < n && !is_over (check); i++)
        check_file (check, i);
      return;
    }
  pool = g_thread_pool_new (check_file_worker, check, N_THREADS, FALSE, NULL);
  for (guint i = 0; i < n; i++)
    g_thread_pool_push (pool, GUINT_TO_POINTER (i + 1), NULL);
  g_thread_pool_free (pool, FALSE, TRUE);
}

/* What lies in the folder and is in no manifest harms nothing, and is said. */
static void
report_extra (Check *check, GHashTable *known, const char *below)
{
  g_autofree char *path = g_build_filename (check->folder, below, NULL);
  g_autoptr (GPtrArray) names = reprise_vault_list_names (path, NULL);

  for (guint i = 0; names != NULL && i < names->len; i++)
    {
      g_autofree char *name = *below == '\0' ? g_strdup (names->pdata[i])
                                             : g_strconcat (below, "/", names->pdata[i], NULL);
      g_autofree char *full = g_build_filename (check->folder, name, NULL);
      g_autofree char *shown = g_filename_display_name (name);

      if (g_hash_table_contains (known, name))
        continue;
      if (!g_file_test (full, G_FILE_TEST_IS_SYMLINK) && g_file_test (full, G_FILE_TEST_IS_DIR))
        report_extra (check, known, name);
      else
        reprise_progress_warn (
          check->progress, "“%s” lies in the backup’s folder “%s” and is no part of the backup.",
          shown, check->folder);
    }
}

static void
check_extra (Check *check)
{
  g_autoptr (GHashTable) known = g_hash_table_new (g_str_hash, g_str_equal);

  g_hash_table_add (known, (gpointer) "manifest.json");
  g_hash_table_add (known, (gpointer) "SHA256SUMS");
  for (guint i = 0; i < reprise_manifest_get_n_files (check->manifest); i++)
    g_hash_table_add (known, (gpointer) reprise_manifest_get_file (check->manifest, i, NULL, NULL));
  report_extra (check, known, "");
}

/* SHA256SUMS as it must be; the other side of it is the writer's commit. */
static char *
expected_sums (RepriseManifest *manifest, GBytes *manifest_bytes)
{
  g_autofree char *own =
    reprise_hash_bytes (g_bytes_get_data (manifest_bytes, NULL), g_bytes_get_size (manifest_bytes));

  return reprise_manifest_print_sums (manifest, own);
}

/* Whether the manifest is one of the files that SHA256SUMS vouches for. */
static gboolean
lists_manifest (GBytes *sums, GBytes *manifest_bytes)
{
  g_autofree char *sha256 =
    reprise_hash_bytes (g_bytes_get_data (manifest_bytes, NULL), g_bytes_get_size (manifest_bytes));
  g_autofree char *line = g_strconcat (sha256, "  manifest.json", NULL);
  gsize size = 0;
  const char *data = g_bytes_get_data (sums, &size);
  g_autofree char *text = size > 0 ? g_strndup (data, size) : g_strdup ("");
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);

  return g_strv_contains ((const char *const *) lines, line);
}

/* A file that is gone or rotten is damage; one that we may not read, or have no descriptor for, is not. */
static void
take_unreadable (Check *check, GError *error)
{
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED) ||
      g_error_matches (error, G_IO_ERROR, G_IO_ERROR_TOO_MANY_OPEN_FILES))
    {
      take_failure (check, error);
      return;
    }
  add_damage (check, "%s", error->message);
  g_error_free (error);
}

/* Whether the manifest can be believed. It was read once: what is hashed is what is parsed. */
static gboolean
check_manifest (Check *check)
{
  g_autofree char *path = g_build_filename (check->folder, "manifest.json", NULL);
  g_autofree char *sums_path = g_build_filename (check->folder, "SHA256SUMS", NULL);
  g_autoptr (GError) local = NULL;
  g_autoptr (GBytes) bytes = reprise_file_read_small (path, MAX_SUMS_BYTES, &local);
  g_autoptr (GBytes) sums =
    bytes == NULL ? NULL : reprise_file_read_small (sums_path, MAX_SUMS_BYTES, &local);
  g_autofree char *expected = NULL;

  if (sums == NULL)
    {
      take_unreadable (check, g_steal_pointer (&local));
      return FALSE;
    }
  check->manifest =
    reprise_manifest_parse (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), &local);
  if (check->manifest == NULL)
    {
      add_damage (check, "%s", local->message);
      return FALSE;
    }
  expected = expected_sums (check->manifest, bytes);
  /* a later format may list more; what it lists of files is checked, and that it is one: a single wrong bit makes 3 of 1 */
  if (reprise_manifest_is_read_only (check->manifest))
    {
      if (!lists_manifest (sums, bytes))
        add_damage (check, _ ("“%s” and “%s” do not fit each other"), "manifest.json",
                    "SHA256SUMS");
      return TRUE;
    }
  if (g_bytes_get_size (sums) != strlen (expected) ||
      memcmp (g_bytes_get_data (sums, NULL), expected, strlen (expected)) != 0)
    add_damage (check, _ ("“%s” and “%s” do not fit each other"), "manifest.json", "SHA256SUMS");
  return TRUE;
}

/* Two whole backups that changed places are found by their names. */
static void
check_names (Check *check, const char *backup_id)
{
  g_autofree char *name = g_path_get_basename (check->folder);
  g_autofree char *above = g_path_get_dirname (check->folder);
  g_autofree char *service = g_path_get_basename (above);
  g_autofree char *expected = reprise_vault_name_make (
    reprise_manifest_get_created_at (check->manifest), reprise_manifest_get_id (check->manifest));

  if (!g_str_equal (reprise_manifest_get_id (check->manifest), backup_id) ||
      !g_str_equal (name, expected))
    add_damage (check, _ ("“%s” is of another backup, “%s”: folders changed places"),
                "manifest.json", expected);
  if (!g_str_equal (reprise_manifest_get_service_uuid (check->manifest), service))
    add_damage (check, _ ("“%s” is of another service, “%s”: folders changed places"),
                "manifest.json", reprise_manifest_get_service_name (check->manifest));
}

static void
set_damaged (Check *check, RepriseBackup *backup, GError **error)
{
  g_autoptr (GString) text = g_string_new (NULL);
  guint n = MIN (check->damages->len, N_NAMED);
  guint more = check->damages->len - n;

  for (guint i = 0; i < n; i++)
    g_string_append_printf (text, "%s%s", i > 0 ? "; " : "", (char *) check->damages->pdata[i]);
  if (more > 0)
    g_string_append_printf (text, ngettext ("; and %u more file", "; and %u more files", more),
                            more);
  reprise_error_set (
    error, REPRISE_ERROR, REPRISE_ERROR_DAMAGED,
    /* Translators: the identifier of a backup, and a list of what is wrong with it */
    _ ("The backup “%s” is damaged: %s."), reprise_backup_get_id (backup), text->str);
}

static gboolean
conclude (Check *check, RepriseBackup *backup, GError **error)
{
  for (guint i = 0; i < check->damages->len; i++)
    reprise_progress_log (check->progress, "damage: %s", (char *) check->damages->pdata[i]);
  if (g_cancellable_set_error_if_cancelled (check->cancellable, error))
    return FALSE;
  if (check->damages->len > 0)
    {
      set_damaged (check, backup, error);
      return FALSE;
    }
  if (check->failed == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&check->failed));
  return FALSE;
}

/**
 * reprise_vault_verify:
 *
 * Reads a backup back. Quick compares names and sizes, full and deep every hash; what deep adds is the kind's own check
 * of the format. Files that are in no manifest are warnings of @progress. The phase is the caller's to set; so are the events
 * “verified” and “damaged”.
 *
 * Returns: whether it is what was written; else %REPRISE_ERROR_DAMAGED, which names the files, %REPRISE_ERROR_NOT_FOUND,
 *   %G_IO_ERROR_CANCELLED, or an error of the system that kept us from looking
 */
gboolean
reprise_vault_verify (RepriseVault *self,
                      RepriseBackup *backup,
                      RepriseDepth depth,
                      RepriseProgress *progress,
                      GCancellable *cancellable,
                      GError **error)
{
  g_autofree char *folder = reprise_vault_dup_backup_folder (self, backup, error);
  g_auto (Check) check = {
    .folder = folder, .depth = depth, .progress = progress, .cancellable = cancellable
  };

  g_mutex_init (&check.mutex);
  check.damages = g_ptr_array_new_with_free_func (g_free);
  if (folder == NULL)
    return FALSE;
  check.cold = depth != REPRISE_DEPTH_QUICK && reprise_storage_is_network (folder);
  if (check_manifest (&check))
    {
      check_names (&check, reprise_backup_get_id (backup));
      check_files (&check);
      check_extra (&check);
    }
  return conclude (&check, backup, error);
}
