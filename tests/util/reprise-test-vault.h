/* reprise-test-vault.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "vault/reprise-vault.h"

G_BEGIN_DECLS

void reprise_test_write (RepriseVaultWriter *writer,
                         const char *name,
                         const char *data,
                         gsize size);
RepriseVaultWriter *reprise_test_begin (RepriseVault *vault,
                                        RepriseService *service,
                                        RepriseOrigin origin);
RepriseBackup *reprise_test_back_up (RepriseVault *vault,
                                     RepriseService *service,
                                     const char *text);
char *reprise_test_fill (gsize size, guint32 seed);

G_END_DECLS
