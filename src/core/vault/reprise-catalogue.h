/* reprise-catalogue.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "base/reprise-progress.h"
#include "vault/reprise-backup.h"

G_BEGIN_DECLS

/**
 * RepriseCatalogue:
 *
 * What the manifests and events of a vault say, in a database of the cache folder, so that a long list is quick. It is brought up
 * to date by every listing, from the names in the vault: new backups are read once, events when their folder changed. Without it, or
 * with a damaged one, the listing is the same and slower. For workers, from several at a time.
 */
typedef struct _RepriseCatalogue RepriseCatalogue;

RepriseCatalogue *reprise_catalogue_new (const char *vault_path);
void reprise_catalogue_free (RepriseCatalogue *self);
char *reprise_catalogue_dup_path (const char *vault_path);
gboolean reprise_catalogue_list (RepriseCatalogue *self,
                                 const char *service_uuid,
                                 GPtrArray *backups,
                                 RepriseProgress *progress,
                                 GCancellable *cancellable,
                                 GError **error);
void reprise_catalogue_clear (RepriseCatalogue *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RepriseCatalogue, reprise_catalogue_free)

G_END_DECLS
