/* reprise-test-provider.c
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "reprise-test-provider.h"
#include "secret/reprise-secrets.h"

/* (transfer full): as the job does: committed, and read back in full */
RepriseArchive *
reprise_test_commit (RepriseVault *vault, RepriseKind *kind, RepriseVaultWriter *writer)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RepriseBackup) backup = reprise_vault_writer_commit (writer, NULL, &error);
  g_autoptr (RepriseManifest) manifest = NULL;
  RepriseArchive *archive;

  g_assert_no_error (error);
  reprise_vault_verify (vault, backup, REPRISE_DEPTH_FULL, NULL, NULL, &error);
  g_assert_no_error (error);
  manifest = reprise_vault_read_manifest (vault, backup, &error);
  g_assert_no_error (error);
  archive = reprise_archive_new_for_backup (backup, manifest);
  reprise_kind_verify (kind, archive, REPRISE_DEPTH_DEEP, NULL, NULL, &error);
  g_assert_no_error (error);
  return archive;
}

/* (transfer full): of a job */
RepriseJournal *
reprise_test_begin_journal (RepriseService *service)
{
  g_autoptr (GError) error = NULL;
  RepriseJournal *journal =
    reprise_journal_create (reprise_service_get_uuid (service), "job", &error);

  g_assert_no_error (error);
  return journal;
}

/* Until the program ends or another is given, and in place of the keyring. */
void
reprise_test_give_secret (RepriseService *service, const char *kind, const char *text)
{
  g_autoptr (RepriseSecretValue) value = reprise_secret_value_new_text (text);

  reprise_secrets_override (reprise_service_get_uuid (service), kind, value);
}

/* (transfer none): of that name, which must have come out so */
const RepriseCheck *
reprise_test_find_check (ReprisePlan *plan, const char *id, RepriseCheckResult result)
{
  for (guint i = 0; i < reprise_plan_get_n_checks (plan); i++)
    {
      const RepriseCheck *check = reprise_plan_get_check (plan, i);

      if (strcmp (check->id, id) != 0)
        continue;
      g_assert_cmpint (check->result, ==, result);
      return check;
    }
  g_error ("there is no check “%s”", id);
}
