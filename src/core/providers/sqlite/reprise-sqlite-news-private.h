/* reprise-sqlite-news-private.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "providers/sqlite/reprise-sqlite-source.h"
#include "vault/reprise-vault-writer.h"

G_BEGIN_DECLS

void reprise_sqlite_news_tell (const RepriseSqliteSource *source,
                               RepriseVaultWriter *writer,
                               RepriseProgress *progress);

G_END_DECLS
