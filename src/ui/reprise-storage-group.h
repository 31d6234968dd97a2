/* reprise-storage-group.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

#include "reprise-service-item.h"

G_BEGIN_DECLS

/**
 * RepriseStorageGroup:
 *
 * Where the backups of a service are kept, how many there are, and how much space is left.
 */
#define REPRISE_TYPE_STORAGE_GROUP (reprise_storage_group_get_type ())

G_DECLARE_FINAL_TYPE (RepriseStorageGroup,
                      reprise_storage_group,
                      REPRISE,
                      STORAGE_GROUP,
                      AdwPreferencesGroup)

void reprise_storage_group_set_item (RepriseStorageGroup *self, RepriseServiceItem *item);

G_END_DECLS
