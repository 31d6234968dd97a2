/* reprise-sqlite-provider.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "provider/reprise-provider.h"

G_BEGIN_DECLS

#define REPRISE_TYPE_SQLITE_PROVIDER (reprise_sqlite_provider_get_type ())

G_DECLARE_FINAL_TYPE (RepriseSqliteProvider,
                      reprise_sqlite_provider,
                      REPRISE,
                      SQLITE_PROVIDER,
                      GObject)

RepriseProvider *reprise_sqlite_provider_new (RepriseService *service);

G_END_DECLS
