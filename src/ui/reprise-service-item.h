/* reprise-service-item.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "job/reprise-status.h"
#include "provider/reprise-context.h"
#include "provider/reprise-seen.h"
#include "provider/reprise-waiting.h"

G_BEGIN_DECLS

/**
 * RepriseServiceItem:
 *
 * One service as the windows see it: with its backups, the latest runs, the job that is at work, and the status that follows
 * from them. It reads by itself what lies on this computer; the service is only asked when somebody looks at it, and once
 * where nobody knows whether it keeps backups itself.
 *
 * Properties, with “notify”: `service`, `name`, `kind-title`, `icon-name`, `status` (a #RepriseStatus), `line`,
 * `needs-attention`, `job` (nullable: the active one), `reading` (whether something is being read). “changed” is emitted after
 * anything else is other than before.
 */
#define REPRISE_TYPE_SERVICE_ITEM (reprise_service_item_get_type ())

G_DECLARE_FINAL_TYPE (RepriseServiceItem, reprise_service_item, REPRISE, SERVICE_ITEM, GObject)

RepriseServiceItem *reprise_service_item_new (RepriseContext *context, RepriseService *service);
void reprise_service_item_read (RepriseServiceItem *self, gboolean ask_service);
void reprise_service_item_read_if_old (RepriseServiceItem *self);
void reprise_service_item_read_if_new (RepriseServiceItem *self);
void reprise_service_item_cancel (RepriseServiceItem *self);
void reprise_service_item_set_job (RepriseServiceItem *self, RepriseJob *job);
void reprise_service_item_update_status (RepriseServiceItem *self);

RepriseContext *reprise_service_item_get_context (RepriseServiceItem *self);
RepriseService *reprise_service_item_get_service (RepriseServiceItem *self);
const char *reprise_service_item_get_uuid (RepriseServiceItem *self);
const char *reprise_service_item_get_name (RepriseServiceItem *self);
RepriseKind *reprise_service_item_get_kind (RepriseServiceItem *self);
gboolean reprise_service_item_can (RepriseServiceItem *self, RepriseCapabilities capability);
gboolean reprise_service_item_needs_person (RepriseServiceItem *self);
const RepriseStatus *reprise_service_item_get_status (RepriseServiceItem *self);
gboolean reprise_service_item_get_needs_attention (RepriseServiceItem *self);
gboolean reprise_service_item_get_reading (RepriseServiceItem *self);
RepriseJob *reprise_service_item_get_job (RepriseServiceItem *self);
GListModel *reprise_service_item_get_backups (RepriseServiceItem *self);
RepriseBackup *reprise_service_item_get_last_backup (RepriseServiceItem *self);
gboolean reprise_service_item_is_unsure (RepriseServiceItem *self);
const RepriseSeen *reprise_service_item_get_newer_seen (RepriseServiceItem *self);
const RepriseWaiting *reprise_service_item_get_waiting (RepriseServiceItem *self);
RepriseRun *reprise_service_item_get_last_restore (RepriseServiceItem *self);
RepriseRun *reprise_service_item_get_undoable_run (RepriseServiceItem *self);
RepriseRun *reprise_service_item_get_rehearsal (RepriseServiceItem *self);
char *reprise_service_item_explain_no_rehearsal (RepriseServiceItem *self);
RepriseContents *reprise_service_item_get_contents (RepriseServiceItem *self);
const RepriseProbe *reprise_service_item_get_probe (RepriseServiceItem *self);
const GError *reprise_service_item_get_error (RepriseServiceItem *self);
const char *reprise_service_item_get_warning (RepriseServiceItem *self);

G_END_DECLS
