/* reprise-connection-group.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <adwaita.h>

#include "reprise-service-item.h"

G_BEGIN_DECLS

/**
 * RepriseConnectionGroup:
 *
 * The settings of a service, where its secrets are, what it said of itself, and what else it can be asked to do.
 */
#define REPRISE_TYPE_CONNECTION_GROUP (reprise_connection_group_get_type ())

G_DECLARE_FINAL_TYPE (RepriseConnectionGroup,
                      reprise_connection_group,
                      REPRISE,
                      CONNECTION_GROUP,
                      AdwPreferencesGroup)

void reprise_connection_group_set_item (RepriseConnectionGroup *self, RepriseServiceItem *item);

G_END_DECLS
