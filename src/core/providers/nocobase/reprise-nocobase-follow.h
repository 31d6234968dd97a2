/* reprise-nocobase-follow.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "providers/nocobase/reprise-nocobase-target.h"

G_BEGIN_DECLS

/**
 * RepriseNocobaseFollow:
 *
 * Follows what a server does after a request that makes it restart: its health by polling, its words over the web socket, where
 * there is one. For one worker.
 */
typedef struct _RepriseNocobaseFollow RepriseNocobaseFollow;

RepriseNocobaseFollow *reprise_nocobase_follow_new (RepriseNocobaseTarget *target,
                                                    RepriseProgress *progress,
                                                    GCancellable *cancellable);
void reprise_nocobase_follow_free (RepriseNocobaseFollow *self);

void reprise_nocobase_follow_start (RepriseNocobaseFollow *self, RepriseHttpRequest *request);
gboolean reprise_nocobase_follow_wait (RepriseNocobaseFollow *self,
                                       GCancellable *cancellable,
                                       GError **error);
gboolean reprise_nocobase_follow_wait_answer (RepriseNocobaseFollow *self,
                                              GCancellable *cancellable,
                                              GError **error);
void reprise_nocobase_follow_set_task (RepriseNocobaseFollow *self, const char *task);

const char *reprise_nocobase_follow_get_reason (RepriseNocobaseFollow *self);
gboolean reprise_nocobase_follow_was_busy (RepriseNocobaseFollow *self);
gboolean reprise_nocobase_follow_was_gone (RepriseNocobaseFollow *self);
gint64 reprise_nocobase_follow_get_duration_ms (RepriseNocobaseFollow *self);
JsonObject *reprise_nocobase_follow_take_answer (RepriseNocobaseFollow *self,
                                                 gboolean *lost,
                                                 GError **error);

gboolean reprise_nocobase_follow_health (RepriseNocobaseTarget *target,
                                         RepriseProgress *progress,
                                         GCancellable *cancellable,
                                         GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RepriseNocobaseFollow, reprise_nocobase_follow_free)

G_END_DECLS
