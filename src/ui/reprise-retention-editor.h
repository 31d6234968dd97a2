/* reprise-retention-editor.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "reprise-service-item.h"

#include <adwaita.h>

G_BEGIN_DECLS

/**
 * RepriseRetentionEditor:
 *
 * Which backups of a service are kept, to be set; it shows by name and bytes what would be deleted.
 */
#define REPRISE_TYPE_RETENTION_EDITOR (reprise_retention_editor_get_type ())

G_DECLARE_FINAL_TYPE (RepriseRetentionEditor,
                      reprise_retention_editor,
                      REPRISE,
                      RETENTION_EDITOR,
                      AdwPreferencesGroup)

void reprise_retention_editor_set_item (RepriseRetentionEditor *self, RepriseServiceItem *item);
void reprise_retention_editor_apply (RepriseRetentionEditor *self, RepriseService *service);

G_END_DECLS
