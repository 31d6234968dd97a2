/* reprise-databases-page.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

#include "reprise-service-item.h"

G_BEGIN_DECLS

/**
 * RepriseDatabasesPage:
 *
 * The databases of a service that has many: by group, with how well each is covered by backups. A row opens its documents; its menu
 * takes it out of the backups or in again. Read when it is looked at, and after a job.
 */
#define REPRISE_TYPE_DATABASES_PAGE (reprise_databases_page_get_type ())

G_DECLARE_FINAL_TYPE (RepriseDatabasesPage, reprise_databases_page, REPRISE, DATABASES_PAGE, AdwBin)

void reprise_databases_page_set_item (RepriseDatabasesPage *self, RepriseServiceItem *item);
void reprise_databases_page_read (RepriseDatabasesPage *self);
void reprise_databases_page_read_if_old (RepriseDatabasesPage *self);
void reprise_databases_page_search (RepriseDatabasesPage *self);

G_END_DECLS
