/* reprise-webhook.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "job/reprise-job.h"
#include "secret/reprise-secrets.h"
#include "service/reprise-service.h"

G_BEGIN_DECLS

/* Who is told how each backup of a service ended. The address may be a secret by itself (it holds a token, or is one): it is kept in the
 * keyring. The setting says no more than whose it is: “https://monitoring.example”. */
#define REPRISE_WEBHOOK_SETTING "webhook"
#define REPRISE_WEBHOOK_SECRET  "webhook"
/* Where its address is: “keyring”, or “given” where that could not keep it, with each run. Earlier versions did not say. */
#define REPRISE_WEBHOOK_SETTING_ADDRESS "webhook-address"

gboolean reprise_webhook_check (const char *address, GError **error);
char *reprise_webhook_dup_origin (const char *address);

/* blocking: for workers */
gboolean reprise_webhook_set (RepriseService *service,
                              const char *address,
                              RepriseKeyringFlags flags,
                              GCancellable *cancellable,
                              GError **error);
gboolean reprise_webhook_is_kept (RepriseService *service);
gboolean reprise_webhook_is_legacy (RepriseService *service);
void reprise_webhook_move_legacy (const char *services_path, RepriseService *service);
gboolean reprise_webhook_tell (RepriseService *service,
                               RepriseSecrets *secrets,
                               RepriseJobState state,
                               const RepriseOutcome *outcome,
                               GError **error);

G_END_DECLS
