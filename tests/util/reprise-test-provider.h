/* reprise-test-provider.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "provider/reprise-journal.h"
#include "provider/reprise-kind.h"
#include "vault/reprise-vault.h"

G_BEGIN_DECLS

RepriseArchive *reprise_test_commit (RepriseVault *vault,
                                     RepriseKind *kind,
                                     RepriseVaultWriter *writer);
RepriseJournal *reprise_test_begin_journal (RepriseService *service);
void reprise_test_give_secret (RepriseService *service, const char *kind, const char *text);
const RepriseCheck *reprise_test_find_check (ReprisePlan *plan,
                                             const char *id,
                                             RepriseCheckResult result);

G_END_DECLS
