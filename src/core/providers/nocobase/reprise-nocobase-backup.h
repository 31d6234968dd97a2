/* reprise-nocobase-backup.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "provider/reprise-archive.h"
#include "providers/nocobase/reprise-nocobase-target.h"

G_BEGIN_DECLS

gboolean reprise_nocobase_backup_is_old (const char *name);
GPtrArray *reprise_nocobase_backup_list (RepriseNocobaseTarget *target,
                                         const char *service_uuid,
                                         GCancellable *cancellable,
                                         GError **error);
RepriseContents *reprise_nocobase_backup_list_groups (RepriseNocobaseTarget *target,
                                                      GString *inherits,
                                                      GString *views,
                                                      RepriseProgress *progress,
                                                      GCancellable *cancellable,
                                                      GError **error);
GHashTable *reprise_nocobase_backup_list_defined (RepriseNocobaseTarget *target,
                                                  GCancellable *cancellable,
                                                  GError **error);
char *reprise_nocobase_backup_create (RepriseNocobaseTarget *target,
                                      gboolean old,
                                      RepriseGroups groups,
                                      RepriseProgress *progress,
                                      GCancellable *cancellable,
                                      GError **error);
gboolean reprise_nocobase_backup_download (RepriseNocobaseTarget *target,
                                           const char *name,
                                           const RepriseHttpSink *sink,
                                           gpointer sink_data,
                                           RepriseProgress *progress,
                                           RepriseHttpProof *proof,
                                           GCancellable *cancellable,
                                           GError **error);
gboolean reprise_nocobase_backup_destroy (RepriseNocobaseTarget *target,
                                          const char *name,
                                          gboolean stale,
                                          GCancellable *cancellable,
                                          GError **error);
JsonObject *reprise_nocobase_backup_get_meta (RepriseNocobaseTarget *target,
                                              const char *name,
                                              GCancellable *cancellable,
                                              GError **error);

G_END_DECLS
