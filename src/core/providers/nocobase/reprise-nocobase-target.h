/* reprise-nocobase-target.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "providers/nocobase/reprise-nocobase-client.h"

G_BEGIN_DECLS

/**
 * RepriseNocobasePace:
 * @poll_ms: between two looks at something that goes on
 * @broken_ms: how long a failed state must last until it is believed
 * @gone_ms: how long nobody may answer
 * @settle_ms: how long it must serve until a restore is over
 * @quick_ms: a restore cannot be done in less
 *
 * How patient the waiting is.
 */
typedef struct
{
  guint poll_ms;
  guint broken_ms;
  guint gone_ms;
  guint settle_ms;
  guint quick_ms;
} RepriseNocobasePace;

/**
 * RepriseNocobaseTally:
 * @done: whether all could be asked for
 * @n_same: collections that have the rows of the backup
 * @n_different: those that have not
 * @n_unknown: those whose rows the server does not tell
 * @rows: that all of them must have
 *
 * What came of comparing a restored application with its backup.
 */
typedef struct
{
  gboolean done;
  gint64 n_same, n_different, n_unknown;
  gint64 rows;
} RepriseNocobaseTally;

/**
 * RepriseNocobaseTarget:
 * @client: the requests to it
 * @pace: how patient
 * @known: whether what follows was asked for
 * @version: of NocoBase
 * @dialect: of its database
 * @old_plugin: “Backup & restore”, of resource backupFiles
 * @new_plugin: “Backup manager”, of resource backups
 * @tally: of the last restore into it
 * @has_new_package: the Backup manager is on its disk, enabled or not: its command hides that of the old plugin
 *
 * One application of a server, and what is known of it. For one worker at a time.
 */
typedef struct
{
  RepriseNocobaseClient *client;
  RepriseNocobasePace pace;
  gboolean known;
  char *version;
  char *dialect;
  RepriseNocobasePresence old_plugin;
  RepriseNocobasePresence new_plugin;
  gboolean has_new_package;
  RepriseNocobaseTally tally;
} RepriseNocobaseTarget;

RepriseNocobaseTarget *reprise_nocobase_target_new (RepriseNocobaseClient *client,
                                                    const RepriseNocobasePace *pace);
void reprise_nocobase_target_free (RepriseNocobaseTarget *self);

gboolean reprise_nocobase_target_look (RepriseNocobaseTarget *self,
                                       GCancellable *cancellable,
                                       GError **error);
gboolean reprise_nocobase_target_need (RepriseNocobaseTarget *self,
                                       RepriseProgress *progress,
                                       gboolean may_ask,
                                       GCancellable *cancellable,
                                       GError **error);
char *reprise_nocobase_target_explain (RepriseNocobaseTarget *self);
char *reprise_nocobase_target_describe (RepriseNocobaseTarget *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RepriseNocobaseTarget, reprise_nocobase_target_free)

G_END_DECLS
