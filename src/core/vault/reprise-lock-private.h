/* reprise-lock-private.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "vault/reprise-vault-json.h"

G_BEGIN_DECLS

/* Who holds a lock or a lease, as it is written in it. For workers. */

JsonObject *reprise_holder_make (const char *holder, const char *job_id, const char *job_title);
gboolean reprise_holder_set_busy (JsonObject *holder, GError **error);

/**
 * RepriseLease:
 *
 * A file in a shared vault whose storage has no locks. It holds as long as it is renewed.
 */
typedef struct _RepriseLease RepriseLease;

RepriseLease *reprise_lease_acquire (const char *path, JsonObject *holder, GError **error);
void reprise_lease_free (RepriseLease *self);
void reprise_lease_renew (RepriseLease *self);
gboolean reprise_lease_is_lost (RepriseLease *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RepriseLease, reprise_lease_free)

G_END_DECLS
