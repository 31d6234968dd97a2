/* reprise-seen.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "job/reprise-history.h"
#include "vault/reprise-backup.h"

G_BEGIN_DECLS

/**
 * RepriseSeen:
 * @asked_at: (owned): when the service was last asked for its own backups
 * @newest_at: (owned) (nullable): when the newest of them that can be restored was made; one that is dated ahead only where there is no
 *   other
 *
 * What was last known of the backups that lie on a service: it may make them by itself, with no program of ours running.
 */
typedef struct
{
  GDateTime *asked_at;
  GDateTime *newest_at;
} RepriseSeen;

void reprise_seen_free (RepriseSeen *self);
gboolean reprise_seen_is_newer (const RepriseSeen *self, GDateTime *than, GDateTime *now);

gboolean reprise_seen_counts (RepriseBackup *backup, gboolean restorable);

/* blocking: for workers */
gboolean reprise_seen_note (RepriseHistory *history,
                            const char *service_uuid,
                            GPtrArray *backups,
                            GDateTime *now,
                            GError **error);
gboolean reprise_seen_read (RepriseHistory *history,
                            const char *service_uuid,
                            RepriseSeen **seen,
                            GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RepriseSeen, reprise_seen_free)

G_END_DECLS
