/* reprise-service.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * RepriseService:
 *
 * One configured connection. Its UUID never changes; secrets are no part of it (they lie in the keyring under the UUID).
 * It belongs to the main context; a worker gets a copy (reprise_service_copy()), which nobody else writes.
 *
 * Properties: `uuid`, `kind` (“sqlite”), `name`, `production` (whether consent needs the name typed). “changed” is emitted
 * after a setting or rule changed.
 */
#define REPRISE_TYPE_SERVICE (reprise_service_get_type ())

G_DECLARE_FINAL_TYPE (RepriseService, reprise_service, REPRISE, SERVICE, GObject)

RepriseService *reprise_service_new (const char *uuid, const char *kind, const char *name);
RepriseService *reprise_service_copy (RepriseService *self);

const char *reprise_service_get_uuid (RepriseService *self);
const char *reprise_service_get_kind (RepriseService *self);
const char *reprise_service_get_name (RepriseService *self);
void reprise_service_set_name (RepriseService *self, const char *name);
gboolean reprise_service_get_production (RepriseService *self);
void reprise_service_set_production (RepriseService *self, gboolean production);

const char *reprise_service_get_setting (RepriseService *self, const char *key);
void reprise_service_set_setting (RepriseService *self, const char *key, const char *value);
GHashTable *reprise_service_get_settings (RepriseService *self);

/* Rules that the user made: collection → name of a group */
const char *reprise_service_get_rule (RepriseService *self, const char *collection);
void reprise_service_set_rule (RepriseService *self, const char *collection, const char *group);
GHashTable *reprise_service_get_rules (RepriseService *self);
void reprise_service_reset_rules (RepriseService *self);

/* What was changed since it was read, so that no more than that is written over what others changed. */
gboolean reprise_service_is_new (RepriseService *self);
void reprise_service_settle (RepriseService *self);
void reprise_service_apply_changes (RepriseService *self, RepriseService *to);

G_END_DECLS
