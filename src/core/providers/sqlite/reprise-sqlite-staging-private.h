/* reprise-sqlite-staging-private.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "providers/sqlite/reprise-sqlite-db-private.h"

G_BEGIN_DECLS

/**
 * RepriseSqliteStaging:
 *
 * A folder `.reprise-ULID` beside the files of an application, in which new files wait and old ones are kept until the whole restore
 * is certain. What it is about to do is written down before, so that a later start can take it back or finish it. While it lives, its
 * journal is locked.
 *
 *   new/N   a file that is put in place, or, after that, the one that was there
 *   old/N   a file that is taken away, or the one that was there, where the file system cannot exchange two names
 *   index   what is put where; journal: how far it is
 */
typedef struct _RepriseSqliteStaging RepriseSqliteStaging;

typedef enum
{
  REPRISE_SQLITE_STAGE_PREPARING, /* nothing outside of the folder has changed */
  REPRISE_SQLITE_STAGE_SWAPPING,  /* files are being put in place, no database has changed */
  REPRISE_SQLITE_STAGE_COMMITTING, /* all files are in place, databases are being committed one after the other */
  REPRISE_SQLITE_STAGE_TAKEN_BACK, /* files are where they were, no database has changed */
  REPRISE_SQLITE_STAGE_DONE,
} RepriseSqliteStage;

RepriseSqliteStaging *reprise_sqlite_staging_new (const char *root,
                                                  GCancellable *cancellable,
                                                  GError **error);
void reprise_sqlite_staging_free (RepriseSqliteStaging *self);

char *reprise_sqlite_staging_make_path (RepriseSqliteStaging *self, guint n);
int reprise_sqlite_staging_create (RepriseSqliteStaging *self, guint n, GError **error);
gboolean reprise_sqlite_staging_close (RepriseSqliteStaging *self, int fd, GError **error);
guint reprise_sqlite_staging_next (RepriseSqliteStaging *self);
gboolean reprise_sqlite_staging_put (RepriseSqliteStaging *self,
                                     guint n,
                                     const char *name,
                                     GError **error);
gboolean reprise_sqlite_staging_remove (RepriseSqliteStaging *self,
                                        const char *name,
                                        GError **error);

gboolean reprise_sqlite_staging_write (RepriseSqliteStaging *self,
                                       const char *line,
                                       GError **error);
gboolean reprise_sqlite_staging_swap (RepriseSqliteStaging *self, GError **error);
gboolean reprise_sqlite_staging_swap_back (RepriseSqliteStaging *self, GError **error);
gboolean reprise_sqlite_staging_is_stuck (RepriseSqliteStaging *self);
gboolean reprise_sqlite_staging_finish (RepriseSqliteStaging *self, GError **error);

RepriseSqliteStaging *reprise_sqlite_staging_find_left (const char *root, GError **error);
char **reprise_sqlite_staging_read (RepriseSqliteStaging *self, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RepriseSqliteStaging, reprise_sqlite_staging_free)

G_END_DECLS
