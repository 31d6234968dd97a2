/* reprise-registry.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "base/reprise-list.h"
#include "provider/reprise-kind.h"

G_BEGIN_DECLS

/**
 * RepriseRegistry:
 *
 * The kinds of service that there are: a #GListModel of #RepriseKind.
 */
#define REPRISE_TYPE_REGISTRY (reprise_registry_get_type ())

G_DECLARE_FINAL_TYPE (RepriseRegistry, reprise_registry, REPRISE, REGISTRY, RepriseList)

RepriseRegistry *reprise_registry_new (void);
void reprise_registry_add (RepriseRegistry *self, GType kind);
RepriseKind *reprise_registry_get (RepriseRegistry *self, const char *id);
RepriseKind *reprise_registry_find (RepriseRegistry *self, const char *id, GError **error);

RepriseArchive *reprise_registry_inspect_file (RepriseRegistry *self,
                                               const char *path,
                                               RepriseSecretValue *password,
                                               RepriseProgress *progress,
                                               GCancellable *cancellable,
                                               GError **error);

G_END_DECLS
