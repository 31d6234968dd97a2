/* vault-fixture.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include <glib/gstdio.h>

#include "reprise-test.h"
#include "vault/vault-fixture.h"

void
vault_fixture_set_up (VaultFixture *fixture, gconstpointer data)
{
  fixture->folder = reprise_test_make_folder ();
  fixture->path = g_build_filename (fixture->folder, "my vault", NULL);
  fixture->vault = reprise_vault_new (fixture->path);
  fixture->service = reprise_service_new (NULL, "sqlite", "Orders");
}

void
vault_fixture_tear_down (VaultFixture *fixture, gconstpointer data)
{
  g_assert_no_error (fixture->error);
  g_clear_object (&fixture->vault);
  g_clear_object (&fixture->service);
  g_free (fixture->path);
  reprise_test_remove_folder (fixture->folder);
}

char *
vault_fixture_dup_service_folder (VaultFixture *fixture)
{
  return g_build_filename (fixture->path, reprise_service_get_uuid (fixture->service), NULL);
}

/* (transfer full): with the proof that a commit asks for */
RepriseVaultWriter *
vault_fixture_begin (VaultFixture *fixture)
{
  RepriseVaultWriter *writer;

  g_assert_true (reprise_vault_open (fixture->vault, TRUE, NULL, &fixture->error));
  writer = reprise_vault_begin (fixture->vault, fixture->service, REPRISE_ORIGIN_MANUAL, NULL,
                                &fixture->error);
  g_assert_no_error (fixture->error);
  reprise_manifest_set_proof (reprise_vault_writer_get_manifest (writer), "test", "");
  return writer;
}

/* @member: (nullable): the one that the event has */
void
vault_fixture_add_event (VaultFixture *fixture,
                         RepriseBackup *backup,
                         const char *type,
                         const char *member,
                         const char *value)
{
  g_autoptr (JsonObject) members = json_object_new ();

  if (member != NULL)
    json_object_set_string_member (members, member, value);
  g_assert_true (reprise_vault_add_event (fixture->vault, reprise_backup_get_id (backup), type,
                                          members, &fixture->error));
  g_assert_no_error (fixture->error);
}

/* No name with a colon, no file over 0600, no folder over 0700. */
void
vault_fixture_assert_modes (const char *path)
{
  g_autoptr (GDir) folder = g_dir_open (path, 0, NULL);
  GStatBuf info;
  const char *name;

  g_assert_cmpint (g_lstat (path, &info), ==, 0);
  g_assert_cmpint (info.st_mode & 0777, ==, S_ISDIR (info.st_mode) ? 0700 : 0600);
  while (folder != NULL && (name = g_dir_read_name (folder)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      g_assert_null (strchr (name, ':'));
      vault_fixture_assert_modes (child);
    }
}

guint
vault_fixture_count_names (const char *path)
{
  g_autoptr (GDir) folder = g_dir_open (path, 0, NULL);
  guint n = 0;

  while (folder != NULL && g_dir_read_name (folder) != NULL)
    n++;
  return n;
}
