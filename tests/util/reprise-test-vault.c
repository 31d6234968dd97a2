/* reprise-test-vault.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "reprise-test-vault.h"

/* Writes a whole file of a backup. */
void
reprise_test_write (RepriseVaultWriter *writer, const char *name, const char *data, gsize size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GOutputStream) stream = reprise_vault_writer_open (writer, name, &error);

  g_assert_no_error (error);
  g_output_stream_write_all (stream, data, size, NULL, NULL, &error);
  g_assert_no_error (error);
  g_output_stream_close (stream, NULL, &error);
  g_assert_no_error (error);
}

/* (transfer full) */
RepriseVaultWriter *
reprise_test_begin (RepriseVault *vault, RepriseService *service, RepriseOrigin origin)
{
  g_autoptr (GError) error = NULL;
  RepriseVaultWriter *writer = reprise_vault_begin (vault, service, origin, NULL, &error);

  g_assert_no_error (error);
  return writer;
}

/* (transfer full): a committed backup of two files, one in a folder, and the contents of one table */
RepriseBackup *
reprise_test_back_up (RepriseVault *vault, RepriseService *service, const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseVaultWriter) writer = NULL;
  g_autoptr (RepriseContents) contents = reprise_contents_new ();
  g_autoptr (RepriseCollection) collection = reprise_collection_new ("orders", 3, 120);
  RepriseBackup *backup;

  g_assert_true (reprise_vault_open (vault, TRUE, NULL, &error));
  g_assert_no_error (error);
  writer = reprise_test_begin (vault, service, REPRISE_ORIGIN_MANUAL);
  reprise_test_write (writer, "data.bin", text, strlen (text));
  reprise_test_write (writer, "files/empty", "", 0);
  reprise_contents_add (contents, REPRISE_GROUP_CUSTOM, collection);
  reprise_manifest_set_contents (reprise_vault_writer_get_manifest (writer), contents);
  reprise_manifest_set_proof (reprise_vault_writer_get_manifest (writer), "test",
                              "made by the test");
  backup = reprise_vault_writer_commit (writer, NULL, &error);
  g_assert_no_error (error);
  return backup;
}

/* (transfer full): bytes that look random and are the same for the same seed */
char *
reprise_test_fill (gsize size, guint32 seed)
{
  char *data = g_malloc (size);
  guint64 state = seed * 2862933555777941757u + 3037000493u;

  for (gsize i = 0; i < size; i++)
    {
      state = state * 6364136223846793005u + 1442695040888963407u;
      data[i] = (char) (state >> 56);
    }
  return data;
}
