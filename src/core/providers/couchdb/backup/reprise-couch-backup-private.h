/* reprise-couch-backup-private.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "providers/couchdb/backup/reprise-couch-backup.h"
#include "providers/couchdb/reprise-couch-shelf.h"

G_BEGIN_DECLS

/*
 * Which databases → what an interrupted run of the same choice left → the latest point of each in the vault
 *   → each read into a segment of its own, which is taken into the backup when it is whole → manifest
 */
typedef struct
{
  RepriseCouchClient *client;
  RepriseKind *kind;
  RepriseService *service;
  RepriseVaultWriter *writer;
  RepriseProgress *progress;
  GCancellable *cancellable;
  RepriseCouchShelf *shelf;   /* (owned) */
  RepriseCouchChoices *known; /* (owned) */
  GPtrArray *names;   /* (owned) (nullable) (element-type utf8): all that the settings choose */
  GPtrArray *choices; /* (owned) (element-type RepriseCouchChoice) */
  char *scratch;      /* (owned): it outlives the process */
  char *version;      /* (owned) (nullable) */
  char *server;       /* (owned) (nullable) */
  char *to;           /* (owned) */
  GDateTime *started; /* (owned) */
  GHashTable
    *line; /* (owned) (element-type utf8): the newest run, and those that it goes on from */
  const char *head;    /* (nullable): the newest of them */
  GHashTable *parents; /* (owned) (element-type utf8): runs that segments go on from */
  guint n_baselines;
  RepriseTier tier; /* the finest of its segments */
} RepriseCouchBackupRun;

char *reprise_couch_backup_print_point (gint64 at);
gboolean reprise_couch_backup_has_word (const char *text, const char *word);

char *reprise_couch_backup_make_path (RepriseCouchBackupRun *self, guint n);
RepriseCouchChoice *reprise_couch_backup_find_choice (GPtrArray *choices, const char *name);
gboolean reprise_couch_backup_read_state (RepriseCouchBackupRun *self,
                                          gboolean *found,
                                          GError **error);
gboolean reprise_couch_backup_begin_anew (RepriseCouchBackupRun *self, GError **error);

gboolean reprise_couch_backup_describe (RepriseCouchBackupRun *self, GError **error);

G_END_DECLS
