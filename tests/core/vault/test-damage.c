/* test-damage.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "base/reprise-error.h"
#include "base/reprise-file.h"
#include "reprise-test-vault.h"
#include "reprise-test.h"
#include "vault/vault-fixture.h"

#define N_DAMAGES (REPRISE_TEST_WITH_SANITIZER ? 100 : 300)

/* What a damage is, and what it is done to. */
typedef struct
{
  const char *name;
  gboolean quick; /* whether names and sizes are enough to find it */
} DamageKind;

static const DamageKind DAMAGES[] = {
  { "flip", FALSE },        { "truncate", TRUE },    { "extend", TRUE }, { "remove", TRUE },
  { "zero", FALSE },        { "swap-files", FALSE }, { "folder", TRUE }, { "link", TRUE },
  { "swap-backups", TRUE }, { "rename", TRUE },
};

typedef struct
{
  RepriseVault *vault;
  RepriseBackup *backups[4]; /* the first two of one service, the others of another */
} Victims;

static void
flip (const char *path, goffset size)
{
  int fd = open (path, O_RDWR);
  goffset at = g_test_rand_int_range (0, (gint32) size);
  char byte;

  g_assert_cmpint (pread (fd, &byte, 1, at), ==, 1);
  byte = (char) (byte ^ (1 << g_test_rand_int_range (0, 8)));
  g_assert_cmpint (pwrite (fd, &byte, 1, at), ==, 1);
  close (fd);
}

static void
zero (const char *path, goffset size)
{
  int fd = open (path, O_RDWR);
  g_autofree char *nothing = g_malloc0 ((gsize) size);

  g_assert_cmpint (pwrite (fd, nothing, (gsize) size, 0), ==, size);
  close (fd);
}

static void
swap (const char *a, const char *b)
{
  g_assert_cmpint (renameat2 (AT_FDCWD, a, AT_FDCWD, b, RENAME_EXCHANGE), ==, 0);
}

/* Damages one file of a backup; @path is the file's. */
static void
damage_file (const char *kind, const char *path, const char *twin)
{
  GStatBuf info;

  g_assert_cmpint (g_stat (path, &info), ==, 0);
  if (g_str_equal (kind, "flip"))
    flip (path, info.st_size);
  else if (g_str_equal (kind, "zero"))
    zero (path, info.st_size);
  else if (g_str_equal (kind, "truncate"))
    g_assert_cmpint (truncate (path, g_test_rand_int_range (0, (gint32) info.st_size)), ==, 0);
  else if (g_str_equal (kind, "extend"))
    g_assert_cmpint (truncate (path, info.st_size + g_test_rand_int_range (1, 5000)), ==, 0);
  else if (g_str_equal (kind, "swap-files"))
    swap (path, twin);
  else
    {
      g_assert_cmpint (g_unlink (path), ==, 0);
      if (g_str_equal (kind, "folder"))
        g_assert_cmpint (g_mkdir (path, 0700), ==, 0);
      else if (g_str_equal (kind, "link"))
        g_assert_cmpint (symlink (twin, path), ==, 0);
    }
}

static RepriseBackup *
back_up_two_files (RepriseVault *vault, RepriseService *service, guint32 seed)
{
  g_autoptr (RepriseVaultWriter) writer =
    reprise_vault_begin (vault, service, REPRISE_ORIGIN_MANUAL, NULL, NULL);
  g_autofree char *a = reprise_test_fill (3000, seed);
  g_autofree char *b = reprise_test_fill (3000, seed + 1);
  RepriseBackup *backup;

  reprise_test_write (writer, "a.bin", a, 3000);
  reprise_test_write (writer, "deep/b.bin", b, 3000);
  reprise_manifest_set_proof (reprise_vault_writer_get_manifest (writer), "test", "");
  backup = reprise_vault_writer_commit (writer, NULL, NULL);
  g_assert_nonnull (backup);
  return backup;
}

static gboolean
is_found (Victims *victims, guint index, RepriseDepth depth, char **sentence)
{
  g_autoptr (GError) error = NULL;

  if (reprise_vault_verify (victims->vault, victims->backups[index], depth, NULL, NULL, &error))
    return FALSE;
  g_assert_error (error, REPRISE_ERROR, REPRISE_ERROR_DAMAGED);
  if (sentence != NULL)
    *sentence = g_strdup (error->message);
  return TRUE;
}

static void
restore_from (const char *spare, const char *folder)
{
  char *argv[] = { (char *) "cp", (char *) "-aT", (char *) spare, (char *) folder, NULL };
  g_autoptr (GError) error = NULL;
  int status;

  g_assert_true (reprise_file_remove_tree (folder, NULL));
  g_spawn_sync (NULL, argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, &status, &error);
  g_assert_no_error (error);
  g_assert_cmpint (status, ==, 0);
}

static void
damage_once (Victims *victims, const DamageKind *kind)
{
  static const char *const names[] = { "a.bin", "deep/b.bin", "manifest.json", "SHA256SUMS" };
  const char *folder = reprise_backup_get_folder (victims->backups[0]);
  const char *name = names[g_test_rand_int_range (0, G_N_ELEMENTS (names))];
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autofree char *twin =
    g_build_filename (folder, g_str_equal (name, "a.bin") ? "deep/b.bin" : "a.bin", NULL);
  g_autofree char *sentence = NULL;

  damage_file (kind->name, path, twin);
  if (!is_found (victims, 0, REPRISE_DEPTH_FULL, &sentence))
    g_error ("not found: %s of %s", kind->name, name);
  if (strstr (sentence, name) == NULL && strstr (sentence, "manifest") == NULL)
    g_error ("does not name %s: %s", name, sentence);
  if (kind->quick && !is_found (victims, 0, REPRISE_DEPTH_QUICK, NULL))
    g_error ("not found by the quick look: %s of %s", kind->name, name);
  g_assert_false (is_found (victims, 1, REPRISE_DEPTH_FULL, NULL)); /* the others are still good */
}

static void
swap_backups (Victims *victims, guint other)
{
  g_autofree char *sentence = NULL;
  const char *a = reprise_backup_get_folder (victims->backups[0]);
  const char *b = reprise_backup_get_folder (victims->backups[other]);

  swap (a, b);
  g_assert_true (is_found (victims, 0, REPRISE_DEPTH_QUICK, NULL));
  g_assert_true (is_found (victims, 0, REPRISE_DEPTH_FULL, &sentence));
  g_assert_true (is_found (victims, other, REPRISE_DEPTH_FULL, NULL));
  g_assert_nonnull (strstr (sentence, "changed places"));
  swap (a, b);
}

/* The whole folder in the place of another service's, under its own name */
static void
move_to_other_service (Victims *victims)
{
  const char *folder = reprise_backup_get_folder (victims->backups[0]);
  g_autofree char *name = g_path_get_basename (folder);
  g_autofree char *there = g_path_get_dirname (reprise_backup_get_folder (victims->backups[2]));
  g_autofree char *moved = g_build_filename (there, name, NULL);

  g_assert_cmpint (g_rename (folder, moved), ==, 0);
  g_assert_true (is_found (victims, 0, REPRISE_DEPTH_QUICK, NULL));
  g_assert_cmpint (g_rename (moved, folder), ==, 0);
}

static void
test_damages (VaultFixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseService) other = reprise_service_new (NULL, "sqlite", "Shop");
  g_autofree char *spare = g_build_filename (fixture->folder, "spare", NULL);
  Victims victims = { .vault = fixture->vault };
  guint n_blind = 0, n_flips = 0;

  g_assert_true (reprise_vault_open (fixture->vault, TRUE, NULL, &fixture->error));
  for (guint i = 0; i < 4; i++)
    victims.backups[i] =
      back_up_two_files (fixture->vault, i < 2 ? fixture->service : other, 10 * i);
  restore_from (reprise_backup_get_folder (victims.backups[0]), spare);
  for (guint i = 0; i < N_DAMAGES; i++)
    {
      const DamageKind *kind = &DAMAGES[i % G_N_ELEMENTS (DAMAGES)];

      if (g_str_equal (kind->name, "swap-backups"))
        swap_backups (&victims, (guint) g_test_rand_int_range (1, 4));
      else if (g_str_equal (kind->name, "rename"))
        move_to_other_service (&victims);
      else
        {
          damage_once (&victims, kind);
          n_flips += !kind->quick;
          n_blind += !kind->quick && !is_found (&victims, 0, REPRISE_DEPTH_QUICK, NULL);
          restore_from (spare, reprise_backup_get_folder (victims.backups[0]));
        }
      if (i % 10 == 0)
        g_assert_false (is_found (&victims, 0, REPRISE_DEPTH_FULL, NULL)); /* no false alarm */
    }
  g_assert_cmpuint (n_blind, >, n_flips / 4); /* the control: without hashes these are not seen */
  for (guint i = 0; i < 4; i++)
    g_object_unref (victims.backups[i]);
}

/* Files of others in the folder harm nothing, and are said. */
static void
test_extra_files (VaultFixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseBackup) backup = reprise_test_back_up (fixture->vault, fixture->service, "old");
  g_autoptr (RepriseProgress) progress = reprise_progress_new ();
  g_autofree char *extra = g_build_filename (reprise_backup_get_folder (backup), "Thumbs.db", NULL);
  g_auto (GStrv) warnings = NULL;

  g_assert_true (g_file_set_contents (extra, "x", -1, NULL));
  g_assert_true (reprise_vault_verify (fixture->vault, backup, REPRISE_DEPTH_FULL, progress, NULL,
                                       &fixture->error));
  warnings = reprise_progress_dup_warnings (progress);
  g_assert_nonnull (strstr (warnings[0], "Thumbs.db"));
  g_assert_null (warnings[1]);
}

int
main (int argc, char *argv[])
{
  reprise_test_init (&argc, &argv);
  VAULT_FIXTURE_ADD ("/faults/damages", test_damages);
  VAULT_FIXTURE_ADD ("/faults/extra-files", test_extra_files);
  return g_test_run ();
}
