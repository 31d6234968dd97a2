/* test-vault-disk.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <sys/stat.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "base/reprise-error.h"
#include "base/reprise-file.h"
#include "base/reprise-sandbox.h"
#include "reprise-test-vault.h"
#include "reprise-test.h"
#include "vault/vault-fixture.h"

static void
test_facts (VaultFixture *fixture, gconstpointer data)
{
  RepriseStorageFacts facts;

  g_assert_true (reprise_vault_open (fixture->vault, TRUE, NULL, &fixture->error));
  g_assert_true (reprise_vault_get_facts (fixture->vault, &facts, &fixture->error));
  g_assert_no_error (fixture->error);
  g_assert_true (facts.locks);
  g_assert_true (facts.exclusive_rename);
  g_assert_false (facts.network);
  g_assert_cmpint (facts.free_bytes, >, 0);
  g_assert_cmpint (facts.total_bytes, >=, facts.free_bytes);
  g_assert_cmpuint (vault_fixture_count_names (fixture->path), ==, 2); /* nothing is left */
}

/* A vault on another disk that is not mounted now is not begun anew in the empty mount point. */
static void
test_disk_away (VaultFixture *fixture, gconstpointer data)
{
  g_autofree char *disk = g_strdup_printf ("/dev/shm/reprise-test-%d", getpid ());
  g_autoptr (RepriseVault) again = reprise_vault_new (fixture->path);
  struct stat here, there;

  if (g_mkdir (disk, 0700) != 0 || stat (disk, &there) != 0 ||
      stat (g_get_tmp_dir (), &here) != 0 || here.st_dev == there.st_dev)
    {
      g_test_skip ("There is no second file system.");
      return;
    }
  g_assert_cmpint (symlink (disk, fixture->path), ==, 0); /* as if it were mounted there */
  g_object_unref (reprise_test_back_up (fixture->vault, fixture->service, "x"));
  g_assert_cmpint (g_unlink (fixture->path), ==, 0);
  g_assert_cmpint (g_mkdir (fixture->path, 0700), ==, 0);
  g_assert_false (reprise_vault_open (again, TRUE, NULL, &fixture->error));
  g_assert_error (fixture->error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND);
  g_assert_nonnull (strstr (fixture->error->message, "disk"));
  g_clear_error (&fixture->error);
  g_assert_null (reprise_vault_list (again, NULL, NULL, &fixture->error));
  g_assert_error (fixture->error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND);
  g_clear_error (&fixture->error);
  g_assert_cmpuint (vault_fixture_count_names (fixture->path), ==, 0);
  reprise_vault_forget_disk (again); /* somebody wants it here */
  g_assert_true (reprise_vault_open (again, TRUE, NULL, &fixture->error));
  g_assert_no_error (fixture->error);
  g_assert_true (reprise_file_remove_tree (disk, NULL));
}

/* A link to a disk that is away is no empty vault. */
static void
test_link_to_nowhere (VaultFixture *fixture, gconstpointer data)
{
  g_autoptr (RepriseVault) again = reprise_vault_new (fixture->path);

  g_assert_cmpint (symlink ("/nowhere/at/all", fixture->path), ==, 0);
  g_assert_null (reprise_vault_list (again, NULL, NULL, &fixture->error));
  g_assert_error (fixture->error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND);
  g_clear_error (&fixture->error);
  g_assert_false (reprise_vault_open (again, TRUE, NULL, &fixture->error));
  g_assert_error (fixture->error, REPRISE_ERROR, REPRISE_ERROR_NOT_FOUND);
  g_clear_error (&fixture->error);
  g_assert_cmpint (g_unlink (fixture->path), ==, 0);
}

/* A place that nobody chose is lost with what it protects. */
static void
test_place_note (VaultFixture *fixture, gconstpointer data)
{
  g_autofree char *path = reprise_vault_dup_default_path ();
  g_autoptr (RepriseVault) vault = reprise_vault_new (path);
  g_autofree char *chosen = reprise_vault_dup_place_note (fixture->vault);
  g_autofree char *plain = reprise_vault_dup_place_note (vault);
  g_autofree char *sandboxed = NULL;

  g_assert_null (chosen);
  g_assert_nonnull (strstr (plain, "home folder"));
  reprise_sandbox_pretend ("236 44 0:47 /newroot / rw - tmpfs tmpfs rw\n",
                           "[Context]\nfilesystems=\n");
  sandboxed = reprise_vault_dup_place_note (vault);
  reprise_sandbox_pretend (NULL, NULL);
  g_assert_nonnull (strstr (sandboxed, "sandbox’s own folder"));
  g_assert_nonnull (strstr (sandboxed, path));
}

/* What a sandbox hides is neither made anew in its memory nor an empty list. */
static void
test_sandbox (VaultFixture *fixture, gconstpointer data)
{
  g_autofree char *quoted =
    g_strdup_printf ("'--filesystem=%s' io.github.reprise_backup.Reprise", fixture->path);

  reprise_sandbox_pretend ("236 44 0:47 /newroot / rw - tmpfs tmpfs rw\n",
                           "[Context]\nfilesystems=\n");
  g_assert_false (reprise_vault_open (fixture->vault, TRUE, NULL, &fixture->error));
  g_assert_error (fixture->error, REPRISE_ERROR, REPRISE_ERROR_REFUSED);
  g_assert_true (g_str_has_suffix (fixture->error->message, quoted));
  g_clear_error (&fixture->error);
  g_assert_false (g_file_test (fixture->path, G_FILE_TEST_EXISTS));
  g_assert_null (reprise_vault_list (fixture->vault, NULL, NULL, &fixture->error));
  g_assert_error (fixture->error, REPRISE_ERROR, REPRISE_ERROR_REFUSED);
  g_clear_error (&fixture->error);
  reprise_sandbox_pretend (NULL, NULL);
  g_assert_true (reprise_vault_open (fixture->vault, TRUE, NULL, &fixture->error));
}

int
main (int argc, char *argv[])
{
  reprise_test_init (&argc, &argv);
  VAULT_FIXTURE_ADD ("/vault/facts", test_facts);
  VAULT_FIXTURE_ADD ("/vault/disk-away", test_disk_away);
  VAULT_FIXTURE_ADD ("/vault/link-to-nowhere", test_link_to_nowhere);
  VAULT_FIXTURE_ADD ("/vault/place-note", test_place_note);
  VAULT_FIXTURE_ADD ("/vault/sandbox", test_sandbox);
  return g_test_run ();
}
