/* reprise-fake-replicator.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "reprise-fake-couch.h"

G_BEGIN_DECLS

/**
 * RepriseFakeReplicator:
 *
 * The `_replicator` of a CouchDB server in this process. Each question for a replication's state takes it one state further, along
 * a script that the test sets: words with blanks between them, “404” for a document that the scheduler has not seen yet. The last one
 * stays. What is “running” or “completed” has been copied.
 */
typedef struct _RepriseFakeReplicator RepriseFakeReplicator;

#define REPRISE_FAKE_USUAL "404 initializing pending running completed"

RepriseFakeReplicator *reprise_fake_replicator_new (RepriseFakeCouch *server);
void reprise_fake_replicator_free (RepriseFakeReplicator *self);
void reprise_fake_replicator_add_other (RepriseFakeReplicator *self, RepriseFakeCouch *other);
void reprise_fake_replicator_set_script (RepriseFakeReplicator *self, const char *script);
void reprise_fake_replicator_set_failures (RepriseFakeReplicator *self, guint n);
void reprise_fake_replicator_set_old (RepriseFakeReplicator *self, gboolean old);
void reprise_fake_replicator_set_mute (RepriseFakeReplicator *self, gboolean mute);
guint reprise_fake_replicator_get_n_documents (RepriseFakeReplicator *self);
guint reprise_fake_replicator_get_n_started (RepriseFakeReplicator *self);
char *reprise_fake_replicator_dup_started (RepriseFakeReplicator *self, guint n);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RepriseFakeReplicator, reprise_fake_replicator_free)

G_END_DECLS
