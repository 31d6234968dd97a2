/* reprise-couch-server.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "providers/couchdb/client/reprise-couch-client.h"
#include "providers/couchdb/server/reprise-couch-delta.h"

G_BEGIN_DECLS

/**
 * RepriseCouchServer:
 * @home: the service: what is backed up
 * @away: where the backups are: the same server, or another cluster
 * @home_address: (nullable): of @home, as it is reached by the server that replicates; %NULL for the service's own
 * @away_address: (nullable): likewise
 * @is_full: each backup is a full copy
 *
 * Backups that the server makes by itself, as the settings of the service say. For one worker at a time.
 */
typedef struct
{
  RepriseKind *kind;
  RepriseService *service;
  RepriseCouchClient *home;
  RepriseCouchClient *away;
  const char *home_address;
  const char *away_address;
  gboolean is_full;
} RepriseCouchServer;

gboolean reprise_couch_server_is_on (RepriseKind *kind, RepriseService *service);
RepriseCouchServer *reprise_couch_server_new (RepriseKind *kind,
                                              RepriseService *service,
                                              RepriseSecrets *secrets,
                                              RepriseCouchClient *home,
                                              GError **error);
void reprise_couch_server_free (RepriseCouchServer *self);
const char *reprise_couch_server_get_uuid (RepriseCouchServer *self);
gboolean reprise_couch_server_check_on (RepriseCouchServer *self, GError **error);
GPtrArray *reprise_couch_server_list_deltas (RepriseCouchServer *self,
                                             GCancellable *cancellable,
                                             GError **error);

/* backups: all deltas of one point in time */
GPtrArray *reprise_couch_server_list (RepriseCouchServer *self,
                                      GCancellable *cancellable,
                                      GError **error);
RepriseBackup *reprise_couch_server_make_backup (RepriseCouchServer *self,
                                                 GPtrArray *deltas,
                                                 gint64 at);
void reprise_couch_server_add_coverage (RepriseCouchServer *self,
                                        GPtrArray *coverages,
                                        GCancellable *cancellable);
gint64 reprise_couch_server_get_point (RepriseBackup *backup);
gboolean reprise_couch_server_delete (RepriseCouchServer *self,
                                      RepriseBackup *backup,
                                      RepriseProgress *progress,
                                      GCancellable *cancellable,
                                      GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RepriseCouchServer, reprise_couch_server_free)

G_END_DECLS
